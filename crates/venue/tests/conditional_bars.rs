//! Orders that wait, on bars: stops, trailing stops, if-touched orders, brackets, and what comes
//! first inside a bar. Numbers are those of simulation.md, "Bars: intrabar order and fills".

mod common;

use common::waiting::*;
use common::*;
use model::{CancelReason, LiquiditySide, Lots, OrderKind, PeerKind, ReportKind, Ticks};
use tickforge_venue::{BarPath, VenueSettings};

const MAKER: LiquiditySide = LiquiditySide::Maker;
const TAKER: LiquiditySide = LiquiditySide::Taker;

/// "stop buy 101.5 on (101, 102.5, 101) fills 101.5".
#[test]
fn a_stop_inside_the_bar_fills_at_its_price() {
    let mut room = Bars::new(VenueSettings::new());
    let accepted = room.wait(market(1, Buy, 5), stop("101.5"));
    assert_eq!(kinds(&accepted), [ReportKind::Accepted]);
    let reports = room.bar("101", "102.5", "101", "102");
    assert_eq!(kinds(&reports)[0], ReportKind::Triggered { price: Ticks::NONE });
    assert_eq!(told(&reports), [(1, p("101.5"), TAKER)]);
}

/// "stop buy 290.5 gapped (O 291.5, L 291.5) fills at the open 291.5".
#[test]
fn a_stop_that_the_open_has_gapped_fills_there() {
    let mut room = Bars::new(VenueSettings::new());
    room.wait(market(1, Buy, 5), stop("290.5"));
    let open = room.now();
    let reports = room.bar("291.5", "293", "291.5", "292");
    assert_eq!(told(&reports), [(1, p("291.5"), TAKER)]);
    assert_eq!(fills(&reports)[0].ts_event, open, "at the open");
}

/// "Stop-limit buy 101.5/101.75: 102 triggers without a fill, then 101.66 fills 101.66".
#[test]
fn a_stop_limit_that_gapped_beyond_its_limit_waits_for_a_better_price() {
    let mut room = Bars::new(VenueSettings::new());
    room.wait(order(1, Buy, "101.75"), stop("101.5"));
    let reports = room.bar("102", "102.2", "101.9", "102.1");
    assert!(kinds(&reports).contains(&ReportKind::Triggered { price: Ticks(p("101.75").0) }));
    assert!(fills(&reports).is_empty());
    let reports = room.bar("101.66", "101.9", "101.6", "101.7");
    assert_eq!(told(&reports), [(1, p("101.66"), MAKER)]);
}

/// "Trailing sell 10: prices 100, 95, 97.5, 105 → stops 90, 90, 90, 95, triggers at 95".
#[test]
fn a_trailing_stop_follows_the_best_price_and_never_goes_back() {
    let mut room = Bars::new(VenueSettings::new());
    room.flat("100");
    room.wait(market(1, Sell, 5), trailing_by("10"));
    for price in ["95", "97.5", "105"] {
        assert!(room.flat(price).is_empty(), "{price}");
    }
    let reports = room.bar("96", "96", "94", "94");
    assert_eq!(told(&reports), [(1, p("95"), TAKER)]);
}

/// "trailing 10 %: at 105 → 94.5".
#[test]
fn a_trailing_stop_by_a_share_of_the_price() {
    let mut room = Bars::new(VenueSettings::new());
    room.flat("100");
    room.wait(market(1, Sell, 5), trailing_bps(1_000));
    room.flat("105");
    assert!(room.bar("96", "96", "94.6", "95").is_empty());
    let reports = room.bar("95", "95", "94", "94");
    assert_eq!(told(&reports), [(1, p("94.5"), TAKER)]);
}

