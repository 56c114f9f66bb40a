/**
 * The completed configuration as the engine reads it: every default filled in, files absolute, amounts as decimal
 * texts, times as decimal texts of nanoseconds. The same document stands in `run.json`.
 */

import type { NativeSession } from '../native/binding.ts'
import type { NativeAccount, NativeMargin } from './configuration-account.ts'
import type { NativeCashEvents } from './configuration-cash-events.ts'
import type { QueueCalibration } from './configuration-queue.ts'
import type { NativeCustomModel } from './custom-models.ts'

/** One source of data. */
export interface NativeDataSource {
  type: 'dbn' | 'csv' | 'parquet' | 'binance' | 'synthetic'
  files: string[]
  symbols: string[]
  symbol: string | null
  start: string | null
  end: string | null
  kind: 'bars' | 'quotes' | 'trades' | null
  timeframe: string | null
  label: 'open' | 'close' | 'session' | null
  columns: Record<string, string | number> | null
  timeZone: string | null
  timeFormat: string | null
  adjusted: boolean | null
  cumulative: boolean | null
  delimiter: 'comma' | 'semicolon' | 'tab' | 'bar' | null
  header: boolean | null
  integerDecimals: number | null
  /** Of recorded frames. */
  book: 'snapshot' | 'build' | null
  gaps: 'error' | 'resync' | null
  streams: 'depth' | 'best' | null
  /** Nanoseconds, may be negative. */
  clockOffset: string | null
  checks: 'error' | 'reject' | 'warn'
  synthetic: {
    seed: number
    records: number
    symbol: string
    liveOrders: number
    tickSize: string
    startPrice: string
  } | null
  decode: 'thread' | 'inline'
}

/** One instrument; what is null comes from the data's definitions or the built-in table. */
export interface NativeInstrument {
  symbol: string
  kind: 'equity' | 'future' | 'perpetual' | 'spot' | 'option' | null
  tickSize: string | null
  lotSize: string | null
  multiplier: string | null
  inverse: boolean | null
  feeCurrency: 'quote' | 'received' | null
  currency: string | null
  venue: string | null
  margin: NativeMargin
  session: NativeSession | null
}

/** Limits; null is off. */
export interface NativeRiskLimits {
  maxPosition: number | null
  maxOrderSize: number | null
  maxLoss: string | null
  maxOrdersPerSecond: number | null
}

/** What one strategy wants to see. */
export interface NativeNeeds {
  trades: boolean
  quotes: boolean
  depth: number
  bars: string[]
  warmupBars: number
  warmupNs: string
}

/** One strategy, without its code. */
export interface NativeStrategy {
  name: string
  source: string | null
  parameters: Record<string, unknown>
  instruments: string[]
  needs: NativeNeeds
  feedLatencyNs: number
  riskLimits: NativeRiskLimits | null
}

/** How long one kind of message takes. */
export type NativeDelay =
  | { type: 'fixed'; ns: number }
  | { type: 'normal'; meanNs: number; deviationNs: number; floorNs: number }
  | { type: 'logNormal'; medianNs: number; sigma: number; floorNs: number }

/** Latency of orders and reports. */
export type NativeLatency =
  | { type: 'fixed'; submitNs: number; modifyNs: number; cancelNs: number; responseNs: number }
  | { type: 'drawn'; submit: NativeDelay; modify: NativeDelay; cancel: NativeDelay; response: NativeDelay }
  | { type: 'recorded'; rows: [string, string, string][] }

/** Fees. */
export type NativeFees =
  | { type: 'none' }
  | { type: 'bps'; maker: string; taker: string }
  | { type: 'perContract'; maker: string; taker: string; minimum: string | null; maximumBps: number | null }
  | { type: 'tiered'; tiers: [string, number, number][] }
  | ({ type: 'custom' } & NativeCustomModel)

/** Impact. */
export type NativeImpact =
  | { type: 'none' }
  | { type: 'linear'; bpsPerMillion: number }
  | { type: 'squareRoot'; coefficient: number; dailyVolatility: number; dailyVolume: number }
  | {
      type: 'almgren'
      dailyVolatility: number
      dailyVolume: number
      sharesOutstanding: number
      duration: number
      halfLifeNs: number
    }

/** The whole run. */
export interface NativeRunConfiguration {
  data: NativeDataSource[]
  instruments: NativeInstrument[]
  account: NativeAccount
  venue: {
    latency: NativeLatency
    fees: NativeFees
    fill: {
      probabilityAtTouch: number
      referenceQuantity: string | null
      tiers: [string, number][] | null
      fillAt: 'through' | 'touch'
      beyondDisplay: 'oneTickPerLevel' | 'cancel'
      barPath: 'pessimistic' | 'ohlc' | 'adaptive'
      volumeLimit: number | null
      custom: NativeCustomModel | null
    }
    queue: 'auto' | 'l3' | 'proRata' | 'riskAverse' | 'log' | 'log2' | 'power' | 'power2' | 'power3'
    queueExponent: number | null
    queueCalibration: QueueCalibration | null
    slippage:
      | { type: 'none' }
      | { type: 'bps'; bps: number; onOpening: boolean }
      | { type: 'spread'; fraction: number }
      | { type: 'volumeShare'; priceImpact: number }
      | ({ type: 'custom' } & NativeCustomModel)
    impact: NativeImpact
    stress: { ticks: number; latency: number; fees: number } | null
  }
  /** Venues that differ from it, by the name that their instruments have. */
  venues: Record<string, NativeRunConfiguration['venue']>
  riskLimits: NativeRiskLimits | null
  cashEvents: NativeCashEvents | null
  strategies: NativeStrategy[]
  seed: number
  replaySpeed: number
  closeAtEnd: 'close' | 'open' | null
  stepRows: number
  output: {
    directory: string | null
    metricsFile: string | null
    tradesFile: string | null
    detailedLog: boolean
  }
}
