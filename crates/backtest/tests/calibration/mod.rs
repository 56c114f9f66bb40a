//! What tests of calibrations share.

use std::path::PathBuf;
use tickforge_backtest::calibrate::{Calibration, Score};

/// The shared file, or `None` where it is not there.
pub fn shared(name: &str) -> Option<PathBuf> {
    let root = std::env::var_os("TICKFORGE_SHARED").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared")),
        PathBuf::from,
    );
    let path = root.join("data/market").join(name);
    if path.exists() {
        return Some(path);
    }
    println!("skipped: {} is not there", path.display());
    None
}

/// Filled as predicted, unforeseen, in the simulation only, rested as predicted.
pub fn table(score: &Score) -> [u64; 4] {
    [
        score.filled_as_predicted,
        score.filled_unforeseen,
        score.filled_in_simulation_only,
        score.rested_as_predicted,
    ]
}

/// Model, exponent and table of the second half, in the order of the scorecard.
pub fn scorecard(found: &Calibration) -> Vec<(&str, Option<f64>, [u64; 4])> {
    let row = |m: &'_ tickforge_backtest::calibrate::ModelScores| table(&m.second_half);
    found.models.iter().map(|m| (m.model.as_str(), m.exponent, row(m))).collect()
}

/// What holds of every calibration.
pub fn check_sums(found: &Calibration) {
    let names: Vec<&str> = found.models.iter().map(|m| m.model.as_str()).collect();
    assert_eq!(names, ["l3", "riskAverse", "log", "log2", "power", "power2", "power3"]);
    let [first, second, neither] = found.halves;
    assert_eq!(first + second + neither, found.orders);
    for model in &found.models {
        for (score, orders) in [(&model.first_half, first), (&model.second_half, second)] {
            assert_eq!(table(score).iter().sum::<u64>(), orders, "{}", model.model);
            assert_eq!(score.orders, orders);
        }
        // Of a model with an exponent none that was tried is better on the first half.
        let tried = found.fits.iter().filter(|fit| fit.model == model.model);
        let best = tried.clone().filter_map(|fit| fit.first_half).fold(0.0, f64::max);
        assert_eq!(tried.count(), if model.exponent.is_some() { 13 } else { 0 });
        assert!(model.exponent.is_none() || Some(best) == model.first_half.balanced_agreement);
    }
}
