//! Auctions: one price for all, the one of greatest volume.
//!
//! Of the prices at which most would trade, the one that leaves the smallest surplus is taken; of
//! those, the highest where buyers are left over at all of them, the lowest where sellers are
//! (market pressure); of those, the one nearest to the reference price, and the lower of two.
//! Orders at any price come before all others, then better prices, then earlier arrivals. Candidates
//! are the prices of orders, and the reference price. Own orders may trade with each other here.

use super::{CancelCause, MarketPhase, MatchEvent, MatchingEngine, Validity};
use model::{Lots, Side, Ticks};
use std::collections::BTreeMap;

/// What an auction would do if it were uncrossed now.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Indication {
    /// The price.
    pub price: Ticks,
    /// Lots that would trade.
    pub quantity: Lots,
    /// Lots that buyers (above zero) or sellers (below) would be left with at that price.
    pub surplus: i64,
}

/// An order in an auction.
#[derive(Clone, Copy, Debug)]
struct Entry {
    id: u64,
    leaves: u64,
}

impl MatchingEngine {
    /// The price of greatest volume, and what would trade there; `None` where nothing would.
    /// `reference` is the price that ties go to, and the only one when all orders are at any price:
    /// the last trade where it is left out.
    #[must_use]
    pub fn indication(&self, reference: Option<Ticks>) -> Option<Indication> {
        let reference = reference.or(self.last);
        let mut steps: BTreeMap<i64, (i64, i64)> = BTreeMap::new();
        for side in [Side::Buy, Side::Sell] {
            for order in self.book.orders(side) {
                let hidden = self
                    .book
                    .slot(order.id)
                    .map_or(0, |slot| i64::from(self.owners[slot.index()].hidden));
                let step = steps.entry(order.price.0).or_default();
                match side {
                    Side::Buy => step.0 += order.quantity.0 + hidden,
                    Side::Sell => step.1 += order.quantity.0 + hidden,
                }
            }
        }
        if let Some(price) = reference {
            steps.entry(price.0).or_default();
        }
        let any = |side| -> i64 {
            let here = self.any_price.iter().filter(|order| order.side == side);
            here.map(|order| i64::from(order.leaves)).sum()
        };
        let bids: i64 = steps.values().map(|step| step.0).sum();
        let mut demand = any(Side::Buy) + bids;
        let mut supply = any(Side::Sell);
        let mut best: Vec<Indication> = Vec::new();
        for (&price, &(buys, sells)) in &steps {
            supply += sells;
            let quantity = demand.min(supply);
            let found = Indication {
                price: Ticks(price),
                quantity: Lots(quantity),
                surplus: demand - supply,
            };
            demand -= buys;
            let Some(known) = best.first() else {
                best.push(found);
                continue;
            };
            let order = (quantity, -found.surplus.abs());
            let most = (known.quantity.0, -known.surplus.abs());
            if order > most {
                best.clear();
            }
            if order >= most {
                best.push(found);
            }
        }
        if best.first().is_none_or(|found| found.quantity.is_zero()) {
            return None;
        }
        if best.iter().all(|found| found.surplus > 0) {
            return best.last().copied();
        }
        if best.iter().all(|found| found.surplus < 0) {
            return best.first().copied();
        }
        let reference = reference.unwrap_or(best[0].price);
        best.into_iter().min_by_key(|found| (found.price.0.abs_diff(reference.0), found.price.0))
    }

    /// Uncrosses the auction and goes on to continuous trading. Orders that were good for the
    /// auction only, and what is left of orders at any price, are cancelled.
    pub fn uncross(&mut self, reference: Option<Ticks>, events: &mut Vec<MatchEvent>) {
        let indication = self.indication(reference);
        if let Some(found) = indication {
            self.trade_at(&found, events);
            let (price, quantity) = (found.price, found.quantity);
            events.push(MatchEvent::Uncrossed { price, quantity });
        }
        self.phase = MarketPhase::Continuous;
        for order in std::mem::take(&mut self.any_price) {
            let cause = if order.validity == Validity::Auction {
                CancelCause::Expired
            } else {
                CancelCause::NoLiquidity
            };
            self.canceled(order.id, order.leaves, cause, events);
        }
        self.cancel_where(CancelCause::Expired, events, |owner| {
            owner.validity == Validity::Auction
        });
    }

    fn entries(&self, side: Side, price: Ticks) -> Vec<Entry> {
        let any = self.any_price.iter().filter(|order| order.side == side);
        let any = any.map(|order| Entry { id: order.id, leaves: u64::from(order.leaves) });
        let limits =
            self.book.orders(side).take_while(|order| side.accepts(order.price, price)).filter_map(
                |order| {
                    let hidden = self.owners[self.book.slot(order.id)?.index()].hidden;
                    let leaves = order.quantity.0 as u64 + u64::from(hidden);
                    Some(Entry { id: order.id, leaves })
                },
            );
        any.chain(limits).collect()
    }

    fn trade_at(&mut self, found: &Indication, events: &mut Vec<MatchEvent>) {
        let mut buys = self.entries(Side::Buy, found.price);
        let mut sells = self.entries(Side::Sell, found.price);
        let (mut buy, mut sell) = (0, 0);
        let mut left = found.quantity.0 as u64;
        while left > 0 && buy < buys.len() && sell < sells.len() {
            let quantity = left.min(buys[buy].leaves).min(sells[sell].leaves);
            left -= quantity;
            buys[buy].leaves -= quantity;
            sells[sell].leaves -= quantity;
            events.push(MatchEvent::Traded {
                maker: sells[sell].id,
                taker: buys[buy].id,
                price: found.price,
                quantity: Lots(quantity as i64),
                maker_leaves: Lots(sells[sell].leaves as i64),
                taker_leaves: Lots(buys[buy].leaves as i64),
            });
            self.take_off(buys[buy].id, quantity as u32);
            self.take_off(sells[sell].id, quantity as u32);
            buy += usize::from(buys[buy].leaves == 0);
            sell += usize::from(sells[sell].leaves == 0);
        }
        self.last = Some(found.price);
    }

    /// Takes lots off an order in the auction: what it shows goes first, slice after slice.
    fn take_off(&mut self, id: u64, mut quantity: u32) {
        if let Some(at) = self.any_price.iter().position(|order| order.id == id) {
            self.any_price[at].leaves -= quantity;
            if self.any_price[at].leaves == 0 {
                self.any_price.remove(at);
            }
            return;
        }
        while quantity > 0 {
            let Some(slot) = self.book.slot(id) else { return };
            let shown = self.book.id_and_size(slot).1;
            let part = quantity.min(shown);
            self.take_shown(slot, shown, part);
            quantity -= part;
        }
    }
}
