//! An exchange made of a book of levels: depth snapshots or level changes, with or without trades.
//!
//! - A resting own order stands behind what is displayed at its price when it comes; the queue model
//!   moves it forward ([`crate::queue`]). A trade at its price fills it with what the front does not
//!   absorb, a trade beyond its price with what traded there; every traded lot fills one own order at
//!   most, the better price first, then by arrival.
//! - A level of the other side at or through its limit trades with it first: whoever is displayed
//!   there would have met the own order.
//! - An own order takes, on arrival, what the book displays less what own orders have consumed of it:
//!   when a display goes q0 → q1, `consumed ← max(0, consumed − max(0, q0 − q1))`.
//! - Orders arrive between messages; a message of several level changes is one event.
//! - A trade that names no aggressor is a sale at or below the best bid, a purchase at or above the
//!   best ask, and in between a trade with both sides.
//! - While the book is crossed, or the phase is not trading, nothing matches.

mod matching;
mod orders;

use crate::counters::VenueCounters;
use crate::desk::Desk;
use crate::error::VenueError;
use crate::own::{OwnOrder, OwnOrders};
use crate::queue::DepthQueue;
use crate::settings::VenueSettings;
use book::BookL2;
use costs::CostError;
use matching::Consumed;
use model::{
    Bbo, DepthLevel, Instrument, InstrumentIndex, LevelUpdate, Lots, MarketEvent, Price, Quantity,
    Report, Side, Sizer, Ticks, TradingPhase,
};

/// One instrument of a source of levels with the own orders in it.
#[derive(Clone, Debug)]
pub struct DepthMarket {
    desk: Desk,
    own: OwnOrders,
    phase: TradingPhase,
    book: BookL2,
    consumed: Consumed,
    /// Best own prices: whether a change of a level concerns own orders is one comparison.
    best_own: [Option<Ticks>; 2],
    worst_own: [Option<Ticks>; 2],
    /// Whether own orders came while nothing matched.
    resume: bool,
    /// Whether slippage or impact hold an own order back.
    holds_back: bool,
    last_best: (Ticks, Ticks),
    /// The levels of a snapshot, while one is taken in.
    kept: Vec<Ticks>,
}

impl DepthMarket {
    /// A market that has seen nothing. `seed` feeds the draws at touch.
    #[must_use]
    pub fn new(instrument: &Instrument, settings: &VenueSettings, seed: u64) -> Self {
        Self {
            desk: Desk::new(instrument, settings, seed),
            own: OwnOrders::default(),
            phase: settings.phase().unwrap_or(TradingPhase::Trading),
            book: BookL2::new(),
            consumed: Consumed::default(),
            best_own: [None; 2],
            worst_own: [None; 2],
            resume: false,
            holds_back: false,
            last_best: (Ticks::NONE, Ticks::NONE),
            kept: Vec::new(),
        }
    }

    /// Sets the instrument's index within the run, which reports carry. Default: 0.
    #[must_use]
    pub fn with_index(mut self, index: InstrumentIndex) -> Self {
        self.desk.index = index;
        self
    }

    /// The queue model from here on; own orders keep the fronts that they have. So a market that has
    /// been fed once can be cloned for every model that is compared.
    #[must_use]
    pub fn with_depth_queue(mut self, queue: DepthQueue) -> Self {
        self.desk.settings = self.desk.settings.with_depth_queue(queue);
        self
    }

    /// The market changes.
    ///
    /// # Errors
    /// [`VenueError::Book`] for a level that cannot be, or what a fill may give.
    #[inline]
    pub fn on_event(
        &mut self,
        event: &MarketEvent,
        sizer: &mut dyn Sizer,
        out: &mut Vec<Report>,
    ) -> Result<(), VenueError> {
        match event {
            MarketEvent::Level(level) => return self.on_level(level, sizer, out),
            MarketEvent::Depth(depth) => {
                self.desk.advance(depth.ts_event);
                self.show_depth(Side::Buy, &depth.bids)?;
                self.show_depth(Side::Sell, &depth.asks)?;
            }
            MarketEvent::Trade(trade) => {
                self.desk.advance(trade.ts_event);
                let size = self.lots(trade.quantity);
                return self.trade(trade.price, size, trade.aggressor, out);
            }
            MarketEvent::Status(status) => {
                self.set_phase(status.phase);
                return Ok(());
            }
            // Best prices beside the levels say nothing that the levels do not.
            MarketEvent::Quote(_) | MarketEvent::Bar(_) => return Ok(()),
        }
        self.end_message(sizer, out)
    }

    /// One level changes; at the end of its message the own orders look at the book.
    ///
    /// # Errors
    /// As [`Self::on_event`].
    #[inline]
    pub fn on_level(
        &mut self,
        level: &LevelUpdate,
        sizer: &mut dyn Sizer,
        out: &mut Vec<Report>,
    ) -> Result<(), VenueError> {
        self.desk.advance(level.ts_event);
        if level.clear {
            self.clear();
        }
        if level.price.is_defined() {
            let size = self.lots(level.quantity);
            let price = self.ticks(level.side, level.price);
            self.set(level.side, price, size, 0)?;
        }
        if level.last { self.end_message(sizer, out) } else { Ok(()) }
    }

