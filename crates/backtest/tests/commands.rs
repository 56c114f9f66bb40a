//! Commands: wrong ones are errors, refused ones are reports, and nothing panics.

mod support;

use engine::columns::{CommandColumns, StepStatus, command_flags};
use engine::row::{Row, RowKind};
use engine::step::Stepper;
use engine::{Amount, Command, EngineError, SizeAt};
use feed::Source;
use model::random::SeededRandom;
use model::{InstrumentIndex, Lots, OrderKind, Side, Ticks, TimeInForce};
use serde_json::{Value, json};
use support::columns_driver::{Memory, encode};
use support::configuration;
use support::memory::{LAST, Record, boxed_run, future, orders, records};
use support::walk::walk;
use tickforge_backtest::configuration::Latency;
use tickforge_backtest::{Prepared, RunConfiguration};
use trading::OrderSize;

fn settings(limits: Value, latency: u64) -> RunConfiguration {
    let needs = json!({ "trades": true, "quotes": true });
    let mut configuration = configuration(json!({ "type": "csv" }), json!([]), needs);
    let (submit_ns, modify_ns, cancel_ns, response_ns) = (latency, latency, latency, latency);
    configuration.venue.latency = Latency::Fixed { submit_ns, modify_ns, cancel_ns, response_ns };
    configuration.risk_limits = None;
    configuration.strategies[0].risk_limits = serde_json::from_value(limits).expect("limits");
    let mut second = configuration.strategies[0].clone();
    second.name = "second".to_owned();
    configuration.strategies.push(second);
    configuration
}

/// A market whose best prices move at every event, two ticks apart.
fn moving(events: u64, seed: u64) -> Vec<Record> {
    let mut random = SeededRandom::new(seed, "moving");
    let mut list: Vec<Record> = Vec::new();
    let mut price = 19_200;
    for at in 0..events {
        let (time, order) = (1_000_000 + at * 50_000, 1 + at * 2);
        if at > 0 {
            for record in list.clone().iter().rev().filter(|r| r.action == b'A').take(2) {
                list.push(record.with(|r| {
                    (r.action, r.event, r.recv, r.flags) = (b'C', time, time + 100_000, 0);
                }));
            }
        }
        price += random.below(5) as i64 - 2;
        list.push(Record::add(time, order, b'B', price).with(|r| r.flags = 0));
        list.push(Record::add(time, order + 1, b'A', price + 2).with(|r| r.flags = LAST));
    }
    list
}

fn prepared(configuration: RunConfiguration, list: &[Record]) -> Prepared {
    let source: Box<dyn Source> = Box::new(records(list));
    boxed_run(configuration, vec![future("AAA")], vec![orders()], vec![source])
}

fn limit(number: u64, side: Side, lots: i64, price: i64) -> Command {
    Command::Submit {
        number,
        instrument: InstrumentIndex(0),
        side,
        kind: OrderKind::Limit(Ticks(price)),
        amount: Amount::Order(OrderSize::Quantity(Lots(lots))),
        size_at: SizeAt::Signal,
        time_in_force: TimeInForce::Gtc,
        post_only: false,
        terms: None,
    }
}

/// Commands at the first row; gives the error that they end in.
fn refused(write: impl Fn(&mut CommandColumns)) -> EngineError {
    let Prepared { mut run, .. } = prepared(settings(json!({}), 0), &moving(20, 1));
    let mut memory = Memory::new(&run);
    let mut stepper = Stepper::new(&run, 128);
    for _ in 0..100 {
        let Memory { events, commands, views } = &mut memory;
        match stepper.advance(&mut run, events, commands, views) {
            Ok(StepStatus::Finished) => break,
            Ok(_) => {}
            Err(error) => return error,
        }
        commands.consumed = events.rows;
        if events.strategy[0] == 0 {
            encode(commands, 0, &limit(1, Side::Buy, 1, 100));
            write(commands);
        }
    }
    panic!("it was accepted");
}

