//! Each rule of simulation.md, "Own orders in a recorded L3 stream", one by one, on small hand-made streams.

mod common;

use common::*;
use model::{
    CancelReason, LiquiditySide, Lots, MboFields, OrderId, Reason, ReportKind, StrategyIndex,
    TimeInForce, UnixNanos,
};
use tickforge_venue::{VenueError, VenueSettings};

fn plain() -> VenueSettings {
    VenueSettings::new()
}

#[test]
fn the_recorded_stream_always_wins() {
    let mut alone = Stage::open(&plain());
    let mut with = Stage::open(&plain());
    with.submit(limit(1, Buy, 11, 4));
    with.submit(market(2, Buy, 3));
    for stage in [&mut alone, &mut with] {
        stage.hit(Sell, &[(1, 10, 5), (2, 10, 1)]);
        stage.event(&[add(13, Sell, 11, 2)]);
    }
    assert!(!fills(&with.reports).is_empty());
    assert_eq!(alone.market.bbo(), with.market.bbo());
    assert_eq!(alone.market.book().snapshot(), with.market.book().snapshot());
}

#[test]
fn atomic_event_own_orders_arrive_between_events_only() {
    let mut stage = Stage::open(&plain());
    let bytes = add(4, Buy, 8, 1).encode();
    let applied = stage.market.apply(model::Mbo::new(&bytes), &mut NoSizer, &mut stage.reports);
    assert_eq!(applied, Ok(false), "no LAST: the event is open");
    let now = UnixNanos(stage.now);
    let mut out = Vec::new();
    let errors = [
        stage.market.submit(&limit(1, Buy, 10, 1), now, &mut NoSizer, &mut out).unwrap_err(),
        stage.market.modify(own(1), None, None, now, &mut out).unwrap_err(),
        stage.market.cancel(own(1), now, &mut out).unwrap_err(),
    ];
    for error in errors {
        assert_eq!(error, VenueError::InsideEvent { order: own(1) });
        assert_eq!(error.code(), "ERR_VENUE_INSIDE_EVENT");
    }
    stage.event(&[add(5, Buy, 8, 1)]);
    assert_eq!(kinds(&stage.submit(limit(1, Buy, 10, 1))), [ReportKind::Accepted]);
}

#[test]
fn atomic_event_what_one_event_executes_is_one_fill_at_its_end() {
    let mut stage = Stage::open(&plain());
    stage.submit(limit(1, Buy, 11, 4));
    let reports = stage.hit(Sell, &[(1, 10, 1), (2, 10, 2)]);
    assert_eq!(taken(&reports), [(1, 3, 11)]);
    assert_eq!(reports[0].ts_event, UnixNanos(stage.now));
}

#[test]
fn queue_only_cancels_and_modifies_move_the_own_order_forward() {
    let mut stage = Stage::open(&plain());
    stage.submit(limit(1, Buy, 10, 2));
    stage.event(&[add(4, Buy, 10, 9)]);
    let ahead = |stage: &Stage| stage.market.queue_ahead(own(1)).unwrap().quantity.0;
    assert_eq!(ahead(&stage), 8);
    // T and F alone do not move it.
    assert!(fills(&stage.event(&[trade(900, Sell, 10, 2), fill(1, Buy, 10, 2)])).is_empty());
    assert_eq!(ahead(&stage), 8);
    stage.event(&[modify(1, Buy, 10, 3)]);
    assert_eq!(ahead(&stage), 6, "a smaller size keeps its place ahead");
    stage.event(&[modify(2, Buy, 10, 4)]);
    assert_eq!(ahead(&stage), 3, "a larger size went to the back");
    stage.event(&[cancel(1, Buy, 10, 3)]);
    assert_eq!(ahead(&stage), 0);
    // And at the front, it fills with what executes behind it.
    assert_eq!(taken(&stage.hit(Sell, &[(4, 10, 1)])), [(1, 1, 10)]);
}

