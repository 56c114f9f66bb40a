//! Tables of bars, quotes and trades as DBN records.

use super::{ConvertOptions, Converted, Format, Progress, Table, go_on};
use crate::columns::RowKind;
use crate::error::{FeedError, Place};
use crate::output::{DbnHeader, PartialFile};
use dbn::encode::EncodeRecord;
use dbn::encode::dbn::RecordEncoder;
use dbn::{
    BidAskPair, FlagSet, Mbp1Msg, OhlcvMsg, RecordHeader, Schema, TradeMsg, UNDEF_PRICE, rtype,
};
use model::{Bar, MarketEvent, NANO, Quantity, Quote, Side, Timeframe, Trade};
use std::io::Write;
use std::path::Path;

/// Publisher that is written: not known.
const PUBLISHER: u16 = 0;

/// What the first reading of the input finds.
struct Survey {
    kind: RowKind,
    first: u64,
    last: u64,
    timeframe: Option<Timeframe>,
    symbols: Vec<String>,
}

pub(super) fn convert(
    input: &Path,
    output: &Path,
    from: Format,
    options: &ConvertOptions,
    progress: Progress<'_>,
) -> Result<Converted, FeedError> {
    let survey = survey(input, from, options, progress)?;
    let schema = schema(&survey)?;
    let mut file = PartialFile::create(output)?;
    let header = DbnHeader {
        dataset: "TICKFORGE",
        schema,
        start: survey.first,
        end: survey.last.saturating_add(1),
        symbols: &survey.symbols,
        first_id: 1,
    };
    header.write(&mut file)?;
    let name = input.display().to_string();
    let mut source = Table::open(input, from, &options.table)?;
    let mut done = Converted { rows: 0, left_out: 0 };
    while let Some(events) = source.next()? {
        for event in events {
            // Counted before it is written: the number of the event that does not fit.
            let at = Place::Row(done.rows + done.left_out + 1);
            if encode(&mut file, event, survey.kind, &name, at)? {
                done.rows += 1;
            } else {
                done.left_out += 1;
            }
        }
        go_on(progress(0.5 + source.progress() / 2.0))?;
    }
    file.finish()?;
    Ok(done)
}

fn survey(
    input: &Path,
    from: Format,
    options: &ConvertOptions,
    progress: Progress<'_>,
) -> Result<Survey, FeedError> {
    let mut source = Table::open(input, from, &options.table)?;
    let kind = options.kind.unwrap_or(source.kind());
    let mut survey =
        Survey { kind, first: u64::MAX, last: 0, timeframe: None, symbols: Vec::new() };
    while let Some(events) = source.next()? {
        for event in events {
            let first = match event {
                MarketEvent::Bar(bar) => {
                    let length = *survey.timeframe.get_or_insert(bar.timeframe);
                    if length != bar.timeframe {
                        return Err(timeframe_error(&format!("{length} and {}", bar.timeframe)));
                    }
                    bar.open_time.0
                }
                _ => event.ts_event().0,
            };
            survey.first = survey.first.min(first);
            survey.last = survey.last.max(event.ts_event().0).max(event.ts_recv().0);
        }
        go_on(progress(source.progress() / 2.0))?;
    }
    if survey.first == u64::MAX {
        return Err(FeedError::Empty {
            file: input.display().to_string(),
            accepted: "a table with at least one row",
        });
    }
    survey.symbols = source.symbols().to_vec();
    Ok(survey)
}

fn timeframe_error(value: &str) -> FeedError {
    FeedError::Setting {
        option: "timeframe",
        value: value.to_owned(),
        accepted: "one length of bars that DBN has: 1s, 1m, 1h or 1d".to_owned(),
    }
}

fn schema(survey: &Survey) -> Result<Schema, FeedError> {
    match survey.kind {
        RowKind::Trades => Ok(Schema::Trades),
        RowKind::Quotes => Ok(Schema::Mbp1),
        RowKind::Bars => match survey.timeframe {
            Some(Timeframe::SECOND) => Ok(Schema::Ohlcv1S),
            Some(Timeframe::MINUTE) => Ok(Schema::Ohlcv1M),
            Some(Timeframe::HOUR) => Ok(Schema::Ohlcv1H),
            Some(Timeframe::DAY) => Ok(Schema::Ohlcv1D),
            other => Err(timeframe_error(&other.map_or("none".to_owned(), |t| t.to_string()))),
        },
        RowKind::Depth => Err(FeedError::Setting {
            option: "kind",
            value: "depth".to_owned(),
            accepted: "bars, quotes or trades, when DBN is written".to_owned(),
        }),
    }
}