#[test]
fn a_malformed_command_is_an_error_that_names_the_field() {
    type Fault = (&'static str, fn(&mut CommandColumns));
    let cases: [Fault; 15] = [
        ("strategy 1", |c| c.strategy[0] = 1),
        ("strategy 65536", |c| c.strategy[0] = 65_536),
        ("instrument 7", |c| c.instrument[0] = 7),
        ("price NaN", |c| c.price[0] = f64::NAN),
        ("price 0.5", |c| c.price[0] = 0.5),
        ("price inf", |c| c.price[0] = f64::INFINITY),
        ("quantity 1.5", |c| c.amount[0] = 1.5),
        ("amount NaN", |c| {
            (c.amount[0], c.flags[0]) = (f64::NAN, command_flags::FRACTION);
        }),
        ("order 0", |c| c.number[0] = 0.0),
        ("order number -1", |c| c.number[0] = -1.0),
        ("order 281474976710657", |c| c.number[0] = 281_474_976_710_657.0),
        ("kind 0", |c| c.kind[0] = 0),
        ("order 9", |c| (c.kind[0], c.number[0]) = (3, 9.0)),
        ("instrument 3", |c| (c.kind[0], c.instrument[0]) = (4, 3)),
        ("timer 4294967296", |c| (c.kind[0], c.number[0]) = (5, 4_294_967_296.0)),
    ];
    for (named, write) in cases {
        let error = refused(write);
        assert_eq!(error.code(), "ERR_STRATEGY_COMMAND", "{named}: {error}");
        assert!(error.to_string().contains(&format!(": {named} of a command")), "{error}");
    }
    let error = refused(|c| c.number[0] = 2.0);
    assert_eq!(error.code(), "ERR_TRADING_ORDER_SEQUENCE", "{error}");
}

#[test]
fn a_strategy_that_answers_each_denial_with_a_new_order_is_ended() {
    let limits = json!({ "maxOrderSize": 1.0 });
    let Prepared { mut run, .. } = prepared(settings(limits, 0), &moving(20, 1));
    let mut number = 0;
    let error = walk(&mut run, &mut |_, which, row| match row {
        Row::Start { .. } | Row::Report { .. } if which == 0 => {
            number += 1;
            vec![limit(number, Side::Buy, 2, 100)]
        }
        _ => Vec::new(),
    })
    .expect_err("it goes on for ever");
    assert_eq!(error.code(), "ERR_STRATEGY_DENIAL_LOOP");
    assert!(error.to_string().contains("'maker'"), "{error}");
}

#[test]
fn an_order_of_no_size_is_denied_and_the_run_goes_on() {
    let Prepared { mut run, .. } = prepared(settings(json!({}), 0), &moving(20, 1));
    let nothing = |number, amount| Command::Submit {
        number,
        instrument: InstrumentIndex(0),
        side: Side::Buy,
        kind: OrderKind::Market,
        amount,
        size_at: SizeAt::Signal,
        time_in_force: TimeInForce::Gtc,
        post_only: false,
        terms: None,
    };
    let mut given = false;
    let lines = walk(&mut run, &mut |_, _, row| match row {
        Row::Market(row) if row.bbo.is_two_sided() && !std::mem::replace(&mut given, true) => vec![
            nothing(1, Amount::Target(trading::Target::Quantity(Lots(0)))),
            nothing(2, Amount::Order(OrderSize::Quantity(Lots(0)))),
            nothing(3, Amount::Order(OrderSize::Percent(f64::MAX))),
            limit(4, Side::Buy, 1, 100),
            Command::Modify {
                number: 4,
                change: venue::Change { total: Some(Lots(i64::MIN)), price: None, trigger: None },
            },
        ],
        _ => Vec::new(),
    })
    .expect("the run ends");
    let found = support::walk::having(&lines, "order");
    let codes = ["NOTHING_TO_DO", "ZERO_SIZE", "UNSUPPORTED", "OVERFLOW", "accepted"];
    for (line, code) in found.iter().zip(codes) {
        assert!(line.contains(code), "{line}: {code}");
    }
}

#[test]
fn a_loss_limit_that_flips_inside_a_step_lets_through_what_came_before_it() {
    // The row at which the limit is reached is the same however many rows a step has, and orders
    // are denied from that row on.
    let mut found = Vec::new();
    for rows in [1, 128] {
        let limits = json!({ "maxLoss": "900" });
        let Prepared { mut run, .. } = prepared(settings(limits, 5_000_000), &moving(4_000, 8));
        let mut memory = Memory::new(&run);
        let mut stepper = Stepper::new(&run, rows);
        let (mut number, mut most, mut log) = (0u64, 0, Vec::new());
        'run: loop {
            let Memory { events, commands, views } = &mut memory;
            if stepper.advance(&mut run, events, commands, views).expect("no error")
                == StepStatus::Finished
            {
                break;
            }
            most = most.max(events.rows);
            for at in 0..events.rows as usize {
                commands.consumed = at as u32 + 1;
                if events.strategy[at] != 0 {
                    continue;
                }
                if events.kind[at] == RowKind::Order as u32 && events.extra[at] & 0xff == 0 {
                    log.push((events.ts_nanos[at], events.p7[at]));
                }
                // Every fifth quote one more lot on top: 4 lots, each 2 ticks under water at once.
                if events.kind[at] == RowKind::Quote as u32 && events.ts_event[at] % 250_000 == 0 {
                    number += 1;
                    let price = if number % 2 == 0 { 1 } else { 1_000_000 };
                    encode(commands, 0, &limit(number, Side::Buy, 1, price));
                    continue 'run;
                }
            }
        }
        assert!(!log.is_empty() && log.len() < number as usize, "{} of {number}", log.len());
        found.push((log, run.state_hash()));
        assert!(rows == 1 || most > 20, "{most} rows a step");
    }
    assert_eq!(found[0], found[1]);
}

