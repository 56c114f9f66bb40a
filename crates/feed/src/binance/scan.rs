//! What is in recorded frames, from their beginning.

use super::frame::{Frame, Kind};
use super::lines::Lines;
use super::{BinanceOptions, BinanceStreams, BookStart};
use crate::error::{FeedError, Place};
use crate::text::Input;
use std::path::{Path, PathBuf};

/// Lines that are looked at.
const HEAD: usize = 20_000;

/// What the beginning of the files has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BinanceScan {
    /// Symbols in the order of their appearance.
    pub symbols: Vec<String>,
    /// Whether there is depth.
    pub depth: bool,
    /// Whether there is a snapshot of the book.
    pub snapshot: bool,
    /// Whether there are trades (or, failing these, aggregated ones).
    pub trades: bool,
    /// Whether trades come aggregated only.
    pub aggregated: bool,
    /// Whether there are best prices.
    pub best: bool,
    /// How far the recorder's clock is behind the exchange's at least, in ns: the most by which a
    /// frame was received before it was sent.
    pub behind: u64,
}

impl BinanceScan {
    /// Whether the options can be met.
    ///
    /// # Errors
    /// [`FeedError`] naming the option or symbol that the recording has not.
    pub fn allows(&self, file: &str, options: &BinanceOptions) -> Result<(), FeedError> {
        let refused = |option, value: &str, accepted: String| {
            Err(FeedError::Setting { option, value: value.to_owned(), accepted })
        };
        for symbol in &options.symbols {
            if !self.symbols.iter().any(|known| known.eq_ignore_ascii_case(symbol)) {
                return Err(FeedError::UnknownSymbol {
                    file: file.to_owned(),
                    symbol: symbol.clone(),
                    available: self.symbols.join(", "),
                });
            }
        }
        match options.streams {
            BinanceStreams::Best if !self.best => {
                let accepted =
                    format!("what {file} has: there are no bookTicker frames, say depth");
                refused("streams", "best", accepted)
            }
            BinanceStreams::Depth if !self.depth && self.best => {
                let accepted = format!("what {file} has: there are no depth frames, say best");
                refused("streams", "depth", accepted)
            }
            BinanceStreams::Depth
                if self.depth && !self.snapshot && options.book == BookStart::Snapshot =>
            {
                let accepted = format!(
                    "possible with {file}, which has no snapshot of the book in its first {HEAD} \
                     lines; put the file that comes before it first, or say build"
                );
                refused("book", "snapshot", accepted)
            }
            _ => Ok(()),
        }
    }
}

/// Whether a file is text that begins as a recording does: a frame, or a stamp and a frame.
///
/// # Errors
/// [`FeedError`] when it cannot be read.
pub fn is_recording(file: &Path) -> Result<bool, FeedError> {
    let name = file.display().to_string();
    let head = match Input::File(file.to_owned()).head(&name, super::ACCEPTED) {
        Ok(head) => head,
        // A file of another kind, for another reader to judge.
        Err(FeedError::Format { .. } | FeedError::Empty { .. }) => return Ok(false),
        Err(error @ FeedError::Io { action: "open", .. }) => return Err(error),
        Err(_) => return Ok(false),
    };
    let text = head.trim_ascii_start();
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    Ok(digits <= 20 && text[digits..].trim_ascii_start().starts_with(b"{\""))
}

/// Looks at the first lines of the files.
///
/// # Errors
/// [`FeedError`]: what cannot be read, or is no recording of Binance's frames.
pub fn scan(files: &[PathBuf]) -> Result<BinanceScan, FeedError> {
    scan_lines(Lines::open(files)?)
}

pub(super) fn scan_lines(mut lines: Lines) -> Result<BinanceScan, FeedError> {
    let mut frame = Frame::default();
    let mut scan = BinanceScan::default();
    let mut trades = false;
    for _ in 0..HEAD {
        let Some(stamp) = lines.next(&mut frame)? else { break };
        if let Some(sent) = frame.sent_time() {
            scan.behind = scan.behind.max(sent.0.saturating_sub(stamp.0));
        }
        if !frame.symbol.is_empty() && frame.kind != Kind::Other {
            let symbol = frame.symbol.to_ascii_uppercase();
            if !scan.symbols.contains(&symbol) {
                scan.symbols.push(symbol);
            }
        }
        match frame.kind {
            Kind::Depth => scan.depth = true,
            Kind::Snapshot => scan.snapshot = true,
            Kind::Trade => trades = true,
            Kind::Aggregate => scan.aggregated = true,
            Kind::Best => scan.best = true,
            Kind::Other => {}
        }
    }
    scan.aggregated &= !trades;
    scan.trades = trades || scan.aggregated;
    if scan.symbols.is_empty() {
        return Err(FeedError::Corrupt {
            file: lines.name().to_owned(),
            at: Place::Whole,
            reason: format!(
                "no frame of a market in the first lines; accepted: {}",
                super::ACCEPTED
            ),
        });
    }
    Ok(scan)
}
