//! Recorded frames of Binance, generated: the sequence rules, the venue's order, what is refused.
//! `binance_real_files.rs` reads what was really recorded.

use model::random::SeededRandom;
use model::{
    Currency, Instrument, InstrumentIndex, InstrumentKind, MarketEvent, Price, Quantity, Side,
    UnixNanos,
};
use tickforge_feed::binance::{
    BinanceCounts, BinanceOptions, BinanceSource, BinanceStreams, BookStart, OnGap,
};
use tickforge_feed::{Block, FeedError, Instruments, Source};

fn instruments(symbols: &[&str]) -> Instruments {
    symbols
        .iter()
        .map(|symbol| {
            let (tick, lot) = (Price(100_000_000), Quantity(1_000_000));
            let (one, usd) = (Price(model::NANO), Currency::USD);
            Instrument::new(symbol, InstrumentKind::Perpetual, tick, lot, one, usd).unwrap()
        })
        .collect()
}

fn read(
    text: &str,
    options: &BinanceOptions,
    symbols: &[&str],
) -> Result<(Vec<(MarketEvent, u64)>, BinanceCounts), FeedError> {
    let mut source = BinanceSource::from_bytes(
        "frames",
        text.as_bytes().to_vec(),
        options,
        &instruments(symbols),
    )?;
    let mut events = Vec::new();
    loop {
        let count = match source.next_block()? {
            Some(Block::Events(batch)) => {
                events.extend(batch.iter().map(|event| (event.clone(), 0)));
                batch.len()
            }
            Some(Block::Mbo(_)) => panic!("no market by order here"),
            None => return Ok((events, source.counts())),
        };
        let first = events.len() - count;
        for at in 0..count {
            events[first + at].1 = source.row(at).unwrap();
        }
    }
}

/// Side, price, size, clear and last of every level change, with its line.
fn levels(events: &[(MarketEvent, u64)]) -> Vec<(char, String, String, bool, bool, u64)> {
    events
        .iter()
        .filter_map(|(event, line)| match event {
            MarketEvent::Level(level) => Some((
                if level.side == Side::Buy { 'b' } else { 'a' },
                if level.price.is_defined() { level.price.to_string() } else { "-".into() },
                level.quantity.to_string(),
                level.clear,
                level.last,
                *line,
            )),
            _ => None,
        })
        .collect()
}

const SPOT: &str = r#"1700000000100000000 {"stream":"btcusdt@depth@100ms","data":{"e":"depthUpdate","E":1700000000050,"s":"BTCUSDT","U":90,"u":95,"b":[["100.0","9.0"]],"a":[]}}
1700000000200000000 {"stream":"btcusdt@depth@100ms","data":{"e":"depthUpdate","E":1700000000150,"s":"BTCUSDT","U":96,"u":102,"b":[["100.0","3.0"],["99.9","0"]],"a":[["100.2","5"]]}}
1700000000250000000 {"lastUpdateId":100,"bids":[["100.0","2.0"],["99.9","4.0"]],"asks":[["100.1","1.5"]]}
1700000000300000000 {"stream":"btcusdt@trade","data":{"e":"trade","E":1700000000260,"s":"BTCUSDT","t":7,"p":"100.1","q":"0.5","b":88,"a":99,"T":1700000000259,"m":false,"M":true}}
1700000000400000000 {"stream":"btcusdt@depth@100ms","data":{"e":"depthUpdate","E":1700000000350,"s":"BTCUSDT","U":103,"u":103,"b":[],"a":[["100.1","1.0"]]}}
"#;

