//! Which column of a file is what.

use super::field::Field;

/// What the rows of a file are.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum RowKind {
    /// Bars: time, open, high, low, close, mostly volume.
    Bars,
    /// Quotes: time, bid, ask, mostly sizes.
    Quotes,
    /// Trades: time, price, size, mostly the side.
    Trades,
    /// Depth snapshots: time and several levels of prices and sizes on both sides.
    Depth,
}

impl RowKind {
    /// In one word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Bars => "bars",
            Self::Quotes => "quotes",
            Self::Trades => "trades",
            Self::Depth => "depth",
        }
    }

    /// The fields without which a row is none.
    const fn needs(self) -> &'static [Field] {
        match self {
            Self::Bars => &[Field::Open, Field::High, Field::Low, Field::Close],
            Self::Quotes => &[Field::Bid, Field::Ask],
            Self::Trades => &[Field::Price],
            Self::Depth => &[],
        }
    }
}

/// A column of a file: by its name or by its position from 0.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum ColumnRef {
    /// The column of this name, compared without regard to case.
    Name(String),
    /// The column at this position.
    Position(usize),
}

/// Positions of one level of a depth file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LevelColumns {
    /// Price.
    pub price: usize,
    /// Size.
    pub size: usize,
    /// Orders, where there is such a column.
    pub count: Option<usize>,
}

/// The positions of the columns of a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Columns {
    /// What the rows are.
    pub kind: RowKind,
    at: [Option<usize>; Field::ALL.len()],
    /// Levels of bids, best first (depth only).
    pub bids: Vec<LevelColumns>,
    /// Levels of asks, best first (depth only).
    pub asks: Vec<LevelColumns>,
}

/// Lower case, without what writers put between words.
fn plain(name: &str) -> String {
    let name = name.trim_start_matches('\u{feff}');
    name.chars()
        .filter(|c| {
            !matches!(c, ' ' | '_' | '-' | '.' | '"' | '\'' | '(' | ')' | '<' | '>' | '[' | ']')
        })
        .flat_map(char::to_lowercase)
        .collect()
}

impl Columns {
    /// Position of a field.
    #[inline]
    #[must_use]
    pub fn position(&self, field: Field) -> Option<usize> {
        self.at[field as usize]
    }

    /// Whether anything is read from a column.
    pub(crate) fn uses(&self, column: usize) -> bool {
        let mut levels = self.bids.iter().chain(&self.asks);
        self.at.contains(&Some(column))
            || self.kind == RowKind::Depth
                && levels.any(|l| l.price == column || l.size == column || l.count == Some(column))
    }

    /// The columns of a bar's length and end, where the file writes both.
    #[must_use]
    pub fn written_interval(&self) -> Option<(usize, usize)> {
        self.position(Field::Timeframe).zip(self.position(Field::CloseTime))
    }

    /// Recognises columns by their names; what is mapped goes before what is recognised, and a
    /// kind before what the columns look like.
    ///
    /// # Errors
    /// What is missing, for [`crate::FeedError::Header`].
    pub fn recognise(
        names: &[String],
        mapping: &[(Field, ColumnRef)],
        kind: Option<RowKind>,
    ) -> Result<Self, String> {
        let plain_names: Vec<String> = names.iter().map(|name| plain(name)).collect();
        let mut at = [None; Field::ALL.len()];
        for (field, column) in mapping {
            at[*field as usize] = Some(match column {
                ColumnRef::Position(k) if *k < names.len() => *k,
                ColumnRef::Position(k) => {
                    return Err(format!(
                        "'{}' is mapped to position {k}, but there are {} columns",
                        field.as_str(),
                        names.len()
                    ));
                }
                ColumnRef::Name(name) => {
                    plain_names.iter().position(|n| *n == plain(name)).ok_or_else(|| {
                        format!("'{}' is mapped to '{name}', which is not there", field.as_str())
                    })?
                }
            });
        }
        let taken: Vec<usize> = at.iter().flatten().copied().collect();
        let find = |field: Field| {
            field.names().iter().find_map(|name| {
                (0..names.len()).find(|k| plain_names[*k] == *name && !taken.contains(k))
            })
        };
        for field in Field::ALL {
            if at[field as usize].is_none() {
                at[field as usize] = find(field);
            }
        }
        // A column without a name is the index that some writers put first: the time, when
        // there is no other.
        let timed = [Field::Time, Field::Date].iter().any(|f| at[*f as usize].is_some());
        if !timed {
            at[Field::Time as usize] = (0..names.len())
                .find(|k| matches!(plain_names[*k].as_str(), "" | "index" | "unnamed:0"))
                .filter(|k| !taken.contains(k));
        }
        let (bids, asks) = (levels(&plain_names, &BID_LEVELS), levels(&plain_names, &ASK_LEVELS));
        let mut columns = Self { kind: RowKind::Bars, at, bids, asks };
        columns.pair_date_and_time(&plain_names);
        columns.kind = match kind {
            Some(kind) => kind,
            None => columns.looks_like().ok_or(
                "no known kind of rows; bars need open, high, low and close, quotes bid and ask, \
                 trades a price",
            )?,
        };
        columns.check()?;
        Ok(columns)
    }

    /// `Date` beside `Time` are one stamp in two columns; a full stamp beside a date wins.
    fn pair_date_and_time(&mut self, plain_names: &[String]) {
        let time = self.at[Field::Time as usize];
        let named_time = time.is_some_and(|k| plain_names[k] == "time");
        if self.at[Field::Date as usize].is_some() {
            if named_time && self.at[Field::Clock as usize].is_none() {
                self.at[Field::Clock as usize] = self.at[Field::Time as usize].take();
            } else if time.is_none() && self.at[Field::Clock as usize].is_none() {
                self.at[Field::Time as usize] = self.at[Field::Date as usize].take();
            } else if time.is_some() {
                self.at[Field::Date as usize] = None;
                self.at[Field::Clock as usize] = None;
            }
        } else {
            self.at[Field::Clock as usize] = None;
        }
    }

