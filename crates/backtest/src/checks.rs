//! The checks of the configured data: the policy of each source, and what was found.

use crate::configuration::{DataSource, Output, RunConfiguration};
use crate::error::BacktestError;
use feed::check::{CheckHandle, CheckOptions, Checked, Finding, OrderChecks, Policy, Problem};
use feed::{Instruments, Source};
use model::UnixNanos;
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What was found in one source, in the result of a run.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CheckOutcome {
    /// The source: a file, mostly.
    pub source: String,
    /// What happened to a row with a problem: `error`, `reject` or `warn`.
    pub policy: Policy,
    /// Events and records looked at.
    pub rows: u64,
    /// Problems by kind.
    pub problems: BTreeMap<Problem, u64>,
    /// Rows set aside.
    pub rejected: u64,
    /// The file that they were set aside in.
    pub rejects_file: Option<String>,
    /// The first rows with a problem.
    pub first: Vec<FaultyRow>,
}

/// A row with a problem.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FaultyRow {
    /// Row of the file where it has rows, else number of the event or record, from 1.
    pub row: u64,
    /// Kind of problem.
    pub problem: Problem,
    /// Symbol.
    pub symbol: String,
    /// Exchange time, ms since 1970.
    pub time: f64,
    /// The values at fault.
    pub details: String,
}

impl From<Finding> for FaultyRow {
    fn from(found: Finding) -> Self {
        let Finding { problem, row, symbol, ts_event, details } = found;
        Self { row, problem, symbol, time: UnixNanos(ts_event).as_millis_f64(), details }
    }
}

/// The check of one source under way.
#[derive(Debug)]
pub struct SourceCheck {
    source: String,
    policy: Policy,
    rejects: Option<PathBuf>,
    handle: CheckHandle,
}

/// Most findings that a note names.
const NAMED: usize = 3;

impl SourceCheck {
    /// Ends the check: rejects get their file.
    ///
    /// # Errors
    /// [`BacktestError::Feed`] when the file of the rejects cannot be written.
    pub fn conclude(&self) -> Result<CheckOutcome, BacktestError> {
        self.handle.finish()?;
        let report = self.handle.report();
        let rejects = self.rejects.as_ref().filter(|_| report.rejected > 0);
        Ok(CheckOutcome {
            source: self.source.clone(),
            policy: self.policy,
            rows: report.rows,
            problems: report.problems,
            rejected: report.rejected,
            rejects_file: rejects.map(|path| path.display().to_string()),
            first: report.first.into_iter().map(FaultyRow::from).collect(),
        })
    }
}

impl CheckOutcome {
    /// The sentence that a reader of the result must see; `None` where nothing was wrong.
    #[must_use]
    pub fn note(&self) -> Option<String> {
        if self.problems.is_empty() {
            return None;
        }
        let total: u64 = self.problems.values().sum();
        let kinds: Vec<String> =
            self.problems.iter().map(|(problem, count)| format!("{count} {problem}")).collect();
        let fate = match (self.policy, &self.rejects_file) {
            (Policy::Reject, Some(file)) => format!("set aside in {file}"),
            (Policy::Reject, None) if self.rejected > 0 => "set aside".to_owned(),
            _ => "used as they are".to_owned(),
        };
        let first: Vec<String> = self
            .first
            .iter()
            .take(NAMED)
            .map(|found| format!("row {}: {} {}", found.row, found.symbol, found.details))
            .collect();
        let more = if total > first.len() as u64 { " …" } else { "" };
        Some(format!(
            "{}: {total} of {} rows are faulty ({}) and were {fate}; {}{more}",
            self.source,
            self.rows,
            kinds.join(", "),
            first.join("; "),
        ))
    }
}

/// Wraps sources into their checks.
pub(crate) struct Checks<'a> {
    output: &'a Output,
    instruments: &'a Instruments,
    done: Vec<SourceCheck>,
}

impl<'a> Checks<'a> {
    pub(crate) fn new(configuration: &'a RunConfiguration, instruments: &'a Instruments) -> Self {
        Self { output: &configuration.output, instruments, done: Vec::new() }
    }

    /// A source that is checked under a policy; `quotes_only` as in [`CheckOptions`].
    pub(crate) fn wrap(
        &mut self,
        source: Box<dyn Source>,
        policy: Policy,
        quotes_only: bool,
    ) -> Result<Box<dyn Source>, BacktestError> {
        let name = source.name().to_owned();
        let rejects = (policy == Policy::Reject).then(|| self.rejects(&name)).flatten();
        let options = CheckOptions {
            policy,
            rejects: rejects.clone(),
            quotes_only,
            orders: OrderChecks::Problems,
            ..CheckOptions::default()
        };
        let (checked, handle) = Checked::new(source, self.instruments, options)?;
        self.done.push(SourceCheck { source: name, policy, rejects, handle });
        Ok(Box::new(checked))
    }

    /// The file of a source's rejects: in the folder of the results; `None` where they go nowhere.
    fn rejects(&self, name: &str) -> Option<PathBuf> {
        let beside = |file: &Option<String>| {
            file.as_deref().and_then(|file| Path::new(file).parent()).map(Path::to_path_buf)
        };
        let folder = self
            .output
            .directory
            .as_ref()
            .map(PathBuf::from)
            .or_else(|| beside(&self.output.trades_file))
            .or_else(|| beside(&self.output.metrics_file))?;
        let base = name.rsplit(['/', '\\']).next().unwrap_or(name);
        let stem: String = base
            .split('.')
            .next()
            .unwrap_or(base)
            .chars()
            .map(|c| if c.is_alphanumeric() || matches!(c, '-' | '_') { c } else { '-' })
            .collect();
        let taken = |path: &PathBuf| self.done.iter().any(|it| it.rejects.as_ref() == Some(path));
        let named = |k: usize| match k {
            0 => folder.join(format!("rejects-{stem}.csv")),
            k => folder.join(format!("rejects-{stem}-{}.csv", k + 1)),
        };
        (0..).map(named).find(|path| !taken(path))
    }

    pub(crate) fn finish(self) -> Vec<SourceCheck> {
        self.done
    }
}

/// The policy of a source.
pub(crate) fn policy(source: &DataSource) -> Result<Policy, BacktestError> {
    match source.checks.as_deref() {
        None | Some("error") => Ok(Policy::Error),
        Some("reject") => Ok(Policy::Reject),
        Some("warn") => Ok(Policy::Warn),
        Some(other) => {
            let accepted = "accepted are error, reject and warn";
            Err(BacktestError::setting("data.checks", other, accepted))
        }
    }
}
