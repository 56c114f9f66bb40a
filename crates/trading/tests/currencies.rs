//! Several currencies, and fees in the base of a pair: `reference/simulation.md`, "Accounting".

mod common;

use common::{fill, money, price};
use model::{
    Currency, FeeCurrency, Fill, Instrument, InstrumentIndex, InstrumentKind, Lots, Money, NANO,
    Price, Quantity, Side,
};
use std::sync::Arc;

use tickforge_trading::{Account, Currencies, LotMatching, Rate, Remainder, RoundTrips, fee_fill};

const X: InstrumentIndex = InstrumentIndex(0);
const PAIR: InstrumentIndex = InstrumentIndex(1);

fn code(code: &str) -> Currency {
    Currency::parse(code).unwrap()
}

fn pair(lot: &str) -> Instrument {
    let (tick, lot) = (price("0.01"), Quantity::parse(lot).unwrap());
    let pair =
        Instrument::new("BTCUSDT", InstrumentKind::Spot, tick, lot, Price(NANO), code("USDT"));
    pair.unwrap().with_fee_currency(FeeCurrency::Received).unwrap()
}

fn with_fee(side: Side, lots: i64, at: &str, fee: &str) -> Fill {
    Fill { fee: money(fee), ..fill(side, lots, at) }
}

/// "Maker/taker on a spot pair: sell fee in quote, buy fee in base", and "a fee leaves the balance
/// of its own currency: a spot buy with its fee in base leaves less base to sell".
#[test]
fn a_purchase_pays_its_fee_in_base_and_a_sale_in_quote() {
    // 1 BTC at 60,000 with 10 bps: 60 USDT, which are 0.001 BTC, 10 lots of 0.0001.
    let terms = pair("0.0001");
    let mut account = Account::new(code("USDT"), money("100000"), 1);
    let bought = with_fee(Side::Buy, 10_000, "60000", "60");
    let effect = account.apply_fill(&terms, &bought).unwrap();
    assert_eq!((effect.after, effect.fee_lots), (Lots(9_990), 10), "0.999 BTC can be sold");
    assert_eq!(effect.cash_delta, money("-60000"), "the fee left no USDT");
    assert_eq!((account.cash(), account.fees()), (money("40000"), money("60")));
    assert_eq!(account.remainder(X), Remainder::default());
    let at = |at: &str| account.equity(std::slice::from_ref(&terms), &|_, _| price(at)).unwrap();
    assert_eq!(at("60000"), money("99940"));
    let sold = with_fee(Side::Sell, 9_990, "61000", "60.939");
    let effect = account.apply_fill(&terms, &sold).unwrap();
    assert_eq!((effect.after, effect.fee_lots), (Lots::ZERO, 0));
    assert_eq!(effect.cash_delta, money("60878.061"), "0.999 × 61,000 less the fee");
    assert_eq!(account.realized(), money("999"), "0.999 × 1,000");
    assert_eq!(account.cash(), money("100878.061"));
}

#[test]
fn what_is_no_whole_lot_is_kept_and_pays_the_next_fee() {
    // 0.5 lots of fee a time: a lot leaves at the first, none at the second.
    let terms = pair("0.001");
    let mut account = Account::new(code("USDT"), money("100000"), 1);
    let bought = with_fee(Side::Buy, 500, "60000", "30");
    let first = account.apply_fill(&terms, &bought).unwrap();
    assert_eq!((first.after, first.fee_lots), (Lots(499), 1));
    let kept = account.remainder(X);
    assert_eq!((kept.quantity, kept.cost), (500_000, money("30")));
    let equity = account.equity(std::slice::from_ref(&terms), &|_, _| price("60000"));
    assert_eq!(equity.unwrap(), money("99970"), "the remainder is worth what it cost");
    let second = account.apply_fill(&terms, &bought).unwrap();
    assert_eq!((second.after, second.fee_lots), (Lots(999), 0));
    assert_eq!(account.remainder(X), Remainder::default());
    // A rebate brings base.
    let rebate = with_fee(Side::Buy, 1000, "60000", "-60");
    let third = account.apply_fill(&terms, &rebate).unwrap();
    assert_eq!((third.after, third.fee_lots), (Lots(2000), -1));
}

