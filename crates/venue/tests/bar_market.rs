//! Markets made of bars.

mod common;

use common::*;
use model::random::counter_draw;
use model::{
    Bar, CancelReason, Currency, Instrument, InstrumentIndex, LiquiditySide, Lots, MarketEvent,
    OrderRequest, Price, Reason, Report, ReportKind, Side, Ticks, TimeInForce, Timeframe, Trade,
    UnixNanos,
};
use tickforge_venue::{BarMarket, Market, VenueSettings};

const MINUTE: u64 = Timeframe::MINUTE.0;

struct Room {
    market: Market,
    minute: u64,
    sizer: FixedSizer,
}

/// A price on a plain equity's grid of 1e-9.
fn p(text: &str) -> Price {
    Price::parse(text).unwrap()
}

impl Room {
    fn new(settings: &VenueSettings, seed: u64) -> Self {
        let instrument = Instrument::plain_equity("X", Currency::USD).unwrap();
        Self {
            market: Market::Bar(Box::new(BarMarket::new(&instrument, settings, seed))),
            minute: 10,
            sizer: FixedSizer::new(Err(Reason::NothingToDo)),
        }
    }

    fn plain() -> Self {
        Self::new(&VenueSettings::new(), 42)
    }

    fn now(&self) -> UnixNanos {
        UnixNanos(self.minute * MINUTE)
    }

    /// The bar of the next minute.
    fn bar(&mut self, open: &str, high: &str, low: &str, close: &str) -> Vec<Report> {
        let open_time = self.now();
        self.minute += 1;
        self.event(&MarketEvent::Bar(Bar {
            instrument: InstrumentIndex(0),
            timeframe: Timeframe::MINUTE,
            open_time,
            close_time: self.now(),
            open: p(open),
            high: p(high),
            low: p(low),
            close: p(close),
            volume: 0,
        }))
    }

    fn event(&mut self, event: &MarketEvent) -> Vec<Report> {
        let mut out = Vec::new();
        self.market.on_event(event, &mut self.sizer, &mut out).unwrap();
        out
    }

    fn submit_at(&mut self, order: OrderRequest, at: UnixNanos) -> Vec<Report> {
        let mut out = Vec::new();
        self.market.submit(&order, at, &mut self.sizer, &mut out).unwrap();
        out
    }

    fn submit(&mut self, order: OrderRequest) -> Vec<Report> {
        self.submit_at(order, self.now())
    }
}

fn order(number: u64, side: Side, price: &str) -> OrderRequest {
    limit(number, side, p(price).0, 5)
}

fn prices(reports: &[Report]) -> Vec<(u64, Price, LiquiditySide)> {
    fills(reports).iter().map(|f| (f.order.number(), f.price, f.liquidity)).collect()
}

const MAKER: LiquiditySide = LiquiditySide::Maker;
const TAKER: LiquiditySide = LiquiditySide::Taker;

#[test]
fn a_signal_at_a_bars_close_fills_at_the_next_bars_open() {
    let mut room = Room::plain();
    room.bar("100", "101", "99", "100.5");
    let open_time = room.now();
    assert_eq!(kinds(&room.submit(market(1, Buy, 5))), [ReportKind::Accepted]);
    let reports = room.bar("102", "103", "101", "102.5");
    assert_eq!(prices(&reports), [(1, p("102"), TAKER)]);
    assert_eq!(reports[0].ts_event, open_time);
    assert_eq!(room.market.bbo().bid, Ticks(p("102.5").0));
}

#[test]
fn an_order_latency_below_the_bars_resolution_still_takes_part_in_the_open() {
    let mut room = Room::plain();
    let close = room.now();
    room.submit_at(market(1, Buy, 5), close.plus(60_000));
    let reports = room.bar("102", "103", "101", "102.5");
    assert_eq!(prices(&reports), [(1, p("102"), TAKER)]);
    assert_eq!(reports[0].ts_event, close.plus(60_000), "not before it arrived");
}

