//! What a reader of frames counts.

/// What was read so far.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct BinanceCounts {
    /// Depth frames.
    pub depth: u64,
    /// Level changes in them.
    pub changes: u64,
    /// Trades.
    pub trades: u64,
    /// Best prices.
    pub best: u64,
    /// Snapshots of the book.
    pub snapshots: u64,
    /// Frames of other kinds and of symbols that are not in the run.
    pub others: u64,
    /// Depth frames that came before their book was known and are not part of it.
    pub before_book: u64,
    /// Depth frames that were older than the book, or came twice.
    pub old: u64,
    /// Snapshots older than what had been received.
    pub stale_snapshots: u64,
    /// Holes in the sequence.
    pub gaps: u64,
    /// Trades outside the book (insurance fund, deleveraging).
    pub outside_book: u64,
    /// Messages that came too late for the venue's order and took the time of those before them.
    pub late: u64,
}
