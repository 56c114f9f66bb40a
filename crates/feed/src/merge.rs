//! Several sources merged by time.

use crate::error::FeedError;
use crate::source::{Block, Source};
use model::MarketEvent;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Events of a batch.
const BATCH: usize = 1024;

/// Order of an event among those of all sources: exchange time (a bar: its close), ticks before
/// bars, finer bars before coarser ones, then the source; within a source the order of its
/// records, which a heap of one entry a source keeps.
type Key = (u64, u64, usize);

fn key(event: &MarketEvent, source: usize) -> Key {
    let length = match event {
        MarketEvent::Bar(bar) => bar.timeframe.0.max(1),
        _ => 0,
    };
    (event.ts_event().0, length, source)
}

/// Several sources of events as one, in the order of (exchange time, source, record); at one time
/// bars come after everything else, finer bars before coarser ones. A source that goes back in
/// time is not sorted: its events come out in its own order.
///
/// Market-by-order sources are not merged here but by the engine.
pub struct MergeSource {
    sources: Vec<Box<dyn Source>>,
    /// Next event of each source's present block.
    at: Vec<usize>,
    heads: BinaryHeap<Reverse<Key>>,
    started: bool,
    batch: Vec<MarketEvent>,
    failed: Option<FeedError>,
    done: bool,
    name: String,
}

impl MergeSource {
    /// Merges sources; their order decides between events of one time.
    #[must_use]
    pub fn new(sources: Vec<Box<dyn Source>>) -> Self {
        let name = sources.iter().map(|s| s.name()).collect::<Vec<_>>().join(" + ");
        Self {
            at: vec![0; sources.len()],
            heads: BinaryHeap::with_capacity(sources.len()),
            started: false,
            batch: Vec::with_capacity(BATCH),
            failed: None,
            done: false,
            name,
            sources,
        }
    }

    /// The event that a source gives next, from the block that it gave last.
    fn head(&self, source: usize) -> Option<&MarketEvent> {
        match self.sources[source].block() {
            Some(Block::Events(events)) => events.get(self.at[source]),
            _ => None,
        }
    }

    /// Asks a source for its next block and puts its first event among the heads.
    fn refill(&mut self, source: usize) -> Result<(), FeedError> {
        self.at[source] = 0;
        match self.sources[source].next_block()? {
            Some(Block::Mbo(_)) => {
                return Err(FeedError::Format {
                    file: self.sources[source].name().to_owned(),
                    found: "a market-by-order source".to_owned(),
                    accepted: "sources of events; the engine merges market by order",
                });
            }
            Some(Block::Events(_)) => {
                if let Some(event) = self.head(source) {
                    let key = key(event, source);
                    self.heads.push(Reverse(key));
                }
            }
            None => {}
        }
        Ok(())
    }

    fn fill(&mut self) -> Result<(), FeedError> {
        if !self.started {
            self.started = true;
            for source in 0..self.sources.len() {
                self.refill(source)?;
            }
        }
        while self.batch.len() < BATCH {
            let Some(Reverse((_, _, source))) = self.heads.pop() else {
                self.done = true;
                return Ok(());
            };
            // As long as this source stays first, it needs no heap.
            while let Some(event) = self.head(source) {
                let next = key(event, source);
                let first = self.heads.peek().is_none_or(|Reverse(other)| next < *other);
                if !first || self.batch.len() == BATCH {
                    self.heads.push(Reverse(next));
                    break;
                }
                let event = event.clone();
                self.batch.push(event);
                self.at[source] += 1;
            }
            if self.head(source).is_none() {
                self.refill(source)?;
            }
        }
        Ok(())
    }
}

impl Source for MergeSource {
    fn next_block(&mut self) -> Result<Option<Block<'_>>, FeedError> {
        self.batch.clear();
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        if !self.done
            && let Err(error) = self.fill()
        {
            self.done = true;
            // What came before the fault is given out first.
            if self.batch.is_empty() {
                return Err(error);
            }
            self.failed = Some(error);
        }
        Ok(self.block())
    }

    fn block(&self) -> Option<Block<'_>> {
        (!self.batch.is_empty()).then(|| Block::Events(&self.batch))
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn progress(&self) -> f64 {
        if self.sources.is_empty() {
            return 1.0;
        }
        self.sources.iter().map(|s| s.progress()).sum::<f64>() / self.sources.len() as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::{MemoryEvents, MemoryMbo};
    use crate::synthetic::{synthetic_bars, synthetic_quotes, synthetic_trades};
    use model::{MboFields, Timeframe};

    fn merged(sources: Vec<(Vec<MarketEvent>, usize)>) -> Vec<MarketEvent> {
        let sources = sources.into_iter().map(|(events, block)| -> Box<dyn Source> {
            Box::new(MemoryEvents::new("m", events).with_block(block))
        });
        let mut source = MergeSource::new(sources.collect());
        let mut all = Vec::new();
        while let Some(Block::Events(batch)) = source.next_block().unwrap() {
            assert!(!batch.is_empty() && batch.len() <= BATCH);
            all.extend_from_slice(batch);
        }
        assert!(source.block().is_none());
        assert_eq!(source.progress(), 1.0);
        all
    }

    #[test]
    fn the_order_is_that_of_a_stable_sort_whatever_the_blocks() {
        for seed in 0..20 {
            let trades = synthetic_trades(seed, 700).into_iter().map(MarketEvent::Trade);
            let quotes = synthetic_quotes(seed, 900).into_iter().map(MarketEvent::Quote);
            let minutes = synthetic_bars(seed, 200, Timeframe::MINUTE);
            let hours = synthetic_bars(seed, 3, Timeframe::HOUR);
            let bars = |bars: Vec<model::Bar>| bars.into_iter().map(MarketEvent::Bar);
            let lists: [Vec<MarketEvent>; 5] = [
                bars(hours).collect(),
                trades.collect(),
                quotes.clone().collect(),
                bars(minutes).collect(),
                quotes.collect(),
            ];
            let mut expected: Vec<(Key, MarketEvent)> = Vec::new();
            for (k, list) in lists.iter().enumerate() {
                expected.extend(list.iter().map(|event| (key(event, k), event.clone())));
            }
            expected.sort_by_key(|(key, _)| *key);
            let blocks = [1, 7, 64, 3, 1024];
            let merged = merged(lists.into_iter().zip(blocks).collect());
            assert!(merged.iter().eq(expected.iter().map(|(_, event)| event)), "seed {seed}");
        }
    }

    #[test]
    fn at_one_time_the_minute_comes_before_the_hour_and_both_after_ticks() {
        let hour = synthetic_bars(1, 1, Timeframe::HOUR)[0];
        let minute = synthetic_bars(1, 60, Timeframe::MINUTE)[59];
        let mut trade = synthetic_trades(1, 1)[0];
        trade.ts_event = hour.close_time;
        let events = [MarketEvent::Bar(hour), MarketEvent::Bar(minute), MarketEvent::Trade(trade)];
        let merged = merged(events.iter().map(|event| (vec![event.clone()], 1)).collect());
        assert!(merged.iter().eq([&events[2], &events[1], &events[0]]));
        assert!(MergeSource::new(Vec::new()).next_block().unwrap().is_none());
    }

    #[test]
    fn market_by_order_is_refused() {
        let mbo = MemoryMbo::new("mbo", MboFields::default().encode().to_vec()).unwrap();
        let error = MergeSource::new(vec![Box::new(mbo)]).next_block().map(drop).unwrap_err();
        assert_eq!(error.code(), "ERR_FEED_FORMAT");
    }
}
