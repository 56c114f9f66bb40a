//! From a configuration to a run that is ready to go.

use crate::checks::SourceCheck;
use crate::configuration::{Limits, RunConfiguration, StrategySettings};
use crate::custom::CustomModels;
use crate::error::BacktestError;
use crate::models::{check_queue, models};
use crate::sources::{Gives, OpenedData, index_of, open};
use crate::venues::Venues;
use engine::row::MAX_DEPTH;
use engine::state_hash::StateHasher;
use engine::strategy_side::View;
use engine::timers::Timers;
use engine::{
    CloseAtEnd, EngineError, Ledger, Needs, Recorder, Run, RunParts, StrategySide, Wants,
};
use feed::bars::BarInput;
use model::{Bbo, Instrument, InstrumentIndex, Money, Price, Quantity, StrategyIndex, Timeframe};
use std::collections::VecDeque;
use trading::{Account, OrderManager, RiskGate, RiskLimits};
use venue::{BarMarket, DepthMarket, L3Market, Market, QuoteMarket, Support, VenueSettings};

/// A run that is ready to go, with what its result must say.
pub struct Prepared {
    /// The run.
    pub run: Run,
    /// What the configuration was.
    pub configuration: RunConfiguration,
    /// Files that are read.
    pub files: Vec<String>,
    /// What a result must say about data, models and settings.
    pub notes: Vec<String>,
    /// The models, in words.
    pub models: Vec<(String, String)>,
    /// The checks of the data, one per source.
    pub checks: Vec<SourceCheck>,
}

/// Opens the data and sets everything up.
///
/// # Errors
/// [`BacktestError`] naming the setting, file or need at fault.
pub fn prepare(configuration: RunConfiguration) -> Result<Prepared, BacktestError> {
    let data = open(&configuration)?;
    prepare_with(configuration, data)
}

/// The same with the models of one's own that the configuration names.
///
/// # Errors
/// As [`prepare`]; [`BacktestError::Setting`] for a model that is named and not given.
pub fn prepare_custom(
    configuration: RunConfiguration,
    custom: &CustomModels,
) -> Result<Prepared, BacktestError> {
    let data = open(&configuration)?;
    assemble(configuration, data, custom)
}

/// Sets everything up on data that is open.
///
/// # Errors
/// As [`prepare`].
pub fn prepare_with(
    configuration: RunConfiguration,
    data: OpenedData,
) -> Result<Prepared, BacktestError> {
    assemble(configuration, data, &CustomModels::default())
}

fn assemble(
    configuration: RunConfiguration,
    data: OpenedData,
    custom: &CustomModels,
) -> Result<Prepared, BacktestError> {
    let OpenedData { instruments, sources, gives, files, mut notes, checks } = data;
    let longer = configuration.venue.stress.map_or(1, |stress| stress.latency);
    let venues = Venues::new(&configuration, &instruments, custom)?;
    for (at, (instrument, gives)) in instruments.iter().zip(&gives).enumerate() {
        check_queue(venues.models(at), &instrument.symbol, gives.orders, gives.depth)?;
    }
    let settings = venues.settings(&configuration, &instruments)?;
    let markets: Vec<Market> = instruments
        .iter()
        .enumerate()
        .map(|(at, instrument)| {
            let index = InstrumentIndex(at as u32);
            market(instrument, index, &gives[at], &settings[at], configuration.seed)
        })
        .collect();
    let lots = crate::accounts::lots(&configuration)?;
    let account = crate::currencies::account(&configuration, &instruments)?;
    let run_gate = RiskGate::new(&limits(configuration.risk_limits.as_ref())?, &instruments)?;
    let mut strategies = Vec::new();
    let mut gates = Vec::new();
    for (at, strategy) in configuration.strategies.iter().enumerate() {
        let mut side = strategy_side(at, strategy, &instruments, &gives, &account)?;
        side.feed_latency = side.feed_latency.saturating_mul(u64::from(longer));
        gates.push(side.gate.clone());
        strategies.push(side);
    }
    let close_at_end = close_at_end(&configuration, &gives, &mut notes)?;
    let ledger = Ledger::new(
        instruments.clone(),
        venues.fees(),
        &account,
        configuration.account.shared,
        gates,
        run_gate.clone(),
    )
    .with_funds(crate::accounts::funds(&configuration, &instruments)?);
    let mut recorder = Recorder::new(
        strategies.len(),
        instruments.len(),
        configuration.output.detailed_log,
        crate::sessions::session_close(&configuration)?,
    )?;
    if account.is_hedging() {
        recorder = recorder.with_hedging();
    }
    let recorder = recorder.with_lots(lots);
    let cash = crate::cash_events::cash_events(&configuration, &instruments)?;
    let models = models(venues.latencies(), &settings, &markets, venues.calibrations());
    let buses = venues.buses();
    let mut run = Run::new(RunParts {
        sources,
        instruments,
        markets,
        strategies,
        ledger,
        recorder,
        buses,
        gate: run_gate,
        cash,
        close_at_end,
    })?;
    for (at, gives) in gives.iter().enumerate() {
        let input = match gives.bars.iter().min() {
            _ if gives.trades => BarInput::Trades,
            Some(finest) => BarInput::Bars(*finest),
            None => BarInput::Mid,
        };
        let session = crate::sessions::of_instrument(&configuration, &run.instruments()[at])?;
        let index = InstrumentIndex(at as u32);
        run.set_given(index, &gives.bars, input, session)?;
        // What orders that wait for a price can look at.
        let quotes = gives.orders || gives.quotes || gives.depth;
        let trades = gives.orders || gives.trades || (!quotes && !gives.bars.is_empty());
        run.set_support(index, Support { trades, quotes, queue: gives.orders || gives.depth })?;
    }
    run.make_bars()?;
    Ok(Prepared { run, configuration, files, notes, models, checks })
}

