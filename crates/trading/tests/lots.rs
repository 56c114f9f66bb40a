//! Lot matching by the worked numbers: simulation.md, "Accounting", Lots.

mod common;
use common::{equity, money, price, signed};
use model::*;
use tickforge_trading::{Account, LotMatching, LotTrips, RoundTrip, RoundTrips};

const X: InstrumentIndex = InstrumentIndex(0);
const FILLS: [(i64, &str); 5] =
    [(1000, "1.07"), (1000, "1.08"), (-1000, "1.09"), (1000, "1.08"), (-2000, "1.09")];

fn trips(matching: LotMatching) -> (Vec<Money>, Account, Vec<RoundTrip>) {
    let terms = equity();
    let mut account = Account::new(Currency::USD, money("10000"), 1).with_lots(matching);
    let mut lots = LotTrips::new(1, matching);
    let mut ended = Vec::new();
    let mut realized = Vec::new();
    for (at, (quantity, price)) in FILLS.into_iter().enumerate() {
        let mut fill = signed(quantity, price);
        (fill.fee, fill.ts_event) = (money("3"), UnixNanos(at as u64));
        realized.push(account.apply_fill(&terms, &fill).unwrap().realized);
        lots.on_fill(&terms, &fill, &mut |trip| ended.push(trip)).unwrap();
    }
    (realized, account, ended)
}

/// "1000 @ 1.07, 1000 @ 1.08, −1000 @ 1.09, 1000 @ 1.08, −2000 @ 1.09: FIFO 20/10/10, LIFO
/// 10/10/20, flat-to-flat 40 @ 1.0766667".
#[test]
fn fifo_and_lifo_realise_by_lot_and_flat_to_flat_at_the_average() {
    for (matching, by_trip, by_fill) in [
        (LotMatching::Fifo, ["20", "10", "10"], ["20", "20"]),
        (LotMatching::Lifo, ["10", "10", "20"], ["10", "30"]),
    ] {
        let (realized, account, ended) = trips(matching);
        let gross: Vec<Money> = ended.iter().map(|trip| trip.gross).collect();
        assert_eq!(gross, by_trip.map(money), "{matching:?}");
        assert_eq!([realized[2], realized[4]], by_fill.map(money), "{matching:?}");
        assert_eq!((account.realized(), account.fees()), (money("40"), money("15")));
        let fees: i128 = ended.iter().map(|trip| trip.fees.0).sum();
        assert_eq!(Money(fees), money("15"), "every fee belongs to a trip");
        assert_eq!(account.position(X), Position { realized: money("40"), ..Position::default() });
    }
    let terms = equity();
    let mut whole = RoundTrips::new(1);
    let ended: Vec<RoundTrip> = FILLS
        .into_iter()
        .filter_map(|(quantity, price)| whole.on_fill(&terms, &signed(quantity, price)).unwrap())
        .collect();
    let [trip] = ended.as_slice() else { panic!("one trip from flat to flat") };
    assert_eq!((trip.gross, trip.entry_price), (money("40"), price("1.076666667")));
}

#[test]
fn a_flip_closes_every_lot_and_opens_the_rest() {
    let terms = equity();
    let mut account = Account::new(Currency::USD, money("0"), 1).with_lots(LotMatching::Fifo);
    let mut lots = LotTrips::new(1, LotMatching::Fifo);
    let mut ended = Vec::new();
    for (quantity, price) in [(10, "10"), (5, "12.5"), (-7, "14.5"), (-15, "17.5")] {
        let fill = signed(quantity, price);
        account.apply_fill(&terms, &fill).unwrap();
        lots.on_mark(X, common::price("9"));
        lots.on_fill(&terms, &fill, &mut |trip| ended.push(trip)).unwrap();
    }
    // 7 · 4.5, then 3 · 7.5 and 5 · 5; short 7 at 17.5.
    let gross: Vec<Money> = ended.iter().map(|trip| trip.gross).collect();
    assert_eq!(gross, ["31.5", "22.5", "25"].map(money));
    assert_eq!((account.realized(), account.position(X).quantity), (money("79"), Lots(-7)));
    assert_eq!(account.average_entry_price(&terms, X), Some(price("17.5")));
    assert_eq!((ended[0].mae, ended[0].mfe), (money("-7"), money("31.5")));
    let open = lots.open(&terms, X, price("20"), UnixNanos(9_000)).unwrap();
    assert_eq!((open.len(), open[0].gross, open[0].closed), (1, money("-17.5"), false));
}

#[test]
fn lots_lose_nothing_over_many_odd_fills() {
    for matching in [LotMatching::Fifo, LotMatching::Lifo] {
        let terms = equity();
        let mut account = Account::new(Currency::USD, money("1000"), 1).with_lots(matching);
        let mut lots = LotTrips::new(1, matching);
        let mut random = model::random::SeededRandom::new(3, "lots");
        let mut gross = 0i128;
        for _ in 0..3_000 {
            let quantity = random.below(97) as i64 + 1;
            let side = if random.below(2) == 0 { Side::Buy } else { Side::Sell };
            let at = Price(random.below(50_000_000_000) as i64 + 1);
            let fill = Fill { price: at, fee: Money(7), ..common::fill(side, quantity, "1") };
            account.apply_fill(&terms, &fill).unwrap();
            lots.on_fill(&terms, &fill, &mut |trip| gross += trip.gross.0).unwrap();
            assert_eq!(account.realized().0, gross, "the account realises what its trips do");
            let held = account.realized().0 - account.position(X).cost.0 - account.fees().0;
            assert_eq!(account.cash().0, money("1000").0 + held);
        }
    }
}
