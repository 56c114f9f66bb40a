/** `this.indicator`: makes indicators that update themselves from the bars, before the strategy's handlers run. */
import {
  Atr,
  Bollinger,
  Donchian,
  Ema,
  Highest,
  Lowest,
  Macd,
  Roc,
  Rsi,
  Sma,
  StdDev,
  Vwap,
  Wma,
  ZScore,
} from '../indicators/index.ts'
import {
  type BarIndicator,
  type IndicatorOptions,
  IndicatorRegistry,
  type ValueIndicator,
} from './indicator-registry.ts'

/** Options of indicators that take whole bars. */
export type BarIndicatorOptions = Omit<IndicatorOptions, 'source'>

/**
 * Makes indicators that update themselves. All throw `ERR_INDICATOR_PERIOD` for a period that is none,
 * `ERR_INDICATOR_OPTION` for an unknown option, and `ERR_INDICATOR_LATE` once the run has begun.
 */
export class IndicatorHost extends IndicatorRegistry {
  /** Simple moving average of `n` bars. */
  sma(n: number, options?: IndicatorOptions): Sma {
    return this.register(`sma(${n})`, new Sma(n), false, options)
  }

  /** Exponential moving average of `n` bars. */
  ema(n: number, options?: IndicatorOptions): Ema {
    return this.register(`ema(${n})`, new Ema(n), false, options)
  }

  /** Linearly weighted moving average of `n` bars. */
  wma(n: number, options?: IndicatorOptions): Wma {
    return this.register(`wma(${n})`, new Wma(n), false, options)
  }

  /** Rate of change over `n` bars. */
  roc(n: number, options?: IndicatorOptions): Roc {
    return this.register(`roc(${n})`, new Roc(n), false, options)
  }

  /** Relative strength index of `n` bars. */
  rsi(n: number, options?: IndicatorOptions): Rsi {
    return this.register(`rsi(${n})`, new Rsi(n), false, options)
  }

  /** Moving average convergence/divergence: `value`, `signal` and `histogram`. */
  macd(fast = 12, slow = 26, signal = 9, options?: IndicatorOptions): Macd {
    const indicator = new Macd(fast, slow, signal)
    return this.register(`macd(${fast}, ${slow}, ${signal})`, indicator, false, options, ['signal', 'histogram'])
  }

  /** Standard deviation of `n` bars. */
  stdDev(n: number, kind: 'population' | 'sample' = 'population', options?: IndicatorOptions): StdDev {
    return this.register(`stdDev(${n}, ${kind})`, new StdDev(n, kind), false, options)
  }

  /** How many deviations the newest bar lies from the mean of `n`. */
  zScore(n: number, options?: IndicatorOptions): ZScore {
    return this.register(`zScore(${n})`, new ZScore(n), false, options)
  }

  /** Bollinger bands of `n` bars and `k` deviations: `value`, `upper` and `lower`. */
  bollinger(n = 20, k = 2, options?: IndicatorOptions): Bollinger {
    return this.register(`bollinger(${n}, ${k})`, new Bollinger(n, k), false, options, ['upper', 'lower'])
  }

  /** Highest of `n` bars; of their highs unless a source is named. */
  highest(n: number, options?: IndicatorOptions): Highest {
    return this.register(`highest(${n})`, new Highest(n), false, { source: 'high', ...options })
  }

  /** Lowest of `n` bars; of their lows unless a source is named. */
  lowest(n: number, options?: IndicatorOptions): Lowest {
    return this.register(`lowest(${n})`, new Lowest(n), false, { source: 'low', ...options })
  }

  /** Channel of the `n` bars before the current one: `value`, `upper` and `lower`. */
  donchian(n: number, options?: BarIndicatorOptions): Donchian {
    return this.register(`donchian(${n})`, new Donchian(n), true, options, ['upper', 'lower'])
  }

  /** Average true range of `n` bars. */
  atr(n = 14, options?: BarIndicatorOptions): Atr {
    return this.register(`atr(${n})`, new Atr(n), true, options)
  }

  /** Volume-weighted average price since the run's first bar, or the last reset. */
  vwap(options?: BarIndicatorOptions): Vwap {
    return this.register('vwap()', new Vwap(), true, options)
  }

  /** Feeds an indicator of one's own with one number of each bar. */
  custom<T extends ValueIndicator>(indicator: T, options?: IndicatorOptions): T {
    return this.register('custom', indicator, false, options)
  }

  /** Feeds an indicator of one's own with whole bars. */
  customBars<T extends BarIndicator>(indicator: T, options?: BarIndicatorOptions): T {
    return this.register('custom', indicator, true, options)
  }
}
