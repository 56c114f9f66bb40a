//! Bars: those of a source, those made of finer data, and what becomes of them as rows. Every function
//! that returns a time returns the earliest due time of a row that a strategy is called with.

use super::Run;
use crate::error::EngineError;
use crate::row::{MarketRow, RowKind, row_flags};
use feed::bars::{BarAggregator, BarInput};
use model::{Bar, InstrumentIndex, MarketEvent, Quantity, UnixNanos};

impl Run {
    /// A bar of a source: to whom declared it, and into the coarser bars made from it.
    pub(super) fn emit_bar(&mut self, source: usize, bar: &Bar, number: u64) -> u64 {
        let instrument = bar.instrument;
        let position = self.ledger.largest_holding(instrument);
        if position != 0 {
            self.recorder.mark(instrument, bar.low);
            self.recorder.mark(instrument, bar.high);
            self.recorder.mark(instrument, bar.close);
        }
        let with_quote = self.bar_quotes(bar);
        let lowered = self.push_bar(source, bar, bar.close_time.0, number, with_quote);
        let state = &mut self.markets[instrument.index()];
        if !state.bars.is_empty() {
            let failed = self.aggregate(source, bar.close_time.0, &MarketEvent::Bar(*bar));
            self.keep_failure(failed);
        }
        lowered
    }

    /// Where bars are the market, each of them changes the best prices too. Where no strategy asks
    /// for these they travel with the bar instead of beside it: whether they do.
    #[inline]
    fn bar_quotes(&mut self, bar: &Bar) -> bool {
        let at = bar.instrument.index();
        let state = &mut self.markets[at];
        let venue::Market::Bar(market) = &state.market else { return false };
        let bbo = market.bbo();
        let apart = bbo == state.bbo
            || self.now != bar.close_time.0
            || state.depth_levels > 0
            || state.bar_input == BarInput::Mid
            || self.strategies.iter().any(|side| side.wants[at].quotes);
        if apart {
            return false;
        }
        state.bbo = bbo;
        self.ledger.quote(bar.instrument, bbo);
        self.note_quote(bar.instrument, bbo);
        true
    }

    /// A bar to whom declared it. `with_quote`: the best prices changed with it, of which all
    /// others learn silently.
    #[inline]
    fn push_bar(
        &mut self,
        source: usize,
        bar: &Bar,
        seen_at: u64,
        number: u64,
        with_quote: bool,
    ) -> u64 {
        let bbo = self.markets[bar.instrument.index()].bbo;
        let mut lowered = u64::MAX;
        for strategy in &mut self.strategies {
            if !strategy.wants[bar.instrument.index()].sees {
                continue;
            }
            let at = strategy.needs.bars.iter().position(|t| *t == bar.timeframe);
            if at.is_none() && !with_quote {
                continue;
            }
            let due = strategy.due(source, seen_at);
            let channel = &mut strategy.channels[source];
            let row = MarketRow {
                due,
                ts_event: bar.close_time.0,
                record: number,
                bbo,
                a: 0,
                b: 0,
                instrument: bar.instrument,
                kind: RowKind::Quote,
                flags: 0,
                timeframe: 0,
            };
            if let Some(at) = at {
                channel.loud.push(MarketRow {
                    a: self.bars.put(*bar),
                    kind: RowKind::Bar,
                    flags: if with_quote { row_flags::WITH_QUOTE } else { 0 },
                    timeframe: at as u16,
                    ..row
                });
                lowered = lowered.min(due);
            } else {
                channel.silent.push(row);
                if channel.silent.len() > 1024 && !self.ahead {
                    strategy.settle_silent(seen_at);
                }
            }
        }
        lowered
    }

    /// Takes an event into the bars that are being made. Bars that finer bars complete wait until
    /// time has passed their end: all finer bars of that time come before them.
    pub(super) fn aggregate(
        &mut self,
        source: usize,
        seen_at: u64,
        event: &MarketEvent,
    ) -> Result<(), EngineError> {
        let state = &mut self.markets[event.instrument().index()];
        let taken = match (state.bar_input, event) {
            (BarInput::Trades, MarketEvent::Trade(_)) | (BarInput::Mid, MarketEvent::Quote(_)) => {
                true
            }
            (BarInput::Bars(finer), MarketEvent::Bar(bar)) => bar.timeframe == finer,
            _ => false,
        };
        if !taken {
            return Ok(());
        }
        state.source = source;
        state.seen_at = state.seen_at.max(seen_at);
        for aggregator in &mut state.bars {
            aggregator.on_event(event, &mut self.finished_bars)?;
        }
        state.next_close = earliest_close(&state.bars);
        let waiting = self.finished_bars.iter().map(|bar| bar.close_time.0).min();
        self.next_close = self.next_close.min(state.next_close).min(waiting.unwrap_or(u64::MAX));
        Ok(())
    }

    /// A change of best prices, for bars of an instrument without trades.
    pub(super) fn aggregate_quote(
        &mut self,
        source: usize,
        instrument: InstrumentIndex,
        time: u64,
        seen_at: u64,
    ) {
        let state = &self.markets[instrument.index()];
        if state.bar_input != BarInput::Mid {
            return;
        }
        let quote = MarketEvent::Quote(model::Quote {
            instrument,
            ts_event: UnixNanos(time),
            ts_recv: UnixNanos(seen_at),
            bid: state.grid.price(state.bbo.bid),
            ask: state.grid.price(state.bbo.ask),
            bid_size: Quantity(0),
            ask_size: Quantity(0),
            bid_count: 0,
            ask_count: 0,
        });
        let failed = self.aggregate(source, seen_at, &quote);
        self.keep_failure(failed);
    }

    /// Ends every open bar whose interval ends at or before `time`, and sends out what has ended:
    /// by end, finer before coarser, instrument.
    pub(super) fn close_bars(&mut self, time: u64) -> u64 {
        let mut finished = std::mem::take(&mut self.finished_bars);
        let mut next = u64::MAX;
        for state in &mut self.markets {
            if state.next_close <= time {
                // Bars of bars wait at their end for the last finer one; it has come.
                let passed = match state.bar_input {
                    BarInput::Bars(_) => time.saturating_add(1),
                    BarInput::Trades | BarInput::Mid => time,
                };
                for aggregator in &mut state.bars {
                    aggregator.advance_to(UnixNanos(passed), &mut finished);
                }
                state.next_close = earliest_close(&state.bars);
            }
            next = next.min(state.next_close);
        }
        self.next_close = next;
        finished.sort_by_key(|bar| (bar.close_time, bar.timeframe, bar.instrument));
        let mut lowered = u64::MAX;
        for bar in finished.drain(..) {
            let state = &self.markets[bar.instrument.index()];
            let (source, seen_at) = (state.source, state.seen_at.max(bar.close_time.0));
            let record = self.inputs[source].record;
            lowered = lowered.min(self.push_bar(source, &bar, seen_at, record, false));
        }
        self.finished_bars = finished;
        lowered
    }
}

fn earliest_close(bars: &[BarAggregator]) -> u64 {
    bars.iter()
        .filter_map(|bar| bar.open_bar())
        .map(|bar| bar.close_time.0)
        .min()
        .unwrap_or(u64::MAX)
}
