//! A book rebuilt from an exchange's orders and trades agrees with its ten-level snapshots.
//!
//! The recorded day is Shanghai's 600519 of 2023-02-07: text lines of `Key=Value`, orders (192),
//! trades (191) and snapshots (111), the first two in the order of their `BizIndex`. An order that
//! trades on arrival is published with its rest only, so a trade names a resting order and one
//! that is not there. A snapshot belongs to a state of the book at the volume traded that it
//! names: which of them it is, nothing says. The twin writes such a day itself.

use book::{BookL3, Level};
use model::random::SeededRandom;
use model::{Lots, Price, PriceGrid, Side, Ticks};
use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::io::Read;
use std::path::PathBuf;

const LEVELS: usize = 10;
/// Units of a price (0.001) in a tick (0.01), and of a quantity (0.001) in a lot (1 share).
const TICK: i64 = 10;
const LOT: i64 = 1_000;

/// Price and quantity of the best levels of both sides, bids first; (0, 0) where there is none.
type Top = [[(i64, i64); LEVELS]; 2];

enum Message {
    Add { order: u64, side: Side, price: i64, quantity: i64 },
    Delete { order: u64, quantity: i64 },
    Trade { orders: [u64; 2], quantity: i64 },
}

struct Snapshot {
    volume: i64,
    time: u64,
    top: Top,
}

/// Messages in the order of their index, and snapshots in the order of the log.
fn parse(log: &str) -> (Vec<Message>, Vec<Snapshot>) {
    let (mut messages, mut snapshots) = (BTreeMap::new(), Vec::new());
    for line in log.lines().filter(|line| !line.trim().is_empty()) {
        let words = line.trim_start_matches('/').split_ascii_whitespace();
        let fields: HashMap<&str, &str> = words.filter_map(|word| word.split_once('=')).collect();
        let number = |key: &str| -> i64 {
            let text = fields.get(key).unwrap_or_else(|| panic!("no {key} in {line}"));
            text.parse().unwrap_or_else(|_| panic!("{key} in {line}"))
        };
        let id = |key: &str| number(key) as u64;
        let message = match fields["MsgType"] {
            "111" => {
                let level = |side: &str, k: usize| {
                    let of = |what: &str| number(&format!("{side}Level[{k}].{what}"));
                    (of("Price"), of("Qty"))
                };
                let side = |side: &str| std::array::from_fn(|k| level(side, k));
                let top = [side("Bid"), side("Ask")];
                let (volume, time) = (number("TotalVolumeTrade"), id("DataTimeStamp"));
                snapshots.push(Snapshot { volume, time, top });
                continue;
            }
            "191" => Message::Trade {
                orders: [id("BidApplSeqNum"), id("OfferApplSeqNum")],
                quantity: number("LastQty"),
            },
            "192" if number("OrdType") == i64::from(b'A') => Message::Add {
                order: id("OrderNo"),
                side: if number("Side") == i64::from(b'B') { Side::Buy } else { Side::Sell },
                price: number("Price"),
                quantity: number("OrderQty"),
            },
            "192" => Message::Delete { order: id("OrderNo"), quantity: number("OrderQty") },
            other => panic!("message {other}"),
        };
        let before = messages.insert(id("BizIndex"), message);
        assert!(before.is_none(), "an index twice: {line}");
    }
    (messages.into_values().collect(), snapshots)
}

fn top(book: &BookL3) -> Top {
    [Side::Buy, Side::Sell].map(|side| {
        let mut levels = [Level::default(); LEVELS];
        let count = book.depth(side, &mut levels);
        let shown = |k: usize| match levels.get(k).filter(|_| k < count) {
            Some(level) => (level.price.0 * TICK, level.quantity.0 * LOT),
            None => (0, 0),
        };
        std::array::from_fn(shown)
    })
}

