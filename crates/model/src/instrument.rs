//! Instruments: what is traded, on which grid, worth what.

use crate::error::ModelError;
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
    /// Money per price unit and quantity unit in 1e-9.
    pub multiplier: Price,
    /// Currency of price and profit.
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
            currency,
            venue: String::new(),
            origin: Origin::Configuration,
        })
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

    /// Money value of lots at a price: price × quantity × multiplier.
    ///
    /// # Errors
    /// [`ModelError::Overflow`].
    #[inline]
    pub fn notional(&self, price: Price, lots: Lots) -> Result<Money, ModelError> {
        Money::notional(price, self.quantity(lots)?, self.multiplier)
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

/// Terms of the most traded futures (public contract specifications), by product root.
const BUILT_IN_FUTURES: &[(&str, &str, &str, &str)] = &[
    // root, tick size, multiplier, venue
    ("ES", "0.25", "50", "CME"),
    ("MES", "0.25", "5", "CME"),
    ("NQ", "0.25", "20", "CME"),
    ("MNQ", "0.25", "2", "CME"),
    ("RTY", "0.1", "50", "CME"),
    ("M2K", "0.1", "5", "CME"),
    ("YM", "1", "5", "CBOT"),
    ("MYM", "1", "0.5", "CBOT"),
    ("ZN", "0.015625", "1000", "CBOT"),
    ("ZF", "0.0078125", "1000", "CBOT"),
    ("ZT", "0.00390625", "2000", "CBOT"),
    ("ZB", "0.03125", "1000", "CBOT"),
    ("CL", "0.01", "1000", "NYMEX"),
    ("NG", "0.001", "10000", "NYMEX"),
    ("GC", "0.1", "100", "COMEX"),
    ("SI", "0.005", "5000", "COMEX"),
    ("HG", "0.0005", "25000", "COMEX"),
    ("6E", "0.00005", "125000", "CME"),
    ("6B", "0.0001", "62500", "CME"),
    ("6J", "0.0000005", "12500000", "CME"),
    ("6A", "0.00005", "100000", "CME"),
    ("6C", "0.00005", "100000", "CME"),
];

/// The built-in terms of a futures symbol such as `ESH4` or `6EM5`: root, month letter, one or
/// two digits of the year.
#[must_use]
pub fn built_in_future(symbol: &str) -> Option<Instrument> {
    let digits = symbol.bytes().rev().take_while(u8::is_ascii_digit).count();
    if !(1..=2).contains(&digits) || symbol.len() < digits + 2 || !symbol.is_ascii() {
        return None;
    }
    let (stem, _) = symbol.split_at(symbol.len() - digits);
    let (root, month) = stem.split_at(stem.len() - 1);
    if !"FGHJKMNQUVXZ".contains(month) {
        return None;
    }
    let &(_, tick, multiplier, venue) = BUILT_IN_FUTURES.iter().find(|row| row.0 == root)?;
    let mut instrument = Instrument::new(
        symbol,
        InstrumentKind::Future,
        Price::parse(tick).ok()?,
        Quantity(NANO),
        Price::parse(multiplier).ok()?,
        Currency::USD,
    )
    .ok()?;
    venue.clone_into(&mut instrument.venue);
    instrument.origin = Origin::BuiltIn;
    Some(instrument)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_knows_the_most_traded_futures() {
        let es = built_in_future("ESH4").unwrap();
        assert_eq!(
            (es.grid.tick_size().to_string(), es.multiplier.to_string()),
            ("0.25".into(), "50".into())
        );
        assert_eq!(built_in_future("6EM25").unwrap().multiplier.to_string(), "125000");
        for unknown in ["AAPL", "ES", "ESA4", "H4", "", "ESH", "ÉSH4"] {
            assert!(built_in_future(unknown).is_none(), "{unknown}");
        }
        for row in BUILT_IN_FUTURES {
            assert!(built_in_future(&format!("{}Z5", row.0)).is_some(), "{}", row.0);
        }
    }

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
