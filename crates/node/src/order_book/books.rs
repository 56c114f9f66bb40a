//! The three books behind one handle: one operation on any of them, in a person's units.

use book::{BookError, BookL1, BookL2, BookL3, Level};
use model::{Bbo, Lots, Price, PriceGrid, Side, Ticks};
use serde_json::{Value, json};

/// What an operation does.
pub(super) const ADD: u8 = 1;
pub(super) const CANCEL: u8 = 2;
pub(super) const MODIFY: u8 = 3;
/// Sets a level (L2) or a side (L1) to an absolute quantity.
pub(super) const SET: u8 = 4;
/// Sets both sides of an L1 book: the bid in this row, the ask in the next one.
pub(super) const QUOTE: u8 = 5;

/// A refusal with what a caller needs to mend it.
pub(super) struct Refusal {
    code: &'static str,
    message: String,
    field: &'static str,
    value: Value,
    accepted: String,
}

impl Refusal {
    pub fn to_json(&self, operation: Option<usize>) -> Value {
        let Self { code, message, field, value, accepted } = self;
        let mut details = json!({ "field": field, "value": value, "accepted": accepted });
        if let Some(operation) = operation {
            details["operation"] = json!(operation);
        }
        json!({ "code": code, "message": message, "details": details })
    }
}

impl From<BookError> for Refusal {
    #[cold]
    fn from(error: BookError) -> Self {
        let (field, value, accepted) = match error {
            BookError::OffTick { price, tick_size, .. } => {
                ("price", json!(price.to_string()), format!("a multiple of {tick_size}"))
            }
            BookError::PriceOutOfRange { ticks, .. } => {
                ("price", json!(ticks.0), "up to 2^60 ticks from zero".to_owned())
            }
            BookError::Quantity { quantity, accepted, .. } => {
                ("quantity", json!(quantity.0), accepted.to_owned())
            }
            BookError::DuplicateOrder { order_id } => {
                ("id", json!(order_id.to_string()), "an id that is not in the book".to_owned())
            }
            BookError::UnknownOrder { order_id } => {
                ("id", json!(order_id.to_string()), "an id that is in the book".to_owned())
            }
            BookError::Snapshot { at, reason } => ("byte", json!(at), reason.to_owned()),
            _ => ("id", Value::Null, "less than 2^31 orders and levels".to_owned()),
        };
        Self { code: error.code(), message: error.to_string(), field, value, accepted }
    }
}

/// Tick and lot size in 1e-9: numbers of a person become ticks and lots.
#[derive(Clone, Copy)]
pub(super) struct Steps {
    tick: f64,
    lot: f64,
}

impl Steps {
    pub fn new(tick: Price, lot: Price) -> Self {
        Self { tick: tick.0 as f64, lot: lot.0 as f64 }
    }

    /// The whole number of steps that a number is, within 1e-6 of a step.
    #[inline]
    fn whole(value: f64, step: f64) -> Result<i64, bool> {
        let steps = value * 1e9 / step;
        if steps.is_nan() || steps.abs() >= 9_007_199_254_740_992.0 {
            return Err(true);
        }
        let nearest = (steps + 0.5f64.copysign(steps)) as i64;
        let off = (steps - nearest as f64).abs();
        // Above 2^30 steps the spacing of f64 itself comes near 1e-6 of a step.
        if off <= 1e-6 || off <= steps.abs() * 4.0 * f64::EPSILON {
            Ok(nearest)
        } else {
            Err(false)
        }
    }

    #[inline]
    pub fn ticks(self, price: f64) -> Result<Ticks, Refusal> {
        Self::whole(price, self.tick).map(Ticks).map_err(|none| self.no_price(price, none))
    }

    #[inline]
    pub fn lots(self, quantity: f64) -> Result<Lots, Refusal> {
        Self::whole(quantity, self.lot).map(Lots).map_err(|none| self.no_quantity(quantity, none))
    }

