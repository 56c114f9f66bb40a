//! Warm-up, subscriptions, the end of a run, shared accounts.

mod support;

use engine::row::{Row, RowKind};
use engine::{Amount, Command, Run, SizeAt, Subscription};
use feed::Source;
use model::{InstrumentIndex, Lots, OrderKind, Side, StrategyIndex, Ticks, TimeInForce, Timeframe};
use serde_json::json;
use support::configuration;
use support::memory::{
    Record, SECOND, at, bar, bars, boxed_run, events_run, future, orders, records,
};
use support::walk::{having, walk, watch};
use tickforge_backtest::configuration::{Fees, Latency};
use tickforge_backtest::{Prepared, RunConfiguration};
use trading::{OrderSize, Target};

const FIRST: InstrumentIndex = InstrumentIndex(0);
const MILLISECOND: u64 = 1_000_000;

fn settings(needs: serde_json::Value, latency: u64) -> RunConfiguration {
    let mut configuration = configuration(json!({ "type": "csv" }), json!([]), needs);
    let (submit_ns, modify_ns, cancel_ns, response_ns) = (latency, latency, latency, latency);
    configuration.venue.latency = Latency::Fixed { submit_ns, modify_ns, cancel_ns, response_ns };
    configuration.venue.fees = Fees::None;
    configuration.risk_limits = None;
    configuration
}

fn l3(configuration: RunConfiguration, list: &[Record]) -> Prepared {
    let source: Box<dyn Source> = Box::new(records(list));
    boxed_run(configuration, vec![future("AAA")], vec![orders()], vec![source])
}

fn submit(number: u64, side: Side, kind: OrderKind, amount: Amount, size_at: SizeAt) -> Command {
    let (time_in_force, post_only) = (TimeInForce::Gtc, false);
    Command::Submit {
        number,
        instrument: FIRST,
        side,
        kind,
        amount,
        size_at,
        time_in_force,
        post_only,
        terms: None,
    }
}

fn market(number: u64, side: Side, lots: i64) -> Command {
    let amount = Amount::Order(OrderSize::Quantity(Lots(lots)));
    submit(number, side, OrderKind::Market, amount, SizeAt::Signal)
}

fn limit(number: u64, side: Side, lots: i64, price: i64) -> Command {
    let amount = Amount::Order(OrderSize::Quantity(Lots(lots)));
    submit(number, side, OrderKind::Limit(Ticks(price)), amount, SizeAt::Signal)
}

/// A steady book: bids at 19,200 and asks at 19,204, another bid far below every millisecond.
fn steady(milliseconds: u64) -> Vec<Record> {
    let mut list = vec![
        Record::add(1_000_000, 1, b'B', 19_200).with(|r| r.size = 100),
        Record::add(1_000_000, 2, b'A', 19_204).with(|r| r.size = 100),
    ];
    for at in 2..=milliseconds {
        list.push(Record::add(at * 1_000_000, 10 + at, b'B', 19_200).with(|r| r.size = 1));
    }
    list
}

/// Gives the commands of a strategy at its quotes by number, from 0.
fn at_quotes(run: &mut Run, mut give: impl FnMut(usize, u64) -> Vec<Command>) -> Vec<String> {
    let mut seen = [0u64; 2];
    walk(run, &mut |_, strategy, row| match row {
        Row::Market(row) if row.kind == RowKind::Quote && row.bbo.is_two_sided() => {
            seen[strategy] += 1;
            give(strategy, seen[strategy] - 1)
        }
        _ => Vec::new(),
    })
    .expect("the run ends")
}

#[test]
fn a_warm_up_lasts_for_its_bars_on_all_instruments_and_denies_orders() {
    let minutes = |instrument: u32| {
        (0..6).map(|minute| bar(instrument, Timeframe::MINUTE, minute * 60, 19_200)).collect()
    };
    let needs = json!({ "bars": ["1m"], "warmupBars": 3 });
    let gives = vec![bars(&[Timeframe::MINUTE]); 2];
    let instruments = vec![future("A"), future("B")];
    let mut prepared =
        events_run(settings(needs, 0), instruments, gives, vec![minutes(0), minutes(1)]);
    let mut number = 0;
    let lines = walk(&mut prepared.run, &mut |_, _, row| match row {
        Row::Market(_) => {
            number += 1;
            vec![market(number, Side::Buy, 1)]
        }
        _ => Vec::new(),
    })
    .expect("the run ends");
    assert_eq!(having(&lines, "warm").len(), 6);
    // With its last bar, whose handlers are not called, it is over.
    assert_eq!(having(&lines, "ERR_ORDER_WARM_UP").len(), 5);
    assert!(having(&lines, "0 240000000 bar").iter().all(|line| !line.contains("warm")));
    assert_eq!(having(&lines, "accepted").len(), 7);
}

