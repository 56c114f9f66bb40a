//! Market by order, read in place: the loop that every record goes through.

use super::taker::{Taker, Then};
use super::venue_side::Bounds;
use super::{Phase, Run};
use crate::error::EngineError;
use crate::input::{record_id, record_time};
use crate::ledger::Ledger;
use crate::strategy_side::StrategySide;
use book::{BookL3, ORDER_AHEAD, SLOT_AHEAD, read_ahead};
use feed::MboBlock;
use model::{Bbo, InstrumentIndex, MBO_SIZE, Mbo, Report, STAMPED_MBO_SIZE, UnixNanos, mbo};
use venue::{L3Market, Market, VenueError};

/// Where the reading of a block stands. It lives in registers while records touch nothing but
/// their book.
struct Cursor<'a, const STRIDE: usize> {
    /// The block, and the records of it that are still to be read.
    block: &'a [[u8; STRIDE]],
    rest: &'a [[u8; STRIDE]],
    /// The venue's clock.
    now: u64,
    /// Last good difference between receive and exchange time.
    latency: u64,
    backward: u64,
    /// Records read that end no event.
    open: u64,
    /// Whether the run has begun: before that only snapshots are read.
    running: bool,
    /// Whether the whole stream is of one book, so that its next records can be hinted at.
    alone: bool,
}

/// Why reading the records of one instrument stopped.
enum Stop {
    /// The block has ended.
    Block,
    /// The next record is for later: its time.
    Later(u64),
    /// The next record is of another instrument.
    Other,
    /// The next record is no snapshot, and the run has not begun.
    Begins,
    /// The last record has something to tell: a trade, or what its event has changed.
    Told,
    /// The market refused a record.
    Failed(VenueError),
}

/// What a reading is stopped by.
struct Watch {
    /// The header of the records that are read: their instrument.
    header: u64,
    /// The last time that may be read outside an event.
    bound: u64,
    /// When the next sample of the accounts is due.
    sample: u64,
    /// Whether every event is told of, for its depth.
    every_event: bool,
}

/// What the last record tells.
struct Told<'a> {
    record: Option<Mbo<'a>>,
    /// When it can be seen.
    seen_at: u64,
    /// Whether it ends its event, and the best prices are others now.
    ended: bool,
    changed: bool,
    bbo: Bbo,
}

/// How far ahead the hints look.
const WINDOW: usize = SLOT_AHEAD + 1;

impl<'a, const STRIDE: usize> Cursor<'a, STRIDE> {
    #[inline(always)]
    fn peek(&self) -> Option<Mbo<'a>> {
        self.rest.first().and_then(|record| Mbo::first_of(record))
    }

    /// Records read.
    #[inline(always)]
    fn read(&self) -> usize {
        self.block.len() - self.rest.len()
    }

    /// When the last record can be seen.
    #[inline(always)]
    const fn seen_at(&self) -> u64 {
        self.now + self.latency
    }

    /// Reads the records of one instrument until something is to be told.
    #[inline(always)]
    fn read_on(
        &mut self,
        market: &mut L3Market,
        ledger: &mut Ledger,
        reports: &mut Vec<Report>,
        (shown, inside): (&Bbo, &mut bool),
        watch: &Watch,
        told: &mut Told<'a>,
    ) -> Stop {
        loop {
            let Some((record, rest)) = self.rest.split_first() else { return Stop::Block };
            let Some(record) = Mbo::first_of(record) else { return Stop::Block };
            if record.header() != watch.header {
                return Stop::Other;
            }
            let time = record_time(record);
            if !*inside && time > watch.bound {
                return Stop::Later(time);
            }
            if !self.running && !record.is_snapshot() {
                return Stop::Begins;
            }
            if self.alone {
                look_ahead(market.book(), self.rest);
            }
            self.rest = rest;
            // The venue's clock never goes back: a late record happens now.
            if time >= self.now {
                self.now = time;
            } else {
                self.backward += 1;
            }
            let ended = match market.apply(record, ledger, reports) {
                Ok(ended) => ended,
                Err(error) => {
                    *inside = true;
                    self.open += 1;
                    return Stop::Failed(error);
                }
            };
            if record.flags() & mbo::flags::BAD_TS_RECV == 0 {
                self.latency = record.ts_recv_raw().saturating_sub(self.now);
            }
            *inside = !ended;
            let traded = record.action() == b'T';
            // A snapshot in mid-stream is no flow: the first event after it tells what it left.
            if ended && !(self.running && record.is_snapshot()) {
                let bbo = market.bbo();
                let changed = bbo != *shown;
                if changed
                    | traded
                    | watch.every_event
                    | !reports.is_empty()
                    | (self.now >= watch.sample)
                {
                    let (record, seen_at) = (Some(record), self.seen_at());
                    *told = Told { record, seen_at, ended: true, changed, bbo };
                    return Stop::Told;
                }
            } else {
                self.open += u64::from(!ended);
                if !traded {
                    continue;
                }
                (told.record, told.seen_at, told.ended) = (Some(record), self.seen_at(), false);
                return Stop::Told;
            }
        }
    }
}

