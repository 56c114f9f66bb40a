//! Own orders that rest: what recorded executions and arriving orders fill.

use super::L3Market;
use super::pro_rata::Notes as ProRataNotes;
use crate::desk::distance;
use crate::error::VenueError;
use crate::own::OwnOrder;
use crate::settings::QueueModel;
use crate::trace::Cause;
use book::BookOrder;
use model::{Lots, Mbo, Price, Report, Side, Ticks};

/// What the records of the open event said. The buffers are reused.
#[derive(Clone, Debug, Default)]
pub(crate) struct EventNotes {
    /// Aggressors: id and side of each T.
    aggressors: Vec<(u64, Option<Side>)>,
    /// Aggressor volume by passive side and price that no F has accounted for yet.
    unaccounted: Vec<(Side, Price, i64)>,
    /// Executed volume by recorded id that no C or M has taken out of the book yet.
    executed: Vec<(u64, i64)>,
    /// How many of the own bids and asks, from the best on, hold all that executed.
    filled: [usize; 2],
    /// Whether anything above was said, even if it has been taken back since.
    said: bool,
    /// What the pro-rata model settles at the event's end.
    pub pro_rata: ProRataNotes,
}

impl EventNotes {
    /// Whether the event has said nothing that concerns own orders or own taking.
    #[inline(always)]
    pub fn is_empty(&self) -> bool {
        !self.said
    }

    pub fn clear(&mut self) {
        self.aggressors.clear();
        self.unaccounted.clear();
        self.executed.clear();
        self.filled = [0; 2];
        self.said = false;
        self.pro_rata.clear();
    }

    /// The book has caught up with the executions of this order.
    #[inline]
    pub fn forget_executed(&mut self, id: u64) {
        if !self.executed.is_empty() {
            self.executed.retain(|&(other, _)| other != id);
        }
    }

    pub(super) fn executed(&self, id: u64) -> i64 {
        self.executed.iter().filter(|&&(other, _)| other == id).map(|&(_, q)| q).sum()
    }

    fn account(&mut self, side: Side, price: Price, quantity: i64) {
        self.said = true;
        match self.unaccounted.iter_mut().find(|(s, p, _)| (*s, *p) == (side, price)) {
            Some((_, _, sum)) => *sum += quantity,
            None => self.unaccounted.push((side, price, quantity)),
        }
    }
}

/// A recorded execution of a known resting order.
#[derive(Clone, Copy, Debug)]
pub(super) struct Execution {
    /// The resting order as the book shows it before the event.
    pub order: BookOrder,
    /// The price at which it executed.
    pub price: Price,
    /// Executed lots.
    pub quantity: i64,
    /// Whether it is part of a cross: the F names no side and everybody trades at one price.
    pub cross: bool,
}

impl Execution {
    /// Whether an own order stands before the recorded one.
    pub fn is_behind(&self, own: &OwnOrder, limit: Ticks) -> bool {
        own.side.is_better(limit, self.order.price)
            || (limit == self.order.price && own.sequence <= self.order.sequence)
    }
}

/// Whether an iceberg has executed all that it shows.
fn slice_is_gone(own: &OwnOrder) -> bool {
    !own.request.display.is_zero() && own.visible().is_zero()
}

/// Where an execution lies as seen from an own limit: `None` when the own order may not trade
/// there, otherwise whether it is traded through (rather than touched).
fn traded_through(side: Side, limit: Price, price: Price) -> Option<bool> {
    match distance(side, limit, price) {
        0 => Some(false),
        1 => Some(true),
        _ => None,
    }
}

impl L3Market {
    /// A T or F record while own orders rest or own taking is remembered.
    pub(super) fn execution(
        &mut self,
        record: Mbo<'_>,
        out: &mut Vec<Report>,
    ) -> Result<(), VenueError> {
        if !self.phase.is_trading() || !record.price().is_defined() {
            return Ok(());
        }
        self.quiet = false;
        let (id, quantity) = (record.order_id(), i64::from(record.size()));
        if record.action() == b'T' {
            self.event.said = true;
            if self.desk.trace.is_some() {
                self.trace_trade(record);
            }
            self.event.aggressors.push((id, record.side()));
            if let Some(side) = record.side() {
                self.event.account(side.opposite(), record.price(), quantity);
            }
            return Ok(());
        }
        if id != 0 && self.event.aggressors.contains(&(id, record.side())) {
            self.desk.counters.aggressor_fills += 1;
            return Ok(());
        }
        let known = self.book.order(id);
        if let Some(side) = record.side().or(known.map(|order| order.side)) {
            self.event.account(side, record.price(), -quantity);
        }
        let Some(order) = known else {
            self.desk.counters.unknown_fills += 1;
            return Ok(());
        };
        let execution =
            Execution { order, price: record.price(), quantity, cross: record.side().is_none() };
        if self.desk.trace.is_some() {
            self.trace_execution(&execution);
        }
        let left = match self.desk.settings.queue() {
            QueueModel::ProRata => {
                self.note_pro_rata(execution);
                quantity
            }
            QueueModel::Fifo => self.fill_before(&execution, out)?,
        };
        self.pass_on(&execution, left, out)?;
        self.event.said = true;
        self.event.executed.push((id, quantity));
        Ok(())
    }

