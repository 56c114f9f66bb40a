//! From rows on their way to rows handed over: which is next, and what taking it changes.

use super::venue_side::VenueStop;
use super::{Next, Phase, Run, WORK_BUDGET};
use crate::error::EngineError;
use crate::row::{MarketRow, Row, RowKind, row_flags};
use model::{ReportKind, StrategyIndex};

/// Where a row comes from.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Origin {
    Channel(usize),
    Report,
    Timer,
}

/// The next row, by the order of the strategies' side: due time, then data before reports before
/// timers, then source, record and strategy.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Candidate {
    due: u64,
    origin: OriginClass,
    source: usize,
    record: u64,
    strategy: usize,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum OriginClass {
    Data,
    Report,
    Timer,
}

impl Candidate {
    const fn origin(&self) -> Origin {
        match self.origin {
            OriginClass::Data => Origin::Channel(self.source),
            OriginClass::Report => Origin::Report,
            OriginClass::Timer => Origin::Timer,
        }
    }
}

impl Run {
    /// The next row, taken: the clock and the view of its strategy stand at it, a report has
    /// been applied to its orders and account. The strategy's commands are given with
    /// [`Run::command`] before the next call.
    ///
    /// # Errors
    /// Whatever the data or the venue say; the run is over then.
    pub fn next_row(&mut self) -> Result<Next, EngineError> {
        match self.phase {
            Phase::New => return self.start(),
            Phase::Finished => return Ok(Next::Finished),
            Phase::Running | Phase::Stopping => {}
        }
        if let Some(next) = self.next_start_or_denial()? {
            return Ok(next);
        }
        if self.phase == Phase::Stopping {
            return self.next_stop();
        }
        let mut budget = WORK_BUDGET;
        loop {
            if let Some(error) = self.failure.take() {
                return Err(error);
            }
            let candidate = self.peek();
            let limit = candidate.map_or(u64::MAX, |next| next.due);
            // Timers go on to the end of the data only.
            if self.run_venue(limit, 0, &mut budget)? == VenueStop::Budget {
                return Ok(Next::Working);
            }
            let Some(next) = self.peek() else {
                self.begin_stopping()?;
                return self.next_stop();
            };
            if let (OriginClass::Timer, Some(end)) = (next.origin, self.end)
                && next.due > end
            {
                self.drop_timers_after(end);
                continue;
            }
            let row = self.take(&next)?;
            return Ok(Next::Row(StrategyIndex(next.strategy as u16), row));
        }
    }

    /// A further market row of the same step: the next one, provided that it is a trade or quote
    /// due strictly before `horizon` and that nothing else comes between. It is shown, not taken.
    pub fn peek_further(
        &mut self,
        first: StrategyIndex,
        horizon: u64,
    ) -> Result<Option<(StrategyIndex, MarketRow)>, EngineError> {
        let Some(candidate) = self.peek_shown() else { return Ok(None) };
        let Origin::Channel(source) = candidate.origin() else { return Ok(None) };
        if candidate.due >= horizon {
            return Ok(None);
        }
        let single = self.instruments.len() == 1;
        // What a strategy sees of its other instruments is shown once a step.
        if !single && candidate.strategy != first.index() {
            return Ok(None);
        }
        let strategy = &mut self.strategies[candidate.strategy];
        let channel = &strategy.channels[source];
        let Some(row) = channel.loud.get(channel.shown).copied() else { return Ok(None) };
        if !matches!(row.kind, RowKind::Trade | RowKind::Quote) || strategy.warming {
            return Ok(None);
        }
        // With several instruments a silent change of another one must be seen before this row.
        if !single && strategy.has_silent_before(row.due, source, row.record) {
            return Ok(None);
        }
        strategy.channels[source].shown += 1;
        Ok(Some((StrategyIndex(candidate.strategy as u16), row)))
    }

