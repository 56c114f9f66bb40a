/** What becomes of exceptions and promises of handlers. */
import { dirname, join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { TickforgeError } from '../errors.ts'

/** Where a handler stood. */
export interface HandlerPlace {
  readonly strategy: string
  readonly handler: string
  /** Simulated time, milliseconds since 1970. */
  readonly time: number
  /** The same in nanoseconds. */
  readonly tsNanos: bigint
  /** Number of the row in the run, from 0. */
  readonly row: number
}

const packageFolder = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
/** This package's own code, as it is built and as source maps name it. */
const ownFolders = [join(packageFolder, 'dist') + sep, join(packageFolder, 'src') + sep]

/** The error for what a handler threw: it names file and line, time and row, and keeps the original as its cause. */
export function handlerThrew(cause: unknown, place: HandlerPlace): TickforgeError {
  const { strategy, handler, time, tsNanos, row } = place
  const said = cause instanceof Error ? cause.message : String(cause)
  const location = cause instanceof Error ? firstForeignFrame(cause.stack) : undefined
  const at = location === undefined ? '' : ` (${location})`
  const code = cause instanceof TickforgeError ? { code: cause.code, ...cause.details } : {}
  return new TickforgeError(
    'ERR_STRATEGY_THREW',
    `${strategy}.${handler} threw at ${isoTime(time)}, row ${row}: ${said}${at}`,
    { cause, details: { ...code, strategy, handler, time, tsNanos: tsNanos.toString(), row, location } },
  )
}

/** The error for a handler that returned something. */
export function handlerReturned(value: unknown, strategy: string, handler: string): TickforgeError {
  const isPromise = typeof value === 'object' && value !== null && 'then' in value
  // Nobody waits for it: a later rejection must not end the process.
  if (isPromise) Promise.resolve(value).catch(() => {})
  return new TickforgeError(
    'ERR_STRATEGY_ASYNC',
    isPromise
      ? `${strategy}.${handler} returned a promise; handlers are synchronous`
      : `${strategy}.${handler} returned a value, which nothing reads`,
    { details: { strategy, handler, accepted: 'a handler that is not async and returns nothing' } },
  )
}

/** `file:line:column` of the first frame that is of neither this package, another one, nor Node. */
function firstForeignFrame(stack: string | undefined): string | undefined {
  for (const line of stack?.split('\n') ?? []) {
    const match = /^\s+at (?:.*\()?((?:file:\/\/|\/|[A-Za-z]:\\).*?:\d+:\d+)\)?$/.exec(line)
    if (match === null) continue
    const place = match[1]!
    const file = place.startsWith('file://') ? filePath(place) : place
    const isOwn = ownFolders.some(folder => file.startsWith(folder))
    if (!isOwn && !file.includes(`${sep}node_modules${sep}`)) return file
  }
  return undefined
}

function filePath(place: string): string {
  const match = /^(.*?)(:\d+:\d+)$/.exec(place)!
  try {
    return fileURLToPath(match[1]!.replace(/\?.*$/, '')) + match[2]!
  } catch {
    return place
  }
}

function isoTime(time: number): string {
  const date = new Date(time)
  return Number.isNaN(date.getTime()) ? `${time} ms` : date.toISOString()
}
