//! What a DBN file holds as the `dbn` crate decodes it, put into the project's words here,
//! apart from the code under test.
#![allow(dead_code, reason = "each test file uses its part")]

use dbn::decode::DecodeRecordRef;
use dbn::decode::dbn::Decoder;
use dbn::{
    BboMsg, BidAskPair, CbboMsg, Cmbp1Msg, ConsolidatedBidAskPair, ImbalanceMsg, InstrumentDefMsg,
    MboMsg, Mbp1Msg, Mbp10Msg, OhlcvMsg, RecordRef, StatMsg, StatusMsg, SymbolMappingMsg, TradeMsg,
    VersionUpgradePolicy,
};
use model::{
    Bar, Depth, DepthLevel, InstrumentIndex, MarketEvent, Price, Quantity, Quote, Side, Status,
    Timeframe, Trade, TradingPhase, UnixNanos,
};

/// Calls a function with every record of decompressed bytes, upgraded to version 3.
pub fn each_record(plain: &[u8], mut with: impl FnMut(RecordRef<'_>)) -> dbn::Metadata {
    let policy = VersionUpgradePolicy::UpgradeToV3;
    let mut decoder = Decoder::with_upgrade_policy(plain, policy).unwrap();
    while let Some(record) = decoder.decode_record_ref().unwrap() {
        with(record);
    }
    dbn::decode::dbn::MetadataDecoder::with_upgrade_policy(plain, VersionUpgradePolicy::AsIs)
        .decode()
        .unwrap()
}

fn units(size: u32) -> Quantity {
    Quantity(i64::from(size) * 1_000_000_000)
}

fn trade_of(
    i: InstrumentIndex,
    ts: (u64, u64),
    action: i8,
    side: i8,
    price: i64,
    size: u32,
) -> Option<MarketEvent> {
    (action as u8 == b'T' && price != i64::MAX).then(|| {
        MarketEvent::Trade(Trade {
            instrument: i,
            ts_event: UnixNanos(ts.0),
            ts_recv: UnixNanos(ts.1),
            price: Price(price),
            quantity: units(size),
            aggressor: match side as u8 {
                b'A' => Some(Side::Sell),
                b'B' => Some(Side::Buy),
                _ => None,
            },
        })
    })
}

fn quote_of(i: InstrumentIndex, ts: (u64, u64), l: &BidAskPair) -> MarketEvent {
    MarketEvent::Quote(Quote {
        instrument: i,
        ts_event: UnixNanos(ts.0),
        ts_recv: UnixNanos(ts.1),
        bid: Price(l.bid_px),
        ask: Price(l.ask_px),
        bid_size: units(l.bid_sz),
        ask_size: units(l.ask_sz),
        bid_count: l.bid_ct,
        ask_count: l.ask_ct,
    })
}

fn consolidated(i: InstrumentIndex, ts: (u64, u64), l: &ConsolidatedBidAskPair) -> MarketEvent {
    let pair = BidAskPair {
        bid_px: l.bid_px,
        ask_px: l.ask_px,
        bid_sz: l.bid_sz,
        ask_sz: l.ask_sz,
        bid_ct: 0,
        ask_ct: 0,
    };
    quote_of(i, ts, &pair)
}

/// The events of a record of a kind that has some.
pub fn events(record: RecordRef<'_>, i: InstrumentIndex) -> Vec<MarketEvent> {
    let mut out = Vec::new();
    if let Some(r) = record.get::<TradeMsg>() {
        out.extend(trade_of(i, (r.hd.ts_event, r.ts_recv), r.action, r.side, r.price, r.size));
    } else if let Some(r) = record.get::<Mbp1Msg>() {
        out.push(quote_of(i, (r.hd.ts_event, r.ts_recv), &r.levels[0]));
        out.extend(trade_of(i, (r.hd.ts_event, r.ts_recv), r.action, r.side, r.price, r.size));
    } else if let Some(r) = record.get::<BboMsg>() {
        out.push(quote_of(i, (r.ts_recv, r.ts_recv), &r.levels[0]));
    } else if let Some(r) = record.get::<Cmbp1Msg>() {
        out.push(consolidated(i, (r.hd.ts_event, r.ts_recv), &r.levels[0]));
        out.extend(trade_of(i, (r.hd.ts_event, r.ts_recv), r.action, r.side, r.price, r.size));
    } else if let Some(r) = record.get::<CbboMsg>() {
        out.push(consolidated(i, (r.ts_recv, r.ts_recv), &r.levels[0]));
    } else if let Some(r) = record.get::<Mbp10Msg>() {
        let level =
            |price, size, count| DepthLevel { price: Price(price), quantity: units(size), count };
        let some = |l: &DepthLevel| l.price.is_defined();
        let bids = r.levels.iter().map(|l| level(l.bid_px, l.bid_sz, l.bid_ct));
        let asks = r.levels.iter().map(|l| level(l.ask_px, l.ask_sz, l.ask_ct));
        out.push(MarketEvent::Depth(Box::new(Depth {
            instrument: i,
            ts_event: UnixNanos(r.hd.ts_event),
            ts_recv: UnixNanos(r.ts_recv),
            bids: bids.filter(some).collect(),
            asks: asks.filter(some).collect(),
        })));
        out.extend(trade_of(i, (r.hd.ts_event, r.ts_recv), r.action, r.side, r.price, r.size));
    } else if let Some(r) = record.get::<OhlcvMsg>() {
        let seconds = match r.hd.rtype {
            0x20 => 1,
            0x21 => 60,
            0x22 => 3600,
            _ => 86400,
        };
        out.push(MarketEvent::Bar(Bar {
            instrument: i,
            timeframe: Timeframe(seconds * 1_000_000_000),
            open_time: UnixNanos(r.hd.ts_event),
            close_time: UnixNanos(r.hd.ts_event + seconds * 1_000_000_000),
            open: Price(r.open),
            high: Price(r.high),
            low: Price(r.low),
            close: Price(r.close),
            volume: i128::from(r.volume) * 1_000_000_000,
        }));
    } else if let Some(r) = record.get::<StatusMsg>() {
        let phase = match r.action {
            1..=6 => Some(TradingPhase::PreOpen),
            7 => Some(TradingPhase::Trading),
            8..=10 => Some(TradingPhase::Halted),
            11 if r.is_trading as u8 == b'Y' => Some(TradingPhase::Trading),
            11 => Some(TradingPhase::Halted),
            12 | 13 | 15 => Some(TradingPhase::Closed),
            _ => None,
        };
        out.extend(phase.map(|phase| {
            MarketEvent::Status(Status {
                instrument: i,
                ts_event: UnixNanos(r.hd.ts_event),
                ts_recv: UnixNanos(r.ts_recv),
                phase,
            })
        }));
    }
    out
}

/// Compares a market-by-order record field by field.
pub fn assert_same_mbo(mine: model::Mbo<'_>, theirs: &MboMsg) {
    assert_eq!(mine.publisher(), theirs.hd.publisher_id);
    assert_eq!(mine.instrument_id(), theirs.hd.instrument_id);
    assert_eq!(mine.ts_event_raw(), theirs.hd.ts_event);
    assert_eq!(mine.order_id(), theirs.order_id);
    assert_eq!(mine.price_raw(), theirs.price);
    assert_eq!(mine.size(), theirs.size);
    assert_eq!(mine.flags(), theirs.flags.raw());
    assert_eq!(mine.channel(), theirs.channel_id);
    assert_eq!(mine.action(), theirs.action as u8);
    assert_eq!(mine.side_raw(), theirs.side as u8);
    assert_eq!(mine.ts_recv_raw(), theirs.ts_recv);
    assert_eq!(mine.ts_in_delta(), theirs.ts_in_delta);
    assert_eq!(mine.sequence(), theirs.sequence);
}

/// Compares what is no market event: definitions, statistics, imbalances, symbol mappings.
pub fn assert_same_item(mine: &tickforge_feed::dbn::Item<'_>, theirs: RecordRef<'_>) {
    assert_eq!(mine.kind(), theirs.header().rtype);
    assert_eq!(mine.publisher(), theirs.header().publisher_id);
    assert_eq!(mine.instrument_id(), theirs.header().instrument_id);
    assert_eq!(mine.ts_event(), theirs.header().ts_event);
    if let Some(r) = theirs.get::<InstrumentDefMsg>() {
        let m = mine.definition().unwrap();
        assert_eq!(m.symbol, r.raw_symbol().unwrap());
        assert_eq!(m.ts_recv, r.ts_recv);
        assert_eq!((m.tick_size.0, m.strike.0), (r.min_price_increment, r.strike_price));
        assert_eq!(m.tick_amount, r.min_price_increment_amount);
        assert_eq!(m.display_factor, r.display_factor);
        assert_eq!(m.unit_of_measure_qty, r.unit_of_measure_qty);
        assert_eq!(m.unit_of_measure, r.unit_of_measure().unwrap());
        assert_eq!(m.contract_multiplier, r.contract_multiplier);
        assert_eq!(m.min_lot_size, r.min_lot_size);
        assert_eq!(m.currency, r.currency().unwrap());
        assert_eq!(m.exchange, r.exchange().unwrap());
        assert_eq!(m.asset, r.asset().unwrap());
        assert_eq!((m.class, m.expiration), (r.instrument_class as u8, r.expiration));
        assert_eq!(m.update_action, r.security_update_action as u8);
    } else if let Some(r) = theirs.get::<StatMsg>() {
        let m = mine.statistic().unwrap();
        assert_eq!((m.ts_recv, m.ts_ref), (r.ts_recv, r.ts_ref));
        assert_eq!((m.price.0, m.quantity, m.kind), (r.price, r.quantity, r.stat_type));
    } else if let Some(r) = theirs.get::<ImbalanceMsg>() {
        let m = mine.imbalance().unwrap();
        assert_eq!((m.ts_recv, m.ref_price.0), (r.ts_recv, r.ref_price));
        assert_eq!(m.paired_quantity, r.paired_qty);
        assert_eq!((m.imbalance_quantity, m.side), (r.total_imbalance_qty, r.side as u8));
    } else if let Some(r) = theirs.get::<SymbolMappingMsg>() {
        let (input, output) = mine.symbol_mapping().unwrap();
        assert_eq!(input, r.stype_in_symbol().unwrap());
        assert_eq!(output, r.stype_out_symbol().unwrap());
    }
}
