//! One line a figure: JSON for programs on standard output, a table for people on standard error.

use crate::Comparison;
use serde_json::json;

/// A figure with what it is and what it is compared with.
#[derive(Clone, Debug)]
pub struct Figure {
    /// What is measured, `area/what/input`.
    pub name: String,
    /// The baseline's name.
    pub baseline: String,
    /// What is counted (`records`).
    pub unit: &'static str,
    /// How many of them a run handles.
    pub items: u64,
    /// The least items a second asked for, where there is such a number.
    pub target: Option<f64>,
    /// The least ratio asked for.
    pub target_ratio: Option<f64>,
    /// What was measured.
    pub compared: Comparison,
}

impl Figure {
    /// The figure as one JSON object; rates in items a second.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        let Comparison { baseline, candidate, ratio } = &self.compared;
        json!({
            "name": self.name,
            "baseline": self.baseline,
            "unit": self.unit,
            "items": self.items,
            "best": candidate.best_rate(self.items).round(),
            "median": candidate.median_rate(self.items).round(),
            "baselineBest": baseline.best_rate(self.items).round(),
            "baselineMedian": baseline.median_rate(self.items).round(),
            "ratio": (ratio * 1000.0).round() / 1000.0,
            "target": self.target,
            "targetRatio": self.target_ratio,
            "reached": self.reached(),
            "answer": candidate.answer,
        })
    }

    /// Whether best rate and ratio are what was asked for.
    #[must_use]
    pub fn reached(&self) -> bool {
        self.target.is_none_or(|least| self.compared.candidate.best_rate(self.items) >= least)
            && self.target_ratio.is_none_or(|least| self.compared.ratio >= least)
    }

    /// The figure as one line of a table, rates in millions a second.
    #[must_use]
    pub fn to_row(&self) -> String {
        let Comparison { baseline, candidate, ratio } = &self.compared;
        let million = |rate: f64| format!("{:.1}", rate / 1e6);
        let target = match (self.target, self.target_ratio) {
            (Some(rate), Some(ratio)) => format!("≥ {} M and ×{ratio}", million(rate)),
            (Some(rate), None) => format!("≥ {} M", million(rate)),
            (None, Some(ratio)) => format!("≥ ×{ratio}"),
            (None, None) => String::new(),
        };
        format!(
            "{:<34} {:>8} {:>8}   {:<22} {:>8} {:>8}   {:>7} {} {target}",
            self.name,
            million(candidate.best_rate(self.items)),
            million(candidate.median_rate(self.items)),
            self.baseline,
            million(baseline.best_rate(self.items)),
            million(baseline.median_rate(self.items)),
            format!("×{ratio:.2}"),
            match (self.target.or(self.target_ratio), self.reached()) {
                (None, _) => " ",
                (_, true) => "✓",
                (_, false) => "✗",
            },
        )
    }

    /// The head of the table.
    #[must_use]
    pub fn heading() -> String {
        format!(
            "{:<34} {:>8} {:>8}   {:<22} {:>8} {:>8}   {:>7}   target",
            "millions a second", "best", "median", "beside", "best", "median", "ratio"
        )
    }

    /// Prints the JSON line, and the row unless only JSON is wanted.
    pub fn print(&self, json_only: bool) {
        println!("{}", self.to_json());
        if !json_only {
            eprintln!("{}", self.to_row());
        }
    }
}
