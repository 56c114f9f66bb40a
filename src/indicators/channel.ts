/** Highest and lowest values. Twins of `crates/indicators/src/channel.rs`. */
import { Indicator, type IndicatorBar, period } from './indicator.ts'

/** The extreme of the last n values: a queue in which every value beats those behind it. Nothing rounds. */
class Extreme {
  readonly #n: number
  readonly #sign: 1 | -1
  readonly #values: Float64Array
  readonly #seenAt: Float64Array
  #head = 0
  #length = 0
  #seen = 0

  constructor(n: number, sign: 1 | -1) {
    this.#n = n
    this.#sign = sign
    this.#values = new Float64Array(n + 1)
    this.#seenAt = new Float64Array(n + 1)
  }

  push(x: number): number {
    const room = this.#values.length
    while (this.#length > 0) {
      const back = (this.#head + this.#length - 1) % room
      if (((this.#values[back] as number) - x) * this.#sign > 0) break
      this.#length -= 1
    }
    const place = (this.#head + this.#length) % room
    this.#values[place] = x
    this.#seenAt[place] = this.#seen
    this.#length += 1
    this.#seen += 1
    if ((this.#seenAt[this.#head] as number) + this.#n < this.#seen) {
      this.#head = (this.#head + 1) % room
      this.#length -= 1
    }
    return this.#seen < this.#n ? Number.NaN : (this.#values[this.#head] as number)
  }
}

/** The highest of the last `n` values (of a bar: its high), the newest one included. First value at index n − 1. */
export class Highest extends Indicator<number | Pick<IndicatorBar, 'high'>> {
  readonly #extreme: Extreme

  /** Over `n` values. @throws `ERR_INDICATOR_PERIOD` */
  constructor(n: number) {
    super()
    this.#extreme = new Extreme(period('period', n), 1)
  }

  override update(input: number | Pick<IndicatorBar, 'high'>): number {
    const x = typeof input === 'number' ? input : input.high
    return Number.isFinite(x) ? this.keep(this.#extreme.push(x)) : Number.NaN
  }
}

/** The lowest of the last `n` values (of a bar: its low), the newest one included. First value at index n − 1. */
export class Lowest extends Indicator<number | Pick<IndicatorBar, 'low'>> {
  readonly #extreme: Extreme

  /** Over `n` values. @throws `ERR_INDICATOR_PERIOD` */
  constructor(n: number) {
    super()
    this.#extreme = new Extreme(period('period', n), -1)
  }

  override update(input: number | Pick<IndicatorBar, 'low'>): number {
    const x = typeof input === 'number' ? input : input.low
    return Number.isFinite(x) ? this.keep(this.#extreme.push(x)) : Number.NaN
  }
}

/**
 * Donchian channel: highest high and lowest low of the n bars *before* the current one, so that a close beyond it is a
 * breakout; `value` (also `middle`) lies half way. First value at index n.
 */
export class Donchian extends Indicator<Pick<IndicatorBar, 'high' | 'low'>> {
  readonly #highs: Extreme
  readonly #lows: Extreme
  #nextUpper = Number.NaN
  #nextLower = Number.NaN
  #upper = Number.NaN
  #lower = Number.NaN

  /** Over `n` bars. @throws `ERR_INDICATOR_PERIOD` */
  constructor(n: number) {
    super()
    this.#highs = new Extreme(period('period', n), 1)
    this.#lows = new Extreme(n, -1)
  }

  override update({ high, low }: Pick<IndicatorBar, 'high' | 'low'>): number {
    if (!(Number.isFinite(high) && Number.isFinite(low))) return Number.NaN
    this.#upper = this.#nextUpper
    this.#lower = this.#nextLower
    this.#nextUpper = this.#highs.push(high)
    this.#nextLower = this.#lows.push(low)
    return this.keep((this.#upper + this.#lower) / 2)
  }

  /** Highest high; NaN while there is none. */
  get upper(): number {
    return this.#upper
  }

  /** Half way between `upper` and `lower`; NaN while there is none. */
  get middle(): number {
    return this.value
  }

  /** Lowest low; NaN while there is none. */
  get lower(): number {
    return this.#lower
  }
}
