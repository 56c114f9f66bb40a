//! The result of a run: figures, fills, orders, curves.

mod curves;
mod execution;
mod figures;
pub(crate) mod tables;
mod types;

use crate::assemble::Prepared;
use crate::checks::{CheckOutcome, SourceCheck};
use crate::error::BacktestError;
use engine::run::Run;
use model::{Instrument, InstrumentIndex, Leg, StrategyIndex, UnixNanos};
use trading::RoundTrip;

pub use tables::status_word;
pub use types::{
    BalanceOutcome, CashColumns, Counters, Curve, Execution, Figures, FillColumns, HistogramBar,
    InstrumentOutcome, LiquidationOutcome, MarkOut, OrderColumns, Outcome, PositionOutcome,
    PriceCurve, RoundTripOutcome, SessionOutcome, StrategyOutcome,
};

/// Draws the result from a run that is over (or was stopped).
///
/// # Errors
/// [`BacktestError`] when a sum left its type.
pub fn conclude(prepared: &Prepared) -> Result<Outcome, BacktestError> {
    let run = &prepared.run;
    let recorder = run.recorder();
    let round_trips = round_trips(run)?;
    let figures = figures::figures(run)?;
    let sessions = figures::sessions(run, &figures);
    let summary = figures::summary(run, &figures, &sessions, &round_trips);
    let checks: Vec<CheckOutcome> =
        prepared.checks.iter().map(SourceCheck::conclude).collect::<Result<_, _>>()?;
    let mut notes = prepared.notes.clone();
    notes.extend(checks.iter().filter_map(CheckOutcome::note));
    let waiting = round_trips.iter().filter(|(_, trip)| !trip.closed).count();
    if waiting > 0 {
        notes.push(format!(
            "{waiting} position(s) open at the end, valued where they could be closed"
        ));
    }
    let strategies = tables::strategies(run)?;
    notes.extend(strategies.iter().filter_map(foreign_balances));
    for record in &recorder.liquidations {
        notes.push(format!(
            "account {} was liquidated: equity {} below its maintenance margin of {}",
            record.account, record.equity, record.maintenance
        ));
    }
    Ok(Outcome {
        state_hash: run.state_hash(),
        engine_version: env!("CARGO_PKG_VERSION"),
        from: UnixNanos(recorder.start).as_millis_f64(),
        to: UnixNanos(run.now()).as_millis_f64(),
        counters: tables::counters(run),
        instruments: tables::instruments(run),
        models: prepared.models.clone(),
        notes,
        files: prepared.files.clone(),
        checks,
        summary,
        strategies,
        fills: tables::fills(run)?,
        orders: tables::orders(run)?,
        cash: tables::cash(run),
        liquidations: tables::liquidations(run),
        round_trips: round_trips
            .iter()
            .map(|(strategy, trip)| tables::round_trip(run, *strategy, trip))
            .collect::<Result<_, _>>()?,
        equity: curves::equity_curves(run),
        prices: curves::price_curves(run),
        sessions,
        acknowledgement: curves::histogram(&recorder.acknowledgement),
        response: curves::histogram(&recorder.response),
        figures,
    })
}

/// What a strategy's account ends with in other currencies than its own, in words.
fn foreign_balances(strategy: &StrategyOutcome) -> Option<String> {
    let others: Vec<String> = strategy
        .balances
        .iter()
        .skip(1)
        .filter(|balance| balance.cash != 0.0)
        .map(|BalanceOutcome { currency, cash, rate, .. }| match rate {
            Some(rate) => format!("{cash} {currency} at {rate}"),
            None => format!("{cash} {currency}, which nothing values"),
        })
        .collect();
    let account = &strategy.name;
    (!others.is_empty()).then(|| format!("{account} ends with {}", others.join(", ")))
}

fn lots(instrument: &Instrument, lots: i64) -> f64 {
    // Exact to the printed precision: 3 lots of 0.1 are 0.3.
    (i128::from(lots) * i128::from(instrument.lot_size.0)) as f64 / 1e9
}

fn round_trips(run: &Run) -> Result<Vec<(StrategyIndex, RoundTrip)>, BacktestError> {
    let recorder = run.recorder();
    let mut trips = recorder.round_trips.clone();
    for strategy in 0..run.strategies().len() {
        let strategy = StrategyIndex(strategy as u16);
        for (at, terms) in run.instruments().iter().enumerate() {
            let index = InstrumentIndex(at as u32);
            let held = run.ledger().account(strategy).position(index).quantity.0;
            let mark = |leg: Option<Leg>| run.ledger().mark(index, leg.map_or(held, Leg::sign));
            let now = UnixNanos(run.now());
            let open = recorder.open_trips(strategy, terms, index, mark, now)?;
            trips.extend(open.into_iter().map(|trip| (strategy, trip)));
        }
    }
    // Of instruments in other currencies, at the rates of the end.
    for (_, trip) in &mut trips {
        let (instrument, ledger) = (trip.instrument, run.ledger());
        let worth = |amount| ledger.worth(instrument, amount);
        trip.gross = worth(trip.gross)?;
        trip.fees = worth(trip.fees)?;
        trip.mae = worth(trip.mae)?;
        trip.mfe = worth(trip.mfe)?;
        trip.entry_value = worth(trip.entry_value)?;
    }
    Ok(trips)
}
