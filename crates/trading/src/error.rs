//! What can go wrong in trading.

use crate::state::OrderEvent;
use model::{Currency, ModelError, OrderStatus};

/// An error of order management, accounts or sizing. A call that fails has changed nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TradingError {
    /// A sum or product left its type.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// An instrument index outside the run.
    #[error("instrument index {index} is unknown; the run has {count} instruments")]
    UnknownInstrument {
        /// The index as given.
        index: u32,
        /// How many instruments there are.
        count: usize,
    },
    /// An instrument that is not in the account's currency.
    #[error(
        "{symbol} is in {currency}, the account is in {account}; \
         accepted with a rate for {currency} in account.rates"
    )]
    Currency {
        /// The instrument's symbol.
        symbol: String,
        /// The instrument's currency.
        currency: Currency,
        /// The account's currency.
        account: Currency,
    },
    /// An amount in a currency that nothing values yet.
    #[error(
        "{currency} has no rate to {account} yet; accepted is a fixed rate or one with `initial` in \
         account.rates.{currency}"
    )]
    NoRate {
        /// The currency.
        currency: Currency,
        /// The account's currency.
        account: Currency,
    },
    /// An order id that this manager never gave out, or gave to another strategy.
    #[error("order {strategy}:{number} is unknown to strategy {owner}")]
    UnknownOrder {
        /// The strategy in the id.
        strategy: u16,
        /// The order's number in the id.
        number: u64,
        /// The strategy that this manager belongs to.
        owner: u16,
    },
    /// A submitted id that is not the next one.
    #[error("order number {number} is out of sequence; the next one is {expected}")]
    OrderSequence {
        /// The number as given.
        number: u64,
        /// The number that would be accepted.
        expected: u64,
    },
    /// A report that cannot follow on the order's state.
    #[error("order {number}: {event:?} cannot follow on {from:?}")]
    Transition {
        /// The order's number.
        number: u64,
        /// The state in which it is.
        from: OrderStatus,
        /// What the report says.
        event: OrderEvent,
    },
    /// A field of an order or report that contradicts the order.
    #[error("order {number}: {field} is {value}; accepted is {accepted}")]
    Field {
        /// The order's number.
        number: u64,
        /// The field at fault.
        field: &'static str,
        /// Its value.
        value: i64,
        /// What would be accepted.
        accepted: String,
    },
    /// A setting or argument outside its range.
    #[error("{field} is {value}; accepted is {accepted}")]
    Setting {
        /// The setting.
        field: &'static str,
        /// Its value as text.
        value: String,
        /// What would be accepted.
        accepted: &'static str,
    },
}

impl TradingError {
    /// The stable code of the error.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Model(source) => source.code(),
            Self::UnknownInstrument { .. } => "ERR_TRADING_UNKNOWN_INSTRUMENT",
            Self::Currency { .. } => "ERR_TRADING_CURRENCY",
            Self::NoRate { .. } => "ERR_TRADING_NO_RATE",
            Self::UnknownOrder { .. } => "ERR_TRADING_UNKNOWN_ORDER",
            Self::OrderSequence { .. } => "ERR_TRADING_ORDER_SEQUENCE",
            Self::Transition { .. } => "ERR_TRADING_TRANSITION",
            Self::Field { .. } => "ERR_TRADING_FIELD",
            Self::Setting { .. } => "ERR_TRADING_SETTING",
        }
    }
}
