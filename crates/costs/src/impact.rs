//! Market impact: what taking liquidity does to the taker's own price.

use crate::error::CostError;
use crate::shift::worsen_by;
use model::decimal::mul_div_half_even;
use model::{Money, NANO, Price, Quantity, Side, UnixNanos};

/// The numbers of Almgren, Thum, Hauptmann and Li (2005), "Direct Estimation of Equity Market
/// Impact".
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Almgren {
    /// Volatility of a day, as a share of the price (0.0157).
    pub daily_volatility: f64,
    /// Volume of an average day, in units.
    pub daily_volume: f64,
    /// Shares outstanding, in units.
    pub shares_outstanding: f64,
    /// Part of the day over which an order is worked: what the temporary part rests on.
    pub duration: f64,
    /// Nanoseconds after which half of the permanent part of own trades has decayed; 0: never.
    pub half_life: u64,
}

impl Almgren {
    const GAMMA: f64 = 0.314;
    const ETA: f64 = 0.142;

    /// Permanent impact `I = 0.314 σ (X/V) (Θ/V)^¼` of having traded `units`, a share of the price.
    #[must_use]
    pub fn permanent(&self, units: f64) -> f64 {
        let turnover = (self.shares_outstanding / self.daily_volume).sqrt().sqrt();
        Self::GAMMA * self.daily_volatility * (units / self.daily_volume) * turnover
    }

    /// Temporary impact `K = 0.142 σ (X/(VT))^⅗`, a share of the price.
    #[must_use]
    pub fn temporary(&self, units: f64) -> f64 {
        let rate = units / (self.daily_volume * self.duration);
        Self::ETA * self.daily_volatility * libm::pow(rate, 0.6)
    }

    /// The cost of a trade of `units`, `J = I/2 + K`, a share of the price.
    #[must_use]
    pub fn cost(&self, units: f64) -> f64 {
        self.permanent(units) / 2.0 + self.temporary(units)
    }
}

/// The impact of a taking fill on its own price, and, where the model says so, on those after it.
/// The book stays as recorded.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
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
    /// `price × (1 ± η σ √(quantity / ADV))`, per fill (the square-root law).
    SquareRoot {
        /// The factor `η`.
        coefficient: f64,
        /// Volatility of a day, as a share of the price.
        daily_volatility: f64,
        /// Volume of an average day, in units.
        daily_volume: f64,
    },
    /// Almgren 2005 per fill, `J = I/2 + K`; the permanent part `I` of own earlier fills of the same
    /// side remains and decays.
    Almgren(Almgren),
}

/// What own taking fills have left in a market: signed permanent impact, a share of the price.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct ImpactMemory {
    moved: f64,
    at: UnixNanos,
}

impl ImpactMemory {
    /// What is left of it at a later time: half after a half-life, a third after two
    /// (`1 / (1 + t/h)`, which needs no exponential and is the same on every machine).
    fn left(&self, half_life: u64, now: UnixNanos) -> f64 {
        if half_life == 0 {
            return self.moved;
        }
        self.moved / (1.0 + now.0.saturating_sub(self.at.0) as f64 / half_life as f64)
    }
}

