//! What happens next in the generated market: adds, cancels, modifies, trades, the auction.

use super::book::{FlowBook, NONE, Node};
use super::clock::exponential;
use super::market::SyntheticMarket;

impl SyntheticMarket {
    /// A usual order size: one lot mostly, sometimes many.
    pub(super) fn order_size(&mut self) -> u32 {
        let draw = self.random.next_u64();
        let more = (draw >> 16) as u32;
        match draw % 100 {
            0..55 => 1,
            55..85 => 2 + more % 5,
            85..97 => 10 + more % 11,
            _ => 40 + more % 61,
        }
    }

    /// How often a new order refills: 0 unless it is an iceberg.
    pub(super) fn iceberg(&mut self) -> u8 {
        let draw = self.random.next_u64();
        let is = draw % 1_000 < u64::from(self.config.iceberg_permille);
        if is { 2 + (draw >> 32 & 3) as u8 } else { 0 }
    }

    pub(super) fn pre_open_event(&mut self) {
        let draw = self.random.next_u64();
        match draw % 100 {
            0..70 => {
                let side = (draw >> 8 & 1) as u8;
                let toward = if side == 0 { 1 } else { -1 };
                let tick = if (draw >> 16) % 100 < 6 {
                    // Beyond the other side: legal while nothing matches.
                    self.fair() + toward * ((draw >> 24) % 4) as i64
                } else {
                    self.fair() - toward * (1 + ((exponential(&mut self.random) * 8) >> 16) as i64)
                };
                self.publish_add(side, Self::clamp_tick(tick));
            }
            70..90 => self.cancel_or_add(),
            _ => self.resize_or_add(),
        }
    }

    pub(super) fn trading_event(&mut self, burst: bool) {
        let trade = u64::from(self.config.trade_permille);
        let trade = if burst { trade * 5 / 4 } else { trade / 4 };
        if self.random.below(1_000) < trade {
            return self.trade();
        }
        let (live, target) = (self.book.len() as i64, i64::from(self.config.live_orders));
        let add = (380 + (target - live) * 1_000 / target).clamp(150, 650) as u64;
        match self.random.below(1_000) {
            r if r < add => self.add(),
            r if r < 780.max(add + 80) => self.cancel_or_add(),
            _ => self.modify(),
        }
    }

    fn publish_add(&mut self, side: u8, tick: u16) {
        let (id, size) = (self.take_id(), self.order_size());
        let refills = self.iceberg();
        self.begin_event();
        self.emit(b'A', side, id, tick, size);
        self.end_event();
        let slot = self.book.add(id, side, tick, size, refills);
        self.remember(slot, id);
    }

    /// A price for an order of this side that does not cross: inside the spread, at the touch or
    /// behind it.
    fn passive_tick(&mut self, side: u8) -> u16 {
        let toward = if side == 0 { 1 } else { -1 };
        let fair = self.fair();
        let other = self.book.best(side ^ 1).map(i64::from);
        let edge = other.map_or(fair - toward, |t| t - toward);
        let own = self.book.best(side).map_or(edge, i64::from);
        let draw = self.random.next_u64();
        let room = (edge - own) * toward;
        let depth = self.spread_out();
        let crowded = self.book.count(side, Self::clamp_tick(own)) > 12 + (draw >> 32 & 15) as u32;
        let tick = match draw % 100 {
            0..35 if room > 0 && ((fair - own) * toward > 0 || room > 2) => own + toward,
            0..45 if !crowded => own,
            0..75 => own - toward * (1 + ((exponential(&mut self.random) * 6) >> 16) as i64),
            _ => own - toward * (1 + ((exponential(&mut self.random) * depth) >> 16) as i64),
        };
        let tick = if (tick - edge) * toward > 0 { edge } else { tick };
        Self::clamp_tick(tick)
    }

    fn add(&mut self) {
        let mut side = (self.random.next_u64() & 1) as u8;
        for thin in 0..2 {
            if self.book.orders(thin) < 20 {
                side = thin;
            }
        }
        let tick = self.passive_tick(side);
        // At the end of the ladder there may be no room: the order would cross.
        let crosses = self
            .book
            .best(side ^ 1)
            .is_some_and(|other| if side == 0 { tick >= other } else { tick <= other });
        if crosses { self.cancel_any() } else { self.publish_add(side, tick) }
    }

