/** `tickforge demo`: the main job on a market that it generates itself. */
import { join } from 'node:path'
import { fees, latency, synthetic } from '../../backtest/configuration-builders.ts'
import { loadStrategy } from '../../loader/loader.ts'
import { packageRoot } from '../../native/binding.ts'
import type { Engine } from '../engine.ts'
import { type RunFlags, usageError, withFlags } from '../run-options.ts'
import type { Terminal } from '../terminal.ts'
import { execute } from './run.ts'

/** The strategy that the demonstration runs. */
export const demoStrategy = 'examples/market-maker.ts'

/** Runs the demonstration; returns the exit code. */
export async function demoCommand(
  flags: RunFlags & { readonly records?: string },
  engine: Engine,
  terminal: Terminal,
): Promise<number> {
  const records = Number(flags.records ?? 2_000_000)
  if (!Number.isSafeInteger(records) || records < 1000) {
    throw usageError(`--records ${flags.records}: give a whole number of at least 1000`, { option: '--records' })
  }
  const file = join(packageRoot(), demoStrategy)
  terminal.note(`a generated full-depth market of ${records.toLocaleString('en-US')} records, quoted by ${file}`)
  const { strategy } = await loadStrategy(file)
  const run = {
    data: synthetic({ records }),
    venue: { latency: latency.fixed({ network: '50us', processing: '10us' }), fees: fees.perContract('0.85') },
    riskLimits: { maxPosition: 100, maxOrderSize: 50 },
  }
  const strategies = { 'market-maker': { strategy: new strategy(), source: file } }
  return await execute({ ...withFlags(run, flags), strategies }, flags, null, engine, terminal)
}
