//! What is kept of a run for its result: fills, orders, round trips, equity, latency.

use crate::cash_events::CashChange;
use crate::error::EngineError;
use crate::ledger::Ledger;
use crate::mark_outs::MarkOuts;
pub use crate::records::{
    EquitySample, FillRecord, LiquidationRecord, OrderCounts, OrderEvent, OrderEventKind,
    OrderRecord, PriceSample,
};
use hdrhistogram::Histogram;
use model::{
    Bbo, Fill, Instrument, InstrumentIndex, Leg, Money, OrderType, Price, Report, ReportKind,
    Split, StrategyIndex, UnixNanos,
};
use trading::{
    FillEffect, LotMatching, LotTrips, Order, PositionStatistics, RoundTrip, RoundTrips, fee_fill,
};

/// Most points of a curve; beyond it every second one is dropped and the interval doubled.
pub const CURVE_POINTS: usize = 4096;

/// Longest time that the histograms tell apart: a day.
const LONGEST_NS: u64 = 86_400_000_000_000;

/// What was kept.
pub struct Recorder {
    /// Fills in the order in which they happened.
    pub fills: Vec<FillRecord>,
    /// Cash that no fill brought, in the order in which it moved.
    pub cash: Vec<CashChange>,
    /// Liquidations, in the order in which they began.
    pub liquidations: Vec<LiquidationRecord>,
    /// Round trips that have ended, with their strategy.
    pub round_trips: Vec<(StrategyIndex, RoundTrip)>,
    /// Equity curve.
    pub equity: Vec<EquitySample>,
    /// Price and position curve.
    pub prices: Vec<PriceSample>,
    /// Equity at session closes, for statistics.
    pub sessions: Vec<EquitySample>,
    /// Orders that have ended.
    pub orders: Vec<OrderRecord>,
    /// Order events, when every one is asked for.
    pub order_events: Vec<OrderEvent>,
    /// Counts over all orders.
    pub counts: OrderCounts,
    /// Nanoseconds from the submission of an order to the sight of its acceptance.
    pub acknowledgement: Histogram<u64>,
    /// Nanoseconds from what happened at the venue to its sight.
    pub response: Histogram<u64>,
    /// Traded lots, by instrument.
    pub volume: Vec<i128>,
    /// Trade prints, by instrument.
    pub prints: Vec<u64>,
    /// Where the market was some time after each fill.
    pub mark_outs: MarkOuts,
    /// Round trips by strategy; of hedging accounts by strategy and leg.
    trips: Vec<RoundTrips>,
    /// Whether long and short of an instrument are held apart.
    hedging: bool,
    /// Round trips by lot, likewise; empty where they go from flat to flat.
    lot_trips: Vec<LotTrips>,
    /// Earliest of the times below.
    next_sample: u64,
    next_point: u64,
    interval: u64,
    next_session: u64,
    session_close: Box<dyn Fn(u64) -> u64 + Send>,
    detailed: bool,
    /// First time of the run.
    pub start: u64,
}

impl Recorder {
    /// A recorder of a run. `session_close` gives the first session close after a time;
    /// `detailed` keeps every order event.
    ///
    /// # Errors
    /// [`EngineError::Setup`] when a histogram cannot be made.
    pub fn new(
        strategies: usize,
        instruments: usize,
        detailed: bool,
        session_close: Box<dyn Fn(u64) -> u64 + Send>,
    ) -> Result<Self, EngineError> {
        let histogram = || {
            // With bounds from the start: it never grows while the run goes on, and what lies beyond
            // them counts as the longest.
            Histogram::<u64>::new_with_bounds(1, LONGEST_NS, 3).map_err(|error| {
                EngineError::Setup { field: "recorder", message: error.to_string() }
            })
        };
        Ok(Self {
            fills: Vec::new(),
            cash: Vec::new(),
            liquidations: Vec::new(),
            round_trips: Vec::new(),
            equity: Vec::new(),
            prices: Vec::new(),
            mark_outs: MarkOuts::default(),
            sessions: Vec::new(),
            orders: Vec::new(),
            order_events: Vec::new(),
            counts: OrderCounts::default(),
            acknowledgement: histogram()?,
            response: histogram()?,
            volume: vec![0; instruments],
            prints: vec![0; instruments],
            lot_trips: Vec::new(),
            trips: (0..strategies).map(|_| RoundTrips::new(instruments)).collect(),
            hedging: false,
            next_sample: u64::MAX,
            next_point: u64::MAX,
            interval: 1_000_000_000,
            next_session: u64::MAX,
            session_close,
            detailed,
            start: 0,
        })
    }

