/** How much of a result rests on trades that really happened: what a reader weighs the figures by. */
import type { QueueCalibration } from './configuration-queue.ts'
import type { Outcome } from './outcome.ts'

/** Own trading beside the recorded one, in one instrument. */
export interface InstrumentHonesty {
  readonly symbol: string
  /** Units that own fills traded. */
  readonly ownVolume: number
  /** Units that were recorded as traded. */
  readonly marketVolume: number
  /** Own ÷ recorded volume; `null` where none was recorded. */
  readonly participation: number | null
}

/** What a result rests on. */
export interface Honesty {
  readonly fills: number
  /** Part of the fills whose order rested, 0 to 1; `null` without fills. */
  readonly makerShare: number | null
  /** Lots of recorded executions that own orders took from the orders that really had them. */
  readonly displacedVolume: number
  /** How far the queue model was from real orders where it was calibrated; `null` where nobody measured it. */
  readonly queueCalibration: QueueCalibration | null
  /** One entry per instrument, in the order of the run. */
  readonly instruments: readonly InstrumentHonesty[]
}

/** Draws it from the fills, the recorded volumes and the counters of a run. */
export function honestyOf(
  outcome: Pick<Outcome, 'fills' | 'instruments' | 'counters'>,
  queueCalibration: QueueCalibration | null = null,
): Honesty {
  const { fills, instruments, counters } = outcome
  const own = instruments.map(() => 0)
  let makers = 0
  for (let row = 0; row < fills.time.length; row += 1) {
    own[fills.instrument[row]!]! += fills.quantity[row]!
    if (fills.liquidity[row] === 0) makers += 1
  }
  return {
    fills: fills.time.length,
    makerShare: fills.time.length === 0 ? null : makers / fills.time.length,
    displacedVolume: counters.displacedVolume,
    queueCalibration,
    instruments: instruments.map(({ symbol, marketVolume }, at) => ({
      symbol,
      ownVolume: own[at]!,
      marketVolume,
      participation: marketVolume > 0 ? own[at]! / marketVolume : null,
    })),
  }
}
