//! The price grid of an instrument: between 1e-9 prices and ticks, exactly.

use crate::error::ModelError;
use crate::price::{Price, Ticks};

/// Converts between [`Price`] and [`Ticks`] without a division.
///
/// The tick size is split into `odd · 2^shift`; multiplying by the modular inverse of the odd
/// part divides exactly when the price lies on the grid, and multiplying back proves that it did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PriceGrid {
    tick: i64,
    inverse: u64,
    shift: u32,
}

impl PriceGrid {
    /// A grid of this tick size (1e-9, above zero).
    ///
    /// # Errors
    /// [`ModelError::OutOfRange`] when the tick size is zero or negative.
    pub fn new(tick_size: Price) -> Result<Self, ModelError> {
        if tick_size.0 <= 0 {
            return Err(ModelError::OutOfRange { what: "tick size", text: tick_size.to_string() });
        }
        let shift = tick_size.0.trailing_zeros();
        let odd = (tick_size.0 as u64) >> shift;
        // Newton's iteration doubles the correct low bits each time: 5 → 10 → … → 80.
        let mut inverse = odd.wrapping_mul(3) ^ 2;
        for _ in 0..4 {
            inverse = inverse.wrapping_mul(2u64.wrapping_sub(odd.wrapping_mul(inverse)));
        }
        Ok(Self { tick: tick_size.0, inverse, shift })
    }

    /// The tick size.
    #[must_use]
    pub const fn tick_size(&self) -> Price {
        Price(self.tick)
    }

    /// The tick of a price, or `None` when it lies on none.
    #[inline]
    #[must_use]
    pub fn ticks(&self, price: Price) -> Option<Ticks> {
        let candidate = ((price.0 >> self.shift) as u64).wrapping_mul(self.inverse) as i64;
        (candidate.checked_mul(self.tick) == Some(price.0)).then_some(Ticks(candidate))
    }

    /// The price of a tick ([`Ticks::NONE`] gives [`Price::UNDEFINED`]).
    #[inline]
    #[must_use]
    pub fn price(&self, ticks: Ticks) -> Price {
        if ticks.is_some() { Price(ticks.0.saturating_mul(self.tick)) } else { Price::UNDEFINED }
    }

    /// The tick of a number from a person: within 1e-6 tick of a tick it is that tick.
    ///
    /// # Errors
    /// [`ModelError::OffTick`] when it is farther, [`ModelError::OutOfRange`] when it is not
    /// finite or too large.
    pub fn ticks_from_f64(&self, price: f64) -> Result<Ticks, ModelError> {
        let in_ticks = price * 1e9 / self.tick as f64;
        if !in_ticks.is_finite() || (price * 1e9).abs() >= 9.2e18 {
            return Err(ModelError::OutOfRange { what: "price", text: price.to_string() });
        }
        let nearest = in_ticks.round();
        // Above 2^33 ticks the spacing of f64 itself comes near 1e-6 of a tick.
        let slack = 1e-6f64.max(nearest.abs() * 4.0 * f64::EPSILON);
        if (in_ticks - nearest).abs() > slack {
            return Err(ModelError::OffTick {
                price: price.to_string(),
                tick_size: self.tick_size().to_string(),
            });
        }
        Ok(Ticks(nearest as i64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn divides_exactly_and_rejects_off_tick() {
        for tick in [1, 250_000_000, 10_000_000, 15_625_000, 100_000, 7, 1_000_000_000] {
            let grid = PriceGrid::new(Price(tick)).unwrap();
            for k in [-4801i64, -1, 0, 1, 2, 19_204, 1_000_003] {
                assert_eq!(grid.ticks(Price(k * tick)), Some(Ticks(k)), "{k}·{tick}");
                if tick > 1 {
                    assert_eq!(grid.ticks(Price(k * tick + 1)), None);
                }
            }
            assert_eq!(grid.price(Ticks::NONE), Price::UNDEFINED);
        }
        let grid = PriceGrid::new(Price(250_000_000)).unwrap();
        assert_eq!(grid.ticks(Price::UNDEFINED), None);
    }

    #[test]
    fn a_persons_tenth_plus_fifth_is_three_tenths() {
        let grid = PriceGrid::new(Price(100_000_000)).unwrap();
        assert_eq!(grid.ticks_from_f64(0.1 + 0.2), Ok(Ticks(3)));
        assert!(matches!(grid.ticks_from_f64(0.35), Err(ModelError::OffTick { .. })));
        assert!(matches!(grid.ticks_from_f64(f64::NAN), Err(ModelError::OutOfRange { .. })));
    }
}
