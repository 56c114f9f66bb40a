//! What own orders cost, and markets that are not full-depth: levels and bars.
//!
//! `markets [--records N] [--live N] [--repeats N] [--json]`: the level changes of a recorded day
//! of BTCUSDT with a quoter at the touch, full-depth records with a ladder of 100 own orders that
//! follows the price, bars with a handler. A figure whose answer is wrong ends the program with 1.
//! `markets --collect levels|ladder|behind|esh4|esh4-none|none` makes one run alone, for a profiler.

use backtest::sources::Gives;
use bench::data::{RecordBytes, esh4, repeated, shared_folder};
use bench::generate::generate;
use bench::interleave;
use bench::report::Figure;
use bench::runs::{self, FAILED};
use bench::settings::Settings;
use book::BookL2;
use engine::strategy::drive;
use engine::{Context, MarketRow, Strategy};
use feed::binance::{BinanceOptions, BinanceSource};
use feed::synthetic::synthetic_bars;
use feed::{Block, Instruments, MemoryEvents, MemoryMbo, Source};
use model::{
    Bar, Fill, Instrument, InstrumentIndex, InstrumentKind, Lots, MarketEvent, NANO, OrderStatus,
    Price, Quantity, Report, Side, Ticks, Timeframe,
};
use serde_json::json;
use std::process::ExitCode;

const THE_INSTRUMENT: InstrumentIndex = InstrumentIndex(0);

/// Own orders a side of the ladder.
const RUNGS: usize = 50;
/// How far behind the best price a ladder is that rests and is re-quoted, but hardly trades.
const BEHIND: i64 = 3;
const NO_ORDER: Shape = Shape { rungs: 0, behind: 0 };
const TOUCH: Shape = Shape { rungs: 1, behind: 0 };

/// Own orders of one lot at consecutive prices of a side, from the best price on.
struct Rungs {
    side: Side,
    /// The order at the one price of the ladder that is `k` modulo their number, where one rests:
    /// when the best price moves by a tick, one order has to move.
    orders: Vec<Option<u64>>,
    /// Places without an order.
    missing: Vec<usize>,
    best: Ticks,
}

impl Rungs {
    fn new(side: Side, rungs: usize) -> Self {
        Self { side, orders: vec![None; rungs], missing: (0..rungs).collect(), best: Ticks::NONE }
    }

    /// The price of place `k`.
    fn price(&self, k: usize) -> Ticks {
        let (rungs, k) = (self.orders.len() as i64, k as i64);
        match self.side {
            Side::Buy => Ticks(self.best.0 - (self.best.0 - k).rem_euclid(rungs)),
            Side::Sell => Ticks(self.best.0 + (k - self.best.0).rem_euclid(rungs)),
        }
    }

    /// Moves the orders that a new best price leaves behind, and fills what is missing; how many
    /// moved.
    #[inline(always)]
    fn follow(&mut self, best: Ticks, context: &mut Context<'_>) -> u64 {
        // Most quotes change sizes alone.
        if best == self.best && self.missing.is_empty() { 0 } else { self.go_to(best, context) }
    }

    fn go_to(&mut self, best: Ticks, context: &mut Context<'_>) -> u64 {
        let rungs = self.orders.len() as i64;
        let before = std::mem::replace(&mut self.best, best);
        let mut moved = 0;
        if before != Ticks::NONE && before != best {
            let steps = (best.0 - before.0).abs().min(rungs);
            // The prices that changed hands lie between the two, on whichever end.
            let from = match self.side {
                Side::Buy => before.0.min(best.0) + 1,
                Side::Sell => before.0.min(best.0),
            };
            for price in from..from + steps {
                let place = price.rem_euclid(rungs) as usize;
                if let Some(number) = self.orders[place] {
                    context.modify(number, None, Some(self.price(place)));
                    moved += 1;
                }
            }
        }
        while let Some(place) = self.missing.pop() {
            let price = self.price(place);
            self.orders[place] = Some(context.limit(THE_INSTRUMENT, self.side, Lots(1), price));
        }
        moved
    }

    fn forget(&mut self, number: u64) {
        if let Some(place) = self.orders.iter().position(|order| *order == Some(number)) {
            self.orders[place] = None;
            self.missing.push(place);
        }
    }

    fn resting(&self) -> usize {
        self.orders.iter().flatten().count()
    }
}