#[test]
fn the_book_begins_with_the_snapshot_and_what_is_newer_than_it() {
    let (events, counts) = read(SPOT, &BinanceOptions::default(), &["BTCUSDT"]).unwrap();
    let level = |side, price: &str, size: &str, clear, last, line| {
        (side, price.to_owned(), size.to_owned(), clear, last, line)
    };
    assert_eq!(
        levels(&events),
        [
            level('b', "100", "2", true, false, 3),
            level('b', "99.9", "4", false, false, 3),
            level('a', "100.1", "1.5", false, true, 3),
            // Received before the snapshot, newer than it.
            level('b', "100", "3", false, false, 3),
            level('b', "99.9", "0", false, false, 3),
            level('a', "100.2", "5", false, true, 3),
            level('a', "100.1", "1", false, true, 5),
        ]
    );
    let trade = events.iter().find_map(|(event, _)| match event {
        MarketEvent::Trade(trade) => Some(*trade),
        _ => None,
    });
    let trade = trade.unwrap();
    assert_eq!(trade.aggressor, Some(Side::Buy), "the buyer was not resting");
    assert_eq!(trade.ts_event, UnixNanos(1_700_000_000_259_000_000));
    assert_eq!(trade.ts_recv, UnixNanos(1_700_000_000_300_000_000));
    assert_eq!(trade.instrument, InstrumentIndex(0));
    assert_eq!((counts.depth, counts.changes, counts.trades, counts.snapshots), (3, 5, 1, 1));
    assert_eq!((counts.before_book, counts.gaps, counts.late), (1, 0, 0));
}

fn futures(recv: u64, first: u64, last: u64, previous: u64, price: &str) -> String {
    let made = recv / 1_000_000 - 2;
    format!(
        "{recv} {{\"stream\":\"x@depth@0ms\",\"data\":{{\"e\":\"depthUpdate\",\"E\":{},\"T\":{made},\
         \"s\":\"X\",\"U\":{first},\"u\":{last},\"pu\":{previous},\"b\":[[\"{price}\",\"1\"]],\"a\":[]}}}}\n",
        made + 1
    )
}

fn snapshot(recv: u64, id: u64) -> String {
    let made = recv / 1_000_000 - 3;
    format!(
        "{recv} {{\"lastUpdateId\":{id},\"E\":{made},\"T\":{made},\"bids\":[[\"50\",\"7\"]],\"asks\":[]}}\n"
    )
}

const T0: u64 = 1_700_000_000_000_000_000;

#[test]
fn a_gap_is_an_error_with_its_line_or_empties_the_book_until_the_next_snapshot() {
    let text = [
        snapshot(T0, 100),
        futures(T0 + 1_000_000, 90, 110, 80, "49"),
        futures(T0 + 2_000_000, 130, 140, 120, "48"),
        futures(T0 + 3_000_000, 150, 160, 140, "47"),
        snapshot(T0 + 4_000_000, 155),
        futures(T0 + 5_000_000, 170, 180, 160, "46"),
    ]
    .concat();
    let mut source = BinanceSource::from_bytes(
        "f",
        text.clone().into_bytes(),
        &BinanceOptions::default(),
        &instruments(&["X"]),
    )
    .unwrap();
    assert!(source.next_block().unwrap().is_some(), "what came before the gap is given first");
    let error = source.next_block().unwrap_err();
    assert_eq!(error.code(), "ERR_FEED_CORRUPT");
    assert_eq!(
        error.to_string(),
        "f in row 3: X: depth is missing between u 110 and pu 120; with gaps: resync the book is \
         empty until the next snapshot"
    );
    let options = BinanceOptions { gaps: OnGap::Resync, ..BinanceOptions::default() };
    let (events, counts) = read(&text, &options, &["X"]).unwrap();
    let prices: Vec<(String, bool)> =
        levels(&events).into_iter().map(|(_, price, _, clear, ..)| (price, clear)).collect();
    let expected = [
        ("50", true),
        ("49", false),
        ("-", true),
        ("50", true),
        // Held since the gap, and newer than the second snapshot.
        ("47", false),
        ("46", false),
    ];
    assert_eq!(prices, expected.map(|(price, clear)| (price.to_owned(), clear)));
    assert_eq!((counts.gaps, counts.before_book, counts.snapshots), (1, 1, 2));
}

#[test]
fn without_a_snapshot_the_book_is_built_only_where_that_is_asked_for() {
    let text =
        [futures(T0, 90, 110, 80, "49"), futures(T0 + 1_000_000, 130, 140, 110, "48")].concat();
    let error = read(&text, &BinanceOptions::default(), &["X"]).unwrap_err();
    assert_eq!(error.code(), "ERR_FEED_SETTING");
    assert!(error.to_string().contains("no snapshot"), "{error}");
    let options = BinanceOptions { book: BookStart::Build, ..BinanceOptions::default() };
    assert_eq!(levels(&read(&text, &options, &["X"]).unwrap().0).len(), 2);
}

