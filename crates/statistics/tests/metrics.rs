//! The metrics by the published numbers (their inputs are short enough to stand here).
#![allow(clippy::excessive_precision, reason = "the numbers stand as they were published")]

use tickforge_statistics::*;

const M: [f64; 9] = [f64::NAN, 0.01, 0.1, -0.04, 0.02, 0.03, 0.02, 0.01, -0.1];
const W: [f64; 9] = [0.0, 0.01, 0.1, -0.04, 0.02, 0.03, 0.02, 0.01, -0.1];
const P: [f64; 9] = [0.01, 0.02, 0.01, 0.01, 0.01, 0.01, 0.01, 0.01, 0.01];
const N: [f64; 9] = [0.0, -0.06, -0.07, -0.01, -0.09, -0.02, -0.06, -0.08, -0.05];
const B: [f64; 9] = [0.0, 0.01, 0.0, 0.01, 0.0, 0.01, 0.0, 0.01, 0.0];

#[track_caller]
fn near(value: Option<f64>, expected: f64) {
    let ok = value.is_some_and(|v| (v - expected).abs() <= 1e-11 * expected.abs().max(1.0));
    assert!(ok, "{value:?} instead of {expected}");
}

#[test]
fn returns_and_volatility() {
    near(annual_return(&M, 252.0), 1.913_592_537_319_423_1);
    near(annual_return(&W, 52.0), 0.246_908_305_139_982_08);
    near(annual_return(&W, 12.0), 0.052_242_061_386_048_144);
    near(annual_volatility(&M, 252.0), 0.913_646_539_970_463_7);
    near(annual_volatility(&W, 52.0), 0.388_515_693_948_705_83);
    near(annual_return(&[0.1, -1.0], 252.0), -1.0);
    near(total_return(&[0.1, 0.1]), 0.21);
    assert_eq!(annual_return(&[-1.5], 252.0), None);
}

#[test]
fn sharpe_ratios() {
    near(sharpe(&M, 0.0, 252.0), 1.723_861_396_170_686_6);
    near(sharpe_over(&M, &B, 252.0), 0.341_114_114_410_604_57);
    near(sharpe(&P, 0.0, 252.0), 52.915_026_221_291_804);
    near(sharpe(&N, 0.0, 252.0), -24.406_808_633_910_085);
    assert_eq!(sharpe_over(&M, &B[1..], 252.0), None);
}

#[test]
fn downside_and_sortino() {
    near(downside_risk(&M, 0.0, 252.0), 0.604_483_250_388_296_53);
    near(downside_risk(&M, 0.1, 252.0), 1.716_173_068_195_629_5);
    near(downside_risk(&W, 0.0, 52.0), 0.258_886_504_519_301_34);
    near(sortino(&M, 0.0, 252.0), 2.605_531_251_673_693);
    near(sortino(&M, 0.01, 252.0), -1.393_477_958_891_997_7);
    near(sortino(&N, 0.0, 252.0), -13.532_743_075_043_401);
    near(sortino(&W, 0.0, 52.0), 1.115_890_105_686_643_9);
    assert_eq!(sortino(&P, 0.0, 252.0), None);
}

#[test]
fn drawdown_includes_the_starting_value() {
    near(max_drawdown(&M), -0.1);
    near(calmar(&M, 252.0), 19.135_925_373_194_233);
    near(max_drawdown(&N), -0.365_907_303_498_736);
    near(max_drawdown(&[0.1, -0.1, 0.1]), -0.1);
    near(max_drawdown(&[-0.2, 0.5]), -0.2);
    near(max_drawdown(&P), 0.0);
    assert_eq!((calmar(&P, 252.0), max_drawdown(&[])), (None, None));
}

#[test]
fn drawdowns_know_their_peak_trough_and_recovery() {
    let all = drawdowns(&[-0.1, -0.1, 0.5, 0.1, -0.2]);
    assert_eq!(all.len(), 2);
    assert_eq!((all[0].peak, all[0].trough, all[0].recovery), (0, 2, Some(3)));
    assert!((all[0].depth + 0.19).abs() < 1e-12);
    assert_eq!((all[1].peak, all[1].trough, all[1].recovery), (4, 5, None));
    assert_eq!(drawdown_series(&[0.1, f64::NAN, -0.5])[..2], [0.0, 0.0]);
}

#[test]
fn omega_ratios() {
    near(omega(&M, 0.0, 10.0, 252.0), 0.833_542_634_975_579_34);
    near(omega(&M, 0.01, 0.0, 252.0), 0.8125);
    near(omega(&P, 0.011, 0.0, 252.0), 1.125);
    assert_eq!((omega(&P, 0.0, 0.0, 252.0), omega(&M, 0.0, -1.0, 252.0)), (None, None));
}

#[test]
fn quantiles() {
    let v = [1.0, 81.0, 82.0, 83.0, 84.0, 85.0];
    for (cutoff, expected) in [(0.1, 41.0), (0.2, 81.0), (0.3, 81.5), (0.0, 1.0), (1.0, 85.0)] {
        near(value_at_risk(&v, cutoff), expected);
    }
    near(value_at_risk(&[1.0, 2.0], 0.3), 1.3);
    near(conditional_value_at_risk(&v, 0.0), 1.0);
    near(conditional_value_at_risk(&v, 0.5), 164.0 / 3.0);
    assert_eq!((value_at_risk(&[], 0.1), value_at_risk(&v, 1.1)), (None, None));
}

