//! The best bid and offer.

use crate::price::{Lots, Ticks};

/// Best bid and offer of a book: price, total size and number of orders on each side.
/// An empty side has the price [`Ticks::NONE`], size 0 and count 0.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(C)]
pub struct Bbo {
    /// Best bid in ticks.
    pub bid: Ticks,
    /// Best ask in ticks.
    pub ask: Ticks,
    /// Size at the best bid in lots.
    pub bid_size: Lots,
    /// Size at the best ask in lots.
    pub ask_size: Lots,
    /// Orders at the best bid (0 where the source does not say).
    pub bid_count: u32,
    /// Orders at the best ask.
    pub ask_count: u32,
}

impl Bbo {
    /// Both sides empty.
    pub const EMPTY: Self = Self {
        bid: Ticks::NONE,
        ask: Ticks::NONE,
        bid_size: Lots::ZERO,
        ask_size: Lots::ZERO,
        bid_count: 0,
        ask_count: 0,
    };

    /// Whether both sides have a price.
    #[inline]
    #[must_use]
    pub const fn is_two_sided(&self) -> bool {
        self.bid.is_some() && self.ask.is_some()
    }

    /// Whether the bid is at or above the ask (locked or crossed).
    #[inline]
    #[must_use]
    pub const fn is_locked_or_crossed(&self) -> bool {
        self.is_two_sided() && self.bid.0 >= self.ask.0
    }
}

impl Default for Bbo {
    fn default() -> Self {
        Self::EMPTY
    }
}
