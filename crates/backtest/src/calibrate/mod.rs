//! How far the simulator is from what really happened, as figures.
//!
//! Thousands of real orders are drawn from an order-by-order stream ([`real`]). Right behind each a
//! shadow order of one lot is simulated, with the exact queue of the stream and with every queue
//! model of a book of levels on the same stream degraded to levels and trades. What became of the
//! real order is the truth that the shadow's fate is compared with ([`score`]).
//!
//! - A real order counts as filled once all that it displayed has executed: from then on whoever
//!   stands right behind it is next.
//! - It counts as gone when it is cancelled or gives up its place. Its shadow goes with it, before
//!   the event: until then it was not filled, and nothing is known of what would have come later.
//! - Both have a window of time from the arrival; what has not happened within it has not happened.
//! - Exponents are fitted on orders whose window lies in the first half of the stream's events;
//!   scores are of orders that came in the second half.

mod cited;
mod deferred;
mod degrade;
mod file;
pub mod marks;
mod models;
pub mod real;
pub mod score;
mod shadow;
#[cfg(test)]
mod tests;

use crate::error::BacktestError;
pub use cited::CitedError;
use feed::{Block, Source};
pub use file::CalibrateFile;
use model::{Instrument, InstrumentIndex, Mbo};
pub use models::{Calibration, Fit, ModelScores};
use real::{Collector, Fate, RealOrder, deadline};
pub use score::{Disagreement, Score};
use shadow::{NeverAsked, Prediction, Replay};
use venue::{L3Market, VenueSettings};

/// What is compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CalibrateOptions {
    /// Most orders of the sample, up to 100,000: each takes some 2 kB for what the models say.
    /// Default 5,000.
    pub orders: usize,
    /// How long an order is watched, in ns. Default 10 minutes.
    pub window: u64,
    /// How many price levels of a side, from the best one, are near the touch. Default 3.
    pub levels: usize,
    /// Most orders that are watched at a time, each in markets of its own of some 3 MB together: where
    /// more stand, the stream is read again for them, up to 64 times. Default 32.
    pub at_a_time: usize,
    /// Seed of the draws. Default 42.
    pub seed: u64,
}

impl Default for CalibrateOptions {
    fn default() -> Self {
        Self { orders: 5_000, window: 600_000_000_000, levels: 3, at_a_time: 32, seed: 42 }
    }
}

impl CalibrateOptions {
    fn check(&self) -> Result<(), BacktestError> {
        let checks = [
            ("orders", self.orders as u64, 1, 100_000),
            ("window", self.window, 1, u64::MAX / 4),
            ("levels", self.levels as u64, 1, 1_000),
            ("atATime", self.at_a_time as u64, 1, 10_000),
        ];
        for (field, value, least, most) in checks {
            if !(least..=most).contains(&value) {
                let accepted = format!("a whole number from {least} to {most}");
                return Err(BacktestError::setting(field, value, &accepted));
            }
        }
        Ok(())
    }
}

/// Compares the simulator with an order-by-order stream of one instrument. The stream is read
/// several times: `open` gives it anew each time, as instrument 0. `progress` hears the fraction done and stops
/// the work by answering `false`.
///
/// # Errors
/// [`BacktestError::Setting`] for an option, or a stream without orders; what reading gives;
/// [`feed::FeedError::Stopped`].
pub fn calibrate(
    open: &mut dyn FnMut() -> Result<Box<dyn Source>, BacktestError>,
    instrument: &Instrument,
    options: &CalibrateOptions,
    progress: &mut dyn FnMut(f64) -> bool,
) -> Result<Calibration, BacktestError> {
    options.check()?;
    let mut market = L3Market::new(instrument, &VenueSettings::new(), options.seed);
    let mut collector = Collector::new(options);
    walk(open()?.as_mut(), &mut |part| progress(part * 0.1), &mut |record| {
        collector.before(record, &market);
        if market.apply(record, &mut NeverAsked, &mut Vec::new())? {
            collector.event_ended(record.ts_event_raw(), market.book(), market.phase());
        }
        Ok(())
    })?;
    let found = collector.finish()?;
    let candidates = models::candidates();
    let queues: Vec<_> = candidates.iter().map(|candidate| candidate.queue).collect();
    let mut predictions =
        vec![vec![Prediction::default(); found.orders.len()]; candidates.len() + 1];
    let passes = real::passes(&found.orders, options);
    let share = 0.9 / passes.len().max(1) as f64;
    for (at, members) in passes.iter().enumerate() {
        let orders: Vec<RealOrder> = members.iter().map(|&order| found.orders[order]).collect();
        let mut replay = Replay::new(options, instrument, &orders, &queues);
        let done = 0.1 + at as f64 * share;
        walk(open()?.as_mut(), &mut |part| progress(done + part * share), &mut |record| {
            replay.record(record)
        })?;
        for (all, some) in predictions.iter_mut().zip(replay.finish()) {
            for (&order, prediction) in members.iter().zip(some) {
                all[order] = prediction;
            }
        }
    }
    Ok(models::conclude(instrument, options, &found, &candidates, &predictions))
}

/// Which half of the stream an order belongs to: 0, 1, or none where its window lies in both.
pub(crate) fn half(
    order: &RealOrder,
    split: (u64, u64),
    options: &CalibrateOptions,
) -> Option<usize> {
    let (event, at) = split;
    if order.event >= event {
        return Some(1);
    }
    let over = match order.fate {
        Fate::Left { event: left, .. } => left < event,
        Fate::Filled { .. } | Fate::Rested => deadline(order, options) < at,
    };
    over.then_some(0)
}

/// Every record of instrument 0.
fn walk(
    source: &mut dyn Source,
    progress: &mut dyn FnMut(f64) -> bool,
    each: &mut dyn FnMut(Mbo<'_>) -> Result<(), BacktestError>,
) -> Result<(), BacktestError> {
    let stopped = || feed::FeedError::Stopped { what: "the calibration" };
    while let Some(block) = source.next_block()? {
        let Block::Mbo(block) = block else {
            let accepted = "market by order (a DBN file of the schema mbo)";
            return Err(BacktestError::setting("file", source.name(), accepted));
        };
        for record in block.records() {
            let index = block.ids.get(record.publisher(), record.instrument_id());
            if index == Some(InstrumentIndex(0)) {
                each(record)?;
            }
        }
        if !progress(source.progress().clamp(0.0, 1.0)) {
            return Err(stopped().into());
        }
    }
    if progress(1.0) { Ok(()) } else { Err(stopped().into()) }
}
