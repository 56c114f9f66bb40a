//! Commands: checked one by one against the strategy's state at its row, each seeing the ones
//! before it as pending.

use super::{Action, Arrival, Phase, Run};
use crate::command::{Amount, Command, SizeAt, Subscription};
use crate::error::EngineError;
use crate::ledger::{PendingSize, size};
use crate::recorder::OrderEventKind;
use crate::state_hash::HashTag;
use model::{
    InstrumentIndex, Lots, Money, OrderId, OrderKind, OrderRequest, Price, Reason, Report,
    ReportKind, Side, StrategyIndex, Ticks, UnixNanos,
};
use std::cmp::Reverse;
use trading::{OrderSize, RiskCheck, SizingInput};
use venue::Request;

/// What an order is before its size is known.
#[derive(Clone, Copy, Debug)]
struct Draft {
    instrument: InstrumentIndex,
    side: Side,
    kind: OrderKind,
    amount: Amount,
    size_at: SizeAt,
    time_in_force: model::TimeInForce,
    post_only: bool,
}

impl Run {
    /// Takes a command of a strategy at the row that it stands at.
    ///
    /// # Errors
    /// [`EngineError::Command`] for a command that cannot be one; a refusal by the risk limits is
    /// no error but a report.
    pub fn command(
        &mut self,
        strategy: StrategyIndex,
        command: Command,
    ) -> Result<(), EngineError> {
        let which = strategy.index();
        let Some(side) = self.strategies.get_mut(which) else {
            return Err(EngineError::Command {
                strategy: format!("#{which}"),
                field: "strategy",
                value: which.to_string(),
                accepted: "a strategy of the run".to_owned(),
            });
        };
        side.commands += 1;
        match command {
            Command::Submit {
                number,
                instrument,
                side,
                kind,
                amount,
                size_at,
                time_in_force,
                post_only,
            } => {
                self.check_instrument(which, instrument)?;
                let draft =
                    Draft { instrument, side, kind, amount, size_at, time_in_force, post_only };
                self.submit(which, number, &draft)
            }
            Command::Modify { number, quantity, price } => {
                self.modify(which, number, quantity, price)
            }
            Command::Cancel { number } => self.cancel(which, OrderId::new(strategy, number)),
            Command::CancelAll { instrument } => {
                let orders: Vec<OrderId> = self.strategies[which]
                    .orders
                    .open_orders()
                    .filter(|order| instrument.is_none_or(|i| i == order.request.instrument))
                    .map(|order| order.request.id)
                    .collect();
                orders.into_iter().try_for_each(|order| self.cancel(which, order))
            }
            Command::SetTimer { id, at, every } => {
                let side = &mut self.strategies[which];
                side.timers.set(id, at, every, side.now);
                Ok(())
            }
            Command::CancelTimer { id } => {
                side.timers.cancel(id);
                Ok(())
            }
            Command::Subscribe { instrument, what, on } => {
                self.check_instrument(which, instrument)?;
                self.subscribe(which, instrument, what, on);
                Ok(())
            }
            Command::Stop => self.stop_now(),
        }
    }

    fn check_instrument(
        &self,
        which: usize,
        instrument: InstrumentIndex,
    ) -> Result<(), EngineError> {
        if instrument.index() < self.instruments.len() {
            return Ok(());
        }
        Err(EngineError::Command {
            strategy: self.strategies[which].name.clone(),
            field: "instrument",
            value: instrument.0.to_string(),
            accepted: format!("0 to {}", self.instruments.len() - 1),
        })
    }

    fn submit(&mut self, which: usize, number: u64, draft: &Draft) -> Result<(), EngineError> {
        let now = UnixNanos(self.strategies[which].now);
        let id = OrderId::new(StrategyIndex(which as u16), number);
        let sized = self.size_draft(which, draft);
        let (side, quantity, refused) = match sized {
            Ok(Some((side, quantity))) => (side, quantity, None),
            Ok(None) => (draft.side, Lots::ZERO, None),
            Err(reason) => (draft.side, Lots::ZERO, Some(reason)),
        };
        let size_at_fill = matches!(sized, Ok(None));
        let request = OrderRequest {
            id,
            instrument: draft.instrument,
            side,
            kind: draft.kind,
            quantity,
            time_in_force: draft.time_in_force,
            post_only: draft.post_only,
            size_at_fill,
        };
        let refused = refused.or_else(|| self.refusal(which, &request, now));
        self.strategies[which].orders.submit(request, now)?;
        if let Some(order) = self.strategies[which].orders.order(id) {
            self.recorder.submitted(order);
        }
        self.strategies[which].orders_submitted += 1;
        let limit = draft.kind.limit().map_or(i64::MIN, |price| price.0);
        let head = i64::from(draft.instrument.0) << 1 | side as i64;
        let values = [head, quantity.0, limit, i64::from(size_at_fill), 0];
        self.strategies[which].hash.record(HashTag::Submitted, id.0, now.0, values);
        if let Some(reason) = refused {
            self.deny(which, id, draft.instrument, ReportKind::Denied(reason));
            return Ok(());
        }
        if size_at_fill {
            let pending = PendingSize { instrument: draft.instrument, side, amount: draft.amount };
            self.ledger.expect(id, pending);
        }
        if !self.send(which, Request::Submit, Action::Submit(request)) {
            self.deny(which, id, draft.instrument, ReportKind::Denied(Reason::EndOfRun));
        }
        Ok(())
    }

