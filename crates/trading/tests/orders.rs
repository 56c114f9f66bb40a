//! The order manager: reports in any order, twice, late; races; memory.

mod common;
use common::orders::*;
use common::price;
use model::*;
use tickforge_trading::{OrderManager, TradingError};

fn manager(quantity: i64) -> OrderManager {
    let mut orders = OrderManager::new(S, 1);
    orders.submit(request(1, Side::Buy, quantity), UnixNanos(1)).unwrap();
    orders
}

fn buys(orders: &OrderManager) -> i64 {
    orders.working(X, Side::Buy).0
}

#[test]
fn an_order_goes_from_pending_to_filled() {
    let mut orders = manager(10);
    assert_eq!((orders.status(id(1)), buys(&orders)), (Some(OrderStatus::Pending), 10));
    orders.apply(&accepted(1, 2)).unwrap();
    let applied = orders.apply(&filled(1, 3, 4, 6)).unwrap();
    assert!(applied.fresh && applied.before == OrderStatus::Accepted);
    assert_eq!(applied.after, OrderStatus::PartiallyFilled);
    assert_eq!((orders.leaves(id(1)), buys(&orders)), (Some(Lots(6)), 6));
    assert_eq!(orders.open_orders().count(), 1);
    orders.apply(&filled(1, 4, 6, 0)).unwrap();
    assert_eq!((orders.status(id(1)), buys(&orders)), (Some(OrderStatus::Filled), 0));
    assert_eq!((orders.filled(id(1)), orders.leaves(id(1))), (Some(Lots(10)), Some(Lots(0))));
    assert_eq!((orders.open_count(), orders.order(id(1)).is_none()), (0, true));
    let done: Vec<_> = orders.take_finished().collect();
    assert_eq!((done[0].fills, done[0].fees, done[0].filled), (2, Money(2), Lots(10)));
    assert_eq!(done[0].average_price(), Some(price("100")));
    assert_eq!(orders.take_finished().count(), 0);
    assert_eq!(orders.status(id(1)), Some(OrderStatus::Filled));
}

/// Everything that can be seen of an order at its end.
fn end_state(orders: &mut OrderManager) -> (Option<OrderStatus>, Option<Lots>, i64, u64, i128) {
    let fees = orders.take_finished().map(|o| o.fees.0).sum();
    let fills = orders.counters().fills;
    (orders.status(id(1)), orders.filled(id(1)), buys(orders), fills, fees)
}

/// Every order of arrival of these reports, each also with every report doubled.
fn every_arrival_ends_alike(quantity: i64, ask: impl Fn(&mut OrderManager), story: &[Report]) {
    let mut expected = None;
    let mut indices: Vec<usize> = (0..story.len()).collect();
    permutations(&mut indices, 0, &mut |arrival| {
        for doubled in [false, true] {
            let mut orders = manager(quantity);
            ask(&mut orders);
            for &i in arrival {
                orders.apply(&story[i]).unwrap();
                if doubled {
                    orders.apply(&story[i]).unwrap();
                }
            }
            if doubled {
                for &i in arrival {
                    assert!(!orders.apply(&story[i]).unwrap().fresh);
                }
            }
            let end = end_state(&mut orders);
            assert_eq!(*expected.get_or_insert(end), end, "{arrival:?} doubled: {doubled}");
        }
    });
}

fn permutations(items: &mut Vec<usize>, from: usize, visit: &mut dyn FnMut(&[usize])) {
    if from == items.len() {
        return visit(items);
    }
    for i in from..items.len() {
        items.swap(from, i);
        permutations(items, from + 1, visit);
        items.swap(from, i);
    }
}

#[test]
fn fills_in_any_order_and_twice_end_alike() {
    let story = [accepted(1, 2), filled(1, 3, 4, 6), filled(1, 3, 4, 2), filled(1, 5, 2, 0)];
    every_arrival_ends_alike(10, |_| {}, &story);
    let mut orders = manager(10);
    for r in &story {
        orders.apply(r).unwrap();
    }
    let end = end_state(&mut orders);
    assert_eq!(end, (Some(OrderStatus::Filled), Some(Lots(10)), 0, 3, 3));
}

