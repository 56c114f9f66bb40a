/** `tickforge inspect`: what is in market data files. */

import type { Engine } from '../engine.ts'
import { formatFacts } from '../facts.ts'
import type { Terminal } from '../terminal.ts'

/** Where reading a file ended before its end. */
interface Fault {
  readonly code: string
  readonly message: string
}

/**
 * Inspects files; returns the exit code. A file that could be read in part is told of as far as that, and then the
 * fault, with exit code 1.
 */
export async function inspectCommand(
  files: readonly string[],
  flags: { readonly book?: boolean },
  engine: Engine,
  terminal: Terminal,
): Promise<number> {
  const found = await engine.inspect(files, flags.book === true)
  terminal.result(found, () => formatFacts(found))
  const read = (found as { readonly files?: readonly { readonly fault?: Fault | null }[] } | null)?.files ?? []
  const faults = read.flatMap(({ fault }) => fault ?? [])
  for (const { code, message } of faults) terminal.error(`${message} ${terminal.errorColours.dim(`[${code}]`)}`)
  return faults.length === 0 ? 0 : 1
}
