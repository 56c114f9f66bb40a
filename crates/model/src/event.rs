//! Market events of every kind but market by order (which is read in place, see [`crate::mbo`]).

use crate::ids::InstrumentIndex;
use crate::order::Side;
use crate::price::{Price, Quantity};
use crate::time::UnixNanos;

/// A trade print.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Trade {
    /// The instrument.
    pub instrument: InstrumentIndex,
    /// Exchange time.
    pub ts_event: UnixNanos,
    /// Receive time (equal to the exchange time where the source has none).
    pub ts_recv: UnixNanos,
    /// Price.
    pub price: Price,
    /// Quantity.
    pub quantity: Quantity,
    /// The aggressor's side, where known.
    pub aggressor: Option<Side>,
}

/// Best bid and offer as the source states them. An undefined price is an empty side.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Quote {
    /// The instrument.
    pub instrument: InstrumentIndex,
    /// Exchange time.
    pub ts_event: UnixNanos,
    /// Receive time.
    pub ts_recv: UnixNanos,
    /// Best bid.
    pub bid: Price,
    /// Best ask.
    pub ask: Price,
    /// Size at the bid.
    pub bid_size: Quantity,
    /// Size at the ask.
    pub ask_size: Quantity,
    /// Orders at the bid, 0 where unknown.
    pub bid_count: u32,
    /// Orders at the ask, 0 where unknown.
    pub ask_count: u32,
}

/// One price level of a depth snapshot.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DepthLevel {
    /// Price; undefined where the book has no such level.
    pub price: Price,
    /// Total size.
    pub quantity: Quantity,
    /// Orders, 0 where unknown.
    pub count: u32,
}

/// A snapshot of the best levels of both sides (best first, at most ten).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Depth {
    /// The instrument.
    pub instrument: InstrumentIndex,
    /// Exchange time.
    pub ts_event: UnixNanos,
    /// Receive time.
    pub ts_recv: UnixNanos,
    /// Bids, best first.
    pub bids: Vec<DepthLevel>,
    /// Asks, best first.
    pub asks: Vec<DepthLevel>,
}

/// A change of one aggregated price level; quantity zero removes it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LevelUpdate {
    /// The instrument.
    pub instrument: InstrumentIndex,
    /// Exchange time.
    pub ts_event: UnixNanos,
    /// Receive time.
    pub ts_recv: UnixNanos,
    /// Side of the book.
    pub side: Side,
    /// Price of the level.
    pub price: Price,
    /// New total size; zero removes the level.
    pub quantity: Quantity,
    /// Whether this is the last change of its message.
    pub last: bool,
    /// Whether the book is cleared before this change (a snapshot begins).
    pub clear: bool,
}

/// The length of a bar in nanoseconds (`1s`, `1m`, `1h`, `1d`, …).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Timeframe(pub u64);

impl Timeframe {
    /// One second.
    pub const SECOND: Self = Self(1_000_000_000);
    /// One minute.
    pub const MINUTE: Self = Self(60_000_000_000);
    /// One hour.
    pub const HOUR: Self = Self(3_600_000_000_000);
    /// One day: a session's bar.
    pub const DAY: Self = Self(86_400_000_000_000);

    /// Parses `250ms`, `5s`, `1m`, `4h`, `1d`, `1w`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let at = text.find(|c: char| !c.is_ascii_digit())?;
        let count: u64 = text[..at].parse().ok().filter(|&n| n > 0)?;
        let unit = match &text[at..] {
            "ms" => 1_000_000,
            "s" => Self::SECOND.0,
            "m" => Self::MINUTE.0,
            "h" => Self::HOUR.0,
            "d" => Self::DAY.0,
            "w" => 7 * Self::DAY.0,
            _ => return None,
        };
        count.checked_mul(unit).map(Self)
    }
}

