/** A result in words. */
import type { BacktestResult } from './result.ts'
import { honestyRows } from './summary-honesty.ts'

/** A few dozen lines for a terminal. */
export function summarize(result: BacktestResult): string {
  const { outcome, figures, stats, facts } = result
  const trades = stats.trades
  const currency = result.configuration.account.currency
  const rows: [string, string][] = [
    ['period', `${stamp(outcome.from)} to ${stamp(outcome.to)}`],
    ['instruments', outcome.instruments.map(({ symbol, kind }) => `${symbol} (${kind})`).join(', ')],
    ['records', `${whole(result.counters.records)} in ${facts.seconds.toFixed(2)} s (${rate(result)})`],
    ['', ''],
    ['total P&L', `${money(figures.totalPnl)} ${currency}`],
    ['  realised, gross', money(figures.realized)],
    ['  fees', money(figures.fees)],
    ['return', percent(stats.total_return)],
    ['max drawdown', `${money(figures.maxDrawdown)} (${percent(figures.maxDrawdownFraction)})`],
    ['Sharpe', figure(stats.sharpe, stats.unavailable['sharpe'])],
    ['Sortino', figure(stats.sortino, stats.unavailable['sortino'])],
    ['sessions', whole(stats.sessions)],
    ['', ''],
    ['orders', `${whole(figures.orders)} (${whole(figures.marketOrders)} market)`],
    [
      '  accepted',
      `${whole(figures.accepted)}, canceled ${whole(figures.canceled)}, modified ${whole(figures.modified)}`,
    ],
    ['  denied', `${whole(figures.denied)}, rejected ${whole(figures.rejected)}, too late ${whole(figures.tooLate)}`],
    ['fills', `${whole(figures.fills)} (${whole(figures.takerFills)} taking)`],
    ['fill ratio', percent(figures.fillRatio)],
    ['volume', `${amount(figures.volume)}, turnover ${money(figures.turnover)}`],
    ['round trips', whole(trades.count)],
    ['  win rate', percent(trades.win_rate)],
    ['  average trade', `${figure(trades.expectancy)}, duration ${duration(trades.average_duration)}`],
    ['  profit factor', figure(trades.profit_factor)],
  ]
  for (const strategy of result.strategies) {
    for (const position of strategy.positions) {
      if (position.fills === 0) continue
      const largest = Math.max(position.largestLong, position.largestShort)
      rows.push([
        `${strategy.name} ${position.symbol}`,
        `position ${amount(position.quantity)}, largest ${amount(largest)}, volume ${amount(position.volume)}`,
      ])
    }
  }
  rows.push(['', ''], ...honestyRows(result.honesty, result.stress))
  rows.push(['', ''], ...outcome.models.map(([name, words]): [string, string] => [`model: ${name}`, words]))
  const hash: [string, string] = ['state hash', outcome.stateHash]
  // Names are the user's: the widest label decides.
  const width = Math.max(18, ...rows.map(([label]) => label.length)) + 2
  const line = ([label, value]: readonly [string, string]): string => (label === '' ? '' : label.padEnd(width) + value)
  const lines = [...rows.map(line), ...result.notes.map(note => `note: ${note}`), line(hash)]
  return lines.join('\n')
}

function rate(result: BacktestResult): string {
  const perSecond = result.counters.records / Math.max(result.facts.seconds, 1e-9)
  return perSecond >= 1e6 ? `${(perSecond / 1e6).toFixed(1)} M/s` : `${(perSecond / 1e3).toFixed(0)} k/s`
}

function stamp(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace('T', ' ').replace('Z', '')
}

function whole(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 0 })
}

function amount(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 8 })
}

function money(value: number): string {
  return value.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })
}

function figure(value: number | null, reason = 'n/a'): string {
  return value === null ? reason : value.toLocaleString('en-US', { maximumFractionDigits: 4 })
}

function percent(value: number | null): string {
  return value === null ? 'n/a' : `${(value * 100).toFixed(2)} %`
}

function duration(nanoseconds: number | null): string {
  if (nanoseconds === null) return 'n/a'
  const seconds = nanoseconds / 1e9
  if (seconds < 1) return `${(seconds * 1000).toFixed(1)} ms`
  if (seconds < 120) return `${seconds.toFixed(1)} s`
  if (seconds < 7200) return `${(seconds / 60).toFixed(1)} min`
  if (seconds < 172_800) return `${(seconds / 3600).toFixed(1)} h`
  return `${(seconds / 86_400).toFixed(1)} days`
}
