/** The part of the file's schema that describes the simulated exchange. Imports zod: see `configuration-schema.ts`. */
import { basename, extname, resolve } from 'node:path'
import { z } from 'zod'
import { TickforgeError } from '../errors.ts'
import type { DelayModel, VenueOptions } from './configuration-models.ts'
import type { QueueCalibration, QueueModel } from './configuration-queue.ts'
import { type Duration, decimalText } from './configuration-values.ts'

const decimal = z.union([z.number(), z.string().regex(/^[+-]?\d+(\.\d+)?([eE][+-]?\d{1,3})?$/)])
const microseconds = z.number().nonnegative()

const delay = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('fixed'), us: microseconds }),
  z.strictObject({
    type: z.literal('normal'),
    mean_us: microseconds,
    deviation_us: microseconds,
    floor_us: microseconds.optional().describe('What no message falls below. Default: 0'),
  }),
  z.strictObject({
    type: z.literal('log_normal'),
    median_us: microseconds,
    sigma: z.number().min(0).max(10),
    floor_us: microseconds.optional(),
  }),
])

const latencyModel = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('fixed'),
    network_latency_us: microseconds.optional(),
    processing_latency_us: microseconds.optional(),
    submit_latency_us: microseconds.optional().describe('New orders, when they differ from network + processing'),
    modify_latency_us: microseconds.optional(),
    cancel_latency_us: microseconds.optional(),
    response_latency_us: microseconds.optional(),
  }),
  z.strictObject({
    type: z.literal('drawn'),
    submit: delay.describe('New orders, and every kind that is left out'),
    modify: delay.optional(),
    cancel: delay.optional(),
    response: delay.optional(),
  }),
  z.strictObject({
    type: z.literal('recorded'),
    rows: z
      .array(z.strictObject({ request: z.string(), exchange: z.string(), response: z.string() }))
      .min(1)
      .describe('Messages by the time they were sent; times as ISO 8601 or nanoseconds since 1970 in quotes'),
  }),
])

const queueCalibration = z.strictObject({
  source: z.string().describe('The file that it was measured on'),
  symbol: z.string().describe('Its instrument'),
  orders: z.number().int().min(0).describe('Real orders that it was measured on'),
  agreement: z.number().min(0).max(1).describe('Share of these whose fill, or not, was predicted'),
  balanced_agreement: z.number().min(0).max(1).optional().describe('Mean of that share among filled and other orders'),
  median_time_error_ns: z.number().int().min(0).optional().describe('Median error of the time to fill, nanoseconds'),
  mark_out_error: z.number().optional().describe('Mark-out after a second, predicted less actual, in ticks'),
})

const ownModel = {
  source: z.string().min(1).describe("File of the function, relative to this file's folder"),
  export: z.string().min(1).optional().describe('What the file exports it as. Default: default'),
  name: z.string().min(1).optional().describe('Its name in results. Default: that of the export or the file'),
}

const fillModel = z.strictObject({
  type: z
    .enum(['probabilistic', 'deterministic', 'size_aware', 'tiered', 'custom'])
    .describe(
      'probabilistic: one draw per visit of the price; size_aware, tiered: by the quantity; deterministic: what the data proves; custom: by a function',
    ),
  fill_probability_at_touch: z.number().min(0).max(1).optional().describe('Default: 1, what the data proves'),
  reference_quantity: decimal.optional().describe('size_aware: the quantity at which the chance is halved'),
  tiers: z
    .array(z.strictObject({ up_to: decimal, probability: z.number().min(0).max(1) }))
    .optional()
    .describe('tiered: chances by quantity'),
  source: ownModel.source.optional().describe("custom: file of the function, relative to this file's folder"),
  export: ownModel.export,
  name: ownModel.name,
  fill_at: z.enum(['through', 'touch']).optional().describe('touch: whoever is touched is filled. Default: through'),
  queue_position_model: z
    .enum(['auto', 'l3', 'fifo', 'pro_rata', 'risk_averse', 'power', 'power2', 'power3', 'log', 'log2'])
    .optional()
    .describe('l3, fifo, pro_rata: order-by-order data; the others: books of levels. Default: auto'),
  queue_exponent: z.number().positive().max(100).optional().describe('power, power2, power3: the exponent'),
  queue_calibration: queueCalibration
    .optional()
    .describe('How far that model was from real orders, as tickforge calibrate wrote it; results cite it'),
  beyond_display: z.enum(['one_tick_per_level', 'cancel']).optional(),
  bar_path: z
    .enum(['pessimistic', 'ohlc', 'adaptive'])
    .optional()
    .describe('Default: pessimistic, stops before limits'),
  volume_limit: z.number().positive().max(1).optional().describe("Most of a bar's volume that own orders may have"),
})

