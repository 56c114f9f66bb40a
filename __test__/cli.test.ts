import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import type { CalibrateOptions, Calibration, CalibrationScore } from '../src/backtest/calibrate.ts'
import { readConfiguration } from '../src/backtest/configuration.ts'
import { completeConfiguration } from '../src/backtest/configuration-complete.ts'
import type { Engine, RunControl, RunRequest } from '../src/cli/engine.ts'
import { formatFacts } from '../src/cli/facts.ts'
import { interruptible, type SignalSource } from '../src/cli/interrupt.ts'
import { runCommandLine } from '../src/cli/program.ts'
import { ProgressBar } from '../src/cli/progress.ts'
import { type Output, Terminal } from '../src/cli/terminal.ts'
import { TickforgeError } from '../src/errors.ts'

const folder = mkdtempSync(join(tmpdir(), 'tickforge-cli-'))
const at = (name: string): string => join(folder, name)
const hash = 'ab'.repeat(32)

beforeAll(() => {
  writeFileSync(
    at('momentum.ts'),
    `export default class Momentum {
  static parameters = {
    fast: { type: 'int', default: 10, min: 2, max: 200, description: 'bars of the fast average' },
    riskFraction: { type: 'float', default: 0.5 },
    trailing: { type: 'bool', default: false },
    mode: { type: 'text', default: 'a', choices: ['a', 'b'] },
  }
  constructor(params: object) { this.params = params }
  params: object
}
`,
  )
  writeFileSync(at('prices.csv'), 'time,open,high,low,close\n')
  writeFileSync(at('esh4.mbo.dbn.zst'), 'x')
  writeFileSync(
    at('backtest.yaml'),
    'backtest: { data_source: { type: csv, files: prices.csv }, seed: 5, output: { directory: there } }\nstrategy: { type: momentum.ts, parameters: { fast: 3 } }\n',
  )
  mkdirSync(at('empty'))
})
afterAll(() => rmSync(folder, { recursive: true }))
afterEach(() => vi.restoreAllMocks())

/** A stream that keeps what is written to it. */
class Kept extends Writable {
  text = ''
  readonly isTTY: boolean
  constructor(isTTY = false) {
    super()
    this.isTTY = isTTY
  }
  override _write(piece: Buffer, _encoding: string, done: () => void): void {
    this.text += piece.toString()
    done()
  }
}

const score: CalibrationScore = {
  orders: 4000,
  filledAsPredicted: 900,
  filledUnforeseen: 5,
  filledInSimulationOnly: 12,
  restedAsPredicted: 3083,
  agreement: 0.99575,
  balancedAgreement: 0.9953,
  medianTimeError: 1500,
  mostTimeError: 2_000_000_000,
  medianTimeToFill: 6_800_000_000,
  filledTooEarly: 0.05,
  actualMarkOut: [-0.0625, 0.04],
  predictedMarkOut: [-0.125, null],
}
const calibration: Calibration = {
  source: 'esh4.mbo.dbn.zst',
  symbol: 'ESH4',
  tickSize: '0.25',
  records: 68_792,
  events: 47_022,
  span: ['1', '2'],
  candidates: 13_535,
  orders: 5000,
  halves: [900, 4000, 100],
  lost: 0,
  crowded: 7,
  window: 600_000_000_000,
  levels: 3,
  seed: 42,
  models: [
    { model: 'l3', exponent: null, firstHalf: score, secondHalf: score, disagreements: [] },
    { model: 'log2', exponent: null, firstHalf: score, secondHalf: score, disagreements: [] },
    { model: 'power', exponent: 2.5, firstHalf: score, secondHalf: score, disagreements: [] },
  ],
  fits: [],
  best: 'power',
}

class FakeEngine implements Engine {
  requests: RunRequest[] = []
  calls: unknown[][] = []
  failure: unknown
  during: (control: RunControl) => void = control => control.onProgress?.({ fraction: 0.5 })