    /// Keeps every order event from here on.
    pub fn keep_order_events(&mut self) {
        self.detailed = true;
    }

    /// The same for hedging accounts: each leg has its own round trips. To be said before the lots.
    #[must_use]
    pub fn with_hedging(mut self) -> Self {
        self.hedging = true;
        self.trips.extend(self.trips.clone());
        self
    }

    /// The round trips that a fill belongs to: those of the shorts come after those of all strategies.
    fn trips_of(&self, strategy: StrategyIndex, leg: Leg) -> usize {
        match leg {
            Leg::Short if self.hedging => self.trips.len() / 2 + strategy.index(),
            _ => strategy.index(),
        }
    }

    /// The round trips of a strategy.
    fn all_trips_of(&self, strategy: StrategyIndex) -> impl Iterator<Item = usize> {
        let short = self.hedging.then(|| self.trips_of(strategy, Leg::Short));
        std::iter::once(strategy.index()).chain(short)
    }

    /// The same, with round trips by lot.
    #[must_use]
    pub fn with_lots(mut self, matching: LotMatching) -> Self {
        if matching != LotMatching::Average {
            let trips = LotTrips::new(self.volume.len(), matching);
            self.lot_trips = vec![trips; self.trips.len()];
        }
        self
    }

    /// The run begins.
    pub fn start(&mut self, now: u64) {
        self.start = now;
        self.next_point = now;
        self.next_session = (self.session_close)(now);
        self.next_sample = now;
    }

    /// When the next sample is due, exchange time in ns.
    #[inline]
    #[must_use]
    pub const fn next_sample(&self) -> u64 {
        self.next_sample
    }

    /// Takes what is due: middles after fills, samples of every account and instrument.
    pub fn sample(&mut self, now: u64, ledger: &Ledger) {
        if now >= self.mark_outs.next() {
            self.mark_outs.take(now, ledger);
        }
        if now >= self.next_point.min(self.next_session) {
            self.sample_accounts(now, ledger);
        }
        self.next_sample = self.next_point.min(self.next_session).min(self.mark_outs.next());
    }

    /// The run ends: the curves end with it.
    pub fn close(&mut self, now: u64, ledger: &Ledger) {
        self.mark_outs.take(now, ledger);
        self.sample_accounts(now, ledger);
    }

    fn sample_accounts(&mut self, now: u64, ledger: &Ledger) {
        let session = now >= self.next_session;
        for account in 0..ledger.accounts() {
            // An equity beyond i128 would have stopped the run at the fill that made it.
            let Ok(equity) = ledger.equity(account, None) else { continue };
            let cash = ledger.account(ledger.first_strategy(account)).cash();
            let sample = EquitySample { ts: now, account, equity, cash };
            self.equity.push(sample);
            if session {
                self.sessions.push(sample);
            }
        }
        for at in 0..self.volume.len() {
            let instrument = InstrumentIndex(at as u32);
            let price = ledger.middle(instrument);
            if price.is_defined() {
                let position = ledger.total_position(instrument);
                self.prices.push(PriceSample { ts: now, instrument, price, position });
            }
        }
        if session {
            self.next_session = (self.session_close)(now);
        }
        if self.equity.len() > CURVE_POINTS * ledger.accounts() {
            thin(&mut self.equity, ledger.accounts());
            self.interval = self.interval.saturating_mul(2);
        }
        if self.prices.len() > CURVE_POINTS * self.volume.len() {
            let mut kept = Vec::with_capacity(self.prices.len());
            let mut seen = vec![0usize; self.volume.len()];
            for sample in &self.prices {
                let count = &mut seen[sample.instrument.index()];
                if count.is_multiple_of(2) {
                    kept.push(*sample);
                }
                *count += 1;
            }
            self.prices = kept;
        }
        self.next_point = now.saturating_add(self.interval);
    }

