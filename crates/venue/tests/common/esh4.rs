//! The real exchange file that tests read where the shared data is.

use model::mbo::MBO_RTYPE;
use std::path::PathBuf;

/// The MBO records of the file, or `None` where the shared data is not there.
pub fn records() -> Option<Vec<[u8; 56]>> {
    let shared = std::env::var_os("TICKFORGE_SHARED").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared")),
        PathBuf::from,
    );
    let path = shared.join("data/market/dbn-nautilus/esh4-glbx-mdp3-20231225.mbo.dbn.zst");
    let Ok(file) = std::fs::File::open(&path) else {
        println!("skipped: {} is not there", path.display());
        return None;
    };
    let bytes = zstd::decode_all(file).unwrap();
    let mut at = 8 + u32::from_le_bytes(bytes[4..8].try_into().unwrap()) as usize;
    let mut records = Vec::new();
    while at < bytes.len() {
        let length = usize::from(bytes[at]) * 4;
        if bytes[at + 1] == MBO_RTYPE {
            records.push(bytes[at..at + 56].try_into().unwrap());
        }
        at += length;
    }
    Some(records)
}
