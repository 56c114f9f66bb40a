//! The Parquet reader: a stream of batches of events, row group by row group.

use super::batch::{ColumnBatch, Meaning, ParquetRow};
use crate::columns::plan::{self, SymbolMap};
use crate::columns::rows::{Cells, RowBuilder};
use crate::columns::time::Stamp;
use crate::columns::{Columns, Field, RowKind};
use crate::csv::TableOptions;
use crate::error::{FeedError, Place};
use crate::instruments::Instruments;
use crate::rows_batch::RowsBatch;
use crate::source::{Block, Source};
use ::parquet::column::reader::ColumnReader;
use ::parquet::errors::ParquetError;
use ::parquet::file::reader::{FileReader, SerializedFileReader};
use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

/// Rows of a batch.
const BATCH: usize = 4096;

/// The rows of a Parquet file, batch by batch.
struct Rows {
    name: String,
    reader: SerializedFileReader<File>,
    /// Leaf columns that are read, by leaf.
    batches: Vec<Option<ColumnBatch>>,
    readers: Vec<Option<ColumnReader>>,
    /// Next row group, rows left in the present one.
    group: usize,
    left: usize,
    /// Rows given out, rows of the file.
    row: u64,
    total: u64,
}

impl Rows {
    fn open(path: &Path, name: &str) -> Result<Self, FeedError> {
        let file = File::open(path).map_err(|e| FeedError::io(name, "open", e))?;
        let length = file.metadata().map_err(|e| FeedError::io(name, "open", e))?.len();
        if length == 0 {
            let file = name.to_owned();
            return Err(FeedError::Empty { file, accepted: "a Parquet file" });
        }
        let reader = guarded(name, Place::Whole, || SerializedFileReader::new(file))?;
        let total = u64::try_from(reader.metadata().file_metadata().num_rows()).unwrap_or(0);
        let (batches, readers) = (Vec::new(), Vec::new());
        let name = name.to_owned();
        Ok(Self { name, reader, batches, readers, group: 0, left: 0, row: 0, total })
    }

    fn names(&self) -> Vec<String> {
        let schema = self.reader.metadata().file_metadata().schema_descr();
        schema.columns().iter().map(|column| column.path().string()).collect()
    }

    /// Says which leaves are read from now on, from the first row.
    fn select(&mut self, wanted: impl Fn(usize) -> bool) -> Result<(), FeedError> {
        let schema = self.reader.metadata().file_metadata().schema_descr_ptr();
        self.batches.clear();
        for (leaf, column) in schema.columns().iter().enumerate() {
            if !wanted(leaf) {
                self.batches.push(None);
                continue;
            }
            let meaning = Meaning::of(column).filter(|_| column.max_rep_level() == 0);
            let Some(meaning) = meaning else {
                return Err(FeedError::Header {
                    file: self.name.clone(),
                    reason: format!("column '{}' has a type that is not read", column.name()),
                    found: format!("{}", column.physical_type()),
                    accepted: "flat columns of numbers, decimals, times, text".to_owned(),
                });
            };
            self.batches.push(Some(ColumnBatch::new(column, meaning)));
        }
        (self.readers, self.group, self.left, self.row) = (Vec::new(), 0, 0, 0);
        Ok(())
    }

    /// Reads the next batch; how many rows it has, 0 at the end.
    fn next(&mut self) -> Result<usize, FeedError> {
        while self.left == 0 {
            if self.group >= self.reader.num_row_groups() {
                return Ok(0);
            }
            self.open_group()?;
        }
        let rows = self.left.min(BATCH);
        let at = Place::Row(self.row + 1);
        let (batches, readers) = (&mut self.batches, &mut self.readers);
        let name = &self.name;
        let mut short = None;
        guarded(name, at, || {
            for (batch, reader) in batches.iter_mut().zip(readers.iter_mut()) {
                if let (Some(batch), Some(reader)) = (batch, reader) {
                    let done = batch.read(reader, rows)?;
                    if done < rows {
                        short = Some(done);
                    }
                }
            }
            Ok(())
        })?;
        if let Some(done) = short {
            return Err(FeedError::Corrupt {
                file: name.clone(),
                at,
                reason: format!("a column ends {} rows before its row group", rows - done),
            });
        }
        self.left -= rows;
        Ok(rows)
    }

