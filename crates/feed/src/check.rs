//! What is wrong with the data, and what to do about it.

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
