//! Orders at a session's open and close in markets made of bars.

mod common;

use common::*;
use model::{
    Bar, CancelReason, Currency, Instrument, InstrumentIndex, Lots, MarketEvent, OrderRequest,
    Price, Reason, Report, ReportKind, SessionClose, Side, TimeInForce, Timeframe, UnixNanos,
};
use tickforge_venue::{BarMarket, Market, VenueSettings};

const HOUR: u64 = 3_600_000_000_000;
const DAY: u64 = 24 * HOUR;

fn p(text: &str) -> Price {
    Price::parse(text).unwrap()
}

/// Hourly bars from 14:00 to 17:00 UTC, sessions that end at 17:00.
struct Room {
    market: Market,
    sizer: FixedSizer,
}

impl Room {
    fn new(settings: &VenueSettings) -> Self {
        let instrument = Instrument::plain_equity("X", Currency::USD).unwrap();
        let mut market = Market::Bar(Box::new(BarMarket::new(&instrument, settings, 42)));
        let sessions = SessionClose::new("UTC", "17:00").unwrap().with_weekends(true);
        market.set_sessions(&sessions);
        Self { market, sizer: FixedSizer::new(Err(Reason::NothingToDo)) }
    }

    /// The bar of an hour of a day.
    fn bar(&mut self, day: u64, hour: u64, prices: [&str; 4]) -> Vec<Report> {
        let open_time = UnixNanos(day * DAY + hour * HOUR);
        let [open, high, low, close] = prices.map(p);
        let bar = Bar {
            instrument: InstrumentIndex(0),
            timeframe: Timeframe::HOUR,
            open_time,
            close_time: open_time.plus(HOUR),
            open,
            high,
            low,
            close,
            volume: 20 * i128::from(model::NANO),
        };
        let mut out = Vec::new();
        self.market.on_event(&MarketEvent::Bar(bar), &mut self.sizer, &mut out).unwrap();
        out
    }

    fn submit(&mut self, order: OrderRequest, force: TimeInForce, day: u64, hour: u64) {
        let order = OrderRequest { time_in_force: force, ..order };
        let at = UnixNanos(day * DAY + hour * HOUR + 60_000);
        let mut out = Vec::new();
        self.market.submit(&order, at, &mut self.sizer, &mut out).unwrap();
        assert_eq!(kinds(&out), [ReportKind::Accepted]);
    }
}

fn order(number: u64, side: Side, price: &str) -> OrderRequest {
    limit(number, side, p(price).0, 5)
}

fn prices(reports: &[Report]) -> Vec<(u64, Price, UnixNanos)> {
    fills(reports).iter().map(|f| (f.order.number(), f.price, f.ts_event)).collect()
}

fn ended(reports: &[Report]) -> Vec<(u64, CancelReason)> {
    reports
        .iter()
        .filter_map(|report| match report.kind {
            ReportKind::Canceled { reason, .. } => Some((report.order.number(), reason)),
            _ => None,
        })
        .collect()
}

use TimeInForce::{AtClose, AtOpen};

#[test]
fn an_order_at_the_open_waits_for_the_first_bar_of_the_next_session() {
    let mut room = Room::new(&VenueSettings::new());
    room.bar(3, 14, ["100", "101", "99", "100"]);
    room.submit(market(1, Buy, 5), AtOpen, 3, 15);
    room.submit(order(2, Buy, "104"), AtOpen, 3, 15);
    room.submit(order(3, Buy, "102"), AtOpen, 3, 15);
    // The limit is deep in these bars, and is not there for them.
    assert!(room.bar(3, 15, ["100", "101", "99", "100"]).is_empty());
    assert!(room.bar(3, 16, ["100", "101", "99", "100"]).is_empty());
    let reports = room.bar(4, 14, ["103", "104", "90", "101"]);
    let open = UnixNanos(4 * DAY + 14 * HOUR);
    assert_eq!(prices(&reports), [(1, p("103"), open), (2, p("103"), open)]);
    assert_eq!(ended(&reports), [(3, CancelReason::NoLiquidity)], "its limit was below the open");
    assert!(!room.market.has_own_orders());
}

#[test]
fn an_order_at_the_close_executes_at_the_close_of_the_bar_that_ends_the_session() {
    let mut room = Room::new(&VenueSettings::new());
    room.bar(3, 14, ["100", "101", "99", "100"]);
    room.submit(market(1, Sell, 5), AtClose, 3, 15);
    room.submit(order(2, Sell, "99"), AtClose, 3, 15);
    room.submit(order(3, Sell, "98"), AtClose, 3, 15);
    assert!(room.bar(3, 15, ["100", "105", "99", "104"]).is_empty());
    let reports = room.bar(3, 16, ["104", "105", "97", "99"]);
    let close = UnixNanos(3 * DAY + 17 * HOUR);
    assert_eq!(prices(&reports), [(1, p("99"), close), (3, p("99"), close)]);
    // At its very price nobody knows whether it took part: the pessimistic answer.
    assert_eq!(ended(&reports), [(2, CancelReason::NoLiquidity)]);
}

#[test]
fn an_order_at_the_close_ends_where_the_session_has_no_last_bar() {
    let mut room = Room::new(&VenueSettings::new());
    room.bar(3, 14, ["100", "101", "99", "100"]);
    room.submit(market(1, Sell, 5), AtClose, 3, 15);
    room.submit(market(2, Sell, 5), AtOpen, 3, 15);
    let reports = room.bar(4, 14, ["100", "101", "99", "100"]);
    assert_eq!(ended(&reports), [(1, CancelReason::Expired)]);
    assert_eq!(prices(&reports), [(2, p("100"), UnixNanos(4 * DAY + 14 * HOUR))]);
}

#[test]
fn a_volume_limit_holds_in_the_auctions_and_ends_what_is_left() {
    let settings = VenueSettings::new().with_volume_limit(0.2).unwrap();
    let mut room = Room::new(&settings);
    room.bar(3, 15, ["100", "101", "99", "100"]);
    room.submit(market(1, Buy, 5), AtClose, 3, 16);
    let reports = room.bar(3, 16, ["100", "101", "99", "100"]);
    assert_eq!(fills(&reports).iter().map(|f| f.quantity).collect::<Vec<_>>(), [Lots(4)]);
    assert_eq!(ended(&reports), [(1, CancelReason::NoLiquidity)]);
}

#[test]
fn they_can_be_changed_and_cancelled_while_they_wait() {
    let mut room = Room::new(&VenueSettings::new());
    room.bar(3, 14, ["100", "101", "99", "100"]);
    room.submit(order(1, Buy, "90"), AtClose, 3, 15);
    room.submit(order(2, Buy, "110"), AtClose, 3, 15);
    let (at, mut out) = (UnixNanos(3 * DAY + 15 * HOUR + 1), Vec::new());
    let price = Some(model::Ticks(p("101").0));
    room.market.modify(own(1), None, price, at, &mut out).unwrap();
    room.market.cancel(own(2), at, &mut out).unwrap();
    assert_eq!(ended(&out), [(2, CancelReason::Requested)]);
    assert!(room.bar(3, 15, ["100", "101", "99", "100"]).is_empty(), "no bar but the last");
    let reports = room.bar(3, 16, ["100", "101", "99", "100"]);
    assert_eq!(prices(&reports), [(1, p("100"), UnixNanos(3 * DAY + 17 * HOUR))]);
}
