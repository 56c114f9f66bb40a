/** `explain` on levels, trades, quotes and bars, where the place in a queue is estimated or there is none. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  Backtest,
  type Bar,
  type Context,
  csv,
  type DataSource,
  type OrderExplanation,
  type OrderHandle,
  type Quote,
  Strategy,
  type TableOptions,
  type Trade,
} from '../../src/index.ts'
import { temporaryFolder } from './support.ts'

const folder = temporaryFolder()

/** A CSV file with one row a second from 15:00 UTC on. */
function table(name: string, head: string, rows: readonly string[], options: TableOptions = {}): DataSource {
  const path = join(folder, `${name}.csv`)
  const stamp = (at: number): string => `2024-01-02T15:00:${String(at).padStart(2, '0')}Z`
  writeFileSync(path, `${[`time,${head}`, ...rows.map((row, at) => `${stamp(at)},${row}`)].join('\n')}\n`)
  return csv(path, { symbol: 'ABC', ...options })
}

/** Runs a strategy and explains its first order. */
async function explain(data: DataSource, strategy: Strategy, order = 1): Promise<OrderExplanation> {
  const instruments = [{ symbol: 'ABC', tickSize: 0.5 }]
  const options = { data, instruments, strategies: { one: strategy } }
  const traced = await new Backtest(options).run({ trace: { order } })
  return traced.explanation?.order as OrderExplanation
}

const told = (order: OrderExplanation): string[] =>
  order.lines.map(({ step, cause, price, quantity, ahead }) =>
    [step, cause, price, quantity, ahead].map(value => value ?? '–').join(' '),
  )

/** Buys once, at a price. */
class BuyOnce extends Strategy {
  sent = false
  readonly price: number
  constructor(price: number) {
    super()
    this.price = price
  }
  once(ctx: Context): void {
    if (this.sent) return
    this.sent = true
    ctx.buy({ quantity: 1, price: this.price })
  }
}

class OnQuote extends BuyOnce {
  static data = { quotes: true }
  onQuote(_: Quote, ctx: Context): void {
    this.once(ctx)
  }
}

class OnTrade extends BuyOnce {
  static data = { trades: true }
  onTrade(_: Trade, ctx: Context): void {
    this.once(ctx)
  }
}

class OnBar extends BuyOnce {
  static data = { bars: '1s' }
  onBar(_: Bar, ctx: Context): void {
    this.once(ctx)
  }
}

describe('what an order meets', () => {
  it('in a book of levels: an estimated place, and the level that comes to it', async () => {
    const head = 'bid_price_0,bid_size_0,bid_price_1,bid_size_1,ask_price_0,ask_size_0,ask_price_1,ask_size_1'
    const rows = [
      '100,10,99,1,101,5,102,1',
      '100,6,99,1,101,5,102,1',
      '100,4,99,1,101,9,102,1',
      '99,3,98,1,100,2,101,9',
    ]
    const data = table('depth', head, [...rows, '99,3,98,1,100.5,2,101,9'])
    expect(told(await explain(data, new OnQuote(100)))).toEqual([
      'submitted – 100 1 –',
      'arrived submit 100 1 –',
      'accepted – – – –',
      'queue placed – – 10',
      'queue resized – 6 6',
      'queue resized – 4 4',
      'crossing – 100 2 4',
      'queue left – 0 –',
      'filled other_side_arrived 100 1 –',
    ])
  })

  it('among trades: a touch fills nothing, a trade through fills', async () => {
    const data = table('trades', 'price,size,side', ['101,1,sell', '100.5,5,sell', '100,5,sell', '99.5,3,sell'])
    expect(told(await explain(data, new OnTrade(100)))).toEqual([
      'submitted – 100 1 –',
      'arrived submit 100 1 –',
      'accepted – – – –',
      'trade – 100 5 –',
      'trade – 99.5 3 –',
      'filled traded_through 100 1 –',
    ])
  })

  it('among quotes: at its limit, then through it', async () => {
    const data = table('quotes', 'bid,ask', ['100,101', '99.5,100', '98,99.5', '98,99.5'])
    const order = await explain(data, new OnQuote(100))
    expect(order.lines.map(({ step, cause }) => `${step} ${cause ?? ''}`.trim())).toEqual([
      'submitted',
      'arrived submit',
      'accepted',
      'crossing',
      'filled taken',
    ])
  })

  it('among bars: a bar that comes to the limit, and one that goes through it', async () => {
    const rows = ['103,104,102,103,10', '103,104,101,103,10', '103,104,100,103,10', '103,104,99,103,10']
    const data = table('bars', 'open,high,low,close,volume', rows, { timeframe: '1s' })
    expect(told(await explain(data, new OnBar(100)))).toEqual([
      'submitted – 100 1 –',
      'arrived submit 100 1 –',
      'accepted – – – –',
      'trade far_end 100 10 –',
      'trade far_end 99 10 –',
      'filled bar_through 100 1 –',
    ])
  })

  it('held for a trigger, changed on the way: what was asked for, and when it went off', async () => {
    class Stop extends Strategy {
      static data = { bars: '1s' }
      stop: OrderHandle | null = null
      onBar(_: Bar, ctx: Context): void {
        if (this.stop === null) this.stop = ctx.buy({ quantity: 2, stopPrice: 106 })
        else if (ctx.position === 0) this.stop.modify({ stopPrice: 105 })
      }
    }
    const rows = ['103,104,102,103,10', '103,104,101,103,10', '103,104.5,102,104,10', '104,106,104,105,10']
    const data = table('bars-3', 'open,high,low,close,volume', rows, { timeframe: '1s' })
    const order = await explain(data, new Stop())
    const commands = order.lines.filter(({ step }) => step === 'arrived')
    expect(commands.map(({ cause, quantity, trigger }) => [cause, quantity, trigger]).slice(0, 2)).toEqual([
      ['submit', 2, 106],
      ['modify', null, 105],
    ])
    expect(order.lines.map(({ step }) => step)).toContain('triggered')
    expect(order.lines.find(({ step }) => step === 'filled')).toMatchObject({ cause: 'taken', price: 105 })
  })

  it('kept back by the risk checks: it never arrived', async () => {
    const data = table('bars-2', 'open,high,low,close,volume', ['103,104,102,103,10', '103,104,101,103,10'], {
      timeframe: '1s',
    })
    const options = { data, instruments: [{ symbol: 'ABC', tickSize: 0.5 }], riskLimits: { maxOrderSize: 0.5 } }
    const run = await new Backtest({ ...options, strategies: { one: new OnBar(100) } }).run({ trace: { order: 1 } })
    const order = run.explanation?.order as OrderExplanation
    expect(order.status).toBe('denied')
    expect(order.lines.map(({ step, place }) => `${place} ${step}`)).toEqual(['strategy submitted', 'strategy denied'])
  })
})
