//! Readers, checks, merge by time, bar aggregation and synthetic markets.
