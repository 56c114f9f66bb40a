//! Accounts by the worked numbers.

mod common;
use common::{equity, fill, future, money, price, signed};
use model::*;
use tickforge_trading::{Account, RoundTrips, TradingError};

const X: InstrumentIndex = InstrumentIndex(0);

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() < 1e-4
}

#[test]
fn average_cost_and_a_flip_give_the_worked_numbers() {
    for instrument in [equity(), {
        let mut f = equity();
        f.kind = InstrumentKind::Future;
        f
    }] {
        let mut account = Account::new(Currency::USD, money("1000"), 1);
        let mut step = |quantity, at| {
            account.apply_fill(&instrument, &signed(quantity, at)).unwrap();
            let average = account.average_entry_price(&instrument, X).unwrap().as_f64();
            (account.position(X).quantity.0, average, account.realized().as_f64())
        };
        let (q, average, _) = step(10, "10");
        assert_eq!((q, average), (10, 10.0));
        let (q, average, _) = step(5, "12.5");
        assert!(q == 15 && near(average, 10.8333), "{average}");
        let (q, average, realized) = step(-7, "14.5");
        assert!(q == 8 && near(average, 10.8333) && near(realized, 25.6667));
        let (q, average, realized) = step(-15, "17.5");
        assert!(q == -7 && average == 17.5 && near(realized, 79.0));
        let kind = instrument.kind;
        let cash = account.cash().as_f64();
        // Paid in full: 1000 − 100 − 62.5 + 101.5 + 262.5; margined: 1000 + 79.
        let expected = if kind.pays_notional() { 1201.5 } else { 1079.0 };
        assert!(near(cash, expected), "{cash}");
        // Either way the equity is the same.
        let equity =
            account.equity(std::slice::from_ref(&instrument), &|_, _| price("17")).unwrap();
        assert_eq!(equity, money("1082.5"));
        assert_eq!(account.unrealized(&instrument, X, price("17")).unwrap(), money("3.5"));
    }
}

#[test]
fn fees_leave_cash_only_and_realised_profit_is_gross() {
    let es = future();
    let mut account = Account::new(Currency::USD, money("100000"), 1);
    let mut buy = fill(Side::Buy, 2, "4800");
    buy.fee = money("1.7");
    let effect = account.apply_fill(&es, &buy).unwrap();
    assert_eq!((effect.realized, effect.cash_delta), (Money::ZERO, money("-1.7")));
    let mut sell = fill(Side::Sell, 2, "4801.25");
    sell.fee = money("-0.3");
    let effect = account.apply_fill(&es, &sell).unwrap();
    assert_eq!((effect.realized, effect.fee), (money("125"), money("-0.3")));
    assert_eq!((effect.before, effect.after), (Lots(2), Lots(0)));
    assert_eq!(account.cash(), money("100123.6"));
    assert_eq!((account.realized(), account.fees()), (money("125"), money("1.4")));
    assert_eq!(account.average_entry_price(&es, X), None);
}

fn inverse() -> Instrument {
    let mut terms = future();
    terms.kind = InstrumentKind::Perpetual;
    terms.multiplier = price("100");
    terms.currency = Currency::parse("BTC").unwrap();
    terms.into_inverse().unwrap()
}

/// simulation.md, "Corporate actions, funding, margin, borrow": an inverse contract's quantity ×
/// contract value / price is its size in coin, so profit is q · c · (1/entry − 1/exit).
#[test]
fn an_inverse_contract_realises_profit_in_its_settlement_currency() {
    let xbt = inverse();
    let mut account = Account::new(xbt.currency, money("1"), 1);
    let mut trips = RoundTrips::new(1);
    let mut step = |quantity, at| {
        let fill = signed(quantity, at);
        let effect = account.apply_fill(&xbt, &fill).unwrap();
        (effect, account.clone(), trips.on_fill(&xbt, &fill).unwrap())
    };
    // Long 1,000 × 100 USD at 50,000; at 40,000 that loses 100,000 · (1/50,000 − 1/40,000).
    let (effect, account, _) = step(1000, "50000");
    assert_eq!((effect.realized, effect.cash_delta), (Money::ZERO, Money::ZERO));
    assert_eq!(account.unrealized(&xbt, X, price("40000")).unwrap(), money("-0.5"));
    let equity = account.equity(std::slice::from_ref(&xbt), &|_, _| price("62500")).unwrap();
    assert_eq!(equity, money("1.4"), "1 + 2 − 1.6");
    let (_, account, _) = step(1000, "40000");
    assert_eq!(account.average_entry_price(&xbt, X), Some(price("44444.444444444")));
    // Sells 3,000 at 50,000: closes 2,000 (4.5 − 4) and is short 1,000 from there.
    let (effect, account, trip) = step(-3000, "50000");
    assert_eq!((effect.realized, account.cash()), (money("0.5"), money("1.5")));
    let trip = trip.unwrap();
    assert_eq!((trip.gross, trip.entry_value), (money("0.5"), money("4.5")));
    assert_eq!((trip.entry_price, trip.exit_price), (price("44444.444444444"), price("50000")));
    assert_eq!((trip.mae, trip.mfe), (money("-0.5"), money("0.5")));
    let (effect, account, trip) = step(1000, "40000");
    assert_eq!((effect.realized, account.cash()), (money("0.5"), money("2")));
    assert_eq!((trip.unwrap().gross, account.realized()), (money("0.5"), money("1")));
    let mut account = account;
    let error = account.apply_fill(&xbt, &signed(1, "0")).unwrap_err();
    assert_eq!(error.code(), "ERR_MODEL_OUT_OF_RANGE");
}

