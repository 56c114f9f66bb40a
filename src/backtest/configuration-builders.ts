/** Short ways to write data sources and venue models. */

import type {
  DelayModel,
  FeeModel,
  FeeTier,
  FillOptions,
  ImpactModel,
  LatencyModel,
  LatencyRow,
  SlippageModel,
} from './configuration-models.ts'
import type { QueueModel } from './configuration-queue.ts'
import type {
  DataSource,
  DataSourceOptions,
  FrameOptions,
  SyntheticOptions,
  TableOptions,
} from './configuration-types.ts'
import type { Decimal, Duration } from './configuration-values.ts'
import {
  type CustomOptions,
  type FeeFunction,
  type FillFunction,
  named,
  type SlippageFunction,
} from './custom-models.ts'

const list = (files: string | readonly string[]): readonly string[] => (typeof files === 'string' ? [files] : files)

/**
 * DBN files, plain or `.zst`, of any schema.
 *
 * @example
 * ```ts
 * dbn('esh4.mbo.dbn.zst', { symbols: ['ESH4'] })
 * ```
 */
export function dbn(files: string | readonly string[], options: DataSourceOptions = {}): DataSource {
  return { ...options, type: 'dbn', files: list(files) }
}

/**
 * CSV files of bars, quotes or trades.
 *
 * @example
 * ```ts
 * csv('prices.csv', { symbol: 'GOOG', timeframe: '1d', label: 'session' })
 * ```
 */
export function csv(files: string | readonly string[], options: TableOptions = {}): DataSource {
  return { ...options, type: 'csv', files: list(files) }
}

/** Parquet files of bars, quotes or trades; the same options as {@link csv}. */
export function parquet(files: string | readonly string[], options: TableOptions = {}): DataSource {
  return { ...options, type: 'parquet', files: list(files) }
}

/**
 * Recorded frames of Binance's streams (spot, USD- and coin-margined futures), one a line behind its receive stamp:
 * depth with its snapshots, trades, best prices. Tick and lot size of the instruments must be said.
 *
 * @example
 * ```ts
 * binance(['btcusdt_20240808.gz', 'btcusdt_20240809.gz'], { clockOffset: '1.28s' })
 * ```
 */
export function binance(files: string | readonly string[], options: FrameOptions = {}): DataSource {
  return { ...options, type: 'binance', files: list(files) }
}

/** A generated full-depth market, the same every time for the same options. */
export function synthetic(options: SyntheticOptions = {}): DataSource {
  return { ...options, type: 'synthetic' }
}

/** Latency models. */
export const latency: {
  /**
   * The same time for every order: `network + processing` to the venue and as much back, unless one of `submit`,
   * `modify`, `cancel` and `response` says otherwise.
   */
  fixed(options: {
    readonly network?: Duration
    readonly processing?: Duration
    readonly submit?: Duration
    readonly modify?: Duration
    readonly cancel?: Duration
    readonly response?: Duration
  }): LatencyModel
  /** A delay of its own for each kind of message, fixed or drawn; what is left out takes as long as `submit`. */
  drawn(options: {
    readonly submit: DelayModel
    readonly modify?: DelayModel
    readonly cancel?: DelayModel
    readonly response?: DelayModel
  }): LatencyModel
  /** Every message drawn from one normal distribution. */
  normal(options: { readonly mean: Duration; readonly deviation: Duration; readonly floor?: Duration }): LatencyModel
  /** Every message drawn from one log-normal distribution. */
  logNormal(options: { readonly median: Duration; readonly sigma: number; readonly floor?: Duration }): LatencyModel
  /** Recorded messages, by the time they were sent: interpolated between the rows, clamped at the ends. */
  recorded(rows: readonly LatencyRow[]): LatencyModel
} = {
  fixed: options => ({ network: 0, ...options, type: 'fixed' }),
  drawn: options => ({ ...options, type: 'drawn' }),
  normal: options => ({ type: 'drawn', submit: { ...options, type: 'normal' } }),
  logNormal: options => ({ type: 'drawn', submit: { ...options, type: 'logNormal' } }),
  recorded: rows => ({ type: 'recorded', rows }),
}

/** What bounds a fee per contract. */
export interface FeeBounds {
  /** Least that an order costs which is filled at all. */
  readonly minimum?: Decimal
  /** Most that an order costs, in basis points of its value; it goes before the minimum. */
  readonly maximumBps?: number
}

