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
//! - Immediate-or-cancel and fill-or-kill orders have the open as their only chance.
//! - Of several timeframes of one instrument the finest one decides.

use crate::blotter::Blotter;
use crate::counters::VenueCounters;
use crate::desk::distance;
use crate::error::VenueError;
use crate::own::OwnOrder;
use crate::settings::VenueSettings;
use model::{
    Bar, Bbo, CancelReason, Instrument, InstrumentIndex, LiquiditySide, Lots, MarketEvent, OrderId,
    OrderRequest, Price, Report, Side, Sizer, StrategyIndex, Ticks, TimeInForce, Timeframe,
    TradingPhase, UnixNanos,
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
}

impl BarMarket {
    /// A market that has seen no bar. `seed` feeds the draws at touch.
    #[must_use]
    pub fn new(instrument: &Instrument, settings: &VenueSettings, seed: u64) -> Self {
        Self { blotter: Blotter::new(instrument, settings, seed), finest: None, last: None }
    }

    /// Sets the instrument's index within the run, which reports carry. Default: 0.
    #[must_use]
    pub fn with_index(mut self, index: InstrumentIndex) -> Self {
        self.blotter.desk.index = index;
        self
    }

    /// A bar closes, or the phase changes.
    ///
    /// # Errors
    /// [`VenueError::WrongData`] for other events, or what a fill may give.
    pub fn on_event(
        &mut self,
        event: &MarketEvent,
        sizer: &mut dyn Sizer,
        out: &mut Vec<Report>,
    ) -> Result<(), VenueError> {
        let found = match event {
            MarketEvent::Bar(bar) => return self.on_bar(bar, sizer, out),
            MarketEvent::Status(status) => {
                self.set_phase(status.phase);
                return Ok(());
            }
            MarketEvent::Trade(_) => "a trade",
            MarketEvent::Quote(_) => "a quote",
            MarketEvent::Depth(_) => "a depth snapshot",
            MarketEvent::Level(_) => "a level change",
        };
        Err(VenueError::WrongData { market: "bar", found, accepted: "bars and status changes" })
    }

    fn on_bar(
        &mut self,
        bar: &Bar,
        sizer: &mut dyn Sizer,
        out: &mut Vec<Report>,
    ) -> Result<(), VenueError> {
        if self.finest.is_some_and(|finest| bar.timeframe > finest) {
            return Ok(());
        }
        self.finest = Some(bar.timeframe);
        let now = self.blotter.desk.now;
        if bar.close_time < now {
            self.blotter.desk.counters.clock_backward_steps += 1;
        }
        if self.blotter.is_trading() && !self.blotter.own.is_empty() {
            let grace = OPENING_GRACE_NS.min(bar.timeframe.0 / 60);
            let in_time = bar.open_time.plus(grace);
            self.market_orders(bar, in_time, sizer, out)?;
            for side in [Side::Buy, Side::Sell] {
                self.limit_orders(side, bar, in_time, out)?;
            }
        }
        self.blotter.desk.now = now.max(bar.close_time);
        self.last = Some(bar.close);
        Ok(())
    }

    /// When an order executes at the open of a bar.
    fn open_time(own: &OwnOrder, bar: &Bar) -> UnixNanos {
        bar.open_time.max(own.arrived)
    }

    fn market_orders(
        &mut self,
        bar: &Bar,
        in_time: UnixNanos,
        sizer: &mut dyn Sizer,
        out: &mut Vec<Report>,
    ) -> Result<(), VenueError> {
        let clock = self.blotter.desk.now;
        for mut own in std::mem::take(&mut self.blotter.own.waiting) {
            if own.arrived > in_time {
                self.blotter.own.wait(own);
                continue;
            }
            let at = Self::open_time(&own, bar);
            self.blotter.desk.now = at;
            let open = Some(bar.open);
            if self.blotter.size_now(&mut own, open, open, sizer, out) {
                let desk = &self.blotter.desk;
                let quantity = own.leaves();
                let price = desk.taker_price(own.side, bar.open, quantity)?;
                desk.fill(&mut own, quantity, price, LiquiditySide::Taker, at, out)?;
            }
        }
        self.blotter.desk.now = clock;
        Ok(())
    }

    fn limit_orders(
        &mut self,
        side: Side,
        bar: &Bar,
        in_time: UnixNanos,
        out: &mut Vec<Report>,
    ) -> Result<(), VenueError> {
        let grid = self.blotter.desk.instrument.grid;
        let extreme = if side == Side::Buy { bar.low } else { bar.high };
        for mut own in std::mem::take(self.blotter.own.side_mut(side)) {
            let Some(limit) = own.limit.map(|limit| grid.price(limit)) else { continue };
            if own.arrived > in_time {
                self.blotter.own.rest(own);
                continue;
            }
            let quantity = own.leaves();
            let desk = &mut self.blotter.desk;
            if distance(side, limit, bar.open) > 0 {
                let takes = own.fresh && !own.request.post_only;
                let (liquidity, price) = if takes {
                    (LiquiditySide::Taker, desk.taker_price(side, bar.open, quantity)?)
                } else {
                    (LiquiditySide::Maker, bar.open)
                };
                // Not where the impact makes it worse than the limit.
                if distance(side, limit, price) >= 0 {
                    let at = Self::open_time(&own, bar);
                    desk.fill(&mut own, quantity, price, liquidity, at, out)?;
                    continue;
                }
            }
            own.fresh = false;
            if own.request.time_in_force != TimeInForce::Gtc {
                desk.report(
                    own.id(),
                    model::ReportKind::Canceled {
                        leaves: quantity,
                        reason: CancelReason::NoLiquidity,
                    },
                    out,
                );
                continue;
            }
            let fills = match distance(side, limit, extreme) {
                1 => true,
                0 => desk.touched(&own, false),
                _ => false,
            };
            if fills {
                let at = bar.close_time.max(own.arrived);
                desk.fill(&mut own, quantity, limit, LiquiditySide::Maker, at, out)?;
                continue;
            }
            own.visit += u64::from(limit < bar.low || limit > bar.high);
            self.blotter.own.rest(own);
        }
        Ok(())
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
        let (last, grid) = (self.last, self.blotter.desk.instrument.grid);
        let would =
            |own: &OwnOrder| Self::would_take(last, own.limit.map(|l| grid.price(l)), own.side);
        self.blotter.submit(order, at, sizer, would, out)
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
}