/// Rebuilds the book; which snapshots equal one of its states at their volume.
fn replay(messages: &[Message], snapshots: &[Snapshot]) -> Vec<bool> {
    let mut book = BookL3::new(PriceGrid::new(Price(10_000_000)).unwrap());
    let mut at_volume: BTreeMap<i64, Vec<usize>> = BTreeMap::new();
    for (k, snapshot) in snapshots.iter().enumerate() {
        at_volume.entry(snapshot.volume).or_default().push(k);
    }
    let mut equal = vec![false; snapshots.len()];
    let mut volume = 0;
    let mut compare = |book: &BookL3, volume: i64| {
        let Some(here) = at_volume.get(&volume) else { return };
        let state = top(book);
        for &k in here {
            equal[k] |= snapshots[k].top == state;
        }
    };
    compare(&book, volume);
    for message in messages {
        match *message {
            Message::Add { order, side, price, quantity } => {
                assert_eq!((price % TICK, quantity % LOT), (0, 0));
                book.add(order, side, Ticks(price / TICK), Lots(quantity / LOT)).unwrap();
            }
            Message::Delete { order, quantity } => {
                book.cancel(order, Some(Lots(quantity / LOT))).unwrap();
            }
            Message::Trade { orders, quantity } => {
                volume += quantity;
                let resting = orders.map(|order| book.order(order).is_some());
                assert!(resting[0] || resting[1], "a trade of {orders:?} meets no order");
                for (order, _) in orders.into_iter().zip(resting).filter(|(_, rests)| *rests) {
                    book.cancel(order, Some(Lots(quantity / LOT))).unwrap();
                }
            }
        }
        compare(&book, volume);
    }
    equal
}

/// The only file of a zip archive, stored or deflated, by its directory at the end.
fn unzip(archive: &[u8]) -> String {
    let number = |at: usize, bytes: usize| {
        archive[at..at + bytes].iter().rev().fold(0usize, |sum, &b| sum << 8 | usize::from(b))
    };
    let end = archive.windows(4).rposition(|w| w == b"PK\x05\x06").expect("an end of directory");
    let entry = number(end + 16, 4);
    assert_eq!(&archive[entry..entry + 4], b"PK\x01\x02");
    let (method, packed, header) =
        (number(entry + 10, 2), number(entry + 20, 4), number(entry + 42, 4));
    let data = header + 30 + number(header + 26, 2) + number(header + 28, 2);
    let bytes = &archive[data..data + packed];
    let mut text = String::new();
    match method {
        0 => text = String::from_utf8(bytes.to_vec()).expect("text"),
        8 => {
            flate2::read::DeflateDecoder::new(bytes).read_to_string(&mut text).expect("deflated");
        }
        other => panic!("compression {other}"),
    }
    text
}

#[test]
fn the_rebuilt_book_agrees_with_the_exchanges_ten_level_snapshots() {
    let root = std::env::var_os("TICKFORGE_SHARED").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared")),
        PathBuf::from,
    );
    let path = root.join("data/market/l3-sse-600519-2023-02-07/AX_sbe_sse_600519.zip");
    let Ok(archive) = std::fs::read(&path) else {
        println!("skipped: no {}", path.display());
        return;
    };
    let (messages, snapshots) = parse(&unzip(&archive));
    assert_eq!((messages.len(), snapshots.len()), (64_449, 5_146));
    let equal = replay(&messages, &snapshots);
    let from_the_open: Vec<(u64, bool)> = snapshots
        .iter()
        .zip(equal)
        .map(|(snapshot, equal)| (snapshot.time, equal))
        .filter(|(time, _)| *time >= 93_000)
        .collect();
    let agree = from_the_open.iter().filter(|(_, equal)| *equal).count();
    println!("{agree} of {} snapshots from 09:30 on agree", from_the_open.len());
    assert_eq!(from_the_open.len(), 4_981);
    assert!(agree >= 4_920, "{agree}");
    // The others are of the closing auction, whose snapshots show its indicative match.
    assert!(from_the_open.iter().all(|(time, equal)| *equal || *time >= 145_700));
}

