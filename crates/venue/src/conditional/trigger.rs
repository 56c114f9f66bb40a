//! Triggers: which price they look at, when they go off, how a trailing stop follows.

use super::{Conditional, Held, Place, Support, Waits};
use crate::error::VenueError;
use model::{Bbo, Instrument, ModelError, Price, Side, Split, Trigger, TriggerKind, TriggerSource};

/// Prices of trades since the triggers were looked at last.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Prices {
    /// The last one ever.
    last: Price,
    high: Price,
    low: Price,
}

impl Default for Prices {
    fn default() -> Self {
        let none = Price::UNDEFINED;
        Self { last: none, high: none, low: none }
    }
}

impl Prices {
    /// A trade.
    #[inline]
    pub fn print(&mut self, price: Price) {
        if !price.is_defined() {
            return;
        }
        self.last = price;
        if !self.high.is_defined() || price > self.high {
            self.high = price;
        }
        if !self.low.is_defined() || price < self.low {
            self.low = price;
        }
    }

    /// The trades so far have been looked at.
    pub(super) fn forget(&mut self) {
        (self.high, self.low) = (Price::UNDEFINED, Price::UNDEFINED);
    }

    /// Prices as they would have been after a split.
    pub(super) fn split(&mut self, split: Split) -> Result<(), ModelError> {
        self.last = split.price(self.last)?;
        self.high = split.price(self.high)?;
        self.low = split.price(self.low)?;
        Ok(())
    }

    /// The last trade.
    pub(super) fn last(&self) -> Price {
        self.last
    }
}

/// The span of a trigger's price in one event: what went against the order, and what went for it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Span {
    /// Lowest price.
    pub low: Price,
    /// Highest price.
    pub high: Price,
}

impl Span {
    pub const fn at(price: Price) -> Self {
        Self { low: price, high: price }
    }

    /// The end of the span that a trigger of this kind and side meets first.
    const fn towards(&self, kind: TriggerKind, side: Side) -> Price {
        match (kind, side) {
            (TriggerKind::Stop, Side::Buy) | (TriggerKind::IfTouched, Side::Sell) => self.high,
            (TriggerKind::Stop, Side::Sell) | (TriggerKind::IfTouched, Side::Buy) => self.low,
        }
    }

    /// The best price for a trailing stop: what it follows.
    const fn best(&self, side: Side) -> Price {
        match side {
            Side::Buy => self.low,
            Side::Sell => self.high,
        }
    }
}

/// Whether a price has reached a trigger.
pub(super) fn reached(kind: TriggerKind, side: Side, stop: Price, price: Price) -> bool {
    match (kind, side) {
        (TriggerKind::Stop, Side::Buy) | (TriggerKind::IfTouched, Side::Sell) => price >= stop,
        (TriggerKind::Stop, Side::Sell) | (TriggerKind::IfTouched, Side::Buy) => price <= stop,
    }
}

fn middle(low: Price, high: Price) -> Price {
    // Both lie within the book's range: the sum cannot leave the type.
    Price(low.0 + (high.0 - low.0) / 2)
}

impl Held {
    /// Looks at a span of prices: whether the trigger goes off, after which a trailing stop follows.
    /// What goes against the order comes first.
    pub(super) fn meets(&mut self, span: Span) -> Result<bool, VenueError> {
        let Some(trigger) = self.condition.trigger else { return Ok(true) };
        let side = self.request.side;
        if self.stop.is_defined() {
            let price = span.towards(trigger.kind, side);
            if reached(trigger.kind, side, self.stop, price) {
                return Ok(true);
            }
        }
        self.follow(span)?;
        Ok(false)
    }

