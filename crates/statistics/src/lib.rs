//! Performance statistics.
