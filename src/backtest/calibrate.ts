/** How far the simulator is from what really happened in order-by-order data. */
import { basename, resolve } from 'node:path'
import { guarded, nativeBinding } from '../native/binding.ts'
import { runWatched, type WorkControl } from '../native/watched.ts'
import { checkKeys, integer, oneOf, refused, text } from './configuration-checks.ts'
import type { CalibratedQueue, QueueCalibration, QueueModel } from './configuration-queue.ts'
import { type Decimal, type Duration, decimalText, parseDuration } from './configuration-values.ts'

/** A queue model as a calibration names it; `'l3'` is the exact queue of order-by-order data. */
export type CalibratedModel = 'l3' | 'riskAverse' | 'log' | 'log2' | 'power' | 'power2' | 'power3'

/** What is compared, and how. */
export interface CalibrateOptions extends WorkControl {
  /** The instrument; may be left out where the file names one only. */
  readonly symbol?: string
  /** Tick size. @default from definitions in the data and the built-in futures */
  readonly tickSize?: Decimal
  /** Quantity of one lot, with a tick size. @default 1 */
  readonly lotSize?: Decimal
  /** Most real orders that are drawn, up to 100,000. @default 5000 */
  readonly orders?: number
  /** How long an order is watched from its arrival on. @default '10m' */
  readonly window?: Duration
  /** How many price levels of a side, from the best one, count as near the touch. @default 3 */
  readonly levels?: number
  /** Seed of the draws. @default 42 */
  readonly seed?: number
}

/** Predicted against actual, over a set of real orders. */
export interface CalibrationScore {
  /** Orders compared. */
  readonly orders: number
  /** Filled, and predicted so. */
  readonly filledAsPredicted: number
  /** Filled, but predicted not to be: the model is too pessimistic. */
  readonly filledUnforeseen: number
  /** Not filled, but predicted to be: the model flatters. */
  readonly filledInSimulationOnly: number
  /** Not filled, and predicted so. */
  readonly restedAsPredicted: number
  /** Share of orders whose fill, or not, was predicted, 0 to 1. */
  readonly agreement: number | null
  /** Mean of that share among filled and among other orders: guessing gives 0.5, however few are filled. */
  readonly balancedAgreement: number | null
  /** Of orders filled in both: the median distance of the times, in nanoseconds. */
  readonly medianTimeError: number | null
  /** Of orders filled in both: nine of ten times are nearer than this, in nanoseconds. */
  readonly mostTimeError: number | null
  /** Of orders filled in both: the median actual time to fill, in nanoseconds. */
  readonly medianTimeToFill: number | null
  /** Of orders filled in both: the share whose shadow was filled before the real order. */
  readonly filledTooEarly: number | null
  /** Mean mark-outs of real fills after 1 and 10 s, in ticks: above zero where the market went the way of the order. */
  readonly actualMarkOut: readonly [number | null, number | null]
  /** Mean mark-outs of predicted fills likewise. */
  readonly predictedMarkOut: readonly [number | null, number | null]
}

/** A real order of which a model was wrong. Times are nanoseconds since 1970. */
export interface CalibrationDisagreement {
  /** The venue's id. */
  readonly order: string
  readonly side: 'buy' | 'sell'
  readonly price: string
  /** What it displayed when it came, in lots. */
  readonly size: number
  /** Lots ahead of it when it came. */
  readonly ahead: number
  readonly arrived: string
  /** When it was filled. */
  readonly filled: string | null
  /** When it was cancelled, or lost its place by a change. */
  readonly left: string | null
  /** When the shadow was filled. */
  readonly predicted: string | null
}

/** The scores of one model. */
export interface CalibrationModel {
  readonly model: CalibratedModel
  /** The exponent of a power model, fitted on the first half. */
  readonly exponent: number | null
  /** On orders of the first half, which the exponent was fitted on. */
  readonly firstHalf: CalibrationScore
  /** On orders of the second half, which nothing was fitted on. */
  readonly secondHalf: CalibrationScore
  /** The first orders of the second half that it was wrong of, at most ten. */
  readonly disagreements: readonly CalibrationDisagreement[]
}

/** How far the simulator is from what really happened. */
export interface Calibration {
  /** Name of the file, without its folder. */
  readonly source: string
  readonly symbol: string
  readonly tickSize: string
  /** Records of the stream. */
  readonly records: number
  /** Events of the stream. */
  readonly events: number
  /** First and last time of trading, nanoseconds since 1970; `null` where it never trades. */
  readonly span: readonly [string, string] | null
  /** Orders near the touch that the sample was drawn from. */
  readonly candidates: number
  /** Orders of the sample. */
  readonly orders: number
  /** Of these in the first half, in the second, and in neither since their window lies in both. */
  readonly halves: readonly [number, number, number]
  /** Drawn orders that a snapshot or a clear record made untraceable. */
  readonly lost: number
  /** Drawn orders left out since too many would have been watched at a time. */
  readonly crowded: number
  /** How long an order was watched, in nanoseconds. */
  readonly window: number
  /** Levels near the touch. */
  readonly levels: number
  /** Seed of the draws. */
  readonly seed: number
  /** The exact queue, then every model of levels, exponents fitted. */
  readonly models: readonly CalibrationModel[]
  /** Every exponent that was tried, with its balanced agreement on either half. */
  readonly fits: readonly {
    readonly model: CalibratedModel
    readonly exponent: number
    readonly firstHalf: number | null
    readonly secondHalf: number | null
  }[]
  /** The model of levels that was best on the first half. */
  readonly best: CalibratedModel
}

