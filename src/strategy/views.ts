/** Market data as handlers see it: one view per kind, reused for every row, read straight from the columns. */
import type { EventColumns } from './columns.ts'
import { RowFlag } from './columns.ts'
import type { Instrument, Side } from './instrument.ts'

/** What every view of market data tells. A view is valid during its handler; `copy()` keeps it. */
export interface MarketView {
  /** What it is. */
  readonly kind: 'trade' | 'quote' | 'depth' | 'bar'
  /** Symbol of the instrument. */
  readonly symbol: string
  /** The instrument. */
  readonly instrument: Instrument
  /** When the strategy sees it: milliseconds since 1970 with fraction, as of `Date`. */
  readonly time: number
  /** The same in nanoseconds, every digit. */
  readonly tsNanos: bigint
  /** When it happened at the exchange, in nanoseconds since 1970. */
  readonly tsEventNanos: bigint
  /** Best bid at that moment, NaN where there is none. */
  readonly bid: number
  /** Best ask at that moment, NaN where there is none. */
  readonly ask: number
}

/** A trade print. `bid` and `ask` are as before the trade. */
export interface Trade extends MarketView {
  readonly kind: 'trade'
  /** Its price. */
  readonly price: number
  /** Its quantity. */
  readonly quantity: number
  /** Who took, where it is known. */
  readonly side: Side | undefined
  /** A trade that stays as it is. */
  copy(): Trade
}

/** A change of the best bid or ask: of price, size or number of orders. */
export interface Quote extends MarketView {
  readonly kind: 'quote'
  /** Quantity at the best bid. */
  readonly bidSize: number
  /** Quantity at the best ask. */
  readonly askSize: number
  /** Orders at the best bid. */
  readonly bidCount: number
  /** Orders at the best ask. */
  readonly askCount: number
  /** Halfway between bid and ask, NaN where one is missing. */
  readonly mid: number
  /** Ask less bid, NaN where one is missing. */
  readonly spread: number
  /** A quote that stays as it is. */
  copy(): Quote
}

/** A bar that has closed. */
export interface Bar extends MarketView {
  readonly kind: 'bar'
  /** Its timeframe, such as `'1m'`. */
  readonly timeframe: string
  /** First price. */
  readonly open: number
  /** Highest price. */
  readonly high: number
  /** Lowest price. */
  readonly low: number
  /** Last price. */
  readonly close: number
  /** Traded quantity. */
  readonly volume: number
  /** Beginning of its interval, milliseconds since 1970. */
  readonly openTime: number
  /** End of its interval, milliseconds since 1970. */
  readonly closeTime: number
  /** A bar that stays as it is. */
  copy(): Bar
}

/** Lets `console.log` show what `toJSON` gives, rather than the columns of the whole run. */
export function showAsPlainData(prototype: { toJSON(): unknown }): void {
  Object.defineProperty(prototype, Symbol.for('nodejs.util.inspect.custom'), {
    value(this: { toJSON(): unknown }): unknown {
      return this.toJSON()
    },
  })
}

/** What all views share: the columns and the instruments. */
export abstract class ColumnView<T> {
  /** The columns, and the row that is seen. */
  protected readonly columns: EventColumns
  private readonly instruments: readonly Instrument[]

  /** A view of the columns of a run. */
  constructor(columns: EventColumns, instruments: readonly Instrument[]) {
    this.columns = columns
    this.instruments = instruments
  }

  get instrument(): Instrument {
    const { columns } = this
    return this.instruments[columns.instrument[columns.row]!]!
  }

  get symbol(): string {
    return this.instrument.symbol
  }

  get time(): number {
    const { columns } = this
    return columns.timeMs[columns.row]!
  }

  get tsNanos(): bigint {
    const { columns } = this
    return columns.tsNanos[columns.row]!
  }

  get tsEventNanos(): bigint {
    const { columns } = this
    return columns.tsEvent[columns.row]!
  }

  get bid(): number {
    const { columns } = this
    return columns.bid[columns.row]!
  }

  get ask(): number {
    const { columns } = this
    return columns.ask[columns.row]!
  }

  /** The same as plain data that stays as it is. */
  abstract copy(): T

  /** What `JSON.stringify` writes. */
  toJSON(): Record<string, unknown> {
    return plain(this.copy())
  }
}
showAsPlainData(ColumnView.prototype)