/// "Trailing stops inside a bar: the adverse extreme first".
#[test]
fn a_trailing_stop_meets_the_low_before_it_follows_the_high() {
    let mut room = Bars::new(VenueSettings::new());
    room.flat("100");
    room.wait(market(1, Sell, 5), trailing_by("10"));
    // Up to 120 and down to 91: the stop is still at 90 when the low comes.
    assert!(room.bar("100", "120", "91", "115").is_empty());
    // Now it stands at 110, which the open has not reached.
    let reports = room.bar("112", "113", "109", "112");
    assert_eq!(told(&reports), [(1, p("110"), TAKER)]);
}

/// The close may reach a stop that has followed the high of its own bar.
#[test]
fn a_trailing_stop_that_followed_the_high_may_meet_the_close() {
    let mut room = Bars::new(VenueSettings::new());
    room.flat("100");
    room.wait(market(1, Sell, 5), trailing_by("10"));
    let reports = room.bar("100", "120", "95", "105");
    assert_eq!(told(&reports), [(1, p("110"), TAKER)]);
}

#[test]
fn a_trailing_stop_limit_puts_its_limit_so_far_beyond_the_stop() {
    let mut room = Bars::new(VenueSettings::new());
    room.flat("100");
    let half = p("0.5").0;
    room.wait(order(1, Sell, "1"), trailing_limit("10", half));
    let reports = room.bar("95", "95", "89", "92");
    let limit = Ticks(p("89.5").0);
    assert!(kinds(&reports).contains(&ReportKind::Triggered { price: limit }));
    assert_eq!(told(&reports), [(1, p("90"), TAKER)], "at the stop, which its limit accepts");
}

/// "Stop and limit both inside one bar: the pessimistic one first".
#[test]
fn of_a_stop_and_a_limit_inside_one_bar_the_stop_is_first() {
    for (path, expected) in [
        (BarPath::Pessimistic, (2, p("98"), TAKER)),
        // Open 100, low nearer: down first; high nearer: up first.
        (BarPath::Adaptive, (2, p("98"), TAKER)),
        (BarPath::Ohlc, (1, p("103"), MAKER)),
    ] {
        let mut room = Bars::new(VenueSettings::new().with_bar_path(path)).holding(5);
        room.wait(order(1, Sell, "103"), peers(1, PeerKind::Oco));
        room.wait(market(2, Sell, 5), with_stop(peers(1, PeerKind::Oco), "98"));
        let reports = room.bar("100", "104", "97", "101");
        assert_eq!(told(&reports), [expected], "{path:?}");
        let other = if expected.0 == 1 { 2 } else { 1 };
        let gone = ReportKind::Canceled { leaves: Lots(5), reason: CancelReason::Linked };
        assert!(
            reports.iter().any(|r| r.order.number() == other && r.kind == gone),
            "{path:?}: {reports:?}"
        );
    }
}

#[test]
fn the_nearer_extreme_comes_first_on_an_adaptive_path() {
    let settings = VenueSettings::new().with_bar_path(BarPath::Adaptive);
    let mut room = Bars::new(settings).holding(5);
    room.wait(order(1, Sell, "101"), peers(1, PeerKind::Oco));
    room.wait(market(2, Sell, 5), with_stop(peers(1, PeerKind::Oco), "98"));
    let reports = room.bar("100", "102", "97", "101");
    assert_eq!(told(&reports), [(1, p("101"), MAKER)]);
}

#[test]
fn an_if_touched_order_fills_when_its_price_is_touched() {
    let mut room = Bars::new(VenueSettings::new());
    room.wait(market(1, Buy, 5), touched("99"));
    let reports = room.bar("100", "101", "99", "100");
    assert_eq!(told(&reports), [(1, p("99"), TAKER)]);
    // With a limit at the touch it is filled there as well.
    room.wait(order(2, Sell, "101"), touched("102"));
    let reports = room.bar("100", "103", "100", "101");
    assert_eq!(told(&reports), [(2, p("102"), TAKER)]);
}

