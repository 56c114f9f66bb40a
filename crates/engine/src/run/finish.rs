//! The beginning and the end of a run.

use super::taker::Nobody;
use super::venue_side::{Bounds, VenueStop};
use super::{CloseAtEnd, Next, Phase, Run};
use crate::error::EngineError;
use crate::row::Row;
use crate::strategy_side::Notice;
use feed::bars::{BarAggregator, BarInput};
use model::{
    CancelReason, Fill, FillBasis, InstrumentIndex, Leg, LiquiditySide, Lots, OrderId, Price,
    Report, ReportKind, SessionClose, Side, StrategyIndex, UnixNanos,
};

impl Run {
    /// Applies the snapshot and starts every strategy at the exchange time of the first event
    /// after it.
    pub(super) fn start(&mut self) -> Result<(), EngineError> {
        let first = self.run_snapshots()?;
        if first.is_none() && self.counters.records == 0 {
            let names = self.inputs.iter().map(|input| input.name().to_owned());
            return Err(EngineError::NoEvents { sources: names.collect::<Vec<_>>().join(", ") });
        }
        // A bar is known at its close, but the strategies were there at its open.
        let start = first.unwrap_or(self.now).max(self.now);
        self.now = start;
        self.recorder.start(start);
        for side in &mut self.strategies {
            side.now = start;
            side.warm_until = start.saturating_add(side.needs.warm_up_time);
            side.warming = side.needs.warm_up_bars > 0 || side.needs.warm_up_time > 0;
        }
        self.schedule_cash(start);
        self.schedule_look(start);
        self.phase = Phase::Running;
        self.sample_equity();
        Ok(())
    }

    /// What the sources give of an instrument: bars of these timeframes are not made, all others
    /// are made of `input`; a daily bar ends with its session.
    ///
    /// # Errors
    /// [`EngineError::Setup`] when the run has no such instrument.
    pub fn set_given(
        &mut self,
        instrument: InstrumentIndex,
        bars: &[model::Timeframe],
        input: BarInput,
        session: Option<SessionClose>,
    ) -> Result<(), EngineError> {
        let Some(state) = self.markets.get_mut(instrument.index()) else {
            return Err(EngineError::Setup {
                field: "instrument",
                message: format!("the run has no instrument {}", instrument.0),
            });
        };
        state.given_bars = bars.to_vec();
        state.bar_input = input;
        if let Some(session) = session {
            state.market.set_sessions(&session);
            state.session = session;
        }
        Ok(())
    }

    /// What the sources tell of an instrument, for orders that wait for prices.
    ///
    /// # Errors
    /// [`EngineError::Setup`] when the run has no such instrument.
    pub fn set_support(
        &mut self,
        instrument: InstrumentIndex,
        support: venue::Support,
    ) -> Result<(), EngineError> {
        let Some(state) = self.markets.get_mut(instrument.index()) else {
            return Err(EngineError::Setup {
                field: "instrument",
                message: format!("the run has no instrument {}", instrument.0),
            });
        };
        let terms = &self.instruments[instrument.index()];
        state.conditional = venue::Conditional::new(terms, support);
        Ok(())
    }

    /// Bars that are declared and that no source gives are made from finer data. Called once,
    /// after [`Self::set_given`] and before the first row.
    ///
    /// # Errors
    /// [`EngineError::Feed`] when a timeframe cannot be made.
    pub fn make_bars(&mut self) -> Result<(), EngineError> {
        for (at, state) in self.markets.iter_mut().enumerate() {
            let mut wanted: Vec<model::Timeframe> = self
                .strategies
                .iter()
                .filter(|side| side.wants[at].sees)
                .flat_map(|side| side.needs.bars.iter().copied())
                .filter(|timeframe| !state.given_bars.contains(timeframe))
                .collect();
            wanted.sort_unstable();
            wanted.dedup();
            for timeframe in wanted {
                let index = InstrumentIndex(at as u32);
                let session = state.session.clone();
                let aggregator = BarAggregator::new(index, timeframe, state.bar_input, session)?;
                state.bars.push(aggregator);
            }
        }
        Ok(())
    }

