//! Trades, quotes, commands, reports, timers: everything at its time, nothing before it.

mod support;

use engine::row::{Row, RowKind};
use engine::{Amount, Command, Run, SizeAt};
use feed::Source;
use model::{InstrumentIndex, Lots, OrderKind, Side, Ticks, TimeInForce};
use serde_json::{Value, json};
use support::configuration;
use support::memory::{
    LAST, Record, SNAPSHOT, at, boxed_run, events_run, future, orders, quote, records, ticks, trade,
};
use support::walk::{having, walk, watch};
use tickforge_backtest::configuration::Latency;
use tickforge_backtest::{Prepared, RunConfiguration};
use trading::OrderSize;

fn settings(needs: Value, latency: u64, feed_latency: u64) -> RunConfiguration {
    let mut configuration = configuration(json!({ "type": "csv" }), json!([]), needs);
    let (submit_ns, modify_ns, cancel_ns, response_ns) = (latency, latency, latency, latency);
    configuration.venue.latency = Latency::Fixed { submit_ns, modify_ns, cancel_ns, response_ns };
    configuration.strategies[0].feed_latency_ns = feed_latency;
    configuration.risk_limits = None;
    configuration
}

fn l3(configuration: RunConfiguration, list: &[Record]) -> Prepared {
    let source: Box<dyn Source> = Box::new(records(list));
    boxed_run(configuration, vec![future("AAA")], vec![orders()], vec![source])
}

fn order(number: u64, side: Side, kind: OrderKind, lots: i64) -> Command {
    Command::Submit {
        number,
        instrument: InstrumentIndex(0),
        side,
        kind,
        amount: Amount::Order(OrderSize::Quantity(Lots(lots))),
        size_at: SizeAt::Signal,
        time_in_force: TimeInForce::Gtc,
        post_only: false,
        terms: None,
    }
}

fn limit(number: u64, side: Side, price: i64) -> Command {
    order(number, side, OrderKind::Limit(Ticks(price)), 1)
}

/// A two-sided book a second before the opening's first millisecond.
fn book() -> Vec<Record> {
    vec![Record::add(1_000_000, 1, b'B', 19_200), Record::add(1_000_000, 2, b'A', 19_204)]
}

#[test]
fn rows_are_due_when_received_plus_extra_latency_and_never_before_the_one_before() {
    let events = vec![
        quote(0, 1_000_000, 5_000_000, 19_200),
        // Received before the quote: waits for it, as the channel is first in, first out.
        trade(0, 2_000_000, 2_500_000, 19_201, 1),
        trade(0, 6_000_000, 6_200_000, 19_202, 1),
        // A receive time before the event's own is none.
        quote(0, 8_000_000, 7_000_000, 19_208),
    ];
    for extra in [0, 300_000] {
        let needs = json!({ "trades": true, "quotes": true });
        let configuration = settings(needs, 60_000, extra);
        let mut prepared =
            events_run(configuration, vec![future("A")], vec![ticks()], vec![events.clone()]);
        let more = extra / 1000;
        let expected = [
            "0 1000 start -/-".to_owned(),
            format!("0 {} quote 0 19200/19201", 5_000 + more),
            format!("0 {} trade 0 19201 19200/19201", 5_000 + more),
            format!("0 {} trade 0 19202 19200/19201", 6_200 + more),
            format!("0 {} quote 0 19208/19209", 8_000 + more),
            format!("0 {} stop 19208/19209", 8_000 + more),
        ];
        assert_eq!(watch(&mut prepared.run), expected);
    }
}

