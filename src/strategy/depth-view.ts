/** The declared depth of the book, as a handler's argument and as `ctx.book`. */
import { VIEW } from '../native/layout.ts'
import type { EventColumns } from './columns.ts'
import type { Instrument } from './instrument.ts'
import { ColumnView, keep, type MarketView } from './views.ts'

/** One price level. */
export interface DepthLevel {
  /** Its price. */
  readonly price: number
  /** Quantity there. */
  readonly size: number
  /** Orders there; 0 where the data does not say. */
  readonly count: number
}

/** The best levels of both sides, as many as were declared. Level 0 is the best; what is not there is NaN. */
export interface Book {
  /** Levels that are there on the bid side. */
  readonly bidLevels: number
  /** Levels that are there on the ask side. */
  readonly askLevels: number
  /** Price of bid level `level`. */
  bidPrice(level: number): number
  /** Quantity at bid level `level`. */
  bidSize(level: number): number
  /** Orders at bid level `level`. */
  bidCount(level: number): number
  /** Price of ask level `level`. */
  askPrice(level: number): number
  /** Quantity at ask level `level`. */
  askSize(level: number): number
  /** Orders at ask level `level`. */
  askCount(level: number): number
  /** All bid levels, best first. Allocates. */
  readonly bids: readonly DepthLevel[]
  /** All ask levels, best first. Allocates. */
  readonly asks: readonly DepthLevel[]
}

/** A change of the declared depth. */
export interface Depth extends Book, MarketView {
  readonly kind: 'depth'
  /** A depth that stays as it is. */
  copy(): Depth
}

const bidLevels = VIEW.bidLevels / 8
const askLevels = VIEW.askLevels / 8
const price = VIEW.price / 8
const quantity = VIEW.quantity / 8
const count = VIEW.count / 8
/** Levels of a side in a view table. */
const most = 10

/** The book in a strategy's view table of one instrument. */
export class BookView implements Book {
  private readonly views: Float64Array
  private readonly base: number

  /** The book in the table that begins at number `base`. */
  constructor(views: Float64Array, base: number) {
    this.views = views
    this.base = base
  }

  get bidLevels(): number {
    return this.views[this.base + bidLevels]!
  }

  get askLevels(): number {
    return this.views[this.base + askLevels]!
  }

  bidPrice(level: number): number {
    return level >= 0 && level < this.bidLevels ? this.views[this.base + price + level]! : Number.NaN
  }

  bidSize(level: number): number {
    return level >= 0 && level < this.bidLevels ? this.views[this.base + quantity + level]! : Number.NaN
  }

  bidCount(level: number): number {
    return level >= 0 && level < this.bidLevels ? this.views[this.base + count + level]! : Number.NaN
  }

  askPrice(level: number): number {
    return level >= 0 && level < this.askLevels ? this.views[this.base + price + most + level]! : Number.NaN
  }

  askSize(level: number): number {
    return level >= 0 && level < this.askLevels ? this.views[this.base + quantity + most + level]! : Number.NaN
  }

  askCount(level: number): number {
    return level >= 0 && level < this.askLevels ? this.views[this.base + count + most + level]! : Number.NaN
  }

  get bids(): DepthLevel[] {
    return Array.from({ length: this.bidLevels }, (_, level) => ({
      price: this.bidPrice(level),
      size: this.bidSize(level),
      count: this.bidCount(level),
    }))
  }

  get asks(): DepthLevel[] {
    return Array.from({ length: this.askLevels }, (_, level) => ({
      price: this.askPrice(level),
      size: this.askSize(level),
      count: this.askCount(level),
    }))
  }

  /** What `JSON.stringify` writes. */
  toJSON(): Record<string, unknown> {
    return { bids: this.bids, asks: this.asks }
  }
}

/** The view of depth changes. */
export class DepthView extends ColumnView<Depth> implements Depth {
  private readonly books: readonly BookView[]

  /** A view whose books are those of the strategy, by instrument. */
  constructor(columns: EventColumns, instruments: readonly Instrument[], books: readonly BookView[]) {
    super(columns, instruments)
    this.books = books
  }

  private get book(): BookView {
    const { columns } = this
    return this.books[columns.instrument[columns.row]!]!
  }

  get kind(): 'depth' {
    return 'depth'
  }

  get bidLevels(): number {
    return this.book.bidLevels
  }

  get askLevels(): number {
    return this.book.askLevels
  }

  bidPrice(level: number): number {
    return this.book.bidPrice(level)
  }

  bidSize(level: number): number {
    return this.book.bidSize(level)
  }

  bidCount(level: number): number {
    return this.book.bidCount(level)
  }

  askPrice(level: number): number {
    return this.book.askPrice(level)
  }

  askSize(level: number): number {
    return this.book.askSize(level)
  }

  askCount(level: number): number {
    return this.book.askCount(level)
  }

  get bids(): DepthLevel[] {
    return this.book.bids
  }

  get asks(): DepthLevel[] {
    return this.book.asks
  }

  copy(): Depth {
    const { kind, symbol, instrument, time, tsNanos, tsEventNanos, bid, ask, bids, asks } = this
    const at = (levels: readonly DepthLevel[], level: number, key: keyof DepthLevel): number =>
      levels[level]?.[key] ?? Number.NaN
    return keep<Depth>({
      kind,
      symbol,
      instrument,
      time,
      tsNanos,
      tsEventNanos,
      bid,
      ask,
      bids,
      asks,
      bidLevels: bids.length,
      askLevels: asks.length,
      bidPrice: level => at(bids, level, 'price'),
      bidSize: level => at(bids, level, 'size'),
      bidCount: level => at(bids, level, 'count'),
      askPrice: level => at(asks, level, 'price'),
      askSize: level => at(asks, level, 'size'),
      askCount: level => at(asks, level, 'count'),
    })
  }
}
