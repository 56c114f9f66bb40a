//! Sampling, trades and the summary; and a whole reference backtest's statistics.

use std::path::PathBuf;
use tickforge_statistics::*;

const HOUR: u64 = 3_600_000_000_000;
const DAY: u64 = 24 * HOUR;

fn shared(path: &str) -> Option<PathBuf> {
    let root = std::env::var("TICKFORGE_SHARED")
        .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared").to_owned());
    let path = PathBuf::from(root).join(path);
    if path.exists() {
        return Some(path);
    }
    println!("skipped: no {}", path.display());
    None
}

/// simulation.md, "Sampling of equity": "the UTC day where it never closes".
#[test]
fn equity_is_sampled_at_the_end_of_each_utc_day_that_had_something() {
    let mut sampler = SessionSampler::new(SessionClose::UtcDay, DAY + 5, 100.0);
    assert!(!sampler.is_due(2 * DAY)); // at the very close: still this session
    sampler.roll(2 * DAY, 1.0);
    assert!(sampler.samples().is_empty());
    assert!(sampler.is_due(2 * DAY + 1));
    sampler.roll(2 * DAY + 1, 110.0);
    // Days 3 and 4 are silent.
    sampler.roll(5 * DAY + 7, 121.0);
    sampler.finish(60.5);
    sampler.finish(1.0);
    let samples: Vec<_> = sampler.samples().iter().map(|s| (s.close / DAY, s.equity)).collect();
    assert_eq!(samples, [(2, 110.0), (3, 121.0), (6, 60.5)]);
    let returns = sampler.returns();
    for (r, expected) in returns.iter().zip([0.1, 0.1, -0.5]) {
        assert!((r - expected).abs() < 1e-12);
    }
    assert_eq!((returns.len(), sampler.initial()), (3, 100.0));
}

#[test]
fn an_exchange_closes_by_its_own_clock_through_daylight_saving() {
    let at = |text: &str| {
        let stamp: jiff::Timestamp = text.parse().unwrap();
        u64::try_from(stamp.as_nanosecond()).unwrap()
    };
    let close = SessionClose::zoned("America/Chicago", 16, 0).unwrap();
    for (time, expected) in [
        // Winter, the very close, and after it.
        ("2024-01-10T15:00:00Z", "2024-01-10T22:00:00Z"),
        ("2024-01-10T22:00:00Z", "2024-01-10T22:00:00Z"),
        ("2024-01-10T22:00:00.000000001Z", "2024-01-11T22:00:00Z"),
        // The evening of the Sunday on which clocks change belongs to Monday, in summer time.
        ("2024-03-10T22:00:00Z", "2024-03-11T21:00:00Z"),
        ("2024-07-01T00:00:00Z", "2024-07-01T21:00:00Z"),
    ] {
        assert_eq!(close.at_or_after(at(time)), at(expected), "{time}");
    }
    assert_eq!(close.at_or_after(u64::MAX), u64::MAX);
    assert_eq!(SessionClose::UtcDay.at_or_after(u64::MAX), u64::MAX);
    let own = SessionClose::Calendar(Box::new(|at| at.div_ceil(10) * 10));
    assert_eq!((own.at_or_after(11), own.at_or_after(20)), (20, 20));
    let error = SessionClose::zoned("Mars/Olympus", 16, 0).unwrap_err();
    assert_eq!(error.code(), "ERR_STATISTICS_TIME_ZONE");
    let error = SessionClose::zoned("UTC", 24, 0).unwrap_err();
    assert_eq!(error.code(), "ERR_STATISTICS_TIME_OF_DAY");
}

fn outcome(profit: f64) -> TradeOutcome {
    TradeOutcome { profit, return_fraction: profit / 100.0, duration: 10 }
}

