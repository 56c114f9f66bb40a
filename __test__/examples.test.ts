import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, describe, expect, it } from 'vitest'
import type { BacktestResult } from '../src/index.ts'

const root = join(import.meta.dirname, '..')
const folder = mkdtempSync(join(tmpdir(), 'tickforge-examples-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

type Outcome = BacktestResult['outcome'] & {
  readonly metrics: readonly { readonly name: string; readonly value: number; readonly count: number }[]
}

/** Runs the command of the built package; gives its result. */
async function tickforge(...words: string[]): Promise<Outcome> {
  const run = promisify(execFile)
  const main = join(root, 'dist/cli/main.js')
  const options = { cwd: root, maxBuffer: 1 << 28 }
  const { stdout } = await run(process.execPath, [main, ...words, '--json', '--quiet', '--no-report'], options)
  return (JSON.parse(stdout) as { result: Outcome }).result
}

const example = (name: string): string => join(root, 'examples', name)
const out = (name: string): string[] => ['--out', join(folder, name)]

/** Closes of a CSV file of bars. */
function closes(name: string): number[] {
  const lines = readFileSync(example(`data/${name}`), 'utf8')
    .trim()
    .split('\n')
    .slice(1)
  return lines.map(line => Number(line.split(',')[4]))
}

describe('the examples', () => {
  it('are the files that their README names, and the made-up prices are what the script makes', async () => {
    const page = readFileSync(example('README.md'), 'utf8')
    for (const file of readdirSync(example('.')).filter(name => /\.(ts|yaml)$/.test(name))) {
      expect(page).toContain(`\`${file}\``)
    }
    const { exampleData } = (await import(example('data/generate.mjs'))) as { exampleData(): Record<string, string> }
    for (const [name, text] of Object.entries(exampleData())) {
      expect(readFileSync(example(`data/${name}`), 'utf8')).toBe(text)
    }
  })

  it('momentum trades once for every crossing of the averages', async () => {
    const result = await tickforge(
      'run',
      example('momentum.ts'),
      '--data',
      example('data/prices.csv'),
      ...out('momentum'),
    )
    const prices = closes('prices.csv')
    const average = (at: number, n: number): number => prices.slice(at - n + 1, at + 1).reduce((a, b) => a + b, 0) / n
    let [crossings, above] = [0, undefined as boolean | undefined]
    for (let at = 29; at < prices.length; at++) {
      const now = average(at, 10) > average(at, 30)
      if (now !== above) crossings += 1
      above = now
    }
    expect(result.figures.orders).toBe(crossings)
    expect(result.figures.fills).toBe(crossings)
    const [position] = result.strategies[0]!.positions
    expect(position!.largestLong).toBeGreaterThan(0)
    expect(position!.largestShort).toBeGreaterThan(0)
  })

  it('the market maker quotes both sides, makes more than it takes, and flattens at its inventory', async () => {
    const result = await tickforge(
      'run',
      example('market-maker.ts'),
      '--data',
      'synthetic',
      '--inventory',
      '3',
      ...out('maker'),
    )
    const { figures } = result
    expect(figures.accepted).toBeGreaterThan(500)
    expect(figures.fills - figures.takerFills).toBeGreaterThan(figures.takerFills)
    expect(figures.marketOrders).toBeGreaterThan(0)
    const [position] = result.strategies[0]!.positions
    // Both quotes may fill beyond the limit while the order that flattens is on its way.
    expect(Math.max(position!.largestLong, position!.largestShort)).toBeLessThanOrEqual(6)
    expect(Math.abs(position!.quantity)).toBeLessThan(position!.volume / 2)
  })

  it('the imbalance strategy acts on every signal and never holds more than its size', async () => {
    const result = await tickforge(
      'run',
      example('imbalance.ts'),
      '--data',
      'synthetic',
      '--size',
      '2',
      ...out('imbalance'),
    )
    const signals = result.metrics.find(({ name }) => name === 'signals')!
    expect(signals.value).toBeGreaterThan(50)
    expect(result.figures.orders).toBe(signals.value)
    const [position] = result.strategies[0]!.positions
    expect([position!.largestLong, position!.largestShort]).toEqual([2, 2])
  })

  it('the two-timeframe strategy waits for the hour that gives the direction', async () => {
    const result = await tickforge('run', example('two-timeframes.ts'), '--data', 'synthetic', ...out('timeframes'))
    const hour = 3_600_000
    expect(result.roundTrips.length).toBeGreaterThan(2)
    const first = Math.min(...result.roundTrips.map(({ entryTime }) => entryTime))
    // Two hours have closed before there is a direction.
    expect(first - Math.floor(result.from / hour) * hour).toBeGreaterThanOrEqual(2 * hour)
    expect(result.strategies[0]!.positions[0]!.largestLong).toBeLessThanOrEqual(1)
  })

  it('the pairs strategy always holds both legs, on opposite sides', async () => {
    const files = ['ALPHA.csv', 'BETA.csv'].map(name => example(`data/${name}`))
    const result = await tickforge('run', example('pairs.ts'), '--data', ...files, ...out('pairs'))
    const legs = [0, 1].map(instrument => result.roundTrips.filter(trip => trip.instrument === instrument))
    expect(legs[0]!.length).toBeGreaterThan(5)
    expect(legs[1]!.map(({ entryTime, exitTime }) => [entryTime, exitTime])).toEqual(
      legs[0]!.map(({ entryTime, exitTime }) => [entryTime, exitTime]),
    )
    for (const [at, { side }] of legs[0]!.entries()) expect(legs[1]![at]!.side).not.toBe(side)
  })

  it('the configuration file runs as it is, and again with the same state hash', async () => {
    const result = await tickforge('run', example('backtest.yaml'), ...out('yaml'))
    expect(result.figures.fills).toBeGreaterThan(5)
    const files = readdirSync(join(folder, 'yaml'))
    for (const name of ['run.json', 'metrics.parquet', 'trades.parquet']) expect(files).toContain(name)
    const repeated = await tickforge('run', join(folder, 'yaml/run.json'), '--verify')
    expect(repeated.stateHash).toBe(result.stateHash)
  })
})
