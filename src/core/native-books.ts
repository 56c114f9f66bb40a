/** The books of the native addon: their memory, their operations, their errors. */
import { TickforgeError } from '../errors.ts'
import { guarded, nativeBinding, nativeError } from '../native/binding.ts'

/** A book of the addon; prices are in ticks and quantities in lots. */
interface NativeOrderBook {
  /** Hands over the shared memory; returns the function that applies what stands in it. */
  attach(operations: Uint8Array): () => number
  error(): string | null
  depth(levels: number): Float64Array
  level(side: number, price: number): Float64Array
  ordersAt(side: number, price: number): string
  queuePosition(id: string): string | null
  levelCount(side: number): number
  snapshot(): Uint8Array
  restore(bytes: Uint8Array): void
  clear(): void
}

/** The part of the addon that has the books. */
interface BooksBinding {
  readonly NativeOrderBook: new (kind: 'l3' | 'l2' | 'l1', tickSize: string, lotSize: string) => NativeOrderBook
  orderBookLayout(): string
}

/** Byte offsets of the columns, and their size, as `crates/node/src/order_book.rs` has them. */
interface Layout {
  readonly bytes: number
  readonly operations: number
  readonly id: number
  readonly price: number
  readonly quantity: number
  readonly kind: number
  readonly side: number
  readonly best: number
  readonly left: number
  readonly count: number
}

/** What an operation does. */
export const operationKind = { add: 1, cancel: 2, modify: 3, set: 4, quote: 5 } as const

let binding: BooksBinding | undefined
let layout: Layout | undefined

/** The columns of a book's operations, and the function that applies them. */
export class BookColumns {
  /** The book itself, for everything that is not an operation. */
  readonly native: NativeOrderBook
  /** Most operations of one call. */
  readonly capacity: number
  readonly kind: Uint8Array
  readonly side: Uint8Array
  /** Identifiers, or numbers of orders: as 64 bits, and as pairs of 32 bits, low ones first. */
  readonly id: BigUint64Array
  readonly idHalves: Uint32Array
  readonly price: Float64Array
  readonly quantity: Float64Array
  /** Best bid and ask in ticks, their sizes in lots, their numbers of orders. */
  readonly best: Float64Array
  /** What is left of the order that was cancelled last, in lots. */
  readonly left: Float64Array
  private readonly count: Uint32Array
  private readonly call: () => number

  /** Columns of a new book; tick and lot size are decimal texts. */
  constructor(kind: 'l3' | 'l2' | 'l1', tickSize: string, lotSize: string) {
    binding ??= nativeBinding() as unknown as BooksBinding
    layout ??= JSON.parse(binding.orderBookLayout()) as Layout
    const { NativeOrderBook } = binding
    const { bytes, operations } = layout
    const memory = new SharedArrayBuffer(bytes)
    this.capacity = operations
    this.kind = new Uint8Array(memory, layout.kind, operations)
    this.side = new Uint8Array(memory, layout.side, operations)
    this.id = new BigUint64Array(memory, layout.id, operations)
    this.idHalves = new Uint32Array(memory, layout.id, operations * 2)
    this.price = new Float64Array(memory, layout.price, operations)
    this.quantity = new Float64Array(memory, layout.quantity, operations)
    this.best = new Float64Array(memory, layout.best, 6)
    this.left = new Float64Array(memory, layout.left, 1)
    this.count = new Uint32Array(memory, layout.count, 1)
    this.native = guarded(() => new NativeOrderBook(kind, tickSize, lotSize))
    this.call = this.native.attach(new Uint8Array(memory))
  }

  /** Applies the first operation. */
  applyOne(): void {
    this.count[0] = 1
    if (this.call() !== 1) throw this.failure(0)
  }

  /** Applies the first `count` operations; `done` were applied before them in the same batch. */
  applyMany(count: number, done: number): void {
    this.count[0] = count
    if (this.call() !== count) throw this.failure(done)
  }

  private failure(done: number): TickforgeError {
    const error = nativeError(new Error(this.native.error() ?? 'the book did not say why'))
    const { operation, ...details } = error.details
    const index = done + (typeof operation === 'number' ? operation : 0)
    return new TickforgeError(error.code, error.message, { details: { ...details, operation: index } })
  }
}
