//! An exchange made of a recorded order-by-order stream: the recorded book, and the own orders at
//! their exact places in it.
//!
//! The recorded stream always wins. What an own order changes is counted, never written back: the
//! book and every view of it stay as recorded. The rules:
//!
//! - Records up to and including the flag LAST are one *event*; own orders arrive between events.
//! - An own order has an exact place in its queue. Only recorded cancels, modifies and clears move
//!   it forward; T and F records decide fills and never move the queue.
//! - A *passive fill* takes recorded executions of orders behind the own order, or at prices
//!   beyond it. Every recorded unit fills at most one own order: better price first, then arrival.
//! - An order of the other side that is added (or moved) at or through the own limit trades with
//!   the own order first, and so does an aggressor whose volume no F record accounts for when it
//!   trades through the own limit, or at it inside the recorded spread.
//! - What was taken from a recorded order is remembered by its id while it is in the book. A later
//!   F on volume that is already taken passes to the next in the queue of its price, recorded
//!   orders and own ones; no farther, since nobody knows the aggressor's limit.
//! - F records of the aggressor's own id, or of unknown ids, fill nobody.
//! - Own orders never trade with each other; such crossings are counted.
//! - A fill of an own order that rests is at its limit, except in an opening or closing cross (an
//!   F without a side), where everybody trades at the one price of the cross.
//! - Order of composition: latency → eligible (touch or through) → queue share → probability →
//!   impact → fees. A taker's limit order does not fill where its impacted price would be worse
//!   than its limit; it rests there.
//! - Snapshot records build the book and nothing else. A snapshot in mid-stream re-lists orders
//!   without their history, so resting own orders go behind all of them.
//!
//! While no own order is there, [`L3Market::apply`] is the book's `apply`, a clock comparison and
//! one predictable branch.

mod orders;
mod passive;
pub mod phase;
mod pro_rata;
mod taken;
mod taking;
mod traced;

use crate::counters::VenueCounters;
use crate::desk::Desk;
use crate::error::VenueError;
use crate::own::{OwnOrder, OwnOrders};
use crate::settings::{QueueModel, VenueSettings};
use book::{BookL3, QueueAhead};
use costs::CostError;
use model::{
    Bbo, Instrument, InstrumentIndex, Mbo, OrderId, Report, Side, Sizer, Ticks, TradingPhase,
    UnixNanos,
};
use passive::EventNotes;
use phase::Phase;
use taken::Taken;

/// One instrument of a recorded L3 stream with the own orders in it.
#[derive(Clone, Debug)]
pub struct L3Market {
    book: BookL3,
    /// Whether records need more than the book: own orders, own taking, or a phase to infer.
    watched: bool,
    /// Whether own orders rest in continuous trading, nothing else is remembered, and nothing in the
    /// open event has concerned them: most records then touch nothing but the book.
    quiet: bool,
    /// Whether the last record left its event open.
    inside_event: bool,
    infers: bool,
    /// Whether the phase was trading when the bounds below were made.
    trading: bool,
    clock: u64,
    desk: Desk,
    own: OwnOrders,
    taken: Taken,
    phase: Phase,
    event: EventNotes,
    plan: taking::Plan,
    /// Own prices as raw 1e-9 bounds: an ask at or below, a bid at or above may trade with us.
    bid_bound: i64,
    ask_bound: i64,
    /// Own orders that have not been matched against the book since trading resumed.
    resume: bool,
    /// A snapshot has passed over resting own orders.
    requeue: bool,
    last_best: (Ticks, Ticks),
}

impl L3Market {
    /// An empty market. `seed` feeds the draws at touch.
    #[must_use]
    pub fn new(instrument: &Instrument, settings: &VenueSettings, seed: u64) -> Self {
        let phase = Phase::new(settings.phase());
        let mut market = Self {
            book: BookL3::new(instrument.grid),
            watched: true,
            quiet: false,
            inside_event: false,
            infers: phase.is_inferred(),
            trading: false,
            clock: 0,
            desk: Desk::new(instrument, settings, seed),
            own: OwnOrders::default(),
            taken: Taken::default(),
            phase,
            event: EventNotes::default(),
            plan: taking::Plan::default(),
            bid_bound: i64::MIN,
            ask_bound: i64::MAX,
            resume: false,
            requeue: false,
            last_best: (Ticks::NONE, Ticks::NONE),
        };
        market.refresh();
        market
    }

