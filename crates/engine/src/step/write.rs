//! Rows into columns.

use super::LotSize;
use crate::cash_events::CashChange;
use crate::columns::{EventColumns, ROWS, ViewTable};
use crate::row::{MarketRow, Row, RowKind, row_flags};
use crate::run::Run;
use model::{Bar, Leg, Price, ReportKind, Side, StrategyIndex, Ticks, UnixNanos};

#[inline]
pub(super) fn write_market(
    lots: &[LotSize],
    run: &Run,
    events: &mut EventColumns,
    at: usize,
    strategy: StrategyIndex,
    row: &MarketRow,
) {
    let at = at & (ROWS - 1);
    let instrument = row.instrument.index();
    let grid = &run.instruments()[instrument].grid;
    let lot = lots[instrument];
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
    events.flags[at] = u32::from(row.flags & !row_flags::WITH_QUOTE);
    if row.kind == RowKind::Trade {
        events.p0[at] = price_number(Price(row.a));
        events.p1[at] = if row.flags & row_flags::NANO_QUANTITY == 0 {
            lot.quantity(row.b)
        } else {
            row.b as f64 / 1e9
        };
    }
}

/// The first row of a step when it comes from the market.
#[inline]
pub(super) fn write_first_market(
    lots: &[LotSize],
    run: &Run,
    events: &mut EventColumns,
    views: &mut [ViewTable],
    strategy: StrategyIndex,
    row: &MarketRow,
) {
    write_market(lots, run, events, 0, strategy, row);
    match row.kind {
        RowKind::Bar => write_bar(events, 0, row, run.bar(row.a)),
        RowKind::Depth => write_depth(lots, run, views, strategy, row),
        _ => {}
    }
    if run.instruments().len() > 1 {
        write_views(lots, run, views, strategy);
    }
}

/// The first row of a step, whatever it is.
pub(super) fn write_first(
    lots: &[LotSize],
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
        Row::Market(row) => return write_first_market(lots, run, events, views, strategy, row),
        Row::Report { report, .. } => write_report(lots, run, events, strategy, report),
        Row::Cash { change, .. } => write_cash(lots, run, events, strategy, change),
        Row::Timer { id, .. } => {
            events.kind[0] = RowKind::Timer as u32;
            events.extra[0] = *id;
            events.instrument[0] = 0;
        }
        Row::Start { .. } => events.kind[0] = RowKind::Start as u32,
        Row::Stop { .. } => events.kind[0] = RowKind::Stop as u32,
    }
    if !matches!(row, Row::Report { .. } | Row::Cash { .. }) {
        events.instrument[0] = 0;
    }
    events.flags[0] = 0;
    events.time_ms[0] = UnixNanos(due).as_millis_f64();
    let instrument = events.instrument[0] as usize;
    let view = &run.strategies()[strategy.index()].view[instrument];
    let grid = &run.instruments()[instrument].grid;
    let lot = lots[instrument];
    events.bid[0] = price_number(grid.price(view.bbo.bid));
    events.ask[0] = price_number(grid.price(view.bbo.ask));
    events.bid_size[0] = lot.quantity(view.bbo.bid_size.0);
    events.ask_size[0] = lot.quantity(view.bbo.ask_size.0);
    events.bid_count[0] = view.bbo.bid_count;
    events.ask_count[0] = view.bbo.ask_count;
    if count > 1 {
        write_views(lots, run, views, strategy);
    }
}

fn write_views(lots: &[LotSize], run: &Run, views: &mut [ViewTable], strategy: StrategyIndex) {
    let count = run.instruments().len();
    let base = strategy.index() * count;
    let side = &run.strategies()[strategy.index()];
    for (at, view) in side.view.iter().enumerate() {
        let grid = &run.instruments()[at].grid;
        let lot = lots[at];
        let Some(table) = views.get_mut(base + at) else { return };
        table.bid = price_number(grid.price(view.bbo.bid));
        table.ask = price_number(grid.price(view.bbo.ask));
        table.bid_size = lot.quantity(view.bbo.bid_size.0);
        table.ask_size = lot.quantity(view.bbo.ask_size.0);
    }
}

