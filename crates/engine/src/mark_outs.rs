//! Where the middle of the market was some time after each fill.

use crate::ledger::Ledger;
use model::{InstrumentIndex, Price};
use std::collections::VecDeque;

/// Times after a fill, in ns: 1, 10 and 60 s.
pub const HORIZONS: [u64; 3] = [1_000_000_000, 10_000_000_000, 60_000_000_000];

/// The middles that are known, and those that are due. A middle counts as of the first event at or
/// after its time.
#[derive(Debug)]
pub struct MarkOuts {
    /// By fill; undefined where the run ended before.
    middles: Vec<[Price; HORIZONS.len()]>,
    /// Time and fill, by horizon: in the order of the fills, which is that of time.
    due: [VecDeque<(u64, usize)>; HORIZONS.len()],
    instruments: Vec<InstrumentIndex>,
    next: u64,
}

impl Default for MarkOuts {
    fn default() -> Self {
        let (middles, instruments) = (Vec::new(), Vec::new());
        Self { middles, due: Default::default(), instruments, next: u64::MAX }
    }
}

impl MarkOuts {
    /// A fill.
    pub fn fill(&mut self, time: u64, instrument: InstrumentIndex) {
        let at = self.middles.len();
        self.middles.push([Price::UNDEFINED; HORIZONS.len()]);
        self.instruments.push(instrument);
        for (due, horizon) in self.due.iter_mut().zip(HORIZONS) {
            due.push_back((time.saturating_add(horizon), at));
        }
        self.next = self.first();
    }

    /// When the next middle is due.
    #[inline]
    pub const fn next(&self) -> u64 {
        self.next
    }

    /// Takes the middles that are due.
    pub fn take(&mut self, now: u64, ledger: &Ledger) {
        for (which, due) in self.due.iter_mut().enumerate() {
            while let Some(&(time, at)) = due.front()
                && time <= now
            {
                self.middles[at][which] = ledger.middle(self.instruments[at]);
                due.pop_front();
            }
        }
        self.next = self.first();
    }

    /// The middles after a fill, by horizon.
    #[must_use]
    pub fn of(&self, fill: usize) -> [Price; HORIZONS.len()] {
        self.middles.get(fill).copied().unwrap_or([Price::UNDEFINED; HORIZONS.len()])
    }

    fn first(&self) -> u64 {
        let fronts = self.due.iter().filter_map(|due| due.front().map(|&(time, _)| time));
        fronts.min().unwrap_or(u64::MAX)
    }
}
