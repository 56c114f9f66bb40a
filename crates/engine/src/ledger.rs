//! The accounts as the venue has them: every fill so far, whether or not its strategy knows.

use crate::command::Amount;
use crate::error::EngineError;
use model::{
    Bbo, FeeCurrency, Fill, Instrument, InstrumentIndex, Leg, Lots, Money, OrderId, Price, Reason,
    Report, ReportKind, Side, Sizer, Split, StrategyIndex, UnixNanos,
};
use std::collections::BTreeMap;
use trading::{
    Account, Balance, FillEffect, Funds, OrderSize, RiskCheck, RiskGate, SizingInput, SplitEffect,
    Target, TradingError, resolve_order, resolve_target,
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

/// The venue's accounts, marks and orders to be sized.
pub struct Ledger {
    pub(crate) instruments: Vec<Instrument>,
    /// By instrument.
    pub(crate) fees: Vec<costs::FeeSchedule>,
    pub(crate) accounts: Vec<Account>,
    /// Which account a strategy trades on.
    account_of: Vec<usize>,
    gates: Vec<RiskGate>,
    run_gate: RiskGate,
    pending: BTreeMap<OrderId, PendingSize>,
    quotes: Vec<Bbo>,
    prints: Vec<Price>,
    /// The largest position of any account, or leg of one, by instrument: 0 when nobody holds anything.
    held: Vec<i64>,
    /// What the fills of each strategy come to, by strategy and instrument: on a shared account
    /// they need not be the position.
    brought: Vec<Vec<i64>>,
    /// What orders are checked against.
    pub(crate) funds: Funds,
}

impl Ledger {
    /// One account per strategy, or one for all of them.
    #[must_use]
    pub fn new(
        instruments: Vec<Instrument>,
        fees: Vec<costs::FeeSchedule>,
        account: &Account,
        shared: bool,
        gates: Vec<RiskGate>,
        run_gate: RiskGate,
    ) -> Self {
        let strategies = gates.len();
        let count = instruments.len();
        let accounts = if shared { 1 } else { strategies.max(1) };
        Self {
            instruments,
            fees,
            accounts: vec![account.clone(); accounts],
            account_of: (0..strategies).map(|s| if shared { 0 } else { s }).collect(),
            gates,
            run_gate,
            pending: BTreeMap::new(),
            quotes: vec![Bbo::EMPTY; count],
            prints: vec![Price::UNDEFINED; count],
            held: vec![0; count],
            brought: vec![vec![0; count]; strategies],
            funds: Funds::default(),
        }
    }

    /// The same with accounts whose funds are checked.
    #[must_use]
    pub fn with_funds(mut self, funds: Funds) -> Self {
        self.funds = funds;
        self
    }

    /// What orders are checked against.
    #[must_use]
    pub fn funds(&self) -> &Funds {
        &self.funds
    }

    /// The account of a strategy.
    #[must_use]
    pub fn account(&self, strategy: StrategyIndex) -> &Account {
        &self.accounts[self.account_of[strategy.index()]]
    }

    /// The fee schedule of an instrument's venue, for sizes that leave room for fees.
    #[must_use]
    pub fn fees(&self, instrument: InstrumentIndex) -> &costs::FeeSchedule {
        &self.fees[instrument.index()]
    }

    /// The first failure of a fee model of one's own.
    #[must_use]
    pub fn fee_fault(&self) -> Option<&costs::CostError> {
        self.fees.iter().find_map(costs::FeeSchedule::fault)
    }

    /// Whether all strategies trade on one account.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        self.accounts.len() == 1 && self.account_of.len() > 1
    }

    /// Whether accounts hold long and short of an instrument apart.
    #[must_use]
    pub fn is_hedging(&self) -> bool {
        self.accounts.first().is_some_and(Account::is_hedging)
    }

    /// The number of a strategy's account.
    #[must_use]
    pub fn account_index(&self, strategy: StrategyIndex) -> usize {
        self.account_of[strategy.index()]
    }

    /// What the fills of a strategy come to, in lots.
    #[must_use]
    pub fn brought(&self, strategy: StrategyIndex, instrument: InstrumentIndex) -> i64 {
        self.brought[strategy.index()][instrument.index()]
    }

    /// Number of accounts.
    #[must_use]
    pub fn accounts(&self) -> usize {
        self.accounts.len()
    }

    /// The first strategy that trades on an account.
    #[must_use]
    pub fn first_strategy(&self, account: usize) -> StrategyIndex {
        let at = self.account_of.iter().position(|&a| a == account).unwrap_or(0);
        StrategyIndex(at as u16)
    }

    /// A change of best prices.
    #[inline]
    pub fn quote(&mut self, instrument: InstrumentIndex, bbo: Bbo) {
        self.quotes[instrument.index()] = bbo;
    }

    /// A trade price or a bar's close.
    #[inline]
    pub fn print(&mut self, instrument: InstrumentIndex, price: Price) {
        self.prints[instrument.index()] = price;
    }

    /// The position that decides which side marks are taken from: the largest of all accounts,
    /// 0 when nobody holds anything.
    #[inline]
    #[must_use]
    pub fn largest_holding(&self, instrument: InstrumentIndex) -> i64 {
        self.held[instrument.index()]
    }

    /// The pessimistic mark: where a position of this sign could be closed, else the last price.
    #[must_use]
    pub fn mark(&self, instrument: InstrumentIndex, quantity: i64) -> Price {
        let at = instrument.index();
        let grid = &self.instruments[at].grid;
        crate::market_state::mark_of(&self.quotes[at], self.prints[at], quantity, |t| grid.price(t))
    }

    /// The middle of the best prices, else the last price.
    #[must_use]
    pub fn middle(&self, instrument: InstrumentIndex) -> Price {
        let at = instrument.index();
        let bbo = &self.quotes[at];
        if !bbo.is_two_sided() {
            return self.prints[at];
        }
        let grid = &self.instruments[at].grid;
        let (bid, ask) = (grid.price(bbo.bid).0, grid.price(bbo.ask).0);
        Price(bid + (ask - bid) / 2)
    }

    /// Σ of all accounts' positions, in lots.
    #[must_use]
    pub fn total_position(&self, instrument: InstrumentIndex) -> i64 {
        self.accounts.iter().map(|account| account.position(instrument).quantity.0).sum()
    }

    /// Equity of an account with every position at its mark; one instrument may be given a price.
    ///
    /// # Errors
    /// [`TradingError`] on overflow.
    pub fn equity(
        &self,
        account: usize,
        at_price: Option<(InstrumentIndex, Price)>,
    ) -> Result<Money, TradingError> {
        self.accounts[account].equity(&self.instruments, &self.marks(at_price))
    }

    /// What positions are marked at; one instrument may be given a price.
    pub(crate) fn marks(
        &self,
        at_price: Option<(InstrumentIndex, Price)>,
    ) -> impl Fn(InstrumentIndex, i64) -> Price {
        move |instrument, quantity| match at_price {
            Some((given, price)) if given == instrument => price,
            _ => self.mark(instrument, quantity),
        }
    }

    /// One figure over all currencies of an account, in its own at the marks.
    ///
    /// # Errors
    /// [`TradingError`] on overflow, or where a currency has no rate yet.
    pub fn total(
        &self,
        account: usize,
        figure: impl Fn(&Balance) -> Money,
    ) -> Result<Money, TradingError> {
        self.accounts[account].total(figure, &self.marks(None))
    }

    /// An amount in an instrument's currency, in that of the accounts at the marks.
    ///
    /// # Errors
    /// [`TradingError`] on overflow, or where the currency has no rate yet.
    pub fn worth(&self, instrument: InstrumentIndex, amount: Money) -> Result<Money, TradingError> {
        let currencies = self.accounts[0].currencies();
        self.worth_of(currencies.slot(instrument).unwrap_or(0), amount)
    }

    /// An amount of one of the accounts' currencies, in their own at the marks.
    ///
    /// # Errors
    /// As [`Self::worth`].
    pub fn worth_of(&self, slot: usize, amount: Money) -> Result<Money, TradingError> {
        self.accounts[0].currencies().worth(slot, amount, &self.marks(None))
    }

    /// Books a fill.
    ///
    /// # Errors
    /// [`TradingError`]; nothing is booked then.
    pub fn apply_fill(&mut self, fill: &Fill) -> Result<FillEffect, TradingError> {
        let which = self.account_of[fill.order.strategy().index()];
        let terms = &self.instruments[fill.instrument.index()];
        let effect = self.accounts[which].apply_fill(terms, fill)?;
        let brought = &mut self.brought[fill.order.strategy().index()][fill.instrument.index()];
        let lots = fill.side.sign().saturating_mul(fill.quantity.0);
        *brought = brought
            .saturating_add(lots)
            .saturating_sub(fill.side.sign().saturating_mul(effect.fee_lots));
        let largest = self
            .accounts
            .iter()
            .flat_map(|account| Leg::BOTH.map(|leg| account.leg(fill.instrument, leg).quantity.0))
            .max_by_key(|quantity| quantity.unsigned_abs());
        self.held[fill.instrument.index()] = largest.unwrap_or(0);
        Ok(effect)
    }

    /// Adds cash in an instrument's currency that no fill brought to an account; negative to pay.
    ///
    /// # Errors
    /// [`TradingError`] on overflow; nothing is booked then.
    pub fn adjust(
        &mut self,
        account: usize,
        instrument: InstrumentIndex,
        amount: Money,
    ) -> Result<(), TradingError> {
        self.accounts[account].adjust(instrument, amount)
    }

    /// An instrument is split: positions and marks go on in new units; a fraction is paid at `price`.
    /// What it did, by account.
    ///
    /// # Errors
    /// [`TradingError`] for a fraction without a price, or on overflow.
    pub fn split(
        &mut self,
        instrument: InstrumentIndex,
        split: Split,
        price: Price,
    ) -> Result<Vec<SplitEffect>, TradingError> {
        let at = instrument.index();
        let terms = &self.instruments[at];
        let effects = self
            .accounts
            .iter_mut()
            .map(|account| account.apply_split(terms, instrument, split, price))
            .collect::<Result<_, _>>()?;
        self.held[at] = split.quantity(Lots(self.held[at]))?.0.0;
        for brought in &mut self.brought {
            brought[at] = split.quantity(Lots(brought[at]))?.0.0;
        }
        self.quotes[at] = split.best_prices(&self.quotes[at])?;
        self.prints[at] = split.price(self.prints[at])?;
        Ok(effects)
    }

    /// Orders to be sized to a number of lots, of those that `is_here` names, in new units.
    ///
    /// # Errors
    /// [`TradingError`] on overflow.
    pub fn split_targets(
        &mut self,
        instrument: InstrumentIndex,
        split: Split,
        is_here: impl Fn(OrderId) -> bool,
    ) -> Result<(), TradingError> {
        for (&id, pending) in &mut self.pending {
            if pending.instrument == instrument
                && let Amount::Target(Target::Quantity(lots)) = &mut pending.amount
                && is_here(id)
            {
                *lots = split.quantity(*lots)?.0;
            }
        }
        Ok(())
    }

    /// An order that the venue will size.
    pub fn expect(&mut self, order: OrderId, pending: PendingSize) {
        self.pending.insert(order, pending);
    }

    /// Forgets orders to be sized once they have ended.
    pub fn on_report(&mut self, report: &Report) {
        let ended = match &report.kind {
            ReportKind::Filled(fill) => fill.leaves.is_zero(),
            ReportKind::Canceled { .. } | ReportKind::Rejected(_) | ReportKind::Denied(_) => true,
            _ => false,
        };
        if ended && !self.pending.is_empty() {
            self.pending.remove(&report.order);
        }
    }
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
