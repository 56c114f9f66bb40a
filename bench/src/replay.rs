//! The inner loop that is measured: decode, book, changes of the best bid and offer.

use crate::data::RecordBytes;
use book::{BookError, BookL3, ORDER_AHEAD, SLOT_AHEAD, read_ahead};
use model::{Bbo, MBO_SIZE, Mbo};

/// The hints of one step: bytes, the order map's entry, the order.
#[inline(always)]
fn look_ahead(book: &BookL3, records: &[RecordBytes], at: usize) {
    read_ahead(records.as_flattened(), at * MBO_SIZE);
    if let Some(ahead) = records.get(at + SLOT_AHEAD) {
        book.prefetch(Mbo::new(ahead));
    }
    if let Some(ahead) = records.get(at + ORDER_AHEAD) {
        book.prefetch_order(Mbo::new(ahead));
    }
}

/// Applies every record and counts the changes of the best bid and offer (price, size or count)
/// between records with the flag `LAST`.
///
/// # Errors
/// What the book refused.
pub fn count_changes(book: &mut BookL3, records: &[RecordBytes]) -> Result<u64, BookError> {
    changes::<true>(book, records)
}

/// The same without any hint to the caches: what the hints gain.
///
/// # Errors
/// What the book refused.
pub fn count_changes_unhinted(
    book: &mut BookL3,
    records: &[RecordBytes],
) -> Result<u64, BookError> {
    changes::<false>(book, records)
}

#[inline(never)]
fn changes<const HINTS: bool>(
    book: &mut BookL3,
    records: &[RecordBytes],
) -> Result<u64, BookError> {
    let mut last = Bbo::EMPTY;
    let mut changes = 0;
    for (at, bytes) in records.iter().enumerate() {
        if HINTS {
            look_ahead(book, records, at);
        }
        let record = Mbo::new(bytes);
        book.apply(record)?;
        if record.is_last() {
            let bbo = book.bbo();
            changes += u64::from(bbo != last);
            last = bbo;
        }
    }
    Ok(changes)
}

/// The book alone: every record applied; gives the next sequence, which counts the arrivals.
///
/// # Errors
/// What the book refused.
#[inline(never)]
pub fn apply_all(book: &mut BookL3, records: &[RecordBytes]) -> Result<u64, BookError> {
    for (at, bytes) in records.iter().enumerate() {
        look_ahead(book, records, at);
        book.apply(Mbo::new(bytes))?;
    }
    Ok(book.next_sequence())
}
