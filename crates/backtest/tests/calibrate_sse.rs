//! The simulator against what happened on another exchange, whose log is first turned into
//! market-by-order records; and against a day that is generated in the same format.

mod calibration;
#[path = "sse/generated.rs"]
mod generated;
mod sse;

use calibration::{check_sums, scorecard, shared, table};
use std::path::Path;
use tickforge_backtest::calibrate::{CalibrateFile, Calibration};

fn calibrated(log: &str, orders: usize, folder: &Path) -> Calibration {
    let file = folder.join("day.mbo.dbn");
    std::fs::write(&file, sse::to_dbn(log)).unwrap();
    let request = CalibrateFile {
        file,
        symbol: None,
        tick_size: Some("0.01".to_owned()),
        lot_size: None,
        orders,
        window_ns: 600_000_000_000,
        levels: 3,
        seed: 42,
    };
    request.run(&mut |_| true).unwrap()
}

#[test]
fn the_exact_queue_foretells_a_generated_day_of_the_exchange() {
    let folder = tempfile::tempdir().unwrap();
    for seed in [7, 8] {
        let found = calibrated(&generated::day(seed, 20_000), 3_000, folder.path());
        check_sums(&found);
        assert_eq!((found.lost, found.crowded), (0, 0));
        for score in [&found.models[0].first_half, &found.models[0].second_half] {
            let [hits, unforeseen, flattered, _] = table(score);
            assert_eq!(flattered, 0, "an exact queue fills nothing that was not filled");
            assert!(hits > 500 && unforeseen * 50 < hits, "{hits} {unforeseen}");
        }
    }
}

/// The scorecard of `docs/simulation.md`.
#[test]
fn the_scorecard_of_600519() {
    let Some(path) = shared("l3-sse-600519-2023-02-07/AX_sbe_sse_600519.zip") else { return };
    let folder = tempfile::tempdir().unwrap();
    let log = sse::unzip(&std::fs::read(path).unwrap());
    let found = calibrated(&log, 5_000, folder.path());
    check_sums(&found);
    // 45,764 orders one record each, 18,139 trades three, 546 of the auctions five.
    assert_eq!(found.records, 45_764 + 18_139 * 3 + 546 * 5);
    assert_eq!((found.symbol.as_str(), found.orders, found.candidates), ("600519", 5_000, 20_907));
    assert_eq!((found.lost, found.crowded), (0, 0));
    assert_eq!(
        scorecard(&found),
        [
            ("l3", None, [1465, 28, 2, 1212]),
            ("riskAverse", None, [1454, 39, 0, 1214]),
            ("log", None, [1457, 36, 7, 1207]),
            ("log2", None, [1456, 37, 1, 1213]),
            ("power", Some(0.25), [1457, 36, 7, 1207]),
            ("power2", Some(0.25), [1456, 37, 1, 1213]),
            ("power3", Some(2.0), [1456, 37, 3, 1211]),
        ]
    );
    assert_eq!(found.best, "log2");
    // The market that collects orders for its closing auction says so by its first crossed book
    // only: who crosses first is taken for a trade.
    let flattered = found.models[0].disagreements.iter().filter(|d| d.predicted.is_some());
    for wrong in flattered {
        let auction = 1_675_753_020_000_000_000u64; // 14:57:00
        assert!(wrong.predicted.as_ref().unwrap().parse::<u64>().unwrap() >= auction);
    }
}
