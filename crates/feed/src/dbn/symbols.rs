//! Which symbol a numeric id stands for, by date.

use super::ids::IdMap;
use model::InstrumentIndex;

/// Nanoseconds of a UTC day.
pub(crate) const DAY: u64 = 86_400_000_000_000;

/// Days from the Julian day number's origin to 1970-01-01.
const JULIAN_1970: i64 = 2_440_588;

/// A numeric id is this symbol on the days from `start` up to but without `end`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SymbolSpan {
    /// The venue's numeric id.
    pub instrument_id: u32,
    /// Symbol as it was asked for.
    pub symbol: String,
    /// First UTC day since 1970.
    pub start: i64,
    /// First UTC day after it.
    pub end: i64,
}

/// The spans of the metadata's mappings; empty where they do not speak of numeric ids.
pub(crate) fn spans(metadata: &dbn::Metadata) -> Vec<SymbolSpan> {
    let ids_out = metadata.stype_out == dbn::SType::InstrumentId;
    let ids_in = metadata.stype_in == Some(dbn::SType::InstrumentId);
    let mut spans = Vec::new();
    for mapping in &metadata.mappings {
        for interval in &mapping.intervals {
            let (id, symbol) = match (ids_out, ids_in) {
                (true, _) => (&interval.symbol, &mapping.raw_symbol),
                (false, true) => (&mapping.raw_symbol, &interval.symbol),
                (false, false) => continue,
            };
            let Ok(instrument_id) = id.parse() else { continue };
            spans.push(SymbolSpan {
                instrument_id,
                symbol: symbol.clone(),
                start: i64::from(interval.start_date.to_julian_day()) - JULIAN_1970,
                end: i64::from(interval.end_date.to_julian_day()) - JULIAN_1970,
            });
        }
    }
    spans
}

/// The instruments of the wanted spans, by day where an id changes its meaning.
#[derive(Debug, Default)]
pub(crate) struct Calendar {
    spans: Vec<(SymbolSpan, Option<InstrumentIndex>)>,
    /// Whether some id means different things on different days.
    pub(crate) by_day: bool,
}

impl Calendar {
    pub(crate) fn new(
        spans: &[SymbolSpan],
        index: impl Fn(&str) -> Option<InstrumentIndex>,
    ) -> Self {
        let mut spans: Vec<_> = spans.iter().map(|s| (s.clone(), index(&s.symbol))).collect();
        spans.sort_by_key(|(s, _)| (s.instrument_id, s.start));
        let by_day = spans
            .chunk_by(|a, b| a.0.instrument_id == b.0.instrument_id)
            .any(|of_id| of_id.iter().any(|(_, index)| *index != of_id[0].1));
        Self { spans, by_day }
    }

    /// Whether any wanted instrument appears.
    pub(crate) fn is_wanted(&self) -> bool {
        self.spans.iter().any(|(_, index)| index.is_some())
    }

    /// Puts the meaning of every id on a day into a map (on any day where none changes).
    pub(crate) fn apply(&self, day: i64, ids: &mut IdMap) {
        for (span, index) in &self.spans {
            let now = !self.by_day || (span.start..span.end).contains(&day);
            match (now, index) {
                (true, Some(index)) => ids.insert(span.instrument_id, *index),
                // Another span of the same id may say what it is today: it comes later or was
                // before, so only an id that means this span's instrument is removed.
                (false, Some(index)) if ids.get_any(span.instrument_id) == Some(*index) => {
                    ids.remove(span.instrument_id);
                }
                _ => {}
            }
        }
    }
}