    /// Side and lots of an order, or `None` when the venue is to size it.
    fn size_draft(&self, which: usize, draft: &Draft) -> Result<Option<(Side, Lots)>, Reason> {
        if let Amount::Order(OrderSize::Quantity(lots)) = draft.amount {
            return if lots.0 > 0 { Ok(Some((draft.side, lots))) } else { Err(Reason::ZeroSize) };
        }
        if draft.size_at == SizeAt::Fill {
            return Ok(None);
        }
        let side = &self.strategies[which];
        let terms = &self.instruments[draft.instrument.index()];
        let view = &side.view[draft.instrument.index()];
        let price = match draft.kind {
            OrderKind::Limit(price) => terms.grid.price(price),
            OrderKind::Market => {
                crate::market_state::touch_of(&view.bbo, view.last, draft.side, |ticks| {
                    terms.grid.price(ticks)
                })
            }
        };
        if !price.is_defined() {
            return Err(Reason::NoMarket);
        }
        let equity = self.seen_equity(which, Some((draft.instrument, price)))?;
        let input = SizingInput {
            instrument: terms,
            price,
            equity,
            position: side.account.position(draft.instrument).quantity,
            working: side.orders.working_net(draft.instrument),
            reserve_fees: terms.kind.pays_notional(),
        };
        let pending =
            PendingSize { instrument: draft.instrument, side: draft.side, amount: draft.amount };
        size(&pending, &input, self.ledger.fees()).map(Some)
    }

    /// A strategy's equity as it sees the market.
    fn seen_equity(
        &self,
        which: usize,
        at_price: Option<(InstrumentIndex, Price)>,
    ) -> Result<Money, Reason> {
        let side = &self.strategies[which];
        let mut equity = side.account.cash();
        for (at, position) in side.account.positions().iter().enumerate() {
            if position.quantity.is_zero() {
                continue;
            }
            let instrument = InstrumentIndex(at as u32);
            let terms = &self.instruments[at];
            let mark = match at_price {
                Some((given, price)) if given == instrument => price,
                _ => {
                    let view = &side.view[at];
                    let quantity = position.quantity.0;
                    crate::market_state::mark_of(&view.bbo, view.last, quantity, |ticks| {
                        terms.grid.price(ticks)
                    })
                }
            };
            let profit =
                side.account.unrealized(terms, instrument, mark).map_err(|_| Reason::Overflow)?;
            equity = equity.checked_add(profit).map_err(|_| Reason::Overflow)?;
            if terms.kind.pays_notional() {
                equity = equity.checked_add(position.cost).map_err(|_| Reason::Overflow)?;
            }
        }
        Ok(equity)
    }

