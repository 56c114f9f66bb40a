import type { KeyFigures, Labelled, ReportData, ReportRoundTrip, ReportTable } from './data.ts'
import {
  decimalsOf,
  escapeHtml as e,
  formatDuration,
  formatMoney,
  formatNumber,
  formatPercent,
  formatPeriod,
  formatSigned,
  formatTime,
  NOT_AVAILABLE,
} from './format.ts'
import type { PlannedChart } from './payload.ts'

/** Most round trips that are listed. */
export const MOST_ROUND_TRIPS = 1_000
/** Most log lines that are listed. */
export const MOST_LOG_LINES = 2_000

/** Name, period, strategies and the theme switch. */
export function header(data: ReportData): string {
  const symbols = data.instruments.map(instrument => instrument.symbol).join(', ')
  const origins = [...new Set(data.instruments.map(instrument => instrument.origin))].join('; ')
  const facts = [
    ['Seed', e(String(data.seed))],
    ['State hash', `<code title="${e(data.stateHash)}">${e(data.stateHash.slice(0, 12))}</code>`],
    ['Instrument terms', e(origins === '' ? NOT_AVAILABLE : origins)],
  ]
  const meta = [
    ...facts.map(([label, value]) => `<div><dt>${label}</dt><dd>${value}</dd></div>`),
    '<div><dd><a href="#made">Models, data and terms</a></dd></div>',
  ].join('')
  return `<header class="top">
<div class="headline"><p class="eyebrow">tickforge · backtest report</p>
<h1>${e(data.title)}</h1>
<p class="sub">${e(symbols)} <span class="dot">·</span> <span class="num">${e(formatPeriod(data.period.from, data.period.to))}</span></p>
<dl class="meta">${meta}</dl></div>
<button type="button" id="theme" class="button" aria-label="Switch between light and dark">
<svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true"><path d="M8 1a7 7 0 1 0 0 14V1z" fill="currentColor"/><circle cx="8" cy="8" r="6.5" fill="none" stroke="currentColor"/></svg>
<span>Theme</span></button></header>`
}

/** What a reader must know first. */
export function warnings(data: ReportData): string {
  if (data.warnings.length === 0) return ''
  const items = data.warnings.map(text => `<li>${e(text)}</li>`).join('')
  return `<section class="warnings" aria-labelledby="warnings-title"><h2 id="warnings-title">Read this first</h2><ul>${items}</ul></section>`
}

interface Tile {
  label: string
  value: string
  note?: string | undefined
  tone?: 'gain' | 'loss' | 'none'
}

const tone = (value: number | null): 'gain' | 'loss' | 'none' =>
  value === null || value === 0 || !Number.isFinite(value) ? 'none' : value > 0 ? 'gain' : 'loss'

/** The key figures as tiles. */
export function tiles(data: ReportData): string {
  const figures = data.figures
  const notes = figures.notes ?? {}
  const money = `in ${data.currency}`
  const tile = (label: string, key: Exclude<keyof KeyFigures, 'notes'>, value: string, note?: string): Tile => ({
    label,
    value,
    note: notes[key] ?? note,
  })
  const list: Tile[] = [
    { ...tile('Total P&L', 'totalPnl', formatSigned(figures.totalPnl), money), tone: tone(figures.totalPnl) },
    {
      ...tile('Return', 'returnFraction', formatPercent(figures.returnFraction), 'on initial cash'),
      tone: tone(figures.returnFraction),
    },
    tile(
      'Sharpe ratio',
      'sharpe',
      formatNumber(figures.sharpe, 2, 2),
      figures.sharpe === null ? undefined : 'annualised',
    ),
    tile(
      'Max drawdown',
      'maxDrawdown',
      formatMoney(figures.maxDrawdown),
      figures.maxDrawdownFraction === null ? money : `${formatPercent(figures.maxDrawdownFraction)} of the peak`,
    ),
    tile('Win rate', 'winRate', formatPercent(figures.winRate, 1), 'of round trips'),
    tile('Round trips', 'trades', formatNumber(figures.trades), 'entry to exit'),
    tile('Fills', 'fills', formatNumber(figures.fills), 'executions'),
    tile('Fill ratio', 'fillRatio', formatPercent(figures.fillRatio, 1), 'of accepted orders'),
    tile('Fees', 'fees', formatMoney(figures.fees), money),
    tile('Volume', 'volume', formatNumber(figures.volume), 'units traded'),
    tile('Average trade', 'averageTradeDurationMs', formatDuration(figures.averageTradeDurationMs), 'entry to exit'),
  ]
  const html = list.map(item => {
    const note = item.note === undefined ? '' : `<dd class="note">${e(item.note)}</dd>`
    const value = item.value === NOT_AVAILABLE ? 'missing' : (item.tone ?? 'none')
    return `<div class="tile"><dt>${e(item.label)}</dt><dd class="value ${value}">${e(item.value)}</dd>${note}</div>`
  })
  return `<section aria-label="Key figures"><dl class="tiles">${html.join('')}</dl></section>`
}

