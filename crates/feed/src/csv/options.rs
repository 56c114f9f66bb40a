//! How a CSV file is to be read, where it does not say so itself.

use crate::columns::{ColumnRef, Field, RowKind};
use model::{BarLabel, SessionClose, Timeframe};

/// Options of a CSV or Parquet reader. Everything has a default that reads the usual file.
#[derive(Clone, Debug, Default)]
pub struct TableOptions {
    /// What the rows are. Default: recognised from the columns.
    pub kind: Option<RowKind>,
    /// Columns by field; what is not named is recognised. Default: none.
    pub columns: Vec<(Field, ColumnRef)>,
    /// Pattern of the time column in the notation of `strptime`, such as `%d/%m/%Y %H:%M:%S`.
    /// Default: the usual forms.
    pub time_format: Option<String>,
    /// IANA time zone of stamps that name none. Default: UTC.
    pub time_zone: Option<String>,
    /// What the time of a bar means. Default: the open below one day and the session from one day
    /// on, for one instrument at one interval; else it must be said.
    pub label: Option<BarLabel>,
    /// Length of the bars. Default: inferred for one instrument where it is clear.
    pub timeframe: Option<Timeframe>,
    /// When the session of a daily bar ends. Default: by the kind of the instrument.
    pub session_close: Option<SessionClose>,
    /// The same by symbol, before [`Self::session_close`]. Default: none.
    pub sessions: Vec<(String, SessionClose)>,
    /// The instrument's symbol where the file has no such column. Default: the only instrument of
    /// the run, else the file's name up to its first point.
    pub symbol: Option<String>,
    /// Scale open, high, low and close by adjusted close / close. Default: no.
    pub adjusted: bool,
    /// Sizes of trades are running totals of the day; a row whose total has not grown gives no
    /// trade, the first row and a total that falls begin anew. Default: no.
    pub cumulative: bool,
    /// Parquet only: decimals of whole-number columns of prices and sizes that carry no decimal
    /// type (9 for units of 1e-9). Default: 0, the numbers are what they say.
    pub integer_decimals: Option<u8>,
    /// Let impossible bars and negative numbers through, for a checker that judges them. Default:
    /// they are errors.
    pub allow_impossible: bool,
    /// Text files only: the delimiter, one of `,` `;` tab `|`. Default: detected.
    pub delimiter: Option<u8>,
    /// Text files only: whether the first row holds names. Default: it does when no cell of it is
    /// a number.
    pub header: Option<bool>,
}
