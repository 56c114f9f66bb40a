// Whole runs: of a TypeScript strategy in Node, and of a Rust one in the partner, on the same configuration.
import { Child } from './child.mjs'

/** Symbol and grid of the streams. */
export const esh4 = { symbol: 'ESH4', tickSize: 0.25 }
export const series = { symbol: 'SERIES', tickSize: 0.01 }

/** A contender that runs a TypeScript strategy: `{ run, child }`. */
export function typeScriptRun(task) {
  const child = Child.node('run')
  return { child, run: () => child.ask(task) }
}

/** A contender that runs a Rust strategy, which counts what it is shown, on the configuration of a TypeScript one. */
export async function rustRun(partner, task, { rests = false, timerNs = 0 } = {}) {
  const planner = Child.node('run')
  const { configuration } = await planner.ask({ ...task, plan: true })
  planner.close()
  return async () => {
    const answer = await partner.ask({ work: 'run', configuration, rests, timerNs })
    return { ...answer, answer: `${answer.rows} ${answer.records}` }
  }
}

/** Requires that two runs were shown the same number of rows: otherwise there is nothing to compare. */
export function sameRows(name, one, other) {
  if (one.seen !== other.rows) throw new Error(`${name}: ${one.seen} rows in TypeScript, ${other.rows} in Rust`)
}
