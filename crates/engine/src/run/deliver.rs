//! From rows on their way to rows handed over: which is next, and what taking it changes.

use super::taker::{OneByOne, Taker, Then};
use super::venue_side::{Bounds, VenueStop};
use super::{Handed, Next, Phase, Run, WORK_BUDGET};
use crate::error::EngineError;
use crate::row::{BarStore, MarketRow, Row, RowKind, row_flags};
use crate::strategy_side::{Notice, StrategySide};
use model::StrategyIndex;

/// The kinds of rows in the order in which they come at one due time.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Origin {
    Data,
    Report,
    Timer,
}

/// The next row, by the order of the strategies' side: due time, then data before reports before
/// timers, then bars after everything else and finer before coarser ones, then source, record and
/// strategy.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Candidate {
    pub due: u64,
    pub origin: Origin,
    /// Length of a bar in ns, 0 for all other rows.
    length: u64,
    pub source: usize,
    record: u64,
    pub strategy: usize,
}

/// The next row of one strategy: past the rows that have been shown, or from the first.
#[inline]
fn next_of(side: &StrategySide, strategy: usize, past_shown: bool) -> Option<Candidate> {
    let mut best: Option<Candidate> = None;
    for (source, channel) in side.channels.iter().enumerate() {
        let row = if past_shown { channel.loud.get(channel.shown) } else { channel.loud.front() };
        let Some(row) = row else { continue };
        let length = if row.kind == RowKind::Bar {
            side.needs.bars.get(usize::from(row.timeframe)).map_or(0, |timeframe| timeframe.0)
        } else {
            0
        };
        let (due, record) = (row.due, row.record);
        let candidate = Candidate { due, origin: Origin::Data, length, source, record, strategy };
        if best.is_none_or(|found| candidate < found) {
            best = Some(candidate);
        }
    }
    let first = |due, origin| Candidate { due, origin, length: 0, source: 0, record: 0, strategy };
    if let Some(&(due, _)) = side.reports.front()
        && best.is_none_or(|found| due < found.due)
    {
        best = Some(first(due, Origin::Report));
    }
    if let Some(due) = side.timers.next_due()
        && best.is_none_or(|found| due < found.due)
    {
        best = Some(first(due, Origin::Timer));
    }
    best
}

/// Whether the bar at the front of a channel is the last of its closing time: all of them are on
/// their way when the first is handed over.
fn is_last_of_slice(side: &StrategySide, bars: &BarStore, source: usize) -> bool {
    // Nothing else is on its way, as nearly always.
    if side.channels.iter().map(|channel| channel.loud.len()).sum::<usize>() == 1 {
        return true;
    }
    let Some(row) = side.channels[source].loud.front() else { return true };
    let close = bars.get(row.a).close_time;
    let more = side.channels.iter().enumerate().any(|(at, channel)| {
        channel.loud.iter().skip(usize::from(at == source)).any(|next| {
            next.kind == RowKind::Bar
                && next.timeframe == row.timeframe
                && bars.get(next.a).close_time == close
        })
    });
    !more
}

impl Run {
    /// The next row, taken: the clock and the view of its strategy stand at it, a report has
    /// been applied to its orders and account. The strategy's commands are given with
    /// [`Run::command`] before the next call.
    ///
    /// # Errors
    /// Whatever the data or the venue say; the run is over then.
    pub fn next_row(&mut self) -> Result<Next, EngineError> {
        match self.run_rows(&mut OneByOne::default())? {
            Handed::Next(next) => Ok(next),
            Handed::Left => Ok(Next::Row(StrategyIndex(0))),
        }
    }

