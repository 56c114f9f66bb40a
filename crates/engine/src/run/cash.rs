//! Cash events at the venue and at the strategies.

use super::{Action, Arrival, Run};
use crate::cash_events::{CashChange, CashKind, ScheduledCash};
use crate::error::EngineError;
use crate::strategy_side::Notice;
use model::{InstrumentIndex, Leg, Lots, Money, Price, StrategyIndex, UnixNanos};

/// Borrow is due at each midnight UTC.
const DAY: u64 = 86_400_000_000_000;

impl Run {
    /// Sets every cash event on its way that lies in the run: nobody held anything before.
    pub(super) fn schedule_cash(&mut self, start: u64) {
        for at in 0..self.cash.entries.len() {
            let due = match self.cash.entries[at] {
                ScheduledCash::Dividend { held_at, .. } => held_at,
                ScheduledCash::Funding { at, .. } => at,
                ScheduledCash::Split { instrument, at, .. } => self.split_due(instrument, at),
                ScheduledCash::Borrow { .. } => (start / DAY + 1).saturating_mul(DAY),
            };
            if due >= start {
                self.expect_cash(at, due, false);
            }
        }
    }

    /// A cash event comes before the commands that arrive with it and after the records.
    pub(super) fn expect_cash(&mut self, entry: usize, time: u64, pays: bool) {
        self.arrivals.push(Arrival {
            time,
            issued: 0,
            strategy: 0,
            number: entry as u64,
            action: Action::Cash { entry, pays },
        });
    }

    /// The time of a cash event has come; returns when the first strategy sees it.
    pub(super) fn on_cash_event(&mut self, entry: usize, pays: bool) -> Result<u64, EngineError> {
        let event = self.cash.entries[entry];
        let instrument = event.instrument();
        let held = |run: &Self, account: usize| {
            let account = run.ledger.account(run.ledger.first_strategy(account));
            match event {
                // A long beside it in a hedging account does not lend to the short.
                ScheduledCash::Borrow { .. } => account.leg(instrument, Leg::Short).quantity,
                _ => account.position(instrument).quantity,
            }
        };
        match event {
            ScheduledCash::Dividend { pays_at, .. } if !pays => {
                let accounts = 0..self.ledger.accounts();
                let holders: Vec<Lots> = accounts.map(|account| held(self, account)).collect();
                self.cash.holders[entry] = holders;
                self.expect_cash(entry, pays_at.max(self.now), true);
                return Ok(u64::MAX);
            }
            ScheduledCash::Borrow { .. } => {
                let next = (self.now / DAY + 1).saturating_mul(DAY);
                self.expect_cash(entry, next, false);
            }
            ScheduledCash::Split { instrument, split, orders, .. } => {
                return self.make_split(instrument, split, orders);
            }
            _ => {}
        }
        let mut due = u64::MAX;
        for account in 0..self.ledger.accounts() {
            let quantity = match event {
                ScheduledCash::Dividend { .. } => self.cash.holders[entry][account],
                _ => held(self, account),
            };
            if let Some((kind, price, amount)) = self.owed(&event, quantity)? {
                let change = CashChange {
                    ts: self.now,
                    kind,
                    account,
                    instrument,
                    quantity,
                    price,
                    amount,
                    split: None,
                };
                due = due.min(self.book_cash(&change)?);
            }
        }
        Ok(due)
    }

    /// What an event brings to a position, and the price that it was reckoned with.
    fn owed(
        &self,
        event: &ScheduledCash,
        quantity: Lots,
    ) -> Result<Option<(CashKind, Price, Money)>, EngineError> {
        if quantity.is_zero() {
            return Ok(None);
        }
        let terms = &self.instruments[event.instrument().index()];
        Ok(match *event {
            ScheduledCash::Dividend { per_unit, .. } => {
                let amount = trading::dividend(terms, quantity, per_unit)?;
                Some((CashKind::Dividend, per_unit, amount))
            }
            ScheduledCash::Funding { instrument, rate, mark, .. } => {
                let mark = if mark.is_defined() { mark } else { self.mark_of_cash(instrument)? };
                let size = terms.quantity(quantity).map_err(trading::TradingError::from)?;
                let funding =
                    if terms.inverse { costs::inverse_funding } else { costs::linear_funding };
                let amount = funding(size, terms.multiplier, mark, rate)?;
                Some((CashKind::Funding, mark, amount))
            }
            ScheduledCash::Split { .. } => None,
            ScheduledCash::Borrow { .. } if quantity.0 > 0 => None,
            ScheduledCash::Borrow { instrument, bps, basis } => {
                let mark = self.mark_of_cash(instrument)?;
                let short = Lots(quantity.0.checked_neg().unwrap_or(i64::MAX));
                let value = terms.notional(mark, short).map_err(trading::TradingError::from)?;
                let paid = costs::borrow_of_a_day(value, bps, basis)?;
                Some((CashKind::Borrow, mark, Money(-paid.0)))
            }
        })
    }

    /// The middle of the best prices, else the last price: a position was opened at some price.
    fn mark_of_cash(&self, instrument: InstrumentIndex) -> Result<Price, EngineError> {
        let mark = self.ledger.middle(instrument);
        if mark.is_defined() {
            return Ok(mark);
        }
        Err(EngineError::Setup {
            field: "cashEvents",
            message: format!(
                "{} has no price yet at which a position could be valued",
                self.instruments[instrument.index()].symbol
            ),
        })
    }

    /// Books a change on the venue's account and sends it on its way to whoever trades on it.
    fn book_cash(&mut self, change: &CashChange) -> Result<u64, EngineError> {
        self.ledger.adjust(change.account, change.instrument, change.amount)?;
        self.hash.cash(change, change.ts);
        self.recorder.cash.push(*change);
        let mut first = u64::MAX;
        for which in 0..self.strategies.len() {
            let strategy = StrategyIndex(which as u16);
            if self.ledger.account_index(strategy) != change.account {
                continue;
            }
            let side = &mut self.strategies[which];
            let due =
                self.buses.due(strategy, change.instrument, UnixNanos(self.now)).0.max(side.now);
            side.notify(due, Notice::Cash(*change));
            first = first.min(due);
        }
        Ok(first)
    }

    /// A strategy learns of a change.
    pub(super) fn see_cash(
        &mut self,
        which: usize,
        due: u64,
        change: &CashChange,
    ) -> Result<(), EngineError> {
        let side = &mut self.strategies[which];
        side.account.adjust(change.instrument, change.amount)?;
        side.hash.cash(change, due);
        Ok(())
    }
}
