//! From a configuration to a finished result, in plain Rust.

mod accounts;
pub mod artefacts;
pub mod assemble;
pub mod calibrate;
mod cash_events;
pub mod checks;
pub mod configuration;
mod configuration_account;
mod configuration_venue;
pub mod currencies;
pub mod custom;
pub mod error;
pub mod explanation;
pub mod frames;
mod models;
pub mod outcome;
pub mod sessions;
pub mod sources;
pub mod tables;
pub mod thread_bound;
mod venues;

pub use assemble::{Prepared, prepare, prepare_custom, prepare_with};
pub use configuration::RunConfiguration;
pub use custom::CustomModels;
pub use error::BacktestError;
pub use outcome::Outcome;
