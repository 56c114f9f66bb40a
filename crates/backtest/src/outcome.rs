//! The result of a run: figures, fills, orders, curves.

use crate::assemble::Prepared;
use crate::error::BacktestError;
use engine::recorder::{EquitySample, FillRecord, OrderRecord};
use engine::run::Run;
use model::{
    Instrument, InstrumentIndex, InstrumentKind, LiquiditySide, Money, OrderStatus, Side,
    StrategyIndex, UnixNanos,
};
use serde::Serialize;
use statistics::{Summary, SummaryInput, TradeOutcome};
use trading::RoundTrip;

/// Everything that a run leaves behind, in plain numbers.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Outcome {
    /// SHA-256 over every order transition, fill and account change of every side.
    pub state_hash: String,
    /// Version of the engine.
    pub engine_version: &'static str,
    /// First time of the run, ms since 1970.
    pub from: f64,
    /// Last exchange time, ms since 1970.
    pub to: f64,
    /// What was read.
    pub counters: Counters,
    /// Terms of the instruments.
    pub instruments: Vec<InstrumentOutcome>,
    /// The models, in words.
    pub models: Vec<(String, String)>,
    /// What a reader must know.
    pub notes: Vec<String>,
    /// Files that were read.
    pub files: Vec<String>,
    /// Key figures over all accounts.
    pub figures: Figures,
    /// Statistics over all accounts.
    pub summary: Summary,
    /// One entry per strategy.
    pub strategies: Vec<StrategyOutcome>,
    /// Fills as columns.
    pub fills: FillColumns,
    /// Orders as columns.
    pub orders: OrderColumns,
    /// Round trips; one that is open at the end is valued at its mark.
    pub round_trips: Vec<RoundTripOutcome>,
    /// Equity curves, one per account.
    pub equity: Vec<Curve>,
    /// Price and position curves, one per instrument.
    pub prices: Vec<PriceCurve>,
    /// Sessions.
    pub sessions: Vec<SessionOutcome>,
    /// Latency from submission to the sight of the acceptance.
    pub acknowledgement: Vec<HistogramBar>,
    /// Latency from the venue to the strategy.
    pub response: Vec<HistogramBar>,
}

/// What was read.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Counters {
    /// Records.
    pub records: u64,
    /// Events.
    pub events: u64,
    /// Changes of best prices.
    pub quote_changes: u64,
    /// Trade prints.
    pub trades: u64,
    /// Backward steps of the exchange clock.
    pub clock_backward: u64,
    /// Records of other instruments.
    pub skipped: u64,
    /// Recorded volume that own orders took, in lots.
    pub displaced_volume: i128,
    /// Crossings of own orders with each other, which never trade.
    pub own_crossings: u64,
}

/// Terms of an instrument.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct InstrumentOutcome {
    /// Symbol.
    pub symbol: String,
    /// Kind.
    pub kind: &'static str,
    /// Tick size.
    pub tick_size: f64,
    /// Lot size.
    pub lot_size: f64,
    /// Multiplier.
    pub multiplier: f64,
    /// Currency.
    pub currency: String,
    /// Venue.
    pub venue: String,
    /// Where the terms came from.
    pub origin: &'static str,
    /// Traded quantity in the data.
    pub market_volume: f64,
}

/// Key figures.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Figures {
    /// Equity at the start.
    pub initial_equity: f64,
    /// Equity at the end, at the pessimistic mark.
    pub final_equity: f64,
    /// Profit after fees.
    pub total_pnl: f64,
    /// Realised profit, gross of fees.
    pub realized: f64,
    /// Fees.
    pub fees: f64,
    /// Largest fall of the sampled equity, in money.
    pub max_drawdown: f64,
    /// The same as a part of the peak.
    pub max_drawdown_fraction: Option<f64>,
    /// Orders submitted.
    pub orders: u64,
    /// Market orders among them.
    pub market_orders: u64,
    /// Orders accepted.
    pub accepted: u64,
    /// Orders denied by risk limits.
    pub denied: u64,
    /// Orders rejected by the venue.
    pub rejected: u64,
    /// Orders cancelled.
    pub canceled: u64,
    /// Changes accepted.
    pub modified: u64,
    /// Cancels and changes that came too late.
    pub too_late: u64,
    /// Fills.
    pub fills: u64,
    /// Fills that took liquidity.
    pub taker_fills: u64,
    /// Orders with a fill ÷ orders accepted.
    pub fill_ratio: Option<f64>,
    /// Quantity traded.
    pub volume: f64,
    /// Notional traded.
    pub turnover: f64,
}

