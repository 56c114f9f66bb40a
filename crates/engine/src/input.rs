//! Inputs: where the run stands in each of its sources.

use feed::{Block, FeedError, Source};
use model::{InstrumentIndex, MarketEvent, Mbo};

/// No numeric id is this one: ids have 48 bits with their publisher.
const UNKNOWN: (u64, Option<InstrumentIndex>) = (u64::MAX, None);

/// A source and the place in its current block at which the run stopped.
pub struct Input {
    /// The source; it is lent out while its block is read.
    pub source: Option<Box<dyn Source>>,
    /// Byte offset (market by order) or index (events) in the current block.
    pub position: usize,
    /// Records given out so far: the order among rows of one time.
    pub record: u64,
    /// Market-by-order events that have begun and not ended.
    pub open_events: u32,
    /// The last good difference between receive and exchange time, for records whose receive
    /// time is bad.
    pub latency: u64,
    /// The instrument of the last record's numeric id within this block, and that id.
    pub known: (u64, Option<InstrumentIndex>),
    /// Time of the next record, where it is known.
    next: Option<u64>,
    loaded: bool,
    done: bool,
}

impl Input {
    /// A source at its beginning.
    #[must_use]
    pub fn new(source: Box<dyn Source>) -> Self {
        Self {
            source: Some(source),
            position: 0,
            record: 0,
            open_events: 0,
            latency: 0,
            known: UNKNOWN,
            next: None,
            loaded: false,
            done: false,
        }
    }

    /// Exchange time of the next record, `None` at the end of the source. For a record of a
    /// snapshot it is the receive time: a resting order's exchange time lies hours back.
    ///
    /// # Errors
    /// What the source says.
    #[inline]
    pub fn head(&mut self) -> Result<Option<u64>, FeedError> {
        if self.next.is_some() { Ok(self.next) } else { self.find_head() }
    }

    /// Time of the next record, where it is known without looking at the source.
    #[inline]
    #[must_use]
    pub const fn known_head(&self) -> Option<u64> {
        self.next
    }

    /// Says where the run has stopped in the block, and the time of the record there, where there
    /// is one.
    #[inline]
    pub fn stopped_at(&mut self, position: usize, next: Option<u64>) {
        self.position = position;
        self.next = next;
    }

    #[inline(never)]
    fn find_head(&mut self) -> Result<Option<u64>, FeedError> {
        loop {
            if self.done {
                return Ok(None);
            }
            let Some(source) = &mut self.source else { return Ok(None) };
            if self.loaded {
                self.next = match source.block() {
                    Some(Block::Mbo(block)) => {
                        block.bytes.get(self.position..).and_then(Mbo::first_of).map(record_time)
                    }
                    Some(Block::Events(events)) => {
                        events.get(self.position).map(|event| event.ts_event().0)
                    }
                    None => None,
                };
                if self.next.is_some() {
                    return Ok(self.next);
                }
            }
            self.position = 0;
            self.known = UNKNOWN;
            self.loaded = source.next_block()?.is_some();
            self.done = !self.loaded;
        }
    }

    /// Whether the next record is market by order.
    #[must_use]
    pub fn head_is_mbo(&self) -> bool {
        let block = self.source.as_ref().and_then(|source| source.block());
        matches!(block, Some(Block::Mbo(_)))
    }

    /// Whether the next record is a bar: bars of one closing time are all read before the coarser
    /// bars made from them end.
    #[must_use]
    pub fn head_is_bar(&self) -> bool {
        match self.source.as_ref().and_then(|source| source.block()) {
            Some(Block::Events(events)) => {
                matches!(events.get(self.position), Some(MarketEvent::Bar(_)))
            }
            _ => false,
        }
    }

    /// Name of the source, for messages.
    #[must_use]
    pub fn name(&self) -> &str {
        self.source.as_ref().map_or("", |source| source.name())
    }

    /// How much of the source has been read, 0 to 1.
    #[must_use]
    pub fn progress(&self) -> f64 {
        self.source.as_ref().map_or(1.0, |source| source.progress())
    }
}

/// The time at which the venue acts on a record.
#[inline(always)]
#[must_use]
pub fn record_time(record: Mbo<'_>) -> u64 {
    if record.is_snapshot() { record.ts_recv_raw() } else { record.ts_event_raw() }
}

/// Publisher and numeric id of a record as one number.
#[inline(always)]
#[must_use]
pub fn record_id(record: Mbo<'_>) -> u64 {
    record.header() >> 16
}
