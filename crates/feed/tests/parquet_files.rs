//! Parquet: tables that are written are read back, events survive the way there and back, broken
//! files are refused, and real files have their row counts.

use model::random::SeededRandom;
use model::{MarketEvent, Timeframe};
use std::path::{Path, PathBuf};
use tickforge_feed::columns::RowKind;
use tickforge_feed::csv::{CsvSource, CsvWriter, TableOptions};
use tickforge_feed::parquet::{
    Codec, Column, ColumnData, ColumnKind, ParquetSource, ParquetTable, ParquetWriter,
    parquet_symbols,
};
use tickforge_feed::synthetic::{synthetic_bars, synthetic_quotes, synthetic_trades};
use tickforge_feed::{Block, FeedError, Instruments, Source};

fn events(source: &mut dyn Source) -> Result<Vec<MarketEvent>, FeedError> {
    let mut all = Vec::new();
    while let Some(Block::Events(batch)) = source.next_block()? {
        all.extend_from_slice(batch);
    }
    Ok(all)
}

fn parquet(path: &Path) -> Result<Vec<MarketEvent>, FeedError> {
    let options = TableOptions::default();
    events(&mut ParquetSource::open(path, &options, &Instruments::default())?)
}

fn csv(path: &Path) -> Result<Vec<MarketEvent>, FeedError> {
    events(&mut CsvSource::open(path, &TableOptions::default(), &Instruments::default())?)
}

/// Series of every kind, with what makes files hard: empty sides, unknown aggressors, two symbols.
fn series(seed: u64) -> Vec<(RowKind, Vec<MarketEvent>)> {
    let mut random = SeededRandom::new(seed, "series");
    let bars = synthetic_bars(seed, 300, Timeframe::HOUR).into_iter().map(|mut bar| {
        bar.volume *= i128::from(1 + random.below(1 << 40));
        MarketEvent::Bar(bar)
    });
    let bars: Vec<_> = bars.collect();
    let mut quotes = synthetic_quotes(seed, 9_000);
    quotes[1].bid = model::Price::UNDEFINED;
    quotes[1].bid_size = model::Quantity::ZERO;
    let mut trades = synthetic_trades(seed, 500);
    trades[3].aggressor = None;
    for (k, trade) in trades.iter_mut().enumerate() {
        trade.instrument = model::InstrumentIndex(u32::from(k > 0 && k % 3 == 0));
        trade.price.0 += random.below(1_000_000_000) as i64;
    }
    let depth = quotes[2..50].iter().map(|q| {
        let level = |k: i64, price: i64| model::DepthLevel {
            price: model::Price(price),
            quantity: model::Quantity(k * 7),
            count: k as u32,
        };
        MarketEvent::Depth(Box::new(model::Depth {
            instrument: q.instrument,
            ts_event: q.ts_event,
            ts_recv: q.ts_recv,
            bids: (0..5).map(|k| level(k, q.bid.0 - k)).collect(),
            asks: (0..5).map(|k| level(k, q.ask.0 + k)).collect(),
        }))
    });
    vec![
        (RowKind::Depth, depth.collect()),
        (RowKind::Bars, bars),
        (RowKind::Quotes, quotes.into_iter().map(MarketEvent::Quote).collect()),
        (RowKind::Trades, trades.into_iter().map(MarketEvent::Trade).collect()),
    ]
}

