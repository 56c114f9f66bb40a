//! Random streams with random own orders against a slow independent recomputation.

mod common;
mod oracle;

use common::flow::Flow;
use common::*;
use model::{
    LiquiditySide, Lots, OrderId, OrderRequest, Side, StrategyIndex, TimeInForce, UnixNanos,
};
use oracle::{Filled, Oracle, ceiling};
use proptest::prelude::*;
use std::collections::BTreeMap;
use tickforge_venue::{QueueModel, VenueSettings};

/// What one run gave.
#[derive(Debug, Default)]
struct Seen {
    maker: i64,
    taker: i64,
    passed: u64,
    aggressor_fills: u64,
    unknown_fills: u64,
    own_crossings: u64,
}

/// A random own command: to the venue, and to the oracle, whose fills on arrival must be the same.
fn command(flow: &mut Flow, stage: &mut Stage, oracle: &mut Oracle, number: &mut u64) {
    let own: Vec<_> = stage.market.own_orders().copied().collect();
    let from = stage.reports.len();
    let at = UnixNanos(stage.now);
    let expected = match flow.random.below(8) {
        0 if !own.is_empty() => {
            let id = own[flow.random.below(own.len() as u64) as usize].id();
            stage.cancel(id);
            oracle.cancel(id);
            Vec::new()
        }
        1 | 2 if !own.is_empty() => {
            let order = own[flow.random.below(own.len() as u64) as usize];
            let total = flow.pick(1, 12);
            let limit = order.limit.unwrap().0 + flow.pick(-1, 1);
            stage.modify(order.id(), Some(total), Some(limit));
            oracle.modify(order.id(), total, limit * TICK)
        }
        kind => {
            *number += 1;
            let id = OrderId::new(StrategyIndex(flow.random.below(2) as u16), *number);
            let (side, quantity) = (flow.side(), flow.pick(1, 9));
            let ticks = flow.best(side) + side.sign() * flow.pick(-2, 3);
            let force = match kind {
                3 => TimeInForce::Ioc,
                4 => TimeInForce::Fok,
                _ => TimeInForce::Gtc,
            };
            let base =
                if kind == 5 { market(0, side, quantity) } else { limit(0, side, ticks, quantity) };
            let order = OrderRequest { id, time_in_force: force, ..base };
            stage.market.submit(&order, at, &mut NoSizer, &mut stage.reports).unwrap();
            let price = order.kind.limit().map(|ticks| ticks.0 * TICK);
            let (resting, whole) = (force == TimeInForce::Gtc, force == TimeInForce::Fok);
            oracle.submit(id, side, price, quantity, resting, whole)
        }
    };
    let got: Vec<(i64, i64)> =
        fills(&stage.reports[from..]).iter().map(|f| (f.price.0, f.quantity.0)).collect();
    assert_eq!(got, expected, "fills on arrival");
}

fn run(seed: u64, events: usize) -> Seen {
    let mut flow = Flow::new(seed);
    let settings = VenueSettings::new().with_phase(model::TradingPhase::Trading);
    let (mut stage, mut oracle) = (Stage::new(&settings), Oracle::default());
    let (mut number, mut seen) = (0, Seen::default());
    for index in 0..events {
        if index > 20 && flow.random.below(2) == 0 {
            command(&mut flow, &mut stage, &mut oracle, &mut number);
        }
        let records = flow.next();
        let limits: BTreeMap<OrderId, i64> =
            stage.market.own_orders().map(|o| (o.id(), o.limit.unwrap().0 * TICK)).collect();
        let reports = stage.event(&records);
        let mut got = Filled::new();
        for fill in fills(&reports) {
            assert_eq!(fill.liquidity, LiquiditySide::Maker);
            assert_eq!(fill.price.0, limits[&fill.order], "a resting order fills at its limit");
            *got.entry(fill.order).or_default() += fill.quantity.0;
        }
        assert_eq!(got, oracle.event(&records), "event {index} of seed {seed}: {records:#?}");
        for own in stage.market.own_orders() {
            assert_eq!(oracle.leaves(own.id()), Some(own.leaves().0));
        }
    }
    for fill in fills(&stage.reports) {
        match fill.liquidity {
            LiquiditySide::Maker => seen.maker += fill.quantity.0,
            LiquiditySide::Taker => seen.taker += fill.quantity.0,
        }
    }
    let counters = stage.market.counters();
    seen.passed = counters.passed_volume;
    seen.aggressor_fills = counters.aggressor_fills;
    seen.unknown_fills = counters.unknown_fills;
    seen.own_crossings = counters.own_crossings;
    seen
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..Default::default() })]

    #[test]
    fn own_fills_are_exactly_what_the_rules_allow_event_by_event(seed: u64) {
        run(seed, 300);
    }

    #[test]
    fn models_that_withhold_fills_never_pass_the_ceiling(seed: u64) {
        for settings in [
            VenueSettings::new().with_touch_probability(0.5).unwrap(),
            VenueSettings::new().with_queue(QueueModel::ProRata),
            VenueSettings::new().with_queue(QueueModel::ProRata).with_touch_probability(0.3).unwrap(),
        ] {
            let settings = settings.with_phase(model::TradingPhase::Trading);
            let (mut flow, mut stage) = (Flow::new(seed), Stage::seeded(&settings, seed));
            for number in 1..150 {
                let side = flow.side();
                let ticks = flow.best(side) + side.sign() * flow.pick(-2, 2);
                if number > 15 {
                    let quantity = flow.pick(1, 9);
                    stage.submit(limit(number, side, ticks, quantity));
                }
                let records = flow.next();
                let own: BTreeMap<_, _> =
                    stage.market.own_orders().map(|o| (o.id(), (o.limit.unwrap().0 * TICK, o.leaves()))).collect();
                let reports = stage.event(&records);
                for side in [Side::Buy, Side::Sell] {
                    let mine: Vec<_> = fills(&reports).into_iter().filter(|f| f.side == side).collect();
                    let mut by_order = BTreeMap::<OrderId, Lots>::new();
                    for fill in &mine {
                        *by_order.entry(fill.order).or_default() += fill.quantity;
                    }
                    for (id, quantity) in &by_order {
                        prop_assert!(*quantity <= own[id].1);
                    }
                    // All together: what reached the best of their limits or beyond.
                    let best = by_order.keys().map(|id| own[id].0 * side.sign()).max();
                    if let Some(best) = best {
                        let total: i64 = by_order.values().map(|q| q.0).sum();
                        let most = ceiling(&records, side, best * side.sign());
                        prop_assert!(total <= most, "{total} of {most}: {records:#?}");
                    }
                }
            }
        }
    }
}

#[test]
fn the_random_streams_exercise_every_rule() {
    let mut sum = Seen::default();
    for seed in 0..40 {
        let one = run(seed, 300);
        sum.maker += one.maker;
        sum.taker += one.taker;
        sum.passed += one.passed;
        sum.aggressor_fills += one.aggressor_fills;
        sum.unknown_fills += one.unknown_fills;
        sum.own_crossings += one.own_crossings;
    }
    assert!(sum.maker > 3_000 && sum.taker > 5_000 && sum.passed > 200, "{sum:?}");
    let rare = [sum.aggressor_fills, sum.unknown_fills, sum.own_crossings];
    assert!(rare.iter().all(|&count| count > 100), "{sum:?}");
}
