/** Long and short of one instrument apart, through the public interface. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  type AccountOptions,
  Backtest,
  type BacktestOptions,
  type Bar,
  type Context,
  csv,
  type Fill,
  latency,
  type OrderReport,
  Strategy,
  synthetic,
} from '../../src/index.ts'
import { temporaryFolder } from './support.ts'

const folder = temporaryFolder()

/** Does at each bar what a test says. */
class Script extends Strategy {
  static override data = { bars: '1d' }
  readonly seen: [long: number, short: number, position: number][] = []
  readonly codes: (string | undefined)[] = []
  readonly fills: [side: string, quantity: number, position: number][] = []
  private at = 0
  private readonly steps: readonly ((ctx: Context) => void)[]

  constructor(...steps: ((ctx: Context) => void)[]) {
    super()
    this.steps = steps
  }

  override onBar(_bar: Bar, ctx: Context): void {
    this.seen.push([ctx.long.quantity, ctx.short.quantity, ctx.position])
    this.steps[this.at]?.(ctx)
    this.at += 1
  }

  override onOrder(report: OrderReport): void {
    if (report.code !== undefined) this.codes.push(report.code)
  }

  override onFill(fill: Fill): void {
    this.fills.push([fill.side, fill.quantity, fill.position])
  }
}

function backtestOptions(script: Script, prices: readonly number[], account: AccountOptions, closeAtEnd = false) {
  const file = join(folder, 'bars.csv')
  const rows = prices.map((price, day) => `2024-01-${10 + day},${price},${price},${price},${price},100000`)
  writeFileSync(file, ['time,open,high,low,close,volume', ...rows].join('\n'))
  return {
    data: csv(file, { symbol: 'X', timeframe: '1d', label: 'session' }),
    instruments: [{ symbol: 'X', kind: 'future', tickSize: 0.01, multiplier: 1 }],
    account: { initialCash: 10_000, positions: 'hedging', ...account },
    ...(closeAtEnd && { closeAtEnd: 'close' as const }),
    strategies: { script },
  } satisfies BacktestOptions
}

function backtest(...settings: Parameters<typeof backtestOptions>) {
  return new Backtest(backtestOptions(...settings))
}