  async run(request: RunRequest, control: RunControl) {
    this.requests.push(request)
    this.during(control)
    if (this.failure !== undefined) throw this.failure
    return {
      summary: () => 'profit 1.00',
      toJSON: () => ({ profit: 1 }),
      writeReport: async (path: string) => writeFileSync(path, '<html>'),
      stateHash: hash,
      explanation: null,
      orders: [],
    } as unknown as Awaited<ReturnType<Engine['run']>>
  }
  async inspect(paths: readonly string[], book: boolean) {
    this.calls.push(['inspect', paths, book])
    return { schema: 'mbo', instrumentId: 17077, records: 68792 }
  }
  async convert(...given: unknown[]) {
    this.calls.push(['convert', ...given.slice(0, 3)])
    return { rows: 3 }
  }
  async calibrate(file: string, { signal: _, onProgress, ...options }: CalibrateOptions) {
    this.calls.push(['calibrate', file, options])
    if (this.failure !== undefined) throw this.failure
    onProgress?.({ fraction: 0.5 })
    return calibration
  }
  async doctor() {
    if (this.failure !== undefined) throw this.failure
    return { simd: 'avx2' }
  }
}

async function type(words: string[], engine = new FakeEngine(), isTTY = false) {
  const [out, err] = [new Kept(isTTY), new Kept(isTTY)]
  const code = await runCommandLine(words, { engine, terminal: new Terminal(out, err, {}) })
  return { code, out: out.text, err: err.text, engine, request: engine.requests[0] as RunRequest }
}

const strategyOf = (request: RunRequest): { params: Record<string, unknown> } =>
  Object.values(request.strategies)[0]?.strategy as never

describe('tickforge run with a strategy', () => {
  const run = ['run', at('momentum.ts'), '--data', at('prices.csv'), '--out', at('out-a'), '--no-report']

  it('passes data, account, venue and parameters on', async () => {
    const more =
      '--symbol GOOG --timeframe 1d --label session --tick-size 0.01 --cash 5000 --currency EUR --latency 2ms'
    const options =
      '--fee-bps 1.5 --seed 9 --speed realtime --close-at-end open --start 2020-01-01 --end 2021-01-01 --checks warn'
    const params = '--fast 20 --risk-fraction=0.25 --trailing --mode b --debug'
    const { code, request, out } = await type([...run, ...`${more} ${options} ${params}`.split(' ')])
    expect(code).toBe(0)
    expect(out).toBe('profit 1.00\n')
    const { strategies, debug, ...rest } = request
    const completed = completeConfiguration(rest, [])
    expect(debug).toBe(true)
    expect(completed.data[0]).toMatchObject({
      type: 'csv',
      files: [at('prices.csv')],
      symbol: 'GOOG',
      timeframe: '1d',
      label: 'session',
      checks: 'warn',
      start: '1577836800000000000',
    })
    expect(completed.instruments[0]).toMatchObject({ symbol: 'GOOG', tickSize: '0.01' })
    expect(completed.account).toMatchObject({ currency: 'EUR', initialCash: '5000', shared: false })
    expect(completed.venue.latency).toMatchObject({ type: 'fixed', submitNs: 2_000_000 })
    expect(completed.venue.fees).toEqual({ type: 'bps', maker: '1.5', taker: '1.5' })
    expect(completed).toMatchObject({ seed: 9, replaySpeed: 1, closeAtEnd: 'open' })
    expect(completed.output.directory).toBe(at('out-a'))
    expect(Object.keys(strategies)).toEqual(['momentum'])
    expect(strategyOf(request).params).toEqual({ fast: 20, riskFraction: 0.25, trailing: true, mode: 'b' })
  })

  it('takes DBN files and generated markets for what they are', async () => {
    const { request } = await type([
      'run',
      at('momentum.ts'),
      '--no-report',
      '--data',
      at('esh4.mbo.dbn.zst'),
      'synthetic',
      '--symbol',
      'ESH4',
      '--fee',
      '0.85',
    ])
    expect(request.data).toEqual([
      { type: 'dbn', files: [at('esh4.mbo.dbn.zst')], symbols: ['ESH4'] },
      { type: 'synthetic' },
    ])
    expect(request.venue).toEqual({ fees: { type: 'perContract', maker: '0.85', taker: '0.85' } })
  })

  it('turns a parameter off again', async () => {
    const { request } = await type([...run, '--no-trailing', '--trailing', 'false'])
    expect(strategyOf(request).params).toEqual({ trailing: false })
  })

  it('writes the report and says where', async () => {
    const { err, out } = await type([...run.slice(0, -1), '--report', at('r.html'), '--json'])
    expect(readFileSync(at('r.html'), 'utf8')).toBe('<html>')
    expect(JSON.parse(out)).toEqual({
      result: { profit: 1 },
      report: at('r.html'),
      interrupted: false,
      verification: null,
    })
    expect(err).toBe(`report: ${at('r.html')}\nartefacts: ${at('out-a')}\n`)
  })

  it('puts the report beside the artefacts', async () => {
    const out = at('empty')
    await type(['run', at('momentum.ts'), '--data', at('prices.csv'), '--out', out])
    expect(readFileSync(join(out, 'report.html'), 'utf8')).toBe('<html>')
  })

  it('is silent on standard error with --quiet', async () => {
    const { err } = await type([...run, '--quiet'], new FakeEngine(), true)
    expect(err).toBe('')
  })

  it('prints what the strategy logs, with its simulated time', async () => {
    const engine = new FakeEngine()
    engine.during = control => control.onLog?.({ time: 0, strategy: 'momentum', level: 'info', message: 'hello' })
    const { err } = await type(run, engine)
    expect(err).toContain('1970-01-01T00:00:00.000Z info momentum: hello\n')
  })

  it('shows a progress bar on a terminal and takes it away', async () => {
    const { err } = await type(run, new FakeEngine(), true)
    expect(err).toMatch(/running .*█.* 50 % 0:00/)
    expect(err).toContain('\r\u001B[K')
  })

  it('shows the parameters in its help', async () => {
    const { code, out } = await type(['run', at('momentum.ts'), '--help'])
    expect(code).toBe(0)
    expect(out).toContain('--fast <value>')
    expect(out).toContain('bars of the fast average; a whole number from 2 to 200 (default: 10)')
    expect(out).toContain('$ tickforge run momentum.ts --data prices.csv --fast 20')
  })
})

