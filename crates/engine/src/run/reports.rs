//! What a strategy learns of its own orders, and the rows that come before all others: starts and
//! denials.

use super::{Next, Run};
use crate::error::EngineError;
use crate::row::Row;
use model::{Fill, ReportKind};

impl Run {
    #[cold]
    pub(super) fn next_start_or_denial(&mut self) -> Result<Option<Next>, EngineError> {
        for which in 0..self.strategies.len() {
            let side = &mut self.strategies[which];
            if !side.started {
                side.started = true;
                let row = Row::Start { due: side.now };
                return Ok(Some(self.hand_over(which, row)));
            }
            if let Some(report) = side.denials.pop_front() {
                let due = side.now;
                side.denials_in_a_row += 1;
                if side.denials_in_a_row > 10_000 {
                    let reason = match report.kind {
                        ReportKind::Denied(reason)
                        | ReportKind::ModifyRejected(reason)
                        | ReportKind::CancelRejected(reason) => reason.code(),
                        _ => "",
                    };
                    return Err(EngineError::DenialLoop {
                        strategy: side.name.clone(),
                        count: side.denials_in_a_row,
                        reason,
                    });
                }
                self.apply_report(which, due, &report, true)?;
                let row = Row::Report { due, report };
                return Ok(Some(self.hand_over(which, row)));
            }
        }
        Ok(None)
    }

    /// Takes a report into what a strategy knows. A change or cancel that was `denied` on the spot
    /// never left: the order knows nothing of it.
    pub(super) fn apply_report(
        &mut self,
        which: usize,
        due: u64,
        report: &model::Report,
        denied: bool,
    ) -> Result<(), EngineError> {
        let side = &mut self.strategies[which];
        side.hash.report(report, due);
        if report.order.number() == 0 {
            // No strategy's order: a liquidation, of which only the fills change anything.
            if let ReportKind::Filled(fill) = &report.kind {
                self.book_seen_fill(which, due, fill)?;
            }
            return Ok(());
        }
        if !denied || matches!(report.kind, ReportKind::Denied(_)) {
            let applied = side.orders.apply(report)?;
            if let ReportKind::Filled(fill) = &report.kind
                && applied.fresh
            {
                self.book_seen_fill(which, due, fill)?;
            }
        }
        let side = &mut self.strategies[which];
        if let Some(order) = side.orders.order(report.order) {
            self.recorder.order_event(order, due, report);
        }
        for order in side.orders.take_finished() {
            if order.request.id == report.order {
                self.recorder.order_event(&order, due, report);
            }
            self.recorder.order_finished(&order);
        }
        Ok(())
    }

    /// Books a fill where its report arrives: on the strategy's account, and where all share one,
    /// on what each of them sees of it.
    pub(super) fn book_seen_fill(
        &mut self,
        which: usize,
        due: u64,
        fill: &Fill,
    ) -> Result<(), EngineError> {
        let terms = &self.instruments[fill.instrument.index()];
        let shared = self.ledger.is_shared();
        for (at, side) in self.strategies.iter_mut().enumerate() {
            if at == which || shared {
                side.account.apply_fill(terms, fill)?;
            }
        }
        let side = &mut self.strategies[which];
        let position = side.account.position(fill.instrument);
        let cash = side.account.cash_of(fill.instrument).0;
        let (quantity, realized) = (position.quantity.0, position.realized.0);
        side.hash.account(due, fill.instrument.0, quantity, cash, realized);
        Ok(())
    }
}
