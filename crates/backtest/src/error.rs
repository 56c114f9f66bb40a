//! What can go wrong between a configuration and a result.

use costs::CostError;
use engine::EngineError;
use feed::FeedError;
use model::ModelError;
use serde_json::{Value, json};
use venue::VenueError;

/// An error of a backtest.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BacktestError {
    /// A setting that is not what it must be.
    #[error("{field}: '{value}' is not valid; {accepted}")]
    Setting {
        /// The setting.
        field: String,
        /// Its value.
        value: String,
        /// What would be accepted.
        accepted: String,
    },
    /// The data.
    #[error(transparent)]
    Feed(#[from] FeedError),
    /// The run.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// A number.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// Orders, limits, accounts.
    #[error(transparent)]
    Trading(#[from] trading::TradingError),
    /// Models of the venue.
    #[error(transparent)]
    Venue(#[from] VenueError),
    /// Fees and impact.
    #[error(transparent)]
    Costs(#[from] CostError),
    /// Results that could not be written.
    #[error(transparent)]
    Store(#[from] store::StoreError),
}

impl BacktestError {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Setting { .. } => "ERR_BACKTEST_SETTING",
            Self::Feed(error) => error.code(),
            Self::Engine(error) => error.code(),
            Self::Model(error) => error.code(),
            Self::Trading(error) => error.code(),
            Self::Venue(error) => error.code(),
            Self::Costs(error) => error.code(),
            Self::Store(error) => error.code(),
        }
    }

    /// Code, message and the fields at fault, as it crosses into TypeScript.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let details = match self {
            Self::Setting { field, value, accepted } => {
                json!({ "field": field, "value": value, "accepted": accepted })
            }
            Self::Feed(error) | Self::Engine(EngineError::Feed(error)) => error.details(),
            Self::Costs(error)
            | Self::Venue(VenueError::Cost(error))
            | Self::Engine(
                EngineError::Cost(error) | EngineError::Venue(VenueError::Cost(error)),
            ) => cost_details(error),
            Self::Engine(error) => engine_details(error),
            _ => json!({}),
        };
        json!({ "code": self.code(), "message": self.to_string(), "details": details })
    }

    pub(crate) fn setting(field: &str, value: impl ToString, accepted: &str) -> Self {
        Self::Setting {
            field: field.to_owned(),
            value: value.to_string().chars().take(80).collect(),
            accepted: accepted.to_owned(),
        }
    }
}

fn cost_details(error: &CostError) -> Value {
    match error {
        CostError::Setting { field, value, accepted } => {
            json!({ "field": field, "value": value, "accepted": accepted })
        }
        CostError::CustomFailed { field, name, message } => {
            json!({ "field": field, "model": name, "reason": message })
        }
        CostError::CustomResult { field, name, value, accepted } => {
            json!({ "field": field, "model": name, "value": value, "accepted": accepted })
        }
        _ => json!({}),
    }
}

fn engine_details(error: &EngineError) -> Value {
    match error {
        EngineError::NoData { strategy, what, symbol, accepted } => {
            json!({ "strategy": strategy, "what": what, "symbol": symbol, "accepted": accepted })
        }
        EngineError::Command { strategy, field, value, accepted } => {
            json!({ "strategy": strategy, "field": field, "value": value, "accepted": accepted })
        }
        EngineError::DenialLoop { strategy, count, reason } => {
            json!({ "strategy": strategy, "count": count, "reason": reason })
        }
        EngineError::Strategy { strategy, message } => {
            json!({ "strategy": strategy, "reason": message })
        }
        EngineError::Setup { field, message } => json!({ "field": field, "reason": message }),
        _ => json!({}),
    }
}
