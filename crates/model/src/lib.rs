//! The words of tickforge: prices, quantities, money, time, clocks, ids, instruments, market
//! events, orders, fills and positions, and their byte layouts.
//!
//! Every other crate speaks these words; this one knows no sibling. Numbers that can decide a
//! trade are integers: order and book prices are [`Ticks`], quantities [`Lots`], fill prices
//! [`Price`] (1e-9), money [`Money`] (`i128`, 1e-9 of its currency).

pub mod bbo;
mod built_in_futures;
pub mod calendar;
pub mod clock;
pub mod condition;
pub mod decimal;
pub mod error;
pub mod event;
pub mod fee_currency;
pub mod grid;
pub mod ids;
pub mod instrument;
pub mod leg;
pub mod mbo;
pub mod money;
pub mod order;
pub mod position;
pub mod price;
pub mod random;
pub mod split;
pub mod time;

pub use bbo::Bbo;
pub use built_in_futures::built_in_future;
pub use calendar::{Calendar, CalendarTerms, SessionClose, TradingSession};
pub use clock::{Clock, LiveClock, TestClock};
pub use condition::{
    Condition, Links, OrderType, PeerKind, Trail, TrailOffset, Trigger, TriggerKind, TriggerSource,
};
pub use error::ModelError;
pub use event::{
    Bar, BarLabel, Depth, DepthLevel, LevelUpdate, MarketEvent, Quote, Status, Timeframe, Trade,
    TradingPhase,
};
pub use fee_currency::FeeCurrency;
pub use grid::PriceGrid;
pub use ids::{InstrumentIndex, OrderId, StrategyIndex};
pub use instrument::{Instrument, InstrumentKind, Origin};
pub use leg::Leg;
pub use mbo::{MBO_SIZE, Mbo, MboFields, STAMPED_MBO_SIZE};
pub use money::{Currency, Money};
pub use order::{
    CancelReason, Fill, FillBasis, LiquiditySide, OrderKind, OrderRequest, OrderStatus, Reason,
    Report, ReportKind, Side, Sizer, TimeInForce,
};
pub use position::Position;
pub use price::{Lots, NANO, Price, Quantity, Ticks};
pub use split::Split;
pub use time::UnixNanos;
