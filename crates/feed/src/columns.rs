//! Columns of price files: recognised by their usual names or mapped, and turned into events.
//!
//! CSV and Parquet share everything here: which column is what ([`Columns`]), what a time stamp
//! says ([`time`]), what the time of a bar means ([`bar_times`]), and how a row becomes an event
//! ([`rows`]).

pub mod bar_times;
mod field;
mod names;
pub mod number;
pub(crate) mod plan;
pub mod rows;
mod ticks;
pub mod time;

pub use bar_times::BarTimes;
pub use field::Field;
pub use names::{ColumnRef, Columns, LevelColumns, RowKind};
pub use rows::validate_bar;
