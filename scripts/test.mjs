// Everything that must hold, step by step; ends with one line: `N passed, N failed`.
// `npm test -- rust` or any other word runs only the steps whose name contains it.
import { rmSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { documentationSteps } from './docs.mjs'
import { duration, root, run } from './lib/run.mjs'

const vitestReport = 'node_modules/.cache/tickforge/vitest.json'

const node = (script, ...args) => [process.execPath, [`node_modules/${script}`, ...args]]
const cargo = (...args) => ['cargo', args]

/** Adds up the lines `test result: ok. 12 passed; 0 failed; …`. */
function countRust(output) {
  let passed = 0
  let failed = 0
  for (const [, good, bad] of output.matchAll(/^test result: \w+\. (\d+) passed; (\d+) failed/gm)) {
    passed += Number(good)
    failed += Number(bad)
  }
  return { passed, failed }
}

async function countVitest() {
  const report = JSON.parse(await readFile(join(root, vitestReport), 'utf8'))
  return { passed: report.numPassedTests, failed: report.numFailedTests }
}

const steps = [
  { name: 'rust: format', command: cargo('fmt', '--all', '--check') },
  {
    name: 'rust: clippy',
    command: cargo('clippy', '--release', '--workspace', '--all-targets', '--', '-D', 'warnings'),
  },
  { name: 'rust: tests', command: cargo('test', '--release', '--workspace', '--no-fail-fast'), count: countRust },
  {
    name: 'typescript: format and lint',
    command: node('@biomejs/biome/bin/biome', 'check', '--error-on-warnings', '.'),
  },
  { name: 'typescript: types', command: node('typescript/bin/tsc', '--noEmit') },
  {
    name: 'typescript: tests',
    command: node(
      'vitest/vitest.mjs',
      'run',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${vitestReport}`,
    ),
    before: () => rmSync(join(root, vitestReport), { force: true }),
    count: countVitest,
  },
  ...documentationSteps,
]

/** Runs one step; a step that counts nothing counts as one check. */
async function perform({ name, command: [program, args], env, before, count }) {
  process.stdout.write(`▸ ${name}\n`)
  before?.()
  const begin = performance.now()
  const { code, output } = await run(program, args, { env: { FORCE_COLOR: '0', CARGO_TERM_COLOR: 'never', ...env } })
  let counted = { passed: 0, failed: 0 }
  try {
    counted = (await count?.(output)) ?? counted
  } catch (error) {
    process.stdout.write(`  no counts: ${error.message}\n`)
  }
  const isCounted = counted.passed + counted.failed > 0
  const passed = isCounted ? counted.passed : Number(code === 0)
  // A step that ends badly without a failed test (it did not compile, a worker died) has failed all the same.
  const failed = code === 0 ? counted.failed : Math.max(1, counted.failed)
  const time = duration(performance.now() - begin)
  if (code !== 0) process.stdout.write(`${output.trimEnd()}\n`)
  process.stdout.write(`${code === 0 ? '✓' : '✗'} ${name}: ${passed} passed, ${failed} failed (${time})\n`)
  return { passed, failed }
}

const words = process.argv.slice(2)
const chosen = steps.filter(({ name }) => words.length === 0 || words.some(word => name.includes(word)))
if (chosen.length === 0) {
  process.stderr.write(`no step is named ${words.join(' ')}; there are: ${steps.map(({ name }) => name).join(', ')}\n`)
  process.exit(2)
}
const total = { passed: 0, failed: 0 }
for (const step of chosen) {
  const { passed, failed } = await perform(step)
  total.passed += passed
  total.failed += failed
}
process.stdout.write(`${total.passed} passed, ${total.failed} failed\n`)
process.exitCode = total.failed === 0 ? 0 : 1
