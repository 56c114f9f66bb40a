//! Models of one's own: what every kind of them has, whatever it computes.

use crate::error::CostError;
use std::fmt;
use std::sync::{Arc, OnceLock};

/// What a model of one's own could not do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ModelFault {
    /// It failed, and this is what it said.
    Failed(String),
    /// It gave what cannot be.
    Result {
        /// What it gave.
        value: String,
        /// What would be accepted.
        accepted: &'static str,
    },
}

/// A model of one's own under its name. Copies are the same model: equal when they lead to the same
/// object, and once one of them has failed, all of them have.
pub struct CustomModel<M: ?Sized> {
    field: &'static str,
    name: Arc<str>,
    model: Arc<M>,
    /// The first fault. Where an answer can only be "refused for a reason" (an order that is sized
    /// when it executes), whoever drives the run finds here what really happened.
    fault: Arc<OnceLock<CostError>>,
}

impl<M: ?Sized> CustomModel<M> {
    /// A model that stands in for the setting `field`.
    #[must_use]
    pub fn new(field: &'static str, name: &str, model: Arc<M>) -> Self {
        Self { field, name: Arc::from(name), model, fault: Arc::default() }
    }

    /// Its name, for results.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What went wrong first, if anything did.
    #[must_use]
    pub fn fault(&self) -> Option<&CostError> {
        self.fault.get()
    }

    /// Asks the model; after a fault it is not asked again.
    ///
    /// # Errors
    /// [`CostError::CustomFailed`] and [`CostError::CustomResult`].
    #[cold]
    pub fn ask<T>(
        &self,
        question: impl FnOnce(&M) -> Result<T, ModelFault>,
    ) -> Result<T, CostError> {
        if let Some(fault) = self.fault.get() {
            return Err(fault.clone());
        }
        question(&self.model).map_err(|fault| {
            let name = self.name.to_string();
            let error = match fault {
                ModelFault::Failed(message) => {
                    CostError::CustomFailed { field: self.field, name, message }
                }
                ModelFault::Result { value, accepted } => {
                    CostError::CustomResult { field: self.field, name, value, accepted }
                }
            };
            // A model that calls itself may have failed inside already: the first one stays.
            self.fault.get_or_init(|| error).clone()
        })
    }
}

impl<M: ?Sized> Clone for CustomModel<M> {
    fn clone(&self) -> Self {
        Self {
            field: self.field,
            name: Arc::clone(&self.name),
            model: Arc::clone(&self.model),
            fault: Arc::clone(&self.fault),
        }
    }
}

impl<M: ?Sized> PartialEq for CustomModel<M> {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.model, &other.model)
    }
}

impl<M: ?Sized> Eq for CustomModel<M> {}

impl<M: ?Sized> fmt::Debug for CustomModel<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} custom '{}'", self.field, self.name)
    }
}
