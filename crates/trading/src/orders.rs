//! The order manager of one strategy.

use crate::directory::{Directory, Place};
use crate::error::TradingError;
use crate::order::Order;
use crate::state::{OrderEvent, Verdict, verdict};
use crate::working::{Counted, Working};
use model::{
    InstrumentIndex, Lots, OrderId, OrderRequest, OrderStatus, OrderType, Reason, Report, Side,
    Split, StrategyIndex, Ticks, UnixNanos,
};

/// What a report did.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Applied {
    /// Whether it said something new; a report that came late or twice changes nothing, and its
    /// fill must not be booked.
    pub fresh: bool,
    /// State before it.
    pub before: OrderStatus,
    /// State after it.
    pub after: OrderStatus,
}

/// Counts over the manager's life.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct OrderCounters {
    /// Orders submitted (denied ones too).
    pub submitted: u64,
    /// Denied by the risk checks.
    pub denied: u64,
    /// Rejected by the venue.
    pub rejected: u64,
    /// Filled completely.
    pub filled: u64,
    /// Cancelled or expired with a rest.
    pub canceled: u64,
    /// Executions.
    pub fills: u64,
    /// Executed lots over all instruments.
    pub filled_lots: i128,
    /// Lots asked for over all instruments (of orders that reached the venue and ended).
    pub asked_lots: i128,
    /// Reports that came late or twice.
    pub repeated_reports: u64,
}

/// All orders of one strategy.
///
/// Orders that have ended wait for [`OrderManager::take_finished`]; of those taken only state and
/// filled quantity stay, for the last 2^20 orders, so that memory is bounded in long runs.
pub struct OrderManager {
    strategy: StrategyIndex,
    next_number: u64,
    slots: Vec<Option<Order>>,
    free: Vec<u32>,
    directory: Directory,
    /// Numbers of the orders that have not ended, ascending.
    open: Vec<u64>,
    finished: Vec<Order>,
    working: Vec<Working>,
    counters: OrderCounters,
}

impl OrderManager {
    /// A manager without orders, for a run of `instruments` instruments.
    #[must_use]
    pub fn new(strategy: StrategyIndex, instruments: usize) -> Self {
        Self {
            strategy,
            next_number: 1,
            slots: Vec::new(),
            free: Vec::new(),
            directory: Directory::default(),
            open: Vec::new(),
            finished: Vec::new(),
            working: vec![Working::default(); instruments],
            counters: OrderCounters::default(),
        }
    }

    /// The strategy.
    #[must_use]
    pub const fn strategy(&self) -> StrategyIndex {
        self.strategy
    }

    /// The id that the next submitted order must carry.
    #[inline]
    #[must_use]
    pub const fn next_id(&self) -> OrderId {
        OrderId::new(self.strategy, self.next_number)
    }

    /// Counts so far.
    #[must_use]
    pub const fn counters(&self) -> &OrderCounters {
        &self.counters
    }

    /// Takes a new order as `pending`. Its id must be [`OrderManager::next_id`].
    ///
    /// # Errors
    /// [`TradingError::OrderSequence`], [`TradingError::UnknownInstrument`], or
    /// [`TradingError::Field`] when the quantity is not above zero and the venue does not size it.
    pub fn submit(&mut self, request: OrderRequest, at: UnixNanos) -> Result<(), TradingError> {
        self.submit_as(request, OrderType::of(request.kind, None), at)
    }

    /// Takes a new order of a type that its kind does not tell: one with a trigger.
    ///
    /// # Errors
    /// As [`Self::submit`].
    pub fn submit_as(
        &mut self,
        request: OrderRequest,
        order_type: OrderType,
        at: UnixNanos,
    ) -> Result<(), TradingError> {
        let number = request.id.number();
        if request.id != self.next_id() {
            return Err(TradingError::OrderSequence { number, expected: self.next_number });
        }
        let count = self.working.len();
        if request.instrument.index() >= count {
            let index = request.instrument.0;
            return Err(TradingError::UnknownInstrument { index, count });
        }
        if !request.size_at_fill && request.quantity.0 <= 0 {
            return Err(TradingError::Field {
                number,
                field: "quantity",
                value: request.quantity.0,
                accepted: "above 0 lots".to_owned(),
            });
        }
        let order = Order::new(request, order_type, at);
        self.working[request.instrument.index()].count(Counted::of(&order), 1);
        let slot = self.free.pop().unwrap_or_else(|| {
            self.slots.push(None);
            (self.slots.len() - 1) as u32
        });
        self.slots[slot as usize] = Some(order);
        self.directory.push(slot);
        self.open.push(number);
        self.next_number += 1;
        self.counters.submitted += 1;
        Ok(())
    }