/// One strategy.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StrategyOutcome {
    /// Name.
    pub name: String,
    /// Cash at the end.
    pub cash: f64,
    /// Equity at the end.
    pub equity: f64,
    /// Realised profit, gross of fees.
    pub realized: f64,
    /// Fees.
    pub fees: f64,
    /// Positions by instrument.
    pub positions: Vec<PositionOutcome>,
}

/// The position of one strategy in one instrument.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PositionOutcome {
    /// Symbol.
    pub symbol: String,
    /// Quantity at the end.
    pub quantity: f64,
    /// Average entry price, if open.
    pub average_entry_price: Option<f64>,
    /// Largest long position.
    pub largest_long: f64,
    /// Largest short position.
    pub largest_short: f64,
    /// Quantity traded.
    pub volume: f64,
    /// Notional traded.
    pub turnover: f64,
    /// Fills.
    pub fills: u64,
    /// Fills that rested.
    pub maker_fills: u64,
    /// Fees.
    pub fees: f64,
    /// Time with a position, ms.
    pub time_in_market: f64,
}

/// Fills as columns of equal length.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FillColumns {
    /// Exchange time, ms since 1970.
    pub time: Vec<f64>,
    /// Strategy.
    pub strategy: Vec<u16>,
    /// Order number within the strategy; 0 for the close at the end.
    pub order: Vec<u64>,
    /// Instrument.
    pub instrument: Vec<u32>,
    /// 0 buy, 1 sell.
    pub side: Vec<u8>,
    /// Price.
    pub price: Vec<f64>,
    /// Quantity.
    pub quantity: Vec<f64>,
    /// 0 maker, 1 taker.
    pub liquidity: Vec<u8>,
    /// Fee.
    pub fee: Vec<f64>,
    /// Realised profit, gross.
    pub realized: Vec<f64>,
    /// Position of its account after it.
    pub position: Vec<f64>,
}

/// Orders as columns of equal length.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderColumns {
    /// Submission, ms since 1970.
    pub time: Vec<f64>,
    /// Strategy.
    pub strategy: Vec<u16>,
    /// Order number within the strategy.
    pub order: Vec<u64>,
    /// Instrument.
    pub instrument: Vec<u32>,
    /// 0 buy, 1 sell.
    pub side: Vec<u8>,
    /// 0 market, 1 limit.
    pub kind: Vec<u8>,
    /// Limit, NaN (null) for a market order.
    pub price: Vec<Option<f64>>,
    /// Total quantity.
    pub quantity: Vec<f64>,
    /// Filled quantity.
    pub filled: Vec<f64>,
    /// State at the end.
    pub status: Vec<&'static str>,
    /// Code of the refusal, if any.
    pub reason: Vec<Option<&'static str>>,
}

/// A round trip.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RoundTripOutcome {
    /// Strategy.
    pub strategy: u16,
    /// Instrument.
    pub instrument: u32,
    /// `long` or `short`.
    pub side: &'static str,
    /// Quantity entered.
    pub quantity: f64,
    /// First fill, ms since 1970.
    pub entry_time: f64,
    /// Last fill, ms since 1970.
    pub exit_time: f64,
    /// Average entry price.
    pub entry_price: f64,
    /// Average exit price.
    pub exit_price: f64,
    /// Profit gross of fees.
    pub gross: f64,
    /// Fees.
    pub fees: f64,
    /// Profit after fees.
    pub net: f64,
    /// Worst profit on the way.
    pub mae: f64,
    /// Best profit on the way.
    pub mfe: f64,
    /// Whether it ended flat.
    pub closed: bool,
}

/// An equity curve.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Curve {
    /// Name of the account: its strategy, or `shared`.
    pub name: String,
    /// Exchange time, ms since 1970.
    pub time: Vec<f64>,
    /// Equity.
    pub equity: Vec<f64>,
    /// Cash.
    pub cash: Vec<f64>,
}

