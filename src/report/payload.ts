import type { FillColumns, Numbers, PlotSeries, PriceSeries, ReportData } from './data.ts'
import { decimate, spread } from './decimate.ts'
import { decimalsOf } from './format.ts'

/** Most points of one line that are drawn. */
export const MOST_POINTS = 16_000
/** Most fills that are drawn. */
export const MOST_FILLS = 5_000

/** A column as the page gets it; `null` is a gap. */
export type Column = (number | null)[]

/** One line: times in whole microseconds since {@link Payload.origin}, and values. */
export interface Line {
  /** Name in the legend. */
  name: string
  /** `line` connects the points, `area` fills below them, `step` holds each value. */
  style: 'line' | 'step' | 'area'
  /** Name of a colour of the page's palette. */
  color: string
  /** Times. */
  x: number[]
  /** Values. */
  y: Column
  /** Edges of a band around the line. */
  band?: { low: Column; high: Column }
}

/** The fills of one chart, as columns. */
export interface FillMarks {
  /** Times as in {@link Line}. */
  x: number[]
  /** Prices. */
  price: number[]
  /** Quantities. */
  quantity: number[]
  /** Side + 2 × liquidity: 0 buy maker, 1 sell maker, 2 buy taker, 3 sell taker. */
  kind: number[]
  /** Indices into {@link Payload.strategies}. */
  strategy: number[]
}

/** One chart. */
export interface ChartPayload {
  /** Id of its element. */
  id: string
  /** What the page does with it. */
  kind: 'price' | 'equity' | 'drawdown' | 'position' | 'panel'
  /** Height in CSS pixels. */
  height: number
  /** Decimals of the values. */
  decimals: number
  /** Lines. */
  lines: Line[]
  /** Fills, on price charts. */
  fills?: FillMarks
}

/** What the page's script reads. */
export interface Payload {
  /** Milliseconds since 1970 from which all times count. */
  origin: number
  /** Visible range at the start, as times. */
  range: [number, number]
  /** Strategy names. */
  strategies: string[]
  /** The charts from top to bottom. */
  charts: ChartPayload[]
}

/** A chart with what stands around it, and notes about what was left out. */
export interface PlannedChart {
  /** For the script. */
  chart: ChartPayload
  /** Headline. */
  title: string
  /** Told below the headline. */
  notes: string[]
}

const palette = ['c1', 'c2', 'c3', 'c4', 'c5', 'c6']
const paletteAt = (index: number): string => palette[index % palette.length] as string

/** Plans all charts of a report, thinned out to what can be drawn. */
export function planCharts(data: ReportData): { payload: Payload; charts: PlannedChart[] } {
  const origin = Math.floor(data.period.from)
  const planned = [
    ...data.prices.map((price, at) => planPrice(data, price, at, origin)),
    ...planPanels(data, origin),
    planEquity(data, origin),
    planDrawdown(data, origin),
    planPosition(data, origin),
  ].filter(plan => plan.chart.lines.some(line => line.x.length > 0))
  const range: [number, number] = [micros(data.period.from, origin), micros(data.period.to, origin)]
  const payload: Payload = { origin, range, strategies: [...data.strategies], charts: planned.map(plan => plan.chart) }
  return { payload, charts: planned }
}

function planPrice(data: ReportData, price: PriceSeries, at: number, origin: number): PlannedChart {
  const instrument = data.instruments[price.instrument]
  const notes: string[] = []
  const lines: Line[] = []
  const kept = decimate(price.value, MOST_POINTS, price.low, price.high)
  const line: Line = {
    name: price.name,
    style: 'line',
    color: 'ink',
    x: times(price.time, kept, origin),
    y: values(price.value, kept),
  }
  if (price.low !== undefined && price.high !== undefined) {
    line.band = { low: values(price.low, kept), high: values(price.high, kept) }
  }
  lines.push(line)
  noteThinned(notes, price.name, price.value.length, kept.length)
  const overlays = data.plots.filter(plot => plot.panel === 'price' && (plot.instrument ?? 0) === price.instrument)
  lines.push(...overlays.map((plot, index) => plotLine(plot, index, origin, notes)))
  const chart: ChartPayload = {
    id: `chart-price-${at}`,
    kind: 'price',
    height: 360,
    decimals: decimalsOf(Math.max(instrument?.tickSize ?? 0.01, 1e-4)),
    lines,
    fills: fillMarks(data.fills, price.instrument, origin, notes),
  }
  return { chart, title: `Price and fills · ${instrument?.symbol ?? ''}`, notes }
}

function plotLine(plot: PlotSeries, index: number, origin: number, notes: string[]): Line {
  const kept = decimate(plot.value, MOST_POINTS)
  noteThinned(notes, plot.name, plot.value.length, kept.length)
  const x = times(plot.time, kept, origin)
  return { name: plot.name, style: 'line', color: paletteAt(index), x, y: values(plot.value, kept) }
}

