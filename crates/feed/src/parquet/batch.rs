//! A batch of Parquet columns, decoded, as rows of cells.

use crate::columns::number::{self, Number};
use crate::columns::rows::Cells;
use crate::columns::time::{self, Stamp, TimeFault};
use ::parquet::basic::{ConvertedType, LogicalType, TimeUnit, Type as Physical};
use ::parquet::column::reader::ColumnReader;
use ::parquet::data_type::{ByteArray, FixedLenByteArray, Int96};
use ::parquet::errors::ParquetError;
use ::parquet::schema::types::ColumnDescriptor;
use std::borrow::Cow;

/// What the values of a column mean.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum Meaning {
    /// Whole numbers with an implied point: 10^-scale each.
    Scaled(i32),
    /// Signed or unsigned whole numbers.
    Whole {
        signed: bool,
    },
    /// Whole numbers as 8 or 16 bytes, lowest first, without a type (nautilus writes such).
    Little,
    /// Ticks of so many ns since 1970; `utc` says whether they are instants.
    Time {
        unit: i64,
        utc: bool,
    },
    /// Days since 1970.
    Date,
    Float,
    Text,
    Bool,
}

impl Meaning {
    /// What a column of a file means; `None` for a type that no row of market data has.
    pub fn of(column: &ColumnDescriptor) -> Option<Self> {
        let physical = column.physical_type();
        match column.logical_type_ref() {
            Some(LogicalType::Timestamp(stamp)) => {
                let unit = match stamp.unit {
                    TimeUnit::MILLIS => 1_000_000,
                    TimeUnit::MICROS => 1_000,
                    TimeUnit::NANOS => 1,
                };
                return Some(Self::Time { unit, utc: stamp.is_adjusted_to_u_t_c });
            }
            Some(LogicalType::Date) => return Some(Self::Date),
            Some(LogicalType::Decimal(decimal)) => return Some(Self::Scaled(decimal.scale)),
            Some(LogicalType::Integer(whole)) => {
                return Some(Self::Whole { signed: whole.is_signed });
            }
            _ => {}
        }
        match column.converted_type() {
            ConvertedType::TIMESTAMP_MILLIS => {
                return Some(Self::Time { unit: 1_000_000, utc: true });
            }
            ConvertedType::TIMESTAMP_MICROS => return Some(Self::Time { unit: 1_000, utc: true }),
            ConvertedType::DATE => return Some(Self::Date),
            ConvertedType::DECIMAL => return Some(Self::Scaled(column.type_scale())),
            ConvertedType::UINT_64 | ConvertedType::UINT_32 => {
                return Some(Self::Whole { signed: false });
            }
            _ => {}
        }
        Some(match physical {
            Physical::BOOLEAN => Self::Bool,
            Physical::INT32 | Physical::INT64 => Self::Whole { signed: true },
            Physical::INT96 => Self::Time { unit: 1, utc: false },
            Physical::FLOAT | Physical::DOUBLE => Self::Float,
            Physical::BYTE_ARRAY => Self::Text,
            Physical::FIXED_LEN_BYTE_ARRAY => {
                return matches!(column.type_length(), 8 | 16).then_some(Self::Little);
            }
        })
    }
}

#[derive(Debug)]
enum Values {
    Bool(Vec<bool>),
    I32(Vec<i32>),
    I64(Vec<i64>),
    I96(Vec<Int96>),
    F32(Vec<f32>),
    F64(Vec<f64>),
    Bytes(Vec<ByteArray>),
    Fixed(Vec<FixedLenByteArray>),
}

/// One column of a batch.
#[derive(Debug)]
pub(super) struct ColumnBatch {
    meaning: Meaning,
    values: Values,
    levels: Vec<i16>,
    /// Index of a row's value, `u32::MAX` for a null; empty where no row is null.
    index: Vec<u32>,
    most: i16,
}

impl ColumnBatch {
    pub fn new(column: &ColumnDescriptor, meaning: Meaning) -> Self {
        let values = match column.physical_type() {
            Physical::BOOLEAN => Values::Bool(Vec::new()),
            Physical::INT32 => Values::I32(Vec::new()),
            Physical::INT64 => Values::I64(Vec::new()),
            Physical::INT96 => Values::I96(Vec::new()),
            Physical::FLOAT => Values::F32(Vec::new()),
            Physical::DOUBLE => Values::F64(Vec::new()),
            Physical::BYTE_ARRAY => Values::Bytes(Vec::new()),
            Physical::FIXED_LEN_BYTE_ARRAY => Values::Fixed(Vec::new()),
        };
        let most = column.max_def_level();
        Self { meaning, values, levels: Vec::new(), index: Vec::new(), most }
    }

