//! The simulated exchange: matching, latency, queue and fill models.
//!
//! | market | made of | own orders |
//! |---|---|---|
//! | [`L3Market`] | a recorded order-by-order stream | at their exact place in the queue ([`l3`]) |
//! | [`DepthMarket`] | a book of levels, with or without trades | at an estimated place ([`queue`]) |
//! | [`QuoteMarket`] | quotes, trades, depth, level changes | at the next quote ([`quote`]) |
//! | [`BarMarket`] | bars | at the next open ([`bar`]) |
//!
//! A market takes what was recorded and the own orders' commands, each at its exchange time, and
//! writes [`model::Report`]s. It never reads a clock and draws only by
//! [`model::random::counter_draw`]: the same input gives the same reports. How long messages take
//! is the [`LatencyBus`]'s matter; the engine delivers them in time.

pub mod bar;
mod blotter;
pub mod bus;
pub mod conditional;
pub mod counters;
pub mod depth;
mod desk;
pub mod error;
mod fill_model;
pub mod l3;
pub mod latency;
pub mod market;
mod market_trace;
pub mod matching;
mod order_list;
mod own;
pub mod queue;
pub mod quote;
pub mod settings;
mod touch;
pub mod trace;

pub use bar::BarMarket;
pub(crate) use bar::{Leg, Reached};
pub use bus::{LatencyBus, VenueBuses};
pub use conditional::{Change, Conditional, Support};
pub use counters::VenueCounters;
pub use depth::DepthMarket;
pub use error::VenueError;
pub use fill_model::{FillInput, FillModel};
pub use l3::L3Market;
pub use latency::{Delay, Direction, LatencyModel, LatencyRow, Request};
pub use market::Market;
pub use market_trace::Asks;
pub use own::OwnOrder;
pub use queue::{DepthQueue, QueueProbability};
pub use quote::QuoteMarket;
pub use settings::{BarPath, BeyondDisplay, QueueModel, VenueSettings};
pub use touch::TouchModel;
pub use trace::Trace;
