//! Order management, risk checks, accounts, position sizing and round trips.
//!
//! Used unchanged by backtest and live: on the strategy's side with the reports that have reached
//! it, and on the venue's side for the true ledger and for sizing at the fill. Everything here is
//! integer arithmetic on [`model`]'s words; nothing asks a clock or draws a random number.

pub mod account;
pub mod corporate_actions;
pub mod currencies;
mod directory;
pub mod error;
pub mod funds;
mod legs;
pub mod lot_trips;
pub mod lots;
pub mod order;
pub mod orders;
pub mod received_fees;
pub mod risk;
pub mod round_trips;
pub mod sizing;
pub mod sizing_formulas;
pub mod state;
mod valuation;
mod working;

pub use account::{Account, Balance, FillEffect, fee_fill};
pub use corporate_actions::{
    Adjustment, PositionSplit, SplitEffect, dividend, entitling_session, split_position,
};
pub use currencies::{Currencies, Rate};
pub use error::TradingError;
pub use funds::{Funds, MarginRate, MarginTerms, worst_position};
pub use legs::average_entry_price;
pub use lot_trips::LotTrips;
pub use lots::LotMatching;
pub use order::Order;
pub use orders::{Applied, OrderCounters, OrderManager};
pub use received_fees::Remainder;
pub use risk::{RiskCheck, RiskGate, RiskLimits};
pub use round_trips::{PositionStatistics, RoundTrip, RoundTrips};
pub use sizing::{OrderSize, SizingInput, Target, resolve_order, resolve_target};
pub use sizing_formulas::{
    fixed_fraction, fixed_fraction_risk, kelly_continuous, kelly_fraction, realized_volatility,
    volatility_target,
};
pub use state::OrderEvent;
