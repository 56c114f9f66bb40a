//! Further rows of a step: which may be shown with the first one, and taking those that were seen.

use super::deliver::Origin;
use super::taker::Nobody;
use super::venue_side::VenueStop;
use super::{Phase, Run, WORK_BUDGET};
use crate::error::EngineError;
use crate::row::{MarketRow, RowKind};
use model::StrategyIndex;

impl Run {
    /// Whether there is one strategy, one source and one instrument: then a step's further rows
    /// are the next ones of the only channel, whatever else is on its way.
    #[inline]
    #[must_use]
    pub fn has_one_channel(&self) -> bool {
        let one = self.strategies.len() == 1 && self.instruments.len() == 1;
        one && self.strategies[0].channels.len() == 1
    }

    /// What [`Self::peek_further`] gives where there is one channel, `at` rows behind the first
    /// that has not been taken.
    #[inline]
    #[must_use]
    pub fn further_row(&self, at: usize, horizon: u64) -> Option<&MarketRow> {
        let side = self.strategies.first()?;
        let row = side.channels.first()?.loud.get(at)?;
        let shown = row.due < horizon
            && matches!(row.kind, RowKind::Trade | RowKind::Quote)
            && side.reports.front().is_none_or(|report| row.due <= report.0)
            && side.timers.next_due().is_none_or(|due| row.due <= due)
            && !side.warming;
        shown.then_some(row)
    }

    /// A further market row of the same step: the next one, provided that it is a trade or quote
    /// due strictly before `horizon` and that nothing else comes between. It is shown, not taken.
    pub fn peek_further(
        &mut self,
        first: StrategyIndex,
        horizon: u64,
    ) -> Result<Option<(StrategyIndex, MarketRow)>, EngineError> {
        let Some(candidate) = self.peek(true) else { return Ok(None) };
        let source = candidate.source;
        if candidate.origin != Origin::Data || candidate.due >= horizon {
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

    /// Whether the venue may run ahead at all: a bar market acts at a bar's close on what happened
    /// at its open, so it never does.
    #[inline]
    #[must_use]
    pub const fn may_run_ahead(&self) -> bool {
        !self.has_bar_market
    }

    /// Lets the venue do everything before `arrival`, so that the further rows of a step are there.
    /// No command of this step may arrive before that; one that does then comes in its turn among
    /// those of other strategies. `false` when the work budget did not suffice.
    ///
    /// # Errors
    /// Whatever the data or the venue say.
    pub fn run_ahead(&mut self, arrival: u64) -> Result<bool, EngineError> {
        if self.phase != Phase::Running || self.stop_at.is_some() {
            return Ok(false);
        }
        let Some(limit) = arrival.checked_sub(1) else { return Ok(false) };
        if self.is_quiet_until(limit) {
            return Ok(true);
        }
        let mut budget = WORK_BUDGET;
        self.ahead = true;
        let stop = self.run_venue(limit, limit, &mut budget, &mut Nobody);
        self.ahead = false;
        Ok(stop? != VenueStop::Budget)
    }

    /// The earliest time at which a command of a step that begins at `due` can arrive, and the
    /// earliest time at which a consequence of it can be seen.
    #[must_use]
    pub fn horizon(&self, due: u64) -> (u64, u64) {
        let arrival = due.saturating_add(self.buses.request_floor());
        let feed = self.strategies.iter().map(|side| side.feed_latency).min().unwrap_or(0);
        (arrival, arrival.saturating_add(feed.min(self.buses.response_floor())))
    }

    /// Takes `count` of the rows that were shown, in the order in which they were shown, and
    /// forgets the others: they come again.
    pub fn take_shown(&mut self, count: usize) -> Result<(), EngineError> {
        for strategy in &mut self.strategies {
            for channel in &mut strategy.channels {
                channel.shown = 0;
            }
        }
        if let ([side], [_]) = (self.strategies.as_mut_slice(), self.instruments.as_slice())
            && let [channel] = side.channels.as_slice()
            && channel.silent.is_empty()
        {
            side.take_only(count);
            return Ok(());
        }
        for _ in 0..count {
            let Some(next) = self.peek(false) else { break };
            self.take(&next)?;
        }
        Ok(())
    }
}
