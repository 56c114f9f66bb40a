//! Timers of one strategy: a heap by (time, order of creation).

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Entry {
    due: u64,
    sequence: u64,
    id: u32,
}

/// The timers of one strategy. Setting an id again replaces it.
#[derive(Debug, Default)]
pub struct Timers {
    heap: BinaryHeap<Reverse<Entry>>,
    live: BTreeMap<u32, (u64, u64)>,
    sequence: u64,
}

impl Timers {
    /// Sets a timer; `every` 0 fires once. A time that has passed fires at once, i.e. at `now`.
    pub fn set(&mut self, id: u32, at: u64, every: u64, now: u64) {
        self.sequence += 1;
        self.live.insert(id, (self.sequence, every));
        self.heap.push(Reverse(Entry { due: at.max(now), sequence: self.sequence, id }));
        self.drop_dead();
    }

    /// Removes a timer; an unknown id is nothing.
    pub fn cancel(&mut self, id: u32) {
        self.live.remove(&id);
        self.drop_dead();
    }

    /// When the next timer fires.
    #[inline]
    #[must_use]
    pub fn next_due(&self) -> Option<u64> {
        self.heap.peek().map(|entry| entry.0.due)
    }

    /// Takes the next timer and, when it repeats, sets it for its next time. What was replaced or
    /// cancelled is never at the front.
    pub fn fire(&mut self) -> Option<(u64, u32)> {
        let Reverse(entry) = self.heap.pop()?;
        if let Some(&(sequence, every)) = self.live.get(&entry.id)
            && sequence == entry.sequence
        {
            if every == 0 {
                self.live.remove(&entry.id);
            } else {
                let due = entry.due.saturating_add(every);
                self.heap.push(Reverse(Entry { due, ..entry }));
            }
        }
        self.drop_dead();
        Some((entry.due, entry.id))
    }

    /// Removes every timer that would fire after `end`.
    pub fn drop_after(&mut self, end: u64) {
        self.heap.retain(|entry| entry.0.due <= end);
        let kept: Vec<u64> = self.heap.iter().map(|entry| entry.0.sequence).collect();
        self.live.retain(|_, (sequence, _)| kept.contains(sequence));
        self.drop_dead();
    }

    fn drop_dead(&mut self) {
        while let Some(Reverse(entry)) = self.heap.peek() {
            match self.live.get(&entry.id) {
                Some(&(sequence, _)) if sequence == entry.sequence => break,
                _ => self.heap.pop(),
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_counts_from_its_start() {
        let mut timers = Timers::default();
        timers.set(1, 100, 10, 0);
        timers.set(2, 105, 0, 0);
        let fired: Vec<_> = (0..4).filter_map(|_| timers.fire()).collect();
        assert_eq!(fired, [(100, 1), (105, 2), (110, 1), (120, 1)]);
        timers.cancel(1);
        assert_eq!((timers.next_due(), timers.fire()), (None, None));
    }

    #[test]
    fn a_time_that_has_passed_fires_now_and_a_reset_replaces() {
        let mut timers = Timers::default();
        timers.set(1, 5, 0, 50);
        timers.set(1, 70, 0, 50);
        assert_eq!(timers.fire(), Some((70, 1)));
        assert_eq!(timers.fire(), None);
    }
}
