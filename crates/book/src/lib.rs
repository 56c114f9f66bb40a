//! Order books: best price, depth, queue position.
//!
//! | book | knows | fed by |
//! |---|---|---|
//! | [`BookL3`] | every order and its place in its queue | market-by-order records, or `add`, `cancel`, `modify` |
//! | [`BookL2`] | size and number of orders per price | levels set to absolute sizes |
//! | [`BookL1`] | the best bid and offer | quotes |
//!
//! Prices are [`model::Ticks`] and sizes [`model::Lots`]; a [`model::PriceGrid`] stands where a
//! record's 1e-9 price becomes a tick. Books may be locked or crossed: before an open they are.
//!
//! ```
//! use book::BookL3;
//! use model::{Lots, Price, PriceGrid, Side, Ticks};
//!
//! let grid = PriceGrid::new(Price::parse("0.25")?)?;
//! let mut book = BookL3::new(grid);
//! book.add(1, Side::Buy, Ticks(19_240), Lots(5))?;
//! book.add(2, Side::Buy, Ticks(19_240), Lots(3))?;
//! assert_eq!(book.bbo().bid_size, Lots(8));
//! let second = book.order(2).unwrap();
//! assert_eq!(book.queue_ahead(Side::Buy, second.price, second.sequence).quantity, Lots(5));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod bytes;
pub mod digest;
mod error;
mod l1;
mod l2;
mod l3;
mod ladder;
mod map;
mod node;
mod prefetch;
mod types;

pub use error::BookError;
pub use l1::BookL1;
pub use l2::BookL2;
pub use l3::BookL3;
pub use l3::slots::Slot;
pub use prefetch::{BYTES_AHEAD, ORDER_AHEAD, SLOT_AHEAD, read_ahead};
pub use types::{Anomalies, BookOrder, Level, QueueAhead};

/// The farthest tick from zero that a book accepts, so that sums of ticks stay inside an `i64`.
pub const MAX_TICKS: i64 = 1 << 60;
