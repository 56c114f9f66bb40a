//! The real exchange day, where the shared files are.

use model::mbo::flags;
use model::{MBO_SIZE, Mbo, MboFields, Price, PriceGrid};
use std::path::PathBuf;

/// One market-by-order record.
pub type RecordBytes = [u8; MBO_SIZE];

/// Facts of the real day that every run over it must give: records, and changes of the best bid
/// and offer (price, size or count) seen at records with the flag `LAST`.
pub const ESH4_RECORDS: usize = 68_792;
/// See [`ESH4_RECORDS`].
pub const ESH4_CHANGES: u64 = 25_440;

/// The grid of the E-mini future: a tick of 0.25.
#[must_use]
pub fn es_grid() -> PriceGrid {
    match PriceGrid::new(Price(250_000_000)) {
        Ok(grid) => grid,
        Err(_) => unreachable!("0.25 is above zero"),
    }
}

/// The folder of shared files: `TICKFORGE_SHARED`, or `../shared` beside the repository.
#[must_use]
pub fn shared_folder() -> PathBuf {
    std::env::var_os("TICKFORGE_SHARED").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared")),
        PathBuf::from,
    )
}

/// The records of ESH4 on 2023-12-25, or why there are none.
///
/// # Errors
/// A sentence that says which file is absent or what is wrong with it.
pub fn esh4() -> Result<Vec<RecordBytes>, String> {
    let path = shared_folder().join("data/market/dbn-nautilus/esh4-glbx-mdp3-20231225.mbo.dbn.zst");
    let packed = std::fs::read(&path).map_err(|e| format!("{}: {e}", path.display()))?;
    let bytes = zstd::decode_all(&packed[..]).map_err(|e| format!("{}: {e}", path.display()))?;
    let start = bytes
        .get(4..8)
        .and_then(|length| length.try_into().ok())
        .map_or(usize::MAX, |length| 8usize.saturating_add(u32::from_le_bytes(length) as usize));
    let records = bytes.get(start..).unwrap_or_default().as_chunks::<MBO_SIZE>().0.to_vec();
    if records.len() == ESH4_RECORDS {
        Ok(records)
    } else {
        Err(format!("{}: {} records instead of {ESH4_RECORDS}", path.display(), records.len()))
    }
}

/// A day `passes` times over: later and later, and every pass begins with a clear.
#[must_use]
pub fn repeated(day: &[RecordBytes], passes: u64) -> Vec<RecordBytes> {
    let mut out = Vec::with_capacity((day.len() + 1) * passes as usize);
    for pass in 0..passes {
        let later = |time: u64| time + pass * 172_800_000_000_000;
        for (at, bytes) in day.iter().enumerate() {
            let record = Mbo::new(bytes);
            // The snapshot's receive time is the time at which it holds; the orders in it are
            // older.
            let time =
                if record.is_snapshot() { record.ts_recv_raw() } else { record.ts_event_raw() };
            if at == 0 && pass > 0 {
                let clear = MboFields {
                    action: b'R',
                    side: b'N',
                    flags: flags::LAST,
                    ts_event: later(time),
                    ts_recv: later(time),
                    publisher: record.publisher(),
                    instrument_id: record.instrument_id(),
                    ..MboFields::default()
                };
                out.push(clear.encode());
            }
            let mut bytes = *bytes;
            bytes[8..16].copy_from_slice(&later(record.ts_event_raw()).to_le_bytes());
            bytes[40..48].copy_from_slice(&later(record.ts_recv_raw()).to_le_bytes());
            out.push(bytes);
        }
    }
    out
}
