//! The four limits, each with its reason.

mod common;
use common::{equity, money};
use model::*;
use tickforge_trading::{RiskCheck, RiskGate, RiskLimits};

fn gate(limits: RiskLimits) -> RiskGate {
    RiskGate::new(&limits, &[equity()]).unwrap()
}

fn limited(position: i64) -> RiskLimits {
    RiskLimits { max_position: Some(Quantity(position * NANO)), ..RiskLimits::default() }
}

fn order(side: Side, quantity: i64, position: i64) -> RiskCheck {
    RiskCheck {
        instrument: InstrumentIndex(0),
        side,
        quantity: Lots(quantity),
        added: Lots(quantity),
        position: Lots(position),
        working_buys: Lots(0),
        working_sells: Lots(0),
        equity_change: Money::ZERO,
        now: UnixNanos(0),
    }
}

#[test]
fn without_limits_everything_passes() {
    let mut open = gate(RiskLimits::default());
    let wild = RiskCheck { equity_change: money("-1e12"), ..order(Side::Buy, i64::MAX, 0) };
    for _ in 0..1_000 {
        assert_eq!(open.check(&wild), Ok(()));
    }
}

#[test]
fn a_position_limit_counts_working_orders_on_the_same_side() {
    let mut gate = gate(limited(100));
    assert_eq!(gate.check(&order(Side::Buy, 100, 0)), Ok(()));
    assert_eq!(gate.check(&order(Side::Buy, 101, 0)), Err(Reason::MaxPosition));
    assert_eq!(gate.check(&order(Side::Sell, 101, 0)), Err(Reason::MaxPosition));
    let beside =
        RiskCheck { working_buys: Lots(60), working_sells: Lots(99), ..order(Side::Buy, 40, 0) };
    assert_eq!(gate.check(&beside), Ok(()));
    let beyond = RiskCheck { quantity: Lots(41), added: Lots(41), ..beside };
    assert_eq!(gate.check(&beyond), Err(Reason::MaxPosition));
    // A flip is judged by where it ends.
    assert_eq!(gate.check(&order(Side::Sell, 180, 80)), Ok(()));
    assert_eq!(gate.check(&order(Side::Sell, 181, 80)), Err(Reason::MaxPosition));
    assert_eq!(gate.check(&order(Side::Buy, i64::MAX, 1)), Err(Reason::Overflow));
}

#[test]
fn what_reduces_the_position_passes_even_beyond_the_limit() {
    let mut gate = gate(limited(100));
    assert_eq!(gate.check(&order(Side::Sell, 50, 150)), Ok(()));
    assert_eq!(gate.check(&order(Side::Sell, 150, 150)), Ok(()));
    assert_eq!(gate.check(&order(Side::Buy, 20, -150)), Ok(()));
    assert_eq!(gate.check(&order(Side::Buy, 1, 150)), Err(Reason::MaxPosition));
    // 300 from 150 long ends 150 short: that is no reduction.
    assert_eq!(gate.check(&order(Side::Sell, 300, 150)), Err(Reason::MaxPosition));
}

#[test]
fn an_order_size_limit_is_in_lots_of_the_instrument() {
    let mut coin = equity();
    coin.lot_size = Quantity(NANO / 1000);
    let limits = RiskLimits { max_order_size: Some(Quantity(NANO / 2)), ..RiskLimits::default() };
    let mut gate = RiskGate::new(&limits, &[coin]).unwrap();
    assert_eq!(gate.check(&order(Side::Buy, 500, 0)), Ok(()));
    assert_eq!(gate.check(&order(Side::Buy, 501, 0)), Err(Reason::MaxOrderSize));
    let change = RiskCheck { added: Lots(1), ..order(Side::Buy, 501, 0) };
    assert_eq!(gate.check(&change), Err(Reason::MaxOrderSize));
    // A change that makes an order smaller takes no risk.
    let smaller = RiskCheck { added: Lots(-10), ..order(Side::Buy, 501, 0) };
    assert_eq!(gate.check(&smaller), Ok(()));
    let unknown = RiskCheck { instrument: InstrumentIndex(1), ..order(Side::Buy, 1, 0) };
    assert_eq!(gate.check(&unknown), Err(Reason::Unsupported));
}

