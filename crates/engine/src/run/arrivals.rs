//! The commands on their way to the venue, in the order in which they arrive.

use super::{Action, Arrival};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

/// Nearly every command arrives after all that were sent before it: those stand in a row, to which
/// nothing is done but to add at one end and take at the other. What does not, and what is meant for
/// a distant time and would bar the row until then, lies in a heap beside it.
#[derive(Default)]
pub(crate) struct Arrivals {
    row: VecDeque<Arrival>,
    others: BinaryHeap<Reverse<Arrival>>,
}

impl Arrivals {
    pub fn push(&mut self, arrival: Arrival) {
        let distant = matches!(arrival.action, Action::Expire { .. } | Action::Cash { .. });
        if !distant && self.row.back().is_none_or(|last| *last < arrival) {
            self.row.push_back(arrival);
        } else {
            self.others.push(Reverse(arrival));
        }
    }

    /// When the next one arrives.
    #[inline]
    pub fn next_time(&self) -> Option<u64> {
        let row = self.row.front().map(|next| next.time);
        let other = self.others.peek().map(|next| next.0.time);
        match (row, other) {
            (Some(row), Some(other)) => Some(row.min(other)),
            (row, other) => row.or(other),
        }
    }

    /// The next one, taken.
    pub fn pop(&mut self) -> Option<Arrival> {
        let from_row = match (self.row.front(), self.others.peek()) {
            (Some(row), Some(other)) => *row < other.0,
            (row, _) => row.is_some(),
        };
        if from_row { self.row.pop_front() } else { self.others.pop().map(|next| next.0) }
    }

    pub fn is_empty(&self) -> bool {
        self.row.is_empty() && self.others.is_empty()
    }

    pub fn clear(&mut self) {
        self.row.clear();
        self.others.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{InstrumentIndex, OrderId, StrategyIndex};

    #[test]
    fn arrivals_come_in_the_order_of_their_keys_whatever_way_they_took() {
        let order = OrderId::new(StrategyIndex(0), 1);
        let instrument = InstrumentIndex(0);
        let mut arrivals = Arrivals::default();
        let mut keys = Vec::new();
        let mut state = 7u64;
        for number in 0..500 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let (time, issued, strategy) =
                (number / 4 + (state >> 60), state >> 40 & 3, (state >> 33) as u16 & 1);
            let action = match state >> 50 & 7 {
                0 => Action::Expire { order, instrument },
                1 => Action::Cash { entry: 0, pays: true },
                _ => Action::Cancel { order, instrument },
            };
            keys.push((time, issued, strategy, number));
            arrivals.push(Arrival { time, issued, strategy, number, action });
            if state >> 55 & 3 == 0 {
                keys.sort_unstable();
                assert_eq!(arrivals.next_time(), keys.first().map(|key| key.0));
                let next = arrivals.pop().map(|a| (a.time, a.issued, a.strategy, a.number));
                assert_eq!(next, Some(keys.remove(0)));
            }
        }
        keys.sort_unstable();
        for key in keys {
            let next = arrivals.pop().map(|a| (a.time, a.issued, a.strategy, a.number));
            assert_eq!(next, Some(key));
        }
        assert!(arrivals.is_empty() && arrivals.pop().is_none());
        assert_eq!(arrivals.next_time(), None);
    }
}
