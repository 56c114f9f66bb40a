import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LevelBook, QuoteBook, TickforgeError } from '../src/core/index.ts'

const tickSize = 0.01

const level = fc.record({
  side: fc.constantFrom('buy' as const, 'sell' as const),
  ticks: fc.integer({ min: -6, max: 6 }),
  quantity: fc.integer({ min: 0, max: 4 }),
  count: fc.integer({ min: 0, max: 3 }),
})

function codeOf(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    if (error instanceof TickforgeError) return error.code
    throw error
  }
  return 'nothing was thrown'
}

describe('the book of levels', () => {
  it('is a map of prices on random streams, one by one and in a batch', () => {
    fc.assert(
      fc.property(fc.array(level, { maxLength: 80 }), levels => {
        const [single, batched] = [new LevelBook({ tickSize }), new LevelBook({ tickSize })]
        const plain = { buy: new Map<number, [number, number]>(), sell: new Map<number, [number, number]>() }
        for (const { side, ticks, quantity, count } of levels) {
          single.set(side, ticks * tickSize, quantity, count)
          if (quantity === 0) plain[side].delete(ticks)
          else plain[side].set(ticks, [quantity, count])
        }
        batched.apply({
          side: Uint8Array.from(levels, ({ side }) => (side === 'buy' ? 0 : 1)),
          price: Float64Array.from(levels, ({ ticks }) => ticks * tickSize),
          quantity: Float64Array.from(levels, ({ quantity }) => quantity),
          count: Uint32Array.from(levels, ({ count }) => count),
        })
        const wanted = (side: 'buy' | 'sell'): unknown =>
          [...plain[side]]
            .sort(([a], [b]) => (side === 'buy' ? b - a : a - b))
            .map(([ticks, [quantity, count]]) => ({ price: ticks / 100, quantity, count }))
        expect(single.depth(100)).toEqual({ bids: wanted('buy'), asks: wanted('sell') })
        expect(single.levels).toEqual({ bids: plain.buy.size, asks: plain.sell.size })
        expect(batched.snapshot()).toEqual(single.snapshot())
        expect(LevelBook.restore(single.snapshot(), { tickSize }).depth(100)).toEqual(single.depth(100))
      }),
      { numRuns: 80 },
    )
  })

  it('takes a batch without numbers of orders, longer than its columns', () => {
    const book = new LevelBook({ tickSize })
    const price = Float64Array.from({ length: 3000 }, (_, at) => at / 100)
    book.apply({ side: new Uint8Array(3000), price, quantity: new Float64Array(3000).fill(2) })
    expect(book.levels.bids).toBe(3000)
    expect(book.best).toMatchObject({ bid: 29.99, bidSize: 2, bidCount: 0 })
  })

  it('refuses what no level can be, and stays as it was', () => {
    const book = new LevelBook({ tickSize })
    book.set('buy', 1, 5, 2)
    expect(codeOf(() => book.set('buy', 1.001, 5))).toBe('ERR_BOOK_OFF_TICK')
    expect(codeOf(() => book.set('buy', Number.NaN, 5))).toBe('ERR_BOOK_PRICE_OUT_OF_RANGE')
    expect(codeOf(() => book.set('buy', 1, -1))).toBe('ERR_BOOK_QUANTITY')
    expect(codeOf(() => book.set('buy', 1, 1.5))).toBe('ERR_BOOK_OFF_LOT')
    expect(codeOf(() => book.set('buy', 1, 1, 0.5))).toBe('ERR_BOOK_OPTION')
    expect(codeOf(() => LevelBook.restore(new Uint8Array(9), { tickSize }))).toBe('ERR_BOOK_SNAPSHOT')
    expect(book.depth(2)).toEqual({ bids: [{ price: 1, quantity: 5, count: 2 }], asks: [] })
    book.clear()
    expect(book.levels).toEqual({ bids: 0, asks: 0 })
  })
})

describe('the book of best prices', () => {
  it('takes whole quotes and single sides', () => {
    const book = new QuoteBook({ tickSize })
    book.update({ bid: 1.01, bidSize: 3, bidCount: 1, ask: 1.02, askSize: 4 })
    expect(book.best).toEqual({ bid: 1.01, ask: 1.02, bidSize: 3, askSize: 4, bidCount: 1, askCount: 0 })
    book.set('sell', Number.NaN, 0)
    expect(book.levels).toEqual({ bids: 1, asks: 0 })
    book.apply({ side: Uint8Array.of(0, 1), price: Float64Array.of(1, 2), quantity: Float64Array.of(5, 6) })
    expect(book.depth(3)).toEqual({
      bids: [{ price: 1, quantity: 5, count: 0 }],
      asks: [{ price: 2, quantity: 6, count: 0 }],
    })
    expect(book.level('sell', 2)).toEqual({ price: 2, quantity: 6, count: 0 })
    expect(book.level('sell', 3)).toEqual({ price: 3, quantity: 0, count: 0 })
    expect(QuoteBook.restore(book.snapshot(), { tickSize }).best).toEqual(book.best)
    book.update({})
    expect(book.best.bid).toBeNaN()
  })

  it('refuses a quote whole', () => {
    const book = new QuoteBook({ tickSize })
    book.update({ bid: 1.01, bidSize: 3, ask: 1.02, askSize: 4 })
    expect(codeOf(() => book.update({ bid: 2, bidSize: 1, ask: 3, askSize: -1 }))).toBe('ERR_BOOK_QUANTITY')
    expect(codeOf(() => book.update({ bid: 2, bidSize: 1, ask: 3.001, askSize: 1 }))).toBe('ERR_BOOK_OFF_TICK')
    expect(book.best).toMatchObject({ bid: 1.01, ask: 1.02 })
  })
})
