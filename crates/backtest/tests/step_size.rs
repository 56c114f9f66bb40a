//! The same result whatever the number of rows a step, to the bit, and the same through the
//! `Strategy` trait as through columns.

mod support;

use engine::strategy::drive;
use feed::dbn::IdMap;
use feed::{MemoryMbo, Source};
use model::{InstrumentIndex, MarketEvent, Timeframe};
use serde_json::{Value, json};
use support::columns_driver::{Shown, drive_columns};
use support::memory::{bar, bars, boxed_run, events_run, future, orders, quote, ticks, trade};
use support::random_trader::{RandomTrader, Temper};
use support::trait_driver::Handlers;
use support::{configuration, shared};
use tickforge_backtest::configuration::Latency;
use tickforge_backtest::{Prepared, RunConfiguration, prepare};

/// One way to run.
#[derive(Clone, Copy)]
struct Case {
    seed: u64,
    latency: [u64; 4],
    feed: [u64; 2],
    strategies: usize,
    depth: usize,
    bars: bool,
    shared: bool,
    switches: bool,
    one_in: u64,
    heartbeat: u64,
    stops_after: u64,
}

const PLAIN: Case = Case {
    seed: 1,
    latency: [60_000; 4],
    feed: [0, 0],
    strategies: 1,
    depth: 0,
    bars: false,
    shared: false,
    switches: false,
    one_in: 40,
    heartbeat: 100_000_000,
    stops_after: 0,
};

fn needs(case: &Case, strategy: usize) -> Value {
    json!({
        "trades": strategy == 0, "quotes": true,
        "depth": if strategy == 0 { case.depth } else { case.depth / 2 },
        "bars": if case.bars { json!(["1s", "1m"]) } else { json!([]) },
    })
}

fn configured(case: &Case, data: Value) -> RunConfiguration {
    let mut configuration = configuration(json!({ "type": "dbn" }), json!([]), needs(case, 0));
    configuration.data = serde_json::from_value(data).expect("data");
    let [submit_ns, modify_ns, cancel_ns, response_ns] = case.latency;
    configuration.venue.latency = Latency::Fixed { submit_ns, modify_ns, cancel_ns, response_ns };
    configuration.account.shared = case.shared;
    configuration.seed = case.seed;
    configuration.strategies[0].feed_latency_ns = case.feed[0];
    if case.strategies == 2 {
        let mut second = configuration.strategies[0].clone();
        second.name = "second".to_owned();
        second.needs = serde_json::from_value(needs(case, 1)).expect("needs");
        second.feed_latency_ns = case.feed[1];
        configuration.strategies.push(second);
    }
    configuration
}

/// A dense generated market: a few records a millisecond.
fn dense(seed: u64, instrument_id: u32) -> Vec<u8> {
    let config = feed::synthetic::SyntheticConfig {
        seed,
        records: 8_000,
        live_orders: 200,
        instrument_id,
        pre_open: 300_000_000,
        session: 4_000_000_000 + seed % 3 * 4_000_000_000,
        ..Default::default()
    };
    feed::synthetic::SyntheticMarket::new(config).expect("a market").into_bytes()
}

/// A run over generated markets, a source each.
fn generated(case: &Case, instruments: &[&str]) -> Prepared {
    let sources = (0..instruments.len()).map(|at| {
        let mut ids = IdMap::new();
        ids.insert(1, InstrumentIndex(at as u32));
        let bytes = dense(case.seed + 100 * at as u64, 1);
        let source = MemoryMbo::new("dense", bytes).expect("records").with_ids(ids);
        Box::new(source) as Box<dyn Source>
    });
    let sources = sources.collect();
    let gives = instruments.iter().map(|_| orders()).collect();
    let instruments = instruments.iter().map(|symbol| future(symbol)).collect();
    boxed_run(configured(case, json!([])), instruments, gives, sources)
}

fn traders(case: &Case, instruments: u32) -> Vec<RandomTrader> {
    let Case { one_in, switches, heartbeat, stops_after, .. } = *case;
    let temper = Temper { one_in, switches, instruments, heartbeat, stops_after };
    (0..case.strategies)
        .map(|at| RandomTrader::new(case.seed * 7 + at as u64, at as u16, temper))
        .collect()
}

fn through_columns(case: &Case, mut prepared: Prepared, rows: usize) -> (Shown, u64) {
    let instruments = prepared.run.instruments().len() as u32;
    drive_columns(&mut prepared.run, &mut traders(case, instruments), rows).expect("the run ends")
}

