/** `tickforge inspect`: what is in market data files. */

import type { Engine } from '../engine.ts'
import { formatFacts } from '../facts.ts'
import type { Terminal } from '../terminal.ts'

/** Inspects files; returns the exit code. */
export async function inspectCommand(
  files: readonly string[],
  flags: { readonly book?: boolean },
  engine: Engine,
  terminal: Terminal,
): Promise<number> {
  const found = await engine.inspect(files, flags.book === true)
  terminal.result(found, () => formatFacts(found))
  return 0
}
