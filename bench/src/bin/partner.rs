//! The Rust half of the benchmarks that run in Node: it writes their streams, and runs in turns
//! with them what their figures are printed beside.
//!
//! `partner streams FOLDER RECORDS LIVE` writes the files and prints one JSON object.
//! `partner serve` reads one JSON object a line, does its `work` and answers with its seconds:
//! `run` (a completed configuration through the engine with a Rust strategy), `inflate` (zstd
//! alone), `source` (the records of a file, read and summed).

use bench::decode::sum_in_place;
use bench::files::write_streams;
use bench::series;
use engine::MarketRow;
use engine::strategy::{Context, Strategy, drive};
use feed::Block;
use feed::dbn::{DbnFile, DbnOptions};
use model::{Bar, InstrumentIndex, Lots, Side, Ticks};
use serde_json::{Value, json};
use std::io::{BufRead, Read, Write};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

/// Counts what it is called with; one own order rests far from the market.
#[derive(Default)]
struct Counting {
    rows: u64,
    rests: bool,
    /// A timer of this period in ns, unless 0.
    timer: u64,
}

impl Strategy for Counting {
    fn on_start(&mut self, context: &mut Context<'_>) {
        if self.timer > 0 {
            context.set_timer(1, self.timer, self.timer);
        }
    }

    fn on_trade(&mut self, _trade: &MarketRow, context: &mut Context<'_>) {
        self.rows += 1;
        self.rest(context);
    }

    fn on_quote(&mut self, _quote: &MarketRow, context: &mut Context<'_>) {
        self.rows += 1;
        self.rest(context);
    }

    fn on_depth(&mut self, _: &engine::row::DepthRow, _: &MarketRow, _: &mut Context<'_>) {
        self.rows += 1;
    }

    fn on_bar(&mut self, _bar: &Bar, _context: &mut Context<'_>) {
        self.rows += 1;
    }

    fn on_timer(&mut self, _id: u32, _context: &mut Context<'_>) {
        self.rows += 1;
    }
}

impl Counting {
    fn rest(&mut self, context: &mut Context<'_>) {
        let bid = context.bbo(InstrumentIndex(0)).bid;
        if self.rests && bid.is_some() {
            self.rests = false;
            context.limit(InstrumentIndex(0), Side::Buy, Lots(1), Ticks(bid.0 - 400));
        }
    }
}

fn text<'a>(task: &'a Value, field: &str) -> Result<&'a str, String> {
    task[field].as_str().ok_or_else(|| format!("{field}: a text is needed"))
}

/// A whole run; its time is that of the loop, as in Node.
fn run(task: &Value) -> Result<Value, String> {
    let configuration =
        serde_json::from_value(task["configuration"].clone()).map_err(|e| e.to_string())?;
    let prepared = backtest::prepare(configuration);
    let mut prepared = prepared.map_err(|e| e.to_string())?;
    let strategy = Counting {
        rests: task["rests"].as_bool().unwrap_or(false),
        timer: task["timerNs"].as_u64().unwrap_or(0),
        ..Counting::default()
    };
    let mut strategies = vec![Box::new(strategy)];
    let start = Instant::now();
    drive(&mut prepared.run, &mut strategies, &mut |_| true).map_err(|e| e.to_string())?;
    let seconds = start.elapsed().as_secs_f64();
    let counters = prepared.run.counters();
    Ok(json!({ "seconds": seconds, "rows": strategies[0].rows, "records": counters.records }))
}

fn inflate(task: &Value) -> Result<Value, String> {
    let packed = std::fs::read(text(task, "file")?).map_err(|e| e.to_string())?;
    let mut buffer = vec![0; 256 * 1024];
    let start = Instant::now();
    let mut decoder = zstd::Decoder::with_buffer(&packed[..]).map_err(|e| e.to_string())?;
    let mut bytes = 0u64;
    loop {
        match decoder.read(&mut buffer).map_err(|e| e.to_string())? {
            0 => break,
            count => bytes += count as u64,
        }
    }
    Ok(json!({ "seconds": start.elapsed().as_secs_f64(), "bytes": bytes }))
}

