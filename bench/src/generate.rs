//! A quick seeded stream of market-by-order records for the benchmarks: as many live orders as
//! asked for, prices around a touch that moves, sparse order ids as an exchange gives them.
//!
//! The shares of actions, of `LAST` flags and of best-price changes are close to those of the
//! real ESH4 day. It is made for load, not for realism: the market generator of `feed` is that.

use crate::data::{RecordBytes, es_grid};
use book::BookL3;
use model::mbo::flags;
use model::random::SeededRandom;
use model::{Mbo, MboFields, Side, Ticks};

const TICK: i64 = 250_000_000;
/// Orders that wait at each best price, about.
const TOUCH: u64 = 10;

struct Generator {
    random: SeededRandom,
    book: BookL3,
    out: Vec<RecordBytes>,
    /// Ids that were added; those that have left are taken out when they are met.
    known: Vec<u64>,
    /// Orders in the book.
    live: usize,
    next_id: u64,
    now: u64,
    sequence: u32,
    /// The price that both sides are placed around, in ticks.
    middle: i64,
}

/// At least `records` records that keep about `live` orders in the book; the same for the same
/// arguments on every machine. The first record clears the book.
#[must_use]
pub fn generate(records: usize, live: usize, seed: u64) -> Vec<RecordBytes> {
    let mut generator = Generator {
        random: SeededRandom::new(seed, "bench"),
        book: BookL3::new(es_grid()),
        out: Vec::with_capacity(records + 16),
        known: Vec::with_capacity(live * 2),
        live: 0,
        next_id: 6_413_000_000_000,
        now: 1_703_545_200_000_000_000,
        sequence: 0,
        middle: 19_240,
    };
    generator.emit(b'R', b'N', 0, Ticks::NONE, 0, true);
    while generator.out.len() < records {
        generator.event(live);
    }
    generator.out.truncate(records);
    generator.out
}

impl Generator {
    /// One event: an add, a cancel, a modify or a trade.
    fn event(&mut self, target: usize) {
        self.now += 1 + self.random.below(400_000);
        if self.random.below(6_000) == 0 {
            self.middle += self.random.below(3) as i64 - 1;
        }
        // A quarter of the records is followed by another one of the same event.
        let last = self.random.below(4) != 0;
        let more = self.live < target;
        match self.random.below(100) {
            n if n < if more { 60 } else { 36 } => self.add(last),
            n if n < 74 => self.cancel(last),
            n if n < 97 => self.modify(last),
            _ => self.trade(),
        }
    }

    fn emit(&mut self, action: u8, side: u8, id: u64, ticks: Ticks, size: u32, last: bool) {
        self.sequence = self.sequence.wrapping_add(1);
        let price = if ticks.is_some() { ticks.0 * TICK } else { i64::MAX };
        let bytes = MboFields {
            action,
            side,
            order_id: id,
            price,
            size,
            flags: if last { flags::LAST } else { 0 },
            ts_event: self.now,
            ts_recv: self.now + 80_000 + self.random.below(60_000),
            ts_in_delta: 12_000,
            sequence: self.sequence,
            ..MboFields::default()
        }
        .encode();
        // The generator's own book takes what it writes; it writes nothing that is refused.
        if self.book.apply(Mbo::new(&bytes)).is_ok() {
            self.out.push(bytes);
        }
    }

    /// A price for an order of this side: mostly at the touch, never through the other side.
    fn price(&mut self, side: Side) -> Ticks {
        let bbo = self.book.bbo();
        let (own, other) = match side {
            Side::Buy => (bbo.bid, bbo.ask),
            Side::Sell => (bbo.ask, bbo.bid),
        };
        let draw = self.random.below(20);
        // Ticks behind the middle, or behind the touch: one in front of it now and then.
        let away = match draw {
            0..15 => {
                (self.random.below(8) as i64 - 5).max(0) - i64::from(self.random.below(90) == 0)
            }
            15..17 => self.random.below(20) as i64,
            17..19 => self.random.below(200) as i64,
            _ => self.random.below(1_200) as i64,
        };
        let from = if draw < 15 && own.is_some() { own.0 } else { self.middle };
        let price = from - side.sign() * away;
        Ticks(match (side, other.is_some()) {
            (Side::Buy, true) => price.min(other.0 - 1),
            (Side::Sell, true) => price.max(other.0 + 1),
            (_, false) => price,
        })
    }

    fn add(&mut self, last: bool) {
        // Ids grow by uneven steps: other instruments of the venue take the ones between.
        self.next_id += 1 + self.random.below(700);
        let side = if self.random.below(2) == 0 { Side::Buy } else { Side::Sell };
        let ticks = self.price(side);
        let size = 1 + self.random.below(12) as u32;
        self.emit(b'A', letter(side), self.next_id, ticks, size, last);
        self.known.push(self.next_id);
        self.live += 1;
    }

