//! Little-endian fields of a snapshot, read with every length checked.

use crate::error::BookError;

pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    /// A reader behind the four letters and the version that a snapshot starts with.
    pub fn open(
        bytes: &'a [u8],
        magic: [u8; 4],
        version: u32,
        wrong_kind: &'static str,
    ) -> Result<Self, BookError> {
        let mut reader = Self { bytes, at: 0 };
        if reader.array::<4>()? != magic {
            return Err(BookError::Snapshot { at: 0, reason: wrong_kind });
        }
        if reader.u32()? != version {
            return Err(reader.fault(4, "its version is not 1, the only one there is"));
        }
        Ok(reader)
    }

    /// An error at the field of `width` bytes that was read last.
    pub fn fault(&self, width: usize, reason: &'static str) -> BookError {
        BookError::Snapshot { at: self.at.saturating_sub(width), reason }
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], BookError> {
        let rest = self.bytes.get(self.at..).unwrap_or(&[]);
        let Some(field) = rest.first_chunk::<N>() else {
            return Err(BookError::Snapshot { at: self.bytes.len(), reason: "it ends too early" });
        };
        self.at += N;
        Ok(*field)
    }

    pub fn u8(&mut self) -> Result<u8, BookError> {
        self.array::<1>().map(|[b]| b)
    }

    pub fn u32(&mut self) -> Result<u32, BookError> {
        self.array().map(u32::from_le_bytes)
    }

    pub fn u64(&mut self) -> Result<u64, BookError> {
        self.array().map(u64::from_le_bytes)
    }

    pub fn i64(&mut self) -> Result<i64, BookError> {
        self.array().map(i64::from_le_bytes)
    }

    /// A count of items of `width` bytes, of which that many are really there.
    pub fn count(&mut self, width: usize) -> Result<usize, BookError> {
        let count = usize::try_from(self.u64()?).unwrap_or(usize::MAX);
        let left = self.bytes.len() - self.at;
        if count.checked_mul(width).is_none_or(|bytes| bytes > left) {
            return Err(self.fault(8, "it counts more items than its bytes hold"));
        }
        Ok(count)
    }

    /// Nothing may follow.
    pub fn finish(&self) -> Result<(), BookError> {
        if self.at == self.bytes.len() {
            Ok(())
        } else {
            Err(BookError::Snapshot { at: self.at, reason: "bytes follow its end" })
        }
    }
}
