//! What an account is worth, and what it can spend.

use crate::account::{Account, Balance};
use crate::error::TradingError;
use crate::received_fees::Remainder;
use model::{Instrument, InstrumentIndex, InstrumentKind, Lots, Money, Position, Price};

impl Account {
    /// One figure over all currencies, in the account's own at the rates of now.
    ///
    /// # Errors
    /// [`TradingError::NoRate`], [`TradingError::Model`] on overflow.
    pub fn total(
        &self,
        figure: impl Fn(&Balance) -> Money,
        mark: &impl Fn(InstrumentIndex, i64) -> Price,
    ) -> Result<Money, TradingError> {
        let mut sum = Money::ZERO;
        for (slot, balance) in self.balances().iter().enumerate() {
            sum = sum.checked_add(self.currencies().worth(slot, figure(balance), mark)?)?;
        }
        Ok(sum)
    }

    /// What an account can spend of the currency in `slot`: its balance, and the position in the
    /// pair that has it as base.
    ///
    /// # Errors
    /// [`TradingError::Model`] on overflow.
    pub fn spendable(
        &self,
        slot: usize,
        instruments: &[Instrument],
    ) -> Result<Money, TradingError> {
        let cash = self.balances()[slot].cash;
        let Some(pair) = self.currencies().pair_of(slot) else { return Ok(cash) };
        let Some(terms) = instruments.get(pair.index()) else { return Ok(cash) };
        if terms.kind != InstrumentKind::Spot {
            return Ok(cash);
        }
        let held = terms.quantity(self.position(pair).quantity)?;
        let left = i128::from(held.0) + i128::from(self.remainder(pair).quantity);
        Ok(cash.checked_add(Money(left))?)
    }

    /// Lots of an instrument that can be sold without being short of it: the position, of a pair
    /// with the balance in its base.
    #[must_use]
    pub fn sellable(&self, index: InstrumentIndex, terms: &Instrument) -> Lots {
        let held = self.position(index).quantity;
        let base = match terms.kind {
            InstrumentKind::Spot => self.currencies().base_slot(index),
            _ => None,
        };
        let Some(slot) = base else { return held };
        let beside = self.balances()[slot].cash.0 + i128::from(self.remainder(index).quantity);
        let lots = beside.div_euclid(i128::from(terms.lot_size.0));
        Lots(held.0.saturating_add(i64::try_from(lots).unwrap_or(0)))
    }

    /// What it takes of the account's own currency to have an amount in that of an instrument.
    ///
    /// # Errors
    /// [`TradingError::NoRate`], [`TradingError::Model`] on overflow.
    pub fn cost_of(
        &self,
        instrument: InstrumentIndex,
        amount: Money,
        mark: &impl Fn(InstrumentIndex, i64) -> Price,
    ) -> Result<Money, TradingError> {
        let slot = self.currencies().slot(instrument).unwrap_or(0);
        Ok(Money(-self.currencies().worth(slot, Money(-amount.0), mark)?.0))
    }

    /// Profit of the open position at `mark`, not yet realised, in the instrument's currency. A mark
    /// that is undefined counts the position at its cost (0).
    ///
    /// # Errors
    /// [`TradingError::Model`] on overflow.
    pub fn unrealized(
        &self,
        instrument: &Instrument,
        index: InstrumentIndex,
        mark: Price,
    ) -> Result<Money, TradingError> {
        self.unrealized_of(instrument, &self.position(index), self.remainder(index), mark)
    }

    fn unrealized_of(
        &self,
        instrument: &Instrument,
        position: &Position,
        remainder: Remainder,
        mark: Price,
    ) -> Result<Money, TradingError> {
        if !mark.is_defined() || (position.quantity.is_zero() && remainder == Remainder::default())
        {
            return Ok(Money::ZERO);
        }
        let profit = instrument.value(mark, position.quantity)?.checked_sub(position.cost)?;
        if remainder == Remainder::default() {
            return Ok(profit);
        }
        let left = remainder.value(instrument, mark)?.checked_sub(remainder.cost)?;
        Ok(profit.checked_add(left)?)
    }

    /// Equity in its own currency with every position at its mark: cash, plus the market value of
    /// what was paid for, plus the unrealised profit of what is margined. `mark` gives the price at
    /// which a position of a sign could be closed; where that is undefined a position counts at its
    /// cost.
    ///
    /// # Errors
    /// [`TradingError::UnknownInstrument`] when `instruments` are fewer than the account's,
    /// [`TradingError::NoRate`], [`TradingError::Model`] on overflow.
    pub fn equity(
        &self,
        instruments: &[Instrument],
        mark: &impl Fn(InstrumentIndex, i64) -> Price,
    ) -> Result<Money, TradingError> {
        let mut equity = Money::ZERO;
        for (slot, balance) in self.balances().iter().enumerate() {
            let mut sum = balance.cash;
            for (index, position) in self.positions() {
                // A hedging account takes no fees in the base.
                let remainder = self.remainder(index);
                if position.quantity.is_zero() && remainder == Remainder::default() {
                    continue;
                }
                if self.currencies().slot(index) != Some(slot) {
                    continue;
                }
                let count = instruments.len();
                let unknown = TradingError::UnknownInstrument { index: index.0, count };
                let instrument = instruments.get(index.index()).ok_or(unknown)?;
                let sign = if position.quantity.is_zero() { 1 } else { position.quantity.0 };
                let mark = mark(index, sign);
                let profit = self.unrealized_of(instrument, &position, remainder, mark)?;
                sum = sum.checked_add(profit)?;
                if instrument.kind.pays_notional() {
                    sum = sum.checked_add(position.cost)?.checked_add(remainder.cost)?;
                }
            }
            equity = equity.checked_add(self.currencies().worth(slot, sum, mark)?)?;
        }
        Ok(equity)
    }
}
