//! From order id to slot: open addressing with linear probing and back-shift deletion.
//!
//! An entry is 8 bytes: the upper half of the hash (a tag, whose top bits are the home place) and
//! the slot; the id itself stands in the slot's node, which the caller is about to touch anyway.
//! Growing and deleting need the tags only. Ids of venues are sparse but regular, which a
//! multiplication by 2^64/φ spreads evenly (Knuth, TAOCP 3, 6.4). Ids that were chosen to collide
//! make the probes long, and then another multiplier is taken: no file makes the book crawl.
//! Nothing iterates over the map, so its layout shows in no result.

use crate::node::{NIL, Nodes};
use crate::prefetch::prefetch;
use model::random::mix;

const FIRST_BITS: u32 = 10;
const FIRST_MULTIPLIER: u64 = 0x9E37_79B9_7F4A_7C15;
/// A probe this long does not happen by chance in a map that is half full at most.
const LONG_PROBE: usize = 512;
/// How often another multiplier is tried.
const MOST_RESEEDS: u32 = 32;

#[derive(Clone, Debug)]
pub(crate) struct OrderMap {
    entries: Vec<u64>,
    /// 32 − log2 of the number of entries: tag → home.
    shift: u32,
    len: usize,
    multiplier: u64,
    reseeds: u32,
}

/// Where the probe for an id ended.
pub(crate) enum Probe {
    /// At the entry of this order.
    Found { at: usize, slot: u32 },
    /// At the place that it would take.
    Vacant { at: usize },
}

#[inline(always)]
fn entry_tag(entry: u64) -> u32 {
    (entry >> 32) as u32
}

impl OrderMap {
    pub fn new() -> Self {
        Self {
            entries: vec![0; 1 << FIRST_BITS],
            shift: 32 - FIRST_BITS,
            len: 0,
            multiplier: FIRST_MULTIPLIER,
            reseeds: 0,
        }
    }

    #[inline(always)]
    fn tag_of(&self, id: u64) -> u32 {
        (id.wrapping_mul(self.multiplier) >> 32) as u32
    }

    pub fn len(&self) -> usize {
        self.len
    }

    pub fn capacity(&self) -> usize {
        self.entries.len()
    }

    /// Forgets everything; the room stays.
    pub fn clear(&mut self) {
        self.entries.fill(0);
        self.len = 0;
    }

    /// The entry of an id: its place and its slot.
    #[inline(always)]
    pub fn find(&self, id: u64, nodes: &Nodes) -> Option<(usize, u32)> {
        match self.probe(id, nodes) {
            Probe::Found { at, slot } => Some((at, slot)),
            Probe::Vacant { .. } => None,
        }
    }

    #[inline(always)]
    pub fn probe(&self, id: u64, nodes: &Nodes) -> Probe {
        let tag = self.tag_of(id);
        let mask = self.entries.len() - 1;
        let mut at = (tag >> self.shift) as usize & mask;
        loop {
            let entry = self.entries[at];
            let slot = entry as u32;
            if slot == NIL {
                return Probe::Vacant { at };
            }
            if entry_tag(entry) == tag && nodes[slot].id == id {
                return Probe::Found { at, slot };
            }
            at = (at + 1) & mask;
        }
    }

    /// Makes room for one more, so that a [`Probe::Vacant`] taken afterwards stays true.
    #[inline(always)]
    pub fn reserve_one(&mut self) {
        // Half full at most: short probes, and always an empty entry that ends them.
        if (self.len + 1) * 2 > self.entries.len() {
            self.grow();
        }
    }

    /// Fills the vacant place that a probe for this id found; the slot's node holds the id.
    #[inline(always)]
    pub fn fill(&mut self, at: usize, id: u64, slot: u32, nodes: &Nodes) {
        let tag = self.tag_of(id);
        self.entries[at] = u64::from(tag) << 32 | u64::from(slot);
        self.len += 1;
        let home = (tag >> self.shift) as usize;
        if at.wrapping_sub(home) & (self.entries.len() - 1) > LONG_PROBE {
            self.reseed(nodes);
        }
    }

