/** The simulator against real orders, through the public interface and the program. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import MarketMaker from '../../examples/market-maker.ts'
import {
  Backtest,
  type Calibration,
  calibrate,
  calibratedQueue,
  calibrationSnippet,
  dbn,
  queue,
  TickforgeError,
} from '../../src/index.ts'
import { dbnFile, type MboRecord } from './dbn-file.ts'
import { esh4, marketMakerFile, temporaryFolder, tickforge } from './support.ts'

const folder = temporaryFolder()
const file = join(folder, 'market.mbo.dbn')

/** A market in price-time priority: orders come behind the touch, are cancelled, and are taken from the front. */
function market(count: number, seed: number): MboRecord[] {
  let state = seed
  const random = (below: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
  const live = new Map<bigint, { side: 'B' | 'A'; tick: number; size: number }>()
  const records: MboRecord[] = []
  let next = 1n
  let time = 1704205800000000000n
  const front = (side: 'B' | 'A'): [bigint, { tick: number; size: number }] | undefined =>
    [...live]
      .filter(([, order]) => order.side === side)
      .sort(([, a], [, b]) => (side === 'B' ? b.tick - a.tick : a.tick - b.tick))[0]
  const write = (
    action: MboRecord['action'],
    side: 'B' | 'A',
    order: bigint,
    tick: number,
    size: number,
    last: boolean,
  ) => records.push({ order, price: BigInt(tick) * 250_000_000n, size, action, side, flags: last ? 128 : 0, time })
  while (records.length < count) {
    time += BigInt(random(400_000_000) + 1)
    const side = random(2) === 0 ? 'B' : 'A'
    const other = side === 'B' ? 'A' : 'B'
    const touch = front(other)?.[1].tick ?? 19_200
    const kind = random(10)
    const best = front(other)
    if (kind < 5 || live.size < 20) {
      const tick = touch + (side === 'B' ? -1 : 1) * (1 + random(3))
      const size = 1 + random(4)
      live.set(next, { side, tick, size })
      write('A', side, next, tick, size, true)
      next += 1n
    } else if (kind < 8) {
      const ids = [...live.keys()]
      const id = ids[random(ids.length)]!
      const order = live.get(id)!
      live.delete(id)
      write('C', order.side, id, order.tick, order.size, true)
    } else if (best !== undefined) {
      const [id, order] = best
      const size = Math.min(order.size, 1 + random(3))
      order.size -= size
      if (order.size === 0) live.delete(id)
      write('T', side, 1_000_000n + BigInt(records.length), order.tick, size, false)
      write('F', other, id, order.tick, size, false)
      write('C', other, id, order.tick, size, true)
    }
  }
  return records
}

const terms = { tickSize: '0.25' } as const
let found: Calibration

beforeAll(async () => {
  writeFileSync(file, dbnFile(market(8_000, 3), 'TEST'))
  found = await calibrate(file, terms)
}, 60_000)

describe('calibrate', () => {
  it('scores the exact queue and every model of levels on the half that nothing was fitted on', () => {
    expect(found).toMatchObject({
      source: 'market.mbo.dbn',
      symbol: 'TEST',
      lost: 0,
      window: 600_000_000_000,
      seed: 42,
    })
    const names = ['l3', 'riskAverse', 'log', 'log2', 'power', 'power2', 'power3']
    expect(found.models.map(({ model }) => model)).toEqual(names)
    const exact = found.models[0]!.secondHalf
    expect(exact.filledAsPredicted).toBeGreaterThan(100)
    expect(exact.filledInSimulationOnly).toBe(0)
    expect(exact.agreement).toBeGreaterThan(0.97)
    for (const { model, exponent, secondHalf } of found.models) {
      expect(exponent === null).toBe(!model.startsWith('power'))
      expect(secondHalf.orders).toBe(found.halves[1])
      expect(secondHalf.actualMarkOut).toEqual(exact.actualMarkOut)
    }
  })

  it('is the same again, and another sample with another seed', async () => {
    expect(await calibrate(file, terms)).toEqual(found)
    const other = await calibrate(file, { ...terms, orders: 500, seed: 1, window: '1m', levels: 1 })
    expect(other).toMatchObject({ orders: 500, seed: 1, window: 60_000_000_000, levels: 1 })
  })

  it('tells how far it is and stops on a signal', async () => {
    const abort = new AbortController()
    const fractions: number[] = []
    const work = calibrate(file, {
      ...terms,
      orders: 100_000,
      signal: abort.signal,
      onProgress: ({ fraction }) => {
        fractions.push(fraction)
        abort.abort(new DOMException('enough', 'AbortError'))
      },
    })
    await expect(work).rejects.toMatchObject({ name: 'AbortError' })
    expect(fractions[0]).toBeLessThan(1)
  })

  it.each([
    ['an unknown option', { levles: 3 }, 'ERR_CONFIG_UNKNOWN_KEY', "did you mean 'levels'"],
    ['no order', { orders: 0 }, 'ERR_CONFIG_VALUE', 'orders'],
    ['a window that is none', { window: 'long' }, 'ERR_CONFIG_DURATION', 'window'],
    ['terms that nobody knows', { tickSize: undefined }, 'ERR_FEED_INSTRUMENT_TERMS', 'TEST'],
    ['another symbol', { symbol: 'OTHER' }, 'ERR_FEED_UNKNOWN_SYMBOL', 'OTHER'],
  ])('refuses %s', async (_, options, code, words) => {
    const given = Object.entries({ ...terms, ...options }).filter(([, value]) => value !== undefined)
    const error = await calibrate(file, Object.fromEntries(given)).catch((failure: unknown) => failure)
    expect(error).toBeInstanceOf(TickforgeError)
    expect(error).toMatchObject({ code, message: expect.stringContaining(words) as string })
  })

  it('refuses data that shows no orders', async () => {
    const prices = join(folder, 'prices.csv')
    writeFileSync(prices, 'time,open,high,low,close\n2024-01-02,1,1,1,1\n')
    await expect(calibrate(prices, terms)).rejects.toMatchObject({ code: 'ERR_FEED_FORMAT' })
  })
})

describe('a calibrated model in a run', () => {
  const run = async (venue: ConstructorParameters<typeof Backtest>[0]['venue']) =>
    await new Backtest({
      data: dbn(file),
      instruments: [{ symbol: 'TEST', kind: 'future', tickSize: '0.25', multiplier: 50, currency: 'USD' }],
      strategies: { maker: new MarketMaker() },
      ...(venue === undefined ? {} : { venue }),
    }).run()

  it('cites its error in summary, honesty and run.json, and changes nothing else', async () => {
    const calibrated = calibratedQueue(found, 'l3')
    const [plain, cited] = [await run({ queue: queue.l3() }), await run({ queue: calibrated })]
    expect(cited.stateHash).toBe(plain.stateHash)
    expect(plain.honesty.queueCalibration).toBeNull()
    expect(cited.honesty.queueCalibration).toEqual(calibrated.calibration)
    const share = `${(found.models[0]!.secondHalf.agreement! * 100).toFixed(2)} % of ${found.halves[1]} real orders of TEST`
    expect(cited.summary()).toContain(share)
    expect(plain.summary()).not.toContain('real orders')
    expect(cited.configuration.venue.queueCalibration).toEqual(calibrated.calibration)
  })

  it('is refused where its error is impossible or stands without a model', async () => {
    const calibrated = calibratedQueue(found, 'l3')
    const impossible = { ...calibrated, calibration: { ...calibrated.calibration!, agreement: 1.5 } }
    await expect(run({ queue: impossible })).rejects.toMatchObject({ code: 'ERR_CONFIG_VALUE' })
  })
})

describe('tickforge calibrate', () => {
  it('prints the scorecard and writes a piece of configuration that a run uses', async () => {
    const words = ['calibrate', file, '--tick-size', '0.25', '--out', 'queue.yaml', '--model', 'l3']
    const { code, out, err } = await tickforge(words, folder)
    expect([code, err]).toEqual([0, 'the queue model l3 is in queue.yaml\n'])
    expect(out).toMatch(/^l3 +\d\d\.\d\d %/m)
    expect(out).toMatch(/^power3 [\d.]+ +\d\d\.\d\d %/m)
    const snippet = readFileSync(join(folder, 'queue.yaml'), 'utf8')
    expect(snippet).toBe(calibrationSnippet(found, 'l3'))
    const whole = `${snippet}  data_source: { type: databento, files: [market.mbo.dbn] }
  instruments: [{ symbol: TEST, kind: future, tick_size: 0.25, multiplier: 50, currency: USD }]
strategy: { type: ${JSON.stringify(marketMakerFile)} }
`
    writeFileSync(join(folder, 'run.yaml'), whole)
    const ran = await tickforge(['run', 'run.yaml', '--no-report', '--out', 'results'], folder)
    expect(ran.code).toBe(0)
    expect(ran.out).toContain(`real orders of TEST (market.mbo.dbn)`)
    const again = await tickforge(['run', 'results/run.json', '--verify', '--no-report'], folder)
    expect(again.code).toBe(0)
  })

  it('gives one JSON document, and errors with their codes', async () => {
    const json = await tickforge(['calibrate', file, '--tick-size', '0.25', '--json'], folder)
    expect([json.code, json.err, JSON.parse(json.out)]).toEqual([0, '', found])
    const failed = await tickforge(['calibrate', file, '--json'], folder)
    expect(failed.code).toBe(1)
    expect(JSON.parse(failed.out).error.code).toBe('ERR_FEED_INSTRUMENT_TERMS')
  })

  it('stops on Ctrl-C and writes nothing', async () => {
    const words = ['calibrate', file, '--tick-size', '0.25', '--orders', '100000', '--window', '1h', '--out', 'no.yaml']
    const { code, err } = await tickforge(words, folder, child => setTimeout(() => child.kill('SIGINT'), 400))
    expect([code, err]).toEqual([130, 'error: interrupted\n'])
    expect(existsSync(join(folder, 'no.yaml'))).toBe(false)
  })

  it.skipIf(esh4 === null)('knows the terms of ESH4', async () => {
    const { code, out } = await tickforge(['calibrate', esh4!, '--orders', '500', '--json'], folder)
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject({ symbol: 'ESH4', tickSize: '0.25', orders: 500, records: 68_792 })
  })
})
