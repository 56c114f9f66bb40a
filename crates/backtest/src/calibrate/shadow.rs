//! Shadow orders: one lot right behind each real order of the sample, in markets of its own.
//!
//! Shadows must not compete for the same recorded volume, nor be served what another one left
//! behind. So every shadow gets a copy of the market as it stood when its real order had come, and
//! is alone in it: the very simulator that runs use, with nothing switched off. The copies are fed
//! on until the shadow's outcome is known, and dropped.

use super::CalibrateOptions;
use super::deferred::{Deferred, concerns};
use super::degrade::Degrader;
use super::marks::{Filled, MarkOuts, Marks};
use super::real::{Fate, RealOrder, deadline};
use crate::error::BacktestError;
use model::{
    Instrument, InstrumentIndex, Lots, Mbo, OrderId, OrderKind, OrderRequest, Price, Reason,
    Report, ReportKind, Side, Sizer, StrategyIndex, TimeInForce, UnixNanos,
};
use venue::{DepthMarket, DepthQueue, L3Market, VenueSettings};

/// What a model said of one order.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Prediction {
    /// When the shadow was filled, exchange time in ns.
    pub filled: Option<u64>,
    /// Mark-outs of that fill.
    pub marks: Marks,
}

/// Shadows are of one lot: nobody asks.
pub(super) struct NeverAsked;

impl Sizer for NeverAsked {
    fn size(
        &mut self,
        _: OrderId,
        _: Price,
        _: Price,
        _: UnixNanos,
    ) -> Result<(Side, Lots), Reason> {
        Err(Reason::NothingToDo)
    }

    fn position(&self, _: OrderId, _: InstrumentIndex, _: model::Leg, _: &[Report]) -> Lots {
        Lots::ZERO
    }
}

/// The markets of one shadow that are still of interest.
struct Shadow {
    order: usize,
    exact: Option<L3Market>,
    levels: Vec<Option<DepthMarket>>,
    deferred: Deferred,
}

/// The second pass: every model's prediction for every order of the sample.
pub(super) struct Replay<'a> {
    options: &'a CalibrateOptions,
    instrument: &'a Instrument,
    orders: &'a [RealOrder],
    queues: &'a [DepthQueue],
    market: L3Market,
    degrader: Degrader,
    shadows: Vec<Shadow>,
    marks: MarkOuts<(usize, usize)>,
    /// By model (0 is the exact queue), then by order.
    predictions: Vec<Vec<Prediction>>,
    next: usize,
    events: u64,
    open: bool,
    reports: Vec<Report>,
}

impl<'a> Replay<'a> {
    pub fn new(
        options: &'a CalibrateOptions,
        instrument: &'a Instrument,
        orders: &'a [RealOrder],
        queues: &'a [DepthQueue],
    ) -> Self {
        Self {
            options,
            instrument,
            orders,
            queues,
            market: L3Market::new(instrument, &VenueSettings::new(), options.seed),
            degrader: Degrader::new(),
            shadows: Vec::new(),
            marks: MarkOuts::default(),
            predictions: vec![vec![Prediction::default(); orders.len()]; queues.len() + 1],
            next: 0,
            events: 0,
            open: false,
            reports: Vec::new(),
        }
    }

    /// A record of the stream.
    pub fn record(&mut self, record: Mbo<'_>) -> Result<(), BacktestError> {
        if !self.open && !record.is_snapshot() {
            self.begin_event(record.ts_event_raw());
        }
        self.open = true;
        // Nobody listens while no shadow stands; whoever comes is shown all levels first.
        let listened = !self.shadows.is_empty();
        if listened {
            self.degrader.before(record, &self.market, self.instrument);
        }
        let last = self.market.apply(record, &mut NeverAsked, &mut self.reports)?;
        for at in 0..self.shadows.len() {
            let Some(exact) = &mut self.shadows[at].exact else { continue };
            exact.apply(record, &mut NeverAsked, &mut self.reports)?;
            if self.noted(at, 0) {
                self.shadows[at].exact = None;
            }
        }
        if last {
            if listened {
                self.tell_levels(record.ts_event())?;
            }
            self.event_ended(record.ts_event())?;
        }
        Ok(())
    }

    /// Shadows go before the event in which their real order went: nobody knows in which order the
    /// two would have happened.
    fn begin_event(&mut self, ts: u64) {
        while let Some(marked) = self.marks.next_due(ts, &self.market) {
            let (model, order) = marked.key;
            self.predictions[model][order].marks[marked.horizon] = marked.half_ticks;
        }
        let (events, options, orders) = (self.events, self.options, self.orders);
        self.shadows.retain(|shadow| {
            let order = &orders[shadow.order];
            match order.fate {
                Fate::Left { event, .. } => event > events,
                Fate::Filled { .. } | Fate::Rested => deadline(order, options) >= ts,
            }
        });
    }

