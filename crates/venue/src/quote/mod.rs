//! An exchange made of quotes, trades, depth snapshots or level changes.
//!
//! - Orders look at the market at its *next* change after their arrival: a market order then takes
//!   the other side's display, a marketable limit order what lies within its limit.
//! - The size that an own order took from a display is consumed: when the display goes q0 → q1,
//!   `consumed ← max(0, consumed − max(0, q0 − q1))`, available is what is displayed less that.
//! - A market order larger than the display fills the rest one tick worse per level, every level
//!   as large as the last displayed one ([`BeyondDisplay::OneTickPerLevel`], one fill at the
//!   average price, half to even), or is cancelled ([`BeyondDisplay::Cancel`]).
//! - A limit order that rests fills at its limit when the other side's quote reaches *through* it,
//!   capped by the display there that is not consumed, or when a trade prints through it, capped
//!   by what traded. A quote or an opposite trade *at* the limit fills by the probability at touch,
//!   where one is set, and not at all by default.
//! - A source of trades only has no quotes: there a trade also stands for a quote of its price and
//!   size on both sides.
//! - While the quote is crossed, or the phase is not trading, nothing matches. Bars beside quotes
//!   or trades are not used.

mod matching;
mod shown;

use crate::blotter::Blotter;
use crate::counters::VenueCounters;
use crate::desk::distance;
use crate::error::VenueError;
use crate::own::OwnOrder;
#[cfg(doc)]
use crate::settings::BeyondDisplay;
use crate::settings::VenueSettings;
use costs::CostError;
use model::{
    Bbo, CancelReason, DepthLevel, Instrument, InstrumentIndex, LevelUpdate, Lots, MarketEvent,
    OrderId, OrderRequest, Price, Quantity, Quote, Report, Side, Sizer, Split, StrategyIndex,
    Ticks, TradingPhase, UnixNanos,
};
use shown::{ShownSide, UNSIZED};

/// One instrument of a quote or trade source with the own orders in it.
#[derive(Debug)]
pub struct QuoteMarket {
    pub(crate) blotter: Blotter,
    bids: ShownSide,
    asks: ShownSide,
    /// Whether a quote, depth or level change has come.
    quoted: bool,
    counts: (u32, u32),
    last: Option<Price>,
}

impl QuoteMarket {
    /// A market that has seen nothing. `seed` feeds the draws at touch.
    #[must_use]
    pub fn new(instrument: &Instrument, settings: &VenueSettings, seed: u64) -> Self {
        Self {
            blotter: Blotter::new(instrument, settings, seed),
            bids: ShownSide::new(Side::Buy),
            asks: ShownSide::new(Side::Sell),
            quoted: false,
            counts: (0, 0),
            last: None,
        }
    }

    /// Sets the instrument's index within the run, which reports carry. Default: 0.
    #[must_use]
    pub fn with_index(mut self, index: InstrumentIndex) -> Self {
        self.blotter.desk.index = index;
        self
    }

    /// The market changes.
    ///
    /// # Errors
    /// What a fill may give.
    pub fn on_event(
        &mut self,
        event: &MarketEvent,
        sizer: &mut dyn Sizer,
        out: &mut Vec<Report>,
    ) -> Result<(), VenueError> {
        self.blotter.desk.advance(event.ts_event());
        match event {
            MarketEvent::Quote(quote) => self.show_quote(quote),
            MarketEvent::Depth(depth) => self.show_depth(&depth.bids, &depth.asks),
            MarketEvent::Level(level) => {
                self.show_level(level);
                if !level.last {
                    return Ok(());
                }
            }
            MarketEvent::Trade(trade) => {
                self.last = Some(trade.price);
                let size = self.lots(trade.quantity);
                return self.trade(trade.price, size, trade.aggressor, sizer, out);
            }
            MarketEvent::Status(status) => {
                self.blotter.phase = status.phase;
                return Ok(());
            }
            MarketEvent::Bar(_) => return Ok(()),
        }
        self.quoted = true;
        self.quote_changed(sizer, out)
    }

    fn lots(&self, quantity: Quantity) -> i64 {
        quantity.0.max(0) / self.blotter.desk.instrument.lot_size.0
    }

    /// Size of a level: one without a size is not capped (and counted).
    fn size(&mut self, quantity: Quantity) -> i64 {
        if quantity.0 <= 0 {
            self.blotter.desk.counters.unsized_quotes += 1;
            return UNSIZED;
        }
        self.lots(quantity)
    }

