//! Whether two runs were the same, and where they first part.

use crate::digest::FileDigest;
use crate::error::StoreError;
use crate::manifest::Manifest;
use serde_json::Value;
use std::fmt;

/// A field in which two manifests differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The field, as a path: `configuration.account.initial_cash`, `data[0].sha256`.
    pub field: String,
    /// What the first manifest says, as JSON; `(absent)` where it says nothing.
    pub expected: String,
    /// What the second says.
    pub found: String,
    /// The engine versions, when they differ: the likeliest cause.
    pub versions: Option<(String, String)>,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { field, expected, found, versions } = self;
        write!(f, "the run differs first in {field}: expected {expected}, found {found}")?;
        if let Some((then, now)) = versions {
            write!(f, " (the engine was {then}, it is {now})")?;
        }
        Ok(())
    }
}

/// Checks that `found` repeats `expected`: configuration, seed, content of the data and strategy
/// files, state hash and key figures. Paths, the engine's version and the time of writing may
/// differ.
///
/// # Errors
/// [`StoreError::Differs`] with the first difference in that order.
pub fn verify(expected: &Manifest, found: &Manifest) -> Result<(), StoreError> {
    match differences(expected, found, 1).pop() {
        Some(difference) => Err(StoreError::Differs(Box::new(difference))),
        None => Ok(()),
    }
}

/// The first `limit` differences of two manifests, in the order of [`verify`].
#[must_use]
pub fn differences(expected: &Manifest, found: &Manifest, limit: usize) -> Vec<Difference> {
    let then = &expected.created_by;
    let now = &found.created_by;
    let versions = (then.engine != now.engine || then.version != now.version).then(|| {
        (format!("{} {}", then.engine, then.version), format!("{} {}", now.engine, now.version))
    });
    let mut walk = Walk { found: Vec::new(), limit, versions };
    walk.value("configuration", &expected.configuration, &found.configuration);
    walk.value("seed", &expected.seed.into(), &found.seed.into());
    walk.files("data", &expected.data, &found.data);
    walk.files("strategies", &expected.strategies, &found.strategies);
    walk.value(
        "state_hash",
        &Value::from(expected.state_hash.0.as_str()),
        &Value::from(found.state_hash.0.as_str()),
    );
    walk.value("summary", &summary(expected), &summary(found));
    walk.found
}

fn summary(manifest: &Manifest) -> Value {
    manifest.summary.iter().map(|(name, value)| (name.clone(), Value::from(*value))).collect()
}

struct Walk {
    found: Vec<Difference>,
    limit: usize,
    versions: Option<(String, String)>,
}

impl Walk {
    fn differ(&mut self, field: &str, expected: Option<&Value>, found: Option<&Value>) {
        if self.found.len() >= self.limit {
            return;
        }
        let text = |value: Option<&Value>| value.map_or("(absent)".to_owned(), shorten);
        self.found.push(Difference {
            field: field.to_owned(),
            expected: text(expected),
            found: text(found),
            versions: self.versions.clone(),
        });
    }

    fn value(&mut self, field: &str, expected: &Value, found: &Value) {
        if self.found.len() >= self.limit {
            return;
        }
        match (expected, found) {
            (Value::Object(a), Value::Object(b)) => {
                let mut keys: Vec<&String> = a.keys().chain(b.keys()).collect();
                keys.sort_unstable();
                keys.dedup();
                for key in keys {
                    let field = format!("{field}.{key}");
                    match (a.get(key), b.get(key)) {
                        (Some(a), Some(b)) => self.value(&field, a, b),
                        (a, b) => self.differ(&field, a, b),
                    }
                }
            }
            (Value::Array(a), Value::Array(b)) => {
                for at in 0..a.len().max(b.len()) {
                    let field = format!("{field}[{at}]");
                    match (a.get(at), b.get(at)) {
                        (Some(a), Some(b)) => self.value(&field, a, b),
                        (a, b) => self.differ(&field, a, b),
                    }
                }
            }
            (Value::Number(a), Value::Number(b)) => {
                // JSON written by JavaScript has no 1.0: a whole float equals its integer.
                if a != b && (a.as_f64() != b.as_f64() || (!a.is_f64() && !b.is_f64())) {
                    self.differ(field, Some(expected), Some(found));
                }
            }
            (a, b) if a == b => {}
            _ => self.differ(field, Some(expected), Some(found)),
        }
    }

