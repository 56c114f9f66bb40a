//! A market maker in Rust and the configuration that it runs under; a random trader that is driven
//! through columns and through the `Strategy` trait.

#![allow(dead_code, reason = "every test file uses its own part")]

pub mod columns_driver;
pub mod memory;
pub mod random_trader;
pub mod trait_driver;
pub mod walk;

use engine::{Context, MarketRow, Strategy};
use model::{Fill, InstrumentIndex, Lots, Report, ReportKind, Side, Ticks};
use serde_json::{Value, json};
use tickforge_backtest::RunConfiguration;

/// Quotes one lot at the best bid and the best ask, moves with the market, and flattens by market
/// order at its inventory limit.
pub struct MarketMaker {
    pub instrument: InstrumentIndex,
    pub limit: i64,
    pub bid: Option<(u64, Ticks)>,
    pub ask: Option<(u64, Ticks)>,
    pub flattening: bool,
    pub seen: u64,
}

impl MarketMaker {
    pub fn new(limit: i64) -> Self {
        Self {
            instrument: InstrumentIndex(0),
            limit,
            bid: None,
            ask: None,
            flattening: false,
            seen: 0,
        }
    }

    fn requote(&mut self, side: Side, price: Ticks, context: &mut Context<'_>) {
        let slot = if side == Side::Buy { &mut self.bid } else { &mut self.ask };
        if let Some((number, at)) = *slot {
            if at == price {
                return;
            }
            context.cancel(number);
        }
        *slot = Some((context.limit(self.instrument, side, Lots(1), price), price));
    }

    fn forget(&mut self, number: u64) {
        for slot in [&mut self.bid, &mut self.ask] {
            if slot.is_some_and(|(known, _)| known == number) {
                *slot = None;
            }
        }
    }
}

impl Strategy for MarketMaker {
    fn on_quote(&mut self, quote: &MarketRow, context: &mut Context<'_>) {
        self.seen += 1;
        if !quote.bbo.is_two_sided() || quote.bbo.is_locked_or_crossed() {
            return;
        }
        self.requote(Side::Buy, quote.bbo.bid, context);
        self.requote(Side::Sell, quote.bbo.ask, context);
    }

    fn on_fill(&mut self, fill: &Fill, context: &mut Context<'_>) {
        if fill.leaves.is_zero() {
            self.forget(fill.order.number());
        }
        let position = context.position(self.instrument).0;
        if position.abs() >= self.limit && !self.flattening {
            self.flattening = true;
            let side = if position > 0 { Side::Sell } else { Side::Buy };
            context.market(self.instrument, side, Lots(position.abs()));
        } else if position == 0 {
            self.flattening = false;
        }
    }

    fn on_order(&mut self, report: &Report, _context: &mut Context<'_>) {
        if matches!(
            report.kind,
            ReportKind::Canceled { .. } | ReportKind::Rejected(_) | ReportKind::Denied(_)
        ) {
            self.forget(report.order.number());
        }
    }
}

/// The configuration with one source and one strategy.
pub fn configuration(data: Value, instruments: Value, needs: Value) -> RunConfiguration {
    let value = json!({
        "data": [data],
        "instruments": instruments,
        "account": { "currency": "USD", "initialCash": "100000", "shared": false },
        "venue": {
            "latency": { "type": "fixed", "submitNs": 60000, "modifyNs": 60000, "cancelNs": 60000, "responseNs": 60000 },
            "fees": { "type": "perContract", "maker": "0.85", "taker": "0.85" },
            "fill": { "probabilityAtTouch": 1.0 },
            "queue": "l3",
            "impact": { "type": "none" }
        },
        "riskLimits": { "maxPosition": 100.0, "maxOrderSize": 50.0, "maxLoss": "10000", "maxOrdersPerSecond": 100 },
        "strategies": [{ "name": "maker", "parameters": {}, "instruments": [], "needs": needs, "feedLatencyNs": 0 }],
        "seed": 42,
        "stepRows": 128,
        "output": {}
    });
    serde_json::from_value(value).expect("the configuration is complete")
}

/// The shared data folder, or a word why there is none.
pub fn shared(path: &str) -> Option<std::path::PathBuf> {
    let root = std::env::var_os("TICKFORGE_SHARED").map_or_else(
        || std::path::PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared")),
        std::path::PathBuf::from,
    );
    let file = root.join(path);
    if file.exists() {
        return Some(file);
    }
    println!("skipped: {} is not there", file.display());
    None
}

/// Data of a generated market.
pub fn synthetic(records: u64) -> Value {
    json!({
        "type": "synthetic",
        "synthetic": {
            "seed": 7, "records": records, "symbol": "SYN", "liveOrders": 1000,
            "tickSize": "0.25", "startPrice": "4800"
        }
    })
}
