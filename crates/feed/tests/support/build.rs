//! DBN files made with the `dbn` crate's encoder.
#![allow(dead_code, reason = "each test file uses its part")]

use dbn::encode::dbn::MetadataEncoder;
use dbn::{MappingInterval, MetadataBuilder, SType, Schema, SymbolMapping, v1, v2, v3};
use model::MboFields;

/// A mapping of a symbol to a numeric id on the days from `from` up to but without `to`
/// (days of January 2024).
pub fn mapping(symbol: &str, id: u32, from: u8, to: u8) -> SymbolMapping {
    let day = |d| time::Date::from_calendar_date(2024, time::Month::January, d).unwrap();
    SymbolMapping {
        raw_symbol: symbol.into(),
        intervals: vec![MappingInterval {
            start_date: day(from),
            end_date: day(to),
            symbol: id.to_string(),
        }],
    }
}

/// Midnight of a day of January 2024 in ns.
pub fn midnight(day: u64) -> u64 {
    1_704_067_200_000_000_000 + (day - 1) * 86_400_000_000_000
}

/// Encoded metadata.
pub fn header(
    version: u8,
    schema: Option<Schema>,
    ts_out: bool,
    mappings: Vec<SymbolMapping>,
) -> Vec<u8> {
    let symbols = mappings.iter().map(|m| m.raw_symbol.clone()).collect();
    let metadata = MetadataBuilder::new()
        .version(version)
        .dataset("TEST.SET".to_owned())
        .schema(schema)
        .start(0)
        .stype_in(Some(SType::RawSymbol))
        .stype_out(SType::InstrumentId)
        .ts_out(ts_out)
        .symbols(symbols)
        .mappings(mappings)
        .build();
    let mut bytes = Vec::new();
    MetadataEncoder::new(&mut bytes).encode(&metadata).unwrap();
    bytes
}

/// A market-by-order record at a time of 2 January 2024 plus `k` ns.
pub fn order(k: u64) -> MboFields {
    let time = midnight(2) + k;
    MboFields {
        instrument_id: 7,
        ts_event: time,
        ts_recv: time + 100,
        order_id: k,
        price: 100_000_000_000 + (k as i64 % 50) * 250_000_000,
        size: 1 + (k % 9) as u32,
        action: b"ACMTFRN"[k as usize % 7],
        side: b"BAN"[k as usize % 3],
        sequence: k as u32,
        ..MboFields::default()
    }
}

/// A market-by-order file of one instrument, `TEST` with the id 7.
pub fn orders(count: u64) -> Vec<u8> {
    let mut bytes = header(3, Some(Schema::Mbo), false, vec![mapping("TEST", 7, 1, 30)]);
    for k in 0..count {
        bytes.extend(order(k).encode());
    }
    bytes
}

/// zstd of bytes, in frames of so many bytes.
pub fn frames(bytes: &[u8], size: usize) -> Vec<u8> {
    bytes.chunks(size).flat_map(|part| zstd::encode_all(part, 1).unwrap()).collect()
}

fn text<const N: usize>(symbol: &str) -> [std::os::raw::c_char; N] {
    let mut out = [0; N];
    for (to, from) in out.iter_mut().zip(symbol.bytes()) {
        *to = from as std::os::raw::c_char;
    }
    out
}

/// Records of one kind in a version, every number in them different from its neighbours.
pub fn records(version: u8, schema: Schema) -> Vec<u8> {
    let mut bytes = Vec::new();
    for k in 0..4u64 {
        bytes.extend(record(version, schema, k));
    }
    bytes
}

fn hd<R: dbn::HasRType>(kind: u8, k: u64) -> dbn::RecordHeader {
    dbn::RecordHeader::new::<R>(kind, 3, 7, midnight(2) + k * 60_000_000_000)
}

