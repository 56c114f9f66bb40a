//! Fills, orders, round trips, strategies and instruments as tables.

use super::execution::execution;
use super::lots;
use super::types::{
    BalanceOutcome, CashColumns, Counters, FillColumns, InstrumentOutcome, LegOutcome,
    LiquidationOutcome, OrderColumns, PositionOutcome, RoundTripOutcome, StrategyOutcome,
};
use crate::error::BacktestError;
use engine::recorder::{FillRecord, OrderRecord};
use engine::run::Run;
use model::{
    Instrument, InstrumentIndex, Leg, LiquiditySide, Money, OrderStatus, Side, StrategyIndex,
};
use trading::{Account, RoundTrip, average_entry_price};
use venue::Market;

pub(super) fn fills(run: &Run) -> Result<FillColumns, BacktestError> {
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
        columns.basis.push(fill.basis as u8);
        columns.liquidity.push(u8::from(fill.liquidity == LiquiditySide::Taker));
        columns.fee.push(fill.fee.as_f64());
        columns.realized.push(realized.as_f64());
        columns.position.push(lots(terms, *position));
    }
    Ok(columns)
}

pub(super) fn orders(run: &Run) -> Result<OrderColumns, BacktestError> {
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
        columns.kind.push(record.order_type as u8);
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

pub(super) fn cash(run: &Run) -> CashColumns {
    let mut columns = CashColumns::default();
    for change in &run.recorder().cash {
        let terms = &run.instruments()[change.instrument.index()];
        columns.time.push(model::UnixNanos(change.ts).as_millis_f64());
        columns.kind.push(change.kind.as_str());
        columns.account.push(change.account);
        columns.instrument.push(change.instrument.0);
        columns.quantity.push(lots(terms, change.quantity.0));
        columns.price.push(change.price.as_f64());
        columns.amount.push(change.amount.as_f64());
    }
    columns
}

pub(super) fn liquidations(run: &Run) -> Vec<LiquidationOutcome> {
    let records = run.recorder().liquidations.iter();
    records
        .map(|record| LiquidationOutcome {
            time: model::UnixNanos(record.ts).as_millis_f64(),
            account: record.account,
            equity: record.equity.as_f64(),
            maintenance: record.maintenance.as_f64(),
        })
        .collect()
}

pub(super) fn round_trip(
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

/// The legs of a hedging account; none where long and short are one position.
fn legs(terms: &Instrument, account: &Account, instrument: InstrumentIndex) -> Vec<LegOutcome> {
    if !account.is_hedging() {
        return Vec::new();
    }
    [("long", Leg::Long), ("short", Leg::Short)]
        .into_iter()
        .map(|(side, leg)| {
            let position = account.leg(instrument, leg);
            let average = average_entry_price(terms, &position).map(model::Price::as_f64);
            let quantity = lots(terms, position.quantity.0);
            LegOutcome { side, quantity, average_entry_price: average }
        })
        .collect()
}

pub(super) fn strategies(run: &Run) -> Result<Vec<StrategyOutcome>, BacktestError> {
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
                    legs: legs(terms, account, instrument),
                }
            })
            .collect();
        let index = run.ledger().account_index(strategy);
        all.push(StrategyOutcome {
            name: side.name.clone(),
            cash: account.cash().as_f64(),
            equity: run.ledger().equity(index, None)?.as_f64(),
            realized: run.ledger().total(index, |balance| balance.realized)?.as_f64(),
            fees: run.ledger().total(index, |balance| balance.fees)?.as_f64(),
            balances: balances(run, account),
            positions,
        });
    }
    Ok(all)
}

fn balances(run: &Run, account: &Account) -> Vec<BalanceOutcome> {
    let unit = Money(i128::from(model::NANO));
    let currencies = account.currencies();
    let slots = account.balances().iter().zip(currencies.codes()).enumerate();
    slots
        .map(|(slot, (balance, currency))| BalanceOutcome {
            currency: currency.to_string(),
            cash: balance.cash.as_f64(),
            realized: balance.realized.as_f64(),
            fees: balance.fees.as_f64(),
            rate: run.ledger().worth_of(slot, unit).ok().map(Money::as_f64),
        })
        .collect()
}

pub(super) fn instruments(run: &Run) -> Vec<InstrumentOutcome> {
    run.instruments()
        .iter()
        .enumerate()
        .map(|(at, terms)| InstrumentOutcome {
            symbol: terms.symbol.clone(),
            kind: terms.kind.as_str(),
            tick_size: terms.grid.tick_size().as_f64(),
            lot_size: terms.lot_size.as_f64(),
            multiplier: terms.multiplier.as_f64(),
            inverse: terms.inverse,
            fee_currency: terms.fee_currency.as_str(),
            currency: terms.currency.to_string(),
            venue: terms.venue.clone(),
            origin: terms.origin.as_str(),
            market_volume: run.recorder().volume[at] as f64 * terms.lot_size.as_f64(),
            market: match run.markets()[at].market {
                Market::L3(_) => "orders",
                Market::Depth(_) => "levels",
                Market::Quote(_) => "quotes",
                Market::Bar(_) => "bars",
            },
            execution: execution(run, InstrumentIndex(at as u32)),
        })
        .collect()
}

pub(super) fn counters(run: &Run) -> Counters {
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
