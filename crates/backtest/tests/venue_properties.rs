//! What holds whatever a strategy does, on every kind of data: money is conserved, no order
//! over-fills, no fill is outside its limit or beyond what was recorded, the future changes nothing
//! of the past, and who comes later is not served earlier.

mod support;

use engine::recorder::OrderEventKind;
use engine::strategy::drive;
use engine::{Context, MarketRow, Strategy};
use feed::dbn::Decode;
use feed::synthetic::{SyntheticConfig, SyntheticMarket};
use feed::{Block, MemoryEvents, MemoryMbo, Source};
use model::random::SeededRandom;
use model::{
    Bar, Fill, Instrument, InstrumentIndex, LevelUpdate, LiquiditySide, Lots, MBO_SIZE,
    MarketEvent, Mbo, Money, NANO, OrderId, Price, Quantity, ReportKind, Side, Ticks, Timeframe,
    UnixNanos,
};
use serde_json::json;
use std::collections::BTreeMap;
use support::memory::{at, bars, boxed_run, future, orders, quote, ticks, trade};
use support::random_trader::{RandomTrader, Temper};
use support::trait_driver::Handlers;
use tickforge_backtest::configuration::Latency;
use tickforge_backtest::sources::Gives;
use tickforge_backtest::{Prepared, RunConfiguration};

const I: InstrumentIndex = InstrumentIndex(0);
const INITIAL: i128 = 100_000 * NANO as i128;

/// A recording that can be cut.
#[derive(Clone)]
enum Recording {
    Orders(Vec<[u8; MBO_SIZE]>),
    Events(Vec<MarketEvent>, Gives),
}

impl Recording {
    fn len(&self) -> usize {
        match self {
            Self::Orders(records) => records.len(),
            Self::Events(events, _) => events.len(),
        }
    }

    /// The first `count` records, whole events only, and the time from which on the rest may differ.
    fn cut(&self, count: usize) -> (Self, u64) {
        match self {
            Self::Orders(records) => {
                let mut count = count.max(1);
                while count < records.len() && !Mbo::new(&records[count - 1]).is_last() {
                    count += 1;
                }
                let last = Mbo::new(&records[count - 1]).ts_event_raw();
                (Self::Orders(records[..count].to_vec()), last)
            }
            Self::Events(events, gives) => {
                let mut count = count.max(1);
                let whole = |event: &MarketEvent| match event {
                    MarketEvent::Level(level) => level.last,
                    _ => true,
                };
                while count < events.len() && !whole(&events[count - 1]) {
                    count += 1;
                }
                let last = match &events[count - 1] {
                    MarketEvent::Bar(bar) => bar.open_time.0,
                    other => other.ts_event().0,
                };
                (Self::Events(events[..count].to_vec(), gives.clone()), last)
            }
        }
    }

    fn source(&self) -> (Box<dyn Source>, Gives) {
        match self {
            Self::Orders(records) => {
                let bytes = records.as_flattened().to_vec();
                (Box::new(MemoryMbo::new("orders", bytes).unwrap()), orders())
            }
            Self::Events(events, gives) => {
                (Box::new(MemoryEvents::new("events", events.clone())), gives.clone())
            }
        }
    }
}

fn by_order(seed: u64, records: u64) -> Recording {
    let config = SyntheticConfig { seed, records, live_orders: 120, ..SyntheticConfig::default() };
    let market = SyntheticMarket::new(config).unwrap();
    let mut source = market.into_source(Decode::Inline).unwrap();
    let mut all = Vec::new();
    while let Some(block) = source.next_block().unwrap() {
        let Block::Mbo(block) = block else { panic!("market by order") };
        all.extend(block.bytes.as_chunks::<MBO_SIZE>().0.iter().copied());
    }
    Recording::Orders(all)
}