fn write_depth(
    lots: &[LotSize],
    run: &Run,
    views: &mut [ViewTable],
    strategy: StrategyIndex,
    row: &MarketRow,
) {
    let instrument = row.instrument.index();
    let at = strategy.index() * run.instruments().len() + instrument;
    let Some(table) = views.get_mut(at) else { return };
    let grid = &run.instruments()[instrument].grid;
    let lot = lots[instrument];
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
    lots: &[LotSize],
    run: &Run,
    events: &mut EventColumns,
    strategy: StrategyIndex,
    report: &model::Report,
) {
    let side = &run.strategies()[strategy.index()];
    let order = side.orders.order(report.order);
    let instrument = order.map_or(report.instrument, |order| order.request.instrument);
    let lot = lots[instrument.index()];
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
        ReportKind::Triggered { .. } => (8, 0),
        ReportKind::Restated { quantity, price } => {
            events.p0[0] = price_number(grid.price(price));
            events.p1[0] = lot.quantity(quantity.0);
            (9, 0)
        }
    };
    // In a hedging account the row tells of the leg that the order acts on, and names it.
    let filled = match report.kind {
        ReportKind::Filled(fill) => Some(fill.leg()),
        _ => None,
    };
    let leg = filled
        .or_else(|| order.map(|order| Leg::of(order.request.side, order.request.reduce_only)));
    let leg = leg.unwrap_or(Leg::Long);
    let named = if side.account.is_hedging() { leg as u32 + 1 } else { 0 };
    events.extra[0] = code | reason << 8 | named << 16;
    let status = side.orders.status(report.order);
    events.order_status[0] = status.map_or(u32::MAX, |status| status as u32);
    let position = side.account.leg(instrument, leg);
    events.p4[0] = lot.quantity(position.quantity.0);
    events.p5[0] = side.account.cash_of(instrument).as_f64();
    let terms = &run.instruments()[instrument.index()];
    let average = trading::average_entry_price(terms, &position);
    events.p6[0] = average.map_or(f64::NAN, Price::as_f64);
    events.p7[0] = report.order.number() as f64;
}

/// A row of cash that no fill brought.
fn write_cash(
    lots: &[LotSize],
    run: &Run,
    events: &mut EventColumns,
    strategy: StrategyIndex,
    change: &CashChange,
) {
    let account = &run.strategies()[strategy.index()].account;
    let at = change.instrument.index();
    events.ts_event[0] = change.ts;
    events.instrument[0] = change.instrument.0;
    events.kind[0] = RowKind::Cash as u32;
    events.p0[0] = price_number(change.price);
    events.p1[0] = lots[at].quantity(change.quantity.0);
    events.p3[0] = change.amount.as_f64();
    // A split changes the position too, and what the strategy knows of the price.
    let terms = &run.instruments()[at];
    let (new, old) = change.split.map_or((1, 1), |split| (split.new_units(), split.old_units()));
    (events.p2[0], events.p7[0]) = (new as f64, old as f64);
    events.p4[0] = lots[at].quantity(account.position(change.instrument).quantity.0);
    events.p5[0] = account.cash_of(change.instrument).as_f64();
    let average = account.average_entry_price(terms, change.instrument);
    events.p6[0] = average.map_or(f64::NAN, Price::as_f64);
    events.extra[0] = change.kind as u32;
}

/// A row of a bar.
#[inline]
pub(super) fn write_bar(events: &mut EventColumns, at: usize, row: &MarketRow, bar: &Bar) {
    let at = at & (ROWS - 1);
    events.p0[at] = bar.open.as_f64();
    events.p1[at] = bar.high.as_f64();
    events.p2[at] = bar.low.as_f64();
    events.p3[at] = bar.close.as_f64();
    events.p4[at] = quantity_number(bar.volume);
    events.p5[at] = bar.open_time.as_millis_f64();
    events.p6[at] = bar.close_time.as_millis_f64();
    events.extra[at] = u32::from(row.timeframe);
}

/// From 1e-9 to the number that a person reads. What fits 64 bits, as nearly everything does, is
/// converted by one instruction rather than by a call; the result is the same.
#[inline(always)]
fn quantity_number(nanos: i128) -> f64 {
    let number = i64::try_from(nanos).map_or(nanos as f64, |nanos| nanos as f64);
    number / 1e9
}

#[inline(always)]
fn price_number(price: Price) -> f64 {
    if price.is_defined() { price.as_f64() } else { f64::NAN }
}
