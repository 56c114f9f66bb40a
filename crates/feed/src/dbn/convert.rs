//! From DBN records to market events.

use super::layout::{Record, rtype};
use dbn::{BidAskPair, ConsolidatedBidAskPair, v3};
use model::{
    Bar, Depth, DepthLevel, InstrumentIndex, MarketEvent, NANO, Price, Quantity, Quote, Side,
    Status, Timeframe, Trade, TradingPhase, UnixNanos,
};
use std::mem::{offset_of, size_of};

const LEVELS: usize = offset_of!(v3::Mbp1Msg, levels);
const LEVEL: usize = size_of::<BidAskPair>();

/// DBN's undefined time.
const NO_TIME: u64 = u64::MAX;

/// Appends the events of a record: a quote before the trade that hit it (the book of a trade
/// record of `mbp-1`, `tbbo`, `mbp-10`, `cmbp-1` and `tcbbo` is the one before the trade).
///
/// - A subsampled quote (`bbo-*`, `cbbo-*`) is known at the end of its interval, which is its
///   `ts_recv`; its `ts_event` is an older one, so `ts_recv` stands for both.
/// - A bar's `ts_event` is its open.
/// - Statistics, imbalances, definitions and gateway messages are no market events.
pub(crate) fn convert(
    record: Record<'_>,
    instrument: InstrumentIndex,
    bar: Option<Timeframe>,
    out: &mut Vec<MarketEvent>,
) {
    let kind = record.kind();
    match kind {
        rtype::TRADE => out.extend(trade(record, instrument)),
        rtype::MBP_1 => {
            out.push(MarketEvent::Quote(quote(record, instrument, true)));
            out.extend(trade(record, instrument));
        }
        rtype::CMBP_1 | rtype::TCBBO => {
            out.push(MarketEvent::Quote(quote(record, instrument, false)));
            out.extend(trade(record, instrument));
        }
        rtype::BBO_1S | rtype::BBO_1M | rtype::CBBO_1S | rtype::CBBO_1M => {
            let counted = matches!(kind, rtype::BBO_1S | rtype::BBO_1M);
            let mut quote = quote(record, instrument, counted);
            quote.ts_event = quote.ts_recv;
            out.push(MarketEvent::Quote(quote));
        }
        rtype::MBP_10 => {
            out.push(MarketEvent::Depth(Box::new(depth(record, instrument))));
            out.extend(trade(record, instrument));
        }
        rtype::OHLCV_OLD | rtype::OHLCV_1S..=rtype::OHLCV_EOD => {
            out.extend(bar_of(record, instrument, bar));
        }
        rtype::STATUS => out.extend(status(record, instrument)),
        _ => {}
    }
}

/// Exchange and receive time; where one is undefined the other stands for it.
fn times(record: Record<'_>) -> (UnixNanos, UnixNanos) {
    let (event, recv) = (record.ts_event(), record.ts_recv());
    let either = |a: u64, b: u64| UnixNanos(if a == NO_TIME { b } else { a });
    (either(event, recv), either(recv, event))
}

fn units(size: u32) -> Quantity {
    Quantity(i64::from(size) * NANO)
}

/// The trade of a record whose action is `T` and that has a price.
fn trade(record: Record<'_>, instrument: InstrumentIndex) -> Option<MarketEvent> {
    let price = Price(record.i64(offset_of!(v3::TradeMsg, price)));
    if record.u8(offset_of!(v3::TradeMsg, action)) != b'T' || !price.is_defined() {
        return None;
    }
    let (ts_event, ts_recv) = times(record);
    let aggressor = match record.u8(offset_of!(v3::TradeMsg, side)) {
        b'B' => Some(Side::Buy),
        b'A' => Some(Side::Sell),
        _ => None,
    };
    let quantity = units(record.u32(offset_of!(v3::TradeMsg, size)));
    Some(MarketEvent::Trade(Trade { instrument, ts_event, ts_recv, price, quantity, aggressor }))
}

/// One side of a level: price, size, and number of orders where they are `counted`
/// (consolidated levels hold publishers in their place).
fn level(record: Record<'_>, at: usize, bid: bool, counted: bool) -> DepthLevel {
    let (price, size, count) = if bid {
        (
            offset_of!(BidAskPair, bid_px),
            offset_of!(BidAskPair, bid_sz),
            offset_of!(BidAskPair, bid_ct),
        )
    } else {
        (
            offset_of!(BidAskPair, ask_px),
            offset_of!(BidAskPair, ask_sz),
            offset_of!(BidAskPair, ask_ct),
        )
    };
    DepthLevel {
        price: Price(record.i64(at + price)),
        quantity: units(record.u32(at + size)),
        count: if counted { record.u32(at + count) } else { 0 },
    }
}

