//! Dirty data under each policy: what the run does, what its result says, what is set aside.

mod support;

use engine::strategy::drive;
use engine::{Context, MarketRow, Strategy};
use feed::check::Problem;
use feed::synthetic::{SyntheticConfig, write_dbn};
use model::Bar;
use serde_json::{Value, json};
use std::path::Path;
use support::{configuration, shared, synthetic};
use tickforge_backtest::outcome::conclude;
use tickforge_backtest::{BacktestError, Outcome, RunConfiguration, prepare};

/// Counts what it sees.
#[derive(Default)]
struct Witness {
    bars: usize,
    trades: usize,
    quotes: usize,
}

impl Strategy for Witness {
    fn on_bar(&mut self, _bar: &Bar, _context: &mut Context<'_>) {
        self.bars += 1;
    }

    fn on_trade(&mut self, _trade: &MarketRow, _context: &mut Context<'_>) {
        self.trades += 1;
    }

    fn on_quote(&mut self, _quote: &MarketRow, _context: &mut Context<'_>) {
        self.quotes += 1;
    }
}

fn run(configuration: RunConfiguration) -> Result<(Witness, Outcome), String> {
    let said = |error: BacktestError| format!("{} {error}", error.code());
    let mut prepared = prepare(configuration).map_err(said)?;
    let mut witness = [Box::new(Witness::default())];
    drive(&mut prepared.run, &mut witness, &mut |_| true).map_err(|e| said(e.into()))?;
    let outcome = conclude(&prepared).map_err(said)?;
    let [witness] = witness;
    Ok((*witness, outcome))
}

/// A run over one file.
fn over(
    file: &Path,
    kind: &str,
    checks: &str,
    needs: Value,
    output: Option<&Path>,
) -> RunConfiguration {
    let data = json!({ "type": kind, "files": [file], "checks": checks });
    let mut configuration = configuration(data, json!([]), needs);
    configuration.output.directory = output.map(|folder| folder.display().to_string());
    configuration
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .map(|all| all.map(|it| it.unwrap().file_name().into_string().unwrap()).collect())
        .unwrap_or_default();
    names.sort();
    names
}

const BARS: &str = "time,open,high,low,close,volume
2024-01-02 10:00,10,11,9,10,5
2024-01-02 10:01,10,11,9,10,5
2024-01-02 10:02,10,8,9,10,5
2024-01-02 10:03,10,11,9,10,-5
2024-01-02 10:03,10,11,9,10,5
2024-01-02 10:03,10,11,9,10.5,5
2024-01-02 10:01,10,11,9,10,5
2024-01-02 10:05,10,11,9,10,5
2024-01-02 10:06,10,11,9,10,5
";

