/** What a strategy has seen lately: bars by timeframe and trades, in rings of bounded size. */
import type { EventColumns } from './columns.ts'
import { RowFlag } from './columns.ts'
import type { Side } from './instrument.ts'

/** A bar of the past. */
export interface HistoryBar {
  readonly openTime: number
  readonly closeTime: number
  readonly open: number
  readonly high: number
  readonly low: number
  readonly close: number
  readonly volume: number
}

/** A trade of the past. */
export interface RecentTrade {
  readonly time: number
  readonly price: number
  readonly quantity: number
  readonly side: Side | undefined
}

/** Most bars that are kept of a timeframe, unless the warm-up asks for more. */
export const historyLimit = 4096
/** Trades that are kept of an instrument. */
export const recentTradesLimit = 1024

const barFields = 7
const tradeFields = 4

/** A ring of records of some numbers each; it grows up to its limit. */
class Ring {
  readonly limit: number
  private readonly fields: number
  private data: Float64Array
  private capacity: number
  private next = 0
  size = 0

  constructor(fields: number, limit: number) {
    this.fields = fields
    this.limit = limit
    this.capacity = Math.min(64, limit)
    this.data = new Float64Array(this.capacity * fields)
  }

  /** Offset at which the next record is to be written. */
  push(): number {
    if (this.size === this.capacity && this.capacity < this.limit) this.grow()
    const at = this.next * this.fields
    this.next = this.next + 1 === this.capacity ? 0 : this.next + 1
    if (this.size < this.capacity) this.size += 1
    return at
  }

  /** The memory that {@link Ring.push} points into. */
  get numbers(): Float64Array {
    return this.data
  }

  /** Offsets of the last `count` records, oldest first. */
  *last(count: number): Generator<number> {
    for (let back = Math.min(count, this.size); back > 0; back--) {
      yield ((this.next - back + this.capacity) % this.capacity) * this.fields
    }
  }

  private grow(): void {
    const capacity = Math.min(this.capacity * 2, this.limit)
    const grown = new Float64Array(capacity * this.fields)
    // Full: the oldest stands at `next`.
    const split = this.next * this.fields
    grown.set(this.data.subarray(split), 0)
    grown.set(this.data.subarray(0, split), this.data.length - split)
    this.data = grown
    this.next = this.size
    this.capacity = capacity
  }
}

/** The last bars of one instrument and timeframe. */
export class BarHistory {
  private readonly ring: Ring

  /** A history of at most `limit` bars. */
  constructor(limit: number) {
    this.ring = new Ring(barFields, limit)
  }

  /** Most bars that it keeps. */
  get limit(): number {
    return this.ring.limit
  }

  /** Keeps the bar of the current row. */
  add(columns: EventColumns): void {
    const { ring } = this
    const { row } = columns
    const at = ring.push()
    const numbers = ring.numbers
    numbers[at] = columns.p5[row]!
    numbers[at + 1] = columns.p6[row]!
    numbers[at + 2] = columns.p0[row]!
    numbers[at + 3] = columns.p1[row]!
    numbers[at + 4] = columns.p2[row]!
    numbers[at + 5] = columns.p3[row]!
    numbers[at + 6] = columns.p4[row]!
  }

  /** The last `count` bars, oldest first; fewer while fewer have closed. */
  last(count: number): HistoryBar[] {
    const { ring } = this
    const numbers = ring.numbers
    return Array.from(ring.last(count), at => ({
      openTime: numbers[at]!,
      closeTime: numbers[at + 1]!,
      open: numbers[at + 2]!,
      high: numbers[at + 3]!,
      low: numbers[at + 4]!,
      close: numbers[at + 5]!,
      volume: numbers[at + 6]!,
    }))
  }
}

/** The last trades of one instrument. */
export class TradeHistory {
  private readonly ring = new Ring(tradeFields, recentTradesLimit)

  /** Keeps the trade of the current row. */
  add(columns: EventColumns): void {
    const { ring } = this
    const { row } = columns
    const at = ring.push()
    const numbers = ring.numbers
    numbers[at] = columns.timeMs[row]!
    numbers[at + 1] = columns.p0[row]!
    numbers[at + 2] = columns.p1[row]!
    numbers[at + 3] = columns.flags[row]!
  }

  /** The last `count` trades, oldest first; fewer while fewer have been seen. */
  last(count: number): RecentTrade[] {
    const { ring } = this
    const numbers = ring.numbers
    return Array.from(ring.last(count), at => ({
      time: numbers[at]!,
      price: numbers[at + 1]!,
      quantity: numbers[at + 2]!,
      side: sideOf(numbers[at + 3]!),
    }))
  }
}

function sideOf(flags: number): Side | undefined {
  if ((flags & RowFlag.aggressorBuy) !== 0) return 'buy'
  return (flags & RowFlag.aggressorSell) !== 0 ? 'sell' : undefined
}
