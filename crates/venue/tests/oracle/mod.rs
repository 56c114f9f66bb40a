//! A slow, independent recomputation of what recorded flow may do to own orders, first in first
//! out, without impact or draws.
//!
//! Written differently from the venue on purpose: recorded and own orders stand in *one list*, in
//! queue order; every question is a scan of that list. An event is taken as a whole: executions
//! first, against the list as it was before the event, then the changes of the book. Feed it the
//! same records and own commands as the venue and compare [`Oracle::event`] with what the venue
//! reported; for models that withhold fills (draws at touch, pro rata) compare with
//! [`ceiling`].
#![allow(dead_code, reason = "every test file uses its own part of this")]

use model::{MboFields, OrderId, Side};
use std::collections::BTreeMap;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Who {
    Recorded(u64),
    Own(OrderId),
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    who: Who,
    side: Side,
    /// 1e-9.
    price: i64,
    size: i64,
    /// Of a recorded order: what own orders took of it.
    gone: i64,
}

/// Filled lots by own order.
pub type Filled = BTreeMap<OrderId, i64>;

fn side_of(letter: u8) -> Option<Side> {
    match letter {
        b'B' => Some(Side::Buy),
        b'A' => Some(Side::Sell),
        _ => None,
    }
}

/// Whether a limit of this side accepts a price.
fn accepts(side: Side, limit: i64, price: i64) -> bool {
    if side == Side::Buy { price <= limit } else { price >= limit }
}

fn better(side: Side, a: i64, b: i64) -> bool {
    a != b && accepts(side, a, b)
}

/// Everything in one list.
#[derive(Clone, Debug, Default)]
pub struct Oracle {
    list: Vec<Entry>,
    filled: BTreeMap<OrderId, i64>,
}

impl Oracle {
    fn recorded(&self, id: u64) -> Option<usize> {
        self.list.iter().position(|e| e.who == Who::Recorded(id))
    }

    fn own(&self, id: OrderId) -> Option<usize> {
        self.list.iter().position(|e| e.who == Who::Own(id))
    }

    /// Positions of own orders of a side, better price first, then place in the list.
    fn own_by_priority(&self, side: Side) -> Vec<usize> {
        let mut at: Vec<usize> = (0..self.list.len())
            .filter(|&i| matches!(self.list[i].who, Who::Own(_)) && self.list[i].side == side)
            .collect();
        at.sort_by_key(|&i| (-self.list[i].price * side.sign(), i));
        at
    }

    fn give(&mut self, at: usize, volume: i64, fills: &mut Filled) -> i64 {
        let took = self.list[at].size.min(volume).max(0);
        if let Who::Own(id) = self.list[at].who
            && took > 0
        {
            self.list[at].size -= took;
            *fills.entry(id).or_default() += took;
            *self.filled.entry(id).or_default() += took;
        }
        took
    }

    /// The best recorded price of a side.
    pub fn best(&self, side: Side) -> Option<i64> {
        self.list
            .iter()
            .filter(|e| matches!(e.who, Who::Recorded(_)) && e.side == side)
            .map(|e| e.price)
            .reduce(|a, b| if better(side, a, b) { a } else { b })
    }

    /// What is left of an own order that rests.
    pub fn leaves(&self, id: OrderId) -> Option<i64> {
        self.own(id).map(|at| self.list[at].size)
    }

    /// An own order arrives: fills (price, lots), best first; the rest of a `resting` one rests.
    pub fn submit(
        &mut self,
        id: OrderId,
        side: Side,
        limit: Option<i64>,
        quantity: i64,
        resting: bool,
        whole: bool,
    ) -> Vec<(i64, i64)> {
        let mut offers: Vec<usize> = (0..self.list.len())
            .filter(|&i| {
                let e = &self.list[i];
                matches!(e.who, Who::Recorded(_))
                    && e.side != side
                    && limit.is_none_or(|limit| accepts(side, limit, e.price))
            })
            .collect();
        offers.sort_by_key(|&i| (self.list[i].price * side.sign(), i));
        let free = |e: &Entry| (e.size - e.gone).max(0);
        if whole && offers.iter().map(|&i| free(&self.list[i])).sum::<i64>() < quantity {
            return Vec::new();
        }
        let (mut left, mut fills) = (quantity, Vec::<(i64, i64)>::new());
        for i in offers {
            let took = free(&self.list[i]).min(left);
            if took == 0 {
                continue;
            }
            self.list[i].gone += took;
            left -= took;
            *self.filled.entry(id).or_default() += took;
            match fills.last_mut() {
                Some(last) if last.0 == self.list[i].price => last.1 += took,
                _ => fills.push((self.list[i].price, took)),
            }
        }
        if let (Some(price), true, true) = (limit, resting, left > 0) {
            self.list.push(Entry { who: Who::Own(id), side, price, size: left, gone: 0 });
        }
        fills
    }

    /// An own order is changed to this total and price.
    pub fn modify(&mut self, id: OrderId, total: i64, price: i64) -> Vec<(i64, i64)> {
        let Some(at) = self.own(id) else { return Vec::new() };
        let size = total - self.filled.get(&id).copied().unwrap_or(0);
        let old = self.list[at];
        if size <= 0 {
            self.list.remove(at);
        } else if price == old.price && size <= old.size {
            self.list[at].size = size;
        } else {
            self.list.remove(at);
            return self.submit(id, old.side, Some(price), size, true, false);
        }
        Vec::new()
    }

    /// An own order is cancelled.
    pub fn cancel(&mut self, id: OrderId) {
        if let Some(at) = self.own(id) {
            self.list.remove(at);
        }
    }

