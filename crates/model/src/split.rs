//! The ratio of a split, and what it makes of quantities and prices.
//!
//! Definitions: `reference/simulation.md`, "Corporate actions, funding, margin, borrow".

use crate::bbo::Bbo;
use crate::decimal::mul_div_half_even;
use crate::error::ModelError;
use crate::order::Side;
use crate::price::{Lots, Price, Ticks};

/// A split: `new` units for every `old` ones, so 2:1 doubles the quantity and 1:10 is a reverse
/// split.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Split {
    new: i64,
    old: i64,
}

const OVERFLOW: ModelError = ModelError::Overflow { what: "split" };

impl Split {
    /// `new` units for every `old` ones; `None` unless both are above zero.
    #[must_use]
    pub fn new(new: u32, old: u32) -> Option<Self> {
        (new > 0 && old > 0).then_some(Self { new: i64::from(new), old: i64::from(old) })
    }

    /// The ratio in words: `2:1`; `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (new, old) = text.split_once(':')?;
        Self::new(new.trim().parse().ok()?, old.trim().parse().ok()?)
    }

    /// Units that come for every [`Self::old_units`].
    #[must_use]
    pub const fn new_units(self) -> i64 {
        self.new
    }

    /// Units that [`Self::new_units`] replace.
    #[must_use]
    pub const fn old_units(self) -> i64 {
        self.old
    }

    /// Whole lots after the split and what is left over, in parts of `1 / old` lot; both have the
    /// sign of `quantity`.
    ///
    /// # Errors
    /// [`ModelError::Overflow`].
    pub fn quantity(self, quantity: Lots) -> Result<(Lots, i64), ModelError> {
        let parts = quantity.0.checked_mul(self.new).ok_or(OVERFLOW)?;
        Ok((Lots(parts / self.old), parts % self.old))
    }

    /// Total and filled quantity of an order after the split: what is filled and what is left are
    /// each multiplied, and a fraction of a lot of either is dropped.
    ///
    /// # Errors
    /// [`ModelError::Overflow`].
    pub fn order(self, total: Lots, filled: Lots) -> Result<(Lots, Lots), ModelError> {
        let leaves = self.quantity(Lots((total.0 - filled.0).max(0)))?.0;
        let filled = self.quantity(filled)?.0;
        Ok((Lots(filled.0.checked_add(leaves.0).ok_or(OVERFLOW)?), filled))
    }

    /// A resting order's limit after the split: ÷ r, and where that is on no tick the tick that is
    /// worse for the market and never worse for its owner: down for a buy, up for a sell.
    ///
    /// # Errors
    /// [`ModelError::Overflow`].
    pub fn limit(self, side: Side, limit: Ticks) -> Result<Ticks, ModelError> {
        let parts = limit.0.checked_mul(self.old).ok_or(OVERFLOW)?;
        let down = parts.div_euclid(self.new);
        let off_tick = parts.rem_euclid(self.new) != 0;
        Ok(Ticks(match side {
            Side::Sell if off_tick => down + 1,
            _ => down,
        }))
    }

    /// A price after the split, in 1e-9, half to even; an undefined one stays undefined.
    ///
    /// # Errors
    /// [`ModelError::Overflow`].
    pub fn price(self, price: Price) -> Result<Price, ModelError> {
        if !price.is_defined() {
            return Ok(price);
        }
        let (old, new) = (i128::from(self.old), i128::from(self.new));
        let price = mul_div_half_even(i128::from(price.0), old, new, "split")?;
        i64::try_from(price).map(Price).map_err(|_| OVERFLOW)
    }

    /// Best prices as they were before the split, in prices from after it: what can be said of the
    /// market until it speaks again. Nobody offers a size there.
    ///
    /// # Errors
    /// [`ModelError::Overflow`].
    pub fn best_prices(self, bbo: &Bbo) -> Result<Bbo, ModelError> {
        let side = |side, price: Ticks| {
            if price.is_some() { self.limit(side, price) } else { Ok(price) }
        };
        let (bid, ask) = (side(Side::Buy, bbo.bid)?, side(Side::Sell, bbo.ask)?);
        Ok(Bbo { bid, ask, ..Bbo::EMPTY })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_is_two_numbers_above_zero() {
        assert_eq!(Split::parse("2:1"), Split::new(2, 1));
        assert_eq!(Split::parse(" 1 : 10 "), Split::new(1, 10));
        for text in ["", "2", "2/1", "0:1", "1:0", "-2:1", "2:1:1", "1.5:1"] {
            assert_eq!(Split::parse(text), None, "{text}");
        }
    }

    #[test]
    fn an_order_keeps_what_it_filled_in_new_units() {
        let split = Split::new(3, 2).unwrap();
        assert_eq!(split.order(Lots(100), Lots(40)), Ok((Lots(150), Lots(60))));
        assert_eq!(split.order(Lots(5), Lots(2)), Ok((Lots(3 + 4), Lots(3))));
        let reverse = Split::new(1, 10).unwrap();
        assert_eq!(reverse.order(Lots(9), Lots(0)), Ok((Lots(0), Lots(0))));
        assert!(Split::new(u32::MAX, 1).unwrap().order(Lots(i64::MAX / 2), Lots(0)).is_err());
    }

    #[test]
    fn best_prices_stay_outside_of_each_other() {
        let bbo = Bbo { bid: Ticks(101), ask: Ticks(103), ..Bbo::EMPTY };
        let split = Split::new(2, 1).unwrap();
        let after = split.best_prices(&bbo).unwrap();
        assert_eq!((after.bid, after.ask), (Ticks(50), Ticks(52)));
        assert_eq!(split.best_prices(&Bbo::EMPTY), Ok(Bbo::EMPTY));
    }
}
