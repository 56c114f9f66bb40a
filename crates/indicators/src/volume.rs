//! Volume-weighted average price.

use crate::window::Compensated;

/// Volume-weighted average price since the start or the last [`Vwap::reset`].
///
/// `p = (high + low + close) ÷ 3`; [`Compensated`] sums of `p × volume` and of `volume`; their
/// quotient. `None` while the volume is 0; a bar with a negative volume is passed over.
#[derive(Clone, Debug, Default)]
pub struct Vwap {
    value_sum: Compensated,
    volume_sum: Compensated,
    value: Option<f64>,
}

impl Vwap {
    /// Nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next bar.
    #[inline]
    pub fn update(&mut self, high: f64, low: f64, close: f64, volume: f64) -> Option<f64> {
        let typical = (high + low + close) / 3.0;
        let value = typical * volume;
        if !(value.is_finite() && volume >= 0.0) {
            return None;
        }
        self.value_sum.add(value);
        self.volume_sum.add(volume);
        let volume = self.volume_sum.value();
        self.value = (volume > 0.0).then(|| self.value_sum.value() / volume);
        self.value
    }

    /// Takes the next trade.
    #[inline]
    pub fn update_trade(&mut self, price: f64, volume: f64) -> Option<f64> {
        let value = price * volume;
        if !(value.is_finite() && volume >= 0.0) {
            return None;
        }
        self.value_sum.add(value);
        self.volume_sum.add(volume);
        let volume = self.volume_sum.value();
        self.value = (volume > 0.0).then(|| self.value_sum.value() / volume);
        self.value
    }

    /// Begins anew: a session starts.
    pub fn reset(&mut self) {
        *self = Self::default();
    }

    /// The latest value.
    #[must_use]
    pub fn value(&self) -> Option<f64> {
        self.value
    }

    /// Whether there is a value.
    #[must_use]
    pub fn ready(&self) -> bool {
        self.value.is_some()
    }
}