#[test]
fn a_warm_up_of_a_time_ends_at_that_time() {
    let needs = json!({ "quotes": true, "warmupNs": "3000000" });
    let lines = at_quotes(&mut l3(settings(needs, 0), &steady(8)).run, |_, at| {
        vec![limit(at + 1, Side::Buy, 1, 19_000)]
    });
    // It begins at 1,000 µs: the row at 3,100 µs is the last one in it.
    let warm = having(&lines, "warm");
    assert_eq!(warm.last(), Some(&"0 3100 quote 0 19200/19204 warm"));
    assert_eq!(having(&lines, "WARM_UP").len(), 3);
    assert_eq!(having(&lines, "accepted").len(), 4);
}

#[test]
fn a_subscription_changes_what_happens_after_the_smallest_latency() {
    let mut configuration = settings(json!({ "quotes": true }), 0);
    configuration.venue.latency = Latency::Fixed {
        submit_ns: 9_000_000,
        modify_ns: 900_000,
        cancel_ns: 1_900_000,
        response_ns: 0,
    };
    let lines = at_quotes(&mut l3(configuration, &steady(9)).run, |_, at| {
        let off = Command::Subscribe { instrument: FIRST, what: Subscription::Quotes, on: false };
        let timer = |id| Command::SetTimer { id, at: 0, every: 0 };
        if at == 0 { vec![off, timer(1)] } else { Vec::new() }
    });
    // Given at 1,100 µs, it arrives at 2,000 µs, after what happens then.
    assert_eq!(having(&lines, "quote").last(), Some(&"0 2100 quote 0 19200/19204"));
    assert_eq!(having(&lines, "timer"), ["0 1100 timer 1"]);
    // What it sees goes on: the stop knows the last best prices.
    assert_eq!(lines.last().map(String::as_str), Some("0 2100 stop 19200/19204"));
}

#[test]
fn a_strategy_stops_the_run_and_keeps_what_was_done() {
    for latency in [0, 60_000] {
        let mut prepared = l3(settings(json!({ "quotes": true }), latency), &steady(50));
        let lines = at_quotes(&mut prepared.run, |_, at| match at {
            0 => vec![market(1, Side::Buy, 2), limit(2, Side::Buy, 1, 19_000)],
            4 => vec![Command::Stop, market(3, Side::Sell, 1)],
            _ => Vec::new(),
        });
        assert_eq!(having(&lines, "quote").len(), 6, "{lines:?}");
        assert!(lines[lines.len() - 2].ends_with("denied ERR_ORDER_END_OF_RUN Denied"));
        assert_eq!(lines.last().map(String::as_str), Some("0 5100 stop 19200/19204"));
        let recorder = prepared.run.recorder();
        assert_eq!((recorder.fills.len(), recorder.counts.canceled), (1, 1));
        assert_eq!(prepared.run.ledger().account(StrategyIndex(0)).position(FIRST).quantity.0, 2);
        // Two lots bought one point above what they could be sold for.
        let last = recorder.equity.last().expect("a sample");
        assert_eq!(last.equity.as_f64(), 100_000.0 - 2.0 * 50.0);
    }
}

#[test]
fn a_run_that_is_stopped_from_outside_ends_in_order_whenever_that_is() {
    let mut prepared = l3(settings(json!({ "quotes": true }), 0), &steady(50));
    prepared.run.stop_now().expect("it stops");
    assert_eq!(watch(&mut prepared.run), ["0 1000 start -/-", "0 1000 stop -/-"]);
    let mut prepared = l3(settings(json!({ "quotes": true }), 0), &steady(50));
    let mut asked = 0;
    let mut strategies = [Box::new(support::MarketMaker::new(5))];
    // The driver asks every 65,536 rows; `Next::Working` comes at no row here.
    engine::strategy::drive(&mut prepared.run, &mut strategies, &mut |_| {
        asked += 1;
        false
    })
    .expect("it ends");
    assert_eq!(asked, 0);
    assert_eq!(prepared.run.counters().records, 51);
}

