//! Displayed sizes of a quote market and what own orders have consumed of them.

use model::Price;

/// The size of a level whose source names none: an execution there is not capped.
pub(crate) const UNSIZED: i64 = i64::MAX / 4;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shown {
    pub price: Price,
    /// Displayed lots.
    pub size: i64,
    /// Lots that own orders took from the display.
    pub consumed: i64,
}

impl Shown {
    pub fn free(&self) -> i64 {
        (self.size - self.consumed).max(0)
    }

    /// The display goes q0 → q1: `consumed ← max(0, consumed − max(0, q0 − q1))`.
    fn resize(&mut self, size: i64) {
        self.consumed = (self.consumed - (self.size - size).max(0)).max(0);
        self.size = size;
    }
}

/// One side, from the worst price to the best, so that changes near the best are cheap.
#[derive(Clone, Debug)]
pub(crate) struct ShownSide {
    /// +1 for bids (the best is the highest), −1 for asks.
    sign: i64,
    levels: Vec<Shown>,
    /// The levels before the last replacement: kept for its room.
    before: Vec<Shown>,
}

impl ShownSide {
    pub fn new(side: model::Side) -> Self {
        Self { sign: side.sign(), levels: Vec::new(), before: Vec::new() }
    }

    fn position(&self, price: Price) -> Result<usize, usize> {
        let find = |shown: &Shown| {
            let order = shown.price.cmp(&price);
            if self.sign > 0 { order } else { order.reverse() }
        };
        self.levels.binary_search_by(find)
    }

    pub fn best(&self) -> Option<&Shown> {
        self.levels.last()
    }

    /// Best first.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Shown> {
        self.levels.iter_mut().rev()
    }

    pub fn worst(&self) -> Option<&Shown> {
        self.levels.first()
    }

    pub fn is_empty(&self) -> bool {
        self.levels.is_empty()
    }

    pub fn clear(&mut self) {
        self.levels.clear();
    }

    /// Sets one level; size zero removes it.
    pub fn set(&mut self, price: Price, size: i64) {
        match (self.position(price), size) {
            (Ok(at), 0) => {
                self.levels.remove(at);
            }
            (Ok(at), size) => self.levels[at].resize(size),
            (Err(_), 0) => {}
            (Err(at), size) => self.levels.insert(at, Shown { price, size, consumed: 0 }),
        }
    }

    /// Replaces the side by these levels; a price that stays keeps what was consumed there.
    pub fn replace(&mut self, levels: impl Iterator<Item = (Price, i64)>) {
        std::mem::swap(&mut self.levels, &mut self.before);
        self.levels.clear();
        for (price, size) in levels {
            self.set(price, size);
            let before = self.before.iter().find(|shown| shown.price == price).copied();
            if let (Some(mut shown), Ok(at)) = (before, self.position(price)) {
                shown.resize(size);
                self.levels[at] = shown;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Side;

    #[test]
    fn what_was_consumed_shrinks_with_the_display_and_stays_when_it_grows() {
        let mut asks = ShownSide::new(Side::Sell);
        asks.set(Price(10), 8);
        asks.iter_mut().next().unwrap().consumed = 5;
        asks.replace([(Price(10), 12)].into_iter());
        assert_eq!(asks.best().unwrap().free(), 7);
        asks.set(Price(10), 9);
        assert_eq!(*asks.best().unwrap(), Shown { price: Price(10), size: 9, consumed: 2 });
        asks.replace([(Price(11), 9)].into_iter());
        assert_eq!(asks.best().unwrap().consumed, 0, "another price starts fresh");
    }

    #[test]
    fn the_best_is_the_highest_bid_and_the_lowest_ask() {
        for (side, best) in [(Side::Buy, 12), (Side::Sell, 10)] {
            let mut shown = ShownSide::new(side);
            for price in [11, 10, 12] {
                shown.set(Price(price), 1);
            }
            assert_eq!(shown.best().unwrap().price, Price(best));
            shown.set(Price(best), 0);
            assert_eq!(shown.best().unwrap().price, Price(11));
            shown.set(Price(99), 0);
            assert_eq!(shown.iter_mut().count(), 2);
        }
    }
}
