/** One strategy at work: from a row to the calls of its handlers. */
import { type BarSlice, SliceBuilder } from './bar-slice.ts'
import { type EventColumns, RowFlag } from './columns.ts'
import { Context } from './context.ts'
import { ViewGuard } from './debug.ts'
import { DepthView } from './depth-view.ts'
import { handlerReturned } from './handler-error.ts'
import { type IndicatorFeed, indicatorRecords } from './indicator-registry.ts'
import type { InstrumentContext } from './instrument-context.ts'
import type { StrategyRecords } from './records.ts'
import { FillView, OrderReportView, TimerView } from './report-views.ts'
import type { Strategy } from './strategy.ts'
import { type StateOptions, StrategyState } from './strategy-state.ts'
import { BarView, QuoteView, TradeView } from './views.ts'

/** A strategy, its state, and its views. The methods are called with the columns standing at the row. */
export class Runner {
  readonly state: StrategyState
  private readonly strategy: Strategy
  private readonly context: Context
  private readonly columns: EventColumns
  private readonly contexts: readonly InstrumentContext[]
  private readonly frames: number
  private readonly keepsTrades: boolean
  private readonly keepsPrices: boolean
  private readonly feeds: readonly IndicatorFeed[][]
  private readonly slices: readonly SliceBuilder[]
  private readonly tradeView: TradeView
  private readonly quoteView: QuoteView
  private readonly depthView: DepthView
  private readonly barView: BarView
  private readonly reportView: OrderReportView
  private readonly fillView: FillView
  private readonly timerView: TimerView
  private readonly guard: ViewGuard | null

  /** A strategy before its first row. In debug mode its views throw when they are used after their handler. */
  constructor(strategy: Strategy, options: StateOptions, debug: boolean) {
    const { columns, instruments, timeframes } = options
    const state = new StrategyState(options)
    this.state = state
    this.strategy = strategy
    this.context = new Context(state)
    this.columns = columns
    this.contexts = state.contexts
    this.frames = timeframes.length
    this.keepsTrades = options.trades
    this.keepsPrices = instruments.length > 1
    this.feeds = strategy.indicator.attach(state)
    const seen = state.seen.map(context => context.instrument)
    this.slices = timeframes.map(timeframe => new SliceBuilder(timeframe, seen))
    this.tradeView = new TradeView(columns, instruments)
    this.quoteView = new QuoteView(columns, instruments)
    const books = state.contexts.map(context => context.depth)
    this.depthView = new DepthView(columns, instruments, books)
    this.barView = new BarView(columns, instruments, timeframes)
    this.reportView = new OrderReportView(columns, instruments, state)
    this.fillView = new FillView(columns, instruments, state)
    this.timerView = new TimerView(columns, instruments, state.timerNames)
    this.guard = debug ? new ViewGuard() : null
  }

  /** The run begins. */
  start(): void {
    const { strategy, state } = this
    if (strategy.onStart === undefined) return
    state.handler = 'onStart'
    const returned: unknown = strategy.onStart(this.context)
    if (returned !== undefined) this.refuse(returned)
    state.handler = ''
  }

  /** The run ends. */
  stop(): void {
    const { strategy, state } = this
    if (strategy.onStop === undefined) return
    state.handler = 'onStop'
    const returned: unknown = strategy.onStop(this.context)
    if (returned !== undefined) this.refuse(returned)
    state.handler = ''
  }

  /** A trade. */
  trade(): void {
    const { columns, strategy, state } = this
    const { row } = columns
    const of = this.contexts[columns.instrument[row]!]!
    of.last = columns.p0[row]!
    if (this.keepsTrades) of.trades.add(columns)
    if (this.keepsPrices) of.keepPrices()
    if ((columns.flags[row]! & RowFlag.warmUp) !== 0) return
    if (strategy.onTrade !== undefined) {
      state.handler = 'onTrade'
      const returned: unknown = strategy.onTrade(this.shown(this.tradeView), this.context)
      if (returned !== undefined) this.refuse(returned)
    }
    if (strategy.onData !== undefined) this.data(this.tradeView)
    this.done()
  }

  /** A change of the best prices. */
  quote(): void {
    const { columns, strategy, state } = this
    const { row } = columns
    if (this.keepsPrices) this.contexts[columns.instrument[row]!]!.keepPrices()
    if ((columns.flags[row]! & RowFlag.warmUp) !== 0) return
    if (strategy.onQuote !== undefined) {
      state.handler = 'onQuote'
      const returned: unknown = strategy.onQuote(this.shown(this.quoteView), this.context)
      if (returned !== undefined) this.refuse(returned)
    }
    if (strategy.onData !== undefined) this.data(this.quoteView)
    this.done()
  }

