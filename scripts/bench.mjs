// Runs the benchmarks: the Rust programs in bench/src/bin and the runs in Node of bench/typescript. Each figure is
// measured in turns with what it is printed beside, and its answer is checked; all of them end up in one table.
// `--json`: the figures as JSON instead. `--quick`: small streams, in well under a minute. Words choose programs and
// benchmarks whose name contains one of them.
import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { nodeBenches } from '../bench/typescript/lib/names.mjs'
import { tableOf } from './lib/bench-table.mjs'
import { duration, root, run } from './lib/run.mjs'

const words = process.argv.slice(2).filter(word => !word.startsWith('--'))
const json = process.argv.includes('--json')
const quiet = process.argv.includes('--quiet')
const quick = process.argv.includes('--quick')

const chosen = name => words.length === 0 || words.some(word => name.includes(word))
// `partner` is the other half of the runs in Node, no benchmark of its own.
const programs = readdirSync(join(root, 'bench/src/bin'))
  .filter(name => name.endsWith('.rs') && name !== 'partner.rs')
  .map(name => name.slice(0, -'.rs'.length))
const rust = programs.filter(name => chosen(name) && !(quick && name === 'instructions'))
const node = nodeBenches.filter(chosen)

if (rust.length + node.length === 0) {
  const names = [...programs, ...nodeBenches].join(', ')
  process.stderr.write(`no benchmark is named ${words.join(' ')}; there are: ${names}\n`)
  process.exit(2)
}

function say(text) {
  if (!quiet) process.stderr.write(`${text}\n`)
}

/** Runs a program and resolves with the figures that it printed. */
function figuresOf(name, command, args) {
  return new Promise((resolve, reject) => {
    const begin = performance.now()
    say(`▸ ${name}`)
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', quiet ? 'ignore' : 'inherit'] })
    const pieces = []
    child.stdout.on('data', piece => pieces.push(piece))
    child.once('error', reject)
    child.once('close', code => {
      if (code !== 0) {
        process.stderr.write(`✗ ${name} ended with ${code}\n`)
        process.exitCode = 1
      }
      const lines = Buffer.concat(pieces).toString('utf8').split('\n')
      const figures = lines.flatMap(line => (line.startsWith('{') ? [{ bench: name, ...JSON.parse(line) }] : []))
      say(`  ${figures.length} figures in ${duration(performance.now() - begin)}`)
      resolve(figures)
    })
  })
}

const built = await run('cargo', ['build', '--release', '--quiet', '-p', 'tickforge-bench', '--bins'])
if (built.code !== 0) {
  process.stderr.write(`the benchmarks do not build:\n${built.output}`)
  process.exit(1)
}
const binaries = join(process.env.CARGO_TARGET_DIR ?? join(root, 'target'), 'release')
const sizes = quick ? ['--records', '2000000', '--repeats', '3'] : ['--repeats', '3']
const figures = []
for (const name of rust) {
  const args = name === 'instructions' ? [] : ['--json', ...sizes]
  figures.push(...(await figuresOf(name, join(binaries, name), args)))
}
if (node.length > 0) {
  const args = [join(root, 'bench/typescript/main.mjs'), ...(quick ? ['--quick'] : []), ...node]
  figures.push(...(await figuresOf('node', process.execPath, args)))
}
if (json) process.stdout.write(`${JSON.stringify(figures, null, 2)}\n`)
else {
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}, node ${process.version}, cargo profile release`
  process.stdout.write(`${machine}\n${tableOf(figures)}\n`)
}