fn market(
    instrument: &Instrument,
    index: InstrumentIndex,
    gives: &Gives,
    settings: &VenueSettings,
    seed: u64,
) -> Market {
    if gives.orders {
        return Market::L3(Box::new(L3Market::new(instrument, settings, seed).with_index(index)));
    }
    if gives.depth {
        return Market::Depth(Box::new(
            DepthMarket::new(instrument, settings, seed).with_index(index),
        ));
    }
    if gives.quotes || gives.trades {
        return Market::Quote(Box::new(
            QuoteMarket::new(instrument, settings, seed).with_index(index),
        ));
    }
    Market::Bar(Box::new(BarMarket::new(instrument, settings, seed).with_index(index)))
}

fn limits(limits: Option<&Limits>) -> Result<RiskLimits, BacktestError> {
    let Some(limits) = limits else { return Ok(RiskLimits::default()) };
    let quantity = |number: Option<f64>| number.map(Quantity::from_f64).transpose();
    let max_loss = limits.max_loss.as_deref().map(model::decimal::parse_nanos).transpose()?;
    Ok(RiskLimits {
        max_position: quantity(limits.max_position)?,
        max_order_size: quantity(limits.max_order_size)?,
        max_loss: max_loss.map(Money),
        max_orders_per_second: limits.max_orders_per_second,
    })
}

