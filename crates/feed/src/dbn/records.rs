//! The records of a file one by one, for whoever looks at everything.

use super::bytes::Bytes;
use super::convert::convert;
use super::definition::{
    Definition, Imbalance, Statistic, definition, imbalance, mapping, statistic,
};
use super::layout::{Record, rtype};
use super::scan::{self, Next, SAME_PUBLISHER};
use crate::error::FeedError;
use dbn::v3;
use model::{InstrumentIndex, MarketEvent, Timeframe};
use std::mem::offset_of;

/// Every record of a file, one after the other.
#[derive(Debug)]
pub struct Records {
    bytes: Bytes,
    version: u8,
    ts_out: bool,
    given: usize,
}

/// One record of a file, or a run of market-by-order records.
#[derive(Clone, Copy)]
pub struct Item<'a> {
    record: Record<'a>,
    stride: usize,
    version: u8,
    offset: u64,
}

impl Records {
    pub(super) fn new(bytes: Bytes, metadata: &dbn::Metadata) -> Self {
        Self { bytes, version: metadata.version, ts_out: metadata.ts_out, given: 0 }
    }

    /// The next record; market-by-order records come as a run.
    ///
    /// # Errors
    /// [`FeedError`] with the byte at fault.
    pub fn next_record(&mut self) -> Result<Option<Item<'_>>, FeedError> {
        self.bytes.consume(std::mem::take(&mut self.given));
        let next = scan::next(&mut self.bytes, self.version, self.ts_out, SAME_PUBLISHER, 1)?;
        let (length, stride) = match next {
            Next::End => return Ok(None),
            Next::Mbo { bytes, stride } => (bytes, stride),
            Next::Other { stride, .. } => (stride, stride),
        };
        self.given = length;
        let offset = self.bytes.offset();
        let record = scan::front(&self.bytes, length);
        Ok(Some(Item { record, stride, version: self.version, offset }))
    }
}

impl<'a> Item<'a> {
    /// The bytes: of one record, or of a run of market-by-order records.
    #[must_use]
    pub fn bytes(&self) -> &'a [u8] {
        self.record.bytes
    }

    /// Bytes of one record.
    #[must_use]
    pub fn stride(&self) -> usize {
        self.stride
    }

    /// Place of the first byte.
    #[must_use]
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// Record type.
    #[must_use]
    pub fn kind(&self) -> u8 {
        self.record.kind()
    }

    /// The venue's numeric id of the first record.
    #[must_use]
    pub fn instrument_id(&self) -> u32 {
        self.record.instrument_id()
    }

    /// Publisher of the first record.
    #[must_use]
    pub fn publisher(&self) -> u16 {
        self.record.publisher()
    }

    /// Exchange time of the first record in ns.
    #[must_use]
    pub fn ts_event(&self) -> u64 {
        self.record.ts_event()
    }

    /// Receive time of the first record in ns (its exchange time where it has none).
    #[must_use]
    pub fn ts_recv(&self) -> u64 {
        self.record.ts_recv()
    }

    /// The definition, where this is one.
    #[must_use]
    pub fn definition(&self) -> Option<Definition> {
        (self.kind() == rtype::DEFINITION).then(|| definition(self.record, self.version))
    }

    /// The statistic, where this is one.
    #[must_use]
    pub fn statistic(&self) -> Option<Statistic> {
        (self.kind() == rtype::STATISTICS).then(|| statistic(self.record, self.version))
    }

    /// The imbalance, where this is one.
    #[must_use]
    pub fn imbalance(&self) -> Option<Imbalance> {
        (self.kind() == rtype::IMBALANCE).then(|| imbalance(self.record))
    }

    /// Input and output symbol, where this is a symbol mapping.
    #[must_use]
    pub fn symbol_mapping(&self) -> Option<(String, String)> {
        (self.kind() == rtype::SYMBOL_MAPPING).then(|| mapping(self.record, self.version))
    }

    /// Whether this is a message of the gateway rather than about an instrument.
    #[must_use]
    pub fn is_gateway(&self) -> bool {
        matches!(self.kind(), rtype::ERROR | rtype::SYMBOL_MAPPING | rtype::SYSTEM)
    }

    /// The action letter of the first record, where its kind has one.
    #[must_use]
    pub fn action(&self) -> Option<u8> {
        match self.kind() {
            rtype::MBO => Some(self.record.u8(offset_of!(v3::MboMsg, action))),
            rtype::TRADE | rtype::MBP_1 | rtype::MBP_10 | rtype::CMBP_1 | rtype::TCBBO => {
                Some(self.record.u8(offset_of!(v3::TradeMsg, action)))
            }
            _ => None,
        }
    }

    /// The market events of this record for instrument 0 (none for market by order).
    pub(crate) fn events(&self, bar: Option<Timeframe>) -> Vec<MarketEvent> {
        let mut events = Vec::new();
        convert(self.record, InstrumentIndex(0), bar, &mut events);
        events
    }
}

/// The name of a record type.
#[must_use]
pub fn kind_name(kind: u8) -> &'static str {
    dbn::RType::try_from(kind).map_or("unknown", |kind| kind.as_str())
}
