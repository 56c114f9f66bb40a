/** What the three books share: options, sides, prices, and checks of what a caller gives. */
import { type Decimal, decimalText } from '../backtest/configuration-values.ts'
import { TickforgeError } from '../errors.ts'
import { guarded } from '../native/binding.ts'
import { BookColumns, operationKind } from './native-books.ts'

/** Buy or sell. */
export type BookSide = 'buy' | 'sell'

/** The grid of a book. */
export interface BookOptions {
  /** Smallest price step. A price within 1e-6 tick of a tick is that tick; any other is refused. */
  readonly tickSize: Decimal
  /** Smallest quantity step. @default 1 */
  readonly lotSize?: Decimal
}

/** Both best prices with what stands there. A side that is empty has the price NaN, and no size and orders. */
export interface BestPrices {
  readonly bid: number
  readonly ask: number
  readonly bidSize: number
  readonly askSize: number
  /** Orders at the best bid; 0 where it is not known. */
  readonly bidCount: number
  /** Orders at the best ask; 0 where it is not known. */
  readonly askCount: number
}

/** One price level. */
export interface BookLevel {
  readonly price: number
  readonly quantity: number
  /** Orders there; 0 where it is not known. */
  readonly count: number
}

/** The best levels of both sides, best first. */
export interface BookDepth {
  readonly bids: readonly BookLevel[]
  readonly asks: readonly BookLevel[]
}

/** Levels to set, as columns of equal length. */
export interface LevelOperations {
  /** 0 is buy, 1 is sell. */
  readonly side: Uint8Array
  readonly price: Float64Array
  /** Quantity that stands there; 0 removes the level. */
  readonly quantity: Float64Array
  /** Orders there. @default 0, not known */
  readonly count?: Uint32Array
}

/** What every book can do. */
export abstract class BookBase {
  /** Columns of operations. */
  protected readonly columns: BookColumns
  /** Smallest price step. */
  readonly tickSize: number
  /** Smallest quantity step. */
  readonly lotSize: number
  private readonly tickNano: number
  private readonly lotNano: number

  /** An empty book on a grid. */
  protected constructor(kind: 'l3' | 'l2' | 'l1', options: BookOptions) {
    const { tickSize, lotSize = 1 } = options
    const tick = decimalText(tickSize, 'tickSize')
    const lot = decimalText(lotSize, 'lotSize')
    this.columns = new BookColumns(kind, tick, lot)
    this.tickSize = Number(tick)
    this.lotSize = Number(lot)
    this.tickNano = Math.round(this.tickSize * 1e9)
    this.lotNano = Math.round(this.lotSize * 1e9)
  }

  /** Best bid; NaN when there is none. */
  get bid(): number {
    return this.priceOf(this.columns.best[0]!)
  }

  /** Best ask; NaN when there is none. */
  get ask(): number {
    return this.priceOf(this.columns.best[1]!)
  }

  /** Both best prices, as they are now. */
  get best(): BestPrices {
    const { best } = this.columns
    return {
      bid: this.bid,
      ask: this.ask,
      bidSize: this.quantityOf(best[2]!),
      askSize: this.quantityOf(best[3]!),
      bidCount: best[4]!,
      askCount: best[5]!,
    }
  }

  /** Number of price levels of each side. */
  get levels(): { readonly bids: number; readonly asks: number } {
    const { native } = this.columns
    return guarded(() => ({ bids: native.levelCount(0), asks: native.levelCount(1) }))
  }

  /**
   * The best `levels` levels of both sides; fewer where there are fewer.
   *
   * @throws {@link TickforgeError} `ERR_BOOK_OPTION`
   */
  depth(levels: number): BookDepth {
    if (!(Number.isInteger(levels) && levels >= 0 && levels < 2 ** 32)) {
      throw refused('levels', levels, 'a whole number from 0 to 2^32 - 1')
    }
    const numbers = guarded(() => this.columns.native.depth(levels))
    const middle = 1 + 3 * numbers[0]!
    return { bids: this.read(numbers, 1, middle), asks: this.read(numbers, middle, numbers.length) }
  }

