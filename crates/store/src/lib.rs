//! Run artefacts: Parquet files, manifest, report data.
//!
//! [`ArtefactWriter`] streams what a run produces into Parquet tables, [`Manifest`] says what the
//! run was made of. Every file is written under a temporary name beside its place and appears by
//! rename when it is whole: an aborted run leaves nothing half-written behind.

pub mod artefact;
pub mod atomic;
pub mod digest;
pub mod error;
pub mod manifest;
mod tables;
pub mod verify;
pub mod writer;

pub use artefact::{EquityPoint, OrderEventKind, OrderEventRow, RoundTripRow, TradeRow};
pub use atomic::{PendingFile, write_file};
pub use digest::{FileDigest, Sha256Hex, digest_file};
pub use error::StoreError;
pub use manifest::{CreatedBy, Manifest};
pub use verify::{Difference, differences, verify};
pub use writer::{ArtefactPaths, ArtefactWriter, Names, Written};
