//! The checker: what it reports, what it lets pass, what it does about it.

mod support;

use model::{
    Bar, Currency, Depth, DepthLevel, Instrument, InstrumentIndex, InstrumentKind, MarketEvent,
    MboFields, Price, Quantity, Quote, Status, Timeframe, Trade, TradingPhase, UnixNanos,
};
use support::compare::instruments;
use tickforge_feed::check::{CheckOptions, CheckReport, Checked, OrderChecks, Policy, Problem};
use tickforge_feed::dbn::{DbnFile, DbnOptions};
use tickforge_feed::{Block, FeedError, Instruments, MemoryEvents, MemoryMbo, Source};

const START: u64 = 1_700_000_000_000_000_000;
const I: InstrumentIndex = InstrumentIndex(0);

fn trade(k: u64, price: i64, quantity: i64) -> MarketEvent {
    MarketEvent::Trade(Trade {
        instrument: I,
        ts_event: UnixNanos(START + k),
        ts_recv: UnixNanos(START + k),
        price: Price(price),
        quantity: Quantity(quantity),
        aggressor: None,
    })
}

fn quote(k: u64, bid: i64, ask: i64) -> MarketEvent {
    MarketEvent::Quote(Quote {
        instrument: I,
        ts_event: UnixNanos(START + k),
        ts_recv: UnixNanos(START + k),
        bid: Price(bid),
        ask: Price(ask),
        bid_size: Quantity(1),
        ask_size: Quantity(1),
        bid_count: 0,
        ask_count: 0,
    })
}

fn bar(minute: u64, [open, high, low, close]: [i64; 4], volume: i128) -> MarketEvent {
    let open_time = UnixNanos(START + minute * Timeframe::MINUTE.0);
    MarketEvent::Bar(Bar {
        instrument: I,
        timeframe: Timeframe::MINUTE,
        open_time,
        close_time: open_time.plus(Timeframe::MINUTE.0),
        open: Price(open),
        high: Price(high),
        low: Price(low),
        close: Price(close),
        volume,
    })
}

fn depth(k: u64, bids: &[i64], asks: &[i64]) -> MarketEvent {
    let level = |&price: &i64| DepthLevel { price: Price(price), quantity: Quantity(1), count: 0 };
    MarketEvent::Depth(Box::new(Depth {
        instrument: I,
        ts_event: UnixNanos(START + k),
        ts_recv: UnixNanos(START + k),
        bids: bids.iter().map(level).collect(),
        asks: asks.iter().map(level).collect(),
    }))
}

fn status(k: u64, phase: TradingPhase) -> MarketEvent {
    let time = UnixNanos(START + k);
    MarketEvent::Status(Status { instrument: I, ts_event: time, ts_recv: time, phase })
}

fn options(policy: Policy) -> CheckOptions {
    CheckOptions { policy, ..CheckOptions::default() }
}

/// What passes, what is reported, and the error.
fn check(
    source: impl Source,
    instruments: &Instruments,
    options: CheckOptions,
) -> (Vec<MarketEvent>, CheckReport, Option<FeedError>) {
    let (mut checked, handle) = Checked::new(source, instruments, options).unwrap();
    let mut passed = Vec::new();
    loop {
        match checked.next_block() {
            Ok(Some(Block::Events(events))) => passed.extend_from_slice(events),
            Ok(Some(Block::Mbo(_))) => {}
            Ok(None) => return (passed, handle.report(), None),
            Err(e) => {
                assert!(checked.next_block().unwrap().is_none() && checked.block().is_none());
                return (passed, handle.report(), Some(e));
            }
        }
    }
}

fn equities() -> Instruments {
    instruments(["X"])
}

fn problems(events: Vec<MarketEvent>) -> Vec<Problem> {
    let source = MemoryEvents::new("m", events).with_block(3);
    let (_, report, error) = check(source, &equities(), options(Policy::Warn));
    assert!(error.is_none());
    report.first.iter().map(|finding| finding.problem).collect()
}

