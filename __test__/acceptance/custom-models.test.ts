/** Fee, slippage and fill models of one's own: as good as the built-in ones, and clear when they go wrong. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import MarketMaker from '../../examples/market-maker.ts'
import { parseConfiguration } from '../../src/backtest/configuration.ts'
import {
  Backtest,
  type BacktestResult,
  type Context,
  type FeeFill,
  fees,
  fill,
  type RunOptions,
  type SlippageFill,
  Strategy,
  slippage,
  synthetic,
  type TickforgeError,
  type TouchedOrder,
  type VenueOptions,
} from '../../src/index.ts'
import { type NativeRun, nativeBinding } from '../../src/native/binding.ts'
import { allocateMemory, CommandKind } from '../../src/strategy/columns.ts'
import { temporaryFolder, tickforge } from './support.ts'

const folder = temporaryFolder()
const data = synthetic({ records: 60_000 })

const quoting = (venue: VenueOptions, records = data): Promise<BacktestResult> =>
  new Backtest({ data: records, venue, strategies: { maker: new MarketMaker() } }).run()

/** Buys and sells two at a time, now and then. */
class Taker extends Strategy {
  static data = { quotes: true }
  private count = 0
  onQuote(_: unknown, ctx: Context): void {
    this.count += 1
    if (this.count % 200 === 0) ctx[this.count % 400 === 0 ? 'sell' : 'buy']({ quantity: 2 })
  }
}

const taking = (venue: VenueOptions, rest: Partial<RunOptions> = {}): Promise<BacktestResult> =>
  new Backtest({ ...rest, data, venue, strategies: { taker: new Taker() } }).run()

const failure = async (run: Promise<unknown>): Promise<TickforgeError> => {
  try {
    await run
  } catch (error) {
    return error as TickforgeError
  }
  throw new Error('the run did not fail')
}

describe('a model of one’s own', () => {
  it('charges what the built-in fee charges', async () => {
    const built = await quoting({ fees: fees.bps({ maker: -0.5, taker: 2 }) })
    const rate = ({ notional, liquidity }: FeeFill): number =>
      (Math.abs(notional) * (liquidity === 'maker' ? -0.5 : 2)) / 10_000
    const own = await quoting({ fees: fees.custom(rate) })
    expect(built.figures.fills).toBeGreaterThan(50)
    expect(own.stateHash).toBe(built.stateHash)
    expect(own.figures).toEqual(built.figures)
    expect(own.models['fees']).toBe('custom: rate')
  })

  it('sees the order, what was traded, and the time', async () => {
    const seen: FeeFill[] = []
    const one = (fill: FeeFill): number => Math.sign(seen.push(fill))
    const result = await taking({ fees: fees.custom(one) })
    expect(seen).toHaveLength(result.figures.fills)
    expect(result.figures.fees).toBe(seen.length)
    const [first, second] = seen as [FeeFill, FeeFill]
    expect(first).toMatchObject({ symbol: 'SYN', side: 'buy', liquidity: 'taker', traded: 0, isEstimate: false })
    expect(first.notional).toBe(first.price * first.quantity * 50)
    expect(second.traded).toBe(first.notional)
    expect(second.time).toBeGreaterThanOrEqual(first.time)
    expect(first.time).toBeCloseTo(result.fills[0]?.time ?? 0, 3)
  })

  it('slips as the built-in slippage does', async () => {
    const built = await taking({ slippage: slippage.bps(3) })
    const worse = ({ price, side }: SlippageFill): number => price * (1 + (side === 'buy' ? 3 : -3) / 10_000)
    const own = await taking({ slippage: slippage.custom(worse, { name: 'three' }) })
    expect(own.stateHash).toBe(built.stateHash)
    expect(own.models['slippage']).toBe('custom: three')
    const half = ({ price, side, spread }: SlippageFill): number =>
      price + (side === 'buy' ? 0.5 : -0.5) * (spread ?? 0)
    const spread = await taking({ slippage: slippage.spread(0.5) })
    expect((await taking({ slippage: slippage.custom(half) })).stateHash).toBe(spread.stateHash)
  })

  it('fills at the touch as the built-in chance does', async () => {
    for (const chance of [0, 0.4, 1]) {
      const built = await quoting({ fill: { probabilityAtTouch: chance } })
      const seen: TouchedOrder[] = []
      const noted = (order: TouchedOrder): number => (seen.push(order) > 0 ? chance : 0)
      const own = await quoting({ fill: fill.custom(noted, { name: 'chance' }) })
      expect(own.stateHash).toBe(built.stateHash)
      expect(seen.length).toBeGreaterThan(10)
      expect(seen[0]).toMatchObject({ symbol: 'SYN', isProven: true })
      expect(own.models['touch']).toBe('custom: chance, per order and visit')
    }
  })

  it('is stressed like any other', async () => {
    const model = fees.custom(({ liquidity }) => (liquidity === 'maker' ? -0.25 : 1), { name: 'own' })
    const [plain, dearer] = [await quoting({ fees: model }), await quoting({ fees: model, stress: { fees: 3 } })]
    const paid = ({ fills }: BacktestResult, liquidity: string): number =>
      fills.filter(row => row.liquidity === liquidity).reduce((sum, { fee }) => sum + fee, 0)
    expect(paid(dearer, 'maker')).toBeCloseTo(paid(plain, 'maker'), 6)
    expect(paid(dearer, 'taker')).toBeCloseTo(paid(plain, 'taker') * 3, 6)
    expect(dearer.models['fees']).toBe('custom: own, charges times 3')
  })

  it('is asked for estimates where cash is checked', async () => {
    let estimates = 0
    const count = fees.custom(
      ({ isEstimate }) => {
        estimates += Number(isEstimate)
        return 0
      },
      { name: 'count' },
    )
    const stock = { symbol: 'SYN', kind: 'equity', multiplier: 1 } as const
    await taking({ fees: count }, { account: { type: 'cash', initialCash: 1e6 }, instruments: [stock] })
    expect(estimates).toBeGreaterThan(10)
  })
})

