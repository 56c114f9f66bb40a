//! The accounts as the venue has them: every fill so far, whether or not its strategy knows.

use crate::ledger_sizing::PendingSize;
use model::{
    Bbo, Fill, Instrument, InstrumentIndex, Leg, Money, OrderId, Price, Report, ReportKind,
    StrategyIndex,
};
use std::collections::BTreeMap;
use trading::{Account, Balance, FillEffect, Funds, RiskGate, TradingError};

/// The venue's accounts, marks and orders to be sized.
pub struct Ledger {
    pub(crate) instruments: Vec<Instrument>,
    /// By instrument.
    pub(crate) fees: Vec<costs::FeeSchedule>,
    pub(crate) accounts: Vec<Account>,
    /// Which account a strategy trades on.
    pub(crate) account_of: Vec<usize>,
    pub(crate) gates: Vec<RiskGate>,
    pub(crate) run_gate: RiskGate,
    pub(crate) pending: BTreeMap<OrderId, PendingSize>,
    pub(crate) quotes: Vec<Bbo>,
    pub(crate) prints: Vec<Price>,
    /// The largest position of any account, or leg of one, by instrument: 0 when nobody holds anything.
    pub(crate) held: Vec<i64>,
    /// What the fills of each strategy come to, by strategy and instrument: on a shared account
    /// they need not be the position.
    pub(crate) brought: Vec<Vec<i64>>,
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
