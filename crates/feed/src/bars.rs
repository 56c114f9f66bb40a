//! Bars from ticks and from finer bars.

use crate::error::FeedError;
use model::{Bar, InstrumentIndex, MarketEvent, Price, SessionClose, Timeframe, UnixNanos};

/// What bars are made of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BarInput {
    /// Trades: prices and volume.
    Trades,
    /// The middle of quotes with both sides (half a unit of 1e-9 is dropped); no volume.
    Mid,
    /// Bars of this finer timeframe.
    Bars(Timeframe),
}

/// Makes the time bars of one instrument.
///
/// - Below a day a bar spans `[k·length, (k + 1)·length)` counted from 1970 UTC; a bar of one day
///   spans one session, from the end of the session before to its own.
/// - A bar is given out when time has passed its end: by the next event, by [`Self::advance_to`],
///   or, made of finer bars, with the finer bar that ends together with it. It is never given out
///   before the last record in it is due.
/// - An interval without a record gives no bar.
/// - Late data: a record before the start of the open bar (of the next bar, where none is open)
///   belongs to that bar, since a bar that was given out never changes; [`Self::late`] counts it.
#[derive(Clone, Debug)]
pub struct BarAggregator {
    instrument: InstrumentIndex,
    timeframe: Timeframe,
    input: BarInput,
    session: SessionClose,
    open: Option<Bar>,
    /// End of the bar that was given out last.
    given_until: UnixNanos,
    late: u64,
}

impl BarAggregator {
    /// Bars of a length of one instrument.
    ///
    /// # Errors
    /// [`FeedError::Setting`] for a length of zero or of more than a day, and for finer bars whose
    /// length does not divide it.
    pub fn new(
        instrument: InstrumentIndex,
        timeframe: Timeframe,
        input: BarInput,
        session: SessionClose,
    ) -> Result<Self, FeedError> {
        let fail = |accepted: String| FeedError::Setting {
            option: "timeframe",
            value: timeframe.to_string(),
            accepted,
        };
        if timeframe.0 == 0 || timeframe > Timeframe::DAY {
            return Err(fail("above zero and at most 1d".to_owned()));
        }
        if let BarInput::Bars(finer) = input
            && (finer.0 == 0 || finer >= timeframe || !timeframe.0.is_multiple_of(finer.0))
        {
            return Err(fail(format!("a multiple of the bars that it is made of, {finer}")));
        }
        let (open, given_until, late) = (None, UnixNanos::ZERO, 0);
        Ok(Self { instrument, timeframe, input, session, open, given_until, late })
    }

    /// Length of the bars.
    #[must_use]
    pub fn timeframe(&self) -> Timeframe {
        self.timeframe
    }

    /// The bar that is still open, as it stands.
    #[must_use]
    pub fn open_bar(&self) -> Option<&Bar> {
        self.open.as_ref()
    }

    /// Records that came after the end of the bar that they belonged to.
    #[must_use]
    pub fn late(&self) -> u64 {
        self.late
    }

    /// Takes an event; bars that are due by it are added to `out`. Events of other instruments
    /// and kinds do nothing, nor do finer bars of another length.
    ///
    /// # Errors
    /// [`FeedError::Model`] when a volume or time leaves its type.
    pub fn on_event(&mut self, event: &MarketEvent, out: &mut Vec<Bar>) -> Result<(), FeedError> {
        if event.instrument() != self.instrument {
            return Ok(());
        }
        let (prices, volume, at) = match (self.input, event) {
            (BarInput::Trades, MarketEvent::Trade(trade)) => {
                ([trade.price; 4], i128::from(trade.quantity.0), trade.ts_event)
            }
            (BarInput::Mid, MarketEvent::Quote(quote)) => {
                if !quote.bid.is_defined() || !quote.ask.is_defined() {
                    return Ok(());
                }
                ([Price(quote.bid.0.midpoint(quote.ask.0)); 4], 0, quote.ts_event)
            }
            (BarInput::Bars(finer), MarketEvent::Bar(bar)) if bar.timeframe == finer => {
                ([bar.open, bar.high, bar.low, bar.close], bar.volume, bar.open_time)
            }
            _ => return Ok(()),
        };
        if self.open.is_some_and(|open| at >= open.close_time) {
            self.close(out);
        }
        self.add(prices, volume, at)?;
        if let (BarInput::Bars(_), MarketEvent::Bar(bar)) = (self.input, event)
            && self.open.is_some_and(|open| bar.close_time >= open.close_time)
        {
            self.close(out);
        }
        Ok(())
    }

    /// Says that time has come to `now`: a bar that has ended is added to `out`. A bar made of
    /// finer ones waits at its very end for the finer bar that is due at the same time.
    pub fn advance_to(&mut self, now: UnixNanos, out: &mut Vec<Bar>) {
        let Some(open) = self.open else { return };
        let ended = match self.input {
            BarInput::Bars(_) => now > open.close_time,
            BarInput::Trades | BarInput::Mid => now >= open.close_time,
        };
        if ended {
            self.close(out);
        }
    }

    /// Gives out the open bar at the end of the data, unfinished as it may be.
    pub fn finish(&mut self, out: &mut Vec<Bar>) {
        self.close(out);
    }

    fn close(&mut self, out: &mut Vec<Bar>) {
        if let Some(bar) = self.open.take() {
            self.given_until = bar.close_time;
            out.push(bar);
        }
    }

    fn add(&mut self, prices: [Price; 4], volume: i128, at: UnixNanos) -> Result<(), FeedError> {
        let [first, high, low, last] = prices;
        let Some(open) = &mut self.open else {
            let late = at < self.given_until;
            self.late += u64::from(late);
            let start = if late { self.given_until } else { at };
            let (open_time, close_time) = self.interval(start).ok_or_else(|| overflow("time"))?;
            self.open = Some(Bar {
                instrument: self.instrument,
                timeframe: self.timeframe,
                open_time,
                close_time,
                open: first,
                high,
                low,
                close: last,
                volume,
            });
            return Ok(());
        };
        self.late += u64::from(at < open.open_time);
        open.volume = open.volume.checked_add(volume).ok_or_else(|| overflow("volume"))?;
        open.high = open.high.max(high);
        open.low = open.low.min(low);
        open.close = last;
        Ok(())
    }

    /// The interval that holds a time.
    fn interval(&self, at: UnixNanos) -> Option<(UnixNanos, UnixNanos)> {
        let length = self.timeframe.0;
        if self.timeframe < Timeframe::DAY {
            let start = at.0 - at.0 % length;
            return Some((UnixNanos(start), UnixNanos(start.checked_add(length)?)));
        }
        self.session.session_of(at)
    }
}

fn overflow(what: &'static str) -> FeedError {
    FeedError::Model {
        file: "bar aggregation".to_owned(),
        at: crate::Place::Whole,
        source: model::ModelError::Overflow { what },
    }
}