/// Levels around a price that walks; a message changes some of them, and trades come at the best.
fn levels(seed: u64, messages: usize) -> Recording {
    let mut random = SeededRandom::new(seed, "levels of a test");
    let (mut middle, mut events) = (20_000i64, Vec::new());
    let mut shown: BTreeMap<(bool, i64), i64> = BTreeMap::new();
    for k in 0..messages as u64 {
        let time = k * 50_000_000;
        if random.below(3) == 0 {
            let down = random.below(2) == 0;
            let price = if down { middle } else { middle + 1 };
            let lots = 1 + random.below(6) as i64;
            let mut event = trade(0, time + 10_000_000, time + 11_000_000, price, lots);
            if let MarketEvent::Trade(trade) = &mut event {
                trade.aggressor = Some(if down { Side::Sell } else { Side::Buy });
            }
            events.push(event);
        }
        let step = random.below(3) as i64 - 1;
        let moved = random.below(6) == 0;
        if moved {
            middle += step;
        }
        let mut changes = Vec::new();
        for away in 0..5 {
            for (bid, price) in [(true, middle - away), (false, middle + 1 + away)] {
                if moved || k == 0 || random.below(4) == 0 {
                    changes.push((bid, price, 1 + random.below(20) as i64));
                }
            }
        }
        // What the walk has left on the wrong side is gone.
        for &(bid, price) in shown.keys() {
            if (bid && price > middle) || (!bid && price <= middle) {
                changes.push((bid, price, 0));
            }
        }
        changes.sort_by_key(|&(_, _, lots)| lots != 0);
        let count = changes.len();
        for (place, (bid, price, lots)) in changes.into_iter().enumerate() {
            if lots == 0 {
                shown.remove(&(bid, price));
            } else {
                shown.insert((bid, price), lots);
            }
            events.push(MarketEvent::Level(LevelUpdate {
                instrument: I,
                ts_event: at(time + 20_000_000),
                ts_recv: at(time + 21_000_000),
                side: if bid { Side::Buy } else { Side::Sell },
                price: Price(price * NANO / 4),
                quantity: Quantity(lots * NANO),
                last: place + 1 == count,
                clear: false,
            }));
        }
    }
    let gives = Gives { trades: true, quotes: true, depth: true, ..Gives::default() };
    Recording::Events(events, gives)
}

fn quotes(seed: u64, count: usize) -> Recording {
    let mut random = SeededRandom::new(seed, "quotes of a test");
    let mut middle = 20_000i64;
    let events = (0..count as u64)
        .map(|k| {
            let time = k * 40_000_000;
            middle += random.below(3) as i64 - 1;
            if random.below(3) == 0 {
                let lots = 1 + random.below(9) as i64;
                return trade(0, time, time + 90_000, middle + random.below(2) as i64, lots);
            }
            quote(0, time, time + 90_000, middle)
        })
        .collect();
    Recording::Events(events, ticks())
}

fn minutes(seed: u64, count: usize) -> Recording {
    let mut random = SeededRandom::new(seed, "bars of a test");
    let mut close = 20_000i64;
    let events = (0..count as u64)
        .map(|k| {
            let open = close + random.below(5) as i64 - 2;
            close = open + random.below(9) as i64 - 4;
            let high = open.max(close) + random.below(4) as i64;
            let low = open.min(close) - random.below(4) as i64;
            let quarters = |price: i64| Price(price * NANO / 4);
            let open_time = at(k * Timeframe::MINUTE.0);
            MarketEvent::Bar(Bar {
                instrument: I,
                timeframe: Timeframe::MINUTE,
                open_time,
                close_time: UnixNanos(open_time.0 + Timeframe::MINUTE.0),
                open: quarters(open),
                high: quarters(high),
                low: quarters(low),
                close: quarters(close),
                volume: i128::from(10 + random.below(60)) * i128::from(NANO),
            })
        })
        .collect();
    Recording::Events(events, bars(&[Timeframe::MINUTE]))
}

