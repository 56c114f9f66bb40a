/** `tickforge explain`: why an order was filled or not, what stood at a moment, where two results part. */
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { TraceOptions } from '../../backtest/explanation.ts'
import { TickforgeError } from '../../errors.ts'
import { part } from '../comparison.ts'
import { loadCustomModels } from '../custom-models.ts'
import type { Engine, RunResult } from '../engine.ts'
import { lookText, orderText, partingText } from '../explanation-text.ts'
import { interruptible } from '../interrupt.ts'
import { ProgressBar } from '../progress.ts'
import { loadStrategies, type Manifest, readManifest, setUp, verify } from '../repeat.ts'
import { usageError } from '../run-options.ts'
import type { Terminal } from '../terminal.ts'

/** What commander made of the options of `explain`, all as typed. */
export interface ExplainFlags {
  readonly order?: string
  readonly strategy?: string
  readonly at?: string
  readonly all?: boolean
}

/** A result of a run, by the folder that it was written to. */
interface Result {
  readonly file: string
  readonly manifest: Manifest
}

/** Explains one result, or compares two; returns the exit code. */
export async function explainCommand(
  results: readonly string[],
  flags: ExplainFlags,
  engine: Engine,
  terminal: Terminal,
): Promise<number> {
  const [first, second, third] = results.map(open)
  if (first === undefined || third !== undefined) throw usageError('explain takes one result, or two to compare')
  if (second !== undefined) return await compare(first, second, flags, engine, terminal)
  const { order, strategy, at } = flags
  if (order === undefined && at === undefined) {
    throw usageError('name what to explain: --order N, --at TIME, or a second result to compare with', {
      accepted: ['--order', '--at', 'a second result'],
    })
  }
  const names = first.manifest.configuration.strategies.map(({ name }) => name)
  if (order !== undefined && strategy === undefined && names.length > 1) {
    throw usageError(`--order ${order}: every strategy counts its own orders; name it with --strategy`, {
      option: '--strategy',
      accepted: names,
    })
  }
  const trace: TraceOptions = {
    ...(strategy !== undefined && { strategy }),
    ...(order !== undefined && { order: orderNumber(order) }),
    ...(at !== undefined && { at }),
  }
  const { explanation, orders } = await again(first, trace, engine, terminal)
  if (order !== undefined && explanation?.order === null) {
    const name = strategy ?? names[0]
    const count = orders.filter(row => row.strategy === name).length
    throw new TickforgeError('ERR_EXPLAIN_ORDER', `${name} has no order ${order}: it submitted ${count}`, {
      details: { field: 'order', value: Number(order), accepted: `1 to ${count}` },
    })
  }
  terminal.result({ order: explanation?.order, look: explanation?.look }, () => {
    const parts: string[] = []
    if (explanation?.order) parts.push(orderText(explanation.order, flags.all === true, terminal.colours))
    if (explanation?.look) parts.push(lookText(explanation.look, terminal.colours))
    return parts.join('\n\n')
  })
  return 0
}

async function compare(
  first: Result,
  second: Result,
  flags: ExplainFlags,
  engine: Engine,
  terminal: Terminal,
): Promise<number> {
  for (const name of ['order', 'strategy', 'at'] as const) {
    if (flags[name] !== undefined) throw usageError(`--${name} is for one result`, { option: `--${name}` })
  }
  const journal = { journal: true } as const
  const a = await again(first, journal, engine, terminal)
  const b = await again(second, journal, engine, terminal)
  const parting = part(
    { configuration: first.manifest.configuration, stateHash: a.stateHash, journal: a.explanation?.journal ?? [] },
    { configuration: second.manifest.configuration, stateHash: b.stateHash, journal: b.explanation?.journal ?? [] },
  )
  terminal.result(parting, () => partingText(parting, terminal.colours))
  return 0
}

/** The run once more, with questions; refused when it is not the same run. */
async function again(result: Result, trace: TraceOptions, engine: Engine, terminal: Terminal): Promise<RunResult> {
  const { repeatConfiguration } = await import('../../backtest/configuration-rerun.ts')
  const { run: named, strategies } = repeatConfiguration(result.manifest.configuration, result.file)
  const run = await loadCustomModels(named)
  const loaded = await loadStrategies(strategies)
  // The artefacts of the run stay as they are.
  const options = { ...run, output: {}, replaySpeed: 0, strategies: setUp(strategies, loaded, [], []) }
  return await interruptible(async signal => {
    const bar = new ProgressBar(terminal, 'running again')
    let repeated: RunResult
    try {
      repeated = await engine.run(options, { signal, trace, onProgress: ({ fraction }) => bar.update(fraction) })
    } finally {
      bar.close()
    }
    signal.throwIfAborted()
    if (repeated.stateHash !== result.manifest.state_hash) {
      const { differences } = await verify(result.manifest, repeated.stateHash)
      throw new TickforgeError(
        'ERR_EXPLAIN_DIFFERS',
        `${result.file} made again is another run, so nothing of it can be explained: ${differences.join('; ')}`,
        { details: { file: result.file, differences } },
      )
    }
    return repeated
  })
}

function open(path: string): Result {
  if (!existsSync(path)) throw usageError(`${path}: there is no such result`, { file: path })
  const file = statSync(path).isDirectory() ? join(path, 'run.json') : path
  if (!existsSync(file)) {
    throw usageError(`${path}: there is no run.json in it; give the folder that a run has written`, { file })
  }
  const manifest = readManifest(file)
  const made = manifest.configuration.strategies.find(({ source }) => source === null)
  if (made !== undefined) {
    throw usageError(
      `${file}: the strategy '${made.name}' was made in code and has no file to run again; there, ask with run({ trace })`,
      { file, strategy: made.name },
    )
  }
  return { file, manifest }
}

function orderNumber(text: string): number {
  if (/^\d{1,15}$/.test(text) && Number(text) > 0) return Number(text)
  const closing = text === '0' ? 'order 0 is the closing at the end of a run, which no order asked for; ' : ''
  throw usageError(`--order ${text}: ${closing}give the number of an order, from 1`, { option: '--order', value: text })
}
