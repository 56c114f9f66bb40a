//! The binding to Node: argument checks and conversions, no decisions.
//!
//! Errors cross as the JSON of code, message and details; one TypeScript function builds the
//! `TickforgeError`. A panic becomes `ERR_INTERNAL` and poisons the handle that it came from; the
//! process lives.

// napi-derive exports nothing in a test build, so that nothing seems to be used.
#![cfg_attr(test, allow(dead_code))]

mod calibrate;
mod convert;
mod data;
mod doctor;
mod failure;
mod matching_engine;
mod model_function;
mod order_book;
mod run;
mod sessions;
mod shared_memory;
mod watch;