impl std::fmt::Display for Timeframe {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (unit, name) in [
            (Self::DAY.0, "d"),
            (Self::HOUR.0, "h"),
            (Self::MINUTE.0, "m"),
            (Self::SECOND.0, "s"),
            (1_000_000, "ms"),
        ] {
            if self.0 >= unit && self.0.is_multiple_of(unit) {
                return write!(f, "{}{name}", self.0 / unit);
            }
        }
        write!(f, "{}ns", self.0)
    }
}

/// What the time column of a bar file means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BarLabel {
    /// The start of the interval (DBN's `ts_event`).
    Open,
    /// The end of the interval.
    Close,
    /// The session's date: the bar closes at its session's end.
    Session,
}

/// A bar. It is known at `close_time`, never before.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Bar {
    /// The instrument.
    pub instrument: InstrumentIndex,
    /// Its length.
    pub timeframe: Timeframe,
    /// Start of the interval (inclusive).
    pub open_time: UnixNanos,
    /// End of the interval (exclusive): when the bar is due.
    pub close_time: UnixNanos,
    /// First price.
    pub open: Price,
    /// Highest price.
    pub high: Price,
    /// Lowest price.
    pub low: Price,
    /// Last price.
    pub close: Price,
    /// Traded quantity in 1e-9.
    pub volume: i128,
}

/// The trading phase of an instrument.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum TradingPhase {
    /// Orders rest, nothing matches.
    PreOpen = 0,
    /// Continuous trading.
    Trading = 1,
    /// Halted or paused: orders rest, nothing matches.
    Halted = 2,
    /// Closed.
    Closed = 3,
}

/// A change of the trading phase.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Status {
    /// The instrument.
    pub instrument: InstrumentIndex,
    /// Exchange time.
    pub ts_event: UnixNanos,
    /// Receive time.
    pub ts_recv: UnixNanos,
    /// The phase from now on.
    pub phase: TradingPhase,
}

/// One event of a source that is not market by order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum MarketEvent {
    /// A trade print.
    Trade(Trade),
    /// A best bid and offer.
    Quote(Quote),
    /// A depth snapshot.
    Depth(Box<Depth>),
    /// A change of one level.
    Level(LevelUpdate),
    /// A finished bar.
    Bar(Bar),
    /// A change of phase.
    Status(Status),
}

impl MarketEvent {
    /// The instrument.
    #[inline]
    #[must_use]
    pub fn instrument(&self) -> InstrumentIndex {
        match self {
            Self::Trade(e) => e.instrument,
            Self::Quote(e) => e.instrument,
            Self::Depth(e) => e.instrument,
            Self::Level(e) => e.instrument,
            Self::Bar(e) => e.instrument,
            Self::Status(e) => e.instrument,
        }
    }

    /// The time at which the venue acts on it: exchange time, for a bar its close.
    #[inline]
    #[must_use]
    pub fn ts_event(&self) -> UnixNanos {
        match self {
            Self::Trade(e) => e.ts_event,
            Self::Quote(e) => e.ts_event,
            Self::Depth(e) => e.ts_event,
            Self::Level(e) => e.ts_event,
            Self::Bar(e) => e.close_time,
            Self::Status(e) => e.ts_event,
        }
    }

    /// The time at which it was received: for a bar its close.
    #[inline]
    #[must_use]
    pub fn ts_recv(&self) -> UnixNanos {
        match self {
            Self::Trade(e) => e.ts_recv,
            Self::Quote(e) => e.ts_recv,
            Self::Depth(e) => e.ts_recv,
            Self::Level(e) => e.ts_recv,
            Self::Bar(e) => e.close_time,
            Self::Status(e) => e.ts_recv,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timeframes_read_and_write() {
        for text in ["250ms", "5s", "1m", "4h", "1d"] {
            assert_eq!(Timeframe::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(Timeframe::parse("60s"), Timeframe::parse("1m"));
        for text in ["", "m", "0m", "1x", "-1m"] {
            assert!(Timeframe::parse(text).is_none(), "{text}");
        }
    }
}