    fn cancel_any(&mut self) {
        if let Some(slot) = self.pick() {
            let node = *self.book.node(slot);
            self.begin_event();
            self.emit(b'C', node.side, node.id, node.tick, node.size);
            self.end_event();
            self.book.remove(slot);
        }
    }

    fn cancel_or_add(&mut self) {
        let thin = self.book.orders(0).min(self.book.orders(1)) < 20;
        if thin { self.add() } else { self.cancel_any() }
    }

    /// Sizes an order down (it keeps its place) or up (it goes to the back).
    fn resize_or_add(&mut self) {
        let Some(slot) = self.pick() else { return self.add() };
        let node = *self.book.node(slot);
        let draw = self.random.next_u64();
        let size = if node.size > 1 && draw & 3 != 0 {
            1 + (draw >> 8) as u32 % (node.size - 1)
        } else {
            node.size.saturating_add(1 + (draw >> 8) as u32 % 5)
        };
        self.publish_modify(slot, node.tick, size.min(10_000));
    }

    fn modify(&mut self) {
        if self.random.below(100) < 60 {
            return self.resize_or_add();
        }
        let Some(slot) = self.pick() else { return self.add() };
        let node = *self.book.node(slot);
        let tick = self.passive_tick(node.side);
        let crosses = self
            .book
            .best(node.side ^ 1)
            .is_some_and(|other| if node.side == 0 { tick >= other } else { tick <= other });
        if crosses || tick == node.tick {
            return self.resize_or_add();
        }
        self.publish_modify(slot, tick, node.size);
    }

    fn publish_modify(&mut self, slot: u32, tick: u16, size: u32) {
        let node = *self.book.node(slot);
        self.begin_event();
        self.emit(b'M', node.side, node.id, tick, size);
        self.end_event();
        self.book.node_mut(slot).size = size;
        if tick != node.tick || size > node.size {
            self.book.requeue(slot, tick);
        }
    }

    /// An aggressive order, or now and then a resting one that is modified across the spread.
    fn trade(&mut self) {
        let (Some(bid), Some(ask)) = (self.book.best(0), self.book.best(1)) else {
            return self.add();
        };
        let off = self.fair() * 2 - i64::from(bid) - i64::from(ask);
        let buy = (512 + (off * 64).clamp(-400, 400)) as u64;
        let draw = self.random.next_u64();
        let side = u8::from(draw & 0x3FF >= buy);
        if self.book.orders(side ^ 1) < 20 {
            return self.add();
        }
        let more = (draw >> 32) as u32;
        let size = match (draw >> 10) % 100 {
            0..60 => 1 + more % 3,
            60..90 => 1 + more % 12,
            90..98 => 10 + more % 50,
            _ => 60 + more % 240,
        };
        let reach = if (draw >> 20) % 100 < 12 { 1 + (draw >> 28 & 1) as i64 } else { 0 };
        let limit = if side == 0 { i64::from(ask) + reach } else { i64::from(bid) - reach };
        let limit = Self::clamp_tick(limit);
        if (draw >> 48) % 100 < 4
            && let Some(slot) = self.pick()
            && self.book.node(slot).side == side
        {
            let node = *self.book.node(slot);
            return self.execute(side, node.id, limit, node.size, Some(slot), true);
        }
        let id = self.take_id();
        self.execute(side, id, limit, size, None, (draw >> 56).is_multiple_of(4));
    }

