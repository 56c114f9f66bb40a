//! The bytes of a file: memory-mapped, in memory, or decompressed, here or on a second thread.

use super::inflate::Inflate;
use crate::error::{FeedError, Place};
use crossbeam_channel::{Receiver, Sender, bounded};
use std::fs::File;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;

/// Longest record: its length byte counts four bytes.
pub(crate) const MAX_RECORD: usize = 255 * 4;

/// Decompressed bytes at a time in the reader's own thread: they stay in its cache.
const BUFFER: usize = 256 * 1024;

/// Decompressed bytes handed from thread to thread: large enough that waking the other side, and
/// writing again what the other core still holds in its cache, cost little. Measured, of
/// decompression alone: 64 KiB 0.77, 256 KiB 0.81, 1 MiB 0.90, 2 MiB 0.92; 4 MiB is no faster
/// than 2, and from 1 MiB on the differences are as small as those between runs.
const HANDED: usize = 2 * 1024 * 1024;

/// Room in front of a buffer for the partial record at the end of its predecessor.
pub(super) const HEAD: usize = 1024;

/// Buffers under way between the decompressing thread and the reader.
const BUFFERS: usize = 4;

/// First bytes of a zstd frame.
const ZSTD_MAGIC: [u8; 4] = [0x28, 0xB5, 0x2F, 0xFD];

/// Where a zstd stream is decompressed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Decode {
    /// On a second thread, overlapping with what the reader does (default).
    #[default]
    Thread,
    /// In the call that needs the bytes.
    Inline,
}

/// A file on disk or in memory: can be read several times.
#[derive(Clone, Debug)]
pub(crate) enum Input {
    /// A file.
    File(PathBuf),
    /// Bytes in memory under a name.
    Memory(String, Arc<[u8]>),
}

impl Input {
    pub(crate) fn name(&self) -> String {
        match self {
            Self::File(path) => path.display().to_string(),
            Self::Memory(name, _) => name.clone(),
        }
    }

    /// All bytes as they are stored.
    pub(crate) fn stored(&self) -> Result<Stored, FeedError> {
        match self {
            Self::File(path) => map(path),
            Self::Memory(_, bytes) => Ok(Stored::Memory(Arc::clone(bytes))),
        }
    }
}

/// The stored bytes of a file.
#[derive(Clone, Debug)]
pub(crate) enum Stored {
    Map(Arc<memmap2::Mmap>),
    Memory(Arc<[u8]>),
}

impl Deref for Stored {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Map(map) => map,
            Self::Memory(bytes) => bytes,
        }
    }
}

fn map(path: &Path) -> Result<Stored, FeedError> {
    let name = path.display().to_string();
    let file = File::open(path).map_err(|e| FeedError::io(&name, "open", e))?;
    let meta = file.metadata().map_err(|e| FeedError::io(&name, "open", e))?;
    if !meta.is_file() {
        let what = std::io::Error::new(std::io::ErrorKind::InvalidInput, "not a regular file");
        return Err(FeedError::io(&name, "open", what));
    }
    if meta.len() == 0 {
        return Ok(Stored::Memory(Arc::from([])));
    }
    // SAFETY: the map is private to this process and only read. Another process that shortens
    // the file while it is read could make a page unreadable, which the documentation of
    // `DbnFile::open` forbids; plain reads would see torn data in that case as well.
    let map = unsafe { memmap2::Mmap::map(&file) }.map_err(|e| FeedError::io(&name, "map", e))?;
    Ok(Stored::Map(Arc::new(map)))
}

/// Bytes of one stream, looked at in place and consumed from the front.
#[derive(Debug)]
pub(crate) struct Bytes {
    pub(crate) name: String,
    kind: Kind,
    /// Bytes consumed so far.
    offset: u64,
}

#[derive(Debug)]
enum Kind {
    Whole { data: Stored, at: usize },
    Zstd(Box<Zstd>),
}

#[derive(Debug)]
struct Zstd {
    current: Buffer,
    from: From,
}

#[derive(Debug)]
enum From {
    Inline(Box<Inflate>),
    Thread {
        full: Receiver<Message>,
        empty: Option<Sender<Buffer>>,
        worker: Option<JoinHandle<()>>,
    },
    Ended,
}

type Message = Result<Buffer, std::io::Error>;

/// A piece of the decompressed stream; the unread part is `bytes[start..end]`.
#[derive(Debug)]
pub(super) struct Buffer {
    pub(super) bytes: Box<[u8]>,
    start: usize,
    pub(super) end: usize,
    /// Share of the compressed input behind it.
    pub(super) fraction: f64,
}

impl Buffer {
    fn new(size: usize) -> Self {
        let bytes = vec![0; HEAD + size].into_boxed_slice();
        Self { bytes, start: HEAD, end: HEAD, fraction: 0.0 }
    }

    fn unread(&self) -> &[u8] {
        &self.bytes[self.start..self.end]
    }
}

impl Bytes {
    /// Opens the stream of an input, decompressing it where it is zstd.
    pub(crate) fn open(input: &Input, decode: Decode) -> Result<Self, FeedError> {
        let name = input.name();
        let stored = input.stored()?;
        let kind = if stored.starts_with(&ZSTD_MAGIC) {
            let inflate =
                Inflate::new(stored).map_err(|e| FeedError::io(&name, "decompress", e))?;
            let (size, from) = match decode {
                Decode::Inline => (BUFFER, From::Inline(Box::new(inflate))),
                Decode::Thread => {
                    let started = start(inflate);
                    let action = "start the decompressing thread for";
                    (0, started.map_err(|e| FeedError::io(&name, action, e))?)
                }
            };
            Kind::Zstd(Box::new(Zstd { current: Buffer::new(size), from }))
        } else {
            Kind::Whole { data: stored, at: 0 }
        };
        Ok(Self { name, kind, offset: 0 })
    }

