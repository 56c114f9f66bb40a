/** Bars of several timeframes and instruments in one run: their order, slices, history and warm-up. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  Backtest,
  type Bar,
  type BarSlice,
  type Context,
  csv,
  type DataSource,
  dbn,
  Strategy,
  synthetic,
} from '../../src/index.ts'
import { esh4, temporaryFolder } from './support.ts'

const folder = temporaryFolder()
const minute = 60_000
const start = Date.UTC(2024, 0, 2, 14)

interface Row {
  readonly at: number
  readonly symbol: string
  readonly price: number
}

/** Minutes of some hours, with a hole here and there. */
const minutes: Row[] = Array.from({ length: 300 }, (_, index) => ({
  at: start + index * minute,
  symbol: 'AAA',
  price: 100 + ((index * 7919) % 113) / 10,
})).filter((_, index) => index % 59 !== 58 && index !== 10)

function write(name: string, rows: readonly Row[]): string {
  const path = join(folder, name)
  const line = ({ at, symbol, price }: Row): string =>
    `${new Date(at).toISOString()},${symbol},${price},${price + 1},${price - 1},${price + 0.5},1000`
  writeFileSync(path, `time,symbol,open,high,low,close,volume\n${rows.map(line).join('\n')}\n`)
  return path
}

const minuteFile = write('minutes.csv', minutes)

/** Hours as an exchange would publish them: open of the first minute, close of the last. */
const hourFile = join(folder, 'hours.csv')
const hours = [...group()]
function group(): Map<number, Row[]> {
  const groups = new Map<number, Row[]>()
  for (const row of minutes) {
    const key = Math.floor(row.at / 3_600_000)
    groups.set(key, [...(groups.get(key) ?? []), row])
  }
  return groups
}
writeFileSync(
  hourFile,
  `time,symbol,open,high,low,close,volume\n${hours
    .map(([hour, rows]) => {
      const prices = rows.map(row => row.price)
      const [high, low] = [Math.max(...prices) + 1, Math.min(...prices) - 1]
      const time = new Date(hour * 3_600_000).toISOString()
      return `${time},AAA,${prices[0]},${high},${low},${prices.at(-1)! + 0.5},${rows.length * 1000}`
    })
    .join('\n')}\n`,
)

/** Keeps every bar with the time at which it was seen. */
class Collector extends Strategy {
  static override data = { bars: { fast: '1m', slow: '1h' } }
  readonly seen: { bar: Bar; at: number }[] = []
  override onBar(bar: Bar, ctx: Context): void {
    this.seen.push({ bar: bar.copy(), at: ctx.time })
  }
}

const label = 'open' as const
const cases: [string, DataSource[] | null][] = [
  ['made from a file of minutes', [csv(minuteFile, { timeframe: '1m', label })]],
  [
    'read from a file of its own',
    [csv(hourFile, { timeframe: '1h', label }), csv(minuteFile, { timeframe: '1m', label })],
  ],
  ['made from generated trades', [synthetic({ seed: 5, records: 100_000, liveOrders: 300 })]],
  ['made from the trades of ESH4', esh4 === null ? null : [dbn(esh4, { symbols: ['ESH4'] })]],
]

describe('a bar of an hour beside bars of a minute', () => {
  it.for(cases)('%s is never seen before its last minute has closed, and after it', async ([, data], { skip }) => {
    if (data === null) return skip('the shared data are not there')
    const collect = async (stepRows: number): Promise<Collector['seen']> => {
      const collector = new Collector()
      await new Backtest({ data, strategies: { collector }, stepRows }).run()
      return collector.seen
    }
    const seen = await collect(128)
    const slow = seen.filter(({ bar }) => bar.timeframe === '1h')
    expect(slow.length).toBeGreaterThan(0)
    for (const { bar, at } of seen) expect(at).toBeGreaterThanOrEqual(bar.closeTime)
    for (const [index, { bar }] of seen.entries()) {
      if (bar.timeframe !== '1h') continue
      // What came before is exactly what lies inside it; nothing inside it comes later.
      const inside = (from: typeof seen): Bar[] =>
        from
          .map(other => other.bar)
          .filter(o => o.timeframe === '1m' && o.openTime >= bar.openTime && o.closeTime <= bar.closeTime)
      const before = inside(seen.slice(0, index))
      expect(inside(seen.slice(index))).toEqual([])
      expect(before.length).toBeGreaterThan(0)
      expect([bar.open, bar.close]).toEqual([before[0]!.open, before.at(-1)!.close])
      expect(bar.high).toBe(Math.max(...before.map(({ high }) => high)))
      expect(bar.low).toBe(Math.min(...before.map(({ low }) => low)))
      expect(bar.volume).toBe(before.reduce((sum, { volume }) => sum + volume, 0))
    }
    const plain = (all: typeof seen): string =>
      JSON.stringify(all.map(({ bar, at }) => [at, bar.timeframe, bar.closeTime, bar.close]))
    expect(plain(await collect(1))).toBe(plain(seen))
  })
})

