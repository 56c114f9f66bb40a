//! Splits in whole runs: simulation.md, "Corporate actions, funding, margin, borrow".

mod support;

use engine::command::{Amount, Command, OrderTerms, SizeAt};
use engine::strategy::drive;
use engine::{CashChange, CashKind, Context, Strategy};
use model::random::SeededRandom;
use model::{
    Bar, CancelReason, Condition, InstrumentIndex, Links, Lots, OrderId, OrderKind, PeerKind,
    Price, Reason, Report, ReportKind, Side, StrategyIndex, Ticks, TimeInForce, Trail, TrailOffset,
    Trigger, TriggerKind, TriggerSource,
};
use serde_json::{Value, json};
use std::io::Write;
use support::configuration;
use tickforge_backtest::configuration::{Fees, Latency};
use tickforge_backtest::outcome::conclude;
use tickforge_backtest::{Outcome, Prepared, RunConfiguration, prepare};
use trading::OrderSize;

const FIRST: InstrumentIndex = InstrumentIndex(0);

/// A bar in cents: open, high, low, close.
type Cents = [i64; 4];

/// The bars in a file, and a run over them.
fn set_up(bars: &[Cents], cash: Value) -> (tempfile::NamedTempFile, RunConfiguration) {
    let mut file = tempfile::NamedTempFile::with_suffix(".csv").unwrap();
    writeln!(file, "time,open,high,low,close,volume").unwrap();
    for (day, bar) in bars.iter().enumerate() {
        let [open, high, low, close] = bar.map(|cents| cents as f64 / 100.0);
        let date = date_of(day);
        writeln!(file, "{date},{open},{high},{low},{close},1000000").unwrap();
    }
    let data = json!({
        "type": "csv", "files": [file.path()], "symbol": "X", "timeframe": "1d", "label": "session",
    });
    let terms = json!([{ "symbol": "X", "kind": "equity", "tickSize": "0.01", "multiplier": "1" }]);
    let mut configuration = configuration(data, terms, json!({ "bars": ["1d"] }));
    configuration.account.initial_cash = "1000000".to_owned();
    configuration.venue.fees = Fees::None;
    configuration.risk_limits = None;
    configuration.cash_events = Some(serde_json::from_value(cash).unwrap());
    (file, configuration)
}

/// A run over daily bars, the strategy driven through it.
fn run<S: Strategy>(
    bars: &[Cents],
    cash: Value,
    lots: &str,
    submit_ns: u64,
    strategy: S,
) -> (Outcome, S, Prepared) {
    let (_file, mut configuration) = set_up(bars, cash);
    configuration.account.lots = Some(lots.to_owned());
    configuration.venue.latency =
        Latency::Fixed { submit_ns, modify_ns: submit_ns, cancel_ns: 0, response_ns: 0 };
    let mut prepared = prepare(configuration).expect("the run is set up");
    let mut strategies = [Box::new(strategy)];
    drive(&mut prepared.run, &mut strategies, &mut |_| true).expect("the run ends");
    let side = &prepared.run.strategies()[0];
    let venue = prepared.run.ledger().account(StrategyIndex(0));
    assert_eq!(&side.account, venue, "both sides know the same account at the end");
    let [strategy] = strategies;
    (conclude(&prepared).expect("the result is drawn"), *strategy, prepared)
}

fn date_of(day: usize) -> String {
    format!("2024-01-{:02}", day + 1)
}

fn split(day: usize, ratio: &str, orders: &str) -> Value {
    let date = date_of(day);
    json!({
        "adjustment": "raw",
        "splits": [{ "symbol": "X", "date": date, "ratio": ratio, "orders": orders }],
    })
}

/// Trades at random: market orders, limits, stops, trailing stops, brackets, changes and cancels, in
/// units of which there are `units` to a share of the beginning.
struct Trader {
    random: SeededRandom,
    /// Units that are worth one share of the beginning: 1 before a 2:1 split, 2 after it.
    units: i64,
    open: Vec<(u64, i64)>,
    told: usize,
}

impl Trader {
    fn new(seed: u64, units: i64) -> Self {
        Self { random: SeededRandom::new(seed, "splits"), units, open: Vec::new(), told: 0 }
    }

    fn pick(&mut self, low: i64, high: i64) -> i64 {
        low + self.random.below((high - low + 1) as u64) as i64
    }

    fn submit(
        &mut self,
        context: &mut Context<'_>,
        (side, kind, lots): (Side, OrderKind, i64),
        terms: OrderTerms,
    ) -> u64 {
        let number = context.next_number();
        context.command(Command::Submit {
            number,
            instrument: FIRST,
            side,
            kind,
            amount: Amount::Order(OrderSize::Quantity(Lots(lots * self.units))),
            size_at: SizeAt::Signal,
            time_in_force: TimeInForce::Gtc,
            post_only: false,
            terms: Some(Box::new(terms)),
        });
        self.open.push((number, lots));
        number
    }
}

