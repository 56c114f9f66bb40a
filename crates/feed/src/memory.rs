//! Sources over what is already in memory.

use crate::dbn::IdMap;
use crate::error::FeedError;
use crate::source::{Block, MAX_BLOCK_BYTES, MboBlock, Source};
use model::mbo::MBO_RTYPE;
use model::{InstrumentIndex, MBO_SIZE, MarketEvent};
use std::sync::Arc;

/// Market-by-order records in memory, 56 bytes each, as a source.
#[derive(Clone, Debug)]
pub struct MemoryMbo {
    name: String,
    bytes: Arc<[u8]>,
    /// The block given out last.
    from: usize,
    at: usize,
    ids: IdMap,
}

impl MemoryMbo {
    /// A source of these records; every one is checked for its length and record type here.
    /// Every numeric id is instrument 0 unless [`Self::with_ids`] says otherwise.
    ///
    /// # Errors
    /// [`FeedError::Truncated`] or [`FeedError::Corrupt`] with the byte at fault.
    pub fn new(name: &str, bytes: impl Into<Arc<[u8]>>) -> Result<Self, FeedError> {
        let bytes = bytes.into();
        let mut records = bytes.chunks_exact(MBO_SIZE);
        let fault =
            records.by_ref().position(|r| usize::from(r[0]) * 4 != MBO_SIZE || r[1] != MBO_RTYPE);
        if let Some(index) = fault {
            let at = index * MBO_SIZE;
            return Err(FeedError::corrupt(
                name,
                at as u64,
                format!(
                    "a market-by-order record starts with length 14 and type 160, not {} and {}",
                    bytes[at],
                    bytes[at + 1]
                ),
            ));
        }
        let rest = bytes.len() % MBO_SIZE;
        if rest > 0 {
            return Err(FeedError::Truncated {
                file: name.to_owned(),
                at: crate::Place::Byte((bytes.len() - rest) as u64),
                what: "a market-by-order record",
                need: MBO_SIZE as u64,
                have: rest as u64,
            });
        }
        Ok(Self {
            name: name.to_owned(),
            bytes,
            from: 0,
            at: 0,
            ids: IdMap::any(InstrumentIndex(0)),
        })
    }

    /// Sets which instrument a record belongs to.
    #[must_use]
    pub fn with_ids(mut self, ids: IdMap) -> Self {
        self.ids = ids;
        self
    }

    /// Goes back to the first record.
    pub fn rewind(&mut self) {
        (self.from, self.at) = (0, 0);
    }
}

impl Source for MemoryMbo {
    fn next_block(&mut self) -> Result<Option<Block<'_>>, FeedError> {
        self.from = self.at;
        let left = self.bytes.len() - self.at;
        self.at += left.min(MAX_BLOCK_BYTES / MBO_SIZE * MBO_SIZE);
        Ok(self.block())
    }

    fn block(&self) -> Option<Block<'_>> {
        let bytes = &self.bytes[self.from..self.at];
        let block = MboBlock { bytes, stride: MBO_SIZE, ids: &self.ids };
        (!bytes.is_empty()).then_some(Block::Mbo(block))
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn progress(&self) -> f64 {
        if self.bytes.is_empty() { 1.0 } else { self.at as f64 / self.bytes.len() as f64 }
    }
}

/// Events in memory as a source.
#[derive(Clone, Debug)]
pub struct MemoryEvents {
    name: String,
    events: Arc<[MarketEvent]>,
    /// The block given out last.
    from: usize,
    at: usize,
    block: usize,
}

impl MemoryEvents {
    /// A source of these events, given out 1,024 at a time.
    #[must_use]
    pub fn new(name: &str, events: impl Into<Arc<[MarketEvent]>>) -> Self {
        Self { name: name.to_owned(), events: events.into(), from: 0, at: 0, block: 1024 }
    }

    /// Gives out this many events at a time (at least one).
    #[must_use]
    pub fn with_block(mut self, events: usize) -> Self {
        self.block = events.max(1);
        self
    }

    /// Goes back to the first event.
    pub fn rewind(&mut self) {
        (self.from, self.at) = (0, 0);
    }
}

impl Source for MemoryEvents {
    fn next_block(&mut self) -> Result<Option<Block<'_>>, FeedError> {
        self.from = self.at;
        self.at = self.events.len().min(self.at.saturating_add(self.block));
        Ok(self.block())
    }

    fn block(&self) -> Option<Block<'_>> {
        let events = &self.events[self.from..self.at];
        (!events.is_empty()).then_some(Block::Events(events))
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn progress(&self) -> f64 {
        if self.events.is_empty() { 1.0 } else { self.at as f64 / self.events.len() as f64 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::MboFields;

    #[test]
    fn records_in_memory_come_out_whole_and_in_order() {
        let count = MAX_BLOCK_BYTES / MBO_SIZE + 10;
        let mut bytes = Vec::new();
        for k in 0..count {
            bytes.extend(MboFields { order_id: k as u64, ..MboFields::default() }.encode());
        }
        let mut source = MemoryMbo::new("m", bytes).unwrap();
        for _ in 0..2 {
            let mut next = 0;
            while let Some(Block::Mbo(block)) = source.next_block().unwrap() {
                assert!(block.bytes.len() <= MAX_BLOCK_BYTES && !block.is_empty());
                for record in block.records() {
                    assert_eq!(record.order_id(), next);
                    next += 1;
                }
            }
            assert_eq!((next as usize, source.progress()), (count, 1.0));
            source.rewind();
        }
    }

    #[test]
    fn a_wrong_length_type_or_tail_is_named_with_its_byte() {
        let mut bytes = MboFields::default().encode().repeat(3);
        bytes[57] = 1;
        let error = MemoryMbo::new("m", bytes.clone()).unwrap_err();
        assert_eq!((error.code(), error.place()), ("ERR_FEED_CORRUPT", crate::Place::Byte(56)));
        let error = MemoryMbo::new("m", &bytes[..40]).unwrap_err();
        assert_eq!((error.code(), error.place()), ("ERR_FEED_TRUNCATED", crate::Place::Byte(0)));
    }
}
