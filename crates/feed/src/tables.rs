//! Opening a price file whatever its format.

use crate::convert::Format;
use crate::csv::{CsvSource, TableOptions, csv_symbols};
use crate::error::FeedError;
use crate::instruments::Instruments;
use crate::parquet::{ParquetSource, parquet_symbols};
use crate::source::Source;
use std::path::Path;

/// Opens a CSV or Parquet file, told from its bytes, as a source for these instruments.
///
/// # Errors
/// [`FeedError`]: what cannot be opened, recognised or inferred; [`FeedError::Format`] for DBN.
pub fn open_table(
    path: &Path,
    options: &TableOptions,
    instruments: &Instruments,
) -> Result<Box<dyn Source>, FeedError> {
    match table_format(path)? {
        Format::Parquet => Ok(Box::new(ParquetSource::open(path, options, instruments)?)),
        _ => Ok(Box::new(CsvSource::open(path, options, instruments)?)),
    }
}

/// The symbols of a CSV or Parquet file in the order of their appearance: one, from the options
/// or the file's name, where there is no column of symbols; else the whole file is read.
///
/// # Errors
/// As [`open_table`].
pub fn table_symbols(path: &Path, options: &TableOptions) -> Result<Vec<String>, FeedError> {
    match table_format(path)? {
        Format::Parquet => parquet_symbols(path, options),
        _ => csv_symbols(path, options),
    }
}

fn table_format(path: &Path) -> Result<Format, FeedError> {
    match Format::of_file(path)? {
        Format::Dbn => Err(FeedError::Format {
            file: path.display().to_string(),
            found: "a DBN file".to_owned(),
            accepted: "CSV text or Parquet",
        }),
        format => Ok(format),
    }
}
