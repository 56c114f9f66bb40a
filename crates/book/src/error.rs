//! What a book refuses.

use model::{Lots, Price, Ticks};

/// A change that a book refused; the book is as it was before.
///
/// A book does not know file and row: who feeds it adds them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BookError {
    /// A record's price lies on no tick.
    #[error("order {order_id}: price {price} is not a multiple of the tick size {tick_size}")]
    OffTick {
        /// The order.
        order_id: u64,
        /// The price as given.
        price: Price,
        /// The book's tick size.
        tick_size: Price,
    },
    /// A price too far from zero, or none where one is needed.
    #[error("order {order_id}: price of {} ticks is undefined or more than 2^60 from zero", .ticks.0)]
    PriceOutOfRange {
        /// The order (0 for a book of levels).
        order_id: u64,
        /// The price as given.
        ticks: Ticks,
    },
    /// A quantity that cannot be.
    #[error("order {order_id}: quantity {} is not accepted; accepted are {accepted}", .quantity.0)]
    Quantity {
        /// The order (0 for a book of levels).
        order_id: u64,
        /// The quantity as given.
        quantity: Lots,
        /// What would be accepted.
        accepted: &'static str,
    },
    /// An order id that is in the book already.
    #[error("order {order_id} is in the book already; an id may be used again once it has left")]
    DuplicateOrder {
        /// The order.
        order_id: u64,
    },
    /// An order id that is not in the book.
    #[error("order {order_id} is not in the book")]
    UnknownOrder {
        /// The order.
        order_id: u64,
    },
    /// More orders and levels than the book can number (2^31).
    #[error("order {order_id}: the book holds 2^31 orders and levels and takes no more")]
    Full {
        /// The order.
        order_id: u64,
    },
    /// Bytes that are no snapshot of this kind of book.
    #[error("snapshot, byte {at}: {reason}")]
    Snapshot {
        /// Offset of the field at fault.
        at: usize,
        /// What is wrong and what would be accepted.
        reason: &'static str,
    },
}

impl BookError {
    /// The stable code of the error.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::OffTick { .. } => "ERR_BOOK_OFF_TICK",
            Self::PriceOutOfRange { .. } => "ERR_BOOK_PRICE_OUT_OF_RANGE",
            Self::Quantity { .. } => "ERR_BOOK_QUANTITY",
            Self::DuplicateOrder { .. } => "ERR_BOOK_DUPLICATE_ORDER",
            Self::UnknownOrder { .. } => "ERR_BOOK_UNKNOWN_ORDER",
            Self::Full { .. } => "ERR_BOOK_FULL",
            Self::Snapshot { .. } => "ERR_BOOK_SNAPSHOT",
        }
    }
}
