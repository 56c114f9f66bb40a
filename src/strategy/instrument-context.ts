/** What a strategy sees of one instrument, and how it trades it: `ctx.of('ESH4')`. */
import { TickforgeError } from '../errors.ts'
import { VIEW, VIEW_TABLE_SIZE } from '../native/layout.ts'
import { CommandFlag, CommandKind, type EventColumns } from './columns.ts'
import { type Book, BookView } from './depth-view.ts'
import {
  BarHistory,
  type HistoryBar,
  historyLimit,
  type RecentTrade,
  recentTradesLimit,
  TradeHistory,
} from './history.ts'
import type { Instrument } from './instrument.ts'
import {
  type Bracket,
  type BracketOptions,
  type ChildOptions,
  submitBracket,
  submitParent,
  submitPeers,
} from './order-families.ts'
import type { OrderHandle } from './order-handle.ts'
import {
  type OrderOptions,
  readOrder,
  readTarget,
  type SubmitOptions,
  type TargetAmount,
  type TargetOptions,
} from './order-options.ts'
import { refusedOption } from './order-refusals.ts'
import { type Session, SessionClock } from './session.ts'
import type { StrategyState } from './strategy-state.ts'

/** What can be subscribed to while a run goes on. */
export type Subscription = 'trades' | 'quotes'

const noOptions: TargetOptions = {}

/** What is held of an instrument on one side. */
export class PositionLeg {
  /** How much, short below zero. */
  quantity = 0
  /** Its average price; NaN when flat. */
  avgEntryPrice: number = Number.NaN

  /** Takes in quantity and average price. @internal */
  set(quantity: number, average: number): void {
    this.quantity = quantity
    this.avgEntryPrice = quantity === 0 ? Number.NaN : average
  }
}

/** One instrument as a strategy sees it. */
export class InstrumentContext {
  /** Its terms, and prices on its grid. */
  readonly instrument: Instrument
  /** The position, short below zero, as the reports seen so far make it; in a hedging account long less short. */
  position = 0
  /** Average price of the position; NaN when flat, and in a hedging account while both legs are open. */
  avgEntryPrice: number = Number.NaN
  /** What is held long: in a hedging account beside the short. */
  readonly long: PositionLeg = new PositionLeg()
  /** What is held short, below zero. */
  readonly short: PositionLeg = new PositionLeg()
  /** Last trade price or bar close that was seen; NaN before the first. */
  last: number = Number.NaN
  /** Bars by number of timeframe. @internal */
  readonly bars: readonly BarHistory[]
  /** Trades, where they are declared. @internal */
  readonly trades: TradeHistory = new TradeHistory()
  /** The book, as deep as declared. @internal */
  readonly depth: BookView
  private readonly state: StrategyState
  private readonly columns: EventColumns
  private readonly views: Float64Array
  private readonly bidAt: number
  private readonly askAt: number
  /** Whether every row is of this instrument. */
  private readonly alone: boolean
  private readonly index: number
  private sessions: SessionClock | undefined

  /** The context of an instrument within a strategy's state. */
  constructor(state: StrategyState, instrument: Instrument) {
    const { columns, views, instruments, index, timeframes, warmupBars } = state.options
    const base = ((index * instruments.length + instrument.index) * VIEW_TABLE_SIZE) / 8
    this.state = state
    this.instrument = instrument
    this.index = instrument.index
    this.columns = columns
    this.views = views
    this.alone = instruments.length === 1
    this.bidAt = base + VIEW.bid / 8
    this.askAt = base + VIEW.ask / 8
    this.depth = new BookView(views, base)
    this.bars = timeframes.map(() => new BarHistory(Math.max(historyLimit, warmupBars)))
  }

  /** Its symbol. */
  get symbol(): string {
    return this.instrument.symbol
  }

  /** Best bid at the row; NaN where there is none. */
  get bid(): number {
    const { columns } = this
    return this.alone || columns.instrument[columns.row] === this.index
      ? columns.bid[columns.row]!
      : this.views[this.bidAt]!
  }

  /** Best ask at the row; NaN where there is none. */
  get ask(): number {
    const { columns } = this
    return this.alone || columns.instrument[columns.row] === this.index
      ? columns.ask[columns.row]!
      : this.views[this.askAt]!
  }

  /** Halfway between bid and ask; NaN where one is missing. */
  get mid(): number {
    return (this.bid + this.ask) / 2
  }

