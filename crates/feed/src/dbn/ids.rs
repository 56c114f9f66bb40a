//! From a record's publisher and numeric id to the instrument of the run.

use model::InstrumentIndex;

/// Which instrument of the run a record belongs to: numeric ids of the venue to dense indices,
/// at best one comparison.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IdMap {
    /// Open addressing with linear probing; a power of two, at most half full.
    slots: Vec<Slot>,
    entries: usize,
    /// The only entry, when there is one.
    single: Option<(u32, InstrumentIndex)>,
    /// Every id is this instrument (a file without mappings, configured with one symbol).
    any: Option<InstrumentIndex>,
    /// Publishers let through; empty: all.
    publishers: Vec<u16>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Slot {
    id: u32,
    index: u32,
}

const FREE: Slot = Slot { id: 0, index: u32::MAX };

/// Index of an id that was removed.
const GONE: u32 = u32::MAX - 1;

impl IdMap {
    /// A map of no ids.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A map that gives one instrument for every id.
    #[must_use]
    pub fn any(index: InstrumentIndex) -> Self {
        Self { any: Some(index), ..Self::default() }
    }

    /// Lets only these publishers through (none named: all).
    pub fn set_publishers(&mut self, publishers: &[u16]) {
        self.publishers = publishers.to_vec();
    }

    /// The instrument of a record; `None` when it is filtered out.
    #[inline]
    #[must_use]
    pub fn get(&self, publisher: u16, instrument_id: u32) -> Option<InstrumentIndex> {
        if !self.lets_through(publisher) {
            return None;
        }
        match self.single {
            Some((id, index)) => (id == instrument_id).then_some(index),
            None => self.find(instrument_id).or(self.any),
        }
    }

    /// The instrument of an id, whoever publishes it.
    pub(crate) fn get_any(&self, instrument_id: u32) -> Option<InstrumentIndex> {
        self.find(instrument_id).or(self.any)
    }

    /// Whether records of this publisher are let through.
    #[inline]
    pub(crate) fn lets_through(&self, publisher: u16) -> bool {
        self.publishers.is_empty() || self.publishers.contains(&publisher)
    }

    #[inline]
    fn find(&self, id: u32) -> Option<InstrumentIndex> {
        if self.slots.is_empty() {
            return None;
        }
        let slot = self.slots[self.place(id)];
        (slot.index < GONE).then_some(InstrumentIndex(slot.index))
    }

    /// Slot of an id, or the free one where it belongs. At most half of the slots are taken.
    fn place(&self, id: u32) -> usize {
        let mask = self.slots.len() - 1;
        let mut at = (id.wrapping_mul(0x9E37_79B1) >> 7) as usize & mask;
        while self.slots[at] != FREE && self.slots[at].id != id {
            at = (at + 1) & mask;
        }
        at
    }

    /// Says that a numeric id is this instrument from now on.
    pub fn insert(&mut self, instrument_id: u32, index: InstrumentIndex) {
        if (self.entries + 1) * 2 > self.slots.len() {
            let grown = vec![FREE; (self.slots.len() * 2).max(16)];
            let old = std::mem::replace(&mut self.slots, grown);
            for slot in old.into_iter().filter(|&slot| slot != FREE) {
                let at = self.place(slot.id);
                self.slots[at] = slot;
            }
        }
        let at = self.place(instrument_id);
        if self.slots[at] == FREE {
            self.entries += 1;
        }
        self.slots[at] = Slot { id: instrument_id, index: index.0 };
        let alone = self.entries == 1 && self.any.is_none();
        self.single = alone.then_some((instrument_id, index));
    }

    /// Says that a numeric id is no instrument of the run any more.
    pub fn remove(&mut self, instrument_id: u32) {
        if !self.slots.is_empty() {
            let at = self.place(instrument_id);
            if self.slots[at] != FREE {
                self.slots[at].index = GONE;
                self.single = None;
            }
        }
    }

    /// Number of ids that were ever inserted.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries
    }

    /// Whether no id has an instrument.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries == 0 && self.any.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_id_finds_its_instrument_and_no_other() {
        let mut map = IdMap::new();
        assert!(map.is_empty() && map.get(1, 5).is_none());
        map.insert(5, InstrumentIndex(0));
        assert_eq!((map.get(1, 5), map.get(1, 6)), (Some(InstrumentIndex(0)), None));
        for k in 0..1000u32 {
            map.insert(k * 4096 + 6, InstrumentIndex(k + 1));
        }
        assert_eq!(map.len(), 1001);
        for k in 0..1000u32 {
            assert_eq!(map.get(1, k * 4096 + 6), Some(InstrumentIndex(k + 1)));
        }
        assert_eq!(map.get(1, 7), None);
        map.remove(6);
        assert_eq!((map.get(1, 6), map.get(1, 4096 + 6)), (None, Some(InstrumentIndex(2))));
        map.insert(5, InstrumentIndex(9));
        assert_eq!((map.get(1, 5), map.len()), (Some(InstrumentIndex(9)), 1001));
    }

    #[test]
    fn publishers_not_named_are_filtered_out() {
        let mut map = IdMap::any(InstrumentIndex(3));
        assert_eq!(map.get(2, 77), Some(InstrumentIndex(3)));
        map.set_publishers(&[1]);
        assert_eq!((map.get(2, 77), map.get(1, 77)), (None, Some(InstrumentIndex(3))));
    }
}
