//! Commands, models and fees of an L3 market.

mod common;

use common::*;
use costs::{FeeSchedule, Impact};
use model::random::counter_draw;
use model::{
    CancelReason, LiquiditySide, Lots, Money, OrderRequest, Price, Reason, ReportKind, Ticks,
    TimeInForce,
};
use tickforge_venue::{QueueModel, VenueSettings};

fn plain() -> VenueSettings {
    VenueSettings::new()
}

fn canceled(leaves: i64, reason: CancelReason) -> ReportKind {
    ReportKind::Canceled { leaves: Lots(leaves), reason }
}

#[test]
fn a_market_order_walks_the_book_and_its_rest_is_cancelled() {
    let mut stage = Stage::open(&plain());
    let reports = stage.submit(market(1, Buy, 20));
    assert_eq!(taken(&reports), [(1, 6, 12), (1, 7, 13)]);
    assert_eq!(fills(&reports)[0].liquidity, LiquiditySide::Taker);
    assert_eq!(reports[0].kind, ReportKind::Accepted);
    assert_eq!(reports[3].kind, canceled(7, CancelReason::NoLiquidity));
    let none = stage.submit(market(2, Buy, 1));
    assert_eq!(
        kinds(&none),
        [ReportKind::Accepted, canceled(1, CancelReason::NoLiquidity)],
        "all of it is taken"
    );
}

#[test]
fn a_marketable_limit_order_takes_within_its_limit_and_the_rest_rests() {
    let mut stage = Stage::open(&plain());
    let reports = stage.submit(limit(1, Sell, 10, 12));
    assert_eq!(taken(&reports), [(1, 8, 10)]);
    let own = stage.market.own_orders().next().unwrap();
    assert_eq!((own.leaves(), own.limit), (Lots(4), Some(Ticks(10))));
}

#[test]
fn immediate_or_cancel_takes_what_is_there_and_fill_or_kill_all_or_nothing() {
    let mut stage = Stage::open(&plain());
    let with = |force, order: OrderRequest| OrderRequest { time_in_force: force, ..order };
    let killed = stage.submit(with(TimeInForce::Fok, limit(1, Buy, 12, 7)));
    let expected = [ReportKind::Accepted, canceled(7, CancelReason::NoLiquidity)];
    assert_eq!(kinds(&killed), expected);
    let part = stage.submit(with(TimeInForce::Ioc, limit(2, Buy, 12, 7)));
    assert_eq!(taken(&part), [(2, 6, 12)]);
    assert_eq!(part[2].kind, canceled(1, CancelReason::NoLiquidity));
    let whole = stage.submit(with(TimeInForce::Fok, limit(3, Buy, 13, 7)));
    assert_eq!(taken(&whole), [(3, 7, 13)]);
}

#[test]
fn a_post_only_order_that_would_trade_is_rejected() {
    let mut stage = Stage::open(&plain());
    let passive = |order| OrderRequest { post_only: true, ..order };
    let refused = stage.submit(passive(limit(1, Buy, 12, 1)));
    assert_eq!(kinds(&refused), [ReportKind::Rejected(Reason::PostOnlyWouldTrade)]);
    assert_eq!(kinds(&stage.submit(passive(limit(2, Buy, 11, 1)))), [ReportKind::Accepted]);
    let moved = stage.modify(own(2), None, Some(12));
    assert_eq!(kinds(&moved), [ReportKind::ModifyRejected(Reason::PostOnlyWouldTrade)]);
    assert_eq!(stage.market.own_orders().next().unwrap().limit, Some(Ticks(11)), "as it was");
}

/// simulation.md, "Matching": "priority is lost on a quantity increase, a price change or an
/// account change; kept on a decrease".
#[test]
fn a_smaller_size_keeps_the_place_and_a_larger_one_or_another_price_loses_it() {
    let mut stage = Stage::open(&plain());
    stage.submit(limit(1, Buy, 10, 5));
    stage.event(&[add(4, Buy, 10, 9)]);
    let ahead = |stage: &Stage| stage.market.queue_ahead(own(1)).unwrap().quantity.0;
    let down = stage.modify(own(1), Some(4), None);
    assert_eq!(kinds(&down), [ReportKind::Modified { quantity: Lots(4), price: Ticks(10) }]);
    assert_eq!(ahead(&stage), 8);
    stage.modify(own(1), Some(6), None);
    assert_eq!(ahead(&stage), 17);
    stage.modify(own(1), None, Some(9));
    assert_eq!(ahead(&stage), 4);
    let through = stage.modify(own(1), None, Some(12));
    assert_eq!(taken(&through), [(1, 6, 12)], "and may trade on arrival");
}