    /// Lets a trailing stop follow the best price of a span.
    pub(super) fn follow(&mut self, span: Span) -> Result<(), VenueError> {
        let Some(trail) = self.condition.trigger.and_then(|trigger| trigger.trail) else {
            return Ok(());
        };
        let side = self.request.side;
        let stop = trail.offset.stop(side, span.best(side))?;
        let closer = match side {
            Side::Buy => stop < self.stop,
            Side::Sell => stop > self.stop,
        };
        if !self.stop.is_defined() || closer {
            self.stop = stop;
        }
        Ok(())
    }

    /// The limit with which an order enters whose trigger has gone off: of a trailing stop-limit
    /// so many ticks beyond the stop, rounded to the grid towards the worse price.
    pub(super) fn limit_at_trigger(&mut self, instrument: &Instrument) {
        let trail = self.condition.trigger.and_then(|trigger| trigger.trail);
        let Some(offset) = trail.and_then(|trail| trail.limit_offset) else { return };
        let side = self.request.side;
        let stop = match side {
            Side::Sell => instrument.floor_tick(self.stop).0,
            Side::Buy => -instrument.floor_tick(Price(-self.stop.0)).0,
        };
        self.limit = Some(model::Ticks(stop.saturating_add(side.sign().saturating_mul(offset.0))));
    }
}

impl Conditional {
    /// The prices that a trigger sees: `None` where the market has none yet.
    pub(super) fn span(&self, trigger: &Trigger, side: Side, bbo: &Bbo) -> Option<Span> {
        let grid = &self.instrument.grid;
        let defined = |price: Price| price.is_defined().then_some(price);
        let (bid, ask) = (defined(grid.price(bbo.bid)), defined(grid.price(bbo.ask)));
        let source = match trigger.source {
            TriggerSource::Default if self.support.trades => TriggerSource::Last,
            TriggerSource::Default => TriggerSource::BidAsk,
            given => given,
        };
        match source {
            TriggerSource::Default | TriggerSource::Last => {
                let prices = &self.prices;
                Some(Span { low: defined(prices.low)?, high: defined(prices.high)? })
            }
            TriggerSource::BidAsk => Some(Span::at(if side == Side::Buy { ask? } else { bid? })),
            TriggerSource::Mid => Some(Span::at(middle(bid?, ask?))),
            TriggerSource::Mark => {
                let mut three = [bid?, ask?, defined(self.prices.last())?];
                three.sort_unstable();
                Some(Span::at(three[1]))
            }
        }
    }

    /// Whether the data can feed a trigger.
    pub(super) fn can_feed(&self, trigger: &Trigger) -> bool {
        let Support { trades, quotes, .. } = self.support;
        match trigger.source {
            TriggerSource::Default => trades || quotes,
            TriggerSource::Last => trades,
            TriggerSource::BidAsk | TriggerSource::Mid => quotes,
            TriggerSource::Mark => trades && quotes,
        }
    }

    /// Looks at every trigger, by arrival; those that go off enter the market. What they do may
    /// bring others in, which are looked at too.
    pub(super) fn look(&mut self, place: &mut Place<'_>) -> Result<(), VenueError> {
        let mut seen = 0;
        // By arrival: the order that came first enters first.
        while let Some(at) = self.next_waiting(seen) {
            seen = self.held[at].arrival;
            let Some(trigger) = self.held[at].condition.trigger else { continue };
            let side = self.held[at].request.side;
            let bbo = place.market.bbo();
            let Some(span) = self.span(&trigger, side, &bbo) else { continue };
            if self.held[at].meets(span)? {
                let first = place.out.len();
                self.enter(at, place)?;
                self.react(place, first)?;
            }
        }
        self.prices.forget();
        self.refresh();
        Ok(())
    }

    /// The order that waits for a trigger and came first after this arrival.
    fn next_waiting(&self, after: u64) -> Option<usize> {
        self.held
            .iter()
            .enumerate()
            .filter(|(_, held)| held.waits == Waits::Trigger && held.arrival > after)
            .min_by_key(|(_, held)| held.arrival)
            .map(|(at, _)| at)
    }
}
