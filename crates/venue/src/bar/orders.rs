//! How own orders meet a bar: at its open, at a price that it reaches, at a moment inside it.

use super::{BarMarket, Inside, OPENING_GRACE_NS};
use crate::desk::{BarRoom, distance};
use crate::error::VenueError;
use crate::own::OwnOrder;
use crate::trace::Cause;
use model::{
    Bar, CancelReason, LiquiditySide, Lots, OrderId, OrderRequest, Price, Reason, Report,
    ReportKind, Side, Sizer, UnixNanos,
};

/// What a bar passes in one go: two prices, and where it comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Leg {
    pub from: Price,
    pub low: Price,
    pub high: Price,
}

impl Leg {
    /// From one price to another.
    pub fn between(from: Price, to: Price) -> Self {
        Self { from, low: from.min(to), high: from.max(to) }
    }

    /// How far a price is from where the leg begins.
    pub fn distance(&self, price: Price) -> u64 {
        self.from.0.abs_diff(price.0)
    }
}

/// An order that a leg reaches. The nearest comes first, then by arrival.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Reached {
    pub distance: u64,
    pub arrival: u64,
    pub id: OrderId,
}

impl BarMarket {
    /// A bar has come: false where a finer one decides.
    pub(super) fn begin(&mut self, bar: &Bar) -> bool {
        if self.finest.is_some_and(|finest| bar.timeframe > finest) {
            return false;
        }
        self.finest = Some(bar.timeframe);
        let lot = i128::from(self.blotter.desk.instrument.lot_size.0);
        let volume = i64::try_from(bar.volume / lot).unwrap_or(i64::MAX).max(0);
        self.blotter.desk.room = BarRoom { volume, filled: 0 };
        if bar.close_time < self.blotter.desk.now {
            self.blotter.desk.counters.clock_backward_steps += 1;
        }
        true
    }

    /// The bar is over.
    pub(super) fn finish(&mut self, bar: &Bar) {
        let grid = self.blotter.desk.instrument.grid;
        let in_time = Self::in_time(bar);
        for side in [Side::Buy, Side::Sell] {
            for own in self.blotter.own.side_mut(side) {
                let Some(limit) = own.limit.map(|limit| grid.price(limit)) else { continue };
                if own.arrived <= in_time {
                    own.visit += u64::from(limit < bar.low || limit > bar.high);
                }
            }
        }
        self.inside = None;
        self.born.clear();
        self.pass(bar);
    }

    /// Nobody is there to meet the bar.
    #[inline]
    pub(super) fn pass(&mut self, bar: &Bar) {
        self.blotter.desk.now = self.blotter.desk.now.max(bar.close_time);
        self.last = Some(bar.close);
        self.last_open = Some(bar.open_time);
    }

    /// The last arrival that still takes part in a bar.
    pub(crate) fn in_time(bar: &Bar) -> UnixNanos {
        bar.open_time.plus(OPENING_GRACE_NS.min(bar.timeframe.0 / 60))
    }

    /// When an order executes at the open of a bar.
    fn open_time(own: &OwnOrder, bar: &Bar) -> UnixNanos {
        bar.open_time.max(own.arrived)
    }

    /// Market orders fill at the open.
    pub(super) fn market_orders(
        &mut self,
        bar: &Bar,
        sizer: &mut dyn Sizer,
        out: &mut Vec<Report>,
    ) -> Result<(), VenueError> {
        if self.blotter.own.waiting.is_empty() {
            return Ok(());
        }
        let (clock, in_time) = (self.blotter.desk.now, Self::in_time(bar));
        for mut own in std::mem::take(&mut self.blotter.own.waiting) {
            if own.arrived > in_time || own.request.time_in_force.is_timed() {
                self.blotter.own.wait(own);
                continue;
            }
            let at = Self::open_time(&own, bar);
            self.blotter.desk.now = at;
            let open = Some(bar.open);
            if self.blotter.size_now(&mut own, open, open, sizer, out) {
                let quantity = self.part(&own);
                if !quantity.is_zero() {
                    let desk = &mut self.blotter.desk;
                    desk.decide(own.id(), Cause::AtOpen);
                    desk.take_at(&mut own, quantity, bar.open, at, sizer, out)?;
                    desk.room.filled += quantity.0;
                }
                self.keep(own, out);
            }
        }
        self.blotter.desk.now = clock;
        Ok(())
    }

