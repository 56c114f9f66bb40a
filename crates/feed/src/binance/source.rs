//! Recorded frames as a source of level changes, trades and best prices.

use super::counts::BinanceCounts;
use super::events::push_events;
use super::frame::{Change, Frame, Kind};
use super::lines::Lines;
use super::order::{Body, Message, VenueOrder};
use super::scan::{BinanceScan, scan, scan_lines};
use super::sequence::{Sequence, Span, Verdict};
use super::{BinanceOptions, BinanceStreams, BookStart, OnGap};
use crate::error::FeedError;
use crate::instruments::Instruments;
use crate::rows_batch::RowsBatch;
use crate::source::{Block, Source};
use model::{InstrumentIndex, Price, Side, UnixNanos};
use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;

/// Events of a batch, about.
const BATCH: usize = 4096;
/// Depth frames of a symbol that are kept while its book is not known: minutes of them, where a
/// snapshot comes within seconds.
const HELD: usize = 20_000;

/// A depth frame that waits for its snapshot.
struct Held {
    span: Span,
    time: UnixNanos,
    bids: Vec<Change>,
    asks: Vec<Change>,
}

struct Symbol {
    name: String,
    instrument: Option<InstrumentIndex>,
    sequence: Sequence,
    held: VecDeque<Held>,
    /// Latest venue time of depth, and of everything else: a stream is in order.
    depth_time: UnixNanos,
    other_time: UnixNanos,
}

/// Recorded frames, of one file or several that follow one another.
pub struct BinanceSource {
    name: String,
    lines: Lines,
    options: BinanceOptions,
    trades: Kind,
    symbols: Vec<Symbol>,
    order: VenueOrder,
    counts: BinanceCounts,
    batch: RowsBatch,
}

impl BinanceSource {
    /// Opens the files, in the order of their recording.
    ///
    /// # Errors
    /// [`FeedError`]: what cannot be opened, is no recording, or has not what the options ask for.
    pub fn open(
        files: &[PathBuf],
        options: &BinanceOptions,
        instruments: &Instruments,
    ) -> Result<Self, FeedError> {
        Self::open_scanned(files, &scan(files)?, options, instruments)
    }

