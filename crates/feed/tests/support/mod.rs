//! What several tests of the crate need.
#![allow(dead_code, reason = "each test file uses its part")]

pub mod build;
pub mod compare;
pub mod oracle;

use std::path::{Path, PathBuf};

/// The folder of shared recordings, or `None` (and a word) where there is none.
pub fn shared() -> Option<PathBuf> {
    let folder = std::env::var_os("TICKFORGE_SHARED").map_or_else(
        || Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared")).to_owned(),
        PathBuf::from,
    );
    let market = folder.join("data/market");
    if !market.is_dir() {
        println!("skipped: no shared recordings at {}", folder.display());
        return None;
    }
    Some(market)
}

/// Every file below a folder whose name ends so, sorted.
pub fn files(folder: &Path, ends: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, ends));
        } else if ends.iter().any(|end| path.to_str().unwrap().ends_with(end)) {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// The decompressed bytes of a plain or zstd file.
pub fn plain(path: &Path) -> Vec<u8> {
    let stored = std::fs::read(path).unwrap();
    if path.extension().is_some_and(|e| e == "zst") {
        zstd::decode_all(stored.as_slice()).unwrap()
    } else {
        stored
    }
}
