//! Trading calendars: which days are sessions, when each opens and closes, and why not.
//!
//! A session belongs to a date in the exchange's time zone and consists of one or more segments,
//! each from an opening to a closing wall-clock time; a segment may begin on an earlier day (a CME
//! Monday begins on Sunday evening). Wall-clock times go through the time zone's own rules, so
//! daylight saving moves them as it moves the exchange. Every calendar names its source.

mod holidays;
mod rules;
mod session_close;
mod text;

pub use session_close::SessionClose;
pub use text::CalendarTerms;

use crate::error::ModelError;
use crate::time::UnixNanos;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::collections::BTreeMap;

const DAY: u64 = 86_400_000_000_000;
/// How far a query looks for a session: longer than any closure of an exchange since 1970.
const LOOK_AHEAD: i64 = 60;

/// A moment on the wall clock of a session: a day before or on its date, and seconds from midnight.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct WallTime {
    /// Days from the session's date: −1 is the evening before.
    pub day: i64,
    /// Seconds from midnight; 86,400 is the midnight that ends the day.
    pub seconds: i32,
}

impl WallTime {
    /// A time of the session's own date.
    #[must_use]
    pub const fn on(hour: i32, minute: i32) -> Self {
        Self { day: 0, seconds: hour * 3600 + minute * 60 }
    }

    /// A time of a day before the session's date (`days` above zero).
    #[must_use]
    pub const fn before(days: i64, hour: i32, minute: i32) -> Self {
        Self { day: -days, seconds: hour * 3600 + minute * 60 }
    }
}

/// An uninterrupted stretch of trading.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Segment {
    /// Its beginning, inclusive.
    pub open: WallTime,
    /// Its end, exclusive.
    pub close: WallTime,
}

/// What a date is on a calendar.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DayKind {
    /// A session of the usual hours.
    Full,
    /// A session that closes at this time, in seconds from midnight.
    EarlyClose(i32),
    /// No session.
    Closed,
    /// No session of its own: what trades until this time, in seconds from midnight, belongs to
    /// the next session.
    PartOfNext(i32),
}

/// A session of a calendar.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TradingSession {
    /// The date that it belongs to, in days since 1970.
    pub day: i64,
    /// Its first opening, inclusive.
    pub open: UnixNanos,
    /// Its last closing, exclusive.
    pub close: UnixNanos,
    /// Whether it closes before the usual hour.
    pub early: bool,
}

/// Which rule says what a date is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum DayRule {
    EveryDay,
    Weekdays,
    UsEquities,
    CmeEquityIndex,
}

/// Sessions of an exchange.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Calendar {
    name: String,
    source: String,
    zone: TimeZone,
    segments: Vec<Segment>,
    rule: DayRule,
    /// Dates that the rule does not know.
    special: BTreeMap<i64, DayKind>,
}

impl Calendar {
    /// Names of the built-in calendars.
    pub const BUILT_IN: [&str; 3] = ["24/7", "us-equities", "cme-equity-index"];

