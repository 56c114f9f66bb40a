//! Returns and their growth and spread.

use crate::sum::{self, finite, present, sum_by};

/// Returns of a value series: `v[i] ÷ v[i−1] − 1`; `NaN` after a value that is not above zero.
#[must_use]
pub fn simple_returns(values: &[f64]) -> Vec<f64> {
    let step = |w: &[f64]| if w[0] > 0.0 { w[1] / w[0] - 1.0 } else { f64::NAN };
    values.windows(2).map(step).collect()
}

/// Mean of the returns that are there; `None` of none.
#[must_use]
pub fn mean(returns: &[f64]) -> Option<f64> {
    sum::mean(&present(returns))
}

/// Sample deviation (n − 1) of the returns that are there; `None` with fewer than two.
#[must_use]
pub fn standard_deviation(returns: &[f64]) -> Option<f64> {
    deviation_of(&present(returns))
}

pub(crate) fn deviation_of(values: &[f64]) -> Option<f64> {
    if values.len() < 2 {
        return None;
    }
    let m = sum::mean(values)?;
    let squares = sum_by(0, values.len(), &|i| (values[i] - m) * (values[i] - m));
    finite((squares / (values.len() - 1) as f64).sqrt())
}

/// A deviation that divides: `None` when it is nothing but the rounding of equal values.
pub(crate) fn dividing_deviation(values: &[f64]) -> Option<f64> {
    let largest = values.iter().fold(0.0f64, |m, v| m.max(v.abs()));
    deviation_of(values).filter(|d| *d > 8.0 * f64::EPSILON * largest)
}

/// Π(1 + r), missing returns left out; multiplied from first to last.
pub(crate) fn growth(returns: &[f64]) -> f64 {
    returns.iter().filter(|r| r.is_finite()).fold(1.0, |product, r| product * (1.0 + r))
}

/// Π(1 + r) − 1; `None` of no returns.
#[must_use]
pub fn total_return(returns: &[f64]) -> Option<f64> {
    if returns.is_empty() { None } else { finite(growth(returns) - 1.0) }
}

/// Compound annual return Π(1 + r)^(p/n) − 1, n counting missing returns as periods without
/// change; −1 at ruin, `None` of no returns or when the value went below zero.
#[must_use]
pub fn annual_return(returns: &[f64], periods_per_year: f64) -> Option<f64> {
    let growth = growth(returns);
    if returns.is_empty() || growth < 0.0 {
        return None;
    }
    finite(growth.powf(periods_per_year / returns.len() as f64) - 1.0)
}

/// Annualised sample deviation: std · √p; `None` with fewer than two returns.
#[must_use]
pub fn annual_volatility(returns: &[f64], periods_per_year: f64) -> Option<f64> {
    finite(standard_deviation(returns)? * periods_per_year.sqrt())
}

/// Geometric mean return per period: exp(mean(ln(1 + r))) − 1, missing ones counted as 0; `None`
/// of none or when a return is −1 or below.
#[must_use]
pub fn geometric_mean(returns: &[f64]) -> Option<f64> {
    let log = |i: usize| if returns[i].is_finite() { returns[i].ln_1p() } else { 0.0 };
    let ok = !returns.is_empty() && returns.iter().all(|r| !r.is_finite() || *r > -1.0);
    let n = returns.len();
    ok.then(|| (sum_by(0, n, &log) / n as f64).exp_m1()).and_then(finite)
}

/// Annualised deviation of compounded returns: √[(s² + (1+g)²)^p − (1+g)^(2p)] with s the sample
/// deviation and g the geometric mean. The convention of backtesting.py; not the default here.
#[must_use]
pub fn compounded_volatility(returns: &[f64], periods_per_year: f64) -> Option<f64> {
    let s = standard_deviation(returns)?;
    let base = 1.0 + geometric_mean(returns)?;
    let p = periods_per_year;
    finite(((s * s + base * base).powf(p) - base.powf(2.0 * p)).sqrt())
}
