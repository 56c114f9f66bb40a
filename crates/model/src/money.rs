//! Money and currencies.

use crate::decimal::{format_nanos, mul_div_half_even};
use crate::error::ModelError;
use crate::price::{NANO, Price, Quantity};
use std::fmt;

/// An amount in units of 1e-9 of its currency.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[repr(transparent)]
pub struct Money(pub i128);

impl Money {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// The nearest amount of 1e-9 to a floating-point number.
    ///
    /// # Errors
    /// [`ModelError::OutOfRange`] when it is not finite or above 1e20.
    pub fn from_f64(value: f64) -> Result<Self, ModelError> {
        if !value.is_finite() || value.abs() > 1e20 {
            return Err(ModelError::OutOfRange { what: "amount", text: value.to_string() });
        }
        let whole = value.trunc();
        let fraction = ((value - whole) * 1e9).round();
        Ok(Self(whole as i128 * i128::from(NANO) + fraction as i128))
    }

    /// The closest floating-point number.
    #[inline]
    #[must_use]
    pub fn as_f64(self) -> f64 {
        self.0 as f64 / 1e9
    }

    /// Sum.
    ///
    /// # Errors
    /// [`ModelError::Overflow`].
    #[inline]
    pub fn checked_add(self, other: Self) -> Result<Self, ModelError> {
        self.0.checked_add(other.0).map(Self).ok_or(ModelError::Overflow { what: "amount" })
    }

    /// Difference.
    ///
    /// # Errors
    /// [`ModelError::Overflow`].
    #[inline]
    pub fn checked_sub(self, other: Self) -> Result<Self, ModelError> {
        self.0.checked_sub(other.0).map(Self).ok_or(ModelError::Overflow { what: "amount" })
    }

    /// `price · quantity · multiplier` (all 1e-9), rounded half to even.
    ///
    /// # Errors
    /// [`ModelError::Overflow`].
    #[inline]
    pub fn notional(
        price: Price,
        quantity: Quantity,
        multiplier: Price,
    ) -> Result<Self, ModelError> {
        let product = i128::from(price.0) * i128::from(quantity.0);
        // The usual multiplier is a whole number: one division less.
        if multiplier.0 % NANO == 0 {
            let whole = i128::from(multiplier.0 / NANO);
            return mul_div_half_even(product, whole, i128::from(NANO), "notional").map(Self);
        }
        let scale = i128::from(NANO) * i128::from(NANO);
        mul_div_half_even(product, i128::from(multiplier.0), scale, "notional").map(Self)
    }

    /// This amount times `numerator / denominator`, rounded half to even.
    ///
    /// # Errors
    /// [`ModelError::Overflow`].
    pub fn scale(self, numerator: i128, denominator: i128) -> Result<Self, ModelError> {
        mul_div_half_even(self.0, numerator, denominator, "amount").map(Self)
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&format_nanos(self.0))
    }
}

impl fmt::Debug for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Money({self})")
    }
}

/// A currency code of one to eight upper-case letters or digits (`USD`, `USDT`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 8]);

impl Currency {
    /// US dollar.
    pub const USD: Self = Self(*b"USD\0\0\0\0\0");

    /// Parses a code.
    ///
    /// # Errors
    /// [`ModelError::OutOfRange`] when it is empty, longer than eight or has other characters.
    pub fn parse(code: &str) -> Result<Self, ModelError> {
        let ok = (1..=8).contains(&code.len())
            && code.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
        if !ok {
            return Err(ModelError::OutOfRange {
                what: "currency",
                text: code.chars().take(20).collect(),
            });
        }
        let mut bytes = [0u8; 8];
        bytes[..code.len()].copy_from_slice(code.as_bytes());
        Ok(Self(bytes))
    }

    /// The code.
    #[must_use]
    pub fn as_str(&self) -> &str {
        let end = self.0.iter().position(|&b| b == 0).unwrap_or(8);
        std::str::from_utf8(&self.0[..end]).unwrap_or("")
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Currency({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notional_of_a_future_and_of_a_fraction() {
        let price = Price::parse("4801.25").unwrap();
        let two = Quantity(2 * NANO);
        let fifty = Price(50 * NANO);
        assert_eq!(Money::notional(price, two, fifty).unwrap().to_string(), "480125");
        let half = Price::parse("0.5").unwrap();
        assert_eq!(Money::notional(price, two, half).unwrap().to_string(), "4801.25");
    }

    #[test]
    fn currencies_are_short_codes() {
        assert_eq!(Currency::parse("USDT").unwrap().as_str(), "USDT");
        assert_eq!(Currency::USD.to_string(), "USD");
        for bad in ["", "usd", "TOOLONGCODE", "U D"] {
            assert!(Currency::parse(bad).is_err(), "{bad}");
        }
    }
}
