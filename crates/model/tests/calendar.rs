//! Calendars: sessions, holidays, early closes and daylight saving.
//!
//! `simulation.md`, "Corporate actions, funding, margin, borrow": "Sessions: the calendar names its
//! source, early closes and daylight saving; a CME Sunday evening belongs to Monday."

use tickforge_model::UnixNanos;
use tickforge_model::calendar::{Calendar, CalendarTerms, day_number};

fn at(text: &str) -> UnixNanos {
    UnixNanos::parse(text).unwrap()
}

fn day(text: &str) -> i64 {
    day_number(text.parse().unwrap())
}

#[test]
fn a_cme_sunday_evening_belongs_to_monday() {
    let cme = Calendar::built_in("cme-equity-index").unwrap();
    assert!(!cme.source().is_empty(), "a calendar names its source");
    // Sunday 2024-03-03, 17:00 in Chicago is 23:00 UTC.
    let session = cme.session_of(at("2024-03-03T23:30:00Z")).unwrap();
    assert_eq!(session.day, day("2024-03-04"));
    assert_eq!(
        (session.open, session.close),
        (at("2024-03-03T23:00:00Z"), at("2024-03-04T22:00:00Z"))
    );
    assert!(!cme.is_open(at("2024-03-03T22:59:59Z")) && cme.is_open(at("2024-03-03T23:00:00Z")));
    // The daily break, and Friday's close until Sunday.
    assert!(!cme.is_open(at("2024-03-04T22:30:00Z")));
    assert_eq!(
        cme.next_open(at("2024-03-08T22:00:00Z")),
        Some(at("2024-03-10T22:00:00Z")),
        "clocks went forward"
    );
}

#[test]
fn a_holiday_of_futures_is_the_first_part_of_the_next_session() {
    let cme = Calendar::built_in("cme-equity-index").unwrap();
    // Martin Luther King Day 2024: Sunday 17:00 to Monday 12:00, then Monday 17:00 to Tuesday 16:00.
    let session = cme.session_of(at("2024-01-15T15:00:00Z")).unwrap();
    assert_eq!(session.day, day("2024-01-16"));
    let mut segments = Vec::new();
    cme.each_segment(session.day, |open, close| segments.push((open, close)));
    assert_eq!(
        segments,
        [
            (at("2024-01-14T23:00:00Z"), at("2024-01-15T18:00:00Z")),
            (at("2024-01-15T23:00:00Z"), at("2024-01-16T22:00:00Z")),
        ]
    );
    assert!(!cme.is_open(at("2024-01-15T19:00:00Z")), "the halt between");
    assert_eq!(cme.next_close(at("2024-01-15T10:00:00Z")), Some(at("2024-01-16T22:00:00Z")));
}

#[test]
fn shares_follow_daylight_saving_and_close_early() {
    let shares = Calendar::built_in("us-equities").unwrap();
    let session = |text: &str| shares.session_on(day(text)).map(|s| (s.open, s.close, s.early));
    let whole = |open: &str, close: &str| Some((at(open), at(close), false));
    assert_eq!(session("2024-03-08"), whole("2024-03-08T14:30:00Z", "2024-03-08T21:00:00Z"));
    assert_eq!(session("2024-03-11"), whole("2024-03-11T13:30:00Z", "2024-03-11T20:00:00Z"));
    let half = (at("2024-11-29T14:30:00Z"), at("2024-11-29T18:00:00Z"), true);
    assert_eq!(session("2024-11-29"), Some(half));
    assert_eq!(session("2024-11-28"), None);
    // From Wednesday's close over Thanksgiving to Friday's open and early close.
    let closed = at("2024-11-27T21:00:00Z");
    assert_eq!(shares.next_open(closed), Some(half.0));
    assert_eq!(shares.next_close(closed), Some(half.1));
    assert_eq!(shares.session_before(day("2024-11-29")).map(|s| s.day), Some(day("2024-11-27")));
}

#[test]
fn a_market_that_never_closes_has_utc_days() {
    let always = Calendar::built_in("24/7").unwrap();
    let noon = at("2024-12-25T12:00:00Z");
    assert!(always.is_open(noon) && always.is_open(at("2024-12-28T00:00:00Z")));
    assert_eq!(always.next_close(noon), Some(at("2024-12-26")));
    assert_eq!(always.next_close(at("2024-12-26")), Some(at("2024-12-27")), "strictly after");
}

fn terms() -> CalendarTerms {
    CalendarTerms {
        name: "two halves".into(),
        source: "a test".into(),
        time_zone: "Asia/Shanghai".into(),
        segments: vec![("09:30".into(), "11:30".into()), ("13:00".into(), "15:00".into())],
        weekends: false,
        holidays: vec!["2024-02-12".into()],
        early_closes: [("2024-02-13".to_owned(), "10:30".to_owned())].into(),
    }
}

#[test]
fn a_calendar_of_ones_own_has_several_segments() {
    let own = Calendar::new(&terms()).unwrap();
    assert!(own.is_open(at("2024-02-14T02:00:00Z")) && !own.is_open(at("2024-02-14T04:00:00Z")));
    assert!(own.is_open(at("2024-02-14T05:00:00Z")));
    assert_eq!(own.session_on(day("2024-02-12")), None);
    // An early close before the second segment leaves the first, cut.
    let early = own.session_on(day("2024-02-13")).unwrap();
    assert_eq!((early.close, early.early), (at("2024-02-13T02:30:00Z"), true));
    // An evening that belongs to the next date.
    let night = CalendarTerms { segments: vec![("21:00".into(), "15:00".into())], ..terms() };
    let night = Calendar::new(&night).unwrap();
    assert_eq!(
        night.session_of(at("2024-02-14T14:00:00Z")).map(|s| s.day),
        Some(day("2024-02-15"))
    );
}

#[test]
fn what_is_no_calendar_is_refused() {
    let bad = [
        CalendarTerms { source: " ".into(), ..terms() },
        CalendarTerms { time_zone: "Mars/Base".into(), ..terms() },
        CalendarTerms { segments: Vec::new(), ..terms() },
        CalendarTerms { segments: vec![("9".into(), "x".into())], ..terms() },
        CalendarTerms {
            segments: vec![("09:30".into(), "11:30".into()), ("11:00".into(), "15:00".into())],
            ..terms()
        },
        CalendarTerms { holidays: vec!["2024-02-30".into()], ..terms() },
    ];
    for terms in bad {
        assert_eq!(Calendar::new(&terms).unwrap_err().code(), "ERR_MODEL_CALENDAR");
    }
    assert_eq!(Calendar::built_in("moon").unwrap_err().code(), "ERR_MODEL_CALENDAR");
}
