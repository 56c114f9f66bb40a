//! The stand-alone matching engine beside a sorted map of queues.
//!
//! `matching [--records N] [--live N] [--repeats N] [--json]`: a mix of new orders, cancels and
//! changes in a deep book, and a flash crash that sweeps through thousands of levels, counted in
//! messages and trades together. `matching --collect mixed|crash` runs a small part for callgrind.

use bench::interleave;
use bench::matching::{Done, Message, Plain, crash, fast, mixed};
use bench::report::Figure;
use bench::settings::Settings;
use std::process::ExitCode;

fn measure(name: &str, messages: &[Message], settings: &Settings) -> Result<(), String> {
    let answer = |done: Done| done.digest;
    let compared =
        interleave(|| answer(Plain::run(messages)), || answer(fast(messages)), settings.repeats)?;
    if compared.baseline.answer != compared.candidate.answer {
        return Err(format!("{name}: the engines traded differently"));
    }
    let trades = fast(messages).trades;
    let figure = Figure {
        name: name.to_owned(),
        baseline: "sorted map of queues".to_owned(),
        unit: "messages and trades",
        items: messages.len() as u64 + trades,
        target: Some(8e6),
        target_ratio: None,
        compared,
    };
    figure.print(settings.json);
    Ok(())
}

#[inline(never)]
fn collected_workload(messages: &[Message]) -> Done {
    std::hint::black_box(fast(messages))
}

fn run() -> Result<(), String> {
    let settings = Settings::from_arguments(4_000_000, &["mixed", "crash"])?;
    if let Some(which) = &settings.collect {
        let messages = match which.as_str() {
            "mixed" => mixed(400_000, 30_000, 1),
            "crash" => crash(20, 5_000),
            _ => return Err(format!("--collect '{which}': accepted are mixed and crash")),
        };
        let done = collected_workload(&messages);
        println!("{which}: {} messages, {} trades", messages.len(), done.trades);
        return Ok(());
    }
    if !settings.json {
        eprintln!("profile: {}", if cfg!(debug_assertions) { "debug" } else { "release" });
        eprintln!("{}", Figure::heading());
    }
    let messages = mixed(settings.records, settings.live, 1);
    measure("matching/mixed", &messages, &settings)?;
    let cycles = (settings.records / 12_000).max(1);
    measure("matching/flash crash", &crash(cycles, 5_000), &settings)
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("matching: {reason}");
            ExitCode::FAILURE
        }
    }
}
