//! Streams a run's rows into Parquet tables that appear together when the run is done.

use crate::artefact::{EquityPoint, OrderEventRow, RoundTripRow, TradeRow};
use crate::atomic::PendingFile;
use crate::error::StoreError;
use crate::tables::Row;
use feed::parquet::{Codec, ParquetTable};
use model::{Currency, Instrument, InstrumentIndex, StrategyIndex};
use std::path::{Path, PathBuf};

/// Rows that are collected before they are handed to the table as columns.
const BATCH: usize = 4096;

/// Where the tables go; what is `None` is not written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ArtefactPaths {
    /// Equity curve samples (`metrics.parquet`).
    pub metrics: Option<PathBuf>,
    /// Every fill (`trades.parquet`).
    pub trades: Option<PathBuf>,
    /// Every order event (`orders.parquet`), for `detailed_log: true`.
    pub orders: Option<PathBuf>,
    /// Every round trip (`round_trips.parquet`).
    pub round_trips: Option<PathBuf>,
}

/// What the indices in rows stand for.
#[derive(Debug, Clone)]
pub struct Names {
    /// Names of the strategies by [`StrategyIndex`].
    pub strategies: Vec<String>,
    /// The instruments by [`InstrumentIndex`]; their lot size turns lots into quantities.
    pub instruments: Vec<Instrument>,
    /// Currency of the accounts; stands in the files' metadata as `tickforge.currency`.
    pub currency: Currency,
}

impl Names {
    pub(crate) fn instrument(
        &self,
        table: &'static str,
        index: InstrumentIndex,
    ) -> Result<&Instrument, StoreError> {
        let count = self.instruments.len();
        let unknown =
            || StoreError::UnknownIndex { table, what: "instrument", index: index.index(), count };
        self.instruments.get(index.index()).ok_or_else(unknown)
    }

    pub(crate) fn symbol(&self, index: InstrumentIndex) -> &str {
        self.instruments.get(index.index()).map_or("", |instrument| &instrument.symbol)
    }

    pub(crate) fn strategy(&self, index: StrategyIndex) -> &str {
        self.strategies.get(index.index()).map_or("", String::as_str)
    }

    fn check<R: Row>(&self, row: &R) -> Result<(), StoreError> {
        let (strategy, instrument) = row.refers_to();
        let count = self.strategies.len();
        if strategy.index() >= count {
            let index = strategy.index();
            return Err(StoreError::UnknownIndex {
                table: R::TABLE,
                what: "strategy",
                index,
                count,
            });
        }
        match instrument {
            Some(index) => self.instrument(R::TABLE, index).map(drop),
            None => Ok(()),
        }
    }
}

/// How many rows each table got; `None` where it was not asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Written {
    /// Rows of the equity table.
    pub metrics: Option<u64>,
    /// Rows of the fills table.
    pub trades: Option<u64>,
    /// Rows of the order events table.
    pub orders: Option<u64>,
    /// Rows of the round trips table.
    pub round_trips: Option<u64>,
}

/// A table being written.
struct Table<R> {
    // Declared first: dropped first, so that its own half file is gone before ours is looked for.
    table: ParquetTable,
    file: PendingFile,
    rows: Vec<R>,
}

impl<R: Row> Table<R> {
    fn create(path: Option<&Path>, names: &Names) -> Result<Option<Self>, StoreError> {
        let Some(path) = path else { return Ok(None) };
        let file = PendingFile::new(path)?;
        let metadata = [
            ("tickforge.table", R::TABLE),
            ("tickforge.version", env!("CARGO_PKG_VERSION")),
            ("tickforge.currency", names.currency.as_str()),
        ];
        let table =
            ParquetTable::create_with(file.temporary(), &R::columns(), Codec::Zstd, &metadata)
                .map_err(|source| StoreError::table(path, source))?;
        Ok(Some(Self { table, file, rows: Vec::with_capacity(BATCH) }))
    }

    fn push(&mut self, row: R, names: &Names) -> Result<(), StoreError> {
        names.check(&row)?;
        self.rows.push(row);
        if self.rows.len() >= BATCH { self.flush(names) } else { Ok(()) }
    }

    fn flush(&mut self, names: &Names) -> Result<(), StoreError> {
        if self.rows.is_empty() {
            return Ok(());
        }
        let values = R::values(&self.rows, names)?;
        let columns: Vec<_> = values.iter().map(|column| column.as_data()).collect();
        self.table
            .append(&columns)
            .map_err(|source| StoreError::table(self.file.target(), source))?;
        self.rows.clear();
        Ok(())
    }

