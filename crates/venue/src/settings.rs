//! What a simulated exchange is told: its models and their numbers.

use crate::error::VenueError;
use crate::queue::DepthQueue;
use crate::touch::TouchModel;
use costs::{FeeSchedule, Impact, Slippage};
use model::TradingPhase;

/// How an own order shares the volume that is executed at its price in an L3 stream.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum QueueModel {
    /// First in, first out: the own order has its exact place among the recorded orders.
    #[default]
    Fifo,
    /// Every order of the level gets `floor(volume × own / (own + displayed))`; what the roundings
    /// leave over goes first in, first out.
    ProRata,
}

/// What a market order does that is larger than what a quote displays.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum BeyondDisplay {
    /// The rest fills one tick worse per level, every level as large as the last displayed one.
    #[default]
    OneTickPerLevel,
    /// The rest is cancelled for want of liquidity.
    Cancel,
}

/// In which order prices happen inside a bar.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum BarPath {
    /// Whatever is worst for the own orders: stops go off before limits fill.
    #[default]
    Pessimistic,
    /// Open, high, low, close.
    Ohlc,
    /// Open, the extreme nearer to it, the other extreme, close.
    Adaptive,
}

/// The models of a simulated exchange. The defaults are the pessimistic ones.
#[derive(Clone, Debug, PartialEq)]
pub struct VenueSettings {
    fees: FeeSchedule,
    impact: Impact,
    queue: QueueModel,
    depth_queue: DepthQueue,
    touch: TouchModel,
    slippage: Slippage,
    slips_on_opening: bool,
    volume_limit: Option<f64>,
    beyond_display: BeyondDisplay,
    bar_path: BarPath,
    phase: Option<TradingPhase>,
    worse_ticks: u32,
}

impl Default for VenueSettings {
    fn default() -> Self {
        Self {
            fees: FeeSchedule::None,
            impact: Impact::None,
            queue: QueueModel::Fifo,
            depth_queue: DepthQueue::RiskAverse,
            touch: TouchModel::Proven,
            slippage: Slippage::None,
            slips_on_opening: false,
            volume_limit: None,
            beyond_display: BeyondDisplay::OneTickPerLevel,
            bar_path: BarPath::Pessimistic,
            phase: None,
            worse_ticks: 0,
        }
    }
}

impl VenueSettings {
    /// No fees, no impact, FIFO, touch as the data proves it.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Fees of a fill. Default: none.
    #[must_use]
    pub fn with_fees(mut self, fees: FeeSchedule) -> Self {
        self.fees = fees;
        self
    }

    /// Impact on a taker's price. Default: none.
    #[must_use]
    pub fn with_impact(mut self, impact: Impact) -> Self {
        self.impact = impact;
        self
    }

    /// The queue model of L3 markets. Default: FIFO. Markets made of quotes or bars have no queue.
    #[must_use]
    pub fn with_queue(mut self, queue: QueueModel) -> Self {
        self.queue = queue;
        self
    }

    /// The queue model of books of levels. Default: risk-averse.
    #[must_use]
    pub fn with_depth_queue(mut self, queue: DepthQueue) -> Self {
        self.depth_queue = queue;
        self
    }

    /// The probability that an order which the market only touches is filled, drawn once per order
    /// and visit of its price. Default: in an L3 market 1 (its queue decides), on quotes, trades
    /// and bars 0 (only what trades through fills).
    ///
    /// # Errors
    /// [`VenueError::Setting`] when it is not from 0 to 1.
    pub fn with_touch_probability(self, probability: f64) -> Result<Self, VenueError> {
        self.with_touch(TouchModel::Probability(probability))
    }

    /// The chance of a fill where the market only touches an order's price. Default: what the data
    /// proves.
    ///
    /// # Errors
    /// [`VenueError::Setting`] when a chance is not from 0 to 1, or sizes do not rise from above 0.
    pub fn with_touch(mut self, touch: TouchModel) -> Result<Self, VenueError> {
        let (chances, sizes): (Vec<f64>, Vec<i64>) = match &touch {
            TouchModel::Proven | TouchModel::Custom(_) => (Vec::new(), Vec::new()),
            TouchModel::Probability(p) => (vec![*p], Vec::new()),
            TouchModel::SizeAware { base, reference } => (vec![*base], vec![*reference]),
            TouchModel::Tiered(tiers) => tiers.iter().map(|&(size, p)| (p, size)).unzip(),
        };
        if let Some(probability) = chances.into_iter().find(|p| !(0.0..=1.0).contains(p)) {
            return Err(VenueError::Setting {
                field: "fill_probability_at_touch",
                value: probability.to_string(),
                accepted: "a number from 0 to 1",
            });
        }
        if sizes.first().is_some_and(|&size| size <= 0) || !sizes.is_sorted_by(|a, b| a < b) {
            return Err(VenueError::Setting {
                field: "fill.tiers",
                value: format!("{sizes:?}"),
                accepted: "sizes above 0 that rise",
            });
        }
        self.touch = touch;
        Ok(self)
    }

    /// By how much a taking fill is worse than the market shows. Default: nothing.
    #[must_use]
    pub fn with_slippage(mut self, slippage: Slippage) -> Self {
        self.slippage = slippage;
        self
    }

    /// Whether slippage is for the part of a bar market's market order that opens a position only, as
    /// some engines have it; what closes one executes at the open as it is. Default: all slips.
    #[must_use]
    pub fn with_slippage_on_opening(mut self, only: bool) -> Self {
        self.slips_on_opening = only;
        self
    }

