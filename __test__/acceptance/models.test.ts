/** Every model of the venue: named in code and in the file alike, repeated from a run.json, and it does something. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import MarketMaker from '../../examples/market-maker.ts'
import { readConfiguration } from '../../src/backtest/configuration.ts'
import { completeConfiguration } from '../../src/backtest/configuration-complete.ts'
import { repeatConfiguration } from '../../src/backtest/configuration-rerun.ts'
import {
  Backtest,
  type BacktestResult,
  type Bar,
  type Context,
  csv,
  fees,
  impact,
  latency,
  Strategy,
  slippage,
  synthetic,
  type VenueOptions,
} from '../../src/index.ts'
import { temporaryFolder } from './support.ts'

const folder = temporaryFolder()

/** A model by its name, in TypeScript and as the file writes it. */
const models: Record<string, [VenueOptions, string]> = {
  'drawn latency, normal': [
    { latency: latency.normal({ mean: '60us', deviation: '5us', floor: '20us' }) },
    'latency_model: { type: drawn, submit: { type: normal, mean_us: 60, deviation_us: 5, floor_us: 20 } }',
  ],
  'drawn latency, log-normal, cancels apart': [
    {
      latency: latency.drawn({
        submit: { type: 'logNormal', median: '60us', sigma: 0.3, floor: '10us' },
        cancel: '40us',
      }),
    },
    'latency_model: { type: drawn, submit: { type: log_normal, median_us: 60, sigma: 0.3, floor_us: 10 }, cancel: { type: fixed, us: 40 } }',
  ],
  'recorded latency': [
    {
      latency: latency.recorded([
        {
          request: '2024-01-02T09:00:00Z',
          exchange: '2024-01-02T09:00:00.000100Z',
          response: '2024-01-02T09:00:00.000150Z',
        },
        {
          request: '2024-01-02T15:00:00Z',
          exchange: '2024-01-02T15:00:00.000900Z',
          response: '2024-01-02T15:00:00.001000Z',
        },
      ]),
    },
    `latency_model: { type: recorded, rows: [
      { request: '2024-01-02T09:00:00Z', exchange: '2024-01-02T09:00:00.000100Z', response: '2024-01-02T09:00:00.000150Z' },
      { request: '2024-01-02T15:00:00Z', exchange: '2024-01-02T15:00:00.000900Z', response: '2024-01-02T15:00:00.001000Z' } ] }`,
  ],
  'fill chances by size': [
    { fill: { probabilityAtTouch: 0.9, referenceQuantity: 5 } },
    'fill_model: { type: size_aware, fill_probability_at_touch: 0.9, reference_quantity: 5 }',
  ],
  'fill chances by tier': [
    {
      fill: {
        tiers: [
          { upTo: 1, probability: 0.7 },
          { upTo: 10, probability: 0.2 },
        ],
      },
    },
    'fill_model: { type: tiered, tiers: [{ up_to: 1, probability: 0.7 }, { up_to: 10, probability: 0.2 }] }',
  ],
  'fees with a minimum and a maximum': [
    { fees: fees.perContract(0.1, { minimum: 0.5, maximumBps: 100 }) },
    'fees: { type: per_contract, maker: 0.1, taker: 0.1, minimum: 0.5, maximum_bps: 100 }',
  ],
  'fees by traded volume': [
    {
      fees: fees.tiered([
        { from: 0, maker: 1, taker: 2 },
        { from: 1_000_000, maker: -0.5, taker: 1 },
      ]),
    },
    'fees: { type: tiered, tiers: [{ from: 0, maker: 1, taker: 2 }, { from: 1000000, maker: -0.5, taker: 1 }] }',
  ],
  'slippage in basis points': [{ slippage: slippage.bps(2) }, 'slippage: { type: bps, bps: 2 }'],
  'slippage by the spread': [{ slippage: slippage.spread(0.5) }, 'slippage: { type: spread_pct, fraction: 0.5 }'],
  'square-root impact': [
    { impact: impact.squareRoot({ coefficient: 1, dailyVolatility: 0.01, dailyVolume: 100_000 }) },
    'market_impact: { type: square_root, coefficient: 1, daily_volatility: 0.01, daily_volume: 100000 }',
  ],
  'impact of Almgren': [
    {
      impact: impact.almgren({
        dailyVolatility: 0.01,
        dailyVolume: 100_000,
        sharesOutstanding: 1e7,
        duration: 0.1,
        halfLife: '1m',
      }),
    },
    'market_impact: { type: almgren, daily_volatility: 0.01, daily_volume: 100000, shares_outstanding: 10000000, duration: 0.1, half_life_us: 60000000 }',
  ],
}

const stresses: typeof models = {
  'stress: a tick worse': [{ stress: { ticks: 1 } }, 'stress: { ticks: 1 }'],
  'stress: twice the latency': [{ stress: { latency: 2 } }, 'stress: { latency: 2 }'],
  'stress: doubled fees': [{ stress: { fees: 2 } }, 'stress: { fees: 2 }'],
}
Object.assign(models, stresses)

const base: VenueOptions = {
  latency: latency.fixed({ network: '60us' }),
  fees: fees.perContract(0.1),
  fill: { probabilityAtTouch: 0.5 },
}

