//! The own orders of a market without a queue (quotes, trades, bars): commands are taken at once,
//! executions wait for the market's next event.

use crate::desk::{Desk, FARTHEST};
use crate::error::VenueError;
use crate::own::{OwnOrder, OwnOrders};
use crate::settings::VenueSettings;
use model::{
    CancelReason, Instrument, Lots, OrderId, OrderRequest, Price, Reason, Report, ReportKind,
    Sizer, Split, StrategyIndex, Ticks, TradingPhase, UnixNanos,
};

#[derive(Clone, Debug)]
pub(crate) struct Blotter {
    pub desk: Desk,
    pub own: OwnOrders,
    pub phase: TradingPhase,
}

impl Blotter {
    pub fn new(instrument: &Instrument, settings: &VenueSettings, seed: u64) -> Self {
        Self {
            desk: Desk::new(instrument, settings, seed),
            own: OwnOrders::default(),
            phase: settings.phase().unwrap_or(TradingPhase::Trading),
        }
    }

    pub fn is_trading(&self) -> bool {
        self.phase == TradingPhase::Trading
    }

    /// Moves the clock to the arrival of a command.
    fn step_to(&mut self, at: UnixNanos) {
        self.desk.now = self.desk.now.max(at);
    }

    /// Takes an order. `would_take` says whether a limit order would trade at once.
    pub fn submit(
        &mut self,
        order: &OrderRequest,
        at: UnixNanos,
        sizer: &mut dyn Sizer,
        would_take: impl FnOnce(&OwnOrder) -> bool,
        out: &mut Vec<Report>,
    ) -> Result<(), VenueError> {
        if self.own.find(order.id).is_some() {
            return Err(VenueError::DuplicateOrder { order: order.id });
        }
        self.step_to(at);
        self.own.see(order.id);
        let mut own = Box::new(OwnOrder::new(order, self.desk.now));
        own.arrival = self.own.next_arrival();
        let refused = self.desk.refusal(&mut own, sizer).or_else(|| {
            (order.post_only && would_take(&own)).then_some(Reason::PostOnlyWouldTrade)
        });
        if let Some(reason) = refused {
            self.desk.report(order.id, ReportKind::Rejected(reason), out);
            return Ok(());
        }
        if !own.unsized_yet {
            self.desk.report(order.id, ReportKind::Accepted, out);
        }
        if let Some(limit) = own.limit {
            self.desk.counters.own_crossings += self.own.crossings(own.side, limit);
        }
        self.own.rest(own);
        Ok(())
    }

    /// The instrument is split: own orders go on in new units.
    pub fn split(
        &mut self,
        split: Split,
        at: UnixNanos,
        out: &mut Vec<Report>,
    ) -> Result<(), VenueError> {
        self.step_to(at);
        for own in self.own.split(split, &self.desk, out)? {
            self.own.rest(own);
        }
        Ok(())
    }

    /// Changes an order; see `L3Market::modify`.
    pub fn modify(
        &mut self,
        order: OrderId,
        total: Option<Lots>,
        price: Option<Ticks>,
        at: UnixNanos,
        would_take: impl FnOnce(&OwnOrder) -> bool,
        out: &mut Vec<Report>,
    ) {
        self.step_to(at);
        let refuse = |reason| ReportKind::ModifyRejected(reason);
        let Some(place) = self.own.find(order) else {
            self.desk.report(order, refuse(self.own.absent(order)), out);
            return;
        };
        let old = *self.own.at_mut(place);
        let far = price.is_some_and(|p| p.0.unsigned_abs() > FARTHEST);
        let unsizable = total.is_some_and(|t| self.desk.instrument.quantity(t).is_err());
        if far
            || unsizable
            || (price.is_some() && old.limit.is_none())
            || (total.is_some() && old.unsized_yet)
        {
            self.desk.report(order, refuse(Reason::Unsupported), out);
            return;
        }
        let mut own = old;
        own.total = total.unwrap_or(old.total);
        own.limit = price.or(old.limit);
        if !own.unsized_yet && own.total <= own.filled {
            self.own.remove(place);
            own.total = own.filled;
            self.desk.cancel(&own, CancelReason::Requested, out);
            return;
        }
        let moves = own.limit != old.limit || own.total > old.total;
        if moves && own.request.post_only && would_take(&own) {
            self.desk.report(order, refuse(Reason::PostOnlyWouldTrade), out);
            return;
        }
        let changed =
            ReportKind::Modified { quantity: own.total, price: own.limit.unwrap_or(Ticks::NONE) };
        self.desk.report(order, changed, out);
        if !moves {
            *self.own.at_mut(place) = own;
            return;
        }
        let mut own = self.own.take_as(place, own);
        if own.limit != old.limit {
            own.visit += 1;
            own.fresh = true;
            own.arrived = self.desk.now;
        }
        own.arrival = self.own.next_arrival();
        self.own.rest(own);
    }

    /// Cancels an order.
    pub fn cancel(&mut self, order: OrderId, at: UnixNanos, out: &mut Vec<Report>) {
        self.step_to(at);
        match self.own.find(order) {
            Some(place) => {
                let own = self.own.remove(place);
                self.desk.cancel(&own, CancelReason::Requested, out);
            }
            None => {
                let reason = self.own.absent(order);
                self.desk.report(order, ReportKind::CancelRejected(reason), out);
            }
        }
    }

    /// Cancels every order (of one strategy), by arrival.
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
    }

    /// Executes an order in full at a price that the caller names.
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

    /// Sizes a market order that is sized at the fill, and accepts it; false, and rejected, when
    /// the sizer refuses.
    pub fn size_now(
        &self,
        own: &mut OwnOrder,
        buy_at: Option<Price>,
        sell_at: Option<Price>,
        sizer: &mut dyn Sizer,
        out: &mut Vec<Report>,
    ) -> bool {
        if !own.unsized_yet {
            return true;
        }
        let kind = match self.desk.ask_size(own, buy_at, sell_at, self.desk.now, sizer) {
            Ok(()) => ReportKind::Accepted,
            Err(reason) => ReportKind::Rejected(reason),
        };
        self.desk.report(own.id(), kind, out);
        kind == ReportKind::Accepted
    }
}
