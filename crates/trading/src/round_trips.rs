//! Round trips: from flat to flat, with what the position went through on the way.

use crate::account::check_fill;
use crate::corporate_actions::split_position;
use crate::error::TradingError;
use model::{
    Fill, Instrument, InstrumentIndex, LiquiditySide, Lots, ModelError, Money, Position, Price,
    Side, Split, UnixNanos, decimal::mul_div_half_even,
};

/// A position from its opening to flat (or to now), flips split at the crossing of zero.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct RoundTrip {
    /// The instrument.
    pub instrument: InstrumentIndex,
    /// Buy: it was long; sell: short.
    pub side: Side,
    /// Lots entered in all.
    pub quantity: Lots,
    /// Largest position on the way, in lots.
    pub largest: Lots,
    /// Venue time of the first fill.
    pub entry_time: UnixNanos,
    /// Venue time of the last fill, or of the valuation while open.
    pub exit_time: UnixNanos,
    /// Average entry price, rounded half to even.
    pub entry_price: Price,
    /// Average exit price (of what was closed, and of the rest at its mark while open).
    pub exit_price: Price,
    /// Profit gross of fees.
    pub gross: Money,
    /// Fees; a flip's fee is split by quantity.
    pub fees: Money,
    /// Worst profit (gross, realised and not) seen on the way, 0 or below.
    pub mae: Money,
    /// Best profit seen on the way, 0 or above.
    pub mfe: Money,
    /// Value of what was entered at its entry prices.
    pub entry_value: Money,
    /// Fills that made it.
    pub fills: u32,
    /// Whether it ended flat; an open one is valued at a mark.
    pub closed: bool,
}

impl RoundTrip {
    /// Profit net of fees.
    #[must_use]
    pub fn net(&self) -> Money {
        Money(self.gross.0.saturating_sub(self.fees.0))
    }

    /// Net profit as a share of what was entered; 0 when that is nothing.
    #[must_use]
    pub fn return_fraction(&self) -> f64 {
        if self.entry_value.0 == 0 { 0.0 } else { self.net().0 as f64 / self.entry_value.0 as f64 }
    }

    /// Nanoseconds from entry to exit.
    #[must_use]
    pub const fn duration(&self) -> u64 {
        self.exit_time.0.saturating_sub(self.entry_time.0)
    }
}

/// What the positions of an instrument were like.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct PositionStatistics {
    /// Largest long position in lots.
    pub largest_long: Lots,
    /// Largest short position in lots, as a number above zero.
    pub largest_short: Lots,
    /// Lots traded.
    pub volume: i128,
    /// Σ |notional| of the fills.
    pub turnover: Money,
    /// Fills.
    pub fills: u64,
    /// Fills that brought liquidity.
    pub maker_fills: u64,
    /// Fees.
    pub fees: Money,
    /// Nanoseconds with a position, of closed round trips.
    pub time_in_market: u64,
    /// Round trips that ended flat.
    pub round_trips: u64,
}

impl PositionStatistics {
    /// Those of both legs of a hedging account. Time in the market is that of both together.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        Self {
            largest_long: self.largest_long.max(other.largest_long),
            largest_short: self.largest_short.max(other.largest_short),
            volume: self.volume + other.volume,
            turnover: Money(self.turnover.0.saturating_add(other.turnover.0)),
            fills: self.fills + other.fills,
            maker_fills: self.maker_fills + other.maker_fills,
            fees: Money(self.fees.0.saturating_add(other.fees.0)),
            time_in_market: self.time_in_market.saturating_add(other.time_in_market),
            round_trips: self.round_trips + other.round_trips,
        }
    }
}

#[derive(Clone, Copy, Debug)]
struct Open {
    trip: RoundTrip,
    realized_before: Money,
    entry_sum: i128,
    exit_sum: i128,
    /// Σ notional of what was closed.
    exit_value: Money,
    exited: i64,
    /// Highest and lowest mark since the last fill.
    high: i64,
    low: i64,
}

#[derive(Clone, Debug, Default)]
struct Track {
    position: Position,
    open: Option<Open>,
    statistics: PositionStatistics,
}

/// Follows fills and marks and gives round trips as they end. It keeps only what is open.
#[derive(Clone, Debug)]
pub struct RoundTrips {
    tracks: Vec<Track>,
}

