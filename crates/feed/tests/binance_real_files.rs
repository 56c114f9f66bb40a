//! What was recorded of Binance is read whole: as many frames and changes as the list of sources
//! counts, without a gap, and the book of levels never crosses. Skipped where the files are not
//! there; `binance_frames.rs` holds the twins on generated frames.

use book::BookL2;
use model::{
    Currency, Instrument, InstrumentKind, Lots, MarketEvent, Price, Quantity, Ticks, UnixNanos,
};
use std::path::PathBuf;
use tickforge_feed::binance::{BinanceCounts, BinanceOptions, BinanceSource, BookStart, scan};
use tickforge_feed::{Block, Instruments, Source};

fn shared(path: &str) -> Option<PathBuf> {
    let root = std::env::var_os("TICKFORGE_SHARED").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared")),
        PathBuf::from,
    );
    let path = root.join(path);
    if path.exists() {
        return Some(path);
    }
    println!("skipped: no {}", path.display());
    None
}

struct Read {
    counts: BinanceCounts,
    levels: u64,
    crossed: u64,
    behind: u64,
}

/// Reads the files as one recording; the book is looked at after every message.
fn read(files: &[PathBuf], book: BookStart) -> Read {
    let found = scan(files).unwrap();
    let tick = Price(10_000_000);
    let lot = Quantity(10_000);
    let instruments: Instruments = found
        .symbols
        .iter()
        .map(|symbol| {
            let kind = InstrumentKind::Perpetual;
            Instrument::new(symbol, kind, tick, lot, Price(model::NANO), Currency::USD).unwrap()
        })
        .collect();
    let options = BinanceOptions { book, ..BinanceOptions::default() };
    let mut source = BinanceSource::open(files, &options, &instruments).unwrap();
    let (mut levels, mut crossed, mut time) = (0, 0, UnixNanos::ZERO);
    let mut shown = BookL2::new();
    loop {
        match source.next_block() {
            Ok(Some(Block::Events(events))) => {
                for event in events {
                    assert!(event.ts_event() >= time, "the venue's order");
                    time = event.ts_event();
                    let MarketEvent::Level(level) = event else { continue };
                    levels += 1;
                    if level.clear {
                        shown.clear();
                    }
                    let price = instruments.as_slice()[0].grid.ticks(level.price).unwrap();
                    shown.apply(level.side, price, Lots(level.quantity.0 / lot.0), 0).unwrap();
                    let bbo = shown.bbo();
                    let both = bbo.bid != Ticks::NONE && bbo.ask != Ticks::NONE;
                    crossed += u64::from(level.last && both && bbo.bid >= bbo.ask);
                }
            }
            Ok(_) => break,
            Err(error) => panic!("{error}"),
        }
    }
    Read { counts: source.counts(), levels, crossed, behind: found.behind }
}

/// data/README.md: 148,042 depth messages = 3,651,354 level changes, 119,073 trades.
#[test]
fn all_files_have_what_the_list_counts() {
    let Some(folder) = shared("data/market/l2-binance-hftbacktest") else {
        return;
    };
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| !path.to_string_lossy().contains("hyperliquid"))
        .collect();
    files.sort();
    assert_eq!(files.len(), 17);
    let (mut depth, mut changes, mut trades, mut best) = (0, 0, 0, 0);
    for file in &files {
        let Read { counts, levels, crossed, behind } =
            read(std::slice::from_ref(file), BookStart::Build);
        println!(
            "{}: {counts:?} {levels} levels, {crossed} crossed, behind {behind}",
            file.display()
        );
        depth += counts.depth;
        changes += counts.changes;
        trades += counts.trades;
        best += counts.best;
        assert_eq!((counts.gaps, counts.late), (0, 0), "{}", file.display());
    }
    assert_eq!((depth, changes, trades, best), (148_042, 3_651_354, 119_073, 487_739));
}

/// exchanges.md line 45: 6,551 depth events of USD-M futures, no gap; from the snapshot on the book
/// is exact and does not cross.
#[test]
fn the_book_from_a_snapshot_does_not_cross() {
    let Some(file) = shared("data/market/l2-binance-hftbacktest/usdm_btcusdt_20240808.gz") else {
        return;
    };
    let Read { counts, levels, crossed, behind } = read(&[file], BookStart::Snapshot);
    println!("{counts:?} {levels} levels, behind {behind}");
    assert_eq!(
        (counts.depth, counts.gaps, counts.snapshots, counts.stale_snapshots),
        (6_551, 0, 1, 0)
    );
    assert_eq!(crossed, 0);
    assert!(
        behind > 1_000_000_000,
        "the recorder's clock is behind by more than a second: {behind}"
    );
}

/// A recording goes on in the file of the next day, which has no snapshot.
#[test]
fn a_recording_goes_on_in_the_next_file() {
    let folder = "data/market/l2-binance-hftbacktest";
    for names in [
        ["spot_btcusdt_20240808.gz", "spot_btcusdt_20240809.gz"],
        ["cm_btcusd_perp_20240808.gz", "cm_btcusd_perp_20240809.gz"],
    ] {
        let files: Vec<PathBuf> =
            names.iter().filter_map(|name| shared(&format!("{folder}/{name}"))).collect();
        if files.len() < 2 {
            return;
        }
        let Read { counts, crossed, .. } = read(&files, BookStart::Snapshot);
        println!("{counts:?}");
        assert_eq!((counts.gaps, counts.snapshots, crossed), (0, 1, 0));
    }
}

#[test]
fn another_exchanges_frames_are_refused() {
    let Some(file) = shared("data/market/l2-binance-hftbacktest/hyperliquid_btcusd_20250126.gz")
    else {
        return;
    };
    let error = scan(&[file]).unwrap_err();
    assert_eq!(error.code(), "ERR_FEED_CORRUPT");
    println!("{error}");
}
