//! An exchange made of bars: signals at a bar's close fill at the next bar's open.
//!
//! - The venue learns of a bar at its close and then settles what happened inside it. Fills at the
//!   open carry the open's time (or the order's arrival, when later), others the close's.
//! - An order takes part in the first bar that opens at or after its arrival. Bars do not resolve
//!   an order latency, so an order that arrives within [`OPENING_GRACE_NS`] after the open, but at
//!   most a sixtieth of the bar, still does; a later one waits for the next bar.
//! - A market order fills whole at the open. A limit order that the open has gapped through fills
//!   at the (better) open; otherwise at its limit when the bar trades *through* it. A touch fills
//!   by the probability at touch, where one is set, and not at all by default.
//! - A stop goes off when the bar touches it: at its price, or at the open where that has gapped
//!   beyond it.
//! - What comes first inside a bar is the path's matter ([`BarPath`], `walk`).
//! - Immediate-or-cancel and fill-or-kill orders have the open as their only chance.
//! - Orders at the open or close of a session execute there and nowhere else (`auctions`).
//! - Of several timeframes of one instrument the finest one decides.

mod auctions;
mod orders;
pub(crate) mod walk;

pub(crate) use orders::{Leg, Reached};

use crate::blotter::Blotter;
use crate::counters::VenueCounters;
use crate::desk::distance;
use crate::error::VenueError;
use crate::own::OwnOrder;
#[cfg(doc)]
use crate::settings::BarPath;
use crate::settings::VenueSettings;
use costs::CostError;
use model::{
    Bar, Bbo, CancelReason, Instrument, InstrumentIndex, Lots, MarketEvent, OrderId, OrderRequest,
    Price, Report, SessionClose, Side, Sizer, Split, StrategyIndex, Ticks, Timeframe, TradingPhase,
    UnixNanos,
};

/// Nanoseconds after a bar's open within which an arriving order still takes part in the bar, if
/// they are no more than a sixtieth of it: one second.
pub const OPENING_GRACE_NS: u64 = 1_000_000_000;

/// One instrument of a bar source with the own orders in it.
#[derive(Debug)]
pub struct BarMarket {
    pub(crate) blotter: Blotter,
    finest: Option<Timeframe>,
    last: Option<Price>,
    /// When sessions are, for orders at their open and close.
    sessions: Option<SessionClose>,
    /// The open of the bar before.
    last_open: Option<UnixNanos>,
    /// Where inside a bar the market stands, while one is being walked through.
    inside: Option<Inside>,
    /// Orders that became active inside the bar: they see only what is left of it.
    born: Vec<OrderId>,
}

/// A moment inside a bar.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Inside {
    /// The price there.
    pub price: Price,
    /// What executes there is stamped with this time.
    pub at: UnixNanos,
}

impl BarMarket {
    /// A market that has seen no bar. `seed` feeds the draws at touch.
    #[must_use]
    pub fn new(instrument: &Instrument, settings: &VenueSettings, seed: u64) -> Self {
        Self {
            blotter: Blotter::new(instrument, settings, seed),
            finest: None,
            last: None,
            sessions: None,
            last_open: None,
            inside: None,
            born: Vec::new(),
        }
    }

    /// Sets the instrument's index within the run, which reports carry. Default: 0.
    #[must_use]
    pub fn with_index(mut self, index: InstrumentIndex) -> Self {
        self.blotter.desk.index = index;
        self
    }

    /// The phase changes; bars come through [`walk::walk`].
    ///
    /// # Errors
    /// [`VenueError::WrongData`] for events that no bar market is made of.
    pub(crate) fn on_other(&mut self, event: &MarketEvent) -> Result<(), VenueError> {
        let found = match event {
            MarketEvent::Status(status) => {
                self.set_phase(status.phase);
                return Ok(());
            }
            MarketEvent::Bar(_) => return Ok(()),
            MarketEvent::Trade(_) => "a trade",
            MarketEvent::Quote(_) => "a quote",
            MarketEvent::Depth(_) => "a depth snapshot",
            MarketEvent::Level(_) => "a level change",
        };
        Err(VenueError::WrongData { market: "bar", found, accepted: "bars and status changes" })
    }

