//! What is looked at before an order leaves: its size, the strategy's state, the risk limits.

use super::commands::Draft;
use super::funds::FundsCheck;
use super::{Phase, Run};
use crate::command::{Amount, SizeAt};
use crate::error::EngineError;
use crate::ledger_sizing::{PendingSize, refusal, size};
use model::{
    Condition, InstrumentIndex, Leg, Lots, Money, OrderKind, OrderRequest, Price, Reason, Side,
    TimeInForce, UnixNanos,
};
use trading::{OrderSize, RiskCheck, SizingInput};
use venue::Market;

impl Run {
    /// Side and lots of an order, or `None` when the venue is to size it.
    pub(super) fn size_draft(
        &self,
        which: usize,
        draft: &Draft,
    ) -> Result<Option<(Side, Lots)>, Reason> {
        // Two legs can come to a position in many ways: which is meant nobody can know.
        if matches!(draft.amount, Amount::Target(_)) && self.strategies[which].account.is_hedging()
        {
            return Err(Reason::Unsupported);
        }
        if let Amount::Order(OrderSize::Quantity(lots)) = draft.amount {
            return if lots.0 > 0 { Ok(Some((draft.side, lots))) } else { Err(Reason::ZeroSize) };
        }
        if draft.size_at == SizeAt::Fill || draft.amount == Amount::Parent {
            return Ok(None);
        }
        let side = &self.strategies[which];
        let terms = &self.instruments[draft.instrument.index()];
        let view = &side.view[draft.instrument.index()];
        let price = match draft.kind {
            OrderKind::Limit(price) => terms.grid.price(price),
            OrderKind::Market | OrderKind::MarketToLimit => {
                crate::market_state::touch_of(&view.bbo, view.last, draft.side, |ticks| {
                    terms.grid.price(ticks)
                })
            }
        };
        if !price.is_defined() {
            return Err(Reason::NoMarket);
        }
        let equity = self.seen_equity(which, Some((draft.instrument, price)))?;
        let currencies = side.account.currencies();
        let slot = currencies.slot(draft.instrument).ok_or(Reason::NoRate)?;
        let marks = self.seen_marks(which, Some((draft.instrument, price)));
        let input = SizingInput {
            instrument: terms,
            price,
            equity: currencies.from_own(slot, equity, &marks).map_err(|error| refusal(&error))?,
            position: side.account.position(draft.instrument).quantity,
            working: self.working_net(which, draft.instrument),
            reserve_fees: terms.kind.pays_notional(),
        };
        let pending =
            PendingSize { instrument: draft.instrument, side: draft.side, amount: draft.amount };
        size(&pending, &input, self.ledger.fees(draft.instrument), UnixNanos(side.now)).map(Some)
    }

    /// Signed lots on their way that a target counts: of everybody who trades on the account.
    fn working_net(&self, which: usize, instrument: InstrumentIndex) -> Lots {
        if !self.ledger.is_shared() {
            return self.strategies[which].orders.working_net(instrument);
        }
        let sides = self.strategies.iter().map(|side| side.orders.working_net(instrument).0);
        Lots(sides.fold(0, i64::saturating_add))
    }

    /// Where a position of this sign could be closed, as a strategy sees the market.
    pub(super) fn seen_mark(
        &self,
        which: usize,
        instrument: InstrumentIndex,
        quantity: i64,
    ) -> Price {
        let view = &self.strategies[which].view[instrument.index()];
        let grid = &self.instruments[instrument.index()].grid;
        crate::market_state::mark_of(&view.bbo, view.last, quantity, |ticks| grid.price(ticks))
    }

    /// A strategy's equity as it sees the market.
    pub(super) fn seen_equity(
        &self,
        which: usize,
        at_price: Option<(InstrumentIndex, Price)>,
    ) -> Result<Money, Reason> {
        let account = &self.strategies[which].account;
        let marks = self.seen_marks(which, at_price);
        account.equity(&self.instruments, &marks).map_err(|error| refusal(&error))
    }

    /// What a strategy sees positions marked at; one instrument may be given a price.
    pub(super) fn seen_marks(
        &self,
        which: usize,
        at_price: Option<(InstrumentIndex, Price)>,
    ) -> impl Fn(InstrumentIndex, i64) -> Price {
        move |instrument, quantity| match at_price {
            Some((given, price)) if given == instrument => price,
            _ => self.seen_mark(which, instrument, quantity),
        }
    }

    /// Why an order may not leave, if so.
    pub(super) fn refusal(
        &mut self,
        which: usize,
        request: &OrderRequest,
        now: UnixNanos,
    ) -> Option<Reason> {
        if self.strategies[which].warms_at(now.0) {
            return Some(Reason::WarmUp);
        }
        if self.is_over(now.0) {
            return Some(Reason::EndOfRun);
        }
        let currencies = self.strategies[which].account.currencies();
        if !currencies.has_rate(request.instrument, &self.seen_marks(which, None)) {
            return Some(Reason::NoRate);
        }
        if request.size_at_fill {
            // The size is checked by the venue; the rate is checked now.
            let gate = &mut self.strategies[which].gate;
            if let Err(reason) = gate.examine_rate(now).and_then(|()| self.gate.examine_rate(now)) {
                return Some(reason);
            }
            self.strategies[which].gate.record(now);
            self.gate.record(now);
            return None;
        }
        let funds = FundsCheck::of(request, request.quantity, request.kind.limit());
        self.pass_limits(which, request, request.quantity, &funds, now).err()
    }

