//! The models that are compared, the fit of their exponents, and the scorecard.

use super::real::RealOrders;
use super::score::{Disagreement, Score, disagreements, score};
use super::shadow::Prediction;
use super::{CalibrateOptions, half};
use model::Instrument;
use serde::Serialize;
use venue::{DepthQueue, QueueProbability};

/// Exponents that are tried: the score is a step function of them, so a search would find no more.
const EXPONENTS: [f64; 13] = [0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 7.0, 10.0];

/// Disagreements that are told of a model.
const MOST_DISAGREEMENTS: usize = 10;

/// A queue model of a book of levels, with an exponent where it has one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Candidate {
    pub name: &'static str,
    pub exponent: Option<f64>,
    pub queue: DepthQueue,
}

/// Every model of levels; of those with an exponent, every exponent.
pub(super) fn candidates() -> Vec<Candidate> {
    let plain = |name, queue| Candidate { name, exponent: None, queue };
    let likely = DepthQueue::Probabilistic;
    let mut all = vec![
        plain("riskAverse", DepthQueue::RiskAverse),
        plain("log", likely(QueueProbability::Log)),
        plain("log2", likely(QueueProbability::Log2)),
    ];
    type Family = (&'static str, fn(f64) -> QueueProbability);
    let families: [Family; 3] = [
        ("power", QueueProbability::Power),
        ("power2", QueueProbability::Power2),
        ("power3", QueueProbability::Power3),
    ];
    for (name, family) in families {
        all.extend(EXPONENTS.map(|n| Candidate {
            name,
            exponent: Some(n),
            queue: likely(family(n)),
        }));
    }
    all
}

/// The scores of one model.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ModelScores {
    /// The name that configurations use; `l3` is the exact queue.
    pub model: String,
    /// The exponent, fitted on the first half.
    pub exponent: Option<f64>,
    /// On orders of the first half, which the exponent was fitted on.
    pub first_half: Score,
    /// On orders of the second half, which nothing was fitted on.
    pub second_half: Score,
    /// The first orders of the second half that it was wrong of, at most ten.
    pub disagreements: Vec<Disagreement>,
}

/// One exponent that was tried.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Fit {
    /// The model.
    pub model: String,
    /// The exponent.
    pub exponent: f64,
    /// Its balanced agreement on the first half.
    pub first_half: Option<f64>,
    /// And on the second.
    pub second_half: Option<f64>,
}

/// How far the simulator is from what happened.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Calibration {
    /// Symbol of the instrument.
    pub symbol: String,
    /// Its tick size, decimal.
    pub tick_size: String,
    /// Records of the stream.
    pub records: u64,
    /// Events of the stream.
    pub events: u64,
    /// First and last time of trading, ns since 1970, decimal; absent where it never trades.
    pub span: Option<[String; 2]>,
    /// Orders near the touch that the sample was drawn from.
    pub candidates: u64,
    /// Orders of the sample.
    pub orders: u64,
    /// Of these in the first half, in the second, and in neither since their window lies in both.
    pub halves: [u64; 3],
    /// Drawn orders that a snapshot or clear record made untraceable.
    pub lost: u64,
    /// Drawn orders left out since too many would have been watched at a time.
    pub crowded: u64,
    /// How long an order was watched, in ns.
    pub window: u64,
    /// Levels near the touch.
    pub levels: u64,
    /// Seed of the draws.
    pub seed: u64,
    /// The exact queue, then every model of levels, the exponents fitted.
    pub models: Vec<ModelScores>,
    /// Every exponent that was tried.
    pub fits: Vec<Fit>,
    /// The model of levels that was best on the first half.
    pub best: String,
}

/// Fits and scores.
pub(super) fn conclude(
    instrument: &Instrument,
    options: &CalibrateOptions,
    found: &RealOrders,
    candidates: &[Candidate],
    predictions: &[Vec<Prediction>],
) -> Calibration {
    let split_event = found.events / 2;
    // The first order that came in the second half dates it.
    let first = found.orders.iter().find(|order| order.event >= split_event);
    let split = (split_event, first.map_or(u64::MAX, |order| order.arrived));
    let halves: Vec<Option<usize>> =
        found.orders.iter().map(|order| half(order, split, options)).collect();
    let of_half = |model: usize, wanted: usize| {
        let pairs = found.orders.iter().zip(&predictions[model]).zip(&halves);
        pairs.filter(move |(_, half)| **half == Some(wanted)).map(|(pair, _)| pair)
    };
    let scored = |name: &str, exponent, model: usize| ModelScores {
        model: name.to_owned(),
        exponent,
        first_half: score(of_half(model, 0)),
        second_half: score(of_half(model, 1)),
        disagreements: disagreements(of_half(model, 1), &instrument.grid, MOST_DISAGREEMENTS),
    };
    let mut models = vec![scored("l3", None, 0)];
    let mut fits = Vec::new();
    for (at, candidate) in candidates.iter().enumerate() {
        let new = scored(candidate.name, candidate.exponent, at + 1);
        if let Some(exponent) = candidate.exponent {
            fits.push(Fit {
                model: candidate.name.to_owned(),
                exponent,
                first_half: new.first_half.balanced_agreement,
                second_half: new.second_half.balanced_agreement,
            });
        }
        match models.last_mut().filter(|last| last.model == new.model) {
            Some(last) if is_better(&new, last) => *last = new,
            Some(_) => {}
            None => models.push(new),
        }
    }
    let best = models[1..].iter().reduce(|best, new| if is_better(new, best) { new } else { best });
    let count = |wanted| halves.iter().filter(|half| **half == wanted).count() as u64;
    Calibration {
        symbol: instrument.symbol.clone(),
        tick_size: instrument.grid.tick_size().to_string(),
        records: found.records,
        events: found.events,
        span: found.span.map(|(from, to)| [from.to_string(), to.to_string()]),
        candidates: found.candidates,
        orders: found.orders.len() as u64,
        halves: [count(Some(0)), count(Some(1)), count(None)],
        lost: found.lost,
        crowded: found.crowded,
        window: options.window,
        levels: options.levels as u64,
        seed: options.seed,
        best: best.map_or_else(String::new, |best| best.model.clone()),
        models,
        fits,
    }
}

/// By balanced agreement on the first half, then by agreement, then by the times; what is as good
/// stays (the smaller exponent, the plainer model).
fn is_better(new: &ModelScores, old: &ModelScores) -> bool {
    let key = |scores: &ModelScores| {
        let first = &scores.first_half;
        let time = first.median_time_error.unwrap_or(u64::MAX);
        (first.balanced_agreement.unwrap_or(0.0), first.agreement.unwrap_or(0.0), -(time as f64))
    };
    key(new) > key(old)
}