#[test]
fn a_total_at_or_below_what_is_filled_completes_the_order() {
    let mut stage = Stage::open(&plain());
    stage.submit(limit(1, Buy, 11, 5));
    stage.hit(Sell, &[(1, 10, 3)]);
    let done = stage.modify(own(1), Some(3), None);
    assert_eq!(kinds(&done), [canceled(0, CancelReason::Requested)]);
    assert!(!stage.market.has_own_orders());
}

#[test]
fn commands_on_orders_that_have_ended_are_too_late_and_on_none_unknown() {
    let mut stage = Stage::open(&plain());
    stage.submit(market(5, Buy, 1));
    let late = Reason::TooLate;
    assert_eq!(kinds(&stage.cancel(own(5))), [ReportKind::CancelRejected(late)]);
    assert_eq!(kinds(&stage.modify(own(5), Some(1), None)), [ReportKind::ModifyRejected(late)]);
    let unknown = Reason::UnknownOrder;
    assert_eq!(kinds(&stage.cancel(own(6))), [ReportKind::CancelRejected(unknown)]);
    assert_eq!(kinds(&stage.modify(own(6), Some(1), None)), [ReportKind::ModifyRejected(unknown)]);
}

#[test]
fn fills_that_crossed_a_cancel_stand() {
    let mut stage = Stage::open(&plain());
    stage.submit(limit(1, Buy, 11, 5));
    stage.hit(Sell, &[(1, 10, 3)]);
    assert_eq!(kinds(&stage.cancel(own(1))), [canceled(2, CancelReason::Requested)]);
    assert!(stage.hit(Sell, &[(1, 10, 2)]).is_empty());
}

#[test]
fn cancel_all_ends_the_orders_of_one_strategy_or_of_all_by_arrival() {
    use model::{OrderId, StrategyIndex, UnixNanos};
    let mut stage = Stage::open(&plain());
    let second = OrderRequest { id: OrderId::new(StrategyIndex(1), 1), ..limit(1, Buy, 9, 1) };
    stage.submit(limit(1, Buy, 9, 1));
    stage.submit(second);
    stage.submit(limit(2, Sell, 14, 1));
    let mut out = Vec::new();
    let now = UnixNanos(stage.now);
    stage.market.cancel_all(Some(StrategyIndex(0)), CancelReason::Risk, now, &mut out);
    assert_eq!(out.iter().map(|r| r.order).collect::<Vec<_>>(), [own(1), own(2)]);
    assert_eq!(out[0].kind, canceled(1, CancelReason::Risk));
    stage.market.cancel_all(None, CancelReason::EndOfRun, now, &mut out);
    assert_eq!((out.len(), out[2].order), (3, second.id));
    assert!(!stage.market.has_own_orders());
}

#[test]
fn an_order_sized_at_the_fill_asks_at_the_price_of_its_side() {
    let sized = |number| OrderRequest { size_at_fill: true, ..market(number, Buy, 0) };
    let mut stage = Stage::open(&plain());
    stage.sizer = FixedSizer::new(Ok((Sell, Lots(3))));
    assert_eq!(taken(&stage.submit(sized(1))), [(1, 3, 10)]);
    assert_eq!(stage.sizer.asked, [at(12), at(10)]);
    stage.sizer = FixedSizer::new(Ok((Buy, Lots(2))));
    assert_eq!(taken(&stage.submit(sized(2))), [(2, 2, 12)]);
    assert_eq!(stage.sizer.asked, [at(12)]);
    stage.sizer = FixedSizer::new(Err(Reason::MaxPosition));
    let denied = stage.submit(sized(3));
    assert_eq!(kinds(&denied), [ReportKind::Rejected(Reason::MaxPosition)]);
    stage.sizer = FixedSizer::new(Ok((Buy, Lots(4))));
    let resting = stage.submit(OrderRequest { size_at_fill: true, ..limit(4, Sell, 9, 0) });
    assert_eq!(kinds(&resting), [ReportKind::Accepted]);
    assert_eq!(stage.sizer.asked, [at(9)], "a limit order is sized at its limit");
}

