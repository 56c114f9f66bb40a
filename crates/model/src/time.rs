//! Time: nanoseconds since 1970, UTC.

use crate::error::ModelError;
use std::fmt;

/// Nanoseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[repr(transparent)]
pub struct UnixNanos(pub u64);

impl UnixNanos {
    /// The origin.
    pub const ZERO: Self = Self(0);
    /// Later than everything.
    pub const MAX: Self = Self(u64::MAX);

    /// Milliseconds since 1970 with their fraction, as JavaScript's `Date` counts them.
    #[inline]
    #[must_use]
    pub fn as_millis_f64(self) -> f64 {
        (self.0 / 1_000_000) as f64 + (self.0 % 1_000_000) as f64 / 1e6
    }

    /// This time plus a number of nanoseconds, at most [`Self::MAX`].
    #[inline]
    #[must_use]
    pub const fn plus(self, nanos: u64) -> Self {
        Self(self.0.saturating_add(nanos))
    }

    /// Parses ISO 8601 (a date, a date and time, with or without an offset: UTC is assumed) or a
    /// whole number whose magnitude tells its unit: s below 1e11, ms below 1e14, µs below 1e17,
    /// else ns. Seconds may have a fraction.
    ///
    /// # Errors
    /// [`ModelError::NotATime`].
    pub fn parse(text: &str) -> Result<Self, ModelError> {
        let bad = || ModelError::NotATime { text: text.chars().take(40).collect() };
        let text = text.trim();
        if text.is_empty() {
            return Err(bad());
        }
        if text.bytes().all(|b| b.is_ascii_digit()) {
            let value: u64 = text.parse().map_err(|_| bad())?;
            let scale = match value {
                0..100_000_000_000 => 1_000_000_000,
                100_000_000_000..100_000_000_000_000 => 1_000_000,
                100_000_000_000_000..100_000_000_000_000_000 => 1_000,
                _ => 1,
            };
            return value.checked_mul(scale).map(Self).ok_or_else(bad);
        }
        if text.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
            let nanos = crate::decimal::parse_nanos(text).map_err(|_| bad())?;
            return u64::try_from(nanos).map(Self).map_err(|_| bad());
        }
        parse_iso(text).ok_or_else(bad)
    }
}

/// ISO 8601, through `jiff`: with an offset as it says, without one as UTC.
fn parse_iso(text: &str) -> Option<UnixNanos> {
    let nanos = if let Ok(stamp) = text.parse::<jiff::Timestamp>() {
        stamp.as_nanosecond()
    } else {
        let civil = text.parse::<jiff::civil::DateTime>().ok().or_else(|| {
            text.parse::<jiff::civil::Date>()
                .ok()
                .map(|d| d.to_datetime(jiff::civil::Time::midnight()))
        })?;
        civil.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_nanosecond()
    };
    u64::try_from(nanos).ok().map(UnixNanos)
}

impl fmt::Display for UnixNanos {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_nanosecond(i128::from(self.0)) {
            Ok(stamp) => write!(f, "{stamp:.9}"),
            Err(_) => write!(f, "{} ns", self.0),
        }
    }
}

impl fmt::Debug for UnixNanos {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UnixNanos({})", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_usual_stamp_is_understood() {
        let expected = UnixNanos(1_703_545_200_000_000_000);
        for text in [
            "2023-12-25T23:00:00Z",
            "2023-12-25 23:00:00",
            "2023-12-25T18:00:00-05:00",
            "1703545200",
            "1703545200000",
            "1703545200000000",
            "1703545200000000000",
            "1703545200.0",
        ] {
            assert_eq!(UnixNanos::parse(text), Ok(expected), "{text}");
        }
        assert_eq!(UnixNanos::parse("1970-01-02").unwrap().0, 86_400_000_000_000);
        for text in ["", "yesterday", "2023-13-01", "1969-01-01"] {
            assert!(UnixNanos::parse(text).is_err(), "{text}");
        }
        assert_eq!(expected.to_string(), "2023-12-25T23:00:00.000000000Z");
    }
}