#[test]
fn garbage_in_the_columns_is_an_error_or_harmless_and_never_a_panic() {
    let mut steps = 0;
    let mut ends = std::collections::BTreeMap::<&str, u32>::new();
    for seed in 0.. {
        if steps >= 20_000 {
            break;
        }
        let mut random = SeededRandom::new(seed, "garbage");
        let latency = random.below(3) * 40_000;
        let Prepared { mut run, .. } = prepared(settings(json!({}), latency), &moving(400, seed));
        let mut memory = Memory::new(&run);
        let mut stepper = Stepper::new(&run, 1 + random.below(128) as usize);
        let mut orders = [0.0f64; 2];
        let end = loop {
            steps += 1;
            let Memory { events, commands, views } = &mut memory;
            match stepper.advance(&mut run, events, commands, views) {
                Ok(StepStatus::Finished) => break "finished",
                Ok(_) => {}
                Err(error) => break error.code(),
            }
            commands.consumed = random.below(u64::from(events.rows) + 3) as u32;
            let row = (commands.consumed.max(1).min(events.rows.max(1)) - 1) as usize;
            let strategy = events.strategy[row];
            commands.count = if random.below(3) == 0 { random.below(4) as u32 } else { 0 };
            for at in 0..commands.count as usize {
                // One in 400 is nothing but noise; most look like commands.
                let noise = random.below(400) == 0;
                let wild = |random: &mut SeededRandom, tame: f64| {
                    if noise { f64::from_bits(random.next_u64()) } else { tame }
                };
                let own = &mut orders[strategy as usize & 1];
                let kind = if *own == 0.0 { 1 } else { 1 + random.below(8) as u32 };
                let number =
                    if kind == 1 { *own + 1.0 } else { random.below(*own as u64 + 1) as f64 };
                *own += f64::from(u32::from(kind == 1));
                commands.kind[at] = if noise { random.next_u64() as u32 } else { kind };
                commands.strategy[at] = if noise { random.below(4) as u32 } else { strategy };
                commands.instrument[at] = if noise { random.next_u64() as u32 } else { 0 };
                commands.number[at] =
                    wild(&mut random, if kind == 1 { number } else { number.max(1.0) });
                let tame = 19_190.0 + random.below(20) as f64;
                commands.price[at] = wild(&mut random, tame);
                let tame = random.below(9) as f64;
                commands.amount[at] = wild(&mut random, tame);
                commands.flags[at] = random.next_u64() as u32 & 0x7ff;
                commands.at[at] = random.next_u64() >> random.below(64);
                commands.every[at] = random.next_u64() >> random.below(40);
            }
            if random.below(3_000) == 0 {
                commands.abort = 1;
            }
        };
        *ends.entry(end).or_default() += 1;
    }
    println!("{steps} steps: {ends:?}");
    assert!(ends.contains_key("ERR_STRATEGY_COMMAND") && ends.contains_key("finished"), "{ends:?}");
}