    fn open_group(&mut self) -> Result<(), FeedError> {
        let (reader, group, batches) = (&self.reader, self.group, &self.batches);
        let (rows, readers) = guarded(&self.name, Place::Row(self.row + 1), || {
            let group = reader.get_row_group(group)?;
            let mut readers = Vec::with_capacity(batches.len());
            for (leaf, batch) in batches.iter().enumerate() {
                let wanted = batch.is_some();
                readers.push(wanted.then(|| group.get_column_reader(leaf)).transpose()?);
            }
            Ok((group.metadata().num_rows(), readers))
        })?;
        self.readers = readers;
        self.left = usize::try_from(rows).unwrap_or(0);
        self.group += 1;
        Ok(())
    }
}

/// Runs the Parquet library on bytes that may be broken: its errors, and should it panic its
/// panics, become errors of the file.
fn guarded<T>(
    name: &str,
    at: Place,
    work: impl FnOnce() -> Result<T, ParquetError>,
) -> Result<T, FeedError> {
    let reason = match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(value)) => return Ok(value),
        Ok(Err(error)) => error.to_string(),
        Err(_) => "the Parquet data contradict themselves".to_owned(),
    };
    let reason = format!("it cannot be read as Parquet: {reason}");
    Err(FeedError::Corrupt { file: name.to_owned(), at, reason })
}

/// A Parquet file as a source of bars, quotes, trades or depth.
pub struct ParquetSource {
    rows: Rows,
    builder: RowBuilder,
    symbols: SymbolMap,
    time_format: Option<String>,
    integer_decimals: i32,
    batch: RowsBatch,
}

impl ParquetSource {
    /// Opens a file. Instruments and options are as for [`crate::csv::CsvSource::open`].
    ///
    /// # Errors
    /// [`FeedError`]: what cannot be opened, recognised or inferred.
    pub fn open(
        path: &Path,
        options: &TableOptions,
        instruments: &Instruments,
    ) -> Result<Self, FeedError> {
        let name = path.display().to_string();
        let mut rows = Rows::open(path, &name)?;
        let columns = recognise(&rows, options)?;
        let symbols = SymbolMap::new(&name, &columns, options, instruments)?;
        let mut builder = plan::row_builder(&name, rows.names(), columns.clone(), options)?;
        let time_format = options.time_format.clone();
        let integer_decimals = i32::from(options.integer_decimals.unwrap_or(0).min(18));
        if columns.kind == RowKind::Bars && columns.written_interval().is_none() {
            let probe = if plan::needs_probe(&columns, options) {
                probe(&mut rows, &builder, symbols.clone(), time_format.as_deref())?
            } else {
                Vec::new()
            };
            builder.bar_times =
                Some(plan::bar_times(&name, options, instruments, &symbols, &probe)?);
        }
        rows.select(|leaf| columns.uses(leaf))?;
        Ok(Self {
            rows,
            builder,
            symbols,
            time_format,
            integer_decimals,
            batch: RowsBatch::with_capacity(BATCH),
        })
    }

    /// What the rows are.
    #[must_use]
    pub fn kind(&self) -> RowKind {
        self.builder.columns.kind
    }

