//! Orders come, change, enter the market and leave.

use super::links::Linked;
use super::trigger::Span;
use super::{Conditional, Held, Place, Waits};
use crate::desk::FARTHEST;
use crate::error::VenueError;
use crate::market::Market;
use model::{
    CancelReason, Condition, Lots, OrderId, OrderKind, OrderRequest, Price, Reason, Report,
    ReportKind, Side, Sizer, StrategyIndex, Ticks, TimeInForce, TriggerSource, UnixNanos,
};

/// What a change asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Change {
    /// New total quantity, what is filled included.
    pub total: Option<Lots>,
    /// New limit.
    pub price: Option<Ticks>,
    /// New trigger price, while the order waits for its trigger.
    pub trigger: Option<Price>,
}

impl Conditional {
    /// An own order arrives.
    ///
    /// # Errors
    /// [`VenueError::DuplicateOrder`], or what the market may give. A refusal is a report.
    pub fn submit(
        &mut self,
        market: &mut Market,
        request: &OrderRequest,
        condition: Option<&Condition>,
        at: UnixNanos,
        sizer: &mut dyn Sizer,
        out: &mut Vec<Report>,
    ) -> Result<(), VenueError> {
        let plain = condition.is_none_or(Condition::is_empty)
            && !request.reduce_only
            && request.kind != OrderKind::MarketToLimit
            && request.display.is_zero()
            && matches!(
                request.time_in_force,
                TimeInForce::Gtc | TimeInForce::Ioc | TimeInForce::Fok
            );
        let first = out.len();
        if plain && self.is_idle() {
            return market.submit(request, at, sizer, out);
        }
        if self.position(request.id).is_some() {
            return Err(VenueError::DuplicateOrder { order: request.id });
        }
        if !self.linked.is_empty() {
            self.prune(Some(request.id));
        }
        let mut place = Place { market, sizer, out, at };
        if plain {
            place.market.submit(request, at, place.sizer, place.out)?;
        } else {
            let condition = condition.copied().unwrap_or_default();
            self.admit(request, condition, &mut place)?;
        }
        self.react(&mut place, first)?;
        self.refresh();
        Ok(())
    }

    /// Why an order cannot be taken at all.
    fn refusal(
        &self,
        request: &OrderRequest,
        condition: &Condition,
        at: UnixNanos,
    ) -> Option<Reason> {
        if let Some(trigger) = &condition.trigger
            && (!self.can_feed(trigger) || (trigger.trail.is_none() && !trigger.price.is_defined()))
        {
            return Some(Reason::Unsupported);
        }
        if !request.display.is_zero() && (!self.support.queue || request.display.0 < 0) {
            return Some(Reason::Unsupported);
        }
        // An order that waits for a price may miss the only moment at which it may execute.
        if request.time_in_force.is_timed() && condition.trigger.is_some() {
            return Some(Reason::Unsupported);
        }
        if condition.expires.is_some_and(|expires| expires <= at) {
            return Some(Reason::Expired);
        }
        None
    }

    fn admit(
        &mut self,
        request: &OrderRequest,
        condition: Condition,
        place: &mut Place<'_>,
    ) -> Result<(), VenueError> {
        place.market.remember(request.id);
        let refused = self.refusal(request, &condition, place.at);
        let links = condition.links;
        let works_for = match refused {
            Some(reason) => Err(reason),
            None if links.is_empty() => Ok(request.quantity),
            None => self.link(request, links),
        };
        let works_for = match works_for {
            Ok(lots) => lots,
            Err(reason) => {
                if !links.is_empty() && self.linked.iter().all(|other| other.id != request.id) {
                    // Those that hang on it have to learn that it never worked.
                    self.linked.push(Linked {
                        id: request.id,
                        links,
                        requested: request.quantity,
                        total: Lots::ZERO,
                        filled: Lots::ZERO,
                        ended: true,
                    });
                }
                place.report(request, ReportKind::Rejected(reason));
                return Ok(());
            }
        };
        self.arrivals += 1;
        let mut core = *request;
        core.time_in_force = match request.time_in_force {
            TimeInForce::Gtd | TimeInForce::Day => TimeInForce::Gtc,
            other => other,
        };
        let mut held = Held {
            request: core,
            condition,
            waits: Waits::Trigger,
            total: if links.parent.is_some() { works_for } else { request.quantity },
            limit: request.kind.limit(),
            stop: condition.trigger.map_or(Price::UNDEFINED, |trigger| trigger.price),
            arrival: self.arrivals,
            arrived: place.at,
            born: false,
        };
        let sized_by_parent = links.parent.is_some() && request.size_at_fill;
        if sized_by_parent {
            held.request.size_at_fill = false;
            held.request.quantity = works_for;
        }
        let waits_for_parent = links.parent.is_some() && works_for.is_zero();
        if waits_for_parent || condition.trigger.is_some() {
            place.report(request, ReportKind::Accepted);
            if sized_by_parent && !waits_for_parent {
                let price = held.limit.unwrap_or(Ticks::NONE);
                place.report(request, ReportKind::Restated { quantity: works_for, price });
            }
            held.waits = if waits_for_parent { Waits::Parent } else { Waits::Trigger };
            if sized_by_parent && waits_for_parent {
                held.request.size_at_fill = true;
            }
            self.held.push(held);
            if !waits_for_parent {
                let at = self.held.len() - 1;
                self.let_go(at, place)?;
            }
            return Ok(());
        }
        self.enter_now(held, false, place)
    }

