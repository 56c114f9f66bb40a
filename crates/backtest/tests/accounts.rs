//! Cash and margin accounts in whole runs: simulation.md, "Corporate actions, funding, margin,
//! borrow".

mod support;

use engine::strategy::drive;
use engine::{Command, Context, Strategy};
use model::{
    Bar, CancelReason, Fill, InstrumentIndex, Lots, Reason, Report, ReportKind, Side, Ticks,
};
use serde_json::{Value, json};
use std::io::Write;
use support::configuration;
use tickforge_backtest::configuration::{Fees, Latency};
use tickforge_backtest::outcome::conclude;
use tickforge_backtest::{Outcome, RunConfiguration, prepare};

const FIRST: InstrumentIndex = InstrumentIndex(0);

/// What to do at the close of a bar.
#[derive(Clone, Copy)]
enum Do {
    Market(i64),
    /// Lots and a price in whole units.
    Limit(i64, i64),
    /// Number of an order and its new total.
    Resize(u64, i64),
}

/// Does what it was told, one list a bar, and keeps what it is told.
struct Planned {
    plan: Vec<Vec<Do>>,
    bars: usize,
    told: Vec<ReportKind>,
    fills: Vec<(u64, i64)>,
}

impl Strategy for Planned {
    fn on_bar(&mut self, _bar: &Bar, context: &mut Context<'_>) {
        for action in self.plan.get(self.bars).cloned().unwrap_or_default() {
            let side = |lots: i64| if lots > 0 { Side::Buy } else { Side::Sell };
            match action {
                Do::Market(lots) => {
                    context.market(FIRST, side(lots), Lots(lots.abs()));
                }
                Do::Limit(lots, price) => {
                    context.limit(FIRST, side(lots), Lots(lots.abs()), Ticks(price * 100));
                }
                Do::Resize(number, total) => {
                    let change =
                        venue::Change { total: Some(Lots(total)), price: None, trigger: None };
                    context.command(Command::Modify { number, change });
                }
            }
        }
        self.bars += 1;
    }

    fn on_order(&mut self, report: &Report, _context: &mut Context<'_>) {
        self.told.push(report.kind);
    }

    fn on_fill(&mut self, fill: &Fill, _context: &mut Context<'_>) {
        self.fills.push((fill.order.number(), fill.side.sign() * fill.quantity.0));
    }
}

fn setup(
    kind: &str,
    prices: &[u32],
    account: Value,
    file: &mut tempfile::NamedTempFile,
) -> RunConfiguration {
    writeln!(file, "time,open,high,low,close,volume").unwrap();
    for (hour, price) in prices.iter().enumerate() {
        writeln!(file, "2024-05-22T{hour:02}:00:00Z,{price},{price},{price},{price},1000000")
            .unwrap();
    }
    let data = json!({
        "type": "csv", "files": [file.path()], "symbol": "X", "timeframe": "1h", "label": "open",
    });
    let terms = json!([{ "symbol": "X", "kind": kind, "tickSize": "0.01", "multiplier": "1" }]);
    let mut configuration = configuration(data, terms, json!({ "bars": ["1h"] }));
    let mut all = json!({ "currency": "USD", "initialCash": "1000" });
    all.as_object_mut().unwrap().extend(account.as_object().unwrap().clone());
    configuration.account = serde_json::from_value(all).unwrap();
    configuration.venue.latency =
        Latency::Fixed { submit_ns: 0, modify_ns: 0, cancel_ns: 0, response_ns: 0 };
    configuration.venue.fees = Fees::Bps { maker: "0".into(), taker: "10".into() };
    configuration.risk_limits = None;
    configuration
}

fn run(kind: &str, prices: &[u32], account: Value, plan: Vec<Vec<Do>>) -> (Outcome, Planned) {
    let mut file = tempfile::NamedTempFile::with_suffix(".csv").unwrap();
    let mut prepared = prepare(setup(kind, prices, account, &mut file)).expect("it is set up");
    let strategy = Planned { plan, bars: 0, told: Vec::new(), fills: Vec::new() };
    let mut strategies = [Box::new(strategy)];
    drive(&mut prepared.run, &mut strategies, &mut |_| true).expect("the run ends");
    let side = &prepared.run.strategies()[0];
    let venue = prepared.run.ledger().account(model::StrategyIndex(0));
    assert_eq!(side.account, *venue, "both sides know the same account at the end");
    let [strategy] = strategies;
    (conclude(&prepared).expect("the result is drawn"), *strategy)
}

