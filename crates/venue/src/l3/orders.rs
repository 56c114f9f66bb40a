//! Commands on own orders: submit, modify, cancel, and what happens when trading resumes.

use super::L3Market;
use crate::desk::FARTHEST;
use crate::error::VenueError;
use crate::own::OwnOrder;
use model::{
    CancelReason, Lots, OrderId, OrderKind, OrderRequest, Price, Reason, Report, ReportKind, Side,
    Sizer, Split, StrategyIndex, Ticks, TimeInForce, UnixNanos,
};

impl L3Market {
    fn outside_event(&self, order: OrderId) -> Result<(), VenueError> {
        if self.inside_event { Err(VenueError::InsideEvent { order }) } else { Ok(()) }
    }

    /// An own order arrives.
    ///
    /// A limit order takes what it can and rests with the remainder, in the last place of its
    /// queue; immediate-or-cancel, fill-or-kill and market orders are cancelled with
    /// [`CancelReason::NoLiquidity`] for theirs. While the phase is not trading nothing matches:
    /// limit orders rest, market orders wait for the first event at which trading resumes, and
    /// orders that would have to execute at once are cancelled. An order to be sized at the fill is
    /// sized here (a limit order at its limit) or, when it waits, when it executes: it is accepted
    /// or rejected then.
    ///
    /// # Errors
    /// [`VenueError::InsideEvent`], [`VenueError::DuplicateOrder`], or what a fill may give. A
    /// refusal by the venue is a report.
    pub fn submit(
        &mut self,
        order: &OrderRequest,
        at: UnixNanos,
        sizer: &mut dyn Sizer,
        out: &mut Vec<Report>,
    ) -> Result<(), VenueError> {
        self.outside_event(order.id)?;
        if self.own.find(order.id).is_some() {
            return Err(VenueError::DuplicateOrder { order: order.id });
        }
        self.step_to(at);
        self.own.see(order.id);
        let mut own = Box::new(OwnOrder::new(order, self.desk.now));
        own.arrival = self.own.next_arrival();
        if let Some(reason) = self.desk.refusal(&mut own, sizer) {
            self.desk.report(order.id, ReportKind::Rejected(reason), out);
            return Ok(());
        }
        let trading = self.phase.is_trading();
        if trading && order.post_only && self.would_take(&own) {
            let reason = ReportKind::Rejected(Reason::PostOnlyWouldTrade);
            self.desk.report(order.id, reason, out);
            return Ok(());
        }
        if trading {
            if self.size_now(&mut own, sizer, out) {
                self.desk.report(order.id, ReportKind::Accepted, out);
                self.execute_or_rest(own, out)?;
            }
        } else {
            if !own.unsized_yet {
                self.desk.report(order.id, ReportKind::Accepted, out);
            }
            self.hold(own, out);
        }
        self.refresh();
        Ok(())
    }

    /// Sizes a market order that is sized at the fill; false, and reported, when that is refused.
    fn size_now(
        &mut self,
        own: &mut OwnOrder,
        sizer: &mut dyn Sizer,
        out: &mut Vec<Report>,
    ) -> bool {
        if !own.unsized_yet {
            return true;
        }
        let bbo = self.book.bbo();
        // The size is worked out with the slippage of now, not of the last fill.
        self.desk.note_spread(&bbo);
        let price = |ticks: Ticks| ticks.is_some().then(|| self.desk.instrument.grid.price(ticks));
        match self.desk.ask_size(own, price(bbo.ask), price(bbo.bid), self.desk.now, sizer) {
            Ok(()) => true,
            Err(reason) => {
                self.desk.report(own.id(), ReportKind::Rejected(reason), out);
                false
            }
        }
    }

    /// Keeps an order while nothing matches.
    fn hold(&mut self, own: Box<OwnOrder>, out: &mut Vec<Report>) {
        let at_once = !own.request.time_in_force.rests();
        if own.limit.is_some() && at_once {
            self.desk.cancel(&own, CancelReason::NoLiquidity, out);
            return;
        }
        self.resume = true;
        self.rest(own);
    }

