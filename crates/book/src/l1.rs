//! The best bid and offer alone.

use crate::MAX_TICKS;
use crate::bytes::Reader;
use crate::error::BookError;
use crate::types::Level;
use model::{Bbo, Lots, Side, Ticks};

const MAGIC: [u8; 4] = *b"TFL1";
const VERSION: u32 = 1;
const LEVEL_SIZE: usize = 20;

/// A book of one level a side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct BookL1 {
    bbo: Bbo,
}

impl BookL1 {
    /// An empty book.
    #[must_use]
    pub const fn new() -> Self {
        Self { bbo: Bbo::EMPTY }
    }

    /// The best bid and offer.
    #[inline]
    #[must_use]
    pub const fn bbo(&self) -> Bbo {
        self.bbo
    }

    /// Sets both sides; tells whether anything changed. A side without a price, or of size zero,
    /// is empty. Locked and crossed quotes are taken as they are.
    ///
    /// # Errors
    /// [`BookError::Quantity`] when a size is below zero, [`BookError::PriceOutOfRange`] when a
    /// price is more than 2^60 ticks from zero; the book is then as it was.
    pub fn update(&mut self, bbo: Bbo) -> Result<bool, BookError> {
        let bid = checked(bbo.bid, bbo.bid_size, bbo.bid_count)?;
        let ask = checked(bbo.ask, bbo.ask_size, bbo.ask_count)?;
        Ok(self.set(Bbo {
            bid: bid.price,
            ask: ask.price,
            bid_size: bid.quantity,
            ask_size: ask.quantity,
            bid_count: bid.count,
            ask_count: ask.count,
        }))
    }

    /// Sets one side; tells whether anything changed. Takes what [`Self::update`] takes.
    ///
    /// # Errors
    /// As [`Self::update`].
    pub fn update_side(
        &mut self,
        side: Side,
        price: Ticks,
        quantity: Lots,
        count: u32,
    ) -> Result<bool, BookError> {
        let level = checked(price, quantity, count)?;
        let mut next = self.bbo;
        match side {
            Side::Buy => {
                (next.bid, next.bid_size, next.bid_count) =
                    (level.price, level.quantity, level.count);
            }
            Side::Sell => {
                (next.ask, next.ask_size, next.ask_count) =
                    (level.price, level.quantity, level.count);
            }
        }
        Ok(self.set(next))
    }

    /// The best level of a side, [`Level::NONE`] when it is empty.
    #[must_use]
    pub const fn level(&self, side: Side) -> Level {
        let bbo = &self.bbo;
        match side {
            Side::Buy => Level { price: bbo.bid, quantity: bbo.bid_size, count: bbo.bid_count },
            Side::Sell => Level { price: bbo.ask, quantity: bbo.ask_size, count: bbo.ask_count },
        }
    }

    /// Empties both sides.
    pub fn clear(&mut self) {
        self.bbo = Bbo::EMPTY;
    }

    /// The whole book as bytes: `"TFL1"`, version u32 = 1, then of the bid and of the ask: price in
    /// ticks i64 (`i64::MAX` for an empty side), size i64, orders u32; little-endian.
    #[must_use]
    pub fn snapshot(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(8 + 2 * LEVEL_SIZE);
        out.extend_from_slice(&MAGIC);
        out.extend_from_slice(&VERSION.to_le_bytes());
        for level in [Side::Buy, Side::Sell].map(|side| self.level(side)) {
            out.extend_from_slice(&level.price.0.to_le_bytes());
            out.extend_from_slice(&level.quantity.0.to_le_bytes());
            out.extend_from_slice(&level.count.to_le_bytes());
        }
        out
    }

