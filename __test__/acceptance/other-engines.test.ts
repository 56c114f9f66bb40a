/** Whole backtests of other engines through the public interface: simulation.md, "Whole backtests that must be reproduced". */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { inflateRawSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { Backtest, type BacktestResult, type Bar, type Context, csv, fees, int, Strategy } from '../../src/index.ts'
import { shared, temporaryFolder } from './support.ts'

const folder = temporaryFolder()

/** One unit, long only: bought where the close crosses above its average, sold where it crosses below. */
class CloseCross extends Strategy.with({ period: int(15) }) {
  static override data = { bars: '1d' }
  average = this.indicator.sma(this.params.period)
  before = Number.NaN

  override onBar(bar: Bar, ctx: Context): void {
    if (!this.average.ready) return
    const gap = bar.close - this.average.value
    if (ctx.position > 0) {
      if (this.before >= 0 && gap < 0) ctx.sell({ quantity: 1 })
    } else if (this.before <= 0 && gap > 0) {
      ctx.buy({ quantity: 1 })
    }
    // A gap of zero is no side: the one before it counts.
    if (gap !== 0) this.before = gap
  }
}

const closeCross = (file: string): Promise<BacktestResult> =>
  new Backtest({
    data: csv(file, { symbol: 'STOCK', timeframe: '1d', label: 'session' }),
    account: { initialCash: 10_000 },
    strategies: { cross: new CloseCross() },
  }).run()

/** The same in a dozen lines: orders at the next open. */
function recomputeCross(
  rows: readonly (readonly number[])[],
  period: number,
): { cash: number; value: number; fills: number[] } {
  let cash = 10_000
  let units = 0
  let before = Number.NaN
  const fills: number[] = []
  for (let at = period - 1; at < rows.length; at += 1) {
    const closes = rows.slice(at - period + 1, at + 1).map(row => row[3]!)
    const gap = rows[at]![3]! - closes.reduce((sum, close) => sum + close, 0) / period
    const next = rows[at + 1]?.[0]
    const turn = units === 0 && before <= 0 && gap > 0 ? 1 : units === 1 && before >= 0 && gap < 0 ? -1 : 0
    if (turn !== 0 && next !== undefined) {
      units += turn
      cash -= turn * next
      fills.push(next)
    }
    if (gap !== 0) before = gap
  }
  return { cash, value: cash + units * rows.at(-1)![3]!, fills }
}

const cash = (result: BacktestResult): number => result.equity[0]!.cash.at(-1)!

describe('the stock case of backtrader', () => {
  const file = shared('vectors/backtrader/2006-day-001.txt')

  it.skipIf(file === null)('ends at 10,284.10 with 6,164.16 in cash after 12 buys and 11 sales', async () => {
    const result = await closeCross(file!)
    expect(result.figures.finalEquity.toFixed(2)).toBe('10284.10')
    expect(cash(result).toFixed(2)).toBe('6164.16')
    const prices = (side: string): number[] => result.fills.filter(fill => fill.side === side).map(fill => fill.price)
    const [buys, sells] = [prices('buy'), prices('sell')]
    expect([buys.length, sells.length]).toEqual([12, 11])
    expect([buys[0], buys.at(-1)]).toEqual([3643.35, 4052.55])
  })

  it('equals a naive recomputation on generated bars', async () => {
    const rows = bars(400, 7)
    const result = await closeCross(write('cross.csv', rows))
    const expected = recomputeCross(rows, 15)
    expect(expected.fills.length).toBeGreaterThan(10)
    expect(result.fills.map(fill => fill.price)).toEqual(expected.fills)
    expect(result.figures.finalEquity).toBeCloseTo(expected.value, 6)
    expect(cash(result)).toBeCloseTo(expected.cash, 6)
  })
})

/** All of the portfolio at the first bar, less a quarter of a percent that LEAN keeps free. */
class BuyAndHold extends Strategy {
  static override data = { bars: '1d' }

  override onBar(bar: Bar, ctx: Context): void {
    if (ctx.position !== 0 || ctx.openOrders.length > 0) return
    // LEAN sizes at the close that it has seen, with the fee and 0.25 % kept aside.
    const free = ctx.cash * 0.9975
    ctx.buy({ quantity: Math.floor((free - 1) / (bar.close + 0.005)) })
  }
}

const buyAndHold = (file: string): Promise<BacktestResult> =>
  new Backtest({
    data: csv(file, { symbol: 'SPY', timeframe: '1d', label: 'session' }),
    account: { initialCash: 100_000 },
    venue: { fees: fees.perContract(0.005, { minimum: 1 }) },
    strategies: { hold: new BuyAndHold() },
  }).run()

describe('the BasicTemplateDaily of LEAN', () => {
  const zip = shared('vectors/lean/SPY_daily_spy.zip')
  const factors = shared('vectors/lean/spy_factor_file.csv')

  it.skipIf(zip === null || factors === null)(
    'buys 697 shares at the open of 2013-10-09 and ends at 104,486.22',
    async () => {
      const result = await buyAndHold(adjusted(zip!, factors!))
      expect(result.fills.map(({ quantity, fee }) => [quantity, fee])).toEqual([[697, 3.485]])
      expect(new Date(result.fills[0]!.time).toISOString().slice(0, 10)).toBe('2013-10-09')
      expect(result.figures.finalEquity.toFixed(2)).toBe('104486.22')
    },
  )

  it('equals a naive recomputation on generated bars', async () => {
    const rows = bars(5, 3)
    const result = await buyAndHold(write('hold.csv', rows))
    const quantity = Math.floor((100_000 * 0.9975 - 1) / (rows[0]![3]! + 0.005))
    const fee = Math.max(1, 0.005 * quantity)
    expect(result.fills.map(fill => [fill.quantity, fill.fee, fill.price])).toEqual([[quantity, fee, rows[1]![0]]])
    expect(result.figures.finalEquity).toBeCloseTo(100_000 + quantity * (rows[4]![3]! - rows[1]![0]!) - fee, 6)
  })
})

/** The days of the algorithm, 8 to 17 October 2013, multiplied by their price and split factors. */
function adjusted(zip: string, factors: string): string {
  const table = readFileSync(factors, 'utf8')
    .trim()
    .split('\n')
    .map(line => line.split(',').map(Number))
  const factorOf = (day: number): number => {
    const [, price, split] = table.find(([until]) => until! >= day)!
    return price! * split!
  }
  const lines = firstEntry(readFileSync(zip))
    .split('\n')
    .filter(line => line >= '20131008' && line < '20131018')
    .map(line => {
      const [stamp, ...numbers] = line.trim().split(',')
      const day = stamp!.slice(0, 8)
      const factor = factorOf(Number(day))
      const prices = numbers.slice(0, 4).map(value => ((Number(value) / 10_000) * factor).toFixed(9))
      return [`${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}`, ...prices, numbers[4]].join(',')
    })
  const file = join(folder, 'spy.csv')
  writeFileSync(file, `Date,Open,High,Low,Close,Volume\n${lines.join('\n')}\n`)
  return file
}

/** The text of the first entry of a zip archive. */
function firstEntry(archive: Buffer): string {
  const directory = archive.indexOf(Buffer.from('PK\u0001\u0002'))
  const size = archive.readUInt32LE(directory + 20)
  const header = archive.readUInt32LE(directory + 42)
  const start = header + 30 + archive.readUInt16LE(header + 26) + archive.readUInt16LE(header + 28)
  return inflateRawSync(archive.subarray(start, start + size)).toString('utf8')
}

/** Daily bars of a random walk in 1/64. */
function bars(count: number, seed: number): number[][] {
  let state = seed
  const random = (): number => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff
    return state / 0x80000000
  }
  let last = 6400
  return Array.from({ length: count }, () => {
    const open = last + Math.round((random() - 0.5) * 60)
    const close = open + Math.round((random() - 0.49) * 200)
    last = close
    const high = Math.max(open, close) + Math.floor(random() * 30)
    const low = Math.min(open, close) - Math.floor(random() * 30)
    return [open / 64, high / 64, low / 64, close / 64]
  })
}

function write(name: string, rows: readonly (readonly number[])[]): string {
  const day = (index: number): string => new Date(Date.UTC(2015, 0, 1 + index)).toISOString().slice(0, 10)
  const lines = rows.map((row, index) => `${day(index)},${row.join(',')},1000000`)
  const file = join(folder, name)
  writeFileSync(file, `Date,Open,High,Low,Close,Volume\n${lines.join('\n')}\n`)
  return file
}
