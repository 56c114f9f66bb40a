//! Commands: checked one by one against the strategy's state at its row, each seeing the ones
//! before it as pending.

use super::funds::FundsCheck;
use super::{Action, Arrival, Run};
use crate::command::{Amount, Command, OrderTerms, SizeAt, Subscription};
use crate::error::EngineError;
use crate::ledger_sizing::PendingSize;
use crate::recorder::OrderEventKind;
use crate::state_hash::HashTag;
use model::{
    Condition, InstrumentIndex, Lots, OrderId, OrderKind, OrderRequest, OrderType, Reason, Report,
    ReportKind, Side, StrategyIndex, UnixNanos,
};
use venue::{Change, Request};

/// The highest order number: 48 bits are kept for it.
const MAX_NUMBER: u64 = (1 << 48) - 1;

/// What an order is before its size is known.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    pub instrument: InstrumentIndex,
    pub side: Side,
    pub kind: OrderKind,
    pub amount: Amount,
    pub size_at: SizeAt,
    pub time_in_force: model::TimeInForce,
    pub post_only: bool,
    pub terms: Option<Box<OrderTerms>>,
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
                terms,
            } => {
                self.check_instrument(which, instrument)?;
                let draft = Draft {
                    instrument,
                    side,
                    kind,
                    amount,
                    size_at,
                    time_in_force,
                    post_only,
                    terms,
                };
                self.submit(which, number, &draft)
            }
            Command::Modify { number, change } => self.modify(which, number, change),
            Command::Cancel { number } => {
                let id = self.order_id(which, number)?;
                self.cancel(which, id)
            }
            Command::CancelAll { instrument } => {
                if let Some(instrument) = instrument {
                    self.check_instrument(which, instrument)?;
                }
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
            Command::Stop => {
                // The end reaches the venue like an order, so that it does not matter how far the
                // venue is ahead of the strategy.
                let at = side.now.saturating_add(self.buses.request_floor());
                self.stop_at = Some(self.stop_at.map_or(at, |earlier| earlier.min(at)));
                Ok(())
            }
        }
    }

    /// The id of an order, whose number is all that a strategy can name.
    fn order_id(&self, which: usize, number: u64) -> Result<OrderId, EngineError> {
        if number == 0 || number > MAX_NUMBER {
            return Err(EngineError::Command {
                strategy: self.strategies[which].name.clone(),
                field: "order",
                value: number.to_string(),
                accepted: "the number of an order of this strategy".to_owned(),
            });
        }
        Ok(OrderId::new(StrategyIndex(which as u16), number))
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
        let id = self.order_id(which, number)?;
        let expected = self.strategies[which].orders.next_id().number();
        if number != expected {
            return Err(trading::TradingError::OrderSequence { number, expected }.into());
        }
        let terms = draft.terms.as_deref().copied().unwrap_or_default();
        self.check_links(which, number, &terms.condition)?;
        let sized = self.size_draft(which, draft);
        let (side, quantity, refused) = match sized {
            Ok(Some((side, quantity))) => (side, quantity, None),
            Ok(None) => (draft.side, Lots::ZERO, None),
            Err(reason) => (draft.side, Lots::ZERO, Some(reason)),
        };
        let size_at_fill = matches!(sized, Ok(None));
        // An order whose size could not be found is denied; it never had one.
        let unsized_yet = size_at_fill || refused.is_some();
        let request = OrderRequest {
            id,
            instrument: draft.instrument,
            side,
            kind: draft.kind,
            quantity,
            time_in_force: draft.time_in_force,
            post_only: draft.post_only,
            reduce_only: terms.reduce_only,
            display: terms.display,
            size_at_fill: unsized_yet,
        };
        let expiry = self.expiry(&request, &terms.condition, now);
        let refused =
            refused.or_else(|| self.refusal(which, &request, now)).or_else(|| expiry.err());
        let order_type = OrderType::of(request.kind, terms.condition.trigger.as_ref());
        self.strategies[which].orders.submit_as(request, order_type, now)?;
        if let Some(order) = self.strategies[which].orders.order(id) {
            self.recorder.submitted(order);
        }
        self.strategies[which].orders_submitted += 1;
        if self.instruments.len() > 1 {
            self.order_instruments[which].push(draft.instrument);
        }
        let limit = draft.kind.limit().map_or(i64::MIN, |price| price.0);
        let head = i64::from(draft.instrument.0) << 1 | side as i64;
        let values = [head, quantity.0, limit, i64::from(size_at_fill), 0];
        self.strategies[which].hash.record(HashTag::Submitted, id.0, now.0, values);
        if draft.terms.is_some() {
            self.strategies[which].hash.terms(id, now.0, &terms);
        }
        if let Some(reason) = refused {
            self.check_models()?;
            self.deny(which, id, draft.instrument, ReportKind::Denied(reason));
            return Ok(());
        }
        if size_at_fill {
            let pending = PendingSize { instrument: draft.instrument, side, amount: draft.amount };
            self.ledger.expect(id, pending);
        }
        let condition = (!terms.condition.is_empty()).then(|| Box::new(terms.condition));
        let at = self.send(
            which,
            (draft.instrument, Request::Submit),
            Action::Submit(request, condition),
        );
        if let Ok(Some(expiry)) = expiry {
            let instrument = draft.instrument;
            self.push_arrival(which, expiry.0.max(at), Action::Expire { order: id, instrument });
        }
        Ok(())
    }

    /// Parents and peers stand next to each other: a family is submitted in one go.
    fn check_links(
        &self,
        which: usize,
        number: u64,
        condition: &Condition,
    ) -> Result<(), EngineError> {
        let links = &condition.links;
        let bad = |field: &'static str, value: u64, accepted: &str| EngineError::Command {
            strategy: self.strategies[which].name.clone(),
            field,
            value: value.to_string(),
            accepted: accepted.to_owned(),
        };
        if let Some(parent) = links.parent {
            let ahead = number.checked_sub(parent.number());
            let here = parent.strategy().index() == which
                && ahead.is_some_and(|ahead| (1..=u64::from(u8::MAX)).contains(&ahead));
            if !here {
                return Err(bad("parent", parent.number(), "an order shortly before this one"));
            }
        }
        if let Some((first, _)) = links.group {
            let ahead = number.checked_sub(first.number());
            let here = first.strategy().index() == which
                && ahead.is_some_and(|ahead| ahead < u64::from(links.peers.max(1)));
            if !here {
                return Err(bad("group", first.number(), "the first of a group of peers"));
            }
        }
        Ok(())
    }

    fn modify(&mut self, which: usize, number: u64, change: Change) -> Result<(), EngineError> {
        let id = self.order_id(which, number)?;
        let now = UnixNanos(self.strategies[which].now);
        let Some(order) = self.strategies[which].orders.order(id) else {
            return self.refuse_ended(which, id, ReportKind::ModifyRejected(Reason::TooLate));
        };
        let mut request = order.request;
        let instrument = request.instrument;
        let total = change.total.unwrap_or(order.quantity);
        let funds = FundsCheck::of_change(order, &change);
        // What is working counts the order as it is; only what it adds is new.
        let added = total.0.checked_sub(order.quantity.0).ok_or(Reason::Overflow);
        request.quantity = total;
        let over = if self.is_over(now.0) { Err(Reason::EndOfRun) } else { Ok(()) };
        let passed = over
            .and(added)
            .and_then(|added| self.pass_limits(which, &request, Lots(added), &funds, now))
            .and_then(|()| {
                let Change { total, price, trigger } = change;
                let orders = &mut self.strategies[which].orders;
                if trigger.is_some() && total.is_none() && price.is_none() {
                    return orders.request_trigger_change(id);
                }
                orders.request_modify(id, total, price)
            });
        if let Err(reason) = passed {
            self.check_models()?;
            self.deny(which, id, instrument, ReportKind::ModifyRejected(reason));
            return Ok(());
        }
        if self.recorder.is_detailed()
            && let Some(order) = self.strategies[which].orders.order(id)
        {
            self.recorder.log(order, now.0, OrderEventKind::ModifyRequested);
        }
        self.send(
            which,
            (instrument, Request::Modify),
            Action::Modify { order: id, instrument, change },
        );
        Ok(())
    }

    fn cancel(&mut self, which: usize, id: OrderId) -> Result<(), EngineError> {
        let instrument = match self.strategies[which].orders.order(id) {
            Some(order) => order.request.instrument,
            None => {
                return self.refuse_ended(which, id, ReportKind::CancelRejected(Reason::TooLate));
            }
        };
        if self.is_over(self.strategies[which].now) {
            self.deny(which, id, instrument, ReportKind::CancelRejected(Reason::EndOfRun));
            return Ok(());
        }
        match self.strategies[which].orders.request_cancel(id) {
            Ok(true) => {
                let side = &self.strategies[which];
                if let Some(order) = side.orders.order(id) {
                    self.recorder.log(order, side.now, OrderEventKind::CancelRequested);
                }
                self.send(
                    which,
                    (instrument, Request::Cancel),
                    Action::Cancel { order: id, instrument },
                );
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
        let at = usize::try_from(id.number() - 1).unwrap_or(usize::MAX);
        let instrument = self.order_instruments[which].get(at).copied().unwrap_or_default();
        self.deny(which, id, instrument, kind);
        Ok(())
    }

    /// Sends a command on its way: a bus is first in, first out. What arrives after the end of
    /// the data is refused there: nobody can know the end before. Returns when it arrives.
    fn send(
        &mut self,
        which: usize,
        (instrument, request): (InstrumentIndex, Request),
        action: Action,
    ) -> u64 {
        let now = self.strategies[which].now;
        let time =
            self.buses.arrival(StrategyIndex(which as u16), instrument, request, UnixNanos(now)).0;
        self.push_arrival(which, time, action);
        time
    }

    fn push_arrival(&mut self, which: usize, time: u64, action: Action) {
        self.sent += 1;
        let issued = self.strategies[which].now;
        let (strategy, number) = (which as u16, self.sent);
        self.arrivals.push(Arrival { time, issued, strategy, number, action });
    }

    fn deny(
        &mut self,
        which: usize,
        order: OrderId,
        instrument: InstrumentIndex,
        kind: ReportKind,
    ) {
        self.unanswered = true;
        let side = &mut self.strategies[which];
        let ts_event = UnixNanos(side.now);
        side.denials.push_back(Report { order, instrument, ts_event, kind });
    }

    /// A changed subscription takes effect for what the venue emits from now + the smallest order
    /// latency on, after the market data of that very time: nothing that is on its way changes.
    fn subscribe(
        &mut self,
        which: usize,
        instrument: InstrumentIndex,
        what: Subscription,
        on: bool,
    ) {
        let time = self.strategies[which].now.saturating_add(self.buses.request_floor());
        self.push_arrival(which, time, Action::Subscribe { instrument, what, on });
    }
}