fn strategy_side(
    at: usize,
    settings: &StrategySettings,
    instruments: &[Instrument],
    gives: &[Gives],
    account: &Account,
) -> Result<StrategySide, BacktestError> {
    let needs = &settings.needs;
    if needs.depth > MAX_DEPTH {
        let accepted = "0 to 10 levels a side";
        return Err(BacktestError::setting("strategies.needs.depth", needs.depth, accepted));
    }
    let mut bars = Vec::new();
    for text in &needs.bars {
        bars.push(Timeframe::parse(text).ok_or_else(|| {
            BacktestError::setting("strategies.needs.bars", text, "accepted are 1s, 5m, 4h, 1d, …")
        })?);
    }
    let warm_up = needs.warmup_ns.as_deref().unwrap_or("0");
    let warm_up_time = warm_up.parse::<u64>().map_err(|_| {
        BacktestError::setting("strategies.needs.warmupNs", warm_up, "whole nanoseconds")
    })?;
    let seen: Vec<InstrumentIndex> = if settings.instruments.is_empty() {
        (0..instruments.len()).map(|i| InstrumentIndex(i as u32)).collect()
    } else {
        settings
            .instruments
            .iter()
            .map(|symbol| index_of(instruments, symbol))
            .collect::<Result<_, _>>()?
    };
    for (code, rate) in crate::currencies::rates_of(account, &seen) {
        if !seen.contains(&rate) {
            let symbol = &instruments[rate.index()].symbol;
            let accepted = format!("with {symbol}, whose price is the rate of {code}");
            return Err(BacktestError::setting(
                &format!("strategies.{}.instruments", settings.name),
                settings.instruments.join(", "),
                &accepted,
            ));
        }
    }
    let needs = Needs {
        trades: needs.trades,
        quotes: needs.quotes,
        depth: needs.depth,
        bars,
        warm_up_bars: needs.warmup_bars,
        warm_up_time,
        instruments: seen.clone(),
    };
    let mut wants = vec![Wants::default(); instruments.len()];
    for index in seen {
        let given = &gives[index.index()];
        check_needs(&settings.name, &needs, given, &instruments[index.index()].symbol)?;
        wants[index.index()] =
            Wants { sees: true, trades: needs.trades, quotes: needs.quotes, depth: needs.depth };
    }
    let view = View { bbo: Bbo::EMPTY, last: Price::UNDEFINED };
    Ok(StrategySide {
        name: settings.name.clone(),
        needs,
        wants,
        feed_latency: settings.feed_latency_ns,
        now: 0,
        view: vec![view; instruments.len()],
        channels: Vec::new(),
        reports: VecDeque::new(),
        denials: VecDeque::new(),
        timers: Timers::default(),
        orders: OrderManager::new(StrategyIndex(at as u16), instruments.len()),
        account: account.clone(),
        gate: RiskGate::new(&limits(settings.risk_limits.as_ref())?, instruments)?,
        commands: 0,
        orders_submitted: 0,
        hash: StateHasher::new(&settings.name),
        warming: false,
        warm_until: 0,
        warm_bars: 0,
        told_until: 0,
        stopped: false,
        started: false,
        denials_in_a_row: 0,
    })
}

/// A need that nothing can feed is an error at the start.
fn check_needs(
    strategy: &str,
    needs: &Needs,
    given: &Gives,
    symbol: &str,
) -> Result<(), BacktestError> {
    let missing = |what: String, accepted: &str| {
        Err(BacktestError::Engine(EngineError::NoData {
            strategy: strategy.to_owned(),
            what,
            symbol: symbol.to_owned(),
            accepted: accepted.to_owned(),
        }))
    };
    if needs.trades && !given.trades {
        return missing("trades".to_owned(), "use data with trades, or leave them out of `data`");
    }
    if needs.quotes && !given.quotes {
        return missing(
            "quotes".to_owned(),
            "use data with best prices, or leave them out of `data`",
        );
    }
    if needs.depth > 0 && !given.depth {
        return missing("depth".to_owned(), "use market-by-order or depth data");
    }
    let finest = given.bars.iter().min().copied();
    for timeframe in &needs.bars {
        let from_ticks = given.trades || given.quotes;
        let from_bars =
            finest.is_some_and(|f| timeframe.0 >= f.0 && timeframe.0.is_multiple_of(f.0));
        if !from_ticks && !from_bars {
            let accepted = finest.map_or_else(
                || "the data has neither bars nor ticks".to_owned(),
                |f| format!("the data has bars of {f}: declare that or a multiple of it"),
            );
            return missing(format!("bars of {timeframe}"), &accepted);
        }
    }
    Ok(())
}

fn close_at_end(
    configuration: &RunConfiguration,
    gives: &[Gives],
    notes: &mut Vec<String>,
) -> Result<Option<CloseAtEnd>, BacktestError> {
    match configuration.close_at_end.as_deref() {
        None => Ok(None),
        Some("close") => Ok(Some(CloseAtEnd::Close)),
        Some("open") => {
            if gives.iter().any(|g| g.orders || g.trades || g.quotes || g.depth) {
                let accepted = "closing at the last bar's open needs bar data";
                return Err(BacktestError::setting("closeAtEnd", "open", accepted));
            }
            notes.push(
                "look-ahead: positions are closed at the last bar's open, which lies before the \
                 decision to close; this exists to compare with other engines"
                    .to_owned(),
            );
            Ok(Some(CloseAtEnd::Open))
        }
        Some(other) => {
            Err(BacktestError::setting("closeAtEnd", other, "accepted are close and open"))
        }
    }
}