    /// An order whose parent allows it to work waits for its trigger, or enters.
    pub(super) fn let_go(&mut self, at: usize, place: &mut Place<'_>) -> Result<(), VenueError> {
        let Some(trigger) = self.held[at].condition.trigger else {
            return self.enter(at, place);
        };
        self.held[at].waits = Waits::Trigger;
        self.watching = true;
        if let Market::Bar(market) = &mut *place.market
            && market.inside().is_some()
        {
            market.bear(self.held[at].request.id);
            self.held[at].born = true;
        }
        // The price as it stands: of trades the last one.
        let side = self.held[at].request.side;
        let last = self.prices.last();
        let now = match trigger.source {
            TriggerSource::Last => last.is_defined().then(|| Span::at(last)),
            TriggerSource::Default if self.support.trades => {
                last.is_defined().then(|| Span::at(last))
            }
            _ => self.span(&trigger, side, &place.market.bbo()),
        };
        match now {
            Some(span) if self.held[at].meets(span)? => self.enter(at, place),
            _ => Ok(()),
        }
    }

    /// A held order enters the market.
    pub(crate) fn enter(&mut self, at: usize, place: &mut Place<'_>) -> Result<(), VenueError> {
        let mut held = self.held.remove(at);
        held.limit_at_trigger(&self.instrument);
        self.enter_now(held, true, place)
    }

    /// Puts an order into the market. `accepted` says that its acceptance has been reported: then
    /// its entry is told as a trigger, and a refusal as a cancel.
    fn enter_now(
        &mut self,
        held: Held,
        accepted: bool,
        place: &mut Place<'_>,
    ) -> Result<(), VenueError> {
        let mut request = held.entering();
        let mut restated = None;
        let mut refused = None;
        if request.kind == OrderKind::MarketToLimit {
            match self.limit_of_market(&request, place) {
                Ok(limit) => {
                    request.kind = limit.map_or(OrderKind::Market, OrderKind::Limit);
                    restated = limit.map(|limit| (request.quantity, limit));
                }
                Err(reason) => refused = Some(reason),
            }
        }
        if request.reduce_only && refused.is_none() {
            let room = self.reducible(&request, place);
            if room.is_zero() {
                refused = Some(Reason::ReduceOnly);
            } else if room < request.quantity {
                request.quantity = room;
                restated = Some((room, request.kind.limit().unwrap_or(Ticks::NONE)));
            }
        }
        let limit = request.kind.limit().unwrap_or(Ticks::NONE);
        if let Some(reason) = refused {
            let reason = match (accepted, reason) {
                (false, reason) => ReportKind::Rejected(reason),
                (true, Reason::ReduceOnly) => ReportKind::Canceled {
                    leaves: request.quantity,
                    reason: CancelReason::ReduceOnly,
                },
                (true, _) => {
                    let (leaves, reason) = (request.quantity, CancelReason::Refused);
                    ReportKind::Canceled { leaves, reason }
                }
            };
            place.report(&request, reason);
            return Ok(());
        }
        if accepted {
            place.report(&request, ReportKind::Triggered { price: limit });
        }
        let first = place.out.len();
        // Before the market says anything: its first report may fill it.
        if request.reduce_only {
            self.reducing.push(request.id);
        }
        place.market.submit(&request, place.at, place.sizer, place.out)?;
        if accepted {
            place.after_acceptance(first, &request);
        }
        if let Some((quantity, price)) = restated {
            let kind = ReportKind::Restated { quantity, price };
            let report = Report {
                order: request.id,
                instrument: request.instrument,
                ts_event: place.at,
                kind,
            };
            // Right after its acceptance, before what it did.
            let refused = place.out[first..].iter().any(|report| {
                report.order == request.id && matches!(report.kind, ReportKind::Rejected(_))
            });
            if !refused {
                let after = usize::from(
                    place.out.get(first).is_some_and(|r| r.kind == ReportKind::Accepted),
                );
                place.out.insert((first + after).min(place.out.len()), report);
            }
        }
        Ok(())
    }

