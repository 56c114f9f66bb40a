//! What can go wrong with the artefacts of a run.

use std::path::{Path, PathBuf};

/// An error of the store, with the file, row or field it concerns.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The operating system refused something.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was attempted (`create`, `read`, `rename` …).
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A path that cannot name a file.
    #[error("'{}' names no file; a path with a file name at its end is accepted", path.display())]
    NotAFile {
        /// The path as given.
        path: PathBuf,
    },
    /// Two outputs that would replace each other.
    #[error("two outputs name the same file {}; every output needs its own", path.display())]
    SameFile {
        /// The path that was given twice.
        path: PathBuf,
    },
    /// A Parquet table could not be written.
    #[error("cannot write the table {}: {source}", path.display())]
    Table {
        /// The table's final path.
        path: PathBuf,
        /// What the table writer said.
        source: Box<feed::FeedError>,
    },
    /// A row names a strategy or an instrument that the run does not have.
    #[error("a row of {table} names {what} {index}, the run has {count} (0 to {count} − 1)")]
    UnknownIndex {
        /// The table.
        table: &'static str,
        /// `strategy` or `instrument`.
        what: &'static str,
        /// The index as given.
        index: usize,
        /// How many there are.
        count: usize,
    },
    /// An amount that its column cannot hold.
    #[error("a row of {table} has an amount that does not fit: {source}")]
    Amount {
        /// The table.
        table: &'static str,
        /// What overflowed.
        source: model::ModelError,
    },
    /// A manifest that is larger than any run writes.
    #[error("{} has {bytes} bytes; a manifest has at most {limit}", path.display())]
    ManifestTooLarge {
        /// The file.
        path: PathBuf,
        /// Its size.
        bytes: u64,
        /// The largest accepted size in bytes.
        limit: u64,
    },
    /// A text that is no manifest.
    #[error("{} is not a manifest (line {line}, column {column}): {reason}", path.display())]
    ManifestSyntax {
        /// The file.
        path: PathBuf,
        /// Line from 1.
        line: usize,
        /// Column from 1.
        column: usize,
        /// What the parser said.
        reason: String,
    },
    /// A manifest of another format version.
    #[error("{}: field 'format' is {found}, this version reads {supported}", path.display())]
    ManifestFormat {
        /// The file.
        path: PathBuf,
        /// The format it claims.
        found: u32,
        /// The format that is read.
        supported: u32,
    },
    /// Two runs that ought to be the same are not.
    #[error("{0}")]
    Differs(Box<crate::verify::Difference>),
}

impl StoreError {
    /// The stable code of the error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Io { .. } => "ERR_STORE_IO",
            Self::NotAFile { .. } => "ERR_STORE_NOT_A_FILE",
            Self::SameFile { .. } => "ERR_STORE_SAME_FILE",
            Self::Table { .. } => "ERR_STORE_TABLE",
            Self::UnknownIndex { .. } => "ERR_STORE_UNKNOWN_INDEX",
            Self::Amount { .. } => "ERR_STORE_AMOUNT",
            Self::ManifestTooLarge { .. } => "ERR_STORE_MANIFEST_TOO_LARGE",
            Self::ManifestSyntax { .. } => "ERR_STORE_MANIFEST_SYNTAX",
            Self::ManifestFormat { .. } => "ERR_STORE_MANIFEST_FORMAT",
            Self::Differs(_) => "ERR_STORE_RUN_DIFFERS",
        }
    }

    /// An I/O error with what was attempted on which file.
    pub(crate) fn io(action: &'static str, path: &Path, source: std::io::Error) -> Self {
        Self::Io { action, path: path.to_path_buf(), source }
    }

    /// An error of the table writer, with the table's final path.
    pub(crate) fn table(path: &Path, source: feed::FeedError) -> Self {
        Self::Table { path: path.to_path_buf(), source: Box::new(source) }
    }
}
