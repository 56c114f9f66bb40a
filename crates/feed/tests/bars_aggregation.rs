//! Bars made of ticks and of finer bars: the same by every way, and never too early.

use model::{
    Bar, InstrumentIndex, InstrumentKind, MarketEvent, Price, SessionClose, Timeframe, UnixNanos,
};
use tickforge_feed::bars::{BarAggregator, BarInput};
use tickforge_feed::columns::validate_bar;
use tickforge_feed::synthetic::{SERIES_START, synthetic_quotes, synthetic_trades};

fn aggregator(timeframe: Timeframe, input: BarInput) -> BarAggregator {
    let session = SessionClose::usual(InstrumentKind::Equity);
    BarAggregator::new(InstrumentIndex(0), timeframe, input, session).unwrap()
}

/// All bars of a stream; none may come before its end.
fn bars(events: &[MarketEvent], timeframe: Timeframe, input: BarInput) -> Vec<Bar> {
    let (mut aggregator, mut out) = (aggregator(timeframe, input), Vec::new());
    for event in events {
        let before = out.len();
        aggregator.on_event(event, &mut out).unwrap();
        assert!(out[before..].iter().all(|bar| bar.close_time <= event.ts_event()));
    }
    aggregator.finish(&mut out);
    assert_eq!(aggregator.late(), 0);
    assert!(out.iter().all(|bar| validate_bar(bar).is_ok()));
    out
}

fn trades(seed: u64, n: usize) -> Vec<MarketEvent> {
    synthetic_trades(seed, n).into_iter().map(MarketEvent::Trade).collect()
}

#[test]
fn hours_from_minutes_are_hours_from_trades() {
    for seed in 0..8 {
        let trades = trades(seed, 5_000);
        let minutes = bars(&trades, Timeframe::MINUTE, BarInput::Trades);
        assert!(minutes.len() > 500);
        let minutes: Vec<MarketEvent> = minutes.into_iter().map(MarketEvent::Bar).collect();
        for timeframe in [Timeframe(5 * Timeframe::MINUTE.0), Timeframe::HOUR, Timeframe::DAY] {
            let direct = bars(&trades, timeframe, BarInput::Trades);
            let stepped = bars(&minutes, timeframe, BarInput::Bars(Timeframe::MINUTE));
            assert_eq!(direct, stepped, "seed {seed}, {timeframe}");
            for bar in &direct {
                assert!(bar.open_time < bar.close_time);
                if timeframe < Timeframe::DAY {
                    assert_eq!(bar.open_time.0 % timeframe.0, 0);
                }
            }
        }
    }
}

#[test]
fn a_bar_is_what_a_naive_count_gives() {
    let trades = synthetic_trades(3, 2_000);
    let events: Vec<MarketEvent> = trades.iter().copied().map(MarketEvent::Trade).collect();
    let hours = bars(&events, Timeframe::HOUR, BarInput::Trades);
    for bar in &hours {
        let inside =
            || trades.iter().filter(|t| bar.open_time <= t.ts_event && t.ts_event < bar.close_time);
        assert_eq!(bar.volume, inside().map(|t| i128::from(t.quantity.0)).sum::<i128>());
        assert_eq!(Some(bar.high), inside().map(|t| t.price).max());
        assert_eq!(Some(bar.low), inside().map(|t| t.price).min());
        assert_eq!(Some(bar.open), inside().map(|t| t.price).next());
        assert_eq!(Some(bar.close), inside().map(|t| t.price).next_back());
    }
    let volume: i128 = trades.iter().map(|t| i128::from(t.quantity.0)).sum();
    assert_eq!(hours.iter().map(|bar| bar.volume).sum::<i128>(), volume);
}

#[test]
fn an_hour_of_minutes_is_given_out_with_its_last_minute_and_not_before() {
    let minutes = tickforge_feed::synthetic::synthetic_bars(1, 60, Timeframe::MINUTE);
    let mut hour = aggregator(Timeframe::HOUR, BarInput::Bars(Timeframe::MINUTE));
    let mut out = Vec::new();
    for (k, minute) in minutes.iter().enumerate() {
        // Time comes to the minute's end before the minute itself is seen.
        hour.advance_to(minute.close_time, &mut out);
        assert!(out.is_empty(), "minute {k}");
        hour.on_event(&MarketEvent::Bar(*minute), &mut out).unwrap();
    }
    assert_eq!((out.len(), out[0].close_time), (1, minutes[59].close_time));
    // Without its last minute the hour waits until time has passed its end.
    let (mut hour, mut out) =
        (aggregator(Timeframe::HOUR, BarInput::Bars(Timeframe::MINUTE)), Vec::new());
    for minute in &minutes[..59] {
        hour.on_event(&MarketEvent::Bar(*minute), &mut out).unwrap();
    }
    hour.advance_to(minutes[59].close_time, &mut out);
    assert!(out.is_empty());
    hour.advance_to(minutes[59].close_time.plus(1), &mut out);
    assert_eq!(out.len(), 1);
}

