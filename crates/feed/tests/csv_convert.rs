//! Conversion between DBN, CSV and Parquet keeps every row.

use model::{MarketEvent, Quantity, Timeframe};
use std::path::{Path, PathBuf};
use tickforge_feed::columns::RowKind;
use tickforge_feed::convert::{ConvertOptions, Converted, convert};
use tickforge_feed::csv::{CsvSource, CsvWriter, TableOptions};
use tickforge_feed::dbn::{DbnFile, DbnOptions};
use tickforge_feed::parquet::ParquetSource;
use tickforge_feed::synthetic::{
    SyntheticConfig, SyntheticMarket, synthetic_bars, synthetic_quotes, synthetic_trades, write_dbn,
};
use tickforge_feed::{Block, FeedError, Instruments, Source};

fn run(from: &Path, to: &Path) -> Result<Converted, FeedError> {
    let mut last = 0.0;
    convert(from, to, &ConvertOptions::default(), &mut |fraction| {
        assert!((0.0..=1.0).contains(&fraction) && fraction >= last, "{fraction} after {last}");
        last = fraction;
        true
    })
}

fn events(source: &mut dyn Source) -> Vec<MarketEvent> {
    let mut all = Vec::new();
    while let Some(Block::Events(batch)) = source.next_block().unwrap() {
        all.extend_from_slice(batch);
    }
    all
}

fn instruments(symbols: &[&str]) -> Instruments {
    let make = |s: &&str| model::Instrument::plain_equity(s, model::Currency::USD).unwrap();
    symbols.iter().map(make).collect()
}

fn market() -> SyntheticConfig {
    SyntheticConfig { records: 12_000, live_orders: 1_000, ..SyntheticConfig::default() }
}

#[test]
fn a_synthetic_market_is_a_dbn_file_that_reads_back_as_generated() {
    let folder = tempfile::tempdir().unwrap();
    let expected = SyntheticMarket::new(market()).unwrap().into_bytes();
    for name in ["a.dbn", "a.dbn.zst"] {
        let path = folder.path().join(name);
        let written = write_dbn(market(), &path, &mut |_| true).unwrap();
        assert_eq!(written as usize, expected.len() / 56);
        let file = DbnFile::open(&path, DbnOptions::default()).unwrap();
        assert_eq!((file.symbols(), file.metadata().version), (vec!["SYN"], 3));
        let mut source = file.into_source(&instruments(&["SYN"])).unwrap();
        let mut bytes = Vec::new();
        while let Some(Block::Mbo(block)) = source.next_block().unwrap() {
            assert_eq!(block.ids.get(1, 1), Some(model::InstrumentIndex(0)));
            bytes.extend_from_slice(block.bytes);
        }
        assert!(bytes == expected);
    }
    let stopped = write_dbn(market(), &folder.path().join("b.dbn"), &mut |_| false).unwrap_err();
    assert_eq!(stopped.code(), "ERR_FEED_STOPPED");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2, "no half file stays");
}

#[test]
fn market_by_order_becomes_rows_of_all_raw_fields() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let written = write_dbn(market(), &path("a.dbn.zst"), &mut |_| true).unwrap();
    for name in ["a.csv", "a.parquet", "b.dbn"] {
        let done = run(&path("a.dbn.zst"), &path(name)).unwrap();
        assert_eq!(done, Converted { rows: written, left_out: 0 }, "{name}");
    }
    let text = std::fs::read_to_string(path("a.csv")).unwrap();
    assert_eq!(text.lines().count() as u64, written + 1);
    let bytes = SyntheticMarket::new(market()).unwrap().into_bytes();
    let record = model::Mbo::first_of(&bytes[5_000 * 56..]).unwrap();
    let row: Vec<&str> = text.lines().nth(5_001).unwrap().split(',').collect();
    assert_eq!(row[1], record.ts_event().to_string());
    assert_eq!(
        row[3..7].join(" "),
        format!("1 1 {} {}", record.action() as char, record.side_raw() as char)
    );
    assert_eq!(row[7], record.price().to_string());
    assert_eq!(row[10].parse(), Ok(record.order_id()));
    assert_eq!((row[14], row.len()), ("SYN", 15));
    // The rows are trades to the Parquet reader: time, price, size, side.
    let options = TableOptions { kind: Some(RowKind::Trades), ..TableOptions::default() };
    let none = Instruments::default();
    let mut source = ParquetSource::open(&path("a.parquet"), &options, &none).unwrap();
    let error = source.next_block().map(drop).unwrap_err();
    assert_eq!(error.code(), "ERR_FEED_VALUE", "the clear has no price");
    let plain = path("c.dbn");
    write_dbn(market(), &plain, &mut |_| true).unwrap();
    assert!(std::fs::read(plain).unwrap() == std::fs::read(path("b.dbn")).unwrap());
}

