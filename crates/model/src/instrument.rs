//! Instruments: what is traded, on which grid, worth what.

use crate::decimal::mul_div_half_even;
use crate::error::ModelError;
use crate::fee_currency::FeeCurrency;
use crate::grid::PriceGrid;
use crate::money::{Currency, Money};
use crate::price::{Lots, NANO, Price, Quantity, Ticks};

/// What kind of instrument.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum InstrumentKind {
    /// A share or fund: paid in full, cash moves by the notional.
    Equity,
    /// A dated future: cash moves by realised profit only.
    Future,
    /// A perpetual future.
    Perpetual,
    /// A spot pair.
    Spot,
    /// An option.
    Option,
}

impl InstrumentKind {
    /// Whether the notional is paid on a fill (rather than margined).
    #[must_use]
    pub const fn pays_notional(self) -> bool {
        matches!(self, Self::Equity | Self::Spot | Self::Option)
    }

    /// Parses the configuration's word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "equity" => Self::Equity,
            "future" => Self::Future,
            "perpetual" => Self::Perpetual,
            "spot" => Self::Spot,
            "option" => Self::Option,
            _ => return None,
        })
    }

    /// The configuration's word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Equity => "equity",
            Self::Future => "future",
            Self::Perpetual => "perpetual",
            Self::Spot => "spot",
            Self::Option => "option",
        }
    }
}

/// Where an instrument's terms came from; the result says so.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Origin {
    /// The run's configuration.
    Configuration,
    /// A definition record in the data.
    Definition,
    /// The built-in table of the most traded futures.
    BuiltIn,
    /// The default of a plain price file: an equity without a price grid.
    PlainFile,
}

impl Origin {
    /// In words, for results.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Configuration => "configuration",
            Self::Definition => "definition record in the data",
            Self::BuiltIn => "built-in table of futures",
            Self::PlainFile => "plain price file: equity, tick 1e-9, lot 1, multiplier 1",
        }
    }
}

/// The terms of an instrument.
#[derive(Clone, PartialEq, Debug)]
pub struct Instrument {
    /// Symbol as the data names it.
    pub symbol: String,
    /// Kind.
    pub kind: InstrumentKind,
    /// Price grid.
    pub grid: PriceGrid,
    /// Smallest quantity step in 1e-9.
    pub lot_size: Quantity,
    /// Money per price unit and quantity unit in 1e-9; of an inverse contract its value in the
    /// currency of the price.
    pub multiplier: Price,
    /// Whether it is an inverse contract: worth a fixed amount of the currency of its price, and
    /// settled in what the price is the price of.
    pub inverse: bool,
    /// What its fees are taken from.
    pub fee_currency: FeeCurrency,
    /// Currency of price and profit; of an inverse contract that of the profit.
    pub currency: Currency,
    /// Venue, empty where unknown.
    pub venue: String,
    /// Where these terms came from.
    pub origin: Origin,
}

impl Instrument {
    /// An instrument with checked terms.
    ///
    /// # Errors
    /// [`ModelError::Instrument`] when the symbol is empty or longer than 71 bytes or tick, lot
    /// or multiplier is not above zero.
    pub fn new(
        symbol: &str,
        kind: InstrumentKind,
        tick_size: Price,
        lot_size: Quantity,
        multiplier: Price,
        currency: Currency,
    ) -> Result<Self, ModelError> {
        let fail = |reason: &str| ModelError::Instrument {
            symbol: symbol.to_owned(),
            reason: reason.to_owned(),
        };
        if symbol.is_empty() || symbol.len() > 71 {
            return Err(fail("a symbol has 1 to 71 bytes"));
        }
        let grid =
            PriceGrid::new(tick_size).map_err(|_| fail("the tick size must be above zero"))?;
        if lot_size.0 <= 0 {
            return Err(fail("the lot size must be above zero"));
        }
        if multiplier.0 <= 0 {
            return Err(fail("the multiplier must be above zero"));
        }
        Ok(Self {
            symbol: symbol.to_owned(),
            kind,
            grid,
            lot_size,
            multiplier,
            inverse: false,
            fee_currency: FeeCurrency::Quote,
            currency,
            venue: String::new(),
            origin: Origin::Configuration,
        })
    }

