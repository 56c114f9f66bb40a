//! What holds an order back: triggers, trailing stops, parents and peers.

use crate::decimal::mul_div_half_even;
use crate::error::ModelError;
use crate::ids::OrderId;

use crate::order::{OrderKind, Side};
use crate::price::{NANO, Price, Ticks};
use crate::time::UnixNanos;

/// Which way a trigger looks.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(u8)]
pub enum TriggerKind {
    /// A buy when the price rises to the trigger, a sell when it falls to it (stop orders).
    Stop = 0,
    /// A buy when the price falls to the trigger, a sell when it rises to it (market-if-touched,
    /// limit-if-touched).
    IfTouched = 1,
}

/// Which price a trigger looks at.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[repr(u8)]
pub enum TriggerSource {
    /// Trades where the data has them, else bid and ask.
    #[default]
    Default = 0,
    /// Prices of trades; of bars the prices that they passed.
    Last = 1,
    /// What the order would meet: a buy looks at the ask, a sell at the bid.
    BidAsk = 2,
    /// Halfway between best bid and ask.
    Mid = 3,
    /// The median of bid, ask and last price.
    Mark = 4,
}

/// How far a trailing stop stays behind the best price.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum TrailOffset {
    /// A difference of prices in 1e-9, above zero.
    Price(Price),
    /// Basis points of the best price in 1e-9 bps, above zero (`1 bps` is 1,000,000,000).
    Bps(i64),
}

impl TrailOffset {
    /// The stop that this offset keeps behind a best price: below it for a sell, above for a buy.
    /// A share of the price is rounded half to even at 1e-9.
    ///
    /// # Errors
    /// [`ModelError::Overflow`].
    pub fn stop(self, side: Side, best: Price) -> Result<Price, ModelError> {
        let overflow = ModelError::Overflow { what: "trailing stop" };
        let distance = match self {
            Self::Price(distance) => i128::from(distance.0),
            Self::Bps(bps) => mul_div_half_even(
                i128::from(best.0).abs(),
                i128::from(bps),
                10_000 * i128::from(NANO),
                "trailing stop",
            )?,
        };
        let stop = i128::from(best.0) + i128::from(side.sign()) * distance;
        i64::try_from(stop).map(Price).map_err(|_| overflow)
    }
}

/// A trailing stop: the trigger follows the best price and never goes back.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Trail {
    /// Its distance.
    pub offset: TrailOffset,
    /// Of a trailing stop-limit: ticks from the stop to the limit, towards worse prices (a sell's
    /// limit lies so far below its stop). `None` executes at the market.
    pub limit_offset: Option<Ticks>,
}

/// What brings an order into the market.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Trigger {
    /// Which way it looks.
    pub kind: TriggerKind,
    /// At which price.
    pub source: TriggerSource,
    /// Its price in 1e-9; of a trailing stop where it begins, undefined: at the offset from the
    /// price at arrival.
    pub price: Price,
    /// Of a trailing stop.
    pub trail: Option<Trail>,
}

/// What an execution or the end of one peer does to the others.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(u8)]
pub enum PeerKind {
    /// One cancels the other: any fill or end of one ends the others.
    Oco = 0,
    /// One updates the other: what one fills the others have less; its end ends them.
    Ouo = 1,
}

/// Orders that hang together. All are of one strategy and one instrument.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Links {
    /// The order that has to be filled first (one triggers the other): this one works for as much
    /// of its quantity, in proportion, as the parent has been filled.
    pub parent: Option<OrderId>,
    /// How many orders will name this one as their parent.
    pub children: u8,
    /// The first order of the group of peers that this one belongs to, and what peers do.
    pub group: Option<(OrderId, PeerKind)>,
    /// How many orders the group has.
    pub peers: u8,
}

impl Links {
    /// Whether it hangs on nothing.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.parent.is_none() && self.children == 0 && self.group.is_none()
    }
}

/// What an order waits for and what it hangs together with.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Condition {
    /// What brings it into the market.
    pub trigger: Option<Trigger>,
    /// When a good-till-date order ends.
    pub expires: Option<UnixNanos>,
    /// Parents and peers.
    pub links: Links,
}

impl Condition {
    /// Whether it says nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// The type of an order as the field calls it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(u8)]
pub enum OrderType {
    /// Executes at once at the market.
    Market = 0,
    /// Executes at its limit or better.
    Limit = 1,
    /// Executes at the best price; the rest becomes a limit order there.
    MarketToLimit = 2,
    /// A market order once its stop is reached.
    StopMarket = 3,
    /// A limit order once its stop is reached.
    StopLimit = 4,
    /// A market order once its price is touched.
    MarketIfTouched = 5,
    /// A limit order once its price is touched.
    LimitIfTouched = 6,
    /// A stop that follows the best price.
    TrailingStop = 7,
    /// A trailing stop with a limit.
    TrailingStopLimit = 8,
}

impl OrderType {
    /// The type of an order of this kind with this trigger.
    #[must_use]
    pub const fn of(kind: OrderKind, trigger: Option<&Trigger>) -> Self {
        let limit = matches!(kind, OrderKind::Limit(_));
        match trigger {
            None => match kind {
                OrderKind::Market => Self::Market,
                OrderKind::Limit(_) => Self::Limit,
                OrderKind::MarketToLimit => Self::MarketToLimit,
            },
            Some(Trigger { trail: Some(trail), .. }) => {
                if trail.limit_offset.is_some() {
                    Self::TrailingStopLimit
                } else {
                    Self::TrailingStop
                }
            }
            Some(Trigger { kind: TriggerKind::Stop, .. }) => {
                if limit {
                    Self::StopLimit
                } else {
                    Self::StopMarket
                }
            }
            Some(Trigger { kind: TriggerKind::IfTouched, .. }) => {
                if limit {
                    Self::LimitIfTouched
                } else {
                    Self::MarketIfTouched
                }
            }
        }
    }

    /// The word in tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Market => "market",
            Self::Limit => "limit",
            Self::MarketToLimit => "market_to_limit",
            Self::StopMarket => "stop_market",
            Self::StopLimit => "stop_limit",
            Self::MarketIfTouched => "market_if_touched",
            Self::LimitIfTouched => "limit_if_touched",
            Self::TrailingStop => "trailing_stop",
            Self::TrailingStopLimit => "trailing_stop_limit",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn price(text: &str) -> Price {
        Price::parse(text).unwrap()
    }

    /// simulation.md, "Bars: intrabar order and fills": trailing sell 10, and trailing 10 %.
    #[test]
    fn a_trailing_stop_stays_its_offset_behind() {
        let ten = TrailOffset::Price(price("10"));
        assert_eq!(ten.stop(Side::Sell, price("100")), Ok(price("90")));
        assert_eq!(ten.stop(Side::Sell, price("105")), Ok(price("95")));
        assert_eq!(ten.stop(Side::Buy, price("100")), Ok(price("110")));
        let tenth = TrailOffset::Bps(1_000 * NANO);
        assert_eq!(tenth.stop(Side::Sell, price("105")), Ok(price("94.5")));
        let far = TrailOffset::Bps(i64::MAX).stop(Side::Buy, Price(i64::MAX - 1));
        assert_eq!(far.unwrap_err().code(), "ERR_MODEL_OVERFLOW");
    }
}
