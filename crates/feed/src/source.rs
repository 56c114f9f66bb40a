//! What every reader gives: blocks of events, in file order.

use crate::dbn::IdMap;
use crate::error::FeedError;
use model::MarketEvent;

/// Most bytes of a [`MboBlock`].
pub const MAX_BLOCK_BYTES: usize = 256 * 1024;

/// Whole market-by-order records as they lie in the file, every one checked for its length and
/// record type; at most [`MAX_BLOCK_BYTES`].
#[derive(Clone, Copy, Debug)]
pub struct MboBlock<'a> {
    /// The records, `stride` bytes each; the length is a multiple of the stride.
    pub bytes: &'a [u8],
    /// Bytes from one record to the next: 56, or 64 with the gateway's sending time (`ts_out`).
    pub stride: usize,
    /// Which instrument of the run a record belongs to.
    pub ids: &'a IdMap,
}

impl<'a> MboBlock<'a> {
    /// Number of records.
    #[must_use]
    pub fn len(&self) -> usize {
        self.bytes.len() / self.stride
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The records in order.
    #[inline]
    pub fn records(&self) -> impl Iterator<Item = model::Mbo<'a>> + use<'a> {
        self.bytes.chunks_exact(self.stride).filter_map(model::Mbo::first_of)
    }
}

/// A piece of a source.
#[derive(Clone, Copy, Debug)]
pub enum Block<'a> {
    /// Market by order, to be read in place.
    Mbo(MboBlock<'a>),
    /// Events of every other kind.
    Events(&'a [MarketEvent]),
}

/// A stream of market events: a file, several merged, a generator.
pub trait Source: Send {
    /// The next block in file order, `None` at the end. Blocks are never empty. After an error
    /// the source is at its end.
    ///
    /// # Errors
    /// [`FeedError`]: what is wrong, in which file and where.
    fn next_block(&mut self) -> Result<Option<Block<'_>>, FeedError>;

    /// The block that [`Self::next_block`] gave last, borrowed again: the engine stops in the
    /// middle of a block whenever a strategy must see something, and comes back to it. `None`
    /// before the first and after the last block.
    fn block(&self) -> Option<Block<'_>>;

    /// Name for messages and results, mostly the file's.
    fn name(&self) -> &str;

    /// How much of the input has been given out, 0 to 1.
    fn progress(&self) -> f64;

    /// The row of the file, from 1, that an event of the present block came from; `None` (the
    /// default) where there are no rows.
    fn row(&self, event: usize) -> Option<u64> {
        let _ = event;
        None
    }
}

impl<S: Source + ?Sized> Source for Box<S> {
    fn next_block(&mut self) -> Result<Option<Block<'_>>, FeedError> {
        (**self).next_block()
    }

    fn block(&self) -> Option<Block<'_>> {
        (**self).block()
    }

    fn name(&self) -> &str {
        (**self).name()
    }

    fn progress(&self) -> f64 {
        (**self).progress()
    }

    fn row(&self, event: usize) -> Option<u64> {
        (**self).row(event)
    }
}
