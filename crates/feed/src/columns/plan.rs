//! From columns, options and instruments to how a file is read.

use super::bar_times::{BarTimes, infer_timeframe, usual_label};
use super::field::Field;
use super::names::{Columns, RowKind};
use super::rows::{RowBuilder, RowRules};
use super::time::Stamp;
use crate::csv::TableOptions;
use crate::error::FeedError;
use crate::instruments::Instruments;
use jiff::tz::TimeZone;
use model::{BarLabel, InstrumentIndex, InstrumentKind, SessionClose, Timeframe};
use std::collections::BTreeMap;

/// Bars that are looked at to tell their interval.
pub(crate) const PROBE: usize = 512;

/// Most symbols that a file may bring along by itself; rows of more are counted as filtered.
const MOST_SYMBOLS: usize = 1 << 20;

/// From the symbol of a row to the instrument of the run.
#[derive(Clone, Debug)]
pub(crate) struct SymbolMap {
    column: Option<usize>,
    fixed: InstrumentIndex,
    known: BTreeMap<String, InstrumentIndex>,
    /// Unknown symbols become instruments in the order of their appearance.
    discovers: bool,
    list: Vec<String>,
    last: Option<(String, Option<InstrumentIndex>)>,
    /// Rows of symbols that are not in the run.
    pub filtered: u64,
}

impl SymbolMap {
    /// Resolves against the instruments of the run; without any, the symbols of the file become
    /// instruments 0, 1, … in the order of their appearance.
    pub fn new(
        file: &str,
        columns: &Columns,
        options: &TableOptions,
        instruments: &Instruments,
    ) -> Result<Self, FeedError> {
        let column = columns.position(Field::Symbol);
        let all = instruments.as_slice();
        let mut map = Self {
            column,
            fixed: InstrumentIndex(0),
            known: BTreeMap::new(),
            discovers: all.is_empty(),
            list: Vec::new(),
            last: None,
            filtered: 0,
        };
        if column.is_some() {
            for (k, instrument) in all.iter().enumerate() {
                map.known.insert(instrument.symbol.clone(), InstrumentIndex(k as u32));
                map.list.push(instrument.symbol.clone());
            }
            return Ok(map);
        }
        let symbol = options.symbol.clone().unwrap_or_else(|| match all {
            [only] => only.symbol.clone(),
            _ => symbol_of_name(file),
        });
        if !all.is_empty() {
            map.fixed = instruments.index(&symbol).ok_or_else(|| FeedError::UnknownSymbol {
                file: file.to_owned(),
                symbol: symbol.clone(),
                available: symbols_in_words(all.iter().map(|i| i.symbol.as_str())),
            })?;
        }
        map.list.push(symbol);
        Ok(map)
    }

    /// Column of the symbol, where there is one.
    pub fn column(&self) -> Option<usize> {
        self.column
    }

    /// The instrument of a file without a symbol column.
    pub fn fixed(&self) -> InstrumentIndex {
        self.fixed
    }

    /// The instrument of a symbol; `None` when it is not in the run.
    pub fn resolve(&mut self, symbol: &str) -> Option<InstrumentIndex> {
        if let Some((last, index)) = &self.last
            && last == symbol
        {
            let index = *index;
            self.filtered += u64::from(index.is_none());
            return index;
        }
        let mut index = self.known.get(symbol).copied();
        if index.is_none() && self.discovers && self.list.len() < MOST_SYMBOLS {
            let next = InstrumentIndex(self.list.len() as u32);
            self.known.insert(symbol.to_owned(), next);
            self.list.push(symbol.to_owned());
            index = Some(next);
        }
        self.last = Some((symbol.to_owned(), index));
        self.filtered += u64::from(index.is_none());
        index
    }

    /// Symbols by instrument.
    pub fn list(&self) -> &[String] {
        &self.list
    }
}

