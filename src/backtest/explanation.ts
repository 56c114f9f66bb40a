/** Why an order was filled or not, and what stood at one moment: what a run can be asked beside its result. */
import type { TimePoint } from './configuration-values.ts'

/** What a run is asked. It changes nothing of the run: the state hash stays what it is. */
export interface TraceOptions {
  /** Name of the order's strategy. @default the first one */
  readonly strategy?: string
  /** Number of the order within its strategy, from 1: what it meets at the venue is written down. */
  readonly order?: number
  /**
   * When books and accounts are looked at, exchange time: after the records of this instant, before the commands that
   * arrive with it.
   */
  readonly at?: TimePoint
  /** Whether every event of every order is told. @default false */
  readonly journal?: boolean
}

/** What a line of an explanation tells. Those from `accepted` on are the venue's reports. */
export type ExplanationStep =
  /** The strategy sent the order, a change of it, or its cancel; or its risk checks kept it back. */
  | 'submitted'
  | 'modify_requested'
  | 'cancel_requested'
  | 'denied'
  /** A command reached the venue. */
  | 'arrived'
  /** What stands ahead of it has changed. */
  | 'queue'
  /** A trade was printed at a price that its limit accepts. */
  | 'trade'
  /** A recorded order was executed at its price or beyond (market by order). */
  | 'execution'
  /**
   * An order of the other side arrived at or through its limit (market by order): its quantity is what no own order had
   * taken of it before.
   */
  | 'crossing'
  /** It was given a quantity (market by order; the fill of its event reports the sum). */
  | 'match'
  /** It was touched, and the draw at touch said no. */
  | 'withheld'
  | 'accepted'
  | 'rejected'
  | 'filled'
  | 'modified'
  | 'modify_rejected'
  | 'canceled'
  | 'expired'
  | 'cancel_rejected'
  | 'triggered'
  | 'restated'

/** One line of an explanation. */
export interface ExplanationLine {
  /** When, nanoseconds since 1970 with every digit: on the strategy's clock or the venue's. */
  readonly time: string
  /** Where it happened. */
  readonly place: 'strategy' | 'venue'
  readonly step: ExplanationStep
  /** What made it so: the table in `docs/guide/explain.md`. */
  readonly cause: string | null
  readonly price: number | null
  /**
   * Of a command or report: of the order. Of a trade or execution: what was traded. Of a queue: what left of the recorded
   * order that moved it, or in a book of levels what is displayed now.
   */
  readonly quantity: number | null
  /** Of a command that arrives: the price at which its trigger goes off. */
  readonly trigger: number | null
  /** What stands ahead of it at its price afterwards; with fraction where that is estimated. */
  readonly ahead: number | null
  readonly ordersAhead: number | null
  /** Id of the recorded order that it came from. */
  readonly record: string | null
  readonly bid: number | null
  readonly ask: number | null
  /** Code of a refusal, or why the order was cancelled. */
  readonly reason: string | null
  /** Of a fill: what was left of the order. */
  readonly leaves: number | null
  readonly liquidity: 'maker' | 'taker' | null
}

/** One order: what became of it, and why. */
export interface OrderExplanation {
  readonly strategy: string
  readonly number: number
  readonly symbol: string
  readonly side: 'buy' | 'sell'
  readonly type: string
  readonly price: number | null
  readonly quantity: number
  readonly filled: number
  readonly status: string
  readonly reason: string | null
  readonly lines: readonly ExplanationLine[]
  /** Lines that found no room; reports, commands and what the order was given are always kept. */
  readonly omitted: number
}

/** A level of a book. */
export interface LookLevel {
  readonly price: number
  readonly quantity: number
  /** 0 where the source does not say. */
  readonly orders: number
}

/** An own order in a market. */
export interface LookOrder {
  readonly strategy: string
  readonly order: number
  readonly side: 'buy' | 'sell'
  readonly price: number | null
  readonly quantity: number
  readonly filled: number
  readonly ahead: number | null
  readonly ordersAhead: number | null
}

/** A market at one moment. */
export interface MarketLook {
  readonly symbol: string
  /** At most ten levels, the best first. */
  readonly bids: readonly LookLevel[]
  readonly asks: readonly LookLevel[]
  readonly own: readonly LookOrder[]
  /** Own orders that wait outside the market, for a trigger or a parent. */
  readonly waiting: number
}

/** An account at one moment, as the venue has it. */
export interface AccountLook {
  /** Name of its strategy, or `shared`. */
  readonly account: string
  readonly cash: number
  readonly equity: number | null
  readonly positions: readonly {
    readonly symbol: string
    readonly quantity: number
    readonly averageEntryPrice: number | null
    readonly realized: number
  }[]
}

/** Books and accounts at one moment. */
export interface Look {
  /** When, nanoseconds since 1970: what was asked for, or the nearest moment of the run. */
  readonly time: string
  readonly markets: readonly MarketLook[]
  readonly accounts: readonly AccountLook[]
}

/** One event of one order, as its strategy knows it. */
export interface JournalEntry {
  /** When the strategy sent or saw it, nanoseconds since 1970. */
  readonly time: string
  readonly strategy: string
  readonly order: number
  readonly symbol: string
  readonly event: ExplanationStep
  readonly reason: string | null
  readonly side: 'buy' | 'sell'
  readonly price: number | null
  readonly quantity: number
  readonly leaves: number
  /** Of a fill. */
  readonly fee: number | null
}

/** What a run answers. */
export interface Explanation {
  /** The order; null where none was asked for, or it was never submitted. */
  readonly order: OrderExplanation | null
  readonly look: Look | null
  /** Every event of every order, in time order. */
  readonly journal: readonly JournalEntry[] | null
}
