//! What one order met, and what stood at one moment, as the result tells it.

use crate::assemble::Prepared;
use crate::error::BacktestError;
use crate::outcome::tables::status_word;
use engine::TraceRequest;
use engine::recorder::{OrderEvent, OrderEventKind};
use engine::run::trace::{AccountLook, Look, MarketLook};
use model::{
    CancelReason, Instrument, LiquiditySide, Lots, OrderId, Price, Reason, ReportKind, Side,
    StrategyIndex, Ticks,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use venue::trace::{Ahead, Entry, Step};

/// What is asked for.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Question {
    /// The strategy of the order, by index.
    #[serde(default)]
    pub strategy: u16,
    /// The order's number within its strategy, from 1.
    #[serde(default)]
    pub order: Option<u64>,
    /// A point in time, ns since 1970.
    #[serde(default)]
    pub at: Option<String>,
    /// Whether every event of every order is told.
    #[serde(default)]
    pub journal: bool,
}

/// One line of an explanation. Times are ns since 1970, as text with every digit.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Line {
    time: String,
    /// `strategy` or `venue`: where it happened.
    place: &'static str,
    step: &'static str,
    cause: Option<&'static str>,
    price: Option<f64>,
    quantity: Option<f64>,
    /// Of a command: the price at which its trigger goes off.
    trigger: Option<f64>,
    ahead: Option<f64>,
    orders_ahead: Option<u32>,
    /// The recorded order that it came from.
    record: Option<String>,
    bid: Option<f64>,
    ask: Option<f64>,
    reason: Option<&'static str>,
    leaves: Option<f64>,
    liquidity: Option<&'static str>,
}

impl Prepared {
    /// Asks what one order meets, or what stands at one moment; before the run.
    ///
    /// # Errors
    /// [`BacktestError::Setting`] for a time that is none.
    pub fn ask(&mut self, question: &Question) -> Result<(), BacktestError> {
        let at = question.at.as_deref().map(|text| {
            text.parse::<u64>()
                .map_err(|_| BacktestError::setting("at", text, "nanoseconds since 1970"))
        });
        let strategy = StrategyIndex(question.strategy);
        let order = question.order.map(|number| OrderId::new(strategy, number));
        self.run.set_trace(TraceRequest { order, at: at.transpose()? });
        Ok(())
    }

    /// The answer, after the run.
    #[must_use]
    pub fn answer(&self, question: &Question) -> Value {
        let strategy = StrategyIndex(question.strategy);
        let order = question.order.map(|number| OrderId::new(strategy, number));
        json!({
            "order": order.map(|order| self.order(order)),
            "look": self.run.look().map(|look| self.look(look)),
            "journal": question.journal.then(|| self.journal()),
        })
    }

    fn order(&self, order: OrderId) -> Value {
        let recorder = self.run.recorder();
        let mut sent: Vec<(u64, Line)> = Vec::new();
        for event in recorder.order_events.iter().filter(|event| event.request.id == order) {
            if let Some(line) = self.sent(event) {
                sent.push((event.seen, line));
            }
        }
        let Some(record) = recorder.orders.iter().find(|record| record.id == order) else {
            return Value::Null;
        };
        let terms = &self.run.instruments()[record.instrument.index()];
        let mut lines = Vec::new();
        let mut sent = sent.into_iter().peekable();
        let mut omitted = 0;
        if let Some(trace) = self.run.trace() {
            omitted = trace.omitted();
            for entry in trace.entries() {
                // What is sent at an instant comes before what the venue makes of it.
                while let Some((_, line)) = sent.next_if(|(seen, _)| *seen <= entry.time.0) {
                    lines.push(line);
                }
                lines.push(at_venue(entry, terms));
            }
        }
        lines.extend(sent.map(|(_, line)| line));
        json!({
            "strategy": self.run.strategies()[order.strategy().index()].name,
            "number": order.number(),
            "symbol": terms.symbol,
            "side": side_word(record.side),
            "type": record.order_type.as_str(),
            "price": record.limit.map(|limit| price_at(terms, limit)),
            "quantity": units(terms, record.quantity),
            "filled": units(terms, record.filled),
            "status": status_word(record.status),
            "reason": record.reason.map(Reason::code),
            "lines": lines,
            "omitted": omitted,
        })
    }

