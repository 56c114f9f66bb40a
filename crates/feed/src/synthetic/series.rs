//! Small generated series of bars, quotes and trades.

use model::random::SeededRandom;
use model::{
    Bar, InstrumentIndex, NANO, Price, Quantity, Quote, Side, Timeframe, Trade, UnixNanos,
};

/// Where generated series begin: 2024-01-02T00:00:00Z.
pub const SERIES_START: UnixNanos = UnixNanos(1_704_153_600_000_000_000);

const CENT: i64 = NANO / 100;

/// A walk in cents around 100.00 that never leaves 1.00 to 10,000.00.
struct Walk {
    random: SeededRandom,
    cents: i64,
}

impl Walk {
    fn new(seed: u64, name: &str) -> Self {
        Self { random: SeededRandom::new(seed, name), cents: 10_000 }
    }

    fn step(&mut self, most: u64) -> Price {
        let step = self.random.below(2 * most + 1) as i64 - most as i64;
        self.cents = (self.cents + step).clamp(100, 1_000_000);
        Price(self.cents * CENT)
    }
}

/// `n` consecutive bars of instrument 0 from [`SERIES_START`] on, prices in cents.
#[must_use]
pub fn synthetic_bars(seed: u64, n: usize, timeframe: Timeframe) -> Vec<Bar> {
    let mut walk = Walk::new(seed, "synthetic bars");
    let mut close = Price(100 * NANO);
    (0..n as u64)
        .map(|k| {
            let open = close;
            let prices = [open, walk.step(40), walk.step(40), walk.step(40)];
            close = prices[3];
            let open_time = SERIES_START.plus(k.saturating_mul(timeframe.0));
            Bar {
                instrument: InstrumentIndex(0),
                timeframe,
                open_time,
                close_time: open_time.plus(timeframe.0),
                open,
                high: prices.into_iter().max().unwrap_or(open),
                low: prices.into_iter().min().unwrap_or(open),
                close,
                volume: i128::from(1 + walk.random.below(10_000)) * i128::from(NANO),
            }
        })
        .collect()
}

/// `n` quotes of instrument 0 from [`SERIES_START`] on, never crossed, some ms apart.
#[must_use]
pub fn synthetic_quotes(seed: u64, n: usize) -> Vec<Quote> {
    let mut walk = Walk::new(seed, "synthetic quotes");
    let mut at = SERIES_START;
    (0..n)
        .map(|_| {
            at = at.plus(1 + walk.random.below(50_000_000));
            let bid = walk.step(3);
            let spread = 1 + walk.random.below(4) as i64;
            Quote {
                instrument: InstrumentIndex(0),
                ts_event: at,
                ts_recv: at.plus(79_000 + walk.random.below(100_000)),
                bid,
                ask: Price(bid.0 + spread * CENT),
                bid_size: Quantity((1 + walk.random.below(500) as i64) * NANO),
                ask_size: Quantity((1 + walk.random.below(500) as i64) * NANO),
                bid_count: 0,
                ask_count: 0,
            }
        })
        .collect()
}

/// `n` trades of instrument 0 from [`SERIES_START`] on, some seconds apart.
#[must_use]
pub fn synthetic_trades(seed: u64, n: usize) -> Vec<Trade> {
    let mut walk = Walk::new(seed, "synthetic trades");
    let mut at = SERIES_START;
    (0..n)
        .map(|_| {
            at = at.plus(1 + walk.random.below(20_000_000_000));
            let aggressor = if walk.random.below(2) == 0 { Side::Buy } else { Side::Sell };
            Trade {
                instrument: InstrumentIndex(0),
                ts_event: at,
                ts_recv: at.plus(79_000 + walk.random.below(100_000)),
                price: walk.step(5),
                quantity: Quantity((1 + walk.random.below(100) as i64) * NANO),
                aggressor: Some(aggressor),
            }
        })
        .collect()
}
