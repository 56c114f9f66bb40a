//! What is in a CSV or Parquet file.

use super::{Fault, FileInspection, InspectOptions, InstrumentInspection, Stamp, TermsInspection};
use crate::check::{CheckOptions, Checked, Policy};
use crate::columns::{BarTimes, Columns, Field, RowKind};
use crate::convert::Format;
use crate::csv::{CsvSource, TableOptions};
use crate::error::FeedError;
use crate::instruments::Instruments;
use crate::parquet::ParquetSource;
use crate::source::{Block, Source};
use crate::tables::table_symbols;
use crate::terms::Resolve;
use model::{BarLabel, Currency, Instrument, MarketEvent, NANO, Timeframe, UnixNanos};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::Path;

/// How a CSV or Parquet file is understood.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct TableInspection {
    /// The column that holds each field, by name, or by position from 0 where it has none.
    pub columns: BTreeMap<&'static str, String>,
    /// Levels a side of a file of depth.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub levels: Option<usize>,
    /// Length and label of bars.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bars: Option<BarsInspection>,
}

/// How the bars of a file are understood.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct BarsInspection {
    /// Lengths, as met.
    pub timeframes: Vec<String>,
    /// What the time of a bar means: `open`, `close` or `session`; `written` where the file has
    /// columns of both times.
    pub label: &'static str,
    /// Options that a run has to be told, as several instruments leave them open.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub to_be_said: Vec<&'static str>,
}

/// The format of a file that is a table; `None` where the DBN reader is to have its say.
pub(super) fn format(path: &Path) -> Result<Option<Format>, FeedError> {
    let found = Format::of_file(path)?;
    if found != Format::Csv {
        return Ok((found == Format::Parquet).then_some(found));
    }
    let name = path.file_name().map(|name| name.to_string_lossy().to_ascii_lowercase());
    let named = name.is_some_and(|name| name.contains(".dbn") || name.contains(".dbz"));
    Ok((!named && !is_binary(path)?).then_some(found))
}

/// Whether a file holds neither text nor gzip or zstd, which text comes in.
fn is_binary(path: &Path) -> Result<bool, FeedError> {
    let name = path.display().to_string();
    let mut head = Vec::new();
    let file = std::fs::File::open(path).map_err(|e| FeedError::io(&name, "open", e))?;
    file.take(512).read_to_end(&mut head).map_err(|e| FeedError::io(&name, "read", e))?;
    let packed = head.starts_with(&[0x1F, 0x8B]) || head.starts_with(&[0x28, 0xB5, 0x2F, 0xFD]);
    let wide = head.starts_with(&[0xFF, 0xFE]) || head.starts_with(&[0xFE, 0xFF]);
    Ok(!packed && !wide && head.contains(&0))
}

/// A file that is open.
struct Opened {
    source: Box<dyn Source>,
    kind: RowKind,
    columns: Columns,
    names: Vec<String>,
    times: Option<(Timeframe, BarLabel)>,
}

fn open(
    path: &Path,
    format: Format,
    options: &TableOptions,
    instruments: &Instruments,
) -> Result<Opened, FeedError> {
    let times = |times: Option<&BarTimes>| times.map(|it| (it.timeframe(), it.label()));
    if format == Format::Parquet {
        let it = ParquetSource::open(path, options, instruments)?;
        let (kind, columns, times) = (it.kind(), it.columns().clone(), times(it.bar_times()));
        let names = it.names().to_vec();
        return Ok(Opened { source: Box::new(it), kind, columns, names, times });
    }
    let it = CsvSource::open(path, options, instruments)?;
    let (kind, columns, times) = (it.kind(), it.columns().clone(), times(it.bar_times()));
    let names = it.names().to_vec();
    Ok(Opened { source: Box::new(it), kind, columns, names, times })
}

/// Opens a file of bars of several instruments as its first instrument suggests; which options
/// that left open.
fn open_guessing(
    path: &Path,
    format: Format,
    options: &TableOptions,
    instruments: &Instruments,
) -> Result<(Opened, Vec<&'static str>), FeedError> {
    match open(path, format, options, instruments) {
        Ok(opened) => Ok((opened, Vec::new())),
        Err(FeedError::Setting { option: "timeframe" | "label", .. }) if instruments.len() > 1 => {
            let first: Instruments = instruments.as_slice().iter().take(1).cloned().collect();
            let times = open(path, format, options, &first)?.times;
            let (timeframe, label) = (times.map(|it| it.0), times.map(|it| it.1));
            let open_options =
                [("timeframe", options.timeframe.is_none()), ("label", options.label.is_none())];
            let to_be_said =
                open_options.into_iter().filter(|(_, open)| *open).map(|(name, _)| name).collect();
            let guessed = TableOptions { timeframe, label, ..options.clone() };
            Ok((open(path, format, &guessed, instruments)?, to_be_said))
        }
        Err(error) => Err(error),
    }
}

/// Counts of one instrument.
#[derive(Default)]
struct Entry {
    records: u64,
    volume: i128,
    times: Option<(UnixNanos, UnixNanos)>,
}

impl Entry {
    fn add(&mut self, event: &MarketEvent) {
        self.records += 1;
        let (first, last, volume) = match event {
            MarketEvent::Bar(bar) => (bar.open_time, bar.close_time, bar.volume),
            MarketEvent::Trade(it) => (it.ts_event, it.ts_event, i128::from(it.quantity.0)),
            other => (other.ts_event(), other.ts_event(), 0),
        };
        self.volume = self.volume.saturating_add(volume.max(0));
        let (from, to) = self.times.get_or_insert((first, last));
        (*from, *to) = ((*from).min(first), (*to).max(last));
    }
}

