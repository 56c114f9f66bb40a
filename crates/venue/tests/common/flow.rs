//! A small exchange that writes its own order-by-order stream: adds, cancels, modifies, trades,
//! aggressors by modify, iceberg refills, hidden executions, fills of unknown ids, clears.

use super::{add, cancel, fill, modify, record, trade};
use model::random::SeededRandom;
use model::{MboFields, Side};

#[derive(Clone, Copy, Debug)]
struct Resting {
    id: u64,
    side: Side,
    ticks: i64,
    size: u32,
}

pub struct Flow {
    pub random: SeededRandom,
    orders: Vec<Resting>,
    next_id: u64,
}

impl Flow {
    pub fn new(seed: u64) -> Self {
        Self { random: SeededRandom::new(seed, "flow"), orders: Vec::new(), next_id: 1 }
    }

    pub fn pick(&mut self, low: i64, high: i64) -> i64 {
        low + self.random.below((high - low + 1) as u64) as i64
    }

    pub fn side(&mut self) -> Side {
        if self.random.below(2) == 0 { Side::Buy } else { Side::Sell }
    }

    pub fn best(&self, side: Side) -> i64 {
        let prices = self.orders.iter().filter(|o| o.side == side).map(|o| o.ticks);
        match side {
            Side::Buy => prices.max().unwrap_or(95),
            Side::Sell => prices.min().unwrap_or(105),
        }
    }

    /// A price for a resting order of this side, behind the other side's best.
    fn passive(&mut self, side: Side) -> i64 {
        let away = self.pick(1, 6);
        self.best(side.opposite()) - side.sign() * away
    }

    fn id(&mut self) -> u64 {
        self.next_id += 1;
        self.next_id
    }

    fn new_order(&mut self) -> Vec<MboFields> {
        let (id, side, size) = (self.id(), self.side(), self.pick(1, 9) as u32);
        let ticks = self.passive(side);
        self.orders.push(Resting { id, side, ticks, size });
        vec![add(id, side, ticks, size)]
    }

    fn change(&mut self) -> Vec<MboFields> {
        let at = self.random.below(self.orders.len() as u64) as usize;
        let order = self.orders[at];
        match self.random.below(4) {
            0 if order.size > 1 => {
                let by = self.pick(1, i64::from(order.size) - 1) as u32;
                self.orders[at].size -= by;
                vec![cancel(order.id, order.side, order.ticks, by)]
            }
            0 | 1 => {
                self.orders.remove(at);
                vec![cancel(order.id, order.side, order.ticks, order.size)]
            }
            _ => {
                let size = self.pick(1, 9) as u32;
                let ticks =
                    if self.random.below(2) == 0 { order.ticks } else { self.passive(order.side) };
                self.requeue(at, ticks, size);
                vec![modify(order.id, order.side, ticks, size)]
            }
        }
    }

    fn requeue(&mut self, at: usize, ticks: i64, size: u32) {
        let order = self.orders[at];
        if ticks == order.ticks && size <= order.size {
            self.orders[at].size = size;
        } else {
            self.orders.remove(at);
            self.orders.push(Resting { ticks, size, ..order });
        }
    }

    /// An aggressor, new or a resting order that moves through the spread.
    fn aggress(&mut self) -> Vec<MboFields> {
        let mover = (self.random.below(3) == 0)
            .then(|| self.random.below(self.orders.len() as u64) as usize)
            .map(|at| self.orders.remove(at));
        let side = mover.map_or_else(|| self.side(), |order| order.side);
        let id = mover.map_or_else(|| self.id(), |order| order.id);
        let mut left = mover.map_or_else(|| self.pick(1, 25) as u32, |order| order.size);
        let reach = self.pick(0, 2);
        let limit = self.best(side.opposite()) + side.sign() * reach;
        let passive = side.opposite();
        let (mut trades, mut changes) = (Vec::<MboFields>::new(), Vec::new());
        while left > 0 {
            let best = self.best(passive);
            let at = self.orders.iter().position(|o| o.side == passive && o.ticks == best);
            let Some(at) = at.filter(|_| side.sign() * (limit - best) >= 0) else { break };
            let order = self.orders[at];
            let size = order.size.min(left);
            match trades.iter_mut().rev().find(|r| r.action == b'T') {
                Some(last) if last.price == best * super::TICK => last.size += size,
                _ => {
                    trades.push(trade(id, side, best, size));
                    if mover.is_some() {
                        trades.push(fill(id, side, best, size));
                    }
                }
            }
            trades.push(fill(order.id, passive, best, size));
            left -= size;
            if size < order.size {
                self.orders[at].size -= size;
                changes.push(modify(order.id, passive, best, order.size - size));
            } else if self.random.below(8) == 0 {
                // An iceberg shows its next slice at the back of the queue.
                let slice = order.size + 1;
                self.orders.remove(at);
                self.orders.push(Resting { size: slice, ..order });
                changes.push(modify(order.id, passive, best, slice));
                break;
            } else {
                self.orders.remove(at);
                changes.push(cancel(order.id, passive, best, size));
            }
        }
        trades.append(&mut changes);
        // The rest stays where it does not cross what is left.
        let rest = side.sign() * (limit - self.best(passive)) < 0 && left > 0;
        if rest {
            self.orders.push(Resting { id, side, ticks: limit, size: left });
        }
        match (mover, rest) {
            (Some(_), true) => trades.push(modify(id, side, limit, left)),
            (Some(o), false) => trades.push(cancel(id, side, o.ticks, o.size)),
            (None, true) => trades.push(add(id, side, limit, left)),
            (None, false) => {}
        }
        trades
    }

    fn odd(&mut self) -> Vec<MboFields> {
        let side = self.side();
        let ticks = self.best(side.opposite()) + side.sign() * self.pick(-2, 2);
        let size = self.pick(1, 6) as u32;
        match self.random.below(12) {
            0 => {
                self.orders.clear();
                vec![MboFields { action: b'R', ..record(b'R', None, 0, 0, 0) }]
            }
            1..=3 => {
                let unknown = 1 << 40;
                vec![trade(900, side, ticks, size), fill(unknown, side.opposite(), ticks, size)]
            }
            4 => vec![record(b'T', None, 0, ticks, size)],
            _ => vec![trade(901, side, ticks, size)],
        }
    }

    /// The records of the next event.
    pub fn next(&mut self) -> Vec<MboFields> {
        if self.orders.len() < 12 {
            return self.new_order();
        }
        match self.random.below(20) {
            0..=6 => self.new_order(),
            7..=11 => self.change(),
            12..=18 => {
                let records = self.aggress();
                if records.is_empty() { self.new_order() } else { records }
            }
            _ => self.odd(),
        }
    }
}
