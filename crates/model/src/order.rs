//! Orders, their states, and what a venue says about them.

use crate::ids::{InstrumentIndex, OrderId};
use crate::leg::Leg;
use crate::money::Money;
use crate::price::{Lots, Price, Ticks};
use crate::time::UnixNanos;

/// Buy (bid) or sell (ask).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
pub enum Side {
    /// Buy, bid.
    Buy = 0,
    /// Sell, ask.
    Sell = 1,
}

impl Side {
    /// The other side.
    #[inline]
    #[must_use]
    pub const fn opposite(self) -> Self {
        match self {
            Self::Buy => Self::Sell,
            Self::Sell => Self::Buy,
        }
    }

    /// +1 for a buy, −1 for a sell.
    #[inline]
    #[must_use]
    pub const fn sign(self) -> i64 {
        match self {
            Self::Buy => 1,
            Self::Sell => -1,
        }
    }

    /// Whether `price` is at `limit` or worse for this side's counterparty, i.e. whether an order
    /// of this side at `limit` may trade at `price` (a buy at or below its limit).
    #[inline]
    #[must_use]
    pub const fn accepts(self, limit: Ticks, price: Ticks) -> bool {
        match self {
            Self::Buy => price.0 <= limit.0,
            Self::Sell => price.0 >= limit.0,
        }
    }

    /// Whether price `a` is strictly better (more aggressive) than `b` for an order of this side.
    #[inline]
    #[must_use]
    pub const fn is_better(self, a: Ticks, b: Ticks) -> bool {
        match self {
            Self::Buy => a.0 > b.0,
            Self::Sell => a.0 < b.0,
        }
    }
}

/// What kind of order.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum OrderKind {
    /// Executes at once at the market.
    Market,
    /// Executes at this price or better.
    Limit(Ticks),
    /// Executes at the best price of the other side; what is left becomes a limit order there.
    MarketToLimit,
}

impl OrderKind {
    /// The limit; `None` for a market order, and for one that has yet to find its limit.
    #[inline]
    #[must_use]
    pub const fn limit(self) -> Option<Ticks> {
        match self {
            Self::Market | Self::MarketToLimit => None,
            Self::Limit(price) => Some(price),
        }
    }
}

/// How long an order stays.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[repr(u8)]
pub enum TimeInForce {
    /// Good till cancelled.
    #[default]
    Gtc = 0,
    /// Immediate or cancel: what does not fill at once is cancelled.
    Ioc = 1,
    /// Fill or kill: all at once or nothing.
    Fok = 2,
    /// Good till a time that the order names.
    Gtd = 3,
    /// Good till the session's close.
    Day = 4,
    /// Takes part in the session's opening only.
    AtOpen = 5,
    /// Takes part in the session's close only.
    AtClose = 6,
}

impl TimeInForce {
    /// The word of the field.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Gtc => "gtc",
            Self::Ioc => "ioc",
            Self::Fok => "fok",
            Self::Gtd => "gtd",
            Self::Day => "day",
            Self::AtOpen => "at_open",
            Self::AtClose => "at_close",
        }
    }

    /// Whether what does not execute at once may rest.
    #[inline]
    #[must_use]
    pub const fn rests(self) -> bool {
        !matches!(self, Self::Ioc | Self::Fok)
    }

    /// Whether an order takes part in an opening or close only.
    #[inline]
    #[must_use]
    pub const fn is_timed(self) -> bool {
        matches!(self, Self::AtOpen | Self::AtClose)
    }
}

/// An order as the strategy asked for it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OrderRequest {
    /// Its id, chosen on the strategy's side.
    pub id: OrderId,
    /// The instrument.
    pub instrument: InstrumentIndex,
    /// Buy or sell.
    pub side: Side,
    /// Market or limit.
    pub kind: OrderKind,
    /// Quantity in lots, above zero.
    pub quantity: Lots,
    /// How long it stays.
    pub time_in_force: TimeInForce,
    /// Rejected instead of trading on arrival.
    pub post_only: bool,
    /// Only ever makes the position smaller: refused, or cut, where it would open or turn it.
    pub reduce_only: bool,
    /// Of an iceberg: how much of it is shown, in lots; 0 shows all of it.
    pub display: Lots,
    /// The venue asks the [`Sizer`] for side and quantity at the moment of execution;
    /// `side` and `quantity` are then not used.
    pub size_at_fill: bool,
}

/// Sizes an order at the venue at the moment of execution, from the account as the venue has it.
pub trait Sizer {
    /// Side and quantity of this order if it executed at `price` now, with what is held valued at
    /// `mark`: the price at which a closing part of it would execute.
    ///
    /// # Errors
    /// The reason why it may not trade (a risk limit, nothing to do, no buying power).
    fn size(
        &mut self,
        order: OrderId,
        price: Price,
        mark: Price,
        now: UnixNanos,
    ) -> Result<(Side, Lots), Reason>;

