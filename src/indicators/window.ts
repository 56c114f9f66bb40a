/** Sums that do not drift, and the last `n` values. The twin of `crates/indicators/src/window.rs`, bit for bit. */

/**
 * A sum that carries its rounding error along (Knuth's TwoSum, as in Neumaier 1974).
 *
 * `add(x)`: `s = high + x; b = s − high; e = (high − (s − b)) + (x − b); high = s; low = low + e`.
 */
export class Compensated {
  /** The sum as rounded. */
  high = 0
  /** What the rounding lost. */
  low = 0

  /** Adds a value. */
  add(x: number): void {
    const s = this.high + x
    const b = s - this.high
    this.low += this.high - (s - b) + (x - b)
    this.high = s
  }

  /** The sum. */
  get value(): number {
    return this.high + this.low
  }

  /** Begins anew at 0. */
  clear(): void {
    this.high = 0
    this.low = 0
  }

  /** The sum of this and another sum given by its parts: TwoSum of the high parts gives `s, e`; `s + (e + (low + otherLow))`. */
  sumWith(otherHigh: number, otherLow: number): number {
    const s = otherHigh + this.high
    const b = s - otherHigh
    const e = otherHigh - (s - b) + (this.high - b)
    return s + (e + (otherLow + this.low))
  }
}

/**
 * The sum of the last `n` values, in constant time and without drift.
 *
 * Values fill blocks of `n`. When a block is full and the next value comes, the sums of its suffixes are made from its
 * last value to its first; the new block keeps a running prefix. A window is a suffix of the block before plus that
 * prefix, so that its sum depends on its `n` values only: nothing is ever subtracted, nothing old lives on.
 */
export class WindowSum {
  readonly #block: Float64Array
  readonly #suffixHigh: Float64Array
  readonly #suffixLow: Float64Array
  readonly #prefix = new Compensated()
  #filled = 0
  #turned = false

  /** A window of `n` values. */
  constructor(n: number) {
    this.#block = new Float64Array(n)
    this.#suffixHigh = new Float64Array(n)
    this.#suffixLow = new Float64Array(n)
  }

  /** Takes a finite value; gives the sum once `n` values are there, NaN before. */
  push(x: number): number {
    const block = this.#block
    const n = block.length
    if (this.#filled === n) {
      const sum = new Compensated()
      for (let index = n - 1; index >= 0; index -= 1) {
        sum.add(block[index] as number)
        this.#suffixHigh[index] = sum.high
        this.#suffixLow[index] = sum.low
      }
      this.#prefix.clear()
      this.#filled = 0
      this.#turned = true
    }
    block[this.#filled] = x
    this.#prefix.add(x)
    this.#filled += 1
    if (this.#filled === n) return this.#prefix.value
    if (!this.#turned) return Number.NaN
    return this.#prefix.sumWith(this.#suffixHigh[this.#filled] as number, this.#suffixLow[this.#filled] as number)
  }
}

/** The last `n` values. */
export class Ring {
  readonly #values: Float64Array
  #next = 0
  #full = false

  /** Room for `n` values. */
  constructor(n: number) {
    this.#values = new Float64Array(n)
  }

  /** Takes a value; gives the one that it pushed out, NaN when there was room. */
  push(x: number): number {
    const values = this.#values
    const out = this.#full ? (values[this.#next] as number) : Number.NaN
    values[this.#next] = x
    this.#next += 1
    if (this.#next === values.length) {
      this.#next = 0
      this.#full = true
    }
    return out
  }

  /** Whether `n` values are there. */
  get full(): boolean {
    return this.#full
  }

  /** How many values are there. */
  get length(): number {
    return this.#full ? this.#values.length : this.#next
  }

  /** The value of index `index` from the oldest, 0. */
  at(index: number): number {
    const values = this.#values
    const place = this.#full ? this.#next + index : index
    return values[place < values.length ? place : place - values.length] as number
  }
}
