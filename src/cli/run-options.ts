/** From the options of `tickforge run` to those of a run. */
import { existsSync, statSync } from 'node:fs'
import { basename, extname, resolve } from 'node:path'
import { binance, csv, dbn, fees, latency, parquet, synthetic } from '../backtest/configuration-builders.ts'
import type { DataSource, InstrumentOptions, RunOptions, TableOptions } from '../backtest/configuration-types.ts'
import type { Duration } from '../backtest/configuration-values.ts'
import { TickforgeError } from '../errors.ts'

/** What commander made of the options of `run`, all as typed. */
export interface RunFlags {
  readonly data?: readonly string[]
  readonly symbol?: readonly string[]
  readonly start?: string
  readonly end?: string
  readonly timeframe?: string
  readonly label?: string
  readonly checks?: string
  readonly instrument?: string
  readonly tickSize?: string
  readonly lotSize?: string
  readonly multiplier?: string
  readonly currency?: string
  readonly cash?: string
  readonly latency?: string
  readonly fee?: string
  readonly feeBps?: string
  readonly closeAtEnd?: string
  readonly speed?: string
  readonly seed?: string
  readonly out?: string
  readonly report?: string | false
  readonly verify?: boolean
  readonly stress?: boolean
  readonly debug?: boolean
  readonly json?: boolean
  readonly quiet?: boolean
}

/** Wrong usage: the message says what to type instead. */
export function usageError(message: string, details: Record<string, unknown> = {}): TickforgeError {
  return new TickforgeError('ERR_USAGE', message, { details })
}

/** What a file of market data is, by its name. */
export function dataSource(files: readonly string[], flags: RunFlags): DataSource[] {
  const shared = {
    ...(flags.start !== undefined && { start: flags.start }),
    ...(flags.end !== undefined && { end: flags.end }),
    ...(flags.checks !== undefined && { checks: flags.checks as NonNullable<TableOptions['checks']> }),
  }
  const table: TableOptions = {
    ...shared,
    ...(flags.symbol?.length === 1 && { symbol: flags.symbol[0] as string }),
    ...((flags.symbol?.length ?? 0) > 1 && { symbols: flags.symbol as string[] }),
    ...(flags.timeframe !== undefined && { timeframe: flags.timeframe }),
    ...(flags.label !== undefined && { label: flags.label as NonNullable<TableOptions['label']> }),
  }
  return files.map(file => {
    if (file === 'synthetic') return synthetic()
    const path = resolve(file)
    if (!existsSync(path) || !statSync(path).isFile())
      throw usageError(`--data ${file}: there is no such file`, { file })
    const name = basename(file).toLowerCase()
    if (/\.csv(\.gz|\.zst)?$/.test(name)) return csv(path, table)
    if (name.endsWith('.parquet')) return parquet(path, table)
    if (/\.(dbn|dbz)(\.zst)?$|\.zst$/.test(name))
      return dbn(path, { ...shared, ...(flags.symbol && { symbols: flags.symbol }) })
    if (/\.(jsonl?|log|dat)(\.gz|\.zst)?$|\.gz$/.test(name))
      return binance(path, { ...shared, ...(flags.symbol && { symbols: flags.symbol }) })
    throw usageError(
      `--data ${file}: the kind of data is told by the name: .dbn, .csv, .parquet, .jsonl (Binance frames)`,
      {
        file,
        accepted: ['.dbn', '.dbn.zst', '.csv', '.parquet', '.jsonl', '.gz', 'synthetic'],
      },
    )
  })
}

/** The run that the flags alone describe: for a strategy file. */
export function runFromFlags(file: string, flags: RunFlags): RunOptions {
  if (flags.data === undefined) {
    throw usageError(`a strategy needs data: tickforge run ${file} --data prices.csv (or --data synthetic)`, {
      option: '--data',
    })
  }
  const run: RunOptions = { data: dataSource(flags.data, flags), ...instruments(flags) }
  return withFlags(run, flags)
}

