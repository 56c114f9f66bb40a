//! The account: balances, positions, fees and realised profit.

use crate::corporate_actions::PositionSplit;
use crate::currencies::Currencies;
use crate::error::TradingError;
use crate::lots::{LotMatching, LotQueue};
use crate::received_fees::Remainder;
use model::{
    Currency, FeeCurrency, Fill, Instrument, InstrumentIndex, Lots, ModelError, Money, Position,
    Price, Side, Split,
};
use std::sync::Arc;

/// What a fill did to an account.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FillEffect {
    /// Profit that it realised, gross of fees.
    pub realized: Money,
    /// Fee that it cost; a rebate is negative.
    pub fee: Money,
    /// Change of the balance in the instrument's currency, fee included where it is taken there.
    pub cash_delta: Money,
    /// Position before it, signed lots.
    pub before: Lots,
    /// Position after it, signed lots.
    pub after: Lots,
    /// Lots that left the position for the fee; below zero for a rebate that brought some.
    pub fee_lots: i64,
}

/// What an account has of one currency.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Balance {
    /// At the start.
    pub initial: Money,
    /// Now.
    pub cash: Money,
    /// Fees paid so far; rebates lower it.
    pub fees: Money,
    /// Realised profit so far, gross of fees.
    pub realized: Money,
    /// Sum of what came or went beside fills: funding, dividends, borrow.
    pub adjustments: Money,
}

/// Cash and positions.
///
/// A fill of an equity, spot pair or option pays or receives its notional; a fill of a future or
/// perpetual moves cash by the profit that it realises, each in the instrument's currency. Fees
/// leave cash only: realised profit is gross of them. So in each currency equity is always initial
/// cash + adjustments + realised + unrealised − fees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    currencies: Arc<Currencies>,
    /// By slot of `currencies`.
    balances: Vec<Balance>,
    /// Worth of the balances at the start.
    initial_equity: Money,
    /// By instrument; of a hedging account the longs of all, then the shorts of all.
    pub(crate) positions: Vec<Position>,
    /// How many instruments there are.
    pub(crate) instruments: usize,
    /// What fees in the base have left of a lot, by instrument.
    remainders: Vec<Remainder>,
    /// Lots of each position; empty where positions have one average price.
    lots: Vec<LotQueue>,
}

impl Account {
    /// An account with this cash and no positions, for a run of `instruments` instruments.
    #[must_use]
    pub fn new(currency: Currency, initial_cash: Money, instruments: usize) -> Self {
        let balance = Balance { initial: initial_cash, cash: initial_cash, ..Balance::default() };
        Self {
            currencies: Arc::new(Currencies::single(currency, instruments)),
            balances: vec![balance],
            initial_equity: initial_cash,
            positions: vec![Position::default(); instruments],
            instruments,
            remainders: vec![Remainder::default(); instruments],
            lots: Vec::new(),
        }
    }

    /// The same with other currencies, and what it has of them at the start.
    ///
    /// # Errors
    /// [`TradingError::Setting`] for a balance in a currency that is not among them,
    /// [`TradingError::NoRate`] for one whose rate is not known at the start,
    /// [`TradingError::Model`] on overflow.
    pub fn with_currencies(
        mut self,
        currencies: Arc<Currencies>,
        balances: &[(Currency, Money)],
    ) -> Result<Self, TradingError> {
        let own = self.balances[0];
        self.balances = vec![Balance::default(); currencies.codes().len()];
        self.balances[0] = own;
        for &(currency, amount) in balances {
            let slot = currencies.codes().iter().skip(1).position(|code| *code == currency);
            let slot = slot.ok_or_else(|| TradingError::Setting {
                field: "balances",
                value: currency.to_string(),
                accepted: "currencies that have a rate, not the account's own",
            })?;
            let balance = &mut self.balances[slot + 1];
            (balance.initial, balance.cash) = (amount, amount);
        }
        let unseen = |_, _| Price::UNDEFINED;
        self.initial_equity = Money::ZERO;
        for (slot, balance) in self.balances.iter().enumerate() {
            let worth = currencies.worth(slot, balance.cash, &unseen)?;
            self.initial_equity = self.initial_equity.checked_add(worth)?;
        }
        self.currencies = currencies;
        Ok(self)
    }

    /// The same, with fills that close lots instead of a part of the average.
    #[must_use]
    pub fn with_lots(mut self, matching: LotMatching) -> Self {
        self.lots = match matching {
            LotMatching::Average => Vec::new(),
            _ => vec![LotQueue::new(matching); self.positions.len()],
        };
        self
    }

    /// The account's own currency.
    #[must_use]
    pub fn currency(&self) -> Currency {
        self.currencies.own()
    }

    /// Its currencies and their rates.
    #[must_use]
    pub fn currencies(&self) -> &Currencies {
        &self.currencies
    }