fn waits_for(kind: TriggerKind, price: Ticks, trail: Option<Trail>) -> OrderTerms {
    let price = Price(price.0 * 10_000_000);
    let trigger = Trigger { kind, source: TriggerSource::Default, price, trail };
    let condition = Condition { trigger: Some(trigger), ..Condition::default() };
    OrderTerms { condition, ..OrderTerms::default() }
}

impl Strategy for Trader {
    fn on_bar(&mut self, bar: &Bar, context: &mut Context<'_>) {
        // In cents of the beginning, even ones: halves are whole cents.
        let close = bar.close.0 / 10_000_000 * self.units;
        let side = if self.pick(0, 1) == 0 { Side::Buy } else { Side::Sell };
        let lots = self.pick(1, 9);
        let distance = 2 * self.pick(1, 300);
        let below = |cents: i64, units: i64| Ticks(cents / units);
        let (units, away) = (self.units, side.sign() * distance);
        let none = OrderTerms::default();
        match self.pick(0, 7) {
            0 => {
                self.submit(context, (side, OrderKind::Market, lots), none);
            }
            1 | 2 => {
                let limit = OrderKind::Limit(below(close - away, units));
                self.submit(context, (side, limit, lots), none);
            }
            3 => {
                let terms = waits_for(TriggerKind::Stop, below(close + away, units), None);
                self.submit(context, (side, OrderKind::Market, lots), terms);
            }
            4 => {
                let offset = TrailOffset::Price(Price(distance / units * 10_000_000));
                let trail = Some(Trail { offset, limit_offset: None });
                let mut terms = waits_for(TriggerKind::Stop, Ticks(0), trail);
                if let Some(trigger) = &mut terms.condition.trigger {
                    trigger.price = Price::UNDEFINED;
                }
                self.submit(context, (side, OrderKind::Market, lots), terms);
            }
            5 => {
                // A bracket: entry at a limit, one exit at a profit, one at a loss.
                let id = |number| OrderId::new(StrategyIndex(0), number);
                let links = Links { children: 2, ..Links::default() };
                let condition = Condition { links, ..Condition::default() };
                let entry = OrderKind::Limit(below(close - away, units));
                let terms = OrderTerms { condition, ..none };
                let first = self.submit(context, (side, entry, lots), terms);
                let group = Some((id(first + 1), PeerKind::Ouo));
                let links = Links { parent: Some(id(first)), group, peers: 2, children: 0 };
                let condition = Condition { links, ..Condition::default() };
                let terms = OrderTerms { condition, reduce_only: true, ..none };
                let profit = OrderKind::Limit(below(close + away, units));
                self.submit(context, (side.opposite(), profit, lots), terms);
                let mut terms = waits_for(TriggerKind::Stop, below(close - 3 * away, units), None);
                terms.condition.links = links;
                terms.reduce_only = true;
                self.submit(context, (side.opposite(), OrderKind::Market, lots), terms);
            }
            6 => {
                let at = self.random.below(self.open.len().max(1) as u64) as usize;
                if let Some(&(number, _)) = self.open.get(at) {
                    context.cancel(number);
                }
            }
            _ => {}
        }
    }

    fn on_cash(&mut self, change: &CashChange, _context: &mut Context<'_>) {
        assert_eq!(change.kind, CashKind::Split);
        self.units = 2;
        self.told += 1;
    }
}

