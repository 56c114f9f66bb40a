//! Bad DBN input: each fault has its code, file and byte.

mod support;

use dbn::Schema;
use support::build::{frames, header, mapping, orders};
use support::compare::instruments;
use tickforge_feed::dbn::{DbnFile, DbnOptions, Decode};
use tickforge_feed::{FeedError, Place};

/// Reads bytes to the end: the error, and how many records came before it.
fn fault(bytes: Vec<u8>, decode: Decode) -> (Option<FeedError>, usize) {
    let options = DbnOptions { decode, ..DbnOptions::default() };
    let source = DbnFile::from_bytes("bad.dbn", bytes, options)
        .and_then(|file| file.into_source(&instruments(["TEST"])));
    let mut source = match source {
        Ok(source) => source,
        Err(e) => return (Some(e), 0),
    };
    let mut records = 0;
    loop {
        match source.next_block() {
            Ok(None) => return (None, records),
            Ok(Some(tickforge_feed::Block::Mbo(block))) => records += block.len(),
            Ok(Some(tickforge_feed::Block::Events(events))) => records += events.len(),
            Err(e) => return (Some(e), records),
        }
    }
}

fn code(bytes: Vec<u8>) -> (&'static str, Place, usize) {
    let (error, records) = fault(bytes, Decode::Inline);
    let error = error.expect("an error");
    assert!(error.to_string().contains("bad.dbn"), "{error}");
    (error.code(), error.place(), records)
}

#[test]
fn an_empty_file_says_so() {
    assert_eq!(code(vec![]).0, "ERR_FEED_EMPTY");
    assert_eq!(code(zstd::encode_all(&b""[..], 1).unwrap()).0, "ERR_FEED_EMPTY");
}

#[test]
fn other_formats_are_named() {
    let orders = orders(2);
    let head = header(3, Some(Schema::Mbo), false, vec![mapping("TEST", 7, 1, 30)]).len();
    let dbz = [&[0x50, 0x2A, 0x4D, 0x18, 9, 0, 0, 0][..], b"DBZ\x01 and so on"].concat();
    let mut newer = orders.clone();
    newer[3] = 4;
    for (bytes, name) in [
        (b"time,open,high,low,close\n1,2,3,4,5\n".to_vec(), "CSV"),
        (b"PAR1.......".to_vec(), "Parquet"),
        (vec![0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0], "gzip"),
        (b"{\"a\": 1, \"b\": 2}".to_vec(), "JSON"),
        (orders[head..].to_vec(), "fragment"),
        (frames(&orders[head..], 1000), "fragment"),
        (dbz, "DBZ"),
        (newer, "version 4"),
        (zstd::encode_all(frames(&orders, 1000).as_slice(), 1).unwrap(), "zstd inside zstd"),
        (vec![1, 2, 3, 4, 5, 6, 7, 8, 9], "01 02 03"),
    ] {
        let (error, _) = fault(bytes, Decode::Inline);
        let error = error.unwrap();
        assert_eq!(error.code(), "ERR_FEED_FORMAT", "{error}");
        assert!(error.to_string().contains(name), "{name}: {error}");
    }
}

#[test]
fn every_cut_of_a_file_is_an_error_at_its_record_or_a_shorter_file() {
    let whole = orders(3);
    let head = whole.len() - 3 * 56;
    for cut in 1..whole.len() {
        let bytes = whole[..cut].to_vec();
        if cut >= head && (cut - head).is_multiple_of(56) {
            assert_eq!(fault(bytes, Decode::Inline).1, (cut - head) / 56);
            continue;
        }
        let (found, at, records) = code(bytes);
        if cut < 3 {
            assert_eq!(found, "ERR_FEED_FORMAT", "cut at {cut}");
            continue;
        }
        assert_eq!(found, "ERR_FEED_TRUNCATED", "cut at {cut}");
        let expected = if cut < head { 0 } else { head + (cut - head) / 56 * 56 };
        assert_eq!(
            (at, records),
            (Place::Byte(expected as u64), expected.saturating_sub(head) / 56)
        );
    }
}

