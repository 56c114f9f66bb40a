//! Inspecting CSV and Parquet files: how they are understood, what is in them, what is wrong.

use serde_json::Value;
use std::path::{Path, PathBuf};
use tickforge_feed::check::Problem;
use tickforge_feed::convert::{ConvertOptions, convert};
use tickforge_feed::inspect::{InspectOptions, Inspection, inspect};

fn options() -> InspectOptions {
    InspectOptions { check: true, book: true, ..InspectOptions::default() }
}

fn write(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path
}

fn one(path: &Path) -> Inspection {
    inspect(&[path], &options()).unwrap_or_else(|error| panic!("{error}"))
}

const BARS: &str = "Date,Open,High,Low,Close,Volume
2024-01-02,10,11,9,10,5
2024-01-03,10,11,9,10,7
2024-01-04,10,8,9,10,5
";

#[test]
fn a_bar_file_tells_columns_length_label_range_and_problems() {
    let folder = tempfile::tempdir().unwrap();
    let found = one(&write(folder.path(), "GOOG.csv", BARS));
    let (file, goog) = (&found.files[0], &found.instruments[0]);
    assert_eq!((file.format, file.schema, file.symbols, found.records), ("csv", "bars", 1, 3));
    let table = file.table.as_ref().unwrap();
    assert_eq!(
        (table.columns["time"].as_str(), table.columns["volume"].as_str()),
        ("Date", "Volume")
    );
    assert!(!table.columns.contains_key("size"), "{:?}", table.columns);
    let bars = table.bars.as_ref().unwrap();
    assert_eq!((&bars.timeframes[..], bars.label), (&["1d".to_owned()][..], "session"));
    assert!(bars.to_be_said.is_empty());
    assert_eq!((goog.symbol.as_deref(), goog.records, goog.volume), (Some("GOOG"), 3, 17));
    assert_eq!(goog.first_event.as_ref().unwrap().iso, "2024-01-02T05:00:00.000000000Z");
    assert_eq!(goog.last_event.as_ref().unwrap().iso, "2024-01-04T21:00:00.000000000Z");
    let check = file.check.as_ref().unwrap();
    assert_eq!((check.rows, check.problems[&Problem::Impossible], check.first[0].row), (3, 1, 3));
    // What only DBN files have is not there.
    let json: Value = serde_json::to_value(&found).unwrap();
    assert!(json["files"][0].get("version").is_none());
    assert_eq!(json["files"][0]["check"]["first"][0]["ts_event"], "1704402000000000000");
    assert!(json["instruments"][0].get("publisher").is_none(), "{json}");
}

#[test]
fn a_file_of_several_symbols_says_which_options_a_run_needs() {
    let folder = tempfile::tempdir().unwrap();
    let mut text = String::from("timestamp,ticker,open,high,low,close,volume\n");
    for minute in 0..9 {
        for symbol in ["B", "A"] {
            text.push_str(&format!("2024-01-02 10:0{minute},{symbol},10,11,9,10,{minute}\n"));
        }
    }
    let found = one(&write(folder.path(), "two.csv", &text));
    let table = found.files[0].table.as_ref().unwrap();
    let bars = table.bars.as_ref().unwrap();
    assert_eq!(bars.to_be_said, ["timeframe", "label"]);
    assert_eq!((&bars.timeframes[..], bars.label), (&["1m".to_owned()][..], "open"));
    let symbols: Vec<_> =
        found.instruments.iter().map(|it| (it.symbol.as_deref(), it.records, it.volume)).collect();
    assert_eq!(symbols, [(Some("B"), 9, 36), (Some("A"), 9, 36)]);
    assert_eq!(found.files[0].check.as_ref().unwrap().total(), 0);
}

