//! Latency of orders: how long a command takes to the venue and a report back.

use crate::error::VenueError;
use model::random::counter_draw;
use model::{StrategyIndex, UnixNanos};
use std::sync::Arc;

/// What travels to the venue.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Request {
    /// A new order.
    Submit,
    /// A change.
    Modify,
    /// A cancel.
    Cancel,
}

/// Which way a message goes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Direction {
    /// From the strategy to the venue.
    ToVenue(Request),
    /// From the venue to the strategy: acknowledgements, fills, refusals.
    ToStrategy,
}

/// How long one kind of message takes, in nanoseconds. Draws depend on the message's number alone,
/// so that other settings do not shift them, and are the same on every machine (`libm`).
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Delay {
    /// Always the same.
    Fixed(u64),
    /// Normally distributed, never below `floor`.
    Normal {
        /// Mean.
        mean: f64,
        /// Standard deviation.
        deviation: f64,
        /// What no message falls below.
        floor: u64,
    },
    /// Log-normally distributed, never below `floor`: `median × e^(σ z)`.
    LogNormal {
        /// Median.
        median: f64,
        /// Deviation of the logarithm.
        sigma: f64,
        /// What no message falls below.
        floor: u64,
    },
}

/// Longest delay: a day.
const LONGEST: f64 = 86_400e9;

impl Delay {
    /// The shortest that it can be.
    #[must_use]
    pub const fn floor(&self) -> u64 {
        match self {
            Self::Fixed(nanos) => *nanos,
            Self::Normal { floor, .. } | Self::LogNormal { floor, .. } => *floor,
        }
    }

    /// Whether its numbers can be: means, medians and deviations from 0 to a day, σ from 0 to 10.
    ///
    /// # Errors
    /// [`VenueError::Setting`].
    pub fn check(self) -> Result<Self, VenueError> {
        let within = |value: f64, most: f64| (0.0..=most).contains(&value);
        let (good, value) = match self {
            Self::Fixed(_) => (true, 0.0),
            Self::Normal { mean, deviation, .. } => {
                (within(mean, LONGEST) && within(deviation, LONGEST), mean)
            }
            Self::LogNormal { median, sigma, .. } => {
                (within(median, LONGEST) && within(sigma, 10.0), median)
            }
        };
        if good {
            return Ok(self);
        }
        Err(VenueError::Setting {
            field: "latency",
            value: value.to_string(),
            accepted: "times from 0 to a day, a sigma from 0 to 10",
        })
    }

    /// The delay of a draw: two numbers in `[0, 1)`.
    fn of(&self, draw: impl FnOnce() -> (f64, f64)) -> u64 {
        let (value, floor) = match *self {
            Self::Fixed(nanos) => return nanos,
            Self::Normal { mean, deviation, floor } => (mean + deviation * normal(draw()), floor),
            Self::LogNormal { median, sigma, floor } => {
                (median * libm::exp(sigma * normal(draw())), floor)
            }
        };
        (value.clamp(0.0, LONGEST).round() as u64).max(floor)
    }

    /// The same draws, `factor` times as long.
    fn times(self, factor: u32) -> Self {
        let (whole, real) = (u64::from(factor), f64::from(factor));
        match self {
            Self::Fixed(nanos) => Self::Fixed(nanos.saturating_mul(whole)),
            Self::Normal { mean, deviation, floor } => Self::Normal {
                mean: mean * real,
                deviation: deviation * real,
                floor: floor.saturating_mul(whole),
            },
            Self::LogNormal { median, sigma, floor } => {
                Self::LogNormal { median: median * real, sigma, floor: floor.saturating_mul(whole) }
            }
        }
    }

    fn describe(&self) -> String {
        match self {
            Self::Fixed(nanos) => format!("{nanos} ns"),
            Self::Normal { mean, deviation, floor } => {
                format!("normal {mean} ± {deviation} ns, at least {floor}")
            }
            Self::LogNormal { median, sigma, floor } => {
                format!("log-normal {median} ns, sigma {sigma}, at least {floor}")
            }
        }
    }
}

