//! Positions of an account: one for each instrument, or its long and its short apart.

use crate::account::Account;
use model::{Instrument, InstrumentIndex, Leg, Lots, Money, Position, Price};

impl Account {
    /// The same, with long and short of an instrument held apart. To be said before the lots.
    #[must_use]
    pub fn with_hedging(mut self) -> Self {
        self.positions = vec![Position::default(); 2 * self.instruments];
        self
    }

    /// Whether long and short of an instrument are held apart.
    #[inline]
    #[must_use]
    pub fn is_hedging(&self) -> bool {
        self.positions.len() > self.instruments
    }

    /// All positions with their instruments; of a hedging account each leg by itself.
    pub fn positions(&self) -> impl Iterator<Item = (InstrumentIndex, Position)> {
        let count = self.instruments.max(1);
        self.positions
            .iter()
            .enumerate()
            .map(move |(at, position)| (InstrumentIndex((at % count) as u32), *position))
    }

    /// The position in an instrument (flat when the index is outside the run); of a hedging account
    /// what its two legs come to.
    #[inline]
    #[must_use]
    pub fn position(&self, instrument: InstrumentIndex) -> Position {
        if self.is_hedging() {
            let [long, short] = Leg::BOTH.map(|leg| self.leg(instrument, leg));
            return Position {
                quantity: Lots(long.quantity.0.saturating_add(short.quantity.0)),
                cost: Money(long.cost.0.saturating_add(short.cost.0)),
                realized: Money(long.realized.0.saturating_add(short.realized.0)),
            };
        }
        self.positions.get(instrument.index()).copied().unwrap_or_default()
    }

    /// One leg of a hedging account; else the position.
    #[inline]
    #[must_use]
    pub fn leg(&self, instrument: InstrumentIndex, leg: Leg) -> Position {
        self.positions.get(self.slot_of(instrument, leg)).copied().unwrap_or_default()
    }

    /// Where a leg stands among the positions.
    #[inline]
    pub(crate) fn slot_of(&self, instrument: InstrumentIndex, leg: Leg) -> usize {
        if self.is_hedging() && leg == Leg::Short {
            // Outside of the run stays outside.
            return instrument.index().saturating_add(self.instruments);
        }
        instrument.index()
    }

    /// Average entry price of the open position in 1e-9, rounded half to even; `None` when flat, and
    /// for the two legs of a hedging account together.
    #[must_use]
    pub fn average_entry_price(
        &self,
        instrument: &Instrument,
        index: InstrumentIndex,
    ) -> Option<Price> {
        let [long, short] = Leg::BOTH.map(|leg| self.leg(index, leg));
        match (long.quantity.is_zero(), short.quantity.is_zero()) {
            (true, false) => average_entry_price(instrument, &short),
            (false, false) if self.is_hedging() => None,
            _ => average_entry_price(instrument, &long),
        }
    }
}

/// Average entry price of a position in 1e-9, rounded half to even; `None` when it is flat or the
/// average leaves its type.
#[must_use]
pub fn average_entry_price(instrument: &Instrument, position: &Position) -> Option<Price> {
    instrument.average_price(position.cost, position.quantity)
}
