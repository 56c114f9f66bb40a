//! What arrives at the venue: commands, ends of orders, cash events.

use super::{Action, Arrival, Run};
use crate::command::Subscription;
use crate::error::EngineError;
use model::{Reason, Report, ReportKind, UnixNanos};

impl Run {
    /// The next command arrives at the venue.
    pub(super) fn arrive(&mut self) -> Result<u64, EngineError> {
        let Some(arrival) = self.arrivals.pop() else { return Ok(u64::MAX) };
        if self.end.is_some_and(|end| arrival.time > end) {
            return self.refuse_late(&arrival);
        }
        self.now = self.now.max(arrival.time);
        let at = UnixNanos(self.now);
        let traced = self.tracing.is_some();
        if traced {
            self.trace_arrival(&arrival.action, self.now);
        }
        match arrival.action {
            Action::Cash { entry, pays } => {
                let due = self.on_cash_event(entry, pays)?;
                return Ok(due.min(self.check_maintenance()?));
            }
            Action::Look => {
                self.look_now();
                return Ok(u64::MAX);
            }
            Action::Submit(mut request, mut condition) => {
                if !self.cash.splits.is_empty()
                    && let Some(reason) = self.order_after_splits(
                        &mut request,
                        condition.as_deref_mut(),
                        arrival.number,
                    )?
                {
                    let kind = ReportKind::Rejected(reason);
                    self.refuse_for_split(request.id, request.instrument, kind);
                    return self.dispatch_reports();
                }
                let (ledger, out) = (&mut self.ledger, &mut self.reports);
                let state = &mut self.markets[request.instrument.index()];
                let (market, conditional) = (&mut state.market, &mut state.conditional);
                conditional.submit(market, &request, condition.as_deref(), at, ledger, out)?;
            }
            Action::Modify { order, instrument, change } => {
                if self.is_from_before_split(order, instrument, arrival.number) {
                    let kind = ReportKind::ModifyRejected(Reason::Split);
                    self.refuse_for_split(order, instrument, kind);
                    return self.dispatch_reports();
                }
                let (ledger, out) = (&mut self.ledger, &mut self.reports);
                let state = &mut self.markets[instrument.index()];
                let (market, conditional) = (&mut state.market, &mut state.conditional);
                conditional.modify(market, order, change, at, ledger, out)?;
            }
            Action::Cancel { order, instrument } => {
                let (ledger, out) = (&mut self.ledger, &mut self.reports);
                let state = &mut self.markets[instrument.index()];
                let (market, conditional) = (&mut state.market, &mut state.conditional);
                conditional.cancel(market, order, at, ledger, out)?;
            }
            Action::Expire { order, instrument } => {
                let (ledger, out) = (&mut self.ledger, &mut self.reports);
                let state = &mut self.markets[instrument.index()];
                let (market, conditional) = (&mut state.market, &mut state.conditional);
                conditional.expire(market, order, at, ledger, out)?;
            }
            Action::Subscribe { instrument, what, on } => {
                let at = instrument.index();
                let wants = &mut self.strategies[usize::from(arrival.strategy)].wants[at];
                match what {
                    Subscription::Trades => wants.trades = on,
                    Subscription::Quotes => wants.quotes = on,
                }
                self.markets[at].wants_trades =
                    self.strategies.iter().any(|side| side.wants[at].trades);
            }
        }
        let due = self.dispatch_reports()?;
        if traced {
            self.trace_places();
        }
        Ok(due.min(self.check_maintenance()?))
    }

    /// What arrives after the end of the data finds the venue closed.
    fn refuse_late(&mut self, arrival: &Arrival) -> Result<u64, EngineError> {
        let late = Reason::EndOfRun;
        let (order, instrument, kind) = match arrival.action {
            Action::Submit(ref request, _) => {
                (request.id, request.instrument, ReportKind::Rejected(late))
            }
            Action::Modify { order, instrument, .. } => {
                (order, instrument, ReportKind::ModifyRejected(late))
            }
            Action::Cancel { order, instrument } => {
                (order, instrument, ReportKind::CancelRejected(late))
            }
            Action::Expire { .. }
            | Action::Subscribe { .. }
            | Action::Cash { .. }
            | Action::Look => {
                return Ok(u64::MAX);
            }
        };
        let ts_event = UnixNanos(arrival.time);
        self.reports.push(Report { order, instrument, ts_event, kind });
        self.dispatch_reports()
    }
}
