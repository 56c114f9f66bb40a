//! Round trips by lot: one for each part of a closing fill that meets one lot.

use crate::account::check_fill;
use crate::corporate_actions::split_position;
use crate::error::TradingError;
use crate::lots::{LotMatching, part_of, split_in_turn};
use crate::round_trips::RoundTrip;
use model::{
    Fill, Instrument, InstrumentIndex, Lots, ModelError, Money, Position, Price, Split, UnixNanos,
};
use std::collections::VecDeque;

/// What one opening fill left.
#[derive(Clone, Copy, Debug)]
struct OpenLot {
    fill: Fill,
    /// Lots left, above zero.
    quantity: i64,
    /// What is left of value and fee.
    value: i128,
    fee: i128,
    /// Highest and lowest price since.
    high: i64,
    low: i64,
}

/// Follows fills and marks and gives a round trip for each part of a lot that is closed.
#[derive(Clone, Debug)]
pub struct LotTrips {
    matching: LotMatching,
    tracks: Vec<Track>,
}

/// The lots of one instrument.
#[derive(Clone, Debug)]
struct Track {
    lots: VecDeque<OpenLot>,
    /// Highest and lowest mark since the last fill: no lot is looked at for a mark.
    high: i64,
    low: i64,
}

impl LotTrips {
    /// For a run of `instruments` instruments.
    #[must_use]
    pub fn new(instruments: usize, matching: LotMatching) -> Self {
        let track = Track { lots: VecDeque::new(), high: i64::MIN, low: i64::MAX };
        Self { matching, tracks: vec![track; instruments] }
    }

    /// Takes a price that the instrument traded or was marked at.
    #[inline]
    pub fn on_mark(&mut self, instrument: InstrumentIndex, price: Price) {
        if let Some(track) = self.tracks.get_mut(instrument.index())
            && price.is_defined()
        {
            track.high = track.high.max(price.0);
            track.low = track.low.min(price.0);
        }
    }

    /// Takes a fill; hands over the round trips that it ended, in the order of their lots.
    ///
    /// # Errors
    /// [`TradingError::UnknownInstrument`], [`TradingError::Field`], [`TradingError::Model`].
    pub fn on_fill(
        &mut self,
        instrument: &Instrument,
        fill: &Fill,
        ended: &mut impl FnMut(RoundTrip),
    ) -> Result<(), TradingError> {
        check_fill(fill)?;
        let count = self.tracks.len();
        let unknown = TradingError::UnknownInstrument { index: fill.instrument.0, count };
        let track = self.tracks.get_mut(fill.instrument.index()).ok_or(unknown)?;
        track.high = track.high.max(fill.price.0);
        track.low = track.low.min(fill.price.0);
        for lot in &mut track.lots {
            (lot.high, lot.low) = (lot.high.max(track.high), lot.low.min(track.low));
        }
        (track.high, track.low) = (fill.price.0, fill.price.0);
        // What is left of the fill: parts are taken from it, so that nothing is lost.
        let mut rest = OpenLot {
            fill: *fill,
            quantity: fill.quantity.0,
            value: instrument.value(fill.price, fill.quantity)?.0,
            fee: fill.fee.0,
            high: fill.price.0,
            low: fill.price.0,
        };
        while rest.quantity > 0 {
            let newest = self.matching == LotMatching::Lifo;
            let lot = if newest { track.lots.back_mut() } else { track.lots.front_mut() };
            let Some(lot) = lot.filter(|lot| lot.fill.side != fill.side) else { break };
            let quantity = rest.quantity.min(lot.quantity);
            let entry = lot.take(quantity)?;
            let exit = rest.take(quantity)?;
            ended(trip(instrument, &entry, &exit, true)?);
            if lot.quantity == 0 {
                if newest {
                    track.lots.pop_back()
                } else {
                    track.lots.pop_front()
                };
            }
        }
        if rest.quantity > 0 {
            track.lots.push_back(rest);
        }
        Ok(())
    }

