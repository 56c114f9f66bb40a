//! The shape of a result: plain numbers, camel case in JSON.

use crate::checks::CheckOutcome;
use serde::Serialize;
use statistics::Summary;

/// Everything that a run leaves behind, in plain numbers.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Outcome {
    /// SHA-256 over every order transition, fill and account change of every side.
    pub state_hash: String,
    /// Version of the engine.
    pub engine_version: &'static str,
    /// First time of the run, ms since 1970.
    pub from: f64,
    /// Last exchange time, ms since 1970.
    pub to: f64,
    /// What was read.
    pub counters: Counters,
    /// Terms of the instruments.
    pub instruments: Vec<InstrumentOutcome>,
    /// The models, in words.
    pub models: Vec<(String, String)>,
    /// What a reader must know.
    pub notes: Vec<String>,
    /// Files that were read.
    pub files: Vec<String>,
    /// What the checks of the data found, one entry per source.
    pub checks: Vec<CheckOutcome>,
    /// Key figures over all accounts.
    pub figures: Figures,
    /// Statistics over all accounts.
    pub summary: Summary,
    /// One entry per strategy.
    pub strategies: Vec<StrategyOutcome>,
    /// Fills as columns.
    pub fills: FillColumns,
    /// Orders as columns.
    pub orders: OrderColumns,
    /// Cash that no fill brought: dividends, funding, borrow.
    pub cash: CashColumns,
    /// Accounts that fell below their maintenance margin.
    pub liquidations: Vec<LiquidationOutcome>,
    /// Round trips; one that is open at the end is valued at its mark.
    pub round_trips: Vec<RoundTripOutcome>,
    /// Equity curves, one per account.
    pub equity: Vec<Curve>,
    /// Price and position curves, one per instrument.
    pub prices: Vec<PriceCurve>,
    /// Sessions.
    pub sessions: Vec<SessionOutcome>,
    /// Latency from submission to the sight of the acceptance.
    pub acknowledgement: Vec<HistogramBar>,
    /// Latency from the venue to the strategy.
    pub response: Vec<HistogramBar>,
}

/// What was read.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Counters {
    /// Records.
    pub records: u64,
    /// Events.
    pub events: u64,
    /// Changes of best prices.
    pub quote_changes: u64,
    /// Trade prints.
    pub trades: u64,
    /// Backward steps of the exchange clock.
    pub clock_backward: u64,
    /// Records of other instruments.
    pub skipped: u64,
    /// Recorded volume that own orders took, in lots.
    pub displaced_volume: i128,
    /// Crossings of own orders with each other, which never trade.
    pub own_crossings: u64,
}

/// Terms of an instrument.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct InstrumentOutcome {
    /// Symbol.
    pub symbol: String,
    /// Kind.
    pub kind: &'static str,
    /// Tick size.
    pub tick_size: f64,
    /// Lot size.
    pub lot_size: f64,
    /// Multiplier.
    pub multiplier: f64,
    /// Whether it is an inverse contract.
    pub inverse: bool,
    /// `quote` or `received`: what its fees are taken from.
    pub fee_currency: &'static str,
    /// Currency.
    pub currency: String,
    /// Venue.
    pub venue: String,
    /// Where the terms came from.
    pub origin: &'static str,
    /// Traded quantity in the data.
    pub market_volume: f64,
    /// What its market is made of: `orders`, `levels`, `quotes` or `bars`.
    pub market: &'static str,
    /// How own orders fared in it.
    pub execution: Execution,
}

/// How own orders fared in an instrument.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Execution {
    /// Fills by what they rest on.
    pub taken: u64,
    /// See [`model::FillBasis::Touch`].
    pub touch: u64,
    /// See [`model::FillBasis::Queue`].
    pub queue: u64,
    /// See [`model::FillBasis::Through`].
    pub through: u64,
    /// Half spread captured per unit, in price: sign × (middle at the fill − price).
    pub captured_spread: Option<f64>,
    /// Mean of sign × (middle later − price) per unit, in price, some time after the fills.
    pub mark_outs: Vec<MarkOut>,
}