impl Run {
    /// Market by order, in place. Own orders arrive between events only, so an event that has
    /// begun is read to its end whatever the bound says. Rows that come due on the way are handed
    /// to a taker that takes them in place. What goes wrong is kept as the run's failure.
    pub(super) fn run_mbo<T: Taker>(
        &mut self,
        which: usize,
        block: MboBlock<'_>,
        bounds: &mut Bounds,
        budget: &mut u64,
        taker: &mut T,
    ) {
        if block.stride == MBO_SIZE {
            self.run_records::<T, MBO_SIZE>(which, block, bounds, budget, taker);
        } else {
            self.run_records::<T, STAMPED_MBO_SIZE>(which, block, bounds, budget, taker);
        }
    }

    #[inline(never)]
    fn run_records<T: Taker, const STRIDE: usize>(
        &mut self,
        which: usize,
        block: MboBlock<'_>,
        bounds: &mut Bounds,
        budget: &mut u64,
        taker: &mut T,
    ) {
        let input = &self.inputs[which];
        let records = block.bytes.as_chunks::<STRIDE>().0;
        let mut cursor = Cursor {
            block: records,
            rest: records.get(input.position / STRIDE..).unwrap_or_default(),
            now: self.now,
            latency: input.latency,
            backward: 0,
            open: 0,
            running: self.phase != Phase::New,
            alone: self.markets.len() == 1,
        };
        let begun = cursor.read();
        // Number of the record before the block.
        let before = input.record - begun as u64;
        let mut open_events = input.open_events;
        let mut known = input.known;
        let takes = T::TAKES && bounds.floor == 0 && self.inputs.len() == 1;
        let (bbo, ended, changed) = (Bbo::EMPTY, false, false);
        let mut told = Told { record: None, seen_at: 0, ended, changed, bbo };
        let (mut next, mut skipped) = (None, 0);
        'block: while let Some(record) = cursor.peek() {
            let id = record_id(record);
            if known.0 != id {
                known = (id, block.ids.get(record.publisher(), record.instrument_id()));
            }
            let Some(instrument) = known.1.filter(|known| known.index() < self.markets.len())
            else {
                let time = record_time(record);
                if open_events == 0 && time > bounds.bound {
                    next = Some(time);
                    break;
                }
                cursor.rest = &cursor.rest[1..];
                skipped += 1;
                continue;
            };
            // Nothing arrives while another instrument of the stream is inside an event. What a
            // source before this one left open counts for its market alone.
            let inside = self.markets[instrument.index()].in_event;
            let others = open_events.saturating_sub(u32::from(inside));
            loop {
                let state = &mut self.markets[instrument.index()];
                let Market::L3(market) = &mut state.market else {
                    self.failure = Some(no_book(which));
                    break 'block;
                };
                let watch = Watch {
                    header: record.header(),
                    bound: if others == 0 { bounds.bound } else { u64::MAX },
                    sample: self.recorder.next_sample(),
                    every_event: state.depth_levels > 1 || state.conditional.is_watching(),
                };
                let mut inside = state.in_event;
                let (ledger, reports) = (&mut self.ledger, &mut self.reports);
                let place = (&state.bbo, &mut inside);
                let stop = cursor.read_on(market, ledger, reports, place, &watch, &mut told);
                state.in_event = inside;
                open_events = others + u32::from(inside);
                self.now = cursor.now;
                match stop {
                    Stop::Told => {
                        let number = before + cursor.read() as u64;
                        let due = self.tell(which, instrument, &told, number);
                        bounds.lower(due, self.next_close);
                        if self.failure.is_some() {
                            break 'block;
                        }
                    }
                    Stop::Later(time) => {
                        if !takes || !self.take_due(time, bounds, taker) {
                            next = Some(time);
                            break 'block;
                        }
                    }
                    Stop::Other => continue 'block,
                    Stop::Block | Stop::Begins => break 'block,
                    Stop::Failed(error) => {
                        self.keep_failure(Err(error.into()));
                        break 'block;
                    }
                }
            }
        }
        let read = (cursor.read() - begun) as u64;
        self.counters.records += read;
        self.counters.skipped += skipped;
        self.counters.events += read - skipped - cursor.open;
        self.counters.clock_backward += cursor.backward;
        *budget -= read.min(*budget);
        let input = &mut self.inputs[which];
        input.stopped_at(cursor.read() * STRIDE, next);
        input.open_events = open_events;
        input.latency = cursor.latency;
        input.known = known;
        input.record += read;
    }

    /// Tells what a record has to tell: its trade, and what the end of its event changed. Returns
    /// the earliest due time of a row.
    #[inline(always)]
    fn tell(
        &mut self,
        which: usize,
        instrument: InstrumentIndex,
        told: &Told<'_>,
        number: u64,
    ) -> u64 {
        let (running, seen_at) = (self.phase != Phase::New, told.seen_at);
        let mut due = u64::MAX;
        if let Some(record) = told.record.filter(|record| record.action() == b'T') {
            self.markets[instrument.index()].conditional.print(record.price());
            due = self.emit_mbo_trade(which, instrument, record, seen_at, number);
        }
        if !told.ended {
            return due;
        }
        let state = &mut self.markets[instrument.index()];
        let (time, bbo) = (self.now, told.bbo);
        if running && (state.conditional.is_watching() || state.conditional.is_linking()) {
            let (market, conditional) = (&mut state.market, &mut state.conditional);
            let at = UnixNanos(time);
            let (ledger, reports) = (&mut self.ledger, &mut self.reports);
            if let Err(error) = conditional.after_event(market, at, ledger, reports) {
                self.keep_failure(Err(error.into()));
                return due;
            }
        }
        if told.changed {
            state.bbo = bbo;
            self.ledger.quote(instrument, bbo);
            if running {
                let quote = self.emit_quote(which, (instrument, bbo), time, seen_at, number);
                due = due.min(quote);
            } else {
                self.show_before_start(instrument);
            }
        } else if state.depth_levels > 1 && running {
            due = due.min(self.emit_depth(which, instrument, time, seen_at, number));
        }
        match self.settle_event(running) {
            Ok(report) => due = due.min(report),
            Err(error) => self.keep_failure(Err(error)),
        }
        if self.now >= self.recorder.next_sample() {
            self.sample_equity();
        }
        due
    }

    /// Hands over the rows of the only strategy that are due before the next record at `time`,
    /// while nothing else comes before them; false when the reading must stop for something else.
    #[inline(always)]
    pub(super) fn take_due<T: Taker>(
        &mut self,
        time: u64,
        bounds: &mut Bounds,
        taker: &mut T,
    ) -> bool {
        let arrival = self.next_arrival();
        while time > bounds.bound {
            if self.ahead || arrival <= bounds.bound || !self.stand_at_only_row(bounds.bound) {
                return false;
            }
            let limit = match taker.take(self) {
                Then::Leave => return false,
                Then::GoOn => self.strategies.first().map_or(u64::MAX, StrategySide::next_due),
                Then::LeaveAt(until) => {
                    self.ahead = true;
                    bounds.floor = until;
                    until
                }
            };
            bounds.limit = limit;
            bounds.bound = limit.min(arrival).min(self.next_close.saturating_sub(1));
        }
        true
    }
}

#[cold]
fn no_book(which: usize) -> EngineError {
    EngineError::Setup {
        field: "data",
        message: format!("source {which} gives orders of a market without a book"),
    }
}

/// Hints at the records that come soon. Where several instruments share a stream nobody knows
/// whose they are without looking, and it is left out; so it is at the end of a block.
#[inline(always)]
fn look_ahead<const STRIDE: usize>(book: &BookL3, records: &[[u8; STRIDE]]) {
    read_ahead(records.as_flattened(), 0);
    let Some(window) = records.first_chunk::<WINDOW>() else { return };
    if let Some(ahead) = Mbo::first_of(&window[SLOT_AHEAD]) {
        book.prefetch(ahead);
    }
    if let Some(ahead) = Mbo::first_of(&window[ORDER_AHEAD]) {
        book.prefetch_order(ahead);
    }
}