#[test]
fn a_cut_or_broken_zstd_frame_is_told_after_what_came_before() {
    let whole = frames(&orders(30_000), 500_000);
    let cut = whole[..whole.len() - 1000].to_vec();
    // With a checksum every changed byte is found.
    let mut encoder = zstd::Encoder::new(Vec::new(), 1).unwrap();
    encoder.include_checksum(true).unwrap();
    std::io::copy(&mut orders(30_000).as_slice(), &mut encoder).unwrap();
    let mut broken = encoder.finish().unwrap();
    let at = broken.len() * 3 / 4;
    broken[at..at + 64].fill(0x5A);
    let trailing = [whole.as_slice(), b"trailing garbage"].concat();
    for decode in [Decode::Inline, Decode::Thread] {
        let (error, records) = fault(cut.clone(), decode);
        let error = error.unwrap();
        assert_eq!(error.code(), "ERR_FEED_TRUNCATED", "{error}");
        assert!(records > 10_000 && matches!(error.place(), Place::Byte(b) if b > 500_000));
        let (error, _) = fault(broken.clone(), decode);
        let error = error.unwrap();
        assert!(["ERR_FEED_CORRUPT", "ERR_FEED_TRUNCATED"].contains(&error.code()), "{error}");
        let (error, records) = fault(trailing.clone(), decode);
        assert_eq!((error.unwrap().code(), records), ("ERR_FEED_CORRUPT", 30_000));
    }
}

#[test]
fn claims_of_four_gigabytes_allocate_nothing() {
    let mut bytes = orders(2);
    bytes[4..8].copy_from_slice(&u32::MAX.to_le_bytes());
    assert_eq!(code(bytes.clone()).0, "ERR_FEED_CORRUPT");
    bytes[4..8].copy_from_slice(&(1u32 << 29).to_le_bytes());
    assert_eq!(code(bytes).0, "ERR_FEED_TRUNCATED");
    // Claims of symbols and mappings inside the metadata.
    for at in 108..orders(0).len() - 4 {
        let mut bytes = orders(2);
        bytes[at..at + 4].copy_from_slice(&u32::MAX.to_le_bytes());
        if let (Some(error), _) = fault(bytes, Decode::Inline) {
            let lawful = ["ERR_FEED_CORRUPT", "ERR_FEED_UNKNOWN_SYMBOL"];
            assert!(lawful.contains(&error.code()), "{error}");
        }
    }
    // A zstd frame that claims a window of 2 GB and a content of 2^63 bytes.
    let frame = [&[0x28, 0xB5, 0x2F, 0xFD, 0xC0, 0xA8][..], &[0xFF; 8][..], &[0; 20][..]].concat();
    assert_eq!(code(frame).0, "ERR_FEED_CORRUPT");
}

#[test]
fn a_wrong_length_or_type_is_told_with_its_byte() {
    let head = orders(0).len();
    for (at, value, expected) in [
        (0, 0, "ERR_FEED_CORRUPT"),
        (0, 13, "ERR_FEED_CORRUPT"),
        (0, 255, "ERR_FEED_CORRUPT"),
        (1, 0x77, "ERR_FEED_CORRUPT"),
        (1, 0x00, "ERR_FEED_CORRUPT"),
        (1, 0x13, "ERR_FEED_CORRUPT"),
    ] {
        let mut bytes = orders(4);
        bytes[head + 2 * 56 + at] = value;
        let place = Place::Byte((head + 2 * 56) as u64);
        assert_eq!(code(bytes), (expected, place, 2), "{at} {value}");
    }
    // Records of another length than the version's: a version 1 file that says it is 3.
    let mut bytes = header(1, Some(Schema::Definition), false, vec![]);
    bytes.extend(support::build::records(1, Schema::Definition));
    bytes[3] = 3;
    assert_eq!(code(bytes).0, "ERR_FEED_CORRUPT");
}

#[test]
fn files_that_are_none_say_what_the_system_said() {
    let folder = tempfile::tempdir().unwrap();
    for path in [folder.path().join("none.dbn"), folder.path().to_owned()] {
        let error = DbnFile::open(&path, DbnOptions::default()).unwrap_err();
        assert_eq!(error.code(), "ERR_FEED_IO");
        assert!(error.to_string().contains(&path.display().to_string()), "{error}");
    }
    let empty = folder.path().join("empty.dbn");
    std::fs::write(&empty, b"").unwrap();
    assert_eq!(DbnFile::open(&empty, DbnOptions::default()).unwrap_err().code(), "ERR_FEED_EMPTY");
}
