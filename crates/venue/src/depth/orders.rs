//! Commands on own orders.

use super::DepthMarket;
use crate::desk::FARTHEST;
use crate::error::VenueError;
use crate::own::OwnOrder;
use model::{
    CancelReason, Lots, OrderId, OrderRequest, Price, Reason, Report, ReportKind, Sizer, Split,
    StrategyIndex, Ticks, TimeInForce, UnixNanos,
};

impl DepthMarket {
    fn step_to(&mut self, at: UnixNanos) {
        self.desk.now = self.desk.now.max(at);
    }

    /// An own order arrives: it takes what it can and rests with the remainder. While nothing matches
    /// it waits. A market order that finds no book at all waits for one.
    ///
    /// # Errors
    /// [`VenueError::DuplicateOrder`], or what a fill may give. A refusal by the venue is a report.
    pub fn submit(
        &mut self,
        order: &OrderRequest,
        at: UnixNanos,
        sizer: &mut dyn Sizer,
        out: &mut Vec<Report>,
    ) -> Result<(), VenueError> {
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
        let trading = self.is_trading() && !self.is_crossed();
        if trading && order.post_only && self.offers_within(&own) {
            let reason = ReportKind::Rejected(Reason::PostOnlyWouldTrade);
            self.desk.report(order.id, reason, out);
            return Ok(());
        }
        let no_book = own.limit.is_none() && !self.offers(&own);
        if trading && !no_book {
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

    fn is_crossed(&self) -> bool {
        let bbo = self.book.bbo();
        bbo.is_two_sided() && bbo.bid > bbo.ask
    }

    /// Whether the side that an order would take from shows anything.
    fn offers(&self, own: &OwnOrder) -> bool {
        let bbo = self.book.bbo();
        if own.unsized_yet {
            return bbo.is_two_sided();
        }
        if own.side == model::Side::Buy { bbo.ask.is_some() } else { bbo.bid.is_some() }
    }

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
        let grid = &self.desk.instrument.grid;
        let price = |ticks: Ticks| ticks.is_some().then(|| grid.price(ticks));
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
        if own.limit.is_some() && !own.request.time_in_force.rests() {
            self.desk.cancel(&own, CancelReason::NoLiquidity, out);
            return;
        }
        self.resume = true;
        self.rest(own);
    }

    fn rest(&mut self, mut own: Box<OwnOrder>) {
        let bbo = self.book.bbo();
        let best = if own.side == model::Side::Buy { bbo.bid } else { bbo.ask };
        own.at_price = own.limit == Some(best);
        self.enter_queue(&mut own);
        self.own.rest(own);
    }

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

    /// Trading goes on: market orders that waited execute, then limit orders that came meanwhile.
    pub(super) fn resume(
        &mut self,
        sizer: &mut dyn Sizer,
        out: &mut Vec<Report>,
    ) -> Result<(), VenueError> {
        self.resume = false;
        for mut own in std::mem::take(&mut self.own.waiting) {
            if !self.offers(&own) {
                self.own.wait(own);
                continue;
            }
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
            if own.request.post_only || own.limit.is_none() || !self.offers_within(&own) {
                continue;
            }
            let mut own = self.own.take_as(place, own);
            self.take(&mut own, false, out)?;
            if own.leaves().0 > 0 {
                self.own.rest(own);
            }
        }
        self.refresh();
        Ok(())
    }

    /// An own order's change arrives; see [`crate::L3Market::modify`].
    ///
    /// # Errors
    /// What a fill may give. A refusal by the venue is a report.
    pub fn modify(
        &mut self,
        order: OrderId,
        total: Option<Lots>,
        price: Option<Ticks>,
        at: UnixNanos,
        out: &mut Vec<Report>,
    ) -> Result<(), VenueError> {
        self.step_to(at);
        let refuse = |reason| ReportKind::ModifyRejected(reason);
        let Some(place) = self.own.find(order) else {
            let reason = self.own.absent(order);
            self.desk.report(order, refuse(reason), out);
            return Ok(());
        };
        let old = *self.own.at_mut(place);
        let far = price.is_some_and(|p| p.0.unsigned_abs() > FARTHEST)
            || total.is_some_and(|t| self.desk.instrument.quantity(t).is_err());
        if far || (price.is_some() && old.limit.is_none()) || (total.is_some() && old.unsized_yet) {
            self.desk.report(order, refuse(Reason::Unsupported), out);
            return Ok(());
        }
        let mut own = old;
        own.total = total.unwrap_or(old.total);
        own.limit = price.or(old.limit);
        if !own.unsized_yet && own.total <= own.filled {
            self.own.remove(place);
            own.total = own.filled;
            self.desk.cancel(&own, CancelReason::Requested, out);
            self.refresh();
            return Ok(());
        }
        let moves = own.limit != old.limit || own.total > old.total;
        let trading = self.is_trading() && !self.is_crossed();
        if moves && trading && own.request.post_only && self.offers_within(&own) {
            self.desk.report(order, refuse(Reason::PostOnlyWouldTrade), out);
            return Ok(());
        }
        let limit = own.limit.unwrap_or(Ticks::NONE);
        let changed = ReportKind::Modified { quantity: own.total, price: limit };
        self.desk.report(order, changed, out);
        if !moves || own.limit.is_none() {
            *self.own.at_mut(place) = own;
            return Ok(());
        }
        let mut own = self.own.take_as(place, own);
        own.visit += u64::from(own.limit != old.limit);
        own.arrival = self.own.next_arrival();
        own.arrived = self.desk.now;
        if trading {
            self.execute_or_rest(own, out)?;
        } else {
            self.hold(own, out);
        }
        self.refresh();
        Ok(())
    }

    /// An own order's cancel arrives.
    pub fn cancel(&mut self, order: OrderId, at: UnixNanos, out: &mut Vec<Report>) {
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
    }

    /// Cancels every own order (of one strategy), by arrival.
    pub fn cancel_all(
        &mut self,
        strategy: Option<StrategyIndex>,
        reason: CancelReason,
        at: UnixNanos,
        out: &mut Vec<Report>,
    ) {
        self.step_to(at);
        for own in self.own.drain(strategy) {
            self.desk.cancel(&own, reason, out);
        }
        self.refresh();
    }

    /// The instrument is split: the book of before is gone, and own orders go on in new units, by
    /// their arrival, at the end of the queues that the book shows next.
    pub(crate) fn split(
        &mut self,
        split: Split,
        at: UnixNanos,
        out: &mut Vec<Report>,
    ) -> Result<(), VenueError> {
        self.step_to(at);
        self.clear();
        for own in self.own.split(split, &self.desk, out)? {
            self.rest(own);
        }
        self.resume |= !self.own.is_empty();
        self.refresh();
        Ok(())
    }

    /// Executes an order in full, as a taker, at a price that the caller names.
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
}
