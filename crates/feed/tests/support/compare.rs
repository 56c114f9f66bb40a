//! A DBN file against the oracle, record by record and event by event.
#![allow(dead_code, reason = "each test file uses its part")]

use super::oracle;
use dbn::MboMsg;
use model::{Currency, Instrument, InstrumentIndex, MarketEvent};
use std::collections::BTreeMap;
use tickforge_feed::dbn::{DbnFile, DbnOptions, Decode};
use tickforge_feed::{Block, Instruments};

/// Options that only say where to decompress.
pub fn options(decode: Decode) -> DbnOptions {
    DbnOptions { decode, ..DbnOptions::default() }
}

/// Equities of these symbols.
pub fn instruments<'a>(symbols: impl IntoIterator<Item = &'a str>) -> Instruments {
    let equity = |symbol| Instrument::plain_equity(symbol, Currency::USD).unwrap();
    symbols.into_iter().map(equity).collect()
}

/// Compares a file's records and events with the oracle's; the number of records.
pub fn compare(path: &std::path::Path, decode: Decode) -> usize {
    let plain = super::plain(path);
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
