//! Round trips by hand-made numbers.

mod common;
use common::{equity, future, money, price, signed};
use model::*;
use tickforge_trading::{Account, RoundTrips};

const X: InstrumentIndex = InstrumentIndex(0);

fn at(ts: u64, mut fill: Fill, fee: &str) -> Fill {
    fill.ts_event = UnixNanos(ts);
    fill.fee = money(fee);
    fill
}

#[test]
fn scaling_in_and_out_is_one_trip_from_flat_to_flat() {
    let x = equity();
    let mut trips = RoundTrips::new(1);
    let steps = [(1000, "1.07"), (1000, "1.08"), (-1000, "1.09"), (1000, "1.08")];
    for (i, (q, p)) in steps.into_iter().enumerate() {
        assert_eq!(trips.on_fill(&x, &at(i as u64, signed(q, p), "1")).unwrap(), None);
    }
    let trip = trips.on_fill(&x, &at(9, signed(-2000, "1.09"), "1")).unwrap().unwrap();
    assert_eq!((trip.quantity, trip.largest), (Lots(3000), Lots(2000)));
    assert_eq!(trip.entry_price, price("1.076666667"));
    assert_eq!(trip.exit_price, price("1.09"));
    assert_eq!((trip.gross, trip.fees, trip.net()), (money("40"), money("5"), money("35")));
    assert_eq!((trip.entry_time.0, trip.exit_time.0, trip.fills), (0, 9, 5));
    assert!(trip.closed && trip.duration() == 9);
    assert!((trip.return_fraction() - 35.0 / 3230.0).abs() < 1e-12);
}

#[test]
fn a_flip_ends_one_trip_and_begins_the_next_and_splits_the_fee() {
    let x = equity();
    let mut trips = RoundTrips::new(1);
    trips.on_fill(&x, &at(1, signed(1000, "1.07"), "1")).unwrap();
    let first = trips.on_fill(&x, &at(2, signed(-2000, "1.08"), "2")).unwrap().unwrap();
    assert_eq!((first.side, first.gross, first.fees), (Side::Buy, money("10"), money("2")));
    let open = trips.open_trip(&x, X, price("1.1"), UnixNanos(3)).unwrap().unwrap();
    assert_eq!((open.closed, open.gross, open.exit_time.0), (false, money("-20"), 3));
    assert_eq!(open.exit_price, price("1.1"));
    let second = trips.on_fill(&x, &at(4, signed(1000, "1.09"), "1")).unwrap().unwrap();
    assert_eq!((second.side, second.gross, second.fees), (Side::Sell, money("-10"), money("2")));
    assert_eq!(second.entry_price, price("1.08"));
    assert_eq!(trips.open_trip(&x, X, price("2"), UnixNanos(5)).unwrap(), None);
    let s = trips.statistics(X);
    assert_eq!((s.largest_long, s.largest_short), (Lots(1000), Lots(1000)));
    assert_eq!((s.volume, s.fills, s.round_trips, s.time_in_market), (4000, 3, 2, 3));
    assert_eq!((s.turnover, s.fees), (money("4320"), money("4")));
}

#[test]
fn excursions_see_marks_with_the_position_of_their_time() {
    let es = future();
    let mut trips = RoundTrips::new(1);
    trips.on_mark(X, price("1")); // flat: not seen
    trips.on_fill(&es, &at(1, signed(1, "4800"), "0")).unwrap();
    trips.on_mark(X, price("4790"));
    trips.on_mark(X, Price::UNDEFINED);
    trips.on_fill(&es, &at(2, signed(1, "4800"), "0")).unwrap();
    trips.on_mark(X, price("4803"));
    trips.on_fill(&es, &at(3, signed(-1, "4802"), "0")).unwrap();
    trips.on_mark(X, price("4805"));
    let trip = trips.on_fill(&es, &at(4, signed(-1, "4801"), "0")).unwrap().unwrap();
    // Worst: one contract ten points under water. Best: 100 realised and 250 open.
    assert_eq!((trip.mae, trip.mfe), (money("-500"), money("350")));
    assert_eq!(trip.gross, money("150"));
}

#[test]
fn trips_add_up_to_the_accounts_profit_to_the_last_nano() {
    let x = equity();
    let mut account = Account::new(Currency::USD, Money::ZERO, 1);
    let mut trips = RoundTrips::new(1);
    let mut random = model::random::SeededRandom::new(5, "trips");
    let (mut gross, mut fees) = (0, 0);
    for i in 0..5_000u64 {
        let quantity = random.below(30) as i64 - 15;
        if quantity == 0 {
            continue;
        }
        let mut f = at(i, signed(quantity, "1"), "0.000000013");
        f.price = Price(random.below(9_000_000_000) as i64 + 1);
        account.apply_fill(&x, &f).unwrap();
        if let Some(trip) = trips.on_fill(&x, &f).unwrap() {
            gross += trip.gross.0;
            fees += trip.fees.0;
            assert!(trip.mae.0 <= trip.gross.0.min(0) && trip.mfe.0 >= trip.gross.0.max(0));
        }
    }
    let open = trips.open_trip(&x, X, Price::UNDEFINED, UnixNanos::MAX).unwrap();
    let (open_fees, open_realized) = match open {
        Some(trip) => {
            let mark = account.average_entry_price(&x, X).unwrap();
            let unrealized = account.unrealized(&x, X, mark).unwrap();
            (trip.fees.0, trip.gross.0 - unrealized.0)
        }
        None => (0, 0),
    };
    assert_eq!(gross + open_realized, account.realized().0);
    assert_eq!(fees + open_fees, account.fees().0);
}

#[test]
fn an_impossible_fill_is_refused_whole() {
    let x = equity();
    let mut trips = RoundTrips::new(1);
    trips.on_fill(&x, &signed(3, "10")).unwrap();
    let before = format!("{trips:?}");
    for bad in [
        Fill { quantity: Lots(0), ..signed(1, "1") },
        Fill { instrument: InstrumentIndex(7), ..signed(1, "1") },
        Fill { quantity: Lots(i64::MAX), ..signed(1, "1") },
        Fill { fee: Money(i128::MAX), ..signed(-4, "1") },
    ] {
        assert!(trips.on_fill(&x, &bad).is_err());
        assert_eq!(format!("{trips:?}"), before);
    }
}