/// The order in which fills arrive changes nothing about what fees have taken.
#[test]
fn nothing_is_lost_to_remainders() {
    for matching in [LotMatching::Average, LotMatching::Fifo, LotMatching::Lifo] {
        let terms = pair("0.001");
        let mut account = Account::new(code("USDT"), money("1000000"), 1).with_lots(matching);
        let mut trips = RoundTrips::new(1);
        let mut random = model::random::SeededRandom::new(7, "base fees");
        let (mut base, mut quote) = (0i128, money("1000000").0);
        let mut gross = 0i128;
        for _ in 0..2_000 {
            let lots = random.below(500) as i64 + 1;
            let held = account.position(X).quantity.0;
            let side = if held > lots && random.below(2) == 0 { Side::Sell } else { Side::Buy };
            let at = Price((random.below(10_000_000) as i64 + 100) * 10_000_000);
            let notional = terms.notional(at, Lots(lots)).unwrap();
            let fee = Money(notional.0 / 1000 + random.below(7) as i128);
            let fill = Fill { price: at, fee, ..fill(side, lots, "1") };
            let effect = account.apply_fill(&terms, &fill).unwrap();
            let mut ended = trips.on_fill(&terms, &fill).unwrap();
            if let Some(taken) = fee_fill(&fill, effect.fee_lots) {
                ended = ended.or(trips.on_fee(&terms, &taken).unwrap());
            }
            gross += ended.map_or(0, |trip| trip.gross.0);
            if side == Side::Buy {
                let nano = i128::from(NANO);
                let in_base = model::decimal::mul_div_half_even(fee.0, nano, i128::from(at.0), "");
                base += i128::from(lots) * 1_000_000 - in_base.unwrap();
                quote -= notional.0;
            } else {
                base -= i128::from(lots) * 1_000_000;
                quote += notional.0 - fee.0;
            }
            assert_eq!(account.cash().0, quote);
            let (position, kept) = (account.position(X), account.remainder(X));
            assert!((0..1_000_000).contains(&kept.quantity), "below one lot");
            let there = i128::from(position.quantity.0) * 1_000_000 + i128::from(kept.quantity);
            assert_eq!(there, base, "what is there is what was bought less fees and sales");
            // Cash + cost of what is held + fees = cash at the start + realised, to the last unit.
            let held = position.cost.0 + kept.cost.0 + account.fees().0;
            assert_eq!(account.cash().0 + held, money("1000000").0 + account.realized().0);
        }
        if matching == LotMatching::Average {
            let rest = fill(Side::Sell, account.position(X).quantity.0, "50000");
            account.apply_fill(&terms, &rest).unwrap();
            gross += trips.on_fill(&terms, &rest).unwrap().unwrap().gross.0;
            assert_eq!(gross, account.realized().0, "round trips add up");
        }
    }
}

fn euro_share() -> Instrument {
    Instrument::plain_equity("SAP", code("EUR")).unwrap()
}

fn fixed(rate: &str) -> (Currency, Rate) {
    (code("EUR"), Rate::Fixed(price(rate)))
}

#[test]
fn amounts_stay_in_their_currency_and_are_converted_when_looked_at() {
    let instruments = [euro_share()];
    let currencies =
        Arc::new(Currencies::new(code("USD"), &[fixed("1.08")], &instruments).unwrap());
    let mut account = Account::new(code("USD"), money("1000"), 1)
        .with_currencies(currencies, &[(code("EUR"), money("500"))])
        .unwrap();
    assert_eq!(account.initial_equity(), money("1540"), "1000 + 500 × 1.08");
    account.apply_fill(&instruments[0], &with_fee(Side::Buy, 10, "100", "5")).unwrap();
    assert_eq!(account.cash(), money("1000"), "dollars are as they were");
    let euro = account.balances()[1];
    assert_eq!((euro.cash, euro.fees), (money("-505"), money("5")));
    let equity =
        |account: &Account, at: &str| account.equity(&instruments, &|_, _| price(at)).unwrap();
    assert_eq!(equity(&account, "100"), money("1534.6"), "less 5 × 1.08");
    assert_eq!(equity(&account, "110"), money("1642.6"), "100 EUR more");
    account.apply_fill(&instruments[0], &fill(Side::Sell, 10, "110")).unwrap();
    assert_eq!(account.balances()[1].realized, money("100"));
    let none = |_, _| Price::UNDEFINED;
    assert_eq!(account.total(|balance| balance.realized, &none).unwrap(), money("108"));
    assert_eq!(account.total(|balance| balance.fees, &none).unwrap(), money("5.4"));
    account.adjust(X, money("-3")).unwrap();
    assert_eq!(account.balances()[1].cash, money("592"));
}

