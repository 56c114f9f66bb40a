//! The ways between the strategies and the venues: messages in their order.

use crate::latency::{Direction, LatencyModel, Request};
use model::{InstrumentIndex, StrategyIndex, UnixNanos};

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
        let number = self.lane(strategy).requests;
        let delay = self.model.delay(Direction::ToVenue(request), (strategy, number), issued);
        let lane = self.lane(strategy);
        lane.requests += 1;
        lane.last_request = lane.last_request.max(issued.plus(delay).0);
        UnixNanos(lane.last_request)
    }

    /// When a report of this time is due at its strategy.
    pub fn due(&mut self, strategy: StrategyIndex, reported: UnixNanos) -> UnixNanos {
        let number = self.lane(strategy).responses;
        let delay = self.model.delay(Direction::ToStrategy, (strategy, number), reported);
        let lane = self.lane(strategy);
        lane.responses += 1;
        lane.last_response = lane.last_response.max(reported.plus(delay).0);
        UnixNanos(lane.last_response)
    }
}

/// The ways to all venues of a run.
#[derive(Clone, Debug)]
pub struct VenueBuses {
    buses: Vec<LatencyBus>,
    /// Bus of each instrument.
    of_instrument: Vec<usize>,
}

impl VenueBuses {
    /// One bus for each model, and which of them each instrument is reached by. An index beyond the
    /// models stands for the last of them.
    ///
    /// # Panics
    /// Never: without a model there is no delay.
    #[must_use]
    pub fn new(models: Vec<LatencyModel>, of_instrument: &[usize]) -> Self {
        let mut buses: Vec<LatencyBus> = models.into_iter().map(LatencyBus::new).collect();
        if buses.is_empty() {
            buses.push(LatencyBus::new(LatencyModel::default()));
        }
        let last = buses.len() - 1;
        Self { buses, of_instrument: of_instrument.iter().map(|&bus| bus.min(last)).collect() }
    }

    fn bus(&mut self, instrument: InstrumentIndex) -> &mut LatencyBus {
        let at = self.of_instrument.get(instrument.index()).copied().unwrap_or(0);
        &mut self.buses[at]
    }

    /// When a request for an order in `instrument`, issued now, reaches its venue.
    pub fn arrival(
        &mut self,
        strategy: StrategyIndex,
        instrument: InstrumentIndex,
        request: Request,
        issued: UnixNanos,
    ) -> UnixNanos {
        self.bus(instrument).arrival(strategy, request, issued)
    }

    /// When a report of this time from the venue of `instrument` is due at its strategy.
    pub fn due(
        &mut self,
        strategy: StrategyIndex,
        instrument: InstrumentIndex,
        reported: UnixNanos,
    ) -> UnixNanos {
        self.bus(instrument).due(strategy, reported)
    }

    /// The least time that any request takes.
    #[must_use]
    pub fn request_floor(&self) -> u64 {
        self.buses.iter().map(|bus| bus.model().request_floor()).min().unwrap_or(0)
    }

    /// The least time that any report takes.
    #[must_use]
    pub fn response_floor(&self) -> u64 {
        self.buses.iter().map(|bus| bus.model().response_floor()).min().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::latency::Delay;

    const FIRST: StrategyIndex = StrategyIndex(0);
    const SECOND: StrategyIndex = StrategyIndex(1);

    #[test]
    fn a_quick_cancel_never_overtakes_the_order_before_it() {
        let [submit, modify, cancel, response] = [100, 50, 10, 0].map(Delay::Fixed);
        let model = LatencyModel::ByKind { submit, modify, cancel, response, seed: 0 };
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

    #[test]
    fn venues_have_ways_of_their_own() {
        let (near, far) = (InstrumentIndex(0), InstrumentIndex(1));
        let models = vec![LatencyModel::fixed(10, 0), LatencyModel::fixed(100, 5)];
        let mut buses = VenueBuses::new(models, &[0, 1]);
        assert_eq!((buses.request_floor(), buses.response_floor()), (10, 10));
        let now = UnixNanos(1_000);
        assert_eq!(buses.arrival(FIRST, far, Request::Submit, now), UnixNanos(1_105));
        assert_eq!(buses.arrival(FIRST, near, Request::Submit, now), UnixNanos(1_010));
        assert_eq!(buses.due(FIRST, far, now), UnixNanos(1_105));
        assert_eq!(buses.due(FIRST, near, now), UnixNanos(1_010), "no way waits for another");
    }
}
