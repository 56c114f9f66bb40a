//! Slippage: by how much a taking fill is worse than the price that the market shows.

use crate::custom::{CustomModel, ModelFault};
use crate::error::CostError;
use crate::shift::worsen_by;
use crate::slippage_model::{SlippageInput, SlippageModel};
use model::{Money, Price};
use std::sync::Arc;

/// The slippage of a taking fill.
#[derive(Clone, PartialEq, Debug, Default)]
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
    /// A model of one's own.
    Custom(CustomModel<dyn SlippageModel>),
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

    /// Slippage by a model of one's own.
    #[must_use]
    pub fn custom(model: Arc<dyn SlippageModel>) -> Self {
        let name = model.name().to_owned();
        Self::Custom(CustomModel::new("venue.slippage", &name, model))
    }

    /// What went wrong in a model of one's own, if anything did.
    #[must_use]
    pub fn fault(&self) -> Option<&CostError> {
        match self {
            Self::Custom(model) => model.fault(),
            _ => None,
        }
    }

    /// Whether it never changes a price.
    #[inline]
    #[must_use]
    pub const fn is_none(&self) -> bool {
        matches!(self, Self::None)
    }

    /// Whether it looks at the spread.
    #[inline]
    #[must_use]
    pub const fn needs_spread(&self) -> bool {
        matches!(self, Self::Spread { .. } | Self::Custom(_))
    }

    /// The price of a taking fill.
    ///
    /// # Errors
    /// [`CostError::Overflow`], and what a model of one's own says.
    #[inline]
    pub fn worsen(&self, fill: &SlippageInput<'_>) -> Result<Price, CostError> {
        let SlippageInput { side, price, .. } = *fill;
        match *self {
            Self::None => Ok(price),
            Self::Bps { bps } => worsen_by(side, price, bps / 1e4),
            Self::Spread { fraction } => {
                let Some(spread) = fill.spread else { return Ok(price) };
                let shift = (spread.0.max(0) as f64 * fraction).round_ties_even();
                let worse = i128::from(price.0) + i128::from(side.sign()) * shift as i128;
                i64::try_from(worse)
                    .map(Price)
                    .map_err(|_| CostError::overflow("slippage", Money(i128::from(price.0))))
            }
            Self::VolumeShare { price_impact } => match fill.share {
                Some(share) => worsen_by(side, price, price_impact * share * share),
                None => Ok(price),
            },
            Self::Custom(ref model) => model.ask(|model| {
                let worse = model.price(fill)?;
                if worse.0.saturating_sub(price.0).saturating_mul(side.sign()) >= 0
                    && worse.is_defined()
                {
                    return Ok(worse);
                }
                let order = if side.sign() > 0 { "buy" } else { "sell" };
                Err(ModelFault::Result {
                    value: format!("{worse} for a {order} at {price}"),
                    accepted: "a price that is not better for the order than that of the market",
                })
            }),
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
            Self::Custom(ref model) => format!("custom: {}", model.name()),
        }
    }
}
