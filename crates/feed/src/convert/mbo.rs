//! Market by order as rows of all raw fields.

use super::{Converted, Format, Progress, go_on};
use crate::error::FeedError;
use crate::output::PartialFile;
use crate::parquet::{Column, ColumnData, ColumnKind, ParquetTable};
use crate::source::{Block, MboBlock, Source};
use model::{Price, UnixNanos};
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

const HEADER: &str = "ts_recv,ts_event,rtype,publisher_id,instrument_id,action,side,price,size,\
                      channel_id,order_id,flags,ts_in_delta,sequence,symbol\n";

pub(super) fn convert(
    source: &mut dyn Source,
    output: &Path,
    to: Format,
    symbols: &[String],
    progress: Progress<'_>,
) -> Result<Converted, FeedError> {
    let mut done = Converted { rows: 0, left_out: 0 };
    let mut sink = match to {
        Format::Parquet => Sink::Parquet(Box::new(ParquetTable::create(output, &columns())?)),
        _ => {
            let mut file = PartialFile::create(output)?;
            put(&mut file, HEADER)?;
            Sink::Csv(file)
        }
    };
    while let Some(block) = source.next_block()? {
        match block {
            Block::Mbo(block) => {
                done.rows += block.len() as u64;
                match &mut sink {
                    Sink::Csv(file) => csv(file, block, symbols)?,
                    Sink::Parquet(table) => parquet(table, block, symbols)?,
                }
            }
            Block::Events(events) => done.left_out += events.len() as u64,
        }
        go_on(progress(source.progress()))?;
    }
    match sink {
        Sink::Csv(file) => file.finish()?,
        Sink::Parquet(table) => drop(table.finish()?),
    }
    Ok(done)
}

enum Sink {
    Csv(PartialFile),
    Parquet(Box<ParquetTable>),
}

fn put(file: &mut PartialFile, text: &str) -> Result<(), FeedError> {
    let written = file.write_all(text.as_bytes());
    written.map_err(|e| FeedError::io(file.name(), "write", e))
}

/// The symbol of a record, empty where it is not known.
fn symbol<'a>(block: &MboBlock<'_>, record: model::Mbo<'_>, symbols: &'a [String]) -> &'a str {
    let index = block.ids.get(record.publisher(), record.instrument_id());
    index.and_then(|index| symbols.get(index.index())).map_or("", String::as_str)
}

fn csv(file: &mut PartialFile, block: MboBlock<'_>, symbols: &[String]) -> Result<(), FeedError> {
    let mut text = String::with_capacity(block.len() * 128);
    for r in block.records() {
        // Writing to a string cannot fail.
        let _ = write!(
            text,
            "{},{},{},{},{},{},{},",
            UnixNanos(r.ts_recv_raw()),
            UnixNanos(r.ts_event_raw()),
            r.rtype(),
            r.publisher(),
            r.instrument_id(),
            char::from(r.action()),
            char::from(r.side_raw()),
        );
        if r.price().is_defined() {
            let _ = write!(text, "{}", r.price());
        }
        let _ = writeln!(
            text,
            ",{},{},{},{},{},{},{}",
            r.size(),
            r.channel(),
            r.order_id(),
            r.flags(),
            r.ts_in_delta(),
            r.sequence(),
            symbol(&block, r, symbols)
        );
    }
    put(file, &text)
}

fn columns() -> Vec<Column> {
    use ColumnKind::{I64, Nanos, Timestamp, U32, Utf8};
    vec![
        // An undefined time of DBN is a null.
        Column::new("ts_recv", Timestamp).optional(),
        Column::new("ts_event", Timestamp).optional(),
        Column::new("rtype", U32),
        Column::new("publisher_id", U32),
        Column::new("instrument_id", U32),
        Column::new("action", Utf8),
        Column::new("side", Utf8),
        Column::new("price", Nanos).optional(),
        Column::new("size", U32),
        Column::new("channel_id", U32),
        // The 64 bits of the id; one above 2^63 shows as a negative number.
        Column::new("order_id", I64),
        Column::new("flags", U32),
        Column::new("ts_in_delta", I64),
        Column::new("sequence", U32),
        Column::new("symbol", Utf8).optional(),
    ]
}

/// A letter of an action or side as text.
fn letter(byte: u8) -> &'static str {
    const LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    let at = usize::from(byte.wrapping_sub(b'A'));
    LETTERS.get(at..at + 1).unwrap_or("?")
}

fn parquet(
    table: &mut ParquetTable,
    block: MboBlock<'_>,
    symbols: &[String],
) -> Result<(), FeedError> {
    let records: Vec<model::Mbo<'_>> = block.records().collect();
    let numbers = |f: fn(&model::Mbo<'_>) -> u32| records.iter().map(f).collect::<Vec<u32>>();
    let times = |f: fn(&model::Mbo<'_>) -> u64| records.iter().map(f).collect::<Vec<u64>>();
    let wide = |f: fn(&model::Mbo<'_>) -> i64| records.iter().map(f).collect::<Vec<i64>>();
    let actions: Vec<&str> = records.iter().map(|r| letter(r.action())).collect();
    let sides: Vec<&str> = records.iter().map(|r| letter(r.side_raw())).collect();
    let symbols: Vec<&str> = records.iter().map(|r| symbol(&block, *r, symbols)).collect();
    let prices = wide(|r| if r.price().is_defined() { r.price_raw() } else { Price::UNDEFINED.0 });
    table.append(&[
        ColumnData::Timestamp(&times(|r| r.ts_recv_raw())),
        ColumnData::Timestamp(&times(|r| r.ts_event_raw())),
        ColumnData::U32(&numbers(|r| r.rtype().into())),
        ColumnData::U32(&numbers(|r| r.publisher().into())),
        ColumnData::U32(&numbers(|r| r.instrument_id())),
        ColumnData::Utf8(&actions),
        ColumnData::Utf8(&sides),
        ColumnData::Nanos(&prices),
        ColumnData::U32(&numbers(|r| r.size())),
        ColumnData::U32(&numbers(|r| r.channel().into())),
        ColumnData::I64(&wide(|r| r.order_id() as i64)),
        ColumnData::U32(&numbers(|r| r.flags().into())),
        ColumnData::I64(&wide(|r| r.ts_in_delta().into())),
        ColumnData::U32(&numbers(|r| r.sequence())),
        ColumnData::Utf8(&symbols),
    ])
}
