//! Shared parts of the benchmarks: interleaved timing, real and generated records, and the
//! baselines that a figure is printed beside.
//!
//! The machine may switch between speeds every few seconds and other programs may load it, so a
//! figure is never taken alone: [`interleave`] runs it in turns with its baseline and
//! [`Comparison`] quotes best, median and ratio. Every run answers a number, and an answer that
//! changes between runs, or that the caller finds wrong, gives no figure.

pub mod data;
pub mod decode;
pub mod files;
pub mod generate;
pub mod matching;
pub mod plain;
pub mod replay;
pub mod report;
pub mod runs;
pub mod series;
pub mod settings;

use std::hint::black_box;
use std::time::{Duration, Instant};

/// Times of one contender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    /// The shortest run: the machine's fast state.
    pub best: Duration,
    /// The run in the middle.
    pub median: Duration,
    /// What every run answered.
    pub answer: u64,
}

impl Timing {
    /// Items a second in the best run.
    #[must_use]
    pub fn best_rate(&self, items: u64) -> f64 {
        items as f64 / self.best.as_secs_f64().max(1e-9)
    }

    /// Items a second in the median run.
    #[must_use]
    pub fn median_rate(&self, items: u64) -> f64 {
        items as f64 / self.median.as_secs_f64().max(1e-9)
    }
}

/// A candidate beside its baseline.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Comparison {
    /// What it is compared with.
    pub baseline: Timing,
    /// What is measured.
    pub candidate: Timing,
    /// How many times as fast the candidate is: the median of the ratios of neighbouring runs,
    /// which hardly depends on the machine's speed at the moment.
    pub ratio: f64,
}

/// Runs baseline and candidate in turns, `repeats` times each (at least once), after one warm-up
/// of each. Both return a number that proves that the work was done.
///
/// # Errors
/// What a run answered when it differs from its other runs: then there is nothing to time.
pub fn interleave(
    mut baseline: impl FnMut() -> u64,
    mut candidate: impl FnMut() -> u64,
    repeats: usize,
) -> Result<Comparison, String> {
    let expected = [black_box(baseline()), black_box(candidate())];
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..repeats.max(1) {
        for (who, runs) in times.iter_mut().enumerate() {
            let start = Instant::now();
            let answer = black_box(if who == 0 { baseline() } else { candidate() });
            runs.push(start.elapsed());
            if answer != expected[who] {
                let name = ["baseline", "candidate"][who];
                return Err(format!("the {name} answered {answer} after {}", expected[who]));
            }
        }
    }
    let mut ratios: Vec<f64> = times[0]
        .iter()
        .zip(&times[1])
        .map(|(baseline, candidate)| baseline.as_secs_f64() / candidate.as_secs_f64().max(1e-9))
        .collect();
    ratios.sort_by(f64::total_cmp);
    let timing = |runs: &mut Vec<Duration>, answer| {
        runs.sort();
        Timing { best: runs[0], median: runs[runs.len() / 2], answer }
    };
    let [mut slow, mut fast] = times;
    Ok(Comparison {
        baseline: timing(&mut slow, expected[0]),
        candidate: timing(&mut fast, expected[1]),
        ratio: ratios[ratios.len() / 2],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_run_in_turns_after_a_warm_up_and_their_answers_come_back() {
        let calls = std::cell::RefCell::new(String::new());
        let contender = |name, answer| {
            let calls = &calls;
            move || {
                calls.borrow_mut().push(name);
                answer
            }
        };
        let compared = interleave(contender('b', 7), contender('c', 9), 3).unwrap();
        assert_eq!(*calls.borrow(), "bcbcbcbc");
        assert_eq!((compared.baseline.answer, compared.candidate.answer), (7, 9));
        assert!(compared.candidate.best <= compared.candidate.median);
    }

    #[test]
    fn an_answer_that_changes_gives_no_figure() {
        let mut calls = 0;
        let unsteady = || {
            calls += 1;
            calls
        };
        assert!(interleave(|| 1, unsteady, 3).is_err());
    }
}
