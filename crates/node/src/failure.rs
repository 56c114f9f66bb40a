//! Errors as they cross into JavaScript.

use serde_json::{Value, json};
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// A JavaScript error whose message is the JSON of code, message and details.
pub(crate) fn error(body: &Value) -> napi::Error {
    napi::Error::new(napi::Status::GenericFailure, body.to_string())
}

/// The JSON of an error that has a code and a message.
pub(crate) fn body(code: &str, message: &str) -> Value {
    json!({ "code": code, "message": message, "details": {} })
}

/// The JSON of an error of the data, with its fields.
pub(crate) fn feed_body(error: &feed::FeedError) -> Value {
    json!({ "code": error.code(), "message": error.to_string(), "details": error.details() })
}

/// The JSON of a panic.
pub(crate) fn panic_body(panic: &(dyn Any + Send)) -> Value {
    let message = panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "a panic without a message".to_owned());
    body("ERR_INTERNAL", &format!("this is a fault of tickforge, please report it: {message}"))
}

/// Runs what may fail; a panic becomes an error.
pub(crate) fn guarded<T>(work: impl FnOnce() -> Result<T, Value>) -> napi::Result<T> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(body)) => Err(error(&body)),
        Err(panic) => Err(error(&panic_body(panic.as_ref()))),
    }
}
