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
}

/**
 * The sum of the last `n` values, in constant time and without drift.
 *
 * Values fill blocks of `n`. When a block is full and the next value comes, the sums of its suffixes are made from its
 * last value to its first; the new block keeps a running prefix. A window is a suffix of the block before plus that
 * prefix, so that its sum depends on its `n` values only: nothing is ever subtracted, nothing old lives on.
 */
export class WindowSum {
  readonly #n: number
  /** High and low part of the prefix, then the block, then high and low part of each suffix: one piece of memory. */
  readonly #numbers: Float64Array
  #filled = 0
  #turned = false

  /** A window of `n` values. */
  constructor(n: number) {
    this.#n = n
    this.#numbers = new Float64Array(2 + 3 * n)
  }

  /** Takes a finite value; gives the sum once `n` values are there, NaN before. */
  push(x: number): number {
    const numbers = this.#numbers
    const n = this.#n
    if (this.#filled === n) this.#turn()
    // TwoSum of the prefix and the value, then of suffix and prefix, written out: this runs for every bar.
    const before = numbers[0] as number
    const high = before + x
    const part = high - before
    const low = (numbers[1] as number) + (before - (high - part) + (x - part))
    numbers[0] = high
    numbers[1] = low
    numbers[2 + this.#filled] = x
    this.#filled += 1
    if (this.#filled === n) return high + low
    if (!this.#turned) return Number.NaN
    const suffix = 2 + n + 2 * this.#filled
    const suffixHigh = numbers[suffix] as number
    const sum = suffixHigh + high
    const added = sum - suffixHigh
    const error = suffixHigh - (sum - added) + (high - added)
    return sum + (error + ((numbers[suffix + 1] as number) + low))
  }

  /** The block is full: its suffixes are summed, and the next block begins. */
  #turn(): void {
    const numbers = this.#numbers
    const sum = new Compensated()
    for (let index = this.#n - 1; index >= 0; index -= 1) {
      sum.add(numbers[2 + index] as number)
      numbers[2 + this.#n + 2 * index] = sum.high
      numbers[3 + this.#n + 2 * index] = sum.low
    }
    numbers[0] = 0
    numbers[1] = 0
    this.#filled = 0
    this.#turned = true
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
