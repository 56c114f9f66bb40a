//! The slab of an L3 book: orders and levels are nodes of one array.
//!
//! A level is the sentinel of the circular list of its orders, so unlinking an order is two
//! stores without a branch, and an order that leaves finds its level without its price.

use model::{Bbo, Lots, Side, Ticks};

/// No node; also the end of the free list.
pub(crate) const NIL: u32 = 0;

/// The sentinel that stands for the best level of an empty side: no price, size 0, count 0.
pub(crate) const fn empty_level(side: Side) -> u32 {
    1 + side as u32
}

const FIRST_FREE: usize = 3;
const MAX_NODES: usize = 1 << 31;

/// An order, or a level, whose fields of the same names mean what stands in brackets.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(32))]
pub(crate) struct Node {
    /// The next order of the queue; after the last one the level. \[the first order\]
    pub next: u32,
    /// The previous order; before the first one the level. \[the last order\]
    pub prev: u32,
    /// Displayed size. \[0 bid, 1 ask\]
    pub quantity: u32,
    /// The order's level. \[number of orders\]
    pub level: u32,
    /// The venue's order id. \[price in ticks, as bits\]
    pub id: u64,
    /// Place in the order of arrival. \[total size\]
    pub sequence: u64,
}

impl Node {
    const EMPTY: Self = Self { next: 0, prev: 0, quantity: 0, level: 0, id: 0, sequence: 0 };

    /// The side of a level.
    #[inline(always)]
    pub const fn side(&self) -> Side {
        if self.quantity == 0 { Side::Buy } else { Side::Sell }
    }

    /// The price of a level.
    #[inline(always)]
    pub const fn ticks(&self) -> Ticks {
        Ticks(self.id as i64)
    }

    /// The total size of a level.
    #[inline(always)]
    pub const fn total(&self) -> Lots {
        Lots(self.sequence as i64)
    }

    /// The number of orders of a level.
    #[inline(always)]
    pub const fn count(&self) -> u32 {
        self.level
    }
}

/// The slab with its free list.
#[derive(Clone, Debug)]
pub(crate) struct Nodes {
    nodes: Vec<Node>,
    free: u32,
}

impl std::ops::Index<u32> for Nodes {
    type Output = Node;
    #[inline(always)]
    fn index(&self, id: u32) -> &Node {
        &self.nodes[id as usize]
    }
}

impl std::ops::IndexMut<u32> for Nodes {
    #[inline(always)]
    fn index_mut(&mut self, id: u32) -> &mut Node {
        &mut self.nodes[id as usize]
    }
}

impl Nodes {
    pub fn new() -> Self {
        let mut nodes = Vec::with_capacity(1024);
        nodes.push(Node::EMPTY);
        for side in [Side::Buy, Side::Sell] {
            let own = empty_level(side);
            nodes.push(Node {
                next: own,
                prev: own,
                quantity: side as u32,
                id: Ticks::NONE.0 as u64,
                ..Node::EMPTY
            });
        }
        Self { nodes, free: NIL }
    }

    /// Forgets every order and level.
    pub fn clear(&mut self) {
        self.nodes.truncate(FIRST_FREE);
        self.free = NIL;
    }

    /// Whether an order and its new level still fit.
    #[inline(always)]
    pub fn has_room(&self) -> bool {
        self.nodes.len() < MAX_NODES - 2
    }

    #[inline(always)]
    pub fn as_slice(&self) -> &[Node] {
        &self.nodes
    }

    #[inline(always)]
    fn allocate(&mut self, node: Node) -> u32 {
        let id = self.free;
        if id != NIL {
            let place = &mut self[id];
            let next = place.next;
            *place = node;
            self.free = next;
            id
        } else {
            self.grow(node)
        }
    }

    #[inline(never)]
    fn grow(&mut self, node: Node) -> u32 {
        self.nodes.push(node);
        (self.nodes.len() - 1) as u32
    }

    #[inline(always)]
    fn release(&mut self, id: u32) {
        self[id].next = self.free;
        self.free = id;
    }

    /// A new, empty level.
    pub fn new_level(&mut self, side: Side, ticks: Ticks) -> u32 {
        let id = self.allocate(Node { quantity: side as u32, id: ticks.0 as u64, ..Node::EMPTY });
        let node = &mut self[id];
        node.next = id;
        node.prev = id;
        id
    }

    /// Forgets an empty level.
    #[inline(always)]
    pub fn release_level(&mut self, level: u32) {
        self.release(level);
    }

    /// A new order at the back of a level.
    #[inline(always)]
    pub fn new_order(&mut self, level: u32, id: u64, quantity: u32, sequence: u64) -> u32 {
        let slot = self.allocate(Node { next: level, prev: 0, quantity, level, id, sequence });
        self.link_back(level, slot, quantity);
        slot
    }

    /// Takes an order out of its queue and forgets it; tells how many orders its level has left.
    #[inline(always)]
    pub fn remove_order(&mut self, slot: u32) -> u32 {
        let left = self.unlink(slot);
        self.release(slot);
        left
    }

    /// Moves an order to the back of a level (its own or another) with a new size and sequence;
    /// tells how many orders the level it came from has left (before it may come back to it).
    pub fn move_to_back(&mut self, slot: u32, level: u32, quantity: u32, sequence: u64) -> u32 {
        let left = self.unlink(slot);
        let node = &mut self[slot];
        node.next = level;
        node.level = level;
        node.quantity = quantity;
        node.sequence = sequence;
        self.link_back(level, slot, quantity);
        left
    }

    /// Makes an order smaller where it stands.
    #[inline(always)]
    pub fn reduce(&mut self, slot: u32, by: u32) {
        let node = &mut self[slot];
        node.quantity -= by;
        let level = node.level;
        self[level].sequence -= u64::from(by);
    }

    #[inline(always)]
    fn link_back(&mut self, level: u32, slot: u32, quantity: u32) {
        let head = &mut self[level];
        let tail = head.prev;
        head.prev = slot;
        head.level += 1;
        head.sequence += u64::from(quantity);
        self[tail].next = slot;
        self[slot].prev = tail;
    }

    #[inline(always)]
    fn unlink(&mut self, slot: u32) -> u32 {
        let Node { next, prev, quantity, level, .. } = self[slot];
        self[prev].next = next;
        self[next].prev = prev;
        let head = &mut self[level];
        head.level -= 1;
        head.sequence -= u64::from(quantity);
        head.level
    }

    /// Best bid and offer, given the best level of each side.
    #[inline(always)]
    pub fn bbo(&self, bid: u32, ask: u32) -> Bbo {
        let (bid, ask) = (&self[bid], &self[ask]);
        Bbo {
            bid: bid.ticks(),
            ask: ask.ticks(),
            bid_size: bid.total(),
            ask_size: ask.total(),
            bid_count: bid.count(),
            ask_count: ask.count(),
        }
    }
}
