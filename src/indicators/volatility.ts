/** Deviation, bands, true range. Twins of `crates/indicators/src/volatility.rs`. */
import { TickforgeError } from '../errors.ts'
import type { CloseInput } from './average.ts'
import { closeOf, Indicator, type IndicatorBar, period } from './indicator.ts'
import { Wilder } from './momentum.ts'
import { Ring, WindowSum } from './window.ts'

/** Mean and deviation of the last n values, in two passes. */
class Moments {
  readonly #sum: WindowSum
  readonly #ring: Ring
  readonly #n: number
  readonly #divisor: number
  /** Mean of the window. */
  mean = Number.NaN
  /** Deviation of the window. */
  deviation = Number.NaN

  constructor(n: number, divisor: number) {
    this.#sum = new WindowSum(n)
    this.#ring = new Ring(n)
    this.#n = n
    this.#divisor = divisor
  }

  /** Takes a value; says whether the window is full. */
  push(x: number): boolean {
    this.#ring.push(x)
    const sum = this.#sum.push(x)
    if (!this.#ring.full) return false
    const mean = sum / this.#n
    let squares = 0
    for (let index = 0; index < this.#n; index += 1) {
      const d = this.#ring.at(index) - mean
      squares += d * d
    }
    this.mean = mean
    this.deviation = Math.sqrt(squares / this.#divisor)
    return true
  }
}

/** Standard deviation of the last `n` values. First value at index n − 1. */
export class StdDev extends Indicator<CloseInput> {
  readonly #moments: Moments

  /** Over `n` values; `'population'` divides by n, `'sample'` by n − 1. @throws `ERR_INDICATOR_PERIOD` */
  constructor(n: number, kind: 'population' | 'sample' = 'population') {
    super()
    const isSample = kind === 'sample'
    this.#moments = new Moments(period('period', n, isSample ? 2 : 1), isSample ? n - 1 : n)
  }

  override update(input: CloseInput): number {
    const x = closeOf(input)
    if (!Number.isFinite(x)) return Number.NaN
    return this.keep(this.#moments.push(x) ? this.#moments.deviation : Number.NaN)
  }
}

/** How many population deviations the newest value lies from the mean of `n`. NaN where the deviation is 0. */
export class ZScore extends Indicator<CloseInput> {
  readonly #moments: Moments

  /** Over `n` values, at least 2. @throws `ERR_INDICATOR_PERIOD` */
  constructor(n: number) {
    super()
    this.#moments = new Moments(period('period', n, 2), n)
  }

  override update(input: CloseInput): number {
    const x = closeOf(input)
    if (!Number.isFinite(x)) return Number.NaN
    const full = this.#moments.push(x) && this.#moments.deviation > 0
    return this.keep(full ? (x - this.#moments.mean) / this.#moments.deviation : Number.NaN)
  }
}

/** Bollinger bands: `value` (also `middle`) is the simple average of `n`, `upper` and `lower` lie `k` population deviations from it. */
export class Bollinger extends Indicator<CloseInput> {
  readonly #moments: Moments
  readonly #k: number

  /** Usual are 20 and 2. @throws `ERR_INDICATOR_PERIOD`, `ERR_INDICATOR_FACTOR` */
  constructor(n = 20, k = 2) {
    super()
    this.#moments = new Moments(period('period', n), n)
    if (!(Number.isFinite(k) && k >= 0)) {
      const accepted = 'finite numbers of 0 or above'
      throw new TickforgeError('ERR_INDICATOR_FACTOR', `deviations is ${k}; accepted are ${accepted}`, {
        details: { field: 'deviations', value: k, accepted },
      })
    }
    this.#k = k
  }

  override update(input: CloseInput): number {
    const x = closeOf(input)
    if (!Number.isFinite(x)) return Number.NaN
    return this.keep(this.#moments.push(x) ? this.#moments.mean : Number.NaN)
  }

  /** The simple average; NaN while there is none. */
  get middle(): number {
    return this.value
  }

  /** `middle + k × deviation`; NaN while there is none. */
  get upper(): number {
    return this.#moments.mean + this.#k * this.#moments.deviation
  }

  /** `middle − k × deviation`; NaN while there is none. */
  get lower(): number {
    return this.#moments.mean - this.#k * this.#moments.deviation
  }
}

/** Average true range (Wilder 1978). The first bar has no true range; first value at index n. */
export class Atr extends Indicator<Pick<IndicatorBar, 'high' | 'low' | 'close'>> {
  readonly #average: Wilder
  #previous = Number.NaN

  /** Over `n` true ranges. @throws `ERR_INDICATOR_PERIOD` */
  constructor(n = 14) {
    super()
    this.#average = new Wilder(period('period', n))
  }

  override update({ high, low, close }: Pick<IndicatorBar, 'high' | 'low' | 'close'>): number {
    if (!(Number.isFinite(high) && Number.isFinite(low) && Number.isFinite(close))) return Number.NaN
    const before = this.#previous
    this.#previous = close
    if (Number.isNaN(before)) return Number.NaN
    let range = high - low
    const up = Math.abs(high - before)
    if (up > range) range = up
    const down = Math.abs(low - before)
    if (down > range) range = down
    return this.keep(this.#average.push(range))
  }
}
