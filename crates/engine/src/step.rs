//! Steps: rows into columns, columns into commands. What TypeScript's `advance()` does.

use crate::columns::{
    COMMANDS, CommandColumns, EventColumns, LAYOUT_VERSION, ROWS, StepStatus, ViewTable,
};
use crate::error::EngineError;
use crate::read_command::read_command;
use crate::row::{Row, row_flags};
use crate::run::taker::{Taker, Then};
use crate::run::{Handed, Next, Run};
use model::{Instrument, NANO, StrategyIndex};
use write::{write_bar, write_first, write_first_market, write_market};

/// Steps between two looks at how far the sources are.
const STEPS_BETWEEN_PROGRESS: u64 = 1024;

/// From lots to the quantity that a person reads: 3 lots of 0.1 are 0.3, not 0.30000000000000004.
#[derive(Clone, Copy)]
struct LotSize {
    nanos: f64,
    /// The lot when it is a whole number, else 0.
    whole: f64,
}

impl LotSize {
    fn of(instrument: &Instrument) -> Self {
        let nanos = instrument.lot_size.0;
        let whole = if nanos % NANO == 0 { (nanos / NANO) as f64 } else { 0.0 };
        Self { nanos: nanos as f64, whole }
    }

    #[inline(always)]
    fn quantity(self, lots: i64) -> f64 {
        if self.whole > 0.0 { lots as f64 * self.whole } else { lots as f64 * self.nanos / 1e9 }
    }
}

/// Drives a run through shared columns.
pub struct Stepper {
    /// Rows of the last step that have been shown but not taken.
    further: usize,
    /// Whether the venue has yet to act on what they show.
    previewed: bool,
    /// Most rows of a step.
    step_rows: usize,
    /// Lots to quantity and back, by instrument.
    lot_sizes: Vec<LotSize>,
    /// The strategies of the rows of the last step.
    shown: Vec<StrategyIndex>,
    /// The strategy of the last row whose handlers have run.
    stands: Option<StrategyIndex>,
    /// Steps so far.
    pub steps: u64,
    /// Rows whose handlers have run.
    pub rows: u64,
}

mod write;

/// Shows the first row of a step where it comes due, and leaves the loop.
struct FirstRow<'a> {
    lots: &'a [LotSize],
    events: &'a mut EventColumns,
    views: &'a mut [ViewTable],
    /// Whether the step may have further rows.
    further: bool,
    /// Due time and flags of the row, once it is shown.
    shown: Option<(u64, u8)>,
}

impl Taker for FirstRow<'_> {
    const TAKES: bool = true;

    #[inline(always)]
    fn take(&mut self, run: &mut Run) -> Then {
        let Some(row) = run.only_row() else { return Then::Leave };
        let (due, flags) = (row.due, row.flags);
        write_first_market(self.lots, run, self.events, self.views, StrategyIndex(0), row);
        run.finish_only_row();
        self.shown = Some((due, flags));
        if self.further && flags & row_flags::WARM_UP == 0 {
            let (arrival, horizon) = run.horizon(due);
            if horizon > due {
                return Then::LeaveAt(arrival.saturating_sub(1));
            }
        }
        Then::Leave
    }

    #[inline(always)]
    fn has_left(&self) -> bool {
        self.shown.is_some()
    }
}

impl Stepper {
    /// A driver that shows at most `step_rows` rows a step (1 to [`ROWS`]).
    #[must_use]
    pub fn new(run: &Run, step_rows: usize) -> Self {
        let lot_sizes = run.instruments().iter().map(LotSize::of).collect();
        let step_rows = step_rows.clamp(1, ROWS);
        let shown = Vec::with_capacity(step_rows);
        Self {
            further: 0,
            previewed: false,
            step_rows,
            lot_sizes,
            shown,
            stands: None,
            steps: 0,
            rows: 0,
        }
    }

    /// Takes what the handlers of the last step did, and shows the next rows.
    ///
    /// # Errors
    /// Whatever the data, the venue or the commands say; the run is over then.
    pub fn advance(
        &mut self,
        run: &mut Run,
        events: &mut EventColumns,
        commands: &mut CommandColumns,
        views: &mut [ViewTable],
    ) -> Result<StepStatus, EngineError> {
        events.rows = 0;
        self.take_consumed(run, commands)?;
        if commands.abort != 0 {
            commands.abort = 0;
            run.stop_now()?;
        }
        // Asking every source at every step would cost as much as a row.
        if self.steps.is_multiple_of(STEPS_BETWEEN_PROGRESS) {
            events.progress = progress_number(run);
        }
        let lots = &self.lot_sizes;
        let further = self.step_rows > 1 && run.may_run_ahead();
        let mut first = FirstRow { lots, events, views, further, shown: None };
        let handed = run.run_rows(&mut first)?;
        let market = match (handed, first.shown) {
            (Handed::Next(Next::Finished), _) => return Ok(StepStatus::Finished),
            (Handed::Next(Next::Working), _) => {
                events.progress = progress_number(run);
                return Ok(StepStatus::Running);
            }
            (Handed::Next(Next::Row(strategy)), _) => {
                write_first(lots, run, events, views, strategy, run.row());
                self.shown.push(strategy);
                let market = match run.row() {
                    Row::Market(row) => Some((row.due, row.flags)),
                    _ => None,
                };
                run.release_row();
                market
            }
            (Handed::Left, market) => {
                self.shown.push(StrategyIndex(0));
                market
            }
        };
        self.steps += 1;
        self.rows += 1;
        events.rows = 1;
        if let Some((due, flags)) = market
            && self.step_rows > 1
            && flags & row_flags::WARM_UP == 0
        {
            if further {
                self.show_further(run, events, self.shown[0], due)?;
            } else {
                self.preview(run, events);
            }
        }
        Ok(StepStatus::Running)
    }

