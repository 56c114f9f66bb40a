//! The loop: two sides, two clocks.
//!
//! The venue's side runs on exchange time: it takes records from the sources, keeps the books,
//! fills own orders. What strategies will see of it travels as rows that are due later. The
//! strategies' side runs on those due times. The venue never acts on anything later than the
//! earliest moment at which a command not yet given could arrive.

mod arrivals;
mod arrive;
mod bars;
mod cash;
mod checks;
mod commands;
mod deliver;
mod emit;
mod finish;
mod funds;
mod further;
mod liquidation;
mod mbo;
mod preview;
mod reports;
mod splits;
pub(crate) mod taker;
pub mod trace;
mod venue_side;

use crate::cash_events::{CashSchedule, ScheduledCash};
use crate::command::Subscription;
use crate::error::EngineError;
use crate::input::Input;
use crate::ledger::Ledger;
use crate::market_state::MarketState;
use crate::recorder::Recorder;
use crate::row::{BarStore, DepthStore, Row};
use crate::state_hash::{StateHasher, combine};
use crate::strategy_side::StrategySide;
use arrivals::Arrivals;
use liquidation::Standing;
use model::{Bar, Condition, Instrument, InstrumentIndex, OrderRequest, Report, StrategyIndex};
use trace::Tracing;
use venue::{Change, Market, VenueBuses};

pub use crate::row::DepthRow;

/// How much work [`Run::next_row`] does before it comes back without a row, so that whoever
/// drives the run can show progress and be stopped: about 10 ms.
pub const WORK_BUDGET: u64 = 200_000;

/// What arrives at the venue.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Action {
    Submit(OrderRequest, Option<Box<Condition>>),
    Modify {
        order: model::OrderId,
        instrument: InstrumentIndex,
        change: Change,
    },
    Cancel {
        order: model::OrderId,
        instrument: InstrumentIndex,
    },
    /// The time of an order is over.
    Expire {
        order: model::OrderId,
        instrument: InstrumentIndex,
    },
    /// A cash event is due: to be paid, or to see who is entitled.
    Cash {
        entry: usize,
        pays: bool,
    },
    Subscribe {
        instrument: InstrumentIndex,
        what: Subscription,
        on: bool,
    },
    /// Somebody wants to know what stands now.
    Look,
}

/// A command on its way. Commands that arrive together are taken by (time issued, strategy, order
/// in which they were given).
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Arrival {
    pub time: u64,
    pub issued: u64,
    pub strategy: u16,
    pub number: u64,
    pub action: Action,
}

impl Ord for Arrival {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.time, self.issued, self.strategy, self.number).cmp(&(
            other.time,
            other.issued,
            other.strategy,
            other.number,
        ))
    }
}

impl PartialOrd for Arrival {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// What [`Run::next_row`] came back with.
#[derive(Clone, Copy, Debug)]
pub enum Next {
    /// A row for this strategy, to be read with [`Run::row`]. It has been taken: the strategy's
    /// clock stands at it.
    Row(StrategyIndex),
    /// The work budget was used up.
    Working,
    /// The run is over.
    Finished,
}

/// What [`Run::run_rows`] came back with.
pub(crate) enum Handed {
    /// The same as from [`Run::next_row`].
    Next(Next),
    /// Whoever takes rows in place has left the loop.
    Left,
}

/// How positions are closed at the end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CloseAtEnd {
    /// At the price at which the market would take them.
    Close,
    /// At the last bar's open: a look into the past that exists to compare with other engines.
    Open,
}

/// Counters of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RunCounters {
    /// Records read.
    pub records: u64,
    /// Events acted on.
    pub events: u64,
    /// Changes of the best bid or offer.
    pub quote_changes: u64,
    /// Trade prints.
    pub trades: u64,
    /// Steps back of the exchange clock.
    pub clock_backward: u64,
    /// Records of instruments outside the run.
    pub skipped: u64,
}

