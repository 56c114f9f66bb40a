//! Lots of a position, and which of them a closing fill releases.
//!
//! Worked numbers: `reference/simulation.md`, "Accounting", Lots.

use model::{Lots, ModelError, Money, Split, decimal::mul_div_half_even};
use std::collections::VecDeque;

/// Which lots a closing fill meets first.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum LotMatching {
    /// None: a position has one average price, a round trip goes from flat to flat.
    #[default]
    Average,
    /// The oldest.
    Fifo,
    /// The newest.
    Lifo,
}

impl LotMatching {
    /// Parses the configuration's word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "average" => Self::Average,
            "fifo" => Self::Fifo,
            "lifo" => Self::Lifo,
            _ => return None,
        })
    }
}

/// What one opening fill left in a position.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Lot {
    /// Lots, above zero.
    quantity: i64,
    /// Cost, signed as that of the position.
    cost: i128,
}

/// The lots of one position, oldest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LotQueue {
    matching: LotMatching,
    lots: VecDeque<Lot>,
}

impl LotQueue {
    pub fn new(matching: LotMatching) -> Self {
        Self { matching, lots: VecDeque::new() }
    }

    /// The cost that closing `closing` lots releases: whole lots exactly, of the last one its
    /// share rounded half to even.
    pub fn released(&self, closing: i64) -> Result<Money, ModelError> {
        let mut left = closing;
        let mut sum = 0i128;
        let count = self.lots.len();
        for at in 0..count {
            if left == 0 {
                break;
            }
            let lot = match self.matching {
                LotMatching::Lifo => &self.lots[count - 1 - at],
                LotMatching::Average | LotMatching::Fifo => &self.lots[at],
            };
            let taken = left.min(lot.quantity);
            let cost = part_of(lot.cost, taken, lot.quantity)?;
            sum = sum.checked_add(cost).ok_or(ModelError::Overflow { what: "position" })?;
            left -= taken;
        }
        Ok(Money(sum))
    }

    /// Takes `closing` lots away, and adds what a fill opens beyond. A fill that [`Self::released`]
    /// could answer for changes nothing halfway.
    pub fn book(&mut self, closing: i64, opened: Lots, cost: Money) -> Result<(), ModelError> {
        let mut left = closing;
        while left > 0 {
            let lot = match self.matching {
                LotMatching::Lifo => self.lots.back_mut(),
                LotMatching::Average | LotMatching::Fifo => self.lots.front_mut(),
            };
            let Some(lot) = lot else { break };
            let taken = left.min(lot.quantity);
            lot.cost -= part_of(lot.cost, taken, lot.quantity)?;
            lot.quantity -= taken;
            left -= taken;
            if lot.quantity == 0 {
                match self.matching {
                    LotMatching::Lifo => self.lots.pop_back(),
                    LotMatching::Average | LotMatching::Fifo => self.lots.pop_front(),
                };
            }
        }
        if opened.0 != 0 {
            let quantity =
                opened.0.checked_abs().ok_or(ModelError::Overflow { what: "position" })?;
            self.lots.push_back(Lot { quantity, cost: cost.0 });
        }
        Ok(())
    }

    /// Splits every lot. What they come to is the position: fractions add up from lot to lot, oldest
    /// first, and the one that is left over goes with the cost `released`, out of the newest. A lot
    /// that comes to nothing leaves its cost to its neighbour.
    pub fn split(&mut self, split: Split, released: Money) -> Result<(), ModelError> {
        let quantities = split_in_turn(split, self.lots.iter().map(|lot| lot.quantity))?;
        let mut next: VecDeque<Lot> = VecDeque::with_capacity(self.lots.len());
        let mut carried = 0i128;
        for (lot, quantity) in self.lots.iter().zip(quantities) {
            if quantity == 0 {
                carried += lot.cost;
            } else {
                next.push_back(Lot { quantity, cost: lot.cost + std::mem::take(&mut carried) });
            }
        }
        if let Some(newest) = next.back_mut() {
            newest.cost += carried - released.0;
        }
        self.lots = next;
        Ok(())
    }
}

/// Quantities after a split so that their sum is that of the whole: each is what the sum so far
/// comes to, less what those before it have.
pub(crate) fn split_in_turn(
    split: Split,
    quantities: impl Iterator<Item = i64>,
) -> Result<Vec<i64>, ModelError> {
    let (mut before, mut given) = (0i64, 0i64);
    quantities
        .map(|quantity| {
            before = before.checked_add(quantity).ok_or(ModelError::Overflow { what: "split" })?;
            let sum = split.quantity(Lots(before))?.0.0;
            let part = sum - given;
            given = sum;
            Ok(part)
        })
        .collect()
}

/// The share of an amount that `part` of `whole` has; what is left stays where it is.
pub(crate) fn part_of(amount: i128, part: i64, whole: i64) -> Result<i128, ModelError> {
    if part == whole {
        return Ok(amount);
    }
    mul_div_half_even(amount, i128::from(part), i128::from(whole), "position")
}
