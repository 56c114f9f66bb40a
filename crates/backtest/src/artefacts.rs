//! What a run writes: the manifest and the Parquet tables, each by rename when it is whole.

use crate::assemble::Prepared;
use crate::error::BacktestError;
use crate::outcome::Outcome;
use serde_json::Value;
use std::path::{Path, PathBuf};
use store::{Manifest, Sha256Hex, digest_file};

/// Writes `run.json` and the tables that the configuration names. `extra.strategySources` lists
/// the source files of the strategies.
///
/// # Errors
/// [`BacktestError::Store`] when a file cannot be read or written.
pub fn write(prepared: &Prepared, outcome: &Outcome, extra: &Value) -> Result<(), BacktestError> {
    let output = &prepared.configuration.output;
    let Some(directory) = &output.directory else { return Ok(()) };
    let manifest = manifest(prepared, outcome, extra)?;
    manifest.write(&Path::new(directory).join("run.json"))?;
    Ok(())
}

/// What the run was made of and what came out.
///
/// # Errors
/// As [`write`].
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
