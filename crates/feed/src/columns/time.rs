//! Time stamps of price files in the forms that people write.

use jiff::tz::TimeZone;
use model::UnixNanos;

const DAY: i64 = 86_400;

/// A time stamp of a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Stamp {
    /// Nanoseconds since 1970 of the date and time as written; UTC when `absolute`.
    pub nanos: i128,
    /// Whether the text names an instant (an offset, `Z`, or a count since 1970) rather than a
    /// date and time without a zone.
    pub absolute: bool,
    /// Whether there was no time of day.
    pub date_only: bool,
}

impl Stamp {
    /// The instant, with a stamp without a zone read in `zone` (the earlier of two in a repeated
    /// hour). `None` before 1970 and after 2554.
    #[must_use]
    pub fn instant(self, zone: &TimeZone) -> Option<UnixNanos> {
        let nanos = if self.absolute || *zone == TimeZone::UTC {
            self.nanos
        } else {
            let utc = jiff::Timestamp::from_nanosecond(self.nanos).ok()?;
            let civil = TimeZone::UTC.to_datetime(utc);
            zone.to_timestamp(civil).ok()?.as_nanosecond()
        };
        u64::try_from(nanos).ok().map(UnixNanos)
    }

    /// Days since 1970 of the date as written.
    #[must_use]
    pub fn day(self) -> i64 {
        self.nanos.div_euclid(i128::from(DAY) * 1_000_000_000) as i64
    }
}

/// Why a text is no time stamp.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TimeFault {
    /// It has no known form.
    Unknown,
    /// `02/03/2010`: the second of March or the third of February.
    Ambiguous,
}

/// Days since 1970 of a date of the Gregorian calendar (Howard Hinnant, "chrono-compatible
/// low-level date algorithms"). `None` when there is no such date.
#[must_use]
pub fn days_from_civil(year: i64, month: i64, day: i64) -> Option<i64> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let last = match month {
        2 => 28 + i64::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if !(1..=last).contains(&day) || !(0..=9999).contains(&year) {
        return None;
    }
    let y = year - i64::from(month <= 2);
    let era = y.div_euclid(400);
    let of_era = y - era * 400;
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    Some(era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468)
}

/// A walk over the bytes of a stamp.
struct Cursor<'a>(&'a [u8]);

impl Cursor<'_> {
    /// A number of exactly `count` digits.
    fn digits(&mut self, count: usize) -> Option<i64> {
        let (head, rest) = self.0.split_at_checked(count)?;
        let mut value = 0;
        for &b in head {
            value = value * 10 + i64::from(b.is_ascii_digit().then(|| b - b'0')?);
        }
        self.0 = rest;
        Some(value)
    }

    /// A number of one or two digits.
    fn one_or_two(&mut self) -> Option<i64> {
        let two = self.0.get(1).is_some_and(u8::is_ascii_digit);
        self.digits(if two { 2 } else { 1 })
    }

    fn skip(&mut self, accepted: &[u8]) -> Option<u8> {
        let (&first, rest) = self.0.split_first()?;
        accepted.contains(&first).then(|| {
            self.0 = rest;
            first
        })
    }

    fn spaces(&mut self) {
        while self.skip(b" ").is_some() {}
    }

    /// `HH:MM[:SS[.f…]]` or `HHMM[SS[fff]]` in ns.
    fn time_of_day(&mut self) -> Option<i64> {
        let digits = self.0.iter().take_while(|b| b.is_ascii_digit()).count();
        if digits >= 4 {
            let (hour, minute) = (self.digits(2)?, self.digits(2)?);
            let second = if digits >= 6 { self.digits(2)? } else { 0 };
            let more = digits.checked_sub(6).filter(|&n| n > 0);
            let fraction = match more {
                Some(n) if n <= 9 => self.digits(n)? * 10i64.pow(9 - n as u32),
                Some(_) => return None,
                None => self.fraction()?,
            };
            return clock(hour, minute, second, fraction);
        }
        let hour = self.one_or_two()?;
        self.skip(b":")?;
        let minute = self.digits(2)?;
        if self.skip(b":").is_none() {
            return clock(hour, minute, 0, 0);
        }
        let second = self.digits(2)?;
        let fraction = self.fraction()?;
        clock(hour, minute, second, fraction)
    }

    /// `.f…` in ns; digits beyond the ninth must be zero.
    fn fraction(&mut self) -> Option<i64> {
        if self.skip(b".,").is_none() {
            return Some(0);
        }
        let digits = self.0.iter().take_while(|b| b.is_ascii_digit()).count();
        let kept = digits.min(9);
        if digits == 0 {
            return None;
        }
        let value = self.digits(kept)? * 10i64.pow(9 - kept as u32);
        let (beyond, rest) = self.0.split_at(digits - kept);
        self.0 = rest;
        beyond.iter().all(|&b| b == b'0').then_some(value)
    }

    /// `Z`, `UTC`, `±HH[[:]MM]` in seconds; `Some(None)` at the end of the text.
    fn offset(&mut self) -> Option<Option<i64>> {
        self.spaces();
        match self.0 {
            b"" => Some(None),
            b"Z" | b"z" | b"UTC" | b"GMT" => Some(Some(0)),
            _ => {
                let sign = if self.skip(b"+-")? == b'-' { -1 } else { 1 };
                let hours = self.digits(2)?;
                self.skip(b":");
                let minutes = if self.0.is_empty() { 0 } else { self.digits(2)? };
                (self.0.is_empty() && hours <= 18 && minutes < 60)
                    .then_some(Some(sign * (hours * 3600 + minutes * 60)))
            }
        }
    }
}

