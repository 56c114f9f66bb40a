//! Which messages of a market of levels can concern one resting order, and the rest kept for later.
//!
//! A level elsewhere in the book moves no queue of the order and fills nothing. It only has to be in
//! the book once something happens that does, so its last size waits until then: most messages are
//! then told to no market at all, which is most of the time that a calibration takes.

use super::real::RealOrder;
use model::{LevelUpdate, MarketEvent, Price, PriceGrid, Side};
use std::collections::BTreeMap;

/// Levels that have changed since the markets of a shadow heard something, each with its last size.
#[derive(Debug, Default)]
pub(super) struct Deferred {
    levels: BTreeMap<(Side, Price), LevelUpdate>,
}

/// Whether a message can move the queue of this order or fill it.
pub(super) fn concerns(event: &MarketEvent, order: &RealOrder, grid: &PriceGrid) -> bool {
    let limit = grid.price(order.price);
    // A price at which somebody of the other side would trade with the order.
    let reaches = |price: Price| match order.side {
        Side::Buy => price <= limit,
        Side::Sell => price >= limit,
    };
    match event {
        MarketEvent::Level(level) if level.clear => true,
        MarketEvent::Level(level) if level.side == order.side => level.price == limit,
        MarketEvent::Level(level) => reaches(level.price),
        // An aggressor of the order's own side trades with the other side.
        MarketEvent::Trade(trade) => {
            trade.aggressor.is_none_or(|side| side != order.side && reaches(trade.price))
        }
        _ => true,
    }
}

impl Deferred {
    /// Keeps the levels of an event that concerns nobody; its trades are of no consequence.
    pub fn keep(&mut self, events: &[MarketEvent]) {
        for event in events {
            if let MarketEvent::Level(level) = event {
                self.levels.insert((level.side, level.price), *level);
            }
        }
    }

    /// What was kept, as one message.
    pub fn take(&mut self) -> Vec<MarketEvent> {
        let mut events: Vec<MarketEvent> = std::mem::take(&mut self.levels)
            .into_values()
            .map(|level| MarketEvent::Level(LevelUpdate { last: false, ..level }))
            .collect();
        if let Some(MarketEvent::Level(level)) = events.last_mut() {
            level.last = true;
        }
        events
    }
}