#[test]
fn quotes_of_an_event_take_the_receive_time_of_its_last_record_and_trades_their_own() {
    let mut list = book();
    let trade = Record::add(2_000_000, 9, b'B', 19_204)
        .with(|r| (r.action, r.flags, r.recv) = (b'T', 0, 2_100_000));
    let fill = trade.with(|r| (r.action, r.order, r.side, r.recv) = (b'F', 2, b'A', 2_200_000));
    let cancel = fill.with(|r| (r.action, r.flags, r.recv) = (b'C', LAST, 2_900_000));
    list.extend([trade, fill, cancel]);
    let mut prepared = l3(settings(json!({ "trades": true, "quotes": true }), 0, 0), &list);
    let lines = watch(&mut prepared.run);
    // The trade shows the book as it was before the event.
    let expected = ["0 2100 trade 0 19204 19200/19204", "0 2900 quote 0 19200/-"];
    assert_eq!(lines[3..5], expected);
}

#[test]
fn depth_and_quote_of_an_event_come_together() {
    let mut prepared = l3(settings(json!({ "quotes": true, "depth": 10 }), 0, 0), &book());
    let expected = [
        "0 1000 start -/-",
        "0 1100 depth 0 1+0 19200/-",
        "0 1100 quote 0 19200/-",
        "0 1100 depth 0 1+1 19200/19204",
        "0 1100 quote 0 19200/19204",
        "0 1100 stop 19200/19204",
    ];
    assert_eq!(watch(&mut prepared.run), expected);
}

#[test]
fn a_bad_receive_time_takes_the_last_good_delay_of_the_channel() {
    let bad = LAST | model::mbo::flags::BAD_TS_RECV;
    let mut list = book();
    list.push(Record::add(2_000_000, 3, b'B', 19_201).with(|r| r.recv = 2_450_000));
    list.push(
        Record::add(3_000_000, 4, b'B', 19_202).with(|r| (r.flags, r.recv) = (bad, 900_000_000)),
    );
    list.push(Record::add(4_000_000, 5, b'B', 19_203).with(|r| (r.flags, r.recv) = (bad, 0)));
    let lines = watch(&mut l3(settings(json!({ "quotes": true }), 0, 0), &list).run);
    let expected =
        ["0 2450 quote 0 19201/19204", "0 3450 quote 0 19202/19204", "0 4450 quote 0 19203/19204"];
    assert_eq!(lines[3..6], expected);
}

#[test]
fn a_snapshot_is_known_at_the_start_and_is_no_flow() {
    let hours = 3_600_000_000_000;
    let mut list: Vec<Record> = book()
        .into_iter()
        .map(|r| r.with(|r| (r.flags, r.recv) = (SNAPSHOT, 500_000_000)))
        .collect();
    list.push(Record::add(hours, 3, b'B', 19_201));
    list.push(Record::add(hours + 5_000_000, 4, b'B', 19_202));
    let mut prepared = l3(settings(json!({ "trades": true, "quotes": true }), 0, 0), &list);
    let expected = [
        "0 3600000000 start 19200/19204",
        "0 3600000100 quote 0 19201/19204",
        "0 3600005100 quote 0 19202/19204",
        "0 3600005100 stop 19202/19204",
    ];
    assert_eq!(watch(&mut prepared.run), expected);
    assert_eq!(prepared.run.counters().quote_changes, 2);
}

#[test]
fn the_snapshot_of_a_later_file_is_not_applied_before_its_time() {
    let day = 86_400_000_000_000;
    let snapshot = |order, side, quarters| {
        Record::add(day, order, side, quarters).with(|r| (r.flags, r.recv) = (SNAPSHOT, day))
    };
    let clear = snapshot(0, b'N', 0).with(|r| r.action = b'R');
    let second: Vec<Record> = vec![
        clear,
        snapshot(11, b'B', 20_000),
        snapshot(12, b'A', 20_001),
        Record::add(day + 1_000_000, 13, b'B', 20_000),
    ];
    let sources: Vec<Box<dyn Source>> =
        vec![Box::new(records(&book())), Box::new(records(&second))];
    let configuration = settings(json!({ "quotes": true }), 0, 0);
    let mut prepared = boxed_run(configuration, vec![future("A")], vec![orders()], sources);
    let lines = watch(&mut prepared.run);
    assert_eq!(lines[0], "0 1000 start -/-");
    assert_eq!(lines[2], "0 1100 quote 0 19200/19204");
    // One row for the whole snapshot, with the first event after it.
    assert_eq!(lines[3], "0 86400001100 quote 0 20000/20001");
    assert_eq!(lines.len(), 5, "{lines:?}");
}

