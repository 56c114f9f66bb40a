//! Work on another thread, watched and stopped from JavaScript.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// How far a piece of work is, and whether it shall stop.
#[derive(Default)]
pub(crate) struct Watch {
    fraction: AtomicU64,
    stop: AtomicBool,
}

impl Watch {
    /// Takes note of the fraction done; whether the work shall go on.
    pub fn go_on(&self, fraction: f64) -> bool {
        self.fraction.store(fraction.to_bits(), Ordering::Relaxed);
        !self.stop.load(Ordering::Relaxed)
    }

    /// 0 to 1.
    pub fn fraction(&self) -> f64 {
        f64::from_bits(self.fraction.load(Ordering::Relaxed))
    }

    /// The work ends soon.
    pub fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}