    /// Worth at the start, in its own currency.
    #[must_use]
    pub const fn initial_equity(&self) -> Money {
        self.initial_equity
    }

    /// Cash now, in its own currency.
    #[inline]
    #[must_use]
    pub fn cash(&self) -> Money {
        self.balances[0].cash
    }

    /// What it has of each of its currencies, its own first.
    #[must_use]
    pub fn balances(&self) -> &[Balance] {
        &self.balances
    }

    /// Cash in the currency of an instrument; of its own where it cannot hold that.
    #[inline]
    #[must_use]
    pub fn cash_of(&self, instrument: InstrumentIndex) -> Money {
        self.balances[self.currencies.slot(instrument).unwrap_or(0)].cash
    }

    /// Fees paid so far in its own currency; rebates lower it.
    #[inline]
    #[must_use]
    pub fn fees(&self) -> Money {
        self.balances[0].fees
    }

    /// Realised profit so far over all instruments in its own currency, gross of fees.
    #[inline]
    #[must_use]
    pub fn realized(&self) -> Money {
        self.balances[0].realized
    }

    /// Sum of what came or went beside fills in its own currency: funding, dividends, borrow.
    #[must_use]
    pub fn adjustments(&self) -> Money {
        self.balances[0].adjustments
    }

    /// What fees in the base have left of a lot of an instrument.
    #[must_use]
    pub fn remainder(&self, instrument: InstrumentIndex) -> Remainder {
        self.remainders.get(instrument.index()).copied().unwrap_or_default()
    }

    /// Books a fill of `instrument` (the instrument that `fill.instrument` names).
    ///
    /// # Errors
    /// [`TradingError::UnknownInstrument`], [`TradingError::Currency`], [`TradingError::Field`]
    /// when quantity or price are impossible, [`TradingError::Model`] on overflow. The account is
    /// then as it was.
    pub fn apply_fill(
        &mut self,
        instrument: &Instrument,
        fill: &Fill,
    ) -> Result<FillEffect, TradingError> {
        let (index, count) = (fill.instrument, self.instruments);
        if index.index() >= count {
            return Err(TradingError::UnknownInstrument { index: index.0, count });
        }
        let place = self.slot_of(index, fill.leg());
        let before = self.positions[place].quantity;
        let slot = self.currencies.slot(index);
        let slot = slot.filter(|&slot| self.currencies.codes()[slot] == instrument.currency);
        let Some(slot) = slot else {
            return Err(TradingError::Currency {
                symbol: instrument.symbol.clone(),
                currency: instrument.currency,
                account: self.currency(),
            });
        };
        check_fill(fill)?;
        if self.is_hedging() && fill.reduce_only && fill.quantity.0 > before.0.saturating_abs() {
            return Err(TradingError::Field {
                number: fill.order.number(),
                field: "fill quantity",
                value: fill.quantity.0,
                accepted: format!("at most {} to close of that leg", before.0.saturating_abs()),
            });
        }
        let notional = instrument.value(fill.price, fill.quantity)?;
        let in_base = instrument.fee_currency == FeeCurrency::Received && fill.side == Side::Buy;
        if in_base {
            return self.apply_with_base_fee(instrument, fill, (slot, notional));
        }
        let balance = self.balances[slot];
        let fees = balance.fees.checked_add(fill.fee)?;
        // Nothing is booked unless all can be: the fee is looked at with the rest of the cash.
        let (realized, gross) = self.book(instrument, (slot, index), fill, notional, fill.fee)?;
        self.balances[slot].fees = fees;
        let cash_delta = Money(gross.0 - fill.fee.0);
        let after = self.positions[place].quantity;
        Ok(FillEffect { realized, fee: fill.fee, cash_delta, before, after, fee_lots: 0 })
    }

    /// A purchase whose fee is taken from what it brings: two bookings, of which neither is made
    /// when one fails.
    #[cold]
    fn apply_with_base_fee(
        &mut self,
        instrument: &Instrument,
        fill: &Fill,
        (slot, notional): (usize, Money),
    ) -> Result<FillEffect, TradingError> {
        let index = fill.instrument;
        let (fee_lots, remainder) = self.remainders[index.index()].take(instrument, fill)?;
        let mut next = self.clone();
        let before = next.position(index).quantity;
        let (mut realized, paid) =
            next.book(instrument, (slot, index), fill, notional, Money::ZERO)?;
        if let Some(taken) = fee_fill(fill, fee_lots) {
            let worth = instrument.value(fill.price, taken.quantity)?;
            // The lots pay the fee: no cash moves.
            let proceeds = if taken.side == Side::Sell { worth } else { Money(-worth.0) };
            let (more, _) = next.book(instrument, (slot, index), &taken, worth, proceeds)?;
            realized = realized.checked_add(more)?;
        }
        next.balances[slot].fees = next.balances[slot].fees.checked_add(fill.fee)?;
        next.remainders[index.index()] = remainder;
        let after = next.position(index).quantity;
        *self = next;
        Ok(FillEffect { realized, fee: fill.fee, cash_delta: paid, before, after, fee_lots })
    }

