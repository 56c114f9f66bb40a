//! Ratios of reward to risk.

use crate::distribution::{autocorrelation, kurtosis, skewness};
use crate::drawdown::max_drawdown;
use crate::returns::{annual_return, annual_volatility, dividing_deviation};
use crate::sum::{finite, mean, present, sum_by};

/// Annualised Sharpe ratio mean(r − rf)/std·√p (Sharpe 1994), `risk_free` per period; `None` with
/// fewer than two returns or when they do not vary.
#[must_use]
pub fn sharpe(returns: &[f64], risk_free: f64, periods_per_year: f64) -> Option<f64> {
    let excess: Vec<f64> = present(returns).iter().map(|r| r - risk_free).collect();
    sharpe_of(&excess, periods_per_year)
}

/// The same over a benchmark's returns, period by period; `None` when the lengths differ.
#[must_use]
pub fn sharpe_over(returns: &[f64], benchmark: &[f64], periods_per_year: f64) -> Option<f64> {
    if returns.len() != benchmark.len() {
        return None;
    }
    let excess: Vec<f64> = returns.iter().zip(benchmark).map(|(r, b)| r - b).collect();
    sharpe_of(&present(&excess), periods_per_year)
}

fn sharpe_of(excess: &[f64], periods_per_year: f64) -> Option<f64> {
    finite(mean(excess)? / dividing_deviation(excess)? * periods_per_year.sqrt())
}

/// √mean(min(r − mar, 0)²)·√p over **all** returns, `mar` per period; `None` of none.
#[must_use]
pub fn downside_risk(returns: &[f64], mar: f64, periods_per_year: f64) -> Option<f64> {
    one_sided(returns, periods_per_year, &|r| (r - mar).min(0.0))
}

/// √mean(max(r − mar, 0)²)·√p over all returns; `None` of none.
#[must_use]
pub fn upside_risk(returns: &[f64], mar: f64, periods_per_year: f64) -> Option<f64> {
    one_sided(returns, periods_per_year, &|r| (r - mar).max(0.0))
}

fn one_sided(returns: &[f64], periods: f64, part: &impl Fn(f64) -> f64) -> Option<f64> {
    let r = present(returns);
    if r.is_empty() {
        return None;
    }
    let squares = sum_by(0, r.len(), &|i| part(r[i]) * part(r[i]));
    finite((squares / r.len() as f64).sqrt() * periods.sqrt())
}

/// Sortino ratio mean(r − mar)·p/downside risk; `None` without a return below `mar`.
#[must_use]
pub fn sortino(returns: &[f64], mar: f64, periods_per_year: f64) -> Option<f64> {
    let risk = downside_risk(returns, mar, periods_per_year).filter(|&d| d > 0.0)?;
    let excess: Vec<f64> = present(returns).iter().map(|r| r - mar).collect();
    finite(mean(&excess)? * periods_per_year / risk)
}

/// Calmar ratio: annual return/|max drawdown|; `None` without a drawdown.
#[must_use]
pub fn calmar(returns: &[f64], periods_per_year: f64) -> Option<f64> {
    let depth = max_drawdown(returns).filter(|&d| d < 0.0)?;
    finite(annual_return(returns, periods_per_year)? / depth.abs())
}

/// Omega ratio Σmax(e, 0)/Σmax(−e, 0) with e = r − rf − ((1 + required)^(1/p) − 1); `risk_free` per
/// period, `required` per year. `None` without a loss or when `required` is not above −1.
#[must_use]
pub fn omega(returns: &[f64], risk_free: f64, required: f64, periods_per_year: f64) -> Option<f64> {
    if required <= -1.0 {
        return None;
    }
    let threshold = if periods_per_year == 1.0 {
        required
    } else {
        (1.0 + required).powf(1.0 / periods_per_year) - 1.0
    };
    let r = present(returns);
    let excess = |i: usize| r[i] - risk_free - threshold;
    let gains = sum_by(0, r.len(), &|i| excess(i).max(0.0));
    let losses = sum_by(0, r.len(), &|i| (-excess(i)).max(0.0));
    if losses > 0.0 { finite(gains / losses) } else { None }
}

/// Omega-Sharpe ratio (mean − mar)/mean(max(mar − r, 0)) = omega − 1 at `mar` per period.
#[must_use]
pub fn omega_sharpe(returns: &[f64], mar: f64) -> Option<f64> {
    let r = present(returns);
    let potential = sum_by(0, r.len(), &|i| (mar - r[i]).max(0.0)) / r.len() as f64;
    let excess = mean(&r)? - mar;
    if potential > 0.0 { finite(excess / potential) } else { None }
}

/// Sharpe ratio adjusted for skewness S and kurtosis K (Pezier, White 2006):
/// SR·[1 + S/6·SR − (K − 3)/24·SR²], SR = compound annual return/annual volatility.
#[must_use]
pub fn adjusted_sharpe(returns: &[f64], periods_per_year: f64) -> Option<f64> {
    dividing_deviation(&present(returns))?;
    let sr =
        annual_return(returns, periods_per_year)? / annual_volatility(returns, periods_per_year)?;
    let (s, k) = (skewness(returns)?, kurtosis(returns)?);
    finite(sr * (1.0 + s / 6.0 * sr - (k - 3.0) / 24.0 * sr * sr))
}

/// Sharpe ratio annualised for autocorrelated returns (Lo 2002, "The Statistics of Sharpe
/// Ratios", eq. 20): the per-period ratio times q/√(q + 2·Σₖ(q − k)·ρₖ), k from 1 to q − 1, with
/// ρₖ = ρ₁ᵏ of a first-order autoregression and q the whole number of periods a year.
///
/// `None` where the Sharpe ratio or ρ₁ is, or when the sum leaves no variance.
#[must_use]
pub fn lo_sharpe(returns: &[f64], risk_free: f64, periods_per_year: f64) -> Option<f64> {
    let per_period = sharpe(returns, risk_free, 1.0)?;
    let rho = autocorrelation(returns, 1)?;
    let q = periods_per_year.round();
    if !(1.0..=1e6).contains(&q) {
        return None;
    }
    let (mut power, mut weighted) = (1.0, 0.0);
    for k in 1..q as u32 {
        power *= rho;
        weighted += (q - f64::from(k)) * power;
    }
    let variance = q + 2.0 * weighted;
    if variance > 0.0 { finite(per_period * q / variance.sqrt()) } else { None }
}
