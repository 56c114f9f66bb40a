//! What a run writes: the manifest and the Parquet tables, each by rename when it is whole.

use crate::assemble::Prepared;
use crate::error::BacktestError;
use crate::outcome::Outcome;
use engine::recorder::{OrderEvent, OrderEventKind as Kept};
use model::{Money, ReportKind, StrategyIndex, UnixNanos};
use serde_json::Value;
use std::path::{Path, PathBuf};
use store::{
    ArtefactPaths, ArtefactWriter, EquityPoint, Manifest, Names, OrderEventKind, OrderEventRow,
    RoundTripRow, Sha256Hex, TradeRow, digest_file,
};

/// Writes the tables that the configuration names, and `run.json` into its directory, else beside
/// the tables.
/// `extra.strategySources` lists the source files of the strategies. All tables appear together,
/// after the last of them is whole; `run.json` comes last.
///
/// # Errors
/// [`BacktestError::Store`] when a file cannot be read or written.
pub fn write(prepared: &Prepared, outcome: &Outcome, extra: &Value) -> Result<(), BacktestError> {
    let output = &prepared.configuration.output;
    let directory = output.directory.as_deref().map(Path::new);
    let in_directory = |name: &str| directory.map(|directory| directory.join(name));
    let given = |path: &Option<String>| path.as_deref().map(PathBuf::from);
    let paths = ArtefactPaths {
        metrics: given(&output.metrics_file).or_else(|| in_directory("metrics.parquet")),
        trades: given(&output.trades_file).or_else(|| in_directory("trades.parquet")),
        orders: output.detailed_log.then(|| beside(prepared, "orders.parquet")).flatten(),
        round_trips: in_directory("round_trips.parquet"),
    };
    let manifest = match beside(prepared, "run.json") {
        Some(path) => Some((path, manifest(prepared, outcome, extra)?)),
        None => None,
    };
    if paths != ArtefactPaths::default() {
        write_tables(prepared, &paths)?;
    }
    if let Some((path, manifest)) = manifest {
        manifest.write(&path)?;
    }
    Ok(())
}

/// A file in the directory, else beside the trades, else beside the metrics.
fn beside(prepared: &Prepared, name: &str) -> Option<PathBuf> {
    let output = &prepared.configuration.output;
    let folder = |path: &Option<String>| {
        path.as_deref().and_then(|path| Path::new(path).parent()).map(Path::to_path_buf)
    };
    output
        .directory
        .as_deref()
        .map(PathBuf::from)
        .or_else(|| folder(&output.trades_file))
        .or_else(|| folder(&output.metrics_file))
        .map(|directory| directory.join(name))
}

fn write_tables(prepared: &Prepared, paths: &ArtefactPaths) -> Result<(), BacktestError> {
    let run = &prepared.run;
    let recorder = run.recorder();
    let names = Names {
        strategies: run.strategies().iter().map(|side| side.name.clone()).collect(),
        instruments: run.instruments().to_vec(),
        currency: run.ledger().account(StrategyIndex(0)).currency(),
    };
    let mut writer = ArtefactWriter::create(paths, names)?;
    let mut peaks = vec![Money(i128::MIN); run.ledger().accounts()];
    for sample in &recorder.equity {
        let peak = &mut peaks[sample.account];
        *peak = (*peak).max(sample.equity);
        writer.equity(EquityPoint {
            ts_event: UnixNanos(sample.ts),
            strategy: run.ledger().first_strategy(sample.account),
            equity: sample.equity,
            cash: sample.cash,
            position_value: sample.equity.checked_sub(sample.cash)?,
            drawdown: peak.checked_sub(sample.equity)?,
        })?;
    }
    for record in &recorder.fills {
        let terms = &run.instruments()[record.fill.instrument.index()];
        writer.trade(TradeRow {
            fill: record.fill,
            notional: terms.notional(record.fill.price, record.fill.quantity)?,
            realized: record.realized,
            position: model::Lots(record.position),
        })?;
    }
    for event in &recorder.order_events {
        writer.order_event(order_event(event))?;
    }
    for (strategy, trip) in &recorder.round_trips {
        writer.round_trip(RoundTripRow {
            strategy: *strategy,
            instrument: trip.instrument,
            side: trip.side,
            ts_open: trip.entry_time,
            ts_close: trip.exit_time,
            quantity: trip.quantity,
            entry_price: trip.entry_price,
            exit_price: trip.exit_price,
            gross: trip.gross,
            fees: trip.fees,
            mae: Money(-trip.mae.0),
            mfe: trip.mfe,
            fills: trip.fills,
        })?;
    }
    writer.finish()?;
    Ok(())
}