    /// The position, in lots, of the account that this order's strategy trades on, with the fills
    /// among these reports that are not booked yet: what a reduce-only order may close. Of a hedging
    /// account the one of this leg.
    fn position(
        &self,
        order: OrderId,
        instrument: InstrumentIndex,
        leg: Leg,
        unbooked: &[Report],
    ) -> Lots;
}

/// Where an order stands, as its strategy knows.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(u8)]
pub enum OrderStatus {
    /// On its way to the venue.
    Pending = 0,
    /// Refused by the risk checks; it never left.
    Denied = 1,
    /// Refused by the venue.
    Rejected = 2,
    /// Working at the venue.
    Accepted = 3,
    /// Working, a part is filled.
    PartiallyFilled = 4,
    /// Done: all filled.
    Filled = 5,
    /// Done: cancelled with a rest.
    Canceled = 6,
    /// Done: its time in force ended.
    Expired = 7,
}

impl OrderStatus {
    /// Whether nothing can follow.
    #[inline]
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(
            self,
            Self::Denied | Self::Rejected | Self::Filled | Self::Canceled | Self::Expired
        )
    }
}

/// Why a venue cancelled.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(u8)]
pub enum CancelReason {
    /// The strategy asked for it.
    Requested = 0,
    /// The rest of an immediate-or-cancel or fill-or-kill order, or of a market order that found
    /// no more liquidity.
    NoLiquidity = 1,
    /// The run ended.
    EndOfRun = 2,
    /// The run's risk limits closed trading.
    Risk = 3,
    /// An order that it hung together with was filled or ended.
    Linked = 4,
    /// A reduce-only order found nothing left to reduce.
    ReduceOnly = 5,
    /// Its time in force ended.
    Expired = 6,
    /// It could not enter the market when its trigger or parent let it: a post-only order that
    /// would have traded, no market to trade in.
    Refused = 7,
    /// The account fell below its maintenance margin.
    Liquidation = 8,
    /// Its instrument was split, and the run says that orders end then, or it was for less than a lot.
    Split = 9,
}

impl CancelReason {
    /// The word in tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::NoLiquidity => "no_liquidity",
            Self::EndOfRun => "end_of_run",
            Self::Risk => "risk",
            Self::Linked => "linked",
            Self::ReduceOnly => "reduce_only",
            Self::Expired => "expired",
            Self::Refused => "refused",
            Self::Liquidation => "liquidation",
            Self::Split => "split",
        }
    }
}

/// Who brought the liquidity of a fill.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(u8)]
pub enum LiquiditySide {
    /// The own order rested.
    Maker = 0,
    /// The own order took.
    Taker = 1,
}

/// What a fill rests on.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[repr(u8)]
pub enum FillBasis {
    /// It took what was offered.
    #[default]
    Taken = 0,
    /// The market came to its price and no queue is known there: a draw, or a rule, said that it
    /// was filled.
    Touch = 1,
    /// The market traded at its price, and its place in the queue decided.
    Queue = 2,
    /// The market traded or was quoted beyond its price.
    Through = 3,
}

impl FillBasis {
    /// In one word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Taken => "taken",
            Self::Touch => "touch",
            Self::Queue => "queue",
            Self::Through => "through",
        }
    }
}

/// An execution of an own order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Fill {
    /// The own order.
    pub order: OrderId,
    /// The instrument.
    pub instrument: InstrumentIndex,
    /// The own order's side.
    pub side: Side,
    /// Executed quantity in lots.
    pub quantity: Lots,
    /// Price in 1e-9 (impact may leave the tick grid).
    pub price: Price,
    /// Maker or taker.
    pub liquidity: LiquiditySide,
    /// What it rests on. It is told of a fill and changes nothing of it: no part of the state hash.
    pub basis: FillBasis,
    /// Exchange time.
    pub ts_event: UnixNanos,
    /// Quantity that is left in lots.
    pub leaves: Lots,
    /// Fee in the account's currency; a rebate is negative.
    pub fee: Money,
    /// Whether the order only reduces: in a hedging account that names the leg.
    pub reduce_only: bool,
}

impl Fill {
    /// The leg of a hedging account that it acts on.
    #[inline]
    #[must_use]
    pub const fn leg(&self) -> Leg {
        Leg::of(self.side, self.reduce_only)
    }
}

