//! Markets made of a book of levels.

mod common;

use common::waiting::{Holder, plain};
use common::*;
use costs::Slippage;
use model::random::SeededRandom;
use model::{
    CancelReason, InstrumentIndex, LevelUpdate, LiquiditySide, Lots, MarketEvent, OrderRequest,
    Price, Quantity, Reason, Report, ReportKind, Side, Ticks, TimeInForce, Trade, UnixNanos,
};
use tickforge_venue::{
    Conditional, DepthMarket, DepthQueue, Market, QueueProbability, Support, VenueSettings,
};

struct Room {
    market: Market,
    conditional: Conditional,
    sizer: Holder,
    now: u64,
}

impl Room {
    fn new(settings: &VenueSettings) -> Self {
        let support = Support { trades: true, quotes: true, queue: true };
        Self {
            market: Market::Depth(Box::new(DepthMarket::new(&es(), settings, 42))),
            conditional: Conditional::new(&es(), support),
            sizer: Holder { held: 0 },
            now: 1_000,
        }
    }

    /// Bids 10 × 5, 9 × 4; asks 12 × 6, 13 × 7.
    fn open(settings: &VenueSettings) -> Self {
        let mut room = Self::new(settings);
        room.levels(&[(Buy, 10, 5), (Buy, 9, 4), (Sell, 12, 6), (Sell, 13, 7)]);
        room
    }

    fn event(&mut self, event: &MarketEvent) -> Vec<Report> {
        let mut out = Vec::new();
        self.market.on_event(event, &mut self.sizer, &mut out).unwrap();
        out
    }

    /// One message of changes.
    fn levels(&mut self, changes: &[(Side, i64, i64)]) -> Vec<Report> {
        self.now += 1_000;
        let mut out = Vec::new();
        for (place, &(side, ticks, lots)) in changes.iter().enumerate() {
            let update = LevelUpdate {
                instrument: InstrumentIndex(0),
                ts_event: UnixNanos(self.now),
                ts_recv: UnixNanos(self.now),
                side,
                price: at(ticks),
                quantity: Quantity(lots * model::NANO),
                last: place + 1 == changes.len(),
                clear: false,
            };
            out.extend(self.event(&MarketEvent::Level(update)));
        }
        out
    }

    fn trade(&mut self, ticks: i64, lots: i64, aggressor: Option<Side>) -> Vec<Report> {
        self.now += 1_000;
        self.event(&MarketEvent::Trade(Trade {
            instrument: InstrumentIndex(0),
            ts_event: UnixNanos(self.now),
            ts_recv: UnixNanos(self.now),
            price: at(ticks),
            quantity: Quantity(lots * model::NANO),
            aggressor,
        }))
    }

    fn submit(&mut self, order: OrderRequest) -> Vec<Report> {
        let mut out = Vec::new();
        let at = UnixNanos(self.now);
        let (market, sizer) = (&mut self.market, &mut self.sizer);
        self.conditional.submit(market, &order, Some(&plain()), at, sizer, &mut out).unwrap();
        out
    }

    fn modify(&mut self, number: u64, total: Option<i64>, price: Option<i64>) -> Vec<Report> {
        let mut out = Vec::new();
        let (total, price) = (total.map(Lots), price.map(model::Ticks));
        self.market.modify(own(number), total, price, UnixNanos(self.now), &mut out).unwrap();
        out
    }
}

fn risk_averse() -> VenueSettings {
    VenueSettings::new()
}

/// simulation.md, "Queue position": "initial front = displayed quantity at the price".
#[test]
fn a_resting_order_stands_behind_what_is_displayed() {
    let mut room = Room::open(&risk_averse());
    assert_eq!(kinds(&room.submit(limit(1, Buy, 10, 3))), [ReportKind::Accepted]);
    assert!(room.trade(10, 4, Some(Sell)).is_empty());
    // One is ahead: of a trade of three, two reach the order.
    let reports = room.trade(10, 3, Some(Sell));
    assert_eq!(taken(&reports), [(1, 2, 10)]);
    assert_eq!(fills(&reports)[0].liquidity, LiquiditySide::Maker);
    assert_eq!(taken(&room.trade(10, 9, Some(Sell))), [(1, 1, 10)], "never more than its quantity");
}

/// simulation.md, "Queue position", Risk-averse: "front = min(front, new quantity)".
#[test]
fn whoever_leaves_stood_behind_until_the_level_is_smaller_than_the_front() {
    let mut room = Room::open(&risk_averse());
    room.submit(limit(1, Buy, 10, 3));
    room.levels(&[(Buy, 10, 9)]);
    room.levels(&[(Buy, 10, 2)]);
    assert_eq!(taken(&room.trade(10, 3, Some(Sell))), [(1, 1, 10)]);
}

