//! What a venue that shows levels and trades would have said of an order-by-order stream.

use model::{
    Instrument, InstrumentIndex, LevelUpdate, MarketEvent, Mbo, Price, Quantity, Side, Status,
    Ticks, Trade, TradingPhase, UnixNanos,
};
use venue::L3Market;

/// Turns the records of an event into trades (with the aggressor's side) and the new sizes of the
/// levels that it changed.
///
/// Trades come before the changes of their event, as venues send them: queue models that subtract
/// what traded from the next change need that order. Level sizes are whole events, never states
/// inside one.
#[derive(Debug)]
pub(super) struct Degrader {
    touched: Vec<(Side, Ticks, i64)>,
    cleared: bool,
    phase: TradingPhase,
    events: Vec<MarketEvent>,
}

impl Degrader {
    pub fn new() -> Self {
        Self {
            touched: Vec::new(),
            cleared: false,
            phase: TradingPhase::Trading,
            events: Vec::new(),
        }
    }

    /// A record, before the market has applied it.
    pub fn before(&mut self, record: Mbo<'_>, market: &L3Market, instrument: &Instrument) {
        match record.action() {
            b'A' | b'C' | b'M' => {
                if let Some(order) = market.book().order(record.order_id()) {
                    self.touch(order.side, order.price, market);
                }
                if let (Some(side), Some(price)) =
                    (record.side(), instrument.grid.ticks(record.price()))
                {
                    self.touch(side, price, market);
                }
            }
            b'R' => {
                self.cleared = true;
                self.touched.clear();
            }
            b'T' if record.price().is_defined() && record.size() > 0 => {
                let lots = i64::from(record.size());
                self.events.push(MarketEvent::Trade(Trade {
                    instrument: InstrumentIndex(0),
                    ts_event: record.ts_event(),
                    ts_recv: record.ts_event(),
                    price: record.price(),
                    quantity: Quantity(lots.saturating_mul(instrument.lot_size.0)),
                    aggressor: record.side(),
                }));
            }
            _ => {}
        }
    }

    fn touch(&mut self, side: Side, price: Ticks, market: &L3Market) {
        if !self.touched.iter().any(|(s, p, _)| (*s, *p) == (side, price)) {
            let before = market.book().level(side, price).quantity.0;
            self.touched.push((side, price, before));
        }
    }

    /// The event has ended; what is said of it.
    pub fn event_ended(
        &mut self,
        at: UnixNanos,
        market: &L3Market,
        instrument: &Instrument,
    ) -> Vec<MarketEvent> {
        let phase = market.phase();
        let first = self.events.len();
        if self.cleared {
            let nothing = Price::UNDEFINED;
            let clear = LevelUpdate { clear: true, ..level(at, Side::Buy, nothing, Quantity(0)) };
            self.events.push(MarketEvent::Level(clear));
        }
        for &(side, price, before) in &self.touched {
            let size = market.book().level(side, price).quantity.0;
            if size != before || self.cleared {
                let quantity = Quantity(size.saturating_mul(instrument.lot_size.0));
                let price = instrument.grid.price(price);
                self.events.push(MarketEvent::Level(level(at, side, price, quantity)));
            }
        }
        if let Some(MarketEvent::Level(level)) = self.events[first..].last_mut() {
            level.last = true;
        }
        if phase != self.phase {
            self.phase = phase;
            let status =
                Status { instrument: InstrumentIndex(0), ts_event: at, ts_recv: at, phase };
            // Before the trades of the event that opened it: they are what proves that it trades.
            self.events.insert(0, MarketEvent::Status(status));
        }
        self.touched.clear();
        self.cleared = false;
        std::mem::take(&mut self.events)
    }

    /// Takes back what [`Self::event_ended`] gave, to use its memory again.
    pub fn give_back(&mut self, mut events: Vec<MarketEvent>) {
        events.clear();
        self.events = events;
    }

    /// The levels of both sides that a subscriber would be shown first, and the phase.
    pub fn snapshot(
        &mut self,
        at: UnixNanos,
        near: usize,
        market: &L3Market,
        instrument: &Instrument,
    ) -> Vec<MarketEvent> {
        let phase = market.phase();
        self.phase = phase;
        let status = Status { instrument: InstrumentIndex(0), ts_event: at, ts_recv: at, phase };
        let mut events = vec![MarketEvent::Status(status)];
        for side in [Side::Buy, Side::Sell] {
            for shown in market.book().levels(side).take(near + FARTHER) {
                let quantity = Quantity(shown.quantity.0.saturating_mul(instrument.lot_size.0));
                let price = instrument.grid.price(shown.price);
                events.push(MarketEvent::Level(level(at, side, price, quantity)));
            }
        }
        if let Some(MarketEvent::Level(level)) = events.last_mut() {
            level.last = true;
        }
        events
    }
}

/// Levels beyond the near ones that a snapshot shows.
const FARTHER: usize = 50;

fn level(at: UnixNanos, side: Side, price: Price, quantity: Quantity) -> LevelUpdate {
    LevelUpdate {
        instrument: InstrumentIndex(0),
        ts_event: at,
        ts_recv: at,
        side,
        price,
        quantity,
        last: false,
        clear: false,
    }
}