describe('tickforge run with a configuration', () => {
  it('takes everything from the file; flags win', async () => {
    const { request, code } = await type(['run', at('backtest.yaml'), '--no-report', '--seed', '6', '--fast', '4'])
    expect(code).toBe(0)
    expect(request.seed).toBe(6)
    expect(request.output).toEqual({ directory: at('there') })
    expect(strategyOf(request).params).toEqual({ fast: 4 })
    expect(Object.values(request.strategies)[0]?.source).toBe(at('momentum.ts'))
  })
})

describe('tickforge run with a run.json', () => {
  const sha = (name: string): string =>
    createHash('sha256')
      .update(readFileSync(at(name)))
      .digest('hex')
  function manifest(change: object = {}): string {
    const strategy = { name: 'momentum', source: at('momentum.ts'), parameters: { fast: 7 } }
    const configuration = completeConfiguration(
      { data: { type: 'csv', files: [at('prices.csv')] }, seed: 8, output: { directory: '/original' } },
      [strategy],
    )
    const file = {
      format: 1,
      configuration,
      seed: 8,
      data: [{ path: at('prices.csv'), sha256: sha('prices.csv') }],
      strategies: [{ path: at('momentum.ts'), sha256: sha('momentum.ts') }],
      state_hash: hash,
      summary: {},
      ...change,
    }
    writeFileSync(at('run.json'), JSON.stringify(file))
    return at('run.json')
  }

  it('repeats it without touching the artefacts of the original', async () => {
    const { request, code } = await type(['run', manifest(), '--no-report'])
    expect(code).toBe(0)
    expect(request.seed).toBe(8)
    expect(request.output?.directory).toBeUndefined()
    expect(strategyOf(request).params).toEqual({ fast: 7 })
  })

  it('verifies that it repeats', async () => {
    const { code, err, out } = await type(['run', manifest(), '--verify', '--json'])
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject({ verification: { repeated: true, differences: [] }, report: null })
    expect(err).toContain('repeated')
  })

  it('names what differs and fails', async () => {
    const data = [
      { path: at('prices.csv'), sha256: '00' },
      { path: at('gone.csv'), sha256: '11' },
    ]
    const { code, err } = await type(['run', manifest({ state_hash: 'cd', data }), '--verify'])
    expect(code).toBe(1)
    expect(err).toContain(`${at('prices.csv')} is not what it was`)
    expect(err).toContain('SHA-256 (absent), then 11')
    expect(err).toContain(`the state hash is ${hash}, then cd`)
  })

  it('is refused when it is none', async () => {
    writeFileSync(at('run.json'), '{}')
    const { code, err } = await type(['run', at('run.json')])
    expect(code).toBe(2)
    expect(err).toContain('[ERR_CONFIG_FILE]')
  })
})

