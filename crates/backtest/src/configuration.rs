//! The completed configuration of a run, as TypeScript hands it over and `run.json` keeps it.

pub use crate::configuration_account::{AccountSettings, Margin, MarginAmount, RateTerms};
pub use crate::configuration_venue::{
    CustomModel, Delay, Fees, FillModel, ImpactModel, Latency, SlippageModel, Stress, VenueModels,
};
use model::CalendarTerms;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A run.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RunConfiguration {
    /// Sources, merged by time.
    pub data: Vec<DataSource>,
    /// Instruments with their terms; what is not here comes from the data or the built-in table.
    #[serde(default)]
    pub instruments: Vec<InstrumentTerms>,
    /// The account.
    pub account: AccountSettings,
    /// The simulated venue.
    pub venue: VenueModels,
    /// Venues that differ from it, by the name that their instruments have.
    #[serde(default)]
    pub venues: BTreeMap<String, VenueModels>,
    /// Limits of the run as a whole.
    #[serde(default)]
    pub risk_limits: Option<Limits>,
    /// Dividends, funding and borrow.
    #[serde(default)]
    pub cash_events: Option<CashEvents>,
    /// Strategies.
    pub strategies: Vec<StrategySettings>,
    /// Seed of everything random.
    pub seed: u64,
    /// 0: as fast as possible; 1: real time; N: N times as fast. The driver paces, not the run.
    #[serde(default)]
    pub replay_speed: f64,
    /// `close` or `open`: positions are closed at the end.
    #[serde(default)]
    pub close_at_end: Option<String>,
    /// Most rows of a step.
    #[serde(default = "default_step_rows")]
    pub step_rows: usize,
    /// Where results go.
    #[serde(default)]
    pub output: Output,
}

const fn default_step_rows() -> usize {
    engine::columns::ROWS
}

/// A column of a table.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Column {
    /// The column at this position, from 0.
    Position(usize),
    /// The column of this name.
    Name(String),
}

/// A source.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DataSource {
    /// `dbn`, `csv`, `parquet`, `binance` or `synthetic`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Files, each a source of its own; recorded frames go on from one file to the next.
    #[serde(default)]
    pub files: Vec<String>,
    /// Only these symbols; all when empty.
    #[serde(default)]
    pub symbols: Vec<String>,
    /// Symbol of a file that names none.
    #[serde(default)]
    pub symbol: Option<String>,
    /// From this time on, ns since 1970 as a decimal text.
    #[serde(default)]
    pub start: Option<String>,
    /// Before this time, ns since 1970 as a decimal text.
    #[serde(default)]
    pub end: Option<String>,
    /// `bars`, `quotes` or `trades`, where the columns do not tell.
    #[serde(default, rename = "kind")]
    pub rows: Option<String>,
    /// Timeframe of bars, where the file does not tell.
    #[serde(default)]
    pub timeframe: Option<String>,
    /// `open`, `close` or `session`: what a bar's time means.
    #[serde(default)]
    pub label: Option<String>,
    /// Names or positions of columns.
    #[serde(default)]
    pub columns: Option<BTreeMap<String, Column>>,
    /// IANA time zone of times that name none.
    #[serde(default)]
    pub time_zone: Option<String>,
    /// Pattern of the time column, in the notation of `strptime`.
    #[serde(default)]
    pub time_format: Option<String>,
    /// Whether bars are scaled by adjusted close / close. Default: no.
    #[serde(default)]
    pub adjusted: Option<bool>,
    /// Whether sizes of trades are running totals of the day. Default: no.
    #[serde(default)]
    pub cumulative: Option<bool>,
    /// What stands between the cells of a text file: `comma`, `semicolon`, `tab` or `bar`.
    #[serde(default)]
    pub delimiter: Option<String>,
    /// Whether the first row of a text file names its columns.
    #[serde(default)]
    pub header: Option<bool>,
    /// Decimals of whole-number columns of a Parquet file.
    #[serde(default)]
    pub integer_decimals: Option<u8>,
    /// Recorded frames: from where on the book is known, `snapshot` or `build`.
    #[serde(default)]
    pub book: Option<String>,
    /// Recorded frames: what happens at a gap of the book, `error` or `resync`.
    #[serde(default)]
    pub gaps: Option<String>,
    /// Recorded frames: which streams make the market, `depth` or `best`.
    #[serde(default)]
    pub streams: Option<String>,
    /// Recorded frames: added to receive stamps, ns as a decimal text.
    #[serde(default)]
    pub clock_offset: Option<String>,
    /// `error`, `reject` or `warn`.
    #[serde(default)]
    pub checks: Option<String>,
    /// A generated market.
    #[serde(default)]
    pub synthetic: Option<Synthetic>,
    /// `thread` or `inline`.
    #[serde(default)]
    pub decode: Option<String>,
}

/// A generated market.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Synthetic {
    /// Seed of the generator.
    pub seed: u64,
    /// Records.
    pub records: u64,
    /// Symbol.
    pub symbol: String,
    /// Orders live at a time.
    pub live_orders: u32,
    /// Tick size.
    pub tick_size: String,
    /// Price at the start.
    pub start_price: String,
}