impl RoundTrips {
    /// For a run of `instruments` instruments.
    #[must_use]
    pub fn new(instruments: usize) -> Self {
        Self { tracks: vec![Track::default(); instruments] }
    }

    /// Takes a price that the instrument traded or was marked at. Two comparisons while a
    /// position is open, one look otherwise.
    #[inline]
    pub fn on_mark(&mut self, instrument: InstrumentIndex, price: Price) {
        if let Some(Track { open: Some(open), .. }) = self.tracks.get_mut(instrument.index())
            && price.is_defined()
        {
            open.high = open.high.max(price.0);
            open.low = open.low.min(price.0);
        }
    }

    /// Takes a fill; gives the round trip that it ended.
    ///
    /// # Errors
    /// [`TradingError::UnknownInstrument`], [`TradingError::Field`], [`TradingError::Model`]; nothing
    /// is changed then.
    pub fn on_fill(
        &mut self,
        instrument: &Instrument,
        fill: &Fill,
    ) -> Result<Option<RoundTrip>, TradingError> {
        self.take(instrument, fill, true)
    }

    /// Takes the lots that a fee took from the position, as [`crate::fee_fill`] gives them: they
    /// are no trade.
    ///
    /// # Errors
    /// As [`Self::on_fill`].
    pub fn on_fee(
        &mut self,
        instrument: &Instrument,
        taken: &Fill,
    ) -> Result<Option<RoundTrip>, TradingError> {
        self.take(instrument, taken, false)
    }

    fn take(
        &mut self,
        instrument: &Instrument,
        fill: &Fill,
        traded: bool,
    ) -> Result<Option<RoundTrip>, TradingError> {
        check_fill(fill)?;
        let count = self.tracks.len();
        let unknown = TradingError::UnknownInstrument { index: fill.instrument.0, count };
        let track = self.tracks.get_mut(fill.instrument.index()).ok_or(unknown)?;
        let mut next = track.clone();
        let notional = instrument.notional(fill.price, fill.quantity)?;
        let held = next.position.quantity.0;
        let flips =
            held.signum() == -fill.side.sign() && fill.quantity.0 as u64 > held.unsigned_abs();
        let mut ended = None;
        if flips {
            let closing =
                Lots(held.checked_abs().ok_or(ModelError::Overflow { what: "position" })?);
            let (part, whole) = (i128::from(closing.0), i128::from(fill.quantity.0));
            let fee = fill.fee.scale(part, whole)?;
            let value = notional.scale(part, whole)?;
            let first = Fill { quantity: closing, fee, ..*fill };
            ended = next.leg(instrument, &first, value)?;
            let rest = Fill {
                quantity: fill.quantity - closing,
                fee: fill.fee.checked_sub(fee)?,
                ..*fill
            };
            next.leg(instrument, &rest, notional.checked_sub(value)?)?;
        } else {
            ended = next.leg(instrument, fill, notional)?.or(ended);
        }
        if traded {
            next.count(fill, notional)?;
        }
        *track = next;
        Ok(ended)
    }

    /// An instrument was split: its open round trip goes on in new units; a fraction that is paid at
    /// `price` belongs to its profit. Gives the round trip when nothing but the fraction was held.
    ///
    /// # Errors
    /// As [`crate::split_position`]; nothing is changed then.
    pub fn on_split(
        &mut self,
        instrument: &Instrument,
        index: InstrumentIndex,
        split: Split,
        price: Price,
        at: UnixNanos,
    ) -> Result<Option<RoundTrip>, TradingError> {
        let count = self.tracks.len();
        let unknown = TradingError::UnknownInstrument { index: index.0, count };
        let track = self.tracks.get_mut(index.index()).ok_or(unknown)?;
        let Some(mut open) = track.open else { return Ok(None) };
        open.settle_extremes(instrument, &track.position)?;
        let done = split_position(instrument, &track.position, split, price)?;
        open.exited = split.quantity(Lots(open.exited))?.0.0;
        let trip = &mut open.trip;
        trip.quantity = split.quantity(trip.quantity)?.0;
        trip.largest = split.quantity(trip.largest)?.0;
        trip.entry_price = split.price(trip.entry_price)?;
        trip.exit_price = split.price(trip.exit_price)?;
        trip.exit_time = at.max(trip.entry_time);
        trip.gross = done.position.realized.checked_sub(open.realized_before)?;
        (open.high, open.low) = (price.0, price.0);
        if !price.is_defined() {
            let average = crate::legs::average_entry_price(instrument, &done.position);
            let average = average.unwrap_or(trip.entry_price).0;
            (open.high, open.low) = (average, average);
        }
        track.position = done.position;
        if !done.position.quantity.is_zero() {
            track.open = Some(open);
            return Ok(None);
        }
        if price.is_defined() {
            open.trip.exit_price = price;
        }
        Ok(Some(track.end(&open)))
    }

