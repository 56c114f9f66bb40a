//! The venue's side: records in, rows and reports out.

use super::Run;
use super::taker::Taker;
use crate::error::EngineError;
use crate::strategy_side::Notice;
use feed::Block;
use model::{MarketEvent, Report, ReportKind, UnixNanos};
use venue::Market;

/// Why the venue stopped.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum VenueStop {
    /// Everything up to the limit is done.
    Reached,
    /// The work budget is used up.
    Budget,
    /// Sources and arrivals are at their end.
    Exhausted,
    /// Whoever takes rows in place has left the loop.
    Left,
}

/// How far a source may be read.
pub(super) struct Bounds {
    /// The last time that may be acted on before something else happens.
    pub bound: u64,
    /// The last time that may be acted on at all: when the next row is due.
    pub limit: u64,
    /// What the two never sink below.
    pub floor: u64,
}

impl Bounds {
    /// A row is due at `due`, and bars end at `close`.
    #[inline(always)]
    pub fn lower(&mut self, due: u64, close: u64) {
        let due = due.max(self.floor);
        self.limit = self.limit.min(due);
        self.bound = self.bound.min(due).min(close.saturating_sub(1));
    }
}

impl Run {
    /// Lets the venue act on everything up to and including `limit`. The limit sinks, though not
    /// below `floor`, as rows appear that a strategy is called with: nothing after them may be
    /// decided before it.
    pub(super) fn run_venue<T: Taker>(
        &mut self,
        mut limit: u64,
        floor: u64,
        budget: &mut u64,
        taker: &mut T,
    ) -> Result<VenueStop, EngineError> {
        loop {
            // The common case: one source, and nothing but its records until the limit.
            while let Some(bound) = self.records_until(limit) {
                limit = self.run_source(0, Bounds { bound, limit, floor }, budget, taker)?;
                if taker.has_left() {
                    return Ok(VenueStop::Left);
                }
                if *budget == 0 {
                    return Ok(VenueStop::Budget);
                }
                if self.is_quiet_until(limit) {
                    return Ok(VenueStop::Reached);
                }
            }
            let (which, head, rival) = self.earliest_input()?;
            let arrival = self.next_arrival();
            let Some(head) = head else {
                self.end.get_or_insert(self.now);
                // Bars that are open end with their interval, whether or not data goes on.
                if self.next_close <= limit.min(arrival) && self.next_close != u64::MAX {
                    limit = limit.min(self.close_bars(self.next_close)).max(floor);
                    continue;
                }
                if arrival > limit {
                    return Ok(VenueStop::Reached);
                }
                if arrival == u64::MAX {
                    return Ok(VenueStop::Exhausted);
                }
                limit = limit.min(self.arrive()?).max(floor);
                continue;
            };
            // An event that has begun goes on, though the block ended inside it: nothing arrives
            // before its end.
            let head = if self.inputs[which].open_events > 0 { 0 } else { head };
            let close = self.next_close;
            if head.min(arrival).min(close) > limit {
                return Ok(VenueStop::Reached);
            }
            // What happens at the end of an interval belongs to the next one, but the bars that
            // end there belong to the coarser bar that ends with them.
            let ends_first = close < head || (close == head && !self.inputs[which].head_is_bar());
            if ends_first && close <= arrival {
                limit = limit.min(self.close_bars(close)).max(floor);
            } else if arrival < head {
                limit = limit.min(self.arrive()?).max(floor);
            } else {
                // Ties between sources go to the first one.
                let rival =
                    rival.map_or(
                        u64::MAX,
                        |(at, source)| {
                            if source < which { at.saturating_sub(1) } else { at }
                        },
                    );
                let close = if close > head { close.saturating_sub(1) } else { head };
                let bound = limit.min(arrival).min(close).min(rival.max(head));
                limit = self.run_source(which, Bounds { bound, limit, floor }, budget, taker)?;
                if taker.has_left() {
                    return Ok(VenueStop::Left);
                }
            }
            if let Some(error) = self.failure.take() {
                return Err(error);
            }
            if *budget == 0 {
                return Ok(VenueStop::Budget);
            }
        }
    }

