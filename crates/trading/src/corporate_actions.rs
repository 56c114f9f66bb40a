//! Splits and dividends: what they do to positions, resting orders and cash.
//!
//! Definitions: `reference/simulation.md`, "Corporate actions, funding, margin, borrow".

use crate::account::Account;
use crate::error::TradingError;
use model::calendar::{Calendar, TradingSession};
use model::decimal::mul_div_half_even;
use model::{Instrument, InstrumentIndex, Lots, ModelError, Money, Position, Price, Side, Ticks};

/// How the prices of a source have been changed after the fact.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Adjustment {
    /// As traded: splits and dividends are events.
    Raw,
    /// Divided by later splits: a dividend is still an event.
    Split,
    /// By splits and dividends: neither is an event any more.
    Total,
}

impl Adjustment {
    /// The adjustment of this name: `raw`, `split` or `total`.
    ///
    /// # Errors
    /// [`TradingError::Setting`].
    pub fn parse(text: &str) -> Result<Self, TradingError> {
        match text {
            "raw" => Ok(Self::Raw),
            "split" => Ok(Self::Split),
            "total" => Ok(Self::Total),
            other => Err(refused("adjustment", other, "raw, split or total")),
        }
    }

    /// Refuses dividends on prices that contain them.
    ///
    /// # Errors
    /// [`TradingError::Setting`].
    pub fn allow_dividends(self) -> Result<(), TradingError> {
        match self {
            Self::Total => Err(refused(
                "adjustment",
                "total",
                "raw or split: total-adjusted prices hold the dividends",
            )),
            Self::Raw | Self::Split => Ok(()),
        }
    }

    /// Refuses splits on prices that contain them.
    ///
    /// # Errors
    /// [`TradingError::Setting`].
    pub fn allow_splits(self) -> Result<(), TradingError> {
        match self {
            Self::Raw => Ok(()),
            Self::Split => {
                Err(refused("adjustment", "split", "raw: adjusted prices hold the splits"))
            }
            Self::Total => {
                Err(refused("adjustment", "total", "raw: adjusted prices hold the splits"))
            }
        }
    }
}

fn refused(field: &'static str, value: &str, accepted: &'static str) -> TradingError {
    TradingError::Setting { field, value: value.to_owned(), accepted }
}

/// A split: `new` units for every `old` ones, so 2:1 doubles the quantity and 1:10 is a reverse
/// split.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Split {
    new: i64,
    old: i64,
}

/// What a split did to an account.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SplitEffect {
    /// Position before it, signed lots.
    pub before: Lots,
    /// Position after it, signed lots.
    pub after: Lots,
    /// What the fraction of a lot was worth, negative where a short pays it.
    pub cash: Money,
    /// Profit that paying the fraction realised.
    pub realized: Money,
}

impl Split {
    /// `new` units for every `old` ones.
    ///
    /// # Errors
    /// [`TradingError::Setting`] unless both are above zero.
    pub fn new(new: u32, old: u32) -> Result<Self, TradingError> {
        if new == 0 || old == 0 {
            return Err(refused("split", &format!("{new}:{old}"), "two whole numbers above zero"));
        }
        Ok(Self { new: i64::from(new), old: i64::from(old) })
    }

    /// Whole lots after the split and what is left over, in parts of `1 / old` lot; both have the
    /// sign of `quantity`.
    ///
    /// # Errors
    /// [`TradingError::Model`] on overflow.
    pub fn quantity(self, quantity: Lots) -> Result<(Lots, i64), TradingError> {
        let parts = quantity.0.checked_mul(self.new).ok_or(OVERFLOW)?;
        Ok((Lots(parts / self.old), parts % self.old))
    }

    /// A resting order's limit after the split: ÷ r, and where that is on no tick the tick that is
    /// worse for the market and never worse for its owner: down for a buy, up for a sell.
    ///
    /// # Errors
    /// [`TradingError::Model`] on overflow.
    pub fn limit(self, side: Side, limit: Ticks) -> Result<Ticks, TradingError> {
        let parts = limit.0.checked_mul(self.old).ok_or(OVERFLOW)?;
        let down = parts.div_euclid(self.new);
        let off_tick = parts.rem_euclid(self.new) != 0;
        Ok(Ticks(match side {
            Side::Sell if off_tick => down + 1,
            _ => down,
        }))
    }

    /// A price after the split, in 1e-9, half to even.
    ///
    /// # Errors
    /// [`TradingError::Model`] on overflow.
    pub fn price(self, price: Price) -> Result<Price, TradingError> {
        let (old, new) = (i128::from(self.old), i128::from(self.new));
        let price = mul_div_half_even(i128::from(price.0), old, new, "split")?;
        i64::try_from(price).map(Price).map_err(|_| OVERFLOW.into())
    }
}

const OVERFLOW: ModelError = ModelError::Overflow { what: "split" };

/// What a dividend brings to a position: quantity × `per_unit`. Shorts pay, so it is below zero
/// for them. `quantity` is what was held at the close of [`entitling_session`].
///
/// # Errors
/// [`TradingError::Model`] on overflow.
pub fn dividend(
    instrument: &Instrument,
    quantity: Lots,
    per_unit: Price,
) -> Result<Money, TradingError> {
    Ok(Money::notional(per_unit, instrument.quantity(quantity)?, Price(model::NANO))?)
}

/// The session at whose close a dividend's receiver is decided: the one before the day on which
/// shares trade without it (`ex_day`, days since 1970).
#[must_use]
pub fn entitling_session(calendar: &Calendar, ex_day: i64) -> Option<TradingSession> {
    calendar.session_before(ex_day)
}

impl Account {
    /// Splits the position in an instrument before the open. The cost stays, so the average is
    /// divided by r; a fraction of a lot is closed at `price` (after the split) and paid in cash.
    ///
    /// # Errors
    /// [`TradingError::UnknownInstrument`], [`TradingError::Setting`] for a fraction without a
    /// price, [`TradingError::Model`] on overflow. The account is then as it was.
    pub fn apply_split(
        &mut self,
        instrument: &Instrument,
        index: InstrumentIndex,
        split: Split,
        price: Price,
    ) -> Result<SplitEffect, TradingError> {
        let held = self.position(index);
        let before = held.quantity;
        let (after, left_over) = split.quantity(before)?;
        let (mut released, mut proceeds) = (Money::ZERO, Money::ZERO);
        if left_over != 0 {
            if !price.is_defined() {
                return Err(refused("price", "undefined", "a price at which the fraction is paid"));
            }
            let parts = i128::from(before.0) * i128::from(split.new);
            let left = i128::from(left_over);
            released = Money(mul_div_half_even(held.cost.0, left, parts, "split")?);
            let lot = instrument.notional(price, Lots(1))?;
            proceeds = Money(mul_div_half_even(lot.0, left, i128::from(split.old), "split")?);
        }
        let realized = proceeds.checked_sub(released)?;
        let cash = if instrument.kind.pays_notional() { proceeds } else { realized };
        let position = Position {
            quantity: after,
            cost: held.cost.checked_sub(released)?,
            realized: held.realized.checked_add(realized)?,
        };
        self.replace_position(index, position, cash, realized)?;
        Ok(SplitEffect { before, after, cash, realized })
    }
}
