/** A column of numbers: a plain array or a typed array. `NaN` is "no value here". */
export type Numbers = readonly number[] | Float64Array | Float32Array | Int32Array | Uint32Array | Uint8Array

/**
 * Everything a report shows. Times are milliseconds since 1970 (UTC, fraction kept), money is in
 * {@link ReportData.currency}, prices and quantities are in the instrument's own units. Columns of
 * one series have equal lengths and ascending times.
 */
export interface ReportData {
  /** Name of the run, the report's headline. */
  readonly title: string
  /** Names of the strategies, in configured order. */
  readonly strategies: readonly string[]
  /** First and last time of the run. */
  readonly period: { readonly from: number; readonly to: number }
  /** Currency of the account. */
  readonly currency: string
  /** State hash: equal hashes are equal runs. */
  readonly stateHash: string
  /** Seed of the random numbers. */
  readonly seed: number | string
  /** Version of the engine. */
  readonly engineVersion: string
  /** Terms of what was traded. */
  readonly instruments: readonly ReportInstrument[]
  /** The models the result was produced with, in words (`latency` → `fixed 60 µs`). */
  readonly models: readonly Labelled[]
  /** The data that was read. */
  readonly data: readonly ReportDataFile[]
  /** What a reader must know before believing the figures; shown at the top. */
  readonly warnings: readonly string[]
  /** The key figures. */
  readonly figures: KeyFigures
  /** One price chart for each instrument. */
  readonly prices: readonly PriceSeries[]
  /** What strategies plotted, and their indicators. */
  readonly plots: readonly PlotSeries[]
  /** All fills. */
  readonly fills: FillColumns
  /** One curve for each account. */
  readonly equity: readonly EquitySeries[]
  /** Positions over time, one for each strategy and instrument. */
  readonly positions: readonly PositionSeries[]
  /** Order statistics, one column for each strategy. */
  readonly orders: ReportTable
  /** Session statistics, one row for each session. */
  /** What the result rests on and hangs on. */
  readonly honesty?: ReportTable
  readonly sessions: ReportTable
  /** Round trips in the order of their closing. */
  readonly roundTrips: readonly ReportRoundTrip[]
  /** Latency histograms (order, response, feed …). */
  readonly latency: readonly LatencyHistogram[]
  /** What the strategies logged. */
  readonly log: readonly ReportLogLine[]
  /** The command that explains the run's orders, up to its `--order`; absent where the run left no `run.json`. */
  readonly explain?: string
}

/** A label and what stands beside it. */
export interface Labelled {
  /** The label. */
  readonly label: string
  /** The value in words. */
  readonly value: string
}

/** The terms of an instrument, and where they came from. */
export interface ReportInstrument {
  /** Symbol as the data names it. */
  readonly symbol: string
  /** `future`, `equity` … */
  readonly kind: string
  /** Smallest price step. */
  readonly tickSize: number
  /** Smallest quantity step. */
  readonly lotSize: number
  /** Money per price unit and quantity unit. */
  readonly multiplier: number
  /** Currency of price and profit. */
  readonly currency: string
  /** Venue, where known. */
  readonly venue?: string
  /** Where the terms came from (`configuration`, `built-in table of futures` …). */
  readonly origin: string
}

/** A file that the run read. */
export interface ReportDataFile {
  /** Its name. */
  readonly name: string
  /** What it holds (`mbo, 68,792 records`). */
  readonly detail?: string
  /** SHA-256 of its content. */
  readonly sha256?: string
}

/** The key figures; `null` is "n/a", and a note may say why. */
export interface KeyFigures {
  /** Profit or loss after fees. */
  readonly totalPnl: number | null
  /** Return on the initial cash, as a fraction. */
  readonly returnFraction: number | null
  /** Annualised Sharpe ratio. */
  readonly sharpe: number | null
  /** Largest fall of the equity from a peak, in money, zero or above. */
  readonly maxDrawdown: number | null
  /** The same as a fraction of the peak. */
  readonly maxDrawdownFraction: number | null
  /** Share of round trips that won, as a fraction. */
  readonly winRate: number | null
  /** Number of round trips. */
  readonly trades: number | null
  /** Number of fills. */
  readonly fills: number | null
  /** Filled orders over accepted orders, as a fraction. */
  readonly fillRatio: number | null
  /** Fees paid; below zero when rebates outweigh them. */
  readonly fees: number | null
  /** Quantity traded. */
  readonly volume: number | null
  /** Mean time from entry to exit in milliseconds. */
  readonly averageTradeDurationMs: number | null
  /** Why a figure is "n/a", or what limits it: `{ sharpe: 'n = 1 day' }`. */
  readonly notes?: Readonly<Partial<Record<Exclude<keyof KeyFigures, 'notes'>, string>>>
}

