/** What a strategy leaves for the result: log lines, metrics, plots and indicator series, all bounded. */
import { TickforgeError } from '../errors.ts'

/** How grave a log line is. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** One line of `ctx.log`. */
export interface LogRecord {
  /** Simulated time, milliseconds since 1970. */
  readonly time: number
  readonly strategy: string
  readonly level: LogLevel
  readonly message: string
}

/** Times and values of one series. Above `seriesLimit` points every second is left out, again and again. */
export interface SeriesRecord {
  readonly name: string
  /** Milliseconds since 1970. */
  readonly times: readonly number[]
  readonly values: readonly number[]
  /** Of how many points one is kept. */
  readonly every: number
}

/** An indicator's series, and what it was computed from. */
export interface IndicatorRecord extends SeriesRecord {
  /** Formula and arguments, such as `'sma(10)'`. */
  readonly formula: string
  readonly symbol: string
  readonly timeframe: string
}

/** What became of one `ctx.metric`. */
export interface MetricRecord {
  readonly name: string
  /** The value given last. */
  readonly value: number
  readonly min: number
  readonly max: number
  /** How many values were given. */
  readonly count: number
}

/** Everything that one strategy left. */
export interface StrategyRecords {
  readonly strategy: string
  readonly logs: readonly LogRecord[]
  /** Lines that did not fit. */
  readonly logsDropped: number
  readonly metrics: readonly MetricRecord[]
  readonly plots: readonly SeriesRecord[]
  readonly indicators: readonly IndicatorRecord[]
}

/** Most points of a series. */
export const seriesLimit = 8192
/** Most log lines of a strategy; those after it are counted only. */
export const logLimit = 100_000
/** Most names of metrics, and of plots. */
export const nameLimit = 1000

/** A series of bounded length. */
export class Series {
  private times: number[] = []
  private values: number[] = []
  private every = 1
  private skipped = 0

  /** Takes a point; one that is no finite number is left out. */
  add(time: number, value: number): void {
    if (!Number.isFinite(value)) return
    this.skipped += 1
    if (this.skipped < this.every) return
    this.skipped = 0
    this.times.push(time)
    this.values.push(value)
    if (this.times.length > seriesLimit) this.thin()
  }

  /** The series under a name. */
  record(name: string): SeriesRecord {
    return { name, times: this.times, values: this.values, every: this.every }
  }

  private thin(): void {
    const keep = (_: number, index: number): boolean => index % 2 === 0
    this.times = this.times.filter(keep)
    this.values = this.values.filter(keep)
    this.every *= 2
    // The last point is kept as the first of a pair, the next kept one is a whole stride away.
    this.skipped = 0
  }
}

interface MetricState {
  value: number
  min: number
  max: number
  count: number
}

/** What a strategy records while it runs. */
export class Records {
  private readonly strategy: string
  private readonly logs: LogRecord[] = []
  private readonly metrics = new Map<string, MetricState>()
  private readonly plots = new Map<string, Series>()
  private logsDropped = 0

  /** Nothing yet, of the strategy of this name. */
  constructor(strategy: string) {
    this.strategy = strategy
  }

  /** Takes a log line, and returns it when it was kept. */
  log(time: number, message: string, level: LogLevel): LogRecord {
    const line: LogRecord = { time, strategy: this.strategy, level, message }
    if (this.logs.length < logLimit) this.logs.push(line)
    else this.logsDropped += 1
    return line
  }

  /** Takes a value of a metric. */
  metric(name: string, value: number): void {
    checkNumber('metric', name, value)
    const found = this.metrics.get(name)
    if (found === undefined) {
      checkNames('metric', name, this.metrics.size)
      this.metrics.set(name, { value, min: value, max: value, count: 1 })
      return
    }
    found.value = value
    found.count += 1
    if (value < found.min) found.min = value
    if (value > found.max) found.max = value
  }

  /** Takes a point of a plot. */
  plot(time: number, name: string, value: number): void {
    checkNumber('plot', name, value)
    let series = this.plots.get(name)
    if (series === undefined) {
      checkNames('plot', name, this.plots.size)
      series = new Series()
      this.plots.set(name, series)
    }
    series.add(time, value)
  }

  /** All of it, with the indicators' series. */
  finish(indicators: readonly IndicatorRecord[]): StrategyRecords {
    return {
      strategy: this.strategy,
      logs: this.logs,
      logsDropped: this.logsDropped,
      metrics: Array.from(this.metrics, ([name, state]) => ({ name, ...state })),
      plots: Array.from(this.plots, ([name, series]) => series.record(name)),
      indicators,
    }
  }
}

function checkNumber(call: string, name: string, value: number): void {
  if (typeof name === 'string' && name !== '' && typeof value === 'number' && !Number.isNaN(value)) return
  throw new TickforgeError('ERR_RECORD_VALUE', `${call}('${name}', ${value}): give a name and a number`, {
    details: { call, name, value, accepted: 'a name that is not empty, a number that is not NaN' },
  })
}

function checkNames(call: string, name: string, count: number): void {
  if (count < nameLimit) return
  throw new TickforgeError('ERR_RECORD_NAMES', `${call}('${name}'): more than ${nameLimit} names`, {
    details: { call, name, accepted: `at most ${nameLimit} names` },
  })
}
