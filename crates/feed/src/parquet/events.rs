//! Events as Parquet tables that the reader takes back.

use super::write::{Column, ColumnData, ColumnKind, ParquetTable};
use crate::columns::RowKind;
use crate::error::FeedError;
use model::{Bar, Depth, DepthLevel, MarketEvent, Price, Quantity, Side};
use std::path::Path;

/// Events that are gathered before they are appended.
const CHUNK: usize = 8192;

/// A Parquet file of events of one kind; it appears under its name at [`Self::finish`].
pub struct ParquetWriter {
    table: ParquetTable,
    kind: RowKind,
    levels: usize,
    symbols: Vec<String>,
    waiting: Vec<MarketEvent>,
}

impl ParquetWriter {
    /// Begins a file of rows of one kind; `levels` counts for depth only, `symbols` are by
    /// instrument.
    ///
    /// # Errors
    /// [`FeedError::Io`].
    pub fn create(
        path: &Path,
        kind: RowKind,
        levels: usize,
        symbols: &[String],
    ) -> Result<Self, FeedError> {
        let levels = levels.min(10);
        let table = ParquetTable::create(path, &columns(kind, levels))?;
        let symbols = symbols.to_vec();
        Ok(Self { table, kind, levels, symbols, waiting: Vec::with_capacity(CHUNK) })
    }

    /// Sets the symbols by instrument, where they are known only while the source is read.
    pub fn set_symbols(&mut self, symbols: &[String]) {
        if self.symbols.len() < symbols.len() {
            self.symbols = symbols.to_vec();
        }
    }

    /// Writes one event; whether it is of the file's kind (others are left out).
    ///
    /// # Errors
    /// [`FeedError::Io`]; [`FeedError::Setting`] for a time after 2262.
    pub fn write(&mut self, event: &MarketEvent) -> Result<bool, FeedError> {
        let fits = matches!(
            (self.kind, event),
            (RowKind::Bars, MarketEvent::Bar(_))
                | (RowKind::Quotes, MarketEvent::Quote(_))
                | (RowKind::Trades, MarketEvent::Trade(_))
                | (RowKind::Depth, MarketEvent::Depth(_))
        );
        if fits {
            self.waiting.push(event.clone());
            if self.waiting.len() == CHUNK {
                self.flush()?;
            }
        }
        Ok(fits)
    }

    /// Completes the file; how many rows it has.
    ///
    /// # Errors
    /// As [`Self::write`].
    pub fn finish(mut self) -> Result<u64, FeedError> {
        self.flush()?;
        self.table.finish()
    }

    fn flush(&mut self) -> Result<(), FeedError> {
        let events = std::mem::take(&mut self.waiting);
        let symbols: Vec<&str> = events
            .iter()
            .map(|e| self.symbols.get(e.instrument().index()).map_or("", String::as_str))
            .collect();
        let symbols = ColumnData::Utf8(&symbols);
        let event: Vec<u64> = events.iter().map(|e| e.ts_event().0).collect();
        let recv: Vec<u64> = events.iter().map(|e| e.ts_recv().0).collect();
        match self.kind {
            RowKind::Bars => bars(&mut self.table, &events, symbols)?,
            RowKind::Quotes => {
                let quotes = || {
                    events.iter().filter_map(|e| match e {
                        MarketEvent::Quote(quote) => Some(quote),
                        _ => None,
                    })
                };
                let [mut bid, mut ask, mut bid_size, mut ask_size] = [const { Vec::new() }; 4];
                let [mut bid_count, mut ask_count] = [const { Vec::new() }; 2];
                for quote in quotes() {
                    bid.push(quote.bid.0);
                    ask.push(quote.ask.0);
                    bid_size.push(quote.bid_size.0);
                    ask_size.push(quote.ask_size.0);
                    bid_count.push(quote.bid_count);
                    ask_count.push(quote.ask_count);
                }
                self.table.append(&[
                    ColumnData::Timestamp(&event),
                    ColumnData::Timestamp(&recv),
                    ColumnData::Nanos(&bid),
                    ColumnData::Nanos(&ask),
                    ColumnData::Nanos(&bid_size),
                    ColumnData::Nanos(&ask_size),
                    ColumnData::U32(&bid_count),
                    ColumnData::U32(&ask_count),
                    symbols,
                ])?;
            }
            RowKind::Trades => {
                let (mut price, mut size, mut side) = (Vec::new(), Vec::new(), Vec::new());
                for e in &events {
                    if let MarketEvent::Trade(trade) = e {
                        price.push(trade.price.0);
                        size.push(trade.quantity.0);
                        side.push(match trade.aggressor {
                            Some(Side::Buy) => "buy",
                            Some(Side::Sell) => "sell",
                            None => "",
                        });
                    }
                }
                self.table.append(&[
                    ColumnData::Timestamp(&event),
                    ColumnData::Timestamp(&recv),
                    ColumnData::Nanos(&price),
                    ColumnData::Nanos(&size),
                    ColumnData::Utf8(&side),
                    symbols,
                ])?;
            }
            RowKind::Depth => {
                depth(&mut self.table, self.levels, &events, [&event, &recv], symbols)?
            }
        }
        self.waiting = events;
        self.waiting.clear();
        Ok(())
    }
}

