//! Lines of recorded frames, through several files.

use super::ACCEPTED;
use super::frame::{Frame, nanos};
use crate::error::{FeedError, Place};
use crate::text::{Input, Meter, Text};
use model::UnixNanos;
use std::io::{BufRead, BufReader, ErrorKind};
use std::path::PathBuf;
use std::sync::Arc;

/// The lines of one file after the other.
pub(super) struct Lines {
    files: Vec<(String, Input)>,
    at: usize,
    reader: BufReader<Text>,
    meter: Meter,
    buffer: Vec<u8>,
    /// Line of the present file, and of all.
    line: u64,
    total: u64,
    /// Bytes of the files before, and of all.
    before: u64,
    length: u64,
}

impl Lines {
    pub fn open(files: &[PathBuf]) -> Result<Self, FeedError> {
        let named = |path: &PathBuf| (path.display().to_string(), Input::File(path.clone()));
        Self::new(files.iter().map(named).collect())
    }

    pub fn from_bytes(name: &str, bytes: Arc<[u8]>) -> Result<Self, FeedError> {
        Self::new(vec![(name.to_owned(), Input::Memory(bytes))])
    }

    fn new(files: Vec<(String, Input)>) -> Result<Self, FeedError> {
        let Some((name, input)) = files.first() else {
            return Err(FeedError::Setting {
                option: "files",
                value: String::new(),
                accepted: "at least one file".to_owned(),
            });
        };
        let (text, meter) = input.open(name, ACCEPTED)?;
        let mut length = 0;
        for (name, input) in &files {
            length += input.len(name)?;
        }
        Ok(Self {
            reader: BufReader::with_capacity(1 << 16, text),
            meter,
            files,
            at: 0,
            buffer: Vec::new(),
            line: 0,
            total: 0,
            before: 0,
            length,
        })
    }

    /// The present file.
    pub fn name(&self) -> &str {
        &self.files[self.at].0
    }

    /// Number of the line that was given last, over all files.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// Share of the input that has been read, 0 to 1.
    pub fn progress(&self) -> f64 {
        ((self.before + self.meter.read()) as f64 / self.length.max(1) as f64).min(1.0)
    }

    /// Something is wrong with the line that was given last.
    #[cold]
    pub fn fault(&self, reason: impl Into<String>) -> FeedError {
        let file = self.name().to_owned();
        FeedError::Corrupt { file, at: Place::Row(self.line), reason: reason.into() }
    }

    /// Parses the next line that is not blank and gives its receive stamp; `None` at the end.
    pub fn next(&mut self, frame: &mut Frame) -> Result<Option<UnixNanos>, FeedError> {
        loop {
            self.buffer.clear();
            let count = match self.reader.read_until(b'\n', &mut self.buffer) {
                Ok(count) => count,
                Err(error) => return Err(self.unreadable(error)),
            };
            if count == 0 {
                if !self.next_file()? {
                    return Ok(None);
                }
                continue;
            }
            self.meter.row();
            self.line += 1;
            self.total += 1;
            if !self.buffer.trim_ascii().is_empty() {
                return self.parse(frame).map(Some);
            }
        }
    }

    fn parse(&self, frame: &mut Frame) -> Result<UnixNanos, FeedError> {
        let text = std::str::from_utf8(&self.buffer).map_err(|_| self.fault("not UTF-8 text"))?;
        let text = text.trim();
        let Some(begin) = text.find('{') else {
            return Err(self.fault(format!("no frame; accepted: {ACCEPTED}")));
        };
        let (stamp, json) = (text[..begin].trim(), &text[begin..]);
        frame
            .parse(json)
            .map_err(|error| self.fault(format!("{error} (of the frame); accepted: {ACCEPTED}")))?;
        if stamp.is_empty() {
            return frame
                .sent_time()
                .ok_or_else(|| self.fault("neither received nor sent at a time"));
        }
        stamp.parse().map(nanos).map_err(|_| FeedError::Value {
            file: self.name().to_owned(),
            at: Place::Row(self.line),
            column: "receive stamp".to_owned(),
            value: stamp.chars().take(40).collect(),
            accepted: "a whole number of s, ms, µs or ns since 1970".to_owned(),
        })
    }

    fn next_file(&mut self) -> Result<bool, FeedError> {
        let Some((name, input)) = self.files.get(self.at + 1) else { return Ok(false) };
        let (text, meter) = input.open(name, ACCEPTED)?;
        self.before += self.meter.read();
        (self.reader, self.meter) = (BufReader::with_capacity(1 << 16, text), meter);
        self.at += 1;
        self.line = 0;
        Ok(true)
    }

    #[cold]
    fn unreadable(&self, error: std::io::Error) -> FeedError {
        match error.kind() {
            ErrorKind::UnexpectedEof => FeedError::CutShort {
                file: self.name().to_owned(),
                at: Place::Row(self.line + 1),
                what: "the compressed data",
            },
            ErrorKind::InvalidData | ErrorKind::InvalidInput | ErrorKind::Other => {
                FeedError::Corrupt {
                    file: self.name().to_owned(),
                    at: Place::Row(self.line + 1),
                    reason: error.to_string(),
                }
            }
            _ => FeedError::io(self.name(), "read", error),
        }
    }
}