    /// Reads the next rows, at most `rows`; how many.
    pub fn read(&mut self, reader: &mut ColumnReader, rows: usize) -> Result<usize, ParquetError> {
        self.levels.clear();
        let levels = &mut self.levels;
        macro_rules! read {
            ($reader:expr, $values:expr) => {{
                $values.clear();
                let (mut done, values) = (0, $values);
                while done < rows {
                    let (records, _, _) =
                        $reader.read_records(rows - done, Some(levels), None, values)?;
                    if records == 0 {
                        break;
                    }
                    done += records;
                }
                done
            }};
        }
        let done = match (reader, &mut self.values) {
            (ColumnReader::BoolColumnReader(r), Values::Bool(v)) => read!(r, v),
            (ColumnReader::Int32ColumnReader(r), Values::I32(v)) => read!(r, v),
            (ColumnReader::Int64ColumnReader(r), Values::I64(v)) => read!(r, v),
            (ColumnReader::Int96ColumnReader(r), Values::I96(v)) => read!(r, v),
            (ColumnReader::FloatColumnReader(r), Values::F32(v)) => read!(r, v),
            (ColumnReader::DoubleColumnReader(r), Values::F64(v)) => read!(r, v),
            (ColumnReader::ByteArrayColumnReader(r), Values::Bytes(v)) => read!(r, v),
            (ColumnReader::FixedLenByteArrayColumnReader(r), Values::Fixed(v)) => read!(r, v),
            _ => return Err(ParquetError::General("a column changes its type".to_owned())),
        };
        self.index.clear();
        if self.most > 0 && self.levels.iter().any(|&level| level < self.most) {
            let mut next = 0;
            self.index.extend(self.levels.iter().map(|&level| {
                if level < self.most {
                    return u32::MAX;
                }
                next += 1;
                next - 1
            }));
        }
        Ok(done)
    }

    /// Index of a row's value; `None` for a null.
    fn at(&self, row: usize) -> Option<usize> {
        if self.index.is_empty() {
            return Some(row);
        }
        self.index.get(row).filter(|&&at| at != u32::MAX).map(|&at| at as usize)
    }

    /// A whole number.
    fn whole(&self, at: usize) -> Option<i128> {
        let signed = self.meaning != Meaning::Whole { signed: false };
        match &self.values {
            Values::I32(v) => {
                v.get(at).map(|&x| if signed { i128::from(x) } else { i128::from(x as u32) })
            }
            Values::I64(v) => {
                v.get(at).map(|&x| if signed { i128::from(x) } else { i128::from(x as u64) })
            }
            Values::I96(v) => v.get(at).map(|x| i128::from(x.to_nanos())),
            Values::Bytes(v) => big_endian(v.get(at)?.data()),
            Values::Fixed(v) if self.meaning == Meaning::Little => little_endian(v.get(at)?.data()),
            Values::Fixed(v) => big_endian(v.get(at)?.data()),
            _ => None,
        }
    }

    fn float(&self, at: usize) -> Option<f64> {
        match &self.values {
            // A 32-bit float as the shortest decimal that gives it again, not its binary value.
            Values::F32(v) => v.get(at).and_then(|x| x.to_string().parse().ok()),
            Values::F64(v) => v.get(at).copied(),
            _ => None,
        }
    }

    fn bytes(&self, at: usize) -> &[u8] {
        match &self.values {
            Values::Bytes(v) => v.get(at).map_or(&[], ByteArray::data),
            _ => &[],
        }
    }
}

fn little_endian(bytes: &[u8]) -> Option<i128> {
    let mut bytes = bytes.to_vec();
    bytes.reverse();
    big_endian(&bytes)
}

fn big_endian(bytes: &[u8]) -> Option<i128> {
    if bytes.is_empty() || bytes.len() > 16 {
        return None;
    }
    let fill = if bytes[0] & 0x80 != 0 { 0xFF } else { 0 };
    let mut wide = [fill; 16];
    wide[16 - bytes.len()..].copy_from_slice(bytes);
    Some(i128::from_be_bytes(wide))
}

/// One row of a batch; columns that are not read are `None`.
pub(super) struct ParquetRow<'a> {
    pub columns: &'a [Option<ColumnBatch>],
    pub row: usize,
    pub time_format: Option<&'a str>,
    /// Decimals that whole numbers without a decimal type are meant to have.
    pub integer_decimals: i32,
}