#[test]
fn the_clock_never_goes_back_and_steps_back_are_counted() {
    let mut list = book();
    list.push(Record::add(5_000_000, 3, b'B', 19_201));
    list.push(Record::add(4_000_000, 4, b'B', 19_202).with(|r| r.recv = 4_100_000));
    list.push(Record::add(6_000_000, 5, b'B', 19_203));
    let mut prepared = l3(settings(json!({ "quotes": true }), 0, 0), &list);
    let lines = watch(&mut prepared.run);
    // The late one happens at 5,000 µs and is not seen before the row before it.
    let expected =
        ["0 5100 quote 0 19201/19204", "0 5100 quote 0 19202/19204", "0 6100 quote 0 19203/19204"];
    assert_eq!(lines[3..6], expected);
    assert_eq!(prepared.run.counters().clock_backward, 1);
}

/// Gives commands at the first quote that shows both sides.
fn at_first_quote(run: &mut Run, mut commands: Vec<Command>) -> Vec<String> {
    walk(run, &mut |_, _, row| match row {
        Row::Market(row) if row.kind == RowKind::Quote && row.bbo.is_two_sided() => {
            std::mem::take(&mut commands)
        }
        _ => Vec::new(),
    })
    .expect("the run ends")
}

#[test]
fn a_command_arrives_after_its_latency_and_after_the_market_data_of_that_time() {
    // The row is due at 1,100 µs; with 60 µs the order arrives at 1,160 µs.
    for (better, price) in [(1_160_000, 19_202), (1_160_001, 19_204)] {
        let mut list = book();
        list.push(Record::add(better, 3, b'A', 19_202));
        list.push(Record::add(9_000_000, 4, b'B', 19_190));
        let mut prepared = l3(settings(json!({ "quotes": true }), 60_000, 0), &list);
        let buy = order(1, Side::Buy, OrderKind::Market, 1);
        let lines = at_first_quote(&mut prepared.run, vec![buy]);
        let expected = [
            "0 1220 order 0.1 accepted @1160 Accepted".to_owned(),
            format!("0 1220 order 0.1 filled Buy 1 at {price} @1160 Filled"),
        ];
        assert_eq!(having(&lines, "order"), expected);
    }
}

#[test]
fn commands_arrive_in_the_order_in_which_they_were_given() {
    let mut configuration = settings(json!({ "quotes": true }), 0, 0);
    configuration.venue.latency = Latency::Fixed {
        submit_ns: 900_000,
        modify_ns: 300_000,
        cancel_ns: 10_000,
        response_ns: 50_000,
    };
    let mut list = book();
    list.push(Record::add(9_000_000, 4, b'B', 19_190));
    let mut prepared = l3(configuration, &list);
    let modify = Command::Modify {
        number: 1,
        change: venue::Change { total: Some(Lots(3)), price: None, trigger: None },
    };
    let commands = vec![limit(1, Side::Buy, 19_199), modify, Command::Cancel { number: 1 }];
    let lines = at_first_quote(&mut prepared.run, commands);
    let expected = [
        "0 2050 order 0.1 accepted @2000 Accepted",
        "0 2050 order 0.1 modified 3 19199 @2000 Accepted",
        "0 2050 order 0.1 canceled 3 Requested @2000 Canceled",
    ];
    assert_eq!(having(&lines, "order"), expected);
}