    /// Ends the run here: open orders are cancelled, every strategy still gets its stop, and what
    /// was done is kept. A run that has not begun begins and ends.
    ///
    /// # Errors
    /// None so far: the next row tells.
    pub fn stop_now(&mut self) -> Result<(), EngineError> {
        if matches!(self.phase, Phase::New | Phase::Running) {
            self.stop_at = Some(0);
        }
        Ok(())
    }

    /// A strategy or the user has asked for the end: the venue goes on to where that takes effect.
    pub(super) fn run_to_stop(&mut self, at: u64, budget: &mut u64) -> Result<Next, EngineError> {
        self.ahead = true;
        let stop = self.run_venue(at, at, budget, &mut Nobody);
        self.ahead = false;
        if stop? == VenueStop::Budget {
            return Ok(Next::Working);
        }
        let now = self.strategies.iter().map(|side| side.now).max();
        self.begin_stopping(now.unwrap_or(0))?;
        self.next_stop()
    }

    /// Ends trading: open orders are cancelled, positions closed when that is asked for. What the
    /// strategies see of the market stays as of `seen_until`; all reports reach them now.
    pub(super) fn begin_stopping(&mut self, seen_until: u64) -> Result<(), EngineError> {
        self.phase = Phase::Stopping;
        let end = self.now;
        self.end.get_or_insert(end);
        self.arrivals.clear();
        self.look_at_last();
        for state in &mut self.markets {
            let at = UnixNanos(end);
            let (market, conditional) = (&mut state.market, &mut state.conditional);
            let reason = CancelReason::EndOfRun;
            conditional.cancel_all(market, None, reason, at, &mut self.reports);
        }
        self.dispatch_reports()?;
        if let Some(how) = self.close_at_end {
            self.close_positions(how, end)?;
        }
        for which in 0..self.strategies.len() {
            self.strategies[which].drain_silent(seen_until, 0, 0);
            while let Some((due, notice)) = self.strategies[which].reports.pop_front() {
                let due = due.max(self.strategies[which].now);
                self.strategies[which].move_clock(due);
                match notice {
                    Notice::Report(report) => self.apply_report(which, due, &report, false)?,
                    Notice::Cash(change) => self.see_cash(which, due, &change)?,
                    Notice::Split { change, made } => self.see_split(which, due, &change, made)?,
                }
            }
            for order in self.strategies[which].orders.take_all() {
                self.recorder.order_finished(&order);
            }
        }
        self.recorder.close(self.now, &self.ledger);
        Ok(())
    }

