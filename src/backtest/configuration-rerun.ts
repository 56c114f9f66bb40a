/** From a completed configuration, as `run.json` holds it, back to options: what repeats a run. */

import { TickforgeError } from '../errors.ts'
import { repeatAccount, repeatMargin } from './configuration-account.ts'
import { repeatCashEvents } from './configuration-cash-events.ts'
import type {
  NativeDataSource,
  NativeInstrument,
  NativeRiskLimits,
  NativeRunConfiguration,
} from './configuration-native.ts'
import { repeatVenue } from './configuration-rerun-venue.ts'
import type {
  Configuration,
  ConfiguredStrategy,
  DataSource,
  InstrumentOptions,
  RiskLimitOptions,
  RunOptions,
} from './configuration-types.ts'
import type { Duration } from './configuration-values.ts'

/**
 * Options that complete to `configuration` again.
 *
 * @param file the `run.json` that it came from, for errors
 * @throws {@link TickforgeError} `ERR_CONFIG_VALUE` when it is no completed configuration
 */
export function repeatConfiguration(configuration: NativeRunConfiguration, file: string): Configuration {
  try {
    return repeat(configuration)
  } catch (cause) {
    throw new TickforgeError('ERR_CONFIG_VALUE', `${file}: configuration is not that of a run`, {
      details: { file, field: 'configuration', accepted: 'a run.json as a run wrote it' },
      cause,
    })
  }
}

function repeat(configuration: NativeRunConfiguration): Configuration {
  const { venue, closeAtEnd } = configuration
  const run: RunOptions = {
    data: configuration.data.map(repeatSource),
    instruments: configuration.instruments.map(repeatInstrument),
    account: repeatAccount(configuration.account),
    venue: repeatVenue(venue),
    venues: Object.fromEntries(
      Object.entries(configuration.venues ?? {}).map(([name, models]) => {
        const { stress: _, ...options } = repeatVenue(models)
        return [name, options]
      }),
    ),
    ...repeatLimits(configuration.riskLimits),
    ...repeatCashEvents(configuration.cashEvents),
    seed: configuration.seed,
    replaySpeed: configuration.replaySpeed,
    closeAtEnd: closeAtEnd ?? false,
    stepRows: configuration.stepRows,
    output: present(configuration.output) as NonNullable<RunOptions['output']>,
  }
  const strategies = configuration.strategies.map(
    ({ name, source, parameters, instruments, feedLatencyNs, riskLimits }): ConfiguredStrategy => ({
      name,
      type: source ?? name,
      source: source ?? name,
      parameters,
      instruments,
      feedLatency: nanos(feedLatencyNs),
      ...repeatLimits(riskLimits),
    }),
  )
  return { run, strategies }
}

function repeatInstrument({ margin, ...terms }: NativeInstrument): InstrumentOptions {
  return { ...present(terms), ...repeatMargin(margin) } as InstrumentOptions
}

function repeatSource(source: NativeDataSource): DataSource {
  if (source.synthetic !== null && source.synthetic !== undefined) {
    return { type: 'synthetic', ...source.synthetic, decode: source.decode }
  }
  const { start, end, synthetic: _, clockOffset, ...recorded } = source
  const { decode: __, ...framed } = recorded
  // Frames are decoded where they are read.
  const rest = source.type === 'binance' ? framed : recorded
  const times = { ...(start !== null && { start: BigInt(start) }), ...(end !== null && { end: BigInt(end) }) }
  const offset = clockOffset === null || clockOffset === undefined ? {} : { clockOffset: `${clockOffset}ns` }
  return { ...present(rest), ...times, ...offset } as DataSource
}

function repeatLimits(limits: NativeRiskLimits | null): { riskLimits?: RiskLimitOptions } {
  return limits === null ? {} : { riskLimits: present(limits) as RiskLimitOptions }
}

/** The entries that are not null: absent options, in TypeScript. */
function present(value: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== null))
}

function nanos(value: number): Duration {
  return BigInt(value)
}