describe('wrong usage', () => {
  it.each([
    ['an unknown command', ['rnu'], "there is no command 'rnu' (did you mean 'run'?)"],
    ['an unknown option', ['inspect', 'a', '--bok'], '(Did you mean --book?)'],
    ['an option in the place of the file', ['run', '--dta', 'x'], "there is no option --dta (did you mean '--data'?)"],
    ['a missing argument', ['inspect'], "missing required argument 'files'"],
    ['a file of no known kind', ['run', 'x.py'], 'give a strategy (.ts, .js)'],
    ['a strategy without data', ['run', at('momentum.ts')], '--data prices.csv'],
    ['data that is not there', ['run', at('momentum.ts'), '--data', 'absent.csv'], 'there is no such file'],
    [
      'data of no known kind',
      ['run', at('momentum.ts'), '--data', at('momentum.ts')],
      '.dbn, .csv, .parquet, .jsonl (Binance frames)',
    ],
    [
      'a parameter that is not declared',
      ['run', at('momentum.ts'), '--data', 'synthetic', '--fats', '2'],
      "(did you mean '--fast'?)",
    ],
    [
      'a parameter out of range',
      ['run', at('momentum.ts'), '--data', 'synthetic', '--fast', '1'],
      'a whole number from 2 to 200',
    ],
    ['a parameter without value', ['run', at('momentum.ts'), '--data', 'synthetic', '--fast'], '--fast needs a value'],
    [
      'one argument too many',
      ['run', at('momentum.ts'), 'more', '--data', 'synthetic'],
      "'more' is one argument too many",
    ],
    [
      'a choice that does not exist',
      ['run', at('momentum.ts'), '--label', 'x'],
      'Allowed choices are open, close, session',
    ],
    [
      'two kinds of fees',
      ['run', at('momentum.ts'), '--data', 'synthetic', '--fee', '1', '--fee-bps', '1'],
      'not both',
    ],
    [
      'a tick size of nobody',
      ['run', at('momentum.ts'), '--data', 'synthetic', '--tick-size', '1'],
      'name it with --symbol',
    ],
    [
      'a seed that is none',
      ['run', at('momentum.ts'), '--data', 'synthetic', '--seed', 'x'],
      '--seed x: give a number',
    ],
    ['verifying what is no run', ['run', at('backtest.yaml'), '--verify'], '--verify repeats a run.json'],
    ['converting a file into itself', ['convert', at('prices.csv'), at('prices.csv')], 'into itself'],
    ['replacing a file unasked', ['convert', at('prices.csv'), at('momentum.ts')], '--force replaces it'],
    ['a demonstration of nothing', ['demo', '--records', '5'], 'at least 1000'],
  ])('%s ends with 2 and a word of advice', async (_, words, advice) => {
    const { code, err, out } = await type(words)
    expect(err).toContain(advice)
    expect(code).toBe(2)
    expect(out).toBe('')
  })

  it('is one JSON document with --json', async () => {
    const { code, out } = await type(['run', 'x.py', '--json'])
    expect(code).toBe(2)
    expect(JSON.parse(out)).toMatchObject({ error: { code: 'ERR_USAGE', details: { file: 'x.py' } } })
  })
})

