//! What trading costs, beside the price that the market shows: fees, slippage, impact, funding and
//! borrow. Formulas only: who trades when is the venue's matter, who pays the account's.

mod custom;
mod error;
mod fee_model;
mod fees;
pub mod funding;
mod impact;
mod shift;
mod slippage;
mod slippage_model;

pub use custom::{CustomModel, ModelFault};
pub use error::CostError;
pub use fee_model::{FeeInput, FeeModel};
pub use fees::{FeeSchedule, FeeTier, OrderFees};
pub use funding::{borrow_of_a_day, inverse_funding, linear_funding};
pub use impact::{Almgren, Impact, ImpactMemory};
pub use slippage::Slippage;
pub use slippage_model::{SlippageInput, SlippageModel};
