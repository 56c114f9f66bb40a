/** What a run is described by: the options that a person gives, in TypeScript's spelling. */
import type { AccountOptions, MarginOptions } from './configuration-account.ts'
import type { CashEventOptions } from './configuration-cash-events.ts'
import type { NamedVenueOptions, VenueOptions } from './configuration-models.ts'
import type { Decimal, Duration, TimePoint } from './configuration-values.ts'

/** What to do with rows that are out of order, crossed, negative, duplicated, gapped or impossible. */
export type DataChecks = 'error' | 'reject' | 'warn'

/** What every recorded data source accepts. */
export interface DataSourceOptions {
  /** Only these symbols; all of them when left out. */
  readonly symbols?: readonly string[]
  /** First point in time that is read, inclusive. */
  readonly start?: TimePoint
  /** Point in time at which reading ends, exclusive. */
  readonly end?: TimePoint
  /** `'error'` stops, `'reject'` sets rows aside into a file and counts them, `'warn'` counts them. @default 'error' */
  readonly checks?: DataChecks
  /** Whether decoding has a thread of its own (`'thread'`) or shares the engine's. The result is the same. @default 'thread' */
  readonly decode?: 'thread' | 'inline'
}

/** What CSV and Parquet files need to be told besides, where the columns do not say it. */
export interface TableOptions extends DataSourceOptions {
  /** The instrument of all rows, when no column names one. */
  readonly symbol?: string
  /** What a row is; recognised from the columns when left out. */
  readonly kind?: 'bars' | 'quotes' | 'trades'
  /** The interval of a bar, such as `'1m'` or `'1d'`; recognised from the rows when left out. */
  readonly timeframe?: string
  /** Which point of its interval a bar's time names: its open, its close, or the session that it belongs to. */
  readonly label?: 'open' | 'close' | 'session'
  /** Columns that are not recognised by themselves, by name or by position from 0: `{ close: 'Last Price', volume: 5 }`. */
  readonly columns?: Readonly<Record<string, string | number>>
  /** Time zone of times that name none, such as `'Asia/Kolkata'`. @default 'UTC' */
  readonly timeZone?: string
  /** Pattern of the time column in the notation of `strptime`: `'%d/%m/%Y %H:%M:%S'`. @default the usual forms */
  readonly timeFormat?: string
  /** Scale open, high, low and close by adjusted close ÷ close. @default false */
  readonly adjusted?: boolean
  /** Sizes of trades are running totals: a row that grows is a trade, the first and one that falls begin anew. @default false */
  readonly cumulative?: boolean
  /** CSV only: what stands between the cells. @default recognised */
  readonly delimiter?: 'comma' | 'semicolon' | 'tab' | 'bar'
  /** CSV only: whether the first row names the columns. @default it does when no cell of it is a number */
  readonly header?: boolean
  /** Parquet only: decimals of whole-number columns of prices and sizes; 9 for units of 1e-9. @default 0 */
  readonly integerDecimals?: number
}

/**
 * What recorded frames of Binance need to be told besides. The files are one recording: the book goes on from one file
 * to the next.
 */
export interface FrameOptions extends Omit<DataSourceOptions, 'decode'> {
  /**
   * From where on the book is known: the first snapshot in the recording, or (`'build'`) nothing, to which levels are
   * added when they first change. @default 'snapshot'
   */
  readonly book?: 'snapshot' | 'build'
  /** A hole in the sequence of depth: an error, or (`'resync'`) an empty book until the next snapshot. @default 'error' */
  readonly gaps?: 'error' | 'resync'
  /** Which streams make the market: depth and trades, or best prices (`bookTicker`) and trades. @default 'depth' */
  readonly streams?: 'depth' | 'best'
  /**
   * How far the recorder's clock was behind the exchange's, added to receive stamps; a text with a minus in front where
   * it was ahead. @default 0
   */
  readonly clockOffset?: Duration | `-${string}`
}