/// The symbol of a file without a symbol column: its name up to the first point.
pub(crate) fn symbol_of_name(file: &str) -> String {
    let base = file.rsplit(['/', '\\']).next().unwrap_or(file);
    let stem = base.split('.').next().unwrap_or(base);
    if stem.is_empty() { "DATA".to_owned() } else { stem.to_owned() }
}

fn symbols_in_words<'a>(symbols: impl Iterator<Item = &'a str>) -> String {
    symbols.take(10).collect::<Vec<_>>().join(", ")
}

/// The time zone of an option.
pub(crate) fn zone(options: &TableOptions) -> Result<TimeZone, FeedError> {
    let Some(name) = &options.time_zone else { return Ok(TimeZone::UTC) };
    TimeZone::get(name).map_err(|_| FeedError::Setting {
        option: "timeZone",
        value: name.clone(),
        accepted: "an IANA time zone such as America/New_York".to_owned(),
    })
}

/// Everything that turns rows into events, bar times excepted.
pub(crate) fn row_builder(
    file: &str,
    names: Vec<String>,
    columns: Columns,
    options: &TableOptions,
) -> Result<RowBuilder, FeedError> {
    if options.adjusted && columns.position(Field::AdjustedClose).is_none() {
        return Err(FeedError::Header {
            file: file.to_owned(),
            reason: "the option 'adjusted' needs an adjusted close".to_owned(),
            found: names.join(", "),
            accepted: "adj_close".to_owned(),
        });
    }
    let rules = RowRules {
        zone: zone(options)?,
        allow_impossible: options.allow_impossible,
        adjusted: options.adjusted,
        cumulative: options.cumulative,
    };
    Ok(RowBuilder::new(file, names, columns, rules, None))
}

/// Whether the bars of a file must be looked at before the first is read.
pub(crate) fn needs_probe(columns: &Columns, options: &TableOptions) -> bool {
    columns.kind == RowKind::Bars
        && columns.written_interval().is_none()
        && options.timeframe.is_none()
}

/// How the bars of a file lie in time; `probe` holds the first stamps where [`needs_probe`].
pub(crate) fn bar_times(
    file: &str,
    options: &TableOptions,
    instruments: &Instruments,
    symbols: &SymbolMap,
    probe: &[Stamp],
) -> Result<BarTimes, FeedError> {
    let one = symbols.column().is_none() || instruments.len() == 1;
    let ask = |option: &'static str, accepted: String| FeedError::Setting {
        option,
        value: "not given".to_owned(),
        accepted: format!("{accepted} (for {file})"),
    };
    let timeframe = match options.timeframe {
        Some(timeframe) => timeframe,
        None if one => infer_timeframe(probe).map_err(|reason| {
            ask("timeframe", format!("a length such as 1m, 1h or 1d; it must be said, as {reason}"))
        })?,
        None => {
            let accepted = "a length such as 1m, 1h or 1d; it must be said, as the file has a \
                            column of symbols";
            return Err(ask("timeframe", accepted.to_owned()));
        }
    };
    let label = match options.label {
        Some(label) => label,
        None if one => usual_label(timeframe),
        None => {
            let accepted = "open, close or session; it must be said, as the file has a column of \
                            symbols";
            return Err(ask("label", accepted.to_owned()));
        }
    };
    if label == BarLabel::Session && timeframe < Timeframe::DAY {
        return Err(FeedError::Setting {
            option: "label",
            value: "session".to_owned(),
            accepted: format!("open or close for bars of {timeframe}"),
        });
    }
    let session_of = |symbol: &str, kind: InstrumentKind| {
        let own = options.sessions.iter().find(|(of, _)| of == symbol);
        own.map(|(_, session)| session)
            .or(options.session_close.as_ref())
            .cloned()
            .unwrap_or_else(|| SessionClose::usual(kind))
    };
    let usual = session_of("", InstrumentKind::Equity);
    let sessions = instruments.as_slice().iter().map(|it| session_of(&it.symbol, it.kind));
    Ok(BarTimes::new(timeframe, label, usual, zone(options)?).with_sessions(sessions))
}
