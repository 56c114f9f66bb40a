//! 80,000 mutated DBN inputs: no panic, no hang, no memory by a claimed size.

mod support;

use dbn::Schema;
use model::random::SeededRandom;
use std::time::Instant;
use support::build::{frames, header, mapping, orders, records};
use support::compare::instruments;
use tickforge_feed::dbn::{DbnFile, DbnOptions, Decode};
use tickforge_feed::{Block, Instruments};

/// Inputs, each of a different kind, small.
fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = vec![orders(12)];
    for version in 1..=3 {
        for schema in [
            Schema::Definition,
            Schema::Mbp1,
            Schema::Mbp10,
            Schema::Statistics,
            Schema::Ohlcv1M,
            Schema::Status,
            Schema::Cmbp1,
        ] {
            let mut bytes = header(version, Some(schema), false, vec![mapping("TEST", 7, 1, 30)]);
            bytes.extend(records(version, schema));
            seeds.push(bytes);
        }
        // A mixed stream.
        let mut bytes = header(version, None, false, vec![]);
        for schema in [Schema::Definition, Schema::Mbo, Schema::Status, Schema::Mbo] {
            bytes.extend(records(version, schema));
        }
        seeds.push(bytes);
    }
    let compressed: Vec<_> = seeds.iter().step_by(3).map(|seed| frames(seed, 200)).collect();
    seeds.extend(compressed);
    seeds
}

fn mutate(bytes: &mut Vec<u8>, random: &mut SeededRandom) {
    let mut below = |n: usize| (random.next_u64() % n.max(1) as u64) as usize;
    for _ in 0..1 + below(3) {
        if bytes.is_empty() {
            return;
        }
        let at = below(bytes.len());
        match below(7) {
            0 => bytes[at] ^= 1 << below(8),
            1 => bytes[at] = [0, 1, 0x7F, 0x80, 0xFF][below(5)],
            2 => bytes.truncate(at),
            3 => bytes.insert(at, below(256) as u8),
            4 => {
                let end = (at + 1 + below(80)).min(bytes.len());
                bytes.drain(at..end);
            }
            5 => {
                let end = (at + 1 + below(80)).min(bytes.len());
                let copy = bytes[at..end].to_vec();
                let to = below(bytes.len());
                bytes.splice(to..to, copy);
            }
            _ => {
                let end = (at + 4).min(bytes.len());
                bytes[at..end].fill(0xFF);
            }
        }
    }
}

/// Reads an input in every way; how many blocks, and whether it ended in an error.
fn read(bytes: Vec<u8>, options: DbnOptions, instruments: &Instruments) -> (usize, bool) {
    let length = bytes.len();
    let Ok(file) = DbnFile::from_bytes("mutated", bytes, options) else { return (0, true) };
    let _ = file.definitions(None);
    let Ok(mut source) = file.into_source(instruments) else { return (0, true) };
    let mut blocks = 0;
    loop {
        match source.next_block() {
            Ok(None) => return (blocks, false),
            Err(error) => {
                assert!(error.code().starts_with("ERR_FEED_") && !error.to_string().is_empty());
                return (blocks, true);
            }
            Ok(Some(Block::Mbo(block))) => {
                assert!(block.bytes.len() % block.stride == 0 && !block.is_empty());
                for record in block.records() {
                    assert_eq!(record.rtype(), model::mbo::MBO_RTYPE);
                    let _ = block.ids.get(record.publisher(), record.instrument_id());
                }
            }
            Ok(Some(Block::Events(events))) => {
                assert!(!events.is_empty());
                assert!(events.iter().all(|e| e.instrument().index() < instruments.len()));
            }
        }
        blocks += 1;
        assert!(blocks <= length.max(4096), "a stream that does not end");
    }
}

#[test]
fn no_mutated_input_panics_hangs_or_takes_memory_by_its_claims() {
    let seeds = seeds();
    let instruments = instruments(["TEST", "OTHER"]);
    let mut random = SeededRandom::new(42, "mutation");
    let started = Instant::now();
    let (mut with_blocks, mut with_errors) = (0, 0);
    const INPUTS: usize = 80_000;
    for k in 0..INPUTS {
        let mut bytes = seeds[k % seeds.len()].clone();
        mutate(&mut bytes, &mut random);
        let decode = if k % 500 == 0 { Decode::Thread } else { Decode::Inline };
        let start = (k % 3 == 0).then_some(model::UnixNanos(5));
        let options = DbnOptions { decode, start, ..DbnOptions::default() };
        let (blocks, error) = read(bytes, options, &instruments);
        with_blocks += usize::from(blocks > 0);
        with_errors += usize::from(error);
    }
    println!(
        "{INPUTS} inputs in {:?}: {with_blocks} gave blocks, {with_errors} errors",
        started.elapsed()
    );
    // The mutations are neither all fatal nor all harmless: both ways are walked.
    assert!(with_blocks > INPUTS / 10 && with_errors > INPUTS / 4);
    assert!(peak_megabytes().is_none_or(|peak| peak < 400), "{:?} MB", peak_megabytes());
}

/// Largest resident size of this process so far, where the system tells.
fn peak_megabytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse::<u64>().ok().map(|kilobytes| kilobytes / 1024)
}
