//! The market-by-order record as it lies in a DBN file, read in place.

use crate::order::Side;
use crate::price::Price;
use crate::time::UnixNanos;

/// Bytes of a market-by-order record (without the optional `ts_out`).
pub const MBO_SIZE: usize = 56;

/// Bytes of a market-by-order record with its `ts_out`.
pub const STAMPED_MBO_SIZE: usize = MBO_SIZE + 8;

/// The record type of market by order.
pub const MBO_RTYPE: u8 = 0xA0;

/// Bits of [`Mbo::flags`].
pub mod flags {
    /// Last record of its event: the book may be read.
    pub const LAST: u8 = 128;
    /// A top-of-book message: it replaces the whole side.
    pub const TOP_OF_BOOK: u8 = 64;
    /// Part of a snapshot.
    pub const SNAPSHOT: u8 = 32;
    /// An aggregated price level rather than an order.
    pub const MBP: u8 = 16;
    /// `ts_recv` is not to be trusted.
    pub const BAD_TS_RECV: u8 = 8;
    /// A packet was lost: the book may be wrong.
    pub const MAYBE_BAD_BOOK: u8 = 4;
    /// Publisher specific.
    pub const PUBLISHER_SPECIFIC: u8 = 2;
}

/// A view of one 56-byte market-by-order record: every accessor is one load.
#[derive(Clone, Copy)]
pub struct Mbo<'a>(&'a [u8; MBO_SIZE]);

macro_rules! field {
    ($(#[$doc:meta])* $name:ident: $ty:ty = $at:literal) => {
        $(#[$doc])*
        #[inline(always)]
        #[must_use]
        pub fn $name(self) -> $ty {
            const N: usize = size_of::<$ty>();
            let mut bytes = [0u8; N];
            bytes.copy_from_slice(&self.0[$at..$at + N]);
            <$ty>::from_le_bytes(bytes)
        }
    };
}

impl<'a> Mbo<'a> {
    /// The record that these bytes are.
    #[inline(always)]
    #[must_use]
    pub const fn new(bytes: &'a [u8; MBO_SIZE]) -> Self {
        Self(bytes)
    }

    /// The record at the start of a slice, or `None` when the slice is shorter.
    #[inline(always)]
    #[must_use]
    pub fn first_of(bytes: &'a [u8]) -> Option<Self> {
        bytes.first_chunk::<MBO_SIZE>().map(Self)
    }

    field!(
        /// Length, record type, publisher and instrument as they lie: equal for every record of
        /// one instrument in one stream.
        header: u64 = 0);
    field!(
        /// Record type: [`MBO_RTYPE`] for market by order.
        rtype: u8 = 1);
    field!(
        /// Publisher (dataset and venue).
        publisher: u16 = 2);
    field!(
        /// The venue's numeric instrument id.
        instrument_id: u32 = 4);
    field!(
        /// Exchange time in ns.
        ts_event_raw: u64 = 8);
    field!(
        /// The venue's order id.
        order_id: u64 = 16);
    field!(
        /// Price in 1e-9; `i64::MAX` is none.
        price_raw: i64 = 24);
    field!(
        /// Size in lots.
        size: u32 = 32);
    field!(
        /// See [`flags`].
        flags: u8 = 36);
    field!(
        /// Channel of the feed.
        channel: u8 = 37);
    field!(
        /// `A`dd, `C`ancel, `M`odify, clea`R`, `T`rade, `F`ill or `N`one.
        action: u8 = 38);
    field!(
        /// `B`id, `A`sk or `N`one; for a trade the aggressor's side.
        side_raw: u8 = 39);
    field!(
        /// Receive time in ns.
        ts_recv_raw: u64 = 40);
    field!(
        /// Exchange's sending time before `ts_recv` in ns.
        ts_in_delta: i32 = 48);
    field!(
        /// Sequence number of the channel.
        sequence: u32 = 52);

    /// Exchange time.
    #[inline(always)]
    #[must_use]
    pub fn ts_event(self) -> UnixNanos {
        UnixNanos(self.ts_event_raw())
    }

    /// Receive time.
    #[inline(always)]
    #[must_use]
    pub fn ts_recv(self) -> UnixNanos {
        UnixNanos(self.ts_recv_raw())
    }

    /// Price.
    #[inline(always)]
    #[must_use]
    pub fn price(self) -> Price {
        Price(self.price_raw())
    }

    /// Side, or `None` where the record names none.
    #[inline(always)]
    #[must_use]
    pub fn side(self) -> Option<Side> {
        match self.side_raw() {
            b'B' => Some(Side::Buy),
            b'A' => Some(Side::Sell),
            _ => None,
        }
    }

    /// Whether this record ends its event.
    #[inline(always)]
    #[must_use]
    pub fn is_last(self) -> bool {
        self.flags() & flags::LAST != 0
    }

    /// Whether this record is part of a snapshot.
    #[inline(always)]
    #[must_use]
    pub fn is_snapshot(self) -> bool {
        self.flags() & flags::SNAPSHOT != 0
    }
}

impl std::fmt::Debug for Mbo<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Mbo({} {} id {} {} × {} flags {} ts_event {})",
            self.action() as char,
            self.side_raw() as char,
            self.order_id(),
            self.price(),
            self.size(),
            self.flags(),
            self.ts_event_raw()
        )
    }
}

