//! The generator's own order book: what it needs to stay consistent, and quick.

/// Ticks of the ladder: prices are offsets 0 to 4,095 from its lowest tick.
pub(super) const WIDTH: usize = 4096;
/// No order.
pub(super) const NONE: u32 = u32::MAX;

/// A resting order of the generated market.
#[derive(Clone, Copy, Debug)]
pub(super) struct Node {
    /// Order id as it is published.
    pub id: u64,
    /// Displayed size as it was last published.
    pub size: u32,
    /// Offset of its price in the ladder.
    pub tick: u16,
    /// 0 bid, 1 ask.
    pub side: u8,
    /// How often an iceberg still refills; 0: no iceberg.
    pub refills: u8,
    previous: u32,
    next: u32,
    live_at: u32,
}

/// One side: the queue of every price and a two-step bitmap of the prices in use.
#[derive(Clone, Debug)]
struct Ladder {
    head: Vec<u32>,
    tail: Vec<u32>,
    words: [u64; WIDTH / 64],
    summary: u64,
    counts: Vec<u32>,
    orders: u32,
}

impl Ladder {
    fn new() -> Self {
        Self {
            head: vec![NONE; WIDTH],
            tail: vec![NONE; WIDTH],
            words: [0; WIDTH / 64],
            summary: 0,
            counts: vec![0; WIDTH],
            orders: 0,
        }
    }

    fn mark(&mut self, tick: usize) {
        self.words[tick / 64] |= 1 << (tick % 64);
        self.summary |= 1 << (tick / 64);
    }

    fn unmark(&mut self, tick: usize) {
        self.words[tick / 64] &= !(1 << (tick % 64));
        if self.words[tick / 64] == 0 {
            self.summary &= !(1 << (tick / 64));
        }
    }

    fn highest(&self) -> Option<u16> {
        let word = 63u32.checked_sub(self.summary.leading_zeros())?;
        Some((word * 64 + 63 - self.words[word as usize].leading_zeros()) as u16)
    }

    fn lowest(&self) -> Option<u16> {
        if self.summary == 0 {
            return None;
        }
        let word = self.summary.trailing_zeros();
        Some((word * 64 + self.words[word as usize].trailing_zeros()) as u16)
    }
}

/// The book: orders in a slab, queues in two ladders, and the list of live orders to draw from.
#[derive(Clone, Debug)]
pub(super) struct FlowBook {
    nodes: Vec<Node>,
    free: Vec<u32>,
    live: Vec<u32>,
    sides: [Ladder; 2],
}

impl FlowBook {
    pub fn new(orders: usize) -> Self {
        Self {
            nodes: Vec::with_capacity(orders + orders / 4),
            free: Vec::new(),
            live: Vec::with_capacity(orders + orders / 4),
            sides: [Ladder::new(), Ladder::new()],
        }
    }

    pub fn len(&self) -> usize {
        self.live.len()
    }

    pub fn orders(&self, side: u8) -> u32 {
        self.sides[usize::from(side)].orders
    }

    pub fn node(&self, slot: u32) -> &Node {
        &self.nodes[slot as usize]
    }

    pub fn node_mut(&mut self, slot: u32) -> &mut Node {
        &mut self.nodes[slot as usize]
    }

    /// The `k`-th live order, in no particular order.
    pub fn live(&self, k: usize) -> u32 {
        self.live[k]
    }

    /// Whether this slot still holds this order.
    pub fn holds(&self, slot: u32, id: u64) -> bool {
        self.nodes.get(slot as usize).is_some_and(|n| n.id == id && n.live_at != NONE)
    }

    /// Offset of the best price of a side.
    pub fn best(&self, side: u8) -> Option<u16> {
        let ladder = &self.sides[usize::from(side)];
        if side == 0 { ladder.highest() } else { ladder.lowest() }
    }

    /// Orders at a price.
    pub fn count(&self, side: u8, tick: u16) -> u32 {
        self.sides[usize::from(side)].counts[usize::from(tick)]
    }

