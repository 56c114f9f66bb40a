//! Markets made of quotes, trades, depth and level changes.

mod common;

use common::*;
use costs::{Impact, Slippage};
use model::random::counter_draw;
use model::{
    CancelReason, Depth, DepthLevel, Instrument, InstrumentIndex, LevelUpdate, LiquiditySide, Lots,
    MarketEvent, NANO, OrderRequest, Price, Quantity, Quote, Reason, Report, ReportKind, Side,
    Status, TimeInForce, Trade, TradingPhase, UnixNanos,
};
use tickforge_venue::{BeyondDisplay, Market, QuoteMarket, VenueSettings};

fn units(lots: i64) -> Quantity {
    Quantity(lots * NANO)
}

struct Room {
    market: Market,
    now: u64,
    sizer: FixedSizer,
}

impl Room {
    fn new(settings: &VenueSettings) -> Self {
        Self::seeded(settings, 42)
    }

    fn seeded(settings: &VenueSettings, seed: u64) -> Self {
        let market = Market::Quote(Box::new(QuoteMarket::new(&es(), settings, seed)));
        Self { market, now: 0, sizer: FixedSizer::new(Err(Reason::NothingToDo)) }
    }

    fn event(&mut self, event: impl FnOnce(UnixNanos) -> MarketEvent) -> Vec<Report> {
        self.now += 10;
        let mut out = Vec::new();
        self.market.on_event(&event(UnixNanos(self.now)), &mut self.sizer, &mut out).unwrap();
        out
    }

    /// Bid and ask in ticks with their sizes.
    fn quote(&mut self, bid: (i64, i64), ask: (i64, i64)) -> Vec<Report> {
        self.event(|ts| {
            MarketEvent::Quote(Quote {
                instrument: InstrumentIndex(0),
                ts_event: ts,
                ts_recv: ts,
                bid: at(bid.0),
                ask: at(ask.0),
                bid_size: units(bid.1),
                ask_size: units(ask.1),
                bid_count: 1,
                ask_count: 1,
            })
        })
    }

    fn trade(&mut self, ticks: i64, lots: i64, aggressor: Option<Side>) -> Vec<Report> {
        self.event(|ts| {
            MarketEvent::Trade(Trade {
                instrument: InstrumentIndex(0),
                ts_event: ts,
                ts_recv: ts,
                price: at(ticks),
                quantity: units(lots),
                aggressor,
            })
        })
    }

    fn level(&mut self, side: Side, ticks: i64, lots: i64, last: bool) -> Vec<Report> {
        self.event(|ts| {
            MarketEvent::Level(LevelUpdate {
                instrument: InstrumentIndex(0),
                ts_event: ts,
                ts_recv: ts,
                side,
                price: at(ticks),
                quantity: units(lots),
                last,
                clear: false,
            })
        })
    }

    fn submit(&mut self, order: OrderRequest) -> Vec<Report> {
        let mut out = Vec::new();
        self.market.submit(&order, UnixNanos(self.now), &mut self.sizer, &mut out).unwrap();
        out
    }
}

fn canceled(leaves: i64) -> ReportKind {
    ReportKind::Canceled { leaves: Lots(leaves), reason: CancelReason::NoLiquidity }
}

#[test]
fn a_market_order_fills_at_the_next_quote_not_at_the_last() {
    let mut room = Room::new(&VenueSettings::new());
    room.quote((10, 5), (12, 5));
    assert_eq!(kinds(&room.submit(market(1, Buy, 3))), [ReportKind::Accepted]);
    let reports = room.quote((11, 5), (13, 5));
    assert_eq!(taken(&reports), [(1, 3, 13)]);
    assert_eq!(reports[0].ts_event, UnixNanos(20));
}

/// simulation.md, "More rules": "a market order larger than the L1 display: the rest one tick worse
/// per level of equal size (a named model), or refused".
#[test]
fn beyond_the_display_the_rest_fills_one_tick_worse_per_level_or_is_cancelled() {
    let mut room = Room::new(&VenueSettings::new());
    room.submit(market(1, Buy, 12));
    // 5 at 12; 5 at 13 and 2 at 14: on average 13 + 2/7.
    let prices: Vec<_> =
        fills(&room.quote((10, 5), (12, 5))).iter().map(|f| (f.quantity.0, f.price)).collect();
    assert_eq!(prices, [(5, at(12)), (7, Price(3_250_000_000 + 71_428_571))]);
    let settings = VenueSettings::new().with_beyond_display(BeyondDisplay::Cancel);
    let mut room = Room::new(&settings);
    room.submit(market(1, Buy, 12));
    let reports = room.quote((10, 5), (12, 5));
    assert_eq!(taken(&reports), [(1, 5, 12)]);
    assert_eq!(reports[1].kind, canceled(7));
}

