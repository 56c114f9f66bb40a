//! Own orders in a row.

use crate::own::OwnOrder;
use model::OrderId;
use std::ops::{Deref, DerefMut};

/// Orders that stay where they are in memory while the row around them moves.
pub(crate) type OrderRow = Vec<Box<OwnOrder>>;

/// Own orders in a row. An order keeps its place in memory while the row around it moves: a change of
/// price takes it out and puts it in again, and moving a hundred orders of a quarter of a kilobyte each
/// would cost more than all the rest of the change. Their ids lie beside them in a row of their own, so
/// that looking for one reads a few lines of memory and not a line of every order.
///
/// What changes an order in place leaves its id as it is.
#[derive(Clone, Debug, Default)]
pub(crate) struct OrderList {
    ids: Vec<OrderId>,
    orders: OrderRow,
}

impl OrderList {
    /// Where an order is.
    pub fn position(&self, id: OrderId) -> Option<usize> {
        self.ids.iter().position(|other| *other == id)
    }

    pub fn insert(&mut self, at: usize, own: Box<OwnOrder>) {
        self.ids.insert(at, own.id());
        self.orders.insert(at, own);
    }

    pub fn remove(&mut self, at: usize) -> Box<OwnOrder> {
        self.ids.remove(at);
        self.orders.remove(at)
    }

    pub fn retain(&mut self, stays: impl Fn(&OwnOrder) -> bool) {
        self.take_where(self.orders.len(), |own| !stays(own));
    }

    /// Takes those among the first `count` out that `leaves` names.
    pub fn take_where(&mut self, count: usize, leaves: impl Fn(&OwnOrder) -> bool) -> OrderRow {
        let out: OrderRow = self.orders.extract_if(..count, |own| leaves(own)).collect();
        if !out.is_empty() {
            self.ids.clear();
            self.ids.extend(self.orders.iter().map(|own| own.id()));
        }
        out
    }
}

impl Deref for OrderList {
    type Target = [Box<OwnOrder>];

    #[inline]
    fn deref(&self) -> &Self::Target {
        &self.orders
    }
}

impl DerefMut for OrderList {
    #[inline]
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.orders
    }
}

impl IntoIterator for OrderList {
    type Item = Box<OwnOrder>;
    type IntoIter = std::vec::IntoIter<Box<OwnOrder>>;

    fn into_iter(self) -> Self::IntoIter {
        self.orders.into_iter()
    }
}

impl<'a> IntoIterator for &'a OrderList {
    type Item = &'a Box<OwnOrder>;
    type IntoIter = std::slice::Iter<'a, Box<OwnOrder>>;

    fn into_iter(self) -> Self::IntoIter {
        self.orders.iter()
    }
}

impl<'a> IntoIterator for &'a mut OrderList {
    type Item = &'a mut Box<OwnOrder>;
    type IntoIter = std::slice::IterMut<'a, Box<OwnOrder>>;

    fn into_iter(self) -> Self::IntoIter {
        self.orders.iter_mut()
    }
}
