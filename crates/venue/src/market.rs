//! One instrument's market, whatever it is made of.

use crate::bar::BarMarket;
use crate::bar::walk::walk;
use crate::conditional::Place;
use crate::counters::VenueCounters;
use crate::depth::DepthMarket;
use crate::error::VenueError;
use crate::l3::L3Market;
use crate::own::OwnOrder;
use crate::quote::QuoteMarket;
use costs::CostError;
use model::{
    Bbo, CancelReason, InstrumentIndex, Lots, MarketEvent, OrderId, OrderRequest, Price, Report,
    SessionClose, Sizer, Split, StrategyIndex, Ticks, TradingPhase, UnixNanos,
};

/// One instrument's market.
#[derive(Debug)]
pub enum Market {
    /// A recorded order-by-order stream.
    L3(Box<L3Market>),
    /// A book of levels.
    Depth(Box<DepthMarket>),
    /// Quotes and trades.
    Quote(Box<QuoteMarket>),
    /// Bars.
    Bar(Box<BarMarket>),
}

impl Market {
    /// An event that is not market by order (those go to [`L3Market::apply`] directly). An L3
    /// market takes changes of phase and disregards bars and what else its own records say better.
    ///
    /// # Errors
    /// [`VenueError::WrongData`] where a bar market is given anything else, or what a fill may
    /// give.
    pub fn on_event(
        &mut self,
        event: &MarketEvent,
        sizer: &mut dyn Sizer,
        out: &mut Vec<Report>,
    ) -> Result<(), VenueError> {
        match self {
            Self::L3(market) => {
                if let MarketEvent::Status(status) = event {
                    market.set_phase(status.phase);
                }
                Ok(())
            }
            Self::Depth(market) => market.on_event(event, sizer, out),
            Self::Quote(market) => market.on_event(event, sizer, out),
            Self::Bar(market) => {
                let MarketEvent::Bar(bar) = event else { return market.on_other(event) };
                let bar = *bar;
                let mut place = Place { market: self, sizer, out, at: bar.close_time };
                walk(None, &mut place, &bar)
            }
        }
    }

    /// The data has ended; see [`L3Market::end_of_data`].
    pub fn end_of_data(&mut self) {
        if let Self::L3(market) = self {
            market.end_of_data();
        }
    }

    /// An own order arrives.
    ///
    /// # Errors
    /// [`VenueError::DuplicateOrder`], in an L3 market [`VenueError::InsideEvent`], or what a fill
    /// may give.
    pub fn submit(
        &mut self,
        order: &OrderRequest,
        at: UnixNanos,
        sizer: &mut dyn Sizer,
        out: &mut Vec<Report>,
    ) -> Result<(), VenueError> {
        match self {
            Self::L3(market) => market.submit(order, at, sizer, out),
            Self::Depth(market) => market.submit(order, at, sizer, out),
            Self::Quote(market) => market.submit(order, at, sizer, out),
            Self::Bar(market) => market.submit(order, at, sizer, out),
        }
    }

    /// An own order's change arrives; see [`L3Market::modify`].
    ///
    /// # Errors
    /// In an L3 market [`VenueError::InsideEvent`], or what a fill may give.
    pub fn modify(
        &mut self,
        order: OrderId,
        total: Option<Lots>,
        price: Option<Ticks>,
        at: UnixNanos,
        out: &mut Vec<Report>,
    ) -> Result<(), VenueError> {
        match self {
            Self::L3(market) => return market.modify(order, total, price, at, out),
            Self::Depth(market) => return market.modify(order, total, price, at, out),
            Self::Quote(market) => market.modify(order, total, price, at, out),
            Self::Bar(market) => market.modify(order, total, price, at, out),
        }
        Ok(())
    }

    /// An own order's cancel arrives.
    ///
    /// # Errors
    /// In an L3 market [`VenueError::InsideEvent`].
    pub fn cancel(
        &mut self,
        order: OrderId,
        at: UnixNanos,
        out: &mut Vec<Report>,
    ) -> Result<(), VenueError> {
        match self {
            Self::L3(market) => return market.cancel(order, at, out),
            Self::Depth(market) => market.cancel(order, at, out),
            Self::Quote(market) => market.cancel(order, at, out),
            Self::Bar(market) => market.cancel(order, at, out),
        }
        Ok(())
    }

    /// The instrument is split: what the market showed is gone, own orders go on in new units.
    pub(crate) fn split(
        &mut self,
        split: Split,
        at: UnixNanos,
        out: &mut Vec<Report>,
    ) -> Result<(), VenueError> {
        match self {
            Self::L3(market) => market.split(split, at, out),
            Self::Depth(market) => market.split(split, at, out),
            Self::Quote(market) => market.split(split, at, out),
            Self::Bar(market) => market.split(split, at, out),
        }
    }

