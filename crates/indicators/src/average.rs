//! Moving averages.

use crate::Indicator;
use crate::error::{IndicatorError, period};
use crate::window::{Compensated, Ring, WindowSum};

/// Simple moving average: [`WindowSum`] ÷ n. First value at index n − 1.
#[derive(Clone, Debug)]
pub struct Sma {
    sum: WindowSum,
    n: f64,
    value: Option<f64>,
}

impl Sma {
    /// Over `n` values.
    ///
    /// # Errors
    /// [`IndicatorError::Period`].
    pub fn new(n: usize) -> Result<Self, IndicatorError> {
        let n = period("period", n, 1)?;
        Ok(Self { sum: WindowSum::new(n), n: n as f64, value: None })
    }
}

impl Indicator for Sma {
    #[inline]
    fn update(&mut self, x: f64) -> Option<f64> {
        if !x.is_finite() {
            return None;
        }
        self.value = self.sum.push(x).map(|sum| sum / self.n);
        self.value
    }

    fn value(&self) -> Option<f64> {
        self.value
    }
}

/// Exponential moving average with k = 2 ÷ (n + 1).
///
/// Seeded at index n − 1 by the [`Compensated`] sum of the first n values ÷ n; then
/// `e = e + k × (x − e)`.
#[derive(Clone, Debug)]
pub struct Ema {
    n: usize,
    k: f64,
    seen: usize,
    seed: Compensated,
    value: Option<f64>,
}

impl Ema {
    /// Over `n` values.
    ///
    /// # Errors
    /// [`IndicatorError::Period`].
    pub fn new(n: usize) -> Result<Self, IndicatorError> {
        let n = period("period", n, 1)?;
        let k = 2.0 / (n as f64 + 1.0);
        Ok(Self { n, k, seen: 0, seed: Compensated::default(), value: None })
    }
}

impl Indicator for Ema {
    #[inline]
    fn update(&mut self, x: f64) -> Option<f64> {
        if !x.is_finite() {
            return None;
        }
        if let Some(e) = self.value {
            self.value = Some(e + self.k * (x - e));
        } else {
            self.seed.add(x);
            self.seen += 1;
            if self.seen == self.n {
                self.value = Some(self.seed.value() / self.n as f64);
            }
        }
        self.value
    }

    fn value(&self) -> Option<f64> {
        self.value
    }
}

/// Linearly weighted moving average: the newest value has weight n, the oldest 1.
///
/// `sum = 0; sum = sum + w × x` from the oldest (w = 1) to the newest (w = n), then
/// `sum ÷ (n × (n + 1) ÷ 2)`. First value at index n − 1.
#[derive(Clone, Debug)]
pub struct Wma {
    ring: Ring,
    divisor: f64,
    value: Option<f64>,
}

impl Wma {
    /// Over `n` values.
    ///
    /// # Errors
    /// [`IndicatorError::Period`].
    pub fn new(n: usize) -> Result<Self, IndicatorError> {
        let n = period("period", n, 1)?;
        let divisor = n as f64 * (n as f64 + 1.0) / 2.0;
        Ok(Self { ring: Ring::new(n), divisor, value: None })
    }
}

impl Indicator for Wma {
    #[inline]
    fn update(&mut self, x: f64) -> Option<f64> {
        if !x.is_finite() {
            return None;
        }
        self.ring.push(x);
        if self.ring.is_full() {
            let (mut sum, mut weight) = (0.0, 1.0);
            for value in self.ring.iter() {
                sum += weight * value;
                weight += 1.0;
            }
            self.value = Some(sum / self.divisor);
        }
        self.value
    }

    fn value(&self) -> Option<f64> {
        self.value
    }
}