    /// A built-in calendar.
    ///
    /// - `24/7`: the UTC day, every day.
    /// - `us-equities`: 09:30–16:00 in New York; the holidays of NYSE Rule 7.2 and the closings of
    ///   single days from 2001 on; 13:00 on the day after Thanksgiving, on 24 December and on
    ///   3 July where these fall on Monday to Thursday (or, of Thanksgiving, on its Friday).
    /// - `cme-equity-index`: 17:00 of the evening before to 16:00 in Chicago, as traded since
    ///   28 June 2021 (before, trading paused from 15:15 to 15:30); closed on New Year's Day, Good
    ///   Friday and Christmas; on other holidays of the United States trading until 12:00 belongs to the
    ///   next session; 12:15 on the days on which shares close early.
    ///
    /// # Errors
    /// [`ModelError::Calendar`] for another name.
    pub fn built_in(name: &str) -> Result<Self, ModelError> {
        let (source, zone, segment, rule) = match name {
            "24/7" => (
                "the UTC day",
                "UTC",
                Segment { open: WallTime::on(0, 0), close: WallTime::on(24, 0) },
                DayRule::EveryDay,
            ),
            "us-equities" => (
                "NYSE Rule 7.2 (holidays, hours), closings of single days since 2001",
                "America/New_York",
                Segment { open: WallTime::on(9, 30), close: WallTime::on(16, 0) },
                DayRule::UsEquities,
            ),
            "cme-equity-index" => (
                "CME Globex equity index hours since 2021-06-28 and holiday schedule",
                "America/Chicago",
                Segment { open: WallTime::before(1, 17, 0), close: WallTime::on(16, 0) },
                DayRule::CmeEquityIndex,
            ),
            other => {
                return Err(ModelError::Calendar {
                    field: "calendar",
                    value: other.to_owned(),
                    accepted: Self::BUILT_IN.join(", "),
                });
            }
        };
        Ok(Self {
            name: name.to_owned(),
            source: source.to_owned(),
            zone: zone_of(zone)?,
            segments: vec![segment],
            rule,
            special: BTreeMap::new(),
        })
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where its hours and holidays come from.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Its time zone.
    #[must_use]
    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// What a date (days since 1970) is.
    #[must_use]
    pub fn kind_of(&self, day: i64) -> DayKind {
        if let Some(kind) = self.special.get(&day) {
            return *kind;
        }
        match self.rule {
            DayRule::EveryDay => DayKind::Full,
            DayRule::Weekdays if rules::is_weekend(day) => DayKind::Closed,
            DayRule::Weekdays => DayKind::Full,
            DayRule::UsEquities => holidays::us_equities(day),
            DayRule::CmeEquityIndex => holidays::cme_equity_index(day),
        }
    }

    /// The session of a date, where it has one.
    #[must_use]
    pub fn session_on(&self, day: i64) -> Option<TradingSession> {
        let mut bounds: Option<(UnixNanos, UnixNanos)> = None;
        self.each_segment(day, |open, close| {
            let first = bounds.map_or(open, |(first, _)| first);
            bounds = Some((first, close));
        });
        let (open, close) = bounds?;
        let early = matches!(self.kind_of(day), DayKind::EarlyClose(_));
        Some(TradingSession { day, open, close, early })
    }

    /// When a session of the usual hours closes on a date.
    pub(crate) fn usual_close(&self, day: i64) -> Option<UnixNanos> {
        self.segments.last().and_then(|segment| self.at(day, segment.close))
    }

    /// Calls with the opening and closing of each segment of a date's session, in order.
    pub fn each_segment(&self, day: i64, mut tell: impl FnMut(UnixNanos, UnixNanos)) {
        let end = match self.kind_of(day) {
            DayKind::Closed | DayKind::PartOfNext(_) => return,
            DayKind::Full => None,
            DayKind::EarlyClose(seconds) => Some(WallTime { day: 0, seconds }),
        };
        let mut tell_until = |day: i64, end: Option<WallTime>| {
            for segment in &self.segments {
                let close = end.map_or(segment.close, |end| segment.close.min(end));
                if segment.open >= close {
                    continue;
                }
                if let (Some(open), Some(close)) = (self.at(day, segment.open), self.at(day, close))
                {
                    tell(open, close);
                }
            }
        };
        // Holidays right before, weekends between included, whose trading belongs to this session.
        for earlier in self.first_part(day)..day {
            if let DayKind::PartOfNext(seconds) = self.kind_of(earlier) {
                tell_until(earlier, Some(WallTime { day: 0, seconds }));
            }
        }
        tell_until(day, end);
    }

    /// The first day whose trading belongs to the session of `day`.
    fn first_part(&self, day: i64) -> i64 {
        (day - LOOK_AHEAD..day)
            .rev()
            .take_while(|&at| matches!(self.kind_of(at), DayKind::PartOfNext(_) | DayKind::Closed))
            .last()
            .unwrap_or(day)
    }

    /// The session that a time belongs to: the one that is open or, between sessions, the next.
    #[must_use]
    pub fn session_of(&self, at: UnixNanos) -> Option<TradingSession> {
        let day = i64::try_from(at.0 / DAY).ok()?;
        (day - 1..day + LOOK_AHEAD)
            .filter_map(|day| self.session_on(day))
            .find(|session| at < session.close)
    }

    /// Whether trading is open at a time.
    #[must_use]
    pub fn is_open(&self, at: UnixNanos) -> bool {
        let mut open = false;
        if let Some(session) = self.session_of(at) {
            self.each_segment(session.day, |from, to| open |= from <= at && at < to);
        }
        open
    }

    /// The first opening of a session strictly after a time.
    #[must_use]
    pub fn next_open(&self, after: UnixNanos) -> Option<UnixNanos> {
        let session = self.session_of(after)?;
        if session.open > after {
            return Some(session.open);
        }
        self.session_of(session.close).map(|next| next.open)
    }

    /// The first closing of a session strictly after a time.
    #[must_use]
    pub fn next_close(&self, after: UnixNanos) -> Option<UnixNanos> {
        self.session_of(after).map(|session| session.close)
    }

    /// The session before that of `day`.
    #[must_use]
    pub fn session_before(&self, day: i64) -> Option<TradingSession> {
        (day - LOOK_AHEAD..day).rev().find_map(|day| self.session_on(day))
    }

    /// A wall-clock time of a date, in UTC. A time that a change of clocks skips is the one after
    /// the gap, one that comes twice the first of the two.
    fn at(&self, day: i64, time: WallTime) -> Option<UnixNanos> {
        let day = day.checked_add(time.day)?.checked_add(i64::from(time.seconds / 86_400))?;
        let seconds = time.seconds % 86_400;
        let (hour, minute) = ((seconds / 3600) as i8, (seconds / 60 % 60) as i8);
        let civil = rules::date(day)?.at(hour, minute, (seconds % 60) as i8, 0);
        let nanos = self.zone.to_timestamp(civil).ok()?.as_nanosecond();
        u64::try_from(nanos).ok().map(UnixNanos)
    }
}

fn zone_of(name: &str) -> Result<TimeZone, ModelError> {
    TimeZone::get(name).map_err(|_| ModelError::Calendar {
        field: "timeZone",
        value: name.to_owned(),
        accepted: "an IANA time zone such as America/New_York".to_owned(),
    })
}

/// Days since 1970 of a date.
#[must_use]
pub fn day_number(date: Date) -> i64 {
    rules::number(date)
}
