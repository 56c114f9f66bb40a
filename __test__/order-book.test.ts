import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BookOperation, OrderBook, type OrderOperations, TickforgeError } from '../src/index.ts'
import { ReferenceBook } from './order-book-reference.ts'

const tick = 0.25

/** One step of a random stream, in ticks and lots. */
type Step =
  | { kind: 'add'; id: number; side: 'buy' | 'sell'; price: number; quantity: number }
  | { kind: 'cancel'; id: number; quantity: number | undefined }
  | { kind: 'modify'; id: number; price: number | undefined; quantity: number | undefined }

const id = fc.integer({ min: 0, max: 24 })
const price = fc.integer({ min: -4, max: 4 })
const quantity = fc.integer({ min: 0, max: 6 })
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('add' as const), id, side: fc.constantFrom('buy', 'sell'), price, quantity }),
  fc.record({ kind: fc.constant('cancel' as const), id, quantity: fc.option(quantity, { nil: undefined }) }),
  fc.record({
    kind: fc.constant('modify' as const),
    id,
    price: fc.option(price, { nil: undefined }),
    quantity: fc.option(quantity, { nil: undefined }),
  }),
)

function perform(book: OrderBook, wanted: Step): string | null {
  try {
    if (wanted.kind === 'add') book.add(wanted.id, wanted.side, wanted.price * tick, wanted.quantity)
    else if (wanted.kind === 'cancel') book.cancel(wanted.id, wanted.quantity)
    else {
      const { price, quantity } = wanted
      const change = {
        ...(price !== undefined && { price: price * tick }),
        ...(quantity !== undefined && { quantity }),
      }
      book.modify(wanted.id, change)
    }
    return null
  } catch (error) {
    if (error instanceof TickforgeError) return error.code
    throw error
  }
}

function performPlainly(book: ReferenceBook, wanted: Step): string | null {
  if (wanted.kind === 'add') return book.add(wanted.id, wanted.side, wanted.price, wanted.quantity)
  if (wanted.kind === 'cancel') return book.cancel(wanted.id, wanted.quantity)
  return book.modify(wanted.id, wanted.price, wanted.quantity)
}

/** Everything that a book tells, in ticks. */
function state(book: OrderBook | ReferenceBook, unit: number): unknown {
  const depth = book.depth(100)
  const inTicks = (levels: readonly { price: number; quantity: number; count: number }[]): unknown =>
    levels.map(level => ({ ...level, price: level.price / unit }))
  const queues = (['buy', 'sell'] as const).map(side =>
    [-4, -3, -2, -1, 0, 1, 2, 3, 4].map(ticks => book.ordersAt(side, ticks * unit)),
  )
  return { bids: inTicks(depth.bids), asks: inTicks(depth.asks), queues }
}

function columnsOf(steps: readonly Step[]): OrderOperations {
  return {
    kind: Uint8Array.from(steps, ({ kind }) => BookOperation[kind]),
    id: BigUint64Array.from(steps, ({ id }) => BigInt(id)),
    side: Uint8Array.from(steps, entry => (entry.kind === 'add' && entry.side === 'sell' ? 1 : 0)),
    price: Float64Array.from(steps, entry =>
      entry.kind === 'cancel' ? Number.NaN : (entry.price ?? Number.NaN) * tick,
    ),
    quantity: Float64Array.from(steps, ({ quantity }) => quantity ?? Number.NaN),
  }
}

function codeOf(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    if (error instanceof TickforgeError) return error.code
    throw error
  }
  return 'nothing was thrown'
}