#[test]
fn time_alone_closes_a_bar_and_empty_intervals_give_none() {
    let mut trade = synthetic_trades(1, 1)[0];
    trade.ts_event = SERIES_START;
    let mut minute = aggregator(Timeframe::MINUTE, BarInput::Trades);
    let mut out = Vec::new();
    minute.on_event(&MarketEvent::Trade(trade), &mut out).unwrap();
    minute.advance_to(SERIES_START.plus(Timeframe::MINUTE.0 - 1), &mut out);
    assert!(out.is_empty() && minute.open_bar().is_some());
    minute.advance_to(SERIES_START.plus(Timeframe::MINUTE.0), &mut out);
    assert_eq!(out.len(), 1);
    trade.ts_event = SERIES_START.plus(5 * Timeframe::MINUTE.0);
    minute.on_event(&MarketEvent::Trade(trade), &mut out).unwrap();
    minute.finish(&mut out);
    assert_eq!((out.len(), out[1].open_time), (2, trade.ts_event), "minutes 1 to 4 are empty");
}

#[test]
fn late_records_belong_to_the_open_bar_and_are_counted() {
    let mut trade = synthetic_trades(1, 1)[0];
    let mut minute = aggregator(Timeframe::MINUTE, BarInput::Trades);
    let mut out = Vec::new();
    let mut give = |minute: &mut BarAggregator, at: u64, price: i64, out: &mut Vec<Bar>| {
        trade.ts_event = SERIES_START.plus(at * Timeframe::SECOND.0);
        trade.price = Price(price);
        minute.on_event(&MarketEvent::Trade(trade), out).unwrap();
    };
    give(&mut minute, 70, 100, &mut out);
    give(&mut minute, 50, 90, &mut out);
    assert_eq!(minute.late(), 1);
    minute.advance_to(SERIES_START.plus(120 * Timeframe::SECOND.0), &mut out);
    assert_eq!((out.len(), out[0].low), (1, Price(90)));
    give(&mut minute, 119, 80, &mut out);
    minute.finish(&mut out);
    assert_eq!(minute.late(), 2);
    assert_eq!(out[1].open_time, SERIES_START.plus(120 * Timeframe::SECOND.0));
}

#[test]
fn days_follow_the_session_and_the_weekend_belongs_to_monday() {
    let at = |text: &str| UnixNanos::parse(text).unwrap();
    let session = SessionClose::usual(InstrumentKind::Future);
    let day = |time: &str| {
        let mut days = BarAggregator::new(
            InstrumentIndex(0),
            Timeframe::DAY,
            BarInput::Trades,
            session.clone(),
        )
        .unwrap();
        let mut trade = synthetic_trades(1, 1)[0];
        trade.ts_event = at(time);
        let mut out = Vec::new();
        days.on_event(&MarketEvent::Trade(trade), &mut out).unwrap();
        let bar = *days.open_bar().unwrap();
        (bar.open_time, bar.close_time)
    };
    // 16:00 in Chicago is 22:00 UTC in winter, 21:00 in summer.
    let monday = (at("2024-01-05T22:00:00Z"), at("2024-01-08T22:00:00Z"));
    assert_eq!(day("2024-01-07T23:30:00Z"), monday, "Sunday evening is Monday's");
    assert_eq!(day("2024-01-08T21:59:59Z"), monday);
    assert_eq!(day("2024-01-08T22:00:00Z").1, at("2024-01-09T22:00:00Z"));
    assert_eq!(day("2024-07-02T12:00:00Z").1, at("2024-07-02T21:00:00Z"));
}

#[test]
fn quotes_give_bars_of_their_middle() {
    let quotes = synthetic_quotes(1, 1_000);
    let events: Vec<MarketEvent> = quotes.iter().copied().map(MarketEvent::Quote).collect();
    let seconds = bars(&events, Timeframe::SECOND, BarInput::Mid);
    assert_eq!(seconds[0].open.0, (quotes[0].bid.0 + quotes[0].ask.0) / 2);
    assert!(seconds.iter().all(|bar| bar.volume == 0));
    assert!(bars(&events, Timeframe::SECOND, BarInput::Trades).is_empty());
}

#[test]
fn lengths_that_do_not_fit_are_refused() {
    let session = SessionClose::usual(InstrumentKind::Equity);
    for (timeframe, input) in [
        (Timeframe(0), BarInput::Trades),
        (Timeframe(2 * Timeframe::DAY.0), BarInput::Trades),
        (Timeframe::HOUR, BarInput::Bars(Timeframe(7 * Timeframe::MINUTE.0))),
        (Timeframe::HOUR, BarInput::Bars(Timeframe::HOUR)),
        (Timeframe::HOUR, BarInput::Bars(Timeframe(0))),
    ] {
        let made = BarAggregator::new(InstrumentIndex(0), timeframe, input, session.clone());
        assert_eq!(made.map(drop).unwrap_err().code(), "ERR_FEED_SETTING");
    }
}
