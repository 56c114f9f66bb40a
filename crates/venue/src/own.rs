//! The own orders at a venue and their order of priority.

use crate::desk::Desk;
use crate::order_list::{OrderList, OrderRow};
use crate::queue::Front;
use costs::OrderFees;
use model::{
    CancelReason, FillBasis, Lots, ModelError, OrderId, OrderKind, OrderRequest, Price, Reason,
    Report, ReportKind, Side, Split, StrategyIndex, Ticks, UnixNanos,
};

/// An own order that works at the venue.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OwnOrder {
    /// What was asked for.
    pub request: OrderRequest,
    /// Buy or sell (of a sized order: what the sizer said).
    pub side: Side,
    /// Its limit; none for a market order that waits.
    pub limit: Option<Ticks>,
    /// Total quantity in lots, what is filled included.
    pub total: Lots,
    /// Filled quantity in lots.
    pub filled: Lots,
    /// Its place among recorded orders of its price: those with a smaller sequence are ahead.
    pub sequence: u64,
    /// Its place among own orders: the smaller the earlier.
    pub arrival: u64,
    /// When it reached the venue, or last lost its place.
    pub arrived: UnixNanos,
    /// In a book of levels: what stands ahead of it.
    pub front: Front,
    /// Of an iceberg: what is left of the slice that is shown.
    pub shown: Lots,
    /// Which visit of its price by the market this is, counted from 0.
    pub visit: u64,
    pub(crate) at_price: bool,
    pub(crate) fees: OrderFees,
    /// Executed in the open event and not reported yet, with its price.
    pub(crate) pending: Lots,
    pub(crate) pending_price: Price,
    pub(crate) pending_basis: FillBasis,
    /// A market order whose size is asked for when it executes.
    pub(crate) unsized_yet: bool,
    /// Not seen by a quote or bar since it arrived.
    pub(crate) fresh: bool,
    /// The market offers what its limit accepts, but slippage or impact would make that worse than
    /// its limit: for as long as it lasts the order takes or does nothing, and is no maker.
    pub(crate) held_back: bool,
}

impl OwnOrder {
    pub(crate) fn new(request: &OrderRequest, at: UnixNanos) -> Self {
        Self {
            request: *request,
            side: request.side,
            limit: request.kind.limit(),
            total: request.quantity,
            filled: Lots::ZERO,
            sequence: 0,
            arrival: 0,
            arrived: at,
            front: Front::default(),
            shown: Lots::ZERO,
            visit: 0,
            at_price: false,
            fees: OrderFees::default(),
            pending: Lots::ZERO,
            pending_price: Price::ZERO,
            pending_basis: FillBasis::Queue,
            unsized_yet: request.size_at_fill,
            fresh: true,
            held_back: false,
        }
    }

    /// The order's id.
    #[inline]
    #[must_use]
    pub const fn id(&self) -> OrderId {
        self.request.id
    }

    /// What others can see of it, in lots: of an iceberg the rest of the slice that is shown.
    #[inline]
    #[must_use]
    pub fn visible(&self) -> Lots {
        let leaves = self.leaves();
        if self.request.display.is_zero() { leaves } else { leaves.min(self.shown) }
    }

    /// Shows the next slice of an iceberg.
    pub(crate) fn show_next(&mut self) {
        self.shown = self.request.display.min(self.leaves());
    }

    /// The order as it stands: with its side, total quantity and limit of now.
    #[must_use]
    pub fn request_as_it_stands(&self) -> OrderRequest {
        let kind = self.limit.map_or(self.request.kind, OrderKind::Limit);
        OrderRequest { side: self.side, quantity: self.total, kind, ..self.request }
    }

    /// Its instrument was split: the order in new units. False when less than a lot is left of it.
    pub(crate) fn split(&mut self, split: Split) -> Result<bool, ModelError> {
        let side = self.side;
        self.limit = self.limit.map(|limit| split.limit(side, limit)).transpose()?;
        if let (OrderKind::Limit(_), Some(limit)) = (self.request.kind, self.limit) {
            self.request.kind = OrderKind::Limit(limit);
        }
        if self.unsized_yet {
            return Ok(true);
        }
        (self.total, self.filled) = split.order(self.total, self.filled)?;
        self.request.quantity = self.total;
        if !self.request.display.is_zero() {
            self.request.display = Lots(split.quantity(self.request.display)?.0.0.max(1));
        }
        self.front = Front::default();
        self.held_back = false;
        Ok(!self.leaves().is_zero())
    }

    /// What is not filled yet, in lots.
    #[inline]
    #[must_use]
    pub fn leaves(&self) -> Lots {
        self.total - self.filled - self.pending
    }
}

/// The own orders of one instrument, of all strategies.
#[derive(Clone, Debug, Default)]
pub(crate) struct OwnOrders {
    /// Resting bids, the best price first, then by arrival.
    pub bids: OrderList,
    /// Resting asks, likewise.
    pub asks: OrderList,
    /// Orders that wait for a market, or for an opening or close, by arrival.
    pub waiting: OrderList,
    arrivals: u64,
    /// Highest order number seen, by strategy.
    seen: Vec<u64>,
}

/// Where an order is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Place {
    Bid(usize),
    Ask(usize),
    Waiting(usize),
}

impl OwnOrders {
    pub fn is_empty(&self) -> bool {
        self.bids.is_empty() && self.asks.is_empty() && self.waiting.is_empty()
    }