    /// The open round trip of an instrument, its rest valued at `mark` (at its average entry price
    /// when the mark is undefined).
    ///
    /// # Errors
    /// [`TradingError::Model`] on overflow.
    pub fn open_trip(
        &self,
        instrument: &Instrument,
        index: InstrumentIndex,
        mark: Price,
        now: UnixNanos,
    ) -> Result<Option<RoundTrip>, TradingError> {
        let Some(track) = self.tracks.get(index.index()) else { return Ok(None) };
        let Some(mut open) = track.open else { return Ok(None) };
        let average = crate::legs::average_entry_price(instrument, &track.position);
        let mark = if mark.is_defined() { mark } else { average.unwrap_or(open.trip.entry_price) };
        open.high = open.high.max(mark.0);
        open.low = open.low.min(mark.0);
        open.settle_extremes(instrument, &track.position)?;
        let mut trip = open.trip;
        trip.gross = open.profit_at(instrument, &track.position, mark)?;
        trip.exit_time = now.max(trip.entry_time);
        let rest = track.position.quantity.0.unsigned_abs();
        let sum = i128::from(mark.0)
            .checked_mul(i128::from(rest))
            .and_then(|v| v.checked_add(open.exit_sum))
            .ok_or(ModelError::Overflow { what: "exit price" })?;
        trip.exit_price = if instrument.inverse {
            let rest = Lots(i64::try_from(rest).unwrap_or(i64::MAX));
            let value = open.exit_value.checked_add(instrument.notional(mark, rest)?)?;
            inverse_average(instrument, value, Lots(open.exited.saturating_add(rest.0)))?
        } else {
            average_of(sum, i128::from(open.exited) + i128::from(rest))?
        };
        Ok(Some(trip))
    }

    /// Statistics of an instrument's positions.
    #[must_use]
    pub fn statistics(&self, instrument: InstrumentIndex) -> PositionStatistics {
        self.tracks.get(instrument.index()).map(|t| t.statistics).unwrap_or_default()
    }
}

impl Track {
    /// One leg that does not cross zero.
    fn leg(
        &mut self,
        instrument: &Instrument,
        fill: &Fill,
        notional: Money,
    ) -> Result<Option<RoundTrip>, TradingError> {
        let overflow = || ModelError::Overflow { what: "round trip" };
        let opening = self.position.quantity.is_zero()
            || self.position.quantity.0.signum() == fill.side.sign();
        let mut open = self.open.unwrap_or_else(|| Open::new(fill, self.position.realized));
        open.high = open.high.max(fill.price.0);
        open.low = open.low.min(fill.price.0);
        // Marks since the last fill met the position as it was.
        open.settle_extremes(instrument, &self.position)?;
        let worth = if instrument.inverse { Money(-notional.0) } else { notional };
        self.position.apply(fill.side, fill.quantity, worth)?;
        let value = i128::from(fill.price.0)
            .checked_mul(i128::from(fill.quantity.0))
            .ok_or_else(overflow)?;
        let trip = &mut open.trip;
        if opening {
            open.entry_sum = open.entry_sum.checked_add(value).ok_or_else(overflow)?;
            trip.quantity =
                Lots(trip.quantity.0.checked_add(fill.quantity.0).ok_or_else(overflow)?);
            trip.entry_value = trip.entry_value.checked_add(notional)?;
            trip.entry_price = if instrument.inverse {
                inverse_average(instrument, trip.entry_value, trip.quantity)?
            } else {
                average_of(open.entry_sum, i128::from(trip.quantity.0))?
            };
        } else {
            open.exit_sum = open.exit_sum.checked_add(value).ok_or_else(overflow)?;
            open.exited = open.exited.checked_add(fill.quantity.0).ok_or_else(overflow)?;
            open.exit_value = open.exit_value.checked_add(notional)?;
            trip.exit_price = if instrument.inverse {
                inverse_average(instrument, open.exit_value, Lots(open.exited))?
            } else {
                average_of(open.exit_sum, i128::from(open.exited))?
            };
        }
        let held = self.position.quantity.0;
        trip.largest = Lots(trip.largest.0.max(held.saturating_abs()));
        trip.fees = trip.fees.checked_add(fill.fee)?;
        trip.fills = trip.fills.saturating_add(1);
        trip.exit_time = fill.ts_event.max(trip.entry_time);
        trip.gross = self.position.realized.checked_sub(open.realized_before)?;
        open.high = fill.price.0;
        open.low = fill.price.0;
        let s = &mut self.statistics;
        s.largest_long = Lots(s.largest_long.0.max(held));
        s.largest_short = Lots(s.largest_short.0.max(held.saturating_neg()));
        if held != 0 {
            self.open = Some(open);
            return Ok(None);
        }
        Ok(Some(self.end(&open)))
    }

