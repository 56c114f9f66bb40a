/** Several strategies and several instruments in one run. */
import { describe, expect, it } from 'vitest'
import MarketMaker from '../../examples/market-maker.ts'
import {
  Backtest,
  type BacktestResult,
  type Context,
  type DataSource,
  dbn,
  type Quote,
  Strategy,
  synthetic,
  type Trade,
} from '../../src/index.ts'
import { esh4 } from './support.ts'

const markets: [string, DataSource | null][] = [
  ['ESH4', esh4 === null ? null : dbn(esh4, { symbols: ['ESH4'] })],
  ['a generated market', synthetic({ seed: 9, records: 80_000, liveOrders: 500 })],
]

/** Takes now and then. */
class Taker extends Strategy {
  static override data = { trades: true }
  count = 0
  override onTrade(_trade: Trade, ctx: Context): void {
    this.count += 1
    if (this.count % 40 === 0) ctx.target({ quantity: this.count % 80 === 0 ? 3 : -3 })
  }
}

describe.each(markets)('two strategies in one run on %s', (_, data) => {
  const run = (strategies: Record<string, object>, stepRows = 128, shared = false): Promise<BacktestResult> =>
    new Backtest({ data: data!, strategies, stepRows, account: { initialCash: 50_000, shared } }).run()

  it.skipIf(data === null)('trade on accounts of their own, with the same hash whatever the step', async () => {
    const both = (stepRows: number): Promise<BacktestResult> =>
      run({ maker: new MarketMaker(), taker: new Taker() }, stepRows)
    const [one, full] = [await both(1), await both(128)]
    expect(full.stateHash).toBe(one.stateHash)
    expect(full.fills).toEqual(one.fills)
    expect(one.strategies.map(({ name }) => name)).toEqual(['maker', 'taker'])
    expect(one.equity.length).toBe(2)
    expect(one.figures.initialEquity).toBe(100_000)
    for (const { name, positions } of one.strategies) {
      const own = one.fills.filter(({ strategy }) => strategy === name)
      expect(own.length).toBeGreaterThan(5)
      const net = own.reduce((sum, { side, quantity }) => sum + (side === 'buy' ? quantity : -quantity), 0)
      expect(positions[0]!.quantity).toBe(net)
    }
    // The taker alone trades as it does beside the maker: own orders take nothing from each other.
    const alone = await run({ taker: new Taker() })
    const times = (result: BacktestResult): number[] =>
      result.orders.filter(({ strategy }) => strategy === 'taker').map(({ time }) => time)
    expect(times(alone)).toEqual(times(one))
  })

  it.skipIf(data === null)('share one account where it is said', async () => {
    const result = await run({ first: new MarketMaker(), second: new MarketMaker() }, 128, true)
    expect(result.equity.length).toBe(1)
    expect(result.figures.initialEquity).toBe(50_000)
    const again = await run({ first: new MarketMaker(), second: new MarketMaker() }, 1, true)
    expect(again.stateHash).toBe(result.stateHash)
  })
})

describe('two instruments in one run', () => {
  const data = [
    synthetic({ seed: 1, records: 40_000, symbol: 'AAA', liveOrders: 300 }),
    synthetic({ seed: 2, records: 40_000, symbol: 'BBB', liveOrders: 300, startPrice: 1200 }),
  ]

  class Pair extends Strategy {
    static override data = { quotes: true }
    readonly quotes = new Map<string, number>()
    last = { time: 0 }
    override onQuote(quote: Quote, ctx: Context): void {
      const { symbol } = quote
      const count = (this.quotes.get(symbol) ?? 0) + 1
      this.quotes.set(symbol, count)
      if (quote.time < this.last.time) throw new Error('time went back')
      this.last = { time: quote.time }
      const own = ctx.of(symbol)
      if (own.bid !== quote.bid || own.ask !== quote.ask)
        throw new Error('the context shows another price than the row')
      const other = ctx.of(symbol === 'AAA' ? 'BBB' : 'AAA')
      if (count % 500 !== 0 || Number.isNaN(other.bid)) return
      own.buy({ quantity: 1 })
      other.sell({ quantity: 1, price: other.ask })
    }
  }

  it('are each traded through their own context, whatever the step', async () => {
    const results: BacktestResult[] = []
    for (const stepRows of [1, 128]) {
      const pair = new Pair()
      results.push(await new Backtest({ data, strategies: { pair }, stepRows }).run())
      expect([...pair.quotes.keys()].sort()).toEqual(['AAA', 'BBB'])
    }
    const [one, full] = results as [BacktestResult, BacktestResult]
    expect(full.stateHash).toBe(one.stateHash)
    expect(new Set(one.fills.map(({ symbol }) => symbol))).toEqual(new Set(['AAA', 'BBB']))
    for (const { price, symbol } of one.fills) expect(price > 3000).toBe(symbol === 'AAA')
  })

  it('make the short form an error that says what to write', async () => {
    class Short extends Strategy {
      static override data = { quotes: true }
      override onQuote(_quote: Quote, ctx: Context): void {
        ctx.buy({ quantity: 1 })
      }
    }
    await expect(new Backtest({ data, strategies: { short: new Short() } }).run()).rejects.toMatchObject({
      code: 'ERR_STRATEGY_THREW',
      message: expect.stringContaining("ctx.of('AAA').buy"),
    })
  })

  it('can be seen by one strategy each', async () => {
    const only = (symbol: string): object => ({ strategy: new MarketMaker(), instruments: [symbol] })
    const result = await new Backtest({ data, strategies: { a: only('AAA'), b: only('BBB') } }).run()
    for (const { strategy, symbol } of result.orders) expect(symbol).toBe(strategy === 'a' ? 'AAA' : 'BBB')
    expect(new Set(result.fills.map(({ strategy }) => strategy)).size).toBe(2)
  })
})
