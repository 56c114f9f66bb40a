import { describe, expect, it } from 'vitest'
import type { BarSlice } from '../src/strategy/bar-slice.ts'
import { RowFlag } from '../src/strategy/columns.ts'
import type { Context } from '../src/strategy/context.ts'
import type { Depth } from '../src/strategy/depth-view.ts'
import type { Fill, Timer } from '../src/strategy/report-views.ts'
import { SessionClock } from '../src/strategy/session.ts'
import { Strategy } from '../src/strategy/strategy.ts'
import type { Bar, Quote, Trade } from '../src/strategy/views.ts'
import { bar, type FakeRun, play, type Row, report, terms, trade } from './strategy-fake-run.ts'

const minute = 60_000

class Negative {
  value = Number.NaN
  get ready(): boolean {
    return !Number.isNaN(this.value)
  }
  update(x: number): void {
    this.value = -x
  }
}

describe('bars', () => {
  it('show their numbers, timeframe and times, and stay in history under both names', async () => {
    const seen: unknown[] = []
    class Two extends Strategy {
      static override data = { bars: { fast: '1m', slow: '60m' } }
      override onBar(at: Bar, ctx: Context): void {
        const { timeframe, open, high, low, close, volume, openTime, closeTime, symbol } = at
        seen.push([timeframe, open, high, low, close, volume, openTime, closeTime, symbol, ctx.last])
        seen.push([ctx.history('fast', 2).map(past => past.close), ctx.history('1h', 9).map(past => past.close)])
        expect(ctx.history('slow', 9)).toEqual(ctx.history('1h', 9))
      }
    }
    await play({
      strategies: [new Two()],
      rows: [bar(minute, 10), bar(2 * minute, 20), bar(3 * minute, 30), bar(3 * minute, 40, { extra: 1 })],
    })
    expect(seen[0]).toEqual(['1m', 9, 12, 8, 10, 10, 0, minute, 'AAA', 10])
    expect(seen.filter((_, index) => index % 2 === 1)).toEqual([
      [[10], []],
      [[10, 20], []],
      [[20, 30], []],
      [[20, 30], [40]],
    ])
  })

  it('are kept in order when more have come than history holds', async () => {
    let past: number[] = []
    class Long extends Strategy {
      static override data = { bars: '1m' }
      override onBar(_: Bar, ctx: Context): void {
        past = ctx.history('1m', 4096).map(({ close }) => close)
      }
    }
    const flags = RowFlag.warmUp
    const rows = Array.from({ length: 5000 }, (_, at) => bar(at, at, { flags: at < 4999 ? flags : 0 }))
    await play({ strategies: [new Long()], rows })
    expect(past).toEqual(Array.from({ length: 4096 }, (_, at) => at + 904))
  })

  it('are refused beyond what was declared or is kept', async () => {
    class Greedy extends Strategy {
      static override data = { bars: '1m' }
      override onBar(_: Bar, ctx: Context): void {
        expect(() => ctx.history('1h', 1)).toThrow(expect.objectContaining({ code: 'ERR_VIEW_NOT_DECLARED' }))
        expect(() => ctx.history('1m', 5000)).toThrow(expect.objectContaining({ code: 'ERR_CONTEXT_COUNT' }))
        expect(() => ctx.history('1m', -1)).toThrow(expect.objectContaining({ code: 'ERR_CONTEXT_COUNT' }))
        expect(() => ctx.recentTrades(1)).toThrow(expect.objectContaining({ code: 'ERR_VIEW_NOT_DECLARED' }))
        expect(() => ctx.book).toThrow(expect.objectContaining({ code: 'ERR_VIEW_NOT_DECLARED' }))
      }
    }
    const { outcome } = await play({ strategies: [new Greedy()], rows: [bar(1, 1)] })
    expect(outcome.rows).toBe(1)
  })

  it('feed indicators before the handlers, while warming up too', async () => {
    const seen: unknown[] = []
    class Averages extends Strategy {
      static override data = { bars: ['1m', '1h'] }
      fast = this.indicator.sma(2)
      highs = this.indicator.highest(2)
      slow = this.indicator.sma(1, { timeframe: '1h', source: 'open' })
      range = this.indicator.atr(1)
      own = this.indicator.custom(new Negative())
      override onBar(_: Bar): void {
        seen.push([this.fast.value, this.highs.value, this.slow.ready, this.range.value, this.own.value])
      }
    }
    const { driver } = await play({
      strategies: [new Averages()],
      rows: [bar(1, 10, { flags: RowFlag.warmUp }), bar(2, 20), bar(3, 30, { extra: 1 })],
    })
    expect(seen).toEqual([
      [15, 22, false, 12, -20],
      [15, 22, true, 12, -20],
    ])
    const [records] = driver.records()
    expect(
      records?.indicators.map(({ name, formula, timeframe, values }) => [name, formula, timeframe, values]),
    ).toEqual([
      ['fast', 'sma(2)', '1m', [15]],
      ['highs', 'highest(2)', '1m', [22]],
      ['range', 'atr(1)', '1m', [12]],
      ['own', 'custom', '1m', [-10, -20]],
      ['slow', 'sma(1)', '1h', [29]],
    ])
    expect(records?.indicators[0]).toMatchObject({ times: [2], every: 1, symbol: 'AAA' })
  })
})