describe('a hedging account', () => {
  it('holds long and short beside each other, and reduces each by itself', async () => {
    const script = new Script(
      ctx => void ctx.buy({ quantity: 5 }),
      ctx => void ctx.sell({ quantity: 3 }),
      // More than there is: cut to the leg.
      ctx => void ctx.sell({ quantity: 9, reduceOnly: true }),
      ctx => void ctx.buy({ quantity: 1, reduceOnly: true }),
      ctx => void ctx.sell({ quantity: 1, reduceOnly: true }),
      ctx => void ctx.target({ quantity: 1 }),
    )
    const result = await backtest(script, [100, 100, 110, 120, 130, 140, 150], {}).run()
    expect(script.seen).toEqual([
      [0, 0, 0],
      [5, 0, 5],
      [5, -3, 2],
      [0, -3, -3],
      [0, -2, -2],
      [0, -2, -2],
      [0, -2, -2],
    ])
    expect(script.fills).toEqual([
      ['buy', 5, 5],
      ['sell', 3, -3],
      ['sell', 5, 0],
      ['buy', 1, -2],
    ])
    expect(script.codes).toEqual(['ERR_ORDER_REDUCE_ONLY', 'ERR_ORDER_UNSUPPORTED'])
    const [position] = result.strategies[0]!.positions
    expect(position).toMatchObject({
      quantity: -2,
      averageEntryPrice: 110,
      legs: [
        { side: 'long', quantity: 0, averageEntryPrice: null },
        { side: 'short', quantity: -2, averageEntryPrice: 110 },
      ],
    })
    // Long 5 from 100 to 120, short 3 at 110: one closed at 130, two at the mark of 150.
    expect(result.figures.finalEquity).toBe(10_000 + 100 - 20 - 80)
    expect(result.roundTrips.map(trade => [trade.side, trade.quantity, trade.closed])).toEqual([
      ['long', 5, true],
      ['short', 3, false],
    ])
  })

  it('pays borrow for the short, whatever is held long beside it', async () => {
    const script = new Script(
      ctx => void ctx.buy({ quantity: 500 }),
      ctx => void ctx.sell({ quantity: 100 }),
    )
    const options = backtestOptions(script, [100, 100, 100, 100], {})
    const borrow = [{ symbol: 'X', bps: 100 }]
    const result = await new Backtest({ ...options, cashEvents: { borrow } }).run()
    // "Short 10,000 at 100 bps → .27397 a day".
    expect(result.cashEvents.length).toBeGreaterThan(0)
    for (const row of result.cashEvents) expect(row).toMatchObject({ quantity: -100, amount: -0.273972603 })
  })

  it('closes both legs at the end, each where it could be', async () => {
    const script = new Script(
      ctx => void ctx.buy({ quantity: 5 }),
      ctx => void ctx.sell({ quantity: 3 }),
    )
    const result = await backtest(script, [100, 100, 110, 120], {}, true).run()
    expect(result.roundTrips.map(trade => [trade.side, trade.closed, trade.gross])).toEqual([
      ['long', true, 100],
      ['short', true, -30],
    ])
    expect(result.figures.finalEquity).toBe(10_070)
  })

  it('takes margin on both legs, and closes both when it is below', async () => {
    const margin: AccountOptions = { type: 'margin', initialMargin: 0.5, maintenanceMargin: 0.25 }
    const script = new Script(
      // 100 at 100 take 5,000; the same short takes as much again: the whole of the account.
      ctx => void ctx.buy({ quantity: 100 }),
      ctx => void ctx.sell({ quantity: 100 }),
      ctx => void ctx.sell({ quantity: 1 }),
      ctx => void ctx.buy({ quantity: 1 }),
    )
    const hedged = await backtest(script, [100, 100, 100, 100, 100], margin).run()
    expect(script.codes).toEqual(['ERR_RISK_BUYING_POWER', 'ERR_RISK_BUYING_POWER'])
    expect(hedged.liquidations).toEqual([])
    // 100 long and 100 short at 250 need 0.25 × 50,000 = 12,500 of 10,000: both are closed.
    const fallen = new Script(
      ctx => void ctx.buy({ quantity: 100 }),
      ctx => void ctx.sell({ quantity: 100 }),
    )
    const below = await backtest(fallen, [100, 100, 100, 250, 250, 250], margin).run()
    expect(below.liquidations).toMatchObject([{ equity: 10_000, maintenance: 12_500 }])
    expect(below.strategies[0]!.positions[0]!.legs!.map(leg => leg.quantity)).toEqual([0, 0])
    expect(below.figures.finalEquity).toBe(10_000)
  })

  it('is refused where it cannot be', () => {
    const script = () => new Script()
    const refused = (account: AccountOptions) => () => backtest(script(), [100, 100], account).run()
    const error = { code: 'ERR_BACKTEST_SETTING', details: { field: 'account.positions' } }
    return Promise.all([
      expect(refused({ type: 'cash' })()).rejects.toMatchObject(error),
      expect(
        new Backtest({
          data: synthetic({ records: 10_000 }),
          account: { positions: 'hedging', shared: true },
          strategies: { one: new Quoter(1), two: new Quoter(2) },
        }).run(),
      ).rejects.toMatchObject(error),
    ])
  })

  it('keeps its books over a random run on an order-by-order stream', async () => {
    for (const seed of [1, 2, 3]) {
      const quoter = new Quoter(seed)
      const result = await new Backtest({
        data: synthetic({ records: 60_000, seed }),
        account: { initialCash: 1_000_000, positions: 'hedging' },
        venue: { latency: latency.fixed({ submit: '1ms', response: '1ms' }) },
        strategies: { quoter },
      }).run()
      const legs = { long: 0, short: 0 }
      for (const fill of quoter.fills) {
        const leg = (fill.side === 'buy') === fill.reduceOnly ? 'short' : 'long'
        legs[leg] += fill.side === 'buy' ? fill.quantity : -fill.quantity
        expect(fill.position).toBe(legs[leg])
        expect(legs.long).toBeGreaterThanOrEqual(0)
        expect(legs.short).toBeLessThanOrEqual(0)
      }
      expect(quoter.both).toBeGreaterThan(0)
      const [outcome] = result.strategies
      expect(outcome!.positions[0]!.legs!.map(leg => leg.quantity)).toEqual([legs.long, legs.short])
      const again = await new Backtest({
        data: synthetic({ records: 60_000, seed }),
        account: { initialCash: 1_000_000, positions: 'hedging' },
        venue: { latency: latency.fixed({ submit: '1ms', response: '1ms' }) },
        strategies: { quoter: new Quoter(seed) },
      }).run()
      expect(again.stateHash).toBe(result.stateHash)
    }
  })
})

interface SeenFill {
  side: string
  quantity: number
  position: number
  reduceOnly: boolean
}

/** Opens and reduces both legs at random. */
class Quoter extends Strategy {
  static override data = { trades: true }
  readonly fills: SeenFill[] = []
  both = 0
  private readonly reducing = new Set<number>()
  private state: number

  constructor(seed: number) {
    super()
    this.state = seed
  }

  private below(most: number): number {
    this.state = (Math.imul(this.state, 1_103_515_245) + 12_345) >>> 0
    return Math.floor((this.state / 2 ** 32) * most)
  }

  override onTrade(_trade: unknown, ctx: Context): void {
    if (ctx.long.quantity > 0 && ctx.short.quantity < 0) this.both += 1
    if (this.below(20) !== 0 || Number.isNaN(ctx.bid) || Number.isNaN(ctx.ask)) return
    const reduceOnly = this.below(2) === 0
    const quantity = 1 + this.below(3)
    const buys = this.below(2) === 0
    const passive = this.below(2) === 0
    const terms = { quantity, reduceOnly, ...(passive && { price: buys ? ctx.bid : ctx.ask }) }
    const order = buys ? ctx.buy(terms) : ctx.sell(terms)
    if (reduceOnly) this.reducing.add(order.id)
  }

  override onFill(fill: Fill): void {
    const { side, quantity, position, order } = fill
    this.fills.push({ side, quantity, position, reduceOnly: this.reducing.has(order.id) })
  }
}