    fn looks_like(&self) -> Option<RowKind> {
        let has = |kind: RowKind| kind.needs().iter().all(|&f| self.position(f).is_some());
        if has(RowKind::Bars) {
            return Some(RowKind::Bars);
        }
        if self.bids.len() > 1 && self.asks.len() > 1 {
            return Some(RowKind::Depth);
        }
        [RowKind::Quotes, RowKind::Trades].into_iter().find(|&kind| has(kind))
    }

    fn check(&self) -> Result<(), String> {
        if self.kind == RowKind::Depth && (self.bids.is_empty() || self.asks.is_empty()) {
            return Err("depth needs bid_price_0, bid_size_0, ask_price_0, ask_size_0 …".into());
        }
        if self.position(Field::Time).is_none() && self.position(Field::Date).is_none() {
            return Err("there is no time".into());
        }
        for &field in self.kind.needs() {
            if self.position(field).is_none() {
                return Err(format!("{} need '{}'", self.kind.as_str(), field.as_str()));
            }
        }
        Ok(())
    }

    /// What would be accepted, in words.
    pub(crate) fn accepted() -> String {
        Field::ALL.map(|field| field.names()[..field.names().len().min(3)].join("|")).join(", ")
    }
}

/// Words for price, size and count of a level, before its number.
type LevelNames = (&'static [&'static str], &'static [&'static str], &'static [&'static str]);

const BID_LEVELS: LevelNames = (
    &["bidprice", "bidpx", "bid"],
    &["bidquantity", "bidsize", "bidsz", "bidqty", "bidvolume"],
    &["bidcount", "bidct"],
);
const ASK_LEVELS: LevelNames = (
    &["askprice", "offerprice", "askpx", "ask", "offer"],
    &["askquantity", "offerquantity", "asksize", "asksz", "askqty", "offersize", "askvolume"],
    &["askcount", "askct"],
);

/// Levels 0, 1, … (or 1, 2, …) of one side, at most ten.
fn levels(plain_names: &[String], words: &LevelNames) -> Vec<LevelColumns> {
    let find = |words: &[&str], level: usize| {
        words.iter().find_map(|word| {
            let short = format!("{word}{level}");
            let long = format!("{word}{level:02}");
            plain_names.iter().position(|n| *n == short || *n == long)
        })
    };
    let first = usize::from(find(words.0, 0).is_none());
    (first..first + 10)
        .map_while(|level| {
            let (price, size) = (find(words.0, level)?, find(words.1, level)?);
            Some(LevelColumns { price, size, count: find(words.2, level) })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(header: &str) -> Result<Columns, String> {
        let names: Vec<String> = header.split(',').map(str::to_owned).collect();
        Columns::recognise(&names, &[], None)
    }

    #[test]
    fn usual_headers_are_recognised() {
        for (header, kind, time) in [
            (",Open,High,Low,Close,Volume", RowKind::Bars, 0),
            (",date,open,high,low,close,volume", RowKind::Bars, 1),
            ("Date,Open,High,Low,Close,Adj Close,Volume", RowKind::Bars, 0),
            ("Date Time,Open,High,Low,Close,Volume", RowKind::Bars, 0),
            ("symbol,date,open,high,low,close,volume,adj_close", RowKind::Bars, 1),
            ("TIMESTAMP,BID,ASK", RowKind::Quotes, 0),
            ("ts_event,bid_px_00,ask_px_00,bid_sz_00,ask_sz_00", RowKind::Quotes, 0),
            ("timestamp,ltp,volume", RowKind::Trades, 0),
            ("symbol,side,price,amount,timestamp", RowKind::Trades, 4),
        ] {
            let found = columns(header).unwrap();
            assert_eq!((found.kind, found.position(Field::Time)), (kind, Some(time)), "{header}");
        }
        let found = columns("Date,Time,Open,High,Low,Close").unwrap();
        assert_eq!((found.position(Field::Date), found.position(Field::Clock)), (Some(0), Some(1)));
        let found = columns("bid_price_0,bid_quantity_0,bid_price_1,bid_quantity_1,offer_price_0,offer_quantity_0,offer_price_1,offer_quantity_1,transact_time").unwrap();
        assert_eq!((found.kind, found.bids.len(), found.asks[1].size), (RowKind::Depth, 2, 7));
        for header in ["a,b,c", "open,high,low,close", "time,open,high,low", "time,bid"] {
            assert!(columns(header).is_err(), "{header}");
        }
    }

    #[test]
    fn a_mapping_goes_before_what_is_recognised() {
        let names: Vec<String> = ["id", "price", "amount", "type"].map(str::to_owned).to_vec();
        let map = [(Field::Time, ColumnRef::Name("ID".to_owned()))];
        let found = Columns::recognise(&names, &map, None).unwrap();
        assert_eq!((found.kind, found.position(Field::Time)), (RowKind::Trades, Some(0)));
        assert_eq!(found.position(Field::Side), Some(3));
        for bad in [ColumnRef::Position(4), ColumnRef::Name("x".to_owned())] {
            assert!(Columns::recognise(&names, &[(Field::Time, bad)], None).is_err());
        }
        assert!(Field::ALL.iter().all(|f| Field::parse(f.as_str()) == Some(*f)));
    }
}