/// A price and position curve.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PriceCurve {
    /// Symbol.
    pub symbol: String,
    /// Exchange time, ms since 1970.
    pub time: Vec<f64>,
    /// Middle of the best prices, else the last price.
    pub price: Vec<f64>,
    /// Σ of all positions.
    pub position: Vec<f64>,
}

/// A session.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SessionOutcome {
    /// Sampling time, ms since 1970.
    pub time: f64,
    /// Equity over all accounts.
    pub equity: f64,
    /// Profit of the session.
    pub pnl: f64,
    /// Fills of the session.
    pub fills: usize,
    /// Quantity traded.
    pub volume: f64,
}

/// One bar of a histogram.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HistogramBar {
    /// From, in ns (inclusive).
    pub from: u64,
    /// To, in ns (inclusive).
    pub to: u64,
    /// Values.
    pub count: u64,
}

/// Draws the result from a run that is over (or was stopped).
///
/// # Errors
/// [`BacktestError`] when a sum left its type.
pub fn conclude(prepared: &Prepared) -> Result<Outcome, BacktestError> {
    let run = &prepared.run;
    let recorder = run.recorder();
    let round_trips = round_trips(run)?;
    let figures = figures(run)?;
    let sessions = sessions(run, &figures);
    let summary = summary(run, &figures, &sessions, &round_trips);
    let mut notes = prepared.notes.clone();
    let waiting = round_trips.iter().filter(|(_, trip)| !trip.closed).count();
    if waiting > 0 {
        notes.push(format!(
            "{waiting} position(s) open at the end, valued where they could be closed"
        ));
    }
    Ok(Outcome {
        state_hash: run.state_hash(),
        engine_version: env!("CARGO_PKG_VERSION"),
        from: UnixNanos(recorder.start).as_millis_f64(),
        to: UnixNanos(run.now()).as_millis_f64(),
        counters: counters(run),
        instruments: instruments(run),
        models: prepared.models.clone(),
        notes,
        files: prepared.files.clone(),
        summary,
        strategies: strategies(run)?,
        fills: fills(run)?,
        orders: orders(run)?,
        round_trips: round_trips
            .iter()
            .map(|(strategy, trip)| round_trip(run, *strategy, trip))
            .collect::<Result<_, _>>()?,
        equity: equity_curves(run),
        prices: price_curves(run),
        sessions,
        acknowledgement: histogram(&recorder.acknowledgement),
        response: histogram(&recorder.response),
        figures,
    })
}

fn lots(instrument: &Instrument, lots: i64) -> f64 {
    // Exact to the printed precision: 3 lots of 0.1 are 0.3.
    (i128::from(lots) * i128::from(instrument.lot_size.0)) as f64 / 1e9
}

fn counters(run: &Run) -> Counters {
    let counters = run.counters();
    let mut displaced_volume = 0;
    let mut own_crossings = 0;
    for state in run.markets() {
        let venue = state.market.counters();
        displaced_volume += i128::from(venue.displaced_volume);
        own_crossings += venue.own_crossings;
    }
    Counters {
        records: counters.records,
        events: counters.events,
        quote_changes: counters.quote_changes,
        trades: counters.trades,
        clock_backward: counters.clock_backward,
        skipped: counters.skipped,
        displaced_volume,
        own_crossings,
    }
}

fn instruments(run: &Run) -> Vec<InstrumentOutcome> {
    run.instruments()
        .iter()
        .enumerate()
        .map(|(at, terms)| InstrumentOutcome {
            symbol: terms.symbol.clone(),
            kind: terms.kind.as_str(),
            tick_size: terms.grid.tick_size().as_f64(),
            lot_size: terms.lot_size.as_f64(),
            multiplier: terms.multiplier.as_f64(),
            currency: terms.currency.to_string(),
            venue: terms.venue.clone(),
            origin: terms.origin.as_str(),
            market_volume: run.recorder().volume[at] as f64 * terms.lot_size.as_f64(),
        })
        .collect()
}

