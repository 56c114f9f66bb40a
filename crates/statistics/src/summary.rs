//! The statistics of a run, each with its reason when it is not available.

use crate::distribution::{
    autocorrelation, conditional_value_at_risk, kurtosis, skewness, value_at_risk,
};
use crate::drawdown::{drawdowns, max_drawdown, pain_index, ulcer_index};
use crate::ratios::{calmar, lo_sharpe, omega, sharpe, sortino};
use crate::returns::{annual_return, annual_volatility};
use crate::trades::{TradeOutcome, TradeStatistics};
use std::collections::BTreeMap;

/// Sessions below which annualised figures and ratios say nothing.
pub const MIN_SESSIONS: usize = 20;

/// What a summary is made from.
#[derive(Clone, Copy, Debug)]
pub struct SummaryInput<'a> {
    /// Equity at the start.
    pub initial_equity: f64,
    /// Equity at the end.
    pub final_equity: f64,
    /// Returns from session to session ([`crate::SessionSampler::returns`]).
    pub returns: &'a [f64],
    /// Sessions a year: 252, or 365 where the market never closes.
    pub periods_per_year: f64,
    /// Risk-free return per session, also the least acceptable one of the Sortino ratio.
    pub risk_free: f64,
    /// Finished round trips in order of time.
    pub trades: &'a [TradeOutcome],
}

/// The statistics of a run. A field that is `None` has an entry in `unavailable`.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Summary {
    /// Final less initial equity.
    pub total_profit: f64,
    /// Final ÷ initial equity − 1.
    pub total_return: Option<f64>,
    /// Sessions sampled.
    pub sessions: usize,
    /// Sessions a year that the annualised figures assume.
    pub periods_per_year: f64,
    /// Compound annual return.
    pub annual_return: Option<f64>,
    /// Annualised sample deviation.
    pub annual_volatility: Option<f64>,
    /// Sharpe ratio; √p assumes independent returns, see the next two.
    pub sharpe: Option<f64>,
    /// Autocorrelation of the returns at lag 1.
    pub autocorrelation: Option<f64>,
    /// Sharpe ratio adjusted for it (Lo 2002).
    pub lo_sharpe: Option<f64>,
    /// Sortino ratio.
    pub sortino: Option<f64>,
    /// Calmar ratio.
    pub calmar: Option<f64>,
    /// Omega ratio at the risk-free return.
    pub omega: Option<f64>,
    /// Deepest drawdown between session closes, 0 or below.
    pub max_drawdown: Option<f64>,
    /// Longest drawdown in sessions, from peak to recovery or to the end.
    pub longest_drawdown: Option<usize>,
    /// Ulcer index.
    pub ulcer_index: Option<f64>,
    /// Pain index.
    pub pain_index: Option<f64>,
    /// Value at risk at 5 % per session.
    pub value_at_risk: Option<f64>,
    /// Conditional value at risk at 5 % per session.
    pub conditional_value_at_risk: Option<f64>,
    /// Population skewness.
    pub skewness: Option<f64>,
    /// Population kurtosis (3 = normal).
    pub kurtosis: Option<f64>,
    /// Statistics of the round trips.
    pub trades: TradeStatistics,
    /// Why a field is `None`: its name and e.g. `n/a (n = 1 day)`.
    pub unavailable: BTreeMap<&'static str, String>,
}

impl Summary {
    /// Of a run.
    #[must_use]
    pub fn new(input: &SummaryInput<'_>) -> Self {
        let r = input.returns;
        let n = r.len();
        let (p, rf) = (input.periods_per_year, input.risk_free);
        let mut missing = Missing { sessions: n, reasons: BTreeMap::new() };
        let growth = input.final_equity / input.initial_equity - 1.0;
        let total = (input.initial_equity > 0.0).then_some(growth).filter(|g: &f64| g.is_finite());
        let longest = drawdowns(r).iter().map(|d| d.recovery.unwrap_or(n) - d.peak).max();
        let steady = "n/a (the returns do not vary)";
        let m = &mut missing;
        let mut summary = Self {
            total_profit: input.final_equity - input.initial_equity,
            total_return: m.plain("total_return", total, "n/a (no equity at the start)"),
            sessions: n,
            periods_per_year: p,
            annual_return: m.long("annual_return", annual_return(r, p), "n/a (equity below 0)"),
            annual_volatility: m.long("annual_volatility", annual_volatility(r, p), steady),
            sharpe: m.long("sharpe", sharpe(r, rf, p), steady),
            autocorrelation: m.long("autocorrelation", autocorrelation(r, 1), steady),
            lo_sharpe: m.long("lo_sharpe", lo_sharpe(r, rf, p), steady),
            sortino: m.long("sortino", sortino(r, rf, p), "n/a (no loss)"),
            calmar: m.long("calmar", calmar(r, p), "n/a (no drawdown)"),
            omega: m.long("omega", omega(r, rf, 0.0, p), "n/a (no loss)"),
            max_drawdown: m.plain("max_drawdown", max_drawdown(r), "n/a (no session)"),
            longest_drawdown: if n == 0 { None } else { Some(longest.unwrap_or(0)) },
            ulcer_index: m.plain("ulcer_index", ulcer_index(r), "n/a (no session)"),
            pain_index: m.plain("pain_index", pain_index(r), "n/a (no session)"),
            value_at_risk: m.long("value_at_risk", value_at_risk(r, 0.05), "n/a (no return)"),
            conditional_value_at_risk: m.long(
                "conditional_value_at_risk",
                conditional_value_at_risk(r, 0.05),
                "n/a (no return)",
            ),
            skewness: m.long("skewness", skewness(r), steady),
            kurtosis: m.long("kurtosis", kurtosis(r), steady),
            trades: TradeStatistics::new(input.trades),
            unavailable: BTreeMap::new(),
        };
        if n == 0 {
            missing.reasons.insert("longest_drawdown", "n/a (no session)".to_owned());
        }
        summary.unavailable = missing.reasons;
        summary
    }

    /// A figure as text: with four decimals, or the reason why it is not there.
    #[must_use]
    pub fn text(&self, field: &str, value: Option<f64>) -> String {
        match value {
            Some(value) => format!("{value:.4}"),
            None => self.unavailable.get(field).cloned().unwrap_or_else(|| "n/a".to_owned()),
        }
    }
}

struct Missing {
    sessions: usize,
    reasons: BTreeMap<&'static str, String>,
}

impl Missing {
    fn plain(&mut self, field: &'static str, value: Option<f64>, reason: &str) -> Option<f64> {
        if value.is_none() {
            self.reasons.insert(field, reason.to_owned());
        }
        value
    }

    /// A figure that needs [`MIN_SESSIONS`].
    fn long(&mut self, field: &'static str, value: Option<f64>, reason: &str) -> Option<f64> {
        if self.sessions >= MIN_SESSIONS {
            return self.plain(field, value, reason);
        }
        let days = if self.sessions == 1 { "day" } else { "days" };
        self.plain(field, None, &format!("n/a (n = {} {days})", self.sessions))
    }
}