    /// The book that [`Self::snapshot`] wrote.
    ///
    /// # Errors
    /// [`BookError::Snapshot`] with the byte at fault when the bytes are no such snapshot.
    pub fn restore(bytes: &[u8]) -> Result<Self, BookError> {
        let mut reader =
            Reader::open(bytes, MAGIC, VERSION, "this is no snapshot of an L1 book (TFL1)")?;
        let mut book = Self::new();
        for side in [Side::Buy, Side::Sell] {
            let (price, quantity) = (Ticks(reader.i64()?), Lots(reader.i64()?));
            let count = reader.u32()?;
            let level = checked(price, quantity, count)
                .map_err(|_| reader.fault(LEVEL_SIZE, "a level is out of range"))?;
            if level != (Level { price, quantity, count }) {
                return Err(reader.fault(LEVEL_SIZE, "an empty side has size or orders"));
            }
            book.update_side(side, price, quantity, count)?;
        }
        reader.finish()?;
        Ok(book)
    }

    fn set(&mut self, next: Bbo) -> bool {
        let changed = next != self.bbo;
        self.bbo = next;
        changed
    }
}

fn checked(price: Ticks, quantity: Lots, count: u32) -> Result<Level, BookError> {
    if quantity.0 < 0 {
        let accepted = "0 lots and more";
        return Err(BookError::Quantity { order_id: 0, quantity, accepted });
    }
    if !price.is_some() || quantity.is_zero() {
        return Ok(Level::NONE);
    }
    if price.0.unsigned_abs() > MAX_TICKS.unsigned_abs() {
        return Err(BookError::PriceOutOfRange { order_id: 0, ticks: price });
    }
    Ok(Level { price, quantity, count })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quote_is_checked_whole_before_it_is_taken() {
        let mut book = BookL1::new();
        let quote = Bbo {
            bid: Ticks(99),
            ask: Ticks(101),
            bid_size: Lots(5),
            ask_size: Lots(7),
            bid_count: 2,
            ask_count: 1,
        };
        assert_eq!(book.update(quote), Ok(true));
        assert_eq!(book.update(quote), Ok(false));
        let bad = Bbo { bid: Ticks(100), ask_size: Lots(-1), ..quote };
        assert_eq!(book.update(bad).unwrap_err().code(), "ERR_BOOK_QUANTITY");
        let far = Bbo { bid: Ticks(100), ask: Ticks(i64::MIN), ..quote };
        assert_eq!(book.update(far).unwrap_err().code(), "ERR_BOOK_PRICE_OUT_OF_RANGE");
        assert_eq!(book.bbo(), quote);
    }

    #[test]
    fn no_price_and_no_size_are_an_empty_side() {
        let mut book = BookL1::new();
        assert_eq!(book.update_side(Side::Sell, Ticks(101), Lots(7), 1), Ok(true));
        assert_eq!(book.level(Side::Sell).quantity, Lots(7));
        assert_eq!(book.update_side(Side::Sell, Ticks::NONE, Lots(7), 1), Ok(true));
        assert_eq!(book.level(Side::Sell), Level::NONE);
        assert_eq!(book.update_side(Side::Buy, Ticks(5), Lots(0), 3), Ok(false));
        book.clear();
        assert_eq!(book.bbo(), Bbo::EMPTY);
    }

    #[test]
    fn a_snapshot_comes_back_and_what_is_none_is_refused() {
        let mut book = BookL1::new();
        assert_eq!(BookL1::restore(&book.snapshot()), Ok(book));
        book.update_side(Side::Sell, Ticks(-3), Lots(7), 2).unwrap();
        let bytes = book.snapshot();
        assert_eq!(BookL1::restore(&bytes), Ok(book));
        for length in 0..bytes.len() {
            assert!(BookL1::restore(&bytes[..length]).is_err());
        }
        let mut long = bytes.clone();
        long.push(0);
        assert!(BookL1::restore(&long).is_err());
        // The bid is empty: it cannot have a size.
        let mut sized = bytes;
        sized[16] = 1;
        assert_eq!(BookL1::restore(&sized).unwrap_err().code(), "ERR_BOOK_SNAPSHOT");
    }
}
