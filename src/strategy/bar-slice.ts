/** Slices: all bars of one closing time, for strategies over several instruments. */
import type { Instrument } from './instrument.ts'
import type { Bar } from './views.ts'

/** All bars of one closing time and timeframe. */
export interface BarSlice {
  readonly kind: 'bars'
  /** When they closed, milliseconds since 1970. */
  readonly time: number
  /** Their timeframe. */
  readonly timeframe: string
  /** The bars by symbol, in the order in which they came. They stay as they are. */
  readonly bars: ReadonlyMap<string, Bar>
  /** Declared instruments without a bar of this closing time. */
  readonly missing: readonly string[]
  /** The bar of an instrument, undefined when it is missing. */
  get(symbol: string): Bar | undefined
}

/** Gathers the bars of one timeframe until the slice is complete. */
export class SliceBuilder {
  private readonly timeframe: string
  private readonly declared: readonly Instrument[]
  private bars = new Map<string, Bar>()

  /** Slices of a timeframe over the declared instruments. */
  constructor(timeframe: string, declared: readonly Instrument[]) {
    this.timeframe = timeframe
    this.declared = declared
  }

  /** Adds a bar that stays as it is. */
  add(bar: Bar): void {
    this.bars.set(bar.symbol, bar)
  }

  /** The slice, complete; the next begins empty. */
  take(time: number): BarSlice {
    const { bars, timeframe, declared } = this
    this.bars = new Map()
    const missing = declared.filter(({ symbol }) => !bars.has(symbol)).map(({ symbol }) => symbol)
    return { kind: 'bars', time, timeframe, bars, missing, get: symbol => bars.get(symbol) }
  }
}
