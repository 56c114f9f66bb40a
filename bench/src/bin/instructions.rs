//! Instruction counts that repeat exactly, whatever else the machine does.
//!
//! `instructions` runs itself under `valgrind --tool=callgrind` once a workload and prints
//! instructions a record as JSON lines. `instructions WORKLOAD` runs that workload alone: only
//! what happens inside `collected_workload` is counted, so making the input costs nothing.

use bench::data::es_grid;
use bench::decode::{sum_by_dbn, sum_in_place};
use bench::generate::generate;
use bench::plain::{self, PlainBook};
use bench::replay;
use book::BookL3;
use serde_json::json;
use std::process::{Command, ExitCode};

/// Small enough for callgrind, long enough for the book to fill and settle.
const RECORDS: usize = 400_000;
const LIVE: usize = 30_000;
/// Counted on the last part only: the book is then as full as it gets.
const COUNTED: usize = 200_000;

const WORKLOADS: [&str; 4] = ["decode", "decode-dbn", "book-bbo", "plain-book-bbo"];

#[inline(never)]
fn collected_workload(work: &mut dyn FnMut() -> Option<u64>) -> Option<u64> {
    std::hint::black_box(work())
}

fn run_one(workload: &str) -> Result<u64, String> {
    let records = generate(RECORDS, LIVE, 1);
    let (before, counted) = records.split_at(RECORDS - COUNTED);
    let failed = || format!("{workload} failed");
    match workload {
        "decode" => collected_workload(&mut || Some(sum_in_place(counted))),
        "decode-dbn" => collected_workload(&mut || sum_by_dbn(counted).ok()),
        "book-bbo" => {
            let mut book = BookL3::new(es_grid());
            replay::count_changes(&mut book, before).map_err(|e| e.to_string())?;
            collected_workload(&mut || replay::count_changes(&mut book, counted).ok())
        }
        "plain-book-bbo" => {
            let mut book = PlainBook::new(es_grid());
            plain::count_changes(&mut book, before).ok_or_else(failed)?;
            collected_workload(&mut || plain::count_changes(&mut book, counted))
        }
        _ => return Err(format!("'{workload}' is unknown; accepted are {WORKLOADS:?}")),
    }
    .ok_or_else(failed)
}

/// Runs one workload under callgrind; gives instructions a record.
fn count(workload: &str) -> Result<f64, String> {
    let own = std::env::current_exe().map_err(|e| e.to_string())?;
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg("--toggle-collect=*collected_workload*")
        .arg(own)
        .arg(workload)
        .output()
        .map_err(|e| format!("valgrind cannot be run ({e}); install it to count instructions"))?;
    let text = String::from_utf8_lossy(&output.stderr);
    text.lines()
        .find_map(|line| line.split_once("Collected :"))
        .and_then(|(_, number)| number.trim().parse::<f64>().ok())
        .map(|total| total / COUNTED as f64)
        .ok_or_else(|| format!("valgrind gave no count for {workload}: {text}"))
}

fn run() -> Result<(), String> {
    if let Some(workload) = std::env::args().nth(1) {
        println!("{}", json!({ "workload": workload, "answer": run_one(&workload)? }));
        return Ok(());
    }
    for workload in WORKLOADS {
        let instructions = (count(workload)? * 10.0).round() / 10.0;
        println!("{}", json!({ "workload": workload, "instructionsPerRecord": instructions }));
    }
    Ok(())
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("instructions: {reason}");
            ExitCode::FAILURE
        }
    }
}
