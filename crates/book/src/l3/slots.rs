//! An L3 book for whoever matches on it: orders by slot, so that what is known of an order beside
//! the book stands in an array.

use super::{BookL3, check_range};
use crate::error::BookError;
use crate::ladder::key_of;
use crate::map::Probe;
use crate::types::BookOrder;
use model::{Lots, Side, Ticks};

/// Where an order of a book stands in memory: a small number that stays while the order lives, and
/// is then used again.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(transparent)]
pub struct Slot(pub u32);

impl Slot {
    /// As an array index.
    #[inline(always)]
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

impl BookL3 {
    /// The slot of an order.
    #[inline]
    #[must_use]
    pub fn slot(&self, id: u64) -> Option<Slot> {
        self.map.find(id, &self.nodes).map(|(_, slot)| Slot(slot))
    }

    /// The order in a slot that [`Self::slot`], [`Self::insert`] or a walk has given and that has
    /// not been removed since.
    #[inline]
    #[must_use]
    pub fn order_at(&self, slot: Slot) -> BookOrder {
        self.order_in(slot.0)
    }

    /// Adds an order at the back of its queue; its slot.
    ///
    /// # Errors
    /// As [`Self::add`], the quantity in the type that the book keeps: 1 to 2^32 − 1 lots.
    #[inline]
    pub fn insert(
        &mut self,
        id: u64,
        side: Side,
        price: Ticks,
        quantity: u32,
    ) -> Result<Slot, BookError> {
        if quantity == 0 {
            let (quantity, accepted) = (Lots::ZERO, "1 to 4294967295 lots");
            return Err(BookError::Quantity { order_id: id, quantity, accepted });
        }
        check_range(id, price)?;
        self.map.reserve_one();
        let Probe::Vacant { at } = self.map.probe(id, &self.nodes) else {
            return Err(BookError::DuplicateOrder { order_id: id });
        };
        let level = self.level_for(id, side, price)?;
        let sequence = self.take_sequence();
        let slot = self.nodes.new_order(level, id, quantity, sequence);
        self.map.fill(at, id, slot, &self.nodes);
        Ok(Slot(slot))
    }

    /// The price of the best level of a side and the first order of its queue.
    #[inline(always)]
    #[must_use]
    pub fn front(&self, side: Side) -> Option<(Ticks, Slot)> {
        let level = self.sides[side as usize].best();
        let node = &self.nodes[level];
        (node.next != level).then(|| (node.ticks(), Slot(node.next)))
    }

    /// The first order at a price.
    #[inline]
    #[must_use]
    pub fn first_at(&self, side: Side, price: Ticks) -> Option<Slot> {
        match self.sides[side as usize].get(key_of(side, price)) {
            0 => None,
            level => Some(Slot(self.nodes[level].next)),
        }
    }

    /// The order behind this one at its price.
    #[inline(always)]
    #[must_use]
    pub fn behind(&self, slot: Slot) -> Option<Slot> {
        let node = &self.nodes[slot.0];
        (node.next != node.level).then_some(Slot(node.next))
    }

    /// Id and size of the order in a slot.
    #[inline(always)]
    #[must_use]
    pub fn id_and_size(&self, slot: Slot) -> (u64, u32) {
        let node = &self.nodes[slot.0];
        (node.id, node.quantity)
    }

    /// Takes `quantity` lots, at most what it has, off the order in a slot; true when nothing is
    /// left of it and it has left the book.
    #[inline(always)]
    pub fn take(&mut self, slot: Slot, quantity: u32) -> bool {
        let node = &self.nodes[slot.0];
        if quantity < node.quantity {
            self.nodes.reduce(slot.0, quantity);
            return false;
        }
        self.remove_slot(slot);
        true
    }

    /// Removes the order in a slot.
    #[inline]
    pub fn remove_slot(&mut self, slot: Slot) {
        let id = self.nodes[slot.0].id;
        if let Some((at, found)) = self.map.find(id, &self.nodes)
            && found == slot.0
        {
            self.remove(at, slot.0);
        }
    }

    /// Gives the order in a slot a new size at the back of its level.
    #[inline]
    pub fn requeue(&mut self, slot: Slot, quantity: u32) {
        let level = self.nodes[slot.0].level;
        let sequence = self.take_sequence();
        // It comes back to the same level, which therefore never goes.
        let _ = self.nodes.move_to_back(slot.0, level, quantity, sequence);
    }

    /// Asks for what a message about this id will touch to be brought near.
    #[inline]
    pub fn prefetch_id(&self, id: u64) {
        self.map.prefetch(id);
    }
}
