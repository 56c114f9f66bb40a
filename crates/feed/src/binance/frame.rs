//! One frame, parsed into memory that is used again.

use model::{Price, Quantity, UnixNanos};
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::fmt;

/// A level and its new size.
pub(super) type Change = (Price, Quantity);

/// What a frame is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) enum Kind {
    Depth,
    Snapshot,
    Trade,
    /// Trades of one aggressor at one price, put together.
    Aggregate,
    Best,
    /// Mark prices, answers to requests: nothing of the market.
    #[default]
    Other,
}

/// What a frame says.
#[derive(Debug, Default)]
pub(super) struct Frame {
    pub kind: Kind,
    /// As the frame names it; empty where it does not.
    pub symbol: String,
    event: String,
    /// Sending time.
    sent: Option<u64>,
    /// Time of the transaction.
    made: Option<u64>,
    /// Number of the first and last change (`U`, `u`; `lastUpdateId` of a snapshot).
    pub first: Option<u64>,
    pub last: Option<u64>,
    /// Last change of the frame before (`pu`), futures only.
    pub previous: Option<u64>,
    pub bids: Vec<Change>,
    pub asks: Vec<Change>,
    /// Of a trade (`p`, `q`).
    pub price: Option<Price>,
    pub quantity: Option<Quantity>,
    /// Whether the buyer of a trade was resting (`m`).
    pub buyer_is_maker: Option<bool>,
    /// How a futures trade came about (`X`); anything but `MARKET` is outside the book.
    pub outside_book: bool,
    /// Of best prices (`b`, `B`, `a`, `A`).
    pub bid: Option<Price>,
    pub ask: Option<Price>,
    pub bid_size: Option<Quantity>,
    pub ask_size: Option<Quantity>,
    /// Whether the frame carries a pair (`ps`), as coin-margined futures do.
    pub coin_margined: bool,
}

impl Frame {
    /// Parses a frame.
    pub fn parse(&mut self, json: &str) -> Result<(), serde_json::Error> {
        self.clear();
        let mut deserializer = serde_json::Deserializer::from_str(json);
        Body(self).deserialize(&mut deserializer)?;
        deserializer.end()?;
        self.kind = match self.event.as_str() {
            "depthUpdate" => Kind::Depth,
            "trade" => Kind::Trade,
            "aggTrade" => Kind::Aggregate,
            "bookTicker" => Kind::Best,
            "" if self.first.is_none() && self.last.is_some() && self.bid.is_some() => Kind::Best,
            "" if self.last.is_some() && self.bid.is_none() => Kind::Snapshot,
            _ => Kind::Other,
        };
        Ok(())
    }

    fn clear(&mut self) {
        let mut bids = std::mem::take(&mut self.bids);
        let mut asks = std::mem::take(&mut self.asks);
        let mut symbol = std::mem::take(&mut self.symbol);
        let mut event = std::mem::take(&mut self.event);
        bids.clear();
        asks.clear();
        symbol.clear();
        event.clear();
        *self = Self { symbol, event, bids, asks, ..Self::default() };
    }

    /// When it was sent.
    pub fn sent_time(&self) -> Option<UnixNanos> {
        self.sent.map(nanos)
    }

    /// The venue's time: of the transaction, else of the sending; `None` where it names neither.
    pub fn venue_time(&self) -> Option<UnixNanos> {
        self.made.or(self.sent).map(nanos)
    }
}

/// A time in s, ms, µs or ns, told apart by its size.
pub(super) fn nanos(time: u64) -> UnixNanos {
    const UNITS: [(u64, u64); 3] = [
        (100_000_000_000, 1_000_000_000),
        (100_000_000_000_000, 1_000_000),
        (100_000_000_000_000_000, 1_000),
    ];
    let unit = UNITS.iter().find(|(below, _)| time < *below).map_or(1, |(_, unit)| *unit);
    UnixNanos(time.saturating_mul(unit))
}

struct Body<'f>(&'f mut Frame);

impl<'de> DeserializeSeed<'de> for Body<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Body<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a frame of Binance: an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let frame = self.0;
        while let Some(key) = map.next_key::<Cow<'de, str>>()? {
            match &*key {
                "data" => map.next_value_seed(Body(frame))?,
                "e" => text(&mut map, &mut frame.event)?,
                "s" | "symbol" => text(&mut map, &mut frame.symbol)?,
                "E" => frame.sent = Some(map.next_value()?),
                "T" => frame.made = Some(map.next_value()?),
                "U" => frame.first = Some(map.next_value()?),
                "u" | "lastUpdateId" => frame.last = Some(map.next_value()?),
                "pu" => frame.previous = Some(map.next_value()?),
                "ps" | "pair" => {
                    map.next_value::<IgnoredAny>()?;
                    frame.coin_margined = true;
                }
                "m" => frame.buyer_is_maker = Some(map.next_value()?),
                "X" => frame.outside_book = map.next_value::<Cow<'de, str>>()? != "MARKET",
                "p" => frame.price = number(&mut map, Price::parse)?,
                "q" => frame.quantity = number(&mut map, Quantity::parse)?,
                "b" | "bids" => {
                    let price = &mut frame.bid;
                    map.next_value_seed(Levels { changes: &mut frame.bids, price })?;
                }
                "a" | "asks" => {
                    let price = &mut frame.ask;
                    map.next_value_seed(Levels { changes: &mut frame.asks, price })?;
                }
                "B" => frame.bid_size = number(&mut map, Quantity::parse)?,
                "A" => frame.ask_size = number(&mut map, Quantity::parse)?,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

fn text<'de, A: MapAccess<'de>>(map: &mut A, into: &mut String) -> Result<(), A::Error> {
    into.push_str(&map.next_value::<Cow<'de, str>>()?);
    Ok(())
}

fn number<'de, A: MapAccess<'de>, T>(
    map: &mut A,
    parse: fn(&str) -> Result<T, model::ModelError>,
) -> Result<Option<T>, A::Error> {
    parse(&map.next_value::<Cow<'de, str>>()?).map(Some).map_err(A::Error::custom)
}

/// `b` and `a` are lists of levels in depth, prices in best prices, numbers of orders in trades.
struct Levels<'f> {
    changes: &'f mut Vec<Change>,
    price: &'f mut Option<Price>,
}

impl<'de> DeserializeSeed<'de> for Levels<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Levels<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of [\"price\", \"size\"], or one price as a text")
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        *self.price = Some(Price::parse(text).map_err(E::custom)?);
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut levels: A) -> Result<(), A::Error> {
        // Coin-margined snapshots of old wrote a third, empty cell.
        while let Some(level) = levels.next_element_seed(Level)? {
            self.changes.push(level);
        }
        Ok(())
    }
}

struct Level;

impl<'de> DeserializeSeed<'de> for Level {
    type Value = Change;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Change, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Level {
    type Value = Change;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a level: [\"price\", \"size\"]")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut cells: A) -> Result<Change, A::Error> {
        let missing = || A::Error::custom("a level has a price and a size");
        let price = cells.next_element::<Cow<'de, str>>()?.ok_or_else(missing)?;
        let price = Price::parse(&price).map_err(A::Error::custom)?;
        let size = cells.next_element::<Cow<'de, str>>()?.ok_or_else(missing)?;
        let size = Quantity::parse(&size).map_err(A::Error::custom)?;
        while cells.next_element::<IgnoredAny>()?.is_some() {}
        Ok((price, size))
    }
}