/// Where the market went after own fills.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MarkOut {
    /// Seconds after the fill.
    pub seconds: u64,
    /// Of all fills; `None` where the run ended before.
    pub all: Option<f64>,
    /// Of the fills whose order rested.
    pub makers: Option<f64>,
}

/// Key figures.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Figures {
    /// Equity at the start.
    pub initial_equity: f64,
    /// Equity at the end, at the pessimistic mark.
    pub final_equity: f64,
    /// Profit after fees.
    pub total_pnl: f64,
    /// Realised profit, gross of fees.
    pub realized: f64,
    /// Fees.
    pub fees: f64,
    /// Largest fall of the sampled equity, in money.
    pub max_drawdown: f64,
    /// The same as a part of the peak.
    pub max_drawdown_fraction: Option<f64>,
    /// Orders submitted.
    pub orders: u64,
    /// Market orders among them.
    pub market_orders: u64,
    /// Orders accepted.
    pub accepted: u64,
    /// Orders denied by risk limits.
    pub denied: u64,
    /// Orders rejected by the venue.
    pub rejected: u64,
    /// Orders cancelled.
    pub canceled: u64,
    /// Changes accepted.
    pub modified: u64,
    /// Cancels and changes that came too late.
    pub too_late: u64,
    /// Fills.
    pub fills: u64,
    /// Fills that took liquidity.
    pub taker_fills: u64,
    /// Orders with a fill ÷ orders accepted.
    pub fill_ratio: Option<f64>,
    /// Quantity traded.
    pub volume: f64,
    /// Notional traded.
    pub turnover: f64,
}

/// One strategy.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StrategyOutcome {
    /// Name.
    pub name: String,
    /// Cash at the end.
    pub cash: f64,
    /// Equity at the end.
    pub equity: f64,
    /// Realised profit, gross of fees.
    pub realized: f64,
    /// Fees.
    pub fees: f64,
    /// What its account has of each currency, its own first.
    pub balances: Vec<BalanceOutcome>,
    /// Positions by instrument.
    pub positions: Vec<PositionOutcome>,
}

/// What an account has of one currency at the end.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BalanceOutcome {
    /// The currency.
    pub currency: String,
    /// Cash.
    pub cash: f64,
    /// Realised profit in it, gross of fees.
    pub realized: f64,
    /// Fees paid in it.
    pub fees: f64,
    /// What one unit of it is worth in the account's own; absent where nothing says.
    pub rate: Option<f64>,
}

/// The position of one strategy in one instrument.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PositionOutcome {
    /// Symbol.
    pub symbol: String,
    /// Quantity at the end.
    pub quantity: f64,
    /// Average entry price, if open.
    pub average_entry_price: Option<f64>,
    /// Largest long position.
    pub largest_long: f64,
    /// Largest short position.
    pub largest_short: f64,
    /// Quantity traded.
    pub volume: f64,
    /// Notional traded.
    pub turnover: f64,
    /// Fills.
    pub fills: u64,
    /// Fills that rested.
    pub maker_fills: u64,
    /// Fees.
    pub fees: f64,
    /// Time with a position, ms.
    pub time_in_market: f64,
    /// Of a hedging account the long and the short at the end.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub legs: Vec<LegOutcome>,
}

/// A leg of a hedging account.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LegOutcome {
    /// `long` or `short`.
    pub side: &'static str,
    /// Quantity at the end, short below zero.
    pub quantity: f64,
    /// Average entry price, if open.
    pub average_entry_price: Option<f64>,
}

/// Fills as columns of equal length.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FillColumns {
    /// Exchange time, ms since 1970.
    pub time: Vec<f64>,
    /// Strategy.
    pub strategy: Vec<u16>,
    /// Order number within the strategy; 0 for the close at the end.
    pub order: Vec<u64>,
    /// Instrument.
    pub instrument: Vec<u32>,
    /// 0 buy, 1 sell.
    pub side: Vec<u8>,
    /// Price.
    pub price: Vec<f64>,
    /// Quantity.
    pub quantity: Vec<f64>,
    /// 0 maker, 1 taker.
    pub liquidity: Vec<u8>,
    /// A [`model::FillBasis`].
    pub basis: Vec<u8>,
    /// Fee.
    pub fee: Vec<f64>,
    /// Realised profit, gross.
    pub realized: Vec<f64>,
    /// Position of its account after it.
    pub position: Vec<f64>,
}

