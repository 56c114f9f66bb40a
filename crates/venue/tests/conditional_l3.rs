//! Orders that wait, and orders that hang together, on a recorded order-by-order stream.

mod common;

use common::waiting::*;
use common::*;
use model::{
    CancelReason, Condition, Links, Lots, Mbo, MboFields, OrderKind, OrderRequest, PeerKind,
    Reason, Report, ReportKind, Split, Ticks, TriggerSource, UnixNanos,
};
use tickforge_venue::{Change, Conditional, L3Market, Market, Support, VenueSettings};

/// An L3 market with orders that wait beside it: bids 10 × 5 (id 1), 9 × 4 (id 2), asks 12 × 6
/// (id 11), 13 × 7 (id 12).
struct Room {
    market: Market,
    conditional: Conditional,
    sizer: Holder,
    now: u64,
}

impl Room {
    fn open() -> Self {
        let mut room = Self {
            market: Market::L3(Box::new(L3Market::new(&es(), &VenueSettings::new(), 42))),
            conditional: Conditional::new(
                &es(),
                Support { trades: true, quotes: true, queue: true },
            ),
            sizer: Holder { held: 0 },
            now: 1_000,
        };
        for order in
            [add(1, Buy, 10, 5), add(2, Buy, 9, 4), add(11, Sell, 12, 6), add(12, Sell, 13, 7)]
        {
            assert!(room.event(&[order]).is_empty());
        }
        room
    }

    fn holding(mut self, lots: i64) -> Self {
        self.sizer.held = lots;
        self
    }

    fn event(&mut self, records: &[MboFields]) -> Vec<Report> {
        self.now += 1_000;
        let mut out = Vec::new();
        let Market::L3(market) = &mut self.market else { unreachable!() };
        for (at, fields) in records.iter().enumerate() {
            let mut fields = *fields;
            fields.ts_event = self.now;
            if at + 1 == records.len() {
                fields.flags |= model::mbo::flags::LAST;
            }
            let bytes = fields.encode();
            let record = Mbo::new(&bytes);
            market.apply(record, &mut self.sizer, &mut out).unwrap();
            if record.action() == b'T' {
                self.conditional.print(record.price());
            }
        }
        let at = UnixNanos(self.now);
        self.conditional.after_event(&mut self.market, at, &mut self.sizer, &mut out).unwrap();
        self.book(&out);
        out
    }

    fn book(&mut self, reports: &[Report]) {
        for fill in fills(reports) {
            self.sizer.held += fill.side.sign() * fill.quantity.0;
        }
    }

    /// An aggressor takes so many lots of a resting order of `shown`.
    fn hit(
        &mut self,
        id: u64,
        passive: model::Side,
        ticks: i64,
        size: u32,
        shown: u32,
    ) -> Vec<Report> {
        let aggressor = passive.opposite();
        let rest = if size < shown {
            modify(id, passive, ticks, shown - size)
        } else {
            cancel(id, passive, ticks, shown)
        };
        self.event(&[trade(900, aggressor, ticks, size), fill(id, passive, ticks, size), rest])
    }

    fn submit(&mut self, request: OrderRequest, condition: Condition) -> Vec<Report> {
        let mut out = Vec::new();
        let at = UnixNanos(self.now);
        let (market, sizer) = (&mut self.market, &mut self.sizer);
        self.conditional.submit(market, &request, Some(&condition), at, sizer, &mut out).unwrap();
        self.book(&out);
        out
    }

    fn modify(&mut self, number: u64, change: Change) -> Vec<Report> {
        let mut out = Vec::new();
        let at = UnixNanos(self.now);
        let (market, sizer) = (&mut self.market, &mut self.sizer);
        self.conditional.modify(market, own(number), change, at, sizer, &mut out).unwrap();
        self.book(&out);
        out
    }

    fn cancel(&mut self, number: u64) -> Vec<Report> {
        let mut out = Vec::new();
        let at = UnixNanos(self.now);
        let (market, sizer) = (&mut self.market, &mut self.sizer);
        self.conditional.cancel(market, own(number), at, sizer, &mut out).unwrap();
        out
    }
}

/// A stop at a tick of the future.
fn stop_at(ticks: i64, source: TriggerSource) -> Condition {
    let mut condition = stop("1");
    if let Some(trigger) = &mut condition.trigger {
        trigger.price = at(ticks);
        trigger.source = source;
    }
    condition
}

fn touched_at(ticks: i64) -> Condition {
    let mut condition = touched("1");
    if let Some(trigger) = &mut condition.trigger {
        trigger.price = at(ticks);
    }
    condition
}

