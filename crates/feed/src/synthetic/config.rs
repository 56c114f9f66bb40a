//! What a generated market looks like.

use crate::error::FeedError;
use model::{Price, UnixNanos};

/// A generated L3 market. The same configuration gives the same bytes on every machine.
#[derive(Clone, Debug, PartialEq)]
pub struct SyntheticConfig {
    /// Seed of everything random. Default 42.
    pub seed: u64,
    /// Symbol. Default `SYN`.
    pub symbol: String,
    /// Publisher of the records. Default 1 (the dataset of the DBN file is GLBX.MDP3).
    pub publisher: u16,
    /// Numeric instrument id of the records. Default 1.
    pub instrument_id: u32,
    /// Market-by-order records to write, snapshot included; the last event may exceed it by its
    /// own length. Default 100,000.
    pub records: u64,
    /// Start of the first pre-open. Default 2024-01-02T14:00:00Z.
    pub start: UnixNanos,
    /// Length of each pre-open in ns. Default 30 minutes.
    pub pre_open: u64,
    /// Length of each trading session in ns, which the records are spread over. Default 6.5 h.
    pub session: u64,
    /// Number of sessions. Default 1.
    pub sessions: u32,
    /// Time from a session's end to the next pre-open in ns. Default 17 h.
    pub gap: u64,
    /// Tick size. Default 0.25.
    pub tick_size: Price,
    /// Price in the middle of the snapshot, a multiple of the tick size. Default 4,800.
    pub start_price: Price,
    /// Orders that are live at a time, on average. Default 3,000.
    pub live_orders: u32,
    /// Events that are trades, of 1,000. Default 60.
    pub trade_permille: u32,
    /// Orders that are icebergs, of 1,000. Default 10.
    pub iceberg_permille: u32,
}

impl Default for SyntheticConfig {
    fn default() -> Self {
        Self {
            seed: 42,
            symbol: "SYN".to_owned(),
            publisher: 1,
            instrument_id: 1,
            records: 100_000,
            start: UnixNanos(1_704_204_000_000_000_000),
            pre_open: 1_800_000_000_000,
            session: 23_400_000_000_000,
            sessions: 1,
            gap: 61_200_000_000_000,
            tick_size: Price(250_000_000),
            start_price: Price(4_800_000_000_000),
            live_orders: 3_000,
            trade_permille: 60,
            iceberg_permille: 10,
        }
    }
}

/// The times of one generated session.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SyntheticSession {
    /// Orders rest, nothing matches, the book may cross.
    pub pre_open: UnixNanos,
    /// The opening auction; trading from here on, the book is never crossed.
    pub open: UnixNanos,
    /// The end: no event of the session lies after it.
    pub close: UnixNanos,
}

impl SyntheticConfig {
    /// The times of the `k`-th session, counted from 0.
    #[must_use]
    pub fn session_times(&self, k: u32) -> SyntheticSession {
        let day = self.pre_open.saturating_add(self.session).saturating_add(self.gap);
        let pre_open = self.start.plus(day.saturating_mul(u64::from(k)));
        let open = pre_open.plus(self.pre_open);
        SyntheticSession { pre_open, open, close: open.plus(self.session) }
    }

    /// Records of one session.
    pub(super) fn session_records(&self) -> u64 {
        self.records / u64::from(self.sessions.max(1))
    }

    /// Checks that such a market can be generated.
    ///
    /// # Errors
    /// [`FeedError::Setting`] names the field, its value and what is accepted.
    pub fn check(&self) -> Result<(), FeedError> {
        let fail = |option: &'static str, value: String, accepted: &str| {
            Err(FeedError::Setting { option, value, accepted: accepted.to_owned() })
        };
        if self.symbol.is_empty() || self.symbol.len() > 70 || !self.symbol.is_ascii() {
            return fail("symbol", self.symbol.clone(), "1 to 70 ASCII characters");
        }
        if !(50..=2_000_000).contains(&self.live_orders) {
            return fail("liveOrders", self.live_orders.to_string(), "50 to 2,000,000");
        }
        if !(1..=10_000).contains(&self.sessions) {
            return fail("sessions", self.sessions.to_string(), "1 to 10,000");
        }
        let least = u64::from(self.live_orders) + 500;
        if self.session_records() < least {
            let accepted = format!("at least {least} for each session (live orders + 500)");
            return fail("records", self.records.to_string(), &accepted);
        }
        if self.tick_size.0 <= 0 {
            return fail("tickSize", self.tick_size.to_string(), "above zero");
        }
        let ticks = self.start_price.0 / self.tick_size.0;
        if self.start_price.0 % self.tick_size.0 != 0 || ticks < 600 {
            let accepted = "a multiple of the tick size and at least 600 ticks";
            return fail("startPrice", self.start_price.to_string(), accepted);
        }
        if self.start_price.0.checked_add(self.tick_size.0.saturating_mul(4096)).is_none()
            || self.tick_size.0 > i64::MAX / 8192
        {
            return fail("startPrice", self.start_price.to_string(), "below 9.2e9 − 4,096 ticks");
        }
        if self.trade_permille > 500 {
            return fail("tradePermille", self.trade_permille.to_string(), "0 to 500");
        }
        if self.iceberg_permille > 1000 {
            return fail("icebergPermille", self.iceberg_permille.to_string(), "0 to 1,000");
        }
        if self.pre_open < 1_000_000 || self.session < 1_000_000 {
            let value = format!("{} and {} ns", self.pre_open, self.session);
            return fail("preOpen and session", value, "at least 1 ms each");
        }
        let end = self.session_times(self.sessions - 1).close;
        if end.0 > 9_000_000_000_000_000_000 || self.start.0 < 4_000_000_000_000 {
            let accepted = "between 1970-01-02 and the year 2255, the last session included";
            return fail("start", self.start.to_string(), accepted);
        }
        Ok(())
    }
}