    #[cold]
    fn no_price(self, price: f64, none: bool) -> Refusal {
        let size = self.tick / 1e9;
        let (code, message, accepted) = if none {
            let accepted = format!("a number below 2^53 ticks of {size}");
            ("ERR_BOOK_PRICE_OUT_OF_RANGE", format!("price {price} is not a price"), accepted)
        } else {
            let message = format!("price {price} is not a multiple of the tick size {size}");
            ("ERR_BOOK_OFF_TICK", message, format!("a multiple of {size}"))
        };
        Refusal { code, message, field: "price", value: number(price), accepted }
    }

    #[cold]
    fn no_quantity(self, quantity: f64, none: bool) -> Refusal {
        let size = self.lot / 1e9;
        let (code, message, accepted) = if none {
            let accepted = format!("a number below 2^53 lots of {size}");
            ("ERR_BOOK_QUANTITY", format!("quantity {quantity} is not a quantity"), accepted)
        } else {
            let message = format!("quantity {quantity} is not a multiple of the lot size {size}");
            ("ERR_BOOK_OFF_LOT", message, format!("a multiple of {size}"))
        };
        Refusal { code, message, field: "quantity", value: number(quantity), accepted }
    }
}

/// A number as JSON, which has neither NaN nor infinities.
fn number(value: f64) -> Value {
    if value.is_finite() { json!(value) } else { json!(value.to_string()) }
}

/// One row of the columns.
#[derive(Clone, Copy)]
pub(super) struct Operation {
    pub kind: u8,
    pub side: u8,
    /// Of an order; the number of orders in `SET` and `QUOTE`.
    pub id: u64,
    pub price: f64,
    pub quantity: f64,
}

/// A book of any kind.
pub(super) enum Books {
    L3(BookL3),
    L2(BookL2),
    L1(BookL1),
}

impl Books {
    /// An empty book of a kind; `None` when there is no such kind.
    pub fn new(kind: &str, grid: PriceGrid) -> Option<Self> {
        match kind {
            "l3" => Some(Self::L3(BookL3::new(grid))),
            "l2" => Some(Self::L2(BookL2::new())),
            "l1" => Some(Self::L1(BookL1::new())),
            _ => None,
        }
    }

    /// Applies one operation. Gives what is left of a cancelled order, else zero.
    #[inline]
    pub fn apply(&mut self, steps: Steps, row: Operation, ask: Operation) -> Result<Lots, Refusal> {
        match (self, row.kind) {
            (Self::L3(book), ADD) => {
                let (price, lots) = (steps.ticks(row.price)?, steps.lots(row.quantity)?);
                book.add(row.id, side_of(row.side)?, price, lots)?;
            }
            (Self::L3(book), CANCEL) => {
                let whole = row.quantity.is_nan();
                let quantity = if whole { None } else { Some(steps.lots(row.quantity)?) };
                return Ok(book.cancel(row.id, quantity)?);
            }
            (Self::L3(book), MODIFY) => {
                let order =
                    book.order(row.id).ok_or(BookError::UnknownOrder { order_id: row.id })?;
                let keeps = (row.price.is_nan(), row.quantity.is_nan());
                let price = if keeps.0 { order.price } else { steps.ticks(row.price)? };
                let lots = if keeps.1 { order.quantity } else { steps.lots(row.quantity)? };
                book.modify(row.id, price, lots)?;
            }
            (Self::L2(book), SET) => {
                let (price, lots) = (steps.ticks(row.price)?, steps.lots(row.quantity)?);
                book.apply(side_of(row.side)?, price, lots, orders_of(row.id)?)?;
            }
            (Self::L1(book), SET) => {
                let level = level_of(steps, row)?;
                book.update_side(side_of(row.side)?, level.price, level.quantity, level.count)?;
            }
            (Self::L1(book), QUOTE) => {
                let (bid, ask) = (level_of(steps, row)?, level_of(steps, ask)?);
                book.update(Bbo {
                    bid: bid.price,
                    ask: ask.price,
                    bid_size: bid.quantity,
                    ask_size: ask.quantity,
                    bid_count: bid.count,
                    ask_count: ask.count,
                })?;
            }
            (_, kind) => return Err(no_operation("kind", kind)),
        }
        Ok(Lots::ZERO)
    }

