//! The records that a run's result is made of.

use model::{
    Bbo, Fill, InstrumentIndex, Lots, Money, OrderId, OrderRequest, OrderStatus, OrderType, Price,
    Reason, ReportKind, Side, Ticks, UnixNanos,
};

/// A fill with what it changed.
#[derive(Clone, Copy, Debug)]
pub struct FillRecord {
    /// The fill.
    pub fill: Fill,
    /// Profit that it realised, gross of fees.
    pub realized: Money,
    /// Position of its account after it, in lots.
    pub position: i64,
    /// Cash of its account after it.
    pub cash: Money,
    /// Best prices at the venue when it happened.
    pub bbo: Bbo,
}

/// The beginning of a liquidation.
#[derive(Clone, Copy, Debug)]
pub struct LiquidationRecord {
    /// Exchange time in ns.
    pub ts: u64,
    /// The account.
    pub account: usize,
    /// Its equity at the marks.
    pub equity: Money,
    /// What it had to be at least.
    pub maintenance: Money,
}

/// A sample of an account.
#[derive(Clone, Copy, Debug)]
pub struct EquitySample {
    /// Exchange time in ns.
    pub ts: u64,
    /// The account.
    pub account: usize,
    /// Equity at the pessimistic mark.
    pub equity: Money,
    /// Cash.
    pub cash: Money,
}

/// A sample of an instrument.
#[derive(Clone, Copy, Debug)]
pub struct PriceSample {
    /// Exchange time in ns.
    pub ts: u64,
    /// The instrument.
    pub instrument: InstrumentIndex,
    /// Middle of the best prices, else the last price, in 1e-9.
    pub price: Price,
    /// Σ of all positions in it, in lots.
    pub position: i64,
}

/// An order as it ended: what the result's order table holds, in 72 bytes.
#[derive(Clone, Copy, Debug)]
pub struct OrderRecord {
    /// The order.
    pub id: OrderId,
    /// The instrument.
    pub instrument: InstrumentIndex,
    /// Buy or sell.
    pub side: Side,
    /// Its type.
    pub order_type: OrderType,
    /// Where it ended.
    pub status: OrderStatus,
    /// Why it was refused, if so.
    pub reason: Option<Reason>,
    /// When it left its strategy.
    pub submitted_at: UnixNanos,
    /// Its last limit; `None` for a market order.
    pub limit: Option<Ticks>,
    /// Its last total quantity.
    pub quantity: Lots,
    /// What was filled.
    pub filled: Lots,
}

/// What happened to an order, as its strategy knows it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OrderEventKind {
    /// It left the strategy.
    Submitted,
    /// A change left the strategy.
    ModifyRequested,
    /// A cancel left the strategy.
    CancelRequested,
    /// A report came.
    Reported(ReportKind),
}

/// One event of one order, with the order as it stood afterwards.
#[derive(Clone, Copy, Debug)]
pub struct OrderEvent {
    /// When the strategy sent or saw it, in ns.
    pub seen: u64,
    /// What happened.
    pub kind: OrderEventKind,
    /// The order as it was submitted.
    pub request: OrderRequest,
    /// Its type.
    pub order_type: OrderType,
    /// Limit afterwards.
    pub limit: Option<Ticks>,
    /// Total quantity afterwards.
    pub quantity: Lots,
    /// What was left afterwards.
    pub leaves: Lots,
}

/// Counts over all orders.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OrderCounts {
    /// Orders submitted, denied ones included.
    pub submitted: u64,
    /// Market orders among them.
    pub market: u64,
    /// Orders accepted by the venue.
    pub accepted: u64,
    /// Orders denied by the risk limits.
    pub denied: u64,
    /// Orders rejected by the venue.
    pub rejected: u64,
    /// Orders cancelled.
    pub canceled: u64,
    /// Changes accepted.
    pub modified: u64,
    /// Cancels and changes that came too late.
    pub too_late: u64,
    /// Fills.
    pub fills: u64,
    /// Fills that took liquidity.
    pub taker_fills: u64,
}