#[test]
fn faulty_bars_end_the_run_are_set_aside_or_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let (file, out) = (folder.path().join("dirty.csv"), folder.path().join("out"));
    std::fs::write(&file, BARS).unwrap();
    let with = |checks| over(&file, "csv", checks, json!({ "bars": ["1m"] }), Some(&out));

    let error = run(with("error")).err().unwrap();
    assert!(error.starts_with("ERR_FEED_IMPOSSIBLE"), "{error}");
    assert!(
        error.contains("dirty.csv in row 3") && error.contains("high 8 below low 9"),
        "{error}"
    );
    assert!(names(&out).is_empty());

    let (seen, outcome) = run(with("reject")).unwrap();
    assert_eq!(seen.bars, 5);
    let checks = &outcome.checks[0];
    assert_eq!((checks.rows, checks.rejected), (9, 4));
    let expected = [
        (Problem::OutOfOrder, 1),
        (Problem::Negative, 1),
        (Problem::Duplicated, 1),
        (Problem::Impossible, 1),
    ];
    assert_eq!(checks.problems, expected.into_iter().collect());
    assert_eq!(names(&out), ["rejects-dirty.csv"]);
    let text = std::fs::read_to_string(out.join("rejects-dirty.csv")).unwrap();
    let rows: Vec<&str> = text.lines().skip(1).map(|l| l.split(',').next().unwrap()).collect();
    assert_eq!(rows, ["3", "4", "6", "7"]);
    let note = outcome.notes.iter().find(|note| note.contains("faulty")).unwrap();
    assert!(
        note.contains("4 of 9 rows")
            && note.contains("rejects-dirty.csv")
            && note.contains("row 3"),
        "{note}"
    );

    let (seen, outcome) = run(with("warn")).unwrap();
    assert_eq!((seen.bars, outcome.checks[0].rejected), (9, 0));
    assert!(outcome.notes.iter().any(|n| n.contains("4 of 9") && n.contains("used as they are")));

    // Without a folder for results the rows are counted, and nothing is written.
    let before = names(folder.path());
    let nowhere = over(&file, "csv", "reject", json!({ "bars": ["1m"] }), None);
    let (_, outcome) = run(nowhere).unwrap();
    assert_eq!((outcome.checks[0].rejected, &outcome.checks[0].rejects_file), (4, &None));
    assert_eq!(names(folder.path()), before);

    let error = run(with("ignore")).err().unwrap();
    assert!(error.contains("data.checks") && error.contains("reject"), "{error}");
}

#[test]
fn rows_outside_the_window_are_not_judged() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("dirty.csv");
    std::fs::write(&file, BARS).unwrap();
    let mut configuration = over(&file, "csv", "error", json!({ "bars": ["1m"] }), None);
    configuration.data[0].start = Some("1704189900000000000".to_owned()); // 10:05
    let (seen, outcome) = run(configuration).unwrap();
    assert_eq!((seen.bars, outcome.checks[0].rows), (2, 2));
}

#[test]
fn crossed_quotes_and_rows_without_a_date_are_faults_of_tick_files() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("Q.csv");
    let quotes = "time,bid,ask,bid_size,ask_size
2024-01-02T10:00:00Z,10,11,1,1
2024-01-02T10:00:01Z,12,11,1,1
2024-01-02T10:00:02Z,10,11,2,1
";
    std::fs::write(&file, quotes).unwrap();
    let with = |checks| over(&file, "csv", checks, json!({ "quotes": true }), None);
    let error = run(with("error")).err().unwrap();
    assert!(error.starts_with("ERR_FEED_CROSSED") && error.contains("in row 2"), "{error}");
    let (seen, _) = run(with("reject")).unwrap();
    assert_eq!(seen.quotes, 2);

    let file = folder.path().join("T.csv");
    let trades = "time,price,size
2024-01-02 10:00:00,10,1
1970-01-01 05:30:00,10,1
2024-01-02 10:00:02,10,1
";
    std::fs::write(&file, trades).unwrap();
    for (checks, trades) in [("error", None), ("reject", Some(2)), ("warn", Some(3))] {
        let seen = run(over(&file, "csv", checks, json!({ "trades": true }), None));
        assert_eq!(seen.as_ref().ok().map(|(seen, _)| seen.trades), trades, "{checks}");
        if let Err(error) = seen {
            assert!(error.starts_with("ERR_FEED_IMPOSSIBLE") && error.contains("row 2"), "{error}");
        }
    }
}

