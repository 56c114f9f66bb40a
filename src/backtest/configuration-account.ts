/** The account and its margin: options, their completed form, and back. */
import { checkKeys, flag, oneOf, refused, text } from './configuration-checks.ts'
import { type Decimal, decimalText } from './configuration-values.ts'

/** How much margin a position takes: a share of its value (`0.1`), or money for each unit of quantity. */
export type MarginRate = Decimal | { readonly perContract: Decimal }

/** Margin of an instrument, before the account's. */
export interface MarginOptions {
  /** What opening takes: on the position plus the worst side of the open orders. */
  readonly initialMargin?: MarginRate
  /** What keeping takes: below it, open orders are cancelled and positions closed at market. */
  readonly maintenanceMargin?: MarginRate
}

/** The account that strategies trade on. */
export interface AccountOptions extends MarginOptions {
  /** Its currency. @default 'USD' */
  readonly currency?: string
  /** Cash at the start. @default 100000 */
  readonly initialCash?: Decimal
  /** Whether all strategies trade on one account instead of one each. @default false */
  readonly shared?: boolean
  /**
   * What orders are checked against: `'cash'` buys with what is there and sells what is held; `'margin'` needs
   * `initialMargin` and `maintenanceMargin`; `'unchecked'` lets cash go below zero. @default 'unchecked'
   */
  readonly type?: 'unchecked' | 'cash' | 'margin'
  /**
   * What a closing fill closes: a share of the position at its average price (round trips go from flat to flat), its
   * oldest lots, or its newest (round trips go from a lot to what closed it). @default 'average'
   */
  readonly lots?: 'average' | 'fifo' | 'lifo'
  /**
   * `'hedging'` holds long and short of an instrument apart: a buy makes the long larger, a sale the short, and an order
   * with `reduceOnly` makes the other leg smaller. Not on cash accounts, shared ones, or with splits.
   * @default 'netting'
   */
  readonly positions?: 'netting' | 'hedging'
  /** What it has at the start of currencies other than its own: `{ EUR: 5000 }`; each needs a rate. */
  readonly balances?: Readonly<Record<string, Decimal>>
  /**
   * What other currencies are worth in its own: `{ EUR: 1.08, GBP: 'GBPUSD', JPY: { instrument: 'USDJPY' } }`. An
   * instrument whose currency has none cannot be traded.
   */
  readonly rates?: Readonly<Record<string, CurrencyRate>>
}

/**
 * What one unit of a currency is worth in the account's own: a number that holds for the whole run, or an instrument of
 * the run whose price it is, in either direction. `initial` is the rate until that has a price; a balance at the start
 * needs it.
 */
export type CurrencyRate = Decimal | { readonly instrument: string; readonly initial?: Decimal }

/** A rate, completed. */
export interface NativeRateTerms {
  rate: string | null
  instrument: string | null
}

/** A margin rate, completed. */
export type NativeMarginAmount = { type: 'rate'; rate: string } | { type: 'perContract'; amount: string }

/** Margin, completed. */
export interface NativeMargin {
  initial: NativeMarginAmount | null
  maintenance: NativeMarginAmount | null
}

/** The account, completed. */
export interface NativeAccount {
  currency: string
  initialCash: string
  shared: boolean
  type: 'unchecked' | 'cash' | 'margin'
  lots: 'average' | 'fifo' | 'lifo'
  positions: 'netting' | 'hedging'
  margin: NativeMargin
  balances: Record<string, string>
  rates: Record<string, NativeRateTerms>
}

const accountKeys = [
  'currency',
  'initialCash',
  'shared',
  'type',
  'lots',
  'positions',
  'initialMargin',
  'maintenanceMargin',
  'balances',
  'rates',
] as const

/** Completes the account. */
export function completeAccount(account: AccountOptions): NativeAccount {
  checkKeys(account, 'account', accountKeys)
  const type = oneOf(account.type ?? 'unchecked', 'account.type', ['unchecked', 'cash', 'margin'])
  const margin = completeMargin(account, 'account')
  if (type !== 'margin' && (margin.initial !== null || margin.maintenance !== null)) {
    throw refused('account.type', type, "'margin' together with margin rates")
  }
  return {
    currency: text(account.currency ?? 'USD', 'account.currency'),
    initialCash: decimalText(account.initialCash ?? 100_000, 'account.initialCash'),
    shared: flag(account.shared ?? false, 'account.shared'),
    type,
    lots: oneOf(account.lots ?? 'average', 'account.lots', ['average', 'fifo', 'lifo']),
    positions: oneOf(account.positions ?? 'netting', 'account.positions', ['netting', 'hedging']),
    margin,
    balances: eachOf(account.balances, 'account.balances', decimalText),
    rates: eachOf(account.rates, 'account.rates', rateTerms),
  }
}

function eachOf<T, N>(
  given: Readonly<Record<string, T>> | undefined,
  field: string,
  complete: (value: T, field: string) => N,
): Record<string, N> {
  const entries = Object.entries(given ?? {})
  return Object.fromEntries(entries.map(([code, value]) => [code, complete(value, `${field}.${code}`)]))
}

function rateTerms(value: CurrencyRate, field: string): NativeRateTerms {
  if (typeof value !== 'object') {
    const isNumber = typeof value === 'number' || /^[-+\d.]/.test(value)
    return isNumber ? { rate: aboveZero(value, field), instrument: null } : { rate: null, instrument: value }
  }
  checkKeys(value, field, ['instrument', 'initial'])
  const rate = value.initial === undefined ? null : aboveZero(value.initial, `${field}.initial`)
  return { rate, instrument: text(value.instrument, `${field}.instrument`) }
}

/** Completes the margin of an account or instrument. */
export function completeMargin(options: MarginOptions, field: string): NativeMargin {
  return {
    initial: rate(options.initialMargin, `${field}.initialMargin`),
    maintenance: rate(options.maintenanceMargin, `${field}.maintenanceMargin`),
  }
}

function rate(value: MarginRate | undefined, field: string): NativeMarginAmount | null {
  if (value === undefined) return null
  if (typeof value !== 'object') return { type: 'rate', rate: aboveZero(value, field) }
  checkKeys(value, field, ['perContract'])
  return { type: 'perContract', amount: aboveZero(value.perContract, `${field}.perContract`) }
}

function aboveZero(value: Decimal, field: string): string {
  const digits = decimalText(value, field)
  if (digits.startsWith('-') || digits === '0') throw refused(field, value, 'a number above zero')
  return digits
}

/** A completed account as options again. */
export function repeatAccount({ margin, rates, ...account }: NativeAccount): AccountOptions {
  return { ...account, ...repeatMargin(margin), rates: eachOf(rates, 'account.rates', repeatRate) }
}

function repeatRate({ rate, instrument }: NativeRateTerms): CurrencyRate {
  if (instrument === null) return rate ?? ''
  return { instrument, ...(rate !== null && { initial: rate }) }
}

/** Completed margin as options again; results before there was margin have none. */
export function repeatMargin(margin: NativeMargin | null | undefined): MarginOptions {
  const back = (amount: NativeMarginAmount): MarginRate =>
    amount.type === 'rate' ? amount.rate : { perContract: amount.amount }
  return {
    ...(margin?.initial && { initialMargin: back(margin.initial) }),
    ...(margin?.maintenance && { maintenanceMargin: back(margin.maintenance) }),
  }
}
