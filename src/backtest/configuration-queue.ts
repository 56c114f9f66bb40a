/** Queue models of the simulated exchange and the error that a calibration measured of them. */
import { aboveZero, checkKeys, finite, integer, oneOf, refused, text } from './configuration-checks.ts'
import type { NativeRunConfiguration } from './configuration-native.ts'

/**
 * Where a resting order stands among the others. `'l3'` (the exact place) and `'proRata'` are for order-by-order data; the
 * others estimate the place in a book of levels. Made by `queue.l3()`, `queue.power(2)` and the like.
 */
export type QueueModel =
  | 'auto'
  | 'l3'
  | 'proRata'
  | 'riskAverse'
  | 'log'
  | 'log2'
  | {
      readonly type: 'power' | 'power2' | 'power3'
      readonly exponent: number
      /** How far it was from real orders, as `calibrate` measured it: results cite it. */
      readonly calibration?: QueueCalibration
    }
  | {
      readonly type: 'l3' | 'proRata' | 'riskAverse' | 'log' | 'log2'
      /** How far it was from real orders, as `calibrate` measured it: results cite it. */
      readonly calibration?: QueueCalibration
    }

/** A queue model with its measured error: what `calibratedQueue` gives. */
export type CalibratedQueue = Extract<QueueModel, { readonly type: string }>

/** How far a queue model was from real orders, measured on data that nothing was fitted on. */
export interface QueueCalibration {
  /** Name of the file that it was measured on. */
  readonly source: string
  /** Its instrument. */
  readonly symbol: string
  /** Real orders that it was measured on. */
  readonly orders: number
  /** Share of these whose fill, or not, was predicted, 0 to 1. */
  readonly agreement: number
  /** Mean of that share among filled and among other orders. */
  readonly balancedAgreement?: number
  /** Median distance of predicted and actual times to fill, in nanoseconds. */
  readonly medianTimeErrorNs?: number
  /** Mean mark-out after a second of predicted fills less that of real ones, in ticks. */
  readonly markOutError?: number
}

type NativeVenue = NativeRunConfiguration['venue']

const queueWords = ['l3', 'proRata', 'riskAverse', 'log', 'log2'] as const

const powerWords = ['power', 'power2', 'power3'] as const

/** A queue model, completed. */
export function completeQueue(
  queue: QueueModel,
  field: string,
): Pick<NativeVenue, 'queue' | 'queueExponent' | 'queueCalibration'> {
  if (typeof queue !== 'object' || queue === null) {
    return { queue: oneOf(queue, field, ['auto', ...queueWords]), queueExponent: null, queueCalibration: null }
  }
  checkKeys(queue, field, ['type', 'exponent', 'calibration'])
  const type = oneOf(queue.type, `${field}.type`, [...queueWords, ...powerWords])
  const { exponent } = queue as { readonly exponent?: number }
  const hasExponent = powerWords.some(word => word === type)
  if (!hasExponent && exponent !== undefined) throw refused(`${field}.exponent`, exponent, 'none with this model')
  return {
    queue: type,
    queueExponent: hasExponent ? aboveZero(exponent, `${field}.exponent`, 100) : null,
    queueCalibration:
      queue.calibration === undefined ? null : completeCalibration(queue.calibration, `${field}.calibration`),
  }
}

/** The error that results cite: told as it was measured, so that nothing is filled in. */
function completeCalibration(calibration: QueueCalibration, field: string): QueueCalibration {
  checkKeys(calibration, field, [
    'source',
    'symbol',
    'orders',
    'agreement',
    'balancedAgreement',
    'medianTimeErrorNs',
    'markOutError',
  ])
  const { source, symbol, orders, agreement, balancedAgreement, medianTimeErrorNs, markOutError } = calibration
  return {
    source: text(source, `${field}.source`),
    symbol: text(symbol, `${field}.symbol`),
    orders: integer(orders, `${field}.orders`, 0),
    agreement: finite(agreement, `${field}.agreement`, 0, 1),
    ...(balancedAgreement != null && {
      balancedAgreement: finite(balancedAgreement, `${field}.balancedAgreement`, 0, 1),
    }),
    ...(medianTimeErrorNs != null && {
      medianTimeErrorNs: integer(medianTimeErrorNs, `${field}.medianTimeErrorNs`, 0),
    }),
    ...(markOutError != null && {
      markOutError: finite(markOutError, `${field}.markOutError`, -Number.MAX_VALUE, Number.MAX_VALUE),
    }),
  }
}

/** The queue model that completes to this again. */
export function repeatQueue({ queue, queueExponent, queueCalibration }: NativeRunConfiguration['venue']): QueueModel {
  // run.json of an earlier version has no calibration, and a queue without one is a word.
  const cited = queueCalibration == null ? {} : { calibration: queueCalibration }
  if (queue === 'power' || queue === 'power2' || queue === 'power3') {
    return { type: queue, exponent: queueExponent ?? 1, ...cited }
  }
  return queueCalibration == null || queue === 'auto' ? queue : { type: queue, ...cited }
}
