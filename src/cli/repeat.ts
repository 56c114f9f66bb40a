/** A run that is made again: what `run.json` says, its strategies, and whether it is the same run. */
import { createHash } from 'node:crypto'
import { createReadStream, readFileSync } from 'node:fs'
import type { StrategySetup } from '../backtest/backtest.ts'
import type { NativeRunConfiguration } from '../backtest/configuration-native.ts'
import type { ConfiguredStrategy } from '../backtest/configuration-types.ts'
import { TickforgeError } from '../errors.ts'
import { type LoadedStrategy, loadModules, strategyOf } from '../loader/loader.ts'
import type { Parameters } from '../strategy/parameters.ts'
import { parseParameters } from './parameters.ts'
import { usageError } from './run-options.ts'

/** A strategy class with its declared parameters. */
type StrategyClass = (new (parameters: Record<string, unknown>) => object) & { readonly parameters?: Parameters }

/** What `run.json` says, as far as it is read here. */
export interface Manifest {
  readonly configuration: NativeRunConfiguration
  readonly state_hash: string
  readonly data: readonly { readonly path: string; readonly sha256: string }[]
  readonly strategies: readonly { readonly path: string; readonly sha256: string }[]
}

/** Reads a `run.json`. */
export function readManifest(file: string): Manifest {
  try {
    const manifest = JSON.parse(readFileSync(file, 'utf8')) as Manifest
    if (typeof manifest.state_hash === 'string' && typeof manifest.configuration === 'object') return manifest
    throw new TypeError('it has no configuration or no state_hash')
  } catch (cause) {
    throw new TickforgeError('ERR_CONFIG_FILE', `${file} is not a run.json: ${(cause as Error).message}`, {
      details: { file },
      cause,
    })
  }
}

/** The strategies' classes, in order; files that share imports share their modules. */
export async function loadStrategies(strategies: readonly ConfiguredStrategy[]): Promise<LoadedStrategy[]> {
  return (await loadModules(strategies.map(({ source }) => source))).map(strategyOf)
}

/** The strategies with their settings; `tokens` are parameters that were typed. */
export function setUp(
  configured: readonly ConfiguredStrategy[],
  loaded: readonly LoadedStrategy[],
  tokens: readonly string[],
  known: readonly string[],
): Record<string, StrategySetup> {
  if (tokens.length > 0 && configured.length > 1) {
    throw usageError(`${tokens[0]}: with several strategies, parameters are given in the configuration`, {
      option: tokens[0],
    })
  }
  return Object.fromEntries(
    configured.map(({ name, type: _, source: __, parameters, ...settings }, index) => {
      const { strategy, file } = loaded[index] as LoadedStrategy
      const Strategy = strategy as unknown as StrategyClass
      const typed = parseParameters(tokens, Strategy.parameters ?? {}, known)
      const instance = new Strategy({ ...parameters, ...typed })
      return [name, { ...settings, strategy: instance, source: file }]
    }),
  )
}

/** What is not as it was: data, strategies, the state hash. */
export async function verify(
  manifest: Manifest,
  stateHash: string,
): Promise<{ repeated: boolean; differences: string[] }> {
  const differences: string[] = []
  for (const { path, sha256 } of [...manifest.data, ...manifest.strategies]) {
    const found = await digest(path)
    if (found !== sha256) differences.push(`${path} is not what it was: SHA-256 ${found ?? '(absent)'}, then ${sha256}`)
  }
  if (stateHash !== manifest.state_hash) differences.push(`the state hash is ${stateHash}, then ${manifest.state_hash}`)
  return { repeated: differences.length === 0, differences }
}

async function digest(path: string): Promise<string | null> {
  const hash = createHash('sha256')
  try {
    for await (const piece of createReadStream(path)) hash.update(piece as Buffer)
    return hash.digest('hex')
  } catch {
    return null
  }
}