  /** The price at which the position could be closed (bid for a long, ask for a short), else the last price. */
  get mark(): number {
    const touch = this.position >= 0 ? this.bid : this.ask
    return Number.isNaN(touch) ? this.last : touch
  }

  /** Profit of the position that is not realised, where it could be closed; in a hedging account that of both legs. */
  get unrealizedPnl(): number {
    return this.profitOf(this.long, this.bid) + this.profitOf(this.short, this.ask)
  }

  private profitOf(leg: PositionLeg, touch: number): number {
    if (leg.quantity === 0) return 0
    const mark = Number.isNaN(touch) ? this.last : touch
    const change = this.instrument.inverse ? 1 / leg.avgEntryPrice - 1 / mark : mark - leg.avgEntryPrice
    const profit = leg.quantity * change * this.instrument.multiplier
    return Number.isNaN(profit) ? 0 : profit
  }

  /**
   * What the position adds to the cash: its value where it was paid for, else its profit. Without any price to mark it
   * at, it stands at cost. @internal
   */
  positionValue(): number {
    if (!this.instrument.paysNotional) return this.unrealizedPnl
    return this.valueOf(this.long, this.bid) + this.valueOf(this.short, this.ask)
  }

  private valueOf(leg: PositionLeg, touch: number): number {
    if (leg.quantity === 0) return 0
    const mark = Number.isNaN(touch) ? this.last : touch
    return leg.quantity * (Number.isNaN(mark) ? leg.avgEntryPrice : mark) * this.instrument.multiplier
  }

  /** Takes in a position (`leg` 0), or one leg of a hedging account (1 the long, 2 the short). @internal */
  takePosition(leg: number, quantity: number, average: number): void {
    const { long, short } = this
    if (leg !== 2) long.set(leg === 1 || quantity > 0 ? quantity : 0, average)
    if (leg !== 1) short.set(leg === 2 || quantity < 0 ? quantity : 0, average)
    this.position = long.quantity + short.quantity
    const single = long.quantity === 0 ? short : long
    this.avgEntryPrice = long.quantity !== 0 && short.quantity !== 0 ? Number.NaN : single.avgEntryPrice
  }

  /** Keeps best prices for rows of other instruments. @internal */
  keepPrices(): void {
    const { columns, views } = this
    views[this.bidAt] = columns.bid[columns.row]!
    views[this.askAt] = columns.ask[columns.row]!
  }

  /** Its orders that have not ended, oldest first. */
  get openOrders(): OrderHandle[] {
    return this.state.openOrders(this.instrument)
  }

  /** The trading day. */
  get session(): Session {
    const { columns } = this
    this.sessions ??= new SessionClock(this.instrument.session)
    return this.sessions.at(columns.timeMs[columns.row]!)
  }

  /**
   * The book as deep as declared, as of the last change of it that the strategy saw.
   *
   * @throws {@link TickforgeError} `ERR_VIEW_NOT_DECLARED`
   */
  get book(): Book {
    if (this.state.options.depth > 0) return this.depth
    throw notDeclared(this.state.name, 'book', 'static data = { depth: 10 }')
  }

  /**
   * The last `count` bars of a timeframe, oldest first; fewer while fewer have closed.
   *
   * @throws {@link TickforgeError} `ERR_VIEW_NOT_DECLARED`, `ERR_CONTEXT_COUNT`
   */
  history(timeframe: string, count: number): HistoryBar[] {
    const bars = this.bars[this.state.timeframeIndex(timeframe)]!
    checkCount('history', count, bars.limit)
    return bars.last(count)
  }

  /**
   * The last `count` trades, oldest first; fewer while fewer have been seen.
   *
   * @throws {@link TickforgeError} `ERR_VIEW_NOT_DECLARED`, `ERR_CONTEXT_COUNT`
   */
  recentTrades(count: number): RecentTrade[] {
    if (!this.state.options.trades) throw notDeclared(this.state.name, 'recentTrades', 'static data = { trades: true }')
    checkCount('recentTrades', count, recentTradesLimit)
    return this.trades.last(count)
  }

  /**
   * Buys.
   *
   * @throws {@link TickforgeError} `ERR_ORDER_…` for what no order can be, at the line of the call
   */
  buy(options: OrderOptions): OrderHandle {
    this.state.requireHandler('buy')
    readOrder(this.state.draft, this.instrument, 'buy', 'buy', options)
    return this.state.submit(this.instrument, 'buy')
  }

