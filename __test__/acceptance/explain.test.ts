/** `explain` on ten orders of the market maker, against a second reading of the raw records. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import MarketMaker from '../../examples/market-maker.ts'
import {
  Backtest,
  type BacktestResult,
  type DataSource,
  dbn,
  type ExplanationLine,
  type OrderExplanation,
  type TraceOptions,
} from '../../src/index.ts'
import { dbnFile, randomRecords } from './dbn-file.ts'
import { type Followed, follow, type RawRecord, rawRecords } from './raw-records.ts'
import { esh4, temporaryFolder, tickforge } from './support.ts'

const folder = temporaryFolder()
const at = (name: string): string => join(folder, name)

/** A market by order of which the bytes are known. */
async function market(name: string): Promise<{ data: DataSource; records: RawRecord[] }> {
  if (name === 'ESH4') {
    // Copies the records out of the compressed file, byte by byte.
    await tickforge(['convert', esh4 as string, at('esh4.dbn')], folder)
    return { data: dbn(esh4 as string, { symbols: ['ESH4'] }), records: rawRecords(readFileSync(at('esh4.dbn'))) }
  }
  const bytes = dbnFile(randomRecords(20_000, 7), 'ESH4')
  writeFileSync(at('generated.dbn'), bytes)
  return { data: dbn(at('generated.dbn')), records: rawRecords(bytes) }
}

const nanos = (price: number): bigint => BigInt(Math.round(price * 1e9))
const picked = (order: OrderExplanation, ...steps: string[]): ExplanationLine[] =>
  order.lines.filter(({ step }) => steps.includes(step))

