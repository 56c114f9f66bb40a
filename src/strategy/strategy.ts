/** The class that strategies extend. */
import type { BarSlice } from './bar-slice.ts'
import type { Context } from './context.ts'
import type { Depth } from './depth-view.ts'
import { IndicatorHost } from './indicator-host.ts'
import type { Needs } from './needs.ts'
import { type Parameters, type ParameterValues, parameterValues } from './parameters.ts'
import type { Fill, OrderReport, Timer } from './report-views.ts'
import type { Bar, Quote, Trade } from './views.ts'

/** Any market data, as `onData` gets it. Tell them apart by `kind`. */
export type MarketData = Trade | Quote | Depth | Bar

/** Any report on an own order, as `onEvent` gets it. Tell them apart by `kind`. */
export type OrderEvent = OrderReport | Fill

/** What {@link Strategy.with} returns: a class to extend, whose `params` have the declared types. */
export interface StrategyBase<P extends Parameters> {
  new (params?: Partial<ParameterValues<P>>): Strategy<P>
  /** The declared parameters. */
  readonly parameters: P
  /** What it wants to see. */
  data?: Needs
}

/** A strategy class, whatever its parameters. */
export interface StrategyClass {
  new (params?: never): Strategy
  /** Its name. */
  readonly name: string
  /** The declared parameters. */
  readonly parameters: Parameters
  /** What it wants to see. */
  data?: Needs
}

/**
 * A strategy. Extend it, or {@link Strategy.with} for one with parameters; say in `static data` what it needs to see,
 * and have the handlers that it wants. Handlers are synchronous.
 *
 * @example
 * ```ts
 * class Momentum extends Strategy.with({ fast: int(10), slow: int(30) }) {
 *   static data = { bars: '1d' }
 *   fast = this.indicator.sma(this.params.fast)
 *   slow = this.indicator.sma(this.params.slow)
 *   onBar(bar: Bar, ctx: Context) {
 *     if (this.slow.ready) ctx.target({ percent: this.fast.value > this.slow.value ? 95 : -95 })
 *   }
 * }
 * ```
 */
export abstract class Strategy<P extends Parameters = Parameters> {
  /** The declared parameters: {@link Strategy.with} fills them in. */
  static readonly parameters: Parameters = {}
  /** What it wants to see. */
  static data?: Needs

  /** The values of its parameters: those given, and the defaults. */
  readonly params: ParameterValues<P>
  /** Makes indicators that update themselves from the bars. */
  readonly indicator: IndicatorHost

  /**
   * A strategy with these parameters; the defaults stand for what is left out.
   *
   * @throws {@link TickforgeError} `ERR_PARAMETER_VALUE`, `ERR_PARAMETER_UNKNOWN`
   */
  constructor(params: Partial<ParameterValues<P>> = {}) {
    const { parameters } = this.constructor as typeof Strategy
    this.params = Object.freeze(parameterValues(parameters, params)) as ParameterValues<P>
    this.indicator = new IndicatorHost()
  }

  /** A class to extend whose instances have these parameters. */
  static with<P extends Parameters>(declarations: P): StrategyBase<P> {
    abstract class Parametrized extends Strategy<P> {
      static override readonly parameters: Parameters = Object.freeze({ ...declarations })
    }
    return Parametrized as unknown as StrategyBase<P>
  }

  /** The run begins. */
  onStart?(ctx: Context): void
  /** A trade; declare `trades`. */
  onTrade?(trade: Trade, ctx: Context): void
  /** A change of the best prices; declare `quotes`. */
  onQuote?(quote: Quote, ctx: Context): void
  /** A change of the declared depth; declare `depth`. */
  onDepth?(depth: Depth, ctx: Context): void
  /** A bar has closed; declare `bars`. Indicators have taken it already. */
  onBar?(bar: Bar, ctx: Context): void
  /** All bars of one closing time have come; declare `bars`. */
  onBars?(slice: BarSlice, ctx: Context): void
  /** A timer fired. */
  onTimer?(timer: Timer, ctx: Context): void
  /** A report on an own order that is no fill. */
  onOrder?(report: OrderReport, ctx: Context): void
  /** An own order was filled. */
  onFill?(fill: Fill, ctx: Context): void
  /** The run ends. */
  onStop?(ctx: Context): void
  /** Any market data, after its own handler. */
  onData?(data: MarketData, ctx: Context): void
  /** Any report on an own order, after its own handler. */
  onEvent?(event: OrderEvent, ctx: Context): void
}