  /**
   * Sells, also what is not held.
   *
   * @throws {@link TickforgeError} `ERR_ORDER_…` for what no order can be, at the line of the call
   */
  sell(options: OrderOptions): OrderHandle {
    this.state.requireHandler('sell')
    readOrder(this.state.draft, this.instrument, 'sell', 'sell', options)
    return this.state.submit(this.instrument, 'sell')
  }

  /**
   * Buys or sells, as `side` says.
   *
   * @throws {@link TickforgeError} `ERR_ORDER_…` for what no order can be, at the line of the call
   */
  submit(options: SubmitOptions): OrderHandle {
    this.state.requireHandler('submit')
    const side = options?.side
    if (side !== 'buy' && side !== 'sell') throw refusedOption('side', side, "'buy' or 'sell'")
    readOrder(this.state.draft, this.instrument, 'submit', side, options)
    return this.state.submit(this.instrument, side)
  }

  /**
   * Trades what is missing to a position; working orders count.
   *
   * @throws {@link TickforgeError} `ERR_ORDER_…` for what no order can be, at the line of the call
   */
  target(target: TargetAmount, options: TargetOptions = noOptions): OrderHandle {
    this.state.requireHandler('target')
    readTarget(this.state.draft, this.instrument, target, options)
    return this.state.submit(this.instrument, undefined)
  }

  /**
   * Enters with a take-profit, a stop-loss, or both: they work for what the entry has been filled, what one of them
   * fills the other has less, and when they have ended, what is left of the entry is cancelled.
   *
   * @throws {@link TickforgeError} `ERR_ORDER_…` for what no order can be, at the line of the call
   */
  bracket(options: BracketOptions): Bracket {
    this.state.requireHandler('bracket')
    return submitBracket(this.state, this.instrument, options)
  }

  /**
   * One triggers the other: the children work for as much as the parent has been filled. Returns the handles, the
   * parent's first.
   *
   * @throws {@link TickforgeError} `ERR_ORDER_…` for what no order can be, at the line of the call
   */
  oto(parent: SubmitOptions, children: readonly ChildOptions[]): OrderHandle[] {
    this.state.requireHandler('oto')
    return submitParent(this.state, this.instrument, parent, children)
  }

  /**
   * One cancels the others: any fill or end of one ends the others.
   *
   * @throws {@link TickforgeError} `ERR_ORDER_…` for what no order can be, at the line of the call
   */
  oco(orders: readonly SubmitOptions[]): OrderHandle[] {
    this.state.requireHandler('oco')
    return submitPeers(this.state, this.instrument, 'oco', orders)
  }

  /**
   * One updates the others: what one fills the others have less.
   *
   * @throws {@link TickforgeError} `ERR_ORDER_…` for what no order can be, at the line of the call
   */
  ouo(orders: readonly SubmitOptions[]): OrderHandle[] {
    this.state.requireHandler('ouo')
    return submitPeers(this.state, this.instrument, 'ouo', orders)
  }

  /** Asks for the end of all its open orders. */
  cancelAll(): void {
    this.state.cancelAll(this.index, false)
  }

  /** From the smallest order latency on, sees its trades or quotes too. */
  subscribe(what: Subscription): void {
    this.switch('subscribe', CommandKind.subscribe, what)
  }

  /** Ends what {@link InstrumentContext.subscribe} or the declaration began. */
  unsubscribe(what: Subscription): void {
    this.switch('unsubscribe', CommandKind.unsubscribe, what)
  }

  private switch(call: string, kind: number, what: Subscription): void {
    this.state.requireHandler(call)
    if (what !== 'trades' && what !== 'quotes') throw refusedOption(call, what, "'trades' or 'quotes'")
    this.state.command(kind, this.index, 0, what === 'quotes' ? CommandFlag.quotes : 0)
  }
}

function notDeclared(strategy: string, what: string, accepted: string): TickforgeError {
  return new TickforgeError('ERR_VIEW_NOT_DECLARED', `${strategy} reads ${what}, which it has not declared`, {
    details: { strategy, what, accepted },
  })
}

function checkCount(call: string, count: number, limit: number): void {
  if (Number.isSafeInteger(count) && count >= 0 && count <= limit) return
  throw new TickforgeError('ERR_CONTEXT_COUNT', `${call}: ${count} is not accepted`, {
    details: { call, count, accepted: `a whole number up to ${limit}` },
  })
}
