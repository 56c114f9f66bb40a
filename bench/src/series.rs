//! Bars and quotes as DBN files: rows that cost the engine little, so that what is left is
//! the way to the strategy.

use dbn::encode::{DbnRecordEncoder, EncodeRecord};
use dbn::{
    BidAskPair, FlagSet, HasRType, MappingInterval, Mbp1Msg, MetadataBuilder, OhlcvMsg,
    RecordHeader, SType, Schema, SymbolMapping, rtype,
};
use feed::synthetic::{synthetic_bars, synthetic_quotes};
use model::{NANO, Quote, Timeframe};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::num::NonZeroU64;
use std::path::Path;

/// The symbol of these files.
pub const SYMBOL: &str = "SERIES";

fn header<R: HasRType>(rtype: u8, at: u64) -> RecordHeader {
    RecordHeader::new::<R>(rtype, 1, 1, at)
}

fn write<R: HasRType + dbn::encode::DbnEncodable>(
    path: &Path,
    schema: Schema,
    end: u64,
    records: impl Iterator<Item = R>,
) -> Result<u64, String> {
    let failed = |e: std::io::Error| format!("{}: {e}", path.display());
    let start = feed::synthetic::SERIES_START.0;
    let mut metadata = MetadataBuilder::new()
        .version(3)
        .dataset("GLBX.MDP3".to_owned())
        .schema(Some(schema))
        .start(start)
        .end(NonZeroU64::new(end + 86_400_000_000_000))
        .stype_in(Some(SType::RawSymbol))
        .stype_out(SType::InstrumentId)
        .symbols(vec![SYMBOL.to_owned()])
        .build();
    let start_date = metadata.start().date();
    let end_date = metadata.end().map_or(start_date, |end| end.date());
    let intervals = vec![MappingInterval { start_date, end_date, symbol: "1".to_owned() }];
    metadata.mappings = vec![SymbolMapping { raw_symbol: SYMBOL.to_owned(), intervals }];
    let mut file = BufWriter::with_capacity(1 << 20, File::create(path).map_err(failed)?);
    dbn::encode::dbn::MetadataEncoder::new(&mut file)
        .encode(&metadata)
        .map_err(|e| e.to_string())?;
    let mut encoder = DbnRecordEncoder::new(&mut file);
    let mut count = 0;
    for record in records {
        encoder.encode_record(&record).map_err(|e| e.to_string())?;
        count += 1;
    }
    file.flush().map_err(failed)?;
    Ok(count)
}

/// One-minute bars on a walk; how many.
///
/// # Errors
/// What the operating system says.
pub fn write_bars(path: &Path, count: usize) -> Result<u64, String> {
    let bars = synthetic_bars(1, count, Timeframe::MINUTE);
    let end = bars.last().map_or(0, |bar| bar.close_time.0);
    let records = bars.iter().map(|bar| OhlcvMsg {
        hd: header::<OhlcvMsg>(rtype::OHLCV_1M, bar.open_time.0),
        open: bar.open.0,
        high: bar.high.0,
        low: bar.low.0,
        close: bar.close.0,
        volume: u64::try_from(bar.volume / i128::from(NANO)).unwrap_or(1),
    });
    write(path, Schema::Ohlcv1M, end, records)
}

/// A step of the clock between two quotes: 1 ms.
const STEP: u64 = 1_000_000;

fn best(quote: &Quote) -> BidAskPair {
    BidAskPair {
        bid_px: quote.bid.0,
        ask_px: quote.ask.0,
        bid_sz: u32::try_from(quote.bid_size.0 / NANO).unwrap_or(1),
        ask_sz: u32::try_from(quote.ask_size.0 / NANO).unwrap_or(1),
        bid_ct: 3,
        ask_ct: 3,
    }
}

/// Quotes, one a millisecond, every one another price or size than the one before; how many.
///
/// # Errors
/// What the operating system says.
pub fn write_quotes(path: &Path, count: usize) -> Result<u64, String> {
    let quotes = synthetic_quotes(1, count);
    let start = feed::synthetic::SERIES_START.0;
    let records = quotes.iter().enumerate().map(|(k, quote)| {
        let at = start + k as u64 * STEP;
        let mut level = best(quote);
        // Sizes that alternate: no quote repeats its predecessor.
        level.bid_sz = level.bid_sz * 2 + (k % 2) as u32;
        Mbp1Msg {
            hd: header::<Mbp1Msg>(rtype::MBP_1, at),
            price: level.bid_px,
            size: level.bid_sz,
            action: b'M' as std::ffi::c_char,
            side: b'B' as std::ffi::c_char,
            flags: FlagSet::new(dbn::flags::LAST),
            depth: 0,
            ts_recv: at,
            ts_in_delta: 0,
            sequence: k as u32,
            levels: [level],
        }
    });
    write(path, Schema::Mbp1, start + count as u64 * STEP, records)
}

#[cfg(test)]
mod tests {
    use super::*;
    use feed::dbn::{DbnFile, DbnOptions};
    use feed::{Block, Instruments};
    use model::{Currency, Instrument, MarketEvent};

    #[test]
    fn what_is_written_is_read_back_row_by_row() {
        let folder = std::env::temp_dir().join(format!("tickforge-series-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let instruments: Instruments =
            [Instrument::plain_equity(SYMBOL, Currency::USD).unwrap()].into_iter().collect();
        type Writer = fn(&Path, usize) -> Result<u64, String>;
        let kinds: [(&str, Writer); 2] = [("bar", write_bars), ("quote", write_quotes)];
        for (kind, writer) in kinds {
            let path = folder.join(format!("{kind}.dbn"));
            assert_eq!(writer(&path, 300), Ok(300));
            let file = DbnFile::open(&path, DbnOptions::default()).unwrap();
            let mut source = file.into_source(&instruments).unwrap();
            let mut found = 0;
            while let Some(Block::Events(events)) = source.next_block().unwrap() {
                found += events
                    .iter()
                    .filter(|event| match event {
                        MarketEvent::Bar(_) => kind == "bar",
                        MarketEvent::Quote(_) => kind == "quote",
                        _ => false,
                    })
                    .count();
            }
            assert_eq!(found, 300, "{kind}");
        }
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
