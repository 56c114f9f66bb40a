//! The checker between a source and its reader.

use super::rules::Memory;
use super::{CheckOptions, CheckReport, Finding, Policy, Problem};
use crate::error::{FeedError, Place};
use crate::instruments::Instruments;
use crate::output::PartialFile;
use crate::source::{Block, Source};
use model::{InstrumentIndex, MarketEvent};
use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

/// The report of a check under way or finished.
#[derive(Clone, Debug, Default)]
pub struct CheckHandle(Arc<Mutex<CheckReport>>);

impl CheckHandle {
    /// What has been found so far (complete once the source has ended).
    #[must_use]
    pub fn report(&self) -> CheckReport {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// A source whose rows are checked on their way.
pub struct Checked<S> {
    inner: S,
    options: CheckOptions,
    /// Symbol and memory of each instrument.
    instruments: Vec<(String, Memory)>,
    report: CheckReport,
    handle: CheckHandle,
    rejects: Option<PartialFile>,
    kept: Vec<MarketEvent>,
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
    /// [`FeedError::Io`] when the rejects file cannot be created, [`FeedError::Setting`] when one
    /// is named under another policy than [`Policy::Reject`].
    pub fn new(
        inner: S,
        instruments: &Instruments,
        options: CheckOptions,
    ) -> Result<(Self, CheckHandle), FeedError> {
        let mut rejects = None;
        if let Some(path) = &options.rejects {
            if options.policy != Policy::Reject {
                return Err(FeedError::Setting {
                    option: "rejects",
                    value: path.display().to_string(),
                    accepted: "used: rows are set aside under the policy 'reject' only".into(),
                });
            }
            let mut file = PartialFile::create(path)?;
            writeln!(file, "row,problem,symbol,ts_event,details,event")
                .map_err(|e| FeedError::io(file.name(), "write", e))?;
            rejects = Some(file);
        }
        let instruments = instruments
            .as_slice()
            .iter()
            .map(|i| (i.symbol.clone(), Memory::new(Some(i.kind))))
            .collect();
        let handle = CheckHandle::default();
        let checked = Self {
            inner,
            options,
            instruments,
            report: CheckReport::default(),
            handle: handle.clone(),
            rejects,
            kept: Vec::new(),
            given: Given::Nothing,
            ended: false,
        };
        Ok((checked, handle))
    }

    fn advance(&mut self) -> Result<Given, FeedError> {
        loop {
            let block = self.inner.next_block()?;
            let mut ledger = Ledger {
                file: None,
                options: &self.options,
                report: &mut self.report,
                instruments: &mut self.instruments,
            };
            match block {
                None => {
                    if let Some(rejects) = self.rejects.take() {
                        rejects.finish()?;
                    }
                    return Ok(Given::Nothing);
                }
                Some(Block::Mbo(block)) => {
                    if !self.options.orders {
                        return Ok(Given::Inner);
                    }
                    let mut fault = None;
                    let mut lawful = ledger.report.lawful;
                    for record in block.records() {
                        let id = (record.publisher(), record.instrument_id());
                        let Some(index) = block.ids.get(id.0, id.1) else { continue };
                        ledger.report.rows += 1;
                        let verdict = ledger.memory(index).1.order(record, &mut lawful);
                        if let Err(problem) = verdict {
                            let finding = ledger.found(index, record.ts_event_raw(), problem);
                            if self.options.policy != Policy::Warn {
                                fault = Some(finding);
                                break;
                            }
                        }
                    }
                    ledger.report.lawful = lawful;
                    match fault {
                        Some(finding) => return Err(self.error(finding)),
                        None => return Ok(Given::Inner),
                    }
                }
                Some(Block::Events(events)) => {
                    ledger.file = self.rejects.as_mut();
                    self.kept.clear();
                    match ledger.events(events, &mut self.kept)? {
                        Passed::All => return Ok(Given::Inner),
                        Passed::Some if self.kept.is_empty() => {}
                        Passed::Some => return Ok(Given::Kept),
                        Passed::Not(finding) => return Err(self.error(finding)),
                    }
                }
            }
        }
    }

    fn error(&self, finding: Finding) -> FeedError {
        FeedError::Check {
            file: self.inner.name().to_owned(),
            at: Place::Row(finding.row),
            problem: finding.problem,
            details: format!("{} {}", finding.symbol, finding.details),
        }
    }
}

/// How a block fared.
enum Passed {
    All,
    Some,
    Not(Finding),
}

/// What judging needs beside the block itself.
struct Ledger<'a> {
    file: Option<&'a mut PartialFile>,
    options: &'a CheckOptions,
    report: &'a mut CheckReport,
    instruments: &'a mut Vec<(String, Memory)>,
}

impl Ledger<'_> {
    fn memory(&mut self, index: InstrumentIndex) -> &mut (String, Memory) {
        while self.instruments.len() <= index.index() {
            let name = format!("instrument {}", self.instruments.len());
            self.instruments.push((name, Memory::new(None)));
        }
        &mut self.instruments[index.index()]
    }

    fn found(
        &mut self,
        index: InstrumentIndex,
        ts_event: u64,
        (problem, details): (Problem, String),
    ) -> Finding {
        let symbol = self.memory(index).0.clone();
        let row = self.report.rows;
        let finding = Finding { problem, row, symbol, ts_event, details };
        self.report.add(finding.clone());
        finding
    }

    fn events(
        &mut self,
        events: &[MarketEvent],
        kept: &mut Vec<MarketEvent>,
    ) -> Result<Passed, FeedError> {
        let reject = self.options.policy == Policy::Reject;
        // Copying starts with the first row that does not pass.
        let mut copying = false;
        for (k, event) in events.iter().enumerate() {
            self.report.rows += 1;
            let index = event.instrument();
            let options = self.options;
            let mut lawful = self.report.lawful;
            let verdict = self.memory(index).1.event(event, options, &mut lawful);
            self.report.lawful = lawful;
            let Err(problem) = verdict else {
                if copying {
                    kept.push(event.clone());
                }
                continue;
            };
            let finding = self.found(index, event.ts_event().0, problem);
            match self.options.policy {
                Policy::Error => return Ok(Passed::Not(finding)),
                Policy::Warn => {}
                Policy::Reject => {
                    if !copying {
                        kept.extend_from_slice(&events[..k]);
                        copying = true;
                    }
                    self.reject(&finding, event)?;
                }
            }
        }
        Ok(if reject && copying { Passed::Some } else { Passed::All })
    }

    fn reject(&mut self, finding: &Finding, event: &MarketEvent) -> Result<(), FeedError> {
        self.report.rejected += 1;
        let Some(file) = &mut self.file else { return Ok(()) };
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

impl<S: Source> Source for Checked<S> {
    fn next_block(&mut self) -> Result<Option<Block<'_>>, FeedError> {
        if self.ended {
            self.given = Given::Nothing;
            return Ok(None);
        }
        let advanced = self.advance();
        self.given = *advanced.as_ref().unwrap_or(&Given::Nothing);
        self.ended = self.given == Given::Nothing;
        let mut shared = self.handle.0.lock().unwrap_or_else(PoisonError::into_inner);
        shared.clone_from(&self.report);
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
}
