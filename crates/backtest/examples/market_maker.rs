//! The market maker of `examples/market-maker.ts` as a strategy in Rust. Given the same configuration it gives the same
//! commands, so the same fills and the same state hash; a test of the package compares the two.
//!
//! ```text
//! cargo run --release -p tickforge-backtest --example market_maker -- configuration.json
//! ```
//!
//! The file holds the completed configuration of a run, as `run.json` has it. The outcome is printed as JSON.

use engine::strategy::drive;
use engine::{Context, MarketRow, Strategy};
use model::{Fill, InstrumentIndex, Lots, Report, ReportKind, Side, Ticks};
use std::error::Error;
use std::io::Write;
use tickforge_backtest::{RunConfiguration, outcome, prepare};

/// One order a side, `width` ticks away from the touch, moved when the price moves; at its
/// inventory limit it flattens by market order.
struct MarketMaker {
    width: i64,
    size: Lots,
    inventory: i64,
    bid: Option<(u64, Ticks)>,
    ask: Option<(u64, Ticks)>,
    /// Number of the order that flattens: one at a time.
    flatten: Option<u64>,
}

const INSTRUMENT: InstrumentIndex = InstrumentIndex(0);

impl MarketMaker {
    /// With the parameters of the TypeScript strategy, and its defaults.
    fn new(parameters: &serde_json::Value) -> Self {
        let number = |name: &str, default| parameters[name].as_i64().unwrap_or(default);
        Self {
            width: number("width", 0),
            size: Lots(number("size", 1)),
            inventory: number("inventory", 5),
            bid: None,
            ask: None,
            flatten: None,
        }
    }

    fn place(&mut self, side: Side, price: Ticks, context: &mut Context<'_>) {
        let slot = if side == Side::Buy { &mut self.bid } else { &mut self.ask };
        if let Some((number, at)) = *slot {
            if at == price {
                return;
            }
            context.cancel(number);
        }
        *slot = Some((context.limit(INSTRUMENT, side, self.size, price), price));
    }

    fn forget(&mut self, number: u64) {
        for slot in [&mut self.bid, &mut self.ask] {
            if slot.is_some_and(|(known, _)| known == number) {
                *slot = None;
            }
        }
        if self.flatten == Some(number) {
            self.flatten = None;
        }
    }
}

impl Strategy for MarketMaker {
    fn on_quote(&mut self, quote: &MarketRow, context: &mut Context<'_>) {
        // Before the open the book may be crossed, and a side may be empty.
        if !quote.bbo.is_two_sided() || quote.bbo.bid >= quote.bbo.ask {
            return;
        }
        self.place(Side::Buy, Ticks(quote.bbo.bid.0 - self.width), context);
        self.place(Side::Sell, Ticks(quote.bbo.ask.0 + self.width), context);
    }

    fn on_fill(&mut self, fill: &Fill, context: &mut Context<'_>) {
        if fill.leaves.is_zero() {
            self.forget(fill.order.number());
        }
        let position = context.position(INSTRUMENT).0;
        if self.flatten.is_some() || position.abs() < self.inventory {
            return;
        }
        let side = if position > 0 { Side::Sell } else { Side::Buy };
        self.flatten = Some(context.market(INSTRUMENT, side, Lots(position.abs())));
    }

    fn on_order(&mut self, report: &Report, _context: &mut Context<'_>) {
        let ended = matches!(
            report.kind,
            ReportKind::Canceled { .. } | ReportKind::Rejected(_) | ReportKind::Denied(_)
        );
        if ended {
            self.forget(report.order.number());
        }
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("give the file of a configuration")?;
    let configuration: RunConfiguration = serde_json::from_str(&std::fs::read_to_string(path)?)?;
    let parameters: Vec<serde_json::Value> = configuration
        .strategies
        .iter()
        .map(|strategy| serde_json::to_value(&strategy.parameters))
        .collect::<Result<_, _>>()?;
    let mut prepared = prepare(configuration)?;
    let mut strategies: Vec<Box<MarketMaker>> =
        parameters.iter().map(|of| Box::new(MarketMaker::new(of))).collect();
    drive(&mut prepared.run, &mut strategies, &mut |_| true)?;
    let outcome = outcome::conclude(&prepared)?;
    serde_json::to_writer(std::io::stdout().lock(), &outcome)?;
    std::io::stdout().flush()?;
    Ok(())
}