/// A standard normal draw (Box and Muller 1958).
fn normal((first, second): (f64, f64)) -> f64 {
    // 1 − u lies in (0, 1]: its logarithm is finite.
    (-2.0 * libm::log(1.0 - first)).sqrt() * libm::cos(std::f64::consts::TAU * second)
}

/// A recorded message: when it was sent, when the exchange had it, when its answer was back.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LatencyRow {
    /// Sent, ns since 1970.
    pub request: u64,
    /// At the exchange.
    pub exchange: u64,
    /// Answered.
    pub response: u64,
}

/// How long messages take. A model answers for one message at a time and states a floor per
/// direction, on which the engine's lookahead rests.
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub enum LatencyModel {
    /// A delay for each kind of message.
    ByKind {
        /// A new order.
        submit: Delay,
        /// A change.
        modify: Delay,
        /// A cancel.
        cancel: Delay,
        /// A report.
        response: Delay,
        /// Seed of the draws.
        seed: u64,
    },
    /// Recorded messages: the latency at a time is interpolated linearly between the rows around
    /// it, and is that of the first or last row beyond them.
    Recorded(Arc<[LatencyRow]>),
}

impl Default for LatencyModel {
    fn default() -> Self {
        Self::fixed(0, 0)
    }
}

impl LatencyModel {
    /// Network and processing together, the same for every kind and for the responses.
    #[must_use]
    pub const fn fixed(network: u64, processing: u64) -> Self {
        let each = Delay::Fixed(network.saturating_add(processing));
        Self::ByKind { submit: each, modify: each, cancel: each, response: each, seed: 0 }
    }

    /// The same model with another time for responses. Recorded rows have their own.
    #[must_use]
    pub fn with_response(mut self, nanos: u64) -> Self {
        if let Self::ByKind { response, .. } = &mut self {
            *response = Delay::Fixed(nanos);
        }
        self
    }

    /// The same model with every message `factor` times as long on its way, from the same draws.
    #[must_use]
    pub fn times(self, factor: u32) -> Self {
        match self {
            Self::ByKind { submit, modify, cancel, response, seed } => Self::ByKind {
                submit: submit.times(factor),
                modify: modify.times(factor),
                cancel: cancel.times(factor),
                response: response.times(factor),
                seed,
            },
            Self::Recorded(rows) => {
                let longer = |from: u64, to: u64| (to - from).saturating_mul(u64::from(factor));
                let rows = rows.iter().map(|row| {
                    let exchange = row.request.saturating_add(longer(row.request, row.exchange));
                    let response = exchange.saturating_add(longer(row.exchange, row.response));
                    LatencyRow { request: row.request, exchange, response }
                });
                Self::Recorded(rows.collect())
            }
        }
    }

    /// Recorded messages, in the order in which they were sent.
    ///
    /// # Errors
    /// [`VenueError::Setting`] when there is none, a row goes back in time, or rows are not in
    /// order.
    pub fn recorded(rows: Vec<LatencyRow>) -> Result<Self, VenueError> {
        let causal = |row: &LatencyRow| row.request <= row.exchange && row.exchange <= row.response;
        let wrong = rows.iter().position(|row| !causal(row));
        let unsorted = rows.windows(2).position(|pair| pair[1].request < pair[0].request);
        let value = match (rows.is_empty(), wrong, unsorted) {
            (true, ..) => "no rows".to_owned(),
            (_, Some(at), _) => format!("row {at}, which goes back in time"),
            (.., Some(at)) => format!("row {}, sent before the one before it", at + 1),
            _ => return Ok(Self::Recorded(rows.into())),
        };
        let accepted = "rows request ≤ exchange ≤ response, by request";
        Err(VenueError::Setting { field: "latency.rows", value, accepted })
    }

