//! CSV and Parquet files as sources.

use crate::configuration::{Column, DataSource};
use crate::error::BacktestError;
use crate::sources::{Gives, time};
use feed::columns::{ColumnRef, Field, RowKind};
use feed::csv::{CsvSource, TableOptions};
use feed::parquet::ParquetSource;
use feed::{Block, Instruments, Source, WindowSource};
use model::{BarLabel, Currency, Instrument, MarketEvent, SessionClose, Timeframe, UnixNanos};
use std::path::{Path, PathBuf};

/// A CSV or Parquet file whose columns have been recognised.
pub struct TableFile {
    path: PathBuf,
    parquet: bool,
    options: TableOptions,
    symbols: Vec<String>,
    window: (Option<UnixNanos>, Option<UnixNanos>),
    kind: RowKind,
    timeframes: Vec<Timeframe>,
}

impl TableFile {
    /// Opens a file far enough to know what its rows are; `sessions` are those of its symbols
    /// that differ from what is usual.
    ///
    /// # Errors
    /// [`BacktestError`] naming the file, column or setting at fault.
    pub fn open(
        source: &DataSource,
        path: &str,
        sessions: &[(String, SessionClose)],
    ) -> Result<Self, BacktestError> {
        let options = table_options(source, sessions)?;
        let path = PathBuf::from(path);
        let parquet = source.kind == "parquet";
        let symbols = match (&source.symbol, source.symbols.is_empty()) {
            (Some(symbol), _) => vec![symbol.clone()],
            (None, false) => source.symbols.clone(),
            (None, true) => file_symbols(&path, parquet, &options)?,
        };
        let probe = probe_instruments(&symbols)?;
        let (kind, timeframes) = if parquet {
            let mut file = ParquetSource::open(&path, &options, &probe)?;
            (file.kind(), timeframes(&mut file)?)
        } else {
            let mut file = CsvSource::open(&path, &options, &probe)?;
            (file.kind(), timeframes(&mut file)?)
        };
        let start = time("data.start", source.start.as_deref())?;
        let end = time("data.end", source.end.as_deref())?;
        Ok(Self { path, parquet, options, symbols, window: (start, end), kind, timeframes })
    }

    /// Its symbols.
    #[must_use]
    pub fn symbols(&self) -> Vec<String> {
        self.symbols.clone()
    }

    /// Whether its rows are quotes, among which no trade says that the market is open.
    #[must_use]
    pub fn is_quotes(&self) -> bool {
        self.kind == RowKind::Quotes
    }

    /// What its rows give.
    #[must_use]
    pub fn gives(&self) -> Gives {
        let mut gives = Gives::default();
        match self.kind {
            RowKind::Bars => gives.bars.clone_from(&self.timeframes),
            RowKind::Quotes => gives.quotes = true,
            RowKind::Trades => gives.trades = true,
            RowKind::Depth => {
                gives.quotes = true;
                gives.depth = true;
            }
        }
        gives
    }

    /// The source of its events for these instruments.
    ///
    /// # Errors
    /// [`BacktestError`] as at opening.
    pub fn into_source(self, instruments: &Instruments) -> Result<Box<dyn Source>, BacktestError> {
        let source: Box<dyn Source> = if self.parquet {
            Box::new(ParquetSource::open(&self.path, &self.options, instruments)?)
        } else {
            Box::new(CsvSource::open(&self.path, &self.options, instruments)?)
        };
        let (start, end) = self.window;
        if start.is_none() && end.is_none() {
            return Ok(source);
        }
        Ok(Box::new(WindowSource::new(source, start, end)))
    }
}

/// Instruments of the right names: enough to recognise columns.
fn probe_instruments(symbols: &[String]) -> Result<Instruments, BacktestError> {
    let instruments = symbols
        .iter()
        .map(|symbol| Instrument::plain_equity(symbol, Currency::USD))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(instruments.into_iter().collect())
}

/// The timeframes among the first bars of a file.
fn timeframes(source: &mut dyn Source) -> Result<Vec<Timeframe>, BacktestError> {
    let mut found = Vec::new();
    if let Some(Block::Events(events)) = source.next_block()? {
        for event in events {
            if let MarketEvent::Bar(bar) = event
                && !found.contains(&bar.timeframe)
            {
                found.push(bar.timeframe);
            }
        }
    }
    Ok(found)
}

/// The symbols of a file: those in its column, met by reading it once, or the one it is called by.
fn file_symbols(
    path: &Path,
    parquet: bool,
    options: &TableOptions,
) -> Result<Vec<String>, BacktestError> {
    let none = Instruments::default();
    if parquet {
        let mut file = ParquetSource::open(path, options, &none)?;
        if file.columns().position(Field::Symbol).is_some() {
            while file.next_block()?.is_some() {}
        }
        return Ok(file.symbols().to_vec());
    }
    let mut file = CsvSource::open(path, options, &none)?;
    if file.columns().position(Field::Symbol).is_some() {
        while file.next_block()?.is_some() {}
    }
    Ok(file.symbols().to_vec())
}

fn table_options(
    source: &DataSource,
    sessions: &[(String, SessionClose)],
) -> Result<TableOptions, BacktestError> {
    let kind = match source.rows.as_deref() {
        None => None,
        Some("bars") => Some(RowKind::Bars),
        Some("quotes") => Some(RowKind::Quotes),
        Some("trades") => Some(RowKind::Trades),
        Some(other) => {
            let accepted = "accepted are bars, quotes and trades";
            return Err(BacktestError::setting("data.kind", other, accepted));
        }
    };
    let label = match source.label.as_deref() {
        None => None,
        Some("open") => Some(BarLabel::Open),
        Some("close") => Some(BarLabel::Close),
        Some("session") => Some(BarLabel::Session),
        Some(other) => {
            let accepted = "accepted are open, close and session";
            return Err(BacktestError::setting("data.label", other, accepted));
        }
    };
    let timeframe = source
        .timeframe
        .as_deref()
        .map(|text| {
            Timeframe::parse(text).ok_or_else(|| {
                BacktestError::setting("data.timeframe", text, "accepted are 1s, 5m, 4h, 1d, …")
            })
        })
        .transpose()?;
    let mut columns = Vec::new();
    for (field, column) in source.columns.iter().flatten() {
        let known = Field::parse(field).ok_or_else(|| {
            let known: Vec<&str> = Field::ALL.iter().map(|known| known.as_str()).collect();
            BacktestError::setting("data.columns", field, &known.join(", "))
        })?;
        let column = match column {
            Column::Position(at) => ColumnRef::Position(*at),
            Column::Name(name) => ColumnRef::Name(name.clone()),
        };
        columns.push((known, column));
    }
    let delimiter = match source.delimiter.as_deref() {
        None => None,
        Some("comma") => Some(b','),
        Some("semicolon") => Some(b';'),
        Some("tab") => Some(b'\t'),
        Some("bar") => Some(b'|'),
        Some(other) => {
            let accepted = "accepted are comma, semicolon, tab and bar";
            return Err(BacktestError::setting("data.delimiter", other, accepted));
        }
    };
    Ok(TableOptions {
        kind,
        columns,
        label,
        timeframe,
        symbol: source.symbol.clone(),
        time_zone: source.time_zone.clone(),
        time_format: source.time_format.clone(),
        adjusted: source.adjusted.unwrap_or(false),
        cumulative: source.cumulative.unwrap_or(false),
        delimiter,
        header: source.header,
        integer_decimals: source.integer_decimals,
        sessions: sessions.to_vec(),
        // The checker judges them, by the policy of the source and for its time window alone.
        allow_impossible: true,
        ..TableOptions::default()
    })
}
