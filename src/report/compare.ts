import type { FillColumns, KeyFigures } from './data.ts'
import { formatNumber, formatTime } from './format.ts'

/** What a comparison looks at. A `ReportData` has the same fields. */
export interface ComparableResult {
  /** Name of the run. */
  readonly title: string
  /** State hash. */
  readonly stateHash: string
  /** Key figures; `null` is "n/a". */
  readonly figures: KeyFigures
  /** All fills, in order. */
  readonly fills: FillColumns
  /** Symbols by instrument index, for words. */
  readonly instruments: readonly { readonly symbol: string }[]
  /** Strategy names by index, for words. */
  readonly strategies: readonly string[]
}

/** A key figure of both runs. */
export interface FigureDifference {
  /** Name of the figure. */
  readonly name: string
  /** Value in the first run. */
  readonly a: number | null
  /** Value in the second run. */
  readonly b: number | null
  /** `b − a`, or `null` where either is "n/a". */
  readonly difference: number | null
}

/** The first fill in which two runs part. */
export interface FillDifference {
  /** Its number, from 0. */
  readonly index: number
  /** The fill of the first run in words, or `null` when it has no more. */
  readonly a: string | null
  /** The fill of the second run in words, or `null` when it has no more. */
  readonly b: string | null
}

/** What differs between two runs. */
export interface Comparison {
  /** Whether nothing differs: hashes, key figures and fills. */
  readonly same: boolean
  /** Whether the state hashes are equal. */
  readonly sameHash: boolean
  /** Every key figure, equal ones too. */
  readonly figures: readonly FigureDifference[]
  /** The first difference in the fills, or `null` when they are the same. */
  readonly firstFill: FillDifference | null
  /** All of it as a table for people. */
  readonly text: string
}

const figureNames = [
  'totalPnl',
  'returnFraction',
  'sharpe',
  'maxDrawdown',
  'maxDrawdownFraction',
  'winRate',
  'trades',
  'fills',
  'fillRatio',
  'fees',
  'volume',
  'averageTradeDurationMs',
] as const satisfies readonly Exclude<keyof KeyFigures, 'notes'>[]

const fillColumns = ['time', 'instrument', 'strategy', 'side', 'price', 'quantity', 'liquidity'] as const

/** Compares two runs: key figures, state hashes, and the fills up to the first that differs. */
export function compareResults(a: ComparableResult, b: ComparableResult): Comparison {
  const figures = figureNames.map(name => {
    const [left, right] = [a.figures[name], b.figures[name]]
    return { name, a: left, b: right, difference: left === null || right === null ? null : right - left }
  })
  const sameHash = a.stateHash === b.stateHash
  const firstFill = firstDifference(a, b)
  const same = sameHash && firstFill === null && figures.every(figure => Object.is(figure.a, figure.b))
  return { same, sameHash, figures, firstFill, text: describe(a, b, figures, sameHash, firstFill) }
}

function firstDifference(a: ComparableResult, b: ComparableResult): FillDifference | null {
  const counts = [a.fills.time.length, b.fills.time.length] as const
  for (let index = 0; index < Math.max(...counts); index++) {
    const equal =
      index < Math.min(...counts) &&
      fillColumns.every(column => Object.is(a.fills[column][index], b.fills[column][index]))
    if (!equal) return { index, a: fillText(a, index), b: fillText(b, index) }
  }
  return null
}

function fillText(result: ComparableResult, index: number): string | null {
  const { fills } = result
  if (index >= fills.time.length) return null
  const side = fills.side[index] === 1 ? 'sell' : 'buy'
  const liquidity = fills.liquidity[index] === 1 ? 'taker' : 'maker'
  const symbol = result.instruments[fills.instrument[index] as number]?.symbol ?? ''
  const strategy = result.strategies[fills.strategy[index] as number] ?? ''
  const amount = `${formatNumber(fills.quantity[index], 0, 9)} ${symbol} @ ${formatNumber(fills.price[index], 0, 9)}`
  return `${formatTime(fills.time[index] as number, true)} ${strategy} ${side} ${amount} ${liquidity}`
}

function describe(
  a: ComparableResult,
  b: ComparableResult,
  figures: readonly FigureDifference[],
  sameHash: boolean,
  firstFill: FillDifference | null,
): string {
  const rows = [
    ['', `a: ${a.title}`, `b: ${b.title}`, 'b − a'],
    ...figures.map(figure => [
      figure.name,
      formatNumber(figure.a),
      formatNumber(figure.b),
      figure.difference === 0 || (figure.a === null && figure.b === null) ? '=' : formatNumber(figure.difference),
    ]),
    ['stateHash', a.stateHash.slice(0, 12), b.stateHash.slice(0, 12), sameHash ? '=' : 'differs'],
  ]
  const widths = [0, 1, 2, 3].map(column => Math.max(...rows.map(row => (row[column] as string).length)))
  const lines = rows.map(row =>
    row
      .map((text, column) =>
        column === 0 ? text.padEnd(widths[0] as number) : text.padStart(widths[column] as number),
      )
      .join('  '),
  )
  const fills =
    firstFill === null
      ? `The ${formatNumber(a.fills.time.length)} fills are the same.`
      : [
          `The fills differ first at number ${firstFill.index + 1}:`,
          `  a: ${firstFill.a ?? 'no more fills'}`,
          `  b: ${firstFill.b ?? 'no more fills'}`,
        ].join('\n')
  return `${lines.join('\n')}\n\n${fills}\n`
}