#[test]
fn round_the_clock_markets_have_365_periods() {
    let r = [1.0, 0.5, -1.0 / 3.0, -0.5];
    near(annual_volatility(&r, 365.0), 13.509_256_086_106_296);
    near(sharpe(&r, 0.01, 365.0), 4.232_900_240_313_306);
    near(sortino(&r, 0.1, 365.0), 3.441_778_869_275_285_8);
}

#[test]
fn a_ratio_without_risk_is_not_a_number_rather_than_huge() {
    // 0.1 has no exact binary form: the deviation is rounding, not risk.
    for flat in [[0.1; 30], [0.0; 30], [-0.3; 30]] {
        assert_eq!(sharpe(&flat, 0.0, 252.0), None);
        assert_eq!(sharpe(&flat, 0.01, 252.0), None);
        assert_eq!(lo_sharpe(&flat, 0.0, 252.0), None);
        assert_eq!(adjusted_sharpe(&flat, 252.0), None);
        assert_eq!(
            (skewness(&flat), kurtosis(&flat), autocorrelation(&flat, 1)),
            (None, None, None)
        );
    }
    for few in [&[][..], &[0.1][..], &[f64::NAN, 0.1][..]] {
        assert_eq!((sharpe(few, 0.0, 252.0), annual_volatility(few, 252.0)), (None, None));
        assert_eq!((skewness(few), kurtosis(few), autocorrelation(few, 1)), (None, None, None));
    }
    assert_eq!(
        (ulcer_index(&[]), pain_index(&[]), downside_risk(&[], 0.0, 1.0)),
        (None, None, None)
    );
}

#[test]
fn moments_by_hand() {
    // 1, 1, 1, 5: mean 2, m2 = 3, m3 = 6, m4 = 21.
    let v = [1.0, 1.0, 1.0, 5.0];
    near(skewness(&v), 6.0 / 27.0f64.sqrt());
    near(kurtosis(&v), 21.0 / 9.0);
    near(standard_deviation(&v), 2.0);
    near(mean(&v), 2.0);
    near(geometric_mean(&[1.0, f64::NAN, 0.0, 3.0]), 8.0f64.powf(0.25) - 1.0);
    assert_eq!(geometric_mean(&[-1.0]), None);
    // s² = .02, (1 + g)² = .99: √(1.01² − .99²).
    near(compounded_volatility(&[0.1, -0.1], 2.0), 0.2);
}

#[test]
fn autocorrelation_and_the_adjusted_ratio_by_hand() {
    // Deviations 1, −1, 1, −1, 2, −2: Σ products of neighbours −9, squares 12.
    let r = [2.0, 0.0, 2.0, 0.0, 3.0, -1.0];
    near(autocorrelation(&r, 1), -0.75);
    let per_period = 1.0 / (12.0f64 / 5.0).sqrt();
    // q = 3: 3 + 2·(2·(−.75) + 1·.5625) = 1.125.
    near(lo_sharpe(&r, 0.0, 3.0), per_period * 3.0 / 1.125f64.sqrt());
    // Without autocorrelation it is the plain one.
    near(lo_sharpe(&r, 0.0, 1.0), per_period);
    // Alternation makes the plain √p too small.
    assert!(lo_sharpe(&r, 0.0, 252.0) > sharpe(&r, 0.0, 252.0));
}

/// Monthly returns of the "Bacon" example, whose published figures follow.
#[test]
fn the_bacon_portfolio_gives_its_published_figures() {
    let root = std::env::var("TICKFORGE_SHARED")
        .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared").to_owned());
    let path = std::path::Path::new(&root).join("vectors/performanceanalytics/portfolio_bacon.csv");
    let Ok(text) = std::fs::read_to_string(&path) else {
        println!("skipped: no {}", path.display());
        return;
    };
    let r: Vec<f64> =
        text.lines().skip(1).map(|l| l.split(',').nth(1).unwrap().parse().unwrap()).collect();
    assert_eq!(r.len(), 24);
    let close = |value: Option<f64>, expected: f64| {
        assert!((value.unwrap() - expected).abs() < 6e-7, "{value:?} {expected}");
    };
    close(downside_risk(&r, 0.005, 1.0), 0.025_536_7);
    close(upside_risk(&r, 0.005, 1.0), 0.029_373_3);
    close(omega_sharpe(&r, 0.005), 0.291_793);
    close(skewness(&r), -0.082_562_5);
    close(kurtosis(&r), 2.432_453_8);
    close(adjusted_sharpe(&r, 12.0), 0.759_143_5);
    close(max_drawdown(&r), -0.144_673);
    close(ulcer_index(&r), 0.061_184_3);
    close(pain_index(&r), 0.039_989_7);
    close(annual_return(&r, 12.0), 0.103_678_3);
}
