//! Whole runs of the engine over data in memory.

use backtest::sources::{Gives, OpenedData};
use backtest::{RunConfiguration, prepare_with};
use engine::Run;
use feed::Source;
use model::{Currency, Instrument, InstrumentKind, NANO, Price, Quantity};
use serde_json::{Value, json};

/// An answer of a run that failed.
pub const FAILED: u64 = u64::MAX;

/// The configuration of one strategy with these needs and queue model, 60 µs from the exchange.
///
/// # Errors
/// What is no configuration.
pub fn configuration(needs: &Value, queue: &Value) -> Result<RunConfiguration, String> {
    let fixed = json!({ "type": "fixed", "submitNs": 60_000, "modifyNs": 60_000,
        "cancelNs": 60_000, "responseNs": 60_000 });
    let mut venue = json!({
        "latency": fixed,
        "fees": { "type": "perContract", "maker": "0.85", "taker": "0.85" },
        "fill": { "probabilityAtTouch": 1.0 },
        "impact": { "type": "none" }
    });
    if let (Some(venue), Some(queue)) = (venue.as_object_mut(), queue.as_object()) {
        venue.extend(queue.clone());
    }
    let value = json!({
        "data": [],
        "account": { "currency": "USD", "initialCash": "100000" },
        "venue": venue,
        "strategies": [{ "name": "measured", "needs": needs }],
        "seed": 42,
    });
    serde_json::from_value(value).map_err(|error| error.to_string())
}

/// The E-mini future.
///
/// # Errors
/// Never, in fact.
pub fn es() -> Result<Instrument, String> {
    let (tick, lot) = (Price(NANO / 4), Quantity(NANO));
    instrument("ESH4", InstrumentKind::Future, tick, lot, Price(50 * NANO))
}

/// An instrument in dollars.
///
/// # Errors
/// A step that is not above zero.
pub fn instrument(
    symbol: &str,
    kind: InstrumentKind,
    tick: Price,
    lot: Quantity,
    multiplier: Price,
) -> Result<Instrument, String> {
    Instrument::new(symbol, kind, tick, lot, multiplier, Currency::USD).map_err(|e| e.to_string())
}

/// A run of one instrument that has read nothing yet.
///
/// # Errors
/// What cannot run.
pub fn ready(
    configuration: RunConfiguration,
    instrument: Instrument,
    source: Box<dyn Source>,
    gives: Gives,
) -> Result<Run, String> {
    let data = OpenedData {
        instruments: vec![instrument],
        sources: vec![source],
        gives: vec![gives],
        files: Vec::new(),
        notes: Vec::new(),
        checks: Vec::new(),
    };
    prepare_with(configuration, data).map(|ready| ready.run).map_err(|e| e.to_string())
}