    #[inline]
    pub fn bbo(&self) -> Bbo {
        match self {
            Self::L3(book) => book.bbo(),
            Self::L2(book) => book.bbo(),
            Self::L1(book) => book.bbo(),
        }
    }

    /// The levels of a side, best first.
    pub fn levels(&self, side: Side, most: usize) -> Vec<Level> {
        match self {
            Self::L3(book) => book.levels(side).take(most).collect(),
            Self::L2(book) => book.levels(side).take(most).collect(),
            Self::L1(book) => {
                let level = book.level(side);
                (level.price.is_some() && most > 0).then_some(level).into_iter().collect()
            }
        }
    }

    /// Quantity and orders at a price.
    pub fn level(&self, side: Side, price: Ticks) -> Level {
        match self {
            Self::L3(book) => book.level(side, price),
            Self::L2(book) => book.level(side, price),
            Self::L1(book) => {
                let level = book.level(side);
                if level.price == price { level } else { Level { price, ..Level::NONE } }
            }
        }
    }

    /// Number of levels on a side.
    pub fn level_count(&self, side: Side) -> usize {
        match self {
            Self::L3(book) => book.level_count(side),
            Self::L2(book) => book.level_count(side),
            Self::L1(book) => usize::from(book.level(side).price.is_some()),
        }
    }

    pub fn snapshot(&self) -> Vec<u8> {
        match self {
            Self::L3(book) => book.snapshot(),
            Self::L2(book) => book.snapshot(),
            Self::L1(book) => book.snapshot(),
        }
    }

    /// Puts a snapshot of the same kind, and for L3 of the same tick size, in place of the book.
    pub fn restore(&mut self, bytes: &[u8]) -> Result<(), Refusal> {
        match self {
            Self::L3(book) => {
                let restored = BookL3::restore(bytes)?;
                if restored.grid() != book.grid() {
                    let reason = "its tick size is not that of the options";
                    return Err(BookError::Snapshot { at: 8, reason }.into());
                }
                *book = restored;
            }
            Self::L2(book) => *book = BookL2::restore(bytes)?,
            Self::L1(book) => *book = BookL1::restore(bytes)?,
        }
        Ok(())
    }

    pub fn clear(&mut self) {
        match self {
            Self::L3(book) => book.clear(),
            Self::L2(book) => book.clear(),
            Self::L1(book) => book.clear(),
        }
    }
}

/// A side by its number.
#[inline]
pub(super) fn side_of(side: u8) -> Result<Side, Refusal> {
    match side {
        0 => Ok(Side::Buy),
        1 => Ok(Side::Sell),
        _ => Err(no_operation("side", side)),
    }
}

#[inline]
fn orders_of(count: u64) -> Result<u32, Refusal> {
    u32::try_from(count).map_err(|_| Refusal {
        code: "ERR_BOOK_OPERATION",
        message: format!("{count} orders at a level are not accepted"),
        field: "count",
        value: json!(count.to_string()),
        accepted: "0 (not known) to 2^32 - 1".to_owned(),
    })
}

/// A side of a quote: no price, or no quantity, is an empty one.
#[inline]
fn level_of(steps: Steps, row: Operation) -> Result<Level, Refusal> {
    if row.price.is_nan() {
        return Ok(Level::NONE);
    }
    let (price, quantity) = (steps.ticks(row.price)?, steps.lots(row.quantity)?);
    Ok(Level { price, quantity, count: orders_of(row.id)? })
}

#[cold]
fn no_operation(field: &'static str, value: u8) -> Refusal {
    let accepted = match field {
        "side" => "0 (buy) or 1 (sell)",
        _ => "1 (add), 2 (cancel) or 3 (modify) for orders, 4 (set) for levels and quotes",
    };
    Refusal {
        code: "ERR_BOOK_OPERATION",
        message: format!("{field} {value} is not accepted; give {accepted}"),
        field,
        value: json!(value),
        accepted: accepted.to_owned(),
    }
}
