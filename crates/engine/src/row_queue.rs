//! Rows on their way, first in, first out, written where they lie.

use crate::row::MarketRow;

/// A ring of rows. A row is 88 bytes and is written once and read once between two records: it is
/// put together in its place rather than moved there.
#[derive(Debug, Default)]
pub struct RowQueue {
    /// A power of two of them, or none.
    slots: Vec<MarketRow>,
    head: usize,
    len: usize,
}

/// Slots of a queue that has had a row.
const FIRST_SLOTS: usize = 64;

impl RowQueue {
    /// Number of rows.
    #[inline(always)]
    #[must_use]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether there is none.
    #[inline(always)]
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The row that came first.
    #[inline(always)]
    #[must_use]
    pub fn front(&self) -> Option<&MarketRow> {
        self.get(0)
    }

    /// The same, to be changed.
    #[inline(always)]
    pub fn front_mut(&mut self) -> Option<&mut MarketRow> {
        if self.len == 0 { None } else { self.slots.get_mut(self.head) }
    }

    /// The row `at` behind the first.
    #[inline(always)]
    #[must_use]
    pub fn get(&self, at: usize) -> Option<&MarketRow> {
        if at >= self.len {
            return None;
        }
        self.slots.get((self.head + at) & self.slots.len().wrapping_sub(1))
    }

    /// All rows, from the first.
    pub fn iter(&self) -> impl Iterator<Item = &MarketRow> {
        (0..self.len).filter_map(|at| self.get(at))
    }

    /// Puts a row at the end.
    #[inline(always)]
    pub fn push(&mut self, row: MarketRow) {
        if self.len == self.slots.len() {
            self.grow();
        }
        let mask = self.slots.len() - 1;
        self.slots[(self.head + self.len) & mask] = row;
        self.len += 1;
    }

    /// Takes the first row off.
    #[inline(always)]
    pub fn drop_front(&mut self) {
        if self.len > 0 {
            self.head = (self.head + 1) & (self.slots.len() - 1);
            self.len -= 1;
        }
    }

    /// Takes the first row out.
    #[inline(always)]
    pub fn pop_front(&mut self) -> Option<MarketRow> {
        let row = self.front().copied();
        self.drop_front();
        row
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self) {
        let mut slots = Vec::with_capacity((self.slots.len() * 2).max(FIRST_SLOTS));
        slots.extend(self.iter().copied());
        slots.resize(slots.capacity().next_power_of_two(), MarketRow::NONE);
        self.slots = slots;
        self.head = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::VecDeque;

    #[test]
    fn rows_come_out_in_the_order_in_which_they_went_in_whatever_the_ring_did() {
        let mut queue = RowQueue::default();
        let mut twin = VecDeque::new();
        let mut next = 0;
        for round in 0..2_000_u64 {
            for _ in 0..round * 7 % 11 {
                queue.push(MarketRow { record: next, ..MarketRow::NONE });
                twin.push_back(next);
                next += 1;
            }
            for _ in 0..round * 5 % 9 {
                assert_eq!(queue.pop_front().map(|row| row.record), twin.pop_front());
            }
            assert_eq!(queue.len(), twin.len());
            assert_eq!(queue.front().map(|row| row.record), twin.front().copied());
            let middle = twin.len() / 2;
            assert_eq!(queue.get(middle).map(|row| row.record), twin.get(middle).copied());
        }
        assert!(queue.iter().map(|row| row.record).eq(twin.iter().copied()));
        assert!(queue.len() > FIRST_SLOTS, "the ring has grown");
    }
}