  /** A change of the declared depth. */
  depth(): void {
    const { columns, strategy, state } = this
    if ((columns.flags[columns.row]! & RowFlag.warmUp) !== 0) return
    if (strategy.onDepth !== undefined) {
      state.handler = 'onDepth'
      const returned: unknown = strategy.onDepth(this.shown(this.depthView), this.context)
      if (returned !== undefined) this.refuse(returned)
    }
    if (strategy.onData !== undefined) this.data(this.depthView)
    this.done()
  }

  /** A bar has closed: indicators and history first, then the handlers. */
  bar(): void {
    const { columns, strategy, state } = this
    const { row } = columns
    const index = columns.instrument[row]!
    const frame = columns.extra[row]!
    const of = this.contexts[index]!
    of.last = columns.p3[row]!
    of.bars[frame]!.add(columns)
    const feeds = this.feeds[index * this.frames + frame]!
    for (let at = 0; at < feeds.length; at++) feeds[at]!.update(columns, this.barView)
    const flags = columns.flags[row]!
    if ((flags & RowFlag.warmUp) !== 0) return
    if (strategy.onBar !== undefined) {
      state.handler = 'onBar'
      const returned: unknown = strategy.onBar(this.shown(this.barView), this.context)
      if (returned !== undefined) this.refuse(returned)
    }
    if (strategy.onData !== undefined) this.data(this.barView)
    if (strategy.onBars !== undefined) this.slice(frame, (flags & RowFlag.sliceEnd) !== 0)
    this.done()
  }

  /** A timer fired. */
  timer(): void {
    const { strategy, state } = this
    if (strategy.onTimer === undefined) return
    state.handler = 'onTimer'
    const returned: unknown = strategy.onTimer(this.shown(this.timerView), this.context)
    if (returned !== undefined) this.refuse(returned)
    this.done()
  }

  /** A report that is no fill. */
  report(): void {
    const { strategy, state } = this
    state.applyReport()
    if (strategy.onOrder !== undefined) {
      state.handler = 'onOrder'
      const returned: unknown = strategy.onOrder(this.shown(this.reportView), this.context)
      if (returned !== undefined) this.refuse(returned)
    }
    if (strategy.onEvent !== undefined) this.event(this.reportView)
    this.done()
  }

  /** A fill. */
  fill(): void {
    const { strategy, state } = this
    state.applyReport()
    if (strategy.onFill !== undefined) {
      state.handler = 'onFill'
      const returned: unknown = strategy.onFill(this.shown(this.fillView), this.context)
      if (returned !== undefined) this.refuse(returned)
    }
    if (strategy.onEvent !== undefined) this.event(this.fillView)
    this.done()
  }

  /** What the strategy and its indicators recorded. */
  records(): StrategyRecords {
    return this.state.records.finish(indicatorRecords(this.strategy, this.feeds))
  }

  private data(view: TradeView | QuoteView | DepthView | BarView): void {
    this.state.handler = 'onData'
    const returned: unknown = this.strategy.onData!(this.shown(view), this.context)
    if (returned !== undefined) this.refuse(returned)
  }

  private event(view: OrderReportView | FillView): void {
    this.state.handler = 'onEvent'
    const returned: unknown = this.strategy.onEvent!(this.shown(view), this.context)
    if (returned !== undefined) this.refuse(returned)
  }

  private slice(frame: number, isComplete: boolean): void {
    const { columns, state, strategy } = this
    const builder = this.slices[frame]!
    builder.add(this.barView.copy())
    if (!isComplete) return
    const slice: BarSlice = builder.take(columns.p6[columns.row]!)
    state.handler = 'onBars'
    const returned: unknown = strategy.onBars!(slice, this.context)
    if (returned !== undefined) this.refuse(returned)
  }

  /** The view itself, or in debug mode one that ends with the row. */
  private shown<T extends object>(view: T): T {
    return this.guard === null ? view : this.guard.wrap(view, this.state.handler)
  }

  /** The handlers of the row have returned. */
  private done(): void {
    this.state.handler = ''
    if (this.guard !== null) this.guard.expire()
  }

  private refuse(returned: unknown): never {
    throw handlerReturned(returned, this.state.name, this.state.handler)
  }
}
