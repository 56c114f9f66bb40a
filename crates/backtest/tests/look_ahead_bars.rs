//! Bars are never seen before they can be.

mod support;

use model::{MarketEvent, Timeframe};
use serde_json::json;
use support::configuration;
use support::memory::{SECOND, bar, bars, events_run, future, ticks, trade};
use support::walk::{having, watch};
use tickforge_backtest::{Prepared, RunConfiguration};

const MINUTE: Timeframe = Timeframe::MINUTE;
const HOUR: Timeframe = Timeframe::HOUR;

fn settings(timeframes: &[&str], feed_latency: u64) -> RunConfiguration {
    let needs = json!({ "bars": timeframes });
    let mut configuration = configuration(json!({ "type": "csv" }), json!([]), needs);
    configuration.strategies[0].feed_latency_ns = feed_latency;
    configuration
}

/// Minutes of an instrument, without the missing ones.
fn minutes(instrument: u32, count: u64, missing: &[u64]) -> Vec<MarketEvent> {
    (0..count)
        .filter(|minute| !missing.contains(minute))
        .map(|minute| bar(instrument, MINUTE, minute * 60, 19_200 + minute as i64))
        .collect()
}

fn two(sources: Vec<Vec<MarketEvent>>, gives: &[Timeframe], latency: u64) -> Prepared {
    let instruments = vec![future("AAA"), future("BBB")];
    let gives = vec![bars(gives), bars(gives)];
    events_run(settings(&["1m", "1h"], latency), instruments, gives, sources)
}

const HOUR_MICROS: u64 = 3_600_000_000;

/// simulation.md, "Bars: time": "a 1 h bar made from 1 m bars, or read beside them, is never seen
/// before its last minute has closed".
#[test]
fn an_hour_made_of_minutes_comes_after_its_last_minute_at_the_same_time() {
    for latency in [0, 5_000_000] {
        let settings = settings(&["1m", "1h"], latency);
        let source = minutes(0, 150, &[]);
        let mut made =
            events_run(settings, vec![future("AAA")], vec![bars(&[MINUTE])], vec![source]);
        let lines = watch(&mut made.run);
        let hours = having(&lines, " 1h ");
        assert_eq!(having(&lines, " 1m ").len(), 150);
        // The third hour is open when the data ends; it still ends, at its own end.
        assert_eq!(hours.len(), 3, "{hours:?}");
        for (at, hour) in hours.iter().enumerate() {
            let due = (at as u64 + 1) * HOUR_MICROS + latency / 1000;
            let last = if at < 2 { 19_200 + at as i64 * 60 + 60 } else { 19_350 };
            assert_eq!(*hour, format!("0 {due} bar 0 1h {last} end"));
        }
        let first = lines.iter().position(|line| line == hours[0]).expect("the first hour");
        let due = HOUR_MICROS + latency / 1000;
        assert_eq!(lines[first - 1], format!("0 {due} bar 0 1m 19260 end"));
        assert!(lines[first + 1].contains("bar 0 1m 19261"));
    }
}

/// simulation.md, "Bars: time": "at one due time the finer bar comes before the coarser".
#[test]
fn every_minute_of_a_closing_time_comes_before_every_hour_of_it() {
    // From minutes; and read beside them, in sources of their own and in the worst order.
    let given = |instrument| {
        (0..2).map(|hour| bar(instrument, HOUR, hour * 3600, 19_259)).collect::<Vec<_>>()
    };
    let made = two(vec![minutes(0, 120, &[]), minutes(1, 120, &[])], &[MINUTE], 0);
    let beside = two(
        vec![given(1), given(0), minutes(1, 120, &[]), minutes(0, 120, &[])],
        &[MINUTE, HOUR],
        0,
    );
    for (mut prepared, order) in [(made, [0, 1]), (beside, [1, 0])] {
        let lines = watch(&mut prepared.run);
        let due = HOUR_MICROS;
        let at: Vec<&str> = having(&lines, &format!("0 {due} bar"));
        let [first, second] = order;
        let expected = [
            format!("0 {due} bar {first} 1m 19260"),
            format!("0 {due} bar {second} 1m 19260 end"),
            format!("0 {due} bar {first} 1h 19260"),
            format!("0 {due} bar {second} 1h 19260 end"),
        ];
        assert_eq!(at, expected);
    }
}

