//! The matching engine: the numbers of simulation.md, "Matching", and its rules one by one.

use model::{Lots, Side, Ticks};
use tickforge_venue::VenueError;
use tickforge_venue::matching::{
    Allocation, CancelCause, Indication, LeadMarketMaker, MarketPhase, MatchEvent, MatchingEngine,
    MatchingSettings, NewOrder, Participant, Refusal, SelfTradePrevention, Validity,
};

struct Market {
    engine: MatchingEngine,
    events: Vec<MatchEvent>,
}

impl Market {
    fn new(settings: MatchingSettings) -> Self {
        Self { engine: MatchingEngine::new(settings), events: Vec::new() }
    }

    fn allocating(allocation: Allocation) -> Self {
        Self::new(MatchingSettings::new().with_allocation(allocation).unwrap())
    }

    fn order(&mut self, order: &NewOrder) -> Vec<MatchEvent> {
        self.engine.submit(order, &mut self.events);
        std::mem::take(&mut self.events)
    }

    /// A limit order of a participant of its own.
    fn rest(&mut self, id: u64, side: Side, price: i64, quantity: i64) {
        let events = self.order(&limit(id, side, price, quantity));
        assert_eq!(events, [MatchEvent::Accepted { id }]);
    }

    fn modify(&mut self, id: u64, quantity: i64, price: i64) -> Vec<MatchEvent> {
        let (who, quantity) = (Participant(id as u32), Lots(quantity));
        self.engine.modify(who, id, quantity, Ticks(price), &mut self.events);
        std::mem::take(&mut self.events)
    }

    fn cancel(&mut self, who: u32, id: u64) -> Vec<MatchEvent> {
        self.engine.cancel(Participant(who), id, &mut self.events);
        std::mem::take(&mut self.events)
    }

    fn phase(&mut self, phase: MarketPhase) -> Vec<MatchEvent> {
        self.engine.set_phase(phase, &mut self.events);
        std::mem::take(&mut self.events)
    }

    fn shown(&self, side: Side) -> Vec<(u64, i64)> {
        self.engine.orders(side).map(|(order, _)| (order.id, order.quantity.0)).collect()
    }
}

fn limit(id: u64, side: Side, price: i64, quantity: i64) -> NewOrder {
    NewOrder::limit(id, Participant(id as u32), side, Ticks(price), Lots(quantity))
}

fn market(id: u64, side: Side, quantity: i64) -> NewOrder {
    NewOrder::market(id, Participant(id as u32), side, Lots(quantity))
}

/// Maker and quantity of each trade.
fn trades(events: &[MatchEvent]) -> Vec<(u64, i64)> {
    events
        .iter()
        .filter_map(|event| match event {
            MatchEvent::Traded { maker, quantity, .. } => Some((*maker, quantity.0)),
            _ => None,
        })
        .collect()
}

fn gone(id: u64, quantity: i64, leaves: i64, cause: CancelCause) -> MatchEvent {
    MatchEvent::Canceled { id, quantity: Lots(quantity), leaves: Lots(leaves), cause }
}

use Side::{Buy, Sell};

/// "Sell 60 against bids 10 (TOP), 5, 20, 50, 75 → 10, 0, 6, 16, 25; remaining 3 → order 2".
#[test]
fn pro_rata_serves_top_then_shares_then_time() {
    let mut m = Market::allocating(Allocation::ProRata { top: true, least: 2 });
    for (id, quantity) in [(1, 10), (2, 5), (3, 20), (4, 50), (5, 75)] {
        m.rest(id, Buy, 100, quantity);
    }
    let events = m.order(&market(9, Sell, 60));
    assert_eq!(trades(&events), [(1, 10), (2, 3), (3, 6), (4, 16), (5, 25)]);
}

/// "501 with TOP 100: 401 over 900/200/300/400/100 → 189/42/63/84/21"; the two that are left go to
/// the first of them.
#[test]
fn pro_rata_of_501_with_a_top_order_of_100() {
    let mut m = Market::allocating(Allocation::ProRata { top: true, least: 2 });
    for (id, quantity) in [(1, 100), (2, 900), (3, 200), (4, 300), (5, 400), (6, 100)] {
        m.rest(id, Buy, 100, quantity);
    }
    let events = m.order(&market(9, Sell, 501));
    assert_eq!(trades(&events), [(1, 100), (2, 189 + 2), (3, 42), (4, 63), (5, 84), (6, 21)]);
}

