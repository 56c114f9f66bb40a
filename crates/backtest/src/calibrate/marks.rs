//! Mark-outs: where the middle of the market stands a while after a fill.

use model::{Side, Ticks, TradingPhase};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use venue::L3Market;

/// After how long a fill is marked, in nanoseconds.
pub const HORIZONS: [u64; 2] = [1_000_000_000, 10_000_000_000];

/// Mark-outs of one fill in half ticks, for each of [`HORIZONS`]: above zero where the market went
/// the way of the order. `None` where the data ended before, one side of the book was empty, or
/// nothing traded at that time.
pub type Marks = [Option<i64>; HORIZONS.len()];

/// Fills that wait for their time to be marked; as many as are younger than the last horizon.
#[derive(Debug)]
pub struct MarkOuts<K> {
    due: BinaryHeap<Reverse<(u64, K, Filled, usize)>>,
}

/// A fill that is marked now.
pub struct Marked<K> {
    /// Whose it is.
    pub key: K,
    /// Which of [`HORIZONS`].
    pub horizon: usize,
    /// Half ticks that the middle lies beyond the fill's price, as seen by its side.
    pub half_ticks: Option<i64>,
}

/// What a fill is marked against.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Filled {
    sign: i64,
    price: i64,
}

impl Filled {
    /// A fill of this side at its limit.
    #[must_use]
    pub const fn new(side: Side, price: Ticks) -> Self {
        Self { sign: side.sign(), price: price.0 }
    }

    fn mark(self, market: &L3Market) -> Option<i64> {
        let bbo = market.bbo();
        // A book that collects orders for an auction has no middle.
        let trades = market.phase() == TradingPhase::Trading
            && bbo.is_two_sided()
            && !bbo.is_locked_or_crossed();
        trades.then(|| self.sign * (bbo.bid.0 + bbo.ask.0 - 2 * self.price))
    }
}

impl<K: Ord> Default for MarkOuts<K> {
    fn default() -> Self {
        Self { due: BinaryHeap::new() }
    }
}

impl<K: Ord + Copy> MarkOuts<K> {
    /// A fill at this time.
    pub fn push(&mut self, key: K, fill: Filled, at: u64) {
        for (horizon, after) in HORIZONS.into_iter().enumerate() {
            self.due.push(Reverse((at.saturating_add(after), key, fill, horizon)));
        }
    }

    /// Whether nothing is due before this time.
    #[inline]
    pub fn is_calm(&self, before: u64) -> bool {
        self.due.peek().is_none_or(|Reverse((due, ..))| *due >= before)
    }

    /// The next fill that is due before this time, marked by the market as it stands until then.
    pub fn next_due(&mut self, before: u64, market: &L3Market) -> Option<Marked<K>> {
        if self.is_calm(before) {
            return None;
        }
        let Reverse((_, key, fill, horizon)) = self.due.pop()?;
        Some(Marked { key, horizon, half_ticks: fill.mark(market) })
    }
}
