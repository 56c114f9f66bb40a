/** Strategies and configurations that are wrong: each gives a clear error with its code and its place. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Backtest, type Context, Strategy, synthetic, TickforgeError } from '../../src/index.ts'
import { filesBelow, temporaryFolder, tickforge } from './support.ts'

const folder = temporaryFolder()
const data = synthetic({ records: 5000, seed: 1 })

async function fail(strategy: Strategy, directory?: string): Promise<TickforgeError> {
  const output = directory === undefined ? {} : { output: { directory } }
  try {
    await new Backtest({ data, strategies: { wrong: strategy }, ...output }).run()
  } catch (error) {
    if (error instanceof TickforgeError) return error
    throw error
  }
  throw new Error('the run went well')
}

/** A strategy that does something at its 20th quote. */
function doing(what: (ctx: Context) => unknown): Strategy {
  class Doing extends Strategy {
    static override data = { quotes: true }
    count = 0
    override onQuote(_quote: unknown, ctx: Context): void {
      this.count += 1
      if (this.count === 20) what(ctx)
    }
  }
  return new Doing()
}

// What a JavaScript user can write, whatever the types say.
const any = (value: unknown): never => value as never

const orders: [string, (ctx: Context) => unknown, string][] = [
  ['NaN lots', ctx => ctx.buy({ quantity: Number.NaN }), 'ERR_ORDER_QUANTITY'],
  ['no lots', ctx => ctx.buy({ quantity: 0 }), 'ERR_ORDER_QUANTITY'],
  ['less than no lots', ctx => ctx.buy({ quantity: -1 }), 'ERR_ORDER_QUANTITY'],
  ['half a lot', ctx => ctx.buy({ quantity: 0.5 }), 'ERR_ORDER_OFF_LOT'],
  ['infinitely many lots', ctx => ctx.buy({ quantity: Number.POSITIVE_INFINITY }), 'ERR_ORDER_QUANTITY'],
  ['1e300 lots', ctx => ctx.buy({ quantity: 1e300 }), 'ERR_ORDER_QUANTITY'],
  ['2^60 lots', ctx => ctx.buy({ quantity: 2 ** 60 }), 'ERR_ORDER_QUANTITY'],
  ['a text of lots', ctx => ctx.buy({ quantity: any('1') }), 'ERR_ORDER_QUANTITY'],
  ['NaN for a price', ctx => ctx.buy({ quantity: 1, price: Number.NaN }), 'ERR_ORDER_PRICE'],
  ['an infinite price', ctx => ctx.buy({ quantity: 1, price: Number.NEGATIVE_INFINITY }), 'ERR_ORDER_PRICE'],
  ['a price of 1e300', ctx => ctx.buy({ quantity: 1, price: 1e300 }), 'ERR_ORDER_PRICE'],
  ['a price off the tick', ctx => ctx.buy({ quantity: 1, price: 4800.1 }), 'ERR_ORDER_OFF_TICK'],
  ['an unknown instrument', ctx => ctx.of('NONE').buy({ quantity: 1 }), 'ERR_ORDER_INSTRUMENT'],
  ['a mistyped option', ctx => ctx.buy(any({ quantity: 1, prize: 5 })), 'ERR_ORDER_OPTION'],
  ['no amount', ctx => ctx.buy(any({ price: 4800 })), 'ERR_ORDER_OPTION'],
  ['nothing', ctx => ctx.buy(any(undefined)), 'ERR_ORDER_OPTION'],
  ['a target of NaN percent', ctx => ctx.target({ percent: Number.NaN }), 'ERR_ORDER_QUANTITY'],
  ['the end of an unknown order', ctx => ctx.cancel(99), 'ERR_ORDER_UNKNOWN'],
]

