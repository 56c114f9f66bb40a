//! The TypeScript side in Rust: walks the rows of each step, stops at the row whose handler gives
//! a command, and keeps what a strategy keeps: position, cash, best prices, order states.

use super::random_trader::{Moment, RandomTrader};
use engine::columns::{
    COMMANDS, CommandColumns, CommandKind, EventColumns, ROWS, StepStatus, ViewTable,
    command_flags, order_terms,
};
use engine::row::RowKind;
use engine::step::{Stepper, prepare};
use engine::{Amount, Command, EngineError, OrderTerms, Run, SizeAt, Subscription};
use model::{Condition, OrderId, OrderKind, PeerKind, Side, TimeInForce, TrailOffset, TriggerKind};
use std::collections::BTreeMap;
use trading::{OrderSize, Target};
use venue::Change;

/// The memory that both sides share.
pub struct Memory {
    pub events: Box<EventColumns>,
    pub commands: Box<CommandColumns>,
    pub views: Vec<ViewTable>,
}

impl Memory {
    pub fn new(run: &Run) -> Self {
        let (n, w) = ([0.0; ROWS], [0; ROWS]);
        let mut events = Box::new(EventColumns {
            ts_nanos: [0; ROWS],
            ts_event: [0; ROWS],
            time_ms: n,
            bid: n,
            ask: n,
            bid_size: n,
            ask_size: n,
            p0: n,
            p1: n,
            p2: n,
            p3: n,
            p4: n,
            p5: n,
            p6: n,
            p7: n,
            kind: w,
            strategy: w,
            instrument: w,
            flags: w,
            extra: w,
            bid_count: w,
            ask_count: w,
            order_status: w,
            rows: 0,
            status: 0,
            version: 0,
            progress: 0,
        });
        let mut commands = Box::new(CommandColumns {
            number: [0.0; COMMANDS],
            price: [0.0; COMMANDS],
            amount: [0.0; COMMANDS],
            trigger: [0.0; COMMANDS],
            trail: [0.0; COMMANDS],
            limit_offset: [0.0; COMMANDS],
            display: [0.0; COMMANDS],
            parent: [0.0; COMMANDS],
            group: [0.0; COMMANDS],
            at: [0; COMMANDS],
            every: [0; COMMANDS],
            kind: [0; COMMANDS],
            strategy: [0; COMMANDS],
            instrument: [0; COMMANDS],
            flags: [0; COMMANDS],
            terms: [0; COMMANDS],
            count: 0,
            consumed: 0,
            version: 0,
            abort: 0,
        });
        prepare(&mut events, &mut commands);
        let empty = ViewTable {
            bid: f64::NAN,
            ask: f64::NAN,
            bid_size: 0.0,
            ask_size: 0.0,
            bid_levels: 0.0,
            ask_levels: 0.0,
            price: [0.0; 20],
            quantity: [0.0; 20],
            count: [0.0; 20],
        };
        let views = vec![empty; run.instruments().len() * run.strategies().len()];
        Self { events, commands, views }
    }
}