fn kinds_of(reports: &[Report], number: u64) -> Vec<ReportKind> {
    reports.iter().filter(|r| r.order == own(number)).map(|r| r.kind).collect()
}

fn gone(leaves: i64, reason: CancelReason) -> ReportKind {
    ReportKind::Canceled { leaves: Lots(leaves), reason }
}

#[test]
fn a_stop_goes_off_at_a_trade_and_takes_what_the_book_then_shows() {
    let mut room = Room::open();
    assert_eq!(
        kinds(&room.submit(market(1, Buy, 2), stop_at(12, TriggerSource::Last))),
        [ReportKind::Accepted]
    );
    assert!(room.event(&[add(20, Buy, 10, 1)]).is_empty(), "no trade, no trigger");
    let reports = room.hit(11, Sell, 12, 1, 6);
    assert_eq!(kinds(&reports)[0], ReportKind::Triggered { price: Ticks::NONE });
    assert_eq!(taken(&reports), [(1, 2, 12)], "after the event, against what is left");
}

#[test]
fn what_was_recorded_before_the_order_came_is_no_trigger_but_the_price_of_now_is() {
    let mut room = Room::open();
    room.hit(11, Sell, 12, 1, 6);
    room.hit(1, Buy, 10, 1, 5);
    // The last trade was at 10: a buy stop at 12 waits, one at 10 is through at once.
    assert_eq!(
        kinds(&room.submit(market(1, Buy, 1), stop_at(12, TriggerSource::Last))),
        [ReportKind::Accepted]
    );
    let reports = room.submit(market(2, Buy, 1), stop_at(10, TriggerSource::Last));
    assert_eq!(taken(&reports), [(2, 1, 12)]);
}

#[test]
fn triggers_look_at_the_price_that_they_name() {
    // Bid 10, ask 12, middle 11; the last trade at 12 makes the median 12 at first.
    let mut room = Room::open();
    room.hit(11, Sell, 12, 1, 6);
    let waits = |room: &mut Room, number, ticks, source| {
        kinds(&room.submit(market(number, Sell, 1), stop_at(ticks, source)))
            == [ReportKind::Accepted]
    };
    assert!(waits(&mut room, 1, 9, TriggerSource::BidAsk));
    assert!(waits(&mut room, 2, 10, TriggerSource::Mid));
    assert!(waits(&mut room, 3, 10, TriggerSource::Mark));
    assert!(waits(&mut room, 4, 9, TriggerSource::Last));
    // The bid falls to 9: at the trigger of the first; the middle is at 10.5.
    let reports = room.event(&[cancel(1, Buy, 10, 5)]);
    assert_eq!(taken(&reports), [(1, 1, 9)]);
    // The ask falls to 11: the middle is at 10.
    let reports = room.event(&[add(30, Sell, 11, 1)]);
    assert_eq!(taken(&reports), [(2, 1, 9)]);
    // The ask falls to 10, below the last trade: the median of 9, 10 and 12 is 10.
    let reports = room.event(&[add(31, Sell, 10, 1)]);
    assert_eq!(taken(&reports), [(3, 1, 9)]);
    room.event(&[add(32, Buy, 9, 5)]);
    let reports = room.hit(2, Buy, 9, 1, 4);
    assert_eq!(taken(&reports), [(4, 1, 9)], "the trade itself");
}

#[test]
fn an_if_touched_order_with_a_limit_rests_behind_the_queue_once_touched() {
    let mut room = Room::open();
    room.submit(limit(1, Buy, 10, 2), touched_at(10));
    let reports = room.hit(1, Buy, 10, 1, 5);
    assert_eq!(kinds(&reports), [ReportKind::Triggered { price: Ticks(10) }]);
    // Four of the first are still ahead.
    assert!(room.hit(1, Buy, 10, 4, 4).is_empty());
    let reports = room.event(&[trade(900, Sell, 9, 1), fill(2, Buy, 9, 1), modify(2, Buy, 9, 3)]);
    assert_eq!(taken(&reports), [(1, 1, 10)]);
}