    /// The limit of a market-to-limit order: the best price of the other side, `None` on bars,
    /// where there is no depth that could leave anything.
    fn limit_of_market(
        &self,
        request: &OrderRequest,
        place: &Place<'_>,
    ) -> Result<Option<Ticks>, Reason> {
        if request.size_at_fill {
            return Err(Reason::Unsupported);
        }
        if matches!(place.market, Market::Bar(_)) {
            return Ok(None);
        }
        let bbo = place.market.bbo();
        let best = if request.side == Side::Buy { bbo.ask } else { bbo.bid };
        if best.is_some() { Ok(Some(best)) } else { Err(Reason::NoMarket) }
    }

    /// An own order's change arrives. Quantities of orders that follow a parent or peers are theirs
    /// to set; a trigger price can be changed while the order waits for it.
    ///
    /// # Errors
    /// What the market may give. A refusal is a report.
    pub fn modify(
        &mut self,
        market: &mut Market,
        order: OrderId,
        change: Change,
        at: UnixNanos,
        sizer: &mut dyn Sizer,
        out: &mut Vec<Report>,
    ) -> Result<(), VenueError> {
        let first = out.len();
        if self.is_idle() && change.trigger.is_none() {
            return market.modify(order, change.total, change.price, at, out);
        }
        let mut place = Place { market, sizer, out, at };
        let refused = change.total.is_some() && self.has_bound_total(order);
        match self.position(order) {
            Some(which) if !refused => self.modify_held(which, change, &mut place)?,
            None if !refused && change.trigger.is_none() => {
                let Place { market, out, at, .. } = &mut place;
                market.modify(order, change.total, change.price, *at, out)?;
            }
            _ => {
                let kind = ReportKind::ModifyRejected(Reason::Unsupported);
                place.report_on(order, kind);
            }
        }
        self.react(&mut place, first)?;
        self.refresh();
        Ok(())
    }

    fn modify_held(
        &mut self,
        which: usize,
        change: Change,
        place: &mut Place<'_>,
    ) -> Result<(), VenueError> {
        let held = &mut self.held[which];
        let request = held.request;
        let far = change.price.is_some_and(|price| price.0.unsigned_abs() > FARTHEST);
        let unsizable = change
            .total
            .is_some_and(|total| request.size_at_fill || self.instrument.quantity(total).is_err());
        let no_limit = change.price.is_some() && held.limit.is_none();
        let no_stop = change.trigger.is_some()
            && held.condition.trigger.is_none_or(|trigger| trigger.trail.is_some());
        if far || unsizable || no_limit || no_stop {
            place.report(&request, ReportKind::ModifyRejected(Reason::Unsupported));
            return Ok(());
        }
        if change.total.is_some_and(|total| total.0 <= 0) {
            return self.withdraw(request.id, CancelReason::Requested, place);
        }
        held.total = change.total.unwrap_or(held.total);
        held.limit = change.price.or(held.limit);
        held.stop = change.trigger.unwrap_or(held.stop);
        let price = held.limit.unwrap_or(Ticks::NONE);
        let quantity = held.total;
        place.report(&request, ReportKind::Modified { quantity, price });
        if held.waits == Waits::Trigger && change.trigger.is_some() {
            return self.let_go(which, place);
        }
        Ok(())
    }

    /// An own order's cancel arrives.
    ///
    /// # Errors
    /// What the market may give. A refusal is a report.
    pub fn cancel(
        &mut self,
        market: &mut Market,
        order: OrderId,
        at: UnixNanos,
        sizer: &mut dyn Sizer,
        out: &mut Vec<Report>,
    ) -> Result<(), VenueError> {
        if self.is_idle() {
            return market.cancel(order, at, out);
        }
        self.end(market, order, CancelReason::Requested, at, sizer, out)
    }

    /// An order's time is over. One that has ended already is left alone.
    ///
    /// # Errors
    /// What the market may give.
    pub fn expire(
        &mut self,
        market: &mut Market,
        order: OrderId,
        at: UnixNanos,
        sizer: &mut dyn Sizer,
        out: &mut Vec<Report>,
    ) -> Result<(), VenueError> {
        if self.position(order).is_none() && market.own_order(order).is_none() {
            return Ok(());
        }
        self.end(market, order, CancelReason::Expired, at, sizer, out)
    }

