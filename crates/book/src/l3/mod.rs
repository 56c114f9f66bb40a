//! The book of orders, built from market-by-order records.

mod direct;
mod query;
pub(crate) mod slots;
mod snapshot;

use crate::MAX_TICKS;
use crate::error::BookError;
use crate::ladder::{Ladder, key_of};
use crate::map::{OrderMap, Probe};
use crate::node::{Nodes, empty_level};
use crate::types::Anomalies;
use model::mbo::flags;
use model::{Bbo, Mbo, PriceGrid, Side, Ticks};

/// A book that knows every order and its place in its queue.
///
/// Rules of building (Databento's market-by-order semantics): Add appends; Cancel reduces by its
/// size and removes at zero; Modify goes to the back of the queue when the price changes or the
/// size grows, and keeps its place otherwise; cleaR empties the book; Trade, Fill and None never
/// touch it. On a top-of-book venue (flag `TOP_OF_BOOK`) an Add replaces its whole side and an
/// undefined price empties it; such orders are not known by id.
///
/// Read it after a record with the flag `LAST`: inside an event it may be half changed.
#[derive(Clone, Debug)]
pub struct BookL3 {
    grid: PriceGrid,
    nodes: Nodes,
    map: OrderMap,
    /// Levels of the bids and of the asks.
    sides: [Ladder; 2],
    next_sequence: u64,
    anomalies: Anomalies,
}

impl BookL3 {
    /// An empty book on this grid of prices.
    #[must_use]
    pub fn new(grid: PriceGrid) -> Self {
        Self {
            grid,
            nodes: Nodes::new(),
            map: OrderMap::new(),
            sides: [Side::Buy, Side::Sell].map(|side| Ladder::new(empty_level(side))),
            next_sequence: 1,
            anomalies: Anomalies::default(),
        }
    }

    /// Applies one record. What a complete stream would not do is counted in
    /// [`Self::anomalies`], not refused.
    ///
    /// # Errors
    /// [`BookError::OffTick`] when the price of an Add or Modify lies on no tick (an undefined
    /// price included), [`BookError::PriceOutOfRange`] when it is more than 2^60 ticks from zero,
    /// [`BookError::Full`]. The book is then as it was.
    #[inline(always)]
    pub fn apply(&mut self, record: Mbo<'_>) -> Result<(), BookError> {
        match record.action() {
            b'A' => self.apply_add(record),
            b'C' => {
                self.apply_cancel(record.order_id(), record.size());
                Ok(())
            }
            b'M' => self.apply_modify(record),
            b'T' | b'F' | b'N' => Ok(()),
            b'R' => {
                self.clear();
                Ok(())
            }
            _ => {
                self.anomalies.unknown_actions += 1;
                Ok(())
            }
        }
    }

    /// Best bid and offer: price, total size and number of orders of each side.
    #[inline]
    #[must_use]
    pub fn bbo(&self) -> Bbo {
        self.nodes.bbo(self.sides[0].best(), self.sides[1].best())
    }

    /// Says that this record comes soon, best [`crate::SLOT_AHEAD`] records from now: its entry in
    /// the order map is brought near. A hint that changes no result.
    #[inline]
    pub fn prefetch(&self, record: Mbo<'_>) {
        self.map.prefetch(record.order_id());
    }

    /// Says that this record comes very soon, best [`crate::ORDER_AHEAD`] records from now and
    /// after [`Self::prefetch`] of the same record: its order is brought near.
    #[inline]
    pub fn prefetch_order(&self, record: Mbo<'_>) {
        self.map.prefetch_node(record.order_id(), &self.nodes);
    }

    /// Removes every order; sequences and anomalies go on.
    pub fn clear(&mut self) {
        if self.map.len() * 8 < self.map.capacity() {
            self.clear_side(Side::Buy);
            self.clear_side(Side::Sell);
        } else {
            self.map.clear();
            self.sides.iter_mut().for_each(Ladder::clear);
        }
        self.nodes.clear();
    }