    /// Completes the table under its temporary name.
    fn close(mut self, names: &Names) -> Result<(PendingFile, u64), StoreError> {
        self.flush(names)?;
        let rows =
            self.table.finish().map_err(|source| StoreError::table(self.file.target(), source))?;
        Ok((self.file, rows))
    }
}

/// Streams what a run produces into its tables. Memory stays flat: rows are written in groups as
/// they come. All tables appear at [`Self::finish`]; dropped before that (an abort, an error) it
/// leaves nothing, and files of an earlier run stay as they were.
pub struct ArtefactWriter {
    names: Names,
    metrics: Option<Table<EquityPoint>>,
    trades: Option<Table<TradeRow>>,
    orders: Option<Table<OrderEventRow>>,
    round_trips: Option<Table<RoundTripRow>>,
}

impl ArtefactWriter {
    /// Opens the tables that have a path, under temporary names beside it; missing folders are
    /// created.
    ///
    /// # Errors
    /// [`StoreError::SameFile`], [`StoreError::NotAFile`], [`StoreError::Io`],
    /// [`StoreError::Table`].
    pub fn create(paths: &ArtefactPaths, names: Names) -> Result<Self, StoreError> {
        let writer = Self {
            metrics: Table::create(paths.metrics.as_deref(), &names)?,
            trades: Table::create(paths.trades.as_deref(), &names)?,
            orders: Table::create(paths.orders.as_deref(), &names)?,
            round_trips: Table::create(paths.round_trips.as_deref(), &names)?,
            names,
        };
        // Now all folders exist, and two spellings of one place can be told.
        let given = [&paths.metrics, &paths.trades, &paths.orders, &paths.round_trips];
        let mut places: Vec<PathBuf> = Vec::new();
        for path in given.into_iter().flatten() {
            let place = real_place(path);
            if places.contains(&place) {
                return Err(StoreError::SameFile { path: path.clone() });
            }
            places.push(place);
        }
        Ok(writer)
    }

    /// Adds a sample of an account; nothing happens where no such table was asked for.
    ///
    /// # Errors
    /// [`StoreError::UnknownIndex`], [`StoreError::Table`].
    pub fn equity(&mut self, row: EquityPoint) -> Result<(), StoreError> {
        self.metrics.as_mut().map_or(Ok(()), |table| table.push(row, &self.names))
    }

    /// Adds a fill; nothing happens where no such table was asked for.
    ///
    /// # Errors
    /// [`StoreError::UnknownIndex`], [`StoreError::Amount`], [`StoreError::Table`].
    pub fn trade(&mut self, row: TradeRow) -> Result<(), StoreError> {
        self.trades.as_mut().map_or(Ok(()), |table| table.push(row, &self.names))
    }

    /// Adds an order event; nothing happens where no such table was asked for.
    ///
    /// # Errors
    /// As [`Self::trade`].
    pub fn order_event(&mut self, row: OrderEventRow) -> Result<(), StoreError> {
        self.orders.as_mut().map_or(Ok(()), |table| table.push(row, &self.names))
    }

    /// Adds a round trip; nothing happens where no such table was asked for.
    ///
    /// # Errors
    /// As [`Self::trade`].
    pub fn round_trip(&mut self, row: RoundTripRow) -> Result<(), StoreError> {
        self.round_trips.as_mut().map_or(Ok(()), |table| table.push(row, &self.names))
    }

    /// Whether order events are written, so that a caller may leave out making them.
    #[must_use]
    pub const fn wants_order_events(&self) -> bool {
        self.orders.is_some()
    }

    /// Completes all tables, then gives each its name.
    ///
    /// # Errors
    /// As the calls before; then no table that was not yet renamed appears.
    pub fn finish(self) -> Result<Written, StoreError> {
        let names = &self.names;
        let mut files = Vec::new();
        let written = Written {
            metrics: close(self.metrics, names, &mut files)?,
            trades: close(self.trades, names, &mut files)?,
            orders: close(self.orders, names, &mut files)?,
            round_trips: close(self.round_trips, names, &mut files)?,
        };
        for file in files {
            file.commit()?;
        }
        Ok(written)
    }
}

/// Completes a table and remembers its file for the renaming.
fn close<R: Row>(
    table: Option<Table<R>>,
    names: &Names,
    files: &mut Vec<PendingFile>,
) -> Result<Option<u64>, StoreError> {
    let Some(table) = table else { return Ok(None) };
    let (file, rows) = table.close(names)?;
    files.push(file);
    Ok(Some(rows))
}

/// A file's place with all links and dots of its folder resolved.
fn real_place(path: &Path) -> PathBuf {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_path_buf());
    folder.join(path.file_name().unwrap_or_default())
}
