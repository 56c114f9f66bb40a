//! The digests that every sound book must give on a real exchange file, and on records that the
//! test makes itself.

mod common;

use book::BookL3;
use book::digest::{BboDigest, fifo_digest};
use common::{PlainBook, SIDES, assert_same, grid, record};
use model::random::SeededRandom;
use model::{Bbo, MBO_SIZE, Mbo, MboFields, Price, Side};
use std::path::PathBuf;

/// The records of a shared file of version 1, or `None` where it is absent.
fn records_of(day: &str) -> Option<Vec<u8>> {
    let shared = std::env::var_os("TICKFORGE_SHARED").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared")),
        PathBuf::from,
    );
    let path = shared.join(format!("data/market/dbn-nautilus/esh4-glbx-mdp3-{day}.mbo.dbn.zst"));
    let Ok(packed) = std::fs::read(path) else {
        println!("skipped: the shared file of {day} is absent");
        return None;
    };
    let bytes = zstd::decode_all(&packed[..]).unwrap();
    assert_eq!(&bytes[..4], b"DBN\x01");
    let length = u32::from_le_bytes(bytes[4..8].try_into().unwrap()) as usize;
    Some(bytes[8 + length..].to_vec())
}

struct Seen {
    records: usize,
    lasts: u64,
    changes: u64,
    price_changes: u64,
    crossed: u64,
    crossed_late: u64,
    digest: String,
}

/// The first instant of trading of the shared file.
const OPEN: u64 = 1_703_545_200_000_000_000;

fn run(book: &mut BookL3, bytes: &[u8]) -> Seen {
    let mut digest = BboDigest::new();
    let mut last = Bbo::EMPTY;
    let (mut changes, mut price_changes, mut crossed, mut crossed_late) = (0, 0, 0, 0);
    let (records, rest) = bytes.as_chunks::<MBO_SIZE>();
    assert!(rest.is_empty());
    for record in records {
        let record = Mbo::new(record);
        book.apply(record).unwrap();
        if record.is_last() {
            let bbo = book.bbo();
            changes += u64::from(bbo != last);
            price_changes += u64::from((bbo.bid, bbo.ask) != (last.bid, last.ask));
            if bbo.is_two_sided() && bbo.bid > bbo.ask {
                crossed += 1;
                crossed_late += u64::from(record.ts_event_raw() >= OPEN);
            }
            digest.update(&bbo, book.grid());
            last = bbo;
        }
    }
    let (records, lasts) = (records.len(), digest.lines());
    let digest = digest.finish();
    Seen { records, lasts, changes, price_changes, crossed, crossed_late, digest }
}

#[test]
fn the_real_day_gives_the_golden_digests() {
    let Some(bytes) = records_of("20231225") else { return };
    let mut book = BookL3::new(grid());
    let seen = run(&mut book, &bytes);
    assert_eq!((seen.records, seen.lasts), (68_792, 47_022));
    assert_eq!((seen.changes, seen.price_changes), (25_440, 1_701));
    assert_eq!((seen.crossed, seen.crossed_late), (891, 0));
    assert_eq!(seen.digest, "67ee68616aa2c9b8");
    assert_eq!(fifo_digest(&book), "6a0dcf11cbb47212");
    let orders: usize = SIDES.iter().map(|&side| book.order_count(side)).sum();
    assert_eq!(orders, 11_217);
    let bbo = book.bbo();
    assert_eq!((bbo.bid_size.0, bbo.bid_count), (22, 22));
    assert_eq!((bbo.ask_size.0, bbo.ask_count), (28, 18));
    println!("anomalies: {:?}", book.anomalies());

    let bytes = book.snapshot();
    let restored = BookL3::restore(&bytes).unwrap();
    assert_eq!(restored.snapshot(), bytes);
    assert_eq!(fifo_digest(&restored), "6a0dcf11cbb47212");
}

#[test]
fn the_real_day_agrees_with_a_plain_book() {
    let Some(bytes) = records_of("20231225") else { return };
    let mut book = BookL3::new(grid());
    let mut plain = PlainBook::default();
    for (step, bytes) in bytes.as_chunks::<MBO_SIZE>().0.iter().enumerate() {
        let record = Mbo::new(bytes);
        let fields = MboFields {
            action: record.action(),
            side: record.side_raw(),
            order_id: record.order_id(),
            price: record.price_raw(),
            size: record.size(),
            ..MboFields::default()
        };
        book.apply(record).unwrap();
        plain.apply(&fields);
        if step % 10_000 == 0 {
            assert_same(&book, &plain, step);
        }
    }
    assert_same(&book, &plain, usize::MAX);
}

#[test]
fn two_real_days_in_sequence_end_with_the_golden_levels() {
    let (Some(first), Some(second)) = (records_of("20231224"), records_of("20231225")) else {
        return;
    };
    let mut book = BookL3::new(grid());
    run(&mut book, &first);
    run(&mut book, &second);
    assert_eq!((book.level_count(Side::Buy), book.level_count(Side::Sell)), (922, 565));
    let bbo = book.bbo();
    assert_eq!(book.grid().price(bbo.bid), Price::parse("4810.00").unwrap());
    assert_eq!(book.grid().price(bbo.ask), Price::parse("4810.25").unwrap());
}

/// The twin: a stream made here, whose digests were taken once and checked against the plain book.
#[test]
fn a_generated_day_gives_the_same_digests_on_every_machine() {
    let mut random = SeededRandom::new(25, "golden");
    let mut plain = PlainBook::default();
    let mut bytes = Vec::new();
    let mut digest = BboDigest::new();
    let mut next_id = 6_413_000_000_000u64;
    for step in 0..8_000u64 {
        let side = if random.below(2) == 0 { b'B' } else { b'A' };
        let away = random.below(40) as i64;
        let ticks = 19_240 + if side == b'B' { -away } else { away + 1 };
        let known = next_id - 977 * random.below(300.min(step + 1));
        let size = 1 + random.below(9) as u32;
        let mut fields = match random.below(8) {
            0..4 => {
                next_id += 977;
                record(b'A', side, next_id, ticks, size)
            }
            4 | 5 => record(b'C', side, known, ticks, size),
            6 => record(b'M', b'N', known, ticks, size),
            _ => record(b'T', side, 0, ticks, size),
        };
        fields.flags = if random.below(3) == 0 { 0 } else { model::mbo::flags::LAST };
        plain.apply(&fields);
        if fields.flags != 0 {
            digest.update(&plain.bbo(), &grid());
        }
        bytes.extend_from_slice(&fields.encode());
    }
    let mut book = BookL3::new(grid());
    let seen = run(&mut book, &bytes);
    assert_same(&book, &plain, 8_000);
    assert_eq!(seen.digest, digest.finish());
    assert_eq!(
        (seen.digest.as_str(), fifo_digest(&book).as_str()),
        ("20e9ecacb9d4b7ec", "7cea5110440aa5ce")
    );
}
