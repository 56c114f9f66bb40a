//! An L3 book driven by hand, without records: what a caller gets wrong is refused, not counted.

use super::{BookL3, check_range};
use crate::error::BookError;
use crate::map::Probe;
use model::{Lots, Side, Ticks};

/// Sizes of orders that a book takes.
const SIZES: &str = "1 to 4294967295 lots";

impl BookL3 {
    /// Adds an order at the back of its queue.
    ///
    /// # Errors
    /// [`BookError::DuplicateOrder`], [`BookError::Quantity`] (accepted are 1 to 2^32 − 1 lots),
    /// [`BookError::PriceOutOfRange`], [`BookError::Full`].
    pub fn add(
        &mut self,
        id: u64,
        side: Side,
        price: Ticks,
        quantity: Lots,
    ) -> Result<(), BookError> {
        let size = size_of_order(id, quantity)?;
        check_range(id, price)?;
        self.map.reserve_one();
        match self.map.probe(id, &self.nodes) {
            Probe::Found { .. } => Err(BookError::DuplicateOrder { order_id: id }),
            Probe::Vacant { at } => self.add_at(at, id, side, price, size),
        }
    }

    /// Takes `quantity` lots off an order, all of it when `None`; tells what is left of it.
    ///
    /// # Errors
    /// [`BookError::UnknownOrder`]; [`BookError::Quantity`] (accepted are 1 to what is left).
    pub fn cancel(&mut self, id: u64, quantity: Option<Lots>) -> Result<Lots, BookError> {
        let (at, slot) = self.locate(id)?;
        let left = self.nodes[slot].quantity;
        let by = match quantity {
            None => left,
            Some(lots) => u32::try_from(lots.0).ok().filter(|by| (1..=left).contains(by)).ok_or(
                BookError::Quantity {
                    order_id: id,
                    quantity: lots,
                    accepted: "1 lot to what is left of the order",
                },
            )?,
        };
        if by < left {
            self.nodes.reduce(slot, by);
        } else {
            self.remove(at, slot);
        }
        Ok(Lots(i64::from(left - by)))
    }

    /// Gives an order a new price and size. It keeps its place when the price stays and the size
    /// does not grow, and goes to the back of the queue otherwise.
    ///
    /// # Errors
    /// [`BookError::UnknownOrder`], [`BookError::Quantity`] (accepted are 1 to 2^32 − 1 lots),
    /// [`BookError::PriceOutOfRange`], [`BookError::Full`].
    pub fn modify(&mut self, id: u64, price: Ticks, quantity: Lots) -> Result<(), BookError> {
        let (at, slot) = self.locate(id)?;
        let size = size_of_order(id, quantity)?;
        check_range(id, price)?;
        let node = &self.nodes[slot];
        let (left, level) = (node.quantity, &self.nodes[node.level]);
        if price == level.ticks() && size <= left {
            self.nodes.reduce(slot, left - size);
            return Ok(());
        }
        let side = level.side();
        self.change(at, slot, side, price, size)
    }

    fn locate(&self, id: u64) -> Result<(usize, u32), BookError> {
        self.map.find(id, &self.nodes).ok_or(BookError::UnknownOrder { order_id: id })
    }
}

fn size_of_order(order_id: u64, quantity: Lots) -> Result<u32, BookError> {
    u32::try_from(quantity.0).ok().filter(|&size| size != 0).ok_or(BookError::Quantity {
        order_id,
        quantity,
        accepted: SIZES,
    })
}
