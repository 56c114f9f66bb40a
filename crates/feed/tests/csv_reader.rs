//! CSV files as sources: kinds, columns, times, labels, and what is refused where.

use model::{BarLabel, MarketEvent, SessionClose, Timeframe, UnixNanos};
use tickforge_feed::columns::{ColumnRef, Field, RowKind};
use tickforge_feed::csv::{CsvSource, TableOptions};
use tickforge_feed::{Block, FeedError, Instruments, Place, Source};

fn open(text: &str, options: &TableOptions) -> Result<CsvSource, FeedError> {
    CsvSource::from_bytes("t.csv", text.as_bytes().to_vec(), options, &Instruments::default())
}

fn all(source: &mut CsvSource) -> Result<Vec<MarketEvent>, FeedError> {
    let mut events = Vec::new();
    while let Some(Block::Events(batch)) = source.next_block()? {
        events.extend_from_slice(batch);
    }
    Ok(events)
}

fn read(text: &str, options: &TableOptions) -> Result<Vec<MarketEvent>, FeedError> {
    all(&mut open(text, options)?)
}

fn at(text: &str) -> UnixNanos {
    UnixNanos::parse(text).unwrap()
}

const DAILY: &str = "Date,Open,High,Low,Close,Volume\n\
    2013-01-02,10,12,9,11,1000\n2013-01-03,11,13,10,12,2000\n2013-01-04,12,14,11,13,3000\n";

#[test]
fn daily_bars_close_at_the_sessions_end_in_new_york_unless_told_otherwise() {
    let bars = read(DAILY, &TableOptions::default()).unwrap();
    let MarketEvent::Bar(bar) = &bars[0] else { panic!("{bars:?}") };
    assert_eq!((bar.timeframe, bar.close_time), (Timeframe::DAY, at("2013-01-02T21:00:00Z")));
    assert_eq!((bar.high.to_string(), bar.volume), ("12".into(), 1_000_000_000_000));
    let session = Some(SessionClose::new("Europe/London", "16:30").unwrap());
    let options = TableOptions { session_close: session, ..TableOptions::default() };
    let bars = read(DAILY, &options).unwrap();
    assert_eq!(bars[2].ts_event(), at("2013-01-04T16:30:00Z"));
    let options = TableOptions { label: Some(BarLabel::Open), ..TableOptions::default() };
    assert_eq!(read(DAILY, &options).unwrap()[0].ts_event(), at("2013-01-03T00:00:00Z"));
}

#[test]
fn intraday_bars_are_labelled_by_their_open_and_their_interval_is_inferred() {
    let text = "time;open;high;low;close\n2024.01.02 10:00;1;2;1;2\n2024.01.02 10:05;2;2;1;1\n\
                2024.01.02 10:10;1;1;1;1\n";
    let bars = read(text, &TableOptions::default()).unwrap();
    let MarketEvent::Bar(bar) = &bars[0] else { panic!("{bars:?}") };
    assert_eq!(bar.timeframe, Timeframe(5 * Timeframe::MINUTE.0));
    assert_eq!(bar.open_time, at("2024-01-02T10:00:00Z"));
    let options = TableOptions {
        label: Some(BarLabel::Close),
        time_zone: Some("America/New_York".into()),
        ..TableOptions::default()
    };
    assert_eq!(read(text, &options).unwrap()[0].ts_event(), at("2024-01-02T15:00:00Z"));
}

#[test]
fn an_interval_or_label_that_is_not_clear_is_asked_for() {
    let months = "date,open,high,low,close\n2024-01-31,1,1,1,1\n2024-02-29,1,1,1,1\n\
                  2024-03-31,1,1,1,1\n2024-04-30,1,1,1,1\n";
    let many = "symbol,date,open,high,low,close\nA,2024-01-02,1,1,1,1\nB,2024-01-02,1,1,1,1\n";
    for (text, timeframe, asks) in [
        (months, None, "timeframe"),
        (many, None, "timeframe"),
        (many, Some(Timeframe::DAY), "label"),
    ] {
        let options = TableOptions { timeframe, ..TableOptions::default() };
        let error = open(text, &options).map(drop).unwrap_err();
        assert!(matches!(&error, FeedError::Setting { option, .. } if *option == asks), "{error}");
    }
    let options = TableOptions {
        timeframe: Some(Timeframe::DAY),
        label: Some(BarLabel::Session),
        ..TableOptions::default()
    };
    let mut source = open(many, &options).unwrap();
    let bars = all(&mut source).unwrap();
    assert_eq!(source.symbols(), ["A", "B"]);
    assert_eq!((bars[1].instrument().0, bars[1].ts_event()), (1, at("2024-01-02T21:00:00Z")));
    let options = TableOptions { timeframe: Some(Timeframe::MINUTE), ..options };
    assert!(open(many, &options).is_err(), "a session of one minute");
}

