//! Random reports: what is working always equals the open orders.

mod common;
use common::orders::*;
use model::random::SeededRandom;
use model::*;
use tickforge_trading::OrderManager;

#[test]
fn working_lots_always_equal_the_sum_over_open_orders() {
    let mut orders = OrderManager::new(S, 1);
    let mut random = SeededRandom::new(11, "orders");
    for step in 0..20_000u64 {
        let newest = orders.next_id().number();
        let n = newest.saturating_sub(random.below(12)).max(1);
        let size = random.below(9) as i64 + 1;
        let kind = random.below(9);
        match kind {
            0..=2 => {
                let side = if random.below(2) == 0 { Side::Buy } else { Side::Sell };
                orders.submit(request(newest, side, size), UnixNanos(step)).unwrap();
            }
            3 => drop(orders.request_cancel(id(n))),
            4 => drop(orders.request_modify(id(n), Some(Lots(size)), None)),
            5 => drop(orders.apply(&accepted(n, step))),
            6 => drop(orders.apply(&filled(n, step, size, random.below(3) as i64))),
            7 => drop(orders.apply(&modified(n, step, size))),
            _ => drop(orders.apply(&canceled(n, step, size))),
        }
        drop(orders.take_finished());
        for side in [Side::Buy, Side::Sell] {
            let open = || orders.open_orders().filter(|o| o.request.side == side);
            let all: i64 = open().map(|o| o.exposure().0).sum();
            let kept: i64 = open().filter(|o| !o.pending_cancel).map(|o| o.exposure().0).sum();
            assert_eq!(orders.working(X, side).0, all, "step {step}");
            assert_eq!(orders.working_uncanceled(X, side).0, kept, "step {step}");
        }
    }
    assert!(orders.counters().fills > 100 && orders.counters().canceled > 100);
}

#[test]
fn wild_numbers_are_refused_or_booked_but_never_break_the_sums() {
    let mut orders = OrderManager::new(S, 1);
    let mut random = SeededRandom::new(5, "wild");
    let wild = [0, 1, -1, 7, i64::MAX, i64::MAX - 1, i64::MIN];
    let mut refused = 0;
    for step in 0..20_000u64 {
        let mut pick = || wild[random.below(7) as usize];
        let (a, b, c) = (pick(), pick(), pick());
        let newest = orders.next_id().number();
        let n = newest.saturating_sub(random.below(4)).max(1);
        let failed = match random.below(6) {
            0 | 1 => orders.submit(request(newest, Side::Buy, a), UnixNanos(step)).is_err(),
            2 => orders.request_modify(id(n), Some(Lots(a)), None).is_err(),
            3 => orders.apply(&filled(n, step, a, b)).is_err(),
            4 => orders.apply(&modified(n, step, c)).is_err(),
            _ => orders.apply(&canceled(n, step, a)).is_err(),
        };
        refused += usize::from(failed);
        let all: i128 = orders.open_orders().map(|o| i128::from(o.exposure().0)).sum();
        assert_eq!(
            i128::from(orders.working(X, Side::Buy).0),
            all.min(i128::from(i64::MAX)),
            "step {step}"
        );
    }
    assert!(refused > 1_000 && orders.counters().submitted > 1_000);
}
