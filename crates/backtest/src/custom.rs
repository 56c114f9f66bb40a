//! Models of one's own, which no configuration can hold: it names them, and they come beside it.

use crate::error::BacktestError;
use costs::{FeeModel, SlippageModel};
use std::sync::Arc;
use venue::FillModel;

/// The models that a configuration names as custom.
#[derive(Clone, Default)]
pub struct CustomModels {
    /// For `venue.fees`.
    pub fees: Option<Arc<dyn FeeModel>>,
    /// For `venue.slippage`.
    pub slippage: Option<Arc<dyn SlippageModel>>,
    /// For `venue.fill`.
    pub fill: Option<Arc<dyn FillModel>>,
}

/// The model for a setting that names one.
///
/// # Errors
/// [`BacktestError::Setting`] when it did not come.
pub(crate) fn given<M: ?Sized>(
    model: Option<&Arc<M>>,
    field: &str,
    name: &str,
) -> Result<Arc<M>, BacktestError> {
    model.cloned().ok_or_else(|| {
        BacktestError::setting(
            field,
            name,
            "a custom model is handed over beside its configuration",
        )
    })
}
