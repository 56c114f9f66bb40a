//! The whole engine beside the book alone: router, a strategy that is called at every change of
//! the best bid or offer, an own order that rests, and the recorder.
//!
//! `engine [--records N] [--live N] [--repeats N] [--json]`: a JSON object a figure on standard
//! output, a table on standard error. A figure whose answer is wrong ends the program with 1.
//! `engine --collect idle|resting` runs a small workload whose part to be counted lies in
//! `collected_workload`, for `valgrind --tool=callgrind --toggle-collect=*collected_workload*`.

use backtest::sources::Gives;
use bench::data::{ESH4_CHANGES, RecordBytes, es_grid, esh4, repeated};
use bench::generate::generate;
use bench::report::Figure;
use bench::runs::{self, FAILED};
use bench::settings::Settings;
use bench::{interleave, replay};
use book::BookL3;
use engine::strategy::drive;
use engine::{Context, MarketRow, Run, Strategy};
use feed::MemoryMbo;
use model::{InstrumentIndex, Lots, Side, Ticks};
use serde_json::json;
use std::process::ExitCode;

/// Counts its calls; at the first one it may leave an order far below the market.
struct Watcher {
    rests: bool,
    seen: u64,
}

impl Strategy for Watcher {
    fn on_quote(&mut self, quote: &MarketRow, context: &mut Context<'_>) {
        if self.seen == 0 && self.rests {
            context.limit(quote.instrument, Side::Buy, Lots(1), Ticks(100));
        }
        self.seen += 1;
    }
}

/// A run over records in memory that has read nothing yet.
fn ready(source: &MemoryMbo) -> Result<Run, String> {
    let gives = Gives { orders: true, trades: true, quotes: true, depth: true, bars: Vec::new() };
    let configuration = runs::configuration(&json!({ "quotes": true }), &json!({ "queue": "l3" }))?;
    runs::ready(configuration, runs::es()?, Box::new(source.clone()), gives)
}

/// Runs to the end; gives the best-price changes, all of which the strategy has seen.
fn whole(source: &MemoryMbo, rests: bool) -> u64 {
    let Ok(mut run) = ready(source) else { return FAILED };
    let mut strategies = [Box::new(Watcher { rests, seen: 0 })];
    if drive(&mut run, &mut strategies, &mut |_| true).is_err() {
        return FAILED;
    }
    let counters = run.counters();
    let (seen, accepted) = (strategies[0].seen, run.recorder().counts.accepted);
    let right = seen == counters.quote_changes && accepted == u64::from(rests);
    let flat = run.ledger().total_position(InstrumentIndex(0)) == 0;
    if right && flat { seen } else { FAILED }
}

/// The engine in turns with the book alone on the same records.
fn measure(
    name: &str,
    records: &[RecordBytes],
    changes: Option<u64>,
    settings: &Settings,
) -> Result<(), String> {
    let source = MemoryMbo::new(name, records.as_flattened()).map_err(|e| e.to_string())?;
    for rests in [false, true] {
        let book = || {
            let mut book = BookL3::new(es_grid());
            replay::count_changes(&mut book, records).unwrap_or(FAILED)
        };
        let compared = interleave(book, || whole(&source, rests), settings.repeats)?;
        let (alone, seen) = (compared.baseline.answer, compared.candidate.answer);
        // What a snapshot changes is no flow: the engine tells less of it than the book alone.
        if alone == FAILED || seen == FAILED || seen > alone || changes.is_some_and(|n| alone < n) {
            return Err(format!("{name}: {seen} best-price changes, the book alone {alone}"));
        }
        let what = if rests { "engine, an order rests" } else { "engine" };
        let figure = Figure {
            name: format!("{what}/{name}"),
            baseline: "decode+book+bbo".to_owned(),
            unit: "records",
            items: records.len() as u64,
            target: Some(18e6),
            target_ratio: None,
            compared,
        };
        figure.print(settings.json);
    }
    Ok(())
}

/// Small enough for callgrind; the book is full before the counting begins.
#[inline(never)]
fn collected_workload(run: &mut Run, strategies: &mut [Box<Watcher>]) -> u64 {
    if drive(run, strategies, &mut |_| true).is_err() {
        return FAILED;
    }
    std::hint::black_box(strategies[0].seen)
}

fn collect(which: &str) -> Result<(), String> {
    let records = generate(400_000, 30_000, 1);
    let source = MemoryMbo::new("collect", records.as_flattened()).map_err(|e| e.to_string())?;
    let mut run = ready(&source)?;
    let rests = which == "resting";
    let seen = collected_workload(&mut run, &mut [Box::new(Watcher { rests, seen: 0 })]);
    println!("{}", json!({ "workload": which, "records": records.len(), "answer": seen }));
    Ok(())
}

fn run() -> Result<(), String> {
    let settings = Settings::from_arguments(20_000_000, &["idle", "resting"])?;
    if let Some(which) = &settings.collect {
        return collect(which);
    }
    if !settings.json {
        eprintln!("profile: {}", if cfg!(debug_assertions) { "debug" } else { "release" });
        eprintln!("{}", Figure::heading());
    }
    match esh4() {
        Ok(day) => {
            let passes = 30;
            let records = repeated(&day, passes);
            measure("esh4", &records, Some(ESH4_CHANGES * passes), &settings)?;
        }
        Err(reason) => eprintln!("esh4 skipped: {reason}"),
    }
    let records = generate(settings.records, settings.live, 1);
    measure("generated", &records, None, &settings)
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("engine: {reason}");
            ExitCode::FAILURE
        }
    }
}