    /// Sets the instrument's index within the run, which reports carry. Default: 0.
    #[must_use]
    pub fn with_index(mut self, index: InstrumentIndex) -> Self {
        self.desk.index = index;
        self
    }

    /// Applies one recorded record; true after the last one of an event.
    ///
    /// # Errors
    /// [`VenueError::Book`] when the book refuses the record, [`VenueError::Cost`] and
    /// [`VenueError::Model`] when a fill leaves its type.
    #[inline(always)]
    pub fn apply(
        &mut self,
        record: Mbo<'_>,
        sizer: &mut dyn Sizer,
        out: &mut Vec<Report>,
    ) -> Result<bool, VenueError> {
        let last = record.is_last();
        self.inside_event = !last;
        if self.watched && !(self.quiet && self.is_quiet(record)) {
            let applied = self.apply_watched(record, sizer, out);
            // A refused record leaves its event open: what it has filled is not yet reported.
            self.inside_event |= applied.is_err();
            applied?;
            return Ok(last);
        }
        if let Err(error) = self.book.apply(record) {
            self.inside_event |= self.watched;
            return Err(error.into());
        }
        let ts_event = record.ts_event_raw();
        if ts_event >= self.clock {
            self.clock = ts_event;
        } else {
            self.desk.counters.clock_backward_steps += u64::from(!record.is_snapshot());
        }
        if last {
            let bbo = self.book.bbo();
            if self.quiet {
                // Only a move of the best prices ends a visit or the trading phase.
                if (bbo.bid, bbo.ask) != self.last_best {
                    self.end_quiet_event(sizer, out)?;
                }
            } else if self.infers && bbo.is_locked_or_crossed() {
                self.event_ended_crossed(record);
            }
        }
        Ok(last)
    }

    /// The data has ended: an event that it left open is over, and own orders may arrive.
    pub fn end_of_data(&mut self) {
        self.inside_event = false;
    }

    #[cold]
    fn event_ended_crossed(&mut self, record: Mbo<'_>) {
        if !record.is_snapshot() {
            self.desk.counters.crossed_events += 1;
            self.phase.event_ended(&self.book.bbo());
            self.refresh();
        }
    }

    /// Whether a record can touch nothing but the book, while nothing in its event has concerned own
    /// orders: an end of an order, an addition or change that reaches no own limit, or an execution
    /// between the own limits.
    #[inline(always)]
    fn is_quiet(&self, record: Mbo<'_>) -> bool {
        !record.is_snapshot()
            && match record.action() {
                b'C' => true,
                b'A' | b'M' => self.is_between(record) || !self.may_cross(record),
                b'T' | b'F' => self.is_between(record),
                _ => false,
            }
    }

    /// Whether a record names a side and a price strictly between the best own limits: as an
    /// execution it reaches neither, and nobody asks for it later in its event.
    #[inline(always)]
    fn is_between(&self, record: Mbo<'_>) -> bool {
        record.side().is_some()
            && record.price_raw() > self.bid_bound
            && record.price_raw() < self.ask_bound
    }

    #[inline(never)]
    fn end_quiet_event(
        &mut self,
        sizer: &mut dyn Sizer,
        out: &mut Vec<Report>,
    ) -> Result<(), VenueError> {
        let ended = self.end_event(sizer, out);
        self.inside_event |= ended.is_err();
        ended
    }

    /// The route of a record that may concern own orders, own taking or the phase.
    #[inline(never)]
    fn apply_watched(
        &mut self,
        record: Mbo<'_>,
        sizer: &mut dyn Sizer,
        out: &mut Vec<Report>,
    ) -> Result<(), VenueError> {
        if self.desk.trace.is_some() {
            return self.apply_traced(record, sizer, out);
        }
        self.apply_record(record, out)?;
        if record.is_last() && !record.is_snapshot() {
            self.end_event(sizer, out)?;
        }
        Ok(())
    }

