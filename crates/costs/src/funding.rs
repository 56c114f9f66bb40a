//! Funding of perpetuals and borrow of shorts.
//!
//! Funding at a stamp is `−position × multiplier × mark × rate` (a positive rate: longs pay); of an
//! inverse perpetual, whose position counts contracts of a fixed value in the quote currency,
//! `−position × contract value / mark × rate` in the base currency. Borrow of a short is
//! `value × bps / 10⁴ / basis` for every calendar day. Half to even at 1e-9 (`reference/simulation.md`,
//! "Corporate actions, funding, margin, borrow").

use crate::error::CostError;
use model::decimal::mul_div_half_even;
use model::{Money, NANO, Price, Quantity};

const ONE: i128 = NANO as i128;

fn failed(error: model::ModelError, what: &'static str, value: i128) -> CostError {
    CostError::from_model(error, what, Money(value))
}

/// Funding of a linear perpetual, in the quote currency. `rate` is in 1e-9 (0.0001 is 100,000),
/// the position in units, short below zero.
///
/// # Errors
/// [`CostError::Overflow`].
pub fn linear_funding(
    position: Quantity,
    multiplier: Price,
    mark: Price,
    rate: i64,
) -> Result<Money, CostError> {
    let what = "funding";
    let fail = |e| failed(e, what, i128::from(position.0));
    let size = mul_div_half_even(i128::from(position.0), i128::from(multiplier.0), ONE, what);
    let value = mul_div_half_even(size.map_err(fail)?, i128::from(mark.0), ONE, what);
    let paid = mul_div_half_even(value.map_err(fail)?, i128::from(rate), ONE, what);
    paid.map(|paid| Money(-paid)).map_err(fail)
}

/// Funding of an inverse perpetual, in the base currency. `contract_value` is what a contract is
/// worth in the quote currency.
///
/// # Errors
/// [`CostError::Overflow`]; a mark that is not above zero is one too.
pub fn inverse_funding(
    position: Quantity,
    contract_value: Price,
    mark: Price,
    rate: i64,
) -> Result<Money, CostError> {
    let what = "funding";
    let fail = |e| failed(e, what, i128::from(position.0));
    if mark.0 <= 0 {
        return Err(CostError::overflow(what, Money(i128::from(mark.0))));
    }
    let notional =
        mul_div_half_even(i128::from(position.0), i128::from(contract_value.0), ONE, what);
    // The rate first: the value in the base currency is the smaller number.
    let part = mul_div_half_even(notional.map_err(fail)?, i128::from(rate), 1, what);
    let paid = mul_div_half_even(part.map_err(fail)?, 1, i128::from(mark.0), what);
    paid.map(|paid| Money(-paid)).map_err(fail)
}

/// A day's borrow cost of a short of this value (above zero), at `bps` basis points a year in 1e-9,
/// over a year of `basis` days: what is paid, above zero.
///
/// # Errors
/// [`CostError::Overflow`]; a basis of no days is one too.
pub fn borrow_of_a_day(short_value: Money, bps: i64, basis: u32) -> Result<Money, CostError> {
    let what = "borrow";
    if basis == 0 {
        return Err(CostError::overflow(what, short_value));
    }
    let scale = 10_000 * ONE * i128::from(basis);
    mul_div_half_even(short_value.0, i128::from(bps), scale, what)
        .map(Money)
        .map_err(|e| failed(e, what, short_value.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn money(text: &str) -> Money {
        Money(model::decimal::parse_nanos(text).unwrap())
    }

    fn price(text: &str) -> Price {
        Price::parse(text).unwrap()
    }

    /// "2 BTC long, mark 60,000, rate .0001 → −12."
    #[test]
    fn longs_pay_a_positive_rate() {
        let one = price("1");
        let of = |units: i64| linear_funding(Quantity(units * NANO), one, price("60000"), 100_000);
        assert_eq!(of(2), Ok(money("-12")));
        assert_eq!(of(-2), Ok(money("12")), "shorts receive it");
    }

    /// "inverse: quantity × contract value / mark": 1,000 contracts of 100 USD at 50,000 are 2 BTC.
    #[test]
    fn an_inverse_perpetual_pays_in_its_base_currency() {
        let position = Quantity(1_000 * NANO);
        let paid = inverse_funding(position, price("100"), price("50000"), 100_000);
        assert_eq!(paid, Ok(money("-0.0002")));
        assert!(inverse_funding(position, price("100"), Price(0), 1).is_err());
    }

    /// "Short 10,000 at 100 bps → .27397 a day" (365 days).
    #[test]
    fn a_short_pays_borrow_by_the_day() {
        let day = borrow_of_a_day(money("10000"), 100 * NANO, 365).unwrap();
        assert_eq!(day, money("0.273972603"));
        assert_eq!(borrow_of_a_day(money("10000"), 100 * NANO, 360), Ok(money("0.277777778")));
        assert!(borrow_of_a_day(money("1"), 1, 0).is_err());
    }
}
