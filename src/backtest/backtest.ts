/** A backtest: strategies over recorded or generated data, on the simulated venue. */
import { TickforgeError } from '../errors.ts'
import { guarded, type NativeRun, nativeBinding } from '../native/binding.ts'
import { Driver, type DriverStrategy, type RunProgress } from '../strategy/driver.ts'
import { resolveNeeds } from '../strategy/needs.ts'
import type { LogRecord, StrategyRecords } from '../strategy/records.ts'
import { Strategy } from '../strategy/strategy.ts'
import { suggestion } from '../suggest.ts'
import { completeConfiguration } from './configuration-complete.ts'
import type { NativeRunConfiguration } from './configuration-native.ts'
import type { RunOptions, StrategyOptions } from './configuration-types.ts'
import { timeText } from './configuration-values.ts'
import { CustomCalls } from './custom-calls.ts'
import type { Explanation, TraceOptions } from './explanation.ts'
import type { Outcome } from './outcome.ts'
import { BacktestResult } from './result.ts'

/** A strategy of a run with settings of its own. */
export interface StrategySetup extends Omit<StrategyOptions, 'name' | 'needs' | 'parameters'> {
  /** The strategy: an instance runs once. */
  readonly strategy: object
}

/** Everything that a backtest is made of. */
export interface BacktestOptions extends RunOptions {
  /** The strategies by name, in order: instances, or instances with settings. */
  readonly strategies: Readonly<Record<string, object>>
  /** One row a step, and views that throw when they are used after their handler. @default false */
  readonly debug?: boolean
}

/** How a run is watched and stopped. */
export interface RunControl {
  /** Ends the run within 100 ms; what was done so far is kept. */
  readonly signal?: AbortSignal
  /** Is called every 40 ms or so, and once at the end. */
  readonly onProgress?: (progress: RunProgress) => void
  /** Is told of every `ctx.log`. */
  readonly onLog?: (line: LogRecord) => void
  /** What the run is asked beside its result: the answer is `result.explanation`. */
  readonly trace?: TraceOptions
}

/**
 * A backtest.
 *
 * @example
 * ```ts
 * const result = await new Backtest({
 *   data: synthetic({ records: 100_000 }),
 *   strategies: { quoter: new Quoter({ width: 2 }) },
 * }).run()
 * console.log(result.summary())
 * ```
 */
export class Backtest {
  private readonly drivers: readonly DriverStrategy[]
  private readonly configuration: NativeRunConfiguration
  private readonly isDebugging: boolean
  private readonly models: CustomCalls

  /**
   * Checks and completes the options; no data is opened yet.
   *
   * @throws {@link TickforgeError} `ERR_CONFIG_…` and `ERR_STRATEGY_NEEDS`, naming the setting at fault
   */
  constructor(options: BacktestOptions) {
    const { strategies = {}, debug = false, ...run } = options
    const setups = Object.entries(strategies).map(([name, given]) => setupOf(name, given))
    if (setups.length === 0) {
      throw new TickforgeError('ERR_CONFIG_MISSING', 'strategies: a run needs at least one strategy', {
        details: { field: 'strategies', accepted: '{ name: new MyStrategy() }' },
      })
    }
    const needs = setups.map(({ name, strategy }) => resolveNeeds(strategy, name))
    const named = setups.map(({ name, strategy, settings }, index): StrategyOptions => {
      const seen = settings.instruments ?? needs[index]!.instruments
      return { ...settings, name, parameters: { ...strategy.params }, instruments: seen }
    })
    const completed = completeConfiguration(run, named)
    this.configuration = {
      ...completed,
      stepRows: debug ? 1 : completed.stepRows,
      strategies: completed.strategies.map((strategy, index) => ({ ...strategy, needs: needs[index]!.native })),
    }
    this.drivers = setups.map(({ strategy }, index) => ({
      strategy,
      aliases: needs[index]!.aliases,
      warmupBars: needs[index]!.native.warmupBars,
    }))
    this.isDebugging = debug
    this.models = new CustomCalls(run.venue ?? {})
  }

