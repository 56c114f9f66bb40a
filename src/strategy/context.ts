/** What a handler sees and how it acts, besides the data that it is called with. */
import { type Duration, parseDuration, type TimePoint, timeText } from '../backtest/configuration-values.ts'
import { TickforgeError } from '../errors.ts'
import { allInstruments, CommandKind } from './columns.ts'
import type { Book } from './depth-view.ts'
import type { HistoryBar, RecentTrade } from './history.ts'
import type { Instrument } from './instrument.ts'
import type { InstrumentContext, PositionLeg, Subscription } from './instrument-context.ts'
import type { Bracket, BracketOptions, ChildOptions } from './order-families.ts'
import type { OrderChange, OrderHandle } from './order-handle.ts'
import type { OrderOptions, SubmitOptions, TargetAmount, TargetOptions } from './order-options.ts'
import { refusedOption } from './order-refusals.ts'
import type { LogLevel } from './records.ts'
import type { Session } from './session.ts'
import type { StrategyState } from './strategy-state.ts'

/**
 * What a handler sees and how it acts. Everything is as of the row that the handler was called with. With several
 * instruments, what belongs to one of them is asked of `ctx.of('ESH4')`; the short form is `ERR_CONTEXT_AMBIGUOUS`.
 */
export class Context {
  private readonly state: StrategyState
  private readonly only: InstrumentContext | null
  private readonly timers = new Map<string, number>()
  private nextTimer = 1

  /** The context of a strategy. */
  constructor(state: StrategyState) {
    this.state = state
    this.only = state.seen.length === 1 ? state.seen[0]! : null
  }

  /** The strategy's time: milliseconds since 1970 with fraction, as of `Date`. */
  get time(): number {
    const { columns } = this.state
    return columns.timeMs[columns.row]!
  }

  /** The strategy's time in nanoseconds, every digit. */
  get tsNanos(): bigint {
    const { columns } = this.state
    return columns.tsNanos[columns.row]!
  }

  /** Cash in the account's own currency, as the reports seen so far make it. */
  get cash(): number {
    return this.state.cash
  }

  /**
   * Cash in one of the account's currencies. What is held of the base of a pair is the pair's position.
   *
   * @throws {@link TickforgeError} `ERR_ACCOUNT_CURRENCY`
   */
  balance(currency: string): number {
    return this.state.balance(currency)
  }

  /**
   * Cash and positions at the prices at which they could be closed, in the account's own currency at the rates that the
   * strategy sees; NaN while something that the account has is in a currency without a rate yet.
   */
  get equity(): number {
    return this.state.equity()
  }

  /** Name of the strategy in the run. */
  get name(): string {
    return this.state.name
  }

  /** The instruments that the strategy sees. */
  get instruments(): readonly InstrumentContext[] {
    return this.state.seen
  }

  /**
   * One of the instruments.
   *
   * @throws {@link TickforgeError} `ERR_ORDER_INSTRUMENT`
   */
  of(symbol: string): InstrumentContext {
    return this.state.contextOf(symbol)
  }

  /** All orders that have not ended, oldest first. */
  get openOrders(): OrderHandle[] {
    return this.state.openOrders(null)
  }

  /** The instrument's terms. */
  get instrument(): Instrument {
    return this.one('instrument').instrument
  }

  /** Best bid; NaN where there is none. */
  get bid(): number {
    return this.one('bid').bid
  }

  /** Best ask; NaN where there is none. */
  get ask(): number {
    return this.one('ask').ask
  }

  /** Halfway between bid and ask; NaN where one is missing. */
  get mid(): number {
    return this.one('mid').mid
  }

  /** Last trade price or bar close; NaN before the first. */
  get last(): number {
    return this.one('last').last
  }

  /** The position, short below zero. */
  get position(): number {
    return this.one('position').position
  }

  /** What is held long: in a hedging account beside the short. */
  get long(): PositionLeg {
    return this.one('long').long
  }

  /** What is held short, below zero. */
  get short(): PositionLeg {
    return this.one('short').short
  }

  /** Average price of the position; NaN when flat. */
  get avgEntryPrice(): number {
    return this.one('avgEntryPrice').avgEntryPrice
  }

  /** The trading day. */
  get session(): Session {
    return this.one('session').session
  }

  /** See {@link InstrumentContext.book}. */
  get book(): Book {
    return this.one('book').book
  }

  /** See {@link InstrumentContext.history}. */
  history(timeframe: string, count: number): HistoryBar[] {
    return this.one('history').history(timeframe, count)
  }

  /** See {@link InstrumentContext.recentTrades}. */
  recentTrades(count: number): RecentTrade[] {
    return this.one('recentTrades').recentTrades(count)
  }

  /** See {@link InstrumentContext.buy}. */
  buy(options: OrderOptions): OrderHandle {
    return this.one('buy').buy(options)
  }

  /** See {@link InstrumentContext.sell}. */
  sell(options: OrderOptions): OrderHandle {
    return this.one('sell').sell(options)
  }

  /** See {@link InstrumentContext.submit}. */
  submit(options: SubmitOptions): OrderHandle {
    return this.one('submit').submit(options)
  }

  /** See {@link InstrumentContext.target}. */
  target(target: TargetAmount, options?: TargetOptions): OrderHandle {
    return this.one('target').target(target, options)
  }