    #[inline]
    fn apply_add(&mut self, record: Mbo<'_>) -> Result<(), BookError> {
        if record.flags() & flags::TOP_OF_BOOK != 0 {
            return self.replace_side(record);
        }
        let side = match record.side_raw() {
            b'B' => Side::Buy,
            b'A' => Side::Sell,
            _ => {
                self.anomalies.sideless += 1;
                return Ok(());
            }
        };
        let (id, quantity) = (record.order_id(), record.size());
        let Some(ticks) = self.grid.ticks(record.price()) else {
            return Err(self.off_tick(record));
        };
        if quantity == 0 {
            self.anomalies.zero_sizes += 1;
            return Ok(());
        }
        self.map.reserve_one();
        let at = match self.map.probe(id, &self.nodes) {
            Probe::Vacant { at } => at,
            Probe::Found { at, slot } => {
                return self.replace_duplicate(at, slot, id, side, ticks, quantity);
            }
        };
        self.add_at(at, id, side, ticks, quantity)
    }

    #[inline]
    fn apply_cancel(&mut self, id: u64, size: u32) {
        let Some((at, slot)) = self.map.find(id, &self.nodes) else {
            self.anomalies.unknown_cancels += 1;
            return;
        };
        let left = self.nodes[slot].quantity;
        if size < left {
            self.nodes.reduce(slot, size);
        } else {
            self.anomalies.over_cancels += u64::from(size > left);
            self.remove(at, slot);
        }
    }

    #[inline]
    fn apply_modify(&mut self, record: Mbo<'_>) -> Result<(), BookError> {
        let id = record.order_id();
        let Some((at, slot)) = self.map.find(id, &self.nodes) else {
            return self.add_unknown(record);
        };
        let Some(ticks) = self.grid.ticks(record.price()) else {
            return Err(self.off_tick(record));
        };
        let level = &self.nodes[self.nodes[slot].level];
        let (mut side, old_ticks) = (level.side(), level.ticks());
        if record.side().is_some_and(|named| named != side) {
            check_range(id, ticks)?;
            side = side.opposite();
            self.change(at, slot, side, ticks, record.size())?;
            self.anomalies.side_changes += 1;
            return Ok(());
        }
        let (quantity, size) = (self.nodes[slot].quantity, record.size());
        if ticks == old_ticks && size <= quantity && size != 0 {
            self.nodes.reduce(slot, quantity - size);
            return Ok(());
        }
        self.change(at, slot, side, ticks, size)
    }

    /// Moves an order to the back of the queue of a price, or removes it when its size is zero.
    fn change(
        &mut self,
        at: usize,
        slot: u32,
        side: Side,
        ticks: Ticks,
        quantity: u32,
    ) -> Result<(), BookError> {
        if quantity == 0 {
            self.anomalies.zero_sizes += 1;
            self.remove(at, slot);
            return Ok(());
        }
        let old = self.nodes[slot].level;
        let level = self.level_for(self.nodes[slot].id, side, ticks)?;
        let sequence = self.take_sequence();
        if self.nodes.move_to_back(slot, level, quantity, sequence) == 0 && level != old {
            self.drop_level(old);
        }
        Ok(())
    }

    #[inline(always)]
    fn add_at(
        &mut self,
        at: usize,
        id: u64,
        side: Side,
        ticks: Ticks,
        quantity: u32,
    ) -> Result<(), BookError> {
        let level = self.level_for(id, side, ticks)?;
        let sequence = self.take_sequence();
        let slot = self.nodes.new_order(level, id, quantity, sequence);
        self.map.fill(at, id, slot, &self.nodes);
        Ok(())
    }

    #[inline(always)]
    fn take_sequence(&mut self) -> u64 {
        let sequence = self.next_sequence;
        self.next_sequence += 1;
        sequence
    }

    /// The level of a price, made when it is not there; room for an order is then left too.
    #[inline(always)]
    fn level_for(&mut self, id: u64, side: Side, ticks: Ticks) -> Result<u32, BookError> {
        let level = self.sides[side as usize].get(key_of(side, ticks));
        if !self.nodes.has_room() {
            return Err(BookError::Full { order_id: id });
        }
        if level != 0 { Ok(level) } else { self.make_level(id, side, ticks) }
    }

