//! What the time column of a bar file means, and how long its bars are.

use super::time::Stamp;
use jiff::tz::TimeZone;
use model::{BarLabel, InstrumentIndex, SessionClose, Timeframe, UnixNanos};

/// From the time column of a bar file to the start and end of its bars.
#[derive(Clone, Debug)]
pub struct BarTimes {
    timeframe: Timeframe,
    label: BarLabel,
    zone: TimeZone,
    sessions: Vec<Sessions>,
    /// Which of the sessions an instrument has; the first, where this says nothing.
    of: Vec<usize>,
}

/// Sessions that end alike.
#[derive(Clone, Debug)]
struct Sessions {
    close: SessionClose,
    /// The day computed last: many symbols share it.
    day: Option<(i64, UnixNanos, UnixNanos)>,
}

impl BarTimes {
    /// Bars of this length and label; stamps without a zone are in `zone`.
    #[must_use]
    pub fn new(
        timeframe: Timeframe,
        label: BarLabel,
        session: SessionClose,
        zone: TimeZone,
    ) -> Self {
        let sessions = vec![Sessions { close: session, day: None }];
        Self { timeframe, label, zone, sessions, of: Vec::new() }
    }

    /// Gives instruments 0, 1, … sessions of their own.
    #[must_use]
    pub fn with_sessions(mut self, of: impl IntoIterator<Item = SessionClose>) -> Self {
        for close in of {
            let known = self.sessions.iter().position(|known| known.close == close);
            self.of.push(known.unwrap_or(self.sessions.len()));
            if known.is_none() {
                self.sessions.push(Sessions { close, day: None });
            }
        }
        self
    }

    /// The length.
    #[must_use]
    pub fn timeframe(&self) -> Timeframe {
        self.timeframe
    }

    /// The label.
    #[must_use]
    pub fn label(&self) -> BarLabel {
        self.label
    }

    /// Start (inclusive) and end (exclusive) of an instrument's bar with this stamp; `None` when
    /// either lies outside the range of time. A bar labelled by its session runs from the midnight
    /// that begins its first day to the session's end, both in the session's time zone.
    pub fn interval(
        &mut self,
        instrument: InstrumentIndex,
        stamp: Stamp,
    ) -> Option<(UnixNanos, UnixNanos)> {
        let length = self.timeframe.0;
        match self.label {
            BarLabel::Open => {
                let open = stamp.instant(&self.zone)?;
                Some((open, UnixNanos(open.0.checked_add(length)?)))
            }
            BarLabel::Close => {
                let close = stamp.instant(&self.zone)?;
                Some((UnixNanos(close.0.checked_sub(length)?), close))
            }
            BarLabel::Session => {
                let which = self.of.get(instrument.index()).copied().unwrap_or(0);
                let sessions = self.sessions.get_mut(which)?;
                let day = stamp.day();
                if let Some((known, open, close)) = sessions.day
                    && known == day
                {
                    return Some((open, close));
                }
                let days = (length / Timeframe::DAY.0).max(1) as i64;
                let open = sessions.close.midnight(day - (days - 1))?;
                let close = sessions.close.close(day)?;
                sessions.day = Some((day, open, close));
                Some((open, close))
            }
        }
    }
}

/// The length of the bars of one instrument from its stamps: the smallest distance, when at least
/// six of ten distances are it.
///
/// # Errors
/// Why it cannot be told, for a message.
pub fn infer_timeframe(stamps: &[Stamp]) -> Result<Timeframe, String> {
    let mut gaps: Vec<i128> = stamps
        .windows(2)
        .map(|pair| pair[1].nanos - pair[0].nanos)
        .filter(|&gap| gap > 0)
        .collect();
    if gaps.is_empty() {
        return Err("there are not two bars at different times to tell the interval from".into());
    }
    gaps.sort_unstable();
    let smallest = gaps[0];
    let share = gaps.iter().filter(|&&gap| gap == smallest).count();
    if share * 10 < gaps.len() * 6 {
        let middle = gaps[gaps.len() / 2];
        return Err(format!(
            "the interval is not clear: the smallest distance of bars is {}, the median {}",
            in_words(smallest),
            in_words(middle)
        ));
    }
    u64::try_from(smallest).map(Timeframe).map_err(|_| "the bars are centuries apart".to_owned())
}