#[test]
fn rows_of_symbols_that_are_not_in_the_run_are_skipped_and_counted() {
    let text = "ts_event,symbol,price,size,side\n1700000000,A,1.5,2,buy\n1700000001,B,2,3,sell\n\
                1700000002,A,1.25,1,\n";
    let a = model::Instrument::plain_equity("A", model::Currency::USD).unwrap();
    let run: Instruments = [a].into_iter().collect();
    let bytes = text.as_bytes().to_vec();
    let mut source = CsvSource::from_bytes("t", bytes, &TableOptions::default(), &run).unwrap();
    let events = all(&mut source).unwrap();
    assert_eq!((events.len(), source.rows(), source.filtered()), (2, 3, 1));
    let MarketEvent::Trade(trade) = &events[0] else { panic!("{events:?}") };
    assert_eq!((trade.price.to_string(), trade.aggressor), ("1.5".into(), Some(model::Side::Buy)));
}

#[test]
fn quotes_trades_and_depth_are_recognised() {
    let quotes =
        "timestamp,bid,ask,bidSize,askSize\n1700000000.5,1,1.01,5,6\n1700000001,,1.01,0,6\n";
    let events = read(quotes, &TableOptions::default()).unwrap();
    let MarketEvent::Quote(quote) = &events[1] else { panic!("{events:?}") };
    assert!(!quote.bid.is_defined() && quote.ask_size.0 == 6_000_000_000);
    assert_eq!(events[0].ts_event(), UnixNanos(1_700_000_000_500_000_000));
    let depth = "time,bid_price_1,bid_qty_1,bid_price_2,bid_qty_2,ask_price_1,ask_qty_1,\
                 ask_price_2,ask_qty_2\n1700000000,9,1,8,2,10,3,11,4\n\
                 1700000001,9,1,,,,,,\n";
    let events = read(depth, &TableOptions::default()).unwrap();
    let MarketEvent::Depth(depth) = &events[0] else { panic!("{events:?}") };
    assert_eq!((depth.bids.len(), depth.asks[1].quantity.to_string()), (2, "4".into()));
    // Sides that are shorter than their columns.
    let MarketEvent::Depth(depth) = &events[1] else { panic!("{events:?}") };
    assert_eq!((depth.bids.len(), depth.asks.len()), (1, 0));
}

#[test]
fn files_without_names_are_read_by_position() {
    let text = "20110103 090100;126.35;126.39;126.35;126.39;1579\n\
                20110103 090200;126.45;126.45;126.45;126.45;300\n";
    let error = open(text, &TableOptions::default()).map(drop).unwrap_err();
    assert_eq!(error.code(), "ERR_FEED_HEADER");
    let fields = [Field::Time, Field::Open, Field::High, Field::Low, Field::Close, Field::Volume];
    let columns = fields.into_iter().enumerate().map(|(k, f)| (f, ColumnRef::Position(k)));
    let options = TableOptions { columns: columns.collect(), ..TableOptions::default() };
    let bars = read(text, &options).unwrap();
    assert_eq!((bars.len(), bars[0].ts_event()), (2, at("2011-01-03T09:02:00Z")));
}

#[test]
fn running_totals_become_trades_where_they_grow() {
    let text = "timestamp,ltp,volume\n1700000000,10,100\n1700000001,10.5,150\n1700000002,10.5,150\n\
                1700000003,11,20\n1700000004,11,25\n";
    let options = TableOptions { cumulative: true, ..TableOptions::default() };
    let sizes: Vec<String> = read(text, &options)
        .unwrap()
        .iter()
        .filter_map(
            |e| if let MarketEvent::Trade(t) = e { Some(t.quantity.to_string()) } else { None },
        )
        .collect();
    assert_eq!(sizes, ["50", "5"]);
}

#[test]
fn adjusted_prices_are_scaled_by_the_adjusted_close() {
    let text = "Date,Open,High,Low,Close,Adj Close,Volume\n2013-01-02,100,104,96,100,50,7\n\
                2013-01-03,100,104,96,100,25,7\n";
    let options = TableOptions { adjusted: true, ..TableOptions::default() };
    let bars = read(text, &options).unwrap();
    let MarketEvent::Bar(bar) = &bars[0] else { panic!("{bars:?}") };
    assert_eq!([bar.open, bar.high, bar.low].map(|p| p.to_string()), ["50", "52", "48"]);
    let error = open(DAILY, &options).map(drop).unwrap_err();
    assert_eq!(error.code(), "ERR_FEED_HEADER");
}