    /// Lets the venue do everything up to `limit`, so that the further rows of a step are there.
    /// No command of this step may arrive before `limit`. `false` when the work budget did not
    /// suffice, or when a bar market is there: it acts at a bar's close on what happened at its
    /// open, so it is never run ahead.
    ///
    /// # Errors
    /// Whatever the data or the venue say.
    pub fn run_ahead(&mut self, limit: u64) -> Result<bool, EngineError> {
        if self.phase != Phase::Running || self.has_bar_market {
            return Ok(false);
        }
        let mut budget = WORK_BUDGET;
        Ok(self.run_venue(limit, limit, &mut budget)? != VenueStop::Budget)
    }

    /// The earliest time at which a command of a step that begins at `due` can arrive, and the
    /// earliest time at which a consequence of it can be seen.
    #[must_use]
    pub fn horizon(&self, due: u64) -> (u64, u64) {
        let arrival = due.saturating_add(self.bus.model().request_floor());
        let feed = self.strategies.iter().map(|side| side.feed_latency).min().unwrap_or(0);
        (arrival, arrival.saturating_add(feed.min(self.bus.model().response_floor())))
    }

    /// Takes `count` of the rows that were shown, in the order in which they were shown, and
    /// forgets the others: they come again.
    pub fn take_shown(&mut self, count: usize) -> Result<(), EngineError> {
        for strategy in &mut self.strategies {
            for channel in &mut strategy.channels {
                channel.shown = 0;
            }
        }
        for _ in 0..count {
            let Some(next) = self.peek() else { break };
            self.take(&next)?;
        }
        Ok(())
    }

    #[inline]
    fn peek(&self) -> Option<Candidate> {
        let mut best: Option<Candidate> = None;
        for (strategy, side) in self.strategies.iter().enumerate() {
            let mut consider = |candidate: Candidate| {
                if best.is_none_or(|found| candidate < found) {
                    best = Some(candidate);
                }
            };
            for (source, channel) in side.channels.iter().enumerate() {
                if let Some(row) = channel.loud.front() {
                    let (due, record) = (row.due, row.record);
                    consider(Candidate {
                        due,
                        origin: OriginClass::Data,
                        source,
                        record,
                        strategy,
                    });
                }
            }
            if let Some(&(due, _)) = side.reports.front() {
                let origin = OriginClass::Report;
                consider(Candidate { due, origin, source: 0, record: 0, strategy });
            }
            if let Some(due) = side.timers.next_due() {
                let origin = OriginClass::Timer;
                consider(Candidate { due, origin, source: 0, record: 0, strategy });
            }
        }
        best
    }

    /// Like [`Self::peek`], past the rows that have been shown.
    fn peek_shown(&self) -> Option<Candidate> {
        let mut best: Option<Candidate> = None;
        for (strategy, side) in self.strategies.iter().enumerate() {
            let mut consider = |candidate: Candidate| {
                if best.is_none_or(|found| candidate < found) {
                    best = Some(candidate);
                }
            };
            for (source, channel) in side.channels.iter().enumerate() {
                if let Some(row) = channel.loud.get(channel.shown) {
                    let (due, record) = (row.due, row.record);
                    consider(Candidate {
                        due,
                        origin: OriginClass::Data,
                        source,
                        record,
                        strategy,
                    });
                }
            }
            if let Some(&(due, _)) = side.reports.front() {
                let origin = OriginClass::Report;
                consider(Candidate { due, origin, source: 0, record: 0, strategy });
            }
            if let Some(due) = side.timers.next_due() {
                let origin = OriginClass::Timer;
                consider(Candidate { due, origin, source: 0, record: 0, strategy });
            }
        }
        best
    }