fn check(name: &str, case: &Case, make: &dyn Fn() -> Prepared) -> Shown {
    let (one, steps) = through_columns(case, make(), 1);
    assert_eq!(steps, one.rows, "{name}");
    for rows in [2, 128] {
        let (many, fewer) = through_columns(case, make(), rows);
        assert_eq!(one, many, "{name}: {rows} rows a step, seed {}", case.seed);
        assert!(fewer <= steps);
        if rows == 128 {
            let mean = one.rows as f64 / fewer as f64;
            println!("{name}: {} rows, {} fills, {mean:.2} rows a step", one.rows, one.fills);
        }
    }
    let mut prepared = make();
    let instruments = prepared.run.instruments().len() as u32;
    let mut strategies: Vec<Box<Handlers>> = traders(case, instruments)
        .into_iter()
        .map(|trader| Box::new(Handlers::new(trader)))
        .collect();
    drive(&mut prepared.run, &mut strategies, &mut |_| true).expect("the run ends");
    assert_eq!(prepared.run.state_hash(), one.state_hash, "{name}: through the trait");
    let seen: u64 = strategies.iter().map(|strategy| strategy.rows).sum();
    assert_eq!(seen, one.rows, "{name}: rows through the trait");
    one
}

#[test]
fn one_instrument_and_one_strategy() {
    for (seed, latency) in [(1, 0), (2, 60_000), (3, 1_000_000), (4, 60_000), (5, 1_000_000)] {
        for feed in [0, 250_000] {
            let case = Case { seed, latency: [latency; 4], feed: [feed, 0], ..PLAIN };
            let shown = check("one", &case, &|| generated(&case, &["AAA"]));
            assert!(shown.rows > 1_000 && shown.fills > 5, "{} {}", shown.rows, shown.fills);
        }
    }
}

#[test]
fn every_kind_of_request_has_its_own_latency() {
    for seed in 10..30 {
        let latency = [900_000, 100_000, 30_000, 400_000];
        let case = Case { seed, latency, switches: true, depth: 10, ..PLAIN };
        check("apart", &case, &|| generated(&case, &["AAA"]));
    }
}

#[test]
fn several_strategies_and_instruments_with_depth_and_bars() {
    for seed in 20..60 {
        let latency = [[0; 4], [60_000; 4], [1_000_000; 4], [50_000, 50_000, 50_000, 0]];
        let case = Case {
            seed,
            latency: latency[seed as usize % 4],
            feed: [(seed % 3) * 40_000, (seed % 2) * 100_000],
            strategies: 2,
            depth: if seed % 2 == 0 { 10 } else { 0 },
            bars: seed % 3 != 0,
            shared: seed % 4 < 2,
            switches: true,
            one_in: 30,
            heartbeat: PLAIN.heartbeat,
            stops_after: if seed % 5 == 0 { 40 } else { 0 },
        };
        let shown = check("two", &case, &|| generated(&case, &["AAA", "BBB"]));
        assert!(shown.fills > 5, "{}", shown.fills);
    }
}

/// Records of two generated markets, by exchange time, as one source.
fn interleaved(seed: u64) -> MemoryMbo {
    let (first, second) = (dense(seed, 1), dense(seed + 1, 2));
    let mut records: Vec<&[u8]> = first.chunks_exact(56).chain(second.chunks_exact(56)).collect();
    records.sort_by_key(|record| {
        let record = model::Mbo::first_of(record).expect("a record");
        (!record.is_snapshot(), record.ts_event_raw())
    });
    let mut ids = IdMap::new();
    ids.insert(1, InstrumentIndex(0));
    ids.insert(2, InstrumentIndex(1));
    MemoryMbo::new("two", records.concat()).expect("records").with_ids(ids)
}

#[test]
fn two_instruments_in_one_source() {
    for seed in 40..70 {
        let case = Case {
            seed,
            latency: [[60_000; 4], [1_000_000; 4]][seed as usize % 2],
            strategies: 1 + seed as usize % 2,
            depth: (seed as usize % 3) * 5,
            bars: true,
            ..PLAIN
        };
        let make = || {
            let sources: Vec<Box<dyn Source>> = vec![Box::new(interleaved(seed))];
            let configuration = configured(&case, json!([]));
            let instruments = vec![future("AAA"), future("BBB")];
            boxed_run(configuration, instruments, vec![orders(), orders()], sources)
        };
        let shown = check("mixed", &case, &make);
        assert!(shown.rows > 1_000, "{}", shown.rows);
    }
}

