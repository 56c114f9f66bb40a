//! The simulator against what happened: on a generated market, and on a real exchange file.

use feed::dbn::{DbnFile, DbnOptions};
use feed::synthetic::{SyntheticConfig, SyntheticMarket};
use feed::{Instruments, Source};
use model::{Currency, Instrument, InstrumentKind, Price, Quantity};
use std::path::{Path, PathBuf};
use tickforge_backtest::BacktestError;
use tickforge_backtest::calibrate::{CalibrateOptions, Calibration, calibrate};

fn future(symbol: &str) -> Instrument {
    let (tick, lot) = (Price(250_000_000), Quantity(1_000_000_000));
    let multiplier = Price(50_000_000_000);
    Instrument::new(symbol, InstrumentKind::Future, tick, lot, multiplier, Currency::USD).unwrap()
}

fn of_file(path: &Path, instrument: &Instrument, options: &CalibrateOptions) -> Calibration {
    let instruments: Instruments = [instrument.clone()].into_iter().collect();
    let mut open = || -> Result<Box<dyn Source>, BacktestError> {
        Ok(DbnFile::open(path, DbnOptions::default())?.into_source(&instruments)?)
    };
    calibrate(&mut open, instrument, options, &mut |_| true).unwrap()
}

/// The shared file, or `None` where it is not there.
fn shared(name: &str) -> Option<PathBuf> {
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

fn print(found: &Calibration) {
    println!(
        "{}: {} records, {} of {} orders, halves {:?}, lost {}, crowded {}",
        found.symbol,
        found.records,
        found.orders,
        found.candidates,
        found.halves,
        found.lost,
        found.crowded
    );
    for m in &found.models {
        for (half, s) in [(1, &m.first_half), (2, &m.second_half)] {
            println!(
                "{:>10} {:?} half {half}: {}/{}/{}/{} agreement {:.4?} balanced {:.4?} dt {:?} of {:?} early {:.2?} marks {:.2?} {:.2?}",
                m.model,
                m.exponent,
                s.filled_as_predicted,
                s.filled_unforeseen,
                s.filled_in_simulation_only,
                s.rested_as_predicted,
                s.agreement,
                s.balanced_agreement,
                s.median_time_error.map(|t| t as f64 / 1e9),
                s.median_time_to_fill.map(|t| t as f64 / 1e9),
                s.filled_too_early,
                s.actual_mark_out,
                s.predicted_mark_out
            );
        }
    }
    println!("best {} {:#?}", found.best, found.models[0].disagreements);
}

#[test]
fn esh4() {
    let name = "dbn-nautilus/esh4-glbx-mdp3-20231225.mbo.dbn.zst";
    let Some(path) = shared(name) else { return };
    let begun = std::time::Instant::now();
    let found = of_file(&path, &future("ESH4"), &CalibrateOptions::default());
    println!("{:?}", begun.elapsed());
    print(&found);
}
#[test]
fn synthetic() {
    let config = SyntheticConfig { records: 60_000, ..Default::default() };
    let mut open = || -> Result<Box<dyn Source>, BacktestError> {
        Ok(SyntheticMarket::new(config.clone())?.into_source(feed::dbn::Decode::default())?)
    };
    let found =
        calibrate(&mut open, &future("SYN"), &CalibrateOptions::default(), &mut |_| true).unwrap();
    print(&found);
}