#[test]
fn fills_that_crossed_a_cancel_stand() {
    let story = [accepted(1, 2), filled(1, 3, 4, 6), filled(1, 4, 1, 5), canceled(1, 5, 5)];
    every_arrival_ends_alike(10, |o| assert!(o.request_cancel(id(1)).unwrap()), &story);
    let mut orders = manager(10);
    for r in [&story[0], &story[3]] {
        orders.apply(r).unwrap();
    }
    // The cancel is known, five lots that filled before it are not: they may still come.
    assert_eq!((orders.status(id(1)), buys(&orders)), (Some(OrderStatus::Canceled), 0));
    assert_eq!((orders.open_count(), orders.take_finished().count()), (0, 0));
    let late = orders.apply(&story[1]).unwrap();
    assert!(late.fresh && late.after == OrderStatus::Canceled);
    assert_eq!(orders.apply(&filled(1, 4, 2, 4)).unwrap_err().code(), "ERR_TRADING_FIELD");
    assert!(orders.apply(&story[2]).unwrap().fresh);
    assert_eq!(end_state(&mut orders), (Some(OrderStatus::Canceled), Some(Lots(5)), 0, 2, 2));
}

#[test]
fn the_end_of_a_run_hands_over_every_order() {
    let mut orders = manager(10);
    orders.submit(request(2, Side::Sell, 5), UnixNanos(2)).unwrap();
    orders.submit(request(3, Side::Sell, 5), UnixNanos(2)).unwrap();
    orders.apply(&canceled(2, 3, 5)).unwrap();
    let all = orders.take_all();
    let states: Vec<_> = all.iter().map(|o| (o.request.id.number(), o.status)).collect();
    let (pending, gone) = (OrderStatus::Pending, OrderStatus::Canceled);
    assert_eq!(states, [(1, pending), (2, gone), (3, pending)]);
    assert_eq!(orders.open_count(), 2);
}

#[test]
fn a_change_names_the_new_total_in_any_order_of_arrival() {
    let modify = |total| {
        move |orders: &mut OrderManager| {
            orders.request_modify(id(1), Some(Lots(total)), Some(Ticks(101))).unwrap();
        }
    };
    // Down: 4 filled, then the total becomes 6, then the rest fills.
    let down = [accepted(1, 2), filled(1, 3, 4, 6), modified(1, 4, 6), filled(1, 5, 2, 0)];
    every_arrival_ends_alike(10, modify(6), &down);
    // Up: 10 would have been all; something is left because the total is 15.
    let up = [accepted(1, 2), modified(1, 3, 15), filled(1, 4, 10, 5), filled(1, 5, 5, 0)];
    every_arrival_ends_alike(10, modify(15), &up);
    // At or below what is filled: complete.
    let done = [accepted(1, 2), filled(1, 3, 4, 6), modified(1, 4, 4)];
    every_arrival_ends_alike(10, modify(3), &done);
    // And a cancel after a change.
    let gone = [accepted(1, 2), modified(1, 3, 15), filled(1, 4, 10, 5), canceled(1, 5, 5)];
    every_arrival_ends_alike(10, modify(15), &gone);
    // The sum of two fills meets the old total by chance while the change is unanswered.
    let chance = [filled(1, 2, 5, 5), modified(1, 3, 15), filled(1, 4, 5, 5), canceled(1, 5, 5)];
    every_arrival_ends_alike(10, modify(15), &chance);
    let refused = report(1, 6, ReportKind::ModifyRejected(Reason::TooLate));
    let late = [filled(1, 2, 5, 5), canceled(1, 5, 5), refused];
    every_arrival_ends_alike(10, modify(15), &late);
}

#[test]
fn two_changes_that_overtake_each_other_leave_the_later_one() {
    let ask = |o: &mut OrderManager| {
        o.request_modify(id(1), Some(Lots(8)), None).unwrap();
        o.request_modify(id(1), Some(Lots(5)), None).unwrap();
    };
    let story = [accepted(1, 2), modified(1, 3, 8), modified(1, 4, 5), filled(1, 6, 5, 0)];
    every_arrival_ends_alike(10, ask, &story);
}

