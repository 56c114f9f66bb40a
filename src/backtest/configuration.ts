/**
 * Reading configuration files (YAML or JSON).
 *
 * Imports zod and yaml, which take their time to load: reach this module through a dynamic `import()` only.
 */
import { readFileSync } from 'node:fs'
import { basename, dirname, extname, resolve } from 'node:path'
import { LineCounter, parseDocument } from 'yaml'
import { TickforgeError } from '../errors.ts'
import { describeIssue, type SchemaIssue } from './configuration-issues.ts'
import {
  type ConfigurationFile,
  configurationSchema,
  type ExecutionEntry,
  type RiskLimitsEntry,
  type SourceEntry,
  type StrategyEntry,
} from './configuration-schema.ts'
import type {
  DataSource,
  LatencyModel,
  RiskLimitOptions,
  RunOptions,
  StrategyOptions,
  VenueOptions,
} from './configuration-types.ts'
import { type Duration, decimalText } from './configuration-values.ts'

export { configurationJsonSchema } from './configuration-schema.ts'

/** A strategy named in a configuration file. */
export interface ConfiguredStrategy extends Omit<StrategyOptions, 'needs'> {
  /** The `type` as written: a path, relative to the file's folder, or a name. */
  readonly type: string
  /** The path that `type` stands for. */
  readonly source: string
}

/** What a configuration file says, in TypeScript's spelling. */
export interface Configuration {
  /** The run. */
  readonly run: RunOptions
  /** Its strategies, in order; their code is still to be loaded. */
  readonly strategies: readonly ConfiguredStrategy[]
  /** The folder that relative paths start from. */
  readonly folder: string
}

/**
 * Reads and checks a configuration file.
 *
 * @throws {@link TickforgeError} `ERR_CONFIG_FILE`, `ERR_CONFIG_SYNTAX`, `ERR_CONFIG_UNKNOWN_KEY`,
 * `ERR_CONFIG_MISSING` or `ERR_CONFIG_VALUE`, with file, line and field
 */
export function readConfiguration(file: string): Configuration {
  let content: string
  try {
    content = readFileSync(file, 'utf8')
  } catch (cause) {
    throw new TickforgeError('ERR_CONFIG_FILE', `${file} cannot be read: ${(cause as Error).message}`, {
      details: { file },
      cause,
    })
  }
  return parseConfiguration(content, resolve(file))
}

/** Checks the text of a configuration file; `file` is what errors name and what relative paths start from. */
export function parseConfiguration(content: string, file: string): Configuration {
  const lines = new LineCounter()
  const document = parseDocument(content, { lineCounter: lines, prettyErrors: false })
  const broken = document.errors[0]
  if (broken !== undefined) {
    const { line, col } = lines.linePos(broken.pos[0])
    throw new TickforgeError('ERR_CONFIG_SYNTAX', `${file}:${line}:${col}: ${broken.message}`, {
      details: { file, line, column: col },
    })
  }
  let value: unknown
  try {
    value = document.toJS({ maxAliasCount: 100 })
  } catch (cause) {
    throw new TickforgeError('ERR_CONFIG_SYNTAX', `${file}: ${(cause as Error).message}`, { details: { file }, cause })
  }
  const checked = configurationSchema.safeParse(value, { reportInput: true })
  if (!checked.success) {
    const lineOf = (path: readonly PropertyKey[], key: string | undefined): number | undefined => {
      for (let length = path.length; length >= 0; length -= 1) {
        const node = document.getIn(path.slice(0, length), true) as {
          range?: [number, number, number]
          items?: unknown[]
        }
        const pair = key === undefined || length < path.length ? undefined : findPair(node, key)
        const offset = pair ?? node?.range?.[0]
        if (offset !== undefined) return lines.linePos(offset).line
      }
      return undefined
    }
    throw describeIssue(checked.error.issues as unknown as SchemaIssue[], file, lineOf)
  }
  return fromFile(checked.data, file)
}

function findPair(node: { items?: unknown[] } | undefined, key: string): number | undefined {
  for (const item of node?.items ?? []) {
    const name = (item as { key?: { value?: unknown; range?: [number] } }).key
    if (name?.value === key) return name.range?.[0]
  }
  return undefined
}