fn above_zero(field: &'static str, value: f64) -> Result<f64, CostError> {
    if value > 0.0 && value.is_finite() {
        return Ok(value);
    }
    let accepted = "a number above 0";
    Err(CostError::Setting { field, value: value.to_string(), accepted })
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

    /// The square-root law.
    ///
    /// # Errors
    /// [`CostError::Setting`] when a number is not above zero.
    pub fn square_root(
        coefficient: f64,
        daily_volatility: f64,
        daily_volume: f64,
    ) -> Result<Self, CostError> {
        Ok(Self::SquareRoot {
            coefficient: above_zero("impact.coefficient", coefficient)?,
            daily_volatility: above_zero("impact.dailyVolatility", daily_volatility)?,
            daily_volume: above_zero("impact.dailyVolume", daily_volume)?,
        })
    }

    /// Almgren 2005.
    ///
    /// # Errors
    /// [`CostError::Setting`] when a number is not above zero.
    pub fn almgren(numbers: Almgren) -> Result<Self, CostError> {
        above_zero("impact.dailyVolatility", numbers.daily_volatility)?;
        above_zero("impact.dailyVolume", numbers.daily_volume)?;
        above_zero("impact.sharesOutstanding", numbers.shares_outstanding)?;
        above_zero("impact.duration", numbers.duration)?;
        Ok(Self::Almgren(numbers))
    }

    /// The price of a taking fill of this side, notional and quantity: higher for a buy, lower for a
    /// sell.
    ///
    /// # Errors
    /// [`CostError::Overflow`].
    #[inline]
    pub fn worsen(
        &self,
        side: Side,
        price: Price,
        (notional, quantity): (Money, Quantity),
        memory: &ImpactMemory,
        now: UnixNanos,
    ) -> Result<Price, CostError> {
        match self {
            Self::None => Ok(price),
            Self::Linear { bps_per_million } => linear(side, price, notional, *bps_per_million),
            Self::SquareRoot { coefficient, daily_volatility, daily_volume } => {
                let part = (quantity.0 as f64 / 1e9 / daily_volume).sqrt();
                worsen_by(side, price, coefficient * daily_volatility * part)
            }
            Self::Almgren(numbers) => {
                let cost = numbers.cost(quantity.0 as f64 / 1e9);
                // What own fills moved against this side; what they moved for it is no gift.
                let moved = memory.left(numbers.half_life, now) * side.sign() as f64;
                worsen_by(side, price, cost + moved.max(0.0))
            }
        }
    }

    /// Remembers a taking fill, for those after it.
    pub fn remember(
        &self,
        memory: &mut ImpactMemory,
        side: Side,
        quantity: Quantity,
        now: UnixNanos,
    ) {
        if let Self::Almgren(numbers) = self {
            let more = numbers.permanent(quantity.0 as f64 / 1e9) * side.sign() as f64;
            *memory = ImpactMemory { moved: memory.left(numbers.half_life, now) + more, at: now };
        }
    }

    /// The model's name and numbers, for results.
    #[must_use]
    pub fn describe(&self) -> String {
        match *self {
            Self::None => "none".to_owned(),
            Self::Linear { bps_per_million } => {
                format!("linear: {} bps per million", Money(i128::from(bps_per_million)))
            }
            Self::SquareRoot { coefficient, daily_volatility, daily_volume } => format!(
                "square root: {coefficient} × {daily_volatility} × √(quantity / {daily_volume})"
            ),
            Self::Almgren(numbers) => {
                let decay = if numbers.half_life == 0 {
                    "never decays".to_owned()
                } else {
                    format!("half gone after {} ns", numbers.half_life)
                };
                format!(
                    "almgren 2005: volatility {}, volume {} a day, {} outstanding, over {} of a day, \
                     permanent part {decay}",
                    numbers.daily_volatility,
                    numbers.daily_volume,
                    numbers.shares_outstanding,
                    numbers.duration,
                )
            }
        }
    }
}