fn clock(hour: i64, minute: i64, second: i64, fraction: i64) -> Option<i64> {
    let valid = hour < 24 && minute < 60 && second < 60;
    valid.then_some((hour * 3600 + minute * 60 + second) * 1_000_000_000 + fraction)
}

/// Parses a time stamp: ISO 8601 (any of `-`, `/`, `.` between year, month and day, a space or `T`
/// before the time), `20130102`, `20130102 093000`, `20130102 093000125`, `02.01.2013 09:30`
/// (day first, as written with points), and seconds, ms, µs or ns since 1970 by their magnitude,
/// seconds with a fraction too.
///
/// # Errors
/// [`TimeFault`].
pub fn parse(text: &[u8]) -> Result<Stamp, TimeFault> {
    let text = text.trim_ascii();
    parse_known(text).ok_or_else(|| {
        let mut cursor = Cursor(text);
        let slashes = cursor.one_or_two().is_some()
            && cursor.skip(b"/-").is_some()
            && cursor.one_or_two().is_some()
            && cursor.skip(b"/-").is_some()
            && cursor.digits(4).is_some();
        if slashes { TimeFault::Ambiguous } else { TimeFault::Unknown }
    })
}

fn parse_known(text: &[u8]) -> Option<Stamp> {
    let digits = text.iter().take_while(|b| b.is_ascii_digit()).count();
    if digits == text.len() || text.get(digits) == Some(&b'.') && digits >= 9 {
        return all_digits(text, digits);
    }
    let mut cursor = Cursor(text);
    let day = match digits {
        8 => compact_date(&mut cursor)?,
        4 => {
            let year = cursor.digits(4)?;
            let between = cursor.skip(b"-/.")?;
            let month = cursor.one_or_two()?;
            cursor.skip(&[between])?;
            days_from_civil(year, month, cursor.one_or_two()?)?
        }
        1 | 2 => {
            let day = cursor.one_or_two()?;
            cursor.skip(b".")?;
            let month = cursor.one_or_two()?;
            cursor.skip(b".")?;
            days_from_civil(cursor.digits(4)?, month, day)?
        }
        _ => return None,
    };
    let time = match cursor.skip(b"T t") {
        Some(_) => {
            cursor.spaces();
            Some(cursor.time_of_day()?)
        }
        None => None,
    };
    let offset = cursor.offset()?;
    let local = i128::from(day) * i128::from(DAY) * 1_000_000_000 + i128::from(time.unwrap_or(0));
    Some(Stamp {
        nanos: local - i128::from(offset.unwrap_or(0)) * 1_000_000_000,
        absolute: offset.is_some(),
        date_only: time.is_none(),
    })
}

fn compact_date(cursor: &mut Cursor<'_>) -> Option<i64> {
    let (year, month, day) = (cursor.digits(4)?, cursor.digits(2)?, cursor.digits(2)?);
    if !(1900..2200).contains(&year) {
        return None;
    }
    days_from_civil(year, month, day)
}

/// Digits alone: `YYYYMMDD[HHMM[SS]]` where they make such a date, else a count since 1970.
fn all_digits(text: &[u8], digits: usize) -> Option<Stamp> {
    if matches!(text.len(), 8 | 12 | 14) {
        let mut cursor = Cursor(text);
        if let Some(day) = compact_date(&mut cursor) {
            let date_only = cursor.0.is_empty();
            if let Some(time) = if date_only { Some(0) } else { cursor.time_of_day() } {
                let nanos = i128::from(day) * i128::from(DAY) * 1_000_000_000 + i128::from(time);
                return Some(Stamp { nanos, absolute: false, date_only });
            }
        }
    }
    let text = std::str::from_utf8(text).ok()?;
    // Digits after the point that say nothing (`1703545200000.0`) are no fraction of a second.
    let whole = text[digits..].bytes().all(|b| matches!(b, b'.' | b'0'));
    let text = if whole { &text[..digits] } else { text };
    let nanos = UnixNanos::parse(text).ok()?;
    Some(Stamp { nanos: i128::from(nanos.0), absolute: true, date_only: false })
}

