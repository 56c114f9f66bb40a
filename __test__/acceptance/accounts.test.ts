/** Accounts through the public interface: simulation.md, "Accounting" and "Corporate actions, funding, margin, borrow". */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  type AccountOptions,
  Backtest,
  type Bar,
  type Context,
  csv,
  type Fill,
  fees,
  type InstrumentOptions,
  type OrderReport,
  type Quote,
  type RunOptions,
  Strategy,
  synthetic,
} from '../../src/index.ts'
import { temporaryFolder } from './support.ts'

const folder = temporaryFolder()

/** Trades a signed quantity at the close of each bar, 0 for none, and notes what it knows. */
class Planned extends Strategy {
  static override data = { bars: '1h' }
  readonly seen: { cash: number; equity: number; position: number }[] = []
  readonly told: string[] = []

  private readonly plan: readonly number[]

  constructor(plan: readonly number[]) {
    super()
    this.plan = plan
  }

  override onOrder(report: OrderReport): void {
    const why = report.code ?? report.reason
    if (why !== undefined) this.told.push(why)
  }

  override onFill(fill: Fill): void {
    this.told.push(`${fill.side} ${fill.quantity} at ${fill.price} of order ${fill.order.id}`)
  }

  override onBar(_bar: Bar, ctx: Context): void {
    const { cash, equity, position } = ctx
    const quantity = this.plan[this.seen.length] ?? 0
    this.seen.push({ cash, equity, position })
    if (quantity > 0) ctx.buy({ quantity })
    if (quantity < 0) ctx.sell({ quantity: -quantity })
  }
}

/** Hourly bars that stand at these prices. */
function bars(name: string, prices: readonly number[]): string {
  const file = join(folder, `${name}.csv`)
  const rows = prices.map((p, hour) => `2024-05-22T${String(hour).padStart(2, '0')}:00:00Z,${p},${p},${p},${p},1000000`)
  writeFileSync(file, ['time,open,high,low,close,volume', ...rows].join('\n'))
  return file
}

async function run(
  prices: readonly number[],
  plan: readonly number[],
  account: AccountOptions,
  instrument: Omit<InstrumentOptions, 'symbol'>,
  more: Partial<RunOptions> = {},
) {
  const strategy = new Planned(plan)
  const result = await new Backtest({
    data: csv(bars('flat', prices), { symbol: 'X', timeframe: '1h', label: 'open' }),
    instruments: [{ symbol: 'X', ...instrument }],
    account,
    ...more,
    strategies: { planned: strategy },
  }).run()
  return { result, strategy }
}

describe('an inverse perpetual', () => {
  const terms = { kind: 'perpetual', inverse: true, tickSize: 0.5, multiplier: 100, currency: 'BTC' } as const
  const account = { currency: 'BTC', initialCash: 10 }

  it('settles in coin: quantity × contract value × (1/entry − 1/exit)', async () => {
    // The order of a bar's close executes at the next open: in at 50,000, out at 40,000.
    const prices = [50_000, 50_000, 40_000, 40_000, 40_000]
    const { result, strategy } = await run(prices, [1000, 0, -1000], account, terms)
    expect(strategy.seen[1]).toMatchObject({ position: 1000, cash: 10, equity: 10 })
    expect(strategy.seen[2]!.equity).toBeCloseTo(9.5, 12)
    expect(result.strategies[0]).toMatchObject({ realized: -0.5, cash: 9.5 })
    expect(result.roundTrips[0]).toMatchObject({ entryPrice: 50_000, exitPrice: 40_000 })
    expect(result.outcome.instruments[0]).toMatchObject({ inverse: true, currency: 'BTC' })
  })

  it('pays funding on quantity × contract value / mark, in coin', async () => {
    const cashEvents = { funding: [{ symbol: 'X', time: '2024-05-22T03:30:00Z', rate: 0.0001 }] }
    const { result } = await run([50_000, 50_000, 50_000, 50_000, 50_000], [1000], account, terms, { cashEvents })
    expect(result.cashEvents.map(row => row.amount)).toEqual([-0.0002])
    expect(result.figures.finalEquity).toBe(9.9998)
  })

  it('is refused as anything else than a future or a perpetual', async () => {
    await expect(run([1, 1], [], {}, { kind: 'spot', inverse: true })).rejects.toMatchObject({
      code: 'ERR_FEED_INSTRUMENT_TERMS',
    })
  })
})