    /// How long the `number`-th message of a strategy in this direction takes that is sent now.
    #[inline]
    #[must_use]
    pub fn delay(
        &self,
        direction: Direction,
        (strategy, number): (StrategyIndex, u64),
        now: UnixNanos,
    ) -> u64 {
        match self {
            Self::ByKind { submit, modify, cancel, response, seed } => {
                let (delay, way) = match direction {
                    Direction::ToVenue(Request::Submit) => (submit, 0),
                    Direction::ToVenue(Request::Modify) => (modify, 0),
                    Direction::ToVenue(Request::Cancel) => (cancel, 0),
                    Direction::ToStrategy => (response, 1),
                };
                delay.of(|| {
                    let lane = u64::from(strategy.0) << 1 | way;
                    let draw = |half| counter_draw(seed ^ half, lane, number);
                    (draw(0), draw(0x9E37_79B9_7F4A_7C15))
                })
            }
            Self::Recorded(rows) => {
                let leg = |row: &LatencyRow| match direction {
                    Direction::ToVenue(_) => (row.request, row.exchange - row.request),
                    Direction::ToStrategy => (row.exchange, row.response - row.exchange),
                };
                interpolate(rows, now.0, |row| leg(row).0, |row| leg(row).1)
            }
        }
    }

    /// The shortest that any request can take.
    #[must_use]
    pub fn request_floor(&self) -> u64 {
        match self {
            Self::ByKind { submit, modify, cancel, .. } => {
                submit.floor().min(modify.floor()).min(cancel.floor())
            }
            Self::Recorded(rows) => {
                rows.iter().map(|row| row.exchange - row.request).min().unwrap_or(0)
            }
        }
    }

    /// The shortest that any response can take.
    #[must_use]
    pub fn response_floor(&self) -> u64 {
        match self {
            Self::ByKind { response, .. } => response.floor(),
            Self::Recorded(rows) => {
                rows.iter().map(|row| row.response - row.exchange).min().unwrap_or(0)
            }
        }
    }

    /// The model's name and numbers, for results.
    #[must_use]
    pub fn describe(&self) -> String {
        match self {
            Self::ByKind { submit, modify, cancel, response, .. } => {
                let all = [submit, modify, cancel, response];
                let fixed = all.iter().all(|delay| matches!(delay, Delay::Fixed(_)));
                let name = if fixed { "fixed" } else { "drawn" };
                let [submit, modify, cancel, response] = all.map(Delay::describe);
                format!(
                    "{name}: submit {submit}, modify {modify}, cancel {cancel}, response {response}"
                )
            }
            Self::Recorded(rows) => format!("recorded: {} messages, interpolated", rows.len()),
        }
    }
}

