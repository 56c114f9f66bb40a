//! DBN files of versions 1 to 3: plain (memory-mapped) and zstd.
//!
//! Metadata, enumerations and the layouts of the records come from the `dbn` crate; the records
//! are read in place, market by order without any conversion at all.

mod bytes;
mod convert;
mod definition;
mod file;
mod header;
mod ids;
mod inflate;
mod layout;
mod records;
mod scan;
mod source;
mod symbols;

pub use bytes::Decode;
pub use definition::{Definition, Imbalance, Statistic};
pub use file::{DbnFile, DbnOptions};
pub use header::MAX_METADATA;
pub use ids::IdMap;
pub use records::{Item, Records, kind_name};
pub use symbols::SymbolSpan;