/// Where the orders stand: how many a side, and how many ticks behind the best price.
#[derive(Clone, Copy)]
struct Shape {
    rungs: usize,
    behind: i64,
}

/// Keeps a ladder on both sides and follows the best prices with it.
struct Ladder {
    behind: i64,
    bids: Rungs,
    asks: Rungs,
    seen: u64,
    moved: u64,
    filled: u64,
}

impl Ladder {
    fn new(shape: Shape) -> Self {
        let bids = Rungs::new(Side::Buy, shape.rungs);
        let asks = Rungs::new(Side::Sell, shape.rungs);
        Self { behind: shape.behind, bids, asks, seen: 0, moved: 0, filled: 0 }
    }
}

impl Strategy for Ladder {
    fn on_quote(&mut self, quote: &MarketRow, context: &mut Context<'_>) {
        self.seen += 1;
        let (bid, ask) = (quote.bbo.bid, quote.bbo.ask);
        if self.bids.orders.is_empty() || bid == Ticks::NONE || ask == Ticks::NONE || bid >= ask {
            return;
        }
        let (bid, ask) = (Ticks(bid.0 - self.behind), Ticks(ask.0 + self.behind));
        self.moved += self.bids.follow(bid, context) + self.asks.follow(ask, context);
    }

    fn on_fill(&mut self, fill: &Fill, _: &mut Context<'_>) {
        self.filled += 1;
        let rungs = if fill.side == Side::Buy { &mut self.bids } else { &mut self.asks };
        rungs.forget(fill.order.number());
    }

    fn on_order(&mut self, report: &Report, context: &mut Context<'_>) {
        // Whatever was refused or ended goes out anew.
        let number = report.order.number();
        if context.status(number).is_some_and(OrderStatus::is_final) {
            self.bids.forget(number);
            self.asks.forget(number);
        }
    }
}

/// Closes of bars added up, and an order every thousandth.
#[derive(Default)]
struct Closes {
    sum: i64,
    seen: u64,
}

impl Strategy for Closes {
    fn on_bar(&mut self, bar: &Bar, context: &mut Context<'_>) {
        self.sum = self.sum.wrapping_add(bar.close.0);
        self.seen += 1;
        if self.seen.is_multiple_of(1000) {
            let side = if self.seen.is_multiple_of(2000) { Side::Sell } else { Side::Buy };
            context.market(THE_INSTRUMENT, side, Lots(1));
        }
    }
}

/// What a run with the ladder did.
#[derive(Clone, Copy, Default)]
struct Did {
    seen: u64,
    moved: u64,
    filled: u64,
    resting: usize,
}

fn ladder(
    instrument: &Instrument,
    source: Box<dyn Source>,
    gives: &Gives,
    queue: &serde_json::Value,
    shape: Shape,
) -> Result<Did, String> {
    let configuration = runs::configuration(&json!({ "quotes": true }), queue)?;
    let mut run = runs::ready(configuration, instrument.clone(), source, gives.clone())?;
    let mut strategies = [Box::new(Ladder::new(shape))];
    drive(&mut run, &mut strategies, &mut |_| true).map_err(|e| e.to_string())?;
    let Ladder { seen, moved, filled, bids, asks, .. } = &*strategies[0];
    let resting = bids.resting() + asks.resting();
    Ok(Did { seen: *seen, moved: *moved, filled: *filled, resting })
}

/// One number for all that a run did.
fn digest(did: Result<Did, String>) -> u64 {
    did.map_or(FAILED, |did| did.seen ^ did.moved << 20 ^ did.filled << 40)
}

/// The recorded day of BTCUSDT: its events and instrument.
fn recorded_levels() -> Result<(Vec<MarketEvent>, Instrument), String> {
    let path = shared_folder().join("data/market/l2-binance-hftbacktest/usdm_btcusdt_20240808.gz");
    let (tick, lot) = (Price(NANO / 10), Quantity(NANO / 1000));
    let instrument =
        runs::instrument("BTCUSDT", InstrumentKind::Perpetual, tick, lot, Price(NANO))?;
    let instruments: Instruments = [instrument.clone()].into_iter().collect();
    let mut source = BinanceSource::open(&[path], &BinanceOptions::default(), &instruments)
        .map_err(|e| e.to_string())?;
    let mut events = Vec::new();
    while let Some(block) = source.next_block().map_err(|e| e.to_string())? {
        if let Block::Events(batch) = block {
            events.extend_from_slice(batch);
        }
    }
    Ok((events, instrument))
}