/// An amount that is there is valued at the bid, one that is owed at the offer; the other way round
/// where the pair is quoted in the other currency.
#[test]
fn rates_of_the_market_are_those_at_which_one_could_change() {
    let euro_dollar = Instrument::new(
        "EURUSD",
        InstrumentKind::Spot,
        price("0.0001"),
        Quantity(NANO),
        Price(NANO),
        code("USD"),
    );
    let mut yen = euro_share();
    yen.currency = code("JPY");
    let instruments = [yen, euro_dollar.unwrap()];
    let market = |inverse, initial| Rate::Market { instrument: PAIR, inverse, initial };
    let rates = [(code("EUR"), market(false, None)), (code("JPY"), market(true, None))];
    let currencies = Currencies::new(code("USD"), &rates, &instruments).unwrap();
    // A long is marked at the bid of 1.25, a short at the offer of 1.60.
    let mark = |_: InstrumentIndex, sign: i64| price(if sign > 0 { "1.25" } else { "1.6" });
    assert_eq!(currencies.worth(1, money("100"), &mark).unwrap(), money("125"));
    assert_eq!(currencies.worth(1, money("-100"), &mark).unwrap(), money("-160"));
    assert_eq!(currencies.worth(2, money("100"), &mark).unwrap(), money("62.5"));
    assert_eq!(currencies.worth(2, money("-100"), &mark).unwrap(), money("-80"));
    assert_eq!(currencies.from_own(1, money("125"), &mark).unwrap(), money("100"));
    assert_eq!((currencies.pair_of(1), currencies.pair_of(2)), (Some(PAIR), None));
    assert_eq!(currencies.base_slot(PAIR), Some(1));
    let unseen = |_: InstrumentIndex, _: i64| Price::UNDEFINED;
    let error = currencies.worth(1, money("1"), &unseen).unwrap_err();
    assert_eq!(error.code(), "ERR_TRADING_NO_RATE", "{error}");
    assert!(error.to_string().contains("account.rates.EUR"), "{error}");
    assert_eq!(currencies.worth(1, Money::ZERO, &unseen).unwrap(), Money::ZERO);
    assert!(!currencies.has_rate(X, &unseen) && currencies.has_rate(X, &mark));
    let rates = [(code("EUR"), market(false, Some(price("1.1"))))];
    let currencies = Currencies::new(code("USD"), &rates, &instruments).unwrap();
    assert_eq!(currencies.worth(1, money("100"), &unseen).unwrap(), money("110"), "until a price");
    assert!(!currencies.has_rate(X, &mark), "yen are not among them");
}

#[test]
fn what_can_be_sold_of_a_pair_is_position_and_balance() {
    let pair = pair("0.001");
    let market = Rate::Market { instrument: X, inverse: false, initial: Some(price("60000")) };
    let instruments = [pair];
    let currencies = Currencies::new(code("USDT"), &[(code("BTC"), market)], &instruments);
    let mut account = Account::new(code("USDT"), money("100000"), 1)
        .with_currencies(Arc::new(currencies.unwrap()), &[(code("BTC"), money("0.2505"))])
        .unwrap();
    account.apply_fill(&instruments[0], &fill(Side::Buy, 500, "60000")).unwrap();
    assert_eq!(account.spendable(1, &instruments).unwrap(), money("0.7505"));
    assert_eq!(account.sellable(X, &instruments[0]), Lots(750));
    assert_eq!(account.spendable(0, &instruments).unwrap(), money("70000"));
}

#[test]
fn rates_that_mean_nothing_are_refused() {
    let own = code("USD");
    let bad: [&[(Currency, Rate)]; 3] =
        [&[fixed("0")], &[(own, Rate::Fixed(price("1")))], &[fixed("1"), fixed("2")]];
    for rates in bad {
        let error = Currencies::new(own, rates, &[]).unwrap_err();
        assert_eq!(error.code(), "ERR_TRADING_SETTING", "{error}");
    }
    let currencies = Arc::new(Currencies::new(own, &[fixed("1.08")], &[]).unwrap());
    let account = Account::new(own, money("1"), 0);
    let error = account.with_currencies(currencies, &[(code("JPY"), money("1"))]).unwrap_err();
    assert_eq!(error.code(), "ERR_TRADING_SETTING", "{error}");
    let refused = euro_share().with_fee_currency(FeeCurrency::Received).unwrap_err();
    assert_eq!(refused.code(), "ERR_MODEL_INSTRUMENT", "{refused}");
}
