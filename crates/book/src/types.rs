//! What a book tells: levels, orders, places in a queue, and what it found odd.

use model::{Lots, Side, Ticks};

/// One price level.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(C)]
pub struct Level {
    /// Price in ticks.
    pub price: Ticks,
    /// Total size in lots.
    pub quantity: Lots,
    /// Number of orders (0 where the source does not say).
    pub count: u32,
}

impl Level {
    /// No level: what fills the rest of a depth array.
    pub const NONE: Self = Self { price: Ticks::NONE, quantity: Lots::ZERO, count: 0 };
}

impl Default for Level {
    fn default() -> Self {
        Self::NONE
    }
}

/// One resting order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BookOrder {
    /// The venue's order id.
    pub id: u64,
    /// Side.
    pub side: Side,
    /// Price in ticks.
    pub price: Ticks,
    /// Displayed size in lots.
    pub quantity: Lots,
    /// Grows with every arrival at the back of a queue: of two orders of a level the one with the
    /// smaller sequence is ahead.
    pub sequence: u64,
}

/// What stands ahead of a place in a queue.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct QueueAhead {
    /// Total size ahead in lots.
    pub quantity: Lots,
    /// Number of orders ahead.
    pub orders: u32,
}

/// What a market-by-order stream did that a complete one does not do. None of it is an error: a
/// filtered file or a lost packet gives the same.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Anomalies {
    /// Cancels of an order that is not in the book; ignored.
    pub unknown_cancels: u64,
    /// Modifies of an order that is not in the book; taken as adds.
    pub unknown_modifies: u64,
    /// Adds of an order that is in the book; the new one replaces the old one.
    pub duplicate_adds: u64,
    /// Cancels of more than what was left; the order leaves.
    pub over_cancels: u64,
    /// Adds of size zero (ignored) and modifies to size zero (the order leaves).
    pub zero_sizes: u64,
    /// Modifies that name the other side; the order moves to the back there.
    pub side_changes: u64,
    /// Adds, and modifies of unknown orders, that name no side; ignored.
    pub sideless: u64,
    /// Records with an action letter that is none; ignored.
    pub unknown_actions: u64,
}

impl Anomalies {
    /// All of them together.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.as_array().iter().fold(0, |sum, &n| sum.saturating_add(n))
    }

    /// Each counter with its name, in the order of the fields.
    #[must_use]
    pub fn named(&self) -> [(&'static str, u64); 8] {
        let names = [
            "unknown_cancels",
            "unknown_modifies",
            "duplicate_adds",
            "over_cancels",
            "zero_sizes",
            "side_changes",
            "sideless",
            "unknown_actions",
        ];
        let counts = self.as_array();
        std::array::from_fn(|i| (names[i], counts[i]))
    }

    pub(crate) fn as_array(&self) -> [u64; 8] {
        [
            self.unknown_cancels,
            self.unknown_modifies,
            self.duplicate_adds,
            self.over_cancels,
            self.zero_sizes,
            self.side_changes,
            self.sideless,
            self.unknown_actions,
        ]
    }

    pub(crate) fn from_array(counts: [u64; 8]) -> Self {
        let [
            unknown_cancels,
            unknown_modifies,
            duplicate_adds,
            over_cancels,
            zero_sizes,
            side_changes,
            sideless,
            unknown_actions,
        ] = counts;
        Self {
            unknown_cancels,
            unknown_modifies,
            duplicate_adds,
            over_cancels,
            zero_sizes,
            side_changes,
            sideless,
            unknown_actions,
        }
    }
}
