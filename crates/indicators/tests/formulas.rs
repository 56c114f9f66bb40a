//! Worked by hand, and the rules that hold for all.

use tickforge_indicators::*;

fn near(a: Option<f64>, b: f64) {
    assert!(a.is_some_and(|a| (a - b).abs() < 1e-12), "{a:?} instead of {b}");
}

fn last(mut indicator: impl Indicator, values: &[f64]) -> Option<f64> {
    values.iter().fold(None, |_, &x| indicator.update(x))
}

#[test]
fn hand_made_numbers() {
    let v = [1.0, 2.0, 4.0, 7.0, 11.0];
    near(last(Sma::new(3).unwrap(), &v), 22.0 / 3.0);
    // Seed 7/3, k = 1/2: (7/3 + 7)/2 = 14/3, (14/3 + 11)/2 = 47/6.
    near(last(Ema::new(3).unwrap(), &v), 47.0 / 6.0);
    near(last(Wma::new(3).unwrap(), &v), (4.0 + 14.0 + 33.0) / 6.0);
    near(last(Roc::new(2).unwrap(), &v), 175.0);
    near(last(Highest::new(2).unwrap(), &v), 11.0);
    near(last(Lowest::new(3).unwrap(), &v), 4.0);
    // 4, 7, 10: mean 7, squares 18.
    let w = [0.0, 4.0, 7.0, 10.0];
    near(last(StdDev::new(3, Deviation::Population).unwrap(), &w), 6.0f64.sqrt());
    near(last(StdDev::new(3, Deviation::Sample).unwrap(), &w), 3.0);
    near(last(ZScore::new(3).unwrap(), &w), 3.0 / 6.0f64.sqrt());
    // Changes +1, −2, +3, −1 with n = 2: g .5 → 1.75 → .875, l 1 → .5 → .75.
    near(
        last(Rsi::new(2).unwrap(), &[5.0, 6.0, 4.0, 7.0, 6.0]),
        100.0 - 100.0 / (1.0 + 0.875 / 0.75),
    );
}

#[test]
fn hand_made_bars() {
    let mut atr = Atr::new(2).unwrap();
    assert_eq!(atr.update(10.0, 8.0, 9.0), None);
    assert_eq!(atr.update(12.0, 10.0, 11.0), None); // |12 − 9| = 3
    near(atr.update(11.0, 7.0, 8.0), 3.5); // 11 − 7 = 4
    near(atr.update(8.5, 6.0, 7.0), 3.0); // 2.5
    let mut channel = Donchian::new(2).unwrap();
    assert_eq!(channel.update(5.0, 1.0), None);
    assert_eq!(channel.update(4.0, 2.0), None);
    let c = channel.update(9.0, 0.0).unwrap();
    assert_eq!((c.upper, c.middle, c.lower), (5.0, 3.0, 1.0));
    let c = channel.update(1.0, 1.0).unwrap();
    assert_eq!((c.upper, c.lower), (9.0, 0.0));
    let mut vwap = Vwap::new();
    assert_eq!(vwap.update(3.0, 1.0, 2.0, 0.0), None);
    near(vwap.update(3.0, 1.0, 2.0, 10.0), 2.0);
    near(vwap.update_trade(5.0, 5.0), 3.0);
    assert_eq!(vwap.update(3.0, 1.0, 2.0, -1.0), None);
    near(vwap.value(), 3.0);
    vwap.reset();
    assert!(!vwap.ready());
    let mut bands = Bollinger::new(2, 2.0).unwrap();
    bands.update(1.0);
    let b = bands.update(3.0).unwrap();
    assert_eq!((b.upper, b.middle, b.lower), (4.0, 2.0, 0.0));
}

#[test]
fn macd_starts_with_the_slow_average_and_its_signal_later() {
    let mut macd = Macd::new(2, 3, 2).unwrap();
    let out: Vec<_> = [1.0, 2.0, 4.0, 8.0].map(|x| macd.update(x)).into();
    assert_eq!(&out[..2], &[None, None]);
    // Fast: 1.5, 1.5 + 2/3·2.5 = 19/6, 19/6 + 2/3·29/6 = 115/18; slow: 7/3, 31/6.
    let (a, b) = (19.0 / 6.0 - 7.0 / 3.0, 115.0 / 18.0 - 31.0 / 6.0);
    near(out[2].map(|m| m.macd), a);
    assert_eq!(out[2].unwrap().signal, None);
    near(out[3].map(|m| m.macd), b);
    near(out[3].unwrap().signal, (a + b) / 2.0);
    near(out[3].unwrap().histogram, (b - a) / 2.0);
    assert!(macd.ready());
}

#[test]
fn published_rsi_of_twenty_closes() {
    let closes = [
        44.3389, 44.0902, 44.1497, 43.6124, 44.3278, 44.8264, 45.0955, 45.4245, 45.8433, 46.0826,
        45.8931, 46.0328, 45.6140, 46.2820, 46.2820, 46.0028, 46.0328, 46.4116, 46.2222, 45.6439,
    ];
    let rsi = batch::rsi(&closes, 14).unwrap();
    assert!(rsi[..14].iter().all(|v| v.is_nan()));
    let expected = [70.5328, 66.3186, 66.5498, 69.4063, 66.3552, 57.9749];
    for (value, expected) in rsi[14..].iter().zip(expected) {
        assert!((value - expected).abs() < 5e-5, "{value} {expected}");
    }
}