describe('several instruments', () => {
  const instruments = [terms('AAA'), terms('BBB'), terms('CCC')]

  it('come together in slices that name what is missing', async () => {
    const slices: unknown[] = []
    const calls: string[] = []
    class Basket extends Strategy {
      static override data = { bars: '1m' }
      override onBar({ symbol }: Bar): void {
        calls.push(symbol)
      }
      override onBars(slice: BarSlice): void {
        calls.push('slice')
        const closes = [...slice.bars.values()].map(({ symbol, close }) => `${symbol} ${close}`)
        slices.push([slice.time, slice.timeframe, closes, slice.missing, slice.get('BBB')?.close])
      }
    }
    const end = RowFlag.sliceEnd
    await play({
      strategies: [new Basket()],
      instruments,
      rows: [
        bar(minute, 1),
        bar(minute, 2, { instrument: 1 }),
        bar(minute, 3, { instrument: 2, flags: end }),
        bar(2 * minute, 4, { instrument: 1, flags: end }),
      ],
    })
    expect(calls).toEqual(['AAA', 'BBB', 'CCC', 'slice', 'BBB', 'slice'])
    expect(slices).toEqual([
      [minute, '1m', ['AAA 1', 'BBB 2', 'CCC 3'], [], 2],
      [2 * minute, '1m', ['BBB 4'], ['AAA', 'CCC'], 4],
    ])
  })

  it('are asked for by symbol; the short form names the long one', async () => {
    class Pair extends Strategy {
      override onStart(ctx: Context): void {
        for (const short of [
          () => ctx.bid,
          () => ctx.position,
          () => ctx.session,
          () => ctx.buy({ quantity: 1 }),
          () => ctx.target({ percent: 1 }),
        ]) {
          expect(short).toThrow(expect.objectContaining({ code: 'ERR_CONTEXT_AMBIGUOUS' }))
        }
        expect(() => ctx.bid).toThrow("ctx.of('AAA').bid")
        expect(() => ctx.of('BBBB')).toThrow("did you mean 'BBB'?")
        expect(ctx.instruments.map(({ symbol }) => symbol)).toEqual(['AAA', 'BBB', 'CCC'])
        ctx.of('CCC').sell({ quantity: 2 })
        ctx.of('BBB').cancelAll()
      }
    }
    const { run } = await play({ strategies: [new Pair()], instruments, rows: [{ kind: 'start' }] })
    expect(run.all.map(({ instrument, amount }) => [instrument, amount])).toEqual([
      [2, 2],
      [1, 0],
    ])
  })

  it('have short forms for a strategy that sees one of them, with its own prices at every row', async () => {
    const seen: unknown[] = []
    class One extends Strategy {
      static override data = { trades: true }
      override onTrade(_: Trade, ctx: Context): void {
        seen.push([ctx.bid, ctx.ask, ctx.last, ctx.instrument.symbol])
      }
      override onTimer(_: Timer, ctx: Context): void {
        seen.push([ctx.bid, ctx.ask, ctx.mid])
      }
    }
    const before = (run: FakeRun): void => {
      run.setView(1, 'bid', 7)
      run.setView(1, 'ask', 8)
    }
    await play({
      strategies: [new One()],
      instruments,
      seen: [[1]],
      rows: [trade(1, 5, 1, { instrument: 1, bid: 4, ask: 6 }), { kind: 'timer', extra: 1, bid: 99, ask: 99, before }],
      prepare: run => (run.stepRows = 1),
    })
    expect(seen).toEqual([
      [4, 6, 5, 'BBB'],
      [7, 8, 7.5],
    ])
  })

  it('keep the best prices of earlier rows of the same step', async () => {
    const seen: unknown[] = []
    class Watcher extends Strategy {
      static override data = { quotes: true }
      override onQuote({ symbol }: Quote, ctx: Context): void {
        seen.push([symbol, ctx.of('AAA').bid, ctx.of('BBB').bid])
      }
    }
    const quote = (instrument: number, bid: number): Row => ({ kind: 'quote', instrument, bid, ask: bid + 1 })
    await play({
      strategies: [new Watcher()],
      instruments,
      rows: [quote(0, 10), quote(1, 20), quote(0, 11), quote(1, 21)],
    })
    expect(seen.slice(1)).toEqual([
      ['BBB', 10, 20],
      ['AAA', 11, 20],
      ['BBB', 11, 21],
    ])
  })

  it('need to be named for an indicator', async () => {
    class Vague extends Strategy {
      static override data = { bars: '1m' }
      average = this.indicator.sma(3)
    }
    await expect(play({ strategies: [new Vague()], instruments, rows: [] })).rejects.toMatchObject({
      code: 'ERR_CONTEXT_AMBIGUOUS',
    })
    class Named extends Strategy {
      static override data = { bars: '1m' }
      average = this.indicator.sma(1, { symbol: 'BBB' })
      readonly seen: number[] = []
      override onBar(_: Bar): void {
        this.seen.push(this.average.value)
      }
    }
    const named = new Named()
    await play({ strategies: [named], instruments, rows: [bar(1, 5), bar(1, 6, { instrument: 1 })] })
    expect(named.seen).toEqual([Number.NaN, 6])
  })
})

