//! The levels of one side by price: an array around the best price, a bitmap that finds the next
//! one, and a sorted map for what lies far away.
//!
//! Levels are numbers that the owner gives; moving the window moves these numbers only. Keys are
//! ticks for bids and negated ticks for asks, so a larger key is a better price on both sides.

use model::{Side, Ticks};
use std::collections::BTreeMap;

/// Ticks that the array spans.
const WIDTH: usize = 4096;
const WORDS: usize = WIDTH / 64;
/// Where the best price is put when the window moves: most levels lie below it.
const HOME: i64 = WIDTH as i64 * 3 / 4;
/// While the best price lies inside these, the window stays.
const CALM: std::ops::Range<u64> = WIDTH as u64 / 4..WIDTH as u64 * 15 / 16;
/// Uses of the sorted map that pay for a move of the window.
const FAR_USES: u32 = 256;
/// No level.
const NONE: u32 = 0;

/// The key of a price on a side; its own inverse.
#[inline(always)]
pub(crate) const fn key_of(side: Side, ticks: Ticks) -> i64 {
    match side {
        Side::Buy => ticks.0,
        Side::Sell => ticks.0.wrapping_neg(),
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Ladder {
    cells: Box<[u32; WIDTH]>,
    /// One bit a cell, and one bit a word that is not zero.
    words: [u64; WORDS],
    summary: u64,
    /// Key of the first cell.
    base: i64,
    best: u32,
    best_key: i64,
    /// What `best` is when there is no level.
    empty: u32,
    len: u32,
    /// The largest key of `far`, `i64::MIN` when it is empty.
    far_top: i64,
    far_uses: u32,
    far: BTreeMap<i64, u32>,
}

impl Ladder {
    /// A ladder whose best level is `empty` while it has none.
    pub fn new(empty: u32) -> Self {
        Self {
            cells: Box::new([NONE; WIDTH]),
            words: [0; WORDS],
            summary: 0,
            base: 0,
            best: empty,
            best_key: i64::MIN,
            empty,
            len: 0,
            far_top: i64::MIN,
            far_uses: 0,
            far: BTreeMap::new(),
        }
    }

    /// The best level.
    #[inline(always)]
    pub fn best(&self) -> u32 {
        self.best
    }

    /// Number of levels.
    pub fn len(&self) -> u32 {
        self.len
    }

    #[inline(always)]
    fn offset(&self, key: i64) -> u64 {
        key.wrapping_sub(self.base) as u64
    }

    /// The level of a key, 0 when there is none.
    #[inline(always)]
    pub fn get(&self, key: i64) -> u32 {
        let offset = self.offset(key);
        if offset < WIDTH as u64 { self.cells[offset as usize] } else { self.get_far(key) }
    }

    #[cold]
    #[inline(never)]
    fn get_far(&self, key: i64) -> u32 {
        if key > self.far_top { NONE } else { self.far.get(&key).copied().unwrap_or(NONE) }
    }

    /// Enters a level under a key that has none. The key is at most 2^60 from zero.
    #[inline]
    pub fn insert(&mut self, key: i64, level: u32) {
        let offset = self.offset(key);
        if offset < WIDTH as u64 {
            self.set_cell(offset as usize, level);
        } else {
            self.insert_far(key, level);
        }
        self.len += 1;
        if key > self.best_key {
            self.best_key = key;
            self.best = level;
        }
    }

    /// Removes the level of a key.
    #[inline]
    pub fn remove(&mut self, key: i64) {
        self.len -= 1;
        let offset = self.offset(key);
        if offset < WIDTH as u64 {
            self.clear_cell(offset as usize);
            if key == self.best_key {
                self.find_best();
            }
        } else {
            self.remove_far(key);
        }
    }

    #[inline(always)]
    fn set_cell(&mut self, offset: usize, level: u32) {
        self.cells[offset] = level;
        self.words[offset / 64] |= 1 << (offset % 64);
        self.summary |= 1 << (offset / 64);
    }

    #[inline(always)]
    fn clear_cell(&mut self, offset: usize) {
        self.cells[offset] = NONE;
        let word = &mut self.words[offset / 64];
        *word &= !(1 << (offset % 64));
        if *word == 0 {
            self.summary &= !(1 << (offset / 64));
        }
    }

    #[inline(always)]
    fn find_best(&mut self) {
        if self.summary != 0 {
            let word = 63 - self.summary.leading_zeros() as usize;
            let offset = word * 64 + 63 - self.words[word].leading_zeros() as usize;
            self.best_key = self.base + offset as i64;
            self.best = self.cells[offset];
        } else {
            self.best_key = i64::MIN;
            self.best = self.empty;
        }
        if self.far_top > self.best_key {
            self.best_key = self.far_top;
            self.best = self.far.get(&self.far_top).copied().unwrap_or(self.empty);
        }
    }

    #[cold]
    #[inline(never)]
    fn insert_far(&mut self, key: i64, level: u32) {
        if self.len == 0 {
            self.base = key - HOME;
            self.set_cell(HOME as usize, level);
            return;
        }
        self.far.insert(key, level);
        self.far_top = self.far_top.max(key);
        self.note_far_use(key.max(self.best_key));
    }

    #[cold]
    #[inline(never)]
    fn remove_far(&mut self, key: i64) {
        self.far.remove(&key);
        if key == self.far_top {
            self.far_top = self.far.last_key_value().map_or(i64::MIN, |(&k, _)| k);
        }
        if key == self.best_key {
            self.find_best();
        }
        self.note_far_use(self.best_key);
    }

    /// Moves the window once the map was used often and the best price has left the middle.
    fn note_far_use(&mut self, best_key: i64) {
        self.far_uses += 1;
        if self.far_uses >= FAR_USES {
            self.far_uses = 0;
            if best_key != i64::MIN && !CALM.contains(&self.offset(best_key)) {
                self.recentre(best_key);
            }
        }
    }

    fn recentre(&mut self, best_key: i64) {
        let base = best_key - HOME;
        let moved: Vec<(i64, u32)> = self.window().collect();
        for &(key, _) in &moved {
            let offset = self.offset(key) as usize;
            self.clear_cell(offset);
        }
        self.base = base;
        let inside: Vec<(i64, u32)> =
            self.far.range(base..base + WIDTH as i64).map(|(&k, &l)| (k, l)).collect();
        for (key, level) in inside {
            self.far.remove(&key);
            self.set_cell((key - base) as usize, level);
        }
        for (key, level) in moved {
            let offset = self.offset(key);
            if offset < WIDTH as u64 {
                self.set_cell(offset as usize, level);
            } else {
                self.far.insert(key, level);
            }
        }
        self.far_top = self.far.last_key_value().map_or(i64::MIN, |(&k, _)| k);
    }

    /// Forgets every level.
    pub fn clear(&mut self) {
        let keys: Vec<i64> = self.window().map(|(key, _)| key).collect();
        for key in keys {
            let offset = self.offset(key) as usize;
            self.clear_cell(offset);
        }
        self.far.clear();
        self.far_top = i64::MIN;
        self.far_uses = 0;
        self.len = 0;
        self.best = self.empty;
        self.best_key = i64::MIN;
    }

    /// The levels inside the window, best first.
    fn window(&self) -> impl Iterator<Item = (i64, u32)> {
        let mut summary = self.summary;
        let mut bits = 0u64;
        let mut word = 0usize;
        std::iter::from_fn(move || {
            if bits == 0 {
                if summary == 0 {
                    return None;
                }
                word = 63 - summary.leading_zeros() as usize;
                summary &= !(1 << word);
                bits = self.words[word];
            }
            let bit = 63 - bits.leading_zeros() as usize;
            bits &= !(1 << bit);
            let offset = word * 64 + bit;
            Some((self.base + offset as i64, self.cells[offset]))
        })
    }

    /// Every level, best first.
    pub fn iter(&self) -> impl Iterator<Item = u32> {
        let end = self.base + WIDTH as i64;
        self.far
            .range(end..)
            .rev()
            .map(|(_, &level)| level)
            .chain(self.window().map(|(_, level)| level))
            .chain(self.far.range(..self.base).rev().map(|(_, &level)| level))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::random::SeededRandom;

    /// Wide jumps and drifts against a sorted map: the window moves many times.
    #[test]
    fn agrees_with_a_sorted_map_while_the_window_moves() {
        let mut random = SeededRandom::new(3, "ladder");
        let mut ladder = Ladder::new(1);
        let mut plain: BTreeMap<i64, u32> = BTreeMap::new();
        let mut bases = std::collections::BTreeSet::new();
        let mut centre = 0i64;
        for step in 0..60_000u32 {
            if step % 5_000 == 0 {
                centre = random.below(200_000) as i64 - 100_000;
            }
            let spread = if step % 3 == 0 { 20_000 } else { 300 };
            let key = centre + random.below(spread) as i64 - spread as i64 / 2;
            if plain.len() > 800 || plain.contains_key(&key) {
                let key = match random.below(3) {
                    0 => plain.keys().next_back().copied(),
                    1 => plain.range(key..).next().map(|(&k, _)| k),
                    _ => plain.keys().next().copied(),
                };
                if let Some(key) = key {
                    plain.remove(&key);
                    ladder.remove(key);
                }
            } else {
                plain.insert(key, step + 10);
                ladder.insert(key, step + 10);
            }
            bases.insert(ladder.base);
            assert_eq!(ladder.best(), plain.values().next_back().copied().unwrap_or(1));
            assert_eq!(ladder.get(key), plain.get(&key).copied().unwrap_or(NONE));
            assert_eq!(ladder.len() as usize, plain.len());
            if step % 500 == 0 {
                assert!(ladder.iter().eq(plain.values().rev().copied()));
            }
        }
        assert!(bases.len() > 5, "the window moved {} times", bases.len());
        ladder.clear();
        assert_eq!((ladder.best(), ladder.len(), ladder.iter().count()), (1, 0, 0));
    }
}