/// The book alone: every level change applied, the best prices looked at after each message.
fn levels_alone(events: &[MarketEvent], instrument: &Instrument) -> u64 {
    let mut book = BookL2::new();
    let (mut last, mut changes) = (book.bbo(), 0);
    for event in events {
        let MarketEvent::Level(level) = event else { continue };
        if level.clear {
            book.clear();
        }
        let Some(price) = instrument.grid.ticks(level.price) else { return FAILED };
        let size = Lots(level.quantity.0 / instrument.lot_size.0);
        if book.apply(level.side, price, size, 0).is_err() {
            return FAILED;
        }
        if level.last {
            changes += u64::from(book.bbo() != last);
            last = book.bbo();
        }
    }
    changes
}

fn measure_levels(settings: &Settings) -> Result<(), String> {
    let (events, instrument) = recorded_levels()?;
    let levels = events.iter().filter(|event| matches!(event, MarketEvent::Level(_))).count();
    let source = MemoryEvents::new("btcusdt", events.clone());
    let gives = Gives { trades: true, quotes: true, depth: true, ..Gives::default() };
    let queue = json!({ "queue": "power2", "queueExponent": 2.0 });
    let quoter = || ladder(&instrument, Box::new(source.clone()), &gives, &queue, TOUCH);
    let did = quoter()?;
    if did.moved < 100 || did.filled == 0 {
        return Err(format!("the quoter moved {} times, {} fills", did.moved, did.filled));
    }
    let book = || levels_alone(&events, &instrument);
    let compared = interleave(book, || digest(quoter()), settings.repeats)?;
    if compared.baseline.answer == FAILED || compared.candidate.answer == FAILED {
        return Err("a run failed".to_owned());
    }
    let figure = Figure {
        name: "levels, touch quoter/btcusdt".to_owned(),
        baseline: "book of levels+bbo".to_owned(),
        unit: "level changes",
        items: levels as u64,
        target: Some(20e6),
        target_ratio: None,
        compared,
    };
    figure.print(settings.json);
    Ok(())
}

fn measure_ladder(
    name: &str,
    records: &[RecordBytes],
    behind: i64,
    settings: &Settings,
) -> Result<(), String> {
    let source = MemoryMbo::new(name, records.as_flattened()).map_err(|e| e.to_string())?;
    let instrument = runs::es()?;
    let gives = Gives { orders: true, trades: true, quotes: true, depth: true, bars: Vec::new() };
    let queue = json!({ "queue": "l3" });
    let whole = |shape| ladder(&instrument, Box::new(source.clone()), &gives, &queue, shape);
    let shape = Shape { rungs: RUNGS, behind };
    let did = whole(shape)?;
    if did.resting < 2 * RUNGS - 2 || did.moved < 100 {
        return Err(format!("{name}: {} orders rest, {} moved", did.resting, did.moved));
    }
    let compared =
        interleave(|| digest(whole(NO_ORDER)), || digest(whole(shape)), settings.repeats)?;
    if compared.baseline.answer == FAILED || compared.candidate.answer == FAILED {
        return Err(format!("{name}: a run failed"));
    }
    if !settings.json {
        eprintln!(
            "{name}: {} quotes seen, {} orders moved, {} fills, {} rest at the end",
            did.seen, did.moved, did.filled, did.resting
        );
    }
    let place = if behind > 0 { "behind" } else { "at touch" };
    let figure = Figure {
        name: format!("100 own orders, {place}/{name}"),
        baseline: "no own order".to_owned(),
        unit: "records",
        items: records.len() as u64,
        target: None,
        target_ratio: (behind > 0).then_some(0.8),
        compared,
    };
    figure.print(settings.json);
    Ok(())
}

