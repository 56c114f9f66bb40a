/** `tickforge calibrate`: how far the simulator is from what really happened. */
import { existsSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import {
  type CalibratedModel,
  type Calibration,
  type CalibrationModel,
  calibratedQueue,
  calibrationSnippet,
} from '../../backtest/calibrate.ts'
import type { Duration } from '../../backtest/configuration-values.ts'
import type { Engine } from '../engine.ts'
import { interruptible } from '../interrupt.ts'
import { ProgressBar } from '../progress.ts'
import { usageError } from '../run-options.ts'
import type { Terminal } from '../terminal.ts'

/** What commander made of the options, all as typed. */
export interface CalibrateFlags {
  readonly symbol?: string
  readonly tickSize?: string
  readonly lotSize?: string
  readonly orders?: string
  readonly window?: string
  readonly levels?: string
  readonly seed?: string
  readonly model?: string
  readonly out?: string
  readonly force?: boolean
}

/** Calibrates on a file; returns the exit code. */
export async function calibrateCommand(
  file: string,
  flags: CalibrateFlags,
  engine: Engine,
  terminal: Terminal,
): Promise<number> {
  if (!existsSync(file)) throw usageError(`${file}: there is no such file`, { file })
  const { out, model } = flags
  if (model !== undefined && out === undefined) {
    throw usageError('--model says which model --out writes', { option: '--model', accepted: '--out' })
  }
  if (out !== undefined && existsSync(out) && flags.force !== true) {
    throw usageError(`${out} exists already; --force replaces it`, { out, accepted: '--force' })
  }
  const options = {
    ...(flags.symbol !== undefined && { symbol: flags.symbol }),
    ...(flags.tickSize !== undefined && { tickSize: flags.tickSize }),
    ...(flags.lotSize !== undefined && { lotSize: flags.lotSize }),
    ...(flags.window !== undefined && { window: flags.window as Duration }),
    ...wholeNumber('orders', flags.orders),
    ...wholeNumber('levels', flags.levels),
    ...wholeNumber('seed', flags.seed),
  }
  return await interruptible(async signal => {
    const bar = new ProgressBar(terminal, 'calibrating')
    try {
      const onProgress = ({ fraction }: { fraction: number }): void => bar.update(fraction)
      const found = await engine.calibrate(resolve(file), { ...options, signal, onProgress })
      bar.close()
      if (out !== undefined) {
        writeFileSync(out, calibrationSnippet(found, model as CalibratedModel | undefined))
        const named = calibratedQueue(found, model as CalibratedModel | undefined).type
        terminal.note(`the queue model ${named} is in ${out}`)
      }
      terminal.result(found, () => scorecard(found))
      return 0
    } finally {
      bar.close()
    }
  })
}

function wholeNumber(name: 'orders' | 'levels' | 'seed', typed: string | undefined): { [key: string]: number } {
  if (typed === undefined) return {}
  if (!/^\d{1,15}$/.test(typed)) throw usageError(`--${name} ${typed}: give a whole number`, { option: `--${name}` })
  return { [name]: Number(typed) }
}

/** The scorecard as text: one line a model, on orders of the second half. */
export function scorecard(found: Calibration): string {
  const head = ['model', 'agrees', 'balanced', 'too few', 'too many', 'time error', '9 of 10', 'mark-out 1 s', '10 s']
  const rows = [head, ...found.models.map(row)]
  const widths = head.map((_, column) => Math.max(...rows.map(cells => cells[column]!.length)))
  const lines = rows.map(cells =>
    cells
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
      .join('  ')
      .trimEnd(),
  )
  const score = found.models[0]!.secondHalf
  const filled = score.filledAsPredicted + score.filledUnforeseen
  const [actual1, actual10] = score.actualMarkOut
  const count = (value: number): string => value.toLocaleString('en-US')
  return [
    `${found.symbol} in ${found.source}: ${count(found.orders)} real orders of ${count(found.candidates)} near the touch`,
    `second half: ${count(score.orders)} orders, ${count(filled)} filled after a median of ${span(score.medianTimeToFill)}, ` +
      `mark-out ${ticks(actual1)} and ${ticks(actual10)} ticks after 1 and 10 s`,
    ...(found.crowded > 0 ? [`${count(found.crowded)} drawn orders left out: too many at a time`] : []),
    ...(found.lost > 0 ? [`${count(found.lost)} drawn orders lost to a snapshot in the stream`] : []),
    '',
    ...lines,
    '',
    'agrees: fill or no fill as it really happened; balanced: mean of that among filled and among other orders',
    'too few: really filled, not simulated; too many: filled in the simulation only; exponents are of the first half',
    `best model of levels on the first half: ${found.best}`,
  ].join('\n')
}

function row({ model, exponent, secondHalf: score }: CalibrationModel): string[] {
  return [
    exponent === null ? model : `${model} ${exponent}`,
    percent(score.agreement),
    percent(score.balancedAgreement),
    String(score.filledUnforeseen),
    String(score.filledInSimulationOnly),
    span(score.medianTimeError),
    span(score.mostTimeError),
    ticks(score.predictedMarkOut[0]),
    ticks(score.predictedMarkOut[1]),
  ]
}

function percent(value: number | null): string {
  return value === null ? 'n/a' : `${(value * 100).toFixed(2)} %`
}

function ticks(value: number | null): string {
  return value === null ? 'n/a' : value.toFixed(2)
}

function span(nanoseconds: number | null): string {
  if (nanoseconds === null) return 'n/a'
  if (nanoseconds === 0) return '0'
  if (nanoseconds < 1e3) return `${nanoseconds} ns`
  if (nanoseconds < 1e6) return `${(nanoseconds / 1e3).toFixed(1)} µs`
  if (nanoseconds < 1e9) return `${(nanoseconds / 1e6).toFixed(1)} ms`
  return `${(nanoseconds / 1e9).toFixed(1)} s`
}
