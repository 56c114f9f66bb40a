/** `tickforge inspect --book --json`: golden digests of ESH4, and of generated files those of a naive book. */
import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { dbnFile, type MboRecord, randomRecords, undefinedPrice } from './dbn-file.ts'
import { esh4, esh4Before, temporaryFolder, tickforge } from './support.ts'

const folder = temporaryFolder()

async function inspect(...files: string[]): Promise<Record<string, unknown>> {
  const { code, out, err } = await tickforge(['inspect', '--book', '--json', ...files], folder)
  expect([err, code]).toEqual(['', 0])
  return JSON.parse(out) as Record<string, unknown>
}

describe('the recorded book of ESH4', () => {
  it.skipIf(esh4 === null)('of the day alone has the golden counts and digests', async () => {
    expect(await inspect(esh4!)).toMatchObject({
      records: 68_792,
      instruments: [
        {
          symbol: 'ESH4',
          records: 68_792,
          actions: { A: 29_216, C: 17_999, M: 12_233, F: 6_371, T: 2_973 },
          volume: 9_892,
          last: 47_022,
          snapshot: 8_725,
          book: {
            bbo_digest: '67ee68616aa2c9b8',
            bbo_changes: 25_440,
            price_changes: 1_701,
            crossed: 891,
            fifo_digest: '6a0dcf11cbb47212',
            orders: 11_217,
            best_bid: { size: 22, orders: 22 },
            best_ask: { size: 28, orders: 18 },
            anomalies: {},
            fault: null,
          },
        },
      ],
    })
  })

  it.skipIf(esh4 === null || esh4Before === null)('of both days has the golden levels', async () => {
    expect(await inspect(esh4Before!, esh4!)).toMatchObject({
      instruments: [
        {
          book: {
            bid_levels: 922,
            ask_levels: 565,
            best_bid: { price: '4810' },
            best_ask: { price: '4810.25' },
            anomalies: {},
          },
        },
      ],
    })
  })
})

interface Resting {
  readonly order: bigint
  side: string
  price: bigint
  size: number
}

/** What the same records come to in the slowest possible book: a list of orders in time priority. */
function naive(records: readonly MboRecord[]): Record<string, unknown> {
  let book: Resting[] = []
  const best = createHash('sha256')
  const touch = (side: string): [bigint, number, number] => {
    const own = book.filter(order => order.side === side)
    if (own.length === 0) return [undefinedPrice, 0, 0]
    const prices = own.map(order => order.price)
    const price = prices.reduce((a, b) => (side === 'B' ? (a > b ? a : b) : a < b ? a : b))
    const level = own.filter(order => order.price === price)
    return [price, level.reduce((sum, { size }) => sum + size, 0), level.length]
  }
  for (const { order, price, size, action, side, flags } of records) {
    const found = book.find(resting => resting.order === order)
    if (action === 'A') book.push({ order, side, price, size })
    if (action === 'C' && found) {
      found.size -= size
      if (found.size === 0) book = book.filter(resting => resting !== found)
    }
    if (action === 'M' && found) {
      if (found.price !== price || size > found.size) book = [...book.filter(resting => resting !== found), found]
      found.price = price
      found.size = size
    }
    if ((flags & 128) === 0) continue
    const [bid, ask] = [touch('B'), touch('A')]
    const bytes = Buffer.alloc(32)
    bytes.writeBigInt64LE(bid[0], 0)
    bytes.writeBigInt64LE(ask[0], 8)
    for (const [at, value] of [bid[1], ask[1], bid[2], ask[2]].entries()) bytes.writeUInt32LE(value, 16 + 4 * at)
    best.update(bytes)
  }
  const queue = createHash('sha256')
  for (const side of ['B', 'A']) {
    const own = book.filter(order => order.side === side)
    const before = (a: Resting, b: Resting): number => Number(side === 'B' ? b.price - a.price : a.price - b.price)
    for (const { order, price, size } of own.sort(before)) {
      const bytes = Buffer.alloc(20)
      bytes.writeBigInt64LE(price, 0)
      bytes.writeBigUInt64LE(order, 8)
      bytes.writeUInt32LE(size, 16)
      queue.update(bytes)
    }
  }
  const digest = (hash: ReturnType<typeof createHash>): string => hash.digest('hex').slice(0, 16)
  const level = ([, size, orders]: [bigint, number, number]): object => ({ size, orders })
  return {
    bbo_digest: digest(best),
    fifo_digest: digest(queue),
    orders: book.length,
    best_bid: level(touch('B')),
    best_ask: level(touch('A')),
    anomalies: {},
    fault: null,
  }
}

describe('the book of a generated file', () => {
  it.each([1, 2, 3])('with seed %i is that of a naive book', async seed => {
    const records = randomRecords(2000, seed)
    const file = join(folder, `generated-${seed}.mbo.dbn`)
    writeFileSync(file, dbnFile(records, 'ESH4'))
    const actions: Record<string, number> = {}
    for (const { action } of records) actions[action] = (actions[action] ?? 0) + 1
    const found = await inspect(file)
    const instrument = { symbol: 'ESH4', actions, book: naive(records) }
    expect(found).toMatchObject({ records: records.length, instruments: [instrument] })
  })
})