/// Trades and quotes of two instruments in two sources, seen after random delays.
fn tick_sources(seed: u64) -> Vec<Vec<MarketEvent>> {
    let mut random = model::random::SeededRandom::new(seed, "ticks");
    let mut draw = |below: u64| random.below(below);
    (0..2)
        .map(|source| {
            let (mut time, mut price) = (1_000_000, 19_200i64);
            let events = (0..1_500).map(|_| {
                time += draw(900_000);
                price += draw(3) as i64 - 1;
                let (instrument, seen) = (draw(2) as u32, time + draw(400_000));
                if draw(3) == source {
                    trade(instrument, time, seen, price, 1 + draw(4) as i64)
                } else {
                    quote(instrument, time, seen, price)
                }
            });
            events.collect()
        })
        .collect()
}

#[test]
fn ticks_of_two_instruments_spread_over_two_sources() {
    for seed in 70..100 {
        let case = Case {
            seed,
            latency: [[0; 4], [60_000; 4], [1_000_000; 4]][seed as usize % 3],
            feed: [(seed % 4) * 30_000, 20_000],
            strategies: 1 + seed as usize % 2,
            bars: seed % 2 == 0,
            shared: seed % 4 == 1,
            switches: true,
            stops_after: if seed % 7 == 0 { 25 } else { 0 },
            ..PLAIN
        };
        let make = || {
            let instruments = vec![future("AAA"), future("BBB")];
            let configuration = configured(&case, json!([]));
            events_run(configuration, instruments, vec![ticks(), ticks()], tick_sources(seed))
        };
        let shown = check("ticks", &case, &make);
        assert!(shown.rows > 100 && shown.fills > 3, "{} {}", shown.rows, shown.fills);
    }
}

/// Bars of a second that wander, with gaps, and in some sources bars of a minute among them.
fn bar_source(seed: u64, minutes: bool) -> Vec<MarketEvent> {
    let mut random = model::random::SeededRandom::new(seed, "bars");
    let (mut opens, mut price) = (0, 19_200i64);
    let mut events = Vec::new();
    for _ in 0..4_000 {
        opens += if random.below(20) == 0 { 1 + random.below(90) } else { 1 };
        price += random.below(5) as i64 - 2;
        if minutes && opens % 60 == 0 {
            events.push(bar(0, Timeframe::MINUTE, opens - 60, price));
        }
        events.push(bar(0, Timeframe::SECOND, opens, price));
    }
    events
}

#[test]
fn bars_alone_are_shown_ahead_of_the_venue() {
    let second = 1_000_000_000;
    let (mut most, mut fills) = (0.0f64, 0);
    for seed in 100..160 {
        let case = Case {
            seed,
            latency: [[0; 4], [1_000_000; 4], [3 * second; 4]][seed as usize % 3],
            feed: [[0, 250_000_000, second, 5 * second][seed as usize % 4], 0],
            bars: true,
            one_in: [20, 100, 1_000][seed as usize % 3],
            heartbeat: [0, 40 * second][seed as usize % 2],
            stops_after: if seed % 7 == 0 { 5 } else { 0 },
            ..PLAIN
        };
        let minutes = seed % 5 == 0;
        let make = || {
            let mut configuration = configured(&case, json!([]));
            let wanted = if seed % 6 == 5 { json!(["1s", "1m"]) } else { json!(["1s"]) };
            let needs = json!({ "bars": wanted });
            configuration.strategies[0].needs = serde_json::from_value(needs).expect("needs");
            let given: &[Timeframe] = if minutes {
                &[Timeframe::SECOND, Timeframe::MINUTE]
            } else {
                &[Timeframe::SECOND]
            };
            let sources = vec![bar_source(seed, minutes)];
            events_run(configuration, vec![future("AAA")], vec![bars(given)], sources)
        };
        let (shown, steps) = through_columns(&case, make(), 128);
        most = most.max(shown.rows as f64 / steps as f64);
        fills += check("bars", &case, &make).fills;
    }
    assert!(fills > 500, "{fills} fills");
    assert!(most > 10.0, "at most {most:.1} rows a step");
}

#[test]
fn a_recorded_session_inline_and_on_a_thread() {
    let path = "data/market/dbn-nautilus/esh4-glbx-mdp3-20231225.mbo.dbn.zst";
    let Some(file) = shared(path) else { return };
    for (latency, strategies, depth) in [(0, 1, 10), (60_000, 2, 0), (1_000_000, 2, 10)] {
        let case =
            Case { latency: [latency; 4], strategies, depth, one_in: 120, bars: true, ..PLAIN };
        let data = |decode: &str| json!([{ "type": "dbn", "files": [&file], "symbols": ["ESH4"], "decode": decode }]);
        let make = || prepare(configured(&case, data("thread"))).expect("set up");
        let shown = check("ESH4", &case, &make);
        assert_eq!(shown.counters.records, 68_792);
        let inline = prepare(configured(&case, data("inline"))).expect("set up");
        assert_eq!(through_columns(&case, inline, 128).0, shown);
    }
}
