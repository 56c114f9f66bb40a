//! Readers, checks, bar aggregation and synthetic markets.
//!
//! Every reader is a [`Source`]: it gives [`Block`]s in file order, market by order as the bytes
//! of the file ([`MboBlock`]), everything else as [`model::MarketEvent`]s.
//!
//! | module | holds |
//! |---|---|
//! | [`dbn`] | DBN files of versions 1 to 3, plain (memory-mapped) and zstd |
//! | [`binance`] | recorded frames of Binance's streams: levels, trades, best prices |
//! | [`csv`], [`parquet`], [`tables`] | bars, quotes and trades; [`columns`] recognises and maps columns |
//! | [`instruments`], [`terms`] | which instruments a run trades, and where their terms came from |
//! | [`check`] | what is wrong with the data, and what to do about it |
//! | [`bars`] | bars from ticks and from finer bars |
//! | [`mod@convert`] | between DBN, CSV and Parquet |
//! | [`synthetic`] | seeded markets that look like real ones |
//! | [`mod@inspect`] | what is in a file |

pub mod bars;
pub mod binance;
pub mod check;
pub mod columns;
pub mod convert;
pub mod csv;
pub mod dbn;
pub mod error;
mod error_details;
pub mod inspect;
pub mod instruments;
pub mod memory;
pub mod output;
pub mod parquet;
mod rows_batch;
pub mod source;
pub mod synthetic;
pub mod tables;
pub mod terms;
mod text;
pub mod window;

pub use bars::BarAggregator;
pub use dbn::IdMap;
pub use error::{FeedError, Place};
pub use instruments::Instruments;
pub use memory::{MemoryEvents, MemoryMbo};
pub use source::{Block, MAX_BLOCK_BYTES, MboBlock, Source};
pub use terms::{Resolve, Terms};
pub use window::WindowSource;