    /// Matches an aggressive order up to its limit and publishes the event: per price a trade and
    /// its fills, then what became of the resting orders, then the rest of the aggressor.
    fn execute(&mut self, side: u8, id: u64, limit: u16, size: u32, own: Option<u32>, rests: bool) {
        let other = side ^ 1;
        let mut left = size;
        let mut refilled = false;
        self.begin_event();
        self.after.clear();
        while left > 0 && !refilled {
            let Some(tick) = self.book.best(other) else { break };
            if if side == 0 { tick > limit } else { tick < limit } {
                break;
            }
            self.scratch.clear();
            let (mut slot, mut total) = (self.book.front(other, tick), 0);
            while slot != NONE && total < left {
                let take = self.book.node(slot).size.min(left - total);
                total += take;
                self.scratch.push((slot, take));
                slot = self.book.behind(slot);
            }
            self.emit(b'T', side, id, tick, total);
            if own.is_some() {
                self.emit(b'F', side, id, tick, total);
            }
            left -= total;
            for k in 0..self.scratch.len() {
                let (slot, take) = self.scratch[k];
                refilled |= self.fill_resting(slot, take);
            }
        }
        self.next_packet();
        let leaves = if refilled || !rests { 0 } else { left };
        if let Some(slot) = own {
            let node = *self.book.node(slot);
            if leaves == 0 {
                self.book.remove(slot);
                self.emit(b'C', side, id, node.tick, node.size);
            } else {
                self.emit(b'M', side, id, limit, leaves);
                self.book.node_mut(slot).size = leaves;
                self.book.requeue(slot, limit);
            }
        }
        self.publish_after();
        if own.is_none() && leaves > 0 {
            self.emit(b'A', side, id, limit, leaves);
            let slot = self.book.add(id, side, limit, leaves, 0);
            self.remember(slot, id);
        }
        self.end_event();
    }

    /// Fills a resting order and notes the cancel or modify that follows; whether it refilled.
    fn fill_resting(&mut self, slot: u32, take: u32) -> bool {
        let node = *self.book.node(slot);
        self.emit(b'F', node.side, node.id, node.tick, take);
        if take < node.size {
            self.book.node_mut(slot).size = node.size - take;
            self.after.push((b'M', node.side, node.id, node.tick, node.size - take));
            return false;
        }
        if node.refills == 0 {
            self.book.remove(slot);
            self.after.push((b'C', node.side, node.id, node.tick, node.size));
            return false;
        }
        // A refill shows a little more than before, so that every reading of the record (size up
        // against the published size or against the remainder) sends it to the back.
        let size = node.size + 1 + (self.random.next_u64() % 3) as u32;
        let order = self.book.node_mut(slot);
        order.size = size;
        order.refills -= 1;
        self.book.requeue(slot, node.tick);
        self.after.push((b'M', node.side, node.id, node.tick, size));
        true
    }

    fn publish_after(&mut self) {
        for k in 0..self.after.len() {
            let (action, side, id, tick, size) = self.after[k];
            self.emit(action, side, id, tick, size);
        }
    }

    /// Uncrosses the book at one price: a trade without side, the fills of both sides, then what
    /// became of the orders. Nothing is published where the book is not crossed or locked.
    pub(super) fn auction(&mut self) {
        let mut touched: Vec<Node> = Vec::new();
        let mut last = [usize::MAX; 2];
        let (mut total, mut price) = (0u32, 0u16);
        while let (Some(bid), Some(ask)) = (self.book.best(0), self.book.best(1)) {
            if bid < ask {
                break;
            }
            price = bid.midpoint(ask);
            let slots = [self.book.front(0, bid), self.book.front(1, ask)];
            let take = self.book.node(slots[0]).size.min(self.book.node(slots[1]).size);
            total += take;
            for (side, slot) in slots.into_iter().enumerate() {
                let node = *self.book.node(slot);
                if touched.get(last[side]).is_none_or(|t| t.id != node.id) {
                    last[side] = touched.len();
                    touched.push(node);
                }
                if node.size == take {
                    self.book.remove(slot);
                } else {
                    self.book.node_mut(slot).size = node.size - take;
                }
            }
        }
        if total == 0 {
            return;
        }
        // At most one order a side is filled in part: the one that was touched last.
        let left = |book: &FlowBook, node: &Node| {
            let front = book.front(node.side, node.tick);
            let stays = front != NONE && book.node(front).id == node.id;
            if stays { book.node(front).size } else { 0 }
        };
        self.begin_event();
        self.emit(b'T', 2, 0, price, total);
        for node in &touched {
            let take = node.size - left(&self.book, node);
            self.emit(b'F', 2, node.id, price, take);
        }
        self.next_packet();
        for node in &touched {
            match left(&self.book, node) {
                0 => self.emit(b'C', node.side, node.id, node.tick, node.size),
                size => self.emit(b'M', node.side, node.id, node.tick, size),
            }
        }
        self.end_event();
    }
}
