/**
 * Reading configuration files (YAML or JSON).
 *
 * Imports zod and yaml, which take their time to load: reach this module through a dynamic `import()` only.
 */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { LineCounter, parseDocument } from 'yaml'
import { TickforgeError } from '../errors.ts'
import { describeIssue } from './configuration-issues.ts'
import { convertFile } from './configuration-schema.ts'
import type { Configuration } from './configuration-types.ts'

export { configurationJsonSchema } from './configuration-schema.ts'

/**
 * Reads and checks a configuration file.
 *
 * @throws {@link TickforgeError} `ERR_CONFIG_FILE`, `ERR_CONFIG_SYNTAX`, `ERR_CONFIG_UNKNOWN_KEY`,
 * `ERR_CONFIG_MISSING` or `ERR_CONFIG_VALUE`, with file, line and field
 */
export function readConfiguration(file: string): Configuration {
  let content: string
  try {
    content = readFileSync(file, 'utf8')
  } catch (cause) {
    throw new TickforgeError('ERR_CONFIG_FILE', `${file} cannot be read: ${(cause as Error).message}`, {
      details: { file },
      cause,
    })
  }
  return parseConfiguration(content, resolve(file))
}

/** Checks the text of a configuration file; `file` is what errors name and what relative paths start from. */
export function parseConfiguration(content: string, file: string): Configuration {
  const lines = new LineCounter()
  const document = parseDocument(content, { lineCounter: lines, prettyErrors: false })
  const broken = document.errors[0]
  if (broken !== undefined) {
    const { line, col } = lines.linePos(broken.pos[0])
    throw new TickforgeError('ERR_CONFIG_SYNTAX', `${file}:${line}:${col}: ${broken.message}`, {
      details: { file, line, column: col },
    })
  }
  let value: unknown
  try {
    value = document.toJS({ maxAliasCount: 100 })
  } catch (cause) {
    throw new TickforgeError('ERR_CONFIG_SYNTAX', `${file}: ${(cause as Error).message}`, { details: { file }, cause })
  }
  const lineOf = (path: readonly PropertyKey[], key: string | undefined): number | undefined => {
    for (let length = path.length; length >= 0; length -= 1) {
      const node = document.getIn(path.slice(0, length), true) as {
        range?: [number, number, number]
        items?: unknown[]
      }
      const pair = key === undefined || length < path.length ? undefined : findPair(node, key)
      const offset = pair ?? node?.range?.[0]
      if (offset !== undefined) return lines.linePos(offset).line
    }
    return undefined
  }
  return convertFile(value, file, issues => describeIssue(issues, file, lineOf))
}

function findPair(node: { items?: unknown[] } | undefined, key: string): number | undefined {
  for (const item of node?.items ?? []) {
    const name = (item as { key?: { value?: unknown; range?: [number] } }).key
    if (name?.value === key) return name.range?.[0]
  }
  return undefined
}