#[test]
fn a_sale_beyond_the_display_stops_above_zero() {
    let mut room = Room::new(&VenueSettings::new());
    room.submit(market(1, Sell, 1_000_000_000));
    let reports = room.quote((3, 5), (12, 5));
    // 5 at tick 3, 5 at 2, 5 at 1.
    assert_eq!(fills(&reports).iter().map(|f| f.quantity.0).sum::<i64>(), 15);
    assert_eq!(reports[2].kind, canceled(1_000_000_000 - 15));
}

/// simulation.md, "More rules", Liquidity consumed on L1/L2: "when the display goes q0 → q1,
/// consumed ← max(0, consumed − max(0, q0 − q1)); available = displayed − consumed".
#[test]
fn what_own_orders_took_of_a_display_is_consumed() {
    let settings = VenueSettings::new().with_beyond_display(BeyondDisplay::Cancel);
    let mut room = Room::new(&settings);
    let take = |room: &mut Room, number, size| {
        room.submit(market(number, Buy, 10));
        fills(&room.quote((10, 5), (12, size))).iter().map(|f| f.quantity.0).sum::<i64>()
    };
    assert_eq!(take(&mut room, 1, 8), 8);
    assert_eq!(take(&mut room, 2, 8), 0);
    assert_eq!(take(&mut room, 3, 11), 3, "only what came");
    // 11 → 4: consumed 11 − 7 = 4.
    assert_eq!(take(&mut room, 4, 4), 0);
    assert_eq!(take(&mut room, 5, 6), 2);
}

#[test]
fn a_marketable_limit_order_takes_within_its_limit_at_the_next_quote_and_rests() {
    let mut room = Room::new(&VenueSettings::new());
    room.quote((10, 5), (12, 5));
    room.submit(limit(1, Buy, 12, 8));
    let reports = room.quote((10, 5), (12, 5));
    assert_eq!(taken(&reports), [(1, 5, 12)]);
    assert_eq!(fills(&reports)[0].liquidity, LiquiditySide::Taker);
    // It rests at 12; an ask below reaches through it: at its limit, up to the display.
    let reports = room.quote((9, 5), (11, 2));
    assert_eq!(taken(&reports), [(1, 2, 12)]);
    assert_eq!(fills(&reports)[0].liquidity, LiquiditySide::Maker);
    assert!(fills(&room.quote((9, 5), (11, 2))).is_empty(), "that display is consumed");
    assert_eq!(taken(&room.quote((9, 5), (11, 3))), [(1, 1, 12)]);
}

#[test]
fn immediate_orders_have_one_quote_and_fill_or_kill_needs_all_of_it() {
    let mut room = Room::new(&VenueSettings::new());
    let with = |force, order| OrderRequest { time_in_force: force, ..order };
    room.submit(with(TimeInForce::Fok, limit(1, Buy, 12, 6)));
    room.submit(with(TimeInForce::Ioc, limit(2, Buy, 12, 6)));
    let reports = room.quote((10, 5), (12, 5));
    assert_eq!(kinds(&reports)[0], canceled(6));
    assert_eq!(taken(&reports), [(2, 5, 12)]);
    assert_eq!(kinds(&reports)[2], canceled(1));
    assert!(!room.market.has_own_orders());
}

/// simulation.md, "More rules": "touch on bars and trades fills only when traded through".
#[test]
fn a_resting_order_fills_when_a_trade_prints_through_it_up_to_what_traded() {
    let mut room = Room::new(&VenueSettings::new());
    room.submit(limit(1, Buy, 10, 3));
    room.submit(limit(2, Buy, 10, 3));
    room.quote((10, 5), (12, 5));
    assert!(fills(&room.trade(10, 50, Some(Sell))).is_empty(), "a touch fills not by default");
    assert_eq!(taken(&room.trade(9, 4, Some(Sell))), [(1, 3, 10), (2, 1, 10)]);
    assert_eq!(taken(&room.trade(9, 50, None)), [(2, 2, 10)]);
}