const rates = { maker: decimal, taker: decimal }
const feeModel = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('none') }),
  z.strictObject({
    type: z.literal('per_contract'),
    ...rates,
    minimum: decimal.optional().describe('Least of an order that is filled at all'),
    maximum_bps: z.number().min(0).max(10_000).optional().describe('Most of an order, of its value'),
  }),
  z.strictObject({ type: z.literal('bps'), ...rates }),
  z.strictObject({
    type: z.literal('tiered'),
    tiers: z.array(z.strictObject({ from: decimal, maker: z.number(), taker: z.number() })).min(1),
  }),
  z.strictObject({ type: z.literal('custom'), ...ownModel }),
])

const slippageModel = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('none') }),
  z.strictObject({
    type: z.literal('bps'),
    bps: z.number().min(0).max(10_000),
    on_opening: z.boolean().optional().describe('On bars: only what opens a position slips. Default: false'),
  }),
  z.strictObject({ type: z.literal('spread_pct'), fraction: z.number().min(0).max(100) }),
  z.strictObject({ type: z.literal('volume_share'), price_impact: z.number().min(0).max(100) }),
  z.strictObject({ type: z.literal('custom'), ...ownModel }),
])

const impactModel = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('none') }),
  z.strictObject({ type: z.literal('linear'), impact_bps_per_million: z.number().min(0).max(10_000) }),
  z.strictObject({
    type: z.literal('square_root'),
    coefficient: z.number().positive(),
    daily_volatility: z.number().positive(),
    daily_volume: z.number().positive(),
  }),
  z.strictObject({
    type: z.literal('almgren'),
    daily_volatility: z.number().positive(),
    daily_volume: z.number().positive(),
    shares_outstanding: z.number().positive(),
    duration: z.number().positive().optional(),
    half_life_us: microseconds.optional().describe('When half of the permanent part has decayed; 0 never. Default: 0'),
  }),
])

const executionSchema = z.strictObject({
  latency_model: latencyModel.optional(),
  fill_model: fillModel.optional(),
  slippage: slippageModel.optional(),
  market_impact: impactModel.optional(),
  fees: feeModel.optional(),
  stress: z
    .strictObject({
      ticks: z.int().nonnegative().max(1_000_000).optional().describe('Ticks by which every fill is worse. Default: 0'),
      latency: z
        .int()
        .positive()
        .max(1_000_000)
        .optional()
        .describe('By how much every latency is multiplied. Default: 1'),
      fees: z.int().positive().max(1_000_000).optional().describe('By how much every charge is multiplied. Default: 1'),
    })
    .optional(),
})

/** The simulated exchange. */
export const execution: z.ZodType = executionSchema

/** An exchange that differs from it; stress is of the run as a whole. */
export const namedExecution: z.ZodType = executionSchema.omit({ stress: true })

type ExecutionEntry = z.infer<typeof executionSchema>

/** Microseconds as a duration. */
export function microsecondsText(value: number | undefined): Duration | undefined {
  return value === undefined ? undefined : (`${decimalText(value, 'latency')}us` as Duration)
}

/**
 * The exchange in TypeScript's spelling, from an entry that the schema accepts; undefined entries were left out. Files
 * are relative to `folder`.
 */