describe('failed work', () => {
  const run = ['run', at('momentum.ts'), '--data', 'synthetic', '--no-report']
  it.each([
    [
      'an error of ours',
      new TickforgeError('ERR_FEED_OUT_OF_ORDER', 'row 3 is late'),
      1,
      'error: row 3 is late [ERR_FEED_OUT_OF_ORDER]',
    ],
    ['a configuration error', new TickforgeError('ERR_CONFIG_VALUE', 'seed'), 2, '[ERR_CONFIG_VALUE]'],
    ['an error of nobody', new TypeError('oops'), 1, 'TypeError: oops'],
    ['what is no error', 'a text', 1, 'a text'],
    ['an abort', new DOMException('stop', 'AbortError'), 130, 'interrupted'],
  ])('of %s is reported', async (_, failure, expected, message) => {
    const engine = new FakeEngine()
    engine.failure = failure
    const { code, err } = await type(run, engine)
    expect(err).toContain(message)
    expect(code).toBe(expected)
  })

  it('by Ctrl-C keeps the result and ends with 130', async () => {
    const engine = new FakeEngine()
    engine.during = () => process.emit('SIGINT')
    const { code, out, err } = await type(run, engine)
    expect(code).toBe(130)
    expect(out).toBe('profit 1.00\n')
    expect(err).toContain('interrupted: the result covers what was done until then')
  })
})

describe('an interruption', () => {
  it('aborts the first time and exits at once the second', async () => {
    const listeners = new Map<string, () => void>()
    const exits: number[] = []
    const source: SignalSource = {
      on: (signal, listener) => listeners.set(signal, listener),
      off: signal => listeners.delete(signal),
      exit: code => exits.push(code),
    }
    const aborted = await interruptible(async signal => {
      listeners.get('SIGTERM')?.()
      expect(exits).toEqual([])
      listeners.get('SIGINT')?.()
      return signal.aborted
    }, source)
    expect(aborted).toBe(true)
    expect(exits).toEqual([130])
    expect(listeners.size).toBe(0)
  })
})

describe('the other commands', () => {
  it('inspect', async () => {
    const { out, engine } = await type(['inspect', 'a.dbn', 'b.dbn', '--book'])
    expect(engine.calls).toEqual([['inspect', ['a.dbn', 'b.dbn'], true]])
    expect(out).toBe('schema         mbo\ninstrument id  17077\nrecords        68,792\n')
    expect(JSON.parse((await type(['inspect', 'a', '--json'])).out)).toEqual({
      schema: 'mbo',
      instrumentId: 17077,
      records: 68792,
    })
  })

  it('calibrate: options, scorecard, and the model as a piece of a configuration', async () => {
    const out = at('queue.yaml')
    const options = '--symbol ESH4 --tick-size 0.25 --lot-size 1 --orders 100 --window 5m --levels 2 --seed 7'
    const words = ['calibrate', at('esh4.mbo.dbn.zst'), ...options.split(' '), '--out', out]
    const { code, out: text, err, engine } = await type(words)
    expect([code, engine.calls]).toEqual([
      0,
      [
        [
          'calibrate',
          at('esh4.mbo.dbn.zst'),
          { symbol: 'ESH4', tickSize: '0.25', lotSize: '1', orders: 100, window: '5m', levels: 2, seed: 7 },
        ],
      ],
    ])
    expect(text).toContain('power 2.5  99.58 %   99.53 %        5        12      1.5 µs    2.0 s         -0.13   n/a')
    expect(text).toContain('905 filled after a median of 6.8 s, mark-out -0.06 and 0.04 ticks')
    expect(text).toContain('7 drawn orders left out')
    expect(err).toContain(`the queue model power is in ${out}`)
    const file = `${readFileSync(out, 'utf8')}
  data_source: { type: databento, files: ${JSON.stringify(at('esh4.mbo.dbn.zst'))} }
strategy: { type: momentum.ts }
`
    writeFileSync(at('calibrated.yaml'), file)
    const { run } = readConfiguration(at('calibrated.yaml'))
    expect(run.venue?.queue).toEqual({
      type: 'power',
      exponent: 2.5,
      calibration: {
        source: 'esh4.mbo.dbn.zst',
        symbol: 'ESH4',
        orders: 4000,
        agreement: 0.99575,
        balancedAgreement: 0.9953,
        medianTimeErrorNs: 1500,
        markOutError: -0.0625,
      },
    })
    expect((await type(words)).code).toBe(2)
    const other = await type([...words, '--force', '--model', 'log2', '--json'])
    expect([other.code, JSON.parse(other.out)]).toEqual([0, calibration])
    expect(readFileSync(out, 'utf8')).toContain('queue_position_model: log2\n')
    expect((await type(['calibrate', at('esh4.mbo.dbn.zst'), '--model', 'log2'])).err).toContain('--out writes')
    expect((await type(['calibrate', at('esh4.mbo.dbn.zst'), '--orders', 'many'])).err).toContain('whole number')
    expect((await type(['calibrate', at('nothing.dbn')])).err).toContain('no such file')
  })

  it('convert', async () => {
    const words = ['convert', at('prices.csv'), at('x.dbn'), '--timeframe', '60m', '--label', 'open', '--kind', 'bars']
    const { engine, code } = await type(words)
    expect(code).toBe(0)
    const options = { symbols: [], start: null, end: null, kind: 'bars', timeframe: '1h', label: 'open' }
    expect(engine.calls).toEqual([['convert', at('prices.csv'), at('x.dbn'), options]])
  })

  it('doctor, healthy or not', async () => {
    const healthy = await type(['doctor', '--json'])
    expect(healthy.code).toBe(0)
    expect(JSON.parse(healthy.out)).toMatchObject({ healthy: true, engine: { simd: 'avx2' } })
    const engine = new FakeEngine()
    engine.failure = new TickforgeError('ERR_NATIVE_LOAD', 'no addon')
    const ill = await type(['doctor'], engine)
    expect(ill.code).toBe(1)
    expect(ill.out).toContain('missing native engine')
    expect(ill.out).toContain('npm run setup')
  })

  it('demo', async () => {
    const { code, request } = await type(['demo', '--records', '5000', '--no-report', '--out', at('demo')])
    expect(code).toBe(0)
    expect(request.data).toEqual({ type: 'synthetic', records: 5000 })
    expect(Object.keys(request.strategies)).toEqual(['market-maker'])
  })

  it('bench refuses a name that no benchmark has', async () => {
    const { code, err } = await type(['bench', 'no-such-benchmark'])
    expect(code).toBe(2)
    expect(err).toContain('no benchmark is named no-such-benchmark')
  })

  it.each(['demo', 'run', 'inspect', 'convert', 'calibrate', 'bench', 'doctor'])(
    '%s has help with an example',
    async name => {
      const { code, out } = await type([name, '--help'])
      expect(code).toBe(0)
      expect(out).toContain(`$ tickforge ${name}`)
      expect(out).toContain('--json')
      expect(out).toContain('--quiet')
    },
  )

  it('no command shows the commands', async () => {
    const { code, out } = await type([])
    expect(code).toBe(0)
    expect(out).toContain('Exit codes: 0 done, 1 the work failed, 2 wrong usage, 130 interrupted')
    expect((await type(['--version'])).out).toBe(`${JSON.parse(readFileSync('package.json', 'utf8')).version}\n`)
  })
})

