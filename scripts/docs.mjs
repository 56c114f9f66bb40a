// API documentation of both languages: docs/api/typescript and target/doc. What is public but undocumented is an error.
import { pathToFileURL } from 'node:url'
import { duration, run } from './lib/run.mjs'

const typedoc = (...args) => [process.execPath, ['node_modules/typedoc/bin/typedoc', '--logLevel', 'Warn', ...args]]

/** The steps, as `npm test` runs them: TypeScript's is checked without being written. */
export const documentationSteps = [
  { name: 'docs: typescript', command: typedoc('--emit', 'none') },
  {
    name: 'docs: rust',
    command: ['cargo', ['doc', '--release', '--workspace', '--no-deps']],
    env: { RUSTDOCFLAGS: '-D warnings' },
  },
]

async function write() {
  const steps = [{ name: 'docs: typescript', command: typedoc() }, documentationSteps[1]]
  for (const { name, command, env } of steps) {
    const begin = performance.now()
    const { code, output } = await run(command[0], command[1], { env })
    process.stdout.write(`${code === 0 ? '✓' : '✗'} ${name} (${duration(performance.now() - begin)})\n`)
    if (code !== 0) {
      process.stdout.write(`${output.trimEnd()}\n`)
      process.exitCode = 1
    }
  }
  process.stdout.write('docs/api/typescript/index.html, target/doc/model/index.html\n')
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await write()