describe('an order of', () => {
  it.each(orders)('%s throws at its line', async (_, what, code) => {
    const error = await fail(doing(what), join(folder, 'never'))
    expect(error.code).toBe('ERR_STRATEGY_THREW')
    expect(error.details).toMatchObject({ code, strategy: 'wrong', handler: 'onQuote' })
    expect(error.details['location']).toContain('bad-strategy.test.ts:')
    expect((error.cause as TickforgeError).code).toBe(code)
    expect((error.cause as TickforgeError).details['accepted']).toBeDefined()
    expect(filesBelow(folder)).toEqual([])
  })

  it('a size that only the venue can judge comes back as a report', async () => {
    class Large extends Strategy {
      static override data = { quotes: true }
      answers: string[] = []
      override onQuote(_quote: unknown, ctx: Context): void {
        if (ctx.openOrders.length === 0 && this.answers.length < 3) ctx.buy({ quantity: 2 ** 40 })
      }
      override onOrder({ kind, code }: { kind: string; code: string | undefined }): void {
        this.answers.push(`${kind} ${code}`)
      }
    }
    const large = new Large()
    const run = new Backtest({ data, riskLimits: { maxOrderSize: 50 }, strategies: { large } })
    const { figures } = await run.run()
    expect(large.answers[0]).toBe('denied ERR_RISK_MAX_ORDER_SIZE')
    expect(figures.fills).toBe(0)
  })
})

describe('a strategy', () => {
  it.each<[string, (ctx: Context) => unknown, string, RegExp]>([
    ['throws', () => any(null)['x'], 'ERR_STRATEGY_THREW', /null/],
    [
      'throws a text',
      () => {
        throw 'no error'
      },
      'ERR_STRATEGY_THREW',
      /no error/,
    ],
    ['reads what it has not declared', ctx => ctx.book, 'ERR_STRATEGY_THREW', /book.*declared/],
  ])('that %s names handler, time and row', async (_, what, code, message) => {
    const error = await fail(doing(what))
    expect(error.code).toBe(code)
    expect(error.message).toMatch(message)
    expect(error.message).toMatch(/wrong\.onQuote threw at \d{4}-\d\d-\d\dT[\d:.]+Z, row \d+/)
    expect(error.details).toMatchObject({ handler: 'onQuote', row: expect.any(Number), tsNanos: expect.any(String) })
  })

  it('with an async handler is refused', async () => {
    class Async extends Strategy {
      static override data = { quotes: true }
      override async onQuote(): Promise<void> {
        await Promise.reject(new Error('nobody waits for this'))
      }
    }
    const error = await fail(new Async())
    expect(error.code).toBe('ERR_STRATEGY_ASYNC')
    expect(error.message).toContain('onQuote')
  })

  it('with a handler that nothing feeds is refused before the start', async () => {
    class Unfed extends Strategy {
      override onQuote(): void {}
    }
    await expect(fail(new Unfed()))
      .rejects.toThrow('went well')
      .catch(() => undefined)
    expect(() => new Backtest({ data, strategies: { unfed: new Unfed() } })).toThrow(
      expect.objectContaining({ code: 'ERR_STRATEGY_NEEDS' }),
    )
  })

  it('that keeps its handle and acts later is refused', async () => {
    let kept: Context | undefined
    await new Backtest({
      data,
      strategies: {
        a: doing(ctx => {
          kept = ctx
        }),
      },
    }).run()
    expect(() => kept!.buy({ quantity: 1 })).toThrow(expect.objectContaining({ code: 'ERR_CONTEXT_OUTSIDE' }))
  })

  it('that answers each denial with a new order is ended', async () => {
    class Stubborn extends Strategy {
      static override data = { quotes: true }
      started = false
      override onQuote(_quote: unknown, ctx: Context): void {
        if (!this.started) ctx.buy({ quantity: 100 })
        this.started = true
      }
      override onOrder(_report: unknown, ctx: Context): void {
        ctx.buy({ quantity: 100 })
      }
    }
    const run = new Backtest({ data, riskLimits: { maxOrderSize: 1 }, strategies: { stubborn: new Stubborn() } })
    await expect(run.run()).rejects.toMatchObject({ code: 'ERR_STRATEGY_DENIAL_LOOP' })
  })
})

