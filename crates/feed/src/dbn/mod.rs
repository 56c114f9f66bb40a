//! DBN files of versions 1 to 3: plain (memory-mapped) and zstd.

mod ids;

pub use ids::IdMap;