    /// The records of one event: what own orders fill, at most and exactly.
    pub fn event(&mut self, records: &[MboFields]) -> Filled {
        let mut fills = Filled::new();
        let best = [self.best(Side::Buy), self.best(Side::Sell)];
        let mut loose = loose_volume(records);
        self.executions(records, &mut loose, &mut fills);
        for record in records {
            self.change(record, &mut fills);
        }
        for ((side, price), volume) in loose {
            let side = if side == 0 { Side::Buy } else { Side::Sell };
            let mut left = volume;
            for at in self.own_by_priority(side) {
                let limit = self.list[at].price;
                let inside = best[side as usize].is_none_or(|touch| better(side, limit, touch));
                if left > 0 && (better(side, limit, price) || (limit == price && inside)) {
                    left -= self.give(at, left, &mut fills);
                }
            }
        }
        self.list.retain(|e| !matches!(e.who, Who::Own(_)) || e.size > 0);
        fills
    }

    fn executions(
        &mut self,
        records: &[MboFields],
        loose: &mut BTreeMap<(u8, i64), i64>,
        fills: &mut Filled,
    ) {
        let mut hit: BTreeMap<u64, i64> = BTreeMap::new();
        for record in records.iter().filter(|r| r.action == b'F') {
            if is_aggressors_own(records, record) {
                continue;
            }
            let known = self.recorded(record.order_id);
            let side = side_of(record.side).or(known.map(|at| self.list[at].side));
            if let Some(side) = side {
                *loose.entry((side as u8, record.price)).or_default() -= i64::from(record.size);
            }
            let Some(x) = known else { continue };
            let resting = self.list[x];
            let mut left = i64::from(record.size);
            for at in self.own_by_priority(resting.side) {
                let own = self.list[at];
                let before = better(own.side, own.price, resting.price)
                    || (own.price == resting.price && at < x);
                if before && accepts(own.side, own.price, record.price) {
                    left -= self.give(at, left, fills);
                }
            }
            let done = hit.get(&record.order_id).copied().unwrap_or(0);
            let there = (resting.size - done - resting.gone).max(0);
            let mut pass = resting.gone.min((left - there).max(0));
            self.list[x].gone -= pass;
            for at in x + 1..self.list.len() {
                let next = self.list[at];
                if next.side != resting.side || next.price != resting.price {
                    continue;
                }
                match next.who {
                    Who::Own(_) => pass -= self.give(at, pass, fills),
                    Who::Recorded(id) => {
                        let done = hit.get(&id).copied().unwrap_or(0);
                        let took = (next.size - done - next.gone).max(0).min(pass);
                        self.list[at].gone += took;
                        pass -= took;
                    }
                }
            }
            *hit.entry(record.order_id).or_default() += i64::from(record.size);
        }
    }

    fn change(&mut self, record: &MboFields, fills: &mut Filled) {
        let (id, price, size) = (record.order_id, record.price, i64::from(record.size));
        let at = self.recorded(id);
        match (record.action, at) {
            (b'R', _) => self.list.retain(|e| matches!(e.who, Who::Own(_))),
            (b'C', Some(at)) => {
                self.list[at].size -= size;
                if self.list[at].size <= 0 {
                    self.list.remove(at);
                }
            }
            (b'A' | b'M', at) => {
                let Some(side) = side_of(record.side) else { return };
                let gone = at.map_or(0, |at| self.list[at].gone);
                let same =
                    at.map(|at| self.list[at]).filter(|e| e.price == price && e.side == side);
                if let (Some(at), Some(old)) = (at, same)
                    && size <= old.size
                {
                    self.list[at].size = size;
                    if size == 0 {
                        self.list.remove(at);
                    }
                    return;
                }
                if let Some(at) = at {
                    self.list.remove(at);
                }
                if size == 0 {
                    return;
                }
                self.list.push(Entry { who: Who::Recorded(id), side, price, size, gone });
                let free = (size - gone).max(0);
                let arriving = same.map_or(free, |old| free.min(size - old.size));
                let mut left = arriving;
                for at in self.own_by_priority(side.opposite()) {
                    if accepts(side.opposite(), self.list[at].price, price) {
                        left -= self.give(at, left, fills);
                    }
                }
                let last = self.list.len() - 1;
                self.list[last].gone += arriving - left;
            }
            _ => {}
        }
    }
}

fn is_aggressors_own(records: &[MboFields], fill: &MboFields) -> bool {
    fill.order_id != 0
        && records
            .iter()
            .any(|t| t.action == b'T' && (t.order_id, t.side) == (fill.order_id, fill.side))
}

/// Aggressor volume by passive side and price.
fn loose_volume(records: &[MboFields]) -> BTreeMap<(u8, i64), i64> {
    let mut loose = BTreeMap::new();
    for record in records.iter().filter(|r| r.action == b'T') {
        if let Some(side) = side_of(record.side) {
            *loose.entry((side.opposite() as u8, record.price)).or_default() +=
                i64::from(record.size);
        }
    }
    loose
}

/// The most that all own orders of a side with limits no better than `limit` can fill in an event
/// under any queue model or draw: what executed or arrived at that limit or beyond.
pub fn ceiling(records: &[MboFields], side: Side, limit: i64) -> i64 {
    let passive = |r: &MboFields| side_of(r.side).is_none_or(|s| s == side);
    let (mut fills, mut trades, mut arrivals) = (0, 0, 0);
    for record in records {
        let size = i64::from(record.size);
        if !accepts(side, limit, record.price) {
            continue;
        }
        match record.action {
            b'F' if passive(record) && !is_aggressors_own(records, record) => fills += size,
            b'T' if side_of(record.side) == Some(side.opposite()) => trades += size,
            b'A' | b'M' if side_of(record.side) == Some(side.opposite()) => arrivals += size,
            _ => {}
        }
    }
    fills.max(trades) + arrivals
}
