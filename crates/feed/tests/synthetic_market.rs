//! The generated L3 market replays without anomalies and has the structure of a real feed.

use feed::synthetic::{SyntheticConfig, SyntheticMarket};
use feed::{Block, Source};
use model::mbo::flags;
use model::{MBO_SIZE, Mbo};
use std::collections::{BTreeMap, HashMap};
use tickforge_feed as feed;

fn config() -> SyntheticConfig {
    SyntheticConfig { records: 60_000, ..SyntheticConfig::default() }
}

fn fnv(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0xCBF2_9CE4_8422_2325, |h, &b| (h ^ u64::from(b)).wrapping_mul(0x100_0000_01B3))
}

/// A naive book: what an id shows, and sizes by price.
#[derive(Default)]
struct Naive {
    orders: HashMap<u64, (u8, i64, u32)>,
    sides: [BTreeMap<i64, i64>; 2],
}

impl Naive {
    fn change(&mut self, side: u8, price: i64, by: i64) {
        let level = self.sides[usize::from(side == b'A')].entry(price).or_default();
        *level += by;
        assert!(*level >= 0);
        if *level == 0 {
            self.sides[usize::from(side == b'A')].remove(&price);
        }
    }

    /// Applies a record; panics on every anomaly.
    fn apply(&mut self, r: Mbo<'_>) {
        let (id, price, size, side) = (r.order_id(), r.price_raw(), r.size(), r.side_raw());
        match r.action() {
            b'R' => *self = Self::default(),
            b'A' => {
                assert!(self.orders.insert(id, (side, price, size)).is_none(), "id {id} twice");
                self.change(side, price, i64::from(size));
            }
            b'C' => {
                let (was_side, was_price, was) = self.orders.remove(&id).expect("a known id");
                assert_eq!((was_side, was_price), (side, price));
                assert_eq!(was, size, "a cancel names the whole published size");
                self.change(side, price, -i64::from(was));
            }
            b'M' => {
                let (was_side, was_price, was) =
                    self.orders.insert(id, (side, price, size)).expect("a known id");
                assert_eq!(was_side, side);
                self.change(side, was_price, -i64::from(was));
                self.change(side, price, i64::from(size));
            }
            b'T' | b'F' => {}
            other => panic!("action {other}"),
        }
        assert!(matches!(r.action(), b'R') || size > 0);
    }

    fn crossed(&self) -> bool {
        match (self.sides[0].last_key_value(), self.sides[1].first_key_value()) {
            (Some((bid, _)), Some((ask, _))) => bid >= ask,
            _ => false,
        }
    }
}

#[test]
fn the_stream_replays_without_anomalies_and_is_never_crossed_after_the_open() {
    for (seed, live, sessions) in [(42, 3_000, 1), (7, 500, 3), (9, 20_000, 1)] {
        let config = SyntheticConfig { seed, live_orders: live, sessions, ..config() };
        let bytes = SyntheticMarket::new(config.clone()).unwrap().into_bytes();
        let mut book = Naive::default();
        let (mut crossed_before, mut filled, mut behind) = (0, HashMap::new(), 0u32);
        let mut last = (0u64, 0u64, 0u32);
        let mut lives = (usize::MAX, 0);
        for (k, chunk) in bytes.chunks_exact(MBO_SIZE).enumerate() {
            let r = Mbo::first_of(chunk).unwrap();
            book.apply(r);
            if r.action() == b'F' && r.side_raw() != b'N' {
                *filled.entry(r.order_id()).or_insert(0) += r.size();
            }
            if matches!(r.action(), b'C' | b'M') {
                filled.remove(&r.order_id());
            }
            if !r.is_snapshot() {
                let now = (r.ts_event_raw(), r.ts_recv_raw(), r.sequence());
                assert!(now.0 >= last.0 && now.1 >= last.1 && now.2 >= last.2, "record {k}");
                assert!(r.ts_recv_raw() >= r.ts_event_raw() + 79_000);
                last = now;
            }
            if r.is_last() {
                behind += filled.len() as u32;
                filled.clear();
                let times = (0..sessions).map(|s| config.session_times(s));
                let trading =
                    times.into_iter().any(|t| t.open <= r.ts_event() && r.ts_event() <= t.close);
                assert!(!trading || !book.crossed(), "crossed at record {k}");
                crossed_before += u32::from(book.crossed());
                lives = (lives.0.min(book.orders.len()), lives.1.max(book.orders.len()));
            }
        }
        assert!(Mbo::first_of(&bytes[bytes.len() - MBO_SIZE..]).unwrap().is_last());
        assert!(crossed_before > 0, "the pre-open crosses somewhere (seed {seed})");
        assert_eq!(behind, 0, "every sided fill has a cancel or modify of its id in its event");
        let count = bytes.len() / MBO_SIZE;
        assert!((60_000..60_400).contains(&count), "{count}");
        let live = live as usize;
        assert!(lives.0 > live * 3 / 4 && lives.1 < live * 5 / 4, "{lives:?} of {live}");
    }
}

