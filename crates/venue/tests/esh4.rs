//! The rules on a real exchange file, with a scripted quoter: every event against the slow
//! recomputation. Its twin on generated streams is `oracle_random.rs`.

mod common;
mod oracle;

use common::esh4::records;
use common::*;
use model::mbo::flags;
use model::{
    LiquiditySide, Mbo, MboFields, OrderId, OrderRequest, Price, PriceGrid, Side, Ticks,
    TradingPhase, UnixNanos,
};
use oracle::{Filled, Oracle, ceiling};
use std::collections::BTreeMap;
use tickforge_venue::{L3Market, OwnOrder, QueueModel, VenueSettings};

fn fields(record: Mbo<'_>) -> MboFields {
    MboFields {
        order_id: record.order_id(),
        price: record.price_raw(),
        size: record.size(),
        flags: record.flags(),
        action: record.action(),
        side: record.side_raw(),
        ts_event: record.ts_event_raw(),
        ..MboFields::default()
    }
}

/// Side, limit (1e-9) and leaves of the own orders before an event.
type Standing = BTreeMap<OrderId, (Side, i64, i64)>;

#[derive(Default)]
struct Outcome {
    maker: usize,
    taker: usize,
    quantity: i64,
    last_bbo: Option<model::Bbo>,
    pre_open: usize,
    crossed: u64,
}

/// Quotes both sides `width` ticks from the touch, again whenever it moved, now and then inside
/// the spread, and takes now and then.
fn replay(
    records: &[[u8; 56]],
    settings: &VenueSettings,
    mut check: impl FnMut(&[MboFields], &Filled, &Standing),
    mut told: impl FnMut(Command),
) -> Outcome {
    let mut market = L3Market::new(&es(), settings, 42);
    let mut outcome = Outcome::default();
    let mut standing = Standing::new();
    let (mut event, mut reports) = (Vec::new(), Vec::new());
    let (mut number, mut touch, mut events) = (0, (Ticks(0), Ticks(0)), 0u64);
    for bytes in records {
        let record = Mbo::new(bytes);
        if event.is_empty() {
            reports.clear();
            let own = market.own_orders();
            let terms = |o: &OwnOrder| (o.side, o.limit.unwrap().0 * TICK, o.leaves().0);
            standing = own.map(|o| (o.id(), terms(o))).collect();
        }
        event.push(fields(record));
        if !market.apply(record, &mut NoSizer, &mut reports).unwrap() {
            continue;
        }
        events += 1;
        let mut got = Filled::new();
        for fill in fills(&reports) {
            *got.entry(fill.order).or_default() += fill.quantity.0;
            outcome.maker += 1;
            outcome.quantity += fill.quantity.0;
        }
        check(&event, &got, &standing);
        event.clear();
        if market.phase() != TradingPhase::Trading {
            outcome.pre_open += 1;
            continue;
        }
        let bbo = market.bbo();
        let now = UnixNanos(record.ts_event_raw());
        if (bbo.bid, bbo.ask) == touch && events % 97 != 0 {
            continue;
        }
        touch = (bbo.bid, bbo.ask);
        reports.clear();
        let own: Vec<OrderId> = market.own_orders().map(OwnOrder::id).collect();
        if own.len() > 6 {
            for id in own {
                market.cancel(id, now, &mut reports).unwrap();
                told(Command::Cancel(id));
            }
        }
        for (side, best) in [(Side::Buy, bbo.bid), (Side::Sell, bbo.ask)] {
            number += 1;
            let inside = i64::from(number % 5 == 0 && bbo.ask.0 - bbo.bid.0 > 1);
            let price = best.0 + side.sign() * inside;
            let taking = number % 41 == 0;
            let order = if taking {
                common::market(number, side, 3)
            } else {
                limit(number, side, price, 1 + (number % 7) as i64)
            };
            let from = reports.len();
            market.submit(&order, now, &mut NoSizer, &mut reports).unwrap();
            let taken: Vec<(i64, i64)> = fills(&reports[from..])
                .iter()
                .map(|f| {
                    assert_eq!(f.liquidity, LiquiditySide::Taker);
                    (f.price.0, f.quantity.0)
                })
                .collect();
            outcome.taker += taken.len();
            told(Command::Submit(order, taken));
        }
    }
    outcome.last_bbo = Some(market.bbo());
    outcome.crossed = market.counters().crossed_events;
    outcome
}

/// What the quoter told the venue, and what that filled at once.
enum Command {
    Submit(OrderRequest, Vec<(i64, i64)>),
    Cancel(OrderId),
}

#[test]
fn own_fills_on_esh4_are_exactly_what_the_rules_allow_event_by_event() {
    let Some(records) = records() else { return };
    let oracle = std::cell::RefCell::new(Oracle::default());
    let outcome = replay(
        &records,
        &VenueSettings::new(),
        |event, got, _| {
            let expected = oracle.borrow_mut().event(event);
            assert_eq!(*got, expected, "{event:#?}");
        },
        |command| match command {
            Command::Submit(order, taken) => {
                let price = order.kind.limit().map(|ticks| ticks.0 * TICK);
                let resting = price.is_some();
                let expected = oracle.borrow_mut().submit(
                    order.id,
                    order.side,
                    price,
                    order.quantity.0,
                    resting,
                    false,
                );
                assert_eq!(taken, expected);
            }
            Command::Cancel(id) => oracle.borrow_mut().cancel(id),
        },
    );
    assert!(outcome.maker > 200 && outcome.taker > 20, "{} {}", outcome.maker, outcome.taker);
    let grid = PriceGrid::new(Price(TICK)).unwrap();
    let bbo = outcome.last_bbo.unwrap();
    let best = |side| grid.ticks(Price(oracle.borrow().best(side).unwrap())).unwrap();
    assert_eq!((bbo.bid, bbo.ask), (best(Side::Buy), best(Side::Sell)));
    // The facts of the file: 891 event ends are crossed, all before the first trade opens it.
    assert_eq!(outcome.crossed, 891);
    assert!((900..1_000).contains(&outcome.pre_open), "{}", outcome.pre_open);
}

#[test]
fn models_change_the_fills_on_esh4_and_stay_below_the_ceiling() {
    let Some(records) = records() else { return };
    let run = |settings: VenueSettings| {
        let outcome = replay(
            &records,
            &settings,
            |event, got, own| {
                for side in [Side::Buy, Side::Sell] {
                    let mine: Vec<_> = got.iter().filter(|(id, _)| own[*id].0 == side).collect();
                    assert!(mine.iter().all(|(id, quantity)| **quantity <= own[*id].2));
                    let best = mine.iter().map(|(id, _)| own[*id].1 * side.sign()).max();
                    if let Some(best) = best {
                        let total: i64 = mine.iter().map(|(_, quantity)| **quantity).sum();
                        assert!(total <= ceiling(event, side, best * side.sign()));
                    }
                }
            },
            |_| {},
        );
        outcome.quantity
    };
    let fifo = run(VenueSettings::new());
    let drawn = run(VenueSettings::new().with_touch_probability(0.5).unwrap());
    let shared = run(VenueSettings::new().with_queue(QueueModel::ProRata));
    assert!(drawn < fifo, "{drawn} {fifo}");
    assert_ne!(shared, fifo);
    let last = records.last().unwrap();
    assert!(last[36] & flags::LAST != 0, "the file ends with a whole event");
}
