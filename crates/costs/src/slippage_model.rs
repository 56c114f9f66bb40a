//! Slippage by a model of one's own, and what all slippage is worked out from.

use crate::custom::ModelFault;
use model::{Instrument, Lots, Price, Side, UnixNanos};

/// A taking fill before slippage.
#[derive(Clone, Copy, Debug)]
pub struct SlippageInput<'a> {
    /// What is traded.
    pub instrument: &'a Instrument,
    /// Buy or sell.
    pub side: Side,
    /// The price that the market shows.
    pub price: Price,
    /// How much is taken at it, in lots; 0 where an amount of money is turned into a quantity.
    pub lots: Lots,
    /// Best ask less best bid; `None` where there are not both, and in bars.
    pub spread: Option<Price>,
    /// Own volume of the bar, this fill included, as a share of the bar's volume; `None` outside
    /// of bars, and where a bar has no volume.
    pub share: Option<f64>,
    /// When it happens.
    pub at: UnixNanos,
}

/// Slippage of one's own, asked wherever the price of a taking fill is worked out: of a fill that
/// its limit then refuses too.
///
/// It must give the same answer to the same question, or runs are not repeatable.
pub trait SlippageModel: Send + Sync {
    /// Its name, for results.
    fn name(&self) -> &str;

    /// The price of the fill: that which the market shows or a worse one. A better one is refused,
    /// since a simulation that flatters is of no use.
    ///
    /// # Errors
    /// [`ModelFault`], which ends the run.
    fn price(&self, fill: &SlippageInput<'_>) -> Result<Price, ModelFault>;
}