impl ParquetRow<'_> {
    fn cell(&self, column: usize) -> Option<(&ColumnBatch, usize)> {
        let batch = self.columns.get(column)?.as_ref()?;
        Some((batch, batch.at(self.row)?))
    }
}

/// `value · 10^(9 − decimals)`, rounded half to even where digits go.
fn scaled(value: i128, decimals: i32) -> Option<Number> {
    if decimals <= 9 {
        let factor = 10i128.checked_pow(u32::try_from(9 - decimals).ok()?)?;
        return Some(Number { nanos: value.checked_mul(factor)?, rounded: false });
    }
    let divisor = 10i128.checked_pow(u32::try_from(decimals - 9).ok()?)?;
    let nanos = model::decimal::mul_div_half_even(value, 1, divisor, "decimal").ok()?;
    Some(Number { nanos, rounded: value % divisor != 0 })
}

impl Cells for ParquetRow<'_> {
    fn number(&self, column: usize) -> Result<Option<Number>, ()> {
        let Some((batch, at)) = self.cell(column) else { return Ok(None) };
        let number = match batch.meaning {
            Meaning::Scaled(decimals) => batch.whole(at).and_then(|value| scaled(value, decimals)),
            Meaning::Whole { .. } | Meaning::Little => {
                batch.whole(at).and_then(|value| scaled(value, self.integer_decimals))
            }
            Meaning::Float => match batch.float(at) {
                // What data frames write for a missing value.
                Some(value) if value.is_nan() => return Ok(None),
                value => value.and_then(number::from_f64),
            },
            Meaning::Text => match batch.bytes(at).trim_ascii() {
                b"" => return Ok(None),
                text => number::parse(text),
            },
            Meaning::Time { .. } | Meaning::Date | Meaning::Bool => None,
        };
        number.map(Some).ok_or(())
    }

    fn stamp(&self, column: usize) -> Result<Stamp, TimeFault> {
        let (batch, at) = self.cell(column).ok_or(TimeFault::Unknown)?;
        let whole = |unit: i128| batch.whole(at).and_then(|v| v.checked_mul(unit));
        let of = |nanos: Option<i128>, absolute, date_only| {
            let nanos = nanos.filter(|n| n.unsigned_abs() < 1 << 100).ok_or(TimeFault::Unknown)?;
            Ok(Stamp { nanos, absolute, date_only })
        };
        match batch.meaning {
            Meaning::Time { unit, utc } => of(whole(unit.into()), utc, false),
            Meaning::Date => of(whole(86_400_000_000_000), false, true),
            Meaning::Whole { .. } => {
                let value = batch.whole(at).ok_or(TimeFault::Unknown)?;
                time::parse(value.to_string().as_bytes())
            }
            Meaning::Float => {
                let value = batch.float(at).ok_or(TimeFault::Unknown)?;
                time::parse(format!("{value}").as_bytes())
            }
            Meaning::Text => match self.time_format {
                None => time::parse(batch.bytes(at)),
                Some(pattern) => std::str::from_utf8(batch.bytes(at))
                    .ok()
                    .and_then(|text| time::parse_with(pattern, text))
                    .ok_or(TimeFault::Unknown),
            },
            Meaning::Scaled(_) | Meaning::Little | Meaning::Bool => Err(TimeFault::Unknown),
        }
    }

    fn stamp_of(&self, date: usize, clock: usize) -> Result<Stamp, TimeFault> {
        let text = format!("{} {}", self.text(date), self.text(clock));
        time::parse(text.as_bytes())
    }

    fn text(&self, column: usize) -> Cow<'_, str> {
        let Some((batch, at)) = self.cell(column) else { return Cow::Borrowed("") };
        match (&batch.values, batch.meaning) {
            (Values::Bytes(_), Meaning::Text) => String::from_utf8_lossy(batch.bytes(at)),
            (Values::Bool(v), _) => {
                Cow::Borrowed(if v.get(at) == Some(&true) { "true" } else { "false" })
            }
            (_, Meaning::Float) => {
                Cow::Owned(batch.float(at).map_or_else(String::new, |v| v.to_string()))
            }
            (_, Meaning::Date) => {
                let days = batch.whole(at).and_then(|d| i64::try_from(d).ok()).unwrap_or(0);
                let date = jiff::Timestamp::from_second(days.saturating_mul(86_400));
                let text = date.map_or_else(|_| String::new(), |t| t.strftime("%F").to_string());
                Cow::Owned(text)
            }
            _ => Cow::Owned(batch.whole(at).map_or_else(String::new, |v| v.to_string())),
        }
    }
}