#[test]
fn probability_at_touch_fills_trades_and_quotes_at_the_limit_once_a_visit() {
    let settings = VenueSettings::new().with_touch_probability(0.5).unwrap();
    let drawn = |seed, visit| counter_draw(seed, own(1).0, visit) < 0.5;
    let seed = (0..).find(|&seed| !drawn(seed, 0) && drawn(seed, 1)).unwrap();
    let mut room = Room::seeded(&settings, seed);
    room.submit(limit(1, Buy, 10, 9));
    room.quote((10, 5), (12, 5));
    for _ in 0..3 {
        assert!(fills(&room.trade(10, 1, Some(Sell))).is_empty());
        assert!(fills(&room.quote((10, 5), (12, 5))).is_empty());
    }
    room.quote((9, 5), (12, 5));
    assert!(fills(&room.trade(10, 1, Some(Buy))).is_empty(), "a buyer meets no bid");
    assert_eq!(taken(&room.trade(10, 1, Some(Sell))), [(1, 1, 10)]);
    assert_eq!(taken(&room.quote((9, 5), (10, 2))), [(1, 2, 10)]);
}

#[test]
fn depth_is_walked_level_by_level_and_level_changes_keep_a_book() {
    let mut room = Room::new(&VenueSettings::new());
    let level = |ticks: i64, lots| DepthLevel { price: at(ticks), quantity: units(lots), count: 2 };
    let none = DepthLevel { price: Price::UNDEFINED, quantity: units(0), count: 0 };
    room.submit(market(1, Buy, 6));
    let reports = room.event(|ts| {
        MarketEvent::Depth(Box::new(Depth {
            instrument: InstrumentIndex(0),
            ts_event: ts,
            ts_recv: ts,
            bids: vec![level(10, 5), none],
            asks: vec![level(12, 2), level(14, 3), none],
        }))
    });
    // 2 at 12, 3 at 14, then one tick worse than the last level.
    assert_eq!(taken(&reports), [(1, 2, 12), (1, 3, 14), (1, 1, 15)]);
    let mut room = Room::new(&VenueSettings::new());
    room.submit(market(1, Buy, 4));
    assert!(room.level(Sell, 13, 5, false).is_empty(), "the message is not whole");
    assert!(room.level(Sell, 12, 3, false).is_empty());
    assert_eq!(taken(&room.level(Buy, 10, 3, true)), [(1, 3, 12), (1, 1, 13)]);
    let bbo = room.market.bbo();
    assert_eq!((bbo.bid.0, bbo.ask.0, bbo.ask_size), (10, 12, Lots(3)));
    room.level(Sell, 12, 0, true);
    assert_eq!(room.market.bbo().ask.0, 13);
}

#[test]
fn without_quotes_a_trade_stands_for_one() {
    let mut room = Room::new(&VenueSettings::new());
    room.trade(10, 5, None);
    room.submit(market(1, Buy, 3));
    room.submit(limit(2, Sell, 11, 4));
    assert_eq!(taken(&room.trade(11, 5, None)), [(1, 3, 11), (2, 4, 11)]);
    room.submit(limit(3, Sell, 12, 4));
    room.trade(11, 5, None);
    assert!(fills(&room.trade(12, 5, None)).is_empty());
    assert_eq!(taken(&room.trade(13, 3, None)), [(3, 3, 12)]);
    assert_eq!(room.market.bbo().bid.0, 13);
}

#[test]
fn a_quote_without_sizes_is_not_capped_and_counted() {
    let mut room = Room::new(&VenueSettings::new());
    room.submit(market(1, Buy, 1_000));
    assert_eq!(taken(&room.quote((10, 0), (12, 0))), [(1, 1_000, 12)]);
    assert_eq!(room.market.counters().unsized_quotes, 2);
}

#[test]
fn while_crossed_or_halted_nothing_matches_and_market_orders_wait() {
    let mut room = Room::new(&VenueSettings::new());
    room.submit(market(1, Buy, 1));
    assert!(room.quote((13, 5), (12, 5)).is_empty());
    assert_eq!(room.market.counters().crossed_events, 1);
    let status = |phase| {
        move |ts| {
            let instrument = InstrumentIndex(0);
            MarketEvent::Status(Status { instrument, ts_event: ts, ts_recv: ts, phase })
        }
    };
    room.event(status(TradingPhase::Halted));
    assert!(room.quote((10, 5), (12, 5)).is_empty());
    room.event(status(TradingPhase::Trading));
    assert_eq!(taken(&room.quote((10, 5), (12, 5))), [(1, 1, 12)]);
}

