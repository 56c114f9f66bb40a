/** A moving-average cross through the public interface, against published figures and a naive recomputation. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  Backtest,
  type BacktestResult,
  type Bar,
  backtestingPyStatistics,
  type Context,
  csv,
  type FeeModel,
  fees,
  int,
  type SlippageModel,
  Strategy,
  slippage,
} from '../../src/index.ts'
import { shared, temporaryFolder } from './support.ts'

/** Reverses at each cross, seen at the close: a[-2] < b[-2] and a[-1] > b[-1], first on bar number `slow`. */
class Cross extends Strategy.with({ fast: int(10), slow: int(30) }) {
  static override data = { bars: '1d' }
  fast = this.indicator.sma(this.params.fast)
  slow = this.indicator.sma(this.params.slow)
  before = Number.NaN

  override onBar(_bar: Bar, ctx: Context): void {
    if (!this.slow.ready) return
    const now = this.fast.value - this.slow.value
    if (this.before < 0 && now > 0 && ctx.position <= 0) ctx.target({ percent: 100 })
    else if (this.before > 0 && now < 0 && ctx.position >= 0) ctx.target({ percent: -100 })
    this.before = now
  }
}

interface Case {
  readonly file: string
  readonly fast: number
  readonly slow: number
  readonly fees: FeeModel
  readonly slippage?: SlippageModel
  readonly closeAtEnd: false | 'open'
}

const run = ({ file, fast, slow, fees, slippage, closeAtEnd }: Case): Promise<BacktestResult> =>
  new Backtest({
    data: csv(file, { symbol: 'GOOG', timeframe: '1d', label: 'session' }),
    account: { initialCash: 10_000 },
    venue: { fees, ...(slippage && { slippage }) },
    closeAtEnd,
    strategies: { cross: new Cross({ fast, slow }) },
  }).run()

const goog = shared('vectors/backtesting_py/GOOG.csv')

describe('a moving-average cross on GOOG', () => {
  it.skipIf(goog === null)('10/30 without fees ends at 51,422.99 after 66 trades', async () => {
    const result = await run({ file: goog!, fast: 10, slow: 30, fees: fees.none(), closeAtEnd: 'open' })
    expect(result.figures.finalEquity).toBe(51422.99)
    expect(result.roundTrips.length).toBe(66)
    expect(result.roundTrips.filter(({ net }) => net > 0).length / 66).toBeCloseTo(0.46969697, 8)
    expect(result.figures.maxDrawdownFraction).toBeCloseTo(0.4798012705, 10)
    expect(result.notes.join()).toContain('look-ahead')
    expect(result.notes.join()).toContain('lot 1, multiplier 1')
  })

  it.skipIf(goog === null)('10/20 with a commission of .002 a side ends at 56,263.51934 after 93 trades', async () => {
    const result = await run({ file: goog!, fast: 10, slow: 20, fees: fees.bps(20), closeAtEnd: false })
    expect(result.figures.finalEquity).toBe(56263.51934)
    const closed = result.roundTrips.filter(trip => trip.closed)
    expect(closed.length).toBe(93)
    expect(closed.filter(({ net }) => net > 0).length / 93).toBeCloseTo(0.52688172, 8)
    expect(result.figures.maxDrawdownFraction).toBeCloseTo(0.3393159183, 10)
  })
})