#[test]
fn a_waiting_order_can_be_changed_and_cancelled() {
    let mut room = Room::open();
    room.submit(limit(1, Buy, 13, 2), stop_at(13, TriggerSource::BidAsk));
    let change = Change { total: Some(Lots(3)), price: Some(Ticks(14)), trigger: None };
    assert_eq!(
        kinds(&room.modify(1, change)),
        [ReportKind::Modified { quantity: Lots(3), price: Ticks(14) }]
    );
    // A trigger that the market has passed lets it in at once.
    let change = Change { trigger: Some(at(12)), ..Change::default() };
    let reports = room.modify(1, change);
    assert_eq!(taken(&reports), [(1, 3, 12)]);
    // In the market it has no trigger any more.
    room.submit(limit(2, Buy, 10, 2), plain());
    let change = Change { trigger: Some(at(11)), ..Change::default() };
    assert_eq!(kinds(&room.modify(2, change)), [ReportKind::ModifyRejected(Reason::Unsupported)]);
    room.submit(market(3, Buy, 1), stop_at(14, TriggerSource::Last));
    assert_eq!(kinds(&room.cancel(3)), [gone(1, CancelReason::Requested)]);
    assert_eq!(kinds(&room.cancel(3)), [ReportKind::CancelRejected(Reason::TooLate)]);
}

#[test]
fn a_post_only_stop_limit_that_would_trade_when_it_goes_off_is_cancelled() {
    let mut room = Room::open();
    let passive = OrderRequest { post_only: true, ..limit(1, Buy, 12, 2) };
    room.submit(passive, stop_at(12, TriggerSource::Last));
    let reports = room.hit(11, Sell, 12, 1, 6);
    let told = [ReportKind::Triggered { price: Ticks(12) }, gone(2, CancelReason::Refused)];
    assert_eq!(kinds(&reports), told);
}

#[test]
fn a_market_to_limit_order_rests_with_what_the_best_price_did_not_fill() {
    let mut room = Room::open();
    let request = OrderRequest { kind: OrderKind::MarketToLimit, ..market(1, Buy, 8) };
    let reports = room.submit(request, plain());
    assert_eq!(
        kinds(&reports)[..2],
        [ReportKind::Accepted, ReportKind::Restated { quantity: Lots(8), price: Ticks(12) }]
    );
    assert_eq!(taken(&reports), [(1, 6, 12)]);
    assert_eq!(room.market.own_order(own(1)).unwrap().limit, Some(Ticks(12)));
}

#[test]
fn an_iceberg_shows_slice_after_slice_at_the_back_of_its_level() {
    let mut room = Room::open();
    let iceberg = OrderRequest { display: Lots(2), ..limit(1, Buy, 10, 5) };
    room.submit(iceberg, plain());
    room.event(&[add(3, Buy, 10, 4)]);
    room.hit(1, Buy, 10, 5, 5);
    // Three trade behind it: it shows two.
    let reports = room.hit(3, Buy, 10, 3, 4);
    assert_eq!(taken(&reports), [(1, 2, 10)]);
    // The next slice stands behind the rest of the other order.
    assert!(room.hit(3, Buy, 10, 1, 1).is_empty());
    let order = room.market.own_order(own(1)).unwrap();
    assert_eq!((order.leaves(), order.visible()), (Lots(3), Lots(2)));
    // What trades through the price takes what is hidden too.
    let reports = room.hit(2, Buy, 9, 4, 4);
    assert_eq!(taken(&reports), [(1, 3, 10)]);
}

#[test]
fn one_cancels_the_other_at_the_first_fill() {
    let mut room = Room::open();
    room.submit(limit(1, Buy, 11, 4), peers(1, PeerKind::Oco));
    room.submit(limit(2, Sell, 13, 4), peers(1, PeerKind::Oco));
    // A seller arrives at the bid inside the spread.
    let reports = room.event(&[add(30, Sell, 11, 1)]);
    assert_eq!(taken(&reports), [(1, 1, 11)]);
    assert_eq!(kinds_of(&reports, 2), [gone(4, CancelReason::Linked)]);
    assert!(!room.conditional.is_idle(), "the first still works");
    room.cancel(1);
    assert!(room.conditional.is_idle());
}

#[test]
fn the_end_of_one_peer_is_the_end_of_the_other() {
    for kind in [PeerKind::Oco, PeerKind::Ouo] {
        let mut room = Room::open();
        room.submit(limit(1, Buy, 9, 4), peers(1, kind));
        room.submit(limit(2, Sell, 14, 4), peers(1, kind));
        let reports = room.cancel(2);
        assert_eq!(kinds_of(&reports, 1), [gone(4, CancelReason::Linked)], "{kind:?}");
    }
}