/// A day as the exchange writes it, by a naive book: the log, and how many snapshots it holds.
fn generated(seed: u64, steps: u64) -> (String, usize) {
    let mut random = SeededRandom::new(seed, "exchange");
    let mut resting: Vec<(u64, usize, i64, i64)> = Vec::new();
    let (mut lines, mut snapshots) = (Vec::new(), 0);
    let (mut index, mut next, mut volume, mut middle) = (700u64, 1u64, 0i64, 180_000i64);
    for step in 0..steps {
        index += 1 + random.below(3);
        let (side, lots) = ((random.next_u64() & 1) as usize, 100 * (1 + random.below(5) as i64));
        middle += random.below(3) as i64 - 1;
        let best = |resting: &[(u64, usize, i64, i64)], side: usize| {
            let of = resting.iter().filter(|order| order.1 == side);
            let key = |order: &&(u64, usize, i64, i64)| {
                (if side == 0 { -order.2 } else { order.2 }, order.0)
            };
            of.min_by_key(key).copied()
        };
        match random.below(10) {
            0..5 => {
                // An add behind the other side's best price.
                let distance = 1 + random.below(25) as i64;
                let other = best(&resting, 1 - side).map_or(middle, |order| order.2);
                let price = if side == 0 {
                    other.min(middle) - distance
                } else {
                    other.max(middle) + distance
                };
                resting.push((next, side, price, lots));
                let letter = if side == 0 { 66 } else { 83 };
                lines.push((index, order_line(next, price, lots, 65, letter, index)));
                next += 1;
            }
            5..7 if !resting.is_empty() => {
                let at = random.below(resting.len() as u64) as usize;
                let (order, side, price, left) = resting.swap_remove(at);
                let letter = if side == 0 { 66 } else { 83 };
                lines.push((index, order_line(order, price, left, 68, letter, index)));
            }
            _ => {
                // An order that takes: it is in no message but its trades.
                let mut left = lots;
                while let Some((order, _, price, shown)) =
                    best(&resting, 1 - side).filter(|_| left > 0)
                {
                    let traded = left.min(shown);
                    left -= traded;
                    volume += traded;
                    let at = resting.iter().position(|it| it.0 == order).unwrap();
                    resting[at].3 -= traded;
                    resting.retain(|it| it.3 > 0);
                    let (bid, offer) = if side == 0 { (next, order) } else { (order, next) };
                    let line = format!(
                        "//MsgType=191 BidApplSeqNum={bid} OfferApplSeqNum={offer} LastPx={} \
                         LastQty={} ExecType=66 BizIndex={index}",
                        price * TICK,
                        traded * LOT
                    );
                    lines.push((index, line));
                    index += 1;
                }
                next += 1;
            }
        }
        if step % 20 == 19 {
            snapshots += 1;
            let mut line =
                format!("//MsgType=111 TotalVolumeTrade={} DataTimeStamp=93000", volume * LOT);
            for (side, name) in ["Bid", "Ask"].into_iter().enumerate() {
                let mut levels: BTreeMap<i64, i64> = BTreeMap::new();
                for order in resting.iter().filter(|order| order.1 == side) {
                    *levels.entry(if side == 0 { -order.2 } else { order.2 }).or_default() +=
                        order.3;
                }
                let mut levels = levels.into_iter().map(|(p, q)| (p.abs() * TICK, q * LOT));
                for k in 0..LEVELS {
                    let (price, quantity) = levels.next().unwrap_or_default();
                    write!(line, " {name}Level[{k}].Price={price} {name}Level[{k}].Qty={quantity}")
                        .unwrap();
                }
            }
            lines.push((index, line));
        }
    }
    // Orders and trades come by channels of their own: the log is not in the order of the index.
    let (orders, others): (Vec<_>, Vec<_>) =
        lines.into_iter().partition(|(_, line)| line.contains("MsgType=192"));
    let all = others.into_iter().chain(orders).map(|(_, line)| line);
    (all.collect::<Vec<_>>().join("\n"), snapshots)
}

fn order_line(order: u64, price: i64, lots: i64, kind: u8, side: u8, index: u64) -> String {
    format!(
        "//MsgType=192 OrderNo={order}  Price={} OrderQty={}   OrdType={kind} Side={side} BizIndex={index} ",
        price * TICK,
        lots * LOT
    )
}

#[test]
fn a_generated_day_is_rebuilt_and_a_false_snapshot_is_told() {
    for seed in 0..4 {
        let (log, count) = generated(seed, 4_000);
        let (messages, mut snapshots) = parse(&log);
        assert_eq!((snapshots.len(), count), (200, 200));
        assert!(messages.iter().filter(|it| matches!(it, Message::Trade { .. })).count() > 500);
        let equal = replay(&messages, &snapshots);
        let wrong = equal.iter().filter(|equal| !**equal).count();
        assert_eq!(wrong, 0, "seed {seed}");
        // One share too many on the last level of one side.
        let full = snapshots.iter().position(|it| it.top[1][9].1 > 0).expect("a full book");
        snapshots[full].top[1][9].1 += LOT;
        let equal = replay(&messages, &snapshots);
        let told: Vec<usize> = (0..count).filter(|&k| !equal[k]).collect();
        assert_eq!(told, [full]);
    }
}
