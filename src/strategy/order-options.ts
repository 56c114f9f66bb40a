/** What an order may be told, checked at the line of the call, as the numbers of a command. */
import { TickforgeError } from '../errors.ts'
import { suggestion } from '../suggest.ts'
import { CommandFlag } from './columns.ts'
import { type Instrument, InstrumentPrice } from './instrument.ts'

/** A price: a number on the instrument's grid, or one made by `instrument.price(…)`. */
export type PriceInput = number | InstrumentPrice

/** What every order can be told besides how much. */
export interface OrderTerms {
  /** The limit; an order without one is a market order. */
  readonly price?: PriceInput
  /** Said by `price` already; to state it. */
  readonly type?: 'market' | 'limit'
  /** Good till cancelled, immediate or cancel, fill or kill. @default 'GTC' */
  readonly timeInForce?: 'GTC' | 'IOC' | 'FOK'
  /** Rejected instead of trading on arrival. @default false */
  readonly postOnly?: boolean
  /** A text of one's own on the handle. */
  readonly tag?: string
}

/** When an amount that depends on the account becomes a quantity. */
export interface SizingTerms {
  /** By the venue at execution, or now. @default 'fill' for market orders, 'signal' for all others */
  readonly sizeAt?: 'fill' | 'signal'
}

/** How much to buy or sell: exactly one of the three. */
export type OrderAmount =
  | { readonly quantity: number; readonly cash?: never; readonly percent?: never; readonly sizeAt?: never }
  | ({
      /** As much as this amount of the account's currency buys. */ readonly cash: number
      readonly quantity?: never
      readonly percent?: never
    } & SizingTerms)
  | ({
      /** As much as this percentage of the equity buys. */ readonly percent: number
      readonly quantity?: never
      readonly cash?: never
    } & SizingTerms)

/** Options of `buy` and `sell`. */
export type OrderOptions = OrderAmount & OrderTerms

/** Options of `submit`: those of `buy` and `sell`, and the side. */
export type SubmitOptions = OrderOptions & { readonly side: 'buy' | 'sell' }

/** The position to hold: exactly one of the four; below zero is short. */
export type TargetAmount =
  | { readonly quantity: number }
  | { /** Worth this amount of the account's currency. */ readonly value: number }
  | { /** Worth this percentage of the equity. */ readonly percent: number }
  | {
      /** As much as loses `fraction` of the equity when the price goes to `stop`; short when the stop lies above. */
      readonly risk: { readonly fraction: number; readonly stop: PriceInput }
    }

/** How a target is traded. */
export type TargetOptions = OrderTerms & SizingTerms

/** What a call comes to: the numbers of its command. Reused from call to call. */
export class OrderDraft {
  flags = 0
  amount = 0
  /** In ticks. */
  price = 0
  /** Stop price of a risk target. */
  stop = 0
  tag: string | undefined = undefined
}

const termKeys = ['price', 'type', 'timeInForce', 'postOnly', 'tag', 'sizeAt'] as const
const orderKeys: readonly string[] = ['quantity', 'cash', 'percent', ...termKeys]
const submitKeys: readonly string[] = ['side', ...orderKeys]
const targetAmounts: readonly string[] = ['quantity', 'value', 'percent', 'risk']
const largestAmount = 1e15

/** The error for an option that is not accepted. */
export function refusedOption(option: string, value: unknown, accepted: string): TickforgeError {
  const shown = typeof value === 'string' ? `'${value}'` : typeof value === 'object' ? 'an object' : String(value)
  return new TickforgeError('ERR_ORDER_OPTION', `${option}: ${shown} is not accepted; give ${accepted}`, {
    details: { option, value, accepted },
  })
}

/** Requires an object without unknown keys. */
export function checkOptions(options: unknown, call: string, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null) {
    throw refusedOption(call, options, `an object with ${known.join(', ')}`)
  }
  for (const key in options) {
    if (known.includes(key)) continue
    throw new TickforgeError('ERR_ORDER_OPTION', `${call} knows no option '${key}'${suggestion(key, known)}`, {
      details: { option: key, accepted: known },
    })
  }
}

/** Checks the options of an order of a given side. */
export function readOrder(
  draft: OrderDraft,
  instrument: Instrument,
  call: 'buy' | 'sell' | 'submit',
  side: 'buy' | 'sell',
  options: OrderOptions,
): void {
  checkOptions(options, call, call === 'submit' ? submitKeys : orderKeys)
  const { quantity, cash, percent, sizeAt } = options
  const given = Number(quantity !== undefined) + Number(cash !== undefined) + Number(percent !== undefined)
  if (given !== 1) {
    throw refusedOption(call, `${given} amounts`, 'exactly one of quantity, cash and percent')
  }
  readTerms(draft, instrument, call, options)
  if (side === 'sell') draft.flags |= CommandFlag.sell
  if (quantity !== undefined) {
    if (sizeAt !== undefined) throw refusedOption('sizeAt', sizeAt, 'it with cash or percent only')
    draft.amount = instrument.lotsOf(quantity)
    return
  }
  draft.flags |= cash === undefined ? CommandFlag.fraction : CommandFlag.cash
  draft.amount = positiveAmount(cash === undefined ? 'percent' : 'cash', cash ?? percent)
  readSizing(draft, sizeAt)
}

