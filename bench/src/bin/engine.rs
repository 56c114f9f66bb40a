//! The whole engine beside the book alone: router, a strategy that is called at every change of
//! the best bid or offer, an own order that rests, and the recorder.
//!
//! `engine [--records N] [--live N] [--repeats N] [--json]`: a JSON object a figure on standard
//! output, a table on standard error. A figure whose answer is wrong ends the program with 1.
//! `engine --collect idle|resting` runs a small workload whose part to be counted lies in
//! `collected_workload`, for `valgrind --tool=callgrind --toggle-collect=*collected_workload*`.

use backtest::sources::{Gives, OpenedData};
use backtest::{RunConfiguration, prepare_with};
use bench::data::{ESH4_CHANGES, RecordBytes, es_grid, esh4};
use bench::generate::generate;
use bench::report::Figure;
use bench::{interleave, replay};
use book::BookL3;
use engine::strategy::drive;
use engine::{Context, MarketRow, Run, Strategy};
use feed::{MemoryMbo, Source};
use model::mbo::flags;
use model::{
    Currency, Instrument, InstrumentIndex, InstrumentKind, Lots, Mbo, MboFields, NANO, Price,
    Quantity, Side, Ticks,
};
use serde_json::json;
use std::process::ExitCode;

/// An answer of a run that failed.
const FAILED: u64 = u64::MAX;

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

fn configuration() -> Result<RunConfiguration, String> {
    let fixed = json!({ "type": "fixed", "submitNs": 60_000, "modifyNs": 60_000,
        "cancelNs": 60_000, "responseNs": 60_000 });
    let value = json!({
        "data": [],
        "account": { "currency": "USD", "initialCash": "100000" },
        "venue": {
            "latency": fixed,
            "fees": { "type": "perContract", "maker": "0.85", "taker": "0.85" },
            "fill": { "probabilityAtTouch": 1.0 },
            "queue": "l3",
            "impact": { "type": "none" }
        },
        "strategies": [{ "name": "watcher", "needs": { "quotes": true } }],
        "seed": 42,
    });
    serde_json::from_value(value).map_err(|error| error.to_string())
}

/// A run over records in memory that has read nothing yet.
fn ready(source: &MemoryMbo) -> Result<Run, String> {
    let currency = Currency::parse("USD").map_err(|e| e.to_string())?;
    let instrument = Instrument::new(
        "ESH4",
        InstrumentKind::Future,
        Price(NANO / 4),
        Quantity(NANO),
        Price(50 * NANO),
        currency,
    )
    .map_err(|e| e.to_string())?;
    let gives = Gives { orders: true, trades: true, quotes: true, depth: true, bars: Vec::new() };
    let data = OpenedData {
        instruments: vec![instrument],
        sources: vec![Box::new(source.clone()) as Box<dyn Source>],
        gives: vec![gives],
        files: Vec::new(),
        notes: Vec::new(),
        checks: Vec::new(),
    };
    prepare_with(configuration()?, data).map(|ready| ready.run).map_err(|e| e.to_string())
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

/// A day `passes` times over: later and later, and every pass begins with a clear.
fn repeated(day: &[RecordBytes], passes: u64) -> Vec<RecordBytes> {
    let mut out = Vec::with_capacity((day.len() + 1) * passes as usize);
    for pass in 0..passes {
        let later = |time: u64| time + pass * 172_800_000_000_000;
        for (at, bytes) in day.iter().enumerate() {
            let record = Mbo::new(bytes);
            // The snapshot's receive time is the time at which it holds; the orders in it are
            // older.
            let time =
                if record.is_snapshot() { record.ts_recv_raw() } else { record.ts_event_raw() };
            if at == 0 && pass > 0 {
                let clear = MboFields {
                    action: b'R',
                    side: b'N',
                    flags: flags::LAST,
                    ts_event: later(time),
                    ts_recv: later(time),
                    publisher: record.publisher(),
                    instrument_id: record.instrument_id(),
                    ..MboFields::default()
                };
                out.push(clear.encode());
            }
            let mut bytes = *bytes;
            bytes[8..16].copy_from_slice(&later(record.ts_event_raw()).to_le_bytes());
            bytes[40..48].copy_from_slice(&later(record.ts_recv_raw()).to_le_bytes());
            out.push(bytes);
        }
    }
    out
}

struct Settings {
    records: usize,
    live: usize,
    repeats: usize,
    json: bool,
    collect: Option<String>,
}

fn settings() -> Result<Settings, String> {
    let mut settings =
        Settings { records: 20_000_000, live: 30_000, repeats: 7, json: false, collect: None };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        if argument == "--json" {
            settings.json = true;
            continue;
        }
        let text = arguments.next().unwrap_or_default();
        let number = text.replace('_', "").parse::<usize>().ok().filter(|&n| n > 0);
        let number = number.ok_or(format!("{argument} '{text}': a whole number above 0 is needed"));
        match argument.as_str() {
            "--records" => settings.records = number?,
            "--live" => settings.live = number?,
            "--repeats" => settings.repeats = number?,
            "--collect" => settings.collect = Some(text),
            _ => {
                return Err(format!(
                    "{argument} is unknown; accepted are --records N, --live N, --repeats N, \
                     --json, --collect idle|resting"
                ));
            }
        }
    }
    Ok(settings)
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
    let rests = match which {
        "idle" => false,
        "resting" => true,
        _ => return Err(format!("--collect '{which}': accepted are idle and resting")),
    };
    let seen = collected_workload(&mut run, &mut [Box::new(Watcher { rests, seen: 0 })]);
    println!("{}", json!({ "workload": which, "records": records.len(), "answer": seen }));
    Ok(())
}

fn run() -> Result<(), String> {
    let settings = settings()?;
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