    /// Applies a report of the venue or a denial. A report that comes late or twice is answered
    /// with `fresh: false`.
    ///
    /// # Errors
    /// [`TradingError::UnknownOrder`], [`TradingError::Transition`], [`TradingError::Field`]; the
    /// order is then as it was.
    pub fn apply(&mut self, report: &Report) -> Result<Applied, TradingError> {
        let number = self.number_of(report.order)?;
        let slot = match self.directory.find(number) {
            Some(Place::Slot(slot)) => slot,
            Some(Place::Finished(status, _)) => return self.apply_to_finished(status, report),
            None => return self.apply_to_finished(OrderStatus::Expired, report),
        };
        // The order stays where it is: it is large, and most reports change a field or two of it.
        let Some(order) = &mut self.slots[slot] else { return Err(self.unknown(report.order)) };
        let before = order.status;
        let counted = Counted::of(order);
        let outcome = order.apply(report);
        recount(&mut self.working, order, counted);
        let after = order.status;
        let settled = order.is_settled();
        if let (Ok(true), model::ReportKind::Filled(fill)) = (&outcome, &report.kind) {
            self.counters.fills += 1;
            self.counters.filled_lots += i128::from(fill.quantity.0);
        }
        let ends = !before.is_final() && after.is_final();
        if (ends || settled)
            && let Some(order) = self.slots[slot].take()
        {
            if ends {
                self.end(&order);
            }
            if settled {
                self.retire(number, slot, order);
            } else {
                self.slots[slot] = Some(order);
            }
        }
        let fresh = outcome?;
        self.counters.repeated_reports += u64::from(!fresh);
        Ok(Applied { fresh, before, after })
    }

    /// Marks an order as to be cancelled. `Ok(true)`: send it; `Ok(false)`: one is on its way.
    ///
    /// # Errors
    /// [`Reason::UnknownOrder`] or, when it has ended, [`Reason::TooLate`].
    pub fn request_cancel(&mut self, id: OrderId) -> Result<bool, Reason> {
        let slot = self.open_slot(id)?;
        let Some(order) = &mut self.slots[slot] else { return Err(Reason::UnknownOrder) };
        let counted = Counted::of(order);
        let send = !order.pending_cancel;
        order.pending_cancel = true;
        recount(&mut self.working, order, counted);
        Ok(send)
    }

    /// Marks an order as to be changed: `total` is the new *total* quantity (at or below what is
    /// filled completes the order), `price` the new limit.
    ///
    /// # Errors
    /// [`Reason::UnknownOrder`], [`Reason::TooLate`], [`Reason::NothingToDo`] when neither is
    /// given, [`Reason::ZeroSize`] for a total that is not above zero, [`Reason::Unsupported`]
    /// for a limit of a market order or the quantity of an order that the venue sizes.
    pub fn request_modify(
        &mut self,
        id: OrderId,
        total: Option<Lots>,
        price: Option<Ticks>,
    ) -> Result<(), Reason> {
        let slot = self.open_slot(id)?;
        let Some(order) = &mut self.slots[slot] else { return Err(Reason::UnknownOrder) };
        if total.is_none() && price.is_none() {
            Err(Reason::NothingToDo)
        } else if total.is_some_and(|t| t.0 <= 0) {
            Err(Reason::ZeroSize)
        } else if (price.is_some() && order.limit.is_none())
            || (total.is_some() && order.request.size_at_fill)
        {
            Err(Reason::Unsupported)
        } else {
            let counted = Counted::of(order);
            order.begin_modify(total);
            recount(&mut self.working, order, counted);
            Ok(())
        }
    }

    /// Marks an order as to be changed in its trigger price alone.
    ///
    /// # Errors
    /// [`Reason::UnknownOrder`] or, when it has ended, [`Reason::TooLate`].
    pub fn request_trigger_change(&mut self, id: OrderId) -> Result<(), Reason> {
        let slot = self.open_slot(id)?;
        let Some(order) = &mut self.slots[slot] else { return Err(Reason::UnknownOrder) };
        order.begin_modify(None);
        Ok(())
    }

    /// An instrument was split: every order in it that has not ended is from here on in new units.
    ///
    /// # Errors
    /// [`TradingError::Model`] on overflow.
    pub fn apply_split(
        &mut self,
        instrument: InstrumentIndex,
        split: Split,
    ) -> Result<(), TradingError> {
        for order in self.slots.iter_mut().flatten() {
            if order.request.instrument == instrument && !order.status.is_final() {
                let counted = Counted::of(order);
                let done = order.split(split);
                recount(&mut self.working, order, counted);
                done?;
            }
        }
        Ok(())
    }

    /// An order that has not ended, or that has and waits for fills from before its end.
    #[inline]
    #[must_use]
    pub fn order(&self, id: OrderId) -> Option<&Order> {
        let number = self.number_of(id).ok()?;
        self.slots[self.slot_of(number)?].as_ref()
    }

    /// State of an order; `None` when it was never submitted or ended more than 2^20 orders ago.
    #[must_use]
    pub fn status(&self, id: OrderId) -> Option<OrderStatus> {
        self.state(id).map(|(status, _)| status)
    }

    /// Filled quantity of an order in lots; `None` as for [`OrderManager::status`].
    #[must_use]
    pub fn filled(&self, id: OrderId) -> Option<Lots> {
        self.state(id).map(|(_, filled)| filled)
    }