fn denials(told: &[ReportKind]) -> Vec<Reason> {
    let denied = |kind: &ReportKind| match *kind {
        ReportKind::Denied(reason) | ReportKind::ModifyRejected(reason) => Some(reason),
        _ => None,
    };
    told.iter().filter_map(denied).collect()
}

fn margin(initial: &str, maintenance: &str) -> Value {
    let rate = |rate: &str| json!({ "type": "rate", "rate": rate });
    let margin = json!({ "initial": rate(initial), "maintenance": rate(maintenance) });
    json!({ "type": "margin", "margin": margin })
}

/// "initial on the position plus the worst side of open orders".
#[test]
fn initial_margin_counts_the_position_and_the_worst_side_of_open_orders() {
    // An order that is refused counts as pending until its strategy has been told: last of its bar.
    let plan = vec![
        // Sells of 20 stand beside buys of 12: only the larger side counts, so 9 more buys are 21.
        vec![Do::Limit(12, 90), Do::Limit(-20, 120), Do::Limit(9, 90)],
        vec![Do::Limit(8, 90), Do::Resize(1, 13)],
        vec![Do::Limit(-1, 120)],
    ];
    let (_, told) = run("perpetual", &[100; 4], margin("0.5", "0.25"), plan);
    assert_eq!(denials(&told.told), [Reason::BuyingPower; 3]);
    // 21 × 100 × 0.5 = 1,050 is more than 1,000; 20 are not.
    let plan = vec![vec![Do::Market(21)], vec![Do::Market(20)]];
    let (_, told) = run("perpetual", &[100; 4], margin("0.5", "0.25"), plan);
    assert_eq!((denials(&told.told).len(), told.fills), (1, vec![(2, 20)]));
    // Rates below what the equity covers: nothing is refused.
    let plan = vec![vec![Do::Market(21), Do::Limit(12, 90), Do::Limit(-20, 120)]];
    let (_, told) = run("perpetual", &[100; 4], margin("0.1", "0.05"), plan);
    assert!(denials(&told.told).is_empty());
    // What lowers the position passes, however little is left.
    let plan = vec![vec![Do::Market(20)], vec![], vec![Do::Market(-20), Do::Market(-41)]];
    let (_, told) = run("perpetual", &[100, 100, 99, 99, 99], margin("0.5", "0.1"), plan);
    assert_eq!(denials(&told.told), [Reason::BuyingPower], "the sale of 41 more");
}

/// "below maintenance → open orders cancelled, then closed at market with fees".
#[test]
fn below_maintenance_orders_are_cancelled_and_the_position_is_closed() {
    let plan = vec![vec![Do::Market(18), Do::Limit(2, 10)]];
    // At 60: equity 280, maintenance 270. At 55: equity 190 − fee, maintenance 247.5.
    let prices = [100, 100, 60, 55, 50, 50];
    let (outcome, told) = run("perpetual", &prices, margin("0.5", "0.25"), plan);
    let [liquidation] = outcome.liquidations.as_slice() else { panic!("one liquidation") };
    assert_eq!((liquidation.equity, liquidation.maintenance), (188.2, 247.5));
    assert!(outcome.notes.iter().any(|note| note.contains("was liquidated: equity 188.2 below")));
    let canceled = told.told.iter().position(|kind| {
        matches!(kind, ReportKind::Canceled { reason: CancelReason::Liquidation, .. })
    });
    assert!(canceled.is_some(), "{:?}", told.told);
    // Bars: the closing order of the close at 55 executes at the next open.
    assert_eq!(told.fills, [(1, 18), (0, -18)]);
    assert_eq!(outcome.fills.price, [100.0, 50.0]);
    assert_eq!(outcome.fills.fee, [1.8, 0.9]);
    assert_eq!(outcome.figures.final_equity, 1000.0 - 900.0 - 1.8 - 0.9);
}

