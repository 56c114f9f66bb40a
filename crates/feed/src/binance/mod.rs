//! Recorded frames of Binance's market streams: spot, USD-margined and coin-margined futures.
//!
//! A line is a local receive stamp (s, ms, µs or ns since 1970, told apart by its size), a space and
//! a frame as it came: of a combined stream (`{"stream":…,"data":…}`), of a raw one, or the answer
//! of a depth request (`{"lastUpdateId":…}`). A line without a stamp was received when it was sent.
//!
//! - **Clocks.** The venue's time of a futures frame is its transaction time `T`, of a spot trade
//!   `T`, of spot depth the sending time `E`: the changes in it are of the interval before. Streams
//!   come to the recorder over separate connections, so a trade can be received after depth that
//!   the exchange made later; events are given in the venue's order, within [`HOLD`] of receiving.
//! - **Book.** Known from a snapshot on (or built from nothing where that is asked for). Depth
//!   received before the snapshot and newer than it is applied after it; what is older is dropped.
//!   Spot goes on with `U = u + 1` of its predecessor, futures with `pu = u`: anything else is a gap.
//!
//! Sources: Binance's documentation of "how to manage a local order book correctly" for each market.

mod counts;
mod events;
mod frame;
mod lines;
mod order;
mod scan;
mod sequence;
mod source;

pub use counts::BinanceCounts;
pub use order::HOLD;
pub use scan::{BinanceScan, is_recording, scan};
pub use source::BinanceSource;

/// What the reader reads, for messages.
const ACCEPTED: &str = "recorded Binance frames, one a line: a receive stamp, a space and the JSON \
                        of a depth, trade or bookTicker stream or of a depth snapshot; plain, gzip \
                        (.gz) or zstd (.zst)";

/// From where on the book is known.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum BookStart {
    /// From the first snapshot on (default).
    #[default]
    Snapshot,
    /// From the first change on: levels appear when they first change.
    Build,
}

/// What happens at a gap in the sequence of a book.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum OnGap {
    /// The source ends with an error that names the line (default).
    #[default]
    Error,
    /// The book is empty until the next snapshot.
    Resync,
}

/// Which streams make the market.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum BinanceStreams {
    /// Depth and trades (default).
    #[default]
    Depth,
    /// Best prices (`bookTicker`) and trades.
    Best,
}

/// How frames are read.
#[derive(Clone, Debug, Default)]
pub struct BinanceOptions {
    /// Only these symbols. Default: all.
    pub symbols: Vec<String>,
    /// From where on the book is known. Default: the first snapshot.
    pub book: BookStart,
    /// What happens at a gap. Default: an error.
    pub gaps: OnGap,
    /// Which streams make the market. Default: depth and trades.
    pub streams: BinanceStreams,
    /// Added to receive stamps, in ns: how far the recorder's clock runs behind the exchange's.
    /// Default: 0.
    pub clock_offset: i64,
}