    /// The same, with rows handed to `taker` where they come due. Those are not returned.
    ///
    /// # Errors
    /// As [`Run::next_row`].
    #[inline]
    pub(crate) fn run_rows<T: Taker>(&mut self, taker: &mut T) -> Result<Handed, EngineError> {
        match self.phase {
            Phase::New => self.start()?,
            Phase::Finished => return Ok(Handed::Next(Next::Finished)),
            Phase::Running | Phase::Stopping => {}
        }
        if self.unanswered {
            if let Some(next) = self.next_start_or_denial()? {
                return Ok(Handed::Next(next));
            }
            self.unanswered = false;
        }
        if self.phase == Phase::Stopping {
            return self.next_stop().map(Handed::Next);
        }
        let mut budget = WORK_BUDGET;
        if let Some(at) = self.stop_at {
            return self.run_to_stop(at, &mut budget).map(Handed::Next);
        }
        loop {
            let limit = self.next_due();
            // The common case first: nothing but records of the only source comes next.
            if let Some(bound) = self.records_until(limit) {
                let bounds = Bounds { bound, limit, floor: 0 };
                self.run_source(0, bounds, &mut budget, taker)?;
                if taker.has_left() {
                    return Ok(Handed::Left);
                }
                if budget == 0 {
                    return Ok(Handed::Next(Next::Working));
                }
                continue;
            }
            if !self.is_quiet_until(limit) {
                match self.run_venue(limit, 0, &mut budget, taker)? {
                    VenueStop::Budget => return Ok(Handed::Next(Next::Working)),
                    VenueStop::Left => return Ok(Handed::Left),
                    VenueStop::Reached | VenueStop::Exhausted => {}
                }
            }
            if self.stand_at_only_row(u64::MAX) {
                if taker.take(self) == Then::GoOn {
                    continue;
                }
                return Ok(Handed::Left);
            }
            let Some(next) = self.peek(false) else {
                self.begin_stopping(u64::MAX)?;
                return self.next_stop().map(Handed::Next);
            };
            // Timers go on to the end of the data only.
            if let (Origin::Timer, Some(end)) = (next.origin, self.end)
                && next.due > end
            {
                self.drop_timers_after(end);
                continue;
            }
            let row = self.take(&next)?;
            return Ok(Handed::Next(self.hand_over(next.strategy, row)));
        }
    }

    /// When the next row is due that is on its way, `u64::MAX` when there is none.
    #[inline]
    pub(super) fn next_due(&self) -> u64 {
        self.strategies.iter().map(StrategySide::next_due).fold(u64::MAX, u64::min)
    }

    /// Whether nothing happens at the venue up to and including `limit`, as far as that is known
    /// without looking at the source.
    #[inline]
    pub(super) fn is_quiet_until(&self, limit: u64) -> bool {
        let [input] = self.inputs.as_slice() else { return false };
        input.open_events == 0
            && input.known_head().is_some_and(|head| head > limit)
            && self.next_close > limit
            && self.arrivals.next_time().is_none_or(|next| next > limit)
    }

    /// The common case of one strategy and one source whose next row comes from the market and is
    /// due by `bound`: the same as [`Self::peek`] and [`Self::take`], without looking for anything
    /// else. The row stays where it lies until [`Self::drop_only_row`].
    #[inline(always)]
    pub(super) fn stand_at_only_row(&mut self, bound: u64) -> bool {
        let [side] = self.strategies.as_slice() else { return false };
        let [channel] = side.channels.as_slice() else { return false };
        let Some(due) = channel.loud.front().map(|row| row.due) else { return false };
        let first = due <= bound
            && side.reports.front().is_none_or(|report| due <= report.0)
            && side.timers.next_due().is_none_or(|timer| due <= timer);
        if first {
            self.stand_at(0, 0);
        }
        first
    }

    /// Makes the clock and the view of a strategy stand at the first row of one of its channels,
    /// and completes the row.
    #[inline(always)]
    fn stand_at(&mut self, which: usize, source: usize) {
        let side = &mut self.strategies[which];
        let Some(first) = side.channels[source].loud.front() else { return };
        let &MarketRow { due, record, kind, instrument, timeframe, .. } = first;
        // The common case: a trade or a quote of one source, and nothing silent before it.
        if matches!(kind, RowKind::Trade | RowKind::Quote)
            && !side.warming
            && let [only] = side.channels.as_slice()
            && only.silent.is_empty()
        {
            side.view[instrument.index()].see(first);
            side.move_clock(due);
            return;
        }
        if kind == RowKind::Bar {
            side.drain_silent(due, usize::MAX, 0);
        } else {
            side.drain_silent(due, source, record);
        }
        side.move_clock(due);
        let ends_slice = kind == RowKind::Bar && is_last_of_slice(side, &self.bars, source);
        let warms = side.warms_at(due);
        if warms && ends_slice && timeframe == 0 {
            side.warm_bars += 1;
        }
        let view = &mut side.view[instrument.index()];
        let Some(row) = side.channels[source].loud.front_mut() else { return };
        view.see(row);
        if warms {
            row.flags |= row_flags::WARM_UP;
        }
        match kind {
            RowKind::Bar => {
                view.last = self.bars.get(row.a).close;
                if ends_slice {
                    row.flags |= row_flags::SLICE_END;
                }
                row.bbo = view.bbo;
            }
            RowKind::Depth => row.bbo = view.bbo,
            _ => {}
        }
    }