describe('a terminal', () => {
  const output = (isTTY: boolean): Output => new Kept(isTTY)
  it('has colours only where somebody sees them and wants them', () => {
    expect(new Terminal(output(true), output(true), {}).colours.red('x')).not.toBe('x')
    expect(new Terminal(output(false), output(false), {}).colours.red('x')).toBe('x')
    expect(new Terminal(output(true), output(true), { NO_COLOR: '1' }).errorColours.red('x')).toBe('x')
    expect(new Terminal(output(true), output(true), { TERM: 'dumb' }).colours.red('x')).toBe('x')
  })

  it('draws a progress bar at most ten times a second', () => {
    const err = new Kept(true)
    let now = 0
    const bar = new ProgressBar(new Terminal(output(false), err, { NO_COLOR: '1' }), 'work', () => now)
    for (; now < 1000; now += 10) bar.update(now / 2000)
    expect(err.text.split('\r').length - 1).toBe(10)
    expect(err.text).toContain('left')
    now = 125_000
    bar.update(1)
    expect(err.text).toContain('100 % 2:05')
  })
})

describe('facts for people', () => {
  it('are indented by depth', () => {
    expect(formatFacts({ a: { bigNumber: 1234, list: [1, 2] }, none: {}, empty: [], rows: [{ x: null }] })).toBe(
      'a\n  big number  1,234\n  list        1, 2\nnone   none\nempty  none\nrows\n  x  –',
    )
    expect(formatFacts([1, 2])).toBe('1, 2')
  })
})
