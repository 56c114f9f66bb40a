//! What is in a recording of Binance's frames.

use super::{Fault, FileInspection, InspectOptions, InstrumentInspection, Stamp, TermsInspection};
use crate::binance::{
    BinanceOptions, BinanceSource, BinanceStreams, BookStart, OnGap, is_recording, scan,
};
use crate::check::{CheckOptions, Checked, Policy};
use crate::error::FeedError;
use crate::instruments::Instruments;
use crate::source::{Block, Source};
use crate::terms::Resolve;
use model::{Currency, Instrument, MarketEvent, NANO, UnixNanos};
use std::collections::BTreeMap;
use std::path::Path;

/// What was met of one symbol.
#[derive(Clone, Default)]
struct Met {
    records: u64,
    volume: u128,
    first: Option<UnixNanos>,
    last: UnixNanos,
}

/// Inspects a file where it is a recording; it stands for itself, even where it goes on from one
/// before it: without a snapshot its book is built, and counted are the gaps inside it.
pub(super) fn frames(
    path: &Path,
    options: &InspectOptions,
) -> Result<Option<(FileInspection, Vec<InstrumentInspection>)>, FeedError> {
    if !is_recording(path)? {
        return Ok(None);
    }
    let files = [path.to_owned()];
    let found = scan(&files)?;
    // Sizes and prices as they are written: the terms do not matter to what is counted.
    let probe = |symbol: &String| Instrument::plain_equity(symbol, Currency::USD);
    let instruments: Instruments = found
        .symbols
        .iter()
        .map(probe)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|source| FeedError::Model {
            file: path.display().to_string(),
            at: crate::Place::Whole,
            source,
        })?
        .into_iter()
        .collect();
    let how = BinanceOptions {
        book: if found.snapshot { BookStart::Snapshot } else { BookStart::Build },
        gaps: OnGap::Resync,
        streams: if found.depth { BinanceStreams::Depth } else { BinanceStreams::Best },
        ..BinanceOptions::default()
    };
    let mut source = BinanceSource::open_scanned(&files, &found, &how, &instruments)?;
    let mut met = vec![Met::default(); found.symbols.len()];
    let fault = loop {
        match source.next_block() {
            Ok(Some(Block::Events(events))) => {
                events.iter().for_each(|event| note(&mut met, event))
            }
            Ok(Some(Block::Mbo(_))) => {}
            Ok(None) => break None,
            Err(error) => break Some(Fault::from(&error)),
        }
    };
    let check = if options.check && fault.is_none() {
        let source = BinanceSource::open_scanned(&files, &found, &how, &instruments)?;
        let settings = CheckOptions { policy: Policy::Warn, ..CheckOptions::default() };
        let (mut checked, handle) = Checked::new(Box::new(source), &instruments, settings)?;
        while checked.next_block()?.is_some() {}
        Some(handle.report())
    } else {
        None
    };
    let counts = source.counts();
    let kinds: BTreeMap<&'static str, u64> = [
        ("depth", counts.depth),
        ("level changes", counts.changes),
        ("trades", counts.trades),
        ("best prices", counts.best),
        ("snapshots", counts.snapshots),
        ("other frames", counts.others),
        ("depth before the book", counts.before_book),
        ("gaps", counts.gaps),
        ("trades outside the book", counts.outside_book),
    ]
    .into_iter()
    .filter(|(_, count)| *count > 0)
    .collect();
    let file = FileInspection {
        file: path.display().to_string(),
        format: "binance",
        version: None,
        dataset: None,
        schema: "frames",
        symbols: found.symbols.len(),
        table: None,
        kinds,
        fault,
        check,
    };
    let resolve = Resolve { terms: &options.terms, ..Resolve::default() };
    let instruments = found.symbols.iter().zip(met).map(|(symbol, met)| InstrumentInspection {
        symbol: Some(symbol.clone()),
        dbn: None,
        terms: resolve.instrument(symbol).ok().as_ref().map(TermsInspection::from),
        records: met.records,
        volume: met.volume / NANO as u128,
        first_event: met.first.map(|time| Stamp::of(time.0)),
        last_event: met.first.map(|_| Stamp::of(met.last.0)),
        book: None,
    });
    Ok(Some((file, instruments.collect())))
}

fn note(met: &mut [Met], event: &MarketEvent) {
    let Some(met) = met.get_mut(event.instrument().index()) else { return };
    met.records += 1;
    met.first.get_or_insert(event.ts_event());
    met.last = met.last.max(event.ts_event());
    if let MarketEvent::Trade(trade) = event {
        met.volume += trade.quantity.0.max(0) as u128;
    }
}
