/**
 * The schema of the configuration file, in the file's own spelling (`snake_case`). It is the only definition of what a
 * file may say: the checks, the types and the JSON Schema for editors come from it.
 *
 * Imports zod, which takes its time to load: reach this module through a dynamic `import()` only.
 */
import { basename, dirname, extname, resolve } from 'node:path'
import { z } from 'zod'
import { TickforgeError } from '../errors.ts'
import type { SchemaIssue } from './configuration-issues.ts'
import { execution, microsecondsText, namedExecution, venueFromFile } from './configuration-schema-execution.ts'
import type {
  Configuration,
  ConfiguredStrategy,
  DataSource,
  RiskLimitOptions,
  RunOptions,
} from './configuration-types.ts'
import type { Duration } from './configuration-values.ts'

const decimal = z.union([z.number(), z.string().regex(/^[+-]?\d+(\.\d+)?([eE][+-]?\d{1,3})?$/)])
const microseconds = z.number().nonnegative()
const path = z.string().min(1)
const paths = z.union([path, z.array(path).min(1)])
const seed = z.int().nonnegative()
const time = z.string().describe('ISO 8601, UTC unless it names an offset; or nanoseconds since 1970 in quotes')

const recorded = {
  files: paths.describe('Files, relative to this file'),
  symbols: z.array(z.string().min(1)).optional().describe('Only these symbols'),
  start: time.optional().describe('First point in time that is read'),
  end: time.optional().describe('Point in time at which reading ends, exclusive'),
  checks: z.enum(['error', 'reject', 'warn']).optional().describe('What to do with impossible rows. Default: error'),
  decode: z.enum(['thread', 'inline']).optional().describe('Where decoding runs. Default: thread'),
}

const dbnSource = z.strictObject({ type: z.enum(['databento', 'dbn']), ...recorded })

const tableSource = z.strictObject({
  type: z.enum(['csv', 'parquet']),
  ...recorded,
  symbol: z.string().min(1).optional().describe('The instrument of all rows'),
  kind: z.enum(['bars', 'quotes', 'trades']).optional().describe('What a row is'),
  timeframe: z.string().optional().describe("Interval of a bar, such as '1m' or '1d'"),
  label: z.enum(['open', 'close', 'session']).optional().describe("What a bar's time names"),
  columns: z
    .record(z.string(), z.union([z.string(), z.int().nonnegative()]))
    .optional()
    .describe('Columns that are not recognised, by name or by position from 0'),
  time_zone: z.string().optional().describe("Time zone of times that name none, such as 'Asia/Kolkata'. Default: UTC"),
  time_format: z.string().optional().describe("Pattern of the time column, as '%d/%m/%Y %H:%M:%S'"),
  adjusted: z.boolean().optional().describe('Scale bars by adjusted close / close. Default: false'),
  cumulative: z.boolean().optional().describe('Sizes of trades are running totals of the day. Default: false'),
  delimiter: z.enum(['comma', 'semicolon', 'tab', 'bar']).optional().describe('CSV only. Default: recognised'),
  header: z.boolean().optional().describe('CSV only: whether the first row names the columns. Default: recognised'),
  integer_decimals: z
    .int()
    .nonnegative()
    .max(18)
    .optional()
    .describe('Parquet only: decimals of whole-number columns. Default: 0'),
})

const { decode: _, ...undecoded } = recorded
const frameSource = z.strictObject({
  type: z.literal('binance'),
  ...undecoded,
  book: z.enum(['snapshot', 'build']).optional().describe('From where on the book is known. Default: snapshot'),
  gaps: z.enum(['error', 'resync']).optional().describe('What a hole in the depth does. Default: error'),
  streams: z.enum(['depth', 'best']).optional().describe('Which streams make the market. Default: depth'),
  clock_offset: z
    .string()
    .optional()
    .describe("How far the recorder's clock was behind the exchange's, such as '1.28s'. Default: 0"),
})

const syntheticSource = z.strictObject({
  type: z.literal('synthetic'),
  seed: seed.optional(),
  records: z.int().positive().optional().describe('Number of market-by-order records. Default: 1000000'),
  symbol: z.string().min(1).optional(),
  live_orders: z.int().positive().optional().describe('About how many orders rest in the book. Default: 3000'),
  tick_size: decimal.optional(),
  start_price: decimal.optional(),
  decode: z.enum(['thread', 'inline']).optional(),
})

const source = z.discriminatedUnion('type', [dbnSource, tableSource, frameSource, syntheticSource])

