//! Where a resting order stands in a book of levels: estimates, since nobody shows the queue.
//!
//! The front is what stands ahead of the own order, at first what is displayed at its price
//! (`reference/simulation.md`, "Queue position (resting limit order in an L2 book)"; the models of
//! hftbacktest). Fronts are in lots with fraction; what is below zero has traded into the order.

/// How a change of the displayed size that no trade explains moves the own order forward.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub enum DepthQueue {
    /// Whoever leaves stood behind, until the level is smaller than the front.
    #[default]
    RiskAverse,
    /// Whoever leaves stood ahead with the chance `1 − p`, `p = b / (b + f)` of front and back.
    Probabilistic(QueueProbability),
}

/// The chance that whoever leaves a level stood behind the own order.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum QueueProbability {
    /// `back^n / (back^n + front^n)`.
    Power(f64),
    /// `ln(1 + back) / (ln(1 + back) + ln(1 + front))`.
    Log,
    /// `back^n / (front + back)^n`.
    Power2(f64),
    /// `ln(1 + back) / ln(1 + front + back)`.
    Log2,
    /// `1 − (front / (front + back))^n`.
    Power3(f64),
}

/// `x^n`, the same on every machine: whole exponents by multiplication, others by `libm`.
fn power(x: f64, n: f64) -> f64 {
    if n == 1.0 {
        x
    } else if n == 2.0 {
        x * x
    } else if n == 3.0 {
        x * x * x
    } else {
        libm::pow(x, n)
    }
}

impl QueueProbability {
    /// The chance; one where it would be infinite, not a number where nothing is there.
    #[must_use]
    pub fn of(self, front: f64, back: f64) -> f64 {
        let log = |x: f64| libm::log1p(x);
        let chance = match self {
            Self::Power(n) => power(back, n) / (power(back, n) + power(front, n)),
            Self::Log => log(back) / (log(back) + log(front)),
            Self::Power2(n) => power(back, n) / power(front + back, n),
            Self::Log2 => log(back) / log(front + back),
            Self::Power3(n) => 1.0 - power(front / (front + back), n),
        };
        if chance.is_infinite() { 1.0 } else { chance }
    }

    fn describe(self) -> String {
        match self {
            Self::Power(n) => format!("power {n}"),
            Self::Log => "log".to_owned(),
            Self::Power2(n) => format!("power2 {n}"),
            Self::Log2 => "log2".to_owned(),
            Self::Power3(n) => format!("power3 {n}"),
        }
    }
}

/// What stands ahead of an own order.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Front {
    /// Lots ahead; below zero what has traded into the order.
    pub lots: f64,
    /// Lots traded at the price since its displayed size changed last: they explain as much of the
    /// next change.
    traded: f64,
}

impl Front {
    /// Behind everything that is displayed.
    #[must_use]
    pub const fn behind(displayed: i64) -> Self {
        Self { lots: displayed as f64, traded: 0.0 }
    }

    /// Trades explain no change any more.
    pub(crate) fn forget_trades(&mut self) {
        self.traded = 0.0;
    }

    /// A trade of so many lots at the price; whole lots that have traded into the order, which then
    /// stands first.
    #[inline]
    pub fn trade(&mut self, lots: i64) -> i64 {
        self.lots -= lots as f64;
        self.traded += lots as f64;
        if self.lots >= 0.0 {
            return 0;
        }
        let through = -self.lots;
        self.lots = 0.0;
        through as i64
    }
}

impl DepthQueue {
    /// The displayed size at the price goes from `before` to `after`.
    #[inline]
    pub fn resize(self, front: &mut Front, before: i64, after: i64) {
        let (before, after) = (before as f64, after as f64);
        let Self::Probabilistic(probability) = self else {
            front.lots = front.lots.min(after);
            front.traded = 0.0;
            return;
        };
        let change = before - after - std::mem::take(&mut front.traded);
        if change < 0.0 {
            front.lots = front.lots.min(after);
            return;
        }
        let ahead = front.lots;
        let back = before - ahead;
        let mut p = probability.of(ahead, back);
        if p.is_nan() {
            // Nothing ahead and nothing behind: nobody is left to have gone.
            p = 1.0;
        }
        let moved = ahead - (1.0 - p) * change + (back - p * change).min(0.0);
        front.lots = moved.min(after);
    }

