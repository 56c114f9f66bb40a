//! From a row of a file to an event.

use super::BarTimes;
use super::field::Field;
use super::names::{Columns, RowKind};
use super::number::Number;
use super::time::{Stamp, TimeFault};
use crate::check::Problem;
use crate::error::{FeedError, Place};
use jiff::tz::TimeZone;
use model::decimal::{format_nanos, mul_div_half_even};
use model::{Bar, InstrumentIndex, MarketEvent, Price, Quantity, Timeframe, UnixNanos};
use std::collections::BTreeMap;

/// The cells of one row, whatever the format.
pub(crate) trait Cells {
    /// A number; `Ok(None)` for an empty cell, `Err` for anything that is none.
    fn number(&self, column: usize) -> Result<Option<Number>, ()>;
    /// A time stamp.
    fn stamp(&self, column: usize) -> Result<Stamp, TimeFault>;
    /// A date column and a time column together.
    fn stamp_of(&self, date: usize, clock: usize) -> Result<Stamp, TimeFault>;
    /// The text of a cell, for symbols, sides and messages.
    fn text(&self, column: usize) -> std::borrow::Cow<'_, str>;
}

/// How rows are read.
#[derive(Clone, Debug)]
pub(crate) struct RowRules {
    /// Zone of stamps that name none.
    pub zone: TimeZone,
    /// Let impossible and negative values through: the checker judges them.
    pub allow_impossible: bool,
    /// Scale open, high, low and close by adjusted close / close.
    pub adjusted: bool,
    /// Sizes are running totals of the session.
    pub cumulative: bool,
}

/// Turns rows into events.
#[derive(Clone, Debug)]
pub(crate) struct RowBuilder {
    pub file: String,
    pub names: Vec<String>,
    pub columns: Columns,
    pub rules: RowRules,
    pub bar_times: Option<BarTimes>,
    /// Values that had more than nine decimal places.
    pub rounded: u64,
    /// Running totals by instrument, where sizes are such.
    pub(super) totals: BTreeMap<u32, i128>,
}

/// Checks that a bar can have been: low ≤ open, close ≤ high, nothing below zero, an end after
/// its start.
///
/// # Errors
/// The kind of problem, and the values at fault.
pub fn validate_bar(bar: &Bar) -> Result<(), (Problem, String)> {
    let Bar { open, high, low, close, .. } = *bar;
    if let Some(price) = [open, high, low, close].into_iter().find(|p| p.0 < 0) {
        return Err((Problem::Negative, format!("price {price}")));
    }
    if bar.volume < 0 {
        return Err((Problem::Negative, format!("volume {}", format_nanos(bar.volume))));
    }
    if high < low {
        return Err((Problem::Impossible, format!("high {high} below low {low}")));
    }
    for (name, price) in [("open", open), ("close", close)] {
        if price > high || price < low {
            let details = format!("{name} {price} outside low {low} to high {high}");
            return Err((Problem::Impossible, details));
        }
    }
    if bar.close_time <= bar.open_time {
        let details = format!("it ends at {} and begins at {}", bar.close_time, bar.open_time);
        return Err((Problem::Impossible, details));
    }
    Ok(())
}

impl RowBuilder {
    pub fn new(
        file: &str,
        names: Vec<String>,
        columns: Columns,
        rules: RowRules,
        bar_times: Option<BarTimes>,
    ) -> Self {
        let file = file.to_owned();
        Self { file, names, columns, rules, bar_times, rounded: 0, totals: BTreeMap::new() }
    }

    /// The event of a row; `None` when a running total has not grown.
    pub fn event<C: Cells>(
        &mut self,
        cells: &C,
        instrument: InstrumentIndex,
        row: u64,
    ) -> Result<Option<MarketEvent>, FeedError> {
        match self.columns.kind {
            RowKind::Bars => self.bar(cells, instrument, row).map(|b| Some(MarketEvent::Bar(b))),
            RowKind::Quotes => {
                self.quote(cells, instrument, row).map(|q| Some(MarketEvent::Quote(q)))
            }
            RowKind::Trades => {
                self.trade(cells, instrument, row).map(|t| t.map(MarketEvent::Trade))
            }
            RowKind::Depth => {
                self.depth(cells, instrument, row).map(|d| Some(MarketEvent::Depth(Box::new(d))))
            }
        }
    }