/// simulation.md, "Queue position", Probabilistic.
#[test]
fn a_probabilistic_queue_moves_with_whoever_leaves() {
    let model = DepthQueue::Probabilistic(QueueProbability::Power(1.0));
    let mut room = Room::open(&VenueSettings::new().with_depth_queue(model));
    room.submit(limit(1, Buy, 10, 3));
    room.levels(&[(Buy, 10, 10)]);
    // Front 5 of 10, back 5: of four that leave, two stood ahead.
    room.levels(&[(Buy, 10, 6)]);
    let front = room.market.own_order(own(1)).unwrap().front.lots;
    assert_eq!(front, 3.0);
}

#[test]
fn own_orders_share_what_trades_the_better_price_first_then_by_arrival() {
    let mut room = Room::open(&risk_averse());
    room.submit(limit(1, Buy, 11, 2));
    room.submit(limit(2, Buy, 11, 2));
    room.submit(limit(3, Buy, 9, 1));
    // Inside the spread nothing is ahead; a trade below fills through.
    assert_eq!(taken(&room.trade(10, 3, Some(Sell))), [(1, 2, 11), (2, 1, 11)]);
    assert_eq!(taken(&room.trade(8, 9, Some(Sell))), [(2, 1, 11), (3, 1, 9)]);
}

#[test]
fn a_trade_without_an_aggressor_is_known_by_its_price() {
    let mut room = Room::open(&risk_averse());
    room.submit(limit(1, Buy, 11, 2));
    room.submit(limit(2, Sell, 12, 2));
    assert!(room.trade(12, 6, None).is_empty(), "a purchase: six were ahead of the sale");
    assert_eq!(taken(&room.trade(12, 1, None)), [(2, 1, 12)]);
    assert_eq!(taken(&room.trade(10, 1, None)), [(1, 1, 11)], "a sale");
}

#[test]
fn a_level_of_the_other_side_at_the_own_limit_trades_with_it_once() {
    let mut room = Room::open(&risk_averse());
    room.submit(limit(1, Buy, 11, 5));
    assert_eq!(taken(&room.levels(&[(Sell, 11, 2)])), [(1, 2, 11)]);
    // The same display is not met twice, a larger one is by what came.
    assert!(room.levels(&[(Buy, 9, 5)]).is_empty());
    assert_eq!(taken(&room.levels(&[(Sell, 11, 3)])), [(1, 1, 11)]);
}

/// simulation.md, "More rules", Liquidity consumed on L1/L2.
#[test]
fn liquidity_that_was_taken_stays_taken() {
    let mut room = Room::open(&risk_averse());
    assert_eq!(taken(&room.submit(market(1, Buy, 4))), [(1, 4, 12)]);
    assert_eq!(taken(&room.submit(market(2, Buy, 4))), [(2, 2, 12), (2, 2, 13)]);
    // 6 → 3: three of the six that were taken are gone with it; nothing is free.
    room.levels(&[(Sell, 12, 3)]);
    assert_eq!(taken(&room.submit(market(3, Buy, 1))), [(3, 1, 13)]);
    // 3 → 5: two came.
    room.levels(&[(Sell, 12, 5)]);
    assert_eq!(taken(&room.submit(market(4, Buy, 3))), [(4, 2, 12), (4, 1, 13)]);
}

#[test]
fn what_may_not_rest_trades_at_once_or_not_at_all() {
    let mut room = Room::open(&risk_averse());
    let with = |force, order| OrderRequest { time_in_force: force, ..order };
    let gone =
        |leaves| ReportKind::Canceled { leaves: Lots(leaves), reason: CancelReason::NoLiquidity };
    let reports = room.submit(with(TimeInForce::Fok, limit(1, Buy, 12, 7)));
    assert_eq!(kinds(&reports), [ReportKind::Accepted, gone(7)]);
    let reports = room.submit(with(TimeInForce::Ioc, limit(2, Buy, 12, 7)));
    assert_eq!((taken(&reports), kinds(&reports).last()), (vec![(2, 6, 12)], Some(&gone(1))));
    let reports = room.submit(market(3, Buy, 50));
    assert_eq!((taken(&reports), kinds(&reports).last()), (vec![(3, 7, 13)], Some(&gone(43))));
    let passive = OrderRequest { post_only: true, ..limit(4, Sell, 10, 1) };
    let refused = ReportKind::Rejected(Reason::PostOnlyWouldTrade);
    assert_eq!(kinds(&room.submit(passive)), [refused]);
}

