//! Bars of the next rows, before the venue has acted on them.
//!
//! A bar market acts at a bar's close on what happened at its open, so the venue never runs ahead
//! of a strategy. But while no own order works, is on its way or is answered for, no timer and no
//! liquidation comes between and nobody else trades, the rows of the next bars follow from the bars alone: only a
//! command could add to them, and a command ends the step. They are then shown from the source's
//! block, and when the strategy has seen them the run goes through them as through any others.

use super::taker::{Taker, Then};
use super::{Handed, Next, Phase, Run};
use crate::error::EngineError;
use crate::row::{MarketRow, RowKind, row_flags};
use feed::Block;
use model::{Bar, InstrumentIndex, MarketEvent};
use venue::{BarMarket, Market};

/// The next bars of the only source as the rows that they will be.
pub(crate) struct Preview<'a> {
    events: &'a [MarketEvent],
    market: &'a BarMarket,
    /// Timeframes that the strategy declared.
    timeframes: &'a [model::Timeframe],
    feed_latency: u64,
    /// Due time of the last row.
    due: u64,
    /// The venue's clock after the last bar.
    now: u64,
    /// When the next timer fires.
    timer: u64,
    /// Number of the next record.
    record: u64,
}

impl<'a> Preview<'a> {
    /// The next row and its bar, where it can be known.
    #[inline]
    pub(crate) fn next_row(&mut self) -> Option<(MarketRow, &'a Bar)> {
        // What comes next decides whether the row is the last of its time.
        let [MarketEvent::Bar(bar), next, ..] = self.events else { return None };
        let due = bar.close_time.0.saturating_add(self.feed_latency).max(self.due);
        let plain = bar.instrument == InstrumentIndex(0)
            && bar.close_time.0 >= self.now
            && next.ts_event().0 > due
            && due <= self.timer;
        if !plain {
            return None;
        }
        let timeframe = self.timeframes.iter().position(|known| *known == bar.timeframe)?;
        let bbo = self.market.bbo_after(bar)?;
        self.events = &self.events[1..];
        (self.due, self.now) = (due, bar.close_time.0);
        self.record += 1;
        let row = MarketRow {
            due,
            ts_event: bar.close_time.0,
            record: self.record,
            bbo,
            a: 0,
            b: 0,
            instrument: bar.instrument,
            kind: RowKind::Bar,
            flags: row_flags::SLICE_END,
            timeframe: timeframe as u16,
        };
        Some((row, bar))
    }
}

impl Run {
    /// The rows of the bars behind the row at which the only strategy stands, where nothing but a
    /// command could add to them.
    pub(crate) fn preview(&self) -> Option<Preview<'_>> {
        let [side] = self.strategies.as_slice() else { return None };
        let ([input], [state]) = (self.inputs.as_slice(), self.markets.as_slice()) else {
            return None;
        };
        let Market::Bar(market) = &state.market else { return None };
        let [channel] = side.channels.as_slice() else { return None };
        let alone = self.phase == Phase::Running
            && self.stop_at.is_none()
            && !self.unanswered
            && !side.warming
            && !side.wants[0].quotes
            && side.wants[0].sees
            && state.depth_levels == 0
            && self.next_close == u64::MAX
            && state.bars.is_empty()
            && channel.loud.is_empty()
            && channel.silent.is_empty()
            && side.reports.is_empty()
            && self.arrivals.is_empty()
            && !market.has_own_orders()
            // A position on margin may be closed by any bar.
            && (self.liquidations.is_empty() || self.ledger.largest_holding(InstrumentIndex(0)) == 0)
            && state.conditional.is_idle();
        if !alone {
            return None;
        }
        let Some(Block::Events(events)) = input.source.as_ref()?.block() else { return None };
        Some(Preview {
            events: events.get(input.position..)?,
            market,
            timeframes: &side.needs.bars,
            feed_latency: side.feed_latency,
            due: channel.last_due,
            now: self.now,
            timer: side.timers.next_due().unwrap_or(u64::MAX),
            record: input.record,
        })
    }

    /// Goes through rows that were shown from a [`Preview`].
    ///
    /// # Errors
    /// Whatever the venue says.
    pub(crate) fn pass_rows(&mut self, count: usize) -> Result<(), EngineError> {
        let mut passing = Passing { left: count };
        while passing.left > 0 {
            match self.run_rows(&mut passing)? {
                Handed::Left | Handed::Next(Next::Working) => {}
                Handed::Next(Next::Row(_) | Next::Finished) => {
                    return Err(EngineError::Setup {
                        field: "preview",
                        message: format!("{count} bars were shown that did not come so"),
                    });
                }
            }
        }
        Ok(())
    }
}

/// Takes rows that have been shown.
struct Passing {
    left: usize,
}

impl Taker for Passing {
    const TAKES: bool = true;

    #[inline(always)]
    fn take(&mut self, run: &mut Run) -> Then {
        run.finish_only_row();
        self.left = self.left.saturating_sub(1);
        if self.left == 0 { Then::Leave } else { Then::GoOn }
    }

    #[inline(always)]
    fn has_left(&self) -> bool {
        self.left == 0
    }
}
