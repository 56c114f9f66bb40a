//! The start of a file: which format it is, and DBN's metadata.

use super::bytes::Bytes;
use super::layout::{record_length, rtype};
use crate::error::{FeedError, Place};

/// Largest metadata read: the symbols of the largest dataset fit several times.
pub const MAX_METADATA: usize = 1 << 30;

const ACCEPTED: &str = "a DBN file of version 1, 2 or 3, plain or zstd";

/// Reads and checks the metadata; the bytes at hand then start with the first record.
pub(crate) fn read(bytes: &mut Bytes) -> Result<dbn::Metadata, FeedError> {
    let prelude = bytes.take(8)?;
    if prelude.is_empty() {
        return Err(FeedError::Empty { file: bytes.name.clone(), accepted: ACCEPTED });
    }
    if !prelude.starts_with(b"DBN") {
        return Err(FeedError::Format {
            file: bytes.name.clone(),
            found: guess(&prelude, bytes.data()),
            accepted: ACCEPTED,
        });
    }
    let truncated = |need: u64, have: u64| FeedError::Truncated {
        file: bytes.name.clone(),
        at: Place::Byte(0),
        what: "the DBN metadata",
        need,
        have,
    };
    let &[_, _, _, version, a, b, c, d] = prelude.as_slice() else {
        return Err(truncated(8, prelude.len() as u64));
    };
    if !(1..=3).contains(&version) {
        return Err(FeedError::Format {
            file: bytes.name.clone(),
            found: format!("DBN of version {version}"),
            accepted: ACCEPTED,
        });
    }
    let length = u32::from_le_bytes([a, b, c, d]) as usize;
    if length > MAX_METADATA {
        return Err(FeedError::corrupt(
            &bytes.name,
            4,
            format!("the metadata claims {length} bytes; at most {MAX_METADATA} are read"),
        ));
    }
    let body = bytes.take(length)?;
    if body.len() < length {
        let have = 8 + body.len() as u64;
        return Err(FeedError::Truncated {
            file: bytes.name.clone(),
            at: Place::Byte(0),
            what: "the DBN metadata",
            need: 8 + length as u64,
            have,
        });
    }
    let all = [prelude, body].concat();
    dbn::decode::dbn::MetadataDecoder::with_upgrade_policy(
        all.as_slice(),
        dbn::VersionUpgradePolicy::AsIs,
    )
    .decode()
    .map_err(|e| FeedError::corrupt(&bytes.name, 8, format!("DBN metadata: {e}")))
}

/// What a file that does not start with `DBN` seems to be.
fn guess(prelude: &[u8], rest: &[u8]) -> String {
    let starts = |magic: &[u8]| prelude.starts_with(magic);
    // A skippable zstd frame that holds "DBZ": the format before DBN.
    let skippable = matches!(prelude, [0x50..=0x5F, 0x2A, 0x4D, 0x18, ..]);
    if skippable && rest.starts_with(b"DBZ") {
        return "DBZ, the predecessor of DBN (convert it with Databento's tools)".into();
    }
    if let &[length, kind, ..] = prelude {
        let length = usize::from(length) * 4;
        let fits = |version| record_length(version, kind).is_some_and(|l| l == length);
        if (1..=3).any(fits) && kind != rtype::TRADE {
            return "a DBN fragment without its header (.dbn.frag)".into();
        }
        if kind == rtype::TRADE && length == 48 && rest.len() >= 40 {
            return "a DBN fragment without its header (.dbn.frag)".into();
        }
    }
    let known: [(&[u8], &str); 9] = [
        (b"PAR1", "a Parquet file"),
        (&[0x1F, 0x8B], "a gzip file"),
        (b"BZh", "a bzip2 file"),
        (b"PK\x03\x04", "a zip file"),
        (&[0xFD, b'7', b'z', b'X', b'Z'], "an xz file"),
        (&[0x28, 0xB5, 0x2F, 0xFD], "zstd inside zstd"),
        (b"ARROW1", "an Arrow file"),
        (b"{", "JSON"),
        (b"[", "JSON"),
    ];
    if let Some((_, name)) = known.iter().find(|(magic, _)| starts(magic)) {
        return (*name).into();
    }
    if prelude.iter().all(|&b| b.is_ascii_graphic() || b" \t\r\n".contains(&b)) {
        return "a text file, perhaps CSV".into();
    }
    let hex: Vec<String> = prelude.iter().map(|b| format!("{b:02x}")).collect();
    format!("an unknown format (first bytes {})", hex.join(" "))
}