/// "FIFO+LMM: TOP, then each LMM its % of the remaining aggressor quantity capped by its size, then
/// FIFO".
#[test]
fn lead_market_makers_take_their_percent_after_the_top_order() {
    let makers = vec![
        LeadMarketMaker { participant: Participant(3), percent: 30 },
        LeadMarketMaker { participant: Participant(4), percent: 20 },
    ];
    let mut m = Market::allocating(Allocation::LeadMarketMakers { top: true, makers });
    for (id, quantity) in [(1, 10), (2, 100), (3, 100), (4, 5)] {
        m.rest(id, Buy, 100, quantity);
    }
    // 50 after TOP: 30 % is 15, 20 % is 10 capped by 5; the 30 that are left go by time.
    let events = m.order(&market(9, Sell, 60));
    assert_eq!(trades(&events), [(1, 10), (3, 15), (4, 5), (2, 30)]);
}

#[test]
fn lead_market_makers_have_at_most_half() {
    let maker =
        |participant, percent| LeadMarketMaker { participant: Participant(participant), percent };
    for makers in
        [vec![maker(1, 30), maker(2, 21)], vec![maker(1, 10), maker(1, 10)], vec![maker(1, 0)]]
    {
        let allocation = Allocation::LeadMarketMakers { top: false, makers };
        let refused = MatchingSettings::new().with_allocation(allocation).unwrap_err();
        assert!(matches!(refused, VenueError::Setting { .. }), "{refused}");
    }
}

/// "If the aggressor takes the whole level: FIFO."
#[test]
fn a_level_that_is_taken_whole_is_taken_by_time() {
    let mut m = Market::allocating(Allocation::ProRata { top: true, least: 2 });
    for (id, quantity) in [(1, 3), (2, 90), (3, 7)] {
        m.rest(id, Buy, 100, quantity);
    }
    assert_eq!(trades(&m.order(&market(9, Sell, 100))), [(1, 3), (2, 90), (3, 7)]);
}

#[test]
fn the_top_order_loses_its_place_when_it_is_bettered_or_moves() {
    let mut m = Market::allocating(Allocation::ProRata { top: true, least: 1 });
    m.rest(1, Buy, 100, 10);
    m.rest(2, Buy, 100, 30);
    m.rest(3, Buy, 101, 1);
    assert_eq!(trades(&m.order(&market(8, Sell, 1))), [(3, 1)]);
    // Order 1 was TOP before order 3 came: now it shares.
    assert_eq!(trades(&m.order(&market(9, Sell, 20))), [(1, 5), (2, 15)]);
}

/// "Priority is lost on a quantity increase, a price change; kept on a decrease."
#[test]
fn priority_is_kept_by_a_decrease_alone() {
    let mut m = Market::new(MatchingSettings::new());
    m.rest(1, Buy, 100, 5);
    m.rest(2, Buy, 100, 5);
    let kept = |kept_priority, leaves| MatchEvent::Modified {
        id: 1,
        leaves: Lots(leaves),
        price: Ticks(100),
        kept_priority,
    };
    assert_eq!(m.modify(1, 4, 100), [kept(true, 4)]);
    assert_eq!(m.shown(Buy), [(1, 4), (2, 5)]);
    assert_eq!(m.modify(1, 6, 100), [kept(false, 6)]);
    assert_eq!(m.shown(Buy), [(2, 5), (1, 6)]);
    m.modify(2, 5, 99);
    m.modify(2, 5, 100);
    assert_eq!(m.shown(Buy), [(1, 6), (2, 5)]);
    // A change to a price that trades takes on arrival.
    m.rest(3, Sell, 102, 4);
    let events = m.modify(1, 6, 102);
    assert_eq!(trades(&events), [(3, 4)]);
    assert_eq!(m.shown(Buy), [(1, 2), (2, 5)]);
}

