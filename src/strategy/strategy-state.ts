/** One strategy within a run: its account and orders as it knows them, and the way of its commands. */
import { TickforgeError } from '../errors.ts'
import type { NativeRate } from '../native/binding.ts'
import { suggestion } from '../suggest.ts'
import { Balances } from './balances.ts'
import { type CommandColumns, CommandFlag, CommandKind, type EventColumns } from './columns.ts'
import type { Instrument, Side } from './instrument.ts'
import { InstrumentContext } from './instrument-context.ts'
import { type OrderActions, type OrderChange, OrderHandle } from './order-handle.ts'
import { OrderDraft } from './order-options.ts'
import { checkOptions, refusedOption } from './order-refusals.ts'
import { limitTicks, triggerPrice } from './order-terms.ts'
import { isFinal, orderStatuses, reasonCodes, reportKinds } from './reasons.ts'
import type { LogLevel, LogRecord } from './records.ts'
import { Records } from './records.ts'

/** Amounts that are no quantity yet. */
const uncounted = CommandFlag.target | CommandFlag.cash | CommandFlag.fraction | CommandFlag.parent

/** What the state of a strategy is made from. */
export interface StateOptions {
  readonly name: string
  readonly index: number
  readonly columns: EventColumns
  readonly commands: CommandColumns
  readonly views: Float64Array
  /** All instruments of the run. */
  readonly instruments: readonly Instrument[]
  /** Indices of those that the strategy sees. */
  readonly seen: readonly number[]
  /** Timeframes by number. */
  readonly timeframes: readonly string[]
  /** Names of timeframes beside their own. */
  readonly aliases: Readonly<Record<string, string>>
  readonly depth: number
  readonly trades: boolean
  /** Bars of the warm-up: histories keep at least as many. */
  readonly warmupBars: number
  /** The accounts' own currency. */
  readonly currency: string
  /** What the account has of each currency at the start. */
  readonly balances: Readonly<Record<string, number>>
  /** What the others are worth in its own. */
  readonly rates: readonly NativeRate[]
  /** Is told of every log line. */
  readonly onLog: ((line: LogRecord) => void) | undefined
}

/** One strategy within a run. */
export class StrategyState implements OrderActions {
  readonly name: string
  readonly index: number
  readonly columns: EventColumns
  readonly commands: CommandColumns
  readonly timeframes: readonly string[]
  readonly options: StateOptions
  readonly records: Records
  /** By index in the run. */
  readonly contexts: readonly InstrumentContext[]
  /** Those that the strategy sees. */
  readonly seen: readonly InstrumentContext[]
  /** Orders that have not ended, or whose requests have not been answered. */
  readonly orders: Map<number, OrderHandle> = new Map()
  /** Names of those timers that have one, by id. */
  readonly timerNames: Map<number, string> = new Map()
  /** What the numbers of the next command are prepared in. */
  readonly draft: OrderDraft = new OrderDraft()
  /** The order of the row. */
  order!: OrderHandle
  /** Cash by currency. */
  readonly balances: Balances
  /** The handler that runs; empty outside of handlers. */
  handler = ''
  private orderNumber = 0

  /** A strategy before its first row. */
  constructor(options: StateOptions) {
    this.options = options
    this.name = options.name
    this.index = options.index
    this.columns = options.columns
    this.commands = options.commands
    this.timeframes = options.timeframes
    this.balances = new Balances(options.currency, options.balances, options.rates)
    this.records = new Records(options.name)
    this.contexts = options.instruments.map(instrument => new InstrumentContext(this, instrument))
    this.seen = options.seen.map(index => this.contexts[index]!)
  }

  /** Requires that one of this strategy's handlers runs. */
  requireHandler(call: string): void {
    if (this.handler !== '') return
    throw new TickforgeError('ERR_CONTEXT_OUTSIDE', `${call} was called outside of a handler of ${this.name}`, {
      details: { call, strategy: this.name, accepted: 'a call before the handler returns' },
    })
  }

  /** The context of a symbol that the strategy sees. */
  contextOf(symbol: string): InstrumentContext {
    const found = this.seen.find(context => context.instrument.symbol === symbol)
    if (found !== undefined) return found
    const symbols = this.seen.map(context => context.instrument.symbol)
    throw new TickforgeError(
      'ERR_ORDER_INSTRUMENT',
      `${this.name} sees no instrument '${symbol}'${suggestion(String(symbol), symbols)}`,
      { details: { symbol, strategy: this.name, accepted: symbols } },
    )
  }

