//! Statistics of round trips.

use crate::returns::dividing_deviation;
use crate::sum::{finite, mean, sum};

/// One finished round trip.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TradeOutcome {
    /// Profit net of fees, in the account's currency.
    pub profit: f64,
    /// Profit as a share of what was entered.
    pub return_fraction: f64,
    /// Nanoseconds from entry to exit.
    pub duration: u64,
}

/// What a set of round trips was like. A win is a profit above zero; `None` is not defined.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize)]
pub struct TradeStatistics {
    /// Round trips.
    pub count: usize,
    /// With a profit above zero.
    pub wins: usize,
    /// With a profit below zero.
    pub losses: usize,
    /// Wins ÷ count.
    pub win_rate: Option<f64>,
    /// Mean profit of the wins.
    pub average_win: Option<f64>,
    /// Mean profit of the losses, below zero.
    pub average_loss: Option<f64>,
    /// Σ wins ÷ |Σ losses|; `None` without a loss.
    pub profit_factor: Option<f64>,
    /// The same over the returns of the round trips.
    pub profit_factor_of_returns: Option<f64>,
    /// Average win ÷ |average loss|.
    pub payoff_ratio: Option<f64>,
    /// Mean profit.
    pub expectancy: Option<f64>,
    /// Mean return.
    pub average_return: Option<f64>,
    /// Largest profit.
    pub best: Option<f64>,
    /// Smallest profit.
    pub worst: Option<f64>,
    /// Largest return.
    pub best_return: Option<f64>,
    /// Smallest return.
    pub worst_return: Option<f64>,
    /// Mean nanoseconds from entry to exit.
    pub average_duration: Option<f64>,
    /// Longest nanoseconds from entry to exit.
    pub longest_duration: Option<u64>,
    /// System quality number √n·mean/std of the profits, n − 1 (Tharp); from two trips on.
    pub sqn: Option<f64>,
    /// Kelly criterion: win rate − (1 − win rate)/payoff ratio.
    pub kelly: Option<f64>,
    /// Longest row of losses.
    pub longest_losing_row: usize,
}

impl TradeStatistics {
    /// Of these round trips, in order of time.
    #[must_use]
    pub fn new(trades: &[TradeOutcome]) -> Self {
        let profits: Vec<f64> = trades.iter().map(|t| t.profit).collect();
        let returns: Vec<f64> = trades.iter().map(|t| t.return_fraction).collect();
        let durations: Vec<f64> = trades.iter().map(|t| t.duration as f64).collect();
        let wins: Vec<f64> = profits.iter().copied().filter(|p| *p > 0.0).collect();
        let losses: Vec<f64> = profits.iter().copied().filter(|p| *p < 0.0).collect();
        let count = trades.len();
        let win_rate = (count > 0).then(|| wins.len() as f64 / count as f64);
        let (average_win, average_loss) = (mean(&wins), mean(&losses));
        let payoff_ratio = average_win.zip(average_loss).and_then(|(w, l)| finite(w / l.abs()));
        let quality = |d: f64| mean(&profits).map(|m| (count as f64).sqrt() * m / d);
        let mut row = 0;
        let mut longest_losing_row = 0;
        for profit in &profits {
            row = if *profit < 0.0 { row + 1 } else { 0 };
            longest_losing_row = longest_losing_row.max(row);
        }
        Self {
            count,
            wins: wins.len(),
            losses: losses.len(),
            win_rate,
            average_win,
            average_loss,
            profit_factor: factor(&profits),
            profit_factor_of_returns: factor(&returns),
            payoff_ratio,
            expectancy: mean(&profits),
            average_return: mean(&returns),
            best: extreme(&profits, f64::max),
            worst: extreme(&profits, f64::min),
            best_return: extreme(&returns, f64::max),
            worst_return: extreme(&returns, f64::min),
            average_duration: mean(&durations),
            longest_duration: trades.iter().map(|t| t.duration).max(),
            sqn: dividing_deviation(&profits).and_then(quality).and_then(finite),
            kelly: win_rate.zip(payoff_ratio).and_then(|(w, p)| finite(w - (1.0 - w) / p)),
            longest_losing_row,
        }
    }
}

fn factor(values: &[f64]) -> Option<f64> {
    let part = |sign: f64| {
        let kept: Vec<f64> = values.iter().map(|v| v * sign).filter(|v| *v > 0.0).collect();
        sum(&kept)
    };
    let losses = part(-1.0);
    if losses > 0.0 { finite(part(1.0) / losses) } else { None }
}

fn extreme(values: &[f64], pick: fn(f64, f64) -> f64) -> Option<f64> {
    values.iter().copied().reduce(pick)
}