    #[inline]
    fn lots(&self, quantity: Quantity) -> i64 {
        let lot = self.desk.instrument.lot_size.0;
        if lot == model::NANO { quantity.0.max(0) / model::NANO } else { quantity.0.max(0) / lot }
    }

    /// The tick of a level; one between ticks counts as the tick on the passive side of it.
    #[inline]
    fn ticks(&self, side: Side, price: Price) -> Ticks {
        match self.desk.instrument.grid.ticks(price) {
            Some(ticks) => ticks,
            None if side == Side::Buy => self.desk.instrument.floor_tick(price),
            None => Ticks(-self.desk.instrument.floor_tick(Price(-price.0)).0),
        }
    }

    #[cold]
    pub(super) fn clear(&mut self) {
        self.book.clear();
        self.consumed.clear();
        for own in self.own.bids.iter_mut().chain(&mut self.own.asks) {
            // What was there before the snapshot is forgotten; the order does not gain by it.
            own.front.forget_trades();
        }
    }

    /// Sets a level to a size, and moves own orders at its price forward.
    #[inline]
    fn set(&mut self, side: Side, price: Ticks, size: i64, count: u32) -> Result<(), VenueError> {
        if self.concerns(side, price) || !self.consumed.is_empty() {
            let before = self.book.level(side, price).quantity.0;
            self.level_changes(side, price, before, size);
        }
        self.book.apply(side, price, Lots(size), count)?;
        Ok(())
    }

    /// Whether own orders may rest at a price.
    #[inline]
    fn concerns(&self, side: Side, price: Ticks) -> bool {
        match (self.best_own[side as usize], self.worst_own[side as usize]) {
            (Some(best), Some(worst)) => {
                !side.is_better(price, best) && !side.is_better(worst, price)
            }
            _ => false,
        }
    }

    fn show_depth(&mut self, side: Side, levels: &[DepthLevel]) -> Result<(), VenueError> {
        let mut kept = std::mem::take(&mut self.kept);
        kept.clear();
        for level in levels.iter().filter(|level| level.price.is_defined()) {
            let price = self.ticks(side, level.price);
            kept.push(price);
            let size = self.lots(level.quantity);
            self.set(side, price, size, level.count)?;
        }
        // Within the span of the snapshot what it does not name is gone; beyond it nobody knows, and
        // a book that is shown in part keeps nothing that it no longer shows.
        let gone: Vec<Ticks> = self
            .book
            .levels(side)
            .map(|level| level.price)
            .filter(|price| !kept.contains(price))
            .collect();
        for price in gone {
            if self.concerns(side, price)
                && kept.last().is_some_and(|&far| side.is_better(far, price))
            {
                // It has left the shown part: its size is not known, and it is not known to be gone.
                self.book.apply(side, price, Lots::ZERO, 0)?;
                continue;
            }
            self.set(side, price, 0, 0)?;
        }
        self.kept = kept;
        Ok(())
    }

    pub(crate) const fn desk(&self) -> &Desk {
        &self.desk
    }

    pub(crate) const fn desk_mut(&mut self) -> &mut Desk {
        &mut self.desk
    }

    /// Best bid and offer.
    #[inline]
    #[must_use]
    pub fn bbo(&self) -> Bbo {
        self.book.bbo()
    }

    /// The book.
    #[must_use]
    pub fn book(&self) -> &BookL2 {
        &self.book
    }

    /// Whether own orders rest or wait here.
    #[inline]
    #[must_use]
    pub fn has_own_orders(&self) -> bool {
        !self.own.is_empty()
    }

    /// The own orders here: bids, asks (best first), waiting market orders.
    pub fn own_orders(&self) -> impl Iterator<Item = &OwnOrder> {
        self.own.iter()
    }

    /// One of the own orders here.
    #[must_use]
    pub fn own_order(&self, order: model::OrderId) -> Option<OwnOrder> {
        self.own.get(order).copied()
    }

    pub(crate) fn remember(&mut self, order: model::OrderId) {
        self.own.see(order);
    }

    /// The instrument's index within the run.
    #[must_use]
    pub fn index(&self) -> InstrumentIndex {
        self.desk.index
    }

    /// States the phase.
    pub fn set_phase(&mut self, phase: TradingPhase) {
        self.phase = phase;
        self.resume |= phase != TradingPhase::Trading && !self.own.is_empty();
    }

    /// The phase.
    #[must_use]
    pub fn phase(&self) -> TradingPhase {
        self.phase
    }

    /// What was counted so far.
    #[must_use]
    pub fn counters(&self) -> VenueCounters {
        self.desk.counters
    }

    /// What went wrong in slippage of one's own, if anything did.
    #[must_use]
    pub fn fault(&self) -> Option<&CostError> {
        self.desk.settings.slippage().fault()
    }
}