#[test]
fn the_book_replays_it_without_anomalies_and_fills_come_from_the_front_of_its_queues() {
    let config = SyntheticConfig { live_orders: 6_000, iceberg_permille: 100, ..config() };
    let bytes = SyntheticMarket::new(config.clone()).unwrap().into_bytes();
    let mut book = book::BookL3::new(model::PriceGrid::new(config.tick_size).unwrap());
    let open = config.session_times(0).open;
    let (mut fronts, mut touched, mut aggressor) = (0, Vec::new(), 0);
    for chunk in bytes.chunks_exact(MBO_SIZE) {
        let r = Mbo::first_of(chunk).unwrap();
        // Fills precede the changes of the book: the filled orders are its first at that price.
        if r.action() == b'T' && r.side().is_some() {
            touched.clear();
            aggressor = r.order_id();
        }
        let passive = r.order_id() != aggressor && r.ts_event() > open;
        if let (b'F', Some(side), true) = (r.action(), r.side(), passive) {
            let best = book.bbo();
            let passive = book.order(r.order_id()).unwrap();
            let touch = if side == model::Side::Buy { best.bid } else { best.ask };
            if passive.price == touch {
                let queue: Vec<u64> = book.orders_at(side, touch).map(|o| o.id).collect();
                assert_eq!(queue[touched.len()], r.order_id());
                touched.push(r.order_id());
                fronts += 1;
            }
        }
        book.apply(r).unwrap();
    }
    assert_eq!(book.anomalies().total(), 0, "{:?}", book.anomalies());
    assert!(fronts > 1_000, "{fronts}");
}

#[test]
fn the_mix_of_records_is_like_an_exchanges() {
    let bytes = SyntheticMarket::new(config()).unwrap().into_bytes();
    let (mut counts, mut own, mut refills) = (HashMap::new(), 0, 0);
    let mut aggressor = 0;
    let mut published: HashMap<u64, u32> = HashMap::new();
    let mut fills: HashMap<u64, u32> = HashMap::new();
    for chunk in bytes.chunks_exact(MBO_SIZE) {
        let r = Mbo::first_of(chunk).unwrap();
        if r.is_snapshot() {
            published.insert(r.order_id(), r.size());
            continue;
        }
        *counts.entry(r.action() as char).or_insert(0u32) += 1;
        match r.action() {
            b'T' => aggressor = r.order_id(),
            b'F' => {
                own += u32::from(r.order_id() == aggressor);
                *fills.entry(r.order_id()).or_insert(0) += r.size();
            }
            b'M' => {
                let was = published.insert(r.order_id(), r.size()).unwrap();
                if let Some(filled) = fills.remove(&r.order_id()) {
                    refills += u32::from(r.size() > was.saturating_sub(filled));
                }
            }
            _ => {
                published.insert(r.order_id(), r.size());
            }
        }
        if r.is_last() {
            fills.clear();
        }
    }
    let share = |c: char| counts[&c] * 100 / 57_000;
    assert!((30..50).contains(&share('A')) && (20..45).contains(&share('C')), "{counts:?}");
    assert!((10..30).contains(&share('M')), "{counts:?}");
    assert!((3..10).contains(&share('T')) && counts[&'F'] > counts[&'T'], "{counts:?}");
    assert!(own > 5 && refills > 5, "own fills {own}, refills {refills}");
}