#[test]
fn an_iceberg_shows_slice_after_slice_at_the_back() {
    let mut m = Market::new(MatchingSettings::new());
    let events = m.order(&NewOrder { display: Lots(2), ..limit(1, Sell, 100, 5) });
    assert_eq!(events, [MatchEvent::Accepted { id: 1 }]);
    m.rest(2, Sell, 100, 3);
    assert_eq!(m.engine.best(Sell), Some((Ticks(100), Lots(5))));
    assert_eq!(m.engine.leaves(1), Some(Lots(5)));
    assert_eq!(trades(&m.order(&market(8, Buy, 4))), [(1, 2), (2, 2)]);
    assert_eq!(m.shown(Sell), [(2, 1), (1, 2)]);
    // One aggressor may take slice after slice.
    assert_eq!(trades(&m.order(&market(9, Buy, 9))), [(2, 1), (1, 2), (1, 1)]);
}

#[test]
fn own_orders_are_kept_apart_in_four_ways() {
    use SelfTradePrevention as S;
    let own = |how| {
        let mut m = Market::new(MatchingSettings::new().with_self_trade_prevention(how));
        let me = Participant(7);
        m.order(&NewOrder::limit(1, me, Sell, Ticks(100), Lots(5)));
        m.rest(2, Sell, 101, 5);
        let events = m.order(&NewOrder::limit(3, me, Buy, Ticks(101), Lots(8)));
        (events[1..].to_vec(), m.shown(Sell), m.shown(Buy))
    };
    let own_trade = CancelCause::SelfTrade;
    let (events, ..) = own(S::None);
    assert_eq!(trades(&events), [(1, 5), (2, 3)]);
    let (events, sells, buys) = own(S::CancelNewest);
    assert_eq!(events, [gone(3, 8, 0, own_trade)]);
    assert_eq!((sells, buys), (vec![(1, 5), (2, 5)], vec![]));
    let (events, sells, buys) = own(S::CancelOldest);
    assert_eq!(events[0], gone(1, 5, 0, own_trade));
    assert_eq!(trades(&events), [(2, 5)]);
    assert_eq!((sells, buys), (vec![], vec![(3, 3)]));
    let (events, sells, _) = own(S::CancelBoth);
    assert_eq!(events, [gone(1, 5, 0, own_trade), gone(3, 8, 0, own_trade)]);
    assert_eq!(sells, [(2, 5)]);
    let (events, sells, _) = own(S::DecrementAndCancel);
    assert_eq!(events[..2], [gone(1, 5, 0, own_trade), gone(3, 5, 3, own_trade)]);
    assert_eq!(trades(&events), [(2, 3)]);
    assert_eq!(sells, [(2, 2)]);
}

#[test]
fn what_may_not_rest_trades_at_once_or_not_at_all() {
    let mut m = Market::new(MatchingSettings::new());
    m.rest(1, Sell, 100, 5);
    let fok = NewOrder { validity: Validity::Fok, ..limit(2, Buy, 100, 6) };
    let rest = gone(2, 6, 0, CancelCause::NoLiquidity);
    assert_eq!(m.order(&fok), [MatchEvent::Accepted { id: 2 }, rest]);
    let ioc = NewOrder { validity: Validity::Ioc, ..limit(3, Buy, 100, 6) };
    let events = m.order(&ioc);
    assert_eq!(trades(&events), [(1, 5)]);
    assert_eq!(events.last(), Some(&gone(3, 1, 0, CancelCause::NoLiquidity)));
    let passive = NewOrder { post_only: true, ..limit(4, Buy, 99, 1) };
    assert_eq!(m.order(&passive), [MatchEvent::Accepted { id: 4 }]);
    let passive = NewOrder { post_only: true, ..limit(5, Sell, 99, 1) };
    let why = Refusal::WouldTrade;
    assert_eq!(m.order(&passive), [MatchEvent::Rejected { id: 5, why }]);
}

#[test]
fn a_post_only_order_is_never_moved_into_a_trade() {
    let mut m = Market::new(MatchingSettings::new());
    m.rest(1, Sell, 100, 5);
    m.order(&NewOrder { post_only: true, ..limit(2, Buy, 98, 3) });
    let why = Refusal::WouldTrade;
    assert_eq!(m.modify(2, 3, 100), [MatchEvent::Rejected { id: 2, why }]);
    // It stays where it was, and may be moved as long as it does not trade.
    let moved = |price| MatchEvent::Modified {
        id: 2,
        leaves: Lots(3),
        price: Ticks(price),
        kept_priority: false,
    };
    assert_eq!(m.modify(2, 3, 99), [moved(99)]);
    assert_eq!(m.modify(2, 3, 101), [MatchEvent::Rejected { id: 2, why }]);
    // An order that is not post-only trades there.
    m.rest(3, Buy, 98, 1);
    assert_eq!(trades(&m.modify(3, 1, 100)), [(1, 1)]);
}

