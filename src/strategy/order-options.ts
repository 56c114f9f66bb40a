/** What an order may be told, checked at the line of the call, as the numbers of a command. */
import { TickforgeError } from '../errors.ts'
import { CommandFlag, type CommandTerms } from './columns.ts'
import { type Instrument, InstrumentPrice } from './instrument.ts'
import { checkOptions, refusedOption } from './order-refusals.ts'
import { emptyTerms, type OrderTerms, type PriceInput, readTerms, termKeys } from './order-terms.ts'
import type { OrderType } from './reasons.ts'

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
export type TargetOptions = Pick<OrderTerms, 'price' | 'type' | 'timeInForce' | 'goodTill' | 'postOnly' | 'tag'> &
  SizingTerms

/** What a call comes to: the numbers of its command. Reused from call to call. */
export class OrderDraft {
  flags = 0
  amount = 0
  /** In ticks. */
  price = 0
  /** Stop price of a risk target. */
  stop = 0
  tag: string | undefined = undefined
  type: OrderType = 'market'
  /** What is rarely said; read where the flags say so. */
  readonly terms: CommandTerms = emptyTerms()
}

const orderKeys: readonly string[] = ['quantity', 'cash', 'percent', ...termKeys]
const submitKeys: readonly string[] = ['side', ...orderKeys]
const targetAmounts: readonly string[] = ['quantity', 'value', 'percent', 'risk']
const largestAmount = 1e15

/** Checks the options of an order of a given side. */
export function readOrder(
  draft: OrderDraft,
  instrument: Instrument,
  call: 'buy' | 'sell' | 'submit' | 'bracket',
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
  draft.stop = 0
  if (side === 'sell') draft.flags |= CommandFlag.sell
  if (quantity === undefined && draft.type === 'marketToLimit') {
    throw refusedOption('quantity', quantity, "a quantity with type 'marketToLimit'")
  }
  if (quantity === undefined && options.reduceOnly === true) {
    throw refusedOption('quantity', quantity, 'a quantity with reduceOnly')
  }
  if (quantity !== undefined) {
    if (sizeAt !== undefined) throw refusedOption('sizeAt', sizeAt, 'it with cash or percent only')
    draft.amount = instrument.lotsOf(quantity)
    return
  }
  draft.flags |= cash === undefined ? CommandFlag.fraction : CommandFlag.cash
  draft.amount = positiveAmount(cash === undefined ? 'percent' : 'cash', cash ?? percent)
  readSizing(draft, sizeAt)
}

/** Checks the options of an order that hangs on a parent: without a quantity it is for all that the parent fills. */
export function readExit(
  draft: OrderDraft,
  instrument: Instrument,
  call: string,
  side: 'buy' | 'sell',
  options: OrderTerms & { readonly quantity?: number },
): void {
  const { quantity, ...terms } = options
  readTerms(draft, instrument, call, terms)
  draft.stop = 0
  if (draft.type === 'marketToLimit') throw refusedOption('type', draft.type, 'any other type')
  if (side === 'sell') draft.flags |= CommandFlag.sell
  if (quantity !== undefined) {
    draft.amount = instrument.lotsOf(quantity)
    return
  }
  draft.amount = 0
  draft.flags |= CommandFlag.parent
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
  draft.stop = 0
  if (draft.terms.flags !== 0 || draft.type === 'marketToLimit') {
    throw refusedOption('target', draft.type, 'a plain market or limit order: a target is sized once')
  }
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