fn source(task: &Value) -> Result<Value, String> {
    // Compressed bytes lie in memory before the clock starts, as they do for `inflate`; a plain
    // file is mapped.
    let path = text(task, "file")?;
    let packed = path.ends_with(".zst").then(|| std::fs::read(path)).transpose();
    let packed = packed.map_err(|e| e.to_string())?.map(Arc::<[u8]>::from);
    let start = Instant::now();
    let file = match packed {
        Some(packed) => DbnFile::from_bytes(path, packed, DbnOptions::default()),
        None => DbnFile::open(path, DbnOptions::default()),
    };
    let file = file.map_err(|e| e.to_string())?;
    let mut instruments = feed::Instruments::default();
    for symbol in file.symbols() {
        let resolve = feed::Resolve::default();
        instruments.insert(resolve.instrument(symbol).map_err(|e| e.to_string())?);
    }
    let mut source = file.into_source(&instruments).map_err(|e| e.to_string())?;
    let (mut records, mut sum) = (0, 0u64);
    let (mut bytes, mut copied) = (0, 0);
    let mapped = mapping_of(text(task, "file")?);
    while let Some(block) = source.next_block().map_err(|e| e.to_string())? {
        let Block::Mbo(block) = block else { return Err("market by order is needed".to_owned()) };
        let chunk = block.bytes.as_chunks::<{ model::MBO_SIZE }>().0;
        records += chunk.len();
        bytes += block.bytes.len();
        // Blocks of a mapped file lie in its mapping. Behind a decompressor they lie where it
        // wrote them; only a record cut by the end of a buffer is moved to the front of the next.
        copied += match &mapped {
            Some(range) if range.contains(&(block.bytes.as_ptr() as usize)) => 0,
            Some(_) => block.bytes.len(),
            None => model::MBO_SIZE,
        };
        sum = sum.wrapping_add(sum_in_place(chunk));
    }
    let seconds = start.elapsed().as_secs_f64();
    let sum = sum.to_string();
    Ok(json!({
        "seconds": seconds, "records": records, "sum": sum, "bytes": bytes, "copied": copied,
    }))
}

/// Where the system has mapped an uncompressed file into this process, if it has.
fn mapping_of(file: &str) -> Option<std::ops::Range<usize>> {
    if file.ends_with(".zst") {
        return None;
    }
    let maps = std::fs::read_to_string("/proc/self/maps").ok()?;
    let line = maps.lines().find(|line| line.ends_with(file))?;
    let (start, end) = line.split_whitespace().next()?.split_once('-')?;
    let number = |text| usize::from_str_radix(text, 16).ok();
    Some(number(start)?..number(end)?)
}

fn serve() -> Result<(), String> {
    let profile = if cfg!(debug_assertions) { "debug" } else { "release" };
    let mut out = std::io::stdout().lock();
    let mut say = |value: &Value| writeln!(out, "{value}").and_then(|()| out.flush());
    say(&json!({ "profile": profile })).map_err(|e| e.to_string())?;
    for line in std::io::stdin().lock().lines() {
        let task: Value =
            serde_json::from_str(&line.map_err(|e| e.to_string())?).map_err(|e| e.to_string())?;
        let answer = match text(&task, "work")? {
            "run" => run(&task),
            "inflate" => inflate(&task),
            "source" => source(&task),
            other => Err(format!("work '{other}' is unknown; accepted are run, inflate, source")),
        };
        let answer = answer.unwrap_or_else(|reason| json!({ "error": reason }));
        say(&answer).map_err(|e| e.to_string())?;
    }
    Ok(())
}

fn streams(arguments: &[String]) -> Result<(), String> {
    let [folder, records, live] = arguments else {
        return Err("streams needs a folder, records and live orders".to_owned());
    };
    let number = |text: &String| text.parse::<usize>().map_err(|e| format!("{text}: {e}"));
    let (folder, records, live) = (Path::new(folder), number(records)?, number(live)?);
    let mut found: serde_json::Map<String, Value> = write_streams(folder, records, live)?
        .into_iter()
        .map(|file| (file.name.to_owned(), json!(file.records)))
        .collect();
    let rows = records.div_ceil(10).min(2_000_000);
    let mut put = |name: &str, count: u64| found.insert(name.to_owned(), json!(count));
    put("bars.dbn", series::write_bars(&folder.join("bars.dbn"), rows)?);
    put("quotes.dbn", series::write_quotes(&folder.join("quotes.dbn"), rows)?);
    println!("{}", Value::Object(found));
    Ok(())
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = match arguments.split_first() {
        Some((word, rest)) if word == "streams" => streams(rest),
        Some((word, [])) if word == "serve" => serve(),
        _ => Err("accepted are streams FOLDER RECORDS LIVE, and serve".to_owned()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("partner: {reason}");
            ExitCode::FAILURE
        }
    }
}