    /// The stamp of a row.
    pub fn stamp<C: Cells>(&self, cells: &C, row: u64) -> Result<Stamp, FeedError> {
        let (column, stamp) = match (
            self.columns.position(Field::Time),
            self.columns.position(Field::Date),
            self.columns.position(Field::Clock),
        ) {
            (Some(time), _, _) => (time, cells.stamp(time)),
            (None, Some(date), Some(clock)) => (date, cells.stamp_of(date, clock)),
            (None, Some(date), None) => (date, cells.stamp(date)),
            (None, None, _) => (0, Err(TimeFault::Unknown)),
        };
        stamp.map_err(|fault| self.time_error(cells, column, row, fault))
    }

    fn time_error<C: Cells>(
        &self,
        cells: &C,
        column: usize,
        row: u64,
        fault: TimeFault,
    ) -> FeedError {
        let accepted = match fault {
            TimeFault::Ambiguous => {
                "clear: day or month may come first; set the option timeFormat, such as \
                 %d/%m/%Y %H:%M:%S"
            }
            TimeFault::Unknown => {
                "a time from 1970 on; accepted are ISO 8601, 20130102, 2006.01.02 15:04 and s, \
                 ms, µs or ns since 1970; others by the option timeFormat"
            }
        };
        self.value_error(cells, column, row, accepted)
    }

    pub fn value_error<C: Cells>(
        &self,
        cells: &C,
        column: usize,
        row: u64,
        accepted: &str,
    ) -> FeedError {
        FeedError::Value {
            file: self.file.clone(),
            at: Place::Row(row),
            column: self.names.get(column).cloned().unwrap_or_else(|| column.to_string()),
            value: cells.text(column).chars().take(40).collect(),
            accepted: accepted.to_owned(),
        }
    }

    fn check_error(&self, row: u64, (problem, details): (Problem, String)) -> FeedError {
        FeedError::Check { file: self.file.clone(), at: Place::Row(row), problem, details }
    }

    pub(super) fn instant<C: Cells>(&self, cells: &C, row: u64) -> Result<UnixNanos, FeedError> {
        let stamp = self.stamp(cells, row)?;
        let column = self.columns.position(Field::Time).or(self.columns.position(Field::Date));
        stamp
            .instant(&self.rules.zone)
            .ok_or_else(|| self.time_error(cells, column.unwrap_or(0), row, TimeFault::Unknown))
    }

    pub(super) fn received<C: Cells>(
        &self,
        cells: &C,
        row: u64,
        ts_event: UnixNanos,
    ) -> Result<UnixNanos, FeedError> {
        let Some(column) = self.columns.position(Field::Received) else { return Ok(ts_event) };
        let fault = |fault| self.time_error(cells, column, row, fault);
        let stamp = cells.stamp(column).map_err(fault)?;
        stamp.instant(&self.rules.zone).ok_or_else(|| fault(TimeFault::Unknown))
    }

    /// A number of a column; `None` when the cell is empty.
    pub(super) fn number<C: Cells>(
        &mut self,
        cells: &C,
        column: usize,
        row: u64,
    ) -> Result<Option<i128>, FeedError> {
        match cells.number(column) {
            Ok(Some(number)) => {
                self.rounded += u64::from(number.rounded);
                if number.nanos < 0 && !self.rules.allow_impossible {
                    let name = self.names.get(column).map_or("value", String::as_str);
                    let details = format!("{name} {}", format_nanos(number.nanos));
                    return Err(self.check_error(row, (Problem::Negative, details)));
                }
                Ok(Some(number.nanos))
            }
            Ok(None) => Ok(None),
            Err(()) => Err(self.value_error(cells, column, row, "a decimal number")),
        }
    }

    /// A number that fits 64 bits.
    pub(super) fn small<C: Cells>(
        &mut self,
        cells: &C,
        column: usize,
        row: u64,
    ) -> Result<Option<i64>, FeedError> {
        let Some(nanos) = self.number(cells, column, row)? else { return Ok(None) };
        match i64::try_from(nanos) {
            Ok(nanos) if nanos != i64::MAX => Ok(Some(nanos)),
            _ => Err(self.value_error(cells, column, row, "within ±9,223,372,036")),
        }
    }

    /// A price that must be there.
    pub(super) fn price<C: Cells>(
        &mut self,
        cells: &C,
        field: Field,
        row: u64,
    ) -> Result<Price, FeedError> {
        let column = self.columns.position(field).unwrap_or(usize::MAX);
        match self.small(cells, column, row)? {
            Some(nanos) => Ok(Price(nanos)),
            None => Err(self.value_error(cells, column, row, "a decimal number")),
        }
    }

