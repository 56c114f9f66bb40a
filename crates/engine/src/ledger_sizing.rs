//! Orders that the venue sizes when they execute, and what their fees may come to.

use crate::error::EngineError;
use crate::ledger::Ledger;
use model::{
    FeeCurrency, Instrument, InstrumentIndex, Leg, Lots, Money, OrderId, Price, Reason, Report,
    ReportKind, Side, Sizer, UnixNanos,
};
use trading::{
    OrderSize, RiskCheck, SizingInput, Target, TradingError, resolve_order, resolve_target,
};

/// An order that is sized when it executes.
#[derive(Clone, Copy, Debug)]
pub struct PendingSize {
    /// The instrument.
    pub instrument: InstrumentIndex,
    /// Side of an order that is no target.
    pub side: Side,
    /// Its size, or the target that it serves.
    pub amount: crate::command::Amount,
}

impl Sizer for Ledger {
    fn size(
        &mut self,
        order: OrderId,
        price: Price,
        mark: Price,
        now: UnixNanos,
    ) -> Result<(Side, Lots), Reason> {
        let pending = *self.pending.get(&order).ok_or(Reason::UnknownOrder)?;
        let strategy = order.strategy().index();
        let which = self.account_of[strategy];
        let equity = self
            .equity(which, Some((pending.instrument, mark)))
            .map_err(|error| refusal(&error))?;
        let account = &self.accounts[which];
        let position = account.position(pending.instrument).quantity;
        // Of a hedging account an order of this side changes one leg; which only reduces is not sized.
        let acts_on = |side| account.leg(pending.instrument, Leg::of(side, false)).quantity;
        let terms = &self.instruments[pending.instrument.index()];
        let currencies = account.currencies();
        let slot = currencies.slot(pending.instrument).ok_or(Reason::NoRate)?;
        let budget = {
            let marks = self.marks(Some((pending.instrument, mark)));
            currencies.from_own(slot, equity, &marks).map_err(|error| refusal(&error))?
        };
        let input = SizingInput {
            instrument: terms,
            price,
            equity: budget,
            position,
            working: Lots::ZERO,
            reserve_fees: terms.kind.pays_notional(),
        };
        let fees = &self.fees[pending.instrument.index()];
        let (side, quantity) = size(&pending, &input, fees, now)?;
        let check = RiskCheck {
            instrument: pending.instrument,
            side,
            quantity,
            added: quantity,
            position: acts_on(side),
            working_buys: Lots::ZERO,
            working_sells: Lots::ZERO,
            equity_change: Money(equity.0.saturating_sub(account.initial_equity().0)),
            now,
        };
        self.run_gate.examine_size(&check)?;
        self.gates[strategy].examine_size(&check)?;
        self.can_pay(which, pending.instrument, (side, quantity), (price, equity), now)?;
        Ok((side, quantity))
    }

    fn position(
        &self,
        order: OrderId,
        instrument: InstrumentIndex,
        leg: Leg,
        unbooked: &[Report],
    ) -> Lots {
        let strategy = order.strategy();
        let account = self.account_index(strategy);
        let hedging = self.account(strategy).is_hedging();
        let mut position = self.account(strategy).leg(instrument, leg).quantity.0;
        for report in unbooked {
            if let ReportKind::Filled(fill) = &report.kind
                && fill.instrument == instrument
                && self.account_index(fill.order.strategy()) == account
                && (!hedging || fill.leg() == leg)
            {
                let change = fill.side.sign().saturating_mul(fill.quantity.0);
                position = position.saturating_add(change);
            }
        }
        Lots(position)
    }
}

/// Why an order is refused whose account cannot be valued.
pub(crate) fn refusal(error: &TradingError) -> Reason {
    match error {
        TradingError::NoRate { .. } => Reason::NoRate,
        _ => Reason::Overflow,
    }
}

/// Value and fee of a taking fill that may come.
///
/// # Errors
/// [`EngineError`] when a number leaves its type, and what a model of one's own says.
pub(crate) fn estimated_fee(
    fees: &costs::FeeSchedule,
    instrument: &Instrument,
    (side, lots, price): (Side, Lots, Price),
    at: UnixNanos,
) -> Result<(Money, Money), EngineError> {
    let notional = instrument.notional(price, lots)?;
    let fee = fees.fee(&costs::FeeInput {
        instrument,
        side,
        liquidity: model::LiquiditySide::Taker,
        price,
        quantity: instrument.quantity(lots)?,
        notional,
        traded: Money::ZERO,
        order: costs::OrderFees::default(),
        at,
        estimate: true,
    })?;
    Ok((notional, fee))
}

/// The same with the fee that leaves the cash: none where it is taken from what a purchase brings.
///
/// # Errors
/// [`Reason::Overflow`], and where a model of one's own fails.
pub(crate) fn estimated_fee_in_cash(
    fees: &costs::FeeSchedule,
    instrument: &Instrument,
    (side, lots, price): (Side, Lots, Price),
    at: UnixNanos,
) -> Result<(Money, Money), Reason> {
    let overflow = |_| Reason::Overflow;
    if side == Side::Buy && instrument.fee_currency == FeeCurrency::Received {
        return Ok((instrument.notional(price, lots).map_err(overflow)?, Money::ZERO));
    }
    estimated_fee(fees, instrument, (side, lots, price), at).map_err(|_| Reason::Overflow)
}

/// Side and lots of an amount in a given state.
///
/// # Errors
/// The reason why there is nothing to trade.
pub fn size(
    pending: &PendingSize,
    input: &SizingInput<'_>,
    fees: &costs::FeeSchedule,
    now: UnixNanos,
) -> Result<(Side, Lots), Reason> {
    let mut fee = |side: Side, lots: Lots| {
        estimated_fee_in_cash(fees, input.instrument, (side, lots, input.price), now)
            .map(|(_, fee)| fee)
    };
    match pending.amount {
        crate::command::Amount::Order(OrderSize::Quantity(lots)) => Ok((pending.side, lots)),
        // The parent's fills are its size: nobody asks.
        crate::command::Amount::Parent => Err(Reason::NothingToDo),
        crate::command::Amount::Order(size) => {
            resolve_order(pending.side, size, input, &mut fee).map(|lots| (pending.side, lots))
        }
        crate::command::Amount::Target(target) => {
            let target: Target = target;
            let delta = resolve_target(target, input, &mut fee)?;
            let side = if delta > 0 { Side::Buy } else { Side::Sell };
            Ok((side, Lots(delta.checked_abs().ok_or(Reason::Overflow)?)))
        }
    }
}