fn linear(
    side: Side,
    price: Price,
    notional: Money,
    bps_per_million: i64,
) -> Result<Price, CostError> {
    let fail = |e| CostError::from_model(e, "impact", notional);
    let million = 1_000_000 * i128::from(NANO);
    let size = notional.0.saturating_abs();
    let bps =
        mul_div_half_even(size, i128::from(bps_per_million), million, "impact").map_err(fail)?;
    let size = i128::from(price.0).abs();
    let shift = mul_div_half_even(size, bps, 10_000 * i128::from(NANO), "impact").map_err(fail)?;
    i128::from(price.0)
        .checked_add(i128::from(side.sign()) * shift)
        .and_then(|worse| i64::try_from(worse).ok())
        .map(Price)
        .ok_or_else(|| CostError::overflow("impact", notional))
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

    /// Without a past, of one unit.
    fn worse(
        impact: &Impact,
        side: Side,
        price: Price,
        notional: Money,
    ) -> Result<Price, CostError> {
        let size = (notional, Quantity(NANO));
        impact.worsen(side, price, size, &ImpactMemory::default(), UnixNanos(0))
    }

    #[test]
    fn half_a_basis_point_per_million_worsens_the_takers_price() {
        let impact = Impact::linear(0.5).unwrap();
        // 2,000,000 → 1 bps.
        let million2 = money("2000000");
        assert_eq!(worse(&impact, Side::Buy, price("100"), million2), Ok(price("100.01")));
        assert_eq!(worse(&impact, Side::Sell, price("100"), million2), Ok(price("99.99")));
        // 10 ESH4 at 4801.25: 2,400,625 → 1.2003125 bps → 0.576300039…
        let es = worse(&impact, Side::Buy, price("4801.25"), money("2400625"));
        assert_eq!(es, Ok(price("4801.826300039")));
    }

    #[test]
    fn none_leaves_the_price_alone() {
        let same = worse(&Impact::None, Side::Buy, price("7"), money("1000000000"));
        assert_eq!(same, Ok(price("7")));
    }

    #[test]
    fn a_price_below_zero_worsens_away_from_the_taker() {
        let impact = Impact::linear(1.0).unwrap();
        let away = worse(&impact, Side::Buy, price("-10"), money("-1000000")).unwrap();
        assert_eq!(away, price("-9.999"));
    }

    #[test]
    fn the_shift_rounds_half_to_even() {
        // 1 bps of 5e-6 is 5e-10: half a unit goes to the even 0; of 15e-6 to the even 2.
        let impact = Impact::linear(1.0).unwrap();
        let one = money("1000000");
        assert_eq!(worse(&impact, Side::Buy, Price(5_000), one), Ok(Price(5_000)));
        assert_eq!(worse(&impact, Side::Buy, Price(15_000), one), Ok(Price(15_002)));
    }

    /// "Square root: η·σ·√(qty/ADV)": 1 × 2 % × √(100/10,000) is 20 bps.
    #[test]
    fn the_square_root_law() {
        let impact = Impact::square_root(1.0, 0.02, 10_000.0).unwrap();
        let size = (money("0"), Quantity(100 * NANO));
        let memory = ImpactMemory::default();
        let worse = impact.worsen(Side::Buy, price("50"), size, &memory, UnixNanos(0));
        assert_eq!(worse, Ok(price("50.1")));
    }

    fn ibm(duration: f64) -> Almgren {
        Almgren {
            daily_volatility: 0.0157,
            daily_volume: 1.0,
            shares_outstanding: 263.0,
            duration,
            half_life: 0,
        }
    }

    /// "X/V=.1, IBM σ=1.57 %, Θ/V=263, T=.1/.2/.5 → I 19.85; K 22.29/14.71/8.49; J
    /// 32.22/24.63/18.41 bp".
    #[test]
    fn almgren_2005_of_the_reference() {
        let bp = |share: f64| (share * 1e6).round() / 100.0;
        for (duration, k, j) in [(0.1, 22.29, 32.22), (0.2, 14.71, 24.63), (0.5, 8.49, 18.41)] {
            let numbers = ibm(duration);
            assert_eq!(bp(numbers.permanent(0.1)), 19.85);
            assert_eq!(bp(numbers.temporary(0.1)), k);
            assert_eq!(bp(numbers.cost(0.1)), j);
        }
    }

    #[test]
    fn the_permanent_part_remains_and_decays_and_is_never_a_gift() {
        let numbers = Almgren { half_life: 1_000, ..ibm(0.1) };
        let impact = Impact::almgren(numbers).unwrap();
        let tenth = Quantity(NANO / 10);
        let mut memory = ImpactMemory::default();
        let at = |side, memory: &ImpactMemory, now| {
            let size = (Money::ZERO, tenth);
            impact.worsen(side, price("100"), size, memory, UnixNanos(now)).unwrap()
        };
        let first = at(Side::Buy, &memory, 0);
        impact.remember(&mut memory, Side::Buy, tenth, UnixNanos(0));
        let permanent = numbers.permanent(0.1) * 100.0;
        let more = |now| at(Side::Buy, &memory, now).as_f64() - first.as_f64();
        assert!((more(0) - permanent).abs() < 1e-8);
        assert!((more(1_000) - permanent / 2.0).abs() < 1e-8);
        assert!((more(2_000) - permanent / 3.0).abs() < 1e-8);
        let sale = at(Side::Sell, &memory, 0);
        assert_eq!(sale.as_f64(), 200.0 - first.as_f64(), "as without a past");
    }

    #[test]
    fn what_cannot_be_is_refused() {
        for bad in [f64::NAN, -1.0, 1e7, f64::INFINITY] {
            assert_eq!(Impact::linear(bad).unwrap_err().code(), "ERR_COSTS_SETTING");
        }
        assert!(Impact::square_root(0.0, 1.0, 1.0).is_err());
        assert!(Impact::almgren(Almgren { daily_volume: -1.0, ..ibm(0.1) }).is_err());
        let impact = Impact::linear(1e6).unwrap();
        let huge = worse(&impact, Side::Buy, Price(i64::MAX - 1), Money(1 << 80));
        assert_eq!(huge.unwrap_err().code(), "ERR_COSTS_OVERFLOW");
        assert_eq!(impact.describe(), "linear: 1000000 bps per million");
    }
}