    fn files(&mut self, field: &str, expected: &[FileDigest], found: &[FileDigest]) {
        for at in 0..expected.len().max(found.len()) {
            let place = format!("{field}[{at}]");
            match (expected.get(at), found.get(at)) {
                (Some(a), Some(b)) => {
                    // The name says which file it is; the bytes and their digest decide.
                    let named = |what| format!("{place}.{what} ({})", a.path);
                    self.value(&named("bytes"), &a.bytes.into(), &b.bytes.into());
                    if a.bytes == b.bytes {
                        let (a, b) = (a.sha256.0.as_str(), b.sha256.0.as_str());
                        self.value(&named("sha256"), &a.into(), &b.into());
                    }
                }
                (a, b) => {
                    let path = |file: Option<&FileDigest>| file.map(|f| f.path.as_str().into());
                    self.differ(&place, path(a).as_ref(), path(b).as_ref());
                }
            }
        }
    }
}

/// A value as JSON, at most 120 characters of it.
fn shorten(value: &Value) -> String {
    const LONGEST: usize = 120;
    let text = value.to_string();
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::Sha256Hex;
    use serde_json::json;

    fn file(path: &str, content: &str) -> FileDigest {
        FileDigest {
            path: path.into(),
            bytes: content.len() as u64,
            sha256: Sha256Hex::of(content.as_bytes()),
        }
    }

    fn sample() -> Manifest {
        let mut manifest = Manifest::new(
            json!({ "account": { "initial_cash": 100_000 }, "files": ["a", "b"] }),
            42,
            Sha256Hex::of(b"state"),
        );
        manifest.data = vec![file("a.dbn", "aaa"), file("b.dbn", "bbb")];
        manifest.strategies = vec![file("momentum.ts", "class")];
        manifest.figure("pnl", Some(12.5));
        manifest.figure("sharpe", None);
        manifest
    }

    /// A change of a manifest and the field in which it shows.
    type Case = (&'static str, fn(&mut Manifest));

    #[test]
    fn every_field_that_matters_is_named_when_it_differs() {
        let cases: [Case; 11] = [
            ("configuration.account.initial_cash", |m| {
                m.configuration["account"]["initial_cash"] = json!(1);
            }),
            ("configuration.files[1]", |m| m.configuration["files"] = json!(["a"])),
            ("configuration.new", |m| m.configuration["new"] = json!(null)),
            ("seed", |m| m.seed = 43),
            ("data[0].sha256 (a.dbn)", |m| m.data[0] = file("a.dbn", "aab")),
            ("data[1].bytes (b.dbn)", |m| m.data[1] = file("b.dbn", "bbbb")),
            ("data[1]", |m| m.data.truncate(1)),
            ("strategies[0].sha256 (momentum.ts)", |m| {
                m.strategies[0] = file("momentum.ts", "glass");
            }),
            ("state_hash", |m| m.state_hash = Sha256Hex::of(b"other")),
            ("summary.pnl", |m| m.figure("pnl", Some(12.500_000_000_000_002))),
            ("summary.sharpe", |m| m.figure("sharpe", Some(0.0))),
        ];
        for (field, change) in cases {
            let mut other = sample();
            change(&mut other);
            let error = verify(&sample(), &other).unwrap_err();
            assert_eq!(error.code(), "ERR_STORE_RUN_DIFFERS");
            let StoreError::Differs(difference) = error else { panic!("{error}") };
            assert_eq!(difference.field, field);
            assert_ne!(difference.expected, difference.found);
        }
    }

    #[test]
    fn paths_times_and_versions_may_differ_and_the_version_is_named_as_a_cause() {
        let mut other = sample();
        other.data[0].path = "/elsewhere/a.dbn".into();
        other.created_by.at = Some("2026-11-21".into());
        other.created_by.version = "9.9.9".into();
        verify(&sample(), &other).unwrap();
        other.state_hash = Sha256Hex::of(b"other");
        let text = verify(&sample(), &other).unwrap_err().to_string();
        assert!(text.contains("state_hash") && text.contains("9.9.9"), "{text}");
    }

    #[test]
    fn a_whole_float_is_its_integer_and_large_seeds_are_exact() {
        let mut other = sample();
        other.configuration["account"]["initial_cash"] = json!(100_000.0);
        verify(&sample(), &other).unwrap();
        let (mut a, mut b) = (sample(), sample());
        (a.seed, b.seed) = (u64::MAX, u64::MAX - 1);
        assert!(verify(&a, &b).is_err());
    }

    #[test]
    fn the_first_of_several_differences_is_an_input() {
        let mut other = sample();
        other.seed = 7;
        other.state_hash = Sha256Hex::of(b"other");
        other.figure("pnl", Some(0.0));
        let all = differences(&sample(), &other, 10);
        let fields: Vec<&str> = all.iter().map(|d| d.field.as_str()).collect();
        assert_eq!(fields, ["seed", "state_hash", "summary.pnl"]);
        assert!(all[0].to_string().contains("first in seed: expected 42, found 7"));
    }
}