/// Why an order, a change or a cancel was refused. The word is stable: it reaches the user as
/// `ERR_ORDER_<WORD>`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(u8)]
pub enum Reason {
    /// The order had already ended when the request arrived.
    TooLate = 0,
    /// No such order.
    UnknownOrder = 1,
    /// A post-only order would have traded on arrival.
    PostOnlyWouldTrade = 2,
    /// The data cannot support this order.
    Unsupported = 3,
    /// There was no market to trade against.
    NoMarket = 4,
    /// Risk: the position would pass its limit.
    MaxPosition = 5,
    /// Risk: the order is larger than the limit.
    MaxOrderSize = 6,
    /// Risk: the loss limit was reached, trading is closed.
    MaxLoss = 7,
    /// Risk: too many orders in this second.
    MaxOrderRate = 8,
    /// Warm-up: trading is off.
    WarmUp = 9,
    /// A target that is already reached.
    NothingToDo = 10,
    /// The size is zero or negative after rounding.
    ZeroSize = 11,
    /// The account cannot pay for it.
    BuyingPower = 12,
    /// The run has ended or is ending.
    EndOfRun = 13,
    /// A sum left its type.
    Overflow = 14,
    /// A reduce-only order that would open or turn the position.
    ReduceOnly = 15,
    /// The order that it hangs on has ended, or was never there.
    Linked = 16,
    /// The instrument names no session, so that the order's time in force means nothing.
    NoSession = 17,
    /// The time until which it is good has passed.
    Expired = 18,
    /// A cash account holds less than is sold.
    ShortSale = 19,
    /// Nothing says yet what the instrument's currency is worth in that of the account.
    NoRate = 20,
    /// Its instrument was split while it was on its way, in quantities and prices from before.
    Split = 21,
}

impl Reason {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::TooLate => "ERR_ORDER_TOO_LATE",
            Self::UnknownOrder => "ERR_ORDER_UNKNOWN",
            Self::PostOnlyWouldTrade => "ERR_ORDER_POST_ONLY",
            Self::Unsupported => "ERR_ORDER_UNSUPPORTED",
            Self::NoMarket => "ERR_ORDER_NO_MARKET",
            Self::MaxPosition => "ERR_RISK_MAX_POSITION",
            Self::MaxOrderSize => "ERR_RISK_MAX_ORDER_SIZE",
            Self::MaxLoss => "ERR_RISK_MAX_LOSS",
            Self::MaxOrderRate => "ERR_RISK_MAX_ORDER_RATE",
            Self::WarmUp => "ERR_ORDER_WARM_UP",
            Self::NothingToDo => "ERR_ORDER_NOTHING_TO_DO",
            Self::ZeroSize => "ERR_ORDER_ZERO_SIZE",
            Self::BuyingPower => "ERR_RISK_BUYING_POWER",
            Self::EndOfRun => "ERR_ORDER_END_OF_RUN",
            Self::Overflow => "ERR_ORDER_OVERFLOW",
            Self::ReduceOnly => "ERR_ORDER_REDUCE_ONLY",
            Self::Linked => "ERR_ORDER_LINKED",
            Self::NoSession => "ERR_ORDER_NO_SESSION",
            Self::Expired => "ERR_ORDER_EXPIRED",
            Self::ShortSale => "ERR_RISK_SHORT_SALE",
            Self::NoRate => "ERR_RISK_NO_RATE",
            Self::Split => "ERR_ORDER_SPLIT",
        }
    }
}

/// What happened to an own order at the venue (or, for a denial, before it).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ReportKind {
    /// It never left: the risk checks refused it.
    Denied(Reason),
    /// The venue took it.
    Accepted,
    /// The venue refused it.
    Rejected(Reason),
    /// It executed.
    Filled(Fill),
    /// It was changed to this total quantity and price.
    Modified {
        /// New total quantity in lots.
        quantity: Lots,
        /// New limit.
        price: Ticks,
    },
    /// A change was refused; the order stands as it was.
    ModifyRejected(Reason),
    /// It was cancelled with this rest.
    Canceled {
        /// What had not been filled.
        leaves: Lots,
        /// Why.
        reason: CancelReason,
    },
    /// A cancel was refused; the order stands as it was.
    CancelRejected(Reason),
    /// Its trigger or its parent has brought it into the market, with this limit.
    Triggered {
        /// Its limit; none for a market order.
        price: Ticks,
    },
    /// The venue has given it another total quantity or limit on its own account: a peer was
    /// filled, a parent was, or a market-to-limit order has found its limit.
    Restated {
        /// Total quantity in lots.
        quantity: Lots,
        /// Limit; none for a market order.
        price: Ticks,
    },
}

/// A report on an own order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Report {
    /// The order.
    pub order: OrderId,
    /// Its instrument.
    pub instrument: InstrumentIndex,
    /// When it happened at the venue.
    pub ts_event: UnixNanos,
    /// What happened.
    pub kind: ReportKind,
}
