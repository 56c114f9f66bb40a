//! The strategy's side of a run: what it wants, what it has seen, what is on its way to it.

use crate::cash_events::CashChange;
use crate::row::{MarketRow, RowKind, row_flags};
use crate::row_queue::RowQueue;
use crate::state_hash::StateHasher;
use crate::timers::Timers;
use model::{Bbo, InstrumentIndex, Price, Report, Timeframe};
use std::collections::VecDeque;
use trading::{Account, OrderManager, RiskGate};

/// What a strategy declares that it needs.
#[derive(Clone, Debug, Default)]
pub struct Needs {
    /// Trade prints.
    pub trades: bool,
    /// Changes of the best bid or offer.
    pub quotes: bool,
    /// Levels a side, 0 for none.
    pub depth: usize,
    /// Bars of these timeframes.
    pub bars: Vec<Timeframe>,
    /// Bars of the first timeframe to warm up with.
    pub warm_up_bars: u64,
    /// Time to warm up, in ns.
    pub warm_up_time: u64,
    /// Instruments that it sees; empty for all.
    pub instruments: Vec<InstrumentIndex>,
}

/// What a strategy wants of one instrument.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wants {
    /// Whether it sees the instrument at all.
    pub sees: bool,
    /// Trade prints.
    pub trades: bool,
    /// Changes of the best bid or offer.
    pub quotes: bool,
    /// Levels a side.
    pub depth: usize,
}

/// The rows of one source on their way to one strategy. Due times never fall within it.
#[derive(Debug, Default)]
pub struct Channel {
    /// Rows that the strategy is called with.
    pub loud: RowQueue,
    /// Changes of the best prices that only its view takes in.
    pub silent: RowQueue,
    /// Due time of the last row.
    pub last_due: u64,
    /// Rows of `loud` that have been shown in this step and are not yet taken.
    pub shown: usize,
}

/// What the venue tells a strategy of its orders and its account.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Notice {
    /// A report on an own order.
    Report(Report),
    /// Cash that no fill brought.
    Cash(CashChange),
    /// A split of an instrument.
    Split {
        /// What its fraction brought.
        change: CashChange,
        /// Number of the split among those of the run.
        made: usize,
    },
}

/// What a strategy sees of one instrument at its own time.
#[derive(Clone, Copy, Debug)]
pub struct View {
    /// Best prices.
    pub bbo: Bbo,
    /// Last trade price or bar close.
    pub last: Price,
}

impl View {
    /// Takes a market row in.
    #[inline(always)]
    pub fn see(&mut self, row: &MarketRow) {
        match row.kind {
            RowKind::Trade => {
                self.bbo = row.bbo;
                self.last = Price(row.a);
            }
            RowKind::Quote | RowKind::Depth => self.bbo = row.bbo,
            RowKind::Bar if row.flags & row_flags::WITH_QUOTE != 0 => self.bbo = row.bbo,
            _ => {}
        }
    }
}

/// One strategy of a run.
pub struct StrategySide {
    /// Its name in the configuration.
    pub name: String,
    /// What it declared.
    pub needs: Needs,
    /// What it wants, by instrument.
    pub wants: Vec<Wants>,
    /// Extra feed latency in ns.
    pub feed_latency: u64,
    /// Its clock: due time of the last row that it saw.
    pub now: u64,
    /// What it sees, by instrument.
    pub view: Vec<View>,
    /// Rows on their way, by source.
    pub channels: Vec<Channel>,
    /// Reports on their way, by due time.
    pub reports: VecDeque<(u64, Notice)>,
    /// Denials, to be shown before anything else.
    pub denials: VecDeque<Report>,
    /// Its timers.
    pub timers: Timers,
    /// Its orders as it knows them.
    pub orders: OrderManager,
    /// Its account as it knows it.
    pub account: Account,
    /// Its risk limits, and those of the run.
    pub gate: RiskGate,
    /// Commands issued.
    pub commands: u64,
    /// Orders submitted.
    pub orders_submitted: u64,
    /// Its state hash.
    pub hash: StateHasher,
    /// Whether it is still warming up.
    pub warming: bool,
    /// Until when it warms up at least, in ns.
    pub warm_until: u64,
    /// Closing times of its first timeframe seen while warming up: several instruments warm up
    /// together.
    pub warm_bars: u64,
    /// What it was told of a split is due then: nothing that the venue says later is seen before.
    pub told_until: u64,
    /// Whether it has seen its stop.
    pub stopped: bool,
    /// Whether it has seen its start.
    pub started: bool,
    /// Denials since its clock last moved.
    pub denials_in_a_row: u32,
}