  /** Number of a timeframe by its name or length. */
  timeframeIndex(name: string): number {
    const { aliases } = this.options
    const index = this.timeframes.indexOf(Object.hasOwn(aliases, name) ? aliases[name]! : name)
    if (index >= 0) return index
    const accepted = [...Object.keys(aliases), ...this.timeframes]
    throw new TickforgeError(
      'ERR_VIEW_NOT_DECLARED',
      `${this.name} declares no bars '${name}'${suggestion(String(name), accepted)}`,
      { details: { strategy: this.name, timeframe: name, accepted } },
    )
  }

  /** The number of the next order. */
  get nextOrder(): number {
    return this.orderNumber + 1
  }

  /** Writes an order: the one in {@link StrategyState.draft}, where no other is given. */
  submit(instrument: Instrument, side: Side | undefined, draft: OrderDraft = this.draft): OrderHandle {
    const { commands } = this
    commands.reserve()
    this.orderNumber += 1
    const id = this.orderNumber
    commands.write(
      CommandKind.submit,
      this.index,
      instrument.index,
      id,
      draft.flags,
      draft.amount,
      draft.price,
      draft.stop,
    )
    if ((draft.flags & CommandFlag.terms) !== 0) commands.writeTerms(draft.terms)
    const isCounted = (draft.flags & uncounted) === 0
    const quantity = isCounted ? instrument.quantityOf(draft.amount) : Number.NaN
    const hasLimit = (draft.flags & CommandFlag.limit) !== 0 && draft.type !== 'trailingStopLimit'
    const price = hasLimit ? instrument.priceOf(draft.price) : Number.NaN
    const handle = new OrderHandle(this, id, instrument, side, quantity, price, draft.tag, draft.type)
    this.orders.set(id, handle)
    return handle
  }

  /** See {@link OrderHandle.modify}. */
  modifyOrder(order: OrderHandle, change: OrderChange): boolean {
    this.requireHandler('modify')
    checkOptions(change, 'modify', ['quantity', 'price', 'stopPrice', 'touchPrice'])
    const { quantity, price, stopPrice, touchPrice } = change
    const trigger = stopPrice ?? touchPrice
    if (quantity === undefined && price === undefined && trigger === undefined) {
      throw refusedOption('modify', 'nothing', 'a quantity, a price, a stopPrice or touchPrice, or several of them')
    }
    if (stopPrice !== undefined && touchPrice !== undefined) {
      throw refusedOption('modify', 'stopPrice and touchPrice', 'one of them')
    }
    const { instrument } = order
    const lots = quantity === undefined ? Number.NaN : instrument.lotsOf(quantity)
    const ticks = price === undefined ? Number.NaN : limitTicks(instrument, price)
    const stop = trigger === undefined ? Number.NaN : triggerPrice('modify', instrument, trigger)
    if (isFinal(order.status)) return false
    const flags = trigger === undefined ? 0 : CommandFlag.terms
    this.commands.reserve()
    this.commands.write(CommandKind.modify, this.index, instrument.index, order.id, flags, lots, ticks, 0)
    if (trigger !== undefined) this.commands.writeTrigger(stop)
    order.requests += 1
    return true
  }

  /** See {@link OrderHandle.cancel}. */
  cancelOrder(order: OrderHandle): boolean {
    this.requireHandler('cancel')
    if (isFinal(order.status)) return false
    this.commands.reserve()
    this.commands.write(CommandKind.cancel, this.index, order.instrument.index, order.id, 0, 0, 0, 0)
    order.requests += 1
    return true
  }

  /** Asks for the end of all open orders of an instrument, or of all (`allInstruments`). */
  cancelAll(instrument: number, all: boolean): void {
    this.requireHandler('cancelAll')
    this.commands.reserve()
    this.commands.write(CommandKind.cancelAll, this.index, instrument, 0, 0, 0, 0, 0)
    for (const order of this.orders.values()) {
      if (!isFinal(order.status) && (all || order.instrument.index === instrument)) order.requests += 1
    }
  }

  /** Writes a command that has neither amount nor price. */
  command(kind: number, instrument: number, number: number, flags: number): void {
    this.commands.reserve()
    this.commands.write(kind, this.index, instrument, number, flags, 0, 0, 0)
  }

  /** Orders that have not ended, oldest first. */
  openOrders(instrument: Instrument | null): OrderHandle[] {
    const open: OrderHandle[] = []
    for (const order of this.orders.values()) {
      if (!isFinal(order.status) && (instrument === null || order.instrument === instrument)) open.push(order)
    }
    return open
  }

  /** Cash in the account's own currency. */
  get cash(): number {
    return this.balances.of(this.options.currency)!
  }

  /** Cash in a currency. */
  balance(code: string): number {
    const amount = this.balances.of(code)
    if (amount !== undefined) return amount
    const { codes } = this.balances
    throw new TickforgeError(
      'ERR_ACCOUNT_CURRENCY',
      `the account of ${this.name} holds no '${code}'${suggestion(String(code), codes)}`,
      { details: { currency: code, strategy: this.name, accepted: codes } },
    )
  }

