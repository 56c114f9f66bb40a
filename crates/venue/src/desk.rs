//! What every market has: the instrument's terms, the models, the clock, and the writing of fills
//! and reports.

use crate::counters::VenueCounters;
use crate::error::VenueError;
use crate::own::OwnOrder;
use crate::settings::VenueSettings;
use crate::trace::{Cause, Trace};
use costs::{FeeInput, Impact, ImpactMemory, SlippageInput};
use model::{
    Bbo, CancelReason, Fill, FillBasis, Instrument, InstrumentIndex, Leg, LiquiditySide, Lots,
    Money, OrderId, OrderRequest, Price, Reason, Report, ReportKind, Side, Sizer, UnixNanos,
};
use std::cell::Cell;

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
    /// Best ask less best bid, where slippage looks at it.
    pub spread: Option<Price>,
    /// The bar in which orders execute.
    pub room: BarRoom,
    /// What own taking fills left behind, and the notional of all own fills. They change where a
    /// fill is written, which needs nothing else of the desk to change.
    impact: Cell<ImpactMemory>,
    traded: Cell<Money>,
    /// What the next fill of a resting order rests on.
    basis: Cell<FillBasis>,
    /// Writes down what one order meets.
    pub trace: Option<Box<Trace>>,
}

/// What own orders may have of a bar.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct BarRoom {
    /// Its volume in lots; 0 where it is not known or no bar is being met.
    pub volume: i64,
    /// What own orders have had of it.
    pub filled: i64,
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
            spread: None,
            room: BarRoom::default(),
            impact: Cell::default(),
            traded: Cell::new(Money::ZERO),
            basis: Cell::new(FillBasis::Queue),
            trace: None,
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

    /// What a fill of a resting order by the rule that is applied now rests on.
    pub fn basis(&self) -> FillBasis {
        self.basis.get()
    }

    /// Names the rule that is applied to own orders from here on.
    #[inline]
    pub fn because(&mut self, rule: Cause) {
        self.basis.set(rule.basis());
        if let Some(trace) = self.trace.as_deref_mut() {
            trace.because(rule);
        }
    }

    /// Names the rule by which an own order executes at once.
    #[inline]
    pub fn decide(&mut self, order: OrderId, rule: Cause) {
        self.basis.set(rule.basis());
        if let Some(trace) = self.trace.as_deref_mut().filter(|trace| trace.order() == order) {
            trace.decide(rule);
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
        let slipped = if self.slips() { self.slip(side, price, quantity)? } else { price };
        let impact = self.settings.impact();
        if *impact == Impact::None {
            return Ok(slipped);
        }
        let notional = self.instrument.notional(price, quantity)?;
        let size = (notional, self.instrument.quantity(quantity)?);
        Ok(impact.worsen(side, slipped, size, &self.impact.get(), self.now)?)
    }

    #[inline]
    fn slips(&self) -> bool {
        !self.settings.slippage().is_none()
    }

    fn slip(&self, side: Side, price: Price, quantity: Lots) -> Result<Price, VenueError> {
        let volume = self.room.volume;
        let own = self.room.filled.saturating_add(quantity.0);
        let share = (volume > 0).then(|| own as f64 / volume as f64);
        let fill = SlippageInput {
            instrument: &self.instrument,
            side,
            price,
            lots: quantity,
            spread: self.spread,
            share,
            at: self.now,
        };
        Ok(self.settings.slippage().worsen(&fill)?)
    }

    /// The price of a very small taking fill: what an amount of money is turned into lots at.
    fn slipped(&self, side: Side, price: Price) -> Result<Price, VenueError> {
        if self.slips() { self.slip(side, price, Lots::ZERO) } else { Ok(price) }
    }

    /// Executes a part of an own order that takes, at this price worsened by the models; where only
    /// what opens slips, what closes executes first, at the price as it is.
    pub fn take_at(
        &self,
        own: &mut OwnOrder,
        quantity: Lots,
        price: Price,
        at: UnixNanos,
        sizer: &dyn Sizer,
        out: &mut Vec<Report>,
    ) -> Result<(), VenueError> {
        let mut opening = quantity;
        if self.settings.slips_on_opening() {
            let leg = Leg::of(own.side, own.request.reduce_only);
            let held = sizer.position(own.id(), self.index, leg, out).0;
            let closing = (-held.saturating_mul(own.side.sign())).clamp(0, quantity.0);
            if closing > 0 {
                self.fill(own, Lots(closing), price, LiquiditySide::Taker, at, out)?;
                opening = Lots(quantity.0 - closing);
            }
            if opening.is_zero() {
                return Ok(());
            }
        }
        let worse = self.taker_price(own.side, price, opening)?;
        self.fill(own, opening, worse, LiquiditySide::Taker, at, out)
    }

    /// Notes best prices, where slippage looks at the spread.
    pub fn note_spread(&mut self, bbo: &Bbo) {
        if self.settings.slippage().needs_spread() {
            let grid = &self.instrument.grid;
            let two_sided = bbo.is_two_sided();
            self.spread = two_sided.then(|| Price(grid.price(bbo.ask).0 - grid.price(bbo.bid).0));
        }
    }

    /// The most that own orders may still have of the bar, in lots.
    pub fn room(&self) -> i64 {
        match self.settings.volume_limit() {
            None => i64::MAX,
            Some(share) => {
                let most = (self.room.volume as f64 * share) as i64;
                (most - self.room.filled).max(0)
            }
        }
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
        let price = match self.settings.worse_ticks() {
            0 => price,
            ticks => self.stressed(own.side, price, ticks),
        };
        let notional = self.instrument.notional(price, quantity)?;
        let units = self.instrument.quantity(quantity)?;
        let traded = self.traded.get();
        let charged = FeeInput {
            instrument: &self.instrument,
            side: own.side,
            liquidity,
            price,
            quantity: units,
            notional,
            traded,
            order: own.fees,
            at,
            estimate: false,
        };
        let fee = self.settings.fees().charge(&mut own.fees, &charged)?;
        self.traded.set(Money(traded.0.saturating_add(notional.0.saturating_abs())));
        if liquidity == LiquiditySide::Taker && *self.settings.impact() != Impact::None {
            let mut memory = self.impact.get();
            self.settings.impact().remember(&mut memory, own.side, units, at);
            self.impact.set(memory);
        }
        own.filled += quantity;
        let fill = Fill {
            order: own.id(),
            instrument: self.index,
            side: own.side,
            quantity,
            price,
            liquidity,
            basis: match liquidity {
                LiquiditySide::Taker => FillBasis::Taken,
                LiquiditySide::Maker => self.basis.get(),
            },
            ts_event: at,
            leaves: own.leaves(),
            fee,
            reduce_only: own.request.reduce_only,
        };
        out.push(Report {
            order: own.id(),
            instrument: self.index,
            ts_event: at,
            kind: ReportKind::Filled(fill),
        });
        Ok(())
    }

    /// A price this many ticks worse; without a price grid, as many basis points.
    #[cold]
    fn stressed(&self, side: Side, price: Price, ticks: u32) -> Price {
        let tick = self.instrument.grid.tick_size().0;
        let step = if tick == 1 { price.0.abs() / 10_000 } else { tick };
        let worse = step.saturating_mul(i64::from(ticks)).saturating_mul(side.sign());
        Price(price.0.saturating_add(worse))
    }

    /// Reports what an own order executed in the event that ends.
    pub fn flush(&self, own: &mut OwnOrder, out: &mut Vec<Report>) -> Result<(), VenueError> {
        let quantity = std::mem::take(&mut own.pending);
        if quantity.is_zero() {
            return Ok(());
        }
        self.basis.set(own.pending_basis);
        self.fill(own, quantity, own.pending_price, LiquiditySide::Maker, self.now, out)
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
        let mut ask = |side, price| {
            let slipped = self.slipped(side, price).map_err(|_| Reason::Overflow)?;
            // What closes may do so at the price as it is shown.
            let mark = if self.settings.slips_on_opening() { price } else { slipped };
            sizer.size(own.id(), slipped, mark, at)
        };
        let mut answer = ask(Side::Buy, first)?;
        if answer.0 == Side::Sell
            && let Some(second) = sell_at.filter(|&sell| sell != first || self.slips())
        {
            answer = ask(Side::Sell, second)?;
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
        let mut own = Box::new(OwnOrder::new(request, self.now));
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
