//! The bytes of a stream as checked records, in runs of one kind.

use super::bytes::{Bytes, MAX_RECORD};
use super::layout::{Record, record_length, rtype};
use crate::error::{FeedError, Place};
use crate::source::MAX_BLOCK_BYTES;

/// What comes next in a stream.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Next {
    /// A run of market-by-order records of one stride, whose first eight bytes agree under the
    /// mask: this many bytes.
    Mbo { bytes: usize, stride: usize },
    /// A run of records of another kind, whose first eight bytes agree: this many bytes.
    Other { bytes: usize, stride: usize },
    /// Nothing.
    End,
}

/// Length byte, record type and publisher of a record's first eight bytes.
pub(crate) const SAME_PUBLISHER: u64 = 0xFFFF_FFFF;

/// These and the instrument id.
pub(crate) const SAME_INSTRUMENT: u64 = u64::MAX;

/// The first eight bytes of a record as a number.
#[inline(always)]
fn word(bytes: &[u8], at: usize) -> u64 {
    match bytes.get(at..).and_then(<[u8]>::first_chunk::<8>) {
        Some(first) => u64::from_le_bytes(*first),
        None => 0,
    }
}

/// Looks at what comes next without consuming it: every record is whole and of the length that
/// its type has in this version (8 bytes more with `ts_out`). A run that is not market by order has
/// at most `others` records.
pub(crate) fn next(
    bytes: &mut Bytes,
    version: u8,
    ts_out: bool,
    mask: u64,
    others: usize,
) -> Result<Next, FeedError> {
    let length = loop {
        let data = bytes.data();
        if let &[length, kind, ..] = data {
            let length = usize::from(length) * 4;
            check(bytes, version, ts_out, length, kind)?;
            if length <= data.len() {
                break length;
            }
        }
        debug_assert!(data.len() < MAX_RECORD);
        if !bytes.more()? {
            let have = bytes.data().len();
            if have == 0 {
                return Ok(Next::End);
            }
            let need = usize::from(bytes.data()[0]) * 4;
            return Err(FeedError::Truncated {
                file: bytes.name.clone(),
                at: Place::Byte(bytes.offset()),
                what: "a record",
                need: need as u64,
                have: have as u64,
            });
        }
    };
    let data = bytes.data();
    if data[1] != rtype::MBO {
        let bytes = run(data, length, others * length, SAME_INSTRUMENT);
        return Ok(Next::Other { bytes, stride: length });
    }
    let bytes = run(data, length, MAX_BLOCK_BYTES, mask);
    Ok(Next::Mbo { bytes, stride: length })
}

/// How many bytes the records take whose first eight bytes agree with those of the first under the
/// mask: one comparison a record, since length, type and publisher lie there.
fn run(data: &[u8], length: usize, most: usize, mask: u64) -> usize {
    let end = data.len().min(most) / length * length;
    let data = &data[..end];
    let first = word(data, 0);
    let mut at = length;
    while at < end && (word(data, at) ^ first) & mask == 0 {
        at += length;
    }
    at
}

/// Whether a record of this length and type can be in a file of this version.
fn check(
    bytes: &Bytes,
    version: u8,
    ts_out: bool,
    length: usize,
    kind: u8,
) -> Result<(), FeedError> {
    let fault = |reason: String| Err(FeedError::corrupt(&bytes.name, bytes.offset(), reason));
    let Some(expected) = record_length(version, kind) else {
        return fault(format!("record type {kind:#04x} is unknown in DBN version {version}"));
    };
    // Messages of the gateway come with and without the sending time.
    let gateway = matches!(kind, rtype::ERROR | rtype::SYMBOL_MAPPING | rtype::SYSTEM);
    if length == expected + 8 && ts_out || length == expected && (!ts_out || gateway) {
        return Ok(());
    }
    fault(format!(
        "a record of type {kind:#04x} has {} bytes in DBN version {version}, not {length}",
        if ts_out { expected + 8 } else { expected }
    ))
}

/// The record at the front, of the length that [`next`] said.
pub(crate) fn front(bytes: &Bytes, length: usize) -> Record<'_> {
    Record { bytes: &bytes.data()[..length] }
}