#[test]
fn a_slice_ends_with_the_last_bar_that_is_there() {
    // The second instrument lacks its minutes 3 and 59.
    let sources = vec![minutes(0, 70, &[]), minutes(1, 70, &[3, 59])];
    let lines = watch(&mut two(sources, &[MINUTE], 0).run);
    assert_eq!(having(&lines, "0 240000000 bar"), ["0 240000000 bar 0 1m 19204 end"]);
    let expected =
        ["0 300000000 bar 0 1m 19205".to_owned(), "0 300000000 bar 1 1m 19205 end".to_owned()];
    assert_eq!(having(&lines, "0 300000000 bar"), expected);
    let due = HOUR_MICROS;
    let expected = [
        format!("0 {due} bar 0 1m 19260 end"),
        format!("0 {due} bar 0 1h 19260"),
        // Its last minute is missing: its hour holds what there was.
        format!("0 {due} bar 1 1h 19259 end"),
    ];
    assert_eq!(having(&lines, &format!("0 {due} bar")), expected);
    // Each closing time ends exactly once.
    for minute in 1..=70u64 {
        let prefix = format!("0 {} bar", minute * 60_000_000);
        let ends = having(&lines, &prefix)
            .iter()
            .filter(|l| l.contains("1m") && l.ends_with("end"))
            .count();
        assert_eq!(ends, 1, "{prefix}");
    }
}

#[test]
fn a_bar_of_ticks_waits_until_its_last_trade_can_be_seen() {
    let micro = 1_000;
    for latency in [0, 7 * micro] {
        // Trades of the first second are seen late; the strategy does not ask for trades.
        let events = vec![
            trade(0, SECOND / 2, SECOND / 2 + 80 * micro, 19_200, 1),
            trade(0, SECOND - micro, SECOND + 300 * micro, 19_207, 1),
            trade(0, SECOND + 10 * micro, SECOND + 20 * micro, 19_201, 1),
            trade(0, 3 * SECOND, 3 * SECOND + micro, 19_202, 1),
        ];
        let configuration = settings(&["1s"], latency);
        let mut prepared =
            events_run(configuration, vec![future("AAA")], vec![ticks()], vec![events]);
        let lines = watch(&mut prepared.run);
        let more = latency / 1000;
        let expected = [
            format!("0 {} bar 0 1s 19207 end", 1_000_300 + more),
            format!("0 {} bar 0 1s 19201 end", 2_000_000 + more),
            format!("0 {} bar 0 1s 19202 end", 4_000_000 + more),
        ];
        assert_eq!(having(&lines, "bar"), expected);
    }
}

#[test]
fn a_slice_of_bars_of_ticks_ends_once_though_its_bars_are_due_apart() {
    let events = |instrument: u32, delay: u64| {
        vec![
            trade(instrument, SECOND / 2, SECOND + delay, 19_200, 1),
            trade(instrument, 2 * SECOND, 2 * SECOND, 19_201, 1),
        ]
    };
    let sources = vec![events(0, 900_000), events(1, 100_000)];
    let gives = vec![ticks(), ticks()];
    let instruments = vec![future("AAA"), future("BBB")];
    let mut prepared = events_run(settings(&["1s"], 0), instruments, gives, sources);
    let lines = watch(&mut prepared.run);
    let expected = ["0 1000100 bar 1 1s 19200", "0 1000900 bar 0 1s 19200 end"];
    assert_eq!(having(&lines, "19200"), expected);
}

#[test]
fn finer_bars_come_before_coarser_ones_of_the_same_ticks_and_after_the_trades_in_them() {
    let events = vec![
        trade(0, 59 * SECOND, 60 * SECOND, 19_200, 1),
        // What happens at the end of an interval belongs to the next one.
        trade(0, 60 * SECOND, 60 * SECOND, 19_204, 1),
    ];
    let mut configuration = settings(&["1m", "1s"], 0);
    configuration.strategies[0].needs.trades = true;
    let mut prepared = events_run(configuration, vec![future("AAA")], vec![ticks()], vec![events]);
    let lines = watch(&mut prepared.run);
    let expected = [
        "0 59000000 start -/-",
        "0 60000000 trade 0 19200 -/-",
        "0 60000000 bar 0 1s 19200 end",
        "0 60000000 bar 0 1m 19200 end",
        "0 60000000 trade 0 19204 19200/19200",
        "0 61000000 bar 0 1s 19204 end",
        "0 120000000 bar 0 1m 19204 end",
    ];
    assert_eq!(lines[..7], expected);
}
