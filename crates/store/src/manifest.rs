//! The manifest of a run (`run.json`): what it was made of and what came out.

use crate::atomic::write_file;
use crate::digest::{FileDigest, Sha256Hex};
use crate::error::StoreError;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// The largest manifest that is read, in bytes.
pub const MAX_MANIFEST_BYTES: u64 = 64 << 20;

/// Who wrote the manifest. Compared only to explain a difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreatedBy {
    /// Always `tickforge`, unless another program writes the format.
    pub engine: String,
    /// Version of the engine.
    pub version: String,
    /// When, as the caller says (ISO 8601); left out where the run must not know. Never hashed or
    /// compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
}

impl Default for CreatedBy {
    fn default() -> Self {
        Self {
            engine: "tickforge".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            at: None,
        }
    }
}

/// What a run was made of and what came out: enough to repeat it and to know that it repeated.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Version of this format.
    pub format: u32,
    /// Who wrote it.
    pub created_by: CreatedBy,
    /// The completed configuration, every default written out.
    pub configuration: Value,
    /// Seed of the run's random numbers.
    pub seed: u64,
    /// Every data file, in the order of the configuration.
    pub data: Vec<FileDigest>,
    /// Every source file of the strategies, in the order of the configuration.
    pub strategies: Vec<FileDigest>,
    /// The state hash of the run.
    pub state_hash: Sha256Hex,
    /// The key figures by name; `null` is "n/a".
    pub summary: BTreeMap<String, Option<f64>>,
}

impl Manifest {
    /// The format that this version writes and reads.
    pub const FORMAT: u32 = 1;

    /// A manifest of this engine without files and figures.
    #[must_use]
    pub fn new(configuration: Value, seed: u64, state_hash: Sha256Hex) -> Self {
        Self {
            format: Self::FORMAT,
            created_by: CreatedBy::default(),
            configuration,
            seed,
            data: Vec::new(),
            strategies: Vec::new(),
            state_hash,
            summary: BTreeMap::new(),
        }
    }

    /// Adds a key figure. What is not finite becomes "n/a": JSON has no word for it.
    pub fn figure(&mut self, name: &str, value: Option<f64>) {
        self.summary.insert(name.to_owned(), value.filter(|v| v.is_finite()));
    }

    /// The manifest as indented JSON with a line end. The text depends on nothing but the fields.
    ///
    /// # Errors
    /// [`StoreError::ManifestSyntax`] when a part cannot be written as JSON.
    pub fn to_json(&self) -> Result<String, StoreError> {
        let mut text =
            serde_json::to_string_pretty(self).map_err(|e| syntax(Path::new("run.json"), &e))?;
        text.push('\n');
        Ok(text)
    }

    /// Reads a manifest from its text; `path` is for messages.
    ///
    /// # Errors
    /// [`StoreError::ManifestSyntax`] with line and column, [`StoreError::ManifestFormat`].
    pub fn from_json(text: &[u8], path: &Path) -> Result<Self, StoreError> {
        /// The one field that is read before all others can be trusted.
        #[derive(Deserialize)]
        struct Probe {
            format: u32,
        }
        let probe: Probe = serde_json::from_slice(text).map_err(|e| syntax(path, &e))?;
        if probe.format != Self::FORMAT {
            return Err(StoreError::ManifestFormat {
                path: path.to_path_buf(),
                found: probe.format,
                supported: Self::FORMAT,
            });
        }
        serde_json::from_slice(text).map_err(|e| syntax(path, &e))
    }

    /// Writes the manifest by rename.
    ///
    /// # Errors
    /// As [`Self::to_json`] and [`write_file`].
    pub fn write(&self, path: &Path) -> Result<(), StoreError> {
        write_file(path, self.to_json()?.as_bytes())
    }

    /// Reads a manifest of at most [`MAX_MANIFEST_BYTES`].
    ///
    /// # Errors
    /// [`StoreError::Io`], [`StoreError::ManifestTooLarge`] and those of [`Self::from_json`].
    pub fn read(path: &Path) -> Result<Self, StoreError> {
        let io = |source| StoreError::io("read", path, source);
        let file = File::open(path).map_err(io)?;
        let bytes = file.metadata().map_err(io)?.len();
        if bytes > MAX_MANIFEST_BYTES {
            return Err(StoreError::ManifestTooLarge {
                path: path.to_path_buf(),
                bytes,
                limit: MAX_MANIFEST_BYTES,
            });
        }
        let mut text = Vec::new();
        // A pipe has no length: the limit holds for what is read, too.
        file.take(MAX_MANIFEST_BYTES + 1).read_to_end(&mut text).map_err(io)?;
        if text.len() as u64 > MAX_MANIFEST_BYTES {
            return Err(StoreError::ManifestTooLarge {
                path: path.to_path_buf(),
                bytes: text.len() as u64,
                limit: MAX_MANIFEST_BYTES,
            });
        }
        Self::from_json(&text, path)
    }
}

