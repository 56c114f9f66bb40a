//! How own orders meet quotes and trades.

use super::QuoteMarket;
use super::shown::{ShownSide, UNSIZED};
use crate::desk::{Desk, distance};
use crate::error::VenueError;
use crate::own::OwnOrder;
use crate::settings::BeyondDisplay;
use crate::trace::Cause;
use model::decimal::mul_div_half_even;
use model::{CancelReason, LiquiditySide, Lots, Price, Report, Side, Sizer, TimeInForce};

/// What is planned to be taken of a display: levels (best first) and the price of each fill.
type Takes = Vec<(usize, i64, Price)>;

/// Plans what a taker would take of a display: one fill a level, worsened by the impact, no
/// farther than its limit.
/// Whether it stopped because the worsened price is worse than the limit comes with it.
fn plan(desk: &Desk, own: &OwnOrder, shown: &mut ShownSide) -> Result<(Takes, bool), VenueError> {
    let limit = own.limit.map(|limit| desk.instrument.grid.price(limit));
    let mut left = own.leaves().0;
    let mut takes = Vec::new();
    for (at, level) in shown.iter_mut().enumerate() {
        if left == 0 || limit.is_some_and(|limit| distance(own.side, limit, level.price) < 0) {
            break;
        }
        let take = level.free().min(left);
        if take == 0 {
            continue;
        }
        let price = desk.taker_price(own.side, level.price, Lots(take))?;
        if limit.is_some_and(|limit| distance(own.side, limit, price) < 0) {
            return Ok((takes, true));
        }
        takes.push((at, take, price));
        left -= take;
    }
    Ok((takes, false))
}

/// Takes from a display; nothing where `whole` is asked for and not all of it is there.
fn take(
    desk: &mut Desk,
    own: &mut OwnOrder,
    shown: &mut ShownSide,
    whole: bool,
    out: &mut Vec<Report>,
) -> Result<(), VenueError> {
    let (takes, held_back) = plan(desk, own, shown)?;
    own.held_back = held_back;
    let total: i64 = takes.iter().map(|take| take.1).sum();
    if whole && total < own.leaves().0 {
        return Ok(());
    }
    desk.decide(own.id(), Cause::Taken);
    for &(_, quantity, price) in &takes {
        desk.fill(own, Lots(quantity), price, LiquiditySide::Taker, desk.now, out)?;
    }
    let mut takes = takes.into_iter().peekable();
    for (at, level) in shown.iter_mut().enumerate() {
        match takes.next_if(|take| take.0 == at) {
            Some((_, quantity, _)) => level.consumed += quantity,
            None if takes.peek().is_none() => break,
            None => {}
        }
    }
    desk.counters.taken_volume += total.unsigned_abs();
    Ok(())
}

/// The rest of a market order beyond the display: one tick worse per level, every level as large
/// as the last displayed one, at the average price. A sale goes no lower than one tick.
fn beyond(
    desk: &Desk,
    own: &mut OwnOrder,
    from: Price,
    level_size: i64,
    out: &mut Vec<Report>,
) -> Result<(), VenueError> {
    let tick = i128::from(desk.instrument.grid.tick_size().0);
    let size = i128::from(level_size.max(1));
    let mut rest = i128::from(own.leaves().0);
    if own.side == Side::Sell && from.0 > 0 {
        rest = rest.min((i128::from(from.0) - 1) / tick * size);
    }
    if rest <= 0 {
        return Ok(());
    }
    // Σ level number × lots over the full levels and the last, partly used one.
    let (full, part) = (rest / size, rest % size);
    let steps = size * (full * (full + 1) / 2) + part * (full + 1);
    let shift = mul_div_half_even(steps, tick, rest, "price beyond the display")?;
    let price = i64::try_from(i128::from(from.0) + i128::from(own.side.sign()) * shift)
        .map_err(|_| model::ModelError::Overflow { what: "price beyond the display" })?;
    let quantity = Lots(rest as i64);
    let worse = desk.taker_price(own.side, Price(price), quantity)?;
    desk.fill(own, quantity, worse, LiquiditySide::Taker, desk.now, out)
}

