/** What the commands write to: standard output for results, standard error for everything on the way there. */
import type { Writable } from 'node:stream'
import pc from 'picocolors'

/** A stream that may be a terminal. */
export type Output = Writable & { readonly isTTY?: boolean; readonly columns?: number }

/** How a command speaks. */
export interface TerminalOptions {
  /** One JSON document on standard output, nothing else there. */
  readonly json?: boolean | undefined
  /** Nothing on standard error but errors. */
  readonly quiet?: boolean | undefined
}

/** Standard output and error of a command. */
export class Terminal {
  /** Results. */
  readonly out: Output
  /** Progress, notes and errors. */
  readonly err: Output
  /** Colours for `out`: none where it is no terminal or `NO_COLOR` is set. */
  readonly colours: ReturnType<typeof pc.createColors>
  /** Colours for `err`. */
  readonly errorColours: ReturnType<typeof pc.createColors>
  #options: TerminalOptions = {}

  /** Speaks to two streams. */
  constructor(out: Output, err: Output, environment: NodeJS.ProcessEnv = process.env) {
    this.out = out
    this.err = err
    const wanted = (environment['NO_COLOR'] ?? '') === '' && environment['TERM'] !== 'dumb'
    this.colours = pc.createColors(wanted && out.isTTY === true)
    this.errorColours = pc.createColors(wanted && err.isTTY === true)
  }

  /** Takes over `--json` and `--quiet`. */
  configure(options: TerminalOptions): void {
    this.#options = options
  }

  /** Whether results are JSON. */
  get json(): boolean {
    return this.#options.json === true
  }

  /** Whether nothing but results and errors is wanted. */
  get quiet(): boolean {
    return this.#options.quiet === true
  }

  /** Writes the result: `value` as one JSON document with `--json`, otherwise `text`. */
  result(value: unknown, text: () => string): void {
    if (this.json) this.out.write(`${JSON.stringify(value, bigints, 2)}\n`)
    else this.out.write(`${text().replace(/\n*$/, '')}\n`)
  }

  /** Writes a line that is not part of the result. */
  note(text: string): void {
    if (!this.quiet) this.err.write(`${text}\n`)
  }

  /** Writes an error. */
  error(text: string): void {
    this.err.write(`${this.errorColours.red('error')}: ${text}\n`)
  }
}

function bigints(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value
}
