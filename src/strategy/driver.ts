/** The pull loop: takes steps from the engine, walks their rows, hands back what the handlers did. */
import { TickforgeError } from '../errors.ts'
import { guarded, type NativeRun, type NativeRunDescription, nativeError } from '../native/binding.ts'
import { allocateMemory, type CommandColumns, type EventColumns, RowKind } from './columns.ts'
import { handlerThrew } from './handler-error.ts'
import { Instrument } from './instrument.ts'
import { Pace, pause, turn } from './pace.ts'
import type { LogRecord, StrategyRecords } from './records.ts'
import { Runner } from './runner.ts'
import type { Strategy } from './strategy.ts'

/** A strategy of a run. */
export interface DriverStrategy {
  /** The strategy: an instance runs once, because its fields and indicators keep what they saw. */
  readonly strategy: Strategy
  /** Names of timeframes beside their own, from `resolveNeeds`. */
  readonly aliases: Readonly<Record<string, string>>
  /** Bars of its warm-up. */
  readonly warmupBars: number
}

/** What a driver needs besides the run. */
export interface DriverOptions {
  /** The run's strategies in configured order. */
  readonly strategies: readonly DriverStrategy[]
  /** Whether views throw when they are used after their handler. @default false */
  readonly debug?: boolean
  /** Is told of every `ctx.log`. */
  readonly onLog?: (line: LogRecord) => void
}

/** How far a run is. */
export interface RunProgress {
  /** 0 to 1. */
  readonly fraction: number
  /** Simulated time, milliseconds since 1970; 0 before the first row. */
  readonly time: number
  /** Rows whose handlers have run. */
  readonly rows: number
}

/** How a run is watched, paced and stopped. */
export interface DriveOptions {
  /** Ends the run early; what was done is kept, and `onStop` is called. */
  readonly signal?: AbortSignal
  /** Is called every 40 ms or so, and once at the end. */
  readonly onProgress?: (progress: RunProgress) => void
  /** 0: as fast as it goes; 1: as it was recorded; n: n times that. @default 0 */
  readonly replaySpeed?: number
}

/** What a run ended with. */
export interface DriveOutcome {
  /** Whether it was ended by its signal. */
  readonly aborted: boolean
  /** Rows whose handlers have run. */
  readonly rows: number
  /** Steps taken. */
  readonly steps: number
}

const running = 0
const finished = 1
const failed = 2
/** The event loop gets a turn at least this often, in milliseconds. */
const turnEvery = 40
/** Most steps between two looks at the clock; fewer where handlers take their time. */
const stepsBetweenLooks = 256
/** What may pass between two looks, in milliseconds. */
const lookEvery = 4

const used = new WeakSet<Strategy>()

/** Drives one run to its end. */
export class Driver {
  private readonly native: NativeRun
  private readonly runners: readonly Runner[]
  private readonly only: Runner | null
  private readonly isShared: boolean
  private readonly columns: EventColumns
  private readonly commands: CommandColumns
  /** Makes a step: the status of one without rows, nothing when there are rows. */
  private readonly advance: () => number | undefined
  private rows = 0
  private steps = 0
  /** Steps until the next look at the clock: few at first, until it is known how long one takes. */
  private untilLook = 8

  /**
   * Attaches strategies to a run.
   *
   * @throws {@link TickforgeError} `ERR_NATIVE_LAYOUT`, `ERR_STRATEGY_USED`, and what the engine says
   */
  constructor(native: NativeRun, options: DriverOptions) {
    const run = JSON.parse(guarded(() => native.describe())) as NativeRunDescription
    const memory = allocateMemory(run)
    const instruments = run.instruments.map((terms, index) => new Instrument(terms, index))
    this.native = native
    this.columns = memory.events
    this.commands = memory.commands
    for (const [index, { strategy }] of options.strategies.entries()) claim(strategy, run.strategies[index]!.name)
    this.runners = options.strategies.map(({ strategy, aliases, warmupBars }, index) => {
      const setup = run.strategies[index]!
      const state = {
        name: setup.name,
        index,
        columns: memory.events,
        commands: memory.commands,
        views: memory.views,
        instruments,
        seen: setup.instruments,
        timeframes: setup.bars,
        aliases,
        depth: setup.depth,
        trades: setup.trades,
        warmupBars,
        currency: run.currency,
        balances: run.balances,
        rates: run.rates,
        onLog: options.onLog,
      }
      return new Runner(strategy, state, options.debug ?? false)
    })
    this.only = this.runners.length === 1 ? this.runners[0]! : null
    this.isShared = run.sharedAccount === true && this.runners.length > 1
    this.advance = guarded(() => native.attach(...memory.parts))
  }