#[test]
fn an_order_that_arrives_inside_a_bar_waits_for_the_next() {
    let mut room = Room::plain();
    let close = room.now();
    room.submit_at(market(1, Buy, 5), close.plus(30_000_000_000));
    room.submit_at(order(2, Buy, "101.5"), close.plus(30_000_000_000));
    assert!(room.bar("102", "103", "101", "102.5").is_empty());
    let reports = room.bar("103", "104", "101", "103.5");
    assert_eq!(prices(&reports), [(1, p("103"), TAKER), (2, p("101.5"), MAKER)]);
}

/// simulation.md, "Bars: intrabar order and fills": "limit buy 101.5 on (O 102, H 103, L 101) fills
/// 101.5".
#[test]
fn a_limit_order_fills_at_its_limit_when_the_bar_trades_through_it() {
    let mut room = Room::plain();
    room.submit(order(1, Buy, "101.5"));
    room.submit(order(2, Sell, "102.9"));
    let reports = room.bar("102", "103", "101", "102.5");
    assert_eq!(prices(&reports), [(1, p("101.5"), MAKER), (2, p("102.9"), MAKER)]);
    assert_eq!(reports[0].ts_event, room.now(), "nobody knows when inside the bar: its close");
}

/// simulation.md, "More rules": "touch on bars and trades fills only when traded through".
#[test]
fn a_touch_does_not_fill_by_default() {
    let mut room = Room::plain();
    room.submit(order(1, Buy, "101"));
    room.submit(order(2, Sell, "103"));
    assert!(room.bar("102", "103", "101", "102.5").is_empty());
}

#[test]
fn a_touch_fills_by_its_probability_once_a_visit() {
    let drawn = |seed, visit| counter_draw(seed, own(1).0, visit) < 0.5;
    let seed = (0..).find(|&seed| !drawn(seed, 0) && drawn(seed, 1)).unwrap();
    let mut room = Room::new(&VenueSettings::new().with_touch_probability(0.5).unwrap(), seed);
    room.submit(order(1, Buy, "101"));
    assert!(room.bar("102", "103", "101", "102.5").is_empty());
    assert!(room.bar("102", "103", "101", "102.5").is_empty(), "the same visit");
    assert!(room.bar("102", "103", "101.5", "102.5").is_empty(), "it left");
    assert_eq!(prices(&room.bar("102", "103", "101", "102.5")), [(1, p("101"), MAKER)]);
}

/// simulation.md, "More rules": "a limit that gapped fills at the (better) open".
#[test]
fn a_limit_order_that_gapped_fills_at_the_better_open() {
    let mut room = Room::plain();
    room.submit(order(1, Buy, "101.5"));
    room.submit(order(2, Buy, "95"));
    let reports = room.bar("101", "103", "100", "102.5");
    assert_eq!(prices(&reports), [(1, p("101"), TAKER)], "it met the open on arrival");
    let reports = room.bar("94", "103", "94", "102.5");
    assert_eq!(prices(&reports), [(2, p("94"), MAKER)], "this one rested before");
}

#[test]
fn immediate_orders_have_the_open_as_their_only_chance() {
    let mut room = Room::plain();
    for (number, force) in [(1, TimeInForce::Ioc), (2, TimeInForce::Fok)] {
        room.submit(OrderRequest { time_in_force: force, ..order(number, Buy, "101.5") });
    }
    let canceled = ReportKind::Canceled { leaves: Lots(5), reason: CancelReason::NoLiquidity };
    assert_eq!(kinds(&room.bar("102", "103", "101", "102.5")), [canceled, canceled]);
    room.submit(OrderRequest { time_in_force: TimeInForce::Fok, ..order(3, Buy, "103") });
    assert_eq!(prices(&room.bar("102", "103", "101", "102.5")), [(3, p("102"), TAKER)]);
}

