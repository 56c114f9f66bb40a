//! The checker between a source and its reader.

use super::rules::{GROUP, Memory};
use super::{CheckOptions, CheckReport, Finding, OrderChecks, Policy, Problem};
use crate::error::{FeedError, Place};
use crate::instruments::Instruments;
use crate::output::PartialFile;
use crate::source::{Block, MboBlock, Source};
use model::{InstrumentIndex, MarketEvent, Mbo};
use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The report of a check under way or finished.
#[derive(Clone, Default)]
pub struct CheckHandle(Arc<Mutex<Shared>>);

/// What a check and its handle share.
#[derive(Default)]
struct Shared {
    report: CheckReport,
    rejects: Option<PartialFile>,
}

impl CheckHandle {
    /// What has been found so far (complete once the source has ended).
    #[must_use]
    pub fn report(&self) -> CheckReport {
        self.shared().report.clone()
    }

    /// Gives the rejects so far their file, where there are any: for a source that is not read to
    /// its end. What is rejected after it is only counted.
    ///
    /// # Errors
    /// [`FeedError::Io`].
    pub fn finish(&self) -> Result<(), FeedError> {
        let rejects = self.shared().rejects.take();
        rejects.map_or(Ok(()), PartialFile::finish)
    }

    fn shared(&self) -> MutexGuard<'_, Shared> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for CheckHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("CheckHandle").field(&self.shared().report).finish()
    }
}

/// A source whose rows are checked on their way.
pub struct Checked<S> {
    inner: S,
    ledger: Ledger,
    kept: Vec<MarketEvent>,
    /// Row of each kept event.
    rows: Vec<Option<u64>>,
    given: Given,
    ended: bool,
}

/// Where the block given out last lies.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Given {
    Nothing,
    Inner,
    Kept,
}

impl<S: Source> Checked<S> {
    /// Checks a source; the handle gives the report.
    ///
    /// # Errors
    /// [`FeedError::Setting`] when a file for rejects is named under another policy than
    /// [`Policy::Reject`].
    pub fn new(
        inner: S,
        instruments: &Instruments,
        options: CheckOptions,
    ) -> Result<(Self, CheckHandle), FeedError> {
        if let Some(path) = &options.rejects
            && options.policy != Policy::Reject
        {
            return Err(FeedError::Setting {
                option: "rejects",
                value: path.display().to_string(),
                accepted: "used: rows are set aside under the policy 'reject' only".into(),
            });
        }
        let instruments = instruments
            .as_slice()
            .iter()
            .map(|i| (i.symbol.clone(), Memory::new(Some(i.kind))))
            .collect();
        let handle = CheckHandle::default();
        let report = CheckReport::default();
        let ledger = Ledger { options, report, instruments, handle: handle.clone(), begun: false };
        let (kept, rows, given) = (Vec::new(), Vec::new(), Given::Nothing);
        Ok((Self { inner, ledger, kept, rows, given, ended: false }, handle))
    }

    fn advance(&mut self) -> Result<Given, FeedError> {
        loop {
            let fault = match self.inner.next_block()? {
                None => {
                    self.ledger.handle.finish()?;
                    return Ok(Given::Nothing);
                }
                Some(Block::Mbo(block)) => match self.ledger.options.orders {
                    OrderChecks::Off => return Ok(Given::Inner),
                    _ => match self.ledger.orders(&block) {
                        None => return Ok(Given::Inner),
                        Some(finding) => finding,
                    },
                },
                // Borrowed again: rows are asked of the source while its events are read.
                Some(Block::Events(_)) => {
                    self.kept.clear();
                    self.rows.clear();
                    match self.ledger.events(&self.inner, &mut self.kept, &mut self.rows)? {
                        Passed::All => return Ok(Given::Inner),
                        Passed::Some if self.kept.is_empty() => continue,
                        Passed::Some => return Ok(Given::Kept),
                        Passed::Not(finding) => finding,
                    }
                }
            };
            return Err(FeedError::Check {
                file: self.inner.name().to_owned(),
                at: Place::Row(fault.row),
                problem: fault.problem,
                details: format!("{} {}", fault.symbol, fault.details),
            });
        }
    }
}

/// How a block fared.
enum Passed {
    All,
    Some,
    Not(Finding),
}

/// What is known, counted and found.
struct Ledger {
    options: CheckOptions,
    report: CheckReport,
    /// Symbol and memory of each instrument.
    instruments: Vec<(String, Memory)>,
    handle: CheckHandle,
    /// Whether a rejects file has been begun.
    begun: bool,
}

impl Ledger {
    /// Makes sure that an instrument has a memory.
    fn know(&mut self, index: InstrumentIndex) {
        while self.instruments.len() <= index.index() {
            let name = format!("instrument {}", self.instruments.len());
            self.instruments.push((name, Memory::new(None)));
        }
    }

    fn found(
        &mut self,
        index: InstrumentIndex,
        row: u64,
        ts_event: u64,
        (problem, details): (Problem, String),
    ) -> Finding {
        let symbol = self.instruments[index.index()].0.clone();
        let finding = Finding { problem, row, symbol, ts_event, details };
        self.report.add(finding.clone());
        finding
    }