/** Fee models. A single number is maker and taker alike. */
export const fees: {
  /** No fees. */
  none(): FeeModel
  /** An amount of the account's currency for each contract (or share) filled. */
  perContract(rate: Decimal | { readonly maker: Decimal; readonly taker: Decimal }, bounds?: FeeBounds): FeeModel
  /** Basis points (1/10,000) of the traded value; negative is a rebate. */
  bps(rate: Decimal | { readonly maker: Decimal; readonly taker: Decimal }): FeeModel
  /** Basis points by how much all strategies have traded in the instrument so far: the last tier that has been reached. */
  tiered(tiers: readonly FeeTier[]): FeeModel
  /**
   * A function of one's own, called once for each fill and for estimates. The same fill must cost the same each time.
   *
   * @example
   * ```ts
   * fees.custom(({ quantity, liquidity }) => (liquidity === 'maker' ? 0 : Math.min(quantity * 0.01, 5)), { name: 'capped' })
   * ```
   */
  custom(model: FeeFunction, options?: CustomOptions): FeeModel
} = {
  none: () => ({ type: 'none' }),
  perContract: (rate, bounds = {}) => ({ type: 'perContract', ...bothSides(rate), ...bounds }),
  bps: rate => ({ type: 'bps', ...bothSides(rate) }),
  tiered: tiers => ({ type: 'tiered', tiers }),
  custom: (model, options = {}) => ({ type: 'custom', ...named(model, options) }),
}

/** Slippage models: by how much a taker's fill is worse than the market shows. */
export const slippage: {
  /** Fills at the price that the market shows. */
  none(): SlippageModel
  /** So many basis points of the price; `onOpening` on bars for what opens a position only. */
  bps(bps: number, options?: { readonly onOpening?: boolean }): SlippageModel
  /** A share of the spread. */
  spread(fraction: number): SlippageModel
  /** `price × (1 ± priceImpact × share²)`, `share` the own part of a bar's volume. */
  volumeShare(priceImpact?: number): SlippageModel
  /**
   * A function of one's own, called wherever the price of a taking fill is worked out. It gives the price, which may
   * not be better than the one it was asked with, and the same for the same question.
   */
  custom(model: SlippageFunction, options?: CustomOptions): SlippageModel
} = {
  none: () => ({ type: 'none' }),
  bps: (bps, options = {}) => ({ type: 'bps', bps, ...options }),
  spread: fraction => ({ type: 'spread', fraction }),
  volumeShare: (priceImpact = 0.1) => ({ type: 'volumeShare', priceImpact }),
  custom: (model, options = {}) => ({ type: 'custom', ...named(model, options) }),
}

/** Fill models. */
export const fill: {
  /**
   * Chances of one's own, called when the market touches the price of an order that rests; what trades through it fills
   * without a question. One draw per order and visit of its price decides.
   *
   * @example
   * ```ts
   * const venue = { fill: { ...fill.custom(order => 1 / (1 + order.leaves), { name: 'small first' }), volumeLimit: 0.1 } }
   * ```
   */
  custom(model: FillFunction, options?: CustomOptions): FillOptions
} = {
  custom: (model, options = {}) => ({ custom: named(model, options) }),
}

function bothSides(rate: Decimal | { readonly maker: Decimal; readonly taker: Decimal }): {
  maker: Decimal
  taker: Decimal
} {
  return typeof rate === 'object' ? { maker: rate.maker, taker: rate.taker } : { maker: rate, taker: rate }
}

/** Queue models: how much of the traded volume reaches a resting order. */
export const queue: {
  /** Order-by-order data: first in, first out, at the exact place among the recorded orders. */
  l3(): QueueModel
  /** Order-by-order data: a share of each aggressor in proportion to the own part of the level. */
  proRata(): QueueModel
  /** Levels: whoever leaves stood behind the own order, until the level is smaller than what is ahead of it. */
  riskAverse(): QueueModel
  /** Levels: whoever leaves stood behind with the chance `b^n / (b^n + f^n)` of back and front. */
  power(exponent: number): QueueModel
  /** Levels: `b^n / (f + b)^n`. */
  power2(exponent: number): QueueModel
  /** Levels: `1 − (f / (f + b))^n`. */
  power3(exponent: number): QueueModel
  /** Levels: `ln(1 + b) / (ln(1 + b) + ln(1 + f))`. */
  log(): QueueModel
  /** Levels: `ln(1 + b) / ln(1 + f + b)`. */
  log2(): QueueModel
} = {
  l3: () => 'l3',
  proRata: () => 'proRata',
  riskAverse: () => 'riskAverse',
  power: exponent => ({ type: 'power', exponent }),
  power2: exponent => ({ type: 'power2', exponent }),
  power3: exponent => ({ type: 'power3', exponent }),
  log: () => 'log',
  log2: () => 'log2',
}

/** Market impact models. */
export const impact: {
  /** Own orders move no price. */
  none(): ImpactModel
  /** A taker's fill is worse by `bpsPerMillion` basis points for each million of traded value, per fill. */
  linear(bpsPerMillion: number): ImpactModel
  /** `coefficient × dailyVolatility × √(quantity / dailyVolume)` of the price, per fill. */
  squareRoot(options: {
    readonly coefficient: number
    readonly dailyVolatility: number
    readonly dailyVolume: number
  }): ImpactModel
  /** Almgren 2005: half the permanent and all of the temporary impact per fill; the permanent part remains and decays. */
  almgren(options: Omit<Extract<ImpactModel, { type: 'almgren' }>, 'type'>): ImpactModel
} = {
  none: () => ({ type: 'none' }),
  linear: bpsPerMillion => ({ type: 'linear', bpsPerMillion }),
  squareRoot: options => ({ ...options, type: 'squareRoot' }),
  almgren: options => ({ ...options, type: 'almgren' }),
}