    /// The position is flat: the round trip is over.
    fn end(&mut self, open: &Open) -> RoundTrip {
        let mut trip = open.trip;
        trip.mae = trip.mae.min(trip.gross);
        trip.mfe = trip.mfe.max(trip.gross);
        trip.closed = true;
        let s = &mut self.statistics;
        s.round_trips += 1;
        s.time_in_market = s.time_in_market.saturating_add(trip.duration());
        self.open = None;
        trip
    }

    fn count(&mut self, fill: &Fill, notional: Money) -> Result<(), TradingError> {
        let s = &mut self.statistics;
        s.volume += i128::from(fill.quantity.0);
        s.turnover = s.turnover.checked_add(Money(notional.0.saturating_abs()))?;
        s.fills += 1;
        s.maker_fills += u64::from(fill.liquidity == LiquiditySide::Maker);
        s.fees = s.fees.checked_add(fill.fee)?;
        Ok(())
    }
}

impl Open {
    fn new(fill: &Fill, realized_before: Money) -> Self {
        let trip = RoundTrip {
            instrument: fill.instrument,
            side: fill.side,
            quantity: Lots::ZERO,
            largest: Lots::ZERO,
            entry_time: fill.ts_event,
            exit_time: fill.ts_event,
            entry_price: fill.price,
            exit_price: fill.price,
            gross: Money::ZERO,
            fees: Money::ZERO,
            mae: Money::ZERO,
            mfe: Money::ZERO,
            entry_value: Money::ZERO,
            fills: 0,
            closed: false,
        };
        let price = fill.price.0;
        Self {
            trip,
            realized_before,
            entry_sum: 0,
            exit_sum: 0,
            exit_value: Money::ZERO,
            exited: 0,
            high: price,
            low: price,
        }
    }

    fn profit_at(
        &self,
        instrument: &Instrument,
        position: &Position,
        price: Price,
    ) -> Result<Money, ModelError> {
        let value = instrument.value(price, position.quantity)?;
        let open = value.checked_sub(position.cost)?;
        position.realized.checked_sub(self.realized_before)?.checked_add(open)
    }

    /// Books the extremes of the marks seen with this position.
    fn settle_extremes(
        &mut self,
        instrument: &Instrument,
        position: &Position,
    ) -> Result<(), ModelError> {
        for price in [self.low, self.high] {
            let profit = self.profit_at(instrument, position, Price(price))?;
            self.trip.mae = self.trip.mae.min(profit);
            self.trip.mfe = self.trip.mfe.max(profit);
        }
        Ok(())
    }
}

/// An inverse contract's average is that of the value: the harmonic one.
fn inverse_average(
    instrument: &Instrument,
    notional: Money,
    lots: Lots,
) -> Result<Price, ModelError> {
    let overflow = ModelError::Overflow { what: "average price" };
    instrument.average_price(Money(-notional.0), lots).ok_or(overflow)
}

fn average_of(sum: i128, lots: i128) -> Result<Price, ModelError> {
    let price = mul_div_half_even(sum, 1, lots, "average price")?;
    i64::try_from(price).map(Price).map_err(|_| ModelError::Overflow { what: "average price" })
}