fn figures(run: &Run) -> Result<Figures, BacktestError> {
    let ledger = run.ledger();
    let recorder = run.recorder();
    let mut initial = Money::ZERO;
    let mut last = Money::ZERO;
    let mut realized = Money::ZERO;
    let mut fees = Money::ZERO;
    for at in 0..ledger.accounts() {
        let account = ledger.account(ledger.first_strategy(at));
        initial = initial.checked_add(account.initial_cash())?;
        last = last.checked_add(ledger.equity(at, None)?)?;
        realized = realized.checked_add(account.realized())?;
        fees = fees.checked_add(account.fees())?;
    }
    let mut volume = 0.0;
    let mut turnover = 0.0;
    for strategy in 0..run.strategies().len() {
        for (at, terms) in run.instruments().iter().enumerate() {
            let index = (StrategyIndex(strategy as u16), InstrumentIndex(at as u32));
            let statistics = recorder.position_statistics(index.0, index.1);
            volume += statistics.volume as f64 * terms.lot_size.as_f64();
            turnover += statistics.turnover.as_f64();
        }
    }
    let (max_drawdown, max_drawdown_fraction) = drawdown(&combined(run), initial.as_f64());
    let counts = recorder.counts;
    let filled = recorder.orders.iter().filter(|record| record.filled.0 > 0).count();
    Ok(Figures {
        initial_equity: initial.as_f64(),
        final_equity: last.as_f64(),
        total_pnl: last.checked_sub(initial)?.as_f64(),
        realized: realized.as_f64(),
        fees: fees.as_f64(),
        max_drawdown,
        max_drawdown_fraction,
        orders: counts.submitted,
        market_orders: counts.market,
        accepted: counts.accepted,
        denied: counts.denied,
        rejected: counts.rejected,
        canceled: counts.canceled,
        modified: counts.modified,
        too_late: counts.too_late,
        fills: counts.fills,
        taker_fills: counts.taker_fills,
        fill_ratio: (counts.accepted > 0).then(|| filled as f64 / counts.accepted as f64),
        volume,
        turnover,
    })
}

/// Σ of all accounts' equity at each sample.
fn combined(run: &Run) -> Vec<(u64, f64)> {
    let mut all: Vec<(u64, f64)> = Vec::new();
    for sample in &run.recorder().equity {
        match all.last_mut() {
            Some(last) if sample.account > 0 => last.1 += sample.equity.as_f64(),
            _ => all.push((sample.ts, sample.equity.as_f64())),
        }
    }
    all
}

fn drawdown(curve: &[(u64, f64)], initial: f64) -> (f64, Option<f64>) {
    let mut peak = initial;
    let mut deepest = 0.0f64;
    let mut fraction = 0.0f64;
    for (_, equity) in curve {
        peak = peak.max(*equity);
        deepest = deepest.max(peak - equity);
        if peak > 0.0 {
            fraction = fraction.max((peak - equity) / peak);
        }
    }
    (deepest, (initial > 0.0).then_some(fraction))
}

fn sessions(run: &Run, figures: &Figures) -> Vec<SessionOutcome> {
    let mut closes: Vec<(u64, f64)> = Vec::new();
    for sample in &run.recorder().sessions {
        let EquitySample { ts, account, equity, .. } = *sample;
        match closes.last_mut() {
            Some(last) if account > 0 => last.1 += equity.as_f64(),
            _ => closes.push((ts, equity.as_f64())),
        }
    }
    // The last session ends with the data.
    if closes.last().is_none_or(|last| last.0 < run.now()) {
        closes.push((run.now(), figures.final_equity));
    }
    let mut before = figures.initial_equity;
    let mut from = 0u64;
    let mut fills = run.recorder().fills.iter().peekable();
    closes
        .into_iter()
        .map(|(ts, equity)| {
            let mut count = 0;
            let mut volume = 0.0;
            while let Some(record) = fills.peek() {
                if record.fill.ts_event.0 > ts {
                    break;
                }
                count += 1;
                let terms = &run.instruments()[record.fill.instrument.index()];
                volume += lots(terms, record.fill.quantity.0);
                fills.next();
            }
            let pnl = equity - before;
            before = equity;
            from = from.max(ts);
            let time = UnixNanos(ts).as_millis_f64();
            SessionOutcome { time, equity, pnl, fills: count, volume }
        })
        .collect()
}