#[test]
fn a_denial_follows_its_row_at_once_and_each_order_counts_the_ones_before_it() {
    let mut configuration = settings(json!({ "quotes": true }), 60_000, 0);
    configuration.strategies[0].risk_limits =
        serde_json::from_value(json!({ "maxPosition": 2.0 })).expect("limits");
    let mut list = book();
    // Seen at the same time as the row that orders.
    list.push(Record::add(1_000_000, 3, b'A', 19_210));
    list.push(Record::add(1_050_000, 4, b'A', 19_203).with(|r| r.recv = 1_100_000));
    list.push(Record::add(9_000_000, 5, b'B', 19_190));
    let mut prepared = l3(configuration, &list);
    let commands = (1..=4).map(|number| limit(number, Side::Buy, 19_100)).collect();
    let lines = at_first_quote(&mut prepared.run, commands);
    let expected = [
        "0 1100 quote 0 19200/19204",
        "0 1100 order 0.3 denied ERR_RISK_MAX_POSITION Denied",
        "0 1100 order 0.4 denied ERR_RISK_MAX_POSITION Denied",
        "0 1100 quote 0 19200/19203",
    ];
    assert_eq!(lines[2..6], expected);
}

#[test]
fn data_come_before_reports_before_timers_of_the_same_time() {
    // A report and a timer are due at 1,220 µs, and so is a quote.
    let mut list = book();
    list.push(Record::add(1_120_000, 3, b'B', 19_201).with(|r| r.recv = 1_220_000));
    list.push(Record::add(9_000_000, 4, b'B', 19_190));
    let mut prepared = l3(settings(json!({ "quotes": true }), 60_000, 0), &list);
    let timer = Command::SetTimer { id: 7, at: at(1_220_000).0, every: 0 };
    let lines = at_first_quote(&mut prepared.run, vec![timer, limit(1, Side::Buy, 19_100)]);
    let expected = [
        "0 1220 quote 0 19201/19204",
        "0 1220 order 0.1 accepted @1160 Accepted",
        "0 1220 timer 7",
    ];
    assert_eq!(lines[3..6], expected);
}

#[test]
fn timers_fire_at_their_start_and_periods_and_not_after_the_end_of_the_data() {
    let mut list = book();
    list.push(Record::add(4_000_000, 3, b'B', 19_201));
    let mut prepared = l3(settings(json!({ "quotes": true }), 0, 0), &list);
    let lines = walk(&mut prepared.run, &mut |_, _, row| match row {
        Row::Start { due } => vec![
            Command::SetTimer { id: 1, at: *due, every: 1_000_000 },
            Command::SetTimer { id: 2, at: due + 2_999_999, every: 0 },
            Command::SetTimer { id: 3, at: due + 3_000_001, every: 0 },
            Command::SetTimer { id: 4, at: due + 5, every: 0 },
            Command::SetTimer { id: 4, at: due + 1_000_000, every: 0 },
            Command::SetTimer { id: 5, at: due + 10, every: 0 },
            Command::CancelTimer { id: 5 },
        ],
        _ => Vec::new(),
    })
    .expect("the run ends");
    // The data end at 4,000 µs; what is seen of them later comes without timers.
    let expected = [
        "0 1000 timer 1",
        "0 2000 timer 1",
        "0 2000 timer 4",
        "0 3000 timer 1",
        "0 3999999n timer 2",
        "0 4000 timer 1",
    ];
    assert_eq!(having(&lines, "timer"), expected);
    assert_eq!(lines[lines.len() - 2..], ["0 4100 quote 0 19201/19204", "0 4100 stop 19201/19204"]);
}

#[test]
fn orders_that_arrive_after_the_data_are_refused_there_and_later_ones_at_once() {
    let mut list = book();
    list.push(Record::add(1_150_000, 3, b'B', 19_201));
    let mut prepared = l3(settings(json!({ "quotes": true }), 60_000, 0), &list);
    let mut number = 0;
    let lines = walk(&mut prepared.run, &mut |_, _, row| match row {
        Row::Market(row) if row.bbo.is_two_sided() => {
            number += 1;
            vec![limit(number, Side::Buy, 19_100)]
        }
        _ => Vec::new(),
    })
    .expect("the run ends");
    let expected = [
        "0 1220 order 0.1 rejected ERR_ORDER_END_OF_RUN @1160 Rejected",
        "0 1250 order 0.2 denied ERR_ORDER_END_OF_RUN Denied",
    ];
    assert_eq!(having(&lines, "order"), expected);
}