    /// The same of files that have been looked at.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_scanned(
        files: &[PathBuf],
        found: &BinanceScan,
        options: &BinanceOptions,
        instruments: &Instruments,
    ) -> Result<Self, FeedError> {
        Self::new(found, Lines::open(files)?, options, instruments)
    }

    /// Reads text in memory, under a name for messages.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn from_bytes(
        name: &str,
        bytes: impl Into<Arc<[u8]>>,
        options: &BinanceOptions,
        instruments: &Instruments,
    ) -> Result<Self, FeedError> {
        let bytes = bytes.into();
        let found = scan_lines(Lines::from_bytes(name, Arc::clone(&bytes))?)?;
        Self::new(&found, Lines::from_bytes(name, bytes)?, options, instruments)
    }

    fn new(
        found: &BinanceScan,
        lines: Lines,
        options: &BinanceOptions,
        instruments: &Instruments,
    ) -> Result<Self, FeedError> {
        found.allows(lines.name(), options)?;
        let wanted = |name: &str| {
            options.symbols.is_empty()
                || options.symbols.iter().any(|symbol| symbol.eq_ignore_ascii_case(name))
        };
        let symbol = |name: &String| Symbol {
            name: name.clone(),
            instrument: instruments.index(name).filter(|_| wanted(name)),
            sequence: match options.book {
                BookStart::Snapshot => Sequence::default(),
                BookStart::Build => Sequence::from_nothing(),
            },
            held: VecDeque::new(),
            depth_time: UnixNanos::ZERO,
            other_time: UnixNanos::ZERO,
        };
        Ok(Self {
            name: lines.name().to_owned(),
            lines,
            trades: if found.aggregated { Kind::Aggregate } else { Kind::Trade },
            symbols: found.symbols.iter().map(symbol).collect(),
            options: options.clone(),
            order: VenueOrder::default(),
            counts: BinanceCounts::default(),
            batch: RowsBatch::with_capacity(BATCH),
        })
    }

    /// What was read so far.
    #[must_use]
    pub fn counts(&self) -> BinanceCounts {
        BinanceCounts { late: self.order.late, ..self.counts }
    }

    fn fill(&mut self) -> Result<(), FeedError> {
        let mut frame = Frame::default();
        while self.batch.events.len() < BATCH {
            let Some(stamp) = self.lines.next(&mut frame)? else {
                self.batch.done = true;
                break;
            };
            let recv = UnixNanos(stamp.0.saturating_add_signed(self.options.clock_offset));
            self.take(&mut frame, recv)?;
            while let Some(message) = self.order.pop(false) {
                self.give(message);
            }
        }
        if self.batch.done {
            self.give_all();
            self.counts.before_book += self
                .symbols
                .iter_mut()
                .map(|symbol| symbol.held.drain(..).len() as u64)
                .sum::<u64>();
        }
        Ok(())
    }

    /// Takes a frame in.
    fn take(&mut self, frame: &mut Frame, recv: UnixNanos) -> Result<(), FeedError> {
        let depth = self.options.streams == BinanceStreams::Depth;
        match frame.kind {
            Kind::Other => {
                self.counts.others += 1;
                return Ok(());
            }
            Kind::Depth => {
                self.counts.depth += 1;
                self.counts.changes += (frame.bids.len() + frame.asks.len()) as u64;
            }
            Kind::Snapshot => self.counts.snapshots += 1,
            Kind::Trade | Kind::Aggregate => {
                self.counts.trades += u64::from(frame.kind == self.trades)
            }
            Kind::Best => self.counts.best += 1,
        }
        let at = self.symbol(frame)?;
        let symbol = &mut self.symbols[at];
        if symbol.instrument.is_none() {
            self.counts.others += 1;
            return Ok(());
        }
        let venue = frame.venue_time();
        match frame.kind {
            Kind::Depth if depth => self.depth(at, frame, recv),
            Kind::Snapshot if depth => self.snapshot(at, frame, recv),
            kind if kind == self.trades => {
                if frame.outside_book {
                    self.counts.outside_book += 1;
                    return Ok(());
                }
                let (Some(price), Some(quantity)) = (frame.price, frame.quantity) else {
                    return Err(self.lines.fault("a trade without a price 'p' or a quantity 'q'"));
                };
                let aggressor =
                    frame.buyer_is_maker.map(|maker| if maker { Side::Sell } else { Side::Buy });
                let time = venue.unwrap_or(recv).max(symbol.other_time);
                symbol.other_time = time;
                self.push(at, time, recv, Body::Trade { price, quantity, aggressor });
                Ok(())
            }
            Kind::Best if !depth => {
                let bid =
                    (frame.bid.unwrap_or(Price::UNDEFINED), frame.bid_size.unwrap_or_default());
                let ask =
                    (frame.ask.unwrap_or(Price::UNDEFINED), frame.ask_size.unwrap_or_default());
                // Spot's best prices carry no time: they were made when they were received at the
                // latest, and not before what came on the same connection.
                let time = venue.unwrap_or(recv).max(symbol.other_time);
                symbol.other_time = time;
                self.push(at, time, recv, Body::Best { bid, ask });
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn depth(&mut self, at: usize, frame: &mut Frame, recv: UnixNanos) -> Result<(), FeedError> {
        let (Some(first), Some(last)) = (frame.first, frame.last) else {
            return Err(self.lines.fault("depth without its first and last number, 'U' and 'u'"));
        };
        let span = Span { first, last, previous: frame.previous };
        let symbol = &mut self.symbols[at];
        let time = frame.venue_time().unwrap_or(recv).max(symbol.depth_time);
        symbol.depth_time = time;
        match symbol.sequence.judge(span) {
            Verdict::Apply => {
                let (bids, asks) = (frame.bids.clone(), frame.asks.clone());
                self.push(at, time, recv, Body::Levels { clear: false, bids, asks });
            }
            Verdict::Old => self.counts.old += 1,
            Verdict::Wait => self.hold(at, span, time, frame),
            Verdict::Gap { known } => {
                self.counts.gaps += 1;
                let symbol = &mut self.symbols[at];
                if self.options.gaps == OnGap::Error {
                    let (what, next) = match span.previous {
                        Some(previous) => ("pu", previous),
                        None => ("U", first),
                    };
                    return Err(self.lines.fault(format!(
                        "{}: depth is missing between u {known} and {what} {next}; with gaps: \
                         resync the book is empty until the next snapshot",
                        symbol.name
                    )));
                }
                if self.options.book == BookStart::Build {
                    symbol.sequence = Sequence::from_nothing();
                    symbol.sequence.judge(span);
                    let (bids, asks) = (frame.bids.clone(), frame.asks.clone());
                    self.push(at, time, recv, Body::Levels { clear: true, bids, asks });
                } else {
                    symbol.sequence.forget();
                    let empty = Body::Levels { clear: true, bids: Vec::new(), asks: Vec::new() };
                    self.push(at, time, recv, empty);
                    self.hold(at, span, time, frame);
                }
            }
        }
        Ok(())
    }

    fn hold(&mut self, at: usize, span: Span, time: UnixNanos, frame: &mut Frame) {
        let held = &mut self.symbols[at].held;
        if held.len() == HELD {
            held.pop_front();
            self.counts.before_book += 1;
        }
        let (bids, asks) = (frame.bids.clone(), frame.asks.clone());
        held.push_back(Held { span, time, bids, asks });
    }

    fn snapshot(&mut self, at: usize, frame: &mut Frame, recv: UnixNanos) -> Result<(), FeedError> {
        let Some(id) = frame.last else {
            return Err(self.lines.fault("a snapshot without its number 'lastUpdateId'"));
        };
        let symbol = &mut self.symbols[at];
        if !symbol.sequence.snapshot(id, symbol.held.iter().map(|held| &held.span)) {
            self.counts.stale_snapshots += 1;
            return Ok(());
        }
        // The book is known from now on, whenever its parts were made.
        let known = symbol.held.back().map_or(UnixNanos::ZERO, |held| held.time);
        let time = frame.venue_time().unwrap_or(known).max(symbol.depth_time);
        let time = if time == UnixNanos::ZERO { recv } else { time };
        symbol.depth_time = time;
        let held = std::mem::take(&mut symbol.held);
        let (bids, asks) = (frame.bids.clone(), frame.asks.clone());
        self.push(at, time, recv, Body::Levels { clear: true, bids, asks });
        for Held { span, bids, asks, .. } in held {
            match self.symbols[at].sequence.judge(span) {
                Verdict::Apply => {
                    self.push(at, time, recv, Body::Levels { clear: false, bids, asks });
                }
                _ => self.counts.before_book += 1,
            }
        }
        Ok(())
    }

    fn push(&mut self, symbol: usize, time: UnixNanos, recv: UnixNanos, body: Body) {
        let line = self.lines.total();
        self.order.push(Message { symbol, time, recv, line, body });
    }

    /// Which symbol a frame is of.
    fn symbol(&self, frame: &Frame) -> Result<usize, FeedError> {
        if frame.symbol.is_empty() {
            return match &self.symbols[..] {
                [_] => Ok(0),
                _ => Err(self.lines.fault(
                    "the frame names no symbol and the recording has several; record each in a file \
                     of its own, or write \"symbol\" into its snapshots",
                )),
            };
        }
        self.symbols
            .iter()
            .position(|known| known.name.eq_ignore_ascii_case(&frame.symbol))
            .ok_or_else(|| {
                self.lines.fault(format!(
                    "symbol {} first appears here, after the head of the recording that decides \
                     which instruments there are; put it into a recording of its own",
                    frame.symbol
                ))
            })
    }

    /// Whatever still waits for messages that the exchange made before it.
    fn give_all(&mut self) {
        while let Some(message) = self.order.pop(true) {
            self.give(message);
        }
    }

    fn give(&mut self, message: Message) {
        let Some(instrument) = self.symbols[message.symbol].instrument else { return };
        let line = message.line;
        push_events(message, instrument, &mut self.batch.events);
        self.batch.placed(line);
    }
}

impl Source for BinanceSource {
    fn next_block(&mut self) -> Result<Option<Block<'_>>, FeedError> {
        if self.batch.begin()? {
            let filled = self.fill();
            if filled.is_err() {
                // What waits for its turn goes before the fault.
                self.give_all();
            }
            self.batch.end(filled)?;
        }
        Ok(self.batch.block())
    }

    fn block(&self) -> Option<Block<'_>> {
        self.batch.block()
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn progress(&self) -> f64 {
        self.batch.progress(self.lines.progress())
    }

    fn row(&self, event: usize) -> Option<u64> {
        self.batch.row(event)
    }
}
