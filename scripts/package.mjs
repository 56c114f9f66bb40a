// Packs what is published for this platform, installs it into an empty folder and runs it there: no compiler is needed.
// `npm run package -- --profile release` takes the daily build instead of the slower one for distribution.
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { libraryName, platformName } from './lib/addon.mjs'
import { root, run } from './lib/run.mjs'

const { values } = parseArgs({ options: { profile: { type: 'string', default: 'distribution' } } })
const platform = platformName
const packages = join(root, 'target', 'packages')

async function must(program, args, options) {
  const { code, output } = await run(program, args, options)
  if (code !== 0) {
    process.stderr.write(output)
    throw new Error(`${program} ${args.join(' ')} failed (${code})`)
  }
  return output
}

/** Packs a folder; returns the archive's path. */
async function pack(folder) {
  await must('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', packages], { cwd: folder })
}

rmSync(packages, { recursive: true, force: true })
mkdirSync(packages, { recursive: true })

process.stdout.write(`building the addon of ${platform} (profile ${values.profile})\n`)
await must('cargo', ['build', '--profile', values.profile, '-p', 'tickforge-node'])
const staging = mkdtempSync(join(tmpdir(), 'tickforge-package-'))
try {
  const addon = join(staging, 'addon')
  cpSync(join(root, 'npm', platform), addon, { recursive: true })
  cpSync(join(root, 'target', values.profile, libraryName), join(addon, 'tickforge.node'))
  await pack(addon)

  const main = join(staging, 'main')
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  mkdirSync(main)
  const shipped = manifest.files.filter(file => !file.startsWith('!'))
  for (const file of shipped) cpSync(join(root, file), join(main, file), { recursive: true })
  rmSync(join(main, 'dist', 'native', `tickforge.${platform}.node`), { force: true })
  delete manifest.scripts
  delete manifest.devDependencies
  const names = readdirSync(join(root, 'npm'), { withFileTypes: true }).filter(entry => entry.isDirectory())
  manifest.optionalDependencies = Object.fromEntries(names.map(({ name }) => [`@tickforge/${name}`, manifest.version]))
  writeFileSync(join(main, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)
  await pack(main)

  process.stdout.write('installing both into an empty folder\n')
  const home = join(staging, 'home')
  mkdirSync(home)
  writeFileSync(join(home, 'package.json'), '{ "private": true }\n')
  const archives = readdirSync(packages).map(name => join(packages, name))
  // The platform packages of other systems are not published yet: optional, so their absence is no error.
  await must('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', ...archives], {
    cwd: home,
  })
  const output = await must('npx', ['tickforge', 'demo', '--records', '100000', '--json'], { cwd: home })
  // The document is alone on standard output; what stands on standard error comes after it here.
  const { stateHash } = JSON.parse(output.slice(output.indexOf('{'), output.lastIndexOf('\n}') + 2)).result
  process.stdout.write(`runs without a compiler; state hash ${stateHash}\n`)
  for (const archive of archives) process.stdout.write(`${archive}\n`)
} finally {
  rmSync(staging, { recursive: true, force: true })
}
