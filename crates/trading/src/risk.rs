//! The risk limits of a run and of each strategy.

use crate::error::TradingError;
use model::{Instrument, InstrumentIndex, Lots, Money, Quantity, Reason, Side, UnixNanos};
use std::collections::VecDeque;

/// Limits as a person states them; `None` is no limit.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct RiskLimits {
    /// Largest position per instrument, long or short, working orders counted.
    pub max_position: Option<Quantity>,
    /// Largest single order.
    pub max_order_size: Option<Quantity>,
    /// Loss of equity since the start (in the account's currency, above zero) at which no new
    /// risk is taken.
    pub max_loss: Option<Money>,
    /// Orders and changes within any second of simulated time (a cancel is always allowed).
    pub max_orders_per_second: Option<u32>,
}

/// What an order, a change or a sizing at the venue is checked against.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RiskCheck {
    /// The instrument.
    pub instrument: InstrumentIndex,
    /// Buy or sell.
    pub side: Side,
    /// Lots of the order; of a change, its new total for the size limit.
    pub quantity: Lots,
    /// Lots that it adds to what is working (equal to `quantity` for a new order; new total less
    /// old total for a change, which may be negative).
    pub added: Lots,
    /// Position, signed lots.
    pub position: Lots,
    /// Lots that may still be bought by other working orders, before this one.
    pub working_buys: Lots,
    /// Lots that may still be sold by other working orders.
    pub working_sells: Lots,
    /// Equity now less equity at the start.
    pub equity_change: Money,
    /// Time on the strategy's clock.
    pub now: UnixNanos,
}

impl RiskCheck {
    /// Whether it can only bring the position nearer to flat, even when all working orders of its
    /// side fill first.
    #[must_use]
    pub fn only_reduces(&self) -> bool {
        let (held, working) = match self.side {
            Side::Sell => (self.position.0, self.working_sells.0),
            Side::Buy => (self.position.0.saturating_neg(), self.working_buys.0),
        };
        working.checked_add(self.added.0).is_some_and(|total| held > 0 && total <= held)
    }

    /// The largest position that it could lead to, away from zero on its side.
    fn worst_position(&self) -> Option<i64> {
        let (signed, working) = match self.side {
            Side::Buy => (self.position.0, self.working_buys.0),
            Side::Sell => (self.position.0.checked_neg()?, self.working_sells.0),
        };
        signed.checked_add(working)?.checked_add(self.added.0)
    }
}

const SECOND: u64 = 1_000_000_000;

/// Checks orders against one set of limits. A run has one gate over all strategies and one per
/// strategy; an order must pass both before either [`RiskGate::record`]s it.
#[derive(Clone, Debug)]
pub struct RiskGate {
    max_position: Option<Vec<i64>>,
    max_order_size: Option<Vec<i64>>,
    max_loss: Option<Money>,
    max_orders_per_second: Option<u32>,
    /// Times of the orders of the last second, oldest first.
    recent: VecDeque<u64>,
    closed: bool,
}

impl RiskGate {
    /// A gate for these instruments (limits become lots of each, rounded down).
    ///
    /// # Errors
    /// [`TradingError::Setting`] for a negative position or order size limit, a loss limit or an
    /// order rate that is not above zero.
    pub fn new(limits: &RiskLimits, instruments: &[Instrument]) -> Result<Self, TradingError> {
        let lots = |field, limit: Option<Quantity>| match limit {
            Some(q) if q.0 < 0 => Err(TradingError::Setting {
                field,
                value: q.to_string(),
                accepted: "a quantity of 0 or above",
            }),
            Some(q) => Ok(Some(instruments.iter().map(|i| q.0 / i.lot_size.0).collect())),
            None => Ok(None),
        };
        if let Some(loss) = limits.max_loss
            && loss.0 <= 0
        {
            return Err(TradingError::Setting {
                field: "max_loss",
                value: loss.to_string(),
                accepted: "an amount above 0",
            });
        }
        if limits.max_orders_per_second == Some(0) {
            return Err(TradingError::Setting {
                field: "max_orders_per_second",
                value: "0".to_owned(),
                accepted: "a whole number above 0",
            });
        }
        Ok(Self {
            max_position: lots("max_position", limits.max_position)?,
            max_order_size: lots("max_order_size", limits.max_order_size)?,
            max_loss: limits.max_loss,
            max_orders_per_second: limits.max_orders_per_second,
            recent: VecDeque::new(),
            closed: false,
        })
    }

