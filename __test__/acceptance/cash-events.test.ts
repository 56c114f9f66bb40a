/** Dividends, funding and borrow through the public interface: simulation.md, "Corporate actions, funding, margin, borrow". */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Backtest, type Bar, type CashEventOptions, type Context, csv, Strategy } from '../../src/index.ts'
import { temporaryFolder } from './support.ts'

const folder = temporaryFolder()

/** Buys at the first bar, and notes the cash that it knows at each. */
class Holder extends Strategy {
  static override data = { bars: '1d' }
  readonly cash: [string, number][] = []

  private readonly quantity: number

  constructor(quantity: number) {
    super()
    this.quantity = quantity
  }

  override onBar(bar: Bar, ctx: Context): void {
    if (this.cash.length === 0) {
      if (this.quantity > 0) ctx.buy({ quantity: this.quantity })
      else ctx.sell({ quantity: -this.quantity })
    }
    this.cash.push([new Date(bar.closeTime).toISOString().slice(0, 10), ctx.cash])
  }
}

async function run(quantity: number, price: number, cashEvents: CashEventOptions) {
  const file = join(folder, 'flat.csv')
  const days = ['22', '23', '24', '28', '29', '30', '31']
  const rows = days.map(day => `2024-05-${day},${price},${price},${price},${price},1000000`)
  writeFileSync(file, ['time,open,high,low,close,volume', ...rows].join('\n'))
  const holder = new Holder(quantity)
  const result = await new Backtest({
    data: csv(file, { symbol: 'X', timeframe: '1d', label: 'session' }),
    account: { initialCash: 100_000 },
    cashEvents,
    strategies: { holder },
  }).run()
  return { result, cash: Object.fromEntries(holder.cash) }
}

const dividends = [{ symbol: 'X', exDate: '2024-05-28', payDate: '2024-05-30', amount: 0.24 }]

describe('cash events', () => {
  it('pay a dividend on its day, and the strategy knows of it from then on', async () => {
    const { result, cash } = await run(100, 50, { adjustment: 'raw', dividends })
    expect(result.cashEvents).toEqual([
      {
        time: Date.UTC(2024, 4, 30, 4),
        kind: 'dividend',
        account: 'holder',
        symbol: 'X',
        quantity: 100,
        price: 0.24,
        amount: 24,
      },
    ])
    expect(cash).toMatchObject({ '2024-05-29': 95_000, '2024-05-30': 95_024, '2024-05-31': 95_024 })
    expect(result.figures.finalEquity).toBe(100_024)
    expect(result.strategies[0]!.realized).toBe(0)
  })

  it('let shorts pay the dividend and the borrow of every calendar day', async () => {
    const borrow = [{ symbol: 'X', bps: 100 }]
    const { result } = await run(-100, 100, { adjustment: 'split', dividends, borrow })
    const of = (kind: string) => result.cashEvents.filter(row => row.kind === kind).map(row => row.amount)
    expect(of('dividend')).toEqual([-24])
    // "Short 10,000 at 100 bps → .27397 a day", from the 24th to the 31st.
    expect(of('borrow')).toEqual(Array.from({ length: 8 }, () => -0.273972603))
  })

  it('split the position, pay the fraction in cash, and tell the strategy before the first row in new units', async () => {
    const file = join(folder, 'split.csv')
    const days = ['22', '23', '24', '28', '29', '30', '31']
    const rows = days.map((day, at) => {
      const price = at < 4 ? 50 : 500
      return `2024-05-${day},${price},${price},${price},${price},1000000`
    })
    writeFileSync(file, ['time,open,high,low,close,volume', ...rows].join('\n'))
    const seen: [number, number][] = []
    class Keeper extends Holder {
      override onBar(bar: Bar, ctx: Context): void {
        super.onBar(bar, ctx)
        seen.push([bar.close, ctx.position])
        // What is known at a row is of one kind of units.
        expect(ctx.equity).toBe(100_000)
      }
    }
    const options = {
      data: csv(file, { symbol: 'X', timeframe: '1d', label: 'session' }),
      account: { initialCash: 100_000 },
      cashEvents: { adjustment: 'raw', splits: [{ symbol: 'X', date: '2024-05-29', ratio: '1:10' }] },
    } as const
    const result = await new Backtest({ ...options, strategies: { keeper: new Keeper(105) } }).run()
    expect(seen).toEqual([
      [50, 0],
      [50, 105],
      [50, 105],
      [50, 105],
      [500, 10],
      [500, 10],
      [500, 10],
    ])
    expect(result.cashEvents).toMatchObject([{ kind: 'split', quantity: 105, price: 500, amount: 250 }])
    expect(result.figures.finalEquity).toBe(100_000)
    const again = await new Backtest({ ...options, strategies: { keeper: new Keeper(105) } }).run()
    expect(again.stateHash).toBe(result.stateHash)
  })

  it('refuse dividends without an adjustment, or on prices that hold them', async () => {
    for (const adjustment of [undefined, 'total'] as const) {
      await expect(run(100, 50, { ...(adjustment && { adjustment }), dividends })).rejects.toMatchObject({
        code: 'ERR_CONFIG_VALUE',
        details: { field: 'cashEvents.adjustment' },
      })
    }
  })
})
