//! Bars from ticks and from finer bars.
//!
//! Intraday bars are aligned to the UTC epoch; a bar of one day runs from one session close to the
//! next (midnight UTC unless [`BarAggregator::with_session`] says otherwise). A bar is finished
//! when time reaches its end, and intervals in which nothing happened give none. **Late data**: a
//! record stamped before the open bar began belongs to the open bar, and is counted.

use crate::columns::SessionClose;
use crate::error::FeedError;
use model::{Bar, InstrumentIndex, Price, Quote, Timeframe, Trade, UnixNanos};

/// Makes time bars of one instrument and one length.
#[derive(Clone, Debug)]
pub struct BarAggregator {
    instrument: InstrumentIndex,
    timeframe: Timeframe,
    session: Option<SessionClose>,
    open: Option<Bar>,
    late: u64,
}

impl BarAggregator {
    /// An aggregator without an open bar.
    ///
    /// # Errors
    /// [`FeedError::Setting`] for a length of zero.
    pub fn new(instrument: InstrumentIndex, timeframe: Timeframe) -> Result<Self, FeedError> {
        if timeframe.0 == 0 {
            return Err(FeedError::Setting {
                option: "timeframe",
                value: "0".to_owned(),
                accepted: "a length above zero, such as 1m".to_owned(),
            });
        }
        Ok(Self { instrument, timeframe, session: None, open: None, late: 0 })
    }

    /// When the sessions of this instrument end: what a bar of one day is aligned to.
    #[must_use]
    pub fn with_session(mut self, session: SessionClose) -> Self {
        self.session = Some(session);
        self
    }

    /// The length.
    #[must_use]
    pub fn timeframe(&self) -> Timeframe {
        self.timeframe
    }

    /// When the open bar ends; `None` while there is none.
    #[must_use]
    pub fn next_close(&self) -> Option<UnixNanos> {
        self.open.as_ref().map(|bar| bar.close_time)
    }

    /// Records that came after their bar had been finished; they are part of the bar after it.
    #[must_use]
    pub fn late(&self) -> u64 {
        self.late
    }

    /// A trade. Time must have been advanced to it: its bar is the open one.
    pub fn on_trade(&mut self, trade: &Trade) {
        let (price, volume) = (trade.price, i128::from(trade.quantity.0));
        self.take(trade.ts_event, [price; 4], volume);
    }

    /// The middle of a quote with two sides, for instruments without trades. It has no volume.
    pub fn on_quote(&mut self, quote: &Quote) {
        if quote.bid.is_defined() && quote.ask.is_defined() {
            let middle = Price(quote.bid.0 + (quote.ask.0 - quote.bid.0) / 2);
            self.take(quote.ts_event, [middle; 4], 0);
        }
    }

    /// A finer bar. It belongs to the interval in which it begins.
    pub fn on_bar(&mut self, bar: &Bar) {
        self.take(bar.open_time, [bar.open, bar.high, bar.low, bar.close], bar.volume);
    }

    /// Time passes: a bar that ends at or before `time` is finished and appended to `out`.
    pub fn advance_to(&mut self, time: UnixNanos, out: &mut Vec<Bar>) {
        if self.open.as_ref().is_some_and(|bar| bar.close_time <= time) {
            out.extend(self.open.take());
        }
    }

    fn take(&mut self, at: UnixNanos, [open, high, low, close]: [Price; 4], volume: i128) {
        if let Some(bar) = &mut self.open {
            self.late += u64::from(at < bar.open_time);
            bar.high = bar.high.max(high);
            bar.low = bar.low.min(low);
            bar.close = close;
            bar.volume = bar.volume.saturating_add(volume);
            return;
        }
        let (open_time, close_time) = self.interval(at);
        self.open = Some(Bar {
            instrument: self.instrument,
            timeframe: self.timeframe,
            open_time,
            close_time,
            open,
            high,
            low,
            close,
            volume,
        });
    }

    /// Start (inclusive) and end (exclusive) of the interval that a time lies in.
    fn interval(&self, at: UnixNanos) -> (UnixNanos, UnixNanos) {
        let length = self.timeframe.0;
        if length == Timeframe::DAY.0
            && let Some(session) = &self.session
        {
            let day = i64::try_from(at.0 / length).unwrap_or(0);
            let closes = (day - 2..=day + 2).filter_map(|day| session.close(day));
            let mut start = UnixNanos::ZERO;
            for close in closes {
                if close > at {
                    return (start, close);
                }
                start = close;
            }
        }
        let start = at.0 / length * length;
        (UnixNanos(start), UnixNanos(start.saturating_add(length)))
    }
}
