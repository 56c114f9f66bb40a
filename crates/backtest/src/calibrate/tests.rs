//! The degraded stream against the book that it comes from, and what is deferred against what is told
//! at once.

use super::deferred::{Deferred, concerns};
use super::degrade::Degrader;
use super::marks::Marks;
use super::real::{Fate, RealOrder};
use super::shadow::NeverAsked;
use book::BookL2;
use feed::synthetic::{SyntheticConfig, SyntheticMarket};
use feed::{Block, Source};
use model::{
    Currency, Instrument, InstrumentIndex, InstrumentKind, Lots, MarketEvent, OrderId, OrderKind,
    OrderRequest, Price, Quantity, Report, ReportKind, Side, StrategyIndex, TimeInForce, UnixNanos,
};
use venue::{DepthMarket, DepthQueue, L3Market, QueueProbability, VenueSettings};

fn instrument() -> Instrument {
    let (tick, lot) = (Price(250_000_000), Quantity(2_000_000_000));
    let multiplier = Price(50_000_000_000);
    Instrument::new("SYN", InstrumentKind::Future, tick, lot, multiplier, Currency::USD).unwrap()
}

/// Calls `each` at the end of every event with what the degraded stream says of it.
fn degraded(seed: u64, records: u64, each: &mut dyn FnMut(&L3Market, UnixNanos, &[MarketEvent])) {
    let config = SyntheticConfig { records, seed, live_orders: 300, ..Default::default() };
    let decode = feed::dbn::Decode::default();
    let mut source = SyntheticMarket::new(config).unwrap().into_source(decode).unwrap();
    let instrument = instrument();
    let mut market = L3Market::new(&instrument, &VenueSettings::new(), 1);
    let mut degrader = Degrader::new();
    while let Some(block) = source.next_block().unwrap() {
        let Block::Mbo(block) = block else { panic!("market by order") };
        for record in block.records() {
            degrader.before(record, &market, &instrument);
            if market.apply(record, &mut NeverAsked, &mut Vec::new()).unwrap() {
                let events = degrader.event_ended(record.ts_event(), &market, &instrument);
                each(&market, record.ts_event(), &events);
                degrader.give_back(events);
            }
        }
    }
}

#[test]
fn the_degraded_stream_rebuilds_the_levels_of_the_book_at_every_event() {
    let grid = instrument().grid;
    let lot = instrument().lot_size.0;
    for seed in [1, 2, 3] {
        let (mut book, mut checked, mut trades) = (BookL2::new(), 0, 0);
        degraded(seed, 8_000, &mut |market, _, events| {
            for event in events {
                match event {
                    MarketEvent::Level(level) if level.clear => book.clear(),
                    MarketEvent::Level(level) => {
                        let price = grid.ticks(level.price).unwrap();
                        let size = Lots(level.quantity.0 / lot);
                        book.apply(level.side, price, size, 0).unwrap();
                    }
                    MarketEvent::Trade(_) => trades += 1,
                    _ => {}
                }
            }
            let levels = events.iter().filter(|event| matches!(event, MarketEvent::Level(_)));
            let ends = levels.filter(|event| matches!(event, MarketEvent::Level(l) if l.last));
            assert!(ends.count() <= 1, "one message");
            for side in [Side::Buy, Side::Sell] {
                let shown = book.levels(side).map(|level| (level.price, level.quantity));
                let there = market.book().levels(side).map(|level| (level.price, level.quantity));
                assert!(shown.eq(there));
            }
            checked += 1;
        });
        assert!(checked > 5_000 && trades > 100, "{checked} {trades}");
    }
}

/// One order in two markets: one hears everything, the other what concerns the order.
struct Twin {
    order: RealOrder,
    all: DepthMarket,
    some: DepthMarket,
    deferred: Deferred,
    filled: [Option<u64>; 2],
    skipped: u64,
}

fn feed(market: &mut DepthMarket, events: &[MarketEvent], filled: &mut Option<u64>) {
    let mut out: Vec<Report> = Vec::new();
    for event in events {
        market.on_event(event, &mut NeverAsked, &mut out).unwrap();
    }
    for report in out {
        if let ReportKind::Filled(fill) = report.kind {
            assert_eq!(*filled, None);
            *filled = Some(fill.ts_event.0);
        }
    }
}

#[test]
fn an_order_that_hears_only_what_concerns_it_is_filled_at_the_same_time() {
    let queue = DepthQueue::Probabilistic(QueueProbability::Power(2.0));
    let settings = VenueSettings::new().with_depth_queue(queue);
    let mut base = DepthMarket::new(&instrument(), &settings, 1);
    let (mut twins, mut events_seen): (Vec<Twin>, u64) = (Vec::new(), 0);
    let grid = instrument().grid;
    degraded(5, 12_000, &mut |market, at, events| {
        for twin in &mut twins {
            feed(&mut twin.all, events, &mut twin.filled[0]);
            if events.iter().any(|event| concerns(event, &twin.order, &grid)) {
                feed(&mut twin.some, &twin.deferred.take(), &mut twin.filled[1]);
                feed(&mut twin.some, events, &mut twin.filled[1]);
            } else {
                twin.deferred.keep(events);
                twin.skipped += 1;
            }
            assert_eq!(twin.filled[0], twin.filled[1], "{:?}", twin.order);
        }
        feed(&mut base, events, &mut None);
        events_seen += 1;
        let bbo = market.bbo();
        let trading = market.phase() == model::TradingPhase::Trading;
        if !trading || events_seen % 40 != 0 || bbo.is_locked_or_crossed() {
            return;
        }
        let side = if events_seen % 80 == 0 { Side::Buy } else { Side::Sell };
        let level = market.book().levels(side).nth((events_seen / 80 % 3) as usize);
        let Some(price) = level.map(|level| level.price) else { return };
        let request = OrderRequest {
            id: OrderId::new(StrategyIndex(0), events_seen),
            instrument: InstrumentIndex(0),
            side,
            kind: OrderKind::Limit(price),
            quantity: Lots(1),
            time_in_force: TimeInForce::Gtc,
            post_only: false,
            reduce_only: false,
            display: Lots::ZERO,
            size_at_fill: false,
        };
        let mut own = base.clone();
        own.submit(&request, at, &mut NeverAsked, &mut Vec::new()).unwrap();
        let order = RealOrder {
            id: 0,
            side,
            price,
            size: Lots(1),
            ahead: Lots(0),
            arrived: at.0,
            event: events_seen,
            fate: Fate::Rested,
            marks: Marks::default(),
        };
        let (all, some) = (own.clone(), own);
        let deferred = Deferred::default();
        twins.push(Twin { order, all, some, deferred, filled: [None; 2], skipped: 0 });
    });
    let filled = twins.iter().filter(|twin| twin.filled[0].is_some()).count();
    assert!(twins.len() > 100 && filled > 30, "{} {filled}", twins.len());
    assert!(twins.iter().map(|twin| twin.skipped).sum::<u64>() > 100_000);
}