#[test]
fn rsi_of_one_way_and_of_no_way() {
    assert_eq!(last(Rsi::new(2).unwrap(), &[1.0, 2.0, 3.0]), Some(100.0));
    assert_eq!(last(Rsi::new(2).unwrap(), &[3.0, 2.0, 1.0]), Some(0.0));
    assert_eq!(last(Rsi::new(2).unwrap(), &[2.0, 2.0, 2.0]), Some(50.0));
}

/// Random prices with every tenth input broken.
fn broken_walk() -> (Vec<f64>, Vec<f64>) {
    let mut state = 9u64;
    let mut x = 100.0;
    let (mut all, mut good) = (Vec::new(), Vec::new());
    for i in 0..500 {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        x += (state >> 40) as f64 / (1u64 << 24) as f64 - 0.5;
        all.push(x);
        good.push(x);
        if i % 10 == 3 {
            all.push([f64::NAN, f64::INFINITY, f64::NEG_INFINITY][i % 3]);
        }
    }
    (all, good)
}

#[test]
fn inputs_that_are_not_finite_are_passed_over() {
    let (all, good) = broken_walk();
    type Make = fn(usize) -> Box<dyn Indicator>;
    let makers: [Make; 9] = [
        |n| Box::new(Sma::new(n).unwrap()),
        |n| Box::new(Ema::new(n).unwrap()),
        |n| Box::new(Wma::new(n).unwrap()),
        |n| Box::new(Rsi::new(n).unwrap()),
        |n| Box::new(Roc::new(n).unwrap()),
        |n| Box::new(Highest::new(n).unwrap()),
        |n| Box::new(Lowest::new(n).unwrap()),
        |n| Box::new(StdDev::new(n, Deviation::Sample).unwrap()),
        |n| Box::new(ZScore::new(n).unwrap()),
    ];
    for (which, make) in makers.iter().enumerate() {
        for n in [2, 5, 30] {
            let (mut with, mut without) = (make(n), make(n));
            let clean: Vec<_> = good.iter().map(|&x| without.update(x)).collect();
            let mut passed = Vec::new();
            for &x in &all {
                let before = with.value();
                let out = with.update(x);
                if x.is_finite() {
                    passed.push(out);
                } else {
                    assert_eq!((out, with.value()), (None, before), "{which} {n}");
                }
            }
            assert_eq!(passed, clean, "{which} {n}");
            assert!(clean.iter().filter(|v| v.is_some()).count() > 400);
        }
    }
}

#[test]
fn extremes_agree_with_a_plain_scan_of_the_window() {
    let (_, values) = broken_walk();
    for n in [1, 2, 7, 60] {
        let high = batch::highest(&values, n).unwrap();
        let low = batch::lowest(&values, n).unwrap();
        for i in n - 1..values.len() {
            let window = &values[i + 1 - n..=i];
            assert_eq!(high[i], window.iter().copied().fold(f64::MIN, f64::max));
            assert_eq!(low[i], window.iter().copied().fold(f64::MAX, f64::min));
        }
        assert!(high[..n - 1].iter().all(|v| v.is_nan()));
    }
}

#[test]
fn the_deviation_of_a_far_level_keeps_its_digits() {
    // Sum-of-squares formulas lose everything here.
    let values = [1e9, 1e9 + 1.0, 1e9 + 2.0];
    near(last(StdDev::new(3, Deviation::Sample).unwrap(), &values), 1.0);
    assert_eq!(last(ZScore::new(3).unwrap(), &[5.0, 5.0, 5.0]), None);
}

#[test]
fn impossible_arguments_are_refused_by_name() {
    for n in [0, MAX_PERIOD + 1, usize::MAX] {
        let error = Sma::new(n).unwrap_err();
        assert_eq!(error.code(), "ERR_INDICATOR_PERIOD");
        assert!(error.to_string().contains(&n.to_string()));
        assert!(Ema::new(n).is_err() && Wma::new(n).is_err() && Rsi::new(n).is_err());
        assert!(Atr::new(n).is_err() && Donchian::new(n).is_err() && Highest::new(n).is_err());
        assert!(Roc::new(n).is_err() && ZScore::new(n).is_err() && Bollinger::new(n, 2.0).is_err());
    }
    assert!(StdDev::new(1, Deviation::Sample).is_err());
    assert!(StdDev::new(1, Deviation::Population).is_ok());
    assert!(Macd::new(26, 12, 9).is_err() && Macd::new(12, 26, 0).is_err());
    assert_eq!(Bollinger::new(20, -1.0).unwrap_err().code(), "ERR_INDICATOR_FACTOR");
    assert!(Bollinger::new(20, f64::NAN).is_err());
    let error = batch::atr(&[1.0], &[1.0, 2.0], &[1.0], 1).unwrap_err();
    assert_eq!(error.code(), "ERR_INDICATOR_LENGTH");
}