describe('money', () => {
  it('counts what is paid in full by its value and the rest by its profit', async () => {
    const seen: number[] = []
    class Holder extends Strategy {
      override onFill(_: Fill, ctx: Context): void {
        seen.push(ctx.cash, ctx.equity)
      }
    }
    const instruments = [terms('AAA'), terms('ESH4', { kind: 'future', tickSize: '0.25', multiplier: '50' })]
    const price = (table: number, bid: number, ask: number) => (run: FakeRun) => {
      run.setView(table, 'bid', bid)
      run.setView(table, 'ask', ask)
    }
    const long = { order: 1, quantity: 5, price: 100, position: 5, average: 100, cash: 500 }
    const short = { order: 2, detail: 1, quantity: 2, price: 4800, position: -2, average: 4800, cash: 499 }
    await play({
      strategies: [new Holder()],
      instruments,
      prepare: run => (run.stepRows = 1),
      rows: [
        report(1, { kind: 'filled', ...long }, { bid: 99, ask: 101 }),
        report(2, { kind: 'filled', ...short }, { instrument: 1, bid: 4799, ask: 4801, before: price(0, 98, 101) }),
      ],
    })
    // 500 + 5·99; then 499 + 5·98 − 2·(4801 − 4800)·50
    expect(seen).toEqual([500, 995, 499, 889])
  })

  it('marks at the last price where no book is there, and at cost where nothing is known', async () => {
    const seen: number[] = []
    class Holder extends Strategy {
      static override data = { bars: '1d' }
      override onFill(_: Fill, ctx: Context): void {
        seen.push(ctx.equity)
      }
      override onBar(_: Bar, ctx: Context): void {
        seen.push(ctx.equity)
      }
    }
    const told = { order: 1, quantity: 5, price: 100, position: 5, average: 100, cash: 500 } as const
    await play({ strategies: [new Holder()], rows: [report(1, { kind: 'filled', ...told }), bar(2, 110)] })
    expect(seen).toEqual([1000, 1050])
  })
})