const session = z.union([
  z.strictObject({
    time_zone: z.string().describe("IANA time zone, such as 'America/Chicago'"),
    close: z
      .string()
      .regex(/^([01]\d|2[0-3]):[0-5]\d$/)
      .describe("Wall-clock time of the close, 'HH:MM'"),
  }),
  z.strictObject({
    calendar: z.union([
      z.enum(['24/7', 'us-equities', 'cme-equity-index']),
      z.strictObject({
        source: z.string().min(1).describe('Where hours and holidays come from'),
        name: z.string().optional(),
        time_zone: z.string(),
        segments: z
          .array(z.tuple([z.string(), z.string()]))
          .min(1)
          .describe("Opening and close, 'HH:MM'"),
        weekends: z.boolean().optional(),
        holidays: z.array(z.string()).optional().describe("Dates without a session, 'YYYY-MM-DD'"),
        early_closes: z.record(z.string(), z.string()).optional().describe('Dates that close early, with the time'),
      }),
    ]),
  }),
])

const marginRate = z
  .union([decimal, z.strictObject({ per_contract: decimal })])
  .optional()
  .describe('A share of the value, or per_contract: money for each unit of quantity')
const margin = { initial_margin: marginRate, maintenance_margin: marginRate }

const instrument = z.strictObject({
  symbol: z.string().min(1),
  kind: z.enum(['equity', 'future', 'perpetual', 'spot', 'option']).optional(),
  tick_size: decimal.optional().describe('Smallest price step'),
  lot_size: decimal.optional().describe('Smallest quantity step. Default: 1'),
  multiplier: decimal.optional().describe('Money per unit of price and quantity'),
  inverse: z.boolean().optional().describe('Worth multiplier in the currency of the price. Default: false'),
  fee_currency: z
    .enum(['quote', 'received'])
    .optional()
    .describe('What a spot pair takes fees from: the currency of the price, or what a fill brings. Default: quote'),
  currency: z.string().min(1).optional(),
  venue: z.string().optional(),
  ...margin,
  session: session.optional(),
})

const account = z.strictObject({
  currency: z.string().min(1).optional().describe('Default: USD'),
  initial_cash: decimal.optional().describe('Default: 100000'),
  shared: z.boolean().optional().describe('One account for all strategies. Default: false'),
  lots: z.enum(['average', 'fifo', 'lifo']).optional().describe('What closing fills close. Default: average'),
  positions: z
    .enum(['netting', 'hedging'])
    .optional()
    .describe('Whether long and short of an instrument are held apart (hedging). Default: netting'),
  type: z.enum(['unchecked', 'cash', 'margin']).optional().describe('What orders need. Default: unchecked'),
  ...margin,
  balances: z.record(z.string(), decimal).optional().describe('Other currencies at the start; each needs a rate'),
  rates: z
    .record(
      z.string(),
      z.union([decimal, z.string(), z.strictObject({ instrument: z.string(), initial: decimal.optional() })]),
    )
    .optional()
    .describe('What other currencies are worth in its own: a number, or an instrument whose price it is'),
})

const riskLimits = z.strictObject({
  max_position: z.number().nonnegative().optional().describe('Long or short, counting working orders'),
  max_order_size: z.number().nonnegative().optional(),
  max_loss: decimal.optional().describe("In the account's currency"),
  max_orders_per_second: z.int().nonnegative().optional(),
})

const date = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}$/)
  .describe("'YYYY-MM-DD'")

const cashEvents = z.strictObject({
  adjustment: z.enum(['raw', 'split', 'total']).optional().describe('How prices were adjusted; dividends need it'),
  dividends: z
    .array(z.strictObject({ symbol: z.string().min(1), ex_date: date, pay_date: date, amount: decimal }))
    .optional()
    .describe('For who held at the close before ex_date; shorts pay'),
  funding: z
    .array(
      z.strictObject({ symbol: z.string().min(1), time: z.string().min(1), rate: decimal, mark: decimal.optional() }),
    )
    .optional()
    .describe('Of a perpetual, at stamps; above zero longs pay'),
  borrow: z
    .array(z.strictObject({ symbol: z.string().min(1), bps: decimal, basis: z.int().min(1).optional() }))
    .optional()
    .describe('Of what is short, at each midnight UTC'),
  splits: z
    .array(
      z.strictObject({
        symbol: z.string().min(1),
        date: z.string().min(1).optional(),
        time: z.string().min(1).optional(),
        ratio: z.string().min(3),
        orders: z.enum(['adjust', 'cancel']).optional(),
      }),
    )
    .optional()
    .describe('Of an equity, on raw prices; ratio 2:1 doubles the quantity. Orders: adjust (default) or cancel'),
})

const output = z.strictObject({
  directory: path.optional().describe('Folder of run.json and all artefacts'),
  metrics_file: path.optional(),
  trades_file: path.optional(),
  detailed_log: z.boolean().optional().describe('Record every order event too. Default: false'),
})

