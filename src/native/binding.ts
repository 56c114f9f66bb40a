/** The native addon: where it lies, what it offers, and how its errors become ours. Nothing else loads it. */
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { TickforgeError } from '../errors.ts'

/** One instrument of a run, as the engine completed it. Decimals are texts with every digit. */
export interface NativeInstrumentTerms {
  readonly symbol: string
  readonly kind: 'equity' | 'future' | 'perpetual' | 'spot' | 'option'
  readonly tickSize: string
  readonly lotSize: string
  readonly multiplier: string
  readonly inverse?: boolean
  readonly feeCurrency?: 'quote' | 'received'
  readonly currency: string
  readonly venue: string
  /** Where these terms came from, in words. */
  readonly origin: string
  /** Its trading day; the UTC day when there is none. */
  readonly session?: NativeSession | null
}

/** When an instrument's sessions are, completed: a time of day, or a calendar by name or of one's own. */
export type NativeSession =
  | { readonly timeZone: string; readonly close: string }
  | { readonly calendar: string | NativeCalendar }

/** A calendar of one's own, completed. */
export interface NativeCalendar {
  readonly name: string
  readonly source: string
  readonly timeZone: string
  readonly segments: readonly (readonly [string, string])[]
  readonly weekends: boolean
  readonly holidays: readonly string[]
  readonly earlyCloses: Readonly<Record<string, string>>
}

/** One strategy of a run, as the engine set it up. */
export interface NativeStrategySetup {
  readonly name: string
  /** Indices of the instruments that it sees. */
  readonly instruments: readonly number[]
  /** Timeframes in the order of their numbers in bar rows. */
  readonly bars: readonly string[]
  readonly depth: number
  readonly trades: boolean
  readonly quotes: boolean
}

/** What a run tells of itself before it begins. */
export interface NativeRunDescription {
  readonly instruments: readonly NativeInstrumentTerms[]
  readonly strategies: readonly NativeStrategySetup[]
  readonly eventBytes: number
  readonly commandBytes: number
  readonly viewBytes: number
  readonly layoutVersion: number
  /** Whether all strategies trade on one account. */
  readonly sharedAccount?: boolean
  /** The accounts' own currency. */
  readonly currency: string
  /** What an account has of each currency at the start, its own first. */
  readonly balances: Readonly<Record<string, number>>
  /** What the others are worth in its own. */
  readonly rates: readonly NativeRate[]
}

/** What a unit of a currency is worth in the account's own. */
export interface NativeRate {
  readonly currency: string
  /** Always this, or until the instrument has a price. */
  readonly rate: number | null
  /** Index of the instrument whose price it is. */
  readonly instrument: number | null
  /** Whether that price is of the account's currency in this one. */
  readonly inverse: boolean
}

/** One run of the engine. */
export interface NativeRun {
  /** A {@link NativeRunDescription} as JSON. */
  describe(): string
  /** Hands over the shared memory; returns the function that does one step: `rows | status << 16`. */
  attach(events: Uint8Array, commands: Uint8Array, views: Uint8Array): () => number | undefined
  /** Why the run failed, as JSON, or null. */
  error(): string | null
  /** How much of the input has been read, 0 to 1. */
  progress(): number
  /** Ends the run and returns its result as JSON; `artefacts` is what the strategies recorded. */
  finish(artefacts: string): string
  /** Asks beside the result, before the first step: the engine's `Question` as JSON. */
  setTrace(question: string): void
  /** What the run has to say to that, as JSON. */
  explain(): string
  /** Frees what the run holds; a second call does nothing. */
  close(): void
}

/** Work on another thread, prepared: a conversion, a calibration. */
export interface NativeWork {
  /** Does it; gives its result as JSON. */
  run(): Promise<string>
  /** How much is done, 0 to 1. */
  progress(): number
  /** Ends it soon; nothing stays behind. */
  stop(): void
}

/**
 * Models of one's own as the engine calls them: sides are 1 and −1, truths 1 and 0, NaN is nothing, times are in
 * milliseconds. They do not throw: a text says what went wrong.
 */
