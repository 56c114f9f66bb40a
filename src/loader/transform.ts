/** One TypeScript or JavaScript file to what Node runs, with the places where it refers to other files. */
import { createHash } from 'node:crypto'
import { pathToFileURL } from 'node:url'
import { TickforgeError } from '../errors.ts'
import { readEntry, writeEntry } from './cache.ts'

/** Changes whenever this folder's output changes: old cache entries then count as absent. */
const loaderVersion = 1

/** A place in the code that names another module. */
export interface Reference {
  /** The module as written. */
  readonly specifier: string
  /** First character to replace. */
  readonly start: number
  /** Character after the last to replace. */
  readonly end: number
  /** Whether `start`…`end` includes the quotes (a dynamic import). */
  readonly quoted: boolean
}

/** A transformed file. */
export interface Transformed {
  /** Its JavaScript. */
  readonly code: string
  /** Its source map, as JSON text; the one source is the original file. */
  readonly map: string
  /** What it imports. */
  readonly references: readonly Reference[]
  /** Where it says `import.meta`. */
  readonly metas: readonly { readonly start: number; readonly end: number }[]
  /** Whether it is a module at all (it imports, exports or awaits). */
  readonly module: boolean
}

/** SHA-256 of a text, as hexadecimal digits. */
export function sha256(...texts: readonly string[]): string {
  const hash = createHash('sha256')
  for (const text of texts) hash.update(`${text.length}\0`).update(text)
  return hash.digest('hex')
}

/**
 * Transforms a file, or takes it from the cache when path and content are known.
 *
 * @throws {@link TickforgeError} `ERR_LOADER_SYNTAX` with file, line and column
 */
export async function transformFile(file: string, source: string): Promise<Transformed> {
  const key = sha256(String(loaderVersion), file, source)
  const known = readEntry<Transformed>(key)
  if (known !== null) return known
  const made = await transform(file, source)
  writeEntry(key, made)
  return made
}

async function transform(file: string, source: string): Promise<Transformed> {
  const [{ transformSync }, lexer] = await Promise.all([import('oxc-transform'), import('es-module-lexer')])
  const result = transformSync(file, source, {
    lang: /\.[cm]?tsx?$/.test(file) ? 'ts' : 'js',
    sourceType: 'module',
    sourcemap: true,
    target: 'es2022', // lowers `using`, which Node 20 cannot parse
  })
  const problem = result.errors.find(error => error.severity === 'Error')
  if (problem !== undefined) {
    const at = problem.labels[0]?.start
    const before = at === undefined ? '' : source.slice(0, at)
    const line = before.split('\n').length
    const column = before.length - before.lastIndexOf('\n')
    const place = at === undefined ? file : `${file}:${line}:${column}`
    const hint = problem.helpMessage === null ? '' : ` (${problem.helpMessage})`
    throw new TickforgeError('ERR_LOADER_SYNTAX', `${place}: ${problem.message}${hint}`, {
      details: { file, ...(at !== undefined && { line, column }), codeframe: problem.codeframe },
    })
  }
  await lexer.init
  const [imports, , , module] = lexer.parse(result.code)
  const references: Reference[] = []
  const metas: { start: number; end: number }[] = []
  for (const found of imports) {
    if (found.type === 'import-meta') metas.push({ start: found.start, end: found.end })
    else if (found.specifier !== undefined && !(found.type === 'dynamic' && found.glob)) {
      const quoted = found.type === 'dynamic'
      references.push({ specifier: found.specifier, start: found.start, end: found.end, quoted })
    }
  }
  const map = { ...result.map, version: 3, sources: [pathToFileURL(file).href], sourcesContent: [source] }
  return { code: result.code, map: JSON.stringify(map), references, metas, module }
}