/** The price of an instrument over time. */
export interface PriceSeries {
  /** Index into {@link ReportData.instruments}. */
  readonly instrument: number
  /** What the line is (`close`, `mid`, `last trade`). */
  readonly name: string
  /** Times. */
  readonly time: Numbers
  /** The line. */
  readonly value: Numbers
  /** Upper end of a band around the line (a bar's high, the ask); together with `low`. */
  readonly high?: Numbers
  /** Lower end of the band. */
  readonly low?: Numbers
}

/** A line that a strategy plotted, or an indicator of its. */
export interface PlotSeries {
  /** Name in the legend. */
  readonly name: string
  /** Index into {@link ReportData.strategies}. */
  readonly strategy: number
  /** `price` draws over that instrument's price, any other word is a panel of its own. */
  readonly panel: string
  /** Index into {@link ReportData.instruments}; needed for `panel: 'price'`. */
  readonly instrument?: number
  /** Times. */
  readonly time: Numbers
  /** Values. */
  readonly value: Numbers
}

/** Fills as columns of equal length, in time order. */
export interface FillColumns {
  /** Times. */
  readonly time: Numbers
  /** Prices. */
  readonly price: Numbers
  /** Quantities, above zero. */
  readonly quantity: Numbers
  /** 0 buy, 1 sell. */
  readonly side: Numbers
  /** 0 maker, 1 taker. */
  readonly liquidity: Numbers
  /** Index into {@link ReportData.instruments}. */
  readonly instrument: Numbers
  /** Index into {@link ReportData.strategies}. */
  readonly strategy: Numbers
  /** Numbers of the orders within their strategies; 0 is the closing at the end. Without them no fills are listed. */
  readonly order?: Numbers
  /** Fees paid. */
  readonly fee?: Numbers
}

/** An equity curve. */
export interface EquitySeries {
  /** Strategy or account. */
  readonly name: string
  /** Times. */
  readonly time: Numbers
  /** Equity in money. */
  readonly equity: Numbers
}

/** A position over time; it holds its value until the next time. */
export interface PositionSeries {
  /** Name in the legend (`quoter`, `quoter ESH4`). */
  readonly name: string
  /** Times. */
  readonly time: Numbers
  /** Signed quantity. */
  readonly position: Numbers
}

/** A table: the first column labels its rows. */
export interface ReportTable {
  /** Column heads, the first one above the labels. */
  readonly columns: readonly string[]
  /** Rows as long as `columns`; `null` is "n/a". */
  readonly rows: readonly (readonly (string | number | null)[])[]
}

/** From entry to exit. */
export interface ReportRoundTrip {
  /** Index into {@link ReportData.strategies}. */
  readonly strategy: number
  /** Index into {@link ReportData.instruments}. */
  readonly instrument: number
  /** 0 long, 1 short. */
  readonly side: 0 | 1
  /** Time of the first opening fill. */
  readonly entryTime: number
  /** Time of the last closing fill. */
  readonly exitTime: number
  /** Quantity opened and closed. */
  readonly quantity: number
  /** Average entry price. */
  readonly entryPrice: number
  /** Average exit price. */
  readonly exitPrice: number
  /** Profit after fees. */
  readonly pnl: number
  /** Fees. */
  readonly fees: number
  /** Maximum adverse excursion: the largest open loss on the way, zero or above. */
  readonly mae: number
  /** Maximum favourable excursion: the largest open profit on the way, zero or above. */
  readonly mfe: number
}

/** How often a latency fell between two bounds. */
export interface LatencyHistogram {
  /** What was measured (`order → venue`). */
  readonly name: string
  /** Bounds of the buckets in nanoseconds, ascending, one more than `counts`. */
  readonly bounds: Numbers
  /** Counts. */
  readonly counts: Numbers
  /** Percentiles in nanoseconds by label (`p50`, `p99`). */
  readonly percentiles: readonly { readonly label: string; readonly ns: number }[]
}

/** A line that a strategy logged. */
export interface ReportLogLine {
  /** Simulated time. */
  readonly time: number
  /** Index into {@link ReportData.strategies}. */
  readonly strategy: number
  /** The text. */
  readonly text: string
}
