//! What an account may hold and buy: cash in full, or margin.
//!
//! Definitions: `reference/simulation.md`, "Corporate actions, funding, margin, borrow": "initial on
//! the position plus the worst side of open orders, maintenance on mark".

use model::{Instrument, Lots, ModelError, Money, NANO, Price, decimal::mul_div_half_even};

/// How much margin a position takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MarginRate {
    /// A share of the notional in 1e-9: 0.1 is 100,000,000.
    OfNotional(i64),
    /// Money for each unit of quantity.
    PerContract(Price),
}

impl MarginRate {
    /// The margin of lots (of either sign) at a mark, rounded half to even.
    ///
    /// # Errors
    /// [`ModelError`] when it leaves its type.
    pub fn of(self, terms: &Instrument, mark: Price, lots: Lots) -> Result<Money, ModelError> {
        let overflow = ModelError::Overflow { what: "margin" };
        let lots = Lots(lots.0.checked_abs().ok_or(overflow)?);
        match self {
            Self::OfNotional(rate) => {
                let notional = terms.notional(mark, lots)?.0.saturating_abs();
                mul_div_half_even(notional, i128::from(rate), i128::from(NANO), "margin").map(Money)
            }
            Self::PerContract(amount) => {
                Money::notional(amount, terms.quantity(lots)?, Price(NANO))
            }
        }
    }
}

/// The margin of one instrument.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MarginTerms {
    /// What opening takes.
    pub initial: MarginRate,
    /// What keeping takes.
    pub maintenance: MarginRate,
}

/// What orders of an account are checked against.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum Funds {
    /// Nothing: cash may go below zero, everything may be sold short.
    #[default]
    Unchecked,
    /// Nothing is bought beyond the cash, nothing is sold short.
    Cash,
    /// Margin, by instrument.
    Margin(Vec<MarginTerms>),
}

/// The largest position, long or short, that open orders could lead to: the worst side of them on
/// top of the position.
#[must_use]
pub fn worst_position(position: Lots, buys: Lots, sells: Lots) -> Lots {
    let long = position.0.saturating_add(buys.0);
    let short = position.0.saturating_neg().saturating_add(sells.0);
    Lots(long.max(short).max(0))
}
