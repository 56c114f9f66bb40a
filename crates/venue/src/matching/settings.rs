//! How a matching engine allocates and what it forbids.

use super::words::Participant;
use crate::error::VenueError;

/// What becomes of orders that would trade with their own participant.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[repr(u8)]
pub enum SelfTradePrevention {
    /// They trade.
    #[default]
    None = 0,
    /// The order that comes is cancelled with what is left of it.
    CancelNewest = 1,
    /// The order that rests is cancelled.
    CancelOldest = 2,
    /// Both are cancelled.
    CancelBoth = 3,
    /// Both lose the smaller quantity of the two, without a trade.
    DecrementAndCancel = 4,
}

/// A lead market maker and its share.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LeadMarketMaker {
    /// Who.
    pub participant: Participant,
    /// Percent of what is left of the aggressor after the TOP order, 1 to 50.
    pub percent: u8,
}

/// Who at a price gets how much of an aggressor.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum Allocation {
    /// First in, first out.
    #[default]
    PriceTime,
    /// The TOP order first, then in proportion to size, rounded down; shares below `least` lots
    /// are dropped; what is left goes first in, first out (CME, algorithm A).
    ProRata {
        /// Whether the order that bettered the market is filled first.
        top: bool,
        /// Smallest share, in lots: 2 at CME.
        least: u32,
    },
    /// The TOP order first, then every lead market maker its share, then first in, first out.
    LeadMarketMakers {
        /// Whether the order that bettered the market is filled first.
        top: bool,
        /// The makers, in the order in which they are served; at most 50 percent together.
        makers: Vec<LeadMarketMaker>,
    },
}

/// The settings of an engine.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct MatchingSettings {
    allocation: Allocation,
    self_trade: SelfTradePrevention,
    halt_takes_orders: bool,
}

impl MatchingSettings {
    /// Price-time, own orders trade with each other, a halt takes no orders.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Who gets how much. Default: price-time.
    ///
    /// # Errors
    /// [`VenueError::Setting`] when lead market makers get nothing, or more than 50 percent
    /// together, or one is named twice.
    pub fn with_allocation(mut self, allocation: Allocation) -> Result<Self, VenueError> {
        if let Allocation::LeadMarketMakers { makers, .. } = &allocation {
            let total: u32 = makers.iter().map(|maker| u32::from(maker.percent)).sum();
            let twice = makers
                .iter()
                .enumerate()
                .any(|(at, maker)| makers[..at].iter().any(|m| m.participant == maker.participant));
            if total > 50 || twice || makers.iter().any(|maker| maker.percent == 0) {
                return Err(VenueError::Setting {
                    field: "allocation.makers",
                    value: format!("{} makers with {total} percent", makers.len()),
                    accepted: "each maker once, with 1 percent or more, 50 percent together",
                });
            }
        }
        self.allocation = allocation;
        Ok(self)
    }

    /// What becomes of orders that would trade with their own participant. Default: they trade.
    /// An auction does not look at it.
    #[must_use]
    pub const fn with_self_trade_prevention(mut self, how: SelfTradePrevention) -> Self {
        self.self_trade = how;
        self
    }

    /// Whether new orders and changes are taken, without matching, while trading is halted.
    /// Default: cancels only.
    #[must_use]
    pub const fn with_orders_during_halt(mut self, taken: bool) -> Self {
        self.halt_takes_orders = taken;
        self
    }

    /// Who gets how much.
    #[must_use]
    pub const fn allocation(&self) -> &Allocation {
        &self.allocation
    }

    /// What becomes of orders that would trade with their own participant.
    #[must_use]
    pub const fn self_trade_prevention(&self) -> SelfTradePrevention {
        self.self_trade
    }

    /// Whether a halt takes orders.
    #[must_use]
    pub const fn halt_takes_orders(&self) -> bool {
        self.halt_takes_orders
    }
}
