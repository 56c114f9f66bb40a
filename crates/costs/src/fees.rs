//! Fees: none, a rate of the notional, an amount per contract, or rates by traded volume.

use crate::custom::CustomModel;
use crate::error::CostError;
use crate::fee_model::{FeeInput, FeeModel};
use model::decimal::mul_div_half_even;
use model::{LiquiditySide, Money, NANO};
use std::sync::Arc;

/// 1e-9 basis points in the whole: a notional times a rate in 1e-9 bps divided by this.
const BPS_SCALE: i128 = 10_000 * NANO as i128;

/// How a venue charges. A negative rate or amount is a rebate.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum FeeSchedule {
    /// Nothing is charged.
    #[default]
    None,
    /// A share of the notional: `fee = notional × bps / 10⁴`, half to even at 1e-9.
    Rate {
        /// Resting orders, basis points in 1e-9 (`0.5 bps` is 500,000,000).
        maker_bps: i64,
        /// Taking orders, basis points in 1e-9.
        taker_bps: i64,
    },
    /// An amount per contract (per unit of quantity): `fee = quantity × amount`, half to even.
    PerContract {
        /// Resting orders, per contract.
        maker: Money,
        /// Taking orders, per contract.
        taker: Money,
        /// Least total of an order that filled at all (zero or above): the order's running total
        /// is `max(minimum, Σ fee)` and a fill is charged what the total grew by
        /// (per-share commissions with a minimum, as retail brokers state them).
        minimum: Option<Money>,
        /// Most total of an order, in basis points of its notional in 1e-9 (zero or above); it goes
        /// before the minimum.
        maximum_bps: Option<i64>,
    },
    /// Rates by how much all strategies have traded in the instrument so far: the last tier whose `from` has
    /// been reached holds. The first one begins at zero.
    Tiered {
        /// The tiers, by rising `from`.
        tiers: Vec<FeeTier>,
    },
    /// A model of one's own.
    Custom {
        /// The model.
        model: CustomModel<dyn FeeModel>,
        /// What its charges are multiplied by; its rebates are not.
        factor: u32,
    },
}

/// A tier of a fee schedule.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FeeTier {
    /// Traded notional from which it holds.
    pub from: Money,
    /// Resting orders, basis points in 1e-9.
    pub maker_bps: i64,
    /// Taking orders, basis points in 1e-9.
    pub taker_bps: i64,
}

/// What an order has been charged so far; needed where a minimum holds per order.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct OrderFees {
    /// Σ of the plain fees of its fills.
    pub accrued: Money,
    /// Σ of what was charged.
    pub charged: Money,
    /// Σ of the notional of its fills.
    pub notional: Money,
}

fn parse_setting(field: &'static str, value: f64, limit: f64) -> Result<i64, CostError> {
    let scaled = (value * 1e9).round();
    if !value.is_finite() || value.abs() > limit {
        return Err(CostError::Setting {
            field,
            value: value.to_string(),
            accepted: "a finite number within the range of a fee",
        });
    }
    Ok(scaled as i64)
}

impl FeeSchedule {
    /// The same schedule with every charge `factor` times as high; rebates stay as they are.
    #[must_use]
    pub fn times(self, factor: u32) -> Self {
        let rate = |bps: i64| if bps > 0 { bps.saturating_mul(i64::from(factor)) } else { bps };
        let amount = |money: Money| {
            if money.0 > 0 { Money(money.0.saturating_mul(i128::from(factor))) } else { money }
        };
        match self {
            Self::None => Self::None,
            Self::Rate { maker_bps, taker_bps } => {
                Self::Rate { maker_bps: rate(maker_bps), taker_bps: rate(taker_bps) }
            }
            Self::PerContract { maker, taker, minimum, maximum_bps } => Self::PerContract {
                maker: amount(maker),
                taker: amount(taker),
                minimum: minimum.map(amount),
                maximum_bps: maximum_bps.map(rate),
            },
            Self::Tiered { tiers } => Self::Tiered {
                tiers: tiers
                    .into_iter()
                    .map(|tier| FeeTier {
                        maker_bps: rate(tier.maker_bps),
                        taker_bps: rate(tier.taker_bps),
                        ..tier
                    })
                    .collect(),
            },
            Self::Custom { model, factor: already } => {
                Self::Custom { model, factor: already.saturating_mul(factor) }
            }
        }
    }

