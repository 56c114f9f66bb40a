//! Indicator formulas, batch and streaming.