/** Checks the amount and the options of a target. */
export function readTarget(
  draft: OrderDraft,
  instrument: Instrument,
  target: TargetAmount,
  options: TargetOptions,
): void {
  checkOptions(target, 'target', targetAmounts)
  checkOptions(options, 'target', termKeys)
  const keys = Object.keys(target)
  if (keys.length !== 1) throw refusedOption('target', keys.join(', '), `exactly one of ${targetAmounts.join(', ')}`)
  readTerms(draft, instrument, 'target', options)
  draft.flags |= CommandFlag.target
  if ('quantity' in target) {
    draft.amount = instrument.lotsOf(target.quantity, true)
  } else if ('value' in target) {
    draft.flags |= CommandFlag.cash
    draft.amount = anyAmount('value', target.value)
  } else if ('percent' in target) {
    draft.flags |= CommandFlag.fraction
    draft.amount = anyAmount('percent', target.percent)
  } else {
    readRisk(draft, instrument, target.risk)
  }
  readSizing(draft, options.sizeAt)
}

function readRisk(draft: OrderDraft, instrument: Instrument, risk: { fraction: number; stop: PriceInput }): void {
  checkOptions(risk, 'risk', ['fraction', 'stop'])
  const { fraction, stop } = risk
  if (typeof fraction !== 'number' || !(fraction > 0 && fraction <= 1)) {
    throw refusedOption('risk.fraction', fraction, 'a share of the equity above 0 and up to 1 (0.01 is one percent)')
  }
  draft.flags |= CommandFlag.risk
  draft.amount = fraction
  // A stop need not lie on the grid: no order is made of it.
  const value = stop instanceof InstrumentPrice ? stop.value : stop
  if (typeof value !== 'number' || !(Math.abs(value) < 9e9)) {
    throw new TickforgeError('ERR_ORDER_PRICE', `risk.stop ${value} of ${instrument.symbol} is not a price`, {
      details: { symbol: instrument.symbol, price: value, accepted: 'a finite number' },
    })
  }
  draft.stop = value
}

function readTerms(draft: OrderDraft, instrument: Instrument, call: string, terms: OrderTerms): void {
  const { price, type, timeInForce, postOnly, tag } = terms
  draft.flags = 0
  draft.price = 0
  draft.stop = 0
  if (type !== undefined && type !== 'market' && type !== 'limit') {
    throw refusedOption('type', type, "'market' or 'limit'")
  }
  if (price !== undefined) {
    if (type === 'market') throw refusedOption('price', price, "no price with type 'market'")
    draft.price = limitTicks(instrument, price)
    draft.flags = CommandFlag.limit
  } else if (type === 'limit') {
    throw new TickforgeError('ERR_ORDER_PRICE', `${call}: a limit order of ${instrument.symbol} has no price`, {
      details: { symbol: instrument.symbol, accepted: 'price' },
    })
  }
  if (timeInForce === 'IOC') draft.flags |= CommandFlag.ioc
  else if (timeInForce === 'FOK') draft.flags |= CommandFlag.fok
  else if (timeInForce !== undefined && timeInForce !== 'GTC') {
    throw refusedOption('timeInForce', timeInForce, "'GTC', 'IOC' or 'FOK'")
  }
  if (postOnly !== undefined && typeof postOnly !== 'boolean') {
    throw refusedOption('postOnly', postOnly, 'true or false')
  }
  if (postOnly === true) {
    if (price === undefined) throw refusedOption('postOnly', postOnly, 'it with a price: a market order always trades')
    if (timeInForce === 'IOC' || timeInForce === 'FOK') {
      throw refusedOption('postOnly', postOnly, "it with timeInForce 'GTC': nothing would be left to rest")
    }
    draft.flags |= CommandFlag.postOnly
  }
  if (tag !== undefined && typeof tag !== 'string') throw refusedOption('tag', tag, 'a text')
  draft.tag = tag
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

function readSizing(draft: OrderDraft, sizeAt: 'fill' | 'signal' | undefined): void {
  if (sizeAt !== undefined && sizeAt !== 'fill' && sizeAt !== 'signal') {
    throw refusedOption('sizeAt', sizeAt, "'fill' or 'signal'")
  }
  const isMarket = (draft.flags & CommandFlag.limit) === 0
  if (sizeAt === 'fill' || (sizeAt === undefined && isMarket)) draft.flags |= CommandFlag.sizeAtFill
}

function anyAmount(option: string, value: unknown): number {
  if (typeof value === 'number' && Math.abs(value) <= largestAmount) return value
  throw new TickforgeError('ERR_ORDER_QUANTITY', `${option}: ${value} is no amount`, {
    details: { option, value, accepted: `a number from -${largestAmount} to ${largestAmount}` },
  })
}

function positiveAmount(option: string, value: unknown): number {
  if (typeof value === 'number' && value > 0 && value <= largestAmount) return value
  throw new TickforgeError('ERR_ORDER_QUANTITY', `${option}: ${value} is no amount to trade`, {
    details: { option, value, accepted: `a number above 0, up to ${largestAmount}` },
  })
}
