import type { LatencyHistogram } from './data.ts'
import { escapeHtml as e, formatNanos, formatNumber } from './format.ts'

/** Most bars of a histogram; neighbours are joined beyond that. */
const MOST_BARS = 48

/** The latency histograms as drawings that need no script; nothing when there are none. */
export function latency(histograms: readonly LatencyHistogram[]): string {
  const drawn = histograms.map(draw).filter(text => text !== '')
  if (drawn.length === 0) return ''
  return `<section class="card"><h2>Latency</h2><div class="histograms">${drawn.join('')}</div></section>`
}

interface Bar {
  from: number
  to: number
  count: number
}

/** The buckets as at most {@link MOST_BARS} bars, empty ends cut off. */
export function toBars(histogram: LatencyHistogram): Bar[] {
  const { bounds, counts } = histogram
  let first = 0
  let last = counts.length - 1
  while (first <= last && counts[first] === 0) first++
  while (last >= first && counts[last] === 0) last--
  const joined = Math.max(1, Math.ceil((last - first + 1) / MOST_BARS))
  const bars: Bar[] = []
  for (let at = first; at <= last; at += joined) {
    const end = Math.min(at + joined, last + 1)
    let count = 0
    for (let index = at; index < end; index++) count += counts[index] as number
    bars.push({ from: bounds[at] as number, to: bounds[end] as number, count })
  }
  return bars
}

function draw(histogram: LatencyHistogram): string {
  const bars = toBars(histogram)
  if (bars.length === 0) return ''
  const highest = Math.max(...bars.map(bar => bar.count))
  const total = bars.reduce((sum, bar) => sum + bar.count, 0)
  const shapes = bars.map((bar, index) => {
    const height = Math.max(0.8, (bar.count / highest) * 100)
    const label = `${formatNanos(bar.from)} – ${formatNanos(bar.to)}: ${formatNumber(bar.count)}`
    const visible = bar.count === 0 ? 0 : height
    return `<rect x="${index + 0.06}" y="${(100 - visible).toFixed(2)}" width="0.88" height="${visible.toFixed(2)}"><title>${e(label)}</title></rect>`
  })
  const from = formatNanos((bars[0] as Bar).from)
  const to = formatNanos((bars[bars.length - 1] as Bar).to)
  const percentiles = histogram.percentiles
    .map(p => `<div><dt>${e(p.label)}</dt><dd>${e(formatNanos(p.ns))}</dd></div>`)
    .join('')
  // Few bars would be slabs: the drawing keeps room for a dozen.
  const width = Math.max(bars.length, 12)
  const left = (bars.length - width) / 2
  return `<figure class="histogram"><figcaption><h3>${e(histogram.name)}</h3><p class="note">${formatNumber(total)} samples</p></figcaption>
<svg viewBox="${left} 0 ${width} 100" preserveAspectRatio="none" role="img" aria-label="${e(`${histogram.name}: ${formatNumber(total)} samples from ${from} to ${to}`)}">${shapes.join('')}</svg>
<div class="axis num"><span>${e(from)}</span><span>${e(to)}</span></div>
<dl class="percentiles">${percentiles}</dl></figure>`
}