    /// The same terms as an inverse contract: `multiplier` becomes its value in the currency of the
    /// price, profit and fees are in `currency`.
    ///
    /// # Errors
    /// [`ModelError::Instrument`] for anything else than a future or a perpetual.
    pub fn into_inverse(mut self) -> Result<Self, ModelError> {
        if !matches!(self.kind, InstrumentKind::Future | InstrumentKind::Perpetual) {
            let reason = "only a future or a perpetual can be inverse".to_owned();
            return Err(ModelError::Instrument { symbol: self.symbol, reason });
        }
        self.inverse = true;
        Ok(self)
    }

    /// The same terms with fees that are taken from what a fill brings.
    ///
    /// # Errors
    /// [`ModelError::Instrument`] for anything else than a spot pair.
    pub fn with_fee_currency(mut self, fee_currency: FeeCurrency) -> Result<Self, ModelError> {
        if fee_currency == FeeCurrency::Received && self.kind != InstrumentKind::Spot {
            let reason = "only a spot pair can take its fees from what a fill brings".to_owned();
            return Err(ModelError::Instrument { symbol: self.symbol, reason });
        }
        self.fee_currency = fee_currency;
        Ok(self)
    }

    /// What a plain price file is: an equity without a price grid (tick 1e-9, lot 1).
    ///
    /// # Errors
    /// [`ModelError::Instrument`] when the symbol is empty or too long.
    pub fn plain_equity(symbol: &str, currency: Currency) -> Result<Self, ModelError> {
        let mut instrument = Self::new(
            symbol,
            InstrumentKind::Equity,
            Price(1),
            Quantity(NANO),
            Price(NANO),
            currency,
        )?;
        instrument.origin = Origin::PlainFile;
        Ok(instrument)
    }

    /// Lots of a quantity.
    ///
    /// # Errors
    /// [`ModelError::OffLot`] when it is no multiple of the lot.
    #[inline]
    pub fn lots(&self, quantity: Quantity) -> Result<Lots, ModelError> {
        if quantity.0 % self.lot_size.0 == 0 {
            return Ok(Lots(quantity.0 / self.lot_size.0));
        }
        Err(ModelError::OffLot {
            quantity: quantity.to_string(),
            lot_size: self.lot_size.to_string(),
        })
    }

    /// Lots of a number from a person: within 1e-6 lot of a lot it is that lot.
    ///
    /// # Errors
    /// [`ModelError::OffLot`] when it is farther, [`ModelError::OutOfRange`] when it is not finite.
    pub fn lots_from_f64(&self, quantity: f64) -> Result<Lots, ModelError> {
        let in_lots = quantity * 1e9 / self.lot_size.0 as f64;
        if !in_lots.is_finite() || in_lots.abs() >= 9e18 || (quantity * 1e9).abs() >= 9.2e18 {
            return Err(ModelError::OutOfRange { what: "quantity", text: quantity.to_string() });
        }
        let nearest = in_lots.round();
        if (in_lots - nearest).abs() > 1e-6f64.max(nearest.abs() * 4.0 * f64::EPSILON) {
            return Err(ModelError::OffLot {
                quantity: quantity.to_string(),
                lot_size: self.lot_size.to_string(),
            });
        }
        Ok(Lots(nearest as i64))
    }

    /// The quantity of lots.
    ///
    /// # Errors
    /// [`ModelError::Overflow`].
    #[inline]
    pub fn quantity(&self, lots: Lots) -> Result<Quantity, ModelError> {
        lots.0
            .checked_mul(self.lot_size.0)
            .map(Quantity)
            .ok_or(ModelError::Overflow { what: "quantity" })
    }

    /// Money value of lots at a price: price × quantity × multiplier; of an inverse contract
    /// quantity × contract value / price, in its settlement currency.
    ///
    /// # Errors
    /// [`ModelError::Overflow`]; [`ModelError::OutOfRange`] for an inverse contract at a price that
    /// is not above zero.
    #[inline]
    pub fn notional(&self, price: Price, lots: Lots) -> Result<Money, ModelError> {
        if self.inverse {
            return self.inverse_notional(price, lots);
        }
        Money::notional(price, self.quantity(lots)?, self.multiplier)
    }

    /// What lots held at a price count in a position: rises with the price, so that its change is
    /// the profit of a long. The notional; of an inverse contract the notional below zero, since
    /// contract value × (1/entry − 1/exit) is the profit there.
    ///
    /// # Errors
    /// As [`Self::notional`].
    #[inline]
    pub fn value(&self, price: Price, lots: Lots) -> Result<Money, ModelError> {
        let notional = self.notional(price, lots)?;
        Ok(if self.inverse { Money(-notional.0) } else { notional })
    }

