//! Decoding, book and best-price changes beside their baselines.
//!
//! `replay [--records N] [--live N] [--repeats N] [--json]`: a JSON object a figure on standard
//! output, a table on standard error. A figure whose answer is wrong ends the program with 1.

use bench::data::{ESH4_CHANGES, RecordBytes, es_grid, esh4};
use bench::decode::{sum_by_dbn, sum_in_place, sum_of_words};
use bench::generate::generate;
use bench::plain::{self, PlainBook};
use bench::report::Figure;
use bench::settings::Settings;
use bench::{Comparison, interleave, replay};
use book::BookL3;
use std::process::ExitCode;

/// An answer of a run that failed.
const FAILED: u64 = u64::MAX;

/// A stream that is applied `passes` times in one run.
struct Stream<'a> {
    name: &'a str,
    records: &'a [RecordBytes],
    passes: u64,
    /// Best-price changes of one pass, where known beforehand.
    changes: Option<u64>,
}

impl Stream<'_> {
    fn items(&self) -> u64 {
        self.records.len() as u64 * self.passes
    }

    fn repeat(&self, mut pass: impl FnMut() -> Option<u64>) -> u64 {
        (0..self.passes)
            .try_fold(0u64, |sum, _| pass().map(|answer| sum.wrapping_add(answer)))
            .unwrap_or(FAILED)
    }

    fn figure(&self, what: &str, baseline: &str, compared: Comparison) -> Figure {
        Figure {
            name: format!("{what}/{}", self.name),
            baseline: baseline.to_owned(),
            unit: "records",
            items: self.items(),
            target: None,
            target_ratio: None,
            compared,
        }
    }

    fn decoding(&self, repeats: usize) -> Result<[Figure; 2], String> {
        let candidate = || self.repeat(|| Some(sum_in_place(self.records)));
        let words =
            interleave(|| self.repeat(|| Some(sum_of_words(self.records))), candidate, repeats)?;
        let dbn = interleave(|| self.repeat(|| sum_by_dbn(self.records).ok()), candidate, repeats)?;
        if dbn.baseline.answer != dbn.candidate.answer {
            return Err(format!("{}: our sum of fields differs from dbn's", self.name));
        }
        let first = self.figure("decode", "every byte once", words);
        let second = self.figure("decode", "dbn crate", dbn);
        Ok([Figure { target: Some(150e6), ..first }, second])
    }

    fn books(&self, repeats: usize) -> Result<[Figure; 3], String> {
        let candidate = || {
            let mut book = BookL3::new(es_grid());
            self.repeat(|| {
                book.clear();
                replay::count_changes(&mut book, self.records).ok()
            })
        };
        let baseline = || {
            let mut book = PlainBook::new(es_grid());
            self.repeat(|| {
                book.clear();
                plain::count_changes(&mut book, self.records)
            })
        };
        let compared = interleave(baseline, candidate, repeats)?;
        let (plain, ours) = (compared.baseline.answer, compared.candidate.answer);
        let known = self.changes.is_none_or(|changes| ours == changes * self.passes);
        if ours == FAILED || plain != ours || !known {
            return Err(format!("{}: {ours} best-price changes, plain book {plain}", self.name));
        }
        let first = self.figure("decode+book+bbo", "BTreeMap + HashMap", compared);
        let alone = || {
            let mut book = BookL3::new(es_grid());
            self.repeat(|| {
                book.clear();
                replay::apply_all(&mut book, self.records).ok()
            })
        };
        let second = self.figure("decode+book", "with bbo", interleave(candidate, alone, repeats)?);
        let unhinted = || {
            let mut book = BookL3::new(es_grid());
            self.repeat(|| {
                book.clear();
                replay::count_changes_unhinted(&mut book, self.records).ok()
            })
        };
        let third = interleave(unhinted, candidate, repeats)?;
        let third = self.figure("decode+book+bbo", "without cache hints", third);
        Ok([Figure { target: Some(24e6), target_ratio: Some(2.0), ..first }, second, third])
    }

    fn print(&self, settings: &Settings) -> Result<(), String> {
        let decoding = self.decoding(settings.repeats)?;
        decoding.iter().for_each(|figure| figure.print(settings.json));
        let books = self.books(settings.repeats)?;
        books.iter().for_each(|figure| figure.print(settings.json));
        Ok(())
    }
}

fn run() -> Result<(), String> {
    let settings = Settings::from_arguments(20_000_000, &[])?;
    if !settings.json {
        eprintln!("profile: {}", if cfg!(debug_assertions) { "debug" } else { "release" });
        eprintln!("{}", Figure::heading());
    }
    match esh4() {
        Ok(records) => {
            let passes = 30;
            let changes = Some(ESH4_CHANGES);
            Stream { name: "esh4", records: &records, passes, changes }.print(&settings)?;
        }
        Err(reason) => eprintln!("esh4 skipped: {reason}"),
    }
    let records = generate(settings.records, settings.live, 1);
    Stream { name: "generated", records: &records, passes: 1, changes: None }.print(&settings)
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("replay: {reason}");
            ExitCode::FAILURE
        }
    }
}
