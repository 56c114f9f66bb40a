//! What the venue's accounts can pay for, and what they have to hold.

use crate::ledger::Ledger;
use crate::ledger_sizing::{estimated_fee_in_cash, refusal};
use model::{InstrumentIndex, Leg, Lots, Money, Price, Reason, Side, UnixNanos};
use trading::{Funds, TradingError};

impl Ledger {
    /// The maintenance margin of what an account holds, at the marks.
    ///
    /// # Errors
    /// [`TradingError`] on overflow.
    pub fn maintenance(&self, account: usize) -> Result<Money, TradingError> {
        let Funds::Margin(terms) = &self.funds else { return Ok(Money::ZERO) };
        let mut sum = Money::ZERO;
        let account = &self.accounts[account];
        // Of a hedging account each leg takes its own: one does not cover the other.
        for (index, position) in account.positions() {
            let at = index.index();
            let mark = self.mark(index, position.quantity.0);
            if !position.quantity.is_zero() && mark.is_defined() {
                let margin =
                    terms[at].maintenance.of(&self.instruments[at], mark, position.quantity)?;
                sum = sum.checked_add(account.cost_of(index, margin, &self.marks(None))?)?;
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
        now: UnixNanos,
    ) -> Result<(), Reason> {
        let account = &self.accounts[which];
        let leg = Leg::of(side, false);
        let held = account.leg(pending, leg).quantity;
        let terms = &self.instruments[pending.index()];
        match &self.funds {
            Funds::Unchecked => Ok(()),
            Funds::Cash if side == Side::Sell => {
                if quantity > account.sellable(pending, terms) {
                    Err(Reason::ShortSale)
                } else {
                    Ok(())
                }
            }
            Funds::Cash => {
                let (value, fee) =
                    estimated_fee_in_cash(self.fees(pending), terms, (side, quantity, price), now)?;
                let cost = value.0.saturating_add(fee.0);
                let slot = account.currencies().slot(pending).ok_or(Reason::NoRate)?;
                let spendable = account.spendable(slot, &self.instruments);
                if cost > spendable.map_err(|_| Reason::Overflow)?.0 {
                    Err(Reason::BuyingPower)
                } else {
                    Ok(())
                }
            }
            Funds::Margin(margins) => {
                let next = held.0.saturating_add(side.sign().saturating_mul(quantity.0));
                if next.saturating_abs() <= held.0.saturating_abs() {
                    return Ok(());
                }
                let marks = self.marks(Some((pending, price)));
                let mut needed = Money::ZERO;
                for (index, position) in account.positions() {
                    let at = index.index();
                    let other_leg =
                        account.is_hedging() && position.quantity.0.signum() == -leg.sign();
                    let (lots, mark) = if index == pending && !other_leg {
                        (next, price)
                    } else {
                        (position.quantity.0, self.mark(index, position.quantity.0))
                    };
                    if lots != 0 && mark.is_defined() {
                        let margin =
                            margins[at].initial.of(&self.instruments[at], mark, Lots(lots));
                        needed = margin
                            .map_err(TradingError::from)
                            .and_then(|margin| account.cost_of(index, margin, &marks))
                            .and_then(|margin| Ok(needed.checked_add(margin)?))
                            .map_err(|error| refusal(&error))?;
                    }
                }
                if needed > equity { Err(Reason::BuyingPower) } else { Ok(()) }
            }
        }
    }
}