#[test]
fn one_updates_the_other_by_what_it_filled() {
    let mut room = Room::open();
    room.submit(limit(1, Buy, 11, 4), peers(1, PeerKind::Ouo));
    room.submit(limit(2, Sell, 13, 4), peers(1, PeerKind::Ouo));
    let reports = room.event(&[add(30, Sell, 11, 1)]);
    assert_eq!(taken(&reports), [(1, 1, 11)]);
    let restated = ReportKind::Restated { quantity: Lots(3), price: Ticks(13) };
    assert_eq!(kinds_of(&reports, 2), [restated]);
    let reports = room.event(&[add(31, Sell, 11, 3)]);
    assert_eq!(taken(&reports), [(1, 3, 11)]);
    assert_eq!(kinds_of(&reports, 2), [gone(3, CancelReason::Linked)]);
    let total = Change { total: Some(Lots(9)), ..Change::default() };
    assert_eq!(kinds(&room.modify(2, total)), [ReportKind::ModifyRejected(Reason::TooLate)]);
}

#[test]
fn a_peer_that_comes_when_another_was_filled_is_rejected() {
    let mut room = Room::open();
    let reports = room.submit(market(1, Buy, 1), peers(1, PeerKind::Oco));
    assert_eq!(taken(&reports), [(1, 1, 12)]);
    let reports = room.submit(limit(2, Buy, 9, 4), peers(1, PeerKind::Oco));
    assert_eq!(kinds(&reports), [ReportKind::Rejected(Reason::Linked)]);
    assert!(room.conditional.is_idle(), "nothing is remembered of a family that has ended");
}

fn child(parent: u64) -> Condition {
    let links = Links { parent: Some(own(parent)), children: 0, group: None, peers: 0 };
    Condition { links, ..Condition::default() }
}

fn with_children(children: u8) -> Condition {
    let links = Links { children, ..Links::default() };
    Condition { links, ..Condition::default() }
}

#[test]
fn a_child_works_for_as_much_as_its_parent_was_filled() {
    let mut room = Room::open();
    room.submit(limit(1, Buy, 11, 4), with_children(1));
    let reports = room.submit(limit(2, Sell, 14, 8), child(1));
    assert_eq!(kinds(&reports), [ReportKind::Accepted]);
    assert_eq!(room.conditional.waiting(), 1);
    let reports = room.event(&[add(30, Sell, 11, 1)]);
    // A quarter of the parent: a quarter of the child.
    let restated = ReportKind::Restated { quantity: Lots(2), price: Ticks(14) };
    let triggered = ReportKind::Triggered { price: Ticks(14) };
    assert_eq!(kinds_of(&reports, 2), [restated, triggered]);
    let reports = room.event(&[add(31, Sell, 11, 3)]);
    let restated = ReportKind::Restated { quantity: Lots(8), price: Ticks(14) };
    assert_eq!(kinds_of(&reports, 2), [restated]);
}

#[test]
fn children_of_a_parent_that_was_never_filled_end_with_it() {
    let mut room = Room::open();
    room.submit(limit(1, Buy, 9, 4), with_children(1));
    room.submit(limit(2, Sell, 14, 4), child(1));
    let reports = room.cancel(1);
    assert_eq!(kinds_of(&reports, 2), [gone(0, CancelReason::Linked)]);
    let reports = room.submit(limit(3, Sell, 14, 4), child(1));
    assert_eq!(kinds(&reports), [ReportKind::Rejected(Reason::Linked)]);
}

#[test]
fn when_the_exits_have_ended_the_rest_of_the_entry_is_cancelled() {
    let mut room = Room::open();
    room.submit(limit(1, Buy, 11, 4), with_children(1));
    room.submit(reducing(limit(2, Sell, 12, 4)), child(1));
    room.event(&[add(30, Sell, 11, 1)]);
    let reports = room.hit(11, Sell, 12, 6, 6);
    assert!(reports.is_empty(), "the exit stands behind the recorded order");
    let reports = room.event(&[add(31, Buy, 12, 1)]);
    assert_eq!(taken(&reports), [(2, 1, 12)]);
    assert_eq!(kinds_of(&reports, 1), [gone(3, CancelReason::Linked)]);
}

#[test]
fn a_reduce_only_order_never_opens_or_turns_the_position() {
    let mut room = Room::open();
    let sell = reducing(limit(1, Sell, 13, 4));
    assert_eq!(kinds(&room.submit(sell, plain())), [ReportKind::Rejected(Reason::ReduceOnly)]);
    let mut room = Room::open().holding(3);
    let reports = room.submit(sell, plain());
    let cut = ReportKind::Restated { quantity: Lots(3), price: Ticks(13) };
    assert_eq!(kinds(&reports), [ReportKind::Accepted, cut]);
    // Together they never exceed the position: nothing is left for a second one.
    let second = reducing(limit(2, Sell, 14, 2));
    assert_eq!(kinds(&room.submit(second, plain())), [ReportKind::Rejected(Reason::ReduceOnly)]);
    // The position shrinks by another order: the first is cut to what is left.
    let reports = room.submit(limit(3, Sell, 10, 2), plain());
    assert_eq!(taken(&reports), [(3, 2, 10)]);
    let cut = ReportKind::Restated { quantity: Lots(1), price: Ticks(13) };
    assert_eq!(kinds_of(&reports, 1), [cut]);
    let reports = room.submit(limit(4, Sell, 10, 1), plain());
    assert_eq!(kinds_of(&reports, 1), [gone(1, CancelReason::ReduceOnly)]);
}