    fn show_quote(&mut self, quote: &Quote) {
        let bid = (quote.bid, self.size_of(quote.bid, quote.bid_size));
        let ask = (quote.ask, self.size_of(quote.ask, quote.ask_size));
        self.bids.replace(std::iter::once(bid).filter(|level| level.0.is_defined()));
        self.asks.replace(std::iter::once(ask).filter(|level| level.0.is_defined()));
        self.counts = (quote.bid_count, quote.ask_count);
    }

    fn size_of(&mut self, price: Price, quantity: Quantity) -> i64 {
        if price.is_defined() { self.size(quantity) } else { 0 }
    }

    fn show_depth(&mut self, bids: &[DepthLevel], asks: &[DepthLevel]) {
        let lot = self.blotter.desk.instrument.lot_size.0;
        let level = |l: &DepthLevel| (l.price, l.quantity.0.max(0) / lot);
        let there = |l: &&DepthLevel| l.price.is_defined();
        self.bids.replace(bids.iter().filter(there).map(level));
        self.asks.replace(asks.iter().filter(there).map(level));
        let count = |levels: &[DepthLevel]| levels.first().map_or(0, |l| l.count);
        self.counts = (count(bids), count(asks));
    }

    fn show_level(&mut self, level: &LevelUpdate) {
        if level.clear {
            self.bids.clear();
            self.asks.clear();
        }
        self.counts = (0, 0);
        if level.price.is_defined() {
            let size = self.lots(level.quantity);
            match level.side {
                Side::Buy => self.bids.set(level.price, size),
                Side::Sell => self.asks.set(level.price, size),
            }
        }
    }

    /// Best bid and offer; prices between ticks show the tick on the passive side of them. A
    /// source of trades only shows its last price on both sides, without size.
    #[must_use]
    pub fn bbo(&self) -> Bbo {
        let instrument = &self.blotter.desk.instrument;
        let ceil = |price: Price| Ticks(-instrument.floor_tick(Price(-price.0)).0);
        if !self.quoted {
            let last = self.last.map_or(Ticks::NONE, |price| instrument.floor_tick(price));
            return Bbo { bid: last, ask: last, ..Bbo::EMPTY };
        }
        let mut bbo = Bbo::EMPTY;
        let size = |size: i64| Lots(if size == UNSIZED { 0 } else { size });
        if let Some(best) = self.bids.best() {
            (bbo.bid, bbo.bid_size) = (instrument.floor_tick(best.price), size(best.size));
            bbo.bid_count = self.counts.0;
        }
        if let Some(best) = self.asks.best() {
            (bbo.ask, bbo.ask_size) = (ceil(best.price), size(best.size));
            bbo.ask_count = self.counts.1;
        }
        bbo
    }

    /// The last trade's price.
    #[must_use]
    pub fn last_price(&self) -> Option<Price> {
        self.last
    }

    /// What a limit order would meet at once: the other side's best, or the last trade where there
    /// are no quotes.
    fn opposite_price(&self, side: Side) -> Option<Price> {
        let shown = match side {
            Side::Buy => &self.asks,
            Side::Sell => &self.bids,
        };
        if self.quoted { shown.best().map(|best| best.price) } else { self.last }
    }

    fn would_take(&self) -> impl FnOnce(&OwnOrder) -> bool + use<> {
        let (buy, sell) = (self.opposite_price(Side::Buy), self.opposite_price(Side::Sell));
        let grid = self.blotter.desk.instrument.grid;
        move |own| {
            let meets = if own.side == Side::Buy { buy } else { sell };
            own.limit
                .zip(meets)
                .is_some_and(|(limit, price)| distance(own.side, grid.price(limit), price) >= 0)
        }
    }

    /// An own order arrives; it looks at the market at its next change. Post-only is judged by the
    /// market as it stands.
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
        let would = self.would_take();
        self.blotter.submit(order, at, sizer, would, out)
    }

    /// The instrument is split: what was shown before is gone, the last price goes on in new units.
    pub(crate) fn split(
        &mut self,
        split: Split,
        at: UnixNanos,
        out: &mut Vec<Report>,
    ) -> Result<(), VenueError> {
        self.bids.clear();
        self.asks.clear();
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
        let would = self.would_take();
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

    /// The phase.
    #[must_use]
    pub fn phase(&self) -> TradingPhase {
        self.blotter.phase
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
