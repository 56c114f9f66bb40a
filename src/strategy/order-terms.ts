/** Types of orders, triggers, trailing stops and times in force, checked at the line of the call. */

import { type TimePoint, timeText } from '../backtest/configuration-values.ts'
import { TickforgeError } from '../errors.ts'
import { CommandFlag, type CommandTerms, TermFlag } from './columns.ts'
import { type Instrument, InstrumentPrice } from './instrument.ts'
import { refusedOption } from './order-refusals.ts'
import type { OrderType } from './reasons.ts'

/** A price: a number on the instrument's grid, or one made by `instrument.price(…)`. */
export type PriceInput = number | InstrumentPrice

/** Which price a trigger looks at. */
export type TriggerSource = 'last' | 'bidAsk' | 'mid' | 'mark'

/** How long an order stays. */
export type TimeInForce = 'GTC' | 'IOC' | 'FOK' | 'GTD' | 'DAY' | 'AT_OPEN' | 'AT_CLOSE'

/** How far a trailing stop stays behind the best price: exactly one of the three. */
export type TrailOffset =
  | { /** A difference of prices. */ readonly price: number }
  | { /** Basis points of the best price. */ readonly bps: number }
  | { /** Ticks. */ readonly ticks: number }

/** What every order can be told besides how much. */
export interface OrderTerms {
  /** The limit; an order without one executes at the market. */
  readonly price?: PriceInput
  /** Said by the prices already, except `'marketToLimit'`; to state it. */
  readonly type?: OrderType
  /** A stop: a buy enters when the price rises to it, a sell when it falls to it. */
  readonly stopPrice?: PriceInput
  /** An if-touched order: a buy enters when the price falls to it, a sell when it rises to it. */
  readonly touchPrice?: PriceInput
  /** A trailing stop: the stop follows the best price at this distance. `stopPrice` says where it begins. */
  readonly trail?: TrailOffset
  /** Of a trailing stop-limit: ticks from the stop to the limit, towards worse prices. */
  readonly limitOffset?: number
  /** The price that stops and touches look at. @default trades where the data has them, else bid and ask */
  readonly trigger?: TriggerSource
  /**
   * Good till cancelled, immediate or cancel, fill or kill, good till `goodTill`, till the session's close, at the
   * session's opening or close only. @default 'GTC', with `goodTill` 'GTD'
   */
  readonly timeInForce?: TimeInForce
  /** When a good-till-date order ends. */
  readonly goodTill?: TimePoint
  /** Rejected instead of trading on arrival. @default false */
  readonly postOnly?: boolean
  /** Only ever makes the position smaller: rejected, or cut, where it would open or turn it. @default false */
  readonly reduceOnly?: boolean
  /** An iceberg: how much of it is shown; what is hidden comes to the back of the queue. */
  readonly display?: number
  /** A text of one's own on the handle. */
  readonly tag?: string
}

/** The names of {@link OrderTerms}. */
export const termKeys = [
  'price',
  'type',
  'stopPrice',
  'touchPrice',
  'trail',
  'limitOffset',
  'trigger',
  'timeInForce',
  'goodTill',
  'postOnly',
  'reduceOnly',
  'display',
  'tag',
  'sizeAt',
] as const

const sources: readonly TriggerSource[] = ['last', 'bidAsk', 'mid', 'mark']
const forces: readonly TimeInForce[] = ['GTC', 'IOC', 'FOK', 'GTD', 'DAY', 'AT_OPEN', 'AT_CLOSE']
const forceFlags = [
  0,
  CommandFlag.ioc,
  CommandFlag.fok,
  CommandFlag.gtd,
  CommandFlag.day,
  CommandFlag.atOpen,
  CommandFlag.atClose,
] as const

/** Where the numbers of an order's terms are prepared. */
export interface TermsDraft {
  flags: number
  price: number
  tag: string | undefined
  type: OrderType
  readonly terms: CommandTerms
}

/** No rarer terms. */
export function emptyTerms(): CommandTerms {
  return {
    flags: 0,
    trigger: Number.NaN,
    trail: 0,
    limitOffset: 0,
    display: 0,
    parent: 0,
    group: 0,
    expires: 0n,
  }
}

function clear(terms: CommandTerms): void {
  terms.flags = 0
  terms.trigger = Number.NaN
  terms.trail = 0
  terms.limitOffset = 0
  terms.display = 0
  terms.parent = 0
  terms.group = 0
  terms.expires = 0n
}

