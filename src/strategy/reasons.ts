/** Words for the numbers of reports: states, reasons, kinds. They mirror `crates/model/src/order.rs`. */

/** Where an order stands, as its strategy knows. */
export type OrderStatus =
  | 'pending'
  | 'denied'
  | 'rejected'
  | 'accepted'
  | 'partiallyFilled'
  | 'filled'
  | 'canceled'
  | 'expired'

/** By the number in the rows. */
export const orderStatuses: readonly OrderStatus[] = [
  'pending',
  'denied',
  'rejected',
  'accepted',
  'partiallyFilled',
  'filled',
  'canceled',
  'expired',
]

/** What a report tells. */
export type ReportKind =
  | 'denied'
  | 'accepted'
  | 'rejected'
  | 'filled'
  | 'modified'
  | 'modifyRejected'
  | 'canceled'
  | 'cancelRejected'
  | 'triggered'
  | 'restated'

/** By the number in the low byte of the rows. */
export const reportKinds: readonly ReportKind[] = [
  'denied',
  'accepted',
  'rejected',
  'filled',
  'modified',
  'modifyRejected',
  'canceled',
  'cancelRejected',
  'triggered',
  'restated',
]

/** Stable codes of refusals, by number. */
export const reasonCodes: readonly string[] = [
  'ERR_ORDER_TOO_LATE',
  'ERR_ORDER_UNKNOWN',
  'ERR_ORDER_POST_ONLY',
  'ERR_ORDER_UNSUPPORTED',
  'ERR_ORDER_NO_MARKET',
  'ERR_RISK_MAX_POSITION',
  'ERR_RISK_MAX_ORDER_SIZE',
  'ERR_RISK_MAX_LOSS',
  'ERR_RISK_MAX_ORDER_RATE',
  'ERR_ORDER_WARM_UP',
  'ERR_ORDER_NOTHING_TO_DO',
  'ERR_ORDER_ZERO_SIZE',
  'ERR_RISK_BUYING_POWER',
  'ERR_ORDER_END_OF_RUN',
  'ERR_ORDER_OVERFLOW',
  'ERR_ORDER_REDUCE_ONLY',
  'ERR_ORDER_LINKED',
  'ERR_ORDER_NO_SESSION',
  'ERR_ORDER_EXPIRED',
  'ERR_RISK_SHORT_SALE',
  'ERR_RISK_NO_RATE',
  'ERR_ORDER_SPLIT',
]

/**
 * Why a venue cancelled: asked for, nothing left to trade with, the run ended, the risk limits closed trading, a parent
 * or peer was filled or ended, nothing left to reduce, its time was over, the market did not take it when its trigger or
 * parent let it in, the account fell below its maintenance margin, or its instrument was split.
 */
export type CancelReason =
  | 'requested'
  | 'noLiquidity'
  | 'endOfRun'
  | 'risk'
  | 'linked'
  | 'reduceOnly'
  | 'expired'
  | 'refused'
  | 'liquidation'
  | 'split'

/** By number. */
export const cancelReasons: readonly CancelReason[] = [
  'requested',
  'noLiquidity',
  'endOfRun',
  'risk',
  'linked',
  'reduceOnly',
  'expired',
  'refused',
  'liquidation',
  'split',
]

/** What an order is, in the field's words. */
export type OrderType =
  | 'market'
  | 'limit'
  | 'marketToLimit'
  | 'stopMarket'
  | 'stopLimit'
  | 'marketIfTouched'
  | 'limitIfTouched'
  | 'trailingStop'
  | 'trailingStopLimit'

/** By number. */
export const orderTypes: readonly OrderType[] = [
  'market',
  'limit',
  'marketToLimit',
  'stopMarket',
  'stopLimit',
  'marketIfTouched',
  'limitIfTouched',
  'trailingStop',
  'trailingStopLimit',
]

/** Whether nothing can follow a state. */
export function isFinal(status: OrderStatus): boolean {
  return status !== 'pending' && status !== 'accepted' && status !== 'partiallyFilled'
}