    fn take(&mut self, next: &Candidate) -> Result<Row, EngineError> {
        let side = &mut self.strategies[next.strategy];
        match next.origin() {
            Origin::Channel(source) => {
                side.drain_silent(next.due, source, next.record);
                let Some(mut row) = side.channels[source].loud.pop_front() else {
                    return Ok(Row::Stop { due: next.due });
                };
                side.move_clock(row.due);
                side.see(&row);
                if row.kind == RowKind::Bar {
                    self.finish_bar_row(next.strategy, &mut row);
                }
                let side = &mut self.strategies[next.strategy];
                if side.warming {
                    row.flags |= row_flags::WARM_UP;
                    side.warm(&row);
                }
                if row.kind != RowKind::Trade && row.kind != RowKind::Quote {
                    row.bbo = side.view[row.instrument.index()].bbo;
                }
                Ok(Row::Market(row))
            }
            Origin::Report => {
                side.drain_silent(next.due, usize::MAX, 0);
                let Some((due, report)) = side.reports.pop_front() else {
                    return Ok(Row::Stop { due: next.due });
                };
                let due = due.max(side.now);
                side.move_clock(due);
                self.apply_report(next.strategy, due, &report)?;
                Ok(Row::Report { due, report })
            }
            Origin::Timer => {
                side.drain_silent(next.due, usize::MAX, 0);
                let Some((due, id)) = side.timers.fire() else {
                    return Ok(Row::Stop { due: next.due });
                };
                side.move_clock(due);
                Ok(Row::Timer { due, id })
            }
        }
    }

    /// Marks the last bar of a closing time, and keeps the bar's close as the last price.
    fn finish_bar_row(&mut self, strategy: usize, row: &mut MarketRow) {
        let bar = *self.bars.get(row.a);
        let side = &self.strategies[strategy];
        let more = side.channels.iter().any(|channel| {
            channel.loud.front().is_some_and(|next| {
                next.kind == RowKind::Bar
                    && next.due == row.due
                    && next.timeframe == row.timeframe
                    && self.bars.get(next.a).close_time == bar.close_time
            })
        });
        if !more {
            row.flags |= row_flags::SLICE_END;
        }
        self.strategies[strategy].view[row.instrument.index()].last = bar.close;
    }

    /// Frees the bar or depth of a row that has been handed over.
    pub fn release(&mut self, row: &MarketRow) {
        match row.kind {
            RowKind::Bar => self.bars.release(row.a),
            RowKind::Depth => self.depths.release(row.a),
            _ => {}
        }
    }

    fn next_start_or_denial(&mut self) -> Result<Option<Next>, EngineError> {
        for which in 0..self.strategies.len() {
            let side = &mut self.strategies[which];
            if !side.started {
                side.started = true;
                let row = Row::Start { due: side.now };
                return Ok(Some(Next::Row(StrategyIndex(which as u16), row)));
            }
            if let Some(report) = side.denials.pop_front() {
                let due = side.now;
                side.denials_in_a_row += 1;
                if side.denials_in_a_row > 10_000 {
                    let reason = match report.kind {
                        ReportKind::Denied(reason)
                        | ReportKind::ModifyRejected(reason)
                        | ReportKind::CancelRejected(reason) => reason.code(),
                        _ => "",
                    };
                    return Err(EngineError::DenialLoop {
                        strategy: side.name.clone(),
                        count: side.denials_in_a_row,
                        reason,
                    });
                }
                self.apply_report(which, due, &report)?;
                let row = Row::Report { due, report };
                return Ok(Some(Next::Row(StrategyIndex(which as u16), row)));
            }
        }
        Ok(None)
    }

    pub(super) fn apply_report(
        &mut self,
        which: usize,
        due: u64,
        report: &model::Report,
    ) -> Result<(), EngineError> {
        let side = &mut self.strategies[which];
        if report.order.number() == 0 {
            return Ok(());
        }
        let applied = side.orders.apply(report)?;
        side.hash.report(report, due);
        if let ReportKind::Filled(fill) = &report.kind
            && applied.fresh
        {
            let instrument = &self.instruments[fill.instrument.index()];
            side.account.apply_fill(instrument, fill)?;
            let position = side.account.position(fill.instrument);
            side.hash.account(
                due,
                fill.instrument.0,
                position.quantity.0,
                side.account.cash().0,
                position.realized.0,
            );
        }
        if let Some(order) = side.orders.order(report.order) {
            self.recorder.order_event(order, due, report);
        }
        for order in side.orders.take_finished() {
            if order.request.id == report.order {
                self.recorder.order_event(&order, due, report);
            }
            self.recorder.order_finished(&order);
        }
        Ok(())
    }
}