/// One record of a schema.
#[allow(clippy::too_many_lines, reason = "a table of record kinds")]
pub fn record(version: u8, schema: Schema, k: u64) -> Vec<u8> {
    let kind = dbn::RType::from(schema) as u8;
    let (n, recv) = (k as i64, midnight(2) + k * 60_000_000_000 + 500);
    let pair = |d: i64| dbn::BidAskPair {
        bid_px: 100 - d,
        ask_px: if d == 9 { i64::MAX } else { 101 + d },
        bid_sz: 1 + d as u32,
        ask_sz: 20 + d as u32,
        bid_ct: 40 + d as u32,
        ask_ct: 60 + d as u32,
    };
    let both = dbn::ConsolidatedBidAskPair {
        bid_px: 5 + n,
        ask_px: 6 + n,
        bid_sz: 7,
        ask_sz: 8,
        bid_pb: 9,
        ask_pb: 10,
        ..Default::default()
    };
    let action = b"TAMT"[k as usize] as i8;
    let side = b"ABNA"[k as usize] as i8;
    let price = if k == 3 { i64::MAX } else { 1000 + n };
    macro_rules! filled {
        ($kind:ty, $($field:ident: $value:expr),* $(,)?) => {{
            let mut record = <$kind>::default();
            record.hd = hd::<$kind>(kind, k);
            $(record.$field = $value;)*
            record.as_ref().to_vec()
        }};
    }
    macro_rules! versions {
        ($name:ident, $($field:ident: $value:expr),* $(,)?) => {
            match version {
                1 => filled!(v1::$name, $($field: $value),*),
                2 => filled!(v2::$name, $($field: $value),*),
                _ => filled!(v3::$name, $($field: $value),*),
            }
        };
    }
    match schema {
        Schema::Mbo => MboFields { publisher: 3, ..order(k) }.encode().to_vec(),
        Schema::Trades => filled!(v3::TradeMsg, price: price, size: 9, action: action,
            side: side, ts_recv: recv),
        Schema::Mbp1 | Schema::Tbbo => filled!(v3::Mbp1Msg, price: price, size: 9,
            action: action, side: side, ts_recv: recv, levels: [pair(n)]),
        Schema::Mbp10 => filled!(v3::Mbp10Msg, price: price, size: 9, action: action,
            side: side, ts_recv: recv, levels: std::array::from_fn(|d| pair(d as i64))),
        Schema::Bbo1S | Schema::Bbo1M => {
            let mut record = v3::BboMsg::default_for_schema(schema);
            record.hd = hd::<v3::BboMsg>(kind, k);
            (record.ts_recv, record.levels) = (recv, [pair(n)]);
            record.as_ref().to_vec()
        }
        Schema::Cmbp1 | Schema::Tcbbo => {
            let mut record = v3::Cmbp1Msg::default_for_schema(schema);
            record.hd = hd::<v3::Cmbp1Msg>(kind, k);
            (record.price, record.size, record.levels) = (price, 11, [both]);
            (record.action, record.side, record.ts_recv) = (action, side, recv);
            record.as_ref().to_vec()
        }
        Schema::Cbbo1S | Schema::Cbbo1M => {
            let mut record = v3::CbboMsg::default_for_schema(schema);
            record.hd = hd::<v3::CbboMsg>(kind, k);
            (record.ts_recv, record.levels) = (recv, [both]);
            record.as_ref().to_vec()
        }
        Schema::Ohlcv1S
        | Schema::Ohlcv1M
        | Schema::Ohlcv1H
        | Schema::Ohlcv1D
        | Schema::OhlcvEod => {
            let mut record = v3::OhlcvMsg::default_for_schema(schema);
            record.hd = hd::<v3::OhlcvMsg>(kind, k);
            (record.open, record.high, record.low, record.close) = (5, 9, 2, 6 + n);
            record.volume = u64::MAX - k;
            record.as_ref().to_vec()
        }
        Schema::Status => filled!(v3::StatusMsg, ts_recv: recv,
            action: [1, 7, 11, 14][k as usize], is_trading: b"NYYN"[k as usize] as i8),
        Schema::Imbalance => filled!(v3::ImbalanceMsg, ts_recv: recv, ref_price: price,
            paired_qty: 77, total_imbalance_qty: 88, side: side),
        Schema::Statistics if version < 3 => filled!(v1::StatMsg, ts_recv: recv, ts_ref: 4,
            price: price, quantity: if k == 3 { i32::MAX } else { -5 }, stat_type: 3),
        Schema::Statistics => filled!(v3::StatMsg, ts_recv: recv, ts_ref: 4, price: price,
            quantity: if k == 3 { i64::MAX } else { 1 << 40 }, stat_type: 3),
        Schema::Definition => versions!(InstrumentDefMsg, ts_recv: recv, raw_symbol: text("TEST"),
            min_price_increment: 250_000_000, min_price_increment_amount: 125_000_000,
            display_factor: 10_000_000, unit_of_measure_qty: 50_000_000_000,
            unit_of_measure: text("IPNT"), contract_multiplier: 12, min_lot_size: 1,
            currency: text("USD"), exchange: text("XCME"), asset: text("TST"),
            instrument_class: b'F' as i8, expiration: 99, strike_price: 5),
    }
}