  /**
   * Runs to the end.
   *
   * @throws {@link TickforgeError} `ERR_STRATEGY_THREW`, `ERR_STRATEGY_ASYNC`, and what the engine says; the run is
   * over then, and its owner closes it
   */
  async drive(options: DriveOptions = {}): Promise<DriveOutcome> {
    const { signal, onProgress, replaySpeed = 0 } = options
    const pace = replaySpeed > 0 ? new Pace(replaySpeed) : null
    let aborted = false
    for (;;) {
      if (signal?.aborted && !aborted) {
        aborted = true
        this.commands.abort()
      }
      const status = aborted || pace === null ? this.runSteps() : await this.runPaced(pace, signal)
      if (status === failed) throw nativeError(this.native.error() ?? 'the run failed without saying why')
      onProgress?.(this.progress(status === finished))
      if (status === finished) return { aborted, rows: this.rows, steps: this.steps }
      await turn()
    }
  }

  /** A fill of one strategy changes the account that all of them trade on. */
  private shareAccount(filled: Runner): void {
    for (const runner of this.runners) if (runner !== filled) runner.state.applySharedAccount()
  }

  /** What the strategies recorded, in configured order. */
  records(): StrategyRecords[] {
    return this.runners.map(runner => runner.records())
  }

  /** Steps until the run ends, the engine asks for a turn, or it is time for one. Returns the last status. */
  private runSteps(): number {
    let looked = performance.now()
    const deadline = looked + turnEvery
    const { advance, columns } = this
    try {
      for (let left = this.untilLook; ; ) {
        const status = advance()
        if (status !== undefined) return status
        this.runRows(columns.rows)
        if (--left > 0) continue
        const now = performance.now()
        if (now >= deadline) return running
        const fitting = (this.untilLook * lookEvery) / (now - looked + 1e-3)
        this.untilLook = Math.max(1, Math.min(stepsBetweenLooks, Math.floor(fitting)))
        left = this.untilLook
        looked = now
      }
    } catch (error) {
      throw this.explain(error)
    }
  }

  /** The same at a pace: waits until the first row of each step is due. */
  private async runPaced(pace: Pace, signal: AbortSignal | undefined): Promise<number> {
    const deadline = performance.now() + turnEvery
    try {
      while (performance.now() < deadline && signal?.aborted !== true) {
        const status = this.advance()
        if (status !== undefined) return status
        const wait = pace.wait(this.columns.timeMs[0]!)
        if (wait > 0) await pause(wait, signal)
        this.runRows(this.columns.rows)
      }
      return running
    } catch (error) {
      throw this.explain(error)
    }
  }

  /** Walks the rows of a step up to the first whose handlers want something. */
  private runRows(rows: number): void {
    const { columns, commands, only } = this
    let row = 0
    while (row < rows) {
      columns.row = row
      const runner = only ?? this.runners[columns.strategy[row]!]!
      switch (columns.kind[row]) {
        case RowKind.trade:
          runner.trade()
          break
        case RowKind.quote:
          runner.quote()
          break
        case RowKind.depth:
          runner.depth()
          break
        case RowKind.bar:
          runner.bar()
          break
        case RowKind.timer:
          runner.timer()
          break
        case RowKind.order:
          runner.report()
          break
        case RowKind.fill:
          if (this.isShared) this.shareAccount(runner)
          runner.fill()
          break
        case RowKind.cash:
          runner.state.applyCash()
          break
        case RowKind.start:
          runner.start()
          break
        case RowKind.stop:
          runner.stop()
          break
      }
      row++
      if (commands.count !== 0) break
    }
    this.rows += row
    this.steps += 1
    commands.finishStep(row)
  }

  private progress(isFinished: boolean): RunProgress {
    const { columns } = this
    const fraction = isFinished ? 1 : this.native.progress()
    return { fraction, time: columns.timeMs[columns.row]!, rows: this.rows }
  }

  /** The error for what came out of the loop: of a handler, or of the engine. */
  private explain(error: unknown): TickforgeError {
    const { columns } = this
    const { row } = columns
    const state = this.runners.find(runner => runner.state.handler !== '')?.state
    if (state === undefined) return nativeError(error)
    const { handler } = state
    state.handler = ''
    if (error instanceof TickforgeError && error.code === 'ERR_STRATEGY_ASYNC') return error
    return handlerThrew(error, {
      strategy: state.name,
      handler,
      time: columns.timeMs[row]!,
      tsNanos: columns.tsNanos[row]!,
      row: this.rows + row,
    })
  }
}

function claim(strategy: Strategy, name: string): void {
  if (used.has(strategy)) {
    throw new TickforgeError('ERR_STRATEGY_USED', `${name} has run already; a run needs a new instance`, {
      details: { strategy: name, accepted: `new ${strategy.constructor.name}(…)` },
    })
  }
  used.add(strategy)
}
