//! DBN files that the tests make themselves: every schema and version, frames, sending times,
//! foreign records, filters.

mod support;

use dbn::Schema;
use model::{InstrumentIndex, MarketEvent, MboFields, UnixNanos};
use support::build::{frames, header, mapping, midnight, order, orders, record, records};
use support::compare::{compare, instruments, options};
use tickforge_feed::dbn::{DbnFile, DbnOptions, Decode};
use tickforge_feed::{Block, FeedError, Instruments, Source};

fn open(bytes: Vec<u8>, options: DbnOptions) -> DbnFile {
    DbnFile::from_bytes("made.dbn", bytes, options).unwrap()
}

fn source(bytes: Vec<u8>, options: DbnOptions, symbols: &[&str]) -> Box<dyn Source> {
    open(bytes, options).into_source(&instruments(symbols.iter().copied())).unwrap()
}

/// Order ids with their instruments, and events, to the end or the first error.
#[derive(Default)]
struct Read {
    orders: Vec<(u64, Option<u32>)>,
    events: Vec<MarketEvent>,
    blocks: usize,
    error: Option<FeedError>,
}

fn read(mut source: Box<dyn Source>) -> Read {
    let mut all = Read::default();
    loop {
        match source.next_block() {
            Ok(None) => break,
            Ok(Some(Block::Events(events))) => all.events.extend_from_slice(events),
            Ok(Some(Block::Mbo(block))) => all.orders.extend(block.records().map(|r| {
                let index = block.ids.get(r.publisher(), r.instrument_id());
                (r.order_id(), index.map(|i| i.0))
            })),
            Err(error) => {
                all.error = Some(error);
                assert!(source.next_block().unwrap().is_none(), "nothing comes after an error");
                break;
            }
        }
        all.blocks += 1;
    }
    all
}

fn ids(read: &Read) -> Vec<u64> {
    read.orders.iter().filter(|(_, index)| index.is_some()).map(|&(id, _)| id).collect()
}

#[test]
fn every_schema_and_version_decodes_as_the_dbn_crate_reads_it() {
    let folder = tempfile::tempdir().unwrap();
    let schemas = [
        Schema::Mbo,
        Schema::Mbp1,
        Schema::Mbp10,
        Schema::Tbbo,
        Schema::Trades,
        Schema::Ohlcv1S,
        Schema::Ohlcv1M,
        Schema::Ohlcv1H,
        Schema::Ohlcv1D,
        Schema::OhlcvEod,
        Schema::Definition,
        Schema::Statistics,
        Schema::Status,
        Schema::Imbalance,
        Schema::Cmbp1,
        Schema::Cbbo1S,
        Schema::Cbbo1M,
        Schema::Tcbbo,
        Schema::Bbo1S,
        Schema::Bbo1M,
    ];
    for version in 1..=3 {
        for schema in schemas {
            let mappings = vec![mapping("TEST", 7, 1, 30)];
            let mut bytes = header(version, Some(schema), false, mappings);
            bytes.extend(records(version, schema));
            let path = folder.path().join(format!("{}.v{version}.dbn", schema.as_str()));
            std::fs::write(&path, &bytes).unwrap();
            assert_eq!(compare(&path, Decode::Inline), 4, "{}", path.display());
            let path = path.with_extension("dbn.zst");
            std::fs::write(&path, frames(&bytes, 100)).unwrap();
            assert_eq!(compare(&path, Decode::Thread), 4, "{}", path.display());
        }
    }
}

#[test]
fn records_cut_by_the_ends_of_buffers_and_frames_come_out_whole() {
    let count = 20_000;
    let plain = orders(count);
    let expected: Vec<u64> = (0..count).collect();
    for (stored, decode) in [
        (plain.clone(), Decode::Inline),
        (frames(&plain, 70_001), Decode::Inline),
        (frames(&plain, 70_001), Decode::Thread),
        (frames(&plain, usize::MAX), Decode::Thread),
    ] {
        let all = read(source(stored, options(decode), &["TEST"]));
        assert!(all.error.is_none() && all.blocks >= 4);
        assert_eq!(ids(&all), expected);
    }
}

#[test]
fn a_reader_that_is_dropped_early_ends_its_thread() {
    let stored = frames(&orders(50_000), usize::MAX);
    for _ in 0..20 {
        let mut source = source(stored.clone(), options(Decode::Thread), &["TEST"]);
        assert!(source.next_block().unwrap().is_some() && source.progress() < 1.0);
    }
}

