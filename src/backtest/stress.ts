/** What a result hangs on: the same run under harder conditions, with the same random draws. */
import type { StressOptions } from './configuration-models.ts'

/** A stressed run beside the run itself. */
export interface StressOutcome {
  /** What was harder, in words. */
  readonly name: string
  readonly stress: StressOptions
  /** Profit after fees. */
  readonly totalPnl: number
  /** By how much it is more than that of the run itself. */
  readonly change: number
  /** Part of the run's profit that is gone; `null` where it had none. */
  readonly lost: number | null
  readonly fills: number
}

/** The usual ones: a tick worse, twice the latency, doubled fees. */
export const stressTests: readonly { readonly name: string; readonly stress: StressOptions }[] = [
  { name: 'every fill a tick worse', stress: { ticks: 1 } },
  { name: 'twice the latency', stress: { latency: 2 } },
  { name: 'doubled fees', stress: { fees: 2 } },
]

interface Profit {
  readonly figures: { readonly totalPnl: number; readonly fills: number }
}

/** Sets a stressed run beside the run itself. */
export function stressOutcome(name: string, stress: StressOptions, run: Profit, stressed: Profit): StressOutcome {
  const { totalPnl, fills } = stressed.figures
  const change = totalPnl - run.figures.totalPnl
  return {
    name,
    stress,
    totalPnl,
    change,
    lost: run.figures.totalPnl > 0 ? -change / run.figures.totalPnl : null,
    fills,
  }
}