  /**
   * Runs to the end, or until the signal: then the result covers what was done.
   *
   * @throws {@link TickforgeError} what the data, the venue or a strategy says, with code, place and cause
   */
  async run(control: RunControl = {}): Promise<BacktestResult> {
    const started = performance.now()
    const { signal, onProgress, onLog, trace } = control
    const question = trace === undefined ? null : this.question(trace)
    const { models } = this
    const native: NativeRun = guarded(() =>
      nativeBinding().openRun(JSON.stringify(this.configuration), models.functions),
    )
    try {
      if (question !== null) guarded(() => native.setTrace(JSON.stringify(question)))
      const driver = new Driver(native, {
        strategies: this.drivers,
        debug: this.isDebugging,
        ...(onLog === undefined ? {} : { onLog }),
      })
      const driven = await driver.drive({
        replaySpeed: this.configuration.replaySpeed,
        ...(signal === undefined ? {} : { signal }),
        ...(onProgress === undefined ? {} : { onProgress }),
      })
      const records: StrategyRecords[] = driver.records()
      const strategySources = sourcesOf(this.configuration)
      const outcome = JSON.parse(guarded(() => native.finish(JSON.stringify({ strategySources })))) as Outcome
      const explanation = question === null ? null : (JSON.parse(guarded(() => native.explain())) as Explanation)
      const facts = {
        aborted: driven.aborted,
        steps: driven.steps,
        rows: driven.rows,
        seconds: (performance.now() - started) / 1000,
      }
      return new BacktestResult(outcome, records, this.configuration, facts, explanation)
    } catch (error) {
      throw withCause(error, models.thrown)
    } finally {
      native.close()
    }
  }

  /** What the engine is asked. */
  private question({ strategy, order, at, journal }: TraceOptions): object {
    const names = this.configuration.strategies.map(({ name }) => name)
    const index = strategy === undefined ? 0 : names.indexOf(strategy)
    if (index < 0) {
      const nearest = suggestion(strategy as string, names)
      throw new TickforgeError('ERR_EXPLAIN_STRATEGY', `the run has no strategy '${strategy}'${nearest}`, {
        details: { field: 'strategy', value: strategy, accepted: names },
      })
    }
    if (order !== undefined && (!Number.isSafeInteger(order) || order < 1 || order >= 2 ** 48)) {
      throw new TickforgeError('ERR_EXPLAIN_ORDER', `there is no order ${order}: orders are numbered from 1`, {
        details: { field: 'order', value: order, accepted: 'a whole number from 1' },
      })
    }
    return {
      strategy: index,
      order: order ?? null,
      at: at === undefined ? null : timeText(at, 'at'),
      journal: journal ?? false,
    }
  }
}

/** The files that a run's code is from: of its strategies, then of its models. */
function sourcesOf({ strategies, venue }: NativeRunConfiguration): string[] {
  const { fees, slippage, fill } = venue
  const models = [fees, slippage].map(model => (model.type === 'custom' ? model.source : null))
  const all = [...strategies.map(({ source }) => source), ...models, fill.custom?.source ?? null]
  return [...new Set(all.filter(source => source !== null))]
}

/** What a model threw is the cause of the error that ended the run. */
function withCause(error: unknown, thrown: unknown): unknown {
  if (thrown === undefined || !(error instanceof TickforgeError) || error.code !== 'ERR_COSTS_CUSTOM_FAILED')
    return error
  return new TickforgeError(error.code, error.message, { details: error.details, cause: thrown })
}

interface Setup {
  readonly name: string
  readonly strategy: Strategy
  readonly settings: Omit<StrategySetup, 'strategy'>
}

function setupOf(name: string, given: object): Setup {
  if (given instanceof Strategy) return { name, strategy: given, settings: {} }
  const { strategy, ...settings } = given as Partial<StrategySetup>
  if (strategy instanceof Strategy) return { name, strategy, settings }
  throw new TickforgeError('ERR_CONFIG_VALUE', `strategies.${name} is no strategy`, {
    details: { field: `strategies.${name}`, accepted: 'an instance of a class that extends Strategy' },
  })
}