    /// Puts an order at the back of its queue; a market order waits.
    fn rest(&mut self, mut own: Box<OwnOrder>) {
        let bbo = self.book.bbo();
        own.sequence = self.book.next_sequence();
        own.show_next();
        own.at_price = own.limit == Some(if own.side == Side::Buy { bbo.bid } else { bbo.ask });
        self.own.rest(own);
    }

    /// An order that may match takes what it can; the rest of a limit order rests.
    fn execute_or_rest(
        &mut self,
        mut own: Box<OwnOrder>,
        out: &mut Vec<Report>,
    ) -> Result<(), VenueError> {
        let force = own.request.time_in_force;
        if !own.request.post_only {
            self.take(&mut own, force == TimeInForce::Fok, out)?;
        }
        if own.leaves().0 > 0 {
            if own.limit.is_some() && force.rests() {
                self.rest(own);
            } else {
                self.desk.cancel(&own, CancelReason::NoLiquidity, out);
            }
        }
        Ok(())
    }

    /// The first event after trading resumed has ended: market orders that waited execute, by
    /// arrival, then limit orders that came while nothing matched, by arrival. What does not
    /// execute keeps its place; a post-only order stays as it is.
    pub(super) fn resume(
        &mut self,
        sizer: &mut dyn Sizer,
        out: &mut Vec<Report>,
    ) -> Result<(), VenueError> {
        self.resume = false;
        for mut own in std::mem::take(&mut self.own.waiting) {
            let asked = own.unsized_yet;
            if self.size_now(&mut own, sizer, out) {
                if asked {
                    self.desk.report(own.id(), ReportKind::Accepted, out);
                }
                self.execute_or_rest(own, out)?;
            }
        }
        let mut resting: Vec<(u64, OrderId)> =
            self.own.iter().map(|own| (own.arrival, own.id())).collect();
        resting.sort_unstable();
        for (_, id) in resting {
            let Some(place) = self.own.find(id) else { continue };
            let own = *self.own.at_mut(place);
            if own.request.post_only || !self.would_take(&own) {
                continue;
            }
            let mut own = self.own.take_as(place, own);
            self.take(&mut own, false, out)?;
            if own.leaves().0 > 0 {
                self.own.rest(own);
            }
        }
        Ok(())
    }

    /// An own order's change arrives. `total` is the new *total* quantity, what is filled
    /// included; one at or below what is filled completes the order, reported as cancelled with
    /// nothing left. A smaller size keeps the place; a larger one or another price loses it, and
    /// the order may then take on arrival.
    ///
    /// # Errors
    /// [`VenueError::InsideEvent`], or what a fill may give. A refusal by the venue is a report.
    pub fn modify(
        &mut self,
        order: OrderId,
        total: Option<Lots>,
        price: Option<Ticks>,
        at: UnixNanos,
        out: &mut Vec<Report>,
    ) -> Result<(), VenueError> {
        self.outside_event(order)?;
        self.step_to(at);
        let refuse = |reason| ReportKind::ModifyRejected(reason);
        let Some(place) = self.own.find(order) else {
            let reason = self.own.absent(order);
            self.desk.report(order, refuse(reason), out);
            return Ok(());
        };
        // The order stays where it is, or moves as it lies: it is too large to be copied about.
        let own = self.own.at_mut(place);
        let far = price.is_some_and(|p| p.0.unsigned_abs() > FARTHEST)
            || total.is_some_and(|t| self.desk.instrument.quantity(t).is_err());
        if far || (price.is_some() && own.limit.is_none()) || (total.is_some() && own.unsized_yet) {
            self.desk.report(order, refuse(Reason::Unsupported), out);
            return Ok(());
        }
        let (total, limit) = (total.unwrap_or(own.total), price.or(own.limit));
        if !own.unsized_yet && total <= own.filled {
            let mut own = self.own.remove(place);
            (own.total, own.limit) = (own.filled, limit);
            self.desk.cancel(&own, CancelReason::Requested, out);
            self.refresh();
            return Ok(());
        }
        let moves = limit != own.limit || total > own.total;
        let trading = self.phase.is_trading();
        if moves && trading && own.request.post_only {
            let changed = OwnOrder { total, limit, ..*own };
            if self.would_take(&changed) {
                self.desk.report(order, refuse(Reason::PostOnlyWouldTrade), out);
                return Ok(());
            }
        }
        let changed = ReportKind::Modified { quantity: total, price: limit.unwrap_or(Ticks::NONE) };
        self.desk.report(order, changed, out);
        if !moves || limit.is_none() {
            let own = self.own.at_mut(place);
            (own.total, own.limit) = (total, limit);
        } else {
            let mut own = self.own.remove(place);
            own.visit += u64::from(limit != own.limit);
            (own.total, own.limit) = (total, limit);
            own.arrival = self.own.next_arrival();
            own.arrived = self.desk.now;
            if let Some(limit) = own.limit {
                own.request.kind = OrderKind::Limit(limit);
            }
            if trading {
                self.execute_or_rest(own, out)?;
            } else {
                self.hold(own, out);
            }
        }
        self.refresh();
        Ok(())
    }

