//! The CSV reader: a stream of batches of events.

use super::ACCEPTED;
use super::layout::{Layout, layout, raw_reader, read_row};
use super::options::TableOptions;
use super::row::CsvCells;
use crate::columns::plan::{self, SymbolMap};
use crate::columns::rows::{Cells, RowBuilder};
use crate::columns::time::Stamp;
use crate::columns::{Columns, RowKind};
use crate::error::{FeedError, Place};
use crate::instruments::Instruments;
use crate::rows_batch::RowsBatch;
use crate::source::{Block, Source};
use crate::text::{Input, Meter, Text};
use csv::{ByteRecord, Reader};
use std::path::Path;
use std::sync::Arc;

/// Events of a batch.
const BATCH: usize = 4096;
/// Rows that are looked through for the bars of one instrument among others.
const PROBE_ROWS: u64 = 200_000;

/// A CSV file as a source of bars, quotes, trades or depth.
pub struct CsvSource {
    name: String,
    reader: Reader<Text>,
    meter: Meter,
    length: u64,
    record: ByteRecord,
    time_format: Option<String>,
    builder: RowBuilder,
    symbols: SymbolMap,
    width: Option<usize>,
    rows: u64,
    batch: RowsBatch,
}

impl CsvSource {
    /// Opens a file, plain or compressed with gzip or zstd.
    ///
    /// Rows belong to the instrument that their symbol names; rows of symbols that are not in the
    /// run are skipped and counted. Without instruments every symbol of the file becomes one, in
    /// the order of appearance.
    ///
    /// # Errors
    /// [`FeedError`]: what cannot be opened, recognised or inferred.
    pub fn open(
        path: &Path,
        options: &TableOptions,
        instruments: &Instruments,
    ) -> Result<Self, FeedError> {
        let name = path.display().to_string();
        Self::new(&Input::File(path.to_owned()), name, options, instruments)
    }

    /// Reads text in memory, under a name for messages.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn from_bytes(
        name: &str,
        bytes: impl Into<Arc<[u8]>>,
        options: &TableOptions,
        instruments: &Instruments,
    ) -> Result<Self, FeedError> {
        Self::new(&Input::Memory(bytes.into()), name.to_owned(), options, instruments)
    }

    fn new(
        input: &Input,
        name: String,
        options: &TableOptions,
        instruments: &Instruments,
    ) -> Result<Self, FeedError> {
        let layout = layout(input, &name, options)?;
        let symbols = SymbolMap::new(&name, &layout.columns, options, instruments)?;
        let mut builder =
            plan::row_builder(&name, layout.names.clone(), layout.columns.clone(), options)?;
        if layout.columns.kind == RowKind::Bars && layout.columns.written_interval().is_none() {
            let probe = if plan::needs_probe(&layout.columns, options) {
                probe(input, &name, &layout, options, &builder, symbols.clone())?
            } else {
                Vec::new()
            };
            builder.bar_times =
                Some(plan::bar_times(&name, options, instruments, &symbols, &probe)?);
        }
        let (reader, meter) = reader(input, &name, &layout)?;
        Ok(Self {
            length: input.len(&name)?,
            name,
            reader,
            meter,
            record: ByteRecord::new(),
            time_format: options.time_format.clone(),
            builder,
            symbols,
            width: layout.width,
            rows: 0,
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
        self.rows
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

    /// Fills the batch with the next rows.
    fn fill(&mut self) -> Result<(), FeedError> {
        while self.batch.events.len() < BATCH {
            if !read_row(&mut self.reader, &mut self.record, &self.name, self.rows + 1)? {
                self.batch.done = true;
                return Ok(());
            }
            self.meter.row();
            self.rows += 1;
            check_width(&mut self.width, &self.record, &self.name, self.rows)?;
            let cells = CsvCells { record: &self.record, time_format: self.time_format.as_deref() };
            let instrument = match self.symbols.column() {
                None => self.symbols.fixed(),
                Some(column) => match self.symbols.resolve(&cells.text(column)) {
                    Some(index) => index,
                    None => continue,
                },
            };
            if let Some(event) = self.builder.event(&cells, instrument, self.rows)? {
                self.batch.push(event, self.rows);
            }
        }
        Ok(())
    }
}

impl Source for CsvSource {
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
        &self.name
    }

    fn progress(&self) -> f64 {
        self.batch.progress(self.meter.read() as f64 / self.length.max(1) as f64)
    }

    fn row(&self, event: usize) -> Option<u64> {
        self.batch.row(event)
    }
}

/// The symbols of a file in the order of their appearance: one, from the options or the file's
/// name, where there is no column of symbols; else the whole file is read.
///
/// # Errors
/// [`FeedError`]: what cannot be opened or recognised.
pub fn csv_symbols(path: &Path, options: &TableOptions) -> Result<Vec<String>, FeedError> {
    let name = path.display().to_string();
    let input = Input::File(path.to_owned());
    let layout = layout(&input, &name, options)?;
    let mut symbols = SymbolMap::new(&name, &layout.columns, options, &Instruments::default())?;
    if let Some(column) = symbols.column() {
        let (mut reader, meter) = reader(&input, &name, &layout)?;
        let (mut record, mut row) = (ByteRecord::new(), 0);
        while read_row(&mut reader, &mut record, &name, row + 1)? {
            meter.row();
            row += 1;
            symbols.resolve(&CsvCells { record: &record, time_format: None }.text(column));
        }
    }
    Ok(symbols.list().to_vec())
}

fn reader(input: &Input, name: &str, layout: &Layout) -> Result<(Reader<Text>, Meter), FeedError> {
    let (text, meter) = input.open(name, ACCEPTED)?;
    let mut reader = raw_reader(text, layout.delimiter);
    if layout.header {
        read_row(&mut reader, &mut ByteRecord::new(), name, 0)?;
        meter.row();
    }
    Ok((reader, meter))
}

fn check_width(
    width: &mut Option<usize>,
    record: &ByteRecord,
    name: &str,
    row: u64,
) -> Result<(), FeedError> {
    let expected = *width.get_or_insert(record.len());
    if record.len() == expected {
        return Ok(());
    }
    let reason = format!("the row has {} cells, it should have {expected}", record.len());
    Err(FeedError::Corrupt { file: name.to_owned(), at: Place::Row(row), reason })
}

/// The first stamps of the bars of one instrument.
fn probe(
    input: &Input,
    name: &str,
    layout: &Layout,
    options: &TableOptions,
    builder: &RowBuilder,
    mut symbols: SymbolMap,
) -> Result<Vec<Stamp>, FeedError> {
    let (mut reader, meter) = reader(input, name, layout)?;
    let (mut record, mut stamps) = (ByteRecord::new(), Vec::with_capacity(plan::PROBE));
    let mut width = layout.width;
    for row in 1..=PROBE_ROWS {
        if stamps.len() == plan::PROBE || !read_row(&mut reader, &mut record, name, row)? {
            break;
        }
        meter.row();
        check_width(&mut width, &record, name, row)?;
        let cells = CsvCells { record: &record, time_format: options.time_format.as_deref() };
        let wanted = symbols.column().is_none_or(|at| symbols.resolve(&cells.text(at)).is_some());
        if wanted {
            stamps.push(builder.stamp(&cells, row)?);
        }
    }
    Ok(stamps)
}
