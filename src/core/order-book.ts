/** The book of orders: every order, and its place in its queue. */
import { guarded } from '../native/binding.ts'
import { BookBase, type BookOptions, type BookSide, checkColumns, refused, sideNumber } from './book-options.ts'
import { operationKind } from './native-books.ts'

/** A venue's order id: a number up to 2^53 - 1, or a bigint up to 2^64 - 1. */
export type BookOrderId = number | bigint

/** One resting order. */
export interface BookOrder {
  /** A number where it is below 2^53, else a bigint. */
  readonly id: BookOrderId
  readonly quantity: number
}

/** Where an order stands. */
export interface QueuePosition {
  readonly side: BookSide
  readonly price: number
  /** What is left of the order. */
  readonly quantity: number
  /** Quantity that is ahead of it at its price. */
  readonly quantityAhead: number
  /** Orders that are ahead of it at its price. */
  readonly ordersAhead: number
}

/** What an operation of a batch does. */
export const BookOperation: { readonly add: 1; readonly cancel: 2; readonly modify: 3 } = {
  add: operationKind.add,
  cancel: operationKind.cancel,
  modify: operationKind.modify,
}

/** Operations to apply, as columns of equal length. */
export interface OrderOperations {
  /** What each does: see {@link BookOperation}. */
  readonly kind: Uint8Array
  /** Ids; whole numbers in a `Float64Array`. */
  readonly id: BigUint64Array | Uint32Array | Float64Array
  /** 0 is buy, 1 is sell; only an add reads it. */
  readonly side: Uint8Array
  /** Prices; NaN in a modify keeps the price. A cancel does not read it. */
  readonly price: Float64Array
  /** Quantities; NaN in a cancel is all of the order, in a modify keeps the quantity. */
  readonly quantity: Float64Array
}

/**
 * A book of orders by price and time (L3).
 *
 * @example
 * ```ts
 * const book = new OrderBook({ tickSize: 0.25 })
 * book.add(1, 'buy', 4810, 5)
 * book.add(2, 'buy', 4810, 3)
 * book.queuePosition(2)?.quantityAhead // → 5
 * book.cancel(1, 2) // → 3
 * book.best.bidSize // → 6
 * ```
 */
export class OrderBook extends BookBase {
  /** An empty book. Throws `ERR_CONFIG_DECIMAL` or `ERR_MODEL_…` for a tick or lot size that is none. */
  constructor(options: BookOptions) {
    super('l3', options)
  }

  /**
   * The book that {@link OrderBook.snapshot} wrote, queues and all. The options are those of that book.
   *
   * @throws {@link TickforgeError} `ERR_BOOK_SNAPSHOT` with the byte at fault, `ERR_BOOK_OPTION`
   */
  static restore(bytes: Uint8Array, options: BookOptions): OrderBook {
    const book = new OrderBook(options)
    book.load(bytes)
    return book
  }

  /**
   * Adds an order at the back of the queue of its price.
   *
   * @throws {@link TickforgeError} `ERR_BOOK_DUPLICATE_ORDER`, `ERR_BOOK_OFF_TICK`, `ERR_BOOK_OFF_LOT`,
   * `ERR_BOOK_PRICE_OUT_OF_RANGE`, `ERR_BOOK_QUANTITY`, `ERR_BOOK_OPTION`, `ERR_BOOK_FULL`
   */
  add(id: BookOrderId, side: BookSide, price: number, quantity: number): void {
    const { columns } = this
    this.writeId(0, id)
    columns.kind[0] = operationKind.add
    columns.side[0] = sideNumber(side)
    columns.price[0] = price
    columns.quantity[0] = quantity
    columns.applyOne()
  }

  /**
   * Takes `quantity` off an order, or all of it; returns what is left.
   *
   * @throws {@link TickforgeError} `ERR_BOOK_UNKNOWN_ORDER`, `ERR_BOOK_QUANTITY` for more than there is,
   * `ERR_BOOK_OFF_LOT`, `ERR_BOOK_OPTION`
   */
  cancel(id: BookOrderId, quantity?: number): number {
    const { columns } = this
    if (quantity !== undefined && Number.isNaN(quantity)) throw refused('quantity', quantity, 'a number above 0')
    this.writeId(0, id)
    columns.kind[0] = operationKind.cancel
    columns.quantity[0] = quantity === undefined ? Number.NaN : quantity
    columns.applyOne()
    return this.quantityOf(columns.left[0]!)
  }

