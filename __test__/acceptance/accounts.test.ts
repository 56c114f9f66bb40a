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
  type InstrumentOptions,
  type RunOptions,
  Strategy,
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
