//! Bars, quotes and trades from CSV text, and back.

mod input;
mod layout;
mod options;
mod row;
mod source;
mod write;

pub use options::TableOptions;
pub use source::{CsvSource, csv_symbols};
pub use write::CsvWriter;
