//! Several files, instruments and timeframes in one run; sessions; where a source does its work.

mod support;

use engine::strategy::drive;
use engine::{Context, Strategy};
use model::{Bar, Fill, InstrumentIndex, Lots, Side, UnixNanos};
use serde_json::{Value, json};
use std::path::Path;
use support::{MarketMaker, configuration, synthetic};
use tickforge_backtest::outcome::conclude;
use tickforge_backtest::{Outcome, RunConfiguration, prepare};

/// Writes down the bars that it sees, and buys once on the first.
#[derive(Default)]
struct Notebook {
    bars: Vec<(u64, Bar)>,
    fills: Vec<Fill>,
}

impl Strategy for Notebook {
    fn on_bar(&mut self, bar: &Bar, context: &mut Context<'_>) {
        if self.bars.is_empty() {
            context.market(InstrumentIndex(0), Side::Buy, Lots(1));
        }
        self.bars.push((context.now().0, *bar));
    }

    fn on_fill(&mut self, fill: &Fill, _context: &mut Context<'_>) {
        self.fills.push(*fill);
    }
}

fn run(configuration: RunConfiguration) -> (Notebook, Outcome) {
    let mut prepared = prepare(configuration).expect("the run is set up");
    let mut notebook = [Box::new(Notebook::default())];
    drive(&mut prepared.run, &mut notebook, &mut |_| true).expect("the run ends");
    let outcome = conclude(&prepared).expect("the result is drawn");
    let [notebook] = notebook;
    (*notebook, outcome)
}

fn with_sources(sources: &[Value], instruments: Value, needs: Value) -> RunConfiguration {
    let mut it = configuration(sources[0].clone(), instruments, needs);
    it.data = sources.iter().map(|s| serde_json::from_value(s.clone()).unwrap()).collect();
    it
}

/// Bars of `every` minutes from 2024-01-02 14:00 UTC on, the k-th at `price + k`.
fn write_bars(path: &Path, count: u64, every: u64, price: u64) {
    let mut text = String::from("time,open,high,low,close,volume\n");
    for k in 0..count {
        let (at, p) = (1_704_204_000 + k * every * 60, price + k);
        text.push_str(&format!("{at},{p},{}.5,{}.5,{p}.25,{every}\n", p, p - 1));
    }
    std::fs::write(path, text).unwrap();
}

#[test]
fn files_of_several_instruments_and_timeframes_are_merged_and_the_finest_drives_the_venue() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    write_bars(&path("AAA.csv"), 30, 1, 100);
    write_bars(&path("BBB.csv"), 30, 1, 500);
    // Its own figures, so that a bar made of the minutes cannot be taken for it.
    write_bars(&path("AAA-hour.csv"), 6, 5, 1_000);
    let sources = [
        json!({ "type": "csv", "files": [path("AAA-hour.csv")], "symbol": "AAA", "timeframe": "5m" }),
        json!({ "type": "csv", "files": [path("AAA.csv"), path("BBB.csv")] }),
    ];
    let needs = json!({ "bars": ["1m", "5m"] });
    let (seen, outcome) = run(with_sources(&sources, json!([]), needs));
    let symbols: Vec<&str> = outcome.instruments.iter().map(|it| it.symbol.as_str()).collect();
    assert_eq!(symbols, ["AAA", "BBB"]);
    let of = |instrument: u32, timeframe: &str| -> Vec<Bar> {
        let wanted = |bar: &&(u64, Bar)| {
            bar.1.instrument.0 == instrument && bar.1.timeframe.to_string() == timeframe
        };
        seen.bars.iter().filter(wanted).map(|(_, bar)| *bar).collect()
    };
    let counts = [of(0, "1m").len(), of(1, "1m").len(), of(0, "5m").len(), of(1, "5m").len()];
    assert_eq!(counts, [30, 30, 6, 6]);
    // Read for AAA, made of minutes for BBB, whose file has no others.
    assert!(of(0, "5m").iter().all(|bar| bar.open.as_f64() >= 1_000.0));
    assert_eq!(of(1, "5m")[1].open.as_f64(), 505.0);
    for (now, bar) in &seen.bars {
        assert!(*now >= bar.close_time.0, "{bar:?} was seen at {now}");
    }
    assert!(seen.bars.is_sorted_by_key(|(now, bar)| (*now, bar.timeframe)), "by time, finer first");
    // Decided at the first minute's close, filled at the second minute's open.
    let [fill] = &seen.fills[..] else { panic!("{:?}", seen.fills) };
    assert_eq!((fill.price.as_f64(), fill.instrument.0), (101.0, 0));
}

const DAYS: &str = "date,open,high,low,close,volume
2024-01-02,10,11,9,10,5
2024-01-03,10,11,9,10,5
2024-07-02,10,11,9,10,5
2024-07-03,10,11,9,10,5
";

