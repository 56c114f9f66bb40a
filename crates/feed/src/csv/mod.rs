//! Bars, quotes and trades from CSV text, and back.

mod delimiter;
mod layout;
mod options;
mod row;
mod source;
mod write;

/// What the reader reads, for messages.
const ACCEPTED: &str = "CSV text in UTF-8 with at least one row, plain, gzip (.gz) or zstd (.zst)";

pub use options::TableOptions;
pub use source::{CsvSource, csv_symbols};
pub use write::CsvWriter;
