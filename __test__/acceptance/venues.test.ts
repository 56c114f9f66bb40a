/** Several venues in one run: costs and latencies by the venue that an instrument names. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseConfiguration } from '../../src/backtest/configuration.ts'
import { completeConfiguration } from '../../src/backtest/configuration-complete.ts'
import { repeatConfiguration } from '../../src/backtest/configuration-rerun.ts'
import {
  Backtest,
  type Context,
  csv,
  fees,
  latency,
  type OrderReport,
  type RunOptions,
  Strategy,
  type Trade,
} from '../../src/index.ts'
import { temporaryFolder } from './support.ts'

const folder = temporaryFolder()

/** Buys one of each at the first trade, and notes what comes back and when, in milliseconds. */
class Both extends Strategy {
  static override data = { trades: true }
  readonly told: string[] = []
  private start = 0

  override onTrade(_trade: Trade, ctx: Context): void {
    if (this.start > 0) return
    this.start = ctx.time
    for (const instrument of ctx.instruments) instrument.buy({ quantity: 1, price: 90 })
  }

  override onOrder(report: OrderReport): void {
    this.told.push(`${report.symbol} ${report.kind} after ${report.time - this.start} ms`)
  }
}

/** A trade a second at these prices. */
function trades(symbol: string, prices: readonly number[]): string {
  const file = join(folder, `${symbol}.csv`)
  const rows = prices.map((price, second) => `2024-05-22T00:00:0${second}Z,${price},10`)
  writeFileSync(file, ['time,price,size', ...rows].join('\n'))
  return file
}

const prices = [100, 100, 80, 80, 80]
const options: RunOptions = {
  data: ['FAR1', 'NEAR1'].map(symbol => csv(trades(symbol, prices), { symbol })),
  instruments: ['FAR1', 'NEAR1'].map(symbol => ({
    symbol,
    kind: 'future',
    tickSize: 1,
    multiplier: 1,
    venue: symbol.slice(0, -1),
    currency: 'USD',
  })),
  venue: { latency: latency.fixed({ network: '100ms' }), fees: fees.bps({ maker: 10, taker: 10 }) },
  venues: { NEAR: { latency: latency.fixed({ network: '20ms' }), fees: fees.perContract(0.5) } },
}

describe('two venues in one run', () => {
  it('are apart in latency and fees, and no way waits for the other', async () => {
    const strategy = new Both()
    const result = await new Backtest({ ...options, strategies: { both: strategy } }).run()
    // FAR1 was sent first, NEAR1 is heard first.
    expect(strategy.told).toEqual(['NEAR1 accepted after 40 ms', 'FAR1 accepted after 200 ms'])
    const charged = result.fills.map(({ symbol, price, fee }) => [symbol, price, fee])
    expect(charged.sort()).toEqual([
      ['FAR1', 90, 0.09],
      ['NEAR1', 90, 0.5],
    ])
    expect(result.models['latency']).toContain('NEAR: ')
    // The step size changes nothing.
    const one = await new Backtest({ ...options, stepRows: 1, strategies: { both: new Both() } }).run()
    expect(one.stateHash).toBe(result.stateHash)
  })

  it('are stressed together', async () => {
    const strategy = new Both()
    const stressed = { ...options, venue: { ...options.venue, stress: { latency: 2, fees: 2 } } }
    const result = await new Backtest({ ...stressed, strategies: { both: strategy } }).run()
    expect(strategy.told).toEqual(['NEAR1 accepted after 80 ms', 'FAR1 accepted after 400 ms'])
    expect(result.figures.fees).toBeCloseTo(1.18, 9)
  })

  it('survive a file and run.json', () => {
    const file = `
backtest:
  data_source: { type: synthetic }
  execution: { fees: { type: bps, maker: 1, taker: 2 }, latency_model: { type: fixed, network_latency_us: 100 } }
  venues:
    my_venue: { fees: { type: bps, maker: -1, taker: 5 } }
strategy: { type: quoter.ts }
`
    const { run } = parseConfiguration(file, '/base/backtest.yaml')
    const completed = completeConfiguration(run, [{ name: 'quoter' }], '/base')
    expect(completed.venues).toEqual({
      my_venue: { ...completed.venue, fees: { type: 'bps', maker: '-1', taker: '5' } },
    })
    const again = repeatConfiguration(JSON.parse(JSON.stringify(completed)), 'run.json')
    expect(completeConfiguration(again.run, [{ name: 'quoter' }], '/base').venues).toEqual(completed.venues)
  })

  it('are refused where no instrument has the name, and with a model of their own beside that of the run', async () => {
    const none = new Backtest({ ...options, venues: { MOON: {} }, strategies: { both: new Both() } })
    await expect(none.run()).rejects.toMatchObject({ details: { field: 'venues', value: 'MOON' } })
    const own = fees.custom(() => 1, { name: 'own' })
    const field = 'venues.NEAR.fees'
    expect(
      () => new Backtest({ ...options, venues: { NEAR: { fees: own } }, strategies: { both: new Both() } }),
    ).toThrow(expect.objectContaining({ details: expect.objectContaining({ field }) }))
    const wrong = { NEAR: { fees: fees.bps({ maker: 1, taker: Number.NaN }) } }
    expect(() => new Backtest({ ...options, venues: wrong, strategies: { both: new Both() } })).toThrow(
      expect.objectContaining({ details: expect.objectContaining({ field: 'venues.NEAR.fees.taker' }) }),
    )
  })
})