describe('slices over two instruments', () => {
  const both: Row[] = minutes.flatMap((row, index) => [
    row,
    ...(index % 4 === 3 ? [] : [{ ...row, symbol: 'BBB', price: row.price * 2 }]),
  ])
  const file = write('both.csv', both)

  class Slices extends Strategy {
    static override data = { bars: '1m' }
    readonly slices: BarSlice[] = []
    readonly order: string[] = []
    override onBar(bar: Bar): void {
      this.order.push(`${bar.symbol} ${bar.closeTime}`)
    }
    override onBars(slice: BarSlice, ctx: Context): void {
      this.slices.push(slice)
      this.order.push(`slice ${slice.time}`)
      const [first] = [...slice.bars.keys()]
      if (this.slices.length % 50 === 1) ctx.of(first!).buy({ quantity: 1 })
    }
  }

  it.each([1, 128])(
    'come once all bars of a closing time are in, with %i rows a step; what is missing is named',
    async stepRows => {
      const strategy = new Slices()
      const result = await new Backtest({
        data: csv(file, { timeframe: '1m', label: 'open' }),
        strategies: { slices: strategy },
        stepRows,
      }).run()
      expect(strategy.slices.length).toBe(minutes.length)
      for (const [index, slice] of strategy.slices.entries()) {
        const complete = index % 4 !== 3
        expect(slice.time).toBe(minutes[index]!.at + minute)
        expect([...slice.bars.keys()].sort()).toEqual(complete ? ['AAA', 'BBB'] : ['AAA'])
        expect(slice.missing).toEqual(complete ? [] : ['BBB'])
        for (const bar of slice.bars.values()) expect(bar.closeTime).toBe(slice.time)
      }
      for (const [index, { time, bars }] of strategy.slices.entries()) {
        const at = strategy.order.indexOf(`slice ${time}`)
        const own = [...bars.keys()].map(symbol => `${symbol} ${time}`)
        expect(strategy.order.slice(at - own.length, at).sort(), `slice ${index}`).toEqual(own.sort())
      }
      expect(result.fills.length).toBeGreaterThan(3)
      expect(new Set(result.fills.map(({ symbol }) => symbol)).size).toBeGreaterThan(0)
    },
  )
})

describe('warm-up', () => {
  class Warm extends Strategy {
    static override data: { bars: string; warmup: number | string } = { bars: '1m', warmup: 20 }
    sma = this.indicator.sma(20)
    readonly bars: Bar[] = []
    historyAtFirst = 0
    readyAtFirst = false
    started = 0
    override onStart(ctx: Context): void {
      this.started = ctx.time
    }
    override onBar(bar: Bar, ctx: Context): void {
      if (this.bars.length === 0) {
        this.readyAtFirst = this.sma.ready
        this.historyAtFirst = ctx.history('1m', 100).length
        ctx.buy({ quantity: 1 })
      }
      this.bars.push(bar.copy())
      const history = ctx.history('1m', 3)
      if (history.at(-1)?.closeTime !== bar.closeTime) throw new Error('history ends with the bar that closed')
      for (const { closeTime } of ctx.history('1m', 4096))
        if (closeTime > ctx.time) throw new Error('a bar of the future')
    }
  }
  class WarmForTime extends Warm {
    static override data = { bars: '1m', warmup: '30m' }
  }

  const bars = csv(minuteFile, { timeframe: '1m', label: 'open' })

  it.each([1, 128])(
    'by a number of bars feeds indicators and history while handlers wait; %i rows a step',
    async stepRows => {
      const warm = new Warm()
      const { figures } = await new Backtest({ data: bars, strategies: { warm }, stepRows }).run()
      expect(warm.bars.length).toBe(minutes.length - 20)
      expect(warm.bars[0]!.openTime).toBe(minutes[20]!.at)
      expect([warm.readyAtFirst, warm.historyAtFirst, figures.fills]).toEqual([true, 21, 1])
    },
  )

  it.each([1, 128])('by a duration lasts that long from the start; %i rows a step', async stepRows => {
    const warm = new WarmForTime()
    await new Backtest({ data: bars, strategies: { warm }, stepRows }).run()
    const until = warm.started + 30 * minute
    const first = minutes.findIndex(({ at }) => at + minute >= until)
    expect(warm.bars[0]!.openTime).toBe(minutes[first]!.at)
    expect(warm.historyAtFirst).toBe(first + 1)
  })
})
