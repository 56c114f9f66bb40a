/** What the commands use of the rest of the package, as small interfaces: tests put their own in place. */
import type { RunOptions, StrategyOptions } from '../backtest/configuration-types.ts'

/** How far a run is. */
export interface Progress {
  /** 0 to 1. */
  readonly fraction: number
}

/** What a run gives. */
export interface RunResult {
  /** The result in words. */
  summary(): string
  /** The result as one JSON document. */
  toJSON(): unknown
  /** Writes the report, a single HTML file. */
  writeReport(path: string): Promise<void>
  /** The digest of everything that happened. */
  readonly stateHash: string
}

/** How a run is watched and stopped. */
export interface RunControl {
  readonly onProgress?: (progress: Progress) => void
  readonly signal?: AbortSignal
}

/** A strategy of a run, with its settings. */
export interface StrategySetup extends Omit<StrategyOptions, 'name' | 'needs' | 'parameters'> {
  /** The strategy itself. */
  readonly strategy: object
}

/** A whole run. */
export interface RunRequest extends RunOptions {
  /** Its strategies by name, in order. */
  readonly strategies: Readonly<Record<string, StrategySetup>>
}

/** Options of a conversion. */
export interface ConvertOptions {
  readonly symbols: readonly string[]
  readonly start: string | null
  readonly end: string | null
}

/** The heart of the package, as the commands call it. */
export interface Engine {
  /** Runs a backtest. */
  run(options: RunRequest, control: RunControl): Promise<RunResult>
  /** What is in market data files. */
  inspect(paths: readonly string[], book: boolean): Promise<unknown>
  /** Converts a market data file; returns what was written. */
  convert(input: string, output: string, options: ConvertOptions, control: RunControl): Promise<unknown>
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
    const { nativeBinding, nativeError } = await import('../native/binding.ts')
    const report = (fraction: number): boolean => {
      control.onProgress?.({ fraction })
      return control.signal?.aborted !== true
    }
    try {
      return JSON.parse(await nativeBinding().convert(input, output, JSON.stringify(options), report))
    } catch (error) {
      throw nativeError(error)
    }
  },
  async doctor() {
    const { guarded, nativeBinding } = await import('../native/binding.ts')
    return JSON.parse(guarded(() => nativeBinding().doctor())) as Record<string, unknown>
  },
}