impl QuoteMarket {
    /// The quote (or book of levels) has changed.
    pub(super) fn quote_changed(
        &mut self,
        sizer: &mut dyn Sizer,
        out: &mut Vec<Report>,
    ) -> Result<(), VenueError> {
        if let (Some(bid), Some(ask)) = (self.bids.best(), self.asks.best())
            && bid.price > ask.price
        {
            self.blotter.desk.counters.crossed_events += 1;
            return Ok(());
        }
        if self.blotter.own.is_empty() || !self.blotter.is_trading() {
            return Ok(());
        }
        let bbo = self.bbo();
        self.blotter.desk.note_spread(&bbo);
        // Taken out while own orders and displays change together, put back whatever happens.
        let mut bids = std::mem::replace(&mut self.bids, ShownSide::new(Side::Buy));
        let mut asks = std::mem::replace(&mut self.asks, ShownSide::new(Side::Sell));
        let result = self
            .takers(&mut bids, &mut asks, sizer, out)
            .and_then(|()| self.resting_meet_quote(Side::Buy, &mut asks, out))
            .and_then(|()| self.resting_meet_quote(Side::Sell, &mut bids, out));
        (self.bids, self.asks) = (bids, asks);
        result?;
        self.settle_fresh();
        for side in [Side::Buy, Side::Sell] {
            let best = self.shown(side).best().map(|best| best.price);
            self.count_visits(side, best);
        }
        Ok(())
    }

    fn shown(&self, side: Side) -> &ShownSide {
        match side {
            Side::Buy => &self.bids,
            Side::Sell => &self.asks,
        }
    }

    /// Orders that have not looked at the market yet: market orders by arrival, then limit orders
    /// by arrival.
    fn takers(
        &mut self,
        bids: &mut ShownSide,
        asks: &mut ShownSide,
        sizer: &mut dyn Sizer,
        out: &mut Vec<Report>,
    ) -> Result<(), VenueError> {
        for mut own in std::mem::take(&mut self.blotter.own.waiting) {
            let price = |side: &ShownSide| side.best().map(|best| best.price);
            let empty = if own.unsized_yet {
                bids.is_empty() && asks.is_empty()
            } else {
                (if own.side == Side::Buy { &*asks } else { &*bids }).is_empty()
            };
            if empty {
                // No market yet: it waits for one.
                self.blotter.own.wait(own);
                continue;
            }
            if !self.blotter.size_now(&mut own, price(asks), price(bids), sizer, out) {
                continue;
            }
            let shown = if own.side == Side::Buy { &mut *asks } else { &mut *bids };
            let desk = &mut self.blotter.desk;
            let whole = own.request.time_in_force == TimeInForce::Fok
                && desk.settings.beyond_display() == BeyondDisplay::Cancel;
            take(desk, &mut own, shown, whole, out)?;
            if own.leaves().0 > 0
                && desk.settings.beyond_display() == BeyondDisplay::OneTickPerLevel
                && let Some(worst) = shown.worst().filter(|worst| worst.size < UNSIZED)
            {
                beyond(desk, &mut own, worst.price, worst.size, out)?;
            }
            if own.leaves().0 > 0 {
                desk.cancel(&own, CancelReason::NoLiquidity, out);
            }
        }
        let mut fresh: Vec<_> = self
            .blotter
            .own
            .iter()
            .filter(|own| own.fresh && own.limit.is_some())
            .map(|own| (own.arrival, own.id()))
            .collect();
        fresh.sort_unstable();
        for (_, id) in fresh {
            let Some(place) = self.blotter.own.find(id) else { continue };
            let mut own = self.blotter.own.remove(place);
            let force = own.request.time_in_force;
            let desk = &mut self.blotter.desk;
            if !own.request.post_only {
                let shown = if own.side == Side::Buy { &mut *asks } else { &mut *bids };
                take(desk, &mut own, shown, force == TimeInForce::Fok, out)?;
            }
            if own.leaves().0 > 0 {
                if force.rests() {
                    self.blotter.own.rest(own);
                } else {
                    desk.cancel(&own, CancelReason::NoLiquidity, out);
                }
            }
        }
        Ok(())
    }