/// Two strategies on one account: what one holds counts against the other, and both are closed.
#[test]
fn a_shared_account_is_one_margin() {
    let mut file = tempfile::NamedTempFile::with_suffix(".csv").unwrap();
    let mut account = margin("0.5", "0.25");
    account["shared"] = json!(true);
    let mut shared = setup("perpetual", &[100, 100, 100, 55, 50, 50], account, &mut file);
    let mut other = shared.strategies[0].clone();
    other.name = "other".to_owned();
    shared.strategies.push(other);
    let mut prepared = prepare(shared).unwrap();
    let strategy = |plan| Box::new(Planned { plan, bars: 0, told: Vec::new(), fills: Vec::new() });
    // 10 and 8 of the 20 that the equity covers; 3 more are too many for either.
    let mut strategies = [
        strategy(vec![vec![Do::Market(10)], vec![Do::Market(3)]]),
        strategy(vec![vec![Do::Market(8)], vec![Do::Market(3)], vec![Do::Limit(1, 10)]]),
    ];
    drive(&mut prepared.run, &mut strategies, &mut |_| true).unwrap();
    let [first, second] = strategies;
    assert_eq!((denials(&first.told).len(), denials(&second.told).len()), (1, 1));
    assert_eq!((first.fills, second.fills), (vec![(1, 10), (0, -10)], vec![(1, 8), (0, -8)]));
    let reason = CancelReason::Liquidation;
    assert!(second.told.contains(&ReportKind::Canceled { leaves: Lots(1), reason }));
    let outcome = conclude(&prepared).unwrap();
    assert_eq!(outcome.liquidations.len(), 1);
    assert_eq!(outcome.figures.final_equity, 1000.0 - 900.0 - 1.8 - 0.9);
}

/// A margin by contract, and an instrument's own before the account's.
#[test]
fn margin_by_contract_and_by_instrument() {
    let contract = |amount: &str| json!({ "type": "perContract", "amount": amount });
    let of = |initial: &str| json!({ "initial": contract(initial), "maintenance": contract("10") });
    let plan = vec![vec![Do::Market(20), Do::Market(21)]];
    let account = json!({ "type": "margin", "margin": of("50") });
    let (_, told) = run("perpetual", &[100; 3], account.clone(), plan.clone());
    assert_eq!(denials(&told.told), [Reason::BuyingPower]);
    let mut file = tempfile::NamedTempFile::with_suffix(".csv").unwrap();
    let mut own = setup("perpetual", &[100; 3], account, &mut file);
    own.instruments[0].margin = serde_json::from_value(of("2000")).unwrap();
    let mut prepared = prepare(own).unwrap();
    let mut strategies = [Box::new(Planned { plan, bars: 0, told: Vec::new(), fills: Vec::new() })];
    drive(&mut prepared.run, &mut strategies, &mut |_| true).unwrap();
    assert_eq!(denials(&strategies[0].told), [Reason::BuyingPower; 2]);
}

/// A cash account buys with what it has, fee included, and sells what it holds.
#[test]
fn a_cash_account_pays_in_full_and_sells_nothing_short() {
    let cash = || json!({ "type": "cash" });
    let plan = vec![
        vec![Do::Market(-1)],
        // 1,000 and a fee of 1 are more than 1,000.
        vec![Do::Market(10)],
        // Open buys keep their cash: 450 + 546 and a fee of 0.546 fit, one more does not.
        vec![Do::Limit(5, 90), Do::Limit(6, 91), Do::Limit(1, 5)],
        vec![Do::Resize(3, 6)],
        vec![],
        // 11 are held from here on.
        vec![Do::Market(-12)],
        vec![Do::Limit(-6, 200), Do::Limit(-5, 200), Do::Limit(-1, 200)],
    ];
    let prices = [100, 100, 100, 100, 80, 80, 80, 80];
    let (outcome, told) = run("equity", &prices, cash(), plan.clone());
    use Reason::{BuyingPower as Cash, ShortSale as Short};
    assert_eq!(denials(&told.told), [Short, Cash, Cash, Cash, Short, Short]);
    assert_eq!(told.fills, [(4, 6), (3, 5)], "the better price first");
    assert!(outcome.strategies[0].cash >= 0.0);
    // Without a type nothing is checked.
    let (_, told) = run("equity", &prices, json!({}), plan);
    assert!(denials(&told.told).is_empty());
}

#[test]
fn what_cannot_be_is_refused() {
    let bad = [
        ("perpetual", json!({ "type": "cash" }), "account.type"),
        ("equity", json!({ "type": "portfolio" }), "account.type"),
        ("equity", json!({ "type": "margin" }), "account.initialMargin"),
        ("equity", margin("0", "0"), "account.initialMargin"),
        ("equity", margin("0.2", "0.3"), "account.maintenanceMargin"),
        ("equity", json!({ "type": "cash", "margin": margin("1", "1")["margin"] }), "account.type"),
    ];
    for (kind, account, field) in bad {
        let mut file = tempfile::NamedTempFile::with_suffix(".csv").unwrap();
        let configuration = setup(kind, &[100; 2], account, &mut file);
        let Err(error) = prepare(configuration) else { panic!("{field} was accepted") };
        assert!(error.to_string().contains(field), "{error}");
    }
}