#[test]
fn a_change_of_price_or_a_larger_size_goes_to_the_back() {
    let mut room = Room::open(&risk_averse());
    room.submit(limit(1, Buy, 10, 2));
    room.trade(10, 5, Some(Sell));
    room.modify(1, Some(1), None);
    assert_eq!(room.market.own_order(own(1)).unwrap().front.lots, 0.0, "smaller: it stays first");
    room.modify(1, Some(3), None);
    assert_eq!(room.market.own_order(own(1)).unwrap().front.lots, 5.0);
    assert_eq!(taken(&room.modify(1, None, Some(12))), [(1, 3, 12)], "and takes on arrival");
}

/// simulation.md, "Matching": "Iceberg: displayed quantity refreshes at the back of its level".
#[test]
fn an_iceberg_stands_behind_the_display_with_each_slice() {
    let mut room = Room::open(&risk_averse());
    room.submit(OrderRequest { display: Lots(1), ..limit(1, Buy, 10, 3) });
    assert_eq!(taken(&room.trade(10, 9, Some(Sell))), [(1, 1, 10)]);
    assert!(room.trade(10, 5, Some(Sell)).is_empty());
    assert_eq!(taken(&room.trade(10, 1, Some(Sell))), [(1, 1, 10)]);
}

#[test]
fn nothing_matches_while_the_book_is_crossed() {
    let mut room = Room::open(&risk_averse());
    room.submit(limit(1, Sell, 12, 1));
    assert!(room.levels(&[(Buy, 13, 5)]).is_empty());
    assert!(room.submit(limit(2, Buy, 12, 1)).len() == 1, "it rests");
    assert_eq!(room.market.counters().crossed_events, 1);
    let reports = room.levels(&[(Buy, 13, 0)]);
    assert_eq!(taken(&reports), [(2, 1, 12)], "what waited takes when the book is whole again");
}

/// Random messages: no order over-fills, none outside its limit, and what rests never gets more of a
/// trade than traded. A prefix of the stream gives a prefix of the reports. For one order under the
/// risk-averse queue, one that comes later never has more.
#[test]
fn random_streams_keep_the_promises() {
    for seed in 0..60 {
        let reports = stream(seed, 2_000, 0);
        let fewer = stream(seed, 1_200, 0);
        assert_eq!(fewer, reports[..fewer.len()], "seed {seed}: the future changed the past");
        let (early, late) = (one_order(seed, 100), one_order(seed, 160));
        assert!(late <= early, "seed {seed}: {late} after {early}");
    }
}

/// A stream of levels and trades with random own orders; all reports.
fn stream(seed: u64, messages: u32, delay: u32) -> Vec<Report> {
    let mut random = SeededRandom::new(seed, "depth");
    let mut draws = SeededRandom::new(seed, "orders");
    let mut room = Room::open(&risk_averse());
    let mut all = Vec::new();
    let mut number = 0;
    let mut orders: Vec<OrderRequest> = Vec::new();
    let mut filled: Vec<i64> = Vec::new();
    let mut note =
        |reports: Vec<Report>, most: i64, orders: &[OrderRequest], all: &mut Vec<Report>| {
            let mut sum = 0;
            for fill in fills(&reports) {
                let at = fill.order.number() as usize - 1;
                filled.resize(orders.len(), 0);
                filled[at] += fill.quantity.0;
                assert!(filled[at] <= orders[at].quantity.0, "over-filled");
                if let Some(limit) = orders[at].kind.limit() {
                    let ticks = model::Ticks(fill.price.0 / TICK);
                    assert!(fill.side.accepts(limit, ticks), "outside its limit");
                }
                sum += fill.quantity.0;
            }
            assert!(sum <= most, "{sum} of {most}");
            all.extend(reports);
        };
    for step in 0..messages {
        match random.below(10) {
            0..=5 => {
                let side = if random.below(2) == 0 { Buy } else { Sell };
                let away = random.below(4) as i64;
                let ticks = if side == Buy { 10 - away } else { 12 + away };
                let size = random.below(9) as i64;
                let reports = room.levels(&[(side, ticks, size)]);
                note(reports, i64::MAX, &orders, &mut all);
            }
            _ => {
                let aggressor = if random.below(2) == 0 { Buy } else { Sell };
                let away = random.below(2) as i64;
                let ticks = if aggressor == Sell { 10 - away } else { 12 + away };
                let size = 1 + random.below(6) as i64;
                let reports = room.trade(ticks, size, Some(aggressor));
                note(reports, size, &orders, &mut all);
            }
        }
        if step >= delay && draws.below(4) == 0 {
            number += 1;
            let side = if draws.below(2) == 0 { Buy } else { Sell };
            let ticks = 8 + draws.below(7) as i64;
            let order = limit(number, side, ticks, 1 + draws.below(4) as i64);
            orders.push(order);
            let reports = room.submit(order);
            note(reports, i64::MAX, &orders, &mut all);
        }
    }
    all
}

