// A contender in a process of its own: one JSON object a line in, one a line out. Processes keep each other's compiled
// code and heap apart, so a figure does not depend on what was measured before it.
import { spawn } from 'node:child_process'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** The repository's root folder. */
export const root = fileURLToPath(new URL('../../..', import.meta.url))
const here = dirname(fileURLToPath(import.meta.url))

/** Where cargo puts the programs of the daily profile. */
export const binaries = join(process.env.CARGO_TARGET_DIR ?? join(root, 'target'), 'release')

/** A running contender. */
export class Child {
  /** Starts a program that answers lines. Its first line says that it is ready. */
  constructor(name, command, args) {
    this.name = name
    this.process = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] })
    this.failed = new Promise((_, reject) => this.process.once('error', reject))
    this.failed.catch(() => {})
    this.lines = createInterface({ input: this.process.stdout })[Symbol.asyncIterator]()
    this.ready = this.next()
  }

  /** A contender of `contenders/`, in Node. */
  static node(name, ...flags) {
    return new Child(name, process.execPath, [...flags, join(here, '../contender.mjs'), name])
  }

  /** The Rust program that runs what figures are printed beside. */
  static partner() {
    return new Child('partner', join(binaries, 'partner'), ['serve'])
  }

  /** Does a piece of work and resolves with its answer. */
  async ask(task) {
    await this.ready
    this.process.stdin.write(`${JSON.stringify(task)}\n`)
    const answer = await this.next()
    if (answer.error !== undefined) throw new Error(`${this.name}: ${answer.error}`)
    return answer
  }

  async next() {
    const { value, done } = await Promise.race([this.lines.next(), this.failed])
    if (done) throw new Error(`${this.name} ended without an answer`)
    return JSON.parse(value)
  }

  /** Lets the process end. */
  close() {
    this.process.stdin.end()
  }
}