    /// When the next command arrives, `u64::MAX` when none is on its way.
    #[inline]
    pub(super) fn next_arrival(&self) -> u64 {
        self.arrivals.next_time().unwrap_or(u64::MAX)
    }

    /// Up to when nothing but records of the only source happens, where one does within `limit`.
    #[inline]
    pub(super) fn records_until(&self, limit: u64) -> Option<u64> {
        let [input] = self.inputs.as_slice() else { return None };
        let head = input.known_head()?;
        let arrival = self.next_arrival();
        let alone =
            input.open_events == 0 && head <= limit && head <= arrival && head < self.next_close;
        alone.then(|| limit.min(arrival).min(self.next_close - 1))
    }

    /// The source whose next record is earliest, its time, and the next of the others.
    #[inline]
    #[allow(clippy::type_complexity, reason = "three plain numbers")]
    fn earliest_input(
        &mut self,
    ) -> Result<(usize, Option<u64>, Option<(u64, usize)>), EngineError> {
        if let [only] = self.inputs.as_mut_slice() {
            let head = only.head()?;
            if head.is_none() && only.open_events > 0 {
                self.end_open_events(0);
            }
            return Ok((0, head, None));
        }
        let mut best: Option<(u64, usize)> = None;
        let mut rival: Option<(u64, usize)> = None;
        for at in 0..self.inputs.len() {
            let Some(time) = self.inputs[at].head()? else {
                if self.inputs[at].open_events > 0 {
                    self.end_open_events(at);
                }
                continue;
            };
            let input = &self.inputs[at];
            // A source in the middle of an event goes on before all others.
            let key = if input.open_events > 0 { (0, at) } else { (time, at) };
            if best.is_none_or(|found| key < found) {
                rival = best;
                best = Some(key);
            } else if rival.is_none_or(|found| key < found) {
                rival = Some(key);
            }
        }
        match best {
            Some((_, which)) => {
                let head = self.inputs[which].head()?;
                Ok((which, head, rival))
            }
            None => Ok((0, None, None)),
        }
    }

    /// A source has ended inside an event: what it left open is over. An event of another source
    /// that is open goes on before anything else, so it does not matter that all markets hear it.
    #[cold]
    fn end_open_events(&mut self, which: usize) {
        self.inputs[which].open_events = 0;
        for state in &mut self.markets {
            state.market.end_of_data();
        }
    }

    /// Acts on a source's records while they are due by `bound`; returns the lowered limit.
    pub(super) fn run_source<T: Taker>(
        &mut self,
        which: usize,
        mut bounds: Bounds,
        budget: &mut u64,
        taker: &mut T,
    ) -> Result<u64, EngineError> {
        // The source is taken out for the time of the call, so that its block and the rest of the
        // run can be used side by side.
        let Some(source) = self.inputs[which].source.take() else { return Ok(bounds.limit) };
        // Whoever takes a row may let the reading run ahead.
        let ahead = self.ahead;
        match source.block() {
            Some(Block::Mbo(block)) => self.run_mbo(which, block, &mut bounds, budget, taker),
            Some(Block::Events(events)) => {
                self.run_events(which, events, &mut bounds, budget, taker);
            }
            None => {}
        }
        self.inputs[which].source = Some(source);
        self.ahead = ahead;
        match self.failure.take() {
            Some(error) => Err(error),
            None => Ok(bounds.limit),
        }
    }