#[test]
fn an_order_to_be_sized_that_waits_for_trading_is_sized_when_it_executes() {
    let mut stage = Stage::open(&plain());
    stage.sizer = FixedSizer::new(Ok((Buy, Lots(2))));
    stage.market.set_phase(model::TradingPhase::Halted);
    assert!(stage.submit(OrderRequest { size_at_fill: true, ..market(1, Buy, 0) }).is_empty());
    assert!(stage.sizer.asked.is_empty());
    stage.market.set_phase(model::TradingPhase::Trading);
    let reports = stage.event(&[add(13, Sell, 14, 1)]);
    assert_eq!(taken(&reports), [(1, 2, 12)]);
    assert_eq!(reports[0].kind, ReportKind::Accepted);
}

/// simulation.md, "Order of composition": "linear impact worsens the taker's fill price by bps ×
/// notional / 10⁶, temporary, per fill".
#[test]
fn impact_worsens_a_takers_price_per_fill_and_leaves_the_maker_alone() {
    let mut stage = Stage::open(&plain().with_impact(Impact::linear(100.0).unwrap()));
    // 6 × 3.00 × 50 = 900: 0.09 bps; 7 × 3.25 × 50 = 1137.5: 0.11375 bps.
    let prices: Vec<Price> =
        fills(&stage.submit(market(1, Buy, 13))).iter().map(|fill| fill.price).collect();
    assert_eq!(prices, [Price::parse("3.000027").unwrap(), Price(3_250_036_969)]);
    stage.submit(limit(2, Buy, 11, 1));
    assert_eq!(taken(&stage.hit(Sell, &[(1, 10, 1)])), [(2, 1, 11)]);
}

/// simulation.md, "Slippage and impact": "a limit order does not fill if the impacted price is
/// worse than its limit".
#[test]
fn a_limit_order_does_not_take_where_the_impact_makes_it_worse_than_its_limit() {
    let mut stage = Stage::open(&plain().with_impact(Impact::linear(100.0).unwrap()));
    assert_eq!(kinds(&stage.submit(limit(1, Buy, 12, 1))), [ReportKind::Accepted]);
    let one_tick_more = stage.submit(limit(2, Buy, 13, 1));
    assert_eq!(fills(&one_tick_more)[0].quantity, Lots(1));
}

#[test]
fn fees_follow_the_liquidity_of_each_fill() {
    let fees = FeeSchedule::per_contract(0.25, 0.85, None).unwrap();
    let mut stage = Stage::open(&plain().with_fees(fees));
    stage.submit(market(1, Buy, 2));
    stage.submit(limit(2, Buy, 11, 2));
    stage.hit(Sell, &[(1, 10, 2)]);
    let charged: Vec<Money> = fills(&stage.reports).iter().map(|fill| fill.fee).collect();
    assert_eq!(charged, [Money(1_700_000_000), Money(500_000_000)]);
}

/// Seeds whose draws for order 1 at these visits come out so at probability 0.5.
fn seed(wanted: [bool; 2]) -> u64 {
    let drawn = |seed, visit| counter_draw(seed, own(1).0, visit) < 0.5;
    (0..).find(|&seed| [drawn(seed, 0), drawn(seed, 1)] == wanted).unwrap()
}