  /**
   * Gives an order a new price, a new quantity, or both. It keeps its place when the price stays and the quantity does
   * not grow, and goes to the back of the queue otherwise.
   *
   * @throws {@link TickforgeError} `ERR_BOOK_UNKNOWN_ORDER`, and as {@link OrderBook.add}
   */
  modify(id: BookOrderId, change: { readonly price?: number; readonly quantity?: number }): void {
    const { columns } = this
    const { price, quantity } = change
    if (price !== undefined && Number.isNaN(price)) throw refused('price', price, 'a price')
    if (quantity !== undefined && Number.isNaN(quantity)) throw refused('quantity', quantity, 'a number above 0')
    this.writeId(0, id)
    columns.kind[0] = operationKind.modify
    columns.price[0] = price === undefined ? Number.NaN : price
    columns.quantity[0] = quantity === undefined ? Number.NaN : quantity
    columns.applyOne()
  }

  /**
   * Applies many operations, in order: much quicker than one by one. At one that is refused it stops: those before it
   * stand, and the error names it (`details.operation`).
   *
   * @throws {@link TickforgeError} as the single calls, `ERR_BOOK_OPERATION` for a kind or side that is none, and
   * `ERR_BOOK_OPTION` for columns of different lengths
   */
  apply(operations: OrderOperations): void {
    const { kind, id, side, price, quantity } = operations
    const { columns } = this
    const count = checkColumns({ kind, id, side, price, quantity })
    const most = columns.capacity
    for (let from = 0; from < count; from += most) {
      const to = Math.min(from + most, count)
      columns.kind.set(from === 0 && to === count ? kind : kind.subarray(from, to))
      columns.side.set(from === 0 && to === count ? side : side.subarray(from, to))
      columns.price.set(price.subarray(from, to))
      columns.quantity.set(quantity.subarray(from, to))
      if (id instanceof BigUint64Array) columns.id.set(id.subarray(from, to))
      else for (let at = from; at < to; at++) this.writeId(at - from, id[at]!)
      columns.applyMany(to - from, from)
    }
  }

  /**
   * The orders at a price in the order of their queue.
   *
   * @throws {@link TickforgeError} `ERR_BOOK_OFF_TICK`, `ERR_BOOK_PRICE_OUT_OF_RANGE`, `ERR_BOOK_OPTION`
   */
  ordersAt(side: BookSide, price: number): BookOrder[] {
    const number = sideNumber(side)
    const found = guarded(() => this.columns.native.ordersAt(number, price))
    return (JSON.parse(found) as [string, number][]).map(([id, lots]) => ({
      id: shortest(BigInt(id)),
      quantity: this.quantityOf(lots),
    }))
  }

  /** Where an order stands, with what is ahead of it; undefined when it is not in the book. */
  queuePosition(id: BookOrderId): QueuePosition | undefined {
    const key = BigInt(checkedId(id))
    const found = guarded(() => this.columns.native.queuePosition(key.toString()))
    if (found === null) return undefined
    const position = JSON.parse(found) as Record<Exclude<keyof QueuePosition, 'side'> | 'side', number>
    return {
      side: position.side === 0 ? 'buy' : 'sell',
      price: this.priceOf(position.price),
      quantity: this.quantityOf(position.quantity),
      quantityAhead: this.quantityOf(position.quantityAhead),
      ordersAhead: position.ordersAhead,
    }
  }

  /** Writes an id into a row. Two halves: a bigint for every number would cost more than the book does. */
  private writeId(row: number, id: BookOrderId): void {
    const { columns } = this
    if (typeof id === 'number') {
      if (!(Number.isSafeInteger(id) && id >= 0)) throw checkedIdError(id)
      columns.idHalves[2 * row] = id
      columns.idHalves[2 * row + 1] = id / 4_294_967_296
    } else columns.id[row] = checkedId(id) as bigint
  }
}

function checkedId(id: BookOrderId): BookOrderId {
  if (typeof id === 'bigint' ? id >= 0n && id < 1n << 64n : Number.isSafeInteger(id) && id >= 0) return id
  throw checkedIdError(id)
}

function checkedIdError(id: unknown): Error {
  return refused('id', id, 'a whole number from 0 to 2^53 - 1, or a bigint up to 2^64 - 1')
}

function shortest(id: bigint): BookOrderId {
  return id <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(id) : id
}
