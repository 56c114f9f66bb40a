//! Dividends, funding and borrow in whole runs: simulation.md, "Corporate actions, funding,
//! margin, borrow".

mod support;

use engine::strategy::drive;
use engine::{CashChange, Context, Strategy};
use model::{Bar, InstrumentIndex, Lots, Side};
use serde_json::{Value, json};
use std::io::Write;
use support::configuration;
use tickforge_backtest::configuration::{Fees, Latency};
use tickforge_backtest::outcome::conclude;
use tickforge_backtest::{Outcome, prepare};

const FIRST: InstrumentIndex = InstrumentIndex(0);

/// Trades once, at the first bar; keeps the cash changes that it is told.
struct Once {
    lots: i64,
    bars: u32,
    told: Vec<CashChange>,
}

impl Strategy for Once {
    fn on_bar(&mut self, _bar: &Bar, context: &mut Context<'_>) {
        self.bars += 1;
        if self.bars == 1 {
            let side = if self.lots > 0 { Side::Buy } else { Side::Sell };
            context.market(FIRST, side, Lots(self.lots.abs()));
        }
    }

    fn on_cash(&mut self, change: &CashChange, _context: &mut Context<'_>) {
        self.told.push(*change);
    }
}

/// Bars at a price that never moves, so that equity changes by cash alone.
fn run(times: &[String], timeframe: &str, price: &str, lots: i64, cash: Value) -> (Outcome, usize) {
    let mut file = tempfile::NamedTempFile::with_suffix(".csv").unwrap();
    writeln!(file, "time,open,high,low,close,volume").unwrap();
    for time in times {
        writeln!(file, "{time},{price},{price},{price},{price},1000000").unwrap();
    }
    let kind = if timeframe == "1d" { "equity" } else { "perpetual" };
    let data = json!({
        "type": "csv", "files": [file.path()], "symbol": "X", "timeframe": timeframe,
        "label": if timeframe == "1d" { "session" } else { "open" },
    });
    let terms = json!([{ "symbol": "X", "kind": kind, "tickSize": "0.01", "multiplier": "1" }]);
    let mut configuration = configuration(data, terms, json!({ "bars": [timeframe] }));
    configuration.account.initial_cash = "1000000".to_owned();
    configuration.venue.latency =
        Latency::Fixed { submit_ns: 0, modify_ns: 0, cancel_ns: 0, response_ns: 0 };
    configuration.venue.fees = Fees::None;
    configuration.risk_limits = None;
    configuration.cash_events = Some(serde_json::from_value(cash).unwrap());
    let mut prepared = prepare(configuration).expect("the run is set up");
    let mut strategies = [Box::new(Once { lots, bars: 0, told: Vec::new() })];
    drive(&mut prepared.run, &mut strategies, &mut |_| true).expect("the run ends");
    let side = &prepared.run.strategies()[0];
    let venue = prepared.run.ledger().account(model::StrategyIndex(0));
    assert_eq!(side.account.cash(), venue.cash(), "both sides know the same cash at the end");
    let told = strategies[0].told.len();
    (conclude(&prepared).expect("the result is drawn"), told)
}

fn days() -> Vec<String> {
    ["22", "23", "24", "28", "29", "30", "31"].map(|day| format!("2024-05-{day}")).to_vec()
}

fn dividend(ex: &str, pays: &str) -> Value {
    json!({
        "adjustment": "raw",
        "dividends": [{ "symbol": "X", "exDate": ex, "payDate": pays, "amount": "0.24" }],
    })
}

/// "who held at the previous close receives quantity × d on the pay date, shorts pay".
#[test]
fn a_dividend_is_paid_to_who_held_at_the_close_before() {
    for (lots, amount) in [(100, 24.0), (-100, -24.0)] {
        let (outcome, told) = run(&days(), "1d", "50", lots, dividend("2024-05-28", "2024-05-30"));
        assert_eq!((outcome.cash.kind.as_slice(), told), (["dividend"].as_slice(), 1));
        assert_eq!(outcome.cash.amount, [amount]);
        // Midnight of the pay date in New York.
        assert_eq!(outcome.cash.time, [1_717_041_600_000.0]);
        assert_eq!(outcome.figures.final_equity, 1_000_000.0 + amount);
    }
    // The order of the 22nd executes on the 23rd: nobody held at the close of the 22nd.
    let (outcome, _) = run(&days(), "1d", "50", 100, dividend("2024-05-23", "2024-05-30"));
    assert!(outcome.cash.amount.is_empty());
    // The run ends before the pay date.
    let (outcome, _) = run(&days(), "1d", "50", 100, dividend("2024-05-28", "2024-06-03"));
    assert!(outcome.cash.amount.is_empty());
}

