//! What a CSV file says of itself before its rows are read.

use super::ACCEPTED;
use super::delimiter::detect_delimiter;
use super::options::TableOptions;
use crate::columns::{ColumnRef, Columns, number, time};
use crate::error::{FeedError, Place};
use crate::text::Input;
use csv::{ByteRecord, Reader, ReaderBuilder};

/// What is known of a file before its rows are read.
pub(super) struct Layout {
    pub delimiter: u8,
    pub header: bool,
    /// Cells that a row must have; `None`: as many as the first.
    pub width: Option<usize>,
    pub columns: Columns,
    pub names: Vec<String>,
}

pub(super) fn raw_reader<R: std::io::Read>(text: R, delimiter: u8) -> Reader<R> {
    ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .buffer_capacity(1 << 16)
        .from_reader(text)
}

pub(super) fn read_row<R: std::io::Read>(
    reader: &mut Reader<R>,
    record: &mut ByteRecord,
    name: &str,
    row: u64,
) -> Result<bool, FeedError> {
    reader.read_byte_record(record).map_err(|error| {
        let reason = error.to_string();
        match error.into_kind() {
            csv::ErrorKind::Io(e)
                if !matches!(
                    e.kind(),
                    std::io::ErrorKind::InvalidData
                        | std::io::ErrorKind::InvalidInput
                        | std::io::ErrorKind::UnexpectedEof
                        | std::io::ErrorKind::Other
                ) =>
            {
                FeedError::io(name, "read", e)
            }
            _ => FeedError::Corrupt { file: name.to_owned(), at: Place::Row(row), reason },
        }
    })
}

/// Looks at the first row: delimiter, names, columns.
pub(super) fn layout(
    input: &Input,
    name: &str,
    options: &TableOptions,
) -> Result<Layout, FeedError> {
    let head = input.head(name, ACCEPTED)?;
    if let Some(delimiter) = options.delimiter
        && !b",;\t|".contains(&delimiter)
    {
        return Err(FeedError::Setting {
            option: "delimiter",
            value: char::from(delimiter).to_string(),
            accepted: "one of , ; | or a tab".to_owned(),
        });
    }
    let delimiter = options.delimiter.unwrap_or_else(|| detect_delimiter(&head));
    let mut first = ByteRecord::new();
    if !read_row(&mut raw_reader(&head[..], delimiter), &mut first, name, 0)? {
        return Err(FeedError::Empty { file: name.to_owned(), accepted: ACCEPTED });
    }
    let values = first.iter().any(|cell| {
        let cell = cell.trim_ascii();
        number::parse(cell).is_some() || time::parse(cell).is_ok()
    });
    let header = options.header.unwrap_or(!values);
    let titles: Vec<String> = first
        .iter()
        .map(|cell| {
            let title = String::from_utf8_lossy(cell);
            title.trim_start_matches('\u{feff}').trim().chars().take(100).collect()
        })
        .collect();
    let positions: Vec<usize> = options
        .columns
        .iter()
        .filter_map(|(_, column)| match column {
            ColumnRef::Position(at) => Some(*at),
            ColumnRef::Name(_) => None,
        })
        .collect();
    // A mapping by positions alone may stand against a header that does not fit its rows.
    if positions.len() == options.columns.len() && !positions.is_empty() {
        let most = positions.iter().copied().max().unwrap_or(0).min(10_000);
        let blank = |k: usize| if header { titles.get(k).cloned() } else { None };
        let count = if header { (most + 1).max(titles.len()) } else { titles.len() };
        let unnamed = vec!["-".to_owned(); count];
        if let Ok(columns) = Columns::recognise(&unnamed, &options.columns, options.kind) {
            let names = (0..count).map(|k| blank(k).unwrap_or_else(|| format!("{k}"))).collect();
            return Ok(Layout { delimiter, header, width: None, columns, names });
        }
    }
    let found = titles.iter().take(40).cloned().collect::<Vec<_>>().join(", ");
    let fail = |reason: String| FeedError::Header {
        file: name.to_owned(),
        reason,
        found: found.clone(),
        accepted: Columns::accepted(),
    };
    if !header {
        let reason = match Columns::recognise(
            &vec!["-".to_owned(); titles.len()],
            &options.columns,
            options.kind,
        ) {
            Err(reason) => reason,
            Ok(_) => String::new(),
        };
        return Err(fail(format!(
            "the first row holds values, not names: map the columns by position with the option \
             'columns' ({reason})"
        )));
    }
    let columns = Columns::recognise(&titles, &options.columns, options.kind).map_err(fail)?;
    Ok(Layout { delimiter, header, width: Some(titles.len()), columns, names: titles })
}