/** A generated L3 market: seeded, so that the same options give the same records. */
export interface SyntheticOptions {
  /** Seed of the generator. @default 1 */
  readonly seed?: number
  /** Number of market-by-order records. @default 1000000 */
  readonly records?: number
  /** Symbol of the instrument. @default 'SYN' */
  readonly symbol?: string
  /** About how many orders rest in the book. @default 3000 */
  readonly liveOrders?: number
  /** Tick size. @default 0.25 */
  readonly tickSize?: Decimal
  /** Price at which the market starts. @default 4800 */
  readonly startPrice?: Decimal
  /** See {@link DataSourceOptions.decode}. @default 'thread' */
  readonly decode?: 'thread' | 'inline'
}

/** One source of market data; made by `dbn`, `csv`, `parquet`, `binance` and `synthetic`. */
export type DataSource =
  | (DataSourceOptions & { readonly type: 'dbn'; readonly files: readonly string[] })
  | (TableOptions & { readonly type: 'csv' | 'parquet'; readonly files: readonly string[] })
  | (FrameOptions & { readonly type: 'binance'; readonly files: readonly string[] })
  | (SyntheticOptions & { readonly type: 'synthetic' })

/** When an instrument's sessions are: a time of day at which each ends, or a calendar. */
export type SessionOptions =
  | {
      /** IANA name of the exchange's time zone, such as `'America/Chicago'`. */
      readonly timeZone: string
      /** Wall-clock time of the close there, `'HH:MM'`. */
      readonly close: string
    }
  | {
      /** A built-in calendar by its name, or one's own. */
      readonly calendar: CalendarName | CalendarOptions
    }

/**
 * Built-in calendars: the UTC day; shares in New York, 09:30 to 16:00 with holidays and early closes; equity index
 * futures on CME Globex, 17:00 of the evening before to 16:00 in Chicago.
 */
export type CalendarName = '24/7' | 'us-equities' | 'cme-equity-index'

/** A calendar of one's own. */
export interface CalendarOptions {
  /** Where its hours and holidays come from, for the result. */
  readonly source: string
  /** Its name. @default 'own' */
  readonly name?: string
  /** IANA name of the exchange's time zone. */
  readonly timeZone: string
  /** Opening and close of each segment, `'HH:MM'`; an opening later in the day than its close is on the evening before. */
  readonly segments: readonly (readonly [open: string, close: string])[]
  /** Whether Saturday and Sunday are sessions. @default false */
  readonly weekends?: boolean
  /** Dates without a session, `'YYYY-MM-DD'`. */
  readonly holidays?: readonly string[]
  /** Dates that close early, with the time: `{ '2024-12-24': '13:00' }`. */
  readonly earlyCloses?: Readonly<Record<string, string>>
}

/**
 * One instrument. What is left out comes from the data's definitions, the built-in table of futures, or, for a plain
 * price file, is that of an equity without a price grid. A future, perpetual or option whose tick size or multiplier
 * is then still not known is an error.
 */
export interface InstrumentOptions extends MarginOptions {
  /** Its symbol, as the data names it. */
  readonly symbol: string
  /** What it is. */
  readonly kind?: 'equity' | 'future' | 'perpetual' | 'spot' | 'option'
  /** Smallest price step. */
  readonly tickSize?: Decimal
  /** Smallest quantity step. */
  readonly lotSize?: Decimal
  /** Money per unit of price and quantity; of an inverse contract its value in the currency of the price. */
  readonly multiplier?: Decimal
  /**
   * A future or perpetual that is worth a fixed amount of the currency of its price (`multiplier`) and settles in what
   * that is the price of: profit is quantity × multiplier × (1/entry − 1/exit). @default false
   */
  readonly inverse?: boolean
  /**
   * What a spot pair takes its fees from: the currency of the price, or what a fill brings, which of a purchase is the
   * base: it leaves less to sell. @default 'quote'
   */
  readonly feeCurrency?: 'quote' | 'received'
  /** Currency of the price; of an inverse contract that in which it settles. */
  readonly currency?: string
  /** Name of the venue. */
  readonly venue?: string
  /** Its sessions: for daily bars, day orders, orders at open and close. @default the UTC day */
  readonly session?: SessionOptions
}