describe('a margin account', () => {
  const terms = { kind: 'perpetual', tickSize: 0.01, multiplier: 1 } as const
  const account = { type: 'margin', initialCash: 1000, initialMargin: 0.5, maintenanceMargin: 0.25 } as const
  const venue = { fees: fees.bps({ maker: 0, taker: 10 }) }

  it('refuses what its equity does not cover, and closes what falls below maintenance', async () => {
    // 21 × 100 × 0.5 is more than 1,000. At 55: equity 188.2, maintenance 18 × 55 × 0.25 = 247.5.
    const { result, strategy } = await run([100, 100, 100, 55, 50, 50], [21, 18], account, terms, { venue })
    expect(strategy.told).toEqual(['ERR_RISK_BUYING_POWER', 'buy 18 at 100 of order 2', 'sell 18 at 50 of order 0'])
    expect(result.liquidations).toEqual([
      { time: Date.UTC(2024, 4, 22, 4), account: 'planned', equity: 188.2, maintenance: 247.5 },
    ])
    expect(strategy.seen.at(-1)).toMatchObject({ position: 0, cash: 97.3 })
    expect(result.figures.finalEquity).toBe(97.3)
  })

  it('takes the margin of an instrument before its own', async () => {
    const own = { ...terms, initialMargin: { perContract: 60 } }
    const { strategy } = await run([100, 100, 100], [18], account, own)
    expect(strategy.told).toEqual(['ERR_RISK_BUYING_POWER'])
  })
})

/** Buys a lot every hundredth quote, keeps a bid below the market, and lets the margin end it. */
class Leveraged extends Strategy {
  static override data = { quotes: true }
  quotes = 0
  readonly told: string[] = []

  override onQuote(quote: Quote, ctx: Context): void {
    if (this.quotes++ % 100 === 0) ctx.buy({ quantity: 1 })
    if (this.quotes % 250 === 0) ctx.buy({ quantity: 1, price: quote.bid - 5 })
  }

  override onOrder(report: OrderReport): void {
    if (report.reason === 'liquidation') this.told.push(`${report.order.id}`)
  }

  override onFill(fill: Fill): void {
    if (fill.order.id === 0) this.told.push(`${fill.side} ${fill.quantity} at ${fill.price}`)
  }
}

describe('a liquidation in a full book', () => {
  it('is the same in steps of any size, and cancels orders before it closes', async () => {
    const runs = [1, 128].map(async stepRows => {
      const leveraged = new Leveraged()
      const result = await new Backtest({
        data: synthetic({ records: 200_000, decode: 'inline' }),
        account: { type: 'margin', initialCash: 3000, initialMargin: { perContract: 400 }, maintenanceMargin: 0.0015 },
        stepRows,
        strategies: { leveraged },
      }).run()
      return { told: leveraged.told, liquidations: result.liquidations, hash: result.stateHash }
    })
    const [single, many] = await Promise.all(runs)
    expect(single!.liquidations.length).toBeGreaterThan(0)
    expect(single!.told.some(line => line.startsWith('sell'))).toBe(true)
    expect(many).toEqual(single)
  })
})

describe('a cash account', () => {
  it('buys with what is there and sells what is held', async () => {
    const account = { type: 'cash', initialCash: 1000 } as const
    const { strategy } = await run([100, 100, 100, 100, 100], [-1, 11, 9, -10], account, { kind: 'equity' })
    expect(strategy.told).toEqual([
      'ERR_RISK_SHORT_SALE',
      'ERR_RISK_BUYING_POWER',
      'buy 9 at 100 of order 3',
      'ERR_RISK_SHORT_SALE',
    ])
  })

  it('is refused for contracts, and rates without a margin account', async () => {
    const refused = (account: AccountOptions, kind: 'future' | 'equity') =>
      expect(run([1, 1], [], account, { kind, tickSize: 1, multiplier: 1 })).rejects
    await refused({ type: 'cash' }, 'future').toMatchObject({
      code: 'ERR_BACKTEST_SETTING',
      details: { field: 'account.type' },
    })
    await refused({ initialMargin: 0.5 }, 'equity').toMatchObject({
      code: 'ERR_CONFIG_VALUE',
      details: { field: 'account.type' },
    })
  })
})

describe('lots', () => {
  // "1000 @ 1.07, 1000 @ 1.08, −1000 @ 1.09, 1000 @ 1.08, −2000 @ 1.09": orders execute at the next open.
  const prices = [1, 1.07, 1.08, 1.09, 1.08, 1.09, 1.09]
  const plan = [1000, 1000, -1000, 1000, -2000]

  it.each([
    ['fifo', [20, 10, 10], [1.07, 1.08, 1.08]],
    ['lifo', [10, 10, 20], [1.08, 1.08, 1.07]],
    ['average', [40], [1.076666667]],
  ] as const)('%s gives %j', async (lots, profits, entries) => {
    const { result } = await run(prices, plan, { lots }, { kind: 'equity' })
    expect(result.roundTrips.map(trip => trip.gross)).toEqual(profits)
    expect(result.roundTrips.map(trip => trip.entryPrice)).toEqual(entries)
    expect(result.strategies[0]!.realized).toBe(40)
  })
})
