/** What a result says of its own fills: what they rest on, where the market went after, what harder runs leave of it. */
import { copyFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Backtest, type Context, csv, type Quote, Strategy, synthetic } from '../../src/index.ts'
import { marketMakerFile, temporaryFolder, tickforge } from './support.ts'

const folder = temporaryFolder()

/** Quotes of 99.9 to 100.1 that rise by 0.1 every second from the third on. */
const start = Date.UTC(2024, 0, 2, 15)
const rows = Array.from({ length: 120 }, (_, second) => {
  const up = Math.max(0, second - 2) / 10
  return `${new Date(start + second * 1000).toISOString()},${(99.9 + up).toFixed(1)},${(100.1 + up).toFixed(1)},50,50`
})
const file = join(folder, 'quotes.csv')
writeFileSync(file, `time,bid,ask,bid_size,ask_size\n${rows.join('\n')}\n`)

class Once extends Strategy {
  static data = { quotes: true }
  private sent = false
  onQuote(quote: Quote, ctx: Context): void {
    if (this.sent) return
    this.sent = true
    ctx.buy({ quantity: 5 })
    ctx.sell({ quantity: 3, price: quote.ask + 0.3 })
  }
}

describe('a result', () => {
  it('says where the market went after its fills, and what they rest on', async () => {
    const result = await new Backtest({
      data: csv(file, { symbol: 'X' }),
      instruments: [{ symbol: 'X', tickSize: '0.1' }],
      strategies: { once: new Once() },
    }).run()
    // Bought at the second quote: the ask of 100.1, half a spread above the middle. The limit of 100.4 is gone through
    // by the bid of 100.5 and filled at its price.
    expect(result.fills.map(({ price, basis }) => [price, basis])).toEqual([
      [100.1, 'taken'],
      [100.4, 'through'],
    ])
    const [bought, sold] = result.fills.map(({ time }) => (time - start) / 1000)
    expect([bought, sold]).toEqual([1, 8])
    const middle = (second: number) => 100 + Math.max(0, second - 2) / 10
    const after = (seconds: number) => (5 * (middle(1 + seconds) - 100.1) - 3 * (middle(8 + seconds) - 100.4)) / 8
    const { execution } = result.outcome.instruments[0]!
    expect(execution).toMatchObject({ taken: 1, through: 1, queue: 0, touch: 0 })
    for (const { seconds, all, makers } of execution.markOuts) {
      expect(all).toBeCloseTo(after(seconds), 9)
      expect(makers).toBeCloseTo(100.4 - middle(8 + seconds), 9)
    }
    expect(execution.markOuts.map(({ seconds }) => seconds)).toEqual([1, 10, 60])
    // Mids at the fills: 100.0 and 100.6.
    expect(execution.capturedSpread).toBeCloseTo((5 * -0.1 + 3 * (100.4 - middle(8))) / 8, 9)
    expect(result.honesty.profitPerUnit).toBeCloseTo(result.figures.totalPnl / 8, 9)
    expect(result.summary()).toContain('X captured')
  })

  it('has no mark-out where the run ended before', async () => {
    const result = await new Backtest({
      data: csv(file, { symbol: 'X', end: new Date(start + 20_000) }),
      instruments: [{ symbol: 'X', tickSize: '0.1' }],
      strategies: { once: new Once() },
    }).run()
    const [second, tenth, minute] = result.outcome.instruments[0]!.execution.markOuts
    expect([second!.all, tenth!.all].every(value => value !== null)).toBe(true)
    expect(minute).toEqual({ seconds: 60, all: null, makers: null })
  })

  it('is told what harder runs leave of it, in the summary, the JSON and the report', async () => {
    copyFileSync(marketMakerFile, join(folder, 'market-maker.ts'))
    const words = ['run', marketMakerFile, '--data', 'synthetic', '--fee', '0.3', '--out', 'stressed']
    const plain = await tickforge([...words, '--json'], folder)
    const { code, out, err } = await tickforge([...words, '--stress', '--json'], folder)
    expect(err).not.toContain('error')
    expect(code).toBe(0)
    const [first, stressed] = [JSON.parse(plain.out).result, JSON.parse(out).result]
    expect(stressed.stateHash).toBe(first.stateHash)
    expect(first.stress).toEqual([])
    expect(stressed.stress.map(({ name }: { name: string }) => name)).toEqual([
      'every fill a tick worse',
      'twice the latency',
      'doubled fees',
    ])
    const [worse, slower, dearer] = stressed.stress
    // The strategy sees no prices of its fills and does the same: a tick of 12.5 for every contract, its fees again.
    expect(worse.change).toBeCloseTo(-12.5 * stressed.figures.volume, 6)
    expect(dearer.change).toBeCloseTo(-stressed.figures.fees, 6)
    expect(slower.fills).not.toBe(stressed.figures.fills)
    const text = await tickforge([...words, '--stress', '--report', 'stress.html'], folder)
    expect(text.out).toContain('stress: doubled fees')
    const { readFileSync } = await import('node:fs')
    expect(readFileSync(join(folder, 'stress.html'), 'utf8')).toContain('stress: twice the latency')
  })
})

it('a run over recorded orders is not warned of its queue', async () => {
  class Rests extends Strategy {
    static override data = { quotes: true }
    private sent = 0
    onQuote(quote: Quote, ctx: Context): void {
      if (this.sent++ % 200 === 0 && quote.bid < quote.ask) ctx.buy({ quantity: 1, price: quote.bid })
    }
  }
  const result = await new Backtest({ data: synthetic({ records: 50_000 }), strategies: { rests: new Rests() } }).run()
  expect(result.honesty.basisShares!.queue).toBeGreaterThan(0)
  expect(result.honesty.modelledQueueShare).toBe(0)
  expect(result.notes.join()).not.toContain('modelled')
})
