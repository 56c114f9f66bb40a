//! Fees: none, a rate of the notional, an amount per contract, or rates by traded volume.

use crate::error::CostError;
use model::decimal::mul_div_half_even;
use model::{LiquiditySide, Money, NANO, Quantity};

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

    /// The plain fee of one fill, without regard to a minimum or a maximum, when nothing has been
    /// traded before.
    ///
    /// # Errors
    /// [`CostError::Overflow`].
    #[inline]
    pub fn fee(
        &self,
        notional: Money,
        quantity: Quantity,
        liquidity: LiquiditySide,
    ) -> Result<Money, CostError> {
        self.fee_after(Money::ZERO, notional, quantity, liquidity)
    }

    /// The plain fee of one fill once so much has been traded.
    fn fee_after(
        &self,
        traded: Money,
        notional: Money,
        quantity: Quantity,
        liquidity: LiquiditySide,
    ) -> Result<Money, CostError> {
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
        };
        fee.map(Money).map_err(|e| CostError::from_model(e, "fee", notional))
    }

    /// Charges one fill to its order and returns the fee of the fill, minimum and maximum included.
    /// `traded` is the notional that was traded before it.
    ///
    /// # Errors
    /// [`CostError::Overflow`]; `order` is then as it was.
    #[inline]
    pub fn charge(
        &self,
        order: &mut OrderFees,
        traded: Money,
        notional: Money,
        quantity: Quantity,
        liquidity: LiquiditySide,
    ) -> Result<Money, CostError> {
        let plain = self.fee_after(traded, notional, quantity, liquidity)?;
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
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn money(text: &str) -> Money {
        Money(model::decimal::parse_nanos(text).unwrap())
    }

    fn units(count: i64) -> Quantity {
        Quantity(count * NANO)
    }

    const TAKER: LiquiditySide = LiquiditySide::Taker;

    #[test]
    fn charges_are_multiplied_and_rebates_are_not() {
        let rate = FeeSchedule::rate(-0.5, 2.0).unwrap();
        assert_eq!(rate.times(2), FeeSchedule::rate(-0.5, 4.0).unwrap());
        let per = FeeSchedule::per_contract(-0.1, 0.85, Some(1.0)).unwrap();
        assert_eq!(per.clone().times(3), FeeSchedule::per_contract(-0.1, 2.55, Some(3.0)).unwrap());
        assert_eq!(per.clone().times(1), per);
        assert_eq!(FeeSchedule::None.times(2), FeeSchedule::None);
    }

    #[test]
    fn per_share_commission_of_three_fills_matches_the_reference() {
        let schedule = FeeSchedule::per_contract(0.0075, 0.0075, None).unwrap();
        for (quantity, expected) in [(230, "1.725"), (170, "1.275"), (100, "0.75")] {
            assert_eq!(schedule.fee(Money::ZERO, units(quantity), TAKER), Ok(money(expected)));
        }
    }

    #[test]
    fn a_minimum_holds_for_the_running_total_of_the_order() {
        let schedule = FeeSchedule::per_contract(0.0075, 0.0075, Some(2.5)).unwrap();
        let mut order = OrderFees::default();
        for (quantity, fee, total) in
            [(230, "2.5", "2.5"), (170, "0.5", "3"), (100, "0.75", "3.75")]
        {
            let charged =
                schedule.charge(&mut order, Money::ZERO, Money::ZERO, units(quantity), TAKER);
            assert_eq!((charged, order.charged), (Ok(money(fee)), money(total)));
        }
    }

    #[test]
    fn rates_take_their_share_of_the_notional_by_liquidity() {
        let schedule = FeeSchedule::rate(-1.0, 15.0).unwrap();
        for (notional, fee) in [("23000", "34.5"), ("17170", "25.755"), ("10200", "15.3")] {
            assert_eq!(schedule.fee(money(notional), units(1), TAKER), Ok(money(fee)));
        }
        let maker = schedule.fee(money("10000"), units(1), LiquiditySide::Maker);
        assert_eq!(maker, Ok(money("-1")), "a negative rate is a rebate");
        let below = schedule.fee(money("-10200"), units(1), TAKER);
        assert_eq!(below, Ok(money("15.3")), "a price below zero still pays");
    }

    #[test]
    fn fees_round_half_to_even() {
        // 5e-9 and 15e-9 of notional at 1,000 bps: 0.5 and 1.5 units of 1e-9.
        let schedule = FeeSchedule::rate(1000.0, 1000.0).unwrap();
        assert_eq!(schedule.fee(Money(5), units(1), TAKER), Ok(Money(0)));
        assert_eq!(schedule.fee(Money(15), units(1), TAKER), Ok(Money(2)));
    }

    #[test]
    fn settings_that_mean_nothing_are_refused() {
        assert_eq!(FeeSchedule::rate(f64::NAN, 0.0).unwrap_err().code(), "ERR_COSTS_SETTING");
        assert!(FeeSchedule::rate(0.0, 1e9).is_err());
        assert!(FeeSchedule::per_contract(0.85, f64::INFINITY, None).is_err());
        assert!(FeeSchedule::per_contract(0.85, 0.85, Some(-1.0)).is_err());
        let huge = FeeSchedule::rate(10.0, 10.0).unwrap().fee(Money(i128::MAX), units(1), TAKER);
        assert_eq!(huge.unwrap_err().code(), "ERR_COSTS_OVERFLOW");
    }

    #[test]
    fn a_maximum_is_a_share_of_the_orders_notional() {
        // 0.005 a share, at least 1, at most 1 % of the order.
        let schedule = FeeSchedule::per_contract(0.005, 0.005, Some(1.0)).unwrap();
        let schedule = schedule.with_maximum(100.0).unwrap();
        let mut order = OrderFees::default();
        // 1,000 shares at 0.2: plain 5, at most 2.
        let fee = schedule.charge(&mut order, Money::ZERO, money("200"), units(1000), TAKER);
        assert_eq!(fee, Ok(money("2")));
        // 1,000 more at 10: plain 10 in all, at most 102.
        let fee = schedule.charge(&mut order, Money::ZERO, money("10000"), units(1000), TAKER);
        assert_eq!((fee, order.charged), (Ok(money("8")), money("10")));
        let mut small = OrderFees::default();
        let fee = schedule.charge(&mut small, Money::ZERO, money("5"), units(10), TAKER);
        assert_eq!(fee, Ok(money("1")), "the minimum goes last");
        assert!(FeeSchedule::rate(1.0, 1.0).unwrap().with_maximum(1.0).is_err());
    }

    #[test]
    fn a_tier_holds_from_its_volume_on() {
        let tiers = [(Money::ZERO, 2.0, 5.0), (money("1000000"), -1.0, 3.0)];
        let schedule = FeeSchedule::tiered(&tiers).unwrap();
        let fee = |traded: &str, liquidity| {
            let mut order = OrderFees::default();
            schedule.charge(&mut order, money(traded), money("10000"), units(1), liquidity).unwrap()
        };
        assert_eq!(fee("0", TAKER), money("5"));
        assert_eq!(fee("999999.99", LiquiditySide::Maker), money("2"));
        assert_eq!(fee("1000000", TAKER), money("3"));
        assert_eq!(fee("5000000", LiquiditySide::Maker), money("-1"), "a rebate");
        for bad in [&[][..], &[(money("1"), 1.0, 1.0)], &[tiers[0], tiers[0]]] {
            assert_eq!(FeeSchedule::tiered(bad).unwrap_err().code(), "ERR_COSTS_SETTING");
        }
    }

    #[test]
    fn a_schedule_says_what_it_is() {
        assert_eq!(FeeSchedule::None.describe(), "none");
        assert_eq!(
            FeeSchedule::rate(1.0, 2.5).unwrap().describe(),
            "rate: maker 1 bps, taker 2.5 bps"
        );
        assert_eq!(
            FeeSchedule::per_contract(0.85, 0.85, Some(1.0)).unwrap().describe(),
            "per contract: maker 0.85, taker 0.85, at least 1 an order"
        );
    }
}
