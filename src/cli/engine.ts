/** What the commands use of the rest of the package, as small interfaces: tests put their own in place. */
import type { StrategySetup } from '../backtest/backtest.ts'
import type { CalibrateOptions, Calibration } from '../backtest/calibrate.ts'
import type { RunOptions } from '../backtest/configuration-types.ts'
import type { TraceOptions } from '../backtest/explanation.ts'
import type { BacktestResult } from '../backtest/result.ts'
import type { LogRecord } from '../strategy/records.ts'

/** How far a run is. */
export interface Progress {
  /** 0 to 1. */
  readonly fraction: number
}

/** What a run gives. */
export type RunResult = Pick<
  BacktestResult,
  'summary' | 'toJSON' | 'writeReport' | 'stateHash' | 'explanation' | 'orders' | 'figures' | 'addStress'
>

/** How a run is watched and stopped. */
export interface RunControl {
  /** Is told how far it is. */
  readonly onProgress?: (progress: Progress) => void
  /** Is told of every line that a strategy logs. */
  readonly onLog?: (line: LogRecord) => void
  /** Ends it. */
  readonly signal?: AbortSignal
  /** What it is asked beside its result. */
  readonly trace?: TraceOptions
}

/** A whole run. */
export interface RunRequest extends RunOptions {
  /** Its strategies by name, in order. */
  readonly strategies: Readonly<Record<string, StrategySetup>>
  /** One row a step, and views that throw when they are used after their handler. */
  readonly debug?: boolean
}

/** Options of a conversion; one that the formats at hand cannot use is refused. */
export interface ConvertOptions {
  /** Of a DBN file: only these. */
  readonly symbols: readonly string[]
  /** Of a DBN file: first point in time, nanoseconds. */
  readonly start: string | null
  /** Of a DBN file: last point in time, exclusive, nanoseconds. */
  readonly end: string | null
  /** What is written of an input with several kinds of rows. */
  readonly kind: string | null
  /** Of a table: the interval of its bars. */
  readonly timeframe: string | null
  /** Of a table: what a bar's time names. */
  readonly label: string | null
}

/** The heart of the package, as the commands call it. */
export interface Engine {
  /** Runs a backtest. */
  run(options: RunRequest, control: RunControl): Promise<RunResult>
  /** What is in market data files. */
  inspect(paths: readonly string[], book: boolean): Promise<unknown>
  /** Converts a market data file; returns what was written. */
  convert(input: string, output: string, options: ConvertOptions, control: RunControl): Promise<unknown>
  /** Compares the simulator with what happened in a market data file. */
  calibrate(file: string, options: CalibrateOptions): Promise<Calibration>
  /** What was loaded and why. */
  doctor(): Promise<Readonly<Record<string, unknown>>>
}

/** The package's own engine; each part is loaded when it is first used. */
export const packageEngine: Engine = {
  async run(options, control) {
    const { Backtest } = await import('../backtest/backtest.ts')
    return await new Backtest(options).run(control)
  },
  async inspect(paths, book) {
    const { nativeBinding, nativeError } = await import('../native/binding.ts')
    try {
      return JSON.parse(await nativeBinding().inspect([...paths], book))
    } catch (error) {
      throw nativeError(error)
    }
  },
  async convert(input, output, options, control) {
    const [{ guarded, nativeBinding }, { runWatched }] = await Promise.all([
      import('../native/binding.ts'),
      import('../native/watched.ts'),
    ])
    const request = JSON.stringify({ input, output, ...options })
    return await runWatched(
      guarded(() => nativeBinding().openConversion(request)),
      control,
    )
  },
  async calibrate(file, options) {
    const { calibrate } = await import('../backtest/calibrate.ts')
    return await calibrate(file, options)
  },
  async doctor() {
    const { guarded, nativeBinding } = await import('../native/binding.ts')
    return JSON.parse(guarded(() => nativeBinding().doctor())) as Record<string, unknown>
  },
}
