/** Which indicators a strategy has, what feeds them, and their series for the report. */
import { TickforgeError } from '../errors.ts'
import { suggestion } from '../suggest.ts'
import type { EventColumns } from './columns.ts'
import { type IndicatorRecord, Series } from './records.ts'
import type { StrategyState } from './strategy-state.ts'
import type { BarView } from './views.ts'

/** Which number of a bar feeds an indicator that takes single numbers. */
export type IndicatorSource = 'open' | 'high' | 'low' | 'close' | 'volume' | 'hl2' | 'hlc3' | 'ohlc4'

/** What feeds an indicator. */
export interface IndicatorOptions {
  /** Name or length of a declared timeframe. @default the first declared */
  readonly timeframe?: string
  /** Which number of the bar. @default 'close' */
  readonly source?: IndicatorSource
  /** Whose bars; needed when the strategy sees several instruments. */
  readonly symbol?: string
}

/** The numbers of a bar that an indicator may need. */
export interface BarInput {
  readonly open: number
  readonly high: number
  readonly low: number
  readonly close: number
  readonly volume: number
}

/** An indicator that takes one number at a time. */
export interface ValueIndicator {
  /** Takes the next number. */
  update(value: number): unknown
  /** The latest value. */
  readonly value: number
  /** Whether there is a value. */
  readonly ready: boolean
}

/** An indicator that takes whole bars. The bar is reused: keep its numbers, not the bar. */
export interface BarIndicator {
  /** Takes the next bar. */
  update(bar: BarInput): unknown
  /** The latest value. */
  readonly value: number
  /** Whether there is a value. */
  readonly ready: boolean
}

const sources: readonly IndicatorSource[] = ['open', 'high', 'low', 'close', 'volume', 'hl2', 'hlc3', 'ohlc4']
const optionKeys = ['timeframe', 'source', 'symbol']

interface Registration {
  readonly formula: string
  readonly indicator: ValueIndicator | BarIndicator
  readonly takesBars: boolean
  readonly options: IndicatorOptions
  /** Names of further values that the report shows beside `value`. */
  readonly outputs: readonly string[]
}

/** An indicator at work: fed by the bars of one instrument and timeframe. */
export class IndicatorFeed {
  readonly formula: string
  readonly indicator: ValueIndicator | BarIndicator
  readonly symbol: string
  readonly timeframe: string
  private readonly takesBars: boolean
  private readonly source: IndicatorSource
  private readonly series = new Series()
  private readonly outputs: readonly string[]
  private readonly outputSeries: readonly Series[]

  /** The feed of a registered indicator. */
  constructor(registration: Registration, symbol: string, timeframe: string) {
    this.formula = registration.formula
    this.indicator = registration.indicator
    this.takesBars = registration.takesBars
    this.source = registration.options.source ?? 'close'
    this.symbol = symbol
    this.timeframe = timeframe
    this.outputs = registration.outputs
    this.outputSeries = registration.outputs.map(() => new Series())
  }

  /** Takes the bar of the current row. */
  update(columns: EventColumns, bar: BarView): void {
    const { indicator } = this
    if (this.takesBars) (indicator as BarIndicator).update(bar)
    else (indicator as ValueIndicator).update(sourceValue(this.source, columns))
    if (!indicator.ready) return
    const time = columns.timeMs[columns.row]!
    this.series.add(time, indicator.value)
    for (let index = 0; index < this.outputs.length; index++) {
      const output: unknown = Reflect.get(indicator, this.outputs[index]!)
      this.outputSeries[index]!.add(time, output as number)
    }
  }

  /** Its series, under a name of the strategy's. */
  records(name: string): IndicatorRecord[] {
    const { formula, symbol, timeframe } = this
    const record = (label: string, series: Series): IndicatorRecord => ({
      ...series.record(label),
      formula,
      symbol,
      timeframe,
    })
    const outputs = this.outputs.map((output, index) => record(`${name}.${output}`, this.outputSeries[index]!))
    return [record(name, this.series), ...outputs]
  }
}

