/** Statistics in the conventions of other engines, so that a result can be laid beside theirs. */
import type { RoundTrip, SessionOutcome } from './outcome.ts'

/** What {@link backtestingPyStatistics} is computed from: a `BacktestResult` has all of it. */
export interface ConventionInput {
  readonly sessions: readonly SessionOutcome[]
  readonly roundTrips: readonly RoundTrip[]
  readonly figures: { readonly finalEquity: number }
}

/** Statistics as backtesting.py 0.6 defines them; shares are fractions, not percent. */
export interface BacktestingPyStatistics {
  readonly finalEquity: number
  /** Closed trades. */
  readonly trades: number
  /** Share of trades with a profit. */
  readonly winRate: number
  /** Below zero. */
  readonly maxDrawdown: number
  /** `(1 + g)^252 − 1`, `g` the geometric mean of daily returns. */
  readonly annualReturn: number
  /** `√((s² + (1 + g)²)^252 − (1 + g)^504)`, `s` the sample deviation of daily returns. */
  readonly annualVolatility: number
  /** `annualReturn / annualVolatility`. */
  readonly sharpe: number
  /** `annualReturn / (√mean(min(r, 0)²) × √252)`. */
  readonly sortino: number
  /** `annualReturn / −maxDrawdown`. */
  readonly calmar: number
  /** Sum of the returns of profitable trades over that of the others. */
  readonly profitFactor: number
  /** `√n × mean / sample deviation` of the trades' profits. */
  readonly sqn: number
}

const days = 252

/**
 * Statistics of a daily run in the conventions of backtesting.py 0.6: the equity at each bar's close, the first return
 * counted as zero, 252 days a year, compounding throughout.
 *
 * @example
 * ```ts
 * const { sharpe, sqn } = backtestingPyStatistics(result)
 * ```
 */
export function backtestingPyStatistics(input: ConventionInput): BacktestingPyStatistics {
  const { sessions, roundTrips, figures } = input
  const equity = sessions.map(session => session.equity)
  // What was closed at the end belongs to the last bar.
  if (equity.length > 0) equity[equity.length - 1] = figures.finalEquity
  const returns = equity.map((value, at) => (at === 0 ? 0 : value / equity[at - 1]! - 1))
  const growth = Math.exp(sum(returns.map(value => Math.log1p(value))) / equity.length) - 1
  const deviation = sampleDeviation(returns)
  const annualReturn = (1 + growth) ** days - 1
  const annualVolatility = Math.sqrt((deviation ** 2 + (1 + growth) ** 2) ** days - (1 + growth) ** (2 * days))
  const downside = Math.sqrt(sum(returns.map(value => Math.min(value, 0) ** 2)) / returns.length) * Math.sqrt(days)
  const maxDrawdown = -largestDrawdown(equity)
  const closed = roundTrips.filter(trip => trip.closed)
  const profits = closed.map(trip => trip.net)
  const tradeReturns = closed.map(tradeReturn)
  const won = sum(tradeReturns.filter(value => value > 0))
  const lost = Math.abs(sum(tradeReturns.filter(value => value < 0)))
  return {
    finalEquity: figures.finalEquity,
    trades: closed.length,
    winRate: profits.filter(profit => profit > 0).length / closed.length,
    maxDrawdown,
    annualReturn,
    annualVolatility,
    sharpe: annualReturn / annualVolatility,
    sortino: annualReturn / downside,
    calmar: annualReturn / -maxDrawdown,
    profitFactor: won / lost,
    sqn: (Math.sqrt(closed.length) * (sum(profits) / closed.length)) / sampleDeviation(profits),
  }
}

/** The return of a trade on its entry, fees included. */
function tradeReturn(trip: RoundTrip): number {
  const sign = trip.side === 'long' ? 1 : -1
  return sign * (trip.exitPrice / trip.entryPrice - 1) - trip.fees / (trip.quantity * trip.entryPrice)
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

function sampleDeviation(values: readonly number[]): number {
  const mean = sum(values) / values.length
  return Math.sqrt(sum(values.map(value => (value - mean) ** 2)) / (values.length - 1))
}

function largestDrawdown(equity: readonly number[]): number {
  let peak = Number.NEGATIVE_INFINITY
  let largest = 0
  for (const value of equity) {
    peak = Math.max(peak, value)
    largest = Math.max(largest, 1 - value / peak)
  }
  return largest
}
