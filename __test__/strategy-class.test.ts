import { describe, expect, expectTypeOf, it } from 'vitest'
import { TickforgeError } from '../src/errors.ts'
import { loadAddon, nativeError } from '../src/native/binding.ts'
import type { Context } from '../src/strategy/context.ts'
import { type Needs, resolveNeeds } from '../src/strategy/needs.ts'
import { bool, float, int, parseParameter, text } from '../src/strategy/parameters.ts'
import { Records, Series, seriesLimit } from '../src/strategy/records.ts'
import { Strategy, type StrategyClass } from '../src/strategy/strategy.ts'
import { play } from './strategy-fake-run.ts'

class Momentum extends Strategy.with({
  fast: int(10, { min: 2, max: 200, description: 'Fast average' }),
  share: float(0.5, { min: 0 }),
  trailing: bool(false),
  mode: text('both', { choices: ['both', 'long'] }),
  note: text('x'),
}) {
  static override data = { bars: '1d' }
  fast = this.indicator.sma(this.params.fast)
}

describe('parameters', () => {
  it('have their types, defaults and given values, before the fields of the class', () => {
    const { params, fast } = new Momentum({ fast: 3 })
    expect(params).toEqual({ fast: 3, share: 0.5, trailing: false, mode: 'both', note: 'x' })
    expectTypeOf(params.fast).toEqualTypeOf<number>()
    expectTypeOf(params.trailing).toEqualTypeOf<boolean>()
    expectTypeOf(params.mode).toEqualTypeOf<'both' | 'long'>()
    expectTypeOf(params.note).toEqualTypeOf<string>()
    expectTypeOf(Momentum).toExtend<StrategyClass>()
    ;[1, 2, 3].map(close => fast.update(close))
    expect(fast.value).toBe(2)
    expect(Momentum.parameters.fast).toMatchObject({ type: 'int', default: 10, min: 2, max: 200 })
  })

  it.each<[Record<string, unknown>, string, string]>([
    [{ fast: 1 }, 'ERR_PARAMETER_VALUE', "parameter 'fast' is 1; it takes a whole number from 2 to 200"],
    [{ fast: 2.5 }, 'ERR_PARAMETER_VALUE', "parameter 'fast' is 2.5; it takes a whole number from 2 to 200"],
    [{ share: Number.NaN }, 'ERR_PARAMETER_VALUE', "parameter 'share' is NaN; it takes a number of at least 0"],
    [{ trailing: 1 }, 'ERR_PARAMETER_VALUE', "parameter 'trailing' is 1; it takes true or false"],
    [{ mode: 'short' }, 'ERR_PARAMETER_VALUE', "parameter 'mode' is 'short'; it takes 'both', 'long'"],
    [{ fasst: 5 }, 'ERR_PARAMETER_UNKNOWN', "there is no parameter 'fasst' (did you mean 'fast'?)"],
    [{ toString: 5 }, 'ERR_PARAMETER_UNKNOWN', "there is no parameter 'toString'"],
  ])('refuse %o', (given, code, message) => {
    expect(() => new Momentum(given)).toThrow(expect.objectContaining({ code, message }))
  })

  it('refuse a default out of their own bounds', () => {
    expect(() => int(1, { min: 2 })).toThrow(expect.objectContaining({ code: 'ERR_PARAMETER_VALUE' }))
    expect(() => int(1.5)).toThrow(expect.objectContaining({ code: 'ERR_PARAMETER_VALUE' }))
  })

  it('are read from texts', () => {
    expect(parseParameter('n', int(1), ' 42 ')).toBe(42)
    expect(parseParameter('n', float(1), '1e-3')).toBe(0.001)
    expect(parseParameter('n', bool(false), 'true')).toBe(true)
    expect(parseParameter('n', text('a'), 'b')).toBe('b')
    for (const [parameter, given] of [
      [int(1), ''],
      [int(1), '4x'],
      [float(1), 'Infinity'],
      [bool(true), 'yes'],
    ] as const) {
      expect(() => parseParameter('n', parameter, given)).toThrow(
        expect.objectContaining({ code: 'ERR_PARAMETER_VALUE' }),
      )
    }
  })
})

describe('needs', () => {
  const make = (data: Needs | undefined, handlers: Record<string, unknown>): Strategy => {
    class Made extends Strategy {
      static override data = data as Needs
    }
    return Object.assign(new Made(), handlers)
  }
  const handler = (): void => {}

  it.each(['onTrade', 'onQuote', 'onDepth', 'onBar', 'onBars', 'onData'])('refuse %s when nothing feeds it', name => {
    expect(() => resolveNeeds(make({}, { [name]: handler }), 'maker')).toThrow(
      expect.objectContaining({ code: 'ERR_STRATEGY_NEEDS', message: expect.stringMatching(`^maker has ${name}, `) }),
    )
  })

  it('refuse an indicator, or a warm-up in bars, without bars', () => {
    const averaging = make({ trades: true }, {})
    averaging.indicator.sma(3)
    expect(() => resolveNeeds(averaging, 'x')).toThrow(expect.objectContaining({ code: 'ERR_STRATEGY_NEEDS' }))
    expect(() => resolveNeeds(make({ warmup: 5 }, {}), 'x')).toThrow(
      expect.objectContaining({ code: 'ERR_STRATEGY_NEEDS' }),
    )
  })

  it('accept what is fed, data that no handler takes, and a subscription announced by false', () => {
    const all = { onTrade: handler, onQuote: handler, onDepth: handler, onBar: handler, onBars: handler }
    const resolved = resolveNeeds(
      make({ trades: true, quotes: true, depth: 10, bars: { fast: '60s', slow: '1h' }, warmup: '30d' }, all),
      'x',
    )
    expect(resolved).toEqual({
      native: {
        trades: true,
        quotes: true,
        depth: 10,
        bars: ['1m', '1h'],
        warmupBars: 0,
        warmupNs: '2592000000000000',
      },
      instruments: [],
      aliases: { fast: '1m', slow: '1h' },
    })
    expect(resolveNeeds(make({ bars: '1d', instruments: ['A'] }, {}), 'x').instruments).toEqual(['A'])
    expect(resolveNeeds(make({ quotes: false }, { onQuote: handler }), 'x').native.quotes).toBe(false)
    expect(resolveNeeds(make(undefined, { onStart: handler, onTimer: handler }), 'x').native.bars).toEqual([])
  })

  it('refuse what cannot be declared', () => {
    const code = (data: unknown): string => {
      try {
        resolveNeeds(make(data as Needs, {}), 'x')
        return 'nothing'
      } catch (error) {
        return (error as TickforgeError).code
      }
    }
    expect(code({ depth: 11 })).toBe('ERR_STRATEGY_NEEDS')
    expect(code({ depth: -1 })).toBe('ERR_CONFIG_VALUE')
    expect(code({ tardes: true })).toBe('ERR_CONFIG_UNKNOWN_KEY')
    expect(code({ bars: 'daily' })).toBe('ERR_CONFIG_DURATION')
  })
})

