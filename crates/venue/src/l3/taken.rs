//! Own taking: what own orders took from recorded orders, remembered by recorded id.

use model::Lots;
use model::random::mix;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// A hasher for order ids; the map is never iterated where its order could be seen.
#[derive(Default)]
pub(crate) struct IdHasher(u64);

impl Hasher for IdHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = mix(self.0 ^ u64::from(byte));
        }
    }

    #[inline]
    fn write_u64(&mut self, id: u64) {
        self.0 = mix(id);
    }
}

/// Volume of recorded orders that is gone in truth while the record still shows it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Taken {
    by_id: HashMap<u64, i64, BuildHasherDefault<IdHasher>>,
}

impl Taken {
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// What was taken from this order.
    #[inline]
    pub fn get(&self, id: u64) -> i64 {
        if self.by_id.is_empty() { 0 } else { self.by_id.get(&id).copied().unwrap_or(0) }
    }

    /// What is left of a recorded order that shows `quantity`.
    #[inline]
    pub fn free(&self, id: u64, quantity: Lots) -> i64 {
        (quantity.0 - self.get(id)).max(0)
    }

    pub fn add(&mut self, id: u64, quantity: i64) {
        if quantity > 0 {
            *self.by_id.entry(id).or_insert(0) += quantity;
        }
    }

    /// The record has now taken this much of it too.
    pub fn settle(&mut self, id: u64, quantity: i64) {
        if let Some(taken) = self.by_id.get_mut(&id) {
            *taken -= quantity;
            if *taken <= 0 {
                self.by_id.remove(&id);
            }
        }
    }

    /// The order left the book.
    pub fn forget(&mut self, id: u64) {
        self.by_id.remove(&id);
    }

    /// Keeps what the book still knows.
    pub fn retain(&mut self, mut known: impl FnMut(u64) -> bool) {
        self.by_id.retain(|&id, _| known(id));
    }
}
