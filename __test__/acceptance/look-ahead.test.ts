/** A strategy that tries to look ahead cannot: what it sees does not depend on how many rows a step has. */
import { createHash, type Hash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import {
  Backtest,
  type BacktestResult,
  type Context,
  type DataSource,
  type Depth,
  dbn,
  type Fill,
  int,
  type OrderReport,
  type Quote,
  type RiskLimitOptions,
  Strategy,
  synthetic,
  type Timer,
  type Trade,
} from '../../src/index.ts'
import { esh4 } from './support.ts'

const markets: [string, DataSource | null][] = [
  ['ESH4', esh4 === null ? null : dbn(esh4, { symbols: ['ESH4'] })],
  ['a generated market', synthetic({ seed: 3, records: 60_000, liveOrders: 500 })],
]

/** Writes down everything that can be seen at every row, and acts now and then. */
class Watcher extends Strategy {
  static override data = { trades: true, quotes: true, depth: 10 }
  readonly seen: Hash = createHash('sha256')
  rows = 0
  deepest = 0
  trades = 0
  private readonly numbers = new Float64Array(128)

  override onStart(ctx: Context): void {
    ctx.every('1s', 'look')
    ctx.setTimer('100ms', 'once')
    this.look(ctx, 0)
  }
  override onTrade(trade: Trade, ctx: Context): void {
    this.look(ctx, 1, Number(trade.tsEventNanos), trade.price, trade.quantity, trade.side === 'buy' ? 1 : 2)
  }
  override onQuote(quote: Quote, ctx: Context): void {
    const { bid, ask, bidSize, askSize, bidCount, askCount } = quote
    this.look(ctx, 2, Number(quote.tsEventNanos), bid, ask, bidSize, askSize, bidCount, askCount)
    if (!(bid < ask)) return
    // Within the order latency of one another: the first command is on its way when the later ones are given.
    if (this.rows % 97 === 0) ctx.buy({ quantity: 1, price: bid })
    if (this.rows % 211 === 0) ctx.target({ quantity: this.rows % 3 === 0 ? 2 : -2 })
    if (this.rows % 389 === 0) ctx.openOrders[0]?.cancel()
    if (this.rows % 401 === 0) ctx.openOrders[0]?.modify({ quantity: 2 })
  }
  override onDepth(depth: Depth, ctx: Context): void {
    this.look(ctx, 3, Number(depth.tsEventNanos), depth.bidPrice(0), depth.askSize(9))
  }
  override onTimer(timer: Timer, ctx: Context): void {
    this.look(ctx, 4, timer.id)
  }
  override onOrder(report: OrderReport, ctx: Context): void {
    this.seen.update(JSON.stringify(report))
    this.look(ctx, 5)
  }
  override onFill(fill: Fill, ctx: Context): void {
    this.seen.update(JSON.stringify(fill))
    this.look(ctx, 6)
  }
  override onStop(ctx: Context): void {
    this.look(ctx, 7)
  }

  private look(ctx: Context, ...what: number[]): void {
    this.rows += 1
    const { numbers } = this
    const { book } = ctx
    const recent = ctx.recentTrades(3)
    const trade = recent.at(-1)
    // Never something of the future, at any row.
    if (trade !== undefined && trade.time > ctx.time) throw new Error(`a trade of ${trade.time} at ${ctx.time}`)
    this.deepest = Math.max(this.deepest, book.bidLevels)
    this.trades = Math.max(this.trades, recent.length)
    let at = 0
    for (const number of what) numbers[at++] = number
    const { time, bid, ask, last, position, cash, equity } = ctx
    for (const number of [time, bid, ask, last, position, cash, equity, ctx.openOrders.length]) numbers[at++] = number
    for (let level = 0; level < 10; level += 1) {
      numbers[at++] = book.bidPrice(level)
      numbers[at++] = book.bidSize(level)
      numbers[at++] = book.bidCount(level)
      numbers[at++] = book.askPrice(level)
      numbers[at++] = book.askSize(level)
      numbers[at++] = book.askCount(level)
    }
    for (const { time, price, quantity } of recent) {
      numbers[at++] = time
      numbers[at++] = price
      numbers[at++] = quantity
    }
    this.seen.update(new Uint8Array(numbers.buffer, 0, at * 8))
  }
}

interface Watched {
  readonly result: BacktestResult
  readonly watcher: Watcher
  readonly digest: string
}

async function watch(data: DataSource, stepRows: number, debug = false): Promise<Watched> {
  const watcher = new Watcher()
  const latency = { type: 'fixed', network: '5ms' } as const
  const result = await new Backtest({ data, venue: { latency }, strategies: { watcher }, stepRows, debug }).run()
  return { result, watcher, digest: watcher.seen.digest('hex') }
}

describe.each(markets)('depth, trades and state at every row and timer, on %s', (_, data) => {
  it.skipIf(data === null)('are the same with one row a step and with full steps', async () => {
    const one = await watch(data!, 1)
    const full = await watch(data!, 128)
    expect(one.result.figures.fills).toBeGreaterThan(10)
    expect([one.watcher.deepest, one.watcher.trades]).toEqual([10, 3])
    expect(full.result.facts.steps).toBeLessThan(one.result.facts.steps * 0.97)
    expect(full.watcher.rows).toBe(one.watcher.rows)
    expect(full.digest).toBe(one.digest)
    expect(full.result.stateHash).toBe(one.result.stateHash)
    const debugged = await watch(data!, 128, true)
    expect(debugged.digest).toBe(one.digest)
  })
})

/** Orders at some rows only, so that steps have many rows; writes down when it was denied, and why. */
class Pusher extends Strategy.with({ rest: int(23) }) {
  static override data = { quotes: true }
  readonly answers: string[] = []
  rows = 0

  override onQuote(quote: Quote, ctx: Context): void {
    this.rows += 1
    if (this.rows % this.params.rest !== 0 || !(quote.bid < quote.ask)) return
    const order = this.rows % 2 === 0 ? ctx.buy({ quantity: 1 }) : ctx.buy({ quantity: 1, price: quote.bid })
    if (order.status !== 'pending') throw new Error('an order is pending until its report')
  }
  override onOrder({ kind, code, order, tsNanos }: OrderReport): void {
    if (kind === 'denied') this.answers.push(`${order.id} ${code} ${tsNanos}`)
    if (kind === 'accepted') this.answers.push(`${order.id} accepted`)
  }
}

const limits: [string, RiskLimitOptions, number, string][] = [
  ['position', { maxPosition: 5 }, 23, 'ERR_RISK_MAX_POSITION'],
  ['loss', { maxLoss: 1500 }, 23, 'ERR_RISK_MAX_LOSS'],
  ['rate', { maxOrdersPerSecond: 2 }, 3, 'ERR_RISK_MAX_ORDER_RATE'],
]

describe.each(markets)('a risk limit that flips inside a step, on %s', (_, data) => {
  it.skipIf(data === null).each(limits)(
    'of %s denies the same orders with one row a step and with full steps',
    async (_name, riskLimits, rest, code) => {
      const run = async (stepRows: number, perStrategy: boolean): Promise<[Pusher, BacktestResult]> => {
        const strategy = new Pusher({ rest })
        const result = await new Backtest({
          data: data!,
          ...(perStrategy ? {} : { riskLimits }),
          strategies: { pusher: perStrategy ? { strategy, riskLimits } : strategy },
          stepRows,
        }).run()
        return [strategy, result]
      }
      const [one, first] = await run(1, false)
      const [full, second] = await run(128, false)
      const [own] = await run(128, true)
      expect(second.facts.steps).toBeLessThan(first.facts.steps)
      expect(one.answers.some(answer => answer.includes('accepted'))).toBe(true)
      expect(one.answers.filter(answer => answer.includes(code)).length).toBeGreaterThan(0)
      expect(full.answers).toEqual(one.answers)
      expect(second.stateHash).toBe(first.stateHash)
      expect(own.answers).toEqual(one.answers)
    },
  )
})
