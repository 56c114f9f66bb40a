//! Every recorded sample decodes field by field as the `dbn` crate reads it.

mod support;

use std::collections::BTreeMap;
use support::compare::{compare, instruments, options};
use tickforge_feed::Block;
use tickforge_feed::dbn::{DbnFile, DbnOptions, Decode};

#[test]
fn every_sample_decodes_as_the_dbn_crate_reads_it() {
    let Some(market) = support::shared() else { return };
    let (mut samples, mut records, mut schemas) = (0, 0, std::collections::BTreeSet::new());
    for folder in ["dbn-schema-samples", "dbn-nautilus"] {
        for path in support::files(&market.join(folder), &[".dbn", ".dbn.zst"]) {
            let file = DbnFile::open(&path, DbnOptions::default()).unwrap();
            schemas.insert((file.schema_name(), file.metadata().version));
            records += compare(&path, Decode::Inline);
            compare(&path, Decode::Thread);
            samples += 1;
        }
    }
    println!("{samples} samples, {records} records, {schemas:?}");
    assert!(samples > 150 && schemas.len() > 40, "{samples} samples, {schemas:?}");
}

#[test]
fn the_recorded_future_has_the_known_counts() {
    let Some(market) = support::shared() else { return };
    let path = market.join("dbn-nautilus/esh4-glbx-mdp3-20231225.mbo.dbn.zst");
    for decode in [Decode::Inline, Decode::Thread] {
        let file = DbnFile::open(&path, options(decode)).unwrap();
        assert!(file.is_mbo() && file.symbols() == ["ESH4"]);
        let mut source = file.into_source(&instruments(["ESH4"])).unwrap();
        let (mut of_action, mut last, mut snapshot) = (BTreeMap::new(), 0, 0);
        while let Some(Block::Mbo(block)) = source.next_block().unwrap() {
            assert!(block.bytes.len() <= tickforge_feed::MAX_BLOCK_BYTES);
            for record in block.records() {
                *of_action.entry(char::from(record.action())).or_insert(0) += 1;
                last += usize::from(record.is_last());
                snapshot += usize::from(record.is_snapshot());
            }
        }
        let expected = [('A', 29216), ('C', 17999), ('F', 6371), ('M', 12233), ('T', 2973)];
        assert_eq!(of_action, BTreeMap::from(expected));
        assert_eq!((last, snapshot), (47_022, 8_725));
    }
}

#[test]
fn other_formats_are_named() {
    let Some(market) = support::shared() else { return };
    let samples = market.join("dbn-schema-samples");
    let mut seen = (0, 0);
    for path in support::files(&samples, &[".dbz", ".frag", ".frag.zst"]) {
        let error = DbnFile::open(&path, DbnOptions::default()).unwrap_err();
        assert_eq!(error.code(), "ERR_FEED_FORMAT", "{error}");
        let text = error.to_string();
        assert!(text.contains(path.file_name().unwrap().to_str().unwrap()), "{text}");
        if path.extension().is_some_and(|e| e == "dbz") {
            assert!(text.contains("DBZ"), "{text}");
            seen.0 += 1;
        } else {
            assert!(text.contains("fragment"), "{text}");
            seen.1 += 1;
        }
    }
    assert!(seen.0 >= 8 && seen.1 >= 7, "{seen:?}");
}
