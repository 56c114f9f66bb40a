//! Clocks: the wall in live trading, the data in a backtest.

use crate::time::UnixNanos;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

/// Tells the time. Nothing in a run may ask the wall clock itself.
pub trait Clock: Send + Sync {
    /// The time now. Never goes back.
    fn now(&self) -> UnixNanos;
}

/// The wall clock, made monotonic.
#[derive(Debug, Default)]
pub struct LiveClock {
    last: AtomicU64,
}

impl Clock for LiveClock {
    fn now(&self) -> UnixNanos {
        #[expect(clippy::disallowed_methods, reason = "this is the one place that asks the wall")]
        let wall = SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .map_or(0, |d| u64::try_from(d.as_nanos()).unwrap_or(u64::MAX));
        UnixNanos(self.last.fetch_max(wall, Ordering::AcqRel).max(wall))
    }
}

/// A clock that stands still until it is set.
#[derive(Debug, Default)]
pub struct TestClock {
    now: AtomicU64,
}

impl TestClock {
    /// A clock that shows this time.
    #[must_use]
    pub fn new(now: UnixNanos) -> Self {
        Self { now: AtomicU64::new(now.0) }
    }

    /// Moves the clock forward; an earlier time leaves it where it is.
    pub fn advance_to(&self, now: UnixNanos) {
        self.now.fetch_max(now.0, Ordering::AcqRel);
    }
}

impl Clock for TestClock {
    fn now(&self) -> UnixNanos {
        UnixNanos(self.now.load(Ordering::Acquire))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_never_go_back() {
        let test = TestClock::new(UnixNanos(5));
        test.advance_to(UnixNanos(9));
        test.advance_to(UnixNanos(7));
        assert_eq!(test.now(), UnixNanos(9));
        let live = LiveClock::default();
        let first = live.now();
        assert!(live.now() >= first && first.0 > 1_600_000_000_000_000_000);
    }
}