#[test]
fn events_come_in_the_order_of_the_exchange() {
    let trade = |recv: u64, made: u64| {
        format!(
            "{recv} {{\"stream\":\"x@trade\",\"data\":{{\"e\":\"trade\",\"E\":{},\"T\":{},\"s\":\"X\",\
             \"t\":1,\"p\":\"50\",\"q\":\"1\",\"X\":\"MARKET\",\"m\":true}}}}\n",
            made / 1_000_000 + 1,
            made / 1_000_000
        )
    };
    let text = [
        snapshot(T0, 100),
        futures(T0 + 10_000_000, 90, 110, 80, "49"),
        // Received 2 s after it was made, over its own connection.
        trade(T0 + 2_000_000_000, T0 + 1_000_000),
        trade(T0 + 2_000_000_000, T0 + 500_000_000),
    ]
    .concat();
    let (events, counts) = read(&text, &BinanceOptions::default(), &["X"]).unwrap();
    let times: Vec<u64> =
        events.iter().map(|(event, _)| (event.ts_event().0 - T0 + 3_000_000) / 1_000_000).collect();
    assert_eq!(times, [0, 4, 11, 503]);
    assert!(matches!(events[1].0, MarketEvent::Trade(_)));
    assert_eq!(counts.late, 0);
}

#[test]
fn the_recorders_clock_can_be_set_right() {
    let options = BinanceOptions { clock_offset: 5_000_000, ..BinanceOptions::default() };
    let (events, _) = read(SPOT, &options, &["BTCUSDT"]).unwrap();
    assert_eq!(events[0].0.ts_recv(), UnixNanos(1_700_000_000_255_000_000));
}

#[test]
fn best_prices_and_aggregated_trades_make_a_market_too() {
    let text = "1700000000100 {\"e\":\"bookTicker\",\"u\":5,\"s\":\"X\",\"b\":\"50\",\"B\":\"1\",\"a\":\"51\",\
                \"A\":\"2\",\"T\":1700000000099,\"E\":1700000000100}\n\
                {\"e\":\"aggTrade\",\"E\":1700000000105,\"s\":\"X\",\"a\":1,\"p\":\"51\",\"q\":\"0.5\",\"f\":1,\
                \"l\":2,\"T\":1700000000104,\"m\":false}\n";
    let error = read(text, &BinanceOptions::default(), &["X"]).unwrap_err();
    assert!(error.to_string().contains("say best"), "{error}");
    let options = BinanceOptions { streams: BinanceStreams::Best, ..BinanceOptions::default() };
    let (events, _) = read(text, &options, &["X"]).unwrap();
    assert!(matches!(&events[0].0, MarketEvent::Quote(q) if q.ask == Price(51 * model::NANO)));
    assert!(
        matches!(&events[1].0, MarketEvent::Trade(t) if t.ts_recv.0 == 1_700_000_000_105_000_000)
    );
}

#[test]
fn trades_outside_the_book_are_none_of_the_market() {
    let text = SPOT.replace("\"M\":true", "\"X\":\"INSURANCE_FUND\"");
    let (events, counts) = read(&text, &BinanceOptions::default(), &["BTCUSDT"]).unwrap();
    assert!(!events.iter().any(|(event, _)| matches!(event, MarketEvent::Trade(_))));
    assert_eq!(counts.outside_book, 1);
}