    /// Fees by a model of one's own.
    #[must_use]
    pub fn custom(model: Arc<dyn FeeModel>) -> Self {
        let name = model.name().to_owned();
        Self::Custom { model: CustomModel::new("venue.fees", &name, model), factor: 1 }
    }

    /// What went wrong in a model of one's own, if anything did.
    #[must_use]
    pub fn fault(&self) -> Option<&CostError> {
        match self {
            Self::Custom { model, .. } => model.fault(),
            _ => None,
        }
    }

    /// A share of the notional in basis points.
    ///
    /// # Errors
    /// [`CostError::Setting`] when a rate is not finite or beyond ±10,000 bps.
    pub fn rate(maker_bps: f64, taker_bps: f64) -> Result<Self, CostError> {
        Ok(Self::Rate {
            maker_bps: parse_setting("maker_bps", maker_bps, 1e4)?,
            taker_bps: parse_setting("taker_bps", taker_bps, 1e4)?,
        })
    }

    /// An amount per contract, with an optional minimum per order.
    ///
    /// # Errors
    /// [`CostError::Setting`] when an amount is not finite or beyond ±10⁹, or the minimum is
    /// negative.
    pub fn per_contract(maker: f64, taker: f64, minimum: Option<f64>) -> Result<Self, CostError> {
        let amount =
            |field, value| parse_setting(field, value, 1e9).map(|nanos| Money(i128::from(nanos)));
        let minimum = minimum.map(|value| amount("minimum", value)).transpose()?;
        if let Some(below) = minimum.filter(|m| m.0 < 0) {
            return Err(CostError::Setting {
                field: "minimum",
                value: below.to_string(),
                accepted: "zero or above",
            });
        }
        Ok(Self::PerContract {
            maker: amount("maker", maker)?,
            taker: amount("taker", taker)?,
            minimum,
            maximum_bps: None,
        })
    }

    /// The same schedule with a ceiling for an order: so many basis points of its notional.
    ///
    /// # Errors
    /// [`CostError::Setting`] when it is not per contract, or the ceiling is not from 0 to 10,000.
    pub fn with_maximum(self, bps: f64) -> Result<Self, CostError> {
        let Self::PerContract { maker, taker, minimum, .. } = self else {
            return Err(CostError::Setting {
                field: "maximum_bps",
                value: bps.to_string(),
                accepted: "it with a fee per contract",
            });
        };
        if !(0.0..=1e4).contains(&bps) {
            return Err(CostError::Setting {
                field: "maximum_bps",
                value: bps.to_string(),
                accepted: "basis points from 0 to 10,000",
            });
        }
        let maximum_bps = Some((bps * 1e9).round() as i64);
        Ok(Self::PerContract { maker, taker, minimum, maximum_bps })
    }

    /// Rates by traded notional: from so much on, maker and taker basis points.
    ///
    /// # Errors
    /// [`CostError::Setting`] when there is no tier, the first does not begin at zero, they do not
    /// rise, or a rate is beyond ±10,000 bps.
    pub fn tiered(tiers: &[(Money, f64, f64)]) -> Result<Self, CostError> {
        let rising = tiers.windows(2).all(|pair| pair[0].0 < pair[1].0);
        if tiers.first().is_none_or(|tier| tier.0 != Money::ZERO) || !rising {
            return Err(CostError::Setting {
                field: "tiers",
                value: format!("{} tiers", tiers.len()),
                accepted: "tiers of rising volume, the first from 0",
            });
        }
        let tiers = tiers
            .iter()
            .map(|&(from, maker, taker)| {
                Ok(FeeTier {
                    from,
                    maker_bps: parse_setting("maker_bps", maker, 1e4)?,
                    taker_bps: parse_setting("taker_bps", taker, 1e4)?,
                })
            })
            .collect::<Result<_, CostError>>()?;
        Ok(Self::Tiered { tiers })
    }