describe('a model that goes wrong', () => {
  it('ends the run with what it threw', async () => {
    const cause = new RangeError('no such tier')
    let calls = 0
    const throwing = (): number => {
      calls += 1
      if (calls === 3) throw cause
      return 0
    }
    const error = await failure(taking({ fees: fees.custom(throwing, { name: 'tiers' }) }))
    expect(error).toMatchObject({
      code: 'ERR_COSTS_CUSTOM_FAILED',
      message: "venue.fees 'tiers' failed: no such tier",
      details: { field: 'venue.fees', model: 'tiers', reason: 'no such tier' },
    })
    expect(error.cause).toBe(cause)
    expect(calls).toBe(3)
  })

  it.each([
    ['NaN', Number.NaN, 'NaN'],
    ['infinity', Number.POSITIVE_INFINITY, 'inf'],
    ['a text', '1' as never, "'1'"],
    ['nothing', undefined as never, 'undefined'],
    ['an object', {} as never, 'an object'],
    ['a promise', Promise.resolve(1) as never, 'a promise'],
  ])('says that %s is no fee, price or chance', async (_, answer, value) => {
    const wrong = { name: 'odd' }
    const models: [string, Promise<unknown>][] = [
      ['venue.fees', taking({ fees: fees.custom(() => answer, wrong) })],
      ['venue.slippage', taking({ slippage: slippage.custom(() => answer, wrong) })],
      ['venue.fill', quoting({ fill: fill.custom(() => answer, wrong) })],
    ]
    for (const [field, run] of models) {
      const error = await failure(run)
      expect(error).toMatchObject({ code: 'ERR_COSTS_CUSTOM_RESULT', details: { field, model: 'odd', value } })
      expect(error.details['accepted']).toMatch(/finite|from 0 to 1/)
    }
  })

  it('may not flatter, and gives a chance from 0 to 1', async () => {
    const better = slippage.custom(({ price, side }) => price - (side === 'buy' ? 0.01 : -0.01), { name: 'better' })
    const error = await failure(taking({ slippage: better }))
    expect(error.code).toBe('ERR_COSTS_CUSTOM_RESULT')
    expect(error.message).toMatch(/^venue\.slippage 'better' gave .* for a buy at .*not better/)
    const chance = await failure(quoting({ fill: fill.custom(() => 1.5, { name: 'more' }) }))
    expect(chance.message).toBe("venue.fill 'more' gave 1.5; accepted is a number from 0 to 1")
  })

  it('fails the run also where an order is sized', async () => {
    class Sized extends Strategy {
      static data = { quotes: true }
      private count = 0
      onQuote(_: unknown, ctx: Context): void {
        this.count += 1
        if (this.count === 300) ctx.buy({ cash: 50_000, sizeAt: 'fill' })
      }
    }
    const thrower = slippage.custom(
      () => {
        throw new Error('not at this size')
      },
      { name: 'sizes' },
    )
    const run = new Backtest({ data, venue: { slippage: thrower }, strategies: { sized: new Sized() } }).run()
    expect((await failure(run)).message).toBe("venue.slippage 'sizes' failed: not at this size")
  })

  it('fails the run where buying power is checked, too', async () => {
    const estimating = ({ isEstimate }: FeeFill): number => (isEstimate ? Number.NaN : 0)
    const stock = { symbol: 'SYN', kind: 'equity', multiplier: 1 } as const
    const venue = { fees: fees.custom(estimating) }
    const error = await failure(taking(venue, { account: { type: 'cash', initialCash: 1e6 }, instruments: [stock] }))
    expect(error).toMatchObject({ code: 'ERR_COSTS_CUSTOM_RESULT', details: { model: 'estimating', value: 'NaN' } })
  })

  it('gives no commands', async () => {
    let held: Context | null = null
    class Holding extends Taker {
      override onQuote(quote: unknown, ctx: Context): void {
        held = ctx
        super.onQuote(quote, ctx)
      }
    }
    const model = fees.custom(
      () => {
        held?.buy({ quantity: 1 })
        return 0
      },
      { name: 'greedy' },
    )
    const run = new Backtest({ data, venue: { fees: model }, strategies: { holding: new Holding() } }).run()
    const error = await failure(run)
    expect(error.code).toBe('ERR_COSTS_CUSTOM_FAILED')
    expect(error.cause).toMatchObject({ code: 'ERR_CONTEXT_OUTSIDE' })
  })

  it('finds the run taken where it calls back', () => {
    const { configuration } = new Backtest({
      data,
      venue: { fees: fees.custom(() => 0, { name: 'own' }) },
      closeAtEnd: 'close',
      strategies: { taker: new Taker() },
    }) as unknown as { configuration: object }
    const said: string[] = []
    const status: (number | undefined)[] = []
    const attempt = (call: () => unknown): void => {
      try {
        call()
      } catch (error) {
        said.push(JSON.parse((error as Error).message).code)
      }
    }
    let advance = (): number | undefined => undefined
    const run: NativeRun = nativeBinding().openRun(JSON.stringify(configuration), {
      fees: () => {
        status.push(advance())
        for (const call of ['describe', 'error', 'progress', 'explain', 'close'] as const) attempt(() => run[call]())
        attempt(() => run.finish('{}'))
        attempt(() => run.setTrace('{}'))
        return '!enough'
      },
    })
    const memory = allocateMemory(JSON.parse(run.describe()))
    advance = run.attach(...memory.parts)
    let last: number | undefined
    for (let steps = 0; last !== 2 && last !== 1; steps += 1) {
      last = advance()
      const { events, commands } = memory
      if (steps === 50) {
        commands.write(CommandKind.submit, 0, 0, 1, 0, 2, 0, 0)
        commands.finishStep(1)
      } else if (last === undefined) commands.finishStep((events as unknown as { rows: number }).rows)
    }
    expect(status).toEqual([2])
    expect(said).toEqual(Array(7).fill('ERR_RUN_BUSY'))
    expect(JSON.parse(run.error() ?? '{}')).toMatchObject({
      code: 'ERR_COSTS_CUSTOM_FAILED',
      details: { reason: 'enough' },
    })
    run.close()
  })

  it('is refused where nothing is there to call', () => {
    const without = { type: 'custom', name: 'gone' } as const
    const make = (venue: VenueOptions): Backtest => new Backtest({ data, venue, strategies: { taker: new Taker() } })
    expect(() => make({ fees: without })).toThrow(/made in code and has no file/)
    expect(() => make({ slippage: { ...without, source: './s.ts' } })).toThrow(/which the command line loads/)
    expect(() => make({ fees: fees.custom(() => 0) })).toThrow(/a name: the function has none/)
    expect(() => make({ fill: { ...fill.custom(() => 0, { name: 'x' }), probabilityAtTouch: 0.5 } })).toThrow(
      /it alone/,
    )
    expect(() => make({ fees: { type: 'custom', name: 'x', model: 3 as never } })).toThrow(/a function/)
  })
})

