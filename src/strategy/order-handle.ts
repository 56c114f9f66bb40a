/** The handle of an order: kept current from the reports that the strategy has seen. */
import type { Instrument, Side } from './instrument.ts'
import type { PriceInput } from './order-terms.ts'
import { isFinal, type OrderStatus, type OrderType } from './reasons.ts'
import { showAsPlainData } from './views.ts'

/** What can be changed of a working order. */
export interface OrderChange {
  /** The new total quantity, what is filled included. */
  readonly quantity?: number
  /** The new limit. */
  readonly price?: PriceInput
  /** The new stop of an order that waits for it. */
  readonly stopPrice?: PriceInput
  /** The new trigger of an if-touched order that waits for it. */
  readonly touchPrice?: PriceInput
}

/** What a handle acts through. */
export interface OrderActions {
  /** Asks the venue to change an order; false when it has ended already. */
  modifyOrder(order: OrderHandle, change: OrderChange): boolean
  /** Asks the venue to cancel an order; false when it has ended already. */
  cancelOrder(order: OrderHandle): boolean
}

/** An order of the strategy. All fields are as the strategy knows at the row that it sees. */
export class OrderHandle {
  /** Its number, counting the strategy's orders from 1. */
  readonly id: number
  /** The text that it was given. */
  readonly tag: string | undefined
  /** Its instrument. */
  readonly instrument: Instrument
  /** What it is. */
  readonly type: OrderType
  /** Its side; undefined while a target has not been sized. */
  side: Side | undefined
  /** Where it stands. */
  status: OrderStatus = 'pending'
  /** Its total quantity; NaN while the order has not been sized. */
  quantity: number
  /** What has been filled. */
  filled = 0
  /** Its limit; NaN for a market order. */
  price: number
  /** Whether a trigger or a parent has brought it into the market. */
  triggered = false
  /** Why it was denied, rejected or not changed: the code of the last refusal, else undefined. */
  code: string | undefined = undefined
  /** Requests on their way that the venue has not answered. @internal */
  requests = 0
  private readonly actions: OrderActions

  /** An order on its way to the venue. */
  constructor(
    actions: OrderActions,
    id: number,
    instrument: Instrument,
    side: Side | undefined,
    quantity: number,
    price: number,
    tag: string | undefined,
    type: OrderType,
  ) {
    this.actions = actions
    this.id = id
    this.instrument = instrument
    this.side = side
    this.quantity = quantity
    this.price = price
    this.tag = tag
    this.type = type
  }

  /** The instrument's symbol. */
  get symbol(): string {
    return this.instrument.symbol
  }

  /** What can still be filled: 0 once it has ended, NaN while the order has not been sized. */
  get leaves(): number {
    if (isFinal(this.status)) return 0
    if (this.filled === 0) return this.quantity
    const { instrument } = this
    return instrument.quantityOf(instrument.nearestLots(this.quantity) - instrument.nearestLots(this.filled))
  }

  /** Whether it has ended. */
  get done(): boolean {
    return isFinal(this.status)
  }

  /**
   * Asks the venue to change total quantity, limit, or both; the answer comes to `onOrder`. False, and nothing is
   * asked, when the order is known to have ended.
   *
   * @throws {@link TickforgeError} `ERR_ORDER_…` for numbers that no order can have, `ERR_CONTEXT_OUTSIDE`
   */
  modify(change: OrderChange): boolean {
    return this.actions.modifyOrder(this, change)
  }

  /**
   * Asks the venue to cancel; the answer comes to `onOrder`. False, and nothing is asked, when the order is known to
   * have ended.
   *
   * @throws {@link TickforgeError} `ERR_CONTEXT_OUTSIDE`
   */
  cancel(): boolean {
    return this.actions.cancelOrder(this)
  }

  /** The order as plain data. */
  toJSON(): Record<string, unknown> {
    const { id, tag, symbol, type, side, status, quantity, filled, leaves, price, triggered, code } = this
    return { id, tag, symbol, type, side, status, quantity, filled, leaves, price, triggered, code }
  }
}
showAsPlainData(OrderHandle.prototype)
