//! Latency of orders: how long a command takes to the venue and a report back.

use model::{StrategyIndex, UnixNanos};

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

/// How long messages take, in nanoseconds. A model answers for one message at a time and states a
/// floor per direction, on which the engine's lookahead rests; a drawn or recorded model draws by
/// message number, so that other settings do not shift it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum LatencyModel {
    /// The same for every message of a kind.
    Fixed {
        /// A new order.
        submit: u64,
        /// A change.
        modify: u64,
        /// A cancel.
        cancel: u64,
        /// A report.
        response: u64,
    },
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
        let each = network.saturating_add(processing);
        Self::Fixed { submit: each, modify: each, cancel: each, response: each }
    }

    /// The same model with another time for responses.
    #[must_use]
    pub const fn with_response(self, nanos: u64) -> Self {
        let Self::Fixed { submit, modify, cancel, .. } = self;
        Self::Fixed { submit, modify, cancel, response: nanos }
    }

    /// How long the `number`-th message of a strategy in this direction takes.
    #[inline]
    #[must_use]
    pub const fn delay(&self, direction: Direction, number: u64) -> u64 {
        // A fixed time is the same for every message.
        let _ = number;
        let Self::Fixed { submit, modify, cancel, response } = *self;
        match direction {
            Direction::ToVenue(Request::Submit) => submit,
            Direction::ToVenue(Request::Modify) => modify,
            Direction::ToVenue(Request::Cancel) => cancel,
            Direction::ToStrategy => response,
        }
    }

    /// The shortest that any request can take.
    #[must_use]
    pub fn request_floor(&self) -> u64 {
        let Self::Fixed { submit, modify, cancel, .. } = *self;
        submit.min(modify).min(cancel)
    }

    /// The shortest that any response can take.
    #[must_use]
    pub fn response_floor(&self) -> u64 {
        let Self::Fixed { response, .. } = *self;
        response
    }

    /// The model's name and numbers, for results.
    #[must_use]
    pub fn describe(&self) -> String {
        let Self::Fixed { submit, modify, cancel, response } = *self;
        format!(
            "fixed: submit {submit} ns, modify {modify} ns, cancel {cancel} ns, response {response} ns"
        )
    }
}

#[derive(Clone, Copy, Debug, Default)]
struct Lane {
    requests: u64,
    last_request: u64,
    responses: u64,
    last_response: u64,
}

/// The way between the strategies and one venue. Each strategy and direction is first in, first
/// out: a message never arrives before the one sent before it.
#[derive(Clone, Debug)]
pub struct LatencyBus {
    model: LatencyModel,
    lanes: Vec<Lane>,
}

impl LatencyBus {
    /// A bus with nothing on its way.
    #[must_use]
    pub fn new(model: LatencyModel) -> Self {
        Self { model, lanes: Vec::new() }
    }

    /// The model.
    #[must_use]
    pub fn model(&self) -> &LatencyModel {
        &self.model
    }

    fn lane(&mut self, strategy: StrategyIndex) -> &mut Lane {
        if self.lanes.len() <= strategy.index() {
            self.lanes.resize(strategy.index() + 1, Lane::default());
        }
        &mut self.lanes[strategy.index()]
    }

    /// When a request issued now reaches the venue: `max(now + delay, previous arrival)`.
    pub fn arrival(
        &mut self,
        strategy: StrategyIndex,
        request: Request,
        issued: UnixNanos,
    ) -> UnixNanos {
        let model = self.model;
        let lane = self.lane(strategy);
        let delay = model.delay(Direction::ToVenue(request), lane.requests);
        lane.requests += 1;
        lane.last_request = lane.last_request.max(issued.plus(delay).0);
        UnixNanos(lane.last_request)
    }

    /// When a report of this time is due at its strategy.
    pub fn due(&mut self, strategy: StrategyIndex, reported: UnixNanos) -> UnixNanos {
        let model = self.model;
        let lane = self.lane(strategy);
        let delay = model.delay(Direction::ToStrategy, lane.responses);
        lane.responses += 1;
        lane.last_response = lane.last_response.max(reported.plus(delay).0);
        UnixNanos(lane.last_response)
    }
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
        let apart = model.with_response(1_000);
        assert_eq!((apart.request_floor(), apart.response_floor()), (60_000, 1_000));
        assert_ne!(model.describe(), apart.describe());
    }

    #[test]
    fn a_quick_cancel_never_overtakes_the_order_before_it() {
        let model = LatencyModel::Fixed { submit: 100, modify: 50, cancel: 10, response: 0 };
        assert_eq!(model.request_floor(), 10);
        let mut bus = LatencyBus::new(model);
        assert_eq!(bus.arrival(FIRST, Request::Submit, UnixNanos(1_000)), UnixNanos(1_100));
        assert_eq!(bus.arrival(FIRST, Request::Cancel, UnixNanos(1_010)), UnixNanos(1_100));
        assert_eq!(bus.arrival(SECOND, Request::Cancel, UnixNanos(1_010)), UnixNanos(1_020));
        assert_eq!(bus.arrival(FIRST, Request::Modify, UnixNanos(1_100)), UnixNanos(1_150));
    }

    #[test]
    fn responses_keep_their_order_too() {
        let mut bus = LatencyBus::new(LatencyModel::fixed(0, 5));
        assert_eq!(bus.due(FIRST, UnixNanos(100)), UnixNanos(105));
        assert_eq!(bus.due(FIRST, UnixNanos(90)), UnixNanos(105));
        assert_eq!(bus.due(SECOND, UnixNanos(90)), UnixNanos(95));
    }
}