#[test]
fn trades_give_the_published_figures() {
    let t = TradeStatistics::new(&[-20.0, -20.0, 10.0].map(outcome));
    assert_eq!((t.count, t.wins, t.losses, t.longest_losing_row), (3, 1, 2, 2));
    assert_eq!(
        (t.win_rate, t.profit_factor, t.payoff_ratio),
        (Some(1.0 / 3.0), Some(0.25), Some(0.5))
    );
    assert_eq!(
        (t.average_win, t.average_loss, t.expectancy),
        (Some(10.0), Some(-20.0), Some(-10.0))
    );
    assert_eq!((t.best, t.worst, t.average_duration), (Some(10.0), Some(-20.0), Some(10.0)));
    // √3 · (−10)/17.3205 = −1.
    assert!((t.sqn.unwrap() + 1.0).abs() < 1e-12);
    assert!((t.kelly.unwrap() - (1.0 / 3.0 - (2.0 / 3.0) / 0.5)).abs() < 1e-12);
    let t = TradeStatistics::new(&[20.0, 20.0, 10.0].map(outcome));
    assert_eq!(
        (t.win_rate, t.profit_factor, t.average_loss, t.kelly),
        (Some(1.0), None, None, None)
    );
    assert_eq!(TradeStatistics::new(&[]), TradeStatistics::default());
    assert_eq!(TradeStatistics::new(&[outcome(5.0), outcome(5.0)]).sqn, None);
}

fn input(returns: &[f64]) -> SummaryInput<'_> {
    SummaryInput {
        initial_equity: 100.0,
        final_equity: 110.0,
        returns,
        periods_per_year: 252.0,
        risk_free: 0.0,
        trades: &[],
    }
}

/// simulation.md, "Sampling of equity": "n/a (n = 1 day)".
#[test]
fn one_day_has_no_sharpe_and_says_so() {
    let s = Summary::new(&input(&[0.1]));
    assert_eq!((s.sharpe, s.sortino, s.calmar, s.annual_return), (None, None, None, None));
    for field in ["sharpe", "sortino", "calmar", "annual_return", "annual_volatility", "lo_sharpe"]
    {
        assert_eq!(s.unavailable[field], "n/a (n = 1 day)", "{field}");
    }
    assert_eq!(s.text("sharpe", s.sharpe), "n/a (n = 1 day)");
    assert_eq!((s.total_profit, s.max_drawdown, s.longest_drawdown), (10.0, Some(0.0), Some(0)));
    assert_eq!(s.text("total_return", s.total_return), "0.1000");
    let none = Summary::new(&input(&[]));
    assert_eq!(none.unavailable["max_drawdown"], "n/a (no session)");
    assert_eq!(none.unavailable["sharpe"], "n/a (n = 0 days)");
}

/// simulation.md, "Sampling of equity": "fewer than 20 → Sharpe, Sortino, Calmar and annualised
/// figures are n/a".
#[test]
fn twenty_days_are_enough_and_every_missing_figure_has_a_reason() {
    let varied: Vec<f64> = (0..20).map(|i| f64::from((i * 7) % 5 - 2) / 100.0).collect();
    let nineteen = Summary::new(&input(&varied[..19]));
    assert_eq!(nineteen.unavailable["sharpe"], "n/a (n = 19 days)");
    let full = Summary::new(&input(&varied));
    assert_eq!(full.sharpe, sharpe(&varied, 0.0, 252.0));
    assert!(full.sharpe.is_some() && full.unavailable.is_empty(), "{:?}", full.unavailable);
    let flat = Summary::new(&input(&[0.01; 25]));
    for s in [&nineteen, &full, &flat] {
        let json = serde_json::to_value(s).unwrap();
        for (field, value) in json.as_object().unwrap() {
            let told = s.unavailable.contains_key(field.as_str());
            assert_eq!(value.is_null(), told, "{field}");
        }
    }
    assert_eq!(flat.unavailable["sharpe"], "n/a (the returns do not vary)");
    assert_eq!(flat.unavailable["sortino"], "n/a (no loss)");
}

struct Trade {
    size: f64,
    entry: usize,
    exit: usize,
    price: f64,
    outcome: TradeOutcome,
}

fn trades(file: &str) -> Option<Vec<Trade>> {
    let text = std::fs::read_to_string(shared(&format!("vectors/derived/{file}"))?).unwrap();
    let rows = text.lines().skip(1).map(|row| {
        let cell: Vec<&str> = row.split(',').collect();
        let number = |i: usize| cell[i].parse::<f64>().unwrap();
        let day = |i: usize| {
            let date: jiff::civil::Date = cell[i].parse().unwrap();
            date.since(jiff::civil::date(2000, 1, 1)).unwrap().get_days() as u64
        };
        let duration = (day(9) - day(8)) * DAY;
        Trade {
            size: number(0),
            entry: number(1) as usize,
            exit: number(2) as usize,
            price: number(3),
            outcome: TradeOutcome { profit: number(5), return_fraction: number(7), duration },
        }
    });
    Some(rows.collect())
}

