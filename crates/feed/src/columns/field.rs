//! What columns can hold, and the names they go by.

/// What a column holds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Field {
    /// Date and time of the row (of a bar: what the label says).
    Time,
    /// Date alone; with [`Field::Clock`] it makes the time.
    Date,
    /// Time of day alone.
    Clock,
    /// Receive time.
    Received,
    /// Open of a bar.
    Open,
    /// High of a bar.
    High,
    /// Low of a bar.
    Low,
    /// Close of a bar.
    Close,
    /// Close adjusted for splits and dividends.
    AdjustedClose,
    /// Volume of a bar.
    Volume,
    /// Best bid.
    Bid,
    /// Best ask.
    Ask,
    /// Size at the best bid.
    BidSize,
    /// Size at the best ask.
    AskSize,
    /// Orders at the best bid.
    BidCount,
    /// Orders at the best ask.
    AskCount,
    /// Price of a trade.
    Price,
    /// Size of a trade.
    Size,
    /// Side of a trade's aggressor.
    Side,
    /// Symbol of the instrument.
    Symbol,
    /// End of a bar; it counts where [`Field::Timeframe`] is there too.
    CloseTime,
    /// Length of a bar (`1m`).
    Timeframe,
    /// Whether the buyer of a trade was the maker (so that the seller was the aggressor).
    BuyerMaker,
}

impl Field {
    /// All fields.
    pub const ALL: [Self; 23] = [
        Self::Time,
        Self::Date,
        Self::Clock,
        Self::Received,
        Self::Open,
        Self::High,
        Self::Low,
        Self::Close,
        Self::AdjustedClose,
        Self::Volume,
        Self::Bid,
        Self::Ask,
        Self::BidSize,
        Self::AskSize,
        Self::BidCount,
        Self::AskCount,
        Self::Price,
        Self::Size,
        Self::Side,
        Self::Symbol,
        Self::CloseTime,
        Self::Timeframe,
        Self::BuyerMaker,
    ];

    /// The field's name in mappings and messages, which is also the first name it is known by.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.names()[0]
    }

    /// The field of a mapping's word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.as_str() == word)
    }

    /// Usual names in lower case without `_`, `-`, `.` and spaces, best first.
    pub(super) const fn names(self) -> &'static [&'static str] {
        match self {
            Self::Time => &[
                "time",
                "tsevent",
                "timestamp",
                "datetime",
                "timestamputc",
                "timestampns",
                "timestampms",
                "ts",
                "transacttime",
                "opentime",
                "exchangetime",
                "datetimeutc",
                "timems",
                "utctime",
                "gmttime",
            ],
            Self::Date => &["date", "day", "tradingday", "yyyymmdd"],
            Self::Clock => &["clock", "timeofday", "hhmmss"],
            Self::Received => &["received", "tsrecv", "tsinit", "receivetime", "localtimestamp"],
            Self::Open => &["open", "o", "openprice"],
            Self::High => &["high", "h", "highprice"],
            Self::Low => &["low", "l", "lowprice"],
            Self::Close => &["close", "c", "closeprice"],
            Self::AdjustedClose => &["adjclose", "adjustedclose", "closeadj"],
            Self::Volume => &["volume", "vol", "v", "totalvolume", "tickvol", "tickvolume"],
            Self::Bid => &["bid", "bidprice", "bidpx", "bestbid", "bidpx00", "bidprice0", "b"],
            Self::Ask => {
                &["ask", "askprice", "askpx", "bestask", "offer", "askpx00", "askprice0", "a"]
            }
            Self::BidSize => {
                &["bidsize", "bidsz", "bidqty", "bidquantity", "bidvolume", "bidamount", "bidsz00"]
            }
            Self::AskSize => {
                &["asksize", "asksz", "askqty", "askquantity", "askvolume", "askamount", "asksz00"]
            }
            Self::BidCount => &["bidcount", "bidct", "bidct00"],
            Self::AskCount => &["askcount", "askct", "askct00"],
            Self::Price => &["price", "last", "ltp", "lastprice", "tradeprice", "px"],
            Self::Size => &["size", "qty", "quantity", "amount", "volume", "lastsize", "sz", "vol"],
            Self::Side => &["side", "aggressor", "aggressorside", "takerside", "direction", "type"],
            Self::Symbol => {
                &["symbol", "ticker", "instrument", "rawsymbol", "instrumentid", "asset", "sym"]
            }
            Self::CloseTime => &["closetime", "tsclose"],
            Self::Timeframe => &["timeframe", "interval"],
            Self::BuyerMaker => &["buyermaker", "isbuyermaker", "buyerismaker"],
        }
    }
}