#[test]
fn funding_is_booked_apart() {
    let mut account = Account::new(Currency::USD, money("100"), 1);
    account.adjust(X, money("-12")).unwrap();
    assert_eq!((account.cash(), account.adjustments()), (money("88"), money("-12")));
    assert_eq!(account.realized(), Money::ZERO);
}

#[test]
fn conservation_is_exact_over_many_odd_fills() {
    // Prices with nine digits, sizes that never divide: cash + value must not lose a nano.
    let x = equity();
    let mut account = Account::new(Currency::USD, money("1000"), 1);
    let mut random = model::random::SeededRandom::new(3, "conservation");
    let mut spent = 0i128;
    for _ in 0..5_000 {
        let quantity = random.below(97) as i64 + 1;
        let side = if random.below(2) == 0 { Side::Buy } else { Side::Sell };
        let at = Price(random.below(50_000_000_000) as i64 + 1);
        let f = Fill { price: at, fee: Money(7), ..fill(side, quantity, "1") };
        account.apply_fill(&x, &f).unwrap();
        spent += i128::from(side.sign()) * i128::from(quantity) * i128::from(at.0) + 7;
        let p = account.position(X);
        assert_eq!(account.cash().0, money("1000").0 - spent);
        let held = account.realized().0 - p.cost.0 - account.fees().0;
        assert_eq!(account.cash().0, money("1000").0 + held);
    }
}

#[test]
fn a_refused_fill_changes_nothing() {
    let x = equity();
    let mut account = Account::new(Currency::USD, money("1000"), 1);
    account.apply_fill(&x, &signed(3, "10")).unwrap();
    let before = account.clone();
    let mut euro = equity();
    euro.currency = Currency::parse("EUR").unwrap();
    let good = signed(1, "10");
    let cases: [(&Instrument, Fill, &str); 7] = [
        (&x, Fill { instrument: InstrumentIndex(4), ..good }, "ERR_TRADING_UNKNOWN_INSTRUMENT"),
        (&euro, good, "ERR_TRADING_CURRENCY"),
        (&x, Fill { quantity: Lots(0), ..good }, "ERR_TRADING_FIELD"),
        (&x, Fill { quantity: Lots(-1), ..good }, "ERR_TRADING_FIELD"),
        (&x, Fill { price: Price::UNDEFINED, ..good }, "ERR_TRADING_FIELD"),
        (&x, Fill { quantity: Lots(i64::MAX), ..good }, "ERR_MODEL_OVERFLOW"),
        (&x, Fill { fee: Money(i128::MIN), ..good }, "ERR_MODEL_OVERFLOW"),
    ];
    for (instrument, fill, code) in cases {
        let error: TradingError = account.apply_fill(instrument, &fill).unwrap_err();
        assert_eq!(error.code(), code, "{error}");
        assert_eq!(account, before);
    }
}

#[test]
fn an_undefined_mark_counts_a_position_at_cost() {
    let x = equity();
    let mut account = Account::new(Currency::USD, money("1000"), 2);
    account.apply_fill(&x, &signed(3, "10")).unwrap();
    let instruments = [x.clone(), x];
    let marks = [Price::UNDEFINED, Price::UNDEFINED];
    assert_eq!(account.equity(&instruments, &|at, _| marks[at.index()]).unwrap(), money("1000"));
    let error = account.equity(&instruments[..0], &|at, _| marks[at.index()]).unwrap_err();
    assert_eq!(error.code(), "ERR_TRADING_UNKNOWN_INSTRUMENT");
}
