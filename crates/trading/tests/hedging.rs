//! A hedging account: long and short of an instrument apart.

mod common;
use common::{fill, future, money, price};
use model::random::SeededRandom;
use model::*;
use tickforge_trading::{Account, LotMatching};

const X: InstrumentIndex = InstrumentIndex(0);

fn account() -> Account {
    Account::new(Currency::USD, money("100000"), 1)
}

fn closing(side: Side, lots: i64, at: &str) -> Fill {
    Fill { reduce_only: true, ..fill(side, lots, at) }
}

#[test]
fn a_sale_opens_a_short_beside_the_long_and_a_reduce_only_sale_closes_the_long() {
    let terms = future();
    let mut hedged = account().with_hedging();
    hedged.apply_fill(&terms, &fill(Side::Buy, 5, "100")).unwrap();
    let effect = hedged.apply_fill(&terms, &fill(Side::Sell, 3, "110")).unwrap();
    assert_eq!((effect.before, effect.after, effect.realized), (Lots(0), Lots(-3), Money::ZERO));
    let legs = Leg::BOTH.map(|leg| hedged.leg(X, leg).quantity);
    assert_eq!((legs, hedged.position(X).quantity), ([Lots(5), Lots(-3)], Lots(2)));
    assert_eq!(hedged.average_entry_price(&terms, X), None, "two averages");
    let effect = hedged.apply_fill(&terms, &closing(Side::Sell, 5, "120")).unwrap();
    assert_eq!(effect.after, Lots(0));
    assert_eq!(effect.realized, terms.notional(price("20"), Lots(5)).unwrap());
    assert_eq!(hedged.average_entry_price(&terms, X), Some(price("110")));
    let before = hedged.clone();
    let refused = hedged.apply_fill(&terms, &closing(Side::Buy, 4, "120")).unwrap_err();
    assert_eq!(refused.code(), "ERR_TRADING_FIELD");
    assert_eq!(hedged, before, "no leg is turned");
}

/// A hedging account is a netting account for the longs and one for the shorts, with one cash.
#[test]
fn it_is_two_accounts_with_one_cash() {
    let terms = future();
    for seed in 0..60 {
        let mut random = SeededRandom::new(seed, "hedging");
        let lots = [LotMatching::Average, LotMatching::Fifo, LotMatching::Lifo][seed as usize % 3];
        let mut hedged = account().with_hedging().with_lots(lots);
        let mut apart = [account().with_lots(lots), account().with_lots(lots)];
        for _ in 0..200 {
            let leg = Leg::BOTH[random.below(2) as usize];
            let held = hedged.leg(X, leg).quantity.0.abs();
            let reduce_only = held > 0 && random.below(2) == 0;
            let side = if reduce_only { leg.closing_side() } else { leg.closing_side().opposite() };
            let most = if reduce_only { held as u64 } else { 9 };
            let at = Price((90 + random.below(20) as i64) * NANO);
            let fee = Money(random.below(1_000) as i128);
            let quantity = Lots(1 + random.below(most) as i64);
            let fill = Fill { reduce_only, price: at, fee, quantity, ..fill(side, 1, "1") };
            let effect = hedged.apply_fill(&terms, &fill).unwrap();
            let twin = apart[leg as usize].apply_fill(&terms, &fill).unwrap();
            assert_eq!(effect, twin, "seed {seed}");
        }
        for leg in Leg::BOTH {
            assert_eq!(hedged.leg(X, leg), apart[leg as usize].position(X), "seed {seed}");
        }
        let start = hedged.initial_equity();
        let sum =
            |figure: &dyn Fn(&Account) -> Money| Money(figure(&apart[0]).0 + figure(&apart[1]).0);
        assert_eq!(hedged.cash().0, sum(&|account| account.cash()).0 - start.0);
        assert_eq!(hedged.fees(), sum(&|account| account.fees()));
        assert_eq!(hedged.realized(), sum(&|account| account.realized()));
        // The long is marked where it could be sold, the short where it could be bought back.
        let mark =
            |_: InstrumentIndex, quantity: i64| price(if quantity > 0 { "99" } else { "101" });
        let equity = |account: &Account| account.equity(&[future()], &mark).unwrap();
        assert_eq!(equity(&hedged).0, sum(&equity).0 - start.0, "seed {seed}");
    }
}
