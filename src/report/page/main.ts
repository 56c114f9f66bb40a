import type { Payload } from '../payload.ts'
import { drawChart } from './chart.ts'
import { makeSortable } from './sort.ts'
import { onThemeChange, startTheme } from './theme.ts'
import type { Chart } from './uplot.ts'
import { Zoom } from './zoom.ts'

declare global {
  /** The report's charts and their common range, for whoever inspects the page. */
  var tickforgeReport: { charts: Chart[]; zoom: Zoom } | undefined
}

function start(): void {
  startTheme(document.getElementById('theme'))
  for (const table of document.querySelectorAll<HTMLTableElement>('table.sortable')) makeSortable(table)
  const source = document.getElementById('payload')?.textContent
  if (source === undefined || source === null) return
  const payload = JSON.parse(source) as Payload
  const reset = document.getElementById('reset') as HTMLButtonElement | null
  const [from, to] = payload.range
  const zoom = new Zoom([payload.origin + from / 1000, payload.origin + to / 1000], zoomed => {
    if (reset !== null) reset.disabled = !zoomed
  })
  reset?.addEventListener('click', () => zoom.reset())
  const charts = payload.charts.flatMap(plan => drawChart(payload, plan, zoom) ?? [])
  onThemeChange(() => {
    for (const chart of charts) chart.redraw(false, true)
  })
  globalThis.tickforgeReport = { charts, zoom }
}

start()
