//! Opening a DBN file.

use super::bytes::{Bytes, Decode, Input};
use super::convert;
use super::definition::Definition;
use super::header;
use super::ids::IdMap;
use super::records::Records;
use super::source::{DbnSource, Plan};
use super::symbols::{Calendar, SymbolSpan, spans};
use crate::error::FeedError;
use crate::instruments::Instruments;
use crate::source::Source;
use model::{InstrumentIndex, Timeframe, UnixNanos};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// How a DBN file is read.
#[derive(Clone, Debug, Default)]
pub struct DbnOptions {
    /// Where zstd is decompressed (default: on a second thread).
    pub decode: Decode,
    /// Only these symbols (default `None`: all instruments of the run).
    pub symbols: Option<Vec<String>>,
    /// Only from this time on. It is compared with `ts_event`, with `ts_recv` for records of a
    /// snapshot (whose `ts_event` is that of the order's placing), and with the open of a bar.
    /// A book needs its snapshot: to trade later, use a warm-up rather than a later start.
    pub start: Option<UnixNanos>,
    /// Only before this time; a bar must close by it.
    pub end: Option<UnixNanos>,
    /// Only these publishers (default empty: all).
    pub publishers: Vec<u16>,
    /// Symbols of numeric ids, for files that name none.
    pub ids: Vec<(u32, String)>,
}

/// An opened DBN file: its metadata is read and checked.
#[derive(Debug)]
pub struct DbnFile {
    input: Input,
    options: DbnOptions,
    bytes: Bytes,
    metadata: dbn::Metadata,
    spans: Vec<SymbolSpan>,
}

impl DbnFile {
    /// Opens a file: plain (memory-mapped; it must not be shortened while it is read) or zstd
    /// of one or several frames.
    ///
    /// # Errors
    /// [`FeedError::Io`], [`FeedError::Empty`], [`FeedError::Format`] with the format found,
    /// [`FeedError::Truncated`], [`FeedError::CutShort`] or [`FeedError::Corrupt`] with the byte,
    /// [`FeedError::Setting`] for a time window that holds nothing.
    pub fn open(path: impl AsRef<Path>, options: DbnOptions) -> Result<Self, FeedError> {
        Self::of(Input::File(path.as_ref().to_owned()), options)
    }