describe('the order book', () => {
  it('is the plain JavaScript book on random streams, refusals included', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), steps => {
        const [book, plain] = [new OrderBook({ tickSize: tick }), new ReferenceBook()]
        for (const wanted of steps) {
          expect(perform(book, wanted)).toBe(performPlainly(plain, wanted))
          expect(book.queuePosition(wanted.id)?.quantityAhead).toBe(plain.ahead(wanted.id)?.quantityAhead)
          expect(book.queuePosition(wanted.id)?.ordersAhead).toBe(plain.ahead(wanted.id)?.ordersAhead)
        }
        expect(state(book, tick)).toEqual(state(plain, 1))
        const { bids, asks } = plain.depth(1)
        expect(book.best).toEqual({
          bid: (bids[0]?.price ?? Number.NaN) * tick,
          ask: (asks[0]?.price ?? Number.NaN) * tick,
          bidSize: bids[0]?.quantity ?? 0,
          askSize: asks[0]?.quantity ?? 0,
          bidCount: bids[0]?.count ?? 0,
          askCount: asks[0]?.count ?? 0,
        })
      }),
      { numRuns: 150 },
    )
  })

  it('gives the same in batches as one by one, with ids of every kind', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), steps => {
        const single = new OrderBook({ tickSize: tick })
        const accepted = steps.filter(wanted => perform(single, wanted) === null)
        const columns = columnsOf(accepted)
        const ids = [columns.id, Float64Array.from(accepted, entry => entry.id), Uint32Array.from(accepted, e => e.id)]
        for (const id of ids) {
          const batched = new OrderBook({ tickSize: tick })
          batched.apply({ ...columns, id })
          expect(batched.snapshot()).toEqual(single.snapshot())
          expect(batched.best).toEqual(single.best)
        }
      }),
      { numRuns: 60 },
    )
  })

  it('comes back from a snapshot with its queues, and goes on as if nothing had been', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), fc.array(step, { maxLength: 40 }), (before, after) => {
        const book = new OrderBook({ tickSize: tick })
        for (const wanted of before) perform(book, wanted)
        const restored = OrderBook.restore(book.snapshot(), { tickSize: tick })
        expect(restored.best).toEqual(book.best)
        for (const wanted of after) expect(perform(restored, wanted)).toBe(perform(book, wanted))
        expect(restored.snapshot()).toEqual(book.snapshot())
      }),
      { numRuns: 60 },
    )
  })

  it('takes batches longer than its columns', () => {
    const count = 5000
    const book = new OrderBook({ tickSize: tick })
    book.apply({
      kind: new Uint8Array(count).fill(BookOperation.add),
      id: Float64Array.from({ length: count }, (_, at) => at),
      side: new Uint8Array(count),
      price: new Float64Array(count).fill(10),
      quantity: new Float64Array(count).fill(2),
    })
    expect(book.best).toMatchObject({ bid: 10, bidSize: 2 * count, bidCount: count })
    expect(book.queuePosition(4999)).toMatchObject({ quantityAhead: 9998, ordersAhead: 4999 })
  })

  it('stops a batch at the operation that is refused, names it, and keeps those before it', () => {
    const book = new OrderBook({ tickSize: tick })
    const adds = columnsOf(
      Array.from({ length: 2000 }, (_, id) => ({ kind: 'add', id, side: 'buy', price: 1, quantity: 1 })),
    )
    ;(adds.id as BigUint64Array)[1500] = 7n
    expect(() => book.apply(adds)).toThrow(
      expect.objectContaining({
        code: 'ERR_BOOK_DUPLICATE_ORDER',
        details: expect.objectContaining({ operation: 1500 }),
      }),
    )
    expect(book.best.bidCount).toBe(1500)
    expect(codeOf(() => book.apply({ ...adds, kind: new Uint8Array(2000).fill(9) }))).toBe('ERR_BOOK_OPERATION')
    expect(codeOf(() => book.apply({ ...adds, id: adds.id.subarray(1), side: new Uint8Array(2000).fill(2) }))).toBe(
      'ERR_BOOK_OPTION',
    )
    const one = columnsOf([{ kind: 'add', id: 3000, side: 'buy', price: 1, quantity: 1 }])
    expect(codeOf(() => book.apply({ ...one, side: Uint8Array.of(2) }))).toBe('ERR_BOOK_OPERATION')
    expect(book.best.bidCount).toBe(1500)
  })

  it('takes ids of 64 bits, and gives numbers back where they are exact', () => {
    const book = new OrderBook({ tickSize: tick })
    const ids = [0, 2 ** 32, Number.MAX_SAFE_INTEGER, 2n ** 53n, 2n ** 64n - 1n]
    for (const id of ids) book.add(id, 'sell', 5, 1)
    expect(book.ordersAt('sell', 5).map(({ id }) => id)).toEqual(ids)
    expect(book.queuePosition(2n ** 64n - 1n)?.ordersAhead).toBe(4)
    expect(book.cancel(2n ** 32n)).toBe(0)
    expect(book.queuePosition(2 ** 32)).toBeUndefined()
    for (const id of [-1, 0.5, Number.NaN, 2 ** 53, -1n, 2n ** 64n]) {
      expect(codeOf(() => book.add(id, 'sell', 5, 1))).toBe('ERR_BOOK_OPTION')
      expect(codeOf(() => book.queuePosition(id))).toBe('ERR_BOOK_OPTION')
    }
  })

  it('knows prices and quantities by their grid', () => {
    const book = new OrderBook({ tickSize: '0.1', lotSize: 0.001 })
    book.add(1, 'buy', 0.1 + 0.2, 1.005)
    expect(book.best).toMatchObject({ bid: 0.3, bidSize: 1.005 })
    expect(book.cancel(1, 0.002)).toBe(1.003)
    expect(book.level('buy', 0.3)).toEqual({ price: 0.3, quantity: 1.003, count: 1 })
    expect(book.level('sell', 0.3)).toEqual({ price: 0.3, quantity: 0, count: 0 })
    expect(book.levels).toEqual({ bids: 1, asks: 0 })
    expect(codeOf(() => book.add(2, 'buy', 0.35, 1))).toBe('ERR_BOOK_OFF_TICK')
    expect(codeOf(() => book.add(2, 'buy', 0.3, 0.0015))).toBe('ERR_BOOK_OFF_LOT')
    for (const price of [Number.NaN, Number.POSITIVE_INFINITY, 1e300]) {
      expect(codeOf(() => book.add(2, 'buy', price, 1))).toBe('ERR_BOOK_PRICE_OUT_OF_RANGE')
    }
    for (const quantity of [Number.NaN, 0, -1, 1e300, 2 ** 32]) {
      expect(codeOf(() => book.add(2, 'buy', 0.3, quantity))).toBe('ERR_BOOK_QUANTITY')
    }
    expect(codeOf(() => book.add(2, 'long' as 'buy', 0.3, 1))).toBe('ERR_BOOK_OPTION')
    expect(codeOf(() => book.modify(1, { price: Number.NaN }))).toBe('ERR_BOOK_OPTION')
    expect(codeOf(() => book.cancel(1, Number.NaN))).toBe('ERR_BOOK_OPTION')
    expect(codeOf(() => book.cancel(1, 2))).toBe('ERR_BOOK_QUANTITY')
    expect(codeOf(() => book.ordersAt('buy', 0.35))).toBe('ERR_BOOK_OFF_TICK')
    expect(codeOf(() => book.depth(-1))).toBe('ERR_BOOK_OPTION')
    expect(book.best).toMatchObject({ bid: 0.3, bidSize: 1.003, bidCount: 1 })
    for (const tickSize of [0, -1, 'a quarter']) {
      expect(codeOf(() => new OrderBook({ tickSize }))).toMatch(/^ERR_(MODEL_OUT_OF_RANGE|CONFIG_DECIMAL)$/)
    }
  })

  it('refuses a snapshot that is none, cut anywhere, or of another grid', () => {
    const book = new OrderBook({ tickSize: tick })
    book.add(1, 'buy', 4810, 5)
    book.add(2, 'sell', 4811, 5)
    const bytes = book.snapshot()
    for (let length = 0; length < bytes.length; length++) {
      expect(codeOf(() => OrderBook.restore(bytes.subarray(0, length), { tickSize: tick }))).toBe('ERR_BOOK_SNAPSHOT')
    }
    expect(codeOf(() => OrderBook.restore(bytes, { tickSize: 0.5 }))).toBe('ERR_BOOK_SNAPSHOT')
    expect(codeOf(() => OrderBook.restore('TFL3' as never, { tickSize: tick }))).toBe('ERR_BOOK_OPTION')
  })

  it('is empty after clear, and usable', () => {
    const book = new OrderBook({ tickSize: tick })
    book.add(1, 'buy', 1, 1)
    book.clear()
    expect(book.best).toEqual({ bid: Number.NaN, ask: Number.NaN, bidSize: 0, askSize: 0, bidCount: 0, askCount: 0 })
    expect(book.depth(5)).toEqual({ bids: [], asks: [] })
    book.add(1, 'sell', 2, 3)
    expect(book.ask).toBe(2)
    expect(book.bid).toBeNaN()
  })
})
