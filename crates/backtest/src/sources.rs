//! From configured data to sources and instruments.

use crate::checks::{Checks, SourceCheck, policy};
use crate::configuration::{DataSource, InstrumentTerms, RunConfiguration};
use crate::error::BacktestError;
use feed::check::Policy;
use feed::dbn::{DbnFile, DbnOptions, Decode, Definition};
use feed::synthetic::{SyntheticConfig, SyntheticMarket};
use feed::{Instruments, Resolve, Source, Terms};
use model::{
    Currency, FeeCurrency, Instrument, InstrumentIndex, InstrumentKind, Origin, Price, Quantity,
    SessionClose, Timeframe, UnixNanos,
};
use std::collections::BTreeMap;

/// What a source gives of an instrument.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gives {
    /// Market by order.
    pub orders: bool,
    /// Trades.
    pub trades: bool,
    /// Best prices.
    pub quotes: bool,
    /// Levels beyond the best.
    pub depth: bool,
    /// Bars of these timeframes.
    pub bars: Vec<Timeframe>,
}

/// Everything that the configured data became.
pub struct OpenedData {
    /// Instruments in the order of their first appearance.
    pub instruments: Vec<Instrument>,
    /// Sources in configured order.
    pub sources: Vec<Box<dyn Source>>,
    /// What each instrument's sources give.
    pub gives: Vec<Gives>,
    /// Files that were opened.
    pub files: Vec<String>,
    /// What a result must say about the data.
    pub notes: Vec<String>,
    /// The checks of the data, one per source.
    pub checks: Vec<SourceCheck>,
}

enum Opened {
    Dbn(Box<DbnFile>, Gives),
    Synthetic(Box<SyntheticMarket>, Decode),
    Table(Box<crate::tables::TableFile>),
    Binance(Box<crate::frames::FrameFiles>),
}

/// A source that is open, but not yet read.
struct Candidate {
    opened: Opened,
    symbols: Vec<String>,
    policy: Policy,
}

/// Opens every source and finds its instruments.
///
/// # Errors
/// [`BacktestError`] naming the file or setting at fault.
pub fn open(configuration: &RunConfiguration) -> Result<OpenedData, BacktestError> {
    if configuration.data.is_empty() {
        return Err(BacktestError::setting("data", "[]", "at least one source is needed"));
    }
    let currency = currency(&configuration.account.currency)?;
    let terms: Vec<Terms> =
        configuration.instruments.iter().map(instrument_terms).collect::<Result<_, _>>()?;
    let mut opened: Vec<Candidate> = Vec::new();
    let mut definitions: Vec<Definition> = Vec::new();
    let mut files = Vec::new();
    let sessions = crate::sessions::by_symbol(configuration)?;
    for source in &configuration.data {
        open_source(source, &sessions, &mut opened, &mut definitions, &mut files)?;
    }
    let mut instruments = Instruments::default();
    let mut gives: BTreeMap<String, Gives> = BTreeMap::new();
    let mut notes = Vec::new();
    for Candidate { opened: source, symbols, .. } in &opened {
        let plain = matches!(source, Opened::Table(_)).then_some(currency);
        let resolve = Resolve { configured: &[], terms: &terms, definitions: &definitions, plain };
        for symbol in symbols {
            let instrument = match source {
                Opened::Synthetic(market, _) => synthetic_instrument(market, &terms, currency)?,
                _ => resolve.instrument(symbol)?,
            };
            if !instruments.as_slice().iter().any(|known| known.symbol == *symbol) {
                note_origin(&instrument, &mut notes);
                instruments.insert(instrument);
            }
            merge_gives(gives.entry(symbol.clone()).or_default(), &source.gives());
        }
    }
    if instruments.is_empty() {
        return Err(BacktestError::setting(
            "data",
            files.join(", "),
            "no source has an instrument that can be traded",
        ));
    }
    let mut sources: Vec<Box<dyn Source>> = Vec::new();
    let mut checks = Checks::new(configuration, &instruments);
    for Candidate { opened, symbols, policy } in opened {
        let (source, quotes_only): (Box<dyn Source>, bool) = match opened {
            Opened::Dbn(file, gives) if gives != Gives::default() => {
                (file.into_source(&instruments)?, false)
            }
            // Definitions and statistics are no market events.
            Opened::Dbn(..) => continue,
            Opened::Synthetic(market, generate) => {
                let index = symbols.first().and_then(|symbol| instruments.index(symbol));
                let market = market.with_instrument(index.unwrap_or_default());
                (market.into_source(generate)?, false)
            }
            Opened::Table(table) => {
                let quotes_only = table.is_quotes();
                (table.into_source(&instruments)?, quotes_only)
            }
            Opened::Binance(frames) => {
                notes.extend(frames.note());
                (frames.into_source(&instruments)?, false)
            }
        };
        sources.push(checks.wrap(source, policy, quotes_only)?);
    }
    let checks = checks.finish();
    let gives = instruments
        .as_slice()
        .iter()
        .map(|instrument| gives.remove(&instrument.symbol).unwrap_or_default())
        .collect();
    let instruments = instruments.as_slice().to_vec();
    Ok(OpenedData { instruments, sources, gives, files, notes, checks })
}

