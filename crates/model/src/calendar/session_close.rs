//! When the trading days of an instrument end: a time of day, or a calendar.

use super::Calendar;
use super::rules::{date, is_weekend};
use crate::error::ModelError;
use crate::instrument::InstrumentKind;
use crate::time::UnixNanos;
use jiff::civil::Time;
use jiff::tz::TimeZone;
use std::sync::Arc;

const DAY: u64 = 86_400_000_000_000;

/// When sessions end.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SessionClose(Rule);

#[derive(Clone, PartialEq, Eq, Debug)]
enum Rule {
    Clock {
        zone: TimeZone,
        /// Seconds from midnight, 86,400 for the midnight that ends the day.
        seconds: i32,
        /// Whether Saturday and Sunday are sessions of their own.
        weekends: bool,
    },
    Calendar(Arc<Calendar>),
}

impl SessionClose {
    /// A session's end: an IANA time zone (`America/New_York`) and a time of day (`16:00`; `24:00`
    /// is the midnight that ends the day). Saturday and Sunday are no sessions of their own except
    /// at `24:00`, see [`Self::with_weekends`].
    ///
    /// # Errors
    /// [`ModelError::Calendar`].
    pub fn new(zone: &str, time: &str) -> Result<Self, ModelError> {
        let fail = |field: &'static str, value: &str, accepted: &str| ModelError::Calendar {
            field,
            value: value.to_owned(),
            accepted: accepted.to_owned(),
        };
        let zone = TimeZone::get(zone).map_err(|_| {
            fail("session.timeZone", zone, "an IANA time zone such as America/New_York")
        })?;
        if time == "24:00" {
            return Ok(Self(Rule::Clock { zone, seconds: 86_400, weekends: true }));
        }
        let clock: Time =
            time.parse().map_err(|_| fail("session.close", time, "a time of day such as 16:00"))?;
        let seconds = i32::from(clock.hour()) * 3600
            + i32::from(clock.minute()) * 60
            + i32::from(clock.second());
        Ok(Self(Rule::Clock { zone, seconds, weekends: false }))
    }

    /// The ends of a calendar's sessions.
    #[must_use]
    pub fn of(calendar: Calendar) -> Self {
        Self(Rule::Calendar(Arc::new(calendar)))
    }

    /// The usual end for a kind of instrument: equities and options 16:00 in New York, futures
    /// 16:00 in Chicago, spot pairs and perpetuals midnight UTC.
    #[must_use]
    pub fn usual(kind: InstrumentKind) -> Self {
        let (zone, time) = match kind {
            InstrumentKind::Equity | InstrumentKind::Option => ("America/New_York", "16:00"),
            InstrumentKind::Future => ("America/Chicago", "16:00"),
            InstrumentKind::Spot | InstrumentKind::Perpetual => ("UTC", "24:00"),
        };
        Self::new(zone, time).unwrap_or(Self(Rule::Clock {
            zone: TimeZone::UTC,
            seconds: 86_400,
            weekends: true,
        }))
    }

    /// Says whether Saturday and Sunday are sessions of their own; otherwise what happens after
    /// Friday's end belongs to Monday. A calendar knows its weekends itself.
    #[must_use]
    pub fn with_weekends(mut self, value: bool) -> Self {
        if let Rule::Clock { weekends, .. } = &mut self.0 {
            *weekends = value;
        }
        self
    }

    /// The calendar, where one says when sessions are.
    #[must_use]
    pub fn calendar(&self) -> Option<&Calendar> {
        match &self.0 {
            Rule::Clock { .. } => None,
            Rule::Calendar(calendar) => Some(calendar),
        }
    }

    /// Start (the end of the session before) and end of the session that holds a time; of a
    /// calendar, between two sessions, the next.
    #[must_use]
    pub fn session_of(&self, at: UnixNanos) -> Option<(UnixNanos, UnixNanos)> {
        match &self.0 {
            Rule::Clock { weekends, .. } => {
                let is_session = |day: i64| *weekends || !is_weekend(day);
                // The session's day in its own zone is the UTC day or one beside it.
                let utc_day = i64::try_from(at.0 / DAY).ok()?;
                let day = (utc_day - 1..=utc_day + 4).find(|&day| {
                    is_session(day) && self.close(day).is_some_and(|close| at < close)
                })?;
                let before = (day - 4..day).rev().find(|&day| is_session(day))?;
                Some((self.close(before).unwrap_or(UnixNanos::ZERO), self.close(day)?))
            }
            Rule::Calendar(calendar) => {
                let session = calendar.session_of(at)?;
                let before = calendar.session_before(session.day);
                Some((before.map_or(UnixNanos::ZERO, |it| it.close), session.close))
            }
        }
    }

    /// When trading begins in the session that holds a time: at its start, or of a calendar at its
    /// opening.
    #[must_use]
    pub fn opening_of(&self, at: UnixNanos) -> Option<UnixNanos> {
        match &self.0 {
            Rule::Clock { .. } => self.session_of(at).map(|(open, _)| open),
            Rule::Calendar(calendar) => calendar.session_of(at).map(|session| session.open),
        }
    }

    /// The midnight that begins a day (counted from 1970) in the session's zone.
    #[must_use]
    pub fn midnight(&self, day: i64) -> Option<UnixNanos> {
        self.at(day, 0)
    }

    /// The session's end on a day (counted from 1970); on a day without a session the usual hour.
    #[must_use]
    pub fn close(&self, day: i64) -> Option<UnixNanos> {
        match &self.0 {
            Rule::Clock { seconds, .. } => self.at(day, *seconds),
            Rule::Calendar(calendar) => match calendar.session_on(day) {
                Some(session) => Some(session.close),
                None => calendar.usual_close(day),
            },
        }
    }

    fn zone(&self) -> &TimeZone {
        match &self.0 {
            Rule::Clock { zone, .. } => zone,
            Rule::Calendar(calendar) => calendar.zone(),
        }
    }

    fn at(&self, day: i64, seconds: i32) -> Option<UnixNanos> {
        let day = day.checked_add(i64::from(seconds / 86_400))?;
        let seconds = seconds % 86_400;
        let (hour, minute) = ((seconds / 3600) as i8, (seconds / 60 % 60) as i8);
        let civil = date(day)?.at(hour, minute, (seconds % 60) as i8, 0);
        let nanos = self.zone().to_timestamp(civil).ok()?.as_nanosecond();
        u64::try_from(nanos).ok().map(UnixNanos)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> UnixNanos {
        let time: jiff::Timestamp = text.parse().unwrap();
        UnixNanos(u64::try_from(time.as_nanosecond()).unwrap())
    }

    #[test]
    fn unknown_zones_and_times_are_refused() {
        assert!(SessionClose::new("America/New_York", "16:00").is_ok());
        for (zone, time) in [("Mars/Base", "16:00"), ("UTC", "25:00"), ("UTC", "")] {
            assert_eq!(SessionClose::new(zone, time).unwrap_err().code(), "ERR_MODEL_CALENDAR");
        }
    }

    #[test]
    fn a_calendar_knows_holidays_early_closes_and_openings() {
        let shares = SessionClose::of(Calendar::built_in("us-equities").unwrap());
        // The day after Thanksgiving 2023 closed at 13:00 in New York; before it there was none.
        let friday = at("2023-11-24T15:00:00Z");
        let wednesday = at("2023-11-22T21:00:00Z");
        assert_eq!(shares.session_of(friday), Some((wednesday, at("2023-11-24T18:00:00Z"))));
        assert_eq!(shares.opening_of(friday), Some(at("2023-11-24T14:30:00Z")));
        let thursday = i64::try_from(at("2023-11-23T00:00:00Z").0 / DAY).unwrap();
        assert_eq!(shares.close(thursday), Some(at("2023-11-23T21:00:00Z")), "the usual hour");
        let clock = SessionClose::usual(InstrumentKind::Equity);
        assert_eq!(clock.opening_of(friday), Some(at("2023-11-23T21:00:00Z")));
        assert_eq!(clock.close(thursday), shares.close(thursday));
    }
}
