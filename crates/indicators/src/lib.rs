//! Indicator formulas, each once: streaming, and batch as the same stream run over a slice, so
//! that both give the same bits.
//!
//! The arithmetic is fixed to the last operation, so that a twin in another language can copy it:
//! only + − × ÷ √ and comparison on `f64`, no fused multiply-add, the order of every sum named.
//!
//! Rules that hold for all:
//! - An input that is not finite (or a negative volume) is passed over: the answer to it is
//!   `None` (`NaN` in a batch) and the state stays as it was.
//! - `None` (`NaN` in a batch) until there is enough, and where a formula divides by zero.
//! - Periods are whole numbers from 1 to [`MAX_PERIOD`].
//!
//! Seeding (it differs between libraries): the EMA starts with the mean of its first `n` values;
//! Wilder's averages (RSI, ATR) start with the mean of the first `n` changes, so that the first
//! value stands at index `n`; Bollinger bands use the population deviation; the Donchian channel
//! does not contain the current bar.

pub mod average;
pub mod batch;
pub mod channel;
pub mod error;
pub mod momentum;
pub mod volatility;
pub mod volume;
pub mod window;

pub use average::{Ema, Sma, Wma};
pub use channel::{Channel, Donchian, Highest, Lowest};
pub use error::{IndicatorError, MAX_PERIOD};
pub use momentum::{Macd, MacdValue, Roc, Rsi};
pub use volatility::{Atr, Bands, Bollinger, Deviation, StdDev, ZScore};
pub use volume::Vwap;
pub use window::{Compensated, WindowSum};

/// A stream of values from a stream of single inputs.
pub trait Indicator {
    /// Takes the next input. `None`: not ready, or the input was passed over.
    fn update(&mut self, input: f64) -> Option<f64>;

    /// The latest value.
    fn value(&self) -> Option<f64>;

    /// Whether there is a value.
    fn ready(&self) -> bool {
        self.value().is_some()
    }
}