    /// Events of every other kind, read in place.
    fn run_events<T: Taker>(
        &mut self,
        which: usize,
        events: &[MarketEvent],
        bounds: &mut Bounds,
        budget: &mut u64,
        taker: &mut T,
    ) {
        let mut position = self.inputs[which].position;
        let takes = T::TAKES && bounds.floor == 0 && self.inputs.len() == 1;
        let mut next = None;
        while let Some(event) = events.get(position) {
            let time = event.ts_event().0;
            if time > bounds.bound {
                if takes && self.take_due(time, bounds, taker) {
                    continue;
                }
                next = Some(time);
                break;
            }
            if *budget == 0 {
                next = Some(time);
                break;
            }
            if matches!(event, MarketEvent::Level(level) if !level.last) {
                let most = usize::try_from(*budget).unwrap_or(usize::MAX);
                let (count, applied) = self.take_changes(&events[position..], most);
                position += count;
                *budget -= count as u64;
                self.inputs[which].record += count as u64;
                if applied.is_err() {
                    self.keep_failure(applied);
                    break;
                }
                if count > 0 {
                    continue;
                }
            }
            position += 1;
            *budget -= 1;
            self.inputs[which].record += 1;
            let due = self.act_on(which, event);
            match due {
                Ok(due) => bounds.lower(due, self.next_close),
                Err(error) => self.keep_failure(Err(error)),
            }
            if self.failure.is_some() {
                break;
            }
        }
        self.inputs[which].stopped_at(position, next);
    }

    /// The changes of levels at the front that end no message, of one instrument at one time, where
    /// nobody has to see them one by one: nothing is told before their message ends. How many (the
    /// one that failed included), and whether all could be applied.
    #[inline]
    fn take_changes(
        &mut self,
        events: &[MarketEvent],
        most: usize,
    ) -> (usize, Result<(), EngineError>) {
        let Some(MarketEvent::Level(first)) = events.first() else { return (0, Ok(())) };
        let state = &mut self.markets[first.instrument.index()];
        if state.traced || state.depth_levels > 0 || !state.conditional.is_idle() {
            return (0, Ok(()));
        }
        let Market::Depth(market) = &mut state.market else { return (0, Ok(())) };
        let (mut count, mut applied) = (0, Ok(()));
        for event in events.iter().take(most) {
            let MarketEvent::Level(level) = event else { break };
            let with_first =
                level.instrument == first.instrument && level.ts_event == first.ts_event;
            if level.last || !with_first {
                break;
            }
            count += 1;
            if let Err(error) = market.on_level(level, &mut self.ledger, &mut self.reports) {
                applied = Err(error.into());
                break;
            }
        }
        self.counters.records += count as u64;
        self.counters.events += count as u64;
        if first.ts_event.0 < self.now {
            self.counters.clock_backward += count as u64;
        }
        self.now = self.now.max(first.ts_event.0);
        (count, applied)
    }

    /// The venue acts on one event; returns the earliest due time of a row.
    #[inline]
    fn act_on(&mut self, which: usize, event: &MarketEvent) -> Result<u64, EngineError> {
        let record = self.inputs[which].record;
        self.counters.records += 1;
        self.counters.events += 1;
        if event.ts_event().0 < self.now {
            self.counters.clock_backward += 1;
        }
        let time = event.ts_event().0.max(self.now);
        self.now = time;
        let instrument = event.instrument();
        let state = &mut self.markets[instrument.index()];
        let (ledger, reports) = (&mut self.ledger, &mut self.reports);
        if state.traced {
            state.on_traced_event(event, ledger, reports)?;
        } else if state.conditional.is_idle() {
            state.market.on_event(event, ledger, reports)?;
        } else {
            state.conditional.on_event(&mut state.market, event, ledger, reports)?;
        }
        let seen_at = time.max(event.ts_recv().0);
        let mut due = u64::MAX;
        match event {
            MarketEvent::Trade(trade) => {
                state.last_price = trade.price;
                state.conditional.print(trade.price);
                self.ledger.print(instrument, trade.price);
                due = self.emit_trade(which, trade, seen_at, record);
            }
            MarketEvent::Bar(bar) => {
                state.last_price = bar.close;
                state.last_open = bar.open;
                state.conditional.print(bar.close);
                self.ledger.print(instrument, bar.close);
                due = self.emit_bar(which, bar, record);
            }
            MarketEvent::Depth(depth) => state.show_depth(&depth.bids, &depth.asks),
            MarketEvent::Level(level) => {
                if state.depth_levels > 0 {
                    state.show_level(level)?;
                }
                // A message of several changes is one event: it tells at its end.
                if !level.last {
                    return Ok(u64::MAX);
                }
            }
            MarketEvent::Quote(_) | MarketEvent::Status(_) => {}
        }
        Ok(due.min(self.after_event(which, instrument, time, seen_at, record)?))
    }

