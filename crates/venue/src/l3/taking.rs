//! Own orders that take: a walk over the recorded book, level by level and order by order, minus
//! what own orders took before.

use super::L3Market;
use super::taken::Taken;
use crate::desk::{Desk, distance};
use crate::error::VenueError;
use crate::own::OwnOrder;
use crate::trace::Cause;
use book::BookL3;
use model::{LiquiditySide, Lots, Price, Report, Side, Ticks};

/// What a taking order would take. The buffers are reused.
#[derive(Clone, Debug, Default)]
pub(crate) struct Plan {
    orders: Vec<(u64, i64)>,
    fills: Vec<(Price, Lots)>,
    total: i64,
    /// The last recorded price that was looked at within the limit.
    bound: Option<Ticks>,
}

impl Plan {
    /// Plans to take up to `wanted` lots at `limit` or better: one fill a level, at the level's
    /// price worsened by the impact. Stops where the impacted price is worse than the limit.
    fn make(
        &mut self,
        book: &BookL3,
        taken: &Taken,
        desk: &Desk,
        own: &OwnOrder,
        wanted: i64,
    ) -> Result<(), VenueError> {
        self.orders.clear();
        self.fills.clear();
        self.total = 0;
        self.bound = own.limit;
        let other = own.side.opposite();
        let grid = &desk.instrument.grid;
        // The common case: what comes to rest reaches nothing.
        if let Some(limit) = own.limit {
            let bbo = book.bbo();
            let best = if other == Side::Buy { bbo.bid } else { bbo.ask };
            if !best.is_some() || !own.side.accepts(limit, best) {
                return Ok(());
            }
        }
        for level in book.levels(other) {
            if self.total >= wanted {
                break;
            }
            if own.limit.is_some_and(|limit| !own.side.accepts(limit, level.price)) {
                break;
            }
            let first = self.orders.len();
            let mut here = 0;
            for order in book.orders_at(other, level.price) {
                let left = wanted - self.total - here;
                if left == 0 {
                    break;
                }
                let take = taken.free(order.id, order.quantity).min(left);
                if take > 0 {
                    self.orders.push((order.id, take));
                    here += take;
                }
            }
            if here == 0 {
                continue;
            }
            let price = desk.taker_price(own.side, grid.price(level.price), Lots(here))?;
            if let Some(limit) = own.limit
                && distance(own.side, grid.price(limit), price) < 0
            {
                self.orders.truncate(first);
                break;
            }
            if own.limit.is_none() {
                self.bound = Some(level.price);
            }
            self.fills.push((price, Lots(here)));
            self.total += here;
        }
        Ok(())
    }
}

impl L3Market {
    /// Whether the book offers an order anything within its limit, whatever it would cost.
    pub(super) fn would_take(&self, own: &OwnOrder) -> bool {
        let other = own.side.opposite();
        self.book
            .levels(other)
            .take_while(|level| own.limit.is_none_or(|l| own.side.accepts(l, level.price)))
            .flat_map(|level| self.book.orders_at(other, level.price))
            .any(|order| self.taken.free(order.id, order.quantity) > 0)
    }

    /// Takes what the recorded book offers to an arriving own order; nothing where `whole` is
    /// asked for and not all of it is there.
    pub(super) fn take(
        &mut self,
        own: &mut OwnOrder,
        whole: bool,
        out: &mut Vec<Report>,
    ) -> Result<(), VenueError> {
        let wanted = own.leaves().0;
        self.desk.note_spread(&self.book.bbo());
        self.plan.make(&self.book, &self.taken, &self.desk, own, wanted)?;
        if let Some(bound) = self.plan.bound {
            self.desk.counters.own_crossings += self.own.crossings(own.side, bound);
        }
        if whole && self.plan.total < wanted {
            return Ok(());
        }
        self.desk.decide(own.id(), Cause::Taken);
        for &(price, quantity) in &self.plan.fills {
            let at = self.desk.now;
            self.desk.fill(own, quantity, price, LiquiditySide::Taker, at, out)?;
        }
        for &(id, quantity) in &self.plan.orders {
            self.taken.add(id, quantity);
        }
        self.desk.counters.taken_volume += self.plan.total.unsigned_abs();
        Ok(())
    }
}