#[test]
fn queue_a_clear_moves_the_own_order_to_the_front() {
    let mut stage = Stage::open(&plain());
    stage.submit(limit(1, Buy, 10, 2));
    stage.event(&[MboFields { action: b'R', flags: 0, ..MboFields::default() }]);
    stage.event(&[add(21, Buy, 10, 5)]);
    stage.event(&[add(22, Sell, 12, 5)]);
    assert_eq!(stage.market.queue_ahead(own(1)).unwrap().quantity, Lots(0));
    assert_eq!(taken(&stage.hit(Sell, &[(21, 10, 1)])), [(1, 1, 10)]);
}

#[test]
fn queue_a_snapshot_in_mid_stream_puts_the_own_order_behind_all_it_lists() {
    let mut stage = Stage::open(&plain());
    stage.submit(limit(1, Buy, 10, 2));
    let snapshot = |fields: MboFields| MboFields {
        flags: fields.flags | model::mbo::flags::SNAPSHOT,
        ..fields
    };
    stage.event(&[
        snapshot(MboFields { action: b'R', flags: 0, ..MboFields::default() }),
        snapshot(add(31, Buy, 10, 5)),
        snapshot(add(32, Sell, 12, 5)),
    ]);
    assert_eq!(stage.market.queue_ahead(own(1)).unwrap().quantity, Lots(5));
}

#[test]
fn passive_fill_is_at_most_the_volume_behind() {
    let mut stage = Stage::open(&plain());
    stage.submit(limit(1, Buy, 10, 5));
    stage.event(&[add(4, Buy, 10, 9)]);
    assert!(fills(&stage.hit(Sell, &[(1, 10, 5), (2, 10, 3)])).is_empty(), "all of it was ahead");
    let reports = stage.hit(Sell, &[(4, 10, 2)]);
    assert_eq!(taken(&reports), [(1, 2, 10)], "2 behind fill 2, not everything");
    let fill = fills(&reports)[0];
    assert_eq!((fill.leaves, fill.liquidity), (Lots(3), LiquiditySide::Maker));
    assert_eq!(taken(&stage.hit(Sell, &[(4, 10, 7)])), [(1, 3, 10)], "and never more than leaves");
    assert!(!stage.market.has_own_orders());
}

#[test]
fn passive_fill_counts_volume_beyond_the_own_price_on_both_sides() {
    let mut stage = Stage::open(&plain());
    stage.submit(limit(1, Buy, 10, 9));
    stage.submit(limit(2, Sell, 12, 9));
    let down = stage.hit(Sell, &[(1, 10, 5), (2, 10, 3), (3, 9, 4)]);
    assert_eq!(taken(&down), [(1, 4, 10)], "lower for an own bid, at the own price");
    let up = stage.hit(Buy, &[(11, 12, 6), (12, 13, 2)]);
    assert_eq!(taken(&up), [(2, 2, 12)], "higher for an own ask");
}

#[test]
fn passive_fill_is_shared_better_price_first_then_arrival() {
    let mut stage = Stage::open(&plain());
    let other = |order: model::OrderRequest| model::OrderRequest {
        id: OrderId::new(StrategyIndex(1), order.id.number()),
        ..order
    };
    stage.submit(limit(1, Buy, 10, 2));
    stage.submit(other(limit(2, Buy, 10, 2)));
    stage.submit(limit(3, Buy, 11, 2));
    stage.event(&[add(4, Buy, 10, 9)]);
    stage.hit(Sell, &[(1, 10, 5), (2, 10, 3)]);
    // 3 at 11 took 2 of the 8 (inside the spread); the rest was ahead of the two at 10.
    assert_eq!(taken(&stage.reports), [(3, 2, 11)]);
    let shared = stage.hit(Sell, &[(4, 10, 3)]);
    assert_eq!(taken(&shared), [(1, 2, 10), (2, 1, 10)], "3 units fill 3, not 3 each");
}

#[test]
fn own_orders_never_trade_with_each_other_and_crossings_are_counted() {
    let mut stage = Stage::open(&plain());
    stage.submit(limit(1, Sell, 11, 2));
    let reports = stage.submit(limit(2, Buy, 11, 2));
    assert_eq!(kinds(&reports), [ReportKind::Accepted]);
    assert_eq!(stage.market.counters().own_crossings, 1);
    stage.submit(market(3, Buy, 1));
    assert_eq!(taken(&stage.reports), [(3, 1, 12)], "the market order passes the own ask by");
    assert_eq!(stage.market.counters().own_crossings, 2);
}