  /**
   * What stands at a price: quantity and number of orders, both 0 where nothing does.
   *
   * @throws {@link TickforgeError} `ERR_BOOK_OFF_TICK`, `ERR_BOOK_PRICE_OUT_OF_RANGE`, `ERR_BOOK_OPTION`
   */
  level(side: BookSide, price: number): BookLevel {
    const number = sideNumber(side)
    const [lots = 0, count = 0] = guarded(() => this.columns.native.level(number, price))
    return { price, quantity: this.quantityOf(lots), count }
  }

  /** The whole book as bytes; `restore` makes the same book of them. */
  snapshot(): Uint8Array {
    return guarded(() => this.columns.native.snapshot())
  }

  /** Takes everything out. */
  clear(): void {
    guarded(() => this.columns.native.clear())
  }

  /** The price of a number of ticks. */
  protected priceOf(ticks: number): number {
    return (ticks * this.tickNano) / 1e9
  }

  /** The quantity of a number of lots. */
  protected quantityOf(lots: number): number {
    return (lots * this.lotNano) / 1e9
  }

  /** Puts a snapshot in place of what it holds. */
  protected load(bytes: Uint8Array): void {
    if (!(bytes instanceof Uint8Array)) throw refused('bytes', bytes, 'the Uint8Array of a snapshot')
    guarded(() => this.columns.native.restore(bytes))
  }

  private read(numbers: Float64Array, from: number, to: number): BookLevel[] {
    const levels: BookLevel[] = []
    for (let at = from; at < to; at += 3) {
      const price = this.priceOf(numbers[at]!)
      levels.push({ price, quantity: this.quantityOf(numbers[at + 1]!), count: numbers[at + 2]! })
    }
    return levels
  }
}

/** A book of levels that are set, one or many at a time. */
export abstract class SettableBook extends BookBase {
  /**
   * Sets many levels, in order: much quicker than one by one. At one that is refused it stops: those before it stand,
   * and the error names it (`details.operation`).
   *
   * @throws {@link TickforgeError} as for a single one, and `ERR_BOOK_OPTION` for columns of different lengths
   */
  apply(operations: LevelOperations): void {
    const { side, price, quantity, count } = operations
    const { columns } = this
    checkColumns({ side, price, quantity, ...(count !== undefined && { count }) })
    for (let from = 0; from < side.length; from += columns.capacity) {
      const to = Math.min(from + columns.capacity, side.length)
      columns.kind.fill(operationKind.set, 0, to - from)
      columns.side.set(side.subarray(from, to))
      columns.price.set(price.subarray(from, to))
      columns.quantity.set(quantity.subarray(from, to))
      const { idHalves } = columns
      for (let at = from; at < to; at++) {
        idHalves[2 * (at - from)] = count === undefined ? 0 : count[at]!
        idHalves[2 * (at - from) + 1] = 0
      }
      columns.applyMany(to - from, from)
    }
  }

  /** Writes one level into the columns. */
  protected write(row: number, kind: number, side: number, price: number, quantity: number, count: number): void {
    const { columns } = this
    if (!(Number.isInteger(count) && count >= 0 && count < 2 ** 32)) {
      throw refused('count', count, 'a number of orders: a whole number from 0 (not known) to 2^32 - 1')
    }
    columns.kind[row] = kind
    columns.side[row] = side
    columns.idHalves[2 * row] = count
    columns.idHalves[2 * row + 1] = 0
    columns.price[row] = price
    columns.quantity[row] = quantity
  }
}

/** The number of a side. */
export function sideNumber(side: BookSide): number {
  if (side === 'buy') return 0
  if (side === 'sell') return 1
  throw refused('side', side, "'buy' or 'sell'")
}

/** Requires columns of equal length; returns it. */
export function checkColumns(columns: Readonly<Record<string, { readonly length: number }>>): number {
  const lengths = Object.entries(columns).map(([name, column]) => [name, column?.length] as const)
  const length = lengths[0]?.[1]
  if (length !== undefined && lengths.every(entry => entry[1] === length)) return length
  const shown = lengths.map(([name, found]) => `${name}: ${found ?? 'absent'}`).join(', ')
  throw refused('operations', shown, 'columns of equal length')
}

/** The error for what is not accepted. */
export function refused(field: string, value: unknown, accepted: string): TickforgeError {
  const shown = typeof value === 'object' && value !== null ? 'an object' : String(value)
  return new TickforgeError('ERR_BOOK_OPTION', `${field}: ${shown} is not accepted; give ${accepted}`, {
    details: { field, value: shown, accepted },
  })
}
