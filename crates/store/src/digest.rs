//! SHA-256 of files, read as a stream.

use crate::error::StoreError;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// A SHA-256 as 64 lower-case hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sha256Hex(pub String);

impl Sha256Hex {
    /// The digest of bytes in memory.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self::from_bytes(&Sha256::digest(bytes))
    }

    /// The text of a finished digest.
    #[must_use]
    pub fn from_bytes(digest: &[u8]) -> Self {
        const HEX: &[u8; 16] = b"0123456789abcdef";
        let mut text = String::with_capacity(digest.len() * 2);
        for byte in digest {
            text.push(char::from(HEX[usize::from(byte >> 4)]));
            text.push(char::from(HEX[usize::from(byte & 15)]));
        }
        Self(text)
    }
}

impl std::fmt::Display for Sha256Hex {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a run read: a file's name, size and content digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileDigest {
    /// The path as the run was given it; for people, not compared.
    pub path: String,
    /// Size in bytes.
    pub bytes: u64,
    /// SHA-256 of the content.
    pub sha256: Sha256Hex,
}

/// Digests a file through a buffer of 256 KiB, whatever its size.
///
/// # Errors
/// [`StoreError::Io`] when it cannot be opened or read.
pub fn digest_file(path: &Path) -> Result<FileDigest, StoreError> {
    let read = |source| StoreError::io("read", path, source);
    let mut file = File::open(path).map_err(read)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0u8; 256 * 1024];
    let mut bytes = 0u64;
    loop {
        match file.read(&mut buffer) {
            Ok(0) => break,
            Ok(n) => {
                hasher.update(&buffer[..n]);
                bytes += n as u64;
            }
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(read(error)),
        }
    }
    Ok(FileDigest {
        path: path.to_string_lossy().into_owned(),
        bytes,
        sha256: Sha256Hex::from_bytes(&hasher.finalize()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_is_the_standards_one() {
        // FIPS 180-4, example "abc".
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(Sha256Hex::of(b"abc").0, abc);
    }

    #[test]
    fn a_streamed_file_has_the_digest_of_its_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("data.bin");
        for length in [0usize, 1, 256 * 1024, 700_001] {
            let bytes: Vec<u8> = (0..length).map(|i| (i % 251) as u8).collect();
            std::fs::write(&path, &bytes).unwrap();
            let digest = digest_file(&path).unwrap();
            assert_eq!(digest.bytes, length as u64);
            assert_eq!(digest.sha256, Sha256Hex::of(&bytes));
        }
    }

    #[test]
    fn a_missing_file_is_named() {
        let error = digest_file(Path::new("no/such/file.dbn")).unwrap_err();
        assert_eq!(error.code(), "ERR_STORE_IO");
        assert!(error.to_string().contains("no/such/file.dbn"), "{error}");
    }
}
