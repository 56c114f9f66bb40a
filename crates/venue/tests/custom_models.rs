//! Fees, slippage and chances at the touch by models of one's own, on the markets.

mod common;

use common::*;
use costs::{FeeInput, FeeModel, FeeSchedule, ModelFault, Slippage, SlippageInput, SlippageModel};
use model::{LiquiditySide, Money, NANO, Price, Reason, ReportKind, UnixNanos};
use std::sync::{Arc, Mutex};
use tickforge_venue::{FillInput, FillModel, TouchModel, VenueSettings};

fn stage(settings: &VenueSettings) -> Stage {
    Stage::open(settings)
}

/// Free for makers; a taker pays one, and the second fill of an order is too much.
#[derive(Default)]
struct Capped(Mutex<Vec<(Money, Money)>>);

impl FeeModel for Capped {
    fn name(&self) -> &str {
        "capped"
    }

    fn fee(&self, fill: &FeeInput<'_>) -> Result<Money, ModelFault> {
        self.0.lock().unwrap().push((fill.traded, fill.order.charged));
        assert_eq!(fill.instrument, &es());
        match (fill.liquidity, fill.price) {
            (_, price) if price == at(13) => Err(ModelFault::Failed("not at 13".to_owned())),
            (LiquiditySide::Taker, _) => Ok(Money(i128::from(NANO))),
            (LiquiditySide::Maker, _) => Ok(Money::ZERO),
        }
    }
}

#[test]
fn a_fee_model_is_asked_once_a_fill_and_an_error_leaves_no_fill() {
    let model = Arc::new(Capped::default());
    let mut stage =
        stage(&VenueSettings::new().with_fees(FeeSchedule::custom(Arc::clone(&model) as _)));
    let reports = stage.submit(market(1, Buy, 2));
    let [fill] = fills(&reports)[..] else { panic!("{reports:?}") };
    assert_eq!(fill.fee, Money(i128::from(NANO)));
    let asked = model.0.lock().unwrap().clone();
    assert_eq!(asked, [(Money::ZERO, Money::ZERO)]);
    // Four are left at 12; the rest would fill at 13, which the model refuses.
    let mut out = Vec::new();
    let now = UnixNanos(stage.now + 1);
    let error = stage.market.submit(&market(2, Buy, 6), now, &mut NoSizer, &mut out).unwrap_err();
    assert_eq!(error.code(), "ERR_COSTS_CUSTOM_FAILED");
    assert_eq!(error.to_string(), "venue.fees 'capped' failed: not at 13");
    assert_eq!(taken(&out), [(2, 4, 12)], "what was filled before stays, and nothing at 13");
    let asked = model.0.lock().unwrap().clone();
    let traded = fill.price.0 as i128;
    assert!(asked[1].0.0 > traded && asked[2].1 == Money(i128::from(NANO)), "{asked:?}");
}

/// A tick worse, where there is a spread.
struct Tick;

impl SlippageModel for Tick {
    fn name(&self) -> &str {
        "tick"
    }

    fn price(&self, fill: &SlippageInput<'_>) -> Result<Price, ModelFault> {
        assert_eq!(fill.spread, Some(Price(2 * TICK)));
        match fill.lots.0 {
            0 => Err(ModelFault::Failed("nothing is no size".to_owned())),
            _ => Ok(Price(fill.price.0 + fill.side.sign() * TICK)),
        }
    }
}

#[test]
fn a_slippage_model_sees_the_spread_and_what_it_makes_worse_than_a_limit_is_not_taken() {
    let mut stage = stage(&VenueSettings::new().with_slippage(Slippage::custom(Arc::new(Tick))));
    assert_eq!(fills(&stage.submit(market(1, Buy, 1)))[0].price, at(13));
    assert_eq!(fills(&stage.submit(market(2, Sell, 1)))[0].price, at(9));
    assert_eq!(kinds(&stage.submit(limit(3, Buy, 12, 1))), [ReportKind::Accepted]);
    assert_eq!(stage.market.fault(), None);
}

#[test]
fn a_fault_where_an_order_is_sized_refuses_the_order_and_is_told() {
    let mut stage = stage(&VenueSettings::new().with_slippage(Slippage::custom(Arc::new(Tick))));
    let order = model::OrderRequest { size_at_fill: true, ..market(1, Buy, 0) };
    let mut sizer = FixedSizer::new(Ok((Buy, model::Lots(1))));
    let mut out = Vec::new();
    let now = UnixNanos(stage.now + 1);
    stage.market.submit(&order, now, &mut sizer, &mut out).unwrap();
    assert_eq!(kinds(&out), [ReportKind::Rejected(Reason::Overflow)]);
    let fault = stage.market.fault().expect("it is told");
    assert_eq!(fault.to_string(), "venue.slippage 'tick' failed: nothing is no size");
}

/// Always the same, whatever it is.
struct Chance(f64);

impl FillModel for Chance {
    fn name(&self) -> &str {
        "chance"
    }

    fn probability(&self, touch: &FillInput<'_>) -> Result<f64, ModelFault> {
        assert_eq!((touch.price, touch.total, touch.proven), (at(11), model::Lots(2), true));
        Ok(self.0)
    }
}

#[test]
fn a_fill_model_decides_at_the_touch_only() {
    let filled = |chance: f64, trade: (u64, i64, u32)| {
        let settings =
            VenueSettings::new().with_touch(TouchModel::custom(Arc::new(Chance(chance)))).unwrap();
        let mut stage = stage(&settings);
        stage.submit(limit(1, Buy, 11, 2));
        stage.event(&[add(20, Buy, 11, 2)]);
        stage.hit(Sell, &[trade]);
        fills(&stage.reports).len()
    };
    let behind = (20, 11, 2);
    assert_eq!((filled(0.0, behind), filled(1.0, behind)), (0, 1));
    assert_eq!(filled(0.0, (1, 10, 2)), 1, "what trades through fills without a question");
}

#[test]
fn a_chance_is_between_zero_and_one() {
    for bad in [1.5, -0.1, f64::NAN] {
        let settings =
            VenueSettings::new().with_touch(TouchModel::custom(Arc::new(Chance(bad)))).unwrap();
        let mut stage = stage(&settings);
        stage.submit(limit(1, Buy, 11, 2));
        stage.event(&[add(20, Buy, 11, 2)]);
        let executed = [trade(900, Sell, 11, 2), fill(20, Buy, 11, 2), cancel(20, Buy, 11, 2)];
        let error = stage.try_event(&executed).unwrap_err();
        assert_eq!(error.code(), "ERR_COSTS_CUSTOM_RESULT");
        assert!(error.to_string().ends_with("accepted is a number from 0 to 1"), "{error}");
    }
}