  /** Cash and what the positions are worth at the prices at which they could be closed. */
  equity(): number {
    return this.balances.equity(this.contexts)
  }

  /** Takes the cash of the current row, which is in the currency of its instrument. */
  private takeCash(): void {
    const { columns } = this
    const { row } = columns
    this.balances.set(this.contexts[columns.instrument[row]!]!.instrument.currency, columns.p5[row]!)
  }

  /** Takes a log line. */
  log(time: number, message: string, level: LogLevel): void {
    const line = this.records.log(time, message, level)
    this.options.onLog?.(line)
  }

  /** Takes the report of the current row into order and account. */
  applyReport(): void {
    const { columns } = this
    const { row } = columns
    const context = this.contexts[columns.instrument[row]!]!
    const number = columns.p7[row]!
    const order = this.orders.get(number) ?? this.stranger(number, context.instrument)
    this.order = order
    const extra = columns.extra[row]!
    context.takePosition(extra >>> 16, columns.p4[row]!, columns.p6[row]!)
    this.takeCash()
    const kind = extra & 0xff
    const detail = (extra >>> 8) & 0xff
    this.applyKind(order, kind, detail)
    const status = orderStatuses[columns.orderStatus[row]!]
    if (status !== undefined) order.status = status
    if (isFinal(order.status) && order.requests <= 0) this.orders.delete(number)
  }

  /** Takes the account of the current row: a dividend, funding, borrow or split has changed it. */
  applyCash(): void {
    const { columns } = this
    const { row } = columns
    this.takeCash()
    // Position and last price in units from after a split; a ratio of 1 for all else.
    const [newUnits, oldUnits] = [columns.p2[row]!, columns.p7[row]!]
    if (newUnits !== oldUnits) {
      const context = this.contexts[columns.instrument[row]!]!
      context.takePosition(0, columns.p4[row]!, columns.p6[row]!)
      context.last = (context.last * oldUnits) / newUnits
    }
  }

  /** Takes the account of the current row's report, which is another strategy's: both trade on one account. */
  applySharedAccount(): void {
    const { columns } = this
    const { row } = columns
    const context = this.contexts[columns.instrument[row]!]!
    context.takePosition(0, columns.p4[row]!, columns.p6[row]!)
    this.takeCash()
  }

  private applyKind(order: OrderHandle, kind: number, detail: number): void {
    const { columns } = this
    const { row } = columns
    switch (reportKinds[kind]) {
      case 'denied':
        order.status = 'denied'
        order.code = reasonCodes[detail]
        break
      case 'rejected':
        order.status = 'rejected'
        order.code = reasonCodes[detail]
        break
      case 'filled': {
        const { instrument } = order
        const filled = instrument.nearestLots(order.filled) + instrument.nearestLots(columns.p1[row]!)
        const leaves = instrument.nearestLots(columns.p2[row]!)
        order.side = (detail & 1) === 0 ? 'buy' : 'sell'
        order.filled = instrument.quantityOf(filled)
        order.quantity = instrument.quantityOf(filled + leaves)
        order.status = leaves === 0 ? 'filled' : 'partiallyFilled'
        break
      }
      case 'modified':
        order.requests -= 1
        order.code = undefined
        this.takeTerms(order)
        break
      case 'accepted':
        order.status = 'accepted'
        this.takeTerms(order)
        break
      case 'triggered':
        order.triggered = true
        this.takeTerms(order)
        break
      case 'restated':
        this.takeTerms(order)
        // After a split what was filled before it is in new units too.
        order.filled = order.instrument.quantityOf(
          order.instrument.nearestLots(columns.p1[row]!) - order.instrument.nearestLots(columns.p2[row]!),
        )
        break
      case 'canceled':
        if (detail === 0) order.requests -= 1
        order.status = 'canceled'
        break
      default:
        // A change or cancel was refused: the order stands as it was.
        order.requests -= 1
        order.code = reasonCodes[detail]
    }
  }

  /** Total quantity and limit, where the row has them. */
  private takeTerms(order: OrderHandle): void {
    const { columns } = this
    const { row } = columns
    const quantity = columns.p1[row]!
    const price = columns.p0[row]!
    if (quantity > 0) order.quantity = quantity
    if (!Number.isNaN(price)) order.price = price
  }

  /** An order that the strategy did not make: what closes positions at the end of a run. */
  private stranger(number: number, instrument: Instrument): OrderHandle {
    return new OrderHandle(this, number, instrument, undefined, Number.NaN, Number.NaN, undefined, 'market')
  }
}