describe('the program', () => {
  const bars = 'time,open,high,low,close,volume\n2024-01-02T14:00:00Z,1,2,1,1,5\n2024-01-02T14:01:00Z,1,2,1,1,5\n'
  const throwing = `import { type Bar, type Context, Strategy } from 'tickforge'
interface Unused {
  a: number
}
export default class Throwing extends Strategy {
  static data = { bars: '1m' }
  onBar(bar: Bar, ctx: Context): void {
    const order: Unused = { a: bar.close }
    ctx.buy({ quantity: order.a / 0 })
  }
}
`
  const run = ['--data', 'bars.csv', '--symbol', 'AAA', '--timeframe', '1m', '--label', 'open', '--out', 'out']
  const configuration = (text: string): string => `backtest:
  data_source: { type: synthetic, records: 5000 }
${text}
strategy: { type: ./throwing.ts }
`
  const cases: [string, string, string, string[], number, RegExp][] = [
    [
      'a strategy that throws: file and line, time, row and code',
      'throwing.ts',
      throwing,
      ['run', 'throwing.ts', ...run],
      1,
      /throwing\.onBar threw at 2024-01-02T14:01:00\.000Z, row 1.*throwing\.ts:9:\d+.*\[ERR_STRATEGY_THREW\]/s,
    ],
    [
      'a strategy that does not parse',
      'a.ts',
      'export default class {',
      ['run', 'a.ts', ...run],
      1,
      /a\.ts:1.*SYNTAX/s,
    ],
    ['a file without a strategy', 'b.ts', 'export const a = 1\n', ['run', 'b.ts', ...run], 1, /ERR_LOADER_EXPORT/],
    [
      'a strategy that is not there',
      'c.txt',
      '',
      ['run', 'nowhere.ts', ...run],
      1,
      /nowhere\.ts.*ERR_LOADER_NOT_FOUND/s,
    ],
    [
      'an unknown key, with the key that was meant and its line',
      'd.yaml',
      configuration('  risk_limts: { max_position: 1 }'),
      ['run', 'd.yaml'],
      2,
      /d\.yaml:3.*risk_limits.*\[ERR_CONFIG_UNKNOWN_KEY\]/s,
    ],
    [
      'a value that is not accepted',
      'e.yaml',
      configuration('  execution: { fill_model: { type: probabilistic, fill_probability_at_touch: 2 } }'),
      ['run', 'e.yaml'],
      2,
      /e\.yaml:3.*fill_probability_at_touch.*\[ERR_CONFIG_VALUE\]/s,
    ],
    ['no configuration', 'f.yaml', 'a: [', ['run', 'f.yaml'], 2, /f\.yaml:\d.*\[ERR_CONFIG_SYNTAX\]/s],
    ['data that is not there', 'g.txt', '', ['run', 'throwing.ts', '--data', 'none.csv'], 2, /none\.csv.*ERR_USAGE/s],
    ['a mistyped command', 'h.txt', '', ['rum', 'throwing.ts'], 2, /'run'/],
    ['a mistyped option', 'i.txt', '', ['run', 'throwing.ts', ...run, '--sead', '3'], 2, /--seed/],
    ['a run.json that is none', 'j.run.json', '{}', ['run', 'j.run.json', '--verify'], 2, /ERR_CONFIG_FILE/],
  ]

  it.each(cases)('says what is wrong with %s', async (_, name, content, words, exit, message) => {
    writeFileSync(join(folder, 'bars.csv'), bars)
    writeFileSync(join(folder, 'throwing.ts'), throwing)
    writeFileSync(join(folder, name), content)
    const before = filesBelow(folder)
    const { code, out, err } = await tickforge(words, folder)
    expect(err).toMatch(message)
    expect([code, out]).toEqual([exit, ''])
    expect(filesBelow(folder)).toEqual(before)
  })
})
