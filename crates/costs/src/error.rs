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
}

impl CostError {
    /// The stable code of the error.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Setting { .. } => "ERR_COSTS_SETTING",
            Self::Overflow { .. } => "ERR_COSTS_OVERFLOW",
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