#[test]
fn changes_on_their_way_count_for_risk_until_they_are_refused() {
    let mut orders = manager(10);
    orders.apply(&accepted(1, 2)).unwrap();
    orders.request_modify(id(1), Some(Lots(15)), None).unwrap();
    assert_eq!(buys(&orders), 15);
    orders.apply(&report(1, 3, ReportKind::ModifyRejected(Reason::Unsupported))).unwrap();
    assert_eq!(buys(&orders), 10);
    let order = orders.order(id(1)).unwrap();
    assert_eq!((order.pending_modify, order.reason), (0, Some(Reason::Unsupported)));
    // Filled to the old total while the change is out; then it is refused: complete.
    orders.request_modify(id(1), Some(Lots(15)), None).unwrap();
    orders.apply(&filled(1, 4, 10, 0)).unwrap();
    assert_eq!(orders.status(id(1)), Some(OrderStatus::Filled));
    assert!(
        !orders.apply(&report(1, 5, ReportKind::ModifyRejected(Reason::TooLate))).unwrap().fresh
    );
}

#[test]
fn a_cancel_too_late_leaves_the_order_as_it_is() {
    let mut orders = manager(10);
    assert_eq!(orders.request_cancel(id(1)), Ok(true));
    assert_eq!(orders.request_cancel(id(1)), Ok(false));
    assert_eq!((buys(&orders), orders.working_net(X)), (10, Lots(0)));
    orders.apply(&report(1, 3, ReportKind::CancelRejected(Reason::TooLate))).unwrap();
    assert_eq!(orders.working_net(X), Lots(10));
    orders.apply(&filled(1, 2, 10, 0)).unwrap();
    assert_eq!(orders.request_cancel(id(1)), Err(Reason::TooLate));
    assert_eq!(orders.request_modify(id(1), Some(Lots(3)), None), Err(Reason::TooLate));
    assert_eq!(orders.request_cancel(id(2)), Err(Reason::UnknownOrder));
}

#[test]
fn requests_are_checked() {
    let mut orders = manager(10);
    let modify = |o: &mut OrderManager, q, p| o.request_modify(id(1), q, p).unwrap_err();
    assert_eq!(modify(&mut orders, None, None), Reason::NothingToDo);
    assert_eq!(modify(&mut orders, Some(Lots(0)), None), Reason::ZeroSize);
    let market = OrderRequest { kind: OrderKind::Market, ..request(2, Side::Buy, 1) };
    orders.submit(market, UnixNanos(2)).unwrap();
    assert_eq!(orders.request_modify(id(2), None, Some(Ticks(3))), Err(Reason::Unsupported));
    let code = |e: TradingError| e.code();
    let submit = |o: &mut OrderManager, r| o.submit(r, UnixNanos(2)).unwrap_err();
    let bad = request(7, Side::Buy, 1);
    assert_eq!(code(submit(&mut orders, bad)), "ERR_TRADING_ORDER_SEQUENCE");
    let bad = request(3, Side::Buy, 0);
    assert_eq!(code(submit(&mut orders, bad)), "ERR_TRADING_FIELD");
    let bad = OrderRequest { instrument: InstrumentIndex(1), ..request(3, Side::Buy, 1) };
    assert_eq!(code(submit(&mut orders, bad)), "ERR_TRADING_UNKNOWN_INSTRUMENT");
    let other = Report { order: OrderId::new(StrategyIndex(1), 1), ..accepted(1, 2) };
    assert_eq!(code(orders.apply(&other).unwrap_err()), "ERR_TRADING_UNKNOWN_ORDER");
    assert_eq!(code(orders.apply(&accepted(9, 2)).unwrap_err()), "ERR_TRADING_UNKNOWN_ORDER");
}

