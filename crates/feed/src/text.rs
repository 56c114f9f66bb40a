//! Text that is read by lines: a file or memory, plain, gzip or zstd, with rows of bounded length.

use crate::error::FeedError;
use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Longest row that is read, in bytes: one that never ends must not swallow the memory.
const LONGEST_ROW: u64 = 1 << 20;

/// Where the text comes from; it can be opened more than once.
#[derive(Clone, Debug)]
pub(crate) enum Input {
    File(PathBuf),
    Memory(Arc<[u8]>),
}

/// Bytes consumed of the raw input, and bytes that may still be read before the next row.
#[derive(Clone, Debug, Default)]
pub(crate) struct Meter {
    read: Arc<AtomicU64>,
    since_row: Arc<AtomicU64>,
}

impl Meter {
    /// Raw bytes read so far.
    pub fn read(&self) -> u64 {
        self.read.load(Ordering::Relaxed)
    }

    /// A row has been completed.
    pub fn row(&self) {
        self.since_row.store(0, Ordering::Relaxed);
    }
}

/// Counts raw bytes.
struct Counted<R> {
    inner: R,
    meter: Meter,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.meter.read.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

/// Refuses to go on when a row has no end.
pub(crate) struct Bounded<R> {
    inner: R,
    meter: Meter,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.meter.since_row.load(Ordering::Relaxed) > LONGEST_ROW {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "a row is longer than 1 MiB (a quote that is not closed, or no text of rows)",
            ));
        }
        let count = self.inner.read(buffer)?;
        self.meter.since_row.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

pub(crate) type Text = Bounded<Box<dyn Read + Send>>;

impl Input {
    /// Length of the raw input in bytes.
    pub fn len(&self, name: &str) -> Result<u64, FeedError> {
        match self {
            Self::File(path) => std::fs::metadata(path)
                .map(|data| data.len())
                .map_err(|e| FeedError::io(name, "open", e)),
            Self::Memory(bytes) => Ok(bytes.len() as u64),
        }
    }

    /// The text, decompressed as its first bytes say; `accepted` is what the reader reads.
    pub fn open(&self, name: &str, accepted: &'static str) -> Result<(Text, Meter), FeedError> {
        let failed = |e| FeedError::io(name, "open", e);
        let meter = Meter::default();
        let mut raw: Box<dyn Read + Send> = match self {
            Self::File(path) => {
                let file = File::open(path).map_err(failed)?;
                Box::new(Counted { inner: file, meter: meter.clone() })
            }
            Self::Memory(bytes) => {
                let inner = io::Cursor::new(Arc::clone(bytes));
                Box::new(Counted { inner, meter: meter.clone() })
            }
        };
        let mut head = [0u8; 4];
        let mut have = 0;
        while have < head.len() {
            match raw.read(&mut head[have..]).map_err(|e| FeedError::io(name, "read", e))? {
                0 => break,
                count => have += count,
            }
        }
        let head = &head[..have];
        let format = |found: &str| FeedError::Format {
            file: name.to_owned(),
            found: found.to_owned(),
            accepted,
        };
        let start: Box<dyn Read + Send> = Box::new(io::Cursor::new(head.to_vec()).chain(raw));
        let inner: Box<dyn Read + Send> = match head {
            [0x1F, 0x8B, ..] => Box::new(flate2::read::MultiGzDecoder::new(start)),
            [0x28, 0xB5, 0x2F, 0xFD] => {
                Box::new(zstd::stream::read::Decoder::new(start).map_err(failed)?)
            }
            [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => return Err(format("UTF-16 text")),
            b"PAR1" => return Err(format("a Parquet file")),
            [b'P', b'K', 3, 4] => return Err(format("a zip archive")),
            [b'B', b'Z', b'h', _] => return Err(format("bzip2")),
            [b'D', b'B', b'N', _] => return Err(format("a DBN file")),
            [] => {
                return Err(FeedError::Empty { file: name.to_owned(), accepted });
            }
            _ => start,
        };
        Ok((Bounded { inner, meter: meter.clone() }, meter))
    }
}

impl Input {
    /// The first bytes of the decompressed text, at most 64 KiB.
    pub fn head(&self, name: &str, accepted: &'static str) -> Result<Vec<u8>, FeedError> {
        let (text, _) = self.open(name, accepted)?;
        let mut head = Vec::new();
        text.take(1 << 16).read_to_end(&mut head).map_err(|e| FeedError::io(name, "read", e))?;
        if head.is_empty() {
            return Err(FeedError::Empty { file: name.to_owned(), accepted });
        }
        Ok(head)
    }
}
