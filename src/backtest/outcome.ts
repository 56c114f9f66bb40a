/** What a run leaves behind, as the engine tells it: the shape of `crates/backtest/src/outcome.rs`. */

/** Figures over all accounts. Money is in the account's currency. */
export interface Figures {
  readonly initialEquity: number
  /** At the pessimistic mark: longs at the bid, shorts at the ask. */
  readonly finalEquity: number
  /** Profit after fees. */
  readonly totalPnl: number
  /** Realised profit, gross of fees. */
  readonly realized: number
  readonly fees: number
  /** Largest fall of the sampled equity, in money. */
  readonly maxDrawdown: number
  /** The same as a part of the peak. */
  readonly maxDrawdownFraction: number | null
  /** Orders submitted, and what became of them. */
  readonly orders: number
  readonly marketOrders: number
  readonly accepted: number
  readonly denied: number
  readonly rejected: number
  readonly canceled: number
  readonly modified: number
  readonly tooLate: number
  readonly fills: number
  readonly takerFills: number
  /** Orders with a fill ÷ orders accepted. */
  readonly fillRatio: number | null
  readonly volume: number
  readonly turnover: number
}

/** Statistics of round trips; `null` is not defined. Durations are in nanoseconds. */
export interface TradeStatistics {
  readonly count: number
  readonly wins: number
  readonly losses: number
  readonly win_rate: number | null
  readonly average_win: number | null
  readonly average_loss: number | null
  readonly profit_factor: number | null
  readonly payoff_ratio: number | null
  readonly expectancy: number | null
  readonly average_return: number | null
  readonly average_duration: number | null
  readonly longest_duration: number | null
  readonly sqn: number | null
  readonly [figure: string]: number | null
}

/** Statistics of session returns; a figure that is `null` has its reason in `unavailable`. */
export interface Statistics {
  readonly total_profit: number
  readonly total_return: number | null
  readonly sessions: number
  readonly periods_per_year: number
  readonly annual_return: number | null
  readonly annual_volatility: number | null
  readonly sharpe: number | null
  readonly lo_sharpe: number | null
  readonly sortino: number | null
  readonly calmar: number | null
  readonly max_drawdown: number | null
  readonly trades: TradeStatistics
  readonly unavailable: Readonly<Record<string, string>>
  readonly [figure: string]: number | null | TradeStatistics | Readonly<Record<string, string>>
}

/** Terms of an instrument as the run had them. */
export interface InstrumentOutcome {
  readonly symbol: string
  readonly kind: string
  readonly tickSize: number
  readonly lotSize: number
  readonly multiplier: number
  /** Whether it is an inverse contract; results before it was known do not say. */
  readonly inverse?: boolean
  /** What its fees are taken from; results before it was known do not say. */
  readonly feeCurrency?: 'quote' | 'received'
  readonly currency: string
  readonly venue: string
  /** Where the terms came from, in words. */
  readonly origin: string
  readonly marketVolume: number
  /** What its market is made of. */
  readonly market: 'orders' | 'levels' | 'quotes' | 'bars'
  readonly execution: ExecutionOutcome
}

/** How own orders fared in an instrument. */
export interface ExecutionOutcome {
  /** Fills that took what was offered. */
  readonly taken: number
  /** Fills where the market came to the price and no queue is known there. */
  readonly touch: number
  /** Fills by the place in the queue of a price at which the market traded. */
  readonly queue: number
  /** Fills where the market traded or was quoted beyond the price. */
  readonly through: number
  /** Half spread captured per unit, in price: sign × (middle at the fill − price); `null` without fills. */
  readonly capturedSpread: number | null
  /** Mean of sign × (middle later − price) per unit, in price. */
  readonly markOuts: readonly MarkOut[]
}

/** Where the market went after own fills; `null` where the run ended before. */
export interface MarkOut {
  /** Seconds after the fill. */
  readonly seconds: number
  readonly all: number | null
  /** Of the fills whose order rested. */
  readonly makers: number | null
}

/** A leg of a hedging account. */
export interface PositionLegOutcome {
  readonly side: 'long' | 'short'
  /** Quantity at the end, short below zero. */
  readonly quantity: number
  /** Average entry price, if open. */
  readonly averageEntryPrice: number | null
}

/** The position of one strategy in one instrument. */
export interface PositionOutcome {
  readonly symbol: string
  readonly quantity: number
  readonly averageEntryPrice: number | null
  readonly largestLong: number
  readonly largestShort: number
  readonly volume: number
  readonly turnover: number
  readonly fills: number
  readonly makerFills: number
  readonly fees: number
  /** Milliseconds with a position. */
  readonly timeInMarket: number
  /** Of a hedging account the long and the short at the end. */
  readonly legs?: readonly PositionLegOutcome[]
}

/** One strategy. */
export interface StrategyOutcome {
  readonly name: string
  readonly cash: number
  readonly equity: number
  readonly realized: number
  readonly fees: number
  /** What its account has of each currency, its own first; results before it was known do not say. */
  readonly balances?: readonly BalanceOutcome[]
  readonly positions: readonly PositionOutcome[]
}

/** What an account has of one currency at the end. */
export interface BalanceOutcome {
  readonly currency: string
  readonly cash: number
  /** Realised profit in it, gross of fees. */
  readonly realized: number
  readonly fees: number
  /** What one unit is worth in the account's own currency; null where nothing says. */
  readonly rate: number | null
}

