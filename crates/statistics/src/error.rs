//! What statistics can refuse.

/// An argument that no statistic accepts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StatisticsError {
    /// A time zone that the database does not know.
    #[error("time zone '{name}' is unknown; accepted are IANA names such as 'America/Chicago'")]
    TimeZone {
        /// The name as given.
        name: String,
    },
    /// A time of day outside the day.
    #[error("session close {hour}:{minute} is no time of day; accepted are 00:00 to 23:59")]
    TimeOfDay {
        /// Hour.
        hour: i8,
        /// Minute.
        minute: i8,
    },
}

impl StatisticsError {
    /// The stable code of the error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TimeZone { .. } => "ERR_STATISTICS_TIME_ZONE",
            Self::TimeOfDay { .. } => "ERR_STATISTICS_TIME_OF_DAY",
        }
    }
}