#[test]
fn csv_to_parquet_to_csv_keeps_every_event() {
    let folder = tempfile::tempdir().unwrap();
    let symbols = ["AAA".to_owned(), "B, \"quoted\"".to_owned()];
    for seed in 0..4 {
        for (kind, expected) in series(seed) {
            let first = folder.path().join("a.csv.zst");
            let second = folder.path().join("b.parquet");
            let third = folder.path().join("c.csv");
            let mut writer = CsvWriter::create(&first, kind, 5, &symbols).unwrap();
            assert!(expected.iter().all(|event| writer.write(event).unwrap()));
            assert_eq!(writer.finish().unwrap(), expected.len() as u64);
            let read = csv(&first).unwrap();
            assert_eq!(read, expected, "{kind:?} from CSV");
            let mut writer = ParquetWriter::create(&second, kind, 5, &symbols).unwrap();
            assert!(read.iter().all(|event| writer.write(event).unwrap()));
            assert_eq!(writer.finish().unwrap(), expected.len() as u64);
            let read = parquet(&second).unwrap();
            assert_eq!(read, expected, "{kind:?} from Parquet");
            let mut writer = CsvWriter::create(&third, kind, 5, &symbols).unwrap();
            read.iter().for_each(|event| assert!(writer.write(event).unwrap()));
            writer.finish().unwrap();
            let plain = std::fs::read(&third).unwrap();
            let packed = std::fs::read(&first).unwrap();
            assert_eq!(zstd::stream::decode_all(&packed[..]).unwrap(), plain, "{kind:?}");
        }
    }
}

#[test]
fn a_table_keeps_what_it_was_given_and_refuses_what_does_not_fit() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.parquet");
    let columns = [
        Column::new("time", ColumnKind::Timestamp),
        Column::new("price", ColumnKind::F64),
        Column::new("size", ColumnKind::U32),
        Column::new("is_buyer_maker", ColumnKind::Bool),
        Column::new("note", ColumnKind::Utf8).optional(),
        Column::new("count", ColumnKind::I64).optional(),
    ];
    for codec in [Codec::Zstd, Codec::Snappy] {
        let meta = [("run", "7")];
        let mut table = ParquetTable::create_with(&path, &columns, codec, &meta).unwrap();
        let rows = 70_000u64;
        for k in 0..rows / 1000 {
            let times: Vec<u64> =
                (0..1000).map(|j| 1_700_000_000_000_000_000 + k * 1000 + j).collect();
            table
                .append(&[
                    ColumnData::Timestamp(&times),
                    ColumnData::F64(&[1.12172; 1000]),
                    ColumnData::U32(&[u32::MAX; 1000]),
                    ColumnData::Bool(&[k % 2 == 0; 1000]),
                    ColumnData::Utf8(&[""; 1000]),
                    ColumnData::I64(&[i64::MAX; 1000]),
                ])
                .unwrap();
        }
        let short = [ColumnData::F64(&[1.0])];
        assert_eq!(table.append(&short).unwrap_err().code(), "ERR_FEED_SETTING");
        assert!(!path.exists() || codec == Codec::Snappy);
        assert_eq!(table.finish().unwrap(), rows);
        let read = parquet(&path).unwrap();
        assert_eq!(read.len() as u64, rows);
        let MarketEvent::Trade(trade) = &read[1500] else { panic!("{:?}", read[0]) };
        assert_eq!(trade.ts_event.0, 1_700_000_000_000_001_500);
        assert_eq!(
            (trade.price.to_string(), trade.quantity.to_string()),
            ("1.12172".into(), "4294967295".into())
        );
        assert_eq!(trade.aggressor, Some(model::Side::Buy));
    }
    assert_eq!(parquet_symbols(&path, &TableOptions::default()).unwrap(), ["t"]);
    let twice = [Column::new("a", ColumnKind::I64), Column::new("a", ColumnKind::I64)];
    assert!(ParquetTable::create(&folder.path().join("x"), &twice).is_err());
    let dropped = folder.path().join("dropped.parquet");
    drop(ParquetTable::create(&dropped, &columns).unwrap());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "only the finished table");
}

