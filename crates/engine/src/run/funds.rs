//! Whether an account can pay for an order, as its strategy knows it: before the order leaves.

use super::Run;
use crate::ledger_sizing::{estimated_fee_in_cash, refusal};
use model::{
    InstrumentIndex, Leg, Lots, Money, OrderId, OrderRequest, Price, Reason, Side, Ticks, UnixNanos,
};
use trading::{Funds, Order, TradingError, worst_position};
use venue::Change;

/// An order that is to leave, or to be changed.
pub(super) struct FundsCheck {
    id: OrderId,
    instrument: InstrumentIndex,
    side: Side,
    /// What it could still fill.
    left: Lots,
    limit: Option<Ticks>,
    reduce_only: bool,
}

impl FundsCheck {
    pub fn of(request: &OrderRequest, left: Lots, limit: Option<Ticks>) -> Self {
        let &OrderRequest { id, instrument, side, reduce_only, .. } = request;
        Self { id, instrument, side, left, limit, reduce_only }
    }

    /// An order as it would be after a change.
    pub fn of_change(order: &Order, change: &Change) -> Self {
        let total = change.total.unwrap_or(order.quantity);
        let left = Lots(total.0.saturating_sub(order.filled.0).max(0));
        Self::of(&order.request, left, change.price.or(order.limit))
    }
}

impl Run {
    /// Refuses what the account of a strategy cannot pay for.
    pub(super) fn check_funds(&self, which: usize, order: &FundsCheck) -> Result<(), Reason> {
        if order.reduce_only {
            return Ok(());
        }
        match self.ledger.funds() {
            Funds::Unchecked => Ok(()),
            Funds::Cash if order.side == Side::Sell => self.check_holding(which, order),
            Funds::Cash => self.check_cash(which, order),
            Funds::Margin(_) => self.check_margin(which, order),
        }
    }

    /// Lots that other orders on the account may still fill.
    fn other_working(
        &self,
        which: usize,
        order: &FundsCheck,
        instrument: InstrumentIndex,
        side: Side,
    ) -> Lots {
        let mut lots = 0i64;
        for (at, strategy) in self.strategies.iter().enumerate() {
            if at == which || self.ledger.is_shared() {
                lots = lots.saturating_add(strategy.orders.working(instrument, side).0);
            }
        }
        // An order that is being changed is among them as it stands.
        let own = self.strategies[which]
            .orders
            .order(order.id)
            .filter(|open| open.request.side == side && open.request.instrument == instrument);
        Lots(lots.saturating_sub(own.map_or(0, |open| open.exposure().0)))
    }

    /// Nothing is sold that is not held, open orders counted.
    fn check_holding(&self, which: usize, order: &FundsCheck) -> Result<(), Reason> {
        let account = &self.strategies[which].account;
        let terms = &self.instruments[order.instrument.index()];
        let held = account.sellable(order.instrument, terms);
        let others = self.other_working(which, order, order.instrument, Side::Sell);
        let sold = order.left.0.checked_add(others.0).ok_or(Reason::Overflow)?;
        if sold > held.0 {
            return Err(Reason::ShortSale);
        }
        // What is sold may be what open buys of other pairs are paid with.
        let Some(slot) = account.currencies().base_slot(order.instrument) else { return Ok(()) };
        let sold = terms.quantity(order.left).map_err(|_| Reason::Overflow)?;
        let promised = self.promised(which, order, slot)?;
        let needed = promised.0.checked_add(i128::from(sold.0)).ok_or(Reason::Overflow)?;
        let there = account.spendable(slot, &self.instruments).map_err(|_| Reason::Overflow)?;
        if needed > there.0 { Err(Reason::ShortSale) } else { Ok(()) }
    }

    /// All open buys in a currency, each at its limit or at the best offer, and this one with its
    /// fee are paid out of what there is of that currency.
    fn check_cash(&self, which: usize, order: &FundsCheck) -> Result<(), Reason> {
        let overflow = |_| Reason::Overflow;
        let account = &self.strategies[which].account;
        let slot = account.currencies().slot(order.instrument).ok_or(Reason::NoRate)?;
        let price = self.price_of(which, order.instrument, Side::Buy, order.limit)?;
        let terms = &self.instruments[order.instrument.index()];
        let now = UnixNanos(self.strategies[which].now);
        let taken = (Side::Buy, order.left, price);
        let (value, fee) =
            estimated_fee_in_cash(self.ledger.fees(order.instrument), terms, taken, now)?;
        let needed = value.checked_add(fee).map_err(overflow)?;
        let promised = self.promised(which, order, slot)?;
        let needed = needed.checked_add(promised).map_err(overflow)?;
        let there = account.spendable(slot, &self.instruments).map_err(|_| Reason::Overflow)?;
        if needed > there { Err(Reason::BuyingPower) } else { Ok(()) }
    }