describe('depth', () => {
  it('shows the levels that are there, at the row and through the context', async () => {
    const seen: unknown[] = []
    let copy: Depth | undefined
    class Deep extends Strategy {
      static override data = { depth: 2 }
      override onDepth(depth: Depth, ctx: Context): void {
        seen.push([depth.bidLevels, depth.askLevels, depth.bidPrice(0), depth.bidSize(1), depth.askCount(0)])
        seen.push([depth.askPrice(1), depth.bidPrice(-1), ctx.book.bids, ctx.book.asks])
        copy ??= depth.copy()
      }
    }
    const write = (best: number) => (run: FakeRun) => {
      run.setView(0, 'bidLevels', 2)
      run.setView(0, 'askLevels', 1)
      for (const level of [0, 1]) {
        run.setView(0, 'price', best - level, level)
        run.setView(0, 'quantity', 10 + level, level)
        run.setView(0, 'count', 1 + level, level)
      }
      run.setView(0, 'price', best + 1, 10)
      run.setView(0, 'quantity', 5, 10)
      run.setView(0, 'count', 3, 10)
    }
    await play({
      strategies: [new Deep()],
      prepare: run => (run.stepRows = 1),
      rows: [
        { kind: 'depth', time: 1, before: write(50) },
        { kind: 'depth', time: 2, before: write(60) },
      ],
    })
    expect(seen).toEqual([
      [2, 1, 50, 11, 3],
      [
        Number.NaN,
        Number.NaN,
        [
          { price: 50, size: 10, count: 1 },
          { price: 49, size: 11, count: 2 },
        ],
        [{ price: 51, size: 5, count: 3 }],
      ],
      [2, 1, 60, 11, 3],
      [Number.NaN, Number.NaN, expect.anything(), [{ price: 61, size: 5, count: 3 }]],
    ])
    expect([copy?.bidPrice(0), copy?.askPrice(0), copy?.askPrice(1)]).toEqual([50, 51, Number.NaN])
  })
})

describe('the trading day', () => {
  it('is the UTC day without a session', () => {
    const at = Date.UTC(2024, 2, 8, 15)
    const { date, open, close } = new SessionClock(null).at(at)
    expect([date, open, close]).toEqual(['2024-03-08', Date.UTC(2024, 2, 8), Date.UTC(2024, 2, 9)])
  })

  it('runs from close to close on the wall clock of the exchange, also when clocks change', () => {
    const clock = new SessionClock({ timeZone: 'America/Chicago', close: '16:00' })
    const day = (at: number): unknown[] => {
      const { date, open, close } = clock.at(at)
      return [date, new Date(open).toISOString(), new Date(close).toISOString()]
    }
    expect(day(Date.UTC(2024, 2, 8, 15))).toEqual([
      '2024-03-08',
      '2024-03-07T22:00:00.000Z',
      '2024-03-08T22:00:00.000Z',
    ])
    // At the close itself the next day begins; on 10 March clocks go forward.
    expect(day(Date.UTC(2024, 2, 9, 22))).toEqual([
      '2024-03-10',
      '2024-03-09T22:00:00.000Z',
      '2024-03-10T21:00:00.000Z',
    ])
    expect(day(Date.UTC(2024, 2, 10, 21))[0]).toBe('2024-03-11')
  })
})