#[test]
fn tables_become_dbn_and_back_without_a_change() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let mut trades = synthetic_trades(1, 3_000);
    trades[7].aggressor = None;
    for trade in trades.iter_mut().skip(1).step_by(3) {
        trade.instrument = model::InstrumentIndex(1);
    }
    let mut quotes = synthetic_quotes(1, 3_000);
    quotes[5].ask = model::Price::UNDEFINED;
    quotes[5].ask_size = Quantity::ZERO;
    let lists: [(RowKind, Vec<MarketEvent>); 3] = [
        (RowKind::Trades, trades.into_iter().map(MarketEvent::Trade).collect()),
        (RowKind::Quotes, quotes.into_iter().map(MarketEvent::Quote).collect()),
        (
            RowKind::Bars,
            synthetic_bars(1, 500, Timeframe::MINUTE).into_iter().map(MarketEvent::Bar).collect(),
        ),
    ];
    let symbols = ["AAA".to_owned(), "BBB".to_owned()];
    for (kind, expected) in lists {
        let mut writer = CsvWriter::create(&path("a.csv"), kind, 0, &symbols).unwrap();
        expected.iter().for_each(|event| assert!(writer.write(event).unwrap()));
        writer.finish().unwrap();
        let rows = Converted { rows: expected.len() as u64, left_out: 0 };
        for pair in [
            ["a.csv", "b.parquet"],
            ["b.parquet", "c.dbn.zst"],
            ["c.dbn.zst", "d.parquet"],
            ["c.dbn.zst", "e.csv"],
            ["a.csv", "f.dbn"],
        ] {
            assert_eq!(run(&path(pair[0]), &path(pair[1])).unwrap(), rows, "{kind:?} {pair:?}");
        }
        assert_eq!(
            std::fs::read_to_string(path("e.csv")).unwrap(),
            std::fs::read_to_string(path("a.csv")).unwrap(),
            "{kind:?}"
        );
        let none = Instruments::default();
        let mut source =
            ParquetSource::open(&path("d.parquet"), &TableOptions::default(), &none).unwrap();
        assert_eq!(events(&mut source), expected, "{kind:?}");
    }
}

#[test]
fn a_price_file_is_opened_whatever_its_format() {
    use tickforge_feed::tables::{open_table, table_symbols};
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let trades: Vec<MarketEvent> =
        synthetic_trades(1, 100).into_iter().map(MarketEvent::Trade).collect();
    let mut writer =
        CsvWriter::create(&path("a.csv"), RowKind::Trades, 0, &["XYZ".to_owned()]).unwrap();
    trades.iter().for_each(|event| assert!(writer.write(event).unwrap()));
    writer.finish().unwrap();
    run(&path("a.csv"), &path("b.parquet")).unwrap();
    run(&path("a.csv"), &path("c.dbn")).unwrap();
    let options = TableOptions::default();
    for name in ["a.csv", "b.parquet"] {
        assert_eq!(table_symbols(&path(name), &options).unwrap(), ["XYZ"]);
        let mut source = open_table(&path(name), &options, &instruments(&["XYZ"])).unwrap();
        assert_eq!(events(source.as_mut()), trades);
        let mut other = open_table(&path(name), &options, &instruments(&["ABC"])).unwrap();
        assert!(other.next_block().unwrap().is_none(), "no row is of another symbol");
    }
    let error = open_table(&path("c.dbn"), &options, &instruments(&[])).map(drop).unwrap_err();
    assert_eq!(error.code(), "ERR_FEED_FORMAT");
}

#[test]
fn what_cannot_be_converted_is_refused_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("a.csv"), "time,price,size\n1700000000,1.5,0.25\n").unwrap();
    let bars = "time,open,high,low,close\n1700000000,1,1,1,1\n1700000300,1,1,1,1\n";
    std::fs::write(path("b.csv"), bars).unwrap();
    std::fs::write(path("c.csv"), "time,price,size\n").unwrap();
    for (from, to, code) in [
        ("a.csv", "x.dbn", "ERR_FEED_VALUE"),
        ("b.csv", "x.dbn", "ERR_FEED_SETTING"),
        ("c.csv", "x.dbn", "ERR_FEED_EMPTY"),
        ("a.csv", "x.xlsx", "ERR_FEED_SETTING"),
        ("none.csv", "x.csv", "ERR_FEED_IO"),
    ] {
        let error = run(&path(from), &path(to)).unwrap_err();
        assert_eq!(error.code(), code, "{from} {to}: {error}");
    }
    let stopped =
        convert(&path("a.csv"), &path("x.csv"), &ConvertOptions::default(), &mut |_| false);
    assert_eq!(stopped.unwrap_err().code(), "ERR_FEED_STOPPED");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 3);
}

#[test]
fn esh4_becomes_rows() {
    let root = std::env::var_os("TICKFORGE_SHARED").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared")),
        PathBuf::from,
    );
    let file = root.join("data/market/dbn-nautilus/esh4-glbx-mdp3-20231225.mbo.dbn.zst");
    if !file.exists() {
        println!("skipped: no {}", file.display());
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let done = run(&file, &folder.path().join("a.csv")).unwrap();
    assert_eq!(done, Converted { rows: 68_792, left_out: 0 });
    let done = run(&file, &folder.path().join("a.parquet")).unwrap();
    assert_eq!(done.rows, 68_792);
    // GOOG's daily bars become DBN, and CSV again with the same times.
    let goog = root.join("vectors/backtesting_py/GOOG.csv");
    if goog.exists() {
        let (dbn, csv) = (folder.path().join("g.dbn"), folder.path().join("GOOG.csv"));
        assert_eq!(run(&goog, &dbn).unwrap().rows, 2_148);
        assert_eq!(run(&dbn, &csv).unwrap().rows, 2_148);
        let read = |path: &Path| {
            let none = Instruments::default();
            events(&mut CsvSource::open(path, &TableOptions::default(), &none).unwrap())
        };
        for (a, b) in read(&goog).iter().zip(read(&csv)) {
            let (MarketEvent::Bar(a), MarketEvent::Bar(b)) = (a, b) else { panic!("{a:?}") };
            assert_eq!(
                (a.open, a.high, a.low, a.close, a.volume),
                (b.open, b.high, b.low, b.close, b.volume)
            );
            assert_eq!(a.close_time.0 / Timeframe::DAY.0, (b.close_time.0 - 1) / Timeframe::DAY.0);
        }
    }
}