function fromFile(file: ConfigurationFile, name: string): Configuration {
  const { backtest } = file
  const folder = dirname(name)
  if ((file.strategy === undefined) === (file.strategies === undefined)) {
    throw new TickforgeError('ERR_CONFIG_MISSING', `${name}: give either strategy or strategies`, {
      details: { file: name, field: 'strategy', accepted: 'strategy: { type: ./my_strategy.ts }' },
    })
  }
  const sources = Array.isArray(backtest.data_source) ? backtest.data_source : [backtest.data_source]
  const speed = backtest.replay_speed
  const run = camelise({
    data: sources.map(sourceFromFile),
    instruments: backtest.instruments,
    account: backtest.account,
    venue: backtest.execution === undefined ? undefined : venueFromFile(backtest.execution),
    riskLimits: backtest.risk_limits,
    output: backtest.output,
    seed: backtest.seed,
    replaySpeed: speed === 'max' ? 0 : speed === 'realtime' ? 1 : speed,
    closeAtEnd: backtest.close_at_end,
    stepRows: backtest.step_rows,
  }) as RunOptions
  const strategies = (file.strategies ?? [file.strategy as StrategyEntry]).map(entry => strategyFromFile(entry, folder))
  return { run, strategies, folder }
}

function sourceFromFile(entry: SourceEntry): DataSource {
  if (entry.type === 'synthetic') return camelise(entry) as DataSource
  const { files, type, ...rest } = entry
  return {
    ...(camelise(rest) as object),
    type: type === 'databento' ? 'dbn' : type,
    files: typeof files === 'string' ? [files] : files,
  } as DataSource
}

function microsecondsText(value: number | undefined): Duration | undefined {
  return value === undefined ? undefined : (`${decimalText(value, 'latency')}us` as Duration)
}

function venueFromFile(entry: ExecutionEntry): VenueOptions {
  const { latency_model: model, fill_model: fill, market_impact: impact, fees } = entry
  const latency = model && {
    type: model.type,
    network: microsecondsText(model.network_latency_us ?? 0),
    processing: microsecondsText(model.processing_latency_us),
    submit: microsecondsText(model.submit_latency_us),
    modify: microsecondsText(model.modify_latency_us),
    cancel: microsecondsText(model.cancel_latency_us),
    response: microsecondsText(model.response_latency_us),
  }
  if (fill?.type === 'deterministic' && (fill.fill_probability_at_touch ?? 1) !== 1) {
    throw new TickforgeError('ERR_CONFIG_VALUE', 'fill_model: a deterministic fill model has no fill probability', {
      details: { field: 'backtest.execution.fill_model.fill_probability_at_touch', accepted: 'type: probabilistic' },
    })
  }
  return camelise({
    latency: latency as LatencyModel | undefined,
    fees: fees?.type === 'per_contract' ? { ...fees, type: 'perContract' } : fees,
    fill: fill && { probabilityAtTouch: fill.fill_probability_at_touch ?? 1 },
    queue: fill?.queue_position_model && (fill.queue_position_model === 'pro_rata' ? 'proRata' : 'l3'),
    impact: impact?.type === 'linear' ? { type: 'linear', bpsPerMillion: impact.impact_bps_per_million } : impact,
  }) as VenueOptions
}

function strategyFromFile(entry: StrategyEntry, folder: string): ConfiguredStrategy {
  return {
    type: entry.type,
    source: resolve(folder, entry.type),
    name: entry.name ?? basename(entry.type, extname(entry.type)),
    parameters: entry.parameters ?? {},
    ...(entry.instruments && { instruments: entry.instruments }),
    ...(entry.feed_latency_us !== undefined && { feedLatency: microsecondsText(entry.feed_latency_us) as Duration }),
    ...(entry.risk_limits && { riskLimits: camelise(entry.risk_limits satisfies RiskLimitsEntry) as RiskLimitOptions }),
  }
}

/** Keys from `snake_case` to `camelCase`, undefined entries dropped; what a person named (columns) stays as it is. */
function camelise(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(camelise)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== undefined)
      .map(([key, inner]) => [
        key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
        key === 'columns' ? inner : camelise(inner),
      ]),
  )
}
