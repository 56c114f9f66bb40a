/**
 * The schema of the configuration file, in the file's own spelling (`snake_case`). It is the only definition of what a
 * file may say: the checks, the types and the JSON Schema for editors come from it.
 *
 * Imports zod, which takes its time to load: reach this module through a dynamic `import()` only.
 */
import { z } from 'zod'

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
  columns: z.record(z.string(), z.string()).optional().describe('Names of columns that are not recognised'),
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

const source = z.discriminatedUnion('type', [dbnSource, tableSource, syntheticSource])

const instrument = z.strictObject({
  symbol: z.string().min(1),
  kind: z.enum(['equity', 'future', 'perpetual', 'spot', 'option']).optional(),
  tick_size: decimal.optional().describe('Smallest price step'),
  lot_size: decimal.optional().describe('Smallest quantity step. Default: 1'),
  multiplier: decimal.optional().describe('Money per unit of price and quantity'),
  currency: z.string().min(1).optional(),
  venue: z.string().optional(),
  session: z
    .strictObject({
      time_zone: z.string().describe("IANA time zone, such as 'America/Chicago'"),
      close: z
        .string()
        .regex(/^([01]\d|2[0-3]):[0-5]\d$/)
        .describe("Wall-clock time of the close, 'HH:MM'"),
    })
    .optional(),
})

const account = z.strictObject({
  currency: z.string().min(1).optional().describe('Default: USD'),
  initial_cash: decimal.optional().describe('Default: 100000'),
  shared: z.boolean().optional().describe('One account for all strategies. Default: false'),
})

const latencyModel = z.strictObject({
  type: z.literal('fixed'),
  network_latency_us: microseconds.optional(),
  processing_latency_us: microseconds.optional(),
  submit_latency_us: microseconds.optional().describe('New orders, when they differ from network + processing'),
  modify_latency_us: microseconds.optional(),
  cancel_latency_us: microseconds.optional(),
  response_latency_us: microseconds.optional(),
})

const fillModel = z.strictObject({
  type: z
    .enum(['probabilistic', 'deterministic'])
    .describe('probabilistic: one draw per visit of the price; deterministic: always'),
  fill_probability_at_touch: z.number().min(0).max(1).optional().describe('Default: 1'),
  queue_position_model: z.enum(['l3', 'fifo', 'pro_rata']).optional().describe('Default: l3, the exact place (fifo)'),
})

const rates = { maker: decimal, taker: decimal }
const feeModel = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('none') }),
  z.strictObject({ type: z.literal('per_contract'), ...rates }),
  z.strictObject({ type: z.literal('bps'), ...rates }),
])

const impactModel = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('none') }),
  z.strictObject({ type: z.literal('linear'), impact_bps_per_million: z.number().min(0).max(10_000) }),
])

const execution = z.strictObject({
  latency_model: latencyModel.optional(),
  fill_model: fillModel.optional(),
  market_impact: impactModel.optional(),
  fees: feeModel.optional(),
})

const limit = z.int().nonnegative()
const riskLimits = z.strictObject({
  max_position: limit.optional().describe('Lots, long or short, counting working orders'),
  max_order_size: limit.optional().describe('Lots'),
  max_loss: decimal.optional().describe("In the account's currency"),
  max_orders_per_second: limit.optional(),
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
  risk_limits: riskLimits.optional(),
  output: output.optional(),
  seed: seed.optional().describe('Seed of everything random. Default: 42'),
  replay_speed: z
    .union([z.enum(['max', 'realtime']), z.number().min(0)])
    .optional()
    .describe('max (0), realtime (1), or a factor. Default: max'),
  close_at_end: z.union([z.literal(false), z.enum(['close', 'open'])]).optional(),
  step_rows: z.int().min(1).max(1024).optional(),
})

/** The configuration file: `backtest` and its `strategy`, or several `strategies`. */
export const configurationSchema: z.ZodType<ConfigurationFile> = z
  .strictObject({
    backtest,
    strategy: strategy.optional(),
    strategies: z.array(strategy).min(1).optional(),
  })
  .meta({ title: 'tickforge configuration', description: 'A backtest and the strategies that it runs' })

/** One strategy as the file has it. */
export type StrategyEntry = z.infer<typeof strategy>
/** One source of data as the file has it. */
export type SourceEntry = z.infer<typeof source>
/** The simulated exchange as the file has it. */
export type ExecutionEntry = z.infer<typeof execution>
/** Limits as the file has them. */
export type RiskLimitsEntry = z.infer<typeof riskLimits>
/** The whole file. */
export type ConfigurationFile = {
  backtest: z.infer<typeof backtest>
  strategy?: StrategyEntry | undefined
  strategies?: StrategyEntry[] | undefined
}

/** The JSON Schema of the file, for editors. */
export function configurationJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(configurationSchema, { io: 'input' }) as Record<string, unknown>
}