describe.each(['ESH4', 'a generated market'])('explain on %s', name => {
  const skip = name === 'ESH4' && esh4 === null
  let records: RawRecord[] = []
  let plain: BacktestResult
  let run: (trace?: TraceOptions) => Promise<BacktestResult>

  beforeAll(async () => {
    if (skip) return
    const found = await market(name)
    records = found.records
    run = async trace =>
      await new Backtest({
        data: found.data,
        instruments: [{ symbol: 'ESH4', kind: 'future', tickSize: 0.25, multiplier: 50, currency: 'USD' }],
        venue: { latency: { type: 'fixed', network: '50us', processing: '10us' } },
        strategies: { maker: new MarketMaker() },
        seed: 42,
      }).run(trace === undefined ? {} : { trace })
    plain = await run()
  })

  const explain = async (order: number): Promise<OrderExplanation> => {
    const result = await run({ order })
    expect(result.stateHash, 'a traced run is the same run').toBe(plain.stateHash)
    return result.explanation?.order as OrderExplanation
  }

  /** The same order in the raw records. */
  const raw = (order: OrderExplanation): Followed => {
    const [arrival] = picked(order, 'arrived')
    const end = picked(order, 'filled', 'canceled').at(-1)
    return follow(records, {
      side: order.side,
      price: nanos(order.price as number),
      from: BigInt(arrival?.time as string),
      to: BigInt(end?.time as string),
    })
  }

  /** Checks what an order that rested met against the records. */
  const check = (order: OrderExplanation): Followed => {
    const found = raw(order)
    const queue = picked(order, 'queue').filter(({ cause }) => cause !== 'left')
    expect(
      queue.map(({ time, ahead, ordersAhead }) => ({ time: BigInt(time), quantity: ahead, orders: ordersAhead })),
      `order ${order.number}: volume ahead at each change`,
    ).toEqual(found.ahead)
    const traded = (lines: ExplanationLine[]) =>
      lines.map(({ time, price, quantity }) => ({
        time: BigInt(time),
        price: nanos(price as number),
        size: quantity as number,
      }))
    expect(traded(picked(order, 'trade')), `order ${order.number}: trades at its price`).toEqual(found.trades)
    const executions = picked(order, 'execution')
    expect(traded(executions.filter(({ cause }) => cause === 'ahead'))).toEqual(found.executedAhead)
    expect(traded(executions.filter(({ cause }) => cause !== 'ahead'))).toEqual(found.executedBehind)
    const crossings = picked(order, 'crossing').map(line => ({
      time: BigInt(line.time),
      order: BigInt(line.record as string),
    }))
    expect(crossings, `order ${order.number}: orders of the other side at its limit`).toEqual(found.crossed)
    return found
  }

  /** Whether an own order traded with the recorded order whose execution passed on to this one. */
  const takenBefore = (order: OrderExplanation, time: string): boolean => {
    const executed = picked(order, 'execution').filter(line => line.time === time && line.cause === 'ahead')
    const ids = new Set(executed.map(({ record }) => BigInt(record as string)))
    const came = records.filter(record => ids.has(record.order) && 'AM'.includes(record.action))
    return plain.fills.some(
      fill =>
        fill.side !== order.side &&
        fill.time * 1e6 < Number(time) &&
        (came.some(({ clock }) => Math.abs(Number(clock) / 1e6 - fill.time) < 1e-3) ||
          (fill.liquidity === 'taker' && fill.price === order.price)),
    )
  }

  it.skipIf(skip)('five that were filled at rest: queue, trades and the volume that filled them', async () => {
    const numbers = [...new Set(plain.fills.filter(fill => fill.liquidity === 'maker').map(({ order }) => order))]
    const orders: OrderExplanation[] = []
    for (const number of numbers) {
      const order = await explain(number)
      // Those that had something to wait for say the most.
      if ((picked(order, 'queue')[0]?.ahead ?? 0) > 0) orders.push(order)
      if (orders.length === 5) break
    }
    expect(orders).toHaveLength(5)
    for (const order of orders) {
      const found = check(order)
      const fills = picked(order, 'filled')
      expect(fills.reduce((sum, { quantity }) => sum + (quantity as number), 0)).toBe(order.filled)
      for (const { time, cause, quantity } of fills) {
        const then = (all: readonly { time: bigint; size: number }[]): number =>
          all.filter(entry => entry.time === BigInt(time)).reduce((sum, { size }) => sum + size, 0)
        const behind = then(found.executedBehind)
        if (cause === 'behind_in_queue' || cause === 'traded_through') {
          expect(behind, `order ${order.number}: executed behind it`).toBeGreaterThanOrEqual(quantity as number)
        } else if (cause === 'other_side_arrived') {
          expect(found.crossed.map(crossing => crossing.time)).toContain(BigInt(time))
        } else if (cause === 'passed_on') {
          expect(then(found.executedAhead)).toBeGreaterThanOrEqual(quantity as number)
          expect(takenBefore(order, time), 'what was executed ahead of it an own order had taken').toBe(true)
        } else {
          expect(cause).toBe('unaccounted')
          expect(then(found.trades)).toBeGreaterThan(behind + then(found.executedAhead))
        }
      }
    }
  })

  it.skipIf(skip)('four that were cancelled: nothing was executed behind them or beyond', async () => {
    const candidates = plain.orders.filter(order => order.status === 'canceled' && order.filled === 0)
    const orders: OrderExplanation[] = []
    for (const { order: number } of candidates) {
      const order = await explain(number)
      // Those whose queue moved say the most.
      if (picked(order, 'queue').length >= 4) orders.push(order)
      if (orders.length === 4) break
    }
    expect(orders).toHaveLength(4)
    for (const order of orders) {
      const found = check(order)
      expect(found.executedBehind, `order ${order.number}`).toEqual([])
      expect(picked(order, 'canceled')[0]?.reason).toMatch(/requested|end_of_run/)
    }
  })

  it.skipIf(skip)('one that took: the price and size of the other side when it arrived', async () => {
    const fill = plain.fills.find(({ liquidity, order }) => liquidity === 'taker' && order > 0)
    const order = await explain(fill?.order as number)
    const [arrival] = picked(order, 'arrived')
    const time = BigInt(arrival?.time as string)
    const { opposite } = follow(records, { side: order.side, price: 0n, from: time, to: time })
    const [first] = picked(order, 'filled')
    expect(first?.cause).toBe('taken')
    expect(nanos(first?.price as number)).toBe(opposite?.price)
    expect(first?.quantity).toBe(Math.min(order.quantity, opposite?.quantity as number))
  })
})
