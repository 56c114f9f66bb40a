//! How own orders meet levels and trades.

use super::DepthMarket;
use crate::desk::distance;
use crate::error::VenueError;
use crate::own::OwnOrder;
use crate::trace::Cause;
use model::{Bbo, LiquiditySide, Lots, Price, Report, Side, Sizer, Ticks, TradingPhase};

/// What a taker would take: level, lots, and the price of the fill.
type Takes = Vec<(Ticks, i64, Price)>;

/// What own orders took of displays, by side and price.
#[derive(Clone, Debug, Default)]
pub(super) struct Consumed {
    places: Vec<(Side, Ticks, i64)>,
}

impl Consumed {
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    pub fn clear(&mut self) {
        self.places.clear();
    }

    pub fn of(&self, side: Side, price: Ticks) -> i64 {
        let here = self.places.iter().find(|(s, p, _)| (*s, *p) == (side, price));
        here.map_or(0, |place| place.2)
    }

    pub fn add(&mut self, side: Side, price: Ticks, lots: i64) {
        if lots == 0 {
            return;
        }
        match self.places.iter_mut().find(|(s, p, _)| (*s, *p) == (side, price)) {
            Some(place) => place.2 += lots,
            None => self.places.push((side, price, lots)),
        }
    }

    /// The display goes from `before` to `after`.
    pub fn resize(&mut self, side: Side, price: Ticks, before: i64, after: i64) {
        if let Some(at) = self.places.iter().position(|(s, p, _)| (*s, *p) == (side, price)) {
            let place = &mut self.places[at];
            place.2 = (place.2 - (before - after).max(0)).max(0);
            if place.2 == 0 || after == 0 {
                self.places.swap_remove(at);
            }
        }
    }
}

impl DepthMarket {
    /// A level goes from one size to another: queues move, and what was consumed shrinks.
    pub(super) fn level_changes(&mut self, side: Side, price: Ticks, before: i64, after: i64) {
        self.consumed.resize(side, price, before, after);
        let model = self.desk.settings.depth_queue();
        for own in self.own.side_mut(side) {
            if own.limit == Some(price) {
                model.resize(&mut own.front, before, after);
            }
        }
    }

    /// What the refreshing of the fast route rests on: the span of own prices.
    pub(super) fn refresh(&mut self) {
        for side in [Side::Buy, Side::Sell] {
            let list = self.own.side(side);
            self.best_own[side as usize] = list.first().and_then(|own| own.limit);
            self.worst_own[side as usize] = list.last().and_then(|own| own.limit);
        }
        let bbo = self.book.bbo();
        self.last_best = (bbo.bid, bbo.ask);
    }

    pub(super) fn is_trading(&self) -> bool {
        self.phase == TradingPhase::Trading
    }

    /// A message has ended.
    #[inline]
    pub(super) fn end_message(
        &mut self,
        sizer: &mut dyn Sizer,
        out: &mut Vec<Report>,
    ) -> Result<(), VenueError> {
        if self.own.is_empty() {
            return Ok(());
        }
        self.end_with_orders(sizer, out)
    }

    fn end_with_orders(
        &mut self,
        sizer: &mut dyn Sizer,
        out: &mut Vec<Report>,
    ) -> Result<(), VenueError> {
        let bbo = self.book.bbo();
        if bbo.is_two_sided() && bbo.bid > bbo.ask {
            self.desk.counters.crossed_events += 1;
            return Ok(());
        }
        if !self.is_trading() {
            return Ok(());
        }
        if self.resume || !self.own.waiting.is_empty() {
            self.resume(sizer, out)?;
        }
        if (bbo.bid, bbo.ask) != self.last_best {
            self.last_best = (bbo.bid, bbo.ask);
            self.count_visits(Side::Buy, bbo.bid);
            self.count_visits(Side::Sell, bbo.ask);
        }
        // A level of the other side at or through an own limit.
        let reaches = |side: Side, price: Ticks, own: Option<Ticks>| {
            price.is_some() && own.is_some_and(|limit| side.accepts(limit, price))
        };
        if reaches(Side::Buy, bbo.ask, self.best_own[0]) {
            self.meet_levels(Side::Buy, out)?;
        }
        if reaches(Side::Sell, bbo.bid, self.best_own[1]) {
            self.meet_levels(Side::Sell, out)?;
        }
        if self.holds_back {
            self.release_held(bbo);
        }
        Ok(())
    }

