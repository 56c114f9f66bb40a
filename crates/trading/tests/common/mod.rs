//! Helpers of the tests.
#![allow(dead_code, reason = "each test file uses its own part")]

pub mod orders;

use model::*;

pub fn money(text: &str) -> Money {
    Money(model::decimal::parse_nanos(text).unwrap())
}

pub fn price(text: &str) -> Price {
    Price::parse(text).unwrap()
}

pub fn equity() -> Instrument {
    Instrument::plain_equity("X", Currency::USD).unwrap()
}

pub fn future() -> Instrument {
    built_in("ESH4")
}

pub fn built_in(symbol: &str) -> Instrument {
    model::built_in_future(symbol).unwrap()
}

pub fn fill(side: Side, quantity: i64, at: &str) -> Fill {
    Fill {
        order: OrderId::new(StrategyIndex(0), 1),
        instrument: InstrumentIndex(0),
        side,
        quantity: Lots(quantity),
        price: price(at),
        liquidity: LiquiditySide::Taker,
        basis: model::FillBasis::Taken,
        ts_event: UnixNanos(1_000),
        leaves: Lots(0),
        fee: Money::ZERO,
        reduce_only: false,
    }
}

/// A fill of signed lots.
pub fn signed(quantity: i64, at: &str) -> Fill {
    fill(if quantity > 0 { Side::Buy } else { Side::Sell }, quantity.abs(), at)
}

/// Signed lots to side and size.
pub fn split(delta: i64) -> (Side, Lots) {
    (if delta > 0 { Side::Buy } else { Side::Sell }, Lots(delta.abs()))
}

/// A folder of the shared reference data, or `None` (with a word) where there is none.
pub fn shared(path: &str) -> Option<std::path::PathBuf> {
    let root = std::env::var("TICKFORGE_SHARED").map_or_else(
        |_| std::path::PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared")),
        std::path::PathBuf::from,
    );
    let path = root.join(path);
    if path.exists() {
        return Some(path);
    }
    println!("skipped: no {}", path.display());
    None
}
