//! Every recorded sample decodes field by field as the `dbn` crate reads it.

mod support;

use dbn::MboMsg;
use model::{Currency, Instrument, InstrumentIndex, MarketEvent};
use std::collections::BTreeMap;
use support::oracle;
use tickforge_feed::dbn::{DbnFile, DbnOptions, Decode};
use tickforge_feed::{Block, Instruments};

fn options(decode: Decode) -> DbnOptions {
    DbnOptions { decode, ..DbnOptions::default() }
}

fn instruments<'a>(symbols: impl IntoIterator<Item = &'a str>) -> Instruments {
    let equity = |symbol| Instrument::plain_equity(symbol, Currency::USD).unwrap();
    symbols.into_iter().map(equity).collect()
}

/// Compares a file's records and events with the oracle's; the number of records.
fn compare(path: &std::path::Path, decode: Decode) -> usize {
    let plain = support::plain(path);
    let file = DbnFile::open(path, options(decode)).unwrap();
    let mut symbols: Vec<String> = file.symbols().into_iter().map(str::to_owned).collect();
    // Each record alone, and which symbols the mapping records name.
    let mut records = file.records().unwrap();
    let mut run: Vec<u8> = Vec::new();
    let mut stride = 0;
    let mut count = 0;
    let metadata = oracle::each_record(&plain, |theirs| {
        count += 1;
        if run.is_empty() {
            let item = records.next_record().unwrap().unwrap();
            oracle::assert_same_item(&item, theirs);
            symbols.extend(item.symbol_mapping().map(|(_, output)| output));
            stride = item.stride();
            run = item.bytes().to_vec();
        }
        if let Some(theirs) = theirs.get::<MboMsg>() {
            oracle::assert_same_mbo(model::Mbo::first_of(&run).unwrap(), theirs);
        }
        run.drain(..stride);
    });
    assert!(run.is_empty() && records.next_record().unwrap().is_none());
    assert_eq!(*file.metadata(), metadata);

    // The events of the instruments that the file names.
    if symbols.is_empty() {
        return count;
    }
    let instruments = instruments(symbols.iter().map(String::as_str));
    let mut ids: BTreeMap<u32, InstrumentIndex> = file
        .spans()
        .iter()
        .map(|s| (s.instrument_id, instruments.index(&s.symbol).unwrap()))
        .collect();
    let mut expected = Vec::new();
    let mut expected_mbo = Vec::new();
    oracle::each_record(&plain, |theirs| {
        let id = theirs.header().instrument_id;
        if let Some(mapping) = theirs.get::<dbn::SymbolMappingMsg>() {
            let symbol = mapping.stype_out_symbol().unwrap();
            ids.insert(id, instruments.index(symbol).unwrap());
        }
        if let Some(theirs) = theirs.get::<MboMsg>() {
            expected_mbo.push((ids.get(&id).copied(), theirs.clone()));
        }
        if let Some(&index) = ids.get(&id) {
            expected.extend(oracle::events(theirs, index));
        }
    });
    let mut source = file.into_source(&instruments).unwrap();
    let mut got: Vec<MarketEvent> = Vec::new();
    let mut mbo = expected_mbo.iter();
    while let Some(block) = source.next_block().unwrap() {
        match block {
            Block::Events(events) => got.extend_from_slice(events),
            Block::Mbo(block) => {
                for record in block.records() {
                    let (index, theirs) = mbo.next().unwrap();
                    oracle::assert_same_mbo(record, theirs);
                    let id = (record.publisher(), record.instrument_id());
                    assert_eq!(block.ids.get(id.0, id.1), *index);
                }
            }
        }
    }
    assert!(mbo.next().is_none() && source.block().is_none());
    assert_eq!(got, expected, "{}", path.display());
    assert_eq!(source.progress(), 1.0);
    count
}

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
