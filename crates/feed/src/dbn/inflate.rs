//! Decompression of zstd streams of one or several frames.

use super::bytes::{Buffer, HEAD, Stored};
use std::io::Read;

/// Decompresses zstd frames one after the other.
pub(super) struct Inflate {
    decoder: zstd::stream::read::Decoder<'static, Position>,
    total: usize,
    /// Reported after the bytes decoded before it have been given out.
    failed: Option<std::io::Error>,
}

impl std::fmt::Debug for Inflate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Inflate").field("total", &self.total).finish_non_exhaustive()
    }
}

/// The compressed bytes and how many of them have been read.
struct Position {
    stored: Stored,
    at: usize,
}

impl Read for Position {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let count = (&self.stored[self.at..]).read(out)?;
        self.at += count;
        Ok(count)
    }
}

impl std::io::BufRead for Position {
    fn fill_buf(&mut self) -> std::io::Result<&[u8]> {
        Ok(&self.stored[self.at..])
    }

    fn consume(&mut self, count: usize) {
        self.at += count;
    }
}

impl Inflate {
    pub(super) fn new(stored: Stored) -> std::io::Result<Self> {
        let total = stored.len();
        let position = Position { stored, at: 0 };
        let decoder = zstd::stream::read::Decoder::with_buffer(position)?;
        Ok(Self { decoder, total, failed: None })
    }

    /// Fills a buffer behind its head; nothing is added at the end of the stream. Bytes decoded
    /// before a fault are given out first.
    pub(super) fn fill(&mut self, buffer: &mut Buffer) -> std::io::Result<()> {
        if let Some(e) = self.failed.take() {
            return Err(e);
        }
        while buffer.end < buffer.bytes.len() {
            match self.decoder.read(&mut buffer.bytes[buffer.end..]) {
                Ok(0) => break,
                Ok(count) => buffer.end += count,
                Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
                Err(e) if buffer.end == HEAD => return Err(e),
                Err(e) => {
                    self.failed = Some(e);
                    break;
                }
            }
        }
        buffer.fraction = self.decoder.get_ref().at as f64 / self.total.max(1) as f64;
        Ok(())
    }
}