    /// Books what a fill trades: position, lots, realised profit and cash less `charge`. Gives the
    /// profit that it realised and what it moved cash by, `charge` aside.
    #[inline]
    fn book(
        &mut self,
        instrument: &Instrument,
        (slot, index): (usize, InstrumentIndex),
        fill: &Fill,
        notional: Money,
        charge: Money,
    ) -> Result<(Money, Money), TradingError> {
        let place = self.slot_of(index, fill.leg());
        let mut position = self.positions[place];
        let cost = position.cost;
        let lots = self.lots.get_mut(place);
        let mut closed = (0, Money::ZERO);
        let realized = match &lots {
            None => position.apply(fill.side, fill.quantity, notional)?,
            Some(queue) => {
                position.apply_releasing(fill.side, fill.quantity, notional, |_, closing| {
                    let closing = closing as i64; // at most the quantity of a fill
                    closed = (closing, queue.released(closing)?);
                    Ok(closed.1)
                })?
            }
        };
        let gross = match (instrument.kind.pays_notional(), fill.side) {
            (false, _) => realized,
            (true, Side::Buy) => Money::ZERO.checked_sub(notional)?,
            (true, Side::Sell) => notional,
        };
        let balance = &mut self.balances[slot];
        let cash = balance.cash.checked_add(gross.checked_sub(charge)?)?;
        let total = balance.realized.checked_add(realized)?;
        if let Some(queue) = lots {
            let kept = cost.checked_sub(closed.1)?;
            let opened = Lots(fill.quantity.0 - closed.0);
            queue.book(closed.0, opened, position.cost.checked_sub(kept)?)?;
        }
        self.positions[place] = position;
        balance.cash = cash;
        balance.realized = total;
        Ok((realized, gross))
    }

    /// Adds an amount in an instrument's currency that no fill brought (funding, dividend, borrow;
    /// negative to pay).
    ///
    /// # Errors
    /// [`TradingError::UnknownInstrument`] for an instrument whose currency it cannot hold,
    /// [`TradingError::Model`] on overflow; nothing is changed then.
    pub fn adjust(
        &mut self,
        instrument: InstrumentIndex,
        amount: Money,
    ) -> Result<(), TradingError> {
        let count = self.instruments;
        let unknown = TradingError::UnknownInstrument { index: instrument.0, count };
        let balance = &mut self.balances[self.currencies.slot(instrument).ok_or(unknown)?];
        let cash = balance.cash.checked_add(amount)?;
        balance.adjustments = balance.adjustments.checked_add(amount)?;
        balance.cash = cash;
        Ok(())
    }

    /// Sets a position that a split has changed, with what its fraction brought in cash and profit.
    pub(crate) fn replace_position(
        &mut self,
        index: InstrumentIndex,
        done: &PositionSplit,
        split: Split,
        (cash, realized): (Money, Money),
    ) -> Result<(), TradingError> {
        let count = self.instruments;
        let unknown = TradingError::UnknownInstrument { index: index.0, count };
        let balance = &mut self.balances[self.currencies.slot(index).ok_or(unknown)?];
        let cash = balance.cash.checked_add(cash)?;
        let realized = balance.realized.checked_add(realized)?;
        if let Some(queue) = self.lots.get_mut(index.index()) {
            queue.split(split, done.released)?;
        }
        (balance.realized, balance.cash) = (realized, cash);
        self.positions[index.index()] = done.position;
        Ok(())
    }
}

/// The lots that a fee took from a position, or a rebate brought, as a fill without a fee.
#[must_use]
pub fn fee_fill(fill: &Fill, fee_lots: i64) -> Option<Fill> {
    let side = match fee_lots {
        0 => return None,
        1.. => fill.side.opposite(),
        _ => fill.side,
    };
    let quantity = Lots(fee_lots.checked_abs()?);
    Some(Fill { side, quantity, fee: Money::ZERO, ..*fill })
}

/// Refuses a fill that cannot be.
pub(crate) fn check_fill(fill: &Fill) -> Result<(), TradingError> {
    let number = fill.order.number();
    let bad = |field, value, accepted: &str| TradingError::Field {
        number,
        field,
        value,
        accepted: accepted.to_owned(),
    };
    if fill.quantity.0 <= 0 {
        return Err(bad("fill quantity", fill.quantity.0, "above 0"));
    }
    if fill.leaves.0 < 0 {
        return Err(bad("fill leaves", fill.leaves.0, "0 or above"));
    }
    if !fill.price.is_defined() {
        return Err(bad("fill price", fill.price.0, "a defined price"));
    }
    if fill.quantity.0.checked_add(fill.leaves.0).is_none() {
        return Err(ModelError::Overflow { what: "fill quantity" }.into());
    }
    Ok(())
}