#[test]
fn an_auction_trades_at_the_price_of_greatest_volume() {
    let mut m = Market::new(MatchingSettings::new());
    assert!(m.phase(MarketPhase::Auction).is_empty());
    for (id, side, price, quantity) in [
        (1, Buy, 102, 10),
        (2, Buy, 101, 20),
        (3, Buy, 100, 30),
        (4, Sell, 99, 15),
        (5, Sell, 100, 10),
        (6, Sell, 101, 20),
    ] {
        m.rest(id, side, price, quantity);
    }
    // At 100: 60 wanted, 25 offered. At 101: 30 wanted, 45 offered: 30 trade, the most.
    let found = Indication { price: Ticks(101), quantity: Lots(30), surplus: -15 };
    assert_eq!(m.engine.indication(None), Some(found));
    let events = m.phase(MarketPhase::Continuous);
    assert_eq!(trades(&events), [(4, 10), (4, 5), (5, 10), (6, 5)]);
    let price = Ticks(101);
    assert!(events.iter().all(|event| match event {
        MatchEvent::Traded { price: at, .. } => *at == price,
        _ => true,
    }));
    assert_eq!(events.last(), Some(&MatchEvent::Uncrossed { price, quantity: Lots(30) }));
    assert_eq!((m.shown(Buy), m.shown(Sell)), (vec![(3, 30)], vec![(6, 15)]));
    assert_eq!(m.engine.last_price(), Some(price));
}

#[test]
fn ties_of_an_auction_go_to_surplus_pressure_and_reference() {
    let auction = |orders: &[(u64, Side, i64, i64)]| {
        let mut m = Market::new(MatchingSettings::new());
        m.phase(MarketPhase::Auction);
        for &(id, side, price, quantity) in orders {
            m.rest(id, side, price, quantity);
        }
        m
    };
    // Everywhere from 100 to 105 ten trade, and buyers are left over: the highest.
    let m = auction(&[(1, Buy, 105, 15), (2, Sell, 100, 10)]);
    assert_eq!(m.engine.indication(Some(Ticks(100))).unwrap().price, Ticks(105));
    // Sellers are left over: the lowest.
    let m = auction(&[(1, Buy, 105, 10), (2, Sell, 100, 15)]);
    assert_eq!(m.engine.indication(Some(Ticks(105))).unwrap().price, Ticks(100));
    // Nobody is left over: the nearest to the reference, which may lie between.
    let m = auction(&[(1, Buy, 105, 10), (2, Sell, 100, 10)]);
    assert_eq!(m.engine.indication(Some(Ticks(103))).unwrap().price, Ticks(103));
    assert_eq!(m.engine.indication(Some(Ticks(90))).unwrap().price, Ticks(100));
    assert_eq!(m.engine.indication(None).unwrap().price, Ticks(100));
    // Nothing crosses.
    let m = auction(&[(1, Buy, 99, 10), (2, Sell, 100, 10)]);
    assert_eq!(m.engine.indication(None), None);
}

#[test]
fn orders_at_any_price_come_first_in_an_auction_and_end_with_it() {
    let mut m = Market::new(MatchingSettings::new());
    m.phase(MarketPhase::Auction);
    m.rest(1, Buy, 101, 5);
    m.order(&NewOrder { validity: Validity::Auction, ..market(2, Buy, 4) });
    m.rest(3, Sell, 100, 6);
    m.order(&NewOrder { validity: Validity::Auction, ..limit(4, Sell, 110, 1) });
    let events = m.phase(MarketPhase::Continuous);
    let pairs: Vec<_> = events
        .iter()
        .filter_map(|event| match event {
            MatchEvent::Traded { maker, taker, quantity, .. } => Some((*maker, *taker, quantity.0)),
            _ => None,
        })
        .collect();
    assert_eq!(pairs, [(3, 2, 4), (3, 1, 2)]);
    assert_eq!(events.last(), Some(&gone(4, 1, 0, CancelCause::Expired)));
}

