//! Orders that wait: for a trigger, for a parent, for a session; and what orders do to each other.
//!
//! One layer around every kind of market. What it holds is not in the market's queues; when the
//! time has come it enters the market like an order that arrives at that moment, in the last place
//! of its queue, and is answered for as any other.
//!
//! - *Triggers* are looked at when an event has ended, and when the order arrives: a stop that is
//!   beyond the market already goes off at once. Of the trades of one event the one that goes
//!   against the order counts first (`trigger`).
//! - *Contingencies* (`links`): an order with a parent works for as much of its quantity as the
//!   parent's fills allow, in proportion; peers cancel each other (OCO) or take each other's fills
//!   from their quantity (OUO). When all peers of a group have ended, what is left of their parent
//!   is cancelled: it would be without protection.
//! - *Reduce-only* orders (`reduce`) together never exceed the position; the newest are cut first.
//!   Peers of one group count once.
//! - What the data cannot tell is refused ([`model::Reason::Unsupported`]): a trigger on bid and ask
//!   where there are none, an iceberg where there is no queue.

mod bar;
mod entry;
mod links;
mod reduce;
mod split;
mod trigger;

pub use entry::Change;
pub use trigger::Prices;

use crate::error::VenueError;
use crate::market::Market;
use links::Linked;
use model::{
    Condition, Instrument, Lots, OrderId, OrderRequest, Price, Report, Sizer, Ticks, UnixNanos,
};

/// What the data of an instrument can tell.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Support {
    /// Prices of trades, or of bars.
    pub trades: bool,
    /// Best bid and ask.
    pub quotes: bool,
    /// A queue: what is shown of an order matters.
    pub queue: bool,
}

/// Why an order is held.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Waits {
    /// For its parent's first fill.
    Parent,
    /// For its trigger.
    Trigger,
}

/// An order that is not in the market.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Held {
    request: OrderRequest,
    condition: Condition,
    waits: Waits,
    /// Total quantity now.
    total: Lots,
    /// Limit now.
    limit: Option<Ticks>,
    /// Trigger price now; of a trailing stop the stop as far as it has come.
    stop: Price,
    /// Its place among those that are held.
    arrival: u64,
    /// When it reached the venue.
    arrived: UnixNanos,
    /// Whether it became active inside a bar, when `arrived` says nothing.
    born: bool,
}

impl Held {
    /// The order as it enters the market.
    fn entering(&self) -> OrderRequest {
        let kind = match (self.limit, self.request.kind) {
            (Some(limit), _) => model::OrderKind::Limit(limit),
            (None, kind) => kind,
        };
        OrderRequest { quantity: self.total, kind, ..self.request }
    }
}

/// What waits at one instrument, and which of its orders hang together.
#[derive(Clone, Debug)]
pub struct Conditional {
    instrument: Instrument,
    support: Support,
    held: Vec<Held>,
    linked: Vec<Linked>,
    /// Reduce-only orders in the market, by arrival.
    reducing: Vec<OrderId>,
    prices: Prices,
    arrivals: u64,
    /// Whether an order waits for a trigger.
    watching: bool,
}

impl Conditional {
    /// Nothing waits.
    #[must_use]
    pub fn new(instrument: &Instrument, support: Support) -> Self {
        Self {
            instrument: instrument.clone(),
            support,
            held: Vec::new(),
            linked: Vec::new(),
            reducing: Vec::new(),
            prices: Prices::default(),
            arrivals: 0,
            watching: false,
        }
    }

    /// Whether prices have to be looked at.
    #[inline]
    #[must_use]
    pub const fn is_watching(&self) -> bool {
        self.watching
    }

    /// Whether reports have to be looked at: orders hang together, or only reduce.
    #[inline]
    #[must_use]
    pub fn is_linking(&self) -> bool {
        !self.linked.is_empty() || !self.reducing.is_empty()
    }

    /// Whether nothing waits and nothing hangs together.
    #[inline]
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.held.is_empty() && !self.is_linking()
    }

    /// Number of orders that wait outside the market.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.held.len()
    }

    /// A trade print, for triggers.
    #[inline]
    pub fn print(&mut self, price: Price) {
        self.prices.print(price);
    }

    /// The end of an event: triggers are looked at, and what its reports mean for others.
    ///
    /// # Errors
    /// What a fill may give.
    pub fn after_event(
        &mut self,
        market: &mut Market,
        at: UnixNanos,
        sizer: &mut dyn Sizer,
        out: &mut Vec<Report>,
    ) -> Result<(), VenueError> {
        let mut place = Place { market, sizer, out, at };
        self.react(&mut place, 0)?;
        if self.watching {
            self.look(&mut place)?;
        }
        Ok(())
    }

    /// Whether an order waits outside the market.
    #[must_use]
    pub fn is_holding(&self, id: OrderId) -> bool {
        self.position(id).is_some()
    }

    fn position(&self, id: OrderId) -> Option<usize> {
        self.held.iter().position(|held| held.request.id == id)
    }

    fn refresh(&mut self) {
        self.watching = self.held.iter().any(|held| held.waits == Waits::Trigger);
        if !self.watching {
            self.prices.forget();
        }
    }
}

/// Where orders enter: the market, who sizes them, and where reports go.
pub(crate) struct Place<'a> {
    pub market: &'a mut Market,
    pub sizer: &'a mut dyn Sizer,
    pub out: &'a mut Vec<Report>,
    pub at: UnixNanos,
}