    /// What the market does not offer any more holds no order back.
    #[cold]
    fn release_held(&mut self, bbo: Bbo) {
        self.holds_back = false;
        for (side, other) in [(Side::Buy, bbo.ask), (Side::Sell, bbo.bid)] {
            for own in self.own.side_mut(side) {
                own.held_back &=
                    other.is_some() && own.limit.is_some_and(|limit| side.accepts(limit, other));
                self.holds_back |= own.held_back;
            }
        }
    }

    /// Own orders of a side trade with levels of the other side at or through their limits.
    #[cold]
    fn meet_levels(&mut self, side: Side, out: &mut Vec<Report>) -> Result<(), VenueError> {
        let other = side.opposite();
        let grid = self.desk.instrument.grid;
        let levels: Vec<(Ticks, i64)> =
            self.book.levels(other).map(|level| (level.price, level.quantity.0)).collect();
        for at in 0..self.own.side(side).len() {
            let mut own = *self.own.side(side)[at];
            let Some(limit) = own.limit else { continue };
            if own.held_back {
                let offered = levels.first().is_some_and(|&(price, _)| side.accepts(limit, price));
                if offered {
                    self.take(&mut own, false, out)?;
                } else {
                    own.held_back = false;
                }
                *self.own.side_mut(side)[at] = own;
                continue;
            }
            let mut took = 0;
            for &(price, size) in &levels {
                if !side.accepts(limit, price) || took == own.leaves().0 {
                    break;
                }
                let free = (size - self.consumed.of(other, price)).max(0);
                let take = free.min(own.leaves().0 - took);
                self.consumed.add(other, price, take);
                took += take;
            }
            if took > 0 {
                self.desk.counters.taken_volume += took.unsigned_abs();
                self.desk.decide(own.id(), Cause::OtherSideArrived);
                self.fill_maker(side, at, took, grid.price(limit), out)?;
            }
        }
        self.drop_filled(side);
        Ok(())
    }

    fn fill_maker(
        &mut self,
        side: Side,
        at: usize,
        lots: i64,
        price: Price,
        out: &mut Vec<Report>,
    ) -> Result<(), VenueError> {
        let now = self.desk.now;
        let own = &mut self.own.side_mut(side)[at];
        self.desk.fill(own, Lots(lots), price, LiquiditySide::Maker, now, out)?;
        if !own.request.display.is_zero() {
            own.shown = Lots((own.shown.0 - lots).max(0));
        }
        Ok(())
    }

    fn drop_filled(&mut self, side: Side) {
        self.own.side_mut(side).retain(|own| own.leaves().0 > 0);
        // The next slice of an iceberg stands behind what is displayed.
        let gone = |own: &OwnOrder| !own.request.display.is_zero() && own.visible().is_zero();
        while let Some(at) = self.own.side(side).iter().position(|own| gone(own)) {
            let mut own = self.own.side_mut(side).remove(at);
            own.arrival = self.own.next_arrival();
            self.enter_queue(&mut own);
            self.own.rest(own);
        }
        self.refresh();
    }

    /// Puts an order behind what is displayed at its price.
    pub(super) fn enter_queue(&self, own: &mut OwnOrder) {
        own.show_next();
        if let Some(limit) = own.limit {
            let displayed = self.book.level(own.side, limit).quantity.0;
            own.front = crate::queue::Front::behind(displayed);
        }
    }

