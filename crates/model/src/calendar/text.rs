//! A calendar from texts: time zone, hours, holidays and early closes of one's own.

use super::rules::number;
use super::{Calendar, DayKind, DayRule, Segment, WallTime, zone_of};
use crate::error::ModelError;
use jiff::civil::{Date, Time};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A calendar of one's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CalendarTerms {
    /// Its name.
    pub name: String,
    /// Where its hours and holidays come from, for the result.
    pub source: String,
    /// IANA time zone.
    pub time_zone: String,
    /// Opening and closing of each segment in order, `HH:MM`; an opening later in the day than the
    /// closing of its segment lies on the day before.
    pub segments: Vec<(String, String)>,
    /// Whether Saturday and Sunday are sessions.
    #[serde(default)]
    pub weekends: bool,
    /// Dates without a session, `YYYY-MM-DD`.
    #[serde(default)]
    pub holidays: Vec<String>,
    /// Dates that close early, with the time.
    #[serde(default)]
    pub early_closes: BTreeMap<String, String>,
}

fn refused(field: &'static str, value: &str, accepted: &str) -> ModelError {
    ModelError::Calendar { field, value: value.to_owned(), accepted: accepted.to_owned() }
}

fn seconds(field: &'static str, text: &str) -> Result<i32, ModelError> {
    if text == "24:00" {
        return Ok(86_400);
    }
    let time: Time =
        text.parse().map_err(|_| refused(field, text, "a time of day such as 16:00"))?;
    Ok(i32::from(time.hour()) * 3600 + i32::from(time.minute()) * 60 + i32::from(time.second()))
}

fn day(field: &'static str, text: &str) -> Result<i64, ModelError> {
    let date: Date = text.parse().map_err(|_| refused(field, text, "a date such as 2024-12-25"))?;
    Ok(number(date))
}

impl Calendar {
    /// A calendar of one's own.
    ///
    /// # Errors
    /// [`ModelError::Calendar`] for an unknown zone, a time or date that is none, a calendar
    /// without source or segments, and segments that overlap.
    pub fn new(terms: &CalendarTerms) -> Result<Self, ModelError> {
        if terms.source.trim().is_empty() {
            return Err(refused("source", "", "where hours and holidays come from"));
        }
        let mut segments: Vec<Segment> = Vec::with_capacity(terms.segments.len());
        for (open, close) in &terms.segments {
            let (from, to) = (seconds("segments", open)?, seconds("segments", close)?);
            let before = i64::from(from >= to);
            let segment = Segment {
                open: WallTime { day: -before, seconds: from },
                close: WallTime { day: 0, seconds: to },
            };
            if segments.last().is_some_and(|last| segment.open < last.close) {
                let value = format!("{open}-{close}");
                return Err(refused("segments", &value, "segments in order that do not overlap"));
            }
            segments.push(segment);
        }
        if segments.is_empty() {
            return Err(refused("segments", "none", "at least one opening and closing"));
        }
        let mut special = BTreeMap::new();
        for text in &terms.holidays {
            special.insert(day("holidays", text)?, DayKind::Closed);
        }
        for (text, close) in &terms.early_closes {
            let close = seconds("earlyCloses", close)?;
            special.insert(day("earlyCloses", text)?, DayKind::EarlyClose(close));
        }
        Ok(Self {
            name: terms.name.clone(),
            source: terms.source.clone(),
            zone: zone_of(&terms.time_zone)?,
            segments,
            rule: if terms.weekends { DayRule::EveryDay } else { DayRule::Weekdays },
            special,
        })
    }
}
