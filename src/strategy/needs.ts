/** What a strategy needs: what it declares, checked against the handlers that it has. */
import { completeNeeds } from '../backtest/configuration-complete.ts'
import type { NativeNeeds } from '../backtest/configuration-native.ts'
import type { StrategyNeeds } from '../backtest/configuration-types.ts'
import { canonicalTimeframe } from '../backtest/configuration-values.ts'
import { TickforgeError } from '../errors.ts'
import type { Strategy } from './strategy.ts'

/** What a strategy wants to see: its `static data`. */
export interface Needs {
  /** Every trade. `false` says that `onTrade` is fed by `ctx.subscribe` only. */
  readonly trades?: boolean
  /** Every change of the best prices. `false` says that `onQuote` is fed by `ctx.subscribe` only. */
  readonly quotes?: boolean
  /** Number of price levels of each side, 1 to 10. */
  readonly depth?: number
  /** Bars of one or several timeframes: `'1d'`, `['1m', '1h']` or `{ fast: '1m', slow: '1h' }`. */
  readonly bars?: string | readonly string[] | Readonly<Record<string, string>>
  /** What feeds indicators and history before trading begins: a number of bars of the first timeframe, or a duration. */
  readonly warmup?: number | string | bigint
  /** Symbols of the instruments that it sees; all of the run's when left out. */
  readonly instruments?: readonly string[]
}

/** What a strategy needs, as the engine and the driver read it. */
export interface ResolvedNeeds {
  /** For the engine's configuration. */
  readonly native: NativeNeeds
  /** Symbols; empty for all of the run's. */
  readonly instruments: readonly string[]
  /** Names of timeframes beside their own: `{ fast: '1m' }`. */
  readonly aliases: Readonly<Record<string, string>>
}

/** Most levels of a side that can be declared. */
export const deepest = 10

/**
 * Resolves what a strategy declares, and checks that something feeds every handler and indicator that it has.
 *
 * @throws {@link TickforgeError} `ERR_STRATEGY_NEEDS` for a handler that nothing can feed, `ERR_CONFIG_…` for a
 * declaration that is not one
 */
export function resolveNeeds(strategy: Strategy, name: string): ResolvedNeeds {
  const declared = (strategy.constructor as { data?: Needs }).data ?? {}
  const { instruments = [], ...rest } = declared
  const native = completeNeeds(rest as StrategyNeeds, `${name}.data`)
  if (native.depth > deepest) {
    throw new TickforgeError('ERR_STRATEGY_NEEDS', `${name} declares a depth of ${native.depth}`, {
      details: { strategy: name, depth: native.depth, accepted: `1 to ${deepest} levels` },
    })
  }
  const lacking = (handler: string, declare: string): TickforgeError =>
    new TickforgeError('ERR_STRATEGY_NEEDS', `${name} has ${handler}, which nothing feeds; declare ${declare}`, {
      details: { strategy: name, handler, accepted: declare },
    })
  if (strategy.onTrade && !native.trades && declared.trades !== false) {
    throw lacking('onTrade', 'static data = { trades: true }')
  }
  if (strategy.onQuote && !native.quotes && declared.quotes !== false) {
    throw lacking('onQuote', 'static data = { quotes: true }')
  }
  if (strategy.onDepth && native.depth === 0) throw lacking('onDepth', 'static data = { depth: 10 }')
  const hasBars = native.bars.length > 0
  if (strategy.onBar && !hasBars) throw lacking('onBar', "static data = { bars: '1m' }")
  if (strategy.onBars && !hasBars) throw lacking('onBars', "static data = { bars: '1m' }")
  if (strategy.indicator.size > 0 && !hasBars) throw lacking('an indicator', "static data = { bars: '1m' }")
  const isFed = native.trades || native.quotes || native.depth > 0 || hasBars
  const isSubscribing = declared.trades === false || declared.quotes === false
  if (strategy.onData && !isFed && !isSubscribing) {
    throw lacking('onData', 'trades, quotes, depth or bars in static data')
  }
  if (native.warmupBars > 0 && !hasBars) throw lacking('a warm-up counted in bars', "static data = { bars: '1m' }")
  const aliases: Record<string, string> = {}
  if (typeof declared.bars === 'object' && !Array.isArray(declared.bars)) {
    for (const [alias, frame] of Object.entries(declared.bars as Readonly<Record<string, string>>)) {
      aliases[alias] = canonicalTimeframe(frame, `${name}.data.bars.${alias}`)
    }
  }
  return { native, instruments: [...instruments], aliases }
}
