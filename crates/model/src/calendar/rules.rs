//! Arithmetic of dates by which holidays are told.

use jiff::civil::Date;

/// The date of a day counted from 1970.
pub(super) fn date(day: i64) -> Option<Date> {
    let origin = Date::new(1970, 1, 1).ok()?;
    origin.checked_add(jiff::Span::new().try_days(day).ok()?).ok()
}

/// Days from 1970 to a date.
pub(super) fn number(date: Date) -> i64 {
    // Days from civil, over eras of 400 years that begin in March.
    let (month, day) = (i64::from(date.month()), i64::from(date.day()));
    let year = i64::from(date.year()) - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// Day of the week, Monday 1 to Sunday 7. 1970-01-01 was a Thursday.
pub(super) const fn weekday(day: i64) -> i64 {
    (day + 3).rem_euclid(7) + 1
}

/// Whether a day is Saturday or Sunday.
pub(super) const fn is_weekend(day: i64) -> bool {
    weekday(day) >= 6
}

/// Whether a date is the `nth` of its weekday in its month.
pub(super) fn is_nth(date: Date, weekday_wanted: i64, nth: i8) -> bool {
    weekday(number(date)) == weekday_wanted && (date.day() - 1) / 7 + 1 == nth
}

/// Whether a date is the last Monday of May.
pub(super) fn is_last_monday_of_may(date: Date) -> bool {
    date.month() == 5 && weekday(number(date)) == 1 && date.day() > 24
}

/// Easter Sunday of a year (the anonymous Gregorian algorithm), in days since 1970.
pub(super) fn easter(year: i16) -> Option<i64> {
    let year = i32::from(year);
    let (golden, century, of_century) = (year % 19, year / 100, year % 100);
    let moon = (century - (century + 8) / 25 + 1) / 3;
    let epact = (19 * golden + century - century / 4 - moon + 15) % 30;
    let sunday = (32 + 2 * (century % 4) + 2 * (of_century / 4) - epact - of_century % 4) % 7;
    let shift = (golden + 11 * epact + 22 * sunday) / 451;
    let sum = epact + sunday - 7 * shift + 114;
    let date = Date::new(year as i16, (sum / 31) as i8, (sum % 31 + 1) as i8).ok()?;
    Some(number(date))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_numbers_are_each_others_inverse() {
        for day in (-800_000..800_000).step_by(97) {
            assert_eq!(number(date(day).unwrap()), day);
        }
        assert_eq!(weekday(0), 4);
    }

    #[test]
    fn easter_of_known_years() {
        for (year, month, day) in
            [(2000, 4, 23), (2008, 3, 23), (2011, 4, 24), (2024, 3, 31), (2038, 4, 25)]
        {
            assert_eq!(easter(year), Some(number(Date::new(year, month, day).unwrap())));
        }
    }
}
