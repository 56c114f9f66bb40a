//! What is in files: schema, instruments, counts, time range, problems, and where asked the books
//! of market-by-order records with their digests; of CSV and Parquet how they are understood.

mod book;
mod frames;
mod table;
mod tally;

pub use book::{BestLevel, BookInspection};
pub use table::{BarsInspection, TableInspection};

use crate::check::{CheckOptions, CheckReport, Checked, OrderChecks, Policy};
use crate::csv::TableOptions;
use crate::dbn::{DbnFile, DbnOptions, Decode};
use crate::error::FeedError;
use crate::instruments::Instruments;
use crate::source::Source;
use crate::terms::Terms;
use model::{Currency, Instrument, UnixNanos};
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::Path;

/// How files are inspected.
#[derive(Clone, Debug, Default)]
pub struct InspectOptions {
    /// Builds the books of market-by-order records and gives their digests (default: no).
    pub book: bool,
    /// Looks for problems in a second pass (default: no).
    pub check: bool,
    /// Where zstd is decompressed (default: on a second thread).
    pub decode: Decode,
    /// Terms of instruments; others come from definitions in the files and the built-in table.
    pub terms: Vec<Terms>,
    /// How CSV and Parquet files are to be read, where they do not say so themselves.
    pub table: TableOptions,
}

/// What is in one file, or in several that follow one another.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Inspection {
    /// The files in their order.
    pub files: Vec<FileInspection>,
    /// The instruments of all files, by publisher and numeric id.
    pub instruments: Vec<InstrumentInspection>,
    /// Records in all.
    pub records: u64,
}

/// What is in one file.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct FileInspection {
    /// File as it was named.
    pub file: String,
    /// `dbn`, `csv`, `parquet` or `binance`.
    pub format: &'static str,
    /// DBN version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<u8>,
    /// Dataset as the metadata of a DBN file name it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dataset: Option<String>,
    /// Schema of a DBN file, `mixed` when there are several; else `bars`, `quotes`, `trades`,
    /// `depth` or `frames`.
    pub schema: &'static str,
    /// Number of symbols that the metadata map or the rows name.
    pub symbols: usize,
    /// How a CSV or Parquet file is understood.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub table: Option<TableInspection>,
    /// Records by kind.
    pub kinds: BTreeMap<&'static str, u64>,
    /// The fault at which reading ended before the end of the file.
    pub fault: Option<Fault>,
    /// Problems found, where they were looked for and the file names instruments.
    pub check: Option<CheckReport>,
}

/// A fault of a file.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Fault {
    /// Stable code.
    pub code: &'static str,
    /// The error in words.
    pub message: String,
}

impl From<&FeedError> for Fault {
    fn from(error: &FeedError) -> Self {
        Self { code: error.code(), message: error.to_string() }
    }
}

/// What is in the files about one instrument, of one publisher.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct InstrumentInspection {
    /// Symbol, where the files name it.
    pub symbol: Option<String>,
    /// What only DBN files tell; its fields lie beside the others.
    #[serde(flatten)]
    pub dbn: Option<DbnCounts>,
    /// Terms, where they are known.
    pub terms: Option<TermsInspection>,
    /// Records.
    pub records: u64,
    /// Traded quantity: the sizes of the trades, or the volumes of the bars.
    pub volume: u128,
    /// Earliest and latest exchange time, snapshot aside.
    pub first_event: Option<Stamp>,
    /// Latest exchange time, snapshot aside.
    pub last_event: Option<Stamp>,
    /// The book, where it was asked for and there are market-by-order records.
    pub book: Option<BookInspection>,
}

/// What only DBN files tell about an instrument.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct DbnCounts {
    /// Publisher (dataset and venue).
    pub publisher: u16,
    /// The venue's numeric id.
    pub instrument_id: u32,
    /// Records by action letter (market by order, trades, market by price).
    pub actions: BTreeMap<char, u64>,
    /// Market-by-order records that end their event.
    pub last: u64,
    /// Records of a snapshot.
    pub snapshot: u64,
}