/// Inspects a CSV or Parquet file.
pub(super) fn table(
    path: &Path,
    format: Format,
    options: &InspectOptions,
) -> Result<(FileInspection, Vec<InstrumentInspection>), FeedError> {
    let table = TableOptions { allow_impossible: true, ..options.table.clone() };
    let symbols = table_symbols(path, &table)?;
    let resolve = Resolve { terms: &options.terms, ..Resolve::default() };
    // An instrument, and whether its terms are known.
    let instrument = |symbol: &String| match resolve.instrument(symbol) {
        Ok(instrument) => Some((instrument, true)),
        Err(_) => Some((Instrument::plain_equity(symbol, Currency::USD).ok()?, false)),
    };
    let resolved: Vec<(Instrument, bool)> = symbols.iter().filter_map(instrument).collect();
    let instruments: Instruments = resolved.iter().map(|(it, _)| it.clone()).collect();
    let (opened, to_be_said) = open_guessing(path, format, &table, &instruments)?;
    let Opened { source, kind, columns, names, times } = opened;
    let settings = CheckOptions {
        policy: Policy::Warn,
        quotes_only: kind == RowKind::Quotes,
        ..CheckOptions::default()
    };
    let (mut checked, handle) = Checked::new(source, &instruments, settings)?;
    let mut entries: Vec<Entry> = instruments.as_slice().iter().map(|_| Entry::default()).collect();
    let mut timeframes: BTreeSet<Timeframe> = times.iter().map(|it| it.0).collect();
    let fault = loop {
        match checked.next_block() {
            Ok(Some(Block::Events(events))) => {
                for event in events {
                    if let Some(entry) = entries.get_mut(event.instrument().index()) {
                        entry.add(event);
                    }
                    if let (MarketEvent::Bar(bar), None) = (event, times) {
                        timeframes.insert(bar.timeframe);
                    }
                }
            }
            Ok(Some(Block::Mbo(_))) => {}
            Ok(None) => break None,
            Err(error) => break Some(Fault::from(&error)),
        }
    };
    let records: u64 = entries.iter().map(|entry| entry.records).sum();
    let bars = (kind == RowKind::Bars).then(|| BarsInspection {
        timeframes: timeframes.iter().map(ToString::to_string).collect(),
        label: times.map_or("written", |it| label(it.1)),
        to_be_said,
    });
    let known = |field: Field| {
        let at = columns.position(field).filter(|_| holds(kind, field))?;
        let name = names.get(at).filter(|name| !name.is_empty());
        Some((field.as_str(), name.cloned().unwrap_or_else(|| at.to_string())))
    };
    let found = TableInspection {
        columns: Field::ALL.into_iter().filter_map(known).collect(),
        levels: (kind == RowKind::Depth).then(|| columns.bids.len().max(columns.asks.len())),
        bars,
    };
    let file = FileInspection {
        file: path.display().to_string(),
        format: if format == Format::Parquet { "parquet" } else { "csv" },
        version: None,
        dataset: None,
        schema: kind.as_str(),
        symbols: symbols.len(),
        table: Some(found),
        kinds: [(one(kind), records)].into_iter().collect(),
        fault,
        check: options.check.then(|| handle.report()),
    };
    let of = |(entry, (instrument, known)): (Entry, &(Instrument, bool))| InstrumentInspection {
        symbol: Some(instrument.symbol.clone()),
        dbn: None,
        terms: known.then(|| TermsInspection::from(instrument)),
        records: entry.records,
        volume: u128::try_from(entry.volume / i128::from(NANO)).unwrap_or(0),
        first_event: entry.times.map(|(first, _)| Stamp::of(first.0)),
        last_event: entry.times.map(|(_, last)| Stamp::of(last.0)),
        book: None,
    };
    let instruments = entries.into_iter().zip(&resolved).map(of).collect();
    Ok((file, instruments))
}

/// Whether a field is read of rows of a kind: a column of volume may look like one of sizes too.
const fn holds(kind: RowKind, field: Field) -> bool {
    match field {
        Field::Time | Field::Date | Field::Clock | Field::Symbol => true,
        Field::Open
        | Field::High
        | Field::Low
        | Field::Close
        | Field::AdjustedClose
        | Field::Volume
        | Field::CloseTime
        | Field::Timeframe => matches!(kind, RowKind::Bars),
        Field::Bid
        | Field::Ask
        | Field::BidSize
        | Field::AskSize
        | Field::BidCount
        | Field::AskCount => matches!(kind, RowKind::Quotes),
        Field::Price | Field::Size | Field::Side | Field::BuyerMaker => {
            matches!(kind, RowKind::Trades)
        }
        Field::Received => !matches!(kind, RowKind::Bars),
    }
}

/// A row of a kind, in a word.
const fn one(kind: RowKind) -> &'static str {
    match kind {
        RowKind::Bars => "bar",
        RowKind::Quotes => "quote",
        RowKind::Trades => "trade",
        RowKind::Depth => "depth",
    }
}

const fn label(label: BarLabel) -> &'static str {
    match label {
        BarLabel::Open => "open",
        BarLabel::Close => "close",
        BarLabel::Session => "session",
    }
}
