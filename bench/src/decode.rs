//! Reading records: in place, by the `dbn` crate, and every byte once.

use crate::data::RecordBytes;
use book::read_ahead;
use dbn::decode::DbnRecordDecoder;
use model::{MBO_SIZE, Mbo};

/// The sum of every field of every record, read in place.
#[must_use]
pub fn sum_in_place(records: &[RecordBytes]) -> u64 {
    let all = records.as_flattened();
    records.iter().enumerate().fold(0u64, |sum, (at, bytes)| {
        read_ahead(all, at * MBO_SIZE);
        let r = Mbo::new(bytes);
        let small = u64::from(r.rtype())
            + u64::from(r.publisher())
            + u64::from(r.instrument_id())
            + u64::from(r.size())
            + u64::from(r.flags())
            + u64::from(r.channel())
            + u64::from(r.action())
            + u64::from(r.side_raw())
            + u64::from(r.sequence());
        sum.wrapping_add(small)
            .wrapping_add(r.ts_event_raw())
            .wrapping_add(r.order_id())
            .wrapping_add(r.price_raw() as u64)
            .wrapping_add(r.ts_recv_raw())
            .wrapping_add(i64::from(r.ts_in_delta()) as u64)
    })
}

/// The same sum, read by the `dbn` crate's decoder from memory.
///
/// # Errors
/// What the decoder says about the bytes.
pub fn sum_by_dbn(records: &[RecordBytes]) -> Result<u64, dbn::Error> {
    let mut decoder = DbnRecordDecoder::new(records.as_flattened());
    let mut sum = 0u64;
    while let Some(r) = decoder.decode::<dbn::MboMsg>()? {
        let small = u64::from(r.hd.rtype)
            + u64::from(r.hd.publisher_id)
            + u64::from(r.hd.instrument_id)
            + u64::from(r.size)
            + u64::from(r.flags.raw())
            + u64::from(r.channel_id)
            + u64::from(r.action as u8)
            + u64::from(r.side as u8)
            + u64::from(r.sequence);
        sum = sum
            .wrapping_add(small)
            .wrapping_add(r.hd.ts_event)
            .wrapping_add(r.order_id)
            .wrapping_add(r.price as u64)
            .wrapping_add(r.ts_recv)
            .wrapping_add(i64::from(r.ts_in_delta) as u64);
    }
    Ok(sum)
}

/// Every byte once, eight at a time: what memory alone allows.
#[must_use]
pub fn sum_of_words(records: &[RecordBytes]) -> u64 {
    let (words, _) = records.as_flattened().as_chunks::<8>();
    words.iter().fold(0u64, |sum, word| sum.wrapping_add(u64::from_le_bytes(*word)))
}