fn expected(case: &str) -> Option<serde_json::Value> {
    let path = shared("vectors/derived/backtesting_py_066_expected.json")?;
    let all: serde_json::Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    Some(all[case]["stats"].clone())
}

#[track_caller]
fn same(value: Option<f64>, expected: &serde_json::Value, scale: f64) {
    let (value, expected) = (value.unwrap() * scale, expected.as_f64().unwrap());
    assert!((value - expected).abs() <= 2e-9 * expected.abs().max(1.0), "{value} {expected}");
}

/// The equity of every bar's close, rebuilt from the trades, and every figure that
/// backtesting.py makes of it, in its own conventions.
/// simulation.md, "Whole backtests that must be reproduced": the columns of GOOG.
#[test]
fn a_whole_backtest_on_goog_has_the_reference_statistics() {
    let Some(trades) = trades("bt_goog_sma10_30_nocomm_finalize_trades.csv") else { return };
    let Some(stats) = expected("goog_sma10_30_nocomm_finalize") else { return };
    let Some(path) = shared("vectors/backtesting_py/GOOG.csv") else { return };
    let text = std::fs::read_to_string(path).unwrap();
    let closes: Vec<f64> =
        text.lines().skip(1).map(|l| l.split(',').nth(4).unwrap().parse().unwrap()).collect();
    let equity: Vec<f64> = closes
        .iter()
        .enumerate()
        .map(|(i, close)| {
            trades.iter().fold(10_000.0, |sum, t| match i {
                _ if i >= t.exit => sum + t.outcome.profit,
                _ if i >= t.entry => sum + t.size * (close - t.price),
                _ => sum,
            })
        })
        .collect();
    let returns = simple_returns(&equity);
    same(equity.last().copied(), &stats["Equity Final [$]"], 1.0);
    same(total_return(&returns), &stats["Return [%]"], 100.0);
    same(annual_return(&returns, 252.0), &stats["Return (Ann.) [%]"], 100.0);
    same(max_drawdown(&returns), &stats["Max. Drawdown [%]"], 100.0);
    same(calmar(&returns, 252.0), &stats["Calmar Ratio"], 1.0);
    let growth = annual_return(&returns, 252.0).unwrap();
    let volatility = compounded_volatility(&returns, 252.0);
    same(volatility, &stats["Volatility (Ann.) [%]"], 100.0);
    same(volatility.map(|v| growth / v), &stats["Sharpe Ratio"], 1.0);
    let risk = downside_risk(&returns, 0.0, 252.0);
    same(risk.map(|d| growth / d), &stats["Sortino Ratio"], 1.0);
}

#[test]
fn trades_on_goog_have_the_reference_statistics() {
    for (file, case) in [
        ("bt_goog_sma10_30_nocomm_finalize_trades.csv", "goog_sma10_30_nocomm_finalize"),
        ("bt_goog_sma10_20_comm002_trades.csv", "goog_sma10_20_comm002"),
        ("bt_goog_sma10_20_spread002_trades.csv", "goog_sma10_20_spread002"),
    ] {
        let (Some(trades), Some(stats)) = (trades(file), expected(case)) else { return };
        let outcomes: Vec<_> = trades.iter().map(|t| t.outcome).collect();
        let t = TradeStatistics::new(&outcomes);
        same(Some(t.count as f64), &stats["# Trades"], 1.0);
        same(t.win_rate, &stats["Win Rate [%]"], 100.0);
        same(t.best_return, &stats["Best Trade [%]"], 100.0);
        same(t.worst_return, &stats["Worst Trade [%]"], 100.0);
        same(t.profit_factor_of_returns, &stats["Profit Factor"], 1.0);
        same(t.average_return, &stats["Expectancy [%]"], 100.0);
        same(t.sqn, &stats["SQN"], 1.0);
        same(t.kelly, &stats["Kelly Criterion"], 1.0);
        let days = |ns: f64| format!("{} days 00:00:00", (ns / DAY as f64).floor());
        assert_eq!(days(t.longest_duration.unwrap() as f64), stats["Max. Trade Duration"]);
    }
}