/// A run in progress.
pub struct Run {
    pub(crate) inputs: Vec<Input>,
    pub(crate) instruments: Vec<Instrument>,
    pub(crate) markets: Vec<MarketState>,
    pub(crate) strategies: Vec<StrategySide>,
    pub(crate) ledger: Ledger,
    pub(crate) recorder: Recorder,
    pub(crate) buses: VenueBuses,
    pub(crate) arrivals: Arrivals,
    pub(crate) bars: BarStore,
    pub(crate) depths: DepthStore,
    pub(crate) reports: Vec<Report>,
    pub(crate) hash: StateHasher,
    pub(crate) counters: RunCounters,
    /// Exchange time: never goes back.
    pub(crate) now: u64,
    /// Earliest end of an open bar.
    pub(crate) next_close: u64,
    /// Time of the last market event, once the sources are at their end.
    pub(crate) end: Option<u64>,
    pub(crate) close_at_end: Option<CloseAtEnd>,
    pub(crate) phase: Phase,
    pub(crate) finished_bars: Vec<Bar>,
    /// What went wrong where nothing could be returned.
    pub(crate) failure: Option<EngineError>,
    pub(crate) has_bar_market: bool,
    /// The limits of the run as a whole.
    pub(crate) gate: trading::RiskGate,
    /// Commands sent to the venue so far: their order where nothing else tells it.
    pub(crate) sent: u64,
    /// A strategy has asked for the end: the venue goes on to this time and no farther.
    pub(crate) stop_at: Option<u64>,
    /// The row that was handed over last.
    pub(crate) current: Row,
    /// Whether a start or a denial may be waiting to be shown.
    pub(crate) unanswered: bool,
    /// Whether the venue runs ahead of rows that are not taken yet.
    pub(crate) ahead: bool,
    /// Cash events to come.
    pub(crate) cash: CashSchedule,
    /// Instruments of the orders of each strategy, by number, where there are several.
    pub(crate) order_instruments: Vec<Vec<InstrumentIndex>>,
    /// What is asked of the run beside its result.
    pub(crate) tracing: Option<Box<Tracing>>,
    /// Where each account stands to its maintenance margin; empty where nothing is checked.
    pub(crate) liquidations: Vec<Standing>,
}

/// Where the run stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Phase {
    /// Nothing has been read.
    New,
    /// Rows are handed out.
    Running,
    /// Every strategy gets its stop.
    Stopping,
    /// Over.
    Finished,
}

/// Everything that a run is made of.
pub struct RunParts {
    /// The sources, in configured order.
    pub sources: Vec<Box<dyn feed::Source>>,
    /// The instruments, by index.
    pub instruments: Vec<Instrument>,
    /// Their markets, by index.
    pub markets: Vec<Market>,
    /// The strategies, in configured order.
    pub strategies: Vec<StrategySide>,
    /// The accounts as the venue has them.
    pub ledger: Ledger,
    /// What is kept for the result.
    pub recorder: Recorder,
    /// The ways of orders and reports, with their latencies.
    pub buses: VenueBuses,
    /// The risk limits of the run as a whole.
    pub gate: trading::RiskGate,
    /// Dividends, funding and borrow.
    pub cash: Vec<ScheduledCash>,
    /// What becomes of positions at the end.
    pub close_at_end: Option<CloseAtEnd>,
}

