/** Completing a source of data. */
import { resolve } from 'node:path'
import { TickforgeError } from '../errors.ts'
import { checkKeys, flag, integer, oneOf, refused, text, texts, timeZone } from './configuration-checks.ts'
import type { NativeDataSource } from './configuration-native.ts'
import type { DataSource, FrameOptions, SyntheticOptions, TableOptions } from './configuration-types.ts'
import {
  canonicalTimeframe,
  type Duration,
  decimalText,
  parseDuration,
  type TimePoint,
  timeText,
} from './configuration-values.ts'

const recordedKeys = ['type', 'files', 'symbols', 'start', 'end', 'checks', 'decode']
const tableKeys = [
  ...recordedKeys,
  'symbol',
  'kind',
  'timeframe',
  'label',
  'columns',
  'timeZone',
  'timeFormat',
  'adjusted',
  'cumulative',
]
const delimiters = ['comma', 'semicolon', 'tab', 'bar'] as const
const keys = {
  dbn: recordedKeys,
  csv: [...tableKeys, 'delimiter', 'header'],
  parquet: [...tableKeys, 'integerDecimals'],
  binance: [...recordedKeys.filter(key => key !== 'decode'), 'book', 'gaps', 'streams', 'clockOffset'],
  synthetic: ['type', 'seed', 'records', 'symbol', 'liveOrders', 'tickSize', 'startPrice', 'decode'],
}

/** Completes one source; relative files are relative to `folder`. */
export function completeDataSource(source: DataSource, field: string, folder: string): NativeDataSource {
  const type = oneOf(source?.type, `${field}.type`, ['dbn', 'csv', 'parquet', 'binance', 'synthetic'])
  checkKeys(source, field, keys[type])
  const decode =
    source.type === 'binance' ? 'inline' : oneOf(source.decode ?? 'thread', `${field}.decode`, ['thread', 'inline'])
  if (source.type === 'synthetic') {
    return { ...nothing, type, decode, synthetic: completeSynthetic(source, field) }
  }
  const files = texts(source.files, `${field}.files`)
  if (files.length === 0) {
    throw new TickforgeError('ERR_CONFIG_MISSING', `${field}.files: name at least one file`, {
      details: { field: `${field}.files`, accepted: 'a list of paths' },
    })
  }
  const table: TableOptions = source.type === 'binance' ? {} : source
  const frames: FrameOptions = source.type === 'binance' ? source : {}
  const time = (value: TimePoint | undefined, name: string): string | null =>
    value === undefined ? null : timeText(value, `${field}.${name}`)
  const start = time(source.start, 'start')
  const end = time(source.end, 'end')
  if (start !== null && end !== null && BigInt(start) >= BigInt(end)) {
    throw refused(`${field}.end`, source.end, 'a time after the start')
  }
  return {
    type,
    files: files.map(file => resolve(folder, file)),
    symbols: texts(source.symbols ?? [], `${field}.symbols`),
    symbol: table.symbol === undefined ? null : text(table.symbol, `${field}.symbol`),
    start,
    end,
    kind: table.kind === undefined ? null : oneOf(table.kind, `${field}.kind`, ['bars', 'quotes', 'trades']),
    timeframe: table.timeframe === undefined ? null : canonicalTimeframe(table.timeframe, `${field}.timeframe`),
    label: table.label === undefined ? null : oneOf(table.label, `${field}.label`, ['open', 'close', 'session']),
    columns: table.columns === undefined ? null : completeColumns(table.columns, `${field}.columns`),
    timeZone: table.timeZone === undefined ? null : timeZone(table.timeZone, `${field}.timeZone`),
    timeFormat: table.timeFormat === undefined ? null : text(table.timeFormat, `${field}.timeFormat`),
    adjusted: table.adjusted === undefined ? null : flag(table.adjusted, `${field}.adjusted`),
    cumulative: table.cumulative === undefined ? null : flag(table.cumulative, `${field}.cumulative`),
    delimiter: table.delimiter === undefined ? null : oneOf(table.delimiter, `${field}.delimiter`, delimiters),
    header: table.header === undefined ? null : flag(table.header, `${field}.header`),
    integerDecimals:
      table.integerDecimals === undefined ? null : integer(table.integerDecimals, `${field}.integerDecimals`, 0, 18),
    book: frames.book === undefined ? null : oneOf(frames.book, `${field}.book`, ['snapshot', 'build']),
    gaps: frames.gaps === undefined ? null : oneOf(frames.gaps, `${field}.gaps`, ['error', 'resync']),
    streams: frames.streams === undefined ? null : oneOf(frames.streams, `${field}.streams`, ['depth', 'best']),
    clockOffset: frames.clockOffset === undefined ? null : offsetText(frames.clockOffset, `${field}.clockOffset`),
    checks: oneOf(source.checks ?? 'error', `${field}.checks`, ['error', 'reject', 'warn']),
    synthetic: null,
    decode,
  }
}

const nothing = {
  files: [],
  symbols: [],
  symbol: null,
  start: null,
  end: null,
  kind: null,
  timeframe: null,
  label: null,
  columns: null,
  timeZone: null,
  timeFormat: null,
  adjusted: null,
  cumulative: null,
  delimiter: null,
  header: null,
  integerDecimals: null,
  book: null,
  gaps: null,
  streams: null,
  clockOffset: null,
  checks: 'error',
} satisfies Partial<NativeDataSource>

/** Nanoseconds of a duration that may go backwards. */
function offsetText(value: NonNullable<FrameOptions['clockOffset']>, field: string): string {
  const behind = typeof value === 'string' && value.startsWith('-')
  const nanos = parseDuration(behind ? value.slice(1) : (value as Duration), field)
  return `${behind ? '-' : ''}${nanos}`
}

type Columns = Record<string, string | number>

function completeColumns(columns: Readonly<Columns>, field: string): Columns {
  checkKeys(columns, field, Object.keys(columns ?? {}))
  const column = (name: string, value: unknown): string | number =>
    typeof value === 'number' ? integer(value, `${field}.${name}`, 0, 9_999) : text(value, `${field}.${name}`)
  return Object.fromEntries(Object.entries(columns).map(([name, value]) => [name, column(name, value)]))
}

function completeSynthetic(options: SyntheticOptions, field: string): NativeDataSource['synthetic'] {
  return {
    seed: integer(options.seed ?? 1, `${field}.seed`, 0),
    records: integer(options.records ?? 1_000_000, `${field}.records`, 1),
    symbol: text(options.symbol ?? 'SYN', `${field}.symbol`),
    liveOrders: integer(options.liveOrders ?? 3000, `${field}.liveOrders`, 1, 10_000_000),
    tickSize: decimalText(options.tickSize ?? '0.25', `${field}.tickSize`),
    startPrice: decimalText(options.startPrice ?? 4800, `${field}.startPrice`),
  }
}