/// A split changes nothing but the units: the same trading over raw prices with a 2:1 split and over
/// prices that were halved before it comes to the same money, whatever orders rest, wait and hang
/// together over it.
#[test]
fn a_run_over_a_split_comes_to_the_money_of_a_run_over_adjusted_prices() {
    let mut over = 0;
    for seed in 0..120 {
        let mut random = SeededRandom::new(seed, "bars");
        let mut at = 20_000_i64;
        let walk: Vec<Cents> = (0..30)
            .map(|_| {
                let mut step = |most: u64| 2 * random.below(most) as i64;
                let open = at + step(100) - 100;
                let close = open + step(300) - 300;
                let (high, low) = (open.max(close) + step(80), open.min(close) - step(80));
                at = close;
                [open, high, low, close]
            })
            .collect();
        let halved: Vec<Cents> = walk.iter().map(|bar| bar.map(|cents| cents / 2)).collect();
        let raw: Vec<Cents> =
            walk[..15].iter().copied().chain(halved[15..].iter().copied()).collect();
        let lots = ["average", "fifo", "lifo"][seed as usize % 3];
        let (with, trader, prepared) =
            run(&raw, split(15, "2:1", "adjust"), lots, 0, Trader::new(seed, 1));
        let (without, _, twin) = run(&halved, json!({}), lots, 0, Trader::new(seed, 2));
        assert_eq!(trader.told, 1);
        let money = |prepared: &Prepared| {
            let fills = &prepared.run.recorder().fills;
            let account = prepared.run.ledger().account(StrategyIndex(0)).clone();
            (fills.iter().map(|fill| fill.cash).collect::<Vec<_>>(), account)
        };
        assert_eq!(money(&prepared), money(&twin), "seed {seed}");
        assert_eq!(with.figures.final_equity, without.figures.final_equity, "seed {seed}");
        let trips = |prepared: &Prepared| {
            let all = &prepared.run.recorder().round_trips;
            all.iter().map(|(_, trip)| (trip.gross, trip.mae, trip.mfe)).collect::<Vec<_>>()
        };
        assert_eq!(trips(&prepared), trips(&twin), "seed {seed}");
        over += with.cash.kind.len();
    }
    assert!(over > 60, "most runs hold a position over the split: {over}");
}

/// Does what it is told at each bar; keeps what it hears.
struct Script<F> {
    act: F,
    bars: usize,
    reports: Vec<ReportKind>,
    changes: Vec<CashChange>,
}

impl<F: FnMut(usize, &mut Context<'_>)> Script<F> {
    fn new(act: F) -> Self {
        Self { act, bars: 0, reports: Vec::new(), changes: Vec::new() }
    }
}

impl<F: FnMut(usize, &mut Context<'_>)> Strategy for Script<F> {
    fn on_bar(&mut self, _bar: &Bar, context: &mut Context<'_>) {
        (self.act)(self.bars, context);
        self.bars += 1;
    }

    fn on_order(&mut self, report: &Report, _context: &mut Context<'_>) {
        self.reports.push(report.kind);
    }

    fn on_cash(&mut self, change: &CashChange, _context: &mut Context<'_>) {
        self.changes.push(*change);
    }
}

/// Bars that stand still: at 50.00 for as many days, then at the price after the split.
fn still(days: usize, cents: i64, after: i64) -> Vec<Cents> {
    (0..8).map(|day| [if day < days { cents } else { after }; 4]).collect()
}

/// "100 @ 50, 2:1 → 200 @ 25"; "resting orders likewise (default) or cancelled".
#[test]
fn positions_and_orders_go_on_in_new_units_or_orders_end() {
    for orders in ["adjust", "cancel"] {
        let script = Script::new(|bar, context| match bar {
            0 => {
                context.market(FIRST, Side::Buy, Lots(100));
                context.limit(FIRST, Side::Buy, Lots(7), Ticks(4_001));
                context.limit(FIRST, Side::Sell, Lots(7), Ticks(6_001));
            }
            4 => assert_eq!(context.position(FIRST), Lots(200)),
            _ => {}
        });
        let bars = still(4, 5_000, 2_500);
        let (outcome, script, prepared) = run(&bars, split(4, "2:1", orders), "average", 0, script);
        let account = prepared.run.ledger().account(StrategyIndex(0));
        let terms = &prepared.run.instruments()[0];
        assert_eq!(account.position(FIRST).quantity, Lots(200));
        assert_eq!(account.average_entry_price(terms, FIRST), Some(Price::parse("25").unwrap()));
        assert_eq!(outcome.figures.final_equity, 1_000_000.0);
        assert_eq!((outcome.cash.kind[0], outcome.cash.amount[0]), ("split", 0.0));
        assert_eq!((script.changes.len(), script.changes[0].quantity), (1, Lots(100)));
        let restated = |price| ReportKind::Restated { quantity: Lots(14), price: Ticks(price) };
        let ended = ReportKind::Canceled { leaves: Lots(7), reason: CancelReason::Split };
        let told: Vec<ReportKind> = script
            .reports
            .into_iter()
            .filter(|kind| {
                matches!(kind, ReportKind::Restated { .. } | ReportKind::Canceled { .. })
            })
            .take(2)
            .collect();
        // A buy never pays more than its owner said, a sell never takes less.
        let adjusted = [restated(2_000), restated(3_001)];
        assert_eq!(told, if orders == "adjust" { adjusted } else { [ended, ended] });
    }
}

