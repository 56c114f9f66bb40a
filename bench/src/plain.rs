//! The baseline book: the standard library's `BTreeMap` and `HashMap`, written straight from the
//! rules, with a queue that removes in logarithmic time.

use crate::data::RecordBytes;
use model::{Bbo, Lots, Mbo, PriceGrid, Side, Ticks};
use std::collections::{BTreeMap, HashMap};

#[derive(Clone, Copy)]
struct Order {
    side: Side,
    ticks: i64,
    size: u32,
    sequence: u64,
}

#[derive(Default)]
struct Level {
    total: u64,
    /// Sequence → order id.
    queue: BTreeMap<u64, u64>,
}

/// A book of orders on sorted and hashed maps.
pub struct PlainBook {
    grid: PriceGrid,
    orders: HashMap<u64, Order>,
    sides: [BTreeMap<i64, Level>; 2],
    sequence: u64,
}

impl PlainBook {
    /// An empty book on this grid.
    #[must_use]
    pub fn new(grid: PriceGrid) -> Self {
        Self {
            grid,
            orders: HashMap::new(),
            sides: [BTreeMap::new(), BTreeMap::new()],
            sequence: 0,
        }
    }

    /// Removes every order.
    pub fn clear(&mut self) {
        self.orders.clear();
        self.sides.iter_mut().for_each(BTreeMap::clear);
    }

    fn push(&mut self, id: u64, side: Side, ticks: i64, size: u32) {
        self.sequence += 1;
        let level = self.sides[side as usize].entry(ticks).or_default();
        level.total += u64::from(size);
        level.queue.insert(self.sequence, id);
        self.orders.insert(id, Order { side, ticks, size, sequence: self.sequence });
    }

    fn take(&mut self, id: u64) {
        if let Some(order) = self.orders.remove(&id) {
            let levels = &mut self.sides[order.side as usize];
            if let Some(level) = levels.get_mut(&order.ticks) {
                level.total -= u64::from(order.size);
                level.queue.remove(&order.sequence);
                if level.queue.is_empty() {
                    levels.remove(&order.ticks);
                }
            }
        }
    }

    fn resize(&mut self, id: u64, size: u32) {
        if let Some(order) = self.orders.get_mut(&id) {
            if let Some(level) = self.sides[order.side as usize].get_mut(&order.ticks) {
                level.total = level.total - u64::from(order.size) + u64::from(size);
            }
            order.size = size;
        }
    }

    /// Applies one record; `None` when its price lies on no tick.
    pub fn apply(&mut self, record: Mbo<'_>) -> Option<()> {
        let (id, size) = (record.order_id(), record.size());
        match record.action() {
            b'A' => {
                let ticks = self.grid.ticks(record.price())?.0;
                self.push(id, record.side()?, ticks, size);
            }
            b'C' => {
                let left = self.orders.get(&id)?.size;
                if size < left { self.resize(id, left - size) } else { self.take(id) }
            }
            b'M' => {
                let ticks = self.grid.ticks(record.price())?.0;
                match self.orders.get(&id).copied() {
                    Some(order) if order.ticks == ticks && size <= order.size => {
                        self.resize(id, size);
                    }
                    Some(order) => {
                        self.take(id);
                        self.push(id, order.side, ticks, size);
                    }
                    None => self.push(id, record.side()?, ticks, size),
                }
            }
            b'R' => self.clear(),
            _ => {}
        }
        Some(())
    }

    /// Best bid and offer.
    #[must_use]
    pub fn bbo(&self) -> Bbo {
        let best = |level: Option<(&i64, &Level)>| {
            level.map_or((Ticks::NONE, Lots::ZERO, 0), |(&ticks, level)| {
                (Ticks(ticks), Lots(level.total as i64), level.queue.len() as u32)
            })
        };
        let (bid, bid_size, bid_count) = best(self.sides[0].last_key_value());
        let (ask, ask_size, ask_count) = best(self.sides[1].first_key_value());
        Bbo { bid, ask, bid_size, ask_size, bid_count, ask_count }
    }
}

/// What [`crate::replay::count_changes`] does, on the plain book; `None` when a record was not
/// understood.
#[inline(never)]
pub fn count_changes(book: &mut PlainBook, records: &[RecordBytes]) -> Option<u64> {
    let mut last = Bbo::EMPTY;
    let mut changes = 0;
    for bytes in records {
        let record = Mbo::new(bytes);
        book.apply(record)?;
        if record.is_last() {
            let bbo = book.bbo();
            changes += u64::from(bbo != last);
            last = bbo;
        }
    }
    Some(changes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::es_grid;
    use crate::generate::generate;
    use book::BookL3;

    #[test]
    fn plain_and_fast_book_agree_after_every_record_of_a_generated_stream() {
        let mut plain = PlainBook::new(es_grid());
        let mut fast = BookL3::new(es_grid());
        for bytes in &generate(60_000, 2_000, 9) {
            plain.apply(Mbo::new(bytes)).unwrap();
            fast.apply(Mbo::new(bytes)).unwrap();
            assert_eq!(plain.bbo(), fast.bbo());
        }
        assert_eq!(fast.anomalies().total(), 0);
    }
}
