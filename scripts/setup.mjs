// Installs and builds whatever is missing or stale; finished in well under a second when nothing is.
// `--force` builds again what looks fresh, `--no-rust` leaves the addon as it is.
// Everything it says goes to standard error.
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { addonPath, libraryName, platformName } from './lib/addon.mjs'
import { digest } from './lib/digest.mjs'
import { duration, onPath, root, run } from './lib/run.mjs'

const force = process.argv.includes('--force')
const packageStamp = 'node_modules/.cache/tickforge/packages'
const rustStamp = 'dist/.stamps/rust'
const typeScriptStamp = 'dist/.stamps/typescript'

const rustSources = ['Cargo.toml', 'Cargo.lock', '.cargo', 'rust-toolchain.toml', 'crates']
const typeScriptSources = ['src', 'tsconfig.json', 'tsconfig.build.json', 'package-lock.json', 'scripts/lib']

function fail(message) {
  process.stderr.write(`setup: ${message}\n`)
  process.exit(1)
}

const isStamped = (stamp, value) =>
  existsSync(join(root, stamp)) && readFileSync(join(root, stamp), 'utf8').trim() === value

function writeStamp(stamp, value) {
  mkdirSync(dirname(join(root, stamp)), { recursive: true })
  writeFileSync(join(root, stamp), `${value}\n`)
}

/** Runs `work` under a headline and prints how long it took. */
async function step(headline, work) {
  process.stderr.write(`setup: ${headline} …\n`)
  const begin = performance.now()
  await work()
  process.stderr.write(`setup: ${headline}: done in ${duration(performance.now() - begin)}\n`)
}

async function installPackages() {
  const value = digest(['package-lock.json'], process.version)
  const present = existsSync(join(root, 'node_modules/typescript'))
  if (present && isStamped(packageStamp, value)) return
  await step('installing the npm packages named in package-lock.json', async () => {
    const { code, output } = await run('npm', ['ci', '--loglevel=error'])
    if (code !== 0) fail(`npm ci failed; is the network there?\n${output.trim()}`)
    writeStamp(packageStamp, value)
  })
}

async function buildAddon() {
  const value = digest(rustSources, platformName)
  const target = join(root, addonPath)
  if (!force && existsSync(target) && isStamped(rustStamp, value)) return
  if (!onPath('cargo')) {
    fail(
      'Rust is not installed: install it from https://rustup.rs (a stable toolchain, 1.95 or newer) and run this again.',
    )
  }
  await step('building the Rust engine (minutes the first time, seconds after a change)', async () => {
    const { code } = await run('cargo', ['build', '--release', '-p', 'tickforge-node'], { show: true })
    if (code !== 0) fail('the Rust engine did not build; the compiler says why above.')
    const built = join(process.env.CARGO_TARGET_DIR ?? join(root, 'target'), 'release', libraryName)
    mkdirSync(dirname(target), { recursive: true })
    // By rename: a process that has the old addon loaded keeps its own copy.
    const temporary = `${target}.${process.pid}`
    copyFileSync(built, temporary)
    chmodSync(temporary, 0o755)
    renameSync(temporary, target)
    writeStamp(rustStamp, value)
  })
}

async function buildTypeScriptSources() {
  const value = digest(typeScriptSources)
  const present = existsSync(join(root, 'dist/index.js'))
  if (!force && present && isStamped(typeScriptStamp, value)) return
  await step('compiling TypeScript', async () => {
    const { buildTypeScript } = await import('./lib/typescript.mjs')
    const problem = await buildTypeScript()
    if (problem !== null) fail(`TypeScript did not compile:\n${problem}`)
    const bin = join(root, 'dist/cli/main.js')
    if (existsSync(bin)) chmodSync(bin, 0o755)
    writeStamp(typeScriptStamp, value)
  })
}

if (Number(process.versions.node.split('.')[0]) < 20) {
  fail(`Node ${process.versions.node} is too old: install Node 20 or newer from https://nodejs.org and run this again.`)
}
await installPackages()
if (!process.argv.includes('--no-rust')) await buildAddon()
await buildTypeScriptSources()
