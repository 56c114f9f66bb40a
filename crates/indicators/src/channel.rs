//! Highest and lowest values.

use crate::Indicator;
use crate::error::{IndicatorError, period};
use std::collections::VecDeque;

/// The extreme of the last n values: a queue in which every value beats those behind it, so that
/// an update costs constant time on average. No arithmetic, nothing rounds. Of equal values the
/// newer one stays.
#[derive(Clone, Debug)]
struct Extreme<const HIGHEST: bool> {
    n: u64,
    seen: u64,
    queue: VecDeque<(u64, f64)>,
}

impl<const HIGHEST: bool> Extreme<HIGHEST> {
    fn new(n: usize) -> Self {
        Self { n: n as u64, seen: 0, queue: VecDeque::new() }
    }

    #[inline]
    fn push(&mut self, x: f64) -> Option<f64> {
        let beaten = |old: f64| if HIGHEST { old <= x } else { old >= x };
        while self.queue.back().is_some_and(|&(_, old)| beaten(old)) {
            self.queue.pop_back();
        }
        self.queue.push_back((self.seen, x));
        self.seen += 1;
        if self.queue.front().is_some_and(|&(at, _)| at + self.n < self.seen) {
            self.queue.pop_front();
        }
        if self.seen < self.n { None } else { self.queue.front().map(|&(_, v)| v) }
    }
}

macro_rules! extreme {
    ($(#[$doc:meta])* $name:ident, $highest:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $name {
            extreme: Extreme<$highest>,
            value: Option<f64>,
        }

        impl $name {
            /// Over `n` values.
            ///
            /// # Errors
            /// [`IndicatorError::Period`].
            pub fn new(n: usize) -> Result<Self, IndicatorError> {
                Ok(Self { extreme: Extreme::new(period("period", n, 1)?), value: None })
            }
        }

        impl Indicator for $name {
            #[inline]
            fn update(&mut self, x: f64) -> Option<f64> {
                if !x.is_finite() {
                    return None;
                }
                self.value = self.extreme.push(x);
                self.value
            }

            fn value(&self) -> Option<f64> {
                self.value
            }
        }
    };
}

extreme!(
    /// The highest of the last n values, the newest one included. First value at index n − 1.
    Highest,
    true
);
extreme!(
    /// The lowest of the last n values, the newest one included. First value at index n − 1.
    Lowest,
    false
);

/// The Donchian channel at one bar.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Channel {
    /// Highest high.
    pub upper: f64,
    /// `(upper + lower) ÷ 2`.
    pub middle: f64,
    /// Lowest low.
    pub lower: f64,
}

/// Donchian channel: highest high and lowest low of the n bars *before* the current one, so that a
/// close beyond it is a breakout. First value at index n.
#[derive(Clone, Debug)]
pub struct Donchian {
    highs: Extreme<true>,
    lows: Extreme<false>,
    /// The channel of the bars so far, which the next bar is measured by.
    next: Option<(f64, f64)>,
    value: Option<Channel>,
}

impl Donchian {
    /// Over `n` bars.
    ///
    /// # Errors
    /// [`IndicatorError::Period`].
    pub fn new(n: usize) -> Result<Self, IndicatorError> {
        let n = period("period", n, 1)?;
        Ok(Self { highs: Extreme::new(n), lows: Extreme::new(n), next: None, value: None })
    }

    /// Takes the next bar.
    #[inline]
    pub fn update(&mut self, high: f64, low: f64) -> Option<Channel> {
        if !(high.is_finite() && low.is_finite()) {
            return None;
        }
        let before = self.next;
        self.next = self.highs.push(high).zip(self.lows.push(low));
        self.value =
            before.map(|(upper, lower)| Channel { upper, middle: (upper + lower) / 2.0, lower });
        self.value
    }

    /// The latest channel.
    #[must_use]
    pub fn value(&self) -> Option<Channel> {
        self.value
    }

    /// Whether there is a channel.
    #[must_use]
    pub fn ready(&self) -> bool {
        self.value.is_some()
    }
}
