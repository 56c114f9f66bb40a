/** What an import in a strategy file stands for. */
import { existsSync, statSync } from 'node:fs'
import { createRequire, isBuiltin } from 'node:module'
import { dirname, extname, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { TickforgeError } from '../errors.ts'

/** What an import stands for. */
export type Resolution =
  | { readonly kind: 'follow'; readonly file: string } // a file of the user's, transformed like its importer
  | { readonly kind: 'leave' } // Node's own
  | { readonly kind: 'url'; readonly url: string } // a module that runs as it stands

const followed = new Set(['.ts', '.mts', '.js', '.mjs'])
const spellings = ['.ts', '.mts', '.js', '.mjs', '/index.ts', '/index.mts', '/index.js', '/index.mjs']
const typeScriptFor: Readonly<Record<string, string>> = { '.js': '.ts', '.mjs': '.mts' }

const isFile = (path: string): boolean => existsSync(path) && statSync(path).isFile()

/**
 * Resolves `specifier` as written in `importer`.
 *
 * @throws {@link TickforgeError} `ERR_LOADER_NOT_FOUND`
 */
export async function resolveImport(specifier: string, importer: string): Promise<Resolution> {
  if (isBuiltin(specifier)) return { kind: 'leave' }
  if (specifier === 'tickforge' || specifier.startsWith('tickforge/'))
    return { kind: 'url', url: own(specifier, importer) }
  if (specifier.startsWith('@oxc-project/runtime/')) return { kind: 'url', url: own(specifier, importer) }
  if (specifier.startsWith('data:')) return { kind: 'leave' }
  const isPath = /^(\.{0,2}\/|\.\.?$|file:)/.test(specifier)
  if (!isPath) return { kind: 'url', url: await bare(specifier, importer) }
  const wanted = specifier.startsWith('file:') ? fileURLToPath(specifier) : resolve(dirname(importer), specifier)
  const file = findFile(wanted)
  if (file === null) throw notFound(specifier, importer)
  return followed.has(extname(file)) ? { kind: 'follow', file } : { kind: 'url', url: pathToFileURL(file).href }
}

/** The file that `path` means: itself, its TypeScript twin (`./x.js` for `./x.ts`), or with an ending that was left out. */
export function findFile(path: string): string | null {
  if (isFile(path)) return path
  const extension = extname(path)
  const twin = typeScriptFor[extension]
  if (twin !== undefined) {
    const file = path.slice(0, -extension.length) + twin
    return isFile(file) ? file : null
  }
  return spellings.map(ending => path + ending).find(isFile) ?? null
}

/** A module of this package or one that it brings along, the same instance as everywhere else in the process. */
function own(specifier: string, importer: string): string {
  try {
    return pathToFileURL(createRequire(import.meta.url).resolve(specifier)).href
  } catch (cause) {
    throw notFound(specifier, importer, cause)
  }
}

/** A package, looked up from the importer's folder as Node does for `import`. */
async function bare(specifier: string, importer: string): Promise<string> {
  const { resolve: resolvePackage } = await import('import-meta-resolve')
  try {
    const url = resolvePackage(specifier, pathToFileURL(importer).href)
    if (url.startsWith('file:') && !existsSync(fileURLToPath(url))) throw notFound(specifier, importer)
    return url
  } catch (cause) {
    throw cause instanceof TickforgeError ? cause : notFound(specifier, importer, cause)
  }
}

function notFound(specifier: string, importer: string, cause?: unknown): TickforgeError {
  const reason = cause instanceof Error && !cause.message.startsWith('Cannot find') ? `: ${cause.message}` : ''
  return new TickforgeError(
    'ERR_LOADER_NOT_FOUND',
    `${importer} imports '${specifier}', which does not exist${reason}`,
    {
      details: { file: importer, specifier, accepted: 'a relative path, an installed package, or tickforge' },
      ...(cause !== undefined && { cause }),
    },
  )
}
