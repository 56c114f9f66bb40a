//! Steps: rows into columns, columns into commands. What TypeScript's `advance()` does.

use crate::columns::{
    COMMANDS, CommandColumns, EventColumns, LAYOUT_VERSION, ROWS, StepStatus, ViewTable,
};
use crate::error::EngineError;
use crate::read_command::read_command;
use crate::row::{MarketRow, Row, RowKind, row_flags};
use crate::run::{Next, Run};
use model::{Instrument, NANO, Price, ReportKind, Side, StrategyIndex, Ticks, UnixNanos};

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
    /// The first row of the last step, whose bar or depth is still kept.
    held: Option<MarketRow>,
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

impl Stepper {
    /// A driver that shows at most `step_rows` rows a step (1 to [`ROWS`]).
    #[must_use]
    pub fn new(run: &Run, step_rows: usize) -> Self {
        let lot_sizes = run.instruments().iter().map(LotSize::of).collect();
        let step_rows = step_rows.clamp(1, ROWS);
        let shown = Vec::with_capacity(step_rows);
        Self {
            further: 0,
            held: None,
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
        events.progress = (run.progress() * 65_536.0) as u32;
        match run.next_row()? {
            Next::Finished => return Ok(StepStatus::Finished),
            Next::Working => return Ok(StepStatus::Running),
            Next::Row(strategy, row) => {
                self.steps += 1;
                self.rows += 1;
                self.write_first(run, events, views, strategy, &row);
                self.shown.push(strategy);
                events.rows = 1;
                let Row::Market(market) = row else { return Ok(StepStatus::Running) };
                self.held = matches!(market.kind, RowKind::Bar | RowKind::Depth).then_some(market);
                if self.step_rows == 1 || market.flags & row_flags::WARM_UP != 0 {
                    return Ok(StepStatus::Running);
                }
                self.show_further(run, events, strategy, market.due)?;
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
        while (events.rows as usize) < self.step_rows {
            let Some((strategy, row)) = run.peek_further(first, horizon)? else { break };
            let at = events.rows as usize;
            self.write_market(run, events, at, strategy, &row);
            self.shown.push(strategy);
            events.rows += 1;
            self.further += 1;
        }
        Ok(())
    }

    fn take_consumed(
        &mut self,
        run: &mut Run,
        commands: &mut CommandColumns,
    ) -> Result<(), EngineError> {
        // The first row was taken when it was shown.
        let consumed = (commands.consumed as usize).saturating_sub(1).min(self.further);
        if self.further > 0 {
            run.take_shown(consumed)?;
            self.rows += consumed as u64;
            self.further = 0;
        }
        if let Some(strategy) = self.shown.get(consumed) {
            self.stands = Some(*strategy);
        }
        self.shown.clear();
        if let Some(row) = self.held.take() {
            run.release(&row);
        }
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

    #[inline]
    fn write_market(
        &self,
        run: &Run,
        events: &mut EventColumns,
        at: usize,
        strategy: StrategyIndex,
        row: &MarketRow,
    ) {
        let at = at & (ROWS - 1);
        let instrument = row.instrument.index();
        let grid = &run.instruments()[instrument].grid;
        let lot = self.lot_sizes[instrument];
        events.ts_nanos[at] = row.due;
        events.ts_event[at] = row.ts_event;
        events.time_ms[at] = UnixNanos(row.due).as_millis_f64();
        events.bid[at] = price_number(grid.price(row.bbo.bid));
        events.ask[at] = price_number(grid.price(row.bbo.ask));
        events.bid_size[at] = lot.quantity(row.bbo.bid_size.0);
        events.ask_size[at] = lot.quantity(row.bbo.ask_size.0);
        events.bid_count[at] = row.bbo.bid_count;
        events.ask_count[at] = row.bbo.ask_count;
        events.kind[at] = row.kind as u32;
        events.strategy[at] = u32::from(strategy.0);
        events.instrument[at] = row.instrument.0;
        events.flags[at] = u32::from(row.flags);
        if row.kind == RowKind::Trade {
            events.p0[at] = price_number(Price(row.a));
            events.p1[at] = if row.flags & row_flags::NANO_QUANTITY == 0 {
                lot.quantity(row.b)
            } else {
                row.b as f64 / 1e9
            };
        }
    }

    fn write_first(
        &self,
        run: &Run,
        events: &mut EventColumns,
        views: &mut [ViewTable],
        strategy: StrategyIndex,
        row: &Row,
    ) {
        let due = row.due();
        events.ts_nanos[0] = due;
        events.ts_event[0] = due;
        events.strategy[0] = u32::from(strategy.0);
        let count = run.instruments().len();
        match row {
            Row::Market(market) => {
                self.write_market(run, events, 0, strategy, market);
                match market.kind {
                    RowKind::Bar => write_bar(run, events, market),
                    RowKind::Depth => self.write_depth(run, views, strategy, market),
                    _ => {}
                }
                if count > 1 {
                    self.write_views(run, views, strategy);
                }
                return;
            }
            Row::Report { report, .. } => self.write_report(run, events, strategy, report),
            Row::Timer { id, .. } => {
                events.kind[0] = RowKind::Timer as u32;
                events.extra[0] = *id;
                events.instrument[0] = 0;
            }
            Row::Start { .. } => events.kind[0] = RowKind::Start as u32,
            Row::Stop { .. } => events.kind[0] = RowKind::Stop as u32,
        }
        if !matches!(row, Row::Report { .. }) {
            events.instrument[0] = 0;
        }
        events.flags[0] = 0;
        events.time_ms[0] = UnixNanos(due).as_millis_f64();
        let instrument = events.instrument[0] as usize;
        let view = &run.strategies()[strategy.index()].view[instrument];
        let grid = &run.instruments()[instrument].grid;
        let lot = self.lot_sizes[instrument];
        events.bid[0] = price_number(grid.price(view.bbo.bid));
        events.ask[0] = price_number(grid.price(view.bbo.ask));
        events.bid_size[0] = lot.quantity(view.bbo.bid_size.0);
        events.ask_size[0] = lot.quantity(view.bbo.ask_size.0);
        events.bid_count[0] = view.bbo.bid_count;
        events.ask_count[0] = view.bbo.ask_count;
        if count > 1 {
            self.write_views(run, views, strategy);
        }
    }

    fn write_views(&self, run: &Run, views: &mut [ViewTable], strategy: StrategyIndex) {
        let count = run.instruments().len();
        let base = strategy.index() * count;
        let side = &run.strategies()[strategy.index()];
        for (at, view) in side.view.iter().enumerate() {
            let grid = &run.instruments()[at].grid;
            let lot = self.lot_sizes[at];
            let Some(table) = views.get_mut(base + at) else { return };
            table.bid = price_number(grid.price(view.bbo.bid));
            table.ask = price_number(grid.price(view.bbo.ask));
            table.bid_size = lot.quantity(view.bbo.bid_size.0);
            table.ask_size = lot.quantity(view.bbo.ask_size.0);
        }
    }

    fn write_depth(
        &self,
        run: &Run,
        views: &mut [ViewTable],
        strategy: StrategyIndex,
        row: &MarketRow,
    ) {
        let instrument = row.instrument.index();
        let at = strategy.index() * run.instruments().len() + instrument;
        let Some(table) = views.get_mut(at) else { return };
        let grid = &run.instruments()[instrument].grid;
        let lot = self.lot_sizes[instrument];
        let depth = run.depth(row.a);
        for (base, side) in [(0, Side::Buy), (10, Side::Sell)] {
            for (offset, level) in depth.side(side).iter().enumerate() {
                table.price[base + offset] = price_number(grid.price(level.price));
                table.quantity[base + offset] = lot.quantity(level.quantity.0);
                table.count[base + offset] = f64::from(level.count);
            }
        }
        table.bid_levels = f64::from(depth.bid_levels);
        table.ask_levels = f64::from(depth.ask_levels);
    }

    fn write_report(
        &self,
        run: &Run,
        events: &mut EventColumns,
        strategy: StrategyIndex,
        report: &model::Report,
    ) {
        let side = &run.strategies()[strategy.index()];
        let order = side.orders.order(report.order);
        let instrument = order.map_or(report.instrument, |order| order.request.instrument);
        let lot = self.lot_sizes[instrument.index()];
        let grid = &run.instruments()[instrument.index()].grid;
        events.ts_event[0] = report.ts_event.0;
        events.instrument[0] = instrument.0;
        events.kind[0] = RowKind::Order as u32;
        let leaves = order.map_or(0, |order| order.leaves().0);
        let total = order.map_or(0, |order| order.quantity.0);
        let limit = order.and_then(|order| order.limit).unwrap_or(Ticks::NONE);
        events.p0[0] = price_number(grid.price(limit));
        events.p1[0] = lot.quantity(total);
        events.p2[0] = lot.quantity(leaves);
        events.p3[0] = 0.0;
        let (code, reason) = match report.kind {
            ReportKind::Denied(reason) => (0, reason as u32),
            ReportKind::Accepted => (1, 0),
            ReportKind::Rejected(reason) => (2, reason as u32),
            ReportKind::Filled(fill) => {
                events.kind[0] = RowKind::Fill as u32;
                events.p0[0] = price_number(fill.price);
                events.p1[0] = lot.quantity(fill.quantity.0);
                events.p2[0] = lot.quantity(fill.leaves.0);
                events.p3[0] = fill.fee.as_f64();
                (3, (fill.side as u32) | (fill.liquidity as u32) << 1)
            }
            ReportKind::Modified { quantity, price } => {
                events.p0[0] = price_number(grid.price(price));
                events.p1[0] = lot.quantity(quantity.0);
                (4, 0)
            }
            ReportKind::ModifyRejected(reason) => (5, reason as u32),
            ReportKind::Canceled { reason, .. } => (6, reason as u32),
            ReportKind::CancelRejected(reason) => (7, reason as u32),
        };
        events.extra[0] = code | reason << 8;
        let status = side.orders.status(report.order);
        events.order_status[0] = status.map_or(u32::MAX, |status| status as u32);
        let position = side.account.position(instrument);
        events.p4[0] = lot.quantity(position.quantity.0);
        events.p5[0] = side.account.cash().as_f64();
        let terms = &run.instruments()[instrument.index()];
        let average = side.account.average_entry_price(terms, instrument);
        events.p6[0] = average.map_or(f64::NAN, Price::as_f64);
        events.p7[0] = report.order.number() as f64;
    }
}

fn write_bar(run: &Run, events: &mut EventColumns, row: &MarketRow) {
    let bar = run.bar(row.a);
    events.p0[0] = bar.open.as_f64();
    events.p1[0] = bar.high.as_f64();
    events.p2[0] = bar.low.as_f64();
    events.p3[0] = bar.close.as_f64();
    events.p4[0] = bar.volume as f64 / 1e9;
    events.p5[0] = bar.open_time.as_millis_f64();
    events.p6[0] = bar.close_time.as_millis_f64();
    events.extra[0] = u32::from(row.timeframe);
}

#[inline(always)]
fn price_number(price: Price) -> f64 {
    if price.is_defined() { price.as_f64() } else { f64::NAN }
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