    /// Resting orders that the other side's quote reaches.
    fn resting_meet_quote(
        &mut self,
        side: Side,
        shown: &mut ShownSide,
        out: &mut Vec<Report>,
    ) -> Result<(), VenueError> {
        let grid = self.blotter.desk.instrument.grid;
        for at in 0..self.blotter.own.side(side).len() {
            let own = &mut self.blotter.own.side_mut(side)[at];
            let Some(limit) = own.limit.map(|limit| grid.price(limit)) else { continue };
            // A fresh order has had its turn as a taker; a post-only one has not.
            if own.fresh && !own.request.post_only {
                continue;
            }
            if own.held_back {
                let best = shown.best().map(|best| best.price);
                if best.is_some_and(|best| distance(side, limit, best) >= 0) {
                    take(&mut self.blotter.desk, own, shown, false, out)?;
                    continue;
                }
                own.held_back = false;
            }
            let mut quantity = 0;
            let wanted = own.leaves().0;
            for level in shown.iter_mut() {
                let distance = distance(side, limit, level.price);
                if distance < 0 || quantity == wanted {
                    break;
                }
                let take = level.free().min(wanted - quantity);
                if take > 0 && (distance > 0 || self.blotter.desk.touched(own, false)?) {
                    level.consumed += take;
                    quantity += take;
                }
            }
            if quantity > 0 {
                self.blotter.desk.decide(own.id(), Cause::QuoteReached);
                let desk = &self.blotter.desk;
                desk.fill(own, Lots(quantity), limit, LiquiditySide::Maker, desk.now, out)?;
            }
        }
        self.blotter.own.side_mut(side).retain(|own| own.leaves().0 > 0);
        Ok(())
    }

    fn settle_fresh(&mut self) {
        let own = &mut self.blotter.own;
        for order in own.bids.iter_mut().chain(&mut own.asks) {
            order.fresh = false;
        }
    }

    /// A visit of an own price ends when the best of its side is no longer there.
    fn count_visits(&mut self, side: Side, best: Option<Price>) {
        let grid = self.blotter.desk.instrument.grid;
        for own in self.blotter.own.side_mut(side) {
            let here = own.limit.map(|limit| grid.price(limit)) == best;
            own.visit += u64::from(own.at_price && !here);
            own.at_price = here;
        }
    }

    /// A trade prints.
    pub(super) fn trade(
        &mut self,
        price: Price,
        size: i64,
        aggressor: Option<Side>,
        sizer: &mut dyn Sizer,
        out: &mut Vec<Report>,
    ) -> Result<(), VenueError> {
        if self.blotter.own.is_empty() || !self.blotter.is_trading() || !price.is_defined() {
            return Ok(());
        }
        let mut left = size;
        if !self.quoted {
            let volume = if size == 0 {
                self.blotter.desk.counters.unsized_quotes += 1;
                UNSIZED
            } else {
                size
            };
            left = self.takers_meet_trade(price, volume, sizer, out)?;
        }
        for side in [Side::Buy, Side::Sell] {
            left = self.resting_meet_trade(side, price, left, aggressor, out)?;
        }
        if !self.quoted {
            self.settle_fresh();
            for side in [Side::Buy, Side::Sell] {
                self.count_visits(side, Some(price));
            }
        }
        Ok(())
    }

    /// Where there are no quotes, a trade stands for one on both sides. Returns what is left of
    /// its volume.
    fn takers_meet_trade(
        &mut self,
        price: Price,
        volume: i64,
        sizer: &mut dyn Sizer,
        out: &mut Vec<Report>,
    ) -> Result<i64, VenueError> {
        let taken_before = self.blotter.desk.counters.taken_volume;
        let (mut bids, mut asks) = (ShownSide::new(Side::Buy), ShownSide::new(Side::Sell));
        bids.set(price, volume);
        asks.set(price, volume);
        self.takers(&mut bids, &mut asks, sizer, out)?;
        let taken = self.blotter.desk.counters.taken_volume - taken_before;
        Ok((volume - i64::try_from(taken).unwrap_or(i64::MAX)).max(0))
    }

    fn resting_meet_trade(
        &mut self,
        side: Side,
        price: Price,
        mut left: i64,
        aggressor: Option<Side>,
        out: &mut Vec<Report>,
    ) -> Result<i64, VenueError> {
        let grid = self.blotter.desk.instrument.grid;
        for at in 0..self.blotter.own.side(side).len() {
            let own = &mut self.blotter.own.side_mut(side)[at];
            let Some(limit) = own.limit.map(|limit| grid.price(limit)) else { continue };
            let distance = distance(side, limit, price);
            if left == 0 || distance < 0 {
                break;
            }
            if own.fresh {
                continue;
            }
            let filled = distance > 0
                || (aggressor != Some(side) && self.blotter.desk.touched(own, false)?);
            if filled {
                let quantity = own.leaves().0.min(left);
                let rule = if distance > 0 { Cause::TradedThrough } else { Cause::Touched };
                self.blotter.desk.decide(own.id(), rule);
                let desk = &self.blotter.desk;
                desk.fill(own, Lots(quantity), limit, LiquiditySide::Maker, desk.now, out)?;
                left -= quantity;
            }
        }
        self.blotter.own.side_mut(side).retain(|own| own.leaves().0 > 0);
        Ok(left)
    }
}