#[test]
fn a_halt_takes_cancels_alone_unless_told_otherwise() {
    let mut m = Market::new(MatchingSettings::new());
    m.rest(1, Buy, 100, 5);
    m.phase(MarketPhase::Halted);
    let refused = |id| [MatchEvent::Rejected { id, why: Refusal::Phase }];
    assert_eq!(m.order(&limit(2, Sell, 100, 5)), refused(2));
    assert_eq!(m.modify(1, 6, 100), refused(1));
    assert_eq!(m.cancel(1, 1), [gone(1, 5, 0, CancelCause::Requested)]);
    let mut m = Market::new(MatchingSettings::new().with_orders_during_halt(true));
    m.phase(MarketPhase::Halted);
    m.rest(1, Buy, 100, 5);
    m.rest(2, Sell, 100, 3);
    assert_eq!(m.order(&market(3, Sell, 5)), refused(3));
    // What gathered is uncrossed when trading resumes.
    assert_eq!(trades(&m.phase(MarketPhase::Continuous)), [(2, 3)]);
}

#[test]
fn day_orders_end_at_the_close() {
    let mut m = Market::new(MatchingSettings::new());
    m.order(&NewOrder { validity: Validity::Day, ..limit(1, Buy, 100, 5) });
    m.rest(2, Buy, 99, 5);
    assert_eq!(m.phase(MarketPhase::Closed), [gone(1, 5, 0, CancelCause::Expired)]);
    let refused = [MatchEvent::Rejected { id: 3, why: Refusal::Phase }];
    assert_eq!(m.order(&limit(3, Buy, 100, 5)), refused);
    assert_eq!(m.shown(Buy), [(2, 5)]);
}

#[test]
fn what_no_order_can_be_is_refused_and_changes_nothing() {
    let mut m = Market::new(MatchingSettings::new());
    m.rest(1, Buy, 100, 5);
    let why = |order: NewOrder| match m.clone_order(&order)[..] {
        [MatchEvent::Rejected { why, .. }] => why,
        ref other => panic!("{other:?}"),
    };
    assert_eq!(why(limit(2, Buy, 100, 0)), Refusal::Quantity);
    assert_eq!(why(limit(2, Buy, 100, 1 << 32)), Refusal::Quantity);
    assert_eq!(why(limit(2, Buy, i64::MAX, 1)), Refusal::Price);
    assert_eq!(why(limit(1, Buy, 100, 1)), Refusal::DuplicateOrder);
    assert_eq!(why(NewOrder { post_only: true, ..market(2, Buy, 1) }), Refusal::Terms);
    assert_eq!(why(NewOrder { display: Lots(9), ..limit(2, Buy, 100, 5) }), Refusal::Terms);
    let auction = NewOrder { validity: Validity::Auction, ..limit(2, Buy, 100, 5) };
    assert_eq!(why(auction), Refusal::Phase);
    let rejected = |id, why| [MatchEvent::Rejected { id, why }];
    assert_eq!(m.cancel(9, 1), rejected(1, Refusal::NotOwner));
    assert_eq!(m.cancel(9, 7), rejected(7, Refusal::UnknownOrder));
    assert_eq!(m.modify(1, 0, 100), rejected(1, Refusal::Quantity));
    assert_eq!(m.modify(1, 1, i64::MIN), rejected(1, Refusal::Price));
    assert_eq!(m.shown(Buy), [(1, 5)]);
}

impl Market {
    /// What an order would do, on a copy.
    fn clone_order(&self, order: &NewOrder) -> Vec<MatchEvent> {
        let mut engine = self.engine.clone();
        let mut events = Vec::new();
        engine.submit(order, &mut events);
        events
    }
}

#[test]
fn a_mass_cancel_takes_everything_of_one_participant() {
    let mut m = Market::new(MatchingSettings::new());
    let me = Participant(7);
    m.order(&NewOrder::limit(1, me, Buy, Ticks(100), Lots(5)));
    m.rest(2, Buy, 100, 5);
    m.order(&NewOrder::limit(3, me, Sell, Ticks(101), Lots(5)));
    m.engine.mass_cancel(me, &mut m.events);
    let requested = CancelCause::Requested;
    assert_eq!(m.events, [gone(1, 5, 0, requested), gone(3, 5, 0, requested)]);
    assert_eq!((m.shown(Buy), m.shown(Sell)), (vec![(2, 5)], vec![]));
}