impl StrategySide {
    /// Due time of a row of a source with this exchange and receive time: never before the
    /// exchange time plus the extra latency, never before the channel's previous row.
    #[inline]
    pub fn due(&mut self, source: usize, seen_at: u64) -> u64 {
        let channel = &mut self.channels[source];
        let due = (seen_at + self.feed_latency).max(channel.last_due);
        channel.last_due = due;
        due
    }

    /// A notice that will be due at this time. What one venue says keeps its order; another venue's
    /// way may be shorter, and what comes by it goes before.
    #[inline]
    pub fn notify(&mut self, due: u64, notice: Notice) {
        let due = due.max(self.told_until);
        if self.reports.back().is_none_or(|last| last.0 <= due) {
            self.reports.push_back((due, notice));
        } else {
            let at = self.reports.partition_point(|earlier| earlier.0 <= due);
            self.reports.insert(at, (due, notice));
        }
    }

    /// Takes in the silent rows of all channels that come before a row with this key, in the order
    /// of their own keys.
    #[inline]
    pub fn drain_silent(&mut self, due: u64, source: usize, record: u64) {
        if let [channel] = self.channels.as_mut_slice() {
            while let Some(row) = channel.silent.front() {
                if (row.due, 0, row.record) >= (due, source, record) {
                    return;
                }
                self.view[row.instrument.index()].bbo = row.bbo;
                channel.silent.drop_front();
            }
            return;
        }
        loop {
            let fronts = self.channels.iter().enumerate();
            let keys = fronts.filter_map(|(at, channel)| {
                channel.silent.front().map(|row| (row.due, at, row.record))
            });
            let Some(first) = keys.min().filter(|key| *key < (due, source, record)) else { return };
            let Some(row) = self.channels[first.1].silent.pop_front() else { return };
            self.view[row.instrument.index()].bbo = row.bbo;
        }
    }

    /// Takes the first rows of the only channel, which have been shown: trades and quotes, with
    /// nothing between them.
    #[inline]
    pub(crate) fn take_only(&mut self, count: usize) {
        for _ in 0..count {
            let Some(row) = self.channels.first_mut().and_then(|c| c.loud.pop_front()) else {
                return;
            };
            self.move_clock(row.due);
            self.view[row.instrument.index()].see(&row);
        }
    }
}

impl StrategySide {
    /// Takes in the silent rows that nothing can come before any more, so that they do not pile
    /// up: those due before `time` and before everything that the strategy is called with.
    pub fn settle_silent(&mut self, time: u64) {
        let loud = self.channels.iter().filter_map(|c| c.loud.front()).map(|row| row.due).min();
        let report = self.reports.front().map(|report| report.0);
        let bound = [loud, report, self.timers.next_due()]
            .into_iter()
            .flatten()
            .min()
            .unwrap_or(u64::MAX)
            .min(time);
        self.drain_silent(bound, 0, 0);
    }

    /// Whether a silent change of best prices comes before a row with this key.
    #[must_use]
    pub fn has_silent_before(&self, due: u64, source: usize, record: u64) -> bool {
        self.channels.iter().enumerate().any(|(at, channel)| {
            channel
                .silent
                .front()
                .is_some_and(|row| (row.due, at, row.record) < (due, source, record))
        })
    }

    /// When its next row is due that is on its way, `u64::MAX` when there is none.
    #[inline]
    #[must_use]
    pub fn next_due(&self) -> u64 {
        let rows = self.channels.iter().filter_map(|channel| channel.loud.front());
        let report = self.reports.front().map_or(u64::MAX, |report| report.0);
        let timer = self.timers.next_due().unwrap_or(u64::MAX);
        rows.map(|row| row.due).fold(report.min(timer), u64::min)
    }

    /// Moves the strategy's clock. It never goes back.
    #[inline]
    pub fn move_clock(&mut self, due: u64) {
        if due > self.now {
            self.now = due;
            self.denials_in_a_row = 0;
        }
    }

    /// Whether a row that is due then still belongs to the warm-up: it lasts for its time and for
    /// its bars, whichever ends later.
    #[inline]
    pub fn warms_at(&mut self, due: u64) -> bool {
        if self.warming {
            let bars_done = self.warm_bars >= self.needs.warm_up_bars;
            self.warming = !(bars_done && due >= self.warm_until);
        }
        self.warming
    }
}
