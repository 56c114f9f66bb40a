//! Recorded frames of Binance as a source.

use crate::configuration::DataSource;
use crate::error::BacktestError;
use crate::sources::{Gives, time};
use feed::binance::{
    BinanceOptions, BinanceScan, BinanceSource, BinanceStreams, BookStart, OnGap, scan,
};
use feed::{Instruments, Source, WindowSource};
use model::UnixNanos;
use std::path::PathBuf;

/// Files of recorded frames that follow one another.
pub struct FrameFiles {
    files: Vec<PathBuf>,
    options: BinanceOptions,
    found: BinanceScan,
    window: (Option<UnixNanos>, Option<UnixNanos>),
}

impl FrameFiles {
    /// Opens the files far enough to know what is in them.
    ///
    /// # Errors
    /// [`BacktestError`] naming the file or setting at fault.
    pub fn open(source: &DataSource) -> Result<Self, BacktestError> {
        let book = match source.book.as_deref() {
            None | Some("snapshot") => BookStart::Snapshot,
            Some("build") => BookStart::Build,
            Some(other) => {
                let accepted = "accepted are snapshot and build";
                return Err(BacktestError::setting("data.book", other, accepted));
            }
        };
        let gaps = match source.gaps.as_deref() {
            None | Some("error") => OnGap::Error,
            Some("resync") => OnGap::Resync,
            Some(other) => {
                let accepted = "accepted are error and resync";
                return Err(BacktestError::setting("data.gaps", other, accepted));
            }
        };
        let streams = match source.streams.as_deref() {
            None | Some("depth") => BinanceStreams::Depth,
            Some("best") => BinanceStreams::Best,
            Some(other) => {
                let accepted = "accepted are depth and best";
                return Err(BacktestError::setting("data.streams", other, accepted));
            }
        };
        let clock_offset = match source.clock_offset.as_deref() {
            None => 0,
            Some(text) => text.parse().map_err(|_| {
                BacktestError::setting("data.clock_offset", text, "whole nanoseconds")
            })?,
        };
        let files: Vec<PathBuf> = source.files.iter().map(PathBuf::from).collect();
        let found = scan(&files)?;
        let symbols = source.symbols.clone();
        let options = BinanceOptions { symbols, book, gaps, streams, clock_offset };
        if let Some(first) = source.files.first() {
            found.allows(first, &options)?;
        }
        let start = time("data.start", source.start.as_deref())?;
        let end = time("data.end", source.end.as_deref())?;
        Ok(Self { files, options, found, window: (start, end) })
    }

    /// Its symbols.
    #[must_use]
    pub fn symbols(&self) -> Vec<String> {
        if self.options.symbols.is_empty() {
            return self.found.symbols.clone();
        }
        self.options.symbols.iter().map(|symbol| symbol.to_ascii_uppercase()).collect()
    }

    /// What its frames give.
    #[must_use]
    pub fn gives(&self) -> Gives {
        let depth = self.options.streams == BinanceStreams::Depth && self.found.depth;
        let best = self.options.streams == BinanceStreams::Best;
        Gives { trades: self.found.trades, quotes: depth || best, depth, ..Gives::default() }
    }

    /// What a result must say about the recorder's clock.
    #[must_use]
    pub fn note(&self) -> Option<String> {
        let behind = i64::try_from(self.found.behind).unwrap_or(i64::MAX);
        let left = behind.saturating_sub(self.options.clock_offset);
        let file = self.files.first()?.display();
        (left > 0).then(|| {
            format!(
                "{file}: the recorder's clock is at least {} ms behind the exchange's, so that what \
                 was received shows no delay; set clockOffset or a feed latency",
                left / 1_000_000
            )
        })
    }

    /// The source of its events for these instruments.
    ///
    /// # Errors
    /// [`BacktestError`] as at opening.
    pub fn into_source(self, instruments: &Instruments) -> Result<Box<dyn Source>, BacktestError> {
        let source =
            BinanceSource::open_scanned(&self.files, &self.found, &self.options, instruments)?;
        let (start, end) = self.window;
        if start.is_none() && end.is_none() {
            return Ok(Box::new(source));
        }
        Ok(Box::new(WindowSource::new(Box::new(source), start, end)))
    }
}