    /// A fill at the venue.
    ///
    /// # Errors
    /// [`EngineError::Trading`] on overflow.
    pub fn fill(
        &mut self,
        instrument: &Instrument,
        fill: &Fill,
        effect: &FillEffect,
        cash: Money,
        bbo: &Bbo,
    ) -> Result<(), EngineError> {
        let strategy = fill.order.strategy();
        self.counts.fills += 1;
        if fill.liquidity == model::LiquiditySide::Taker {
            self.counts.taker_fills += 1;
        }
        let (realized, position) = (effect.realized, effect.after.0);
        self.mark_outs.fill(fill.ts_event.0, fill.instrument);
        self.next_sample = self.next_sample.min(self.mark_outs.next());
        self.fills.push(FillRecord { fill: *fill, realized, position, cash, bbo: *bbo });
        let which = self.trips_of(strategy, fill.leg());
        let ended = self.trips[which].on_fill(instrument, fill)?;
        let by_fee = fee_fill(fill, effect.fee_lots);
        let ended_by_fee = match &by_fee {
            None => None,
            Some(taken) => self.trips[which].on_fee(instrument, taken)?,
        };
        let round_trips = &mut self.round_trips;
        match self.lot_trips.get_mut(which) {
            None => round_trips
                .extend(ended.into_iter().chain(ended_by_fee).map(|trip| (strategy, trip))),
            Some(lots) => {
                for fill in std::iter::once(fill).chain(&by_fee) {
                    lots.on_fill(instrument, fill, &mut |trip| round_trips.push((strategy, trip)))?;
                }
            }
        }
        Ok(())
    }

    /// An instrument is split: open round trips go on in new units.
    ///
    /// # Errors
    /// [`EngineError::Trading`] for a fraction without a price, or on overflow.
    pub fn split(
        &mut self,
        terms: &Instrument,
        instrument: InstrumentIndex,
        (split, price): (Split, Price),
        at: UnixNanos,
    ) -> Result<(), EngineError> {
        for (which, trips) in self.trips.iter_mut().enumerate() {
            let ended = trips.on_split(terms, instrument, split, price, at)?;
            let ended = match self.lot_trips.get_mut(which) {
                None => ended,
                Some(lots) => lots.on_split(terms, instrument, split, price, at)?,
            };
            self.round_trips.extend(ended.map(|trip| (StrategyIndex(which as u16), trip)));
        }
        Ok(())
    }

    /// A price at which positions of an instrument are marked.
    #[inline]
    pub fn mark(&mut self, instrument: InstrumentIndex, price: Price) {
        for trips in &mut self.trips {
            trips.on_mark(instrument, price);
        }
        for trips in &mut self.lot_trips {
            trips.on_mark(instrument, price);
        }
    }

    /// A trade print.
    #[inline]
    pub fn trade(&mut self, instrument: InstrumentIndex, lots: i64) {
        self.volume[instrument.index()] += i128::from(lots);
        self.prints[instrument.index()] += 1;
    }

    /// An order leaves its strategy.
    pub fn submitted(&mut self, order: &Order) {
        self.counts.submitted += 1;
        if order.order_type == OrderType::Market {
            self.counts.market += 1;
        }
        self.log(order, order.submitted_at.0, OrderEventKind::Submitted);
    }

