/** What all indicators share. */
import { TickforgeError } from '../errors.ts'
import { Ring } from './window.ts'

/** The longest period. */
export const maxPeriod = 1_000_000

/** How many values `history` reaches back at most. */
const historyLength = 256

/** A bar as far as indicators read it. */
export interface IndicatorBar {
  /** Highest price. */
  readonly high: number
  /** Lowest price. */
  readonly low: number
  /** Last price. */
  readonly close: number
  /** Traded quantity. */
  readonly volume: number
}

/**
 * A stream of values from a stream of inputs.
 *
 * An input that is not finite is passed over: `update` answers NaN and the state stays as it was. `value` is NaN until
 * there is enough, and where the formula divides by zero. Values equal those of the Rust indicators bit for bit.
 */
export abstract class Indicator<Input> {
  #value = Number.NaN
  #history: Ring | undefined

  /** The latest value; NaN while there is none. */
  get value(): number {
    return this.#value
  }

  /** Whether there is a value. */
  get ready(): boolean {
    return !Number.isNaN(this.#value)
  }

  /** The latest `n` values, oldest first, at most 256; those that were NaN are left out. */
  history(n: number): number[] {
    const ring = this.#history
    if (ring === undefined) return []
    const count = Math.min(Math.max(0, Math.floor(n)), ring.length)
    return Array.from({ length: count }, (_, index) => ring.at(ring.length - count + index))
  }

  /** Takes the next input; gives the new value, NaN when it was passed over or there is not enough yet. */
  abstract update(input: Input): number

  /** Keeps and returns a value. */
  protected keep(value: number): number {
    this.#value = value
    if (!Number.isNaN(value)) {
      this.#history ??= new Ring(historyLength)
      this.#history.push(value)
    }
    return value
  }
}

/** A period, a whole number from `least` to 1,000,000; otherwise `ERR_INDICATOR_PERIOD`. */
export function period(field: string, value: number, least = 1): number {
  if (Number.isSafeInteger(value) && value >= least && value <= maxPeriod) return value
  const accepted = `whole numbers from ${least} to ${maxPeriod}`
  throw new TickforgeError('ERR_INDICATOR_PERIOD', `${field} is ${value}; accepted are ${accepted}`, {
    details: { field, value, accepted },
  })
}

/** The closing price of a bar, or the number itself. */
export function closeOf(input: number | Pick<IndicatorBar, 'close'>): number {
  return typeof input === 'number' ? input : input.close
}
