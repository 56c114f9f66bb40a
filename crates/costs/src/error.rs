//! What can be wrong with a cost.

use model::ModelError;

/// An error of a fee or impact formula.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CostError {
    /// A setting that no formula accepts.
    #[error("{field} is {value}; accepted is {accepted}")]
    Setting {
        /// The setting.
        field: &'static str,
        /// Its value as given.
        value: String,
        /// What would be accepted.
        accepted: &'static str,
    },
    /// A fee or price left its type.
    #[error("{what} of notional {notional} overflows")]
    Overflow {
        /// What overflowed.
        what: &'static str,
        /// The notional of the fill.
        notional: String,
    },
    /// A model of one's own failed.
    #[error("{field} '{name}' failed: {message}")]
    CustomFailed {
        /// The setting that it stands in for.
        field: &'static str,
        /// Its name.
        name: String,
        /// What it said.
        message: String,
    },
    /// A model of one's own gave what cannot be.
    #[error("{field} '{name}' gave {value}; accepted is {accepted}")]
    CustomResult {
        /// The setting that it stands in for.
        field: &'static str,
        /// Its name.
        name: String,
        /// What it gave.
        value: String,
        /// What would be accepted.
        accepted: &'static str,
    },
}

impl CostError {
    /// The stable code of the error.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Setting { .. } => "ERR_COSTS_SETTING",
            Self::Overflow { .. } => "ERR_COSTS_OVERFLOW",
            Self::CustomFailed { .. } => "ERR_COSTS_CUSTOM_FAILED",
            Self::CustomResult { .. } => "ERR_COSTS_CUSTOM_RESULT",
        }
    }

    pub(crate) fn overflow(what: &'static str, notional: model::Money) -> Self {
        Self::Overflow { what, notional: notional.to_string() }
    }

    /// A model error of a formula is always an overflow.
    pub(crate) fn from_model(_: ModelError, what: &'static str, notional: model::Money) -> Self {
        Self::overflow(what, notional)
    }
}