/// Writes a command as TypeScript would.
pub fn encode(columns: &mut CommandColumns, strategy: u32, command: &Command) {
    let at = columns.count as usize;
    columns.count += 1;
    columns.strategy[at] = strategy;
    (columns.number[at], columns.price[at], columns.amount[at]) = (0.0, 0.0, 0.0);
    (columns.at[at], columns.every[at], columns.flags[at], columns.instrument[at]) = (0, 0, 0, 0);
    let kind = match *command {
        Command::Submit {
            number,
            instrument,
            side,
            kind,
            amount,
            size_at,
            time_in_force,
            post_only,
            ref terms,
        } => {
            columns.number[at] = number as f64;
            columns.instrument[at] = instrument.0;
            let mut flags = 0;
            let mut set = |bit: u32, on: bool| flags |= if on { bit } else { 0 };
            set(command_flags::SELL, side == Side::Sell);
            set(command_flags::IOC, time_in_force == TimeInForce::Ioc);
            set(command_flags::FOK, time_in_force == TimeInForce::Fok);
            set(command_flags::GTD, time_in_force == TimeInForce::Gtd);
            set(command_flags::DAY, time_in_force == TimeInForce::Day);
            set(command_flags::MARKET_TO_LIMIT, kind == OrderKind::MarketToLimit);
            set(command_flags::TERMS, terms.is_some());
            set(command_flags::POST_ONLY, post_only);
            set(command_flags::SIZE_AT_FILL, size_at == SizeAt::Fill);
            if let OrderKind::Limit(price) = kind {
                set(command_flags::LIMIT, true);
                columns.price[at] = price.0 as f64;
            }
            columns.amount[at] = match amount {
                Amount::Order(OrderSize::Quantity(lots)) => lots.0 as f64,
                Amount::Order(OrderSize::Cash(money)) => {
                    set(command_flags::CASH, true);
                    money.as_f64()
                }
                Amount::Order(OrderSize::Percent(percent)) => {
                    set(command_flags::FRACTION, true);
                    percent
                }
                Amount::Parent => {
                    set(command_flags::PARENT, true);
                    0.0
                }
                Amount::Target(target) => {
                    set(command_flags::TARGET, true);
                    match target {
                        Target::Quantity(lots) => lots.0 as f64,
                        Target::Value(money) => {
                            set(command_flags::CASH, true);
                            money.as_f64()
                        }
                        Target::Percent(percent) => {
                            set(command_flags::FRACTION, true);
                            percent
                        }
                        Target::Risk { fraction, stop } => {
                            set(command_flags::RISK, true);
                            columns.at[at] = stop.as_f64().to_bits();
                            fraction
                        }
                    }
                }
            };
            columns.flags[at] = flags;
            if let Some(terms) = terms {
                encode_terms(columns, at, terms);
            }
            CommandKind::Submit
        }
        Command::Modify { number, change: Change { total, price, trigger } } => {
            columns.number[at] = number as f64;
            if let Some(trigger) = trigger {
                columns.flags[at] = command_flags::TERMS;
                columns.trigger[at] = trigger.as_f64();
            }
            columns.amount[at] = total.map_or(f64::NAN, |lots| lots.0 as f64);
            columns.price[at] = price.map_or(f64::NAN, |price| price.0 as f64);
            CommandKind::Modify
        }
        Command::Cancel { number } => {
            columns.number[at] = number as f64;
            CommandKind::Cancel
        }
        Command::CancelAll { instrument } => {
            columns.instrument[at] = instrument.map_or(u32::MAX, |instrument| instrument.0);
            CommandKind::CancelAll
        }
        Command::SetTimer { id, at: first, every } => {
            columns.number[at] = f64::from(id);
            columns.at[at] = first;
            columns.every[at] = every;
            CommandKind::SetTimer
        }
        Command::CancelTimer { id } => {
            columns.number[at] = f64::from(id);
            CommandKind::CancelTimer
        }
        Command::Subscribe { instrument, what, on } => {
            columns.instrument[at] = instrument.0;
            let quotes = what == Subscription::Quotes;
            columns.flags[at] = if quotes { command_flags::QUOTES } else { 0 };
            if on { CommandKind::Subscribe } else { CommandKind::Unsubscribe }
        }
        Command::Stop => CommandKind::Stop,
    };
    columns.kind[at] = kind as u32;
}

