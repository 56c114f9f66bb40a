//! Conversion between DBN, CSV and Parquet.

mod mbo;
mod to_dbn;

use crate::columns::RowKind;
use crate::csv::{CsvSource, CsvWriter, TableOptions};
use crate::dbn::{DbnFile, DbnOptions};
use crate::error::FeedError;
use crate::instruments::Instruments;
use crate::output::PartialFile;
use crate::parquet::{ParquetSource, ParquetWriter};
use crate::source::{Block, Source};
use model::{Currency, Instrument, MarketEvent};
use std::io::{Read, Write};
use std::path::Path;

/// How files are converted.
#[derive(Clone, Debug, Default)]
pub struct ConvertOptions {
    /// How a CSV or Parquet input is read.
    pub table: TableOptions,
    /// How a DBN input is read.
    pub dbn: DbnOptions,
    /// What is written of an input that holds several kinds of rows (the trades of `mbp-1`, say).
    /// Default: bars, trades, quotes or depth by the schema of a DBN file, the kind of a table.
    pub kind: Option<RowKind>,
}

/// What a conversion did.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Converted {
    /// Rows or records written.
    pub rows: u64,
    /// Events of the input that are of another kind than what was written.
    pub left_out: u64,
}

/// A format of files.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    /// Databento Binary Encoding, plain or zstd.
    Dbn,
    /// Text, plain, gzip or zstd.
    Csv,
    /// Parquet.
    Parquet,
}

impl Format {
    /// The format that a file's name promises: `.dbn`, `.parquet`, else text, each before an
    /// optional `.zst` or `.gz`. `None` where the name promises nothing known.
    #[must_use]
    pub fn of_name(path: &Path) -> Option<Self> {
        let name = path.file_name()?.to_str()?.to_ascii_lowercase();
        let stem = name.strip_suffix(".zst").or(name.strip_suffix(".gz")).unwrap_or(&name);
        Some(match stem.rsplit('.').next()? {
            "dbn" => Self::Dbn,
            "parquet" | "pq" => Self::Parquet,
            "csv" | "txt" | "tsv" => Self::Csv,
            _ => return None,
        })
    }

    /// The format of a file's bytes, whatever its name.
    ///
    /// # Errors
    /// [`FeedError::Io`].
    pub fn of_file(path: &Path) -> Result<Self, FeedError> {
        let name = path.display().to_string();
        let failed = |action| move |e| FeedError::io(&path.display().to_string(), action, e);
        let mut head = [0u8; 4];
        let file = std::fs::File::open(path).map_err(failed("open"))?;
        let have = (&file).take(4).read(&mut head).map_err(failed("read"))?;
        if head[..have] == [0x28, 0xB5, 0x2F, 0xFD] {
            let file = std::fs::File::open(path).map_err(failed("open"))?;
            let mut text = zstd::stream::read::Decoder::new(file).map_err(failed("read"))?;
            text.read_exact(&mut head).or_else(|e| match e.kind() {
                std::io::ErrorKind::UnexpectedEof => Ok(()),
                _ => Err(FeedError::io(&name, "read", e)),
            })?;
        }
        Ok(match &head {
            b"PAR1" => Self::Parquet,
            [b'D', b'B', b'N', _] => Self::Dbn,
            _ => Self::Csv,
        })
    }
}

/// Called with the fraction done; answering `false` stops the work.
pub type Progress<'a> = &'a mut dyn FnMut(f64) -> bool;

