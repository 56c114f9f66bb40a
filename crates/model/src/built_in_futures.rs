//! The built-in terms of the most traded futures.

use crate::instrument::{Instrument, InstrumentKind, Origin};
use crate::money::Currency;
use crate::price::{NANO, Price, Quantity};

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
}