#[test]
fn ticks_and_parquet_are_understood_and_files_of_all_formats_go_together() {
    let folder = tempfile::tempdir().unwrap();
    let quotes = "time,bid,ask,bid_size,ask_size
2024-01-02T10:00:00Z,10,11,1,1
2024-01-02T10:00:01Z,12,11,1,1
";
    let quotes = write(folder.path(), "Q.csv", quotes);
    let trades = "time,price,size,side\n1704189600,10,3,buy\n1704189601,10.5,4,sell\n";
    let trades = write(folder.path(), "T.csv", trades);
    let parquet = folder.path().join("T.parquet");
    convert(&trades, &parquet, &ConvertOptions::default(), &mut |_| true).unwrap();
    let dbn = folder.path().join("T.dbn");
    convert(&trades, &dbn, &ConvertOptions::default(), &mut |_| true).unwrap();
    let found = inspect(&[&quotes, &trades, &parquet, &dbn], &options()).unwrap();
    let said: Vec<_> = found.files.iter().map(|it| (it.format, it.schema)).collect();
    assert_eq!(
        said,
        [("csv", "quotes"), ("csv", "trades"), ("parquet", "trades"), ("dbn", "trades")]
    );
    assert_eq!((found.records, found.instruments.len()), (8, 4));
    let crossed = found.files[0].check.as_ref().unwrap();
    assert_eq!((crossed.problems[&Problem::Crossed], crossed.first[0].row), (1, 2));
    for k in 1..4 {
        assert_eq!(found.files[k].check.as_ref().map_or(0, |check| check.total()), 0);
    }
    let volumes: Vec<u128> = found.instruments.iter().map(|it| it.volume).collect();
    assert_eq!(volumes.iter().filter(|volume| **volume == 7).count(), 3, "{volumes:?}");
}

#[test]
fn what_cannot_be_read_is_a_fault_or_an_error_that_names_it() {
    let folder = tempfile::tempdir().unwrap();
    // Behind what is looked at to tell the interval.
    let mut ragged = String::from("time,open,high,low,close,volume\n");
    for k in 0..1_000 {
        ragged.push_str(&format!("{},10,11,9,10,5\n", 1_704_189_600 + 60 * k));
    }
    ragged.push_str("1704289600,10,11\n");
    let found = one(&write(folder.path(), "R.csv", &ragged));
    let fault = found.files[0].fault.as_ref().unwrap();
    assert_eq!((fault.code, found.records), ("ERR_FEED_CORRUPT", 1_000));
    assert!(fault.message.contains("row 1001"), "{}", fault.message);
    for (name, text, code) in [
        ("h.csv", "a,b,c\n1,2,3\n", "ERR_FEED_HEADER"),
        ("e.csv", "", "ERR_FEED_EMPTY"),
        ("b.bin", "\0\x01\x02nothing known", "ERR_FEED_FORMAT"),
        ("f.dbn", "not DBN at all", "ERR_FEED_FORMAT"),
        ("one.csv", "time,open,high,low,close\n2024-01-02,1,1,1,1\n", "ERR_FEED_SETTING"),
    ] {
        let error = inspect(&[write(folder.path(), name, text)], &options()).unwrap_err();
        assert_eq!(error.code(), code, "{name}: {error}");
        assert!(error.to_string().contains(name), "{name}: {error}");
    }
    let error = inspect(&[folder.path().join("none.csv")], &options()).unwrap_err();
    assert_eq!(error.code(), "ERR_FEED_IO");
}

#[test]
fn recorded_files_are_inspected_without_a_fault() {
    let root = std::env::var_os("TICKFORGE_SHARED").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared")),
        PathBuf::from,
    );
    for (path, schema, problems) in [
        ("vectors/backtesting_py/GOOG.csv", "bars", 0),
        ("vectors/backtesting_py/EURUSD.csv", "bars", 0),
        ("data/market/bars-zipline/AAPL.csv.gz", "bars", 0),
        ("data/market/ticks-fx-nautilus/EURUSD_quotes_2020-01-30.parquet", "quotes", 0),
        ("data/market/l2-cme-5level-parquet-2023/xet_29sept_trades_0804.parquet", "trades", 0),
        // Its last rows have no bids.
        ("data/market/l2-cme-5level-parquet-2023/xet_29sept_quotes_0804.parquet", "depth", 0),
        ("data/market/l2-misc-small/tardis_quotes.csv.gz", "quotes", 0),
        // Level updates read as trades: sizes of zero remove levels.
        ("data/market/l2-gdax-btcusd-2018/l2update_15min_2.csv.gz", "trades", 17_571),
    ] {
        let path = root.join(path);
        if !path.exists() {
            println!("skipped: no {}", path.display());
            continue;
        }
        let found = one(&path);
        let file = &found.files[0];
        assert_eq!((file.schema, &file.fault), (schema, &None), "{}", path.display());
        let check = file.check.as_ref().unwrap();
        assert_eq!(check.total(), problems, "{}: {:?}", path.display(), check.first);
    }
}