/// Converts a file. The input's format is told from its bytes, the output's from its name
/// (`.dbn`, `.csv`, `.parquet`; `.zst` behind the first two compresses). The output appears under
/// its name when it is complete.
///
/// Market by order becomes rows of all raw fields. Tables of bars, quotes and trades become DBN
/// records of `ohlcv-*`, `mbp-1` and `trades`, whose sizes are whole numbers.
///
/// # Errors
/// [`FeedError`]: of reading or writing; [`FeedError::Setting`] for a pair of formats or a kind
/// that cannot be; [`FeedError::Stopped`].
pub fn convert(
    input: &Path,
    output: &Path,
    options: &ConvertOptions,
    progress: Progress<'_>,
) -> Result<Converted, FeedError> {
    let to = Format::of_name(output).ok_or_else(|| FeedError::Setting {
        option: "output",
        value: output.display().to_string(),
        accepted: "a name ending in .dbn, .csv or .parquet, .dbn.zst or .csv.zst".to_owned(),
    })?;
    let from = Format::of_file(input)?;
    match (from, to) {
        (Format::Dbn, Format::Dbn) => repack(input, output, progress),
        (Format::Dbn, _) => from_dbn(input, output, to, options, progress),
        (_, Format::Dbn) => to_dbn::convert(input, output, from, options, progress),
        (..) => {
            let mut source = Table::open(input, from, &options.table)?;
            let kind = options.kind.unwrap_or(source.kind());
            let levels = source.levels();
            let mut writer = Writer::create(output, to, kind, levels, &[])?;
            let mut done = Converted { rows: 0, left_out: 0 };
            while let Some(events) = source.next()? {
                let events = events.to_vec();
                writer.set_symbols(source.symbols());
                writer.write(&events, &mut done)?;
                go_on(progress(source.progress()))?;
            }
            writer.finish()?;
            Ok(done)
        }
    }
}

fn go_on(going: bool) -> Result<(), FeedError> {
    if going { Ok(()) } else { Err(FeedError::Stopped { what: "the conversion" }) }
}

/// Same records, other compression.
fn repack(input: &Path, output: &Path, progress: Progress<'_>) -> Result<Converted, FeedError> {
    let name = input.display().to_string();
    let records = DbnFile::open(input, DbnOptions::default())?.records()?;
    let mut rows = 0;
    let mut counted = records;
    while let Some(item) = counted.next_record()? {
        rows += (item.bytes().len() / item.stride().max(1)) as u64;
    }
    let failed = |action| move |e| FeedError::io(&input.display().to_string(), action, e);
    let mut file = std::fs::File::open(input).map_err(failed("open"))?;
    let mut head = [0u8; 4];
    file.read_exact(&mut head).map_err(failed("read"))?;
    let raw = std::io::Cursor::new(head).chain(file);
    let mut from: Box<dyn Read> = if head == [0x28, 0xB5, 0x2F, 0xFD] {
        Box::new(zstd::stream::read::Decoder::new(raw).map_err(failed("read"))?)
    } else {
        Box::new(raw)
    };
    let mut to = PartialFile::create(output)?;
    let mut buffer = vec![0u8; 1 << 18];
    loop {
        let count = from.read(&mut buffer).map_err(|e| FeedError::io(&name, "read", e))?;
        if count == 0 {
            break;
        }
        to.write_all(&buffer[..count]).map_err(|e| FeedError::io(to.name(), "write", e))?;
        go_on(progress(0.5))?;
    }
    to.finish()?;
    Ok(Converted { rows, left_out: 0 })
}

fn from_dbn(
    input: &Path,
    output: &Path,
    to: Format,
    options: &ConvertOptions,
    progress: Progress<'_>,
) -> Result<Converted, FeedError> {
    let file = DbnFile::open(input, options.dbn.clone())?;
    let mut symbols: Vec<String> = file.symbols().into_iter().map(str::to_owned).collect();
    symbols.extend(options.dbn.ids.iter().map(|(_, symbol)| symbol.clone()));
    if symbols.is_empty() {
        symbols.push(crate::columns::plan::symbol_of_name(file.name()));
    }
    let instruments = symbols
        .iter()
        .map(|symbol| Instrument::plain_equity(symbol, Currency::USD))
        .collect::<Result<Instruments, _>>()
        .map_err(|source| FeedError::Model {
            file: file.name().to_owned(),
            at: crate::Place::Whole,
            source,
        })?;
    // The list without doubles, in the order of the instruments.
    let symbols: Vec<String> = instruments.as_slice().iter().map(|i| i.symbol.clone()).collect();
    let (is_mbo, schema) = (file.is_mbo(), file.schema());
    let mut source = file.into_source(&instruments)?;
    if is_mbo {
        return mbo::convert(source.as_mut(), output, to, &symbols, progress);
    }
    let kind = options.kind.or(schema.and_then(kind_of)).ok_or_else(|| FeedError::Setting {
        option: "kind",
        value: schema.map_or("a mix of schemas", dbn_name).to_owned(),
        accepted: "bars, quotes, trades or depth: what is to be written of this file".to_owned(),
    })?;
    let levels = if kind == RowKind::Depth { 10 } else { 0 };
    let mut writer = Writer::create(output, to, kind, levels, &symbols)?;
    let mut done = Converted { rows: 0, left_out: 0 };
    while let Some(block) = source.next_block()? {
        if let Block::Events(events) = block {
            writer.write(events, &mut done)?;
        }
        go_on(progress(source.progress()))?;
    }
    writer.finish()?;
    Ok(done)
}

