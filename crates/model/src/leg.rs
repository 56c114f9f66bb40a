//! The two legs of an instrument in a hedging account: long and short held apart.

use crate::order::Side;

/// Which leg an order or fill acts on.
///
/// An order that may open a position acts on the leg of its side: a buy makes the long larger, a sale
/// the short. An order that only reduces acts on the other one: a sale makes the long smaller, a buy
/// the short.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(u8)]
pub enum Leg {
    /// What was bought.
    Long = 0,
    /// What was sold.
    Short = 1,
}

impl Leg {
    /// Both.
    pub const BOTH: [Self; 2] = [Self::Long, Self::Short];

    /// The leg that an order of this side acts on.
    #[inline]
    #[must_use]
    pub const fn of(side: Side, reduce_only: bool) -> Self {
        match (side, reduce_only) {
            (Side::Buy, false) | (Side::Sell, true) => Self::Long,
            (Side::Sell, false) | (Side::Buy, true) => Self::Short,
        }
    }

    /// The side that makes it smaller.
    #[must_use]
    pub const fn closing_side(self) -> Side {
        match self {
            Self::Long => Side::Sell,
            Self::Short => Side::Buy,
        }
    }

    /// 1 for the long, −1 for the short.
    #[must_use]
    pub const fn sign(self) -> i64 {
        match self {
            Self::Long => 1,
            Self::Short => -1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_reduces_acts_on_the_other_leg() {
        assert_eq!(Leg::of(Side::Buy, false), Leg::Long);
        assert_eq!(Leg::of(Side::Sell, true), Leg::Long);
        assert_eq!(Leg::of(Side::Sell, false), Leg::Short);
        assert_eq!(Leg::of(Side::Buy, true), Leg::Short);
        for leg in Leg::BOTH {
            assert_eq!(Leg::of(leg.closing_side(), true), leg);
        }
    }
}
