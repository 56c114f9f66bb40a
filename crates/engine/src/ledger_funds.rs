//! What the venue's accounts can pay for, and what they have to hold.

use crate::ledger::Ledger;
use model::{InstrumentIndex, LiquiditySide, Lots, Money, Price, Reason, Side};
use trading::{Funds, TradingError};

impl Ledger {
    /// The maintenance margin of what an account holds, at the marks.
    ///
    /// # Errors
    /// [`TradingError`] on overflow.
    pub fn maintenance(&self, account: usize) -> Result<Money, TradingError> {
        let Funds::Margin(terms) = &self.funds else { return Ok(Money::ZERO) };
        let mut sum = Money::ZERO;
        for (at, position) in self.accounts[account].positions().iter().enumerate() {
            let mark = self.mark(InstrumentIndex(at as u32), position.quantity.0);
            if !position.quantity.is_zero() && mark.is_defined() {
                let margin =
                    terms[at].maintenance.of(&self.instruments[at], mark, position.quantity);
                sum = sum.checked_add(margin?)?;
            }
        }
        Ok(sum)
    }

    /// Whether an account can pay for an order that executes now.
    pub(crate) fn can_pay(
        &self,
        which: usize,
        pending: InstrumentIndex,
        (side, quantity): (Side, Lots),
        (price, equity): (Price, Money),
    ) -> Result<(), Reason> {
        let account = &self.accounts[which];
        let held = account.position(pending).quantity;
        let terms = &self.instruments[pending.index()];
        match &self.funds {
            Funds::Unchecked => Ok(()),
            Funds::Cash if side == Side::Sell => {
                if quantity > held {
                    Err(Reason::ShortSale)
                } else {
                    Ok(())
                }
            }
            Funds::Cash => {
                let value = terms.notional(price, quantity).map_err(|_| Reason::Overflow)?;
                let units = terms.quantity(quantity).map_err(|_| Reason::Overflow)?;
                let fee = self.fees.fee(value, units, LiquiditySide::Taker);
                let cost = value.0.saturating_add(fee.map_err(|_| Reason::Overflow)?.0);
                if cost > account.cash().0 { Err(Reason::BuyingPower) } else { Ok(()) }
            }
            Funds::Margin(margins) => {
                let next = held.0.saturating_add(side.sign().saturating_mul(quantity.0));
                if next.saturating_abs() <= held.0.saturating_abs() {
                    return Ok(());
                }
                let mut needed = Money::ZERO;
                for (at, position) in account.positions().iter().enumerate() {
                    let index = InstrumentIndex(at as u32);
                    let (lots, mark) = if index == pending {
                        (next, price)
                    } else {
                        (position.quantity.0, self.mark(index, position.quantity.0))
                    };
                    if lots != 0 && mark.is_defined() {
                        let margin =
                            margins[at].initial.of(&self.instruments[at], mark, Lots(lots));
                        needed = margin
                            .and_then(|margin| needed.checked_add(margin))
                            .map_err(|_| Reason::Overflow)?;
                    }
                }
                if needed > equity { Err(Reason::BuyingPower) } else { Ok(()) }
            }
        }
    }
}
