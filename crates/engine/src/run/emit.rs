//! From what happened at the venue to rows on their way. Every function returns the earliest due
//! time of a row that a strategy is called with: nothing after it may be decided before it.

use super::Run;
use crate::error::EngineError;
use crate::row::{DepthRow, MAX_DEPTH, MarketRow, RowKind, row_flags};
use feed::bars::{BarAggregator, BarInput};
use model::{Bar, Bbo, InstrumentIndex, MarketEvent, Mbo, Quantity, Side, Trade, UnixNanos};

impl Run {
    /// What a snapshot before the start leaves is known at the start.
    pub(super) fn show_before_start(&mut self, instrument: InstrumentIndex) {
        let bbo = self.markets[instrument.index()].bbo;
        for strategy in &mut self.strategies {
            strategy.view[instrument.index()].bbo = bbo;
        }
    }

    /// A trade print of market by order. It shows the book as it was before the event.
    #[inline]
    pub(super) fn emit_mbo_trade(
        &mut self,
        source: usize,
        instrument: InstrumentIndex,
        record: Mbo<'_>,
        seen_at: u64,
        number: u64,
    ) -> u64 {
        let state = &mut self.markets[instrument.index()];
        self.counters.trades += 1;
        state.last_price = record.price();
        let flags = match record.side() {
            Some(Side::Buy) => row_flags::AGGRESSOR_BUY,
            Some(Side::Sell) => row_flags::AGGRESSOR_SELL,
            None => 0,
        };
        self.recorder.trade(instrument, i64::from(record.size()));
        self.ledger.print(instrument, record.price());
        if !state.bars.is_empty() {
            let terms = &self.instruments[instrument.index()];
            let quantity = terms.lot_size.0.checked_mul(i64::from(record.size()));
            let trade = Trade {
                instrument,
                ts_event: record.ts_event(),
                ts_recv: UnixNanos(seen_at),
                price: record.price(),
                quantity: Quantity(quantity.unwrap_or(i64::MAX)),
                aggressor: record.side(),
            };
            let failed = self.aggregate(source, seen_at, &MarketEvent::Trade(trade));
            self.keep_failure(failed);
        }
        let state = &self.markets[instrument.index()];
        if !state.wants_trades {
            return u64::MAX;
        }
        let row = MarketRow {
            due: 0,
            ts_event: record.ts_event_raw(),
            record: number,
            bbo: state.bbo,
            a: record.price_raw(),
            b: i64::from(record.size()),
            instrument,
            kind: RowKind::Trade,
            flags,
            timeframe: 0,
        };
        self.push_trade(source, seen_at, row)
    }

    /// A trade print of any other source.
    pub(super) fn emit_trade(
        &mut self,
        source: usize,
        trade: &Trade,
        seen_at: u64,
        number: u64,
    ) -> u64 {
        self.counters.trades += 1;
        let instrument = trade.instrument;
        // A print may be finer than the lot: the row shows whole lots.
        let lots = trade.quantity.0 / self.instruments[instrument.index()].lot_size.0;
        self.recorder.trade(instrument, lots);
        let state = &mut self.markets[instrument.index()];
        if !state.bars.is_empty() {
            let failed = self.aggregate(source, seen_at, &MarketEvent::Trade(*trade));
            self.keep_failure(failed);
        }
        let state = &self.markets[instrument.index()];
        if !state.wants_trades {
            return u64::MAX;
        }
        let flags = match trade.aggressor {
            Some(Side::Buy) => row_flags::AGGRESSOR_BUY,
            Some(Side::Sell) => row_flags::AGGRESSOR_SELL,
            None => 0,
        };
        let row = MarketRow {
            due: 0,
            ts_event: trade.ts_event.0,
            record: number,
            bbo: state.bbo,
            a: trade.price.0,
            b: trade.quantity.0,
            instrument,
            kind: RowKind::Trade,
            flags: flags | row_flags::NANO_QUANTITY,
            timeframe: 0,
        };
        self.push_trade(source, seen_at, row)
    }

    #[inline]
    fn push_trade(&mut self, source: usize, seen_at: u64, mut row: MarketRow) -> u64 {
        let mut lowered = u64::MAX;
        for strategy in &mut self.strategies {
            if strategy.wants[row.instrument.index()].trades {
                row.due = strategy.due(source, seen_at);
                strategy.channels[source].loud.push(row);
                lowered = lowered.min(row.due);
            }
        }
        lowered
    }

