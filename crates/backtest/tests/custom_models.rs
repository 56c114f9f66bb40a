//! Models of one's own in a whole run: equal to the built-in ones, and an error where they fail.

mod support;

use costs::{FeeInput, FeeModel, ModelFault, SlippageInput, SlippageModel};
use engine::strategy::drive;
use model::{Money, Price};
use serde_json::json;
use std::sync::Arc;
use support::{MarketMaker, configuration, synthetic};
use tickforge_backtest::configuration::{CustomModel, Fees, SlippageModel as Slips};
use tickforge_backtest::outcome::conclude;
use tickforge_backtest::{
    BacktestError, CustomModels, Outcome, RunConfiguration, prepare, prepare_custom,
};
use venue::{FillInput, FillModel};

/// Two basis points, a tick of 0.25 for takers, and every second visit.
struct Own;

impl FeeModel for Own {
    fn name(&self) -> &str {
        "two"
    }

    fn fee(&self, fill: &FeeInput<'_>) -> Result<Money, ModelFault> {
        Ok(Money(fill.notional.0.abs() * 2 / 10_000))
    }
}

impl SlippageModel for Own {
    fn name(&self) -> &str {
        "a tick"
    }

    fn price(&self, fill: &SlippageInput<'_>) -> Result<Price, ModelFault> {
        Ok(Price(fill.price.0 + fill.side.sign() * fill.instrument.grid.tick_size().0))
    }
}

impl FillModel for Own {
    fn name(&self) -> &str {
        "half"
    }

    fn probability(&self, touch: &FillInput<'_>) -> Result<f64, ModelFault> {
        if touch.arrived > touch.at {
            return Err(ModelFault::Failed("it is touched before it came".to_owned()));
        }
        Ok(0.5)
    }
}

fn named(name: &str) -> CustomModel {
    CustomModel { name: name.to_owned(), source: None, export: None }
}

fn settings() -> RunConfiguration {
    let mut configuration = configuration(synthetic(100_000), json!([]), json!({ "quotes": true }));
    configuration.venue.fees = Fees::None;
    configuration
}

fn run(configuration: RunConfiguration, custom: &CustomModels) -> Result<Outcome, BacktestError> {
    let mut prepared = prepare_custom(configuration, custom)?;
    drive(&mut prepared.run, &mut [Box::new(MarketMaker::new(5))], &mut |_| true)?;
    conclude(&prepared)
}

#[test]
fn own_models_make_the_run_that_the_built_in_ones_make() {
    let mut built = settings();
    built.venue.fees = Fees::Bps { maker: "2".into(), taker: "2".into() };
    built.venue.fill.probability_at_touch = 0.5;
    let built = run(built, &CustomModels::default()).unwrap();
    let mut own = settings();
    own.venue.fees = Fees::Custom(named("two"));
    own.venue.fill.custom = Some(named("half"));
    let custom = CustomModels {
        fees: Some(Arc::new(Own)),
        fill: Some(Arc::new(Own)),
        ..CustomModels::default()
    };
    let own = run(own, &custom).unwrap();
    assert!(built.figures.fills > 50);
    assert_eq!(own.state_hash, built.state_hash);
    let model = |name: &str| own.models.iter().find(|(known, _)| known == name).unwrap().1.as_str();
    assert_eq!(model("fees"), "custom: two");
    assert_eq!(model("touch"), "custom: half, per order and visit");
    let mut slips = settings();
    slips.venue.slippage = Slips::Custom(named("a tick"));
    let custom = CustomModels { slippage: Some(Arc::new(Own)), ..CustomModels::default() };
    let slips = run(slips, &custom).unwrap();
    assert_ne!(slips.state_hash, run(settings(), &custom).unwrap().state_hash);
}

#[test]
fn a_model_that_is_named_must_be_given() {
    let mut configuration = settings();
    configuration.venue.fees = Fees::Custom(named("two"));
    let error = prepare(configuration.clone()).err().unwrap().to_json();
    assert_eq!(error["code"], "ERR_BACKTEST_SETTING");
    assert_eq!(error["details"]["field"], "venue.fees");
    configuration.venue.fees = Fees::None;
    configuration.venue.fill.custom = Some(named("half"));
    configuration.venue.fill.probability_at_touch = 0.3;
    let error = prepare(configuration).err().unwrap().to_json();
    assert_eq!(error["details"]["field"], "venue.fill");
}

#[test]
fn a_fault_ends_the_run_with_field_model_and_reason() {
    struct Fails;
    impl FeeModel for Fails {
        fn name(&self) -> &str {
            "fails"
        }
        fn fee(&self, fill: &FeeInput<'_>) -> Result<Money, ModelFault> {
            Err(ModelFault::Failed(format!("no fee for {}", fill.instrument.symbol)))
        }
    }
    let mut configuration = settings();
    configuration.venue.fees = Fees::Custom(named("fails"));
    let custom = CustomModels { fees: Some(Arc::new(Fails)), ..CustomModels::default() };
    let error = run(configuration, &custom).err().unwrap().to_json();
    assert_eq!(error["code"], "ERR_COSTS_CUSTOM_FAILED");
    let details = json!({ "field": "venue.fees", "model": "fails", "reason": "no fee for SYN" });
    assert_eq!(error["details"], details);
}