    /// Own orders that stand before a recorded order take its execution first. Returns what is
    /// left for the recorded order.
    pub(super) fn fill_before(
        &mut self,
        execution: &Execution,
        out: &mut Vec<Report>,
    ) -> Result<i64, VenueError> {
        let side = execution.order.side;
        let mut left = execution.quantity;
        for at in 0..self.own.side(side).len() {
            let own = &self.own.side(side)[at];
            let Some(limit) = own.limit else { continue };
            if left == 0 || !execution.is_behind(own, limit) {
                break;
            }
            let limit = self.desk.instrument.grid.price(limit);
            let Some(through) = traded_through(side, limit, execution.price) else { continue };
            let price = if execution.cross { execution.price } else { limit };
            let rule = if through { Cause::TradedThrough } else { Cause::BehindInQueue };
            self.desk.because(rule);
            left -= self.fill_resting(side, at, left, through, price, out)?;
        }
        self.desk.counters.displaced_volume += (execution.quantity - left).unsigned_abs();
        Ok(left)
    }

    /// Fills a resting own order with up to `volume` lots, if the draw at touch lets it. Returns
    /// what it took. The fill is reported, and a filled order leaves, at the end of the event: what
    /// one event executes at one price is one fill.
    pub(super) fn fill_resting(
        &mut self,
        side: Side,
        at: usize,
        volume: i64,
        through: bool,
        price: Price,
        out: &mut Vec<Report>,
    ) -> Result<i64, VenueError> {
        let own = &mut self.own.side_mut(side)[at];
        // What trades through the price takes what an iceberg hides as well.
        let most = if through { own.leaves() } else { own.visible() };
        let take = most.0.min(volume);
        if take <= 0 || !(through || self.desk.touched(own, true)?) {
            return Ok(0);
        }
        if own.pending_price != price {
            self.desk.flush(own, out)?;
            own.pending_price = price;
        }
        own.pending += Lots(take);
        // Of several executions in one event the last one speaks for the fill.
        own.pending_basis = self.desk.basis();
        if let Some(trace) = self.desk.trace.as_deref_mut().filter(|it| it.order() == own.id()) {
            trace.give(self.desk.now, price, Lots(take), self.book.bbo());
        }
        own.shown = Lots((own.shown.0 - take).max(0));
        let filled = &mut self.event.filled[side as usize];
        *filled = (*filled).max(at + 1);
        self.event.said = true;
        self.quiet = false;
        Ok(take)
    }

    /// Reports the fills of the event that ends.
    pub(super) fn report_fills(&mut self, out: &mut Vec<Report>) -> Result<(), VenueError> {
        for side in [Side::Buy, Side::Sell] {
            let filled = self.event.filled[side as usize];
            if filled == 0 {
                continue;
            }
            let own = self.own.side_mut(side);
            let mut slices_gone = false;
            for own in &mut own[..filled] {
                self.desk.flush(own, out)?;
                slices_gone |= slice_is_gone(own);
            }
            own.take_where(filled, |own| own.leaves().0 <= 0);
            if slices_gone {
                self.refresh_icebergs(side);
            }
        }
        Ok(())
    }

    /// The next slice of an iceberg comes to the back of its level once the one before is gone.
    fn refresh_icebergs(&mut self, side: Side) {
        while let Some(at) = self.own.side(side).iter().position(|own| slice_is_gone(own)) {
            let mut own = self.own.side_mut(side).remove(at);
            own.show_next();
            own.sequence = self.book.next_sequence();
            own.arrival = self.own.next_arrival();
            self.own.rest(own);
        }
    }