#[test]
fn inside_the_spread_every_aggressor_fills_the_own_order_up_to_its_volume() {
    let mut stage = Stage::open(&plain());
    stage.submit(limit(1, Buy, 11, 4));
    assert_eq!(taken(&stage.hit(Sell, &[(1, 10, 3)])), [(1, 3, 11)]);
    assert_eq!(taken(&stage.hit(Sell, &[(1, 10, 2)])), [(1, 1, 11)]);
}

#[test]
fn inside_the_spread_a_trade_at_the_own_price_with_no_fill_record_fills_it_too() {
    let mut stage = Stage::open(&plain());
    stage.submit(limit(1, Buy, 11, 4));
    stage.submit(limit(2, Buy, 10, 4));
    assert_eq!(taken(&stage.event(&[trade(900, Sell, 11, 3)])), [(1, 3, 11)]);
    assert!(fills(&stage.event(&[trade(900, Buy, 11, 3)])).is_empty(), "a buyer meets no bid");
    let through = stage.event(&[trade(900, Sell, 9, 3)]);
    assert_eq!(taken(&through), [(1, 1, 11), (2, 2, 10)], "trading through fills by price");
    let off_market = stage.event(&[record(b'T', None, 0, 5, 50)]);
    assert!(fills(&off_market).is_empty(), "a print without a side proves nothing");
}

#[test]
fn an_opposite_add_at_or_through_the_own_limit_trades_with_it_first() {
    for price in [12, 11] {
        let mut stage = Stage::open(&plain());
        stage.event(&[cancel(11, Sell, 12, 6)]);
        stage.submit(limit(1, Buy, 12, 4));
        assert_eq!(taken(&stage.event(&[add(20, Sell, price, 3)])), [(1, 3, 12)]);
        assert_eq!(stage.market.book().order(20).unwrap().quantity, Lots(3), "as recorded");
        // What was taken is gone: the same id offers nothing to a taker.
        stage.submit(limit(2, Buy, 12, 2));
        assert_eq!(fills(&stage.reports).len(), 1);
        // A larger size offers the growth.
        let grown = stage.event(&[modify(20, Sell, price, 5)]);
        assert_eq!(taken(&grown), [(1, 1, 12), (2, 1, 12)]);
        assert_eq!(stage.market.counters().taken_volume, 5);
    }
}

#[test]
fn an_opposite_order_that_moves_to_the_own_limit_trades_with_it_first() {
    let mut stage = Stage::open(&plain());
    stage.submit(limit(1, Buy, 11, 4));
    assert_eq!(taken(&stage.event(&[modify(11, Sell, 11, 6)])), [(1, 4, 11)]);
    let asks_below = stage.event(&[add(20, Sell, 12, 3), modify(20, Sell, 12, 1)]);
    assert!(fills(&asks_below).is_empty());
}

#[test]
fn the_rest_of_an_aggressor_added_in_its_own_event_trades_with_the_own_order() {
    let mut stage = Stage::open(&plain());
    stage.submit(limit(1, Buy, 10, 4));
    let reports = stage.event(&[
        trade(30, Sell, 10, 8),
        fill(1, Buy, 10, 5),
        fill(2, Buy, 10, 3),
        add(30, Sell, 10, 2),
        cancel(1, Buy, 10, 5),
        cancel(2, Buy, 10, 3),
    ]);
    assert_eq!(taken(&reports), [(1, 2, 10)]);
}

#[test]
fn own_taking_is_remembered_until_the_id_leaves() {
    let mut stage = Stage::open(&plain());
    assert_eq!(taken(&stage.submit(market(1, Buy, 4))), [(1, 4, 12)]);
    assert_eq!(taken(&stage.submit(market(2, Buy, 4))), [(2, 2, 12), (2, 2, 13)]);
    stage.event(&[cancel(11, Sell, 12, 6)]);
    stage.event(&[add(11, Sell, 12, 6)]);
    assert_eq!(taken(&stage.submit(market(3, Buy, 1))), [(3, 1, 12)], "a new life of the id");
}

