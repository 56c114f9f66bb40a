// Line coverage of both languages; fails below 90 % in either. Reports: coverage/typescript, coverage/rust.

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { duration, onPath, root, run } from './lib/run.mjs'

const gate = 90
const tarpaulin = '0.37.5'

async function step(name, work) {
  process.stdout.write(`▸ ${name}\n`)
  const begin = performance.now()
  const code = await work()
  process.stdout.write(`${code === 0 ? '✓' : '✗'} ${name} (${duration(performance.now() - begin)})\n`)
  if (code !== 0) process.exitCode = 1
}

await step('typescript', async () => {
  const { code } = await run(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', '--coverage'], { show: true })
  if (code !== 0) return code
  const { total } = JSON.parse(await readFile(join(root, 'coverage/typescript/coverage-summary.json'), 'utf8'))
  process.stdout.write(`typescript: ${total.lines.pct} % of lines\n`)
  return total.lines.pct >= gate ? 0 : 1
})

await step('rust', async () => {
  if (!onPath('cargo-tarpaulin')) {
    process.stdout.write(`installing cargo-tarpaulin ${tarpaulin} (minutes, once)\n`)
    const installed = await run('cargo', ['install', '--locked', `cargo-tarpaulin@${tarpaulin}`], { show: true })
    if (installed.code !== 0) return installed.code
  }
  const args = [
    'tarpaulin',
    '--release',
    '--workspace',
    '--skip-clean',
    '--exclude',
    'tickforge-node',
    '--exclude',
    'tickforge-bench',
  ]
  args.push(
    '--exclude-files',
    'crates/node/*',
    'bench/*',
    '*/tests/*',
    '--out',
    'Html',
    'Json',
    '--output-dir',
    'coverage/rust',
  )
  args.push('--target-dir', 'target/coverage', '--timeout', '600', '--fail-under', String(gate))
  return (await run('cargo', args, { show: true })).code
})