    /// A change of the best bid or offer. These are given along: read back from memory right after
    /// they were written there they would cost more.
    #[inline(always)]
    pub(super) fn emit_quote(
        &mut self,
        source: usize,
        (instrument, bbo): (InstrumentIndex, Bbo),
        time: u64,
        seen_at: u64,
        number: u64,
    ) -> u64 {
        self.note_quote(instrument, bbo);
        let state = &self.markets[instrument.index()];
        let has_bars = !state.bars.is_empty();
        let mut lowered = u64::MAX;
        // The depth of an event comes before its best prices: whoever is told of either finds the
        // other in place.
        if state.depth_levels > 0 {
            lowered = self.emit_depth(source, instrument, time, seen_at, number);
        }
        for strategy in &mut self.strategies {
            let wants = strategy.wants[instrument.index()];
            if !wants.sees {
                continue;
            }
            let due = strategy.due(source, seen_at);
            let channel = &mut strategy.channels[source];
            let queue = if wants.quotes { &mut channel.loud } else { &mut channel.silent };
            queue.push(MarketRow {
                due,
                ts_event: time,
                record: number,
                bbo,
                a: 0,
                b: 0,
                instrument,
                kind: RowKind::Quote,
                flags: 0,
                timeframe: 0,
            });
            if wants.quotes {
                lowered = lowered.min(due);
            } else {
                // Not while the venue runs ahead: the strategy still stands at an earlier row.
                if channel.silent.len() > 1024 && !self.ahead {
                    strategy.settle_silent(time);
                }
            }
        }
        if has_bars && bbo.is_two_sided() {
            self.aggregate_quote(source, instrument, time, seen_at);
        }
        lowered
    }

    /// A change of best prices counts, and marks what is held.
    #[inline(always)]
    fn note_quote(&mut self, instrument: InstrumentIndex, bbo: Bbo) {
        self.counters.quote_changes += 1;
        let position = self.ledger.largest_holding(instrument);
        if position != 0 {
            let grid = &self.markets[instrument.index()].grid;
            let mark = grid.price(if position > 0 { bbo.bid } else { bbo.ask });
            self.recorder.mark(instrument, mark);
        }
    }

    /// The declared depth, when it has changed.
    pub(super) fn emit_depth(
        &mut self,
        source: usize,
        instrument: InstrumentIndex,
        time: u64,
        seen_at: u64,
        number: u64,
    ) -> u64 {
        let state = &mut self.markets[instrument.index()];
        let mut depth = DepthRow::EMPTY;
        let levels = state.depth_levels.min(MAX_DEPTH);
        if let venue::Market::L3(market) = &state.market {
            let book = market.book();
            depth.bid_levels = book.depth(Side::Buy, &mut depth.bids[..levels]) as u8;
            depth.ask_levels = book.depth(Side::Sell, &mut depth.asks[..levels]) as u8;
        } else {
            depth = state.shown;
        }
        if depth == state.depth {
            return u64::MAX;
        }
        let before = std::mem::replace(&mut state.depth, depth);
        let bbo = state.bbo;
        let mut lowered = u64::MAX;
        for strategy in &mut self.strategies {
            let wanted = strategy.wants[instrument.index()].depth;
            if wanted == 0 {
                continue;
            }
            let shown = depth.best(wanted);
            if wanted < levels && shown == before.best(wanted) {
                continue;
            }
            let due = strategy.due(source, seen_at);
            let row = MarketRow {
                due,
                ts_event: time,
                record: number,
                bbo,
                a: self.depths.put(shown),
                b: 0,
                instrument,
                kind: RowKind::Depth,
                flags: 0,
                timeframe: 0,
            };
            strategy.channels[source].loud.push(row);
            lowered = lowered.min(due);
        }
        lowered
    }

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
    fn aggregate_quote(
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

    /// The first failure of a place that cannot return one; the run ends with it.
    pub(super) fn keep_failure(&mut self, result: Result<(), EngineError>) {
        if let Err(error) = result {
            self.failure.get_or_insert(error);
        }
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