const makeMarket = (venue: VenueOptions): Promise<BacktestResult> =>
  new Backtest({
    data: synthetic({ seed: 1, records: 100_000, liveOrders: 1000 }),
    venue: { ...base, ...venue },
    strategies: { maker: new MarketMaker() },
    seed: 7,
  }).run()

describe('a model of the venue', () => {
  const plain = makeMarket({})

  it.each(Object.entries(models))('%s changes the run, is told by the result, and repeats', async (_, [venue]) => {
    const [first, again, { stateHash, models: words }] = await Promise.all([
      makeMarket(venue),
      makeMarket(venue),
      plain,
    ])
    expect(first.figures.fills).toBeGreaterThan(0)
    expect(first.stateHash).not.toBe(stateHash)
    expect(again.stateHash).toBe(first.stateHash)
    expect(first.models).not.toEqual(words)
  })

  it.each(Object.entries(models))('%s is written alike in a file, and in a run.json', (_, [venue, line]) => {
    const data = synthetic({ records: 1000 })
    const inCode = completeConfiguration({ data, venue }, [], folder)
    const file = join(folder, 'models.yaml')
    writeFileSync(
      file,
      `backtest:\n  data_source: { type: synthetic, records: 1000 }\n  execution:\n    ${line}\nstrategy: { type: ./a.ts }\n`,
    )
    const { run } = readConfiguration(file)
    expect(completeConfiguration(run, [], folder).venue).toEqual(inCode.venue)
    const repeated = repeatConfiguration(JSON.parse(JSON.stringify(inCode)), 'run.json')
    expect(completeConfiguration(repeated.run, [], folder).venue).toEqual(inCode.venue)
    expect(readFileSync(file, 'utf8')).toContain('execution')
  })
})

/** Buys at the first bar, with a stop. */
class Once extends Strategy {
  static override data = { bars: '1m' }

  override onBar(_bar: Bar, ctx: Context): void {
    if (ctx.position !== 0 || ctx.openOrders.length > 0) return
    ctx.bracket({ side: 'buy', quantity: 100, takeProfit: { price: 103 }, stopLoss: { stopPrice: 98 } })
  }
}

describe('a stressed run', () => {
  it('pays a tick on every contract that it trades, and no more', async () => {
    // Quantities are known beforehand: what the strategy does hangs on no price.
    class Fixed extends Strategy {
      static override data = { quotes: true }
      private count = 0
      onQuote(_: unknown, ctx: Context): void {
        this.count += 1
        if (this.count % 500 === 0) ctx[this.count % 1000 === 0 ? 'sell' : 'buy']({ quantity: 2 })
      }
    }
    const run = (venue: VenueOptions) =>
      new Backtest({
        data: synthetic({ records: 50_000 }),
        venue: { ...base, ...venue },
        strategies: { a: new Fixed() },
      }).run()
    const [plain, worse, dearer] = [
      await run({}),
      await run({ stress: { ticks: 1 } }),
      await run({ stress: { fees: 2 } }),
    ]
    const lots = plain.fills.reduce((sum, fill) => sum + fill.quantity, 0)
    expect(lots).toBeGreaterThan(10)
    // A tick of 0.25 is worth 12.5 of a contract.
    expect(plain.figures.totalPnl - worse.figures.totalPnl).toBeCloseTo(lots * 12.5, 6)
    expect(dearer.figures.fees).toBeCloseTo(2 * plain.figures.fees, 9)
  })
})

describe('a model of bars', () => {
  const file = join(folder, 'minutes.csv')
  // Up through the profit first, then down through the stop, all in the third bar.
  const rows = ['100,100.5,99.5,100,4000', '100,101,99,100,1000', '100,104,97,101,4000', '101,101,101,101,4000']
  const lines = rows.map((row, at) => `2024-01-02T09:3${at}:00Z,${row}`)
  writeFileSync(file, `time,open,high,low,close,volume\n${lines.join('\n')}\n`)
  const run = (venue: VenueOptions): Promise<BacktestResult> =>
    new Backtest({
      data: csv(file, { symbol: 'X', timeframe: '1m', label: 'open' }),
      venue: { latency: latency.fixed({}), ...venue },
      strategies: { once: new Once() },
    }).run()
  const fills = async (venue: VenueOptions): Promise<[number, number][]> =>
    (await run(venue)).fills.slice(0, 3).map(({ quantity, price }) => [quantity, price])

  it('settles stop and limit by the path: the worse one first unless it is told otherwise', async () => {
    expect(await fills({})).toEqual([
      [100, 100],
      [100, 98],
    ])
    expect((await fills({ fill: { barPath: 'ohlc' } }))[1]).toEqual([100, 103])
    expect((await fills({ fill: { barPath: 'adaptive' } }))[1]).toEqual([100, 98])
  })

  it('fills no more of a bar than its volume allows, and the rest later', async () => {
    // A fortieth of 1,000, then of 4,000: 25, and 75 of the 100 that would be allowed.
    const result = await run({ fill: { volumeLimit: 0.025 } })
    expect(result.fills.slice(0, 2).map(fill => fill.quantity)).toEqual([25, 75])
    expect(result.models['volume limit']).toBe("0.025 of a bar's volume")
  })

  it('worsens a fill by its share of the volume', async () => {
    // 100 of 1,000: a tenth, squared, times 0.1: 0.1 % of 100.
    expect((await fills({ slippage: slippage.volumeShare(0.1) }))[0]).toEqual([100, 100.1])
  })
})