fn in_words(nanos: i128) -> String {
    u64::try_from(nanos).map_or_else(|_| format!("{nanos} ns"), |n| Timeframe(n).to_string())
}

/// What an unnamed label means for one instrument at one interval: a day or more is labelled by
/// its session, anything shorter by its open.
#[must_use]
pub fn usual_label(timeframe: Timeframe) -> BarLabel {
    if timeframe >= Timeframe::DAY { BarLabel::Session } else { BarLabel::Open }
}

#[cfg(test)]
mod tests {
    use super::super::time::parse;
    use super::*;
    use model::InstrumentKind;

    const I: InstrumentIndex = InstrumentIndex(0);

    fn at(text: &str) -> UnixNanos {
        UnixNanos::parse(text).unwrap()
    }

    fn times(timeframe: Timeframe, label: BarLabel) -> BarTimes {
        let session = SessionClose::usual(InstrumentKind::Equity);
        BarTimes::new(timeframe, label, session, TimeZone::UTC)
    }

    #[test]
    fn a_daily_bar_closes_at_its_sessions_end_in_winter_and_summer() {
        let mut daily = times(Timeframe::DAY, BarLabel::Session);
        for (date, open, close) in [
            ("2013-01-02", "2013-01-02T05:00:00Z", "2013-01-02T21:00:00Z"),
            ("2013-07-01", "2013-07-01T04:00:00Z", "2013-07-01T20:00:00Z"),
        ] {
            let interval = daily.interval(I, parse(date.as_bytes()).unwrap());
            assert_eq!(interval, Some((at(open), at(close))));
            assert_eq!(daily.interval(I, parse(date.as_bytes()).unwrap()), interval);
        }
        let coin = SessionClose::usual(InstrumentKind::Spot);
        assert_eq!(coin.close(0), Some(UnixNanos(Timeframe::DAY.0)));
    }

    #[test]
    fn instruments_of_one_file_have_sessions_of_their_own() {
        let sessions = [InstrumentKind::Equity, InstrumentKind::Future, InstrumentKind::Spot];
        let mut daily = times(Timeframe::DAY, BarLabel::Session)
            .with_sessions(sessions.map(SessionClose::usual));
        let stamp = parse(b"2013-01-02").unwrap();
        for _ in 0..2 {
            let ends = ["2013-01-02T21:00:00Z", "2013-01-02T22:00:00Z", "2013-01-03T00:00:00Z"];
            for (k, end) in ends.into_iter().enumerate() {
                let interval = daily.interval(InstrumentIndex(k as u32), stamp);
                assert_eq!(interval.map(|(_, close)| close), Some(at(end)));
            }
        }
    }

    #[test]
    fn open_and_close_labels_are_a_bar_apart() {
        let stamp = parse(b"2024-01-02 10:01").unwrap();
        let open = times(Timeframe::MINUTE, BarLabel::Open).interval(I, stamp).unwrap();
        let close = times(Timeframe::MINUTE, BarLabel::Close).interval(I, stamp).unwrap();
        assert_eq!(open.0, close.1);
        assert_eq!(close.0, at("2024-01-02T10:00:00Z"));
        let first = parse(b"1970-01-01").unwrap();
        assert_eq!(times(Timeframe::MINUTE, BarLabel::Close).interval(I, first), None);
    }

    #[test]
    fn the_interval_is_inferred_only_where_it_is_clear() {
        let stamps = |texts: &[&str]| -> Vec<Stamp> {
            texts.iter().map(|t| parse(t.as_bytes()).unwrap()).collect()
        };
        let days = stamps(&["2024-01-02", "2024-01-03", "2024-01-04", "2024-01-05", "2024-01-08"]);
        assert_eq!(infer_timeframe(&days), Ok(Timeframe::DAY));
        assert_eq!(usual_label(Timeframe::DAY), BarLabel::Session);
        let months =
            stamps(&["2024-01-31", "2024-02-29", "2024-03-31", "2024-04-30", "2024-05-31"]);
        assert!(infer_timeframe(&months).is_err());
        assert!(infer_timeframe(&days[..1]).is_err());
    }
}
