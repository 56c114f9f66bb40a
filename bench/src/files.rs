//! The streams as DBN files: what the benchmarks of whole runs read, memory-mapped.

use crate::data::{ESH4_RECORDS, RecordBytes, esh4};
use crate::generate::generate;
use dbn::{MappingInterval, MetadataBuilder, SType, Schema, SymbolMapping};
use model::{Mbo, MboFields};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::num::NonZeroU64;
use std::path::Path;

/// Nanoseconds between two passes of a repeated stream: more than the real day lasts.
const PASS: u64 = 86_400_000_000_000;

/// Midnight of 2023-12-25, the first day of both streams.
const FIRST_DAY: u64 = 1_703_462_400_000_000_000;

/// Where the two times of a record lie.
const TIMES: [usize; 2] = [8, 40];

/// Writes a stream `passes` times, each pass a day after the one before, behind a record that
/// empties the book; how many records the file holds. zstd (level 3) when the name ends in `.zst`.
///
/// # Errors
/// What the operating system says.
pub fn write(
    path: &Path,
    records: &[RecordBytes],
    symbol: &str,
    passes: u64,
) -> Result<u64, String> {
    let failed = |e: std::io::Error| format!("{}: {e}", path.display());
    let header = header(records, symbol, passes)?;
    let file = BufWriter::with_capacity(1 << 20, File::create(path).map_err(failed)?);
    if path.extension().is_some_and(|extension| extension == "zst") {
        let mut sink = zstd::stream::write::Encoder::new(file, 3).map_err(failed)?;
        write_all(&mut sink, &header, records, passes).map_err(failed)?;
        sink.finish().and_then(|mut file| file.flush()).map_err(failed)?;
    } else {
        let mut sink = file;
        write_all(&mut sink, &header, records, passes).map_err(failed)?;
        sink.flush().map_err(failed)?;
    }
    Ok(records.len() as u64 * passes + passes.saturating_sub(1))
}

fn write_all(
    sink: &mut impl Write,
    header: &[u8],
    records: &[RecordBytes],
    passes: u64,
) -> std::io::Result<()> {
    sink.write_all(header)?;
    for pass in 0..passes {
        if pass > 0 {
            sink.write_all(&later(&clear(&records[0]), pass * PASS))?;
        }
        for record in records {
            sink.write_all(&later(record, pass * PASS))?;
        }
    }
    Ok(())
}

/// A record that empties the book, just before the first of a pass.
fn clear(first: &RecordBytes) -> RecordBytes {
    let first = Mbo::new(first);
    MboFields {
        action: b'R',
        publisher: first.publisher(),
        instrument_id: first.instrument_id(),
        ts_event: first.ts_recv_raw(),
        ts_recv: first.ts_recv_raw(),
        ..MboFields::default()
    }
    .encode()
}

/// The record with both times moved.
fn later(record: &RecordBytes, by: u64) -> RecordBytes {
    let mut moved = *record;
    for at in TIMES {
        let mut time = [0; 8];
        time.copy_from_slice(&moved[at..at + 8]);
        let time = u64::from_le_bytes(time).wrapping_add(by);
        moved[at..at + 8].copy_from_slice(&time.to_le_bytes());
    }
    moved
}

fn header(records: &[RecordBytes], symbol: &str, passes: u64) -> Result<Vec<u8>, String> {
    let first = records.first().ok_or("a stream without records")?;
    let mut metadata = MetadataBuilder::new()
        .version(3)
        .dataset("GLBX.MDP3".to_owned())
        .schema(Some(Schema::Mbo))
        .start(FIRST_DAY)
        .end(NonZeroU64::new(FIRST_DAY + (passes + 1) * PASS))
        .stype_in(Some(SType::RawSymbol))
        .stype_out(SType::InstrumentId)
        .symbols(vec![symbol.to_owned()])
        .build();
    let start_date = metadata.start().date();
    let end_date = metadata.end().map_or(start_date, |end| end.date());
    let id = Mbo::new(first).instrument_id().to_string();
    let intervals = vec![MappingInterval { start_date, end_date, symbol: id }];
    metadata.mappings = vec![SymbolMapping { raw_symbol: symbol.to_owned(), intervals }];
    let mut bytes = Vec::new();
    dbn::encode::dbn::MetadataEncoder::new(&mut bytes)
        .encode(&metadata)
        .map_err(|e| e.to_string())?;
    Ok(bytes)
}

/// A file that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamFile {
    /// Its name in the folder.
    pub name: &'static str,
    /// Records in it.
    pub records: u64,
}

/// Writes the streams of a benchmark into a folder: `generated.dbn`, `generated.dbn.zst` (a
/// quarter of it) and, where the shared files are, `esh4.dbn`, the real day over and over.
///
/// # Errors
/// What the operating system says.
pub fn write_streams(
    folder: &Path,
    records: usize,
    live: usize,
) -> Result<Vec<StreamFile>, String> {
    let mut files = Vec::new();
    let mut put = |name, stream: &[RecordBytes], symbol, passes| {
        let records = write(&folder.join(name), stream, symbol, passes)?;
        files.push(StreamFile { name, records });
        Ok::<(), String>(())
    };
    {
        let stream = generate(records, live, 1);
        put("generated.dbn", &stream, "ESH4", 1)?;
        put("generated.dbn.zst", &stream[..records.div_ceil(4)], "ESH4", 1)?;
    }
    match esh4() {
        Ok(stream) => {
            put("esh4.dbn", &stream, "ESH4", (records / ESH4_RECORDS).clamp(1, 60) as u64)?
        }
        Err(reason) => eprintln!("esh4 skipped: {reason}"),
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeated_stream_reads_back_with_its_times_moved_plain_and_compressed() {
        let stream = generate(500, 50, 3);
        let folder = std::env::temp_dir().join(format!("tickforge-files-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        for name in ["a.dbn", "a.dbn.zst"] {
            let path = folder.join(name);
            assert_eq!(write(&path, &stream, "ESH4", 2), Ok(1_001));
            let bytes = std::fs::read(&path).unwrap();
            let bytes = if name == "a.dbn" { bytes } else { zstd::decode_all(&bytes[..]).unwrap() };
            let records = bytes[bytes.len() - 1_001 * 56..].as_chunks::<56>().0;
            assert_eq!(records[..500], stream[..]);
            let (first, again) = (Mbo::new(&records[7]), Mbo::new(&records[508]));
            assert_eq!(again.ts_event().0 - first.ts_event().0, PASS);
            assert_eq!(again.ts_recv_raw() - first.ts_recv_raw(), PASS);
            assert_eq!(again.order_id(), first.order_id());
        }
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
