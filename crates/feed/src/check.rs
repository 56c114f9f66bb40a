//! What is wrong with the data, and what to do about it.
//!
//! [`Checked`] lets a source's blocks through and looks at every event, and, where asked, at
//! every market-by-order record. What is lawful is counted, not reported: quotes that cross
//! while the market does not trade (before its open, in a halt), stamps of a snapshot, exchange
//! times that step back a little while receive times go on, gaps in the sequence numbers of a
//! filtered file, empty bar intervals.

mod rules;
mod source;

pub use source::{CheckHandle, Checked};

use std::collections::BTreeMap;
use std::path::PathBuf;

/// A kind of problem in the data.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Problem {
    /// Earlier than its predecessor of the same kind and instrument.
    OutOfOrder,
    /// Best bid above best ask while the market trades.
    Crossed,
    /// A price, size or volume below zero where none can be.
    Negative,
    /// The same row twice.
    Duplicated,
    /// A hole in a sequence of numbers or bars.
    Gapped,
    /// A row that contradicts itself (high below low, a price of zero size, time zero, …).
    Impossible,
}

impl Problem {
    /// Stable code: `ERR_FEED_<PROBLEM>`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::OutOfOrder => "ERR_FEED_OUT_OF_ORDER",
            Self::Crossed => "ERR_FEED_CROSSED",
            Self::Negative => "ERR_FEED_NEGATIVE",
            Self::Duplicated => "ERR_FEED_DUPLICATED",
            Self::Gapped => "ERR_FEED_GAPPED",
            Self::Impossible => "ERR_FEED_IMPOSSIBLE",
        }
    }

    /// In one word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OutOfOrder => "out of order",
            Self::Crossed => "crossed",
            Self::Negative => "negative",
            Self::Duplicated => "duplicated",
            Self::Gapped => "gap",
            Self::Impossible => "impossible",
        }
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What happens to a row with a problem.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Policy {
    /// The source ends with an error that names the row (default).
    #[default]
    Error,
    /// The row is set aside into the rejects file and counted. A market-by-order record cannot
    /// be taken out of its book: there this is [`Self::Error`].
    Reject,
    /// The row is counted and passes.
    Warn,
}

/// How a source is checked.
#[derive(Clone, Debug, Default)]
pub struct CheckOptions {
    /// What happens to a row with a problem (default: error).
    pub policy: Policy,
    /// Where rejected rows go (CSV; it appears when the source has ended or
    /// [`CheckHandle::finish`] is called, and only where there are any); `None`: nowhere, they are
    /// only counted. Used by [`Policy::Reject`] alone.
    pub rejects: Option<PathBuf>,
    /// Whether an empty interval between two bars is a problem (default: lawful, counted).
    pub continuous_bars: bool,
    /// Whether a trade or quote equal to its predecessor in every field is a problem (default:
    /// lawful, counted; recorded feeds repeat them). A bar of the same interval always is.
    pub unique_rows: bool,
    /// Whether the source has quotes but never trades: then crossed quotes are a problem from the
    /// first row on, where otherwise the first trade marks the open (default: no).
    pub quotes_only: bool,
    /// How market-by-order records are looked at (default: not at all).
    pub orders: OrderChecks,
}

/// How market-by-order records are looked at.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum OrderChecks {
    /// Not at all (default).
    #[default]
    Off,
    /// For problems: a few instructions a record; what is lawful is not counted.
    Problems,
    /// For problems, and what is lawful is counted.
    Everything,
}

/// What was wrong with one row.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize)]
pub struct Finding {
    /// Kind of problem.
    pub problem: Problem,
    /// Row of the file where the source has rows, else number of the event or record, from 1.
    pub row: u64,
    /// Symbol.
    pub symbol: String,
    /// Exchange time in ns since 1970; written as text, as a JavaScript number does not hold it.
    #[serde(serialize_with = "as_text")]
    pub ts_event: u64,
    /// The values at fault.
    pub details: String,
}

fn as_text<S: serde::Serializer>(number: &u64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(number)
}

/// What is unusual but lawful, counted.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, serde::Serialize)]
pub struct Lawful {
    /// Quotes that crossed while the market did not trade.
    pub crossed_before_open: u64,
    /// Exchange times before their predecessor's while the receive time went on.
    pub backward_steps: u64,
    /// The largest such step in ns.
    pub largest_step_ns: u64,
    /// Records of a snapshot.
    pub snapshot_records: u64,
    /// Steps of more than one in the sequence numbers of market-by-order records.
    pub sequence_gaps: u64,
    /// Trades and quotes equal to their predecessor.
    pub repeated_rows: u64,
    /// Empty intervals between bars.
    pub empty_intervals: u64,
}

/// Most findings that a report keeps in full.
pub const MAX_FINDINGS: usize = 20;

/// What a check found.
#[derive(Clone, PartialEq, Eq, Debug, Default, serde::Serialize)]
pub struct CheckReport {
    /// Events and records looked at.
    pub rows: u64,
    /// Problems by kind.
    pub problems: BTreeMap<Problem, u64>,
    /// Rows set aside.
    pub rejected: u64,
    /// The first findings, at most [`MAX_FINDINGS`].
    pub first: Vec<Finding>,
    /// What is unusual but lawful.
    pub lawful: Lawful,
}

impl CheckReport {
    /// Number of rows with a problem.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.problems.values().sum()
    }

    fn add(&mut self, finding: Finding) {
        *self.problems.entry(finding.problem).or_insert(0) += 1;
        if self.first.len() < MAX_FINDINGS {
            self.first.push(finding);
        }
    }
}
