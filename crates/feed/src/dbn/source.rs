//! A DBN file as a source of blocks.

use super::bytes::Bytes;
use super::convert::convert;
use super::definition::{definition, mapping};
use super::ids::IdMap;
use super::layout::{Record, rtype};
use super::scan::{self, Next, SAME_INSTRUMENT, SAME_PUBLISHER};
use super::symbols::{Calendar, DAY};
use crate::error::{FeedError, Place};
use crate::source::{Block, MboBlock, Source};
use model::mbo::flags::SNAPSHOT;
use model::{InstrumentIndex, MarketEvent, Mbo, Timeframe};
use std::collections::BTreeMap;

/// Events given out at a time.
const EVENTS: usize = 1024;

/// What decides which records come out, fixed at opening.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) version: u8,
    pub(super) ts_out: bool,
    /// Interval of the old bar record type.
    pub(super) bar: Option<Timeframe>,
    /// Time window in ns, start inclusive, end exclusive.
    pub(super) window: Option<(u64, u64)>,
    pub(super) calendar: Calendar,
    /// Symbols of the run, for mapping and definition records.
    pub(super) symbols: BTreeMap<String, InstrumentIndex>,
    /// The only instrument of a file that names none: bound to the first id seen.
    pub(super) single: Option<InstrumentIndex>,
}

/// Reads a DBN file (of any schema, or mixed).
#[derive(Debug)]
pub(super) struct DbnSource {
    bytes: Bytes,
    plan: Plan,
    ids: IdMap,
    events: Vec<MarketEvent>,
    /// The block given out last.
    given: Found,
    /// UTC day that the id map is for.
    day: Option<i64>,
    /// Publisher of the last book record; and of each id, once there is more than one.
    publisher: Option<u16>,
    publishers: Option<BTreeMap<u32, u16>>,
    /// The id that `plan.single` is bound to.
    bound: Option<u32>,
    /// A fault behind the events given out, to be reported next.
    fault: Option<FeedError>,
    failed: bool,
}

/// A block found, as a length of the bytes at hand.
#[derive(Clone, Copy, Debug)]
enum Found {
    Mbo { bytes: usize, stride: usize },
    Events,
    End,
}

impl DbnSource {
    pub(super) fn new(bytes: Bytes, plan: Plan, mut ids: IdMap) -> Self {
        if !plan.calendar.by_day {
            plan.calendar.apply(0, &mut ids);
        }
        Self {
            bytes,
            plan,
            ids,
            events: Vec::new(),
            given: Found::End,
            day: None,
            publisher: None,
            publishers: None,
            bound: None,
            fault: None,
            failed: false,
        }
    }

    fn advance(&mut self) -> Result<Found, FeedError> {
        if let Found::Mbo { bytes, .. } = std::mem::replace(&mut self.given, Found::End) {
            self.bytes.consume(bytes);
        }
        self.events.clear();
        if let Some(fault) = self.fault.take() {
            return Err(fault);
        }
        loop {
            let strict = self.publishers.is_some() || self.plan.single.is_some();
            let mask = if strict { SAME_INSTRUMENT } else { SAME_PUBLISHER };
            match scan::next(&mut self.bytes, self.plan.version, self.plan.ts_out, mask, EVENTS) {
                Err(e) if self.events.is_empty() => return Err(e),
                // What was read before the fault comes out first.
                Err(e) => {
                    self.fault = Some(e);
                    return Ok(Found::Events);
                }
                Ok(Next::End) if self.events.is_empty() => return Ok(Found::End),
                Ok(Next::End) => return Ok(Found::Events),
                Ok(Next::Mbo { .. }) if !self.events.is_empty() => return Ok(Found::Events),
                Ok(Next::Mbo { bytes, stride }) => {
                    if let Some(bytes) = self.mbo(bytes, stride)? {
                        return Ok(Found::Mbo { bytes, stride });
                    }
                }
                Ok(Next::Other { bytes, stride }) => {
                    self.other(bytes, stride)?;
                    self.bytes.consume(bytes);
                    if self.events.len() >= EVENTS {
                        return Ok(Found::Events);
                    }
                }
            }
        }
    }