    /// First order of a price's queue.
    pub fn front(&self, side: u8, tick: u16) -> u32 {
        self.sides[usize::from(side)].head[usize::from(tick)]
    }

    /// The order behind one in its queue.
    pub fn behind(&self, slot: u32) -> u32 {
        self.nodes[slot as usize].next
    }

    pub fn add(&mut self, id: u64, side: u8, tick: u16, size: u32, refills: u8) -> u32 {
        let live_at = self.live.len() as u32;
        let node = Node { id, size, tick, side, refills, previous: NONE, next: NONE, live_at };
        let slot = match self.free.pop() {
            Some(slot) => {
                self.nodes[slot as usize] = node;
                slot
            }
            None => {
                self.nodes.push(node);
                (self.nodes.len() - 1) as u32
            }
        };
        self.live.push(slot);
        self.sides[usize::from(side)].orders += 1;
        self.link(slot);
        slot
    }

    pub fn remove(&mut self, slot: u32) {
        self.unlink(slot);
        let node = &mut self.nodes[slot as usize];
        let at = node.live_at as usize;
        node.live_at = NONE;
        let side = usize::from(node.side);
        self.live.swap_remove(at);
        if let Some(&moved) = self.live.get(at) {
            self.nodes[moved as usize].live_at = at as u32;
        }
        self.sides[side].orders -= 1;
        self.free.push(slot);
    }

    /// Puts an order at the back of the queue of a price.
    pub fn requeue(&mut self, slot: u32, tick: u16) {
        self.unlink(slot);
        self.nodes[slot as usize].tick = tick;
        self.link(slot);
    }

    fn link(&mut self, slot: u32) {
        let Node { side, tick, .. } = self.nodes[slot as usize];
        let ladder = &mut self.sides[usize::from(side)];
        let tick = usize::from(tick);
        ladder.counts[tick] += 1;
        let last = std::mem::replace(&mut ladder.tail[tick], slot);
        if last == NONE {
            ladder.head[tick] = slot;
            ladder.mark(tick);
        } else {
            self.nodes[last as usize].next = slot;
        }
        let node = &mut self.nodes[slot as usize];
        node.previous = last;
        node.next = NONE;
    }

    fn unlink(&mut self, slot: u32) {
        let Node { side, tick, previous, next, .. } = self.nodes[slot as usize];
        let ladder = &mut self.sides[usize::from(side)];
        let tick = usize::from(tick);
        ladder.counts[tick] -= 1;
        if previous == NONE {
            ladder.head[tick] = next;
        } else {
            self.nodes[previous as usize].next = next;
        }
        if next == NONE {
            ladder.tail[tick] = previous;
        } else {
            self.nodes[next as usize].previous = previous;
        }
        if previous == NONE && next == NONE {
            ladder.unmark(tick);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_price_and_the_queue_follow_every_change() {
        let mut book = FlowBook::new(8);
        assert_eq!((book.best(0), book.best(1)), (None, None));
        let a = book.add(1, 0, 100, 5, 0);
        let b = book.add(2, 0, 100, 5, 0);
        let c = book.add(3, 0, 4095, 5, 0);
        let d = book.add(4, 1, 0, 5, 0);
        assert_eq!((book.best(0), book.best(1)), (Some(4095), Some(0)));
        book.requeue(a, 100);
        assert_eq!((book.front(0, 100), book.behind(b), book.behind(a)), (b, a, NONE));
        book.remove(c);
        assert_eq!((book.count(0, 100), book.count(0, 4095)), (2, 0));
        assert_eq!((book.best(0), book.len(), book.orders(0)), (Some(100), 3, 2));
        assert!(book.holds(a, 1) && !book.holds(c, 3));
        book.remove(d);
        assert_eq!(book.best(1), None);
        assert_eq!(book.add(5, 1, 64, 1, 0), d, "slots are used again");
    }
}
