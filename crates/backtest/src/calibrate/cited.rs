//! The error of a calibrated queue model, as runs that use the model cite it.

use crate::error::BacktestError;
use serde::{Deserialize, Serialize};

/// How far a queue model was from real orders, as a calibration measured it on data that nothing was
/// fitted on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CitedError {
    /// Name of the file that it was measured on.
    pub source: String,
    /// Its instrument.
    pub symbol: String,
    /// Real orders that it was measured on.
    pub orders: u64,
    /// Share of these whose fill, or not, was predicted.
    pub agreement: f64,
    /// Mean of that share among filled and among other orders.
    #[serde(default)]
    pub balanced_agreement: Option<f64>,
    /// Median distance of predicted and actual times to fill, in ns.
    #[serde(default)]
    pub median_time_error_ns: Option<u64>,
    /// Mean mark-out after a second of predicted fills less that of real ones, in ticks.
    #[serde(default)]
    pub mark_out_error: Option<f64>,
}

impl CitedError {
    pub(crate) fn check(&self) -> Result<(), BacktestError> {
        let shares = [
            ("venue.queueCalibration.agreement", Some(self.agreement)),
            ("venue.queueCalibration.balancedAgreement", self.balanced_agreement),
        ];
        for (field, share) in shares {
            if let Some(share) = share.filter(|share| !(0.0..=1.0).contains(share)) {
                return Err(BacktestError::setting(field, share, "a number from 0 to 1"));
            }
        }
        Ok(())
    }

    /// In words, for results.
    #[must_use]
    pub fn describe(&self) -> String {
        let mut words = format!(
            "{:.2} % of {} real orders of {} ({}) predicted",
            self.agreement * 100.0,
            self.orders,
            self.symbol,
            self.source
        );
        if let Some(balanced) = self.balanced_agreement {
            words += &format!(", balanced {:.2} %", balanced * 100.0);
        }
        if let Some(error) = self.median_time_error_ns {
            words += &format!(", median error of the time to fill {} µs", error as f64 / 1e3);
        }
        if let Some(error) = self.mark_out_error {
            words += &format!(", mark-out after 1 s {error:+.3} ticks off");
        }
        words
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_told_in_words_and_checked() {
        let mut cited = CitedError {
            source: "day.mbo.dbn".to_owned(),
            symbol: "ESH4".to_owned(),
            orders: 2_939,
            agreement: 0.9959,
            balanced_agreement: Some(0.9964),
            median_time_error_ns: Some(1_500),
            mark_out_error: Some(-0.01),
        };
        assert_eq!(
            cited.describe(),
            "99.59 % of 2939 real orders of ESH4 (day.mbo.dbn) predicted, balanced 99.64 %, median \
             error of the time to fill 1.5 µs, mark-out after 1 s -0.010 ticks off"
        );
        cited.check().unwrap();
        cited.agreement = 1.5;
        assert_eq!(cited.check().unwrap_err().code(), "ERR_BACKTEST_SETTING");
    }
}