    #[inline]
    fn after_event(
        &mut self,
        which: usize,
        instrument: model::InstrumentIndex,
        time: u64,
        seen_at: u64,
        record: u64,
    ) -> Result<u64, EngineError> {
        let mut due = u64::MAX;
        let state = &mut self.markets[instrument.index()];
        if (state.conditional.is_watching() || state.conditional.is_linking())
            && !matches!(state.market, Market::Bar(_))
        {
            let (market, conditional) = (&mut state.market, &mut state.conditional);
            let at = UnixNanos(time);
            conditional.after_event(market, at, &mut self.ledger, &mut self.reports)?;
        }
        let bbo = state.market.bbo();
        if bbo != state.bbo {
            state.bbo = bbo;
            self.ledger.quote(instrument, bbo);
            due = self.emit_quote(which, (instrument, bbo), time, seen_at, record);
        } else if state.depth_levels > 1 {
            due = self.emit_depth(which, instrument, time, seen_at, record);
        }
        due = due.min(self.settle_event(true)?);
        if self.now >= self.recorder.next_sample() {
            self.sample_equity();
        }
        Ok(due)
    }

    /// Books what the venue said and sends it on its way to the strategies.
    pub(super) fn dispatch_reports(&mut self) -> Result<u64, EngineError> {
        let mut lowered = u64::MAX;
        let mut reports = std::mem::take(&mut self.reports);
        for report in reports.drain(..) {
            lowered = lowered.min(self.dispatch(&report)?);
        }
        self.reports = reports;
        Ok(lowered)
    }

    fn dispatch(&mut self, report: &Report) -> Result<u64, EngineError> {
        let time = report.ts_event.0;
        self.hash.report(report, time);
        if self.tracing.is_some() {
            self.trace_report(report);
        }
        let which = report.order.strategy().index();
        if let ReportKind::Filled(fill) = &report.kind {
            let instrument = &self.instruments[fill.instrument.index()];
            let effect = self.ledger.apply_fill(fill)?;
            let account = self.ledger.account(fill.order.strategy());
            let position = account.position(fill.instrument);
            self.hash.account(
                time,
                fill.instrument.0,
                position.quantity.0,
                account.cash_of(fill.instrument).0,
                position.realized.0,
            );
            let bbo = self.markets[fill.instrument.index()].bbo;
            self.recorder.fill(
                instrument,
                fill,
                &effect,
                account.cash_of(fill.instrument),
                &bbo,
            )?;
        }
        if report.order.number() == 0 {
            self.liquidation_report(report);
        }
        if matches!(report.kind, ReportKind::Rejected(_)) {
            self.check_models()?;
        }
        self.ledger.on_report(report);
        self.recorder.venue_report(report);
        let strategy = &mut self.strategies[which];
        // A bar market tells at the close what happened at the open; all others tell now.
        let told = if self.has_bar_market { time } else { time.max(self.now) };
        let (owner, instrument) = (report.order.strategy(), report.instrument);
        let due = self.buses.due(owner, instrument, UnixNanos(told)).0.max(strategy.now);
        self.recorder.response_latency(due.saturating_sub(time));
        strategy.notify(due, Notice::Report(*report));
        Ok(due)
    }

    /// Samples every account's equity at the venue's marks.
    pub(super) fn sample_equity(&mut self) {
        self.recorder.sample(self.now, &self.ledger);
    }
}
