//! A market maker over recorded and generated market by order.

mod support;

use engine::strategy::drive;
use serde_json::json;
use support::{MarketMaker, configuration, shared, synthetic};
use tickforge_backtest::outcome::conclude;
use tickforge_backtest::{Outcome, RunConfiguration, prepare};

fn run(configuration: RunConfiguration) -> Outcome {
    let mut prepared = prepare(configuration).expect("the run is set up");
    let mut strategies = [Box::new(MarketMaker::new(5))];
    let started = std::time::Instant::now();
    drive(&mut prepared.run, &mut strategies, &mut |_| true).expect("the run ends");
    let outcome = conclude(&prepared).expect("the result is drawn");
    println!(
        "{} records in {:?}: {} orders, {} fills ({} taking), pnl {}, hash {}",
        outcome.counters.records,
        started.elapsed(),
        outcome.figures.orders,
        outcome.figures.fills,
        outcome.figures.taker_fills,
        outcome.figures.total_pnl,
        &outcome.state_hash[..16],
    );
    outcome
}

fn esh4() -> Option<RunConfiguration> {
    let file = shared("data/market/dbn-nautilus/esh4-glbx-mdp3-20231225.mbo.dbn.zst")?;
    let data = json!({ "type": "dbn", "files": [file], "symbols": ["ESH4"] });
    Some(configuration(data, json!([]), json!({ "quotes": true })))
}

#[test]
fn a_market_maker_trades_on_esh4_and_repeats_itself() {
    let Some(configuration) = esh4() else { return };
    let first = run(configuration.clone());
    assert_eq!(first.counters.records, 68_792);
    // The snapshot's changes are no flow.
    assert!(first.counters.quote_changes <= 25_440 && first.counters.quote_changes > 20_000);
    assert!(first.figures.orders >= 500, "{}", first.figures.orders);
    assert!(first.figures.fills >= 50 && first.figures.taker_fills >= 5);
    assert!(first.notes.iter().any(|note| note.contains("built-in")), "{:?}", first.notes);
    let second = run(configuration);
    assert_eq!(first.state_hash, second.state_hash);
}

#[test]
fn a_market_maker_trades_on_a_generated_market_and_repeats_itself() {
    let make = || configuration(synthetic(200_000), json!([]), json!({ "quotes": true }));
    let first = run(make());
    assert!(first.figures.fills >= 50, "{}", first.figures.fills);
    assert_eq!(first.state_hash, run(make()).state_hash);
    let mut slower = make();
    slower.venue.latency = tickforge_backtest::configuration::Latency::Fixed {
        submit_ns: 5_000_000,
        modify_ns: 5_000_000,
        cancel_ns: 5_000_000,
        response_ns: 5_000_000,
    };
    assert_ne!(first.state_hash, run(slower).state_hash);
}

/// 60 µs out and 60 µs back: acknowledgements take 120 µs and more, reports 60 µs.
#[test]
fn histograms_of_the_result_show_the_latency_that_was_asked_for() {
    let outcome = run(configuration(synthetic(50_000), json!([]), json!({ "quotes": true })));
    let (acknowledged, seen) = (&outcome.acknowledgement, &outcome.response);
    let total = |bars: &[tickforge_backtest::outcome::HistogramBar]| -> u64 {
        bars.iter().map(|bar| bar.count).sum()
    };
    assert!(total(acknowledged) > 100 && total(seen) > 100);
    assert!(acknowledged.iter().all(|bar| bar.to >= 119_000), "{acknowledged:?}");
    assert!(seen.iter().all(|bar| bar.to >= 59_000 && bar.from < 1_000_000), "{seen:?}");
}
