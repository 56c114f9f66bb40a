/** Dividends, funding, borrow and splits: options, their completed form, and back. */
import { checkKeys, integer, oneOf, refused, text } from './configuration-checks.ts'
import { type Decimal, decimalText, type TimePoint, timeText } from './configuration-values.ts'

/** A dividend: who held at the close before `exDate` receives it on `payDate`; shorts pay. */
export interface DividendOptions {
  readonly symbol: string
  /** The first day on which shares trade without it, `'YYYY-MM-DD'`. */
  readonly exDate: string
  /** The day on which it is paid, `'YYYY-MM-DD'`. A run that ends before has not received it. */
  readonly payDate: string
  /** Money a unit, above zero. */
  readonly amount: Decimal
}

/** Funding of a perpetual: −position × multiplier × mark × rate at the stamp. */
export interface FundingOptions {
  readonly symbol: string
  /** The stamp. */
  readonly time: TimePoint
  /** The rate; above zero longs pay. */
  readonly rate: Decimal
  /** The mark; the middle of the best prices, else the last price, where there is none. */
  readonly mark?: Decimal
}

/** Borrow of what is short: value × bps / 10⁴ / basis at each midnight UTC. */
export interface BorrowOptions {
  readonly symbol: string
  /** Basis points a year. */
  readonly bps: Decimal
  /** Days of a year. @default 365 */
  readonly basis?: number
}

/**
 * A split r:1: positions and orders go on in new units, quantity × r and price ÷ r; a fraction of a lot is paid in cash.
 */
export interface SplitOptions {
  /** An equity. */
  readonly symbol: string
  /** The first day in new units, `'YYYY-MM-DD'`; either this or `time`. */
  readonly date?: string
  /** The first moment in new units. */
  readonly time?: TimePoint
  /** New units for old ones: `'2:1'`, `'1:10'`. */
  readonly ratio: string
  /** What becomes of orders that rest, wait or are on their way. @default 'adjust' */
  readonly orders?: 'adjust' | 'cancel'
}

/** Cash that no fill brings, and splits. */
export interface CashEventOptions {
  /** How the prices were adjusted. Dividends need it and are refused on `'total'`; splits need `'raw'`. */
  readonly adjustment?: 'raw' | 'split' | 'total'
  readonly dividends?: readonly DividendOptions[]
  readonly funding?: readonly FundingOptions[]
  readonly borrow?: readonly BorrowOptions[]
  readonly splits?: readonly SplitOptions[]
}

/** Cash events, completed. */
export interface NativeCashEvents {
  adjustment: 'raw' | 'split' | 'total' | null
  dividends: { symbol: string; exDate: string; payDate: string; amount: string }[]
  funding: { symbol: string; time: string; rate: string; mark: string | null }[]
  borrow: { symbol: string; bps: string; basis: number }[]
  splits: {
    symbol: string
    date: string | null
    time: string | null
    ratio: string
    orders: 'adjust' | 'cancel'
  }[]
}

/** Completes cash events; `null` where there are none. */
export function completeCashEvents(options: CashEventOptions | undefined): NativeCashEvents | null {
  if (options === undefined) return null
  const field = 'cashEvents'
  checkKeys(options, field, ['adjustment', 'dividends', 'funding', 'borrow', 'splits'])
  const { adjustment, dividends = [], funding = [], borrow = [], splits = [] } = options
  if (dividends.length > 0 && (adjustment === undefined || adjustment === 'total')) {
    throw refused(`${field}.adjustment`, adjustment, "'raw' or 'split' with dividends: total-adjusted prices hold them")
  }
  if (splits.length > 0 && adjustment !== 'raw') {
    throw refused(`${field}.adjustment`, adjustment, "'raw' with splits: adjusted prices hold them")
  }
  return {
    adjustment: adjustment === undefined ? null : oneOf(adjustment, `${field}.adjustment`, ['raw', 'split', 'total']),
    dividends: dividends.map((dividend, at) => {
      const name = `${field}.dividends[${at}]`
      checkKeys(dividend, name, ['symbol', 'exDate', 'payDate', 'amount'])
      return {
        symbol: text(dividend.symbol, `${name}.symbol`),
        exDate: date(dividend.exDate, `${name}.exDate`),
        payDate: date(dividend.payDate, `${name}.payDate`),
        amount: decimalText(dividend.amount, `${name}.amount`),
      }
    }),
    funding: funding.map((stamp, at) => {
      const name = `${field}.funding[${at}]`
      checkKeys(stamp, name, ['symbol', 'time', 'rate', 'mark'])
      return {
        symbol: text(stamp.symbol, `${name}.symbol`),
        time: timeText(stamp.time, `${name}.time`),
        rate: decimalText(stamp.rate, `${name}.rate`),
        mark: stamp.mark === undefined ? null : decimalText(stamp.mark, `${name}.mark`),
      }
    }),
    borrow: borrow.map((terms, at) => {
      const name = `${field}.borrow[${at}]`
      checkKeys(terms, name, ['symbol', 'bps', 'basis'])
      return {
        symbol: text(terms.symbol, `${name}.symbol`),
        bps: decimalText(terms.bps, `${name}.bps`),
        basis: integer(terms.basis ?? 365, `${name}.basis`, 1),
      }
    }),
    splits: splits.map((split, at) => completeSplit(split, `${field}.splits[${at}]`)),
  }
}

function completeSplit(split: SplitOptions, name: string): NativeCashEvents['splits'][number] {
  checkKeys(split, name, ['symbol', 'date', 'time', 'ratio', 'orders'])
  if ((split.date === undefined) === (split.time === undefined)) {
    throw refused(`${name}.date`, split.date, 'either `date` or `time`')
  }
  if (!/^\s*[1-9]\d*\s*:\s*[1-9]\d*\s*$/.test(text(split.ratio, `${name}.ratio`))) {
    throw refused(`${name}.ratio`, split.ratio, "two whole numbers above zero, the new units first: '2:1'")
  }
  return {
    symbol: text(split.symbol, `${name}.symbol`),
    date: split.date === undefined ? null : date(split.date, `${name}.date`),
    time: split.time === undefined ? null : timeText(split.time, `${name}.time`),
    ratio: split.ratio.replaceAll(/\s/g, ''),
    orders: oneOf(split.orders ?? 'adjust', `${name}.orders`, ['adjust', 'cancel']),
  }
}

function date(value: string, field: string): string {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text(value, field))) throw refused(field, value, "'YYYY-MM-DD'")
  return value
}

/** Completed cash events as options again. */
export function repeatCashEvents(events: NativeCashEvents | null | undefined): { cashEvents?: CashEventOptions } {
  if (events === null || events === undefined) return {}
  // A run.json from before there were splits names none.
  const { adjustment, dividends, funding, borrow, splits = [] } = events
  return {
    cashEvents: {
      ...(adjustment !== null && { adjustment }),
      dividends,
      funding: funding.map(({ symbol, time, rate, mark }) => ({
        symbol,
        time: BigInt(time),
        rate,
        ...(mark !== null && { mark }),
      })),
      borrow,
      ...(splits.length > 0 && {
        splits: splits.map(({ date, time, ...split }) => ({
          ...split,
          ...(date !== null && { date }),
          ...(time !== null && { time: BigInt(time) }),
        })),
      }),
    },
  }
}