    /// Closes what every account holds. On a shared one each strategy closes what it brought, as
    /// far as the others do not hold the other side of it.
    fn close_positions(&mut self, how: CloseAtEnd, end: u64) -> Result<(), EngineError> {
        for at in 0..self.instruments.len() {
            let instrument = InstrumentIndex(at as u32);
            for which in 0..self.strategies.len() {
                let strategy = StrategyIndex(which as u16);
                for part in self.parts_to_close(strategy, instrument) {
                    let state = &self.markets[at];
                    let price = match how {
                        CloseAtEnd::Open if state.last_open.is_defined() => state.last_open,
                        _ => state.mark(part),
                    };
                    if part != 0 && price.is_defined() {
                        self.close_position(strategy, instrument, Lots(part), price, end)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// What a strategy has to close of its account's position, in lots: on a shared account what it
    /// brought, as far as the others do not hold the other side of it; of a hedging account each leg.
    pub(super) fn parts_to_close(
        &self,
        strategy: StrategyIndex,
        instrument: InstrumentIndex,
    ) -> [i64; 2] {
        let account = self.ledger.account(strategy);
        if account.is_hedging() {
            return Leg::BOTH.map(|leg| account.leg(instrument, leg).quantity.0);
        }
        let held = account.position(instrument).quantity.0;
        let own = self.ledger.brought(strategy, instrument);
        if held.signum() != own.signum() {
            return [0, 0];
        }
        [held.signum() * held.saturating_abs().min(own.saturating_abs()), 0]
    }

    fn close_position(
        &mut self,
        strategy: StrategyIndex,
        instrument: InstrumentIndex,
        held: Lots,
        price: Price,
        end: u64,
    ) -> Result<(), EngineError> {
        let quantity = Lots(held.0.checked_abs().unwrap_or(i64::MAX));
        let side = if held.0 > 0 { Side::Sell } else { Side::Buy };
        let terms = &self.instruments[instrument.index()];
        let fee = self.ledger.fees(instrument).fee(&costs::FeeInput {
            instrument: terms,
            side,
            liquidity: LiquiditySide::Taker,
            price,
            quantity: terms.quantity(quantity)?,
            notional: terms.notional(price, quantity)?,
            // No order did it, and nothing is traded after it.
            traded: model::Money::ZERO,
            order: costs::OrderFees::default(),
            at: UnixNanos(end),
            estimate: false,
        })?;
        let order = OrderId::new(strategy, 0);
        let fill = Fill {
            order,
            instrument,
            side,
            quantity,
            price,
            liquidity: LiquiditySide::Taker,
            basis: FillBasis::Taken,
            ts_event: UnixNanos(end),
            leaves: Lots::ZERO,
            fee,
            reduce_only: self.ledger.account(strategy).is_hedging(),
        };
        let effect = self.ledger.apply_fill(&fill)?;
        let account = self.ledger.account(strategy);
        let bbo = self.markets[instrument.index()].bbo;
        self.recorder.fill(terms, &fill, &effect, account.cash_of(fill.instrument), &bbo)?;
        let report =
            Report { order, instrument, ts_event: UnixNanos(end), kind: ReportKind::Filled(fill) };
        self.hash.report(&report, end);
        let seen = self.strategies[strategy.index()].now;
        self.book_seen_fill(strategy.index(), seen, &fill)
    }

    /// Every strategy gets its stop once; then the run is over.
    pub(super) fn next_stop(&mut self) -> Result<Next, EngineError> {
        for which in 0..self.strategies.len() {
            let side = &mut self.strategies[which];
            if !side.stopped {
                side.stopped = true;
                let due = side.now;
                return Ok(self.hand_over(which, Row::Stop { due }));
            }
        }
        self.check_models()?;
        self.phase = Phase::Finished;
        Ok(Next::Finished)
    }

    /// Timers beyond the end of the data do not fire.
    pub(super) fn drop_timers_after(&mut self, end: u64) {
        for side in &mut self.strategies {
            side.timers.drop_after(end);
        }
    }

    /// Applies the snapshots at the beginning of the sources; gives the time of the first event
    /// after them. A snapshot that is later than that event (the next day's file) is left to the
    /// stream.
    fn run_snapshots(&mut self) -> Result<Option<u64>, EngineError> {
        loop {
            let mut earliest: Option<(u64, usize)> = None;
            for which in 0..self.inputs.len() {
                if let Some(time) = self.inputs[which].head()? {
                    earliest = earliest.into_iter().chain([(time, which)]).min();
                }
            }
            let Some((time, which)) = earliest else { return Ok(None) };
            let before = self.inputs[which].record;
            // Reads snapshots, and records outside the run.
            while self.inputs[which].head_is_mbo() {
                let (at, mut budget) = (self.inputs[which].record, u64::MAX);
                let bounds = Bounds { bound: time, limit: u64::MAX, floor: 0 };
                self.run_source(which, bounds, &mut budget, &mut Nobody)?;
                if self.inputs[which].record == at || self.inputs[which].head()?.is_none() {
                    break;
                }
            }
            if self.inputs[which].record == before {
                return Ok(Some(time));
            }
            self.end_snapshot(which);
        }
    }

    /// A snapshot names no last record: it is over when the stream begins.
    fn end_snapshot(&mut self, which: usize) {
        self.inputs[which].open_events = 0;
        for at in 0..self.markets.len() {
            let state = &mut self.markets[at];
            if !std::mem::take(&mut state.in_event) {
                continue;
            }
            state.market.end_of_data();
            state.bbo = state.market.bbo();
            let (instrument, bbo) = (InstrumentIndex(at as u32), state.bbo);
            self.ledger.quote(instrument, bbo);
            self.show_before_start(instrument);
        }
    }
}
