//! Slippage: the formulas against the reference, and models of one's own.

use model::{Currency, Instrument, Lots, Price, Side, UnixNanos};
use std::sync::Arc;
use tickforge_costs::{CostError, ModelFault, Slippage, SlippageInput, SlippageModel};

fn price(text: &str) -> Price {
    Price::parse(text).unwrap()
}

/// What a fill takes place in: the spread, and the own share of the bar's volume.
type Around = (Option<Price>, Option<f64>);

fn share(filled: f64, volume: f64) -> Around {
    (None, Some(filled / volume))
}

fn worsen(model: &Slippage, side: Side, price: Price, around: Around) -> Result<Price, CostError> {
    let instrument = Instrument::plain_equity("ANY", Currency::USD).unwrap();
    let (spread, share) = around;
    model.worsen(&SlippageInput {
        instrument: &instrument,
        side,
        price,
        lots: Lots(1),
        spread,
        share,
        at: UnixNanos(7),
    })
}

/// simulation.md, "Slippage and impact": "Close 3, volume 200, k .1, buy 100 → 5 @ 3.0001875;
/// close 3.5, volume 2000 → 50 @ 3.50021875, sell 3.49978125; futures k=.3, 10/100 @ 5 → 5.015".
/// The quantities follow from the volume limit of 2.5 %.
#[test]
fn volume_share_of_the_reference() {
    let model = Slippage::volume_share(0.1).unwrap();
    let at = |side, text, around| worsen(&model, side, price(text), around);
    assert_eq!(at(Side::Buy, "3", share(5.0, 200.0)), Ok(price("3.0001875")));
    assert_eq!(at(Side::Buy, "3.5", share(50.0, 2000.0)), Ok(price("3.50021875")));
    assert_eq!(at(Side::Sell, "3.5", share(50.0, 2000.0)), Ok(price("3.49978125")));
    let futures = Slippage::volume_share(0.3).unwrap();
    let worse = worsen(&futures, Side::Buy, price("5"), share(10.0, 100.0));
    assert_eq!(worse, Ok(price("5.015")));
}

/// "Fixed 5 bp, 10 %: volume 200, close 3, ±100 → 20 @ 3.0015 / 2.9985."
#[test]
fn fixed_basis_points_of_the_reference() {
    let model = Slippage::bps(5.0).unwrap();
    let none = (None, None);
    assert_eq!(worsen(&model, Side::Buy, price("3"), none), Ok(price("3.0015")));
    assert_eq!(worsen(&model, Side::Sell, price("3"), none), Ok(price("2.9985")));
}

/// "spread_pct: price ± fraction × spread".
#[test]
fn a_share_of_the_spread() {
    let model = Slippage::spread(0.5).unwrap();
    let around = (Some(price("0.25")), None);
    assert_eq!(worsen(&model, Side::Buy, price("4810.25"), around), Ok(price("4810.375")));
    let none = (None, None);
    assert_eq!(worsen(&model, Side::Sell, price("7"), none), Ok(price("7")));
}

#[test]
fn what_cannot_be_is_refused() {
    for bad in [f64::NAN, -0.1, f64::INFINITY, 1e9] {
        for made in [Slippage::bps(bad), Slippage::spread(bad), Slippage::volume_share(bad)] {
            assert_eq!(made.unwrap_err().code(), "ERR_COSTS_SETTING");
        }
    }
    let model = Slippage::bps(1e4).unwrap();
    let far = worsen(&model, Side::Buy, Price(i64::MAX - 1), (None, None));
    assert_eq!(far.unwrap_err().code(), "ERR_COSTS_OVERFLOW");
}

/// The price that the market shows, moved by so many units of 1e-9.
struct Moved(i64);

impl SlippageModel for Moved {
    fn name(&self) -> &str {
        "moved"
    }

    fn price(&self, fill: &SlippageInput<'_>) -> Result<Price, ModelFault> {
        assert_eq!(
            (fill.lots, fill.at, fill.instrument.symbol.as_str()),
            (Lots(1), UnixNanos(7), "ANY")
        );
        Ok(Price(fill.price.0 + self.0))
    }
}

#[test]
fn a_model_of_ones_own_may_not_flatter() {
    let dearer = Slippage::custom(Arc::new(Moved(5)));
    assert_eq!(dearer.describe(), "custom: moved");
    assert_eq!(worsen(&dearer, Side::Buy, price("3"), (None, None)), Ok(price("3.000000005")));
    assert_eq!(dearer.fault(), None);
    let error = worsen(&dearer, Side::Sell, price("3"), (None, None)).unwrap_err();
    assert_eq!(error.code(), "ERR_COSTS_CUSTOM_RESULT");
    assert!(
        error.to_string().starts_with("venue.slippage 'moved' gave 3.000000005 for a sell at 3;")
    );
    // Once wrong, it is not asked again, and every copy knows.
    let copy = dearer.clone();
    assert_eq!(worsen(&copy, Side::Buy, price("3"), (None, None)), Err(error.clone()));
    assert_eq!(copy.fault(), Some(&error));
    let same = Slippage::custom(Arc::new(Moved(0)));
    assert_eq!(worsen(&same, Side::Sell, price("3"), (None, None)), Ok(price("3")));
    assert_ne!(same, copy);
    assert_eq!(dearer, copy);
}
