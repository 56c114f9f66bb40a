/** From an error to what the command says and the code it ends with. */
import { TickforgeError } from '../errors.ts'
import { interruptedCode } from './interrupt.ts'
import type { Terminal } from './terminal.ts'

/** Codes whose cause is what the person typed, in the command or in the configuration. */
const usage = /^ERR_(USAGE|CONFIG|PARAMETER)(_|$)/

/** Reports `error` and returns the exit code: 1 the work failed, 2 wrong usage, 130 interrupted. */
export function reportError(error: unknown, terminal: Terminal): number {
  const isAbort =
    error instanceof Error && (error.name === 'AbortError' || (error as { code?: string }).code === 'ERR_ABORTED')
  const code = error instanceof TickforgeError ? error.code : isAbort ? 'ERR_ABORTED' : 'ERR_INTERNAL'
  const message = error instanceof Error ? error.message : String(error)
  if (terminal.json) {
    const details = error instanceof TickforgeError ? error.details : {}
    terminal.result({ error: { code, message, details } }, () => '')
  }
  if (isAbort) terminal.error('interrupted')
  else if (code === 'ERR_INTERNAL') terminal.error(error instanceof Error ? (error.stack ?? message) : message)
  else terminal.error(`${message} ${terminal.errorColours.dim(`[${code}]`)}`)
  if (isAbort) return interruptedCode
  return usage.test(code) ? 2 : 1
}
