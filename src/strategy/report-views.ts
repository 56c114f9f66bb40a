/** What happens to own orders, and timers, as handlers see it. */
import type { EventColumns } from './columns.ts'
import type { Instrument, Side } from './instrument.ts'
import type { OrderHandle } from './order-handle.ts'
import {
  type CancelReason,
  cancelReasons,
  type OrderStatus,
  type ReportKind,
  reasonCodes,
  reportKinds,
} from './reasons.ts'
import { ColumnView, keep } from './views.ts'

/** What every report tells. A view is valid during its handler; `copy()` keeps it. */
interface ReportView {
  /** The order. */
  readonly order: OrderHandle
  /** Symbol of its instrument. */
  readonly symbol: string
  /** Its instrument. */
  readonly instrument: Instrument
  /** When the strategy sees it: milliseconds since 1970 with fraction. */
  readonly time: number
  /** The same in nanoseconds, every digit. */
  readonly tsNanos: bigint
  /** When it happened at the venue, in nanoseconds since 1970. */
  readonly tsEventNanos: bigint
  /** The position of the instrument after it; in a hedging account the leg that the order acts on. */
  readonly position: number
  /** The account's cash after it, in the instrument's currency. */
  readonly cash: number
}

/** A report on an own order that is no fill. */
export interface OrderReport extends ReportView {
  /** What it tells. */
  readonly kind: Exclude<ReportKind, 'filled'>
  /** Where the order stands after it. */
  readonly status: OrderStatus
  /** Why it was refused, a stable code such as `'ERR_RISK_MAX_POSITION'`; undefined where nothing was refused. */
  readonly code: string | undefined
  /** Why it was cancelled; undefined for every other kind. */
  readonly reason: CancelReason | undefined
  /** A report that stays as it is. */
  copy(): OrderReport
}

/** An execution of an own order. */
export interface Fill extends ReportView {
  readonly kind: 'filled'
  /** The execution's price. */
  readonly price: number
  /** The executed quantity. */
  readonly quantity: number
  /** The own order's side. */
  readonly side: Side
  /** Whether the own order rested (`'maker'`) or took (`'taker'`). */
  readonly liquidity: 'maker' | 'taker'
  /** What is left of the order. */
  readonly leaves: number
  /**
   * The fee in the instrument's currency; a rebate is below zero. Where the pair takes the fee of a purchase from what it
   * brings, that much of the base has left the position.
   */
  readonly fee: number
  /** Average price of that position after it; NaN when flat. */
  readonly avgEntryPrice: number
  /** A fill that stays as it is. */
  copy(): Fill
}

/** A timer that fired. */
export interface Timer {
  readonly kind: 'timer'
  /** Its number, as `setTimer` and `every` returned it. */
  readonly id: number
  /** The name that it was set with, else one made from its number. */
  readonly name: string
  /** When it fires: milliseconds since 1970 with fraction. */
  readonly time: number
  /** The same in nanoseconds, every digit. */
  readonly tsNanos: bigint
  /** A timer that stays as it is. */
  copy(): Timer
}

/** Which order the row is about: set by the driver before the handlers are called. */
export interface CurrentOrder {
  order: OrderHandle
}

abstract class OrderRowView<T> extends ColumnView<T> {
  private readonly current: CurrentOrder

  constructor(columns: EventColumns, instruments: readonly Instrument[], current: CurrentOrder) {
    super(columns, instruments)
    this.current = current
  }

  get order(): OrderHandle {
    return this.current.order
  }

  get position(): number {
    const { columns } = this
    return columns.p4[columns.row]!
  }

  get cash(): number {
    const { columns } = this
    return columns.p5[columns.row]!
  }

  /** The number behind the report's kind: reason, or side and liquidity. */
  protected get detail(): number {
    const { columns } = this
    return (columns.extra[columns.row]! >>> 8) & 0xff
  }
}

/** The view of reports that are no fills. */
export class OrderReportView extends OrderRowView<OrderReport> implements OrderReport {
  get kind(): OrderReport['kind'] {
    const { columns } = this
    return reportKinds[columns.extra[columns.row]! & 0xff] as OrderReport['kind']
  }

  get status(): OrderStatus {
    return this.order.status
  }

  get code(): string | undefined {
    return isRefusal(this.kind) ? reasonCodes[this.detail] : undefined
  }

  get reason(): CancelReason | undefined {
    return this.kind === 'canceled' ? cancelReasons[this.detail] : undefined
  }

  copy(): OrderReport {
    const { kind, order, symbol, instrument, time, tsNanos, tsEventNanos, position, cash, status, code, reason } = this
    const base = { kind, order, symbol, instrument, time, tsNanos, tsEventNanos, position, cash }
    return keep<OrderReport>({ ...base, status, code, reason })
  }
}

/** Whether a report refuses something. */
export function isRefusal(kind: ReportKind): boolean {
  return kind === 'denied' || kind === 'rejected' || kind === 'modifyRejected' || kind === 'cancelRejected'
}

/** The view of fills. */
export class FillView extends OrderRowView<Fill> implements Fill {
  get kind(): 'filled' {
    return 'filled'
  }

  get price(): number {
    const { columns } = this
    return columns.p0[columns.row]!
  }

  get quantity(): number {
    const { columns } = this
    return columns.p1[columns.row]!
  }

  get leaves(): number {
    const { columns } = this
    return columns.p2[columns.row]!
  }

  get fee(): number {
    const { columns } = this
    return columns.p3[columns.row]!
  }

  get avgEntryPrice(): number {
    const { columns } = this
    return columns.p6[columns.row]!
  }

  get side(): Side {
    return (this.detail & 1) === 0 ? 'buy' : 'sell'
  }

  get liquidity(): 'maker' | 'taker' {
    return (this.detail & 2) === 0 ? 'maker' : 'taker'
  }

  copy(): Fill {
    const { kind, order, symbol, instrument, time, tsNanos, tsEventNanos, position, cash } = this
    const { price, quantity, side, liquidity, leaves, fee, avgEntryPrice } = this
    const base = { kind, order, symbol, instrument, time, tsNanos, tsEventNanos, position, cash }
    return keep<Fill>({ ...base, price, quantity, side, liquidity, leaves, fee, avgEntryPrice })
  }
}

/** The view of timers. */
export class TimerView extends ColumnView<Timer> implements Timer {
  private readonly names: ReadonlyMap<number, string>

  /** A view whose timers have these names, by number. */
  constructor(columns: EventColumns, instruments: readonly Instrument[], names: ReadonlyMap<number, string>) {
    super(columns, instruments)
    this.names = names
  }

  get kind(): 'timer' {
    return 'timer'
  }

  get id(): number {
    const { columns } = this
    return columns.extra[columns.row]!
  }

  get name(): string {
    return this.names.get(this.id) ?? `timer-${this.id}`
  }

  copy(): Timer {
    const { kind, id, name, time, tsNanos } = this
    return keep<Timer>({ kind, id, name, time, tsNanos })
  }
}
