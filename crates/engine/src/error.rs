//! What can go wrong in a run.

use feed::FeedError;
use model::ModelError;
use trading::TradingError;
use venue::VenueError;

/// An error of a run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// The data.
    #[error(transparent)]
    Feed(#[from] FeedError),
    /// The simulated venue.
    #[error(transparent)]
    Venue(#[from] VenueError),
    /// Orders and accounts.
    #[error(transparent)]
    Trading(#[from] TradingError),
    /// A book.
    #[error(transparent)]
    Book(#[from] book::BookError),
    /// Fees.
    #[error(transparent)]
    Cost(#[from] costs::CostError),
    /// A number.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// There is nothing to run on.
    #[error(
        "no source has an event in the chosen window ({sources}); look at the time range with `tickforge inspect`"
    )]
    NoEvents {
        /// The sources.
        sources: String,
    },
    /// A strategy asked for data that no source has.
    #[error(
        "strategy '{strategy}' needs {what} of {symbol}, which the data cannot give; {accepted}"
    )]
    NoData {
        /// The strategy.
        strategy: String,
        /// What it declared.
        what: String,
        /// The instrument.
        symbol: String,
        /// What would be accepted.
        accepted: String,
    },
    /// A command that cannot be one: wrong number, kind or instrument.
    #[error("strategy '{strategy}': {field} {value} of a command is not valid; {accepted}")]
    Command {
        /// The strategy.
        strategy: String,
        /// The field at fault.
        field: &'static str,
        /// Its value.
        value: String,
        /// What would be accepted.
        accepted: String,
    },
    /// A strategy answers every refusal with the same order, for ever.
    #[error(
        "strategy '{strategy}' had {count} orders denied at one time ({reason}); it answers each denial with a new order"
    )]
    DenialLoop {
        /// The strategy.
        strategy: String,
        /// Denials at one time.
        count: u32,
        /// The last reason.
        reason: &'static str,
    },
    /// A strategy in Rust failed.
    #[error("strategy '{strategy}' failed: {message}")]
    Strategy {
        /// The strategy.
        strategy: String,
        /// What it said.
        message: String,
    },
    /// The run cannot be set up like this.
    #[error("{field}: {message}")]
    Setup {
        /// The setting at fault.
        field: &'static str,
        /// What is wrong and what would be accepted.
        message: String,
    },
}

impl EngineError {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Feed(error) => error.code(),
            Self::Venue(error) => error.code(),
            Self::Trading(error) => error.code(),
            Self::Book(error) => error.code(),
            Self::Cost(error) => error.code(),
            Self::Model(error) => error.code(),
            Self::NoEvents { .. } => "ERR_ENGINE_NO_EVENTS",
            Self::NoData { .. } => "ERR_STRATEGY_NO_DATA",
            Self::Command { .. } => "ERR_STRATEGY_COMMAND",
            Self::DenialLoop { .. } => "ERR_STRATEGY_DENIAL_LOOP",
            Self::Strategy { .. } => "ERR_STRATEGY_FAILED",
            Self::Setup { .. } => "ERR_ENGINE_SETUP",
        }
    }
}