    /// The plain fee of one fill, without regard to a minimum or a maximum.
    ///
    /// # Errors
    /// [`CostError::Overflow`], and what a model of one's own says.
    #[inline]
    pub fn fee(&self, fill: &FeeInput<'_>) -> Result<Money, CostError> {
        let FeeInput { notional, quantity, liquidity, traded, .. } = *fill;
        let maker = liquidity == LiquiditySide::Maker;
        let fee = match *self {
            Self::None => Ok(0),
            Self::Rate { maker_bps, taker_bps } => {
                let bps = i128::from(if maker { maker_bps } else { taker_bps });
                // The size of a notional counts, a price below zero pays no negative fee.
                mul_div_half_even(notional.0.saturating_abs(), bps, BPS_SCALE, "fee")
            }
            Self::Tiered { ref tiers } => {
                let tier = tiers.iter().rev().find(|tier| tier.from <= traded);
                let bps =
                    tier.map_or(0, |tier| if maker { tier.maker_bps } else { tier.taker_bps });
                mul_div_half_even(notional.0.saturating_abs(), i128::from(bps), BPS_SCALE, "fee")
            }
            Self::PerContract { maker: m, taker: t, .. } => {
                let each = if maker { m } else { t };
                mul_div_half_even(each.0, i128::from(quantity.0), i128::from(NANO), "fee")
            }
            Self::Custom { ref model, factor } => {
                let fee = model.ask(|model| model.fee(fill))?;
                let factor = if fee.0 > 0 { i128::from(factor) } else { 1 };
                let times = fee.0.checked_mul(factor);
                return times.map(Money).ok_or_else(|| CostError::overflow("fee", notional));
            }
        };
        fee.map(Money).map_err(|e| CostError::from_model(e, "fee", notional))
    }

    /// Charges one fill to its order and returns the fee of the fill, minimum and maximum included.
    /// What the order has been charged before is taken from `order`.
    ///
    /// # Errors
    /// [`CostError::Overflow`], and what a model of one's own says; `order` is then as it was.
    #[inline]
    pub fn charge(&self, order: &mut OrderFees, fill: &FeeInput<'_>) -> Result<Money, CostError> {
        let notional = fill.notional;
        let plain = self.fee(&FeeInput { order: *order, ..*fill })?;
        let overflow = |_| CostError::overflow("fee", notional);
        let accrued = order.accrued.checked_add(plain).map_err(overflow)?;
        let whole = Money(order.notional.0.saturating_add(notional.0.saturating_abs()));
        let total = match *self {
            Self::PerContract { minimum, maximum_bps, .. } => {
                let most = match maximum_bps {
                    Some(bps) => {
                        let most = mul_div_half_even(whole.0, i128::from(bps), BPS_SCALE, "fee");
                        accrued.min(Money(most.map_err(|_| CostError::overflow("fee", whole))?))
                    }
                    None => accrued,
                };
                minimum.map_or(most, |least| most.max(least))
            }
            _ => accrued,
        };
        let fee = total.checked_sub(order.charged).map_err(overflow)?;
        *order = OrderFees { accrued, charged: total, notional: whole };
        Ok(fee)
    }

    /// The model's name and numbers, for results.
    #[must_use]
    pub fn describe(&self) -> String {
        let bps = |nanos: i64| Money(i128::from(nanos)).to_string();
        match *self {
            Self::None => "none".to_owned(),
            Self::Rate { maker_bps, taker_bps } => {
                format!("rate: maker {} bps, taker {} bps", bps(maker_bps), bps(taker_bps))
            }
            Self::Tiered { ref tiers } => {
                let words: Vec<String> = tiers
                    .iter()
                    .map(|tier| {
                        let (maker, taker) = (bps(tier.maker_bps), bps(tier.taker_bps));
                        format!("from {} maker {maker}, taker {taker} bps", tier.from)
                    })
                    .collect();
                format!("by traded volume: {}", words.join("; "))
            }
            Self::PerContract { maker, taker, minimum, maximum_bps } => {
                let least =
                    minimum.map_or_else(String::new, |m| format!(", at least {m} an order"));
                let most = maximum_bps
                    .map_or_else(String::new, |m| format!(", at most {} bps of it", bps(m)));
                let tail = least + &most;
                format!("per contract: maker {maker}, taker {taker}{tail}")
            }
            Self::Custom { ref model, factor: 1 } => format!("custom: {}", model.name()),
            Self::Custom { ref model, factor } => {
                format!("custom: {}, charges times {factor}", model.name())
            }
        }
    }
}
