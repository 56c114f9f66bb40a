//! The TypeScript twins (`src/indicators`) give the same bits: both sides run the same made-up bars
//! through every indicator and compare a digest of all answers with `twin.json`.
//! `TICKFORGE_UPDATE=1` writes the file anew; `__test__/indicators.test.ts` is the other side.

use tickforge_indicators::{
    Atr, Bollinger, Deviation, Donchian, Ema, Highest, Indicator, Lowest, Macd, Roc, Rsi, Sma,
    StdDev, Vwap, Wma, ZScore,
};

struct Bar {
    high: f64,
    low: f64,
    close: f64,
    volume: f64,
}

/// 3,000 bars of a random walk; flat from 1,000 to 1,049, a close that is not a number every 97.
fn bars() -> Vec<Bar> {
    let mut state = 12_345u32;
    let mut unit = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(state >> 8) / 16_777_216.0
    };
    let mut close = 100.0;
    (0..3_000)
        .map(|at| {
            let (step, up, down, size) = (unit(), unit(), unit(), unit());
            let flat = (1_000..1_050).contains(&at);
            if !flat {
                close += step - 0.5;
            }
            let spread = if flat { 0.0 } else { 1.0 };
            let bar = Bar {
                high: close + up * spread,
                low: close - down * spread,
                close,
                volume: size * 1e3,
            };
            if at % 97 == 96 { Bar { close: f64::NAN, ..bar } } else { bar }
        })
        .collect()
}

/// FNV-1a over the little-endian bytes of every answer; every NaN is the same.
struct Digest(u64);

impl Digest {
    fn add(&mut self, value: Option<f64>) {
        let value = value.unwrap_or(f64::NAN);
        let bits = if value.is_nan() { 0x7FF8_0000_0000_0000 } else { value.to_bits() };
        for byte in bits.to_le_bytes() {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x100_0000_01B3);
        }
    }
}

fn digest(mut answers: impl FnMut(&Bar, &mut Digest)) -> String {
    let mut digest = Digest(0xCBF2_9CE4_8422_2325);
    for bar in bars() {
        answers(&bar, &mut digest);
    }
    format!("{:016x}", digest.0)
}

fn of_closes(mut indicator: impl Indicator) -> String {
    digest(|bar, out| out.add(indicator.update(bar.close)))
}

fn all() -> Vec<(&'static str, String)> {
    let mut macd = Macd::new(12, 26, 9).unwrap();
    let mut bands = Bollinger::new(20, 2.0).unwrap();
    let mut atr = Atr::new(14).unwrap();
    let mut vwap = Vwap::new();
    let mut donchian = Donchian::new(20).unwrap();
    vec![
        ("sma 10", of_closes(Sma::new(10).unwrap())),
        ("sma 1", of_closes(Sma::new(1).unwrap())),
        ("ema 10", of_closes(Ema::new(10).unwrap())),
        ("wma 10", of_closes(Wma::new(10).unwrap())),
        ("rsi 14", of_closes(Rsi::new(14).unwrap())),
        ("roc 12", of_closes(Roc::new(12).unwrap())),
        ("highest 20", of_closes(Highest::new(20).unwrap())),
        ("lowest 20", of_closes(Lowest::new(20).unwrap())),
        ("stddev 20", of_closes(StdDev::new(20, Deviation::Population).unwrap())),
        ("stddev 20 sample", of_closes(StdDev::new(20, Deviation::Sample).unwrap())),
        ("zscore 20", of_closes(ZScore::new(20).unwrap())),
        (
            "macd 12 26 9",
            digest(|bar, out| {
                let value = macd.update(bar.close);
                out.add(value.map(|v| v.macd));
                out.add(value.and_then(|v| v.signal));
                out.add(value.and_then(|v| v.histogram));
            }),
        ),
        (
            "bollinger 20 2",
            digest(|bar, out| {
                let value = bands.update(bar.close);
                out.add(value.map(|v| v.upper));
                out.add(value.map(|v| v.middle));
                out.add(value.map(|v| v.lower));
            }),
        ),
        ("atr 14", digest(|bar, out| out.add(atr.update(bar.high, bar.low, bar.close)))),
        ("vwap", digest(|bar, out| out.add(vwap.update(bar.high, bar.low, bar.close, bar.volume)))),
        (
            "donchian 20",
            digest(|bar, out| {
                let value = donchian.update(bar.high, bar.low);
                out.add(value.map(|v| v.upper));
                out.add(value.map(|v| v.middle));
                out.add(value.map(|v| v.lower));
            }),
        ),
    ]
}

#[test]
fn every_indicator_gives_the_bits_that_its_typescript_twin_gives() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/twin.json");
    let lines: Vec<String> =
        all().iter().map(|(name, hex)| format!("  \"{name}\": \"{hex}\"")).collect();
    let expected = format!("{{\n{}\n}}\n", lines.join(",\n"));
    if std::env::var_os("TICKFORGE_UPDATE").is_some() {
        std::fs::write(path, &expected).unwrap();
    }
    assert_eq!(std::fs::read_to_string(path).unwrap(), expected);
}