fn dbn_name(schema: ::dbn::Schema) -> &'static str {
    schema.as_str()
}

/// What the records of a schema mostly are.
fn kind_of(schema: ::dbn::Schema) -> Option<RowKind> {
    use ::dbn::Schema as S;
    Some(match schema {
        S::Ohlcv1S | S::Ohlcv1M | S::Ohlcv1H | S::Ohlcv1D | S::OhlcvEod => RowKind::Bars,
        S::Trades => RowKind::Trades,
        S::Mbp1 | S::Tbbo | S::Bbo1S | S::Bbo1M => RowKind::Quotes,
        S::Cmbp1 | S::Tcbbo | S::Cbbo1S | S::Cbbo1M => RowKind::Quotes,
        S::Mbp10 => RowKind::Depth,
        _ => return None,
    })
}

/// A CSV or Parquet input.
enum Table {
    Csv(CsvSource),
    Parquet(ParquetSource),
}

impl Table {
    fn open(path: &Path, format: Format, options: &TableOptions) -> Result<Self, FeedError> {
        let none = Instruments::default();
        Ok(match format {
            Format::Parquet => Self::Parquet(ParquetSource::open(path, options, &none)?),
            _ => Self::Csv(CsvSource::open(path, options, &none)?),
        })
    }

    fn kind(&self) -> RowKind {
        match self {
            Self::Csv(source) => source.kind(),
            Self::Parquet(source) => source.kind(),
        }
    }

    fn levels(&self) -> usize {
        let columns = match self {
            Self::Csv(source) => source.columns(),
            Self::Parquet(source) => source.columns(),
        };
        columns.bids.len().max(columns.asks.len())
    }

    fn symbols(&self) -> &[String] {
        match self {
            Self::Csv(source) => source.symbols(),
            Self::Parquet(source) => source.symbols(),
        }
    }

    fn progress(&self) -> f64 {
        match self {
            Self::Csv(source) => source.progress(),
            Self::Parquet(source) => source.progress(),
        }
    }

    fn next(&mut self) -> Result<Option<&[MarketEvent]>, FeedError> {
        let block = match self {
            Self::Csv(source) => source.next_block()?,
            Self::Parquet(source) => source.next_block()?,
        };
        Ok(block.and_then(|block| match block {
            Block::Events(events) => Some(events),
            Block::Mbo(_) => None,
        }))
    }
}

/// A CSV or Parquet output.
enum Writer {
    Csv(CsvWriter),
    Parquet(Box<ParquetWriter>),
}

impl Writer {
    fn create(
        path: &Path,
        format: Format,
        kind: RowKind,
        levels: usize,
        symbols: &[String],
    ) -> Result<Self, FeedError> {
        Ok(match format {
            Format::Parquet => {
                Self::Parquet(Box::new(ParquetWriter::create(path, kind, levels, symbols)?))
            }
            _ => Self::Csv(CsvWriter::create(path, kind, levels, symbols)?),
        })
    }

    fn set_symbols(&mut self, symbols: &[String]) {
        match self {
            Self::Csv(writer) => writer.set_symbols(symbols),
            Self::Parquet(writer) => writer.set_symbols(symbols),
        }
    }

    fn write(&mut self, events: &[MarketEvent], done: &mut Converted) -> Result<(), FeedError> {
        for event in events {
            let written = match self {
                Self::Csv(writer) => writer.write(event)?,
                Self::Parquet(writer) => writer.write(event)?,
            };
            done.rows += u64::from(written);
            done.left_out += u64::from(!written);
        }
        Ok(())
    }

    fn finish(self) -> Result<u64, FeedError> {
        match self {
            Self::Csv(writer) => writer.finish(),
            Self::Parquet(writer) => writer.finish(),
        }
    }
}