fn summary(
    run: &Run,
    figures: &Figures,
    sessions: &[SessionOutcome],
    trips: &[(StrategyIndex, RoundTrip)],
) -> Summary {
    let mut before = figures.initial_equity;
    let returns: Vec<f64> = sessions
        .iter()
        .map(|session| {
            let change = if before > 0.0 { session.equity / before - 1.0 } else { 0.0 };
            before = session.equity;
            change
        })
        .collect();
    let outcomes: Vec<TradeOutcome> = trips
        .iter()
        .filter(|(_, trip)| trip.closed)
        .map(|(_, trip)| TradeOutcome {
            profit: trip.net().as_f64(),
            return_fraction: trip.return_fraction(),
            duration: trip.duration(),
        })
        .collect();
    let round_the_clock = run
        .instruments()
        .iter()
        .all(|terms| matches!(terms.kind, InstrumentKind::Perpetual | InstrumentKind::Spot));
    Summary::new(&SummaryInput {
        initial_equity: figures.initial_equity,
        final_equity: figures.final_equity,
        returns: &returns,
        periods_per_year: if round_the_clock { 365.0 } else { 252.0 },
        risk_free: 0.0,
        trades: &outcomes,
    })
}

fn strategies(run: &Run) -> Result<Vec<StrategyOutcome>, BacktestError> {
    let recorder = run.recorder();
    let mut all = Vec::new();
    for (at, side) in run.strategies().iter().enumerate() {
        let strategy = StrategyIndex(at as u16);
        let account = run.ledger().account(strategy);
        let positions = run
            .instruments()
            .iter()
            .enumerate()
            .map(|(which, terms)| {
                let instrument = InstrumentIndex(which as u32);
                let statistics = recorder.position_statistics(strategy, instrument);
                PositionOutcome {
                    symbol: terms.symbol.clone(),
                    quantity: lots(terms, account.position(instrument).quantity.0),
                    average_entry_price: account
                        .average_entry_price(terms, instrument)
                        .map(model::Price::as_f64),
                    largest_long: lots(terms, statistics.largest_long.0),
                    largest_short: lots(terms, statistics.largest_short.0),
                    volume: statistics.volume as f64 * terms.lot_size.as_f64(),
                    turnover: statistics.turnover.as_f64(),
                    fills: statistics.fills,
                    maker_fills: statistics.maker_fills,
                    fees: statistics.fees.as_f64(),
                    time_in_market: statistics.time_in_market as f64 / 1e6,
                }
            })
            .collect();
        let index = run.ledger().account_index(strategy);
        all.push(StrategyOutcome {
            name: side.name.clone(),
            cash: account.cash().as_f64(),
            equity: run.ledger().equity(index, None)?.as_f64(),
            realized: account.realized().as_f64(),
            fees: account.fees().as_f64(),
            positions,
        });
    }
    Ok(all)
}

fn fills(run: &Run) -> Result<FillColumns, BacktestError> {
    let mut columns = FillColumns::default();
    for FillRecord { fill, realized, position, .. } in &run.recorder().fills {
        let terms = &run.instruments()[fill.instrument.index()];
        columns.time.push(fill.ts_event.as_millis_f64());
        columns.strategy.push(fill.order.strategy().0);
        columns.order.push(fill.order.number());
        columns.instrument.push(fill.instrument.0);
        columns.side.push(fill.side as u8);
        columns.price.push(fill.price.as_f64());
        columns.quantity.push(lots(terms, fill.quantity.0));
        columns.liquidity.push(u8::from(fill.liquidity == LiquiditySide::Taker));
        columns.fee.push(fill.fee.as_f64());
        columns.realized.push(realized.as_f64());
        columns.position.push(lots(terms, *position));
    }
    Ok(columns)
}

fn orders(run: &Run) -> Result<OrderColumns, BacktestError> {
    let mut columns = OrderColumns::default();
    let mut records: Vec<&OrderRecord> = run.recorder().orders.iter().collect();
    records.sort_by_key(|record| (record.submitted_at, record.id));
    for record in records {
        let terms = &run.instruments()[record.instrument.index()];
        columns.time.push(record.submitted_at.as_millis_f64());
        columns.strategy.push(record.id.strategy().0);
        columns.order.push(record.id.number());
        columns.instrument.push(record.instrument.0);
        columns.side.push(u8::from(record.side == Side::Sell));
        columns.kind.push(u8::from(record.limit.is_some()));
        columns.price.push(record.limit.map(|price| terms.grid.price(price).as_f64()));
        columns.quantity.push(lots(terms, record.quantity.0));
        columns.filled.push(lots(terms, record.filled.0));
        columns.status.push(status_word(record.status));
        columns.reason.push(record.reason.map(model::Reason::code));
    }
    Ok(columns)
}