fn note_origin(instrument: &Instrument, notes: &mut Vec<String>) {
    match instrument.origin {
        Origin::Configuration | Origin::Definition => {}
        origin => notes.push(format!(
            "{}: terms from the {} (tick {}, multiplier {})",
            instrument.symbol,
            origin.as_str(),
            instrument.grid.tick_size(),
            instrument.multiplier
        )),
    }
}

fn merge_gives(into: &mut Gives, from: &Gives) {
    into.orders |= from.orders;
    into.trades |= from.trades;
    into.quotes |= from.quotes;
    into.depth |= from.depth;
    for timeframe in &from.bars {
        if !into.bars.contains(timeframe) {
            into.bars.push(*timeframe);
        }
    }
}

impl Opened {
    fn gives(&self) -> Gives {
        match self {
            Self::Dbn(_, gives) => gives.clone(),
            Self::Synthetic(..) => {
                Gives { orders: true, trades: true, quotes: true, depth: true, bars: Vec::new() }
            }
            Self::Table(table) => table.gives(),
            Self::Binance(frames) => frames.gives(),
        }
    }
}

fn open_source(
    source: &DataSource,
    sessions: &[(String, SessionClose)],
    opened: &mut Vec<Candidate>,
    definitions: &mut Vec<Definition>,
    files: &mut Vec<String>,
) -> Result<(), BacktestError> {
    if source.kind != "synthetic" && source.files.is_empty() {
        return Err(BacktestError::setting("data.files", "[]", "name at least one file"));
    }
    files.extend(source.files.iter().cloned());
    let policy = policy(source)?;
    match source.kind.as_str() {
        "dbn" => {
            for path in &source.files {
                let options = DbnOptions {
                    decode: decode(source)?,
                    symbols: (!source.symbols.is_empty()).then(|| source.symbols.clone()),
                    start: time("data.start", source.start.as_deref())?,
                    end: time("data.end", source.end.as_deref())?,
                    ..DbnOptions::default()
                };
                let file = DbnFile::open(path, options)?;
                let gives = dbn_gives(&file);
                let wanted: Vec<&str> = source.symbols.iter().map(String::as_str).collect();
                let wanted = (!wanted.is_empty()).then_some(wanted.as_slice());
                definitions.extend(file.definitions(wanted)?);
                let symbols = if gives == Gives::default() {
                    Vec::new()
                } else if source.symbols.is_empty() {
                    file.symbols().into_iter().map(str::to_owned).collect()
                } else {
                    source.symbols.clone()
                };
                let dbn = Opened::Dbn(Box::new(file), gives);
                opened.push(Candidate { opened: dbn, symbols, policy });
            }
            Ok(())
        }
        "csv" | "parquet" => {
            for path in &source.files {
                let table = crate::tables::TableFile::open(source, path, sessions)?;
                let symbols = table.symbols();
                opened.push(Candidate { opened: Opened::Table(Box::new(table)), symbols, policy });
            }
            Ok(())
        }
        "binance" => {
            let frames = crate::frames::FrameFiles::open(source)?;
            let symbols = frames.symbols();
            opened.push(Candidate { opened: Opened::Binance(Box::new(frames)), symbols, policy });
            Ok(())
        }
        "synthetic" => {
            let Some(settings) = &source.synthetic else {
                return Err(BacktestError::setting(
                    "data.synthetic",
                    "null",
                    "a synthetic source needs its settings",
                ));
            };
            let config = SyntheticConfig {
                seed: settings.seed,
                symbol: settings.symbol.clone(),
                records: settings.records,
                live_orders: settings.live_orders,
                tick_size: Price::parse(&settings.tick_size)?,
                start_price: Price::parse(&settings.start_price)?,
                ..SyntheticConfig::default()
            };
            let market = SyntheticMarket::new(config)?;
            let symbols = vec![settings.symbol.clone()];
            opened.push(Candidate {
                opened: Opened::Synthetic(Box::new(market), decode(source)?),
                symbols,
                policy,
            });
            Ok(())
        }
        other => Err(BacktestError::setting(
            "data.type",
            other,
            "accepted are dbn, csv, parquet, binance and synthetic",
        )),
    }
}

