/** The configuration file of the public interface, run as a person runs it, on ESH4 and on a generated market. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import { esh4, filesBelow, marketMakerFile, shared, temporaryFolder, tickforge } from './support.ts'

const folder = temporaryFolder()

/** The configuration of the public interface; `source` and the strategy's file are the only paths. */
const configuration = (source: object): string =>
  stringify({
    backtest: {
      data_source: source,
      instruments: [{ symbol: 'ESH4', tick_size: 0.25, multiplier: 50, currency: 'USD' }],
      account: { currency: 'USD', initial_cash: 100000 },
      execution: {
        latency_model: { type: 'fixed', network_latency_us: 50, processing_latency_us: 10 },
        fill_model: { type: 'probabilistic', fill_probability_at_touch: 0.5, queue_position_model: 'pro_rata' },
        market_impact: { type: 'linear', impact_bps_per_million: 0.5 },
      },
      risk_limits: { max_position: 100, max_order_size: 50, max_loss: 10000.0, max_orders_per_second: 100 },
      output: {
        metrics_file: 'results/metrics.parquet',
        trades_file: 'results/trades.parquet',
        detailed_log: false,
      },
      seed: 42,
    },
    strategy: { type: marketMakerFile, parameters: { width: 2 } },
  })

const sources = [
  ['ESH4', esh4 && { type: 'databento', files: [esh4], symbols: ['ESH4'] }],
  ['a generated market', { type: 'synthetic', seed: 7, records: 150_000, live_orders: 1000, symbol: 'ESH4' }],
] as const

interface Document {
  readonly result: { readonly stateHash: string; readonly figures: Record<string, number>; readonly notes: string[] }
  readonly report: string | null
  readonly verification: { readonly repeated: boolean; readonly differences: string[] } | null
}

describe.each(sources)('the configuration file on %s', (name, source) => {
  const here = join(folder, name.replaceAll(' ', '-'))
  const skip = source === null

  it.skipIf(skip)('runs as written: a summary, a report, metrics and trades', async () => {
    mkdirSync(here)
    writeFileSync(join(here, 'backtest.yaml'), configuration(source as object))
    const { code, out, err } = await tickforge(['run', 'backtest.yaml'], here)
    expect(err).not.toContain('error')
    expect(code).toBe(0)
    expect(out).toMatch(/^orders +\d/m)
    expect(out).toMatch(/state hash +[0-9a-f]{64}/)
    expect(err).toContain('report: ')
    const written = ['results/metrics.parquet', 'results/run.json', 'results/trades.parquet']
    expect(filesBelow(here)).toEqual(['backtest.yaml', 'report.html', ...written])
    for (const table of ['metrics', 'trades']) {
      const bytes = readFileSync(join(here, `results/${table}.parquet`))
      expect([bytes.subarray(0, 4).toString(), bytes.subarray(-4).toString()]).toEqual(['PAR1', 'PAR1'])
    }
  })

  it.skipIf(skip)('writes everything into the folder of --out, repeats from its run.json, and says so', async () => {
    const yaml = configuration(source as object)
      .replace('detailed_log: false', 'detailed_log: true')
      .replace('results/metrics', 'all/metrics')
      .replace('results/trades', 'all/trades')
    writeFileSync(join(here, 'detailed.yaml'), yaml)
    const first = await tickforge(['run', 'detailed.yaml', '--out', 'all', '--json'], here)
    expect([first.err, first.code]).toEqual([expect.not.stringContaining('error'), 0])
    const document = JSON.parse(first.out) as Document
    const tables = ['metrics.parquet', 'orders.parquet', 'round_trips.parquet', 'trades.parquet']
    expect(filesBelow(join(here, 'all'))).toEqual([...tables, 'report.html', 'run.json'].sort())
    expect(document.report).toBe(join(here, 'all/report.html'))
    const manifest = JSON.parse(readFileSync(join(here, 'all/run.json'), 'utf8'))
    expect(manifest.state_hash).toBe(document.result.stateHash)
    expect(manifest.configuration.seed).toBe(42)

    const again = await tickforge(['run', 'all/run.json', '--verify', '--json'], here)
    expect(again.err).toContain('repeated: the state hash is')
    expect(again.code).toBe(0)
    const { result, verification } = JSON.parse(again.out) as Document
    expect(result.stateHash).toBe(manifest.state_hash)
    expect(verification).toEqual({ repeated: true, differences: [] })

    // One digit of the record changed: verification says what differs, and fails.
    const forged = readFileSync(join(here, 'all/run.json'), 'utf8').replaceAll(manifest.state_hash, '0'.repeat(64))
    writeFileSync(join(here, 'forged.run.json'), forged)
    const differs = await tickforge(['run', 'forged.run.json', '--verify'], here)
    expect(differs.code).toBe(1)
    expect(differs.err).toContain(`the state hash is ${manifest.state_hash}, then 0000`)
  })
})

describe('a user’s configuration', () => {
  const theirs = shared('examples/backtest_databento.yaml')

  it.skipIf(theirs === null || esh4 === null)('runs with its strategy, file and symbol replaced', async () => {
    const document = parse(readFileSync(theirs as string, 'utf8'))
    document.backtest.data_source.files = [esh4]
    document.backtest.data_source.symbols = ['ESH4']
    document.strategy = { type: marketMakerFile, parameters: {} }
    const here = join(folder, 'theirs')
    mkdirSync(here)
    writeFileSync(join(here, 'backtest_databento.yaml'), stringify(document))
    const { code, out, err } = await tickforge(['run', 'backtest_databento.yaml', '--json'], here)
    expect([err, code]).toEqual([expect.not.stringContaining('error'), 0])
    const { result } = JSON.parse(out) as Document
    expect(result.figures['orders']).toBeGreaterThanOrEqual(500)
    expect(result.notes.join('\n')).toContain('built-in')
    expect(filesBelow(here)).toContain('results/metrics.parquet')
  })
})

describe('wrong usage', () => {
  it.each([
    ['an unknown key', 'backtest:\n  data_sorce: {}\n', 'data_source', 'ERR_CONFIG_UNKNOWN_KEY'],
    ['a file that is none', '{', '', 'ERR_CONFIG_SYNTAX'],
  ])('%s ends with exit code 2 and its code', async (_, text, hint, wanted) => {
    writeFileSync(join(folder, 'wrong.yaml'), text)
    const { code, err } = await tickforge(['run', 'wrong.yaml'], folder)
    expect(code).toBe(2)
    expect(err).toContain(wanted)
    expect(err).toContain(hint)
  })
})
