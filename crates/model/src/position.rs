//! Positions at average price, their cost kept as a sum.

use crate::decimal::mul_div_half_even;
use crate::error::ModelError;
use crate::money::Money;
use crate::order::Side;
use crate::price::Lots;

/// A netted position. The cost is kept as a sum so that conservation is exact: closing `q` of `Q`
/// releases `cost·q/Q` rounded half to even, and the rest stays.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Position {
    /// Signed quantity in lots: long above zero.
    pub quantity: Lots,
    /// Signed cost of what is held: Σ fill notional, negative for a short.
    pub cost: Money,
    /// Realised profit, gross of fees.
    pub realized: Money,
}

impl Position {
    /// Applies a fill of `quantity` lots (above zero) worth `notional` (of an inverse contract its
    /// value, below zero) and returns the profit that it realised, gross of fees. A fill beyond the position closes it and opens the rest on
    /// the other side at the fill's price.
    ///
    /// # Errors
    /// [`ModelError::Overflow`]; the position is then as it was.
    pub fn apply(
        &mut self,
        side: Side,
        quantity: Lots,
        notional: Money,
    ) -> Result<Money, ModelError> {
        self.apply_releasing(side, quantity, notional, |held, closing| {
            let (closing, whole) =
                (i128::from(closing), i128::from(held.quantity.0.unsigned_abs()));
            mul_div_half_even(held.cost.0, closing, whole, "position").map(Money)
        })
    }

    /// The same, with the cost that closing so many lots of the position releases from whoever
    /// tells lots apart.
    ///
    /// # Errors
    /// [`ModelError::Overflow`] and what `released` says; the position is then as it was.
    pub fn apply_releasing(
        &mut self,
        side: Side,
        quantity: Lots,
        notional: Money,
        released: impl FnOnce(&Self, u64) -> Result<Money, ModelError>,
    ) -> Result<Money, ModelError> {
        let overflow = ModelError::Overflow { what: "position" };
        let sign = i128::from(side.sign());
        let held = self.quantity.0;
        let next = held.checked_add(side.sign() * quantity.0).ok_or(overflow.clone())?;
        let closing = if held.signum() == -side.sign() {
            held.unsigned_abs().min(quantity.0.unsigned_abs())
        } else {
            0
        };
        if closing == 0 {
            let cost = self.cost.0.checked_add(sign * notional.0).ok_or(overflow)?;
            self.quantity = Lots(next);
            self.cost = Money(cost);
            return Ok(Money::ZERO);
        }
        let released = released(self, closing)?.0;
        let closing = i128::from(closing);
        let closing_notional =
            mul_div_half_even(notional.0, closing, i128::from(quantity.0), "position")?;
        // Long: proceeds − cost. Short: cost is negative, the buy-back is paid.
        let profit = Money(-sign * closing_notional - released);
        let opening = sign * (notional.0 - closing_notional);
        let realized = self.realized.checked_add(profit)?;
        self.cost = Money((self.cost.0 - released).checked_add(opening).ok_or(overflow)?);
        self.quantity = Lots(next);
        self.realized = realized;
        Ok(profit)
    }

    /// Profit not yet realised if the position were worth `market_value` (signed like the
    /// position: quantity × price × multiplier).
    #[inline]
    #[must_use]
    pub fn unrealized(&self, market_value: Money) -> Money {
        Money(market_value.0 - self.cost.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::price::{NANO, Price, Quantity};

    #[test]
    fn weighted_average_and_flip() {
        let mut position = Position::default();
        let mut fill = |side, quantity: i64, price: &str| {
            let notional = Money::notional(
                Price::parse(price).unwrap(),
                Quantity(quantity * NANO),
                Price(NANO),
            )
            .unwrap();
            position.apply(side, Lots(quantity), notional).unwrap();
            let average = position.cost.as_f64() / position.quantity.0 as f64;
            (position.quantity.0, average, position.realized.as_f64())
        };
        assert_eq!(fill(Side::Buy, 10, "10"), (10, 10.0, 0.0));
        let (q, average, _) = fill(Side::Buy, 5, "12.5");
        assert_eq!(q, 15);
        assert!((average - 10.8333).abs() < 1e-4);
        let (q, average, realized) = fill(Side::Sell, 7, "14.5");
        assert_eq!(q, 8);
        assert!((average - 10.8333).abs() < 1e-4 && (realized - 25.6667).abs() < 1e-4);
        let (q, average, realized) = fill(Side::Sell, 15, "17.5");
        assert_eq!((q, average), (-7, 17.5));
        assert!((realized - 79.0).abs() < 1e-6, "{realized}");
    }
}