/// The fields of a market-by-order record to be written: what a generator or a test fills in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MboFields {
    /// Publisher (dataset and venue).
    pub publisher: u16,
    /// The venue's numeric instrument id.
    pub instrument_id: u32,
    /// Exchange time in ns.
    pub ts_event: u64,
    /// The venue's order id.
    pub order_id: u64,
    /// Price in 1e-9.
    pub price: i64,
    /// Size in lots.
    pub size: u32,
    /// See [`flags`].
    pub flags: u8,
    /// Channel of the feed.
    pub channel: u8,
    /// Action letter.
    pub action: u8,
    /// Side letter.
    pub side: u8,
    /// Receive time in ns.
    pub ts_recv: u64,
    /// Exchange's sending time before `ts_recv` in ns.
    pub ts_in_delta: i32,
    /// Sequence number of the channel.
    pub sequence: u32,
}

impl Default for MboFields {
    fn default() -> Self {
        Self {
            publisher: 1,
            instrument_id: 1,
            ts_event: 0,
            order_id: 0,
            price: i64::MAX,
            size: 0,
            flags: flags::LAST,
            channel: 0,
            action: b'N',
            side: b'N',
            ts_recv: 0,
            ts_in_delta: 0,
            sequence: 0,
        }
    }
}

impl MboFields {
    /// The 56 bytes of the record.
    #[must_use]
    pub fn encode(&self) -> [u8; MBO_SIZE] {
        let mut bytes = [0u8; MBO_SIZE];
        bytes[0] = (MBO_SIZE / 4) as u8;
        bytes[1] = MBO_RTYPE;
        bytes[2..4].copy_from_slice(&self.publisher.to_le_bytes());
        bytes[4..8].copy_from_slice(&self.instrument_id.to_le_bytes());
        bytes[8..16].copy_from_slice(&self.ts_event.to_le_bytes());
        bytes[16..24].copy_from_slice(&self.order_id.to_le_bytes());
        bytes[24..32].copy_from_slice(&self.price.to_le_bytes());
        bytes[32..36].copy_from_slice(&self.size.to_le_bytes());
        bytes[36] = self.flags;
        bytes[37] = self.channel;
        bytes[38] = self.action;
        bytes[39] = self.side;
        bytes[40..48].copy_from_slice(&self.ts_recv.to_le_bytes());
        bytes[48..52].copy_from_slice(&self.ts_in_delta.to_le_bytes());
        bytes[52..56].copy_from_slice(&self.sequence.to_le_bytes());
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let fields = MboFields {
            ts_event: 1,
            order_id: 2,
            price: -3,
            size: 4,
            flags: 5,
            channel: 6,
            action: b'A',
            side: b'B',
            ts_recv: 7,
            ts_in_delta: -8,
            sequence: 9,
            ..MboFields::default()
        };
        let bytes = fields.encode();
        let record = Mbo::new(&bytes);
        assert_eq!((record.order_id(), record.price_raw(), record.size()), (2, -3, 4));
        assert_eq!((record.ts_in_delta(), record.sequence(), record.channel()), (-8, 9, 6));
        assert_eq!(record.side(), Some(Side::Buy));
        assert!(!record.is_last());
        assert!(Mbo::first_of(&bytes[1..]).is_none());
    }
}
