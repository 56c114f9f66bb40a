//! How far predictions are from what happened.

use super::marks::HORIZONS;
use super::real::{Fate, RealOrder};
use super::shadow::Prediction;
use model::{PriceGrid, Side};
use serde::Serialize;

/// Predicted against actual, over a set of real orders.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Score {
    /// Orders compared.
    pub orders: u64,
    /// Filled, and predicted so.
    pub filled_as_predicted: u64,
    /// Filled, but predicted not to be: the model is too pessimistic.
    pub filled_unforeseen: u64,
    /// Not filled, but predicted to be: the model flatters.
    pub filled_in_simulation_only: u64,
    /// Not filled, and predicted so.
    pub rested_as_predicted: u64,
    /// Share of orders whose fill, or not, was predicted; `None` without orders.
    pub agreement: Option<f64>,
    /// Mean of the shares of filled and of other orders that were predicted: what guessing gives is
    /// 0.5, however few are filled. `None` where one kind is missing.
    pub balanced_agreement: Option<f64>,
    /// Of orders filled in both: the median distance of the times, in ns.
    pub median_time_error: Option<u64>,
    /// Of orders filled in both: nine of ten times are nearer than this, in ns.
    pub most_time_error: Option<u64>,
    /// Of orders filled in both: the median actual time to fill, in ns.
    pub median_time_to_fill: Option<u64>,
    /// Of orders filled in both: the share whose shadow was filled before the real order.
    pub filled_too_early: Option<f64>,
    /// Mean mark-out of real fills, in ticks, after each of [`HORIZONS`].
    pub actual_mark_out: [Option<f64>; HORIZONS.len()],
    /// Mean mark-out of predicted fills likewise.
    pub predicted_mark_out: [Option<f64>; HORIZONS.len()],
}

/// The score of these predictions; both lists are of the same orders.
pub fn score<'a>(pairs: impl Iterator<Item = (&'a RealOrder, &'a Prediction)>) -> Score {
    let mut score = Score::default();
    let (mut errors, mut times, mut early) = (Vec::new(), Vec::new(), 0u64);
    let mut real_marks = [Mean::default(); HORIZONS.len()];
    let mut predicted_marks = real_marks;
    for (real, predicted) in pairs {
        score.orders += 1;
        let actual = match real.fate {
            Fate::Filled { at, .. } => Some(at),
            Fate::Left { .. } | Fate::Rested => None,
        };
        match (actual, predicted.filled) {
            (Some(actual), Some(predicted)) => {
                score.filled_as_predicted += 1;
                errors.push(actual.abs_diff(predicted));
                times.push(actual.saturating_sub(real.arrived));
                early += u64::from(predicted < actual);
            }
            (Some(_), None) => score.filled_unforeseen += 1,
            (None, Some(_)) => score.filled_in_simulation_only += 1,
            (None, None) => score.rested_as_predicted += 1,
        }
        for (mean, mark) in real_marks.iter_mut().zip(real.marks) {
            mean.add(actual.and(mark));
        }
        for (mean, mark) in predicted_marks.iter_mut().zip(predicted.marks) {
            mean.add(predicted.filled.and(mark));
        }
    }
    let share = |part: u64, whole: u64| (whole > 0).then(|| part as f64 / whole as f64);
    let right = score.filled_as_predicted + score.rested_as_predicted;
    score.agreement = share(right, score.orders);
    let filled = score.filled_as_predicted + score.filled_unforeseen;
    let of_filled = share(score.filled_as_predicted, filled);
    let of_others = share(score.rested_as_predicted, score.orders - filled);
    score.balanced_agreement = of_filled.zip(of_others).map(|(a, b)| (a + b) / 2.0);
    score.filled_too_early = share(early, score.filled_as_predicted);
    score.median_time_error = quantile(&mut errors, 50);
    score.most_time_error = quantile(&mut errors, 90);
    score.median_time_to_fill = quantile(&mut times, 50);
    score.actual_mark_out = real_marks.map(Mean::get);
    score.predicted_mark_out = predicted_marks.map(Mean::get);
    score
}

/// A mean of half ticks, in ticks.
#[derive(Clone, Copy, Default)]
struct Mean {
    sum: i64,
    count: i64,
}

impl Mean {
    fn add(&mut self, half_ticks: Option<i64>) {
        if let Some(half_ticks) = half_ticks {
            self.sum += half_ticks;
            self.count += 1;
        }
    }

    fn get(self) -> Option<f64> {
        (self.count > 0).then(|| self.sum as f64 / self.count as f64 / 2.0)
    }
}