/** Reads everything but the amount. */
export function readTerms(draft: TermsDraft, instrument: Instrument, call: string, options: OrderTerms): void {
  const { price, timeInForce, postOnly, tag } = options
  draft.flags = 0
  draft.price = 0
  const isRare =
    options.stopPrice !== undefined ||
    options.touchPrice !== undefined ||
    options.trail !== undefined ||
    options.limitOffset !== undefined ||
    options.trigger !== undefined ||
    options.goodTill !== undefined ||
    options.reduceOnly !== undefined ||
    options.display !== undefined
  clear(draft.terms)
  if (isRare) readRareTerms(draft, instrument, options)
  draft.type = typeOf(instrument, call, options)
  if (price !== undefined) {
    draft.price = limitTicks(instrument, price)
    draft.flags |= CommandFlag.limit
  } else if (options.limitOffset !== undefined) {
    draft.flags |= CommandFlag.limit
  }
  if (draft.type === 'marketToLimit') draft.flags |= CommandFlag.marketToLimit
  readTimeInForce(draft, options)
  if (postOnly !== undefined && typeof postOnly !== 'boolean') {
    throw refusedOption('postOnly', postOnly, 'true or false')
  }
  if (postOnly === true) {
    if ((draft.flags & CommandFlag.limit) === 0) {
      throw refusedOption('postOnly', postOnly, 'it with a price: a market order always trades')
    }
    if (timeInForce === 'IOC' || timeInForce === 'FOK') {
      throw refusedOption('postOnly', postOnly, "it with timeInForce 'GTC': nothing would be left to rest")
    }
    draft.flags |= CommandFlag.postOnly
  }
  if (tag !== undefined && typeof tag !== 'string') throw refusedOption('tag', tag, 'a text')
  draft.tag = tag
  if (draft.terms.flags !== 0 || draft.terms.display !== 0) draft.flags |= CommandFlag.terms
}

/** The type that the prices mean; one that is stated must be the same. */
function typeOf(instrument: Instrument, call: string, options: OrderTerms): OrderType {
  const { type, price, stopPrice, touchPrice, trail, limitOffset } = options
  let meant: OrderType = price === undefined ? 'market' : 'limit'
  if (trail !== undefined) meant = limitOffset === undefined ? 'trailingStop' : 'trailingStopLimit'
  else if (stopPrice !== undefined) meant = price === undefined ? 'stopMarket' : 'stopLimit'
  else if (touchPrice !== undefined) meant = price === undefined ? 'marketIfTouched' : 'limitIfTouched'
  if (type === undefined || type === meant) return meant
  if (type === 'marketToLimit' && meant === 'market') return type
  const needs = accepts[type]
  if (needs === undefined) throw refusedOption('type', type, `one of ${Object.keys(accepts).join(', ')}`)
  if (price !== undefined && (type === 'market' || type === 'marketToLimit')) {
    throw refusedOption('price', price, `no price with type '${type}'`)
  }
  if (price === undefined && needs.includes('price')) {
    throw new TickforgeError(
      'ERR_ORDER_PRICE',
      `${call}: a ${words(type)} order of ${instrument.symbol} has no price`,
      {
        details: { symbol: instrument.symbol, accepted: needs },
      },
    )
  }
  throw refusedOption('type', type, `it with ${needs}; what was given is a ${words(meant)} order`)
}

const accepts: Readonly<Record<OrderType, string>> = {
  market: 'no price at all',
  limit: 'price',
  marketToLimit: 'no price at all',
  stopMarket: 'stopPrice',
  stopLimit: 'stopPrice and price',
  marketIfTouched: 'touchPrice',
  limitIfTouched: 'touchPrice and price',
  trailingStop: 'trail',
  trailingStopLimit: 'trail and limitOffset',
}

function words(type: OrderType): string {
  return type.replace(/[A-Z]/g, letter => ` ${letter.toLowerCase()}`)
}

function readRareTerms(draft: TermsDraft, instrument: Instrument, options: OrderTerms): void {
  const { terms } = draft
  const { stopPrice, touchPrice, trail, limitOffset, trigger, reduceOnly, display } = options
  if (stopPrice !== undefined && touchPrice !== undefined) {
    throw refusedOption('touchPrice', touchPrice, 'stopPrice or touchPrice, not both')
  }
  if (stopPrice !== undefined) {
    terms.flags |= TermFlag.stop
    terms.trigger = triggerPrice('stopPrice', instrument, stopPrice)
  }
  if (touchPrice !== undefined) {
    terms.flags |= TermFlag.ifTouched
    terms.trigger = triggerPrice('touchPrice', instrument, touchPrice)
  }
  if (trail !== undefined) readTrail(draft, instrument, options, trail)
  else if (limitOffset !== undefined) throw refusedOption('limitOffset', limitOffset, 'it with trail')
  if (trigger !== undefined) {
    const at = sources.indexOf(trigger)
    if (at < 0) throw refusedOption('trigger', trigger, sources.map(source => `'${source}'`).join(', '))
    if ((terms.flags & (TermFlag.stop | TermFlag.ifTouched)) === 0) {
      throw refusedOption('trigger', trigger, 'it with stopPrice, touchPrice or trail')
    }
    terms.flags |= (at + 1) << TermFlag.sourceShift
  }
  if (reduceOnly !== undefined && typeof reduceOnly !== 'boolean') {
    throw refusedOption('reduceOnly', reduceOnly, 'true or false')
  }
  if (reduceOnly === true) terms.flags |= TermFlag.reduceOnly
  if (display !== undefined) {
    if (options.price === undefined)
      throw refusedOption('display', display, 'it with a price: only what rests is shown')
    terms.display = instrument.lotsOf(display)
  }
}

