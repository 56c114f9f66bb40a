//! Splits: at the venue, on orders that are on their way, and at the strategies.
//!
//! The venue changes its accounts, its orders and what it knows of the market at one moment. A
//! strategy does so when the notice reaches it: after everything that was on its way to it, and
//! before any market row from after the split. What it sends before that is in old units; the venue
//! can tell by the number of the command.

use super::Run;
use crate::cash_events::{CashChange, CashKind, MadeSplit, SplitOrders};
use crate::error::EngineError;
use crate::strategy_side::Notice;
use model::{
    CancelReason, Condition, InstrumentIndex, OrderId, OrderRequest, Reason, Report, ReportKind,
    Split, StrategyIndex, UnixNanos,
};
use venue::{Conditional, Market};

impl Run {
    /// When a split is made: before records of its time; after bars that close then.
    pub(super) fn split_due(&self, instrument: InstrumentIndex, at: u64) -> u64 {
        match self.markets[instrument.index()].market {
            Market::Bar(_) => at,
            _ => at.saturating_sub(1),
        }
    }

    /// The venue makes a split; returns when the first strategy sees it.
    pub(super) fn make_split(
        &mut self,
        instrument: InstrumentIndex,
        split: Split,
        orders: SplitOrders,
    ) -> Result<u64, EngineError> {
        let at = UnixNanos(self.now);
        let terms = self.instruments[instrument.index()].clone();
        let price = split.price(self.ledger.middle(instrument))?;
        let effects = self.ledger.split(instrument, split, price)?;
        self.recorder.split(&terms, instrument, (split, price), at)?;

        let state = &mut self.markets[instrument.index()];
        let (market, conditional, out) =
            (&mut state.market, &mut state.conditional, &mut self.reports);
        if orders == SplitOrders::Cancel {
            conditional.cancel_all(market, None, CancelReason::Split, at, out);
        } else {
            self.ledger.split_targets(instrument, split, |id| {
                market.own_order(id).is_some() || conditional.is_holding(id)
            })?;
        }
        conditional.split(market, split, at, out)?;
        state.forget_prices(split)?;

        let unaware_until = vec![u64::MAX; self.strategies.len()];
        self.cash.splits.push(MadeSplit { instrument, split, orders, unaware_until });
        let made = self.cash.splits.len() - 1;
        let mut first = u64::MAX;
        for (account, effect) in effects.iter().enumerate() {
            let (quantity, amount) = (effect.before, effect.cash);
            let kind = CashKind::Split;
            let change = CashChange {
                ts: self.now,
                kind,
                account,
                instrument,
                quantity,
                price,
                amount,
                split: Some(split),
            };
            if !quantity.is_zero() {
                self.hash.cash(&change, change.ts);
                self.recorder.cash.push(change);
            }
            first = first.min(self.tell_split(&change, made));
        }
        Ok(first.min(self.dispatch_reports()?))
    }

    /// Sends the notice of a split to those who trade on an account.
    fn tell_split(&mut self, change: &CashChange, made: usize) -> u64 {
        let mut first = u64::MAX;
        for which in 0..self.strategies.len() {
            let strategy = StrategyIndex(which as u16);
            if self.ledger.account_index(strategy) != change.account {
                continue;
            }
            let told = self.buses.due(strategy, change.instrument, UnixNanos(self.now)).0;
            let side = &mut self.strategies[which];
            let rows = side.channels.iter().map(|channel| channel.last_due).max().unwrap_or(0);
            let due = told.max(side.now).max(rows);
            for channel in &mut side.channels {
                channel.last_due = due.saturating_add(1);
            }
            side.told_until = side.told_until.max(due);
            side.notify(due, Notice::Split { change: *change, made });
            first = first.min(due);
        }
        first
    }

    /// A strategy learns of a split.
    pub(super) fn see_split(
        &mut self,
        which: usize,
        due: u64,
        change: &CashChange,
        made: usize,
    ) -> Result<(), EngineError> {
        let sent = self.sent;
        let made = &mut self.cash.splits[made];
        made.unaware_until[which] = sent;
        let (split, instrument) = (made.split, change.instrument);
        let adjusts = made.orders == SplitOrders::Adjust;
        let terms = &self.instruments[instrument.index()];
        let side = &mut self.strategies[which];
        side.account.apply_split(terms, instrument, split, change.price)?;
        if adjusts {
            side.orders.apply_split(instrument, split)?;
        }
        let view = &mut side.view[instrument.index()];
        view.bbo = split.best_prices(&view.bbo)?;
        view.last = split.price(view.last)?;
        side.hash.cash(change, due);
        Ok(())
    }

    /// An order that arrives in units from before a split: in new ones, or why it is refused.
    #[cold]
    pub(super) fn order_after_splits(
        &mut self,
        request: &mut OrderRequest,
        mut condition: Option<&mut Condition>,
        number: u64,
    ) -> Result<Option<Reason>, EngineError> {
        let strategy = request.id.strategy().index();
        for made in &self.cash.splits {
            if made.instrument != request.instrument || number > made.unaware_until[strategy] {
                continue;
            }
            if made.orders == SplitOrders::Cancel {
                return Ok(Some(Reason::Split));
            }
            Conditional::in_new_units(request, condition.as_deref_mut(), made.split)?;
            self.ledger.split_targets(request.instrument, made.split, |id| id == request.id)?;
            if request.quantity.is_zero() && !request.size_at_fill {
                return Ok(Some(Reason::Split));
            }
        }
        Ok(None)
    }

    /// Whether a change was sent in units from before a split.
    pub(super) fn is_from_before_split(
        &self,
        order: OrderId,
        instrument: InstrumentIndex,
        number: u64,
    ) -> bool {
        let strategy = order.strategy().index();
        self.cash
            .splits
            .iter()
            .any(|made| made.instrument == instrument && number <= made.unaware_until[strategy])
    }

    /// Answers a command that a split has made meaningless.
    pub(super) fn refuse_for_split(
        &mut self,
        order: OrderId,
        instrument: InstrumentIndex,
        kind: ReportKind,
    ) {
        self.reports.push(Report { order, instrument, ts_event: UnixNanos(self.now), kind });
    }
}
