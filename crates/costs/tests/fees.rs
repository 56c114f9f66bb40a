//! Fees: the formulas against the reference, and models of one's own.

use model::{Currency, Instrument, LiquiditySide, Money, NANO, Price, Quantity, Side, UnixNanos};
use std::sync::Arc;
use tickforge_costs::{
    CostError, CustomModel, FeeInput, FeeModel, FeeSchedule, ModelFault, OrderFees,
};

fn money(text: &str) -> Money {
    Money(model::decimal::parse_nanos(text).unwrap())
}

fn units(count: i64) -> Quantity {
    Quantity(count * NANO)
}

const TAKER: LiquiditySide = LiquiditySide::Taker;

/// Asks with a fill that is worth `notional`, after so much was traded.
fn ask<T>(
    (traded, notional, quantity): (Money, Money, Quantity),
    liquidity: LiquiditySide,
    question: impl FnOnce(&FeeInput<'_>) -> T,
) -> T {
    let instrument = Instrument::plain_equity("ANY", Currency::USD).unwrap();
    question(&FeeInput {
        instrument: &instrument,
        side: Side::Buy,
        liquidity,
        price: Price(NANO),
        quantity,
        notional,
        traded,
        order: OrderFees::default(),
        at: UnixNanos(7),
        estimate: false,
    })
}

fn fee(
    schedule: &FeeSchedule,
    notional: Money,
    quantity: Quantity,
    liquidity: LiquiditySide,
) -> Result<Money, CostError> {
    ask((Money::ZERO, notional, quantity), liquidity, |fill| schedule.fee(fill))
}

fn charge(
    schedule: &FeeSchedule,
    order: &mut OrderFees,
    traded: Money,
    notional: Money,
    quantity: Quantity,
    liquidity: LiquiditySide,
) -> Result<Money, CostError> {
    ask((traded, notional, quantity), liquidity, |fill| schedule.charge(order, fill))
}

#[test]
fn charges_are_multiplied_and_rebates_are_not() {
    let rate = FeeSchedule::rate(-0.5, 2.0).unwrap();
    assert_eq!(rate.times(2), FeeSchedule::rate(-0.5, 4.0).unwrap());
    let per = FeeSchedule::per_contract(-0.1, 0.85, Some(1.0)).unwrap();
    assert_eq!(per.clone().times(3), FeeSchedule::per_contract(-0.1, 2.55, Some(3.0)).unwrap());
    assert_eq!(per.clone().times(1), per);
    assert_eq!(FeeSchedule::None.times(2), FeeSchedule::None);
}

/// simulation.md, "Accounting", Commissions: fills 230 @ 100, 170 @ 101, 100 @ 102 at .0075 a share
/// are 1.725, 1.275 and .75.
#[test]
fn per_share_commission_of_three_fills_matches_the_reference() {
    let schedule = FeeSchedule::per_contract(0.0075, 0.0075, None).unwrap();
    for (quantity, expected) in [(230, "1.725"), (170, "1.275"), (100, "0.75")] {
        assert_eq!(fee(&schedule, Money::ZERO, units(quantity), TAKER), Ok(money(expected)));
    }
}

/// simulation.md, "Accounting", Commissions: with a minimum of 2.5 "the order's running totals are
/// 2.5, 3, 3.75".
#[test]
fn a_minimum_holds_for_the_running_total_of_the_order() {
    let schedule = FeeSchedule::per_contract(0.0075, 0.0075, Some(2.5)).unwrap();
    let mut order = OrderFees::default();
    for (quantity, fee, total) in [(230, "2.5", "2.5"), (170, "0.5", "3"), (100, "0.75", "3.75")] {
        let charged =
            charge(&schedule, &mut order, Money::ZERO, Money::ZERO, units(quantity), TAKER);
        assert_eq!((charged, order.charged), (Ok(money(fee)), money(total)));
    }
}

/// simulation.md, "Accounting", Commissions: ".0015/dollar → 34.5, 25.755, 15.3".
#[test]
fn rates_take_their_share_of_the_notional_by_liquidity() {
    let schedule = FeeSchedule::rate(-1.0, 15.0).unwrap();
    for (notional, expected) in [("23000", "34.5"), ("17170", "25.755"), ("10200", "15.3")] {
        assert_eq!(fee(&schedule, money(notional), units(1), TAKER), Ok(money(expected)));
    }
    let maker = fee(&schedule, money("10000"), units(1), LiquiditySide::Maker);
    assert_eq!(maker, Ok(money("-1")), "a negative rate is a rebate");
    let below = fee(&schedule, money("-10200"), units(1), TAKER);
    assert_eq!(below, Ok(money("15.3")), "a price below zero still pays");
}

#[test]
fn fees_round_half_to_even() {
    // 5e-9 and 15e-9 of notional at 1,000 bps: 0.5 and 1.5 units of 1e-9.
    let schedule = FeeSchedule::rate(1000.0, 1000.0).unwrap();
    assert_eq!(fee(&schedule, Money(5), units(1), TAKER), Ok(Money(0)));
    assert_eq!(fee(&schedule, Money(15), units(1), TAKER), Ok(Money(2)));
}

#[test]
fn settings_that_mean_nothing_are_refused() {
    assert_eq!(FeeSchedule::rate(f64::NAN, 0.0).unwrap_err().code(), "ERR_COSTS_SETTING");
    assert!(FeeSchedule::rate(0.0, 1e9).is_err());
    assert!(FeeSchedule::per_contract(0.85, f64::INFINITY, None).is_err());
    assert!(FeeSchedule::per_contract(0.85, 0.85, Some(-1.0)).is_err());
    let huge = fee(&FeeSchedule::rate(10.0, 10.0).unwrap(), Money(i128::MAX), units(1), TAKER);
    assert_eq!(huge.unwrap_err().code(), "ERR_COSTS_OVERFLOW");
}

#[test]
fn a_maximum_is_a_share_of_the_orders_notional() {
    // 0.005 a share, at least 1, at most 1 % of the order.
    let schedule = FeeSchedule::per_contract(0.005, 0.005, Some(1.0)).unwrap();
    let schedule = schedule.with_maximum(100.0).unwrap();
    let mut order = OrderFees::default();
    // 1,000 shares at 0.2: plain 5, at most 2.
    let fee = charge(&schedule, &mut order, Money::ZERO, money("200"), units(1000), TAKER);
    assert_eq!(fee, Ok(money("2")));
    // 1,000 more at 10: plain 10 in all, at most 102.
    let fee = charge(&schedule, &mut order, Money::ZERO, money("10000"), units(1000), TAKER);
    assert_eq!((fee, order.charged), (Ok(money("8")), money("10")));
    let mut small = OrderFees::default();
    let fee = charge(&schedule, &mut small, Money::ZERO, money("5"), units(10), TAKER);
    assert_eq!(fee, Ok(money("1")), "the minimum goes last");
    assert!(FeeSchedule::rate(1.0, 1.0).unwrap().with_maximum(1.0).is_err());
}

#[test]
fn a_tier_holds_from_its_volume_on() {
    let tiers = [(Money::ZERO, 2.0, 5.0), (money("1000000"), -1.0, 3.0)];
    let schedule = FeeSchedule::tiered(&tiers).unwrap();
    let fee_after = |traded: &str, liquidity| {
        let mut order = OrderFees::default();
        charge(&schedule, &mut order, money(traded), money("10000"), units(1), liquidity).unwrap()
    };
    assert_eq!(fee_after("0", TAKER), money("5"));
    assert_eq!(fee_after("999999.99", LiquiditySide::Maker), money("2"));
    assert_eq!(fee_after("1000000", TAKER), money("3"));
    assert_eq!(fee_after("5000000", LiquiditySide::Maker), money("-1"), "a rebate");
    for bad in [&[][..], &[(money("1"), 1.0, 1.0)], &[tiers[0], tiers[0]]] {
        assert_eq!(FeeSchedule::tiered(bad).unwrap_err().code(), "ERR_COSTS_SETTING");
    }
}

#[test]
fn a_schedule_says_what_it_is() {
    assert_eq!(FeeSchedule::None.describe(), "none");
    assert_eq!(FeeSchedule::rate(1.0, 2.5).unwrap().describe(), "rate: maker 1 bps, taker 2.5 bps");
    assert_eq!(
        FeeSchedule::per_contract(0.85, 0.85, Some(1.0)).unwrap().describe(),
        "per contract: maker 0.85, taker 0.85, at least 1 an order"
    );
}

/// A hundredth of the value of takers, a rebate for makers, and an error beyond 1,000 a fill.
struct Own;

impl FeeModel for Own {
    fn name(&self) -> &str {
        "own"
    }

    fn fee(&self, fill: &FeeInput<'_>) -> Result<Money, ModelFault> {
        match (fill.liquidity, fill.order.notional) {
            _ if fill.notional > money("1000") => Err(ModelFault::Failed("too much".to_owned())),
            (LiquiditySide::Maker, _) => Ok(money("-0.5")),
            (LiquiditySide::Taker, Money::ZERO) => Ok(Money(fill.notional.0 / 100)),
            // What an order has traded already is free.
            (LiquiditySide::Taker, _) => Ok(Money::ZERO),
        }
    }
}

#[test]
fn a_model_of_ones_own_charges_and_gives() {
    let schedule = FeeSchedule::custom(Arc::new(Own));
    assert_eq!(schedule.describe(), "custom: own");
    let mut order = OrderFees::default();
    let mut pay = |schedule: &FeeSchedule, liquidity| {
        charge(schedule, &mut order, Money::ZERO, money("200"), units(1), liquidity)
    };
    assert_eq!(pay(&schedule, TAKER), Ok(money("2")));
    assert_eq!(pay(&schedule, TAKER), Ok(Money::ZERO), "it sees what the order has traded");
    assert_eq!(pay(&schedule, LiquiditySide::Maker), Ok(money("-0.5")));
    assert_eq!((order.charged, order.notional), (money("1.5"), money("600")));
    let dearer = schedule.clone().times(2).times(3);
    assert_eq!(dearer.describe(), "custom: own, charges times 6");
    assert_eq!(fee(&dearer, money("200"), units(1), TAKER), Ok(money("12")));
    let rebate = fee(&dearer, money("200"), units(1), LiquiditySide::Maker);
    assert_eq!(rebate, Ok(money("-0.5")), "rebates stay");
    assert_eq!(schedule, FeeSchedule::Custom { model: custom_of(&schedule), factor: 1 });
    assert_ne!(schedule, dearer);
}

fn custom_of(schedule: &FeeSchedule) -> CustomModel<dyn FeeModel> {
    let FeeSchedule::Custom { model, .. } = schedule else { panic!("it is custom") };
    model.clone()
}

#[test]
fn a_model_that_fails_charges_nothing_and_stays_failed() {
    let schedule = FeeSchedule::custom(Arc::new(Own));
    let mut order = OrderFees::default();
    let mut pay = |notional: &str| {
        charge(&schedule, &mut order, Money::ZERO, money(notional), units(1), TAKER)
    };
    pay("200").unwrap();
    let error = pay("2000").unwrap_err();
    assert_eq!(error.code(), "ERR_COSTS_CUSTOM_FAILED");
    assert_eq!(error.to_string(), "venue.fees 'own' failed: too much");
    assert_eq!(pay("200"), Err(error.clone()));
    assert_eq!((order.charged, order.notional), (money("2"), money("200")));
    assert_eq!(schedule.clone().times(2).fault(), Some(&error));
}