#[test]
fn every_fault_names_its_row_and_column() {
    let row = |text: &str| format!("{DAILY}{text}\n");
    for (text, code, word) in [
        (row("2013-01-07,1,2"), "ERR_FEED_CORRUPT", "3 cells"),
        (row("2013-01-07,x,2,1,1,1"), "ERR_FEED_VALUE", "Open"),
        (row("2013-01-07,NaN,2,1,1,1"), "ERR_FEED_VALUE", "NaN"),
        (row("2013-01-07,,2,1,1,1"), "ERR_FEED_VALUE", "Open"),
        (row("2013-01-07,-1,2,1,1,1"), "ERR_FEED_NEGATIVE", "-1"),
        (row("2013-01-07,1,2,3,1,1"), "ERR_FEED_IMPOSSIBLE", "high 2 below low 3"),
        (row("2013-01-07,5,2,1,1,1"), "ERR_FEED_IMPOSSIBLE", "open 5"),
        (row("2013-01-07,1,2,1,1,-5"), "ERR_FEED_NEGATIVE", "-5"),
        (row("yesterday,1,2,1,1,1"), "ERR_FEED_VALUE", "yesterday"),
        (row("07/01/2013,1,2,1,1,1"), "ERR_FEED_VALUE", "timeFormat"),
        (row("2013-01-07,1e30,2,1,1,1"), "ERR_FEED_VALUE", "1e30"),
    ] {
        let options = TableOptions { timeframe: Some(Timeframe::DAY), ..TableOptions::default() };
        let mut source = open(&text, &options).unwrap();
        // The rows before the fault come first; after the error the source is at its end.
        assert!(matches!(source.next_block(), Ok(Some(Block::Events(batch))) if batch.len() == 3));
        let error = source.next_block().map(drop).unwrap_err();
        assert_eq!((error.code(), error.place()), (code, Place::Row(4)), "{text}: {error}");
        assert!(error.to_string().contains(word), "{error}");
        assert!(source.next_block().unwrap().is_none() && source.block().is_none());
    }
    let options = TableOptions { allow_impossible: true, ..TableOptions::default() };
    assert_eq!(read(&row("2013-01-07,5,2,3,1,-1"), &options).unwrap().len(), 4);
}

#[test]
fn what_is_no_csv_is_named() {
    for (bytes, code) in [
        (&b""[..], "ERR_FEED_EMPTY"),
        (b"\n\n", "ERR_FEED_EMPTY"),
        (b"PAR1....", "ERR_FEED_FORMAT"),
        (b"DBN\x03....", "ERR_FEED_FORMAT"),
        (b"\xFF\xFEa\0", "ERR_FEED_FORMAT"),
        (b"PK\x03\x04....", "ERR_FEED_FORMAT"),
        (b"a,b,c\n1,2,3\n", "ERR_FEED_HEADER"),
        (b"\x1F\x8B\x08garbage", "ERR_FEED_CORRUPT"),
    ] {
        let source = CsvSource::from_bytes(
            "t",
            bytes.to_vec(),
            &TableOptions::default(),
            &Instruments::default(),
        );
        let error = source.map(drop).unwrap_err();
        let code_found = error.code();
        assert!(
            code_found == code || code == "ERR_FEED_CORRUPT" && code_found == "ERR_FEED_IO",
            "{error}"
        );
    }
    let endless = format!("time,price,size\n1700000000,\"{}", "x".repeat(3 << 20));
    let error = read(&endless, &TableOptions::default()).unwrap_err();
    assert_eq!((error.code(), error.place()), ("ERR_FEED_CORRUPT", Place::Row(1)), "{error}");
}

#[test]
fn compressed_text_is_read_as_the_plain_text_is() {
    use std::io::Write;
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(DAILY.as_bytes()).unwrap();
    let zstd = zstd::stream::encode_all(DAILY.as_bytes(), 1).unwrap();
    let plain = read(DAILY, &TableOptions::default()).unwrap();
    for bytes in [gzip.finish().unwrap(), zstd] {
        let (none, options) = (Instruments::default(), TableOptions::default());
        let mut source = CsvSource::from_bytes("t", bytes, &options, &none).unwrap();
        assert_eq!(source.kind(), RowKind::Bars);
        assert_eq!(all(&mut source).unwrap(), plain);
        assert_eq!(source.progress(), 1.0);
    }
}
