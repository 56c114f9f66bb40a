//! What a matching engine is told and what it answers.

use model::{Lots, Side, Ticks};

/// Who gives an order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
#[repr(transparent)]
pub struct Participant(pub u32);

/// How long an order stays.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[repr(u8)]
pub enum Validity {
    /// Till it is cancelled.
    #[default]
    Gtc = 0,
    /// What does not trade at once is cancelled.
    Ioc = 1,
    /// All at once or nothing.
    Fok = 2,
    /// Till the market closes.
    Day = 3,
    /// Takes part in the next auction only.
    Auction = 4,
}

/// A new order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NewOrder {
    /// Its id, which no order in the book has.
    pub id: u64,
    /// Who gives it.
    pub participant: Participant,
    /// Buy or sell.
    pub side: Side,
    /// Its limit; `None` executes at any price and never rests in continuous trading.
    pub limit: Option<Ticks>,
    /// Quantity, 1 to 2^32 − 1 lots.
    pub quantity: Lots,
    /// How long it stays.
    pub validity: Validity,
    /// Rejected instead of trading on arrival.
    pub post_only: bool,
    /// Of an iceberg: how much of it is shown; zero shows all.
    pub display: Lots,
}

impl NewOrder {
    /// A limit order that stays.
    #[must_use]
    pub const fn limit(
        id: u64,
        participant: Participant,
        side: Side,
        price: Ticks,
        quantity: Lots,
    ) -> Self {
        Self {
            id,
            participant,
            side,
            limit: Some(price),
            quantity,
            validity: Validity::Gtc,
            post_only: false,
            display: Lots::ZERO,
        }
    }

    /// A market order.
    #[must_use]
    pub const fn market(id: u64, participant: Participant, side: Side, quantity: Lots) -> Self {
        Self { limit: None, ..Self::limit(id, participant, side, Ticks(0), quantity) }
    }
}

/// What the market does.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[repr(u8)]
pub enum MarketPhase {
    /// Orders match as they come.
    #[default]
    Continuous = 0,
    /// Orders gather for an auction; nothing matches until it is uncrossed.
    Auction = 1,
    /// Trading is halted: nothing matches.
    Halted = 2,
    /// No orders are taken.
    Closed = 3,
}

/// Why something was refused.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(u8)]
pub enum Refusal {
    /// An order of this id is in the book.
    DuplicateOrder = 0,
    /// No order of this id is in the book.
    UnknownOrder = 1,
    /// The order belongs to another participant.
    NotOwner = 2,
    /// A quantity outside 1 to 2^32 − 1 lots.
    Quantity = 3,
    /// A price more than 2^60 ticks from zero.
    Price = 4,
    /// A post-only order that would trade.
    WouldTrade = 5,
    /// The phase takes no such order.
    Phase = 6,
    /// Terms that contradict each other: a market order that is post-only or an iceberg, a
    /// display that is larger than the order.
    Terms = 7,
    /// The book holds no more orders.
    Full = 8,
}

impl Refusal {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::DuplicateOrder => "ERR_MATCHING_DUPLICATE_ORDER",
            Self::UnknownOrder => "ERR_MATCHING_UNKNOWN_ORDER",
            Self::NotOwner => "ERR_MATCHING_NOT_OWNER",
            Self::Quantity => "ERR_MATCHING_QUANTITY",
            Self::Price => "ERR_MATCHING_PRICE",
            Self::WouldTrade => "ERR_MATCHING_WOULD_TRADE",
            Self::Phase => "ERR_MATCHING_PHASE",
            Self::Terms => "ERR_MATCHING_TERMS",
            Self::Full => "ERR_MATCHING_FULL",
        }
    }
}

/// Why an order ended unfilled.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(u8)]
pub enum CancelCause {
    /// Its participant asked for it.
    Requested = 0,
    /// Nothing was left to trade with.
    NoLiquidity = 1,
    /// It would have traded with an order of its own participant.
    SelfTrade = 2,
    /// The auction, or the day, for which it was good is over.
    Expired = 3,
}

/// What happened. Quantities are in lots.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MatchEvent {
    /// An order was taken.
    Accepted {
        /// The order.
        id: u64,
    },
    /// An order, a change or a cancel was refused.
    Rejected {
        /// The order.
        id: u64,
        /// Why.
        why: Refusal,
    },
    /// Two orders traded. In an auction `taker` is the buy.
    Traded {
        /// The order that rested.
        maker: u64,
        /// The order that came.
        taker: u64,
        /// At this price.
        price: Ticks,
        /// So many lots.
        quantity: Lots,
        /// What is left of the maker, the hidden part included.
        maker_leaves: Lots,
        /// What is left of the taker.
        taker_leaves: Lots,
    },
    /// An order was changed.
    Modified {
        /// The order.
        id: u64,
        /// What it is now for, without what was filled.
        leaves: Lots,
        /// Its limit now.
        price: Ticks,
        /// Whether it kept its place.
        kept_priority: bool,
    },
    /// An order ended with a rest, or a part of it was taken off.
    Canceled {
        /// The order.
        id: u64,
        /// What was cancelled.
        quantity: Lots,
        /// What is left: not zero where only a part was taken off.
        leaves: Lots,
        /// Why.
        cause: CancelCause,
    },
    /// An auction was uncrossed.
    Uncrossed {
        /// At this price.
        price: Ticks,
        /// So many lots.
        quantity: Lots,
    },
}