    fn count_visits(&mut self, side: Side, best: Ticks) {
        for own in self.own.side_mut(side) {
            let here = own.limit == Some(best);
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
        out: &mut Vec<Report>,
    ) -> Result<(), VenueError> {
        if self.own.is_empty() || !self.is_trading() || !price.is_defined() {
            return Ok(());
        }
        let bbo = self.book.bbo();
        let grid = self.desk.instrument.grid;
        let at_or = |side: Side, best: Ticks| {
            best.is_some() && distance(side, grid.price(best), price) <= 0
        };
        let passive: &[Side] = match aggressor {
            Some(Side::Sell) => &[Side::Buy],
            Some(Side::Buy) => &[Side::Sell],
            None if at_or(Side::Sell, bbo.bid) => &[Side::Buy],
            None if at_or(Side::Buy, bbo.ask) => &[Side::Sell],
            None => &[Side::Buy, Side::Sell],
        };
        let mut left = size;
        for &side in passive {
            left = self.trade_with(side, price, left, out)?;
        }
        Ok(())
    }

    /// Own orders of a side share what traded; what is left of it.
    fn trade_with(
        &mut self,
        side: Side,
        price: Price,
        size: i64,
        out: &mut Vec<Report>,
    ) -> Result<i64, VenueError> {
        let grid = self.desk.instrument.grid;
        let mut left = size;
        let mut filled = false;
        for at in 0..self.own.side(side).len() {
            let own = &mut self.own.side_mut(side)[at];
            let Some(limit) = own.limit.map(|limit| grid.price(limit)) else { continue };
            let most = match distance(side, limit, price) {
                // Beyond the own price: everything that traded there came past it.
                1 => own.leaves().0.min(left),
                // The front sees the whole trade; what passes it is shared.
                0 => own.front.trade(size).min(left).min(own.visible().0),
                _ => break,
            };
            if most <= 0 {
                continue;
            }
            let own = **own;
            let through = distance(side, limit, price) > 0;
            if through || self.desk.touched(&own, true)? {
                self.desk.counters.displaced_volume += most.unsigned_abs();
                let rule = if through { Cause::TradedThrough } else { Cause::FrontPassed };
                self.desk.decide(own.id(), rule);
                self.fill_maker(side, at, most, limit, out)?;
                left -= most;
                filled = true;
            }
        }
        if filled {
            self.drop_filled(side);
        }
        Ok(left)
    }

    /// What a taking order would take within its limit: levels, best first, with the price of each
    /// fill. Stops where the worsened price is worse than the limit, and says whether it did.
    fn plan(&self, own: &OwnOrder) -> Result<(Takes, bool), VenueError> {
        let other = own.side.opposite();
        let grid = &self.desk.instrument.grid;
        let limit = own.limit.map(|limit| grid.price(limit));
        let mut left = own.leaves().0;
        let mut takes = Vec::new();
        for level in self.book.levels(other) {
            if left == 0 || own.limit.is_some_and(|l| !own.side.accepts(l, level.price)) {
                break;
            }
            let free = (level.quantity.0 - self.consumed.of(other, level.price)).max(0);
            let take = free.min(left);
            if take == 0 {
                continue;
            }
            let price = self.desk.taker_price(own.side, grid.price(level.price), Lots(take))?;
            if limit.is_some_and(|limit| distance(own.side, limit, price) < 0) {
                return Ok((takes, true));
            }
            takes.push((level.price, take, price));
            left -= take;
        }
        Ok((takes, false))
    }

    /// Whether the book offers an order anything within its limit, whatever it would cost.
    pub(super) fn offers_within(&self, own: &OwnOrder) -> bool {
        let other = own.side.opposite();
        let free = |price: Ticks, size: i64| size > self.consumed.of(other, price);
        self.book
            .levels(other)
            .take_while(|level| own.limit.is_none_or(|l| own.side.accepts(l, level.price)))
            .any(|level| free(level.price, level.quantity.0))
    }

    /// Takes what the book offers; nothing where `whole` is asked for and not all of it is there.
    pub(super) fn take(
        &mut self,
        own: &mut OwnOrder,
        whole: bool,
        out: &mut Vec<Report>,
    ) -> Result<(), VenueError> {
        let bbo = self.book.bbo();
        self.desk.note_spread(&bbo);
        let (takes, held_back) = self.plan(own)?;
        own.held_back = held_back;
        self.holds_back |= held_back;
        let total: i64 = takes.iter().map(|take| take.1).sum();
        if let Some(bound) = own.limit.or(takes.last().map(|take| take.0)) {
            self.desk.counters.own_crossings += self.own.crossings(own.side, bound);
        }
        if whole && total < own.leaves().0 {
            return Ok(());
        }
        let other = own.side.opposite();
        self.desk.decide(own.id(), Cause::Taken);
        for (level, lots, price) in takes {
            let at = self.desk.now;
            self.desk.fill(own, Lots(lots), price, LiquiditySide::Taker, at, out)?;
            self.consumed.add(other, level, lots);
        }
        self.desk.counters.taken_volume += total.unsigned_abs();
        Ok(())
    }
}
