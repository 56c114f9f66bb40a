//! What an L3 book tells.

use super::BookL3;
use crate::ladder::key_of;
use crate::types::{Anomalies, BookOrder, Level, QueueAhead};
use model::{Lots, PriceGrid, Side, Ticks};

impl BookL3 {
    /// The grid of prices.
    #[must_use]
    pub fn grid(&self) -> &PriceGrid {
        &self.grid
    }

    /// The order of this id. Orders of top-of-book venues are not known by id.
    #[inline]
    #[must_use]
    pub fn order(&self, id: u64) -> Option<BookOrder> {
        self.map.find(id, &self.nodes).map(|(_, slot)| self.order_in(slot))
    }

    pub(super) fn order_in(&self, slot: u32) -> BookOrder {
        let node = &self.nodes[slot];
        let level = &self.nodes[node.level];
        BookOrder {
            id: node.id,
            side: level.side(),
            price: level.ticks(),
            quantity: Lots(i64::from(node.quantity)),
            sequence: node.sequence,
        }
    }

    /// The sequence that the next arrival at the back of a queue gets. An own order that arrives
    /// now and keeps this number has its exact place without being in the book: orders of its
    /// level with a smaller sequence are ahead of it, all others behind.
    #[inline]
    #[must_use]
    pub fn next_sequence(&self) -> u64 {
        self.next_sequence
    }

    /// Number of orders on a side.
    #[must_use]
    pub fn order_count(&self, side: Side) -> usize {
        self.levels(side).map(|level| level.count as usize).sum()
    }

    /// Number of price levels on a side.
    #[must_use]
    pub fn level_count(&self, side: Side) -> usize {
        self.sides[side as usize].len() as usize
    }

    /// What the stream did that a complete one does not do.
    #[must_use]
    pub fn anomalies(&self) -> Anomalies {
        self.anomalies
    }

    /// Size and orders of this level with a smaller sequence. Walks from both ends of the queue at
    /// once, so it costs as much as the shorter part.
    #[must_use]
    pub fn queue_ahead(&self, side: Side, price: Ticks, sequence: u64) -> QueueAhead {
        let level = self.sides[side as usize].get(key_of(side, price));
        if level == 0 {
            return QueueAhead::default();
        }
        let head = &self.nodes[level];
        let (mut front, mut back) = (head.next, head.prev);
        let (mut ahead, mut ahead_orders) = (0u64, 0u32);
        let (mut behind, mut behind_orders) = (0u64, 0u32);
        loop {
            let node = &self.nodes[front];
            if front == level || node.sequence >= sequence {
                return QueueAhead { quantity: Lots(ahead as i64), orders: ahead_orders };
            }
            ahead += u64::from(node.quantity);
            ahead_orders += 1;
            front = node.next;
            let node = &self.nodes[back];
            if back == level || node.sequence < sequence {
                return QueueAhead {
                    quantity: Lots((head.sequence - behind) as i64),
                    orders: head.count() - behind_orders,
                };
            }
            behind += u64::from(node.quantity);
            behind_orders += 1;
            back = node.prev;
        }
    }

    /// What stands ahead of an order of the book; `None` when it is not there.
    #[must_use]
    pub fn queue_position(&self, id: u64) -> Option<QueueAhead> {
        self.order(id).map(|order| self.queue_ahead(order.side, order.price, order.sequence))
    }

    /// Size and orders at a price; both zero where there is no level.
    #[inline]
    #[must_use]
    pub fn level(&self, side: Side, price: Ticks) -> Level {
        match self.sides[side as usize].get(key_of(side, price)) {
            0 => Level { price, ..Level::NONE },
            level => self.level_in(level),
        }
    }

    #[inline]
    fn level_in(&self, level: u32) -> Level {
        let node = &self.nodes[level];
        Level { price: node.ticks(), quantity: node.total(), count: node.count() }
    }

    /// The levels of a side, best first.
    pub fn levels(&self, side: Side) -> impl Iterator<Item = Level> {
        self.sides[side as usize].iter().map(|level| self.level_in(level))
    }

    /// Fills `out` with the best levels, best first, the rest with [`Level::NONE`]; tells how many
    /// there are.
    pub fn depth(&self, side: Side, out: &mut [Level]) -> usize {
        let mut found = 0;
        for (place, level) in out.iter_mut().zip(self.levels(side)) {
            *place = level;
            found += 1;
        }
        out[found..].fill(Level::NONE);
        found
    }

    /// The orders at a price in the order of their queue.
    pub fn orders_at(&self, side: Side, price: Ticks) -> impl Iterator<Item = BookOrder> {
        self.queue(self.sides[side as usize].get(key_of(side, price))).map(|(_, order)| order)
    }

    /// The orders of a side, best level first, each level in queue order.
    pub fn orders(&self, side: Side) -> impl Iterator<Item = BookOrder> {
        self.slots(side).map(|(_, order)| order)
    }

    pub(super) fn slots(&self, side: Side) -> impl Iterator<Item = (u32, BookOrder)> {
        self.sides[side as usize].iter().flat_map(|level| self.queue(level))
    }

    fn queue(&self, level: u32) -> impl Iterator<Item = (u32, BookOrder)> {
        let mut slot = if level == 0 { level } else { self.nodes[level].next };
        std::iter::from_fn(move || {
            (slot != level).then(|| {
                let found = slot;
                slot = self.nodes[slot].next;
                (found, self.order_in(found))
            })
        })
    }
}