export interface NativeModelFunctions {
  /** Fee of a fill. */
  readonly fees?: (
    symbol: string,
    side: number,
    maker: number,
    price: number,
    quantity: number,
    notional: number,
    traded: number,
    charged: number,
    before: number,
    time: number,
    estimate: number,
  ) => number | string
  /** Price of a taking fill. */
  readonly slippage?: (
    symbol: string,
    side: number,
    price: number,
    quantity: number,
    spread: number,
    share: number,
    time: number,
  ) => number | string
  /** Chance of a fill at the touch. */
  readonly fill?: (
    symbol: string,
    side: number,
    price: number,
    quantity: number,
    leaves: number,
    visit: number,
    arrived: number,
    time: number,
    proven: number,
  ) => number | string
}

/** The addon. */
export interface NativeBinding {
  /** Prepares a conversion from one market data format to another. */
  openConversion(request: string): NativeWork
  /** Prepares a calibration on a file of market-by-order data. */
  openCalibration(request: string): NativeWork
  /** Opens a run from a completed configuration, with the models that it names as custom. */
  openRun(configuration: string, functions?: NativeModelFunctions): NativeRun
  /** What is in market data files, as JSON. */
  inspect(paths: string[], book: boolean): string
  /** The session at a time in ms since 1970 as JSON, or `null`: `date`, `from`, `open`, `close`. */
  sessionOf(session: string, time: number): string
  /** What was loaded and why, as JSON. */
  doctor(): string
}

let loaded: NativeBinding | undefined

/** The folder of the package: the nearest above this file with a `package.json`. */
export function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url))
  for (;;) {
    const manifest = join(folder, 'package.json')
    if (existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).name === 'tickforge') return folder
    const parent = dirname(folder)
    if (parent === folder) return dirname(fileURLToPath(import.meta.url))
    folder = parent
  }
}

/**
 * Where the addon of this platform lies: built here, or else in the platform's package `@tickforge/<platform>-<arch>`,
 * which npm installs beside this one.
 */
export function addonPath(): string {
  const platform = `${process.platform}-${process.arch}`
  const built = join(packageRoot(), 'dist', 'native', `tickforge.${platform}.node`)
  if (existsSync(built)) return built
  try {
    return createRequire(import.meta.url).resolve(`@tickforge/${platform}`)
  } catch {
    return built
  }
}

/**
 * The addon, loaded at the first call.
 *
 * @throws {@link TickforgeError} `ERR_NATIVE_LOAD` when it is absent or cannot be loaded here
 */
export function nativeBinding(): NativeBinding {
  loaded ??= loadAddon(addonPath())
  return loaded
}

/**
 * Loads an addon from a file.
 *
 * @throws {@link TickforgeError} `ERR_NATIVE_LOAD`
 */
export function loadAddon(path: string): NativeBinding {
  const details = { path, platform: `${process.platform}-${process.arch}`, accepted: 'run `npm run setup` to build it' }
  if (!existsSync(path)) {
    throw new TickforgeError('ERR_NATIVE_LOAD', `the native addon is not there: ${path}; run \`npm run setup\``, {
      details,
    })
  }
  try {
    return createRequire(import.meta.url)(path) as NativeBinding
  } catch (cause) {
    throw new TickforgeError(
      'ERR_NATIVE_LOAD',
      `the native addon ${path} cannot be loaded: ${cause instanceof Error ? cause.message : String(cause)}`,
      { details, cause },
    )
  }
}

/** The error of the addon as a {@link TickforgeError}: its message is JSON of `{ code, message, details }`. */
export function nativeError(error: unknown): TickforgeError {
  if (error instanceof TickforgeError) return error
  const message = error instanceof Error ? error.message : String(error)
  const fields = parseFields(message)
  const cause = error instanceof Error ? error : undefined
  if (fields === null) {
    return new TickforgeError('ERR_INTERNAL', `the engine failed: ${message}`, cause === undefined ? {} : { cause })
  }
  return new TickforgeError(fields.code, fields.message, {
    details: fields.details,
    ...(cause === undefined ? {} : { cause }),
  })
}

/** Calls the addon and turns what it throws into a {@link TickforgeError}. */
export function guarded<T>(call: () => T): T {
  try {
    return call()
  } catch (error) {
    throw nativeError(error)
  }
}

function parseFields(text: string): { code: string; message: string; details: Record<string, unknown> } | null {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null) return null
    const { code, message, details } = value as Record<string, unknown>
    if (typeof code !== 'string' || typeof message !== 'string') return null
    const isRecord = typeof details === 'object' && details !== null && !Array.isArray(details)
    return { code, message, details: isRecord ? (details as Record<string, unknown>) : {} }
  } catch {
    return null
  }
}
