//! Rows of quotes, trades and depth.

use super::field::Field;
use super::names::LevelColumns;
use super::rows::{Cells, RowBuilder};
use crate::error::FeedError;
use model::{Depth, DepthLevel, InstrumentIndex, Price, Quantity, Quote, Side, Trade};

impl RowBuilder {
    pub(super) fn quote<C: Cells>(
        &mut self,
        cells: &C,
        instrument: InstrumentIndex,
        row: u64,
    ) -> Result<Quote, FeedError> {
        let ts_event = self.instant(cells, row)?;
        let at = |field| self.columns.position(field);
        let [bid, ask] = [at(Field::Bid), at(Field::Ask)];
        let [bid_size, ask_size] = [at(Field::BidSize), at(Field::AskSize)];
        let [bid_count, ask_count] = [at(Field::BidCount), at(Field::AskCount)];
        Ok(Quote {
            instrument,
            ts_event,
            ts_recv: self.received(cells, row, ts_event)?,
            bid: self.side_price(cells, bid, row)?,
            ask: self.side_price(cells, ask, row)?,
            bid_size: self.size(cells, bid_size, row)?,
            ask_size: self.size(cells, ask_size, row)?,
            bid_count: self.count(cells, bid_count, row)?,
            ask_count: self.count(cells, ask_count, row)?,
        })
    }

    /// A price whose empty cell is an empty side.
    fn side_price<C: Cells>(
        &mut self,
        cells: &C,
        column: Option<usize>,
        row: u64,
    ) -> Result<Price, FeedError> {
        let Some(column) = column else { return Ok(Price::UNDEFINED) };
        Ok(self.small(cells, column, row)?.map_or(Price::UNDEFINED, Price))
    }

    pub(super) fn trade<C: Cells>(
        &mut self,
        cells: &C,
        instrument: InstrumentIndex,
        row: u64,
    ) -> Result<Option<Trade>, FeedError> {
        let ts_event = self.instant(cells, row)?;
        let price = self.price(cells, Field::Price, row)?;
        let column = self.columns.position(Field::Size);
        let quantity = if self.rules.cumulative {
            let Some(column) = column else { return Ok(None) };
            let total = self.number(cells, column, row)?.unwrap_or(0);
            let before = self.totals.insert(instrument.0, total).unwrap_or(total);
            let grown = i64::try_from(total - before).unwrap_or(0);
            if grown <= 0 {
                return Ok(None);
            }
            Quantity(grown)
        } else {
            self.size(cells, column, row)?
        };
        let ts_recv = self.received(cells, row, ts_event)?;
        let aggressor = self.side(cells, row)?;
        Ok(Some(Trade { instrument, ts_event, ts_recv, price, quantity, aggressor }))
    }

    fn side<C: Cells>(&self, cells: &C, row: u64) -> Result<Option<Side>, FeedError> {
        let Some(column) = self.columns.position(Field::Side) else {
            return self.taker_of(cells, row);
        };
        let text = cells.text(column);
        match text.trim().to_ascii_lowercase().as_str() {
            "buy" | "b" | "bid" | "buyer" => Ok(Some(Side::Buy)),
            "sell" | "s" | "ask" | "a" | "seller" | "offer" | "o" => Ok(Some(Side::Sell)),
            "" | "n" | "none" | "unknown" | "u" => Ok(None),
            _ => Err(self.value_error(
                cells,
                column,
                row,
                "a side: buy, sell, bid, ask, offer, b, s, a, o, or empty where it is not known",
            )),
        }
    }

    /// The aggressor of a trade that says whether its buyer was the maker.
    fn taker_of<C: Cells>(&self, cells: &C, row: u64) -> Result<Option<Side>, FeedError> {
        let Some(column) = self.columns.position(Field::BuyerMaker) else { return Ok(None) };
        match cells.text(column).trim().to_ascii_lowercase().as_str() {
            "true" | "1" => Ok(Some(Side::Sell)),
            "false" | "0" => Ok(Some(Side::Buy)),
            "" => Ok(None),
            _ => Err(self.value_error(cells, column, row, "true or false")),
        }
    }

    pub(super) fn depth<C: Cells>(
        &mut self,
        cells: &C,
        instrument: InstrumentIndex,
        row: u64,
    ) -> Result<Depth, FeedError> {
        let ts_event = self.instant(cells, row)?;
        let ts_recv = self.received(cells, row, ts_event)?;
        let mut sides = [Vec::new(), Vec::new()];
        for (side, levels) in sides.iter_mut().enumerate() {
            let count = if side == 0 { self.columns.bids.len() } else { self.columns.asks.len() };
            levels.reserve_exact(count);
            for k in 0..count {
                let columns: LevelColumns =
                    if side == 0 { self.columns.bids[k] } else { self.columns.asks[k] };
                let price = self.side_price(cells, Some(columns.price), row)?;
                // A side that is shorter than its columns leaves the rest empty.
                if !price.is_defined() {
                    continue;
                }
                levels.push(DepthLevel {
                    price,
                    quantity: self.size(cells, Some(columns.size), row)?,
                    count: self.count(cells, columns.count, row)?,
                });
            }
        }
        let [bids, asks] = sides;
        Ok(Depth { instrument, ts_event, ts_recv, bids, asks })
    }
}