/// A time in both of its forms.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Stamp {
    /// Nanoseconds since 1970, as text: they do not fit into a JavaScript number.
    pub ns: String,
    /// ISO 8601, UTC.
    pub iso: String,
}

impl Stamp {
    fn of(ns: u64) -> Self {
        Self { ns: ns.to_string(), iso: UnixNanos(ns).to_string() }
    }
}

/// The terms of an instrument in words.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct TermsInspection {
    /// Kind.
    pub kind: &'static str,
    /// Tick size.
    pub tick_size: String,
    /// Money per price unit.
    pub multiplier: String,
    /// Currency.
    pub currency: String,
    /// Where these terms come from.
    pub origin: &'static str,
}

impl From<&Instrument> for TermsInspection {
    fn from(instrument: &Instrument) -> Self {
        Self {
            kind: instrument.kind.as_str(),
            tick_size: instrument.grid.tick_size().to_string(),
            multiplier: instrument.multiplier.to_string(),
            currency: instrument.currency.to_string(),
            origin: instrument.origin.as_str(),
        }
    }
}

/// Inspects files. Those of DBN follow one another as one stream: books go on from file to file;
/// a CSV or Parquet file and a recording of
/// frames stand for themselves.
///
/// # Errors
/// What opening a file gives ([`DbnFile::open`], [`crate::tables::open_table`]). A fault inside a file is part of the result
/// ([`FileInspection::fault`]), and the files behind it are still read.
pub fn inspect<P: AsRef<Path>>(
    paths: &[P],
    options: &InspectOptions,
) -> Result<Inspection, FeedError> {
    let mut tally = tally::Tally::new(options);
    let (mut files, mut of_tables) = (Vec::new(), Vec::new());
    for path in paths {
        if let Some((file, instruments)) = frames::frames(path.as_ref(), options)? {
            files.push(file);
            of_tables.extend(instruments);
            continue;
        }
        if let Some(format) = table::format(path.as_ref())? {
            let (file, instruments) = table::table(path.as_ref(), format, options)?;
            files.push(file);
            of_tables.extend(instruments);
            continue;
        }
        let dbn = DbnOptions { decode: options.decode, ..DbnOptions::default() };
        let file = DbnFile::open(path.as_ref(), dbn.clone())?;
        let mut kinds = BTreeMap::new();
        let fault = tally.file(&file, &mut kinds)?;
        files.push(FileInspection {
            file: file.name().to_owned(),
            format: "dbn",
            version: Some(file.metadata().version),
            dataset: Some(file.metadata().dataset.clone()),
            schema: file.schema_name(),
            symbols: file.symbols().len(),
            table: None,
            kinds,
            fault: fault.as_ref().map(Fault::from),
            check: None,
        });
        if options.check
            && fault.is_none()
            && let Some(last) = files.last_mut()
        {
            last.check = check(file, &tally)?;
        }
    }
    let mut instruments = tally.finish();
    instruments.extend(of_tables);
    let records = instruments.iter().map(|i| i.records).sum();
    Ok(Inspection { files, instruments, records })
}

/// Checks a file; `None` where it names no instruments.
fn check(file: DbnFile, tally: &tally::Tally<'_>) -> Result<Option<CheckReport>, FeedError> {
    let symbols = tally.symbols();
    let of = |symbol: &String| tally.instrument(symbol, Some(Currency::USD));
    let instruments: Instruments = symbols.iter().filter_map(of).collect();
    if instruments.is_empty() {
        return Ok(None);
    }
    let Ok(source) = file.into_source(&instruments) else { return Ok(None) };
    let settings = CheckOptions {
        policy: Policy::Warn,
        orders: OrderChecks::Everything,
        ..CheckOptions::default()
    };
    let (mut checked, handle) = Checked::new(source, &instruments, settings)?;
    while checked.next_block()?.is_some() {}
    Ok(Some(handle.report()))
}
