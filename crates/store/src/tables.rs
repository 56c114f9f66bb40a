//! The columns of each table. Prices, quantities and money are written as `f64`: the closest
//! number to the exact one, which is the exact one to fifteen digits, and what pandas and polars
//! compute with.

use crate::artefact::{EquityPoint, OrderEventKind, OrderEventRow, RoundTripRow, TradeRow};
use crate::error::StoreError;
use crate::writer::Names;
use feed::parquet::{Column, ColumnData, ColumnKind};
use model::{InstrumentIndex, LiquiditySide, Lots, Side, StrategyIndex};

/// One column of a batch, ready for the table.
pub(crate) enum Values<'a> {
    Timestamp(Vec<u64>),
    I64(Vec<i64>),
    U32(Vec<u32>),
    F64(Vec<f64>),
    Bool(Vec<bool>),
    Utf8(Vec<&'a str>),
}

impl Values<'_> {
    pub(crate) fn as_data(&self) -> ColumnData<'_> {
        match self {
            Self::Timestamp(v) => ColumnData::Timestamp(v),
            Self::I64(v) => ColumnData::I64(v),
            Self::U32(v) => ColumnData::U32(v),
            Self::F64(v) => ColumnData::F64(v),
            Self::Bool(v) => ColumnData::Bool(v),
            Self::Utf8(v) => ColumnData::Utf8(v),
        }
    }
}

/// A row of a table: its columns, and how a batch of rows fills them.
pub(crate) trait Row: Copy {
    /// The table's name in messages and metadata.
    const TABLE: &'static str;
    /// Names and kinds of the columns.
    const COLUMNS: &'static [(&'static str, ColumnKind, Nulls)];
    /// What the row refers to.
    fn refers_to(&self) -> (StrategyIndex, Option<InstrumentIndex>);
    /// The columns of a batch, in the order of [`Self::COLUMNS`].
    fn values<'a>(rows: &[Self], names: &'a Names) -> Result<Vec<Values<'a>>, StoreError>;

    fn columns() -> Vec<Column> {
        let column = |&(name, kind, nulls): &(&str, ColumnKind, Nulls)| match nulls {
            Nulls::Never => Column::new(name, kind),
            Nulls::Some => Column::new(name, kind).optional(),
        };
        Self::COLUMNS.iter().map(column).collect()
    }
}

/// Whether a column has nulls.
#[derive(Clone, Copy)]
pub(crate) enum Nulls {
    Never,
    Some,
}

use ColumnKind::{Bool, F64, I64, Timestamp, U32, Utf8};
use Nulls::Never;

fn texts<'a, R>(rows: &[R], text: impl Fn(&R) -> &'a str) -> Values<'a> {
    Values::Utf8(rows.iter().map(text).collect())
}

fn floats<R>(rows: &[R], number: impl Fn(&R) -> f64) -> Values<'static> {
    Values::F64(rows.iter().map(number).collect())
}

fn times<R>(rows: &[R], time: impl Fn(&R) -> u64) -> Values<'static> {
    Values::Timestamp(rows.iter().map(time).collect())
}

/// Lots as a quantity of their instrument.
fn quantities<R: Row>(
    rows: &[R],
    names: &Names,
    lots: impl Fn(&R) -> (InstrumentIndex, Lots),
) -> Result<Values<'static>, StoreError> {
    let quantity = |row| {
        let (index, lots) = lots(row);
        let instrument = names.instrument(R::TABLE, index)?;
        let exact = instrument
            .quantity(lots)
            .map_err(|source| StoreError::Amount { table: R::TABLE, source })?;
        Ok(exact.as_f64())
    };
    rows.iter().map(quantity).collect::<Result<_, StoreError>>().map(Values::F64)
}

fn symbols<'a, R: Row>(rows: &[R], names: &'a Names) -> Values<'a> {
    texts(rows, |row| row.refers_to().1.map_or("", |index| names.symbol(index)))
}

