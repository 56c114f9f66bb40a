//! Events as CSV text that the reader takes back.

use crate::columns::RowKind;
use crate::error::FeedError;
use crate::output::PartialFile;
use model::decimal::format_nanos;
use model::{DepthLevel, MarketEvent, Price, Quantity, Side};
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

/// A CSV file being written; it appears under its name at [`Self::finish`].
pub struct CsvWriter {
    file: PartialFile,
    kind: RowKind,
    levels: usize,
    symbols: Vec<String>,
    line: String,
    rows: u64,
}

impl CsvWriter {
    /// Begins a file of rows of one kind; `levels` counts for depth only, `symbols` are by
    /// instrument. zstd when the name ends in `.zst`.
    ///
    /// # Errors
    /// [`FeedError::Io`].
    pub fn create(
        path: &Path,
        kind: RowKind,
        levels: usize,
        symbols: &[String],
    ) -> Result<Self, FeedError> {
        let mut writer = Self {
            file: PartialFile::create(path)?,
            kind,
            levels: levels.min(10),
            symbols: symbols.to_vec(),
            line: header(kind, levels.min(10)),
            rows: 0,
        };
        writer.put()?;
        Ok(writer)
    }

    /// Sets the symbols by instrument, where they are known only while the source is read.
    pub fn set_symbols(&mut self, symbols: &[String]) {
        if self.symbols.len() < symbols.len() {
            self.symbols = symbols.to_vec();
        }
    }

    fn put(&mut self) -> Result<(), FeedError> {
        self.line.push('\n');
        let written = self.file.write_all(self.line.as_bytes());
        self.line.clear();
        written.map_err(|e| FeedError::io(self.file.name(), "write", e))
    }

    /// Writes one event; whether it is of the file's kind (others are left out).
    ///
    /// # Errors
    /// [`FeedError::Io`].
    pub fn write(&mut self, event: &MarketEvent) -> Result<bool, FeedError> {
        let line = &mut self.line;
        match (self.kind, event) {
            (RowKind::Bars, MarketEvent::Bar(bar)) => {
                // Writing to a string cannot fail.
                let _ = write!(
                    line,
                    "{},{},{},{},{},{},{},{}",
                    bar.open_time,
                    bar.close_time,
                    bar.timeframe,
                    bar.open,
                    bar.high,
                    bar.low,
                    bar.close,
                    format_nanos(bar.volume)
                );
            }
            (RowKind::Quotes, MarketEvent::Quote(quote)) => {
                let _ = write!(line, "{},{},", quote.ts_event, quote.ts_recv);
                price(line, quote.bid);
                line.push(',');
                price(line, quote.ask);
                let _ = write!(
                    line,
                    ",{},{},{},{}",
                    quote.bid_size, quote.ask_size, quote.bid_count, quote.ask_count
                );
            }
            (RowKind::Trades, MarketEvent::Trade(trade)) => {
                let side = match trade.aggressor {
                    Some(Side::Buy) => "buy",
                    Some(Side::Sell) => "sell",
                    None => "",
                };
                let _ = write!(
                    line,
                    "{},{},{},{},{side}",
                    trade.ts_event, trade.ts_recv, trade.price, trade.quantity
                );
            }
            (RowKind::Depth, MarketEvent::Depth(depth)) => {
                let _ = write!(line, "{},{}", depth.ts_event, depth.ts_recv);
                for side in [&depth.bids, &depth.asks] {
                    for k in 0..self.levels {
                        level(line, side.get(k));
                    }
                }
            }
            _ => return Ok(false),
        }
        line.push(',');
        quoted(line, self.symbols.get(event.instrument().index()).map_or("", String::as_str));
        self.rows += 1;
        self.put()?;
        Ok(true)
    }

    /// Completes the file; how many rows it has.
    ///
    /// # Errors
    /// [`FeedError::Io`].
    pub fn finish(self) -> Result<u64, FeedError> {
        self.file.finish()?;
        Ok(self.rows)
    }
}

fn header(kind: RowKind, levels: usize) -> String {
    let mut text = match kind {
        RowKind::Bars => "open_time,close_time,timeframe,open,high,low,close,volume".to_owned(),
        RowKind::Quotes => {
            "ts_event,ts_recv,bid,ask,bid_size,ask_size,bid_count,ask_count".to_owned()
        }
        RowKind::Trades => "ts_event,ts_recv,price,size,side".to_owned(),
        RowKind::Depth => "ts_event,ts_recv".to_owned(),
    };
    if kind == RowKind::Depth {
        for side in ["bid", "ask"] {
            for k in 0..levels {
                let _ = write!(text, ",{side}_price_{k},{side}_size_{k},{side}_count_{k}");
            }
        }
    }
    text.push_str(",symbol");
    text
}

fn price(line: &mut String, price: Price) {
    if price.is_defined() {
        let _ = write!(line, "{price}");
    }
}

fn level(line: &mut String, level: Option<&DepthLevel>) {
    let none = DepthLevel { price: Price::UNDEFINED, quantity: Quantity::ZERO, count: 0 };
    let level = level.unwrap_or(&none);
    line.push(',');
    price(line, level.price);
    let _ = write!(line, ",{},{}", level.quantity, level.count);
}

/// A cell, in quotes where it needs them.
fn quoted(line: &mut String, text: &str) {
    if text.contains([',', '"', '\n', '\r']) {
        let _ = write!(line, "\"{}\"", text.replace('"', "\"\""));
    } else {
        line.push_str(text);
    }
}
