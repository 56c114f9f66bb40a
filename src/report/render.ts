import { TickforgeError } from '../errors.ts'
import { reportAssets } from './assets.ts'
import type { ReportData } from './data.ts'
import { fills } from './fills.ts'
import { escapeHtml, scriptJson } from './format.ts'
import { latency } from './histogram.ts'
import { planCharts } from './payload.ts'
import { chartFrames, header, log, provenance, roundTrips, statistics, tiles, warnings } from './sections.ts'
import { style } from './style.ts'

/**
 * A whole report as one HTML file: it opens offline, asks nothing of any network, and carries its
 * charts' data. Long series are thinned out (the page says where), all texts are escaped.
 *
 * @throws TickforgeError `ERR_REPORT_COLUMNS` when columns of one series have different lengths,
 * `ERR_REPORT_SCRIPT` when the page's script was not built.
 */
export function renderReport(data: ReportData): string {
  checkColumns(data)
  const assets = reportAssets()
  const { payload, charts } = planCharts(data)
  const description = `Backtest report of ${data.title}`
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'">
<meta name="description" content="${escapeHtml(description)}">
<title>${escapeHtml(data.title)} · tickforge</title>
<link rel="icon" href="data:,">
<style>${inlineStyle(assets.uplotStyle)}
${style}</style>
</head>
<body>
<main>
${header(data)}
${warnings(data)}
${tiles(data)}
${chartFrames(charts)}
<div class="columns">
${statistics('Orders', data.orders)}
${data.honesty === undefined ? '' : statistics('Honesty', data.honesty)}
${statistics('Sessions', data.sessions)}
</div>
${latency(data.latency)}
${roundTrips(data)}
${fills(data)}
${log(data)}
${provenance(data)}
<footer><p>Made by tickforge ${escapeHtml(data.engineVersion)}. Simulated results say nothing about future ones.</p></footer>
</main>
<script type="application/json" id="payload">${scriptJson(payload)}</script>
<script>${inlineScript(assets.uplot)}</script>
<script>${inlineScript(assets.page)}</script>
</body>
</html>
`
}

/** A script that cannot end its own element. */
function inlineScript(code: string): string {
  return code.replace(/<\/(script)/gi, '<\\/$1').replace(/<!--/g, '<\\!--')
}

/** A style sheet that cannot end its own element. */
function inlineStyle(code: string): string {
  return code.replace(/<\/(style)/gi, '<\\/$1')
}

function checkColumns(data: ReportData): void {
  const check = (what: string, columns: Record<string, { length: number } | undefined>): void => {
    const lengths = Object.entries(columns).flatMap(([name, column]) =>
      column === undefined ? [] : [[name, column.length] as const],
    )
    const [first] = lengths
    const other = lengths.find(([, length]) => length !== first?.[1])
    if (first === undefined || other === undefined) return
    throw columnsError(
      `${what}: column '${other[0]}' has ${other[1]} values, '${first[0]}' has ${first[1]}; columns of one series are equally long`,
    )
  }
  for (const [at, { time, value, high, low }] of data.prices.entries()) {
    check(`prices[${at}]`, { time, value, high, low })
  }
  for (const [at, { time, value }] of data.plots.entries()) check(`plots[${at}]`, { time, value })
  for (const [at, { time, equity }] of data.equity.entries()) check(`equity[${at}]`, { time, equity })
  for (const [at, { time, position }] of data.positions.entries()) check(`positions[${at}]`, { time, position })
  check('fills', { ...data.fills })
  for (const [at, { bounds, counts }] of data.latency.entries()) {
    if (bounds.length === counts.length + 1 || counts.length === 0) continue
    throw columnsError(`latency[${at}]: ${counts.length} counts need ${counts.length + 1} bounds, not ${bounds.length}`)
  }
}

function columnsError(message: string): TickforgeError {
  return new TickforgeError('ERR_REPORT_COLUMNS', message)
}