    /// The bytes at hand. Where they do not suffice, [`Self::more`] adds to them.
    #[inline]
    pub(crate) fn data(&self) -> &[u8] {
        match &self.kind {
            Kind::Whole { data, at } => &data[*at..],
            Kind::Zstd(zstd) => zstd.current.unread(),
        }
    }

    /// Removes bytes from the front; at most as many as are at hand.
    #[inline]
    pub(crate) fn consume(&mut self, count: usize) {
        debug_assert!(count <= self.data().len());
        self.offset += count as u64;
        match &mut self.kind {
            Kind::Whole { at, .. } => *at += count,
            Kind::Zstd(zstd) => zstd.current.start += count,
        }
    }

    /// Bytes consumed so far: the place of the first byte at hand.
    #[inline]
    pub(crate) fn offset(&self) -> u64 {
        self.offset
    }

    /// Share of the input that has been read.
    pub(crate) fn fraction(&self) -> f64 {
        match &self.kind {
            Kind::Whole { data, .. } if data.is_empty() => 1.0,
            Kind::Whole { data, at } => *at as f64 / data.len() as f64,
            Kind::Zstd(zstd) => zstd.current.fraction,
        }
    }

    /// Gets more bytes behind those at hand (which must be less than a record, and are moved);
    /// `false` at the end of the stream.
    pub(crate) fn more(&mut self) -> Result<bool, FeedError> {
        let Kind::Zstd(zstd) = &mut self.kind else { return Ok(false) };
        match zstd.next() {
            Ok(more) => Ok(more),
            Err(e) => {
                zstd.from = From::Ended;
                let at = self.offset + zstd.current.unread().len() as u64;
                if e.kind() == std::io::ErrorKind::UnexpectedEof {
                    return Err(FeedError::CutShort {
                        file: self.name.clone(),
                        at: Place::Byte(at),
                        what: "a zstd frame",
                    });
                }
                Err(FeedError::corrupt(&self.name, at, format!("zstd: {e}")))
            }
        }
    }

    /// Collects `count` bytes from the front without consuming what is behind them, growing
    /// only by what is really there; fewer at the end of the stream.
    pub(crate) fn take(&mut self, count: usize) -> Result<Vec<u8>, FeedError> {
        let mut taken = Vec::new();
        loop {
            let want = count - taken.len();
            let at_hand = self.data().len().min(want);
            taken.extend_from_slice(&self.data()[..at_hand]);
            self.consume(at_hand);
            if taken.len() == count || !self.more()? {
                return Ok(taken);
            }
        }
    }
}

impl Zstd {
    fn next(&mut self) -> Result<bool, std::io::Error> {
        debug_assert!(self.current.unread().len() <= MAX_RECORD);
        match &mut self.from {
            From::Ended => Ok(false),
            From::Inline(inflate) => {
                let tail = self.current.start..self.current.end;
                let start = HEAD - tail.len();
                self.current.bytes.copy_within(tail, start);
                (self.current.start, self.current.end) = (start, HEAD);
                inflate.fill(&mut self.current)?;
                Ok(self.current.end > HEAD)
            }
            From::Thread { full, empty, .. } => {
                let Ok(message) = full.recv() else {
                    self.from = From::Ended;
                    return Ok(false);
                };
                let mut next = message?;
                let tail = self.current.unread();
                next.start = HEAD - tail.len();
                next.bytes[HEAD - tail.len()..HEAD].copy_from_slice(tail);
                let used = std::mem::replace(&mut self.current, next);
                if let Some(empty) = empty.as_ref().filter(|_| used.bytes.len() > HEAD) {
                    // The worker may have ended already: then the buffer is simply dropped.
                    let _ = empty.try_send(used);
                }
                Ok(true)
            }
        }
    }
}

impl Drop for From {
    fn drop(&mut self) {
        if let Self::Thread { full, empty, worker } = self {
            // Both ends closed: whatever the worker waits for fails, and it ends.
            *full = crossbeam_channel::never();
            *empty = None;
            if let Some(worker) = worker.take() {
                let _ = worker.join();
            }
        }
    }
}

/// Starts the thread that decompresses ahead of the reader.
fn start(mut inflate: Inflate) -> Result<From, std::io::Error> {
    let (full_in, full) = bounded::<Message>(BUFFERS - 2);
    let (empty, empty_out) = bounded::<Buffer>(BUFFERS);
    let worker = std::thread::Builder::new().name("feed-zstd".into()).spawn(move || {
        let mut made = 0;
        loop {
            let mut buffer = match empty_out.try_recv() {
                Ok(buffer) => buffer,
                Err(_) if made < BUFFERS => {
                    made += 1;
                    Buffer::new(HANDED)
                }
                Err(_) => match empty_out.recv() {
                    Ok(buffer) => buffer,
                    Err(_) => return,
                },
            };
            (buffer.start, buffer.end) = (HEAD, HEAD);
            let message = match inflate.fill(&mut buffer) {
                Ok(()) if buffer.end == HEAD => return,
                Ok(()) => Ok(buffer),
                Err(e) => Err(e),
            };
            let failed = message.is_err();
            if full_in.send(message).is_err() || failed {
                return;
            }
        }
    })?;
    Ok(From::Thread { full, empty: Some(empty), worker: Some(worker) })
}