/// The word of an order's state.
#[must_use]
pub const fn status_word(status: OrderStatus) -> &'static str {
    match status {
        OrderStatus::Pending => "pending",
        OrderStatus::Denied => "denied",
        OrderStatus::Rejected => "rejected",
        OrderStatus::Accepted => "accepted",
        OrderStatus::PartiallyFilled => "partiallyFilled",
        OrderStatus::Filled => "filled",
        OrderStatus::Canceled => "canceled",
        OrderStatus::Expired => "expired",
    }
}

fn round_trips(run: &Run) -> Result<Vec<(StrategyIndex, RoundTrip)>, BacktestError> {
    let recorder = run.recorder();
    let mut trips = recorder.round_trips.clone();
    for strategy in 0..run.strategies().len() {
        let strategy = StrategyIndex(strategy as u16);
        for (at, terms) in run.instruments().iter().enumerate() {
            let index = InstrumentIndex(at as u32);
            let held = run.ledger().account(strategy).position(index).quantity.0;
            let mark = run.ledger().mark(index, held);
            let now = UnixNanos(run.now());
            if let Some(trip) = recorder.open_trip(strategy, terms, index, mark, now)? {
                trips.push((strategy, trip));
            }
        }
    }
    Ok(trips)
}

fn round_trip(
    run: &Run,
    strategy: StrategyIndex,
    trip: &RoundTrip,
) -> Result<RoundTripOutcome, BacktestError> {
    let terms = &run.instruments()[trip.instrument.index()];
    Ok(RoundTripOutcome {
        strategy: strategy.0,
        instrument: trip.instrument.0,
        side: if trip.side == Side::Buy { "long" } else { "short" },
        quantity: lots(terms, trip.quantity.0),
        entry_time: trip.entry_time.as_millis_f64(),
        exit_time: trip.exit_time.as_millis_f64(),
        entry_price: trip.entry_price.as_f64(),
        exit_price: trip.exit_price.as_f64(),
        gross: trip.gross.as_f64(),
        fees: trip.fees.as_f64(),
        net: trip.net().as_f64(),
        mae: trip.mae.as_f64(),
        mfe: trip.mfe.as_f64(),
        closed: trip.closed,
    })
}

fn equity_curves(run: &Run) -> Vec<Curve> {
    let ledger = run.ledger();
    let mut curves: Vec<Curve> = (0..ledger.accounts())
        .map(|at| {
            let name = if ledger.is_shared() {
                "shared".to_owned()
            } else {
                run.strategies()[ledger.first_strategy(at).index()].name.clone()
            };
            Curve { name, ..Curve::default() }
        })
        .collect();
    for sample in &run.recorder().equity {
        let curve = &mut curves[sample.account];
        curve.time.push(UnixNanos(sample.ts).as_millis_f64());
        curve.equity.push(sample.equity.as_f64());
        curve.cash.push(sample.cash.as_f64());
    }
    curves
}

fn price_curves(run: &Run) -> Vec<PriceCurve> {
    let mut curves: Vec<PriceCurve> = run
        .instruments()
        .iter()
        .map(|terms| PriceCurve { symbol: terms.symbol.clone(), ..PriceCurve::default() })
        .collect();
    for sample in &run.recorder().prices {
        let terms = &run.instruments()[sample.instrument.index()];
        let curve = &mut curves[sample.instrument.index()];
        curve.time.push(UnixNanos(sample.ts).as_millis_f64());
        curve.price.push(sample.price.as_f64());
        curve.position.push(lots(terms, sample.position));
    }
    curves
}

fn histogram(histogram: &hdrhistogram::Histogram<u64>) -> Vec<HistogramBar> {
    // Bars double: 1 µs, 2 µs, 4 µs … cover nanoseconds to hours in a few dozen.
    let mut bars = Vec::new();
    let mut from = 0u64;
    for value in histogram.iter_log(1_000, 2.0) {
        let to = value.value_iterated_to();
        let count = value.count_since_last_iteration();
        if count > 0 {
            bars.push(HistogramBar { from, to, count });
        }
        from = to.saturating_add(1);
    }
    bars
}
