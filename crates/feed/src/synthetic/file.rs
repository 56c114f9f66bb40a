//! A generated market as a DBN file.

use super::{SyntheticConfig, SyntheticMarket};
use crate::error::FeedError;
use crate::output::{DbnHeader, PartialFile};
use std::io::Write;
use std::path::Path;

/// Writes a generated market as a DBN file of version 3 (zstd when the name ends in `.zst`);
/// how many records it holds. `progress` hears the fraction done and stops the work by
/// answering `false`. The file appears under its name when it is complete, not before.
///
/// # Errors
/// [`FeedError::Setting`] for the configuration, [`FeedError::Io`] for the file,
/// [`FeedError::Stopped`].
pub fn write_dbn(
    config: SyntheticConfig,
    path: &Path,
    progress: &mut dyn FnMut(f64) -> bool,
) -> Result<u64, FeedError> {
    let mut market = SyntheticMarket::new(config)?;
    let settings = market.config();
    let header = DbnHeader {
        dataset: "GLBX.MDP3",
        schema: dbn::Schema::Mbo,
        start: settings.start.0,
        end: settings.session_times(settings.sessions.saturating_sub(1)).close.0 + 1,
        symbols: std::slice::from_ref(&settings.symbol),
        first_id: settings.instrument_id,
    };
    let header = header.encode(&path.display().to_string())?;
    let mut file = PartialFile::create(path)?;
    let name = file.name().to_owned();
    file.write_all(&header).map_err(|e| FeedError::io(&name, "write", e))?;
    let total = market.config().records as f64;
    while let Some(records) = market.next_records() {
        file.write_all(records).map_err(|e| FeedError::io(&name, "write", e))?;
        if !progress((market.emitted() as f64 / total).min(1.0)) {
            return Err(FeedError::Stopped { what: "writing the synthetic market" });
        }
    }
    file.finish()?;
    Ok(market.emitted())
}
