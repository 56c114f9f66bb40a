//! CSV files of bars, quotes and trades.
