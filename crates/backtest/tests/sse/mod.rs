//! A day of Shanghai's exchange as it logs it, turned into market-by-order records of DBN.
//!
//! Lines of `Key=Value`: orders (192, `OrdType` 65 adds and 68 deletes) and trades (191), in the
//! order of their `BizIndex`; prices and quantities in 0.001, times as HHMMSS and hundredths. An
//! order that takes is in no message before its trades: these name it, and its rest is added after
//! them. What an order that takes does is one event: its trades, then its rest. So is an auction,
//! whose trades (`ExecType` 78) name no aggressor.

use dbn::encode::dbn::MetadataEncoder;
use dbn::{MappingInterval, MetadataBuilder, SType, Schema, SymbolMapping};
use model::MboFields;
use model::mbo::flags;
use std::collections::{BTreeMap, HashMap};
use std::io::Read;

/// Midnight of 2023-02-07 in Shanghai, seconds since 1970.
const MIDNIGHT: u64 = 1_675_699_200;
const SYMBOL: &str = "600519";

#[derive(Clone, Copy, Debug)]
enum Message {
    Add { order: u64, side: u8, price: i64, lots: u32 },
    Delete { order: u64, side: u8, price: i64, lots: u32 },
    Trade { bid: u64, offer: u64, price: i64, lots: u32, kind: u8 },
}

/// Whoever opened an event: an order that takes, or an auction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Opener {
    Order(u64),
    Auction,
}

/// The orders and trades of a log with their times (ns), by `BizIndex`.
fn parse(log: &str) -> Vec<(u64, Message)> {
    let mut messages = BTreeMap::new();
    for line in log.lines() {
        let words = line.trim_start_matches('/').split_ascii_whitespace();
        let fields: HashMap<&str, &str> = words.filter_map(|word| word.split_once('=')).collect();
        let kind = fields.get("MsgType").copied().unwrap_or_default();
        if !matches!(kind, "191" | "192") {
            continue;
        }
        let number = |key: &str| fields[key].parse::<i64>().expect(key);
        // A price of 0.001 in 1e-9; a quantity of 0.001 in shares.
        let price = |key: &str| number(key) * 1_000_000;
        let lots = |key: &str| u32::try_from(number(key) / 1_000).expect(key);
        let side = |letter: i64| if letter == i64::from(b'B') { b'B' } else { b'A' };
        let message = if kind == "191" {
            Message::Trade {
                bid: number("BidApplSeqNum") as u64,
                offer: number("OfferApplSeqNum") as u64,
                price: price("LastPx"),
                lots: lots("LastQty"),
                kind: number("ExecType") as u8,
            }
        } else {
            let (order, side) = (number("OrderNo") as u64, side(number("Side")));
            let (price, lots) = (price("Price"), lots("OrderQty"));
            match number("OrdType") as u8 {
                b'A' => Message::Add { order, side, price, lots },
                _ => Message::Delete { order, side, price, lots },
            }
        };
        let stamp = number("TransactTime") as u64;
        let (hours, minutes) = (stamp / 1_000_000, stamp / 10_000 % 100);
        let hundredths = (hours * 3_600 + minutes * 60) * 100 + stamp % 10_000;
        let time = MIDNIGHT * 1_000_000_000 + hundredths * 10_000_000;
        assert!(messages.insert(number("BizIndex"), (time, message)).is_none(), "{line}");
    }
    messages.into_values().collect()
}

/// The records of the day, every event with its flag LAST.
fn records(messages: &[(u64, Message)]) -> Vec<MboFields> {
    let mut out: Vec<MboFields> = Vec::new();
    let mut opener = None;
    for &(ts, message) in messages {
        let record = |action, side, order_id, price, size| MboFields {
            order_id,
            price,
            size,
            action,
            side,
            ts_event: ts,
            ts_recv: ts,
            flags: 0,
            ..MboFields::default()
        };
        let opens = match message {
            Message::Trade { kind: b'N', .. } => Some(Opener::Auction),
            Message::Trade { bid, kind: b'B', .. } => Some(Opener::Order(bid)),
            Message::Trade { offer, .. } => Some(Opener::Order(offer)),
            // The rest of an order that took ends its event.
            Message::Add { order, .. } => {
                Some(Opener::Order(order)).filter(|_| opener == Some(Opener::Order(order)))
            }
            Message::Delete { .. } => None,
        };
        if (opens.is_none() || opens != opener)
            && let Some(last) = out.last_mut()
        {
            last.flags = flags::LAST;
        }
        opener = opens;
        match message {
            Message::Add { order, side, price, lots } => {
                out.push(record(b'A', side, order, price, lots));
            }
            Message::Delete { order, side, price, lots } => {
                out.push(record(b'C', side, order, price, lots));
            }
            Message::Trade { bid, offer, price, lots, kind: b'N' } => {
                out.push(record(b'T', b'N', 0, price, lots));
                for (order, side) in [(bid, b'B'), (offer, b'A')] {
                    out.push(record(b'F', b'N', order, price, lots));
                    out.push(record(b'C', side, order, price, lots));
                }
            }
            Message::Trade { bid, offer, price, lots, kind } => {
                let (taker, taking, maker, resting) =
                    if kind == b'B' { (bid, b'B', offer, b'A') } else { (offer, b'A', bid, b'B') };
                out.push(record(b'T', taking, taker, price, lots));
                out.push(record(b'F', resting, maker, price, lots));
                out.push(record(b'C', resting, maker, price, lots));
            }
        }
    }
    if let Some(last) = out.last_mut() {
        last.flags = flags::LAST;
    }
    out
}

/// A DBN file of the schema mbo with what the log says.
pub fn to_dbn(log: &str) -> Vec<u8> {
    let records = records(&parse(log));
    let (first, last) = (records[0].ts_event, records[records.len() - 1].ts_event);
    let mut metadata = MetadataBuilder::new()
        .version(3)
        .dataset("XSHG.LOG".to_owned())
        .schema(Some(Schema::Mbo))
        .start(first)
        .end(std::num::NonZeroU64::new(last + 1))
        .stype_in(Some(SType::RawSymbol))
        .stype_out(SType::InstrumentId)
        .symbols(vec![SYMBOL.to_owned()])
        .build();
    let day = metadata.start().date();
    metadata.mappings = vec![SymbolMapping {
        raw_symbol: SYMBOL.to_owned(),
        intervals: vec![MappingInterval {
            start_date: day,
            end_date: day.next_day().unwrap(),
            symbol: "1".to_owned(),
        }],
    }];
    let mut bytes = Vec::new();
    MetadataEncoder::new(&mut bytes).encode(&metadata).unwrap();
    for record in &records {
        bytes.extend(record.encode());
    }
    bytes
}

/// The only file of a zip archive, stored or deflated, by its directory at the end.
pub fn unzip(archive: &[u8]) -> String {
    let number = |at: usize, bytes: usize| {
        archive[at..at + bytes].iter().rev().fold(0usize, |sum, &b| sum << 8 | usize::from(b))
    };
    let end = archive.windows(4).rposition(|w| w == b"PK\x05\x06").expect("an end of directory");
    let entry = number(end + 16, 4);
    let (method, packed, header) =
        (number(entry + 10, 2), number(entry + 20, 4), number(entry + 42, 4));
    let data = header + 30 + number(header + 26, 2) + number(header + 28, 2);
    let bytes = &archive[data..data + packed];
    let mut text = String::new();
    match method {
        0 => text = String::from_utf8(bytes.to_vec()).expect("text"),
        _ => {
            flate2::read::DeflateDecoder::new(bytes).read_to_string(&mut text).expect("deflated");
        }
    }
    text
}