#[test]
fn broken_files_are_refused_without_a_panic() {
    let folder = tempfile::tempdir().unwrap();
    let (good, bad) = (folder.path().join("good.parquet"), folder.path().join("bad.parquet"));
    let mut writer = ParquetWriter::create(&good, RowKind::Trades, 0, &["A".to_owned()]).unwrap();
    for trade in synthetic_trades(1, 200) {
        writer.write(&MarketEvent::Trade(trade)).unwrap();
    }
    writer.finish().unwrap();
    let bytes = std::fs::read(&good).unwrap();
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let mut random = SeededRandom::new(1, "parquet mutation");
    let (mut read, mut refused) = (0, 0);
    for _ in 0..1_500 {
        let mut text = bytes.clone();
        for _ in 0..1 + random.below(4) {
            let at = random.below(text.len() as u64) as usize;
            match random.below(3) {
                0 => text[at] ^= 1 << random.below(8),
                1 => text[at] = random.next_u64() as u8,
                _ => text.truncate(at.max(1)),
            }
        }
        std::fs::write(&bad, &text).unwrap();
        match parquet(&bad) {
            Ok(_) => read += 1,
            Err(error) => {
                assert!(error.code().starts_with("ERR_FEED_"));
                refused += 1;
            }
        }
    }
    std::panic::set_hook(hook);
    assert!(read > 10 && refused > 500, "{read} read, {refused} refused");
    std::fs::write(&bad, b"").unwrap();
    assert_eq!(parquet(&bad).unwrap_err().code(), "ERR_FEED_EMPTY");
    std::fs::write(&bad, b"time,price\n").unwrap();
    assert_eq!(parquet(&bad).unwrap_err().code(), "ERR_FEED_CORRUPT");
}

fn shared(path: &str) -> Option<PathBuf> {
    let root = std::env::var_os("TICKFORGE_SHARED").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared")),
        PathBuf::from,
    );
    let path = root.join("data/market").join(path);
    if path.exists() {
        return Some(path);
    }
    println!("skipped: no {}", path.display());
    None
}

#[test]
fn real_files_have_their_row_counts() {
    for (path, kind, rows, decimals) in [
        (
            "l2-cme-5level-parquet-2023/xauusd_28june_quotes_0501.parquet",
            RowKind::Depth,
            257_891,
            None,
        ),
        (
            "l2-cme-5level-parquet-2023/gbpusd_16june_quotes_0503.parquet",
            RowKind::Depth,
            228_703,
            None,
        ),
        (
            "l2-cme-5level-parquet-2023/xet_29sept_quotes_0804.parquet",
            RowKind::Depth,
            232_499,
            None,
        ),
        (
            "l2-cme-5level-parquet-2023/xauusd_28june_trades_0501.parquet",
            RowKind::Trades,
            88_646,
            None,
        ),
        (
            "l2-cme-5level-parquet-2023/gbpusd_16june_trades_0503.parquet",
            RowKind::Trades,
            25_599,
            None,
        ),
        ("l2-cme-5level-parquet-2023/xet_29sept_trades_0804.parquet", RowKind::Trades, 20, None),
        ("ticks-fx-nautilus/EURUSD_quotes_2020-01-30.parquet", RowKind::Quotes, 99_308, None),
        ("ticks-fx-nautilus/AUDUSD_quotes_2020-01-30.parquet", RowKind::Quotes, 100_000, Some(9)),
        (
            "ticks-fx-nautilus/quote_tick_usdjpy_2019_sim_rust.parquet",
            RowKind::Quotes,
            10_000,
            Some(18),
        ),
        (
            "ticks-fx-nautilus/quote_tick_eurusd_2019_sim_rust.parquet",
            RowKind::Quotes,
            10_000,
            Some(18),
        ),
        ("trades-freqtrade/XRP_ETH-trades.parquet", RowKind::Trades, 12_477, None),
    ] {
        let Some(file) = shared(path) else { continue };
        let options = TableOptions { integer_decimals: decimals, ..TableOptions::default() };
        let mut source = ParquetSource::open(&file, &options, &Instruments::default())
            .unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(source.kind(), kind, "{path}");
        let (mut count, mut first) = (0, None);
        while let Some(Block::Events(batch)) = source.next_block().unwrap_or_else(|e| panic!("{e}"))
        {
            first = first.or_else(|| batch.first().cloned());
            count += batch.len();
        }
        assert_eq!((count, source.rows()), (rows, rows as u64), "{path}");
        println!("{path}: {first:?}");
    }
}