    /// What a record means by itself; what its event means comes after its last one.
    #[inline(always)]
    fn apply_record(&mut self, record: Mbo<'_>, out: &mut Vec<Report>) -> Result<(), VenueError> {
        if record.is_snapshot() {
            return self.apply_snapshot(record);
        }
        let ts_event = record.ts_event_raw();
        if ts_event >= self.clock {
            self.clock = ts_event;
        } else {
            self.desk.counters.clock_backward_steps += 1;
        }
        let id = record.order_id();
        match record.action() {
            b'A' | b'M' => {
                if self.may_cross(record) {
                    self.desk.now = UnixNanos(self.clock);
                    self.arrival_of_other_side(record, out)?;
                } else {
                    self.book.apply(record)?;
                }
                if !self.taken.is_empty() && self.book.order(id).is_none() {
                    self.taken.forget(id);
                }
                self.event.forget_executed(id);
            }
            b'T' | b'F' => {
                self.book.apply(record)?;
                if record.action() == b'F' || record.side().is_some() {
                    self.phase.traded();
                }
                if self.own.has_resting() || !self.taken.is_empty() {
                    self.desk.now = UnixNanos(self.clock);
                    self.execution(record, out)?;
                }
            }
            b'R' => {
                self.book.apply(record)?;
                let book = &self.book;
                self.taken.retain(|id| book.order(id).is_some());
            }
            _ => {
                self.book.apply(record)?;
                if !self.taken.is_empty() && self.book.order(id).is_none() {
                    self.taken.forget(id);
                }
                self.event.forget_executed(id);
            }
        }
        Ok(())
    }

    fn apply_snapshot(&mut self, record: Mbo<'_>) -> Result<(), VenueError> {
        self.book.apply(record)?;
        self.phase.snapshot();
        self.requeue |= self.own.has_resting();
        self.quiet = false;
        if record.is_last() {
            self.after_snapshot();
        }
        Ok(())
    }

    fn after_snapshot(&mut self) {
        let book = &self.book;
        self.taken.retain(|id| book.order(id).is_some());
        if std::mem::take(&mut self.requeue) {
            let sequence = self.book.next_sequence();
            for own in self.own.bids.iter_mut().chain(&mut self.own.asks) {
                own.sequence = sequence;
            }
        }
        let bbo = self.book.bbo();
        self.count_visits(Side::Buy, bbo.bid);
        self.count_visits(Side::Sell, bbo.ask);
        self.refresh();
    }

    /// Whether a record of an added or moved order reaches an own limit of the other side.
    #[inline]
    fn may_cross(&self, record: Mbo<'_>) -> bool {
        match record.side_raw() {
            b'A' => record.price_raw() <= self.bid_bound,
            b'B' => record.price_raw() >= self.ask_bound && record.price_raw() != i64::MAX,
            _ => false,
        }
    }

    fn end_event(
        &mut self,
        sizer: &mut dyn Sizer,
        out: &mut Vec<Report>,
    ) -> Result<(), VenueError> {
        if self.requeue {
            self.after_snapshot();
        }
        let mut changed = false;
        if !self.event.is_empty() {
            changed = true;
            self.desk.now = UnixNanos(self.clock);
            if self.desk.settings.queue() == QueueModel::ProRata {
                self.settle_pro_rata(out)?;
            }
            self.settle_unaccounted(out)?;
            self.report_fills(out)?;
            self.event.clear();
        }
        let bbo = self.book.bbo();
        if self.infers {
            self.desk.counters.crossed_events += u64::from(bbo.is_locked_or_crossed());
            self.phase.event_ended(&bbo);
        }
        if (bbo.bid, bbo.ask) != self.last_best {
            let (bid, ask) = std::mem::replace(&mut self.last_best, (bbo.bid, bbo.ask));
            self.best_moved(Side::Buy, bid, bbo.bid);
            self.best_moved(Side::Sell, ask, bbo.ask);
        }
        let trading = self.phase.is_trading();
        if self.resume && trading {
            self.desk.now = UnixNanos(self.clock);
            self.resume(sizer, out)?;
            changed = true;
        }
        let idle = self.own.is_empty() && self.taken.is_empty();
        if changed || idle || trading != self.trading {
            self.refresh();
        }
        Ok(())
    }