    /// Whether an order that adds these lots passes the risk limits and can be paid for; what passes
    /// counts towards the rates.
    pub(super) fn pass_limits(
        &mut self,
        which: usize,
        request: &OrderRequest,
        added: Lots,
        funds: &FundsCheck,
        now: UnixNanos,
    ) -> Result<(), Reason> {
        // One strategy without any limit: nothing that the gates would be told could matter.
        if let [only] = self.strategies.as_slice()
            && only.gate.has_no_limit()
            && self.gate.has_no_limit()
        {
            return self.check_funds(which, funds);
        }
        let (own, all) = self.risk_check(which, request, added, now)?;
        self.check_funds(which, funds)?;
        self.pass_gates(which, own, all)
    }

    /// Whether a model of one's own has failed: where an order was refused, this is why.
    #[cold]
    pub(super) fn check_models(&self) -> Result<(), EngineError> {
        let markets = self.markets.iter().find_map(|state| state.market.fault());
        match self.ledger.fee_fault().or(markets) {
            Some(fault) => Err(EngineError::Cost(fault.clone())),
            None => Ok(()),
        }
    }

    /// When an order's time is over, if ever.
    pub(super) fn expiry(
        &self,
        request: &OrderRequest,
        condition: &Condition,
        now: UnixNanos,
    ) -> Result<Option<UnixNanos>, Reason> {
        match request.time_in_force {
            TimeInForce::Gtc | TimeInForce::Ioc | TimeInForce::Fok => Ok(None),
            TimeInForce::Gtd => match condition.expires {
                Some(expires) if expires > now => Ok(Some(expires)),
                _ => Err(Reason::Expired),
            },
            TimeInForce::Day => {
                let session = &self.markets[request.instrument.index()].session;
                session.session_of(now).map(|(_, close)| Some(close)).ok_or(Reason::NoSession)
            }
            // Only bars say what the price of a session's opening and close was.
            TimeInForce::AtOpen | TimeInForce::AtClose => {
                let market = &self.markets[request.instrument.index()].market;
                if matches!(market, Market::Bar(_)) { Ok(None) } else { Err(Reason::Unsupported) }
            }
        }
    }

    /// Whether a command given now is pointless, since nothing happens at the venue any more. The
    /// strategy's time has passed the end of the data, or the run is being stopped.
    pub(super) fn is_over(&self, now: u64) -> bool {
        self.phase != Phase::Running
            || self.stop_at.is_some()
            || self.end.is_some_and(|end| now > end)
    }

    /// What the strategy's gate and the run's gate look at: the strategy alone, and all together.
    fn risk_check(
        &mut self,
        which: usize,
        request: &OrderRequest,
        added: Lots,
        now: UnixNanos,
    ) -> Result<(RiskCheck, RiskCheck), Reason> {
        let instrument = request.instrument;
        // The others have seen everything that was due before this row, however far they have
        // got with their own.
        if self.strategies.len() > 1 {
            for (at, side) in self.strategies.iter_mut().enumerate() {
                if at != which {
                    side.drain_silent(now.0, 0, 0);
                }
            }
        }
        let side = &self.strategies[which];
        let account = &side.account;
        let for_all = self.gate.watches_loss();
        let change = if for_all || side.gate.watches_loss() {
            let equity = self.seen_equity(which, None)?;
            Money(equity.0.saturating_sub(account.initial_equity().0))
        } else {
            Money::ZERO
        };
        let leg = Leg::of(request.side, request.reduce_only);
        let own = RiskCheck {
            instrument,
            side: request.side,
            quantity: request.quantity,
            added,
            position: account.leg(instrument, leg).quantity,
            working_buys: side.orders.working(instrument, Side::Buy),
            working_sells: side.orders.working(instrument, Side::Sell),
            equity_change: change,
            now,
        };
        let mut all = own;
        for (at, other) in self.strategies.iter().enumerate() {
            if at == which {
                continue;
            }
            if !self.ledger.is_shared() {
                let held = other.account.leg(instrument, leg).quantity.0;
                all.position = Lots(all.position.0.checked_add(held).ok_or(Reason::Overflow)?);
                if for_all {
                    let equity = self.seen_equity(at, None)?;
                    let change = equity.0.saturating_sub(other.account.initial_equity().0);
                    all.equity_change = Money(all.equity_change.0.saturating_add(change));
                }
            }
            let add = |sum: Lots, more: Lots| Lots(sum.0.saturating_add(more.0));
            all.working_buys = add(all.working_buys, other.orders.working(instrument, Side::Buy));
            all.working_sells =
                add(all.working_sells, other.orders.working(instrument, Side::Sell));
        }
        Ok((own, all))
    }

    fn pass_gates(&mut self, which: usize, own: RiskCheck, all: RiskCheck) -> Result<(), Reason> {
        self.strategies[which].gate.examine(&own)?;
        self.gate.examine(&all)?;
        self.strategies[which].gate.record(own.now);
        self.gate.record(own.now);
        Ok(())
    }
}