    /// The markets of levels hear of the event.
    fn tell_levels(&mut self, at: UnixNanos) -> Result<(), BacktestError> {
        let events = self.degrader.event_ended(at, &self.market, self.instrument);
        for shadow in 0..self.shadows.len() {
            let order = &self.orders[self.shadows[shadow].order];
            let grid = &self.instrument.grid;
            if !events.iter().any(|event| concerns(event, order, grid)) {
                self.shadows[shadow].deferred.keep(&events);
                continue;
            }
            let before = self.shadows[shadow].deferred.take();
            for queue in 0..self.queues.len() {
                self.feed_levels(shadow, queue, &before)?;
                self.feed_levels(shadow, queue, &events)?;
            }
        }
        self.degrader.give_back(events);
        self.shadows.retain(|s| s.exact.is_some() || s.levels.iter().any(Option::is_some));
        Ok(())
    }

    fn event_ended(&mut self, at: UnixNanos) -> Result<(), BacktestError> {
        while self.orders.get(self.next).is_some_and(|order| order.event == self.events) {
            self.start(self.next, at)?;
            self.next += 1;
        }
        self.events += 1;
        self.open = false;
        Ok(())
    }

    fn feed_levels(
        &mut self,
        shadow: usize,
        queue: usize,
        events: &[model::MarketEvent],
    ) -> Result<(), BacktestError> {
        let Some(market) = &mut self.shadows[shadow].levels[queue] else { return Ok(()) };
        for event in events {
            market.on_event(event, &mut NeverAsked, &mut self.reports)?;
        }
        if self.noted(shadow, queue + 1) {
            self.shadows[shadow].levels[queue] = None;
        }
        Ok(())
    }

    /// A market of levels that shows what the order-by-order book holds now, as a subscriber sees it
    /// who comes now. Farther levels are left out: no outcome of an order near the touch looks at
    /// them, since whatever reaches its price later arrives as a change.
    fn shown(&mut self, at: UnixNanos) -> Result<DepthMarket, BacktestError> {
        let mut market =
            DepthMarket::new(self.instrument, &VenueSettings::new(), self.options.seed);
        for event in self.degrader.snapshot(at, self.options.levels, &self.market, self.instrument)
        {
            market.on_event(&event, &mut NeverAsked, &mut self.reports)?;
        }
        Ok(market)
    }

    /// The shadow of an order arrives in a copy of each market.
    fn start(&mut self, order: usize, at: UnixNanos) -> Result<(), BacktestError> {
        let real = &self.orders[order];
        let request = OrderRequest {
            id: OrderId::new(StrategyIndex(0), order as u64 + 1),
            instrument: InstrumentIndex(0),
            side: real.side,
            kind: OrderKind::Limit(real.price),
            quantity: Lots(1),
            time_in_force: TimeInForce::Gtc,
            post_only: false,
            reduce_only: false,
            display: Lots::ZERO,
            size_at_fill: false,
        };
        let mut exact = self.market.clone();
        exact.submit(&request, at, &mut NeverAsked, &mut self.reports)?;
        let mut levels = Vec::with_capacity(self.queues.len());
        let shown = self.shown(at)?;
        for queue in self.queues {
            let mut market = shown.clone().with_depth_queue(*queue);
            market.submit(&request, at, &mut NeverAsked, &mut self.reports)?;
            levels.push(Some(market));
        }
        self.reports.clear();
        let deferred = Deferred::default();
        self.shadows.push(Shadow { order, exact: Some(exact), levels, deferred });
        Ok(())
    }

    /// Whether the reports say that the shadow was filled; they are taken note of and forgotten.
    fn noted(&mut self, shadow: usize, model: usize) -> bool {
        if self.reports.is_empty() {
            return false;
        }
        let fill = self.reports.iter().find_map(|report| match report.kind {
            ReportKind::Filled(fill) => Some(fill),
            _ => None,
        });
        self.reports.clear();
        let Some(fill) = fill else { return false };
        let order = self.shadows[shadow].order;
        let real = &self.orders[order];
        self.predictions[model][order].filled = Some(fill.ts_event.0);
        let filled = Filled::new(real.side, real.price);
        self.marks.push((model, order), filled, fill.ts_event.0);
        true
    }

    /// The data has ended.
    pub fn finish(self) -> Vec<Vec<Prediction>> {
        self.predictions
    }
}
