//! Streams of commands for the matching engine, and the plain engine that it is compared with: a
//! sorted map of queues.

use model::random::SeededRandom;
use model::{Lots, Side, Ticks};
use std::collections::{BTreeMap, HashMap, VecDeque};
use venue::matching::{MatchEvent, MatchingEngine, MatchingSettings, NewOrder, Participant};

/// A command.
#[derive(Clone, Copy, Debug)]
pub enum Message {
    /// A new order.
    New(NewOrder),
    /// A cancel.
    Cancel(Participant, u64),
    /// Another quantity and price.
    Modify(Participant, u64, Lots, Ticks),
}

/// What an engine did: number of trades, and a sum over all of them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Done {
    /// Trades.
    pub trades: u64,
    /// Depends on every trade and its place.
    pub digest: u64,
}

impl Done {
    fn add(&mut self, maker: u64, taker: u64, price: i64, quantity: u64) {
        self.trades += 1;
        let parts = maker ^ taker.rotate_left(20) ^ (price as u64).rotate_left(40) ^ quantity;
        self.digest = (self.digest.rotate_left(5) ^ parts).wrapping_mul(0x517C_C1B7_2722_0A95);
    }
}

const PARTICIPANTS: u64 = 64;

struct Live {
    id: u64,
    who: Participant,
    side: Side,
    price: i64,
    quantity: i64,
}

/// A deep book of about `live` orders in which orders come, go and change, and one in thirty takes.
#[must_use]
pub fn mixed(messages: usize, live: usize, seed: u64) -> Vec<Message> {
    let mut random = SeededRandom::new(seed, "matching-bench");
    let mut orders: Vec<Live> = Vec::with_capacity(live + 1);
    let mut out = Vec::with_capacity(messages);
    let mut id = 0;
    let mut middle = 100_000_i64;
    while out.len() < messages {
        let filling = orders.len() < live;
        let draw = random.below(100);
        if filling || draw < 46 {
            id += 1;
            let side = if random.below(2) == 0 { Side::Buy } else { Side::Sell };
            // Most orders stand near the market: the smaller of two draws.
            let away = 1 + random.below(200).min(random.below(200)) as i64;
            let price = middle - side.sign() * away;
            let quantity = 1 + random.below(20) as i64;
            let who = Participant(random.below(PARTICIPANTS) as u32);
            let order = NewOrder::limit(id, who, side, Ticks(price), Lots(quantity));
            out.push(Message::New(order));
            orders.push(Live { id, who, side, price, quantity });
        } else if draw < 84 {
            let at = random.below(orders.len() as u64) as usize;
            let order = orders.swap_remove(at);
            out.push(Message::Cancel(order.who, order.id));
        } else if draw < 97 {
            let at = random.below(orders.len() as u64) as usize;
            let order = &mut orders[at];
            if random.below(2) == 0 {
                order.quantity = (order.quantity - 1).max(1);
            } else {
                order.price -= order.side.sign() * random.below(3) as i64;
            }
            let (quantity, price) = (Lots(order.quantity), Ticks(order.price));
            out.push(Message::Modify(order.who, order.id, quantity, price));
        } else {
            id += 1;
            let side = if random.below(2) == 0 { Side::Buy } else { Side::Sell };
            let who = Participant(random.below(PARTICIPANTS) as u32);
            let quantity = Lots(1 + random.below(60) as i64);
            let order = NewOrder::market(id, who, side, quantity);
            out.push(Message::New(order));
            middle += random.below(3) as i64 - 1;
        }
    }
    out
}

/// A flash crash again and again: bids on thousands of levels, then sales that sweep through them,
/// hundreds of levels each.
#[must_use]
pub fn crash(cycles: usize, levels: usize) -> Vec<Message> {
    let mut random = SeededRandom::new(7, "matching-crash");
    let mut out = Vec::new();
    let mut id = 0;
    for _ in 0..cycles {
        let mut total = 0;
        for level in 0..levels {
            for _ in 0..2 {
                id += 1;
                let quantity = 1 + random.below(5) as i64;
                total += quantity;
                let who = Participant(random.below(PARTICIPANTS) as u32);
                let price = Ticks(100_000 - level as i64);
                out.push(Message::New(NewOrder::limit(id, who, Side::Buy, price, Lots(quantity))));
            }
        }
        while total > 0 {
            id += 1;
            let quantity = total.min(1_200);
            total -= quantity;
            let who = Participant(PARTICIPANTS as u32);
            out.push(Message::New(NewOrder::market(id, who, Side::Sell, Lots(quantity))));
        }
    }
    out
}

