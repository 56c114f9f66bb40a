//! Fee and impact formulas, used alike by the venue and by research.
//!
//! Everything is integer arithmetic in 1e-9 units with named roundings (half to even), so that a
//! venue and a research run charge the same to the last digit.

pub mod error;
pub mod fees;
pub mod impact;

pub use error::CostError;
pub use fees::{FeeSchedule, OrderFees};
pub use impact::Impact;
