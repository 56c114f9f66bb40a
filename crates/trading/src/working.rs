//! Lots that may still fill, by side.

use crate::order::Order;
use model::{Lots, Side};

/// Working lots of one instrument. Wide, so that no sum of orders leaves it and adding and taking
/// away always meet.
#[derive(Clone, Copy, Default)]
pub(crate) struct Working {
    all: [i128; 2],
    canceling: [i128; 2],
}

impl Working {
    /// Adds what an order counts for (`sign` 1) or takes it away (−1).
    #[inline]
    pub(crate) fn count(&mut self, counted: Counted, sign: i128) {
        let lots = sign * i128::from(counted.lots.0);
        let side = counted.side as usize;
        self.all[side] += lots;
        if counted.canceling {
            self.canceling[side] += lots;
        }
    }

    pub(crate) fn all(&self, side: Side) -> Lots {
        clamp(self.all[side as usize])
    }

    pub(crate) fn uncanceled(&self, side: Side) -> Lots {
        clamp(self.all[side as usize] - self.canceling[side as usize])
    }
}

/// What an order counts for. Most reports and changes of a price leave it as it was, and nothing is
/// counted anew.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Counted {
    side: Side,
    lots: Lots,
    canceling: bool,
}

impl Counted {
    #[inline]
    pub(crate) fn of(order: &Order) -> Self {
        let (side, canceling) = (order.request.side, order.pending_cancel);
        Self { side, lots: order.exposure(), canceling }
    }
}

fn clamp(lots: i128) -> Lots {
    Lots(i64::try_from(lots).unwrap_or(i64::MAX))
}
