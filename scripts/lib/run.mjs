// Starting other programs. Dependency-free: this runs before anything is installed.
import { spawn } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The repository's root folder. */
export const root = fileURLToPath(new URL('../..', import.meta.url))

/** Whether `program` can be started from `PATH`. */
export function onPath(program) {
  const suffixes = process.platform === 'win32' ? ['.exe', '.cmd', ''] : ['']
  return (process.env.PATH ?? '').split(delimiter).some(folder =>
    suffixes.some(suffix => {
      try {
        accessSync(join(folder, program + suffix), constants.X_OK)
        return true
      } catch {
        return false
      }
    }),
  )
}

/**
 * Runs a program, in the root folder unless told otherwise, and resolves with `{ code, output }`; never rejects for a bad exit.
 * `show: true` passes its output on to standard error instead of collecting it.
 */
export function run(program, args, { show = false, env = {}, cwd = root } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: show ? ['ignore', 2, 2] : ['ignore', 'pipe', 'pipe'],
      shell: process.platform === 'win32' && program === 'npm',
    })
    const pieces = []
    child.stdout?.on('data', piece => pieces.push(piece))
    child.stderr?.on('data', piece => pieces.push(piece))
    child.once('error', reject)
    child.once('close', (code, signal) =>
      resolve({ code: code ?? (signal ? 1 : 0), output: Buffer.concat(pieces).toString('utf8') }),
    )
  })
}

/** `1.2 s`, `3 min 04 s`. */
export function duration(milliseconds) {
  const seconds = milliseconds / 1000
  if (seconds < 60) return `${seconds.toFixed(1)} s`
  return `${Math.floor(seconds / 60)} min ${String(Math.round(seconds % 60)).padStart(2, '0')} s`
}