    /// A command that left the strategy, or that its risk checks kept back.
    fn sent(&self, event: &OrderEvent) -> Option<Line> {
        let (step, reason) = match event.kind {
            OrderEventKind::Submitted => ("submitted", None),
            OrderEventKind::ModifyRequested => ("modify_requested", None),
            OrderEventKind::CancelRequested => ("cancel_requested", None),
            OrderEventKind::Reported(ReportKind::Denied(reason)) => ("denied", Some(reason.code())),
            OrderEventKind::Reported(_) => return None,
        };
        let terms = &self.run.instruments()[event.request.instrument.index()];
        let names_order = matches!(step, "submitted" | "denied");
        Some(Line {
            time: event.seen.to_string(),
            place: "strategy",
            step,
            // A request names what changes; the event has the order as it stands until it is granted.
            price: event.limit.filter(|_| names_order).map(|limit| price_at(terms, limit)),
            quantity: names_order.then(|| units(terms, event.quantity)),
            reason,
            ..Line::default()
        })
    }

    fn look(&self, look: &Look) -> Value {
        let markets: Vec<Value> = look
            .markets
            .iter()
            .zip(self.run.instruments())
            .map(|(market, terms)| self.market(market, terms))
            .collect();
        let accounts: Vec<Value> =
            look.accounts.iter().map(|account| self.account(account)).collect();
        json!({ "time": look.time.to_string(), "markets": markets, "accounts": accounts })
    }

    fn market(&self, market: &MarketLook, terms: &Instrument) -> Value {
        let side = |levels: &[book::Level]| -> Vec<Value> {
            levels
                .iter()
                .map(|level| {
                    json!({
                        "price": price_at(terms, level.price),
                        "quantity": units(terms, level.quantity),
                        "orders": level.count,
                    })
                })
                .collect()
        };
        let own: Vec<Value> = market
            .own
            .iter()
            .map(|(own, ahead)| {
                json!({
                    "strategy": self.run.strategies()[own.id().strategy().index()].name,
                    "order": own.id().number(),
                    "side": side_word(own.side),
                    "price": own.limit.map(|limit| price_at(terms, limit)),
                    "quantity": units(terms, own.total),
                    "filled": units(terms, own.filled),
                    "ahead": ahead.map(|ahead| ahead_units(terms, ahead)),
                    "ordersAhead": ahead.and_then(|ahead| ahead.orders),
                })
            })
            .collect();
        json!({
            "symbol": terms.symbol,
            "bids": side(&market.bids),
            "asks": side(&market.asks),
            "own": own,
            "waiting": market.waiting,
        })
    }

    fn account(&self, account: &AccountLook) -> Value {
        let shared = self.run.ledger().is_shared();
        let name = &self.run.strategies()[account.strategy.index()].name;
        let positions: Vec<Value> = account
            .positions
            .iter()
            .zip(self.run.instruments())
            .filter(|(position, _)| position.quantity.0 != 0 || position.realized.0 != 0)
            .map(|(position, terms)| {
                let average = trading::average_entry_price(terms, position);
                json!({
                    "symbol": terms.symbol,
                    "quantity": units(terms, position.quantity),
                    "averageEntryPrice": average.map(Price::as_f64),
                    "realized": position.realized.as_f64(),
                })
            })
            .collect();
        json!({
            "account": if shared { "shared" } else { name.as_str() },
            "cash": account.cash.as_f64(),
            "equity": account.equity.map(model::Money::as_f64),
            "positions": positions,
        })
    }

    /// Every event of every order, as its strategy knows it, in time order.
    fn journal(&self) -> Vec<Value> {
        let mut events: Vec<&OrderEvent> = self.run.recorder().order_events.iter().collect();
        events.sort_by_key(|event| (event.seen, event.request.id.strategy()));
        events.into_iter().map(|event| self.journal_entry(event)).collect()
    }