    #[cold]
    fn inverse_notional(&self, price: Price, lots: Lots) -> Result<Money, ModelError> {
        if price.0 <= 0 || !price.is_defined() {
            return Err(ModelError::OutOfRange {
                what: "price of an inverse contract",
                text: price.to_string(),
            });
        }
        let quantity = i128::from(self.quantity(lots)?.0);
        let contract = i128::from(self.multiplier.0);
        mul_div_half_even(quantity, contract, i128::from(price.0), "notional").map(Money)
    }

    /// The average price of lots whose [`Self::value`] sums up to `value`, rounded half to even;
    /// `None` for no lots or a price out of range.
    #[must_use]
    pub fn average_price(&self, value: Money, lots: Lots) -> Option<Price> {
        if lots.is_zero() {
            return None;
        }
        let quantity = i128::from(self.quantity(lots).ok()?.0);
        let multiplier = i128::from(self.multiplier.0);
        let what = "average price";
        let price = if self.inverse {
            mul_div_half_even(quantity, multiplier, value.0.checked_neg()?, what)
        } else if multiplier % i128::from(NANO) == 0 {
            let whole = quantity.checked_mul(multiplier / i128::from(NANO))?;
            mul_div_half_even(value.0, i128::from(NANO), whole, what)
        } else {
            let scale = i128::from(NANO) * i128::from(NANO);
            mul_div_half_even(value.0, scale, quantity.checked_mul(multiplier)?, what)
        };
        price.ok().and_then(|price| i64::try_from(price).ok()).map(Price)
    }

    /// Nearest tick of a price from a file that may lie between ticks, rounded down.
    #[inline]
    #[must_use]
    pub fn floor_tick(&self, price: Price) -> Ticks {
        // Nearly every price lies on a tick, which needs no division.
        let between = || Ticks(price.0.div_euclid(self.grid.tick_size().0));
        self.grid.ticks(price).unwrap_or_else(between)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lots_are_exact() {
        let mut coin = Instrument::plain_equity("BTC", Currency::USD).unwrap();
        coin.lot_size = Quantity(1_000_000);
        assert_eq!(coin.lots(Quantity(2_500_000_000)), Ok(Lots(2500)));
        assert!(coin.lots(Quantity(2_500_000_001)).is_err());
        assert_eq!(coin.lots_from_f64(0.1 + 0.2), Ok(Lots(300)));
        assert!(coin.lots_from_f64(0.0005).is_err());
        assert!(coin.lots_from_f64(f64::INFINITY).is_err());
    }

    /// simulation.md, "Corporate actions, funding, margin, borrow": "inverse: quantity × contract
    /// value / mark".
    #[test]
    fn an_inverse_contract_is_worth_less_coin_at_a_higher_price() {
        let price = |text: &str| Price::parse(text).unwrap();
        let perpetual = Instrument::new(
            "XBTUSD",
            InstrumentKind::Perpetual,
            price("0.5"),
            Quantity(NANO),
            price("100"),
            Currency::parse("BTC").unwrap(),
        );
        let perpetual = perpetual.and_then(Instrument::into_inverse).unwrap();
        let at = |text: &str| perpetual.notional(price(text), Lots(1000)).unwrap().to_string();
        assert_eq!((at("50000"), at("40000")), ("2".into(), "2.5".into()));
        assert_eq!(perpetual.value(price("50000"), Lots(1000)).unwrap().to_string(), "-2");
        for bad in [Price(0), Price(-1), Price::UNDEFINED] {
            assert_eq!(
                perpetual.notional(bad, Lots(1)).unwrap_err().code(),
                "ERR_MODEL_OUT_OF_RANGE"
            );
        }
        // 500 contracts at 50,000 and 500 at 40,000: the harmonic average.
        let sum = Money(-(1_000_000_000 + 1_250_000_000));
        assert_eq!(perpetual.average_price(sum, Lots(1000)), Some(Price(44_444_444_444_444)));
        let share = Instrument::plain_equity("X", Currency::USD).unwrap();
        assert!(share.into_inverse().is_err());
    }

    #[test]
    fn terms_are_checked() {
        let one = Price(NANO);
        let make = |symbol, tick, lot| {
            Instrument::new(
                symbol,
                InstrumentKind::Equity,
                Price(tick),
                Quantity(lot),
                one,
                Currency::USD,
            )
        };
        assert!(make("X", 1, 1).is_ok());
        assert!(make("", 1, 1).is_err() && make("X", 0, 1).is_err() && make("X", 1, 0).is_err());
    }
}