#[test]
fn what_ends_a_run_ends_what_waits() {
    let mut room = Room::open();
    room.submit(market(1, Buy, 2), stop_at(14, TriggerSource::Last));
    room.submit(limit(2, Buy, 9, 1), with_children(1));
    room.submit(limit(3, Sell, 14, 1), child(2));
    let mut out = Vec::new();
    let (reason, at) = (CancelReason::EndOfRun, UnixNanos(room.now));
    room.conditional.cancel_all(&mut room.market, None, reason, at, &mut out);
    let mut orders: Vec<_> = out.iter().map(|r| r.order.number()).collect();
    orders.sort_unstable();
    assert_eq!(orders, [1, 2, 3]);
    assert!(room.conditional.is_idle());
}

#[test]
fn an_order_that_is_good_till_a_time_ends_then() {
    let mut room = Room::open();
    let gtd = OrderRequest { time_in_force: model::TimeInForce::Gtd, ..limit(1, Buy, 9, 1) };
    let end = UnixNanos(room.now + 50);
    let condition = Condition { expires: Some(end), ..Condition::default() };
    assert_eq!(kinds(&room.submit(gtd, condition)), [ReportKind::Accepted]);
    let mut out = Vec::new();
    let (market, sizer) = (&mut room.market, &mut room.sizer);
    room.conditional.expire(market, own(1), end, sizer, &mut out).unwrap();
    assert_eq!(kinds(&out), [gone(1, CancelReason::Expired)]);
    room.conditional.expire(&mut room.market, own(1), end, &mut room.sizer, &mut out).unwrap();
    assert_eq!(out.len(), 1, "one that has ended is left alone");
    let late = Condition { expires: Some(UnixNanos(1)), ..Condition::default() };
    let gtd = OrderRequest { id: own(2), ..gtd };
    assert_eq!(kinds(&room.submit(gtd, late)), [ReportKind::Rejected(Reason::Expired)]);
}

#[test]
fn prices_are_needed_before_a_mark_or_middle_exists() {
    let mut room = Room {
        market: Market::L3(Box::new(L3Market::new(&es(), &VenueSettings::new(), 42))),
        ..Room::open()
    };
    let reports = room.submit(market(1, Buy, 1), stop_at(1, TriggerSource::Mark));
    assert_eq!(kinds(&reports), [ReportKind::Accepted], "it waits for a price");
}

/// A split: what was shown is gone, orders go on in new units, a resting one behind what the book
/// shows of its new prices first.
#[test]
fn a_split_empties_the_book_and_keeps_the_orders() {
    let mut room = Room::open();
    assert_eq!(kinds(&room.submit(limit(1, Buy, 8, 3), plain())), [ReportKind::Accepted]);
    room.submit(market(2, Sell, 5), stop("1.5"));
    let mut out = Vec::new();
    let split = Split::new(2, 1).unwrap();
    let now = UnixNanos(room.now);
    room.conditional.split(&mut room.market, split, now, &mut out).unwrap();
    let restated = |quantity, price| ReportKind::Restated { quantity: Lots(quantity), price };
    assert_eq!(kinds(&out), [restated(6, Ticks(4)), restated(10, Ticks::NONE)]);
    assert!(!room.market.bbo().bid.is_some() && !room.market.bbo().ask.is_some());
    // The new day's orders: one of them at our price is ahead of us, though it comes later.
    assert!(room.event(&[add(21, Buy, 4, 2), add(31, Sell, 6, 9)]).is_empty());
    let reports = room.event(&[trade(90, Sell, 4, 2), fill(21, Buy, 4, 2), cancel(21, Buy, 4, 2)]);
    assert!(fills(&reports).is_empty(), "what was ahead has it: {reports:?}");
    assert!(room.event(&[add(22, Buy, 4, 4)]).is_empty());
    let reports = room.event(&[trade(91, Sell, 4, 4), fill(22, Buy, 4, 4), cancel(22, Buy, 4, 4)]);
    assert_eq!(taken(&reports), [(1, 4, 4)]);
}
