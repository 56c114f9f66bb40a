//! Holidays and early closes of the built-in calendars, by rule.

use super::DayKind;
use super::rules::{date, easter, is_last_monday_of_may, is_nth, is_weekend, weekday};
use jiff::civil::Date;

const NOON: i32 = 12 * 3600;

/// Closings of single days that no rule tells: the attacks of September 2001, days of mourning for
/// Presidents, the hurricane of 2012.
const SINGLE_CLOSINGS: [(i16, i8, i8); 10] = [
    (2001, 9, 11),
    (2001, 9, 12),
    (2001, 9, 13),
    (2001, 9, 14),
    (2004, 6, 11),
    (2007, 1, 2),
    (2012, 10, 29),
    (2012, 10, 30),
    (2018, 12, 5),
    (2025, 1, 9),
];

/// A holiday of the stock exchanges of the United States.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Holiday {
    NewYear,
    GoodFriday,
    Christmas,
    Other,
}

/// Whether a date is a fixed holiday, moved from Saturday to Friday and from Sunday to Monday.
fn is_observed(day: i64, month: i8, of_month: i8) -> bool {
    let is = |day: i64| date(day).is_some_and(|d| d.month() == month && d.day() == of_month);
    match weekday(day) {
        1 => is(day) || is(day - 1),
        5 => is(day) || is(day + 1),
        _ => is(day),
    }
}

fn holiday(day: i64, on: Date) -> Option<Holiday> {
    // New Year on a Saturday is not moved: the Friday belongs to the year before.
    let new_year = on.month() == 1 && (on.day() == 1 || on.day() == 2 && weekday(day) == 1);
    if new_year {
        return Some(Holiday::NewYear);
    }
    if easter(on.year()) == Some(day + 2) {
        return Some(Holiday::GoodFriday);
    }
    if is_observed(day, 12, 25) {
        return Some(Holiday::Christmas);
    }
    let other = match on.month() {
        1 => on.year() >= 1998 && is_nth(on, 1, 3),
        2 => on.year() >= 1971 && is_nth(on, 1, 3),
        5 => on.year() >= 1971 && is_last_monday_of_may(on),
        6 => on.year() >= 2022 && is_observed(day, 6, 19),
        7 => is_observed(day, 7, 4),
        9 => is_nth(on, 1, 1),
        11 => is_nth(on, 4, 4),
        _ => false,
    };
    other.then_some(Holiday::Other)
}

/// Whether shares close early: the day after Thanksgiving, 24 December and 3 July on Monday to
/// Thursday.
fn is_half_day(day: i64, on: Date) -> bool {
    let to_thursday = weekday(day) <= 4;
    match (on.month(), on.day()) {
        (7, 3) | (12, 24) => to_thursday,
        (11, _) => date(day - 1).is_some_and(|before| is_nth(before, 4, 4)),
        _ => false,
    }
}

/// What a date is for shares of the United States.
pub(super) fn us_equities(day: i64) -> DayKind {
    let Some(on) = date(day) else { return DayKind::Closed };
    let single = SINGLE_CLOSINGS.iter().any(|&(year, month, of_month)| {
        (on.year(), on.month(), on.day()) == (year, month, of_month)
    });
    if is_weekend(day) || single || holiday(day, on).is_some() {
        DayKind::Closed
    } else if is_half_day(day, on) {
        DayKind::EarlyClose(13 * 3600)
    } else {
        DayKind::Full
    }
}

/// What a date is for equity index futures on CME Globex.
pub(super) fn cme_equity_index(day: i64) -> DayKind {
    let Some(on) = date(day) else { return DayKind::Closed };
    if is_weekend(day) {
        return DayKind::Closed;
    }
    match holiday(day, on) {
        Some(Holiday::NewYear | Holiday::GoodFriday | Holiday::Christmas) => DayKind::Closed,
        Some(Holiday::Other) => DayKind::PartOfNext(NOON),
        None if is_half_day(day, on) => DayKind::EarlyClose(NOON + 15 * 60),
        None => DayKind::Full,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::day_number;

    fn day(year: i16, month: i8, of_month: i8) -> i64 {
        day_number(Date::new(year, month, of_month).unwrap())
    }

    /// The closed weekdays of three years, as published by the exchange.
    #[test]
    fn closed_days_of_shares() {
        let closed = |year: i16| -> Vec<(i8, i8)> {
            (day(year, 1, 1)..=day(year, 12, 31))
                .filter(|&at| !is_weekend(at) && us_equities(at) == DayKind::Closed)
                .map(|at| (date(at).unwrap().month(), date(at).unwrap().day()))
                .collect()
        };
        assert_eq!(
            closed(2024),
            [
                (1, 1),
                (1, 15),
                (2, 19),
                (3, 29),
                (5, 27),
                (6, 19),
                (7, 4),
                (9, 2),
                (11, 28),
                (12, 25)
            ]
        );
        // New Year 2022 was a Saturday and not moved; Christmas 2022 a Sunday.
        assert_eq!(
            closed(2022),
            [(1, 17), (2, 21), (4, 15), (5, 30), (6, 20), (7, 4), (9, 5), (11, 24), (12, 26)]
        );
        // 4 July a Sunday, Christmas a Saturday; the day of mourning of 2004 was a closing too.
        assert_eq!(
            closed(2004),
            [
                (1, 1),
                (1, 19),
                (2, 16),
                (4, 9),
                (5, 31),
                (6, 11),
                (7, 5),
                (9, 6),
                (11, 25),
                (12, 24)
            ]
        );
    }

    #[test]
    fn half_days_of_shares() {
        let early = |year: i16| -> Vec<(i8, i8)> {
            (day(year, 1, 1)..=day(year, 12, 31))
                .filter(|&at| matches!(us_equities(at), DayKind::EarlyClose(46_800)))
                .map(|at| (date(at).unwrap().month(), date(at).unwrap().day()))
                .collect()
        };
        assert_eq!(early(2023), [(7, 3), (11, 24)], "24 December 2023 was a Sunday");
        assert_eq!(early(2024), [(7, 3), (11, 29), (12, 24)]);
        assert_eq!(early(2021), [(11, 26)], "holidays on both Fridays or Mondays");
    }

    #[test]
    fn futures_trade_on_most_holidays_into_the_next_session() {
        assert_eq!(cme_equity_index(day(2024, 1, 15)), DayKind::PartOfNext(NOON));
        assert_eq!(cme_equity_index(day(2024, 3, 29)), DayKind::Closed);
        assert_eq!(cme_equity_index(day(2024, 11, 29)), DayKind::EarlyClose(44_100));
        assert_eq!(cme_equity_index(day(2024, 3, 8)), DayKind::Full);
    }
}
