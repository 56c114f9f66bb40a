/** How much of a result rests on trades that really happened: what a reader weighs the figures by. */
import type { QueueCalibration } from './configuration-queue.ts'
import type { MarkOut, Outcome } from './outcome.ts'

/** Own trading beside the recorded one, in one instrument. */
export interface InstrumentHonesty {
  readonly symbol: string
  /** What its market is made of. */
  readonly market: 'orders' | 'levels' | 'quotes' | 'bars'
  /** Units that own fills traded. */
  readonly ownVolume: number
  /** Units that were recorded as traded. */
  readonly marketVolume: number
  /** Own ÷ recorded volume; `null` where none was recorded. */
  readonly participation: number | null
  /** Fills by what they rest on. */
  readonly basis: FillBases
  /** Half spread captured per unit, in price; `null` without fills. */
  readonly capturedSpread: number | null
  /** Where the market went after the fills, per unit and in price, for the own side above zero. */
  readonly markOuts: readonly MarkOut[]
  /** The price step that these are weighed by; `null` without a price grid. */
  readonly tickSize: number | null
}

/** Fills by what they rest on. */
export interface FillBases {
  /** They took what was offered. */
  readonly taken: number
  /** The market came to the price; no queue is known there. */
  readonly touch: number
  /** The market traded at the price, and the place in its queue decided. */
  readonly queue: number
  /** The market traded or was quoted beyond the price. */
  readonly through: number
}

/** What a result rests on. */
export interface Honesty {
  readonly fills: number
  /** Part of the fills whose order rested, 0 to 1; `null` without fills. */
  readonly makerShare: number | null
  /** Parts of the fills by what they rest on, 0 to 1; `null` without fills. */
  readonly basisShares: FillBases | null
  /** Part of the fills whose place in a queue was estimated, not recorded; `null` without fills. */
  readonly modelledQueueShare: number | null
  /** Lots of recorded executions that own orders took from the orders that really had them. */
  readonly displacedVolume: number
  /** Profit after fees per unit traded; `null` without fills. */
  readonly profitPerUnit: number | null
  /** Profit after fees per million of traded value; `null` without fills. */
  readonly profitPerMillion: number | null
  /** How far the queue model was from real orders where it was calibrated; `null` where nobody measured it. */
  readonly queueCalibration: QueueCalibration | null
  /** One entry per instrument, in the order of the run. */
  readonly instruments: readonly InstrumentHonesty[]
}

/** Draws it from the fills, the recorded volumes and the counters of a run. */
export function honestyOf(
  outcome: Pick<Outcome, 'fills' | 'instruments' | 'counters' | 'figures'>,
  queueCalibration: QueueCalibration | null = null,
): Honesty {
  const { fills, instruments, counters, figures } = outcome
  const own = instruments.map(() => 0)
  let makers = 0
  for (let row = 0; row < fills.time.length; row += 1) {
    own[fills.instrument[row]!]! += fills.quantity[row]!
    if (fills.liquidity[row] === 0) makers += 1
  }
  const count = fills.time.length
  const share = (part: number): number | null => (count === 0 ? null : part / count)
  const sum = (of: keyof FillBases): number => instruments.reduce((total, { execution }) => total + execution[of], 0)
  const shares = { taken: sum('taken'), touch: sum('touch'), queue: sum('queue'), through: sum('through') }
  const modelled = instruments
    .filter(({ market }) => market === 'levels')
    .reduce((total, { execution }) => total + execution.queue, 0)
  const { totalPnl, volume, turnover } = figures
  return {
    fills: count,
    makerShare: share(makers),
    basisShares:
      count === 0
        ? null
        : {
            taken: shares.taken / count,
            touch: shares.touch / count,
            queue: shares.queue / count,
            through: shares.through / count,
          },
    modelledQueueShare: share(modelled),
    displacedVolume: counters.displacedVolume,
    profitPerUnit: volume > 0 ? totalPnl / volume : null,
    profitPerMillion: turnover > 0 ? (totalPnl / turnover) * 1e6 : null,
    queueCalibration,
    instruments: instruments.map(({ symbol, market, marketVolume, tickSize, execution }, at) => {
      const { taken, touch, queue, through, capturedSpread, markOuts } = execution
      return {
        symbol,
        market,
        ownVolume: own[at]!,
        marketVolume,
        participation: marketVolume > 0 ? own[at]! / marketVolume : null,
        basis: { taken, touch, queue, through },
        capturedSpread,
        markOuts,
        tickSize: tickSize > 1e-9 ? tickSize : null,
      }
    }),
  }
}

/** The warnings that a reader must see: fills on a queue that nobody recorded. */
export function honestyNotes(honesty: Honesty): string[] {
  const { modelledQueueShare, queueCalibration } = honesty
  if (modelledQueueShare === null || modelledQueueShare === 0) return []
  const share = `${(modelledQueueShare * 100).toFixed(0)} %`
  const measured =
    queueCalibration === null
      ? 'nobody has measured how far that model is from real orders here: tickforge calibrate does'
      : 'its measured error stands beside it'
  return [`${share} of the fills rest on a modelled, not a recorded queue; ${measured}`]
}