fn encode_terms(columns: &mut CommandColumns, at: usize, terms: &OrderTerms) {
    let Condition { trigger, expires, links } = terms.condition;
    let mut bits = 0;
    let mut set = |bit: u32, on: bool| bits |= if on { bit } else { 0 };
    set(order_terms::REDUCE_ONLY, terms.reduce_only);
    columns.display[at] = terms.display.0 as f64;
    columns.trigger[at] = f64::NAN;
    if let Some(trigger) = trigger {
        set(order_terms::STOP, trigger.kind == TriggerKind::Stop);
        set(order_terms::IF_TOUCHED, trigger.kind == TriggerKind::IfTouched);
        set((trigger.source as u32) << order_terms::SOURCE_SHIFT, true);
        if trigger.price.is_defined() {
            columns.trigger[at] = trigger.price.as_f64();
        }
        if let Some(trail) = trigger.trail {
            columns.trail[at] = match trail.offset {
                TrailOffset::Price(price) => {
                    set(order_terms::TRAIL_PRICE, true);
                    price.as_f64()
                }
                TrailOffset::Bps(bps) => {
                    set(order_terms::TRAIL_BPS, true);
                    bps as f64 / 1e9
                }
            };
            set(order_terms::TRAIL_LIMIT, trail.limit_offset.is_some());
            columns.limit_offset[at] = trail.limit_offset.map_or(0.0, |ticks| ticks.0 as f64);
        }
    }
    if let Some(expires) = expires {
        columns.at[at] = expires.0;
    }
    let number = |id: Option<OrderId>| id.map_or(0.0, |id| id.number() as f64);
    columns.parent[at] = number(links.parent);
    columns.group[at] = number(links.group.map(|(first, _)| first));
    set(order_terms::OUO, links.group.is_some_and(|(_, kind)| kind == PeerKind::Ouo));
    set(u32::from(links.children) << order_terms::CHILDREN_SHIFT, true);
    set(u32::from(links.peers) << order_terms::PEERS_SHIFT, true);
    columns.terms[at] = bits;
}

/// What a strategy keeps beside the columns, and a digest of everything that it was shown.
#[derive(Default)]
struct Mirror {
    position: BTreeMap<u32, u64>,
    cash: u64,
    orders: BTreeMap<u64, u32>,
    digest: u64,
    seen: u64,
}

impl Mirror {
    fn add(&mut self, value: u64) {
        self.digest = (self.digest.rotate_left(5) ^ value).wrapping_mul(0x517C_C1B7_2722_0A95);
    }
}

/// What a run through columns came to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Shown {
    pub state_hash: String,
    pub digests: Vec<u64>,
    pub rows: u64,
    pub counters: engine::run::RunCounters,
    pub fills: usize,
    pub equity: Vec<(u64, i128)>,
}

/// Drives a run to its end with `rows` rows a step; gives what came of it and the steps it took.
pub fn drive_columns(
    run: &mut Run,
    traders: &mut [RandomTrader],
    rows: usize,
) -> Result<(Shown, u64), EngineError> {
    let mut memory = Memory::new(run);
    let mut stepper = Stepper::new(run, rows);
    let mut mirrors: Vec<Mirror> = traders.iter().map(|_| Mirror::default()).collect();
    let mut commands = Vec::new();
    loop {
        let Memory { events, commands: columns, views } = &mut memory;
        if stepper.advance(run, events, columns, views)? == StepStatus::Finished {
            break;
        }
        for at in 0..events.rows as usize {
            let strategy = events.strategy[at] as usize;
            let moment = look(run, events, views, at, &mut mirrors[strategy]);
            traders[strategy].act(&moment, &mut commands);
            columns.consumed = at as u32 + 1;
            for command in commands.drain(..) {
                encode(columns, strategy as u32, &command);
            }
            if columns.count > 0 {
                break;
            }
        }
    }
    let equity = run.recorder().equity.iter().map(|sample| (sample.ts, sample.equity.0)).collect();
    let shown = Shown {
        state_hash: run.state_hash(),
        digests: mirrors.iter().map(|mirror| mirror.digest).collect(),
        rows: mirrors.iter().map(|mirror| mirror.seen).sum(),
        counters: run.counters(),
        fills: run.recorder().fills.len(),
        equity,
    };
    Ok((shown, stepper.steps))
}