#[test]
fn a_loss_limit_closes_trading_for_good_but_lets_positions_go() {
    let mut gate = gate(RiskLimits { max_loss: Some(money("1000")), ..RiskLimits::default() });
    let at = |change, side, q, p| RiskCheck { equity_change: money(change), ..order(side, q, p) };
    assert_eq!(gate.check(&at("-999.999999999", Side::Buy, 1, 0)), Ok(()));
    assert!(!gate.is_closed());
    assert_eq!(gate.check(&at("-1000", Side::Buy, 1, 0)), Err(Reason::MaxLoss));
    // Equity recovers, trading stays closed.
    assert_eq!(gate.check(&at("500", Side::Buy, 1, 0)), Err(Reason::MaxLoss));
    assert_eq!(gate.check(&at("500", Side::Sell, 5, 5)), Ok(()));
    assert_eq!(gate.check(&at("500", Side::Sell, 6, 5)), Err(Reason::MaxLoss));
    let twice = RiskCheck { working_sells: Lots(1), ..at("500", Side::Sell, 5, 5) };
    assert_eq!(gate.check(&twice), Err(Reason::MaxLoss));
    assert!(gate.is_closed() && !gate.observe(money("-2000")));
}

#[test]
fn the_loss_limit_is_announced_once() {
    let mut gate = gate(RiskLimits { max_loss: Some(money("10")), ..RiskLimits::default() });
    assert!(!gate.observe(money("-9")));
    assert!(gate.observe(money("-10")));
    assert!(!gate.observe(money("-11")));
}

#[test]
fn the_order_rate_slides_over_one_second() {
    let mut gate = gate(RiskLimits { max_orders_per_second: Some(3), ..RiskLimits::default() });
    let mut send = |ms: u64| {
        let now = UnixNanos(ms * 1_000_000);
        gate.check(&RiskCheck { now, ..order(Side::Buy, 1, 0) })
    };
    for ms in [0, 400, 900] {
        assert_eq!(send(ms), Ok(()));
    }
    assert_eq!(send(999), Err(Reason::MaxOrderRate));
    assert_eq!(send(1000), Ok(())); // the first one is a second ago
    assert_eq!(send(1399), Err(Reason::MaxOrderRate));
    assert_eq!(send(1400), Ok(()));
    // What was refused did not count.
    assert_eq!(send(1900), Ok(()));
    assert_eq!(send(1900), Err(Reason::MaxOrderRate));
}

#[test]
fn an_order_must_pass_both_gates_before_either_counts_it() {
    let rate = RiskLimits { max_orders_per_second: Some(1), ..RiskLimits::default() };
    let (mut run, mut strategy) = (gate(rate), gate(limited(10)));
    let big = order(Side::Buy, 11, 0);
    assert!(run.examine(&big).is_ok() && strategy.examine(&big).is_err());
    let small = order(Side::Buy, 10, 0);
    assert_eq!(run.examine(&small).and_then(|()| strategy.examine(&small)), Ok(()));
    run.record(small.now);
    assert_eq!(run.examine(&small), Err(Reason::MaxOrderRate));
    assert_eq!(run.examine_size(&small), Ok(()));
}

#[test]
fn impossible_limits_are_refused_by_name() {
    let make = |limits: RiskLimits| RiskGate::new(&limits, &[equity()]).unwrap_err();
    let none = RiskLimits::default();
    for (limits, field) in [
        (RiskLimits { max_position: Some(Quantity(-1)), ..none }, "max_position"),
        (RiskLimits { max_order_size: Some(Quantity(-1)), ..none }, "max_order_size"),
        (RiskLimits { max_loss: Some(Money(0)), ..none }, "max_loss"),
        (RiskLimits { max_orders_per_second: Some(0), ..none }, "max_orders_per_second"),
    ] {
        let error = make(limits);
        assert_eq!(error.code(), "ERR_TRADING_SETTING");
        assert!(error.to_string().starts_with(field), "{error}");
    }
}
