//! Identifiers: dense indices inside a run, order ids towards the user.

/// Index of an instrument within a run, in the order of its configuration.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
#[repr(transparent)]
pub struct InstrumentIndex(pub u32);

impl InstrumentIndex {
    /// As an array index.
    #[inline]
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// Index of a strategy within a run, in the order of its configuration.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
#[repr(transparent)]
pub struct StrategyIndex(pub u16);

impl StrategyIndex {
    /// As an array index.
    #[inline]
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// An own order: strategy index in the upper 16 bits, its order number (from 1) below.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
#[repr(transparent)]
pub struct OrderId(pub u64);

impl OrderId {
    /// The `number`-th order (from 1) of a strategy.
    #[inline]
    #[must_use]
    pub const fn new(strategy: StrategyIndex, number: u64) -> Self {
        Self(((strategy.0 as u64) << 48) | number)
    }

    /// The strategy that placed it.
    #[inline]
    #[must_use]
    pub const fn strategy(self) -> StrategyIndex {
        StrategyIndex((self.0 >> 48) as u16)
    }

    /// Its number within the strategy, from 1.
    #[inline]
    #[must_use]
    pub const fn number(self) -> u64 {
        self.0 & 0xFFFF_FFFF_FFFF
    }
}
