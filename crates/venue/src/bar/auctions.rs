//! Orders that take part in a session's opening or close only.
//!
//! - An order *at the open* executes at the open of the first bar of the session, an order *at the
//!   close* at the close of the bar that ends it. It has to be there before: the one when that bar
//!   opens, the other when it closes.
//! - A limit takes part where the auction's price is better than it; at its very price the draw at
//!   touch decides, as for every limit order. What does not execute ends with the auction.
//! - Where the bars of a session stop before its close, orders at its close end when the next
//!   session begins.

use super::BarMarket;
use crate::desk::distance;
use crate::error::VenueError;
use crate::own::OwnOrder;
use crate::trace::Cause;
use model::{
    Bar, CancelReason, LiquiditySide, Price, Report, SessionClose, Sizer, TimeInForce, UnixNanos,
};

/// One of the two auctions of a session.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Auction {
    which: TimeInForce,
    price: Price,
    at: UnixNanos,
    /// The last arrival that takes part.
    until: UnixNanos,
}

impl BarMarket {
    /// Says when the sessions of the bars are.
    pub fn set_sessions(&mut self, sessions: SessionClose) {
        self.sessions = Some(sessions);
    }

    pub(super) fn has_timed_orders(&self) -> bool {
        self.blotter.own.waiting.iter().any(|own| own.request.time_in_force.is_timed())
    }

    fn session_close(&self, at: UnixNanos) -> Option<UnixNanos> {
        let (_, close) = self.sessions.as_ref()?.session_of(at)?;
        Some(close)
    }

    /// The session's opening, where this bar is its first.
    pub(super) fn opening(
        &mut self,
        bar: &Bar,
        sizer: &mut dyn Sizer,
        out: &mut Vec<Report>,
    ) -> Result<(), VenueError> {
        if !self.has_timed_orders() {
            return Ok(());
        }
        let session = self.session_close(bar.open_time);
        let before = self.last_open.and_then(|open| self.session_close(open));
        if session.is_none() || session == before {
            return Ok(());
        }
        self.end_missed(bar, out);
        let until = Self::in_time(bar);
        let auction =
            Auction { which: TimeInForce::AtOpen, price: bar.open, at: bar.open_time, until };
        self.hold(auction, sizer, out)
    }

    /// The session's close, where this bar ends with it.
    pub(super) fn closing(
        &mut self,
        bar: &Bar,
        sizer: &mut dyn Sizer,
        out: &mut Vec<Report>,
    ) -> Result<(), VenueError> {
        if self.session_close(bar.open_time).is_none_or(|close| bar.close_time < close) {
            return Ok(());
        }
        let (price, at) = (bar.close, bar.close_time);
        let until = UnixNanos(at.0.saturating_sub(1));
        self.hold(Auction { which: TimeInForce::AtClose, price, at, until }, sizer, out)
    }

    /// Orders at the close of a session that ended without a bar.
    fn end_missed(&mut self, bar: &Bar, out: &mut Vec<Report>) {
        let waiting = std::mem::take(&mut self.blotter.own.waiting);
        for own in waiting {
            let close = self.session_close(own.arrived);
            let missed = own.request.time_in_force == TimeInForce::AtClose
                && close.is_some_and(|close| close <= bar.open_time);
            if missed {
                self.blotter.desk.cancel(&own, CancelReason::Expired, out);
            } else {
                self.blotter.own.wait(own);
            }
        }
    }

    fn hold(
        &mut self,
        auction: Auction,
        sizer: &mut dyn Sizer,
        out: &mut Vec<Report>,
    ) -> Result<(), VenueError> {
        let clock = self.blotter.desk.now;
        for own in std::mem::take(&mut self.blotter.own.waiting) {
            if own.request.time_in_force != auction.which || own.arrived > auction.until {
                self.blotter.own.wait(own);
                continue;
            }
            self.blotter.desk.now = auction.at.max(own.arrived);
            self.take_part(own, auction, sizer, out)?;
        }
        self.blotter.desk.now = clock;
        Ok(())
    }

    fn take_part(
        &mut self,
        mut own: Box<OwnOrder>,
        auction: Auction,
        sizer: &mut dyn Sizer,
        out: &mut Vec<Report>,
    ) -> Result<(), VenueError> {
        let (price, at) = (auction.price, self.blotter.desk.now);
        let limit = own.limit.map(|limit| self.blotter.desk.instrument.grid.price(limit));
        if !self.blotter.size_now(&mut own, Some(price), Some(price), sizer, out) {
            return Ok(());
        }
        let accepts = match limit.map(|limit| distance(own.side, limit, price)) {
            None | Some(1..) => true,
            Some(0) => self.blotter.desk.touched(&own, false)?,
            Some(_) => false,
        };
        let quantity = self.part(&own);
        if accepts && !quantity.is_zero() {
            let desk = &mut self.blotter.desk;
            desk.decide(own.id(), Cause::AtSession);
            match limit {
                None => {
                    desk.take_at(&mut own, quantity, price, at, sizer, out)?;
                    desk.room.filled += quantity.0;
                }
                Some(limit) => {
                    let worse = desk.taker_price(own.side, price, quantity)?;
                    if distance(own.side, limit, worse) >= 0 {
                        desk.fill(&mut own, quantity, worse, LiquiditySide::Taker, at, out)?;
                        desk.room.filled += quantity.0;
                    }
                }
            }
        }
        if !own.leaves().is_zero() {
            self.blotter.desk.cancel(&own, CancelReason::NoLiquidity, out);
        }
        Ok(())
    }
}
