//! What every market has: the instrument's terms, the models, the clock, and the writing of fills
//! and reports.

use crate::counters::VenueCounters;
use crate::error::VenueError;
use crate::own::OwnOrder;
use crate::settings::VenueSettings;
use model::random::counter_draw;
use model::{
    CancelReason, Fill, Instrument, InstrumentIndex, LiquiditySide, Lots, OrderId, OrderRequest,
    Price, Reason, Report, ReportKind, Side, Sizer, UnixNanos,
};

/// Ticks farther from zero than this are no price.
pub(crate) const FARTHEST: u64 = book::MAX_TICKS.unsigned_abs();

/// How a price lies to a limit of this side: 1 when it is better than the limit, 0 at it, −1 when
/// the limit does not accept it.
#[inline]
pub(crate) fn distance(side: Side, limit: Price, price: Price) -> i64 {
    match side {
        Side::Buy => i64::from(limit > price) - i64::from(limit < price),
        Side::Sell => i64::from(price > limit) - i64::from(price < limit),
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Desk {
    pub instrument: Instrument,
    pub index: InstrumentIndex,
    pub settings: VenueSettings,
    pub seed: u64,
    pub counters: VenueCounters,
    pub now: UnixNanos,
}

impl Desk {
    pub fn new(instrument: &Instrument, settings: &VenueSettings, seed: u64) -> Self {
        Self {
            instrument: instrument.clone(),
            index: InstrumentIndex::default(),
            settings: settings.clone(),
            seed,
            counters: VenueCounters::default(),
            now: UnixNanos::ZERO,
        }
    }

    /// Moves the clock forward to a record; a step back is counted and ignored.
    pub fn advance(&mut self, to: UnixNanos) {
        if to < self.now {
            self.counters.clock_backward_steps += 1;
        } else {
            self.now = to;
        }
    }

    /// Writes a report, stamped with the venue's time.
    pub fn report(&self, order: OrderId, kind: ReportKind, out: &mut Vec<Report>) {
        out.push(Report { order, instrument: self.index, ts_event: self.now, kind });
    }

    /// Reports that the venue cancelled what is left.
    pub fn cancel(&self, own: &OwnOrder, reason: CancelReason, out: &mut Vec<Report>) {
        let leaves = if own.unsized_yet { Lots::ZERO } else { own.leaves() };
        self.report(own.id(), ReportKind::Canceled { leaves, reason }, out);
    }

    /// The price at which a taker executes `quantity` where the book says `price`: worse by the
    /// impact.
    pub fn taker_price(
        &self,
        side: Side,
        price: Price,
        quantity: Lots,
    ) -> Result<Price, VenueError> {
        let notional = self.instrument.notional(price, quantity)?;
        Ok(self.settings.impact().worsen(side, price, notional)?)
    }

    /// Executes a part of an own order at this price as it is, impact included by the caller.
    pub fn fill(
        &self,
        own: &mut OwnOrder,
        quantity: Lots,
        price: Price,
        liquidity: LiquiditySide,
        at: UnixNanos,
        out: &mut Vec<Report>,
    ) -> Result<(), VenueError> {
        let notional = self.instrument.notional(price, quantity)?;
        let units = self.instrument.quantity(quantity)?;
        let fee = self.settings.fees().charge(&mut own.fees, notional, units, liquidity)?;
        own.filled += quantity;
        let fill = Fill {
            order: own.id(),
            instrument: self.index,
            side: own.side,
            quantity,
            price,
            liquidity,
            ts_event: at,
            leaves: own.leaves(),
            fee,
        };
        out.push(Report {
            order: own.id(),
            instrument: self.index,
            ts_event: at,
            kind: ReportKind::Filled(fill),
        });
        Ok(())
    }

    /// Reports what an own order executed in the event that ends.
    pub fn flush(&self, own: &mut OwnOrder, out: &mut Vec<Report>) -> Result<(), VenueError> {
        let quantity = std::mem::take(&mut own.pending);
        if quantity.is_zero() {
            return Ok(());
        }
        self.fill(own, quantity, own.pending_price, LiquiditySide::Maker, self.now, out)
    }

    /// Whether an order that is only touched is filled in this visit: one draw per order and
    /// visit, `default` where no probability is set.
    #[inline]
    pub fn touched(&mut self, own: &OwnOrder, default: bool) -> bool {
        let Some(probability) = self.settings.touch_probability() else { return default };
        let filled = counter_draw(self.seed, own.id().0, own.visit) < probability;
        if !filled {
            self.counters.withheld_fills += 1;
        }
        filled
    }

    /// Why an order cannot be taken at all. A limit order that is sized at the fill is sized here,
    /// at its limit.
    pub fn refusal(&self, own: &mut OwnOrder, sizer: &mut dyn Sizer) -> Option<Reason> {
        if let Some(limit) = own.limit {
            if limit.0.unsigned_abs() > FARTHEST {
                return Some(Reason::Unsupported);
            }
            if own.unsized_yet {
                let price = Some(self.instrument.grid.price(limit));
                if let Err(reason) = self.ask_size(own, price, price, self.now, sizer) {
                    return Some(reason);
                }
            }
        }
        if own.unsized_yet {
            return None;
        }
        if own.total.0 <= 0 {
            return Some(Reason::ZeroSize);
        }
        self.instrument.quantity(own.total).is_err().then_some(Reason::Overflow)
    }

    /// Asks for side and quantity of an order that is sized when it executes. The first question
    /// names the price at which it would buy; where the answer is to sell, a second one names the
    /// price at which it would sell. Where that answer is to buy again, the target lies between
    /// the two prices and there is nothing to do.
    pub fn ask_size(
        &self,
        own: &mut OwnOrder,
        buy_at: Option<Price>,
        sell_at: Option<Price>,
        at: UnixNanos,
        sizer: &mut dyn Sizer,
    ) -> Result<(), Reason> {
        let first = buy_at.or(sell_at).ok_or(Reason::NoMarket)?;
        let mut answer = sizer.size(own.id(), first, at)?;
        if answer.0 == Side::Sell
            && let Some(second) = sell_at.filter(|&price| price != first)
        {
            answer = sizer.size(own.id(), second, at)?;
            if answer.0 == Side::Buy {
                return Err(Reason::NothingToDo);
            }
        }
        if answer.1.0 <= 0 {
            return Err(Reason::ZeroSize);
        }
        if self.instrument.quantity(answer.1).is_err() {
            return Err(Reason::Overflow);
        }
        own.side = answer.0;
        own.total = answer.1;
        own.unsized_yet = false;
        Ok(())
    }

    /// Accounts an execution at a price named by the caller (closing at the end of a run), as a
    /// taker, in full.
    pub fn fill_at(
        &mut self,
        request: &OrderRequest,
        price: Price,
        sizer: &mut dyn Sizer,
        out: &mut Vec<Report>,
    ) -> Result<(), VenueError> {
        let mut own = OwnOrder::new(request, self.now);
        own.limit = None;
        let asked = if own.unsized_yet {
            self.ask_size(&mut own, Some(price), Some(price), self.now, sizer).err()
        } else {
            None
        };
        if let Some(reason) = asked.or_else(|| self.refusal(&mut own, sizer)) {
            self.report(request.id, ReportKind::Rejected(reason), out);
            return Ok(());
        }
        self.report(request.id, ReportKind::Accepted, out);
        let quantity = own.total;
        let worse = self.taker_price(own.side, price, quantity)?;
        self.fill(&mut own, quantity, worse, LiquiditySide::Taker, self.now, out)
    }
}
