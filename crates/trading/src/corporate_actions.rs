//! Splits and dividends: what they do to positions, resting orders and cash.
//!
//! Definitions: `reference/simulation.md`, "Corporate actions, funding, margin, borrow".

use crate::account::Account;
use crate::error::TradingError;
use model::calendar::{Calendar, TradingSession};
use model::decimal::mul_div_half_even;
use model::{Instrument, InstrumentIndex, Lots, Money, Position, Price, Split};

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

/// What a split makes of a position.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PositionSplit {
    /// The position after it: its cost stays, less that of the fraction.
    pub position: Position,
    /// Cost of the fraction.
    pub released: Money,
    /// What the fraction is worth at the price after the split.
    pub proceeds: Money,
}

impl PositionSplit {
    /// Profit that paying the fraction realises.
    ///
    /// # Errors
    /// [`TradingError::Model`] on overflow.
    pub fn realized(&self) -> Result<Money, TradingError> {
        Ok(self.proceeds.checked_sub(self.released)?)
    }
}

/// Splits a position before the open. The cost stays, so the average is divided by r; a fraction of
/// a lot is closed at `price` (after the split) and paid in cash.
///
/// # Errors
/// [`TradingError::Setting`] for a fraction without a price, [`TradingError::Model`] on overflow.
pub fn split_position(
    instrument: &Instrument,
    held: &Position,
    split: Split,
    price: Price,
) -> Result<PositionSplit, TradingError> {
    let (after, left_over) = split.quantity(held.quantity)?;
    let (mut released, mut proceeds) = (Money::ZERO, Money::ZERO);
    if left_over != 0 {
        if !price.is_defined() {
            return Err(refused("price", "undefined", "a price at which the fraction is paid"));
        }
        let parts = i128::from(held.quantity.0) * i128::from(split.new_units());
        let left = i128::from(left_over);
        released = Money(mul_div_half_even(held.cost.0, left, parts, "split")?);
        let lot = instrument.notional(price, Lots(1))?;
        let old = i128::from(split.old_units());
        proceeds = Money(mul_div_half_even(lot.0, left, old, "split")?);
    }
    let realized = proceeds.checked_sub(released)?;
    let position = Position {
        quantity: after,
        cost: held.cost.checked_sub(released)?,
        realized: held.realized.checked_add(realized)?,
    };
    Ok(PositionSplit { position, released, proceeds })
}

impl Account {
    /// Splits the position in an instrument before the open, as [`split_position`] says, and its
    /// lots with it.
    ///
    /// # Errors
    /// [`TradingError::UnknownInstrument`], and as [`split_position`]. The account is then as it was.
    pub fn apply_split(
        &mut self,
        instrument: &Instrument,
        index: InstrumentIndex,
        split: Split,
        price: Price,
    ) -> Result<SplitEffect, TradingError> {
        let before = self.position(index).quantity;
        let done = split_position(instrument, &self.position(index), split, price)?;
        let realized = done.realized()?;
        let cash = if instrument.kind.pays_notional() { done.proceeds } else { realized };
        self.replace_position(index, &done, split, (cash, realized))?;
        Ok(SplitEffect { before, after: done.position.quantity, cash, realized })
    }
}
