//! Fees that a venue takes from what a purchase brings, as it does on most spot pairs.
//!
//! "A fee leaves the balance of its own currency: a spot buy with its fee in base leaves less base
//! to sell" (`reference/simulation.md`, "Accounting"). The fee in the base is its amount divided by
//! the price. Whole lots of it leave the position, as if they had been sold at the price of the fill
//! to pay for it; what is left of the last lot stays as a remainder below one lot, so that the
//! position is never more than can be sold.

use model::decimal::mul_div_half_even;
use model::{Fill, Instrument, ModelError, Money, NANO, Price};

/// What is left of lots that were taken for fees.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Remainder {
    /// Quantity in 1e-9, below one lot.
    pub quantity: i64,
    /// What it cost, in the currency of the price.
    pub cost: Money,
}

impl Remainder {
    /// What it is worth at a price.
    ///
    /// # Errors
    /// [`ModelError::Overflow`].
    pub fn value(&self, instrument: &Instrument, price: Price) -> Result<Money, ModelError> {
        Money::notional(price, model::Quantity(self.quantity), instrument.multiplier)
    }

    /// Takes the fee of a purchase: the lots that leave the position for it (negative for a rebate
    /// that brings some), and what is left then.
    ///
    /// # Errors
    /// [`ModelError::Overflow`].
    pub fn take(&self, instrument: &Instrument, fill: &Fill) -> Result<(i64, Self), ModelError> {
        let overflow = ModelError::Overflow { what: "fee in base" };
        let worth = i128::from(fill.price.0)
            .checked_mul(i128::from(instrument.multiplier.0))
            .filter(|worth| *worth > 0)
            .ok_or(ModelError::OutOfRange {
                what: "price of a fill that pays its fee in base",
                text: fill.price.to_string(),
            })?;
        let scale = i128::from(NANO) * i128::from(NANO);
        let owed = mul_div_half_even(fill.fee.0, scale, worth, "fee in base")?;
        let owed = i64::try_from(owed).map_err(|_| overflow.clone())?;
        let lot = instrument.lot_size.0;
        // Rounded up: what cannot be sold is no position.
        let missing = owed.checked_sub(self.quantity).ok_or(overflow.clone())?;
        let lots = missing.div_euclid(lot) + i64::from(missing.rem_euclid(lot) != 0);
        let quantity = lots.checked_mul(lot).and_then(|taken| taken.checked_sub(missing));
        let taken = instrument.notional(fill.price, model::Lots(lots))?;
        let cost = self.cost.checked_add(taken)?.checked_sub(fill.fee)?;
        Ok((lots, Self { quantity: quantity.ok_or(overflow)?, cost }))
    }
}