/** The fields of a copy without its methods and references; nanoseconds as texts. */
function plain(copy: unknown): Record<string, unknown> {
  const fields: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(copy as Record<string, unknown>)) {
    if (typeof value === 'function' || key === 'instrument') continue
    fields[key] = typeof value === 'bigint' ? value.toString() : value
  }
  return fields
}

/** Makes plain data into something that can be copied like a view. */
export function keep<T extends { copy(): T }>(fields: Omit<T, 'copy'>): T {
  const kept = { ...fields, copy: (): T => kept } as T
  return kept
}

/** The view of trades. */
export class TradeView extends ColumnView<Trade> implements Trade {
  get kind(): 'trade' {
    return 'trade'
  }

  get price(): number {
    const { columns } = this
    return columns.p0[columns.row]!
  }

  get quantity(): number {
    const { columns } = this
    return columns.p1[columns.row]!
  }

  get side(): Side | undefined {
    const { columns } = this
    const flags = columns.flags[columns.row]!
    if ((flags & RowFlag.aggressorBuy) !== 0) return 'buy'
    return (flags & RowFlag.aggressorSell) !== 0 ? 'sell' : undefined
  }

  copy(): Trade {
    const { kind, symbol, instrument, time, tsNanos, tsEventNanos, price, quantity, side, bid, ask } = this
    return keep<Trade>({ kind, symbol, instrument, time, tsNanos, tsEventNanos, price, quantity, side, bid, ask })
  }
}

/** The view of quotes. */
export class QuoteView extends ColumnView<Quote> implements Quote {
  get kind(): 'quote' {
    return 'quote'
  }

  get bidSize(): number {
    const { columns } = this
    return columns.bidSize[columns.row]!
  }

  get askSize(): number {
    const { columns } = this
    return columns.askSize[columns.row]!
  }

  get bidCount(): number {
    const { columns } = this
    return columns.bidCount[columns.row]!
  }

  get askCount(): number {
    const { columns } = this
    return columns.askCount[columns.row]!
  }

  get mid(): number {
    return (this.bid + this.ask) / 2
  }

  get spread(): number {
    return this.ask - this.bid
  }

  copy(): Quote {
    const { kind, symbol, instrument, time, tsNanos, tsEventNanos, bid, ask } = this
    const { bidSize, askSize, bidCount, askCount, mid, spread } = this
    const sizes = { bidSize, askSize, bidCount, askCount, mid, spread }
    return keep<Quote>({ kind, symbol, instrument, time, tsNanos, tsEventNanos, bid, ask, ...sizes })
  }
}

/** The view of bars. */
export class BarView extends ColumnView<Bar> implements Bar {
  /** Timeframes of the strategy, by number. */
  private readonly timeframes: readonly string[]

  /** A view of a strategy's bars. */
  constructor(columns: EventColumns, instruments: readonly Instrument[], timeframes: readonly string[]) {
    super(columns, instruments)
    this.timeframes = timeframes
  }

  get kind(): 'bar' {
    return 'bar'
  }

  get timeframe(): string {
    const { columns } = this
    return this.timeframes[columns.extra[columns.row]!]!
  }

  get open(): number {
    const { columns } = this
    return columns.p0[columns.row]!
  }

  get high(): number {
    const { columns } = this
    return columns.p1[columns.row]!
  }

  get low(): number {
    const { columns } = this
    return columns.p2[columns.row]!
  }

  get close(): number {
    const { columns } = this
    return columns.p3[columns.row]!
  }

  get volume(): number {
    const { columns } = this
    return columns.p4[columns.row]!
  }

  get openTime(): number {
    const { columns } = this
    return columns.p5[columns.row]!
  }

  get closeTime(): number {
    const { columns } = this
    return columns.p6[columns.row]!
  }

  copy(): Bar {
    const { kind, symbol, instrument, time, tsNanos, tsEventNanos, bid, ask, timeframe } = this
    const { open, high, low, close, volume, openTime, closeTime } = this
    const prices = { open, high, low, close, volume, openTime, closeTime }
    return keep<Bar>({ kind, symbol, instrument, time, tsNanos, tsEventNanos, bid, ask, timeframe, ...prices })
  }
}
