//! Runs over events that a test writes by hand.

use feed::{MemoryEvents, MemoryMbo, Source};
use model::{
    Bar, Currency, Instrument, InstrumentIndex, InstrumentKind, MarketEvent, NANO, Price, Quantity,
    Quote, Side, Timeframe, Trade, UnixNanos,
};
use tickforge_backtest::sources::{Gives, OpenedData};
use tickforge_backtest::{Prepared, RunConfiguration, prepare_with};

/// Whole seconds since 1970 at which the tests' markets open: a Monday, 14:00 UTC.
pub const OPEN: u64 = 1_704_117_600;
/// Nanoseconds of a second.
pub const SECOND: u64 = 1_000_000_000;

/// A time in ns after the opening.
pub const fn at(nanos: u64) -> UnixNanos {
    UnixNanos(OPEN * SECOND + nanos)
}

/// A future with a tick of 0.25 that is worth 50 a point.
pub fn future(symbol: &str) -> Instrument {
    let (tick, lot, multiplier) = (Price(NANO / 4), Quantity(NANO), Price(50 * NANO));
    let currency = Currency::parse("USD").expect("a currency");
    Instrument::new(symbol, InstrumentKind::Future, tick, lot, multiplier, currency)
        .expect("an instrument")
}

/// A trade at a price in quarters.
pub fn trade(instrument: u32, event: u64, seen: u64, quarters: i64, lots: i64) -> MarketEvent {
    MarketEvent::Trade(Trade {
        instrument: InstrumentIndex(instrument),
        ts_event: at(event),
        ts_recv: at(seen),
        price: Price(quarters * NANO / 4),
        quantity: Quantity(lots * NANO),
        aggressor: Some(Side::Buy),
    })
}

/// A quote with a spread of one tick above a price in quarters.
pub fn quote(instrument: u32, event: u64, seen: u64, quarters: i64) -> MarketEvent {
    MarketEvent::Quote(Quote {
        instrument: InstrumentIndex(instrument),
        ts_event: at(event),
        ts_recv: at(seen),
        bid: Price(quarters * NANO / 4),
        ask: Price((quarters + 1) * NANO / 4),
        bid_size: Quantity(10 * NANO),
        ask_size: Quantity(10 * NANO),
        bid_count: 2,
        ask_count: 2,
    })
}

/// A bar of whole seconds that opens so many seconds after the opening.
pub fn bar(instrument: u32, timeframe: Timeframe, opens: u64, quarters: i64) -> MarketEvent {
    let open_time = at(opens * SECOND);
    MarketEvent::Bar(Bar {
        instrument: InstrumentIndex(instrument),
        timeframe,
        open_time,
        close_time: UnixNanos(open_time.0 + timeframe.0),
        open: Price(quarters * NANO / 4),
        high: Price((quarters + 3) * NANO / 4),
        low: Price((quarters - 3) * NANO / 4),
        close: Price((quarters + 1) * NANO / 4),
        volume: i128::from(NANO),
    })
}

/// What sources of trades and quotes give.
pub fn ticks() -> Gives {
    Gives { trades: true, quotes: true, ..Gives::default() }
}

/// What sources of bars give.
pub fn bars(timeframes: &[Timeframe]) -> Gives {
    Gives { bars: timeframes.to_vec(), ..Gives::default() }
}

/// A run over events, one list a source.
pub fn events_run(
    configuration: RunConfiguration,
    instruments: Vec<Instrument>,
    gives: Vec<Gives>,
    sources: Vec<Vec<MarketEvent>>,
) -> Prepared {
    let sources = sources
        .into_iter()
        .enumerate()
        .map(|(at, events)| {
            Box::new(MemoryEvents::new(&format!("events {at}"), events)) as Box<dyn Source>
        })
        .collect();
    boxed_run(configuration, instruments, gives, sources)
}

/// A run over any sources.
pub fn boxed_run(
    configuration: RunConfiguration,
    instruments: Vec<Instrument>,
    gives: Vec<Gives>,
    sources: Vec<Box<dyn Source>>,
) -> Prepared {
    let (files, notes) = (Vec::new(), Vec::new());
    let data = OpenedData { instruments, sources, gives, files, notes, checks: Vec::new() };
    prepare_with(configuration, data).expect("the run is set up")
}

/// One market-by-order record.
#[derive(Clone, Copy)]
pub struct Record {
    pub id: u32,
    pub event: u64,
    pub recv: u64,
    pub order: u64,
    pub quarters: i64,
    pub size: u32,
    pub flags: u8,
    pub action: u8,
    pub side: u8,
}

/// The last record of an event.
pub const LAST: u8 = model::mbo::flags::LAST;
/// Part of a snapshot, with a receive time that is not one.
pub const SNAPSHOT: u8 = model::mbo::flags::SNAPSHOT | model::mbo::flags::BAD_TS_RECV;

impl Record {
    /// An order of 5 lots at a price in quarters, seen 100 µs after it happened.
    pub fn add(event: u64, order: u64, side: u8, quarters: i64) -> Self {
        let (id, recv) = (1, event + 100_000);
        Self { id, event, recv, order, quarters, size: 5, flags: LAST, action: b'A', side }
    }

    /// The same record as something else.
    pub fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    fn bytes(&self) -> [u8; 56] {
        let mut bytes = [0u8; 56];
        (bytes[0], bytes[1]) = (14, 160);
        bytes[2..4].copy_from_slice(&1u16.to_le_bytes());
        bytes[4..8].copy_from_slice(&self.id.to_le_bytes());
        bytes[8..16].copy_from_slice(&at(self.event).0.to_le_bytes());
        bytes[16..24].copy_from_slice(&self.order.to_le_bytes());
        bytes[24..32].copy_from_slice(&(self.quarters * NANO / 4).to_le_bytes());
        bytes[32..36].copy_from_slice(&self.size.to_le_bytes());
        (bytes[36], bytes[38], bytes[39]) = (self.flags, self.action, self.side);
        bytes[40..48].copy_from_slice(&at(self.recv).0.to_le_bytes());
        bytes
    }
}

/// A source of market-by-order records.
pub fn records(records: &[Record]) -> MemoryMbo {
    let bytes: Vec<u8> = records.iter().flat_map(Record::bytes).collect();
    MemoryMbo::new("records", bytes).expect("records")
}

/// What a source of market by order gives.
pub fn orders() -> Gives {
    Gives { orders: true, trades: true, quotes: true, depth: true, bars: Vec::new() }
}
