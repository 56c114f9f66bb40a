//! A split of an instrument on the venue's accounts.

use crate::command::Amount;
use crate::ledger::Ledger;
use model::{InstrumentIndex, Lots, OrderId, Price, Split};
use trading::{SplitEffect, Target, TradingError};

impl Ledger {
    /// An instrument is split: positions and marks go on in new units; a fraction is paid at `price`.
    /// What it did, by account.
    ///
    /// # Errors
    /// [`TradingError`] for a fraction without a price, or on overflow.
    pub fn split(
        &mut self,
        instrument: InstrumentIndex,
        split: Split,
        price: Price,
    ) -> Result<Vec<SplitEffect>, TradingError> {
        let at = instrument.index();
        let terms = &self.instruments[at];
        let effects = self
            .accounts
            .iter_mut()
            .map(|account| account.apply_split(terms, instrument, split, price))
            .collect::<Result<_, _>>()?;
        self.held[at] = split.quantity(Lots(self.held[at]))?.0.0;
        for brought in &mut self.brought {
            brought[at] = split.quantity(Lots(brought[at]))?.0.0;
        }
        self.quotes[at] = split.best_prices(&self.quotes[at])?;
        self.prints[at] = split.price(self.prints[at])?;
        Ok(effects)
    }

    /// Orders to be sized to a number of lots, of those that `is_here` names, in new units.
    ///
    /// # Errors
    /// [`TradingError`] on overflow.
    pub fn split_targets(
        &mut self,
        instrument: InstrumentIndex,
        split: Split,
        is_here: impl Fn(OrderId) -> bool,
    ) -> Result<(), TradingError> {
        for (&id, pending) in &mut self.pending {
            if pending.instrument == instrument
                && let Amount::Target(Target::Quantity(lots)) = &mut pending.amount
                && is_here(id)
            {
                *lots = split.quantity(*lots)?.0;
            }
        }
        Ok(())
    }
}