fn hours() -> Vec<String> {
    (0..12).map(|hour| format!("2024-05-22T{hour:02}:00:00Z")).collect()
}

/// "2 BTC long, mark 60,000, rate .0001 → −12".
#[test]
fn funding_is_paid_at_its_stamp_by_the_position_of_that_instant() {
    let at = model::UnixNanos::parse("2024-05-22T08:00:00Z").unwrap().0.to_string();
    let before = model::UnixNanos::parse("2024-05-22T00:30:00Z").unwrap().0.to_string();
    for (lots, rate, mark, amount) in [
        (2, "0.0001", Some("60000"), -12.0),
        (-2, "0.0001", Some("60000"), 12.0),
        (2, "-0.0001", None, 10.0),
    ] {
        let stamp = |time: &str| json!({ "symbol": "X", "time": time, "rate": rate, "mark": mark });
        let cash = json!({ "funding": [stamp(&at), stamp(&before)] });
        let (outcome, told) = run(&hours(), "1h", "50000", lots, cash);
        assert_eq!((outcome.cash.amount.as_slice(), told), ([amount].as_slice(), 1));
        assert_eq!(outcome.figures.final_equity, 1_000_000.0 + amount);
        assert_eq!(outcome.strategies[0].realized, 0.0, "reported apart from what fills realised");
    }
}

/// "every calendar day. Short 10,000 at 100 bps → .27397 a day".
#[test]
fn borrow_is_paid_every_calendar_day() {
    let cash = json!({ "borrow": [{ "symbol": "X", "bps": "100", "basis": 365 }] });
    let (outcome, told) = run(&days(), "1d", "100", -100, cash.clone());
    // Short since the bar of the 23rd: the midnights from the 24th to the 31st, weekend included.
    assert_eq!((outcome.cash.amount.len(), told), (8, 8));
    assert!(outcome.cash.amount.iter().all(|&amount| amount == -0.273_972_603));
    assert_eq!(outcome.figures.final_equity, 1_000_000.0 - 8.0 * 0.273_972_603);
    let (long, _) = run(&days(), "1d", "100", 100, cash);
    assert!(long.cash.amount.is_empty());
}

/// A cash event is part of the state: without it the hash is another.
#[test]
fn cash_events_are_part_of_the_state_hash() {
    let with = run(&days(), "1d", "50", 100, dividend("2024-05-28", "2024-05-30")).0.state_hash;
    let again = run(&days(), "1d", "50", 100, dividend("2024-05-28", "2024-05-30")).0.state_hash;
    let without = run(&days(), "1d", "50", 100, json!({})).0.state_hash;
    assert_eq!(with, again);
    assert_ne!(with, without);
}

/// What cannot be is refused before the run, by field.
#[test]
fn what_cannot_be_is_refused() {
    let stamp = json!({ "symbol": "SYN", "time": "1", "rate": "0.0001" });
    let dividend = |change: Value| {
        let mut terms = json!({
            "symbol": "SYN", "exDate": "2024-05-28", "payDate": "2024-05-30", "amount": "1",
        });
        terms.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        json!({ "adjustment": "split", "dividends": [terms] })
    };
    let bad = [
        (json!({ "funding": [stamp] }), "cashEvents.funding[0].symbol"),
        (
            json!({ "borrow": [{ "symbol": "Y", "bps": "1", "basis": 365 }] }),
            "cashEvents.borrow[0].symbol",
        ),
        (
            json!({ "borrow": [{ "symbol": "SYN", "bps": "-1", "basis": 365 }] }),
            "cashEvents.borrow[0].bps",
        ),
        (
            json!({ "borrow": [{ "symbol": "SYN", "bps": "1", "basis": 0 }] }),
            "cashEvents.borrow[0].basis",
        ),
        (dividend(json!({ "payDate": "2024-05-27" })), "cashEvents.dividends[0].payDate"),
        (dividend(json!({ "exDate": "2024-05-32" })), "cashEvents.dividends[0].exDate"),
        (dividend(json!({ "amount": "0" })), "cashEvents.dividends[0].amount"),
    ];
    for (cash, field) in bad {
        let mut configuration =
            configuration(support::synthetic(2_000), json!([]), json!({ "trades": true }));
        configuration.cash_events = Some(serde_json::from_value(cash).unwrap());
        let Err(error) = prepare(configuration) else { panic!("{field} was accepted") };
        assert!(error.to_string().contains(field), "{error}");
    }
}