#[test]
fn positions_are_closed_at_the_end_where_the_market_would_take_them_or_at_the_last_open() {
    let minutes =
        || vec![(0..5).map(|m| bar(0, Timeframe::MINUTE, m * 60, 19_200 + 8 * m as i64)).collect()];
    // Bought at the open of the second bar, 4,802; the last bar opens at 4,808, closes a tick above.
    for (how, profit) in [(None, 6.25), (Some("close"), 6.25), (Some("open"), 6.0)] {
        let mut configuration = settings(json!({ "bars": ["1m"] }), 0);
        configuration.close_at_end = how.map(str::to_owned);
        let gives = vec![bars(&[Timeframe::MINUTE])];
        let mut prepared = events_run(configuration, vec![future("A")], gives, minutes());
        let mut number = 0;
        walk(&mut prepared.run, &mut |_, _, row| match row {
            Row::Market(_) if number == 0 => {
                number += 1;
                vec![market(1, Side::Buy, 1)]
            }
            _ => Vec::new(),
        })
        .expect("the run ends");
        let recorder = prepared.run.recorder();
        let last = recorder.equity.last().expect("a sample").equity.as_f64();
        assert_eq!(last, 100_000.0 + profit * 50.0, "{how:?}");
        assert_eq!(recorder.round_trips.len(), usize::from(how.is_some()));
        let held = prepared.run.ledger().account(StrategyIndex(0)).position(FIRST).quantity.0;
        assert_eq!(held, i64::from(how.is_none()));
    }
}

fn two_strategies(shared: bool) -> RunConfiguration {
    let mut configuration = settings(json!({ "quotes": true }), 60_000);
    configuration.account.shared = shared;
    let mut second = configuration.strategies[0].clone();
    second.name = "second".to_owned();
    configuration.strategies.push(second);
    configuration
}

#[test]
fn strategies_see_their_own_account_or_the_shared_one_as_reports_arrive() {
    for shared in [false, true] {
        let mut configuration = two_strategies(shared);
        configuration.close_at_end = Some("close".to_owned());
        let mut prepared = l3(configuration, &steady(20));
        let mut held = Vec::new();
        let mut seen = [0u64; 2];
        walk(&mut prepared.run, &mut |run, which, row| {
            let position = |at: usize| run.strategies()[at].account.position(FIRST).quantity.0;
            held.push((position(0), position(1)));
            let Row::Market(row) = row else { return Vec::new() };
            if !row.bbo.is_two_sided() {
                return Vec::new();
            }
            seen[which] += 1;
            match (which, seen[which]) {
                (0, 2) => vec![market(1, Side::Buy, 5)],
                (1, 6) => vec![market(1, Side::Sell, 2)],
                // To be flat on a shared account means both.
                (1, 12) => {
                    let flat = Amount::Target(Target::Quantity(Lots(1)));
                    vec![submit(2, Side::Buy, OrderKind::Market, flat, SizeAt::Signal)]
                }
                _ => Vec::new(),
            }
        })
        .expect("the run ends");
        held.dedup();
        let run = &prepared.run;
        if shared {
            assert_eq!(held, [(0, 0), (5, 5), (3, 3), (1, 1), (0, 0)]);
            let both = run.strategies();
            assert_eq!(both[0].account, both[1].account);
            assert_eq!(both[0].account.cash(), run.ledger().account(StrategyIndex(1)).cash());
        } else {
            assert_eq!(held, [(0, 0), (5, 0), (5, -2), (5, 1), (0, 0)]);
        }
        // The closing: what is left of the first strategy's five, or each strategy's own.
        let closing = run.recorder().fills.iter().filter(|f| f.fill.order.number() == 0);
        let closing: Vec<(u16, i64)> =
            closing.map(|f| (f.fill.order.strategy().0, f.fill.quantity.0)).collect();
        assert_eq!(closing, if shared { vec![(0, 1)] } else { vec![(0, 5), (1, 1)] });
    }
}

