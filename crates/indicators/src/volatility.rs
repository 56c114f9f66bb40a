//! Deviation, bands, true range.

use crate::Indicator;
use crate::error::{IndicatorError, period};
use crate::momentum::Wilder;
use crate::window::{Ring, WindowSum};

/// Which divisor a variance has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deviation {
    /// n.
    Population,
    /// n − 1.
    Sample,
}

/// Mean and deviation of the last n values.
#[derive(Clone, Debug)]
struct Moments {
    sum: WindowSum,
    ring: Ring,
    n: f64,
    divisor: f64,
}

impl Moments {
    fn new(n: usize, deviation: Deviation) -> Self {
        let divisor = match deviation {
            Deviation::Population => n as f64,
            Deviation::Sample => n as f64 - 1.0,
        };
        Self { sum: WindowSum::new(n), ring: Ring::new(n), n: n as f64, divisor }
    }

    /// Two passes: mean = [`WindowSum`] ÷ n, then the plain sum of `d × d` with `d = x − mean`
    /// from oldest to newest, ÷ divisor, square root.
    #[inline]
    fn push(&mut self, x: f64) -> Option<(f64, f64)> {
        self.ring.push(x);
        let mean = self.sum.push(x)? / self.n;
        let mut squares = 0.0;
        for value in self.ring.iter() {
            let d = value - mean;
            squares += d * d;
        }
        Some((mean, (squares / self.divisor).sqrt()))
    }
}

/// Standard deviation of the last n values: `d = x − mean` with mean = [`WindowSum`] ÷ n, the
/// plain sum of `d × d` from oldest to newest, ÷ n or n − 1, square root. First value at n − 1.
#[derive(Clone, Debug)]
pub struct StdDev {
    moments: Moments,
    value: Option<f64>,
}

impl StdDev {
    /// Over `n` values, at least 1 (population) or 2 (sample).
    ///
    /// # Errors
    /// [`IndicatorError::Period`].
    pub fn new(n: usize, deviation: Deviation) -> Result<Self, IndicatorError> {
        let least = if deviation == Deviation::Sample { 2 } else { 1 };
        let n = period("period", n, least)?;
        Ok(Self { moments: Moments::new(n, deviation), value: None })
    }
}

impl Indicator for StdDev {
    #[inline]
    fn update(&mut self, x: f64) -> Option<f64> {
        if !x.is_finite() {
            return None;
        }
        self.value = self.moments.push(x).map(|(_, deviation)| deviation);
        self.value
    }

    fn value(&self) -> Option<f64> {
        self.value
    }
}

/// How many deviations the newest value lies from the mean: `(x − mean) ÷ deviation`, mean and
/// population deviation as in [`StdDev`]. `None` where the deviation is 0.
#[derive(Clone, Debug)]
pub struct ZScore {
    moments: Moments,
    value: Option<f64>,
}

impl ZScore {
    /// Over `n` values, at least 2.
    ///
    /// # Errors
    /// [`IndicatorError::Period`].
    pub fn new(n: usize) -> Result<Self, IndicatorError> {
        let n = period("period", n, 2)?;
        Ok(Self { moments: Moments::new(n, Deviation::Population), value: None })
    }
}

impl Indicator for ZScore {
    #[inline]
    fn update(&mut self, x: f64) -> Option<f64> {
        if !x.is_finite() {
            return None;
        }
        let moments = self.moments.push(x).filter(|&(_, deviation)| deviation > 0.0);
        self.value = moments.map(|(mean, deviation)| (x - mean) / deviation);
        self.value
    }

    fn value(&self) -> Option<f64> {
        self.value
    }
}

/// The three Bollinger bands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bands {
    /// `middle + k × deviation`.
    pub upper: f64,
    /// The simple average.
    pub middle: f64,
    /// `middle − k × deviation`.
    pub lower: f64,
}

/// Bollinger bands: simple average ± k population deviations (mean and deviation as in
/// [`StdDev`]). First value at index n − 1.
#[derive(Clone, Debug)]
pub struct Bollinger {
    moments: Moments,
    k: f64,
    value: Option<Bands>,
}

impl Bollinger {
    /// Usual are 20 and 2.
    ///
    /// # Errors
    /// [`IndicatorError::Period`], [`IndicatorError::Factor`].
    pub fn new(n: usize, k: f64) -> Result<Self, IndicatorError> {
        let n = period("period", n, 1)?;
        if !(k.is_finite() && k >= 0.0) {
            return Err(IndicatorError::Factor { field: "deviations", value: k });
        }
        Ok(Self { moments: Moments::new(n, Deviation::Population), k, value: None })
    }

    /// Takes the next value.
    #[inline]
    pub fn update(&mut self, x: f64) -> Option<Bands> {
        if !x.is_finite() {
            return None;
        }
        let k = self.k;
        self.value = self.moments.push(x).map(|(middle, deviation)| Bands {
            upper: middle + k * deviation,
            middle,
            lower: middle - k * deviation,
        });
        self.value
    }

    /// The latest bands.
    #[must_use]
    pub fn value(&self) -> Option<Bands> {
        self.value
    }

    /// Whether there are bands.
    #[must_use]
    pub fn ready(&self) -> bool {
        self.value.is_some()
    }
}

/// Average true range (Wilder 1978).
///
/// The first bar has no true range. From the second on: the largest of `high − low`,
/// `|high − c|`, `|low − c|`, c the close before; then Wilder's average: the plain sum of the first
/// n ÷ n, then `a = (a × (n − 1) + t) ÷ n`. First value at index n.
#[derive(Clone, Debug)]
pub struct Atr {
    previous: Option<f64>,
    average: Wilder,
    value: Option<f64>,
}

impl Atr {
    /// Over `n` true ranges.
    ///
    /// # Errors
    /// [`IndicatorError::Period`].
    pub fn new(n: usize) -> Result<Self, IndicatorError> {
        let n = period("period", n, 1)?;
        Ok(Self { previous: None, average: Wilder::new(n), value: None })
    }

    /// Takes the next bar.
    #[inline]
    pub fn update(&mut self, high: f64, low: f64, close: f64) -> Option<f64> {
        if !(high.is_finite() && low.is_finite() && close.is_finite()) {
            return None;
        }
        let before = self.previous.replace(close)?;
        let mut range = high - low;
        for other in [(high - before).abs(), (low - before).abs()] {
            if other > range {
                range = other;
            }
        }
        self.value = self.average.push(range);
        self.value
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