export function venueFromFile(entry: unknown, folder: string): Record<keyof VenueOptions, unknown> {
  const {
    latency_model: latency,
    fill_model: fill,
    market_impact: impact,
    slippage,
    fees,
    stress,
  } = entry as ExecutionEntry
  return {
    latency: latency && latencyFromFile(latency),
    fees: fees && feesFromFile(fees, folder),
    fill: fill && fillFromFile(fill, folder),
    queue: fill && queueFromFile(fill),
    slippage: slippage && slippageFromFile(slippage, folder),
    impact: impact && impactFromFile(impact),
    stress,
  }
}

function feesFromFile(fees: NonNullable<ExecutionEntry['fees']>, folder: string): unknown {
  if (fees.type === 'custom') return { type: 'custom', ...modelFromFile(fees, folder) }
  return fees.type === 'per_contract' ? { ...fees, type: 'perContract' } : fees
}

function slippageFromFile(slippage: NonNullable<ExecutionEntry['slippage']>, folder: string): unknown {
  if (slippage.type === 'custom') return { type: 'custom', ...modelFromFile(slippage, folder) }
  return { ...slippage, type: slippageWords[slippage.type] }
}

interface ModelEntry {
  readonly source: string
  readonly export?: string | undefined
  readonly name?: string | undefined
}

function modelFromFile({ source, export: exported = 'default', name }: ModelEntry, folder: string): object {
  const own = exported === 'default' ? basename(source, extname(source)) : exported
  return { source: resolve(folder, source), export: exported, name: name ?? own }
}

const slippageWords = { none: 'none', bps: 'bps', spread_pct: 'spread', volume_share: 'volumeShare' } as const

function latencyFromFile(model: NonNullable<ExecutionEntry['latency_model']>): unknown {
  if (model.type === 'recorded') return model
  if (model.type === 'drawn') {
    const { submit, modify, cancel, response } = model
    return {
      type: 'drawn',
      submit: delayFromFile(submit),
      modify: modify && delayFromFile(modify),
      cancel: cancel && delayFromFile(cancel),
      response: response && delayFromFile(response),
    }
  }
  return {
    type: 'fixed',
    network: microsecondsText(model.network_latency_us ?? 0),
    processing: microsecondsText(model.processing_latency_us),
    submit: microsecondsText(model.submit_latency_us),
    modify: microsecondsText(model.modify_latency_us),
    cancel: microsecondsText(model.cancel_latency_us),
    response: microsecondsText(model.response_latency_us),
  }
}

function delayFromFile(entry: z.infer<typeof delay>): DelayModel {
  const us = (value: number): Duration => microsecondsText(value)!
  switch (entry.type) {
    case 'fixed':
      return us(entry.us)
    case 'normal':
      return {
        type: 'normal',
        mean: us(entry.mean_us),
        deviation: us(entry.deviation_us),
        floor: us(entry.floor_us ?? 0),
      }
    case 'log_normal':
      return { type: 'logNormal', median: us(entry.median_us), sigma: entry.sigma, floor: us(entry.floor_us ?? 0) }
  }
}

const queueWords = {
  l3: 'l3',
  fifo: 'l3',
  pro_rata: 'proRata',
  risk_averse: 'riskAverse',
  log: 'log',
  log2: 'log2',
} as const

