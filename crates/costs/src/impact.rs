//! Market impact: what taking liquidity does to the taker's own price.

use crate::error::CostError;
use model::decimal::mul_div_half_even;
use model::{Money, NANO, Price, Side};

/// The impact of a taking fill on its own price. It is temporary: it worsens that fill and
/// leaves no trace in the book.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Impact {
    /// Fills at the price of the book.
    #[default]
    None,
    /// `bps = bps_per_million × notional / 10⁶`, `price × (1 ± bps / 10⁴)`, per fill (the linear
    /// model of `reference/simulation.md`, "Slippage and impact"). The basis points are rounded
    /// half to even at 1e-9 bps, then the price shift half to even at 1e-9.
    Linear {
        /// Basis points per million of notional, in 1e-9.
        bps_per_million: i64,
    },
}

impl Impact {
    /// The linear model.
    ///
    /// # Errors
    /// [`CostError::Setting`] when the number is not finite, negative or above 10⁶.
    pub fn linear(bps_per_million: f64) -> Result<Self, CostError> {
        if !(0.0..=1e6).contains(&bps_per_million) {
            return Err(CostError::Setting {
                field: "impact_bps_per_million",
                value: bps_per_million.to_string(),
                accepted: "a number from 0 to 1,000,000",
            });
        }
        Ok(Self::Linear { bps_per_million: (bps_per_million * 1e9).round() as i64 })
    }

    /// The price of a taking fill of this side and notional: higher for a buy, lower for a sell.
    ///
    /// # Errors
    /// [`CostError::Overflow`].
    #[inline]
    pub fn worsen(&self, side: Side, price: Price, notional: Money) -> Result<Price, CostError> {
        let Self::Linear { bps_per_million } = *self else { return Ok(price) };
        let fail = |e| CostError::from_model(e, "impact", notional);
        let million = 1_000_000 * i128::from(NANO);
        let bps = mul_div_half_even(
            notional.0.saturating_abs(),
            i128::from(bps_per_million),
            million,
            "impact",
        )
        .map_err(fail)?;
        let size = i128::from(price.0).abs();
        let shift =
            mul_div_half_even(size, bps, 10_000 * i128::from(NANO), "impact").map_err(fail)?;
        i128::from(price.0)
            .checked_add(i128::from(side.sign()) * shift)
            .and_then(|worse| i64::try_from(worse).ok())
            .map(Price)
            .ok_or_else(|| CostError::overflow("impact", notional))
    }

    /// The model's name and numbers, for results.
    #[must_use]
    pub fn describe(&self) -> String {
        match *self {
            Self::None => "none".to_owned(),
            Self::Linear { bps_per_million } => {
                format!("linear: {} bps per million", Money(i128::from(bps_per_million)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn price(text: &str) -> Price {
        Price::parse(text).unwrap()
    }

    fn money(text: &str) -> Money {
        Money(model::decimal::parse_nanos(text).unwrap())
    }

    #[test]
    fn half_a_basis_point_per_million_worsens_the_takers_price() {
        let impact = Impact::linear(0.5).unwrap();
        // 2,000,000 → 1 bps.
        let million2 = money("2000000");
        assert_eq!(impact.worsen(Side::Buy, price("100"), million2), Ok(price("100.01")));
        assert_eq!(impact.worsen(Side::Sell, price("100"), million2), Ok(price("99.99")));
        // 10 ESH4 at 4801.25: 2,400,625 → 1.2003125 bps → 0.576300039…
        let es = impact.worsen(Side::Buy, price("4801.25"), money("2400625"));
        assert_eq!(es, Ok(price("4801.826300039")));
    }

    #[test]
    fn none_leaves_the_price_alone() {
        let same = Impact::None.worsen(Side::Buy, price("7"), money("1000000000"));
        assert_eq!(same, Ok(price("7")));
    }

    #[test]
    fn a_price_below_zero_worsens_away_from_the_taker() {
        let impact = Impact::linear(1.0).unwrap();
        let worse = impact.worsen(Side::Buy, price("-10"), money("-1000000")).unwrap();
        assert_eq!(worse, price("-9.999"));
    }

    #[test]
    fn the_shift_rounds_half_to_even() {
        // 1 bps of 5e-6 is 5e-10: half a unit goes to the even 0; of 15e-6 to the even 2.
        let impact = Impact::linear(1.0).unwrap();
        let one = money("1000000");
        assert_eq!(impact.worsen(Side::Buy, Price(5_000), one), Ok(Price(5_000)));
        assert_eq!(impact.worsen(Side::Buy, Price(15_000), one), Ok(Price(15_002)));
    }

    #[test]
    fn what_cannot_be_is_refused() {
        for bad in [f64::NAN, -1.0, 1e7, f64::INFINITY] {
            assert_eq!(Impact::linear(bad).unwrap_err().code(), "ERR_COSTS_SETTING");
        }
        let impact = Impact::linear(1e6).unwrap();
        let huge = impact.worsen(Side::Buy, Price(i64::MAX - 1), Money(1 << 80));
        assert_eq!(huge.unwrap_err().code(), "ERR_COSTS_OVERFLOW");
        assert_eq!(impact.describe(), "linear: 1000000 bps per million");
    }
}