    /// An instrument was split: every open lot goes on in new units, as the lots of the account do.
    /// What the fraction brings at `price` lowers what the newest lot cost; lots that come to nothing
    /// are handed over as ended there.
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
        let Some(newest) = track.lots.back() else { return Ok(None) };
        let held = track.lots.iter().map(|lot| lot.quantity).sum::<i64>();
        let position = Position { quantity: Lots(held), ..Position::default() };
        let paid = split_position(instrument, &position, split, price)?.proceeds.0;
        let quantities = split_in_turn(split, track.lots.iter().map(|lot| lot.quantity))?;
        let mut next = VecDeque::with_capacity(track.lots.len());
        let mut carried = OpenLot { quantity: 0, value: 0, fee: 0, ..*newest };
        for (lot, quantity) in track.lots.iter().zip(quantities) {
            let mut lot = *lot;
            (lot.high, lot.low) = (lot.high.max(track.high), lot.low.min(track.low));
            if quantity == 0 {
                (carried.value, carried.fee) = (carried.value + lot.value, carried.fee + lot.fee);
                continue;
            }
            lot.quantity = quantity;
            lot.fill.price = split.price(lot.fill.price)?;
            lot.high = split.price(Price(lot.high))?.0;
            lot.low = split.price(Price(lot.low))?.0;
            lot.value += std::mem::take(&mut carried.value);
            lot.fee += std::mem::take(&mut carried.fee);
            next.push_back(lot);
        }
        let mut ended = None;
        match next.back_mut() {
            Some(newest) => {
                newest.value += carried.value - paid;
                newest.fee += carried.fee;
            }
            None => {
                let fill = Fill { price, ts_event: at, ..carried.fill };
                let exit = OpenLot { fill, value: paid, fee: 0, ..carried };
                let over = trip(instrument, &carried, &exit, true)?;
                let (mae, mfe) = (Money::ZERO.min(over.gross), Money::ZERO.max(over.gross));
                ended = Some(RoundTrip { mae, mfe, ..over });
            }
        }
        track.lots = next;
        (track.high, track.low) = (i64::MIN, i64::MAX);
        Ok(ended)
    }

    /// The lots that are open, oldest first, each valued at `mark` (at its entry where that is
    /// undefined).
    ///
    /// # Errors
    /// [`TradingError::Model`] on overflow.
    pub fn open(
        &self,
        instrument: &Instrument,
        index: InstrumentIndex,
        mark: Price,
        now: UnixNanos,
    ) -> Result<Vec<RoundTrip>, TradingError> {
        let Some(track) = self.tracks.get(index.index()) else { return Ok(Vec::new()) };
        let value = |lot: &OpenLot| {
            let price = if mark.is_defined() { mark } else { lot.fill.price };
            let mut entry = *lot;
            entry.high = entry.high.max(track.high).max(price.0);
            entry.low = entry.low.min(track.low).min(price.0);
            let quantity = Lots(lot.quantity);
            let fill = Fill { price, side: lot.fill.side.opposite(), ts_event: now, ..lot.fill };
            let value = instrument.value(price, quantity)?.0;
            let exit = OpenLot { fill, value, fee: 0, ..*lot };
            trip(instrument, &entry, &exit, false)
        };
        track.lots.iter().map(value).collect()
    }
}

impl OpenLot {
    /// Takes a part out.
    fn take(&mut self, quantity: i64) -> Result<Self, ModelError> {
        let value = part_of(self.value, quantity, self.quantity)?;
        let fee = part_of(self.fee, quantity, self.quantity)?;
        let part = Self { quantity, value, fee, ..*self };
        self.quantity -= quantity;
        self.value -= value;
        self.fee -= fee;
        Ok(part)
    }
}

fn trip(
    instrument: &Instrument,
    entry: &OpenLot,
    exit: &OpenLot,
    closed: bool,
) -> Result<RoundTrip, TradingError> {
    let sign = i128::from(entry.fill.side.sign());
    let gross = Money(sign * (exit.value - entry.value));
    let quantity = Lots(entry.quantity);
    let at = |price: i64| -> Result<Money, ModelError> {
        Ok(Money(sign * (instrument.value(Price(price), quantity)?.0 - entry.value)))
    };
    let (one, other) = (at(entry.high)?, at(entry.low)?);
    Ok(RoundTrip {
        instrument: entry.fill.instrument,
        side: entry.fill.side,
        quantity,
        largest: quantity,
        entry_time: entry.fill.ts_event,
        exit_time: exit.fill.ts_event.max(entry.fill.ts_event),
        entry_price: entry.fill.price,
        exit_price: exit.fill.price,
        gross,
        fees: Money(entry.fee).checked_add(Money(exit.fee))?,
        mae: Money::ZERO.min(one).min(other).min(gross),
        mfe: Money::ZERO.max(one).max(other).max(gross),
        entry_value: Money(entry.value.saturating_abs()),
        fills: if closed { 2 } else { 1 },
        closed,
    })
}