impl Run {
    /// A run that has read nothing yet.
    ///
    /// # Errors
    /// [`EngineError::Setup`] when there is no source, instrument or strategy, or the numbers of
    /// instruments and markets differ.
    pub fn new(parts: RunParts) -> Result<Self, EngineError> {
        let setup =
            |field, message: &str| EngineError::Setup { field, message: message.to_owned() };
        if parts.sources.is_empty() {
            return Err(setup("data", "a run needs at least one source"));
        }
        if parts.instruments.is_empty() || parts.instruments.len() != parts.markets.len() {
            return Err(setup("instruments", "a run needs one market for each instrument"));
        }
        if parts.strategies.is_empty() {
            return Err(setup("strategies", "a run needs at least one strategy"));
        }
        let sources = parts.sources.len();
        let mut markets: Vec<MarketState> = parts
            .markets
            .into_iter()
            .zip(&parts.instruments)
            .map(|(market, instrument)| MarketState::new(market, instrument))
            .collect();
        let count = parts.strategies.len();
        let liquidations = match parts.ledger.funds() {
            trading::Funds::Margin(_) => vec![Standing::default(); parts.ledger.accounts()],
            trading::Funds::Unchecked | trading::Funds::Cash => Vec::new(),
        };
        let bar_market = markets.iter().any(|state| matches!(state.market, Market::Bar(_)));
        let mut strategies = parts.strategies;
        for strategy in &mut strategies {
            strategy.channels = (0..sources).map(|_| Default::default()).collect();
            for (state, wants) in markets.iter_mut().zip(&strategy.wants) {
                state.depth_levels = state.depth_levels.max(wants.depth);
                state.wants_trades |= wants.trades;
            }
        }
        Ok(Self {
            inputs: parts.sources.into_iter().map(Input::new).collect(),
            instruments: parts.instruments,
            markets,
            strategies,
            ledger: parts.ledger,
            recorder: parts.recorder,
            buses: parts.buses,
            arrivals: Arrivals::default(),
            bars: BarStore::default(),
            depths: DepthStore::default(),
            reports: Vec::with_capacity(64),
            hash: StateHasher::new("venue"),
            counters: RunCounters::default(),
            now: 0,
            next_close: u64::MAX,
            end: None,
            close_at_end: parts.close_at_end,
            phase: Phase::New,
            finished_bars: Vec::new(),
            failure: None,
            has_bar_market: bar_market,
            gate: parts.gate,
            sent: 0,
            stop_at: None,
            current: Row::Start { due: 0 },
            unanswered: true,
            ahead: false,
            cash: CashSchedule::new(parts.cash),
            order_instruments: vec![Vec::new(); count],
            tracing: None,
            liquidations,
        })
    }

    /// The instruments, by index.
    #[must_use]
    pub fn instruments(&self) -> &[Instrument] {
        &self.instruments
    }

    /// The strategies, in configured order.
    #[must_use]
    pub fn strategies(&self) -> &[StrategySide] {
        &self.strategies
    }

    /// The accounts as the venue has them.
    #[must_use]
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// What was recorded.
    #[must_use]
    pub fn recorder(&self) -> &Recorder {
        &self.recorder
    }

    /// Counters so far.
    #[must_use]
    pub fn counters(&self) -> RunCounters {
        self.counters
    }

    /// The markets, by instrument.
    #[must_use]
    pub fn markets(&self) -> &[MarketState] {
        &self.markets
    }

    /// The row that [`Self::next_row`] handed over last.
    #[inline]
    #[must_use]
    pub const fn row(&self) -> &Row {
        &self.current
    }

    /// A bar that a row names.
    #[must_use]
    pub fn bar(&self, slot: i64) -> &Bar {
        self.bars.get(slot)
    }

    /// A depth that a row names.
    #[must_use]
    pub fn depth(&self, slot: i64) -> &DepthRow {
        self.depths.get(slot)
    }

    /// How much of the input has been read, 0 to 1: the least of its sources.
    #[must_use]
    pub fn progress(&self) -> f64 {
        self.inputs.iter().map(Input::progress).fold(1.0, f64::min)
    }

    /// Exchange time in ns.
    #[must_use]
    pub fn now(&self) -> u64 {
        self.now
    }

    /// The state hash so far: that of the venue and of each strategy, combined.
    #[must_use]
    pub fn state_hash(&self) -> String {
        let mut sides = vec![self.hash.finish()];
        sides.extend(self.strategies.iter().map(|strategy| strategy.hash.finish()));
        combine(&sides)
    }
}