/** simulation.md, "backtesting.py 0.6.6 on GOOG.csv": the three columns, to every digit that is printed there. */
describe('the statistics of backtesting.py on GOOG', () => {
  const columns = {
    '10/30 without fees, closed at the end': [
      { fast: 10, slow: 30, fees: fees.none(), closeAtEnd: 'open' },
      ['51422.99', '66', '46.969697', '-47.98012705', '21.191099249', '36.497160907'],
      ['.5806232244', '1.0853434352', '.4416640920', '2.1679459743', '1.0766187357'],
    ],
    '10/20 with a commission of .002 a side': [
      { fast: 10, slow: 20, fees: fees.bps(20), closeAtEnd: false },
      ['56263.51934', '93', '52.688172', '-33.93159183', '22.477535904', '37.416414613'],
      ['.6007399730', '1.1450872478', '.6624368234', '1.9934882546', '1.5843922090'],
    ],
    '10/20 with a spread of .002': [
      { fast: 10, slow: 20, fees: fees.none(), slippage: slippage.bps(20, { onOpening: true }), closeAtEnd: false },
      ['68935.11986', '93', '53.763441', '-33.08217209', '25.432577583', '38.433659278'],
      ['.6617266755', '1.2972896401', '.7687698835', '2.1257647057', '1.7752849549'],
    ],
  } as const

  it.skipIf(goog === null).each(Object.entries(columns))('%s', async (_, [options, shares, ratios]) => {
    const result = await run({ file: goog!, ...options })
    const found = backtestingPyStatistics(result)
    const percent = [found.winRate, found.maxDrawdown, found.annualReturn, found.annualVolatility]
    const printed = [
      found.finalEquity,
      found.trades,
      ...percent.map(share => 100 * share),
      found.sharpe,
      found.sortino,
      found.calmar,
      found.profitFactor,
      found.sqn,
    ]
    const expected = [...shares, ...ratios]
    const digits = (text: string): number => text.split('.')[1]?.length ?? 0
    expect(printed.map((value, at) => value.toFixed(digits(expected[at]!)).replace(/^0\./, '.'))).toEqual(expected)
  })
})

/** A bar file as a naive engine reads it: rows of [open, high, low, close]. */
type Rows = readonly (readonly [number, number, number, number])[]

/** Bars of a random walk in 1/64, one a day: sums of such prices are exact, so that ties are ties for everybody. */
function generate(count: number): Rows {
  let state = 12345
  const random = (): number => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff
    return state / 0x80000000
  }
  let last = 10_000
  return Array.from({ length: count }, () => {
    const open = Math.max(100, last + Math.round((random() - 0.5) * 100))
    const close = Math.max(100, open + Math.round((random() - 0.497) * 400))
    last = close
    const high = Math.max(open, close) + Math.floor(random() * 50)
    const low = Math.min(open, close) - Math.floor(random() * 50)
    return [open / 64, high / 64, low / 64, close / 64]
  })
}

/** The same rules in a dozen lines: sizes in whole units after the closing leg, fills at the next open. */
function recompute(rows: Rows, fast: number, slow: number, rate: number): { equity: number; trades: number } {
  const mean = (at: number, length: number): number =>
    rows.slice(at - length + 1, at + 1).reduce((sum, row) => sum + row[3], 0) / length
  const gap = (at: number): number => mean(at, fast) - mean(at, slow)
  let cash = 10_000
  let units = 0
  let trades = 0
  for (let at = slow; at < rows.length - 1; at += 1) {
    const turn = gap(at - 1) < 0 && gap(at) > 0 ? 1 : gap(at - 1) > 0 && gap(at) < 0 ? -1 : 0
    if (turn === 0 || turn === Math.sign(units)) continue
    const price = rows[at + 1]![0]
    cash += units * price - Math.abs(units) * price * rate
    if (units !== 0) trades += 1
    units = turn * Math.floor(cash / (price * (1 + rate)) + 1e-9)
    cash -= units * price + Math.abs(units) * price * rate
  }
  const last = rows.at(-1)!
  if (units !== 0) trades += 1
  return { equity: cash + units * last[0] - Math.abs(units) * last[0] * rate, trades }
}

describe('a moving-average cross on generated bars', () => {
  const rows = generate(1500)
  const file = join(temporaryFolder(), 'bars.csv')
  const day = (index: number): string => new Date(Date.UTC(2015, 0, 1 + index)).toISOString().slice(0, 10)
  const lines = rows.map((row, index) => `${day(index)},${row.join(',')},1000000`)
  writeFileSync(file, `Date,Open,High,Low,Close,Volume\n${lines.join('\n')}\n`)

  it.each([
    [10, 30, 0],
    [10, 20, 0.002],
    [5, 50, 0.001],
  ])('%i/%i at a fee of %f a side equals a naive recomputation', async (fast, slow, rate) => {
    const result = await run({ file, fast, slow, fees: fees.bps(rate * 10_000), closeAtEnd: 'open' })
    const expected = recompute(rows, fast, slow, rate)
    expect(expected.trades).toBeGreaterThan(10)
    expect(result.roundTrips.length).toBe(expected.trades)
    expect(result.figures.finalEquity).toBeCloseTo(expected.equity, 6)
  })
})