    /// The part of a recorded execution that falls on volume which own orders took before passes
    /// to the next in the queue of that price: recorded orders and own ones, in their order.
    fn pass_on(
        &mut self,
        execution: &Execution,
        left: i64,
        out: &mut Vec<Report>,
    ) -> Result<(), VenueError> {
        let order = execution.order;
        let taken = self.taken.get(order.id);
        if taken == 0 {
            return Ok(());
        }
        let shown = order.quantity.0 - self.event.executed(order.id);
        let free = (shown - taken).max(0);
        let mut pass = taken.min((left - free).max(0));
        self.taken.settle(order.id, pass);
        if pass == 0 || self.desk.settings.queue() == QueueModel::ProRata {
            return Ok(());
        }
        self.desk.counters.passed_volume += pass.unsigned_abs();
        let side = order.side;
        let grid_price = self.desk.instrument.grid.price(order.price);
        // Own orders of this price behind the execution, merged with the recorded ones by place.
        let mine = |own: &OwnOrder| own.limit == Some(order.price) && own.sequence > order.sequence;
        let owns: Vec<usize> =
            (0..self.own.side(side).len()).filter(|&i| mine(&self.own.side(side)[i])).collect();
        let mut owns = owns.into_iter().peekable();
        let behind: Vec<BookOrder> = self
            .book
            .orders_at(side, order.price)
            .filter(|next| next.sequence > order.sequence)
            .collect();
        for next in behind {
            while let Some(at) = owns.next_if(|&i| self.own.side(side)[i].sequence <= next.sequence)
            {
                pass -= self.fill_passed(side, at, pass, execution, grid_price, out)?;
            }
            let shown = next.quantity.0 - self.event.executed(next.id);
            let absorbed = self.taken.free(next.id, Lots(shown)).min(pass);
            self.taken.add(next.id, absorbed);
            pass -= absorbed;
            if pass == 0 {
                break;
            }
        }
        for at in owns {
            pass -= self.fill_passed(side, at, pass, execution, grid_price, out)?;
        }
        Ok(())
    }

    fn fill_passed(
        &mut self,
        side: Side,
        at: usize,
        pass: i64,
        execution: &Execution,
        limit: Price,
        out: &mut Vec<Report>,
    ) -> Result<i64, VenueError> {
        let Some(through) = traded_through(side, limit, execution.price) else { return Ok(0) };
        let price = if execution.cross { execution.price } else { limit };
        self.desk.because(Cause::PassedOn);
        self.fill_resting(side, at, pass, through, price, out)
    }

    /// A recorded order that is added or moved at or through an own limit of the other side trades
    /// with the own orders first.
    pub(super) fn arrival_of_other_side(
        &mut self,
        record: Mbo<'_>,
        out: &mut Vec<Report>,
    ) -> Result<(), VenueError> {
        let id = record.order_id();
        let before = self.book.order(id);
        self.book.apply(record)?;
        let Some(order) = self.book.order(id) else { return Ok(()) };
        if record.side() != Some(order.side) {
            return Ok(());
        }
        let free = self.taken.free(id, order.quantity);
        // Of a moved order all arrives; of one that grows in its place the growth does.
        let mut left = match before {
            Some(old) if (old.side, old.price) == (order.side, order.price) => {
                free.min(order.quantity.0 - old.quantity.0)
            }
            _ => free,
        };
        if self.desk.trace.is_some() {
            self.trace_crossing(&order, left);
        }
        let side = order.side.opposite();
        let grid = self.desk.instrument.grid;
        let arriving = grid.price(order.price);
        let mut took = 0;
        for at in 0..self.own.side(side).len() {
            let Some(limit) = self.own.side(side)[at].limit.map(|limit| grid.price(limit)) else {
                continue;
            };
            let Some(through) = traded_through(side, limit, arriving) else { break };
            if left <= 0 {
                break;
            }
            self.desk.because(Cause::OtherSideArrived);
            let take = self.fill_resting(side, at, left, through, limit, out)?;
            took += take;
            left -= take;
        }
        self.taken.add(id, took);
        self.desk.counters.taken_volume += took.unsigned_abs();
        Ok(())
    }

    /// Aggressor volume of the event that no F accounts for (it met what is not displayed) fills
    /// own orders that it traded through, and own orders at its price inside the spread.
    pub(super) fn settle_unaccounted(&mut self, out: &mut Vec<Report>) -> Result<(), VenueError> {
        let grid = self.desk.instrument.grid;
        for note in 0..self.event.unaccounted.len() {
            let (side, price, volume) = self.event.unaccounted[note];
            let touch = match side {
                Side::Buy => self.last_best.0,
                Side::Sell => self.last_best.1,
            };
            let mut left = volume;
            for at in 0..self.own.side(side).len() {
                let Some(limit) = self.own.side(side)[at].limit else { continue };
                let Some(through) = traded_through(side, grid.price(limit), price) else { break };
                let inside = !touch.is_some() || side.is_better(limit, touch);
                if left <= 0 {
                    break;
                }
                if through || inside {
                    self.desk.because(Cause::Unaccounted);
                    left -= self.fill_resting(side, at, left, through, grid.price(limit), out)?;
                }
            }
            self.desk.counters.displaced_volume += (volume.max(0) - left.max(0)).unsigned_abs();
        }
        Ok(())
    }
}
