//! The best bid and offer alone.

use crate::MAX_TICKS;
use crate::error::BookError;
use crate::types::Level;
use model::{Bbo, Lots, Side, Ticks};

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
}
