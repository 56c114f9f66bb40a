/** Rate of change, relative strength, convergence of averages. Twins of `crates/indicators/src/momentum.rs`. */
import { type CloseInput, Ema } from './average.ts'
import { closeOf, Indicator, period } from './indicator.ts'
import { Ring } from './window.ts'

/** Rate of change in percent over `n` steps: `(x − p) ÷ p × 100`. First value at index n; NaN where p is 0. */
export class Roc extends Indicator<CloseInput> {
  readonly #ring: Ring

  /** Over `n` steps. @throws `ERR_INDICATOR_PERIOD` */
  constructor(n: number) {
    super()
    this.#ring = new Ring(period('period', n))
  }

  override update(input: CloseInput): number {
    const x = closeOf(input)
    if (!Number.isFinite(x)) return Number.NaN
    const past = this.#ring.push(x)
    return this.keep(past === 0 ? Number.NaN : ((x - past) / past) * 100)
  }
}

/** Wilder's average: the plain mean of the first n values, then `a = (a × (n − 1) + x) ÷ n`. */
export class Wilder {
  readonly #n: number
  #seen = 0
  #sum = 0
  #average = 0

  /** Over `n` values. */
  constructor(n: number) {
    this.#n = n
  }

  /** Takes a value; gives the average, NaN before the first. */
  push(x: number): number {
    const n = this.#n
    if (this.#seen === n) {
      this.#average = (this.#average * (n - 1) + x) / n
      return this.#average
    }
    this.#sum += x
    this.#seen += 1
    if (this.#seen < n) return Number.NaN
    this.#average = this.#sum / n
    return this.#average
  }
}

/**
 * Relative strength index (Wilder 1978), 0 to 100: `100 − 100 ÷ (1 + g ÷ l)` of Wilder's averages of gains and losses;
 * 100 where l is 0, 50 where both are. First value at index n.
 */
export class Rsi extends Indicator<CloseInput> {
  readonly #gains: Wilder
  readonly #losses: Wilder
  #previous = Number.NaN

  /** Over `n` changes. @throws `ERR_INDICATOR_PERIOD` */
  constructor(n: number) {
    super()
    this.#gains = new Wilder(period('period', n))
    this.#losses = new Wilder(n)
  }

  override update(input: CloseInput): number {
    const x = closeOf(input)
    if (!Number.isFinite(x)) return Number.NaN
    const previous = this.#previous
    this.#previous = x
    if (Number.isNaN(previous)) return Number.NaN
    const change = x - previous
    const gain = this.#gains.push(change > 0 ? change : 0)
    const loss = this.#losses.push(change < 0 ? -change : 0)
    if (Number.isNaN(gain) || Number.isNaN(loss)) return Number.NaN
    if (loss === 0) return this.keep(gain === 0 ? 50 : 100)
    return this.keep(100 - 100 / (1 + gain / loss))
  }
}

/**
 * Moving average convergence/divergence: `value` is EMA(fast) − EMA(slow), `signal` the EMA of that, `histogram` their
 * difference; ready once the signal line is there.
 */
export class Macd extends Indicator<CloseInput> {
  readonly #fast: Ema
  readonly #slow: Ema
  readonly #signal: Ema

  /** Usual are 12, 26 and 9; `slow` is above `fast`. @throws `ERR_INDICATOR_PERIOD` */
  constructor(fast = 12, slow = 26, signal = 9) {
    super()
    this.#fast = new Ema(period('fast', fast))
    this.#slow = new Ema(period('slow', slow, fast + 1))
    this.#signal = new Ema(period('signal', signal))
  }

  override update(input: CloseInput): number {
    const x = closeOf(input)
    if (!Number.isFinite(x)) return Number.NaN
    const fast = this.#fast.update(x)
    const slow = this.#slow.update(x)
    if (Number.isNaN(fast) || Number.isNaN(slow)) return Number.NaN
    const macd = fast - slow
    this.#signal.update(macd)
    return this.keep(macd)
  }

  /** The average of `value`; NaN while there is none. */
  get signal(): number {
    return this.#signal.value
  }

  /** `value − signal`; NaN while there is none. */
  get histogram(): number {
    return this.value - this.#signal.value
  }

  /** Whether the signal line is there. */
  override get ready(): boolean {
    return this.#signal.ready
  }
}