/** Limits checked before an order leaves; each is off when left out. */
export interface RiskLimitOptions {
  /** Largest position, long or short, counting working orders. */
  readonly maxPosition?: number
  /** Largest quantity of an order. */
  readonly maxOrderSize?: number
  /** Loss from the initial cash, in the account's currency, from which on only orders that reduce the position pass. */
  readonly maxLoss?: Decimal
  /** Most orders, modifications and cancels in any one second of simulated time. */
  readonly maxOrdersPerSecond?: number
}

/** What a strategy wants to see; a strategy class states it as `static data`. */
export interface StrategyNeeds {
  /** Every trade. */
  readonly trades?: boolean
  /** Every change of the best prices. */
  readonly quotes?: boolean
  /** Number of price levels of each side at every book change. */
  readonly depth?: number
  /** Bars of one or several timeframes: `'1d'`, `['1m', '1h']` or `{ fast: '1m', slow: '1h' }`. */
  readonly bars?: string | readonly string[] | Readonly<Record<string, string>>
  /** What feeds indicators and history before trading begins: a number of bars, or a duration. */
  readonly warmup?: number | Duration
}

/** One strategy of a run as far as the engine needs to know it. */
export interface StrategyOptions {
  /** Its name in reports, and of its random numbers. */
  readonly name: string
  /** The file it came from. */
  readonly source?: string
  /** Its parameters, recorded with the run. */
  readonly parameters?: Readonly<Record<string, unknown>>
  /** The instruments it sees; all of the run's when left out. */
  readonly instruments?: readonly string[]
  /** What it wants to see. */
  readonly needs?: StrategyNeeds
  /** What market data takes to it beyond the recorded way. @default 0 */
  readonly feedLatency?: Duration
  /** Limits of its own, beside the run's. */
  readonly riskLimits?: RiskLimitOptions
}

/** What a run writes. */
export interface OutputOptions {
  /** Folder of `run.json` and all artefacts; nothing is written when left out. */
  readonly directory?: string
  /** Parquet file of the metrics. */
  readonly metricsFile?: string
  /** Parquet file of the trades. */
  readonly tradesFile?: string
  /** Whether every order event is recorded too. @default false */
  readonly detailedLog?: boolean
}

/** A whole run, all but the strategies' code. */
export interface RunOptions {
  /** Where the market comes from; several sources are merged by time. */
  readonly data: DataSource | readonly DataSource[]
  /** Instruments; from the data's definitions or the built-in table when left out. */
  readonly instruments?: readonly InstrumentOptions[]
  /** The account. */
  readonly account?: AccountOptions
  /** The simulated exchange. */
  readonly venue?: VenueOptions
  /** Exchanges that differ from it, by the `venue` that their instruments name. */
  readonly venues?: Readonly<Record<string, NamedVenueOptions>>
  /** Limits over all strategies. */
  readonly riskLimits?: RiskLimitOptions
  /** Dividends, funding and borrow. */
  readonly cashEvents?: CashEventOptions
  /** Seed of everything random. @default 42 */
  readonly seed?: number
  /** 0: as fast as it goes; 1: as it was recorded; n: n times that. @default 0 */
  readonly replaySpeed?: number
  /** Whether open positions are closed at the end, and at which price of the last bar; `'open'` looks ahead. @default false */
  readonly closeAtEnd?: false | 'close' | 'open'
  /** Most rows handed to strategies in one step, 1 to 128. The result is the same. @default 128 */
  readonly stepRows?: number
  /** What is written. */
  readonly output?: OutputOptions
}

/** A strategy named in a configuration file. */
export interface ConfiguredStrategy extends Omit<StrategyOptions, 'needs'> {
  /** The `type` as written: a path, relative to the file's folder, or a name. */
  readonly type: string
  /** The path that `type` stands for. */
  readonly source: string
}

/** What a configuration file says, in TypeScript's spelling and with absolute paths. */
export interface Configuration {
  /** The run. */
  readonly run: RunOptions
  /** Its strategies, in order; their code is still to be loaded. */
  readonly strategies: readonly ConfiguredStrategy[]
}