/// A handler's look at its row: everything is taken into the digest.
fn look(
    run: &Run,
    events: &EventColumns,
    views: &mut [ViewTable],
    at: usize,
    mirror: &mut Mirror,
) -> Moment {
    let (strategy, instrument) = (events.strategy[at] as usize, events.instrument[at]);
    let kind = kind_of(events.kind[at]);
    let count = run.instruments().len();
    let market = matches!(kind, RowKind::Trade | RowKind::Quote | RowKind::Depth | RowKind::Bar);
    mirror.seen += 1;
    for value in [
        events.ts_nanos[at],
        events.ts_event[at],
        events.time_ms[at].to_bits(),
        u64::from(events.kind[at]) << 32 | u64::from(instrument),
        u64::from(events.flags[at]),
        events.bid[at].to_bits(),
        events.ask[at].to_bits(),
        events.bid_size[at].to_bits(),
        events.ask_size[at].to_bits(),
        u64::from(events.bid_count[at]) << 32 | u64::from(events.ask_count[at]),
    ] {
        mirror.add(value);
    }
    let mut ended = None;
    let mut numbers: Vec<u64> = Vec::new();
    match kind {
        RowKind::Trade => numbers = vec![events.p0[at].to_bits(), events.p1[at].to_bits()],
        RowKind::Timer => numbers.push(u64::from(events.extra[at])),
        RowKind::Bar | RowKind::Order | RowKind::Fill => {
            let fields = [&events.p0, &events.p1, &events.p2, &events.p3, &events.p4, &events.p5];
            numbers.extend(fields.iter().map(|field| field[at].to_bits()));
            numbers.extend([events.p6[at].to_bits(), u64::from(events.extra[at])]);
        }
        _ => {}
    }
    if matches!(kind, RowKind::Order | RowKind::Fill) {
        let number = events.p7[at] as u64;
        mirror.position.insert(instrument, events.p4[at].to_bits());
        mirror.cash = events.p5[at].to_bits();
        mirror.orders.insert(number, events.order_status[at]);
        // Filled, cancelled, expired, denied, rejected.
        if matches!(events.order_status[at], 1 | 2 | 5..=7) {
            ended = Some(number);
            mirror.orders.remove(&number);
        }
        numbers.push(number << 8 | u64::from(events.order_status[at]));
    }
    if market && count > 1 {
        let table = &mut views[strategy * count + instrument as usize];
        (table.bid, table.ask) = (events.bid[at], events.ask[at]);
    }
    for table in &views[strategy * count..(strategy + 1) * count] {
        if count > 1 {
            numbers.extend([table.bid.to_bits(), table.ask.to_bits()]);
        }
        for (base, levels) in [(0, table.bid_levels), (10, table.ask_levels)] {
            for level in base..base + levels as usize {
                numbers.push(table.price[level].to_bits());
                numbers.push(table.quantity[level].to_bits() ^ table.count[level].to_bits());
            }
        }
    }
    numbers.push(mirror.cash);
    numbers.extend(mirror.position.values());
    numbers.extend(mirror.orders.iter().map(|(number, status)| number << 8 | u64::from(*status)));
    for number in numbers {
        mirror.add(number);
    }
    let tick = run.instruments()[instrument as usize].grid.tick_size().as_f64();
    let ticks = |price: f64| if price.is_nan() { i64::MIN } else { (price / tick).round() as i64 };
    let (bid, ask) = (ticks(events.bid[at]), ticks(events.ask[at]));
    Moment { time: events.ts_nanos[at], kind, instrument, bid, ask, ended }
}

fn kind_of(number: u32) -> RowKind {
    use RowKind as K;
    let all =
        [K::Start, K::Trade, K::Quote, K::Depth, K::Bar, K::Timer, K::Order, K::Fill, K::Stop];
    all.into_iter().find(|kind| *kind as u32 == number).expect("a row kind")
}