fn closes(sessions: &[(&str, &str, Option<Value>)]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let (mut sources, mut instruments) = (Vec::new(), Vec::new());
    for (symbol, kind, session) in sessions {
        let file = folder.path().join(format!("{symbol}.csv"));
        std::fs::write(&file, DAYS).unwrap();
        sources.push(json!({ "type": "csv", "files": [file], "timeframe": "1d" }));
        instruments.push(json!({ "symbol": symbol, "kind": kind, "tickSize": "0.01",
            "multiplier": "1", "session": session }));
    }
    let (seen, _) =
        run(with_sources(&sources, Value::Array(instruments), json!({ "bars": ["1d"] })));
    seen.bars.iter().map(|(_, bar)| bar.close_time.to_string()).collect()
}

#[test]
fn a_daily_bar_ends_with_the_session_of_its_instrument() {
    let usual = closes(&[("E", "equity", None)]);
    assert_eq!(usual[0], "2024-01-02T21:00:00.000000000Z");
    assert_eq!(usual[2], "2024-07-02T20:00:00.000000000Z");
    let future = closes(&[("F", "future", None)]);
    assert_eq!(future[0], "2024-01-02T22:00:00.000000000Z");
    let coin = closes(&[("C", "spot", None)]);
    assert_eq!(coin[0], "2024-01-03T00:00:00.000000000Z");
    let tokyo = json!({ "timeZone": "Asia/Tokyo", "close": "15:00" });
    let own = closes(&[("T", "equity", Some(tokyo.clone())), ("E", "equity", None)]);
    assert_eq!(own[0], "2024-01-02T06:00:00.000000000Z");
    assert_eq!(own[1], "2024-01-02T21:00:00.000000000Z");
}

#[test]
fn instruments_of_one_file_end_their_days_each_with_its_own_session() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("all.csv");
    let text = "date,symbol,open,high,low,close,volume
2024-01-02,T,10,11,9,10,5
2024-01-02,E,10,11,9,10,5
2024-01-03,T,10,11,9,10,5
2024-01-03,E,10,11,9,10,5
";
    std::fs::write(&file, text).unwrap();
    let source = json!({ "type": "csv", "files": [file], "timeframe": "1d", "label": "session" });
    let instruments = json!([{ "symbol": "T", "kind": "equity",
        "session": { "timeZone": "Asia/Tokyo", "close": "15:00" } }]);
    let (seen, outcome) = run(with_sources(&[source], instruments, json!({ "bars": ["1d"] })));
    let symbol = |bar: &Bar| outcome.instruments[bar.instrument.index()].symbol.clone();
    let ends: Vec<(String, String)> =
        seen.bars.iter().map(|(_, bar)| (symbol(bar), bar.close_time.to_string())).collect();
    assert_eq!(ends.len(), 4);
    assert_eq!(ends[0], ("T".to_owned(), "2024-01-02T06:00:00.000000000Z".to_owned()));
    assert_eq!(ends[1], ("E".to_owned(), "2024-01-02T21:00:00.000000000Z".to_owned()));
}

#[test]
fn a_day_made_of_hours_ends_with_the_session_too() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("H.csv");
    write_bars(&file, 72, 60, 100);
    let ends = |session: Value| {
        let source = json!({ "type": "csv", "files": [file] });
        let instruments = json!([{ "symbol": "H", "kind": "equity", "session": session }]);
        let (seen, _) = run(with_sources(&[source], instruments, json!({ "bars": ["1d"] })));
        let times: Vec<UnixNanos> = seen.bars.iter().map(|(_, bar)| bar.close_time).collect();
        times[0].to_string()
    };
    assert_eq!(ends(Value::Null), "2024-01-02T21:00:00.000000000Z");
    let london = json!({ "timeZone": "Europe/London", "close": "16:30" });
    assert_eq!(ends(london), "2024-01-02T16:30:00.000000000Z");
}

#[test]
fn where_a_market_is_generated_makes_no_difference() {
    let hash = |decode: Value| {
        let mut data = synthetic(60_000);
        data["decode"] = decode;
        let mut prepared =
            prepare(configuration(data, json!([]), json!({ "quotes": true }))).unwrap();
        let mut strategies = [Box::new(MarketMaker::new(5))];
        drive(&mut prepared.run, &mut strategies, &mut |_| true).unwrap();
        conclude(&prepared).unwrap().state_hash
    };
    let inline = hash(json!("inline"));
    assert_eq!(inline, hash(json!("thread")));
    assert_eq!(inline, hash(Value::Null));
    let mut data = synthetic(60_000);
    data["decode"] = json!("elsewhere");
    let wrong = prepare(configuration(data, json!([]), json!({}))).err().unwrap();
    assert!(wrong.to_string().contains("data.decode"), "{wrong}");
}
