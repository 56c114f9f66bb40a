//! Slippage: by how much a taking fill is worse than the price that the market shows.

use crate::error::CostError;
use crate::shift::worsen_by;
use model::{Money, Price, Side};

/// What a fill takes place in.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Surroundings {
    /// Best ask less best bid; `None` where there are not both.
    pub spread: Option<Price>,
    /// Own volume of the bar, this fill included, as a share of the bar's volume; `None` outside
    /// of bars, and where a bar has no volume.
    pub share: Option<f64>,
}

/// The slippage of a taking fill.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub enum Slippage {
    /// Fills at the price that the market shows.
    #[default]
    None,
    /// `price × (1 ± bps / 10⁴)`.
    Bps {
        /// Basis points.
        bps: f64,
    },
    /// `price ± fraction × spread`; nothing where there is no spread.
    Spread {
        /// Share of the spread.
        fraction: f64,
    },
    /// `price × (1 ± k × share²)`, `share` the own part of the bar's volume (the volume-share model
    /// of zipline; numbers in `reference/simulation.md`, "Slippage and impact").
    VolumeShare {
        /// The factor `k`.
        price_impact: f64,
    },
}

fn setting(
    field: &'static str,
    value: f64,
    most: f64,
    accepted: &'static str,
) -> Result<f64, CostError> {
    if (0.0..=most).contains(&value) {
        return Ok(value);
    }
    Err(CostError::Setting { field, value: value.to_string(), accepted })
}

impl Slippage {
    /// So many basis points.
    ///
    /// # Errors
    /// [`CostError::Setting`] outside 0 to 10,000.
    pub fn bps(bps: f64) -> Result<Self, CostError> {
        let bps = setting("slippage.bps", bps, 1e4, "basis points from 0 to 10,000")?;
        Ok(Self::Bps { bps })
    }

    /// A share of the spread.
    ///
    /// # Errors
    /// [`CostError::Setting`] outside 0 to 100.
    pub fn spread(fraction: f64) -> Result<Self, CostError> {
        let accepted = "a share of the spread from 0 to 100";
        Ok(Self::Spread { fraction: setting("slippage.fraction", fraction, 100.0, accepted)? })
    }

    /// The volume-share model.
    ///
    /// # Errors
    /// [`CostError::Setting`] outside 0 to 100.
    pub fn volume_share(price_impact: f64) -> Result<Self, CostError> {
        let accepted = "a factor from 0 to 100";
        let price_impact = setting("slippage.priceImpact", price_impact, 100.0, accepted)?;
        Ok(Self::VolumeShare { price_impact })
    }

    /// The price of a taking fill of this side.
    ///
    /// # Errors
    /// [`CostError::Overflow`].
    #[inline]
    pub fn worsen(
        &self,
        side: Side,
        price: Price,
        around: Surroundings,
    ) -> Result<Price, CostError> {
        match *self {
            Self::None => Ok(price),
            Self::Bps { bps } => worsen_by(side, price, bps / 1e4),
            Self::Spread { fraction } => {
                let Some(spread) = around.spread else { return Ok(price) };
                let shift = (spread.0.max(0) as f64 * fraction).round_ties_even();
                let worse = i128::from(price.0) + i128::from(side.sign()) * shift as i128;
                i64::try_from(worse)
                    .map(Price)
                    .map_err(|_| CostError::overflow("slippage", Money(i128::from(price.0))))
            }
            Self::VolumeShare { price_impact } => match around.share {
                Some(share) => worsen_by(side, price, price_impact * share * share),
                None => Ok(price),
            },
        }
    }

    /// The model's name and numbers, for results.
    #[must_use]
    pub fn describe(&self) -> String {
        match *self {
            Self::None => "none".to_owned(),
            Self::Bps { bps } => format!("fixed: {bps} bps"),
            Self::Spread { fraction } => format!("{fraction} of the spread"),
            Self::VolumeShare { price_impact } => {
                format!("volume share: {price_impact} × share² of the price")
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

    fn share(filled: f64, volume: f64) -> Surroundings {
        Surroundings { spread: None, share: Some(filled / volume) }
    }

    /// simulation.md, "Slippage and impact": "Close 3, volume 200, k .1, buy 100 → 5 @ 3.0001875;
    /// close 3.5, volume 2000 → 50 @ 3.50021875, sell 3.49978125; futures k=.3, 10/100 @ 5 → 5.015".
    /// The quantities follow from the volume limit of 2.5 %.
    #[test]
    fn volume_share_of_the_reference() {
        let model = Slippage::volume_share(0.1).unwrap();
        let at = |side, text, around| model.worsen(side, price(text), around);
        assert_eq!(at(Side::Buy, "3", share(5.0, 200.0)), Ok(price("3.0001875")));
        assert_eq!(at(Side::Buy, "3.5", share(50.0, 2000.0)), Ok(price("3.50021875")));
        assert_eq!(at(Side::Sell, "3.5", share(50.0, 2000.0)), Ok(price("3.49978125")));
        let futures = Slippage::volume_share(0.3).unwrap();
        let worse = futures.worsen(Side::Buy, price("5"), share(10.0, 100.0));
        assert_eq!(worse, Ok(price("5.015")));
    }

    /// "Fixed 5 bp, 10 %: volume 200, close 3, ±100 → 20 @ 3.0015 / 2.9985."
    #[test]
    fn fixed_basis_points_of_the_reference() {
        let model = Slippage::bps(5.0).unwrap();
        let none = Surroundings::default();
        assert_eq!(model.worsen(Side::Buy, price("3"), none), Ok(price("3.0015")));
        assert_eq!(model.worsen(Side::Sell, price("3"), none), Ok(price("2.9985")));
    }

    /// "spread_pct: price ± fraction × spread".
    #[test]
    fn a_share_of_the_spread() {
        let model = Slippage::spread(0.5).unwrap();
        let around = Surroundings { spread: Some(price("0.25")), share: None };
        assert_eq!(model.worsen(Side::Buy, price("4810.25"), around), Ok(price("4810.375")));
        let none = Surroundings::default();
        assert_eq!(model.worsen(Side::Sell, price("7"), none), Ok(price("7")));
    }

    #[test]
    fn what_cannot_be_is_refused() {
        for bad in [f64::NAN, -0.1, f64::INFINITY, 1e9] {
            for made in [Slippage::bps(bad), Slippage::spread(bad), Slippage::volume_share(bad)] {
                assert_eq!(made.unwrap_err().code(), "ERR_COSTS_SETTING");
            }
        }
        let model = Slippage::bps(1e4).unwrap();
        let far = model.worsen(Side::Buy, Price(i64::MAX - 1), Surroundings::default());
        assert_eq!(far.unwrap_err().code(), "ERR_COSTS_OVERFLOW");
    }
}