fn kinds(seed: u64) -> [(&'static str, Recording); 4] {
    [
        ("orders", by_order(seed, 6_000)),
        ("levels", levels(seed, 900)),
        ("quotes", quotes(seed, 2_500)),
        ("bars", minutes(seed, 600)),
    ]
}

fn settings(kind: &str, plain: bool) -> RunConfiguration {
    let needs = match kind {
        "bars" => json!({ "bars": ["1m"] }),
        _ => json!({ "trades": true, "quotes": true }),
    };
    let mut configuration = support::configuration(json!({ "type": "csv" }), json!([]), needs);
    configuration.risk_limits = None;
    configuration.output.detailed_log = true;
    configuration.venue.queue = "auto".to_owned();
    if plain {
        let (submit_ns, modify_ns, cancel_ns, response_ns) = (0, 0, 0, 0);
        configuration.venue.latency =
            Latency::Fixed { submit_ns, modify_ns, cancel_ns, response_ns };
    } else {
        configuration.venue.fill =
            serde_json::from_value(json!({ "probabilityAtTouch": 0.6 })).unwrap();
        if kind == "bars" {
            configuration.venue.fill.volume_limit = Some(0.1);
        }
    }
    configuration
}

fn prepare(kind: &str, recording: &Recording, plain: bool) -> Prepared {
    let (source, gives) = recording.source();
    boxed_run(settings(kind, plain), vec![future("AAA")], vec![gives], vec![source])
}

/// A run of a random trader to its end.
fn traded(kind: &str, recording: &Recording, seed: u64) -> Prepared {
    let mut prepared = prepare(kind, recording, false);
    let temper = Temper {
        one_in: if kind == "bars" { 2 } else { 6 },
        switches: false,
        instruments: 1,
        heartbeat: 0,
        stops_after: u64::MAX,
    };
    let mut strategies = [Box::new(Handlers::new(RandomTrader::new(seed, 0, temper)))];
    drive(&mut prepared.run, &mut strategies, &mut |_| true).unwrap();
    prepared
}

fn instrument() -> Instrument {
    future("AAA")
}

/// cash + position value + fees = starting cash + P&L, where the P&L is what every fill would bring
/// if all were closed at one price: no average, no rounding.
#[test]
fn money_is_conserved_to_the_last_unit() {
    let mut seen = 0;
    for seed in 0..12 {
        for (kind, recording) in kinds(seed) {
            let run = traded(kind, &recording, seed).run;
            let recorder = run.recorder();
            let mark = Price(4_321 * NANO);
            let value = |price: Price, lots: i64| i128::from(price.0) * i128::from(lots) * 50;
            let (mut profit, mut fees, mut realized) = (0i128, 0i128, 0i128);
            for record in &recorder.fills {
                let fill = &record.fill;
                let lots = fill.quantity.0 * fill.side.sign();
                profit += value(mark, lots) - value(fill.price, lots);
                fees += fill.fee.0;
                realized += record.realized.0;
                seen += 1;
            }
            let account = &run.strategies()[0].account;
            let open = account.unrealized(&instrument(), I, mark).unwrap();
            assert_eq!(account.cash().0 + open.0 + fees, INITIAL + profit, "{kind} {seed}");
            // Cash of a future is what was realised, less the fees.
            assert_eq!(account.cash().0, INITIAL + realized - fees, "{kind} {seed}");
            let equity = account.equity(&[instrument()], &|_, _| mark).unwrap();
            assert_eq!(equity, Money(account.cash().0 + open.0));
        }
    }
    assert!(seen > 5_000, "{seen} fills");
}

#[test]
fn no_order_over_fills_and_no_fill_is_outside_its_limit() {
    let (mut limited, mut changed) = (0, 0);
    for seed in 20..32 {
        for (kind, recording) in kinds(seed) {
            let prepared = traded(kind, &recording, seed);
            let recorder = prepared.run.recorder();
            let grid = instrument().grid;
            let mut filled: BTreeMap<OrderId, i64> = BTreeMap::new();
            // The limits and totals that an order has had: at a fill one of them may still hold.
            let mut limits: BTreeMap<OrderId, Vec<Ticks>> = BTreeMap::new();
            let mut totals: BTreeMap<OrderId, i64> = BTreeMap::new();
            for event in &recorder.order_events {
                let id = event.request.id;
                limits.entry(id).or_default().extend(event.limit);
                let total = totals.entry(id).or_default();
                *total = (*total).max(event.quantity.0);
                let modified = OrderEventKind::Reported(ReportKind::Modified {
                    quantity: event.quantity,
                    price: event.limit.unwrap_or(Ticks::NONE),
                });
                changed += u64::from(event.kind == modified);
            }
            for record in &recorder.fills {
                let Fill { order, side, price, quantity, leaves, .. } = record.fill;
                assert!(quantity.0 > 0 && leaves.0 >= 0, "{kind} {seed}: {:?}", record.fill);
                *filled.entry(order).or_default() += quantity.0;
                let allowed = limits.get(&order).map_or(&[][..], Vec::as_slice);
                if allowed.is_empty() {
                    continue;
                }
                limited += 1;
                let good = allowed.iter().any(|limit| match side {
                    Side::Buy => price <= grid.price(*limit),
                    Side::Sell => price >= grid.price(*limit),
                });
                assert!(good, "{kind} {seed}: {:?}, limits {allowed:?}", record.fill);
            }
            for order in &recorder.orders {
                let sum = filled.get(&order.id).copied().unwrap_or(0);
                assert_eq!(order.filled.0, sum, "{kind} {seed}: {order:?}");
                let most = totals.get(&order.id).copied().unwrap_or(order.quantity.0);
                assert!(sum <= most.max(order.quantity.0), "{kind} {seed}: {order:?}");
            }
        }
    }
    assert!(limited > 2_000 && changed > 100, "{limited} limited fills, {changed} changes");
}

/// A tenth of a bar's volume at most; of a book of levels, no trade gives resting orders more than
/// it was; of recorded orders, resting orders get no more in an event than it executed or added.
#[test]
fn fills_never_exceed_what_was_recorded() {
    let mut checked = 0;
    for seed in 40..52 {
        for (kind, recording) in kinds(seed) {
            let prepared = traded(kind, &recording, seed);
            let mut own: BTreeMap<u64, i64> = BTreeMap::new();
            for record in &prepared.run.recorder().fills {
                let fill = &record.fill;
                match (&recording, kind) {
                    (Recording::Events(events, _), "bars") => {
                        // A fill at the open carries the order's arrival where that is later.
                        let within = events.iter().find_map(|event| match event {
                            MarketEvent::Bar(bar)
                                if fill.ts_event >= bar.open_time
                                    && (fill.ts_event < bar.close_time) =>
                            {
                                Some((bar.open_time.0, fill.ts_event == bar.open_time))
                            }
                            _ => None,
                        });
                        let (open, at_open) = within.unwrap_or((u64::MAX, false));
                        // A stamp at a close is also the next bar's open: only what is inside is
                        // beyond doubt.
                        if !at_open && open != u64::MAX {
                            *own.entry(open).or_default() += fill.quantity.0;
                        }
                    }
                    _ if fill.liquidity == LiquiditySide::Maker => {
                        *own.entry(fill.ts_event.0).or_default() += fill.quantity.0;
                    }
                    _ => {}
                }
            }
            let mut recorded: BTreeMap<u64, i64> = BTreeMap::new();
            match &recording {
                Recording::Orders(records) => {
                    for bytes in records {
                        let record = Mbo::new(bytes);
                        if matches!(record.action(), b'T' | b'F' | b'A' | b'M') {
                            *recorded.entry(record.ts_event_raw()).or_default() +=
                                i64::from(record.size());
                        }
                    }
                }
                Recording::Events(events, _) => {
                    for event in events {
                        let (time, lots) = match event {
                            MarketEvent::Bar(bar) => {
                                let volume = (bar.volume / i128::from(NANO)) as f64;
                                (bar.open_time.0, (volume * 0.1) as i64)
                            }
                            MarketEvent::Trade(trade) => {
                                (trade.ts_event.0, trade.quantity.0 / NANO)
                            }
                            MarketEvent::Quote(quote) => {
                                let most = quote.bid_size.0.max(quote.ask_size.0);
                                (quote.ts_event.0, most / NANO)
                            }
                            MarketEvent::Level(level) => {
                                (level.ts_event.0, level.quantity.0 / NANO)
                            }
                            _ => continue,
                        };
                        *recorded.entry(time).or_default() += lots;
                    }
                }
            }
            for (time, lots) in own {
                let there = recorded.get(&time).copied().unwrap_or(0);
                assert!(lots <= there, "{kind} {seed}: {lots} lots at {time}, recorded {there}");
                checked += 1;
            }
        }
    }
    assert!(checked > 500, "{checked}");
}

/// Fills and order events before a time, in words.
fn past(prepared: &Prepared, before: u64) -> Vec<String> {
    let recorder = prepared.run.recorder();
    let fills = recorder.fills.iter().filter(|record| record.fill.ts_event.0 < before);
    let mut words: Vec<String> = fills.map(|record| format!("{:?}", record.fill)).collect();
    let events = recorder.order_events.iter().filter(|event| event.seen < before);
    words.extend(events.map(|event| format!("{event:?}")));
    words
}

#[test]
fn the_future_cannot_change_the_past() {
    let mut compared = 0;
    for seed in 60..66 {
        for (kind, recording) in kinds(seed) {
            let whole = traded(kind, &recording, seed);
            let mut random = SeededRandom::new(seed, "where the data are cut");
            for _ in 0..6 {
                let (cut, last) = recording.cut(random.below(recording.len() as u64) as usize);
                let part = traded(kind, &cut, seed);
                let (past_of_part, past_of_whole) = (past(&part, last), past(&whole, last));
                assert_eq!(past_of_part, past_of_whole, "{kind} {seed}, cut at {last}");
                compared += past_of_part.len();
            }
        }
    }
    assert!(compared > 20_000, "{compared}");
}

/// Leaves one order at a price once it has seen so many quotes, and notes its fills.
struct Waits {
    after: u64,
    side: Side,
    price: Option<Ticks>,
    seen: u64,
    fills: Vec<(u64, i64)>,
}

impl Strategy for Waits {
    fn on_quote(&mut self, quote: &MarketRow, context: &mut Context<'_>) {
        self.seen += 1;
        if self.seen == self.after
            && let Some(price) = self.price
        {
            context.limit(quote.instrument, self.side, Lots(3), price);
        }
    }

    fn on_fill(&mut self, fill: &Fill, _: &mut Context<'_>) {
        self.fills.push((fill.ts_event.0, fill.quantity.0));
    }
}

fn waits(recording: &Recording, after: u64, side: Side, price: Ticks) -> Vec<(u64, i64)> {
    let mut prepared = prepare("orders", recording, true);
    let price = Some(price);
    let mut strategies = [Box::new(Waits { after, side, price, seen: 0, fills: Vec::new() })];
    drive(&mut prepared.run, &mut strategies, &mut |_| true).unwrap();
    strategies[0].fills.clone()
}

/// When the `n`-th lot was filled.
fn nth(fills: &[(u64, i64)], n: i64) -> Option<u64> {
    let mut left = n;
    fills.iter().find_map(|&(time, lots)| {
        left -= lots;
        (left <= 0).then_some(time)
    })
}

#[test]
fn who_comes_later_is_not_served_earlier() {
    let (mut both, mut only_first) = (0, 0);
    for seed in 80..110 {
        let recording = by_order(seed, 5_000);
        let mut random = SeededRandom::new(seed, "two arrivals");
        let early = 5 + random.below(300);
        let late = early + 1 + random.below(300);
        let side = if random.below(2) == 0 { Side::Buy } else { Side::Sell };
        // At or a little behind the price at which the generated market begins.
        let price = Ticks(19_200 - side.sign() * random.below(6) as i64);
        let (first, second) =
            (waits(&recording, early, side, price), waits(&recording, late, side, price));
        for lot in 1..=3 {
            match (nth(&first, lot), nth(&second, lot)) {
                (Some(a), Some(b)) => {
                    assert!(a <= b, "{seed}: lot {lot} at {a}, of the later order at {b}");
                    both += 1;
                }
                (None, Some(b)) => panic!("{seed}: lot {lot} only of the later order, at {b}"),
                (Some(_), None) => only_first += 1,
                (None, None) => {}
            }
        }
    }
    assert!(both > 20, "{both} lots compared, {only_first} of the earlier alone");
}