const strategy = z.strictObject({
  type: z.string().min(1).describe('Path of the strategy file, relative to this file'),
  name: z.string().min(1).optional().describe('Default: the name of the file'),
  parameters: z.record(z.string(), z.unknown()).optional(),
  instruments: z.array(z.string().min(1)).optional(),
  feed_latency_us: microseconds.optional().describe('What market data takes beyond the recorded way. Default: 0'),
  risk_limits: riskLimits.optional(),
})

const backtest = z.strictObject({
  data_source: z.union([source, z.array(source).min(1)]),
  instruments: z.array(instrument).optional(),
  account: account.optional(),
  execution: execution.optional(),
  venues: z
    .record(z.string(), namedExecution)
    .optional()
    .describe('Venues that differ from execution, by the name that their instruments have'),
  risk_limits: riskLimits.optional(),
  cash_events: cashEvents.optional(),
  output: output.optional(),
  seed: seed.optional().describe('Seed of everything random. Default: 42'),
  replay_speed: z
    .union([z.enum(['max', 'realtime']), z.number().min(0)])
    .optional()
    .describe('max (0), realtime (1), or a factor. Default: max'),
  close_at_end: z.union([z.literal(false), z.enum(['close', 'open'])]).optional(),
  step_rows: z.int().min(1).max(128).optional(),
})

/** The file: `backtest` and its `strategy`, or several `strategies`. */
const configurationSchema = z
  .strictObject({
    backtest,
    strategy: strategy.optional(),
    strategies: z.array(strategy).min(1).optional(),
  })
  .meta({ title: 'tickforge configuration', description: 'A backtest and the strategies that it runs' })

/** The JSON Schema of the file, for editors. */
export function configurationJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(configurationSchema, { io: 'input' }) as Record<string, unknown>
}

type SourceEntry = z.infer<typeof source>
type StrategyEntry = z.infer<typeof strategy>

/**
 * Checks the content of a file and converts it to TypeScript's spelling.
 *
 * @param value the parsed file
 * @param name its absolute path, which relative paths inside start from
 * @param refuse makes the error from what the schema found wrong
 */
export function convertFile(
  value: unknown,
  name: string,
  refuse: (issues: readonly SchemaIssue[]) => Error,
): Configuration {
  const checked = configurationSchema.safeParse(value, { reportInput: true })
  if (!checked.success) throw refuse(checked.error.issues as unknown as SchemaIssue[])
  return fromFile(checked.data, name)
}

function fromFile(file: z.infer<typeof configurationSchema>, name: string): Configuration {
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
    data: sources.map(source => sourceFromFile(source, folder)),
    instruments: backtest.instruments,
    account: backtest.account,
    venue: backtest.execution === undefined ? undefined : venueFromFile(backtest.execution, folder),
    riskLimits: backtest.risk_limits,
    cashEvents: backtest.cash_events,
    output: backtest.output && outputFromFile(backtest.output, folder),
    seed: backtest.seed,
    replaySpeed: speed === 'max' ? 0 : speed === 'realtime' ? 1 : speed,
    closeAtEnd: backtest.close_at_end,
    stepRows: backtest.step_rows,
  }) as RunOptions
  const venues = Object.entries(backtest.venues ?? {}).map(([venue, entry]) => [
    venue,
    camelise(venueFromFile(entry, folder)),
  ])
  const strategies = (file.strategies ?? [file.strategy as StrategyEntry]).map(entry => strategyFromFile(entry, folder))
  return { run: { ...run, ...(venues.length > 0 && { venues: Object.fromEntries(venues) }) }, strategies }
}

function sourceFromFile(entry: SourceEntry, folder: string): DataSource {
  if (entry.type === 'synthetic') return camelise(entry) as DataSource
  const { files, type, ...rest } = entry
  return {
    ...(camelise(rest) as object),
    type: type === 'databento' ? 'dbn' : type,
    files: (typeof files === 'string' ? [files] : files).map(file => resolve(folder, file)),
  } as DataSource
}

function outputFromFile(entry: z.infer<typeof output>, folder: string): z.infer<typeof output> {
  const absolute = { ...entry }
  for (const key of ['directory', 'metrics_file', 'trades_file'] as const) {
    if (entry[key] !== undefined) absolute[key] = resolve(folder, entry[key])
  }
  return absolute
}

function strategyFromFile(entry: StrategyEntry, folder: string): ConfiguredStrategy {
  return {
    type: entry.type,
    source: resolve(folder, entry.type),
    name: entry.name ?? basename(entry.type, extname(entry.type)),
    parameters: entry.parameters ?? {},
    ...(entry.instruments && { instruments: entry.instruments }),
    ...(entry.feed_latency_us !== undefined && { feedLatency: microsecondsText(entry.feed_latency_us) as Duration }),
    ...(entry.risk_limits && { riskLimits: camelise(entry.risk_limits) as RiskLimitOptions }),
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
        key === 'columns' || key === 'early_closes' ? inner : camelise(inner),
      ]),
  )
}
