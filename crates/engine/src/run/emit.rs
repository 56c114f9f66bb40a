//! From what happened at the venue to rows on their way. Every function returns the earliest due
//! time of a row that a strategy is called with: nothing after it may be decided before it.

use super::Run;
use crate::error::EngineError;
use crate::row::{DepthRow, MAX_DEPTH, MarketRow, RowKind, row_flags};
use model::{Bbo, InstrumentIndex, MarketEvent, Mbo, Quantity, Side, Trade, UnixNanos};

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
    pub(super) fn note_quote(&mut self, instrument: InstrumentIndex, bbo: Bbo) {
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

    /// The first failure of a place that cannot return one; the run ends with it.
    pub(super) fn keep_failure(&mut self, result: Result<(), EngineError>) {
        if let Err(error) = result {
            self.failure.get_or_insert(error);
        }
    }
}