/// simulation.md, "Probability at touch": "one draw per order and visit of the price …; trading
/// through always fills".
#[test]
fn probability_at_touch_is_one_draw_per_order_and_visit_and_through_always_fills() {
    let settings = plain().with_touch_probability(0.5).unwrap();
    let mut stage = Stage::seeded(&settings, seed([false, true]));
    for order in [add(1, Buy, 10, 1), add(11, Sell, 12, 9)] {
        stage.event(&[order]);
    }
    stage.submit(limit(1, Buy, 10, 9));
    stage.event(&[add(2, Buy, 10, 9)]);
    stage.event(&[add(3, Buy, 9, 9)]);
    stage.event(&[cancel(1, Buy, 10, 1)]);
    for _ in 0..3 {
        assert!(fills(&stage.hit(Sell, &[(2, 10, 1)])).is_empty(), "one draw, not one per event");
    }
    assert_eq!(stage.market.counters().withheld_fills, 3);
    assert_eq!(taken(&stage.hit(Sell, &[(3, 9, 1)])), [(1, 1, 10)], "trading through fills");
    // The market leaves the price and comes back: another visit, another draw.
    stage.event(&[cancel(2, Buy, 10, 6)]);
    stage.event(&[add(4, Buy, 10, 5)]);
    assert_eq!(taken(&stage.hit(Sell, &[(4, 10, 2)])), [(1, 2, 10)]);
}

/// simulation.md, "Probability at touch": "draws are counter-based, hash(seed, order id, visit), so
/// other settings do not shift them".
#[test]
fn draws_do_not_shift_when_other_orders_draw() {
    let settings = plain().with_touch_probability(0.5).unwrap();
    let run = |others: u64| {
        let mut stage = Stage::seeded(&settings, 7);
        stage.event(&[add(1, Buy, 10, 1)]);
        stage.event(&[add(11, Sell, 12, 9)]);
        for number in 0..others {
            stage.submit(limit(100 + number, Buy, 10, 1));
        }
        for number in 1..=20 {
            stage.submit(limit(number, Buy, 10, 1));
        }
        stage.event(&[add(2, Buy, 10, 200)]);
        stage.hit(Sell, &[(2, 10, 100)]);
        let mut filled: Vec<u64> = fills(&stage.reports).iter().map(|f| f.order.number()).collect();
        filled.retain(|&number| number < 100);
        filled
    };
    let alone = run(0);
    assert!((1..20).contains(&alone.len()), "{alone:?}");
    assert_eq!(alone, run(30));
}

/// simulation.md, "Pro-rata model on L3 flow": "floor(aggressor volume × own/(own + displayed)),
/// what is left over by FIFO".
#[test]
fn pro_rata_gives_the_own_order_its_floor_and_the_rest_first_in_first_out() {
    let mut stage = Stage::open(&plain().with_queue(QueueModel::ProRata));
    // 5 + 3 displayed ahead, own 4, 8 behind: 20 in all.
    stage.submit(limit(1, Buy, 10, 4));
    stage.event(&[add(4, Buy, 10, 8)]);
    // floor(7 × 4/20) = 1; floors 1, 1, 1, 2 leave 2 over: they go to the first of the queue.
    let reports = stage.hit(Sell, &[(1, 10, 5), (2, 10, 2)]);
    assert_eq!(taken(&reports), [(1, 1, 10)], "although all of it was ahead");
    assert_eq!(stage.market.counters().displaced_volume, 1);
}

#[test]
fn pro_rata_takes_volume_beyond_the_own_price_whole() {
    let mut stage = Stage::open(&plain().with_queue(QueueModel::ProRata));
    stage.submit(limit(1, Buy, 10, 9));
    stage.submit(limit(2, Buy, 11, 2));
    // 2 at 11 first; of the 6 left at 10 floors of 1, 1 and floor(6 × 9/17) = 3, the one left over
    // goes to the first in the queue; then all 4 at 9.
    let reports = stage.hit(Sell, &[(1, 10, 5), (2, 10, 3), (3, 9, 4)]);
    assert_eq!(taken(&reports), [(2, 2, 11), (1, 7, 10)]);
}

#[test]
fn closing_at_a_named_price_fills_in_full_with_impact_and_fees() {
    let fees = FeeSchedule::per_contract(0.25, 0.85, None).unwrap();
    let mut stage = Stage::new(&plain().with_fees(fees));
    let mut out = Vec::new();
    let now = model::UnixNanos(99);
    stage.market.fill_at(&market(1, Sell, 40), at(10), now, &mut NoSizer, &mut out).unwrap();
    assert_eq!(taken(&out), [(1, 40, 10)]);
    assert_eq!((out[0].kind, fills(&out)[0].fee), (ReportKind::Accepted, Money(34_000_000_000)));
}
