//! An L3 book as bytes and back, exactly: queue order, sequences, anomalies.
//!
//! Little-endian: `"TFL3"`, version u32 = 1, tick size i64 (1e-9), next sequence u64, eight
//! anomaly counters u64; then for bids and for asks a count u64 and that many orders of 29 bytes,
//! best level first, in queue order: price in ticks i64, id u64, sequence u64, size u32, and 1
//! when the order is known by its id, else 0 (u8).

use super::{BookL3, check_range};
use crate::bytes::Reader;
use crate::error::BookError;
use crate::ladder::key_of;
use crate::map::Probe;
use crate::types::Anomalies;
use model::{Price, PriceGrid, Side, Ticks};

const MAGIC: [u8; 4] = *b"TFL3";
const VERSION: u32 = 1;
const ORDER_SIZE: usize = 29;

impl BookL3 {
    /// The whole book as bytes, see [`Self::restore`].
    #[must_use]
    pub fn snapshot(&self) -> Vec<u8> {
        let sides = [Side::Buy, Side::Sell];
        let counts = sides.map(|side| self.order_count(side));
        let mut out = Vec::with_capacity(104 + ORDER_SIZE * (counts[0] + counts[1]));
        out.extend_from_slice(&MAGIC);
        out.extend_from_slice(&VERSION.to_le_bytes());
        out.extend_from_slice(&self.grid.tick_size().0.to_le_bytes());
        out.extend_from_slice(&self.next_sequence.to_le_bytes());
        for count in self.anomalies.as_array() {
            out.extend_from_slice(&count.to_le_bytes());
        }
        for (side, count) in sides.into_iter().zip(counts) {
            out.extend_from_slice(&(count as u64).to_le_bytes());
            for (slot, order) in self.slots(side) {
                let known = self.map.find(order.id, &self.nodes).is_some_and(|(_, s)| s == slot);
                out.extend_from_slice(&order.price.0.to_le_bytes());
                out.extend_from_slice(&order.id.to_le_bytes());
                out.extend_from_slice(&order.sequence.to_le_bytes());
                out.extend_from_slice(&self.nodes[slot].quantity.to_le_bytes());
                out.push(u8::from(known));
            }
        }
        out
    }

    /// The book that [`Self::snapshot`] wrote. Its own snapshot is the same bytes again.
    ///
    /// # Errors
    /// [`BookError::Snapshot`] with the byte at fault when the bytes are no such snapshot: every
    /// count, order, sequence and id is checked before it is believed.
    pub fn restore(bytes: &[u8]) -> Result<Self, BookError> {
        let mut reader =
            Reader::open(bytes, MAGIC, VERSION, "this is no snapshot of an L3 book (TFL3)")?;
        let tick = reader.i64()?;
        let grid = PriceGrid::new(Price(tick))
            .map_err(|_| reader.fault(8, "its tick size is not above zero"))?;
        let mut book = Self::new(grid);
        let next_sequence = reader.u64()?;
        if next_sequence == 0 || next_sequence > u64::MAX / 2 {
            return Err(reader.fault(8, "its next sequence is not between 1 and 2^63"));
        }
        let mut counts = [0u64; 8];
        for count in &mut counts {
            *count = reader.u64()?;
            if *count > u64::MAX / 2 {
                return Err(reader.fault(8, "an anomaly counter is above 2^63"));
            }
        }
        book.anomalies = Anomalies::from_array(counts);
        for side in [Side::Buy, Side::Sell] {
            let count = reader.count(ORDER_SIZE)?;
            let mut last: Option<(i64, u64)> = None;
            for _ in 0..count {
                last = Some(book.restore_order(&mut reader, side, next_sequence, last)?);
            }
        }
        reader.finish()?;
        book.next_sequence = next_sequence;
        Ok(book)
    }

    /// Reads one order behind `last` (key and sequence); gives its own.
    fn restore_order(
        &mut self,
        reader: &mut Reader<'_>,
        side: Side,
        next_sequence: u64,
        last: Option<(i64, u64)>,
    ) -> Result<(i64, u64), BookError> {
        let ticks = Ticks(reader.i64()?);
        check_range(0, ticks).map_err(|_| reader.fault(8, "a price is out of range"))?;
        let key = key_of(side, ticks);
        if last.is_some_and(|(last, _)| key > last) {
            return Err(reader.fault(8, "its levels are not in order, best first"));
        }
        let id = reader.u64()?;
        let sequence = reader.u64()?;
        let behind = last.is_none_or(|(last, number)| key < last || sequence > number);
        if sequence >= next_sequence || !behind {
            return Err(reader.fault(8, "a sequence is out of order"));
        }
        let quantity = reader.u32()?;
        if quantity == 0 {
            return Err(reader.fault(4, "an order has size zero"));
        }
        let known = reader.u8()?;
        self.next_sequence = sequence;
        let placed = match known {
            0 => self.add_unmapped(id, side, ticks, quantity),
            1 => {
                self.map.reserve_one();
                match self.map.probe(id, &self.nodes) {
                    Probe::Found { .. } => Err(BookError::DuplicateOrder { order_id: id }),
                    Probe::Vacant { at } => self.add_at(at, id, side, ticks, quantity),
                }
            }
            _ => return Err(reader.fault(1, "an order's mark is neither 0 nor 1")),
        };
        placed.map_err(|_| reader.fault(ORDER_SIZE, "an order's id comes twice"))?;
        Ok((key, sequence))
    }
}