    /// Looks at a block of orders; the finding that ends the source.
    fn orders(&mut self, block: &MboBlock<'_>) -> Option<Finding> {
        let (stride, mut rest) = (block.stride, block.bytes);
        // Records to judge one by one before the next look at many.
        let mut singly = 0;
        while let Some(record) = Mbo::first_of(rest) {
            let Some(index) = block.ids.get(record.publisher(), record.instrument_id()) else {
                rest = rest.get(stride..).unwrap_or_default();
                continue;
            };
            self.know(index);
            let memory = &mut self.instruments[index.index()].1;
            if singly == 0 && self.options.orders == OrderChecks::Problems {
                let sound = memory.sound_orders(rest, stride);
                self.report.rows += sound as u64;
                rest = rest.get(sound * stride..).unwrap_or_default();
                singly = GROUP;
                continue;
            }
            singly = singly.saturating_sub(1);
            rest = rest.get(stride..).unwrap_or_default();
            self.report.rows += 1;
            if let Err(problem) = memory.order(record, &mut self.report.lawful) {
                let row = self.report.rows;
                let finding = self.found(index, row, record.ts_event_raw(), problem);
                if self.options.policy != Policy::Warn {
                    return Some(finding);
                }
            }
        }
        None
    }

    /// Looks at the present block of events; those that pass, where some do not, and their rows.
    fn events<S: Source>(
        &mut self,
        source: &S,
        kept: &mut Vec<MarketEvent>,
        rows: &mut Vec<Option<u64>>,
    ) -> Result<Passed, FeedError> {
        let Some(Block::Events(events)) = source.block() else { return Ok(Passed::All) };
        // Copying starts with the first row that does not pass.
        let mut copying = false;
        for (k, event) in events.iter().enumerate() {
            self.report.rows += 1;
            let index = event.instrument();
            if index.index() >= self.instruments.len() {
                self.know(index);
            }
            let memory = &mut self.instruments[index.index()].1;
            let Err(problem) = memory.event(event, &self.options, &mut self.report.lawful) else {
                if copying {
                    kept.push(event.clone());
                    rows.push(source.row(k));
                }
                continue;
            };
            let row = source.row(k).unwrap_or(self.report.rows);
            let finding = self.found(index, row, event.ts_event().0, problem);
            match self.options.policy {
                Policy::Error => return Ok(Passed::Not(finding)),
                Policy::Warn => {}
                Policy::Reject => {
                    if !copying {
                        kept.extend_from_slice(&events[..k]);
                        rows.extend((0..k).map(|k| source.row(k)));
                        copying = true;
                    }
                    self.reject(&finding, event)?;
                }
            }
        }
        Ok(if copying { Passed::Some } else { Passed::All })
    }

    fn reject(&mut self, finding: &Finding, event: &MarketEvent) -> Result<(), FeedError> {
        self.report.rejected += 1;
        let Some(path) = &self.options.rejects else { return Ok(()) };
        let mut shared = self.handle.shared();
        if !self.begun {
            self.begun = true;
            shared.rejects = Some(begin(path)?);
        }
        let Some(file) = &mut shared.rejects else { return Ok(()) };
        let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
        writeln!(
            file,
            "{},{},{},{},{},{}",
            finding.row,
            finding.problem,
            quoted(&finding.symbol),
            finding.ts_event,
            quoted(&finding.details),
            quoted(&format!("{event:?}"))
        )
        .map_err(|e| FeedError::io(file.name(), "write", e))
    }
}

/// Begins a file of rejects, and its folder.
fn begin(path: &Path) -> Result<PartialFile, FeedError> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder)
            .map_err(|e| FeedError::io(&folder.display().to_string(), "create", e))?;
    }
    let mut file = PartialFile::create(path)?;
    writeln!(file, "row,problem,symbol,ts_event,details,event")
        .map_err(|e| FeedError::io(file.name(), "write", e))?;
    Ok(file)
}

impl<S: Source> Source for Checked<S> {
    fn next_block(&mut self) -> Result<Option<Block<'_>>, FeedError> {
        if self.ended {
            self.given = Given::Nothing;
            return Ok(None);
        }
        let advanced = self.advance();
        self.given = *advanced.as_ref().unwrap_or(&Given::Nothing);
        self.ended = self.given == Given::Nothing;
        let mut shared = self.ledger.handle.shared();
        shared.report.clone_from(&self.ledger.report);
        if advanced.is_err() {
            // A source that fails leaves no file.
            shared.rejects = None;
        }
        drop(shared);
        advanced.map(|_| self.block())
    }

    fn block(&self) -> Option<Block<'_>> {
        match self.given {
            Given::Nothing => None,
            Given::Inner => self.inner.block(),
            Given::Kept => Some(Block::Events(&self.kept)),
        }
    }

    fn name(&self) -> &str {
        self.inner.name()
    }

    fn progress(&self) -> f64 {
        self.inner.progress()
    }

    fn row(&self, event: usize) -> Option<u64> {
        match self.given {
            Given::Kept => self.rows.get(event).copied().flatten(),
            _ => self.inner.row(event),
        }
    }
}