/// The length at a time, between the rows around it. Rows are in the order of `at`, or nearly: an
/// answer may overtake another, and then the first row that is late enough counts.
fn interpolate(
    rows: &[LatencyRow],
    now: u64,
    at: impl Fn(&LatencyRow) -> u64,
    length: impl Fn(&LatencyRow) -> u64,
) -> u64 {
    let after = rows.partition_point(|row| at(row) <= now);
    let (Some(before), Some(next)) =
        (after.checked_sub(1).and_then(|before| rows.get(before)), rows.get(after))
    else {
        let end = if after == 0 { rows.first() } else { rows.last() };
        return end.map_or(0, length);
    };
    let (from, to) = (at(before), at(next));
    let (first, second) = (i128::from(length(before)), i128::from(length(next)));
    let span = i128::from(to.saturating_sub(from)).max(1);
    let part = (second - first) * i128::from(now.saturating_sub(from)) / span;
    u64::try_from(first + part).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: StrategyIndex = StrategyIndex(0);
    const SECOND: StrategyIndex = StrategyIndex(1);

    #[test]
    fn network_and_processing_add_up_and_responses_may_differ() {
        let model = LatencyModel::fixed(50_000, 10_000);
        assert_eq!((model.request_floor(), model.response_floor()), (60_000, 60_000));
        let apart = model.clone().with_response(1_000);
        assert_eq!((apart.request_floor(), apart.response_floor()), (60_000, 1_000));
        assert_ne!(model.describe(), apart.describe());
    }

    fn drawn(each: Delay, seed: u64) -> LatencyModel {
        LatencyModel::ByKind { submit: each, modify: each, cancel: each, response: each, seed }
    }

    #[test]
    fn draws_have_the_moments_that_were_asked_for_and_repeat() {
        let each = Delay::Normal { mean: 50_000.0, deviation: 5_000.0, floor: 0 };
        let draws = |seed| -> Vec<f64> {
            let model = drawn(each, seed);
            let direction = Direction::ToVenue(Request::Submit);
            let at = |number| model.delay(direction, (FIRST, number), UnixNanos(0)) as f64;
            (0..20_000).map(at).collect()
        };
        let first = draws(1);
        assert_eq!(first, draws(1));
        assert_ne!(first, draws(2));
        let mean = first.iter().sum::<f64>() / 20_000.0;
        let variance = first.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / 20_000.0;
        assert!((mean - 50_000.0).abs() < 120.0, "{mean}");
        assert!((variance.sqrt() - 5_000.0).abs() < 100.0, "{}", variance.sqrt());
        let each = Delay::LogNormal { median: 1_000.0, sigma: 0.5, floor: 400 };
        let model = drawn(each, 1);
        let mut draws: Vec<u64> = (0..20_001)
            .map(|number| model.delay(Direction::ToStrategy, (SECOND, number), UnixNanos(0)))
            .collect();
        draws.sort_unstable();
        assert!((980..1_020).contains(&draws[10_000]), "{}", draws[10_000]);
        assert_eq!((draws[0], model.response_floor()), (400, 400));
        assert!(Delay::LogNormal { median: 1.0, sigma: -1.0, floor: 0 }.check().is_err());
    }

    #[test]
    fn twice_the_latency_comes_from_the_same_draws() {
        let direction = Direction::ToVenue(Request::Submit);
        let each = Delay::LogNormal { median: 60_000.0, sigma: 0.4, floor: 0 };
        for model in [LatencyModel::fixed(50_000, 10_000), drawn(each, 3)] {
            for number in 0..100 {
                let message = (StrategyIndex(0), number);
                let once = model.delay(direction, message, UnixNanos(0));
                let twice = model.clone().times(2).delay(direction, message, UnixNanos(0));
                assert!(twice.abs_diff(2 * once) <= 1, "{once} {twice}");
            }
        }
        let rows = vec![LatencyRow { request: 100, exchange: 130, response: 150 }];
        let LatencyModel::Recorded(rows) = LatencyModel::recorded(rows).unwrap().times(2) else {
            panic!("recorded rows stay recorded rows");
        };
        assert_eq!(rows[0], LatencyRow { request: 100, exchange: 160, response: 200 });
    }

    #[test]
    fn directions_and_strategies_draw_apart() {
        let model = drawn(Delay::Normal { mean: 1e6, deviation: 1e5, floor: 0 }, 7);
        let at = |direction, strategy| model.delay(direction, (strategy, 3), UnixNanos(0));
        let to_venue = Direction::ToVenue(Request::Submit);
        assert_ne!(at(to_venue, FIRST), at(Direction::ToStrategy, FIRST));
        assert_ne!(at(to_venue, FIRST), at(to_venue, SECOND));
    }

    /// simulation.md, "Latency": "rows (request, exchange, response) linearly interpolated, clamped
    /// at the ends".
    #[test]
    fn recorded_rows_are_interpolated_and_clamped() {
        let row = |request, exchange, response| LatencyRow { request, exchange, response };
        let rows = vec![row(1_000, 1_100, 1_150), row(2_000, 2_300, 2_310)];
        let model = LatencyModel::recorded(rows).unwrap();
        let ask = Direction::ToVenue(Request::Cancel);
        let at = |direction, now| model.delay(direction, (FIRST, 0), UnixNanos(now));
        assert_eq!(
            [0, 1_000, 1_500, 2_000, 9_000].map(|now| at(ask, now)),
            [100, 100, 200, 300, 300]
        );
        let back = Direction::ToStrategy;
        assert_eq!([1_100, 1_700, 2_300].map(|now| at(back, now)), [50, 30, 10]);
        assert_eq!((model.request_floor(), model.response_floor()), (100, 10));
        for bad in [vec![], vec![row(5, 4, 6)], vec![row(5, 6, 7), row(4, 6, 7)]] {
            assert_eq!(LatencyModel::recorded(bad).unwrap_err().code(), "ERR_VENUE_SETTING");
        }
    }
}