fn strategies<'a, R: Row>(rows: &[R], names: &'a Names) -> Values<'a> {
    texts(rows, |row| names.strategy(row.refers_to().0))
}

const fn side_word(side: Side) -> &'static str {
    match side {
        Side::Buy => "buy",
        Side::Sell => "sell",
    }
}

impl Row for EquityPoint {
    const TABLE: &'static str = "metrics";
    const COLUMNS: &'static [(&'static str, ColumnKind, Nulls)] = &[
        ("ts", Timestamp, Never),
        ("strategy", Utf8, Never),
        ("equity", F64, Never),
        ("cash", F64, Never),
        ("position_value", F64, Never),
        ("drawdown", F64, Never),
    ];

    fn refers_to(&self) -> (StrategyIndex, Option<InstrumentIndex>) {
        (self.strategy, None)
    }

    fn values<'a>(rows: &[Self], names: &'a Names) -> Result<Vec<Values<'a>>, StoreError> {
        Ok(vec![
            times(rows, |r| r.ts_event.0),
            strategies(rows, names),
            floats(rows, |r| r.equity.as_f64()),
            floats(rows, |r| r.cash.as_f64()),
            floats(rows, |r| r.position_value.as_f64()),
            floats(rows, |r| r.drawdown.as_f64()),
        ])
    }
}

impl Row for TradeRow {
    const TABLE: &'static str = "trades";
    const COLUMNS: &'static [(&'static str, ColumnKind, Nulls)] = &[
        ("ts", Timestamp, Never),
        ("strategy", Utf8, Never),
        ("instrument", Utf8, Never),
        ("order", I64, Never),
        ("side", Utf8, Never),
        ("quantity", F64, Never),
        ("price", F64, Never),
        ("notional", F64, Never),
        ("liquidity", Utf8, Never),
        ("fee", F64, Never),
        ("realized", F64, Never),
        ("position", F64, Never),
        ("leaves", F64, Never),
    ];

    fn refers_to(&self) -> (StrategyIndex, Option<InstrumentIndex>) {
        (self.fill.order.strategy(), Some(self.fill.instrument))
    }

    fn values<'a>(rows: &[Self], names: &'a Names) -> Result<Vec<Values<'a>>, StoreError> {
        let liquidity = |r: &Self| match r.fill.liquidity {
            LiquiditySide::Maker => "maker",
            LiquiditySide::Taker => "taker",
        };
        Ok(vec![
            times(rows, |r| r.fill.ts_event.0),
            strategies(rows, names),
            symbols(rows, names),
            Values::I64(rows.iter().map(|r| r.fill.order.number() as i64).collect()),
            texts(rows, |r| side_word(r.fill.side)),
            quantities(rows, names, |r| (r.fill.instrument, r.fill.quantity))?,
            floats(rows, |r| r.fill.price.as_f64()),
            floats(rows, |r| r.notional.as_f64()),
            texts(rows, liquidity),
            floats(rows, |r| r.fill.fee.as_f64()),
            floats(rows, |r| r.realized.as_f64()),
            quantities(rows, names, |r| (r.fill.instrument, r.position))?,
            quantities(rows, names, |r| (r.fill.instrument, r.fill.leaves))?,
        ])
    }
}

