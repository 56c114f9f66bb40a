//! Parquet files of bars, quotes and trades.
