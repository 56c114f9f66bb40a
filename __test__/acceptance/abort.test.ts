/** A run that is stopped keeps what was done; while it goes on, the event loop gets its turns. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import MarketMaker from '../../examples/market-maker.ts'
import { Backtest, type Context, type Quote, type RunProgress, Strategy, synthetic } from '../../src/index.ts'
import { filesBelow, marketMakerFile, temporaryFolder, tickforge } from './support.ts'

const folder = temporaryFolder()

describe('an abort signal', () => {
  it('ends a run at once; fills, equity and report cover what was done', async () => {
    const abort = new AbortController()
    let ended = 0
    class Stopped extends MarketMaker {
      override onStop(ctx: Context): void {
        ended = performance.now()
        super.onStop(ctx)
      }
    }
    const progress: RunProgress[] = []
    let afterwards = 0
    let stopped = 0
    const out = join(folder, 'aborted')
    const result = await new Backtest({
      data: synthetic({ records: 5_000_000, seed: 2 }),
      strategies: { maker: new Stopped() },
      output: { directory: out },
    }).run({
      signal: abort.signal,
      onProgress: step => {
        progress.push(step)
        if (abort.signal.aborted) afterwards += 1
        if (step.fraction > 0.1 && !abort.signal.aborted) {
          stopped = performance.now()
          abort.abort()
        }
      },
    })
    const concluded = performance.now() - stopped
    process.stderr.write(
      `abort: run ended after ${(ended - stopped).toFixed(1)} ms, result ${concluded.toFixed(0)} ms\n`,
    )
    // 100 ms is promised; a busy machine may take its time, and a run that goes on takes seconds.
    expect(ended - stopped).toBeLessThan(300)
    expect(afterwards).toBeLessThanOrEqual(2)
    expect(result.facts.aborted).toBe(true)
    expect(result.notes[0]).toContain('stopped early')
    expect(result.counters.records).toBeGreaterThan(400_000)
    expect(result.counters.records).toBeLessThan(2_000_000)
    expect(result.figures.fills).toBeGreaterThan(100)
    expect(result.fills.length).toBe(result.figures.fills)
    expect(result.equity[0]!.time.length).toBeGreaterThan(1)
    for (const { status } of result.orders) expect(status).not.toBe('')
    await result.writeReport(join(out, 'report.html'))
    const tables = ['metrics.parquet', 'round_trips.parquet', 'trades.parquet']
    expect(filesBelow(out)).toEqual([...tables, 'report.html', 'run.json'].sort())
    const fractions = progress.map(({ fraction }) => fraction)
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b))
    expect(progress.at(-1)!.rows).toBe(result.facts.rows)
  })

  it('given before the start ends it before the first row', async () => {
    const maker = new MarketMaker()
    const result = await new Backtest({ data: synthetic({ records: 100_000 }), strategies: { maker } }).run({
      signal: AbortSignal.abort(),
    })
    expect([result.facts.aborted, result.figures.fills]).toEqual([true, 0])
    expect(result.summary()).toContain('stopped early')
  })
})

describe('the event loop', () => {
  /** Holds up every so many rows. */
  class Slow extends Strategy {
    static override data = { quotes: true }
    longest = 0
    override onQuote(_quote: Quote): void {
      const until = performance.now() + 0.5
      while (performance.now() < until);
    }
  }

  it.each<[string, () => Strategy, number]>([
    ['a fast strategy', () => new MarketMaker(), 2_000_000],
    ['a strategy whose handlers take half a millisecond', () => new Slow(), 4_000],
  ])('gets its turns during a run of %s, and progress is told', async (_, make, records) => {
    let turns = 0
    let told = 0
    const timer = setInterval(() => {
      turns += 1
    }, 5)
    const started = performance.now()
    await new Backtest({ data: synthetic({ records }), strategies: { only: make() } }).run({
      onProgress: () => {
        told += 1
      },
    })
    const elapsed = performance.now() - started
    clearInterval(timer)
    expect(elapsed).toBeGreaterThan(200)
    // One turn in 50 ms is promised; half of that is the net below it.
    expect(turns).toBeGreaterThan(elapsed / 100)
    expect(told).toBeGreaterThan(elapsed / 100)
  })
})

describe('Ctrl-C', () => {
  it('ends the program with exit code 130, a summary, and nothing half-written', async () => {
    const yaml = `backtest:
  data_source: { type: synthetic, records: 30000000, seed: 3 }
  output: { directory: stopped, detailed_log: true }
strategy: { type: ${JSON.stringify(marketMakerFile)} }
`
    writeFileSync(join(folder, 'long.yaml'), yaml)
    let interrupted = 0
    const ended = await tickforge(['run', 'long.yaml', '--report', 'stopped/report.html'], folder, child => {
      setTimeout(() => {
        interrupted = performance.now()
        child.kill('SIGINT')
      }, 1500)
    })
    process.stderr.write(`Ctrl-C: the program had ended after ${(performance.now() - interrupted).toFixed(0)} ms\n`)
    expect(ended.code).toBe(130)
    expect(ended.err).toContain('interrupted: the result covers what was done until then')
    expect(ended.out).toMatch(/^fills +[1-9]/m)
    expect(ended.out).toContain('state hash')
    const files = ['metrics.parquet', 'orders.parquet', 'report.html', 'round_trips.parquet', 'run.json']
    expect(filesBelow(join(folder, 'stopped'))).toEqual([...files, 'trades.parquet'])
    const manifest = JSON.parse(readFileSync(join(folder, 'stopped/run.json'), 'utf8'))
    expect(manifest.state_hash).toMatch(/^[0-9a-f]{64}$/)
  })
})
