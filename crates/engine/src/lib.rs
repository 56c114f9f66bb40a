//! The loop of a run: clock, timers, router, rows and commands, strategies, recorder.
//!
//! [`Run`] takes records from sources, lets the simulated venue act on them, and hands each
//! strategy its rows at the time at which it can see them. [`columns`] is the memory through which
//! TypeScript drives the same loop; [`strategy`] is its face in Rust.

pub mod cash_events;
pub mod columns;
pub mod command;
pub mod error;
pub mod input;
pub mod ledger;
mod ledger_funds;
mod ledger_sizing;
mod ledger_splits;
pub mod mark_outs;
pub mod market_state;
mod read_command;
mod read_terms;
pub mod recorder;
mod records;
pub mod row;
pub mod row_queue;
pub mod run;
pub mod state_hash;
pub mod step;
pub mod strategy;
pub mod strategy_side;
pub mod timers;

pub use cash_events::{CashChange, CashKind, ScheduledCash, SplitOrders};
pub use command::{Amount, Command, OrderTerms, SizeAt, Subscription};
pub use error::EngineError;
pub use ledger::Ledger;
pub use recorder::Recorder;
pub use row::{MarketRow, Row, RowKind};
pub use run::trace::TraceRequest;
pub use run::{CloseAtEnd, Next, Run, RunParts};
pub use strategy::{Context, Strategy};
pub use strategy_side::{Needs, StrategySide, Wants};