/** The frames that the script draws into. */
export function chartFrames(charts: readonly PlannedChart[]): string {
  if (charts.length === 0) return ''
  const frames = charts.map(({ chart, title, notes }) => {
    const told = notes.map(note => `<p class="note">${e(note)}</p>`).join('')
    const key = chart.kind === 'price' ? fillKey : ''
    return `<figure class="card chart"><figcaption><h3>${e(title)}</h3>${key}${told}</figcaption>
<div class="plot" id="${e(chart.id)}" data-height="${chart.height}" tabindex="0" role="img" aria-label="${e(describe(chart.lines, title))}"></div></figure>`
  })
  return `<section aria-labelledby="charts-title"><div class="bar"><h2 id="charts-title">Charts</h2>
<p class="hint">Drag to zoom, wheel to zoom in and out, Shift + drag to move, double click to reset. All charts move together. Times are UTC.</p>
<button type="button" id="reset" class="button" disabled>Reset zoom</button></div>
${frames.join('\n')}
<noscript><p class="note">The charts need JavaScript; all figures and tables are complete without it.</p></noscript></section>`
}

const fillKey = `<ul class="key" aria-label="Markers">
<li><svg viewBox="0 0 12 12" aria-hidden="true"><path class="buy solid" d="M6 1 11 11H1z"/></svg>buy, maker</li>
<li><svg viewBox="0 0 12 12" aria-hidden="true"><path class="buy" d="M6 2 10.5 10.5h-9z"/></svg>buy, taker</li>
<li><svg viewBox="0 0 12 12" aria-hidden="true"><path class="sell solid" d="M6 11 1 1h10z"/></svg>sell, maker</li>
<li><svg viewBox="0 0 12 12" aria-hidden="true"><path class="sell" d="M6 10 1.5 1.5h9z"/></svg>sell, taker</li></ul>`

function describe(lines: PlannedChart['chart']['lines'], title: string): string {
  const parts = lines.map(line => {
    let lowest = Number.POSITIVE_INFINITY
    let highest = Number.NEGATIVE_INFINITY
    for (const value of line.y) {
      if (value === null) continue
      if (value < lowest) lowest = value
      if (value > highest) highest = value
    }
    return Number.isFinite(lowest) ? `${line.name} from ${formatNumber(lowest)} to ${formatNumber(highest)}` : line.name
  })
  return `${title}: ${parts.join('; ')}. Arrow keys move, plus and minus zoom, 0 resets.`
}

function cell(value: string | number | null | undefined): string {
  if (value === null || value === undefined) return `<td class="num missing">${NOT_AVAILABLE}</td>`
  return typeof value === 'number' ? `<td class="num">${formatNumber(value)}</td>` : `<td class="num">${e(value)}</td>`
}

/** A titled table of statistics; nothing when it has no rows. */
export function statistics(title: string, table: ReportTable): string {
  if (table.rows.length === 0) return ''
  const heads = table.columns
    .map((name, index) => `<th scope="col"${index === 0 ? '' : ' class="num"'}>${e(name)}</th>`)
    .join('')
  const rows = table.rows.map(row => {
    const [label, ...rest] = row
    return `<tr><th scope="row">${e(String(label ?? ''))}</th>${rest.map(cell).join('')}</tr>`
  })
  return `<section class="card"><h2>${e(title)}</h2><div class="scroll"><table><thead><tr>${heads}</tr></thead><tbody>${rows.join('')}</tbody></table></div></section>`
}

/** The round trips, sortable by every column. */
export function roundTrips(data: ReportData): string {
  const all = data.roundTrips
  if (all.length === 0)
    return `<section class="card"><h2>Round trips</h2><p class="note">No position was opened and closed.</p></section>`
  const shown = all.slice(0, MOST_ROUND_TRIPS)
  const told =
    all.length > shown.length
      ? `The first ${formatNumber(shown.length)} of ${formatNumber(all.length)} are shown; all are in round_trips.parquet.`
      : `${formatNumber(all.length)} in all. Select a column head to sort.`
  const heads = [
    '#',
    'Strategy',
    'Instrument',
    'Side',
    'Entry (UTC)',
    'Duration',
    'Quantity',
    'Entry price',
    'Exit price',
    'P&L',
    'Fees',
    'MAE',
    'MFE',
  ]
  const text = new Set(['Strategy', 'Instrument', 'Side', 'Entry (UTC)'])
  const titles: Record<string, string> = {
    'P&L': 'Profit after fees',
    MAE: 'Maximum adverse excursion: largest open loss on the way',
    MFE: 'Maximum favourable excursion: largest open profit on the way',
  }
  const head = heads
    .map(name => {
      const title = titles[name] === undefined ? '' : ` title="${e(titles[name])}"`
      return `<th scope="col"${text.has(name) ? '' : ' class="num"'}><button type="button"${title}>${e(name)}</button></th>`
    })
    .join('')
  const rows = shown.map((trip, index) => roundTripRow(data, trip, index + 1)).join('')
  return `<section class="card"><h2 id="trips-title">Round trips</h2><p class="note">${told}</p>
<div class="scroll tall" tabindex="0" role="region" aria-labelledby="trips-title"><table class="sortable" id="trips"><thead><tr>${head}</tr></thead><tbody>${rows}</tbody></table></div></section>`
}

