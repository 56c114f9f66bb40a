/** Short ways to write data sources and venue models. */
import type {
  DataSource,
  DataSourceOptions,
  FeeModel,
  ImpactModel,
  LatencyModel,
  QueueModel,
  SyntheticOptions,
  TableOptions,
} from './configuration-types.ts'
import type { Decimal, Duration } from './configuration-values.ts'

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
} = {
  fixed: options => ({ network: 0, ...options, type: 'fixed' }),
}

/** Fee models. A single number is maker and taker alike. */
export const fees: {
  /** No fees. */
  none(): FeeModel
  /** An amount of the account's currency for each contract (lot) filled. */
  perContract(rate: Decimal | { readonly maker: Decimal; readonly taker: Decimal }): FeeModel
  /** Basis points (1/10,000) of the traded value; negative is a rebate. */
  bps(rate: Decimal | { readonly maker: Decimal; readonly taker: Decimal }): FeeModel
} = {
  none: () => ({ type: 'none' }),
  perContract: rate => ({ type: 'perContract', ...bothSides(rate) }),
  bps: rate => ({ type: 'bps', ...bothSides(rate) }),
}

function bothSides(rate: Decimal | { readonly maker: Decimal; readonly taker: Decimal }): {
  maker: Decimal
  taker: Decimal
} {
  return typeof rate === 'object' ? { maker: rate.maker, taker: rate.taker } : { maker: rate, taker: rate }
}

/** Queue models: how much of the traded volume reaches a resting order. */
export const queue: {
  /** First in, first out, at the exact place among the recorded orders. */
  l3(): QueueModel
  /** A share of each aggressor in proportion to the own part of the level, the remainder first in, first out. */
  proRata(): QueueModel
} = {
  l3: () => 'l3',
  proRata: () => 'proRata',
}

/** Market impact models. */
export const impact: {
  /** Own orders move no price. */
  none(): ImpactModel
  /** A taker's fill is worse by `bpsPerMillion` basis points for each million of traded value, per fill. */
  linear(bpsPerMillion: number): ImpactModel
} = {
  none: () => ({ type: 'none' }),
  linear: bpsPerMillion => ({ type: 'linear', bpsPerMillion }),
}