    fn end(
        &mut self,
        market: &mut Market,
        order: OrderId,
        reason: CancelReason,
        at: UnixNanos,
        sizer: &mut dyn Sizer,
        out: &mut Vec<Report>,
    ) -> Result<(), VenueError> {
        let first = out.len();
        let mut place = Place { market, sizer, out, at };
        self.withdraw(order, reason, &mut place)?;
        self.react(&mut place, first)?;
        self.refresh();
        Ok(())
    }

    /// Cancels every own order (of one strategy), those that wait here too.
    pub fn cancel_all(
        &mut self,
        market: &mut Market,
        strategy: Option<StrategyIndex>,
        reason: CancelReason,
        at: UnixNanos,
        out: &mut Vec<Report>,
    ) {
        let first = out.len();
        market.cancel_all(strategy, reason, at, out);
        let of = |id: OrderId| strategy.is_none_or(|index| id.strategy() == index);
        for held in self.held.extract_if(.., |held| of(held.request.id)) {
            let leaves = if held.request.size_at_fill { Lots::ZERO } else { held.total };
            out.push(Report {
                order: held.request.id,
                instrument: held.request.instrument,
                ts_event: at,
                kind: ReportKind::Canceled { leaves, reason },
            });
        }
        // Nothing is left of these families: nobody has to learn of it.
        self.linked.retain(|linked| !of(linked.id));
        self.reducing.retain(|&id| !of(id));
        debug_assert!(first <= out.len());
        self.refresh();
    }

    /// Ends an order wherever it is, for this reason.
    pub(super) fn withdraw(
        &mut self,
        id: OrderId,
        reason: CancelReason,
        place: &mut Place<'_>,
    ) -> Result<(), VenueError> {
        if let Some(at) = self.position(id) {
            let held = self.held.remove(at);
            let leaves = if held.request.size_at_fill { Lots::ZERO } else { held.total };
            place.report(&held.request, ReportKind::Canceled { leaves, reason });
            return Ok(());
        }
        let first = place.out.len();
        place.market.cancel(id, place.at, place.out)?;
        for report in &mut place.out[first..] {
            if let ReportKind::Canceled { leaves, reason: CancelReason::Requested } = report.kind
                && report.order == id
            {
                report.kind = ReportKind::Canceled { leaves, reason };
            }
        }
        if reason != CancelReason::Requested {
            // Nobody asked: an order that has ended meanwhile is no answer to anyone.
            remove_from(place.out, first, |report| {
                matches!(report.kind, ReportKind::CancelRejected(_))
            });
        }
        Ok(())
    }

    /// Gives an order in the market another total.
    pub(super) fn restate(
        &mut self,
        id: OrderId,
        total: Lots,
        place: &mut Place<'_>,
    ) -> Result<(), VenueError> {
        let first = place.out.len();
        place.market.modify(id, Some(total), None, place.at, place.out)?;
        for report in &mut place.out[first..] {
            if let ReportKind::Modified { quantity, price } = report.kind {
                report.kind = ReportKind::Restated { quantity, price };
            }
        }
        remove_from(place.out, first, |report| {
            matches!(report.kind, ReportKind::ModifyRejected(_))
        });
        Ok(())
    }

    /// Tells the total of a held order.
    pub(super) fn restated(&self, at: usize, place: &mut Place<'_>) {
        let held = &self.held[at];
        let (quantity, price) = (held.total, held.limit.unwrap_or(Ticks::NONE));
        place.report(&held.request, ReportKind::Restated { quantity, price });
    }
}

fn remove_from(out: &mut Vec<Report>, first: usize, unwanted: impl Fn(&Report) -> bool) {
    let mut at = first;
    while at < out.len() {
        if unwanted(&out[at]) {
            out.remove(at);
        } else {
            at += 1;
        }
    }
}

impl Place<'_> {
    pub(super) fn report(&mut self, request: &OrderRequest, kind: ReportKind) {
        let (order, instrument) = (request.id, request.instrument);
        self.out.push(Report { order, instrument, ts_event: self.at, kind });
    }

    fn report_on(&mut self, order: OrderId, kind: ReportKind) {
        let instrument = self.market.index();
        self.out.push(Report { order, instrument, ts_event: self.at, kind });
    }

    /// What the market said to an order that had been accepted before: no second acceptance, and a
    /// refusal is a cancel.
    fn after_acceptance(&mut self, first: usize, request: &OrderRequest) {
        remove_from(self.out, first, |report| {
            report.order == request.id && report.kind == ReportKind::Accepted
        });
        for report in &mut self.out[first..] {
            if report.order == request.id
                && matches!(report.kind, ReportKind::Rejected(_))
                && !request.size_at_fill
            {
                let (leaves, reason) = (request.quantity, CancelReason::Refused);
                report.kind = ReportKind::Canceled { leaves, reason };
            }
        }
    }
}