#[test]
fn what_is_no_recording_is_refused_with_its_line() {
    let refused = |text: &str, code: &str, part: &str| {
        let error = read(text, &BinanceOptions::default(), &["X"]).unwrap_err();
        assert_eq!(error.code(), code, "{error}");
        assert!(error.to_string().contains(part), "{error}");
    };
    refused("", "ERR_FEED_EMPTY", "the file is empty");
    refused("time,price\n1,2\n", "ERR_FEED_CORRUPT", "in row 1: no frame");
    refused("1700000000 [1,2]\n", "ERR_FEED_CORRUPT", "in row 1: no frame");
    refused("x {\"e\":\"trade\"}\n", "ERR_FEED_VALUE", "'x' is not a whole number");
    refused("1 {\"channel\":\"l2Book\",\"data\":[]}\n", "ERR_FEED_CORRUPT", "in row 1");
    refused("1 {\"result\":null,\"id\":1}\n", "ERR_FEED_CORRUPT", "no frame of a market");
    refused(&SPOT.replace("\"3.0\"", "\"three\""), "ERR_FEED_CORRUPT", "in row 2: 'three'");
    refused(
        &SPOT.replace("[\"99.9\",\"0\"]", "[\"99.9\"]"),
        "ERR_FEED_CORRUPT",
        "a price and a size",
    );
    let options = BinanceOptions { symbols: vec!["ETHUSDT".into()], ..BinanceOptions::default() };
    let error = read(SPOT, &options, &["ETHUSDT"]).unwrap_err();
    assert_eq!(error.code(), "ERR_FEED_UNKNOWN_SYMBOL");
    assert!(error.to_string().contains("BTCUSDT"), "{error}");
}

#[test]
fn several_symbols_need_snapshots_with_their_names() {
    let other = SPOT.replace("BTCUSDT", "ETHUSDT");
    let error =
        read(&[SPOT, &other].concat(), &BinanceOptions::default(), &["BTCUSDT"]).unwrap_err();
    assert!(error.to_string().contains("names no symbol"), "{error}");
    let named = |text: &str, symbol: &str| {
        text.replace("{\"lastUpdateId\"", &format!("{{\"symbol\":\"{symbol}\",\"lastUpdateId\""))
    };
    let text = [named(SPOT, "BTCUSDT"), named(&other, "ETHUSDT")].concat();
    let (events, _) = read(&text, &BinanceOptions::default(), &["BTCUSDT", "ETHUSDT"]).unwrap();
    let of =
        |index| events.iter().filter(|(e, _)| e.instrument() == InstrumentIndex(index)).count();
    assert_eq!((of(0), of(1)), (8, 8));
    let only = BinanceOptions { symbols: vec!["ethusdt".into()], ..BinanceOptions::default() };
    let (events, counts) = read(&text, &only, &["BTCUSDT", "ETHUSDT"]).unwrap();
    assert!(events.iter().all(|(event, _)| event.instrument() == InstrumentIndex(1)));
    assert_eq!((events.len(), counts.others), (8, 5));
}

/// No text, however broken, makes the reader panic, hang or go on after an error.
#[test]
fn broken_recordings_end_in_an_error_or_are_read() {
    let words: [&[u8]; 14] = [
        b"\n",
        b"\"",
        b"{",
        b"}",
        b"[",
        b"]",
        b",",
        b"-1",
        b"null",
        b"1e99",
        b"\0",
        b"\xFF",
        b"[[",
        b"99999999999999999999",
    ];
    let text = [SPOT.to_owned(), futures(T0, 90, 110, 80, "49")].concat();
    let options = BinanceOptions { gaps: OnGap::Resync, ..BinanceOptions::default() };
    let known = instruments(&["BTCUSDT", "X"]);
    let mut random = SeededRandom::new(20, "broken recordings");
    let mut read = 0;
    for _ in 0..4_000 {
        let mut bytes = text.clone().into_bytes();
        for _ in 0..=random.below(4) {
            let at = random.below(bytes.len().max(1) as u64) as usize;
            let end = (at + random.below(9) as usize).min(bytes.len());
            match random.below(4) {
                0 if at < bytes.len() => bytes[at] ^= 1 << random.below(8),
                1 if at <= end => drop(bytes.drain(at..end)),
                2 if at <= bytes.len() => {
                    let word = words[random.below(words.len() as u64) as usize];
                    bytes.splice(at..at, word.iter().copied());
                }
                _ => bytes.truncate(at.max(1)),
            }
        }
        let Ok(mut source) = BinanceSource::from_bytes("f", bytes, &options, &known) else {
            continue;
        };
        let mut blocks = 0;
        while let Ok(Some(_)) = source.next_block() {
            blocks += 1;
            assert!(blocks < 100);
        }
        assert!(matches!(source.next_block(), Ok(None)), "nothing comes after the end");
        read += 1;
    }
    assert!(read > 200, "{read}");
}