#[test]
fn own_taking_a_later_fill_on_volume_already_taken_passes_to_the_next_in_the_queue() {
    let mut stage = Stage::open(&plain());
    // Queue at 12: 11 × 6, own ask 5 lots, 13 × 9.
    stage.submit(limit(1, Sell, 12, 5));
    stage.event(&[add(13, Sell, 12, 9)]);
    stage.submit(market(2, Buy, 4));
    // 11 shows 6 and has 2: a recorded fill of 2 is its own, of 6 passes 4 on.
    assert!(fills(&stage.hit(Buy, &[(11, 12, 2)])).is_empty());
    assert_eq!(taken(&stage.hit(Buy, &[(11, 12, 4)])), [(1, 4, 12)]);
    assert_eq!(stage.market.counters().passed_volume, 4);
}

#[test]
fn own_taking_passes_through_recorded_orders_before_it_reaches_the_own_order() {
    let mut stage = Stage::open(&plain());
    // Queue at 12: 11 × 6, 13 × 3, own ask.
    stage.event(&[add(13, Sell, 12, 3)]);
    stage.submit(limit(1, Sell, 12, 5));
    stage.submit(market(2, Buy, 6));
    let passed = stage.hit(Buy, &[(11, 12, 6)]);
    assert_eq!(taken(&passed), [(1, 3, 12)], "3 went to the recorded order behind");
    assert_eq!(taken(&stage.hit(Buy, &[(13, 12, 3)])), [(1, 2, 12)], "which is gone by then");
}

#[test]
fn displaced_volume_is_counted_and_not_resurrected() {
    let mut stage = Stage::open(&plain());
    stage.submit(limit(1, Buy, 11, 4));
    stage.hit(Sell, &[(1, 10, 5)]);
    assert_eq!(stage.market.counters().displaced_volume, 4);
    assert!(stage.market.book().order(1).is_none(), "the recorded order left as recorded");
    assert_eq!(stage.market.counters().taken_volume, 0);
}

#[test]
fn a_fill_record_of_the_aggressors_own_id_fills_nobody() {
    let mut stage = Stage::open(&plain());
    stage.event(&[add(40, Sell, 12, 3)]);
    stage.submit(limit(1, Sell, 12, 4));
    stage.submit(limit(2, Buy, 11, 1));
    // 40 turns into an aggressor: T and F of its own id, then the real F.
    let reports = stage.event(&[
        trade(40, Sell, 10, 2),
        fill(40, Sell, 10, 2),
        fill(1, Buy, 10, 2),
        modify(1, Buy, 10, 3),
        modify(40, Sell, 12, 1),
    ]);
    assert_eq!(taken(&reports), [(2, 1, 11)], "only the real fill counts");
    assert_eq!(stage.market.counters().aggressor_fills, 1);
}

#[test]
fn fill_records_of_unknown_ids_fill_nobody_and_are_counted() {
    let mut stage = Stage::open(&plain());
    stage.submit(limit(1, Buy, 11, 4));
    let reports = stage.event(&[trade(900, Sell, 10, 5), fill(777, Buy, 10, 5)]);
    assert!(fills(&reports).is_empty());
    assert_eq!(stage.market.counters().unknown_fills, 1);
}