    /// A live order: from the touch the more likely the more orders wait there, so that the queue
    /// there stays near [`TOUCH`] and sometimes runs out; any order otherwise.
    fn choose(&mut self) -> Option<book::BookOrder> {
        let bbo = self.book.bbo();
        let (side, best, count) = match self.random.below(2) {
            0 => (Side::Buy, bbo.bid, u64::from(bbo.bid_count)),
            _ => (Side::Sell, bbo.ask, u64::from(bbo.ask_count)),
        };
        if self.random.below(count + 1) > self.random.below(TOUCH) {
            let at = self.random.below(count.min(TOUCH)) as usize;
            if let Some(order) = self.book.orders_at(side, best).nth(at) {
                return Some(order);
            }
        }
        while !self.known.is_empty() {
            let at = self.random.below(self.known.len() as u64) as usize;
            if let Some(order) = self.book.order(self.known[at]) {
                return Some(order);
            }
            self.known.swap_remove(at);
        }
        None
    }

    fn cancel(&mut self, last: bool) {
        if let Some(order) = self.choose() {
            let size = order.quantity.0 as u32;
            self.emit(b'C', letter(order.side), order.id, order.price, size, last);
            self.live -= 1;
        }
    }

    fn modify(&mut self, last: bool) {
        let Some(order) = self.choose() else { return };
        let size = order.quantity.0 as u32;
        let (ticks, size) = match self.random.below(10) {
            0..7 => (self.price(order.side), size),
            7 => (order.price, size + 1),
            _ => (order.price, (size / 2).max(1)),
        };
        self.emit(b'M', letter(order.side), order.id, ticks, size, last);
    }

    /// An aggressor takes a few orders from the front of the best level.
    fn trade(&mut self) {
        let passive = if self.random.below(2) == 0 { Side::Buy } else { Side::Sell };
        let bbo = self.book.bbo();
        let ticks = if passive == Side::Buy { bbo.bid } else { bbo.ask };
        // One of four takes the whole level, and the price moves.
        let sweeps = self.random.below(4) == 0;
        let mut left = if sweeps { u32::MAX } else { 1 + self.random.below(12) as u32 };
        let mut fills = [(0u64, 0u32, 0u32); 32];
        let mut count = 0;
        for (fill, order) in fills.iter_mut().zip(self.book.orders_at(passive, ticks)) {
            if left == 0 {
                break;
            }
            let shown = order.quantity.0 as u32;
            let size = shown.min(left);
            *fill = (order.id, size, shown);
            left -= size;
            count += 1;
        }
        if count == 0 {
            return;
        }
        let total = fills[..count].iter().map(|fill| fill.1).sum();
        self.emit(b'T', letter(passive.opposite()), 0, ticks, total, false);
        for &(id, size, _) in &fills[..count] {
            self.emit(b'F', letter(passive), id, ticks, size, false);
        }
        for (at, &(id, size, shown)) in fills[..count].iter().enumerate() {
            let last = at + 1 == count;
            if size < shown {
                self.emit(b'M', letter(passive), id, ticks, shown - size, last);
            } else {
                self.emit(b'C', letter(passive), id, ticks, size, last);
                self.live -= 1;
            }
        }
    }
}

const fn letter(side: Side) -> u8 {
    match side {
        Side::Buy => b'B',
        Side::Sell => b'A',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stream_repeats_and_looks_like_a_market() {
        let stream = generate(200_000, 5_000, 1);
        assert_eq!(stream.len(), 200_000);
        assert_eq!(stream, generate(200_000, 5_000, 1));
        assert_ne!(stream, generate(200_000, 5_000, 2));
        let mut book = BookL3::new(es_grid());
        let changes = crate::replay::count_changes(&mut book, &stream).unwrap();
        let live = book.order_count(Side::Buy) + book.order_count(Side::Sell);
        assert!((4_500..5_500).contains(&live), "{live} live orders");
        assert_eq!(book.anomalies().total(), 0);
        let share = |letter| {
            stream.iter().filter(|bytes| Mbo::new(bytes).action() == letter).count() as f64 / 2e5
        };
        for (action, from, to) in
            [(b'A', 0.3, 0.5), (b'C', 0.2, 0.4), (b'M', 0.1, 0.3), (b'F', 0.03, 0.15)]
        {
            let found = share(action);
            assert!(from < found && found < to, "{} {found}", action as char);
        }
        // 37 % on the real day.
        assert!((0.25..0.45).contains(&(changes as f64 / 2e5)), "{changes}");
        // 2.5 % on the real day.
        let mut book = BookL3::new(es_grid());
        let (mut moves, mut last) = (0, (Ticks::NONE, Ticks::NONE));
        for record in stream.iter().map(Mbo::new) {
            book.apply(record).unwrap();
            let best = (book.bbo().bid, book.bbo().ask);
            moves += u64::from(record.is_last() && best != last);
            last = if record.is_last() { best } else { last };
        }
        assert!((0.008..0.05).contains(&(moves as f64 / 2e5)), "{moves}");
        let bbo = book.bbo();
        assert!(bbo.is_two_sided() && !bbo.is_locked_or_crossed());
    }
}
