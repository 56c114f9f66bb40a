//! Accounts below their maintenance margin: open orders are cancelled, then what is held is closed
//! at market (`reference/simulation.md`, "Corporate actions, funding, margin, borrow").

use super::Run;
use crate::error::EngineError;
use crate::recorder::LiquidationRecord;
use model::{
    CancelReason, InstrumentIndex, Lots, OrderId, OrderKind, OrderRequest, Report, ReportKind,
    Side, StrategyIndex, TimeInForce, UnixNanos,
};

/// Where an account stands to its maintenance margin.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Standing {
    /// Whether it is below, and being closed.
    below: bool,
    /// Closing orders that have not ended: on bars they wait for the next open.
    working: u32,
}

impl Run {
    /// The end of an event: books its reports, and looks at the margin while the run is on.
    #[inline(always)]
    pub(super) fn settle_event(&mut self, running: bool) -> Result<u64, EngineError> {
        let mut due = u64::MAX;
        if !self.reports.is_empty() {
            due = self.dispatch_reports()?;
        }
        if running && !self.liquidations.is_empty() {
            due = due.min(self.check_maintenance()?);
        }
        Ok(due)
    }

    /// Looks at every account after something has moved marks, cash or positions. Returns the
    /// earliest due time of a report.
    pub(super) fn check_maintenance(&mut self) -> Result<u64, EngineError> {
        let mut due = u64::MAX;
        // Inside an event nothing may arrive: its end asks again.
        if self.liquidations.is_empty() || self.markets.iter().any(|state| state.in_event) {
            return Ok(due);
        }
        for account in 0..self.liquidations.len() {
            if self.liquidations[account].working > 0 {
                continue;
            }
            let maintenance = self.ledger.maintenance(account)?;
            if maintenance.0 == 0 {
                self.liquidations[account].below = false;
                continue;
            }
            let equity = self.ledger.equity(account, None)?;
            // One leg of a hedging account goes with the other, whatever it would need alone.
            let begun = self.liquidations[account].below && self.ledger.is_hedging();
            if equity >= maintenance && !begun {
                self.liquidations[account].below = false;
                continue;
            }
            // What found no liquidity before is tried again, as part of the same liquidation.
            if !std::mem::replace(&mut self.liquidations[account].below, true) {
                let ts = self.now;
                self.recorder.liquidations.push(LiquidationRecord {
                    ts,
                    account,
                    equity,
                    maintenance,
                });
                self.cancel_orders_of(account);
                due = due.min(self.dispatch_reports()?);
            }
            due = due.min(self.close_account(account)?);
        }
        Ok(due)
    }

    fn cancel_orders_of(&mut self, account: usize) {
        let at = UnixNanos(self.now);
        for which in 0..self.strategies.len() {
            let strategy = StrategyIndex(which as u16);
            if self.ledger.account_index(strategy) != account {
                continue;
            }
            for state in &mut self.markets {
                let (market, conditional) = (&mut state.market, &mut state.conditional);
                let reason = CancelReason::Liquidation;
                conditional.cancel_all(market, Some(strategy), reason, at, &mut self.reports);
            }
        }
    }

    /// Sends one market order for each instrument that the account holds. Number 0 is no strategy's order.
    fn close_account(&mut self, account: usize) -> Result<u64, EngineError> {
        let mut due = u64::MAX;
        for which in 0..self.strategies.len() {
            let strategy = StrategyIndex(which as u16);
            if self.ledger.account_index(strategy) != account {
                continue;
            }
            for at in 0..self.instruments.len() {
                let instrument = InstrumentIndex(at as u32);
                // Two legs are closed one after the other: both orders have the same number.
                let parts = self.parts_to_close(strategy, instrument);
                if let Some(part) = parts.into_iter().find(|&part| part != 0) {
                    due = due.min(self.close_part(strategy, instrument, part)?);
                }
            }
        }
        Ok(due)
    }

    /// Sends a market order for a part of a position, or for a leg.
    fn close_part(
        &mut self,
        strategy: StrategyIndex,
        instrument: InstrumentIndex,
        part: i64,
    ) -> Result<u64, EngineError> {
        let account = self.ledger.account_index(strategy);
        let request = OrderRequest {
            id: OrderId::new(strategy, 0),
            instrument,
            side: if part > 0 { Side::Sell } else { Side::Buy },
            kind: OrderKind::Market,
            quantity: Lots(part.saturating_abs()),
            time_in_force: TimeInForce::Gtc,
            post_only: false,
            reduce_only: self.ledger.account(strategy).is_hedging(),
            display: Lots::ZERO,
            size_at_fill: false,
        };
        self.liquidations[account].working += 1;
        let (ledger, out) = (&mut self.ledger, &mut self.reports);
        let at = UnixNanos(self.now);
        self.markets[instrument.index()].market.submit(&request, at, ledger, out)?;
        self.dispatch_reports()
    }

    /// A closing order has ended, or has not.
    pub(super) fn liquidation_report(&mut self, report: &Report) {
        let ended = match &report.kind {
            ReportKind::Filled(fill) => fill.leaves.is_zero(),
            ReportKind::Canceled { .. } | ReportKind::Rejected(_) => true,
            _ => false,
        };
        let account = self.ledger.account_index(report.order.strategy());
        if let Some(standing) = self.liquidations.get_mut(account).filter(|_| ended) {
            standing.working = standing.working.saturating_sub(1);
        }
    }
}