describe('records', () => {
  it('keep logs with simulated time, metrics by extremes, and plots', async () => {
    const echoed: string[] = []
    class Talker extends Strategy {
      override onStart(ctx: Context): void {
        ctx.log('hello')
        ctx.log('careful', 'warn')
        for (const value of [3, 1, 2]) ctx.metric('spread', value)
        ctx.plot('line', 7)
        expect(() => ctx.metric('', 1)).toThrow(expect.objectContaining({ code: 'ERR_RECORD_VALUE' }))
        expect(() => ctx.plot('line', Number.NaN)).toThrow(expect.objectContaining({ code: 'ERR_RECORD_VALUE' }))
      }
    }
    const { driver } = await play({
      strategies: [new Talker()],
      rows: [{ kind: 'start', time: 5 }],
      options: { onLog: line => echoed.push(line.message) },
    })
    expect(driver.records()).toEqual([
      {
        strategy: 's0',
        logs: [
          { time: 5, strategy: 's0', level: 'info', message: 'hello' },
          { time: 5, strategy: 's0', level: 'warn', message: 'careful' },
        ],
        logsDropped: 0,
        metrics: [{ name: 'spread', value: 2, min: 1, max: 3, count: 3 }],
        plots: [{ name: 'line', times: [5], values: [7], every: 1 }],
        indicators: [],
      },
    ])
    expect(echoed).toEqual(['hello', 'careful'])
  })

  it('thin out long series evenly', () => {
    const series = new Series()
    const count = seriesLimit * 5
    for (let at = 0; at < count; at++) series.add(at, at)
    const { times, every } = series.record('x')
    expect(every).toBe(8)
    expect(times.length).toBeLessThanOrEqual(seriesLimit)
    expect(times).toEqual(Array.from(times, (_, index) => index * 8))
    expect(times.at(-1)).toBeGreaterThan(count - 9)
  })

  it('count log lines beyond what fits, and refuse names without end', () => {
    const records = new Records('x')
    for (let at = 0; at < 100_003; at++) records.log(at, 'm', 'info')
    for (let at = 0; at < 1000; at++) records.plot(0, `p${at}`, 1)
    expect(() => records.plot(0, 'one more', 1)).toThrow(expect.objectContaining({ code: 'ERR_RECORD_NAMES' }))
    const { logs, logsDropped } = records.finish([])
    expect([logs.length, logsDropped]).toEqual([100_000, 3])
  })
})

describe('indicators of a strategy', () => {
  it('refuse options that nothing reads, and being made during the run', async () => {
    class Late extends Strategy {
      static override data = { bars: '1m' }
      override onStart(): void {
        const { indicator } = this
        expect(() => indicator.sma(3)).toThrow(expect.objectContaining({ code: 'ERR_INDICATOR_LATE' }))
      }
    }
    const { indicator } = new Late()
    const code = 'ERR_INDICATOR_OPTION'
    expect(() => indicator.sma(3, { sauce: 'open' } as never)).toThrow(expect.objectContaining({ code }))
    expect(() => indicator.sma(3, { source: 'mid' as never })).toThrow(expect.objectContaining({ code }))
    expect(() => indicator.atr(3, { source: 'open' } as never)).toThrow(expect.objectContaining({ code }))
    const { outcome } = await play({ strategies: [new Late()], rows: [{ kind: 'start' }] })
    expect(outcome.rows).toBe(1)
  })
})

describe('the native binding', () => {
  it('turns errors of the addon into errors with code and details', () => {
    const told = new Error(JSON.stringify({ code: 'ERR_FEED_IO', message: 'no such file', details: { path: 'x' } }))
    expect(nativeError(told)).toMatchObject({ code: 'ERR_FEED_IO', message: 'no such file', details: { path: 'x' } })
    expect(nativeError(new Error('panic'))).toMatchObject({ code: 'ERR_INTERNAL', details: {} })
    expect(nativeError('[1]').message).toBe('the engine failed: [1]')
    const own = new TickforgeError('ERR_USAGE', 'x')
    expect(nativeError(own)).toBe(own)
  })

  it('says that the addon is absent, and that it cannot be loaded', () => {
    expect(() => loadAddon('/nowhere/tickforge.node')).toThrow(expect.objectContaining({ code: 'ERR_NATIVE_LOAD' }))
    expect(() => loadAddon(`${import.meta.dirname}/../package.json/`)).toThrow(
      expect.objectContaining({ code: 'ERR_NATIVE_LOAD' }),
    )
  })
})
