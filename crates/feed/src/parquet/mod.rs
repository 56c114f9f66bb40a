//! Bars, quotes, trades and depth from Parquet files, and tables of typed columns into them.

mod batch;
mod events;
mod source;
mod write;

pub use events::ParquetWriter;
pub use source::{ParquetSource, parquet_symbols};
pub use write::{Codec, Column, ColumnData, ColumnKind, ParquetTable};