    fn journal_entry(&self, event: &OrderEvent) -> Value {
        let terms = &self.run.instruments()[event.request.instrument.index()];
        let (step, reason) = match event.kind {
            OrderEventKind::Submitted => ("submitted", None),
            OrderEventKind::ModifyRequested => ("modify_requested", None),
            OrderEventKind::CancelRequested => ("cancel_requested", None),
            OrderEventKind::Reported(kind) => report_words(&kind),
        };
        let fill = match event.kind {
            OrderEventKind::Reported(ReportKind::Filled(fill)) => Some(fill),
            _ => None,
        };
        json!({
            "time": event.seen.to_string(),
            "strategy": self.run.strategies()[event.request.id.strategy().index()].name,
            "order": event.request.id.number(),
            "symbol": terms.symbol,
            "event": step,
            "reason": reason,
            "side": side_word(event.request.side),
            "price": fill.map(|fill| fill.price.as_f64())
                .or(event.limit.map(|limit| price_at(terms, limit))),
            "quantity": units(terms, fill.map_or(event.quantity, |fill| fill.quantity)),
            "leaves": units(terms, event.leaves),
            "fee": fill.map(|fill| fill.fee.as_f64()),
        })
    }
}

const fn side_word(side: Side) -> &'static str {
    match side {
        Side::Buy => "buy",
        Side::Sell => "sell",
    }
}

fn price_at(terms: &Instrument, ticks: Ticks) -> f64 {
    terms.grid.price(ticks).as_f64()
}

fn units(terms: &Instrument, lots: Lots) -> f64 {
    terms.quantity(lots).map_or(f64::NAN, model::Quantity::as_f64)
}

/// Lots with fraction, in units.
fn ahead_units(terms: &Instrument, ahead: Ahead) -> f64 {
    ahead.lots * terms.lot_size.as_f64()
}

/// What a report says, and why where it names a reason.
const fn report_words(kind: &ReportKind) -> (&'static str, Option<&'static str>) {
    match kind {
        ReportKind::Denied(reason) => ("denied", Some(reason.code())),
        ReportKind::Accepted => ("accepted", None),
        ReportKind::Rejected(reason) => ("rejected", Some(reason.code())),
        ReportKind::Filled(_) => ("filled", None),
        ReportKind::Modified { .. } => ("modified", None),
        ReportKind::ModifyRejected(reason) => ("modify_rejected", Some(reason.code())),
        ReportKind::Canceled { reason: CancelReason::Expired, .. } => ("expired", None),
        ReportKind::Canceled { reason, .. } => ("canceled", Some(reason.as_str())),
        ReportKind::CancelRejected(reason) => ("cancel_rejected", Some(reason.code())),
        ReportKind::Triggered { .. } => ("triggered", None),
        ReportKind::Restated { .. } => ("restated", None),
    }
}

fn at_venue(entry: &Entry, terms: &Instrument) -> Line {
    let (step, reason) = match &entry.step {
        Step::Arrived => ("arrived", None),
        Step::Queue => ("queue", None),
        Step::Trade => ("trade", None),
        Step::Execution => ("execution", None),
        Step::Crossing => ("crossing", None),
        Step::Match => ("match", None),
        Step::Withheld => ("withheld", None),
        Step::Report(kind) => report_words(kind),
    };
    let shown = |ticks: Ticks| ticks.is_some().then(|| price_at(terms, ticks));
    let (mut price, mut leaves, mut liquidity) = (entry.price.map(Price::as_f64), None, None);
    match entry.step {
        Step::Report(ReportKind::Filled(fill)) => {
            leaves = Some(units(terms, fill.leaves));
            liquidity = Some(match fill.liquidity {
                LiquiditySide::Maker => "maker",
                LiquiditySide::Taker => "taker",
            });
        }
        Step::Report(
            ReportKind::Modified { price: limit, .. }
            | ReportKind::Triggered { price: limit }
            | ReportKind::Restated { price: limit, .. },
        ) => price = shown(limit),
        _ => {}
    }
    Line {
        time: entry.time.0.to_string(),
        place: "venue",
        step,
        cause: entry.cause.map(venue::trace::Cause::as_str),
        price,
        quantity: entry.quantity.map(|lots| units(terms, lots)),
        trigger: entry.trigger.map(Price::as_f64),
        ahead: entry.ahead.map(|ahead| ahead_units(terms, ahead)),
        orders_ahead: entry.ahead.and_then(|ahead| ahead.orders),
        record: (entry.record != 0).then(|| entry.record.to_string()),
        bid: shown(entry.bid),
        ask: shown(entry.ask),
        reason,
        leaves,
        liquidity,
    }
}
