/** The models of the simulated exchange, as a person states them. */
import type { QueueModel } from './configuration-queue.ts'
import type { Decimal, Duration, TimePoint } from './configuration-values.ts'
import type { CustomModel, FeeFunction, FillFunction, SlippageFunction } from './custom-models.ts'

/** How long one kind of message takes: always as long, or drawn. */
export type DelayModel =
  | Duration
  | {
      /** Normally distributed around `mean`. */
      readonly type: 'normal'
      readonly mean: Duration
      readonly deviation: Duration
      /** What no message falls below. @default 0 */
      readonly floor?: Duration
    }
  | {
      /** `median × e^(sigma z)`. */
      readonly type: 'logNormal'
      readonly median: Duration
      readonly sigma: number
      /** What no message falls below. @default 0 */
      readonly floor?: Duration
    }

/** A recorded message: when it was sent, when the exchange had it, when its answer was back. */
export interface LatencyRow {
  readonly request: TimePoint
  readonly exchange: TimePoint
  readonly response: TimePoint
}

/** How long an order takes to the venue and a report takes back; made by `latency.fixed`, `.drawn` and `.recorded`. */
export type LatencyModel =
  | FixedLatency
  | {
      /** Each kind of message on its own; what is left out takes as long as `submit`. */
      readonly type: 'drawn'
      readonly submit: DelayModel
      readonly modify?: DelayModel
      readonly cancel?: DelayModel
      readonly response?: DelayModel
    }
  | { readonly type: 'recorded'; readonly rows: readonly LatencyRow[] }

/** The same time for every message of a kind. */
export interface FixedLatency {
  /** Name of the model. */
  readonly type: 'fixed'
  /** Way to the venue and back, each. */
  readonly network: Duration
  /** Time at the venue. @default 0 */
  readonly processing?: Duration
  /** New orders, when they differ from `network + processing`. */
  readonly submit?: Duration
  /** Modifications, when they differ from `network + processing`. */
  readonly modify?: Duration
  /** Cancels, when they differ from `network + processing`. */
  readonly cancel?: Duration
  /** Reports (acknowledgement, fill, rejection), when they differ from `network + processing`. */
  readonly response?: Duration
}

/** A tier of fees: basis points that hold once so much has been traded. */
export interface FeeTier {
  /** Traded value from which it holds; the first is 0. */
  readonly from: Decimal
  readonly maker: number
  readonly taker: number
}

/** What a fill costs; made by `fees.none`, `fees.perContract`, `fees.bps`, `fees.tiered` and `fees.custom`. */
export type FeeModel =
  | { readonly type: 'none' }
  | { readonly type: 'bps'; readonly maker: Decimal; readonly taker: Decimal }
  | {
      readonly type: 'perContract'
      readonly maker: Decimal
      readonly taker: Decimal
      /** Least that an order costs which is filled at all. */
      readonly minimum?: Decimal
      /** Most that an order costs, in basis points of its value; it goes before the minimum. */
      readonly maximumBps?: number
    }
  | { readonly type: 'tiered'; readonly tiers: readonly FeeTier[] }
  | ({ readonly type: 'custom' } & CustomModel<FeeFunction>)

/**
 * By how much a taker's fill is worse than the market shows; made by `slippage.none`, `.bps`, `.spread`, `.volumeShare`
 * and `.custom`.
 */
export type SlippageModel =
  | { readonly type: 'none' }
  | {
      readonly type: 'bps'
      readonly bps: number
      /** On bars: only what opens a position slips, as some engines have it. @default false */
      readonly onOpening?: boolean
    }
  | { readonly type: 'spread'; readonly fraction: number }
  | { readonly type: 'volumeShare'; readonly priceImpact: number }
  | ({ readonly type: 'custom' } & CustomModel<SlippageFunction>)

/** How a taker's fill price worsens with its size; made by `impact.none`, `.linear`, `.squareRoot` and `.almgren`. */
export type ImpactModel =
  | { readonly type: 'none' }
  | { readonly type: 'linear'; readonly bpsPerMillion: number }
  | {
      readonly type: 'squareRoot'
      readonly coefficient: number
      /** Volatility of a day, as a share of the price: 0.02. */
      readonly dailyVolatility: number
      /** Volume of an average day. */
      readonly dailyVolume: number
    }
  | {
      readonly type: 'almgren'
      readonly dailyVolatility: number
      readonly dailyVolume: number
      readonly sharesOutstanding: number
      /** Part of the day over which an order is worked. @default 1 */
      readonly duration?: number
      /** When half of the permanent part of own fills has decayed; 0 never. @default 0 */
      readonly halfLife?: Duration
    }

/** When and how much of a resting order fills. */
export interface FillOptions {
  /**
   * Chance that a resting order at the touch takes part in trades there, 0 to 1, drawn once per order and visit of its
   * price. 1 is what the data proves: the queue of an order-by-order stream, elsewhere what trades through. @default 1
   */
  readonly probabilityAtTouch?: number
  /** The quantity at which that chance is halved: `p × reference / (reference + quantity)`. */
  readonly referenceQuantity?: Decimal
  /** Chances by the order's quantity, instead: the first tier that it does not exceed; beyond all of them 0. */
  readonly tiers?: readonly { readonly upTo: Decimal; readonly probability: number }[]
  /** Chances of one's own, instead: see `fill.custom`. */
  readonly custom?: CustomModel<FillFunction>
  /** `'touch'` fills whoever is touched, as some engines do. @default 'through' */
  readonly fillAt?: 'through' | 'touch'
  /** What a market order larger than a quote shows does with its rest. @default 'oneTickPerLevel' */
  readonly beyondDisplay?: 'oneTickPerLevel' | 'cancel'
  /** Which prices come first inside a bar. @default 'pessimistic': stops before limits */
  readonly barPath?: 'pessimistic' | 'ohlc' | 'adaptive'
  /** Most of a bar's volume that own orders may have; the rest of an order waits. @default no limit */
  readonly volumeLimit?: number
}

/** The simulated exchange. */
export interface VenueOptions {
  /** @default one millisecond each way */
  readonly latency?: LatencyModel
  /** @default none */
  readonly fees?: FeeModel
  /** @default what the data proves, pessimistic inside bars */
  readonly fill?: FillOptions
  /** @default 'auto': the exact place among recorded orders, in a book of levels risk-averse */
  readonly queue?: QueueModel
  /** @default none */
  readonly slippage?: SlippageModel
  /** @default none */
  readonly impact?: ImpactModel
  /** @default none */
  readonly stress?: StressOptions
}

/** A venue that differs from the others; what it leaves out is as at `venue`. Stress is of the run as a whole. */
export type NamedVenueOptions = Omit<VenueOptions, 'stress'>

/** How much worse everything is than the models say, with the same random draws: what a result hangs on. */
export interface StressOptions {
  /** Ticks by which every fill is worse; basis points of the price, where there is no price grid. @default 0 */
  readonly ticks?: number
  /** By how much every latency of orders, reports and feeds is multiplied. @default 1 */
  readonly latency?: number
  /** By how much every charge is multiplied; rebates stay. @default 1 */
  readonly fees?: number
}