#[test]
fn requests_that_race_with_the_end_are_answered_with_the_final_state() {
    let mut list = steady(3);
    // A seller takes the whole bid side and then some; the own bid at 19,200 fills.
    let hit = Record::add(3_500_000, 90, b'A', 19_200).with(|r| (r.size, r.flags) = (5, 0));
    list.push(hit.with(|r| r.action = b'T'));
    list.push(hit.with(|r| (r.action, r.side, r.order, r.flags) = (b'F', b'B', 13, 0)));
    let last = support::memory::LAST;
    list.push(
        hit.with(|r| (r.action, r.side, r.order, r.flags, r.size) = (b'C', b'B', 13, last, 1)),
    );
    list.extend((4..9).map(|at| Record::add(at * 1_000_000, 50 + at, b'B', 19_190)));
    let mut prepared = l3(settings(json!({ "quotes": true }), 1_000_000), &list);
    let lines = at_quotes(&mut prepared.run, |_, at| match at {
        0 => vec![limit(1, Side::Buy, 1, 19_201), limit(2, Side::Buy, 1, 19_100)],
        // Given at 3,100 µs: both arrive at 4,100 µs, after the fill at 3,500 µs.
        2 => vec![
            Command::Cancel { number: 1 },
            Command::Modify {
                number: 1,
                change: venue::Change { total: Some(Lots(4)), price: None, trigger: None },
            },
            Command::Cancel { number: 2 },
            Command::Modify {
                number: 2,
                change: venue::Change { total: None, price: Some(Ticks(19_101)), trigger: None },
            },
        ],
        _ => Vec::new(),
    });
    let expected = [
        "0 3100 order 0.1 accepted @2100 Accepted",
        "0 3100 order 0.2 accepted @2100 Accepted",
        "0 4500 order 0.1 filled Buy 1 at 19201 @3500 Filled",
        "0 5100 order 0.1 uncanceled ERR_ORDER_TOO_LATE Filled",
        "0 5100 order 0.1 unmodified ERR_ORDER_TOO_LATE Filled",
        "0 5100 order 0.2 canceled 1 Requested @4100 Canceled",
        "0 5100 order 0.2 unmodified ERR_ORDER_TOO_LATE Canceled",
    ];
    assert_eq!(having(&lines, "order"), expected);
}

#[test]
fn sizes_are_found_at_the_signal_or_at_the_fill() {
    let minutes = (0..4).map(|m| bar(0, Timeframe::MINUTE, m * 60, 400 + 100 * m as i64)).collect();
    let mut instrument = future("A");
    instrument.multiplier = model::Price(model::NANO);
    for (at, lots) in [(SizeAt::Signal, 997), (SizeAt::Fill, 800)] {
        let gives = vec![bars(&[Timeframe::MINUTE])];
        let configuration = settings(json!({ "bars": ["1m"] }), 0);
        let instruments = vec![instrument.clone()];
        let events: Vec<Vec<model::MarketEvent>> = vec![Vec::clone(&minutes)];
        let mut prepared = events_run(configuration, instruments, gives, events);
        let mut given = 0;
        walk(&mut prepared.run, &mut |_, _, row| match row {
            Row::Market(_) if given == 0 => {
                given += 1;
                let amount = Amount::Target(Target::Percent(100.0));
                vec![submit(1, Side::Buy, OrderKind::Market, amount, at)]
            }
            _ => Vec::new(),
        })
        .expect("the run ends");
        // 100,000 at the close of 100.25, or at the next open of 125.
        let fill = prepared.run.recorder().fills[0].fill;
        assert_eq!((fill.quantity.0, fill.price.as_f64()), (lots, 125.0));
        assert_eq!(fill.ts_event, support::memory::at(60 * SECOND));
    }
}

#[test]
fn an_event_that_a_source_leaves_open_holds_up_nothing_of_the_next_source() {
    let mut first = steady(4);
    let end = first.len() - 1;
    first[end].flags = 0;
    let second = steady(40).into_iter().map(|record| {
        record.with(|it| {
            it.order += 1_000;
            it.event += 10 * MILLISECOND;
            it.recv += 10 * MILLISECOND;
        })
    });
    let second: Vec<Record> = second.collect();
    let sources: Vec<Box<dyn Source>> = vec![Box::new(records(&first)), Box::new(records(&second))];
    let configuration = settings(json!({ "quotes": true }), 60_000);
    let mut run = boxed_run(configuration, vec![future("AAA")], vec![orders()], sources).run;
    let mut given = 0;
    let lines = walk(&mut run, &mut |_, _, row| {
        if given == 0 && row.due() > at(15 * MILLISECOND).0 {
            given = row.due();
            return vec![limit(1, Side::Buy, 1, 19_000)];
        }
        Vec::new()
    });
    let lines = lines.expect("the run ends");
    let micros = (given - at(0).0) / 1000;
    // There and back again: 60 µs each way, whatever the first source left open.
    assert_eq!(having(&lines, "accepted").len(), 1, "{lines:#?}");
    assert!(
        having(&lines, "accepted")[0].starts_with(&format!("0 {} ", micros + 120)),
        "{lines:#?}"
    );
}