function planPanels(data: ReportData, origin: number): PlannedChart[] {
  const panels = new Map<string, PlotSeries[]>()
  for (const plot of data.plots) {
    if (plot.panel === 'price') continue
    const list = panels.get(plot.panel)
    if (list === undefined) panels.set(plot.panel, [plot])
    else list.push(plot)
  }
  return [...panels].map(([panel, plots], at) => {
    const notes: string[] = []
    const lines = plots.map((plot, index) => plotLine(plot, index, origin, notes))
    const chart: ChartPayload = { id: `chart-panel-${at}`, kind: 'panel', height: 180, decimals: 4, lines }
    return { chart, title: panel, notes }
  })
}

function planEquity(data: ReportData, origin: number): PlannedChart {
  const notes: string[] = []
  const lines = data.equity.map((series, index) => {
    const kept = decimate(series.equity, MOST_POINTS)
    noteThinned(notes, series.name, series.equity.length, kept.length)
    const style: Line['style'] = data.equity.length === 1 ? 'area' : 'line'
    const x = times(series.time, kept, origin)
    return { name: series.name, style, color: paletteAt(index), x, y: values(series.equity, kept) }
  })
  const chart: ChartPayload = { id: 'chart-equity', kind: 'equity', height: 240, decimals: 2, lines }
  return { chart, title: `Equity · ${data.currency}`, notes }
}

function planDrawdown(data: ReportData, origin: number): PlannedChart {
  const lines = data.equity.map((series, index) => {
    const drawdown = drawdownOf(series.equity)
    const kept = decimate(drawdown, MOST_POINTS)
    const color = data.equity.length === 1 ? 'loss' : paletteAt(index)
    const x = times(series.time, kept, origin)
    const style: Line['style'] = data.equity.length === 1 ? 'area' : 'line'
    return { name: series.name, style, color, x, y: values(drawdown, kept) }
  })
  const chart: ChartPayload = { id: 'chart-drawdown', kind: 'drawdown', height: 150, decimals: 2, lines }
  return { chart, title: `Drawdown · ${data.currency}`, notes: [] }
}

/** How far each value lies below the highest before it; zero or below. */
export function drawdownOf(equity: Numbers): Float64Array {
  const result = new Float64Array(equity.length)
  let peak = Number.NEGATIVE_INFINITY
  for (let index = 0; index < equity.length; index++) {
    const value = equity[index] as number
    if (value > peak) peak = value
    result[index] = value - peak
  }
  return result
}

function planPosition(data: ReportData, origin: number): PlannedChart {
  const notes: string[] = []
  const lines = data.positions.map((series, index) => {
    const kept = decimate(series.position, MOST_POINTS)
    noteThinned(notes, series.name, series.position.length, kept.length)
    const x = times(series.time, kept, origin)
    const y = values(series.position, kept)
    // The last position holds to the end of the run.
    const end = micros(data.period.to, origin)
    if (x.length > 0 && (x[x.length - 1] as number) < end) {
      x.push(end)
      y.push(y[y.length - 1] ?? null)
    }
    return { name: series.name, style: 'step' as const, color: paletteAt(index), x, y }
  })
  const chart: ChartPayload = { id: 'chart-position', kind: 'position', height: 150, decimals: 4, lines }
  return { chart, title: 'Position', notes }
}

function fillMarks(fills: FillColumns, instrument: number, origin: number, notes: string[]): FillMarks {
  const own: number[] = []
  for (let index = 0; index < fills.time.length; index++) {
    if (fills.instrument[index] === instrument) own.push(index)
  }
  const kept = spread(own.length, MOST_FILLS)
  if (kept.length < own.length) {
    const all = own.length.toLocaleString('en-US')
    notes.push(`${kept.length.toLocaleString('en-US')} of ${all} fills are drawn, evenly chosen.`)
  }
  const marks: FillMarks = { x: [], price: [], quantity: [], kind: [], strategy: [] }
  for (const at of kept) {
    const index = own[at] as number
    marks.x.push(micros(fills.time[index] as number, origin))
    marks.price.push(compact(fills.price[index] as number))
    marks.quantity.push(compact(fills.quantity[index] as number))
    marks.kind.push((fills.side[index] === 1 ? 1 : 0) + (fills.liquidity[index] === 1 ? 2 : 0))
    marks.strategy.push(fills.strategy[index] as number)
  }
  return marks
}

function noteThinned(notes: string[], name: string, all: number, kept: number): void {
  if (kept >= all) return
  const count = (value: number): string => value.toLocaleString('en-US')
  notes.push(`${name}: ${count(kept)} of ${count(all)} points are drawn; highs and lows are kept.`)
}

/** Whole microseconds since the origin: shorter than milliseconds since 1970, and exact. */
function micros(time: number, origin: number): number {
  return Math.round((time - origin) * 1000)
}

function times(time: Numbers, kept: Uint32Array, origin: number): number[] {
  return Array.from(kept, index => micros(time[index] as number, origin))
}

function values(value: Numbers, kept: Uint32Array): Column {
  return Array.from(kept, index => {
    const number = value[index] as number
    return Number.isFinite(number) ? compact(number) : null
  })
}

/** Twelve significant digits: what a person may read, without a float's tail. */
function compact(value: number): number {
  return Number(value.toPrecision(12))
}