    /// An own order's cancel arrives.
    ///
    /// # Errors
    /// [`VenueError::InsideEvent`]. A refusal by the venue is a report.
    pub fn cancel(
        &mut self,
        order: OrderId,
        at: UnixNanos,
        out: &mut Vec<Report>,
    ) -> Result<(), VenueError> {
        self.outside_event(order)?;
        self.step_to(at);
        match self.own.find(order) {
            Some(place) => {
                let own = self.own.remove(place);
                self.desk.cancel(&own, CancelReason::Requested, out);
                self.refresh();
            }
            None => {
                let reason = self.own.absent(order);
                self.desk.report(order, ReportKind::CancelRejected(reason), out);
            }
        }
        Ok(())
    }

    /// Cancels every own order (of one strategy), by arrival: the end of a run, or its risk limits.
    /// An event that the stream left open has not happened: it fills nobody.
    pub fn cancel_all(
        &mut self,
        strategy: Option<StrategyIndex>,
        reason: CancelReason,
        at: UnixNanos,
        out: &mut Vec<Report>,
    ) {
        self.step_to(at);
        for mut own in self.own.drain(strategy) {
            own.pending = Lots::ZERO;
            self.desk.cancel(&own, reason, out);
        }
        self.refresh();
    }

    /// The instrument is split: the book of before is gone, and own orders go on in new units, by
    /// their arrival, behind what the book shows of its new prices first.
    pub(crate) fn split(
        &mut self,
        split: Split,
        at: UnixNanos,
        out: &mut Vec<Report>,
    ) -> Result<(), VenueError> {
        self.step_to(at);
        self.book.clear();
        self.taken.retain(|_| false);
        self.event.clear();
        self.last_best = (Ticks::NONE, Ticks::NONE);
        for own in self.own.split(split, &self.desk, out)? {
            self.rest(own);
        }
        self.resume |= !self.own.is_empty();
        // Whoever lists the orders of the new day first does so ahead of what was kept overnight.
        self.requeue |= self.own.has_resting();
        self.refresh();
        Ok(())
    }

    /// Executes an order in full, as a taker, at a price that the caller names (closing at the end
    /// of a run). Impact and fees apply; the book is not asked.
    ///
    /// # Errors
    /// [`VenueError::Cost`] and [`VenueError::Model`] when the fill leaves its type.
    pub fn fill_at(
        &mut self,
        order: &OrderRequest,
        price: Price,
        at: UnixNanos,
        sizer: &mut dyn Sizer,
        out: &mut Vec<Report>,
    ) -> Result<(), VenueError> {
        self.step_to(at);
        self.own.see(order.id);
        self.desk.fill_at(order, price, sizer, out)
    }

    /// Moves the clock to the arrival of a command.
    fn step_to(&mut self, at: UnixNanos) {
        self.clock = self.clock.max(at.0);
        self.desk.now = UnixNanos(self.clock);
    }
}