impl Row for OrderEventRow {
    const TABLE: &'static str = "orders";
    const COLUMNS: &'static [(&'static str, ColumnKind, Nulls)] = &[
        ("ts", Timestamp, Never),
        ("strategy", Utf8, Never),
        ("instrument", Utf8, Never),
        ("order", I64, Never),
        ("event", Utf8, Never),
        ("reason", Utf8, Nulls::Some),
        ("side", Utf8, Never),
        ("type", Utf8, Never),
        ("limit_price", F64, Nulls::Some),
        ("time_in_force", Utf8, Never),
        ("post_only", Bool, Never),
        ("quantity", F64, Never),
        ("filled", F64, Never),
        ("fill_price", F64, Nulls::Some),
        ("leaves", F64, Never),
    ];

    fn refers_to(&self) -> (StrategyIndex, Option<InstrumentIndex>) {
        (self.order.strategy(), Some(self.instrument))
    }

    fn values<'a>(rows: &[Self], names: &'a Names) -> Result<Vec<Values<'a>>, StoreError> {
        let limit = |row: &Self| match row.limit {
            Some(ticks) => {
                let price = names.instrument(Self::TABLE, row.instrument)?.grid.price(ticks);
                Ok(if price.is_defined() { price.as_f64() } else { f64::NAN })
            }
            None => Ok(f64::NAN),
        };
        let limits = rows.iter().map(limit).collect::<Result<Vec<_>, StoreError>>()?;
        Ok(vec![
            times(rows, |r| r.ts_event.0),
            strategies(rows, names),
            symbols(rows, names),
            Values::I64(rows.iter().map(|r| r.order.number() as i64).collect()),
            texts(rows, |r| r.event.as_str()),
            texts(rows, |r| r.event.reason()),
            texts(rows, |r| side_word(r.side)),
            texts(rows, |r| r.order_type.as_str()),
            Values::F64(limits),
            texts(rows, |r| r.time_in_force.as_str()),
            Values::Bool(rows.iter().map(|r| r.post_only).collect()),
            quantities(rows, names, |r| (r.instrument, r.quantity))?,
            quantities(rows, names, |r| (r.instrument, r.filled))?,
            floats(rows, |r| match r.event {
                OrderEventKind::Filled(price) => price.as_f64(),
                _ => f64::NAN,
            }),
            quantities(rows, names, |r| (r.instrument, r.leaves))?,
        ])
    }
}

impl Row for RoundTripRow {
    const TABLE: &'static str = "round_trips";
    const COLUMNS: &'static [(&'static str, ColumnKind, Nulls)] = &[
        ("strategy", Utf8, Never),
        ("instrument", Utf8, Never),
        ("side", Utf8, Never),
        ("ts_open", Timestamp, Never),
        ("ts_close", Timestamp, Never),
        ("quantity", F64, Never),
        ("entry_price", F64, Never),
        ("exit_price", F64, Never),
        ("gross", F64, Never),
        ("fees", F64, Never),
        ("net", F64, Never),
        ("mae", F64, Never),
        ("mfe", F64, Never),
        ("fills", U32, Never),
    ];

    fn refers_to(&self) -> (StrategyIndex, Option<InstrumentIndex>) {
        (self.strategy, Some(self.instrument))
    }

    fn values<'a>(rows: &[Self], names: &'a Names) -> Result<Vec<Values<'a>>, StoreError> {
        let net = |row: &Self| match row.gross.checked_sub(row.fees) {
            Ok(net) => Ok(net.as_f64()),
            Err(source) => Err(StoreError::Amount { table: Self::TABLE, source }),
        };
        Ok(vec![
            strategies(rows, names),
            symbols(rows, names),
            texts(rows, |r| match r.side {
                Side::Buy => "long",
                Side::Sell => "short",
            }),
            times(rows, |r| r.ts_open.0),
            times(rows, |r| r.ts_close.0),
            quantities(rows, names, |r| (r.instrument, r.quantity))?,
            floats(rows, |r| r.entry_price.as_f64()),
            floats(rows, |r| r.exit_price.as_f64()),
            floats(rows, |r| r.gross.as_f64()),
            floats(rows, |r| r.fees.as_f64()),
            Values::F64(rows.iter().map(net).collect::<Result<_, _>>()?),
            floats(rows, |r| r.mae.as_f64()),
            floats(rows, |r| r.mfe.as_f64()),
            Values::U32(rows.iter().map(|r| r.fills).collect()),
        ])
    }
}