/** Fills as columns of equal length, in time order. Times are milliseconds since 1970. */
export interface FillTable {
  readonly time: readonly number[]
  readonly strategy: readonly number[]
  /** Order number within the strategy; 0 is the close at the end. */
  readonly order: readonly number[]
  readonly instrument: readonly number[]
  /** 0 buy, 1 sell. */
  readonly side: readonly number[]
  readonly price: readonly number[]
  readonly quantity: readonly number[]
  /** 0 maker, 1 taker. */
  readonly liquidity: readonly number[]
  /** 0 taken, 1 touch, 2 queue, 3 through: see {@link ExecutionOutcome}. */
  readonly basis: readonly number[]
  readonly fee: readonly number[]
  readonly realized: readonly number[]
  /** Position of the account after the fill. */
  readonly position: readonly number[]
}

/** Orders as columns of equal length, by submission. */
export interface OrderTable {
  readonly time: readonly number[]
  readonly strategy: readonly number[]
  readonly order: readonly number[]
  readonly instrument: readonly number[]
  /** 0 buy, 1 sell. */
  readonly side: readonly number[]
  /** 0 market, 1 limit. */
  readonly kind: readonly number[]
  readonly price: readonly (number | null)[]
  readonly quantity: readonly number[]
  readonly filled: readonly number[]
  readonly status: readonly string[]
  /** Code of the refusal. */
  readonly reason: readonly (string | null)[]
}

/** Cash that no fill brought, a column each. */
export interface CashTable {
  readonly time: readonly number[]
  readonly kind: readonly ('dividend' | 'funding' | 'borrow' | 'split')[]
  /** Number of the account: of its strategy, or 0 where all share one. */
  readonly account: readonly number[]
  readonly instrument: readonly number[]
  /** The position that it was for, short below zero. */
  readonly quantity: readonly number[]
  /** Dividend: money a unit. Funding and borrow: the mark. Split: the price after it at which the fraction is paid. */
  readonly price: readonly number[]
  /** What came, below zero what was paid. */
  readonly amount: readonly number[]
}

/** An account that fell below its maintenance margin: its orders were cancelled, its positions closed at market. */
export interface Liquidation {
  /** When, at the venue, milliseconds since 1970. */
  readonly time: number
  /** Number of the account: of its strategy, or 0 where all share one. */
  readonly account: number
  /** Its equity at the marks. */
  readonly equity: number
  /** What it had to be at least. */
  readonly maintenance: number
}

/** From flat to flat. */
export interface RoundTrip {
  readonly strategy: number
  readonly instrument: number
  readonly side: 'long' | 'short'
  readonly quantity: number
  readonly entryTime: number
  readonly exitTime: number
  readonly entryPrice: number
  readonly exitPrice: number
  /** Profit gross of fees. */
  readonly gross: number
  readonly fees: number
  /** Profit after fees. */
  readonly net: number
  /** Worst profit on the way, zero or below. */
  readonly mae: number
  /** Best profit on the way, zero or above. */
  readonly mfe: number
  /** Whether it ended flat; an open one is valued where it could be closed. */
  readonly closed: boolean
}

/** The equity of one account over time. */
export interface EquityCurve {
  readonly name: string
  readonly time: readonly number[]
  readonly equity: readonly number[]
  readonly cash: readonly number[]
}

/** Price of, and position in, one instrument over time. */
export interface PriceCurve {
  readonly symbol: string
  readonly time: readonly number[]
  readonly price: readonly number[]
  readonly position: readonly number[]
}

/** A session: what its close brought. */
export interface SessionOutcome {
  readonly time: number
  readonly equity: number
  readonly pnl: number
  readonly fills: number
  readonly volume: number
}

/** One bar of a histogram of nanoseconds. */
export interface HistogramBar {
  readonly from: number
  readonly to: number
  readonly count: number
}

/** What was read. */
export interface RunCounters {
  readonly records: number
  readonly events: number
  readonly quoteChanges: number
  readonly trades: number
  readonly clockBackward: number
  readonly skipped: number
  /** Recorded volume that own orders took. */
  readonly displacedVolume: number
  /** Crossings of own orders with each other, which never trade. */
  readonly ownCrossings: number
}

/** What the checks of one source found. */
export interface CheckOutcome {
  readonly source: string
  readonly policy: 'error' | 'reject' | 'warn'
  /** Events and records looked at. */
  readonly rows: number
  /** Rows with a problem, by kind. */
  readonly problems: Readonly<Record<string, number>>
  readonly rejected: number
  /** The file that rejected rows were set aside in. */
  readonly rejectsFile: string | null
  /** The first rows with a problem, as the engine describes them. */
  readonly first: readonly Readonly<Record<string, unknown>>[]
}

/** A whole outcome. */
export interface Outcome {
  readonly stateHash: string
  readonly engineVersion: string
  readonly from: number
  readonly to: number
  readonly counters: RunCounters
  readonly instruments: readonly InstrumentOutcome[]
  readonly models: readonly (readonly [string, string])[]
  readonly notes: readonly string[]
  readonly checks: readonly CheckOutcome[]
  readonly files: readonly string[]
  readonly figures: Figures
  readonly summary: Statistics
  readonly strategies: readonly StrategyOutcome[]
  readonly fills: FillTable
  readonly orders: OrderTable
  readonly cash: CashTable
  /** Of margin accounts; results before there were any do not say. */
  readonly liquidations?: readonly Liquidation[]
  readonly roundTrips: readonly RoundTrip[]
  readonly equity: readonly EquityCurve[]
  readonly prices: readonly PriceCurve[]
  readonly sessions: readonly SessionOutcome[]
  readonly acknowledgement: readonly HistogramBar[]
  readonly response: readonly HistogramBar[]
}
