//! The napi-rs binding and nothing else.
