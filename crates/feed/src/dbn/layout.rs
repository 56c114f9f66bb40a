//! Lengths and fields of the records, as the `dbn` crate lays them out, read in place.

use dbn::{v1, v2, v3};
use std::mem::{offset_of, size_of};

/// Record types that the three versions know.
pub(crate) mod rtype {
    pub(crate) const TRADE: u8 = 0x00;
    pub(crate) const MBP_1: u8 = 0x01;
    pub(crate) const MBP_10: u8 = 0x0A;
    pub(crate) const OHLCV_OLD: u8 = 0x11;
    pub(crate) const STATUS: u8 = 0x12;
    pub(crate) const DEFINITION: u8 = 0x13;
    pub(crate) const IMBALANCE: u8 = 0x14;
    pub(crate) const ERROR: u8 = 0x15;
    pub(crate) const SYMBOL_MAPPING: u8 = 0x16;
    pub(crate) const SYSTEM: u8 = 0x17;
    pub(crate) const STATISTICS: u8 = 0x18;
    pub(crate) const OHLCV_1S: u8 = 0x20;
    pub(crate) const OHLCV_1M: u8 = 0x21;
    pub(crate) const OHLCV_1H: u8 = 0x22;
    pub(crate) const OHLCV_1D: u8 = 0x23;
    pub(crate) const OHLCV_EOD: u8 = 0x24;
    pub(crate) const MBO: u8 = 0xA0;
    pub(crate) const CMBP_1: u8 = 0xB1;
    pub(crate) const CBBO_1S: u8 = 0xC0;
    pub(crate) const CBBO_1M: u8 = 0xC1;
    pub(crate) const TCBBO: u8 = 0xC2;
    pub(crate) const BBO_1S: u8 = 0xC3;
    pub(crate) const BBO_1M: u8 = 0xC4;
}

/// Length in bytes of a record type in a version, without `ts_out`; `None` for a type that the
/// version does not know.
pub(crate) fn record_length(version: u8, kind: u8) -> Option<usize> {
    Some(match kind {
        rtype::MBO => size_of::<v3::MboMsg>(),
        rtype::TRADE => size_of::<v3::TradeMsg>(),
        rtype::MBP_1 => size_of::<v3::Mbp1Msg>(),
        rtype::MBP_10 => size_of::<v3::Mbp10Msg>(),
        rtype::BBO_1S | rtype::BBO_1M => size_of::<v3::BboMsg>(),
        rtype::CMBP_1 | rtype::TCBBO => size_of::<v3::Cmbp1Msg>(),
        rtype::CBBO_1S | rtype::CBBO_1M => size_of::<v3::CbboMsg>(),
        rtype::OHLCV_OLD | rtype::OHLCV_1S..=rtype::OHLCV_EOD => size_of::<v3::OhlcvMsg>(),
        rtype::STATUS => size_of::<v3::StatusMsg>(),
        rtype::IMBALANCE => size_of::<v3::ImbalanceMsg>(),
        rtype::DEFINITION => match version {
            1 => size_of::<v1::InstrumentDefMsg>(),
            2 => size_of::<v2::InstrumentDefMsg>(),
            _ => size_of::<v3::InstrumentDefMsg>(),
        },
        rtype::STATISTICS if version < 3 => size_of::<v1::StatMsg>(),
        rtype::STATISTICS => size_of::<v3::StatMsg>(),
        rtype::SYMBOL_MAPPING if version < 2 => size_of::<v1::SymbolMappingMsg>(),
        rtype::SYMBOL_MAPPING => size_of::<v3::SymbolMappingMsg>(),
        rtype::ERROR if version < 2 => size_of::<v1::ErrorMsg>(),
        rtype::ERROR => size_of::<v3::ErrorMsg>(),
        rtype::SYSTEM if version < 2 => size_of::<v1::SystemMsg>(),
        rtype::SYSTEM => size_of::<v3::SystemMsg>(),
        _ => return None,
    })
}

/// One record as it lies in the file, long enough for its type and version.
#[derive(Clone, Copy)]
pub(crate) struct Record<'a> {
    pub(crate) bytes: &'a [u8],
}

macro_rules! number {
    ($($name:ident: $ty:ty),*) => {$(
        /// The number at an offset; 0 where the record is shorter.
        #[inline]
        pub(crate) fn $name(self, at: usize) -> $ty {
            match self.bytes.get(at..at + size_of::<$ty>()) {
                Some(bytes) => <$ty>::from_le_bytes(bytes.try_into().unwrap_or_default()),
                None => 0,
            }
        }
    )*};
}

impl<'a> Record<'a> {
    number!(u8: u8, u16: u16, u32: u32, u64: u64, i32: i32, i64: i64);

    pub(crate) fn kind(self) -> u8 {
        self.u8(1)
    }

    pub(crate) fn publisher(self) -> u16 {
        self.u16(2)
    }

    pub(crate) fn instrument_id(self) -> u32 {
        self.u32(4)
    }

    pub(crate) fn ts_event(self) -> u64 {
        self.u64(8)
    }

    /// Receive time, or the exchange time of records that have none.
    pub(crate) fn ts_recv(self) -> u64 {
        match self.kind() {
            rtype::MBO => self.u64(offset_of!(v3::MboMsg, ts_recv)),
            rtype::STATUS => self.u64(offset_of!(v3::StatusMsg, ts_recv)),
            rtype::DEFINITION => self.u64(offset_of!(v3::InstrumentDefMsg, ts_recv)),
            rtype::IMBALANCE => self.u64(offset_of!(v3::ImbalanceMsg, ts_recv)),
            rtype::STATISTICS => self.u64(offset_of!(v3::StatMsg, ts_recv)),
            rtype::TRADE | rtype::MBP_1 | rtype::MBP_10 | rtype::CMBP_1..=rtype::BBO_1M => {
                self.u64(offset_of!(v3::TradeMsg, ts_recv))
            }
            _ => self.ts_event(),
        }
    }

    /// A text of fixed room that ends at its first zero; bytes that are not UTF-8 are replaced.
    pub(crate) fn text(self, at: usize, room: usize) -> String {
        let bytes = self.bytes.get(at..at + room).unwrap_or_default();
        let end = bytes.iter().position(|&b| b == 0).unwrap_or(room.min(bytes.len()));
        String::from_utf8_lossy(&bytes[..end]).into_owned()
    }
}

// Fields that this module reads at one offset for several record types.
const _: () = {
    assert!(offset_of!(v3::TradeMsg, ts_recv) == 32);
    assert!(offset_of!(v3::Mbp1Msg, ts_recv) == 32);
    assert!(offset_of!(v3::Mbp10Msg, ts_recv) == 32);
    assert!(offset_of!(v3::BboMsg, ts_recv) == 32);
    assert!(offset_of!(v3::Cmbp1Msg, ts_recv) == 32);
    assert!(offset_of!(v3::CbboMsg, ts_recv) == 32);
    assert!(offset_of!(v1::StatMsg, ts_recv) == offset_of!(v3::StatMsg, ts_recv));
    assert!(offset_of!(v1::InstrumentDefMsg, ts_recv) == offset_of!(v3::InstrumentDefMsg, ts_recv));
    assert!(offset_of!(v2::InstrumentDefMsg, ts_recv) == offset_of!(v3::InstrumentDefMsg, ts_recv));
    assert!(size_of::<v3::MboMsg>() == model::MBO_SIZE);
};
