/** Instruments as a strategy sees them: their terms, and prices and quantities on their grids. */
import { TickforgeError } from '../errors.ts'
import type { NativeInstrumentTerms, NativeSession } from '../native/binding.ts'

/** Buy or sell. */
export type Side = 'buy' | 'sell'

/** How {@link Instrument.round} chooses a tick: `'passive'` is down for a buy and up for a sell. */
export type Rounding = 'down' | 'up' | 'nearest' | 'passive'

/** A price on an instrument's grid, counted in ticks so that it stays on it. */
export class InstrumentPrice {
  /** The instrument whose ticks it counts. */
  readonly instrument: Instrument
  /** Number of ticks. */
  readonly ticks: number

  /** A price of `ticks` ticks. */
  constructor(instrument: Instrument, ticks: number) {
    this.instrument = instrument
    this.ticks = ticks
  }

  /** The price so many ticks higher, or lower when below zero. */
  offset(ticks: number): InstrumentPrice {
    return new InstrumentPrice(this.instrument, this.ticks + wholeTicks(ticks))
  }

  /** The price as a number. */
  get value(): number {
    return this.instrument.priceOf(this.ticks)
  }

  /** The price as a number, so that it can be compared and printed like one. */
  valueOf(): number {
    return this.value
  }

  /** The price as a text. */
  toString(): string {
    return String(this.value)
  }
}

/** The terms of an instrument. */
export class Instrument {
  /** Its symbol, as the data names it. */
  readonly symbol: string
  /** Its place among the instruments of the run. */
  readonly index: number
  /** What it is. */
  readonly kind: NativeInstrumentTerms['kind']
  /** Smallest price step. */
  readonly tickSize: number
  /** Smallest quantity step. */
  readonly lotSize: number
  /** Money per unit of price and quantity; of an inverse contract its value in the currency of the price. */
  readonly multiplier: number
  /** Whether it is an inverse contract: its size in coin is quantity × multiplier / price. */
  readonly inverse: boolean
  /** What its fees are taken from: the currency of the price, or what a fill brings. */
  readonly feeCurrency: 'quote' | 'received'
  /** Currency of its price; of an inverse contract that in which it settles. */
  readonly currency: string
  /** Its venue, empty where unknown. */
  readonly venue: string
  /** Whether a trade moves the whole value (equity, spot, option) rather than profits only. */
  readonly paysNotional: boolean
  /** Its sessions; null is the UTC day. */
  readonly session: NativeSession | null
  private readonly tickNano: number
  private readonly lotNano: number

  /** The instrument with these terms at place `index` of the run. */
  constructor(terms: NativeInstrumentTerms, index: number) {
    this.symbol = terms.symbol
    this.index = index
    this.kind = terms.kind
    this.tickSize = Number(terms.tickSize)
    this.lotSize = Number(terms.lotSize)
    this.multiplier = Number(terms.multiplier)
    this.inverse = terms.inverse ?? false
    this.feeCurrency = terms.feeCurrency ?? 'quote'
    this.currency = terms.currency
    this.venue = terms.venue
    this.paysNotional = terms.kind === 'equity' || terms.kind === 'spot' || terms.kind === 'option'
    this.session = terms.session ?? null
    this.tickNano = Math.round(this.tickSize * 1e9)
    this.lotNano = Math.round(this.lotSize * 1e9)
  }

  /**
   * `x` as a price on the grid.
   *
   * @throws {@link TickforgeError} `ERR_ORDER_OFF_TICK` farther than 1e-6 tick from one, `ERR_ORDER_PRICE` for no number
   */
  price(x: number): InstrumentPrice {
    return new InstrumentPrice(this, this.ticksOf(x))
  }

  /**
   * The price `ticks` ticks from `price`, which lies on the grid.
   *
   * @throws {@link TickforgeError} as {@link Instrument.price}
   */
  offset(price: number | InstrumentPrice, ticks: number): number {
    return this.priceOf(this.ticksOf(price) + wholeTicks(ticks))
  }

  /**
   * `x` on the grid. A number within 1e-6 tick of a tick is that tick. `'passive'` needs the side.
   *
   * @throws {@link TickforgeError} `ERR_ORDER_PRICE` for no number, `ERR_ORDER_OPTION` for an unknown way
   */
  round(x: number, how: Rounding = 'nearest', side?: Side): number {
    const ticks = this.inTicks(x)
    const nearest = Math.round(ticks)
    if (how === 'nearest' || Math.abs(ticks - nearest) <= slack(nearest)) return this.priceOf(nearest)
    if (how === 'down' || (how === 'passive' && side === 'buy')) return this.priceOf(Math.floor(ticks))
    if (how === 'up' || (how === 'passive' && side === 'sell')) return this.priceOf(Math.ceil(ticks))
    throw new TickforgeError('ERR_ORDER_OPTION', `round: '${how}' with side ${side} says nothing`, {
      details: { option: 'how', value: how, accepted: "'down', 'up', 'nearest', or 'passive' with 'buy' or 'sell'" },
    })
  }