  /** See {@link InstrumentContext.bracket}. */
  bracket(options: BracketOptions): Bracket {
    return this.one('bracket').bracket(options)
  }

  /** See {@link InstrumentContext.oto}. */
  oto(parent: SubmitOptions, children: readonly ChildOptions[]): OrderHandle[] {
    return this.one('oto').oto(parent, children)
  }

  /** See {@link InstrumentContext.oco}. */
  oco(orders: readonly SubmitOptions[]): OrderHandle[] {
    return this.one('oco').oco(orders)
  }

  /** See {@link InstrumentContext.ouo}. */
  ouo(orders: readonly SubmitOptions[]): OrderHandle[] {
    return this.one('ouo').ouo(orders)
  }

  /** See {@link InstrumentContext.subscribe}. */
  subscribe(what: Subscription): void {
    this.one('subscribe').subscribe(what)
  }

  /** See {@link InstrumentContext.unsubscribe}. */
  unsubscribe(what: Subscription): void {
    this.one('unsubscribe').unsubscribe(what)
  }

  /** See {@link OrderHandle.modify}. An order is named by its handle or number. */
  modify(order: OrderHandle | number, change: OrderChange): boolean {
    return this.state.modifyOrder(this.find(order), change)
  }

  /** See {@link OrderHandle.cancel}. An order is named by its handle or number. */
  cancel(order: OrderHandle | number): boolean {
    return this.state.cancelOrder(this.find(order))
  }

  /** Asks for the end of all open orders of all instruments. */
  cancelAll(): void {
    this.state.cancelAll(allInstruments, true)
  }

  /**
   * Calls `onTimer` once: after a duration, or at a point in time (at once when that has passed). A name that is in use
   * replaces its timer. Returns the timer's number.
   *
   * @throws {@link TickforgeError} `ERR_CONFIG_DURATION`, `ERR_CONFIG_TIME`, `ERR_CONTEXT_OUTSIDE`
   */
  setTimer(when: Duration | { readonly at: TimePoint }, name?: string): number {
    this.state.requireHandler('setTimer')
    const isPoint = typeof when === 'object' && when !== null
    const at = isPoint ? BigInt(timeText(when.at, 'setTimer')) : this.tsNanos + parseDuration(when, 'setTimer')
    return this.writeTimer(at, 0n, name)
  }

  /**
   * Calls `onTimer` every so often, the first time one period from now. A name that is in use replaces its timer.
   * Returns the timer's number.
   *
   * @throws {@link TickforgeError} `ERR_CONFIG_DURATION`, `ERR_CONTEXT_OUTSIDE`
   */
  every(period: Duration, name?: string): number {
    this.state.requireHandler('every')
    const nanos = parseDuration(period, 'every')
    if (nanos === 0n) throw refusedOption('every', period, "a period above zero, such as '1s'")
    return this.writeTimer(this.tsNanos + nanos, nanos, name)
  }

  /** Ends a timer, by number or name. False when there never was one of that name. */
  cancelTimer(timer: number | string): boolean {
    this.state.requireHandler('cancelTimer')
    const id = typeof timer === 'string' ? this.timers.get(timer) : timer
    if (id === undefined || !(id > 0 && id < this.nextTimer)) return false
    this.state.command(CommandKind.cancelTimer, 0, id, 0)
    return true
  }

  /** Writes a line with simulated time into the run's log. */
  log(message: string, level: LogLevel = 'info'): void {
    this.state.log(this.time, String(message), level)
  }

  /** Records a value of a metric: the result has its last, smallest and largest, and how many there were. */
  metric(name: string, value: number): void {
    this.state.records.metric(name, value)
  }

  /** Records a point of a line in the report. */
  plot(name: string, value: number): void {
    this.state.records.plot(this.time, name, value)
  }

  /** Ends the run for all strategies; what was done is kept. */
  stop(): void {
    this.state.requireHandler('stop')
    this.state.command(CommandKind.stop, 0, 0, 0)
  }

  private one(form: string): InstrumentContext {
    return this.only ?? this.ambiguous(form)
  }

  private ambiguous(form: string): never {
    const symbols = this.state.seen.map(context => context.instrument.symbol)
    throw new TickforgeError(
      'ERR_CONTEXT_AMBIGUOUS',
      `ctx.${form}: ${this.state.name} sees ${symbols.length} instruments; say which: ctx.of('${symbols[0]}').${form}`,
      { details: { form, strategy: this.state.name, accepted: symbols.map(symbol => `ctx.of('${symbol}').${form}`) } },
    )
  }

  private find(order: OrderHandle | number): OrderHandle {
    if (typeof order !== 'number') return order
    const found = this.state.orders.get(order)
    if (found !== undefined) return found
    throw new TickforgeError('ERR_ORDER_UNKNOWN', `${this.state.name} has no open order ${order}`, {
      details: { order, strategy: this.state.name, accepted: [...this.state.orders.keys()].slice(0, 100) },
    })
  }

  private writeTimer(at: bigint, period: bigint, name: string | undefined): number {
    const { state } = this
    state.commands.reserve()
    let id = name === undefined ? undefined : this.timers.get(name)
    if (id === undefined) {
      id = this.nextTimer
      this.nextTimer += 1
      if (name !== undefined) {
        this.timers.set(name, id)
        state.timerNames.set(id, name)
      }
    }
    state.commands.writeTimer(state.index, id, at, period)
    return id
  }
}
