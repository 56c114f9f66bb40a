//! Writing Parquet: named, typed columns in row groups.

use crate::error::FeedError;
use crate::output::PartialFile;
use ::parquet::basic::{
    Compression, LogicalType, Repetition, TimeUnit, Type as Physical, ZstdLevel,
};
use ::parquet::data_type::{
    BoolType, ByteArray, ByteArrayType, DataType, DoubleType, FixedLenByteArray,
    FixedLenByteArrayType, Int32Type, Int64Type,
};
use ::parquet::errors::ParquetError;
use ::parquet::file::metadata::KeyValue;
use ::parquet::file::properties::WriterProperties;
use ::parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use ::parquet::schema::types::Type;
use std::path::Path;
use std::sync::Arc;

/// Rows of a row group.
const ROW_GROUP: usize = 1 << 16;

/// What a column holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ColumnKind {
    /// Whole numbers. Null in an optional column: `i64::MAX`.
    I64,
    /// Floating-point numbers. Null in an optional column: NaN.
    F64,
    /// Whole numbers from 0 to 4,294,967,295; never null.
    U32,
    /// Text. Null in an optional column: the empty text.
    Utf8,
    /// True or false; never null.
    Bool,
    /// Nanoseconds since 1970, UTC. Null in an optional column: `u64::MAX`.
    Timestamp,
    /// Units of 1e-9 as a decimal of 64 bits. Null in an optional column: `i64::MAX`.
    Nanos,
    /// Units of 1e-9 as a decimal of 128 bits. Null in an optional column: `i128::MAX`.
    Decimal,
}

/// A column of a table.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Column {
    /// Name.
    pub name: String,
    /// What it holds.
    pub kind: ColumnKind,
    /// Whether it may hold nulls (see [`ColumnKind`] for what is written as null).
    pub optional: bool,
}

impl Column {
    /// A column without nulls.
    #[must_use]
    pub fn new(name: &str, kind: ColumnKind) -> Self {
        Self { name: name.to_owned(), kind, optional: false }
    }

    /// The same column with nulls.
    #[must_use]
    pub fn optional(mut self) -> Self {
        self.optional = true;
        self
    }
}

