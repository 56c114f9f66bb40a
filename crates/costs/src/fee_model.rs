//! Fees by a model of one's own, and what every fee is worked out from.

use crate::custom::ModelFault;
use crate::fees::OrderFees;
use model::{Instrument, LiquiditySide, Money, Price, Quantity, Side, UnixNanos};

/// A fill that is charged, or one that may come.
#[derive(Clone, Copy, Debug)]
pub struct FeeInput<'a> {
    /// What is traded.
    pub instrument: &'a Instrument,
    /// Buy or sell.
    pub side: Side,
    /// Whether the order rested or took.
    pub liquidity: LiquiditySide,
    /// The price of the fill, with slippage, impact and stress.
    pub price: Price,
    /// Its quantity.
    pub quantity: Quantity,
    /// Its value; below zero where the price is.
    pub notional: Money,
    /// What all strategies have traded in the instrument before, without regard to the side. Zero
    /// for an estimate.
    pub traded: Money,
    /// What its order has been charged before; nothing for an estimate.
    pub order: OrderFees,
    /// When it happens.
    pub at: UnixNanos,
    /// Whether nothing is charged: a size that leaves room for fees, or a check of buying power.
    pub estimate: bool,
}

/// Fees of one's own, asked once for each fill and for estimates.
///
/// It must give the same answer to the same question, or runs are not repeatable.
pub trait FeeModel: Send + Sync {
    /// Its name, for results.
    fn name(&self) -> &str;

    /// The fee of a fill; below zero it is a rebate.
    ///
    /// # Errors
    /// [`ModelFault`], which ends the run.
    fn fee(&self, fill: &FeeInput<'_>) -> Result<Money, ModelFault>;
}