fn order_event(event: &OrderEvent) -> OrderEventRow {
    let mut ts_event = UnixNanos(event.seen);
    let mut filled = model::Lots::ZERO;
    let kind = match event.kind {
        Kept::Submitted => OrderEventKind::Submitted,
        Kept::ModifyRequested => OrderEventKind::ModifyRequested,
        Kept::CancelRequested => OrderEventKind::CancelRequested,
        Kept::Reported(report) => match report {
            ReportKind::Denied(reason) => OrderEventKind::Denied(reason),
            ReportKind::Accepted => OrderEventKind::Accepted,
            ReportKind::Rejected(reason) => OrderEventKind::Rejected(reason),
            ReportKind::Filled(fill) => {
                ts_event = fill.ts_event;
                filled = fill.quantity;
                OrderEventKind::Filled(fill.price)
            }
            ReportKind::Modified { .. } => OrderEventKind::Modified,
            ReportKind::ModifyRejected(reason) => OrderEventKind::ModifyRejected(reason),
            ReportKind::Canceled { reason, .. } => OrderEventKind::Canceled(reason),
            ReportKind::CancelRejected(reason) => OrderEventKind::CancelRejected(reason),
            ReportKind::Triggered { .. } => OrderEventKind::Triggered,
            ReportKind::Restated { .. } => OrderEventKind::Restated,
        },
    };
    OrderEventRow {
        ts_event,
        order: event.request.id,
        instrument: event.request.instrument,
        event: kind,
        side: event.request.side,
        order_type: event.order_type,
        limit: event.limit,
        time_in_force: event.request.time_in_force,
        post_only: event.request.post_only,
        quantity: event.quantity,
        filled,
        leaves: event.leaves,
    }
}

/// What the run was made of and what came out.
///
/// # Errors
/// [`BacktestError::Store`] when a file cannot be read.
pub fn manifest(
    prepared: &Prepared,
    outcome: &Outcome,
    extra: &Value,
) -> Result<Manifest, BacktestError> {
    let configuration = serde_json::to_value(&prepared.configuration).unwrap_or(Value::Null);
    let state_hash = Sha256Hex(outcome.state_hash.clone());
    let mut manifest = Manifest::new(configuration, prepared.configuration.seed, state_hash);
    for file in &prepared.files {
        manifest.data.push(digest_file(Path::new(file))?);
    }
    for source in strategy_sources(extra) {
        manifest.strategies.push(digest_file(&source)?);
    }
    let figures = &outcome.figures;
    for (name, value) in [
        ("final_equity", Some(figures.final_equity)),
        ("total_pnl", Some(figures.total_pnl)),
        ("fees", Some(figures.fees)),
        ("max_drawdown", Some(figures.max_drawdown)),
        ("orders", Some(figures.orders as f64)),
        ("fills", Some(figures.fills as f64)),
        ("sharpe", outcome.summary.sharpe),
    ] {
        manifest.figure(name, value);
    }
    Ok(manifest)
}

fn strategy_sources(extra: &Value) -> Vec<PathBuf> {
    extra
        .get("strategySources")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(PathBuf::from)
        .collect()
}