#[test]
fn each_kind_of_problem_is_told() {
    for (events, expected) in [
        (vec![trade(5, 10, 1), trade(4, 10, 1)], Problem::OutOfOrder),
        (vec![trade(1, 10, 1), quote(2, 11, 10)], Problem::Crossed),
        (vec![trade(1, 10, 1), depth(2, &[11, 9], &[10, 12])], Problem::Crossed),
        (vec![trade(1, -10, 1)], Problem::Negative),
        (vec![trade(1, 10, -1)], Problem::Negative),
        (vec![bar(1, [5, 6, 4, 5], -1)], Problem::Negative),
        (vec![quote(1, -2, 10)], Problem::Negative),
        (vec![bar(1, [5, 6, 4, 5], 1), bar(1, [5, 6, 4, 5], 1)], Problem::Duplicated),
        (vec![trade(1, 10, 0)], Problem::Impossible),
        (vec![trade(1, i64::MAX, 1)], Problem::Impossible),
        (vec![bar(1, [5, 4, 6, 5], 1)], Problem::Impossible),
        (vec![bar(1, [7, 6, 4, 5], 1)], Problem::Impossible),
        (vec![bar(1, [5, 6, 4, 3], 1)], Problem::Impossible),
        (vec![depth(1, &[9, 10], &[11])], Problem::Impossible),
        (vec![depth(1, &[9, 8], &[11, 11])], Problem::Impossible),
    ] {
        assert_eq!(problems(events.clone()), [expected], "{events:?}");
    }
    let mut undated = trade(1, 10, 1);
    if let MarketEvent::Trade(trade) = &mut undated {
        (trade.ts_event, trade.ts_recv) = (UnixNanos(19_800), UnixNanos(19_800));
    }
    assert_eq!(problems(vec![undated]), [Problem::Impossible]);
}

#[test]
fn what_is_lawful_is_counted_and_passes() {
    // Crossed before the first trade and in a halt; repeated rows; an empty interval; an
    // exchange time that goes back while the receive time goes on.
    let mut late = trade(3, 10, 1);
    if let MarketEvent::Trade(trade) = &mut late {
        trade.ts_recv = UnixNanos(START + 9);
    }
    let events = vec![
        quote(1, 11, 10),
        trade(4, 10, 1),
        trade(4, 10, 1),
        late,
        status(5, TradingPhase::Halted),
        quote(6, 11, 10),
        bar(1, [5, 6, 4, 5], 1),
        bar(4, [5, 6, 4, 5], 1),
    ];
    let source = MemoryEvents::new("m", events.clone());
    let (passed, report, error) = check(source, &equities(), CheckOptions::default());
    assert!(error.is_none() && passed == events, "{error:?}");
    let lawful = report.lawful;
    assert_eq!((report.rows, report.total(), lawful.crossed_before_open), (8, 0, 2));
    assert_eq!((lawful.backward_steps, lawful.largest_step_ns), (1, 1));
    assert_eq!((lawful.repeated_rows, lawful.empty_intervals), (1, 2));
    // The same rows where the options say that they must not be.
    let strict = CheckOptions { unique_rows: true, continuous_bars: true, ..options(Policy::Warn) };
    let (_, report, _) = check(MemoryEvents::new("m", events), &equities(), strict);
    assert_eq!(report.problems[&Problem::Duplicated], 1);
    assert_eq!(report.problems[&Problem::Gapped], 1);
}

#[test]
fn quotes_without_trades_must_not_cross() {
    let events = vec![quote(1, 9, 10), quote(2, 11, 10)];
    let strict = CheckOptions { quotes_only: true, ..CheckOptions::default() };
    let (_, _, error) = check(MemoryEvents::new("q", events.clone()), &equities(), strict);
    assert_eq!(error.unwrap().code(), "ERR_FEED_CROSSED");
    let source = MemoryEvents::new("q", events);
    assert!(check(source, &equities(), CheckOptions::default()).2.is_none());
}

#[test]
fn a_future_may_trade_below_zero() {
    let future = Instrument::new(
        "CL",
        InstrumentKind::Future,
        Price(1),
        Quantity(1_000_000_000),
        Price(1),
        Currency::USD,
    );
    let futures: Instruments = [future.unwrap()].into_iter().collect();
    let source = MemoryEvents::new("m", vec![trade(1, -37_630_000_000, 1)]);
    assert!(check(source, &futures, CheckOptions::default()).2.is_none());
}

#[test]
fn the_default_policy_ends_the_source_at_the_row() {
    let events = vec![trade(1, 10, 1), trade(2, 10, 1), trade(3, 10, 0), trade(4, 10, 1)];
    let source = MemoryEvents::new("rows.csv", events).with_block(2);
    let (passed, report, error) = check(source, &equities(), CheckOptions::default());
    let error = error.unwrap();
    assert_eq!((error.code(), passed.len(), report.total()), ("ERR_FEED_IMPOSSIBLE", 2, 1));
    let text = error.to_string();
    assert!(text.contains("rows.csv in row 3") && text.contains("X a trade of nothing"), "{text}");
}

