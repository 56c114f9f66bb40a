/**
 * Loading strategy files: TypeScript or JavaScript, from any folder, as they are. No build, no configuration and no
 * loader thread; stack traces and debuggers show the original file.
 */
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { TickforgeError } from '../errors.ts'
import { type Graph, prepareGraph } from './graph.ts'
import { findFile } from './resolve.ts'

/** A place in a file of the user's. */
export interface SourcePlace {
  /** Path of the file. */
  readonly file: string
  /** Line, from 1. */
  readonly line: number
  /** Column, from 1. */
  readonly column: number
}

/** A file that was loaded. */
export interface LoadedModule {
  /** Path of the file. */
  readonly file: string
  /** What it exports. */
  readonly exports: Readonly<Record<string, unknown>>
  /** SHA-256 of the content of every file of the user's that was loaded with it, by path. */
  readonly digests: Readonly<Record<string, string>>
}

/** A strategy file that was loaded: its default export is a class. */
export interface LoadedStrategy extends LoadedModule {
  /** The class. */
  readonly strategy: new (
    ...parameters: never[]
  ) => object
}

/**
 * Loads files that may share imports; what two of them import is one module.
 *
 * A file is loaded again when its content, or that of a file it imports, has changed since the last call.
 *
 * @throws {@link TickforgeError} `ERR_LOADER_NOT_FOUND`, `ERR_LOADER_SYNTAX`, `ERR_LOADER_RUN`
 */
export async function loadModules(paths: readonly string[]): Promise<LoadedModule[]> {
  process.setSourceMapsEnabled(true)
  const files = paths.map(path => findFile(resolve(path)) ?? resolve(path))
  const graph = await prepareGraph(files)
  const digests = Object.fromEntries(graph.files)
  const loaded: LoadedModule[] = []
  for (const [index, file] of files.entries()) {
    try {
      const exports = (await import(graph.entries[index] as string)) as Record<string, unknown>
      loaded.push({ file, exports, digests })
    } catch (cause) {
      throw loadError(file, graph, cause)
    }
  }
  return loaded
}

/**
 * Loads a strategy file.
 *
 * @example
 * ```ts
 * const { strategy } = await loadStrategy('momentum.ts')
 * ```
 * @throws {@link TickforgeError} `ERR_LOADER_NOT_FOUND`, `ERR_LOADER_SYNTAX`, `ERR_LOADER_RUN`, `ERR_LOADER_EXPORT`
 */
export async function loadStrategy(path: string): Promise<LoadedStrategy> {
  const [loaded] = await loadModules([path])
  return strategyOf(loaded as LoadedModule)
}

/**
 * The strategy class of a loaded file.
 *
 * @throws {@link TickforgeError} `ERR_LOADER_EXPORT`
 */
export function strategyOf(loaded: LoadedModule): LoadedStrategy {
  const strategy = loaded.exports['default']
  if (typeof strategy !== 'function' || strategy.prototype === undefined) {
    const names = Object.keys(loaded.exports)
    throw new TickforgeError(
      'ERR_LOADER_EXPORT',
      `${loaded.file} has no strategy: write 'export default class … extends Strategy'`,
      { details: { file: loaded.file, exports: names, accepted: 'a default export that is a class' } },
    )
  }
  return { ...loaded, strategy: strategy as LoadedStrategy['strategy'] }
}

/** Where in `files` an error was raised, from its stack, in lines of the original files; null when in none of them. */
export function placeOf(error: unknown, files: Iterable<string>): SourcePlace | null {
  if (!(error instanceof Error) || error.stack === undefined) return null
  let first: { at: number; place: SourcePlace } | null = null
  for (const file of files) {
    for (const name of [file, pathToFileURL(file).href]) {
      const at = error.stack.indexOf(`${name}:`)
      const position = at < 0 ? null : /^(\d+):(\d+)/.exec(error.stack.slice(at + name.length + 1))
      if (position === null || (first !== null && first.at < at)) continue
      first = { at, place: { file, line: Number(position[1]), column: Number(position[2]) } }
    }
  }
  return first === null ? null : first.place
}

function loadError(file: string, graph: Graph, cause: unknown): TickforgeError {
  const place = placeOf(cause, graph.files.keys())
  const where = place === null ? file : `${place.file}:${place.line}:${place.column}`
  const said = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause)
  const message = said.replace(/'\.\/\d+-([^']+)\.mjs'/g, "'$1'") // the modules of the cache by the names of their files
  return new TickforgeError('ERR_LOADER_RUN', `${where}: ${message}`, {
    details: { file: place?.file ?? file, line: place?.line, column: place?.column },
    cause,
  })
}