fn bars(source: &MemoryEvents, instrument: &Instrument) -> Result<u64, String> {
    let needs = json!({ "bars": ["1m"] });
    let configuration = runs::configuration(&needs, &json!({ "queue": "l3" }))?;
    let gives = Gives { bars: vec![Timeframe::MINUTE], ..Gives::default() };
    let mut run = runs::ready(configuration, instrument.clone(), Box::new(source.clone()), gives)?;
    let mut strategies = [Box::new(Closes::default())];
    drive(&mut run, &mut strategies, &mut |_| true).map_err(|e| e.to_string())?;
    let filled = run.recorder().counts.fills;
    if filled < strategies[0].seen / 1000 - 1 {
        return Err(format!("{filled} fills of {} orders", strategies[0].seen / 1000));
    }
    Ok(strategies[0].sum as u64)
}

fn measure_bars(settings: &Settings) -> Result<(), String> {
    let count = settings.records.min(5_000_000);
    let events: Vec<MarketEvent> =
        synthetic_bars(1, count, Timeframe::MINUTE).into_iter().map(MarketEvent::Bar).collect();
    let (tick, lot) = (Price(NANO / 100), Quantity(NANO));
    let instrument = runs::instrument("BARS", InstrumentKind::Equity, tick, lot, Price(NANO))?;
    let source = MemoryEvents::new("bars", events.clone());
    let whole = bars(&source, &instrument)?;
    let plain = || {
        events.iter().fold(0i64, |sum, event| match event {
            MarketEvent::Bar(bar) => sum.wrapping_add(bar.close.0),
            _ => sum,
        }) as u64
    };
    let compared =
        interleave(plain, || bars(&source, &instrument).unwrap_or(FAILED), settings.repeats)?;
    if compared.baseline.answer != whole || compared.candidate.answer != whole {
        return Err("a run of bars saw other closes than there are".to_owned());
    }
    let figure = Figure {
        name: "bars, handler in Rust/generated".to_owned(),
        baseline: "closes added up".to_owned(),
        unit: "bars",
        items: count as u64,
        target: Some(10e6),
        target_ratio: None,
        compared,
    };
    figure.print(settings.json);
    Ok(())
}

/// A part alone, for a profiler.
fn collect(which: &str) -> Result<(), String> {
    let did = if which == "levels" {
        let (events, instrument) = recorded_levels()?;
        let gives = Gives { trades: true, quotes: true, depth: true, ..Gives::default() };
        let queue = json!({ "queue": "power2", "queueExponent": 2.0 });
        let source = MemoryEvents::new("btcusdt", events);
        ladder(&instrument, Box::new(source), &gives, &queue, TOUCH)?
    } else {
        let records = match esh4() {
            Ok(day) if which.starts_with("esh4") => repeated(&day, 30),
            _ => generate(2_000_000, 30_000, 1),
        };
        let source = MemoryMbo::new("records", records.as_flattened());
        let source = source.map_err(|e| e.to_string())?;
        let shape = match which {
            "ladder" => Shape { rungs: RUNGS, behind: 0 },
            "behind" | "esh4" => Shape { rungs: RUNGS, behind: BEHIND },
            _ => NO_ORDER,
        };
        let gives =
            Gives { orders: true, trades: true, quotes: true, depth: true, bars: Vec::new() };
        ladder(&runs::es()?, Box::new(source), &gives, &json!({ "queue": "l3" }), shape)?
    };
    println!("{}", json!({ "workload": which, "answer": digest(Ok(did)) }));
    Ok(())
}

fn run() -> Result<(), String> {
    let settings = Settings::from_arguments(
        20_000_000,
        &["levels", "ladder", "behind", "esh4", "esh4-none", "none"],
    )?;
    if let Some(which) = &settings.collect {
        return collect(which);
    }
    if !settings.json {
        eprintln!("{}", Figure::heading());
    }
    if shared_folder().join("data/market/l2-binance-hftbacktest").exists() {
        measure_levels(&settings)?;
    } else {
        eprintln!("btcusdt skipped: no l2-binance-hftbacktest in the shared data");
    }
    match esh4() {
        Ok(day) => {
            let day = repeated(&day, 30);
            measure_ladder("esh4", &day, BEHIND, &settings)?;
            measure_ladder("esh4", &day, 0, &settings)?;
        }
        Err(reason) => eprintln!("esh4 skipped: {reason}"),
    }
    let records = generate(settings.records.min(5_000_000), settings.live, 1);
    measure_ladder("generated", &records, BEHIND, &settings)?;
    measure_ladder("generated", &records, 0, &settings)?;
    measure_bars(&settings)
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("markets: {reason}");
            ExitCode::FAILURE
        }
    }
}
