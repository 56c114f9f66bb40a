//! What can be wrong with a word.

/// An error of the model: a number, time or instrument that cannot be what it claims.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ModelError {
    /// A text that is not a decimal number.
    #[error("'{text}' is not a decimal number")]
    NotANumber {
        /// The text as given.
        text: String,
    },
    /// A number outside the range of its type.
    #[error("{what} {text} is outside the range of its type")]
    OutOfRange {
        /// What the number is.
        what: &'static str,
        /// The number as given.
        text: String,
    },
    /// A price that lies on no tick.
    #[error("price {price} is not a multiple of the tick size {tick_size}")]
    OffTick {
        /// The price as given.
        price: String,
        /// The instrument's tick size.
        tick_size: String,
    },
    /// A quantity that is no multiple of the lot.
    #[error("quantity {quantity} is not a multiple of the lot size {lot_size}")]
    OffLot {
        /// The quantity as given.
        quantity: String,
        /// The instrument's lot size.
        lot_size: String,
    },
    /// A sum or product that left its type.
    #[error("{what} overflows")]
    Overflow {
        /// The quantity that overflowed.
        what: &'static str,
    },
    /// A text that is no time.
    #[error("'{text}' is not a time; accepted are ISO 8601 and s, ms, µs or ns since 1970")]
    NotATime {
        /// The text as given.
        text: String,
    },
    /// An instrument description that contradicts itself or lacks something.
    #[error("instrument {symbol}: {reason}")]
    Instrument {
        /// The instrument's symbol.
        symbol: String,
        /// What is wrong and what would be accepted.
        reason: String,
    },
    /// A trading calendar that cannot be.
    #[error("{field} of a calendar is '{value}'; accepted: {accepted}")]
    Calendar {
        /// The field at fault.
        field: &'static str,
        /// Its value.
        value: String,
        /// What is accepted.
        accepted: String,
    },
}

impl ModelError {
    /// The stable code of the error.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotANumber { .. } => "ERR_MODEL_NOT_A_NUMBER",
            Self::OutOfRange { .. } => "ERR_MODEL_OUT_OF_RANGE",
            Self::OffTick { .. } => "ERR_MODEL_OFF_TICK",
            Self::OffLot { .. } => "ERR_MODEL_OFF_LOT",
            Self::Overflow { .. } => "ERR_MODEL_OVERFLOW",
            Self::NotATime { .. } => "ERR_MODEL_NOT_A_TIME",
            Self::Instrument { .. } => "ERR_MODEL_INSTRUMENT",
            Self::Calendar { .. } => "ERR_MODEL_CALENDAR",
        }
    }
}