/**
 * Compares the simulator with what really happened: thousands of real resting orders are drawn from a DBN file of the
 * schema `mbo`, a shadow order of one lot is simulated right behind each, in the exact queue and with every queue model
 * of a book of levels, and its fate is compared with that of the real order.
 *
 * @param file the DBN file, plain or zstd
 * @throws {@link TickforgeError} `ERR_CONFIG_*` for an option, `ERR_FEED_*` for the file, `ERR_BACKTEST_SETTING` for a
 * file that shows no orders
 * @example
 * ```ts no-run
 * const found = await calibrate('esh4-glbx-mdp3-20231225.mbo.dbn.zst')
 * for (const { model, secondHalf } of found.models) console.log(model, secondHalf.agreement)
 * const venue = { queue: calibratedQueue(found) } // results that use it cite its error
 * ```
 */
export async function calibrate(file: string, options: CalibrateOptions = {}): Promise<Calibration> {
  checkKeys(options, '', [
    'symbol',
    'tickSize',
    'lotSize',
    'orders',
    'window',
    'levels',
    'seed',
    'onProgress',
    'signal',
  ])
  const { symbol, tickSize, lotSize } = options
  const window = parseDuration(options.window ?? '10m', 'window')
  if (window < 1n || window > BigInt(Number.MAX_SAFE_INTEGER))
    throw refused('window', options.window, "'1ns' to '104d'")
  const request = {
    file: resolve(text(file, 'file')),
    symbol: symbol === undefined ? null : text(symbol, 'symbol'),
    tickSize: tickSize === undefined ? null : decimalText(tickSize, 'tickSize'),
    lotSize: lotSize === undefined ? null : decimalText(lotSize, 'lotSize'),
    orders: integer(options.orders ?? 5000, 'orders', 1, 100_000),
    windowNs: Number(window),
    levels: integer(options.levels ?? 3, 'levels', 1, 1000),
    seed: integer(options.seed ?? 42, 'seed', 0),
  }
  const work = guarded(() => nativeBinding().openCalibration(JSON.stringify(request)))
  const found = (await runWatched(work, options)) as Omit<Calibration, 'source'>
  return { source: basename(request.file), ...found }
}

const modelNames = ['l3', 'riskAverse', 'log', 'log2', 'power', 'power2', 'power3'] as const

/**
 * A calibrated model for the configuration of a run, with its error on the half that nothing was fitted on: results
 * cite it.
 *
 * @param model which model. @default the best one of levels
 */
export function calibratedQueue(calibration: Calibration, model: CalibratedModel = calibration.best): CalibratedQueue {
  const name = oneOf(model, 'model', modelNames)
  const found = calibration.models.find(entry => entry.model === name)
  if (found === undefined) throw refused('model', model, 'a model of the calibration')
  const error = errorOf(calibration, found)
  return name === 'power' || name === 'power2' || name === 'power3'
    ? { type: name, exponent: found.exponent ?? 1, calibration: error }
    : { type: name, calibration: error }
}

function errorOf({ source, symbol }: Calibration, { secondHalf: score }: CalibrationModel): QueueCalibration {
  const { agreement, balancedAgreement, medianTimeError } = score
  if (agreement === null) throw refused('calibration', null, 'a file with orders in its second half')
  const [actual, predicted] = [score.actualMarkOut[0], score.predictedMarkOut[0]]
  return {
    source,
    symbol,
    orders: score.orders,
    agreement,
    ...(balancedAgreement !== null && { balancedAgreement }),
    ...(medianTimeError !== null && { medianTimeErrorNs: medianTimeError }),
    ...(actual !== null && predicted !== null && { markOutError: predicted - actual }),
  }
}

const fileWords: Readonly<Record<Exclude<QueueModel, object>, string>> = {
  auto: 'auto',
  l3: 'l3',
  proRata: 'pro_rata',
  riskAverse: 'risk_averse',
  log: 'log',
  log2: 'log2',
}

/**
 * The same for a configuration file: YAML with the keys of `backtest.execution.fill_model`.
 *
 * @param model which model. @default the best one of levels
 */
export function calibrationSnippet(calibration: Calibration, model: CalibratedModel = calibration.best): string {
  const queue = calibratedQueue(calibration, model)
  const error = queue.calibration!
  const keys: [string, string | number | undefined][] = [
    ['source', JSON.stringify(error.source)],
    ['symbol', JSON.stringify(error.symbol)],
    ['orders', error.orders],
    ['agreement', error.agreement],
    ['balanced_agreement', error.balancedAgreement],
    ['median_time_error_ns', error.medianTimeErrorNs],
    ['mark_out_error', error.markOutError],
  ]
  const cited = keys.flatMap(([key, value]) => (value === undefined ? [] : [`        ${key}: ${value}`]))
  const use = model === 'l3' ? 'for order-by-order data' : 'for data that shows levels, not orders'
  return [
    `# The queue model '${model}', ${use}, as tickforge calibrate measured it on ${error.symbol}.`,
    '# These keys belong into a configuration file.',
    'backtest:',
    '  execution:',
    '    fill_model:',
    '      type: probabilistic',
    `      queue_position_model: ${'exponent' in queue ? queue.type : fileWords[queue.type]}`,
    ...('exponent' in queue ? [`      queue_exponent: ${queue.exponent}`] : []),
    '      # On real orders of the half of the file that nothing was fitted on; results cite it.',
    '      queue_calibration:',
    ...cited,
    '',
  ].join('\n')
}
