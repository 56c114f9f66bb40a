//! Shape of the returns: moments, quantiles, dependence.

use crate::sum::{central_moment, finite, mean, present, sum_by};

/// Linearly interpolated percentile at `fraction` (0 to 1) of the values that are there: between
/// the sorted values around index (n − 1)·fraction. `None` of none.
#[must_use]
pub fn percentile(values: &[f64], fraction: f64) -> Option<f64> {
    let sorted = sorted(values);
    if sorted.is_empty() || !(0.0..=1.0).contains(&fraction) {
        return None;
    }
    let place = (sorted.len() - 1) as f64 * fraction;
    let below = place.floor() as usize;
    let above = (below + 1).min(sorted.len() - 1);
    finite(sorted[below] + (sorted[above] - sorted[below]) * (place - below as f64))
}

fn sorted(values: &[f64]) -> Vec<f64> {
    let mut sorted = present(values);
    sorted.sort_by(f64::total_cmp);
    sorted
}

/// Value at risk: the return at the lower `cutoff` (.05 usual), a loss being negative.
#[must_use]
pub fn value_at_risk(returns: &[f64], cutoff: f64) -> Option<f64> {
    percentile(returns, cutoff)
}

/// Conditional value at risk: mean of the lowest int((n − 1)·cutoff) + 1 returns.
#[must_use]
pub fn conditional_value_at_risk(returns: &[f64], cutoff: f64) -> Option<f64> {
    let sorted = sorted(returns);
    if sorted.is_empty() || !(0.0..=1.0).contains(&cutoff) {
        return None;
    }
    let count = ((sorted.len() - 1) as f64 * cutoff) as usize + 1;
    mean(&sorted[..count.min(sorted.len())])
}

/// Population skewness m₃/m₂^(3/2); `None` with fewer than three returns or without variation.
#[must_use]
pub fn skewness(returns: &[f64]) -> Option<f64> {
    let r = present(returns);
    let m2 = varying(&r, 3)?;
    finite(central_moment(&r, 3)? / (m2 * m2.sqrt()))
}

/// Population kurtosis m₄/m₂², 3 for a normal distribution; `None` with fewer than four returns
/// or without variation.
#[must_use]
pub fn kurtosis(returns: &[f64]) -> Option<f64> {
    let r = present(returns);
    let m2 = varying(&r, 4)?;
    finite(central_moment(&r, 4)? / (m2 * m2))
}

fn varying(values: &[f64], least: usize) -> Option<f64> {
    if values.len() < least {
        return None;
    }
    crate::returns::dividing_deviation(values)?;
    central_moment(values, 2).filter(|&m| m > 0.0)
}

/// Autocorrelation at a lag: Σ(rᵢ − m)(rᵢ₊ₗ − m)/Σ(rᵢ − m)²; `None` with fewer than lag + 2
/// returns or without variation.
#[must_use]
pub fn autocorrelation(returns: &[f64], lag: usize) -> Option<f64> {
    let r = present(returns);
    let n = r.len();
    if n < lag.checked_add(2)? {
        return None;
    }
    varying(&r, 2)?;
    let m = mean(&r)?;
    let together = sum_by(0, n - lag, &|i| (r[i] - m) * (r[i + lag] - m));
    let alone = sum_by(0, n, &|i| (r[i] - m) * (r[i] - m));
    finite(together / alone)
}