    /// The model's name and number, for results.
    #[must_use]
    pub fn describe(self) -> String {
        match self {
            Self::RiskAverse => "risk-averse: estimated, whoever leaves stood behind".to_owned(),
            Self::Probabilistic(probability) => {
                format!("probabilistic, {}: estimated", probability.describe())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prob(p: QueueProbability) -> DepthQueue {
        DepthQueue::Probabilistic(p)
    }

    /// "Risk-averse: a trade at the price: front −= q. A depth change: front = min(front, new)."
    #[test]
    fn risk_averse_moves_by_trades_and_by_a_smaller_level() {
        let mut front = Front::behind(10);
        assert_eq!(front.trade(3), 0);
        DepthQueue::RiskAverse.resize(&mut front, 10, 9);
        assert_eq!(front.lots, 7.0, "whoever left stood behind");
        DepthQueue::RiskAverse.resize(&mut front, 9, 5);
        assert_eq!(front.lots, 5.0);
        DepthQueue::RiskAverse.resize(&mut front, 5, 50);
        assert_eq!(front.lots, 5.0);
    }

    /// "chg = prev − new − cum, cum = 0; if chg < 0: front = min(front, new)".
    #[test]
    fn trades_explain_a_change_before_anybody_else_does() {
        let model = prob(QueueProbability::Power(1.0));
        let mut front = Front::behind(10);
        front.trade(4);
        // 14 → 10: the trade explains it all.
        model.resize(&mut front, 14, 10);
        assert_eq!(front.lots, 6.0);
        // It explains it once: of 4 more, front 6 and back 4 lose 2.4 and 1.6.
        model.resize(&mut front, 10, 6);
        assert_eq!(front.lots, 6.0 - 2.4);
        // Growth moves nothing.
        model.resize(&mut front, 6, 60);
        assert_eq!(front.lots, 3.6);
    }

    /// "back = prev − front, p = prob(front, back), front = min(front − (1−p)·chg +
    /// min(back − p·chg, 0), new)".
    #[test]
    fn what_the_back_does_not_have_is_taken_from_the_front() {
        // p = back² / (back² + front²) = 1/(1 + 81) with front 9, back 1.
        let model = prob(QueueProbability::Power(2.0));
        let mut front = Front::behind(9);
        model.resize(&mut front, 10, 2);
        let p = 1.0 / 82.0;
        let expected: f64 = 9.0 - (1.0 - p) * 8.0 + (1.0 - p * 8.0_f64).min(0.0);
        assert_eq!(front.lots, expected.min(2.0));
        // Power3 with n = 1: p = back / (front + back); front 2, back 8, 9 go.
        let model = prob(QueueProbability::Power3(1.0));
        let mut front = Front::behind(2);
        model.resize(&mut front, 10, 1);
        assert!((front.lots - (2.0 - 0.2 * 9.0)).abs() < 1e-12, "{}", front.lots);
    }

    #[test]
    fn chances_are_those_of_their_formulas() {
        let ln = |x: f64| (1.0 + x).ln();
        let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-14, "{a} {b}");
        let (front, back) = (3.0, 5.0);
        close(QueueProbability::Power(2.0).of(front, back), 25.0 / 34.0);
        let half = 5f64.powf(0.5);
        close(QueueProbability::Power(0.5).of(front, back), half / (half + 3f64.powf(0.5)));
        close(QueueProbability::Log.of(front, back), ln(5.0) / (ln(5.0) + ln(3.0)));
        close(QueueProbability::Power2(2.0).of(front, back), 25.0 / 64.0);
        close(QueueProbability::Log2.of(front, back), ln(5.0) / ln(8.0));
        close(QueueProbability::Power3(3.0).of(front, back), 1.0 - (3.0f64 / 8.0).powi(3));
        for model in [QueueProbability::Log, QueueProbability::Power(2.0)] {
            assert_eq!(model.of(0.0, 5.0), 1.0, "first in its queue: whoever leaves is behind");
            assert_eq!(model.of(5.0, 0.0), 0.0, "last in its queue: whoever leaves is ahead");
        }
    }

    /// "Filled quantity = −front rounded down to the lot when front < 0."
    #[test]
    fn whole_lots_fill_once_the_front_is_passed() {
        let mut front = Front { lots: 1.5, traded: 0.0 };
        assert_eq!(front.trade(1), 0);
        assert_eq!(front.trade(4), 3, "half a lot of the front, 3.5 into the order");
        assert_eq!((front.lots, front.trade(2)), (0.0, 2));
    }
}
