//! What an indicator can refuse.

/// The longest period.
pub const MAX_PERIOD: usize = 1_000_000;

/// An argument that no indicator accepts.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum IndicatorError {
    /// A period outside its range.
    #[error("{field} is {value}; accepted are whole numbers from {least} to 1000000")]
    Period {
        /// The argument.
        field: &'static str,
        /// Its value.
        value: usize,
        /// The smallest one accepted.
        least: usize,
    },
    /// A factor that is not finite or negative.
    #[error("{field} is {value}; accepted are finite numbers of 0 or above")]
    Factor {
        /// The argument.
        field: &'static str,
        /// Its value.
        value: f64,
    },
    /// Columns of different lengths.
    #[error("column {column} has {length} rows, the first one has {expected}")]
    Length {
        /// The column at fault.
        column: &'static str,
        /// Its rows.
        length: usize,
        /// The rows of the first column.
        expected: usize,
    },
}

impl IndicatorError {
    /// The stable code of the error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Period { .. } => "ERR_INDICATOR_PERIOD",
            Self::Factor { .. } => "ERR_INDICATOR_FACTOR",
            Self::Length { .. } => "ERR_INDICATOR_LENGTH",
        }
    }
}

/// A period of at least `least`.
pub(crate) fn period(
    field: &'static str,
    value: usize,
    least: usize,
) -> Result<usize, IndicatorError> {
    if (least..=MAX_PERIOD).contains(&value) {
        Ok(value)
    } else {
        Err(IndicatorError::Period { field, value, least })
    }
}
