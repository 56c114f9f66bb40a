// The table of the benchmarks: one line a figure, rates in millions a second, costs in their own unit.

const columns = [
  ['figure', 46],
  ['best', -9],
  ['median', -9],
  ['unit', 13],
  ['beside', 25],
  ['best', -9],
  ['median', -9],
  ['ratio', -8],
  ['target', 18],
]

const number = value => {
  if (value === null || value === undefined) return '–'
  if (value === 0) return '0'
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2
  return value.toFixed(digits)
}

const pad = (text, width) => (width < 0 ? text.padStart(-width) : text.padEnd(width))
const row = cells =>
  cells
    .map((text, at) => pad(text, columns[at][1]))
    .join(' ')
    .trimEnd()

function targetOf({ target, targetRatio, lessIsBetter, reached }, scale) {
  const wanted = [
    ...(target === null || target === undefined ? [] : [`${lessIsBetter ? '≤' : '≥'} ${number(target / scale)}`]),
    ...(targetRatio === null || targetRatio === undefined ? [] : [`≥ ×${targetRatio}`]),
  ]
  return wanted.length === 0 ? '' : `${reached ? '✓' : '✗'} ${wanted.join(', ')}`
}

function line(figure) {
  const { name, lessIsBetter, unit, baseline, best, median, baselineBest, baselineMedian, ratio } = figure
  const scale = lessIsBetter ? 1 : 1e6
  const scaled = value => number(value === null || value === undefined ? value : value / scale)
  return row([
    name,
    scaled(best),
    scaled(median),
    lessIsBetter ? unit : `M ${unit}/s`,
    baseline,
    scaled(baselineBest),
    scaled(baselineMedian),
    ratio === null || ratio === undefined ? '' : `×${number(ratio)}`,
    targetOf(figure, scale),
  ])
}

/** The figures as lines of text. */
export function tableOf(figures) {
  const lines = [row(columns.map(([name]) => name))]
  for (const figure of figures) {
    if (figure.workload !== undefined) {
      lines.push(row([`instructions/${figure.workload}`, number(figure.instructionsPerRecord), '', 'a record']))
      continue
    }
    lines.push(line(figure))
    if (figure.note !== undefined) lines.push(`  ${figure.note}`)
  }
  return lines.join('\n')
}