#[test]
fn the_same_seed_gives_the_same_bytes_whatever_the_blocks() {
    let bytes = SyntheticMarket::new(config()).unwrap().into_bytes();
    let mut source = SyntheticMarket::new(config()).unwrap();
    let mut joined = Vec::new();
    assert!(source.block().is_none());
    while let Some(Block::Mbo(block)) = source.next_block().unwrap() {
        assert!(!block.is_empty() && block.bytes.len() <= feed::MAX_BLOCK_BYTES);
        assert_eq!(block.ids.get(1, 1), Some(model::InstrumentIndex(0)));
        joined.extend_from_slice(block.bytes);
        let Some(Block::Mbo(again)) = source.block() else { panic!("the block is still there") };
        assert!(joined.ends_with(again.bytes));
    }
    assert!(source.block().is_none());
    assert_eq!(source.progress(), 1.0);
    assert!(joined == bytes);
    let other = SyntheticMarket::new(SyntheticConfig { seed: 43, ..config() }).unwrap();
    assert!(other.into_bytes() != bytes);
    // The same on every machine: a change of the generator changes this number.
    assert_eq!(fnv(&bytes), PINNED, "{:#018x}", fnv(&bytes));
}

const PINNED: u64 = 0x916d_aff6_b636_0e31;

#[test]
fn the_snapshot_is_one_event_and_the_open_is_an_auction() {
    let config = config();
    let bytes = SyntheticMarket::new(config.clone()).unwrap().into_bytes();
    let records: Vec<Mbo<'_>> = bytes.chunks_exact(MBO_SIZE).filter_map(Mbo::first_of).collect();
    assert_eq!((records[0].action(), records[0].price_raw()), (b'R', i64::MAX));
    let snapshot = records.iter().take_while(|r| r.is_snapshot()).count();
    assert_eq!(snapshot, config.live_orders as usize + 1);
    for (k, r) in records[..snapshot].iter().enumerate() {
        assert!(r.flags() & flags::BAD_TS_RECV != 0);
        assert_eq!(r.is_last(), k + 1 == snapshot);
        assert_eq!(r.ts_recv(), config.start);
    }
    let open = config.session_times(0).open;
    let first_trade = records.iter().position(|r| r.action() == b'T').unwrap();
    let auction = &records[first_trade];
    assert_eq!((auction.ts_event(), auction.side_raw(), auction.order_id()), (open, b'N', 0));
    let fills: u32 = records[first_trade + 1..]
        .iter()
        .take_while(|r| r.action() == b'F')
        .map(|r| r.size())
        .sum();
    assert_eq!(fills, 2 * auction.size(), "both sides of the auction are filled");
    let end = records.last().unwrap().ts_event();
    let close = config.session_times(0).close;
    assert!(end <= close && end.0 > close.0 - (close.0 - open.0) / 5, "records fill the session");
}

#[test]
fn impossible_configurations_are_refused_with_their_field() {
    let with = |change: fn(&mut SyntheticConfig)| {
        let mut config = config();
        change(&mut config);
        SyntheticMarket::new(config).map(drop).unwrap_err()
    };
    for error in [
        with(|c| c.records = 100),
        with(|c| c.live_orders = 0),
        with(|c| c.sessions = 0),
        with(|c| c.tick_size = model::Price(0)),
        with(|c| c.start_price = model::Price(1)),
        with(|c| c.start_price = model::Price(i64::MAX / 250_000_000 * 250_000_000)),
        with(|c| c.symbol.clear()),
        with(|c| c.trade_permille = 501),
        with(|c| c.start = model::UnixNanos(u64::MAX)),
        with(|c| c.session = u64::MAX),
    ] {
        assert_eq!(error.code(), "ERR_FEED_SETTING", "{error}");
    }
}
