//! Key figures, sessions and statistics over all accounts.

use super::lots;
use super::types::{Figures, SessionOutcome};
use crate::error::BacktestError;
use engine::recorder::EquitySample;
use engine::run::Run;
use model::{InstrumentIndex, InstrumentKind, Money, StrategyIndex, UnixNanos};
use statistics::{Summary, SummaryInput, TradeOutcome};
use trading::RoundTrip;

pub(super) fn figures(run: &Run) -> Result<Figures, BacktestError> {
    let ledger = run.ledger();
    let recorder = run.recorder();
    let mut initial = Money::ZERO;
    let mut last = Money::ZERO;
    let mut realized = Money::ZERO;
    let mut fees = Money::ZERO;
    for at in 0..ledger.accounts() {
        let account = ledger.account(ledger.first_strategy(at));
        initial = initial.checked_add(account.initial_equity())?;
        last = last.checked_add(ledger.equity(at, None)?)?;
        realized = realized.checked_add(ledger.total(at, |balance| balance.realized)?)?;
        fees = fees.checked_add(ledger.total(at, |balance| balance.fees)?)?;
    }
    let mut volume = 0.0;
    let mut turnover = 0.0;
    for strategy in 0..run.strategies().len() {
        for (at, terms) in run.instruments().iter().enumerate() {
            let index = (StrategyIndex(strategy as u16), InstrumentIndex(at as u32));
            let statistics = recorder.position_statistics(index.0, index.1);
            volume += statistics.volume as f64 * terms.lot_size.as_f64();
            turnover += ledger.worth(index.1, statistics.turnover)?.as_f64();
        }
    }
    let (max_drawdown, max_drawdown_fraction) = drawdown(&combined(run), initial.as_f64());
    let counts = recorder.counts;
    let filled = recorder.orders.iter().filter(|record| record.filled.0 > 0).count();
    Ok(Figures {
        initial_equity: initial.as_f64(),
        final_equity: last.as_f64(),
        total_pnl: last.checked_sub(initial)?.as_f64(),
        realized: realized.as_f64(),
        fees: fees.as_f64(),
        max_drawdown,
        max_drawdown_fraction,
        orders: counts.submitted,
        market_orders: counts.market,
        accepted: counts.accepted,
        denied: counts.denied,
        rejected: counts.rejected,
        canceled: counts.canceled,
        modified: counts.modified,
        too_late: counts.too_late,
        fills: counts.fills,
        taker_fills: counts.taker_fills,
        fill_ratio: (counts.accepted > 0).then(|| filled as f64 / counts.accepted as f64),
        volume,
        turnover,
    })
}

/// Σ of all accounts' equity at each sample.
fn combined(run: &Run) -> Vec<(u64, f64)> {
    let mut all: Vec<(u64, f64)> = Vec::new();
    for sample in &run.recorder().equity {
        match all.last_mut() {
            Some(last) if sample.account > 0 => last.1 += sample.equity.as_f64(),
            _ => all.push((sample.ts, sample.equity.as_f64())),
        }
    }
    all
}

fn drawdown(curve: &[(u64, f64)], initial: f64) -> (f64, Option<f64>) {
    let mut peak = initial;
    let mut deepest = 0.0f64;
    let mut fraction = 0.0f64;
    for (_, equity) in curve {
        peak = peak.max(*equity);
        deepest = deepest.max(peak - equity);
        if peak > 0.0 {
            fraction = fraction.max((peak - equity) / peak);
        }
    }
    (deepest, (initial > 0.0).then_some(fraction))
}

pub(super) fn sessions(run: &Run, figures: &Figures) -> Vec<SessionOutcome> {
    let mut closes: Vec<(u64, f64)> = Vec::new();
    for sample in &run.recorder().sessions {
        let EquitySample { ts, account, equity, .. } = *sample;
        match closes.last_mut() {
            Some(last) if account > 0 => last.1 += equity.as_f64(),
            _ => closes.push((ts, equity.as_f64())),
        }
    }
    // The last session ends with the data.
    if closes.last().is_none_or(|last| last.0 < run.now()) {
        closes.push((run.now(), figures.final_equity));
    }
    let mut before = figures.initial_equity;
    let mut fills = run.recorder().fills.iter().peekable();
    closes
        .into_iter()
        .map(|(ts, equity)| {
            let mut count = 0;
            let mut volume = 0.0;
            while let Some(record) = fills.peek() {
                if record.fill.ts_event.0 > ts {
                    break;
                }
                count += 1;
                let terms = &run.instruments()[record.fill.instrument.index()];
                volume += lots(terms, record.fill.quantity.0);
                fills.next();
            }
            let pnl = equity - before;
            before = equity;
            let time = UnixNanos(ts).as_millis_f64();
            SessionOutcome { time, equity, pnl, fills: count, volume }
        })
        .collect()
}

pub(super) fn summary(
    run: &Run,
    figures: &Figures,
    sessions: &[SessionOutcome],
    trips: &[(StrategyIndex, RoundTrip)],
) -> Summary {
    let mut before = figures.initial_equity;
    let returns: Vec<f64> = sessions
        .iter()
        .map(|session| {
            let change = if before > 0.0 { session.equity / before - 1.0 } else { 0.0 };
            before = session.equity;
            change
        })
        .collect();
    let outcomes: Vec<TradeOutcome> = trips
        .iter()
        .filter(|(_, trip)| trip.closed)
        .map(|(_, trip)| TradeOutcome {
            profit: trip.net().as_f64(),
            return_fraction: trip.return_fraction(),
            duration: trip.duration(),
        })
        .collect();
    let round_the_clock = run
        .instruments()
        .iter()
        .all(|terms| matches!(terms.kind, InstrumentKind::Perpetual | InstrumentKind::Spot));
    Summary::new(&SummaryInput {
        initial_equity: figures.initial_equity,
        final_equity: figures.final_equity,
        returns: &returns,
        periods_per_year: if round_the_clock { 365.0 } else { 252.0 },
        risk_free: 0.0,
        trades: &outcomes,
    })
}
