/** `tickforge run`: a strategy file, a configuration file, or a `run.json`. */
import { basename, extname, resolve } from 'node:path'
import type { Configuration, ConfiguredStrategy, RunOptions } from '../../backtest/configuration-types.ts'
import { stressOutcome, stressTests } from '../../backtest/stress.ts'
import { loadCustomModels } from '../custom-models.ts'
import type { Engine, RunRequest, RunResult } from '../engine.ts'
import { interruptedCode, interruptible } from '../interrupt.ts'
import { parseParameters } from '../parameters.ts'
import { ProgressBar } from '../progress.ts'
import { loadStrategies, type Manifest, readManifest, setUp, verify } from '../repeat.ts'
import { fileKind, type RunFlags, reportPath, runFromFlags, usageError, withFlags } from '../run-options.ts'
import type { Terminal } from '../terminal.ts'

/** A run that is ready to start. */
interface Prepared {
  readonly run: RunOptions
  readonly strategies: readonly ConfiguredStrategy[]
  readonly manifest: Manifest | null
}

/**
 * Runs FILE.
 *
 * @param tokens options that are the strategy's, not the command's
 * @param known names of the command's own options
 * @returns the exit code
 */
export async function runCommand(
  file: string,
  flags: RunFlags,
  tokens: readonly string[],
  known: readonly string[],
  engine: Engine,
  terminal: Terminal,
): Promise<number> {
  if (file.startsWith('-')) parseParameters([file], {}, known)
  const prepared = await prepare(file, flags)
  if (flags.verify === true && prepared.manifest === null) throw usageError('--verify repeats a run.json: give one')
  const loaded = await loadStrategies(prepared.strategies)
  const strategies = setUp(prepared.strategies, loaded, tokens, known)
  const flagged = prepared.manifest === null ? withFlags(prepared.run, flags) : forRepeat(prepared.run, flags)
  const run = await loadCustomModels(flagged)
  const fresh = (): RunRequest['strategies'] => setUp(prepared.strategies, loaded, tokens, known)
  return await execute({ ...run, strategies }, flags, prepared.manifest, engine, terminal, fresh)
}

/**
 * Runs what is completely described, shows and writes its result.
 *
 * @param fresh strategies that have not run yet, for the runs of `--stress`
 */
export async function execute(
  options: RunRequest,
  flags: RunFlags,
  manifest: Manifest | null,
  engine: Engine,
  terminal: Terminal,
  fresh?: () => RunRequest['strategies'],
): Promise<number> {
  return await interruptible(async signal => {
    const bar = new ProgressBar(terminal, 'running')
    let result: RunResult
    try {
      const debug = flags.debug === true
      result = await engine.run(
        { ...options, debug },
        {
          signal,
          onProgress: ({ fraction }) => bar.update(fraction),
          onLog: ({ time, strategy, level, message }) =>
            bar.note(`${new Date(time).toISOString()} ${level} ${strategy}: ${message}`),
        },
      )
    } finally {
      bar.close()
    }
    if (flags.stress === true && fresh !== undefined) await stressed(result, options, fresh, engine, terminal, signal)
    const report = flags.verify === true && flags.report === undefined ? null : reportPath(flags)
    if (report !== null) await result.writeReport(report)
    const verification = flags.verify === true && manifest !== null ? await verify(manifest, result.stateHash) : null
    const document = { result: result.toJSON(), report, interrupted: signal.aborted, verification }
    terminal.result(document, () => result.summary())
    if (report !== null) terminal.note(`report: ${report}`)
    const directory = options.output?.directory
    if (directory !== undefined) terminal.note(`artefacts: ${directory}`)
    if (verification !== null) {
      for (const difference of verification.differences) terminal.error(difference)
      if (verification.repeated) terminal.note(`repeated: the state hash is ${result.stateHash} again`)
    }
    if (signal.aborted) {
      terminal.note('interrupted: the result covers what was done until then')
      return interruptedCode
    }
    return verification === null || verification.repeated ? 0 : 1
  })
}

/** The same run under harder conditions, one after the other; they leave no files. */
async function stressed(
  result: RunResult,
  { output: _, ...options }: RunRequest,
  fresh: () => RunRequest['strategies'],
  engine: Engine,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<void> {
  for (const { name, stress } of stressTests) {
    if (signal.aborted) return
    const bar = new ProgressBar(terminal, name)
    try {
      const venue = { ...options.venue, stress: { ...options.venue?.stress, ...stress } }
      const harder = await engine.run(
        { ...options, venue, strategies: fresh() },
        { signal, onProgress: ({ fraction }) => bar.update(fraction) },
      )
      if (!signal.aborted) result.addStress(stressOutcome(name, stress, result, harder))
    } finally {
      bar.close()
    }
  }
}

async function prepare(file: string, flags: RunFlags): Promise<Prepared> {
  switch (fileKind(file)) {
    case 'strategy': {
      const name = basename(file, extname(file))
      const strategy = { name, type: file, source: resolve(file) }
      return { run: runFromFlags(file, flags), strategies: [strategy], manifest: null }
    }
    case 'configuration': {
      const { readConfiguration } = await import('../../backtest/configuration.ts')
      return { ...readConfiguration(file), manifest: null }
    }
    case 'run': {
      const manifest = readManifest(file)
      const { repeatConfiguration } = await import('../../backtest/configuration-rerun.ts')
      const repeated: Configuration = repeatConfiguration(manifest.configuration, file)
      return { ...repeated, manifest }
    }
  }
}

/** A repeated run writes nothing unless it is told where: the original's artefacts stay. */
function forRepeat(run: RunOptions, flags: RunFlags): RunOptions {
  return withFlags({ ...run, output: { detailedLog: run.output?.detailedLog ?? false } }, flags, null)
}