function queueFromFile(fill: NonNullable<ExecutionEntry['fill_model']>): QueueModel | undefined {
  const { queue_position_model: name, queue_exponent: exponent } = fill
  const hasExponent = name === 'power' || name === 'power2' || name === 'power3'
  if (hasExponent !== (exponent !== undefined)) {
    const accepted = hasExponent ? 'queue_exponent with a power model' : 'it with queue_position_model: power'
    throw new TickforgeError('ERR_CONFIG_VALUE', 'fill_model.queue_exponent: a power model has one, no other has', {
      details: { field: 'backtest.execution.fill_model.queue_exponent', accepted },
    })
  }
  const calibration = fill.queue_calibration && calibrationFromFile(fill.queue_calibration)
  if (name === undefined || name === 'auto') {
    if (calibration === undefined) return name
    throw new TickforgeError('ERR_CONFIG_VALUE', 'fill_model.queue_calibration: it says nothing without its model', {
      details: {
        field: 'backtest.execution.fill_model.queue_calibration',
        accepted: 'it with the queue_position_model that it was measured with',
      },
    })
  }
  const cited = calibration === undefined ? {} : { calibration }
  if (hasExponent) return { type: name, exponent: exponent!, ...cited }
  const word = queueWords[name]
  return calibration === undefined ? word : { type: word, calibration }
}

function calibrationFromFile(entry: z.infer<typeof queueCalibration>): QueueCalibration {
  const { source, symbol, orders, agreement } = entry
  const { balanced_agreement: balanced, median_time_error_ns: time, mark_out_error: mark } = entry
  return {
    source,
    symbol,
    orders,
    agreement,
    ...(balanced !== undefined && { balancedAgreement: balanced }),
    ...(time !== undefined && { medianTimeErrorNs: time }),
    ...(mark !== undefined && { markOutError: mark }),
  }
}

function fillFromFile(fill: NonNullable<ExecutionEntry['fill_model']>, folder: string): unknown {
  const { type, fill_probability_at_touch: chance, reference_quantity, tiers } = fill
  const refuse = (key: string, accepted: string): TickforgeError =>
    new TickforgeError('ERR_CONFIG_VALUE', `fill_model: a ${type} fill model has no ${key.replaceAll('_', ' ')}`, {
      details: { field: `backtest.execution.fill_model.${key}`, accepted },
    })
  if (type === 'deterministic' && (chance ?? 1) !== 1) throw refuse('fill_probability_at_touch', 'type: probabilistic')
  if (type !== 'size_aware' && reference_quantity !== undefined) throw refuse('reference_quantity', 'type: size_aware')
  if (type !== 'tiered' && tiers !== undefined) throw refuse('tiers', 'type: tiered')
  for (const key of ['source', 'export', 'name'] as const) {
    if (type !== 'custom' && fill[key] !== undefined) throw refuse(key, 'type: custom')
  }
  if (type === 'custom' && chance !== undefined) throw refuse('fill_probability_at_touch', 'type: probabilistic')
  if (type === 'custom' && fill.source === undefined) {
    throw new TickforgeError('ERR_CONFIG_MISSING', 'fill_model: a custom fill model needs source', {
      details: { field: 'backtest.execution.fill_model.source', accepted: 'the file of a function: ./fill.ts' },
    })
  }
  if (type === 'size_aware' && reference_quantity === undefined) {
    throw new TickforgeError('ERR_CONFIG_MISSING', 'fill_model: a size_aware fill model needs reference_quantity', {
      details: { field: 'backtest.execution.fill_model.reference_quantity', accepted: 'a quantity above 0' },
    })
  }
  return {
    ...(type !== 'tiered' && type !== 'custom' && { probability_at_touch: chance ?? 1 }),
    ...(fill.source !== undefined && { custom: modelFromFile({ ...fill, source: fill.source }, folder) }),
    reference_quantity,
    tiers,
    fill_at: fill.fill_at,
    beyond_display: fill.beyond_display && (fill.beyond_display === 'cancel' ? 'cancel' : 'oneTickPerLevel'),
    bar_path: fill.bar_path,
    volume_limit: fill.volume_limit,
  }
}

function impactFromFile(impact: NonNullable<ExecutionEntry['market_impact']>): unknown {
  switch (impact.type) {
    case 'linear':
      return { type: 'linear', bpsPerMillion: impact.impact_bps_per_million }
    case 'square_root':
      return { ...impact, type: 'squareRoot' }
    case 'almgren': {
      const { half_life_us, ...rest } = impact
      return { ...rest, half_life: microsecondsText(half_life_us) }
    }
    case 'none':
      return impact
  }
}
