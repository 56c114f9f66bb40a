//! Splits and dividends by the worked numbers of `simulation.md`, "Corporate actions, funding,
//! margin, borrow".

mod common;
use common::{equity, money, price, signed};
use model::calendar::{Calendar, day_number};
use model::*;
use tickforge_trading::{Account, Adjustment, dividend, entitling_session};

const X: InstrumentIndex = InstrumentIndex(0);

fn holding(quantity: i64, at: &str) -> Account {
    let mut account = Account::new(Currency::USD, money("10000"), 1);
    account.apply_fill(&equity(), &signed(quantity, at)).unwrap();
    account
}

/// "100 @ 50, 2:1 → 200 @ 25."
#[test]
fn a_split_multiplies_the_quantity_and_divides_the_average() {
    let mut account = holding(100, "50");
    let cash = account.cash();
    let effect = account.apply_split(&equity(), X, Split::new(2, 1).unwrap(), price("25")).unwrap();
    assert_eq!((effect.before, effect.after, effect.cash), (Lots(100), Lots(200), Money::ZERO));
    assert_eq!(account.average_entry_price(&equity(), X), Some(price("25")));
    assert_eq!((account.cash(), account.realized()), (cash, Money::ZERO));
}

/// "a fraction is paid in cash": 105 shares 1:10 are 10 and half a share, paid at 500.
#[test]
fn a_fraction_is_paid_in_cash_and_nothing_is_lost() {
    for (sign, cash, realized) in [(1, "250", "-12.5"), (-1, "-250", "12.5")] {
        let mut account = holding(105 * sign, "52.5");
        let equity_before = account.equity(&[equity()], &|_, _| price("50")).unwrap();
        let split = Split::new(1, 10).unwrap();
        let effect = account.apply_split(&equity(), X, split, price("500")).unwrap();
        assert_eq!((effect.after, effect.cash), (Lots(10 * sign), money(cash)));
        assert_eq!((effect.realized, account.realized()), (money(realized), money(realized)));
        assert_eq!(account.average_entry_price(&equity(), X), Some(price("525")));
        let equity_after = account.equity(&[equity()], &|_, _| price("500")).unwrap();
        assert_eq!(equity_after, equity_before, "paid at the mark, equity stays");
        let left = account.clone();
        let refused =
            account.apply_split(&equity(), X, Split::new(1, 3).unwrap(), Price::UNDEFINED);
        assert_eq!(refused.unwrap_err().code(), "ERR_TRADING_SETTING");
        assert_eq!(account, left);
    }
}

/// "resting orders likewise (default)".
#[test]
fn a_resting_order_is_split_and_its_price_never_gets_worse_for_its_owner() {
    let split = Split::new(3, 2).unwrap();
    assert_eq!(split.quantity(Lots(101)).unwrap(), (Lots(151), 1));
    assert_eq!(split.quantity(Lots(-101)).unwrap(), (Lots(-151), -1));
    assert_eq!(split.limit(Side::Buy, Ticks(5_000)).unwrap(), Ticks(3_333));
    assert_eq!(split.limit(Side::Sell, Ticks(5_000)).unwrap(), Ticks(3_334));
    assert_eq!(split.limit(Side::Sell, Ticks(4_500)).unwrap(), Ticks(3_000));
    assert_eq!(split.price(price("75")).unwrap(), price("50"));
    assert_eq!(Split::new(0, 1), None);
    assert!(split.quantity(Lots(i64::MAX)).is_err());
}

/// "who held at the previous close receives quantity × d on the pay date, shorts pay".
#[test]
fn a_dividend_is_for_who_held_at_the_close_before() {
    assert_eq!(dividend(&equity(), Lots(100), price("0.24")), Ok(money("24")));
    assert_eq!(dividend(&equity(), Lots(-100), price("0.24")), Ok(money("-24")));
    let shares = Calendar::built_in("us-equities").unwrap();
    let day = |text: &str| day_number(text.parse().unwrap());
    // Tuesday after Memorial Day 2024: the close that counts is Friday's.
    let session = entitling_session(&shares, day("2024-05-28")).unwrap();
    assert_eq!(session.day, day("2024-05-24"));
    assert_eq!(session.close, UnixNanos::parse("2024-05-24T20:00:00Z").unwrap());
}

/// "never on total-adjusted data".
#[test]
fn adjusted_prices_refuse_what_they_already_hold() {
    let of = |text| Adjustment::parse(text).unwrap();
    assert!(of("raw").allow_dividends().is_ok() && of("raw").allow_splits().is_ok());
    assert!(of("split").allow_dividends().is_ok() && of("split").allow_splits().is_err());
    let refused = of("total").allow_dividends().unwrap_err();
    assert_eq!(refused.code(), "ERR_TRADING_SETTING");
    assert!(of("total").allow_splits().is_err() && Adjustment::parse("").is_err());
}
