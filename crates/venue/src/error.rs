//! What a venue cannot do. What it refuses to do is a report, not an error.

use book::BookError;
use costs::CostError;
use model::{ModelError, OrderId};

/// An error of the simulated exchange.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum VenueError {
    /// The recorded book refused a record.
    #[error(transparent)]
    Book(#[from] BookError),
    /// A fee or impact formula left its type.
    #[error(transparent)]
    Cost(#[from] CostError),
    /// A notional or quantity left its type.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// An own order's id is in use at this venue.
    #[error(
        "order {} of strategy {} is already at the venue; an id is used once",
        order.number(), order.strategy().0
    )]
    DuplicateOrder {
        /// The id.
        order: OrderId,
    },
    /// An own command was handed over inside an event of several records.
    #[error(
        "order {} of strategy {} arrived inside an event; accepted is between events, after a record with the flag LAST",
        order.number(), order.strategy().0
    )]
    InsideEvent {
        /// The order of the command.
        order: OrderId,
    },
    /// Data of a kind that this market is not made of.
    #[error("a {market} market cannot use {found}; accepted are {accepted}")]
    WrongData {
        /// The market.
        market: &'static str,
        /// What it was given.
        found: &'static str,
        /// What it takes.
        accepted: &'static str,
    },
    /// A setting that no model accepts.
    #[error("{field} is {value}; accepted is {accepted}")]
    Setting {
        /// The setting.
        field: &'static str,
        /// Its value as given.
        value: String,
        /// What would be accepted.
        accepted: &'static str,
    },
}

impl VenueError {
    /// The stable code of the error.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Book(e) => e.code(),
            Self::Cost(e) => e.code(),
            Self::Model(e) => e.code(),
            Self::DuplicateOrder { .. } => "ERR_VENUE_DUPLICATE_ORDER",
            Self::InsideEvent { .. } => "ERR_VENUE_INSIDE_EVENT",
            Self::WrongData { .. } => "ERR_VENUE_WRONG_DATA",
            Self::Setting { .. } => "ERR_VENUE_SETTING",
        }
    }
}
