import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { configurationJsonSchema, parseConfiguration, readConfiguration } from '../src/backtest/configuration.ts'
import { csv, dbn, fees, impact, latency, parquet, queue, synthetic } from '../src/backtest/configuration-builders.ts'
import { completeConfiguration, completeNeeds } from '../src/backtest/configuration-complete.ts'
import { repeatConfiguration } from '../src/backtest/configuration-rerun.ts'
import type { RunOptions, StrategyOptions } from '../src/backtest/configuration-types.ts'
import { TickforgeError } from '../src/errors.ts'

const folder = mkdtempSync(join(tmpdir(), 'tickforge-configuration-'))
afterAll(() => rmSync(folder, { recursive: true }))

const strategy: StrategyOptions = { name: 'quoter' }
const complete = (options: Partial<RunOptions>, strategies: StrategyOptions[] = [strategy]) =>
  completeConfiguration({ data: synthetic(), ...options }, strategies, '/base')

function caught(work: () => unknown): TickforgeError {
  try {
    work()
  } catch (error) {
    if (error instanceof TickforgeError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

/** Every setting of the file, none at its default. */
const everything = `
backtest:
  data_source:
    - { type: databento, files: [a.dbn.zst, /b.dbn], symbols: [ESH4], start: '2023-12-25', end: '2023-12-26T12:00:00.000000001Z', checks: warn, decode: inline }
    - { type: csv, files: bars.csv, symbol: GOOG, kind: bars, timeframe: 60m, label: close, columns: { close: Last_Price } }
    - { type: synthetic, seed: 7, records: 1000, symbol: SYN, live_orders: 50, tick_size: 0.5, start_price: 1e2, decode: inline }
  instruments:
    - { symbol: ESH4, kind: future, tick_size: 0.25, lot_size: 1, multiplier: 50, currency: USD, venue: XCME, session: { time_zone: America/Chicago, close: '16:00' } }
  account: { currency: EUR, initial_cash: 250000.5, shared: true }
  execution:
    latency_model: { type: fixed, network_latency_us: 50, processing_latency_us: 10, cancel_latency_us: 0.5, response_latency_us: 20 }
    fill_model: { type: probabilistic, fill_probability_at_touch: 0.5, queue_position_model: pro_rata }
    market_impact: { type: linear, impact_bps_per_million: 0.5 }
    fees: { type: per_contract, maker: -0.1, taker: 0.85 }
  risk_limits: { max_position: 100, max_order_size: 50, max_loss: 10000.0, max_orders_per_second: 100 }
  output: { directory: out, metrics_file: out/metrics.parquet, trades_file: /t.parquet, detailed_log: true }
  seed: 3
  replay_speed: realtime
  close_at_end: open
  step_rows: 1
strategies:
  - { type: ./quoter.ts, name: left, parameters: { Width_in_ticks: 2, nested: { some_key: [1] } }, instruments: [ESH4], feed_latency_us: 1.5, risk_limits: { max_loss: 5 } }
  - { type: other.ts }
`

describe('a configuration file', () => {
  it('is completed to what the engine reads, every setting taken over', () => {
    const { run, strategies } = parseConfiguration(everything, '/base/backtest.yaml')
    const withoutType = strategies.map(({ type: _, ...options }) => options)
    expect(completeConfiguration(run, withoutType)).toMatchSnapshot()
  })

  it('fills in every default', () => {
    const { run, strategies } = parseConfiguration(
      'backtest: { data_source: { type: dbn, files: a.dbn } }\nstrategy: { type: quoter.ts }',
      '/base/backtest.yaml',
    )
    expect(
      completeConfiguration(
        run,
        strategies.map(({ type: _, ...options }) => options),
      ),
    ).toMatchSnapshot()
  })

  it('survives the way through run.json and back', () => {
    const { run, strategies } = parseConfiguration(everything, '/base/backtest.yaml')
    const first = completeConfiguration(
      run,
      strategies.map(({ type: _, ...options }) => options),
    )
    const repeated = repeatConfiguration(JSON.parse(JSON.stringify(first)), 'run.json')
    const second = completeConfiguration(
      repeated.run,
      repeated.strategies.map(({ type: _, ...options }) => options),
    )
    expect(second).toEqual(first)
  })

  it('may be JSON', () => {
    const file = join(folder, 'a.json')
    const content = { backtest: { data_source: { type: 'synthetic' } }, strategy: { type: './s.ts' } }
    writeFileSync(file, JSON.stringify(content))
    const { strategies } = readConfiguration(file)
    expect(strategies).toEqual([{ type: './s.ts', name: 's', source: join(folder, 's.ts'), parameters: {} }])
  })

  const shared = resolve(process.env['TICKFORGE_SHARED'] ?? '../shared', 'examples/backtest_databento.yaml')
  it.skipIf(!existsSync(shared))('of a user is accepted as written', () => {
    const { run, strategies } = readConfiguration(shared)
    const options = strategies.map(({ type: _, ...rest }) => rest)
    const { venue, riskLimits, data } = completeConfiguration(run, options)
    expect(data[0]?.symbols).toEqual(['ESM5'])
    expect(venue.latency).toEqual({
      type: 'fixed',
      submitNs: 60_000,
      modifyNs: 60_000,
      cancelNs: 60_000,
      responseNs: 60_000,
    })
    expect(venue.queue).toBe('proRata')
    expect(riskLimits).toEqual({ maxPosition: 100, maxOrderSize: 50, maxLoss: '10000', maxOrdersPerSecond: 100 })
    expect(options[0]?.parameters).toHaveProperty('feature_config.use_time_features', true)
  })
})

describe('an error in a configuration file', () => {
  const source = 'data_source: { type: dbn, files: a }'
  it.each([
    [
      'an unknown key',
      `backtest:\n  ${source}\n  sed: 3`,
      'ERR_CONFIG_UNKNOWN_KEY',
      "x.yaml:3: backtest.sed is not a setting (did you mean 'seed'?)",
    ],
    [
      'a misspelled required key',
      'backtest: { data_souce: 1 }',
      'ERR_CONFIG_UNKNOWN_KEY',
      "(did you mean 'data_source'?)",
    ],
    [
      'a misspelled key beside a missing one',
      'backtest: { data_source: { type: csv, filez: [a] } }',
      'ERR_CONFIG_UNKNOWN_KEY',
      "(did you mean 'files'?)",
    ],
    [
      'a key of another type',
      'backtest: { data_source: { type: dbn, files: a, label: open } }',
      'ERR_CONFIG_UNKNOWN_KEY',
      'label is not a setting of this type',
    ],
    [
      'the spelling of TypeScript',
      'backtest: { dataSource: { type: dbn, files: a } }',
      'ERR_CONFIG_UNKNOWN_KEY',
      "(did you mean 'data_source'?)",
    ],
    [
      'a word that is not known',
      'backtest: { data_source: { type: databnto, files: a } }',
      'ERR_CONFIG_VALUE',
      "'databnto' is not accepted; give 'databento', 'dbn', 'csv', 'parquet', 'binance', 'synthetic' (did you mean 'databento'?)",
    ],
    [
      'a value of the wrong kind',
      'backtest: { data_source: { type: dbn, files: 5 } }',
      'ERR_CONFIG_VALUE',
      'files: 5 is not accepted; expected string or array',
    ],
    [
      'a number out of range',
      `backtest: { ${source}, step_rows: 0 }`,
      'ERR_CONFIG_VALUE',
      'backtest.step_rows: 0 is not accepted',
    ],
    ['a missing part', 'strategy: { type: a.ts }', 'ERR_CONFIG_MISSING', 'backtest is missing'],
    ['no strategy', `backtest: { ${source} }`, 'ERR_CONFIG_MISSING', 'give either strategy or strategies'],
    [
      'a probability without a draw',
      `backtest: { ${source}, execution: { fill_model: { type: deterministic, fill_probability_at_touch: 0.5 } } }\nstrategy: { type: a }`,
      'ERR_CONFIG_VALUE',
      'deterministic',
    ],
    ['an empty file', '', 'ERR_CONFIG_VALUE', 'the configuration: null is not accepted'],
    ['broken YAML', 'backtest: [', 'ERR_CONFIG_SYNTAX', 'x.yaml:1:'],
  ])('names %s', (_, content, code, message) => {
    const error = caught(() => parseConfiguration(content, '/x.yaml'))
    expect(error.code).toBe(code)
    expect(error.message).toContain(message)
    expect(error.details).toHaveProperty(code === 'ERR_CONFIG_SYNTAX' ? 'line' : 'field')
  })

  it('tells when the file is not there', () => {
    const error = caught(() => readConfiguration(join(folder, 'absent.yaml')))
    expect(error.code).toBe('ERR_CONFIG_FILE')
    expect(error.details).toEqual({ file: join(folder, 'absent.yaml') })
  })
})

describe('options in TypeScript', () => {
  it('are written short with builders', () => {
    const { data, venue } = complete({
      data: [dbn('a.dbn', { symbols: ['ESH4'] }), csv(['b.csv'], { label: 'session' }), parquet('c.parquet')],
      venue: {
        latency: latency.fixed({ network: '50us', processing: '10us', response: '1ms' }),
        fees: fees.bps({ maker: -0.5, taker: '2.50' }),
        queue: queue.proRata(),
        impact: impact.linear(0.5),
      },
    })
    expect(data.map(({ type, files }) => [type, files])).toEqual([
      ['dbn', ['/base/a.dbn']],
      ['csv', ['/base/b.csv']],
      ['parquet', ['/base/c.parquet']],
    ])
    expect(venue).toEqual({
      latency: { type: 'fixed', submitNs: 60_000, modifyNs: 60_000, cancelNs: 60_000, responseNs: 1_000_000 },
      fees: { type: 'bps', maker: '-0.5', taker: '2.5' },
      fill: {
        probabilityAtTouch: 1,
        referenceQuantity: null,
        tiers: null,
        fillAt: 'through',
        beyondDisplay: 'oneTickPerLevel',
        barPath: 'pessimistic',
        volumeLimit: null,
        custom: null,
      },
      queue: 'proRata',
      queueExponent: null,
      queueCalibration: null,
      slippage: { type: 'none' },
      impact: { type: 'linear', bpsPerMillion: 0.5 },
      stress: null,
    })
    expect(
      complete({ venue: { fees: fees.perContract(0.85), queue: queue.l3(), impact: impact.none() } }).venue.fees,
    ).toEqual({
      type: 'perContract',
      maker: '0.85',
      taker: '0.85',
      minimum: null,
      maximumBps: null,
    })
    expect(complete({ venue: { fees: fees.none() } }).venue.fees).toEqual({ type: 'none' })
  })

  it.each<[string, Partial<RunOptions>, string, string]>([
    [
      'a mistyped name',
      { sed: 1 } as Partial<RunOptions>,
      'ERR_CONFIG_UNKNOWN_KEY',
      "sed is not a setting (did you mean 'seed'?)",
    ],
    [
      'a mistyped name inside',
      { account: { initialCahs: 1 } as never },
      'ERR_CONFIG_UNKNOWN_KEY',
      "(did you mean 'initialCash'?)",
    ],
    ['no data', { data: [] }, 'ERR_CONFIG_MISSING', 'data'],
    ['no files', { data: dbn([]) }, 'ERR_CONFIG_MISSING', 'files'],
    ['a source that does not exist', { data: { type: 'dbm' } as never }, 'ERR_CONFIG_VALUE', "(did you mean 'dbn'?)"],
    [
      'an end before the start',
      { data: dbn('a', { start: '2024-01-02', end: '2024-01-01' }) },
      'ERR_CONFIG_VALUE',
      'a time after the start',
    ],
    [
      'an amount that is none',
      { account: { initialCash: 'much' } },
      'ERR_CONFIG_DECIMAL',
      "'much' is not a decimal number",
    ],
    [
      'a duration without unit',
      { venue: { latency: latency.fixed({ network: 50 as never }) } },
      'ERR_CONFIG_DURATION',
      'network',
    ],
    [
      'a duration of months',
      { venue: { latency: latency.fixed({ network: '120d' }) } },
      'ERR_CONFIG_VALUE',
      'less than 104 days',
    ],
    ['a probability above one', { venue: { fill: { probabilityAtTouch: 1.5 } } }, 'ERR_CONFIG_VALUE', 'from 0 to 1'],
    ['a seed that is not whole', { seed: 0.5 }, 'ERR_CONFIG_VALUE', 'whole number'],
    ['more rows than a step holds', { stepRows: 129 }, 'ERR_CONFIG_VALUE', 'from 1 to 128'],
    ['a tick size of zero', { instruments: [{ symbol: 'A', tickSize: 0 }] }, 'ERR_CONFIG_VALUE', 'above zero'],
    [
      'a time zone that does not exist',
      { instruments: [{ symbol: 'A', session: { timeZone: 'Moon/Base', close: '16:00' } }] },
      'ERR_CONFIG_VALUE',
      'IANA',
    ],
    [
      'a time of day that does not exist',
      { instruments: [{ symbol: 'A', session: { timeZone: 'UTC', close: '24:00' } }] },
      'ERR_CONFIG_VALUE',
      'HH:MM',
    ],
    ['a limit that is negative', { riskLimits: { maxPosition: -1 } }, 'ERR_CONFIG_VALUE', 'riskLimits.maxPosition'],
    ['an empty path', { output: { directory: '' } }, 'ERR_CONFIG_VALUE', 'output.directory'],
    ['a flag that is none', { output: { detailedLog: 1 as never } }, 'ERR_CONFIG_VALUE', 'true or false'],
    ['a list that is none', { data: { type: 'dbn', files: 'a' as never } }, 'ERR_CONFIG_VALUE', 'a list'],
  ])('with %s are refused with the field named', (_, options, code, message) => {
    const error = caught(() => complete(options))
    expect(error.code).toBe(code)
    expect(error.message).toContain(message)
  })

  it('with two strategies of one name are refused', () => {
    expect(caught(() => complete({}, [strategy, strategy])).message).toContain('a name that no other strategy')
  })
})

describe('what a strategy needs', () => {
  it('may be written short', () => {
    expect(completeNeeds({ bars: '60m' }).bars).toEqual(['1h'])
    expect(completeNeeds({ bars: { fast: '1m', slow: '1h', again: '60s' } }).bars).toEqual(['1m', '1h'])
    expect(completeNeeds({ bars: ['1d'], warmup: 200 })).toMatchObject({ bars: ['1d'], warmupBars: 200, warmupNs: '0' })
    expect(completeNeeds({ warmup: '30d' })).toMatchObject({ warmupBars: 0, warmupNs: '2592000000000000' })
  })

  it('is checked', () => {
    expect(caught(() => completeNeeds({ tradse: true } as never)).message).toContain("(did you mean 'trades'?)")
    expect(caught(() => completeNeeds({ depth: 1.5 })).code).toBe('ERR_CONFIG_VALUE')
    expect(caught(() => completeNeeds({ bars: 'daily' })).code).toBe('ERR_CONFIG_DURATION')
  })
})

describe('the JSON Schema', () => {
  it('ships with the package and says what the checks say', () => {
    const shipped = JSON.parse(readFileSync('dist/configuration.schema.json', 'utf8')) as unknown
    expect(shipped).toEqual(JSON.parse(JSON.stringify(configurationJsonSchema())))
    expect(configurationJsonSchema()).toMatchObject({ additionalProperties: false, required: ['backtest'] })
  })
})

describe('a run.json', () => {
  it('that is none is refused', () => {
    expect(caught(() => repeatConfiguration({} as never, 'run.json')).code).toBe('ERR_CONFIG_VALUE')
  })
})

describe('settings of fills and queues', () => {
  it.each([
    [{ fill: { fillAt: 'touch', referenceQuantity: 10 } }, 'venue.fill.fillAt'],
    [{ fill: { volumeLimit: 0 } }, 'venue.fill.volumeLimit'],
    [{ queue: queue.power(0) }, 'venue.queue.exponent'],
  ] as const)('%j is refused, not ignored', (venue, field) => {
    expect(caught(() => complete({ venue })).message).toContain(field)
  })
})