function roundTripRow(data: ReportData, trip: ReportRoundTrip, number: number): string {
  const instrument = data.instruments[trip.instrument]
  const decimals = decimalsOf(Math.max(instrument?.tickSize ?? 0.01, 1e-4))
  const sorted = (value: number, text: string, tone = ''): string =>
    `<td class="num${tone}" data-v="${value}">${text}</td>`
  const price = (value: number): string => sorted(value, formatNumber(value, decimals, decimals + 2))
  const money = (value: number): string => sorted(value, formatMoney(value))
  const side = trip.side === 0 ? 'long' : 'short'
  return `<tr>${sorted(number, String(number))}<td>${e(data.strategies[trip.strategy] ?? '')}</td><td>${e(instrument?.symbol ?? '')}</td><td class="${side}">${side}</td><td class="time" data-v="${trip.entryTime}">${formatTime(trip.entryTime, true).slice(0, -3)}</td>${sorted(
    trip.exitTime - trip.entryTime,
    formatDuration(trip.exitTime - trip.entryTime),
  )}${sorted(trip.quantity, formatNumber(trip.quantity))}${price(trip.entryPrice)}${price(trip.exitPrice)}${sorted(
    trip.pnl,
    formatSigned(trip.pnl),
    ` ${tone(trip.pnl)}`,
  )}${money(trip.fees)}${money(trip.mae)}${money(trip.mfe)}</tr>`
}

/** What the strategies logged. */
export function log(data: ReportData): string {
  if (data.log.length === 0) return ''
  const shown = data.log.slice(0, MOST_LOG_LINES)
  const told =
    data.log.length > shown.length
      ? `<p class="note">The first ${formatNumber(shown.length)} of ${formatNumber(data.log.length)} lines are shown.</p>`
      : ''
  const lines = shown.map(
    line =>
      `<tr><td class="time">${formatTime(line.time, true)}</td><td>${e(data.strategies[line.strategy] ?? '')}</td><td class="text">${e(line.text)}</td></tr>`,
  )
  return `<section class="card"><h2 id="log-title">Log</h2>${told}<div class="scroll tall" tabindex="0" role="region" aria-labelledby="log-title"><table class="log"><thead><tr><th scope="col">Time (UTC)</th><th scope="col">Strategy</th><th scope="col">Line</th></tr></thead><tbody>${lines.join('')}</tbody></table></div></section>`
}

/** Where the result comes from: instruments, models, data, seed, hash. */
export function provenance(data: ReportData): string {
  const instruments = data.instruments.map(
    i =>
      `<tr><th scope="row">${e(i.symbol)}</th><td>${e(i.kind)}</td>${cell(i.tickSize)}${cell(i.lotSize)}${cell(i.multiplier)}<td>${e(i.currency)}</td><td>${e(i.venue ?? '')}</td><td>${e(i.origin)}</td></tr>`,
  )
  const files = data.data.map(file => {
    const digest =
      file.sha256 === undefined ? '' : `<code title="SHA-256 ${e(file.sha256)}">${e(file.sha256.slice(0, 16))}…</code>`
    return `<tr><th scope="row">${e(file.name)}</th><td>${e(file.detail ?? '')}</td><td>${digest}</td></tr>`
  })
  const run: Labelled[] = [
    { label: 'Strategies', value: data.strategies.join(', ') },
    { label: 'Seed', value: String(data.seed) },
    { label: 'Engine', value: `tickforge ${data.engineVersion}` },
  ]
  const facts = [...run, ...data.models].map(item => `<div><dt>${e(item.label)}</dt><dd>${e(item.value)}</dd></div>`)
  return `<section class="card" id="made"><h2>How this result was made</h2>
<dl class="facts">${facts.join('')}<div class="wide"><dt>State hash</dt><dd><code id="hash">${e(data.stateHash)}</code></dd></div></dl>
<h3>Instruments</h3><div class="scroll"><table><thead><tr><th scope="col">Symbol</th><th scope="col">Kind</th><th scope="col" class="num">Tick</th><th scope="col" class="num">Lot</th><th scope="col" class="num">Multiplier</th><th scope="col">Currency</th><th scope="col">Venue</th><th scope="col">Terms from</th></tr></thead><tbody>${instruments.join('')}</tbody></table></div>
<h3>Data</h3><div class="scroll"><table><thead><tr><th scope="col">File</th><th scope="col">Content</th><th scope="col">SHA-256</th></tr></thead><tbody>${files.join('')}</tbody></table></div></section>`
}
