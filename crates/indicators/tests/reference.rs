//! Against the shared reference series (skipped where there are none).

use serde_json::Value;
use std::path::PathBuf;
use tickforge_indicators::{Deviation, batch};

fn shared(path: &str) -> Option<PathBuf> {
    let root = std::env::var("TICKFORGE_SHARED").map_or_else(
        |_| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared")),
        PathBuf::from,
    );
    let path = root.join(path);
    if path.exists() {
        return Some(path);
    }
    println!("skipped: no {}", path.display());
    None
}

struct Bars {
    high: Vec<f64>,
    low: Vec<f64>,
    close: Vec<f64>,
    volume: Vec<f64>,
}

fn bars() -> Option<Bars> {
    let text = std::fs::read_to_string(shared("vectors/skender/default.csv")?).unwrap();
    let column = |at: usize| -> Vec<f64> {
        text.lines().skip(1).map(|l| l.split(',').nth(at).unwrap().parse().unwrap()).collect()
    };
    let bars = Bars { high: column(2), low: column(3), close: column(4), volume: column(5) };
    assert_eq!(bars.close.len(), 502);
    Some(bars)
}

fn check(file: &str, field: &str, ours: &[f64]) {
    let path = shared(&format!("vectors/skender/results/{file}.standard.json")).unwrap();
    let rows: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let rows = rows.as_array().unwrap();
    assert_eq!(rows.len(), ours.len());
    let mut values = 0;
    for (i, (row, &value)) in rows.iter().zip(ours).enumerate() {
        match row[field].as_f64() {
            Some(expected) => {
                let close = (value - expected).abs() <= 1e-11 * expected.abs().max(1.0);
                assert!(close, "{file}.{field}[{i}]: {value} instead of {expected}");
                values += 1;
            }
            None => assert!(value.is_nan(), "{file}.{field}[{i}]: {value} instead of nothing"),
        }
    }
    assert!(values > 400, "{file}.{field}: only {values} values");
}

#[test]
fn every_series_agrees_with_the_reference_to_1e_11() {
    let Some(b) = bars() else { return };
    check("sma", "sma", &batch::sma(&b.close, 20).unwrap());
    check("ema", "ema", &batch::ema(&b.close, 20).unwrap());
    check("wma", "wma", &batch::wma(&b.close, 14).unwrap());
    check("rsi", "rsi", &batch::rsi(&b.close, 14).unwrap());
    check("roc", "roc", &batch::roc(&b.close, 14).unwrap());
    check("stdev", "stdDev", &batch::std_dev(&b.close, 14, Deviation::Population).unwrap());
    check("stdev", "zScore", &batch::z_score(&b.close, 14).unwrap());
    check("atr", "atr", &batch::atr(&b.high, &b.low, &b.close, 14).unwrap());
    check("vwap", "vwap", &batch::vwap(&b.high, &b.low, &b.close, &b.volume).unwrap());
    let macd = batch::macd(&b.close, 12, 26, 9).unwrap();
    check("macd", "macd", &macd.first);
    check("macd", "signal", &macd.second);
    check("macd", "histogram", &macd.third);
    let bands = batch::bollinger(&b.close, 20, 2.0).unwrap();
    check("bb", "upperBand", &bands.first);
    check("bb", "sma", &bands.second);
    check("bb", "lowerBand", &bands.third);
    let channel = batch::donchian(&b.high, &b.low, 20).unwrap();
    check("donchian", "upperBand", &channel.first);
    check("donchian", "centerline", &channel.second);
    check("donchian", "lowerBand", &channel.third);
}

#[test]
fn a_second_set_agrees_to_its_printed_digits() {
    let Some(path) = shared("vectors/backtrader/2006-day-001.txt") else { return };
    let text = std::fs::read_to_string(path).unwrap();
    let column = |at: usize| -> Vec<f64> {
        text.lines().skip(1).map(|l| l.split(',').nth(at).unwrap().parse().unwrap()).collect()
    };
    let (high, low, close) = (column(2), column(3), column(4));
    for (values, last, first) in [
        (batch::sma(&close, 30).unwrap(), 4063.463, 3_644.444_667),
        (batch::ema(&close, 30).unwrap(), 4_070.115_719, 3_644.444_667),
        (batch::rsi(&close, 14).unwrap(), 57.644_284, 41.630_968),
        (batch::atr(&high, &low, &close, 14).unwrap(), 35.866_308, 34.264_286),
    ] {
        let begin = values.iter().find(|v| !v.is_nan()).unwrap();
        assert!((values[values.len() - 1] - last).abs() < 1e-6, "{last}");
        assert!((begin - first).abs() < 1e-6, "{first}");
    }
}