/// Writes an event; whether it is of the kind that is written.
fn encode(
    file: &mut PartialFile,
    event: &MarketEvent,
    kind: RowKind,
    name: &str,
    at: Place,
) -> Result<bool, FeedError> {
    let size = |quantity: Quantity| whole(quantity.0.into(), name, at, u64::from(u32::MAX));
    let result = match (kind, event) {
        (RowKind::Trades, MarketEvent::Trade(trade)) => {
            let record = trade_record(trade, size(trade.quantity)? as u32);
            RecordEncoder::new(&mut *file).encode_record(&record)
        }
        (RowKind::Quotes, MarketEvent::Quote(quote)) => {
            let sizes = [size(quote.bid_size)? as u32, size(quote.ask_size)? as u32];
            RecordEncoder::new(&mut *file).encode_record(&quote_record(quote, sizes))
        }
        (RowKind::Bars, MarketEvent::Bar(bar)) => {
            let volume = whole(bar.volume, name, at, u64::MAX - 1)?;
            RecordEncoder::new(&mut *file).encode_record(&bar_record(bar, volume))
        }
        _ => return Ok(false),
    };
    result.map(|()| true).map_err(|error| match error {
        dbn::Error::Io { source, .. } => FeedError::io(file.name(), "write", source),
        other => FeedError::io(file.name(), "write", std::io::Error::other(other)),
    })
}

/// A whole number of units.
fn whole(nanos: i128, name: &str, at: Place, most: u64) -> Result<u64, FeedError> {
    let unit = i128::from(NANO);
    let units = if nanos % unit == 0 { u64::try_from(nanos / unit).ok() } else { None };
    units.filter(|&units| units <= most).ok_or_else(|| FeedError::Value {
        file: name.to_owned(),
        at,
        column: "size".to_owned(),
        value: model::decimal::format_nanos(nanos),
        accepted: format!("a whole number from 0 to {most}, as DBN holds"),
    })
}

fn header<T: dbn::HasRType>(
    kind: u8,
    instrument: model::InstrumentIndex,
    ts_event: u64,
) -> RecordHeader {
    RecordHeader::new::<T>(kind, PUBLISHER, instrument.0 + 1, ts_event)
}

fn trade_record(trade: &Trade, size: u32) -> TradeMsg {
    let side = match trade.aggressor {
        Some(Side::Buy) => b'B',
        Some(Side::Sell) => b'A',
        None => b'N',
    };
    TradeMsg {
        hd: header::<TradeMsg>(rtype::MBP_0, trade.instrument, trade.ts_event.0),
        price: trade.price.0,
        size,
        action: b'T' as _,
        side: side as _,
        flags: FlagSet::default().set_last(),
        depth: 0,
        ts_recv: trade.ts_recv.0,
        ts_in_delta: 0,
        sequence: 0,
    }
}

fn quote_record(quote: &Quote, [bid_sz, ask_sz]: [u32; 2]) -> Mbp1Msg {
    Mbp1Msg {
        hd: header::<Mbp1Msg>(rtype::MBP_1, quote.instrument, quote.ts_event.0),
        price: UNDEF_PRICE,
        size: 0,
        action: b'N' as _,
        side: b'N' as _,
        flags: FlagSet::default().set_last(),
        depth: 0,
        ts_recv: quote.ts_recv.0,
        ts_in_delta: 0,
        sequence: 0,
        levels: [BidAskPair {
            bid_px: quote.bid.0,
            ask_px: quote.ask.0,
            bid_sz,
            ask_sz,
            bid_ct: quote.bid_count,
            ask_ct: quote.ask_count,
        }],
    }
}

fn bar_record(bar: &Bar, volume: u64) -> OhlcvMsg {
    let (kind, open) = match bar.timeframe {
        Timeframe::SECOND => (rtype::OHLCV_1S, bar.open_time.0),
        Timeframe::MINUTE => (rtype::OHLCV_1M, bar.open_time.0),
        Timeframe::HOUR => (rtype::OHLCV_1H, bar.open_time.0),
        // A session's bar is stamped with the UTC midnight of the day that it closes on.
        _ => {
            let close = bar.close_time.0.saturating_sub(1);
            (rtype::OHLCV_1D, close - close % Timeframe::DAY.0)
        }
    };
    OhlcvMsg {
        hd: header::<OhlcvMsg>(kind, bar.instrument, open),
        open: bar.open.0,
        high: bar.high.0,
        low: bar.low.0,
        close: bar.close.0,
        volume,
    }
}

impl DbnHeader<'_> {
    fn write(&self, file: &mut PartialFile) -> Result<(), FeedError> {
        let bytes = self.encode(file.name())?;
        let written = file.write_all(&bytes);
        written.map_err(|e| FeedError::io(file.name(), "write", e))
    }
}
