//! Rate of change, relative strength, convergence of averages.

use crate::error::{IndicatorError, period};
use crate::window::Ring;
use crate::{Ema, Indicator};

/// Rate of change in percent: `(x − p) ÷ p × 100`, p the value n before. First value at index n;
/// `None` where p is 0.
#[derive(Clone, Debug)]
pub struct Roc {
    ring: Ring,
    value: Option<f64>,
}

impl Roc {
    /// Over `n` steps.
    ///
    /// # Errors
    /// [`IndicatorError::Period`].
    pub fn new(n: usize) -> Result<Self, IndicatorError> {
        Ok(Self { ring: Ring::new(period("period", n, 1)?), value: None })
    }
}

impl Indicator for Roc {
    #[inline]
    fn update(&mut self, x: f64) -> Option<f64> {
        if !x.is_finite() {
            return None;
        }
        let past = self.ring.push(x);
        self.value = past.filter(|&p| p != 0.0).map(|p| (x - p) / p * 100.0);
        self.value
    }

    fn value(&self) -> Option<f64> {
        self.value
    }
}

/// Wilder's average: the plain sum of the first n values, in order, ÷ n; then
/// `a = (a × (n − 1) + x) ÷ n`.
#[derive(Clone, Debug)]
pub(crate) struct Wilder {
    n: usize,
    seen: usize,
    sum: f64,
    average: f64,
}

impl Wilder {
    pub(crate) fn new(n: usize) -> Self {
        Self { n, seen: 0, sum: 0.0, average: 0.0 }
    }

    #[inline]
    pub(crate) fn push(&mut self, x: f64) -> Option<f64> {
        let n = self.n as f64;
        if self.seen == self.n {
            self.average = (self.average * (n - 1.0) + x) / n;
            return Some(self.average);
        }
        self.sum += x;
        self.seen += 1;
        if self.seen < self.n {
            return None;
        }
        self.average = self.sum / n;
        Some(self.average)
    }
}

/// Relative strength index (Wilder 1978), 0 to 100.
///
/// Gain and loss of each change (`x − previous`, split by sign, both 0 or above) run through two
/// Wilder averages g and l: `100 − 100 ÷ (1 + g ÷ l)`; 100 where l is 0, 50 where both are. First
/// value at index n.
#[derive(Clone, Debug)]
pub struct Rsi {
    previous: Option<f64>,
    gains: Wilder,
    losses: Wilder,
    value: Option<f64>,
}

impl Rsi {
    /// Over `n` changes.
    ///
    /// # Errors
    /// [`IndicatorError::Period`].
    pub fn new(n: usize) -> Result<Self, IndicatorError> {
        let n = period("period", n, 1)?;
        Ok(Self { previous: None, gains: Wilder::new(n), losses: Wilder::new(n), value: None })
    }
}

impl Indicator for Rsi {
    #[inline]
    fn update(&mut self, x: f64) -> Option<f64> {
        if !x.is_finite() {
            return None;
        }
        let change = x - self.previous.replace(x)?;
        let (gain, loss) = if change > 0.0 {
            (change, 0.0)
        } else if change < 0.0 {
            (0.0, -change)
        } else {
            (0.0, 0.0)
        };
        let (g, l) = (self.gains.push(gain), self.losses.push(loss));
        let (g, l) = (g?, l?);
        self.value = Some(if l == 0.0 {
            if g == 0.0 { 50.0 } else { 100.0 }
        } else {
            100.0 - 100.0 / (1.0 + g / l)
        });
        self.value
    }

    fn value(&self) -> Option<f64> {
        self.value
    }
}

/// What [`Macd`] says at one point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MacdValue {
    /// Fast less slow average.
    pub macd: f64,
    /// Its average; from `signal − 1` values later on.
    pub signal: Option<f64>,
    /// `macd − signal`.
    pub histogram: Option<f64>,
}

/// Moving average convergence/divergence: EMA(fast) − EMA(slow), and the EMA(signal) of that,
/// each seeded as [`Ema`] says.
#[derive(Clone, Debug)]
pub struct Macd {
    fast: Ema,
    slow: Ema,
    signal: Ema,
    value: Option<MacdValue>,
}

impl Macd {
    /// Usual are 12, 26 and 9.
    ///
    /// # Errors
    /// [`IndicatorError::Period`], also when `slow` is not above `fast`.
    pub fn new(fast: usize, slow: usize, signal: usize) -> Result<Self, IndicatorError> {
        period("fast", fast, 1)?;
        period("slow", slow, fast + 1)?;
        period("signal", signal, 1)?;
        let (fast, slow) = (Ema::new(fast)?, Ema::new(slow)?);
        Ok(Self { fast, slow, signal: Ema::new(signal)?, value: None })
    }

    /// Takes the next value.
    #[inline]
    pub fn update(&mut self, x: f64) -> Option<MacdValue> {
        if !x.is_finite() {
            return None;
        }
        let (fast, slow) = (self.fast.update(x), self.slow.update(x));
        let macd = fast? - slow?;
        let signal = self.signal.update(macd);
        let histogram = signal.map(|s| macd - s);
        self.value = Some(MacdValue { macd, signal, histogram });
        self.value
    }

    /// The latest value.
    #[must_use]
    pub fn value(&self) -> Option<MacdValue> {
        self.value
    }

    /// Whether the signal line is there.
    #[must_use]
    pub fn ready(&self) -> bool {
        self.signal.ready()
    }
}
