//! Cash that no fill brings: dividends, funding and borrow; and splits, whose fractions are paid in
//! cash; at stamps of the venue's clock.
//!
//! Definitions: `reference/simulation.md`, "Corporate actions, funding, margin, borrow".

use model::{InstrumentIndex, Lots, Money, Price, Split};

/// Why cash moved.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum CashKind {
    /// A dividend: shorts pay it.
    Dividend = 0,
    /// Funding of a perpetual: longs pay a positive rate.
    Funding = 1,
    /// A day's borrow of a short.
    Borrow = 2,
    /// The fraction of a lot that a split left: part of realised profit.
    Split = 3,
}

impl CashKind {
    /// Its word in results.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Dividend => "dividend",
            Self::Funding => "funding",
            Self::Borrow => "borrow",
            Self::Split => "split",
        }
    }
}

/// Something that moves cash when its time has come. Times are ns since 1970.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ScheduledCash {
    /// A dividend of an instrument.
    Dividend {
        /// The instrument.
        instrument: InstrumentIndex,
        /// The close at which is decided who receives or owes it.
        held_at: u64,
        /// When it is paid.
        pays_at: u64,
        /// Money a unit.
        per_unit: Price,
    },
    /// Funding at a stamp, on the position of that instant.
    Funding {
        /// The instrument.
        instrument: InstrumentIndex,
        /// The stamp.
        at: u64,
        /// The rate in 1e-9: 0.0001 is 100,000.
        rate: i64,
        /// The mark; undefined for the middle of the best prices, else the last price.
        mark: Price,
    },
    /// Borrow of what is short at each midnight UTC.
    Borrow {
        /// The instrument.
        instrument: InstrumentIndex,
        /// Basis points a year in 1e-9.
        bps: i64,
        /// Days of a year.
        basis: u32,
    },
    /// A split of an instrument.
    Split {
        /// The instrument.
        instrument: InstrumentIndex,
        /// The first time of the new units: records of then and later are in them. Where the market
        /// is made of bars, those that close then are still in the old ones.
        at: u64,
        /// The ratio.
        split: Split,
        /// What becomes of orders.
        orders: SplitOrders,
    },
}

/// What a split does to orders that rest, wait or are on their way.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum SplitOrders {
    /// They go on: quantity multiplied, prices divided.
    #[default]
    Adjust,
    /// They end.
    Cancel,
}

/// A split that the venue has made, and how far strategies know of it.
#[derive(Clone, Debug)]
pub(crate) struct MadeSplit {
    pub instrument: InstrumentIndex,
    pub split: Split,
    pub orders: SplitOrders,
    /// By strategy: number of the last command that was sent before it was seen; while it has not
    /// been, all are.
    pub unaware_until: Vec<u64>,
}

impl ScheduledCash {
    /// The instrument.
    #[must_use]
    pub const fn instrument(&self) -> InstrumentIndex {
        match self {
            Self::Dividend { instrument, .. }
            | Self::Funding { instrument, .. }
            | Self::Borrow { instrument, .. }
            | Self::Split { instrument, .. } => *instrument,
        }
    }
}

/// Cash that moved on one account.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CashChange {
    /// When, at the venue, in ns.
    pub ts: u64,
    /// Why.
    pub kind: CashKind,
    /// Number of the account.
    pub account: usize,
    /// The instrument.
    pub instrument: InstrumentIndex,
    /// The position that it was for, short below zero.
    pub quantity: Lots,
    /// Dividend: money a unit. Funding and borrow: the mark. Split: the price after it at which the
    /// fraction is paid.
    pub price: Price,
    /// What came, below zero what was paid.
    pub amount: Money,
    /// The ratio of a split.
    pub split: Option<Split>,
}

/// What a run has yet to pay.
#[derive(Clone, Debug, Default)]
pub(crate) struct CashSchedule {
    pub entries: Vec<ScheduledCash>,
    /// Who held at the close that decides, by entry and account.
    pub holders: Vec<Vec<Lots>>,
    /// Splits that have been made.
    pub splits: Vec<MadeSplit>,
}

impl CashSchedule {
    pub fn new(entries: Vec<ScheduledCash>) -> Self {
        let holders = vec![Vec::new(); entries.len()];
        Self { entries, holders, splits: Vec::new() }
    }
}