/// The smallest value that so many of a hundred do not exceed.
fn quantile(values: &mut [u64], percent: usize) -> Option<u64> {
    if values.is_empty() {
        return None;
    }
    let at = (values.len() * percent).div_ceil(100).max(1) - 1;
    Some(*values.select_nth_unstable(at).1)
}

/// A real order of which a model was wrong.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Disagreement {
    /// The venue's id, decimal.
    pub order: String,
    /// `buy` or `sell`.
    pub side: &'static str,
    /// Its limit, decimal.
    pub price: String,
    /// What it displayed when it came, in lots.
    pub size: i64,
    /// Lots ahead of it when it came.
    pub ahead: i64,
    /// When it came, ns since 1970, decimal.
    pub arrived: String,
    /// When it was filled, ns since 1970, decimal.
    pub filled: Option<String>,
    /// When it was cancelled or lost its place, likewise.
    pub left: Option<String>,
    /// When the shadow was filled, likewise.
    pub predicted: Option<String>,
}

/// The first of these that the model was wrong of.
pub(super) fn disagreements<'a>(
    pairs: impl Iterator<Item = (&'a RealOrder, &'a Prediction)>,
    grid: &PriceGrid,
    most: usize,
) -> Vec<Disagreement> {
    let wrong = pairs.filter(|(real, predicted)| real.is_filled() != predicted.filled.is_some());
    wrong
        .take(most)
        .map(|(real, predicted)| Disagreement {
            order: real.id.to_string(),
            side: if real.side == Side::Buy { "buy" } else { "sell" },
            price: grid.price(real.price).to_string(),
            size: real.size.0,
            ahead: real.ahead.0,
            arrived: real.arrived.to_string(),
            filled: match real.fate {
                Fate::Filled { at, .. } => Some(at.to_string()),
                _ => None,
            },
            left: match real.fate {
                Fate::Left { at, .. } => Some(at.to_string()),
                _ => None,
            },
            predicted: predicted.filled.map(|at| at.to_string()),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Lots, Price, Ticks};

    fn real(fate: Fate, marks: [Option<i64>; 2]) -> RealOrder {
        RealOrder {
            id: 1,
            side: Side::Buy,
            price: Ticks(10),
            size: Lots(1),
            ahead: Lots(0),
            arrived: 100,
            event: 0,
            fate,
            marks,
        }
    }

    #[test]
    fn the_four_cases_times_and_mark_outs_are_counted() {
        let filled = |at| Fate::Filled { at, event: 1 };
        let left = Fate::Left { at: 500, event: 1 };
        let said = |filled, marks| Prediction { filled, marks };
        let pairs = [
            (real(filled(200), [Some(1), None]), said(Some(260), [Some(-1), Some(2)])),
            (real(filled(300), [Some(-3), None]), said(Some(290), [None, Some(4)])),
            (real(filled(400), [None, Some(6)]), said(None, [Some(99), None])),
            (real(left, [Some(99), None]), said(Some(450), [Some(-1), None])),
            (real(Fate::Rested, [None; 2]), said(None, [None; 2])),
        ];
        let s = score(pairs.iter().map(|(a, b)| (a, b)));
        assert_eq!((s.orders, s.filled_as_predicted, s.filled_unforeseen), (5, 2, 1));
        assert_eq!((s.filled_in_simulation_only, s.rested_as_predicted), (1, 1));
        assert_eq!(s.agreement, Some(0.6));
        assert_eq!(s.balanced_agreement, Some((2.0 / 3.0 + 0.5) / 2.0));
        assert_eq!((s.median_time_error, s.median_time_to_fill), (Some(10), Some(100)));
        assert_eq!(s.most_time_error, Some(60));
        assert_eq!(s.filled_too_early, Some(0.5));
        assert_eq!(s.actual_mark_out, [Some(-0.5), Some(3.0)]);
        assert_eq!(s.predicted_mark_out, [Some(-0.5), Some(1.5)]);
        let grid = PriceGrid::new(Price(250_000_000)).unwrap();
        let wrong = disagreements(pairs.iter().map(|(a, b)| (a, b)), &grid, 10);
        assert_eq!(wrong.len(), 2);
        assert_eq!(
            (wrong[0].filled.as_deref(), wrong[0].predicted.as_deref()),
            (Some("400"), None)
        );
        assert_eq!((wrong[1].left.as_deref(), wrong[1].price.as_str()), (Some("500"), "2.5"));
        let nothing = score(std::iter::empty());
        assert_eq!((nothing.agreement, nothing.median_time_error), (None, None));
    }
}