    /// A visit of an own price ends when the recorded best of its side is no longer there: only
    /// the orders at the old and the new best price are looked at.
    fn best_moved(&mut self, side: Side, old: Ticks, new: Ticks) {
        if old == new {
            return;
        }
        let own = self.own.side_mut(side);
        // Behind both best prices, as a ladder is that only rests, there is nothing to look at.
        let behind = |limit| side.is_better(old, limit) && side.is_better(new, limit);
        if own.first().is_none_or(|first| first.limit.is_some_and(behind)) {
            return;
        }
        for (best, here) in [(old, false), (new, true)] {
            let better = |own: &OwnOrder| own.limit.is_some_and(|p| side.is_better(p, best));
            let from = own.partition_point(|own| better(own));
            for own in own[from..].iter_mut().take_while(|own| own.limit == Some(best)) {
                own.visit += u64::from(own.at_price && !here);
                own.at_price = here;
            }
        }
    }

    /// The same for every order, whatever the best was before.
    fn count_visits(&mut self, side: Side, best: Ticks) {
        for own in self.own.side_mut(side) {
            let here = own.limit == Some(best);
            own.visit += u64::from(own.at_price && !here);
            own.at_price = here;
        }
    }

    /// Recomputes what the fast route rests on.
    fn refresh(&mut self) {
        let grid = &self.desk.instrument.grid;
        let trading = self.phase.is_trading();
        self.trading = trading;
        let bound = |best: Option<Ticks>, none| {
            best.filter(|_| trading).map_or(none, |price| grid.price(price).0)
        };
        self.bid_bound = bound(self.own.best(Side::Buy), i64::MIN);
        self.ask_bound = bound(self.own.best(Side::Sell), i64::MAX);
        self.infers = self.phase.is_inferred();
        self.last_best = {
            let bbo = self.book.bbo();
            (bbo.bid, bbo.ask)
        };
        // What rests or waits while nothing matches is matched when trading resumes.
        self.resume |= !trading && !self.own.is_empty();
        self.watched = !self.own.is_empty() || !self.taken.is_empty() || (self.infers && !trading);
        self.quiet = self.watched
            && trading
            && self.taken.is_empty()
            && !self.own.is_empty()
            && !self.resume
            && !self.requeue
            && !self.traces_resting();
    }

    /// Best bid and offer as recorded.
    #[inline]
    #[must_use]
    pub fn bbo(&self) -> Bbo {
        self.book.bbo()
    }

    /// The recorded book.
    #[inline]
    #[must_use]
    pub fn book(&self) -> &BookL3 {
        &self.book
    }

    /// The book, to hint at records that come soon.
    #[inline]
    pub fn prefetch(&self, record: Mbo<'_>) {
        self.book.prefetch(record);
    }

    /// Whether own orders rest or wait here.
    #[inline]
    #[must_use]
    pub fn has_own_orders(&self) -> bool {
        !self.own.is_empty()
    }

    /// The own orders here: bids, asks (best first), waiting market orders.
    pub fn own_orders(&self) -> impl Iterator<Item = &OwnOrder> {
        self.own.iter()
    }

    /// One of the own orders here.
    #[must_use]
    pub fn own_order(&self, order: OrderId) -> Option<OwnOrder> {
        self.own.get(order).copied()
    }

    pub(crate) fn remember(&mut self, order: OrderId) {
        self.own.see(order);
    }

    /// The instrument's index within the run.
    #[must_use]
    pub fn index(&self) -> InstrumentIndex {
        self.desk.index
    }

    /// What the record shows ahead of a resting own order at its price, in lots and orders.
    #[must_use]
    pub fn queue_ahead(&self, order: OrderId) -> Option<QueueAhead> {
        let own = self.own.iter().find(|own| own.id() == order)?;
        own.limit.map(|price| self.book.queue_ahead(own.side, price, own.sequence))
    }

    /// States the phase (a status record): it holds until the next call. Own orders that wait are
    /// matched at the end of the first event after trading resumed.
    pub fn set_phase(&mut self, phase: TradingPhase) {
        self.phase.state(phase);
        self.refresh();
    }

    /// The phase, stated or inferred ([`phase`]).
    #[must_use]
    pub fn phase(&self) -> TradingPhase {
        self.phase.get()
    }

    /// What was counted so far.
    #[must_use]
    pub fn counters(&self) -> VenueCounters {
        self.desk.counters
    }

    /// What went wrong in slippage of one's own, if anything did.
    #[must_use]
    pub fn fault(&self) -> Option<&CostError> {
        self.desk.settings.slippage().fault()
    }
}