#[test]
fn the_last_block_can_be_borrowed_again() {
    let mut source = source(orders(10), DbnOptions::default(), &["TEST"]);
    assert!(source.block().is_none());
    let first = match source.next_block().unwrap() {
        Some(Block::Mbo(block)) => block.bytes.to_vec(),
        other => panic!("{other:?}"),
    };
    assert!(matches!(source.block(), Some(Block::Mbo(block)) if block.bytes == first));
    assert!(source.next_block().unwrap().is_none() && source.block().is_none());
}

#[test]
fn sending_times_widen_the_stride() {
    let mut bytes = header(2, Some(Schema::Mbo), true, vec![mapping("TEST", 7, 1, 30)]);
    for k in 0..5u64 {
        let mut one = order(k).encode().to_vec();
        one[0] = 16;
        one.extend((1000 + k).to_le_bytes());
        bytes.extend(one);
    }
    let mut source = source(bytes, DbnOptions::default(), &["TEST"]);
    let Some(Block::Mbo(block)) = source.next_block().unwrap() else { panic!("no block") };
    assert_eq!((block.stride, block.len()), (64, 5));
    assert_eq!(block.records().map(|r| r.order_id()).collect::<Vec<_>>(), [0, 1, 2, 3, 4]);
}

#[test]
fn foreign_records_split_blocks_and_map_symbols() {
    let mut bytes = header(3, None, false, vec![]);
    let map = |id, symbol: &str| {
        let mut record = dbn::SymbolMappingMsg::default();
        record.hd.instrument_id = id;
        for (to, from) in record.stype_out_symbol.iter_mut().zip(symbol.bytes()) {
            *to = from as i8;
        }
        record.as_ref().to_vec()
    };
    bytes.extend(map(7, "TEST"));
    bytes.extend(order(0).encode());
    bytes.extend(dbn::SystemMsg::heartbeat(1).as_ref());
    bytes.extend(order(1).encode());
    bytes.extend(map(8, "OTHER"));
    bytes.extend(MboFields { instrument_id: 8, ..order(2) }.encode());
    bytes.extend(record(3, Schema::Status, 1));
    bytes.extend(map(7, "GONE"));
    bytes.extend(order(3).encode());
    let all = read(source(bytes, DbnOptions::default(), &["TEST", "OTHER"]));
    assert!(all.error.is_none(), "{:?}", all.error);
    assert_eq!(all.orders, [(0, Some(0)), (1, Some(0)), (2, Some(1)), (3, None)]);
    assert_eq!((all.events.len(), all.blocks), (1, 5));
}

#[test]
fn definitions_in_the_file_name_instruments() {
    let mut bytes = header(3, None, false, vec![]);
    bytes.extend(record(3, Schema::Definition, 0));
    bytes.extend(order(1).encode());
    let file = open(bytes, DbnOptions::default());
    let found = file.definitions(None).unwrap();
    assert_eq!((found.len(), found[0].symbol.as_str(), found[0].instrument_id), (1, "TEST", 7));
    assert!(file.definitions(Some(&["OTHER"])).unwrap().is_empty());
    let all = read(file.into_source(&instruments(["TEST"])).unwrap());
    assert_eq!(all.orders, [(1, Some(0))]);
}

#[test]
fn an_id_means_what_it_means_on_its_day() {
    let mappings =
        vec![mapping("FRONT", 7, 1, 3), mapping("FRONT", 8, 3, 9), mapping("NEXT", 8, 1, 3)];
    let mut bytes = header(3, Some(Schema::Mbo), false, mappings);
    let mut expected = Vec::new();
    for day in [2, 3, 2, 4] {
        for id in [7, 8, 8] {
            let time = midnight(day) + 5;
            let fields = MboFields { instrument_id: id, ts_event: time, ts_recv: time, ..order(1) };
            bytes.extend(fields.encode());
            expected.push((
                1,
                match (id, day) {
                    (7, 2) => Some(0),
                    (8, 2) => Some(1),
                    (8, _) => Some(0),
                    _ => None,
                },
            ));
        }
    }
    let all = read(source(bytes, DbnOptions::default(), &["FRONT", "NEXT"]));
    assert_eq!(all.orders, expected);
}

