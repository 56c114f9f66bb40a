//! A batch of events with the rows that they came from: what every reader of rows gives out.

use crate::error::FeedError;
use crate::source::Block;
use model::MarketEvent;

/// The present batch. What was read before a fault is given out first, then the fault, then nothing.
#[derive(Debug)]
pub(crate) struct RowsBatch {
    pub events: Vec<MarketEvent>,
    /// Row of each event.
    places: Vec<u64>,
    failed: Option<FeedError>,
    /// Whether there is nothing more to read.
    pub done: bool,
}

impl RowsBatch {
    pub fn with_capacity(events: usize) -> Self {
        Self {
            events: Vec::with_capacity(events),
            places: Vec::with_capacity(events),
            failed: None,
            done: false,
        }
    }

    pub fn push(&mut self, event: MarketEvent, row: u64) {
        self.events.push(event);
        self.places.push(row);
    }

    /// The events that were appended since are of this row.
    pub fn placed(&mut self, row: u64) {
        self.places.resize(self.events.len(), row);
    }

    /// Begins the next batch: whether there is anything to fill it from.
    ///
    /// # Errors
    /// The fault behind the batch before.
    pub fn begin(&mut self) -> Result<bool, FeedError> {
        self.events.clear();
        self.places.clear();
        match self.failed.take() {
            Some(error) => Err(error),
            None => Ok(!self.done),
        }
    }

    /// Ends the filling. After a fault the source is at its end.
    ///
    /// # Errors
    /// The fault, where nothing was read before it.
    pub fn end(&mut self, filled: Result<(), FeedError>) -> Result<(), FeedError> {
        let Err(error) = filled else { return Ok(()) };
        self.done = true;
        if self.events.is_empty() {
            return Err(error);
        }
        self.failed = Some(error);
        Ok(())
    }

    pub fn block(&self) -> Option<Block<'_>> {
        (!self.events.is_empty()).then(|| Block::Events(&self.events))
    }

    /// How much has been given out, where `share` of the input has been read.
    pub fn progress(&self, share: f64) -> f64 {
        if self.done && self.failed.is_none() { 1.0 } else { share.min(1.0) }
    }

    pub fn row(&self, event: usize) -> Option<u64> {
        self.places.get(event).copied()
    }
}