    /// Limit orders that the open has gapped through fill there; those that may not rest end.
    pub(super) fn gapped_orders(
        &mut self,
        side: Side,
        bar: &Bar,
        out: &mut Vec<Report>,
    ) -> Result<(), VenueError> {
        if self.blotter.own.side(side).is_empty() {
            return Ok(());
        }
        let (grid, in_time) = (self.blotter.desk.instrument.grid, Self::in_time(bar));
        for mut own in std::mem::take(self.blotter.own.side_mut(side)) {
            let Some(limit) = own.limit.map(|limit| grid.price(limit)) else { continue };
            if own.arrived > in_time {
                self.blotter.own.rest(own);
                continue;
            }
            let quantity = self.part(&own);
            let desk = &mut self.blotter.desk;
            if distance(side, limit, bar.open) > 0 && !quantity.is_zero() {
                let takes = own.fresh && !own.request.post_only;
                let (liquidity, price) = if takes {
                    (LiquiditySide::Taker, desk.taker_price(side, bar.open, quantity)?)
                } else {
                    (LiquiditySide::Maker, bar.open)
                };
                // Not where the impact makes it worse than the limit.
                if distance(side, limit, price) >= 0 {
                    let at = Self::open_time(&own, bar);
                    desk.room.filled += quantity.0;
                    desk.decide(own.id(), Cause::OpenBeyond);
                    desk.fill(&mut own, quantity, price, liquidity, at, out)?;
                    own.fresh = false;
                    self.keep(own, out);
                    continue;
                }
            }
            own.fresh = false;
            if own.request.time_in_force.rests() {
                self.blotter.own.rest(own);
            } else {
                desk.cancel(&own, CancelReason::NoLiquidity, out);
            }
        }
        Ok(())
    }

    /// The resting limit order that a leg reaches first, those `seen` left out. With `born`, only
    /// orders that became active inside this bar; without, only the others.
    pub(super) fn nearest(
        &self,
        leg: &Leg,
        bar: &Bar,
        born: Option<bool>,
        seen: &[OrderId],
    ) -> Option<Reached> {
        let (grid, in_time) = (self.blotter.desk.instrument.grid, Self::in_time(bar));
        let own = &self.blotter.own;
        own.bids
            .iter()
            .chain(&own.asks)
            .filter_map(|own| {
                let limit = own.limit.map(|limit| grid.price(limit))?;
                let extreme = if own.side == Side::Buy { leg.low } else { leg.high };
                let is_born = self.born.contains(&own.id());
                let takes_part = is_born || own.arrived <= in_time;
                let wanted = takes_part
                    && born.is_none_or(|born| born == is_born)
                    && distance(own.side, limit, extreme) >= 0
                    && !seen.contains(&own.id());
                let (distance, arrival) = (leg.distance(limit), own.arrival);
                wanted.then_some(Reached { distance, arrival, id: own.id() })
            })
            .min()
    }

    /// Fills a resting limit order that a leg reaches: at its limit where it is traded through, by
    /// the probability at touch where it is touched.
    pub(super) fn fill_reached(
        &mut self,
        id: OrderId,
        leg: &Leg,
        bar: &Bar,
        out: &mut Vec<Report>,
    ) -> Result<(), VenueError> {
        let Some(place) = self.blotter.own.find(id) else { return Ok(()) };
        let own = *self.blotter.own.at_mut(place);
        let Some(limit) = own.limit else { return Ok(()) };
        let limit = self.blotter.desk.instrument.grid.price(limit);
        let extreme = if own.side == Side::Buy { leg.low } else { leg.high };
        let reached = distance(own.side, limit, extreme);
        let fills = match reached {
            1 => true,
            0 => self.blotter.desk.touched(&own, false)?,
            _ => false,
        };
        if !fills {
            return Ok(());
        }
        let quantity = self.part(&own);
        if quantity.is_zero() {
            return Ok(());
        }
        let mut own = self.blotter.own.take_as(place, own);
        let at = bar.close_time.max(own.arrived);
        self.blotter.desk.room.filled += quantity.0;
        let rule = if reached > 0 { Cause::BarThrough } else { Cause::Touched };
        self.blotter.desk.decide(id, rule);
        self.blotter.desk.fill(&mut own, quantity, limit, LiquiditySide::Maker, at, out)?;
        self.keep(own, out);
        Ok(())
    }

