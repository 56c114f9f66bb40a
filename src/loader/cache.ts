/** The folder in which transformed strategy files are kept, by content. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'

/** Graphs that are kept besides the one in use; older ones go. */
const keptGraphs = 100

let folder: string | undefined

/**
 * The cache folder: `$XDG_CACHE_HOME/tickforge` or the platform's own place for caches; a folder for this process
 * only where that cannot be written.
 */
export function cacheFolder(): string {
  if (folder !== undefined) return folder
  const wanted = join(userCache(), 'tickforge')
  try {
    mkdirSync(join(wanted, 'files'), { recursive: true, mode: 0o700 })
    mkdirSync(join(wanted, 'graphs'), { recursive: true, mode: 0o700 })
    folder = wanted
  } catch {
    const temporary = mkdtempSync(join(tmpdir(), 'tickforge-'))
    mkdirSync(join(temporary, 'files'))
    mkdirSync(join(temporary, 'graphs'))
    process.once('exit', () => rmSync(temporary, { recursive: true, force: true }))
    folder = temporary
  }
  return folder
}

/** Forgets which folder was chosen: for tests that change the environment. @internal */
export function forgetCacheFolder(): void {
  folder = undefined
}

function userCache(): string {
  const stated = process.env['XDG_CACHE_HOME']
  if (stated !== undefined && stated !== '') return stated
  if (process.platform === 'win32') return process.env['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local')
  return process.platform === 'darwin' ? join(homedir(), 'Library', 'Caches') : join(homedir(), '.cache')
}

/** What is kept under `key`, or null; an entry that cannot be read or parsed counts as absent. */
export function readEntry<T>(key: string): T | null {
  try {
    return JSON.parse(readFileSync(join(cacheFolder(), 'files', `${key}.json`), 'utf8')) as T
  } catch {
    return null
  }
}

/** Keeps `value` under `key`; appears by rename, so that a reader sees all of it or nothing. */
export function writeEntry(key: string, value: unknown): void {
  writeWhole(join(cacheFolder(), 'files', `${key}.json`), JSON.stringify(value))
}

function writeWhole(path: string, content: string): void {
  const temporary = `${path}.${process.pid}`
  writeFileSync(temporary, content, { mode: 0o600 })
  renameSync(temporary, path)
}

/** The folder of the graph `key` when it is there and whole, otherwise null. */
export function findGraph(key: string): string | null {
  const path = join(cacheFolder(), 'graphs', key)
  if (!existsSync(join(path, 'complete'))) return null
  const now = new Date()
  try {
    utimesSync(path, now, now)
  } catch {
    // Read-only by now: it is only the order of removal that suffers.
  }
  return path
}

/** Writes the modules of a graph and returns their folder. */
export function writeGraph(key: string, modules: ReadonlyMap<string, string>): string {
  const path = join(cacheFolder(), 'graphs', key)
  mkdirSync(path, { recursive: true, mode: 0o700 })
  for (const [name, content] of modules) writeWhole(join(path, name), content)
  writeWhole(join(path, 'complete'), '')
  removeOldGraphs(key)
  return path
}

function removeOldGraphs(current: string): void {
  const graphs = join(cacheFolder(), 'graphs')
  try {
    const others = readdirSync(graphs).filter(name => name !== current)
    if (others.length <= keptGraphs) return
    const byAge = others
      .map(name => ({ name, used: statSync(join(graphs, name)).mtimeMs }))
      .sort((a, b) => b.used - a.used)
    for (const { name } of byAge.slice(keptGraphs)) rmSync(join(graphs, name), { recursive: true, force: true })
  } catch {
    // Another process tidies at the same time; the next load does the rest.
  }
}