#[test]
fn reports_that_contradict_the_order_change_nothing() {
    let mut orders = manager(10);
    orders.apply(&filled(1, 3, 4, 6)).unwrap();
    let before = orders.order(id(1)).cloned();
    let with = |change: fn(&mut Fill)| {
        let mut r = filled(1, 4, 1, 5);
        if let ReportKind::Filled(fill) = &mut r.kind {
            change(fill);
        }
        r
    };
    for bad in [
        filled(1, 4, 7, 0),
        filled(1, 4, 0, 6),
        with(|f| f.side = Side::Sell),
        with(|f| f.instrument = InstrumentIndex(2)),
        with(|f| f.price = Price::UNDEFINED),
        with(|f| f.fee = Money(i128::MAX)),
        report(1, 4, ReportKind::Rejected(Reason::NoMarket)),
        report(1, 4, ReportKind::Denied(Reason::MaxLoss)),
        canceled(1, 4, 7),
        canceled(1, 4, -1),
        modified(1, 4, -1),
    ] {
        assert!(orders.apply(&bad).is_err(), "{bad:?}");
        assert_eq!(orders.order(id(1)).cloned(), before);
        assert_eq!(buys(&orders), 6);
    }
}

#[test]
fn an_order_sized_at_the_fill_takes_side_and_size_from_it() {
    let mut orders = OrderManager::new(S, 1);
    let sized =
        OrderRequest { size_at_fill: true, kind: OrderKind::Market, ..request(1, Side::Sell, 0) };
    orders.submit(sized, UnixNanos(1)).unwrap();
    orders.apply(&accepted(1, 2)).unwrap();
    assert_eq!((buys(&orders), orders.leaves(id(1))), (0, Some(Lots(0))));
    orders.apply(&filled(1, 3, 4, 6)).unwrap();
    assert_eq!((buys(&orders), orders.status(id(1))), (6, Some(OrderStatus::PartiallyFilled)));
    orders.apply(&filled(1, 3, 6, 0)).unwrap();
    assert_eq!(orders.status(id(1)), Some(OrderStatus::Filled));
    // The next one is refused at the moment of its execution; a plain order cannot be.
    orders.submit(OrderRequest { id: id(2), ..sized }, UnixNanos(4)).unwrap();
    orders.apply(&accepted(2, 5)).unwrap();
    orders.apply(&report(2, 6, ReportKind::Rejected(Reason::MaxPosition))).unwrap();
    assert_eq!(orders.status(id(2)), Some(OrderStatus::Rejected));
    orders.submit(request(3, Side::Buy, 1), UnixNanos(7)).unwrap();
    orders.apply(&accepted(3, 8)).unwrap();
    let refused = report(3, 9, ReportKind::Rejected(Reason::MaxPosition));
    assert_eq!(orders.apply(&refused).unwrap_err().code(), "ERR_TRADING_TRANSITION");
}

#[test]
fn denials_end_an_order_before_it_left() {
    let mut orders = manager(10);
    orders.apply(&report(1, 1, ReportKind::Denied(Reason::MaxPosition))).unwrap();
    assert_eq!((orders.status(id(1)), buys(&orders)), (Some(OrderStatus::Denied), 0));
    assert_eq!((orders.counters().denied, orders.counters().asked_lots), (1, 0));
    assert_eq!(orders.apply(&accepted(1, 2)).unwrap_err().code(), "ERR_TRADING_TRANSITION");
}

#[test]
fn millions_of_orders_keep_a_bounded_directory_and_old_ones_stay_reachable() {
    let mut orders = OrderManager::new(S, 1);
    let total = (1u64 << 20) + 5_000;
    for n in 1..=total {
        orders.submit(request(n, Side::Buy, 1), UnixNanos(n)).unwrap();
        if n != 7 {
            orders.apply(&canceled(n, n, 1)).unwrap();
            drop(orders.take_finished());
        }
    }
    assert_eq!(orders.status(id(1)), None);
    assert_eq!(orders.status(id(total)), Some(OrderStatus::Canceled));
    // Number 7 rested all the time.
    assert_eq!((orders.status(id(7)), buys(&orders)), (Some(OrderStatus::Pending), 1));
    orders.apply(&filled(7, total, 1, 0)).unwrap();
    assert_eq!(orders.status(id(7)), None);
    assert_eq!(orders.take_finished().next().unwrap().status, OrderStatus::Filled);
    assert_eq!(orders.open_count(), 0);
    assert_eq!(orders.counters().canceled, total - 1);
}
