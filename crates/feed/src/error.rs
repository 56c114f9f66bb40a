//! What can be wrong with a feed: one error type, with a stable code, the file and the place.

use std::fmt;
use std::io;

/// Where in a file something was found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    /// Byte offset from the start of the (decompressed) file.
    Byte(u64),
    /// Row number, the first row of data being 1.
    Row(u64),
    /// Nowhere in particular.
    Whole,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Byte(at) => write!(f, " at byte {at}"),
            Self::Row(at) => write!(f, " in row {at}"),
            Self::Whole => Ok(()),
        }
    }
}

/// An error of a reader, of the merge, of the checker or of the resolution of instruments.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FeedError {
    /// The operating system refused.
    #[error("{file}: cannot {action}: {source}")]
    Io {
        /// File as it was named.
        file: String,
        /// What was tried, as a verb (`open`, `read`, `write the rejects to`).
        action: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// A file without a single byte.
    #[error("{file}: the file is empty; expected {accepted}")]
    Empty {
        /// File as it was named.
        file: String,
        /// What would have been read.
        accepted: &'static str,
    },
    /// A file of another format than the reader's.
    #[error("{file}: this is {found}; accepted: {accepted}")]
    Format {
        /// File as it was named.
        file: String,
        /// The format found.
        found: String,
        /// What would be accepted.
        accepted: &'static str,
    },
    /// The file ends inside a record or header.
    #[error("{file}{at}: the file ends inside {what}: {have} of {need} bytes are there")]
    Truncated {
        /// File as it was named.
        file: String,
        /// Where the incomplete part starts.
        at: Place,
        /// What is incomplete.
        what: &'static str,
        /// Bytes that it needs.
        need: u64,
        /// Bytes that are there.
        have: u64,
    },
    /// The file ends inside something whose length is not known.
    #[error("{file}{at}: the file ends inside {what}")]
    CutShort {
        /// File as it was named.
        file: String,
        /// How far it could be read.
        at: Place,
        /// What is incomplete.
        what: &'static str,
    },
    /// Bytes that cannot be what they should be.
    #[error("{file}{at}: {reason}")]
    Corrupt {
        /// File as it was named.
        file: String,
        /// Where.
        at: Place,
        /// What is wrong and what would be right.
        reason: String,
    },
    /// A header (CSV, Parquet) without the columns needed, or with unknown ones.
    #[error("{file}: {reason}; columns found: {found}; accepted: {accepted}")]
    Header {
        /// File as it was named.
        file: String,
        /// What is wrong.
        reason: String,
        /// The columns that are there.
        found: String,
        /// What would be accepted.
        accepted: String,
    },
    /// A value that is not what its column holds.
    #[error("{file}{at}, column '{column}': '{value}' is not {accepted}")]
    Value {
        /// File as it was named.
        file: String,
        /// Where.
        at: Place,
        /// Column or field.
        column: String,
        /// The value as found, at most 40 characters.
        value: String,
        /// What would be accepted.
        accepted: String,
    },
    /// A row or record that goes back in time.
    #[error("{file}{at}: {what} of {symbol} is {back_ns} ns before its predecessor")]
    OutOfOrder {
        /// File as it was named.
        file: String,
        /// Where.
        at: Place,
        /// Kind of record.
        what: &'static str,
        /// Symbol or numeric id.
        symbol: String,
        /// How far it goes back.
        back_ns: u64,
    },
    /// A row that the checker does not let pass (policy `error`).
    #[error("{file}{at}: {problem}: {details}")]
    Check {
        /// File as it was named.
        file: String,
        /// Where.
        at: Place,
        /// Kind of problem.
        problem: crate::check::Problem,
        /// The values at fault.
        details: String,
    },
    /// Market-by-order records of several publishers for one instrument, whose book is one's.
    #[error(
        "{file}{at}: the orders of instrument {instrument_id} come from publishers {first} and \
         {second}; choose one with the option 'publishers'"
    )]
    Publishers {
        /// File as it was named.
        file: String,
        /// Where the second one appears.
        at: Place,
        /// The venue's numeric id.
        instrument_id: u32,
        /// Publisher seen first.
        first: u16,
        /// Publisher seen now.
        second: u16,
    },
    /// A symbol that was asked for and is not there.
    #[error("{file}: symbol '{symbol}' is not in the data; there: {available}")]
    UnknownSymbol {
        /// File as it was named.
        file: String,
        /// The symbol asked for.
        symbol: String,
        /// Symbols that are there (the first few).
        available: String,
    },
    /// An instrument without the terms that trading it needs.
    #[error("instrument '{symbol}': {reason}; {accepted}")]
    InstrumentTerms {
        /// Symbol.
        symbol: String,
        /// What is unknown or impossible.
        reason: String,
        /// What to configure.
        accepted: String,
    },
    /// An option of a reader that it cannot have.
    #[error("option '{option}': '{value}' is not {accepted}")]
    Setting {
        /// Name of the option.
        option: &'static str,
        /// The value given.
        value: String,
        /// What would be accepted.
        accepted: String,
    },
    /// The caller stopped the work by its progress callback.
    #[error("{what} was stopped")]
    Stopped {
        /// What was being done.
        what: &'static str,
    },
    /// A word of the model that cannot be what it claims.
    #[error("{file}{at}: {source}")]
    Model {
        /// File as it was named.
        file: String,
        /// Where.
        at: Place,
        /// What is wrong.
        source: model::ModelError,
    },
}

impl FeedError {
    /// Stable code: `ERR_FEED_<REASON>`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Io { .. } => "ERR_FEED_IO",
            Self::Empty { .. } => "ERR_FEED_EMPTY",
            Self::Format { .. } => "ERR_FEED_FORMAT",
            Self::Truncated { .. } | Self::CutShort { .. } => "ERR_FEED_TRUNCATED",
            Self::Corrupt { .. } => "ERR_FEED_CORRUPT",
            Self::Header { .. } => "ERR_FEED_HEADER",
            Self::Value { .. } => "ERR_FEED_VALUE",
            Self::OutOfOrder { .. } => "ERR_FEED_OUT_OF_ORDER",
            Self::Check { problem, .. } => problem.code(),
            Self::Publishers { .. } => "ERR_FEED_PUBLISHERS",
            Self::UnknownSymbol { .. } => "ERR_FEED_UNKNOWN_SYMBOL",
            Self::InstrumentTerms { .. } => "ERR_FEED_INSTRUMENT_TERMS",
            Self::Setting { .. } => "ERR_FEED_SETTING",
            Self::Stopped { .. } => "ERR_FEED_STOPPED",
            Self::Model { .. } => "ERR_FEED_MODEL",
        }
    }

    /// The system's refusal to do `action` on `file`.
    #[must_use]
    pub fn io(file: &str, action: &'static str, source: io::Error) -> Self {
        Self::Io { file: file.to_owned(), action, source }
    }

    /// Bytes at `at` that cannot be what they should be.
    #[must_use]
    pub fn corrupt(file: &str, at: u64, reason: impl Into<String>) -> Self {
        Self::Corrupt { file: file.to_owned(), at: Place::Byte(at), reason: reason.into() }
    }

    /// Place of the fault, where the error has one.
    #[must_use]
    pub fn place(&self) -> Place {
        match self {
            Self::Truncated { at, .. }
            | Self::CutShort { at, .. }
            | Self::Corrupt { at, .. }
            | Self::Value { at, .. }
            | Self::OutOfOrder { at, .. }
            | Self::Check { at, .. }
            | Self::Publishers { at, .. }
            | Self::Model { at, .. } => *at,
            _ => Place::Whole,
        }
    }
}
