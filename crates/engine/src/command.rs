//! Commands: what a strategy wants done.

use model::{Condition, InstrumentIndex, Lots, OrderKind, Side, TimeInForce};
use trading::{OrderSize, Target};
use venue::Change;

/// How much an order is for.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Amount {
    /// So much on the command's side.
    Order(OrderSize),
    /// The position afterwards; the side follows from it.
    Target(Target),
    /// All that the order's parent fills.
    Parent,
}

/// When an amount that depends on the account is turned into lots.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SizeAt {
    /// At the row whose handler gave the command.
    Signal,
    /// By the venue, at execution.
    Fill,
}

/// What an order may be told beyond side, kind, amount and time in force.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct OrderTerms {
    /// Only ever makes the position smaller.
    pub reduce_only: bool,
    /// How much of it is shown, in lots; 0 shows all of it.
    pub display: Lots,
    /// What it waits for and hangs together with.
    pub condition: Condition,
}

/// One command of one strategy.
#[derive(Clone, PartialEq, Debug)]
pub enum Command {
    /// A new order. Order numbers count from 1 within a strategy, in the order of the commands.
    Submit {
        /// The order's number.
        number: u64,
        /// The instrument.
        instrument: InstrumentIndex,
        /// The side; a target decides it itself.
        side: Side,
        /// Market or limit.
        kind: OrderKind,
        /// How much.
        amount: Amount,
        /// When an amount in money is turned into lots.
        size_at: SizeAt,
        /// How long it stays.
        time_in_force: TimeInForce,
        /// Rejected instead of trading on arrival.
        post_only: bool,
        /// What is rarely asked for: only to reduce, to show a part, to wait.
        terms: Option<Box<OrderTerms>>,
    },
    /// Another total quantity, limit or trigger price.
    Modify {
        /// The order's number.
        number: u64,
        /// What changes.
        change: Change,
    },
    /// An end of an order.
    Cancel {
        /// The order's number.
        number: u64,
    },
    /// An end of all open orders, of one instrument or of all.
    CancelAll {
        /// The instrument, or all.
        instrument: Option<InstrumentIndex>,
    },
    /// A timer.
    SetTimer {
        /// Its number within the strategy.
        id: u32,
        /// When it fires first, in ns.
        at: u64,
        /// Its period in ns; 0 fires once.
        every: u64,
    },
    /// No more of a timer.
    CancelTimer {
        /// Its number within the strategy.
        id: u32,
    },
    /// Which market rows the strategy sees from now on.
    Subscribe {
        /// The instrument.
        instrument: InstrumentIndex,
        /// What is subscribed to.
        what: Subscription,
        /// On or off.
        on: bool,
    },
    /// End of the run.
    Stop,
}

/// What can be subscribed to while a run goes on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Subscription {
    /// Trades.
    Trades,
    /// Changes of the best bid or offer.
    Quotes,
}