/// "a fraction is paid in cash": it is part of realised profit, and equity does not move.
#[test]
fn a_fraction_is_paid_in_cash_and_belongs_to_realised_profit() {
    for (lots, cash) in [(105, 250.0), (-105, -250.0), (5, 250.0), (-5, -250.0)] {
        for matching in ["average", "fifo", "lifo"] {
            let script = Script::new(|bar, context| {
                if bar < 2 {
                    let side = if lots > 0 { Side::Buy } else { Side::Sell };
                    let part = i64::abs(lots) / 2 + if bar == 0 { i64::abs(lots) % 2 } else { 0 };
                    context.market(FIRST, side, Lots(part));
                }
            });
            let bars = still(4, 5_000, 50_000);
            let (outcome, _, prepared) =
                run(&bars, split(4, "1:10", "adjust"), matching, 0, script);
            let account = prepared.run.ledger().account(StrategyIndex(0));
            assert_eq!(account.position(FIRST).quantity, Lots(lots / 10));
            assert_eq!(outcome.cash.amount, [cash], "{lots} {matching}");
            assert_eq!(outcome.figures.final_equity, 1_000_000.0);
            let trips = &prepared.run.recorder().round_trips;
            assert_eq!(trips.len(), usize::from(lots.abs() < 10), "{lots} {matching}");
            assert!(trips.iter().all(|(_, trip)| trip.closed && trip.gross.0 == 0));
        }
    }
}

/// A reverse split that leaves less than a lot of an order ends it.
#[test]
fn an_order_of_which_less_than_a_lot_is_left_ends() {
    let script = Script::new(|bar, context| {
        if bar == 0 {
            context.limit(FIRST, Side::Buy, Lots(9), Ticks(4_000));
        }
    });
    let (_, script, _) =
        run(&still(4, 5_000, 50_000), split(4, "1:10", "adjust"), "average", 0, script);
    let ended = ReportKind::Canceled { leaves: Lots::ZERO, reason: CancelReason::Split };
    assert_eq!(script.reports, [ReportKind::Accepted, ended]);
}

/// What is sent before the notice has come is in old units: the venue turns it into new ones, or
/// refuses it where orders end; a change is refused.
#[test]
fn what_was_sent_before_the_split_was_known_is_in_old_units() {
    const DAY: u64 = 86_400_000_000_000;
    for orders in ["adjust", "cancel"] {
        let script = Script::new(|bar, context| match bar {
            0 => {
                context.limit(FIRST, Side::Buy, Lots(10), Ticks(4_000));
            }
            // Sent at the last close in old units, a day on the way.
            3 => {
                context.limit(FIRST, Side::Buy, Lots(3), Ticks(3_000));
                context.modify(1, Some(Lots(20)), None);
            }
            _ => {}
        });
        let bars = still(4, 5_000, 2_500);
        let (_, script, prepared) = run(&bars, split(4, "2:1", orders), "average", DAY, script);
        let placed = prepared.run.recorder().orders.iter().find(|order| order.id.number() == 2);
        let placed = placed.unwrap();
        if orders == "adjust" {
            assert_eq!((placed.quantity, placed.limit), (Lots(6), Some(Ticks(1_500))));
            let refused = ReportKind::ModifyRejected(Reason::Split);
            assert!(script.reports.contains(&refused), "{:?}", script.reports);
        } else {
            assert_eq!(placed.reason, Some(Reason::Split));
        }
    }
}

/// Prices that hold the splits have none; only an equity has them.
#[test]
fn splits_need_raw_prices_of_an_equity() {
    for (cash, field) in [
        (
            json!({ "splits": [{ "symbol": "X", "date": "2024-01-05", "ratio": "2:1", "orders": "adjust" }] }),
            "cashEvents.adjustment",
        ),
        (
            json!({ "adjustment": "raw", "splits": [{ "symbol": "X", "date": "2024-01-05", "ratio": "0:1", "orders": "adjust" }] }),
            "cashEvents.splits[0].ratio",
        ),
        (
            json!({ "adjustment": "raw", "splits": [{ "symbol": "X", "ratio": "2:1", "orders": "adjust" }] }),
            "cashEvents.splits[0].date",
        ),
        (
            json!({ "adjustment": "raw", "splits": [{ "symbol": "X", "date": "soon", "ratio": "2:1", "orders": "adjust" }] }),
            "cashEvents.splits[0].date",
        ),
        (
            json!({ "adjustment": "raw", "splits": [{ "symbol": "X", "date": "2024-01-05", "ratio": "2:1", "orders": "keep" }] }),
            "cashEvents.splits[0].orders",
        ),
        (
            json!({ "adjustment": "raw", "splits": [{ "symbol": "Y", "date": "2024-01-05", "ratio": "2:1", "orders": "adjust" }] }),
            "cashEvents.splits[0].symbol",
        ),
    ] {
        let (_file, configuration) = set_up(&still(4, 5_000, 2_500), cash);
        let message = prepare(configuration).err().expect("refused").to_string();
        assert!(message.contains(field), "{field}: {message}");
    }
}