    /// Keeps an event of an order, when every one is asked for.
    pub fn log(&mut self, order: &Order, seen: u64, kind: OrderEventKind) {
        if self.detailed {
            self.order_events.push(OrderEvent {
                seen,
                kind,
                request: order.request,
                order_type: order.order_type,
                limit: order.limit,
                quantity: order.quantity,
                leaves: order.leaves(),
            });
        }
    }

    /// Whether every event of an order is kept.
    #[inline]
    #[must_use]
    pub const fn is_detailed(&self) -> bool {
        self.detailed
    }

    /// Something happened to an order at the venue.
    pub fn venue_report(&mut self, report: &Report) {
        match report.kind {
            ReportKind::Accepted => self.counts.accepted += 1,
            ReportKind::Rejected(_) => self.counts.rejected += 1,
            ReportKind::Canceled { .. } => self.counts.canceled += 1,
            ReportKind::Modified { .. } => self.counts.modified += 1,
            ReportKind::ModifyRejected(_) | ReportKind::CancelRejected(_) => {
                self.counts.too_late += 1;
            }
            ReportKind::Denied(_)
            | ReportKind::Filled(_)
            | ReportKind::Triggered { .. }
            | ReportKind::Restated { .. } => {}
        }
    }

    /// A strategy sees a report on an order, which is given as it stands afterwards.
    pub fn order_event(&mut self, order: &Order, seen: u64, report: &Report) {
        match report.kind {
            ReportKind::Denied(_) => self.counts.denied += 1,
            ReportKind::Accepted => {
                self.acknowledgement.saturating_record(seen.saturating_sub(order.submitted_at.0));
            }
            _ => {}
        }
        self.log(order, seen, OrderEventKind::Reported(report.kind));
    }

    /// How long a report was on its way, in ns.
    pub fn response_latency(&mut self, nanos: u64) {
        self.response.saturating_record(nanos);
    }

    /// An order has ended.
    pub fn order_finished(&mut self, order: &Order) {
        self.orders.push(OrderRecord {
            id: order.request.id,
            instrument: order.request.instrument,
            side: order.request.side,
            order_type: order.order_type,
            status: order.status,
            reason: order.reason,
            submitted_at: order.submitted_at,
            limit: order.limit,
            quantity: order.quantity,
            filled: order.filled,
        });
    }

    /// What the positions of a strategy were like.
    #[must_use]
    pub fn position_statistics(
        &self,
        strategy: StrategyIndex,
        instrument: InstrumentIndex,
    ) -> PositionStatistics {
        self.all_trips_of(strategy)
            .map(|which| self.trips[which].statistics(instrument))
            .reduce(PositionStatistics::with)
            .unwrap_or_default()
    }

    /// The round trips that are open at the end, valued at `mark` (of a leg, where there are two): one,
    /// or one a lot.
    ///
    /// # Errors
    /// [`EngineError::Trading`] on overflow.
    pub fn open_trips(
        &self,
        strategy: StrategyIndex,
        terms: &Instrument,
        instrument: InstrumentIndex,
        mark: impl Fn(Option<Leg>) -> Price,
        now: UnixNanos,
    ) -> Result<Vec<RoundTrip>, EngineError> {
        let mut open = Vec::new();
        for (which, leg) in self.all_trips_of(strategy).zip(Leg::BOTH) {
            let mark = mark(self.hedging.then_some(leg));
            match self.lot_trips.get(which) {
                Some(lots) => open.extend(lots.open(terms, instrument, mark, now)?),
                None => open.extend(self.trips[which].open_trip(terms, instrument, mark, now)?),
            }
        }
        Ok(open)
    }
}

/// Keeps every second sample of each account.
fn thin(samples: &mut Vec<EquitySample>, accounts: usize) {
    let mut at = 0usize;
    samples.retain(|_| {
        let keep = (at / accounts).is_multiple_of(2);
        at += 1;
        keep
    });
}
