//! Messages in the venue's order.

use super::frame::Change;
use model::{Price, Quantity, Side, UnixNanos};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// How long after it was received a message waits, in ns of receive time, for others that the
/// exchange made before it.
pub const HOLD: u64 = 5_000_000_000;

/// What a message says.
#[derive(Clone, Debug)]
pub(super) enum Body {
    Levels { clear: bool, bids: Vec<Change>, asks: Vec<Change> },
    Trade { price: Price, quantity: Quantity, aggressor: Option<Side> },
    Best { bid: Change, ask: Change },
}

/// A message of one symbol.
#[derive(Clone, Debug)]
pub(super) struct Message {
    pub symbol: usize,
    pub time: UnixNanos,
    pub recv: UnixNanos,
    /// Number of its line, over all files.
    pub line: u64,
    pub body: Body,
}

/// Holds messages back until what the exchange made before them has come.
#[derive(Debug, Default)]
pub(super) struct VenueOrder {
    /// By venue time, then arrival.
    waiting: BinaryHeap<Reverse<(UnixNanos, u64, usize)>>,
    slots: Vec<Option<Message>>,
    free: Vec<usize>,
    arrivals: u64,
    newest: UnixNanos,
    released: UnixNanos,
    /// Messages that came after a later one had been given out: they take its time.
    pub late: u64,
}

impl VenueOrder {
    pub fn push(&mut self, message: Message) {
        self.newest = self.newest.max(message.recv);
        self.arrivals += 1;
        let time = message.time;
        let slot = match self.free.pop() {
            Some(slot) => {
                self.slots[slot] = Some(message);
                slot
            }
            None => {
                self.slots.push(Some(message));
                self.slots.len() - 1
            }
        };
        self.waiting.push(Reverse((time, self.arrivals, slot)));
    }

    /// The next message that nothing can come before, or at the `end` any.
    pub fn pop(&mut self, end: bool) -> Option<Message> {
        let Reverse((_, _, slot)) = *self.waiting.peek()?;
        let waits = |message: &Message| message.recv.0.saturating_add(HOLD) > self.newest.0 && !end;
        if self.slots[slot].as_ref().is_some_and(waits) {
            return None;
        }
        self.waiting.pop();
        self.free.push(slot);
        let mut message = self.slots[slot].take()?;
        if message.time < self.released {
            self.late += 1;
            message.time = self.released;
        }
        self.released = message.time;
        Some(message)
    }
}
