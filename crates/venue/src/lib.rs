//! The simulated exchange: matching, latency, queue and fill models.
//!
//! | market | made of | own orders |
//! |---|---|---|
//! | [`L3Market`] | a recorded order-by-order stream | at their exact place in the queue ([`l3`]) |

pub mod counters;
mod desk;
pub mod error;
pub mod l3;
pub mod latency;
mod own;
pub mod settings;

pub use counters::VenueCounters;
pub use error::VenueError;
pub use l3::L3Market;
pub use latency::{Direction, LatencyBus, LatencyModel, Request};
pub use own::OwnOrder;
pub use settings::{BeyondDisplay, QueueModel, VenueSettings};
