//! The account: cash, positions, fees and realised profit in one currency.

use crate::error::TradingError;
use crate::lots::{LotMatching, LotQueue};
use model::{
    Currency, Fill, Instrument, InstrumentIndex, Lots, ModelError, Money, Position, Price, Side,
};

/// What a fill did to an account.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FillEffect {
    /// Profit that it realised, gross of fees.
    pub realized: Money,
    /// Fee that it cost; a rebate is negative.
    pub fee: Money,
    /// Change of the cash balance, fee included.
    pub cash_delta: Money,
    /// Position before it, signed lots.
    pub before: Lots,
    /// Position after it, signed lots.
    pub after: Lots,
}

/// Cash and positions in one account currency.
///
/// A fill of an equity, spot pair or option pays or receives its notional; a fill of a future or
/// perpetual moves cash by the profit that it realises. Fees leave cash only: realised profit is
/// gross of them. So equity is always initial cash + adjustments + realised + unrealised − fees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    currency: Currency,
    initial_cash: Money,
    cash: Money,
    fees: Money,
    realized: Money,
    adjustments: Money,
    positions: Vec<Position>,
    /// Lots of each position; empty where positions have one average price.
    lots: Vec<LotQueue>,
}

impl Account {
    /// An account with this cash and no positions, for a run of `instruments` instruments.
    #[must_use]
    pub fn new(currency: Currency, initial_cash: Money, instruments: usize) -> Self {
        Self {
            currency,
            initial_cash,
            cash: initial_cash,
            fees: Money::ZERO,
            realized: Money::ZERO,
            adjustments: Money::ZERO,
            positions: vec![Position::default(); instruments],
            lots: Vec::new(),
        }
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

    /// The account's currency.
    #[must_use]
    pub const fn currency(&self) -> Currency {
        self.currency
    }

    /// Cash at the start.
    #[must_use]
    pub const fn initial_cash(&self) -> Money {
        self.initial_cash
    }

    /// Cash now.
    #[inline]
    #[must_use]
    pub const fn cash(&self) -> Money {
        self.cash
    }

    /// Fees paid so far; rebates lower it.
    #[inline]
    #[must_use]
    pub const fn fees(&self) -> Money {
        self.fees
    }

    /// Realised profit so far over all instruments, gross of fees.
    #[inline]
    #[must_use]
    pub const fn realized(&self) -> Money {
        self.realized
    }

    /// Sum of what came or went beside fills: funding, dividends, borrow.
    #[must_use]
    pub const fn adjustments(&self) -> Money {
        self.adjustments
    }

    /// All positions by [`InstrumentIndex`].
    #[must_use]
    pub fn positions(&self) -> &[Position] {
        &self.positions
    }

    /// The position in an instrument (flat when the index is outside the run).
    #[inline]
    #[must_use]
    pub fn position(&self, instrument: InstrumentIndex) -> Position {
        self.positions.get(instrument.index()).copied().unwrap_or_default()
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
        let count = self.positions.len();
        let slot = self
            .positions
            .get_mut(fill.instrument.index())
            .ok_or(TradingError::UnknownInstrument { index: fill.instrument.0, count })?;
        if instrument.currency != self.currency {
            return Err(TradingError::Currency {
                symbol: instrument.symbol.clone(),
                currency: instrument.currency,
                account: self.currency,
            });
        }
        check_fill(fill)?;
        let notional = instrument.value(fill.price, fill.quantity)?;
        let mut position = *slot;
        let (before, cost) = (position.quantity, position.cost);
        let lots = self.lots.get_mut(fill.instrument.index());
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
        let cash_delta = gross.checked_sub(fill.fee)?;
        let cash = self.cash.checked_add(cash_delta)?;
        let fees = self.fees.checked_add(fill.fee)?;
        let total = self.realized.checked_add(realized)?;
        let after = position.quantity;
        if let Some(queue) = lots {
            let kept = cost.checked_sub(closed.1)?;
            let opened = Lots(fill.quantity.0 - closed.0);
            queue.book(closed.0, opened, position.cost.checked_sub(kept)?)?;
        }
        *slot = position;
        self.cash = cash;
        self.fees = fees;
        self.realized = total;
        Ok(FillEffect { realized, fee: fill.fee, cash_delta, before, after })
    }

    /// Adds an amount that no fill brought (funding, dividend, borrow; negative to pay).
    ///
    /// # Errors
    /// [`TradingError::Model`] on overflow; nothing is changed then.
    pub fn adjust(&mut self, amount: Money) -> Result<(), TradingError> {
        let cash = self.cash.checked_add(amount)?;
        self.adjustments = self.adjustments.checked_add(amount)?;
        self.cash = cash;
        Ok(())
    }

    /// Sets a position that something else than a fill has changed, with what that brought.
    pub(crate) fn replace_position(
        &mut self,
        index: InstrumentIndex,
        position: Position,
        cash: Money,
        realized: Money,
    ) -> Result<(), TradingError> {
        if !self.lots.is_empty() {
            return Err(TradingError::Setting {
                field: "lots",
                value: "by lot".to_owned(),
                accepted: "average, for an account whose positions are split",
            });
        }
        let count = self.positions.len();
        let slot = self
            .positions
            .get_mut(index.index())
            .ok_or(TradingError::UnknownInstrument { index: index.0, count })?;
        let cash = self.cash.checked_add(cash)?;
        self.realized = self.realized.checked_add(realized)?;
        self.cash = cash;
        *slot = position;
        Ok(())
    }

    /// Average entry price of the open position in 1e-9, rounded half to even; `None` when flat.
    #[must_use]
    pub fn average_entry_price(
        &self,
        instrument: &Instrument,
        index: InstrumentIndex,
    ) -> Option<Price> {
        average_entry_price(instrument, &self.position(index))
    }

    /// Profit of the open position at `mark`, not yet realised. A mark that is undefined counts
    /// the position at its cost (0).
    ///
    /// # Errors
    /// [`TradingError::Model`] on overflow.
    pub fn unrealized(
        &self,
        instrument: &Instrument,
        index: InstrumentIndex,
        mark: Price,
    ) -> Result<Money, TradingError> {
        let position = self.position(index);
        if position.quantity.is_zero() || !mark.is_defined() {
            return Ok(Money::ZERO);
        }
        Ok(instrument.value(mark, position.quantity)?.checked_sub(position.cost)?)
    }

    /// Equity with every position at its mark: cash, plus the market value of what was paid for,
    /// plus the unrealised profit of what is margined. An undefined mark counts a position at its
    /// cost.
    ///
    /// # Errors
    /// [`TradingError::UnknownInstrument`] when `instruments` or `marks` are shorter than the
    /// account, [`TradingError::Model`] on overflow.
    pub fn equity(
        &self,
        instruments: &[Instrument],
        marks: &[Price],
    ) -> Result<Money, TradingError> {
        let mut equity = self.cash;
        for (at, position) in self.positions.iter().enumerate() {
            if position.quantity.is_zero() {
                continue;
            }
            let (Some(instrument), Some(&mark)) = (instruments.get(at), marks.get(at)) else {
                let count = instruments.len().min(marks.len());
                return Err(TradingError::UnknownInstrument { index: at as u32, count });
            };
            let profit = self.unrealized(instrument, InstrumentIndex(at as u32), mark)?;
            equity = equity.checked_add(profit)?;
            if instrument.kind.pays_notional() {
                equity = equity.checked_add(position.cost)?;
            }
        }
        Ok(equity)
    }
}

/// Average entry price of a position in 1e-9, rounded half to even; `None` when it is flat or the
/// average leaves its type.
#[must_use]
pub fn average_entry_price(instrument: &Instrument, position: &Position) -> Option<Price> {
    instrument.average_price(position.cost, position.quantity)
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