    /// A market price as of the last close, on both sides and without size.
    #[must_use]
    pub fn bbo(&self) -> Bbo {
        let instrument = &self.blotter.desk.instrument;
        let last = self.last.map_or(Ticks::NONE, |price| instrument.floor_tick(price));
        Bbo { bid: last, ask: last, ..Bbo::EMPTY }
    }

    /// Best prices once this bar has closed; `None` where it is coarser than the market's own bars
    /// and changes nothing.
    #[inline]
    #[must_use]
    pub fn bbo_after(&self, bar: &Bar) -> Option<Bbo> {
        if self.finest != Some(bar.timeframe) {
            return None;
        }
        let last = self.blotter.desk.instrument.floor_tick(bar.close);
        Some(Bbo { bid: last, ask: last, ..Bbo::EMPTY })
    }

    /// Whether own orders rest or wait here.
    #[inline]
    #[must_use]
    pub fn has_own_orders(&self) -> bool {
        !self.blotter.own.is_empty()
    }

    /// The last close.
    #[must_use]
    pub fn last_price(&self) -> Option<Price> {
        self.last
    }

    fn set_phase(&mut self, phase: TradingPhase) {
        self.blotter.phase = phase;
    }

    fn would_take(last: Option<Price>, limit: Option<Price>, side: Side) -> bool {
        last.zip(limit).is_some_and(|(last, limit)| distance(side, limit, last) > 0)
    }

    /// An own order arrives; it executes in a later bar. Post-only is judged by the last close.
    ///
    /// # Errors
    /// [`VenueError::DuplicateOrder`]. A refusal by the venue is a report.
    pub fn submit(
        &mut self,
        order: &OrderRequest,
        at: UnixNanos,
        sizer: &mut dyn Sizer,
        out: &mut Vec<Report>,
    ) -> Result<(), VenueError> {
        if let Some(inside) = self.inside {
            return self.submit_inside(order, inside, sizer, out);
        }
        let (last, grid) = (self.last, self.blotter.desk.instrument.grid);
        let would =
            |own: &OwnOrder| Self::would_take(last, own.limit.map(|l| grid.price(l)), own.side);
        self.blotter.submit(order, at, sizer, would, out)
    }

    /// The instrument is split: the last price goes on in new units.
    pub(crate) fn split(
        &mut self,
        split: Split,
        at: UnixNanos,
        out: &mut Vec<Report>,
    ) -> Result<(), VenueError> {
        self.last = self.last.map(|last| split.price(last)).transpose()?;
        self.blotter.split(split, at, out)
    }

    /// An own order's change arrives; see [`crate::L3Market::modify`].
    pub fn modify(
        &mut self,
        order: OrderId,
        total: Option<Lots>,
        price: Option<Ticks>,
        at: UnixNanos,
        out: &mut Vec<Report>,
    ) {
        let (last, grid) = (self.last, self.blotter.desk.instrument.grid);
        let would =
            |own: &OwnOrder| Self::would_take(last, own.limit.map(|l| grid.price(l)), own.side);
        self.blotter.modify(order, total, price, at, would, out);
    }

    /// An own order's cancel arrives.
    pub fn cancel(&mut self, order: OrderId, at: UnixNanos, out: &mut Vec<Report>) {
        self.blotter.cancel(order, at, out);
    }

    /// Cancels every own order (of one strategy).
    pub fn cancel_all(
        &mut self,
        strategy: Option<StrategyIndex>,
        reason: CancelReason,
        at: UnixNanos,
        out: &mut Vec<Report>,
    ) {
        self.blotter.cancel_all(strategy, reason, at, out);
    }

    /// What was counted so far.
    #[must_use]
    pub fn counters(&self) -> VenueCounters {
        self.blotter.desk.counters
    }

    /// What went wrong in slippage of one's own, if anything did.
    #[must_use]
    pub fn fault(&self) -> Option<&CostError> {
        self.blotter.desk.settings.slippage().fault()
    }
}
