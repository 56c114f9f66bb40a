//! Real CSV files are read whole: as many rows as their list of sources counts lines, less the
//! header. Skipped where
//! they are not there; `csv_reader.rs` holds the twins on generated data.

use model::{BarLabel, MarketEvent, Timeframe, UnixNanos};
use std::path::PathBuf;
use tickforge_feed::columns::{ColumnRef, Field, RowKind};
use tickforge_feed::csv::{CsvSource, TableOptions, csv_symbols};
use tickforge_feed::{Block, Instruments, Source};

fn shared(path: &str) -> Option<PathBuf> {
    let root = std::env::var_os("TICKFORGE_SHARED").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared")),
        PathBuf::from,
    );
    let path = root.join(path);
    if path.exists() {
        return Some(path);
    }
    println!("skipped: no {}", path.display());
    None
}

/// Kind, events and the times of the first and last event.
fn read(path: &str, options: &TableOptions) -> Option<(RowKind, usize, u64, Vec<MarketEvent>)> {
    let path = shared(path)?;
    let mut source = CsvSource::open(&path, options, &Instruments::default())
        .unwrap_or_else(|error| panic!("{error}"));
    let (mut count, mut ends) = (0, Vec::new());
    loop {
        match source.next_block() {
            Ok(Some(Block::Events(batch))) => {
                if count == 0 {
                    ends.push(batch[0].clone());
                }
                count += batch.len();
                ends.truncate(1);
                ends.extend(batch.last().cloned());
            }
            Ok(_) => break,
            Err(error) => panic!("{error}"),
        }
    }
    Some((source.kind(), count, source.rows(), ends))
}

fn positions(fields: &[Field]) -> Vec<(Field, ColumnRef)> {
    fields.iter().enumerate().map(|(k, f)| (*f, ColumnRef::Position(k))).collect()
}

#[test]
fn bar_files_have_their_row_counts() {
    let minute = Some(Timeframe::MINUTE);
    for (path, rows, timeframe) in [
        ("vectors/backtesting_py/GOOG.csv", 2_148, "1d"),
        ("vectors/backtesting_py/EURUSD.csv", 5_000, "1h"),
        ("data/market/bars-1m-nautilus/btc-perp-20211231-20220201_1m.csv.gz", 45_031, "1m"),
        ("data/market/bars-1m-nautilus/fxcm_usdjpy-m1-bid-2013.csv.gz", 28_761, "1m"),
        ("data/market/bars-1m-nautilus/6EH4.XCME_1min_bars_20240101_20240131.csv.gz", 29_996, "1m"),
        ("data/market/bars-backtrader/orcl-1995-2014.txt", 5_036, "1d"),
        ("data/market/bars-backtrader/2006-min-005.txt", 2_142, "5m"),
        ("data/market/bars-zipline/AAPL.csv.gz", 754, "1d"),
        ("data/market/bars-pandas-ta/SPY_D.csv.gz", 5_241, "1d"),
        ("data/market/bars-gym-anytrading/FOREX_EURUSD_1H_ASK.csv.gz", 6_225, "1h"),
        ("data/market/bars-gym-anytrading/STOCKS_GOOGL.csv", 2_335, "1d"),
        ("data/market/bars-pyalgotrade/SPY-2011.csv.gz", 14_156, "1m"),
    ] {
        let Some((kind, count, read, ends)) = read(path, &TableOptions::default()) else {
            continue;
        };
        assert_eq!((kind, count, read), (RowKind::Bars, rows, rows as u64), "{path}");
        let MarketEvent::Bar(bar) = &ends[0] else { panic!("{ends:?}") };
        assert_eq!(bar.timeframe.to_string(), timeframe, "{path}");
    }
    let fields = [Field::Time, Field::Open, Field::High, Field::Low, Field::Close, Field::Volume];
    let options = TableOptions { columns: positions(&fields), ..TableOptions::default() };
    let path = "data/market/bars-pyalgotrade/nt-spy-minute-2011.csv.gz";
    if let Some((_, count, ..)) = read(path, &options) {
        assert_eq!(count, 14_180, "{path}");
    }
    // Its header names six columns, its rows have seven.
    let path = "data/market/bars-backtrader/2006-01-02-volume-min-001.txt.gz";
    let fields = [Field::Date, Field::Clock, Field::Open, Field::High, Field::Low, Field::Close];
    let columns = positions(&fields);
    let options = TableOptions { columns, timeframe: minute, ..TableOptions::default() };
    if let Some((_, count, ..)) = read(path, &options) {
        assert_eq!(count, 30_889, "{path}");
    }
}

#[test]
fn goog_closes_its_first_day_at_four_in_new_york() {
    let path = "vectors/backtesting_py/GOOG.csv";
    let Some((_, _, _, ends)) = read(path, &TableOptions::default()) else { return };
    let MarketEvent::Bar(bar) = &ends[0] else { panic!("{ends:?}") };
    assert_eq!(bar.close_time, UnixNanos::parse("2004-08-19T20:00:00Z").unwrap());
    assert_eq!(bar.close.to_string(), "100.34");
    assert_eq!(csv_symbols(&shared(path).unwrap(), &TableOptions::default()).unwrap(), ["GOOG"]);
}

#[test]
fn two_thousand_symbols_are_read_in_one_file() {
    let path = "data/market/bars-daily-us-pystock/us_daily_top2000_2015-03-20_2017-03-31.csv.zst";
    let options = TableOptions {
        timeframe: Some(Timeframe::DAY),
        label: Some(BarLabel::Session),
        allow_impossible: true,
        ..TableOptions::default()
    };
    let Some((_, count, ..)) = read(path, &options) else { return };
    assert_eq!(count, 974_725);
    assert_eq!(csv_symbols(&shared(path).unwrap(), &options).unwrap().len(), 2_000);
}

#[test]
fn tick_files_have_their_row_counts() {
    let path = "data/market/ticks-nse-2021-06-11/RELIANCE_2021-06-11_.csv.gz";
    let options = TableOptions { time_zone: Some("Asia/Kolkata".into()), ..Default::default() };
    if let Some((kind, count, ..)) = read(path, &options) {
        assert_eq!((kind, count), (RowKind::Trades, 21_660));
    }
    let id = vec![(Field::Time, ColumnRef::Name("id".into()))];
    let bare = positions(&[Field::Time, Field::Price, Field::Size]);
    let quotes = positions(&[Field::Time, Field::Bid, Field::Ask]);
    let pattern = Some("%d/%m/%Y %H:%M:%S".to_owned());
    for (path, columns, time_format, kind, rows) in [
        ("trades-pyalgotrade/bitstampUSD.csv.gz", bare, None, RowKind::Trades, 9_999),
        ("trades-pyalgotrade/trades-mgtox-usd-2013-01-01.csv.gz", id, None, RowKind::Trades, 2_331),
        ("trades-questdb/btc_trades.csv", vec![], None, RowKind::Trades, 5_882),
        ("ticks-fx-nautilus/quote_tick_data.csv.gz", quotes, None, RowKind::Quotes, 9_500),
        ("ticks-fx-nautilus/truefx_usdjpy-ticks.csv", vec![], None, RowKind::Quotes, 1_000),
        ("bars-backtrader/bidask.csv", vec![], pattern, RowKind::Quotes, 10),
    ] {
        let options = TableOptions { columns, time_format, ..TableOptions::default() };
        let path = format!("data/market/{path}");
        let Some((found, count, ..)) = read(&path, &options) else { continue };
        assert_eq!((found, count), (kind, rows), "{path}");
    }
}
