//! The chance of a fill at the touch by a model of one's own.

use costs::ModelFault;
use model::{Instrument, Lots, Price, Side, UnixNanos};

/// A resting order whose price the market touches when its turn has come: nothing stands ahead of
/// it any more where the data knows a queue.
#[derive(Clone, Copy, Debug)]
pub struct FillInput<'a> {
    /// What is traded.
    pub instrument: &'a Instrument,
    /// Buy or sell.
    pub side: Side,
    /// Its limit.
    pub price: Price,
    /// Its whole quantity in lots, what is filled included.
    pub total: Lots,
    /// What is not filled yet, in lots.
    pub leaves: Lots,
    /// Which visit of its price by the market this is, counted from 0. There is one draw per visit.
    pub visit: u64,
    /// When it reached the venue, or last lost its place.
    pub arrived: UnixNanos,
    /// When its price is touched.
    pub at: UnixNanos,
    /// Whether the data proves the fill: by the queue of an order-by-order stream or of a book of
    /// levels. On quotes, trades and bars a touch proves nothing.
    pub proven: bool,
}

/// Chances of one's own, asked when the market touches the price of an own order that rests. What
/// trades through the price fills without a question.
///
/// It must give the same answer to the same question, or runs are not repeatable.
pub trait FillModel: Send + Sync {
    /// Its name, for results.
    fn name(&self) -> &str;

    /// The chance of a fill, 0 to 1.
    ///
    /// # Errors
    /// [`ModelFault`], which ends the run.
    fn probability(&self, touch: &FillInput<'_>) -> Result<f64, ModelFault>;
}
