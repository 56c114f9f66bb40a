//! The book of levels, each set to an absolute size.

use crate::MAX_TICKS;
use crate::bytes::Reader;
use crate::error::BookError;
use crate::ladder::{Ladder, key_of};
use crate::types::Level;
use model::{Bbo, Lots, Side, Ticks};

const MAGIC: [u8; 4] = *b"TFL2";
const VERSION: u32 = 1;
const LEVEL_SIZE: usize = 20;
const SIDES: [Side; 2] = [Side::Buy, Side::Sell];

/// A book that knows size and number of orders at every price.
#[derive(Clone, Debug)]
pub struct BookL2 {
    /// Place 0 is no level and stays [`Level::NONE`]: the best level of an empty side.
    slab: Vec<Level>,
    free: Vec<u32>,
    sides: [Ladder; 2],
}

impl Default for BookL2 {
    fn default() -> Self {
        Self::new()
    }
}

impl BookL2 {
    /// An empty book.
    #[must_use]
    pub fn new() -> Self {
        Self { slab: vec![Level::NONE], free: Vec::new(), sides: SIDES.map(|_| Ladder::new(0)) }
    }

    /// Sets the total size and number of orders (0 where the source does not say) at a price;
    /// size zero removes the level, and removing one that is not there does nothing.
    ///
    /// # Errors
    /// [`BookError::Quantity`] when the size is below zero, [`BookError::PriceOutOfRange`] when
    /// the price is undefined or more than 2^60 ticks from zero; the book is then as it was.
    #[inline]
    pub fn apply(
        &mut self,
        side: Side,
        price: Ticks,
        quantity: Lots,
        count: u32,
    ) -> Result<(), BookError> {
        if quantity.0 < 0 {
            let accepted = "0 lots and more";
            return Err(BookError::Quantity { order_id: 0, quantity, accepted });
        }
        if price.0.unsigned_abs() > MAX_TICKS.unsigned_abs() {
            return Err(BookError::PriceOutOfRange { order_id: 0, ticks: price });
        }
        let key = key_of(side, price);
        let ladder = &mut self.sides[side as usize];
        let found = ladder.get(key);
        if quantity.is_zero() {
            if found != 0 {
                ladder.remove(key);
                self.free.push(found);
            }
            return Ok(());
        }
        let level = Level { price, quantity, count };
        if found != 0 {
            self.slab[found as usize] = level;
            return Ok(());
        }
        let place = match self.free.pop() {
            Some(place) => {
                self.slab[place as usize] = level;
                place
            }
            None => {
                let place =
                    u32::try_from(self.slab.len()).map_err(|_| BookError::Full { order_id: 0 })?;
                self.slab.push(level);
                place
            }
        };
        ladder.insert(key, place);
        Ok(())
    }

    /// Removes every level.
    pub fn clear(&mut self) {
        self.slab.truncate(1);
        self.free.clear();
        self.sides.iter_mut().for_each(Ladder::clear);
    }

    /// Best bid and offer.
    #[inline]
    #[must_use]
    pub fn bbo(&self) -> Bbo {
        let [bid, ask] = [0, 1].map(|side| self.slab[self.sides[side].best() as usize]);
        Bbo {
            bid: bid.price,
            ask: ask.price,
            bid_size: bid.quantity,
            ask_size: ask.quantity,
            bid_count: bid.count,
            ask_count: ask.count,
        }
    }

    /// Size and orders at a price; both zero where there is no level.
    #[inline]
    #[must_use]
    pub fn level(&self, side: Side, price: Ticks) -> Level {
        match self.sides[side as usize].get(key_of(side, price)) {
            0 => Level { price, ..Level::NONE },
            place => self.slab[place as usize],
        }
    }

    /// Number of levels on a side.
    #[must_use]
    pub fn level_count(&self, side: Side) -> usize {
        self.sides[side as usize].len() as usize
    }

    /// The levels of a side, best first.
    pub fn levels(&self, side: Side) -> impl Iterator<Item = Level> {
        self.sides[side as usize].iter().map(|place| self.slab[place as usize])
    }

    /// Fills `out` with the best levels, best first, the rest with [`Level::NONE`]; tells how many
    /// there are.
    pub fn depth(&self, side: Side, out: &mut [Level]) -> usize {
        let mut found = 0;
        for (place, level) in out.iter_mut().zip(self.levels(side)) {
            *place = level;
            found += 1;
        }
        out[found..].fill(Level::NONE);
        found
    }

    /// The whole book as bytes: `"TFL2"`, version u32 = 1, then for bids and for asks a count u64
    /// and that many levels, best first: price in ticks i64, size i64, orders u32; little-endian.
    #[must_use]
    pub fn snapshot(&self) -> Vec<u8> {
        let mut out = Vec::new();
        out.extend_from_slice(&MAGIC);
        out.extend_from_slice(&VERSION.to_le_bytes());
        for side in SIDES {
            out.extend_from_slice(&(self.level_count(side) as u64).to_le_bytes());
            for level in self.levels(side) {
                out.extend_from_slice(&level.price.0.to_le_bytes());
                out.extend_from_slice(&level.quantity.0.to_le_bytes());
                out.extend_from_slice(&level.count.to_le_bytes());
            }
        }
        out
    }

    /// The book that [`Self::snapshot`] wrote.
    ///
    /// # Errors
    /// [`BookError::Snapshot`] with the byte at fault when the bytes are no such snapshot.
    pub fn restore(bytes: &[u8]) -> Result<Self, BookError> {
        let mut reader =
            Reader::open(bytes, MAGIC, VERSION, "this is no snapshot of an L2 book (TFL2)")?;
        let mut book = Self::new();
        for side in SIDES {
            let mut last = i64::MAX;
            for _ in 0..reader.count(LEVEL_SIZE)? {
                let (price, quantity) = (Ticks(reader.i64()?), Lots(reader.i64()?));
                let count = reader.u32()?;
                let key = key_of(side, price);
                if key >= last || quantity.is_zero() {
                    return Err(reader.fault(LEVEL_SIZE, "levels must be in order and not empty"));
                }
                last = key;
                book.apply(side, price, quantity, count)
                    .map_err(|_| reader.fault(LEVEL_SIZE, "a level is out of range"))?;
            }
        }
        reader.finish()?;
        Ok(book)
    }
}