    #[inline(never)]
    fn make_level(&mut self, id: u64, side: Side, ticks: Ticks) -> Result<u32, BookError> {
        check_range(id, ticks)?;
        let level = self.nodes.new_level(side, ticks);
        self.sides[side as usize].insert(key_of(side, ticks), level);
        Ok(level)
    }

    #[inline(always)]
    fn remove(&mut self, at: usize, slot: u32) {
        self.map.remove_at(at);
        let level = self.nodes[slot].level;
        if self.nodes.remove_order(slot) == 0 {
            self.drop_level(level);
        }
    }

    #[inline(never)]
    fn drop_level(&mut self, level: u32) {
        let node = &self.nodes[level];
        let (side, ticks) = (node.side(), node.ticks());
        self.sides[side as usize].remove(key_of(side, ticks));
        self.nodes.release_level(level);
    }

    /// An Add of an id that is live: the new order replaces the old one.
    #[cold]
    #[inline(never)]
    fn replace_duplicate(
        &mut self,
        at: usize,
        slot: u32,
        id: u64,
        side: Side,
        ticks: Ticks,
        quantity: u32,
    ) -> Result<(), BookError> {
        check_range(id, ticks)?;
        self.change(at, slot, side, ticks, quantity)?;
        self.anomalies.duplicate_adds += 1;
        Ok(())
    }

    /// A Modify of an order that is not there is an Add.
    #[cold]
    #[inline(never)]
    fn add_unknown(&mut self, record: Mbo<'_>) -> Result<(), BookError> {
        self.apply_add(record)?;
        self.anomalies.unknown_modifies += 1;
        Ok(())
    }

    #[cold]
    #[inline(never)]
    fn off_tick(&self, record: Mbo<'_>) -> BookError {
        let (order_id, price) = (record.order_id(), record.price());
        if price.is_defined() {
            BookError::OffTick { order_id, price, tick_size: self.grid.tick_size() }
        } else {
            BookError::PriceOutOfRange { order_id, ticks: Ticks::NONE }
        }
    }

    /// An Add on a top-of-book venue.
    #[cold]
    #[inline(never)]
    fn replace_side(&mut self, record: Mbo<'_>) -> Result<(), BookError> {
        let Some(side) = record.side() else {
            self.anomalies.sideless += 1;
            return Ok(());
        };
        let id = record.order_id();
        if !record.price().is_defined() || record.size() == 0 {
            self.clear_side(side);
            return Ok(());
        }
        let ticks = self.grid.ticks(record.price()).ok_or_else(|| self.off_tick(record))?;
        check_range(id, ticks)?;
        self.clear_side(side);
        self.add_unmapped(id, side, ticks, record.size())
    }

    /// An order that is in its queue but not known by id.
    fn add_unmapped(
        &mut self,
        id: u64,
        side: Side,
        ticks: Ticks,
        quantity: u32,
    ) -> Result<(), BookError> {
        let level = self.level_for(id, side, ticks)?;
        let sequence = self.take_sequence();
        self.nodes.new_order(level, id, quantity, sequence);
        Ok(())
    }

    /// Removes every order of one side.
    fn clear_side(&mut self, side: Side) {
        let levels: Vec<u32> = self.sides[side as usize].iter().collect();
        for level in levels {
            let mut slot = self.nodes[level].next;
            while slot != level {
                let (id, next) = (self.nodes[slot].id, self.nodes[slot].next);
                if let Some((at, found)) = self.map.find(id, &self.nodes)
                    && found == slot
                {
                    self.map.remove_at(at);
                }
                self.nodes.remove_order(slot);
                slot = next;
            }
            self.nodes.release_level(level);
        }
        self.sides[side as usize].clear();
    }
}

fn check_range(order_id: u64, ticks: Ticks) -> Result<(), BookError> {
    if ticks.0.unsigned_abs() <= MAX_TICKS.unsigned_abs() {
        Ok(())
    } else {
        Err(BookError::PriceOutOfRange { order_id, ticks })
    }
}
