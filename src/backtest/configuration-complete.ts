/** From a person's options to the completed configuration: one converter per part, each default in one place. */
import { resolve } from 'node:path'
import { TickforgeError } from '../errors.ts'
import { completeAccount, completeMargin } from './configuration-account.ts'
import { completeCashEvents } from './configuration-cash-events.ts'
import { checkKeys, finite, flag, integer, oneOf, refused, text, texts } from './configuration-checks.ts'
import { completeDataSource } from './configuration-data.ts'
import type {
  NativeInstrument,
  NativeNeeds,
  NativeRiskLimits,
  NativeRunConfiguration,
  NativeStrategy,
} from './configuration-native.ts'
import { completeSession } from './configuration-sessions.ts'
import type {
  InstrumentOptions,
  OutputOptions,
  RiskLimitOptions,
  RunOptions,
  StrategyNeeds,
  StrategyOptions,
} from './configuration-types.ts'
import { canonicalTimeframe, type Decimal, type Duration, decimalText, parseDuration } from './configuration-values.ts'
import { completeVenue, completeVenues, nanosNumber } from './configuration-venue.ts'

const runKeys = [
  'data',
  'instruments',
  'account',
  'venue',
  'venues',
  'riskLimits',
  'cashEvents',
  'seed',
  'replaySpeed',
  'closeAtEnd',
  'stepRows',
  'output',
  'strategies',
] as const

/**
 * Completes a run's configuration with all defaults.
 *
 * @param options what the person gave
 * @param strategies the strategies of the run, in order
 * @param folder what relative paths are relative to
 * @throws {@link TickforgeError} with a code `ERR_CONFIG_…` that names the field at fault
 */
export function completeConfiguration(
  options: RunOptions,
  strategies: readonly StrategyOptions[],
  folder: string = process.cwd(),
): NativeRunConfiguration {
  checkKeys(options, 'options', runKeys)
  const sources = options.data === undefined ? [] : Array.isArray(options.data) ? options.data : [options.data]
  if (sources.length === 0) {
    throw new TickforgeError('ERR_CONFIG_MISSING', 'data: a run needs at least one source of data', {
      details: { field: 'data', accepted: 'dbn(…), csv(…), parquet(…), binance(…) or synthetic()' },
    })
  }
  const account = completeAccount(options.account ?? {})
  const output = options.output ?? {}
  const names = new Set<string>()
  for (const { name } of strategies) {
    if (names.has(name)) throw refused('strategies', name, 'a name that no other strategy of the run has')
    names.add(name)
  }
  return {
    data: sources.map((source, index) => completeDataSource(source, `data[${index}]`, folder)),
    instruments: (options.instruments ?? []).map((instrument, index) =>
      completeInstrument(instrument, `instruments[${index}]`),
    ),
    account,
    venue: completeVenue(options.venue ?? {}),
    venues: completeVenues(options.venues ?? {}, options.venue ?? {}),
    riskLimits: completeRiskLimits(options.riskLimits, 'riskLimits'),
    cashEvents: completeCashEvents(options.cashEvents),
    strategies: strategies.map((strategy, index) => completeStrategy(strategy, `strategies[${index}]`, folder)),
    seed: integer(options.seed ?? 42, 'seed', 0),
    replaySpeed: finite(options.replaySpeed ?? 0, 'replaySpeed', 0, 1e9),
    closeAtEnd:
      options.closeAtEnd === undefined || options.closeAtEnd === false
        ? null
        : oneOf(options.closeAtEnd, 'closeAtEnd', ['close', 'open']),
    stepRows: integer(options.stepRows ?? 128, 'stepRows', 1, 128),
    output: completeOutput(output, folder),
  }
}

const instrumentKeys = [
  'symbol',
  'kind',
  'tickSize',
  'lotSize',
  'multiplier',
  'inverse',
  'feeCurrency',
  'currency',
  'venue',
  'initialMargin',
  'maintenanceMargin',
  'session',
] as const
const instrumentKinds = ['equity', 'future', 'perpetual', 'spot', 'option'] as const

