//! What a venue counts: facts of the data and of the simulation, none of them errors.

/// Counts of one market over a run.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct VenueCounters {
    /// Recorded fills, in lots, that own orders took in the recorded orders' stead.
    pub displaced_volume: u64,
    /// Lots that own orders took from recorded resting orders or from arriving recorded orders.
    pub taken_volume: u64,
    /// Recorded fills, in lots, on volume that own orders had taken before: passed down the queue.
    pub passed_volume: u64,
    /// Pairs of own orders that would have traded with each other on a real venue.
    pub own_crossings: u64,
    /// F records that carry the aggressor's own id, seen while own orders could be reached; they
    /// fill nobody.
    pub aggressor_fills: u64,
    /// F records of orders that the book does not know, seen while own orders could be reached;
    /// they fill nobody.
    pub unknown_fills: u64,
    /// Draws at touch that came out against the own order, one a fill withheld.
    pub withheld_fills: u64,
    /// Events after which the recorded book was locked or crossed outside trading.
    pub crossed_events: u64,
    /// Records whose exchange time lies before the venue's clock.
    pub clock_backward_steps: u64,
    /// Quotes and level changes with a price but no size: an execution there is not capped.
    pub unsized_quotes: u64,
}

impl VenueCounters {
    /// Each counter with its name, in the order of the fields.
    #[must_use]
    pub fn named(&self) -> [(&'static str, u64); 10] {
        [
            ("displaced_volume", self.displaced_volume),
            ("taken_volume", self.taken_volume),
            ("passed_volume", self.passed_volume),
            ("own_crossings", self.own_crossings),
            ("aggressor_fills", self.aggressor_fills),
            ("unknown_fills", self.unknown_fills),
            ("withheld_fills", self.withheld_fills),
            ("crossed_events", self.crossed_events),
            ("clock_backward_steps", self.clock_backward_steps),
            ("unsized_quotes", self.unsized_quotes),
        ]
    }
}