fn quote(record: Record<'_>, instrument: InstrumentIndex, counted: bool) -> Quote {
    let (ts_event, ts_recv) = times(record);
    let bid = level(record, LEVELS, true, counted);
    let ask = level(record, LEVELS, false, counted);
    Quote {
        instrument,
        ts_event,
        ts_recv,
        bid: bid.price,
        ask: ask.price,
        bid_size: bid.quantity,
        ask_size: ask.quantity,
        bid_count: bid.count,
        ask_count: ask.count,
    }
}

fn depth(record: Record<'_>, instrument: InstrumentIndex) -> Depth {
    let (ts_event, ts_recv) = times(record);
    let side = |bid| {
        (0..10)
            .map(|k| level(record, LEVELS + k * LEVEL, bid, true))
            .take_while(|level| level.price.is_defined())
            .collect()
    };
    Depth { instrument, ts_event, ts_recv, bids: side(true), asks: side(false) }
}

/// The interval of a bar record type.
pub(crate) fn timeframe(kind: u8) -> Option<Timeframe> {
    match kind {
        rtype::OHLCV_1S => Some(Timeframe::SECOND),
        rtype::OHLCV_1M => Some(Timeframe::MINUTE),
        rtype::OHLCV_1H => Some(Timeframe::HOUR),
        rtype::OHLCV_1D | rtype::OHLCV_EOD => Some(Timeframe::DAY),
        _ => None,
    }
}

fn bar_of(
    record: Record<'_>,
    instrument: InstrumentIndex,
    schema: Option<Timeframe>,
) -> Option<MarketEvent> {
    // The first bar record type did not say its interval: the schema does.
    let timeframe = timeframe(record.kind()).or(schema)?;
    let open_time = UnixNanos(record.ts_event());
    let price = |at| Price(record.i64(at));
    Some(MarketEvent::Bar(Bar {
        instrument,
        timeframe,
        open_time,
        close_time: open_time.plus(timeframe.0),
        open: price(offset_of!(v3::OhlcvMsg, open)),
        high: price(offset_of!(v3::OhlcvMsg, high)),
        low: price(offset_of!(v3::OhlcvMsg, low)),
        close: price(offset_of!(v3::OhlcvMsg, close)),
        volume: i128::from(record.u64(offset_of!(v3::OhlcvMsg, volume))) * i128::from(NANO),
    }))
}

/// The phase that a status record begins; `None` for actions that change none (short-sale
/// restriction, no action).
fn status(record: Record<'_>, instrument: InstrumentIndex) -> Option<MarketEvent> {
    let trading = record.u8(offset_of!(v3::StatusMsg, is_trading)) == b'Y';
    let phase = match record.u16(offset_of!(v3::StatusMsg, action)) {
        // pre-open, pre-cross, quoting, cross, rotation, new price indication
        1..=6 => TradingPhase::PreOpen,
        7 => TradingPhase::Trading,
        // halt, pause, suspend
        8..=10 => TradingPhase::Halted,
        // Pre-close: continuous trading goes on where the record says so.
        11 if trading => TradingPhase::Trading,
        11 => TradingPhase::Halted,
        // close, post-close, not available
        12 | 13 | 15 => TradingPhase::Closed,
        _ => return None,
    };
    let (ts_event, ts_recv) = times(record);
    Some(MarketEvent::Status(Status { instrument, ts_event, ts_recv, phase }))
}

const _: () = {
    assert!(offset_of!(v3::Mbp1Msg, action) == offset_of!(v3::TradeMsg, action));
    assert!(offset_of!(v3::Mbp10Msg, action) == offset_of!(v3::TradeMsg, action));
    assert!(offset_of!(v3::Cmbp1Msg, action) == offset_of!(v3::TradeMsg, action));
    assert!(offset_of!(v3::Cmbp1Msg, side) == offset_of!(v3::TradeMsg, side));
    assert!(offset_of!(v3::Cmbp1Msg, price) == offset_of!(v3::TradeMsg, price));
    assert!(offset_of!(v3::Mbp10Msg, levels) == LEVELS);
    assert!(offset_of!(v3::BboMsg, levels) == LEVELS);
    assert!(offset_of!(v3::Cmbp1Msg, levels) == LEVELS);
    assert!(offset_of!(v3::CbboMsg, levels) == LEVELS);
    assert!(size_of::<ConsolidatedBidAskPair>() == LEVEL);
    assert!(offset_of!(ConsolidatedBidAskPair, ask_sz) == offset_of!(BidAskPair, ask_sz));
};