fn dbn_gives(file: &DbnFile) -> Gives {
    let mut gives = Gives::default();
    match file.schema_name() {
        "mbo" => {
            gives = Gives { orders: true, trades: true, quotes: true, depth: true, bars: vec![] };
        }
        "trades" => gives.trades = true,
        "mbp-1" | "tbbo" | "cmbp-1" | "tcbbo" => {
            gives.trades = true;
            gives.quotes = true;
        }
        "bbo-1s" | "bbo-1m" | "cbbo-1s" | "cbbo-1m" => gives.quotes = true,
        "mbp-10" => {
            gives.trades = true;
            gives.quotes = true;
            gives.depth = true;
        }
        "ohlcv-1s" => gives.bars.push(Timeframe::SECOND),
        "ohlcv-1m" => gives.bars.push(Timeframe::MINUTE),
        "ohlcv-1h" => gives.bars.push(Timeframe::HOUR),
        "ohlcv-1d" | "ohlcv-eod" => gives.bars.push(Timeframe::DAY),
        "mixed" => {
            gives.trades = true;
            gives.quotes = true;
        }
        _ => {}
    }
    gives
}

fn decode(source: &DataSource) -> Result<Decode, BacktestError> {
    match source.decode.as_deref() {
        None | Some("thread") => Ok(Decode::Thread),
        Some("inline") => Ok(Decode::Inline),
        Some(other) => {
            Err(BacktestError::setting("data.decode", other, "accepted are thread and inline"))
        }
    }
}

/// A time in ns as a decimal text.
pub(crate) fn time(field: &str, text: Option<&str>) -> Result<Option<UnixNanos>, BacktestError> {
    text.map(|text| {
        text.parse::<u64>()
            .map(UnixNanos)
            .map_err(|_| BacktestError::setting(field, text, "whole nanoseconds since 1970"))
    })
    .transpose()
}

pub(crate) fn currency(code: &str) -> Result<Currency, BacktestError> {
    Ok(Currency::parse(code)?)
}

fn fee_currency(word: &str) -> Result<FeeCurrency, BacktestError> {
    FeeCurrency::parse(word).ok_or_else(|| {
        BacktestError::setting("instruments.feeCurrency", word, "accepted are quote and received")
    })
}

fn instrument_terms(terms: &InstrumentTerms) -> Result<Terms, BacktestError> {
    let price = |text: &Option<String>| text.as_deref().map(Price::parse).transpose();
    let kind = terms
        .kind
        .as_deref()
        .map(|word| {
            InstrumentKind::parse(word).ok_or_else(|| {
                BacktestError::setting(
                    "instruments.kind",
                    word,
                    "accepted are equity, future, perpetual, spot and option",
                )
            })
        })
        .transpose()?;
    Ok(Terms {
        symbol: terms.symbol.clone(),
        kind,
        tick_size: price(&terms.tick_size)?,
        lot_size: terms.lot_size.as_deref().map(Quantity::parse).transpose()?,
        multiplier: price(&terms.multiplier)?,
        inverse: terms.inverse,
        fee_currency: terms.fee_currency.as_deref().map(fee_currency).transpose()?,
        currency: terms.currency.as_deref().map(Currency::parse).transpose()?,
        venue: terms.venue.clone().filter(|venue| !venue.is_empty()),
    })
}

/// A generated market names its own terms: a future worth 50 a point, unless configured.
fn synthetic_instrument(
    market: &SyntheticMarket,
    terms: &[Terms],
    currency: Currency,
) -> Result<Instrument, BacktestError> {
    let config = market.config();
    let given = terms.iter().find(|terms| terms.symbol == config.symbol);
    let mut instrument = Instrument::new(
        &config.symbol,
        given.and_then(|terms| terms.kind).unwrap_or(InstrumentKind::Future),
        config.tick_size,
        given.and_then(|terms| terms.lot_size).unwrap_or(Quantity(model::NANO)),
        given.and_then(|terms| terms.multiplier).unwrap_or(Price(50 * model::NANO)),
        given.and_then(|terms| terms.currency).unwrap_or(currency),
    )?;
    if given.and_then(|terms| terms.inverse) == Some(true) {
        instrument = instrument.into_inverse()?;
    }
    if let Some(fee_currency) = given.and_then(|terms| terms.fee_currency) {
        instrument = instrument.with_fee_currency(fee_currency)?;
    }
    "SYNTHETIC".clone_into(&mut instrument.venue);
    Ok(instrument)
}

/// The index of a symbol, or an error that names those that are there.
pub(crate) fn index_of(
    instruments: &[Instrument],
    symbol: &str,
) -> Result<InstrumentIndex, BacktestError> {
    instruments
        .iter()
        .position(|instrument| instrument.symbol == symbol)
        .map(|at| InstrumentIndex(at as u32))
        .ok_or_else(|| {
            let known: Vec<&str> = instruments.iter().take(8).map(|i| i.symbol.as_str()).collect();
            let accepted = format!("the data has {}", known.join(", "));
            BacktestError::setting("strategies.instruments", symbol, &accepted)
        })
}
