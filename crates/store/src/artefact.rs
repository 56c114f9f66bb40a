//! The rows of a run's tables, in the words of the model.

use model::{
    CancelReason, Fill, InstrumentIndex, Lots, Money, OrderId, OrderType, Price, Reason, Side,
    StrategyIndex, Ticks, TimeInForce, UnixNanos,
};

/// A sample of a strategy's account: one row of `metrics.parquet`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct EquityPoint {
    /// When, on the exchange's clock.
    pub ts_event: UnixNanos,
    /// Whose account.
    pub strategy: StrategyIndex,
    /// Cash plus the value of all positions, in the account's currency.
    pub equity: Money,
    /// Cash.
    pub cash: Money,
    /// What the open positions add to the equity: market value where the notional was paid,
    /// unrealised profit where it is margined.
    pub position_value: Money,
    /// How far the equity lies below its highest value so far; zero or above.
    pub drawdown: Money,
}

/// A fill and what it did to the account: one row of `trades.parquet`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TradeRow {
    /// The execution.
    pub fill: Fill,
    /// Price × quantity × multiplier, above zero.
    pub notional: Money,
    /// Profit that this fill realised, gross of fees; zero when it opened.
    pub realized: Money,
    /// Signed position after it, in lots.
    pub position: Lots,
}

/// What happened to an order, as `orders.parquet` names it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OrderEventKind {
    /// The strategy sent it.
    Submitted,
    /// The risk checks refused it.
    Denied(Reason),
    /// The venue took it.
    Accepted,
    /// The venue refused it.
    Rejected(Reason),
    /// It executed at this price.
    Filled(Price),
    /// The strategy asked for a change.
    ModifyRequested,
    /// The venue changed it.
    Modified,
    /// The venue refused the change.
    ModifyRejected(Reason),
    /// The strategy asked for its end.
    CancelRequested,
    /// It ended with a rest.
    Canceled(CancelReason),
    /// The venue refused to end it.
    CancelRejected(Reason),
    /// Its trigger or parent brought it into the market.
    Triggered,
    /// The venue changed it on its own account.
    Restated,
}

impl OrderEventKind {
    /// The word in the column `event`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Submitted => "submitted",
            Self::Denied(_) => "denied",
            Self::Accepted => "accepted",
            Self::Rejected(_) => "rejected",
            Self::Filled(_) => "filled",
            Self::ModifyRequested => "modify_requested",
            Self::Modified => "modified",
            Self::ModifyRejected(_) => "modify_rejected",
            Self::CancelRequested => "cancel_requested",
            Self::Canceled(_) => "canceled",
            Self::CancelRejected(_) => "cancel_rejected",
            Self::Triggered => "triggered",
            Self::Restated => "restated",
        }
    }

    /// The word in the column `reason`: a code for a refusal, a word for a cancel, else empty.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Denied(reason)
            | Self::Rejected(reason)
            | Self::ModifyRejected(reason)
            | Self::CancelRejected(reason) => reason.code(),
            Self::Canceled(reason) => reason.as_str(),
            _ => "",
        }
    }
}

/// One event in the life of an order: one row of `orders.parquet` (`detailed_log: true`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OrderEventRow {
    /// When it happened, on the clock of the side where it happened.
    pub ts_event: UnixNanos,
    /// The order; its upper bits name the strategy.
    pub order: OrderId,
    /// The instrument.
    pub instrument: InstrumentIndex,
    /// What happened.
    pub event: OrderEventKind,
    /// Side of the order.
    pub side: Side,
    /// Type of the order.
    pub order_type: OrderType,
    /// The limit that stands after the event.
    pub limit: Option<Ticks>,
    /// How long it stays.
    pub time_in_force: TimeInForce,
    /// Whether it may only rest.
    pub post_only: bool,
    /// Total quantity after the event, in lots.
    pub quantity: Lots,
    /// What this event filled, in lots; zero unless it is a fill.
    pub filled: Lots,
    /// What is left after the event, in lots.
    pub leaves: Lots,
}

/// From flat to flat (or through a flip): one row of `round_trips.parquet`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RoundTripRow {
    /// Whose.
    pub strategy: StrategyIndex,
    /// The instrument.
    pub instrument: InstrumentIndex,
    /// Side of the entry: buy for a long trip.
    pub side: Side,
    /// Time of the first opening fill.
    pub ts_open: UnixNanos,
    /// Time of the last closing fill.
    pub ts_close: UnixNanos,
    /// Quantity that was opened and closed, in lots.
    pub quantity: Lots,
    /// Average entry price.
    pub entry_price: Price,
    /// Average exit price.
    pub exit_price: Price,
    /// Profit before fees.
    pub gross: Money,
    /// Fees of its fills; a rebate is negative.
    pub fees: Money,
    /// Maximum adverse excursion: the largest open loss on the way, zero or above.
    pub mae: Money,
    /// Maximum favourable excursion: the largest open profit on the way, zero or above.
    pub mfe: Money,
    /// Number of fills.
    pub fills: u32,
}
