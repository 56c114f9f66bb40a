/** `tickforge convert`: between DBN, CSV and Parquet. */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { canonicalTimeframe, timeText } from '../../backtest/configuration-values.ts'
import type { Engine } from '../engine.ts'
import { formatFacts } from '../facts.ts'
import { interruptible } from '../interrupt.ts'
import { ProgressBar } from '../progress.ts'
import { usageError } from '../run-options.ts'
import type { Terminal } from '../terminal.ts'

/** Converts a file; returns the exit code. */
export async function convertCommand(
  input: string,
  output: string,
  flags: {
    readonly symbol?: readonly string[]
    readonly start?: string
    readonly end?: string
    readonly kind?: string
    readonly timeframe?: string
    readonly label?: string
    readonly force?: boolean
  },
  engine: Engine,
  terminal: Terminal,
): Promise<number> {
  if (resolve(input) === resolve(output)) throw usageError(`${input} cannot be converted into itself`, { output })
  if (existsSync(output) && flags.force !== true) {
    throw usageError(`${output} exists already; --force replaces it`, { output, accepted: '--force' })
  }
  const options = {
    symbols: flags.symbol ?? [],
    start: flags.start === undefined ? null : timeText(flags.start, '--start'),
    end: flags.end === undefined ? null : timeText(flags.end, '--end'),
    kind: flags.kind ?? null,
    timeframe: flags.timeframe === undefined ? null : canonicalTimeframe(flags.timeframe, '--timeframe'),
    label: flags.label ?? null,
  }
  return await interruptible(async signal => {
    const bar = new ProgressBar(terminal, 'converting')
    try {
      const onProgress = ({ fraction }: { fraction: number }): void => bar.update(fraction)
      const written = await engine.convert(resolve(input), resolve(output), options, { signal, onProgress })
      bar.close()
      terminal.result(written, () => formatFacts(written))
      return 0
    } finally {
      bar.close()
    }
  })
}