fn syntax(path: &Path, error: &serde_json::Error) -> StoreError {
    StoreError::ManifestSyntax {
        path: path.to_path_buf(),
        line: error.line(),
        column: error.column(),
        reason: error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::digest_file;
    use serde_json::json;

    fn sample() -> Manifest {
        let mut manifest = Manifest::new(
            json!({ "seed": 42, "account": { "currency": "USD", "initial_cash": 100_000 } }),
            42,
            Sha256Hex::of(b"state"),
        );
        manifest.figure("pnl", Some(0.1 + 0.2));
        manifest.figure("sharpe", None);
        manifest.figure("odd", Some(f64::NAN));
        manifest
    }

    #[test]
    fn a_manifest_survives_writing_and_reading_bit_for_bit() {
        let folder = tempfile::tempdir().unwrap();
        let source = folder.path().join("strategy.ts");
        std::fs::write(&source, "export default class {}").unwrap();
        let mut manifest = sample();
        manifest.strategies.push(digest_file(&source).unwrap());
        let path = folder.path().join("run.json");
        manifest.write(&path).unwrap();
        let back = Manifest::read(&path).unwrap();
        assert_eq!(back, manifest);
        assert_eq!(back.to_json().unwrap().as_bytes(), std::fs::read(&path).unwrap());
        assert_eq!(back.summary["pnl"], Some(0.1 + 0.2));
        assert_eq!((back.summary["sharpe"], back.summary["odd"]), (None, None));
    }

    #[test]
    fn the_text_does_not_depend_on_the_order_of_keys() {
        let mut other = sample();
        other.configuration = serde_json::from_str(
            r#"{"account":{"initial_cash":100000,"currency":"USD"},"seed":42}"#,
        )
        .unwrap();
        assert_eq!(other.to_json().unwrap(), sample().to_json().unwrap());
    }

    #[test]
    fn what_is_no_manifest_is_refused_with_its_place() {
        let path = Path::new("run.json");
        let good = sample().to_json().unwrap();
        let cases: [(String, &str); 6] = [
            (String::new(), "ERR_STORE_MANIFEST_SYNTAX"),
            ("{}".into(), "ERR_STORE_MANIFEST_SYNTAX"),
            (good[..good.len() / 2].into(), "ERR_STORE_MANIFEST_SYNTAX"),
            (good.replace("\"seed\": 42,\n  \"data", "\"data"), "ERR_STORE_MANIFEST_SYNTAX"),
            (
                good.replacen("\"format\"", "\"extra\": 1, \"format\"", 1),
                "ERR_STORE_MANIFEST_SYNTAX",
            ),
            (good.replacen("\"format\": 1", "\"format\": 9", 1), "ERR_STORE_MANIFEST_FORMAT"),
        ];
        for (text, code) in cases {
            let error = Manifest::from_json(text.as_bytes(), path).unwrap_err();
            assert_eq!(error.code(), code, "{text}");
            assert!(error.to_string().contains("run.json"), "{error}");
        }
        let nested = format!("{{\"format\":1,\"configuration\":{}", "[".repeat(100_000));
        assert!(Manifest::from_json(nested.as_bytes(), path).is_err());
    }

    proptest::proptest! {
        #[test]
        fn a_damaged_manifest_is_an_error_or_a_manifest_never_a_panic(
            at in 0usize..2000, byte: u8, cut in 0usize..2000,
        ) {
            let mut text = sample().to_json().unwrap().into_bytes();
            let place = at % text.len();
            text[place] = byte;
            if cut < text.len() {
                text.truncate(cut);
            }
            if let Ok(manifest) = Manifest::from_json(&text, Path::new("run.json")) {
                // Whatever was read can be written and is then read as the same.
                let again = manifest.to_json().unwrap();
                let back = Manifest::from_json(again.as_bytes(), Path::new("run.json")).unwrap();
                proptest::prop_assert_eq!(back, manifest);
            }
        }
    }

    #[test]
    fn an_oversized_manifest_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run.json");
        File::create(&path).unwrap().set_len(MAX_MANIFEST_BYTES + 1).unwrap();
        let error = Manifest::read(&path).unwrap_err();
        assert_eq!(error.code(), "ERR_STORE_MANIFEST_TOO_LARGE");
    }
}
