//! When equity is sampled: at each session's close.

use crate::error::StatisticsError;
use crate::returns::simple_returns;
use jiff::{Timestamp, civil::Time, tz::TimeZone};

const DAY: u64 = 86_400_000_000_000;

/// The end of a session that a time belongs to.
pub enum SessionClose {
    /// The UTC day: for markets that never close.
    UtcDay,
    /// Every day at this time of the exchange's time zone, daylight saving included. Days on
    /// which nothing happens make no sample; a Sunday evening belongs to Monday's close.
    Zoned(TimeZone, Time),
    /// The first close at or after a time (nanoseconds since 1970); a calendar of one's own.
    Calendar(Box<dyn Fn(u64) -> u64 + Send>),
}

impl std::fmt::Debug for SessionClose {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::UtcDay => f.write_str("UtcDay"),
            Self::Zoned(zone, time) => {
                write!(f, "Zoned({}, {time})", zone.iana_name().unwrap_or("?"))
            }
            Self::Calendar(_) => f.write_str("Calendar"),
        }
    }
}

impl SessionClose {
    /// A daily close in a time zone by its IANA name.
    ///
    /// # Errors
    /// [`StatisticsError::TimeZone`], [`StatisticsError::TimeOfDay`].
    pub fn zoned(zone: &str, hour: i8, minute: i8) -> Result<Self, StatisticsError> {
        let tz = TimeZone::get(zone)
            .map_err(|_| StatisticsError::TimeZone { name: zone.chars().take(60).collect() })?;
        let time = Time::new(hour, minute, 0, 0)
            .map_err(|_| StatisticsError::TimeOfDay { hour, minute })?;
        Ok(Self::Zoned(tz, time))
    }

    /// The first close at or after `at`.
    #[must_use]
    pub fn at_or_after(&self, at: u64) -> u64 {
        match self {
            Self::UtcDay => at.div_ceil(DAY).saturating_mul(DAY),
            Self::Zoned(zone, time) => next_zoned(zone, *time, at).unwrap_or(u64::MAX),
            Self::Calendar(close) => close(at).max(at),
        }
    }
}

/// `None` beyond the years that the calendar knows.
fn next_zoned(zone: &TimeZone, time: Time, at: u64) -> Option<u64> {
    let local = Timestamp::from_nanosecond(i128::from(at)).ok()?.to_zoned(zone.clone());
    let mut date = local.date();
    for _ in 0..3 {
        let close = date.to_datetime(time).to_zoned(zone.clone()).ok()?;
        if let Ok(close) = u64::try_from(close.timestamp().as_nanosecond())
            && close >= at
        {
            return Some(close);
        }
        date = date.tomorrow().ok()?;
    }
    None
}

/// Equity at a session's close.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Sample {
    /// The close in nanoseconds since 1970.
    pub close: u64,
    /// Equity then.
    pub equity: f64,
}

/// Samples equity at each session's close.
///
/// Before anything that happens at `ts` changes equity, ask [`SessionSampler::is_due`]; when it
/// is, a session has ended: give [`SessionSampler::roll`] the equity as it stands. What happens at
/// the very close still belongs to the session.
#[derive(Debug)]
pub struct SessionSampler {
    close: SessionClose,
    initial: f64,
    boundary: u64,
    samples: Vec<Sample>,
    /// Whether something happened since the last sample.
    open: bool,
}

impl SessionSampler {
    /// Begins at a time with an equity.
    #[must_use]
    pub fn new(close: SessionClose, start: u64, equity: f64) -> Self {
        let boundary = close.at_or_after(start);
        Self { close, initial: equity, boundary, samples: Vec::new(), open: true }
    }

    /// Whether `ts` lies beyond the close of the current session.
    #[inline]
    #[must_use]
    pub const fn is_due(&self, ts: u64) -> bool {
        ts > self.boundary
    }

    /// Ends the current session with the equity as it stood before `ts`, and begins the one that
    /// `ts` belongs to. Sessions between them in which nothing happened make no sample. Does
    /// nothing when it is not due.
    pub fn roll(&mut self, ts: u64, equity: f64) {
        if self.is_due(ts) {
            self.samples.push(Sample { close: self.boundary, equity });
            self.boundary = self.close.at_or_after(ts);
            self.open = true;
        }
    }

    /// Ends the last session: the run is over. A second call does nothing.
    pub fn finish(&mut self, equity: f64) {
        if self.open {
            self.samples.push(Sample { close: self.boundary, equity });
            self.open = false;
        }
    }

    /// Equity at the start.
    #[must_use]
    pub const fn initial(&self) -> f64 {
        self.initial
    }

    /// The samples so far.
    #[must_use]
    pub fn samples(&self) -> &[Sample] {
        &self.samples
    }

    /// Returns from sample to sample, the first one from the start; `NaN` after an equity that is
    /// not above zero.
    #[must_use]
    pub fn returns(&self) -> Vec<f64> {
        let mut values = Vec::with_capacity(self.samples.len() + 1);
        values.push(self.initial);
        values.extend(self.samples.iter().map(|s| s.equity));
        simple_returns(&values)
    }
}