#[test]
fn a_time_window_keeps_what_lies_in_it() {
    let t = |k| Some(UnixNanos(midnight(2) + k));
    let window = |start, end| DbnOptions { start, end, ..DbnOptions::default() };
    let all = read(source(orders(10), window(t(3), t(6)), &["TEST"]));
    assert_eq!(ids(&all), [3, 4, 5]);
    // A snapshot's order was placed long before: the time of its receipt counts.
    let mut bytes = orders(0);
    for k in 0..4 {
        bytes.extend(MboFields { ts_event: 5, flags: 32, ..order(k) }.encode());
    }
    let all = read(source(bytes, window(t(102), None), &["TEST"]));
    assert_eq!(ids(&all), [2, 3]);
    // A bar must open and close in the window.
    let mut bytes = header(3, Some(Schema::Ohlcv1M), false, vec![mapping("TEST", 7, 1, 30)]);
    bytes.extend(records(3, Schema::Ohlcv1M));
    let minute = 60_000_000_000;
    let all = read(source(bytes, window(t(minute), t(3 * minute)), &["TEST"]));
    assert_eq!(all.events.len(), 2);
    let error = DbnFile::from_bytes("x", orders(1), window(t(6), t(6))).unwrap_err();
    assert_eq!(error.code(), "ERR_FEED_SETTING");
}

#[test]
fn symbols_asked_for_are_filtered_and_unknown_ones_are_named() {
    let mappings = vec![mapping("A", 7, 1, 30), mapping("B", 8, 1, 30)];
    let mut bytes = header(3, Some(Schema::Trades), false, mappings);
    for k in 0..2 {
        let mut trade = record(3, Schema::Trades, 0);
        trade[4..8].copy_from_slice(&(7 + k as u32).to_le_bytes());
        bytes.extend(trade);
    }
    let only = |symbol: &str| DbnOptions {
        symbols: Some(vec![symbol.to_owned()]),
        ..DbnOptions::default()
    };
    let of = |options, symbols: &[&str]| read(source(bytes.clone(), options, symbols)).events;
    assert_eq!(of(DbnOptions::default(), &["B", "A"]).len(), 2);
    let events = of(only("B"), &["A", "B"]);
    assert_eq!((events.len(), events[0].instrument()), (1, InstrumentIndex(1)));
    assert_eq!(of(DbnOptions::default(), &["B"])[0].instrument(), InstrumentIndex(0));
    for (options, run) in [(only("C"), ["A"]), (only("A"), ["B"]), (DbnOptions::default(), ["C"])] {
        let file = open(bytes.clone(), options);
        let error = file.into_source(&instruments(run)).err().unwrap();
        assert_eq!(error.code(), "ERR_FEED_UNKNOWN_SYMBOL");
        assert!(error.to_string().contains("A, B"), "{error}");
    }
}

#[test]
fn a_file_without_symbols_takes_the_only_one_configured() {
    let mut bytes = header(3, Some(Schema::Mbo), false, vec![]);
    bytes.extend(order(0).encode());
    bytes.extend(order(1).encode());
    let all = read(source(bytes.clone(), DbnOptions::default(), &["TEST"]));
    assert_eq!(all.orders, [(0, Some(0)), (1, Some(0))]);
    let error = open(bytes.clone(), DbnOptions::default())
        .into_source(&instruments(["A", "B"]))
        .err()
        .unwrap();
    assert_eq!(error.code(), "ERR_FEED_SETTING");
    assert!(
        open(bytes.clone(), DbnOptions::default()).into_source(&Instruments::default()).is_err()
    );
    // A second id would mix two books: both are named, after what came before.
    bytes.extend(MboFields { instrument_id: 9, ..order(2) }.encode());
    let all = read(source(bytes.clone(), DbnOptions::default(), &["TEST"]));
    let text = all.error.unwrap().to_string();
    assert!(text.contains("ids 7 and 9"), "{text}");
    assert_eq!(all.orders.len(), 2);
    let named = DbnOptions { ids: vec![(7, "A".into()), (9, "B".into())], ..DbnOptions::default() };
    let all = read(source(bytes, named, &["A", "B"]));
    assert_eq!(all.orders, [(0, Some(0)), (1, Some(0)), (2, Some(1))]);
}

#[test]
fn orders_of_two_publishers_need_a_choice() {
    let mut bytes = orders(0);
    for k in 0..6 {
        bytes.extend(MboFields { publisher: 1 + k as u16 % 2, ..order(k) }.encode());
    }
    let all = read(source(bytes.clone(), DbnOptions::default(), &["TEST"]));
    assert_eq!(all.error.unwrap().code(), "ERR_FEED_PUBLISHERS");
    let second = DbnOptions { publishers: vec![2], ..DbnOptions::default() };
    assert_eq!(ids(&read(source(bytes, second, &["TEST"]))), [1, 3, 5]);
}