function readTrail(draft: TermsDraft, instrument: Instrument, options: OrderTerms, trail: TrailOffset): void {
  const { terms } = draft
  const { touchPrice, price, limitOffset } = options
  if (touchPrice !== undefined) throw refusedOption('trail', 'with touchPrice', 'it with stopPrice or alone')
  if (price !== undefined) {
    throw refusedOption('price', price, 'limitOffset: the limit of a trailing stop follows its stop')
  }
  const keys = typeof trail === 'object' && trail !== null ? Object.keys(trail) : []
  const accepted = 'exactly one of { price }, { bps } and { ticks }, above zero'
  if (keys.length !== 1) throw refusedOption('trail', trail, accepted)
  const value = Object.values(trail)[0] as unknown
  if (typeof value !== 'number' || !(value > 0 && value < 1e9)) throw refusedOption(`trail.${keys[0]}`, value, accepted)
  terms.flags |= TermFlag.stop
  if ('bps' in trail) {
    if (value > 10_000) throw refusedOption('trail.bps', value, 'basis points up to 10,000')
    terms.flags |= TermFlag.trailBps
    terms.trail = value
  } else if ('price' in trail) {
    terms.flags |= TermFlag.trailPrice
    terms.trail = value
  } else if ('ticks' in trail) {
    if (!Number.isSafeInteger(value)) throw refusedOption('trail.ticks', value, 'a whole number of ticks')
    terms.flags |= TermFlag.trailPrice
    terms.trail = instrument.priceOf(value)
  } else {
    throw refusedOption('trail', keys[0], accepted)
  }
  if (limitOffset !== undefined) {
    if (!Number.isSafeInteger(limitOffset) || limitOffset < 0) {
      throw refusedOption('limitOffset', limitOffset, 'a whole number of ticks from 0')
    }
    terms.flags |= TermFlag.trailLimit
    terms.limitOffset = limitOffset
  }
}

function readTimeInForce(draft: TermsDraft, options: OrderTerms): void {
  const { goodTill } = options
  const force = options.timeInForce ?? (goodTill === undefined ? 'GTC' : 'GTD')
  const at = forces.indexOf(force)
  if (at < 0) throw refusedOption('timeInForce', force, forces.map(word => `'${word}'`).join(', '))
  if ((force === 'GTD') !== (goodTill !== undefined)) {
    const accepted = force === 'GTD' ? "goodTill with timeInForce 'GTD'" : "it with timeInForce 'GTD'"
    throw refusedOption('goodTill', goodTill, accepted)
  }
  draft.flags |= forceFlags[at]!
  if (goodTill !== undefined) {
    draft.terms.expires = BigInt(timeText(goodTill, 'goodTill'))
    draft.flags |= CommandFlag.terms
  }
}

/** A trigger price, which need not lie on the grid: the market's prices are compared with it. */
export function triggerPrice(option: string, instrument: Instrument, price: PriceInput): number {
  const value = price instanceof InstrumentPrice ? price.value : price
  if (typeof value === 'number' && Math.abs(value) < 9e9) return value
  throw new TickforgeError('ERR_ORDER_PRICE', `${option} ${value} of ${instrument.symbol} is not a price`, {
    details: { option, symbol: instrument.symbol, price: value, accepted: 'a finite number' },
  })
}

/** Ticks of a limit; what is paid in full has no price at or below zero. */
export function limitTicks(instrument: Instrument, price: PriceInput): number {
  const ticks = instrument.ticksOf(price)
  if (ticks <= 0 && (instrument.paysNotional || instrument.kind === 'perpetual')) {
    throw new TickforgeError('ERR_ORDER_PRICE', `price ${price} of ${instrument.symbol} is not above zero`, {
      details: { symbol: instrument.symbol, price: Number(price), accepted: 'a price above zero' },
    })
  }
  return ticks
}
