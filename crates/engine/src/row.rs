//! Rows: what a strategy gets to see, in the order and at the time at which it sees it.

use crate::cash_events::CashChange;
use book::Level;
use model::{Bar, Bbo, InstrumentIndex, Report, Side};

/// What a row tells. The numbers are part of the column layout.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum RowKind {
    /// The run begins: `onStart`.
    Start = 0,
    /// A trade print.
    Trade = 1,
    /// The best bid or offer changed (price, size or count).
    Quote = 2,
    /// The declared depth changed.
    Depth = 3,
    /// A bar closed.
    Bar = 4,
    /// A timer fired.
    Timer = 5,
    /// A report on an own order that is no fill.
    Order = 6,
    /// An own order was filled.
    Fill = 7,
    /// The run ends: `onStop`.
    Stop = 8,
    /// Cash moved that no fill brought.
    Cash = 9,
}

/// Bits of a row's flags.
pub mod row_flags {
    /// The aggressor of the trade bought.
    pub const AGGRESSOR_BUY: u8 = 1;
    /// The aggressor of the trade sold.
    pub const AGGRESSOR_SELL: u8 = 2;
    /// The strategy is warming up: indicators and history are fed, handlers are not called.
    pub const WARM_UP: u8 = 4;
    /// The last bar of its closing time: the slice is complete.
    pub const SLICE_END: u8 = 8;
    /// The trade's quantity is in 1e-9 rather than lots (a print may be finer than the lot).
    pub const NANO_QUANTITY: u8 = 16;
    /// The best prices changed with this bar: the view takes them from its row.
    pub const WITH_QUOTE: u8 = 32;
}

/// The most levels a side that a strategy can declare.
pub const MAX_DEPTH: usize = 10;

/// The declared depth at one moment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DepthRow {
    /// Bids, best first; only the first `bid_levels` are there.
    pub bids: [Level; MAX_DEPTH],
    /// Asks, best first; only the first `ask_levels` are there.
    pub asks: [Level; MAX_DEPTH],
    /// Number of bid levels.
    pub bid_levels: u8,
    /// Number of ask levels.
    pub ask_levels: u8,
}

impl DepthRow {
    /// No levels.
    pub const EMPTY: Self = Self {
        bids: [Level::NONE; MAX_DEPTH],
        asks: [Level::NONE; MAX_DEPTH],
        bid_levels: 0,
        ask_levels: 0,
    };

    /// The best `levels` of each side.
    #[must_use]
    pub fn best(&self, levels: usize) -> Self {
        let most = levels.min(MAX_DEPTH);
        let mut best = Self::EMPTY;
        best.bid_levels = self.bid_levels.min(most as u8);
        best.ask_levels = self.ask_levels.min(most as u8);
        best.bids[..most].copy_from_slice(&self.bids[..most]);
        best.asks[..most].copy_from_slice(&self.asks[..most]);
        best
    }

    /// The levels of one side that are there.
    #[must_use]
    pub fn side(&self, side: Side) -> &[Level] {
        match side {
            Side::Buy => &self.bids[..usize::from(self.bid_levels)],
            Side::Sell => &self.asks[..usize::from(self.ask_levels)],
        }
    }
}

/// A market row on its way to a strategy.
#[derive(Clone, Copy, Debug)]
pub struct MarketRow {
    /// When the strategy sees it, in ns.
    pub due: u64,
    /// Exchange time in ns.
    pub ts_event: u64,
    /// Number of the record in its source: the order among rows of one due time.
    pub record: u64,
    /// Best bid and offer as the strategy knows them with this row.
    pub bbo: Bbo,
    /// Trade: price in 1e-9. Bar and depth: slot in the run's store.
    pub a: i64,
    /// Trade: quantity in lots.
    pub b: i64,
    /// The instrument.
    pub instrument: InstrumentIndex,
    /// What it tells.
    pub kind: RowKind,
    /// See [`row_flags`].
    pub flags: u8,
    /// Bar: index of the timeframe among those that the strategy declared.
    pub timeframe: u16,
}

impl MarketRow {
    /// A row that tells nothing: what an empty place holds.
    pub const NONE: Self = Self {
        due: 0,
        ts_event: 0,
        record: 0,
        bbo: Bbo::EMPTY,
        a: 0,
        b: 0,
        instrument: InstrumentIndex(0),
        kind: RowKind::Quote,
        flags: 0,
        timeframe: 0,
    };
}

/// A row as it is handed to a strategy.
#[derive(Clone, Copy, Debug)]
pub enum Row {
    /// A market row; a bar or depth is looked up in the run by its slot.
    Market(MarketRow),
    /// A report on an own order.
    Report {
        /// When the strategy sees it, in ns.
        due: u64,
        /// What happened.
        report: Report,
    },
    /// Cash that no fill brought.
    Cash {
        /// When the strategy sees it, in ns.
        due: u64,
        /// What came or went.
        change: CashChange,
    },
    /// A timer.
    Timer {
        /// When it fires, in ns.
        due: u64,
        /// Its number within the strategy.
        id: u32,
    },
    /// The beginning of the run.
    Start {
        /// The start time, in ns.
        due: u64,
    },
    /// The end of the run.
    Stop {
        /// The last time, in ns.
        due: u64,
    },
}

impl Row {
    /// When the strategy sees it, in ns.
    #[inline]
    #[must_use]
    pub const fn due(&self) -> u64 {
        match self {
            Self::Market(row) => row.due,
            Self::Report { due, .. }
            | Self::Cash { due, .. }
            | Self::Timer { due, .. }
            | Self::Start { due }
            | Self::Stop { due } => *due,
        }
    }
}

/// A store with reused slots: bars and depth snapshots on their way.
#[derive(Debug)]
pub struct Store<T> {
    items: Vec<T>,
    free: Vec<u32>,
}

impl<T> Default for Store<T> {
    fn default() -> Self {
        Self { items: Vec::new(), free: Vec::new() }
    }
}

impl<T: Copy> Store<T> {
    /// Keeps an item and tells its slot.
    pub fn put(&mut self, item: T) -> i64 {
        if let Some(slot) = self.free.pop() {
            self.items[slot as usize] = item;
            return i64::from(slot);
        }
        self.items.push(item);
        (self.items.len() - 1) as i64
    }

    /// The item in a slot.
    #[must_use]
    pub fn get(&self, slot: i64) -> &T {
        &self.items[slot as usize]
    }

    /// Frees a slot.
    pub fn release(&mut self, slot: i64) {
        self.free.push(slot as u32);
    }
}

/// The bars on their way.
pub type BarStore = Store<Bar>;
/// The depth snapshots on their way.
pub type DepthStore = Store<DepthRow>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_are_reused() {
        let mut store = Store::default();
        let first = store.put(1);
        let second = store.put(2);
        store.release(first);
        assert_eq!(store.put(3), first);
        assert_eq!((*store.get(first), *store.get(second)), (3, 2));
    }
}