#[test]
fn exits_of_a_bracket_expect_the_worst_of_the_bar_in_which_the_entry_fills() {
    let mut room = Bars::new(VenueSettings::new());
    // Bought at 100 on the way down to 97: the stop at 98 is hit in the same bar, and the profit
    // at 103, which the bar reached as well, is not.
    room.bracket(1, Buy, "100", "103", "98");
    let reports = room.bar("101", "104", "97", "102");
    assert_eq!(told(&reports), [(1, p("100"), MAKER), (3, p("98"), TAKER)]);
    let profit: Vec<_> = reports.iter().filter(|r| r.order.number() == 2).collect();
    let gone = ReportKind::Canceled { leaves: Lots(5), reason: CancelReason::Linked };
    assert_eq!(profit.last().unwrap().kind, gone);
}

#[test]
fn a_profit_is_taken_in_the_bar_of_the_entry_only_by_its_close() {
    let mut room = Bars::new(VenueSettings::new());
    room.bracket(1, Buy, "100", "103", "95");
    let reports = room.bar("101", "104", "99", "103.5");
    assert_eq!(told(&reports), [(1, p("100"), MAKER), (2, p("103"), MAKER)]);
    let mut room = Bars::new(VenueSettings::new());
    room.bracket(1, Buy, "100", "103", "95");
    let reports = room.bar("101", "104", "99", "102");
    assert_eq!(told(&reports), [(1, p("100"), MAKER)], "the high may have come before");
    let reports = room.bar("102", "104", "101", "103");
    assert_eq!(told(&reports), [(2, p("103"), MAKER)]);
}

#[test]
fn on_a_path_exits_meet_only_what_is_left_of_the_bar() {
    let settings = VenueSettings::new().with_bar_path(BarPath::Ohlc);
    let mut room = Bars::new(settings.clone());
    // Open 101, high 104, low 97, close 102: the entry on the way down, then the stop.
    room.bracket(1, Buy, "100", "103", "98");
    let reports = room.bar("101", "104", "97", "102");
    assert_eq!(told(&reports), [(1, p("100"), MAKER), (3, p("98"), TAKER)]);
    // A sale on the way up: its profit at 99 lies on the way down.
    let mut room = Bars::new(settings);
    room.bracket(1, Sell, "103", "99", "105");
    let reports = room.bar("101", "104", "98", "100");
    assert_eq!(told(&reports), [(1, p("103"), MAKER), (2, p("99"), MAKER)]);
}

#[test]
fn an_order_that_waits_takes_no_part_in_the_bar_in_which_it_arrived() {
    let mut room = Bars::new(VenueSettings::new());
    let middle = room.now().plus(30_000_000_000);
    room.wait_at(market(1, Buy, 5), stop("101.5"), middle);
    assert!(room.bar("101", "102.5", "101", "101").is_empty());
    assert_eq!(told(&room.bar("101", "102.5", "101", "102")), [(1, p("101.5"), TAKER)]);
}

#[test]
fn a_market_to_limit_order_on_bars_fills_whole_at_the_open() {
    let mut room = Bars::new(VenueSettings::new());
    room.flat("100");
    let request = model::OrderRequest { kind: OrderKind::MarketToLimit, ..market(1, Buy, 5) };
    room.wait(request, plain());
    assert_eq!(told(&room.bar("101", "102", "100", "101")), [(1, p("101"), TAKER)]);
}

#[test]
fn what_bars_cannot_tell_is_refused() {
    let mut room = Bars::new(VenueSettings::new());
    let unsupported = [ReportKind::Rejected(model::Reason::Unsupported)];
    let iceberg = model::OrderRequest { display: Lots(1), ..order(1, Buy, "99") };
    assert_eq!(kinds(&room.wait(iceberg, plain())), unsupported);
    for source in
        [model::TriggerSource::BidAsk, model::TriggerSource::Mid, model::TriggerSource::Mark]
    {
        let mut condition = stop("101");
        condition.trigger.as_mut().unwrap().source = source;
        let number = 2 + source as u64;
        assert_eq!(kinds(&room.wait(market(number, Buy, 5), condition)), unsupported);
    }
}
