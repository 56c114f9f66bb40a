/** Moving averages. Twins of `crates/indicators/src/average.rs`. */
import { closeOf, Indicator, type IndicatorBar, period } from './indicator.ts'
import { Compensated, Ring, WindowSum } from './window.ts'

/** A price, or a bar whose close is taken. */
export type CloseInput = number | Pick<IndicatorBar, 'close'>

/** Simple moving average of the last `n` values. First value at index n − 1. */
export class Sma extends Indicator<CloseInput> {
  readonly #sum: WindowSum
  readonly #n: number

  /** Over `n` values. @throws `ERR_INDICATOR_PERIOD` */
  constructor(n: number) {
    super()
    this.#n = period('period', n)
    this.#sum = new WindowSum(n)
  }

  override update(input: CloseInput): number {
    const x = closeOf(input)
    if (!Number.isFinite(x)) return Number.NaN
    return this.keep(this.#sum.push(x) / this.#n)
  }
}

/**
 * Exponential moving average with k = 2 ÷ (n + 1): seeded at index n − 1 by the mean of the first n values, then
 * `e = e + k × (x − e)`.
 */
export class Ema extends Indicator<CloseInput> {
  readonly #n: number
  readonly #k: number
  readonly #seed = new Compensated()
  #seen = 0

  /** Over `n` values. @throws `ERR_INDICATOR_PERIOD` */
  constructor(n: number) {
    super()
    this.#n = period('period', n)
    this.#k = 2 / (n + 1)
  }

  override update(input: CloseInput): number {
    const x = closeOf(input)
    if (!Number.isFinite(x)) return Number.NaN
    const e = this.value
    if (this.#seen === this.#n) return this.keep(e + this.#k * (x - e))
    this.#seed.add(x)
    this.#seen += 1
    return this.#seen === this.#n ? this.keep(this.#seed.value / this.#n) : Number.NaN
  }
}

/** Linearly weighted moving average: the newest value has weight n, the oldest 1. First value at index n − 1. */
export class Wma extends Indicator<CloseInput> {
  readonly #ring: Ring
  readonly #divisor: number

  /** Over `n` values. @throws `ERR_INDICATOR_PERIOD` */
  constructor(n: number) {
    super()
    this.#ring = new Ring(period('period', n))
    this.#divisor = (n * (n + 1)) / 2
  }

  override update(input: CloseInput): number {
    const x = closeOf(input)
    if (!Number.isFinite(x)) return Number.NaN
    this.#ring.push(x)
    if (!this.#ring.full) return Number.NaN
    let sum = 0
    for (let index = 0; index < this.#ring.length; index += 1) sum += (index + 1) * this.#ring.at(index)
    return this.keep(sum / this.#divisor)
  }
}
