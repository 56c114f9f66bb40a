/** The same inputs give the same state hash; another seed, latency, fill probability, queue or impact another one. */
import { describe, expect, it } from 'vitest'
import MarketMaker from '../../examples/market-maker.ts'
import type { RunOptions } from '../../src/backtest/configuration-types.ts'
import { Backtest, type BacktestResult, type DataSource, dbn, synthetic } from '../../src/index.ts'
import { esh4 } from './support.ts'

type Changes = Partial<RunOptions> & { venue?: RunOptions['venue'] }

const decoded = [
  ['ESH4', (decode: 'inline' | 'thread') => dbn(esh4 as string, { symbols: ['ESH4'], decode })],
  [
    'a generated market',
    (decode: 'inline' | 'thread') => synthetic({ seed: 1, records: 200_000, liveOrders: 1000, decode }),
  ],
] as const

const base = (data: DataSource): RunOptions => ({
  data,
  account: { currency: 'USD', initialCash: 100_000 },
  venue: {
    latency: { type: 'fixed', network: '50us', processing: '10us' },
    fill: { probabilityAtTouch: 0.5 },
    queue: 'proRata',
    impact: { type: 'linear', bpsPerMillion: 0.5 },
  },
  riskLimits: { maxPosition: 100, maxOrderSize: 50, maxLoss: 10_000, maxOrdersPerSecond: 100 },
  seed: 42,
})

describe.each(decoded)('a market maker on %s', (name, source) => {
  const skip = name === 'ESH4' && esh4 === null
  let first: Promise<BacktestResult> | undefined
  const run = (changes: Changes = {}, decode: 'inline' | 'thread' = 'thread'): Promise<BacktestResult> => {
    const options = base(source(decode))
    return new Backtest({
      ...options,
      ...changes,
      venue: { ...options.venue, ...changes.venue },
      strategies: { maker: new MarketMaker() },
    }).run()
  }
  const reference = (): Promise<BacktestResult> => {
    first ??= run()
    return first
  }

  it.skipIf(skip)('submits at least 500 orders, with 50 fills of which 5 take, and cancels in flight', async () => {
    const { figures, orders } = await reference()
    expect(figures.orders).toBeGreaterThanOrEqual(500)
    expect(figures.fills).toBeGreaterThanOrEqual(50)
    expect(figures.takerFills).toBeGreaterThanOrEqual(5)
    // A cancel that came too late found its order filled: it was in flight when the fill happened.
    expect(figures.tooLate).toBeGreaterThanOrEqual(1)
    expect(orders.filter(({ status }) => status === 'canceled').length).toBeGreaterThanOrEqual(100)
  })

  it.skipIf(skip)('has the same state hash ten times', async () => {
    const { stateHash } = await reference()
    expect(stateHash).toMatch(/^[0-9a-f]{64}$/)
    for (let time = 1; time < 10; time += 1) expect((await run()).stateHash).toBe(stateHash)
  })

  it.skipIf(skip)('has it with one row a step and with full steps, decoded inline and on a thread', async () => {
    const { stateHash } = await reference()
    const steps: number[] = []
    for (const decode of ['inline', 'thread'] as const) {
      for (const stepRows of [1, 7, 128]) {
        const result = await run({ stepRows }, decode)
        expect(result.stateHash, `${decode}, ${stepRows} rows a step`).toBe(stateHash)
        steps.push(result.facts.steps)
      }
    }
    // The setting does something: full steps are fewer.
    expect(steps[0]).toBeGreaterThan(steps[2] as number)
  })

  it.skipIf(skip)('has it in debug mode', async () => {
    const options = base(source('inline'))
    const result = await new Backtest({ ...options, strategies: { maker: new MarketMaker() }, debug: true }).run()
    expect(result.stateHash).toBe((await reference()).stateHash)
  })

  it.skipIf(skip).each<[string, Changes]>([
    ['seed', { seed: 43 }],
    ['latency', { venue: { latency: { type: 'fixed', network: '51us', processing: '10us' } } }],
    ['fill probability', { venue: { fill: { probabilityAtTouch: 0.6 } } }],
    ['queue model', { venue: { queue: 'l3' } }],
    ['impact', { venue: { impact: { type: 'linear', bpsPerMillion: 0.6 } } }],
    ['fees', { venue: { fees: { type: 'perContract', maker: 0.85, taker: 0.85 } } }],
  ])('has another with another %s', async (_, changes) => {
    const [changed, { stateHash }] = await Promise.all([run(changes), reference()])
    expect(changed.figures.fills).toBeGreaterThan(0)
    expect(changed.stateHash).not.toBe(stateHash)
  })
})