    /// Why an order may not leave, if so.
    fn refusal(&mut self, which: usize, request: &OrderRequest, now: UnixNanos) -> Option<Reason> {
        let side = &self.strategies[which];
        if side.warming {
            return Some(Reason::WarmUp);
        }
        if self.end.is_some_and(|end| now.0 > end) || self.phase != Phase::Running {
            return Some(Reason::EndOfRun);
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
        self.risk_check(which, request, request.quantity, now)
            .and_then(|(own, all)| self.pass_gates(which, own, all))
            .err()
    }

    /// What the strategy's gate and the run's gate look at: the strategy alone, and all together.
    fn risk_check(
        &self,
        which: usize,
        request: &OrderRequest,
        added: Lots,
        now: UnixNanos,
    ) -> Result<(RiskCheck, RiskCheck), Reason> {
        let instrument = request.instrument;
        let side = &self.strategies[which];
        let account = &side.account;
        let equity = self.seen_equity(which, None)?;
        let change = Money(equity.0.saturating_sub(account.initial_cash().0));
        let own = RiskCheck {
            instrument,
            side: request.side,
            quantity: request.quantity,
            added,
            position: account.position(instrument).quantity,
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
                all.position += other.account.position(instrument).quantity;
                let equity = self.seen_equity(at, None)?;
                let change = equity.0.saturating_sub(other.account.initial_cash().0);
                all.equity_change = Money(all.equity_change.0.saturating_add(change));
            }
            all.working_buys += other.orders.working(instrument, Side::Buy);
            all.working_sells += other.orders.working(instrument, Side::Sell);
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

    fn modify(
        &mut self,
        which: usize,
        number: u64,
        quantity: Option<Lots>,
        price: Option<Ticks>,
    ) -> Result<(), EngineError> {
        let id = OrderId::new(StrategyIndex(which as u16), number);
        let now = UnixNanos(self.strategies[which].now);
        let Some(order) = self.strategies[which].orders.order(id) else {
            return self.refuse_ended(which, id, ReportKind::ModifyRejected(Reason::TooLate));
        };
        let mut request = order.request;
        let instrument = request.instrument;
        let added = quantity.map_or(Lots::ZERO, |total| total - order.quantity);
        request.quantity = quantity.unwrap_or(order.quantity);
        // What is working counts the order as it is; only what it adds is new.
        let passed = self
            .risk_check(which, &request, added, now)
            .and_then(|(own, all)| self.pass_gates(which, own, all))
            .and_then(|()| self.strategies[which].orders.request_modify(id, quantity, price));
        if let Err(reason) = passed {
            self.deny(which, id, instrument, ReportKind::ModifyRejected(reason));
            return Ok(());
        }
        if let Some(order) = self.strategies[which].orders.order(id) {
            self.recorder.log(order, now.0, OrderEventKind::ModifyRequested);
        }
        let action = Action::Modify { order: id, instrument, quantity, price };
        if !self.send(which, Request::Modify, action) {
            let late = ReportKind::ModifyRejected(Reason::EndOfRun);
            self.deny(which, id, instrument, late);
        }
        Ok(())
    }

    fn cancel(&mut self, which: usize, id: OrderId) -> Result<(), EngineError> {
        let instrument = match self.strategies[which].orders.order(id) {
            Some(order) => order.request.instrument,
            None => {
                return self.refuse_ended(which, id, ReportKind::CancelRejected(Reason::TooLate));
            }
        };
        match self.strategies[which].orders.request_cancel(id) {
            Ok(true) => {
                let side = &self.strategies[which];
                if let Some(order) = side.orders.order(id) {
                    self.recorder.log(order, side.now, OrderEventKind::CancelRequested);
                }
                let action = Action::Cancel { order: id, instrument };
                if !self.send(which, Request::Cancel, action) {
                    let late = ReportKind::CancelRejected(Reason::EndOfRun);
                    self.deny(which, id, instrument, late);
                }
            }
            // One is on its way already.
            Ok(false) => {}
            Err(reason) => {
                self.deny(which, id, instrument, ReportKind::CancelRejected(reason));
            }
        }
        Ok(())
    }

    /// The answer to a request for an order that has ended; one that never was is an error.
    fn refuse_ended(
        &mut self,
        which: usize,
        id: OrderId,
        kind: ReportKind,
    ) -> Result<(), EngineError> {
        if self.strategies[which].orders.status(id).is_none() {
            return Err(EngineError::Command {
                strategy: self.strategies[which].name.clone(),
                field: "order",
                value: id.number().to_string(),
                accepted: "the number of an order of this strategy".to_owned(),
            });
        }
        self.deny(which, id, InstrumentIndex(0), kind);
        Ok(())
    }

    /// Sends a command on its way: the bus is first in, first out. `false` when the data ends
    /// before it could arrive.
    fn send(&mut self, which: usize, request: Request, action: Action) -> bool {
        let side = &self.strategies[which];
        let strategy = StrategyIndex(which as u16);
        let time = self.bus.arrival(strategy, request, UnixNanos(side.now)).0;
        if self.end.is_some_and(|end| time > end) {
            return false;
        }
        let arrival = Arrival {
            time,
            issued: side.now,
            strategy: which as u16,
            number: side.commands,
            action,
        };
        self.arrivals.push(Reverse(arrival));
        true
    }

    fn deny(
        &mut self,
        which: usize,
        order: OrderId,
        instrument: InstrumentIndex,
        kind: ReportKind,
    ) {
        let side = &mut self.strategies[which];
        let ts_event = UnixNanos(side.now);
        side.denials.push_back(Report { order, instrument, ts_event, kind });
    }

    /// A changed subscription takes effect for what the venue emits from now + the smallest order
    /// latency on: nothing that is on its way changes.
    fn subscribe(
        &mut self,
        which: usize,
        instrument: InstrumentIndex,
        what: Subscription,
        on: bool,
    ) {
        let side = &self.strategies[which];
        let arrival = Arrival {
            time: side.now.saturating_add(self.bus.model().request_floor()),
            issued: side.now,
            strategy: which as u16,
            number: side.commands,
            action: Action::Subscribe { instrument, what, on },
        };
        self.arrivals.push(Reverse(arrival));
    }
}
