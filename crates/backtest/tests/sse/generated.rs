//! A day in the exchange's format, written by a naive book: the twin of the recorded one.

use model::random::SeededRandom;
use std::fmt::Write as _;

/// A resting order: number, side (0 buys), price in ticks of 0.01, shares.
type Resting = (u64, usize, i64, i64);

struct Day {
    random: SeededRandom,
    resting: Vec<Resting>,
    log: String,
    index: u64,
    /// Hundredths of a second since midnight.
    time: u64,
    next: u64,
}

impl Day {
    fn line(&mut self, fields: std::fmt::Arguments<'_>) {
        self.index += 1;
        let (seconds, hundredths) = (self.time / 100, self.time % 100);
        let (hours, minutes) = (seconds / 3_600, seconds / 60 % 60);
        let stamp = ((hours * 100 + minutes) * 100 + seconds % 60) * 100 + hundredths;
        writeln!(self.log, "//{fields} TransactTime={stamp} BizIndex={} ", self.index).unwrap();
    }

    fn order(&mut self, (order, side, price, shares): Resting, kind: u8) {
        let letter = [66, 83][side];
        self.line(format_args!(
            "MsgType=192 OrderNo={order} Price={} OrderQty={} OrdType={kind} Side={letter}",
            price * 10,
            shares * 1_000
        ));
    }

    fn best(&self, side: usize) -> Option<Resting> {
        let key = |o: &&Resting| (if side == 0 { -o.2 } else { o.2 }, o.0);
        self.resting.iter().filter(|order| order.1 == side).min_by_key(key).copied()
    }

    fn add(&mut self, side: usize, price: i64, shares: i64) {
        let order = (self.next, side, price, shares);
        self.next += 1;
        self.resting.push(order);
        self.order(order, 65);
    }

    /// An order with a limit takes what it can; its rest is added after its trades.
    fn take(&mut self, side: usize, limit: i64, mut shares: i64) {
        let number = self.next;
        self.next += 1;
        while let Some((maker, _, price, shown)) = self.best(1 - side) {
            if shares == 0 || (if side == 0 { price > limit } else { price < limit }) {
                break;
            }
            let traded = shares.min(shown);
            shares -= traded;
            let at = self.resting.iter().position(|order| order.0 == maker).unwrap();
            self.resting[at].3 -= traded;
            self.resting.retain(|order| order.3 > 0);
            let (bid, offer) = if side == 0 { (number, maker) } else { (maker, number) };
            self.line(format_args!(
                "MsgType=191 BidApplSeqNum={bid} OfferApplSeqNum={offer} LastPx={} LastQty={} \
                 ExecType={}",
                price * 10,
                traded * 1_000,
                [66, 83][side]
            ));
        }
        if shares > 0 {
            let order = (number, side, limit, shares);
            self.resting.push(order);
            self.order(order, 65);
        }
    }
}

/// The log of a day.
pub fn day(seed: u64, steps: u64) -> String {
    let mut day = Day {
        random: SeededRandom::new(seed, "exchange"),
        resting: Vec::new(),
        log: String::new(),
        index: 100,
        time: 9 * 360_000 + 15 * 6_000,
        next: 1,
    };
    for k in 1..20 {
        day.add(0, 180_000 - k, 300);
        day.add(1, 180_000 + k, 300);
    }
    // The auction: both orders rest crossed, then meet at one price.
    day.add(0, 180_001, 200);
    let (bid, offer) = (day.next - 1, 2);
    day.time += 60_000;
    day.resting.retain(|order| order.0 != bid);
    day.resting.iter_mut().find(|order| order.0 == offer).unwrap().3 -= 200;
    day.line(format_args!(
        "MsgType=191 BidApplSeqNum={bid} OfferApplSeqNum={offer} LastPx=1800010 LastQty=200000 \
         ExecType=78"
    ));
    for _ in 0..steps {
        day.time += day.random.below(200);
        let side = (day.random.next_u64() & 1) as usize;
        let shares = 100 * (1 + day.random.below(4) as i64);
        let sign = [1, -1][side];
        let other = day.best(1 - side).map_or(180_000, |order| order.2);
        match day.random.below(12) {
            0..5 => {
                let away = 1 + day.random.below(4) as i64;
                day.add(side, other - sign * away, shares);
            }
            5..8 if !day.resting.is_empty() => {
                let at = day.random.below(day.resting.len() as u64) as usize;
                let order = day.resting.swap_remove(at);
                day.order(order, 68);
            }
            _ => day.take(side, other + sign, shares),
        }
    }
    day.log
}