    /// A size: zero where there is no column or an empty cell.
    pub(super) fn size<C: Cells>(
        &mut self,
        cells: &C,
        column: Option<usize>,
        row: u64,
    ) -> Result<Quantity, FeedError> {
        let Some(column) = column else { return Ok(Quantity::ZERO) };
        Ok(Quantity(self.small(cells, column, row)?.unwrap_or(0)))
    }

    /// A number of orders.
    pub(super) fn count<C: Cells>(
        &mut self,
        cells: &C,
        column: Option<usize>,
        row: u64,
    ) -> Result<u32, FeedError> {
        let Some(column) = column else { return Ok(0) };
        let nanos = self.number(cells, column, row)?.unwrap_or(0);
        if nanos % 1_000_000_000 != 0 {
            return Err(self.value_error(cells, column, row, "a whole number"));
        }
        u32::try_from(nanos / 1_000_000_000)
            .map_err(|_| self.value_error(cells, column, row, "0 to 4,294,967,295"))
    }

    fn bar<C: Cells>(
        &mut self,
        cells: &C,
        instrument: InstrumentIndex,
        row: u64,
    ) -> Result<Bar, FeedError> {
        let (timeframe, open_time, close_time) = self.bar_interval(cells, instrument, row)?;
        let mut prices = [Price::ZERO; 4];
        let fields = [Field::Open, Field::High, Field::Low, Field::Close];
        for (price, field) in prices.iter_mut().zip(fields) {
            *price = self.price(cells, field, row)?;
        }
        if self.rules.adjusted {
            let adjusted = self.price(cells, Field::AdjustedClose, row)?;
            self.adjust(&mut prices, adjusted, cells, row)?;
        }
        let volume = match self.columns.position(Field::Volume) {
            Some(column) => self.number(cells, column, row)?.unwrap_or(0),
            None => 0,
        };
        let [open, high, low, close] = prices;
        let bar =
            Bar { instrument, timeframe, open_time, close_time, open, high, low, close, volume };
        if !self.rules.allow_impossible {
            validate_bar(&bar).map_err(|problem| self.check_error(row, problem))?;
        }
        Ok(bar)
    }

    /// Length, start and end of a bar: as its columns say, or by the label.
    fn bar_interval<C: Cells>(
        &mut self,
        cells: &C,
        instrument: InstrumentIndex,
        row: u64,
    ) -> Result<(Timeframe, UnixNanos, UnixNanos), FeedError> {
        let Some((timeframe, close)) = self.columns.written_interval() else {
            let stamp = self.stamp(cells, row)?;
            let column = self.columns.position(Field::Time).or(self.columns.position(Field::Date));
            let unknown =
                |this: &Self| this.time_error(cells, column.unwrap_or(0), row, TimeFault::Unknown);
            let Some(times) = &mut self.bar_times else { return Err(unknown(self)) };
            let timeframe = times.timeframe();
            return match times.interval(instrument, stamp) {
                Some((open, close)) => Ok((timeframe, open, close)),
                None => Err(unknown(self)),
            };
        };
        let length = Timeframe::parse(cells.text(timeframe).trim()).ok_or_else(|| {
            self.value_error(cells, timeframe, row, "a length such as 5s, 1m, 4h or 1d")
        })?;
        let fault = |fault| self.time_error(cells, close, row, fault);
        let end = cells.stamp(close).map_err(fault)?.instant(&self.rules.zone);
        Ok((length, self.instant(cells, row)?, end.ok_or_else(|| fault(TimeFault::Unknown))?))
    }

    /// Scales prices by adjusted close / close, rounded half to even; the close becomes the
    /// adjusted close exactly.
    fn adjust<C: Cells>(
        &self,
        prices: &mut [Price; 4],
        adjusted: Price,
        cells: &C,
        row: u64,
    ) -> Result<(), FeedError> {
        let close = prices[3];
        for price in prices.iter_mut() {
            let (a, b, c) = (price.0.into(), adjusted.0.into(), close.0.into());
            let scaled = mul_div_half_even(a, b, c, "adjusted price").ok();
            let Some(nanos) = scaled.and_then(|nanos| i64::try_from(nanos).ok()) else {
                let column = self.columns.position(Field::AdjustedClose).unwrap_or(usize::MAX);
                let accepted = "such that price × adjusted close / close is a price";
                return Err(self.value_error(cells, column, row, accepted));
            };
            *price = Price(nanos);
        }
        Ok(())
    }
}