    /// Further rows that nothing done at the first one could change.
    #[inline]
    fn show_further(
        &mut self,
        run: &mut Run,
        events: &mut EventColumns,
        first: StrategyIndex,
        due: u64,
    ) -> Result<(), EngineError> {
        let (arrival, horizon) = run.horizon(due);
        if horizon <= due || !run.run_ahead(arrival)? {
            return Ok(());
        }
        if run.has_one_channel() {
            while (events.rows as usize) < self.step_rows {
                let Some(row) = run.further_row(self.further, horizon) else { break };
                write_market(&self.lot_sizes, run, events, events.rows as usize, first, row);
                self.shown.push(first);
                events.rows += 1;
                self.further += 1;
            }
            return Ok(());
        }
        while (events.rows as usize) < self.step_rows {
            let Some((strategy, row)) = run.peek_further(first, horizon)? else { break };
            write_market(&self.lot_sizes, run, events, events.rows as usize, strategy, &row);
            self.shown.push(strategy);
            events.rows += 1;
            self.further += 1;
        }
        Ok(())
    }

    /// Rows of the next bars, where these alone decide them.
    #[inline]
    fn preview(&mut self, run: &Run, events: &mut EventColumns) {
        let Some(mut preview) = run.preview() else { return };
        let only = StrategyIndex(0);
        while (events.rows as usize) < self.step_rows {
            let Some((row, bar)) = preview.next_row() else { break };
            let at = events.rows as usize;
            write_market(&self.lot_sizes, run, events, at, only, &row);
            write_bar(events, at, &row, bar);
            self.shown.push(only);
            events.rows += 1;
            self.further += 1;
        }
        self.previewed = self.further > 0;
    }

    fn take_consumed(
        &mut self,
        run: &mut Run,
        commands: &mut CommandColumns,
    ) -> Result<(), EngineError> {
        // The first row was taken when it was shown.
        let consumed = (commands.consumed as usize).saturating_sub(1).min(self.further);
        if self.further > 0 {
            if std::mem::take(&mut self.previewed) {
                run.pass_rows(consumed)?;
            } else {
                run.take_shown(consumed)?;
            }
            self.rows += consumed as u64;
            self.further = 0;
        }
        if let Some(strategy) = self.shown.get(consumed) {
            self.stands = Some(*strategy);
        }
        self.shown.clear();
        let count = (commands.count as usize).min(COMMANDS);
        for at in 0..count {
            let strategy = self.giver(run, commands.strategy[at])?;
            run.command(strategy, read_command(run, commands, at)?)?;
        }
        commands.count = 0;
        commands.consumed = 0;
        Ok(())
    }

    /// The strategy that gives a command: that of the last row whose handlers have run, since the
    /// others stand elsewhere in time.
    fn giver(&self, run: &Run, strategy: u32) -> Result<StrategyIndex, EngineError> {
        match self.stands {
            Some(stands) if u32::from(stands.0) == strategy => Ok(stands),
            stands => Err(EngineError::Command {
                strategy: run
                    .strategies()
                    .get(strategy as usize)
                    .map_or_else(|| format!("#{strategy}"), |side| side.name.clone()),
                field: "strategy",
                value: strategy.to_string(),
                accepted: stands.map_or_else(
                    || "none before the first row".to_owned(),
                    |stands| format!("{}, whose row it is", stands.0),
                ),
            }),
        }
    }
}

fn progress_number(run: &Run) -> u32 {
    (run.progress() * 65_536.0) as u32
}

/// Prepares the columns of a run: versions in, everything else as it is.
pub fn prepare(events: &mut EventColumns, commands: &mut CommandColumns) {
    events.rows = 0;
    events.status = StepStatus::Running as u32;
    events.version = LAYOUT_VERSION;
    commands.version = LAYOUT_VERSION;
    commands.count = 0;
    commands.consumed = 0;
    commands.abort = 0;
}
