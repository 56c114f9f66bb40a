// Runs the benchmarks: Rust programs in bench/src/bin, TypeScript ones in bench/*.mjs. Each prints one JSON object a
// figure on standard output and a table on standard error; words choose those whose name contains one of them.

import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './lib/run.mjs'

const words = process.argv.slice(2).filter(word => !word.startsWith('--'))
const json = process.argv.includes('--json')
const quiet = process.argv.includes('--quiet')

const rust = readdirSync(join(root, 'bench/src/bin'))
  .filter(name => name.endsWith('.rs'))
  .map(name => name.slice(0, -3))
const scripts = readdirSync(join(root, 'bench')).filter(name => name.endsWith('.mjs'))
const benches = [
  ...rust.map(name => ({
    name,
    command: 'cargo',
    args: ['run', '--release', '--quiet', '-p', 'tickforge-bench', '--bin', name, '--', '--json'],
  })),
  ...scripts.map(name => ({
    name: name.slice(0, -4),
    command: process.execPath,
    args: [join('bench', name), '--json'],
  })),
].filter(({ name }) => words.length === 0 || words.some(word => name.includes(word)))

if (benches.length === 0) {
  process.stderr.write(`no benchmark is named ${words.join(' ')}; there are: ${[...rust, ...scripts].join(', ')}\n`)
  process.exit(2)
}

function start({ name, command, args }) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', quiet ? 'ignore' : 'inherit'] })
    const pieces = []
    child.stdout.on('data', piece => pieces.push(piece))
    child.once('error', reject)
    child.once('close', code => {
      const lines = Buffer.concat(pieces).toString('utf8').split('\n').filter(Boolean)
      const figures = lines.flatMap(line => (line.startsWith('{') ? [{ bench: name, ...JSON.parse(line) }] : []))
      resolve({ code: code ?? 1, figures })
    })
  })
}

const all = []
for (const bench of benches) {
  if (!quiet) process.stderr.write(`▸ ${bench.name}\n`)
  const { code, figures } = await start(bench)
  all.push(...figures)
  if (code !== 0) {
    process.stderr.write(`✗ ${bench.name} ended with ${code}\n`)
    process.exitCode = 1
  }
}
if (json) process.stdout.write(`${JSON.stringify(all, null, 2)}\n`)
else for (const figure of all) process.stdout.write(`${JSON.stringify(figure)}\n`)
