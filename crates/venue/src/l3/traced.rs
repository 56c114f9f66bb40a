//! A market by order writes down what one of its own orders meets.

use super::L3Market;
use super::passive::Execution;
use crate::desk::{Desk, distance};
use crate::error::VenueError;
use crate::trace::{Ahead, Cause, Entry, Step, Trace};
use book::BookOrder;
use model::{Lots, Mbo, Report, Side, Sizer, UnixNanos};

impl L3Market {
    /// Whether an own order is here whose every step is written down.
    #[inline]
    pub(super) fn traces_resting(&self) -> bool {
        self.desk.trace.as_deref().is_some_and(|trace| self.own.get(trace.order()).is_some())
    }

    /// Writes down from now on what one order meets.
    pub(crate) fn set_trace(&mut self, trace: Option<Box<Trace>>) {
        self.desk.trace = trace;
        self.refresh();
    }

    pub(crate) const fn desk(&self) -> &Desk {
        &self.desk
    }

    pub(crate) const fn desk_mut(&mut self) -> &mut Desk {
        &mut self.desk
    }

    /// The route of a record while an order is traced.
    #[cold]
    pub(super) fn apply_traced(
        &mut self,
        record: Mbo<'_>,
        sizer: &mut dyn Sizer,
        out: &mut Vec<Report>,
    ) -> Result<(), VenueError> {
        let id = record.order_id();
        let executed = self.event.executed(id) > 0;
        let before = self.book.order(id);
        self.apply_record(record, out)?;
        let cause = match record.action() {
            _ if record.is_snapshot() => Cause::Snapshot,
            b'C' | b'M' if executed => Cause::Executed,
            b'C' => Cause::Canceled,
            b'R' => Cause::Cleared,
            _ => Cause::Modified,
        };
        let left = self.book.order(id).map_or(0, |order| order.quantity.0);
        let gone = before.map(|order| Lots(order.quantity.0 - left));
        self.trace_place(cause, id, gone);
        if record.is_last() && !record.is_snapshot() {
            self.end_event(sizer, out)?;
            self.trace_place(cause, 0, None);
        }
        Ok(())
    }

    /// Writes where the traced order stands, if that has changed.
    pub(crate) fn trace_place(&mut self, cause: Cause, record: u64, gone: Option<Lots>) {
        let Some(order) = self.desk.trace.as_deref().map(Trace::order) else {
            return;
        };
        let ahead = self.queue_ahead(order);
        let ahead = ahead.map(|it| Ahead { lots: it.quantity.0 as f64, orders: Some(it.orders) });
        let entry = Entry::at(UnixNanos(self.clock), Step::Queue, self.book.bbo());
        if let Some(trace) = self.desk.trace.as_deref_mut() {
            trace.place(ahead, Entry { cause: Some(cause), quantity: gone, record, ..entry });
        }
    }

    /// Writes a trade print that the traced order's limit accepts.
    pub(super) fn trace_trade(&mut self, record: Mbo<'_>) {
        let bbo = self.book.bbo();
        let Some(trace) = self.desk.trace.as_deref_mut() else { return };
        let Some(own) = self.own.get(trace.order()) else { return };
        let Some(limit) = own.limit.map(|limit| self.desk.instrument.grid.price(limit)) else {
            return;
        };
        let aggressor: Option<Side> = record.side();
        if aggressor == Some(own.side) || distance(own.side, limit, record.price()) < 0 {
            return;
        }
        trace.write(Entry {
            price: Some(record.price()),
            quantity: Some(Lots(i64::from(record.size()))),
            record: record.order_id(),
            ..Entry::at(UnixNanos(self.clock), Step::Trade, bbo)
        });
    }

    /// Writes that an order of the other side has arrived at or through the traced order's limit.
    pub(super) fn trace_crossing(&mut self, order: &BookOrder, free: i64) {
        let bbo = self.book.bbo();
        let Some(trace) = self.desk.trace.as_deref_mut() else { return };
        let Some(own) = self.own.get(trace.order()) else { return };
        let reaches = own.limit.is_some_and(|limit| own.side.accepts(limit, order.price));
        if own.side != order.side && reaches {
            trace.write(Entry {
                price: Some(self.desk.instrument.grid.price(order.price)),
                quantity: Some(Lots(free.max(0))),
                record: order.id,
                ..Entry::at(UnixNanos(self.clock), Step::Crossing, bbo)
            });
        }
    }

    /// Writes the execution of a recorded order at the traced order's price or beyond.
    pub(super) fn trace_execution(&mut self, execution: &Execution) {
        let bbo = self.book.bbo();
        let Some(trace) = self.desk.trace.as_deref_mut() else { return };
        let Some(own) = self.own.get(trace.order()) else { return };
        let order = execution.order;
        let Some(limit) = own.limit.filter(|_| own.side == order.side) else { return };
        if own.side.is_better(order.price, limit) {
            return;
        }
        let cause = if order.price != limit {
            Cause::Beyond
        } else if execution.is_behind(own, limit) {
            Cause::Behind
        } else {
            Cause::Ahead
        };
        trace.write(Entry {
            cause: Some(cause),
            price: Some(execution.price),
            quantity: Some(Lots(execution.quantity)),
            record: order.id,
            ..Entry::at(UnixNanos(self.clock), Step::Execution, bbo)
        });
    }
}
