//! Prices that move by a share of themselves.

use crate::error::CostError;
use model::decimal::mul_div_half_even;
use model::{Price, Side};

/// Parts of the whole in which a share is rounded: 1e-15.
const PARTS: f64 = 1e15;

/// A price that is worse by a share of it: higher for a buy, lower for a sell. The share is rounded
/// half away from zero at 1e-15, the shift half to even at 1e-9. Below zero a price moves away from
/// the taker as well.
pub(crate) fn worsen_by(side: Side, price: Price, share: f64) -> Result<Price, CostError> {
    let overflow = || CostError::overflow("price", model::Money(i128::from(price.0)));
    let parts = (share * PARTS).round();
    if !parts.is_finite() || parts.abs() > 1e30 {
        return Err(overflow());
    }
    let size = i128::from(price.0).abs();
    let shift =
        mul_div_half_even(size, parts as i128, PARTS as i128, "price").map_err(|_| overflow())?;
    i128::from(price.0)
        .checked_add(i128::from(side.sign()) * shift)
        .and_then(|worse| i64::try_from(worse).ok())
        .map(Price)
        .ok_or_else(overflow)
}
