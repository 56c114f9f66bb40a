/** From a result to what its report shows. */
import { basename, dirname, relative } from 'node:path'
import type { LatencyHistogram, PlotSeries, ReportData, ReportTable } from '../report/data.ts'
import { shellWord } from '../report/fills.ts'
import type { HistogramBar } from './outcome.ts'
import type { BacktestResult } from './result.ts'
import { honestyRows } from './summary-honesty.ts'

/** Everything that the report of a result shows. */
export function reportData(result: BacktestResult): ReportData {
  const { outcome, figures, stats } = result
  const trades = stats.trades
  const strategies = result.strategies.map(({ name }) => name)
  return {
    title: strategies.join(', '),
    strategies,
    period: { from: outcome.from, to: outcome.to },
    currency: result.configuration.account.currency,
    stateHash: outcome.stateHash,
    seed: result.configuration.seed,
    engineVersion: outcome.engineVersion,
    instruments: outcome.instruments,
    models: outcome.models.map(([label, value]) => ({ label, value })),
    data: dataFiles(result),
    warnings: result.notes,
    figures: {
      totalPnl: figures.totalPnl,
      returnFraction: stats.total_return,
      sharpe: stats.sharpe,
      maxDrawdown: figures.maxDrawdown,
      maxDrawdownFraction: figures.maxDrawdownFraction,
      winRate: trades.win_rate,
      trades: trades.count,
      fills: figures.fills,
      fillRatio: figures.fillRatio,
      fees: figures.fees,
      volume: figures.volume,
      averageTradeDurationMs: trades.average_duration === null ? null : trades.average_duration / 1e6,
      notes: stats.sharpe === null ? { sharpe: stats.unavailable['sharpe'] ?? 'n/a' } : {},
    },
    prices: outcome.prices.map((curve, instrument) => ({
      instrument,
      name: 'mid',
      time: curve.time,
      value: curve.price,
    })),
    plots: plots(result),
    fills: outcome.fills,
    equity: outcome.equity,
    positions: outcome.prices.map(({ symbol, time, position }) => ({ name: symbol, time, position })),
    orders: orderTable(result),
    honesty: {
      columns: ['What the result rests on', ''],
      rows: honestyRows(result.honesty, result.stress),
    },
    sessions: sessionTable(result),
    roundTrips: result.roundTrips
      .filter(({ closed }) => closed)
      .map(trip => ({
        strategy: trip.strategy,
        instrument: trip.instrument,
        side: trip.side === 'long' ? 0 : 1,
        entryTime: trip.entryTime,
        exitTime: trip.exitTime,
        quantity: trip.quantity,
        entryPrice: trip.entryPrice,
        exitPrice: trip.exitPrice,
        pnl: trip.net,
        fees: trip.fees,
        mae: Math.abs(trip.mae),
        mfe: trip.mfe,
      })),
    latency: [
      histogram('order to acknowledgement', outcome.acknowledgement),
      histogram('venue to strategy', outcome.response),
    ].filter(found => found !== null),
    log: result.records.flatMap((records, strategy) =>
      records.logs.map(({ time, level, message }) => ({
        time,
        strategy,
        text: level === 'info' ? message : `${level}: ${message}`,
      })),
    ),
    ...explained(result),
  }
}

/** Where the run's `run.json` lies, when it can be made again: a strategy that has no file cannot. */
function explained(result: BacktestResult): { explain?: string } {
  const { output, strategies } = result.configuration
  const tables = [output.tradesFile, output.metricsFile].find(path => path !== null)
  const folder = output.directory ?? (tables == null ? null : dirname(tables))
  if (folder === null || result.facts.aborted || strategies.some(({ source }) => source === null)) return {}
  const near = relative(process.cwd(), folder)
  // From where the run was started, when the folder lies there.
  const path = near.startsWith('..') ? folder : near === '' ? '.' : near
  return { explain: `tickforge explain ${shellWord(path)}` }
}

function dataFiles(result: BacktestResult): ReportData['data'] {
  const detail = `${result.counters.records.toLocaleString('en-US')} records in all`
  const files = result.outcome.files.map(file => ({ name: basename(file), detail }))
  if (files.length > 0) return files
  const seeds = result.configuration.data.flatMap(({ synthetic }) => (synthetic === null ? [] : [synthetic.seed]))
  return [{ name: `generated market (seed ${seeds.join(', ')})`, detail }]
}

function plots(result: BacktestResult): PlotSeries[] {
  return result.records.flatMap((records, strategy) => {
    const plotted = records.plots.map(({ name, times, values }) => ({
      name,
      strategy,
      panel: name,
      time: times,
      value: values,
    }))
    const indicators = records.indicators.map(({ name, formula, symbol, times, values }) => {
      const instrument = result.outcome.instruments.findIndex(known => known.symbol === symbol)
      // An average has the scale of the price and lies over it; everything else has a panel of its own.
      const isPrice = /^(sma|ema|wma|bollinger|highest|lowest|vwap|donchian)/.test(formula) && instrument >= 0
      const place = isPrice ? { panel: 'price', instrument } : { panel: name }
      return { name, strategy, ...place, time: times, value: values }
    })
    return [...plotted, ...indicators]
  })
}

function orderTable(result: BacktestResult): ReportTable {
  const { figures } = result
  const { status } = result.outcome.orders
  const ended = (word: string): number => status.filter(found => found === word).length
  return {
    columns: ['Orders', 'Count'],
    rows: [
      ['submitted', figures.orders],
      ['market', figures.marketOrders],
      ['accepted', figures.accepted],
      ['filled', ended('filled')],
      ['canceled', figures.canceled],
      ['modified', figures.modified],
      ['denied by risk limits', figures.denied],
      ['rejected by the venue', figures.rejected],
      ['cancel or change too late', figures.tooLate],
      ['fills', figures.fills],
      ['fills that took liquidity', figures.takerFills],
      ['recorded volume displaced', result.counters.displacedVolume],
      ['own crossings (never traded)', result.counters.ownCrossings],
    ],
  }
}

function sessionTable(result: BacktestResult): ReportTable {
  return {
    columns: ['Session close (UTC)', 'Equity', 'P&L', 'Fills', 'Volume'],
    rows: result.sessions.map(({ time, equity, pnl, fills, volume }) => [
      new Date(time).toISOString().slice(0, 19).replace('T', ' '),
      equity,
      pnl,
      fills,
      volume,
    ]),
  }
}

function histogram(name: string, bars: readonly HistogramBar[]): LatencyHistogram | null {
  const first = bars[0]
  if (first === undefined) return null
  const total = bars.reduce((sum, { count }) => sum + count, 0)
  const quantile = (part: number): number => {
    let seen = 0
    for (const { to, count } of bars) {
      seen += count
      if (seen >= part * total) return to
    }
    return bars.at(-1)?.to ?? 0
  }
  return {
    name,
    bounds: [first.from, ...bars.map(({ to }) => to + 1)],
    counts: bars.map(({ count }) => count),
    percentiles: [
      { label: 'p50', ns: quantile(0.5) },
      { label: 'p90', ns: quantile(0.9) },
      { label: 'p99', ns: quantile(0.99) },
    ],
  }
}