#[test]
fn rejected_rows_are_set_aside_in_a_file_that_appears_at_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rejects.csv");
    let events: Vec<_> = (0..9).map(|k| trade(k, 10, i64::from(k % 3 != 1))).collect();
    let expected: Vec<_> = events
        .iter()
        .filter(|e| matches!(e, MarketEvent::Trade(t) if t.quantity.0 == 1))
        .cloned()
        .collect();
    let reject = CheckOptions { rejects: Some(path.clone()), ..options(Policy::Reject) };
    for block in [1, 2, 100] {
        let source = MemoryEvents::new("m", events.clone()).with_block(block);
        let (mut checked, _) = Checked::new(source, &equities(), reject.clone()).unwrap();
        checked.next_block().unwrap();
        if block < 100 {
            assert!(!path.exists(), "not before the end");
        }
        drop(checked);
        assert!(std::fs::read_dir(folder.path()).unwrap().next().is_none(), "nothing is left");
        let source = MemoryEvents::new("m", events.clone()).with_block(block);
        let (passed, report, error) = check(source, &equities(), reject.clone());
        assert!(error.is_none() && passed == expected);
        assert_eq!((report.rejected, report.first.len()), (3, 3));
        let text = std::fs::read_to_string(&path).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 4, "{text}");
        assert!(lines[1].starts_with("2,impossible,\"X\",17000"), "{text}");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing else is left");
        std::fs::remove_file(&path).unwrap();
    }
    // A source that is not read to its end keeps what it set aside when it is told to.
    let source = MemoryEvents::new("m", events.clone()).with_block(2);
    let (mut checked, handle) = Checked::new(source, &equities(), reject.clone()).unwrap();
    checked.next_block().unwrap();
    handle.finish().unwrap();
    assert_eq!(std::fs::read_to_string(&path).unwrap().lines().count(), 2);
    std::fs::remove_file(&path).unwrap();
    // No rejects, no file.
    let good = MemoryEvents::new("m", expected);
    assert_eq!(check(good, &equities(), reject).1.rejected, 0);
    assert!(!path.exists());
    // A file for rejects under another policy would stay empty without a word.
    let wrong = CheckOptions { rejects: Some(path), ..CheckOptions::default() };
    let error = Checked::new(MemoryEvents::new("m", events), &equities(), wrong).err().unwrap();
    assert_eq!(error.code(), "ERR_FEED_SETTING");
}

#[test]
fn orders_are_looked_at_when_asked() {
    let order = |k: u64, action| MboFields {
        ts_event: START + k,
        ts_recv: START + k,
        sequence: 2 * k as u32,
        action,
        side: b'B',
        size: 1,
        price: 5,
        ..MboFields::default()
    };
    let run = |records: &[MboFields], orders, policy| {
        let bytes: Vec<u8> = records.iter().flat_map(MboFields::encode).collect();
        let source = MemoryMbo::new("m", bytes).unwrap();
        check(source, &equities(), CheckOptions { orders, ..options(policy) })
    };
    let good = [order(1, b'A'), order(2, b'M'), order(3, b'C')];
    let (_, report, error) = run(&good, OrderChecks::Everything, Policy::Error);
    assert!(error.is_none() && report.rows == 3);
    assert_eq!(report.lawful.sequence_gaps, 3);
    let bad =
        [order(5, b'A'), order(2, b'A'), order(6, b'?'), MboFields { size: 0, ..order(7, b'A') }];
    let (_, report, error) = run(&bad, OrderChecks::Everything, Policy::Warn);
    assert!(error.is_none());
    assert_eq!(
        (report.problems[&Problem::OutOfOrder], report.problems[&Problem::Impossible]),
        (1, 2)
    );
    let everything = report.first;
    let (_, report, _) = run(&bad, OrderChecks::Problems, Policy::Warn);
    assert_eq!((report.rows, report.first), (4, everything), "both ways find the same");
    for policy in [Policy::Error, Policy::Reject] {
        for orders in [OrderChecks::Problems, OrderChecks::Everything] {
            let (_, _, error) = run(&bad, orders, policy);
            assert_eq!(error.unwrap().code(), "ERR_FEED_OUT_OF_ORDER");
        }
    }
    assert!(run(&bad, OrderChecks::Off, Policy::Error).2.is_none());
}

#[test]
fn the_recorded_future_has_no_problems_but_lawful_oddities() {
    let Some(market) = support::shared() else { return };
    let path = market.join("dbn-nautilus/esh4-glbx-mdp3-20231225.mbo.dbn.zst");
    let instruments = instruments(["ESH4"]);
    let file = DbnFile::open(path, DbnOptions::default()).unwrap();
    let source = file.into_source(&instruments).unwrap();
    let orders = CheckOptions { orders: OrderChecks::Everything, ..CheckOptions::default() };
    let (_, report, error) = check(source, &instruments, orders);
    assert!(error.is_none(), "{error:?}");
    println!("{report:?}");
    assert_eq!((report.rows, report.total()), (68_792, 0));
    assert_eq!(report.lawful.snapshot_records, 8_725);
    assert!(report.lawful.sequence_gaps > 0);
}