    /// Cancels every own order (of one strategy), by arrival.
    pub fn cancel_all(
        &mut self,
        strategy: Option<StrategyIndex>,
        reason: CancelReason,
        at: UnixNanos,
        out: &mut Vec<Report>,
    ) {
        match self {
            Self::L3(market) => market.cancel_all(strategy, reason, at, out),
            Self::Depth(market) => market.cancel_all(strategy, reason, at, out),
            Self::Quote(market) => market.cancel_all(strategy, reason, at, out),
            Self::Bar(market) => market.cancel_all(strategy, reason, at, out),
        }
    }

    /// Executes an order in full, as a taker, at a price that the caller names (closing at the end
    /// of a run). Impact and fees apply.
    ///
    /// # Errors
    /// [`VenueError::Cost`] and [`VenueError::Model`] when the fill leaves its type.
    pub fn fill_at(
        &mut self,
        order: &OrderRequest,
        price: Price,
        at: UnixNanos,
        sizer: &mut dyn Sizer,
        out: &mut Vec<Report>,
    ) -> Result<(), VenueError> {
        match self {
            Self::L3(market) => market.fill_at(order, price, at, sizer, out),
            Self::Depth(market) => market.fill_at(order, price, at, sizer, out),
            Self::Quote(market) => market.blotter.fill_at(order, price, at, sizer, out),
            Self::Bar(market) => market.blotter.fill_at(order, price, at, sizer, out),
        }
    }

    /// Best bid and offer.
    #[must_use]
    pub fn bbo(&self) -> Bbo {
        match self {
            Self::L3(market) => market.bbo(),
            Self::Depth(market) => market.bbo(),
            Self::Quote(market) => market.bbo(),
            Self::Bar(market) => market.bbo(),
        }
    }

    /// Whether own orders rest or wait here.
    #[must_use]
    pub fn has_own_orders(&self) -> bool {
        match self {
            Self::L3(market) => market.has_own_orders(),
            Self::Depth(market) => market.has_own_orders(),
            Self::Quote(market) => !market.blotter.own.is_empty(),
            Self::Bar(market) => market.has_own_orders(),
        }
    }

    /// The own orders here.
    #[must_use]
    pub fn own_orders(&self) -> Vec<OwnOrder> {
        match self {
            Self::L3(market) => market.own_orders().copied().collect(),
            Self::Depth(market) => market.own_orders().copied().collect(),
            Self::Quote(market) => market.blotter.own.iter().copied().collect(),
            Self::Bar(market) => market.blotter.own.iter().copied().collect(),
        }
    }

    /// One of the own orders here.
    #[must_use]
    pub fn own_order(&self, order: OrderId) -> Option<OwnOrder> {
        match self {
            Self::L3(market) => market.own_order(order),
            Self::Depth(market) => market.own_order(order),
            Self::Quote(market) => market.blotter.own.get(order).copied(),
            Self::Bar(market) => market.blotter.own.get(order).copied(),
        }
    }

    /// An order has been here, though it waits elsewhere: requests for it that come when it has
    /// ended come too late.
    pub(crate) fn remember(&mut self, order: OrderId) {
        match self {
            Self::L3(market) => market.remember(order),
            Self::Depth(market) => market.remember(order),
            Self::Quote(market) => market.blotter.own.see(order),
            Self::Bar(market) => market.blotter.own.see(order),
        }
    }

    /// The instrument's index within the run.
    #[must_use]
    pub fn index(&self) -> InstrumentIndex {
        match self {
            Self::L3(market) => market.index(),
            Self::Depth(market) => market.index(),
            Self::Quote(market) => market.blotter.desk.index,
            Self::Bar(market) => market.blotter.desk.index,
        }
    }

    /// Says when sessions are, for orders at their open and close; only bars tell the prices there.
    pub fn set_sessions(&mut self, sessions: &SessionClose) {
        if let Self::Bar(market) = self {
            market.set_sessions(sessions.clone());
        }
    }

    /// States the phase.
    pub fn set_phase(&mut self, phase: TradingPhase) {
        match self {
            Self::L3(market) => market.set_phase(phase),
            Self::Depth(market) => market.set_phase(phase),
            Self::Quote(market) => market.blotter.phase = phase,
            Self::Bar(market) => market.blotter.phase = phase,
        }
    }

    /// The phase.
    #[must_use]
    pub fn phase(&self) -> TradingPhase {
        match self {
            Self::L3(market) => market.phase(),
            Self::Depth(market) => market.phase(),
            Self::Quote(market) => market.blotter.phase,
            Self::Bar(market) => market.blotter.phase,
        }
    }

    /// What went wrong in slippage of one's own, if anything did: an order that could not be sized for
    /// it was refused, and only this tells why.
    #[must_use]
    pub fn fault(&self) -> Option<&CostError> {
        match self {
            Self::L3(market) => market.fault(),
            Self::Depth(market) => market.fault(),
            Self::Quote(market) => market.fault(),
            Self::Bar(market) => market.fault(),
        }
    }

    /// What was counted so far.
    #[must_use]
    pub fn counters(&self) -> VenueCounters {
        match self {
            Self::L3(market) => market.counters(),
            Self::Depth(market) => market.counters(),
            Self::Quote(market) => market.counters(),
            Self::Bar(market) => market.counters(),
        }
    }
}
