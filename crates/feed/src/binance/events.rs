//! A message as events of the market.

use super::order::{Body, Message};
use model::{InstrumentIndex, LevelUpdate, MarketEvent, Price, Quantity, Quote, Side, Trade};

/// Appends the events of a message of an instrument.
pub(super) fn push_events(
    message: Message,
    instrument: InstrumentIndex,
    batch: &mut Vec<MarketEvent>,
) {
    let Message { time: ts_event, recv: ts_recv, body, .. } = message;
    let begin = batch.len();
    match body {
        Body::Trade { price, quantity, aggressor } => {
            let trade = Trade { instrument, ts_event, ts_recv, price, quantity, aggressor };
            batch.push(MarketEvent::Trade(trade));
        }
        Body::Best { bid, ask } => batch.push(MarketEvent::Quote(Quote {
            instrument,
            ts_event,
            ts_recv,
            bid: bid.0,
            bid_size: bid.1,
            ask: ask.0,
            ask_size: ask.1,
            bid_count: 0,
            ask_count: 0,
        })),
        Body::Levels { clear, bids, asks } => {
            let level = |side, price, quantity| LevelUpdate {
                instrument,
                ts_event,
                ts_recv,
                side,
                price,
                quantity,
                last: false,
                clear: false,
            };
            for (side, changes) in [(Side::Buy, &bids), (Side::Sell, &asks)] {
                let events = changes.iter().map(|&(price, size)| level(side, price, size));
                batch.extend(events.map(MarketEvent::Level));
            }
            if clear && batch.len() == begin {
                let nothing = level(Side::Buy, Price::UNDEFINED, Quantity(0));
                batch.push(MarketEvent::Level(nothing));
            }
            if let Some(MarketEvent::Level(first)) = batch.get_mut(begin) {
                first.clear = clear;
            }
            if let Some(MarketEvent::Level(last)) = batch[begin..].last_mut() {
                last.last = true;
            }
        }
    }
}