    /// What open orders of the account other than this one may take of a currency: buys in it, and
    /// sales of the pair that it is the base of.
    fn promised(&self, which: usize, order: &FundsCheck, slot: usize) -> Result<Money, Reason> {
        let overflow = |_| Reason::Overflow;
        let currencies = self.strategies[which].account.currencies();
        let pair = currencies.pair_of(slot);
        let mut promised = Money::ZERO;
        for (at, strategy) in self.strategies.iter().enumerate() {
            if at != which && !self.ledger.is_shared() {
                continue;
            }
            for open in strategy.orders.open_orders() {
                let (lots, instrument) = (open.exposure(), open.request.instrument);
                if open.request.id == order.id || lots.is_zero() {
                    continue;
                }
                let terms = &self.instruments[instrument.index()];
                let taken = match open.request.side {
                    Side::Buy if currencies.slot(instrument) == Some(slot) => {
                        let price = self.price_of(which, instrument, Side::Buy, open.limit)?;
                        terms.notional(price, lots).map_err(overflow)?
                    }
                    Side::Sell if pair == Some(instrument) => {
                        Money(i128::from(terms.quantity(lots).map_err(overflow)?.0))
                    }
                    _ => continue,
                };
                promised = promised.checked_add(taken).map_err(overflow)?;
            }
        }
        Ok(promised)
    }

    /// Initial margin on every position plus the worst side of the open orders is covered by the
    /// equity. What does not raise it passes.
    fn check_margin(&self, which: usize, order: &FundsCheck) -> Result<(), Reason> {
        let Funds::Margin(margins) = self.ledger.funds() else { return Ok(()) };
        let account = &self.strategies[which].account;
        // Nothing of a hedging account covers anything else of it: both legs count, and all orders.
        let worst = |instrument, buys: Lots, sells: Lots| {
            let [long, short] = Leg::BOTH.map(|leg| account.leg(instrument, leg).quantity);
            if !account.is_hedging() {
                return worst_position(long, buys, sells);
            }
            let legs = long.0.saturating_sub(short.0);
            Lots(legs.saturating_add(buys.0).saturating_add(sells.0))
        };
        let buys = self.other_working(which, order, order.instrument, Side::Buy);
        let sells = self.other_working(which, order, order.instrument, Side::Sell);
        let add = |lots: Lots, side| {
            Lots(if order.side == side { lots.0.saturating_add(order.left.0) } else { lots.0 })
        };
        let with = worst(order.instrument, add(buys, Side::Buy), add(sells, Side::Sell));
        if with <= worst(order.instrument, buys, sells) {
            return Ok(());
        }
        let marks = self.seen_marks(which, None);
        let mut needed = Money::ZERO;
        for (at, terms) in self.instruments.iter().enumerate() {
            let instrument = InstrumentIndex(at as u32);
            let (lots, mark) = if instrument == order.instrument {
                let limit = order.limit;
                (
                    with,
                    self.price_of(which, instrument, order.side, None).or_else(|missing| {
                        limit.map(|limit| terms.grid.price(limit)).ok_or(missing)
                    })?,
                )
            } else {
                let held = account.position(instrument).quantity;
                let buys = self.other_working(which, order, instrument, Side::Buy);
                let sells = self.other_working(which, order, instrument, Side::Sell);
                (worst(instrument, buys, sells), self.seen_mark(which, instrument, held.0))
            };
            if lots.is_zero() || !mark.is_defined() {
                continue;
            }
            let margin = margins[at].initial.of(terms, mark, lots);
            needed = margin
                .map_err(TradingError::from)
                .and_then(|margin| account.cost_of(instrument, margin, &marks))
                .and_then(|margin| Ok(needed.checked_add(margin)?))
                .map_err(|error| refusal(&error))?;
        }
        let equity = self.seen_equity(which, None)?;
        if needed > equity { Err(Reason::BuyingPower) } else { Ok(()) }
    }

    /// A limit, or where a market order of this side would execute.
    fn price_of(
        &self,
        which: usize,
        instrument: InstrumentIndex,
        side: Side,
        limit: Option<Ticks>,
    ) -> Result<Price, Reason> {
        if let Some(limit) = limit {
            return Ok(self.instruments[instrument.index()].grid.price(limit));
        }
        // A buy executes where a short could be closed.
        let mark = self.seen_mark(which, instrument, -side.sign());
        if mark.is_defined() { Ok(mark) } else { Err(Reason::NoMarket) }
    }
}
