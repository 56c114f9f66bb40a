//! What one order meets, and what stands at one moment: asked for before a run, told after it.

use super::{Action, Arrival, Run};
use crate::market_state::MarketState;
use book::Level;
use model::{InstrumentIndex, Money, OrderId, Position, Report, Side, StrategyIndex, UnixNanos};
use venue::trace::{Ahead, Cause, Trace};
use venue::{Asks, OwnOrder};

/// Levels a side in a [`Look`].
const LEVELS: usize = 10;

/// What is asked of a run beside its result. Nothing of it changes the run.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct TraceRequest {
    /// The order whose steps at the venue are written down.
    pub order: Option<OrderId>,
    /// When books and accounts are looked at, exchange time in ns: after the records of this
    /// instant, before the commands that arrive with it.
    pub at: Option<u64>,
}

/// Books and accounts at one moment.
#[derive(Clone, Debug)]
pub struct Look {
    /// Exchange time in ns.
    pub time: u64,
    /// Every market, by instrument.
    pub markets: Vec<MarketLook>,
    /// Every account.
    pub accounts: Vec<AccountLook>,
}

/// One market at one moment.
#[derive(Clone, Debug)]
pub struct MarketLook {
    /// The best bids.
    pub bids: Vec<Level>,
    /// The best asks.
    pub asks: Vec<Level>,
    /// Own orders in the market, with what stands ahead of them.
    pub own: Vec<(OwnOrder, Option<Ahead>)>,
    /// Own orders that wait outside it, for a trigger or a parent.
    pub waiting: usize,
}

/// One account at one moment, as the venue has it.
#[derive(Clone, Debug)]
pub struct AccountLook {
    /// Its first strategy.
    pub strategy: StrategyIndex,
    /// Cash.
    pub cash: Money,
    /// Cash and what closing the positions would bring; none when it leaves its type.
    pub equity: Option<Money>,
    /// Its positions, by instrument.
    pub positions: Vec<Position>,
}

/// What was asked for, and what there is of it.
#[derive(Debug, Default)]
pub(crate) struct Tracing {
    pub request: TraceRequest,
    pub look: Option<Look>,
}

impl Run {
    /// Asks for a trace; before the first row. Every order event is kept from here on.
    pub fn set_trace(&mut self, request: TraceRequest) {
        if let Some(order) = request.order {
            for state in &mut self.markets {
                state.market.set_trace(order);
                state.traced = true;
            }
        }
        self.recorder.keep_order_events();
        self.tracing = Some(Box::new(Tracing { request, look: None }));
    }

    /// The trace of the order that was asked for: of the market that it has been to.
    #[must_use]
    pub fn trace(&self) -> Option<&Trace> {
        let traces = || self.markets.iter().filter_map(|state| state.market.trace());
        traces().find(|trace| !trace.entries().is_empty()).or_else(|| traces().next())
    }

    /// What stood at the time that was asked for; at the end of the run, where it came earlier.
    #[must_use]
    pub fn look(&self) -> Option<&Look> {
        self.tracing.as_ref()?.look.as_ref()
    }

    /// Sets the look on its way: like a command that arrives, it interrupts no event.
    pub(super) fn schedule_look(&mut self, start: u64) {
        let asked = self.tracing.as_ref().and_then(|tracing| tracing.request.at);
        if let Some(at) = asked {
            self.arrivals.push(Arrival {
                time: at.max(start),
                issued: 0,
                strategy: 0,
                number: 0,
                action: Action::Look,
            });
        }
    }

    /// The run ends: a look that is still to come is taken now.
    pub(super) fn look_at_last(&mut self) {
        let tracing = self.tracing.as_ref();
        if tracing.is_some_and(|it| it.request.at.is_some() && it.look.is_none()) {
            self.look_now();
        }
    }

    /// Keeps what books and accounts show.
    pub(super) fn look_now(&mut self) {
        let market = |state: &MarketState| MarketLook {
            bids: state.market.levels(Side::Buy, LEVELS),
            asks: state.market.levels(Side::Sell, LEVELS),
            own: state
                .market
                .own_orders()
                .into_iter()
                .map(|own| (own, state.market.ahead(own.id())))
                .collect(),
            waiting: state.conditional.waiting(),
        };
        let account = |at: usize| {
            let strategy = self.ledger.first_strategy(at);
            let account = self.ledger.account(strategy);
            let equity = self.ledger.equity(at, None).ok();
            let count = self.instruments.len() as u32;
            let positions = (0..count).map(|at| account.position(InstrumentIndex(at))).collect();
            AccountLook { strategy, cash: account.cash(), equity, positions }
        };
        let look = Look {
            time: self.now,
            markets: self.markets.iter().map(market).collect(),
            accounts: (0..self.ledger.accounts()).map(account).collect(),
        };
        if let Some(tracing) = self.tracing.as_deref_mut() {
            tracing.look = Some(look);
        }
    }

    /// Writes that a command has arrived, if it is of the traced order.
    #[cold]
    pub(super) fn trace_arrival(&mut self, action: &Action, at: u64) {
        let (order, instrument, cause, asks) = match action {
            Action::Submit(request, condition) => {
                let quantity = (!request.size_at_fill).then_some(request.quantity);
                let trigger = condition.as_deref().and_then(|condition| condition.trigger);
                let trigger = trigger.map(|trigger| trigger.price);
                let asks = Asks { price: request.kind.limit(), quantity, trigger };
                (request.id, request.instrument, Cause::Submit, asks)
            }
            Action::Modify { order, instrument, change } => {
                let (quantity, trigger) = (change.total, change.trigger);
                let asks = Asks { price: change.price, quantity, trigger };
                (*order, *instrument, Cause::Modify, asks)
            }
            Action::Cancel { order, instrument } => {
                (*order, *instrument, Cause::Cancel, Asks::default())
            }
            Action::Expire { order, instrument } => {
                (*order, *instrument, Cause::Expire, Asks::default())
            }
            Action::Cash { .. } | Action::Subscribe { .. } | Action::Look => return,
        };
        let market = &mut self.markets[instrument.index()].market;
        market.trace_arrival(order, cause, UnixNanos(at), asks);
    }

    /// Writes where the traced order stands after a command.
    #[cold]
    pub(super) fn trace_places(&mut self) {
        let at = UnixNanos(self.now);
        for state in &mut self.markets {
            state.market.trace_place(at);
        }
    }

    /// Writes a report on the traced order.
    #[cold]
    pub(super) fn trace_report(&mut self, report: &Report) {
        self.markets[report.instrument.index()].market.trace_report(report);
    }
}