#[test]
fn the_recorded_ticks_stamped_1970_are_found_under_each_policy() {
    let path = "data/market/ticks-nse-2021-06-11/INFY_2021-06-11_.csv.gz";
    let Some(file) = shared(path) else { return };
    let folder = tempfile::tempdir().unwrap();
    let with = |checks| over(&file, "csv", checks, json!({ "trades": true }), Some(folder.path()));
    // Trades of several sources within a second, out of order, come before them.
    let error = run(with("error")).err().unwrap();
    assert!(error.starts_with("ERR_FEED_OUT_OF_ORDER") && error.contains("in row 353"), "{error}");
    assert!(names(folder.path()).is_empty());
    let (kept, outcome) = run(with("reject")).unwrap();
    let found = &outcome.checks[0];
    assert!(found.rejected > 0 && kept.trades as u64 + found.rejected == found.rows, "{found:?}");
    assert_eq!(
        found.problems.keys().collect::<Vec<_>>(),
        [&Problem::OutOfOrder, &Problem::Impossible]
    );
    let text = std::fs::read_to_string(found.rejects_file.as_ref().unwrap()).unwrap();
    assert_eq!(text.lines().count() as u64, found.rejected + 1);
    // Row 19713 is the first of those without a date.
    assert!(text.contains("\n19713,impossible,"), "{text}");
    let (all, outcome) = run(with("warn")).unwrap();
    assert_eq!(all.trades as u64, outcome.checks[0].rows);
}

#[test]
fn orders_that_cannot_be_end_the_run_and_good_ones_are_not_touched() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("SYN.dbn");
    let config = SyntheticConfig { records: 20_000, live_orders: 500, ..Default::default() };
    let symbol = config.symbol.clone();
    write_dbn(config, &file, &mut |_| true).unwrap();
    let with = |checks| {
        let mut it = over(&file, "dbn", checks, json!({ "trades": true }), Some(folder.path()));
        let terms = json!([{ "symbol": symbol, "kind": "future", "tickSize": "0.25",
            "multiplier": "50", "currency": "USD" }]);
        it.instruments = serde_json::from_value(terms).unwrap();
        it
    };
    let hashes: Vec<String> = ["error", "reject", "warn"]
        .map(|checks| run(with(checks)).unwrap().1.state_hash)
        .into_iter()
        .collect();
    assert!(hashes.windows(2).all(|pair| pair[0] == pair[1]));
    // One side letter among the last records becomes one that does not exist.
    let mut bytes = std::fs::read(&file).unwrap();
    let side = bytes.len() - 10 * model::MBO_SIZE + 39;
    assert!(matches!(bytes[side], b'A' | b'B' | b'N'));
    bytes[side] = b'x';
    std::fs::write(&file, bytes).unwrap();
    for checks in ["error", "reject"] {
        let error = run(with(checks)).err().unwrap();
        assert!(error.starts_with("ERR_FEED_IMPOSSIBLE") && error.contains("side 'x'"), "{error}");
    }
    let (_, outcome) = run(with("warn")).unwrap();
    assert_eq!(outcome.checks[0].problems[&Problem::Impossible], 1);
    assert_eq!(names(folder.path()), ["SYN.dbn"], "an order is never set aside");
}

#[test]
fn a_generated_market_is_checked_too_and_has_no_problem() {
    let (_, outcome) =
        run(configuration(synthetic(20_000), json!([]), json!({ "trades": true }))).unwrap();
    assert!(outcome.checks[0].rows >= 20_000 && outcome.checks[0].problems.is_empty());
}

#[test]
fn a_run_that_is_stopped_keeps_what_was_set_aside() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("T.csv");
    let mut text = String::from("time,price,size\n");
    for k in 0..100_000 {
        let size = u64::from(k % 100 != 7);
        text.push_str(&format!("{},10,{size}\n", 1_700_000_000 + k));
    }
    std::fs::write(&file, text).unwrap();
    let out = folder.path().join("out");
    let configuration = over(&file, "csv", "reject", json!({ "trades": true }), Some(&out));
    let mut prepared = prepare(configuration).unwrap();
    let mut witness = [Box::new(Witness::default())];
    drive(&mut prepared.run, &mut witness, &mut |_| false).unwrap();
    let outcome = conclude(&prepared).unwrap();
    let found = &outcome.checks[0];
    assert!(found.rejected > 0 && found.rejected < 1_000, "{found:?}");
    assert_eq!(names(&out), ["rejects-T.csv"]);
}