/// Parses a time stamp by a pattern of `strptime` (`%d/%m/%Y %H:%M:%S%.f`).
#[must_use]
pub fn parse_with(pattern: &str, text: &str) -> Option<Stamp> {
    let parsed = jiff::fmt::strtime::parse(pattern, text.trim()).ok()?;
    if parsed.offset().is_some() || parsed.timestamp().is_some() {
        let nanos = parsed.to_timestamp().ok()?.as_nanosecond();
        return Some(Stamp { nanos, absolute: true, date_only: false });
    }
    let date = parsed.to_date().ok()?;
    let date_only = parsed.hour().is_none();
    let civil = match parsed.to_datetime() {
        Ok(civil) => civil,
        Err(_) if date_only => date.to_datetime(jiff::civil::Time::midnight()),
        Err(_) => return None,
    };
    let nanos = TimeZone::UTC.to_timestamp(civil).ok()?.as_nanosecond();
    Some(Stamp { nanos, absolute: false, date_only })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utc(text: &str) -> Option<u64> {
        parse(text.as_bytes()).ok()?.instant(&TimeZone::UTC).map(|t| t.0)
    }

    #[test]
    fn what_people_write_is_understood() {
        let expected = UnixNanos::parse("2006-01-02T15:04:00Z").unwrap().0;
        for text in [
            "2006-01-02 15:04",
            "2006.01.02 15:04",
            "2006/1/2 15:04:00",
            "02.01.2006 15:04:00.000",
            "20060102 150400",
            "20060102T1504",
            "20060102150400",
            "200601021504",
            "2006-01-02T10:04:00-05:00",
            "2006-01-02 15:04:00+00:00",
            "2006-01-02T15:04:00.000000Z",
            "2006-01-02T20:34+0530",
            "1136214240",
            "1136214240.0",
            "1136214240000",
            "1136214240000000000",
        ] {
            assert_eq!(utc(text), Some(expected), "{text}");
        }
        assert_eq!(utc("20130102"), utc("2013-01-02T00:00:00Z"));
        assert_eq!(utc("20200101 170000065").unwrap() % 1_000_000_000, 65_000_000);
        assert_eq!(utc("1136214240.25").unwrap() % 1_000_000_000, 250_000_000);
        assert!(parse(b"2013-01-02").unwrap().date_only);
        for text in [
            "",
            "abc",
            "2013-13-01",
            "2013-02-30",
            "2013-01-02 25:00",
            "2013-01-02 10:60",
            "2013-01-02x",
            "1969-12-31",
            "2013-01/02",
            "99999999999999999999999",
            "2013-01-02 1",
            "-5",
            "12:30",
            "2013-01-02T10:00:00.",
            "2013-01-02T10:00+99:00",
        ] {
            assert_eq!(utc(text), None, "{text}");
        }
        assert_eq!(parse(b"02/03/2010 16:53:50"), Err(TimeFault::Ambiguous));
    }

    #[test]
    fn zones_and_patterns_are_applied() {
        let zone = TimeZone::get("America/New_York").unwrap();
        let stamp = parse(b"2013-07-01 16:00").unwrap();
        assert_eq!(stamp.instant(&zone), UnixNanos::parse("2013-07-01T20:00:00Z").ok());
        let stamp = parse_with("%d/%m/%Y %H:%M:%S", "02/03/2010 16:53:50").unwrap();
        assert_eq!(stamp.instant(&TimeZone::UTC), UnixNanos::parse("2010-03-02T16:53:50Z").ok());
        assert!(parse_with("%m/%d/%Y", "03/02/2010").unwrap().date_only);
        assert!(parse_with("%m/%d/%Y", "13/02/2010").is_none());
        assert!(parse_with("%", "x").is_none());
    }

    #[test]
    fn days_agree_with_the_calendar() {
        for (y, m, d, days) in [(1970, 1, 1, 0), (2000, 3, 1, 11_017), (2024, 2, 29, 19_782)] {
            assert_eq!(days_from_civil(y, m, d), Some(days));
        }
        assert_eq!(days_from_civil(2023, 2, 29), None);
    }
}
