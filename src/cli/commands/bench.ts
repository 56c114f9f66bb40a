/** `tickforge bench`: the repository's benchmarks. */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { TickforgeError } from '../../errors.ts'
import { packageRoot } from '../../native/binding.ts'
import { interruptedCode } from '../interrupt.ts'
import type { Terminal } from '../terminal.ts'

/**
 * Runs the benchmarks whose name contains one of `names` (all without names); returns the exit code. `quick` takes
 * small streams.
 */
export async function benchCommand(names: readonly string[], quick: boolean, terminal: Terminal): Promise<number> {
  const script = join(packageRoot(), 'scripts/bench.mjs')
  if (!existsSync(script)) {
    throw new TickforgeError(
      'ERR_USAGE',
      'the benchmarks come with the repository: clone it and run npm run bench there',
      {
        details: { script },
      },
    )
  }
  const given = { '--json': terminal.json, '--quiet': terminal.quiet, '--quick': quick }
  const options = Object.entries(given).flatMap(([option, isGiven]) => (isGiven ? [option] : []))
  const child = spawn(process.execPath, [script, ...options, ...names], { stdio: ['ignore', 'pipe', 'pipe'] })
  child.stdout.pipe(terminal.out, { end: false })
  child.stderr.pipe(terminal.err, { end: false })
  return await new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => resolve(signal === null ? (code ?? 1) : interruptedCode))
  })
}