    pub fn has_resting(&self) -> bool {
        !(self.bids.is_empty() && self.asks.is_empty())
    }

    #[inline]
    pub fn side(&self, side: Side) -> &[Box<OwnOrder>] {
        match side {
            Side::Buy => &self.bids,
            Side::Sell => &self.asks,
        }
    }

    #[inline]
    pub fn side_mut(&mut self, side: Side) -> &mut OrderList {
        match side {
            Side::Buy => &mut self.bids,
            Side::Sell => &mut self.asks,
        }
    }

    /// The best own price of a side.
    #[inline]
    pub fn best(&self, side: Side) -> Option<Ticks> {
        self.side(side).first().and_then(|own| own.limit)
    }

    /// The place in line of the next arrival.
    pub fn next_arrival(&mut self) -> u64 {
        self.arrivals += 1;
        self.arrivals
    }

    /// Remembers that this order has been here.
    pub fn see(&mut self, id: OrderId) {
        let strategy = id.strategy().index();
        if self.seen.len() <= strategy {
            self.seen.resize(strategy + 1, 0);
        }
        self.seen[strategy] = self.seen[strategy].max(id.number());
    }

    /// Why a command on an order that is not here is refused.
    pub fn absent(&self, id: OrderId) -> Reason {
        let seen = self.seen.get(id.strategy().index());
        if seen.is_some_and(|&highest| id.number() <= highest) {
            Reason::TooLate
        } else {
            Reason::UnknownOrder
        }
    }

    /// Puts an order with a limit where its price and arrival say; one that takes part in an
    /// opening or close only waits for it.
    pub fn rest(&mut self, own: Box<OwnOrder>) {
        let side = own.side;
        let Some(limit) = own.limit.filter(|_| !own.request.time_in_force.is_timed()) else {
            return self.wait(own);
        };
        let list = self.side_mut(side);
        let at = list.partition_point(|other| {
            other.limit.is_some_and(|price| {
                side.is_better(price, limit) || (price == limit && other.arrival < own.arrival)
            })
        });
        list.insert(at, own);
    }

    /// Lets an order wait.
    pub fn wait(&mut self, own: Box<OwnOrder>) {
        let at = self.waiting.partition_point(|other| other.arrival < own.arrival);
        self.waiting.insert(at, own);
    }

    pub fn find(&self, id: OrderId) -> Option<Place> {
        let bid = self.bids.position(id).map(Place::Bid);
        bid.or_else(|| self.asks.position(id).map(Place::Ask))
            .or_else(|| self.waiting.position(id).map(Place::Waiting))
    }

    /// One of them.
    pub fn get(&self, id: OrderId) -> Option<&OwnOrder> {
        self.iter().find(|own| own.id() == id)
    }

    pub fn at_mut(&mut self, place: Place) -> &mut OwnOrder {
        match place {
            Place::Bid(i) => &mut self.bids[i],
            Place::Ask(i) => &mut self.asks[i],
            Place::Waiting(i) => &mut self.waiting[i],
        }
    }

    pub fn remove(&mut self, place: Place) -> Box<OwnOrder> {
        match place {
            Place::Bid(i) => self.bids.remove(i),
            Place::Ask(i) => self.asks.remove(i),
            Place::Waiting(i) => self.waiting.remove(i),
        }
    }

    /// Takes an order out as it shall be from here on.
    pub fn take_as(&mut self, place: Place, own: OwnOrder) -> Box<OwnOrder> {
        let mut kept = self.remove(place);
        *kept = own;
        kept
    }

    /// Takes out every order (of a strategy), by arrival.
    pub fn drain(&mut self, strategy: Option<StrategyIndex>) -> OrderRow {
        let mut out = Vec::new();
        for list in [&mut self.bids, &mut self.asks, &mut self.waiting] {
            out.extend(list.take_where(list.len(), |own| {
                strategy.is_none_or(|index| own.id().strategy() == index)
            }));
        }
        out.sort_by_key(|own| own.arrival);
        out
    }

    /// Takes out every order, each in new units, and tells of it; what comes to less than a lot ends.
    /// They are to be put in again, by arrival.
    pub fn split(
        &mut self,
        split: Split,
        desk: &Desk,
        out: &mut Vec<Report>,
    ) -> Result<OrderRow, ModelError> {
        let mut kept = self.drain(None);
        for own in &mut kept {
            if !own.split(split)? {
                desk.cancel(own, CancelReason::Split, out);
            } else if !own.unsized_yet || own.limit.is_some() {
                let (quantity, price) = (own.total, own.limit.unwrap_or(Ticks::NONE));
                desk.report(own.id(), ReportKind::Restated { quantity, price }, out);
            }
        }
        kept.retain(|own| own.unsized_yet || !own.leaves().is_zero());
        Ok(kept)
    }

    /// All of them, bids, asks, waiting.
    pub fn iter(&self) -> impl Iterator<Item = &OwnOrder> {
        self.bids.iter().chain(self.asks.iter()).chain(self.waiting.iter()).map(Box::as_ref)
    }

    /// Own orders of the other side that an order of this side and bound would trade with on a
    /// real venue.
    pub fn crossings(&self, side: Side, bound: Ticks) -> u64 {
        self.side(side.opposite())
            .iter()
            .take_while(|other| other.limit.is_some_and(|price| side.accepts(bound, price)))
            .count() as u64
    }
}