describe('a model in a configuration file', () => {
  const models = `
import { base } from './base.ts'
export default ({ quantity }: { quantity: number }) => quantity * base
export const half = ({ price, side, spread }: { price: number; side: string; spread: number | null }) =>
  price + ((side === 'buy' ? 1 : -1) * (spread ?? 0)) / 2
export const even = () => 0.5
`
  const configuration = (source: string): string => `
backtest:
  data_source: { type: synthetic, records: 30000 }
  execution:
    fees: { type: custom, source: ${source} }
    slippage: { type: custom, source: ${source}, export: half }
    fill_model: { type: custom, source: ${source}, export: even, name: coin }
  output: { directory: out }
strategy: { type: ./maker.ts }
`

  it('is loaded with its imports, stressed, and repeated from run.json', async () => {
    writeFileSync(join(folder, 'base.ts'), 'export const base: number = 0.25\n')
    writeFileSync(join(folder, 'models.ts'), models)
    writeFileSync(join(folder, 'maker.ts'), readFileSync(join(import.meta.dirname, '../../examples/market-maker.ts')))
    writeFileSync(join(folder, 'run.yaml'), configuration('./models.ts'))
    const first = await tickforge(['run', 'run.yaml', '--stress', '--no-report', '--json'], folder)
    expect(first.code).toBe(0)
    const { result } = JSON.parse(first.out)
    expect(Object.fromEntries(result.models)).toMatchObject({
      fees: 'custom: models',
      slippage: 'custom: half',
      touch: 'custom: coin, per order and visit',
    })
    expect(result.stress).toHaveLength(3)
    const manifest = JSON.parse(readFileSync(join(folder, 'out/run.json'), 'utf8'))
    const source = join(folder, 'models.ts')
    expect(manifest.configuration.venue.fees).toEqual({ type: 'custom', name: 'models', source, export: 'default' })
    expect(manifest.strategies.map(({ path }: { path: string }) => path)).toContain(source)
    const again = await tickforge(['run', 'out/run.json', '--verify'], folder)
    expect(again.err).toMatch(/repeated: the state hash is/)
    expect(again.code).toBe(0)
    const explained = await tickforge(['explain', 'out', '--order', '1'], folder)
    expect(explained.code).toBe(0)
    writeFileSync(join(folder, 'models.ts'), models.replace('0.5', '0.1'))
    const changed = await tickforge(['run', 'out/run.json', '--verify'], folder)
    expect(changed.err).toMatch(/models\.ts is not what it was/)
    expect(changed.code).toBe(1)
  }, 60_000)

  it('says what a custom fill model has and others have not', () => {
    const read = (fillModel: string): unknown => {
      const execution = `execution: { fill_model: { ${fillModel} } }`
      const content = `backtest: { data_source: { type: synthetic }, ${execution} }\nstrategy: { type: ./m.ts }`
      return parseConfiguration(content, '/base/run.yaml').run.venue?.fill
    }
    expect(read('type: custom, source: ./f.ts, volume_limit: 0.1')).toEqual({
      custom: { name: 'f', source: '/base/f.ts', export: 'default' },
      volumeLimit: 0.1,
    })
    expect(() => read('type: custom')).toThrow(/a custom fill model needs source/)
    expect(() => read('type: custom, source: ./f.ts, fill_probability_at_touch: 0.5')).toThrow(
      /a custom fill model has no/,
    )
    expect(() => read('type: tiered, tiers: [], source: ./f.ts')).toThrow(/a tiered fill model has no source/)
  })

  it('is refused where the file has no such function', async () => {
    writeFileSync(join(folder, 'none.ts'), 'export const base = 1\n')
    writeFileSync(join(folder, 'bad.yaml'), configuration('./none.ts'))
    const { err, code } = await tickforge(['run', 'bad.yaml', '--no-report'], folder)
    expect(err).toMatch(/none\.ts exports no function 'default'/)
    expect(code).not.toBe(0)
  })

  it('that was made in code is not repeated', async () => {
    const directory = join(folder, 'code')
    const source = join(folder, 'maker.ts')
    const strategies = { maker: { strategy: new MarketMaker(), source } }
    const model = fees.custom(() => 0, { name: 'nameless' })
    await new Backtest({
      data: synthetic({ records: 5_000 }),
      venue: { fees: model },
      output: { directory },
      strategies,
    }).run()
    const { err, code } = await tickforge(['run', 'code/run.json', '--verify'], folder)
    expect(err).toMatch(/the model 'nameless' was made in code and has no file to load it from/)
    expect(code).not.toBe(0)
  })
})