    /// The same for bytes in memory (plain or zstd) under a name.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn from_bytes(
        name: &str,
        bytes: impl Into<Arc<[u8]>>,
        options: DbnOptions,
    ) -> Result<Self, FeedError> {
        Self::of(Input::Memory(name.to_owned(), bytes.into()), options)
    }

    fn of(input: Input, options: DbnOptions) -> Result<Self, FeedError> {
        if let (Some(start), Some(end)) = (options.start, options.end)
            && start >= end
        {
            return Err(FeedError::Setting {
                option: "end",
                value: end.to_string(),
                accepted: format!("a time after the start, {start}"),
            });
        }
        let mut bytes = Bytes::open(&input, options.decode)?;
        let metadata = header::read(&mut bytes)?;
        let spans = spans(&metadata);
        Ok(Self { input, options, bytes, metadata, spans })
    }

    /// The metadata as the file states them.
    #[must_use]
    pub fn metadata(&self) -> &dbn::Metadata {
        &self.metadata
    }

    /// The schema; `None` when the file mixes several.
    #[must_use]
    pub fn schema(&self) -> Option<dbn::Schema> {
        self.metadata.schema
    }

    /// The schema's name, `mixed` when the file mixes several.
    #[must_use]
    pub fn schema_name(&self) -> &'static str {
        self.metadata.schema.map_or("mixed", |schema| schema.as_str())
    }

    /// Whether the records are market by order.
    #[must_use]
    pub fn is_mbo(&self) -> bool {
        self.metadata.schema == Some(dbn::Schema::Mbo)
    }

    /// Name for messages: the path as given.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.bytes.name
    }

    /// Which symbol each numeric id stands for, by date.
    #[must_use]
    pub fn spans(&self) -> &[SymbolSpan] {
        &self.spans
    }

    /// Symbols that the metadata map to numeric ids, each once, in the order of the file; those
    /// of a file without mappings are in its records ([`Self::definitions`], mapping records).
    #[must_use]
    pub fn symbols(&self) -> Vec<&str> {
        let mut seen = std::collections::BTreeSet::new();
        let all = self.spans.iter().map(|span| span.symbol.as_str());
        all.filter(|symbol| seen.insert(*symbol)).collect()
    }

    /// The definition records of the file, the last of each symbol, in the order of their
    /// symbols; `wanted` keeps only some symbols. Reads the file to its end when it can hold
    /// definitions (schema `definition` or mixed), else nothing.
    ///
    /// # Errors
    /// As reading.
    pub fn definitions(&self, wanted: Option<&[&str]>) -> Result<Vec<Definition>, FeedError> {
        let mut found = BTreeMap::new();
        if !matches!(self.metadata.schema, None | Some(dbn::Schema::Definition)) {
            return Ok(Vec::new());
        }
        let mut records = self.records()?;
        while let Some(item) = records.next_record()? {
            let Some(definition) = item.definition() else { continue };
            if wanted.is_none_or(|wanted| wanted.contains(&definition.symbol.as_str())) {
                found.insert(definition.symbol.clone(), definition);
            }
        }
        Ok(found.into_values().collect())
    }

    /// Every record of the file from its first, unfiltered, with its place.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn records(&self) -> Result<Records, FeedError> {
        let mut bytes = Bytes::open(&self.input, self.options.decode)?;
        let metadata = header::read(&mut bytes)?;
        Ok(Records::new(bytes, &metadata))
    }

    /// The source of this file's blocks for these instruments: records of other symbols are
    /// filtered out (market-by-order records stay in their block, and the block's
    /// [`IdMap`] gives `None` for them).
    ///
    /// # Errors
    /// [`FeedError::UnknownSymbol`] when a symbol asked for, or every instrument, is not in the
    /// file; [`FeedError::Setting`] when the file names no symbols and there is not exactly one.
    pub fn into_source(self, instruments: &Instruments) -> Result<Box<dyn Source>, FeedError> {
        let asked = self.options.symbols.as_deref();
        let wanted = |symbol: &str| {
            let asked_for = asked.is_none_or(|asked| asked.iter().any(|s| s == symbol));
            if asked_for { instruments.index(symbol) } else { None }
        };
        let symbols: BTreeMap<String, InstrumentIndex> = instruments
            .as_slice()
            .iter()
            .filter_map(|i| wanted(&i.symbol).map(|index| (i.symbol.clone(), index)))
            .collect();
        let calendar = Calendar::new(&self.spans, wanted);
        let mut ids = IdMap::new();
        ids.set_publishers(&self.options.publishers);
        for (id, symbol) in &self.options.ids {
            if let Some(index) = wanted(symbol) {
                ids.insert(*id, index);
            }
        }
        let named_by_records = matches!(self.metadata.schema, None | Some(dbn::Schema::Definition));
        let single = if !self.spans.is_empty() || !self.options.ids.is_empty() || named_by_records {
            self.check_symbols(instruments, &calendar, named_by_records || !ids.is_empty())?;
            None
        } else {
            Some(self.only_symbol(&symbols)?)
        };
        let window = match (self.options.start, self.options.end) {
            (None, None) => None,
            (start, end) => Some((start.map_or(0, |t| t.0), end.map_or(u64::MAX, |t| t.0))),
        };
        let plan = Plan {
            version: self.metadata.version,
            ts_out: self.metadata.ts_out,
            bar: self.bar(),
            window,
            calendar,
            symbols,
            single,
        };
        Ok(Box::new(DbnSource::new(self.bytes, plan, ids)))
    }

    /// Interval of the bars of this schema.
    pub(crate) fn bar(&self) -> Option<Timeframe> {
        let kind = dbn::RType::from(self.metadata.schema?);
        convert::timeframe(kind as u8)
    }

    fn check_symbols(
        &self,
        instruments: &Instruments,
        calendar: &Calendar,
        more_may_come: bool,
    ) -> Result<(), FeedError> {
        let in_file = |symbol: &str| {
            self.spans.iter().any(|s| s.symbol == symbol)
                || self.options.ids.iter().any(|(_, s)| s == symbol)
        };
        let unknown = |symbol: &str| FeedError::UnknownSymbol {
            file: self.bytes.name.clone(),
            symbol: symbol.to_owned(),
            available: some(&self.symbols()),
        };
        for symbol in self.options.symbols.iter().flatten() {
            if instruments.index(symbol).is_none() || (!more_may_come && !in_file(symbol)) {
                return Err(unknown(symbol));
            }
        }
        if more_may_come || calendar.is_wanted() {
            return Ok(());
        }
        let first = instruments.as_slice().first().map_or("", |i| i.symbol.as_str());
        Err(unknown(first))
    }

    fn only_symbol(
        &self,
        symbols: &BTreeMap<String, InstrumentIndex>,
    ) -> Result<InstrumentIndex, FeedError> {
        let mut of_run = symbols.values();
        match (of_run.next(), of_run.next()) {
            (Some(&index), None) => Ok(index),
            _ => {
                let names: Vec<&str> = symbols.keys().map(String::as_str).collect();
                Err(FeedError::Setting {
                    option: "symbols",
                    value: some(&names),
                    accepted: format!(
                        "exactly one symbol, which '{}' needs because it names none (or say \
                         which symbol each numeric id is with the option 'ids')",
                        self.bytes.name
                    ),
                })
            }
        }
    }
}

/// The first few names of a list.
fn some(names: &[&str]) -> String {
    match names.len() {
        0 => "none".into(),
        n if n <= 10 => names.join(", "),
        n => format!("{}, … ({n} in all)", names[..10].join(", ")),
    }
}
