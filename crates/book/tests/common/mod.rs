//! A plain book on sorted maps and queues, and small helpers.
#![allow(dead_code, reason = "each test binary uses its part")]

use book::{BookL3, BookOrder, Level};
use model::mbo::flags;
use model::{Bbo, Lots, MboFields, Price, PriceGrid, Side, Ticks};
use std::collections::{BTreeMap, HashMap, VecDeque};

pub const TICK: i64 = 250_000_000;
pub const SIDES: [Side; 2] = [Side::Buy, Side::Sell];

pub fn grid() -> PriceGrid {
    PriceGrid::new(Price(TICK)).unwrap()
}

pub fn record(action: u8, side: u8, id: u64, ticks: i64, size: u32) -> MboFields {
    MboFields {
        action,
        side,
        order_id: id,
        price: ticks * TICK,
        size,
        flags: flags::LAST,
        ..MboFields::default()
    }
}

/// Price in ticks → queue of (id, size, sequence).
type Levels = BTreeMap<i64, VecDeque<(u64, u32, u64)>>;

/// Written from the rules alone: one queue a price, an order found by walking.
#[derive(Default)]
pub struct PlainBook {
    pub sides: [Levels; 2],
    pub places: HashMap<u64, (Side, i64)>,
    pub sequence: u64,
}

impl PlainBook {
    fn push(&mut self, id: u64, side: Side, ticks: i64, size: u32) {
        self.sequence += 1;
        let queue = self.sides[side as usize].entry(ticks).or_default();
        queue.push_back((id, size, self.sequence));
        self.places.insert(id, (side, ticks));
    }

    fn take(&mut self, id: u64) {
        if let Some((side, ticks)) = self.places.remove(&id) {
            let levels = &mut self.sides[side as usize];
            let queue = levels.get_mut(&ticks).unwrap();
            queue.retain(|&(other, ..)| other != id);
            if queue.is_empty() {
                levels.remove(&ticks);
            }
        }
    }

    fn size_mut(&mut self, id: u64) -> Option<&mut u32> {
        let (side, ticks) = *self.places.get(&id)?;
        let queue = self.sides[side as usize].get_mut(&ticks).unwrap();
        queue.iter_mut().find(|(other, ..)| *other == id).map(|(_, size, _)| size)
    }

    pub fn apply(&mut self, r: &MboFields) {
        let ticks = r.price / TICK;
        let side = match r.side {
            b'B' => Some(Side::Buy),
            b'A' => Some(Side::Sell),
            _ => None,
        };
        match r.action {
            b'A' => {
                if let Some(side) = side.filter(|_| r.size > 0) {
                    self.take(r.order_id);
                    self.push(r.order_id, side, ticks, r.size);
                }
            }
            b'C' => {
                if let Some(size) = self.size_mut(r.order_id) {
                    *size = size.saturating_sub(r.size);
                    if *size == 0 {
                        self.take(r.order_id);
                    }
                }
            }
            b'M' => match self.places.get(&r.order_id).copied() {
                Some((old_side, old_ticks)) => {
                    let side = side.unwrap_or(old_side);
                    let size = self.size_mut(r.order_id).unwrap();
                    if r.size == 0 {
                        self.take(r.order_id);
                    } else if side == old_side && ticks == old_ticks && r.size <= *size {
                        *size = r.size;
                    } else {
                        self.take(r.order_id);
                        self.push(r.order_id, side, ticks, r.size);
                    }
                }
                None => {
                    if let Some(side) = side.filter(|_| r.size > 0) {
                        self.push(r.order_id, side, ticks, r.size);
                    }
                }
            },
            b'R' => {
                self.places.clear();
                self.sides.iter_mut().for_each(Levels::clear);
            }
            _ => {}
        }
    }

    pub fn levels(&self, side: Side) -> Vec<Level> {
        let level = |(&ticks, queue): (&i64, &VecDeque<(u64, u32, u64)>)| Level {
            price: Ticks(ticks),
            quantity: Lots(queue.iter().map(|&(_, size, _)| i64::from(size)).sum()),
            count: queue.len() as u32,
        };
        match side {
            Side::Buy => self.sides[0].iter().rev().map(level).collect(),
            Side::Sell => self.sides[1].iter().map(level).collect(),
        }
    }

    pub fn orders_at(&self, side: Side, ticks: i64) -> Vec<BookOrder> {
        let queue = self.sides[side as usize].get(&ticks).into_iter().flatten();
        queue
            .map(|&(id, size, sequence)| BookOrder {
                id,
                side,
                price: Ticks(ticks),
                quantity: Lots(i64::from(size)),
                sequence,
            })
            .collect()
    }

    pub fn bbo(&self) -> Bbo {
        let [bid, ask] =
            SIDES.map(|side| self.levels(side).first().copied().unwrap_or(Level::NONE));
        Bbo {
            bid: bid.price,
            ask: ask.price,
            bid_size: bid.quantity,
            ask_size: ask.quantity,
            bid_count: bid.count,
            ask_count: ask.count,
        }
    }
}

/// Everything that two books can tell is the same.
pub fn assert_same(book: &BookL3, plain: &PlainBook, step: usize) {
    assert_eq!(book.bbo(), plain.bbo(), "step {step}");
    assert_eq!(book.next_sequence(), plain.sequence + 1, "step {step}");
    for side in SIDES {
        let levels = plain.levels(side);
        assert_eq!(book.levels(side).collect::<Vec<_>>(), levels, "step {step}");
        assert_eq!(book.level_count(side), levels.len());
        let mut top = [Level::NONE; 5];
        let found = book.depth(side, &mut top);
        assert_eq!(found, levels.len().min(5));
        assert_eq!(top[..found], levels[..found]);
        assert!(top[found..].iter().all(|&level| level == Level::NONE));
        for level in levels {
            let queue = plain.orders_at(side, level.price.0);
            let got: Vec<_> = book.orders_at(side, level.price).collect();
            assert_eq!(got, queue, "step {step}");
            assert_eq!(book.level(side, level.price), level);
            let (mut quantity, mut orders) = (0, 0);
            for order in queue {
                assert_eq!(book.order(order.id), Some(order), "step {step}");
                let ahead = book.queue_ahead(side, level.price, order.sequence);
                assert_eq!((ahead.quantity.0, ahead.orders), (quantity, orders), "step {step}");
                assert_eq!(book.queue_position(order.id), Some(ahead));
                quantity += order.quantity.0;
                orders += 1;
            }
            let ahead = book.queue_ahead(side, level.price, book.next_sequence());
            assert_eq!((ahead.quantity.0, ahead.orders), (quantity, orders), "step {step}");
        }
    }
}
