//! Where an order is, by its number: in the slab, or finished and only remembered.

use crate::order::Order;
use model::{Lots, OrderStatus};
use std::collections::{BTreeMap, VecDeque};

/// How many orders stay addressable by number; a finished order older than that is forgotten.
const CAPACITY: usize = 1 << 20;

/// What is known of an order's place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Place {
    /// In this slot of the slab.
    Slot(usize),
    /// Ended and taken: state and filled quantity.
    Finished(OrderStatus, Lots),
}

/// Eight bytes an order: a slot, or the status in three bits with the filled lots above.
#[derive(Clone, Copy)]
struct Entry(u64);

const IN_SLAB: u64 = 1 << 63;

impl Entry {
    const fn place(self) -> Place {
        if self.0 & IN_SLAB != 0 {
            return Place::Slot((self.0 & 0xFFFF_FFFF) as usize);
        }
        let status = match self.0 & 7 {
            1 => OrderStatus::Denied,
            2 => OrderStatus::Rejected,
            5 => OrderStatus::Filled,
            6 => OrderStatus::Canceled,
            _ => OrderStatus::Expired,
        };
        Place::Finished(status, Lots((self.0 >> 3) as i64))
    }
}

/// Numbers from 1 on, the last 2^20 of them dense; older orders that are still in the slab in a
/// small map.
#[derive(Default)]
pub(crate) struct Directory {
    entries: VecDeque<Entry>,
    /// Numbers that have left `entries`: the first one there is `gone + 1`.
    gone: u64,
    old: BTreeMap<u64, u32>,
}

impl Directory {
    /// Files the next number under this slot.
    pub(crate) fn push(&mut self, slot: u32) {
        self.entries.push_back(Entry(IN_SLAB | u64::from(slot)));
        if self.entries.len() > CAPACITY {
            self.gone += 1;
            if let Some(Place::Slot(slot)) = self.entries.pop_front().map(Entry::place) {
                self.old.insert(self.gone, slot as u32);
            }
        }
    }

    #[inline]
    pub(crate) fn find(&self, number: u64) -> Option<Place> {
        if number <= self.gone {
            return self.old.get(&number).map(|&slot| Place::Slot(slot as usize));
        }
        let at = usize::try_from(number - self.gone - 1).ok()?;
        self.entries.get(at).map(|e| e.place())
    }

    /// Remembers an order that leaves the slab (filled lots up to 2^60).
    pub(crate) fn finish(&mut self, number: u64, order: &Order) {
        if number <= self.gone {
            self.old.remove(&number);
        } else if let Some(entry) = self.entries.get_mut((number - self.gone - 1) as usize) {
            let filled = order.filled.0 as u64 & (u64::MAX >> 4);
            *entry = Entry((order.status as u64) | (filled << 3));
        }
    }
}
