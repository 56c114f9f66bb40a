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
    /// Adds an order's exposure (`sign` 1) or takes it away (−1).
    #[inline]
    pub(crate) fn count(&mut self, order: &Order, sign: i128) {
        let lots = sign * i128::from(order.exposure().0);
        let side = order.request.side as usize;
        self.all[side] += lots;
        if order.pending_cancel {
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

fn clamp(lots: i128) -> Lots {
    Lots(i64::try_from(lots).unwrap_or(i64::MAX))
}
