//! What the run keeps of one instrument beside its market.

use crate::row::{DepthRow, MAX_DEPTH};
use book::BookL2;
use feed::bars::{BarAggregator, BarInput};
use model::{
    Bbo, DepthLevel, Instrument, LevelUpdate, MarketEvent, ModelError, Price, PriceGrid, Report,
    SessionClose, Side, Sizer, Split, Ticks, Timeframe,
};
use venue::{Conditional, Market, Support, Trace, VenueError};

/// One instrument of a run.
pub struct MarketState {
    /// The simulated market.
    pub market: Market,
    /// Orders that wait beside it.
    pub conditional: Conditional,
    /// Its price grid.
    pub grid: PriceGrid,
    /// Its lot in 1e-9.
    pub lot_size: i64,
    /// Depth as the source last stated it, where it is no market by order.
    pub shown: DepthRow,
    /// Levels, where the source states their changes.
    pub levels: Option<Box<BookL2>>,
    /// Best bid and offer as last shown.
    pub bbo: Bbo,
    /// Depth as last shown.
    pub depth: DepthRow,
    /// Levels a side that the neediest strategy declared.
    pub depth_levels: usize,
    /// Price of the last trade, or the close of the last bar.
    pub last_price: Price,
    /// Open of the last bar.
    pub last_open: Price,
    /// Whether an event of it has begun and not ended.
    pub in_event: bool,
    /// Whether anything wants its trades.
    pub wants_trades: bool,
    /// Bars being made from its ticks or finer bars.
    pub bars: Vec<BarAggregator>,
    /// End of the earliest open bar, in ns.
    pub next_close: u64,
    /// The source of what its bars are made of.
    pub source: usize,
    /// When the last record that its bars are made of could be seen, in ns.
    pub seen_at: u64,
    /// Timeframes of which a source gives bars: they are not made.
    pub given_bars: Vec<Timeframe>,
    /// What bars are made of.
    pub bar_input: BarInput,
    /// When its sessions end.
    pub session: SessionClose,
    /// Whether what one order meets here is written down.
    pub traced: bool,
}

impl MarketState {
    /// The venue acts on an event while an order is traced.
    ///
    /// # Errors
    /// What the market may give.
    #[cold]
    pub fn on_traced_event(
        &mut self,
        event: &MarketEvent,
        sizer: &mut dyn Sizer,
        out: &mut Vec<Report>,
    ) -> Result<(), VenueError> {
        let order = self.market.trace().map(Trace::order);
        let before = order.and_then(|order| self.market.own_order(order));
        if self.conditional.is_idle() {
            self.market.on_event(event, sizer, out)?;
        } else {
            self.conditional.on_event(&mut self.market, event, sizer, out)?;
        }
        self.market.trace_event(event, before);
        Ok(())
    }

    /// An instrument of which nothing is known yet.
    #[must_use]
    pub fn new(mut market: Market, instrument: &Instrument) -> Self {
        let session = SessionClose::usual(instrument.kind);
        market.set_sessions(&session);
        Self {
            market,
            conditional: Conditional::new(instrument, Support::default()),
            grid: instrument.grid,
            lot_size: instrument.lot_size.0,
            shown: DepthRow::EMPTY,
            levels: None,
            bbo: Bbo::EMPTY,
            depth: DepthRow::EMPTY,
            depth_levels: 0,
            last_price: Price::UNDEFINED,
            last_open: Price::UNDEFINED,
            in_event: false,
            wants_trades: false,
            bars: Vec::new(),
            next_close: u64::MAX,
            source: 0,
            seen_at: 0,
            given_bars: Vec::new(),
            bar_input: BarInput::Trades,
            session,
            traced: false,
        }
    }

    /// The instrument is split: what was shown is gone, prices go on in new units.
    ///
    /// # Errors
    /// [`ModelError`] on overflow.
    pub fn forget_prices(&mut self, split: Split) -> Result<(), ModelError> {
        self.shown = DepthRow::EMPTY;
        self.depth = DepthRow::EMPTY;
        if let Some(levels) = &mut self.levels {
            levels.clear();
        }
        self.bbo = self.market.bbo();
        self.last_price = split.price(self.last_price)?;
        self.last_open = split.price(self.last_open)?;
        Ok(())
    }

    /// Takes in a depth snapshot.
    pub fn show_depth(&mut self, bids: &[DepthLevel], asks: &[DepthLevel]) {
        let (grid, lot) = (self.grid, self.lot_size);
        let fill = |levels: &[DepthLevel], out: &mut [book::Level; MAX_DEPTH]| {
            let mut filled = 0;
            for level in levels.iter().filter(|level| level.price.is_defined()).take(MAX_DEPTH) {
                // A price off the grid cannot be shown as ticks; the level is left out.
                let Some(price) = grid.ticks(level.price) else { continue };
                let quantity = model::Lots(level.quantity.0 / lot);
                out[filled] = book::Level { price, quantity, count: level.count };
                filled += 1;
            }
            filled as u8
        };
        let mut shown = DepthRow::EMPTY;
        shown.bid_levels = fill(bids, &mut shown.bids);
        shown.ask_levels = fill(asks, &mut shown.asks);
        self.shown = shown;
    }

    /// Takes in the change of one level.
    ///
    /// # Errors
    /// [`book::BookError`] when the change cannot be one.
    pub fn show_level(&mut self, update: &LevelUpdate) -> Result<(), book::BookError> {
        let grid = self.grid;
        let levels = self.levels.get_or_insert_with(|| Box::new(BookL2::new()));
        if update.clear {
            levels.clear();
        }
        if let Some(price) = grid.ticks(update.price).filter(|_| update.price.is_defined()) {
            let quantity = model::Lots(update.quantity.0 / self.lot_size);
            levels.apply(update.side, price, quantity, 0)?;
        }
        if update.last {
            let mut shown = DepthRow::EMPTY;
            shown.bid_levels = levels.depth(Side::Buy, &mut shown.bids) as u8;
            shown.ask_levels = levels.depth(Side::Sell, &mut shown.asks) as u8;
            self.shown = shown;
        }
        Ok(())
    }

    /// What a position of this sign is worth: the price at which it could be closed (the bid for
    /// a long, the ask for a short), else the last price. That is the pessimistic mark.
    #[must_use]
    pub fn mark(&self, quantity: i64) -> Price {
        mark_of(&self.bbo, self.last_price, quantity, |ticks| self.grid.price(ticks))
    }
}

/// See [`MarketState::mark`].
pub fn mark_of(bbo: &Bbo, last: Price, quantity: i64, price: impl Fn(Ticks) -> Price) -> Price {
    let ticks = if quantity >= 0 { bbo.bid } else { bbo.ask };
    if ticks.is_some() { price(ticks) } else { last }
}

/// The price on the other side: what an order of this side pays now, else the last price.
pub fn touch_of(bbo: &Bbo, last: Price, side: Side, price: impl Fn(Ticks) -> Price) -> Price {
    let ticks = match side {
        Side::Buy => bbo.ask,
        Side::Sell => bbo.bid,
    };
    if ticks.is_some() { price(ticks) } else { last }
}