    /// The most of a bar's volume that own orders may have, rounded down to lots; what is left of an
    /// order waits for the next bar. Default: no limit.
    ///
    /// # Errors
    /// [`VenueError::Setting`] when it is not above 0, up to 1.
    pub fn with_volume_limit(mut self, share: f64) -> Result<Self, VenueError> {
        if !(share > 0.0 && share <= 1.0) {
            return Err(VenueError::Setting {
                field: "volume_limit",
                value: share.to_string(),
                accepted: "a share of the volume above 0, up to 1",
            });
        }
        self.volume_limit = Some(share);
        Ok(self)
    }

    /// Market orders beyond the displayed size of a quote. Default: one tick worse per level.
    #[must_use]
    pub fn with_beyond_display(mut self, model: BeyondDisplay) -> Self {
        self.beyond_display = model;
        self
    }

    /// The order of prices inside a bar. Default: pessimistic.
    #[must_use]
    pub fn with_bar_path(mut self, path: BarPath) -> Self {
        self.bar_path = path;
        self
    }

    /// The phase that holds from the start until a status says otherwise. Default: an L3 market
    /// infers it from the stream (see [`crate::l3::phase`]), quotes and bars are trading.
    #[must_use]
    pub fn with_phase(mut self, phase: TradingPhase) -> Self {
        self.phase = Some(phase);
        self
    }

    /// Every fill is this many ticks worse than it would be: what a result hangs on. Default: 0.
    #[must_use]
    pub fn with_worse_ticks(mut self, ticks: u32) -> Self {
        self.worse_ticks = ticks;
        self
    }

    /// The ticks by which every fill is worse.
    #[inline]
    #[must_use]
    pub fn worse_ticks(&self) -> u32 {
        self.worse_ticks
    }

    /// The fees.
    #[must_use]
    pub fn fees(&self) -> &FeeSchedule {
        &self.fees
    }

    /// The impact.
    #[must_use]
    pub fn impact(&self) -> &Impact {
        &self.impact
    }

    /// The queue model.
    #[must_use]
    pub fn queue(&self) -> QueueModel {
        self.queue
    }

    /// The queue model of books of levels.
    #[inline]
    #[must_use]
    pub fn depth_queue(&self) -> DepthQueue {
        self.depth_queue
    }

    /// The chance of a fill at the touch.
    #[must_use]
    pub fn touch(&self) -> &TouchModel {
        &self.touch
    }

    /// The slippage.
    #[must_use]
    pub fn slippage(&self) -> &Slippage {
        &self.slippage
    }

    /// Whether only what opens a position slips.
    #[must_use]
    pub fn slips_on_opening(&self) -> bool {
        self.slips_on_opening
    }

    /// The most of a bar's volume that own orders may have.
    #[must_use]
    pub fn volume_limit(&self) -> Option<f64> {
        self.volume_limit
    }

    /// What market orders do beyond the display.
    #[must_use]
    pub fn beyond_display(&self) -> BeyondDisplay {
        self.beyond_display
    }

    /// The order of prices inside a bar.
    #[must_use]
    pub fn bar_path(&self) -> BarPath {
        self.bar_path
    }

    /// The phase at the start, where one is set.
    #[must_use]
    pub fn phase(&self) -> Option<TradingPhase> {
        self.phase
    }

    /// Every model with its numbers, for results.
    #[must_use]
    pub fn describe(&self) -> Vec<(&'static str, String)> {
        let queue = match self.queue {
            QueueModel::Fifo => "l3 fifo",
            QueueModel::ProRata => "pro rata",
        };
        let mut slippage = self.slippage.describe();
        if self.slips_on_opening {
            slippage += ", on what opens a position only";
        }
        let volume = self
            .volume_limit
            .map_or_else(|| "none".to_owned(), |share| format!("{share} of a bar's volume"));
        let beyond = match self.beyond_display {
            BeyondDisplay::OneTickPerLevel => "one tick worse per level of equal size",
            BeyondDisplay::Cancel => "cancelled",
        };
        let path = match self.bar_path {
            BarPath::Pessimistic => "pessimistic: stops before limits",
            BarPath::Ohlc => "open, high, low, close",
            BarPath::Adaptive => "open, nearer extreme, other extreme, close",
        };
        let stress = match self.worse_ticks {
            0 => "none".to_owned(),
            ticks => format!("every fill {ticks} tick(s) worse"),
        };
        vec![
            ("queue", queue.to_owned()),
            ("touch", self.touch.describe()),
            ("slippage", slippage),
            ("volume limit", volume),
            ("impact", self.impact.describe()),
            ("fees", self.fees.describe()),
            ("beyond display", beyond.to_owned()),
            ("bar path", path.to_owned()),
            ("stress", stress),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_probability_is_between_zero_and_one() {
        for bad in [-0.1, 1.1, f64::NAN] {
            let error = VenueSettings::new().with_touch_probability(bad).unwrap_err();
            assert_eq!(error.code(), "ERR_VENUE_SETTING");
        }
        let settings = VenueSettings::new().with_touch_probability(0.5).unwrap();
        assert_eq!(settings.touch().probability(7), Some(0.5));
    }

    #[test]
    fn every_setting_shows_in_the_description() {
        let plain = VenueSettings::new().describe();
        let changed = VenueSettings::new()
            .with_queue(QueueModel::ProRata)
            .with_fees(FeeSchedule::per_contract(0.85, 0.85, None).unwrap())
            .with_impact(Impact::linear(0.5).unwrap())
            .with_beyond_display(BeyondDisplay::Cancel)
            .with_bar_path(BarPath::Ohlc)
            .with_slippage(Slippage::bps(5.0).unwrap())
            .with_worse_ticks(1)
            .with_volume_limit(0.025)
            .unwrap()
            .with_touch_probability(0.5)
            .unwrap()
            .describe();
        for (a, b) in plain.iter().zip(&changed) {
            assert_eq!(a.0, b.0);
            assert_ne!(a.1, b.1, "{}", a.0);
        }
    }
}