/// Terms of an instrument.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct InstrumentTerms {
    /// Symbol.
    pub symbol: String,
    /// `equity`, `future`, `perpetual`, `spot` or `option`.
    #[serde(default)]
    pub kind: Option<String>,
    /// Tick size.
    #[serde(default)]
    pub tick_size: Option<String>,
    /// Lot size.
    #[serde(default)]
    pub lot_size: Option<String>,
    /// Multiplier; of an inverse contract its value in the currency of the price.
    #[serde(default)]
    pub multiplier: Option<String>,
    /// Whether it is an inverse contract.
    #[serde(default)]
    pub inverse: Option<bool>,
    /// `quote` or `received`: what its fees are taken from.
    #[serde(default)]
    pub fee_currency: Option<String>,
    /// Currency; of an inverse contract that in which it settles.
    #[serde(default)]
    pub currency: Option<String>,
    /// Venue.
    #[serde(default)]
    pub venue: Option<String>,
    /// Margin that differs from the account's.
    #[serde(default)]
    pub margin: Margin,
    /// When its sessions end.
    #[serde(default)]
    pub session: Option<Session>,
}

/// When an instrument's sessions are.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Session {
    /// Every day, or every weekday, to a time of day.
    #[serde(rename_all = "camelCase")]
    Close {
        /// IANA time zone.
        time_zone: String,
        /// Local time of the close, `16:00`.
        close: String,
    },
    /// A built-in calendar, by its name.
    BuiltIn {
        /// One of [`model::Calendar::BUILT_IN`].
        calendar: String,
    },
    /// A calendar of one's own.
    Own {
        /// Its hours, holidays and early closes.
        calendar: CalendarTerms,
    },
}

/// Risk limits.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Limits {
    /// Largest position.
    #[serde(default)]
    pub max_position: Option<f64>,
    /// Largest order.
    #[serde(default)]
    pub max_order_size: Option<f64>,
    /// Largest loss.
    #[serde(default)]
    pub max_loss: Option<String>,
    /// Orders a second.
    #[serde(default)]
    pub max_orders_per_second: Option<u32>,
}

/// A strategy.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct StrategySettings {
    /// Name.
    pub name: String,
    /// Its source file.
    #[serde(default)]
    pub source: Option<String>,
    /// Its parameters.
    #[serde(default)]
    pub parameters: serde_json::Value,
    /// Symbols that it sees; all when empty.
    #[serde(default)]
    pub instruments: Vec<String>,
    /// What it needs.
    pub needs: StrategyNeeds,
    /// Extra feed latency in ns.
    #[serde(default)]
    pub feed_latency_ns: u64,
    /// Its own limits.
    #[serde(default)]
    pub risk_limits: Option<Limits>,
}

/// What a strategy needs.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct StrategyNeeds {
    /// Trades.
    #[serde(default)]
    pub trades: bool,
    /// Quotes.
    #[serde(default)]
    pub quotes: bool,
    /// Levels a side.
    #[serde(default)]
    pub depth: usize,
    /// Timeframes of bars.
    #[serde(default)]
    pub bars: Vec<String>,
    /// Bars to warm up with.
    #[serde(default)]
    pub warmup_bars: u64,
    /// Time to warm up, ns as a decimal text.
    #[serde(default)]
    pub warmup_ns: Option<String>,
}

/// Cash that no fill brings.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CashEvents {
    /// `raw`, `split` or `total`: how prices were adjusted. Dividends and splits need it.
    #[serde(default)]
    pub adjustment: Option<String>,
    /// Dividends.
    #[serde(default)]
    pub dividends: Vec<DividendTerms>,
    /// Funding.
    #[serde(default)]
    pub funding: Vec<FundingTerms>,
    /// Borrow.
    #[serde(default)]
    pub borrow: Vec<BorrowTerms>,
    /// Splits.
    #[serde(default)]
    pub splits: Vec<SplitTerms>,
}

/// A split.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SplitTerms {
    /// Symbol.
    pub symbol: String,
    /// The first day in new units, `YYYY-MM-DD`; either this or `time`.
    #[serde(default)]
    pub date: Option<String>,
    /// The first moment in new units, ns since 1970 as a decimal text.
    #[serde(default)]
    pub time: Option<String>,
    /// New units for old ones: `2:1`.
    pub ratio: String,
    /// `adjust` or `cancel`: what becomes of orders.
    pub orders: String,
}

/// A dividend.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DividendTerms {
    /// Symbol.
    pub symbol: String,
    /// The first day without it, `YYYY-MM-DD`.
    pub ex_date: String,
    /// The day on which it is paid.
    pub pay_date: String,
    /// Money a unit.
    pub amount: String,
}

/// Funding at a stamp.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FundingTerms {
    /// Symbol.
    pub symbol: String,
    /// The stamp, ns since 1970 as a decimal text.
    pub time: String,
    /// The rate: `0.0001`.
    pub rate: String,
    /// The mark; the market's where there is none.
    #[serde(default)]
    pub mark: Option<String>,
}

/// What borrowing an instrument costs.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BorrowTerms {
    /// Symbol.
    pub symbol: String,
    /// Basis points a year.
    pub bps: String,
    /// Days of a year.
    pub basis: u32,
}

/// Where results go.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Output {
    /// Folder of `run.json` and of the files below.
    #[serde(default)]
    pub directory: Option<String>,
    /// `metrics.parquet`.
    #[serde(default)]
    pub metrics_file: Option<String>,
    /// `trades.parquet`.
    #[serde(default)]
    pub trades_file: Option<String>,
    /// Whether every order event is kept.
    #[serde(default)]
    pub detailed_log: bool,
}