/**
 * `run` with what the flags say about account, venue, seed and output.
 *
 * @param folder where artefacts go when neither `run` nor the flags say; null: none are written
 */
export function withFlags(run: RunOptions, flags: RunFlags, folder: string | null = 'results'): RunOptions {
  const account = {
    ...run.account,
    ...(flags.cash !== undefined && { initialCash: flags.cash }),
    ...(flags.currency !== undefined && { currency: flags.currency }),
  }
  if (flags.fee !== undefined && flags.feeBps !== undefined) throw usageError('give --fee or --fee-bps, not both')
  const venue = {
    ...run.venue,
    ...(flags.latency !== undefined && { latency: latency.fixed({ network: flags.latency as Duration }) }),
    ...(flags.fee !== undefined && { fees: fees.perContract(flags.fee) }),
    ...(flags.feeBps !== undefined && { fees: fees.bps(flags.feeBps) }),
  }
  // A configuration that names its tables has said where things go: run.json lies beside them.
  const isNamed = run.output?.metricsFile !== undefined || run.output?.tradesFile !== undefined
  const directory = flags.out ?? run.output?.directory ?? (isNamed ? null : folder)
  return {
    ...run,
    account,
    venue,
    ...(flags.seed !== undefined && { seed: number('--seed', flags.seed) }),
    ...(flags.speed !== undefined && { replaySpeed: speed(flags.speed) }),
    ...(flags.closeAtEnd !== undefined && { closeAtEnd: flags.closeAtEnd as 'close' | 'open' }),
    output: { ...run.output, ...(directory !== null && { directory: resolve(directory) }) },
  }
}

function instruments(flags: RunFlags): { instruments?: InstrumentOptions[] } {
  const terms = {
    ...(flags.instrument !== undefined && { kind: flags.instrument as NonNullable<InstrumentOptions['kind']> }),
    ...(flags.tickSize !== undefined && { tickSize: flags.tickSize }),
    ...(flags.lotSize !== undefined && { lotSize: flags.lotSize }),
    ...(flags.multiplier !== undefined && { multiplier: flags.multiplier }),
  }
  if (Object.keys(terms).length === 0) return {}
  if (flags.symbol?.length !== 1) {
    throw usageError(
      '--instrument, --tick-size, --lot-size and --multiplier describe one instrument: name it with --symbol',
      {
        option: '--symbol',
      },
    )
  }
  return { instruments: [{ symbol: flags.symbol[0] as string, ...terms }] }
}

function speed(value: string): number {
  return value === 'max' ? 0 : value === 'realtime' ? 1 : number('--speed', value)
}

function number(option: string, value: string): number {
  const parsed = value.trim() === '' ? Number.NaN : Number(value)
  if (!Number.isFinite(parsed)) throw usageError(`${option} ${value}: give a number`, { option, value })
  return parsed
}

/** Where the report goes: beside the artefacts with `--out`, otherwise into the current folder; null for none. */
export function reportPath(flags: RunFlags): string | null {
  if (flags.report === false) return null
  return resolve(flags.report ?? (flags.out === undefined ? 'report.html' : `${flags.out}/report.html`))
}

/** What FILE of `tickforge run` is. */
export function fileKind(file: string): 'strategy' | 'configuration' | 'run' {
  const extension = extname(file).toLowerCase()
  if (['.ts', '.mts', '.js', '.mjs'].includes(extension)) return 'strategy'
  if (['.yaml', '.yml'].includes(extension)) return 'configuration'
  if (extension === '.json') return basename(file).endsWith('run.json') ? 'run' : 'configuration'
  throw usageError(`${file}: give a strategy (.ts, .js), a configuration (.yaml, .json) or a run.json`, {
    file,
    accepted: ['.ts', '.mts', '.js', '.mjs', '.yaml', '.yml', '.json'],
  })
}
