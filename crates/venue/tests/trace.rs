//! What a traced order says of itself, and that tracing changes nothing.

mod common;

use common::flow::Flow;
use common::waiting::Holder;
use common::*;
use model::{
    InstrumentIndex, LevelUpdate, MarketEvent, Mbo, Quantity, Report, Side, Trade, TradingPhase,
    UnixNanos,
};
use tickforge_venue::trace::{Cause, MOST_ENTRIES, Step};
use tickforge_venue::{DepthMarket, L3Market, Market, QueueModel, VenueSettings};

/// Random records with random own orders; all reports. The traced order is `traced`.
fn run(seed: u64, queue: QueueModel, traced: Option<u64>) -> (Vec<Report>, Market) {
    let mut flow = Flow::new(seed);
    let settings = VenueSettings::new().with_phase(TradingPhase::Trading).with_queue(queue);
    let mut market = Market::L3(Box::new(L3Market::new(&es(), &settings, seed)));
    if let Some(number) = traced {
        market.set_trace(own(number));
    }
    let (mut reports, mut now) = (Vec::new(), 1_000_000_000);
    for index in 0..600u64 {
        if index > 20 && index.is_multiple_of(3) {
            let side = flow.side();
            let ticks = flow.best(side) + side.sign() * flow.pick(-2, 1);
            let order = limit(index / 3, side, ticks, flow.pick(1, 6));
            market.submit(&order, UnixNanos(now), &mut NoSizer, &mut reports).unwrap();
        }
        if index > 60 && index.is_multiple_of(10) {
            let id = own(index / 3 - 12);
            market.cancel(id, UnixNanos(now), &mut reports).unwrap();
        }
        now += 1_000;
        let Market::L3(book) = &mut market else { unreachable!() };
        let records = flow.next();
        for (place, fields) in records.iter().enumerate() {
            let mut fields = *fields;
            fields.ts_event = now;
            if place + 1 == records.len() {
                fields.flags |= model::mbo::flags::LAST;
            }
            book.apply(Mbo::new(&fields.encode()), &mut NoSizer, &mut reports).unwrap();
        }
    }
    (reports, market)
}

#[test]
fn a_traced_market_reports_what_an_untraced_one_does() {
    let mut matched = 0;
    for seed in 0..20 {
        for queue in [QueueModel::Fifo, QueueModel::ProRata] {
            let (plain, _) = run(seed, queue, None);
            for number in [20, 50, 90, 130] {
                let (traced, market) = run(seed, queue, Some(number));
                assert_eq!(plain, traced, "seed {seed}, order {number}");
                let trace = market.trace().unwrap();
                // What was given is what fills at rest report.
                let given: i64 = sum(&market, |step| *step == Step::Match);
                let filled: i64 = traced
                    .iter()
                    .filter(|report| report.order == own(number))
                    .flat_map(|report| fills(std::slice::from_ref(report)))
                    .filter(|fill| fill.liquidity == model::LiquiditySide::Maker)
                    .map(|fill| fill.quantity.0)
                    .sum();
                assert_eq!(given, filled, "seed {seed}, order {number}");
                assert!(trace.entries().len() < MOST_ENTRIES && trace.omitted() == 0);
                matched += given;
            }
        }
    }
    assert!(matched > 50, "the orders met something: {matched}");
}

fn sum(market: &Market, wanted: impl Fn(&Step) -> bool) -> i64 {
    let entries = market.trace().unwrap().entries();
    entries.iter().filter(|e| wanted(&e.step)).filter_map(|e| e.quantity).map(|lots| lots.0).sum()
}

/// A message of one level.
fn level(now: u64, side: Side, ticks: i64, lots: i64) -> MarketEvent {
    MarketEvent::Level(LevelUpdate {
        instrument: InstrumentIndex(0),
        ts_event: UnixNanos(now),
        ts_recv: UnixNanos(now),
        side,
        price: at(ticks),
        quantity: Quantity(lots * model::NANO),
        last: true,
        clear: false,
    })
}

fn print(now: u64, ticks: i64, lots: i64) -> MarketEvent {
    MarketEvent::Trade(Trade {
        instrument: InstrumentIndex(0),
        ts_event: UnixNanos(now),
        ts_recv: UnixNanos(now),
        price: at(ticks),
        quantity: Quantity(lots * model::NANO),
        aggressor: Some(Side::Sell),
    })
}

#[test]
fn in_a_book_of_levels_trades_and_changes_move_the_front_and_the_front_decides() {
    let mut market = Market::Depth(Box::new(DepthMarket::new(&es(), &VenueSettings::new(), 1)));
    market.set_trace(own(1));
    let (mut sizer, mut out) = (Holder { held: 0 }, Vec::new());
    let mut event = |market: &mut Market, event: &MarketEvent| {
        let before = market.own_order(own(1));
        market.on_event(event, &mut sizer, &mut out).unwrap();
        market.trace_event(event, before);
        for report in out.drain(..) {
            market.trace_report(&report);
        }
    };
    event(&mut market, &level(1, Side::Buy, 10, 5));
    event(&mut market, &level(2, Side::Sell, 12, 6));
    let mut reports = Vec::new();
    market.submit(&limit(1, Side::Buy, 10, 3), UnixNanos(3), &mut NoSizer, &mut reports).unwrap();
    market.trace_place(UnixNanos(3));
    event(&mut market, &print(4, 10, 2));
    event(&mut market, &level(5, Side::Buy, 10, 2));
    event(&mut market, &print(6, 9, 0));
    event(&mut market, &print(7, 10, 4));
    let said: Vec<_> = market
        .trace()
        .unwrap()
        .entries()
        .iter()
        .map(|e| (e.time.0, e.cause, e.quantity.map(|lots| lots.0), e.ahead.map(|a| a.lots)))
        .collect();
    assert_eq!(
        said,
        [
            (3, Some(Cause::Placed), None, Some(5.0)),
            (4, None, Some(2), Some(5.0)),
            (4, Some(Cause::Traded), Some(5), Some(3.0)),
            (5, Some(Cause::Resized), Some(2), Some(2.0)),
            (6, None, Some(0), Some(2.0)),
            (7, None, Some(4), Some(2.0)),
            (7, Some(Cause::Traded), Some(2), Some(0.0)),
            (7, Some(Cause::FrontPassed), Some(2), Some(0.0)),
        ]
    );
}