    /// Cuts what the filters let through from a run of records; `None` when that is nothing
    /// (the run is consumed then).
    fn mbo(&mut self, run: usize, stride: usize) -> Result<Option<usize>, FeedError> {
        let first = scan::front(&self.bytes, stride);
        let (publisher, id) = (first.publisher(), first.instrument_id());
        if !self.ids.lets_through(publisher) {
            self.bytes.consume(run);
            return Ok(None);
        }
        self.admit(publisher, id)?;
        if self.plan.window.is_none() && !self.plan.calendar.by_day {
            return Ok(Some(run));
        }
        let data = &self.bytes.data()[..run];
        let record = |at: usize| Mbo::first_of(&data[at..]);
        let inside = |mbo: &Mbo<'_>| {
            let snapshot = mbo.flags() & SNAPSHOT != 0;
            let time = if snapshot { mbo.ts_recv_raw() } else { mbo.ts_event_raw() };
            self.plan.window.is_none_or(|(start, end)| (start..end).contains(&time))
        };
        let mut from = 0;
        while from < run && !record(from).is_some_and(|r| inside(&r)) {
            from += stride;
        }
        let day = record(from).map_or(0, |r| (r.ts_recv_raw() / DAY) as i64);
        let mut to = from;
        while to < run
            && record(to).is_some_and(|r| {
                inside(&r) && (!self.plan.calendar.by_day || (r.ts_recv_raw() / DAY) as i64 == day)
            })
        {
            to += stride;
        }
        self.bytes.consume(from);
        if to == from {
            return Ok(None);
        }
        self.on_day(day);
        Ok(Some(to - from))
    }

    /// A run of records of another kind and one instrument: their events are appended, the id map
    /// is kept up to date.
    fn other(&mut self, run: usize, stride: usize) -> Result<(), FeedError> {
        let record = scan::front(&self.bytes, stride);
        match record.kind() {
            rtype::SYMBOL_MAPPING | rtype::DEFINITION => {
                for at in (0..run).step_by(stride) {
                    self.name(at, stride);
                }
                Ok(())
            }
            rtype::ERROR | rtype::SYSTEM | rtype::STATISTICS | rtype::IMBALANCE => Ok(()),
            _ => self.events(run, stride),
        }
    }

    /// A record that says which instrument an id is.
    fn name(&mut self, at: usize, length: usize) {
        let record = Record { bytes: &self.bytes.data()[at..at + length] };
        match record.kind() {
            rtype::SYMBOL_MAPPING => {
                let (input, output) = mapping(record, self.plan.version);
                let id = record.instrument_id();
                let symbols = &self.plan.symbols;
                match symbols.get(&output).or_else(|| symbols.get(&input)) {
                    Some(&index) => self.ids.insert(id, index),
                    None => self.ids.remove(id),
                }
            }
            _ => {
                let found = definition(record, self.plan.version);
                if let Some(&index) = self.plan.symbols.get(&found.symbol) {
                    self.ids.insert(found.instrument_id, index);
                }
            }
        }
    }

    /// A run of records of market data of one instrument.
    fn events(&mut self, run: usize, stride: usize) -> Result<(), FeedError> {
        let first = scan::front(&self.bytes, stride);
        let (publisher, id) = (first.publisher(), first.instrument_id());
        if !self.ids.lets_through(publisher) {
            return Ok(());
        }
        if self.plan.single.is_some() {
            self.bind(id)?;
        }
        let mut index = self.ids.get_any(id);
        for at in (0..run).step_by(stride) {
            if self.plan.calendar.by_day {
                // The day that mappings are for is the day of the index time, `ts_recv`.
                let record = Record { bytes: &self.bytes.data()[at..at + stride] };
                self.on_day((record.ts_recv() / DAY) as i64);
                index = self.ids.get_any(id);
            }
            let Some(index) = index else { continue };
            let record = Record { bytes: &self.bytes.data()[at..at + stride] };
            let from = self.events.len();
            convert(record, index, self.plan.bar, &mut self.events);
            if let Some((start, end)) = self.plan.window {
                let inside = |event: &MarketEvent| match event {
                    MarketEvent::Bar(bar) => bar.open_time.0 >= start && bar.close_time.0 <= end,
                    other => (start..end).contains(&other.ts_event().0),
                };
                if !self.events[from..].iter().all(inside) {
                    self.events.truncate(from);
                }
            }
        }
        Ok(())
    }

    /// Switches the id map to a day, where ids change their meaning from day to day.
    fn on_day(&mut self, day: i64) {
        if self.plan.calendar.by_day && self.day != Some(day) {
            self.day = Some(day);
            self.plan.calendar.apply(day, &mut self.ids);
        }
    }

    /// Checks that the orders of a book come from one publisher (quotes and trades of several
    /// venues may follow one another), and binds the id of a file without symbols.
    fn admit(&mut self, publisher: u16, id: u32) -> Result<(), FeedError> {
        if self.plan.single.is_some() {
            self.bind(id)?;
        }
        let Some(last) = self.publisher.replace(publisher) else {
            return Ok(());
        };
        if last == publisher && self.publishers.is_none() {
            return Ok(());
        }
        if self.ids.get_any(id).is_none() {
            return Ok(());
        }
        let first = *self.publishers.get_or_insert_default().entry(id).or_insert(publisher);
        if first == publisher {
            return Ok(());
        }
        Err(FeedError::Publishers {
            file: self.bytes.name.clone(),
            at: Place::Byte(self.bytes.offset()),
            instrument_id: id,
            first,
            second: publisher,
        })
    }

    fn bind(&mut self, id: u32) -> Result<(), FeedError> {
        match (self.bound, self.plan.single) {
            (None, Some(index)) => {
                self.bound = Some(id);
                self.ids.insert(id, index);
                Ok(())
            }
            (Some(bound), _) if bound != id => Err(FeedError::Setting {
                option: "ids",
                value: "none".into(),
                accepted: format!(
                    "enough: {} names no symbols and holds the instrument ids {bound} and {id} \
                     (byte {}); say which symbol each id is",
                    self.bytes.name,
                    self.bytes.offset()
                ),
            }),
            _ => Ok(()),
        }
    }
}

impl Source for DbnSource {
    fn next_block(&mut self) -> Result<Option<Block<'_>>, FeedError> {
        if self.failed {
            return Ok(None);
        }
        match self.advance() {
            Err(e) => {
                self.failed = true;
                return Err(e);
            }
            Ok(found) => self.given = found,
        }
        Ok(self.block())
    }

    fn block(&self) -> Option<Block<'_>> {
        match self.given {
            Found::End => None,
            Found::Events => Some(Block::Events(&self.events)),
            Found::Mbo { bytes, stride } => {
                let bytes = &self.bytes.data()[..bytes];
                Some(Block::Mbo(MboBlock { bytes, stride, ids: &self.ids }))
            }
        }
    }

    fn name(&self) -> &str {
        &self.bytes.name
    }

    fn progress(&self) -> f64 {
        self.bytes.fraction()
    }
}