/** One number of the current row; a column that is not asked for is not read. */
function sourceValue(source: IndicatorSource, columns: EventColumns): number {
  const { row, p0: open, p1: high, p2: low, p3: close, p4: volume } = columns
  switch (source) {
    case 'open':
      return open[row]!
    case 'high':
      return high[row]!
    case 'low':
      return low[row]!
    case 'close':
      return close[row]!
    case 'volume':
      return volume[row]!
    case 'hl2':
      return (high[row]! + low[row]!) / 2
    case 'hlc3':
      return (high[row]! + low[row]! + close[row]!) / 3
    case 'ohlc4':
      return (open[row]! + high[row]! + low[row]! + close[row]!) / 4
  }
}

/** The indicators of one strategy. */
export abstract class IndicatorRegistry {
  private readonly registrations: Registration[] = []
  private attached = false

  /** How many there are. */
  get size(): number {
    return this.registrations.length
  }

  /** Registers an indicator under its formula. */
  protected register<T extends ValueIndicator | BarIndicator>(
    formula: string,
    indicator: T,
    takesBars: boolean,
    options: IndicatorOptions = {},
    outputs: readonly string[] = [],
  ): T {
    if (this.attached) {
      throw new TickforgeError('ERR_INDICATOR_LATE', `${formula} was made while the run goes on`, {
        details: { formula, accepted: 'indicators made in fields or in the constructor' },
      })
    }
    for (const key of Object.keys(options)) {
      if (!optionKeys.includes(key)) throw refused(key, key, `no such option${suggestion(key, optionKeys)}`)
    }
    const { source } = options
    if (source !== undefined && !sources.includes(source)) {
      throw refused('source', source, `one of ${sources.join(', ')}${suggestion(String(source), sources)}`)
    }
    if (takesBars && source !== undefined) throw refused('source', source, `no source: ${formula} takes whole bars`)
    this.registrations.push({ formula, indicator, takesBars, options, outputs })
    return indicator
  }

  /**
   * The feeds by instrument and timeframe, at `instrument · timeframes + timeframe`.
   *
   * @throws {@link TickforgeError} `ERR_VIEW_NOT_DECLARED`, `ERR_ORDER_INSTRUMENT`, `ERR_CONTEXT_AMBIGUOUS`
   */
  attach(state: StrategyState): IndicatorFeed[][] {
    this.attached = true
    const frames = state.timeframes.length
    const feeds: IndicatorFeed[][] = Array.from({ length: state.contexts.length * frames }, () => [])
    for (const registration of this.registrations) {
      const { timeframe, symbol } = registration.options
      const frame = timeframe === undefined ? 0 : state.timeframeIndex(timeframe)
      const { instrument } = symbol === undefined ? onlyOne(state, registration.formula) : state.contextOf(symbol)
      const feed = new IndicatorFeed(registration, instrument.symbol, state.timeframes[frame]!)
      feeds[instrument.index * frames + frame]!.push(feed)
    }
    return feeds
  }
}

/** What indicators are called in the result: the strategy's field, else the formula; numbered when that is taken. */
export function indicatorRecords(strategy: object, feeds: readonly IndicatorFeed[][]): IndicatorRecord[] {
  const fields = Object.entries(strategy)
  const taken = new Map<string, number>()
  return feeds.flat().flatMap(feed => {
    const plain = fields.find(([, value]) => value === feed.indicator)?.[0] ?? feed.formula
    const times = (taken.get(plain) ?? 0) + 1
    taken.set(plain, times)
    return feed.records(times === 1 ? plain : `${plain} (${times})`)
  })
}

function onlyOne(state: StrategyState, formula: string): StrategyState['seen'][number] {
  if (state.seen.length === 1) return state.seen[0]!
  const symbols = state.seen.map(context => context.instrument.symbol)
  throw new TickforgeError(
    'ERR_CONTEXT_AMBIGUOUS',
    `${formula}: ${state.name} sees ${symbols.length} instruments; say which with { symbol: '${symbols[0]}' }`,
    { details: { formula, strategy: state.name, accepted: symbols } },
  )
}

function refused(option: string, value: unknown, accepted: string): TickforgeError {
  return new TickforgeError('ERR_INDICATOR_OPTION', `indicator option ${option}: ${value}; give ${accepted}`, {
    details: { option, value, accepted },
  })
}
