//! Performance statistics as plain functions over slices, and the summary made of them.
//!
//! Conventions (those of empyrical unless a function says otherwise): returns are simple and per
//! period, `NaN` is a missing one; deviations divide by n − 1; the number of periods a year is
//! always an argument. What is not defined is `None`, never an absurd number. Sums run over the
//! fixed tree of [`sum::sum`], so that every machine gives the same bits; powers and logarithms
//! agree to 1e-12.

pub mod distribution;
pub mod drawdown;
pub mod error;
pub mod execution;
pub mod ratios;
pub mod returns;
pub mod session;
pub mod sum;
pub mod summary;
pub mod trades;

pub use distribution::{
    autocorrelation, conditional_value_at_risk, kurtosis, percentile, skewness, value_at_risk,
};
pub use drawdown::{Drawdown, drawdown_series, drawdowns, max_drawdown, pain_index, ulcer_index};
pub use error::StatisticsError;
pub use execution::{fill_ratio, mean_mark_out, mean_spread_captured, per_lot, per_million};
pub use ratios::{
    adjusted_sharpe, calmar, downside_risk, lo_sharpe, omega, omega_sharpe, sharpe, sharpe_over,
    sortino, upside_risk,
};
pub use returns::{
    annual_return, annual_volatility, compounded_volatility, geometric_mean, mean, simple_returns,
    standard_deviation, total_return,
};
pub use session::{Sample, SessionClose, SessionSampler};
pub use summary::{MIN_SESSIONS, Summary, SummaryInput};
pub use trades::{TradeOutcome, TradeStatistics};
