//! Inspecting files: counts, terms, digests, faults, several files as one stream.

mod support;

use dbn::Schema;
use model::MboFields;
use std::path::{Path, PathBuf};
use support::build::{frames, header, mapping, order, orders, record, records};
use tickforge_feed::inspect::{
    DbnCounts, InspectOptions, Inspection, InstrumentInspection, inspect,
};
use tickforge_feed::terms::Terms;

fn counts(of: &InstrumentInspection) -> &DbnCounts {
    of.dbn.as_ref().expect("of a DBN file")
}

fn both() -> InspectOptions {
    InspectOptions { book: true, check: true, ..InspectOptions::default() }
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

#[test]
fn the_recorded_future_has_the_golden_digests() {
    let Some(market) = support::shared() else { return };
    let day = |d| market.join(format!("dbn-nautilus/esh4-glbx-mdp3-202312{d}.mbo.dbn.zst"));
    let alone = inspect(&[day(25)], &both()).unwrap();
    let es = &alone.instruments[0];
    assert_eq!((alone.records, es.records, es.volume), (68_792, 68_792, 9_892));
    assert_eq!(
        (counts(es).actions[&'A'], counts(es).actions[&'C'], counts(es).actions[&'M']),
        (29_216, 17_999, 12_233)
    );
    assert_eq!((counts(es).actions[&'F'], counts(es).actions[&'T']), (6_371, 2_973));
    assert_eq!(
        (counts(es).last, counts(es).snapshot, es.symbol.as_deref()),
        (47_022, 8_725, Some("ESH4"))
    );
    let terms = es.terms.as_ref().unwrap();
    assert_eq!((terms.tick_size.as_str(), terms.multiplier.as_str()), ("0.25", "50"));
    let book = es.book.as_ref().unwrap();
    assert_eq!((book.bbo_changes, book.price_changes, book.crossed), (25_440, 1_701, 891));
    assert_eq!(book.bbo_digest, "67ee68616aa2c9b8");
    assert_eq!((book.fifo_digest.as_str(), book.orders), ("6a0dcf11cbb47212", 11_217));
    let (bid, ask) = (book.best_bid.as_ref().unwrap(), book.best_ask.as_ref().unwrap());
    assert_eq!(((bid.size, bid.orders), (ask.size, ask.orders)), ((22, 22), (28, 18)));
    let check = alone.files[0].check.as_ref().unwrap();
    assert_eq!((check.rows, check.total()), (68_792, 0));

    let both_days = inspect(&[day(24), day(25)], &both()).unwrap();
    assert_eq!((both_days.files.len(), both_days.instruments.len()), (2, 1));
    let book = both_days.instruments[0].book.as_ref().unwrap();
    assert_eq!((book.bid_levels, book.ask_levels), (922, 565));
    assert_eq!(book.best_bid.as_ref().unwrap().price, "4810");
    assert_eq!(book.best_ask.as_ref().unwrap().price, "4810.25");

    // A grid of 1e-9, where the terms are not known, gives the same digests.
    let terms = Terms { tick_size: Some(model::Price(1)), ..Terms::of("ESH4") };
    let fine = inspect(&[day(25)], &InspectOptions { terms: vec![terms], ..both() }).unwrap();
    let fine = fine.instruments[0].book.as_ref().unwrap();
    assert_eq!((fine.bbo_digest.as_str(), fine.bbo_changes), ("67ee68616aa2c9b8", 25_440));
    assert_eq!(fine.fifo_digest, "6a0dcf11cbb47212");
}

#[test]
fn every_sample_can_be_inspected() {
    let Some(market) = support::shared() else { return };
    for path in support::files(&market.join("dbn-schema-samples"), &[".dbn", ".dbn.zst"]) {
        let found = inspect(&[&path], &both()).unwrap();
        assert!(found.files[0].fault.is_none(), "{found:?}");
        let of_kinds: u64 = found.files[0].kinds.values().sum();
        assert!(of_kinds >= found.records && (found.records > 0 || of_kinds == 0), "{found:?}");
        assert!(serde_json::to_string(&found).unwrap().contains("\"schema\""));
    }
}

/// Adds four orders, takes one away, trades.
fn small_book() -> Vec<u8> {
    let mut bytes = orders(0);
    let new = |id, side, price: i64, size| MboFields {
        order_id: id,
        action: b'A',
        side,
        price: price * 1_000_000_000,
        size,
        ..order(id)
    };
    for fields in
        [new(1, b'B', 99, 5), new(2, b'B', 99, 3), new(3, b'A', 101, 2), new(4, b'A', 102, 9)]
    {
        bytes.extend(fields.encode());
    }
    bytes.extend(MboFields { action: b'T', ..new(5, b'B', 101, 2) }.encode());
    bytes.extend(MboFields { action: b'C', ..new(3, b'A', 101, 2) }.encode());
    bytes
}

fn assert_small_book(found: &Inspection) {
    let test = &found.instruments[0];
    assert_eq!((found.records, test.volume, counts(test).last), (6, 2, 6));
    assert_eq!(
        (counts(test).actions[&'A'], counts(test).actions[&'T'], counts(test).actions[&'C']),
        (4, 1, 1)
    );
    assert_eq!(
        (counts(test).instrument_id, counts(test).publisher, test.symbol.as_deref()),
        (7, 1, Some("TEST"))
    );
    assert_eq!(test.first_event.as_ref().unwrap().iso, "2024-01-02T00:00:00.000000001Z");
    let book = test.book.as_ref().unwrap();
    assert_eq!((book.orders, book.bid_levels, book.ask_levels), (3, 1, 1));
    assert_eq!((book.bbo_changes, book.price_changes), (4, 3));
    let bid = book.best_bid.as_ref().unwrap();
    assert_eq!((bid.price.as_str(), bid.size, bid.orders), ("99", 8, 2));
    assert!(book.fault.is_none() && book.anomalies.is_empty());
}

#[test]
fn a_small_book_is_counted_and_built() {
    let folder = tempfile::tempdir().unwrap();
    let whole = small_book();
    let path = write(folder.path(), "small.mbo.dbn", &whole);
    let found = inspect(&[path], &both()).unwrap();
    assert_small_book(&found);
    // Cut into two files the book goes on from one to the other.
    let head = orders(0).len();
    let first = write(folder.path(), "1.dbn.zst", &frames(&whole[..head + 3 * 56], 90));
    let rest = [&whole[..head], &whole[head + 3 * 56..]].concat();
    let second = write(folder.path(), "2.dbn", &rest);
    let two = inspect(&[first, second], &both()).unwrap();
    assert_small_book(&two);
    assert_eq!(two.instruments, found.instruments);
    assert_eq!((two.files[0].kinds["mbo"], two.files[1].kinds["mbo"]), (3, 3));
}

#[test]
fn a_price_off_its_grid_ends_the_book_with_a_word() {
    let folder = tempfile::tempdir().unwrap();
    let path = write(folder.path(), "off.dbn", &small_book());
    let terms = Terms {
        kind: Some(model::InstrumentKind::Equity),
        currency: Some(model::Currency::USD),
        tick_size: Some(model::Price(2_000_000_000)),
        ..Terms::of("TEST")
    };
    let found = inspect(&[path], &InspectOptions { terms: vec![terms], ..both() }).unwrap();
    let fault = found.instruments[0].book.as_ref().unwrap().fault.clone().unwrap();
    assert!(fault.starts_with("ERR_BOOK_"), "{fault}");
}

#[test]
fn a_fault_inside_a_file_is_part_of_the_result() {
    let folder = tempfile::tempdir().unwrap();
    let mut bytes = orders(5);
    bytes.truncate(bytes.len() - 1);
    let path = write(folder.path(), "cut.dbn", &bytes);
    let found = inspect(&[path], &both()).unwrap();
    let fault = found.files[0].fault.as_ref().unwrap();
    assert_eq!((fault.code, found.records), ("ERR_FEED_TRUNCATED", 4));
    assert!(inspect(&[folder.path().join("none")], &both()).is_err());
}

#[test]
fn other_schemas_have_their_kinds_volume_and_terms() {
    let folder = tempfile::tempdir().unwrap();
    let mut bytes = header(3, None, false, vec![mapping("TEST", 7, 1, 30)]);
    bytes.extend(record(3, Schema::Definition, 0));
    bytes.extend(records(3, Schema::Trades));
    bytes.extend(dbn::SystemMsg::heartbeat(1).as_ref());
    let path = write(folder.path(), "mixed.dbn", &bytes);
    let found = inspect(&[path], &both()).unwrap();
    let kinds = &found.files[0].kinds;
    assert_eq!((kinds["instrument-def"], kinds["mbp-0"], kinds["system"]), (1, 4, 1));
    let test = &found.instruments[0];
    // One of the two trades has a price.
    assert_eq!((found.records, test.volume, counts(test).actions[&'T']), (5, 9, 2));
    let terms = test.terms.as_ref().unwrap();
    assert_eq!((terms.kind, terms.multiplier.as_str()), ("future", "50"));
    assert_eq!(terms.origin, "definition record in the data");
    assert!(test.book.is_none());
}
