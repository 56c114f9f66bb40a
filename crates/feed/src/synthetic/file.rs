//! A generated market as a DBN file.

use super::{SyntheticConfig, SyntheticMarket};
use crate::error::FeedError;
use crate::output::PartialFile;
use dbn::encode::dbn::MetadataEncoder;
use dbn::{MappingInterval, Metadata, MetadataBuilder, SType, Schema, SymbolMapping};
use std::io::Write;
use std::num::NonZeroU64;
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
    let metadata = metadata(market.config());
    let mut file = PartialFile::create(path)?;
    let name = file.name().to_owned();
    let failed = |e: dbn::Error| FeedError::Corrupt {
        file: name.clone(),
        at: crate::Place::Whole,
        reason: format!("the DBN header cannot be written: {e}"),
    };
    let mut header = Vec::new();
    MetadataEncoder::new(&mut header).encode(&metadata).map_err(failed)?;
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

fn metadata(config: &SyntheticConfig) -> Metadata {
    let end = config.session_times(config.sessions.saturating_sub(1)).close.0 + 1;
    let mut metadata = MetadataBuilder::new()
        .version(3)
        .dataset("GLBX.MDP3".to_owned())
        .schema(Some(Schema::Mbo))
        .start(config.start.0)
        .end(NonZeroU64::new(end))
        .stype_in(Some(SType::RawSymbol))
        .stype_out(SType::InstrumentId)
        .symbols(vec![config.symbol.clone()])
        .build();
    let start_date = metadata.start().date();
    let last = metadata.end().map_or(start_date, |end| end.date());
    let interval = MappingInterval {
        start_date,
        end_date: last.next_day().unwrap_or(last),
        symbol: config.instrument_id.to_string(),
    };
    metadata.mappings =
        vec![SymbolMapping { raw_symbol: config.symbol.clone(), intervals: vec![interval] }];
    metadata
}