function completeInstrument(options: InstrumentOptions, field: string): NativeInstrument {
  checkKeys(options, field, instrumentKeys)
  const symbol = text(options.symbol, `${field}.symbol`)
  const amount = (name: 'tickSize' | 'lotSize' | 'multiplier'): string | null =>
    options[name] === undefined ? null : positive(options[name], `${field}.${name}`)
  const word = (name: 'currency' | 'venue'): string | null =>
    options[name] === undefined ? null : text(options[name], `${field}.${name}`)
  let session: NativeInstrument['session'] = null
  if (options.session !== undefined) {
    session = completeSession(options.session, `${field}.session`)
  }
  return {
    symbol,
    kind: options.kind === undefined ? null : oneOf(options.kind, `${field}.kind`, instrumentKinds),
    tickSize: amount('tickSize'),
    lotSize: amount('lotSize'),
    multiplier: amount('multiplier'),
    inverse: options.inverse === undefined ? null : flag(options.inverse, `${field}.inverse`),
    feeCurrency:
      options.feeCurrency === undefined
        ? null
        : oneOf(options.feeCurrency, `${field}.feeCurrency`, ['quote', 'received']),
    currency: word('currency'),
    venue: word('venue'),
    margin: completeMargin(options, field),
    session,
  }
}

function positive(value: Decimal, field: string): string {
  const digits = decimalText(value, field)
  if (digits.startsWith('-') || digits === '0') throw refused(field, value, 'a number above zero')
  return digits
}

function completeRiskLimits(limits: RiskLimitOptions | undefined, field: string): NativeRiskLimits | null {
  if (limits === undefined) return null
  checkKeys(limits, field, ['maxPosition', 'maxOrderSize', 'maxLoss', 'maxOrdersPerSecond'])
  const size = (name: 'maxPosition' | 'maxOrderSize'): number | null =>
    limits[name] === undefined ? null : finite(limits[name], `${field}.${name}`, 0, 1e15)
  return {
    maxPosition: size('maxPosition'),
    maxOrderSize: size('maxOrderSize'),
    maxLoss: limits.maxLoss === undefined ? null : positive(limits.maxLoss, `${field}.maxLoss`),
    maxOrdersPerSecond:
      limits.maxOrdersPerSecond === undefined
        ? null
        : integer(limits.maxOrdersPerSecond, `${field}.maxOrdersPerSecond`, 0, 4_294_967_295),
  }
}

function completeStrategy(options: StrategyOptions, field: string, folder: string): NativeStrategy {
  checkKeys(options, field, ['name', 'source', 'parameters', 'instruments', 'needs', 'feedLatency', 'riskLimits'])
  return {
    name: text(options.name, `${field}.name`),
    source: options.source === undefined ? null : resolve(folder, options.source),
    parameters: { ...options.parameters },
    instruments: texts(options.instruments ?? [], `${field}.instruments`),
    needs: completeNeeds(options.needs ?? {}, `${field}.needs`),
    feedLatencyNs: nanosNumber(parseDuration(options.feedLatency ?? 0, `${field}.feedLatency`), `${field}.feedLatency`),
    riskLimits: completeRiskLimits(options.riskLimits, `${field}.riskLimits`),
  }
}

/**
 * Completes what a strategy wants to see (its `static data`).
 *
 * @throws {@link TickforgeError} with a code `ERR_CONFIG_…` that names the field at fault
 */
export function completeNeeds(needs: StrategyNeeds, field = 'data'): NativeNeeds {
  checkKeys(needs, field, ['trades', 'quotes', 'depth', 'bars', 'warmup'])
  const { bars = [], warmup = 0 } = needs
  const frames = typeof bars === 'string' ? [bars] : Array.isArray(bars) ? bars : Object.values(bars)
  const isCount = typeof warmup === 'number'
  return {
    trades: flag(needs.trades ?? false, `${field}.trades`),
    quotes: flag(needs.quotes ?? false, `${field}.quotes`),
    depth: integer(needs.depth ?? 0, `${field}.depth`, 0, 1000),
    bars: [...new Set(frames.map(frame => canonicalTimeframe(text(frame, `${field}.bars`), `${field}.bars`)))],
    warmupBars: isCount ? integer(warmup, `${field}.warmup`, 0, 10_000_000) : 0,
    warmupNs: isCount ? '0' : parseDuration(warmup as Duration, `${field}.warmup`).toString(),
  }
}

function completeOutput(output: OutputOptions, folder: string): NativeRunConfiguration['output'] {
  checkKeys(output, 'output', ['directory', 'metricsFile', 'tradesFile', 'detailedLog'])
  const path = (value: string | undefined, field: string): string | null =>
    value === undefined ? null : resolve(folder, text(value, field))
  return {
    directory: path(output.directory, 'output.directory'),
    metricsFile: path(output.metricsFile, 'output.metricsFile'),
    tradesFile: path(output.tradesFile, 'output.tradesFile'),
    detailedLog: flag(output.detailedLog ?? false, 'output.detailedLog'),
  }
}