fn bars(
    table: &mut ParquetTable,
    events: &[MarketEvent],
    symbols: ColumnData<'_>,
) -> Result<(), FeedError> {
    let bars: Vec<&Bar> = events
        .iter()
        .filter_map(|e| if let MarketEvent::Bar(bar) = e { Some(bar) } else { None })
        .collect();
    let open_time: Vec<u64> = bars.iter().map(|b| b.open_time.0).collect();
    let close_time: Vec<u64> = bars.iter().map(|b| b.close_time.0).collect();
    let lengths: Vec<String> = bars.iter().map(|b| b.timeframe.to_string()).collect();
    let lengths: Vec<&str> = lengths.iter().map(String::as_str).collect();
    let price = |f: fn(&Bar) -> Price| bars.iter().map(|b| f(b).0).collect::<Vec<i64>>();
    let volume: Vec<i128> = bars.iter().map(|b| b.volume).collect();
    table.append(&[
        ColumnData::Timestamp(&open_time),
        ColumnData::Timestamp(&close_time),
        ColumnData::Utf8(&lengths),
        ColumnData::Nanos(&price(|b| b.open)),
        ColumnData::Nanos(&price(|b| b.high)),
        ColumnData::Nanos(&price(|b| b.low)),
        ColumnData::Nanos(&price(|b| b.close)),
        ColumnData::Decimal(&volume),
        symbols,
    ])
}

fn depth(
    table: &mut ParquetTable,
    levels: usize,
    events: &[MarketEvent],
    [event, recv]: [&[u64]; 2],
    symbols: ColumnData<'_>,
) -> Result<(), FeedError> {
    let depths: Vec<&Depth> = events
        .iter()
        .filter_map(|e| if let MarketEvent::Depth(depth) = e { Some(&**depth) } else { None })
        .collect();
    let none = DepthLevel { price: Price::UNDEFINED, quantity: Quantity::ZERO, count: 0 };
    let mut prices: Vec<(Vec<i64>, Vec<i64>, Vec<u32>)> = Vec::new();
    for side in 0..2 {
        for k in 0..levels {
            let level = |depth: &&Depth| {
                let side = if side == 0 { &depth.bids } else { &depth.asks };
                side.get(k).copied().unwrap_or(none)
            };
            let levels: Vec<DepthLevel> = depths.iter().map(level).collect();
            prices.push((
                levels.iter().map(|l| l.price.0).collect(),
                levels.iter().map(|l| l.quantity.0).collect(),
                levels.iter().map(|l| l.count).collect(),
            ));
        }
    }
    let mut data = vec![ColumnData::Timestamp(event), ColumnData::Timestamp(recv)];
    for (price, size, count) in &prices {
        data.extend([ColumnData::Nanos(price), ColumnData::Nanos(size), ColumnData::U32(count)]);
    }
    data.push(symbols);
    table.append(&data)
}

fn columns(kind: RowKind, levels: usize) -> Vec<Column> {
    let column = Column::new;
    let price = |name: &str| Column::new(name, ColumnKind::Nanos);
    let stamps = || {
        vec![column("ts_event", ColumnKind::Timestamp), column("ts_recv", ColumnKind::Timestamp)]
    };
    let mut all = match kind {
        RowKind::Bars => vec![
            column("open_time", ColumnKind::Timestamp),
            column("close_time", ColumnKind::Timestamp),
            column("timeframe", ColumnKind::Utf8),
            price("open"),
            price("high"),
            price("low"),
            price("close"),
            column("volume", ColumnKind::Decimal),
        ],
        RowKind::Quotes | RowKind::Trades | RowKind::Depth => stamps(),
    };
    match kind {
        RowKind::Bars => {}
        RowKind::Quotes => all.extend([
            price("bid").optional(),
            price("ask").optional(),
            price("bid_size"),
            price("ask_size"),
            column("bid_count", ColumnKind::U32),
            column("ask_count", ColumnKind::U32),
        ]),
        RowKind::Trades => {
            all.extend([
                price("price"),
                price("size"),
                column("side", ColumnKind::Utf8).optional(),
            ]);
        }
        RowKind::Depth => {
            for side in ["bid", "ask"] {
                for k in 0..levels {
                    all.push(price(&format!("{side}_price_{k}")).optional());
                    all.push(price(&format!("{side}_size_{k}")));
                    all.push(column(&format!("{side}_count_{k}"), ColumnKind::U32));
                }
            }
        }
    }
    all.push(column("symbol", ColumnKind::Utf8).optional());
    all
}
