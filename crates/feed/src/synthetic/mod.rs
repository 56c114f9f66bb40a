//! Seeded markets that look like real ones: an L3 market as a source or a DBN file, and small
//! series of bars, quotes and trades. Integer arithmetic only, so that a seed gives the same bytes
//! on every machine.

mod book;
mod clock;
mod config;
mod file;
mod flow;
mod market;
mod series;
mod source;

pub use config::{SyntheticConfig, SyntheticSession};
pub use file::write_dbn;
pub use market::SyntheticMarket;
pub use series::{SERIES_START, synthetic_bars, synthetic_quotes, synthetic_trades};
pub use source::ThreadedMarket;