    /// Enters everything anew under another multiplier.
    #[cold]
    #[inline(never)]
    fn reseed(&mut self, nodes: &Nodes) {
        if self.reseeds == MOST_RESEEDS {
            return;
        }
        self.reseeds += 1;
        self.multiplier = mix(self.multiplier) | 1;
        let old = std::mem::take(&mut self.entries);
        self.entries = vec![0; old.len()];
        for slot in old.into_iter().filter(|&e| e != 0).map(|e| e as u32) {
            let tag = self.tag_of(nodes[slot].id);
            self.enter(u64::from(tag) << 32 | u64::from(slot));
        }
    }

    fn enter(&mut self, entry: u64) {
        let mask = self.entries.len() - 1;
        let mut at = (entry_tag(entry) >> self.shift) as usize;
        while self.entries[at] != 0 {
            at = (at + 1) & mask;
        }
        self.entries[at] = entry;
    }

    /// Removes the entry at a place and closes the gap.
    #[inline(always)]
    pub fn remove_at(&mut self, at: usize) {
        let mask = self.entries.len() - 1;
        let mut hole = at;
        let mut i = at;
        loop {
            i = (i + 1) & mask;
            let entry = self.entries[i];
            if entry as u32 == NIL {
                break;
            }
            let home = (entry_tag(entry) >> self.shift) as usize;
            // It may move back only if its home does not lie between the hole and itself.
            if i.wrapping_sub(home) & mask >= i.wrapping_sub(hole) & mask {
                self.entries[hole] = entry;
                hole = i;
            }
        }
        self.entries[hole] = 0;
        self.len -= 1;
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self) {
        let old = std::mem::take(&mut self.entries);
        self.entries = vec![0; old.len() * 2];
        self.shift -= 1;
        for entry in old.into_iter().filter(|&e| e != 0) {
            self.enter(entry);
        }
    }

    /// Asks for the entry of an id to be brought near.
    #[inline(always)]
    pub fn prefetch(&self, id: u64) {
        prefetch(&self.entries, (self.tag_of(id) >> self.shift) as usize);
    }

    /// Asks for the node of an id to be brought near; looks at the id's home entry only.
    #[inline(always)]
    pub fn prefetch_node(&self, id: u64, nodes: &Nodes) {
        if let Some(&entry) = self.entries.get((self.tag_of(id) >> self.shift) as usize) {
            prefetch(nodes.as_slice(), entry as u32 as usize);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Side, Ticks};

    #[test]
    fn ids_chosen_to_collide_do_not_make_probes_long() {
        // The inverse of the first multiplier: products with it are small, their tags all zero.
        let inverse = (0..6).fold(FIRST_MULTIPLIER, |x, _| {
            x.wrapping_mul(2u64.wrapping_sub(FIRST_MULTIPLIER.wrapping_mul(x)))
        });
        let id = |i: u64| i.wrapping_mul(inverse);
        let mut nodes = Nodes::new();
        let mut map = OrderMap::new();
        let level = nodes.new_level(Side::Buy, Ticks(1));
        for i in 1..=60_000 {
            map.reserve_one();
            match map.probe(id(i), &nodes) {
                Probe::Vacant { at } => {
                    let slot = nodes.new_order(level, id(i), 1, i);
                    map.fill(at, id(i), slot, &nodes);
                }
                Probe::Found { .. } => panic!("{i} was there before it came"),
            }
        }
        assert!((1..4).contains(&map.reseeds), "{} reseeds", map.reseeds);
        let mask = map.entries.len() - 1;
        let longest = map
            .entries
            .iter()
            .enumerate()
            .filter(|(_, e)| **e != 0)
            .map(|(at, e)| at.wrapping_sub((entry_tag(*e) >> map.shift) as usize) & mask);
        assert!(longest.max() <= Some(LONG_PROBE));
        assert!((1..=60_000).all(|i| map.find(id(i), &nodes).is_some()));
        for i in 1..=60_000 {
            let (at, _) = map.find(id(i), &nodes).unwrap();
            map.remove_at(at);
        }
        assert!(map.len() == 0 && map.entries.iter().all(|&e| e == 0));
    }
}
