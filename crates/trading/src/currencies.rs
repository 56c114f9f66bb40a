//! The currencies that an account holds, and what each is worth in the account's own.
//!
//! Every amount stays in its currency; it is converted when somebody looks, at the rate of that
//! moment. An amount that is there is valued where it could be sold, one that is owed where it
//! could be bought.

use crate::error::TradingError;
use model::decimal::mul_div_half_even;
use model::{Currency, Instrument, InstrumentIndex, Money, NANO, Price};

/// What one unit of a currency is worth in the account's own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Rate {
    /// Always the same.
    Fixed(Price),
    /// The price of an instrument of the run.
    Market {
        /// The instrument.
        instrument: InstrumentIndex,
        /// Whether its price is that of the account's currency, in this one.
        inverse: bool,
        /// The rate until the instrument has a price.
        initial: Option<Price>,
    },
}

/// A slot that no currency has.
const UNKNOWN: u8 = u8::MAX;

/// The currencies of an account: its own in slot 0, then the others.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Currencies {
    codes: Vec<Currency>,
    /// Of the slots from 1 on.
    rates: Vec<Rate>,
    /// Slot of the currency of each instrument.
    slots: Vec<u8>,
}

impl Currencies {
    /// One currency, in which all instruments are.
    #[must_use]
    pub fn single(own: Currency, instruments: usize) -> Self {
        Self { codes: vec![own], rates: Vec::new(), slots: vec![0; instruments] }
    }

    /// Several, with the rates of all but the account's own. An instrument in a currency that is
    /// not among them cannot be traded.
    ///
    /// # Errors
    /// [`TradingError::Setting`] for a currency that is given twice, a rate that is not above zero,
    /// and more than 200 currencies.
    pub fn new(
        own: Currency,
        others: &[(Currency, Rate)],
        instruments: &[Instrument],
    ) -> Result<Self, TradingError> {
        let refuse =
            |value: String, accepted| TradingError::Setting { field: "rates", value, accepted };
        if others.len() > 200 {
            return Err(refuse(others.len().to_string(), "at most 200 currencies"));
        }
        let mut codes = vec![own];
        for (currency, rate) in others {
            if codes.contains(currency) {
                return Err(refuse(
                    currency.to_string(),
                    "each currency once, not the account's own",
                ));
            }
            let given = match *rate {
                Rate::Fixed(rate) => Some(rate),
                Rate::Market { initial, .. } => initial,
            };
            if let Some(bad) = given.filter(|rate| rate.0 <= 0 || !rate.is_defined()) {
                return Err(refuse(bad.to_string(), "a rate above zero"));
            }
            codes.push(*currency);
        }
        let slots = instruments.iter().map(|terms| {
            let slot = codes.iter().position(|code| *code == terms.currency);
            slot.map_or(UNKNOWN, |slot| slot as u8) // at most 200, checked above
        });
        let slots = slots.collect();
        Ok(Self { codes, rates: others.iter().map(|(_, rate)| *rate).collect(), slots })
    }

    /// The account's own currency.
    #[must_use]
    pub fn own(&self) -> Currency {
        self.codes[0]
    }

    /// All currencies, the account's own first.
    #[must_use]
    pub fn codes(&self) -> &[Currency] {
        &self.codes
    }

    /// The slot of an instrument's currency; `None` where the account cannot hold it.
    #[inline]
    #[must_use]
    pub fn slot(&self, instrument: InstrumentIndex) -> Option<usize> {
        let slot = *self.slots.get(instrument.index())?;
        (slot != UNKNOWN).then_some(usize::from(slot))
    }

    /// The instrument whose price is the rate of a currency, or its inverse.
    #[must_use]
    pub fn rate_instrument(&self, slot: usize) -> Option<InstrumentIndex> {
        match self.rates.get(slot.checked_sub(1)?)? {
            Rate::Market { instrument, .. } => Some(*instrument),
            Rate::Fixed(_) => None,
        }
    }

    /// The rates of all currencies but the account's own, in the order of [`Self::codes`].
    #[must_use]
    pub fn rates(&self) -> &[Rate] {
        &self.rates
    }

    /// The instrument whose position is an amount of this currency: the pair that has it as base.
    #[must_use]
    pub fn pair_of(&self, slot: usize) -> Option<InstrumentIndex> {
        match self.rates.get(slot.checked_sub(1)?)? {
            Rate::Market { instrument, inverse: false, .. } => Some(*instrument),
            _ => None,
        }
    }

    /// The slot of a currency whose amounts this instrument's position is.
    #[must_use]
    pub fn base_slot(&self, pair: InstrumentIndex) -> Option<usize> {
        (1..self.codes.len()).find(|&slot| self.pair_of(slot) == Some(pair))
    }

    /// The rate as a fraction, for an amount of this sign.
    fn rate(
        &self,
        slot: usize,
        sign: i64,
        mark: &impl Fn(InstrumentIndex, i64) -> Price,
    ) -> Option<(i128, i128)> {
        let nano = i128::from(NANO);
        let Some(at) = slot.checked_sub(1) else { return Some((1, 1)) };
        match self.rates[at] {
            Rate::Fixed(rate) => Some((i128::from(rate.0), nano)),
            Rate::Market { instrument, inverse, initial } => {
                let price = mark(instrument, if inverse { -sign } else { sign });
                if price.is_defined() && price.0 > 0 {
                    let price = i128::from(price.0);
                    return Some(if inverse { (nano, price) } else { (price, nano) });
                }
                initial.map(|rate| (i128::from(rate.0), nano))
            }
        }
    }

    /// Whether an instrument's currency has a rate now.
    #[must_use]
    pub fn has_rate(
        &self,
        instrument: InstrumentIndex,
        mark: &impl Fn(InstrumentIndex, i64) -> Price,
    ) -> bool {
        self.slot(instrument).is_some_and(|slot| self.rate(slot, 1, mark).is_some())
    }

    /// What an amount of the currency in `slot` is worth in the account's own, rounded half to
    /// even. `mark` gives the price at which a position of a sign could be closed.
    ///
    /// # Errors
    /// [`TradingError::NoRate`] for an amount that nothing values yet, [`TradingError::Model`] on
    /// overflow.
    pub fn worth(
        &self,
        slot: usize,
        amount: Money,
        mark: &impl Fn(InstrumentIndex, i64) -> Price,
    ) -> Result<Money, TradingError> {
        if slot == 0 || amount == Money::ZERO {
            return Ok(amount);
        }
        let (numerator, denominator) = self.rate_of(slot, amount.0.signum() as i64, mark)?;
        Ok(amount.scale(numerator, denominator)?)
    }

    /// How much of the currency in `slot` an amount of the account's own is, at the rate that an
    /// amount of the same sign is valued at; rounded half to even.
    ///
    /// # Errors
    /// As [`Self::worth`].
    pub fn from_own(
        &self,
        slot: usize,
        amount: Money,
        mark: &impl Fn(InstrumentIndex, i64) -> Price,
    ) -> Result<Money, TradingError> {
        if slot == 0 || amount == Money::ZERO {
            return Ok(amount);
        }
        let (numerator, denominator) = self.rate_of(slot, amount.0.signum() as i64, mark)?;
        Ok(Money(mul_div_half_even(amount.0, denominator, numerator, "amount")?))
    }

    fn rate_of(
        &self,
        slot: usize,
        sign: i64,
        mark: &impl Fn(InstrumentIndex, i64) -> Price,
    ) -> Result<(i128, i128), TradingError> {
        let missing = TradingError::NoRate { currency: self.codes[slot], account: self.own() };
        self.rate(slot, sign, mark).ok_or(missing)
    }
}