    /// The row at which [`Self::stand_at_only_row`] stands.
    #[inline(always)]
    pub(crate) fn only_row(&self) -> Option<&MarketRow> {
        self.strategies.first()?.channels.first()?.loud.front()
    }

    /// Frees what that row names, and takes it off its queue.
    #[inline(always)]
    pub(crate) fn finish_only_row(&mut self) {
        let Some(channel) = self.strategies.first_mut().and_then(|s| s.channels.first_mut()) else {
            return;
        };
        let Some((kind, slot)) = channel.loud.front().map(|row| (row.kind, row.a)) else { return };
        channel.loud.drop_front();
        match kind {
            RowKind::Bar => self.bars.release(slot),
            RowKind::Depth => self.depths.release(slot),
            _ => {}
        }
    }

    /// Takes that row off its queue.
    #[inline(always)]
    pub(crate) fn drop_only_row(&mut self) {
        if let Some(channel) = self.strategies.first_mut().and_then(|s| s.channels.first_mut()) {
            channel.loud.drop_front();
        }
    }

    /// Keeps a row for whoever it is handed to.
    pub(super) fn hand_over(&mut self, strategy: usize, row: Row) -> Next {
        self.current = row;
        Next::Row(StrategyIndex(strategy as u16))
    }

    #[inline]
    pub(super) fn peek(&self, past_shown: bool) -> Option<Candidate> {
        if let [only] = self.strategies.as_slice() {
            return next_of(only, 0, past_shown);
        }
        let sides = self.strategies.iter().enumerate();
        sides.filter_map(|(at, side)| next_of(side, at, past_shown)).min()
    }

    #[inline]
    pub(super) fn take(&mut self, next: &Candidate) -> Result<Row, EngineError> {
        let side = &mut self.strategies[next.strategy];
        match next.origin {
            Origin::Data => {
                self.stand_at(next.strategy, next.source);
                let channel = &mut self.strategies[next.strategy].channels[next.source];
                Ok(channel.loud.pop_front().map_or(Row::Stop { due: next.due }, Row::Market))
            }
            Origin::Report => {
                side.drain_silent(next.due, usize::MAX, 0);
                let Some((due, notice)) = side.reports.pop_front() else {
                    return Ok(Row::Stop { due: next.due });
                };
                let due = due.max(side.now);
                side.move_clock(due);
                match notice {
                    Notice::Report(report) => {
                        self.apply_report(next.strategy, due, &report, false)?;
                        Ok(Row::Report { due, report })
                    }
                    Notice::Cash(change) => {
                        self.see_cash(next.strategy, due, &change)?;
                        Ok(Row::Cash { due, change })
                    }
                    Notice::Split { change, made } => {
                        self.see_split(next.strategy, due, &change, made)?;
                        Ok(Row::Cash { due, change })
                    }
                }
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

    /// Frees the bar or depth of the row that was handed over last.
    #[inline]
    pub fn release_row(&mut self) {
        if let Row::Market(row) = self.current
            && matches!(row.kind, RowKind::Bar | RowKind::Depth)
        {
            self.release(&row);
        }
    }

    /// Frees the bar or depth of a row that has been handed over.
    pub fn release(&mut self, row: &MarketRow) {
        match row.kind {
            RowKind::Bar => self.bars.release(row.a),
            RowKind::Depth => self.depths.release(row.a),
            _ => {}
        }
    }
}