    /// How much of an order the bar's volume still allows.
    pub(super) fn part(&self, own: &OwnOrder) -> Lots {
        Lots(own.leaves().0.min(self.blotter.desk.room()))
    }

    /// What is left of an order after its part of the bar: it waits for the next one, unless it may
    /// not.
    fn keep(&mut self, own: Box<OwnOrder>, out: &mut Vec<Report>) {
        if own.leaves().is_zero() {
            return;
        }
        if own.request.time_in_force.rests() {
            self.blotter.own.rest(own);
        } else {
            self.blotter.desk.cancel(&own, CancelReason::NoLiquidity, out);
        }
    }

    /// Where inside a bar the market stands from now on.
    pub(crate) fn stand_at(&mut self, price: Price, at: UnixNanos) {
        self.inside = Some(Inside { price, at });
    }

    /// Whether a bar is being walked through.
    pub(crate) const fn inside(&self) -> Option<Inside> {
        self.inside
    }

    /// An order became active inside the bar.
    pub(crate) fn bear(&mut self, id: OrderId) {
        self.born.push(id);
    }

    /// Whether an order became active inside the bar.
    pub(crate) fn is_born(&self, id: OrderId) -> bool {
        self.born.contains(&id)
    }

    /// An order enters at a moment inside a bar: it takes at the price there what its limit
    /// accepts, and rests with the remainder for what is left of the bar.
    pub(super) fn submit_inside(
        &mut self,
        order: &OrderRequest,
        inside: Inside,
        sizer: &mut dyn Sizer,
        out: &mut Vec<Report>,
    ) -> Result<(), VenueError> {
        if self.blotter.own.find(order.id).is_some() {
            return Err(VenueError::DuplicateOrder { order: order.id });
        }
        let clock = self.blotter.desk.now;
        self.blotter.desk.now = inside.at;
        self.blotter.own.see(order.id);
        let mut own = Box::new(OwnOrder::new(order, inside.at));
        own.arrival = self.blotter.own.next_arrival();
        own.fresh = false;
        let entered = self.enter(own, inside, sizer, out);
        self.blotter.desk.now = clock;
        entered
    }

    fn enter(
        &mut self,
        mut own: Box<OwnOrder>,
        inside: Inside,
        sizer: &mut dyn Sizer,
        out: &mut Vec<Report>,
    ) -> Result<(), VenueError> {
        let price = Some(inside.price);
        let limit = own.limit.map(|limit| self.blotter.desk.instrument.grid.price(limit));
        let meets = limit.is_none_or(|limit| distance(own.side, limit, inside.price) >= 0);
        let refused = self
            .blotter
            .desk
            .refusal(&mut own, sizer)
            .or_else(|| (own.request.post_only && meets).then_some(Reason::PostOnlyWouldTrade));
        if let Some(reason) = refused {
            self.blotter.desk.report(own.id(), ReportKind::Rejected(reason), out);
            return Ok(());
        }
        if own.unsized_yet {
            if !self.blotter.size_now(&mut own, price, price, sizer, out) {
                return Ok(());
            }
        } else {
            self.blotter.desk.report(own.id(), ReportKind::Accepted, out);
        }
        let quantity = self.part(&own);
        let desk = &mut self.blotter.desk;
        let worse = desk.taker_price(own.side, inside.price, quantity)?;
        let good = limit.is_none_or(|limit| distance(own.side, limit, worse) >= 0);
        if meets && good && !quantity.is_zero() {
            desk.room.filled += quantity.0;
            desk.decide(own.id(), Cause::Taken);
            desk.fill(&mut own, quantity, worse, LiquiditySide::Taker, inside.at, out)?;
        }
        if limit.is_some() {
            self.bear(own.id());
        }
        self.keep(own, out);
        Ok(())
    }
}
