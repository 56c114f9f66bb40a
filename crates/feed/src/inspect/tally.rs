//! Counting what the records of one or several files say.

use super::book::Building;
use super::{DbnCounts, InspectOptions, InstrumentInspection, Stamp, TermsInspection};
use crate::dbn::{DbnFile, Definition, Item, kind_name};
use crate::error::FeedError;
use crate::terms::Resolve;
use model::{Currency, Instrument, MarketEvent, Mbo, NANO, Price, PriceGrid};
use std::collections::BTreeMap;

/// Counts of all files so far.
pub(super) struct Tally<'a> {
    options: &'a InspectOptions,
    entries: BTreeMap<(u16, u32), Entry>,
    /// Symbol of each numeric id, as last named.
    names: BTreeMap<u32, String>,
    definitions: BTreeMap<String, Definition>,
}

/// Counts of one instrument.
#[derive(Default)]
struct Entry {
    records: u64,
    actions: BTreeMap<u8, u64>,
    volume: u128,
    last: u64,
    snapshot: u64,
    times: Option<(u64, u64)>,
    book: Option<Box<Building>>,
}

impl Entry {
    fn time(&mut self, ts_event: u64) {
        let (first, last) = self.times.get_or_insert((ts_event, ts_event));
        *first = ts_event.min(*first);
        *last = ts_event.max(*last);
    }
}

/// Increments that cannot run over within one machine's life are still checked.
fn add(to: &mut u64) {
    *to = to.saturating_add(1);
}

impl<'a> Tally<'a> {
    pub(super) fn new(options: &'a InspectOptions) -> Self {
        Self {
            options,
            entries: BTreeMap::new(),
            names: BTreeMap::new(),
            definitions: BTreeMap::new(),
        }
    }

    /// Symbols named so far, each once.
    pub(super) fn symbols(&self) -> Vec<String> {
        let mut symbols: Vec<String> = self.names.values().cloned().collect();
        symbols.sort();
        symbols.dedup();
        symbols
    }

    /// Counts a file; the fault at which reading it ended early.
    pub(super) fn file(
        &mut self,
        file: &DbnFile,
        kinds: &mut BTreeMap<&'static str, u64>,
    ) -> Result<Option<FeedError>, FeedError> {
        for span in file.spans() {
            self.names.insert(span.instrument_id, span.symbol.clone());
        }
        let mut records = file.records()?;
        loop {
            let item = match records.next_record() {
                Ok(None) => return Ok(None),
                Ok(Some(item)) => item,
                Err(error) => return Ok(Some(error)),
            };
            let count = (item.bytes().len() / item.stride()) as u64;
            let of_kind = kinds.entry(kind_name(item.kind())).or_insert(0);
            *of_kind = of_kind.saturating_add(count);
            if item.kind() == model::mbo::MBO_RTYPE {
                self.orders(&item);
            } else {
                self.other(&item, file);
            }
        }
    }

    fn orders(&mut self, item: &Item<'_>) {
        let mut rest = item.bytes();
        while let Some(first) = Mbo::first_of(rest) {
            // The records of one instrument up to the next of another.
            let key = (first.publisher(), first.instrument_id());
            let grid = self.options.book.then(|| self.grid(key.1));
            let entry = self.entries.entry(key).or_default();
            if let (Some(grid), None) = (grid, &entry.book) {
                entry.book = Some(Box::new(Building::new(grid)));
            }
            while let Some(record) = Mbo::first_of(rest) {
                if (record.publisher(), record.instrument_id()) != key {
                    break;
                }
                add(&mut entry.records);
                add(entry.actions.entry(record.action()).or_insert(0));
                entry.last += u64::from(record.is_last());
                if record.is_snapshot() {
                    add(&mut entry.snapshot);
                } else {
                    entry.time(record.ts_event_raw());
                }
                if record.action() == b'T' {
                    entry.volume = entry.volume.saturating_add(u128::from(record.size()));
                }
                if let Some(book) = &mut entry.book {
                    book.apply(record);
                }
                rest = &rest[item.stride().min(rest.len())..];
            }
        }
    }

    fn other(&mut self, item: &Item<'_>, file: &DbnFile) {
        let id = item.instrument_id();
        if let Some((input, output)) = item.symbol_mapping() {
            self.names.insert(id, if output.is_empty() { input } else { output });
        }
        if item.is_gateway() {
            return;
        }
        if let Some(definition) = item.definition() {
            self.names.insert(id, definition.symbol.clone());
            self.definitions.insert(definition.symbol.clone(), definition);
        }
        let entry = self.entries.entry((item.publisher(), id)).or_default();
        add(&mut entry.records);
        if item.ts_event() != u64::MAX {
            entry.time(item.ts_event());
        }
        if let Some(action) = item.action() {
            add(entry.actions.entry(action).or_insert(0));
        }
        for event in item.events(file.bar()) {
            let quantity = match event {
                MarketEvent::Trade(trade) => i128::from(trade.quantity.0),
                MarketEvent::Bar(bar) => bar.volume,
                _ => 0,
            };
            let whole = u128::try_from(quantity / i128::from(NANO)).unwrap_or(0);
            entry.volume = entry.volume.saturating_add(whole);
        }
    }

    /// The instrument of a symbol from what is known so far; `plain` as in [`Resolve`].
    pub(super) fn instrument(&self, symbol: &str, plain: Option<Currency>) -> Option<Instrument> {
        let definitions = self.definitions.get(symbol).map_or(&[][..], std::slice::from_ref);
        let terms = &self.options.terms;
        Resolve { terms, definitions, plain, ..Resolve::default() }.instrument(symbol).ok()
    }

    fn terms(&self, id: u32) -> Option<Instrument> {
        self.instrument(self.names.get(&id)?, None)
    }

    /// The grid of an instrument's book: without known terms the finest one, which gives the
    /// same book and digests, only slower.
    fn grid(&self, id: u32) -> PriceGrid {
        match self.terms(id) {
            Some(instrument) => instrument.grid,
            None => finest(),
        }
    }

    pub(super) fn finish(mut self) -> Vec<InstrumentInspection> {
        let entries = std::mem::take(&mut self.entries);
        let of = |((publisher, instrument_id), entry): ((u16, u32), Entry)| InstrumentInspection {
            symbol: self.names.get(&instrument_id).cloned(),
            dbn: Some(DbnCounts {
                publisher,
                instrument_id,
                actions: entry.actions.into_iter().map(|(a, n)| (char::from(a), n)).collect(),
                last: entry.last,
                snapshot: entry.snapshot,
            }),
            terms: self.terms(instrument_id).as_ref().map(TermsInspection::from),
            records: entry.records,
            volume: entry.volume,
            first_event: entry.times.map(|(first, _)| Stamp::of(first)),
            last_event: entry.times.map(|(_, last)| Stamp::of(last)),
            book: entry.book.map(|book| book.finish()),
        };
        entries.into_iter().map(of).collect()
    }
}

/// The grid of 1e-9.
fn finest() -> PriceGrid {
    match PriceGrid::new(Price(1)) {
        Ok(grid) => grid,
        Err(_) => unreachable!("a tick of 1e-9 is above zero"),
    }
}