/// What one bid at 10 has after the stream when it comes at this step.
fn one_order(seed: u64, comes: u32) -> i64 {
    let mut random = SeededRandom::new(seed, "one");
    let mut room = Room::open(&risk_averse());
    let mut filled = 0;
    for step in 0..400 {
        if step == comes {
            filled += fills(&room.submit(limit(1, Buy, 10, 50))).len() as i64;
        }
        let reports = if random.below(3) == 0 {
            room.trade(10, 1 + random.below(3) as i64, Some(Sell))
        } else {
            room.levels(&[(Buy, 10, 1 + random.below(30) as i64)])
        };
        filled += fills(&reports).iter().map(|fill| fill.quantity.0).sum::<i64>();
    }
    filled
}

/// An order that slippage holds back is no maker of what it did not take: it takes once the worsened
/// price is within its limit, and rests like any other when the market has left its price.
#[test]
fn an_order_that_costs_hold_back_does_not_become_a_maker() {
    let settings = VenueSettings::new().with_slippage(Slippage::bps(5.0).unwrap());
    let mut room = Room::open(&settings);
    // 12 is offered, 12 and 5 bps is beyond the limit.
    assert_eq!(kinds(&room.submit(limit(1, Buy, 12, 3))), [ReportKind::Accepted]);
    assert!(room.levels(&[(Buy, 9, 3)]).is_empty(), "the offer is still the same");
    assert!(room.levels(&[(Sell, 12, 9)]).is_empty());
    let reports = room.levels(&[(Sell, 11, 2)]);
    let [taken] = fills(&reports)[..] else { panic!("{reports:?}") };
    assert_eq!((taken.quantity, taken.liquidity), (Lots(2), LiquiditySide::Taker));
    assert_eq!(taken.price, Price(at(11).0 + at(11).0 / 2_000));
    // The market leaves, and comes back to an order that rests.
    assert!(room.levels(&[(Sell, 11, 0), (Sell, 12, 0)]).is_empty());
    let reports = room.levels(&[(Sell, 12, 4)]);
    let [made] = fills(&reports)[..] else { panic!("{reports:?}") };
    assert_eq!((made.price, made.quantity), (at(12), Lots(1)));
    assert_eq!(made.liquidity, LiquiditySide::Maker);
}

/// What an order would cost does not make it passive.
#[test]
fn a_post_only_order_that_reaches_an_offer_is_refused_whatever_it_would_cost() {
    let settings = VenueSettings::new().with_slippage(Slippage::bps(5.0).unwrap());
    let mut room = Room::open(&settings);
    let passive = OrderRequest { post_only: true, ..limit(1, Buy, 12, 3) };
    let refused = [ReportKind::Rejected(Reason::PostOnlyWouldTrade)];
    assert_eq!(kinds(&room.submit(passive)), refused);
}

/// A split: what was shown is gone, own orders go on in new units at the end of the queues that the
/// book shows next.
#[test]
fn a_split_empties_the_book_and_keeps_the_orders() {
    let mut room = Room::open(&VenueSettings::new());
    assert_eq!(kinds(&room.submit(limit(1, Buy, 8, 3))), [ReportKind::Accepted]);
    assert_eq!(kinds(&room.submit(limit(2, Sell, 15, 1))), [ReportKind::Accepted]);
    let mut out = Vec::new();
    let split = model::Split::new(2, 1).unwrap();
    let now = UnixNanos(room.now);
    room.conditional.split(&mut room.market, split, now, &mut out).unwrap();
    let restated =
        |quantity, price| ReportKind::Restated { quantity: Lots(quantity), price: Ticks(price) };
    assert_eq!(kinds(&out), [restated(6, 4), restated(2, 8)]);
    assert!(!room.market.bbo().bid.is_some() && !room.market.bbo().ask.is_some());
    // A book that opens through an own limit takes it there.
    let reports = room.levels(&[(Buy, 9, 1), (Sell, 10, 5)]);
    let [taken] = fills(&reports)[..] else { panic!("{reports:?}") };
    assert_eq!((taken.order, taken.price, taken.quantity), (own(2), at(9), Lots(1)));
}