#[test]
fn while_the_book_is_crossed_before_the_open_orders_rest_and_nothing_matches() {
    let mut stage = Stage::new(&plain());
    stage.event(&[MboFields { flags: model::mbo::flags::SNAPSHOT, ..add(1, Buy, 10, 5) }]);
    stage.event(&[add(2, Sell, 9, 5)]);
    assert_eq!(stage.market.phase(), model::TradingPhase::PreOpen);
    assert_eq!(kinds(&stage.submit(limit(1, Buy, 12, 2))), [ReportKind::Accepted]);
    assert_eq!(kinds(&stage.submit(market(2, Buy, 1))), [ReportKind::Accepted]);
    let ioc = model::OrderRequest { time_in_force: TimeInForce::Ioc, ..limit(3, Buy, 12, 2) };
    let gone = ReportKind::Canceled { leaves: Lots(2), reason: CancelReason::NoLiquidity };
    assert_eq!(kinds(&stage.submit(ioc)), [ReportKind::Accepted, gone]);
    assert!(stage.event(&[add(3, Sell, 11, 5)]).is_empty());
    // The cross executes 5 at 10 (F without a side), and the venue trades.
    let open = stage.event(&[
        record(b'T', None, 0, 10, 5),
        record(b'F', None, 1, 10, 5),
        record(b'F', None, 2, 10, 5),
        cancel(1, Buy, 10, 5),
        cancel(2, Sell, 9, 5),
    ]);
    assert_eq!(taken(&open), [(1, 2, 10), (2, 1, 11)], "at the price of the cross, then the book");
    assert!(stage.market.counters().crossed_events >= 1);
    assert_eq!(stage.market.phase(), model::TradingPhase::Trading);
}

#[test]
fn when_trading_resumes_a_limit_order_that_came_meanwhile_takes_what_it_meets() {
    let mut stage = Stage::open(&plain());
    stage.market.set_phase(model::TradingPhase::Halted);
    stage.submit(limit(1, Buy, 12, 2));
    let passive = model::OrderRequest { post_only: true, ..limit(2, Buy, 12, 2) };
    stage.submit(passive);
    assert!(fills(&stage.hit(Sell, &[(1, 10, 1)])).is_empty());
    stage.market.set_phase(model::TradingPhase::Trading);
    let reports = stage.event(&[add(4, Buy, 8, 1)]);
    assert_eq!(taken(&reports), [(1, 2, 12)]);
    assert_eq!(fills(&reports)[0].liquidity, LiquiditySide::Taker);
    assert!(stage.market.has_own_orders(), "post-only stays as it is");
}

#[test]
fn records_that_go_back_in_time_are_counted_and_the_clock_stays() {
    let mut stage = Stage::open(&plain());
    stage.submit(limit(1, Buy, 11, 4));
    let before = stage.now;
    stage.now -= 5_000;
    let reports = stage.hit(Sell, &[(1, 10, 1)]);
    assert_eq!(reports[0].ts_event, UnixNanos(before));
    assert_eq!(stage.market.counters().clock_backward_steps, 3);
}

#[test]
fn an_order_id_is_used_once() {
    let mut stage = Stage::open(&plain());
    stage.submit(limit(1, Buy, 9, 4));
    let again =
        stage.market.submit(&limit(1, Buy, 9, 4), UnixNanos(0), &mut NoSizer, &mut Vec::new());
    assert_eq!(again, Err(VenueError::DuplicateOrder { order: own(1) }));
    let zero = stage.submit(limit(2, Buy, 9, 0));
    assert_eq!(kinds(&zero), [ReportKind::Rejected(Reason::ZeroSize)]);
    let far = stage.submit(limit(3, Buy, i64::MAX, 1));
    assert_eq!(kinds(&far), [ReportKind::Rejected(Reason::Unsupported)]);
    let huge = stage.submit(market(4, Buy, i64::MAX));
    assert_eq!(kinds(&huge), [ReportKind::Rejected(Reason::Overflow)]);
}

#[test]
fn an_event_that_the_stream_leaves_open_fills_nobody() {
    let mut stage = Stage::open(&plain());
    stage.submit(limit(1, Buy, 11, 4));
    for fields in [trade(900, Sell, 10, 3), fill(1, Buy, 10, 3)] {
        let bytes = fields.encode();
        stage.market.apply(model::Mbo::new(&bytes), &mut NoSizer, &mut stage.reports).unwrap();
    }
    let (mut out, now) = (Vec::new(), UnixNanos(stage.now));
    stage.market.cancel_all(None, CancelReason::EndOfRun, now, &mut out);
    let ended = ReportKind::Canceled { leaves: Lots(4), reason: CancelReason::EndOfRun };
    assert_eq!(kinds(&out), [ended]);
    assert!(fills(&stage.reports).is_empty());
}