    /// Whether the loss limit was reached. It stays reached.
    #[inline]
    #[must_use]
    pub const fn is_closed(&self) -> bool {
        self.closed
    }

    /// Whether it looks at [`RiskCheck::equity_change`]: without a loss limit nobody need value the
    /// account for it.
    #[inline]
    #[must_use]
    pub const fn watches_loss(&self) -> bool {
        self.max_loss.is_some()
    }

    /// Whether it can refuse nothing.
    #[inline]
    #[must_use]
    pub const fn has_no_limit(&self) -> bool {
        self.max_position.is_none()
            && self.max_order_size.is_none()
            && self.max_loss.is_none()
            && self.max_orders_per_second.is_none()
    }

    /// Tells the gate how equity has changed since the start; returns true once, when this
    /// reaches the loss limit.
    pub fn observe(&mut self, equity_change: Money) -> bool {
        let reached = self.max_loss.is_some_and(|limit| equity_change.0 <= -limit.0);
        let newly = reached && !self.closed;
        self.closed |= reached;
        newly
    }

    /// Checks an order and, when it passes, counts it towards the order rate.
    ///
    /// # Errors
    /// The reason why it may not go.
    pub fn check(&mut self, check: &RiskCheck) -> Result<(), Reason> {
        self.examine(check)?;
        self.record(check.now);
        Ok(())
    }

    /// Checks everything and counts nothing (but remembers a loss limit that is reached).
    ///
    /// # Errors
    /// The first reason of: loss, order size, position, order rate.
    pub fn examine(&mut self, check: &RiskCheck) -> Result<(), Reason> {
        self.examine_size(check)?;
        self.examine_rate(check.now)
    }

    /// Checks loss, order size and position, not the rate: for an order that the venue has sized
    /// at its fill. What only reduces the position passes the loss and position limits.
    ///
    /// # Errors
    /// [`Reason::MaxLoss`], [`Reason::MaxOrderSize`], [`Reason::MaxPosition`].
    pub fn examine_size(&mut self, check: &RiskCheck) -> Result<(), Reason> {
        self.observe(check.equity_change);
        let reduces = check.only_reduces() || check.added.0 <= 0;
        if self.closed && !reduces {
            return Err(Reason::MaxLoss);
        }
        let at = check.instrument.index();
        if let Some(limits) = &self.max_order_size {
            let limit = limits.get(at).ok_or(Reason::Unsupported)?;
            if check.added.0 > 0 && check.quantity.0 > *limit {
                return Err(Reason::MaxOrderSize);
            }
        }
        if let Some(limits) = &self.max_position {
            let limit = limits.get(at).ok_or(Reason::Unsupported)?;
            let worst = check.worst_position().ok_or(Reason::Overflow)?;
            if worst > *limit && !reduces {
                return Err(Reason::MaxPosition);
            }
        }
        Ok(())
    }

    /// Checks the order rate alone: for an order whose size the venue will find.
    ///
    /// # Errors
    /// [`Reason::MaxOrderRate`].
    pub fn examine_rate(&mut self, now: UnixNanos) -> Result<(), Reason> {
        let Some(limit) = self.max_orders_per_second else { return Ok(()) };
        while self.recent.front().is_some_and(|&t| now.0.saturating_sub(t) >= SECOND) {
            self.recent.pop_front();
        }
        if self.recent.len() >= limit as usize { Err(Reason::MaxOrderRate) } else { Ok(()) }
    }

    /// Counts an order that goes out.
    pub fn record(&mut self, now: UnixNanos) {
        if let Some(limit) = self.max_orders_per_second {
            if self.recent.len() >= limit as usize {
                self.recent.pop_front();
            }
            self.recent.push_back(now.0);
        }
    }
}