/// The engine under test.
#[must_use]
pub fn fast(messages: &[Message]) -> Done {
    let mut engine = MatchingEngine::new(MatchingSettings::new());
    let mut events = Vec::with_capacity(1 << 16);
    let mut done = Done::default();
    for message in messages {
        match message {
            Message::New(order) => engine.submit(order, &mut events),
            Message::Cancel(who, id) => engine.cancel(*who, *id, &mut events),
            Message::Modify(who, id, quantity, price) => {
                engine.modify(*who, *id, *quantity, *price, &mut events);
            }
        }
        for event in events.drain(..) {
            if let MatchEvent::Traded { maker, taker, price, quantity, .. } = event {
                done.add(maker, taker, price.0, quantity.0 as u64);
            }
        }
    }
    done
}

#[derive(Default)]
struct PlainSide {
    levels: BTreeMap<i64, VecDeque<(u64, i64)>>,
}

/// A sorted map of queues, an order found by its price and a walk through its queue.
#[derive(Default)]
pub struct Plain {
    sides: [PlainSide; 2],
    places: HashMap<u64, (Side, i64)>,
    done: Done,
}

const fn key(side: Side, price: i64) -> i64 {
    if matches!(side, Side::Buy) { -price } else { price }
}

impl Plain {
    fn take(&mut self, id: u64, side: Side, limit: Option<i64>, mut left: i64) -> i64 {
        let other = side.opposite();
        let (places, done) = (&mut self.places, &mut self.done);
        let levels = &mut self.sides[other as usize].levels;
        while left > 0 {
            let Some(mut level) = levels.first_entry() else { break };
            let price = key(other, *level.key());
            let good = limit.is_none_or(|limit| side.accepts(Ticks(limit), Ticks(price)));
            if !good {
                break;
            }
            let queue = level.get_mut();
            while let Some((maker, size)) = queue.front_mut() {
                let quantity = left.min(*size);
                done.add(*maker, id, price, quantity as u64);
                left -= quantity;
                *size -= quantity;
                if *size == 0 {
                    places.remove(maker);
                    queue.pop_front();
                }
                if left == 0 {
                    break;
                }
            }
            if queue.is_empty() {
                level.remove();
            }
        }
        left
    }

    fn rest(&mut self, id: u64, side: Side, price: i64, size: i64) {
        self.places.insert(id, (side, price));
        let levels = &mut self.sides[side as usize].levels;
        levels.entry(key(side, price)).or_default().push_back((id, size));
    }

    fn remove(&mut self, id: u64) -> Option<(Side, i64, i64)> {
        let (side, price) = self.places.remove(&id)?;
        let levels = &mut self.sides[side as usize].levels;
        let queue = levels.get_mut(&key(side, price))?;
        let at = queue.iter().position(|order| order.0 == id)?;
        let (_, size) = queue.remove(at)?;
        if queue.is_empty() {
            levels.remove(&key(side, price));
        }
        Some((side, price, size))
    }

    fn modify(&mut self, id: u64, quantity: i64, price: i64) {
        let Some(&(side, old)) = self.places.get(&id) else { return };
        if old == price
            && let Some(queue) = self.sides[side as usize].levels.get_mut(&key(side, old))
            && let Some(order) = queue.iter_mut().find(|order| order.0 == id)
            && quantity <= order.1
        {
            order.1 = quantity;
            return;
        }
        self.remove(id);
        let left = self.take(id, side, Some(price), quantity);
        if left > 0 {
            self.rest(id, side, price, left);
        }
    }

    /// Everything.
    #[must_use]
    pub fn run(messages: &[Message]) -> Done {
        let mut plain = Self::default();
        for message in messages {
            match *message {
                Message::New(order) => {
                    let limit = order.limit.map(|price| price.0);
                    let left = plain.take(order.id, order.side, limit, order.quantity.0);
                    if let Some(price) = limit
                        && left > 0
                    {
                        plain.rest(order.id, order.side, price, left);
                    }
                }
                Message::Cancel(_, id) => {
                    plain.remove(id);
                }
                Message::Modify(_, id, quantity, price) => plain.modify(id, quantity.0, price.0),
            }
        }
        plain.done
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_engines_do_the_same() {
        for messages in [mixed(50_000, 2_000, 1), crash(3, 1_000)] {
            let done = fast(&messages);
            assert!(done.trades > 1_000, "{}", done.trades);
            assert_eq!(done, Plain::run(&messages));
        }
    }
}
