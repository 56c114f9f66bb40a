//! A generated market as a source: generated on a second thread, or where it is read.

use super::SyntheticMarket;
use crate::dbn::{Decode, IdMap};
use crate::error::FeedError;
use crate::source::{Block, MAX_BLOCK_BYTES, MboBlock, Source};
use crossbeam_channel::{Receiver, Sender, bounded};
use model::MBO_SIZE;
use std::thread::JoinHandle;

/// Buffers in use: one is read, one filled, the others wait.
const BUFFERS: usize = 4;

/// Records of a generated market, and how much of it they end.
struct Piece {
    bytes: Vec<u8>,
    progress: f64,
}

/// A generated market that is made ahead of its reader, on a thread of its own. Its blocks are
/// those of [`SyntheticMarket`], byte for byte. Dropping it ends the thread.
pub struct ThreadedMarket {
    name: String,
    ids: IdMap,
    full: Receiver<Piece>,
    /// `None` once the reader needs no more.
    empty: Option<Sender<Vec<u8>>>,
    worker: Option<JoinHandle<()>>,
    current: Option<Piece>,
    progress: f64,
}

impl SyntheticMarket {
    /// This market as a source, generated on a second thread or where it is read.
    ///
    /// # Errors
    /// [`FeedError::Io`] when the system refuses a thread.
    pub fn into_source(self, generate: Decode) -> Result<Box<dyn Source>, FeedError> {
        match generate {
            Decode::Inline => Ok(Box::new(self)),
            Decode::Thread => Ok(Box::new(ThreadedMarket::start(self)?)),
        }
    }

    /// The next piece of the stream in a buffer whose bytes are replaced; `false` at the end.
    fn next_into(&mut self, buffer: &mut Vec<u8>) -> bool {
        buffer.clear();
        let Some(range) = self.generate() else { return false };
        if range == (0..self.out.len()) {
            // All that is there: handed over as it is.
            std::mem::swap(&mut self.out, buffer);
            self.given = 0;
        } else {
            buffer.extend_from_slice(self.out.get(range).unwrap_or_default());
        }
        true
    }
}

impl ThreadedMarket {
    fn start(mut market: SyntheticMarket) -> Result<Self, FeedError> {
        let name = market.name().to_owned();
        let ids = market.ids.clone();
        let (full_in, full) = bounded::<Piece>(BUFFERS - 2);
        let (empty, empty_out) = bounded::<Vec<u8>>(BUFFERS);
        for _ in 0..BUFFERS {
            // The channel holds them all and its other end is at hand: this does not fail.
            let _ = empty.try_send(Vec::with_capacity(MAX_BLOCK_BYTES));
        }
        let work = move || {
            while let Ok(mut bytes) = empty_out.recv() {
                if !market.next_into(&mut bytes) {
                    return;
                }
                let piece = Piece { bytes, progress: market.progress() };
                if full_in.send(piece).is_err() {
                    return;
                }
            }
        };
        let worker = std::thread::Builder::new()
            .name("feed-synthetic".into())
            .spawn(work)
            .map_err(|e| FeedError::io(&name, "start the generating thread of", e))?;
        let (empty, worker) = (Some(empty), Some(worker));
        Ok(Self { name, ids, full, empty, worker, current: None, progress: 0.0 })
    }

    /// The worker is done: whether it came to the end of the market.
    fn ended(&mut self) -> Result<(), FeedError> {
        self.empty = None;
        match self.worker.take().map(JoinHandle::join) {
            None | Some(Ok(())) => Ok(()),
            Some(Err(_)) => {
                let e = std::io::Error::other("its thread ended before the market did");
                Err(FeedError::io(&self.name, "generate", e))
            }
        }
    }
}

impl Source for ThreadedMarket {
    fn next_block(&mut self) -> Result<Option<Block<'_>>, FeedError> {
        if let (Some(used), Some(empty)) = (self.current.take(), &self.empty) {
            // The worker may have ended already: then the buffer is simply dropped.
            let _ = empty.try_send(used.bytes);
        }
        match self.full.recv() {
            Ok(piece) => {
                self.progress = piece.progress;
                self.current = Some(piece);
            }
            Err(_) => {
                self.ended()?;
                self.progress = 1.0;
            }
        }
        Ok(self.block())
    }

    fn block(&self) -> Option<Block<'_>> {
        let bytes = &self.current.as_ref()?.bytes;
        Some(Block::Mbo(MboBlock { bytes, stride: MBO_SIZE, ids: &self.ids }))
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn progress(&self) -> f64 {
        self.progress
    }
}

impl Drop for ThreadedMarket {
    fn drop(&mut self) {
        // Both ends closed: whatever the worker waits for fails, and it ends.
        self.full = crossbeam_channel::never();
        self.empty = None;
        if let Some(worker) = self.worker.take() {
            let _ = worker.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::synthetic::SyntheticConfig;

    fn market(records: u64) -> SyntheticMarket {
        let config = SyntheticConfig { records, live_orders: 8_000, ..SyntheticConfig::default() };
        SyntheticMarket::new(config).unwrap()
    }

    #[test]
    fn blocks_of_the_thread_are_those_of_the_market() {
        let mut here = market(60_000).into_source(Decode::Inline).unwrap();
        let mut there = market(60_000).into_source(Decode::Thread).unwrap();
        assert_eq!(here.name(), there.name());
        let mut blocks = 0;
        loop {
            let expected = match here.next_block().unwrap() {
                Some(Block::Mbo(block)) => Some(block.bytes.to_vec()),
                _ => None,
            };
            let found = match there.next_block().unwrap() {
                Some(Block::Mbo(block)) => Some(block.bytes.to_vec()),
                _ => None,
            };
            assert!(expected == found, "block {blocks}");
            assert!((here.progress() - there.progress()).abs() < 1e-12 || found.is_none());
            if found.is_none() {
                break;
            }
            blocks += 1;
        }
        assert!(blocks > 10);
        assert!(there.next_block().unwrap().is_none() && there.block().is_none());
    }

    #[test]
    fn dropping_it_at_any_time_ends_the_thread() {
        for read in 0..6 {
            let mut source = ThreadedMarket::start(market(10_000_000)).unwrap();
            for _ in 0..read {
                source.next_block().unwrap();
            }
            // Closed on both ends as by a drop, the worker must end: joining would hang else.
            source.full = crossbeam_channel::never();
            source.empty = None;
            source.worker.take().unwrap().join().unwrap();
        }
    }

    #[test]
    fn a_thread_that_fails_is_an_error_not_an_end() {
        let mut source = ThreadedMarket::start(market(20_000)).unwrap();
        let (_, full) = bounded(1);
        source.full = full;
        source.empty = None;
        source.worker = Some(std::thread::spawn(|| panic!("as told")));
        let error = source.next_block().err().unwrap();
        assert_eq!(error.code(), "ERR_FEED_IO");
    }
}