/// Orders as columns of equal length.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderColumns {
    /// Submission, ms since 1970.
    pub time: Vec<f64>,
    /// Strategy.
    pub strategy: Vec<u16>,
    /// Order number within the strategy.
    pub order: Vec<u64>,
    /// Instrument.
    pub instrument: Vec<u32>,
    /// 0 buy, 1 sell.
    pub side: Vec<u8>,
    /// A [`model::OrderType`].
    pub kind: Vec<u8>,
    /// Limit, NaN (null) for a market order.
    pub price: Vec<Option<f64>>,
    /// Total quantity.
    pub quantity: Vec<f64>,
    /// Filled quantity.
    pub filled: Vec<f64>,
    /// State at the end.
    pub status: Vec<&'static str>,
    /// Code of the refusal, if any.
    pub reason: Vec<Option<&'static str>>,
}

/// A round trip.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RoundTripOutcome {
    /// Strategy.
    pub strategy: u16,
    /// Instrument.
    pub instrument: u32,
    /// `long` or `short`.
    pub side: &'static str,
    /// Quantity entered.
    pub quantity: f64,
    /// First fill, ms since 1970.
    pub entry_time: f64,
    /// Last fill, ms since 1970.
    pub exit_time: f64,
    /// Average entry price.
    pub entry_price: f64,
    /// Average exit price.
    pub exit_price: f64,
    /// Profit gross of fees.
    pub gross: f64,
    /// Fees.
    pub fees: f64,
    /// Profit after fees.
    pub net: f64,
    /// Worst profit on the way.
    pub mae: f64,
    /// Best profit on the way.
    pub mfe: f64,
    /// Whether it ended flat.
    pub closed: bool,
}

/// An equity curve.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Curve {
    /// Name of the account: its strategy, or `shared`.
    pub name: String,
    /// Exchange time, ms since 1970.
    pub time: Vec<f64>,
    /// Equity.
    pub equity: Vec<f64>,
    /// Cash.
    pub cash: Vec<f64>,
}

/// A price and position curve.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PriceCurve {
    /// Symbol.
    pub symbol: String,
    /// Exchange time, ms since 1970.
    pub time: Vec<f64>,
    /// Middle of the best prices, else the last price.
    pub price: Vec<f64>,
    /// Σ of all positions.
    pub position: Vec<f64>,
}

/// Cash that no fill brought, a column each.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CashColumns {
    /// Exchange time, ms since 1970.
    pub time: Vec<f64>,
    /// `dividend`, `funding` or `borrow`.
    pub kind: Vec<&'static str>,
    /// Number of the account.
    pub account: Vec<usize>,
    /// Instrument.
    pub instrument: Vec<u32>,
    /// The position that it was for, short below zero.
    pub quantity: Vec<f64>,
    /// Dividend: money a unit. Funding and borrow: the mark.
    pub price: Vec<f64>,
    /// What came, below zero what was paid.
    pub amount: Vec<f64>,
}

/// An account that fell below its maintenance margin and was closed.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LiquidationOutcome {
    /// Exchange time, ms since 1970.
    pub time: f64,
    /// Number of the account.
    pub account: usize,
    /// Its equity at the marks.
    pub equity: f64,
    /// What it had to be at least.
    pub maintenance: f64,
}

/// A session.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SessionOutcome {
    /// Sampling time, ms since 1970.
    pub time: f64,
    /// Equity over all accounts.
    pub equity: f64,
    /// Profit of the session.
    pub pnl: f64,
    /// Fills of the session.
    pub fills: usize,
    /// Quantity traded.
    pub volume: f64,
}

/// One bar of a histogram.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HistogramBar {
    /// From, in ns (inclusive).
    pub from: u64,
    /// To, in ns (inclusive).
    pub to: u64,
    /// Values.
    pub count: u64,
}
