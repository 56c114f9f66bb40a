/** What the schema found wrong, as an error that names file, line, field, value and what would be accepted. */
import { TickforgeError } from '../errors.ts'
import { suggestion } from '../suggest.ts'
import { configurationJsonSchema } from './configuration-schema.ts'
import { show } from './configuration-values.ts'

/** The part of a zod issue that is read here. */
export interface SchemaIssue {
  readonly code: string
  readonly message: string
  readonly path: readonly PropertyKey[]
  readonly input?: unknown
  readonly keys?: readonly string[]
  readonly values?: readonly unknown[]
  readonly expected?: string
  readonly errors?: readonly (readonly SchemaIssue[])[]
  readonly discriminator?: string
}

/** The error for the first of `issues`; `lineOf` finds the line of a field or of a key in it. */
export function describeIssue(
  issues: readonly SchemaIssue[],
  file: string,
  lineOf: (path: readonly PropertyKey[], key: string | undefined) => number | undefined,
): TickforgeError {
  const leaves = issues.flatMap(issue => flatten(issue, []))
  const issue = leaves.find(leaf => leaf.keys !== undefined) ?? (leaves[0] as SchemaIssue)
  const key = issue.keys?.[0]
  const line = lineOf(issue.path, key)
  const place = line === undefined ? file : `${file}:${line}`
  const field = fieldName(key === undefined ? issue.path : [...issue.path, key]) || 'the configuration'
  const details = { file, line, field }
  if (key !== undefined) {
    const known = keysAt(issue.path)
    const kind = known.includes(key) ? ' of this type' : suggestion(key, known)
    return new TickforgeError('ERR_CONFIG_UNKNOWN_KEY', `${place}: ${field} is not a setting${kind}`, {
      details: { ...details, accepted: known },
    })
  }
  if (issue.input === undefined) {
    const known = keysAt(issue.path)
    const accepted = known.length > 0 ? known : (issue.values ?? issue.expected ?? wordsAt(issue.path))
    return new TickforgeError('ERR_CONFIG_MISSING', `${place}: ${field} is missing`, {
      details: { ...details, accepted },
    })
  }
  const words = issue.values?.map(String) ?? wordsAt(issue.path)
  const hint = typeof issue.input === 'string' ? suggestion(issue.input, words) : ''
  const accepted = words.length > 0 ? words : issue.message
  const wanted =
    words.length > 0
      ? `give ${words.map(word => `'${word}'`).join(', ')}${hint}`
      : issue.message.replace('Invalid input: ', '')
  return new TickforgeError('ERR_CONFIG_VALUE', `${place}: ${field}: ${show(issue.input)} is not accepted; ${wanted}`, {
    details: { ...details, value: issue.input, accepted },
  })
}

/** The issues inside unions that say most: those of the branches which got further than the wrong kind of value. */
function flatten(issue: SchemaIssue, prefix: readonly PropertyKey[]): SchemaIssue[] {
  const path = [...prefix, ...issue.path]
  const branches = issue.code === 'invalid_union' ? (issue.errors ?? []) : []
  const further = branches.filter(
    branch => branch[0] !== undefined && (branch[0].code !== 'invalid_type' || branch[0].path.length > 0),
  )
  if (further.length > 0) return further.flatMap(branch => branch.flatMap(inner => flatten(inner, path)))
  if (branches.length > 0 && issue.input !== undefined) return [{ ...issue, path, message: expectation(branches) }]
  if (issue.discriminator === undefined) return [{ ...issue, path }]
  const input = (issue.input as Record<string, unknown> | null)?.[issue.discriminator]
  return [{ ...issue, path, input }]
}

function expectation(branches: readonly (readonly SchemaIssue[])[]): string {
  const kinds = branches.flatMap(branch => branch[0]?.expected ?? [])
  return kinds.length === 0 ? 'Invalid input' : `expected ${kinds.join(' or ')}`
}

function fieldName(path: readonly PropertyKey[]): string {
  return path
    .map(part => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '')
}

interface Schema {
  readonly properties?: Record<string, Schema>
  readonly items?: Schema
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
}

function schemasAt(path: readonly PropertyKey[]): Schema[] {
  const spread = (schema: Schema): Schema[] => [
    schema,
    ...(schema.anyOf ?? []).flatMap(spread),
    ...(schema.oneOf ?? []).flatMap(spread),
  ]
  let here = spread(configurationJsonSchema() as Schema)
  for (const part of path) {
    here = here.flatMap(schema => {
      const next = typeof part === 'number' ? schema.items : schema.properties?.[String(part)]
      return next === undefined ? [] : spread(next)
    })
  }
  return here
}

function keysAt(path: readonly PropertyKey[]): string[] {
  return [...new Set(schemasAt(path).flatMap(schema => Object.keys(schema.properties ?? {})))]
}

function wordsAt(path: readonly PropertyKey[]): string[] {
  return [
    ...new Set(
      schemasAt(path)
        .flatMap(schema => (schema.const === undefined ? (schema.enum ?? []) : [schema.const]))
        .map(String),
    ),
  ]
}
