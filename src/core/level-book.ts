/** Books that are set rather than built: of levels (L2), and of the best prices alone (L1). */
import { type BestPrices, type BookOptions, type BookSide, SettableBook, sideNumber } from './book-options.ts'
import { operationKind } from './native-books.ts'

/**
 * A book that knows quantity and number of orders at every price (L2).
 *
 * @example
 * ```ts
 * const book = new LevelBook({ tickSize: 0.01, lotSize: 0.001 })
 * book.set('buy', 99.5, 1.25)
 * book.set('sell', 99.51, 0.75, 3)
 * book.best.bid // → 99.5
 * book.set('buy', 99.5, 0) // removes the level
 * book.levels // → { bids: 0, asks: 1 }
 * ```
 */
export class LevelBook extends SettableBook {
  /** An empty book. Throws `ERR_CONFIG_DECIMAL` or `ERR_MODEL_…` for a tick or lot size that is none. */
  constructor(options: BookOptions) {
    super('l2', options)
  }

  /**
   * The book that {@link LevelBook.snapshot} wrote. The options are those of that book.
   *
   * @throws {@link TickforgeError} `ERR_BOOK_SNAPSHOT` with the byte at fault, `ERR_BOOK_OPTION`
   */
  static restore(bytes: Uint8Array, options: BookOptions): LevelBook {
    const book = new LevelBook(options)
    book.load(bytes)
    return book
  }

  /**
   * Sets what stands at a price: quantity (0 removes the level) and number of orders (0 where it is not known).
   *
   * @throws {@link TickforgeError} `ERR_BOOK_OFF_TICK`, `ERR_BOOK_OFF_LOT`, `ERR_BOOK_PRICE_OUT_OF_RANGE`,
   * `ERR_BOOK_QUANTITY`, `ERR_BOOK_OPTION`
   */
  set(side: BookSide, price: number, quantity: number, count = 0): void {
    this.write(0, operationKind.set, sideNumber(side), price, quantity, count)
    this.columns.applyOne()
  }
}

/**
 * A book of the best bid and ask (L1). Locked and crossed quotes are taken as they are.
 *
 * @example
 * ```ts
 * const book = new QuoteBook({ tickSize: 0.25 })
 * book.update({ bid: 4810, bidSize: 12, ask: 4810.25, askSize: 7 })
 * book.best.askSize // → 7
 * book.set('sell', Number.NaN, 0) // an empty side
 * book.ask // → NaN
 * ```
 */
export class QuoteBook extends SettableBook {
  /** An empty book. Throws `ERR_CONFIG_DECIMAL` or `ERR_MODEL_…` for a tick or lot size that is none. */
  constructor(options: BookOptions) {
    super('l1', options)
  }

  /**
   * The book that {@link QuoteBook.snapshot} wrote. The options are those of that book.
   *
   * @throws {@link TickforgeError} `ERR_BOOK_SNAPSHOT` with the byte at fault, `ERR_BOOK_OPTION`
   */
  static restore(bytes: Uint8Array, options: BookOptions): QuoteBook {
    const book = new QuoteBook(options)
    book.load(bytes)
    return book
  }

  /**
   * Sets both sides; what is left out is an empty side. Both are checked before either is taken.
   *
   * @throws {@link TickforgeError} `ERR_BOOK_OFF_TICK`, `ERR_BOOK_OFF_LOT`, `ERR_BOOK_PRICE_OUT_OF_RANGE`,
   * `ERR_BOOK_QUANTITY`, `ERR_BOOK_OPTION`
   */
  update(quote: Partial<BestPrices>): void {
    const { bid = Number.NaN, ask = Number.NaN, bidSize = 0, askSize = 0, bidCount = 0, askCount = 0 } = quote
    this.write(0, operationKind.quote, 0, bid, bidSize, bidCount)
    this.write(1, operationKind.quote, 1, ask, askSize, askCount)
    this.columns.applyOne()
  }

  /**
   * Sets one side; no price (NaN), or quantity 0, empties it.
   *
   * @throws {@link TickforgeError} as {@link QuoteBook.update}
   */
  set(side: BookSide, price: number, quantity: number, count = 0): void {
    this.write(0, operationKind.set, sideNumber(side), price, quantity, count)
    this.columns.applyOne()
  }
}
