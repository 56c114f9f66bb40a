//! A time window on a source of events.

use crate::error::FeedError;
use crate::source::{Block, Source};
use model::{MarketEvent, UnixNanos};

/// Passes the events from `start` on (inclusive) and before `end`, by their exchange time; a bar
/// by its open. Market-by-order blocks pass whole: their readers filter by record.
pub struct WindowSource {
    inner: Box<dyn Source>,
    start: UnixNanos,
    end: UnixNanos,
    batch: Vec<MarketEvent>,
    /// Where each event of the batch lies in the inner block.
    from: Vec<usize>,
    whole: bool,
}

impl WindowSource {
    /// A window; `None` is open.
    #[must_use]
    pub fn new(inner: Box<dyn Source>, start: Option<UnixNanos>, end: Option<UnixNanos>) -> Self {
        let (start, end) = (start.unwrap_or(UnixNanos::ZERO), end.unwrap_or(UnixNanos::MAX));
        Self { inner, start, end, batch: Vec::new(), from: Vec::new(), whole: false }
    }

    fn passes(&self, event: &MarketEvent) -> bool {
        let time = match event {
            MarketEvent::Bar(bar) => bar.open_time,
            other => other.ts_event(),
        };
        time >= self.start && time < self.end
    }
}

impl Source for WindowSource {
    fn next_block(&mut self) -> Result<Option<Block<'_>>, FeedError> {
        loop {
            self.batch.clear();
            self.whole = false;
            if self.inner.next_block()?.is_none() {
                return Ok(None);
            }
            match self.inner.block() {
                Some(Block::Events(events)) => {
                    let passes = |(_, event): &(usize, &MarketEvent)| self.passes(event);
                    let passed = events.iter().enumerate().filter(passes);
                    (self.from, self.batch) = passed.map(|(k, event)| (k, event.clone())).unzip();
                    if !self.batch.is_empty() {
                        return Ok(self.block());
                    }
                }
                _ => {
                    self.whole = true;
                    return Ok(self.block());
                }
            }
        }
    }

    fn block(&self) -> Option<Block<'_>> {
        if self.whole {
            return self.inner.block();
        }
        (!self.batch.is_empty()).then_some(Block::Events(&self.batch))
    }

    fn name(&self) -> &str {
        self.inner.name()
    }

    fn progress(&self) -> f64 {
        self.inner.progress()
    }

    fn row(&self, event: usize) -> Option<u64> {
        let event = if self.whole { event } else { *self.from.get(event)? };
        self.inner.row(event)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::MemoryEvents;
    use model::{InstrumentIndex, Price, Quantity, Trade};

    fn trade(at: u64) -> MarketEvent {
        MarketEvent::Trade(Trade {
            instrument: InstrumentIndex(0),
            ts_event: UnixNanos(at),
            ts_recv: UnixNanos(at),
            price: Price(1),
            quantity: Quantity(1),
            aggressor: None,
        })
    }

    #[test]
    fn start_is_inside_and_end_is_not() {
        let inner = MemoryEvents::new("test", (0..100).map(trade).collect::<Vec<_>>());
        let (start, end) = (Some(UnixNanos(10)), Some(UnixNanos(13)));
        let mut window = WindowSource::new(Box::new(inner), start, end);
        let mut seen = Vec::new();
        while let Some(block) = window.next_block().unwrap() {
            let Block::Events(events) = block else { panic!("events went in") };
            seen.extend(events.iter().map(|event| event.ts_event().0));
        }
        assert_eq!(seen, [10, 11, 12]);
        assert!(window.block().is_none());
    }
}
