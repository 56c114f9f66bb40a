/** A strategy file with all files of the user's that it imports, written to the cache as modules that Node runs. */
import { readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { TickforgeError } from '../errors.ts'
import { findGraph, writeGraph } from './cache.ts'
import { type Resolution, resolveImport } from './resolve.ts'
import { sha256, type Transformed, transformFile } from './transform.ts'

interface Node {
  readonly file: string
  readonly digest: string
  readonly transformed: Transformed
  readonly resolutions: readonly Resolution[]
  /** Name of its module in the cache. */
  readonly name: string
}

/** A graph that can be imported. */
export interface Graph {
  /** URL of each entry's module, in the order asked for. */
  readonly entries: readonly string[]
  /** Every file of the user's in the graph with the SHA-256 of its content. */
  readonly files: ReadonlyMap<string, string>
  /** The folder of its modules. */
  readonly folder: string
}

/**
 * Prepares the graph of some entry files: reads each file that they reach, takes from the cache what is known there,
 * transforms the rest.
 *
 * @throws {@link TickforgeError} `ERR_LOADER_NOT_FOUND`, `ERR_LOADER_SYNTAX`
 */
export async function prepareGraph(entries: readonly string[]): Promise<Graph> {
  const nodes = new Map<string, Node>()
  const visit = async (file: string, importer: string | null): Promise<void> => {
    if (nodes.has(file)) return
    const source = read(file, importer)
    const transformed = await transformFile(file, source)
    const resolutions: Resolution[] = []
    const name = `${nodes.size}-${basename(file).replace(/[^\w.-]/g, '_')}.mjs`
    nodes.set(file, { file, digest: sha256(source), transformed, resolutions, name })
    for (const { specifier } of transformed.references) {
      const resolution = await resolveImport(specifier, file)
      if (resolution.kind === 'follow' && isCommonJs(read(resolution.file, file), resolution.file)) {
        resolutions.push({ kind: 'url', url: pathToFileURL(resolution.file).href })
      } else {
        resolutions.push(resolution)
        if (resolution.kind === 'follow') await visit(resolution.file, file)
      }
    }
  }
  for (const entry of entries) await visit(entry, null)

  // What an import resolves to is part of the key: a package may have moved, this one be installed elsewhere.
  const parts = [...nodes.values()].flatMap(node => [node.file, node.digest, JSON.stringify(node.resolutions)])
  const key = sha256(...parts).slice(0, 32)
  const folder =
    findGraph(key) ?? writeGraph(key, new Map([...nodes.values()].map(node => [node.name, compose(node, nodes)])))
  return {
    entries: entries.map(entry => pathToFileURL(join(folder, nodes.get(entry)?.name ?? '')).href),
    files: new Map([...nodes.values()].map(({ file, digest }) => [file, digest])),
    folder,
  }
}

function read(file: string, importer: string | null): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    const from = importer === null ? '' : ` (imported by ${importer})`
    throw new TickforgeError('ERR_LOADER_NOT_FOUND', `${file} cannot be read${from}: ${(cause as Error).message}`, {
      details: { file, importer },
      cause,
    })
  }
}

/** A plain script that fills `module.exports`: Node runs it better as it stands. */
function isCommonJs(source: string, file: string): boolean {
  return (
    file.endsWith('.js') &&
    /\b(module\.exports|exports\.\w+)\s*=/.test(source) &&
    !/^\s*(import|export)\b/m.test(source)
  )
}

/** The module's text: its references replaced, `import.meta` naming the original file, its source map inline. */
function compose(node: Node, nodes: ReadonlyMap<string, Node>): string {
  const { code, references, metas, map } = node.transformed
  const replacements = references.map((reference, index) => {
    const text = replacement(node.resolutions[index] as Resolution, reference.specifier, nodes)
    return { start: reference.start, end: reference.end, text: reference.quoted ? JSON.stringify(text) : text }
  })
  for (const { start, end } of metas) replacements.push({ start, end, text: '$tickforgeMeta' })
  replacements.sort((a, b) => a.start - b.start)
  let text = ''
  let done = 0
  for (const { start, end, text: inserted } of replacements) {
    text += code.slice(done, start) + inserted
    done = end
  }
  text += code.slice(done)
  if (metas.length > 0) {
    const facts = { url: pathToFileURL(node.file).href, filename: node.file, dirname: dirname(node.file) }
    // On the first line, without a line break: lines stay where the source map has them.
    text = `const $tickforgeMeta = { __proto__: import.meta, ...${JSON.stringify(facts)} }; ${text}`
  }
  return `${text}\n//# sourceMappingURL=data:application/json;base64,${Buffer.from(map).toString('base64')}\n`
}

function replacement(resolution: Resolution, specifier: string, nodes: ReadonlyMap<string, Node>): string {
  if (resolution.kind === 'leave') return specifier
  return resolution.kind === 'url' ? resolution.url : `./${nodes.get(resolution.file)?.name}`
}