  /** The price of a number of ticks. */
  priceOf(ticks: number): number {
    return (ticks * this.tickNano) / 1e9
  }

  /** The quantity of a number of lots. */
  quantityOf(lots: number): number {
    return (lots * this.lotNano) / 1e9
  }

  /** The number of lots nearest to a quantity. */
  nearestLots(quantity: number): number {
    return Math.round((quantity * 1e9) / this.lotNano)
  }

  /**
   * Ticks of a price from a person.
   *
   * @throws {@link TickforgeError} `ERR_ORDER_OFF_TICK`, `ERR_ORDER_PRICE`
   */
  ticksOf(price: number | InstrumentPrice): number {
    if (price instanceof InstrumentPrice) {
      if (price.instrument === this || price.instrument.tickNano === this.tickNano) return price.ticks
      return this.ticksOf(price.value)
    }
    const ticks = this.inTicks(price)
    const nearest = Math.round(ticks)
    // A tick of 1e-9 is no grid at all: the nearest is what was meant.
    if (this.tickNano === 1 || Math.abs(ticks - nearest) <= slack(nearest)) return nearest
    const [below, above] = [this.priceOf(Math.floor(ticks)), this.priceOf(Math.ceil(ticks))]
    throw new TickforgeError(
      'ERR_ORDER_OFF_TICK',
      `price ${price} of ${this.symbol} lies between the ticks ${below} and ${above} (tick size ${this.tickSize})`,
      { details: { symbol: this.symbol, price, tickSize: this.tickSize, accepted: [below, above] } },
    )
  }

  /**
   * Lots of a quantity from a person; above zero unless `signed`.
   *
   * @throws {@link TickforgeError} `ERR_ORDER_QUANTITY`, `ERR_ORDER_OFF_LOT`
   */
  lotsOf(quantity: number, signed = false): number {
    const lots = typeof quantity === 'number' ? (quantity * 1e9) / this.lotNano : Number.NaN
    const nearest = Math.round(lots)
    const inRange = Number.isSafeInteger(nearest) && (signed || quantity > 0)
    if (!inRange || (!signed && lots < 1e-6)) {
      const accepted = `${signed ? 'a finite number' : 'a number above zero'}, below 2^53 lots of ${this.lotSize}`
      throw new TickforgeError('ERR_ORDER_QUANTITY', `quantity ${quantity} of ${this.symbol}: give ${accepted}`, {
        details: { symbol: this.symbol, quantity, lotSize: this.lotSize, accepted },
      })
    }
    if (Math.abs(lots - nearest) <= slack(nearest)) return nearest === 0 ? 0 : nearest
    const [below, above] = [this.quantityOf(Math.floor(lots)), this.quantityOf(Math.ceil(lots))]
    throw new TickforgeError(
      'ERR_ORDER_OFF_LOT',
      `quantity ${quantity} of ${this.symbol} lies between the lots ${below} and ${above} (lot size ${this.lotSize})`,
      { details: { symbol: this.symbol, quantity, lotSize: this.lotSize, accepted: [below, above] } },
    )
  }

  private inTicks(price: number): number {
    const ticks = typeof price === 'number' ? (price * 1e9) / this.tickNano : Number.NaN
    if (Number.isSafeInteger(Math.round(ticks))) return ticks
    throw new TickforgeError('ERR_ORDER_PRICE', `price ${price} of ${this.symbol} is not a price`, {
      details: { symbol: this.symbol, price, accepted: 'a finite number below 2^53 ticks' },
    })
  }
}

/** How far from a whole number is still that number: f64 itself is coarser than 1e-6 above 2^33. */
function slack(nearest: number): number {
  return Math.max(1e-6, Math.abs(nearest) * 4 * Number.EPSILON)
}

function wholeTicks(ticks: number): number {
  if (Number.isSafeInteger(ticks)) return ticks
  throw new TickforgeError('ERR_ORDER_PRICE', `an offset of ${ticks} ticks is not a whole number`, {
    details: { ticks, accepted: 'a whole number of ticks' },
  })
}
