import { formatNumber, formatTime } from '../format.ts'
import type { ChartPayload, Line, Payload } from '../payload.ts'
import { FillLayer } from './marks.ts'
import { color, tint } from './theme.ts'
import { timeLabels, timeTicks } from './time-axis.ts'
import type { AlignedData, AxisOptions, Chart, ChartOptions, SeriesOptions } from './uplot.ts'
import type { Zoom } from './zoom.ts'

const axisFont = '11px system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif'
const axisWidth = 76

/** Draws one chart into its element and lets it follow the common zoom. */
export function drawChart(payload: Payload, plan: ChartPayload, zoom: Zoom): Chart | undefined {
  const element = document.getElementById(plan.id)
  if (element === null) return undefined
  const times = (x: readonly number[]): number[] => x.map(value => payload.origin + value / 1000)
  const layer =
    plan.fills === undefined
      ? undefined
      : new FillLayer(plan.fills, times(plan.fills.x), payload.strategies, plan.decimals)
  const tables = plan.lines.map(line => {
    const columns = line.band === undefined ? [line.y] : [line.band.high, line.band.low, line.y]
    return [times(line.x), ...columns] as AlignedData
  })
  const data = tables.length === 1 ? (tables[0] as AlignedData) : uPlot.join(tables)
  const [bands, series] = seriesOf(plan)
  const colors = colorsOf(plan)
  const paint = (index: number): string => color(colors[index] ?? 'ink')
  const options: ChartOptions = {
    width: element.clientWidth,
    height: plan.height,
    padding: [10, 14, 0, 0],
    scales: {
      x: { time: false, range: (_chart, min, max) => (min < max ? [min, max] : [min - 1, max + 1]) },
      y: { range: (_chart, min, max) => rangeOf(plan, min, max) },
    },
    series: [
      { label: 'Time', value: (_chart, value) => (value === null ? 'latest' : formatTime(value, true)) },
      ...series,
    ],
    bands,
    axes: [timeAxis(), valueAxis(plan)],
    cursor: {
      ...zoom.cursor,
      dataIdx: (chart, index, hovered) => lastValue(chart.data[index], hovered),
      points: { size: 6, width: 0, fill: (_chart, index) => (colors[index] === 'edge' ? 'transparent' : paint(index)) },
    },
    legend: { markers: { width: 0, fill: (_chart, index) => paint(index) } },
    hooks: {
      ready: [chart => layer?.attach(chart)],
      draw: [chart => layer?.draw(chart)],
      setCursor: [chart => layer?.point(chart)],
      setSelect: [chart => zoom.selected(chart)],
    },
  }
  const chart = new uPlot(options, data, element)
  zoom.follow(chart, element)
  new ResizeObserver(() => {
    if (element.clientWidth > 0 && element.clientWidth !== chart.width) {
      chart.setSize({ width: element.clientWidth, height: plan.height })
    }
  }).observe(element)
  return chart
}

/** The column's index of the last value at or before an index: lines with different times share one axis. */
function lastValue(column: AlignedData[number] | undefined, from: number): number {
  if (column === undefined) return from
  for (let index = from; index >= 0; index--) if (column[index] !== undefined) return index
  return from
}

function rangeOf(plan: ChartPayload, min: number | null, max: number | null): [number, number] {
  if (min === null || max === null) return [0, 1]
  const low = plan.kind === 'position' ? Math.min(min, 0) : min
  const high = plan.kind === 'position' || plan.kind === 'drawdown' ? Math.max(max, 0) : max
  const spare =
    high > low ? (high - low) * (plan.kind === 'price' ? 0.09 : 0.06) : Math.max(Math.abs(high) * 1e-4, 1e-9)
  return [low - spare, plan.kind === 'drawdown' ? high : high + spare]
}

/** The palette's colours of all series: the time, then each line, its band's two edges before it. */
function colorsOf(plan: ChartPayload): string[] {
  const lines = plan.lines.flatMap(line => (line.band === undefined ? [line.color] : ['edge', 'edge', line.color]))
  return ['ink', ...lines]
}

function seriesOf(plan: ChartPayload): [NonNullable<ChartOptions['bands']>, SeriesOptions[]] {
  const bands: NonNullable<ChartOptions['bands']> = []
  const series: SeriesOptions[] = []
  const value = (chart: Chart, given: number | null, index: number): string => {
    const shown = given ?? latest(chart.data[index])
    return shown === null ? '–' : formatNumber(shown, plan.kind === 'position' ? 0 : plan.decimals, plan.decimals)
  }
  for (const line of plan.lines) {
    if (line.band !== undefined) {
      for (const label of ['high', 'low']) series.push({ label, value, width: 0, points: { show: false } })
      bands.push({ series: [series.length - 1, series.length], fill: () => tint(line.color, 0.13) })
    }
    series.push(lineSeries(plan, line, value))
  }
  return [bands, series]
}

function lineSeries(plan: ChartPayload, line: Line, value: NonNullable<SeriesOptions['value']>): SeriesOptions {
  const options: SeriesOptions = {
    label: line.name,
    value,
    width: line.color === 'ink' ? 1.25 : 1.5,
    stroke: () => color(line.color),
    points: { show: false },
  }
  if (line.style === 'area') {
    options.fill = () => tint(line.color, 0.14)
    options.fillTo = chart => (plan.kind === 'drawdown' ? 0 : (chart.scales['y']?.min ?? 0))
  }
  const stepped = line.style === 'step' ? uPlot.paths.stepped?.({ align: 1 }) : undefined
  if (stepped !== undefined) {
    options.paths = stepped
    options.fill = () => tint(line.color, 0.1)
    options.fillTo = 0
  }
  return options
}

function latest(column: AlignedData[number] | undefined): number | null {
  if (column === undefined) return null
  for (let index = column.length - 1; index >= 0; index--) {
    const value = column[index]
    if (value !== null && value !== undefined) return value
  }
  return null
}

function look(): AxisOptions {
  return {
    stroke: () => color('muted'),
    font: axisFont,
    grid: { stroke: () => color('grid'), width: 1 },
    ticks: { show: false },
    border: { show: false },
  }
}

function timeAxis(): AxisOptions {
  return {
    ...look(),
    size: 40,
    gap: 8,
    splits: (chart, _axis, min, max) => timeTicks(min, max, Math.max(2, (chart.width - axisWidth) / 100)),
    values: (_chart, splits) => timeLabels(splits),
  }
}

function valueAxis(plan: ChartPayload): AxisOptions {
  return {
    ...look(),
    size: axisWidth,
    gap: 8,
    space: 36,
    values: (_chart, splits) => {
      const step = splits.length > 1 ? Math.abs((splits[1] as number) - (splits[0] as number)) : 1
      const digits = Math.min(
        Math.max(Math.ceil(-Math.log10(step) - 1e-9), 0),
        plan.kind === 'panel' ? 8 : plan.decimals,
      )
      return splits.map(split => formatNumber(split, digits, digits))
    },
  }
}
