//! The random trader as a strategy in Rust.

use super::random_trader::{Moment, RandomTrader};
use engine::row::{DepthRow, RowKind};
use engine::{Command, Context, MarketRow, Strategy};
use model::{Bar, Fill, InstrumentIndex, OrderId, Report};

/// The same decisions, seen through handlers.
pub struct Handlers {
    pub trader: RandomTrader,
    pub rows: u64,
    commands: Vec<Command>,
}

impl Handlers {
    pub fn new(trader: RandomTrader) -> Self {
        Self { trader, rows: 0, commands: Vec::new() }
    }

    fn act(
        &mut self,
        kind: RowKind,
        instrument: InstrumentIndex,
        order: Option<OrderId>,
        context: &mut Context<'_>,
    ) {
        self.rows += 1;
        let bbo = context.bbo(instrument);
        let ended = order.map(|order| order.number());
        let ended = ended.filter(|&n| context.status(n).is_some_and(|status| status.is_final()));
        let (bid, ask) = (bbo.bid, bbo.ask);
        let ticks = |price: model::Ticks| if price.is_some() { price.0 } else { i64::MIN };
        let time = context.now().0;
        let instrument = instrument.0;
        let moment = Moment { time, kind, instrument, bid: ticks(bid), ask: ticks(ask), ended };
        self.trader.act(&moment, &mut self.commands);
        for command in self.commands.drain(..) {
            context.command(command);
        }
    }
}

const FIRST: InstrumentIndex = InstrumentIndex(0);

impl Strategy for Handlers {
    fn on_start(&mut self, context: &mut Context<'_>) {
        self.act(RowKind::Start, FIRST, None, context);
    }
    fn on_trade(&mut self, trade: &MarketRow, context: &mut Context<'_>) {
        self.act(RowKind::Trade, trade.instrument, None, context);
    }
    fn on_quote(&mut self, quote: &MarketRow, context: &mut Context<'_>) {
        self.act(RowKind::Quote, quote.instrument, None, context);
    }
    fn on_depth(&mut self, _depth: &DepthRow, row: &MarketRow, context: &mut Context<'_>) {
        self.act(RowKind::Depth, row.instrument, None, context);
    }
    fn on_bar(&mut self, bar: &Bar, context: &mut Context<'_>) {
        self.act(RowKind::Bar, bar.instrument, None, context);
    }
    fn on_timer(&mut self, _id: u32, context: &mut Context<'_>) {
        self.act(RowKind::Timer, FIRST, None, context);
    }
    fn on_order(&mut self, report: &Report, context: &mut Context<'_>) {
        self.act(RowKind::Order, report.instrument, Some(report.order), context);
    }
    fn on_fill(&mut self, fill: &Fill, context: &mut Context<'_>) {
        self.act(RowKind::Fill, fill.instrument, Some(fill.order), context);
    }
    fn on_stop(&mut self, context: &mut Context<'_>) {
        self.act(RowKind::Stop, FIRST, None, context);
    }
}