    /// What is left to fill of an order: 0 once it has ended; `None` as for
    /// [`OrderManager::status`].
    #[must_use]
    pub fn leaves(&self, id: OrderId) -> Option<Lots> {
        self.order(id).map(Order::leaves).or_else(|| self.status(id).map(|_| Lots::ZERO))
    }

    /// Orders that have not ended, oldest first.
    pub fn open_orders(&self) -> impl Iterator<Item = &Order> {
        self.open.iter().filter_map(|&n| self.slots[self.slot_of(n)?].as_ref())
    }

    /// How many orders have not ended.
    #[inline]
    #[must_use]
    pub fn open_count(&self) -> usize {
        self.open.len()
    }

    /// Lots that may still fill on a side of an instrument, with every change on its way granted
    /// and every cancel on its way ignored: what risk counts.
    #[inline]
    #[must_use]
    pub fn working(&self, instrument: InstrumentIndex, side: Side) -> Lots {
        self.working.get(instrument.index()).map_or(Lots::ZERO, |w| w.all(side))
    }

    /// The same without orders whose cancel is on its way: what a target counts.
    #[inline]
    #[must_use]
    pub fn working_uncanceled(&self, instrument: InstrumentIndex, side: Side) -> Lots {
        self.working.get(instrument.index()).map_or(Lots::ZERO, |w| w.uncanceled(side))
    }

    /// Signed lots that a target counts as coming: buys less sells, without cancelled ones.
    #[must_use]
    pub fn working_net(&self, instrument: InstrumentIndex) -> Lots {
        self.working_uncanceled(instrument, Side::Buy)
            - self.working_uncanceled(instrument, Side::Sell) // both 0 or above: no overflow
    }

    /// Hands over the orders that have ended since the last call, in the order of their ends.
    pub fn take_finished(&mut self) -> std::vec::Drain<'_, Order> {
        self.finished.drain(..)
    }

    /// Hands over every order that has not been taken, those still open too, by number: the end of
    /// a run. Open ones stay open.
    pub fn take_all(&mut self) -> Vec<Order> {
        let mut all: Vec<Order> = self.finished.drain(..).collect();
        all.extend(self.slots.iter().flatten().cloned());
        all.sort_by_key(|o| o.request.id.number());
        all
    }

    fn number_of(&self, id: OrderId) -> Result<u64, TradingError> {
        let number = id.number();
        if id.strategy() != self.strategy || number == 0 || number >= self.next_number {
            return Err(self.unknown(id));
        }
        Ok(number)
    }

    fn unknown(&self, id: OrderId) -> TradingError {
        TradingError::UnknownOrder {
            strategy: id.strategy().0,
            number: id.number(),
            owner: self.strategy.0,
        }
    }

    fn state(&self, id: OrderId) -> Option<(OrderStatus, Lots)> {
        match self.directory.find(self.number_of(id).ok()?)? {
            Place::Slot(slot) => self.slots[slot].as_ref().map(|o| (o.status, o.filled)),
            Place::Finished(status, filled) => Some((status, filled)),
        }
    }

    #[inline]
    fn slot_of(&self, number: u64) -> Option<usize> {
        match self.directory.find(number)? {
            Place::Slot(slot) => Some(slot),
            Place::Finished(..) => None,
        }
    }

    fn open_slot(&self, id: OrderId) -> Result<usize, Reason> {
        let number = self.number_of(id).map_err(|_| Reason::UnknownOrder)?;
        let slot = self.slot_of(number).ok_or(Reason::TooLate)?;
        match &self.slots[slot] {
            Some(order) if !order.status.is_final() => Ok(slot),
            _ => Err(Reason::TooLate),
        }
    }

    fn apply_to_finished(
        &mut self,
        status: OrderStatus,
        report: &Report,
    ) -> Result<Applied, TradingError> {
        let event = OrderEvent::of(&report.kind);
        // Settled: every fill before its end is booked, so a further one is a repetition.
        match verdict(status, event) {
            Verdict::Late | Verdict::Belated => {
                self.counters.repeated_reports += 1;
                Ok(Applied { fresh: false, before: status, after: status })
            }
            _ => {
                Err(TradingError::Transition { number: report.order.number(), from: status, event })
            }
        }
    }

    fn end(&mut self, order: &Order) {
        if let Ok(at) = self.open.binary_search(&order.request.id.number()) {
            self.open.remove(at);
        }
        let c = &mut self.counters;
        match order.status {
            OrderStatus::Denied => c.denied += 1,
            OrderStatus::Rejected => c.rejected += 1,
            OrderStatus::Filled => c.filled += 1,
            _ => c.canceled += 1,
        }
        if order.status != OrderStatus::Denied {
            c.asked_lots += i128::from(order.quantity.0);
        }
    }

    fn retire(&mut self, number: u64, slot: usize, order: Order) {
        self.directory.finish(number, &order);
        self.free.push(slot as u32);
        self.finished.push(order);
    }
}

/// Counts an order anew where what it counts for is no longer what it was.
#[inline]
fn recount(working: &mut [Working], order: &Order, before: Counted) {
    let now = Counted::of(order);
    if now != before
        && let Some(working) = working.get_mut(order.request.instrument.index())
    {
        working.count(before, -1);
        working.count(now, 1);
    }
}