    /// Names of the columns as the file has them.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.builder.names
    }

    /// How the columns were recognised.
    #[must_use]
    pub fn columns(&self) -> &Columns {
        &self.builder.columns
    }

    /// Length and label of the bars, where they are bars and the file does not write them itself.
    #[must_use]
    pub fn bar_times(&self) -> Option<&crate::columns::BarTimes> {
        self.builder.bar_times.as_ref()
    }

    /// Rows read so far.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows.row
    }

    /// Rows skipped so far because their symbol is not in the run.
    #[must_use]
    pub fn filtered(&self) -> u64 {
        self.symbols.filtered
    }

    /// Values so far whose digits beyond the ninth decimal place were rounded away.
    #[must_use]
    pub fn rounded(&self) -> u64 {
        self.builder.rounded
    }

    /// Symbols by instrument, those that have been met so far where the file decides.
    #[must_use]
    pub fn symbols(&self) -> &[String] {
        self.symbols.list()
    }

    fn fill(&mut self) -> Result<(), FeedError> {
        while self.batch.events.is_empty() {
            let rows = self.rows.next()?;
            if rows == 0 {
                self.batch.done = true;
                return Ok(());
            }
            for row in 0..rows {
                self.rows.row += 1;
                let cells = ParquetRow {
                    columns: &self.rows.batches,
                    row,
                    time_format: self.time_format.as_deref(),
                    integer_decimals: self.integer_decimals,
                };
                let instrument = match self.symbols.column() {
                    None => self.symbols.fixed(),
                    Some(column) => match self.symbols.resolve(&cells.text(column)) {
                        Some(index) => index,
                        None => continue,
                    },
                };
                if let Some(event) = self.builder.event(&cells, instrument, self.rows.row)? {
                    self.batch.push(event, self.rows.row);
                }
            }
        }
        Ok(())
    }
}

impl Source for ParquetSource {
    fn next_block(&mut self) -> Result<Option<Block<'_>>, FeedError> {
        if self.batch.begin()? {
            let filled = self.fill();
            self.batch.end(filled)?;
        }
        Ok(self.batch.block())
    }

    fn block(&self) -> Option<Block<'_>> {
        self.batch.block()
    }

    fn name(&self) -> &str {
        &self.rows.name
    }

    fn progress(&self) -> f64 {
        self.batch.progress(self.rows.row as f64 / self.rows.total.max(1) as f64)
    }

    fn row(&self, event: usize) -> Option<u64> {
        self.batch.row(event)
    }
}

fn recognise(rows: &Rows, options: &TableOptions) -> Result<Columns, FeedError> {
    let names = rows.names();
    Columns::recognise(&names, &options.columns, options.kind).map_err(|reason| FeedError::Header {
        file: rows.name.clone(),
        reason,
        found: names.iter().take(40).cloned().collect::<Vec<_>>().join(", "),
        accepted: Columns::accepted(),
    })
}

/// The first stamps of the bars of one instrument.
fn probe(
    rows: &mut Rows,
    builder: &RowBuilder,
    mut symbols: SymbolMap,
    time_format: Option<&str>,
) -> Result<Vec<Stamp>, FeedError> {
    let columns = &builder.columns;
    let fields = [Field::Time, Field::Date, Field::Clock, Field::Symbol];
    let wanted = fields.map(|field| columns.position(field));
    rows.select(|leaf| wanted.contains(&Some(leaf)))?;
    let mut stamps = Vec::with_capacity(plan::PROBE);
    loop {
        let count = rows.next()?;
        for row in 0..count {
            rows.row += 1;
            let cells =
                ParquetRow { columns: &rows.batches, row, time_format, integer_decimals: 0 };
            if symbols.column().is_none_or(|at| symbols.resolve(&cells.text(at)).is_some()) {
                stamps.push(builder.stamp(&cells, rows.row)?);
            }
            if stamps.len() == plan::PROBE {
                return Ok(stamps);
            }
        }
        if count == 0 {
            return Ok(stamps);
        }
    }
}

/// The symbols of a file in the order of their appearance; as [`crate::csv::csv_symbols`].
///
/// # Errors
/// [`FeedError`]: what cannot be opened or recognised.
pub fn parquet_symbols(path: &Path, options: &TableOptions) -> Result<Vec<String>, FeedError> {
    let name = path.display().to_string();
    let mut rows = Rows::open(path, &name)?;
    let columns = recognise(&rows, options)?;
    let mut symbols = SymbolMap::new(&name, &columns, options, &Instruments::default())?;
    if let Some(column) = symbols.column() {
        rows.select(|leaf| leaf == column)?;
        loop {
            let count = rows.next()?;
            for row in 0..count {
                let columns = &rows.batches;
                let cells = ParquetRow { columns, row, time_format: None, integer_decimals: 0 };
                symbols.resolve(&cells.text(column));
            }
            rows.row += count as u64;
            if count == 0 {
                break;
            }
        }
    }
    Ok(symbols.list().to_vec())
}