#[test]
fn a_one_sided_market_makes_the_market_order_wait() {
    let mut room = Room::new(&VenueSettings::new());
    room.submit(market(1, Buy, 1));
    assert!(room.level(Buy, 10, 5, true).is_empty());
    assert_eq!(taken(&room.level(Sell, 12, 5, true)), [(1, 1, 12)]);
}

#[test]
fn post_only_is_judged_by_the_market_as_it_stands() {
    let mut room = Room::new(&VenueSettings::new());
    room.quote((10, 5), (12, 5));
    let passive = |order| OrderRequest { post_only: true, ..order };
    let refused = room.submit(passive(limit(1, Buy, 12, 1)));
    assert_eq!(kinds(&refused), [ReportKind::Rejected(Reason::PostOnlyWouldTrade)]);
    room.submit(passive(limit(2, Buy, 11, 1)));
    let reports = room.quote((9, 5), (10, 5));
    assert_eq!(taken(&reports), [(2, 1, 11)], "it never takes: a maker at its limit");
    assert_eq!(fills(&reports)[0].liquidity, LiquiditySide::Maker);
}

#[test]
fn sizes_impact_and_changes_work_as_in_every_market() {
    let mut room = Room::new(&VenueSettings::new().with_impact(Impact::linear(100.0).unwrap()));
    room.sizer = FixedSizer::new(Ok((Sell, Lots(6))));
    assert!(room.submit(OrderRequest { size_at_fill: true, ..market(1, Buy, 0) }).is_empty());
    let reports = room.quote((12, 6), (13, 6));
    assert_eq!(room.sizer.asked, [at(13), at(12)]);
    assert_eq!(reports[0].kind, ReportKind::Accepted);
    assert_eq!(fills(&reports)[0].price, Price(2_999_973_000));
    room.submit(limit(2, Buy, 9, 4));
    let mut out = Vec::new();
    let now = UnixNanos(room.now);
    room.market.modify(own(2), Some(Lots(2)), Some(model::Ticks(14)), now, &mut out).unwrap();
    let changed = ReportKind::Modified { quantity: Lots(2), price: model::Ticks(14) };
    assert_eq!(kinds(&out), [changed]);
    assert_eq!(fills(&room.quote((12, 6), (13, 6)))[0].quantity, Lots(2), "now it takes");
    room.market.cancel(own(2), now, &mut out).unwrap();
    assert_eq!(out[1].kind, ReportKind::CancelRejected(Reason::TooLate));
}

#[test]
fn prices_between_ticks_show_the_tick_on_their_passive_side() {
    let mut plain = Instrument::plain_equity("X", model::Currency::USD).unwrap();
    plain.grid = model::PriceGrid::new(Price(TICK)).unwrap();
    let mut market = QuoteMarket::new(&plain, &VenueSettings::new(), 1);
    let quote = Quote {
        instrument: InstrumentIndex(0),
        ts_event: UnixNanos(1),
        ts_recv: UnixNanos(1),
        bid: Price(10 * TICK + 7),
        ask: Price(11 * TICK + 7),
        bid_size: units(1),
        ask_size: units(1),
        bid_count: 0,
        ask_count: 0,
    };
    market.on_event(&MarketEvent::Quote(quote), &mut NoSizer, &mut Vec::new()).unwrap();
    assert_eq!((market.bbo().bid.0, market.bbo().ask.0), (10, 12));
}

#[test]
fn an_order_that_costs_hold_back_does_not_become_a_maker() {
    let settings = VenueSettings::new().with_slippage(Slippage::bps(1000.0).unwrap());
    let mut room = Room::new(&settings);
    room.quote((10, 5), (12, 5));
    // 12 and a tenth of it is 13.2: beyond the limit.
    room.submit(limit(1, Buy, 13, 4));
    assert!(room.quote((10, 5), (12, 5)).is_empty());
    assert!(room.quote((10, 6), (12, 5)).is_empty(), "it does not fill at its limit as a maker");
    let reports = room.quote((9, 5), (10, 3));
    let [taken] = fills(&reports)[..] else { panic!("{reports:?}") };
    assert_eq!((taken.price, taken.quantity), (at(11), Lots(3)));
    assert_eq!(taken.liquidity, LiquiditySide::Taker);
    assert!(room.quote((12, 5), (14, 5)).is_empty(), "the market has left its price");
    let reports = room.quote((9, 5), (12, 5));
    assert_eq!(self::taken(&reports), [(1, 1, 13)]);
    assert_eq!(fills(&reports)[0].liquidity, LiquiditySide::Maker);
}