/// Values of one column for [`ParquetTable::append`].
#[derive(Clone, Copy, Debug)]
pub enum ColumnData<'a> {
    /// For [`ColumnKind::I64`].
    I64(&'a [i64]),
    /// For [`ColumnKind::F64`].
    F64(&'a [f64]),
    /// For [`ColumnKind::U32`].
    U32(&'a [u32]),
    /// For [`ColumnKind::Utf8`].
    Utf8(&'a [&'a str]),
    /// For [`ColumnKind::Bool`].
    Bool(&'a [bool]),
    /// For [`ColumnKind::Timestamp`].
    Timestamp(&'a [u64]),
    /// For [`ColumnKind::Nanos`].
    Nanos(&'a [i64]),
    /// For [`ColumnKind::Decimal`].
    Decimal(&'a [i128]),
}

impl ColumnData<'_> {
    fn len(&self) -> usize {
        match self {
            Self::I64(v) | Self::Nanos(v) => v.len(),
            Self::F64(v) => v.len(),
            Self::U32(v) => v.len(),
            Self::Utf8(v) => v.len(),
            Self::Bool(v) => v.len(),
            Self::Timestamp(v) => v.len(),
            Self::Decimal(v) => v.len(),
        }
    }
}

/// Rows of one column that are not yet written.
#[derive(Clone, Debug)]
enum Pending {
    I64(Vec<i64>),
    F64(Vec<f64>),
    I32(Vec<i32>),
    Utf8(Vec<ByteArray>),
    Bool(Vec<bool>),
    Decimal(Vec<FixedLenByteArray>),
}

/// How pages are compressed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Codec {
    /// zstd: small files. The default.
    #[default]
    Zstd,
    /// Snappy: quick to write.
    Snappy,
}

/// A Parquet file being written, as a table of named columns. It appears under its name at
/// [`Self::finish`]; dropped before that it leaves nothing.
pub struct ParquetTable {
    writer: SerializedFileWriter<PartialFile>,
    name: String,
    columns: Vec<Column>,
    pending: Vec<Pending>,
    /// Definition levels of the optional columns: 1 is a value, 0 a null.
    levels: Vec<Vec<i16>>,
    waiting: usize,
    rows: u64,
}

fn failed(file: &str, error: ParquetError) -> FeedError {
    let error = match error {
        ParquetError::External(inner) => match inner.downcast::<std::io::Error>() {
            Ok(error) => *error,
            Err(other) => std::io::Error::other(other),
        },
        other => std::io::Error::other(other),
    };
    FeedError::io(file, "write", error)
}

impl ParquetTable {
    /// Begins a file with these columns, compressed with zstd.
    ///
    /// # Errors
    /// [`FeedError::Io`]; [`FeedError::Setting`] for columns without name or with the same.
    pub fn create(path: &Path, columns: &[Column]) -> Result<Self, FeedError> {
        Self::create_with(path, columns, Codec::Zstd, &[])
    }

    /// Begins a file with a codec and metadata of keys and values.
    ///
    /// # Errors
    /// As [`Self::create`].
    pub fn create_with(
        path: &Path,
        columns: &[Column],
        codec: Codec,
        metadata: &[(&str, &str)],
    ) -> Result<Self, FeedError> {
        for (k, column) in columns.iter().enumerate() {
            if column.name.is_empty() || columns[..k].iter().any(|c| c.name == column.name) {
                return Err(FeedError::Setting {
                    option: "columns",
                    value: column.name.clone(),
                    accepted: "a name that no other column has".to_owned(),
                });
            }
        }
        let name = path.display().to_string();
        let fail = |error| failed(&name, error);
        let fields = columns.iter().map(field).collect::<Result<Vec<_>, _>>().map_err(fail)?;
        let schema =
            Type::group_type_builder("schema").with_fields(fields).build().map_err(fail)?;
        let compression = match codec {
            Codec::Zstd => Compression::ZSTD(ZstdLevel::try_new(3).map_err(fail)?),
            Codec::Snappy => Compression::SNAPPY,
        };
        let pairs =
            metadata.iter().map(|(k, v)| KeyValue::new((*k).to_owned(), (*v).to_owned())).collect();
        let properties = WriterProperties::builder()
            .set_compression(compression)
            .set_created_by("tickforge".to_owned())
            .set_key_value_metadata(Some(pairs))
            .build();
        let file = PartialFile::plain(path)?;
        let writer = SerializedFileWriter::new(file, Arc::new(schema), Arc::new(properties))
            .map_err(fail)?;
        let pending = columns.iter().map(|column| empty(column.kind)).collect();
        let levels = vec![Vec::new(); columns.len()];
        let columns = columns.to_vec();
        Ok(Self { writer, name, columns, pending, levels, waiting: 0, rows: 0 })
    }

    /// Adds rows: one slice for each column, in their order and of one length.
    ///
    /// # Errors
    /// [`FeedError::Setting`] when a slice has another kind or length than its column asks for,
    /// before anything is added; [`FeedError::Io`].
    pub fn append(&mut self, data: &[ColumnData<'_>]) -> Result<(), FeedError> {
        self.check(data)?;
        let rows = data.first().map_or(0, ColumnData::len);
        for (k, values) in data.iter().enumerate() {
            let optional = self.columns[k].optional;
            push(&mut self.pending[k], &mut self.levels[k], optional, *values);
        }
        self.waiting += rows;
        self.rows += rows as u64;
        if self.waiting >= ROW_GROUP {
            self.flush()?;
        }
        Ok(())
    }

    fn check(&self, data: &[ColumnData<'_>]) -> Result<(), FeedError> {
        let fail = |value: String, accepted: String| {
            Err(FeedError::Setting { option: "columns", value, accepted })
        };
        if data.len() != self.columns.len() {
            return fail(format!("{} slices", data.len()), format!("{}", self.columns.len()));
        }
        let rows = data.first().map_or(0, ColumnData::len);
        for (values, column) in data.iter().zip(&self.columns) {
            let kind = match values {
                ColumnData::I64(_) => ColumnKind::I64,
                ColumnData::F64(_) => ColumnKind::F64,
                ColumnData::U32(_) => ColumnKind::U32,
                ColumnData::Utf8(_) => ColumnKind::Utf8,
                ColumnData::Bool(_) => ColumnKind::Bool,
                ColumnData::Timestamp(_) => ColumnKind::Timestamp,
                ColumnData::Nanos(_) => ColumnKind::Nanos,
                ColumnData::Decimal(_) => ColumnKind::Decimal,
            };
            if kind != column.kind || values.len() != rows {
                let value = format!("{} values of {kind:?} for '{}'", values.len(), column.name);
                return fail(value, format!("{rows} values of {:?}", column.kind));
            }
            if let ColumnData::Timestamp(times) = values
                && let Some(time) = times.iter().find(|&&t| t > i64::MAX as u64 && t != u64::MAX)
            {
                return fail(format!("{time} ns in '{}'", column.name), "a time to 2262".into());
            }
        }
        Ok(())
    }

    /// Writes what waits as a row group.
    fn flush(&mut self) -> Result<(), FeedError> {
        if self.waiting == 0 {
            return Ok(());
        }
        self.waiting = 0;
        let name = &self.name;
        let fail = |error| failed(name, error);
        let mut group = self.writer.next_row_group().map_err(fail)?;
        for (k, pending) in self.pending.iter_mut().enumerate() {
            let levels = self.columns[k].optional.then_some(&self.levels[k][..]);
            let written = match pending {
                Pending::I64(v) => write::<Int64Type, _>(&mut group, v, levels),
                Pending::F64(v) => write::<DoubleType, _>(&mut group, v, levels),
                Pending::I32(v) => write::<Int32Type, _>(&mut group, v, levels),
                Pending::Utf8(v) => write::<ByteArrayType, _>(&mut group, v, levels),
                Pending::Bool(v) => write::<BoolType, _>(&mut group, v, levels),
                Pending::Decimal(v) => write::<FixedLenByteArrayType, _>(&mut group, v, levels),
            };
            written.map_err(fail)?;
            self.levels[k].clear();
        }
        group.close().map_err(fail)?;
        Ok(())
    }

    /// Completes the file; how many rows it has.
    ///
    /// # Errors
    /// [`FeedError::Io`].
    pub fn finish(mut self) -> Result<u64, FeedError> {
        self.flush()?;
        let name = self.name;
        let file = self.writer.into_inner().map_err(|error| failed(&name, error))?;
        file.finish()?;
        Ok(self.rows)
    }
}

fn write<T: DataType, W: std::io::Write + Send>(
    group: &mut SerializedRowGroupWriter<'_, W>,
    values: &mut Vec<T::T>,
    levels: Option<&[i16]>,
) -> Result<(), ParquetError> {
    let Some(mut column) = group.next_column()? else {
        return Err(ParquetError::General("more columns than the schema has".to_owned()));
    };
    column.typed::<T>().write_batch(values, levels, None)?;
    values.clear();
    column.close()
}

fn empty(kind: ColumnKind) -> Pending {
    match kind {
        ColumnKind::I64 | ColumnKind::Timestamp | ColumnKind::Nanos => Pending::I64(Vec::new()),
        ColumnKind::F64 => Pending::F64(Vec::new()),
        ColumnKind::U32 => Pending::I32(Vec::new()),
        ColumnKind::Utf8 => Pending::Utf8(Vec::new()),
        ColumnKind::Bool => Pending::Bool(Vec::new()),
        ColumnKind::Decimal => Pending::Decimal(Vec::new()),
    }
}

/// Adds values; nulls of an optional column become levels of 0.
fn push(pending: &mut Pending, levels: &mut Vec<i16>, optional: bool, values: ColumnData<'_>) {
    fn add<S: Copy, T>(
        to: &mut Vec<T>,
        levels: &mut Vec<i16>,
        optional: bool,
        values: &[S],
        null: impl Fn(S) -> bool,
        convert: impl Fn(S) -> T,
    ) {
        for &value in values {
            let is_null = optional && null(value);
            if optional {
                levels.push(i16::from(!is_null));
            }
            if !is_null {
                to.push(convert(value));
            }
        }
    }
    match (pending, values) {
        (Pending::I64(to), ColumnData::I64(v) | ColumnData::Nanos(v)) => {
            add(to, levels, optional, v, |x| x == i64::MAX, |x| x);
        }
        (Pending::I64(to), ColumnData::Timestamp(v)) => {
            add(to, levels, optional, v, |x| x == u64::MAX, |x| x as i64);
        }
        (Pending::F64(to), ColumnData::F64(v)) => add(to, levels, optional, v, f64::is_nan, |x| x),
        (Pending::I32(to), ColumnData::U32(v)) => {
            add(to, levels, optional, v, |_| false, |x| x as i32);
        }
        (Pending::Utf8(to), ColumnData::Utf8(v)) => {
            add(to, levels, optional, v, str::is_empty, ByteArray::from);
        }
        (Pending::Bool(to), ColumnData::Bool(v)) => add(to, levels, optional, v, |_| false, |x| x),
        (Pending::Decimal(to), ColumnData::Decimal(v)) => {
            add(
                to,
                levels,
                optional,
                v,
                |x| x == i128::MAX,
                |x: i128| FixedLenByteArray::from(x.to_be_bytes().to_vec()),
            );
        }
        // `check` has compared the kinds.
        _ => {}
    }
}

fn field(column: &Column) -> Result<Arc<Type>, ParquetError> {
    let (physical, logical) = match column.kind {
        ColumnKind::I64 => (Physical::INT64, None),
        ColumnKind::F64 => (Physical::DOUBLE, None),
        ColumnKind::U32 => (Physical::INT32, Some(LogicalType::integer(32, false))),
        ColumnKind::Utf8 => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
        ColumnKind::Bool => (Physical::BOOLEAN, None),
        ColumnKind::Timestamp => {
            (Physical::INT64, Some(LogicalType::timestamp(true, TimeUnit::NANOS)))
        }
        ColumnKind::Nanos => (Physical::INT64, Some(LogicalType::decimal(9, 18))),
        ColumnKind::Decimal => (Physical::FIXED_LEN_BYTE_ARRAY, Some(LogicalType::decimal(9, 38))),
    };
    let repetition = if column.optional { Repetition::OPTIONAL } else { Repetition::REQUIRED };
    let mut builder = Type::primitive_type_builder(&column.name, physical)
        .with_repetition(repetition)
        .with_logical_type(logical);
    match column.kind {
        ColumnKind::Nanos => builder = builder.with_precision(18).with_scale(9),
        ColumnKind::Decimal => {
            builder = builder.with_precision(38).with_scale(9).with_length(16);
        }
        _ => {}
    }
    builder.build().map(Arc::new)
}
