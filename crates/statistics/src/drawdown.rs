//! How far below its peak a value went, and for how long.

use crate::sum::{finite, sum_by};

/// One stay below a peak.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Drawdown {
    /// Index of the peak; 0 is the starting value, i the value after the i-th return.
    pub peak: usize,
    /// Index of the lowest value.
    pub trough: usize,
    /// Index at which the peak was reached again; `None` while it was not.
    pub recovery: Option<usize>,
    /// Depth at the trough, below 0 (−.1 is ten percent).
    pub depth: f64,
}

/// `v ÷ peak so far − 1` after each return, the starting value (1) being the first peak; a missing
/// return changes nothing.
#[must_use]
pub fn drawdown_series(returns: &[f64]) -> Vec<f64> {
    let (mut value, mut peak) = (1.0f64, 1.0f64);
    returns
        .iter()
        .map(|r| {
            if r.is_finite() {
                value *= 1.0 + r;
            }
            peak = peak.max(value);
            value / peak - 1.0
        })
        .collect()
}

/// The deepest drawdown, 0 or below, the starting value included; `None` of no returns.
#[must_use]
pub fn max_drawdown(returns: &[f64]) -> Option<f64> {
    let series = drawdown_series(returns);
    if series.is_empty() { None } else { finite(series.iter().fold(0.0, |m: f64, d| m.min(*d))) }
}

/// All drawdowns in order of time.
#[must_use]
pub fn drawdowns(returns: &[f64]) -> Vec<Drawdown> {
    let mut out = Vec::new();
    let mut open: Option<Drawdown> = None;
    let mut peak = 0;
    for (i, depth) in drawdown_series(returns).into_iter().enumerate() {
        let at = i + 1;
        if depth < 0.0 {
            let d = open.get_or_insert(Drawdown { peak, trough: at, recovery: None, depth });
            if depth < d.depth {
                (d.trough, d.depth) = (at, depth);
            }
        } else {
            peak = at;
            if let Some(mut d) = open.take() {
                d.recovery = Some(at);
                out.push(d);
            }
        }
    }
    out.extend(open);
    out
}

/// Ulcer index √mean(d²) of the drawdown series (Martin 1987); `None` of no returns.
#[must_use]
pub fn ulcer_index(returns: &[f64]) -> Option<f64> {
    let d = drawdown_series(returns);
    let squares = sum_by(0, d.len(), &|i| d[i] * d[i]);
    finite((squares / d.len() as f64).sqrt())
}

/// Pain index: mean of |d| of the drawdown series; `None` of no returns.
#[must_use]
pub fn pain_index(returns: &[f64]) -> Option<f64> {
    let d = drawdown_series(returns);
    finite(sum_by(0, d.len(), &|i| d[i].abs()) / d.len() as f64)
}
