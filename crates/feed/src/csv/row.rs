//! One CSV row as cells.

use crate::columns::number::{self, Number};
use crate::columns::rows::Cells;
use crate::columns::time::{self, Stamp, TimeFault};
use std::borrow::Cow;

/// A row of CSV text.
pub(super) struct CsvCells<'a> {
    pub record: &'a csv::ByteRecord,
    pub time_format: Option<&'a str>,
}

impl CsvCells<'_> {
    fn bytes(&self, column: usize) -> &[u8] {
        self.record.get(column).unwrap_or_default().trim_ascii()
    }

    fn parse(&self, text: &[u8]) -> Result<Stamp, TimeFault> {
        match self.time_format {
            None => time::parse(text),
            Some(pattern) => std::str::from_utf8(text)
                .ok()
                .and_then(|text| time::parse_with(pattern, text))
                .ok_or(TimeFault::Unknown),
        }
    }
}

impl Cells for CsvCells<'_> {
    fn number(&self, column: usize) -> Result<Option<Number>, ()> {
        let text = self.bytes(column);
        if text.is_empty() {
            return Ok(None);
        }
        number::parse(text).map(Some).ok_or(())
    }

    fn stamp(&self, column: usize) -> Result<Stamp, TimeFault> {
        self.parse(self.bytes(column))
    }

    fn stamp_of(&self, date: usize, clock: usize) -> Result<Stamp, TimeFault> {
        let mut text = self.bytes(date).to_vec();
        text.push(b' ');
        text.extend_from_slice(self.bytes(clock));
        self.parse(&text)
    }

    fn text(&self, column: usize) -> Cow<'_, str> {
        String::from_utf8_lossy(self.bytes(column))
    }
}