#[test]
fn a_market_order_is_sized_at_the_open() {
    let mut room = Room::plain();
    room.sizer = FixedSizer::new(Ok((Sell, Lots(7))));
    assert!(room.submit(OrderRequest { size_at_fill: true, ..market(1, Buy, 0) }).is_empty());
    let reports = room.bar("102", "103", "101", "102.5");
    assert_eq!(room.sizer.asked, [p("102")]);
    assert_eq!((fills(&reports)[0].side, fills(&reports)[0].quantity), (Sell, Lots(7)));
    room.sizer = FixedSizer::new(Err(Reason::NothingToDo));
    room.submit(OrderRequest { size_at_fill: true, ..market(2, Buy, 0) });
    let denied = room.bar("102", "103", "101", "102.5");
    assert_eq!(kinds(&denied), [ReportKind::Rejected(Reason::NothingToDo)]);
}

#[test]
fn of_several_timeframes_the_finest_decides() {
    let mut room = Room::plain();
    room.bar("100", "101", "99", "100.5");
    room.submit(market(1, Buy, 5));
    let hour = Bar {
        instrument: InstrumentIndex(0),
        timeframe: Timeframe::HOUR,
        open_time: room.now(),
        close_time: room.now().plus(Timeframe::HOUR.0),
        open: p("50"),
        high: p("50"),
        low: p("50"),
        close: p("50"),
        volume: 0,
    };
    assert!(room.event(&MarketEvent::Bar(hour)).is_empty());
    assert_eq!(prices(&room.bar("102", "103", "101", "102.5")), [(1, p("102"), TAKER)]);
}

#[test]
fn a_bar_market_refuses_finer_data_and_closed_phases_match_nothing() {
    let mut room = Room::plain();
    let trade = MarketEvent::Trade(Trade {
        instrument: InstrumentIndex(0),
        ts_event: UnixNanos(1),
        ts_recv: UnixNanos(1),
        price: p("1"),
        quantity: model::Quantity(1),
        aggressor: None,
    });
    let error = room.market.on_event(&trade, &mut NoSizer, &mut Vec::new()).unwrap_err();
    assert_eq!(error.code(), "ERR_VENUE_WRONG_DATA");
    room.market.set_phase(model::TradingPhase::Closed);
    room.submit(market(1, Buy, 5));
    assert!(room.bar("102", "103", "101", "102.5").is_empty());
    room.market.set_phase(model::TradingPhase::Trading);
    assert_eq!(prices(&room.bar("103", "103", "101", "102.5")), [(1, p("103"), TAKER)]);
}

#[test]
fn closing_at_the_last_bars_open_fills_where_the_caller_says() {
    let mut room = Room::plain();
    room.bar("100", "101", "99", "100.5");
    let mut out = Vec::new();
    let now = room.now();
    room.market.fill_at(&market(9, Sell, 5), p("100"), now, &mut NoSizer, &mut out).unwrap();
    assert_eq!(prices(&out), [(9, p("100"), TAKER)]);
}

#[test]
fn post_only_is_judged_by_the_last_close_and_orders_change_in_place() {
    let mut room = Room::plain();
    room.bar("100", "101", "99", "100.5");
    let passive = OrderRequest { post_only: true, ..order(1, Buy, "101") };
    let refused = ReportKind::Rejected(Reason::PostOnlyWouldTrade);
    assert_eq!(kinds(&room.submit(passive)), [refused]);
    room.submit(order(2, Buy, "90"));
    let (mut out, now) = (Vec::new(), room.now());
    let lower = Some(Ticks(p("89").0));
    room.market.modify(own(2), Some(Lots(3)), lower, now, &mut out).unwrap();
    room.market.modify(own(2), Some(Lots(0)), None, now, &mut out).unwrap();
    assert_eq!(
        kinds(&out),
        [
            ReportKind::Modified { quantity: Lots(3), price: Ticks(p("89").0) },
            ReportKind::Canceled { leaves: Lots(0), reason: CancelReason::Requested },
        ]
    );
    room.market.cancel_all(None, CancelReason::EndOfRun, now, &mut out);
    assert_eq!(out.len(), 2);
}
