/** A progress bar on standard error; nothing where that is no terminal. */
import type { Terminal } from './terminal.ts'

const width = 28
const redrawMs = 100

/** A bar for one piece of work. */
export class ProgressBar {
  readonly #terminal: Terminal
  readonly #label: string
  readonly #begin: number
  readonly #now: () => number
  #drawn = Number.NEGATIVE_INFINITY
  #shown = false

  /** A bar with a word before it; `now` is a clock in milliseconds. */
  constructor(terminal: Terminal, label: string, now: () => number = () => performance.now()) {
    this.#terminal = terminal
    this.#label = label
    this.#now = now
    this.#begin = now()
  }

  /** Whether there is anybody to see it. */
  get visible(): boolean {
    return this.#terminal.err.isTTY === true && !this.#terminal.quiet
  }

  /** Shows how far the work is, 0 to 1; draws at most ten times a second. */
  update(fraction: number): void {
    const now = this.#now()
    if (!this.visible || (now - this.#drawn < redrawMs && fraction < 1)) return
    this.#drawn = now
    this.#shown = true
    const part = Math.min(1, Math.max(0, fraction))
    const full = Math.round(part * width)
    const { cyan, dim } = this.#terminal.errorColours
    const bar = cyan('█'.repeat(full)) + dim('░'.repeat(width - full))
    const seconds = (now - this.#begin) / 1000
    const left = part > 0.02 && part < 1 ? dim(` ${clock((seconds / part) * (1 - part))} left`) : ''
    const percent = `${Math.floor(part * 100)}`.padStart(3)
    this.#terminal.err.write(`\r\u001B[K${this.#label} ${bar} ${percent} % ${clock(seconds)}${left}`)
  }

  /** Writes a line above the bar. */
  note(text: string): void {
    this.close()
    this.#drawn = Number.NEGATIVE_INFINITY
    this.#terminal.note(text)
  }

  /** Takes the bar away. */
  close(): void {
    if (this.#shown) this.#terminal.err.write('\r\u001B[K')
    this.#shown = false
  }
}

function clock(seconds: number): string {
  const whole = Math.round(seconds)
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`
}
