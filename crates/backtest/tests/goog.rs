//! Whole backtests that another engine (backtesting.py 0.6.6) has run on the same file.

mod support;

use engine::strategy::drive;
use engine::{Context, Strategy};
use model::{Bar, InstrumentIndex};
use serde_json::json;
use support::{configuration, shared};
use tickforge_backtest::configuration::{Fees, Latency};
use tickforge_backtest::outcome::conclude;
use tickforge_backtest::{Outcome, prepare};
use trading::Target;

const FIRST: InstrumentIndex = InstrumentIndex(0);

/// Always in the market: long after the fast average has crossed above the slow one, short after
/// it has crossed below.
struct Cross {
    fast: usize,
    slow: usize,
    closes: Vec<f64>,
}

impl Cross {
    /// Fast less slow average at a bar, by number.
    fn spread(&self, at: usize) -> f64 {
        let mean = |n: usize| self.closes[at + 1 - n..=at].iter().sum::<f64>() / n as f64;
        mean(self.fast) - mean(self.slow)
    }
}

impl Strategy for Cross {
    fn on_bar(&mut self, bar: &Bar, context: &mut Context<'_>) {
        self.closes.push(bar.close.as_f64());
        let at = self.closes.len() - 1;
        if at < self.slow {
            return;
        }
        let (before, now) = (self.spread(at - 1), self.spread(at));
        if before < 0.0 && now > 0.0 {
            context.target(FIRST, Target::Percent(100.0));
        } else if before > 0.0 && now < 0.0 {
            context.target(FIRST, Target::Percent(-100.0));
        }
    }
}

fn run(fast: usize, slow: usize, fees: Fees, close_at_end: Option<&str>) -> Option<Outcome> {
    let file = shared("vectors/backtesting_py/GOOG.csv")?;
    let data = json!({ "type": "csv", "files": [file], "symbol": "GOOG", "label": "session" });
    let mut configuration = configuration(data, json!([]), json!({ "bars": ["1d"] }));
    configuration.account.initial_cash = "10000".to_owned();
    configuration.venue.latency =
        Latency::Fixed { submit_ns: 0, modify_ns: 0, cancel_ns: 0, response_ns: 0 };
    configuration.venue.fees = fees;
    configuration.risk_limits = None;
    configuration.close_at_end = close_at_end.map(str::to_owned);
    let mut prepared = prepare(configuration).expect("the run is set up");
    let mut strategies = [Box::new(Cross { fast, slow, closes: Vec::new() })];
    drive(&mut prepared.run, &mut strategies, &mut |_| true).expect("the run ends");
    assert_eq!(strategies[0].closes.len(), 2148);
    Some(conclude(&prepared).expect("the result is drawn"))
}

fn result(outcome: &Outcome) -> (f64, usize) {
    (outcome.figures.final_equity, outcome.round_trips.len())
}

#[test]
fn averages_of_10_and_30_bars_without_fees() {
    let Some(outcome) = run(10, 30, Fees::None, Some("open")) else { return };
    let (equity, trades) = result(&outcome);
    assert!((equity - 51_422.99).abs() < 0.005, "{equity}");
    assert_eq!(trades, 66);
}

#[test]
fn averages_of_10_and_20_bars_with_a_commission_on_each_side() {
    let fees = Fees::Bps { maker: "20".to_owned(), taker: "20".to_owned() };
    let Some(outcome) = run(10, 20, fees, None) else { return };
    let (equity, trades) = result(&outcome);
    assert!((equity - 56_263.519_34).abs() < 0.000_01, "{equity}");
    // The other engine counts the 93 that have ended; the last one is open.
    assert_eq!(trades, 94);
}
